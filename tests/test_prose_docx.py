"""Word documents: what is read, and that hostile ones are refused at once with a plain message."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from detente.agreement.prose.docx import docx_text
from detente.agreement.prose.draft import proposed_yaml
from detente.agreement.prose.lint_prose import lint_prose
from detente.base.errors import UsageError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(body: str | bytes, name: str = "word/document.xml", more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
        for part, content in (more or {}).items():
            archive.writestr(part, content)
    return out.getvalue()


def document(inner: str, head: str = "") -> bytes:
    return packed(f'<?xml version="1.0"?>{head}<w:document {W}><w:body>{inner}</w:body></w:document>')


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_a_document_of_python_docx_is_read() -> None:
    docx = pytest.importorskip("docx")
    file = docx.Document()
    file.add_heading("Agreement", 1)
    file.add_paragraph("Iran shall close the plant by 1 May 2030.")
    table = file.add_table(1, 2)
    table.cell(0, 0).text = "Egypt shall leave."
    out = io.BytesIO()
    file.save(out)
    report = lint_prose(out.getvalue(), "a.docx")
    assert [(p.parties, p.line) for p in report.proposed] == [(("Iran",), 2), (("Egypt",), 3)]
    assert "p2, paragraph 3: Egypt - to: leave" in report.lines()
    assert not any(", line " in line for line in report.lines())
    assert "paragraph 2: 'by 1 May 2030' (2030-05-01)" in proposed_yaml(report)


def test_deleted_text_and_fields_are_left_out_and_breaks_are_kept() -> None:
    inner = ("<w:p><w:r><w:t>Iran </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
             "<w:r><w:instrText>PAGE</w:instrText>"
             "<w:t>shall</w:t><w:tab/><w:t>stop.</w:t><w:br/><w:t>Now</w:t></w:r></w:p>")  # fmt: skip
    assert docx_text(document(inner), "x") == "Iran shall stop.\nNow\n"


LOL = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def lying(size: int) -> bytes:
    """A zip whose directory says that the body is small."""
    data = bytearray(packed(b" " * size))
    real, small = size.to_bytes(4, "little"), (10).to_bytes(4, "little")
    return bytes(data).replace(real, small)


HOSTILE = {
    "no body": packed("x", "other.xml"),
    "bomb": packed(b" " * 200_000_000),
    "lying bomb": lying(60_000_000),
    "entities": document(paragraph("&b;"), LOL),
    "external": document(paragraph("&a;"), OUTSIDE),
    "deep": document("<w:p>" * 3_000 + "</w:p>" * 3_000),
    "broken xml": packed("<w:document"),
    "not xml": packed(b"\x00\x01\x02"),
    "macros": packed("<a/>", more={"word/vbaProject.bin": b"x"}),
    "truncated": document(paragraph("x"))[:60],
    "only a head": b"PK\x03\x04" + b"\x00" * 100,
    "many parts": packed("<a/>", more={f"p{n}": b"" for n in range(6_000)}),
    "large": b"a" * 100_000_000,
    "pdf": b"%PDF-1.7 ...",
    "bytes": b"\xff\xfa\x00\x80",
    "nul": b"a\x00b",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_within_a_second(kind: str) -> None:
    start = time.process_time()
    with pytest.raises(UsageError) as error:
        lint_prose(HOSTILE[kind], "evil.docx")
    assert time.process_time() - start < 1
    assert "evil.docx" in str(error.value)
    assert "\n" not in str(error.value)


def test_random_damage_is_refused_or_read() -> None:
    import random

    good, draw = document(paragraph("Iran shall stop.")), random.Random(5)
    for _ in range(400):
        data = bytearray(good)
        for _ in range(draw.randrange(1, 6)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            lint_prose(bytes(data), "x.docx")
        except UsageError:
            continue


def test_text_in_utf16_and_with_a_mark_is_read() -> None:
    for data in ("Iran shall stop.".encode("utf-16"), "\ufeffIran shall stop.".encode()):
        assert lint_prose(data, "x.txt").proposed[0].parties == ("Iran",)


@pytest.mark.parametrize("data", [b"", b"The North shall stop.", b"%PDF-1.7"])
def test_what_only_calls_itself_a_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="no Word document inside"):
        lint_prose(data, "deal.docx")
