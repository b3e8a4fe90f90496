"""How a plan fares in draws of the uncertain numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from detente.base.errors import DetenteError
from detente.plan.build import problem_of
from detente.plan.in_draws import path_in_draws
from detente.plan.problem import TIED, Cell, Order, Step
from detente.plan.result import InDraws, Plan
from detente.plan.robust import robustness
from detente.plan.search import find_order
from detente.plan.verify import duration, judge
from detente.space.draws import Draws, draws
from detente.space.states import StateSpace

RIVAL_SECONDS = 5.0  # for all searches together
SEARCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is drawn.

    Attributes:
        draws: of the uncertain numbers.
        seed: the same seed gives the same draws.
        rivals: draws for which the best order is looked for as well.
        seconds: most time for one search.
    """

    draws: int
    seed: int
    rivals: int
    seconds: float


def fares(plan: Plan, states: StateSpace, effort: Effort) -> InDraws | None:
    """How the order, and those that are best in some draws, fare in all draws; None where nothing is uncertain.

    Args:
        plan: with an order.
        states: of its case.
        effort: how much is drawn.
    """
    made = draws(plan.case, effort.draws, effort.seed)
    order, problem = plan.order, plan.problem
    if not made.inputs or order is None:
        return None
    orders = [order, *_rivals(plan, order, states, made, effort)]
    paths = [path_in_draws(made, states, problem, o.steps, o.side) for o in orders]
    judged = [judge(p) for p in paths]
    found = robustness(orders, judged, problem.parties, problem.margin)
    lattice = problem.lattice
    movers, whole = tuple(dict.fromkeys(lattice.owners)), duration(problem, lattice.origin, lattice.target)
    last = path_in_draws(made, states, problem, (Step(lattice.origin, lattice.target, movers, True, whole),))
    share = judge(last).shares[:, -1]
    gains = last.flow[:, -1] - (1 - last.discount) * last.spent.sum(axis=1) - last.disagreement
    start = (gains >= -TIED * last.stake).all(axis=1) & (gains > TIED * last.stake).any(axis=1)
    both = start & (share >= problem.margin - TIED).all(axis=1)
    deadline = plan.tests.physical.deadline
    late = paths[0].periods.sum(axis=1) > (np.inf if deadline is None else deadline)
    return InDraws(found, effort.seed, float(both.mean()), float(late.mean()), float((judged[0].holds & ~late).mean()))


def _rivals(plan: Plan, order: Order, states: StateSpace, made: Draws, effort: Effort) -> list[Order]:
    """Other orders, each the best one in some draw."""
    if plan.chosen == "written":
        return []
    found: list[Order] = []
    seen = {_cells(order)}
    until = time.monotonic() + min(RIVAL_SECONDS, effort.seconds)
    for n in range(min(effort.rivals, made.count)):
        if time.monotonic() > until:
            break
        try:
            problem = problem_of(plan.case.change(made.change(n)), states, plan.target)
            rival = find_order(
                replace(problem, deadline=plan.problem.deadline), seconds=min(SEARCH_SECONDS, effort.seconds)
            )
        except DetenteError:
            continue
        if rival.steps and _cells(rival) not in seen:
            seen.add(_cells(rival))
            steps = (replace(s, periods=duration(plan.problem, s.before, s.after)) for s in rival.steps)
            found.append(replace(rival, steps=tuple(steps)))
    return found


def _cells(order: Order) -> tuple[tuple[Cell, bool], ...]:
    return tuple((s.after, s.atomic) for s in order.steps)
