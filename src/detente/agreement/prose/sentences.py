"""Where sentences stand in a text: paragraphs and list items first, then full stops that end something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detente.agreement.prose.lexicon import bag

LONGEST = 4_000  # characters of a sentence that is still looked into
# A new block: an item of a list, a heading, a row of a table, a quotation.
MARK = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•–—][ \t]+|\|[ \t]?|\(?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-z]|[ivx]{1,5}"
    r"|[IVX]{1,5})[.)][ \t]+"
    r"|\d{1,3}(?:\.\d{1,3}){1,3}[ \t]+)+"
)
# "Article 3.", "Annex B:" before a sentence; a short line of it alone is a heading.
LABEL = re.compile(
    r"[ \t]*(?:Article|ARTICLE|Section|SECTION|Annex|ANNEX|Appendix|APPENDIX|Chapter|CHAPTER|Part|PART|Paragraph)[ \t]+"
    r"(?:\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,6}|[A-Z])[ \t]*(?:[.:–—-]|(?=\n|$))[ \t]*"
)
HEADLINE = re.compile(r"(?:[\w,'’()-]+[ \t]*){0,7}$")
RULES = re.compile(r"\b(?:shall|will|must|may|should|can|agree[sd]?|is|are)\b")
STOP = re.compile(r"[.!?][\"”’')\]]{0,3}(?=\s)|;(?=[ \t]*\n)")
SHORT = frozenset(
    bag("""
    mr mrs ms dr prof st art arts no nos para paras par sec secs ch vol e.g i.e cf vs etc u.s u.k u.n d.c p pp gen col
    lt sgt rev hon jan feb mar apr jun jul aug sept sep oct nov dec approx ca inc ltd co corp
""")
)
WORD_BEFORE = re.compile(r"[\w.]{1,20}$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its place in the text in characters from 0, the end excluded, and its words on one line."""

    start: int
    end: int
    text: str  # as long as the span: line ends and Markdown signs are spaces here

    @property
    def shown(self) -> str:
        """The sentence for readers."""
        return " ".join(self.text.split())


PLAIN = str.maketrans(dict.fromkeys("\n\r\t\v\f\u00a0\u2028\u2029*_`|#>", " ") | {"’": "'", "‘": "'"})


def sentences(text: str, *, by_line: bool = False) -> Iterator[Sentence]:
    """The sentences of a text, in order; linear in its length.

    Args:
        text: the whole.
        by_line: whether each line is a paragraph of its own.
    """
    for start, end in _blocks(text, by_line=by_line):
        yield from _of_block(text, start, end)


def _blocks(text: str, *, by_line: bool) -> Iterator[tuple[int, int]]:
    """Paragraphs and items, without their marks."""
    start: int | None = None
    at = 0
    for line in text.splitlines(keepends=True):
        mark = MARK.match(line)
        blank = not line.strip()
        if start is not None and (blank or mark is not None):
            yield start, at
            start = None
        if start is None and not blank:
            start = at + (mark.end() if mark is not None else 0)
        at += len(line)
        heading = (mark is not None and line.lstrip().startswith("#")) or (
            start is not None and is_heading(text[start:at])
        )
        if (heading or by_line) and start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, at


def is_heading(block: str) -> bool:
    """Whether a block is no more than a label and a short title ("Article 3. Deposit")."""
    label = LABEL.match(block) if len(block) < 160 else None
    title = block[label.end() :].rstrip() if label is not None else ""
    return label is not None and HEADLINE.match(title) is not None and RULES.search(title) is None


def _of_block(text: str, start: int, end: int) -> Iterator[Sentence]:
    if is_heading(text[start : min(end, start + 160)] if end - start < 160 else ""):
        yield from _trimmed(text, start, end)
        return
    label = LABEL.match(text, start, end)
    begin = start = label.end() if label is not None and label.end() < end else start
    for stop in STOP.finditer(text, start, end):
        if _ends(text, begin, stop.start(), stop.end(), end):
            yield from _trimmed(text, begin, stop.end())
            begin = stop.end()
    yield from _trimmed(text, begin, end)


def _ends(text: str, begin: int, dot: int, after: int, end: int) -> bool:
    """Whether a stop ends a sentence: no abbreviation, no initial, no number of an item, and a capital follows."""
    if text[dot] != ".":
        return True
    before = WORD_BEFORE.search(text, max(begin, dot - 20), dot)
    word = before[0].lower() if before else ""
    if word in SHORT or (len(word) == 1 and word.isalpha()) or text[begin : dot + 1].strip(" \t\n.()").isdigit():
        return False
    nxt = next((c for c in text[after : min(end, after + 40)] if not c.isspace()), "A")
    return not nxt.islower()


def _trimmed(text: str, start: int, end: int) -> Iterator[Sentence]:
    while start < end and (text[start].isspace() or text[start] in "*_|>"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_|"):
        end -= 1
    if end > start and any(c.isalnum() for c in text[start : min(end, start + 200)]):
        yield Sentence(start, end, text[start:end].translate(PLAIN))
