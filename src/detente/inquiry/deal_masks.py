"""Which states may be agreed on in a draw: in the zone of agreement, kept once reached, likely to pass at home."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.case.blocks.plan import Plan
from detente.case.model import Case
from detente.forecast.drawing import NOTHING, Masks, chosen_types
from detente.forecast.worths import PartyWorths
from detente.inquiry.drawn_parties import DrawnParty, OneDraw, Stakes
from detente.mechanics.amounts import Path
from detente.mechanics.breakdown import Rules
from detente.mechanics.payoffs import status_quo_levels
from detente.plan.build import payoffs_of
from detente.plan.targets import asked, both_tests
from detente.plan.terms import Terms, discount_of
from detente.ratification.one_draw import in_one_draw
from detente.ratification.passage import Assembly
from detente.settlement.enumeration import covered_by, deals_of
from detente.settlement.problem import bargain_of
from detente.space.draws import Draws
from detente.space.masks import Bools
from detente.space.states import StateSpace

ZONE, ENFORCEABLE, RATIFIABLE = "zone", "enforceable", "ratifiable"
READ_BY = {
    ZONE: {"disagreement"},
    ENFORCEABLE: {"disagreement", "plan", "parties.discount", "parties.scale"},
    RATIFIABLE: {"disagreement", "ratification"},
}


def masks_for(case: Case, states: StateSpace, rules: Sequence[str]) -> Masks | None:
    """The states that may be agreed on, draw by draw.

    Args:
        case: as asked.
        states: its states.
        rules: what a deal must meet: zone (strictly better than no deal for all who must accept it), enforceable (it
            passes both tests of a plan's target), ratifiable (it passes at home with at least even odds).

    Returns:
        None if there are no rules.

    Raises:
        UsageError: what a rule rests on is missing: a plan, a status quo, a known order.
        CaseError: facts of a plan that are asked for by name are missing.
    """
    if not rules:
        return None
    if ZONE in rules:
        deals_of(bargain_of(case, states))
    if RATIFIABLE in rules:
        Assembly.of(case, states)
    if ENFORCEABLE in rules:
        if case.file.plan is None:
            fix = "Write plan: with lag and snapback, or leave enforceable out of forecast.behaviour.deals.if."
            raise UsageError("a forecast of enforceable deals in a case without plan", "what keeps a deal", fix)
        payoffs_of(case, states, asked(case, states)[1])
    return DealMasks(states, tuple(rules))


@dataclass(frozen=True, eq=False)
class DealMasks:
    """Gives the states that may be agreed on, for any draws of the case.

    Attributes:
        states: of the case.
        rules: what a deal must meet.
    """

    states: StateSpace
    rules: tuple[str, ...]

    @property
    def reads(self) -> frozenset[str]:
        """What they depend on beside preferences, as in ``forecast.drawing.Masks``."""
        return frozenset().union(*(READ_BY[rule] for rule in self.rules))

    def __call__(self, made: Draws, worths: Mapping[str, PartyWorths] = NOTHING) -> Callable[[int], Bools]:
        """The states that may be agreed on in some draws, by the number of the draw.

        Args:
            made: the draws.
            worths: what states are worth to parties in them, as far as that is known.
        """
        return DealsInDraws(made, self.states, self.rules, worths)


@dataclass(frozen=True, eq=False)
class DealsInDraws:
    """Gives the states that may be agreed on in a draw, by its number.

    All numbers are those of the draw, and every party is of the type drawn; of an order a utility that fits it is
    drawn, of a few comparisons first an order, as in the forecast itself. Worths that are equal in truth are equal in
    every draw. The zone and the chance of passage are worked out for all states; a plan's tests, which take longest,
    only at those that meet the other rules. Without a block of ratification every deal passes.

    Attributes:
        made: draws of the case as asked.
        states: its states.
        rules: what a deal must meet.
        worths: what states are worth to parties in these draws, as far as that is known.
    """

    made: Draws
    states: StateSpace
    rules: tuple[str, ...]
    worths: Mapping[str, PartyWorths] = field(default_factory=dict)
    _parties: dict[str, DrawnParty] = field(default_factory=dict)
    _kept: dict[Path, NDArray[np.float64]] = field(default_factory=dict)

    def __call__(self, number: int) -> Bools:
        """Shape (states,)."""
        stakes: dict[str, Stakes] = {}
        allowed = np.ones(len(self.states), bool)
        if ZONE in self.rules:
            allowed &= self._zone(number, stakes)
        if RATIFIABLE in self.rules and self.case.file.ratification is not None and allowed.any():
            allowed &= self._passing(number, stakes)
        if ENFORCEABLE in self.rules and allowed.any():
            at = np.flatnonzero(allowed)
            allowed[at] = self._kept_once_reached(number, stakes, at)
        return allowed

    @property
    def case(self) -> Case:
        """The case as asked."""
        return self.made.case

    # --- the rules ---------------------------------------------------------------------------------------------------

    @cached_property
    def _covered(self) -> dict[str, Bools | None]:
        """Who must accept deals -> which, shape (states,); None for all."""
        bargain = bargain_of(self.case, self.states)
        unknown = bargain.unknown
        owners = tuple(p for p in (*bargain.owners, *unknown) if self.case.file.parties[p].role != "signatory")
        signatories = [p for p in (*bargain.axes, *unknown) if p not in owners]
        covered, _ = covered_by(replace(bargain, owners=owners), self.states, np.arange(len(self.states)))
        return {**dict.fromkeys(signatories), **covered}

    def _zone(self, number: int, stakes: dict[str, Stakes]) -> Bools:
        inside = np.ones(len(self.states), bool)
        for party, covered in self._covered.items():
            better = self._stakes(number, party, stakes).gain > 0
            inside &= better if covered is None else better | ~covered
        return inside

    @cached_property
    def _assembly(self) -> Assembly:
        return Assembly.of(self.case, self.states)

    def _passing(self, number: int, stakes: dict[str, Stakes]) -> Bools:
        numbers = self._numbers(number)
        blocks = {p: self._stakes(number, p, stakes).gain < 0 for p in self._assembly.blocks}
        return in_one_draw(self._assembly, lambda path, x: float(numbers.read(path, x)[0]), blocks).win_set

    def _kept_once_reached(self, number: int, stakes: dict[str, Stakes], at: NDArray[np.intp]) -> Bools:
        case, numbers = self.case, self._numbers(number)
        drawn = {p: self._party(p).in_draw(number) for p in case.parties}
        flows = {p: d.flow(number) for p, d in drawn.items() if d.counts}
        today, plan = self._today, case.file.plan or Plan()
        rules = Rules.of(case, plan, today, numbers)
        discount = {p: discount_of(numbers, p) for p in flows}
        terms = Terms(case, plan, numbers, rules, today, flows, discount)
        known = [self._stakes(number, p, stakes) for p in flows]
        value = np.array([s.value / s.unit for s in known])
        nothing = np.array([s.nothing / s.unit for s in known])
        return both_tests(terms, self.states, value, nothing, at).both

    @cached_property
    def _today(self) -> tuple[int, ...]:
        return status_quo_levels(self.states)

    # --- numbers of a draw -------------------------------------------------------------------------------------------

    def _numbers(self, number: int) -> OneDraw:
        return OneDraw(self.case, self.made, number, self._kept)

    def _party(self, party: str) -> DrawnParty:
        if party not in self._parties:
            known = self.worths.get(party)
            if known is None:
                known = PartyWorths.of(self.made, self.states, party, chosen=party in chosen_types(self.case))
            self._parties[party] = DrawnParty.of(known)
        return self._parties[party]

    def _stakes(self, number: int, party: str, known: dict[str, Stakes]) -> Stakes:
        """What a draw gives a party, worked out once per draw."""
        if party not in known:
            known[party] = self._party(party).in_draw(number).stakes(number)
        return known[party]
