"""Passes over a whole lattice: what a step can reach, one axis at a time, in place, as bytes.

A step of one party raises some of its axes by any amounts. So the largest value from which a step leads to a cell is a
running maximum along the first of the party's axes, then along its second, and so on. A step of at most ``d`` periods
takes no longer on any axis, so the same holds with running maxima over as many positions as ``d`` periods permit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray

from detente.plan.problem import TIED, Cell, Floats, Problem

Bytes = NDArray[np.uint8]
NARROW = 8  # cells that lie beside each other; below this, strided passes are faster than short contiguous ones


@dataclass(frozen=True, slots=True)
class Movers:
    """Parties that can move in one step.

    Attributes:
        axes: that they can raise in it.
        atomic: whether the step is all or nothing.
    """

    axes: tuple[int, ...]
    atomic: bool = False


@dataclass(frozen=True, eq=False)
class Moves:
    """The steps of a problem.

    Attributes:
        shape: levels per axis.
        movers: every party alone, and all together where a third party makes that safe.
        needs: per axis, whole periods from each position to each higher one, at least the periods per step,
            shape (levels, levels).
        lasting: every number of periods that a step can last, ascending.
    """

    shape: Cell
    movers: tuple[Movers, ...]
    needs: tuple[NDArray[np.int64], ...]
    lasting: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem) -> Moves:
        """The steps of a problem in which nobody can withhold its part."""
        lattice = problem.lattice
        owners = dict.fromkeys(lattice.owners)
        movers = [Movers(lattice.axes_of(o)) for o in owners]
        if problem.escrow and len(owners) > 1:
            movers.append(Movers(tuple(range(len(lattice.shape))), atomic=True))
        needs = tuple(_needs(t, problem.step) for t in problem.takes)
        every = {int(row[a, b]) for row in needs for b in range(len(row)) for a in range(b)}
        return cls(lattice.shape, tuple(movers), needs, tuple(sorted(every)))

    @property
    def most_steps(self) -> int:
        """No plan has more steps."""
        return sum(n - 1 for n in self.shape)

    def spread(self, values: Bytes, movers: Movers, periods: int | None = None) -> Bytes:
        """The largest value from which a step, or none, leads to each cell.

        Args:
            values: shape (*shape), contiguous.
            movers: who moves.
            periods: how long the step may last; None for any time.
        """
        out = values.copy()
        for axis in movers.axes:
            first = self._first(axis, periods)
            if not any(first):  # a running maximum
                for here in range(1, len(first)):
                    raised(out, axis, (here - 1, here))
                continue
            for here in reversed(range(1, len(first))):  # from above: the slices below are still what they were
                for before in range(first[here], here):
                    raised(out, axis, (before, here))
        return out

    def _first(self, axis: int, periods: int | None) -> list[int]:
        """Per position, the lowest one from which a step of so many periods leads there."""
        needs = self.needs[axis]
        if periods is None:
            return [0] * len(needs)
        return [next(a for a in range(b + 1) if a == b or needs[a, b] <= periods) for b in range(len(needs))]


def _needs(takes: Floats, step: int) -> NDArray[np.int64]:
    """Whole periods between the positions of one axis."""
    n = len(takes)
    out = np.zeros((n, n), np.int64)
    for a in range(n):
        for b in range(a + 1, n):
            out[a, b] = max(step, ceil(float(takes[a + 1 : b + 1].sum()) - TIED))
    return out


def raised(values: Bytes, axis: int, where: tuple[int, int], most: Bytes | None = None) -> None:
    """Raise the slice at one position of an axis to what the slice at another has, in place.

    Args:
        values: shape (*shape), contiguous.
        axis: number of the axis.
        where: positions from and to.
        most: what the values may be raised to, shape (*shape), contiguous; None for anything.
    """
    shape = values.shape
    beside = prod(shape[axis + 1 :])
    rows = (prod(shape[:axis]), shape[axis], beside)
    view, limit = values.reshape(rows), None if most is None else most.reshape(rows)
    columns: Sequence[int | slice] = [slice(None)] if beside > NARROW else range(beside)
    before, after = where
    for j in columns:
        other = view[:, before, j] if limit is None else np.minimum(view[:, before, j], limit[:, after, j])
        np.maximum(view[:, after, j], other, out=view[:, after, j])


# --- the quickest way ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Ways:
    """The quickest ways from the status quo, as far as the target.

    Attributes:
        moves: the steps used.
        cost: periods, steps and atomic steps as one number, -1 where not reached, shape (*shape).
        base: that number = (periods * base + steps) * base + atomic steps.
    """

    moves: Moves
    cost: NDArray[np.int32 | np.int64]
    base: int

    def periods(self, cell: Cell) -> int | None:
        """Fewest periods in which a pause at a cell is reached, None if it is not."""
        cost = int(self.cost[cell])
        return None if cost < 0 else cost // self.base**2

    def path(self, cell: Cell) -> list[tuple[Cell, Movers]]:
        """The cells paused at on a quickest way, the status quo left out, and who may move to each."""
        out = list[tuple[Cell, Movers]]()
        while any(cell):
            before, movers = self._before(cell)
            out.append((cell, movers))
            cell = before
        return out[::-1]

    def _before(self, cell: Cell) -> tuple[Cell, Movers]:
        cost = int(self.cost[cell])
        for movers in self.moves.movers:
            box = tuple(slice(0, x + 1) if k in movers.axes else slice(x, x + 1) for k, x in enumerate(cell))
            there = self.cost[box]
            lasts = np.zeros(there.shape, np.int64)
            for k in movers.axes:
                row = self.moves.needs[k][: cell[k] + 1, cell[k]]
                lasts = np.maximum(lasts, row.reshape([-1 if j == k else 1 for j in range(len(cell))]))
            fits = (there >= 0) & (lasts > 0) & (there + weight(lasts, self.base, movers) == cost)
            found = np.argwhere(fits)
            if len(found):
                first = tuple(int(x) if k in movers.axes else cell[k] for k, x in enumerate(found[0]))
                return first, movers
        raise AssertionError(cell)


def weight(periods: NDArray[np.int64] | int, base: int, movers: Movers) -> NDArray[np.int64]:
    """Periods, steps and atomic steps of one step as one number."""
    return np.asarray((np.asarray(periods) * base + 1) * base + movers.atomic)


def quickest(moves: Moves, usable: NDArray[np.bool_]) -> Ways:
    """The quickest ways from the status quo over usable cells, with the fewest steps, with the fewest atomic ones.

    Args:
        moves: the steps.
        usable: where the parties may pause, shape (*shape); searching ends when the target is reached.
    """
    base = moves.most_steps + 1
    largest = (moves.most_steps * moves.lasting[-1] + 1) * base**2
    cost = np.full(moves.shape, -1, np.int32 if largest < 2**31 else np.int64)
    free = usable.astype(np.uint8)
    origin = np.zeros(moves.shape, np.uint8)
    origin[(0,) * len(moves.shape)] = free[(0,) * len(moves.shape)]
    waiting = {0: origin}
    end = tuple(n - 1 for n in moves.shape)
    while waiting:
        now = min(waiting)
        new = waiting.pop(now)
        new &= free
        if not new.any():
            continue
        np.copyto(cost, now, where=new.view(np.bool_))
        if new[end]:
            break
        free -= new
        for movers in moves.movers:
            for periods in moves.lasting:
                then = now + int(weight(periods, base, movers))
                reached = moves.spread(new, movers, None if periods == moves.lasting[-1] else periods)
                np.bitwise_or(waiting.setdefault(then, reached), reached, out=waiting[then])
    return Ways(moves, cost, base)
