"""An agreement in a few sentences: since when, how much is kept, owed, late, broken, contested, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detente.agreement import table as at
from detente.agreement.remarks import lasting, names_of, quoted, silent
from detente.agreement.tracking import Status, day_text, told
from detente.base.wording import SMALL_NUMBERS, counted, listed, sentence


@dataclass(frozen=True, slots=True)
class Tally:
    """How many commitments stand how; each part and each instance counts.

    Attributes:
        kept: done, also after a breach (``mended``) or late.
        owed: due, or said to be done and not confirmed (``said``); ``keeping`` of them are to be kept over a time.
        late: overdue, with time left to mend.
        broken: breached; of ``unheard`` of these and of the late ones nothing is recorded.
        contested, waiting, ended, absent: disputed; not yet due; no longer due; not in force.
        held: suspended, whatever their state.
    """

    all: int
    kept: int
    mended: int
    owed: int
    said: int
    keeping: int
    late: int
    broken: int
    unheard: int
    contested: int
    waiting: int
    ended: int
    absent: int
    held: int


def tally(status: Status) -> Tally:
    """Count."""
    standings = status.standings

    def count(*lives: str) -> int:
        return sum(s.life in lives for s in standings)

    return Tally(
        all=len(standings),
        kept=count(at.FULFILLED, at.REMEDIED),
        mended=count(at.REMEDIED),
        owed=count(at.DUE, at.CLAIMED, at.UNVERIFIED),
        said=count(at.CLAIMED, at.UNVERIFIED),
        keeping=sum(s.life == at.DUE and lasting(status, s) for s in standings),
        late=count(at.OVERDUE),
        broken=count(at.BREACHED),
        unheard=sum(s.life in (at.BREACHED, at.OVERDUE) and silent(status, s) for s in standings),
        contested=count(at.DISPUTED),
        waiting=count(at.WAITING),
        ended=count(at.LAPSED, at.WAIVED, at.TERMINATED, at.SUPERSEDED),
        absent=count(at.INERT),
        held=sum(s.held and s.life not in at.TERMINAL for s in standings),
    )


def overview(status: Status) -> list[str]:
    """What stands, in sentences."""
    entered = [m.instant for m in status.run.history if m.row == "1" and m.instant <= status.at]
    if not entered or not status.in_force:
        if any(s.life == at.TERMINATED for s in status.standings):
            return ["The agreement has ended."]
        told_so = "Nothing is recorded" if not status.records else "What is recorded does not bring it into force"
        return [f"The agreement is not in force. {told_so}, and so nothing is owed."]
    found = tally(status)
    since = day_text(status.run.calendar, min(entered))
    lines = [f"In force since {since}.", _counts(found)]
    if all(s.life in at.TERMINAL for s in status.standings):
        ends = [m.instant for m in status.run.history if m.after in at.TERMINAL and m.instant <= status.at]
        lines[0] = f"It was in force from {since}; nothing of it is owed any more since {_day(status, max(ends))}."
    lines += _leaving(status)
    if found.unheard:
        count, was = ("counts", "it was") if found.unheard == 1 else ("count", "they were")
        lines.append(
            f"Nothing is recorded of {_number(found.unheard)} that {count} as late or broken: the time is over, and "
            f"by the text that is enough. Whether {was} done in fact, the records do not say."
        )
    return [*lines, _next(status)]


def _day(status: Status, instant: int) -> str:
    return day_text(status.run.calendar, instant)


def _leaving(status: Status) -> list[str]:
    """Parties that have withdrawn and whose notice still runs."""
    leave = status.run.terms.exit
    lines = []
    for record in status.said.get("agreement", ()) if leave is not None else ():
        if record.kind == "withdraw" and leave is not None:
            end = status.run.calendar.after(record.occurred, leave.notice)
            if end > status.at:
                who = listed([status.agreement.called(p) for p in record.by])
                lines.append(f"{who} has withdrawn; it is out after {told(status.run.calendar, end)}.")
    return lines


def _number(number: int) -> str:
    return SMALL_NUMBERS[number] if number < len(SMALL_NUMBERS) else f"{number:,}"


def _counts(found: Tally) -> str:
    """How many stand how."""
    mended = f" ({_number(found.mended)} of them after a breach)" if found.mended else ""
    keeping = f"{_number(found.keeping)} of them "
    if found.keeping == found.owed:
        keeping = {1: "", 2: "both "}.get(found.owed, "all ")
    owed = [f"{keeping}to be kept over time"] if found.keeping else []
    owed += [f"{_number(found.said)} said to be done and not confirmed"] if found.said else []
    parts = [
        (found.kept, "kept", mended),
        (found.owed, "owed", f" ({', '.join(owed)})" if owed else ""),
        (found.late, "late with time left to mend", ""),
        (found.broken, "broken", ""),
        (found.contested, "contested", ""),
        (found.waiting, "not yet owed", ""),
        (found.ended, "no longer owed", ""),
        (found.absent, "not in force", ""),
    ]
    some = [f"{_number(n)} {'is' if n == 1 else 'are'} {word}{more}" for n, word, more in parts if n]
    main = {"kept", "owed", "late with time left to mend", "broken", "contested"}
    none = [word.partition(" ")[0] for n, word, _ in parts if not n and word in main]
    text = f"Of its {counted(found.all, 'commitment')} {listed(some)}"
    text += f"; none is {listed(none, 'or')}." if none else "."
    if found.held:
        text += " " + sentence(f"{_number(found.held)} {'is' if found.held == 1 else 'are'} suspended")
    return text


def _next(status: Status) -> str:
    """The next date that lies ahead."""
    still = {s.id for s in status.standings if status.run.stands_still(s)}
    coming = (c for c in status.run.next(status.at).coming if c.commitment not in still)
    ahead = [c for c in coming if c.until is not None and c.until > status.at]
    if not ahead:
        return "No deadline lies ahead."
    first = [c for c in ahead if c.until == ahead[0].until]
    until = ahead[0].until
    assert until is not None  # noqa: S101 - chosen so
    parts = [turn(status, c.commitment, c.what, c.who) for c in first]
    return f"Next, by {told(status.run.calendar, until)}: {'; '.join(parts)}."


WHATS = {
    "deadline": "to be done",
    "end of what is kept": "to be kept",
    "cure": "to be mended",
    "verification": "to be checked",
    "dispute": "to be decided",
}


def turn(status: Status, commitment: str, what: str, who: Sequence[str]) -> str:
    """What comes, and whose turn it is, as part of a sentence."""
    by = f" by {names_of(status.agreement, tuple(who))}" if who else ""
    return f"{quoted(status.agreement, commitment)} {WHATS[what]}{by}"
