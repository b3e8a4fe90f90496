"""Which records count and in what order, said naively (docs/agreement-semantics.md, 2 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detente.agreement.records import CORRECTIONS, RANK, Record
from tests.literal.agreement_time import parsed_occurred


def known(records: Sequence[Record], k: int) -> list[Record]:
    return [r for r in records if r.seq <= k]


def as_known_at(records: Sequence[Record], instant: int) -> list[Record]:
    return [r for r in records if r.recorded_at <= instant]


def effective(records: Sequence[Record]) -> tuple[list[Record], set[int]]:
    """Give the records that act, in the order in which they act, and the corrections that are irregular."""
    retracted: set[int] = set()
    irregular: set[int] = set()
    changes: dict[int, list[Record]] = {}  # what supersedes or redates each record, in its present wording
    for late in reversed(records):  # a correction is judged when all that come after it are
        if late.kind not in CORRECTIONS or late.seq in retracted:
            continue
        wording = changed(late, changes.get(late.seq, []), irregular)
        ref = wording.body.get("ref")
        if not any(r.seq == ref and r.seq < late.seq for r in records):
            irregular.add(late.seq)
        elif wording.kind == "retract":
            retracted.add(ref)  # type: ignore[arg-type]
        else:
            changes.setdefault(ref, []).insert(0, wording)  # type: ignore[arg-type]
    kept = [
        changed(r, changes.get(r.seq, []), irregular)
        for r in records
        if r.kind not in CORRECTIONS and r.seq not in retracted
    ]
    acting = [r for n, r in enumerate(kept) if not any(same(r, earlier) for earlier in kept[:n])]
    return sorted(acting, key=lambda r: (r.occurred.start, RANK[r.kind], r.subject, r.seq)), irregular


def changed(record: Record, changes: Sequence[Record], irregular: set[int]) -> Record:
    for change in changes:
        try:
            record = changed_once(record, change)
        except (KeyError, ValueError, TypeError, AttributeError):
            irregular.add(change.seq)
    return record


def changed_once(record: Record, change: Record) -> Record:
    if change.kind == "redate":
        return replace(record, occurred=parsed_occurred(change.body["occurred"]))
    new = change.body["record"]
    return replace(
        record,
        by=tuple(new.get("by", record.by)),
        occurred=parsed_occurred(new["occurred"]) if "occurred" in new else record.occurred,
        evidence=tuple(new.get("evidence", record.evidence)),
        body=dict(new.get("body", record.body)),
    )


def same(one: Record, other: Record) -> bool:
    return bool(one.evidence) and sameness(one) == sameness(other)


def sameness(record: Record) -> tuple[object, ...]:
    return (
        record.kind,
        record.subject,
        frozenset(record.by),
        record.occurred,
        sorted((k, repr(v)) for k, v in record.body.items()),
        frozenset(record.evidence),
    )


def recognised_by(records: Sequence[Record], party: str) -> list[Record]:
    """A party's view: without what its last word about it refuses."""
    said: dict[object, object] = {}
    for record in effective(records)[0]:
        if record.kind == "recognise" and party in record.by:
            said[record.body.get("ref")] = record.body.get("answer")
    return [r for r in records if said.get(r.seq) != "no"]


def joint(records: Sequence[Record], parties: Sequence[str]) -> list[Record]:
    views = [{r.seq for r in recognised_by(records, p)} for p in parties]
    return [r for r in records if all(r.seq in view for view in views)]
