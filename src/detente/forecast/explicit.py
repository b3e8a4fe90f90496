"""Replies written out move by move, for all states or for some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.forecast.dynamics import Bools, Floats, Int64, Reply
from detente.forecast.moving import Moving
from detente.graph.arcs import Arcs

Int32 = NDArray[np.int32]
FARTHEST = 600.0
"""No logit weight is below exp of minus this times the largest: a reply can be that unlikely, never impossible."""
AT_ONCE = 1 << 22
"""So many moves are looked at together."""


@dataclass(frozen=True, eq=False)
class Ways:
    """The moves of all movers. A *row* is a state and a mover, state by state.

    Attributes:
        movers: number of movers.
        starts: where the moves of each row start, and the end, shape (states x movers + 1,).
        target: state that each leads to, shape (moves,).
    """

    movers: int
    starts: Int64
    target: Int32

    @classmethod
    def of(cls, count: int, arcs: Sequence[Arcs]) -> Ways:
        """From the moves of every mover.

        Args:
            count: number of states.
            arcs: per mover.
        """
        movers = len(arcs)
        sizes = np.array([np.bincount(a.source, minlength=count) for a in arcs], np.int64).reshape(movers, count)
        starts = np.concatenate([[0], np.cumsum(sizes.T.reshape(-1))]).astype(np.int64)
        target = np.empty(starts[-1], np.int32)
        for n, some in enumerate(arcs):
            before = np.cumsum(sizes[n]) - sizes[n]
            shift = starts[:-1].reshape(count, movers)[:, n] - before
            target[np.arange(len(some.source)) + shift[some.source]] = some.target
        return cls(movers, starts, target)


@dataclass(frozen=True, eq=False)
class Rows:
    """Replies of some states: per row staying first, then the moves that can be chosen.

    Attributes:
        starts: where each row starts, and the end, shape (rows + 1,).
        target: the states that can be chosen.
        chance: of each.
    """

    starts: Int64
    target: Int32
    chance: Floats

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """Rows one below the other."""
        if len(parts) == 1:
            return parts[0]
        sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(p.starts) for p in parts)])
        target = np.concatenate([np.zeros(0, np.int32), *(p.target for p in parts)])
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return cls(starts, target, np.concatenate([np.zeros(0), *(p.chance for p in parts)]))


@dataclass(frozen=True, eq=False)
class Rule:
    """How the movers of a draw reply in any state. Numbers are per mover and state, mover by mover.

    Attributes:
        ways: their moves.
        reply: better | best | logit.
        value: by which they choose: logarithms of weights, or places, shape (movers x states,).
        own: rank of the state itself, same shape; None: nothing is feared.
        feared: lowest rank that a move there may be answered by, same shape; None: nothing is feared.
    """

    ways: Ways
    reply: Reply
    value: NDArray[Any]
    own: Int32 | None = None
    feared: Int32 | None = None

    def rows(self, states: Int64, acting: Bools | None = None) -> Rows:
        """The replies in some states.

        Args:
            states: their numbers, shape (some,).
            acting: which movers move at all, the others stay, shape (movers,); None: all.
        """
        ways, movers = self.ways, self.ways.movers
        row = (states[:, None] * movers + np.arange(movers)).reshape(-1)
        sizes = ways.starts[row + 1] - ways.starts[row]
        if acting is not None:
            sizes = sizes * np.tile(acting, len(states))
        total = int(sizes.sum())
        if total > AT_ONCE and len(states) > 1:
            parts = np.array_split(states, min(len(states), 2 * total // AT_ONCE))
            return Rows.joined([self.rows(part, acting) for part in parts])
        below = np.tile(np.arange(movers) * (len(self.value) // max(movers, 1)), len(states))
        here = below + np.repeat(states, movers)
        of = np.repeat(np.arange(len(row)), sizes)
        target = ways.target[ranges(ways.starts[row], sizes)]
        there = below[of] + target
        if self.own is not None and self.feared is not None:
            of, target, there = _those(self.feared[there] > self.own[here][of], of, target, there)
        return self._chosen(here, of, target, there)

    def _chosen(self, here: Int64, of: Int64, target: Int32, there: Int64) -> Rows:
        """The replies from what each row has to choose from.

        Args:
            here: place in ``value`` of staying, shape (rows,).
            of: row of every move, ascending.
            target: state that each leads to.
            there: its place in ``value``.
        """
        count = len(here)
        value = self.value[here]
        if self.reply == "logit":
            chosen = self.value[there]
            highest = _highest(value, chosen, of)
            weight = np.exp(np.maximum(chosen - highest[of], -FARTHEST))
            stay = np.exp(np.maximum(value - highest, -FARTHEST))
        else:
            of, target, there = _those(self.value[there] > value[of], of, target, there)
            if self.reply == "best":
                chosen = self.value[there]
                of, target, there = _those(chosen == _highest(value, chosen, of)[of], of, target, there)
            weight = np.ones(len(of))
            stay = (np.bincount(of, minlength=count) == 0).astype(np.float64)
        total = stay + np.bincount(of, weight, count)
        starts = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=count) + 1)]).astype(np.int64)
        place = np.arange(len(of)) + of + 1
        targets, chance = np.empty(starts[-1], np.int32), np.empty(starts[-1])
        targets[starts[:-1]], targets[place] = here % max(1, len(self.value) // max(self.ways.movers, 1)), target
        chance[starts[:-1]], chance[place] = stay / total, weight / total[of]
        return Rows(starts, targets, chance)


def ranges(first: Int64, sizes: Int64) -> Int64:
    """The numbers first, first + 1, .. of each range, one range after another."""
    ends = np.cumsum(sizes)
    return np.repeat(first - ends + sizes, sizes) + np.arange(int(ends[-1]) if len(ends) else 0)


def _those(wanted: Bools, *parts: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    kept = np.flatnonzero(wanted)
    return tuple(p[kept] for p in parts)


def _highest(value: NDArray[Any], chosen: NDArray[Any], of: Int64) -> NDArray[Any]:
    """The largest of each row's own value and those of its moves, whose rows ascend."""
    out = value.copy()
    if len(of):
        starts = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
        here = of[starts]
        out[here] = np.maximum(out[here], np.maximum.reduceat(chosen, starts))
    return out


