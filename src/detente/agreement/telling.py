"""Status, history, what is next, what if and exposure in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from detente.agreement.exposure import Exposure, Stop
from detente.agreement.machine import Transition
from detente.agreement.periods import Instant
from detente.agreement.standing import Standing
from detente.agreement.table import ROWS, TERMINAL
from detente.agreement.tracking import Status, day_text, told
from detente.agreement.what_if import WhatIf
from detente.base.table import Table
from detente.base.wording import counted, listed, percent, sentence

if TYPE_CHECKING:
    from detente.agreement.model import Agreement
    from detente.agreement.records import Record
    from detente.agreement.run import Run

MEANS = {
    "inert": "not in force",
    "waiting": "not yet owed",
    "due": "owed, its time runs",
    "claimed": "said to be done, not yet checked",
    "unverified": "said to be done; the time to check it is over without a finding",
    "overdue": "its time is over; it can still be mended",
    "breached": "not done in time",
    "disputed": "contested, not decided",
    "fulfilled": "done",
    "remedied": "done after a breach",
    "lapsed": "no longer owed: its condition cannot come about",
    "waived": "given up by those to whom it was owed",
    "terminated": "ended",
    "superseded": "replaced by an amendment",
}
RULES = {row.id: row.when for row in ROWS}


def called(agreement: Agreement, name: str) -> str:
    """A commitment, part or instance for readers."""
    if name.startswith("restore:"):
        _, subject, seq = name.split(":")
        return f"Undoing what was done on record {seq} about {called(agreement, subject)}"
    base, mark, part = name.partition("@") if "@" in name else name.partition("#")
    title = agreement.called(base)
    return title if not mark else f"{title} ({agreement.called(part) if mark == '@' else f'no. {part}'})"


def obligors(agreement: Agreement, standing: Standing) -> str:
    """Who owes it."""
    if "@" in standing.id:
        return agreement.called(standing.id.partition("@")[2])
    found = {c.id: c.obligors for c in agreement.terms().commitments}.get(standing.of, ())
    return listed([agreement.called(p) for p in found])


def status_rows(status: Status) -> tuple[tuple[str, ...], ...]:
    """Commitment, who, state, deadline, what is known."""
    return tuple(
        (called(status.agreement, s.id), obligors(status.agreement, s), _state(s), _due(status, s), _known(status, s))
        for s in status.standings
    )


def status_lines(status: Status) -> list[str]:
    """The status for a terminal."""
    calendar = status.run.calendar
    records = counted(status.known, "record") if status.known else "nothing recorded"
    whose = "" if status.view is None else " as all sides recognise it" if status.view == "joint" else (
        f" as {status.agreement.called(status.view)} sees it")  # fmt: skip
    lines = [f"{status.agreement.title}{whose} at the end of {day_text(calendar, status.at)}, with {records}.", ""]
    if not status.in_force:
        lines += ["The agreement is not in force: nothing is owed.", ""]
    lines += [str(status.table()).split("\n", 1)[1], ""]
    lines += [f"{name}: {MEANS[name]}." for name in MEANS if any(s.life == name for s in status.standings)]
    for view, states in status.others.items():
        who = {"joint": "What all recognise", "as written": "All records and the text as written"}.get(
            view, f"{status.agreement.called(view)}'s view"
        )
        differs = listed([f"{called(status.agreement, c)} is {life}" for c, life in states.items()])
        lines.append(f"{who} differs: {differs}.")
    fresh = [i for i in status.run.irregular if i.seq is not None]
    lines += [f"Record {i.seq} changes nothing: {i.reason}." for i in fresh]
    lines += [f"{called(status.agreement, i.subject)}: {i.reason}." for i in status.run.irregular if i.seq is None]
    return lines


def next_lines(agreement: Agreement, found: Run, at: Instant) -> list[str]:
    """What comes next for a terminal."""
    due = found.next(at)
    calendar = found.calendar
    lines = [f"{agreement.title}: what comes next, seen at the end of {day_text(calendar, at)}.", ""]
    whats = {
        "deadline": "is due", "end of what is kept": "is to be kept", "cure": "can be mended",
        "verification": "is to be checked", "dispute": "is to be decided",
    }  # fmt: skip
    for coming in due.coming:
        who = listed([agreement.called(p) for p in coming.who]) if coming.who else ""
        until = "with no date"
        if coming.until is not None:
            word = "until" if coming.what == "end of what is kept" else "by"
            until = f"{word} {told(calendar, coming.until)}"
        past = " (past)" if coming.until is not None and coming.until <= at else ""
        what = f"{called(agreement, coming.commitment)} {whats[coming.what]} {until}{past}"
        lines.append(f"{what}; whose turn it is: {who or 'nobody named'}.")
    if not due.coming:
        lines.append("Nothing is due.")
    for power in due.powers:
        day = power.last_day
        last = "no last day is known" if day is None else f"last useful day {day.day} {day:%B %Y}"
        targets = listed(["the whole agreement" if t == "agreement" else called(agreement, t) for t in power.targets])
        lines.append(f"{agreement.called(power.holder)} may {power.may} {targets}: {last}.")
    for name, parts in due.waiting:
        lines.append(f"{called(agreement, name)} waits: {'; '.join(parts) or 'until it is released'}.")
    return lines


def history_table(agreement: Agreement, found: Run, records: Sequence[Record], moves: Sequence[Transition]) -> Table:
    """What became of the commitments, move by move, with the cause of each."""
    by_seq = {r.seq: r for r in records}
    rows = []
    for move in moves:
        why = RULES.get(move.row, "")
        record = by_seq.get(move.cause) if isinstance(move.cause, int) else None
        if move.because:
            subject, _, number = move.because.rpartition("/")
            why = f"consequence {number} of the breach of {called(agreement, subject)}"
        cause = "the clock" if record is None else _record(agreement, record)
        rows.append((day_text(found.calendar, move.instant), called(agreement, move.commitment),
                     f"{move.before} to {move.after}", why, cause))  # fmt: skip
    return Table(("date", "commitment", "state", "because", "shown by"), tuple(rows), f"{agreement.title}: history")


def what_if_lines(agreement: Agreement, found: WhatIf) -> list[str]:
    """What hypothetical records would change, for a terminal."""
    calendar = found.after.calendar
    day = day_text(calendar, found.at)
    lines = [f"{agreement.title}: what would be different at the end of {day}. Nothing is recorded.", ""]
    for difference in found.changed:
        before = "not there" if difference.before is None else _state(difference.before)
        after = "not there" if difference.after is None else _state(difference.after)
        name = called(agreement, difference.commitment)
        if before != after:
            lines.append(f"{name}: {after} instead of {before}.")
        else:
            fields = listed([f.replace("_", " ") for f in difference.fields])
            lines.append(f"{name}: still {after}; {fields} would differ.")
    if not found.changed:
        lines.append("Nothing would be different.")
    lines += [f"It would have no effect to record this: {i.reason}." for i in found.irregular]
    return lines


def exposure_lines(agreement: Agreement, found: Exposure, lasting: Exposure) -> list[str]:
    """Worst stop points for a terminal."""
    lines = [f"{agreement.title}: how far each side can be ahead of what it has received when everything stops.", ""]
    for party, stop in found.stops.items():
        lines += list(_stop(agreement, party, stop, lasting.stops[party]))
    if found.left_out:
        names = listed([called(agreement, c) for c in found.left_out])
        lines.append(f"Never owed while all cooperate: {names}.")
    return lines


def _stop(agreement: Agreement, party: str, stop: Stop, lasting: Stop) -> Iterator[str]:
    name = agreement.called(party)
    if stop.value == 0:
        yield f"{name} is never ahead: at every point it has received at least what it has given."
        return
    done = listed([called(agreement, c) for c in stop.done])
    yield f"{name} is ahead by {float(stop.value):.3g} per period at worst, when this is done and nothing else: {done}."
    if lasting.value > 0:
        kept = listed([called(agreement, c) for c in lasting.done])
        yield sentence(
            f"of what cannot be taken back it is ahead by {float(lasting.value):.3g} at worst, after {kept}."
        )


def _state(s: Standing) -> str:
    held = f", {listed(sorted({reason for reason, _ in s.holds}))}" if s.holds else ""
    late = ", late" if s.late else ", unclear whether in time" if s.late is None else ""
    share = f", {percent(float(s.progress))}" if 0 < s.progress < 1 else ""
    return f"{s.life}{late}{share}{held}"


def _due(status: Status, s: Standing) -> str:
    if s.life in TERMINAL or s.deadline is None:
        return "" if s.life in TERMINAL or s.activated is None else "no date"
    if s.life == "overdue" and s.cure_end is not None:
        return f"{status.when(s.deadline)}; to mend until {status.when(s.cure_end)}"
    if s.shadow_deadline is not None and s.shadow_deadline != s.deadline:
        return f"{status.when(s.deadline)} ({status.when(s.shadow_deadline)} with the excuse)"
    return status.when(s.deadline)


def _known(status: Status, s: Standing) -> str:
    agreement = status.agreement
    if s.life == "waiting":
        return "waits: " + "; ".join(s.waiting_for) if s.waiting_for else "waits"
    parts = []
    if s.finding.kind != "none":
        by = listed([agreement.called(p) for p in s.finding.by]) if s.finding.by else ""
        when = "" if s.finding.instant is None else f" on {day_text(status.run.calendar, s.finding.instant)}"
        parts.append(f"{s.finding.kind.replace('-', ' ')}{f' by {by}' if by else ''}{when}")
    if s.breached_at is not None:
        blame = listed([agreement.called(p) for p in s.blame])
        parts.append(f"breached by {blame} since {day_text(status.run.calendar, s.breached_at)}")
    if s.episodes:
        parts.append(counted(len(s.episodes), "violation"))
    return "; ".join(parts)


def _record(agreement: Agreement, record: Record) -> str:
    by = listed([agreement.called(p) for p in record.by]) if record.by else ""
    evidence = f" ({', '.join(record.evidence)})" if record.evidence else ""
    return f"record {record.seq}: {record.kind.replace('_', ' ')}{f' by {by}' if by else ''}{evidence}"
