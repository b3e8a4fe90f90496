"""Civil days of a zone, ends of periods, deadlines (docs/agreement-semantics.md, 1).

The day of an instant is the latest date that the zone's clocks have shown by then. So days follow each other without
gap or overlap, also where clocks are set back over midnight (what they repeat of the day before counts as the new day),
and a day begins with its first midnight where there are two. A date that a zone skipped (Apia, 30 December 2011) is
empty: it begins and ends with the first instant of the next day.

Periods in years, months and days follow Regulation (EEC, Euratom) 1182/71, article 3; the sum of years and months is
rounded once, as in the library dates-calc of Catala.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from zoneinfo import ZoneInfo

from detente.agreement.periods import Instant, Interval, Moment, Period
from detente.agreement.terms import CalendarPolicy, Every
from detente.agreement.time_text import TimeError, period_text
from detente.base.errors import shown

DAY = 86_400
EPOCH = dt.date(1970, 1, 1).toordinal()
FIRST, LAST = dt.date(1, 1, 3).toordinal(), dt.date(9999, 12, 29).toordinal()  # days whose instants any zone can tell
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class CalendarError(TimeError):
    """A day that does not exist, or cannot be reached."""


class Calendar:
    """Days, deadlines and ends of periods under one policy.

    Args:
        policy: the zone, and what happens to days that do not exist or are days off.

    Raises:
        CalendarError: the zone is unknown, or every day of the week is a day off and ends are to be moved.
    """

    def __init__(self, policy: CalendarPolicy) -> None:
        self.policy = policy
        self.zone = zone_of(policy.zone)
        if policy.roll != "none" and policy.weekend >= frozenset(range(7)):
            raise CalendarError("a week of seven days off", "at least one working day in a week")
        self._starts: dict[int, Instant] = {}
        self._days: dict[int, tuple[tuple[Instant, dt.date], ...]] = {}

    # --- days --------------------------------------------------------------------------------------------------------

    def day(self, instant: Instant) -> dt.date:
        """The civil day of an instant: the latest date that the zone's clocks have shown by then."""
        number = instant // DAY
        begun = self._days.get(number)
        if begun is None:
            begun = self._days[number] = self._begun(number)
        found = begun[0][1]
        for start, day in begun[1:]:
            if start > instant:
                break
            found = day
        return found

    def interval(self, day: dt.date) -> Interval:
        """A date as the interval from its first instant to the first of the next day.

        Raises:
            CalendarError: the zone has skipped this date, or it is too early or late.
        """
        ordinal = day.toordinal()
        start, end = self._start(ordinal), self._start(ordinal + 1)
        if start == end:
            raise CalendarError(f"{day}, a date that {self.policy.zone} skipped", "a day that the zone has had")
        return Interval(start, end)

    def stretch(self, first: dt.date, last: dt.date) -> Interval:
        """An uncertain date: the interval from the first instant of one date to the end of another.

        Raises:
            CalendarError: as ``interval``, or the dates are the wrong way round.
        """
        if last < first:
            raise CalendarError(f"{first} to {last}", "a last day that is not before the first")
        return self.interval(first) if first == last else Interval(self.start(first), self.deadline(last))

    def start(self, moment: Moment) -> Instant:
        """The first instant of a date; an instant is itself."""
        return self._start(moment.toordinal()) if isinstance(moment, dt.date) else moment

    def deadline(self, moment: Moment) -> Instant:
        """The first instant after a date, no longer in time; an instant is itself."""
        return self._start(moment.toordinal() + 1) if isinstance(moment, dt.date) else moment

    # --- periods -----------------------------------------------------------------------------------------------------

    def after(self, start: Interval | Instant, period: Period) -> Instant:
        """The end of a period: the first instant that is no longer in it.

        Years, months and days count from the day of the event, which is not counted itself, to the end of the last
        day; hours are elapsed time, after the days or from the instant itself. ``roll`` moves the last day of a period
        without hours, and never back beyond the day of the event.

        Args:
            start: the event; of an interval, the last day it touches counts, and for hours and for nothing its end.
            period: how long.

        Raises:
            CalendarError: the last day does not exist and ``overflow`` is ``error``, or it is after the year 9999.
        """
        if isinstance(start, Interval):
            instant, event = start.end, start.end - (start.end > start.start)
        else:
            instant = event = start
        hours = period.hours * 3600
        if not (period.years or period.months or period.days):
            return _reached(instant + hours, period)
        try:
            return _reached(self._start(self._last(self.day(event), period) + 1) + hours, period)
        except OverflowError:
            raise _too_late(period) from None

    def occurrences(self, every: Every, limit: int | None = None) -> tuple[Instant, ...]:
        """The deadlines of a recurrent commitment: the ends of its dates, each rolled, in order.

        Args:
            every: the rule and its first date.
            limit: at most so many, the first ones; None: all, refused where there are absurdly many.

        Raises:
            CalendarError: the rule is malformed, never comes or comes absurdly often.
        """
        from detente.agreement.recurrence import dates

        return tuple(self._start(self._rolled(day.toordinal()) + 1) for day in dates(every.rule, every.start, limit))

    # --- inside ------------------------------------------------------------------------------------------------------

    def _last(self, day: dt.date, period: Period) -> int:
        """The ordinal of the last day: years and months, rounded once, then days, then the roll."""
        event = ordinal = day.toordinal()
        if period.years or period.months:
            month = day.year * 12 + day.month - 1 + period.years * 12 + period.months
            ordinal = self._in_month(*divmod(month, 12), day, period)
        ordinal += period.days
        if self.policy.roll == "none" or period.hours:
            return ordinal
        return max(event, self._rolled(ordinal))

    def _in_month(self, year: int, month: int, day: dt.date, period: Period) -> int:
        """The day of an event in another month (0 = January), or what stands for it."""
        if year > 9999:
            raise _too_late(period)
        length = MONTH_LENGTHS[month] + (month == 1 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        if day.day <= length:
            return dt.date(year, month + 1, day.day).toordinal()
        if self.policy.overflow == "error":
            found = f"{period_text(period)} after {day}: {year}-{month + 1:02}-{day.day:02}, which does not exist"
            raise CalendarError(found, "a day that exists", "Choose another period, or overflow: down or up.")
        return dt.date(year, month + 1, length).toordinal() + (self.policy.overflow == "up")

    def _rolled(self, ordinal: int) -> int:
        """The day itself, or the working day next to it in the direction of the roll."""
        if self.policy.roll == "none":
            return ordinal
        step = 1 if self.policy.roll == "following" else -1
        while FIRST < ordinal < LAST and self._off(ordinal):
            ordinal += step
        return ordinal

    def _off(self, ordinal: int) -> bool:
        # The ordinal 1 is a Monday.
        return (ordinal - 1) % 7 in self.policy.weekend or ordinal in self._holidays

    @cached_property
    def _holidays(self) -> frozenset[int]:
        return frozenset(day.toordinal() for day in self.policy.holidays)

    def _start(self, ordinal: int) -> Instant:
        found = self._starts.get(ordinal)
        if found is None:
            if not FIRST <= ordinal <= LAST:
                raise CalendarError("a day outside the years 1 to 9999", "a day that the calendar has")
            found = self._starts[ordinal] = self._first_instant(dt.date.fromordinal(ordinal))
        return found

    def _first_instant(self, day: dt.date) -> Instant:
        """When the zone's clocks first show a date, or a later one if they skip it."""
        wall = (day.toordinal() - EPOCH) * DAY
        midnight = dt.datetime.combine(day, dt.time())
        first = wall - _seconds(self.zone.utcoffset(midnight))  # fold 0: the first, where midnight comes twice
        before = wall - _seconds(self.zone.utcoffset(midnight.replace(fold=1)))
        # Only where midnight is skipped does fold 1 come before fold 0: the clocks go over it within (before, first].
        while first - before > 1:
            middle = (first + before) // 2
            before, first = (before, middle) if self._shown(middle) >= day else (middle, first)
        return first

    def _shown(self, instant: Instant) -> dt.date:
        utc = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=instant)
        return utc.astimezone(self.zone).date()

    def _begun(self, number: int) -> tuple[tuple[Instant, dt.date], ...]:
        """The civil day at the start of a day of UTC, and those that begin within it."""
        same = number + EPOCH
        if not FIRST + 3 <= same <= LAST - 3:
            raise CalendarError("an instant outside the years 1 to 9999", "an instant that the calendar has")
        starts = [(self._start(n), n) for n in range(same - 2, same + 3)]
        begin = number * DAY
        before = max(n for start, n in starts if start <= begin)
        within = [(start, dt.date.fromordinal(n)) for start, n in starts if begin < start < begin + DAY]
        return ((begin, dt.date.fromordinal(before)), *within)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        CalendarError: there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CalendarError(f"the time zone {shown(name)}", "an IANA name such as Asia/Seoul or UTC") from None


def _seconds(delta: dt.timedelta | None) -> int:
    return 0 if delta is None else delta.days * DAY + delta.seconds


def _reached(instant: Instant, period: Period) -> Instant:
    if instant > (LAST - EPOCH) * DAY:
        raise _too_late(period)
    return instant


def _too_late(period: Period) -> CalendarError:
    return CalendarError(f"{period_text(period)}, with an end after the year 9999", "an end that the calendar has")
