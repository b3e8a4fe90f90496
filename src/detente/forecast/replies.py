"""How the parties move: the chance of every reply of every party, given what states are worth to it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.moving import Moving
from detente.forecast.thin import Choices, Thin
from detente.graph.arcs import Arcs
from detente.graph.closure import least_answer
from detente.graph.model import GraphModel
from detente.graph.ranks import dense

TIED = 1e-9
"""Worths found by looking ahead that differ by less than this share of the party's range of utility are equal."""
FARTHEST = 600.0
"""No logit weight is below exp of minus this times the largest: a reply can be that unlikely, never impossible."""


@dataclass(frozen=True, eq=False)
class Explicit(Moving):
    """Replies written out move by move.

    Attributes:
        count: number of states.
        replies: per mover its matrix of chances, states x states.
    """

    count: int
    replies: tuple[Any, ...]
    _mixed: dict[bytes, Any] = field(default_factory=dict, repr=False)

    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        out: Floats = self.matrix(weights).T @ mass
        return out

    def back(self, values: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        out = np.zeros_like(values)
        for weight, reply in zip(weights, self.replies, strict=True):
            if weight:
                out += weight * (reply @ values)
        return out

    def matrix(self, weights: Floats) -> Any:
        """See ``Moving``."""
        from scipy.sparse import csr_array

        key = weights.tobytes()
        if key not in self._mixed:
            every = np.arange(self.count)
            row, column, chance = [every], [every], [np.full(self.count, 1.0 - weights.sum())]
            for weight, reply in zip(weights, self.replies, strict=True):
                row.append(np.repeat(every, np.diff(reply.indptr)))
                column.append(reply.indices)
                chance.append(weight * reply.data)
            joined = np.concatenate(chance), (np.concatenate(row), np.concatenate(column))
            mixed = csr_array(joined, shape=(self.count, self.count))
            mixed.eliminate_zeros()
            self._mixed[key] = mixed
        return self._mixed[key]

    def leaves(self, weights: Floats) -> Bools:
        """See ``Moving``."""
        mixed = self.matrix(weights)
        found: Bools = np.diff(mixed.indptr) > (mixed.diagonal() > 0)
        return found


def _explicit(dynamics: Dynamics, draw: Draw, worth: Floats, fears: Sequence[Int64] | None) -> Explicit:
    """The replies of every mover, where ``fears`` says what each must fear of every state (None: nothing)."""
    replies = []
    for n, row in enumerate(worth):
        arcs = arcs_of(dynamics)[n]
        if fears is not None:
            own = dense(utility_of(dynamics, draw, n))
            arcs = arcs.where(fears[n][arcs.target] > own[arcs.source])
        replies.append(_reply(dynamics, draw, n, row, arcs))
    return Explicit(len(dynamics), tuple(replies))


def _reply(dynamics: Dynamics, draw: Draw, mover: int, worth: Floats, arcs: Arcs) -> Any:
    """One mover's matrix of chances."""
    from scipy.sparse import csr_array

    count = len(dynamics)
    if dynamics.reply == "logit":
        exponent = sharpness(dynamics, draw, mover) * worth
        highest = _highest(exponent, arcs)
        weight = np.exp(np.maximum(exponent[arcs.target] - highest[arcs.source], -FARTHEST))
        stay = np.exp(np.maximum(exponent - highest, -FARTHEST))
    else:
        place = ranked(worth, 0.0 if dynamics.foresight == "none" else TIED * np.ptp(utility_of(dynamics, draw, mover)))
        arcs = arcs.where(place[arcs.target] > place[arcs.source])
        if dynamics.reply == "best":
            arcs = arcs.where(place[arcs.target] == _highest(place, arcs)[arcs.source])
        weight = np.ones(len(arcs.source))
        stay = (np.bincount(arcs.source, minlength=count) == 0).astype(np.float64)
    total = stay + np.bincount(arcs.source, weight, count)
    # moves come by where they start: staying goes before those of its state
    place = np.arange(len(arcs.source)) + arcs.source + 1
    starts = np.concatenate([[0], np.cumsum(np.bincount(arcs.source, minlength=count) + 1)])
    target, chance = np.empty(starts[-1], np.int64), np.empty(starts[-1])
    target[starts[:-1]], target[place] = np.arange(count), arcs.target
    chance[starts[:-1]], chance[place] = stay / total, weight / total[arcs.source]
    reply = csr_array((chance, target, starts), shape=(count, count))
    reply.eliminate_zeros()
    return reply


def _highest(values: NDArray[Any], arcs: Arcs) -> NDArray[Any]:
    """The largest of some values in each state and where its moves lead, shape (states,)."""
    out = values.copy()
    if len(arcs.source):
        starts = np.flatnonzero(np.concatenate([[True], arcs.source[1:] != arcs.source[:-1]]))
        here = arcs.source[starts]
        out[here] = np.maximum(out[here], np.maximum.reduceat(values[arcs.target], starts))
    return out


def ranked(values: Floats, tolerance: float) -> Int64:
    """Places from numbers, 0 for the smallest; neighbours at most ``tolerance`` apart share one."""
    order = np.argsort(values, kind="stable")
    place = np.empty(len(values), np.int64)
    place[order] = np.concatenate([[0], np.cumsum(np.diff(values[order]) > tolerance)])
    return place


def replies(dynamics: Dynamics, draw: Draw, worth: Floats, fears: Sequence[Int64] | None) -> Moving:
    """The replies of all movers.

    Args:
        dynamics: the rules of movement.
        draw: utilities and intensity.
        worth: what each state is worth to the mover that moves there, shape (movers, states).
        fears: of ``fears_of``, where moves that the others can answer to the mover's cost are left out; else None.
    """
    if dynamics.reply == "logit" and fears is None and not dynamics.moves.states.merged:
        return _thin(dynamics, draw, worth)
    return _explicit(dynamics, draw, worth, fears)


def utility_of(dynamics: Dynamics, draw: Draw, mover: int) -> Floats:
    """Utility of a mover in every state, shape (states,)."""
    row: Floats = draw.utility[dynamics.parties.index(dynamics.movers[mover])]
    return row


def sharpness(dynamics: Dynamics, draw: Draw, mover: int) -> float:
    """Logit weight of one unit of a mover's utility: the intensity over its standard deviation, 0 where that is 0."""
    utility = utility_of(dynamics, draw, mover)
    return draw.intensity / float(np.std(utility)) if np.ptp(utility) > 0 else 0.0


def shares_of_turns(dynamics: Dynamics, draw: Draw) -> Floats:
    """How often each mover has the move: its weight, or its share of the turns; sum 1 (0 if nobody moves)."""
    weights = draw.weights if dynamics.turns is None else dynamics.turns.sum(axis=0)
    total = float(weights.sum())
    out: Floats = weights / total if total > 0 else np.zeros(len(dynamics.movers))
    return out


def arcs_of(dynamics: Dynamics) -> tuple[Arcs, ...]:
    """The moves of every mover."""
    found: tuple[Arcs, ...]
    found = cached(dynamics, "arcs", lambda: tuple(Arcs.of(_graph(dynamics), p) for p in dynamics.movers))
    return found


def _graph(dynamics: Dynamics, draw: Draw | None = None) -> GraphModel:
    states = dynamics.moves.states
    utility = {} if draw is None else {p: dense(utility_of(dynamics, draw, n)) for n, p in enumerate(dynamics.movers)}
    return GraphModel(states.case, states, dynamics.moves, dict(utility))


def fears_of(dynamics: Dynamics, draw: Draw) -> list[Int64] | None:
    """With caution, per mover and state, the lowest rank that improvements by the others can bring it to from there.

    As in sequential stability: by legal sequences of at least one improvement of those who ever have the move.
    """
    if not dynamics.caution:
        return None
    graph = _graph(dynamics, draw)
    active = shares_of_turns(dynamics, draw) > 0
    out = []
    for party in dynamics.movers:
        others = [p for p, moves in zip(dynamics.movers, active, strict=True) if moves and p != party]
        out.append(least_answer(graph, others, graph.rank(party)).astype(np.int64))
    return out


def _thin(dynamics: Dynamics, draw: Draw, worth: Floats) -> Thin:
    choices = cached(dynamics, "choices", lambda: Choices.of(dynamics))
    cuts = np.searchsorted(choices.mover, np.arange(len(dynamics.movers) + 1))
    data = np.empty(len(choices.target))
    for n, row in enumerate(worth):
        first, last = choices.starts[cuts[n]], choices.starts[cuts[n + 1]]
        exponent = sharpness(dynamics, draw, n) * row
        target = choices.target[first:last]
        if np.ptp(exponent) > FARTHEST:
            sizes = np.diff(choices.starts[cuts[n] : cuts[n + 1] + 1])
            chosen = exponent[target]
            if len(sizes):
                chosen -= np.repeat(np.maximum.reduceat(chosen, choices.starts[cuts[n] : cuts[n + 1]] - first), sizes)
            data[first:last] = np.exp(np.maximum(chosen, -FARTHEST))
        else:
            data[first:last] = np.exp(exponent - exponent.max())[target]
    total = np.add.reduceat(data, choices.starts[:-1]) if len(data) else np.zeros(0)
    return Thin(choices, data, total)


def cached(dynamics: Dynamics, key: Hashable, make: Callable[[], Any]) -> Any:
    """What is worked out once for all draws."""
    if key not in dynamics._cache:  # noqa: SLF001 - the place for it
        dynamics._cache[key] = make()  # noqa: SLF001
    return dynamics._cache[key]  # noqa: SLF001
