"""Ends (S1, S2): powers and consequences that come too late, agreements that never end or end before the work is done.

A time is a bound: an instant where the file has a date, or a time after entry into force. Bounds of the two kinds are
compared only where the formula for entry into force has a date; where a period has several lengths, a finding is made
only if it holds for all of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from detente.agreement import formulas as f
from detente.agreement.calendar import DAY, Calendar, CalendarError
from detente.agreement.fields import WHOLE
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.overlap import length
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import named, quoted
from detente.agreement.periods import Instant, Interval, Period
from detente.agreement.terms import (
    ALWAYS,
    NOTHING,
    Commitment,
    Consequence,
    Deadline,
    NoDeadline,
    On,
    Power,
    Terms,
    Within,
)

KEEPS = ("maintain", "refrain")
STOPS = ("suspend", "terminate", "reverse", "activate")


@dataclass(frozen=True)
class Bound:
    """A time: an instant, or months and seconds after entry into force."""

    instant: Instant | None = None
    months: int = 0
    seconds: int = 0

    def more(self, period: Period) -> Bound:
        """The same time after entry into force, and a period."""
        months = self.months + period.years * 12 + period.months
        return Bound(None, months, self.seconds + period.days * DAY + period.hours * 3600)


class _Times:
    """Ends of deadlines and chains of periods under one reading."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.calendar = Calendar(terms.calendar)

    def bound(self, deadline: Deadline | None, trigger: f.Formula = ALWAYS) -> Bound | None:
        """When a deadline ends, or None where it cannot be told."""
        if isinstance(deadline, On):
            return Bound(self.calendar.deadline(deadline.moment))
        if isinstance(deadline, Within):
            begins = deadline.anchor if deadline.anchor is not None else trigger
            if isinstance(begins, f.InForce | f.Always):
                return Bound().more(deadline.period)
        return None

    def later(self, bound: Bound, *periods: Period) -> Bound:
        """A bound after some periods, one after the other."""
        if bound.instant is None:
            for period in periods:
                bound = bound.more(period)
            return bound
        instant = bound.instant
        for period in periods:
            if period:
                instant = self.calendar.after(Interval(instant - 1, instant), period)
        return Bound(instant)

    def after(self, one: Bound, other: Bound) -> bool:
        """Whether one is certainly later than the other."""
        if one.instant is not None and other.instant is not None:
            return one.instant > other.instant
        if one.instant is not None or other.instant is not None:
            return False
        months = one.months - other.months
        return months * (28 if months > 0 else 31) * DAY + one.seconds - other.seconds > 0

    def no_sooner(self, one: Bound, other: Bound) -> bool:
        """Whether one is certainly at or after the other."""
        return one == other or self.after(one, other)

    def latest(self, bounds: list[Bound]) -> Bound:
        """The last of times of one kind; where the length of months leaves open which, one of them."""
        found = bounds[0]
        for bound in bounds[1:]:
            found = bound if self.after(bound, found) else found
        return found

    def first(self, bounds: list[Bound]) -> Bound | None:
        """The one than which no other is sooner, or None."""
        return next((b for b in bounds if all(self.no_sooner(other, b) for other in bounds)), None)

    def told(self, bound: Bound) -> str:
        """A bound for readers: the last day before it, or the days after entry into force."""
        if bound.instant is not None:
            return date_text(self.calendar.day(bound.instant - 1))
        parts = [f"{bound.months} months"] * bool(bound.months) + [f"{bound.seconds // DAY} days"] * bool(bound.seconds)
        return f"{' and '.join(parts) or 'the day'} after entry into force"


def date_text(day: dt.date) -> str:
    """``18 October 2025``."""
    return f"{day.day} {day:%B %Y}"


def too_late(read: Read) -> Iterator[Finding]:
    """S1: consequences that come only when the agreement has ended, and powers that expire before they can be used."""
    times = _Times(read.terms)
    sunset = times.bound(read.terms.sunset)
    if sunset is not None:
        yield from _after_the_end(read, times, sunset)
    for power in read.terms.powers:
        found = _power(read, times, power)
        if found is not None:
            yield found


def windows(c: Commitment, entry: Consequence) -> tuple[Period, ...]:
    """The periods between a deadline (or the beginning of a violation) and the effect, one after the other."""
    return (c.cure, entry.notice, entry.objection.window if entry.objection is not None else NOTHING)


