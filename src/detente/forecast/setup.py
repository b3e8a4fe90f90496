"""From a case to the dynamics of its forecast, with what its author should know about the outcomes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from detente.base.errors import LimitReached, Problem, UsageError, shown
from detente.base.wording import listed
from detente.case.blocks.forecast import Behaviour, DealRule, Forecast
from detente.case.model import Case
from detente.forecast.deals import joint_reach
from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64
from detente.mechanics.clock import whole_periods
from detente.space.moves import Moves
from detente.space.states import StateSpace, fault

MOST_PERIODS = 100_000


def dynamics_of(case: Case, moves: Moves, breaks: Int64 | None = None, *, limit: bool = True) -> Dynamics:
    """The rules of movement that a case's ``forecast`` block writes; stated defaults where it has none.

    Dates are taken in order of time; period k leads from tick k - 1 to tick k.

    Args:
        case: the case, whose states and rules are those of ``moves``.
        moves: its states and what each party can reach alone.
        breaks: state after a breakdown in each state, shape (states,), where the case says what follows one.
        limit: whether shares without a date are asked for.

    Raises:
        UsageError: no status quo; a breakdown that can happen without the states it leads to.
        LimitReached: a date too many periods ahead.
        CaseError: a condition that differs among the members of a merged state.
    """
    block = case.file.forecast or Forecast()
    behaviour = block.behaviour
    states = moves.states
    if states.status_quo is None:
        fix = "Write status_quo: and today's levels; the first levels of all options are infeasible together."
        raise UsageError("a forecast of a case without a status quo", "a state to start from", fix)
    if breaks is None and may_break(case):
        fix = "Write plan: with lag and snapback, or behaviour.breakdown: 0."
        raise UsageError("a chance of a breakdown in a case without plan", "what follows a breakdown", fix)
    names = tuple(block.outcomes)
    where = _masks(states, block)
    parties = tuple(p for p in case.parties if case.file.parties[p].role != "mediator")
    movers = tuple(p for p in parties if p in states.space.owners)
    turns, cyclic = _turns(case, behaviour, movers)
    otherwise = [n for n, o in enumerate(block.outcomes.values()) if o.where is None]
    return Dynamics(
        moves, parties, movers, int(states.status_quo),
        _first(where), names, _ticks(case, block),
        ever=block.reached == "ever", limit=limit, otherwise=otherwise[0] if otherwise else None,
        reply=behaviour.reply, foresight=behaviour.foresight, caution=behaviour.caution,
        turns=turns, cyclic=cyclic, breaks=breaks,
        among=_among(case, behaviour.deals, parties, movers), final=block.final,
    )  # fmt: skip


def may_break(case: Case) -> bool:
    """Whether the case gives a breakdown any chance."""
    block = case.file.forecast
    if block is None:
        return False
    written = block.behaviour.breakdown
    return any(case.mean(a) > 0 for a in (written.default, *(a for _, a in written.when)))


def _masks(states: StateSpace, block: Forecast) -> Bools:
    """Where each outcome's own condition holds, shape (outcomes, states); ``otherwise`` holds everywhere."""
    rows = [
        np.ones(len(states), bool) if o.where is None else states.mask(o.where, f"forecast.outcomes.{_quoted(n)}")
        for n, o in block.outcomes.items()
    ]
    return np.array(rows, bool).reshape(len(rows), len(states))


def _quoted(name: str) -> str:
    return f'"{name}"' if not name.replace("-", "").replace("_", "").isalnum() else name


def _first(where: Bools) -> Int64:
    """Number of the first condition that holds, the number of conditions where none does, shape (states,)."""
    none = np.ones((1, where.shape[1]), bool)
    first: Int64 = np.concatenate([where, none]).argmax(axis=0).astype(np.int64)
    return first


def _ticks(case: Case, block: Forecast) -> tuple[int, ...]:
    start = case.file.as_of
    ticks = [whole_periods(start, day, case.file.period) for day in sorted(block.at)] if start is not None else []
    if ticks and ticks[-1] > MOST_PERIODS:
        advice = "Ask for an earlier date, or count in longer periods (period: month)."
        raise LimitReached("periods until the last date", f"{ticks[-1]:,}", MOST_PERIODS, advice)
    return tuple(ticks)


def _turns(case: Case, behaviour: Behaviour, movers: Sequence[str]) -> tuple[Floats | None, bool]:
    """The turns that are fixed, and whether they start again."""
    written = behaviour.initiative
    if written is None or written.weights is not None:
        return None, True
    if written.alternate:
        return np.eye(len(movers)), True
    if written.calendar[0].date is None:
        return np.array([[float(p == t.party) for p in movers] for t in written.calendar]), True
    start = case.file.as_of
    numbers = [whole_periods(start, t.date, case.file.period) for t in written.calendar if t.date and start]
    if max(numbers) > MOST_PERIODS:
        raise LimitReached("periods until the last date", f"{max(numbers):,}", MOST_PERIODS, "Take an earlier date.")
    turns = np.zeros((max(numbers) + 1, len(movers)))
    for number, turn in zip(numbers, written.calendar, strict=True):
        turns[number] += [float(p == turn.party) for p in movers]
    total = turns.sum(axis=1, keepdims=True)
    return turns / np.where(total > 0, total, 1.0), False