@dataclass(frozen=True, eq=False)
class Explicit(Moving):
    """Replies written out move by move.

    Attributes:
        movers: number of movers.
        count: number of states.
        rows: replies of every state and mover, among these states.
    """

    movers: int
    count: int
    rows: Rows
    _mixed: dict[bytes, Any] = field(default_factory=dict, repr=False)

    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        out: Floats = self._matrix(weights).T @ mass
        return out

    def back(self, values: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        out: Floats = self._matrix(weights) @ values - (1.0 - weights.sum()) * values
        return out

    def matrix(self, weights: Floats) -> Any:
        """See ``Moving``."""
        out = self._matrix(weights).copy()
        out.sum_duplicates()
        return out

    def leaves(self, weights: Floats) -> Bools:
        """See ``Moving``."""
        state, mover = self._of
        moving = (self.rows.chance > 0) & (self.rows.target != state)
        if self.movers:
            moving &= weights[mover] > 0
        found: Bools = np.bincount(state[moving], minlength=self.count) > 0
        return found

    @cached_property
    def _of(self) -> tuple[Int64, Int64]:
        """State and mover of every reply."""
        row = np.repeat(np.arange(len(self.rows.starts) - 1), np.diff(self.rows.starts))
        return row // max(1, self.movers), row % max(1, self.movers)

    def _matrix(self, weights: Floats) -> Any:
        """As ``matrix``, in which a state can have several entries for the same target: they add up."""
        from scipy.sparse import csr_array, eye_array

        if not self.movers:
            return csr_array(eye_array(self.count))
        key = weights.tobytes()
        if key not in self._mixed:
            rows = self.rows
            chance = rows.chance * weights[self._of[1]]
            chance[rows.starts[: -1 : self.movers]] += 1.0 - weights.sum()  # nobody moves: as the first one's staying
            parts = chance, rows.target.copy(), rows.starts[:: self.movers].astype(np.int32)
            mixed = csr_array(parts, shape=(self.count, self.count))
            mixed.eliminate_zeros()
            self._mixed[key] = mixed
        return self._mixed[key]
