"""Mass on its way through the periods of a draw, and what of it has visited which outcomes."""

from __future__ import annotations

import numpy as np

from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64
from detente.forecast.moving import Nodes
from detente.forecast.period import Period


def prefixes(dynamics: Dynamics) -> Bools:
    """Which states belong to the first k outcomes, k = 1 .. all; shape (outcomes, states)."""
    numbers = np.arange(len(dynamics.outcomes))
    found: Bools = dynamics.once("prefixes", lambda: dynamics.classes[None, :] <= numbers[:, None])
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
        ended: what of each stopped chain has done so in a state that does not stop it, shape (sets,).
    """

    def __init__(self, period: Period, stops: Bools, *, free: bool = True) -> None:
        """At the start.

        Args:
            period: what happens in a period.
            stops: the sets, shape (sets, states).
            free: whether the free chain is wanted too; without it there is no ``state``, ``broken`` or ``agreed``.
        """
        dynamics = period.dynamics
        count = len(dynamics)
        self.period = period
        self._first = int(free)
        key = self._first, stops.tobytes()
        self.nodes: Nodes = dynamics.once(
            ("nodes", *key), lambda: Nodes.of(np.concatenate([np.ones((self._first, count), bool), ~stops]))
        )
        self.mass = np.zeros(len(self.nodes.state))
        self.mass[dynamics.once(("starts", *key), lambda: self.nodes.state == dynamics.start)] = 1.0
        self.ended = np.zeros(len(stops))
        self._lost = np.zeros(count)
        self._signed = np.zeros(count)
        self._stepper = period.moving.stepper(self.nodes)
        if period.hazard is not None:
            self._hazard = period.hazard[self.nodes.state]
            self._going_on = dynamics.once(("going on", *key), self._surviving)
        if period.deals is not None and period.rate is not None:
            self._rate = period.rate[self.nodes.state]
            self._alone = period.deals.none[self.nodes.state]
            self._made = period.deals.chance.T

    def _surviving(self) -> Floats:
        """1 where a breakdown at a node leads to a state that does not stop its chain."""
        dynamics, nodes = self.period.dynamics, self.nodes
        assert dynamics.breaks is not None  # noqa: S101 - there is a chance of it
        return np.concatenate([inside[dynamics.breaks[inside]] for inside in nodes.inside]).astype(np.float64)

    @property
    def free(self) -> Floats:
        """What still moves, by state, shape (states,)."""
        found: Floats = self.mass[: self.nodes.states]
        return found

    def ahead(self, number: int) -> Floats:
        """What still moves of a stopped chain, by state, shape (states,)."""
        return self.nodes.spread(self.mass, number + self._first)

    @property
    def hit(self) -> Floats:
        """What of each stopped chain has been stopped, shape (sets,)."""
        going = np.array([self.mass[self.nodes.part(n + self._first)].sum() for n in range(len(self.ended))])
        found: Floats = np.maximum(1.0 - going - self.ended, 0.0)
        return found

    def step(self, number: int) -> None:
        """One period, the first of which is number 0."""
        period, mass = self.period, self.mass
        weights = period.weights[period.turn(number)]
        if period.hazard is not None:
            lost = self._hazard * mass
            mass = mass - lost
            if self._first:
                self._lost += lost[: self.nodes.states]
            lost *= self._going_on
            self.ended += [lost[self.nodes.part(n + self._first)].sum() for n in range(len(self.ended))]
        if period.deals is None or period.rate is None:
            self.mass = self._stepper.forward(mass, weights)
            return
        joint = self._rate * mass
        moved = self._stepper.forward(mass - joint, weights)
        moved += self._alone * joint
        made = self._made @ self.nodes.beside(joint)
        if not period.dynamics.final:
            moved += made.reshape(-1)[self.nodes.place]
        else:
            if self._first:
                self._signed += made[:, 0]
            self.ended += [
                made[self.nodes.inside[n + self._first], n + self._first].sum() for n in range(len(self.ended))
            ]  # fmt: skip
        self.mass = moved

    @property
    def broken(self) -> Floats:
        """What has broken down, by the state it ended in, shape (states,)."""
        breaks = self.period.dynamics.breaks
        return self._lost if breaks is None else np.bincount(breaks, self._lost, len(self._lost)).astype(np.float64)

    @property
    def agreed(self) -> Floats:
        """What has been agreed for ever, by state, shape (states,)."""
        return self._signed

    @property
    def state(self) -> Floats:
        """Chance of every state, shape (states,)."""
        return self.free + self.broken + self.agreed

    def unsettled(self, tick: int) -> float:
        """What has not come to rest after so many periods."""
        return float(self.free[self.period.restless[self.period.turn(tick)]].sum())
