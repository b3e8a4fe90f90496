"""The numbers of one order of steps in every draw of the uncertain inputs, at the states that it visits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.mechanics.drawn import without_a_deal
from detente.mechanics.flows import Flow
from detente.plan.along import Along
from detente.plan.build import start_of
from detente.plan.problem import TIED, Floats, Problem, Step
from detente.plan.terms import Terms
from detente.plan.verify import PathValues
from detente.space.draws import Draws
from detente.space.states import StateSpace


def path_in_draws(
    draws: Draws, states: StateSpace, problem: Problem, steps: Sequence[Step], side: Floats | None = None
) -> PathValues:
    """All that the verifier needs of an order, in every draw.

    A step lasts what it physically needs in the draw, and longer where the order gives it more time than it needs at
    point values. The smallest margin accepted is the point value.

    Args:
        draws: of the case that the problem was made from.
        states: its states, or those of a case with the same options and rules.
        problem: the problem at point values.
        steps: from the status quo to the target.
        side: side payments to each party per period at every pause, shape (pauses, n), in money.
    """
    terms = Terms.of(states, start_of(states), problem.parties, draws, draws.case)
    return _Drawn(terms, states, problem, tuple(steps)).values(side)


class _Drawn(Along):
    """The states that an order visits and their numbers in every draw."""

    def __init__(self, terms: Terms, states: StateSpace, problem: Problem, steps: tuple[Step, ...]) -> None:
        super().__init__(terms, problem, steps)
        self.states = states

    def nothing(self, party: str) -> Floats:
        """What a party has without a deal, shape (draws,)."""
        found = without_a_deal(self.terms.numbers.draws, self.states, party)  # type: ignore[arg-type]
        if not isinstance(found, list):
            return found
        flow = self.terms.flows[party]
        worths = (chance * flow.at(np.array([levels], np.uint8).T)[:, 0] for levels, chance in found)
        return np.sum(list(worths), axis=0)  # type: ignore[no-any-return]

    def stake(self, party: str, target: Floats, nothing: Floats) -> Floats:
        """What is at stake: the scale, else how far the target is from no deal, else the range over feasible states."""
        scale = self.terms.case.file.parties[party].scale
        if scale is not None:
            return self.terms.numbers.read(("parties", party, "scale"), scale)
        away = np.abs(target - nothing)
        none = np.flatnonzero(away <= TIED * np.maximum(1.0, np.abs(nothing)))
        for draw in none:
            away[draw] = _range(self.terms.flows[party].take(np.array([draw])), self.states) or 1.0
        return away


def _range(flow: Flow, states: StateSpace) -> float:
    values = flow.at(states.digits)
    return float(values.max() - values.min())
