"""A text as a Word document, and the visible lines of such a document."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

from detente.agreement.prose.docx import docx_text
from detente.agreement.text.document import Document, Line
from detente.agreement.text.markdown import sentence
from detente.agreement.text.write import COLUMNS, HEAD, PARTS
from detente.base.errors import MissingExtra

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
    return out.getvalue()


def word_lines(data: bytes, name: str) -> Iterator[Line]:
    """The visible lines of a Word document; a place is the number of its paragraph.

    Raises:
        UsageError: no Word document, or a hostile one.
    """
    cells: list[str] = []
    inside = False
    for row, text in enumerate(docx_text(data, name).split("\n"), 1):
        text = " ".join(text.split())
        if not text:
            continue
        if text == PARTS["names"]:
            inside = True
            yield Line("heading", text, 2, row=row)
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


def _is_heading(text: str) -> bool:
    """Whether a paragraph is a heading by its words: no sentence starts or ends like one."""
    if text in PARTS.values() or text.startswith(HEAD):
        return True
    numbered = any(text.startswith(h) and text[len(h) :].partition(". ")[0].isdecimal() for h in HEADS)
    return numbered or text.endswith(" as follows")
