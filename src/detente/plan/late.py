"""What is left where the work does not fit the deadline: a later deadline, or a smaller target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detente.plan.mending import Bench, Facts, Rebuild, Repair
from detente.plan.problem import TIED, Order, Problem
from detente.plan.rewrites import smaller_target
from detente.plan.smallest import Find, Mended, shares, starting


def late_repairs(
    problem: Problem, order: Order, rebuild: Rebuild, find: Find, facts: Facts
) -> tuple[Repair, ...]:  # fmt: skip
    """Changes with which a plan holds that has too little time as it is.

    Args:
        problem: without its deadline.
        order: its best order.
        rebuild: edits -> problem of the changed case, its deadline in force.
        find: the search.
        facts: smaller targets to try.
    """
    none = np.empty((0, len(problem.parties)))
    found = shares(problem, order) if order.steps else none
    bench = Bench(problem, order, find, rebuild, facts, found)
    return (*_later(bench), *smaller_target(bench))


def _later(bench: Bench) -> Iterator[Repair]:
    """The deadline by which the order would be carried out, if it holds."""
    problem, order = bench.problem, bench.order
    if not order.steps or bench.shares.min() < problem.margin - TIED or starting(problem).min() < -TIED:
        return
    periods = float(sum(s.periods for s in order.steps))
    yield bench.repair("deadline", Mended(periods, problem, order, bench.shares), amount=periods)
