"""Is some mixture of deals acceptable to all? Decided exactly, by a small simplex in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

PATIENCE = 40  # steps before Bland's rule, which cannot cycle


def improving_mixture(columns: Sequence[tuple[int, ...]]) -> dict[int, Fraction] | None:
    """Shares of a mixture in which nobody loses on average and somebody gains.

    Maximises the sum of expected gains over shares that sum to at most 1, starting from none: the constraints are
    ``expected gain of each party >= 0``. At most as many deals as parties are mixed.

    Args:
        columns: gains of every deal, one integer per party (each party on any scale of its own).

    Returns:
        Column -> share, shares summing to 1; None where there is no such mixture.
    """
    if not columns:
        return None
    parties = len(columns[0])
    table = np.array(columns, dtype=object)
    simplex = _Simplex(parties)
    while (entering := simplex.entering(table)) is not None:
        simplex.pivot(entering, table)
    shares = simplex.shares()
    total = sum(shares.values(), Fraction(0))
    gain = sum((s * sum(columns[k]) for k, s in shares.items()), Fraction(0))
    return {k: s / total for k, s in sorted(shares.items())} if gain > 0 else None


class _Simplex:
    """Revised simplex: rows ``slack_i = expected gain of i`` and ``slack = 1 - sum of shares``.

    Variables are numbered: columns from 0; slack of row r is -1 - r.
    """

    def __init__(self, parties: int) -> None:
        self.rows = parties + 1
        self.inverse = [[Fraction(int(r == c)) for c in range(self.rows)] for r in range(self.rows)]
        self.basis = [-1 - r for r in range(self.rows)]
        self.values = [Fraction(0)] * parties + [Fraction(1)]
        self.steps = 0

    def entering(self, table: np.ndarray[tuple[int, int], np.dtype[np.object_]]) -> int | None:
        """A variable that would raise the sum of gains, or None at the optimum."""
        prices = self._prices(table)
        common = lcm(*(p.denominator for p in prices))
        whole = [int(p * common) for p in prices]
        direction = np.array([common + w for w in whole[:-1]], dtype=object)
        reduced = table @ direction - whole[-1]
        self.steps += 1
        slack = next((r for r in range(self.rows) if whole[r] < 0 and -1 - r not in self.basis), None)
        if slack is not None:
            return -1 - slack
        found = np.flatnonzero(reduced > 0)
        if not len(found):
            return None
        return int(found[0] if self.steps > PATIENCE else found[np.argmax(reduced[found])])

    def _prices(self, table: np.ndarray[tuple[int, int], np.dtype[np.object_]]) -> list[Fraction]:
        costs = [int(table[b].sum()) if b >= 0 else 0 for b in self.basis]
        return [sum((c * self.inverse[k][r] for k, c in enumerate(costs) if c), Fraction(0)) for r in range(self.rows)]

    def pivot(self, entering: int, table: np.ndarray[tuple[int, int], np.dtype[np.object_]]) -> None:
        """Bring a variable into the basis in place of the first that would fall below 0."""
        if entering >= 0:
            column = [-Fraction(v) for v in table[entering]] + [Fraction(1)]
        else:
            column = [Fraction(int(r == -1 - entering)) for r in range(self.rows)]
        step = [sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for row in self.inverse]
        rising = [r for r in range(self.rows) if step[r] > 0]
        leaving = min(rising, key=lambda r: (self.values[r] / step[r], self._order(self.basis[r])))
        ratio = self.values[leaving] / step[leaving]
        self.values = [v - ratio * s for v, s in zip(self.values, step, strict=True)]
        self.values[leaving] = ratio
        pivot = [v / step[leaving] for v in self.inverse[leaving]]
        self.inverse = [
            pivot if r == leaving else [a - step[r] * b for a, b in zip(row, pivot, strict=True)]
            for r, row in enumerate(self.inverse)
        ]
        self.basis[leaving] = entering

    def _order(self, variable: int) -> int:
        """Slacks by row, then columns: the order in which ``entering`` looks at them."""
        return variable if variable >= 0 else -1 - variable - self.rows

    def shares(self) -> dict[int, Fraction]:
        """Shares of the deals in the present basis."""
        return {b: v for b, v in zip(self.basis, self.values, strict=True) if b >= 0 and v > 0}
