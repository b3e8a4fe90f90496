"""``Bargain``: who has to accept a deal, what each has without one, and what every deal is worth to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.base.wording import listed
from detente.case.model import Case
from detente.mechanics.payoffs import (
    Levels,
    Payoffs,
    disagreement_by_worth,
    disagreement_in,
    payoffs_in,
    status_quo_in,
)
from detente.space.masks import Bools
from detente.space.space import Space
from detente.space.states import StateSpace
from detente.space.worth import Worth


@dataclass(frozen=True, eq=False)
class Bargain:
    """A case as a bargaining problem; any size, with or without its states enumerated.

    Attributes:
        case: the situation.
        space: its options and rules, symbolically.
        axes: the signatories: every deal needs their acceptance, and their payoffs span the frontier.
        owners: other owners of options with a preference: their acceptance is needed by the deals that move one of
            their options from the status quo (by every deal, where there is no status quo).
        affected: other parties whose payoffs are known; shown only.
        unknown: signatories and owners of which only some comparisons are known; left out of the answer.
        disagreement: what each of the above (but the unknown) has without a deal.
        status_quo: level numbers of today's state, or None.
        worth: party -> written utility, for parties with one; an indifferent party has an empty one.
        ordinal: parties of which only an order is known: their payoffs are evenly spaced from 0 to 1 and stand for the
            order alone.
        weights: bargaining power of every axis (default 1).
        comparable: whether the case declares utilities of different parties comparable.
        scale: size of what is at stake, for parties with a utility that declare it.
        money: worth of one unit of money, for parties with a utility that declare it.
        states: the enumerated states, or None.
        payoffs: party -> exact payoffs of every state; empty where the states are not enumerated.
        allowed: states that may be agreed on, shape (states,); None for all.
        stakes: what is at stake for parties without a declared scale, where the states are not enumerated.
        warnings: what a reader must know about the inputs.
    """

    case: Case
    space: Space
    axes: tuple[str, ...]
    owners: tuple[str, ...]
    affected: tuple[str, ...]
    unknown: tuple[str, ...]
    disagreement: dict[str, Fraction]
    status_quo: Levels | None
    worth: dict[str, Worth]
    ordinal: frozenset[str]
    weights: dict[str, Fraction]
    comparable: bool
    scale: dict[str, Fraction]
    money: dict[str, Fraction]
    states: StateSpace | None = None
    payoffs: dict[str, Payoffs] = field(default_factory=dict, repr=False)
    allowed: Bools | None = None
    stakes: dict[str, Fraction] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def voices(self) -> tuple[str, ...]:
        """Everybody whose acceptance some deal needs: signatories, then other owners."""
        return (*self.axes, *self.owners)

    def owned(self, party: str) -> tuple[int, ...]:
        """File-order numbers of a party's options."""
        return self.case.options_of(party)

    def stake(self, party: str) -> Fraction:
        """What is at stake for a party: its declared scale, else the range of its payoffs over feasible states.

        Where that range is 0: the distance from the disagreement, or 1 where that is 0 too. Without a declared scale
        the states must be enumerated, or ``stakes`` given.
        """
        if party in self.scale or party in self.stakes:
            return self.scale.get(party) or self.stakes[party]
        payoff = self.payoffs[party]
        low, high = int(payoff.numerators.min()), int(payoff.numerators.max())
        if low < high:
            return Fraction(high - low, payoff.denominator)
        return abs(Fraction(low, payoff.denominator) - self.disagreement[party]) or Fraction(1)

    def covers(self, digits: NDArray[np.uint8]) -> dict[str, Bools]:
        """Owner -> where its acceptance is needed, for combinations of levels of shape (options, combinations)."""
        count = digits.shape[1]
        today = self.status_quo
        if today is None:
            return {p: np.ones(count, bool) for p in self.owners}
        out = {}
        for party in self.owners:
            changed = np.zeros(count, bool)
            for option in self.owned(party):
                changed |= digits[option] != today[option]
            out[party] = changed
        return out


