"""Sums over the periods of a step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.plan.problem import Floats


def weighted(weight: Floats, value: Floats) -> Floats:
    """What never happens counts nothing, even where it would be worth -inf."""
    return np.where(weight > 0, weight, 0.0) * np.where(weight > 0, value, 0.0)


def geometric(ratio: Floats, terms: NDArray[np.int64]) -> Floats:
    """``1 + ratio + ...`` with so many terms; exact to rounding however near to 1 the ratio is.

    Args:
        ratio: from 0 to 1.
        terms: how many, 0 or more.
    """
    one = ratio == 1
    rest = -np.expm1(terms * np.log(np.where(ratio > 0, ratio, 1)))  # 1 - ratio**terms without cancelling
    rest = np.where(ratio > 0, rest, terms > 0)
    return np.where(one, terms, rest / np.where(one, 1, 1 - ratio))
