"""What the smallest repairs of a small problem are, over all its plans.

Problems are plain data as in ``plan_problems``. Nothing of detente is imported.
"""

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from tests.literal.plan_orders import costs, going_on, mine, plans, pretending

Plain = dict[str, Any]
Plan = list[Any]
FAR = 1000.0  # stakes; what needs more is no repair


def margins(problem: Plain, plan: Plan) -> Iterator[tuple[int, float, float]]:
    """Every single condition on a plan: party, what it must reach (a share of the stake), its value now."""
    pauses = [plan[0][0]] + [step[1] for step in plan]
    for i, party in enumerate(problem["parties"]):
        values, axes, d = going_on(problem, plan, i), mine(problem, i), problem["discount"][i]
        stake, asked = problem["stake"][i], problem["margin"]
        paying = 0.0 if problem["patient"] else 1 - d
        once = (1 - d) * sum(sum(problem["cost"][k][1:]) for k in axes)
        yield i, 0.0, (problem["flow"][i][pauses[-1]] - once - problem["disagreement"][i]) / stake
        yield i, asked, (values[0] - problem["disagreement"][i]) / stake
        hideable = [k for k in axes if k in problem["caught"]]
        for t, cell in enumerate(pauses):
            yield i, asked, (values[t] - problem["walk"][i][cell]) / stake
            if t and len(plan[t - 1][2]) > 1 and not plan[t - 1][3] and party in plan[t - 1][2]:
                before, after = plan[t - 1][:2]
                kept = tuple(before[k] if k in axes else after[k] for k in range(len(cell)))
                spent = paying * costs(problem, axes, before, after)
                yield i, asked, (values[t] - spent - problem["walk"][i][kept]) / stake
            for positions in product(*[sorted({pauses[j][k] for j in range(t + 1)}) for k in hideable]):
                true = {k: p for k, p in zip(hideable, positions, strict=True) if p != cell[k]}
                if true:
                    really = tuple(true.get(k, p) for k, p in enumerate(cell))
                    clean = paying * costs(problem, list(true), really, cell)
                    yield i, asked, (values[t] - clean - pretending(problem, plan, i, t, true)) / stake


def with_breach(problem: Plain, amounts: dict[int, float]) -> Plain:
    """Leaving costs party i more."""
    walk = [{c: v - amounts.get(i, 0.0) for c, v in w.items()} for i, w in enumerate(problem["walk"])]
    breach = [{c: v + amounts.get(i, 0.0) for c, v in b.items()} for i, b in enumerate(problem["breach"])]
    return {**problem, "walk": walk, "breach": breach}


def with_breach_of(i: int, problem: Plain, amount: float) -> Plain:
    """Leaving costs one party more."""
    return with_breach(problem, {i: amount})


def with_payment(i: int, payer: int | None, problem: Plain, worth: float) -> Plain:
    """Going on is worth more to party i, and less to the payer."""
    add = [0.0] * len(problem["parties"])
    add[i] += worth
    if payer is not None:
        add[payer] -= worth * problem["money"][payer] / problem["money"][i]
    return {**problem, "flow": [{c: v + a for c, v in f.items()} for f, a in zip(problem["flow"], add, strict=True)]}


def with_detection(problem: Plain, chance: float, axes: list[int]) -> Plain:
    """Pretending is found out at least so often."""
    caught = {k: {c: max(v, chance) if k in axes else v for c, v in q.items()} for k, q in problem["caught"].items()}
    return {**problem, "caught": caught}


def interval(plain: Callable[[float], Plain], plan: Plan) -> tuple[float, float]:
    """Amounts with which a plan holds: every condition is a straight line in the amount."""
    low, high = 0.0, math.inf
    for (_, asked, zero), (_, _, one) in zip(margins(plain(0.0), plan), margins(plain(1.0), plan), strict=True):
        slope, short = one - zero, asked - zero
        if abs(slope) < 1e-13:
            if short > 1e-9:
                return math.inf, -math.inf
        elif slope > 0:
            low = max(low, short / slope)
        else:
            high = min(high, short / slope)
    return low, high


def least(problem: Plain, lever: Callable[[Plain, float], Plain], scale: float) -> float | None:
    """The smallest amount of a lever with which some plan holds."""
    found = [interval(lambda a: lever(problem, a), plan) for plan in plans(problem)]
    amounts = [low for low, high in found if low <= high + 1e-9 and low <= FAR * scale]
    return min(amounts, default=None)


def least_together(problem: Plain) -> float | None:
    """The smallest share of the stake that, as a breach cost of every party, makes some plan hold."""
    stakes = problem["stake"]
    return least(problem, lambda q, a: with_breach(q, {i: a * s for i, s in enumerate(stakes)}), 1.0)


def least_chance(problem: Plain, axes: list[int], points: int = 33) -> float | None:
    """The smallest chance from which on (as far as a grid shows) some one plan holds."""

    def holds(plan: Plan, chance: float) -> bool:
        return all(value >= asked - 1e-12 for _, asked, value in margins(with_detection(problem, chance, axes), plan))

    best = None
    for plan in plans(problem):
        low, high = 0.0, None
        for n in range(points, -1, -1):
            if not holds(plan, n / points):
                low = n / points
                break
            high = n / points
        if high is None or (best is not None and low > best):
            continue
        if high > 0:
            for _ in range(40):
                middle = (low + high) / 2
                low, high = (low, middle) if holds(plan, middle) else (middle, high)
        best = high if best is None else min(best, high)
    return best
