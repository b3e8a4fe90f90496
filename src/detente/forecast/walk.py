"""Mass on its way through the periods of a draw, and what of it has visited which outcomes."""

from __future__ import annotations

import numpy as np

from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64
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
    return np.bincount(dynamics.classes, state, len(dynamics.outcomes) + 1).astype(np.float64)


class Walk:
    """Mass on its way from the start, together with the same of chains that stop in some sets of states.

    Attributes:
        period: what happens in a period.
        stops: the sets, shape (states, sets).
        free: what still moves, by state, shape (states,).
        ahead: what still moves of each stopped chain, shape (states, sets).
        hit: what each has stopped, shape (sets,).
        broken, agreed: what has broken down or been agreed for ever, by state, shape (states,).
    """

    def __init__(self, period: Period, stops: Bools) -> None:
        self.period = period
        self.stops = np.ascontiguousarray(stops.T)
        self.open = (~self.stops).astype(np.float64)
        self.free = np.zeros(len(period.dynamics))
        self.free[period.dynamics.start] = 1.0
        self.ahead = self.free[:, None] * self.open
        self.hit = self.free @ self.stops
        self.broken = np.zeros(len(self.free))
        self.agreed = np.zeros(len(self.free))

    @classmethod
    def of(cls, period: Period, stops: Bools) -> Walk:
        """At the start.

        Args:
            period: what happens in a period.
            stops: the sets, shape (sets, states).
        """
        return cls(period, stops)

    def step(self, number: int) -> None:
        """One period, the first of which is number 0."""
        turn = self.period.turn(number)
        if not self.ahead.shape[1]:
            self.free, broken, agreed = self.period.forward(self.free, turn)
            self._ended(broken, agreed)
            return
        mass = np.concatenate([self.free[:, None], self.ahead], axis=1)
        out, broken, agreed = self.period.forward(mass, turn)
        self.free = out[:, 0].copy()
        self.ahead = out[:, 1:] * self.open
        for arrived in (out, broken, agreed):
            if arrived is not None:
                self.hit = self.hit + (arrived[:, 1:] * self.stops).sum(axis=0)
        self._ended(*(None if m is None else m[:, 0] for m in (broken, agreed)))

    def _ended(self, broken: Floats | None, agreed: Floats | None) -> None:
        if broken is not None:
            self.broken = self.broken + broken
        if agreed is not None:
            self.agreed = self.agreed + agreed

    @property
    def state(self) -> Floats:
        """Chance of every state, shape (states,)."""
        return self.free + self.broken + self.agreed

    def unsettled(self, tick: int) -> float:
        """What has not come to rest after so many periods."""
        return float(self.free @ self.period.restless[self.period.turn(tick)])
