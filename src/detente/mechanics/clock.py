"""The clock of a case: dates as whole periods completed since the date of knowledge."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
DAYS_OF_A_YEAR = 365.25
YEARLY = 0.95


def whole_periods(start: dt.date, date: dt.date, period: str) -> int:
    """Whole periods completed from one date to another; negative before the start, month ends clamped.

    Args:
        start: date of knowledge.
        date: any date.
        period: day, week, month, quarter or year.
    """
    if period in DAYS:
        return (date - start).days // DAYS[period]
    months = 12 * (date.year - start.year) + date.month - start.month
    ticks = months // MONTHS[period]  # one more is in a later month, which the calendar may not have
    return ticks if date_of(start, ticks, period) <= date else ticks - 1


def date_of(start: dt.date, ticks: int, period: str) -> dt.date:
    """The date so many periods after the start; a day that the month lacks becomes its last.

    Raises:
        OverflowError: the calendar ends before (after the year 9999).
    """
    if period in DAYS:
        return start + dt.timedelta(days=ticks * DAYS[period])
    year, month = divmod(12 * start.year + start.month - 1 + ticks * MONTHS[period], 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError(f"the year {year} is not in the calendar")
    return dt.date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def default_discount(period: str) -> float:
    """Worth today of one unit next period where a party writes none: 0.95 a year."""
    share = MONTHS[period] / 12 if period in MONTHS else DAYS[period] / DAYS_OF_A_YEAR
    return float(YEARLY**share)
