"""The one place where mixed-integer linear programs are solved: HiGHS, through scipy."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

INFINITE = float("inf")
STATUS = {0: "optimal", 1: "limit", 2: "infeasible"}  # of scipy.optimize.milp
# The solver fails on a program now and then, for no reason in the program; the same one in other units it solves.
FACTORS = (1.0, 1.3, 0.7, 0.1)
# Now and then it takes a poor solution for the best: what is solved quickly is solved in two units.
QUICK = 0.2
Terms = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver says.

    Attributes:
        status: optimal | infeasible | limit (time ran out; there may be values all the same).
        values: of every column, the whole ones rounded; None where none were found.
        bound: no solution has a larger objective, within the solver's tolerances.
    """

    status: str
    values: NDArray[np.float64] | None
    bound: float


class Deadline:
    """Time left for a series of programs.

    Attributes:
        solves: programs solved so far.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.solves = 0

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self._end - time.monotonic())


@dataclass
class Program:
    """A program under construction: columns with bounds, rows with bounds on weighted sums.

    Every column must be bounded, so that no program is unbounded. Tolerances of the solver are absolute (a millionth):
    callers scale their rows and objectives accordingly, and judge what they get by exact numbers.
    """

    _lower: list[float] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)
    _whole: list[bool] = field(default_factory=list)
    _rows: list[tuple[Terms, float, float]] = field(default_factory=list)

    def column(self, lower: float = 0.0, upper: float = 1.0, *, whole: bool = False) -> int:
        """A new column; its number."""
        self._lower.append(lower)
        self._upper.append(upper)
        self._whole.append(whole)
        return len(self._lower) - 1

    def row(self, terms: Terms, low: float = -INFINITE, high: float = INFINITE) -> None:
        """``low <= sum of weight * column <= high``."""
        self._rows.append((terms, low, high))

    def copy(self) -> Program:
        """A program that can grow on its own."""
        return Program(self._lower.copy(), self._upper.copy(), self._whole.copy(), self._rows.copy())

    def maximise(self, objective: Terms, deadline: Deadline, *, solvable: bool = False) -> Solution:
        """Solve to proven optimality, or until time runs out.

        Args:
            objective: column -> weight; empty to ask only for some solution.
            deadline: bounds the time, and counts the solve.
            solvable: whether it is known to have a solution; that it has none is then a failure of the solver.

        Returns:
            What the solver says; where it fails on numbers, as if time had run out.
        """
        if deadline.left <= 0:
            return Solution("limit", None, INFINITE)
        deadline.solves += 1
        begun = time.monotonic()
        best: Solution | None = None
        for factor in FACTORS:
            found = self._answer(objective, deadline, factor, solvable=solvable)
            if found is None:
                continue
            if best is not None:
                return self._better(objective, best, found)
            if found.status == "limit" or time.monotonic() - begun > QUICK:
                return found
            best = found
        return best or Solution("limit", None, INFINITE)

    def _answer(self, objective: Terms, deadline: Deadline, factor: float, *, solvable: bool) -> Solution | None:
        """What the solver says of the program in other units; None where it fails on numbers."""
        found = self._solve(objective, deadline, factor)
        if found.status not in STATUS or (solvable and found.status == 2):
            return None
        values = None if found.x is None else np.where(self._whole, np.round(found.x), found.x)
        bound = INFINITE if found.mip_dual_bound is None else -float(found.mip_dual_bound) / factor
        return Solution(STATUS[found.status], values, -INFINITE if found.status == 2 else bound)

    def _better(self, objective: Terms, one: Solution, other: Solution) -> Solution:
        """Of two answers the one with the larger objective; no bound is trusted that the other one exceeds."""
        if one.values is None or other.values is None:
            return one if other.values is None else other
        first, second = (sum(w * float(v[c]) for c, w in objective.items()) for v in (one.values, other.values))
        kept = one if first >= second else other
        return Solution(kept.status, kept.values, max(kept.bound, min(one.bound, other.bound)))

    def _solve(self, objective: Terms, deadline: Deadline, factor: float) -> Any:
        """Solve with rows and objective multiplied by a factor."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        costs = np.zeros(len(self._lower))
        for column, weight in objective.items():
            costs[column] = -weight * factor
        starts = np.cumsum([0, *(len(t) for t, _, _ in self._rows)])
        columns = np.array([c for t, _, _ in self._rows for c in t], np.int32)
        weights = np.array([w for t, _, _ in self._rows for w in t.values()], np.float64) * factor
        low, high = np.array([r[1:] for r in self._rows]).reshape(-1, 2).T * factor
        matrix = csr_array((weights, columns, starts), shape=(len(self._rows), len(costs)))
        with _quiet():
            return milp(
                costs,
                integrality=np.array(self._whole, np.int64),
                bounds=Bounds(np.array(self._lower), np.array(self._upper)),
                constraints=LinearConstraint(matrix, low, high),
                options={"time_limit": deadline.left, "mip_rel_gap": 0.0},
            )


_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the solver off standard output: some of its messages cannot be switched off, and answers are written there.

    What other threads write to standard output meanwhile is lost too.
    """
    with _ONE_AT_A_TIME:
        try:
            kept = os.dup(1)
        except OSError:  # there is no standard output
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        _flush()
        os.dup2(nowhere, 1)
        try:
            yield
        finally:
            _flush()
            os.dup2(kept, 1)
            os.close(kept)
            os.close(nowhere)


def _flush() -> None:
    """Empty the buffers of the C library, where it can be found."""
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).fflush(None)
