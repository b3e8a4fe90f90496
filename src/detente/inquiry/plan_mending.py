"""What would make a plan hold: the levers that the case offers, tried through a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from detente.base.errors import DetenteError, LimitReached
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.change import Change, Edit
from detente.case.fields import ConditionalAmount
from detente.case.meaning import options_in
from detente.mechanics.payoffs import finder
from detente.plan.build import problem_of
from detente.plan.first_tests import physical
from detente.plan.late import late_repairs
from detente.plan.mending import Edits, Facts, Option, Repair
from detente.plan.problem import Order, Problem
from detente.plan.repairs import repairs
from detente.plan.result import Plan
from detente.plan.search import find_order
from detente.plan.targets import Targets

if TYPE_CHECKING:
    from detente.inquiry.session import Session

SEARCH_SECONDS = 2.0  # for one search among the repairs


def mended(session: Session, plan: Plan, targets: Targets | None, seconds: float) -> tuple[Repair, ...]:
    """Changes with which a plan holds, cheapest first.

    Args:
        session: supplies the states of changed cases.
        plan: one that does not hold.
        targets: the tests of all states as targets, where known.
        seconds: most time for one search.
    """
    order = plan.order or Order((), None, proven=True, bound=-np.inf, method="")

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
        return None if physical(problem).fits is False else problem

    def find(problem: Problem) -> Order:
        try:
            return find_order(problem, seconds=min(SEARCH_SECONDS, seconds))
        except LimitReached:
            return Order((), None, proven=False, bound=np.inf, method="")

    facts = facts_of(plan, targets)
    return (late_repairs if plan.late else repairs)(plan.problem, order, rebuild, find, facts)


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
    return Facts(lags, options, tuple(_smaller(plan, targets)), tuple(sorted(watched)))


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
