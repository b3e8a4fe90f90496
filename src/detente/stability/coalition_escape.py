"""Sanctions that a group cannot mend: the part of coalition symmetric metarationality that compares sets of states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.graph.bits import Family, Step, empty, member, move_step, packed, propagated, unpacked
from detente.graph.groups import Arcs, Group, is_product
from detente.graph.model import GraphModel

Bools = NDArray[np.bool_]
Int64 = NDArray[np.int64]
MOST_WORDS = 1 << 21
"""So many words of sets are gathered at once."""


@dataclass(frozen=True, eq=False)
class Escapes:
    """Where groups can mend what the others did to them.

    Attributes:
        graph: the conflict.
        joint: whether a group changes all its options at once.
    """

    graph: GraphModel
    joint: bool
    _steps: list[Step] = field(default_factory=list)

    def stable(self, group: Group, others: Group, held: Bools, nash: Bools, arcs: Iterable[Arcs]) -> Bools:
        """Of the states held by sanctions, those where each improvement has one that the group cannot mend.

        The sets of states s for which x is better for every member are carried back over the group's moves; what is
        left are the sanctions without escape, which are carried back over the moves of the others. An improvement
        on s is never such a sanction itself, so that it does not matter whether staying counts as a move.

        Args:
            group, others: the group, with all its members in ``group.members``, and what the others can reach.
            held: states that are stable if sanctions can be mended, shape (states,).
            nash: states that the group has no improvement from.
            arcs: the group's improvements.
        """
        asked = np.flatnonzero(held & ~nash)
        if not len(asked):
            return held
        column = np.full(len(self.graph), -1)
        column[asked] = np.arange(len(asked))
        if group.equal and others.equal:
            row, sanctioned = self._by_parts(group, others, asked, nash)
        else:
            row = np.arange(len(self.graph))
            mended = self._mended(group, asked, nash)
            sanctioned = self.joined(others, ~mended)
        out = held.copy()
        for piece in arcs:
            wanted = column[piece.sources] >= 0
            if wanted.any():
                sources = piece.each_source()
                here = column[sources] >= 0
                sources, targets = sources[here], piece.targets[here]
                out[sources[~member(sanctioned, row[targets], column[sources])]] = False
        return out

    def lasting(self, group: Group, state: int) -> Bools:
        """Where a sanction for leaving a state would leave the group without a way to mend it, shape (states,)."""
        mended = self.better(group.members, np.array([state]), None)
        mended |= self.joined(group, mended)
        return ~unpacked(mended, 1)[:, 0]

    def sanctioned(self, others: Group, lasting: Bools) -> Bools:
        """From where the others can bring about one of some states."""
        return unpacked(self.joined(others, packed(lasting[:, None])), 1)[:, 0]

    def _by_parts(self, group: Group, others: Group, asked: Int64, nash: Bools) -> tuple[Int64, Family]:
        """The row of every state and, per row, for which of the states asked the others have a lasting sanction.

        Where every state of a part can be reached from every other, one set per part is enough. Among the states of
        a part only those matter from which the group has no improvement: each of the others has one of them above it.
        """
        part, _ = group.parts()
        top = np.flatnonzero(nash)
        top = top[np.argsort(part[top], kind="stable")]
        mended = _unions(self.better(group.members, asked, top), part[top])
        row, sizes = others.parts()
        order = np.argsort(row, kind="stable")
        sanctioned = empty(len(sizes), len(asked))
        ends = np.cumsum(sizes)
        first, step = 0, max(1, MOST_WORDS // mended.shape[1])
        while first < len(sizes):
            begin = ends[first] - sizes[first]
            last = max(first + 1, int(np.searchsorted(ends, begin + step, "right")))
            states = order[begin : ends[last - 1]]
            sanctioned[first:last] = _unions(~mended[part[states]], row[states])
            first = last
        return row, sanctioned

    def _mended(self, group: Group, asked: Int64, nash: Bools) -> Family:
        """From which states the group can be, or get, where it is better off than at each of the states asked."""
        rows = np.flatnonzero(nash) if self.graph.moves.transitive else None
        found = self.better(group.members, asked, rows)
        if rows is None:
            mended = found
        else:
            mended = empty(len(self.graph), len(asked))
            mended[rows] = found
        mended |= self.joined(group, mended)
        return mended

    def better(self, coalition: tuple[str, ...], bounds: Int64, rows: Int64 | None) -> Family:
        """Bit k of a row: every member prefers its state to the state ``bounds[k]``; ``rows``: which states, or all."""
        out: Family = ~empty(len(self.graph) if rows is None else len(rows), len(bounds))
        for party in coalition:
            ranks = self.graph.rank(party)
            order = np.argsort(ranks[bounds], kind="stable")
            ladder = empty(len(bounds) + 1, len(bounds))
            ladder[np.arange(len(bounds)) + 1, order >> 6] = np.uint64(1) << (order & 63).astype(np.uint64)
            np.bitwise_or.accumulate(ladder, axis=0, out=ladder)
            place = np.searchsorted(ranks[bounds][order], ranks if rows is None else ranks[rows], "left")
            step = max(1, MOST_WORDS // ladder.shape[1])
            for first in range(0, len(out), step):
                out[first : first + step] &= ladder[place[first : first + step]]
        return out

    def joined(self, group: Group, sets: Family) -> Family:
        """For each state the union of the sets of those that the group can reach; its own may be among them."""
        graph = self.graph
        if group.equal:
            part, _ = group.parts()
            order = np.argsort(part, kind="stable")
            return _unions(sets[order], part[order])[part]
        if not self._steps:
            self._steps.append(move_step(graph))
        if graph.moves.transitive and is_product(graph):
            total = sets.copy()
            for mover in group.movers:  # in any order: what one can choose never depends on the others
                total |= self._steps[0](mover, total)
            return total
        if self.joint:
            return _along(group, sets)
        return propagated(group.movers, self._steps[0], sets, transitive=graph.moves.transitive)


def _along(group: Group, sets: Family) -> Family:
    """Unions over all pairs of states, piece by piece."""
    out = np.zeros_like(sets)
    step = max(1, MOST_WORDS // sets.shape[1])
    for piece in group.arcs(()):
        ends = np.append(piece.starts[1:], len(piece.targets))
        first = 0
        while first < len(ends):
            begin = piece.starts[first]
            last = max(first + 1, int(np.searchsorted(ends, begin + step, "right")))
            rows = sets[piece.targets[begin : ends[last - 1]]]
            found = np.bitwise_or.reduceat(rows, piece.starts[first:last] - begin, axis=0)
            np.bitwise_or.at(out, piece.sources[first:last], found)
            first = last
    return out


def _unions(rows: Family, label: Int64) -> Family:
    """Unions of rows that carry the same label; rows with the same label stand together."""
    starts = np.flatnonzero(np.append(True, label[1:] != label[:-1]))
    out: Family = np.bitwise_or.reduceat(rows, starts, axis=0)
    return out
