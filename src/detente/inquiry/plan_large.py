"""``plan`` where the states are too many to list: the target with all its levels, one order, its margins."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detente.base.errors import LimitReached, UsageError
from detente.base.result import Provenance
from detente.base.wording import listed
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.change import Change, Edit
from detente.case.fields import Clause
from detente.case.model import Case
from detente.inquiry.plan_parts import ways_out_by, written_side, written_steps
from detente.inquiry.plan_target import levels_written, other_end
from detente.mechanics.payoffs import Levels, matching, status_quo_in
from detente.plan.beyond import BEFORE_ONLY
from detente.plan.first_tests import FirstTests, physical
from detente.plan.judged import gather
from detente.plan.large import milp_plan
from detente.plan.outline import Outline, outline_of, rough_order
from detente.plan.problem import Order, Problem
from detente.plan.result import Plan, WayOut
from detente.plan.rules import faults
from detente.plan.verify import Checked, spelled
from detente.plan.written import WrittenPlan, read_written
from detente.space.space import Space

if TYPE_CHECKING:
    from detente.inquiry.planning import Asking

LEFT_OUT = (
    "The states, or the steps between them, are too many to list: repairs, smaller targets and draws are left out."
)
ROUGH = (
    "So many options bear on each other that not all orders could be compared: the order told was found by small"
    " changes to others, and that there is no better one is not proven."
)
UNPAID = "Side payments are not looked for here."


def planned_large(case: Case, provenance: Provenance, asking: Asking) -> Plan:
    """The answer of ``plan`` without listing states: an order written, or one found.

    Args:
        case: the case.
        provenance: carried into the result.
        asking: what is asked.

    Raises:
        UsageError: a target that has to be chosen among the states, or a party without a utility.
        CaseError: the target, or the written order, is not valid.
    """
    provenance = _noted(provenance, LEFT_OUT)
    if asking.written is not None:
        return _verified(case, provenance, asking)
    levels = _target(case, asking.target)
    outline = outline_of(case, levels)
    late = physical(outline.problem).fits is False
    begun = time.monotonic()
    try:
        found = milp_plan(case, levels, asking.seconds, timed=not late)
    except LimitReached:
        found = None
    if found is None or not (found.order.steps or found.order.proven):
        left = max(asking.seconds / 4, asking.seconds - (time.monotonic() - begun))
        return _roughly(case, provenance, left, outline, late=late)
    at_once = outline.at_once
    at_target = spelled(gather(found.tables, at_once, None), outline.problem.parties, at_once)
    return _Answer(case, provenance, outline, levels).plan(found.order, found.checked, at_target, late=late)


def _roughly(case: Case, provenance: Provenance, seconds: float, outline: Outline, *, late: bool) -> Plan:
    """The same where conditions tie too many options together."""
    problem = replace(outline.problem, deadline=None) if late else outline.problem
    outline = replace(outline, problem=problem)
    order = rough_order(outline, seconds)
    checked = outline.check(order.steps) if order.steps else None
    at_target = outline.check(outline.at_once)
    provenance = _noted(provenance, ROUGH, UNPAID if problem.transfers > 0 else "")
    answer = _Answer(case, provenance, outline, problem.lattice.state(problem.lattice.target))
    return answer.plan(order, checked, at_target, late=late)


def _verified(case: Case, provenance: Provenance, asking: Asking) -> Plan:
    """A written order, judged at the states that it visits."""
    today = status_quo_in(case, Space.of(case))
    if today is None:
        raise UsageError("a case without a status quo", "today's state, where a plan starts", "Write status_quo.")
    written = read_written(asking.written or "", case, today, asking.file)
    outline = outline_of(case, written.end)
    provenance = _noted(provenance, other_end(case, today, written.end))
    steps, side = written_steps(outline.problem, written), written_side(outline.problem, written)
    order = Order(steps, side, proven=True, bound=float("inf"), method="written")
    checked, at_target = outline.check(steps, side), outline.check(outline.at_once)
    return _Answer(case, provenance, outline, written.end).plan(order, checked, at_target, written=written)


@dataclass(frozen=True)
class _Answer:
    """An answer without what would have to be listed."""

    case: Case
    provenance: Provenance
    outline: Outline
    target: Levels

    def plan(
        self,
        order: Order,
        checked: Checked | None,
        at_target: Checked,
        *,
        late: bool = False,
        written: WrittenPlan | None = None,
    ) -> Plan:
        """The answer.

        Args:
            order: written or found.
            checked: it with its margins; None without steps.
            at_target: the target as if it were reached at once.
            late: whether the work does not fit the deadline, so that the order is told without it.
            written: the order as written, where it is.
        """
        case, problem = self.case, self.outline.problem
        target = at_target.steps[-1].after
        paid = [sum(float(problem.cost[a].sum()) for a in problem.lattice.axes_of(p)) for p in problem.parties]
        worth = self.outline.worth(target)
        start = worth - (1 - problem.discount) * paid - problem.disagreement
        tests = FirstTests(physical(problem), start, at_target.margins[-1], at_target)
        rough = [case.party_name(p) for p in problem.parties if p in self.outline.rough]
        kept = written is not None or tests.self_enforcing(problem)
        told = _noted(self.provenance, _unsure(rough) if rough else "", "" if kept else BEFORE_ONLY)
        open_ = ("order",) if not order.proven else ()
        return Plan(
            told,
            case=case,
            problem=replace(problem, deadline=None) if late else problem,
            target=self.target,
            chosen="target" if written is None else "written",
            tests=tests,
            order=order if order.steps else None,
            checked=checked,
            ways_out=_ways(case, problem, checked),
            ways_out_of_target=ways_out_by(case, problem, at_target, 1, None),
            faults=() if written is None else faults(problem, order.steps, self.outline.pausable),
            late=late,
            overdue=() if written is None else tuple(written.late(order.steps)),
            open=(*open_, *(("margins",) if rough else ())),
        )


def _unsure(names: list[str]) -> str:
    """That leaving may be worth more than is told."""
    return (
        f"{listed(names)} {'has' if len(names) == 1 else 'have'} too many moves to look at all of them: what leaving is"
        " worth may be more than is told, and the margins less."
    )


def _noted(provenance: Provenance, *notes: str) -> Provenance:
    """A provenance with warnings added."""
    return replace(provenance, warnings=(*provenance.warnings, *(n for n in notes if n)))


def _ways(case: Case, problem: Problem, checked: Checked | None) -> tuple[tuple[WayOut, ...], ...]:
    if checked is None:
        return ()
    return tuple(ways_out_by(case, problem, checked, t, None) for t in range(len(checked.shares)))


def _target(case: Case, asked: str | None) -> Levels:
    """Level numbers of a target that is written out."""
    if asked is not None:
        case = case.change(Change((Edit(("plan", "target"), asked),)))
    written = (case.file.plan or PlanBlock()).target
    if isinstance(written, Mapping):
        today = status_quo_in(case, Space.of(case))
        if today is None:
            raise UsageError("a case without a status quo", "today's state, where a plan starts", "Write status_quo.")
        return levels_written(case, today, written)
    meant = written.settled(case.file.options) if isinstance(written, Word) else None
    if isinstance(meant, Clause):
        return matching(case, Space.of(case), meant, "plan.target")
    found = "a plan without a target" if written is None else f"the target {meant}"
    raise UsageError(found, "a target with its levels, as the states are too many to choose among", "Name its levels.")
