"""What time does to a commitment: the rows of the clock and of triggers, decided on a snapshot, then done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.consequences import begin_breach
from detente.agreement.disputes import by_default
from detente.agreement.nodes import Node
from detente.agreement.periods import Instant, Interval, Period, timeliness
from detente.agreement.terms import Deadline, On, Within

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


def decide(machine: Machine, node: Node) -> str | None:
    """The row of the clock or of triggers that moves a commitment now, or None."""
    now, life = machine.now, node.life
    if node.due is not None and not node.reached:
        _reach(machine, node)
    if life in at.TERMINAL:
        return None
    if machine.ending and node in machine.ending:
        return "17"
    if life == at.WAITING:
        return _waiting(machine, node)
    if life == at.INERT:
        return "1" if _begins(machine, node) else None
    return RUNNING[life](node, now) if life in RUNNING else None


def _due(node: Node, now: Instant) -> str | None:  # noqa: ARG001 - all are asked alike
    if node.keeps:
        return "K3" if node.reached and node.free else None
    if node.complete:
        return "early"
    return "5" if node.reached and node.free and not node.stopped else None


def _overdue(node: Node, now: Instant) -> str | None:
    end = node.cure_end(now)
    past = end is not None and now >= end and (node.reached or node.keeps)
    return "8" if past and node.free and not node.stopped else None


def _claimed(node: Node, now: Instant) -> str | None:
    verify = node.verify
    return "10" if verify is not None and node.free and now >= node.moved(verify, node.verify_mark, now) else None


def _disputed(node: Node, now: Instant) -> str | None:
    return "15" if node.contested_until is not None and now >= node.contested_until else None


RUNNING = {at.DUE: _due, at.OVERDUE: _overdue, at.CLAIMED: _claimed, at.DISPUTED: _disputed}


def _reach(machine: Machine, node: Node) -> None:
    """The deadline is reached on the first snapshot without hold at or after it; then it is fixed, and cure runs."""
    now, end = machine.now, node.deadline(machine.now)
    if end is None or now < end or not node.free:
        return
    node.due, node.reached = end, True
    machine.mark(node)
    if node.keeps:
        return
    cure = node.terms.cure
    node.cure_mark = node.held_by(now)
    node.cure = _end(machine, node, Interval(end - 1, end), cure) if cure else end
    schedule(machine, node)


def _begins(machine: Machine, node: Node) -> bool:
    terms = node.terms
    if terms.amendment is not None and terms.amendment not in machine.made:
        return False
    return machine.is_in_force or (terms.provisional and machine.all_signed)


def _waiting(machine: Machine, node: Node) -> str | None:
    now, trigger, group = machine.now, node.trigger, node.group
    if node.lapse is not None and node.free and now >= node.moved(node.lapse, node.lapse_mark, now):
        return "3"
    called = node.called or (group is not None and group.called)
    triggered = called or trigger.value or (group is not None and group.ever)
    if not triggered and not trigger.possible and not node.callable:
        return "3"
    if node.previous is not None and now < node.previous:
        return None
    return "2" if triggered and not node.holds else None


def perform(machine: Machine, node: Node, row: str) -> None:
    """Do what was decided."""
    if row == "2":
        activate(machine, node)
    elif row == "early":
        act_claim(machine, node, "4")
    elif row == "8":
        before = node.life
        begin_breach(machine, node, before, "clock")
        machine.move(node, at.BREACHED, "8", "clock")
    elif row == "15":
        by_default(machine, node)
    elif row == "K3":
        machine.move(node, at.REMEDIED if node.in_breach else at.FULFILLED, "K3", "clock")
    elif row == "1":
        machine.move(node, at.WAITING, "1", "clock")
        fix_lapse(machine, node)
    else:
        after = {"3": at.LAPSED, "5": at.OVERDUE, "10": at.UNVERIFIED, "17": at.TERMINATED}[row]
        machine.move(node, after, row, "clock")


def activate(machine: Machine, node: Node) -> None:
    """Row 2: the deadline is fixed."""
    node.activated = machine.now
    machine.move(node, at.DUE, "2", "clock")
    fix_deadline(machine, node)
    if node.keeps:
        for number in range(len(node.terms.verification)):
            Inspection(node, number).next(machine)


def fix_deadline(machine: Machine, node: Node) -> None:
    """The deadline, if what it counts from has happened."""
    node.due_mark = node.held_by(machine.now)
    due = node.occurrence
    node.due = due if due is not None else _fixed(machine, node, node.terms.deadline, node.activated)
    schedule(machine, node)


def fix_lapse(machine: Machine, node: Node) -> None:
    """The lapse time, if what it counts from has happened."""
    node.lapse_mark = node.held_by(machine.now)
    node.lapse = _fixed(machine, node, node.terms.lapse, machine.now)
    schedule(machine, node)


def _fixed(machine: Machine, node: Node, limit: Deadline | None, start: Instant | None) -> Instant | None:
    """When a time ends, counted from its anchor or else from a start; None if it is none, or has not begun."""
    if isinstance(limit, On):
        return machine.calendar.deadline(limit.moment)
    if not isinstance(limit, Within):
        return None
    begin = start if limit.anchor is None else machine.truth.watch(limit.anchor).first
    return None if begin is None else _end(machine, node, begin, limit.period)


def _end(machine: Machine, node: Node, start: Interval | Instant, period: Period) -> Instant | None:
    """End of a period; None, and listed as irregular, if its day does not exist."""
    if not period:
        return start if isinstance(start, int) else start.end
    try:
        return machine.calendar.after(start, period)
    except CalendarError as error:
        machine.no_day(node.id, error)
        return None


def act_claim(machine: Machine, node: Node, row: str) -> None:
    """A claim by all who have to: rows 4, 7, 12, 13."""
    now, claims, cause = machine.now, list(node.claims.values()), node.claim_seq
    if node.mode == "any":
        interval = claims[0]
    else:
        interval = claims[0] if len(claims) == 1 else Interval(max(c.start for c in claims), max(c.end for c in claims))
    node.interval = interval
    node.late = True if row in ("7", "13") else _not(timeliness(interval, node.deadline(now)))
    node.verified.clear()
    machine.found(node, "claimed", node.claimer)
    if node.terms.claim_ok:
        machine.move(node, at.REMEDIED if node.in_breach else at.FULFILLED, row, cause)
        return
    node.verify, node.verify_mark = _verification_end(machine, node, interval), node.held_by(now)
    machine.move(node, at.CLAIMED, row, cause)


def _not(timely: bool | None) -> bool | None:  # noqa: FBT001 - three-valued
    return None if timely is None else not timely


def _verification_end(machine: Machine, node: Node, interval: Interval) -> Instant | None:
    """End of the longest window of its verifications."""
    ends = []
    for way in node.terms.verification:
        window = way.window if way.window is not None else way.lag[1] if way.lag is not None else None
        if window is not None:
            end = _end(machine, node, interval, window)
            if end is not None:
                ends.append(end)
    return max(ends, default=None)


def refuted(machine: Machine, node: Node, by: tuple[str, ...], cause: int | str) -> None:
    """Row 11."""
    now = machine.now
    deadline = node.deadline(now)
    passed = node.reached or (deadline is not None and now >= deadline and node.free)
    late = node.late is not False
    end_claim(node)
    notice = machine.terms.notice
    if notice:
        node.notice, node.notice_mark = _end(machine, node, now, notice), node.held_by(now)
    machine.found(node, "refuted", by)
    after = at.BREACHED if node.in_breach else at.OVERDUE if passed or late else at.DUE
    machine.move(node, after, "11", cause)


def end_claim(node: Node) -> None:
    """A claim has failed: all must claim again, and an indeterminate one counts as late."""
    node.claims.clear()
    node.verified.clear()
    if node.late is None:
        node.late = True


def schedule(machine: Machine, node: Node) -> None:
    """Put the next instant at which time can move a commitment on the agenda."""
    now, life = machine.now, node.life
    ends: list[Instant] = []
    if node.free:
        if node.due is not None and not node.reached:
            ends.append(node.due + node.held - node.due_mark if not node.runs else node.due)
        if life == at.OVERDUE and node.cure is not None:
            for end, mark in ((node.cure, node.cure_mark), (node.notice, node.notice_mark)):
                if end is not None:
                    ends.append(node.moved(end, mark, now))
        elif life == at.CLAIMED and node.verify is not None:
            ends.append(node.moved(node.verify, node.verify_mark, now))
        elif life == at.WAITING and node.lapse is not None:
            ends.append(node.moved(node.lapse, node.lapse_mark, now))
    if life == at.DISPUTED and node.contested_until is not None:
        ends.append(node.contested_until)
    for end in ends:
        if end > now:
            if node.wakes != end:
                machine.at(end, node)
                node.wakes = end
        else:
            machine.touched.add(node)


class Inspection:
    """The inspection dates of one way of verification: activation + k times ``every``."""

    def __init__(self, node: Node, number: int) -> None:
        self.node, self.number, self.k = node, number, 0
        self.last = node.activated

    def next(self, machine: Machine) -> None:
        """Put the next one on the agenda."""
        every = self.node.terms.verification[self.number].every
        if not every or self.node.activated is None:
            return
        self.k += 1
        k = self.k
        period = Period(every.years * k, every.months * k, every.days * k, every.hours * k)
        try:
            machine.at(machine.calendar.after(self.node.activated, period), self)
        except CalendarError as error:
            machine.no_day(self.node.id, error)

    def wake(self, machine: Machine) -> None:
        """It is decided with the clocks of the instant."""
        machine.inspections.append(self)

    def look(self, machine: Machine) -> None:
        """Without a finding since the last one, there is no conclusion."""
        node = self.node
        if node.life in at.TERMINAL:
            return
        if node.life in (at.DUE, at.OVERDUE):
            found = node.last_found
            if self.last is not None and (found is None or found <= self.last):
                machine.found(node, "no-conclusion", ())
        self.last = machine.now
        self.next(machine)
