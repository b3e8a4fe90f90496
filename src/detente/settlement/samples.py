"""Deals spread over the frontier of three and more signatories, where the whole of it cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from detente.settlement.integer import SIZE, acceptable
from detente.settlement.program import DealProgram, Point


def sample(program: DealProgram, ideal: Mapping[str, int], count: int) -> list[Point]:
    """Deals proven to lie on the frontier: the best for each party, and those nearest to several mixes of the ideals.

    Nearest in the weighted Chebyshev sense: the smallest share, over the party's weight, is as large as can be.

    Args:
        program: with at least one acceptable deal in its pool.
        ideal: largest acceptable gain of every signatory.
        count: mixes tried; fewer where time runs out.
    """
    able = [p for p, most in ideal.items() if most > 0]
    starts = [max(program.acceptable(), key=lambda x: x.gains[p]) for p in able]
    found = [improved(program, s) for s in starts]
    mixes: NDArray[np.float64] = (
        np.random.default_rng(0).dirichlet(np.ones(len(able)), count) if able else np.zeros((0, 0))
    )
    for weights in mixes:
        if not program.deadline.left:
            break
        work = acceptable(program)
        level = work.column(0.0, SIZE)
        for party, weight in zip(able, weights, strict=True):
            # a share of at least level * weight; at most SIZE where everybody has its ideal and the weight is 1
            terms, constant = program.terms(party, Fraction(SIZE) / ideal[party])
            work.row({**terms, level: -float(weight)}, low=-constant)
        answer = program.search(work, {level: 1.0}, lambda x: x.acceptable, solvable=True)
        if answer.point is not None:
            found.append(improved(program, answer.point))
    return [point for point, proven in found if proven]


def improved(program: DealProgram, point: Point) -> tuple[Point, bool]:
    """A deal on the frontier at least as good for every signatory, and whether it is proven to lie there."""
    work = acceptable(program)
    factors = {}
    for party in program.bargain.axes:
        program.least(work, party, point.gains[party])
        factors[party] = Fraction(SIZE) / max(abs(program.low[party]), abs(program.high[party]), 1)
    objective, _ = program.total(factors)
    axes = program.bargain.axes

    def no_worse(other: Point) -> bool:
        return other.acceptable and all(other.gains[q] >= point.gains[q] for q in axes)

    found = program.search(work, objective, no_worse, solvable=True)
    return found.point or point, found.status == "optimal"
