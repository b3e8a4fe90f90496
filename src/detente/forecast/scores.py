"""Scores of forecasts once it is known what came true: the lower the better, all but ``skill``."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SUM = 1e-6
"""Chances of the outcomes of one forecast may miss one by so much."""


@dataclass(frozen=True, slots=True)
class Murphy:
    """The Brier score in parts: ``brier = reliability - resolution + uncertainty``.

    Attributes:
        brier: mean squared distance of chances from what happened.
        reliability: how far what was said is from how often it happened, per chance said; 0 is best.
        resolution: how far apart the cases are that different chances were given for; the more the better.
        uncertainty: what the score would be with the share of all cases as the chance of each.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float


def brier(p: ArrayLike, happened: ArrayLike) -> float:
    """Mean squared distance of chances of yes/no events from what happened, 0 to 1.

    Args:
        p: chances, shape (n,).
        happened: 0 or 1, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Brier 1950, Monthly Weather Review 78.
    """
    chances, came = events(p, happened)
    return float(((chances - came) ** 2).mean())


def brier_many(p: ArrayLike, outcome: ArrayLike) -> Floats:
    """Sum of squared distances over the outcomes of each forecast, 0 to 2, shape (n,).

    Args:
        p: chances of the outcomes, shape (n, outcomes), each row with the sum one.
        outcome: number of the one that came true, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Brier 1950, Monthly Weather Review 78.
    """
    chances, came = _several(p, outcome)
    out: Floats = ((chances - _one_hot(chances, came)) ** 2).sum(axis=1)
    return out


def log_score(p: ArrayLike, outcome: ArrayLike) -> Floats:
    """Minus the natural logarithm of the chance given to what came true, shape (n,); infinite where that was 0.

    Args:
        p: chances of the outcomes, shape (n, outcomes), each row with the sum one.
        outcome: number of the one that came true, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Good 1952, Journal of the Royal Statistical Society B 14.
    """
    chances, came = _several(p, outcome)
    given = chances[np.arange(len(came)), came]
    with np.errstate(divide="ignore"):
        out: Floats = -np.log(given) + 0.0  # no minus zero
    return out


def rps(p: ArrayLike, outcome: ArrayLike) -> Floats:
    """Ranked probability score, shape (n,): for outcomes in an order, where a near miss is better than a far one.

    The sum, over the outcomes in order, of the squared distance of the chance of it or an earlier one from whether it
    or an earlier one came true. It is not divided by the number of outcomes.

    Args:
        p: chances of the outcomes in order, shape (n, outcomes), each row with the sum one.
        outcome: number of the one that came true, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Epstein 1969, Journal of Applied Meteorology 8.
    """
    chances, came = _several(p, outcome)
    out: Floats = ((chances.cumsum(axis=1) - _one_hot(chances, came).cumsum(axis=1)) ** 2).sum(axis=1)
    return out


def murphy(p: ArrayLike, happened: ArrayLike) -> Murphy:
    """The Brier score in parts, exactly: cases are put together only where the same chance was given to the last bit.

    Args:
        p: chances, shape (n,).
        happened: 0 or 1, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Murphy 1973, Journal of Applied Meteorology 12.
    """
    chances, came = events(p, happened)
    values, which, counts = np.unique(chances, return_inverse=True, return_counts=True)
    shares = np.bincount(which.reshape(-1), weights=came, minlength=len(values)) / counts
    mean, weights = float(came.mean()), counts / len(came)
    return Murphy(
        brier(chances, came),
        float((weights * (values - shares) ** 2).sum()),
        float((weights * (shares - mean) ** 2).sum()),
        mean * (1 - mean),
    )


def crps(values: ArrayLike, at: float, weights: ArrayLike | None = None) -> float:
    """Continuous ranked probability score of a forecast of a number that has finitely many values.

    E|X - y| - E|X - X'| / 2: the area between the steps of the forecast and the step at what came true; with one value
    it is the plain distance.

    Args:
        values: in the number's unit, any order, shape (m,).
        at: what came true.
        weights: chance of each value; equal where None.

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Gneiting and Raftery 2007, JASA 102.
    """
    x, y = _ensemble(values, at)
    w = np.full(len(x), 1 / len(x)) if weights is None else np.asarray(weights, np.float64)
    if w.shape != x.shape or not (w >= 0).all() or abs(w.sum() - 1) > SUM:
        raise ValueError("weights: one per value, none negative, with the sum one")
    order = np.argsort(x, kind="stable")
    below = w[order].cumsum()[:-1]
    pairs = float((below * (1 - below) * np.diff(x[order])).sum())
    return float((w * np.abs(x - y)).sum()) - pairs


