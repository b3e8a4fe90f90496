"""A party's utility over states: worths of levels and of conditions, summed exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from detente.case.blocks.preferences import Forms
from detente.case.fields import Amount
from detente.case.model import Case
from detente.space.masks import mask
from detente.space.states import StateSpace

Path = tuple[str, ...]
Exact = NDArray[np.int64] | NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Worth:
    """An additive utility: what each level of an option and each condition is worth per period.

    Attributes:
        levels: (option id, worth of each level); unwritten levels are worth 0.
        conditions: (condition as written, worth).
    """

    levels: tuple[tuple[str, tuple[Fraction, ...]], ...]
    conditions: tuple[tuple[str, Fraction], ...]

    @classmethod
    def of(cls, case: Case, forms: Forms, value: Callable[[Path, Amount], Fraction] | None = None) -> Worth:
        """The worths of a utility, at point values unless ``value`` says otherwise.

        Args:
            case: the case the utility belongs to.
            forms: a preference written as utility.
            value: gives the number to use for (path below ``utility``, amount).
        """
        read = value or (lambda _path, amount: case.mean(amount))
        levels: list[tuple[str, tuple[Fraction, ...]]] = []
        conditions: list[tuple[str, Fraction]] = []
        for key, written in (forms.utility or {}).items():
            if isinstance(written, Amount):
                conditions.append((key, read((key,), written)))
                continue
            names = case.file.options[key].levels
            worth = {_level(names, k): read((key, k), a) for k, a in written.items()}
            levels.append((key, tuple(worth.get(n, Fraction(0)) for n in range(len(names)))))
        return cls(tuple(levels), tuple(conditions))

    @property
    def denominator(self) -> int:
        """Common denominator of all worths."""
        numbers = [w for _, row in self.levels for w in row] + [w for _, w in self.conditions]
        return lcm(*(w.denominator for w in numbers)) if numbers else 1

    def of_levels(self, case: Case, levels: Sequence[int]) -> Fraction:
        """Utility of one combination of level numbers, feasible or not.

        Args:
            case: the case the worths belong to.
            levels: one number per option, in file order.
        """
        total = sum((row[levels[case.options.index(option)]] for option, row in self.levels), Fraction(0))
        column = np.array(levels, np.uint8)[:, None]
        return total + sum((w for text, w in self.conditions if mask(case.meaning(text), column)[0]), Fraction(0))

    def exact(self, states: StateSpace, path: str = "preferences") -> Exact:
        """Utility of every state as integers over ``denominator`` (so ties are exact), shape (states,).

        Raises:
            CaseError: the cells of a merged state differ in utility.
        """
        common = self.denominator
        largest = sum(max(abs(w) for w in row) for _, row in self.levels) + sum(abs(w) for _, w in self.conditions)
        fits = largest * common < 2**62
        total: Exact = np.zeros(states.cells, np.int64 if fits else object)
        for option, row in self.levels:
            table = np.array([int(w * common) for w in row], dtype=total.dtype)
            total = total + table[states.digits[states.case.options.index(option)]]
        for text, worth in self.conditions:
            where = mask(states.case.meaning(text), states.digits)
            total[where] += int(worth * common)
        return states.lift(total, "the utility", path)


def _level(names: tuple[str, ...], written: str) -> int:
    return int(written) if written.isdigit() else names.index(written)
