"""Texts of agreements as files: written as Markdown, HTML or Word, and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from detente.agreement.checker import Cases
from detente.agreement.model import Agreement, catalog_case
from detente.agreement.text.document import Document
from detente.agreement.text.markdown import markdown, markdown_lines
from detente.agreement.text.page import html_lines, html_page
from detente.agreement.text.read import read_lines
from detente.agreement.text.word import word_document, word_lines
from detente.agreement.text.write import HEAD, write_text
from detente.base.errors import UsageError, one_of, shown

KINDS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".docx": "docx"}
LARGEST, MOST_LINES = 16 * 2**20, 400_000  # bytes, lines


def render(agreement: Agreement, suffix: str) -> bytes:
    """An agreement as the file of a text.

    Args:
        agreement: as read.
        suffix: ``.md``, ``.html`` or ``.docx``.

    Raises:
        UsageError: another suffix.
        MissingExtra: ``.docx`` without python-docx.
    """
    if suffix.lower() not in KINDS:
        raise UsageError(f"the ending {shown(suffix)}", one_of([".md", ".html", ".docx"]))
    return rendered(write_text(agreement), KINDS[suffix.lower()])


def rendered(document: Document, kind: str) -> bytes:
    """A text as Markdown, HTML or Word."""
    if kind == "docx":
        return word_document(document)
    return (markdown(document) if kind == "markdown" else html_page(document)).encode()


def read_text(data: bytes, kind: str, name: str = "text") -> dict[str, Any]:
    """The tree of an agreement file that a text tells.

    Args:
        data: the bytes of the file.
        kind: ``markdown``, ``html`` or ``docx``.
        name: of the file, for messages.

    Raises:
        UsageError: no file of this kind, too large, or hostile.
        CaseError: every line that is no sentence of the language, with its place.
    """
    if len(data) > LARGEST:
        raise UsageError(f"{shown(name)} with {len(data):,} bytes", f"at most {LARGEST:,}", "Split the agreement.")
    if kind == "docx":
        return read_lines(list(word_lines(data, name)), name)
    text = _decoded(data, name)
    if (size := text.count("\n")) > MOST_LINES:
        raise UsageError(f"{shown(name)} with {size:,} lines", f"at most {MOST_LINES:,}", "Split the agreement.")
    return read_lines(list(markdown_lines(text) if kind == "markdown" else html_lines(text)), name)


def is_written(data: bytes, suffix: str) -> bool:
    """Whether a file looks like a text that detente wrote: its first heading says so."""
    kind = KINDS.get(suffix.lower())
    if kind is None or len(data) > LARGEST:
        return False
    if kind == "docx":
        try:
            first = next(word_lines(data, "text"), None)
        except UsageError:
            return False
        return first is not None and first.text.startswith(HEAD)
    head = data[: 2**16]
    return (b"# " + HEAD.encode() in head[:200]) if kind == "markdown" else b"<h1>" + HEAD.encode() in head


def agreement_of(data: bytes, suffix: str, name: str, cases: Cases = catalog_case) -> Agreement:
    """The agreement that a text tells.

    Raises:
        UsageError: no file of this kind, too large, or hostile.
        CaseError: what is no sentence of the language, or no agreement, with its place.
    """
    return Agreement(read_text(data, KINDS[suffix.lower()], name), name, cases)


def read_written(path: Path, cases: Cases = catalog_case) -> Agreement:
    """The agreement that a text in a file tells.

    Raises:
        UsageError: it cannot be read.
        CaseError: what is no sentence of the language, or no agreement, with its place.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the file {shown(str(path))}", "a file that can be read", str(error.strerror)) from None
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"the ending {shown(path.suffix)}", one_of([".md", ".html", ".docx"]))
    return agreement_of(data, path.suffix, str(path), cases)


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"{shown(name)}, which is no text in UTF-8 (byte {error.start:,})"
        raise UsageError(found, "text in UTF-8", "Save it as UTF-8.") from None
    return text.replace("\r\n", "\n")
