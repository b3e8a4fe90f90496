"""An agreement tracked: how every commitment stands at a date, as known at another, and how each side sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from detente.agreement.calendar import Calendar
from detente.agreement.consequences import Owed
from detente.agreement.effective import as_known_at, effective, known
from detente.agreement.model import Agreement
from detente.agreement.periods import Instant, Interval
from detente.agreement.records import Record
from detente.agreement.run import Run, run
from detente.agreement.standing import Standing
from detente.agreement.terms import Commitment
from detente.agreement.time_text import TimeError, moment_text, parse_moment
from detente.agreement.views import joint_view, party_view
from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table

JOINT = "joint"


@dataclass(frozen=True, repr=False)
class Status(Result):
    """How every commitment stands.

    Attributes:
        agreement: the text.
        at: the instant looked at.
        known: number of the last record taken.
        view: None = all records and the text as written; a party; or ``joint``, what all recognise.
        standings: in the order of the agreement.
        run: the whole run.
        others: by view, the commitments whose life state differs there, with that state.
        records: those taken.
    """

    agreement: Agreement
    at: Instant
    known: int
    view: str | None
    standings: tuple[Standing, ...]
    run: Run
    others: Mapping[str, Mapping[str, str]]
    records: tuple[Record, ...] = ()

    @property
    def in_force(self) -> bool:
        """Whether anything has come into being."""
        return any(s.life != "inert" for s in self.standings)

    @cached_property
    def written(self) -> Mapping[str, Commitment]:
        """The commitments of the text by id."""
        return {c.id: c for c in self.agreement.terms().commitments}

    @property
    def owed(self) -> tuple[Owed, ...]:
        """The amounts owed after breaches that stand."""
        return tuple(o for o in self.run.owed if o.since <= self.at and (o.fell is None or o.fell > self.at))

    @cached_property
    def said(self) -> Mapping[str, Sequence[Record]]:
        """What was recorded up to the instant looked at and stands, corrections made, by what it is about."""
        found: dict[str, list[Record]] = {}
        for record in effective(self.records, self.run.calendar).records:
            if record.occurred.start <= self.at:
                found.setdefault(record.subject, []).append(record)
        return found

    @cached_property
    def given_up(self) -> Mapping[str, Instant]:
        """The commitments whose non-performance was declared, and when last."""
        return {m.commitment: m.instant for m in self.run.history if m.row == "6" and m.instant <= self.at}

    def when(self, instant: Instant | None) -> str:
        """A deadline for readers: its last day in the agreement's zone, or its hour where it ends no day."""
        return "" if instant is None else told(self.run.calendar, instant)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract."""
        return {
            "at": moment_text(self.at),
            "known": str(self.known),
            "commitments": [self._commitment(s) for s in self.standings],
            "others": {v: dict(states) for v, states in self.others.items()},
            "owed": [
                {"commitment": o.commitment, "by": list(o.by), "to": list(o.to), "unit": o.unit,
                 "amount": None if o.amount is None else str(o.amount), "since": moment_text(o.since)}
                for o in self.owed
            ],
            "irregular": [{"seq": i.seq, "subject": i.subject, "why": i.reason} for i in self.run.irregular],
        }  # fmt: skip

    def _commitment(self, s: Standing) -> dict[str, Any]:
        return {
            "id": s.id, "of": s.of, "state": s.life, "holds": [list(h) for h in sorted(s.holds)],
            "finding": s.finding.kind, "found_by": list(s.finding.by), "late": s.late, "progress": float(s.progress),
            "deadline": _text(s.deadline), "deadline_if_excused": _text(s.shadow_deadline),
            "cure_end": _text(s.cure_end),
            "verification_end": _text(s.verify_end), "dispute_end": _text(s.dispute_end), "since": _text(s.activated),
            "breached": _text(s.breached_at), "blame": list(s.blame),
            "episodes": [[_text(a), _text(b)] for a, b in s.episodes], "score": s.score,
        }  # fmt: skip

    def table(self) -> Table:
        """Commitment, who, state, deadline, what was found."""
        from detente.agreement.telling import status_rows

        columns = ("commitment", "who", "state", "due by", "what is known")
        return Table(columns, status_rows(self), self.agreement.title)


def track(
    agreement: Agreement,
    records: Sequence[Record],
    at: Instant,
    upto: int | None = None,
    view: str | None = None,
) -> Status:
    """How an agreement stands.

    Args:
        agreement: the text.
        records: the ledger, in order.
        at: the instant looked at.
        upto: take the records up to this number; None: all.
        view: None, a party, or ``joint``.

    Raises:
        UsageError: no such view.
        ConsequenceLoop: consequences follow each other without end.
    """
    taken = tuple(records if upto is None else known(records, upto))
    found = run_of(agreement, taken, view, at)
    standings = _ordered(agreement, found, at)
    mine = {s.id: s.life for s in standings}
    others = {
        other: differing
        for other in (None, JOINT, *agreement.terms().parties)
        if other != view and (differing := _differing(agreement, taken, at, other, mine))
    }
    provenance = Provenance(agreement.name, agreement.digest, view)
    last = taken[-1].seq if taken else 0
    named = {str(v or "as written"): d for v, d in others.items()}
    return Status(provenance, agreement, at, last, view, standings, found, named, taken)


def run_of(
    agreement: Agreement, records: Sequence[Record], view: str | None = None, until: Instant | None = None
) -> Run:
    """The run of a view, up to an instant.

    Raises:
        UsageError: no such view.
    """
    terms = agreement.terms()
    if view is None:
        return run(terms, records, until)
    if view == JOINT and JOINT not in terms.parties:
        return joint_view(terms, records, until)
    if view not in terms.parties:
        views = [*terms.parties, JOINT]
        raise UsageError(f"the view {shown(view)}", f"one of {', '.join(views)}", did_you_mean(view, views))
    return party_view(terms, records, view, reading=agreement.terms(view), until=until)


def _differing(
    agreement: Agreement, records: Sequence[Record], at: Instant, view: str | None, mine: Mapping[str, str]
) -> dict[str, str]:
    """The life states that are other ones in a view; views that can differ in nothing are not worked out."""
    plain = not any(r.kind == "recognise" for r in records)
    if plain and (view in (None, JOINT) or view not in agreement.readings):
        return {}
    return {s.id: s.life for s in run_of(agreement, records, view, at).at(at) if mine.get(s.id) != s.life}


def _ordered(agreement: Agreement, found: Run, at: Instant) -> tuple[Standing, ...]:
    """Standings in the order of the text; parts and instances by their names' order, restorations last."""
    place = {c.id: n for n, c in enumerate(agreement.terms().commitments)}

    def key(s: Standing) -> tuple[int, int, str]:
        number = s.id.rpartition("#")[2]
        return (place.get(s.of, len(place)), int(number) if number.isdigit() else 0, s.id)

    return tuple(sorted(found.at(at), key=key))


