"""A bargaining problem as an integer program: one 0/1 column per option and level, gains as linear rows.

What the solver finds is decoded to levels and judged by exact integers; a deal that does not pass is cut off and the
program solved again. Only the solver's bounds are floating-point numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from detente.case.meaning import Meaning, holds
from detente.mechanics.milp import INFINITE, Deadline, Program, Solution
from detente.mechanics.payoffs import Levels
from detente.settlement.problem import Bargain
from detente.space.linear import RowBuilder

LARGEST = 1e5  # weight of a gain in a row; larger numbers are scaled down
SMALLEST = 1e-4  # what still counts as a gain, in a row scaled down
ROUNDING = 1e-5  # by which a row scaled down is eased; exact numbers refuse what that lets in
MOST_REJECTED = 100  # deals found by the solver and refused by exact numbers, before it is given up


@dataclass(frozen=True, slots=True)
class Point:
    """A deal that has been found.

    Attributes:
        levels: level numbers.
        gains: party -> payoff minus disagreement, over the party's denominator.
        voices: whose acceptance it needs.
        broken: positions of the conditions under ``infeasible`` that it matches.
    """

    levels: Levels
    gains: dict[str, int]
    voices: tuple[str, ...]
    broken: frozenset[int]

    @property
    def acceptable(self) -> bool:
        """Nobody whose acceptance it needs loses by it."""
        return all(self.gains[p] >= 0 for p in self.voices)

    @property
    def gaining(self) -> bool:
        """Somebody whose acceptance it needs gains by it."""
        return any(self.gains[p] > 0 for p in self.voices)

    @property
    def strict(self) -> bool:
        """All whose acceptance it needs gain by it."""
        return all(self.gains[p] > 0 for p in self.voices)


@dataclass(frozen=True, slots=True)
class Linear:
    """``constant + sum of weight * column``, in exact integers."""

    terms: dict[int, int]
    constant: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search ends with.

    Attributes:
        status: optimal | infeasible | limit.
        point: the deal, judged by exact numbers.
        bound: on the objective, in the solver's floating-point numbers.
    """

    status: str
    point: Point | None
    bound: float