def _after_the_end(read: Read, times: _Times, sunset: Bound) -> Iterator[Finding]:
    tails: dict[dt.date, list[str]] = defaultdict(list)
    for c in read.terms.commitments:
        entries = [e for e in c.on_breach if e.effect in STOPS]
        if c.survives or not entries or c.modality == "recurrent":
            continue
        quickest = min(entries, key=lambda e: sum(length(p, longest=True) for p in windows(c, e)))
        deadline = times.bound(c.deadline, c.trigger)
        try:
            if c.modality in KEEPS:
                day = last_day(times.calendar, sunset.instant, windows(c, quickest))
                ends = deadline is not None and not times.after(times.later(deadline, *windows(c, quickest)), sunset)
                if day is not None and not ends:
                    tails[day].append(c.id)
                continue
            if deadline is None or times.after(deadline, sunset):
                continue  # S2 tells of a deadline after the end
            effect = times.later(deadline, *windows(c, quickest))
        except CalendarError:
            continue
        if times.after(effect, sunset):
            yield read.finding(
                "S1", "warning", c.id, ("commitments", c.id, "on_breach"),
                f"{quoted(read, c.id)} is due by {times.told(deadline)} and the agreement ends on"
                f" {times.told(sunset)}, but what follows a breach comes "
                f"only on {times.told(effect)}: nothing is left then for it to act on.",
                {"deadline": _plain(deadline), "effect": _plain(effect), "sunset": _plain(sunset)},
                "Write survives: true in what the consequence acts on, or an earlier deadline.",
            )  # fmt: skip
    for day, names in tails.items():
        yield _tail(read, times, sunset, day, names)


def last_day(calendar: Calendar, end: Instant | None, periods: tuple[Period, ...]) -> dt.date | None:
    """The last day on which a breach can begin so that the periods after it are over by an end; None: the end's own."""
    if end is None or not any(periods):
        return None
    day = calendar.day(end - 1 - sum(length(p, longest=True) for p in periods)) - dt.timedelta(days=5)

    def over(day: dt.date) -> Instant:
        instant = calendar.deadline(day)
        for period in periods:
            if period:
                instant = calendar.after(Interval(instant - 1, instant), period)
        return instant

    while over(day + dt.timedelta(days=1)) <= end:
        day += dt.timedelta(days=1)
    return day


def _tail(read: Read, times: _Times, sunset: Bound, day: dt.date, names: list[str]) -> Finding:
    shown = named(read, names)
    return read.finding(
        "S1", "info", names[0] if len(names) == 1 else "", ("sunset",),
        f"The agreement ends on {times.told(sunset)}. For {shown} the last day on which a breach can begin and"
        f" still have its consequence is "
        f"{date_text(day)}: what is broken after that costs nothing.",
        {"last_day": day.isoformat(), "sunset": _plain(sunset), "commitments": names},
        "Put the days into the calendar, or let the end wait for consequences that are under way: survives: true"
        " in what they act on.",
    )  # fmt: skip


def _power(read: Read, times: _Times, power: Power) -> Finding | None:
    """A power that ends before its condition can hold by the times of the agreement, or before a breach is known."""
    survives = {c.id for c in read.terms.commitments if c.survives}
    expiry, sunset = times.bound(power.expires, power.when), times.bound(read.terms.sunset)
    if survives & set(power.targets):
        sunset = None  # there is something left for it to act on
    for end, what in ((expiry, "expires"), (sunset, "ends with the agreement")):
        if end is None:
            continue
        try:
            begins = _earliest(times, power.when, read.terms, dated=end.instant is not None, known=False)
            known = _earliest(times, power.when, read.terms, dated=end.instant is not None, known=True)
        except CalendarError:
            continue
        late = next((t for t in (begins, known) if t is not None and times.no_sooner(t, end)), None)
        if late is not None and (late is begins or what == "expires"):
            return _unusable(read, times, power, (end, what), (late, late is not begins))
    return None


def _unusable(read: Read, times: _Times, power: Power, over: tuple[Bound, str], from_: tuple[Bound, bool]) -> Finding:
    """The finding about a power that ends before it can be used."""
    (end, how), (late, known) = over, from_
    name = read.called(power.holder)
    what = "it is known whether its condition holds" if known else "its condition can hold"
    first = times.told(late) if late.instant is None else date_text(times.calendar.day(late.instant))
    ends = {"expires": _number(end)} if how == "expires" else {"sunset": _number(end)}
    return read.finding(
        "S1", "warning", power.id, ("powers", power.id, "expires" if how == "expires" else "when"),
        f"The power of {name} to {power.may} {how} on {times.told(end)}, and by the times of the agreement"
        f" {what} only from {first} on: {name} cannot use it.",
        {**ends, "earliest": _number(late), "known": known},
        "Let it expire later, or count its end from its beginning: expires: {within: 3 months}."
        if how == "expires" else "Let it begin before the agreement ends, or let the agreement end later.",
    )  # fmt: skip


