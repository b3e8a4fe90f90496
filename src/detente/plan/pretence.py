"""Concealment in an integer program: one pretence, however long it is kept up, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from detente.plan.linear import ONE, ZERO, Linear, column, least, total
from detente.plan.program import PlanProgram
from detente.plan.tables import Sum, Tables

Truth = tuple[tuple[int, int], ...]


def pretences(tables: Tables, i: int) -> Iterator[Truth]:
    """Every choice of options of a party that may truly stand below the position shown, and where: (axis, position)."""
    axes = [a for a in tables.axes_of(tables.parties[i]) if a in tables.caught]
    for chosen in product(*([None, *range(tables.shape[a] - 1)] for a in axes)):
        truth = tuple((a, p) for a, p in zip(axes, chosen, strict=True) if p is not None)
        if truth:
            yield truth


def chance(tables: Tables, truth: Truth) -> Sum:
    """Chance per period that a pretence is found out, by the state shown: of at most one cluster."""
    sums = [tables.caught[axis] for axis, _ in truth]
    clusters = {c for s in sums for c in s.tables}
    missed = float(np.prod([1 - s.constant for s in sums if not s.tables]))
    if not clusters:
        return Sum(1 - missed)
    (c,) = clusters
    table = missed * np.prod([1 - s.constant - s.tables[c] for s in sums if s.tables], axis=0)
    return Sum(0.0, {c: 1 - table})


def conceal(plan: PlanProgram, i: int, truth: Truth) -> None:
    """Rows against one pretence: at no pause is it worth more than going on, less the margin.

    The worth of a pretence runs along the plan as a value does, so that its columns are the same from wherever it
    begins; it is possible where every option concerned once stood where it truly stands and is shown above.
    """
    worth = _worth(plan, i, dict(truth))
    for t in range(1, plan.horizon + 1):
        left = worth[t] + _saved(plan, i, truth, t)
        switches = [_pretended(plan, axis, position, t) for axis, position in truth]
        if ZERO not in switches:
            plan.keep(i, t, left, *(s for s in switches if s is not ONE))


def _worth(plan: PlanProgram, i: int, truth: Mapping[int, int]) -> list[Linear]:
    """What a party has at every pause if it keeps up a pretence, as a share of its stake."""
    tables, last = plan.tables, plan.horizon
    delta, stake, axes = float(tables.discount[i]), float(tables.stake[i]), tuple(truth)
    flow = tables.replaced(tables.flow[i], truth)
    snapped = [tables.replaced(s, truth) for s in tables.snapped[i]]
    breach, paid = tables.breach[i], plan.paid(i, 0).high
    low = min(flow.low / stake - paid, (max(s.low for s in snapped) - breach.high) / stake) - plan.once(i)
    high = max(flow.high / stake + paid, (max(s.high for s in snapped) - breach.low) / stake)
    worth = [column(plan.program, low, high) for _ in range(last + 1)]
    for t in range(last + 1):
        paying = ZERO if t == last else plan.paying(i, t + 1, without=axes)
        flows = plan.share(i, plan.now(flow, t)) + plan.paid(i, t)
        for q, seen in plan.groups(chance(tables, tuple(truth.items())), t):
            z = delta * (1 - q)
            for s in snapped:
                each = flows * (1 - delta) + plan.share(i, plan.now(s, t) - plan.now(breach, t)) * (delta * q)
                for d, so_long in plan.lasts[t + 1] if t < last else [(1, ONE)]:
                    after = worth[t + 1] - paying if t < last else worth[t]
                    right = each * sum(z**n for n in range(d)) + after * z**d
                    least(plan.program, worth[t] - right, 0.0, *(w for w in (seen, so_long) if w is not ONE))
    return worth


def _saved(plan: PlanProgram, i: int, truth: Truth, t: int) -> Linear:
    """Once-costs of the positions between the true ones and those shown, as a share of the stake."""
    tables = plan.tables
    parts = [
        plan.at_least[axis][p][t] * float(tables.cost[axis][p])
        for axis, position in truth
        for p in range(position + 1, tables.shape[axis])
        if tables.cost[axis][p] and not tables.patient
    ]
    return plan.share(i, total(parts)) * float(1 - tables.discount[i])


def _pretended(plan: PlanProgram, axis: int, position: int, t: int) -> Linear:
    """At least 1 where an option stood at a position at an earlier pause and stands above it at this one."""
    above = plan.at_least[axis][position + 1][t]
    if position == 0:
        return above
    if t == 1:
        return ZERO
    out = column(plan.program)
    for earlier in range(1, t):
        least(plan.program, out - plan.stands(axis, position, earlier) - above + ONE)
    return out
