"""The paragraphs of a Word document, read so that a hostile one does no harm: sizes first, no entities, no macros."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.parsers import expat

from detente.base.errors import UsageError, shown

BODY = "word/document.xml"
LARGEST = 32 * 2**20  # bytes of the body, unpacked
ENTRIES = 5_000
DEEPEST = 250
PARAGRAPHS = 200_000
# What zipfile, zlib and expat raise on damaged, locked (RuntimeError) or oddly encoded (LookupError) files.
DAMAGE = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OSError, LookupError)
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
FIX = "Save the text as .txt or .md, or as a plain .docx."


def docx_text(data: bytes, name: str) -> str:
    """The visible text, one line a paragraph; deleted text, fields, comments and footnotes are left out.

    Raises:
        UsageError: not a Word document, too large when unpacked, with macros, or with entities.
    """
    try:
        return _paragraphs(_body(data, name), name)
    except DAMAGE as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{shown(name)}, a .docx that is damaged or locked", "a Word document", FIX) from None


def _body(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES:
            raise UsageError(f"{shown(name)} with {len(entries):,} parts", f"at most {ENTRIES:,}", FIX)
        names = [entry.filename for entry in entries]
        if any(part.lower().endswith("vbaproject.bin") for part in names):
            raise UsageError(f"{shown(name)}, which holds macros", "a document without macros", FIX)
        if names.count(BODY) != 1:
            raise UsageError(f"{shown(name)}, a zip file without the text of a document", "a Word document", FIX)
        body = archive.getinfo(BODY)
        if body.file_size > LARGEST:
            raise _too_large(name, f"{body.file_size:,} bytes")
        with archive.open(body) as part:
            content = part.read(LARGEST + 1)  # what it really holds, whatever it says
        if len(content) > LARGEST:
            raise _too_large(name, f"more than {LARGEST:,} bytes")
        return content


def _too_large(name: str, size: str) -> UsageError:
    return UsageError(f"{shown(name)}, whose text has {size}", f"at most {LARGEST:,}", "Split the document.")


class _Reader:
    """Collects the runs of text of each paragraph."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden = 0  # how deep inside what is not shown
        self.in_text = False
        self.depth = 0

    def refuse(self, *_: object) -> None:
        raise UsageError(f"{shown(self.name)}, which declares its own entities", "a plain Word document", FIX)

    def start(self, tag: str, _: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UsageError(f"{shown(self.name)}, nested deeper than {DEEPEST}", "a plain Word document", FIX)
        kind = _local(tag)
        if self.hidden or kind in ("del", "moveFrom", "instrText", "delText", "txbxContent"):
            self.hidden += 1
        elif kind == "t":
            self.in_text = True
        elif kind == "tab":
            self.line.append(" ")
        elif kind in ("br", "cr"):
            self.line.append("\n")

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.hidden:
            self.hidden -= 1
            return
        kind = _local(tag)
        if kind == "t":
            self.in_text = False
        elif kind == "p":
            self.lines.append("".join(self.line))
            self.line = []
            if len(self.lines) > PARAGRAPHS:
                raise UsageError(f"{shown(self.name)} with more paragraphs", f"at most {PARAGRAPHS:,}", FIX)

    def text(self, run: str) -> None:
        if self.in_text and not self.hidden:
            self.line.append(run)


def _local(tag: str) -> str:
    """The name of an element of a document, empty for those of other kinds."""
    space, _, kind = tag.rpartition(" ")
    return kind if space in (SPACE, STRICT) else ""


def _paragraphs(content: bytes, name: str) -> str:
    reader = _Reader(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        found = f"{shown(name)}, whose text cannot be read (line {error.lineno} of its XML)"
        raise UsageError(found, "a Word document", FIX) from None
    return "\n".join(reader.lines) + "\n"