def _number(bound: Bound) -> object:
    return _plain(bound) if bound.instant is None else bound.instant


def _earliest(times: _Times, when: f.Formula, terms: Terms, *, dated: bool, known: bool) -> Bound | None:
    """The earliest time at which a condition can hold (or be known to); None: nothing bounds it.

    ``dated``: by dates of the calendar, else by times after entry into force.
    """
    calendar = times.calendar
    if isinstance(when, f.At | f.NotBy):
        return Bound(calendar.start(when.moment)) if dated else None
    if isinstance(when, f.InForce):
        return None if dated else Bound()
    if isinstance(when, f.After):
        inner = _earliest(times, when.formula, terms, dated=dated, known=known)
        return None if inner is None else times.later(inner, when.period)
    if isinstance(when, f.Breached):
        c = next(c for c in terms.commitments if c.id == when.commitment)
        deadline = times.bound(c.deadline, c.trigger)
        if deadline is None or (deadline.instant is not None) != dated or c.modality != "achieve":
            return None  # a duty to keep can be broken at any time
        lag = max((v.lag[1] for v in c.verification if v.lag), key=lambda p: length(p, longest=True), default=NOTHING)
        return times.latest([times.later(deadline, c.cure), *[times.later(deadline, lag)] * known])
    if isinstance(when, f.And | f.Or):
        found = [_earliest(times, p, terms, dated=dated, known=known) for p in when.parts]
        sure = [b for b in found if b is not None]
        if isinstance(when, f.And):
            return times.latest(sure) if sure else None
        return times.first(sure) if len(sure) == len(found) else None
    return None


def ends(read: Read) -> Iterator[Finding]:
    """S2: nothing ends, the end comes before what is owed, or nothing outlives it."""
    terms = read.terms
    times = _Times(terms)
    lasting = [c for c in terms.commitments if isinstance(c.deadline, NoDeadline) and c.deadline.review is None]
    if terms.sunset is None and terms.exit is None and not terms.reviews and lasting and not _closable(terms):
        names = named(read, [c.id for c in lasting], most=3)
        yield read.finding(
            "S2", "warning", "", (),
            f"The agreement has no end, no review and no way out with notice, while {names}"
            f" {'goes' if len(lasting) == 1 else 'go'} on without a date. "
            "Whoever no longer wants it can only break it.",
            {"sunset": None, "reviews": [], "exit": None, "without_end": [c.id for c in lasting]},
            "Write one of: sunset: {within: 10 years}; reviews: [a date]; exit: {notice: 3 months, survivors: [...]}.",
        )  # fmt: skip
    sunset = times.bound(terms.sunset)
    if sunset is None:
        return
    for c in terms.commitments:
        deadline = times.bound(c.deadline, c.trigger)
        if not c.survives and c.modality != "recurrent" and deadline is not None and times.after(deadline, sunset):
            yield read.finding(
                "S2", "warning", c.id, ("commitments", c.id, "deadline"),
                f"{quoted(read, c.id)} is owed until {times.told(deadline)}, but the agreement ends on"
                f" {times.told(sunset)}, and this does not outlive it: "
                "from then on nobody owes it.",
                {"deadline": _plain(deadline), "sunset": _plain(sunset), "survives": False},
                "Write survives: true in it, or an earlier deadline.",
            )  # fmt: skip
    kept = [c for c in terms.commitments if c.modality in KEEPS and isinstance(c.deadline, NoDeadline)]
    if kept and not any(c.survives for c in terms.commitments):
        names = named(read, [c.id for c in kept])
        yield read.finding(
            "S2", "info", "", ("sunset",),
            f"Everything ends on {times.told(sunset)}, and nothing outlives it: {names}"
            f" {'stops' if len(kept) == 1 else 'stop'} on one day, and so does every check.",
            {"sunset": _plain(sunset), "ends": [c.id for c in kept], "survivors": []},
            "Write survives: true in what must stay, or let limits end one after the other: deadline: a date in each.",
        )  # fmt: skip


def _closable(terms: Terms) -> bool:
    """Whether somebody may end the whole by a power."""
    return any(p.may == "terminate" and WHOLE in p.targets for p in terms.powers)


def _plain(bound: Bound) -> dict[str, int]:
    return (
        {"instant": bound.instant} if bound.instant is not None else {"months": bound.months, "seconds": bound.seconds}
    )


IDS = ("S1", "S2")
CHECKS = (too_late, ends)
