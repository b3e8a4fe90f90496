"""Days, ends of periods and recurrences in the time zone of an agreement (docs/agreement-semantics.md, 1)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from detente.agreement.periods import Instant, Interval, Moment, Period
from detente.agreement.terms import CalendarPolicy, Every

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EPOCH_DAY = EPOCH.toordinal()
DAY = 86_400
LAST_DAY = dt.date(9999, 12, 29)  # beyond it no next day in every zone
LONGEST_HOLIDAYS = 3_660  # days off in a row after which no working day is looked for


class CalendarError(ValueError):
    """A day that does not exist, or lies beyond the calendar."""

    def __init__(self, found: str, expected: str, fix: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}" + (f". {fix}" if fix else ""))
        self.found, self.expected, self.fix = found, expected, fix


class Calendar:
    """The calendar of an agreement.

    A day begins at the first instant whose local date is that day or a later one, so that days follow each other
    without gap or overlap whatever the clocks do; a day that a zone left out is empty.

    Args:
        policy: zone, overflow, roll and days off.
    """

    def __init__(self, policy: CalendarPolicy) -> None:
        self.policy = policy
        self.zone = ZoneInfo(policy.zone)
        self._starts: dict[int, Instant] = {}
        self._shift = 0  # offset of the last day asked for: nearly always right for the next

    def start(self, moment: Moment) -> Instant:
        """First instant of a date; an instant itself."""
        return self._start(moment.toordinal()) if isinstance(moment, dt.date) else moment

    def deadline(self, moment: Moment) -> Instant:
        """End of a date; an instant itself."""
        return self._start(moment.toordinal() + 1) if isinstance(moment, dt.date) else moment

    def interval(self, day: dt.date) -> Interval:
        """A date as an interval."""
        number = day.toordinal()
        return Interval(self._start(number), self._start(number + 1))

    def day(self, instant: Instant) -> dt.date:
        """The day in which an instant lies."""
        return dt.date.fromordinal(self._day(instant))

    def after(self, start: Interval | Instant, period: Period) -> Instant:
        """End of a period.

        Args:
            start: what it is counted from; of an interval its last day counts, for hours its end.
            period: years and months, then days, on the calendar, to the end of the last day; then elapsed hours.

        Raises:
            CalendarError: the last day does not exist (``overflow: error``), or lies beyond the year 9999.
        """
        instant, last = (start, start) if isinstance(start, int) else (start.end, max(start.start, start.end - 1))
        hours = 3600 * period.hours
        months = 12 * period.years + period.months
        if not months and not period.days:
            return instant + hours
        try:
            number = self._day(last)
            if months:
                number = self._months(dt.date.fromordinal(number), months).toordinal()
            number += period.days
            if not hours:
                number = self._rolled(number)
            return self._start(number + 1) + hours
        except (ValueError, OverflowError) as error:
            if isinstance(error, CalendarError):
                raise
            raise CalendarError("a day beyond the year 9999", "an earlier day") from None

    def occurrences(self, every: Every, limit: int) -> tuple[Instant, ...]:
        """Deadlines of a recurrent commitment: the ends of the days of its rule, at most ``limit`` of them."""
        days = occurrences(every.rule, every.start, limit)
        return tuple(self._start(self._rolled(d.toordinal()) + 1) for d in days)

    def _months(self, day: dt.date, months: int) -> dt.date:
        count = day.year * 12 + day.month - 1 + months
        year, month = divmod(count, 12)
        last = (dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
        if day.day <= last:
            return dt.date(year, month + 1, day.day)
        if self.policy.overflow == "down":
            return dt.date(year, month + 1, last)
        if self.policy.overflow == "up":
            return dt.date(year, month + 1, last) + dt.timedelta(days=1)
        found = f"{day.isoformat()} and {months} months: {year}-{month + 1:02}-{day.day:02}, which does not exist"
        fix = "Write overflow: down (the last day of the month) or up (the first of the next)."
        raise CalendarError(found, "a day that exists", fix)

    def _rolled(self, number: int) -> int:
        """The day itself, or the working day that it is moved to."""
        if self.policy.roll == "none":
            return number
        step = 1 if self.policy.roll == "following" else -1
        for n in range(LONGEST_HOLIDAYS):
            day = dt.date.fromordinal(number + step * n)
            if day.weekday() not in self.policy.weekend and day not in self.policy.holidays:
                return day.toordinal()
        raise CalendarError(
            "no working day in ten years", "a calendar with working days", "Shorten weekend or holidays."
        )

    def _day(self, instant: Instant) -> int:
        number = (instant + self._shift) // DAY + EPOCH_DAY
        while instant < self._start(number):
            number -= 1
        while instant >= self._start(number + 1):
            number += 1
        return number

    def _start(self, number: int) -> Instant:
        found = self._starts.get(number)
        if found is None:
            found = self._starts[number] = self._first(number)
        self._shift = (number - EPOCH_DAY) * DAY - found
        return found

    def _first(self, number: int) -> Instant:
        """The smallest instant whose local date is this day or a later one."""
        day = dt.date.fromordinal(number)
        if day > LAST_DAY:
            raise CalendarError("a day beyond the year 9999", "an earlier day")
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=self.zone)
        offset = midnight.utcoffset() or dt.timedelta()
        found = (number - EPOCH_DAY) * DAY - int(offset.total_seconds())
        if self._local(found - 1) < number:
            return found
        low = found - DAY  # the clocks jumped over midnight before it was reached
        while found - low > 1:
            middle = (low + found) // 2
            low, found = (low, middle) if self._local(middle) >= number else (middle, found)
        return found

    def _local(self, instant: Instant) -> int:
        return (EPOCH + dt.timedelta(seconds=instant)).astimezone(self.zone).toordinal()


def timeliness(occurred: Interval, deadline: Instant | None) -> bool | None:
    """Whether what occurred was in time: True, False, or None where the interval straddles the deadline."""
    if deadline is None or (occurred.end <= deadline and occurred.start < deadline):
        return True
    return False if occurred.start >= deadline else None


@lru_cache(maxsize=1000)
def occurrences(rule: str, start: dt.date, limit: int) -> tuple[dt.date, ...]:
    """The days of an RFC 5545 rule from a day on, at most ``limit`` of them.

    The rule is one that ``recurring.rule_fault`` finds nothing wrong with.
    """
    from dateutil.rrule import rrulestr

    parts = (p.partition("=") for p in rule.removeprefix("RRULE:").split(";"))
    kept = ";".join(f"{k}={v[:8] if k == 'UNTIL' else v}" for k, _, v in parts)
    found = rrulestr(kept, dtstart=dt.datetime.combine(start, dt.time()))
    return tuple(d.date() for d in islice(found, limit))
