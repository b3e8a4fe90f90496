"""Small agreements and ledgers written down by day, for scenes worked out by hand.

Day 1 is 1 January 2020 in UTC; an instant is a day, or a day and an hour. All agreements here are in force from day 1.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from detente.agreement.formulas import At
from detente.agreement.periods import Interval, Period
from detente.agreement.records import Record
from detente.agreement.run import Run, run
from detente.agreement.standing import Standing
from detente.agreement.terms import CalendarPolicy, Commitment, On, Terms, TextAct, Verification

FIRST = dt.date(2020, 1, 1)
DAY = 86_400
ZERO = 1_577_836_800 - DAY  # so that day(1) is 2020-01-01T00:00Z
DAYS = {n: Period(days=n) for n in range(100)}


def day(number: float) -> int:
    """The first instant of a day; a fraction is a part of it."""
    return ZERO + round(number * DAY)


def date(number: int) -> dt.date:
    """The date of a day."""
    return FIRST + dt.timedelta(days=number - 1)


def on(number: int) -> On:
    """A deadline on a day: its end."""
    return On(date(number))


CHECKED = (Verification("v", window=DAYS[20]),)


def owes(name: str, **more: Any) -> Commitment:
    """A commitment of a to b, checked by v within 20 days, due on day 10, unless said otherwise."""
    given: dict[str, Any] = {
        "modality": "achieve", "obligors": ("a",), "obligees": ("b",), "act": TextAct(name), "deadline": on(10),
        "verification": CHECKED,
    }  # fmt: skip
    return Commitment(id=name, **{**given, **more})


def agreed(*commitments: Commitment, **more: Any) -> Terms:
    """An agreement of a and b with the bodies v (verifier) and w (disputes), in force from day 1."""
    given: dict[str, Any] = {
        "parties": ("a", "b"), "bodies": ("v", "w"), "calendar": CalendarPolicy("UTC"), "entry": At(FIRST),
        "events": ("storm",),
    }  # fmt: skip
    return Terms(id="scene", commitments=commitments, **{**given, **more})


class Book:
    """A ledger in the writing: each call of ``say`` is one record."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def say(
        self,
        when: float | tuple[float, float],
        kind: str,
        subject: str,
        by: str = "a",
        *,
        evidence: str = "",
        **body: Any,
    ) -> Record:
        """A record: when (a day, or from a day to another), by whom (letters), the rest into its body."""
        first, last = when if isinstance(when, tuple) else (when, when)
        seq = len(self.records) + 1
        papers = (evidence,) if evidence else ()
        record = Record(seq, seq, Interval(day(first), day(last)), kind, subject, tuple(by), papers, body)
        self.records.append(record)
        return record

    def run(self, terms: Terms, until: float | None = None) -> Run:
        """The run over all that has been said."""
        return run(terms, self.records, None if until is None else day(until))


def moves(result: Run, name: str = "c") -> list[tuple[float, str, str]]:
    """The moves of a commitment after it began to wait: day, row, new state."""
    return [((m.instant - ZERO) / DAY, m.row, m.after) for m in result.history if m.commitment == name and m.row != "1"]


def stands(result: Run, name: str, when: float) -> Standing:
    """How one commitment stands."""
    (found,) = result.of(name, day(when))
    return found


def reasons(result: Run) -> dict[int | None, str]:
    """Why records were irregular."""
    return {i.seq: i.reason for i in result.irregular}
