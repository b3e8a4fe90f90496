"""What comes in the end, without a date: absorption by strongly connected components, exact expected times.

Where turns repeat, a node is a state at one turn of the cycle; where they end, mass walks to the last of them first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64, Limit
from detente.forecast.period import Period
from detente.forecast.solving import DIRECT, solve
from detente.forecast.walk import Walk, at_dates, needed, prefixes, reached

NEVER = (0.0, 1e-12, 1e-9, 1e-6)
MOST_VISITS = 1e12


@dataclass(frozen=True, eq=False)
class Nodes:
    """The chain of what still moves.

    Attributes:
        states: number of states.
        going: chances from node to node; node = turn x states + state.
        broken, agreed: chances of ending in a state, nodes x states, or None.
    """

    states: int
    going: Any
    broken: Any
    agreed: Any

    @classmethod
    def of(cls, period: Period) -> Nodes:
        """The nodes of a draw; of turns that end, those after the last."""
        from scipy.sparse import block_array, vstack

        turns = range(len(period.weights)) if period.cyclic else [len(period.weights) - 1]
        parts = [period.going_on(t) for t in turns]
        ends = [None if e is None else vstack([e] * len(parts), format="csr") for e in period.ending()]
        if len(parts) == 1:
            return cls(len(period.dynamics), parts[0], *ends)
        blocks = [[p if j == (i + 1) % len(parts) else None for j in range(len(parts))] for i, p in enumerate(parts)]
        return cls(len(period.dynamics), block_array(blocks, format="csr"), *ends)

    def without(self, least: float) -> Nodes:
        """The same without the chances below some number; what is left stays where it is."""
        if least == 0.0:
            return self
        kept = [None if m is None else _pruned(m, least) for m in (self.going, self.broken, self.agreed)]
        return Nodes(self.states, *kept)

    def spread(self, by_state: NDArray[Any]) -> NDArray[Any]:
        """Something said of states, of nodes."""
        return np.tile(by_state, self.going.shape[0] // self.states)


def _pruned(matrix: Any, least: float) -> Any:
    out = matrix.copy()
    out.data[out.data < least] = 0.0
    out.eliminate_zeros()
    return out


@dataclass(frozen=True, eq=False)
class Scan:
    """Where a chain that stops in some nodes can go.

    Attributes:
        place: nodes that are met without passing a stop.
        part: strongly connected part of each of these.
        closed: whether a part is never left, shape (parts,).
        escapes: whether some path may never stop.
    """

    place: Int64
    part: NDArray[np.int32]
    closed: Bools
    escapes: bool

    @classmethod
    def of(cls, nodes: Nodes, start: Bools, stops: Bools) -> Scan:
        """Look where a chain can go.

        Args:
            nodes: the chain.
            start: where it starts, shape (nodes,).
            stops: nodes in which it stops, shape (nodes,).
        """
        from scipy.sparse.csgraph import connected_components

        place = np.flatnonzero(_reachable(nodes.going, start & ~stops, stops))
        rows = nodes.going[place]
        inner = rows[:, place]
        count, part = connected_components(inner, connection="strong")
        row, column = inner.nonzero()
        closed = np.ones(count, bool)
        closed[part[row[part[row] != part[column]]]] = False
        outside = np.diff(rows.indptr) > np.diff(inner.indptr)
        ends = False
        for end in (nodes.broken, nodes.agreed):
            if end is not None:
                leaving = end[place]
                outside |= np.diff(leaving.indptr) > 0
                ends |= bool(leaving[:, ~stops[: nodes.states]].nnz)
        closed[part[outside]] = False
        return cls(place, part, closed, bool(closed.any()) or ends)


@dataclass(frozen=True, eq=False)
class Passage:
    """A chain that stops in some nodes, followed to the end.

    Attributes:
        visits: expected visits to every node that is left for good, shape (nodes,).
        held: chance to be caught in each closed part for ever, by node visited first, shape (nodes,).
        part: number of the strongly connected part of each node, -1 where it is not met.
        closed: whether a part is never left, shape (parts,).
    """

    visits: Floats
    held: Floats
    part: NDArray[np.int32]
    closed: Bools


def _follow(nodes: Nodes, start: Floats, stops: Bools, scan: Scan | None = None) -> Passage:
    """Follow mass until it is stopped, has ended, or is caught in a closed part.

    Args:
        nodes: the chain.
        start: mass at each node.
        stops: nodes in which it stops (mass that starts there is out of account).
        scan: where it can go, if that is known.
    """
    here = np.where(stops, 0.0, start)
    scan = scan or Scan.of(nodes, here > 0, stops)
    passing = ~scan.closed[scan.part]
    left, caught = scan.place[passing], scan.place[~passing]
    visits, held = np.zeros(len(here)), np.zeros(len(here))
    if len(left):
        between = nodes.going[left][:, left]
        visits[left] = solve(between.T.tocsr(), here[left])
        if not visits.max() < MOST_VISITS or visits.min() < -1e-9:
            raise np.linalg.LinAlgError("a system near a singular one")
    held[caught] = here[caught] + visits[left] @ nodes.going[left][:, caught]
    every = np.full(len(here), -1, np.int32)
    every[scan.place] = scan.part
    return Passage(visits, held, every, scan.closed)


def _reachable(going: Any, start: Bools, stops: Bools) -> Bools:
    """The nodes that can be met from some nodes without passing a stop."""
    met = start.copy()
    fresh = start
    backward = going.T.tocsr()
    while fresh.any():
        fresh = (backward @ fresh.astype(np.float64) > 0) & ~met & ~stops
        met |= fresh
    return met


def limit_of(period: Period) -> Limit:
    """Shares in the end and expected times.

    Where chances are so small that the linear systems cannot be told from singular ones, those under one in 10^12 (if
    that does not help, in 10^9, 10^6) count as none: what is left only once in so many periods counts as left never.
    """
    dynamics = period.dynamics
    stopping = named(dynamics)
    stops = prefixes(dynamics)[needed(dynamics)]
    walk = Walk(period, stops if stopping is None else np.concatenate([stops, stopping[None, :]]))
    before = [0.0, 0.0]
    for tick in range(0 if period.cyclic else len(period.weights) - 1):
        before[0] += walk.unsettled(tick)
        before[1] += float(walk.ahead(len(walk.ended) - 1).sum()) if stopping is not None else 0.0
        walk.step(tick)
    nodes = Nodes.of(period)
    for least in NEVER:
        try:
            return _limit(nodes.without(least), walk, before, stopping is not None)
        except np.linalg.LinAlgError:
            continue
    advice = "Ask for dates only, or make replies less sharp."
    raise LimitReached("states of a chain that hardly ever comes to rest", f"{len(dynamics):,}", DIRECT, advice)


def _limit(nodes: Nodes, walk: Walk, before: list[float], until: bool) -> Limit:  # noqa: FBT001
    dynamics = walk.period.dynamics
    start = np.zeros(nodes.going.shape[0])
    start[: nodes.states] = walk.free
    whole = _follow(nodes, start, np.zeros(len(start), bool))
    rest, unsettled = _settled(nodes, whole)
    ended = [_ended(e, whole.visits) for e in (nodes.broken, nodes.agreed)]
    broken, agreed = (w if e is None else w + e for w, e in zip((walk.broken, walk.agreed), ended, strict=True))
    state = rest + broken + agreed
    hit = np.array([_hit(nodes, walk, n) for n in range(len(needed(dynamics)))])
    outcome = reached(dynamics, hit) if dynamics.ever else at_dates(dynamics, state)
    endless = bool((whole.held[_turning(nodes, whole)] > 0).any())
    periods = np.inf if endless else before[0] + float(whole.visits.sum())
    first = _until(nodes, walk, before[1]) if until else None
    return Limit(outcome, state, float(broken.sum()), float(agreed.sum()), unsettled, periods, first)


def named(dynamics: Dynamics) -> Bools | None:
    """The states of outcomes that are no last resort, or None."""
    found = dynamics.classes < len(dynamics.outcomes)
    if dynamics.otherwise is not None:
        found &= dynamics.classes != dynamics.otherwise
    return found if found.any() else None


def _turning(nodes: Nodes, found: Passage) -> Bools:
    """Nodes of closed parts with more than one state."""
    out = np.zeros(len(found.part), bool)
    inside = np.flatnonzero(found.part >= 0)
    inside = inside[found.closed[found.part[inside]]]
    state, part = inside % nodes.states, found.part[inside]
    low, high = np.full(len(found.closed), nodes.states), np.full(len(found.closed), -1)
    np.minimum.at(low, part, state)
    np.maximum.at(high, part, state)
    out[inside] = low[part] < high[part]
    return out


def _settled(nodes: Nodes, found: Passage) -> tuple[Floats, float]:
    """Chance to rest in each state for ever, and never to rest."""
    turning = _turning(nodes, found)
    rest = np.where(turning, 0.0, found.held).reshape(-1, nodes.states).sum(axis=0)
    return rest, float(found.held[turning].sum())


def _ended(end: Any, visits: Floats) -> Floats | None:
    return None if end is None else end.T @ visits


def _hit(nodes: Nodes, walk: Walk, number: int) -> float:
    """Chance that a stopped chain stops at last."""
    start, stops = _ahead(nodes, walk, number)
    scan = Scan.of(nodes, start > 0, stops)
    if not scan.escapes:
        return float(walk.hit[number] + start.sum())
    visits = _follow(nodes, start, stops, scan).visits
    arriving = np.asarray(nodes.going.T @ visits).reshape(-1, nodes.states).sum(axis=0)
    for end in (nodes.broken, nodes.agreed):
        if end is not None:
            arriving = arriving + end.T @ visits
    return float(walk.hit[number] + arriving[stops[: nodes.states]].sum())


def _ahead(nodes: Nodes, walk: Walk, number: int) -> tuple[Floats, Bools]:
    """What still moves of a stopped chain, and what stops it, by node."""
    start = np.zeros(nodes.going.shape[0])
    start[: nodes.states] = walk.ahead(number)
    return start, nodes.spread(~walk.nodes.inside[number + 1])


def _until(nodes: Nodes, walk: Walk, before: float) -> float:
    """Expected periods until the last of the walk's sets is hit; infinite where a path may never hit it."""
    start, stops = _ahead(nodes, walk, len(walk.ended) - 1)
    scan = Scan.of(nodes, start > 0, stops)
    if walk.ended[-1] > 0 or scan.escapes:
        return np.inf
    return before + float(_follow(nodes, start, stops, scan).visits.sum())
