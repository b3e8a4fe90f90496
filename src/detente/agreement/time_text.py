"""Dates, instants and periods as text: ``1994-11-21``, ``1994-11-21T12:00+01:00``, ``2 years 3 months``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from detente.agreement.periods import Instant, Moment, Period
from detente.base.errors import did_you_mean, shown

FIRST_YEAR, LAST_YEAR = 1900, 2200
UNITS = {"year": 1, "month": 1, "week": 7, "day": 1, "hour": 1}
MOST = {"year": 300, "month": 3_600, "week": 15_700, "day": 110_000, "hour": 2_640_000}
FORM = "a period such as 1 month, 2 years 3 months, 14 days or 36 hours"
A_DATE = "a date such as 1994-11-21, or an instant such as 1994-11-21T12:00+01:00"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2})?(?:[Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class TimeError(ValueError):
    """A text that is no date, instant or period."""

    def __init__(self, found: str, expected: str, fix: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found, self.expected, self.fix = found, expected, fix


def parse_period(text: str) -> Period:
    """Read a period.

    Raises:
        TimeError: what is wrong with it.
    """
    words = text[:200].split()
    if len(words) % 2 or not words:
        glued = re.fullmatch(r"([0-9]+)([a-z]+)", words[0]) if words else None
        fix = f"Write {glued.group(1)} {glued.group(2)}." if glued and glued.group(2).rstrip("s") in UNITS else ""
        raise TimeError(shown(text), FORM, fix or "Write a whole number and its unit.")
    return period_of(list(zip(words[::2], words[1::2], strict=True)))


def period_of(pairs: Sequence[tuple[str, str]]) -> Period:
    """The period of some numbers and units, each unit at most once, largest first.

    Raises:
        TimeError: what is wrong with it.
    """
    if not pairs:
        raise TimeError("nothing", FORM, "Write a whole number and its unit.")
    found: dict[str, int] = {}
    for number, word in pairs:
        unit = word.removesuffix("s")
        if unit not in UNITS:
            fix = did_you_mean(word, [*UNITS, *(f"{u}s" for u in UNITS)])
            raise TimeError(f"the unit {shown(word)}", "years, months, weeks, days or hours", fix)
        if not (number.isascii() and number.isdigit()):
            raise TimeError(shown(number), "a whole number before the unit", "Use a smaller unit.")
        if any(list(UNITS).index(unit) <= list(UNITS).index(u) for u in found):
            raise TimeError(f"{shown(word)} there", "each unit once, the largest first")
        if len(number) > 9 or int(number) > MOST[unit]:
            raise TimeError(f"{shown(number, 20)} {word}", f"at most {MOST[unit]:,} {unit}s")
        found[unit] = int(number)
    days = 7 * found.get("week", 0) + found.get("day", 0)
    return Period(found.get("year", 0), found.get("month", 0), days, found.get("hour", 0))


def period_text(period: Period) -> str:
    """A period in words; reading them gives it again."""
    parts = {"year": period.years, "month": period.months, "day": period.days, "hour": period.hours}
    words = [f"{n} {unit}{'' if n == 1 else 's'}" for unit, n in parts.items() if n]
    return " ".join(words) or "0 days"


def parse_moment(text: str) -> Moment:
    """Read a date or an instant.

    Raises:
        TimeError: what is wrong with it.
    """
    if DATE.fullmatch(text):
        return parse_date(text)
    if not INSTANT.fullmatch(text):
        raise TimeError(shown(text), A_DATE, "Write year-month-day.")
    if text[-1] not in "Zz" and text[-6] not in "+-":
        fix = f"Write {text}Z for universal time, or add the offset, such as +01:00."
        raise TimeError(f"the time {shown(text)} without its offset from universal time", A_DATE, fix)
    try:
        when = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        raise TimeError(f"{shown(text)}, which does not exist", A_DATE) from None
    return _seconds(when)


def parse_date(text: str) -> dt.date:
    """Read a date.

    Raises:
        TimeError: what is wrong with it.
    """
    if not DATE.fullmatch(text):
        raise TimeError(shown(text), "a date such as 1994-11-21", "Write year-month-day.")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise TimeError(f"{shown(text)}, which does not exist", "a date such as 1994-11-21") from None
    return in_range(day)


def in_range(day: dt.date) -> dt.date:
    """The day itself.

    Raises:
        TimeError: before 1900 or after 2200.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise TimeError(f"the year {day.year}", f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def instant_of(when: dt.datetime) -> Instant:
    """Seconds since 1970 of a time with its offset.

    Raises:
        TimeError: no offset, or out of range.
    """
    if when.tzinfo is None:
        raise TimeError(f"the time {shown(when)} without its offset from universal time", A_DATE)
    return _seconds(when)


def _seconds(when: dt.datetime) -> Instant:
    in_range(when.date())
    return int((when - EPOCH).total_seconds())


def moment_text(moment: Moment) -> str:
    """A date, or an instant in universal time; reading it gives the same."""
    if isinstance(moment, dt.date):
        return moment.isoformat()
    return (EPOCH + dt.timedelta(seconds=moment)).strftime("%Y-%m-%dT%H:%M:%SZ")
