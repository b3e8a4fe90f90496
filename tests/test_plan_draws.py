"""The numbers of an order in every draw are those of the case with that draw written into it."""

import os
import random
from dataclasses import fields

import numpy as np
import pytest

import detente
from detente.base.errors import UsageError
from detente.mechanics.flows import Flow
from detente.plan.build import problem_of
from detente.plan.in_draws import path_in_draws
from detente.plan.problem import Lattice, Problem, Step
from detente.plan.verify import duration, gather
from detente.space.draws import draws
from detente.space.states import StateSpace
from tests.literal.plan_values import random_case


def random_order(problem: Problem, rng: random.Random) -> list[Step]:
    """Some way to the target, several options at a time."""
    lattice: Lattice = problem.lattice
    cell, steps = lattice.origin, []
    while cell != lattice.target:
        after = tuple(rng.randint(p, t) for p, t in zip(cell, lattice.target, strict=True))
        if after == cell:
            continue
        movers = tuple({lattice.owners[a] for a in range(len(cell)) if after[a] != cell[a]})
        steps.append(Step(cell, after, movers, atomic=rng.random() < 0.3, periods=duration(problem, cell, after)))
        cell = after
    return steps


def uncertain(written: dict, rng: random.Random) -> None:  # type: ignore[type-arg]
    """Make some more numbers uncertain."""
    for party in written["parties"].values():
        if rng.random() < 0.5:
            party["discount"] = "0.7..0.95"
        if "scale" in party:
            party["scale"] = "3..9"
    for levels in written["plan"].get("costs", {}).values():
        for level in levels:
            levels[level] = {"once": rng.choice(("1..6", 2))}
    for levels in written["plan"].get("undo", {}).values():
        for level in levels:
            levels[level] = rng.choice(("0.5..4", "1..2..6", 3))
    if rng.random() < 0.3:
        written["disagreement"] = {"payoffs": {"p1": "-1..1"}}


def agree(seed: int, count: int) -> bool:
    """Every number of a random order in every draw equals that of the case with the draw written into it."""
    rng = random.Random(seed)
    written, target = random_case(seed)
    if any("utility" not in w for w in written["preferences"].values()):
        return False
    uncertain(written, rng)
    case = detente.Case.from_dict(written)
    states = StateSpace.of(case)
    try:
        problem = problem_of(case, states, target)
    except UsageError:
        return False
    steps = random_order(problem, rng)
    drawn = draws(case, count, seed)
    found = path_in_draws(drawn, states, problem, steps)
    for draw in range(count):
        one = case.change(drawn.change(draw))
        there = problem_of(one, states, target)
        again = [Step(s.before, s.after, s.movers, s.atomic, duration(there, s.before, s.after)) for s in steps]
        expected = gather(there, again)
        for field in fields(found):
            a, b = getattr(found, field.name), getattr(expected, field.name)
            told = (seed, draw, field.name)
            if field.name == "accused" and not (expected.alarm > 0).any():
                continue
            if field.name == "withheld":
                assert a.keys() == b.keys()
                assert all(a[k][draw] == pytest.approx(b[k][0], abs=1e-7) for k in a), told
            elif field.name == "pretences":
                compare_pretences(a, b, draw)
            elif isinstance(a, np.ndarray):
                assert a[draw] == pytest.approx(b[0], abs=1e-7), told
            else:
                assert a == pytest.approx(b), told
    return True


def compare_pretences(found: tuple, expected: tuple, draw: int) -> None:  # type: ignore[type-arg]
    assert [(p.party, p.truth, p.since) for p in found] == [(p.party, p.truth, p.since) for p in expected]
    for one, other in zip(found, expected, strict=True):
        for name in ("flow", "found", "chance", "unpaid", "spent"):
            assert getattr(one, name)[draw] == pytest.approx(getattr(other, name)[0], abs=1e-7), name


def test_numbers_of_an_order_in_draws() -> None:
    assert sum(agree(seed, 2) for seed in range(150)) > 85


def ordered(seed: int) -> bool:
    """An order of states in a draw gives what a utility with the drawn worths gives, where every state is feasible."""
    rng = random.Random(seed)
    written, target = random_case(seed)
    orders = [p for p, w in written["preferences"].items() if "ranking" in w]
    if not orders or "infeasible" in written:
        return False
    case = detente.Case.from_dict(written)
    states = StateSpace.of(case)
    problem = problem_of(case, states, target)
    drawn = draws(case, 2, seed)
    found = path_in_draws(drawn, states, problem, steps := random_order(problem, rng))
    for draw in range(2):
        one = case.change(drawn.change(draw))
        tree = {**one.tree, "preferences": dict(one.tree["preferences"])}
        for party in orders:
            worths = Flow.of(case, party, states).in_draws(drawn, states.digits)[draw]
            assert min(worths) == 0
            assert max(worths) == pytest.approx(1)
            tree["preferences"][party] = {
                "utility": dict(zip(states_as_conditions(states), worths.tolist(), strict=True))
            }
        there = problem_of(detente.Case.from_dict(tree), states, target)
        again = [Step(s.before, s.after, s.movers, s.atomic, duration(there, s.before, s.after)) for s in steps]
        expected = gather(there, again)
        for name in ("flow", "walk", "stake", "disagreement"):
            told = (seed, draw, name)
            assert getattr(found, name)[draw] == pytest.approx(getattr(expected, name)[0], abs=1e-7), told
    return True


def states_as_conditions(states: StateSpace) -> list[str]:
    options = states.case.file.options
    return [
        " and ".join(f"{o} == {w.levels[d]}" for (o, w), d in zip(options.items(), column, strict=True))
        for column in states.digits.T
    ]


def test_orders_in_draws() -> None:
    assert sum(ordered(seed) for seed in range(100)) > 5


@pytest.mark.sweep
def test_numbers_of_fresh_orders_in_draws() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    for number in range(5_000_000 + seed * 500, 5_000_000 + seed * 500 + 500):
        agree(number, 5)
