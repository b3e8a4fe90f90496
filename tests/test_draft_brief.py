"""The brief's part on the draft: the steps told are those of the plan above it, and what is open is told once."""

from __future__ import annotations

import re
from functools import cache

import pytest

from detente.brief.document import Section
from detente.brief.reading import Reading
from detente.brief.sections import draft, plan
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
