"""``forecast``: the rules of movement, what may be agreed on, and the draws, put together through a session."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached, UsageError
from detente.case.model import Case
from detente.forecast.behaviour import settings_of
from detente.forecast.drawing import Source, chosen_types
from detente.forecast.dynamics import Dynamics
from detente.forecast.error import StoppingRule
from detente.forecast.result import Forecast
from detente.forecast.setup import dynamics_of, may_break, remarks
from detente.forecast.solve import Work, affordable, forecast
from detente.inquiry.deal_masks import masks_for
from detente.mechanics.amounts import Numbers
from detente.mechanics.breakdown import Rules
from detente.mechanics.payoffs import status_quo_levels
from detente.mechanics.workers import Crew
from detente.space.draws import draws
from detente.space.states import StateSpace
from detente.stability.analysis import analyse

if TYPE_CHECKING:
    from detente.inquiry.session import Session

CONCEPTS = ("nash", "seq")
MOST_IN_THE_END = 4_000
"""States, times the turns of a calendar, up to which chances in the end take no longer than those by a date."""
MOST_PERIODS = 20_000
AS_LARGE = ", as the case is large."
FEW_AT_A_TIME = 4
LEFT_OUT = "What comes in the end, without a date, is left out, as the case is large (--end asks for it)."


@dataclass(frozen=True)
class Asking:
    """What ``forecast`` can be asked with.

    Attributes:
        draws: of the uncertain numbers and types; fewer where the case is large, which is told.
        seed: the same seed gives the same draws.
        tolerance: half the width of the sampling error at which drawing stops; None: all draws are made.
        drivers: whether what drives the forecast is worked out.
        scenarios: whether named futures are.
        compared: whether it is compared with what would hold once reached.
        limit: whether chances in the end, without a date, are worked out as well, as they are where there is no date;
            None: where the case is small.
        workers: processes; the answer is the same however many there are.
    """

    draws: int = 1000
    seed: int = 0
    tolerance: float | None = None
    drivers: bool = True
    scenarios: bool = True
    compared: bool = True
    limit: bool | None = None
    workers: int = 1

    def parameters(self) -> dict[str, Any]:
        """What was asked with, for the provenance."""
        out: dict[str, Any] = {"draws": self.draws, "drivers": self.drivers, "scenarios": self.scenarios}
        if self.limit is not None:
            out["end"] = self.limit
        return out if self.tolerance is None else {**out, "tolerance": self.tolerance}


def forecasted(session: Session, case: Case, reads: tuple[str, ...], asking: Asking) -> Forecast:
    """The answer of ``forecast``.

    Args:
        session: supplies states, moves and what would hold.
        case: the case as asked.
        reads: the blocks that the answer depends on.
        asking: with what.

    Raises:
        UsageError: a fact that is asked for by name is missing.
        CaseError: dates or outcomes that make no sense.
    """
    block = case.file.forecast
    if block is None:
        fix = "Write forecast: with outcomes and dates (at); see detente catalog, korea-2019."
        raise UsageError("a case without a forecast block", "the outcomes to forecast", fix)
    graph = session.graph(case)
    breaks: NDArray[np.int64] | None = None
    told: tuple[str, ...] = ()
    if case.file.plan is not None and may_break(case):
        breaks, told = breakdown_states(case, graph.states)
    initiative = block.behaviour.initiative
    turns = len(initiative.calendar) if initiative is not None else 0
    small = len(graph.states) * max(1, turns) <= MOST_IN_THE_END
    ends = not block.at or (small if asking.limit is None else asking.limit)
    if not ends and asking.limit is None:
        told = (*told, LEFT_OUT)
    dynamics = dynamics_of(case, graph.moves, breaks, limit=ends)
    if (last := max(dynamics.ticks, default=0)) > MOST_PERIODS:
        what, advice = f"{case.file.period}s until the last date", "Ask for an earlier date, or write a longer period."
        raise LimitReached(what, f"{last:,}", MOST_PERIODS, advice)
    dynamics = replace(dynamics, _cache=session.remember("movement", _same(dynamics), dict))
    warnings = (*told, *(f"{p.path}: {p.found}; expected {p.expected}" for p in remarks(case, dynamics)))
    deals = block.behaviour.deals
    made = draws(case, asking.draws, asking.seed)
    masks = masks_for(case, graph.states, deals.conditions) if deals is not None else None
    settings = settings_of(block.behaviour, dynamics)
    source = Source(made, settings, chosen_types(case), masks)
    rule = None if asking.tolerance is None else StoppingRule(asking.tolerance)
    work = Work(rule=rule, ends=ends)
    if not asking.drivers:
        work = replace(work, effort=None)
    if not asking.scenarios:
        work = replace(work, scenario_draws=0)
    count, work = affordable(source, asking.draws, work)
    if count < asking.draws:
        source = source.on(draws(case, count, asking.seed))
        warnings = (*warnings, f"{count:,} draws in place of {asking.draws:,}{AS_LARGE}")
    provenance = session.provenance(case, reads, **asking.parameters())
    provenance = replace(provenance, warnings=(*provenance.warnings, *warnings))
    held = {}
    if asking.compared:
        stable = analyse(graph, provenance, CONCEPTS, {})
        held = {c: np.asarray(stable.equilibrium[c], bool) for c in CONCEPTS if stable.equilibrium[c] is not None}
    crew = Crew(workers=asking.workers, progress=session.progress)
    if len(graph.states) > MOST_IN_THE_END:  # fewer draws, each of which takes longer
        crew = replace(crew, chunk=FEW_AT_A_TIME, worth_it=1.0)
    return _told_if_interrupted(forecast(source, provenance, crew, work=work, equilibria=held))


def _told_if_interrupted(found: Forecast) -> Forecast:
    """An answer that was interrupted says so, and after how many draws, in place of how many were meant to be made."""
    if not found.interrupted:
        return found
    kept = tuple(w for w in found.provenance.warnings if not w.endswith(AS_LARGE))
    made = f"Interrupted after {found.answer.draws:,} draws; not complete: {', '.join(found.interrupted)}."
    return replace(found, provenance=replace(found.provenance, warnings=(*kept, made)))


def _same(dynamics: Dynamics) -> Hashable:
    """What has to be the same for movements to be the same whatever the parties want, as in most views of a case.

    The session keeps the moves, one object for all cases with the same states.
    """
    arrays = (dynamics.classes, dynamics.breaks, dynamics.turns)
    rest = (dynamics.parties, dynamics.movers, dynamics.start, dynamics.outcomes, dynamics.among, dynamics.reply)
    return id(dynamics.moves), *rest, *(None if a is None else a.tobytes() for a in arrays)


def breakdown_states(case: Case, states: StateSpace) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The state that a breakdown leads to from every state, shape (states,), and what to tell about it.

    Where the levels after a breakdown are ruled out together, as they can be after a step that nobody would agree on,
    the feasible state that differs by the fewest levels stands for them (ties: the lowest number).
    """
    plan = case.file.plan
    assert plan is not None  # noqa: S101 - asked for only with one
    # A breakdown that comes by itself leads where the case says, whether or not a breach would be answered.
    leading = plan.model_copy(update={"snapback": True})
    rules = Rules.of(case, leading, status_quo_levels(states), Numbers(case))
    digits = states.digits[:, states.cell_of]
    placed = np.empty_like(digits)
    for option in range(len(digits)):
        count = int(digits[option].max()) + 1
        table = [rules.place(option, level, None) for level in range(count)]
        placed[option] = np.array(table, np.uint8)[digits[option]]
    columns, which = np.unique(placed, axis=1, return_inverse=True)
    found, moved = [], 0
    for column in columns.T:
        cell = states.cell([int(d) for d in column])
        if cell is None:
            moved += 1
            away = np.abs(digits.astype(np.int16) - column[:, None].astype(np.int16)).sum(axis=0)
            found.append(int(away.argmin()))
        else:
            found.append(int(states.state_of[cell]))
    told = (
        "A breakdown can lead to levels that the case rules out together; the nearest feasible state stands for them."
    )
    out: NDArray[np.int64] = np.array(found, np.int64)[which.reshape(-1)]
    return out, (told,) if moved else ()
