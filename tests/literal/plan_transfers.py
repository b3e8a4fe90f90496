"""The best plan with side payments: every plan of a small problem, each with its best payments.

Margins are affine in the payments, so that the best are a linear program's: every value is a vector of weights of the
payments, one per pause before the target and party, and a constant at its end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from tests.literal.plan_orders import TIED, costs, mine, plans

Plain = dict[str, Any]
Cell = tuple[int, ...]
Vector = NDArray[np.float64]
Objectives = tuple[bool, float, int, int, int]


class Paid:
    """Values along one plan as vectors."""

    def __init__(self, problem: Plain, plan: Sequence[Any]) -> None:
        self.problem, self.plan = problem, plan
        self.cells = [plan[0][0], *(step[1] for step in plan)]
        self.n = len(problem["parties"])
        self.able = [not math.isnan(m) for m in problem["money"]]

    def number(self, value: float) -> Vector:
        out = np.zeros(len(self.plan) * self.n + 1)
        out[-1] = value
        return out

    def flow(self, i: int, t: int, cell: Cell) -> Vector:
        """What i has per period at pause t if the state is truly ``cell``."""
        out = self.number(self.problem["flow"][i][cell])
        if t < len(self.plan) and self.able[i]:
            out[t * self.n + i] = self.problem["money"][i]
        return out

    def going_on(self, i: int) -> list[Vector]:
        g, d, last = self.problem, self.problem["discount"][i], self.cells[-1]
        a, acc, axes = g["alarm"], g["accused"][i], mine(g, i)
        final = ((1 - d) * g["flow"][i][last] + d * a[last] * acc[last]) / (1 - d * (1 - a[last]))
        values = [self.number(final)]
        if g["patient"]:
            return values * len(self.cells)
        for t in range(len(self.plan) - 1, -1, -1):
            before, after, _, _, periods = self.plan[t]
            # the price of the step falls due whether or not the alarm rings in the period in which it is made
            value = (1 - a[before]) * values[0] + self.number(
                a[before] * acc[after] - (1 - d) * costs(g, axes, before, after)
            )
            value = (1 - d) * self.flow(i, t, before) + d * value
            for _ in range(periods - 1):
                later = (1 - a[before]) * value + self.number(a[before] * acc[before])
                value = (1 - d) * self.flow(i, t, before) + d * later
            values.insert(0, value)
        return values

    def pretending(self, i: int, since: int, true: Mapping[int, int]) -> Vector:
        g, d = self.problem, self.problem["discount"][i]
        rest = [k for k in mine(g, i) if k not in true]
        value: Vector | None = None
        for t in range(len(self.plan), since - 1, -1):
            shown = self.cells[t]
            really = tuple(true.get(k, p) for k, p in enumerate(shown))
            q = 1 - math.prod(1 - g["caught"][k][shown] for k in true)
            each = (1 - d) * self.flow(i, t, really)
            each = each + self.number(d * q * (g["snapped"][i][really] - g["breach"][i][shown]))
            if value is None:
                value = each / (1 - d * (1 - q))
                continue
            if not g["patient"]:
                value = value - self.number((1 - d) * costs(g, rest, shown, self.cells[t + 1]))
            for _ in range(self.plan[t][4]):
                value = each + d * (1 - q) * value
        assert value is not None
        return value

    def owed(self, i: int, t: int) -> Vector:
        """Patient: the balance of the step after pause t."""
        out = self.number(0.0)
        if 0 <= t < len(self.plan) and self.able[i]:
            out[t * self.n + i] = self.problem["money"][i]
        return out

    def margins(self, i: int, t: int, value: Vector) -> Iterator[Vector]:
        """Going on at pause t minus every deviation; patient: with the balance of the step before, and of the next."""
        for spoils, worth in self.deviations(i, t):
            if not self.problem["patient"]:
                yield value - worth
                continue
            if t > 0:
                yield value - worth + self.owed(i, t - 1)
            if not spoils:
                yield value - worth + self.owed(i, t)

    def deviations(self, i: int, t: int) -> Iterator[tuple[bool, Vector]]:
        """What every deviation of i at pause t is worth, and whether it is withholding."""
        g, cell = self.problem, self.cells[t]
        pay = 0 if g["patient"] else 1 - g["discount"][i]
        yield False, self.number(g["walk"][i][cell])
        if t == 0:
            yield False, self.number(g["disagreement"][i])
            return
        before, after, movers, atomic, _ = self.plan[t - 1]
        axes = mine(g, i)
        if len(movers) > 1 and not atomic and g["parties"][i] in movers:
            mixed = tuple(before[k] if k in axes else after[k] for k in range(len(cell)))
            yield True, self.number(g["walk"][i][mixed] + pay * costs(g, axes, before, after))
        hideable = [k for k in axes if k in g["caught"]]
        for stand in product(*(sorted({c[k] for c in self.cells[: t + 1]}) for k in hideable)):
            true = {k: p for k, p in zip(hideable, stand, strict=True) if p != cell[k]}
            if true:
                really = tuple(true.get(k, p) for k, p in enumerate(cell))
                yield False, self.pretending(i, t, true) + self.number(pay * costs(g, list(true), really, cell))

    def judged(self) -> Objectives:
        """(holds, interior, periods, steps, atomic steps), with the best payments."""
        g, last = self.problem, len(self.plan)
        rows: list[Vector] = []
        ending: list[Vector] = []
        for i in range(self.n):
            values = self.going_on(i)
            for t, value in enumerate(values):
                (rows if t < last else ending).extend(m / g["stake"][i] for m in self.margins(i, t, value))
        demand = self._solved(rows, [])
        # patient: whether it holds depends on the balance of the last step too
        kept = self._solved([*rows, *ending], []) if g["patient"] else min(demand, *(float(r[-1]) for r in ending))
        holds = kept >= g["margin"] - TIED
        if holds and g["patient"]:
            demand = self._solved(rows, ending)
        return holds, demand, sum(s[4] for s in self.plan), last, sum(s[3] for s in self.plan)

    def _solved(self, rows: list[Vector], ending: list[Vector]) -> float:
        """The largest smallest share of some rows, others being at least the margin accepted."""
        last, most = len(self.plan), self.problem["transfers"]
        rows, ending = ([r for r in some if math.isfinite(r[-1])] for some in (rows, ending))  # no way out: no demand
        size = last * self.n
        asked = [np.concatenate([-row[:-1], [1.0]]) for row in rows] + [np.append(-row[:-1], 0.0) for row in ending]
        margin = self.problem["margin"]
        given = [row[-1] for row in rows] + [row[-1] - margin + TIED for row in ending]
        balance = np.zeros((last, size + 1))
        for t in range(last):
            balance[t, t * self.n : (t + 1) * self.n] = 1
        bounds = [(-most, most) if able else (0, 0) for _ in range(last) for able in self.able]
        found = linprog(
            np.eye(size + 1)[-1] * -1,
            A_ub=np.array(asked),
            b_ub=np.array(given),
            A_eq=balance,
            b_eq=np.zeros(last),
            bounds=[*bounds, (None, None)],
        )
        return -float(found.fun or 0.0)


def best(problem: Plain, near: float = 1e-6) -> Objectives | None:
    """The objectives of the best plan, or None if there is none; shares within ``near`` are equal."""
    found = [Paid(problem, plan).judged() for plan in plans(problem)]
    if not found:
        return None
    found = [f for f in found if f[0] == max(g[0] for g in found)]
    top = max(f[1] for f in found)
    return min((f for f in found if f[1] >= top - near), key=lambda f: f[2:])
