"""An agreement as a text in controlled English reads back as the same file, from what is visible alone."""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from functools import cache
from typing import Any

import pytest

from detente.agreement.loading import read_agreement
from detente.agreement.model import Agreement
from detente.agreement.text.canonical import canonical
from detente.agreement.text.files import agreement_of, is_written, read_text, read_written, render, rendered
from detente.agreement.text.template import rules
from detente.agreement.text.values import FIELDS
from detente.agreement.text.write import write_text
from detente.base.errors import CaseError, DetenteError, UsageError
from detente.catalog import agreement_names
from tests.agreement_files import drawn_file

SUFFIXES = (".md", ".html", ".docx")
ENTRY = "This agreement enters into force when all parties have signed it."


@cache
def _drawn(seed: int) -> Agreement:
    return Agreement.from_dict(drawn_file(seed))


def _same(agreement: Agreement, kind: str) -> None:
    """The text reads as the same file, names in the same order."""
    tree = canonical(agreement.file)
    read = canonical(Agreement(read_text(rendered(write_text(agreement), kind), kind, "text")).file)
    assert read == tree
    for part in ("parties", "bodies", "options", "quantities", "events", "groups", "commitments", "powers"):
        assert list(read.get(part, {})) == list(tree.get(part, {}))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", agreement_names())
def test_every_agreement_of_the_catalog_reads_back(name: str, suffix: str) -> None:
    agreement = read_agreement(name)
    data = render(agreement, suffix)
    assert is_written(data, suffix)
    assert canonical(agreement_of(data, suffix, f"{name}{suffix}").file) == canonical(agreement.file)


@pytest.mark.parametrize("start", range(0, 500, 250))
def test_random_files_read_back_from_markdown(start: int) -> None:
    for seed in range(start, start + 250):
        _same(_drawn(seed), "markdown")


def test_random_files_read_back_from_pages_and_word_documents() -> None:
    for seed in range(1_000, 1_080):
        _same(_drawn(seed), "html")
    for seed in (*range(2_000, 2_020), 500_115, 600_126, 600_132):  # the last call a party by words of the text's own
        _same(_drawn(seed), "docx")


def test_one_text_gives_one_word_document() -> None:
    agreement = read_agreement("milestone-contract")
    first = render(agreement, ".docx")
    time.sleep(2.1)  # what is packed carries its time in steps of two seconds
    assert render(agreement, ".docx") == first


@pytest.mark.sweep
def test_fresh_random_files_read_back() -> None:
    base = int(os.environ["DETENTE_SEED"])
    for n in range(300):
        _same(Agreement.from_dict(drawn_file(base + n)), ("markdown", "html")[n % 2])


def test_the_canonical_form_says_the_same_as_the_file() -> None:
    for seed in range(200):
        agreement = _drawn(seed)
        short = Agreement.from_dict(canonical(agreement.file))
        assert short.terms() == agreement.terms()
        assert {p: short.terms(p) for p in agreement.file.parties} == {
            p: agreement.terms(p) for p in agreement.file.parties
        }
        assert canonical(short.file) == canonical(agreement.file)


