"""What would open a zone: conditions lifted, or a new level between two written ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from detente.base.errors import CaseError
from detente.case.change import Change, Edit
from detente.mechanics.payoffs import Levels, Payoffs, payoffs_in
from detente.settlement.enumeration import Deals, Index, deals_of
from detente.settlement.problem import Bargain
from detente.settlement.sets import hitting_sets, minimal, named
from detente.space.masks import Bools, mask
from detente.space.states import StateSpace

ALLOWED = "allowed"
ADJACENT_LIMIT = 2**62
CLOSE = 200  # deals compared exactly for the one to show


@dataclass(frozen=True, slots=True)
class Opened:
    """A deal that lifting some conditions makes possible.

    Attributes:
        lifted: positions of the conditions under ``infeasible``; ``allowed`` stands for a restriction from outside.
        levels: level numbers of the deal.
        gains: what each party whose acceptance it needs gains.
        count: number of deals that lifting exactly these would open; None where they are not counted.
    """

    lifted: tuple[int | str, ...]
    levels: Levels
    gains: dict[str, Fraction]
    count: int | None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the feasibility conditions do to the zone.

    Attributes:
        asked: False where lifting them could not be tried; ``reason`` says why.
        opens: smallest sets of conditions that must be lifted for a zone, each with a deal.
        blocking: smallest sets of conditions that together keep a zone away; one empty set where even lifting all of
            them opens none.
        reason: in words.
    """

    asked: bool
    opens: tuple[Opened, ...] = ()
    blocking: tuple[tuple[int | str, ...], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewLevel:
    """A level between two written ones, worth a mixture of them to everybody, that opens a zone.

    Attributes:
        option: its id.
        below, above: the written levels beside it.
        share: how far it stands from the lower to the upper one, for the deal shown.
        range: smallest and largest share that would do with that deal.
        levels: level numbers of the deal, with the lower level for this option.
        gains: what each party whose acceptance it needs gains.
        count: number of such deals.
    """

    option: str
    below: str
    above: str
    share: Fraction
    range: tuple[Fraction, Fraction]
    levels: Levels
    gains: dict[str, Fraction]
    count: int


# --- conditions ------------------------------------------------------------------------------------------------------


def conditions_that_open(deals: Deals, limit: int) -> Conditions:
    """Which conditions would have to go: all combinations of levels are judged as if all were feasible.

    Args:
        deals: every deal evaluated.
        limit: most combinations looked at.
    """
    bargain = deals.bargain
    names: list[int | str] = list(range(len(bargain.space.infeasible)))
    names += [] if bargain.allowed is None else [ALLOWED]
    if not names:
        return Conditions(asked=True, blocking=((),))
    if bargain.space.size > limit:
        text = f"without its conditions the case has {bargain.space.size:,} combinations, more than the limit"
        return Conditions(asked=False, reason=text)
    relaxed = _relaxed(bargain, limit)
    if isinstance(relaxed, str):
        return Conditions(asked=False, reason=relaxed)
    found = deals_of(relaxed)
    where = np.flatnonzero(found.zone)
    if not len(where):
        return Conditions(asked=True, blocking=((),))
    broken = _broken(bargain, relaxed, where)
    columns, kind = np.unique(broken, axis=1, return_inverse=True)
    codes = [sum(1 << int(n) for n in np.flatnonzero(column)) for column in columns.T]
    smallest = minimal(codes)
    opens = []
    for code in smallest:
        members = where[kind.reshape(-1) == codes.index(code)]
        best = _widest(found, members)
        gains = {p: found.gain(p, best) for p in found.voices(best)}
        opens.append(Opened(named(names, [code])[0], _levels(relaxed, best), gains, len(members)))
    return Conditions(asked=True, opens=tuple(opens), blocking=named(names, hitting_sets(smallest)))


def _relaxed(bargain: Bargain, limit: int) -> Bargain | str:
    """The problem over all combinations of levels, or why it cannot be judged."""
    case = bargain.case.change(Change((Edit(("infeasible",), None),)))
    states = StateSpace.of(case, limit, replace(bargain.space, infeasible=(), coalesce=()))
    payoffs: dict[str, Payoffs] = {}
    for party in bargain.voices:
        try:
            payoff = payoffs_in(case, states, party)
        except CaseError:  # an order may say nothing, or contradict itself, of what the case rules out
            payoff = None
        if payoff is None:
            return f"the order of {bargain.case.party_name(party)} is not known there"
        payoffs[party] = payoff
    without = dict(bargain.disagreement)
    for party in bargain.ordinal & set(bargain.voices):
        same = _state_worth(bargain, party)
        if same is None:
            return (
                f"{bargain.case.party_name(party)} has only an order, and no state is worth what it has without a deal"
            )
        cell = states.cell(list(same))
        without[party] = payoffs[party].value(int(states.state_of[cell or 0]))
    return replace(bargain, case=case, space=states.space, states=states, payoffs=payoffs, disagreement=without,
                   allowed=None)  # fmt: skip


def _state_worth(bargain: Bargain, party: str) -> Levels | None:
    """Levels of some state that is worth to a party what it has without a deal."""
    assert bargain.states is not None  # noqa: S101 - deals have been evaluated
    payoff = bargain.payoffs[party]
    wanted = bargain.disagreement[party] * payoff.denominator
    found = np.flatnonzero(payoff.numerators == int(wanted))
    return _levels(bargain, int(found[0])) if wanted.denominator == 1 and len(found) else None


def _broken(bargain: Bargain, relaxed: Bargain, where: Index) -> Bools:
    """Which conditions (rows) each combination (columns) breaks; what may not be agreed on breaks the last."""
    assert bargain.states is not None  # noqa: S101 - deals have been evaluated
    assert relaxed.states is not None  # noqa: S101
    digits = relaxed.states.digits
    if bargain.allowed is None:
        return np.array([mask(c, digits[:, where]) for c in bargain.space.infeasible])
    rows = [mask(c, digits) for c in bargain.space.infeasible]
    feasible = ~np.any(rows, axis=0) if rows else np.ones(digits.shape[1], bool)
    out = np.zeros(digits.shape[1], bool)
    # the feasible combinations come in the same order in both spaces
    out[feasible] = ~bargain.allowed[bargain.states.state_of]
    return np.array([r[where] for r in (*rows, out)])


def _widest(deals: Deals, members: Index) -> int:
    """The deal with the largest smallest gain in stakes among those whose acceptance it needs; the first of equals."""
    rows = []
    for party in deals.bargain.voices:
        row = deals.floats(party)[members] / float(deals.bargain.stake(party))
        rows.append(np.where(deals.covered[party][members], row, np.inf) if party in deals.covered else row)
    least = np.min(rows, axis=0)
    close = members[least >= least.max() - 1e-9 * max(float(np.abs(least).max()), 1e-300)][:CLOSE]

    def exact(deal: int) -> Fraction:
        return min(deals.gain(p, deal) / deals.bargain.stake(p) for p in deals.voices(deal))

    return max((int(d) for d in close), key=lambda d: (exact(d), -d))


def _levels(bargain: Bargain, state: int) -> Levels:
    assert bargain.states is not None  # noqa: S101 - deals have been evaluated
    return tuple(int(d) for d in bargain.states.digits[:, bargain.states.cell_of[state]])


# --- levels ----------------------------------------------------------------------------------------------------------


def levels_that_open(deals: Deals) -> tuple[NewLevel, ...] | None:
    """New levels between two neighbouring written ones that would open a zone.

    The new level is taken to be worth to everybody a mixture of its neighbours, conditions included, other options
    standing still. Both neighbouring deals must be feasible and may be agreed on.

    Returns:
        One per pair of neighbouring levels with which it is possible; None where only an order of somebody is known.
    """
    bargain = deals.bargain
    states = bargain.states
    if states is None or bargain.space.size >= ADJACENT_LIMIT or bargain.ordinal & set(bargain.voices):
        return None
    position = np.full(len(states), -1)
    position[deals.states] = np.arange(len(deals))
    weights = np.cumprod([1, *bargain.space.counts[:-1]], dtype=np.int64)
    keys = weights @ states.digits.astype(np.int64)
    found: list[NewLevel] = []
    for option, count in enumerate(bargain.space.counts):
        for level in range(count - 1):
            here = np.flatnonzero(states.digits[option] == level)
            there = np.minimum(np.searchsorted(keys, keys[here] + weights[option]), len(keys) - 1)
            pairs = keys[there] == keys[here] + weights[option]
            low, high = position[states.state_of[here[pairs]]], position[states.state_of[there[pairs]]]
            both = (low >= 0) & (high >= 0)
            if opened := _between(deals, option, level, (low[both], high[both])):
                found.append(opened)
    return tuple(found)


def _between(deals: Deals, option: int, level: int, pairs: tuple[Index, Index]) -> NewLevel | None:
    """The best deal with a level between two neighbours, or None."""
    low, high = pairs
    start, end, moved = np.zeros(len(low)), np.ones(len(low)), np.zeros(len(low), bool)
    for party in deals.bargain.voices:
        a, b = deals.floats(party)[low], deals.floats(party)[high]
        counted = deals.covered[party][low] | deals.covered[party][high] if party in deals.covered else True
        moved |= counted & ((a != 0) | (b != 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = np.where(a == b, 0.0, -a / (b - a))
        start = np.where(counted & (a < 0), np.where(b >= 0, np.maximum(start, crossing), 2.0), start)
        end = np.where(counted & (b < 0), np.where(a >= 0, np.minimum(end, crossing), -1.0), end)
    close = np.flatnonzero(start <= end + 1e-9)
    # a wide interval is certain; a narrow one is judged exactly
    wide = (end - start)[close] > 1e-6
    right = [int(k) for k, w, m in zip(close, wide, moved[close], strict=True)
             if (w and m) or (not w and _share(deals, int(low[k]), int(high[k])))]  # fmt: skip
    options: list[tuple[Fraction, int, tuple[Fraction, Fraction, Fraction]]] = []
    for k in sorted(right, key=lambda k: start[k] - end[k])[:CLOSE]:
        if found := _share(deals, int(low[k]), int(high[k])):
            mixed = _mixed(deals, int(low[k]), int(high[k]), found[2])
            options.append((min(g / deals.bargain.stake(p) for p, g in mixed.items()), -k, found))
    if not options:
        return None
    _, negative, (lowest, highest, share) = max(options)
    one, other = int(low[-negative]), int(high[-negative])
    names = deals.bargain.case.file.options[deals.bargain.space.options[option]].levels
    return NewLevel(
        option=deals.bargain.space.options[option],
        below=names[level],
        above=names[level + 1],
        share=share,
        range=(lowest, highest),
        levels=_levels(deals.bargain, int(deals.states[one])),
        gains=_mixed(deals, one, other, share),
        count=len(right),
    )


def _mixed(deals: Deals, low: int, high: int, share: Fraction) -> dict[str, Fraction]:
    """Gains at a mixture of two deals, of all whose acceptance either needs."""
    voices = [p for p in deals.bargain.voices if p in deals.voices(low) or p in deals.voices(high)]
    return {p: (1 - share) * deals.gain(p, low) + share * deals.gain(p, high) for p in voices}


def _share(deals: Deals, low: int, high: int) -> tuple[Fraction, Fraction, Fraction] | None:
    """Smallest and largest share of the upper deal that all accept, and one in between to somebody's gain."""
    start, end = Fraction(0), Fraction(1)
    for party in _mixed(deals, low, high, Fraction(0)):
        a, b = deals.gain(party, low), deals.gain(party, high)
        if a < 0 and b < 0:
            return None
        if a < 0:
            start = max(start, -a / (b - a))
        if b < 0:
            end = min(end, -a / (b - a))
    share = (start + end) / 2
    if start > end or not 0 < share < 1 or not any(g > 0 for g in _mixed(deals, low, high, share).values()):
        return None
    return start, end, share
