"""Exposure equals the definition by brute force over all sets that can have been done."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import chain, combinations

import pytest

from detente.agreement.exposure import MOST_SUM, exposure, prerequisites, worst_stop
from detente.agreement.formulas import (
    After,
    Always,
    And,
    At,
    Breached,
    Claimed,
    Event,
    Formula,
    Fulfilled,
    Joint,
    Never,
    Or,
    Verified,
)
from detente.agreement.periods import Period
from detente.agreement.terms import CalendarPolicy, Commitment, Terms, TextAct
from detente.base.errors import LimitReached, UsageError


def agreement(triggers: dict[str, Formula], groups: dict[str, tuple[str, ...]] | None = None) -> Terms:
    commitments = tuple(
        Commitment(name, "achieve", ("k",), ("u",), TextAct(name), trigger=trigger)
        for name, trigger in triggers.items()
    )
    return Terms("test", ("k", "u"), (), CalendarPolicy("UTC"), commitments, Always(), groups=groups or {})


def true_with(formula: Formula, done: frozenset[str]) -> bool:
    """Whether a formula of the random cases is true once a set has been done."""
    if isinstance(formula, And):
        return all(true_with(p, done) for p in formula.parts)
    if isinstance(formula, Or):
        return any(true_with(p, done) for p in formula.parts)
    if isinstance(formula, Fulfilled | Verified | Claimed):
        return formula.commitment in done
    if isinstance(formula, After):
        return true_with(formula.formula, done)
    return not isinstance(formula, Never | Breached)


def can_have_been_done(wanted: frozenset[str], triggers: dict[str, Formula]) -> bool:
    """Whether its members can have been done one after the other, each when its trigger was true, and nothing else."""
    done: frozenset[str] = frozenset()
    while done != wanted:
        more = frozenset(n for n in wanted - done if true_with(triggers[n], done))
        if not more:
            return False
        done |= more
    return True


def worst_by_trying(triggers: dict[str, Formula], worth: dict[str, Fraction]) -> Fraction:
    names = sorted(triggers)
    sets = chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))
    return max(
        sum((worth[n] for n in chosen), Fraction(0))
        for chosen in sets
        if can_have_been_done(frozenset(chosen), triggers)
    )


def drawn(rng: random.Random) -> tuple[dict[str, Formula], dict[str, Fraction]]:
    names = [f"c{n}" for n in range(rng.randint(1, 8))]

    def formula(depth: int) -> Formula:
        kind = rng.random()
        if depth and kind < 0.5:
            parts = tuple(formula(depth - 1) for _ in range(rng.randint(1, 3)))
            return And(parts) if kind < 0.3 else Or(parts)
        if kind < 0.8:
            of = rng.choice(names)
            done: list[Formula] = [Fulfilled(of), Verified(of), Claimed(of)]
            return rng.choice(done)
        simple: list[Formula] = [Always(), Event("e"), Never(), After(Fulfilled(rng.choice(names)), Period(days=3))]
        return rng.choice(simple)

    worth = {n: Fraction(rng.randint(-9, 9), rng.choice([1, 2, 3, 7])) for n in names}
    return {n: formula(2) if rng.random() < 0.7 else Always() for n in names}, worth


def test_equals_brute_force_on_random_cases() -> None:
    rng = random.Random(7)
    nothing = choice = ordered = 0
    for _ in range(400):
        triggers, worth = drawn(rng)
        ways = prerequisites(agreement(triggers))
        found = worst_stop(ways, worth)
        assert found.value == worst_by_trying(triggers, worth)
        assert found.value == sum((worth[n] for n in found.done), Fraction(0))
        assert can_have_been_done(frozenset(found.done), triggers)
        nothing += found.value == 0
        choice += any(len(w) > 1 for w in ways.values())
        ordered += found.value != sum((w for w in worth.values() if w > 0), Fraction(0))
    assert nothing < 200  # most cases ask something,
    assert choice > 80  # many have alternatives,
    assert ordered > 150  # and in many the order binds


def test_a_ladder() -> None:
    """Worked out by hand: key parts (6) come after dismantling (8) is half done, oil (9) at the very end."""
    triggers: dict[str, Formula] = {
        "freeze": Always(),
        "inspect": Fulfilled("freeze"),
        "reactor": Fulfilled("inspect"),
        "dismantle": Fulfilled("reactor"),
        "oil": Verified("dismantle"),
    }
    values = {
        "k": {"freeze": 5, "inspect": 4, "reactor": -7, "dismantle": 8, "oil": -9},
        "u": {"freeze": -2, "reactor": 4, "dismantle": -8, "oil": 3},
    }
    found = exposure(agreement(triggers), values, ["freeze", "inspect", "reactor", "dismantle", "oil"])
    assert found.stops["k"].value == 10  # 5 + 4 - 7 + 8
    assert found.stops["k"].done == ("dismantle", "freeze", "inspect", "reactor")
    assert found.stops["u"].value == 2  # -2 + 4
    assert found.ratio == 5
    assert [p.ahead["k"] for p in found.order] == [5, 9, 2, 10, 1]
    assert found.worst["u"].done == ("freeze", "inspect", "reactor")
    assert found.left_out == ()


def test_joint_is_no_deadlock_and_a_breach_is_not_awaited() -> None:
    triggers: dict[str, Formula] = {"a": Joint("g"), "b": Joint("g"), "fine": Breached("a"), "x": At(0)}
    found = exposure(agreement(triggers, {"g": ("a", "b")}), {"k": {"a": 3, "b": -1, "fine": 9}})
    assert found.stops["k"].value == 3
    assert found.stops["k"].done == ("a",)
    assert found.left_out == ("fine",)


def test_what_cannot_be_asked() -> None:
    terms = agreement({"a": Always()})
    with pytest.raises(UsageError):
        exposure(terms, {"nobody": {}})
    with pytest.raises(UsageError):
        exposure(terms, {"k": {"b": 1}})
    with pytest.raises(UsageError):
        exposure(terms, {"k": {}}, ["a", "a"])
    with pytest.raises(LimitReached):
        exposure(terms, {"k": {"a": MOST_SUM + 1}})
    many = {f"c{n}": Or((Fulfilled("x"), Fulfilled("y"))) for n in range(20)}
    with pytest.raises(LimitReached):
        exposure(agreement({"x": Always(), "y": Always(), **many}), {"k": {}})
