"""``plan``: which target, the three tests, the best order, why it breaks, what mends it, how sure all of that is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.base.errors import DetenteError, LimitReached, UsageError, shown
from detente.base.result import Provenance
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.change import Change, Edit
from detente.case.fields import Clause, ConditionalAmount
from detente.case.meaning import options_in
from detente.case.model import Case
from detente.mechanics.payoffs import Levels, finder
from detente.plan.build import problem_of, start_of
from detente.plan.explain import Explainer, Threat
from detente.plan.first_tests import first_tests
from detente.plan.in_draws import path_in_draws
from detente.plan.mending import Edits, Facts, Option
from detente.plan.problem import TIED, Cell, Order, Problem, Step
from detente.plan.repairs import repairs
from detente.plan.result import InDraws, Plan, WayOut
from detente.plan.robust import robustness
from detente.plan.rules import Fault, faults
from detente.plan.search import find_order
from detente.plan.targets import Targets, targets_of
from detente.plan.verify import Checked, check, duration, held_back, judge
from detente.plan.written import WrittenPlan, read_written
from detente.space.draws import Draws, draws

if TYPE_CHECKING:
    from detente.inquiry.session import Session

SECONDS = 60.0
MOST_TRIED = 200  # targets for which an order is sought
REPAIR_SECONDS = 2.0  # for one search among the repairs
RIVAL_SECONDS = 5.0
MOST_RIVALS = 12  # draws for which the best order is sought


@dataclass(frozen=True)
class Asking:
    """What ``plan`` can be asked with.

    Attributes:
        target: in place of the case's: a condition, a state, a rule of ``settle``, or ``auto``.
        written: a text with an order of steps to be checked.
        file: its name, for messages.
        repairs: whether to look for what would make a plan hold.
        targets: whether to list the targets that pass both tests.
        draws: of the uncertain numbers; 0 for none.
        seed: the same seed gives the same draws.
        seconds: most time for one search.
    """

    target: str | None = None
    written: str | None = None
    file: str | None = None
    repairs: bool = True
    targets: bool = True
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
    return _Inquiry(session, case, asking).answer(provenance)


class _Inquiry:
    """One question about a plan."""

    def __init__(self, session: Session, case: Case, asking: Asking) -> None:
        self.session, self.case, self.asking = session, case, asking
        self.states = session.states(case)
        self.warnings: list[str] = []

    # --- the target --------------------------------------------------------------------------------------------------

    def answer(self, provenance: Provenance) -> Plan:
        """All of it."""
        asking = self.asking
        written = None
        if asking.written is not None:
            written = read_written(asking.written, self.case, start_of(self.states), asking.file)
            target, chosen = written.end, "written"
        else:
            target, chosen = self._target()
        problem = self._problem(target)
        tests = first_tests(problem)
        faulty: tuple[Fault, ...] = ()
        late = tests.physical.fits is False and written is None
        if late:
            problem = replace(problem, deadline=None)
        if written is None:
            order = find_order(problem, seconds=asking.seconds)
        else:
            steps = _steps(problem, written)
            order, faulty = Order(steps, None, proven=True, bound=np.inf, method="written"), faults(problem, steps)
        checked = check(problem, order.steps, order.side) if order.steps else None
        explainer = Explainer.of(self.case, self.states, problem)
        ways = tuple(_ways_out(self.case, explainer, checked, t) for t in range(len(checked.shares))) if checked else ()
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
            ways_out_of_target=_ways_out(self.case, explainer, tests.at_target, 1),
            threats=tuple(_threats(explainer, ways)),
            affected=self._affected(problem, target),
            faults=faulty,
            late=late,
            open=() if order.proven else ("order",),
        )
        return self._more(plan)

    def _more(self, plan: Plan) -> Plan:
        """The parts that not everybody asks for."""
        asking = self.asking
        targets = self._targets() if asking.targets or asking.repairs else None
        plan = replace(plan, targets=targets if asking.targets else None)
        if asking.repairs and not plan.enforceable:
            plan = replace(plan, repairs=self._repairs(plan, targets))
        if asking.draws and plan.order is not None:
            plan = replace(plan, in_draws=self._in_draws(plan, plan.order))
        if self.warnings or plan.in_draws is not None:
            seed = None if plan.in_draws is None else asking.seed
            warnings = (*plan.provenance.warnings, *self.warnings)
            plan = replace(plan, provenance=replace(plan.provenance, seed=seed, warnings=warnings))
        return plan

    # --- draws -------------------------------------------------------------------------------------------------------

    def _in_draws(self, plan: Plan, order: Order) -> InDraws | None:
        """How the order, and those that are best in some draws, fare in all draws; None where nothing is uncertain."""
        asking, problem = self.asking, plan.problem
        made = draws(self.case, asking.draws, asking.seed)
        if not made.inputs:
            return None
        orders = [order, *self._rivals(plan, order, made)]
        paths = [path_in_draws(made, self.states, problem, o.steps, o.side) for o in orders]
        judged = [judge(p) for p in paths]
        found = robustness(orders, judged, problem.parties, problem.margin)
        lattice = problem.lattice
        whole = duration(problem, lattice.origin, lattice.target)
        at_once = Step(lattice.origin, lattice.target, tuple(dict.fromkeys(lattice.owners)), atomic=True, periods=whole)
        last = path_in_draws(made, self.states, problem, (at_once,))
        share = judge(last).shares[:, -1]
        gains = last.flow[:, -1] - (1 - last.discount) * last.spent.sum(axis=1) - last.disagreement
        start = (gains >= -TIED * last.stake).all(axis=1) & (gains > TIED * last.stake).any(axis=1)
        both = start & (share >= problem.margin - TIED).all(axis=1)
        deadline = plan.tests.physical.deadline
        late = 0.0 if deadline is None else float((paths[0].periods.sum(axis=1) > deadline).mean())
        return InDraws(found, asking.seed, float(both.mean()), late)

    def _rivals(self, plan: Plan, order: Order, made: Draws) -> list[Order]:
        """Other orders, each the best one in some draw."""
        if plan.chosen == "written":
            return []
        found: list[Order] = []
        seen = {_cells(order)}
        until = time.monotonic() + min(RIVAL_SECONDS, self.asking.seconds)
        for n in range(min(MOST_RIVALS, made.count)):
            if time.monotonic() > until:
                break
            try:
                changed = self.case.change(made.change(n))
                problem = problem_of(changed, self.states, plan.target)
                rival = find_order(replace(problem, deadline=plan.problem.deadline), seconds=REPAIR_SECONDS)
            except DetenteError:
                continue
            if rival.steps and _cells(rival) not in seen:
                seen.add(_cells(rival))
                steps = tuple(replace(s, periods=duration(plan.problem, s.before, s.after)) for s in rival.steps)
                found.append(replace(rival, steps=steps))
        return found

    def _targets(self) -> Targets | None:
        key = self.case.digest()
        build = lambda: _or_limit(lambda: targets_of(self.case, self.states))  # noqa: E731
        return self.session.remember("targets", key, build)  # type: ignore[no-any-return]

    def _target(self) -> tuple[Levels, str]:
        """Level numbers of the target, and how it was chosen."""
        block = self.case.file.plan or PlanBlock()
        written = block.target
        if self.asking.target is not None:
            changed = self.case.change(Change((Edit(("plan", "target"), self.asking.target),)))
            written = (changed.file.plan or PlanBlock()).target
        if written is None:
            fix = "Write plan: target: with levels, a condition, a rule such as nash, or auto; or ask with --target."
            raise UsageError("a plan without a target", "where things should go", fix)
        find = finder(self.case, self.states)
        if not isinstance(written, Word):
            return find(written, "plan.target"), "target"
        meant = written.settled(self.case.file.options)
        if isinstance(meant, Clause):
            matching = self.states.mask(meant, "plan.target")
            if int(matching.sum()) == 1:
                return find(meant, "plan.target"), "condition"
            return self._choice(np.asarray(matching, bool), meant.text), "condition"
        if meant == "auto":
            return self._choice(np.ones(len(self.states), bool), "auto"), "auto"
        return self._picked(meant), meant

    def _picked(self, rule: str) -> Levels:
        """What a rule of ``settle`` picks."""
        from detente.inquiry.settling import Asking as Settling
        from detente.inquiry.settling import settled

        found = settled(self.session, self.case, (), Settling(rules=(rule,), draws=0))
        classes = found.points.get(rule, ())
        if not classes:
            raise UsageError(f"the target {rule}", "a target", "No deal is acceptable to all sides: name levels.")
        return tuple(int(x) for x in classes[0].deals[0].levels)

    def _choice(self, allowed: np.ndarray[Any, np.dtype[np.bool_]], text: str) -> Levels:
        """Of the states allowed, the first that passes both tests and has an order; else the best that has none."""
        if not allowed.any():
            raise UsageError(f"the target {shown(text)}", "a target that some feasible state matches")
        targets = self._targets()
        if targets is None:
            raise UsageError("a target to be chosen among so many states", "a target with all its levels")
        until = time.monotonic() + self.asking.seconds
        listed = targets.listed(allowed)
        for state in listed[:MOST_TRIED]:
            levels = targets.levels(state)
            problem = problem_of(self.case, self.states, levels)
            order = find_order(problem, seconds=max(1.0, until - time.monotonic()))
            if order.steps and check(problem, order.steps, order.side).holds:
                return levels
            if time.monotonic() > until:
                self.warnings.append("Not all targets could be tried in the time given.")
                break
        self.warnings.append("No target that passes both tests has an order that holds; told is the best without one.")
        for among in (targets.both, targets.starts, targets.reachable):
            ranked = targets.ranked(among & allowed)
            if ranked:
                return targets.levels(ranked[0])
        raise UsageError(f"the target {shown(text)}", "a target that can be reached from today")

    def _problem(self, target: Levels) -> Problem:
        return problem_of(self.case, self.states, target)

    def _affected(self, problem: Problem, target: Levels) -> dict[str, float]:
        """What the target changes for parties whose margins do not count."""
        from detente.mechanics.payoffs import payoffs_in

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

    # --- repairs -----------------------------------------------------------------------------------------------------

    def _repairs(self, plan: Plan, targets: Targets | None) -> tuple[Any, ...]:
        order = plan.order or Order((), None, proven=True, bound=-np.inf, method="")

        def rebuild(edits: Edits) -> Problem | None:
            try:
                case = self.case.change(Change(tuple(Edit(path, value) for path, value in edits)))
                states = self.session.states(case)
                goal = plan.target
                if any(path[:2] == ("plan", "target") for path, _ in edits) and case.file.plan is not None:
                    goal = finder(case, states)(case.file.plan.target, "plan.target")  # type: ignore[arg-type]
                return problem_of(case, states, goal)
            except DetenteError:
                return None

        def find(problem: Problem) -> Order:
            return find_order(problem, seconds=min(REPAIR_SECONDS, self.asking.seconds))

        return repairs(plan.problem, order, rebuild, find, self._facts(plan, targets))

    def _facts(self, plan: Plan, targets: Targets | None) -> Facts:
        """What repairs need to know of the case."""
        case, problem = self.case, plan.problem
        block = case.file.plan or PlanBlock()
        lags = {}
        for party in problem.parties:
            written = block.lag.get(party) if isinstance(block.lag, dict) else block.lag
            if isinstance(written, ConditionalAmount):
                lags[party] = float(case.mean(written.default))
        options = {
            o: Option(w.levels, w.irreversible, w.moves)
            for o, w in case.file.options.items()
            if o in problem.lattice.options
        }
        watched = {
            case.options[number]
            for caught in block.conceal.values()
            if isinstance(caught, ConditionalAmount)
            for clause, _ in caught.when
            for number in options_in(case.meaning(clause))
        }
        return Facts(lags, options, tuple(self._smaller(plan, targets)), tuple(sorted(watched)))

    def _smaller(self, plan: Plan, targets: Targets | None) -> Iterator[tuple[str, Edits]]:
        """Targets that pass both tests and ask for less, the best first."""
        if targets is None:
            return
        lattice = plan.problem.lattice
        reach = {n: set(row) for n, row in zip(lattice.positions, lattice.levels, strict=True)}
        for state in targets.listed():
            levels = targets.levels(state)
            less = all(v in reach.get(n, {lattice.start[n]}) for n, v in enumerate(levels))
            if less and levels != plan.target:
                named = plan.named(levels)
                yield "", ((("plan", "target"), named),)


def _steps(problem: Problem, written: WrittenPlan) -> tuple[Step, ...]:
    """The steps of a written order."""
    cells = written.cells(problem.lattice)
    out = []
    for step, before, after in zip(written.steps, cells[:-1], cells[1:], strict=True):
        movers = tuple(dict.fromkeys(m.party for m in step.moves))
        out.append(Step(before, after, movers, step.escrow, duration(problem, before, after)))
    return tuple(out)


def _cells(order: Order) -> tuple[tuple[Cell, bool], ...]:
    return tuple((s.after, s.atomic) for s in order.steps)


def _ways_out(case: Case, explainer: Explainer, checked: Checked, pause: int) -> tuple[WayOut, ...]:
    """The best way out of every party at a pause."""
    problem, out = explainer.problem, []
    steps = checked.steps
    cell = steps[pause - 1].after if pause else problem.lattice.origin
    for i, party in enumerate(problem.parties):
        kind, truth = checked.kinds[pause][i], checked.truths[pause][i]
        deviation = None
        if kind == "walk":
            deviation = explainer.at(cell, party)
            kind = deviation.kind
        elif kind == "withhold":
            deviation = explainer.at(held_back(problem.lattice, steps[pause - 1], party), party)
        margin = float(checked.margins[pause, i])
        told = {}
        for axis, position in truth or ():
            option = problem.lattice.options[axis]
            told[option] = case.file.options[option].levels[problem.lattice.levels[axis][position]]
        value = float(checked.values[pause, i]) - margin
        out.append(WayOut(party, kind, margin, float(checked.shares[pause, i]), value, deviation, told))
    return tuple(out)


def _threats(explainer: Explainer, ways: tuple[tuple[WayOut, ...], ...]) -> Iterator[tuple[int, Threat]]:
    """Who would have to answer each breach, and whether it would want to."""
    for pause, row in enumerate(ways):
        for way in row:
            if way.deviation is not None:
                for threat in explainer.threats(way.deviation):
                    yield pause, threat


def _or_limit(build: Callable[[], Targets]) -> Targets | None:
    try:
        return build()
    except LimitReached:
        return None
