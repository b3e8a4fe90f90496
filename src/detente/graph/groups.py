"""What groups of parties can reach, by legal sequences or by one joint move: pairs of states in dense blocks.

All a group can reach from a state lies in the state's *part*: the states that agree in everything but the group's
options, or, for legal sequences, those its members' moves connect. Whole parts are compared with themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.graph.bits import Family, empty, move_step, propagated, unpacked
from detente.graph.model import GraphModel
from detente.space.moves import bucketed, numbered

Bools = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Numbers = NDArray[np.integer]
CHUNK = 1 << 20
"""So many pairs are compared at once."""
NEVER = np.iinfo(np.int16).max


@dataclass(frozen=True, eq=False)
class Limit:
    """One option's level in every cell, and the lowest and highest that can be reached from it (padding at the end)."""

    level: NDArray[np.int16]
    low: NDArray[np.int16]
    high: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Pairs of states, by source: the targets of ``sources[k]`` start at ``starts[k]``."""

    sources: Int64
    starts: Int64
    targets: NDArray[np.int32]

    def each_source(self) -> Int64:
        """The source of every pair."""
        return np.repeat(self.sources, np.diff(np.append(self.starts, len(self.targets))))


@dataclass(frozen=True, eq=False)
class Group:
    """What one group can reach.

    Attributes:
        members: the parties in it.
        movers: those of them that move.
        blocks: parts as rows of cells, ``-1`` pads, shape (parts, width) each; parts of one cell are left out.
        limits: directions and floors that keep it from some pairs of a part (joint moves).
        inside: per state, and none for the pad, which columns of its row legal sequences lead to; None: that follows
            from the limits.
        state_of: state of every cell, with a pad at the end.
        count: number of states.
    """

    members: tuple[str, ...]
    movers: tuple[str, ...]
    blocks: tuple[NDArray[np.int32], ...]
    limits: tuple[Limit, ...]
    inside: Family | None
    state_of: Int64
    count: int

    @property
    def equal(self) -> bool:
        """Whether every cell of a part can be reached from every other, and cells are states."""
        return not self.limits and self.inside is None and len(self.state_of) == self.count + 1

    @property
    def pairs(self) -> int:
        """How many pairs there are to compare."""
        return sum(len(b) * b.shape[1] ** 2 for b in self.blocks)

    def parts(self) -> tuple[Int64, Int64]:
        """The part of every state, numbered from 0, shape (states,), and the size of every part.

        Only where all cells of a part can be reached from one another (``equal``).
        """
        part = np.full(self.count + 1, -1)
        sizes = []
        first = 0
        for block in self.blocks:
            part[block] = np.arange(first, first + len(block))[:, None]
            sizes.append((block >= 0).sum(axis=1))
            first += len(block)
        alone = np.flatnonzero(part[:-1] < 0)
        part[alone] = np.arange(first, first + len(alone))
        return part[:-1], np.concatenate([*sizes, np.ones(len(alone), np.int64)])

    def _chunks(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Sources (rows, some) and targets (rows, width) of a manageable number of pairs."""
        for block in self.blocks:
            width = block.shape[1]
            rows, columns = max(1, CHUNK // width**2), max(1, min(width, CHUNK // width))
            for first in range(0, len(block), rows):
                part = block[first : first + rows]
                for column in range(0, width, columns):
                    yield part[:, column : column + columns], part

    def _allowed(self, gains: Sequence[tuple[Numbers, Numbers]]) -> Iterator[tuple[Int64, Int64, Bools]]:
        """Source states, target states and for which pairs every gain at the target exceeds the bound at the source."""
        at = self.state_of[:-1]
        at_cells = [(_padded(gain[at], -1), _padded(bound[at], NEVER)) for gain, bound in gains]
        limits = [(of.level, of.low, np.less) for of in self.limits] + [
            (of.level, of.high, np.greater) for of in self.limits
        ]
        for sources, targets in self._chunks():
            allowed = (sources >= 0)[:, :, None] & (targets >= 0)[:, None, :]
            scratch = np.empty_like(allowed)
            for gain, bound in at_cells:
                np.greater(gain[targets][:, None, :], bound[sources][:, :, None], out=scratch)
                np.logical_and(allowed, scratch, out=allowed)
            for level, end, beyond in limits:
                beyond(level[targets][:, None, :], end[sources][:, :, None], out=scratch)
                np.greater(allowed, scratch, out=allowed)
            from_states, to_states = self.state_of[sources], self.state_of[targets]
            if self.inside is not None:
                here = unpacked(self.inside[from_states.ravel()], targets.shape[1])
                allowed &= here.reshape(allowed.shape)
            yield from_states, to_states, allowed

    def leaves(self, gains: Sequence[tuple[Numbers, Numbers]]) -> Bools:
        """From which states the group can reach one where every gain exceeds its bound.

        Args:
            gains: pairs of what a state is worth as a target, at most 32,766, and what it must exceed, of shape
                (states,) each; at least one.

        Returns:
            Shape (states,).
        """
        out = np.zeros(self.count + 1, bool)
        for sources, _, allowed in self._allowed(gains):
            out[sources[allowed.any(axis=2)]] = True
        return out[:-1]

    def arcs(self, gains: Sequence[tuple[Numbers, Numbers]]) -> Iterator[Arcs]:
        """The pairs of states for which every gain at the target exceeds its bound at the source, piece by piece.

        Without gains: all that the group can reach; a state itself may be among it.
        """
        for sources, targets, allowed in self._allowed(gains):
            found = np.flatnonzero(allowed)
            if not len(found):
                continue
            source, column = np.divmod(found, targets.shape[1])
            row = source // sources.shape[1]
            starts = np.flatnonzero(np.append(True, source[1:] != source[:-1]))
            reached = targets[row, column].astype(np.int32)
            yield Arcs(sources.ravel()[source[starts]], starts, reached)


def joint_group(graph: GraphModel, parties: Sequence[str]) -> Group:
    """What a group can reach by one joint move: all its options changed at once.

    Directions and floors hold for every option; what lies between need not be feasible. A coalesced state can do
    what any of its members can.

    Args:
        graph: the conflict.
        parties: the group; mediators and parties without options in it change nothing.
    """
    states, space = graph.states, graph.states.space
    movers = tuple(m for m in graph.movers if m in parties)
    mine = [n for n, owner in enumerate(space.owners) if owner in movers]
    others = [n for n in range(len(space.options)) if n not in mine]
    part = numbered(states.digits[others], [space.counts[o] for o in others], states.cells)
    limits = []
    for option in mine:
        window = np.array(space.windows[option], np.int16)
        if (window[:, 0] > 0).any() or (window[:, 1] < space.counts[option] - 1).any():
            level = states.digits[option]
            ends = (_padded(window[level, end].astype(np.int16), 0) for end in (0, 1))
            limits.append(Limit(_padded(level.astype(np.int16), 0), *ends))
    blocks = _parts(part) if movers else ()
    return Group(
        tuple(parties),
        movers,
        blocks,
        tuple(limits),
        None,
        _padded(states.state_of.astype(np.int64), len(graph)),
        len(graph),
    )


def joint_reach(graph: GraphModel, owners: Sequence[str], state: int) -> Bools:
    """The states that some parties can reach from one state by one joint move, the state itself left out.

    Args:
        graph: the conflict, of any size.
        owners: whose options may change; mediators count as well.
        state: number from 0.

    Returns:
        Shape (states,).
    """
    states, space = graph.states, graph.states.space
    mine = [n for n, owner in enumerate(space.owners) if owner in owners]
    others = [n for n in range(len(space.options)) if n not in mine]
    fixed = numbered(states.digits[others], [space.counts[o] for o in others], states.cells)
    members = np.array(states.members(state))
    windows = np.array(
        [[space.windows[o][k] for o, k in zip(mine, states.digits[mine, c], strict=True)] for c in members]
    )
    windows = windows.reshape(len(members), len(mine), 2)
    cells = np.zeros(states.cells, bool)
    for window in np.unique(windows, axis=0):
        alike = members[(windows == window).all(axis=(1, 2))]
        here = np.zeros(int(fixed.max()) + 1, bool)
        here[fixed[alike]] = True
        within = here[fixed]
        for option, (low, high) in zip(mine, window, strict=True):
            within &= (states.digits[option] >= low) & (states.digits[option] <= high)
        cells |= within
    out = np.zeros(len(graph), bool)
    out[states.state_of[cells]] = True
    out[state] = False
    return out


def legal_group(graph: GraphModel, parties: Sequence[str]) -> Group:
    """What a group can reach by legal sequences: one member at a time, nobody twice in a row.

    Args:
        graph: the conflict.
        parties: the group; mediators and parties without options in it do not move.
    """
    movers = tuple(m for m in graph.movers if m in parties)
    if len(movers) < 2 or (graph.moves.transitive and is_product(graph)):
        return joint_group(graph, movers)
    free = graph.moves.transitive and all(graph.moves.of[m].free for m in movers)
    part = graph.moves.components(movers) if graph.moves.transitive else _connected(graph, movers)
    blocks = _parts(part)
    inside = None if free else _inside(graph, movers, blocks)
    return Group(tuple(parties), movers, blocks, (), inside, np.arange(len(graph) + 1), len(graph))


def is_product(graph: GraphModel) -> bool:
    """Whether what one party can choose never depends on the others: then a sequence of moves can do all joint ones."""
    combos = [graph.moves.of[p].combos.shape[1] for p in graph.parties]
    return int(np.prod(combos, dtype=object)) == graph.states.cells


def _connected(graph: GraphModel, movers: Sequence[str]) -> Numbers:
    """Parts of states that moves connect, whatever their direction."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    state, fibres, size = graph.states.state_of, [], len(graph)
    for mover in movers:
        fibres.append(graph.moves.of[mover].fibre.astype(np.int64) + size)
        size += graph.moves.of[mover].fibres
    rows, columns = np.tile(state, len(fibres)), np.concatenate(fibres)
    arcs = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    label: Numbers = connected_components(arcs, directed=False)[1][: len(graph)]
    return label


def _parts(part: Numbers) -> tuple[NDArray[np.int32], ...]:
    order = np.argsort(part, kind="stable")
    sizes = np.bincount(part)
    starts = np.concatenate([[0], np.cumsum(sizes[sizes > 0])]).astype(np.int64)
    return tuple(rows.cells for rows in bucketed(order, starts, None))


def _inside(graph: GraphModel, movers: Sequence[str], blocks: Sequence[NDArray[np.int32]]) -> Family:
    """Per state, which columns of its row legal sequences lead to: sets as wide as the widest part."""
    count = len(graph)
    column = np.zeros(count + 1, np.int64)
    for block in blocks:
        column[block] = np.arange(block.shape[1])
    column = column[:-1]
    start = empty(count, max((b.shape[1] for b in blocks), default=1))
    own = (np.arange(count), column >> 6)
    bit = np.uint64(1) << (column & 63).astype(np.uint64)
    start[own] = bit
    found = propagated(movers, move_step(graph), start, transitive=graph.moves.transitive)
    found[own] &= ~bit
    return np.concatenate([found, np.zeros((1, found.shape[1]), np.uint64)])


def _padded(values: NDArray[Any], pad: int) -> NDArray[Any]:
    """One more entry at the end, where the index -1 finds it."""
    return np.append(values, np.array(pad, values.dtype))
