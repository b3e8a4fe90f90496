"""The time that the work takes, and what is left where it does not fit the deadline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np

from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.model import Case
from detente.plan.mending import Bench, Facts, Rebuild, Repair
from detente.plan.problem import TIED, Order, Problem
from detente.plan.rewrites import smaller_target
from detente.plan.smallest import Find, Mended, shares, starting


def time_needed(case: Case, today: Sequence[int], target: Sequence[int]) -> int:
    """Whole periods that the work needs at least, as the physical test counts them.

    Args:
        case: the case.
        today, target: level numbers, one per option.
    """
    block = case.file.plan or PlanBlock()
    step, needed = int(case.mean(block.step)), dict[str, int]()
    for (option, written), start, end in zip(case.file.options.items(), today, target, strict=True):
        if start == end:
            continue
        passed = range(start + 1, end + 1) if end > start else range(end, start)
        takes = {_number(written.levels, level): case.mean(a) for level, a in block.takes.get(option, {}).items()}
        total = sum(float(takes.get(n, 0)) for n in passed)
        needed[written.party] = max(needed.get(written.party, step), ceil(total - TIED))
    at_once = block.together or block.escrow
    return max(needed.values(), default=0) if at_once else sum(needed.values())


def _number(levels: Sequence[str], level: str) -> int:
    return int(level) if level.isdigit() else list(levels).index(level)


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
