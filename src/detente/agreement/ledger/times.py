"""Instants as they stand in a ledger: ``2019-01-29T10:00:00Z``."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from detente.agreement.periods import Instant, Interval

EARLIEST, LATEST = -6_847_804_800, 253_370_764_799  # the years 1753 to 9998, written with four digits
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])", re.ASCII)


def instant_text(instant: Instant) -> str:
    """An instant as text."""
    return f"{dt.datetime(1970, 1, 1) + dt.timedelta(seconds=instant):%Y-%m-%dT%H:%M:%S}Z"  # noqa: DTZ001


def interval_text(interval: Interval) -> str | list[str]:
    """An interval as its two instants; one that is an instant as one text."""
    start = instant_text(interval.start)
    return start if interval.start == interval.end else [start, instant_text(interval.end)]


def seconds_of(text: str) -> Instant:
    """An instant from its text, which is the only text for it.

    Raises:
        ValueError, TypeError: it is no such text, or out of range.
    """
    # Ledgers have many records of few days: both halves are remembered, which is most of the speed of reading.
    if len(text) != 20 or text[10] != "T" or text[19] != "Z":
        raise ValueError(text)
    return _day(text[:10]) + _clock(text[11:19])


@lru_cache(maxsize=100_000)
def _day(text: str) -> Instant:
    if not DAY.fullmatch(text):  # fromisoformat reads days of weeks too
        raise ValueError(text)
    seconds = (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days * 86_400
    if not EARLIEST <= seconds <= LATEST:
        raise ValueError(text)
    return seconds


@lru_cache(maxsize=100_000)
def _clock(text: str) -> int:
    found = CLOCK.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
