"""The deviation behind a value: which move is best for a party that leaves, what follows, and who would punish it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detente.base.errors import UsageError
from detente.case.model import Case
from detente.mechanics.breakdown import Leaving, Levels, answered_value, own_moves
from detente.mechanics.flows import Flow, Grid
from detente.plan.build import start_of
from detente.plan.problem import TIED, Cell, Problem
from detente.plan.terms import Terms, discount_of
from detente.space.states import StateSpace


@dataclass(frozen=True, slots=True)
class Deviation:
    """The best a party can do if it leaves a state.

    Attributes:
        party: who leaves.
        kind: ``stop`` (nothing is moved), ``grab`` (own options go back toward the status quo and nothing else),
            ``move`` (any other move of its own), ``outside`` (it goes elsewhere at once), ``none`` (it owns no option
            and has nowhere to go; the value is -inf).
        value: as a value per period, breach cost subtracted.
        breach: what the breach costs it, as a value per period.
        state: level numbers of the state left.
        after: level numbers after its own move.
        then: level numbers once the breakdown is over; None where nobody answers, or where it goes elsewhere at once.
        elsewhere: whether it goes elsewhere once it is answered, which is better for it.
        lag: periods until the answer; None where there is none.
    """

    party: str
    kind: str
    value: float
    breach: float
    state: Levels
    after: Levels
    then: Levels | None
    elsewhere: bool
    lag: float | None


@dataclass(frozen=True, slots=True)
class Threat:
    """What a party gains by answering a deviation.

    Attributes:
        by: who would answer.
        against: who deviates.
        punishes: value to the former, from the answer on, of the breakdown.
        forgives: value to it of the state after the deviation, for ever.
        credible: whether answering is worth it.
    """

    by: str
    against: str
    punishes: float
    forgives: float
    credible: bool


@dataclass(frozen=True, eq=False)
class Explainer:
    """Explains the values of one problem at point values.

    Attributes:
        problem: the problem.
        terms: what its values are made of.
        states: states of the case.
    """

    problem: Problem
    terms: Terms
    states: StateSpace
    _flows: dict[str, Flow] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, case: Case, states: StateSpace, problem: Problem) -> Explainer:
        """What explains a problem made by ``problem_of`` from the same case and states."""
        return cls(problem, Terms.of(states, start_of(states), problem.parties, case=case), states)

    def at(self, cell: Cell, party: str) -> Deviation:
        """The deviation whose value is ``walk`` at a cell of the lattice.

        Among equally good ones: stopping, then moving fewest options, by the fewest levels; going elsewhere at once is
        named only where it is better than all of them.
        """
        return self.leaving(self.problem.lattice.state(cell), party)

    def leaving(self, state: Levels, party: str) -> Deviation:
        """The best deviation from any combination of levels, as ``at``."""
        terms, here = self.terms, Grid(state, (), ())
        breach = float(terms.breach(party, here)[0])
        outside = terms.outside(party, here)
        lag = terms.lag(party, here) if terms.rules.answered else None
        leaving = Leaving(terms.discount[party], lag, outside if terms.rules.answered else None)
        answer = None if lag is None else float(lag[0])
        if not terms.rules.owns(party):
            worth, kind = (-np.inf, "none") if outside is None else (float(outside[0]) - breach, "outside")
            return Deviation(party, kind, worth, breach, state, state, None, elsewhere=kind == "outside", lag=answer)
        grid, values = own_moves(terms.flows[party], terms.rules, state, leaving)
        slack = TIED * float(self.problem.stake[self.problem.parties.index(party)])
        best = float(values.max())
        if outside is not None and not best >= float(outside[0]) - slack:
            return Deviation(
                party, "outside", float(outside[0]) - breach, breach, state, state, None, elsewhere=True, lag=answer
            )
        tied = [tuple(int(d) for d in m) for m in grid.digits()[:, (values[0] >= best - slack).reshape(-1)].T]
        after = min(tied, key=lambda m: (_moved(state, m), sum(abs(a - b) for a, b in zip(state, m, strict=True)), m))
        then = self.broken(after, party) if terms.rules.answered else None
        elsewhere = self._elsewhere(party, state, after, leaving)
        kind = self._kind(state, after)
        return Deviation(party, kind, best - breach, breach, state, after, then, elsewhere=elsewhere, lag=answer)

    def broken(self, state: Levels, culprit: str | None) -> Levels:
        """Level numbers once a breakdown is over."""
        return tuple(self.terms.rules.place(o, level, culprit) for o, level in enumerate(state))

    def threats(self, deviation: Deviation) -> tuple[Threat, ...]:
        """Parties with options of their own that return in answer to a deviation, and whether answering pays."""
        if deviation.then is None:
            return ()
        case, found = self.terms.case, []
        for party in case.parties:
            own = self.terms.rules.owns(party)
            returns = any(deviation.then[o] != deviation.after[o] for o in own)
            if party == deviation.party or not returns or case.file.parties[party].role == "mediator":
                continue
            try:
                found.append(self._threat(party, deviation))
            except UsageError:  # an order that says nothing of the breakdown, of a party whose margins do not count
                continue
        return tuple(found)

    def _threat(self, party: str, deviation: Deviation) -> Threat:
        flow = self._flow(party)
        here = Grid(deviation.after, (), ())
        leaving = Leaving(discount_of(self.terms.numbers, party), None, None)
        punishes = float(answered_value(flow, self.terms.rules, deviation.party, here, leaving)[0])
        forgives = float(flow.on(here)[0])
        slack = TIED * max(1.0, abs(punishes))
        return Threat(party, deviation.party, punishes, forgives, credible=not forgives > punishes + slack)

    def _flow(self, party: str) -> Flow:
        if party in self.terms.flows:
            return self.terms.flows[party]
        if party not in self._flows:
            self._flows[party] = Flow.of(self.terms.case, party, self.states)
        return self._flows[party]

    def _kind(self, state: Levels, after: Levels) -> str:
        if state == after:
            return "stop"
        back = all(
            a == b or min(a, home) <= b <= max(a, home)
            for a, b, home in zip(state, after, self.terms.status_quo, strict=True)
        )
        return "grab" if back else "move"

    def _elsewhere(self, party: str, state: Levels, after: Levels, leaving: Leaving) -> bool:
        """Whether the outside option is better than what the answer leaves."""
        if leaving.outside is None:
            return False
        flow, rules = self.terms.flows[party], self.terms.rules
        grid, without = own_moves(flow, rules, state, Leaving(leaving.delta, leaving.lag, None))
        chosen = (grid.digits() == np.array(after, np.uint8)[:, None]).all(axis=0).reshape(grid.shape)
        offered = own_moves(flow, rules, state, leaving)[1]
        return bool((offered[0][chosen] > without[0][chosen] + TIED).any())


def _moved(state: Levels, after: Levels) -> int:
    return sum(a != b for a, b in zip(state, after, strict=True))
