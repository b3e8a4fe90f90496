"""The best patient order by trying every order, every chunking, every all-or-nothing step; balances by linear programs.

Plain data as in ``plan_problems``; the plans themselves as ``plan_orders`` lists them. Nothing of detente is imported.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linprog

from tests.literal import plan_orders
from tests.literal.plan_problems import Cell, Plain, Written
from tests.literal.plan_verify import Judged

TIED = 1e-9
Shares = dict[tuple[Cell, Cell, bool, float | None], float]
Objectives = tuple[bool, float, int, int, int]  # holds, interior, periods, steps, atomic steps


def able(problem: Plain) -> list[bool]:
    """Who can pay and be paid."""
    money = problem["money"] or [math.nan] * len(problem["parties"])
    return [m == m and problem["transfers"] > 0 for m in money]  # noqa: PLR0124 - not a number


def edge(problem: Plain, judged: Judged, t: int, asked: float | None) -> float:
    """Largest share that step t holds at its ends before the target, with the best balances; -inf if it cannot.

    A linear program in the balances and the share g: money_i b_i + room >= g stake_i at every end before the target,
    >= asked stake_i at the target; the b sum to 0 and are within the limit.
    """
    n, last = len(problem["parties"]), len(judged.plan)
    value = [judged.value(i, 0) for i in range(n)]

    def rooms(i: int, pause: int) -> float:
        deviations = [d for d in judged.deviations(i, pause) if d[0] != "withhold" or pause == t]
        return value[i] - max(v for _, _, v in deviations)

    pays = able(problem)
    rows, right = [], []
    for i in range(n):
        for pause in (t - 1, t):
            g = -problem["stake"][i]
            here = rooms(i, pause)
            if pause == last:
                if asked is None:
                    continue
                g, here = 0.0, here - asked * problem["stake"][i]
            if here == math.inf:  # no way out: no demand
                continue
            row = [0.0] * n + [g]
            row[i] = problem["money"][i] if pays[i] else 0.0
            rows.append([-x for x in row])
            right.append(here)
    bounds = [(-problem["transfers"], problem["transfers"]) if p else (0, 0) for p in pays]
    if not rows:
        return math.inf
    found = linprog(
        [0.0] * n + [-1.0],
        A_ub=np.array(rows),
        b_ub=np.array(right),
        A_eq=np.array([[1.0] * n + [0.0]]),
        b_eq=[0.0],
        bounds=[*bounds, (None, None)],
    )
    if found.status == 3:  # unbounded
        return math.inf
    return -float(found.fun or 0.0) if found.status == 0 else -math.inf


def objectives(problem: Plain, plan: list[Written], shares: Shares) -> Objectives:
    """What a plan is worth; with payments each step at its best, which does no harm to another."""
    judged = Judged(problem, plan)
    rank = sum(p[4] for p in plan), len(plan), sum(p[3] for p in plan)
    if sum(able(problem)) < 2:
        rows = judged.shares()
        return judged.holds(), min(map(min, rows[:-1])), *rank

    def interior(asked: float | None) -> float:
        found = []
        for t, p in enumerate(plan, 1):
            key = (p[0], p[1], p[3], asked)
            if key not in shares:
                shares[key] = edge(problem, judged, t, asked)
            found.append(shares[key])
        return min(found)

    margin = problem["margin"]
    target = all(
        judged.value(i, 0) - problem["walk"][i][judged.cells[-1]] >= (margin - TIED) * stake
        for i, stake in enumerate(problem["stake"])
    )
    asked = interior(margin - TIED) if target else -math.inf
    if asked >= margin - TIED:
        return True, asked, *rank
    return False, interior(None), *rank


def best(problem: Plain) -> tuple[Objectives, int] | None:
    """The objectives of the best plan and how many there are; None if there is none."""
    shares: Shares = {}
    found = []
    for plan in plan_orders.plans(problem):
        written = [(a, b, set(m), w, d) for a, b, m, w, d in plan]
        found.append(objectives(problem, written, shares))
    if not found:
        return None
    some = [f for f in found if f[0]] or found
    top = max(f[1] for f in some)
    return min((f for f in some if f[1] >= top - TIED), key=lambda f: f[2:]), len(found)
