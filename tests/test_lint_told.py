"""The report in the terminal: alike findings told once, proofs without dumps, gaps and ambiguity, the slots."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from detente.agreement.lint import jointly as jointly_module
from detente.agreement.lint import passage
from detente.agreement.lint.lint import Report, lint
from detente.agreement.lint.proof import proof_text
from detente.agreement.lint.telling import common, lines
from detente.agreement.loading import read_agreement
from detente.agreement.model import Agreement
from detente.base.errors import UsageError
from detente.brief.sections.findings import blocks_of
from detente.catalog import agreement_names, catalog_text, starter_agreement_text
from detente.cli.lint import command
from tests.lint_small import case, small
from tests.test_lint_deposits import ESCROW
from tests.test_lint_loops import suspends, written
from tests.test_lint_specific import STOCK, changed, put

KEPT = {"modality": "maintain", "action": {"option": "watch", "to": "inspectors"}}
RUNS = {"modality": "maintain", "action": {"option": "freeze", "to": "running"}}


def text_of(report: Report) -> str:
    return " ".join("\n".join(lines(report)).split())


def why(agreement: Agreement, check: str) -> str:
    return next(f.why for f in lint(agreement, only=[check]).findings)


def test_what_is_alike_is_told_once_with_every_line() -> None:
    acts = {n: {"title": f"Step {n}", "action": {"text": "Pays 5 EUR."}} for n in ("one", "two", "three")}
    report = lint(small(acts), only=["V7"])
    assert [[f.subject for f in group] for group in common(report)] == [["one", "two", "three"]]
    told = text_of(report)
    assert told.count("no consequence") == 1
    assert all(told.count(f"‘Step {n}’") == 1 for n in acts)
    assert 'state(ITSELF, {fulfilled, remedied})"' in told
    assert len(report.to_dict()["findings"]) == 3  # as ever
    two = lint(small({n: acts[n] for n in ("one", "two")}), only=["V7"])
    assert not common(two)
    assert text_of(two).count("no consequence") == 2
    mixed = lint(small({**acts, "three": {**acts["three"], "modality": "refrain"}}), only=["V7"])
    assert not common(mixed)  # another repair


@pytest.mark.parametrize("name", agreement_names())
def test_a_proof_is_no_dump(name: str) -> None:
    agreement = read_agreement(name)
    report = lint(agreement)
    for finding in report.findings:
        proof = proof_text(agreement, finding)
        words = re.sub("“[^”]*”|‘[^’]*’", "", proof)
        assert not re.search(r"\d{6}|\d/\d|_|\byes\b|: \{", words), proof
        assert not [n for n in agreement.file.commitments if "-" in n and re.search(rf"(?<![\w-]){n}(?![\w-])", words)]
    lists = sum(len(g) for g in common(report))
    assert sum(line.startswith(("  error ", "  warning ", "  remark ")) for line in lines(report)) == (
        len(report.findings) - lists + len(common(report))
    )


def test_a_course_of_events_has_days() -> None:
    stay = {"title": "Stay", "modality": "maintain", "action": {"option": "freeze", "to": "frozen"},
            "deadline": "2027-12-31"}  # fmt: skip
    leave = {"title": "Leave", "action": {"option": "freeze", "to": "gone"}, "deadline": "2020-06-01",
             "trigger": "at(2020-03-01)"}  # fmt: skip
    agreement = small({"stay": stay, "leave": leave})
    told = text_of(lint(agreement, only=["C1"]))
    assert "beginning of ‘Leave’ 1 June 2020" in told
    assert "end of ‘Leave’ 1 June 2020 and end of ‘Stay’ 31 December 2027" in told  # their last days
    assert "While ‘Stay’ is in force, ‘Leave’ cannot be done" in told


def test_a_gap_is_open_and_an_ambiguity_is_on_purpose() -> None:
    base: dict[str, Any] = {"action": {"text": "Pays 5 EUR promptly."}, "gaps": {"verifier": "comes later"}}
    open_ = {"c": {**base, "ambiguity": {"deliberate": "no better word"}}}
    told = text_of(lint(small(open_), only=["V5", "V9"]))
    assert "Left open on purpose: no better word" in told
    assert "Open: comes later" in told
    assert 'Repair: ambiguity: {deliberate: "no better word", review: DATE}' in told
    dated = {"c": {**base, "ambiguity": {"deliberate": "no better word", "review": "2030-01-01"}}}
    assert "ambiguity:" not in text_of(lint(small(dated), only=["V5", "V9"]))


def test_the_slots_of_a_dispute_left_open_and_their_label() -> None:
    acts: dict[str, Any] = {"a": {"action": {"text": "Opens an office."}}, "b": {"action": {"text": "Pays 5 EUR."}}}
    report = lint(small(acts, gaps={"dispute": "later"}), only=["V8"])
    assert {m["decider"] for m in report.slots.values()} == {"open"}
    assert report.slots["a"]["threshold"] == "n/a"
    footer = next(line for line in lines(report) if line.strip().startswith("said in full")).split()
    assert footer == ["said", "in", "full", "2/2", "2/2", "0/2", "1/1", "0/2", "0/2", "0/2", "0/2"]
    decided = small(acts, gaps={"dispute": "later"}, dispute={"window": "30 days", "body": "w"})
    assert {m["decider"] for m in lint(decided).slots.values()} == {"yes"}


def test_a_deposit_without_any_release() -> None:
    told = why(small({"escrow": ESCROW["escrow"]}), "L1")
    assert told.endswith("stays there for ever: no clause of the agreement lets it out.")
    stuck = why(small({n: c for n, c in ESCROW.items() if n != "back"}), "L1")
    assert "‘work’ is not done in time and ‘pay’ never falls due:" in stuck


def test_whose_chance_is_asked() -> None:
    changes = [put(*STOCK, "verification", 0, "detects", value="0.89")]
    assert "detente takes 90 % where the text says nothing" in why(Agreement.from_dict(changed(changes)), "E1")
    asked = [*changes, put("detection", value=0.9)]
    assert "the agreement asks for 90 %" in why(Agreement.from_dict(changed(asked)), "E1")


def test_all_that_ends_the_whole_is_named() -> None:
    end = {"effect": "terminate", "targets": "agreement", "automatic": True}
    both = why(small({"a": {"on_breach": [end]}, "b": {"on_breach": [end]}}), "M1")
    assert both.startswith("Any breach of ‘a’ or ‘b’ ends the whole agreement")
    power = {"effect": "terminate", "targets": "agreement", "power_of": "u"}
    assert "‘a’ may end the whole agreement" in why(small({"a": {"on_breach": [power]}}), "M1")


def test_what_is_not_asked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = small({"a": KEPT, "b": RUNS}, case())
    blocs = {"all": {"votes": "10", "accepts": "0.1", "cohesion": "0"}}
    body = {"bodies": {"house": {"quota": "6", "blocs": blocs}}}
    voting = case(ratification={**body, "requirements": [{"when": "ties == open", "needs": "house"}]})
    act: Any = {"a": {"obligors": "u", "action": {"option": "ties", "to": "open"}}}
    assert "R1" not in lint(small(act, voting), only=["R1"]).not_checked
    fresh = case(ratification={**body, "requirements": [{"when": "ties == open", "needs": "house"}]})
    monkeypatch.setattr(passage, "MOST_STATES", 1)
    assert "whether a deal passes is not" in lint(small(act, fresh), only=["R1"]).not_checked["R1"]
    assert [f.severity for f in lint(levels, only=["C1"]).findings] == ["error"]
    monkeypatch.setattr(jointly_module, "MOST_JOINT", 0)
    assert [(f.severity, f.witness["not_checked"]) for f in lint(levels, only=["C1"]).findings] == [
        ("info", "further pairs")
    ]


def test_a_case_is_sent_to_its_own_verb(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    for text in (catalog_text("korea-2019"), '"detente": 1\nname: x\n'):
        file.write_text(text)
        refused = CliRunner().invoke(command, [str(file)]).exception
        assert isinstance(refused, UsageError)
        assert f"This is a case: detente check {file}" in str(refused)
    file.write_text(starter_agreement_text())
    done = CliRunner().invoke(command, [str(file)])
    assert done.exit_code == 0
    assert "No errors, no warnings" in done.stdout


def test_the_brief_names_the_weak_words() -> None:
    texts = {"a": "Pays 5 EUR promptly.", "b": "Pays 6 EUR in due course.", "c": "Pays 7 EUR promptly."}
    acts: Any = {n: {"title": n, "action": {"text": t}} for n, t in texts.items()}
    rows = [r for b in blocks_of(lint(small(acts), only=["V9"])) if b.table is not None for r in b.table.rows]
    assert [r[3] for r in rows] == ["‘promptly’ and ‘in due course’: each side can read into them what it likes."]


def test_no_words_are_doubled() -> None:
    waits: Any = {"p": {"title": "Gates", "on_breach": suspends("fulfilled(q)", "q")}, "q": {"title": "Leave"}}
    told = why(written(waits), "D6")
    assert "until ‘Leave’ is done. But" in told
    assert "‘Leave’ is held too" in told
    late: Any = {"p": {"title": "Gates", "trigger": "at(2028-02-01)", "deadline": "2027-01-01"}}
    assert why(written(late), "D4").endswith("The dates: ‘Gates’ not before 1 February 2028.")
    for reason, expected in (
        ("the text says begin and names no date", "(the text says begin and names no date)"),
        ("nobody could tell", "(the text says: nobody could tell)"),
    ):
        acts: Any = {"a": {"action": {"text": "Pays 5 EUR."}, "deadline": {"none": reason}}}
        assert expected in why(small(acts), "V3")
