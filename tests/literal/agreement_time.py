"""Dates and periods of agreements, said naively (docs/agreement-semantics.md, 1)."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from detente.agreement.periods import Instant, Interval, Moment, Period
from detente.agreement.terms import CalendarPolicy, Every

ONE_DAY = dt.timedelta(days=1)
UTC = dt.UTC


class NoSuchDayError(ValueError):
    """The period ends on a day that does not exist."""


def midnight(policy: CalendarPolicy, day: dt.date) -> Instant:
    """Give the first instant of a date."""
    return int(dt.datetime.combine(day, dt.time(), ZoneInfo(policy.zone)).timestamp())


def civil_day(policy: CalendarPolicy, instant: Instant) -> dt.date:
    return dt.datetime.fromtimestamp(instant, ZoneInfo(policy.zone)).date()


def start_of(policy: CalendarPolicy, moment: Moment) -> Instant:
    return midnight(policy, moment) if isinstance(moment, dt.date) else moment


def end_of(policy: CalendarPolicy, moment: Moment) -> Instant:
    return midnight(policy, moment + ONE_DAY) if isinstance(moment, dt.date) else moment


def after(policy: CalendarPolicy, start: Interval | Instant, period: Period) -> Instant:
    """Give the end of a period."""
    span = Interval(start, start) if isinstance(start, int) else start
    if not (period.years or period.months or period.days):
        return span.end + 3600 * period.hours
    last_second = span.end - 1 if span.end > span.start else span.end
    first = civil_day(policy, last_second)
    day = add_months(policy, first, 12 * period.years + period.months) + period.days * ONE_DAY
    if not period.hours:
        day = max(first, rolled(policy, day))
    return midnight(policy, day + ONE_DAY) + 3600 * period.hours


def add_months(policy: CalendarPolicy, day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    longest = monthrange(year, month)[1]
    if day.day <= longest:
        return day.replace(year=year, month=month)
    if policy.overflow == "error":
        raise NoSuchDayError
    last = dt.date(year, month, longest)
    return last if policy.overflow == "down" else last + ONE_DAY


def rolled(policy: CalendarPolicy, day: dt.date) -> dt.date:
    if policy.roll == "none":
        return day
    step = ONE_DAY if policy.roll == "following" else -ONE_DAY
    while day.weekday() in policy.weekend or day in policy.holidays:
        day += step
    return day


def occurrences(policy: CalendarPolicy, every: Every, until: Instant) -> list[Instant]:
    """Give the ends of the dates of a rule, up to the first that is past ``until``."""
    out: list[Instant] = []
    for found in rrulestr(every.rule, dtstart=dt.datetime.combine(every.start, dt.time())):
        out.append(end_of(policy, rolled(policy, found.date())))
        if out[-1] > until:
            break
    return out


def parsed_period(text: str) -> Period:
    """Read ``P1Y2M10DT12H``."""
    found = {"Y": 0, "M": 0, "W": 0, "D": 0, "H": 0}
    number = ""
    for letter in text[1:]:
        if letter.isdigit():
            number += letter
        elif letter != "T":
            found[letter] = int(number)
            number = ""
    return Period(found["Y"], found["M"], found["D"] + 7 * found["W"], found["H"])


def parsed_moment(text: str) -> Moment:
    """Read a date, or an instant."""
    return dt.date.fromisoformat(text) if len(text) == 10 else int(dt.datetime.fromisoformat(text).timestamp())


def parsed_occurred(written: str | list[str]) -> Interval:
    """Read what a correction says of when something happened: an instant, or two."""
    ends = [written, written] if isinstance(written, str) else written
    start, end = (int(dt.datetime.fromisoformat(text).timestamp()) for text in ends)
    return Interval(start, end)
