"""Sums over the periods of a step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.plan.problem import Floats


def weighted(weight: Floats, value: Floats) -> Floats:
    """What never happens counts nothing, even where it would be worth -inf."""
    return np.where(weight > 0, weight, 0.0) * np.where(weight > 0, value, 0.0)


def geometric(ratio: Floats, terms: NDArray[np.int64]) -> Floats:
    """``1 + ratio + ... `` with so many terms."""
    near = np.isclose(ratio, 1)
    return np.where(near, terms, (1 - ratio**terms) / np.where(near, 1, 1 - ratio))
