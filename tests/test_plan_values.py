"""Flows, deviations and breakdowns of a plan against their literal reading, state by state."""

import math
import os
from collections.abc import Iterable

import pytest

import detente
from detente.base.errors import UsageError
from detente.plan.build import problem_of
from detente.plan.problem import Problem
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
                if usable(found):
                    assert found == pytest.approx(expected, abs=1e-8), (reading.__name__, party, state)
                compared += 1
    for axis, (o, row) in enumerate(zip(values.changed(), values.ways(), strict=True)):
        for kind, array in (("costs", problem.cost), ("takes", problem.takes)):
            assert list(array[axis]) == pytest.approx([0.0, *(values.cost(o, level, kind) for level in row[1:])])
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
        problem = problem_of(case, StateSpace.of(case), target)
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


@pytest.mark.sweep
def test_values_on_fresh_cases_are_the_literal_ones() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    fresh = range(1_000_000 + seed * 3_000, 1_000_000 + seed * 3_000 + 3_000)
    compare(fresh)
