"""A text as an HTML page, and the visible lines of such a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from detente.agreement.text.document import Document, Line
from detente.agreement.text.markdown import sentence
from detente.base.errors import UsageError

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --page: #fff; --line: #c6ced7; --soft: #f1f4f8; --open: #8a1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e9ef; --page: #14191f; --line: #3c4855; --soft: #1e262f; --open: #ffb3a8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 50rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, "Noto Sans", "NanumGothic", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; border-bottom: 2px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .4rem 0; }
p.numbered { padding-left: 3.4rem; position: relative; }
p.numbered .number { position: absolute; left: 0; opacity: .75; }
p.open { color: var(--open); }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .86rem; line-height: 1.35; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); }
@media print {
  :root { --ink: #000; --page: #fff; --line: #999; --soft: #eee; --open: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  p, tr { break-inside: avoid; }
}
"""
BLOCKS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "div", "tr", "table", "body", "ul", "ol", "section"})
UNSEEN = frozenset({"head", "script", "style", "template", "noscript", "title", "svg", "iframe", "object", "select"})
EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
PLAIN = frozenset(
    {"html", "head", "body", "title", "style", "main", "article", "header", "footer", "section", "div", "span", "p",
     "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "b", "strong", "i", "em", "u", "small"}
)  # fmt: skip
DEEPEST = 200
LONGEST_TAG, MOST_TAGS = 4_000, 500_000


def html_page(document: Document) -> str:
    """A text as a page that stands alone."""
    title = escape(document.title)
    out = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
    ]
    inside = False
    for line in document.lines:
        if line.kind == "row" and not inside:
            out.append('<div class="wide"><table>')
        elif inside and line.kind != "row":
            out.append("</table></div>")
        out.append(_line(line, first=not inside))
        inside = line.kind == "row"
    out.append("</table></div>\n" * inside + "</body>\n</html>\n")
    return "\n".join(out)


def _line(line: Line, *, first: bool) -> str:
    if line.kind == "row":
        of = "th" if first else "td"
        return "<tr>" + "".join(f"<{of}>{escape(cell)}</{of}>" for cell in line.cells) + "</tr>"
    text = escape(line.text)
    if line.kind == "heading":
        return f"<h{line.level}>{text}</h{line.level}>"
    if not line.number:
        return f"<p>{text}</p>"
    opened = " open" if line.text.startswith("[") else ""
    return f'<p class="numbered{opened}"><span class="number">{line.number}</span> {text}</p>'


def html_lines(text: str) -> Iterator[Line]:
    """The visible lines of a page; what a reader does not see is left out.

    Raises:
        UsageError: nested too deep, or no well-formed page.
    """
    _refuse_broken(text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.finish()
    yield from reader.lines


def _refuse_broken(text: str) -> None:
    """Refuse what would keep a lenient parser busy: stray signs, endless tags and comments, too many of them."""
    at = tags = 0
    while (at := text.find("<", at)) >= 0:
        tags += 1
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        else:
            end = text.find(">", at, at + LONGEST_TAG)
            if end < 0 or text.find("<", at + 1, end) >= 0:
                end = -1
        if end < 0 or tags > MOST_TAGS:
            found = "a page with a tag that does not end" if end < 0 else f"a page of more than {MOST_TAGS:,} tags"
            where = f"line {text.count(chr(10), 0, at) + 1}"
            raise UsageError(found, "a page as detente writes it", f"Look at {where}; write &lt; for a sign <.")
        lower = text[at : at + 7].lower()
        if lower.startswith(("<script", "<style")):
            close = "</script" if lower.startswith("<script") else "</style"
            end = text.find(close, end)
            if end < 0:
                raise UsageError("a page with a script or style that does not end", "a page as detente writes it")
            at = end
            continue
        at = end + 1


class _Reader(HTMLParser):
    """Collects the text of each block, and the cells of each row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self.text: list[str] = []
        self.cells: list[str] | None = None
        self.level = 0
        self.stack: list[tuple[str, bool]] = []
        self.unseen = 0
        self.place = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.text.append(" ")
        if tag in EMPTY:
            return
        given = dict(attrs)
        if not (tag in PLAIN or re.fullmatch("h[1-6]", tag)) or {"style", "hidden"} & given.keys():
            what = f"the tag <{tag}>" if tag not in PLAIN else f"<{tag}> with a look of its own"
            found = f"{what} in line {self.here()[0]}, by which text could be hidden or struck out"
            raise UsageError(found, "a page as detente writes it", "Take it out, or delete what it holds.")
        hides = tag in UNSEEN
        self.stack.append((tag, hides))
        self.unseen += hides
        if len(self.stack) > DEEPEST:
            raise UsageError("a page nested too deep", f"at most {DEEPEST} levels", "Take a page written by detente.")
        if self.unseen:
            return
        if tag in BLOCKS:
            self.flush()
        if tag == "tr":
            self.cells = []
            self.place = self.here()
        elif tag in ("td", "th"):
            self.text = []
        elif re.fullmatch("h[1-6]", tag):
            self.level = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY or not any(tag == name for name, _ in self.stack):
            return
        if not self.unseen:
            if tag in ("td", "th") and self.cells is not None:
                self.cells.append(" ".join("".join(self.text).split()))
                self.text = []
            elif tag == "tr" and self.cells is not None:
                self.lines.append(Line("row", cells=tuple(self.cells), row=self.place[0], column=self.place[1]))
                self.cells, self.text = None, []
            elif tag in BLOCKS:
                self.flush()
        while self.stack:
            name, hides = self.stack.pop()
            self.unseen -= hides
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "style" and data.split() != STYLE.split():
            found = f"styles of its own in line {self.here()[0]}, by which text could be hidden"
            raise UsageError(found, "a page as detente writes it", "Take them out.")
        if self.unseen:
            return
        if data.strip() and not "".join(self.text).strip():
            lead = data[: len(data) - len(data.lstrip())]
            row, column = self.here()
            down = lead.count("\n")
            self.place = (row + down, len(lead) - lead.rfind("\n") if down else column + len(lead))
        self.text.append(data)

    def here(self) -> tuple[int, int]:
        """Line and column, from 1."""
        row, column = self.getpos()
        return row, column + 1

    def flush(self) -> None:
        """The block that ends here as a line."""
        text = " ".join("".join(self.text).split())
        self.text = []
        if text and self.cells is None:
            if self.level:
                self.lines.append(Line("heading", text, self.level, row=self.place[0], column=self.place[1]))
            else:
                self.lines.append(sentence(text, *self.place))
        self.level = 0

    def finish(self) -> None:
        """What stands at the end without the end of its block."""
        if not self.unseen:
            self.flush()
