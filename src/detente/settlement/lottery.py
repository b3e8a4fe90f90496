"""Deals by lottery or by taking turns: the solutions over all mixtures of acceptable deals, as a separate answer.

Mixtures are taken over the frontier, whose convex hull holds every mixture worth having. Values are computed in
floating point; no mixture needs more deals than there are parties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.settlement.frontier import Frontier
from detente.settlement.solutions import Chosen, Weights, gainers

Floats = NDArray[np.float64]
SMALL = 1e-9
ROUNDING = 1e-7
MOST_CLASSES = 20_000
ROUNDS = 60
CLOSE = 1e-8  # gap of a product of gains, as a share of it


@dataclass(frozen=True, eq=False)
class Lottery:
    """A mixture of deals that a rule picks, and what mixing adds.

    Attributes:
        rule: ks | egalitarian | nash.
        shares: (payoff class on the frontier, chance), chances summing to 1.
        gains: expected gain of every party.
        pure: what the rule maximises at its pure solution: the smallest ratio, the smallest gain (over weights), or the
            weighted geometric mean of gains.
        mixed: the same for the mixture.
        gap: how far ``mixed`` may be below the best, as a share of it.
    """

    rule: str
    shares: tuple[tuple[int, float], ...]
    gains: tuple[float, ...]
    pure: float
    mixed: float
    gap: float

    @property
    def adds(self) -> float:
        """What mixing adds, as a share of the pure value; 0 where a pure deal is as good."""
        more = self.mixed / self.pure - 1 if self.pure > 0 else float(self.mixed > SMALL)
        return more if more > ROUNDING else 0.0


def lotteries(front: Frontier, weights: Weights, pure: dict[str, Chosen]) -> dict[str, Lottery]:
    """Kalai-Smorodinsky, egalitarian and Nash over mixtures.

    Args:
        front: the frontier of acceptable deals.
        weights: bargaining power of its parties.
        pure: rule -> the classes it picks among pure deals.

    Returns:
        One mixture per rule; none where the frontier has one class or more than 20,000, where nobody can gain, or where
        the parties' scales are too far apart for floating point.
    """
    able = gainers(front)
    if not able or not 1 < len(front) <= MOST_CLASSES:
        return {}
    gains = np.array([[row[i] / d for i, d in enumerate(front.denominators)] for row in front.gains]).T
    top = np.array([front.ideal[i] / front.denominators[i] for i in able])
    heavy = [i for i in able if weights[i] > 0]
    powers = np.array([float(weights[i]) for i in heavy])
    scores = {"ks": gains[list(able)] / top[:, None]}
    if heavy:
        scores |= {"egalitarian": gains[heavy] / powers[:, None], "nash": gains[heavy]}
    out = {}
    for rule, rows in scores.items():
        try:
            shares, gap = _nash(rows, powers) if rule == "nash" else (_leximin(rows / rows.max()), 0.0)
        except ArithmeticError:  # scales too far apart for floating point
            continue
        shares = np.where(shares > SMALL, shares, 0.0)
        shares = shares / shares.sum()
        values = {n: _mean(rows[:, n], powers) if rule == "nash" else float(rows[:, n].min()) for n in pure[rule]}
        mixed = rows @ shares
        out[rule] = Lottery(
            rule=rule,
            shares=tuple((int(n), float(shares[n])) for n in np.flatnonzero(shares)),
            gains=tuple(float(g) for g in gains @ shares),
            pure=max(values.values()),
            mixed=_mean(mixed, powers) if rule == "nash" else float(mixed.min()),
            gap=gap,
        )
    return out


def _mean(gains: Floats, powers: Floats) -> float:
    """Weighted geometric mean."""
    return float(np.exp((powers * np.log(np.maximum(gains, 1e-300))).sum() / powers.sum()))


def _leximin(rows: Floats) -> Floats:
    """Shares whose expected scores are leximin-largest: raise the smallest, fix whoever cannot rise further, go on.

    On a convex set this is valid; on the deals themselves it would not be (Ogryczak & Sliwinski).
    """
    size = np.abs(rows).max(axis=1)
    fixed: dict[int, float] = {}
    while len(fixed) < len(rows):
        free = [i for i in range(len(rows)) if i not in fixed]
        floor, _ = _raise(rows, free, fixed)
        stuck = [i for i in free if _best_of(rows, i, free, fixed, floor) <= floor + 1e-7 * size[i]]
        fixed |= dict.fromkeys(stuck or free, floor)
    return _vertex(rows, np.array([fixed[i] for i in range(len(rows))]), 1 / np.maximum(size, SMALL))


def _raise(rows: Floats, free: Sequence[int], fixed: dict[int, float]) -> tuple[float, Floats]:
    """The largest level that all free parties can have at once, and the shares."""
    count = rows.shape[1]
    upper = np.concatenate([np.hstack([-rows[free], np.ones((len(free), 1))]), _held(rows, fixed, 1)])
    limits = np.concatenate([np.zeros(len(free)), [-v + 1e-10 for v in fixed.values()]])
    objective = np.concatenate([np.zeros(count), [-1.0]])
    found = _solve(objective, upper, limits, [(0, None)] * count + [(None, None)])
    return float(found[-1]), found[:-1]


def _best_of(rows: Floats, party: int, free: Sequence[int], fixed: dict[int, float], floor: float) -> float:
    """The most one party can have while the free ones keep the level and the fixed ones theirs."""
    held = {**fixed, **dict.fromkeys(free, floor)}
    limits = np.array([-v + 1e-10 for v in held.values()])
    shares = _solve(-rows[party], _held(rows, held, 0), limits, [(0, None)] * rows.shape[1])
    return float(rows[party] @ shares)


def _held(rows: Floats, held: dict[int, float], extra: int) -> Floats:
    return np.hstack([-rows[list(held)], np.zeros((len(held), extra))])


def _vertex(rows: Floats, least: Floats, prices: Floats) -> Floats:
    """Shares with at least these scores and the largest priced sum: a vertex, so few deals are mixed."""
    slack = 1e-9 * np.maximum(np.abs(least), 1e-3)
    return _solve(-(prices @ rows), -rows, -least + slack, [(0, None)] * rows.shape[1])


def _solve(objective: Floats, upper: Floats, limits: Floats, bounds: list[tuple[int | None, None]]) -> Floats:
    from scipy.optimize import linprog

    count = len(objective)
    total = np.ones((1, count))
    if bounds[-1] == (None, None):
        total[0, -1] = 0.0
    found: Any = linprog(objective, A_ub=upper, b_ub=limits, A_eq=total, b_eq=[1.0], bounds=bounds, method="highs-ds")
    if found.x is None:
        raise ArithmeticError(found.message)
    out: Floats = np.maximum(found.x, 0.0) if bounds[-1] != (None, None) else found.x
    return out


def _nash(gains: Floats, powers: Floats) -> tuple[Floats, float]:
    """Shares with the largest weighted product of expected gains, and the proven relative gap.

    Cutting planes: the logarithm lies below its tangents, so the best point under a few tangents bounds the optimum;
    tangents are added at each such point.
    """
    parties, count = gains.shape
    powers = powers / powers.sum()
    size = gains.max(axis=1)
    scaled = gains / size[:, None]
    points = [np.geomspace(0.01, 1, 12) for _ in range(parties)]
    best, value, bound = np.zeros(count), -np.inf, np.inf
    for _ in range(ROUNDS):
        rows, limits = [], []
        for i in range(parties):
            for at in points[i]:
                row = np.zeros(count + parties)
                row[:count] = -scaled[i] / at
                row[count + i] = 1.0
                rows.append(row)
                limits.append(np.log(at) - 1.0)
        found = _solve_nash(np.concatenate([np.zeros(count), -powers]), np.array(rows), np.array(limits))
        shares = np.maximum(found[:count], 0.0)
        shares /= shares.sum()
        bound = min(bound, float(powers @ found[count:]))
        here = scaled @ shares
        reached = float(powers @ np.log(np.maximum(here, 1e-12)))
        if reached > value:
            best, value = shares, reached
        if bound - value <= CLOSE:
            break
        points = [np.append(p, max(h, 1e-6)) for p, h in zip(points, here, strict=True)]
    here = np.maximum(scaled @ best, 1e-12)
    return _vertex(scaled, here, powers / here), max(0.0, float(np.expm1(bound - value)))


def _solve_nash(objective: Floats, upper: Floats, limits: Floats) -> Floats:
    from scipy.optimize import linprog

    parties = int((objective != 0).sum())
    count = len(objective) - parties
    total = np.concatenate([np.ones(count), np.zeros(parties)])[None, :]
    bounds = [(0, None)] * count + [(None, None)] * parties
    found: Any = linprog(objective, A_ub=upper, b_ub=limits, A_eq=total, b_eq=[1.0], bounds=bounds, method="highs-ds")
    if found.x is None:
        raise ArithmeticError(found.message)
    out: Floats = found.x
    return out
