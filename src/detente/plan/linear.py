"""Weighted sums of columns with known bounds: what the rows of an integer program are written with."""

from __future__ import annotations

from dataclasses import dataclass, field

from detente.mechanics.milp import Program


@dataclass(frozen=True, slots=True)
class Linear:
    """``constant + sum of weight * column``.

    Attributes:
        terms: column -> weight.
        constant: added.
        low, high: between which it lies in every plan.
    """

    terms: dict[int, float] = field(default_factory=dict)
    constant: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Linear) -> Linear:
        """The sum of two."""
        terms = dict(self.terms)
        for column, weight in other.terms.items():
            terms[column] = terms.get(column, 0.0) + weight
        return Linear(terms, self.constant + other.constant, self.low + other.low, self.high + other.high)

    def __mul__(self, factor: float) -> Linear:
        """A multiple."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Linear(
            {c: w * factor for c, w in self.terms.items()} if factor else {}, self.constant * factor, low, high
        )

    def __sub__(self, other: Linear) -> Linear:
        """The difference."""
        return self + other * -1.0

    def within(self, low: float, high: float) -> Linear:
        """The same, with bounds that are known to be closer."""
        return Linear(self.terms, self.constant, max(self.low, low), min(self.high, high))


def fixed(value: float) -> Linear:
    """A number."""
    return Linear({}, value, value, value)


ONE, ZERO = fixed(1.0), fixed(0.0)


def column(program: Program, low: float = 0.0, high: float = 1.0, *, whole: bool = False) -> Linear:
    """A new column of a program."""
    return Linear({program.column(low, high, whole=whole): 1.0}, 0.0, low, high)


def total(parts: list[Linear]) -> Linear:
    """The sum of several."""
    terms: dict[int, float] = {}
    for part in parts:
        for c, weight in part.terms.items():
            terms[c] = terms.get(c, 0.0) + weight
    return Linear(terms, sum(p.constant for p in parts), sum(p.low for p in parts), sum(p.high for p in parts))


def least(program: Program, left: Linear, amount: float = 0.0, *switches: Linear, give: float | None = None) -> None:
    """Require ``left >= amount`` wherever all switches are 1.

    Args:
        program: that gets the row.
        left: the sum.
        amount: at least so much.
        switches: each 0 or 1 in every plan; the row is void where one of them is 0.
        give: by how much the row may be eased where a switch is 0; as much as the bounds of ``left`` need, if None.
    """
    needed = amount - left.low
    if needed <= 0.0:
        return
    for switch in switches:
        left = left + (ONE - switch) * (needed if give is None else give)
    program.row(left.terms, low=amount - left.constant)
