"""Which states may be agreed on in a draw: in the zone of agreement, kept once reached, likely to pass at home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.base.errors import UsageError
from detente.case.model import Case
from detente.forecast.drawing import ByNumber, Masks, chosen_types
from detente.plan.targets import targets_of
from detente.ratification.passage import Assembly
from detente.settlement.enumeration import deals_of
from detente.settlement.problem import bargain_of
from detente.space.draws import Draws
from detente.space.masks import Bools
from detente.space.states import StateSpace

ZONE, ENFORCEABLE, RATIFIABLE = "zone", "enforceable", "ratifiable"


def masks_for(made: Draws, states: StateSpace, rules: Sequence[str]) -> Masks | None:
    """The states that may be agreed on, draw by draw.

    Args:
        made: draws of the case as asked.
        states: its states.
        rules: what a deal must meet: zone (strictly better than no deal for all who must accept it), enforceable (it
            passes both tests of a plan's target), ratifiable (it passes at home with at least even odds).

    Returns:
        None if there are no rules.

    Raises:
        UsageError: ``enforceable`` in a case without a plan.
    """
    if not rules:
        return None
    if ENFORCEABLE in rules and made.case.file.plan is None:
        fix = "Write plan: with lag and snapback, or leave enforceable out of forecast.behaviour.deals.if."
        raise UsageError("a forecast of enforceable deals in a case without plan", "what keeps a deal", fix)
    return ByNumber(DealMasks(made, states, tuple(rules)))


@dataclass(frozen=True, eq=False)
class DealMasks:
    """Gives the states that may be agreed on in a draw, by its number.

    Attributes:
        made: draws of the case as asked.
        states: its states.
        rules: what a deal must meet.
    """

    made: Draws
    states: StateSpace
    rules: tuple[str, ...]

    def __call__(self, number: int) -> Bools:
        """Shape (states,)."""
        case = self.drawn(number)
        allowed = np.ones(len(self.states), bool)
        if ZONE in self.rules:
            allowed &= zone_of(case, self.states)
        if RATIFIABLE in self.rules and case.file.ratification is not None and allowed.any():
            allowed &= Assembly.of(case, self.states).win_set
        if ENFORCEABLE in self.rules and allowed.any():
            allowed &= targets_of(case, self.states).both
        return allowed

    def drawn(self, number: int) -> Case:
        """The case with every number at its drawn value, and every party of the type drawn."""
        written = self.made.case
        known = chosen_types(written)
        kinds = {
            p: list(forms.types)[int(self.made.types(p)[number])]
            for p, forms in written.file.preferences.items()
            if forms.types and p not in known
        }
        return written.change(self.made.change(number)).with_types({**written.types, **kinds})


def zone_of(case: Case, states: StateSpace) -> Bools:
    """Deals strictly better than no deal for all who must accept them, shape (states,)."""
    found = deals_of(bargain_of(case, states))
    out = np.zeros(len(states), bool)
    out[found.states[found.strict]] = True
    return out
