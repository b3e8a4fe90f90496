"""Status, history, what is next, what if and exposure in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.agreement.exposure import Exposure, Stop
from detente.agreement.machine import Transition
from detente.agreement.matrix import number_text
from detente.agreement.overview import WHATS, overview
from detente.agreement.periods import Instant
from detente.agreement.records import CALLED
from detente.agreement.remarks import called, due_text, known_text, names_of, obligors, quoted, state_text
from detente.agreement.tracking import Status, as_of_text, day_text, span_text, told
from detente.agreement.what_if import WhatIf
from detente.base.table import Table
from detente.base.wording import counted, listed

if TYPE_CHECKING:
    from detente.agreement.calendar import Calendar
    from detente.agreement.due import Coming
    from detente.agreement.model import Agreement
    from detente.agreement.records import Record
    from detente.agreement.run import Run

MEANS = {
    "inert": "not in force: it comes with the entry into force or with an amendment",
    "waiting": "not yet owed",
    "due": "owed, to be done by its date or kept for as long as it lasts",
    "claimed": "said to be done, not yet confirmed",
    "unverified": "said to be done; the time to check it is over without a finding",
    "overdue": "its time is over; it can still be mended",
    "breached": "not done in time, or not kept, as far as it is recorded",
    "disputed": "contested, not decided",
    "fulfilled": "done, or kept to its end",
    "remedied": "done or kept again after a breach",
    "lapsed": "no longer owed: its condition cannot come about",
    "waived": "given up by those to whom it was owed",
    "terminated": "ended",
    "superseded": "replaced by an amendment",
}
KEEPING = "end of what is kept"
MAY = {
    "suspend": "suspend {}",
    "terminate": "end {}",
    "extend": "give more time for {}",
    "waive": "give up {}",
    "reverse": "have {} taken back",
    "activate": "set {} going",
    "compensate": "ask for compensation",
    "escalate": "bring the matter before a further body",
}
WHY = {  # the rows of the table for readers
    "1": "the agreement is in force",
    "2": "what it waited for has come",
    "3": "what it waited for can no longer come, or comes too late",
    "4": "said to be done",
    "5": "its time is over",
    "6": "given up openly, or its party left the agreement",
    "7": "said to be done, after its time",
    "8": "the time to mend it is over",
    "9": "confirmed by those who check",
    "10": "the time to check it is over",
    "11": "found not to be done, or those who check were not let in",
    "12": "confirmed, or said to be done again",
    "13": "said to be done, after the breach",
    "13a": "its breach ends it",
    "13b": "its breach puts another in its place",
    "14": "contested in time",
    "15": "the dispute is decided, withdrawn or out of time",
    "16": "given up by those to whom it was owed",
    "17": "ended: by agreement, by its date, by an exit or by a breach",
    "18": "replaced by an amendment",
    "K1": "found not to be kept",
    "K2": "found to be kept again",
    "K3": "its end is reached and nothing is open",
    "K4": "found to be kept again",
}


def status_rows(status: Status) -> tuple[tuple[str, ...], ...]:
    """Commitment, who, state, deadline, what is known."""
    return tuple(
        (called(status.agreement, s.id), obligors(status, s), state_text(s), due_text(status, s),
         known_text(status, s))
        for s in status.standings
    )  # fmt: skip


def status_lines(status: Status) -> list[str]:
    """The status for a terminal."""
    calendar = status.run.calendar
    records = counted(status.known, "record") if status.known else "nothing recorded"
    whose = "" if status.view is None else f" as {view_name(status.agreement, status.view)} sees it"
    if status.view == "joint":
        whose = " as all sides recognise it"
    lines = [f"{status.agreement.title}{whose} {as_of_text(calendar, status.at)}, with {records}."]
    lines += [*overview(status), "", str(status.table()).split("\n", 1)[1], "", *meanings(status)]
    lines += [f"{told}." for told in differences(status)]
    lines += owed_lines(status)
    return [*lines, *irregular(status)]


def owed_lines(status: Status) -> list[str]:
    """Amounts owed after breaches."""
    lines = []
    for owed in status.owed:
        amount = "something" if owed.amount is None else f"{number_text(owed.amount)} {owed.unit}".strip()
        to = listed([status.agreement.called(p) for p in owed.to]) if owed.to else "the others"
        since = day_text(status.run.calendar, owed.since)
        by = listed([status.agreement.called(p) for p in owed.by])
        what = quoted(status.agreement, owed.commitment)
        lines.append(f"Owed for the breach of {what}: {amount}, by {by} to {to}, since {since}.")
    return lines


def meanings(status: Status) -> list[str]:
    """What the states that occur mean."""
    lines = [f"{name}: {MEANS[name]}." for name in MEANS if any(s.life == name for s in status.standings)]
    if any(reason == "suspended" for s in status.standings for reason, _ in s.holds):
        lines.append("suspended: nobody has to act on it until the suspension ends.")
    return lines


def view_name(agreement: Agreement, view: str) -> str:
    """Who sees it so."""
    return {"joint": "what all recognise", "as written": "all records and the text as written"}.get(
        view, agreement.called(view)
    )


def differences(status: Status) -> list[str]:
    """Where other views differ."""
    lines = []
    for view, states in status.others.items():
        who = "From the view of " if view not in ("joint", "as written") else "By "
        differs = listed([f"{quoted(status.agreement, c)} is {life}" for c, life in states.items()])
        lines.append(f"{who}{view_name(status.agreement, view)}, {differs}")
    return lines


def irregular(status: Status) -> list[str]:
    """Records that change nothing, and days that do not exist, with the reasons."""
    found = status.run.irregular
    by_seq = {r.seq: r for r in status.records}
    lines = []
    for i in found:
        if i.seq is None:
            lines.append(f"{called(status.agreement, i.subject)}: {i.reason}.")
            continue
        record = by_seq.get(i.seq)
        what = "" if record is None else f" ({what_of(status.agreement, record)})"
        lines.append(f"Record {i.seq}{what} changes nothing: {i.reason}.")
    return lines


def next_lines(agreement: Agreement, found: Run, at: Instant) -> list[str]:
    """What comes next for a terminal."""
    due = found.next(at)
    lines = [f"{agreement.title}: what comes next, seen {as_of_text(found.calendar, at)}.", ""]
    lines.append(str(coming_table(agreement, found, at)) if due.coming else "Nothing is due.")
    lines.append("")
    for who, what, now, last in power_rows(agreement, found, at):
        lines.append(f"{who} may {what}; possible now: {now}; last useful day: {last}.")
    lines += [
        f"{called(agreement, name)} waits for {'; '.join(parts) or 'its release'}." for name, parts in due.waiting
    ]
    return lines


def coming_table(agreement: Agreement, found: Run, at: Instant) -> Table:
    """What ends next, whose turn it is, until when; what has no date comes last, in the order of the text."""
    place = {name: n for n, name in enumerate(agreement.file.commitments)}
    standings = found.at(at)
    held = {s.id for s in standings if s.held}
    still = {s.id for s in standings if found.stands_still(s)}

    def order(one: Coming) -> tuple[bool, int, int]:
        return one.until is None, one.until or 0, place.get(one.commitment.partition("@")[0].partition("#")[0], -1)

    coming = sorted(found.next(at).coming, key=order)
    rows = []
    for one in coming:
        when = "clock stands still" if one.commitment in still else "no date"
        if one.until is not None and one.commitment not in still:
            past = " (past)" if one.until <= at else ""
            when = f"{'until' if one.what == KEEPING else 'by'} {told(found.calendar, one.until)}{past}"
        who = names_of(agreement, one.who) if one.who else ""
        what = f"{WHATS[one.what]}{', suspended' if one.commitment in held else ''}"
        rows.append((when, called(agreement, one.commitment), what, who))
    return Table(("when", "what", "is", "whose turn"), tuple(rows))


def power_rows(agreement: Agreement, found: Run, at: Instant) -> list[tuple[str, str, str, str]]:
    """Who may do what to what, whether that is possible now, and the last day on which it is of use."""
    rows: dict[tuple[str, str, str], list[tuple[str, bool]]] = {}
    out = []
    today = found.calendar.day(at)
    for power in found.next(at).powers:
        day = power.last_day
        last = "not known" if day is None else f"{day.day} {day:%B %Y}"
        over = day is not None and day < today
        targets = listed(["the whole agreement" if t == "agreement" else quoted(agreement, t) for t in power.targets])
        who, what = agreement.called(power.holder), MAY[power.may].format(targets)
        breach = power.power.rpartition("/")[0]
        if breach:  # the same answer to several breaches is told once
            rows.setdefault((who, what, last), []).append((breach, not power.waits and not over))
            continue
        now = "no, used" if power.used else "no longer" if over else "yes"
        if power.waits and now == "yes":
            now = f"not yet: {'; '.join(power.waits)}"
        out.append((who, what, now, last))
    for (who, what, last), breaches in rows.items():
        now = listed([quoted(agreement, b) for b, usable in breaches if usable])
        told = f"{what} after a breach of {listed([quoted(agreement, b) for b, _ in breaches], 'or')}"
        out.append((who, told, "not now" if now == "none" else f"yes: {now} is broken", last))
    return out


def history_table(agreement: Agreement, found: Run, records: Sequence[Record], moves: Sequence[Transition]) -> Table:
    """What became of the commitments, move by move, with the cause of each."""
    by_seq = {r.seq: r for r in records}
    rows = []
    for move in moves:
        why = WHY.get(move.row, "")
        record = by_seq.get(move.cause) if isinstance(move.cause, int) else None
        if move.because:
            subject, _, number = move.because.rpartition("/")
            why = f"consequence {number} of the breach of {called(agreement, subject)}"
        cause = "the clock" if record is None else _record(agreement, record, found.calendar)
        rows.append((day_text(found.calendar, move.instant), called(agreement, move.commitment),
                     f"{move.before} to {move.after}", why, cause))  # fmt: skip
    return Table(("date", "commitment", "state", "because", "shown by"), tuple(rows), f"{agreement.title}: history")


def what_if_lines(agreement: Agreement, found: WhatIf) -> list[str]:
    """What hypothetical records would change, for a terminal."""
    calendar = found.after.calendar
    when = as_of_text(calendar, found.at)
    lines = [f"{agreement.title}: what would be different {when}. Nothing is recorded.", ""]
    for difference in found.changed:
        before = "not there" if difference.before is None else state_text(difference.before)
        after = "not there" if difference.after is None else state_text(difference.after)
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
    head = f"{agreement.title}: how far each side can be ahead of what it has received when everything stops."
    return [head, "", *exposure_of(agreement, found, lasting)]


def exposure_of(agreement: Agreement, found: Exposure, lasting: Exposure) -> list[str]:
    """Worst stop points, side by side."""
    lines = [_stop(agreement, party, stop, lasting.stops[party]) for party, stop in found.stops.items()]
    if found.left_out:
        lines.append(f"Never owed while all cooperate: {_in_order(agreement, found.left_out)}.")
    return lines


def _stop(agreement: Agreement, party: str, stop: Stop, lasting: Stop) -> str:
    name = agreement.called(party)
    if stop.value == 0:
        return f"{name} is never ahead: at every point it has received at least what it has given."
    text = (
        f"{name} is ahead by {float(stop.value):.3g} per period at worst, by its own scale, when this is done and "
        f"nothing else: {_in_order(agreement, stop.done)}."
    )
    if lasting.value > 0:
        text += (
            f" With what it cannot take back it is ahead by {float(lasting.value):.3g} at worst, after "
            f"{_in_order(agreement, lasting.done)}."
        )
    return text


def _in_order(agreement: Agreement, names: Sequence[str]) -> str:
    """Commitments in the order of the text."""
    written = list(agreement.file.commitments)
    return listed([quoted(agreement, c) for c in sorted(names, key=written.index)])


def _record(agreement: Agreement, record: Record, calendar: Calendar) -> str:
    """A record with its evidence, and its stretch where the day is not known."""
    evidence = f" ({', '.join(record.evidence)})" if record.evidence else ""
    when = span_text(calendar, record.occurred)
    return f"record {record.seq}: {what_of(agreement, record)}{'' if when.startswith('on ') else f', {when}'}{evidence}"


def what_of(agreement: Agreement, record: Record) -> str:
    """What a record is, and whose."""
    by = listed([agreement.called(p) for p in record.by]) if record.by else ""
    return f"{CALLED.get(record.kind, record.kind)}{f' by {by}' if by else ''}"
