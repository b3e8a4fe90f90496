"""Whether a lottery over deals would be acceptable to all, where the deals are too many to list.

There is such a mixture exactly if no prices, all above 0, make every deal worth at most 0 (Stiemke). Prices that do so
for the deals found so far are put to all deals by an integer program: either they prove that there is none, or the
deal that is worth most at them joins the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.settlement.exact_lp import improving_mixture
from detente.settlement.integer import NEAR, SIZE
from detente.settlement.no_zone import MOST_OWNERS, Mixture
from detente.settlement.program import DealProgram, Point

ROUNDS = 100


def mixture_at_any_size(program: DealProgram, unproven: list[str]) -> Mixture | None:
    """A mixture of deals that all whose acceptance they need would take on average; with as few owners as possible.

    Args:
        program: all feasible deals.
        unproven: gets a line where neither a mixture nor a proof that there is none is found.
    """
    owners = program.bargain.owners
    needed = tuple(p for p in owners if program.changed[p] is None)
    sizes = range(len(owners) + 1) if len(owners) <= MOST_OWNERS else (0, len(owners))
    for chosen in chain.from_iterable(combinations(owners, k) for k in sizes):
        if set(needed) <= set(chosen):
            found = _with(program, chosen)
            if isinstance(found, Mixture):
                return found
            if found == "open":
                unproven.append("whether a lottery would help")
                return None
    return None


def _with(program: DealProgram, chosen: tuple[str, ...]) -> Mixture | str:
    """A mixture of deals that need no other owners than those chosen; ``none``, or ``open`` where it is not decided."""
    voices = (*program.bargain.axes, *chosen)
    work = program.program()
    for party, changed in program.changed.items():
        if party not in chosen and changed is not None:
            work.row({changed: 1.0}, high=0.0)
    units = np.array([float(max(abs(program.low[p]), abs(program.high[p]), 1)) for p in voices])
    for _ in range(ROUNDS):
        points = _distinct(program, voices)
        columns = [tuple(p.gains[v] for v in voices) for p in points]
        mixed = improving_mixture(columns) if columns else None
        if mixed:
            return _mixture(program, voices, points, mixed)
        prices = _prices(columns, units)
        objective, constant = program.total({v: SIZE * w for v, w in zip(voices, prices / units, strict=True)})
        found = program.search(work, objective, lambda _: True)
        if found.status == "infeasible" or (found.status == "optimal" and found.bound + constant <= NEAR):
            return "none"
        if found.point is None or tuple(found.point.gains[v] for v in voices) in columns:
            return "open"
    return "open"


def _distinct(program: DealProgram, voices: Sequence[str]) -> list[Point]:
    """Feasible deals of the pool that need nobody else, one for each way of sharing."""
    fit = [p for p in program.pool.values() if not p.broken and set(p.voices) <= set(voices)]
    return list({tuple(p.gains[v] for v in voices): p for p in fit}.values())


def _mixture(
    program: DealProgram, voices: tuple[str, ...], points: Sequence[Point], mixed: dict[int, Fraction]
) -> Mixture:
    shares = tuple((n, share) for n, share in enumerate(mixed.values()))
    used = [points[n] for n in mixed]
    gains = {
        v: sum((s * program.gain(v, p) for p, s in zip(used, mixed.values(), strict=True)), Fraction(0)) for v in voices
    }
    return Mixture(shares, voices, gains, tuple(p.levels for p in used))


def _prices(columns: Sequence[tuple[int, ...]], units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Prices of gains (in units) that sum to 1 and make no deal worth more than 0, the smallest as large as can be."""
    from scipy.optimize import linprog

    count = len(units)
    rows = [[*(np.array(c) / units), 0.0] for c in columns]
    rows += [[*(-1.0 if k == n else 0.0 for k in range(count)), 1.0] for n in range(count)]
    found: Any = linprog(
        [0.0] * count + [-1.0],
        A_ub=np.array(rows),
        b_ub=np.zeros(len(rows)),
        A_eq=[[1.0] * count + [0.0]],
        b_eq=[1.0],
        bounds=[(0, 1)] * count + [(None, None)],
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    out: NDArray[np.float64] = found.x[:-1]
    return out