class DealProgram:
    """All feasible deals of a bargaining problem as a program, and every deal found so far.

    Attributes:
        bargain: the problem.
        deadline: bounds the time of all searches together.
        lifting: columns that say which condition is lifted; empty unless asked for.
        denominators: party -> common denominator of its gains.
        low, high: party -> smallest and largest gain that its worths allow, over its denominator.
        changed: owner -> column that is 1 exactly where a deal moves one of its options from the status quo; None where
            its acceptance is needed by every deal.
        pool: every deal found, by its levels.
    """

    def __init__(self, bargain: Bargain, deadline: Deadline, *, lift: bool = False) -> None:
        self.bargain, self.deadline = bargain, deadline
        self.counts = bargain.space.counts
        builder = RowBuilder(self.counts)
        truths = [builder.truth(c) for c in bargain.space.infeasible]
        if not lift:
            for truth in truths:
                builder.row({truth: 1.0}, 0.0)
        self.first = builder.first
        self.denominators: dict[str, int] = {}
        self._tables: dict[str, tuple[list[list[int]], list[tuple[Meaning, int]], int]] = {}
        self._linear: dict[str, Linear] = {}
        for party in bargain.voices:
            self._measure(party, builder)
        self.low = {p: self._extreme(p, min) for p in bargain.voices}
        self.high = {p: self._extreme(p, max) for p in bargain.voices}
        self._unit = {p: min(1.0, LARGEST / max(abs(self.low[p]), abs(self.high[p]), 1)) for p in bargain.voices}
        self._program = Program()
        for _ in range(builder.columns):
            self._program.column(whole=True)
        for terms, bound in builder.rows:
            self._program.row(terms, high=bound)
        self.lifting = [self._program.column(whole=True) for _ in truths] if lift else []
        for truth, lifted in zip(truths, self.lifting, strict=False):
            self._program.row({truth: 1.0, lifted: -1.0}, high=0.0)
        self.changed = {p: self._change(p) for p in bargain.owners}
        self.pool: dict[Levels, Point] = {}

    # --- exact numbers -----------------------------------------------------------------------------------------------

    def _measure(self, party: str, builder: RowBuilder) -> None:
        worth, disagreement = self.bargain.worth[party], self.bargain.disagreement[party]
        common = lcm(worth.denominator, disagreement.denominator)
        tables = [[0] * c for c in self.counts]
        for option, row in worth.levels:
            tables[self.bargain.space.options.index(option)] = [int(w * common) for w in row]
        bonuses = [(self.bargain.case.meaning(text), int(w * common)) for text, w in worth.conditions]
        constant = -int(disagreement * common)
        terms = {f + k: w for f, row in zip(self.first, tables, strict=True) for k, w in enumerate(row) if w}
        for meaning, weight in bonuses:
            terms[builder.truth(meaning)] = weight
        self.denominators[party] = common
        self._tables[party] = tables, bonuses, constant
        self._linear[party] = Linear(terms, constant)

    def _extreme(self, party: str, choose: Callable[..., int]) -> int:
        tables, bonuses, constant = self._tables[party]
        return constant + sum(choose(row) for row in tables) + sum(choose(0, w) for _, w in bonuses)

    def point(self, levels: Levels) -> Point:
        """A deal judged by exact numbers."""
        gains = {}
        for party, (tables, bonuses, constant) in self._tables.items():
            total = constant + sum(row[k] for row, k in zip(tables, levels, strict=True))
            gains[party] = total + sum(w for meaning, w in bonuses if holds(meaning, levels))
        today = self.bargain.status_quo
        covered = {
            p for p in self.bargain.owners if today is None or any(levels[o] != today[o] for o in self.bargain.owned(p))
        }
        voices = tuple(p for p in self.bargain.voices if p in self.bargain.axes or p in covered)
        broken = frozenset(n for n, c in enumerate(self.bargain.space.infeasible) if holds(c, levels))
        return Point(levels, gains, voices, broken)

    def gain(self, party: str, point: Point) -> Fraction:
        """What a party gains by a deal."""
        return Fraction(point.gains[party], self.denominators[party])

    # --- rows --------------------------------------------------------------------------------------------------------

    def program(self) -> Program:
        """A copy of all feasible deals, for rows of one's own."""
        return self._program.copy()

    def terms(self, party: str, factor: Fraction | float = 1) -> tuple[dict[int, float], float]:
        """Gain of a party (over its denominator) times a factor: weights of columns, and the constant."""
        linear = self._linear[party]
        return {c: float(w * factor) for c, w in linear.terms.items()}, float(linear.constant * factor)

    def total(self, factors: Mapping[str, Fraction | float]) -> tuple[dict[int, float], float]:
        """Sum of gains times factors."""
        out: dict[int, float] = {}
        constant = 0.0
        for party, factor in factors.items():
            terms, added = self.terms(party, factor)
            constant += added
            for column, weight in terms.items():
                out[column] = out.get(column, 0.0) + weight
        return out, constant

    def least(self, program: Program, party: str, amount: int, unless: Mapping[int, float] | None = None) -> None:
        """Require a gain of at least an amount (over the denominator).

        Args:
            program: that gets the row.
            party: whose gain.
            amount: at least so much.
            unless: column -> 1 where the row is void when the column is 1, -1 where it is void when the column is 0.
        """
        unit = self._unit[party]
        terms, constant = self.terms(party, unit)
        bound = max(amount * unit, SMALLEST) if amount > 0 else amount * unit
        bound -= ROUNDING if unit < 1 else 0.0
        slack = max(0.0, bound - self.low[party] * unit)
        bound -= constant
        for column, sign in (unless or {}).items():
            terms[column] = terms.get(column, 0.0) + slack * sign
            bound -= slack if sign < 0 else 0.0
        program.row(terms, low=bound)

    def accept(self, program: Program, parties: Iterable[str] | None = None, amount: int = 0) -> None:
        """Require that everybody asked gains at least an amount, other owners only where their options move."""
        for party in self.bargain.voices if parties is None else parties:
            changed = self.changed.get(party)
            self.least(program, party, amount, None if changed is None else {changed: -1})

    def some_gain(self, program: Program) -> None:
        """Require that somebody whose acceptance is needed gains."""
        columns = []
        for party in self.bargain.voices:
            if self.high[party] <= 0:
                continue
            gains = program.column(whole=True)
            columns.append(gains)
            self.least(program, party, 1, {gains: -1})
            if (changed := self.changed.get(party)) is not None:
                program.row({gains: 1.0, changed: -1.0}, high=0.0)
        program.row(dict.fromkeys(columns, 1.0), low=1.0)

    def bar(self, program: Program, levels: Levels) -> None:
        """Rule out one deal."""
        columns = [f + k for f, k in zip(self.first, levels, strict=True)]
        program.row(dict.fromkeys(columns, 1.0), high=len(columns) - 1.0)

    def _change(self, party: str) -> int | None:
        today, owned = self.bargain.status_quo, self.bargain.owned(party)
        if today is None:
            return None
        column = self._program.column(whole=True)
        kept = [self.first[o] + today[o] for o in owned]
        for k in kept:
            self._program.row({column: 1.0, k: 1.0}, low=1.0)
        self._program.row({column: 1.0, **dict.fromkeys(kept, 1.0)}, high=float(len(kept)))
        return column

    # --- searching ---------------------------------------------------------------------------------------------------

    def search(
        self,
        program: Program,
        objective: Mapping[int, float],
        check: Callable[[Point], bool],
        *,
        solvable: bool = False,
    ) -> Answer:
        """The best deal of a program that passes an exact check; deals that do not are barred from the program.

        The deal goes into the pool. What the pool holds can be better than what a search that ran out of time gives.

        Args:
            program: all rows.
            objective: column -> weight; empty to ask only for some deal.
            check: what the deal must pass.
            solvable: whether there is known to be such a deal.
        """
        for _ in range(MOST_REJECTED):
            found = program.maximise(objective, self.deadline, solvable=solvable)
            if found.values is None:
                return Answer(found.status, None, found.bound)
            point = self.keep(self._decoded(found))
            if check(point) and (self.lifting or not point.broken):
                return Answer(found.status, point, found.bound)
            if found.status == "limit":
                return Answer("limit", None, found.bound)
            self.bar(program, point.levels)
        return Answer("limit", None, INFINITE)

    def keep(self, point: Point) -> Point:
        """Put a deal into the pool."""
        return self.pool.setdefault(point.levels, point)

    def _decoded(self, found: Solution) -> Point:
        values = found.values
        assert values is not None  # noqa: S101 - asked before
        levels = tuple(int(np.argmax(values[f : f + c])) for f, c in zip(self.first, self.counts, strict=True))
        return self.point(levels)

    def acceptable(self) -> list[Point]:
        """The feasible deals of the pool that nobody loses by."""
        return [p for p in self.pool.values() if p.acceptable and not p.broken]
