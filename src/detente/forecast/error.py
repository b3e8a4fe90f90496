"""Sampling error: intervals of shares and means, and a rule that says when enough has been drawn."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
FIRST_LOOK = 32


def wilson(count: int, draws: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a share, by the score test.

    Args:
        count: in how many draws something happened.
        draws: how many draws there were.
        level: of confidence.

    Source: Wilson 1927, Journal of the American Statistical Association 22.
    """
    _checked(count, draws)
    z = normal_quantile((1 + level) / 2)
    share = count / draws
    shrunk = 1 + z * z / draws
    middle = (share + z * z / (2 * draws)) / shrunk
    half = z / shrunk * sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    return (0.0 if count == 0 else max(0.0, middle - half), 1.0 if count == draws else min(1.0, middle + half))


def clopper_pearson(count: int, draws: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a share that covers it at least so often, whatever it is.

    Args:
        count: in how many draws something happened.
        draws: how many draws there were.
        level: of confidence.

    Source: Clopper and Pearson 1934, Biometrika 26.
    """
    from scipy.special import betaincinv

    _checked(count, draws)
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, draws - count + 1, tail))
    high = 1.0 if count == draws else float(betaincinv(count + 1, draws - count, 1 - tail))
    return low, high


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(p))


def needed(half: float, level: float = LEVEL) -> int:
    """Draws that make half the normal-theory interval of a share at most ``half``, at the worst share (one half)."""
    return ceil(normal_quantile((1 + level) / 2) ** 2 / (4 * half * half) - 1e-9)


def mean_error(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """Mean of numbers between 0 and 1 over draws, with its normal-theory interval (of Student's t).

    Each draw gives a probability worked out exactly, so only what differs from draw to draw adds to the error
    (Rao-Blackwell).

    Args:
        values: shape (draws, ...).
        level: of confidence.

    Returns:
        Mean, low and high end, each of shape (...); the ends are 0 and 1 with one draw.
    """
    from scipy.special import stdtrit

    draws = len(values)
    mean = values.mean(axis=0)
    if draws < 2:
        return mean, np.zeros_like(mean), np.ones_like(mean)
    half = float(stdtrit(draws - 1, (1 + level) / 2)) * values.std(axis=0, ddof=1) / sqrt(draws)
    return mean, np.clip(mean - half, 0.0, 1.0), np.clip(mean + half, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Stops as soon as intervals that hold *at all looks together* are narrow enough.

    Looks are taken after ``first``, twice, four times .. as many draws. Look number t = 1, 2, .. spends
    6 alpha / (pi^2 t^2) of the permitted error, all looks together alpha; each number watched gets an equal part.
    Looking again and again at an interval made for one look would stop too early.

    Attributes:
        tolerance: half the width that is small enough.
        first: draws at the first look.
        level: of confidence, for all looks and all numbers watched together.
    """

    tolerance: float
    first: int = FIRST_LOOK
    level: float = LEVEL

    def look(self, draws: int) -> int | None:
        """Number of the look taken after so many draws, from 1; None if none is."""
        if draws < self.first or draws % self.first:
            return None
        times = draws // self.first
        return times.bit_length() if times & (times - 1) == 0 else None

    def half_widths(self, values: Floats) -> Floats:
        """Half the width of the interval of each mean at a look.

        The narrower of Hoeffding's bound and the empirical Bernstein bound, each at half of the error.

        Args:
            values: between 0 and 1, shape (draws, numbers watched).

        Raises:
            ValueError: no look is taken after so many draws.

        Source: Hoeffding 1963, JASA 58; Maurer and Pontil 2009, Empirical Bernstein bounds, theorem 4.
        """
        draws, watched = values.shape
        t = self.look(draws)
        if t is None:
            raise ValueError(f"no look after {draws} draws")
        error = 6 * (1 - self.level) / (pi * pi * t * t) / max(watched, 1) / 2
        hoeffding = sqrt(log(2 / error) / (2 * draws))
        if draws < 2:
            return np.full(watched, hoeffding)
        spread = values.var(axis=0, ddof=1)
        bernstein = np.sqrt(2 * spread * log(4 / error) / draws) + 7 * log(4 / error) / (3 * (draws - 1))
        narrower: Floats = np.minimum(bernstein, hoeffding)
        return narrower

    def enough(self, values: Floats) -> bool:
        """Whether to stop here; never between looks.

        Args:
            values: between 0 and 1, shape (draws, numbers watched).
        """
        if self.look(len(values)) is None:
            return False
        return bool(self.half_widths(values).max(initial=0.0) <= self.tolerance)


def _checked(count: int, draws: int) -> None:
    if draws < 1 or not 0 <= count <= draws:
        raise ValueError(f"{count} of {draws} draws")
