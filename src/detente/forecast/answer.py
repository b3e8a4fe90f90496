"""The answer over draws: chances of outcomes and states, with three uncertainties kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.forecast.dynamics import Floats
from detente.forecast.error import mean_error
from detente.forecast.sample import Sample

LOW, HIGH = 0.05, 0.95
TIED = 1e-9
"""Chances that differ by less are equal."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Variances of the chance of each outcome in the draws, shape (rows, outcomes + 1) each.

    Attributes:
        preferences: of its mean over behaviour, as preferences and types differ.
        behaviour: of its mean over preferences and types, as behaviour differs.
        both: what the two do only together.
        sampling: squared standard error of the mean, which more draws would make smaller.
    """

    preferences: Floats
    behaviour: Floats
    both: Floats
    sampling: Floats


@dataclass(frozen=True, eq=False)
class Span:
    """An expected time over draws (the mean of the settings of each).

    Attributes:
        mean: over all draws; None where some of them give no finite time.
        low, high: ends of the range of nine in ten draws; None where infinite.
        finite: share of draws and settings that give a finite time.
    """

    mean: float | None
    low: float | None
    high: float | None
    finite: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What is expected. Rows are the dates asked for, then the end where it is asked for.

    Attributes:
        p: chance of each outcome, those without a name last, shape (rows, outcomes + 1).
        low, high: ends of the range of nine in ten draws and settings of that chance: what the inputs leave open.
        error_low, error_high: ends of its 95 % interval: what too few draws leave open.
        likeliest: share of draws and settings in which each outcome is the likeliest (ties count by parts).
        of_setting: chance under each setting, shape (settings, rows, outcomes + 1).
        unsettled, broken, agreed: mean chances, shape (rows,).
        state: chance of every state, shape (rows, states).
        spread: where it comes from that the chances differ; for drawn behaviour from runs of their own, else None.
        rest, first: expected periods until all is at rest, and until the first outcome that is no last resort; None
            where not asked for, or no such outcome.
        fragile: per row, whether the likeliest outcome is not the same under all settings, shape (rows,).
        draws: how many were made.
        stopped: all | enough | interrupted.
    """

    p: Floats
    low: Floats
    high: Floats
    error_low: Floats
    error_high: Floats
    likeliest: Floats
    of_setting: Floats
    unsettled: Floats
    broken: Floats
    agreed: Floats
    state: Floats
    spread: Spread | None
    rest: Span | None
    first: Span | None
    fragile: NDArray[np.bool_]
    draws: int
    stopped: str


def answer_of(found: Sample, *, drawn_behaviour: bool) -> Answer:
    """Sum up a sample.

    Args:
        found: shares of every draw under every setting.
        drawn_behaviour: whether numbers of behaviour are drawn along with preferences, so that the draws alone do not
            tell what of the spread is whose.
    """
    mean, error_low, error_high = mean_error(found.of_draw)
    pooled = found.outcome.reshape(-1, *found.outcome.shape[2:])
    of_setting = found.outcome.mean(axis=0)
    low, high = np.quantile(pooled, (LOW, HIGH), axis=0)
    leading = tops(of_setting)
    return Answer(
        mean, low, high, error_low, error_high,
        tops(pooled).mean(axis=0), of_setting,
        found.unsettled.mean(axis=(0, 1)), found.broken.mean(axis=(0, 1)), found.agreed.mean(axis=(0, 1)),
        found.state,
        None if drawn_behaviour else spread_over(found.outcome),
        span_of(found.periods[:, :, 0]), span_of(found.periods[:, :, 1]),
        np.asarray(~(leading > 0).all(axis=0).any(axis=-1)),
        len(found), found.stopped,
    )  # fmt: skip


def tops(chances: Floats) -> Floats:
    """1 for the likeliest of the last axis, ties 1 / their number each; same shape."""
    top = chances >= chances.max(axis=-1, keepdims=True) - TIED
    shares: Floats = top / top.sum(axis=-1, keepdims=True)
    return shares


def spread_over(outcome: Floats) -> Spread:
    """Two-way analysis of variance of draws of preferences and settings of behaviour that all draws meet.

    Settings are all there are, each with equal weight; draws are a sample, so that what they would add to the
    variance of a mean by chance is taken off (a result below 0 is 0).

    Args:
        outcome: shape (draws, settings, rows, outcomes + 1).
    """
    draws, settings = outcome.shape[:2]
    of_draw = outcome.mean(axis=1)
    of_setting = outcome.mean(axis=0)
    if draws < 2:
        nothing = np.zeros(of_draw.shape[1:])
        return Spread(nothing, of_setting.var(axis=0), nothing, nothing)
    preferences = of_draw.var(axis=0, ddof=1)
    apart = outcome - of_draw[:, None] - of_setting[None, :] + outcome.mean(axis=(0, 1))
    both = (apart**2).sum(axis=(0, 1)) / ((draws - 1) * settings)
    behaviour = np.maximum(0.0, of_setting.var(axis=0) - both / draws)
    return Spread(preferences, behaviour, both, preferences / draws)


def span_of(periods: Floats) -> Span | None:
    """An expected time over draws.

    Args:
        periods: shape (draws, settings); NaN where there is none.
    """
    if np.isnan(periods).any():
        return None
    of_draw = np.sort(periods.mean(axis=1))
    # quantiles by rank: nothing is interpolated towards an infinite one
    low, high = (float(of_draw[min(len(of_draw) - 1, int(q * len(of_draw)))]) for q in (LOW, HIGH))
    mean = float(of_draw.mean())
    return Span(_finite(mean), _finite(low), _finite(high), float(np.isfinite(periods).mean()))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
