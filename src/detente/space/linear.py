"""Conditions as linear rows over 0/1 variables, one per option and level, for mixed-integer programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.case.meaning import All, Levels, Meaning, Negation, Same


@dataclass(frozen=True)
class LinearRows:
    """``matrix @ x <= bound`` over x in {0,1}.

    Attributes:
        matrix: shape (rows, variables).
        bound: shape (rows,).
        first: column of level 0 of each option; level l of option o is column ``first[o] + l``.
        auxiliary: columns from here on are helpers, one per part of a condition.
    """

    matrix: NDArray[np.float64]
    bound: NDArray[np.float64]
    first: tuple[int, ...]
    auxiliary: int


def linear_rows(counts: Sequence[int], required: Sequence[Meaning], excluded: Sequence[Meaning]) -> LinearRows:
    """Rows that every state satisfies which meets all required and no excluded conditions, and no other state does.

    Each option takes exactly one level; each part of a condition gets a helper variable equal to its truth
    (Tseitin 1968).

    Args:
        counts: number of levels of each option.
        required: conditions that must hold.
        excluded: conditions that must not hold.
    """
    builder = RowBuilder(counts)
    for condition in required:
        builder.row({builder.truth(condition): -1.0}, -1.0)
    for condition in excluded:
        builder.row({builder.truth(condition): 1.0}, 0.0)
    return builder.done()


class RowBuilder:
    """Rows ``sum of weight * column <= bound`` as they are written, one option and one condition after the other.

    Attributes:
        first: column of level 0 of each option.
        auxiliary: columns from here on are helpers, 0 or 1 wherever the columns of the levels are.
        columns: how many there are by now.
        rows: (column -> weight, bound).
    """

    def __init__(self, counts: Sequence[int]) -> None:
        self.first = tuple(int(x) for x in np.concatenate([[0], np.cumsum(counts)[:-1]])) if counts else ()
        self.auxiliary = self.columns = int(sum(counts))
        self.rows: list[tuple[dict[int, float], float]] = []
        for start, count in zip(self.first, counts, strict=True):
            self.row({start + k: 1.0 for k in range(count)}, 1.0)
            self.row({start + k: -1.0 for k in range(count)}, -1.0)

    def row(self, terms: dict[int, float], bound: float) -> None:
        """One more row."""
        self.rows.append((terms, bound))

    def truth(self, condition: Meaning) -> int:
        """Column that is 1 exactly where the condition holds."""
        helper = self._new()
        if isinstance(condition, Levels):
            start = self.first[condition.option]
            self._equal(helper, {start + k: 1.0 for k in condition.allowed}, 0.0)
        elif isinstance(condition, Negation):
            self._equal(helper, {self.truth(condition.part): -1.0}, 1.0)
        elif isinstance(condition, Same):
            a, b = self.truth(condition.first), self.truth(condition.second)
            self.row({helper: 1.0, a: 1.0, b: -1.0}, 1.0)
            self.row({helper: 1.0, a: -1.0, b: 1.0}, 1.0)
            self.row({helper: -1.0, a: 1.0, b: 1.0}, 1.0)
            self.row({helper: -1.0, a: -1.0, b: -1.0}, -1.0)
        else:
            self._compound(helper, [self.truth(p) for p in condition.parts], every=isinstance(condition, All))
        return helper

    def _compound(self, helper: int, parts: list[int], *, every: bool) -> None:
        sign = 1.0 if every else -1.0
        for part in parts:
            self.row({helper: sign, part: -sign}, 0.0)
        total: dict[int, float] = {helper: -sign}
        for part in parts:
            total[part] = total.get(part, 0.0) + sign
        self.row(total, float(len(parts) - 1) if every else 0.0)

    def _equal(self, helper: int, terms: dict[int, float], constant: float) -> None:
        self.row({helper: 1.0, **{c: -w for c, w in terms.items()}}, constant)
        self.row({helper: -1.0, **terms}, -constant)

    def _new(self) -> int:
        self.columns += 1
        return self.columns - 1

    def done(self) -> LinearRows:
        """The rows as one matrix."""
        matrix = np.zeros((len(self.rows), self.columns))
        for n, (terms, _) in enumerate(self.rows):
            for column, weight in terms.items():
                matrix[n, column] += weight
        return LinearRows(matrix, np.array([b for _, b in self.rows]), self.first, self.auxiliary)
