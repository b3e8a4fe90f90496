"""A Simple Temporal Network over beginnings and ends, in wall-clock seconds of the agreement's zone.

A bound says that one point is at least so many seconds after another (a negative number: at most so many before). All
bounds can be met at once unless some cycle of them has a positive sum; Bellman and Ford's method finds one. Periods
are bounded so that no calendar can make a chain look impossible that is not: months by the fewest or the most days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

from detente.agreement import formulas as f
from detente.agreement.calendar import DAY, EPOCH, Calendar, CalendarError
from detente.agreement.lint.waiting import ENTRY
from detente.agreement.periods import Moment, Period
from detente.agreement.terms import Commitment, Every, On, Terms, Within

Point = tuple[str, str]  # kind (origin, begin, end, done, fact), and of what
ORIGIN: Point = ("origin", "")
HOUR = 3600
CLOCKS = 27 * HOUR  # no more do clocks move between two instants
ANCHORS = f.Fulfilled | f.Claimed | f.InForce | f.Event | f.Signed | f.Ratified


@dataclass(frozen=True, slots=True)
class Bound:
    """``later`` is at least ``least`` seconds after ``earlier``.

    Attributes:
        of: the commitment whose words say so (empty: the agreement's own).
        field: where: trigger, deadline, lapse, min_duration, sunset, entry_into_force; order: what must be.
    """

    earlier: Point
    later: Point
    least: int
    of: str
    field: str


@cache
def days_of_months(months: int) -> tuple[int, int]:
    """The fewest and the most days that so many months can be, whatever the overflow."""
    if not months:
        return 0, 0
    if months > 1200:
        return months * 30, months * 31
    starts = [y * 12 + m for y in (*range(2096, 2106), *range(2000, 2005)) for m in range(12)]
    counts = [(_first(s + months) - _first(s)).days for s in starts]
    return max(28 if months == 1 else 0, min(counts) - 3), max(counts) + 3


def _first(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


class Network:
    """All bounds of an agreement.

    Args:
        terms: the agreement under one reading.
        calendar: its calendar.
    """

    def __init__(self, terms: Terms, calendar: Calendar) -> None:
        self.terms, self.calendar = terms, calendar
        self.of: Mapping[str, Commitment] = {c.id: c for c in terms.commitments}
        self.utc = terms.calendar.zone in ("UTC", "Etc/UTC", "GMT")
        off = len(terms.calendar.holidays) + 8
        self.roll = 0 if terms.calendar.roll == "none" else off * DAY
        self.replaced = {old for a in terms.amendments for old, _ in a.replaces}
        self.activated = {
            t for c in terms.commitments for e in c.on_breach if e.effect == "activate" for t in e.targets
        }

    def least(self, period: Period) -> int:
        """The least wall-clock time that a period can take."""
        days = days_of_months(period.years * 12 + period.months)[0] + period.days
        slack = 0 if self.utc or not period.hours else CLOCKS
        whole = days * DAY - (self.roll if days and not period.hours else 0)
        return max(0, max(0, whole) + period.hours * HOUR - slack)

    def most(self, period: Period) -> int:
        """The most that it can take from an instant to its end."""
        months = period.years * 12 + period.months
        days = days_of_months(months)[1] + period.days
        extra = DAY if days else 0  # the day of the event is not counted
        slack = 0 if self.utc or not period.hours else CLOCKS
        return days * DAY + extra + self.roll + period.hours * HOUR + slack

    def wall(self, moment: Moment) -> int:
        """A moment by the clocks of the zone: the start of a date."""
        if isinstance(moment, dt.date):
            return (moment.toordinal() - EPOCH) * DAY
        at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=moment)
        local = at.astimezone(self.calendar.zone)
        return moment + int((local.utcoffset() or dt.timedelta()).total_seconds())

    def end_of(self, moment: Moment) -> int:
        """The end of a date by the clocks of the zone, or an instant."""
        return self.wall(moment) + (DAY if isinstance(moment, dt.date) else 0)

    def bounds(self, order: Iterable[str]) -> Iterator[Bound]:
        """All bounds, of the commitments in some order: if what comes first is first, all is found sooner."""
        yield from self._from(self.terms.entry, ("begin", ENTRY), "", "entry_into_force", 0)
        fixed = dates_of(self.terms.entry)
        if fixed:  # a record can make it earlier, but nothing later
            yield Bound(("begin", ENTRY), ORIGIN, -max(map(self.wall, fixed)), "", "entry_into_force")
        for name in order:
            c = self.of[name]
            begin, end, done = ("begin", c.id), ("end", c.id), ("done", c.id)
            if not c.provisional:
                yield Bound(("begin", ENTRY), begin, 0, c.id, "order")
            if c.id not in self.activated:
                yield from self._from(c.trigger, begin, c.id, "trigger", 0)
            kept = c.modality in ("maintain", "refrain")
            least = 0 if kept or c.min_duration is None else self.least(c.min_duration)
            yield Bound(begin, end, least, c.id, "min_duration" if least else "order")
            yield Bound(end, done, 0, c.id, "order")
            yield from self._deadline(c)
            yield from self._lapse(c)

    def _from(self, formula: f.Formula, point: Point, of: str, field: str, plus: int) -> Iterator[Bound]:
        """What a formula that must hold says of the point at which it holds; alternatives say nothing."""
        if isinstance(formula, f.And):
            for part in formula.parts:
                yield from self._from(part, point, of, field, plus)
        elif isinstance(formula, f.After):
            yield from self._from(formula.formula, point, of, field, plus + self.least(formula.period))
        elif isinstance(formula, f.At | f.NotBy):
            yield Bound(ORIGIN, point, self.wall(formula.moment) + plus, of, field)
        elif isinstance(formula, f.InForce):
            yield Bound(("begin", ENTRY), point, plus, of, field)
        elif isinstance(formula, f.Event | f.Signed | f.Ratified):
            yield Bound(_fact(formula), point, plus, of, field)
        elif self._of_end(formula) and self._stays(formula.commitment):
            kind = "end" if isinstance(formula, f.Claimed) else "done"
            yield Bound((kind, formula.commitment), point, plus, of, field)

    def _of_end(self, formula: f.Formula) -> TypeGuard[f.Fulfilled | f.Verified | f.Claimed | f.InState]:
        """Whether it asks for what is claimed or done as a whole."""
        if isinstance(formula, f.InState) and formula.states == {"fulfilled"}:
            c = self.of[formula.commitment]
            return c.modality != "recurrent" and (c.mode != "each" or len(c.obligors) == 1)
        return isinstance(formula, f.Fulfilled | f.Verified | f.Claimed)

    def _stays(self, name: str) -> bool:
        """Whether nothing ever takes its place."""
        return name not in self.replaced and self.of[name].after_breach != "replace"

    def _deadline(self, c: Commitment) -> Iterator[Bound]:
        begin, end, limit = ("begin", c.id), ("end", c.id), c.deadline
        kept = c.modality in ("maintain", "refrain")
        if isinstance(limit, On):
            yield Bound(end, ORIGIN, -self.end_of(limit.moment), c.id, "deadline")
            if kept:
                yield Bound(ORIGIN, ("done", c.id), self.end_of(limit.moment), c.id, "deadline")
        elif isinstance(limit, Within):
            anchor = begin if limit.anchor is None else self._anchor(limit.anchor)
            if anchor is not None:
                yield Bound(end, anchor, -self.most(limit.period), c.id, "deadline")
            if kept:
                yield Bound(begin, ("done", c.id), self.least(limit.period), c.id, "deadline")
        elif isinstance(limit, Every):
            try:
                first = self.calendar.occurrences(limit, 1)
            except CalendarError:
                return
            if first:
                yield Bound(begin, ORIGIN, -self.wall(first[0]), c.id, "deadline")

    def _lapse(self, c: Commitment) -> Iterator[Bound]:
        begin = ("begin", c.id)
        for limit, field in ((c.lapse, "lapse"), (None if c.survives else self.terms.sunset, "sunset")):
            if isinstance(limit, On):
                yield Bound(begin, ORIGIN, 1 - self.end_of(limit.moment), c.id, field)
            elif isinstance(limit, Within):
                own = field == "lapse" and limit.anchor is None
                waits = not (own and (c.provisional or c.amendment is not None))
                anchor = self._anchor(limit.anchor if limit.anchor is not None else f.InForce())
                if anchor is not None and waits:
                    yield Bound(begin, anchor, 1 - self.most(limit.period), c.id, field)

    def _anchor(self, formula: f.Formula) -> Point | None:
        """The point at which an anchor first holds, where it is one point."""
        if isinstance(formula, f.InForce):
            return ("begin", ENTRY)
        if isinstance(formula, f.Fulfilled | f.Claimed):
            c = self.of[formula.commitment]
            if c.modality != "achieve" or not self._stays(c.id):
                return None
            return ("end" if isinstance(formula, f.Claimed) else "done", formula.commitment)
        return _fact(formula) if isinstance(formula, f.Event | f.Signed | f.Ratified) else None


def dates_of(formula: f.Formula) -> list[Moment] | None:
    """The dates with the last of which a formula comes true in any case; None if it asks for anything else."""
    if isinstance(formula, f.At):
        return [formula.moment]
    if isinstance(formula, f.And):
        each = [dates_of(p) for p in formula.parts]
        return None if any(e is None for e in each) else [m for e in each if e is not None for m in e]
    return [] if isinstance(formula, f.Always) else None


def _fact(formula: f.Event | f.Signed | f.Ratified) -> Point:
    name = formula.name if isinstance(formula, f.Event) else formula.party
    return ("fact", f"{type(formula).__name__.lower()} {name}")


def contradiction(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    """A cycle of bounds with a positive sum, or nothing: then all can be met at once."""
    edges = list(bounds)
    at: dict[Point, int] = {}
    for bound in edges:
        at[bound.earlier] = at[bound.later] = 0
    came: dict[Point, Bound] = {}
    for _ in range(len(at) + 1):
        moved = False
        for bound in edges:
            reached = at[bound.earlier] + bound.least
            if reached > at[bound.later]:
                at[bound.later] = reached
                came[bound.later] = bound
                moved = True
        if not moved:
            return ()
        cycle = _cycle(came)
        if cycle:
            return cycle
    return ()


def _cycle(came: Mapping[Point, Bound]) -> tuple[Bound, ...]:
    """A cycle among the bounds by which points were last moved: its sum is positive."""
    color: dict[Point, Point] = {}
    for start in came:
        point = start
        while point in came and point not in color:
            color[point] = start
            point = came[point].earlier
        if color.get(point) == start and point in came:
            found = [came[point]]
            while found[-1].earlier != point:
                found.append(came[found[-1].earlier])
            return tuple(reversed(found))
    return ()
