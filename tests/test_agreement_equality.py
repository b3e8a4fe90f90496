"""The run of an agreement equals its literal statement on random agreements and ledgers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from detente.agreement.periods import Interval
from detente.agreement.records import KINDS
from tests.agreement_random import Drawn, drawn
from tests.agreement_told import Told, differences, engine, literal
from tests.literal import agreement as rules
from tests.literal import agreement_facts as facts
from tests.literal import agreement_moves as moves
from tests.literal import agreement_world as world
from tests.literal.agreement_log import effective

SAMPLE = range(400)
LARGE = range(400, 3000)
FRESH = 1500
# Once told differently: a withdrawal and a restoration, blame after an uphold, an end by two breaches at one instant,
# what waits of an earlier breach when a later one is overturned.
RARE = (2316268825224, 2316268826486, 2004936, 2016183, 2018760, 2022288, 2027271)
ROWS = (*(str(n) for n in range(1, 19)), "13a", "13b", "K1", "K2", "K3", "K4")
EFFECTS = ("terminate", "reverse", "suspend", "activate", "compensate")


@dataclass(frozen=True)
class Case:
    drawn: Drawn
    literal: Told
    differences: list[str]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case_of(seed) for seed in SAMPLE]


def case_of(seed: int) -> Case:
    d = drawn(seed)
    one = literal(d.terms, d.records, d.until)
    return Case(d, one, differences(one, engine(d.terms, d.records, d.until)))


def test_the_run_equals_its_literal_statement(cases: list[Case]) -> None:
    wrong = {seed: case.differences[:3] for seed, case in zip(SAMPLE, cases, strict=True) if case.differences}
    assert not wrong


@pytest.mark.parametrize("seed", RARE)
def test_the_run_equals_its_literal_statement_on_rare_cases(seed: int) -> None:
    assert not case_of(seed).differences


@pytest.mark.sweep
def test_the_run_equals_its_literal_statement_on_a_large_sample() -> None:
    wrong = {seed: found[:3] for seed in LARGE if (found := case_of(seed).differences)}
    assert not wrong


@pytest.mark.sweep
def test_the_run_equals_its_literal_statement_on_fresh_cases(fresh_seed: int) -> None:
    start = 10_000 + fresh_seed * FRESH
    wrong = {seed: found[:3] for seed in range(start, start + FRESH) if (found := case_of(seed).differences)}
    assert not wrong


# ------------------------------------------------------------------------------------------- the sample can tell apart


def test_every_row_of_the_table_fires_often(cases: list[Case]) -> None:
    fired = Counter(m.row for case in cases for m in case.literal.history)
    rare = {row: fired[row] for row in ROWS if fired[row] < 3}
    assert not rare
    assert set(fired) == set(ROWS)


def test_every_effect_applies_often(cases: list[Case]) -> None:
    applied = Counter(effect for case in cases for _, _, effect, _, _ in case.literal.fired)
    assert not {effect: applied[effect] for effect in EFFECTS if applied[effect] < 50}


def test_every_kind_of_record_acts_and_fails_to_act(cases: list[Case]) -> None:
    acting: Counter[str] = Counter()
    idle: Counter[str] = Counter()
    for case in cases:
        for r in effective(case.drawn.records)[0]:
            (idle if r.seq in case.literal.irregular else acting)[r.kind] += 1
    assert not {kind: acting[kind] for kind in KINDS if acting[kind] < 3}
    always_act = {"sign", "ratify", "external", "enter_into_force", "withdraw", "recognise"}
    assert not {kind: idle[kind] for kind in set(KINDS) - always_act if idle[kind] < 3}


def test_things_happen_at_one_instant(cases: list[Case]) -> None:
    """Two breaches, and a terminate and a suspend, at one instant are in many cases."""
    breaches = sum(
        any(n > 1 for n in Counter(m.instant for m in case.literal.history if m.after == "breached").values())
        for case in cases
    )
    both = sum(
        bool(
            {t for _, _, effect, t, _ in case.literal.fired if effect == "terminate"}
            & {t for _, _, effect, t, _ in case.literal.fired if effect == "suspend"}
        )
        for case in cases
    )
    assert breaches > 0.1 * len(cases)
    assert both > 0.03 * len(cases)


IS_LATE = moves.is_late
DECIDE = rules.decide


def in_time_at_the_deadline(span: Interval, deadline: int | None) -> bool | None:
    """As ``is_late``, but what is done at the deadline is still in time."""
    return IS_LATE(span, None if deadline is None else deadline + 1)


def one_after_the_other(w: world.World, c: world.State) -> rules.Step | None:
    """As ``decide``, but of all that is decided at once only the first commitment moves, with its consequences."""
    first = next((o for o in sorted(w.states.values(), key=lambda o: o.id) if DECIDE(w, o) is not None), None)
    return DECIDE(w, c) if c is first else None


def no_time_is_held(w: world.World, c: world.State, start: int) -> int:
    """As ``held_time``, but holds move nothing."""
    return 0


WRONG = (
    ("in time at the deadline itself", moves, "is_late", in_time_at_the_deadline),
    ("moves one after the other", rules, "decide", one_after_the_other),
    ("holds move no deadline", world, "held_time", no_time_is_held),
    ("one obligor's claim is enough for all", facts, "claim_is_complete", lambda c: bool(c.claims)),
    ("disputes never end", rules, "dispute_end", lambda w, since: None),
)


@pytest.mark.parametrize(("module", "function", "wrong"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_the_sample_tells_a_wrong_reading_apart(
    module: object, function: str, wrong: object, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In at least two cases of the sample a wrong reading of the rules gives another run."""
    monkeypatch.setattr(module, function, wrong)
    differing = 0
    for c in cases:
        told = literal(c.drawn.terms, c.drawn.records, c.drawn.until)
        differing += bool(differences(told, c.literal))
        if differing == 2:
            break
    assert differing == 2
