"""The section on plans: what is asked, what is within reach instead, and what shipped cases state of their orders."""

from __future__ import annotations

from typing import Any

import pytest

import detente
from detente.brief.document import Block
from detente.brief.reading import Reading
from detente.brief.sections import plan as section_on_plans
from detente.catalog import plan_text
from detente.mechanics.payoffs import finder
from detente.pictures.plan_picture import plan_picture
from detente.plan.build import problem_of
from detente.plan.first_tests import first_tests
from detente.plan.result import Plan

SWAP: dict[str, Any] = {
    "detente": 1,
    "name": "swap",
    "as_of": "2020-01-31",
    "parties": {"a": {"name": "Alba", "discount": 0.9}, "b": {"name": "Bruma", "discount": 0.9}},
    "options": {
        "arms": {"party": "a", "name": "Arms", "levels": ["kept", "cut", "gone"], "irreversible": ["gone"]},
        "aid": {"party": "b", "name": "Aid", "levels": ["none", "some", "much"]},
    },
    "preferences": {
        "a": {"utility": {"arms": {"cut": -1, "gone": -9}, "aid": {"some": 3, "much": 4}}},
        "b": {"utility": {"arms": {"cut": 3, "gone": 4}, "aid": {"some": -1, "much": -2}}},
    },
    "plan": {"target": {"arms": "cut", "aid": "some"}, "lag": 1, "snapback": "true", "deadline": "2020-12-31"},
}


def told(tree: dict[str, Any], **how: Any) -> tuple[list[Block], str]:
    reading = Reading.of(detente.Session(detente.Case.from_dict(tree)), **how)
    found = section_on_plans.section(reading)
    assert found is not None
    return list(found.blocks), "\n".join([*found.summary, *(t for b in found.blocks for t in b.texts())])


def test_a_plan_that_holds_is_told_with_its_pictures() -> None:
    """One cut against some aid gives each 2; taking it back for one period gains at most (1 - 0.9) (3 - 2)."""
    blocks, text = told(SWAP)
    assert "The target can be reached in" in text
    assert "Would everyone keep the target, once reached? Yes" in text
    assert len([b for b in blocks if b.picture]) == 2
    assert "What can be reached instead" not in text
    assert "No step can be pretended." in text


def test_a_target_that_one_side_loses_by_is_refused_and_another_told() -> None:
    """To give up all arms costs Alba 9, and the most that Bruma can give is worth 4."""
    asked = {**SWAP, "plan": {**SWAP["plan"], "target": {"arms": "gone", "aid": "much"}}}
    blocks, text = told(asked)
    assert text.startswith(
        "In what order: what is asked cannot be reached in steps that nobody gains by abandoning: Alba would lose"
    )
    assert "No order of steps can mend that, so none is shown here." in text
    assert "What can be reached instead" in text
    assert "Arms at ‘cut’" in text
    tables = [b.table for b in blocks if b.table is not None]
    assert any("shown here" in t.columns for t in tables)
    assert any(r[1] == "an order that holds in time" and "yes" in r for t in tables for r in t.rows if len(r) > 3)


def test_shared_says_nothing_of_what_anything_is_worth() -> None:
    blocks, text = told(SWAP, shared=True)
    assert "%" not in text
    assert not any(b.picture for b in blocks)
    assert "Arms at ‘cut’" in text


def test_a_missing_fact_is_asked_for_by_name() -> None:
    block = {k: v for k, v in SWAP["plan"].items() if k != "lag"}
    _, text = told({**SWAP, "plan": block})
    assert text.startswith("Not asked: ")
    assert "lag" in text


def test_no_section_without_a_plan() -> None:
    tree = {k: v for k, v in SWAP.items() if k != "plan"}
    assert section_on_plans.section(Reading.of(detente.Session(detente.Case.from_dict(tree)))) is None


def test_each_view_has_its_row() -> None:
    views = {
        "doubter": {"by": "D. Oubter", "preferences": {"b": {"utility": {"arms": {"cut": 0.5}, "aid": {"some": -1}}}}}
    }
    blocks, _ = told({**SWAP, "views": views})
    rows = next(b.table.rows for b in blocks if b.table is not None and b.table.columns[0] == "reading")
    assert rows[0][2:4] == ("nobody", "nobody")
    assert rows[1][0] == "As read by D. Oubter"
    assert rows[1][2] == "Bruma (\u22120.5 per month)"


# --- what the shipped cases state ------------------------------------------------------------------------------------


def written(name: str, **changes: str) -> Plan:
    case = detente.load(name)
    found: Plan = detente.Session(case).ask(
        "plan", written=plan_text(name), file=name, repairs=False, targets=False, draws=0
    )
    return found


def test_1994_the_written_order_is_late_and_breaks_at_its_last_step() -> None:
    """1 + 1 + 6 + 1 + 1 + 1 + 9 + 45 + 48 + 9 + 9 + 1 + 30 months at the means of what is written, against 110."""
    found = written("agreed-framework-1994")
    assert found.periods[-1] == 162
    assert [(f.rule, f.excess) for f in found.faults] == [("late", 52)]
    assert found.starts
    pause, party = found.checked.binding if found.checked is not None else (0, 0)
    assert (pause, found.problem.parties[party]) == (13, "us")
    assert found.ways_out[13][1].kind == "withhold"
    assert found.ways_out[13][1].share < 0
    inside = {(t, w.party): w for t, row in enumerate(found.ways_out[:-1]) for w in row}
    worst = min(inside, key=lambda k: inside[k].share)
    assert worst == (6, "dprk")
    assert dict(inside[worst].truth) == {"enrichment": "open"}


