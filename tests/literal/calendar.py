"""Days and ends of periods, by walking over days and over instants: slow, and close to the words of the rules."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from detente.agreement.periods import Period
from detente.agreement.terms import CalendarPolicy

ONE = dt.timedelta(days=1)
UTC_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def shown(instant: int, zone: ZoneInfo) -> dt.date:
    """The date on the zone's clocks."""
    return (UTC_1970 + dt.timedelta(seconds=instant)).astimezone(zone).date()


def noon(day: dt.date) -> int:
    """About noon of a day in universal time."""
    return int((dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC) - UTC_1970).total_seconds())


def day_start(day: dt.date, zone: ZoneInfo, step: int = 900) -> int:
    """The first instant, in steps of some seconds, at which the clocks show this date or a later one."""
    instant = noon(day) - 2 * 86_400
    while shown(instant, zone) < day:
        instant += step
    return instant


def latest_shown(instant: int, zone: ZoneInfo, step: int = 900) -> dt.date:
    """The latest date that the clocks have shown in the two days up to an instant."""
    return max(shown(s, zone) for s in range(instant, instant - 2 * 86_400, -step))


def last_day(event: dt.date, period: Period, overflow: str) -> dt.date | None:
    """The last day of a period in years, months and days: one day after the other. None: it does not exist."""
    day, months = event, 12 * period.years + period.months
    while months:  # to the first day of the month meant
        day += ONE
        months -= day.day == 1
    if day != event:
        month = day.month
        while day.month == month and day.day != event.day:
            day += ONE
        if day.month != month:  # the month was over before the day came: day is the first of the next
            if overflow == "error":
                return None
            day -= ONE if overflow == "down" else 0 * ONE
    for _ in range(period.days):
        day += ONE
    return day


def rolled(day: dt.date, event: dt.date | None, policy: CalendarPolicy) -> dt.date:
    """The working day next to a last day."""
    steps = {"none": 0, "following": 1, "preceding": -1}[policy.roll]
    moved = day
    while steps and (moved.weekday() in policy.weekend or moved in policy.holidays):
        moved += steps * ONE
    return moved if event is None or moved >= event else event


def after(event: tuple[int, int] | int, period: Period, policy: CalendarPolicy) -> int | None:
    """The end of a period, as a stretch of instants or an instant starts it; None: it ends on no day."""
    zone = ZoneInfo(policy.zone)
    begin, end = (event, event) if isinstance(event, int) else event
    if not (period.years or period.months or period.days):
        return end + 3600 * period.hours
    day = latest_shown(end - 1 if end > begin else end, zone)
    last = last_day(day, period, policy.overflow)
    if last is None:
        return None
    if not period.hours:
        last = rolled(last, day, policy)
    return day_start(last + ONE, zone) + 3600 * period.hours
