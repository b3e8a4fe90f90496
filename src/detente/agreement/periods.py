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
