"""One period of a draw: breakdown, or a joint move, or one party's reply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from detente.forecast.deals import Deals, deals_of
from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.moving import Moving
from detente.forecast.thin import times


@dataclass(frozen=True, eq=False)
class Period:
    """What can happen in a period of one draw, and how likely it is.

    Attributes:
        dynamics: the rules of movement.
        moving: the replies of the movers.
        weights: chance of each mover to have the move in each period, shape (periods, movers); the last row is that
            of all later periods, or with ``cyclic`` the first row follows it.
        cyclic: whether the periods start again.
        hazard: chance of a breakdown in each state, shape (states,), or None.
        breaks: where breakdowns lead, states x states, or None.
        rate: chance of a joint move in each state, shape (states,), or None.
        deals: the joint moves, or None.
    """

    dynamics: Dynamics
    moving: Moving
    weights: Floats
    cyclic: bool
    hazard: Floats | None
    breaks: Any
    rate: Floats | None
    deals: Deals | None

    def turn(self, period: int) -> int:
        """Row of ``weights`` of a period, the first of which is number 0."""
        return period % len(self.weights) if self.cyclic else min(period, len(self.weights) - 1)

    def forward(self, mass: Floats, turn: int) -> tuple[Floats, Floats | None, Floats | None]:
        """Where mass goes in a period.

        Args:
            mass: what still moves, shape (states,) or (states, k).
            turn: row of ``weights``.

        Returns:
            What still moves afterwards, what has broken down, and what has been agreed for ever, by state; None: none.
        """
        broken = agreed = None
        if self.hazard is not None:
            lost = times(self.hazard, mass)
            broken, mass = self.breaks.T @ lost, mass - lost
        if self.deals is None or self.rate is None:
            return self.moving.forward(mass, self.weights[turn]), broken, None
        joint = times(self.rate, mass)
        made = self.deals.chance.T @ joint
        out = self.moving.forward(mass - joint, self.weights[turn]) + times(self.deals.none, joint)
        if self.dynamics.final:
            agreed = made
        else:
            out += made
        return out, broken, agreed

    def going_on(self, turn: int) -> Any:
        """The chances of ``forward`` among what still moves, states x states; rows sum to at most 1."""
        from scipy.sparse import csr_array, diags_array

        out = self.moving.matrix(self.weights[turn])
        if self.deals is not None and self.rate is not None:
            out = diags_array(1.0 - self.rate) @ out + diags_array(self.rate * self.deals.none)
            if not self.dynamics.final:
                out = out + diags_array(self.rate) @ self.deals.chance
        if self.hazard is not None:
            out = diags_array(1.0 - self.hazard) @ out
        out = csr_array(out)
        out.eliminate_zeros()
        return out

    @cached_property
    def restless(self) -> Bools:
        """Whether something can still happen in a state from a row of ``weights`` on, shape (rows, states)."""
        still = np.array([self._leaves(n) for n in range(len(self.weights))])
        if self.cyclic:
            return np.broadcast_to(still.any(axis=0), still.shape)
        out: Bools = np.logical_or.accumulate(still[::-1])[::-1]
        return out

    def _leaves(self, turn: int) -> Bools:
        found = self.moving.leaves(self.weights[turn])
        if self.deals is not None and self.rate is not None:
            found = (found & (self.rate < 1)) | ((self.rate > 0) & (self.deals.none == 0))
        return found if self.hazard is None else found | (self.hazard > 0)

    def ending(self) -> tuple[Any, Any]:
        """The chances of breaking down and of agreeing for ever, each states x states, or None."""
        from scipy.sparse import csr_array, diags_array

        broken = agreed = None
        if self.hazard is not None:
            broken = csr_array(diags_array(self.hazard) @ self.breaks)
            broken.eliminate_zeros()
        if self.deals is not None and self.rate is not None and self.dynamics.final:
            rate = self.rate if self.hazard is None else self.rate * (1.0 - self.hazard)
            agreed = csr_array(diags_array(rate) @ self.deals.chance)
            agreed.eliminate_zeros()
        return broken, agreed


def surroundings(dynamics: Dynamics, draw: Draw) -> tuple[Floats | None, Any, Floats | None, Deals | None]:
    """Breakdowns and joint moves of a draw: ``hazard``, ``breaks``, ``rate``, ``deals`` of ``Period``."""
    hazard, rate = chances_of(dynamics, draw)
    to = dynamics.breaks
    breaks = None if hazard is None or to is None else dynamics.once("breaks", lambda: leading(to))
    return hazard, breaks, rate, None if rate is None else deals_of(dynamics, draw)


def chances_of(dynamics: Dynamics, draw: Draw) -> tuple[Floats | None, Floats | None]:
    """Chances of a breakdown and of a joint move in each state, shape (states,); None where there is none at all."""
    count = len(dynamics)
    hazard = np.broadcast_to(np.asarray(draw.breakdown, np.float64), (count,))
    if hazard.any() and dynamics.breaks is None:
        raise ValueError("a chance of a breakdown without the states it leads to")
    rate = np.broadcast_to(np.asarray(draw.rate, np.float64), (count,))
    return hazard if hazard.any() else None, rate if dynamics.among and rate.any() else None


def leading(to: Int64) -> Any:
    """The matrix of going for certain from each state to another, states x states."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(to)), (np.arange(len(to)), to)), shape=(len(to),) * 2)


def turns_of(dynamics: Dynamics, draw: Draw) -> tuple[Floats, bool]:
    """Chance of each mover in each period, and whether the periods start again."""
    movers = len(dynamics.movers)
    if dynamics.turns is None:
        total = draw.weights.sum()
        return (draw.weights / total if total > 0 else np.zeros(movers))[None, :], True
    if dynamics.cyclic and len(dynamics.turns):
        return dynamics.turns, True
    return np.concatenate([dynamics.turns.reshape(-1, movers), np.zeros((1, movers))]), False
