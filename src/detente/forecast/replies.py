"""How the parties move: the chance of every reply of every party, given what states are worth to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.forecast.dynamics import Draw, Dynamics, Floats, Int64
from detente.forecast.explicit import FARTHEST, Explicit, Rule, Ways
from detente.forecast.moving import Moving
from detente.forecast.thin import Choices, Thin
from detente.graph.arcs import Arcs
from detente.graph.closure import least_answer
from detente.graph.model import GraphModel

TIED = 1e-9
"""Worths found by looking ahead that differ by less than this share of the party's range of utility are equal."""


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
    if thin(dynamics, fears):
        return _thin(dynamics, draw, worth)
    rule = rule_of(dynamics, draw, worth, fears)
    return Explicit(rule.ways.movers, len(dynamics), rule.rows(np.arange(len(dynamics))))


def thin(dynamics: Dynamics, fears: Sequence[Int64] | None) -> bool:
    """Whether replies depend on what can be chosen alone, so that they need not be written out move by move."""
    return dynamics.reply == "logit" and fears is None and not dynamics.moves.states.merged


def rule_of(dynamics: Dynamics, draw: Draw, worth: Floats, fears: Sequence[Int64] | None) -> Rule:
    """How all movers reply, state by state; arguments as of ``replies``."""
    movers = range(len(dynamics.movers))
    if dynamics.reply == "logit":
        value = _exponents(dynamics, draw, worth)
    else:
        near = 0.0 if dynamics.foresight == "none" else TIED
        value = np.array([ranked(worth[n], near * np.ptp(utility_of(dynamics, draw, n))) for n in movers])
    ways = dynamics.once("ways", lambda: _ways(dynamics))
    if fears is None:
        return Rule(ways, dynamics.reply, value.reshape(-1))
    own = [draw.ranks(dynamics.parties.index(p)) for p in dynamics.movers]
    both = [np.concatenate([np.zeros(0, np.int32), *x]).astype(np.int32) for x in (own, fears)]
    return Rule(ways, dynamics.reply, value.reshape(-1), *both)


def _ways(dynamics: Dynamics) -> Ways:
    graph = _graph(dynamics)
    return Ways.of(len(dynamics), [Arcs.of(graph, p) for p in dynamics.movers])


def utility_of(dynamics: Dynamics, draw: Draw, mover: int) -> Floats:
    """Utility of a mover in every state, shape (states,)."""
    row: Floats = draw.utility[dynamics.parties.index(dynamics.movers[mover])]
    return row


def _exponents(dynamics: Dynamics, draw: Draw, worth: Floats) -> Floats:
    """Logarithms of logit weights, shape (movers, states): the intensity per standard deviation of utility."""
    utility = draw.utility[[dynamics.parties.index(p) for p in dynamics.movers]]
    spread = np.where(np.ptp(utility, axis=1) > 0, np.std(utility, axis=1), np.inf)
    exponents: Floats = worth * (draw.intensity / spread)[:, None]
    return exponents


def shares_of_turns(dynamics: Dynamics, draw: Draw) -> Floats:
    """How often each mover has the move: its weight, or its share of the turns; sum 1 (0 if nobody moves)."""
    weights = draw.weights if dynamics.turns is None else dynamics.turns.sum(axis=0)
    total = float(weights.sum())
    out: Floats = weights / total if total > 0 else np.zeros(len(dynamics.movers))
    return out


def _graph(dynamics: Dynamics, draw: Draw | None = None) -> GraphModel:
    states = dynamics.moves.states
    ranks = {} if draw is None else {p: draw.ranks(dynamics.parties.index(p)) for p in dynamics.movers}
    return GraphModel(states.case, states, dynamics.moves, dict(ranks))


def fears_of(dynamics: Dynamics, draw: Draw) -> list[Int64] | None:
    """With caution, per mover and state, the lowest rank that improvements by the others can bring it to from there.

    As in sequential stability: by legal sequences of at least one improvement of those who ever have the move.
    """
    if not dynamics.caution:
        return None
    active = tuple(p for p, share in zip(dynamics.movers, shares_of_turns(dynamics, draw), strict=True) if share > 0)
    found: list[Int64] = draw.once(("fears", dynamics.movers, active), lambda: _fears(dynamics, draw, active))
    return found


def _fears(dynamics: Dynamics, draw: Draw, active: Sequence[str]) -> list[Int64]:
    graph = _graph(dynamics, draw)
    return [
        least_answer(graph, [p for p in active if p != party], graph.rank(party)).astype(np.int64)
        for party in dynamics.movers
    ]


def _thin(dynamics: Dynamics, draw: Draw, worth: Floats) -> Thin:
    choices = dynamics.once("choices", lambda: Choices.of(dynamics))
    exponent = _exponents(dynamics, draw, worth)
    if np.ptp(exponent, axis=1).max(initial=0.0) <= FARTHEST:
        data = np.exp(exponent - exponent.max(axis=1, keepdims=True)).reshape(-1).take(choices.place)
    else:
        data = exponent.reshape(-1).take(choices.place)
        highest = np.maximum.reduceat(data, choices.starts[:-1])
        data = np.exp(np.maximum(data - np.repeat(highest, np.diff(choices.starts)), -FARTHEST))
    total = np.add.reduceat(data, choices.starts[:-1]) if len(data) else np.zeros(0)
    return Thin(choices, data, total)
