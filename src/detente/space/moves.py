"""Moves: what each party can reach alone from each state (directions, floors, coalescing)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.space.states import Index, StateSpace

Int64 = NDArray[np.int64]
MOST_PAIRS = 1_000_000_000


@dataclass(frozen=True, eq=False)
class PartyMoves:
    """What one party can reach alone, over cells.

    Cells that agree in everything but the party's options form a *fibre*; the party moves within fibres. Which cells
    of its fibre it can reach depends only on the levels its options have; cells with the same possibilities form a
    *class*.

    Attributes:
        fibre: fibre of every cell, shape (cells,), numbered from 0.
        fibres: how many fibres there are.
        own: combination of the party's own levels in every cell, shape (cells,), numbered from 0.
        combos: own level numbers of each combination, shape (own options, combinations).
        kind: class of each combination, shape (combinations,).
        reach: per class, which combinations can be reached (its own included), shape (classes, combinations).
    """

    fibre: Index
    fibres: int
    own: Index
    combos: NDArray[np.uint8]
    kind: Index
    reach: NDArray[np.bool_]

    @property
    def free(self) -> bool:
        """Whether every combination can be reached from every other: no directions, no floors."""
        return bool(self.reach.all())


@dataclass(frozen=True, eq=False)
class Rows:
    """Some fibres of one party and class, a row each, padded to a common width.

    Attributes:
        cells: cells that movers of the class can reach, the movers included; ``-1`` pads; shape (rows, width).
        movers: which of them are movers of the class (None: all that are not padding).
        fibre: fibre of each row, shape (rows,).
    """

    cells: NDArray[np.int32]
    movers: NDArray[np.bool_] | None
    fibre: Int64


def bucketed(order: Int64, starts: Int64, moving: NDArray[np.bool_] | None) -> Iterator[Rows]:
    """Cut fibres into matrices of similar width, so that padding at most doubles the cells.

    Args:
        order: cells, those of one fibre side by side.
        starts: where each fibre starts, and the end, shape (fibres + 1,).
        moving: which of them move, or None for all; those of one cell only are left out.
    """
    sizes = np.diff(starts)
    left = sizes > 1
    while left.any():
        width = int(sizes[left].max())
        fibre = np.flatnonzero(left & (sizes * 2 > width))
        left[fibre] = False
        at = starts[fibre][:, None] + np.arange(width)
        real = np.arange(width) < sizes[fibre][:, None]
        at = np.minimum(at, len(order) - 1)
        cells = np.where(real, order[at], -1).astype(np.int32)
        yield Rows(cells, None if moving is None else moving[at] & real, fibre)


class Moves:
    """The moves of all parties of a state space."""

    def __init__(self, states: StateSpace) -> None:
        self.states = states
        self.parties = states.case.parties
        self.of = {p: self._party(p) for p in self.parties}
        self._rows: dict[str, list[Rows]] = {}
        self._components: dict[frozenset[str], Int64] = {}
        self._orders: dict[str, tuple[Int64, Int64]] = {}

    @property
    def transitive(self) -> bool:
        """Whether two moves of one party are always one move: true unless states are coalesced."""
        return not self.states.merged

    def _party(self, party: str) -> PartyMoves:
        states, space = self.states, self.states.space
        mine = [n for n, owner in enumerate(space.owners) if owner == party]
        others = [n for n in range(len(space.options)) if n not in mine]
        fibre = numbered(states.digits[others], [space.counts[o] for o in others], states.cells)
        own = numbered(states.digits[mine], [space.counts[o] for o in mine], states.cells)
        combos = np.zeros((len(mine), int(own.max()) + 1), np.uint8)
        combos[:, own] = states.digits[mine]
        windows = np.array(
            [[space.windows[o][level] for level in combos[row]] for row, o in enumerate(mine)], np.int16
        ).reshape(len(mine), combos.shape[1], 2)
        kinds, kind = np.unique(windows.transpose(1, 0, 2).reshape(combos.shape[1], -1), axis=0, return_inverse=True)
        _hold_to_limit(party, len(kinds), max(states.cells, combos.shape[1]))
        reach = np.ones((len(kinds), combos.shape[1]), bool)
        for n, row in enumerate(kinds.reshape(len(kinds), len(mine), 2)):
            for option, (low, high) in enumerate(row):
                reach[n] &= (combos[option] >= low) & (combos[option] <= high)
        return PartyMoves(fibre, int(fibre.max()) + 1, own, combos, kind.reshape(-1).astype(np.int32), reach)

    # --- all fibres at once -----------------------------------------------------------------------------------------

    def rows(self, party: str) -> list[Rows]:
        """The party's fibres as matrices of cells, one list for all classes; fibres without a choice are left out."""
        if party not in self._rows:
            self._rows[party] = list(self._make_rows(party))
        return self._rows[party]

    def _make_rows(self, party: str) -> Iterator[Rows]:
        moves = self.of[party]
        order, starts = self.fibre_order(party)
        for kind, can in enumerate(moves.reach):
            if moves.free:
                yield from bucketed(order, starts, None)
                continue
            own = moves.own[order]
            inside, moving = can[own], moves.kind[own] == kind
            some = np.add.reduceat(moving, starts[:-1]) > 0
            inside &= np.repeat(some, np.diff(starts))
            sizes = np.add.reduceat(inside, starts[:-1], dtype=np.int64)
            begins = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            yield from bucketed(order[inside], begins, moving[inside])

    def components(self, parties: Collection[str]) -> Int64:
        """Which cells some parties can reach from one another by moves, where none is restricted in its own.

        Args:
            parties: at least one, all with ``free`` moves.

        Returns:
            A number per cell, below the number of cells and the same for cells in one component, shape (cells,).
        """
        among = frozenset(parties)
        if among not in self._components:
            first, *others = (self.of[p] for p in self.parties if p in among)
            part, count = first.fibre.astype(np.int64), first.fibres
            for moves in others:
                if not part.any():
                    break
                part = _united(part, count, moves.fibre.astype(np.int64), moves.fibres)
            self._components[among] = part
        return self._components[among]

    def forget(self) -> None:
        """Drop the components found so far (they need eight bytes for each cell and set of parties)."""
        self._components.clear()

    # --- one state at a time -----------------------------------------------------------------------------------------

    def reachable(self, party: str, state: int) -> Int64:
        """States that a party can reach from a state in one move, ascending, the state itself left out."""
        moves = self.of[party]
        found: list[NDArray[np.int32]] = []
        for cell in self.states.members(state):
            here = self._fibre_cells(party, int(moves.fibre[cell]))
            can = moves.reach[moves.kind[moves.own[cell]], moves.own[here]]
            found.append(self.states.state_of[here[can]])
        return _without(np.concatenate(found), state)

    def sources(self, party: str, state: int) -> Int64:
        """States from which a party can reach a state in one move, ascending, the state itself left out."""
        moves = self.of[party]
        found: list[NDArray[np.int32]] = []
        for cell in self.states.members(state):
            here = self._fibre_cells(party, int(moves.fibre[cell]))
            can = moves.reach[moves.kind[moves.own[here]], moves.own[cell]]
            found.append(self.states.state_of[here[can]])
        return _without(np.concatenate(found), state)

    def can_move(self, party: str, source: int, target: int) -> bool:
        """Whether a party can move between two states alone."""
        return bool((self.reachable(party, source) == target).any())

    def _fibre_cells(self, party: str, fibre: int) -> Int64:
        order, starts = self.fibre_order(party)
        return order[starts[fibre] : starts[fibre + 1]]

    def fibre_order(self, party: str) -> tuple[Int64, Int64]:
        """Cells sorted by the party's fibre, and where each fibre starts, shape (fibres + 1,)."""
        if party not in self._orders:
            moves = self.of[party]
            order = np.argsort(moves.fibre, kind="stable")
            sizes = np.bincount(moves.fibre, minlength=moves.fibres)
            self._orders[party] = (order, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))
        return self._orders[party]


