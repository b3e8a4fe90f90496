"""The moves of one party as a list of arcs, sorted by where they start: for relations that no order can express."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.graph.bits import CHUNK_WORDS, Family
from detente.graph.model import GraphModel
from detente.graph.tables import BEYOND

Index = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bools = NDArray[np.bool_]
MOST_ARCS = 50_000_000
CHUNK_CELLS = 1 << 22


@dataclass(frozen=True, eq=False)
class Arcs:
    """Some moves of one party.

    Attributes:
        count: number of states.
        source: where each move starts, ascending, shape (moves,).
        target: where it leads, shape (moves,).
    """

    count: int
    source: Index
    target: Index

    @classmethod
    def of(cls, graph: GraphModel, party: str) -> Arcs:
        """All moves of a party; none for a mediator.

        Raises:
            LimitReached: more than 50 million pairs of states to look at.
        """
        count = len(graph)
        rows = graph.moves.rows(party) if party in graph.movers else []
        pairs = sum(r.cells.shape[0] * r.cells.shape[1] ** 2 for r in rows)
        if pairs > MOST_ARCS:
            advice = "Merge or exclude states (coalesce, infeasible), or fix some options."
            raise LimitReached(f"moves of {graph.case.party_name(party)}", f"{pairs:,}", MOST_ARCS, advice)
        found = [np.zeros(0, np.int64)]
        state_of = graph.states.state_of.astype(np.int64)
        for row in rows:
            width = row.cells.shape[1]
            for first in range(0, len(row.cells), max(1, CHUNK_CELLS // width**2)):
                part = slice(first, first + max(1, CHUNK_CELLS // width**2))
                cells = row.cells[part]
                moving = cells >= 0 if row.movers is None else row.movers[part]
                codes = state_of[cells][:, :, None] * count + state_of[cells][:, None, :]
                found.append(codes[moving[:, :, None] & (cells >= 0)[:, None, :]])
        joined = np.concatenate(found)
        arcs = np.unique(joined) if graph.states.merged else np.sort(joined)
        source, target = arcs // count, arcs % count
        return cls(count, source, target).where(source != target)

    def where(self, wanted: Bools) -> Arcs:
        """Some of the moves, shape (moves,)."""
        return Arcs(self.count, self.source[wanted], self.target[wanted])

    def joined(self, sets: Family) -> Family:
        """For each state, the union of the sets of the states that one of the moves leads to."""
        out = np.zeros_like(sets)
        step = max(1, CHUNK_WORDS // sets.shape[1])
        for first in range(0, len(self.source), step):
            part = slice(first, first + step)
            here, starts = self._runs(part)
            out[here] |= np.bitwise_or.reduceat(sets[self.target[part]], starts, axis=0)
        return out

    def least(self, values: Int32) -> Int32:
        """For each state, the least value of the states that one of the moves leads to; the largest number if none."""
        out = np.full(self.count, BEYOND, np.int32)
        if len(self.source):
            here, starts = self._runs(slice(None))
            out[here] = np.minimum.reduceat(values[self.target], starts)
        return out

    def _runs(self, part: slice) -> tuple[Index, Index]:
        """The states that moves start from, and where the moves of each begin."""
        source = self.source[part]
        starts = np.flatnonzero(np.concatenate([[True], source[1:] != source[:-1]]))
        return source[starts], starts
