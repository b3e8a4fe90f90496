"""The frontier: payoff classes that no acceptable deal improves on for one signatory without loss to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.settlement.enumeration import Deals, Index
from detente.space.masks import Bools
from detente.space.worth import Exact

Int64 = NDArray[np.int64]
SAMPLES = 24  # weighted-best points used to thin out before sorting
SAMPLES_OF = (500, 5_000)  # random points whose frontiers thin out further
FEW = 1_000


@dataclass(frozen=True, eq=False)
class Frontier:
    """Undominated payoff classes, each with all its deals.

    Attributes:
        parties: the signatories.
        gains: of every class, one row of integers per class; over ``denominators``.
        denominators: one per party.
        deals: positions in ``Deals``, one ascending array per class.
    """

    parties: tuple[str, ...]
    gains: tuple[tuple[int, ...], ...]
    denominators: tuple[int, ...]
    deals: tuple[Index, ...]

    def __len__(self) -> int:
        return len(self.gains)

    @property
    def ideal(self) -> tuple[int, ...]:
        """The largest gain of each party over all deals nobody loses by (attained on the frontier)."""
        return tuple(max(column) for column in zip(*self.gains, strict=True))


def frontier_of(deals: Deals) -> Frontier:
    """The frontier of the deals nobody loses by, in the signatories' payoffs.

    Classes come in falling order of the first party's gain, then the second's and so on.
    """
    axes = deals.bargain.axes
    inside = np.flatnonzero(deals.acceptable)
    if not len(inside):
        return Frontier(axes, (), tuple(deals.denominators[p] for p in axes), ())
    whole = len(inside) == len(deals)
    rows = [deals.gains[p] if whole else deals.gains[p][inside] for p in axes]
    best = undominated([orderly(r) for r in rows])
    order = np.lexsort([orderly(-r[best]) for r in reversed(rows)])
    best = best[order]
    chosen = [r[best] for r in rows]
    fresh = np.ones(len(best), bool)
    fresh[1:] = np.any([c[1:] != c[:-1] for c in chosen], axis=0)
    starts = np.flatnonzero(fresh)
    gains = tuple(zip(*([int(v) for v in c[starts]] for c in chosen), strict=True))
    members = tuple(np.sort(part) for part in np.split(inside[best], starts[1:]))
    return Frontier(axes, gains, tuple(deals.denominators[p] for p in axes), members)


def undominated(rows: list[Int64]) -> Index:
    """Positions of the points that no other point dominates; equal points are all kept.

    Args:
        rows: one array of values per party, each of shape (points,).

    Returns:
        Positions, shape (kept,), in no particular order.
    """
    values = np.array(rows)
    if values.shape[1] == 0:
        return np.zeros(0, np.int64)
    if len(rows) == 1:
        return np.flatnonzero(values[0] == values[0].max())
    left = _thinned(values)
    kept = values[:, left]
    return left[_two(kept) if len(rows) == 2 else _many(kept)]


def _thinned(values: Int64) -> Index:
    """Positions left after taking out what some good points dominate: a superset of the frontier.

    First against weighted-best points, then against the frontiers of two random samples.
    """
    parties, count = values.shape
    left = np.arange(count)
    if count < FEW:
        return left
    span = np.maximum(values.max(axis=1).astype(np.float64) - values.min(axis=1), 1.0)
    best = [int(np.argmax((weights / span) @ values)) for weights in _directions(parties)]
    left = left[_beaten_by(values, values[:, sorted(set(best))])]
    for size in SAMPLES_OF if parties > 2 else ():
        if len(left) < 4 * size:
            break
        here = values[:, left]
        sample = here[:, np.random.default_rng(size).choice(len(left), size, replace=False)]
        left = left[_beaten_by(here, sample[:, _many(sample)])]
    return left


def _beaten_by(values: Int64, points: Int64) -> Index:
    """Positions of what none of some points dominates."""
    left = np.arange(values.shape[1])
    here, kept = values, np.ones(len(left), bool)
    for k in range(points.shape[1]):
        kept &= ~_dominated(here, points[:, [k]])
        if kept.sum() < 0.9 * len(kept):
            left, here = left[kept], here[:, kept]
            kept = np.ones(len(left), bool)
    return left[kept]


def _directions(parties: int) -> NDArray[np.float64]:
    """Weights: equal, near each corner, then spread evenly over the simplex."""
    rng = np.random.default_rng(0)
    corners = np.full((parties, parties), 0.02) + np.eye(parties)
    return np.concatenate([np.ones((1, parties)), corners, rng.dirichlet(np.ones(parties), SAMPLES - 1 - parties)])


def _dominated(values: Int64, point: Int64) -> Bools:
    """Which points one point dominates, shape (points,)."""
    out: Bools = np.logical_and((values <= point).all(axis=0), (values < point).any(axis=0))
    return out


def _two(values: Int64) -> Index:
    """Two parties: by falling first value, then falling second; a running maximum of the second."""
    order = np.lexsort((-values[1], -values[0]))
    first, second = values[0, order], values[1, order]
    before = np.concatenate([[np.iinfo(np.int64).min], np.maximum.accumulate(second)[:-1]])
    fresh = second > before
    # an exact duplicate of a kept point is kept: it stands right behind it
    leader = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    same = (first == first[leader]) & (second == second[leader])
    out: Index = order[fresh | same]
    return out


def _many(values: Int64) -> Index:
    """Three and more parties: by falling sum, shrinking the list against each survivor in turn."""
    order = np.argsort(-_sums(values), kind="stable")
    left = values[:, order]
    kept: list[Index] = []
    while len(order):
        point = left[:, :1]
        same = (left == point).all(axis=0)
        kept.append(order[same])
        keep = ~((left <= point).all(axis=0))
        order, left = order[keep], left[:, keep]
    return np.concatenate(kept)


def _sums(values: Int64) -> Int64:
    if int(np.abs(values).max()) < 2**62 // len(values):
        total: Int64 = values.sum(axis=0)
        return total
    return np.array([orderly(r) for r in values.astype(object)]).sum(axis=0)  # type: ignore[no-any-return]


def orderly(row: Exact) -> Int64:
    """The row itself, or ranks in its place where its numbers are too large for the machine's integers."""
    if row.dtype != object:
        return row.astype(np.int64, copy=False)
    return np.unique(row, return_inverse=True)[1].reshape(-1).astype(np.int64)