def crps_fair(values: ArrayLike, at: float) -> float:
    """CRPS of the distribution that draws come from, without bias: pairs of different draws only; can be negative.

    Args:
        values: the draws, in the number's unit, shape (m,), m at least 2.
        at: what came true.

    Raises:
        ValueError: shapes or numbers that make no sense.

    Source: Ferro 2014, Quarterly Journal of the Royal Meteorological Society 140.
    """
    x, y = _ensemble(values, at)
    m = len(x)
    if m < 2:
        raise ValueError("one draw; at least two are needed")
    distance = float(np.abs(x - y).mean())
    return distance - (distance - crps(x, y)) * m / (m - 1)


def crps_normal(mean: float, deviation: float, at: float) -> float:
    """CRPS of a normal distribution, in closed form.

    Args:
        mean: its mean.
        deviation: its standard deviation, in the same unit; 0 for a certain number.
        at: what came true.

    Raises:
        ValueError: a negative deviation, or numbers that are not finite.

    Source: Gneiting and Raftery 2007, JASA 102, equation 21 up to its sign.
    """
    if not np.isfinite([mean, deviation, at]).all() or deviation < 0:
        raise ValueError("numbers that are finite, with a deviation that is not negative")
    if deviation == 0:
        return abs(at - mean)
    z = (at - mean) / deviation
    density = exp(-z * z / 2) / sqrt(2 * pi)
    return deviation * (z * erf(z / sqrt(2)) + 2 * density - 1 / sqrt(pi))


def interval_score(low: float, high: float, at: float, level: float = 0.9) -> float:
    """Width of a central interval, and what it missed by times 2 / (1 - level).

    Args:
        low, high: its ends, in the number's unit.
        at: what came true.
        level: chance that it was to hold what comes true.

    Raises:
        ValueError: ends in the wrong order, a level that is none.

    Source: Gneiting and Raftery 2007, JASA 102, equation 43.
    """
    if not np.isfinite([low, high, at]).all() or low > high or not 0 < level < 1:
        raise ValueError("finite ends in order, and a level between 0 and 1")
    return (high - low) + 2 / (1 - level) * (max(low - at, 0.0) + max(at - high, 0.0))


def skill(score: float, reference: float) -> float | None:
    """Part of the reference's score that was saved: 1 = perfect, 0 = no better than it, below 0 = worse.

    Args:
        score: of the forecast, where 0 is perfect.
        reference: of the base rate, on the same cases.

    Returns:
        None where the reference was perfect, so that nothing could be saved.
    """
    return None if reference <= 0 else 1 - score / reference


def events(p: ArrayLike, happened: ArrayLike) -> tuple[Floats, Floats]:
    """Chances of yes/no events and what happened, as arrays.

    Raises:
        ValueError: none, not as many of both, chances outside 0 to 1, something other than 0 and 1.
    """
    chances, came = np.asarray(p, np.float64), np.asarray(happened, np.float64)
    if chances.ndim != 1 or chances.shape != came.shape or not len(chances):
        raise ValueError("as many chances as events, and at least one")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a chance that is not between 0 and 1")
    if not np.isin(came, (0.0, 1.0)).all():
        raise ValueError("an event that is neither 0 nor 1")
    return chances, came


def _several(p: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Whole]:
    chances, came = np.asarray(p, np.float64), np.asarray(outcome)
    if chances.ndim != 2 or came.shape != chances.shape[:1] or not chances.size:
        raise ValueError("one row of chances per forecast, and one outcome")
    if not ((chances >= 0) & (chances <= 1)).all() or (np.abs(chances.sum(axis=1) - 1) > SUM).any():
        raise ValueError("chances between 0 and 1 with the sum one")
    if not np.issubdtype(came.dtype, np.integer) or not ((came >= 0) & (came < chances.shape[1])).all():
        raise ValueError("an outcome that has no chance in its row")
    return chances, came.astype(np.int64)


def _one_hot(chances: Floats, outcome: Whole) -> Floats:
    out = np.zeros_like(chances)
    out[np.arange(len(outcome)), outcome] = 1.0
    return out


def _ensemble(values: ArrayLike, at: float) -> tuple[Floats, float]:
    x = np.asarray(values, np.float64)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all() or not np.isfinite(at):
        raise ValueError("finite values, at least one")
    return x, float(at)
