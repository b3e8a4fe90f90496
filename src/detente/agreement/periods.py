"""Instants, dates as intervals, and periods (docs/agreement-semantics.md, 1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Instant = int  # whole seconds since 1970-01-01T00:00:00Z


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time [start, end) in seconds of UTC; an instant has start = end."""

    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Period:
    """Years, months, days and hours, none negative."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0

    def __bool__(self) -> bool:
        """Whether it is longer than nothing."""
        return bool(self.years or self.months or self.days or self.hours)


Moment = dt.date | Instant  # a date in the agreement's zone, or an instant


def timeliness(occurred: Interval, deadline: Instant | None) -> bool | None:
    """Whether a performance is in time.

    Args:
        occurred: when it happened: an interval, or an instant (start = end).
        deadline: the first instant no longer in time; None: there is none, and everything is in time.

    Returns:
        True = timely, False = late, None = indeterminate: the interval contains the deadline.
    """
    if deadline is None or occurred.start < deadline >= occurred.end:
        return True
    return False if occurred.start >= deadline else None
