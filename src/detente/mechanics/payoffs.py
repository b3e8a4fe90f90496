"""Payoffs: what every state is worth to a party, and what each party has without a deal, in exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.case.blocks.disagreement import LotteryTicket
from detente.case.conditions import STATE_NUMBER, StateName
from detente.case.fields import Clause
from detente.case.model import Case
from detente.graph.ranks import ranks_of
from detente.space.masks import mask
from detente.space.space import DEFAULT_LIMIT, Space
from detente.space.states import DIGITS, StateSpace, fault
from detente.space.worth import Exact, Worth

Levels = tuple[int, ...]
Written = Mapping[str, str] | Clause | str
Find = Callable[[Written, str], Levels]
Value = Callable[[str, Levels, str], Fraction]


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


def payoffs_in(case: Case, states: StateSpace, party: str) -> Payoffs | None:
    """Value of every state for a party, without a conflict graph.

    Args:
        case: whose preferences count.
        states: its states, or those of a case with the same options and rules.
        party: id; a party without a preference is indifferent and gets 0 everywhere.

    Returns:
        The payoffs, or None where the party has no order (``partial``).
    """
    # what belongs to the key is kept with the answer, so that its id stays its own
    kept: tuple[StateSpace, Payoffs | None] = case.once(
        ("payoffs", party, id(states)), lambda: (states, _payoffs(case, states, party))
    )
    return kept[1]


def _payoffs(case: Case, states: StateSpace, party: str) -> Payoffs | None:
    forms = case.preference(party)
    if forms is not None and forms.utility is not None:
        worth = Worth.of(case, forms)
        return Payoffs(party, worth.exact(states), worth.denominator, ordinal=False, worth=worth)
    found = ranks_of(case, states, party)[0]
    if found is None:
        return None
    written = forms is not None and forms.form() is not None
    numerators = found.astype(np.int64)
    return Payoffs(party, numerators, max(int(numerators.max()), 1), ordinal=written, worth=None)


# --- without a deal --------------------------------------------------------------------------------------------------


def disagreement_in(case: Case, states: StateSpace, payoffs: Mapping[str, Payoffs]) -> dict[str, Fraction]:
    """What each party has without a deal, without a conflict graph.

    Args:
        case: what happens without a deal.
        states: its states, or those of a case with the same options and rules.
        payoffs: of the parties asked about.

    Raises:
        UsageError: nothing is written and the case has no status quo.
        CaseError: a state that is not one feasible state, for a party of which only an order is known.
    """
    find = finder(case, states)

    def value(party: str, levels: Levels, path: str) -> Fraction:
        cell = states.cell(list(levels))
        payoff = payoffs[party]
        if cell is not None:
            return payoff.value(int(states.state_of[cell]))
        if payoff.ordinal:
            found = f"an infeasible state, for {case.party_name(party)}, of which only an order is known"
            raise fault(case, found, "a feasible state", path)
        return Fraction(0) if payoff.worth is None else payoff.worth.of_levels(case, levels)

    ordinal = {p for p, v in payoffs.items() if v.ordinal}
    return _without_a_deal(case, tuple(payoffs), ordinal, find, value)


def finder(case: Case, states: StateSpace) -> Find:
    """What finds the level numbers of a state as written under ``disagreement``; the second argument is its path."""

    def find(state: Written, path: str) -> Levels:
        if isinstance(state, Clause):
            found = np.flatnonzero(states.mask(state, path))
            return _only(case, state, [_levels_of(states, int(s)) for s in found[:2]], len(found), path)
        return _filled_up(case, state, lambda: status_quo_levels(states))

    return find


def disagreement_by_worth(case: Case, worths: Mapping[str, Worth]) -> dict[str, Fraction]:
    """What each party has without a deal, from written utilities alone: no state is enumerated, however many there are.

    Args:
        case: what happens without a deal.
        worths: utilities of the parties asked about.

    Raises:
        UsageError: nothing is written and the case has no status quo.
        CaseError: a condition that does not match exactly one feasible state.
        LimitReached: a state named by its number, or by a condition that too many states match.
    """
    space = Space.of(case)

    def find(state: Written, path: str) -> Levels:
        if isinstance(state, Clause):
            return matching(case, space, state, path)
        return _filled_up(case, state, lambda: _required(status_quo_in(case, space)))

    return _without_a_deal(case, tuple(worths), set(), find, lambda p, levels, _: worths[p].of_levels(case, levels))


def _without_a_deal(
    case: Case, parties: tuple[str, ...], ordinal: set[str], find: Find, value: Value
) -> dict[str, Fraction]:
    spec = case.file.disagreement

    def at(state: Written, path: str, asked: Iterable[str]) -> dict[str, Fraction]:
        levels = find(state, path)
        return {p: value(p, levels, path) for p in asked}

    if spec.lottery is not None:
        out = dict.fromkeys(parties, Fraction(0))
        for n, (ticket, chance) in enumerate(zip(spec.lottery, lottery_chances(case, spec.lottery), strict=True)):
            there = at(ticket.state, f"disagreement.lottery[{n}].state", parties)
            out = {p: v + chance * there[p] for p, v in out.items()}
        return out
    if spec.payoffs is not None:
        out = {p: case.mean(a) for p, a in spec.payoffs.items() if p in parties}
        for party in out:
            if party in ordinal:
                found = f"a payoff of {case.party_name(party)}, of which only an order is known"
                raise fault(case, found, "a state", f"disagreement.payoffs.{party}", "Name a state instead.")
        left = [p for p in parties if p not in out]
        return {**out, **(at("status_quo", "disagreement", left) if left else {})}
    return at("status_quo" if spec.state is None else spec.state, "disagreement.state", parties)


def lottery_chances(case: Case, tickets: tuple[LotteryTicket, ...]) -> list[Fraction]:
    """Chance of every state of a lottery at point values; they sum to 1."""
    given = [None if isinstance(t.chance, str) else case.mean(t.chance) for t in tickets]
    total = sum((c for c in given if c is not None), Fraction(0))
    if None in given and total <= 1:
        return [1 - total if c is None else c for c in given]
    return [Fraction(0) if c is None else c / total for c in given]


# --- states as level numbers -----------------------------------------------------------------------------------------


def status_quo_levels(states: StateSpace) -> Levels:
    """Level numbers of today's state.

    Raises:
        UsageError: the case has no status quo.
    """
    if states.status_quo is None:
        return _required(None)
    written = states.case.file.status_quo
    if isinstance(written, Mapping) or written is None:
        return _filled(states.case, written or {}, (0,) * len(states.space.options))
    return _levels_of(states, states.status_quo)


def status_quo_in(case: Case, space: Space) -> Levels | None:
    """Level numbers of today's state without enumerating.

    Returns:
        One number per option, or None where none is written and the first levels are infeasible together.

    Raises:
        CaseError: one is written and is not exactly one feasible state.
        LimitReached: it is named by its number, or by a condition that too many states match.
    """
    written = case.file.status_quo
    if isinstance(written, Clause):
        return matching(case, space, written, "status_quo")
    levels = _filled(case, written or {}, (0,) * len(space.options))
    if feasible(space, levels):
        return levels
    if written:
        raise fault(case, "an infeasible state", "a feasible one", "status_quo")
    return None


def feasible(space: Space, levels: Levels) -> bool:
    """Whether one combination of level numbers is feasible."""
    column = np.array(levels, np.uint8)[:, None]
    return not any(mask(c, column)[0] for c in space.infeasible)


def matching(case: Case, space: Space, state: Clause, path: str) -> Levels:
    """Level numbers of the one feasible state that a condition, key or number names, without enumerating the rest.

    Raises:
        CaseError: none or several match.
        LimitReached: it is a number, or too many states match.
    """
    if isinstance(state.node, StateName) and not STATE_NUMBER.fullmatch(state.node.text):
        key = tuple(DIGITS.index(c) for c in state.node.text)
        return _only(case, state, [key], int(feasible(space, key)), path)
    if isinstance(state.node, StateName):
        states = StateSpace.of(case, DEFAULT_LIMIT)
        found = np.flatnonzero(states.mask(state, path))
        return _only(case, state, [_levels_of(states, int(s)) for s in found[:2]], len(found), path)
    cells = space.matching(case.meaning(state))
    same = cells.shape[1] > 1 and any(mask(c, cells).all() for c in space.coalesce)
    columns = [tuple(int(d) for d in c) for c in (cells[:, -1:] if same else cells[:, :2]).T]
    return _only(case, state, columns, 1 if same else cells.shape[1], path)


def _only(case: Case, state: Clause, found: list[Levels], count: int, path: str) -> Levels:
    if count != 1:
        what = f"{count:,} states" if count else "no feasible state"
        raise fault(case, f"{what} matching {state.text!r}", "exactly one", path)
    return found[0]


def _required(levels: Levels | None) -> Levels:
    if levels is None:
        fix = "Write status_quo, or what happens without a deal under disagreement."
        raise UsageError("a case without a status quo", "one, to compare deals with", fix)
    return levels


def _levels_of(states: StateSpace, state: int) -> Levels:
    return tuple(int(d) for d in states.digits[:, states.cell_of[state]])


def _filled_up(case: Case, state: Mapping[str, str] | str, status_quo: Callable[[], Levels]) -> Levels:
    """A state as written: unnamed options stand at the status quo."""
    if not isinstance(state, Mapping):
        return status_quo()
    complete = set(state) == set(case.options)
    return _filled(case, state, (0,) * len(case.options) if complete else status_quo())


def _filled(case: Case, written: Mapping[str, str], base: Levels) -> Levels:
    levels = list(base)
    for option, level in written.items():
        names = case.file.options[option].levels
        levels[case.options.index(option)] = int(level) if level.isdigit() else names.index(level)
    return tuple(levels)
