"""Exact shares of outcomes in a draw: where the chain stands, and what it has visited, at dates and in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from detente.forecast.dynamics import Draw, Dynamics, Floats, Shares
from detente.forecast.ending import limit_of, named
from detente.forecast.reached import period_from_start
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
    period = period_from_start(dynamics, draw)
    here = period.dynamics
    states = states or not dynamics.ever
    walk = Walk(period, prefixes(here)[needed(here)], free=states)
    rows = []
    tick = 0
    for wanted in dynamics.ticks:
        while tick < wanted:
            walk.step(tick)
            tick += 1
        rows.append(_row(walk, tick) if states else _outcomes_alone(walk))
    outcome, state, broken, agreed, unsettled = (np.array(part) for part in zip(*rows, strict=True)) if rows else (
        np.zeros((0, len(dynamics.outcomes) + 1)),
        np.zeros((0, len(here))),
        *np.zeros((3, 0)),
    )  # fmt: skip
    limit = limit_of(period) if dynamics.limit else None
    if limit is not None:
        never = limit.first is None and named(dynamics) is not None  # there is such an outcome, out of reach
        limit = replace(limit, state=here.everywhere(limit.state), first=np.inf if never else limit.first)
    everywhere = here.everywhere(state) if states else np.full((len(dynamics.ticks), len(dynamics)), np.nan)
    return Shares(outcome, everywhere, broken, agreed, unsettled, limit)


def shares_of(dynamics: Dynamics, draws: Iterable[Draw], *, states: bool = True) -> Iterator[Shares]:
    """Exact chances in many draws, one after another: what they share is worked out once; ``states`` as ``shares``."""
    for draw in draws:
        yield shares(dynamics, draw, states=states)


def _outcomes_alone(walk: Walk) -> tuple[Floats, Floats, float, float, float]:
    return reached(walk.period.dynamics, walk.hit), np.zeros(len(walk.period.dynamics)), np.nan, np.nan, np.nan


def _row(walk: Walk, tick: int) -> tuple[Floats, Floats, float, float, float]:
    """Outcomes, states, broken, agreed and unsettled as ``Shares`` has them, after so many periods."""
    dynamics = walk.period.dynamics
    outcome = reached(dynamics, walk.hit) if dynamics.ever else at_dates(dynamics, walk.state)
    return outcome, walk.state, float(walk.broken.sum()), float(walk.agreed.sum()), walk.unsettled(tick)
