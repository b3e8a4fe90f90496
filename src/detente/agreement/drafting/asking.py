"""Which plan a draft is made from: the case's own if it holds, else the best that does, or what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detente.agreement.drafting.draft import Matter, draft, matter_of_plan, matter_of_target
from detente.agreement.drafting.result import Draft
from detente.base.errors import CaseError, LimitReached, UsageError
from detente.base.wording import listed, sentence
from detente.case.blocks.plan import Word
from detente.case.model import Case
from detente.inquiry.plan_target import asked_target
from detente.inquiry.session import Session
from detente.mechanics.payoffs import finder
from detente.plan.build import parties_of, start_of
from detente.plan.result import Plan
from detente.plan.wording import failing_tests, fault_text, target_text

FEWER = 5.0  # seconds for a search whose answer is at most told to fail
NOT_ASKED = (UsageError, CaseError, LimitReached)


@dataclass(frozen=True)
class Asking:
    """What ``draft`` can be asked with.

    Attributes:
        target: in place of the case's, as for ``plan``; drafted even if no order to it holds.
        written: a text with an order of steps.
        file: its name, for messages.
        link: how the file names its case; None: its options are written out.
        shared: whether what is private is left out.
        seconds: most time for one search.
    """

    target: str | None = None
    written: str | None = None
    file: str | None = None
    link: str | None = None
    shared: bool = False
    seconds: float = 60.0


class NothingHoldsError(UsageError):
    """No plan is there to draft from: neither the case's target nor any other has an order that holds."""


def drafted(session: Session, how: Mapping[str, Any], asking: Asking) -> Draft:
    """The draft of an agreement on a case.

    Args:
        session: the case.
        how: view, types and changes.
        asking: with what.

    Raises:
        NothingHoldsError: no plan enforces itself, and no target was named.
        UsageError, CaseError, LimitReached: see ``plan``.
    """
    if asking.shared:
        return _for_all(session, how, asking)
    if asking.written is not None:
        plan = _ask(session, how, asking, written=asking.written, file=asking.file)
        return draft_from(plan, None, link=asking.link)
    if asking.target is not None:
        return _named(session, how, asking)
    plan = _ask(session, how, asking, hopeless=False)
    instead = None if plan.enforceable else _instead(session, how, asking)
    if not plan.enforceable and instead is None:
        found = f"a case for which no plan enforces itself ({listed(reasons(plan))})"
        raise NothingHoldsError(
            found, "a plan that does", "Name a target with --target to have it drafted all the same."
        )
    return draft_from(plan, instead, link=asking.link)


def draft_from(plan: Plan, instead: Plan | None, *, link: str | None) -> Draft:
    """The draft from a plan, or from another where its target cannot be held.

    Args:
        plan: of the target asked about, or of a written order.
        instead: of the best target that can; None: the plan itself is drafted.
        link: how the file names its case.
    """
    if instead is not None:
        warning = (
            f"What the case asks for ({target_text(plan)}) cannot be reached in steps that nobody gains by abandoning:"
            f" {listed(reasons(plan))}. This draft is of the best that can"
        )
        return draft(matter_of_plan(instead, warning), instead.provenance, link=link)
    warning = "" if plan.enforceable else f"This plan does not enforce itself: {listed(reasons(plan))}"
    return draft(matter_of_plan(plan, warning), plan.provenance, link=link)


def reasons(plan: Plan) -> list[str]:
    """Why a plan does not hold, in clauses."""
    out = failing_tests(plan)
    out += [fault_text(plan, fault).rstrip(".") for fault in plan.faults]
    if not out and plan.checked is not None and not plan.checked.holds:
        out.append("on the way somebody gains by stopping")
    if not out:
        out.append("no order of steps to it holds" if plan.starts else "nobody gains by it")
    return out


def _ask(session: Session, how: Mapping[str, Any], asking: Asking, **asked: Any) -> Plan:
    given = {"draws": 0, "repairs": False, "targets": False, "seconds": asking.seconds, **asked}
    found: Plan = session.ask("plan", **how, **given)
    return found


def _instead(session: Session, how: Mapping[str, Any], asking: Asking) -> Plan | None:
    """The best target that passes the tests and has an order that holds; None where there is none."""
    try:
        found = _ask(session, how, asking, target="auto")
    except NOT_ASKED:
        return None
    return found if found.enforceable else None


def _named(session: Session, how: Mapping[str, Any], asking: Asking) -> Draft:
    """The draft of a target asked for by name, in order if an order to it holds."""
    try:
        plan = _ask(session, how, asking, target=asking.target, hopeless=False)
    except NOT_ASKED as error:
        return _of_levels(session, how, asking, error)
    if plan.enforceable:
        return draft_from(plan, None, link=asking.link)
    return _unordered(plan, f"no order of steps to this target enforces itself: {listed(reasons(plan))}", asking)


def _unordered(plan: Plan, order: str, asking: Asking) -> Draft:
    """The draft of a plan's target alone."""
    start, target = plan.named(plan.problem.lattice.start), plan.named(plan.target)
    matter = matter_of_target(plan.case, plan.problem.parties, start, target, order, sentence(order)[:-1])
    return draft(matter, plan.provenance, link=asking.link, shared=asking.shared)


def _for_all(session: Session, how: Mapping[str, Any], asking: Asking) -> Draft:
    """The draft of an order of work to what is asked for, whatever leaving it is worth to anybody."""
    asked: dict[str, Any] = {} if asking.target is None else {"target": asking.target}
    if asking.written is not None:
        asked = {"written": asking.written, "file": asking.file}
    try:
        plan = _ask(session, how, asking, **asked)
    except NOT_ASKED as error:
        if asking.target is None:
            raise
        return _of_levels(session, how, asking, error)
    if plan.order is None:
        return _unordered(plan, "no order of steps to this target was found", asking)
    return draft(matter_of_plan(plan), plan.provenance, link=asking.link, shared=True)


def _of_levels(session: Session, how: Mapping[str, Any], asking: Asking, error: Exception) -> Draft:
    """The draft of a target for which no plan can be asked."""
    case = session.case(**how)
    matter = _bare(session, case, asking, error)
    provenance = session.provenance(case, ("options", "status_quo", "plan"), target=asking.target)
    return draft(matter, provenance, link=asking.link, shared=asking.shared)


def _bare(session: Session, case: Case, asking: Asking, error: Exception) -> Matter:
    """A target for which no plan can be asked: the levels that it names.

    Raises:
        UsageError, CaseError, LimitReached: what stood in the way of the plan, where the target is no one state.
    """
    written = asked_target(case, str(asking.target))
    states = session.states(case)
    if isinstance(written, Word):
        meant = written.settled(case.file.options)
        if isinstance(meant, str):
            raise error
        levels = finder(case, states)(meant, "--target")
    elif written is None:
        raise error
    else:
        levels = finder(case, states)(written, "--target")
    rows = list(case.file.options.items())
    target = {o: w.levels[int(n)] for (o, w), n in zip(rows, levels, strict=True)}
    start = {o: w.levels[int(n)] for (o, w), n in zip(rows, start_of(states), strict=True)}
    problem = error.problems()[0] if isinstance(error, NOT_ASKED) else None
    why = "what a plan needs is not in the case" + (f" ({problem.found})" if problem is not None else "")
    owners = tuple(w.party for o, w in rows if target[o] != start[o])
    return matter_of_target(
        case, parties_of(case, owners), start, target, why, f"There is no plan to this target, as {why}"
    )
