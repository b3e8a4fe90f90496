"""A text as Markdown, and Markdown as the lines of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detente.agreement.text.document import Document, Line

ESCAPED = re.compile(r"([\\`*_{}\[\]<>#|&~$!^])")
BARE = re.compile(r"\\([!-/:-@\[-`{-~])")
NUMBER = re.compile(r"([A-Z]?[0-9]*\.[0-9]+) (?=\S)")
HEADING = re.compile(r"(#{1,6})[ \t]+")
CELL = re.compile(r"((?:\\.|[^|\\])*)(?:\||$)")
LONGEST_ROW = 50_000  # characters
RULE = re.compile(r"\|(?:[ \t]*:?-+:?[ \t]*\|)+")


def markdown(document: Document) -> str:
    """A text as Markdown; signs that mean something there stand after a backslash."""
    out: list[str] = []
    inside = False
    for line in document.lines:
        if line.kind == "row":
            out.append("| " + " | ".join(_escaped(cell) for cell in line.cells) + " |")
            if not inside:
                out.append("|" + " --- |" * len(line.cells))
            inside = True
            continue
        if out:
            out.append("")
        inside = False
        text = _escaped(line.text)
        if line.kind == "heading":
            out.append(f"{'#' * line.level} {text}")
        else:
            out.append(f"{line.number} {text}" if line.number else text)
    return "\n".join(out) + "\n"


def _escaped(text: str) -> str:
    return ESCAPED.sub(r"\\\1", text)


def markdown_lines(text: str) -> Iterator[Line]:
    """The visible lines of a Markdown file; the lines of a paragraph are joined."""
    pending: list[str] = []
    started = 0
    for row, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        head = HEADING.match(line)
        table = line.startswith("|")
        if pending and (not line or head or table):
            yield sentence(_bare(" ".join(pending)), started)
            pending = []
        if head:
            yield Line("heading", _bare(line[head.end() :].strip()), len(head[1]), row=row, column=head.end() + 1)
        elif table:
            if len(line) > LONGEST_ROW:
                yield Line("row", row=row)
            elif not RULE.fullmatch(line):
                yield Line("row", cells=tuple(_bare(c.strip()) for c in _cells(line)), row=row)
        elif line:
            started = started if pending else row
            pending.append(line)
    if pending:
        yield sentence(_bare(" ".join(pending)), started)


def sentence(text: str, row: int, column: int = 1) -> Line:
    """A paragraph as a line, its number apart."""
    number = NUMBER.match(text)
    at = number.end() if number else 0
    return Line("sentence", text[at:], number=number[1] if number else "", row=row, column=column + at)


def _bare(text: str) -> str:
    return BARE.sub(r"\1", text)


def _cells(line: str) -> list[str]:
    cells = CELL.findall(line)
    return cells[1:-1] if line.endswith("|") else cells[1:]
