"""Flows, deviations and breakdowns of a plan against their literal reading, state by state."""

import math
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import detente
from detente.base.errors import LimitReached, UsageError
from detente.mechanics import breakdown
from detente.mechanics.flows import Flow
from detente.plan.build import problem_of
from detente.plan.problem import Problem
from detente.space.draws import draws
from detente.space.states import StateSpace
from tests.literal.plan_values import Left, Values, random_case

FIXED = range(1_000)
TINY = 1e-9


def usable(value: float) -> bool:
    return value > -1e5


def check(problem: Problem, values: Values) -> int:
    """Every array of a problem equals its literal reading; returns how many numbers were compared."""
    lattice, compared = problem.lattice, 0
    assert list(problem.parties) == values.parties
    assert lattice.shape == tuple(len(row) for row in values.ways())
    assert problem.discount == pytest.approx([values.delta(p) for p in values.parties], abs=1e-12)
    assert problem.stake == pytest.approx([values.stake(p) for p in values.parties], rel=1e-12)
    for cell, state in values.cells().items():
        assert lattice.state(cell) == state
        assert bool(lattice.feasible[cell]) == values.feasible(state)
        assert problem.alarm[cell] == pytest.approx(values.alarm(state), abs=TINY)
        for axis, option in enumerate(lattice.options):
            chance = values.caught(option, state)
            assert (axis in problem.caught) == (chance is not None)
            if chance is not None:
                assert problem.caught[axis][cell] == pytest.approx(chance, abs=TINY)
        for i, party in enumerate(values.parties):
            for array, reading in (
                (problem.flow, values.u),
                (problem.walk, values.walk),
                (problem.snapped, values.snapped),
                (problem.accused, values.accused),
                (problem.breach, values.breach),
            ):
                try:
                    expected = reading(party, state)
                except Left:
                    expected = -math.inf
                found = array[(i, *cell)]
                assert usable(found) == (expected > -1e5), (reading.__name__, party, state, found, expected)
                if reading == values.walk and party not in values.owner and expected == -math.inf:
                    assert found == -math.inf, (party, state)  # no way out
                if usable(found):
                    assert found == pytest.approx(expected, abs=1e-8), (reading.__name__, party, state)
                compared += 1
    for axis, (o, row) in enumerate(zip(values.changed(), values.ways(), strict=True)):
        for kind, along in (("costs", problem.cost), ("takes", problem.takes)):
            assert list(along[axis]) == pytest.approx([0.0, *(values.cost(o, level, kind) for level in row[1:])])
    return compared


def refuses(values: Values) -> bool:
    """Whether a breakdown leads to a state that an order says nothing of."""
    for state in values.cells().values():
        for party in values.ordinal & set(values.parties):
            for reading in (values.walk, values.snapped, values.accused):
                try:
                    reading(party, state)
                except Left:
                    continue
                except ValueError:
                    return True
    return False


def compare(seeds: Iterable[int]) -> tuple[int, int]:
    """Cases compared and cases refused by both."""
    compared = refused = 0
    for seed in seeds:
        written, target = random_case(seed)
        values = Values(written, target)
        case = detente.Case.from_dict(written)
        if refuses(values):
            with pytest.raises(UsageError, match="of which only an order is known"):
                problem_of(case, StateSpace.of(case), target)
            refused += 1
            continue
        states = StateSpace.of(case)
        problem = problem_of(case, states, target)
        if seed % 10 == 0:
            wide = problem_of(case, states, target, comparing=True).stake
            assert wide == pytest.approx([values.stake(p, comparing=True) for p in values.parties], rel=1e-12), seed
        try:
            compared += check(problem, values) > 0
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    return compared, refused


def test_values_on_the_fixed_cases_are_the_literal_ones() -> None:
    compared, refused = compare(FIXED)
    assert compared + refused == len(FIXED)
    assert compared > 900
    assert refused > 5


# --- limits and orders -----------------------------------------------------------------------------------------------


def big(levels: int, own: int) -> tuple[detente.Case, tuple[int, ...]]:
    """Two parties, options with so many levels, and so many options of the first that the target leaves alone.

    A condition ties all options together.
    """
    names = [f"l{n}" for n in range(levels)]
    options = {f"o{n}": {"party": "a" if n % 2 else "b", "levels": names} for n in range(4)}
    options |= {f"x{n}": {"party": "a", "levels": names} for n in range(own)}
    worth: dict[str, Any] = {o: {names[-1]: 1} for o in options}
    worth[" or ".join(options)] = 1
    tree = {
        "detente": 1, "name": "big", "parties": {"a": {}, "b": {}}, "options": options,
        "preferences": {"a": {"utility": worth}, "b": {"utility": worth}}, "plan": {"snapback": True, "lag": 1},
    }  # fmt: skip
    return detente.Case.from_dict(tree), (levels - 1,) * 4 + (0,) * own


def test_too_many_states_are_refused_with_their_number() -> None:
    case, target = big(3, 0)
    states = StateSpace.of(case)
    assert problem_of(case, states, target, limit=81).walk.shape == (2, 3, 3, 3, 3)
    with pytest.raises(LimitReached, match="81 states between the status quo and the target"):
        problem_of(case, states, target, limit=80)


def test_too_many_own_moves_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    case, target = big(3, 2)
    states = StateSpace.of(case)
    monkeypatch.setattr(breakdown, "MOST_CELLS", 3**6)
    problem_of(case, states, target)
    monkeypatch.setattr(breakdown, "MOST_CELLS", 3**6 - 1)
    with pytest.raises(LimitReached, match="729 states that a breakdown can start from"):
        problem_of(case, states, target)


def test_flows_of_orders_and_of_nobody() -> None:
    tree = {
        "detente": 1, "name": "orders", "parties": {"a": {}, "b": {}, "c": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "b"}}, "infeasible": ["x and y"],
        "preferences": {"a": {"ranking": ["s2", ["s1", "s3"]]}, "b": {"utility": {"x": {"yes": "1..3"}, "x or y": 5}}},
    }  # fmt: skip
    case = detente.Case.from_dict(tree)
    digits = np.array([[0, 1, 0, 1], [0, 0, 1, 1]], np.uint8)
    assert Flow.of(case, "a").values(digits) == pytest.approx([0, 1, 0, np.nan], nan_ok=True)
    assert Flow.of(case, "b").values(digits) == pytest.approx([0, 7, 5, 7])
    assert Flow.of(case, "c").values(digits) == pytest.approx([0, 0, 0, 0])
    drawn = draws(case, 50)
    found = Flow.of(case, "b").in_draws(drawn, digits)
    assert found.shape == (50, 4)
    assert found[:, 1] == pytest.approx(5 + drawn.values(("preferences", "b", "utility", "x", "yes")))
    assert Flow.of(case, "a").in_draws(drawn, digits)[:, :3] == pytest.approx(np.array([[0, 1, 0]] * 50))


@pytest.mark.sweep
def test_values_on_fresh_cases_are_the_literal_ones() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    fresh = range(1_000_000 + seed * 3_000, 1_000_000 + seed * 3_000 + 3_000)
    compare(fresh)
