"""From a case and a target to a planning problem at point values."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached, UsageError
from detente.case.model import Case
from detente.mechanics.clock import whole_periods
from detente.mechanics.flows import Grid
from detente.mechanics.payoffs import Levels, Payoffs, disagreement_in, payoffs_in, status_quo_levels
from detente.plan.problem import Floats, Lattice, Problem
from detente.plan.terms import Terms, ask_for_facts
from detente.space.masks import mask
from detente.space.space import Space
from detente.space.states import StateSpace

MOST_CELLS = 5_000_000
ADVICE = "Merge options or levels, or move to a nearer target first."


def problem_of(
    case: Case, states: StateSpace, target: Levels, *, comparing: bool = False, limit: int = MOST_CELLS
) -> Problem:
    """The planning problem of a target, at the point values of uncertain numbers.

    Args:
        case: the case.
        states: its states, or those of a case with the same options and rules.
        target: level numbers, one per option.
        comparing: whether targets are compared, so that the stake must not depend on the target.
        limit: most states between the status quo and the target.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo, a target that cannot be reached, or a party of which only comparisons are known.
        LimitReached: too many states.
    """
    today = start_of(states)
    lattice = lattice_of(case, states, today, target, limit)
    parties = parties_of(case, lattice.owners)
    ask_for_facts(case, parties, lattice.options)
    terms = Terms.of(states, today, parties, case=case)
    payoffs = payoffs_of(case, states, parties)
    nothing = disagreement_in(case, states, payoffs)
    box = box_of(lattice)
    money = [case.file.parties[p].money for p in parties]
    block = terms.plan
    return Problem(
        lattice=lattice,
        parties=parties,
        stake=np.array([float(stake_of(terms, states, payoffs[p], nothing[p], target, comparing)) for p in parties]),
        discount=np.array([float(terms.discount[p][0]) for p in parties]),
        disagreement=np.array([float(nothing[p]) for p in parties]),
        flow=_rows([terms.flow(p, box) for p in parties], lattice),
        walk=_rows([terms.walk(p, box) for p in parties], lattice),
        snapped=_rows([terms.snapped(p, box) for p in parties], lattice),
        breach=_rows([terms.breach(p, box) for p in parties], lattice),
        alarm=_rows([terms.alarm(box)], lattice)[0],
        accused=_rows([terms.accused(p, box) for p in parties], lattice),
        cost=_along(terms, "costs", lattice),
        takes=_along(terms, "takes", lattice),
        caught=_caught(terms, lattice, box),
        step=int(case.mean(block.step)),
        deadline=deadline_of(case),
        patient=block.values == "patient",
        together=block.together,
        escrow=block.escrow,
        transfers=float(case.mean(block.transfers)),
        money=np.array([np.nan if m is None else float(case.mean(m)) for m in money]) if any(money) else None,
        margin=float(case.mean(block.margin)),
    )


def start_of(states: StateSpace) -> Levels:
    """Level numbers of today's state.

    Raises:
        UsageError: the case has none.
    """
    if states.status_quo is None:
        raise UsageError("a case without a status quo", "today's state, where a plan starts", "Write status_quo.")
    return status_quo_levels(states)


def parties_of(case: Case, owners: tuple[str, ...]) -> tuple[str, ...]:
    """Parties whose margins count: signatories, and owners of what changes, but for mediators without a preference."""

    def counts(party: str) -> bool:
        role = case.file.parties[party].role
        forms = case.preference(party)
        silent = role == "mediator" and (forms is None or forms.form() is None)
        return not silent and (role == "signatory" or party in owners)

    return tuple(p for p in case.parties if counts(p))


def payoffs_of(case: Case, states: StateSpace, parties: tuple[str, ...]) -> dict[str, Payoffs]:
    """Value of every state for each party.

    Raises:
        UsageError: of a party only some comparisons are known.
    """
    out = {}
    for party in parties:
        found = payoffs_in(case, states, party)
        if found is None:
            name = case.party_name(party)
            raise UsageError(
                f"only some comparisons of {name}", "an order or a utility", f"Write a ranking or a utility for {name}."
            )
        out[party] = found
    return out


def stake_of(
    terms: Terms,
    states: StateSpace,
    payoff: Payoffs,
    nothing: Fraction,
    target: Levels,
    comparing: bool,  # noqa: FBT001
) -> Fraction:
    """What is at stake for a party: its scale, else how far the target is from no deal, else the range of its values.

    Where that is 0 as well, everything is alike to the party and the stake is 1.
    """
    scale = terms.case.file.parties[payoff.party].scale
    if scale is not None:
        return terms.case.mean(scale)
    cell = states.cell(list(target))
    if not comparing and cell is not None:
        away = abs(payoff.value(int(states.state_of[cell])) - nothing)
        if away:
            return away
    low, high = int(payoff.numerators.min()), int(payoff.numerators.max())
    if low < high:
        return Fraction(high - low, payoff.denominator)
    return abs(Fraction(low, payoff.denominator) - nothing) or Fraction(1)


def deadline_of(case: Case) -> int | None:
    """Whole periods until the target must hold, or None."""
    plan = case.file.plan
    if plan is None or plan.deadline is None or case.file.as_of is None:
        return None
    return whole_periods(case.file.as_of, plan.deadline, case.file.period)


# --- the lattice -----------------------------------------------------------------------------------------------------


def lattice_of(case: Case, states: StateSpace, today: Levels, target: Levels, limit: int = MOST_CELLS) -> Lattice:
    """The states between today's and a target.

    Raises:
        UsageError: the target is today's state, is infeasible, or an option cannot move that way.
        LimitReached: too many states.
    """
    changed, levels = changed_in(case, today, target)
    if states.cell(list(target)) is None:
        fix = "Name more levels: options that are not named stay at the status quo."
        raise UsageError(f"an infeasible target ({_told(case, target, changed)})", "a feasible state", fix)
    size = int(np.prod([float(len(row)) for row in levels]))
    if size > limit:
        raise LimitReached("states between the status quo and the target", f"{size:,}", limit, ADVICE)
    options = tuple(case.options[n] for n in changed)
    owners = tuple(case.file.options[o].party for o in options)
    box = Grid(today, changed, tuple(np.array(row, np.intp) for row in levels))
    feasible = np.ones(box.shape, bool)
    for condition in Space.of(case).infeasible:
        feasible &= ~mask(condition, box.digits()).reshape(box.shape)
    return Lattice(options, owners, levels, today, changed, feasible)


def changed_in(case: Case, today: Levels, target: Levels) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Numbers of the options that a target changes, and their level numbers on the way.

    Raises:
        UsageError: the target is today's state, or an option cannot move that way.
    """
    if len(target) != len(case.options):
        raise UsageError(f"{len(target)} levels", f"one for each of the {len(case.options)} options")
    changed = tuple(n for n, (a, b) in enumerate(zip(today, target, strict=True)) if a != b)
    if not changed:
        raise UsageError("a target that is today's state", "a state to go to", "Name levels that are to change.")
    return changed, tuple(_way(case, n, today[n], target[n]) for n in changed)