def _leaves(node: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if isinstance(node, dict):
        return {p for key, value in node.items() for p in _leaves(value, (*path, key))} | {path}
    if isinstance(node, list):
        return {p for value in node for p in _leaves(value, path)} | {path}
    return {path}


def test_random_files_use_every_field() -> None:
    seen: set[str] = set()
    for seed in range(400):
        seen |= {p[-1] for p in _leaves(_drawn(seed).tree) if p}
    assert set(FIELDS.values()) - seen == set()
    blocks = (
        "who mode option to from quantity op amount unit baseline text on within of every none review method access "
    )
    more = "detects false_alarm lag window evidence effect targets automatic power_of objection resume_when level body "
    last = "cost time deliberate survivors default stay overflow roll weekend holidays role levels party replaces adds"
    assert set((blocks + more + last).split()) - seen == set()


def test_every_sentence_of_the_grammar_is_written_in_some_file() -> None:
    told: set[str] = set()
    texts = ["\n".join(line.text for line in write_text(_drawn(seed)).lines) for seed in range(500)]
    whole = "\n".join(texts)
    for alternatives in rules().values():
        for alternative in alternatives:
            told |= {p.text for p in alternative.pieces if hasattr(p, "text")}
    missing = sorted(t for t in told if t not in whole and len(t) > 3)
    assert missing == []


# ---------------------------------------------------------------------------------------- only what is visible counts


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("within 1 month after that", "within 2 months after that", ("commitments", "freeze", "deadline", "within")),
        ("by 31 December 2003", "by 30 December 2003", ("commitments", "lwr-complete", "deadline")),
        ("to at least 500,000", "to at least 400,000", ("commitments", "oil", "action", "amount")),
        ("from running to frozen", "from running to dismantled", ("commitments", "freeze", "action", "to")),
        ("“seals and inspectors at the site”, let in", "“seals”, let in", ("commitments", "freeze", "verification")),
        ("Article 8. Liaison offices", "Article 8. Offices", ("commitments", "liaison", "title")),
        ("Europe/Zurich", "Europe/Vienna", ("zone",)),
        ("It is of 21 October 1994", "It is of 22 October 1994", ("as_of",)),
    ],
)
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_what_is_changed_in_the_text_changes_the_file(
    before: str, after: str, path: tuple[str, ...], suffix: str
) -> None:
    agreement = read_agreement("agreed-framework-1994")
    text = render(agreement, suffix).decode()
    assert before in text
    changed = text.replace(before, after)
    if "Article 8" in before:
        changed = changed.replace("(Liaison offices)", "(Offices)")
    tree, new = canonical(agreement.file), canonical(agreement_of(changed.encode(), suffix, "text").file)
    assert new != tree
    for key in path[:-1]:
        tree, new = tree[key], new[key]
    assert new[path[-1]] != tree[path[-1]]
    tree[path[-1]] = new[path[-1]]
    assert tree == new


def test_a_name_changed_throughout_changes_the_file_and_in_one_place_is_refused() -> None:
    agreement = read_agreement("agreed-framework-1994")
    text = render(agreement, ".md").decode()
    new = agreement_of(text.replace("KEDO", "Consortium").encode(), ".md", "text")
    assert new.file.bodies["kedo"].name == "Consortium"
    with pytest.raises(CaseError) as caught:
        read_text(
            text.replace("The KEDO shall check it", "The Consortium shall check it", 1).encode(), "markdown", "t.md"
        )
    assert re.match(r"t\.md:\d+:5: found 'The Consortium shall", str(caught.value))


def test_documents_hold_no_copy_for_machines() -> None:
    agreement = read_agreement("agreed-framework-1994")
    page = render(agreement, ".html").decode()
    assert not re.search(r"<script|<!--|data-|<meta name=\"(?!viewport)|hidden|display:\s*none", page)
    with zipfile.ZipFile(io.BytesIO(render(agreement, ".docx"))) as archive:
        for part in archive.namelist():
            if part != "word/document.xml":
                assert b"freeze-watched" not in archive.read(part), part
                assert b"shall check" not in archive.read(part), part
        body = archive.read("word/document.xml").decode()
    visible = "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", body))
    assert visible.count("freeze-watched") == body.count("freeze-watched")


def test_comments_of_a_page_are_not_read() -> None:
    page = render(read_agreement("milestone-contract"), ".html").decode()
    hidden = "<!-- A.99 The source “x” is “y”. -->"
    assert read_text(page.replace("</h1>", f"</h1>{hidden}").encode(), "html") == read_text(page.encode(), "html")


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>A.99 The source “x” is “y”.</p>",
        '<div style="display: none"><p>A.99 The source “x” is “y”.</p></div>',
        '<p style="color: white">A.99 The source “x” is “y”.</p>',
        "<p><s>A.99 The source “x” is “y”.</s></p>",
        "<p><del>A.99 The source “x” is “y”.</del></p>",
        "<details><p>A.99 The source “x” is “y”.</p></details>",
        "<style>p.open { opacity: 0 }</style>",
        "<script>A.99 The source “x” is “y”.</script>",
    ],
)
def test_pages_in_which_text_could_be_hidden_or_struck_out_are_refused(hidden: str) -> None:
    page = render(read_agreement("milestone-contract"), ".html").decode()
    with pytest.raises(UsageError, match="could be hidden"):
        read_text(page.replace("</h1>", f"</h1>{hidden}").encode(), "html")


# ---------------------------------------------------------------------------------------------------------- hand work


