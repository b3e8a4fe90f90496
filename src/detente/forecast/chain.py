"""Exact shares of outcomes in a draw: where the chain stands, and what it has visited, at dates and in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from detente.forecast.dynamics import Draw, Dynamics, Floats, Shares
from detente.forecast.ending import limit_of
from detente.forecast.foresight import worths
from detente.forecast.period import Period, surroundings, turns_of
from detente.forecast.replies import fears_of, replies
from detente.forecast.walk import Walk, at_dates, needed, prefixes, reached


def shares(dynamics: Dynamics, draw: Draw, *, states: bool = True) -> Shares:
    """Exact chances in one draw.

    A path that counts for the first outcome it has visited may visit an earlier one in the list later, so which
    outcome it counts for can change. The chance that any of the first k outcomes has been visited is that of a chain
    stopped there; the shares are the differences of these chances from one k to the next.

    Args:
        dynamics: the rules of movement.
        draw: utilities, weights, chances.
        states: whether more than outcomes is wanted by the dates; without, the rest is NaN there, which takes less
            time where a path counts for what it has ever visited.
    """
    period = period_of(dynamics, draw)
    states = states or not dynamics.ever
    walk = Walk(period, prefixes(dynamics)[needed(dynamics)], free=states)
    rows = []
    tick = 0
    for wanted in dynamics.ticks:
        while tick < wanted:
            walk.step(tick)
            tick += 1
        rows.append(_row(walk, tick) if states else _outcomes_alone(walk))
    outcome, state, broken, agreed, unsettled = (np.array(part) for part in zip(*rows, strict=True)) if rows else (
        np.zeros((0, len(dynamics.outcomes) + 1)),
        np.zeros((0, len(dynamics))),
        *np.zeros((3, 0)),
    )  # fmt: skip
    limit = limit_of(period) if dynamics.limit else None
    return Shares(outcome, state, broken, agreed, unsettled, limit)


def shares_of(dynamics: Dynamics, draws: Iterable[Draw], *, states: bool = True) -> Iterator[Shares]:
    """Exact chances in many draws, one after another: what they share is worked out once; ``states`` as ``shares``."""
    for draw in draws:
        yield shares(dynamics, draw, states=states)


def period_of(dynamics: Dynamics, draw: Draw) -> Period:
    """What can happen in a period of a draw."""
    worth, _ = worths(dynamics, draw)
    moving = replies(dynamics, draw, worth, fears_of(dynamics, draw))
    return Period(dynamics, moving, *turns_of(dynamics, draw), *surroundings(dynamics, draw))


def _outcomes_alone(walk: Walk) -> tuple[Floats, Floats, float, float, float]:
    nothing = np.full(len(walk.period.dynamics), np.nan)
    return reached(walk.period.dynamics, walk.hit), nothing, np.nan, np.nan, np.nan


def _row(walk: Walk, tick: int) -> tuple[Floats, Floats, float, float, float]:
    """Outcomes, states, broken, agreed and unsettled as ``Shares`` has them, after so many periods."""
    dynamics = walk.period.dynamics
    outcome = reached(dynamics, walk.hit) if dynamics.ever else at_dates(dynamics, walk.state)
    return outcome, walk.state, float(walk.broken.sum()), float(walk.agreed.sum()), walk.unsettled(tick)