def _united(part: Int64, parts: int, fibre: Int64, fibres: int) -> Int64:
    """The finest division of cells that both given ones refine; parts keep the lowest number of those united."""
    label = np.arange(parts)
    while True:
        lowest = np.full(fibres, parts)
        np.minimum.at(lowest, fibre, label[part])
        found = np.arange(parts)
        np.minimum.at(found, part, lowest[fibre])
        while ((further := found[found]) < found).any():
            found = further  # a number stands for the part that bears it, which may itself have a lower one by now
        if (found == label).all():
            return found[part]
        label = found


def _hold_to_limit(party: str, kinds: int, cells: int) -> None:
    """Refuse one-way options so many that their combinations would have to be searched one by one."""
    if kinds > 1 and kinds * cells > MOST_PAIRS:
        advice = "Make fewer of its options one-way, or merge some of them."
        raise LimitReached(
            f"pairs of positions and one-way choices of {party}", f"{kinds * cells:,}", MOST_PAIRS, advice
        )


def numbered(digits: NDArray[np.uint8], counts: list[int], columns: int) -> Index:
    """Number the distinct columns of a level matrix from 0, in mixed-radix order (any number of options).

    Args:
        digits: level numbers, shape (options, columns).
        counts: number of levels of each option.
        columns: number of columns (needed when there is no option).
    """
    code, base = np.zeros(columns, np.int64), 1
    for row, count in zip(digits, counts, strict=True):
        if base * count >= 2**62:
            code, base = _dense(code, base)
        # the later option is the slower digit, so the code of the earlier ones stays below it
        code = code + row.astype(np.int64) * base
        base *= count
    return _dense(code, base)[0].astype(np.int32)


def _without(states: Index, state: int) -> Int64:
    """The distinct states, ascending, one left out."""
    distinct: Int64 = np.unique(states).astype(np.int64)
    others: Int64 = distinct[distinct != state]
    return others


def _dense(code: Int64, base: int) -> tuple[Int64, int]:
    if base <= max(4 * len(code), 1024):
        seen = np.zeros(base, bool)
        seen[code] = True
        rank = np.cumsum(seen) - 1
        return rank[code], int(rank[-1]) + 1
    values, inverse = np.unique(code, return_inverse=True)
    return inverse.reshape(-1), len(values)
