"""The best order of a plan by integer programs: with side payments, or on lattices too large to list.

A plan that the solver finds is judged by exact numbers; one that does not keep what it promises is barred, a pretence
that the program did not know of is added, and the program is solved again. Only bounds are the solver's.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from detente.mechanics.milp import Deadline, Program, Solution
from detente.plan.judged import Judged, judged, steps_of
from detente.plan.linear import Linear, fixed, least, total
from detente.plan.nearby import Nearby
from detente.plan.pretence import Truth, conceal
from detente.plan.problem import TIED, Cell, Floats, Order, Problem
from detente.plan.program import PlanProgram
from detente.plan.separate import separated
from detente.plan.tables import Tables

SECONDS = 60.0
SIZE = 1000.0  # of a share in an objective: the solver's absolute tolerances are then small against it
NEAR = 1e-6  # shares as close as that are equal for the solver
ROUNDS = 60  # programs solved at most for one objective
LARGE = 10_000  # states on a lattice where good plans are looked for by small changes first
NEARBY = 0.25  # part of the time that goes into them
FIRST = 0.85  # when the search for the largest margin ends, before periods and steps are saved
JOINED = 50_000  # cells of clusters of several options, times steps, that a program is built of at most
BUILT = 2_500  # of them in a second allowed: what building takes is then well below the time there is


def milp_order(problem: Problem, seconds: float = SECONDS) -> Order:
    """The best order on a lattice that is listed.

    Args:
        problem: what is planned.
        seconds: time after which the best order found so far is returned, not proven.

    Returns:
        The order, whose ``bound`` no order exceeds (among those that hold, if it holds), within the solver's
        tolerances. Without any permitted way to the target: no steps and a bound of -inf.
    """
    return best_order(separated(problem), seconds)


def longest(tables: Tables) -> int:
    """Most steps that a plan can have."""
    steps = sum(n - 1 for n in tables.shape)
    return steps if tables.deadline is None else min(steps, tables.deadline // tables.step)


def affordable(tables: Tables, seconds: float) -> int:
    """Most steps of a plan for which a program can be built without taking the time there is; 0 for none.

    Args:
        tables: what is planned.
        seconds: time there is.
    """
    joined = sum(prod(tables.shape[a] for a in axes) for axes in tables.clusters if len(axes) > 1)
    most = longest(tables)
    return min(most, int(min(JOINED, BUILT * seconds)) // joined) if joined else most


def best_order(tables: Tables, seconds: float = SECONDS, horizon: int | None = None) -> Order:
    """The best order of a problem given by clusters.

    Args:
        tables: what is planned.
        seconds: as in ``milp_order``.
        horizon: most steps considered, if fewer than a plan can have; what is proven is then proven of plans with so
            few steps only, so that nothing is called proven, and no bound is told. None for as many as can be afforded.
    """
    most = longest(tables)
    if most < 1:
        return Order((), None, proven=True, bound=-np.inf, method="milp")
    steps = affordable(tables, seconds) if horizon is None else min(most, horizon)
    if steps < 1:
        return Order((), None, proven=False, bound=np.inf, method="milp")
    order = _Hunt(tables, steps, seconds).order()
    return order if steps == most else replace(order, proven=False, bound=np.inf)


class _Hunt:
    """One search: first among the plans that hold, then, if there are none, among all."""

    def __init__(self, tables: Tables, horizon: int, seconds: float) -> None:
        self.first, self.all = Deadline(seconds * FIRST), Deadline(seconds)
        self.tables, self.plan = tables, PlanProgram(tables, horizon)
        self.known: set[tuple[int, Truth]] = set()
        self.proven = True
        self.start: Judged | None = None
        if prod(tables.shape) > LARGE and not tables.caught and tables.transfers == 0:
            cells = Nearby(tables, horizon).best(Deadline(seconds * NEARBY))
            if cells is not None:
                steps = steps_of(tables, cells, [tables.escrow] * (len(cells) - 1))
                self.start = judged(tables, steps, None, -np.inf, None)

    def order(self) -> Order:
        """The best order."""
        tables = self.tables
        ends = [self.plan.final(i) * s - tables.most(tables.walk[i], tables.target) for i, s in enumerate(tables.stake)]
        if all(e >= (tables.margin - TIED) * s for e, s in zip(ends, tables.stake, strict=True)):
            found = _Best(self, holding=True).order()
            if found is not None:
                return found
        found = _Best(self, holding=False).order()
        return found or Order((), None, self.proven, -np.inf if self.proven else self.plan.margin.high, "milp")

    def learn(self, plan: Judged) -> bool:
        """Add the pretences that a plan does not withstand; False if the program knew them all."""
        new = set(plan.tempting) - self.known
        for i, truth in sorted(new):
            if self.all.left <= 0:
                break
            conceal(self.plan, i, truth)
            self.known.add((i, truth))
        return bool(new)


class _Best:
    """The best plan among those that hold, or among all."""

    def __init__(self, hunt: _Hunt, *, holding: bool) -> None:
        self.hunt, self.plan, self.tables, self.holding = hunt, hunt.plan, hunt.tables, holding
        self.tied = NEAR if self.tables.transfers > 0 else TIED  # payments are the solver's numbers
        self.pool: list[Judged] = []
        self.seen: list[Judged] = []
        self.barred: list[tuple[tuple[Cell, ...], tuple[bool, ...]]] = []
        self.doubt = -np.inf
        self.unsure = False  # whether a plan was barred that other payments may make good enough

    def order(self) -> Order | None:
        """The best order; None if there is none, or none was found in time."""
        if self.hunt.start is not None and self._holds(self.hunt.start):
            self.pool.append(self.hunt.start)
        found = self._search(self.plan.margin * SIZE, None, self.hunt.first)
        if not self.pool:
            self.hunt.proven = self.hunt.proven and found.status == "infeasible"
            return None
        top = max(p.interior for p in self.pool)
        limit = self.plan.margin.high
        if found.status != "infeasible":  # there is a plan: that there is none would be an error of the solver
            limit = min(limit, max(found.bound / SIZE, self.doubt))
        proven = self.hunt.proven and found.status == "optimal" and abs(limit - top) <= NEAR
        fewest = -np.inf
        if proven or self.hunt.start is None:
            saving = self._search(self._effort() * -1.0, top, self.hunt.all)
            top = max(p.interior for p in self.pool)
            fewest = -saving.bound if saving.status == "optimal" else -np.inf
        best = min((p for p in self.pool if p.interior >= top - self.tied), key=lambda p: (p.rank, -p.interior))
        proven = proven and not self.unsure and self._weight(best) <= fewest + 0.5
        return Order(best.steps, best.side, proven, max(limit, best.interior), "milp")

    def _effort(self) -> Linear:
        """Periods first, then steps, then atomic steps, as one whole number."""
        base = self.plan.horizon + 1.0
        return self.plan.periods * base**2 + self.plan.steps * base + self.plan.escrows

    def _weight(self, plan: Judged) -> float:
        base = self.plan.horizon + 1.0
        return plan.rank[0] * base**2 + plan.rank[1] * base + plan.rank[2]

    def _search(self, objective: Linear, reached: float | None, deadline: Deadline) -> Solution:
        """Solve until a plan keeps what the program says of it; what is found goes into the pool.

        Args:
            objective: what is made large.
            reached: smallest interior share asked for, None if it is the objective.
            deadline: for all programs together.
        """
        found = Solution("limit", None, np.inf)
        for _ in range(ROUNDS):
            work = self._work(reached)
            found = work.maximise(objective.terms, deadline)
            if found.values is None:
                return found
            said = float(found.values[next(iter(self.plan.margin.terms))]) if reached is None else reached
            plan = self._judged(found, said)
            if self.hunt.learn(plan):
                self.seen.clear()  # other payments may withstand what is known now
                continue
            if plan.interior >= said - (NEAR if reached is None else self.tied) and self._holds(plan):
                # without anything to choose the solver gives no bound: what it found is the only plan
                only = np.isinf(found.bound) and found.status == "optimal"
                return replace(found, bound=_at(objective, found) if only else found.bound + objective.constant)
            if found.status == "limit":
                return found
            self.barred.append((self._cells(found), self._whole(found)))
            self.doubt = max(self.doubt, said)  # what the program says of it may be right
            self.unsure |= self.tables.transfers > 0 and plan.interior >= said - 10 * NEAR
        return Solution("limit", None, found.bound)

    def _work(self, reached: float | None, *, barring: bool = True) -> Program:
        """The program with what is asked for, without what is barred."""
        plan, work = self.plan, self.plan.program.copy()
        if self.holding:
            plan.hold(work)
        if reached is not None:
            least(work, plan.margin, reached - NEAR)
        for cells, atomic in self.barred if barring else ():
            same = [plan.at_cell(c, t) for t, c in enumerate(cells)]
            same += [(plan.atomic[t] if w else fixed(1.0) - plan.atomic[t]) for t, w in enumerate(atomic, 1)]
            together = total(same)
            least(work, together * -1.0, 1.0 - together.high)
        return work

    def _holds(self, plan: Judged) -> bool:
        return not self.holding or min(plan.interior, plan.ending) >= self.tables.margin - TIED

    def _cells(self, found: Solution) -> tuple[Cell, ...]:
        """The pauses of a plan found, the target once."""
        assert found.values is not None  # noqa: S101 - asked before
        cells = [self.tables.origin]
        while cells[-1] != self.tables.target:
            t = len(cells)
            rows = self.plan.at_least
            cells.append(tuple(sum(round(_at(row[t], found)) for row in axis[1:-1]) for axis in rows))
        return tuple(cells)

    def _whole(self, found: Solution) -> tuple[bool, ...]:
        return tuple(_at(a, found) > 0.5 for a in self.plan.atomic[1 : len(self._cells(found))])

    def _judged(self, found: Solution, said: float) -> Judged:
        """A plan found with its exact numbers, put into the pool if it is one of those looked for."""
        tables = self.tables
        steps = steps_of(tables, self._cells(found), self._whole(found))
        for known in self.seen:
            if known.steps == steps:
                return known
        ending = tables.margin - NEAR if self.holding else None
        sides = self._sides(found, len(steps)) if tables.transfers > 0 else [None]
        plans = [judged(tables, steps, side, said - NEAR, ending) for side in sides]
        plan = max(plans, key=lambda p: (self._holds(p), p.interior))
        self.seen.append(plan)
        if self._holds(plan):
            self.pool.append(plan)
        return plan

    def _sides(self, found: Solution, steps: int) -> list[Floats]:
        """The side payments of a plan found, and those that a program makes as good as can be."""
        plan, kept = self.plan, self._work(None, barring=False)
        choices = [row[t] for axis in plan.at_least for row in axis[1:-1] for t in range(1, plan.horizon)]
        for choice in (*choices, *plan.bare, *plan.atomic):
            if choice.terms:
                kept.row(choice.terms, round(_at(choice, found)), round(_at(choice, found)))
        better = kept.maximise((plan.margin * SIZE**2).terms, self.hunt.all, solvable=True)
        return [self._side(f, steps) for f in (found, better) if f.values is not None]

    def _side(self, found: Solution, steps: int) -> Floats:
        """Side payments of a solution, in money, without what is but rounding."""
        most = self.tables.transfers
        out = np.array([[_at(x, found) * most for x in row] for row in self.plan.side[:steps]])
        out[np.abs(out) < NEAR * most] = 0.0
        for row in out:
            row[int(np.argmax(np.abs(row)))] -= row.sum()
        return np.concatenate([out, np.zeros((1, out.shape[1]))])


def _at(what: Linear, found: Solution) -> float:
    """Value of a sum in a solution."""
    assert found.values is not None  # noqa: S101 - asked before
    return what.constant + sum(w * float(found.values[c]) for c, w in what.terms.items())
