"""Fibres of one party as tables sorted by a key: the shape in which whole graphs are searched without a loop.

A row of a table holds the states a party can reach from one another, sorted by a key (the party's rank). What a mover
can gain or lose is then a running minimum along the row, read at the first strictly better column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.space.moves import Moves, Rows

Int32 = NDArray[np.int32]
Bools = NDArray[np.bool_]
BEYOND = np.int32(2**31 - 1)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of states sorted by a key.

    Attributes:
        states: shape (rows, width); padding is the number of states, at the end of a row.
        after: column of the first entry with a strictly larger key, ``width`` if none; None: always the next one.
        before: number of entries with a strictly smaller key; None: the column itself.
        movers: which entries move from here; None: all.
        fibre: fibre of each row.
    """

    states: Int32
    after: Int32 | None
    before: Int32 | None
    movers: Bools | None
    fibre: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Rows, key: Int32, state_of: Int32, count: int) -> Table:
        """Sort fibres by a key.

        Args:
            rows: fibres as matrices of cells.
            key: key of every cell, shape (cells,), below 2^31 - 1.
            state_of: state of every cell.
            count: number of states (the padding).
        """
        padding = rows.cells < 0
        padded = bool(padding.any())
        keys = key[rows.cells]
        if padded:
            keys[padding] = BEYOND
        order = np.argsort(keys, axis=1)
        offset = np.arange(len(keys))[:, None] * keys.shape[1]
        flat = order + offset
        keys = keys.ravel()[flat]
        states = state_of[rows.cells].ravel()[flat]
        if padded:
            states[padding.ravel()[flat]] = count
        movers = None if rows.movers is None else rows.movers.ravel()[flat]
        tied = keys[:, 1:] == keys[:, :-1]
        if not tied.any():
            return cls(states, None, None, movers, rows.fibre)
        return cls(states, _after(tied), _before(tied), movers, rows.fibre)

    def minimum_beyond(self, values: Int32, rows: NDArray[np.int64] | None) -> Int32:
        """For each entry, the least value among entries of its row with a strictly larger key.

        Args:
            values: of the entries of the rows wanted, padding the largest number; shape (rows, width).
            rows: the rows wanted, or None for all.

        Returns:
            Same shape; the largest number where there is none, and where the entry is no mover.
        """
        out = np.full(values.shape, BEYOND, np.int32)
        least = np.minimum.accumulate(values[:, ::-1], axis=1)[:, ::-1]
        if self.after is None:
            out[:, :-1] = least[:, 1:]
            return self._only_movers(out, rows)
        least = np.concatenate([least, np.full((len(least), 1), BEYOND, np.int32)], axis=1)
        after = self.after if rows is None else self.after[rows]
        return self._only_movers(np.take_along_axis(least, after, 1), rows)

    def minimum_apart(self, values: Int32) -> Int32:
        """For each entry, the least value among entries of its row with another key (smaller or larger)."""
        out = self.minimum_beyond(values, None)
        first = np.minimum.accumulate(values, axis=1)
        first = np.concatenate([np.full((len(first), 1), BEYOND, np.int32), first], axis=1)
        before = np.arange(values.shape[1])[None, :] if self.before is None else self.before
        below = np.take_along_axis(first, np.broadcast_to(before, values.shape), 1)
        return self._only_movers(np.minimum(out, below), None)

    def minimum_of_row(self, values: Int32, rows: NDArray[np.int64] | None, padding: int) -> Int32:
        """For each mover, the least value in its row (``padding`` is the number that pads ``states``)."""
        states = self.states if rows is None else self.states[rows]
        least = values.min(axis=1, keepdims=True)
        if self.movers is None and states[:, -1].max(initial=0) < padding:
            return np.broadcast_to(least, values.shape).copy()
        return self._only_movers(np.where(states == padding, BEYOND, least), rows)

    def maximum_of_row(self, values: Int32) -> Int32:
        """The largest value in each row, shape (rows, 1); padding must carry the smallest number."""
        top: Int32 = values[self.states].max(axis=1, keepdims=True)
        return top

    def _only_movers(self, out: Int32, rows: NDArray[np.int64] | None) -> Int32:
        if self.movers is None:
            return out
        movers = self.movers if rows is None else self.movers[rows]
        return np.where(movers, out, BEYOND)


@dataclass(frozen=True, eq=False)
class Tables:
    """All tables of one party.

    Attributes:
        tables: together they hold every move of the party.
        fibre: fibre of every cell.
        rows: per table, the row of each fibre (-1: none).
        state_of: state of every cell.
        merged: whether several cells can be one state.
    """

    tables: tuple[Table, ...]
    fibre: Int32
    rows: tuple[Int32, ...]
    state_of: Int32
    merged: bool

    @classmethod
    def of(cls, moves: Moves, party: str, key: Int32) -> Tables:
        """The tables of a party, sorted by a key per cell."""
        states = moves.states
        tables, rows = [], []
        for written in moves.rows(party):
            tables.append(Table.of(written, key, states.state_of, len(states)))
            row = np.full(moves.of[party].fibres, -1, np.int32)
            row[written.fibre] = np.arange(len(written.fibre))
            rows.append(row)
        return cls(tuple(tables), moves.of[party].fibre, tuple(rows), states.state_of, states.merged)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def touched(self, changed: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Per table, the rows that hold a changed state (unmerged spaces only: states are cells)."""
        fibres = self.fibre[changed]
        for row in self.rows:
            hit = row[fibres]
            yield hit[hit >= 0].astype(np.int64)


def _after(tied: Bools) -> Int32:
    """Per entry, the column after the run of equal keys it stands in."""
    count, width = tied.shape[0], tied.shape[1] + 1
    last = np.concatenate([~tied, np.ones((count, 1), bool)], axis=1)
    column = np.where(last, np.arange(1, width + 1, dtype=np.int32), BEYOND)
    return np.minimum.accumulate(column[:, ::-1], axis=1)[:, ::-1].astype(np.int32)


def _before(tied: Bools) -> Int32:
    """Per entry, how many entries come before the run of equal keys it stands in."""
    count, width = tied.shape[0], tied.shape[1] + 1
    first = np.concatenate([np.ones((count, 1), bool), ~tied], axis=1)
    column = np.where(first, np.arange(width, dtype=np.int32), -1)
    return np.maximum.accumulate(column, axis=1).astype(np.int32)
