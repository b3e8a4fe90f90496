"""Why there is no zone of agreement, how far apart the parties are, and what would open one (DESIGN section 7).

Everything is taken over the deals by which some party whose acceptance they need gains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from detente.mechanics.payoffs import Levels
from detente.settlement.enumeration import Deals, Index
from detente.settlement.exact_lp import improving_mixture
from detente.settlement.frontier import orderly, undominated
from detente.settlement.opening import Conditions, NewLevel, conditions_that_open, levels_that_open
from detente.settlement.sets import hitting_sets, minimal, named
from detente.space.masks import Bools

MOST_OWNERS = 5  # whose coalitions are tried one by one in the mixture test


@dataclass(frozen=True, eq=False)
class Nearest:
    """The deals that come closest in some sense.

    Attributes:
        amount: how close; in stakes (losses divided by each party's stake), money or the party's own utility.
        deals: positions of all deals that attain it; none where deals are not listed.
        levels: deals that attain it, where they are not listed.
        count: how many attain it, where they are not listed; None where that is not known.
    """

    amount: Fraction
    deals: Index
    levels: tuple[Levels, ...] = ()
    count: int | None = None


@dataclass(frozen=True, eq=False)
class Mixture:
    """A chance mixture of deals that nobody loses by on average and somebody gains by.

    Attributes:
        shares: (position of the deal, chance); the position is one in ``levels`` where deals are not listed.
        voices: whose acceptance the mixed deals need.
        gains: expected gain of each of them.
        levels: the deals, where they are not listed.
    """

    shares: tuple[tuple[int, Fraction], ...]
    voices: tuple[str, ...]
    gains: dict[str, Fraction]
    levels: tuple[Levels, ...] = ()


@dataclass(frozen=True, eq=False)
class NoZone:
    """Everything to be said where no deal is acceptable to all and better for somebody.

    Attributes:
        possible: False where no deal at all may be agreed on.
        gaining: number of deals by which somebody gains, None where there are some but they are not counted; at 0
            "nobody can gain" and the rest is empty.
        uniform: the smallest largest loss, and the deals that attain it.
        total: the smallest sum of losses.
        blocking: smallest sets of parties whose demands no such deal meets together.
        accepting: largest sets of parties whose demands some such deal meets.
        mixture: a lottery over all deals that would do, or None.
        surplus: largest sum of gains in money, and the deals that attain it; None where not asked or not possible.
        money_missing: parties whose worth of money would be needed.
        falls: party -> how far its walk-away alone must fall, None where that is no help.
        conditions: what the feasibility conditions of the case do to it.
        levels: new levels between two written ones that open a zone; None where not asked.
    """

    possible: bool
    gaining: int | None
    uniform: Nearest | None = None
    total: Nearest | None = None
    blocking: tuple[tuple[str, ...], ...] = ()
    accepting: tuple[tuple[str, ...], ...] = ()
    mixture: Mixture | None = None
    surplus: Nearest | None = None
    money_missing: tuple[str, ...] = ()
    falls: dict[str, Nearest | None] | None = None
    conditions: Conditions | None = None
    levels: tuple[NewLevel, ...] | None = ()

    @property
    def subsidy(self) -> Fraction | None:
        """Money from outside that would make a deal acceptable to all; 0 where payments among the parties can."""
        return None if self.surplus is None else max(Fraction(0), -self.surplus.amount)


def why_none(deals: Deals, limit: int) -> NoZone:
    """The full report where the zone is empty.

    Args:
        deals: every deal evaluated; none is acceptable to all and better for somebody.
        limit: most combinations looked at when conditions are lifted.
    """
    bargain = deals.bargain
    if not len(deals):
        return NoZone(possible=False, gaining=0, conditions=conditions_that_open(deals, limit))
    voices = bargain.voices
    among = np.flatnonzero(deals.gaining)
    openings = {"conditions": conditions_that_open(deals, limit), "levels": levels_that_open(deals)}
    if not len(among):
        return NoZone(possible=True, gaining=0, **openings)  # type: ignore[arg-type]
    factors = {p: 1 / (deals.denominators[p] * bargain.stake(p)) for p in voices}
    codes = _refusals(deals, among)
    met = minimal({int(c) for c in np.unique(codes)})
    missing = tuple(p for p in voices if p not in bargain.money)
    return NoZone(
        possible=True,
        gaining=len(among),
        uniform=_nearest(deals, among, lambda k: _losses(deals, k, factors), max_of_rows=True),
        total=_nearest(deals, among, lambda k: _losses(deals, k, factors), max_of_rows=False),
        blocking=named(voices, hitting_sets(met)),
        accepting=named(voices, [(1 << len(voices)) - 1 - m for m in met]),
        mixture=_mixture(deals),
        surplus=None if missing else _surplus(deals, among),
        money_missing=missing,
        falls={p: _fall(deals, p, among[codes == 1 << n]) for n, p in enumerate(voices)},
        **openings,  # type: ignore[arg-type]
    )


# --- distances -------------------------------------------------------------------------------------------------------

Numbers = tuple[NDArray[np.float64], Callable[[Index], NDArray[np.object_]]]


def _losses(deals: Deals, among: Index, factors: dict[str, Fraction]) -> Numbers:
    """Losses divided by stakes, shape (parties, deals): floats, and exact ones for some positions of ``among``."""
    rows = []
    for party, factor in factors.items():
        row = np.maximum(0.0, -np.asarray(deals.gains[party][among], np.float64) * float(factor))
        rows.append(np.where(deals.covered[party][among], row, 0.0) if party in deals.covered else row)

    def exact(chosen: Index) -> NDArray[np.object_]:
        out = np.full((len(factors), len(chosen)), Fraction(0), dtype=object)
        for r, (party, factor) in enumerate(factors.items()):
            for c, deal in enumerate(among[chosen]):
                gain = int(deals.gains[party][deal])
                if gain < 0 and (party not in deals.covered or deals.covered[party][deal]):
                    out[r, c] = -gain * factor
        return out

    return np.array(rows), exact


def _nearest(deals: Deals, among: Index, losses: Callable[[Index], Numbers], *, max_of_rows: bool) -> Nearest:
    """The deals with the smallest largest loss, or with the smallest sum of losses."""
    floats, exact = losses(among)
    score = floats.max(axis=0) if max_of_rows else floats.sum(axis=0)
    close = np.flatnonzero(score <= score.min() + 1e-9 * max(float(floats.max()), 1e-300))
    distinct, inverse = _distinct(deals, among[close])
    rows = exact(close[distinct])
    totals = [max(c) if max_of_rows else sum(c, Fraction(0)) for c in rows.T]
    best = min(totals)
    right = np.array([t == best for t in totals])
    return Nearest(best, among[close[right[inverse]]])


def _distinct(deals: Deals, chosen: Index) -> tuple[Index, Index]:
    """Deals that differ in somebody's payoff or in whose acceptance they need: first of each, and which each is."""
    columns = [orderly(deals.gains[p][chosen]) for p in deals.bargain.voices]
    columns += [c[chosen].astype(np.int64) for c in deals.covered.values()]
    _, first, inverse = np.unique(np.array(columns), axis=1, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)


def _surplus(deals: Deals, among: Index) -> Nearest:
    """The largest sum of gains in money, over those whose acceptance the deal needs."""
    voices = deals.bargain.voices
    factors = {p: 1 / (deals.denominators[p] * deals.bargain.money[p]) for p in voices}

    def covers(party: str, chosen: Index) -> Bools:
        return deals.covered[party][chosen] if party in deals.covered else np.ones(len(chosen), bool)

    floats = np.array(
        [np.where(covers(p, among), np.asarray(deals.gains[p][among], np.float64) * float(f), 0.0)
         for p, f in factors.items()]
    )  # fmt: skip
    score = floats.sum(axis=0)
    close = np.flatnonzero(score >= score.max() - 1e-9 * max(float(np.abs(floats).max()), 1e-300))
    distinct, inverse = _distinct(deals, among[close])
    totals = []
    for deal in among[close[distinct]]:
        gains = {p: int(deals.gains[p][deal]) * f for p, f in factors.items()}
        totals.append(sum((gains[p] for p in deals.voices(int(deal))), Fraction(0)))
    right = np.array([t == max(totals) for t in totals])
    return Nearest(max(totals), among[close[right[inverse]]])


def _fall(deals: Deals, party: str, alone: Index) -> Nearest | None:
    """How far a party's walk-away must fall for one of the deals that it alone refuses."""
    if not len(alone):
        return None
    gains = deals.gains[party][alone]
    best = gains.max()
    return Nearest(Fraction(-int(best), deals.denominators[party]), alone[np.asarray(gains == best, bool)])


# --- who blocks ------------------------------------------------------------------------------------------------------


def _refusals(deals: Deals, among: Index) -> Index:
    """Who refuses each deal, as a sum of powers of two."""
    codes = np.zeros(len(among), np.int64)
    for n, party in enumerate(deals.bargain.voices):
        refuses = np.asarray(deals.gains[party][among] < 0, bool)
        if party in deals.covered:
            refuses &= deals.covered[party][among]
        codes += refuses.astype(np.int64) << n
    return codes


# --- lotteries -------------------------------------------------------------------------------------------------------


def _mixture(deals: Deals) -> Mixture | None:
    """A mixture of deals that all whose acceptance they need would take on average; with as few owners as possible."""
    owners = deals.bargain.owners
    sizes = range(len(owners) + 1) if len(owners) <= MOST_OWNERS else (0, len(owners))
    for chosen in chain.from_iterable(combinations(owners, k) for k in sizes):
        inside = np.ones(len(deals), bool)
        for owner in owners:
            if owner not in chosen:
                inside &= ~deals.covered[owner]
        voices = (*deals.bargain.axes, *chosen)
        where = np.flatnonzero(inside)
        if not len(where):
            continue
        rows = [deals.gains[p][where] for p in voices]
        best = np.sort(undominated([orderly(r) for r in rows]))
        _, first = np.unique(np.array([orderly(r[best]) for r in rows]), axis=1, return_index=True)
        best = best[np.sort(first)]
        columns = list(zip(*([int(v) for v in r[best]] for r in rows), strict=True))
        if found := improving_mixture(columns):
            shares = tuple((int(where[best[k]]), s) for k, s in found.items())
            gains = {p: sum((s * deals.gain(p, d) for d, s in shares), Fraction(0)) for p in voices}
            return Mixture(shares, voices, gains)
    return None
