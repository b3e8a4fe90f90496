"""The brief's part on the draft: the steps told are those of the plan above it, and what is open is told once."""

from __future__ import annotations

import re
from functools import cache

import pytest

from detente.agreement.loading import last_agreement, read_agreement
from detente.brief.document import Section
from detente.brief.reading import Reading
from detente.brief.sections import draft, findings, plan
from detente.case.model import Case
from detente.catalog import catalog_text
from detente.inquiry.session import Session


@cache
def sections(name: str) -> tuple[Section | None, Section | None]:
    reading = Reading.of(Session(Case.from_text(catalog_text(name), f"{name}.case.yaml")))
    told = plan.section(reading)
    asked = reading.session.built.get("plan", 0)
    found = draft.section(reading)
    assert reading.session.built.get("plan", 0) == asked  # nothing is asked again
    return told, found


def text_of(section: Section) -> str:
    return "\n".join(t for b in section.blocks for t in b.texts())


@pytest.mark.parametrize("name", ["korea-2019", "initial-actions-2007"])
def test_the_steps_are_those_told_above(name: str) -> None:
    told, found = sections(name)
    assert told is not None
    assert found is not None
    table = next(b.table for b in found.blocks if b.table is not None)
    above = next(b.table for b in told.blocks if b.table is not None and b.table.columns[0] == "step")
    steps = [row[0] for row in table.rows if row[0] and row[0] != "throughout"]
    assert steps == [row[0] for row in above.rows[1:]]
    case = Case.from_text(catalog_text(name))
    options = {w.name for w in case.file.options.values() if w.name}
    here: dict[str, set[str]] = {}
    number = ""
    for row in table.rows:
        number = row[0] or number
        here.setdefault(number, set()).update(o for o in options if f"{o}: " in row[2])
    for row in above.rows[1:]:
        moved = {o for o in options if re.search(rf"{re.escape(o)} at ‘", row[2])}
        assert here[row[0]] == moved
    assert "may stop" in text_of(found)


def test_what_is_open_is_told_with_its_reason() -> None:
    _, found = sections("korea-2019")
    assert found is not None
    text = text_of(found)
    for piece in (
        "By when it is ratified: the case names no date for UN Security Council.",
        "When it ends and how a party leaves: the case does not say.",
        "What shows it (all commitments): the case does not say.",
        "UN Security Council consents",
    ):
        assert piece in text
    assert found.summary == ("In writing: 15 commitments; who checks them is open for all.",)
    assert not re.search(r"\b(kept-by|keep)-|step-\d|\{|\}", text)  # no ids


def test_without_a_plan_or_for_all_sides_there_is_no_draft() -> None:
    assert sections("elmira")[1] is None
    session = Session(Case.from_text(catalog_text("initial-actions-2007"), "initial-actions-2007.case.yaml"))
    assert draft.section(Reading.of(session, shared=True)) is None


def test_the_last_agreement_is_told_by_what_it_lacked() -> None:
    session = Session(Case.from_text(catalog_text("korea-2019"), "korea-2019.case.yaml"))
    found = findings.last(Reading.of(session))
    assert found is not None
    text = text_of(found)
    assert "(12 June 2018): four commitments" in text
    table = next(b.table for b in found.blocks if b.table is not None)
    rows = {(row[0], row[1]): row[2] for row in table.rows}
    # none of the four points has a date, somebody who checks it, or a consequence (the source's words)
    for kind in (("error", "no date and no trigger"), ("error", "no verifier"), ("warning", "no consequence")):
        assert rows[kind] == "all four commitments"
    assert ("warning", "no decider") in rows
    assert found.summary[0].startswith("The last agreement (12 June 2018): ")
    assert findings.last(Reading.of(session, shared=True)) is not None


def test_only_a_case_of_the_catalog_has_a_last_agreement() -> None:
    other = Case.from_text(catalog_text("korea-2019"), "mine/korea-2019.yaml")
    assert last_agreement(other) is None
    assert last_agreement(Case.from_text(catalog_text("elmira"), "elmira.case.yaml")) is None
    found = last_agreement(Case.from_text(catalog_text("korea-2019"), "korea-2019.case.yaml"))
    assert found is not None
    assert found.name == "singapore-2018"
    assert found.file.as_of is not None
    assert str(found.file.as_of) < "2019-01-29"


def test_for_all_sides_nothing_is_told_that_rests_on_worths() -> None:
    agreement = read_agreement("korea-2019.agreement.yaml")
    mine = findings.findings_of(agreement, shared=False)
    shared = findings.findings_of(agreement, shared=True)
    assert {f.id for f in mine.findings} & {"A1", "A2", "S4"}
    assert not {f.id for f in shared.findings} & {"A1", "A2", "S4"}
