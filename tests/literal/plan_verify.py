"""A written order judged from the definitions, formula by formula: every deviation of every party at every pause.

Problems and orders are plain data, see ``plan_problems``. Nothing of detente is imported.
"""

from __future__ import annotations

from itertools import product
from math import prod

from tests.literal.plan_problems import Cell, Plain, Written

TIED = 1e-9
Deviations = list[tuple[str, tuple[tuple[int, int], ...], float]]  # kind, true positions, value


class Judged:
    """One order.

    Args:
        problem: plain data.
        plan: the order.
        side: side payments per pause and party, in money.
    """

    def __init__(self, problem: Plain, plan: list[Written], side: list[list[float]] | None = None) -> None:
        self.problem, self.plan, self.side = problem, plan, side
        self.cells: list[Cell] = [(0,) * len(problem["shape"]), *(p[1] for p in plan)]
        self.last = len(plan)

    def axes(self, i: int) -> list[int]:
        return [k for k, o in enumerate(self.problem["owners"]) if o == self.problem["parties"][i]]

    def paid(self, i: int, t: int, axes: list[int]) -> float:
        """(1 - delta) kappa of step t on some axes; nothing where the order of things has no worth."""
        if self.problem["patient"]:
            return 0.0
        before, after = self.cells[t - 1], self.cells[t]
        passed = sum(self.problem["cost"][k][x] for k in axes for x in range(before[k] + 1, after[k] + 1))
        return float((1 - self.problem["discount"][i]) * passed)

    def gift(self, i: int, t: int) -> float:
        if self.side is None or t == self.last:
            return 0.0
        money = self.problem["money"][i]
        return 0.0 if money != money else float(money * self.side[t][i])  # noqa: PLR0124 - not a number

    def value(self, i: int, t: int) -> float:
        """V_i at pause t."""
        problem, delta = self.problem, self.problem["discount"][i]
        end = self.cells[-1]
        if problem["patient"] or t == self.last:
            a = problem["alarm"][end]
            top = (1 - delta) * problem["flow"][i][end] + delta * a * problem["accused"][i][end]
            return float(top / (1 - delta * (1 - a)))
        here, there, d = self.cells[t], self.cells[t + 1], self.plan[t][4]
        a = problem["alarm"][here]
        y = delta * (1 - a)
        g = (1 - delta) * (problem["flow"][i][here] + self.gift(i, t))
        out = g * sum(y**k for k in range(d))
        out += delta * a * problem["accused"][i][here] * sum(y**k for k in range(d - 1))
        onward = a * problem["accused"][i][there]
        onward += (1 - a) * self.value(i, t + 1) - self.paid(i, t + 1, self.axes(i))
        return float(out + y ** (d - 1) * delta * onward)

    def pretending(self, i: int, r: int, true: dict[int, int]) -> float:
        """C_i at pause r."""
        problem, delta, shown = self.problem, self.problem["discount"][i], self.cells[r]
        cell = tuple(true.get(k, x) for k, x in enumerate(shown))
        q = 1 - prod(1 - problem["caught"][k][shown] for k in true if cell[k] != shown[k])
        z = delta * (1 - q)
        lost = delta * q * (problem["snapped"][i][cell] - problem["breach"][i][shown])
        if r == self.last:
            return float(((1 - delta) * problem["flow"][i][cell] + lost) / (1 - z))
        e = (1 - delta) * (problem["flow"][i][cell] + self.gift(i, r)) + lost
        open_axes = [k for k in self.axes(i) if k not in true]
        onward = self.pretending(i, r + 1, true) - self.paid(i, r + 1, open_axes)
        d = self.plan[r][4]
        return float(e * sum(z**k for k in range(d)) + z**d * onward)

    def deviations(self, i: int, t: int) -> Deviations:
        problem, cell = self.problem, self.cells[t]
        out: Deviations = [("walk", (), problem["walk"][i][cell])]
        if t == 0:
            return [*out, ("decline", (), problem["disagreement"][i])]
        before, after, movers, atomic, _ = self.plan[t - 1]
        mine = self.axes(i)
        if len(movers) > 1 and not atomic and problem["parties"][i] in movers:
            spoilt = tuple(before[k] if k in mine else after[k] for k in range(len(after)))
            out.append(("withhold", (), problem["walk"][i][spoilt] + self.paid(i, t, mine)))
        shut = [k for k in mine if k in problem["caught"]]
        for positions in product(*(sorted({self.cells[j][k] for j in range(t + 1)}) for k in shut)):
            true = {k: x for k, x in zip(shut, positions, strict=True) if x != cell[k]}
            if true:
                unpaid = sum(problem["cost"][k][y] for k, x in true.items() for y in range(x + 1, cell[k] + 1))
                unpaid *= 0 if problem["patient"] else 1 - problem["discount"][i]
                out.append(("conceal", tuple(true.items()), self.pretending(i, t, true) + unpaid))
        return out

    def owed(self, i: int, t: int, kind: str) -> float:
        """Patient: the balance of a step counts at both its ends; what is withheld from step t is step t's."""
        if self.side is None or not self.problem["patient"]:
            return 0.0
        money = self.problem["money"][i]
        worth = [0.0 if money != money else money * row[i] for row in self.side]  # noqa: PLR0124 - not a number
        if t == 0:
            return float(worth[0])
        return float(worth[t - 1] if kind == "withhold" else min(worth[t - 1], worth[t]))

    def margin(self, i: int, t: int) -> float:
        return min(self.value(i, t) + self.owed(i, t, kind) - value for kind, _, value in self.deviations(i, t))

    def shares(self) -> list[list[float]]:
        stake = self.problem["stake"]
        return [[self.margin(i, t) / stake[i] for i in range(len(stake))] for t in range(self.last + 1)]

    def holds(self) -> bool:
        return bool(min(map(min, self.shares())) >= self.problem["margin"] - TIED)

    def binding(self) -> tuple[int, int]:
        shares = self.shares()
        least = min(map(min, shares))
        return next((t, i) for t, row in enumerate(shares) for i, x in enumerate(row) if x <= least + TIED)


def faults(problem: Plain, plan: list[Written]) -> set[tuple[int, str]]:
    """Rules that a written order breaks: (step, which); the status quo is step 0."""
    out: set[tuple[int, str]] = set()
    cells = [(0,) * len(problem["shape"]), *(p[1] for p in plan)]
    used = 0
    for n, (before, after, movers, atomic, periods) in enumerate(plan, 1):
        used += periods
        if not problem["feasible"][after]:
            out.add((n, "pause"))
        if any(y < x for x, y in zip(before, after, strict=True)):
            out.add((n, "back"))
        if len(movers) > 1 and not atomic and not problem["together"]:
            out.add((n, "together"))
        if atomic and not problem["escrow"]:
            out.add((n, "escrow"))
        if problem["deadline"] is not None and used > problem["deadline"] and n == len(plan):
            out.add((n, "late"))
    if cells[-1] != tuple(n - 1 for n in problem["shape"]):
        out.add((len(plan), "target"))
    return out
