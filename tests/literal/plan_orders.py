"""Every plan of a small problem, one by one: all orders, all chunkings, all atomic steps. Slow, and as the words say.

Problems and plans are plain data as ``plan_problems`` makes them; nothing of detente is imported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

Plain = dict[str, Any]
Cell = tuple[int, ...]
Plan = list[tuple[Cell, Cell, set[str], bool, int]]
Objectives = tuple[bool, float, int, int, int]

TIED = 1e-9


def steps_from(problem: Plain, cell: Cell) -> Iterator[tuple[Cell, set[str], bool, int]]:
    """All steps from a pause: (next pause, movers, atomic, periods)."""
    shape, owners = problem["shape"], problem["owners"]
    for after in product(*(range(p, n) for p, n in zip(cell, shape, strict=True))):
        moved = [k for k in range(len(shape)) if after[k] > cell[k]]
        if not moved or not problem["feasible"][after]:
            continue
        movers = {owners[k] for k in moved}
        kinds = [False] if len(movers) == 1 else [False] * problem["together"] + [True] * problem["escrow"]
        slow = max(sum(problem["takes"][k][x] for x in range(cell[k] + 1, after[k] + 1)) for k in moved)
        for atomic in kinds:
            yield after, movers, atomic, max(problem["step"], math.ceil(slow - 1e-9))


def plans(problem: Plain, origin: Cell | None = None) -> Iterator[Plan]:
    """All plans in time, from a cell, as lists of (before, after, movers, atomic, periods)."""
    target = tuple(n - 1 for n in problem["shape"])

    def onward(path: Plan, cell: Cell, used: int) -> Iterator[Plan]:
        if problem["deadline"] is not None and used > problem["deadline"]:
            return
        if cell == target:
            yield list(path)
            return
        for after, movers, atomic, periods in steps_from(problem, cell):
            path.append((cell, after, movers, atomic, periods))
            yield from onward(path, after, used + periods)
            path.pop()

    yield from onward([], (0,) * len(target) if origin is None else origin, 0)


def costs(problem: Plain, axes: list[int], before: Cell, after: Cell) -> float:
    """What the owner pays for the positions passed on some axes."""
    return sum(float(problem["cost"][k][x]) for k in axes for x in range(before[k] + 1, after[k] + 1))


def going_on(problem: Plain, plan: Plan, i: int) -> list[float]:
    """V_i at every pause."""
    d, target = problem["discount"][i], plan[-1][1]
    a, u, acc = problem["alarm"], problem["flow"][i], problem["accused"][i]
    axes = mine(problem, i)
    values = [((1 - d) * u[target] + d * a[target] * acc[target]) / (1 - d * (1 - a[target]))]
    for before, after, _, _, periods in reversed(plan):
        if problem["patient"]:
            values.insert(0, values[0])
            continue
        value = d * (
            a[before] * acc[after] + (1 - a[before]) * values[0] - (1 - d) * costs(problem, axes, before, after)
        )
        value += (1 - d) * u[before]
        for _ in range(periods - 1):  # one period longer at the state before the step, period by period
            value = (1 - d) * u[before] + d * (a[before] * acc[before] + (1 - a[before]) * value)
        values.insert(0, value)
    return values


def mine(problem: Plain, i: int) -> list[int]:
    """Axes of a party."""
    return [k for k, owner in enumerate(problem["owners"]) if owner == problem["parties"][i]]


def pretending(problem: Plain, plan: Plan, i: int, t: int, true: dict[int, int]) -> float:
    """C_i from pause t on, axes ``true`` (axis -> position) standing elsewhere than shown."""
    d = problem["discount"][i]
    pauses = [plan[0][0]] + [step[1] for step in plan]
    open_axes = [k for k in mine(problem, i) if k not in true]

    def period(shown: Cell, after: float) -> float:
        really = tuple(true.get(k, p) for k, p in enumerate(shown))
        missed = math.prod(1 - problem["caught"][k][shown] for k in true)
        now = (1 - d) * problem["flow"][i][really]
        caught = d * (1 - missed) * (problem["snapped"][i][really] - problem["breach"][i][shown])
        return float(now + caught + d * missed * after)

    last = pauses[-1]
    really = tuple(true.get(k, p) for k, p in enumerate(last))
    missed = math.prod(1 - problem["caught"][k][last] for k in true)
    once = (1 - d) * problem["flow"][i][really] + d * (1 - missed) * (
        problem["snapped"][i][really] - problem["breach"][i][last]
    )
    value = once / (1 - d * missed)
    for r in range(len(plan) - 1, t - 1, -1):
        if not problem["patient"]:
            value -= (1 - d) * costs(problem, open_axes, pauses[r], pauses[r + 1])
        for _ in range(plan[r][4]):
            value = period(pauses[r], value)
    return float(value)


def shares(problem: Plain, plan: Plan, *, remembered: bool = True) -> list[list[float]]:
    """Per pause and party, the smallest share of the stake over all deviations.

    With ``remembered=False`` a wrong reading: only the status quo's positions can be pretended.
    """
    pauses = [plan[0][0]] + [step[1] for step in plan]
    rows = [[math.inf] * len(problem["parties"]) for _ in pauses]
    for i, party in enumerate(problem["parties"]):
        values, axes, d = going_on(problem, plan, i), mine(problem, i), problem["discount"][i]
        paying = 0.0 if problem["patient"] else 1 - d
        hideable = [k for k in axes if k in problem["caught"]]
        for t, cell in enumerate(pauses):
            margins = [values[t] - problem["walk"][i][cell]]
            if t == 0:
                margins.append(values[t] - problem["disagreement"][i])
            elif len(plan[t - 1][2]) > 1 and not plan[t - 1][3] and party in plan[t - 1][2]:
                before, after = plan[t - 1][:2]
                without = tuple(before[k] if k in axes else after[k] for k in range(len(cell)))
                margins.append(values[t] - paying * costs(problem, axes, before, after) - problem["walk"][i][without])
            seen = [sorted({pauses[j][k] for j in (range(t + 1) if remembered else (0, t))}) for k in hideable]
            for positions in product(*seen):
                true = {k: p for k, p in zip(hideable, positions, strict=True) if p != cell[k]}
                if true:
                    really = tuple(true.get(k, p) for k, p in enumerate(cell))
                    clean = paying * costs(problem, list(true), really, cell)
                    margins.append(values[t] - clean - pretending(problem, plan, i, t, true))
            rows[t][i] = min(margins) / problem["stake"][i]
    return rows


def judged(problem: Plain, plan: Plan, **reading: bool) -> Objectives:
    """(holds, interior, periods, steps, atomic steps)."""
    rows = shares(problem, plan, **reading)
    interior = min(min(row) for row in rows[:-1])
    holds = min(interior, *rows[-1]) >= problem["margin"] - TIED
    return holds, interior, sum(s[4] for s in plan), len(plan), sum(s[3] for s in plan)


def best(problem: Plain, **reading: bool) -> Objectives | None:
    """The objectives of the best plan, or None if there is none."""
    found = [judged(problem, plan, **reading) for plan in plans(problem)]
    if not found:
        return None
    found = [f for f in found if f[0] == max(g[0] for g in found)]
    top = max(f[1] for f in found)
    return min((f for f in found if f[1] >= top - TIED), key=lambda f: f[2:])
