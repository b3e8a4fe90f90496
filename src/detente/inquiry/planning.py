"""``plan``: which target, the three tests, the best order, why it breaks, what mends it, how sure all of that is."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached, UsageError, shown
from detente.base.result import Provenance
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.fields import Clause
from detente.case.model import Case
from detente.inquiry.plan_draws import Effort, fares
from detente.inquiry.plan_large import planned_large
from detente.inquiry.plan_mending import mended
from detente.inquiry.plan_parts import (
    outside_offers,
    threats_along,
    ways_out,
    without_vain_payments,
    written_side,
    written_steps,
)
from detente.inquiry.plan_target import asked_target, located, mask_of, none_holds, other_end
from detente.inquiry.readings import everywhere, targets_in
from detente.inquiry.settling import Asking as Settling
from detente.inquiry.settling import settled
from detente.mechanics.payoffs import Levels, finder, payoffs_in
from detente.plan.beyond import BEFORE_ONLY
from detente.plan.build import parties_of, problem_of, start_of
from detente.plan.cut import proof_of
from detente.plan.explain import Explainer
from detente.plan.first_tests import first_tests, physical
from detente.plan.problem import Order, Problem
from detente.plan.result import Plan
from detente.plan.rules import Fault, faults
from detente.plan.search import find_order
from detente.plan.targets import Targets
from detente.plan.terms import ask_for_facts
from detente.plan.verify import check
from detente.plan.written import read_written

if TYPE_CHECKING:
    from detente.inquiry.session import Session

SECONDS = 60.0
TOO_MANY = (
    "feasible states", "partial states", "states between the status quo and the target", "possible steps",
    "states that a breakdown can start from", "sets of levels that could be pretended", "steps to compare",
)  # fmt: skip
MOST_TRIED = 200  # targets for which an order is sought


@dataclass(frozen=True)
class Asking:
    """What ``plan`` can be asked with.

    Attributes:
        target: in place of the case's: a condition, a state, a rule of ``settle``, or ``auto``.
        written: a text with an order of steps to be checked.
        file: its name, for messages.
        repairs: whether to look for what would make a plan hold.
        targets: whether to list the targets that pass both tests, and those that do under every view.
        combinations: whether under every combination of types as well.
        hopeless: whether an order is looked for where the target itself fails one of its tests.
        rivals: draws for which the best order is looked for as well, and judged in all draws.
        draws: of the uncertain numbers; 0 for none.
        seed: the same seed gives the same draws.
        seconds: most time for one search.
    """

    target: str | None = None
    written: str | None = None
    file: str | None = None
    repairs: bool = True
    targets: bool = True
    combinations: bool = True
    hopeless: bool = True
    rivals: int = 12
    draws: int = 400
    seed: int = 0
    seconds: float = SECONDS

    def parameters(self) -> dict[str, Any]:
        """What was asked with, for the provenance."""
        out: dict[str, Any] = {"draws": self.draws, "repairs": self.repairs, "targets": self.targets}
        given = {"target": self.target, "verify": self.file}
        return {**out, **{k: v for k, v in given.items() if v is not None}}


def planned(session: Session, case: Case, reads: tuple[str, ...], asking: Asking) -> Plan:
    """The answer of ``plan``.

    Args:
        session: supplies the states, and what ``settle`` picks.
        case: the case as asked.
        reads: the blocks that the answer depends on.
        asking: with what.

    Raises:
        UsageError: a target, a lag or another fact that is asked for by name is missing.
        CaseError: the target, or the written order, is not valid.
        LimitReached: too many states between today and the target.
    """
    provenance = session.provenance(case, reads, **asking.parameters())
    try:
        return _Inquiry(session, case, asking).answer(provenance)
    except UsageError as error:
        raise located(case, asking.target or asking.written, error) from None
    except LimitReached as limit:
        if limit.what not in TOO_MANY:
            raise
    try:
        return planned_large(case, provenance, asking)
    except UsageError as error:
        raise located(case, asking.target or asking.written, error) from None


class _Inquiry:
    """One question about a plan."""

    def __init__(self, session: Session, case: Case, asking: Asking) -> None:
        self.session, self.case, self.asking = session, case, asking
        self.states = session.states(case)
        self.warnings: list[str] = []
        self.open: list[str] = []

    def answer(self, provenance: Provenance) -> Plan:
        """All of it."""
        asking, written = self.asking, None
        if asking.written is not None:
            written = read_written(asking.written, self.case, start_of(self.states), asking.file)
            target, chosen = written.end, "written"
            ends = other_end(self.case, written.start, written.end)
            self.warnings += [ends] if ends else []
        else:
            target, chosen = self._target()
        problem = problem_of(self.case, self.states, target)
        tests = first_tests(problem)
        broken: tuple[Fault, ...] = ()
        overdue: tuple[tuple[int, int, int], ...] = ()
        late = tests.physical.fits is False and written is None
        if late:
            problem = replace(problem, deadline=None)
        hopeless = not (tests.starts(problem) and tests.self_enforcing(problem))
        if written is None and asking.hopeless and not tests.self_enforcing(problem):
            self.warnings.append(BEFORE_ONLY)
        if written is None and hopeless and not asking.hopeless:
            order = Order((), None, proven=True, bound=-np.inf, method="")
        elif written is None:
            order = self._order(problem)
        else:
            steps = written_steps(problem, written)
            order = Order(steps, written_side(problem, written), proven=True, bound=np.inf, method="written")
            broken, overdue = faults(problem, steps), tuple(written.late(steps))
        checked = check(problem, order.steps, order.side) if order.steps else None
        explainer = Explainer.of(self.case, self.states, problem)
        pauses = range(len(checked.shares)) if checked is not None else ()
        ways = tuple(ways_out(self.case, explainer, checked, t) for t in pauses) if checked is not None else ()
        plan = Plan(
            provenance,
            case=self.case,
            problem=problem,
            target=target,
            chosen=chosen,
            tests=tests,
            order=order if order.steps else None,
            checked=checked,
            ways_out=ways,
            ways_out_of_target=ways_out(self.case, explainer, tests.at_target, 1),
            threats=tuple(threats_along(explainer, ways)),
            affected=self._affected(problem, target),
            faults=broken,
            late=late,
            overdue=overdue,
            outside=outside_offers(self.case, self.states, problem),
            open=(*self.open, *(() if order.proven else ("order",))),
        )
        return self._more(plan)

    def _order(self, problem: Problem) -> Order:
        """The best order; where steps of several parties are too many to list, that of single parties."""
        try:
            return without_vain_payments(problem, find_order(problem, seconds=self.asking.seconds))
        except LimitReached as limit:
            if not (problem.together or problem.escrow):
                raise
            self.warnings.append(f"One party moves in each step here: {limit}")
            alone = replace(problem, together=False, escrow=False)
            return replace(find_order(alone, seconds=self.asking.seconds), proven=False)

    def _more(self, plan: Plan) -> Plan:
        """Why it fails, what mends it, what else could be aimed at, and how it fares in draws."""
        asking = self.asking
        sought = asking.hopeless or (plan.starts and plan.self_enforcing)
        if plan.chosen != "written" and sought and (plan.checked is None or not plan.checked.holds):
            plan = replace(plan, proof=proof_of(plan.problem))
        targets = self._targets() if asking.targets or asking.repairs else None
        if asking.targets:
            plan = replace(
                plan, targets=targets, everywhere=everywhere(self.session, self.case, types=asking.combinations)
            )
        if asking.repairs and not plan.enforceable:
            mending = mended(self.session, plan, targets, asking.seconds)
            plan = replace(plan, repairs=mending.repairs)
            self.warnings += [mending.note] if mending.note else []
        if asking.draws and plan.order is not None:
            effort = Effort(asking.draws, asking.seed, asking.rivals, asking.seconds)
            plan = replace(plan, in_draws=fares(plan, self.states, effort))
        seed = None if plan.in_draws is None else asking.seed
        warnings = (*plan.provenance.warnings, *self.warnings)
        return replace(plan, provenance=replace(plan.provenance, seed=seed, warnings=warnings))

    # --- the target --------------------------------------------------------------------------------------------------

    def _targets(self) -> Targets | None:
        try:
            return targets_in(self.session, self.case)
        except LimitReached:
            return None

    def _target(self) -> tuple[Levels, str]:
        """Level numbers of the target, and how it was chosen."""
        written = (self.case.file.plan or PlanBlock()).target
        if self.asking.target is not None:
            written = asked_target(self.case, self.asking.target)
        if written is None:
            ask_for_facts(self.case, parties_of(self.case, ()), target=True)
            raise UsageError("a plan without a target", "where things should go", "Ask with --target.")
        find = finder(self.case, self.states)
        place = "plan.target" if self.asking.target is None else "--target"
        if not isinstance(written, Word):
            return find(written, place), "target"
        meant = written.settled(self.case.file.options)
        if isinstance(meant, Clause):
            matching = np.asarray(mask_of(self.states, meant, self.asking.target), bool)
            if int(matching.sum()) == 1:
                return find(meant, place), "target"
            return self._choice(matching, meant.text), "condition"
        if meant == "auto":
            return self._choice(np.ones(len(self.states), bool), "auto"), "auto"
        return self._picked(meant), meant

    def _picked(self, rule: str) -> Levels:
        """What a rule of ``settle`` picks."""
        found = settled(self.session, self.case, (), Settling(rules=(rule,), draws=0))
        classes = found.points.get(rule, ())
        if not classes:
            raise UsageError(f"the target {rule}", "a target", "No deal is acceptable to all sides: name levels.")
        return tuple(int(x) for x in classes[0].deals[0].levels)

    def _choice(self, allowed: NDArray[np.bool_], text: str) -> Levels:
        """Of the states allowed, the first that passes both tests and has an order; else the best that has none."""
        if not allowed.any():
            raise UsageError(f"the target {shown(text)}", "a target that some feasible state matches")
        targets = self._targets()
        if targets is None:
            raise UsageError("a target to be chosen among so many states", "a target with all its levels")
        until = time.monotonic() + self.asking.seconds
        passing = targets.listed(allowed)
        late = unproven = tried = 0
        for state in passing[:MOST_TRIED]:
            levels = targets.levels(state)
            problem = problem_of(self.case, self.states, levels)
            order = find_order(problem, seconds=max(1.0, until - time.monotonic()))
            tried += 1
            if order.steps and check(problem, order.steps, order.side).holds:
                self._passed_over(unproven)
                return levels
            late += physical(problem).fits is False
            unproven += not order.proven
            if time.monotonic() > until:
                break
        self._passed_over(unproven + len(passing) - tried)
        self.warnings.append(none_holds(text, len(passing), late, tried))
        for among in (targets.both, targets.starts, targets.reachable):
            ranked = targets.ranked(among & allowed)
            if ranked:
                return targets.levels(ranked[0])
        raise UsageError(f"the target {shown(text)}", "a target that can be reached from today")

    def _passed_over(self, count: int) -> None:
        """Tell that better targets may have been missed for want of time."""
        if count:
            self.open.append("target")
            others = "one other target" if count == 1 else f"{count:,} other targets"
            self.warnings.append(f"Whether {others} can be reached could not be settled with what was tried.")

    def _affected(self, problem: Problem, target: Levels) -> dict[str, float]:
        """What the target changes for parties whose margins do not count."""
        start, end = (self.states.cell(list(x)) for x in (start_of(self.states), target))
        out = {}
        for party in self.case.parties:
            payoff = payoffs_in(self.case, self.states, party) if party not in problem.parties else None
            forms = self.case.preference(party)
            if payoff is None or forms is None or start is None or end is None:
                continue
            a, b = (payoff.value(int(self.states.state_of[c])) for c in (start, end))
            out[party] = float(b - a)
        return out
