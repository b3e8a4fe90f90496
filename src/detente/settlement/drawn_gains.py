"""What every deal gives a party beyond having none, draw by draw, in whole numbers of a small unit.

Sums of whole numbers are exact: deals made of the same worths are tied in every draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from detente.graph.completions import Completions, completed_worths
from detente.mechanics.drawn import without_a_deal
from detente.mechanics.payoffs import Levels, Payoffs
from detente.settlement.enumeration import Index
from detente.space.drawn import Column, DrawnUtility
from detente.space.draws import Draws
from detente.space.states import StateSpace

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]
CHUNK = 64
EXACT_BITS = 50
ORDER_UNIT = 2.0**EXACT_BITS
CERTAIN, UTILITY, ORDER, COMPLETION = "certain", "utility", "order", "completion"


@dataclass(frozen=True, eq=False)
class DrawnGains:
    """Gains of one party.

    Attributes:
        party: whose.
        unit: whole numbers per 1 on its scale.
        kind: what is drawn: certain (nothing, or the disagreement alone) | utility | order | completion.
        rows: gives the gains of all states, shape (states,), one array per draw; can be asked for anew.
        place: where its order is the same in every draw: how many classes of it are better than each state's.
        moving: whether anything differs from draw to draw.
    """

    party: str
    unit: float
    kind: str
    rows: Callable[[], Iterator[Int64]]
    place: Index | None = None
    moving: bool = True


def drawn_gains(draws: Draws, states: StateSpace, payoffs: Payoffs) -> DrawnGains:
    """Gains of a party with a utility or an order, in every draw.

    Args:
        draws: of the case; the type that it chooses is read.
        states: its states.
        payoffs: at the point values.
    """
    party = payoffs.party
    if payoffs.ordinal:
        ranks = payoffs.numerators.astype(np.int64)
        classes = int(ranks.max()) + 1

        def worths() -> Iterator[Floats]:
            return (w[ranks] for w in draws.order_worths(party, classes))

        return _ordered(draws, states, party, worths, ORDER, int(ranks.max()) - ranks)
    utility = DrawnUtility.of(draws, states, party)
    return _certain(draws, states, payoffs) if utility is None else _uncertain(draws, states, party, utility)


def completed_gains(draws: Draws, states: StateSpace, party: str, completions: Completions) -> DrawnGains:
    """Gains of a party of which only some comparisons are known: a completion of them in every draw."""
    return _ordered(draws, states, party, lambda: completed_worths(draws, party, completions), COMPLETION, None)


def _ordered(
    draws: Draws, states: StateSpace, party: str, worths: Callable[[], Iterator[Floats]], kind: str, place: Index | None
) -> DrawnGains:
    """Worths between 0 and 1 that fit an order."""
    tickets = _by_state(states, without_a_deal(draws, states, party))

    def rows() -> Iterator[Int64]:
        for n, row in enumerate(worths()):
            values = np.rint(row * ORDER_UNIT)
            base = sum(chance[n] * values[state] for state, chance in tickets)
            yield (values - np.rint(base)).astype(np.int64)

    return DrawnGains(party, ORDER_UNIT, kind, rows, place)


def _by_state(states: StateSpace, found: Floats | list[tuple[Levels, Floats]]) -> list[tuple[int, Floats]]:
    """The states without a deal by number; the checks at the point values have refused all else for an order."""
    tickets = []
    for levels, chance in found if isinstance(found, list) else ():
        cell = states.cell(list(levels))
        if cell is not None:
            tickets.append((int(states.state_of[cell]), chance))
    return tickets


def _certain(draws: Draws, states: StateSpace, payoffs: Payoffs) -> DrawnGains:
    """A certain utility, against what may be an uncertain disagreement."""
    found = without_a_deal(draws, states, payoffs.party)
    at = (lambda _: 0) if payoffs.worth is None else (lambda x: payoffs.worth.of_levels(draws.case, x))
    if isinstance(found, list):
        values = [(float(at(levels) * payoffs.denominator), chance) for levels, chance in found]
        base = np.sum([chance * value for value, chance in values], axis=0)
    else:
        base = found * payoffs.denominator
    largest = max(float(np.abs(payoffs.numerators.astype(np.float64)).max()), float(np.abs(base).max()), 1.0)
    factor = 2.0 ** int(EXACT_BITS - log2(largest))
    scaled = np.rint(payoffs.numerators.astype(np.float64) * factor).astype(np.int64)
    bases = np.rint(base * factor).astype(np.int64)

    def rows() -> Iterator[Int64]:
        return (scaled - b for b in bases)

    moving = bool((bases != bases[0]).any())
    return DrawnGains(payoffs.party, payoffs.denominator * factor, CERTAIN, rows, _place(scaled), moving)


def _place(values: Int64) -> Index:
    distinct, found = np.unique(values, return_inverse=True)
    place: Index = len(distinct) - 1 - found.reshape(-1)
    return place


def _uncertain(draws: Draws, states: StateSpace, party: str, utility: DrawnUtility) -> DrawnGains:
    """A utility with uncertain numbers: what it depends on is split in two halves, each looked up as a whole."""
    found = without_a_deal(draws, states, party)
    if isinstance(found, list):
        base = np.rint(np.sum([chance * utility.of_levels(levels) for levels, chance in found], axis=0))
    else:
        base = np.rint(found * utility.scale)
    bases = base.astype(np.int64)
    halves = utility.halves

    def rows() -> Iterator[Int64]:
        for start in range(0, draws.count, CHUNK):
            part = slice(start, min(start + CHUNK, draws.count))
            tables = [(index, _table(chosen, part)) for index, chosen in halves]
            for n in range(part.stop - start):
                total = np.full(len(states), -bases[start + n]) if not tables else None
                for index, table in tables:
                    looked_up = np.take(table[n], index, mode="clip")
                    if total is None:
                        total = looked_up
                        total -= bases[start + n]
                    else:
                        total += looked_up
                yield total  # type: ignore[misc]

    return DrawnGains(party, utility.scale, UTILITY, rows)


def _table(columns: Sequence[Column], part: slice) -> Int64:
    """Worth of every combination of some columns in some draws, shape (draws, combinations)."""
    total = columns[0][1][:, part][columns[0][0]]
    for values, worths in columns[1:]:
        total = total + worths[:, part][values]
    return np.ascontiguousarray(total.T)
