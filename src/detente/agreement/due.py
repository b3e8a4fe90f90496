"""What comes next: what is due, for whom, until when; the last useful day of each power; what waits for what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.periods import Instant, Period
from detente.agreement.standing import Standing
from detente.agreement.terms import NOTHING, On, Within
from detente.agreement.words import missing, name

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


@dataclass(frozen=True, slots=True)
class Coming:
    """An end that comes.

    Attributes:
        what: deadline, end of what is kept, cure, verification, dispute.
        who: whose turn it is.
        until: the first instant at which it is too late; None: no limit.
        last_day: the last day in time, in the agreement's zone.
    """

    commitment: str
    what: str
    who: tuple[str, ...]
    until: Instant | None
    last_day: dt.date | None


@dataclass(frozen=True, slots=True)
class LastUse:
    """The last day on which a power can be used with effect.

    Attributes:
        power: its id, or ``commitment/number`` for a consequence that a party may invoke.
        expires: when it is gone (of a consequence: the sunset), or None.
        last_day: the expiry less notice and time to object; None: no limit is known.
        waits: what its condition still needs, in plain words; none: it is met (of a consequence: a breach stands).
        used: whether it could be used once only, and was.
    """

    power: str
    holder: str
    may: str
    targets: tuple[str, ...]
    expires: Instant | None
    last_day: dt.date | None
    waits: tuple[str, ...] = ()
    used: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next, as seen at an instant.

    Attributes:
        coming: the ends that run, earliest first, those without a limit last.
        powers: the last useful day of each.
        waiting: (commitment, what it waits for).
    """

    coming: tuple[Coming, ...]
    powers: tuple[LastUse, ...]
    waiting: tuple[tuple[str, tuple[str, ...]], ...]


def due_next(machine: Machine, standings: tuple[Standing, ...], instant: Instant) -> Due:
    """What comes next.

    Args:
        machine: the finished run.
        standings: how all stands at the instant.
        instant: as seen when.
    """
    coming: list[Coming] = []
    for standing in standings:
        told = _coming(machine, standing)
        if told is not None:
            coming.append(told)
    coming.sort(key=lambda c: (c.until is None, c.until or 0, c.commitment))
    waiting = tuple((s.id, s.waiting_for) for s in standings if s.life == at.WAITING)
    return Due(tuple(coming), (*_powers(machine, instant), *_invocations(machine, standings, instant)), waiting)


def _coming(machine: Machine, standing: Standing) -> Coming | None:
    node = machine.nodes[standing.id]
    life = standing.life
    what, who, until = "", node.obligors, standing.deadline
    if life == at.DUE:
        what = "end of what is kept" if node.keeps else "deadline"
    elif life == at.OVERDUE:
        what, until = "cure", standing.cure_end
    elif life == at.CLAIMED:
        what, who, until = "verification", tuple(sorted(node.verifiers)), standing.verify_end
    elif life == at.DISPUTED:
        dispute = machine.terms.dispute
        body = dispute.body if dispute is not None else None
        what, who, until = "dispute", (body,) if body else (), standing.dispute_end
    else:
        return None
    return Coming(standing.id, what, who, until, _last_day(machine, until))


def _last_day(machine: Machine, until: Instant | None) -> dt.date | None:
    return None if until is None else machine.calendar.day(until - 1)


def _powers(machine: Machine, instant: Instant) -> list[LastUse]:
    found = []
    for holder in machine.holders:
        power = holder.power
        started = holder.anchor is None or (holder.anchor.first is not None and holder.anchor.first <= instant)
        expires = holder.expiry(machine) if started else None
        waits = tuple(missing(machine, holder.when, instant))
        used = power.once and holder.used is not None
        last = _last_day(machine, expires)
        found.append(LastUse(power.id, power.holder, power.may, power.targets, expires, last, waits, used))
    return found


def _invocations(machine: Machine, standings: tuple[Standing, ...], instant: Instant) -> list[LastUse]:
    """Consequences that a party may invoke: notice and time to object must be over before the sunset."""
    sunset = _sunset(machine, instant)
    broken = {s.of for s in standings if s.life == at.BREACHED}
    found = []
    for commitment in machine.terms.commitments:
        for number, what in enumerate(commitment.on_breach, 1):
            if what.power_of is not None:
                window = what.objection.window if what.objection is not None else NOTHING
                last = None if sunset is None else last_useful(machine, sunset, what.notice, window)
                waits = () if commitment.id in broken else (f"a breach of ‘{name(machine, commitment.id)}’",)
                power = f"{commitment.id}/{number}"
                found.append(LastUse(power, what.power_of, what.effect, what.targets, sunset, last, waits))
    return found


def _sunset(machine: Machine, instant: Instant) -> Instant | None:
    sunset = machine.terms.sunset
    if isinstance(sunset, On):
        return machine.calendar.deadline(sunset.moment)
    anchor = machine.sunset_anchor
    if isinstance(sunset, Within) and anchor is not None and anchor.first is not None and anchor.first <= instant:
        try:
            return machine.calendar.after(anchor.first, sunset.period)
        except CalendarError:
            return None
    return None


def last_useful(machine: Machine, limit: Instant, notice: Period, window: Period) -> dt.date | None:
    """The last day from whose last instant notice and window are over before a limit.

    Args:
        machine: the run, for its calendar.
        limit: the first instant that is too late.
        notice, window: what follows the notification, one after the other.
    """
    calendar = machine.calendar
    least = sum(p.years * 365 + p.months * 28 + p.days for p in (notice, window))
    most = sum(p.years * 366 + p.months * 31 + p.days + p.hours // 24 + 1 for p in (notice, window)) + 30
    try:
        first = calendar.day(limit - 1) - dt.timedelta(days=least)
    except (CalendarError, OverflowError):
        return None
    for back in range(most - least + 1):
        day = first - dt.timedelta(days=back)
        try:
            end = calendar.deadline(day) - 1
            if notice:
                end = calendar.after(end, notice)
            if window:
                end = calendar.after(end, window)
        except CalendarError:
            continue
        if end < limit:
            return day
    return None
