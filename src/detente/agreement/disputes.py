"""Contest, decision, and what silence means: rows 14 and 15."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.consequences import begin_breach, fall
from detente.agreement.nodes import Node
from detente.agreement.periods import Instant, Period
from detente.agreement.records import Record

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


def contest(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 14."""
    dispute = machine.terms.dispute
    who = frozenset(p for p in record.by if p in node.obligors or p in node.obligees)
    if dispute is None:
        return "the agreement has no way to settle disputes"
    if not who:
        return "it is by neither an obligor nor an obligee"
    if node.life not in (at.CLAIMED, at.BREACHED, at.FULFILLED):
        return f"what is {node.life} cannot be contested"
    assert node.since is not None  # noqa: S101 - it has moved
    end = _end(machine, node, node.since, dispute.window)
    if end is None or machine.now >= end:
        return "the time to contest is over"
    node.contested_from, node.contested_by, node.saved_finding = node.life, who, node.finding
    node.contested_until = _end(machine, node, machine.now, dispute.window)
    machine.found(node, "contested", tuple(sorted(who)))
    machine.move(node, at.DISPUTED, "14", record.seq)
    return None


def withdraw_contest(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 15, as before."""
    if node.life != at.DISPUTED:
        return f"it is {node.life}, not disputed"
    if not node.contested_by <= set(record.by):
        return "it is not by whoever contested"
    as_before(machine, node, record.seq)
    return None


def uphold(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 15: it is a breach."""
    reason = _not_decided(machine, node, record)
    if reason is None:
        upheld(machine, node, _body(machine), record.seq)
    return reason


def overturn(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 15: it is none."""
    reason = _not_decided(machine, node, record)
    if reason is None:
        overturned(machine, node, record.seq)
    return reason


def _not_decided(machine: Machine, node: Node, record: Record) -> str | None:
    if not by_body(machine, record):
        return "it is not by the body that decides disputes"
    return None if node.life == at.DISPUTED else f"it is {node.life}, not disputed"


def by_body(machine: Machine, record: Record) -> bool:
    """Whether it is by the dispute body."""
    dispute = machine.terms.dispute
    return dispute is not None and dispute.body is not None and dispute.body in record.by


def _body(machine: Machine) -> tuple[str, ...]:
    dispute = machine.terms.dispute
    return (dispute.body,) if dispute is not None and dispute.body is not None else ()


def by_default(machine: Machine, node: Node) -> None:
    """Row 15: the time to decide is over."""
    dispute = machine.terms.dispute
    if dispute is None or dispute.default == "previous":
        as_before(machine, node, "clock")
    elif dispute.default == "breached":
        upheld(machine, node, (), "clock")
    else:
        fall(machine, node)
        _find_again(machine, node)
        machine.move(node, at.FULFILLED, "15", "clock")


def as_before(machine: Machine, node: Node, cause: int | str) -> None:
    """Back to what it was when it was contested."""
    _find_again(machine, node)
    machine.move(node, node.contested_from, "15", cause)


def upheld(machine: Machine, node: Node, by: tuple[str, ...], cause: int | str) -> None:
    """The breach stands, or there is one now; a claim ends."""
    node.claims.clear()
    node.verified.clear()
    if node.late is None:
        node.late = True
    machine.found(node, "refuted", by)
    if not node.in_breach:
        begin_breach(machine, node, node.contested_from, cause)
    machine.move(node, at.BREACHED, "15", cause)


def overturned(machine: Machine, node: Node, cause: int | str) -> None:
    """The breach falls, if there is one."""
    life = node.breach.before if node.contested_from == at.BREACHED and node.breach is not None else at.FULFILLED
    if life not in (at.DUE, at.OVERDUE):
        life = at.FULFILLED
    fall(machine, node)
    _find_again(machine, node)
    if life != at.FULFILLED:
        node.stopped = True
    machine.move(node, life, "15", cause)


def _find_again(machine: Machine, node: Node) -> None:
    """The finding before the dispute."""
    node.found.append((machine.now, node.saved_finding))
    machine.mark(node)


def _end(machine: Machine, node: Node, start: Instant, window: Period) -> Instant | None:
    try:
        return machine.calendar.after(start, window)
    except CalendarError as error:
        machine.no_day(node.id, error)
        return None
