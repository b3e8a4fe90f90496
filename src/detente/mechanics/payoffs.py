"""Payoffs: what every state is worth to a party, and what each party has without a deal, in exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.case.blocks.disagreement import LotteryTicket
from detente.case.fields import Clause
from detente.case.model import Case
from detente.graph.model import GraphModel
from detente.space.states import StateSpace, fault
from detente.space.worth import Exact, Worth

Levels = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Payoffs:
    """Value per period of every state for one party.

    Attributes:
        party: whose.
        numerators: integers, shape (states,); the value of a state is its numerator over the common denominator.
        denominator: of all values.
        ordinal: True where only an order is known: the values are then evenly spaced from 0 (worst) to 1 (best) and
            stand for the order alone.
        worth: the written utility, None for an order or where no preference is written.
    """

    party: str
    numerators: Exact
    denominator: int
    ordinal: bool
    worth: Worth | None

    def value(self, state: int) -> Fraction:
        """Exact value of one state."""
        return Fraction(int(self.numerators[state]), self.denominator)

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """All values as floating-point numbers, shape (states,)."""
        return np.asarray(self.numerators, np.float64) / self.denominator


def payoffs_of(graph: GraphModel, party: str) -> Payoffs | None:
    """Value of every state for a party, at the point values of uncertain numbers.

    Args:
        graph: the conflict.
        party: id; a party without a preference is indifferent and gets 0 everywhere.

    Returns:
        The payoffs, or None where the party has no order (``partial``).
    """
    forms = graph.case.preference(party)
    if forms is not None and forms.utility is not None:
        worth = Worth.of(graph.case, forms)
        return Payoffs(party, worth.exact(graph.states), worth.denominator, ordinal=False, worth=worth)
    ranks = graph.ranks[party]
    if ranks is None:
        return None
    written = forms is not None and forms.form() is not None
    numerators = ranks.astype(np.int64)
    return Payoffs(party, numerators, max(int(numerators.max()), 1), ordinal=written, worth=None)


def disagreement_of(graph: GraphModel, payoffs: Mapping[str, Payoffs]) -> dict[str, Fraction]:
    """What each party has without a deal, in the unit of its payoffs.

    Args:
        graph: the conflict; its case says what happens without a deal (default: the status quo goes on).
        payoffs: of the parties asked about.

    Raises:
        UsageError: nothing is written and the case has no status quo.
        CaseError: a state that is not one feasible state, for a party of which only an order is known.
    """
    spec = graph.case.file.disagreement
    if spec.lottery is not None:
        return _lottery(graph, payoffs, spec.lottery)
    if spec.payoffs is not None:
        out = {p: graph.case.mean(a) for p, a in spec.payoffs.items() if p in payoffs}
        for party in out:
            if payoffs[party].ordinal:
                found = f"a payoff of {graph.case.party_name(party)}, of which only an order is known"
                raise fault(graph.case, found, "a state", f"disagreement.payoffs.{party}", "Name a state instead.")
        left = {p: v for p, v in payoffs.items() if p not in out}
        return {**out, **(_at(graph, left, status_quo_levels(graph.states), "disagreement") if left else {})}
    state = "status_quo" if spec.state is None else spec.state
    return _at(graph, payoffs, _levels(graph.states, state, "disagreement.state"), "disagreement.state")


def status_quo_levels(states: StateSpace) -> Levels:
    """Level numbers of today's state.

    Raises:
        UsageError: the case has no status quo.
    """
    if states.status_quo is None:
        fix = "Write status_quo, or what happens without a deal under disagreement."
        raise UsageError("a case without a status quo", "one, to compare deals with", fix)
    written = states.case.file.status_quo
    if isinstance(written, Mapping) or written is None:
        return _filled(states.case, written or {}, (0,) * len(states.space.options))
    return tuple(int(d) for d in states.digits[:, states.cell_of[states.status_quo]])


def _levels(states: StateSpace, state: Mapping[str, str] | Clause | str, path: str) -> Levels:
    """Level numbers of a state as written: unnamed options stand at the status quo."""
    if isinstance(state, Mapping):
        complete = set(state) == set(states.case.options)
        base = (0,) * len(states.space.options) if complete else status_quo_levels(states)
        return _filled(states.case, state, base)
    if isinstance(state, Clause):
        found = np.flatnonzero(states.mask(state, path))
        if len(found) != 1:
            what = f"{len(found):,} states" if len(found) else "no feasible state"
            raise fault(states.case, f"{what} matching {state.text!r}", "exactly one", path)
        return tuple(int(d) for d in states.digits[:, states.cell_of[found[0]]])
    return status_quo_levels(states)


def _filled(case: Case, written: Mapping[str, str], base: Levels) -> Levels:
    levels = list(base)
    for option, level in written.items():
        names = case.file.options[option].levels
        levels[case.options.index(option)] = int(level) if level.isdigit() else names.index(level)
    return tuple(levels)


def _at(graph: GraphModel, payoffs: Mapping[str, Payoffs], levels: Levels, path: str) -> dict[str, Fraction]:
    cell = graph.states.cell(list(levels))
    if cell is not None:
        state = int(graph.states.state_of[cell])
        return {p: v.value(state) for p, v in payoffs.items()}
    out = {}
    for party, value in payoffs.items():
        if value.worth is not None:
            out[party] = value.worth.of_levels(graph.case, levels)
        elif not value.ordinal:
            out[party] = Fraction(0)
        else:
            found = f"an infeasible state, for {graph.case.party_name(party)}, of which only an order is known"
            raise fault(graph.case, found, "a feasible state", path)
    return out


def _lottery(
    graph: GraphModel, payoffs: Mapping[str, Payoffs], tickets: tuple[LotteryTicket, ...]
) -> dict[str, Fraction]:
    given = [None if isinstance(t.chance, str) else graph.case.mean(t.chance) for t in tickets]
    total = sum((c for c in given if c is not None), Fraction(0))
    if None in given and total <= 1:
        chances = [1 - total if c is None else c for c in given]
    else:
        chances = [Fraction(0) if c is None else c / total for c in given]
    out = dict.fromkeys(payoffs, Fraction(0))
    for n, (ticket, chance) in enumerate(zip(tickets, chances, strict=True)):
        path = f"disagreement.lottery[{n}].state"
        there = _at(graph, payoffs, _levels(graph.states, ticket.state, path), path)
        out = {p: v + chance * there[p] for p, v in out.items()}
    return out
