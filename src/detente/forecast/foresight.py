"""What a state is worth to the party that would move there: by itself, after one reply, or with all that follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.forecast.dynamics import Draw, Dynamics, Floats
from detente.forecast.period import Period, surroundings
from detente.forecast.replies import fears_of, replies, shares_of_turns, utility_of
from detente.forecast.solving import solve

STEADY = 1e-10
"""Looking ahead has come to rest when no worth changes by more than this share of the party's range of utility."""
ROUNDS = ((60, 1.0), (200, 0.5), (400, 0.1))
"""So many rounds with so large a step each, until it comes to rest."""


def worths(dynamics: Dynamics, draw: Draw) -> tuple[Floats, bool]:
    """What each state is worth to each mover as the target of its own move.

    ``none``: the utility u(t). ``one_reply``: the expected utility after another party's reply at t, where parties
    reply in the way of ``dynamics.reply`` without looking ahead themselves and without caution, and each other mover
    counts by its initiative (its share of the turns where turns are fixed); without any other mover u(t). ``deep``:
    (1 - discount) u(t) + discount V(t), where V(s) is the expected worth, one period later, of all that can happen in
    a period at s (a breakdown and a final deal are worth their utility for ever), everybody replying to such worths;
    movers have the move by initiative or by their share of the turns.

    Args:
        dynamics: the rules of movement.
        draw: utilities, weights, chances and, for ``deep``, discounts.

    Returns:
        Shape (movers, states); and whether ``deep`` came to rest (replies that are not smooth need not).
    """
    utility = np.array([utility_of(dynamics, draw, n) for n in range(len(dynamics.movers))])
    utility = utility.reshape(len(dynamics.movers), len(dynamics))
    if dynamics.foresight == "none":
        return utility, True
    if dynamics.foresight == "deep":
        return _deep(dynamics, draw, utility)
    share = shares_of_turns(dynamics, draw)
    moving = replies(dynamics, draw, utility, None)
    out = utility.copy()
    for n in range(len(dynamics.movers)):
        others = share.copy()
        others[n] = 0.0
        if others.sum() > 0:
            out[n] = moving.back(utility[n], others / others.sum())
    return out, True


def _deep(dynamics: Dynamics, draw: Draw, utility: Floats) -> tuple[Floats, bool]:
    if draw.discount is None:
        raise ValueError("deep foresight needs discounts")
    discount = np.array([draw.discount[dynamics.parties.index(p)] for p in dynamics.movers])[:, None]
    around = surroundings(dynamics, draw)
    share = shares_of_turns(dynamics, draw)
    range_of = np.maximum(np.ptp(utility, axis=1)[:, None], 1e-300)
    fears = fears_of(dynamics, draw)
    ends = None
    value = utility
    for rounds, step in ROUNDS:
        for _ in range(rounds):
            target = (1 - discount) * utility + discount * value
            moving = replies(dynamics, draw, target, fears)
            period = Period(dynamics, moving, share[None, :], True, *around)
            ends = _ending(period, utility) if ends is None else ends
            found = _valued(period.going_on(0), ends, utility, discount[:, 0])
            gap = np.abs(found - value) / range_of
            value = found if step == 1.0 else value + step * (found - value)
            if gap.max(initial=0.0) <= STEADY:
                return (1 - discount) * utility + discount * value, True
    return (1 - discount) * utility + discount * value, False


def _ending(period: Period, utility: Floats) -> Floats:
    """Expected utility of what ends in a period, breakdowns and final deals, shape (movers, states)."""
    return sum((utility @ end.T for end in period.ending() if end is not None), np.zeros_like(utility))


def _valued(going: Any, ends: Floats, utility: Floats, discount: Floats) -> Floats:
    """V of every mover if replies stay as they are, shape (movers, states)."""
    rows = [
        solve(going * d, end + (1 - d) * (going @ row)) for row, end, d in zip(utility, ends, discount, strict=True)
    ]  # fmt: skip
    return np.array(rows).reshape(utility.shape)
