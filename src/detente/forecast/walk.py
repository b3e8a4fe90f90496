"""Mass on its way through the periods of a draw, and what of it has visited which outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64
from detente.forecast.moving import Nodes
from detente.forecast.period import Period
from detente.forecast.replies import cached


def prefixes(dynamics: Dynamics) -> Bools:
    """Which states belong to the first k outcomes, k = 1 .. all; shape (outcomes, states)."""
    numbers = np.arange(len(dynamics.outcomes))
    found: Bools = cached(dynamics, "prefixes", lambda: dynamics.classes[None, :] <= numbers[:, None])
    return found


def needed(dynamics: Dynamics) -> Int64:
    """The prefixes whose chance is not known beforehand: those without the start (with it, it is 1); ever only."""
    if not dynamics.ever:
        return np.zeros(0, np.int64)
    return np.flatnonzero(~prefixes(dynamics)[:, dynamics.start])


def reached(dynamics: Dynamics, hit: Floats) -> Floats:
    """Chance of every outcome from the chances that the needed prefixes have been visited, shape (outcomes + 1,)."""
    chance = np.ones(len(dynamics.outcomes) + 1)
    chance[needed(dynamics)] = hit
    # each is a sum of its own, so that two that are equal can differ by a rounding
    rising = np.minimum(np.maximum.accumulate(chance), 1.0)
    return np.diff(rising, prepend=0.0)


def at_dates(dynamics: Dynamics, state: Floats) -> Floats:
    """Chance of every outcome from the chances of the states, shape (outcomes + 1,)."""
    found: Floats = np.bincount(dynamics.classes, state, len(dynamics.outcomes) + 1).astype(np.float64)
    return found


class Walk:
    """Mass on its way from the start, together with the same of chains that stop in some sets of states.

    Attributes:
        period: what happens in a period.
        nodes: the states of the free chain, then of each stopped one those that do not stop it.
        mass: what still moves, by node.
        broken, agreed: what has broken down or been agreed for ever, by state, shape (states,).
        ended: what of each stopped chain has done so in a state that does not stop it, shape (sets,).
    """

    def __init__(self, period: Period, stops: Bools) -> None:
        """At the start.

        Args:
            period: what happens in a period.
            stops: the sets, shape (sets, states).
        """
        count = len(period.dynamics)
        self.period = period
        inside = np.concatenate([np.ones((1, count), bool), ~stops])
        self.nodes: Nodes = cached(period.dynamics, ("nodes", inside.tobytes()), lambda: Nodes.of(inside))
        self.mass = (self.nodes.state == period.dynamics.start).astype(np.float64)
        self.broken = np.zeros(count)
        self.agreed = np.zeros(count)
        self.ended = np.zeros(len(stops))
        self._stepper = period.moving.stepper(self.nodes)

    @property
    def free(self) -> Floats:
        """What still moves, by state, shape (states,)."""
        found: Floats = self.mass[: self.nodes.states]
        return found

    def ahead(self, number: int) -> Floats:
        """What still moves of a stopped chain, by state, shape (states,)."""
        return self.nodes.spread(self.mass, number + 1)

    @property
    def hit(self) -> Floats:
        """What of each stopped chain has been stopped, shape (sets,)."""
        going = [float(self.mass[self.nodes.part(n + 1)].sum()) for n in range(len(self.ended))]
        found: Floats = np.maximum(1.0 - np.array(going) - self.ended, 0.0)
        return found

    def step(self, number: int) -> None:
        """One period, the first of which is number 0."""
        period, nodes, mass = self.period, self.nodes, self.mass
        if period.hazard is not None:
            lost = period.hazard[nodes.state] * mass
            mass = mass - lost
            self._end(self.broken, period.breaks, lost)
        if period.deals is None or period.rate is None:
            self.mass = self._stepper.forward(mass, period.weights[period.turn(number)])
            return
        joint = period.rate[nodes.state] * mass
        moved = self._stepper.forward(mass - joint, period.weights[period.turn(number)])
        moved += period.deals.none[nodes.state] * joint
        if period.dynamics.final:
            self._end(self.agreed, period.deals.chance, joint)
        else:
            for n, inside in enumerate(nodes.inside):
                moved[nodes.part(n)] += (period.deals.chance.T @ nodes.spread(joint, n))[inside]
        self.mass = moved

    def _end(self, total: Floats, chances: Any, leaving: Floats) -> None:
        """Let some of the mass end where some chances take it."""
        total += chances.T @ leaving[: self.nodes.states]
        for n in range(len(self.ended)):
            arrived = chances.T @ self.nodes.spread(leaving, n + 1)
            self.ended[n] += arrived[self.nodes.inside[n + 1]].sum()

    @property
    def state(self) -> Floats:
        """Chance of every state, shape (states,)."""
        return self.free + self.broken + self.agreed

    def unsettled(self, tick: int) -> float:
        """What has not come to rest after so many periods."""
        return float(self.free @ self.period.restless[self.period.turn(tick)])
