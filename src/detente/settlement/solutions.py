"""Bargaining solutions on a finite frontier: each rule gives the payoff classes it picks, every tie among them.

All comparisons are exact. A rule first thins out by floating-point scores with a wide margin, then compares integers.
A party that cannot gain by any acceptable deal is left out of products, minima and ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from detente.settlement.frontier import Frontier

Chosen = tuple[int, ...]
Weights = Sequence[Fraction]
MARGIN = 1e-9
LONGEST_POWER = 200_000  # bits of a Nash product that is still multiplied out
DIGITS = 120


def gainers(front: Frontier) -> tuple[int, ...]:
    """Positions of the parties that can gain by some deal nobody loses by."""
    return tuple(n for n, a in enumerate(front.ideal) if a > 0)


def nash(front: Frontier, weights: Weights) -> Chosen:
    """Largest product of gains, each raised to its party's weight (Nash 1950; weighted: Kalai 1977).

    Where no deal makes all gain, first as many as possible gain; where that can be different parties, the largest
    product is taken for each group of them apart, since products of different parties' gains cannot be compared.
    """
    able = gainers(front)
    groups: dict[tuple[int, ...], list[int]] = {}
    for n, row in enumerate(front.gains):
        groups.setdefault(tuple(i for i in able if row[i] > 0), []).append(n)
    most = max((len(g) for g in groups), default=0)
    found: list[int] = []
    for group, classes in groups.items():
        if len(group) == most:
            found += _largest_product(front, group, classes, weights)
    return tuple(sorted(found))


def ks(front: Frontier) -> Chosen:
    """Kalai-Smorodinsky: leximin of gains relative to the best gain within the deals nobody loses by.

    Sources: Kalai & Smorodinsky 1975; leximin form: Imai 1983.
    """
    able = gainers(front)
    return _leximin(front, {i: Fraction(1, front.ideal[i]) for i in able})


def equal_ratio(front: Frontier) -> Chosen:
    """Smallest difference between the largest and the smallest ratio: a diagnostic, not Kalai-Smorodinsky."""
    able = gainers(front)
    rows = _scaled(front, {i: Fraction(1, front.ideal[i]) for i in able}, {})
    return _best(range(len(front)), lambda n: (min(rows[n]) - max(rows[n]) if able else 0,))


def egalitarian(front: Frontier, weights: Weights) -> Chosen:
    """Leximin of gains, each divided by its party's weight (Kalai 1977); compares utilities across parties."""
    able = [i for i in gainers(front) if weights[i] > 0]
    return _leximin(front, {i: Fraction(1, front.denominators[i]) / weights[i] for i in able})


def utilitarian(front: Frontier, weights: Weights) -> Chosen:
    """Largest weighted sum of payoffs; compares utilities across parties."""
    return _largest_sum(front, {i: weights[i] / d for i, d in enumerate(front.denominators)})


def relative_utilitarian(front: Frontier) -> Chosen:
    """Largest sum of gains, each relative to the party's best gain within the deals nobody loses by."""
    return _largest_sum(front, {i: Fraction(1, front.ideal[i]) for i in gainers(front)})


def equal_loss(front: Frontier) -> Chosen:
    """Smallest largest loss against the best acceptable payoff, then the next largest (Chun 1988).

    Compares utilities across parties.
    """
    able = gainers(front)
    factors = {i: Fraction(1, front.denominators[i]) for i in able}
    return _leximin(front, factors, {i: -front.ideal[i] * f for i, f in factors.items()})


def fallback(depths: NDArray[np.int64]) -> Chosen:
    """Fallback bargaining (Brams & Kilgour 2001): every party goes down its own order until all meet.

    The worst rank is as good as possible; then as few parties as possible have it. Purely ordinal.

    Args:
        depths: shape (classes, parties): how many classes of its order each party has gone down (0 = its best states).
    """
    worst = depths.max(axis=1)
    count = (depths == worst[:, None]).sum(axis=1)
    least = worst == worst.min()
    return tuple(int(n) for n in np.flatnonzero(least & (count == count[least].min())))


def ratios(front: Frontier, number: int) -> dict[int, Fraction]:
    """Gain of each party that can gain, relative to its best, in one class."""
    return {i: Fraction(front.gains[number][i], front.ideal[i]) for i in gainers(front)}