def _among(case: Case, deals: DealRule | None, parties: Sequence[str], movers: Sequence[str]) -> tuple[str, ...]:
    if deals is None:
        return ()
    if deals.among is not None:
        return tuple(p for p in parties if p in deals.among)
    return tuple(p for p in parties if p in movers or case.file.parties[p].role == "signatory")


# --- remarks ---------------------------------------------------------------------------------------------------------


def remarks(case: Case, dynamics: Dynamics) -> list[Problem]:
    """What the author of a forecast should know: outcomes that share states, that no state has, that none can reach.

    Args:
        case: the case.
        dynamics: its dynamics.
    """
    block = case.file.forecast or Forecast()
    states = dynamics.moves.states
    where = _masks(states, block)
    met = reachable(dynamics, _able(case, dynamics))
    found = []
    for n, (name, outcome) in enumerate(block.outcomes.items()):
        path = f"forecast.outcomes.{_quoted(name)}"
        own = dynamics.classes == n
        if not where[n].any():
            expected, fix = "an outcome that can be", "Correct the condition, or leave it out."
            found.append(_remark(case, "an outcome that no feasible state matches", expected, path, fix))
            continue
        if outcome.where is not None:
            found += _shared(case, where, n, path)
        if not own.any():
            what = "no state that is left" if outcome.where is None else "no state that does not belong to another"
            found.append(_remark(case, what, "a state of its own; its chance is 0", path, "Write it further up."))
        elif not (own & met).any():
            text = "an outcome that cannot be reached from the status quo"
            found.append(_remark(case, text, "one that moves, deals or breakdowns lead to; its chance is 0", path, ""))
    return found + _dates(case, block)


def _shared(case: Case, where: Bools, number: int, path: str) -> list[Problem]:
    names = list((case.file.forecast or Forecast()).outcomes)
    counts = {names[k]: int((where[k] & where[number]).sum()) for k in range(number)}
    shared = {n: c for n, c in counts.items() if c}
    if not shared:
        return []
    total = int((where[:number].any(axis=0) & where[number]).sum())
    told = listed([f"{c:,} with {shown(n)}" for n, c in shared.items()])
    states = "state" if total == 1 else "states"
    text = f"{total:,} {states} shared with earlier outcomes ({told})"
    return [_remark(case, text, "outcomes without common states", path, "They count for the first in the list.")]


def _able(case: Case, dynamics: Dynamics) -> list[str]:
    """The movers that ever have the move."""
    written = (case.file.forecast or Forecast()).behaviour.initiative
    if dynamics.turns is not None:
        return [p for p, share in zip(dynamics.movers, dynamics.turns.sum(axis=0), strict=True) if share > 0]
    if written is None or written.weights is None:
        return list(dynamics.movers)
    return [p for p, weight in written.weights if p in dynamics.movers and case.mean(weight) > 0]


def _dates(case: Case, block: Forecast) -> list[Problem]:
    start = case.file.as_of
    early = [d for d in block.at if start is not None and whole_periods(start, d, case.file.period) == 0]
    period = case.file.period
    return [
        _remark(case, f"{d}, less than one {period} after {start}", f"a date at least one {period} later",
                f"forecast.at[{block.at.index(d)}]", "By then nothing can have happened.")
        for d in early
    ]  # fmt: skip


def _remark(case: Case, found: str, expected: str, path: str, fix: str) -> Problem:
    return fault(case, found, expected, path, fix).problems()[0]


def reachable(dynamics: Dynamics, able: Collection[str]) -> Bools:
    """States that some sequence of moves, deals and breakdowns can lead to from the start, whatever anybody wants.

    Args:
        dynamics: the rules of movement.
        able: parties that ever have the move.
    """
    met = np.zeros(len(dynamics), bool)
    met[dynamics.start] = True
    rows = [r for p in able for r in dynamics.moves.rows(p)]
    deals = joint_reach(dynamics) if dynamics.among else []
    state_of = dynamics.moves.states.state_of
    before = 0
    while met.sum() > before:
        before = int(met.sum())
        for row in rows:
            real = row.cells >= 0
            states = state_of[row.cells]
            moving = real if row.movers is None else row.movers
            some = np.any(met[states] & moving, axis=1)
            met[states[some[:, None] & real]] = True
        for here, reach in deals:
            if met[here].any():
                met[reach] = True
    if dynamics.breaks is not None:
        met[dynamics.breaks[met]] = True
    return met
