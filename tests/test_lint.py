"""Lint as a whole: Singapore 2018 as the theory has it, gaps, ambiguity, readings, the verb and its contract, speed."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from bench.agreement_lint import agreement_of
from detente.agreement.lint.checks import CHECKS_BY_ID, TABLE
from detente.agreement.lint.findings import SEVERITIES
from detente.agreement.lint.lint import Report, lint, modules
from detente.agreement.lint.slots import SLOTS
from detente.agreement.lint.telling import lines
from detente.agreement.lint.weak import LISTS, weak_words
from detente.agreement.loading import read_agreement
from detente.agreement.model import Agreement
from detente.base.errors import CaseError, UsageError
from detente.catalog import agreement_names, agreement_text
from detente.cli.contracts import result_schema
from detente.cli.lint import command

TEXT = """
detente-agreement: 1
name: x
zone: UTC
parties: {a: {name: North}, b: {name: South}}
commitments:
  c: {title: Step, obligors: a, action: {text: Pays 5 million EUR promptly.}, deadline: 2020-03-01}
"""


def ids(report: Report, subject: str) -> set[tuple[str, str]]:
    return {(f.id, f.severity) for f in report.findings if f.subject == subject}


# --- weak words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Takes appropriate steps", [("takes appropriate steps", "effort")]),  # the longest counts
        ("Takes steps where appropriate", [("takes steps", "effort"), ("where appropriate", "escape")]),
        ("something, untimely, handsome, dismay, canny", []),  # never inside a word
        ("Seeks, sought and is seeking", [("seeks", "escape"), ("sought", "escape"), ("seeking", "escape")]),  # lemmas
        ("Removes all the fuel", [("all", "degree")]),
        ("Removes all the fuel listed in the letter", []),  # the list is there
        ("Removes all of the fuel in annex 2", []),
        ("All parties leave", []),
        ("Acts immediately", [("immediately", "time")]),
        ("Acts immediately, within 24 hours", []),
        ("Acts simultaneously", [("simultaneously", "order")]),
        ("Acts simultaneously, in 3 days", []),
        ("By 3 May 2020 it may go", [("may", "option")]),
        ("Best  efforts", [("best efforts", "escape")]),  # any white space
        ("The freeze will be implemented", [("be implemented", "actorless")]),
        ("The freeze will be implemented by the DPRK", []),
        ("A target date of 3 May 2003", [("target date", "time")]),  # weak although there is a date
        ("Normalises relations and gives security assurances",
         [("normalises", "guarantee"), ("security assurances", "guarantee")]),
        ("", []),
    ],
)  # fmt: skip
def test_weak_words(text: str, expected: list[tuple[str, str]]) -> None:
    found = weak_words(text)
    assert [(w.word, w.group) for w in found] == expected
    assert all(" ".join(text[w.start : w.end].lower().split()) == w.word for w in found)


def test_every_group_has_words_and_a_long_text_is_quick() -> None:
    assert all(LISTS.values())
    begun = time.process_time()
    for text in ("is " * 50_000, "a" * 200_000, " " * 200_000, "as " * 50_000, "the following" + " :" * 50_000):
        weak_words(text)
    assert time.process_time() - begun < 10


# --- Singapore 2018, from theory/real-agreements.md section 5, written before the first run ------------------------


def test_singapore_lacks_what_the_theory_says() -> None:
    report = lint(read_agreement("singapore-2018"))
    points = ["relations", "peace-regime", "denuclearisation", "remains"]
    assert list(report.slots) == points
    assert [report.slots[p]["actor"] for p in points] == ["yes"] * 4  # actor 4/4
    assert [report.slots[p]["act"] for p in points] == ["no", "no", "no", "partly"]  # measurable 0/4, partly in 4
    assert [report.slots[p]["date"] for p in points] == ["no"] * 4  # the only date is a reference
    assert [report.slots[p]["verifier"] for p in points] == ["no"] * 4
    assert [report.slots[p]["consequence"] for p in points] == ["no"] * 4
    assert report.slots["denuclearisation"]["threshold"] == "no"  # a date is no amount
    for point in points:
        found = ids(report, point)
        assert {("V3", "error"), ("V5", "error"), ("V7", "warning"), ("V9", "error")} <= found
        assert ("V1", "error") not in found
    assert ("E4", "error") in ids(report, "denuclearisation")  # no baseline
    assert ("V3", "warning") in ids(report, "")  # no order
    assert any(f.id == "S2" for f in report.findings)  # no exit
    words = {w for f in report.findings if f.id == "V9" and f.subject for _, _, w, _ in f.witness["words"]}  # type: ignore[attr-defined]
    assert {"works toward", "complete", "reaffirms", "at once"} <= words
    assert all(f.severity == "info" for f in report.findings if f.id == "V9" and f.subject == "")  # the preamble


# --- gaps, ambiguity, readings -------------------------------------------------------------------------------------


def test_what_a_gap_declares_is_a_remark() -> None:
    text = TEXT.replace(
        "deadline: 2020-03-01", "deadline: 2020-03-01, gaps: {verifier: not agreed, date: open, act: b}"
    )
    found = {f.id: f for f in lint(Agreement.from_text(text), only=["V"]).findings if f.subject == "c"}
    assert (found["V5"].severity, found["V5"].declared) == ("info", "not agreed")
    assert (found["V3"].severity, found["V3"].declared) == ("info", "open")  # told although no check finds it
    assert found["V9"].severity == "error"  # not what the gap is about
    text = TEXT + "gaps: {dispute: later}\n"
    assert next(f for f in lint(Agreement.from_text(text), only=["V8"]).findings).declared == "later"


@pytest.mark.parametrize(("review", "severity"), [(", review: 2021-01-01", "info"), ("", "warning")])
def test_a_deliberate_ambiguity_is_a_remark_where_it_is_looked_at_again(review: str, severity: str) -> None:
    text = TEXT.replace("2020-03-01}", "2020-03-01, ambiguity: {deliberate: no better word" + review + "}}")
    found = {f.id: f for f in lint(Agreement.from_text(text), only=["V"]).findings if f.subject == "c"}
    assert (found["V9"].severity, found["V9"].declared) == (severity, "no better word")
    assert found["V5"].severity == "error"  # ambiguity is about words, not about who checks


def test_a_reading_tells_only_what_it_alone_has() -> None:
    b = "b: {commitments: {c: {action: {text: Pays 5 million EUR.}}}}"
    a = "a: {commitments: {c: {deadline: {none: in due course}}}}"
    text = f"{TEXT}readings: {{{b}, {a}}}\n"
    agreement = Agreement.from_text(text)
    both = lint(agreement, only=["V"])
    assert {(f.id, f.reading) for f in both.findings if f.id in ("V9", "V3")} == {
        ("V9", None),
        ("V9", "a"),
        ("V3", "a"),
    }
    assert len({(f.id, f.subject, f.why) for f in both.findings}) == len(both.findings)  # nothing told twice
    assert "V9" not in {f.id for f in lint(agreement, "b", ["V"]).findings}  # as b reads it no word is weak
    assert {f.reading for f in lint(agreement, "b", ["V"]).findings} == {None}
    place = next(f.place for f in both.findings if f.reading == "a" and f.id == "V9")
    assert place.line == len(text.splitlines())  # the reading's own words


# --- the table, the report, the verb -------------------------------------------------------------------------------


def test_the_table_is_that_of_the_theory_and_every_check_is_there() -> None:
    numbers = {"V": 11, "D": 8, "E": 4, "A": 3, "C": 2, "S": 4, "R": 1, "M": 1, "L": 1}
    assert set(CHECKS_BY_ID) == {f"{g}{n}" for g, most in numbers.items() for n in range(1, most + 1)}
    assert len(TABLE) == len(CHECKS_BY_ID)
    done = {i for m in modules() for i in getattr(m, "IDS", ())}
    assert done == set(CHECKS_BY_ID)


@pytest.mark.parametrize("name", agreement_names())
def test_the_catalog_is_told_in_words_and_as_json(name: str) -> None:
    report = lint(read_agreement(name))
    schema = result_schema("lint")
    done = CliRunner().invoke(command, [f"{name}.agreement.yaml", "--json"])
    assert done.exit_code == int(report.fails())
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, schema)
    assert answer["findings"] == json.loads(json.dumps(report.to_dict()["findings"]))
    text = "\n".join(lines(report))
    ids_ = {c for c in report.slots if "-" in c}
    for finding in report.findings:
        assert finding.severity in SEVERITIES
        assert finding.id in CHECKS_BY_ID
        assert finding.why[0].isupper() or finding.why[0] in "‘“"
        assert not any(f" {i} " in finding.why for i in ids_), finding.why  # names, not ids
        assert finding.place.line is not None
    assert all(title in text for title in (report.agreement.title, *SLOTS))


def run(*words: str, text: str | None = None) -> Any:
    return CliRunner().invoke(command, list(words), input=text)


def test_the_exit_status(tmp_path: Path) -> None:
    assert run("-", "--only", "V1", text=TEXT).exit_code == 0
    assert run("-", "--only", "V9", text=TEXT).exit_code == 1
    remark = TEXT.replace(", deadline: 2020-03-01", ", claim_ok: true, deadline: 2020-03-01")
    assert run("-", "--only", "V5", text=remark).exit_code == 0
    assert run("-", "--only", "V5", "--strict", text=remark).exit_code == 1
    file = tmp_path / "x.json"
    assert run("-", "--only", "V", "-o", str(file), text=TEXT).exit_code == 1
    assert {f["id"] for f in json.loads(file.read_text())["findings"]} == {"V5", "V7", "V8", "V9"}


def test_explain_tells_the_entry_of_the_table() -> None:
    told = run("--explain", "v3")
    assert told.exit_code == 0
    assert CHECKS_BY_ID["V3"].why in told.stdout
    assert all(f"{c.id}: {c.title}" in run("--explain", "all").stdout for c in TABLE)


@pytest.mark.parametrize(
    "words", [["--explain", "V99"], [], ["-", "--only", "Q"], ["-", "--only", ","], ["-", "--reading", "nobody"],
              ["nothing-there"], ["-", "-o", "x.pdf"]],
)  # fmt: skip
def test_what_cannot_be_asked(words: list[str]) -> None:
    assert isinstance(run(*words, text=TEXT).exception, UsageError)


# --- it never fails on a valid file, and is quick ------------------------------------------------------------------


def test_thousand_commitments_take_under_five_seconds() -> None:
    agreement = Agreement.from_dict(agreement_of(1_000))
    begun = time.process_time()
    report = lint(agreement)
    assert time.process_time() - begun < 5
    assert len(report.slots) == 1_000
    assert "".join(lines(report))


def test_taking_things_out_of_the_catalog_never_breaks_it() -> None:
    import yaml

    chance = random.Random(8)
    tried = 0
    for name in agreement_names():
        tree = yaml.load(agreement_text(name), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
        for _ in range(6):
            changed = json.loads(json.dumps(tree))
            for commitment in changed["commitments"].values():
                for field in list(commitment):
                    if field not in ("obligors", "action") and chance.random() < 0.2:
                        del commitment[field]
            try:
                agreement = Agreement.from_dict(changed)
            except CaseError:
                continue
            report = lint(agreement)
            json.dumps(report.to_dict())
            assert list(lines(report))
            tried += 1
    assert tried >= 10


def test_a_text_is_read_by_rules_and_drafted(tmp_path: Path) -> None:
    file = tmp_path / "text.md"
    file.write_text(
        "The DPRK will work toward complete denuclearisation.\nThe United States shall pay by 1 May 2020.\n"
    )
    done = run(str(file), "--json")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, result_schema("lint prose"))
    assert len(answer["proposed"]) == 2
    assert not any(p["confirmed"] for p in answer["proposed"])
    assert "DPRK" in run(str(file)).stdout
    draft = tmp_path / "draft.yaml"
    assert run(str(file), "-o", str(draft)).exit_code == 1
    assert "detente-agreement" in draft.read_text()
    assert isinstance(run(str(tmp_path / "none.md")).exception, UsageError)
    assert isinstance(run(str(file), "--only", "V").exception, UsageError)
    assert isinstance(run("-", "--parties", "A=b", text=TEXT).exception, UsageError)