def test_a_text_written_by_hand_may_break_lines_and_leave_numbers_out() -> None:
    agreement = read_agreement("initial-actions-2007")
    text = render(agreement, ".md").decode()
    loose = re.sub(r"(?m)^[A-Z]?\d*\.\d+ ", "", text).replace(" shall ", "\nshall ")
    assert canonical(agreement_of(loose.encode(), ".md", "text").file) == canonical(agreement.file)


@pytest.mark.parametrize(
    ("before", "after", "found", "expected"),
    [
        ("It is due from the start.", "It is due some day.", "'It is due some day.'", "It is due from the start."),
        ("by 31 December 2003", "by 31 February 2003", "'31 February 2003', which does not exist", "exists"),
        ("shall bring Graphite", "will bring Graphite", "'will bring Graphite", "shall"),
        ("(Watching the freeze)", "(Watching it)", "Watching it", ","),
    ],
)
def test_problems_have_a_place_and_say_what_was_expected(before: str, after: str, found: str, expected: str) -> None:
    text = render(read_agreement("agreed-framework-1994"), ".md").decode()
    assert before in text
    changed = text.replace(before, after, 1)
    row = changed.split(after, maxsplit=1)[0].count("\n") + 1
    with pytest.raises(CaseError) as caught:
        read_text(changed.encode(), "markdown", "t.md")
    problem = caught.value.problems()[0]
    assert (problem.file, problem.line) == ("t.md", row)
    assert found in problem.found
    assert expected in problem.expected
    assert problem.column
    assert problem.column > 1


def test_a_mistake_in_what_is_meant_has_its_place_too() -> None:
    text = render(read_agreement("agreed-framework-1994"), ".md").decode()
    changed = text.replace("from running to frozen", "from running to flying", 1)
    with pytest.raises(CaseError) as caught:
        agreement_of(changed.encode(), ".md", "t.md")
    problem = caught.value.problems()[0]
    assert problem.line == changed.split("to flying", maxsplit=1)[0].count("\n") + 1
    assert "flying" in problem.found


def test_two_sentences_on_one_thing_are_refused() -> None:
    text = render(read_agreement("agreed-framework-1994"), ".md").decode()
    once = "It counts from signature on."
    start = "It is due from the start."
    assert read_text(text.replace(start, f"{start}\n\n{once}", 1).encode(), "markdown")
    with pytest.raises(CaseError, match="a second time"):
        read_text(text.replace(start, f"{start}\n\n{once}\n\n{once}", 1).encode(), "markdown")
    note = "D.2 On Article 1: “again”.\n\n"
    changed = text.replace("## Annex: names", f"{note}## Annex: names")
    with pytest.raises(CaseError, match="a second note"):
        read_text(changed.encode(), "markdown")


def test_the_name_that_is_seen_and_the_exact_one_have_to_agree() -> None:
    text = render(read_agreement("agreed-framework-1994"), ".md").decode()
    row = "| KEDO | body | kedo | as here |"
    assert row in text
    with pytest.raises(CaseError, match="as its exact name"):
        read_text(text.replace(row, "| KEDO | body | kedo | “another” |").encode(), "markdown")


@pytest.mark.parametrize(
    "mark",
    [
        b"<w:ins/>",
        b"<w:del/>",
        b"<w:vanish/>",
        b"<w:strike/>",
        b'<w:dstrike w:val="1"/>',
        b'<w:color w:val="FFFFFF"/>',
        b'<w:sz w:val="2"/>',
    ],
)
def test_word_documents_with_tracked_changes_or_hidden_text_are_refused(mark: bytes) -> None:
    data = render(read_agreement("milestone-contract"), ".docx")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            body = old.read(part)
            new.writestr(
                part, body.replace(b"<w:r>", b"<w:r><w:rPr>" + mark + b"</w:rPr>", 1) if "document" in part else body
            )
    with pytest.raises(UsageError, match=r"settled|can be seen"):
        read_text(out.getvalue(), "docx")


