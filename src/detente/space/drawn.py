"""A party's utility at drawn values, exact enough that states made of equal worths stay tied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from detente.case.fields import Amount
from detente.case.meaning import Meaning
from detente.space.draws import Draws
from detente.space.masks import mask
from detente.space.states import StateSpace
from detente.space.worth import Worth

Int64 = NDArray[np.int64]
DIGITS = 11
MOST_DIGITS = 15


@dataclass(frozen=True, eq=False)
class DrawnUtility:
    """A utility in every draw, as whole numbers of a small unit.

    Sums of whole numbers are exact: states whose worths are the same numbers have the same utility in every draw.

    Attributes:
        states: the states valued.
        levels: per option, its number and the worth of each level, shape (levels, draws).
        conditions: per condition, the cells where it holds and its worth, shape (draws,).
        meanings: the conditions.
        scale: units per 1 on the party's scale.
    """

    states: StateSpace
    levels: tuple[tuple[int, Int64], ...]
    conditions: tuple[tuple[NDArray[np.bool_], Int64], ...]
    meanings: tuple[Meaning, ...] = ()
    scale: float = 1.0
    _latest: dict[int, Int64] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, draws: Draws, states: StateSpace, party: str) -> DrawnUtility | None:
        """A party's utility in every draw; None where its preference is no utility, or nothing in it is uncertain.

        Args:
            draws: of the case; the type that the case chooses is read.
            states: the states valued.
            party: whose.
        """
        case = draws.case
        forms, kind = case.preference(party), case.types.get(party)
        if forms is None or forms.utility is None:
            return None
        prefix = ("preferences", party) if kind is None else ("preferences", party, "types", kind)
        if not any(path[: len(prefix) + 1] == (*prefix, "utility") for path in draws.inputs):
            return None
        worths = {o: draws.level_worths(party, o, kind) for o, w in forms.utility.items() if not isinstance(w, Amount)}
        added = {t: draws.values((*prefix, "utility", t)) for t, w in forms.utility.items() if isinstance(w, Amount)}
        scale = _scale(Worth.of(case, forms).denominator, [*worths.values(), *added.values()])
        levels = tuple((case.options.index(o), np.rint(w * scale).astype(np.int64)) for o, w in worths.items())
        meanings = tuple(case.meaning(t) for t in added)
        conditions = tuple(
            (mask(m, states.digits), np.rint(w * scale).astype(np.int64))
            for m, w in zip(meanings, added.values(), strict=True)
        )
        return cls(states, levels, conditions, meanings, scale)

    def of_levels(self, levels: Sequence[int]) -> Int64:
        """Utility of one combination of levels, feasible or not, in every draw, shape (draws,)."""
        column = np.array(levels, np.uint8)[:, None]
        held = [w for m, (_, w) in zip(self.meanings, self.conditions, strict=True) if mask(m, column)[0]]
        total: Int64 = np.sum([*held, *(w[levels[o]] for o, w in self.levels)], axis=0, dtype=np.int64)
        return total

    def of_draw(self, draw: int) -> Int64:
        """Utility of every state in one draw, shape (states,).

        A merged state has that of the cell it takes its key from. (Sorting levels into the order of their point values
        can part two levels of the same worth in a draw.)
        """
        if draw in self._latest:
            return self._latest[draw]
        total: Int64 | None = None
        for index, columns in self.halves:
            table = np.sum([worths[:, draw][values] for values, worths in columns], axis=0, dtype=np.int64)
            found = np.take(table, index)
            total = found if total is None else total + found
        total = np.zeros(len(self.states), np.int64) if total is None else total
        total.flags.writeable = False  # asked for more than once
        self._latest.clear()
        self._latest[draw] = total
        return total

    @cached_property
    def halves(self) -> list[tuple[Int64, list[Column]]]:
        """What the utility depends on, split in two, so that each half can be looked up as a whole.

        Returns:
            Per half the combination that every state has, shape (states,), and its columns.
        """
        columns = [(self.states.digits[o][self.states.cell_of].astype(np.int64), w) for o, w in self.levels]
        columns += [
            (where[self.states.cell_of].astype(np.int64), np.stack([np.zeros_like(w), w]))
            for where, w in self.conditions
        ]
        return _halves(columns, len(self.states))


Column = tuple[Int64, Int64]
"""A value per combination (or state), and what each value is worth in every draw."""


def _halves(columns: Sequence[Column], count: int) -> list[tuple[Int64, list[Column]]]:
    """Columns in two groups of similarly few combinations: (combination of every state, its worths per column)."""
    groups: list[tuple[Int64, int, list[int]]] = [(np.zeros(count, np.int64), 1, []) for _ in range(2)]
    for number, (values, _) in enumerate(columns):
        k = 0 if groups[0][1] <= groups[1][1] else 1
        code, _, chosen = groups[k]
        distinct, index = np.unique(code * (int(values.max(initial=0)) + 1) + values, return_inverse=True)
        groups[k] = (index.reshape(-1), len(distinct), [*chosen, number])
    out = []
    for index, size, chosen in groups:
        if not chosen:
            continue
        example = np.zeros(size, np.int64)
        example[index] = np.arange(count)
        out.append((index, [(columns[c][0][example], columns[c][1]) for c in chosen]))
    return out


def _scale(denominator: int, worths: list[NDArray[np.float64]]) -> float:
    """Units per 1: a power of ten in which the written decimals are whole.

    Coarser than the rounding error of a draw, so that worths a constant apart stay so (levels share their quantile) and
    sums that are equal in truth are equal.
    """
    largest = sum(float(np.abs(w).max(initial=0.0)) for w in worths) or 1.0
    size = floor(log10(largest)) + 1
    decimals = next(n for n in range(400) if pow(10, n, denominator) == 0 or n == MOST_DIGITS - size)
    return 10.0 ** max(decimals, DIGITS - size)
