"""Until when a deal can still be passed, and what promises are worth after the term of whoever made them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from detente.case.blocks.terms import Term
from detente.case.model import Case
from detente.mechanics.clock import whole_periods
from detente.mechanics.payoffs import Levels
from detente.ratification.passage import HALF
from detente.space.worth import Worth


@dataclass(frozen=True, slots=True)
class Window:
    """The chance of passage over time, as governments change.

    A deal put to the vote after the end of a party's term needs more than the votes: the government that is then in
    office has to stand by it. The chance of that is the worth of the party's promises after its term.

    Attributes:
        closes: the day after which the chance of passage is under one half; None where it never falls below, or is
            below from the start.
        ticks: whole periods completed on that day.
        steps: (end of a term, parties whose terms end then, chance of passage after it), in order of time.
    """

    closes: dt.date | None
    ticks: int | None
    steps: tuple[tuple[dt.date, tuple[str, ...], float], ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """What a party's part of a deal is worth to the others after its term.

    Attributes:
        party: who promises.
        ends: last day of its term.
        kept: chance that the promise outlives the term.
        levels: option -> the level it has in the deal and the one it would return to; what cannot be taken back is
            left out.
        losses: party -> what it loses per period against the promise being sure, on its own scale; parties of which
            only an order is known are left out.
    """

    party: str
    ends: dt.date
    kept: Fraction
    levels: Mapping[str, tuple[str, str]]
    losses: Mapping[str, Fraction]


def survival(hazards: Sequence[Fraction]) -> Fraction:
    """Chance that a government is still in office after so many chances of a change."""
    return Fraction(prod((1 - h for h in hazards), start=Fraction(1)))


def promise_worth(survives: Fraction, honours: Fraction) -> Fraction:
    """Chance that a promise is kept: by the government that made it, or by another that honours it."""
    return survives + (1 - survives) * honours


def kept_after(case: Case, term: Term) -> Fraction:
    """Chance that a promise outlives a term: reelected + (1 - reelected) * honours."""
    return promise_worth(survival([1 - case.mean(term.reelected)]), case.mean(term.honours))


def window_of(case: Case, passes: float, today: Levels | None, deal: Levels) -> Window:
    """Until when a deal can be passed with a chance of at least one half.

    Args:
        case: whose terms count.
        passes: chance of passage today.
        today: level numbers of today's state, or None.
        deal: level numbers of the deal; the terms of parties whose options it changes count.
    """
    terms = {p: t for p, t in case.file.terms.items() if _changes(case, p, today, deal)}
    steps, chance = [], passes
    for date in sorted({t.ends for t in terms.values()}):
        ended = tuple(p for p, t in terms.items() if t.ends == date)
        for party in ended:
            chance *= float(kept_after(case, terms[party]))
        steps.append((date, ended, chance))
    closes = next((d for d, _, c in steps if passes >= HALF > c), None)
    start = case.file.as_of
    ticks = None if closes is None or start is None else whole_periods(start, closes, case.file.period)
    return Window(closes, ticks, tuple(steps))


def returned(case: Case, party: str, today: Levels | None, deal: Levels) -> Levels:
    """A deal with a party's options back at today's levels, as far as directions and floors let them return."""
    levels = list(deal)
    for n in case.options_of(party):
        low, high = case.file.options[case.options[n]].windows()[deal[n]]
        levels[n] = min(max(today[n] if today is not None else 0, low), high)
    return tuple(levels)


def factors(case: Case, party: str, today: Levels | None) -> dict[str, dict[str, Fraction]]:
    """Option -> level -> the share of its worth that others count on after the party's term; 1 for what is final."""
    kept = kept_after(case, case.file.terms[party])
    out: dict[str, dict[str, Fraction]] = {}
    for n in case.options_of(party):
        option = case.options[n]
        written = case.file.options[option]
        base = today[n] if today is not None else 0
        out[option] = {
            name: Fraction(1) if min(max(base, low), high) == level else kept
            for level, (name, (low, high)) in enumerate(zip(written.levels, written.windows(), strict=True))
        }
    return out


def promises_of(case: Case, today: Levels | None, deal: Levels) -> tuple[Promise, ...]:
    """For every party with a term: what of its part of a deal could be taken back, and what that costs the others."""
    out = []
    for party, term in case.file.terms.items():
        back = returned(case, party, today, deal)
        if back == deal:
            continue
        kept = kept_after(case, term)
        losses = {}
        for other in case.parties:
            forms = case.preference(other)
            if other != party and forms is not None and forms.utility is not None:
                worth = Worth.of(case, forms)
                losses[other] = (1 - kept) * (worth.of_levels(case, deal) - worth.of_levels(case, back))
        names = {
            o: (w.levels[deal[n]], w.levels[back[n]])
            for n, (o, w) in enumerate(case.file.options.items())
            if deal[n] != back[n]
        }
        out.append(Promise(party, term.ends, kept, names, losses))
    return tuple(out)


def _changes(case: Case, party: str, today: Levels | None, deal: Levels) -> bool:
    """Whether a deal changes an option of a party; where there is no today, whether it owns one."""
    owned = case.options_of(party)
    return bool(owned) if today is None else any(deal[n] != today[n] for n in owned)