# --- comparing -------------------------------------------------------------------------------------------------------


def _scaled(
    front: Frontier, factors: dict[int, Fraction], constants: dict[int, Fraction], chosen: Sequence[int] | None = None
) -> dict[int, list[int]]:
    """Gains times factors plus constants as integers over one common denominator, per class."""
    common = lcm(*(f.denominator for f in (*factors.values(), *constants.values())))
    whole = [(i, int(f * common), int(constants.get(i, Fraction(0)) * common)) for i, f in factors.items()]
    classes = range(len(front)) if chosen is None else chosen
    return {n: [front.gains[n][i] * f + c for i, f, c in whole] for n in classes}


def _floats(front: Frontier, factors: dict[int, Fraction]) -> NDArray[np.float64]:
    """Gains times factors, shape (parties, classes)."""
    return np.array([[float(row[i] * f) for row in front.gains] for i, f in factors.items()])


def _leximin(front: Frontier, factors: dict[int, Fraction], constants: dict[int, Fraction] | None = None) -> Chosen:
    """Classes whose sorted scores are lexicographically largest."""
    if not factors or not len(front):
        return tuple(range(len(front)))
    constants = constants or {}
    scores = _floats(front, factors) + np.array([[float(constants.get(i, 0))] for i in factors])
    near = _near(scores.min(axis=0), float(np.abs(scores).max()))
    rows = _scaled(front, factors, constants, near)
    return _best(near, lambda n: tuple(sorted(rows[n])))


def _largest_sum(front: Frontier, factors: dict[int, Fraction]) -> Chosen:
    if not factors or not len(front):
        return tuple(range(len(front)))
    scores = _floats(front, factors)
    near = _near(scores.sum(axis=0), float(np.abs(scores).max()) * len(scores))
    rows = _scaled(front, factors, {}, near)
    return _best(near, lambda n: (sum(rows[n]),))


def _near(scores: NDArray[np.float64], size: float) -> list[int]:
    """Classes whose score is within rounding of the best."""
    return [int(n) for n in np.flatnonzero(scores >= scores.max() - MARGIN * max(size, 1e-300))]


def _best(classes: Sequence[int] | range, key: Callable[[int], tuple[int, ...]]) -> Chosen:
    keys = {n: key(n) for n in classes}
    top = max(keys.values(), default=())
    return tuple(n for n, k in keys.items() if k == top)


def _largest_product(front: Frontier, group: tuple[int, ...], classes: list[int], weights: Weights) -> list[int]:
    """Classes with the largest product of gains of one group of parties."""
    counted = [i for i in group if weights[i] > 0]
    if not counted:
        return classes
    logs = np.array([[float(weights[i]) * _log(front.gains[n][i]) for i in counted] for n in classes])
    near = [classes[k] for k in _near(logs.sum(axis=1), float(np.abs(logs).max()) * len(counted))]
    if len(near) == 1:
        return near
    common = lcm(*(weights[i].denominator for i in counted))
    powers = {i: int(weights[i] * common) for i in counted}
    longest = max(sum(p * front.gains[n][i].bit_length() for i, p in powers.items()) for n in near)
    if longest <= LONGEST_POWER:
        return list(_best(near, lambda n: (_product(front.gains[n], powers),)))
    precise = {n: _precise_log(front.gains[n], powers) for n in near}
    top = max(precise.values())
    return [n for n, v in precise.items() if top - v <= abs(top) * Decimal(10) ** (20 - DIGITS)]


def _log(number: int) -> float:
    shift = max(number.bit_length() - 60, 0)
    return float(np.log(number >> shift) + shift * np.log(2))


def _product(row: tuple[int, ...], powers: dict[int, int]) -> int:
    out = 1
    for i, power in powers.items():
        out *= row[i] ** power
    return out


def _precise_log(row: tuple[int, ...], powers: dict[int, int]) -> Decimal:
    context = Context(prec=DIGITS)
    out = Decimal(0)
    for i, power in powers.items():
        out = context.add(out, context.multiply(Decimal(power), context.ln(Decimal(row[i]))))
    return out
