"""What lint proposes as a field works when it is pasted: it loads, and it lifts what it says that it lifts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from detente.agreement.lint.findings import Finding
from detente.agreement.lint.lint import lint
from detente.agreement.model import Agreement
from tests.lint_small import small
from tests.test_lint_deposits import ESCROW
from tests.test_lint_loops import held_for_ever, suspends, written
from tests.test_lint_specific import ONE_THING, changed

Tree = dict[str, Any]
FIELD = re.compile(
    r"(?:^|(?<=[ \n]))(obligors|action|deadline|trigger|verification|evidence|access|on_breach|resume_when|dispute"
    r"|detection|survives): (?=\S)"
)
ENDS = re.compile(r",? or (?=\w)|; or .*", re.DOTALL)
WORDS = {
    "WHAT THEY GIVE": "other", "COMMITMENT OF THE OTHER SIDE": "other", "THE DECLARATION": "other",
    "THEIR STEP": "other", "ANOTHER": "other", "FIRST": "other", "COMMITMENT": "other", "YYYY-MM-DD": "2030-01-01",
    "PARTY": "b", "DATE": "2030-01-01", "BODY": "agency", "HOW": "seals", "OPTION": "plant", "LEVEL": "off",
    "UNIT": "kg", "Q": "stock", "N": "5", "U": "kg",
}  # fmt: skip


def _inside(text: str) -> bool:
    """Whether a place is inside brackets."""
    return any(text.count(a) > text.count(b) for a, b in ("{}", "[]"))


def fields(repair: str) -> Tree:
    """The fields of a repair, its words in capitals filled in; empty where it is advice."""
    found: Tree = {}
    plain = "\n".join(line.partition("   #")[0] for line in repair.splitlines())
    marks = [m for m in FIELD.finditer(plain) if not _inside(plain[: m.start()])]
    for number, mark in enumerate(marks):
        text = plain[mark.start() : marks[number + 1].start() if number + 1 < len(marks) else len(plain)]
        text = ENDS.split(text)[0].rstrip(". ,\n")
        for words, value in WORDS.items():
            text = re.sub(rf"(?<![\w-]){words}(?![\w-])", value, text)
        for key, value in yaml.load(text, Loader=yaml.BaseLoader).items():  # noqa: S506 - texts only
            found.setdefault(key, value)
    return found


def pasted(tree: Tree, finding: Finding, new: Tree) -> Tree:
    """The file with the fields where the finding is."""
    result: Tree = json.loads(json.dumps(tree))
    result["commitments"]["other"] = {
        "title": "Other", "obligors": "b", "action": {"text": "Pays 3 EUR."}, "deadline": "2030-01-01",
        "claim_ok": "true",
    }  # fmt: skip
    result.setdefault("options", {})["plant"] = {"levels": ["on", "off"]}
    for key, value in new.items():
        if key in ("dispute", "detection"):
            result[key] = value
            continue
        owner = finding.subject if finding.subject in result["commitments"] else str(finding.path[1])
        at: Any = result["commitments"][owner]
        if key in ("evidence", "access"):
            at = at["verification"][int(finding.path[3])]
        elif key == "resume_when":
            at = at["on_breach"][int(finding.path[3])]
        at[key] = value
        if key != "resume_when":
            at.pop("gaps", None)
    return result


@pytest.mark.parametrize("name", ONE_THING)
def test_a_repair_that_is_a_field_loads(name: str) -> None:
    tree = changed(ONE_THING[name][0])
    for finding in lint(Agreement.from_dict(tree), only=("V", "E", "D6")).findings:
        new = fields(finding.repair)
        if not new or (not finding.subject and not new.keys() <= {"dispute", "detection"}):
            continue  # of the whole: advice
        again = lint(Agreement.from_dict(pasted(tree, finding, new)))
        assert not [f for f in again.findings if f.id == "D6" and f.severity == "error"], finding.repair
        if finding.id in ("V1", "V3", "V4", "V5", "V6", "V7", "V8", "V10") and not finding.declared:
            left = {f.subject for f in again.findings if f.id == finding.id}
            assert finding.subject not in left, finding.repair


def test_most_repairs_of_v_are_fields() -> None:
    asked = [f for n in ONE_THING for f in lint(Agreement.from_dict(changed(ONE_THING[n][0])), only=["V"]).findings]
    done = {f.id for f in asked if fields(f.repair)}
    assert done >= {"V2", "V3", "V4", "V5", "V6", "V7", "V8", "V10"}


@pytest.mark.parametrize(
    ("more", "until"),
    [
        ({}, "state(p, {fulfilled, remedied})"),
        ({"modality": "maintain", "deadline": {"none": "always"}}, "state(p, {due, fulfilled, remedied})"),
        ({"modality": "refrain", "deadline": {"none": "always"}}, "state(p, {due, fulfilled, remedied})"),
        ({"modality": "maintain", "deadline": "2026-12-31"}, "state(p, {due, fulfilled, remedied})"),
        ({"after_breach": "extinguish"}, "at(2030-01-01)"),
        (
            {"deadline": {"every": "FREQ=MONTHLY;COUNT=5", "from": "2026-02-01"}, "modality": "recurrent"},
            "state(p, {remedied})",
        ),
    ],
)
def test_what_answers_a_breach_is_lifted_once_it_is_made_good(more: Tree, until: str) -> None:
    p = {"trigger": "in_force", **more}
    before = written({"p": p, "q": {"obligors": "b", "deadline": "2027-01-01"}})
    finding = next(f for f in lint(before, only=["V7"]).findings if f.subject == "p")
    entry = fields(finding.repair)["on_breach"][0]
    assert entry["resume_when"] == until
    mended = {"p": {**p, "on_breach": suspends(entry["resume_when"], "q")}, "q": {"obligors": "b"}}
    assert not [f for f in lint(written(mended), only=["D6"]).findings if f.severity != "info"]


def test_a_trap_is_open_once_its_repair_is_pasted() -> None:
    def tree(until: str) -> Agreement:
        return written({"p": {"on_breach": suspends(until, "q")}, "q": {"obligors": "b", "deadline": "2027-01-01"}})

    found = next(f for f in lint(tree("fulfilled(q)"), only=["D6"]).findings)
    until = fields(found.repair)["resume_when"]
    assert not lint(tree(until), only=["D6"]).findings
    assert held_for_ever(tree("fulfilled(q)"), {"p": 40, "q": 50})
    assert not held_for_ever(tree(until), {"p": 40, "q": 50})  # by the engine
    kept: Tree = {"modality": "maintain", "deadline": {"none": "always"}, "trigger": "in_force"}
    found = next(f for f in lint(written({"p": {**kept, "on_breach": suspends("fulfilled(p)", "q")}, "q": {}}),
                                 only=["D6"]).findings)  # fmt: skip
    assert found.severity == "error"
    until = fields(found.repair)["resume_when"]
    assert until == "state(p, {due, fulfilled, remedied})"
    assert not lint(written({"p": {**kept, "on_breach": suspends(until, "q")}, "q": {}}), only=["D6"]).findings


def test_the_release_that_is_proposed_lets_the_deposit_out() -> None:
    stuck = {n: c for n, c in ESCROW.items() if n != "back"}
    found = next(f for f in lint(small(stuck), only=["L1"]).findings)
    new = fields(found.repair)
    assert new == {"trigger": "verified(escrow) and state(work, {breached, lapsed, terminated})", "survives": "true"}
    back = {**ESCROW["back"], **new}
    assert not lint(small({**stuck, "back": back}), only=["L1"]).findings
