"""One commitment for readers: what it is called, who owes it, its state, its date, what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from detente.agreement.periods import Instant
from detente.agreement.records import CALLED
from detente.agreement.standing import Standing
from detente.agreement.table import (
    BREACHED,
    CLAIMED,
    DISPUTED,
    DONE,
    DUE,
    INERT,
    OVERDUE,
    TERMINAL,
    UNVERIFIED,
    WAITING,
)
from detente.agreement.tracking import Status, day_text, span_text
from detente.base.wording import counted, listed, percent

if TYPE_CHECKING:
    from detente.agreement.model import Agreement
    from detente.agreement.records import Record

LASTING = frozenset({"maintain", "refrain"})
SAYS = {  # kinds of records that say something of how a commitment is performed
    "claim", "measure", "attest", "verify", "refute", "no_conclusion", "contest", "uphold", "overturn",
    "declare_nonperformance", "access", "excuse", "waive",
}  # fmt: skip


def called(agreement: Agreement, name: str) -> str:
    """A commitment, part or instance for readers."""
    if name.startswith("restore:"):
        _, subject, seq = name.split(":")
        return f"Undoing what was done on record {seq} about {called(agreement, subject)}"
    base, mark, part = name.partition("@") if "@" in name else name.partition("#")
    title = agreement.called(base)
    return title if not mark else f"{title} ({agreement.called(part) if mark == '@' else f'no. {part}'})"


def quoted(agreement: Agreement, name: str) -> str:
    """The same within a sentence."""
    return f"‘{called(agreement, name)}’"


def names_of(agreement: Agreement, who: tuple[str, ...]) -> str:
    """Parties and bodies in a sentence."""
    return listed([agreement.called(p) for p in who])


def obligors(status: Status, standing: Standing) -> str:
    """Who owes it."""
    if "@" in standing.id:
        return status.agreement.called(standing.id.partition("@")[2])
    found = status.written.get(standing.of)
    return names_of(status.agreement, found.obligors) if found is not None else ""


def lasting(status: Status, standing: Standing) -> bool:
    """Whether it is to be kept over a time, and not done once."""
    found = status.written.get(standing.of)
    return found is not None and found.modality in LASTING


def state_text(s: Standing) -> str:
    """Its state with what qualifies it."""
    reasons = sorted({str(reason).replace("basis-withdrawn", "its ground is gone") for reason, _ in s.holds})
    held = f", {listed(reasons)}" if reasons else ""
    late = ", late" if s.late else ", unclear whether in time" if s.late is None else ""
    share = f", {percent(float(s.progress))} done" if 0 < s.progress < 1 else ""
    return f"{s.life}{late}{share}{held}"


def due_text(status: Status, s: Standing) -> str:
    """Until when."""
    if s.life in TERMINAL or s.deadline is None:
        return "" if s.life in TERMINAL or s.activated is None else "no date"
    if status.run.stands_still(s):
        return "its clock stands still"
    if s.life == OVERDUE and s.cure_end is not None:
        return f"{status.when(s.deadline)}; to mend until {status.when(s.cure_end)}"
    if s.shadow_deadline is not None and s.shadow_deadline != s.deadline:
        return f"{status.when(s.deadline)} ({status.when(s.shadow_deadline)} with the excuse)"
    return status.when(s.deadline)


def known_text(status: Status, s: Standing) -> str:
    """What is known of it, and what is not."""
    if s.life == INERT:
        return ""
    if s.life == WAITING:
        return f"waits for {'; '.join(s.waiting_for)}" if s.waiting_for else "waits"
    told = list(_remarks(status, s))
    if s.shadow_deadline is not None and s.life not in TERMINAL:
        told.append("an excuse is recorded and not accepted")
    return "; ".join(told) or ("" if s.life in TERMINAL else _unsettled(status, s))


def _unsettled(status: Status, s: Standing) -> str:
    """What is recorded of it and changes nothing yet."""
    last = max(_records(status, s), key=lambda r: r.seq, default=None)
    if last is None:
        return "what is recorded of it settles nothing"
    by = f" by {names_of(status.agreement, last.by)}" if last.by else ""
    missing = [p for p in _obligees(status, s) if p not in last.by] if last.kind == "waive" else []
    lacks = f", still without {names_of(status.agreement, tuple(missing))}" if missing else ""
    return f"{CALLED[last.kind]}{by} {span_text(status.run.calendar, last.occurred)}{lacks}; that settles nothing yet"


def _obligees(status: Status, s: Standing) -> tuple[str, ...]:
    found = status.written.get(s.of)
    own = s.id.partition("@")[2].partition("#")[0]
    return tuple(p for p in found.obligees if p != own) if found is not None else ()


def _remarks(status: Status, s: Standing) -> Iterator[str]:
    quiet = silent(status, s)
    if quiet and s.life == DUE and lasting(status, s):
        checked = ", nor the result of any inspection" if s.finding.kind == "no-conclusion" else ""
        yield f"nothing against it is recorded{checked}"
    elif quiet and s.breached_at is None:
        yield f"nothing is recorded of it{', and its time is over' if s.life == OVERDUE else ''}"
    elif not quiet and s.finding.kind != "none":
        yield _finding(status, s)
    if s.breached_at is not None:
        yield _breach(status, s, s.breached_at, quiet=quiet)
    if len(s.episodes) == 1 and s.breached_at is None:
        yield _violation(status, s)
    elif len(s.episodes) > 1:
        yield f"{counted(len(s.episodes), 'violation')} in all"


def _finding(status: Status, s: Standing) -> str:
    """The last finding: what, by whom, when."""
    kind, by, instant = s.finding
    if kind == "no-conclusion" and not by:
        until = "" if instant is None else f" up to {status.when(instant)}"
        return f"no result of the inspection due{until} is recorded"
    keeps = lasting(status, s)
    word = {
        "claimed": "said{} that it is kept" if keeps else "said{} that it is done",
        "verified": "found{} that it is kept" if keeps else "confirmed it{}",
        "refuted": "found{} that it is not kept" if keeps else "found{} that it is not done",
        "contested": "contested it{}",
        "no-conclusion": "inspected it without a result{}",
    }[kind]
    when = "" if instant is None else f" {when_text(status, s, instant, by)}"
    return f"{names_of(status.agreement, by) if by else 'somebody'} {word.format(when)}"


def _breach(status: Status, s: Standing, instant: Instant, *, quiet: bool) -> str:
    """Who broke it, and since when it counts as broken."""
    since = when_text(status, s, instant, ())
    since = since.removeprefix("on ").removeprefix("in ") if since[:3] in ("on ", "in ") else f"some day {since}"
    if s.life in DONE:
        return f"was broken before, since {since}"
    broken = f"broken{f' by {names_of(status.agreement, s.blame)}' if s.blame else ''} since {since}"
    if quiet:
        return f"nothing is recorded of it, and so it counts as {broken}"
    if status.given_up.get(s.id) == instant:
        left = any(r.kind == "withdraw" and r.occurred.start == instant for r in status.said.get("agreement", ()))
        return f"{'left the agreement' if left else 'given up openly'}, {broken}"
    if s.finding.kind == "refuted":
        return broken
    return f"not kept, {broken}" if lasting(status, s) else f"not done in time, {broken}"


def _violation(status: Status, s: Standing) -> str:
    """The one stretch in which it was not kept."""
    start, end = s.episodes[0]
    first = day_text(status.run.calendar, start)
    return (
        f"not kept since {first}" if end is None else f"not kept from {first} to {day_text(status.run.calendar, end)}"
    )


def when_text(status: Status, s: Standing, instant: Instant, by: tuple[str, ...]) -> str:
    """When something was so: as closely as the record behind it tells, else the day of the instant."""
    for record in _records(status, s):
        fits = record.occurred.start <= instant <= record.occurred.end
        if fits and (not by or set(by) <= set(record.by)):
            return span_text(status.run.calendar, record.occurred)
    return f"on {day_text(status.run.calendar, instant)}"


def silent(status: Status, s: Standing) -> bool:
    """Whether nothing is recorded of how it is performed."""
    if s.episodes or s.progress or s.finding.kind not in ("none", "no-conclusion") or s.finding.by:
        return False
    if s.life not in (DUE, CLAIMED, UNVERIFIED, OVERDUE, BREACHED, DISPUTED) or s.id in status.given_up:
        return False
    return not _records(status, s)


def _records(status: Status, s: Standing) -> list[Record]:
    """The records that say how it is performed."""
    subjects = dict.fromkeys((s.id, s.of))
    said = [r for subject in subjects for r in status.said.get(subject, ()) if r.kind in SAYS and _about(s, r)]
    if "#" not in s.id:
        return said
    # A record that names the whole means one instance: the one that it moved.
    moved = status.run.causes(s.id)
    return [r for r in said if r.subject == s.id or r.seq in moved]


def _about(s: Standing, record: Record) -> bool:
    """Whether a record says something of a commitment, part or instance."""
    if record.subject == s.id:
        return True
    if record.subject != s.of:
        return False
    part = s.id.partition("@")[2]
    if part:
        return part in record.by or record.kind not in ("claim", "declare_nonperformance")
    return "#" not in s.id or s.activated is None or record.occurred.end >= s.activated
