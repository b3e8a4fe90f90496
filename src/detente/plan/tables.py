"""A planning problem cut into clusters of options that bear on each other: all it says is a sum over clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.plan.problem import Bools, Cell, Floats, Problem


@dataclass(frozen=True, eq=False)
class Sum:
    """``constant + sum over clusters of table[positions of the cluster's axes]``.

    Attributes:
        constant: what does not depend on the cell.
        tables: cluster number -> one number per cell of the cluster; clusters that do not matter are left out.
    """

    constant: float = 0.0
    tables: Mapping[int, Floats] = field(default_factory=dict)

    @property
    def low(self) -> float:
        """No cell has less."""
        return self.constant + sum(float(t.min()) for t in self.tables.values())

    @property
    def high(self) -> float:
        """No cell has more."""
        return self.constant + sum(float(t.max()) for t in self.tables.values())


@dataclass(frozen=True, eq=False)
class Tables:
    """What ``Problem`` says, by clusters, so that lattices too large to list can be planned on.

    ``walk``, ``snapped`` and ``accused`` are the largest of several sums (with an outside option there are several; a
    party that cannot leave has none in ``walk``).

    Attributes:
        parties, stake, discount, disagreement, money, cost, takes, step, deadline, patient, together, escrow,
            transfers, margin: as in ``Problem``.
        shape: levels per axis.
        owners: the party that owns each axis.
        clusters: axes of each cluster, ascending; every axis is in exactly one.
        feasible: per cluster, whether the parties may pause there.
        flow, breach: a sum per party.
        walk, snapped, accused: sums per party, the largest of which counts.
        alarm: of at most one cluster.
        caught: axis -> chance; all axes of one party together depend on at most one cluster.
    """

    parties: tuple[str, ...]
    stake: Floats
    discount: Floats
    disagreement: Floats
    money: Floats
    shape: Cell
    owners: tuple[str, ...]
    clusters: tuple[tuple[int, ...], ...]
    feasible: tuple[Bools, ...]
    flow: tuple[Sum, ...]
    breach: tuple[Sum, ...]
    walk: tuple[tuple[Sum, ...], ...]
    snapped: tuple[tuple[Sum, ...], ...]
    accused: tuple[tuple[Sum, ...], ...]
    alarm: Sum
    caught: Mapping[int, Sum]
    cost: tuple[Floats, ...]
    takes: tuple[Floats, ...]
    step: int = 1
    deadline: int | None = None
    patient: bool = False
    together: bool = False
    escrow: bool = False
    transfers: float = 0.0
    margin: float = 0.0

    @property
    def origin(self) -> Cell:
        """The status quo."""
        return (0,) * len(self.shape)

    @property
    def target(self) -> Cell:
        """The target."""
        return tuple(n - 1 for n in self.shape)

    def axes_of(self, party: str) -> tuple[int, ...]:
        """Axes of a party's options."""
        return tuple(a for a, owner in enumerate(self.owners) if owner == party)

    def at(self, total: Sum, cell: Cell) -> float:
        """A sum at a cell."""
        return total.constant + sum(float(t[tuple(cell[a] for a in self.clusters[c])]) for c, t in total.tables.items())

    def most(self, sums: Sequence[Sum], cell: Cell) -> float:
        """The largest of several sums at a cell; -inf of none."""
        return max((self.at(s, cell) for s in sums), default=-np.inf)

    def pausable(self, cell: Cell) -> bool:
        """Whether the parties may pause at a cell."""
        return all(ok[tuple(cell[a] for a in axes)] for ok, axes in zip(self.feasible, self.clusters, strict=True))

    def replaced(self, total: Sum, truth: Mapping[int, int]) -> Sum:
        """The sum at cells in which some axes stand somewhere else: a function of the cell shown.

        Args:
            total: a sum.
            truth: axis -> position.
        """
        tables = {}
        for c, table in total.tables.items():
            out = table
            for n, axis in enumerate(self.clusters[c]):
                if axis in truth:
                    out = np.broadcast_to(np.take(out, [truth[axis]], n), table.shape)
            tables[c] = out
        return Sum(total.constant, tables)


def of_problem(problem: Problem) -> Tables:
    """A problem whose lattice is listed: one cluster of all axes.

    Args:
        problem: any.
    """
    lattice, n = problem.lattice, len(problem.parties)

    def whole(array: Floats) -> Sum:
        return Sum(0.0, {0: array}) if array.min() < array.max() else Sum(float(array.flat[0]))

    def each(arrays: Floats) -> tuple[Sum, ...]:
        return tuple(whole(arrays[i]) for i in range(n))

    def rows(arrays: Floats) -> tuple[tuple[Sum, ...], ...]:
        return tuple((s,) if s.high > -np.inf else () for s in each(arrays))

    return Tables(
        problem.parties,
        problem.stake,
        problem.discount,
        problem.disagreement,
        np.full(n, np.nan) if problem.money is None else problem.money,
        lattice.shape,
        lattice.owners,
        (tuple(range(len(lattice.shape))),),
        (lattice.feasible,),
        each(problem.flow),
        each(problem.breach),
        rows(problem.walk),
        rows(problem.snapped),
        rows(problem.accused),
        whole(problem.alarm),
        {axis: whole(chance) for axis, chance in problem.caught.items()},
        problem.cost,
        problem.takes,
        problem.step,
        problem.deadline,
        problem.patient,
        problem.together,
        problem.escrow,
        problem.transfers,
        problem.margin,
    )
