"""What would make a plan hold: the levers that the case offers, tried through a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detente.base.errors import DetenteError, LimitReached
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.change import Change, Edit
from detente.case.fields import ConditionalAmount
from detente.case.meaning import options_in
from detente.inquiry.plan_edits import edited
from detente.mechanics.payoffs import finder
from detente.plan.build import problem_of
from detente.plan.first_tests import physical
from detente.plan.late import late_repairs
from detente.plan.mending import Edits, Facts, Option, Rebuild, Repair
from detente.plan.problem import Order, Problem
from detente.plan.repairs import another_order, kept, repairs
from detente.plan.result import Plan
from detente.plan.search import find_order
from detente.plan.targets import Targets

if TYPE_CHECKING:
    from detente.inquiry.session import Session

SEARCH_SECONDS = 2.0  # for one search among the repairs
CUT = (
    "Some searches for what would mend the plan ran out of time: less might do, other changes might help as well, and"
    " another run may name others."
)
UNSETTLED = "Whether another order of steps to this target holds could not be settled in the time given."


@dataclass(frozen=True)
class Mending:
    """What would make a plan hold.

    Attributes:
        repairs: changes with which it holds, cheapest first.
        note: what a search that ran out of time has left open; empty if none did.
    """

    repairs: tuple[Repair, ...]
    note: str


def mended(session: Session, plan: Plan, targets: Targets | None, seconds: float) -> Mending:
    """Changes with which a plan holds; those of a written order leave its steps where they are.

    Args:
        session: supplies the states of changed cases.
        plan: one that does not hold.
        targets: the tests of all states as targets, where known.
        seconds: most time for one search.
    """
    order = plan.order or Order((), None, proven=True, bound=-np.inf, method="")
    if plan.chosen == "written":
        return _written(session, plan, order, seconds)
    search = _Search(seconds)
    levers = late_repairs if plan.late else repairs
    found = levers(plan.problem, order, _rebuilder(session, plan), search.find, facts_of(plan, targets))
    return Mending(tuple(edited(plan, r) for r in found), CUT if search.cut else "")


def _written(session: Session, plan: Plan, order: Order, seconds: float) -> Mending:
    """Another order that holds as the case stands; what makes the written one hold; time enough, where that is all."""
    search = _Search(seconds)
    patient = replace(plan.problem, deadline=None)  # lateness is a fault by itself
    facts = replace(facts_of(plan, None), targets=())
    another = another_order(plan.problem, order, search.find)
    found = list(another)
    rules = {f.rule for f in plan.faults}
    if rules <= {"late"}:
        found += repairs(patient, order, _rebuilder(session, plan, timed=False), kept(order), facts)
    if rules == {"late"}:
        found += late_repairs(patient, order, lambda _: None, search.find, facts)
    return Mending(tuple(edited(plan, r) for r in found), UNSETTLED if search.cut and not another else "")


class _Search:
    """Looks for orders with little time for each, and remembers whether one search ran out of it."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.cut = min(SEARCH_SECONDS, seconds), False

    def find(self, problem: Problem) -> Order:
        """The best order found."""
        try:
            found = find_order(problem, seconds=self.seconds)
        except LimitReached:
            found = Order((), None, proven=False, bound=np.inf, method="")
        self.cut = self.cut or not found.proven
        return found


def _rebuilder(session: Session, plan: Plan, *, timed: bool = True) -> Rebuild:
    """Edits -> problem of the changed case; None where that is not possible, or has too little time."""

    def rebuild(edits: Edits) -> Problem | None:
        try:
            case = plan.case.change(Change(tuple(Edit(path, value) for path, value in edits)))
            states, goal = session.states(case), plan.target
            block = case.file.plan
            if block is not None and any(path == ("plan", "target") for path, _ in edits):
                if block.target is None or isinstance(block.target, Word):
                    return None
                goal = finder(case, states)(block.target, "plan.target")
            problem = problem_of(case, states, goal)
        except DetenteError:
            return None
        if not timed:
            return replace(problem, deadline=None)
        return None if physical(problem).fits is False else problem

    return rebuild


def facts_of(plan: Plan, targets: Targets | None) -> Facts:
    """What repairs need to know of the case."""
    case, problem = plan.case, plan.problem
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
    answer: Edits = ()
    if block.snapback is False:
        lag: Edits = () if len(lags) == len(problem.parties) else ((("plan", "lag"), 1),)
        answer = ((("plan", "snapback"), True), *lag)
    return Facts(lags, options, tuple(_smaller(plan, targets)), tuple(sorted(watched)), answer)


def _smaller(plan: Plan, targets: Targets | None) -> Iterator[tuple[str, Edits]]:
    """Targets that pass both tests and ask for less, the best first."""
    if targets is None:
        return
    lattice = plan.problem.lattice
    reach = {n: set(row) for n, row in zip(lattice.positions, lattice.levels, strict=True)}
    for state in targets.listed():
        levels = targets.levels(state)
        less = all(v in reach.get(n, {lattice.start[n]}) for n, v in enumerate(levels))
        if less and levels != plan.target:
            yield "", ((("plan", "target"), plan.named(levels)),)