def test_nothing_is_said_twice_and_nothing_is_lost_beside_the_annex() -> None:
    text = render(read_agreement("agreed-framework-1994"), ".md").decode()
    for changed in (
        text.replace(
            "It is due from the start.", "It is due from the start.\n\nIt cannot be undone.\n\nIt cannot be undone.", 1
        ),
        text + "\nIt ends by 1 May 2000.\n",
        text.replace("| KEDO | body | kedo | as here |\n", ""),
        text.replace("A.4 The KEDO", "A.4 The IAEA"),
        text.replace("### Article 20. Dismantlement", "### Article 19. Dismantlement"),
        text.replace("# Agreement: ", "# "),
    ):
        assert changed != text
        with pytest.raises(CaseError):
            read_text(changed.encode(), "markdown")


# ------------------------------------------------------------------------------------------------------------ hostile


HOSTILE: list[tuple[str, Any]] = [
    ("markdown", lambda t: b"a" * 10_000_000),
    ("markdown", lambda t: b"x y\n\n" * 2_000_000),
    ("markdown", lambda t: b"\0" * 1_000_000),
    ("markdown", lambda t: b"\xff\xfe\xfa"),
    ("markdown", lambda t: t.replace(ENTRY, "“" * 1_000_000).encode()),
    ("markdown", lambda t: t.replace(ENTRY, "Note: “" + "\\\\" * 90_000).encode()),
    ("markdown", lambda t: t.replace(ENTRY, ENTRY[:38] + "(" * 5_000 + "x").encode()),
    ("markdown", lambda t: t.replace(ENTRY, ENTRY[:38] + "(a time of 1 day has passed since " * 3_000 + ".").encode()),
    ("markdown", lambda t: (t + "|" * 5_000_000).encode()),
    ("markdown", lambda t: t.replace("DPRK shall", "DPRK\x07 shall").encode()),
    ("markdown", lambda t: t.replace("DPRK shall", "\ue000A1\ue001 shall").encode()),
    ("html", lambda t: b"<div>" * 2_000_000),
    ("html", lambda t: b"<" * 3_000_000),
    ("html", lambda t: b"<!--" * 1_000_000),
    ("html", lambda t: b"<p " + b"a=" * 1_000_000),
    ("html", lambda t: b"&" * 3_000_000),
    ("docx", lambda t: b"PK\x03\x04junk"),
    ("docx", lambda t: _zipped(b" " * 100_000_000)),
    ("docx", lambda t: _zipped(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')),
]


def _zipped(body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "make"), HOSTILE)
def test_hostile_texts_are_refused_at_once(kind: str, make: Any) -> None:
    data = make(render(read_agreement("agreed-framework-1994"), ".md").decode())
    started = time.perf_counter()
    with pytest.raises(DetenteError):
        read_text(data, kind, "t")
    assert time.perf_counter() - started < 10  # a second or two, on a busy machine too


def test_a_thousand_commitments_are_written_and_read_in_a_few_seconds() -> None:
    one = {
        "obligors": "a", "action": {"text": "Does it."}, "deadline": {"within": "3 months"}, "claim_ok": "true",
        "verification": [{"by": "x", "method": "seals"}], "cure": "14 days", "place": "there", "note": "A note.",
    }  # fmt: skip
    commitments = {f"c{n}": {**one, **({"trigger": f"verified(c{n - 1})"} if n else {})} for n in range(1_000)}
    agreement = Agreement.from_dict(
        {"detente-agreement": 1, "name": "big", "zone": "UTC", "parties": {"a": {}, "b": {}}, "bodies": {"x": {}}}
        | {"commitments": commitments}
    )
    started = time.perf_counter()
    _same(agreement, "markdown")
    assert time.perf_counter() - started < 20  # three seconds alone


# -------------------------------------------------------------------------------------------------------------- files


def test_texts_are_read_where_agreements_are(tmp_path: Any) -> None:
    agreement = read_agreement("milestone-contract")
    for suffix in SUFFIXES:
        path = tmp_path / f"text{suffix}"
        path.write_bytes(render(agreement, suffix))
        assert canonical(read_agreement(path).file) == canonical(agreement.file)
        assert canonical(read_written(path).file) == canonical(agreement.file)


def test_other_endings_are_refused(tmp_path: Any) -> None:
    with pytest.raises(UsageError):
        render(read_agreement("milestone-contract"), ".pdf")
    (tmp_path / "x.pdf").write_bytes(b"x")
    with pytest.raises(UsageError):
        read_written(tmp_path / "x.pdf")
    with pytest.raises(UsageError):
        read_written(tmp_path / "none.md")
