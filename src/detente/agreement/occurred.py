"""When something happened, as text: an instant, a date, a month, a year, or a stretch from one to another.

::

    2019-01-29T10:00:00Z      an instant, with its offset from universal time
    2019-01-29                a date
    2016-02                   some time in a month; 2016 in a year
    2003-01..2003-03          some time from the beginning of the first to the end of the last
    2019-01-29T10:00Z..2019-01-29T12:00Z    from an instant up to but without another
"""

from __future__ import annotations

import datetime as dt
import re

from detente.agreement.calendar import Calendar
from detente.agreement.periods import Instant, Interval
from detente.agreement.time_text import DATE, TimeError, moment_text, parse_date, parse_moment
from detente.base.errors import shown

FORM = "a date, a month such as 2016-02, a year, an instant such as 2019-01-29T10:00Z, or two of them joined by .."
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
YEAR = re.compile(r"[0-9]{4}", re.ASCII)


def parse_occurred(text: str, calendar: Calendar) -> Interval:
    """Read when something happened.

    Args:
        text: one of the forms above; blanks around its parts do not matter.
        calendar: whose days are meant.

    Returns:
        The interval; of an instant, one with start = end.

    Raises:
        TimeError: what is wrong with it.
    """
    first, dots, last = (part.strip() for part in text.partition(".."))
    begin = _one(first, text)
    if not dots:
        return Interval(begin, begin) if isinstance(begin, int) else calendar.stretch(*begin)
    end = _one(last, text)
    if isinstance(begin, int) and isinstance(end, int):
        if end <= begin:
            raise TimeError(shown(text), "a second instant after the first", "Write one instant alone.")
        return Interval(begin, end)
    if isinstance(begin, int) or isinstance(end, int):
        raise TimeError(shown(text), "two instants or two dates", "Give both a time, or neither.")
    return calendar.stretch(begin[0], end[1])


def occurred_text(occurred: Interval, calendar: Calendar) -> str:
    """When something happened, as text in its shortest form; reading it gives the same interval."""
    if occurred.start == occurred.end:
        return moment_text(occurred.start)
    first, last = calendar.day(occurred.start), calendar.day(occurred.end - 1)
    if calendar.start(first) != occurred.start or calendar.deadline(last) != occurred.end:
        return f"{moment_text(occurred.start)}..{moment_text(occurred.end)}"
    if first == last:
        return first.isoformat()
    ends = last == _month_end(last)
    if first.year == last.year and (first.month, first.day, last.month) == (1, 1, 12) and ends:
        return f"{first.year:04}"
    if first.day == 1 and ends:
        months = [f"{first:%Y-%m}", f"{last:%Y-%m}"]
        return months[0] if months[0] == months[1] else "..".join(months)
    return f"{first}..{last}"


def _one(text: str, whole: str) -> Instant | tuple[dt.date, dt.date]:
    """An instant, or the first and the last day of a date, month or year."""
    if YEAR.fullmatch(text) or MONTH.fullmatch(text):
        first = parse_date(f"{text}-01-01"[:10])
        return first, _month_end(first) if len(text) == 7 else dt.date(first.year, 12, 31)
    if DATE.fullmatch(text):
        return parse_date(text), parse_date(text)
    if "T" not in text.upper():
        raise TimeError(shown(whole), FORM)
    found = parse_moment(text)
    if not isinstance(found, int):
        raise TimeError(shown(whole), FORM)
    return found


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