def bargain_of(
    case: Case,
    states: StateSpace | None = None,
    *,
    weights: Mapping[str, Fraction] | None = None,
    allowed: Bools | None = None,
) -> Bargain:
    """The bargaining problem of a case, at the point values of uncertain numbers.

    Args:
        case: any valid case.
        states: its states, or those of a case with the same options and rules; without them only written utilities
            can be used.
        weights: bargaining power in place of what the case says.
        allowed: states that may be agreed on, shape (states,).

    Raises:
        UsageError: no signatory has a known order, an unknown party in ``weights``, no status quo to compare with, or
            an order without enumerated states.
        CaseError: a disagreement that is not one feasible state.
    """
    axes = tuple(p for p, w in case.file.parties.items() if w.role == "signatory")
    owners = _other_owners(case)
    worth = {p: Worth((), ()) for p in case.parties if not _prefers(case, p)}
    worth |= {p: Worth.of(case, f) for p in case.parties if (f := case.preference(p)) and f.utility is not None}
    payoffs: dict[str, Payoffs] = {}
    if states is not None:
        payoffs = {p: v for p in case.parties if (v := payoffs_in(case, states, p)) is not None}
        known = set(payoffs)
    else:
        known = set(worth)
        _utilities_only(case, (*axes, *owners), worth)
    unknown = tuple(p for p in (*axes, *owners) if p not in known)
    if not set(axes) & known:
        names = listed([case.party_name(p) for p in axes]) if axes else "any party"
        raise UsageError(f"no signatory with a known order ({names})", "a utility or a ranking of at least one")
    space = Space.of(case) if states is None else states.space
    ordinal = frozenset(p for p, v in payoffs.items() if v.ordinal)
    measured = {p: w for p, w in case.file.parties.items() if p in known and p not in ordinal}
    given = disagreement_by_worth(case, worth) if states is None else disagreement_in(case, states, payoffs)
    return Bargain(
        case=case,
        space=space,
        axes=tuple(p for p in axes if p in known),
        owners=tuple(p for p in owners if p in known),
        affected=tuple(p for p in case.parties if p in known - {*axes, *owners} and _prefers(case, p)),
        unknown=unknown,
        disagreement=given,
        status_quo=status_quo_in(case, space) if states is None else _status_quo(case, states),
        worth=worth,
        ordinal=ordinal,
        weights=_weights(case, axes, weights),
        comparable=case.file.settlement.comparable,
        scale={p: case.mean(w.scale) for p, w in measured.items() if w.scale is not None},
        money={p: case.mean(w.money) for p, w in measured.items() if w.money is not None},
        states=states,
        payoffs=payoffs,
        allowed=allowed,
        warnings=tuple(_remarks(case, (*axes, *owners), unknown)),
    )


def _other_owners(case: Case) -> tuple[str, ...]:
    """Parties that are no signatories and own options; a mediator's consent is not asked."""
    parties = case.file.parties.items()
    return tuple(p for p, w in parties if w.role not in ("signatory", "mediator") and case.options_of(p))


def _prefers(case: Case, party: str) -> bool:
    forms = case.preference(party)
    return forms is not None and forms.form() is not None


def _status_quo(case: Case, states: StateSpace) -> Levels | None:
    if states.status_quo is None:
        return None
    written = case.file.status_quo
    if isinstance(written, Mapping) or written is None:
        return status_quo_in(case, states.space)
    return tuple(int(d) for d in states.digits[:, states.cell_of[states.status_quo]])


def _utilities_only(case: Case, voices: tuple[str, ...], worth: Mapping[str, Worth]) -> None:
    orders = [case.party_name(p) for p in voices if p not in worth]
    if orders:
        found = f"no utility of {listed(orders)} in a case too large to list its states"
        raise UsageError(found, "a written utility of every signatory", "Write one, or rule out states.")


def _weights(case: Case, axes: tuple[str, ...], given: Mapping[str, Fraction] | None) -> dict[str, Fraction]:
    if given is None:
        given = {p: case.mean(w) for p, w in case.file.settlement.weights.items()}
    for party, weight in given.items():
        if party not in axes or weight < 0:
            expected = f"a number of at least 0 for {listed(list(axes), 'or')}"
            raise UsageError(f"the weight {weight} of {party}", expected)
    weights = {p: Fraction(given.get(p, 1)) for p in axes}
    if not any(weights.values()):
        raise UsageError("weights that are all 0", "at least one above 0")
    return weights


def _remarks(case: Case, asked: tuple[str, ...], unknown: tuple[str, ...]) -> list[str]:
    out = []
    for party in asked:
        if not _prefers(case, party):
            name = case.party_name(party)
            text = f"{name} has no written preference and counts as indifferent: it loses and gains by nothing"
            out.append(f"{text}, so no deal that needs its acceptance is strictly better for all.")
    for party in unknown:
        name = case.party_name(party)
        text = f"Of {name} only some comparisons are known, so the answer leaves {name} out"
        out.append(f"{text}; write its utility or a ranking to include it.")
    return out
