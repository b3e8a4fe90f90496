"""A text, a Markdown file or a Word document as one text with its lines; what cannot be read is refused at once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from detente.agreement.prose.docx import docx_text
from detente.base.errors import UsageError, shown

LARGEST = 32 * 2**20  # bytes
LONGEST_TEXT = 5_000_000  # characters, some two thousand pages: up to half a minute


@dataclass(frozen=True)
class Source:
    """What was read.

    Attributes:
        name: of the file, for messages.
        text: all of it; of a Word document its paragraphs, one a line.
        by_line: whether each line is a paragraph.
    """

    name: str
    text: str
    by_line: bool = False

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each line starts, in characters from 0."""
        found, at = [0], self.text.find("\n")
        while at >= 0:
            found.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(found)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1


def bytes_of(path: str) -> bytes:
    """The bytes of a text, as many as may be read and one more.

    Raises:
        UsageError: nothing of this name, no plain file, or one that cannot be read.
    """
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise UsageError(f"{shown(path)}, which is no plain file", "a text (.txt, .md, .docx)")
        with Path(path).open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"the text {shown(path)}", "a file that can be read", str(error).split("] ")[-1]) from None


def read_source(data: bytes, name: str) -> Source:
    """The text of a file.

    Raises:
        UsageError: too large, no text, or a Word document that is damaged or hostile.
    """
    source = _read(data, name)
    if len(source.text) > LONGEST_TEXT:
        found = f"{shown(name)} with {len(source.text):,} characters of text"
        raise UsageError(found, f"at most {LONGEST_TEXT:,}", "Split the text.")
    return source


def _read(data: bytes, name: str) -> Source:
    if len(data) > LARGEST:
        raise UsageError(f"{shown(name)} with {len(data):,} bytes", f"at most {LARGEST:,}", "Split the text.")
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return Source(name, docx_text(data, name), by_line=True)
    if name.lower().endswith(".docx"):
        raise UsageError(
            f"{shown(name)}, which is no Word document inside", "a Word document", "Save it anew as .docx."
        )
    if data[:5] == b"%PDF-":
        raise UsageError(f"{shown(name)}, a PDF", "text, Markdown or .docx", "Copy its text into a .txt file.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"{shown(name)}, which is no text in UTF-8 (byte {error.start:,})"
        raise UsageError(found, "text, Markdown or .docx", "Save it as UTF-8.") from None
    if "\x00" in text:
        raise UsageError(f"{shown(name)}, which is not a text", "text, Markdown or .docx")
    return Source(name, text)