def box_of(lattice: Lattice) -> Grid:
    """The states of a lattice as a grid."""
    return Grid(lattice.start, lattice.positions, tuple(np.array(row, np.intp) for row in lattice.levels))


def _way(case: Case, option: int, start: int, end: int) -> tuple[int, ...]:
    """Level numbers from the status quo's to the target's, if the option can move that way."""
    step = 1 if end > start else -1
    levels = tuple(range(start, end + step, step))
    written = case.file.options[case.options[option]]
    windows = written.windows()
    for level, after in pairwise(levels):
        low, high = windows[level]
        if not low <= after <= high:
            name = case.option_name(case.options[option])
            found = f"a target where {name} goes from {written.levels[start]} to {written.levels[end]}"
            why = f"it cannot go from {written.levels[level]} to {written.levels[after]}"
            fix = f"Name another level of {case.options[option]}, or change its 'moves' or 'irreversible'."
            raise UsageError(f"{found}; {why}", "levels that every option can move to", fix)
    return levels


def _told(case: Case, target: Levels, changed: tuple[int, ...]) -> str:
    return ", ".join(f"{case.options[n]}: {case.file.options[case.options[n]].levels[target[n]]}" for n in changed)


def _rows(rows: list[Floats], lattice: Lattice) -> Floats:
    return np.stack([np.broadcast_to(row[0], lattice.shape) for row in rows]).astype(np.float64)


def _along(terms: Terms, kind: str, lattice: Lattice) -> tuple[NDArray[np.float64], ...]:
    return tuple(terms.along(kind, o, row)[0] for o, row in zip(lattice.options, lattice.levels, strict=True))


def _caught(terms: Terms, lattice: Lattice, box: Grid) -> dict[int, Floats]:
    found = ((axis, terms.caught(option, box)) for axis, option in enumerate(lattice.options))
    return {axis: _rows([chance], lattice)[0] for axis, chance in found if chance is not None}
