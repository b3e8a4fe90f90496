"""The rules on the frontier of one draw: the definitions of ``solutions`` in floating point.

Payoffs are whole numbers, so deals worth the same are one class exactly; classes whose scores by a rule differ by less
than a billionth count as tied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from detente.settlement.frontier import undominated

Floats = NDArray[np.float64]
Int64 = NDArray[np.int64]
Index = NDArray[np.int64]
TIED = 1e-9
MANY = 64


def front(rows: Sequence[Int64]) -> tuple[Index, Index]:
    """Undominated points and the class of equal points each belongs to.

    Args:
        rows: one array of whole numbers per party, each of shape (points,).

    Returns:
        Positions and classes, both of shape (kept,); classes are numbered from 0 without gaps.
    """
    values = np.array(rows)
    left = np.arange(values.shape[1])
    if len(left) > MANY:
        left = _thinned(values)
        values = values[:, left]
    best = undominated(list(values))
    chosen = values[:, best]
    order = np.lexsort(chosen[::-1])
    chosen = chosen[:, order]
    fresh = np.zeros(len(best), bool)
    for row in chosen:
        fresh[1:] |= row[1:] != row[:-1]
    return left[best[order]], np.cumsum(fresh)


def _thinned(values: Int64) -> Index:
    """What is left after taking out all that a few good points dominate."""
    left = np.arange(values.shape[1])
    here = list(values)
    scales = [1.0 / max(int(r.max()) - int(r.min()), 1) for r in here]
    for weights in _directions(len(here)):
        score = here[0] * (weights[0] * scales[0])
        for row, weight, scale in zip(here[1:], weights[1:], scales[1:], strict=True):
            score += row * (weight * scale)
        best = int(score.argmax())
        kept, same = here[0] > here[0][best], here[0] == here[0][best]
        for row in here[1:]:
            kept |= row > row[best]
            same &= row == row[best]
        kept |= same
        left = left[kept]
        here = [r[kept] for r in here]
        if len(left) <= MANY:
            break
    return left


@cache
def _directions(parties: int) -> tuple[tuple[float, ...], ...]:
    """Weights: equal, then leaning to each party in turn."""
    leaning = [tuple(w if k == n else 1.0 for k in range(parties)) for w in (3.0, 0.3, 8.0) for n in range(parties)]
    return ((1.0,) * parties, *leaning)


def best_classes(
    gains: Floats, weights: Floats, rules: Sequence[str], places: Callable[[], Index]
) -> dict[str, NDArray[np.bool_]]:
    """Which classes each rule picks, every tie among them, shape (classes,) each.

    Args:
        gains: of every class of the frontier, shape (parties, classes).
        weights: bargaining power, shape (parties,).
        rules: names of rules.
        places: gives how far down its order each party has gone, shape (parties, classes); asked for fallback only.
    """
    ideal = gains.max(axis=1)
    able = ideal > 0
    heavy = able & (weights > 0)
    power = np.where(weights > 0, weights, 1.0)
    answers: Mapping[str, Callable[[], NDArray[np.bool_]]] = {
        "nash": lambda: _nash(gains, weights, able),
        "ks": lambda: _leximin(gains[able] / ideal[able, None]),
        "egalitarian": lambda: _leximin(gains[heavy] / power[heavy, None]),
        "utilitarian": lambda: _largest((weights[:, None] * gains).sum(axis=0)),
        "relative_utilitarian": lambda: _largest((gains[able] / ideal[able, None]).sum(axis=0)),
        "equal_loss": lambda: _leximin(gains[able] - ideal[able, None]),
        "fallback": lambda: _fallback(places()),
    }
    return {r: answers[r]() for r in rules}


def _largest(scores: Floats, size: float | None = None) -> NDArray[np.bool_]:
    margin = TIED * (float(np.abs(scores).max(initial=0.0)) if size is None else size)
    found: NDArray[np.bool_] = scores >= scores.max(initial=-np.inf) - margin
    return found


def _leximin(scores: Floats) -> NDArray[np.bool_]:
    kept = np.ones(scores.shape[1], bool)
    size = float(np.abs(scores).max(initial=0.0))
    for row in np.sort(scores, axis=0):
        kept[kept] = _largest(row[kept], size)
    return kept


def _nash(gains: Floats, weights: Floats, able: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """As many strict gainers as possible; for each group of so many, the largest product."""
    strict = (gains > 0) & able[:, None]
    count = strict.sum(axis=0)
    most = count == count.max(initial=0)
    if count.max(initial=0) == len(gains) and (weights > 0).all():  # the usual case: all can gain at once
        picked: NDArray[np.bool_] = most.copy()
        logs = weights[:, None] * np.log(gains[:, most])
        picked[most] = _largest(logs.sum(axis=0), float(np.abs(logs).max()) * len(gains))
        return picked
    kept = np.zeros(gains.shape[1], bool)
    for group in np.unique(strict[:, most], axis=1).T:
        inside = most & (strict == group[:, None]).all(axis=0)
        counted = group & (weights > 0)
        logs = weights[counted, None] * np.log(gains[np.ix_(counted, inside)])
        size = float(np.abs(logs).max(initial=0.0)) * int(counted.sum())
        kept[inside] = _largest(logs.sum(axis=0), size) if counted.any() else True
    return kept


def _fallback(places: Index) -> NDArray[np.bool_]:
    worst = places.max(axis=0)
    taken = (places == worst).sum(axis=0)
    least = worst == worst.min()
    found: NDArray[np.bool_] = least & (taken == taken[least].min())
    return found
