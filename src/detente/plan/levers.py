"""Changes of a planning problem that might make a plan hold: each gives a new problem and leaves the old one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from detente.plan.problem import Floats, Problem


def with_breach_cost(problem: Problem, amounts: Mapping[str, float]) -> Problem:
    """The problem in which leaving costs some parties more.

    Args:
        problem: any.
        amounts: party -> what it loses per period from the day it leaves, on its own scale.

    Returns:
        A problem whose ``walk`` is lower and whose ``breach`` is higher by the amounts.
    """
    walk, breach = problem.walk.copy(), problem.breach.copy()
    for party, amount in amounts.items():
        walk[problem.parties.index(party)] -= amount
        breach[problem.parties.index(party)] += amount
    return replace(problem, walk=walk, breach=breach)


def with_payment(problem: Problem, party: str, worth: float, payer: str | None = None) -> Problem:
    """The problem in which a party is paid every period as long as it goes on, during the plan and at the target.

    Nobody is paid, and nobody pays, after a breakdown. One who conceals is paid until found out.

    Args:
        problem: any.
        party: who is paid.
        worth: what the payment is worth to it per period, on its own scale.
        payer: who pays it, out of money; None = somebody who is no party.

    Returns:
        A problem whose ``flow`` is higher for the party, and lower for the payer by what the same money is worth to it.

    Raises:
        ValueError: there is a payer, and the worth of money is not known for one of the two.
    """
    flow = problem.flow.copy()
    flow[problem.parties.index(party)] += worth
    if payer is not None:
        flow[problem.parties.index(payer)] -= worth * exchange(problem, party, payer)
    return replace(problem, flow=flow)


def exchange(problem: Problem, party: str, payer: str) -> float:
    """What a payer loses, on its own scale, by a payment worth 1 to a party.

    Args:
        problem: any.
        party: who is paid.
        payer: who pays.

    Raises:
        ValueError: the worth of money is not known for one of the two.
    """
    money = problem.money
    if money is None or not np.isfinite(money[[problem.parties.index(party), problem.parties.index(payer)]]).all():
        raise ValueError("the worth of money is not written for both")
    return float(money[problem.parties.index(payer)] / money[problem.parties.index(party)])


def with_detection(problem: Problem, chance: float, axes: Sequence[int] | None = None) -> Problem:
    """The problem in which pretending is found out with at least a given chance per period.

    Args:
        problem: any.
        chance: per period, wherever it is smaller now.
        axes: the concealable axes meant; None = all that can be concealed.
    """
    meant = problem.caught.keys() if axes is None else axes
    caught = {a: np.maximum(q, chance) if a in meant else q for a, q in problem.caught.items()}
    return replace(problem, caught=caught)


def with_escrow(problem: Problem) -> Problem:
    """The problem in which a third party can make a step of several parties all or nothing.

    Args:
        problem: any.
    """
    return replace(problem, escrow=True)


def with_split(problem: Problem, axis: int, position: int, parts: int) -> Problem:
    """The problem with new levels between two neighbouring positions of one axis.

    Whatever a state is worth, costs or reveals is assumed to lie on the straight line between the two old levels; the
    once-cost and the time needed are divided equally; the parties may pause at a new level where they may pause at both
    old ones. The value of leaving is the larger of several values that are linear in between, so the straight line
    never flatters a plan. A new level has the number of the level below it on the way.

    Args:
        problem: any.
        axis: the axis.
        position: the lower of the two old positions.
        parts: steps that replace the old one (2 = one new level).
    """
    lattice = problem.lattice
    new = position + np.arange(1, parts) / parts
    places = np.concatenate([np.arange(position + 1), new, np.arange(position + 1, lattice.shape[axis])])
    low = np.floor(places).astype(np.intp)
    high = np.ceil(places).astype(np.intp)

    def stretched(array: Floats, at: int) -> Floats:
        weight = (places - low).reshape([-1 if n == at else 1 for n in range(array.ndim)])
        with np.errstate(invalid="ignore"):  # minus infinity times 0, at an old level
            line = array.take(low, at) * (1 - weight) + array.take(high, at) * weight
        return np.asarray(np.where(weight == 0, array.take(low, at), line))

    def divided(values: Floats) -> Floats:
        share = np.full(parts, values[position + 1] / parts)
        return np.concatenate([values[: position + 1], share, values[position + 2 :]])

    def per_axis(rows: tuple[Floats, ...]) -> tuple[Floats, ...]:
        return tuple(divided(row) if n == axis else row for n, row in enumerate(rows))

    levels = tuple(tuple(row[n] for n in low) if a == axis else row for a, row in enumerate(lattice.levels))
    feasible = lattice.feasible.take(low, axis) & lattice.feasible.take(high, axis)
    return replace(
        problem,
        lattice=replace(lattice, levels=levels, feasible=feasible),
        flow=stretched(problem.flow, axis + 1),
        walk=stretched(problem.walk, axis + 1),
        snapped=stretched(problem.snapped, axis + 1),
        breach=stretched(problem.breach, axis + 1),
        accused=stretched(problem.accused, axis + 1),
        alarm=stretched(problem.alarm, axis),
        caught={a: stretched(q, axis) for a, q in problem.caught.items()},
        cost=per_axis(problem.cost),
        takes=per_axis(problem.takes),
    )