def instant_of(text: str | None, agreement: Agreement, now: Instant, *, name: str) -> Instant:
    """A date or an instant of the command line; of a date its last second.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return now
    try:
        moment = parse_moment(text)
    except TimeError as error:
        raise UsageError(f"{name} {error.found}", error.expected, error.fix) from None
    return moment if isinstance(moment, int) else Calendar(agreement.terms().calendar).deadline(moment) - 1


def known_of(text: str | None, agreement: Agreement, records: Sequence[Record]) -> int | None:
    """How many records are taken: a number, or all that had been written down by a date.

    Raises:
        UsageError: neither, or a record that is not there.
    """
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        last = records[-1].seq if records else 0
        if len(text) > 15 or int(text) > last:
            raise UsageError(f"--known {shown(text)}", f"a record number up to {last}, or a date")
        return int(text)
    taken = as_known_at(records, instant_of(text, agreement, 0, name="--known"))
    return taken[-1].seq if taken else 0


def told(calendar: Calendar, instant: Instant) -> str:
    """The last day before an instant that ends a day; else the instant in the zone's time."""
    day = calendar.day(instant - 1)
    if calendar.deadline(day) == instant:
        return f"{day.day} {day:%B %Y}"
    local = dt.datetime.fromtimestamp(instant, calendar.zone)
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"


def as_of_text(calendar: Calendar, instant: Instant) -> str:
    """The instant looked at: the end of a day, or an hour."""
    if calendar.deadline(calendar.day(instant)) == instant + 1:
        return f"at the end of {day_text(calendar, instant)}"
    local = dt.datetime.fromtimestamp(instant, calendar.zone)
    return f"at {local:%H:%M} on {local.day} {local:%B %Y}"


def day_text(calendar: Calendar, instant: Instant) -> str:
    """The day in which an instant lies."""
    day = calendar.day(instant)
    return f"{day.day} {day:%B %Y}"


def span_text(calendar: Calendar, span: Interval) -> str:
    """When something happened, as closely as it is known: on a day, in a month or year, between two days."""
    first, last = calendar.day(span.start), calendar.day(max(span.start, span.end - 1))
    after = last + dt.timedelta(days=1)
    if first == last:
        return f"on {first.day} {first:%B %Y}"
    if first.day == after.day == 1:
        if first.month == after.month == 1 and after.year == first.year + 1:
            return f"in {first.year}"
        if (after.year * 12 + after.month) - (first.year * 12 + first.month) == 1:
            return f"in {first:%B %Y}"
    start = f"{first.day} {first:%B}" if first.year == last.year else f"{first.day} {first:%B %Y}"
    return f"between {start} and {last.day} {last:%B %Y}"


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else moment_text(instant)
