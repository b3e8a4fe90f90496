"""Shortest legal sequences from one state: who moves when, by improvements only or by any moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.graph.model import GraphModel
from detente.graph.tables import Table

Int32 = NDArray[np.int32]
Bools = NDArray[np.bool_]
UNREACHED = np.int32(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One party's move between two states (numbers from 0) and whether the party prefers where it leads."""

    party: str
    source: int
    target: int
    improves: bool


@dataclass(frozen=True, eq=False)
class Reach:
    """What can be reached from one state by legal sequences.

    Attributes:
        graph: the conflict.
        start: the state searched from.
        improving: whether every step had to be an improvement for its mover.
        depth: per party, length of the shortest legal sequence that ends with its move, shape (states,).
    """

    graph: GraphModel
    start: int
    improving: bool
    depth: dict[str, Int32]

    @classmethod
    def of(cls, graph: GraphModel, start: int, *, improving: bool, among: Collection[str] | None = None) -> Reach:
        """Search breadth first, all states of one length at once.

        Parties without an order make no improvements.

        Args:
            graph: the conflict.
            start: the state searched from.
            improving: whether every step must be an improvement for its mover.
            among: only these parties move; None: all.
        """
        movers = [m for m in graph.movers if not improving or graph.ranks[m] is not None]
        movers = movers if among is None else [m for m in movers if m in among]
        depth = {m: np.full(len(graph), UNREACHED, np.int32) for m in movers}
        source = np.zeros(len(graph) + 1, bool)
        source[start] = True
        front = dict.fromkeys(movers, source)
        length = 0
        while any(f.any() for f in front.values()):
            length += 1
            fresh: dict[str, Bools] = {}
            for mover in movers:
                reached = _step(graph, mover, front[mover], improving=improving)
                fresh[mover] = reached & (depth[mover] == UNREACHED)
                depth[mover][fresh[mover]] = length
            front = {m: _others(fresh, m, len(graph)) for m in movers}
        return cls(graph, start, improving, depth)

    @property
    def lengths(self) -> Int32:
        """Length of the shortest legal sequence to each state; the largest number where there is none."""
        out = np.full(len(self.graph), UNREACHED, np.int32)
        for depth in self.depth.values():
            out = np.minimum(out, depth)
        out[self.start] = UNREACHED
        return out

    def path(self, target: int) -> tuple[Step, ...] | None:
        """One shortest legal sequence to a state, or None if there is none."""
        last = min(self.depth, key=lambda m: int(self.depth[m][target]), default=None)
        if last is None or self.depth[last][target] == UNREACHED:
            return None
        steps: list[Step] = []
        state, mover = target, last
        for length in range(int(self.depth[last][target]), 0, -1):
            source, previous = self._previous(state, mover, length)
            ranks = self.graph.ranks[mover]
            improves = ranks is not None and bool(ranks[state] > ranks[source])
            steps.append(Step(mover, source, state, improves))
            state, mover = source, previous
        return tuple(reversed(steps))

    def _previous(self, state: int, mover: str, length: int) -> tuple[int, str]:
        """A state one step earlier, and who moved to it."""
        ranks = self.graph.ranks[mover]
        for source in self.graph.moves.sources(mover, state):
            if self.improving and ranks is not None and ranks[source] >= ranks[state]:
                continue
            if length == 1:
                if source == self.start:
                    return int(source), ""
                continue
            for other, depth in self.depth.items():
                if other != mover and depth[source] == length - 1:
                    return int(source), other
        raise AssertionError((state, mover, length))  # pragma: no cover - every depth has a state before it


def _others(fresh: dict[str, Bools], mover: str, count: int) -> Bools:
    out = np.zeros(count + 1, bool)
    for other, states in fresh.items():
        if other != mover:
            out[:-1] |= states
    return out


def _step(graph: GraphModel, mover: str, source: Bools, *, improving: bool) -> Bools:
    out = np.zeros(len(graph) + 1, bool)
    if not source.any():
        return out[:-1]
    for table in graph.tables(mover):
        here = source[table.states]
        if table.movers is not None:
            here &= table.movers
        rows = np.flatnonzero(here.any(axis=1))
        if not len(rows):
            continue
        can = _beyond_some(table, here, rows) if improving else _other_than_some(table, here, rows)
        out[table.states[rows][can]] = True
    return out[:-1]


def _beyond_some(table: Table, here: Bools, rows: NDArray[np.int64]) -> Bools:
    """Entries with a strictly larger key than some marked entry of their row."""
    seen = np.logical_or.accumulate(here[rows], axis=1)
    seen = np.concatenate([np.zeros((len(rows), 1), bool), seen], axis=1)
    before = np.arange(here.shape[1])[None, :] if table.before is None else table.before[rows]
    beyond: Bools = np.take_along_axis(seen, np.broadcast_to(before, (len(rows), here.shape[1])), 1)
    return beyond


def _other_than_some(table: Table, here: Bools, rows: NDArray[np.int64]) -> Bools:
    """Entries whose row has a marked entry of another state: staying within one coalesced state is no move."""
    states = table.states[rows]
    highest = np.where(here[rows], states, -1).max(axis=1, keepdims=True)
    lowest = np.where(here[rows], states, UNREACHED).min(axis=1, keepdims=True)
    other: Bools = (states != highest) | (states != lowest)
    return other
