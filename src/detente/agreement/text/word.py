"""A text as a Word document, and the visible lines of such a document."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator

from detente.agreement.prose.docx import BODY, docx_text
from detente.agreement.text.document import Document, Line
from detente.agreement.text.markdown import sentence
from detente.agreement.text.write import COLUMNS, EXPLAINED, HEAD, PARTS
from detente.base.errors import MissingExtra, UsageError, shown

UNSETTLED = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:ins|del|moveTo|moveFrom|vanish|specVanish)[ />]")
PALE = re.compile(
    rb"<(?:[A-Za-z0-9]+:)?(?:d?strike(?:\s+[\w:]*val=\"(?:1|true|on)\")?\s*/>"
    rb"|color\s[^>]*val=\"[Ff]{6}\"|sz\s+[\w:]*val=\"[1-8]\")"
)
HEADS = ("Article ", "Power ", "Amendment ")


def word_document(document: Document) -> bytes:
    """A text as ``.docx``: headings, numbers as text, and a table.

    Raises:
        MissingExtra: python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise MissingExtra("a Word document", "docx") from None
    made = docx.Document()
    made.core_properties.title = document.title[:250]
    made.core_properties.author = "detente"
    made.core_properties.comments = ""
    made.core_properties.created = made.core_properties.modified = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    rows = [line for line in document.lines if line.kind == "row"]
    for line in document.lines:
        if line.kind == "heading":
            made.add_heading(line.text, line.level)
        elif line.kind == "sentence":
            paragraph = made.add_paragraph(f"{line.number} {line.text}" if line.number else line.text)
            if line.number:
                paragraph.paragraph_format.left_indent = docx.shared.Cm(0.6)
    if rows:
        table = made.add_table(len(rows), len(COLUMNS), style="Table Grid")
        cells = table._cells  # noqa: SLF001 - table.cell is quadratic
        for n, line in enumerate(rows):
            for m, text in enumerate(line.cells):
                paragraph = cells[n * len(COLUMNS) + m].paragraphs[0]
                paragraph.add_run(text).bold = n == 0
    out = io.BytesIO()
    made.save(out)
    return _dateless(out.getvalue())


def _dateless(data: bytes) -> bytes:
    """The same document without the time at which it was packed: one text gives one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), old.read(entry), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def word_lines(data: bytes, name: str) -> Iterator[Line]:
    """The visible lines of a Word document; a place is the number of its paragraph.

    Raises:
        UsageError: no Word document, or a hostile one.
    """
    cells: list[str] = []
    inside = False
    found = docx_text(data, name)
    _refuse_changes(data, name)
    for row, paragraph in enumerate(found.split("\n"), 1):
        text = " ".join(paragraph.split())
        if not text:
            continue
        if text == PARTS["names"] and not inside:
            inside = True
            yield Line("heading", text, 2, row=row)
        elif text == EXPLAINED and not cells:
            yield Line("sentence", text, row=row)
        elif inside:
            cells.append(text)
            if len(cells) == len(COLUMNS):
                yield Line("row", cells=tuple(cells), row=row)
                cells = []
        elif _is_heading(text):
            yield Line("heading", text, 2, row=row)
        else:
            yield sentence(text, row)
    if cells:
        yield Line("row", cells=tuple(cells), row=0)


def _refuse_changes(data: bytes, name: str) -> None:
    """Refuse a document in which changes are tracked or text is hidden: what counts would not be what is seen."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = archive.read(BODY)
    if match := UNSETTLED.search(body):
        what = "hidden text" if b"anish" in match[0] else "tracked changes"
        fix = "Accept or reject the changes in Word." if what == "tracked changes" else "Show it, or delete it."
        raise UsageError(f"{shown(name)} with {what}", "a document whose text is settled", fix)
    if PALE.search(body):
        found = f"{shown(name)} with text that is struck out, white or too small to read"
        raise UsageError(found, "a document in which all text can be seen and counts", "Show it, or delete it.")


def _is_heading(text: str) -> bool:
    """Whether a paragraph is a heading by its words: no sentence starts or ends like one."""
    if text in PARTS.values() or text.startswith(HEAD):
        return True
    numbered = any(text.startswith(h) and text[len(h) :].partition(". ")[0].isdecimal() for h in HEADS)
    return numbered or text.endswith(" as follows")
