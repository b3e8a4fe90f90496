"""Drafts of random orders of steps: always valid, always executable in the order of the plan, always readable again."""

from __future__ import annotations

import datetime as dt
import os
import random
from typing import Any

import pytest

from detente.agreement.drafting.acts import Move, Stage
from detente.agreement.drafting.draft import Matter, draft
from detente.agreement.drafting.facts import Facts, written_day
from detente.agreement.drafting.result import Draft
from detente.agreement.drafting.telling import gap_lines, lines
from detente.agreement.drafting.writing import agreement_yaml
from detente.agreement.lint.lint import lint
from detente.agreement.model import Agreement
from detente.base.result import Provenance
from detente.case.model import Case
from tests.test_draft import Cooperation, check_cooperation

NAMES = (
    "North: the first",
    "It's ‘South’",
    "a, b [c] {d}",
    "# no comment",
    "- dash",
    "true",
    "1994-10-21",
    "“Ост” é",
    "x" * 200,
    None,
)
IDS = ("a", "b-b", "keep", "step-1", "kept-by-a", "deposit", "depositary", "x9")
LEVELS = (("no", "yes"), ("none", "some", "all"), ("a", "b", "c", "d"), ("low", "mid", "high"))
NEEDS = ("h", "h or s", "h and s", "1 of {h, s}")
PERIODS = ("day", "week", "month", "quarter", "year")


def case_of(rng: random.Random) -> Case:
    """A case with names that a careless writer would trip over."""
    parties, names = rng.sample(IDS, rng.randint(2, 4)), rng.sample(NAMES[:-1], 4)
    options = {}
    for n in range(rng.randint(2, 6)):
        levels = rng.choice(LEVELS)
        options[rng.choice(("keep-", "o", "deposit-")) + str(n)] = {
            "party": rng.choice(parties), "levels": list(levels), "moves": rng.choice(("both", "both", "up")),
            "irreversible": rng.sample(levels[1:], rng.randint(0, 1)), "name": f"{rng.choice(NAMES) or 'option'} {n}",
        }  # fmt: skip
    steep = list(options)
    plan: dict[str, Any] = {
        "lag": rng.choice((1, {p: rng.randint(0, 5) for p in parties})),
        "undo": {o: {rng.choice(options[o]["levels"][1:]): rng.randint(0, 40)} for o in rng.sample(steep, 1)},
        "takes": {o: {options[o]["levels"][-1]: rng.choice((0.5, 2, 7.25))} for o in rng.sample(steep, 1)},
    }
    if rng.random() < 0.8:
        plan["snapback"] = rng.random() < 0.8
    if rng.random() < 0.4:
        plan["breach_cost"] = {parties[0]: 1}
    if rng.random() < 0.4:
        plan["target"] = {o: w["levels"][-1 if rng.random() < 0.7 else 0] for o, w in options.items()}
    tree = {
        "detente": 1, "name": "drawn", "period": rng.choice(PERIODS), "as_of": rng.choice(("2020-01-31", "1850-06-01")),
        "title": rng.choice(NAMES) or "A case",
        "parties": {p: {"name": name} if rng.random() < 0.8 else None for p, name in zip(parties, names, strict=False)},
        "options": options, "status_quo": {}, "plan": plan,
    }  # fmt: skip
    if rng.random() < 0.5:
        tree["ratification"] = {
            "bodies": {"h": {"quota": 2, "votes": 3, "name": "House: 2"}, "s": {"quota": 1, "votes": 3}},
            "requirements": [{"when": rng.choice(steep), "needs": rng.choice(NEEDS)}],
        }
    return Case.from_dict(tree)


def order_of(rng: random.Random, case: Case) -> tuple[Stage, ...]:
    """Every option moved up in one or more moves, in steps of random movers, some made by escrow, some paid for."""
    at = dict.fromkeys(case.options, 0)
    stages = list[Stage]()
    while open_yet := [o for o in case.options if at[o] < len(case.file.options[o].levels) - 1]:
        chosen = rng.sample(open_yet, rng.randint(1, min(3, len(open_yet))))
        moves = []
        for o in sorted(chosen, key=case.options.index):
            levels = case.file.options[o].levels
            to = rng.randint(at[o] + 1, len(levels) - 1)
            moves.append(Move(case.file.options[o].party, o, levels[at[o]], levels[to]))
            at[o] = to
        atomic = len({m.party for m in moves}) > 1 and rng.random() < 0.4
        payer, payee = rng.sample(case.parties, 2)
        paid = ((payer, -rng.choice((1.0, 0.123456))), (payee, 1.0)) if rng.random() < 0.3 else ()
        stages.append(Stage(len(stages) + 1, tuple(moves), rng.choice((8, 9, 30)), atomic, paid))
    return tuple(stages)


def drawn(seed: int, *, shared: bool = False) -> Draft:
    rng = random.Random(seed)
    case = case_of(rng)
    stages = order_of(rng, case)
    start = {o: w.levels[0] for o, w in case.file.options.items()}
    target = {o: w.levels[-1] for o, w in case.file.options.items()}
    stays = tuple((w.party, o, start[o]) for o, w in case.file.options.items() if rng.random() < 0.1)
    matter = Matter(case, case.parties, start, target, stages, stays, rng.random() < 0.5, rng.choice(("", "Beware")))
    return draft(matter, Provenance("drawn", "sha256:0"), link=None, shared=shared)


