"""Good plans to begin with on lattices too large to list: small changes to a plan, kept while they make it better.

What is found here is judged like any other plan; it proves nothing, but the integer program need not look below it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detente.mechanics.milp import Deadline
from detente.plan.judged import periods
from detente.plan.problem import TIED, Cell, Floats
from detente.plan.tables import Sum, Tables
from detente.plan.verify import PathValues, judge

Ints = NDArray[np.int64]
Pauses = tuple[Cell, ...]
SMALLEST = 3  # how many pauses, the worst first, plans are compared by
ROUNDED = 9  # digits of a share
SHAKES = 1_000


@dataclass(frozen=True, eq=False)
class Lookup:
    """Many sums over clusters at many cells at once.

    Attributes:
        worth: one row per sum, one column per cell of any cluster, shape (sums, cells).
        constant: shape (sums,).
        strides: turns positions into column numbers, shape (axes, clusters).
        first: column where each cluster begins.
    """

    worth: Floats
    constant: Floats
    strides: Ints
    first: Ints

    @classmethod
    def of(cls, tables: Tables, sums: list[Sum]) -> Lookup:
        """Prepare some sums."""
        shapes = [tuple(tables.shape[a] for a in axes) for axes in tables.clusters]
        sizes = [int(np.prod(s)) for s in shapes]
        first = np.concatenate([[0], np.cumsum(sizes)])
        worth = np.zeros((len(sums), first[-1]))
        for row, what in enumerate(sums):
            for c, table in what.tables.items():
                worth[row, first[c] : first[c + 1]] = table.reshape(-1)
        strides = np.zeros((len(tables.shape), len(shapes)), np.int64)
        for c, (axes, shape) in enumerate(zip(tables.clusters, shapes, strict=True)):
            for n, axis in enumerate(axes):
                strides[axis, c] = int(np.prod(shape[n + 1 :]))
        return cls(worth, np.array([s.constant for s in sums]), strides, first[:-1])

    def at(self, cells: Ints) -> Floats:
        """Every sum at cells, shape (*cells, axes) to (*cells, sums)."""
        columns = cells @ self.strides + self.first
        out = np.array([row[columns].sum(axis=-1) for row in self.worth])
        return np.asarray(np.moveaxis(out, 0, -1) + self.constant)


class Nearby:
    """A search among plans without concealment and payments."""

    def __init__(self, tables: Tables, horizon: int, seed: int = 0) -> None:
        self.tables, self.horizon = tables, horizon
        self._random = random.Random(seed)  # noqa: S311 - a plan, not a secret
        self._sums: list[Sum] = [*tables.flow, tables.alarm]
        self._walk = [self._rows(rows) for rows in tables.walk]
        self._accused = [self._rows(rows) for rows in tables.accused]
        self._lookup = Lookup.of(tables, self._sums)
        self._spent = [np.cumsum(row) for row in tables.cost]

    def best(self, deadline: Deadline, shakes: int = SHAKES) -> Pauses | None:
        """The pauses of the best plan found in time: all starts are climbed from, then the best plan is shaken.

        Args:
            deadline: when to stop.
            shakes: how often to shake at most.
        """
        found: Pauses | None = None
        top: tuple[float, ...] = ()
        starts = self._starts()
        while deadline.left > 0:
            start = next(starts, None)
            if start is None:
                if found is None or shakes == 0:
                    return found
                start, shakes = self._shaken(found), shakes - 1
            if not self._permitted(start):
                continue
            plan, score = self._climbed(start, deadline)
            if found is None or score > top:
                found, top = plan, score
        return found

    def _rows(self, sums: tuple[Sum, ...]) -> list[int]:
        self._sums.extend(sums)
        return list(range(len(self._sums) - len(sums), len(self._sums)))

    # --- climbing ----------------------------------------------------------------------------------------------------

    def _climbed(self, plan: Pauses, deadline: Deadline) -> tuple[Pauses, tuple[float, ...]]:
        """The plan that small changes lead to, as long as the best of them makes it better."""
        (score,) = self._scores([plan])
        while deadline.left > 0:
            near = list({p for p in self._changes(plan) if p != plan and self._permitted(p)})
            if not near:
                break
            scores = self._scores(sorted(near))
            top = max(range(len(near)), key=lambda n: scores[n])
            if scores[top] <= score:
                break
            plan, score = sorted(near)[top], scores[top]
        return plan, score

    def _changes(self, plan: Pauses) -> Iterator[Pauses]:
        """One level reached earlier or later, in a step that there is or a new one; two steps swapped or merged."""
        last = len(plan) - 1
        for axis, levels in enumerate(self.tables.shape):
            for p in range(1, levels):
                for t in range(1, last):
                    for extra in (0, 1) if last < self.horizon else (0,):
                        rows = [*plan[: t + 1], *plan[t + 1 - extra :]]
                        yield _tidy(_raised(rows, axis, p, t + extra))
                        yield _tidy(_lowered(rows, axis, p, t))
        for t in range(1, last):
            yield (*plan[:t], *plan[t + 1 :])
            middle = tuple(a + c - b for a, b, c in zip(plan[t - 1], plan[t], plan[t + 1], strict=True))
            yield (*plan[:t], middle, *plan[t + 1 :])

    def _permitted(self, plan: Pauses) -> bool:
        tables = self.tables
        if not 1 <= len(plan) - 1 <= self.horizon or len(set(plan)) < len(plan):
            return False
        if not (tables.together or tables.escrow) and any(len(self._movers(*s)) > 1 for s in _steps(plan)):
            return False
        if not all(self._pausable(c) for c in plan[1:]):
            return False
        return tables.deadline is None or sum(periods(tables, *s) for s in _steps(plan)) <= tables.deadline

    def _pausable(self, cell: Cell) -> bool:
        return self.tables.pausable(cell)

    def _movers(self, before: Cell, after: Cell) -> set[str]:
        return {o for o, a, b in zip(self.tables.owners, before, after, strict=True) if b > a}

    def _scores(self, plans: list[Pauses]) -> list[tuple[float, ...]]:
        """The smallest shares of each plan, then few periods and steps; larger is better."""
        out: list[tuple[float, ...]] = [()] * len(plans)
        for length in {len(p) for p in plans}:
            which = [n for n, p in enumerate(plans) if len(p) == length]
            cells = np.array([plans[n] for n in which], np.int64)
            last = np.array([[periods(self.tables, *s) for s in _steps(plans[n])] for n in which])
            shares = judge(self._path(cells, last)).shares
            for n, found in zip(which, scores(shares, last.sum(axis=1), self.tables.margin), strict=True):
                out[n] = found
        return out

    def _path(self, cells: Ints, last: Ints) -> PathValues:
        """The numbers of plans with as many steps, each plan where a draw would be; every joint step is atomic."""
        tables, count, n = self.tables, len(cells), len(self.tables.parties)
        found = self._lookup.at(cells)
        spent = np.zeros((count, cells.shape[1] - 1, n))
        for i, party in enumerate(tables.parties):
            for axis in tables.axes_of(party):
                spent[:, :, i] += np.diff(self._spent[axis][cells[:, :, axis]], axis=1)

        def repeated(row: Floats) -> Floats:
            return np.repeat(row[None], count, axis=0)

        return PathValues(
            repeated(tables.discount),
            repeated(tables.stake),
            repeated(tables.disagreement),
            found[..., :n],
            np.stack([found[..., rows].max(axis=-1, initial=-np.inf) for rows in self._walk], axis=-1),
            np.stack([found[..., rows].max(axis=-1) for rows in self._accused], axis=-1),
            found[..., n],
            spent,
            {},
            (),
            last,
            np.zeros((count, cells.shape[1], n)),
            tables.patient,
            tables.margin,
        )

    # --- where to begin ----------------------------------------------------------------------------------------------

    def _starts(self) -> Iterator[Pauses]:
        """Every party in turn, one to several times round, its options spread over its steps in file order."""
        owners = list(dict.fromkeys(self.tables.owners))
        for rounds in range(1, self.horizon // len(owners) + 1):
            for first in range(len(owners)):
                yield self._spread([*owners[first:], *owners[:first]] * rounds)

    def _spread(self, turns: list[str]) -> Pauses:
        cell = list(self.tables.origin)
        plan = [tuple(cell)]
        for t, party in enumerate(turns):
            units = [a for a in self.tables.axes_of(party) for _ in range(cell[a], self.tables.shape[a] - 1)]
            share = -(-len(units) // turns[t:].count(party))
            for axis in units[:share]:
                cell[axis] += 1
            plan.append(tuple(cell))
        return _tidy(plan)

    def _shaken(self, plan: Pauses) -> Pauses:
        """A plan some random changes away."""
        for _ in range(self._random.randint(2, 5)):
            near = [p for p in self._changes(plan) if p != plan]
            self._random.shuffle(near)
            plan = next((p for p in near if self._permitted(p)), plan)
        return plan


def scores(shares: Floats, lasts: Ints, margin: float) -> list[tuple[float, ...]]:
    """What plans are compared by, larger is better: what the target lacks, the smallest shares, few periods and steps.

    Args:
        shares: of every party at every pause of plans with as many steps, shape (plans, pauses, n).
        lasts: periods of the plans, shape (plans,).
        margin: smallest share accepted.
    """
    ending = np.minimum(shares[:, -1].min(axis=1) - margin + TIED, 0.0)
    ranked = np.sort(shares[:, :-1].min(axis=2), axis=1)[:, :SMALLEST].round(ROUNDED)
    out = []
    for end, worst, periods_ in zip(ending, ranked, lasts, strict=True):
        first = (round(float(end), ROUNDED), float(worst[0]), -float(periods_))
        out.append((*first, *worst[1:], *[1.0] * (SMALLEST - len(worst))))
    return out


def _steps(plan: Pauses) -> Iterator[tuple[Cell, Cell]]:
    return pairwise(plan)


def _raised(rows: list[Cell], axis: int, position: int, since: int) -> list[Cell]:
    return [(*c[:axis], max(c[axis], position), *c[axis + 1 :]) if t >= since else c for t, c in enumerate(rows)]


def _lowered(rows: list[Cell], axis: int, position: int, until: int) -> list[Cell]:
    return [(*c[:axis], min(c[axis], position - 1), *c[axis + 1 :]) if t <= until else c for t, c in enumerate(rows)]


def _tidy(rows: list[Cell]) -> Pauses:
    """Pauses at which nothing has changed are none."""
    return tuple(dict.fromkeys(rows))
