"""How much of what differs in a result comes from which input: first-order and total effects.

A result may have several parts (the chances of the outcomes); their variances are added up. With chances, the first-
order effect times the variance is how much the expected Brier score of the forecast would fall if the input were
known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEWEST_PER_BIN = 4
ROUNDING = 1e-18
"""A variance of chances below this is none."""
SHUFFLES = 20


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as a share of the variance, with its standard error.

    Attributes:
        share: may come out slightly below 0 by chance.
        error: standard error; NaN where there are too few draws to tell.
        chance: how probable so large a share is where there is no effect; 1 where there are too few draws to tell.
    """

    share: float
    error: float
    chance: float = 1.0


def variance(result: Floats) -> float:
    """Variance over draws, summed over the parts of a result of shape (draws, parts)."""
    found = float(result.var(axis=0, ddof=1).sum()) if len(result) > 1 else 0.0
    return found if found > ROUNDING else 0.0


def bins(values: Floats, *, kinds: bool = False) -> NDArray[np.int64]:
    """A bin for every draw: equally many draws in each, by rank; or one for each value.

    Args:
        values: of the input, shape (draws,).
        kinds: whether it has few values, as a type has.
    """
    if kinds:
        return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    draws = len(values)
    count = max(1, min(int(2 * draws**0.4), draws // FEWEST_PER_BIN))
    rank = np.empty(draws, np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(draws)
    return rank * count // draws


def first_order(result: Floats, bin_of: NDArray[np.int64]) -> Effect:
    """Var(E[Y|X]) / Var(Y) from a given sample, by the means of bins of X.

    The means of bins differ by chance alone by (bins - 1) times the variance within bins over the number of draws;
    that is taken off (the correction of epsilon squared).

    Args:
        result: Y, shape (draws, parts).
        bin_of: bin of X in every draw, from 0, shape (draws,).

    Source: Kelley 1935, PNAS 21 (epsilon squared); Plischke, Borgonovo and Smith 2013, EJOR 226 (given data).
    """
    from scipy.special import fdtrc

    draws, total = len(result), variance(result)
    count = int(bin_of.max(initial=0)) + 1
    if total <= 0 or count < 2 or draws <= count:
        return Effect(0.0, 0.0 if total <= 0 else float("nan"))
    size = np.bincount(bin_of, minlength=count)
    means = np.array([np.bincount(bin_of, part, count) for part in result.T]) / np.maximum(size, 1)
    middle = result.mean(axis=0)
    between = float((size * (means - middle[:, None]) ** 2).sum())
    within = float(((result - means[:, bin_of].T) ** 2).sum()) / (draws - count)
    share = (between - (count - 1) * within) / ((draws - 1) * total)
    # of each draw's own contribution, as if the means of bins were known
    gain = ((means[:, bin_of].T - middle) * (2 * result - means[:, bin_of].T - middle)).sum(axis=1)
    spread = ((result - middle) ** 2).sum(axis=1)
    error = float(np.std(gain - share * spread, ddof=1)) / (total * np.sqrt(draws))
    error = max(error, float(np.sqrt(2 * (count - 1))) * within / ((draws - 1) * total))
    ratio = between / (count - 1) / within if within > 0 else np.inf
    # as for one part: several parts, which are not independent, spread less
    return Effect(share, error, float(fdtrc(count - 1, draws - count, ratio)))


def total_effect(result: Floats, mixed: Floats, total: float | None = None) -> Effect:
    """E(Var[Y|all but X]) / Var(Y), from pairs of draws that differ in X alone.

    Args:
        result: Y, shape (draws, parts).
        mixed: Y in the same draws with X drawn afresh, same shape.
        total: variance of Y where it is known from more draws.

    Source: Jansen 1999, Computer Physics Communications 117.
    """
    total = variance(result) if total is None else total
    if total <= 0 or not len(result):
        return Effect(0.0, 0.0)
    halves = ((result - mixed) ** 2).sum(axis=1) / 2
    error = float(halves.std(ddof=1)) / (total * np.sqrt(len(halves))) if len(halves) > 1 else float("nan")
    # what differs between two draws that differ in X alone is due to X
    return Effect(float(halves.mean()) / total, error, 0.0 if halves.max() > ROUNDING else 1.0)


def pick_freeze(result: Floats, other: Floats, total: float | None = None) -> Effect:
    """Var(E[Y|X]) / Var(Y), from pairs of draws that share X alone.

    Args:
        result: Y, shape (draws, parts).
        other: Y with everything but X drawn afresh, same shape.
        total: variance of Y where it is known from more draws.

    Source: Janon et al. 2014, ESAIM: Probability and Statistics 18.
    """
    total = variance(result) if total is None else total
    from scipy.special import ndtr

    if total <= 0 or len(result) < 2:
        return Effect(0.0, 0.0 if total <= 0 else float("nan"))
    middle = (result.mean(axis=0) + other.mean(axis=0)) / 2
    products = ((result - middle) * (other - middle)).sum(axis=1)
    share, error = float(products.mean()) / total, float(products.std(ddof=1)) / (total * np.sqrt(len(products)))
    return Effect(share, error, float(ndtr(-share / error)) if error > 0 else 1.0)


def entropy(chances: Floats) -> Floats:
    """Entropy in bits of chances along the last axis."""
    kept = np.where(chances > 0, chances, 1.0)
    out: Floats = -(np.where(chances > 0, chances, 0.0) * np.log2(kept)).sum(axis=-1)
    return out


def entropy_drop(chances: Floats, bin_of: NDArray[np.int64], seed: int = 0) -> float:
    """Expected fall of the entropy of a forecast, in bits, if the bin of an input were known.

    Bins of a finite sample always seem to tell something; what they tell of shuffled draws is taken off.

    Args:
        chances: in every draw, shape (draws, outcomes); rows sum to 1.
        bin_of: bin of the input in every draw, shape (draws,).
        seed: of the shuffles.
    """
    generator = np.random.default_rng(seed)
    shuffled = [_drop(chances, generator.permutation(bin_of)) for _ in range(SHUFFLES)]
    return max(0.0, _drop(chances, bin_of) - float(np.mean(shuffled)))


def _drop(chances: Floats, bin_of: NDArray[np.int64]) -> float:
    count = int(bin_of.max(initial=0)) + 1
    size = np.bincount(bin_of, minlength=count)
    means = np.array([np.bincount(bin_of, part, count) for part in chances.T]) / np.maximum(size, 1)
    return float(entropy(chances.mean(axis=0)) - (size / len(chances)) @ entropy(means.T))
