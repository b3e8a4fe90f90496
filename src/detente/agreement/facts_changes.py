"""Extensions, excuses, holds, waivers, terminations: what changes the terms of one commitment."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from detente.agreement import table as at
from detente.agreement.agenda import Unhold
from detente.agreement.calendar import CalendarError
from detente.agreement.clocks import schedule
from detente.agreement.disputes import by_body
from detente.agreement.effective import EARLIEST, LATEST
from detente.agreement.nodes import Hold, Node
from detente.agreement.periods import Instant, Interval, Period
from detente.agreement.powers import Holder, power_for
from detente.agreement.records import Record
from detente.agreement.time_text import TimeError, parse_moment, parse_period

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

ISO_PERIOD = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(\d{1,7})H)?", re.ASCII
)  # fmt: skip


def end_of(machine: Machine, value: Any) -> Instant | None:
    """The end of a date, or an instant; None if it is neither."""
    if isinstance(value, str):
        try:
            value = parse_moment(value)
        except TimeError:
            return None
    if isinstance(value, dt.date):
        return machine.calendar.deadline(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and EARLIEST <= value <= LATEST else None


def period_of(value: Any) -> Period | None:
    """A period as in ISO 8601, or in words; None if it is none."""
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        return None
    found = ISO_PERIOD.fullmatch(value)
    if found and any(found.groups()):
        years, months, weeks, days, hours = (int(g or 0) for g in found.groups())
        return Period(years, months, 7 * weeks + days, hours)
    try:
        return parse_period(value)
    except TimeError:
        return None


def _agreed(machine: Machine, may: str, node: Node, record: Record) -> tuple[bool, Holder | None]:
    """Whether all parties or a power stand behind it, and the power to use up."""
    if machine.parties <= set(record.by):
        return True, None
    holder = power_for(machine, may, node, record)
    return holder is not None, holder


def extend(machine: Machine, node: Node, record: Record) -> str | None:
    """A later deadline, fixed anew."""
    allowed, holder = _agreed(machine, "extend", node, record)
    if not allowed:
        return "it is neither by all parties nor by a holder of a power to extend it"
    now = machine.now
    deadline = node.deadline(now)
    if node.activated is None or deadline is None or node.life in at.TERMINAL:
        return "it has no deadline that could be extended"
    body = record.body
    if "until" in body:
        end = end_of(machine, body["until"])
        if end is None:
            return "until is neither a date nor an instant"
    else:
        period = period_of(body.get("period"))
        if period is None:
            return "it names neither until nor a period"
        try:
            end = machine.calendar.after(Interval(deadline - 1, deadline), period)
        except CalendarError as error:
            return str(error)
    if holder is not None:
        holder.used = record.seq
    node.due, node.due_mark, node.reached, node.stopped = end, node.held_by(now), False, False
    if not node.keeps:
        node.cure = None
    machine.touched.add(node)
    machine.mark(node)
    schedule(machine, node)
    return None


def excuse(machine: Machine, node: Node, record: Record) -> str | None:
    """A claimed hold; if it is accepted in the ledger, a hold from its start."""
    if not any(p in node.obligors for p in record.by):
        return "it is not by an obligor"
    if node.life in at.TERMINAL:
        return f"it is {node.life}"
    until = None
    if record.body.get("until") is not None:
        until = end_of(machine, record.body["until"])
        if until is None:
            return "until is neither a date nor an instant"
    accepted = _accepted(machine, node, record.seq)
    if accepted is None:
        node.excuses.append((machine.now, until))
        return None
    end = accepted if until is None else until
    if end > machine.now:
        hold = ("excuse", str(record.seq))
        machine.hold(node, hold, frozenset())
        machine.at(end, Unhold(node, hold))
    return None


def _accepted(machine: Machine, node: Node, seq: int) -> Instant | None:
    """When an excuse was accepted, as the whole ledger says."""
    said = machine.acceptances.get(seq)
    if said is None:
        return None
    ends: list[Instant] = []
    answers = [said.answers.get(p) for p in node.obligees]
    yes = [start for yes, start in (a for a in answers if a is not None) if yes]
    if node.obligees and len(yes) == len(node.obligees):
        ends.append(max(yes))
    if said.upheld is not None:
        ends.append(said.upheld)
    return min(ends, default=None)


def suspend(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 19: a hold."""
    if node.life in at.TERMINAL:
        return f"it is {node.life}"
    holder = None
    if machine.parties <= set(record.by):
        setters = machine.parties
    elif by_body(machine, record):
        assert machine.terms.dispute is not None  # noqa: S101 - asked before
        setters = frozenset({str(machine.terms.dispute.body)})
    else:
        holder = power_for(machine, "suspend", node, record)
        if holder is None:
            return "it is by neither all parties, the body that decides disputes nor a holder of a power to suspend it"
        setters = frozenset({holder.power.holder})
    hold = _hold(record)
    if holder is not None:
        holder.used = record.seq
    machine.hold(node, hold, setters)
    return None


def _hold(record: Record) -> Hold:
    body = record.body
    source = body.get("source")
    return str(body.get("reason") or "suspended"), str(source) if source else ", ".join(sorted(record.by))


def resume(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 19: a hold is taken off."""
    reason, source = _hold(record)
    everybody = machine.parties <= set(record.by)
    hold: Hold | None = (reason, source)
    if everybody and not record.body.get("source"):
        hold = min((h for h in node.holds if h[0] == reason), default=None)
    if hold is None or hold not in node.holds:
        return "there is no such hold"
    setters = node.holds[hold]
    if not everybody and not (setters and setters <= set(record.by)):
        return "it is neither by all parties nor by whoever suspended"
    machine.release(node, hold)
    return None


def waive(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 16, once all obligees have waived or by a power."""
    if node.life in at.TERMINAL:
        return f"it is {node.life}"
    who = [p for p in record.by if p in node.obligees]
    if who:
        node.waived.update(who)
        if node.waived >= set(node.obligees):
            machine.move(node, at.WAIVED, "16", record.seq)
            return None
    holder = power_for(machine, "waive", node, record)
    if holder is not None:
        holder.used = record.seq
        machine.move(node, at.WAIVED, "16", record.seq)
        return None
    return None if who else "it is by neither an obligee nor a holder of a power to waive it"


def terminate(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 17."""
    if node.life in at.TERMINAL:
        return f"it is {node.life}"
    if node.terms.survives:
        return "it survives every end"
    allowed, holder = _agreed(machine, "terminate", node, record)
    if not allowed:
        return "it is neither by all parties nor by a holder of a power to terminate it"
    if holder is not None:
        holder.used = record.seq
    machine.move(node, at.TERMINATED, "17", record.seq)
    return None
