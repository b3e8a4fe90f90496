"""A planning problem in numbers: the states between today and a target, what going on and leaving are worth there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Cell = tuple[int, ...]
TIED = 1e-9  # margins closer than this share of the stake are equal


@dataclass(frozen=True, eq=False)
class Lattice:
    """The states between the status quo and a target: one axis per option that changes.

    Position 0 of an axis is the status quo's level, the last one the target's. A *cell* is one position per axis.

    Attributes:
        options: ids of the options that change, in file order.
        owners: the party that owns each of them.
        levels: per axis, the level numbers from the status quo's to the target's, up or down.
        start: level numbers of the status quo, one per option of the case.
        positions: number of each axis's option in the case.
        feasible: whether the parties may pause there, shape (*shape).
    """

    options: tuple[str, ...]
    owners: tuple[str, ...]
    levels: tuple[tuple[int, ...], ...]
    start: tuple[int, ...]
    positions: tuple[int, ...]
    feasible: Bools

    @property
    def shape(self) -> Cell:
        """Levels per axis."""
        return tuple(len(row) for row in self.levels)

    @property
    def origin(self) -> Cell:
        """The status quo."""
        return (0,) * len(self.levels)

    @property
    def target(self) -> Cell:
        """The target."""
        return tuple(len(row) - 1 for row in self.levels)

    def state(self, cell: Cell) -> tuple[int, ...]:
        """Level numbers of a cell, one per option of the case."""
        levels = list(self.start)
        for axis, position in enumerate(cell):
            levels[self.positions[axis]] = self.levels[axis][position]
        return tuple(levels)

    def axes_of(self, party: str) -> tuple[int, ...]:
        """Axes of a party's options."""
        return tuple(a for a, owner in enumerate(self.owners) if owner == party)


@dataclass(frozen=True, eq=False)
class Problem:
    """What every party has at every state of a lattice if the plan goes on, and if it leaves.

    Values are per period on each party's own scale. ``n`` parties are those whose margins count: signatories and owners
    of options that the plan changes (a mediator without preferences is none of them).

    Attributes:
        lattice: the states.
        parties: the ``n`` parties, in file order.
        stake: what is at stake for each, shape (n,); margins are compared as shares of it.
        discount: per period, shape (n,).
        disagreement: what each has without a deal, shape (n,).
        flow: u_i(s), shape (n, *shape).
        walk: D_i(s): the best of stopping, one's own best move and the outside option, breach cost subtracted,
            shape (n, *shape); -inf for a party that owns no option and has nowhere to go. Concealment and withholding
            are not in it.
        snapped: what i gets per period once a breakdown that it caused is answered, with the undo times of all that
            returns and its outside option where that is better, breach cost not subtracted, shape (n, *shape).
        breach: R_i(s), shape (n, *shape).
        caught: axis -> chance per period of being found out pretending it, judged at the state shown, shape (*shape).
        alarm: chance per period of a false alarm, shape (*shape).
        accused: what i gets per period after a false alarm at s (the general breakdown), shape (n, *shape).
        cost: per axis, what its owner pays once for reaching each position from the one before, shape (levels,).
        takes: per axis, periods that reaching each position from the one before physically needs, shape (levels,).
        step: periods per step.
        deadline: whole periods until the target must hold, or None.
        patient: whether going on is worth what the target is worth, whatever the order.
        together: whether several parties may move in one step.
        escrow: whether a step of several parties may be made atomic by a third party.
        transfers: largest side payment per period, in money.
        money: worth of one unit of money, shape (n,); nan where not written.
        margin: smallest margin accepted, as a share of the stake.
    """

    lattice: Lattice
    parties: tuple[str, ...]
    stake: Floats
    discount: Floats
    disagreement: Floats
    flow: Floats
    walk: Floats
    snapped: Floats
    breach: Floats
    alarm: Floats
    accused: Floats
    cost: tuple[Floats, ...]
    takes: tuple[Floats, ...]
    caught: Mapping[int, Floats] = field(default_factory=dict)
    step: int = 1
    deadline: int | None = None
    patient: bool = False
    together: bool = False
    escrow: bool = False
    transfers: float = 0.0
    money: Floats | None = None
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    Attributes:
        before, after: cells.
        movers: parties whose options change in it.
        atomic: whether a third party makes it all or nothing (escrow); a step of several parties that is not atomic
            can be spoilt by any of them withholding its part.
        periods: whole periods it lasts: the larger of ``Problem.step`` and what it physically needs.
    """

    before: Cell
    after: Cell
    movers: tuple[str, ...]
    atomic: bool
    periods: int


@dataclass(frozen=True, eq=False)
class Order:
    """An order of steps as a search found it.

    Attributes:
        steps: from the status quo to the target.
        side: side payments to each party per period at every pause, shape (pauses, n), in money; None without any.
        proven: whether nothing better exists (by the objectives in their order).
        bound: no order has a larger smallest interior margin (share of the stake).
        method: bottleneck | bound | labels | milp.
    """

    steps: tuple[Step, ...]
    side: Floats | None
    proven: bool
    bound: float
    method: str
