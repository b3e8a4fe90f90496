"""What can happen in the periods of a draw, in all states or in those alone that it can come to from the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.forecast.deals import Deals, offers_of
from detente.forecast.dynamics import Draw, Dynamics, Int64
from detente.forecast.explicit import Explicit, Rows, Rule
from detente.forecast.foresight import worths
from detente.forecast.period import Period, chances_of, leading, surroundings, turns_of
from detente.forecast.replies import fears_of, replies, rule_of, shares_of_turns, thin


def period_of(dynamics: Dynamics, draw: Draw) -> Period:
    """What can happen in a period of a draw, in every state."""
    worth, _ = worths(dynamics, draw)
    moving = replies(dynamics, draw, worth, fears_of(dynamics, draw))
    return Period(dynamics, moving, *turns_of(dynamics, draw), *surroundings(dynamics, draw))


def period_from_start(dynamics: Dynamics, draw: Draw) -> Period:
    """What can happen in a period of a draw, in the states that it can come to: ``Period.dynamics`` has only these.

    Where replies are written out move by move, most states are often out of reach, as no party would go there; where
    they are not, all states are kept.
    """
    worth, _ = worths(dynamics, draw)
    fears = fears_of(dynamics, draw)
    if thin(dynamics, fears):
        moving = replies(dynamics, draw, worth, fears)
        return Period(dynamics, moving, *turns_of(dynamics, draw), *surroundings(dynamics, draw))
    found = Found.of(dynamics, draw, rule_of(dynamics, draw, worth, fears))
    hazard, rate = chances_of(dynamics, draw)
    ends = np.zeros(0, np.int64)  # states that only a breakdown leads to
    if hazard is not None and dynamics.breaks is not None:
        ends = np.setdiff1d(dynamics.breaks[found.states], found.states)
    kept = np.concatenate([found.states, ends])
    place = np.full(len(dynamics), -1)
    place[kept] = np.arange(len(kept))
    breaks = None
    if hazard is not None and dynamics.breaks is not None:
        # what has broken down stays for ever: where these states would lead is never asked
        breaks = np.concatenate([place[dynamics.breaks[found.states]], place[ends]])
        hazard = np.concatenate([hazard[found.states], np.zeros(len(ends))])
    moving = Explicit(found.movers, len(kept), found.replies(place, ends))
    return Period(
        dynamics.within(kept, breaks), moving, *turns_of(dynamics, draw),
        hazard, None if breaks is None else leading(breaks),
        None if rate is None else rate[kept], None if rate is None else found.deals(place, len(ends)),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
    """The states that a draw can come to, the start first, with the replies and deals there.

    Attributes:
        movers: number of movers.
        states: their numbers.
        rows: replies, state by state.
        number: of deals in each.
        target: where these lead, one state's after another's.
    """

    movers: int
    states: Int64
    rows: Rows
    number: Int64
    target: Int64

    @classmethod
    def of(cls, dynamics: Dynamics, draw: Draw, rule: Rule) -> Found:
        """Look one period further at a time; those who never have the move are left out."""
        offers = None if chances_of(dynamics, draw)[1] is None else offers_of(dynamics, draw)
        acting = shares_of_turns(dynamics, draw) > 0
        fresh = np.array([dynamics.start], np.int64)
        met = np.zeros(len(dynamics), bool)
        states, rows, number, target = [], [], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        while len(fresh):
            met[fresh] = True
            states.append(fresh)
            rows.append(rule.rows(fresh, acting))
            ahead = np.zeros(len(dynamics), bool)
            ahead[rows[-1].target] = True
            if offers is not None:
                found = offers.rows(fresh)
                number.append(found[0])
                target.append(found[1])
                ahead[found[1]] = True
            fresh = np.flatnonzero(ahead & ~met)
        every = (np.concatenate(part) for part in (states, number, target))
        met_states, numbers, targets = every
        return cls(rule.ways.movers, met_states, Rows.joined(rows), numbers, targets)

    def replies(self, place: Int64, ends: Int64) -> Rows:
        """The replies in a new numbering.

        Args:
            place: number of every state.
            ends: further states, which are last in the numbering: there all stay.
        """
        rows, more = self.rows, len(ends) * self.movers
        starts = np.concatenate([rows.starts, rows.starts[-1] + np.arange(1, more + 1)])
        target = np.concatenate([place[rows.target], np.repeat(place[ends], self.movers)])
        return Rows(starts, target.astype(np.int32), np.concatenate([rows.chance, np.ones(more)]))

    def deals(self, place: Int64, ends: int) -> Deals:
        """The deals in a new numbering, and none in so many further states."""
        return Deals.of(np.concatenate([self.number, np.zeros(ends, np.int64)]), place[self.target])