BETTER = """
- moves: [{option: safeguards, to: routine}, {option: relations, to: liaison}]
- moves: [{option: freeze, to: frozen}, {option: fuel, to: canned}, {option: safeguards, to: full},
          {option: oil, to: delivered}, {option: reactors, to: part-built}]
- moves: [{option: fuel, to: shipped-out}, {option: enrichment, to: given-up}, {option: reactors, to: key-parts}]
- moves: [{option: reactors, to: complete}]
- moves: [{option: freeze, to: dismantled}, {option: relations, to: ambassadors}, {option: assurance, to: given}]
"""


def test_1994_an_order_that_checks_the_past_while_building_fits_and_holds_by_little() -> None:
    """1 + 51 + 9 + 30 + 18 months."""
    session = detente.Session(detente.load("agreed-framework-1994"))
    found: Plan = session.ask("plan", written=BETTER, file="better", repairs=False, targets=False, draws=0)
    assert found.periods == (0, 1, 52, 61, 91, 109)
    assert found.faults == ()
    assert found.enforceable
    last = found.ways_out[-1][1]
    assert 0 < last.share < 0.05
    assert last.kind == "withhold"
    assert found.ways_out_of_target[1].kind == "grab"


def test_2007_the_declaration_would_be_false() -> None:
    found = written("initial-actions-2007")
    assert found.faults == ()
    assert found.starts
    assert not found.self_enforcing
    ways = {w.party: w for w in found.ways_out_of_target}
    assert (ways["dprk"].kind, dict(ways["dprk"].truth)) == ("conceal", {"declaration": "none"})
    assert all(w.share > 0 for p, w in ways.items() if p != "dprk")
    for pause in (4, 5):
        assert found.ways_out[pause][0].kind == "conceal"
    assert [w.party for row in found.ways_out[:3] for w in row if w.share < 0] == []
    assert (found.ways_out[3][0].kind, found.ways_out[3][0].share < 0) == ("withhold", True)


def test_2007_with_a_check_of_the_declaration_the_dprk_would_not_start() -> None:
    """It gives up 2.0 more and gains 0.7 by the rest."""
    session = detente.Session(detente.load("initial-actions-2007"))
    case = session.case()
    states = session.states(case)
    assert case.file.plan is not None
    target = {**dict(case.file.plan.target), "verification": "agreed"}  # type: ignore[arg-type]
    tests = first_tests(problem_of(case, states, finder(case, states)(target, "plan.target")))
    assert tests.start[0] == pytest.approx(-1.3)
    assert min(tests.start[1:]) > 0


@pytest.mark.parametrize(
    ("view", "loses", "fits"), [(None, "dprk", False), ("liu", "us", None), ("zhang", "dprk", False)]
)
def test_korea_everything_for_everything_fails_in_every_reading(view: str | None, loses: str, fits: object) -> None:
    session = detente.Session(detente.load("korea-2019"))
    case = session.case(view=view)
    states = session.states(case)
    block = case.file.plan
    assert block is not None
    assert isinstance(block.target, dict)
    problem = problem_of(case, states, finder(case, states)(block.target, "plan.target"))
    tests = first_tests(problem)
    assert [p for p, gain in zip(problem.parties, tests.start, strict=True) if gain < 0] == [loses]
    assert tests.physical.fits is fits
    assert [p for p, kept in zip(problem.parties, tests.target, strict=True) if kept < 0] == [loses]


def test_the_picture_of_a_written_order() -> None:
    """What is cut stays cut: a breakdown costs Alba 1 and leaves Bruma 3, of 2 at stake for each."""
    options = {**SWAP["options"], "arms": {**SWAP["options"]["arms"], "irreversible": ["cut", "gone"]}}
    options["offices"] = {"party": "m", "name": "Good offices"}
    parties = {**SWAP["parties"], "m": {"name": "Mediator", "role": "mediator"}}
    case = detente.Case.from_dict({**SWAP, "options": options, "parties": parties})
    moves = (("offices", "yes"), ("arms", "cut"), ("aid", "some"))
    steps = "\n".join(f"- moves: [{{option: {option}, to: {level}}}]" for option, level in moves)
    asked: dict[str, Any] = {"repairs": False, "targets": False, "draws": 0}
    found: Plan = detente.Session(case).ask("plan", written=steps, file="by hand", **asked)
    picture = plan_picture(found)
    assert picture is not None
    assert found.checked is not None
    assert (picture.parties, picture.others) == (("Alba", "Bruma"), ("Mediator",))
    assert [[(picture.name(m.party), m.what) for m in p.moves] for p in picture.pauses] == [
        [],
        [("Mediator", "Good offices to ‘yes’")],
        [("Alba", "Arms to ‘cut’")],
        [("Bruma", "Aid to ‘some’")],
    ]
    assert [p.exposure for p in picture.pauses] == [(0, 0), (0, 0), (0.5, -1.5), (0.5, -1.5)]
    assert [p.margins for p in picture.pauses] == [tuple(row) for row in found.checked.shares]
    assert [p.date for p in picture.pauses] == ["31 Jan 2020", "29 Feb 2020", "31 Mar 2020", "30 Apr 2020"]
    assert picture.deadline == (11, "31 December 2020")
