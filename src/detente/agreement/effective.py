"""From the records as written to the log that counts: corrections, duplicates, order.

See docs/agreement-semantics.md, 2.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from detente.agreement.calendar import Calendar
from detente.agreement.periods import Instant, Interval
from detente.agreement.records import CORRECTIONS, RANK, Record
from detente.agreement.time_text import TimeError, parse_moment

EARLIEST, LATEST = -6_847_804_800, 253_370_764_799  # the years 1753 to 9998, those of a ledger


@dataclass(frozen=True, slots=True)
class Irregular:
    """What changed nothing, and why: a record by its number, or (seq None) a commitment whose day does not exist."""

    seq: int | None
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Effective:
    """The records that count, in the order in which they act, and the irregular ones found on the way."""

    records: list[Record]
    irregular: list[Irregular]


def known(records: Sequence[Record], k: int) -> Sequence[Record]:
    """Records 1 to k."""
    seqs = [r.seq for r in records]
    return records[: bisect.bisect_right(seqs, k)]


def as_known_at(records: Sequence[Record], instant: Instant) -> list[Record]:
    """The records that had been written down by an instant."""
    return [r for r in records if r.recorded_at <= instant]


def reference(body: dict[str, Any]) -> int | None:
    """The number of the record that a body names, or None."""
    ref = body.get("ref")
    if isinstance(ref, int) and not isinstance(ref, bool):
        return ref
    return int(ref) if isinstance(ref, str) and ref.isascii() and ref.isdigit() and len(ref) < 19 else None


def occurred_of(value: Any, calendar: Calendar) -> Interval:
    """When something happened, as a body says it: an instant, a date, or a pair of instants.

    Raises:
        TimeError: it is none of these.
    """
    if isinstance(value, Interval):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and EARLIEST <= value <= LATEST:
        return Interval(value, value)
    if isinstance(value, str):
        moment = parse_moment(value)
        return Interval(moment, moment) if isinstance(moment, int) else calendar.interval(moment)
    if isinstance(value, list | tuple) and len(value) == 2:
        start, end = occurred_of(value[0], calendar).start, occurred_of(value[1], calendar).start
        if start <= end:
            return Interval(start, end)
    raise TimeError(str(value)[:60], "an instant, a date, or a start and an end")


def effective(records: Sequence[Record], calendar: Calendar) -> Effective:
    """The log that counts.

    Args:
        records: in order of seq.
        calendar: for dates named in corrections.
    """
    irregular: list[Irregular] = []
    kept: Sequence[Record] = records
    if any(r.kind in CORRECTIONS for r in records):
        kept = _corrected(records, calendar, irregular)
    found: list[tuple[Instant, int, str, int, Record]] = []
    seen: dict[tuple[Any, ...], list[Record]] = {}
    rank = RANK
    for r in kept:
        kind, start = r.kind, r.occurred.start
        if r.evidence:
            same = seen.setdefault((kind, r.subject, start, r.evidence), [])
            if same and any(_equal(r, other) for other in same):
                continue
            same.append(r)
        place = rank.get(kind)
        if place is None:
            irregular.append(Irregular(r.seq, r.subject, f"no such kind of record: {kind[:60]}"))
            continue
        found.append((start, place, r.subject, r.seq, r))
    found.sort()
    return Effective([f[4] for f in found], irregular)


def _equal(one: Record, other: Record) -> bool:
    return one.occurred == other.occurred and one.body == other.body and set(one.by) == set(other.by)


def _corrected(records: Sequence[Record], calendar: Calendar, irregular: list[Irregular]) -> list[Record]:
    """The records but for corrections, as the corrections that count leave them.

    From the last to the first: all that can correct a record comes later, so that it is final when its turn comes.
    """
    seqs = {r.seq for r in records}
    naming: dict[int, list[Record]] = {}  # corrections that count, by the record they name, last first
    kept: list[Record] = []
    for record in reversed(records):
        changes = naming.get(record.seq, ())
        if any(c.kind == "retract" for c in changes):
            continue
        final = record
        for change in reversed(changes):
            final = _changed(final, change, calendar, irregular)
        if final.kind not in CORRECTIONS:
            kept.append(final)
            continue
        ref = reference(final.body)
        if ref is None or ref >= final.seq or ref not in seqs:
            irregular.append(Irregular(final.seq, final.subject, "it corrects no earlier record"))
        else:
            naming.setdefault(ref, []).append(final)
    kept.reverse()
    return kept


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise TimeError(str(value)[:60], "a list of texts")


def _changed(record: Record, change: Record, calendar: Calendar, irregular: list[Irregular]) -> Record:
    try:
        if change.kind == "redate":
            return replace(record, occurred=occurred_of(change.body.get("occurred"), calendar))
        named = change.body.get("record")
        if not isinstance(named, dict):
            raise TimeError("no record", "the corrected record")
        fresh: dict[str, Any] = {k: _texts(named[k]) for k in ("by", "evidence") if k in named}
        if "occurred" in named:
            fresh["occurred"] = occurred_of(named["occurred"], calendar)
        if "body" in named:
            fresh["body"] = dict(named["body"])
        return replace(record, **fresh)
    except (AttributeError, TypeError, ValueError) as error:
        irregular.append(Irregular(change.seq, change.subject, f"it cannot be read: {error}"))
        return record