def check(seed: int) -> None:
    found = drawn(seed, shared=seed % 5 == 0)
    text = agreement_yaml(found.tree, found.comments, "head")
    again = Agreement.from_text(text, "drawn.agreement.yaml")
    assert again.terms() == found.agreement.terms()
    assert again.digest == found.agreement.digest
    assert not found.agreement.warnings
    assert all(c.gaps for c in found.agreement.terms().commitments)  # somebody has to be named in each
    assert "\n".join(lines(found))
    assert gap_lines(found)
    check_cooperation(found)


@pytest.mark.parametrize("block", range(10))
def test_every_draft_can_be_carried_out(block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        check(seed)


@pytest.mark.sweep
def test_every_draft_can_be_carried_out_on_fresh_seeds() -> None:
    first = int(os.environ["DETENTE_SEED"])
    for seed in range(first, first + 300):
        check(seed)


def test_what_the_checks_find_beside_the_gaps() -> None:
    """Errors: irreversible steps on the other side's word, as nobody is named who checks it; weak words of names."""
    undeclared = [f for seed in range(60) for f in lint(drawn(seed).agreement).findings if not f.declared]
    errors = {f.id for f in undeclared if f.severity == "error"}
    assert errors == {"E2", "V9"}
    assert all("‘all’" in f.why for f in undeclared if f.id == "V9" and f.severity == "error")


def test_the_sample_has_everything() -> None:
    """Deposits, groups, payments, events, gaps of consequences and commitments that cannot be undone are all drawn."""
    seen: dict[str, int] = {}
    for seed in range(200):
        tree = drawn(seed).tree
        parts = {"bodies", "groups", "quantities", "events", "as_of"} & set(tree)
        for c in tree["commitments"].values():
            parts |= {k for k in ("reversible", "min_duration", "on_breach", "verification") if k in c}
            parts |= {f"gap of {slot}" for slot in c["gaps"]}
            parts |= {"no way back"} if c.get("reversible") == "no" else set()
        for part in parts:
            seen[part] = seen.get(part, 0) + 1
    assert min(seen.values()) >= 20, seen
    assert set(seen) >= {
        "bodies", "groups", "quantities", "events", "as_of", "reversible", "min_duration", "on_breach", "verification",
        "no way back", "gap of consequence", "gap of threshold", "gap of act", "gap of date", "gap of verifier",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "ticks", "written"),
    [
        ("day", 45, "45 days"), ("week", 2, "14 days"), ("month", 30, "30 months"), ("quarter", 5, "15 months"),
        ("year", 2, "2 years"), ("year", 1, "1 year"), ("year", 400, None), ("month", 1, "1 month"),
    ],
)  # fmt: skip
def test_periods_are_those_of_the_cases_clock(clock: str, ticks: int, written: str | None) -> None:
    case = Case.from_dict({
        "detente": 1, "name": "clock", "period": clock, "parties": {"a": None, "b": None},
        "options": {"x": {"party": "a"}},
    })  # fmt: skip
    assert Facts(case).period(ticks) == written


def test_a_step_too_long_to_write_is_a_gap() -> None:
    rng = random.Random(1)
    case = case_of(rng)
    moves = (Move(case.file.options[o].party, o, w.levels[0], w.levels[1]) for o, w in case.file.options.items())
    start = {o: w.levels[0] for o, w in case.file.options.items()}
    matter = Matter(case, case.parties, start, start, (Stage(1, (next(moves),), 200_000),), (), enforceable=True)
    found = draft(matter, Provenance("drawn", "sha256:0"), link=None)
    assert {c["gaps"].get("date") for c in found.tree["commitments"].values() if "modality" not in c} == {
        "the time is too long"
    }


@pytest.mark.parametrize(
    ("day", "written"),
    [("1899-12-31", None), ("1900-01-01", "1900-01-01"), ("2200-12-31", "2200-12-31"), ("2201-01-01", None)],
)
def test_dates_that_an_agreement_cannot_have_are_left_out(day: str, written: str | None) -> None:
    assert written_day(dt.date.fromisoformat(day)) == written
    assert written_day(None) is None


def test_cooperation_notices_a_wrong_order() -> None:
    """The check of the order fails on drafts whose steps wait for nothing."""
    failing = 0
    for seed in range(20):
        found = drawn(seed)
        tree = {k: v for k, v in found.tree.items() if k != "groups"}
        for c in tree["commitments"].values():
            if c.get("modality") is None:
                c["trigger"] = "in_force"
        wrong = Agreement.from_dict(tree)
        game = Cooperation(wrong.terms(), dt.date(2019, 1, 31)).play()
        last = max(found.stage_of.values())
        failing += any(game.due[c] == min(game.due.values()) for c, n in found.stage_of.items() if n == last > 1)
    assert failing >= 10
