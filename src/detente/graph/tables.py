"""Fibres of one party as tables sorted by a key: the shape in which whole graphs are searched without a loop.

A row of a table holds the states a party can reach from one another, sorted by a key (the party's rank). What a mover
can gain or lose is then a running minimum along the row, read at the first strictly better column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.space.moves import Moves, Rows

Int32 = NDArray[np.int32]
Places = NDArray[np.intp]
Bools = NDArray[np.bool_]
BEYOND = np.int32(2**31 - 1)
BLOCK = 1 << 15
"""So many entries are worked on at once: they and their transpose fit into the processor's own memory."""
NARROW = 16
"""Up to this width a row is folded column by column: numpy's own folding of short rows is slow."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of states sorted by a key.

    Attributes:
        states: shape (rows, width); padding is the number of states, at the end of a row. Full-size indices, because
            numpy converts others each time they are used.
        tied: whether an entry has the key of the next one, shape (rows, width - 1); None: no entry has.
        movers: which entries move from here; None: all.
        fibre: fibre of each row.
    """

    states: Places
    tied: Bools | None
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
        order += np.arange(len(keys))[:, None] * keys.shape[1]
        keys = keys.ravel()[order]
        states = state_of[rows.cells].ravel()[order].astype(np.intp)
        if padded:
            states[padding.ravel()[order]] = count
        movers = None if rows.movers is None else rows.movers.ravel()[order]
        tied = keys[:, 1:] == keys[:, :-1]
        return cls(states, tied if tied.any() else None, movers, rows.fibre)

    @cached_property
    def after(self) -> Int32 | None:
        """Column of the first entry with a strictly larger key, ``width`` if none; None: always the next one."""
        return None if self.tied is None else _after(self.tied)

    @cached_property
    def before(self) -> Int32 | None:
        """Number of entries with a strictly smaller key; None: the column itself."""
        return None if self.tied is None else _before(self.tied)

    def minimum_beyond(self, values: Int32, rows: NDArray[np.int64] | None) -> Int32:
        """For each entry, the least value among entries of its row with a strictly larger key.

        Args:
            values: of the entries of the rows wanted, padding the largest number; shape (rows, width).
            rows: the rows wanted, or None for all.

        Returns:
            Same shape; the largest number where there is none. Entries that do not move have a number as well.
        """
        out = np.empty_like(values)
        tied = self.tied if self.tied is None or rows is None else self.tied[rows]
        step = max(1, BLOCK // values.shape[1])
        for first in range(0, len(values), step):
            part = slice(first, first + step)
            out[part] = _running(values[part], None if tied is None else tied[part]).T
        return out

    def minimum_apart(self, values: Int32) -> Int32:
        """For each mover, the least value among entries of its row with another key (smaller or larger)."""
        first = np.minimum.accumulate(values, axis=1)
        first = np.concatenate([np.full((len(first), 1), BEYOND, np.int32), first], axis=1)
        before = np.arange(values.shape[1])[None, :] if self.before is None else self.before
        below = np.take_along_axis(first, np.broadcast_to(before, values.shape), 1)
        out: Int32 = np.minimum(self.minimum_beyond(values, None), below)
        return out

    def maximum_of_row(self, values: Int32) -> Int32:
        """The largest value in each row, shape (rows, 1); padding must carry the smallest number."""
        return folded(np.maximum, values[self.states])


def folded(fold: np.ufunc, values: Int32) -> Int32:
    """Each row folded into one number, shape (rows, 1)."""
    out: Int32
    if values.shape[1] > NARROW:
        out = fold.reduce(values, axis=1, keepdims=True)
        return out
    out = values[:, 0].copy()
    for column in range(1, values.shape[1]):
        fold(out, values[:, column], out=out)
    return out[:, None]


def _running(values: Int32, tied: Bools | None) -> Int32:
    """The least of all later values with another key, columns first: shape (width, rows)."""
    columns = np.ascontiguousarray(values.T)
    out = np.empty_like(columns)
    out[-1] = BEYOND
    if tied is None:
        for n in range(len(out) - 2, -1, -1):
            np.minimum(out[n + 1], columns[n + 1], out=out[n])
        return out
    same = np.ascontiguousarray(tied.T)
    later = out[-1].copy()
    for n in range(len(out) - 2, -1, -1):
        np.minimum(later, columns[n + 1], out=later)
        out[n] = np.where(same[n], out[n + 1], later)
    return out


@dataclass(frozen=True, eq=False)
class Tables:
    """All tables of one party.

    Attributes:
        tables: together they hold every move of the party.
        fibre: fibre of every cell.
        fibres: number of fibres.
        merged: whether several cells can be one state.
    """

    tables: tuple[Table, ...]
    fibre: Int32
    fibres: int
    merged: bool

    @classmethod
    def of(cls, moves: Moves, party: str, key: Int32) -> Tables:
        """The tables of a party, sorted by a key per cell."""
        states, mine = moves.states, moves.of[party]
        tables = (Table.of(rows, key, states.state_of, len(states)) for rows in moves.rows(party))
        return cls(tuple(tables), mine.fibre, mine.fibres, states.merged)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)


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
