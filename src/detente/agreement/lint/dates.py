"""D3 and D4: what has lapsed before it can begin, and deadlines that cannot all be met (docs/lint.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from detente.agreement import formulas as f
from detente.agreement.calendar import DAY, CalendarError
from detente.agreement.formula_text import formula_text
from detente.agreement.lint.earliest import LONG_AGO, NEVER, Earliest, Step
from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.network import Bound, Network, Point, contradiction, dates_of
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted, subject, told
from detente.agreement.lint.waiting import ENTRY
from detente.agreement.periods import Instant
from detente.agreement.terms import Commitment, Deadline, Every, On, Within
from detente.agreement.time_text import period_text
from detente.base.wording import listed

MOST_CYCLES = 20
UPPER = ("deadline", "lapse", "sunset")
ID_OF = {"deadline": "D4", "lapse": "D3", "sunset": "D3"}
Seen = set[tuple[str, str]]


def dates(read: Read) -> Iterator[Finding]:
    """Lapses and ends before the beginning, and deadlines that cannot be met."""
    first = Earliest(read.terms)
    seen: Seen = set()
    yield from _fixed(read, first, seen, usual=False)
    yield from _fixed(read, Earliest(read.terms, lags=True), seen, usual=True)
    network = Network(read.terms, first.calendar)
    out_of_reach = {n for (kind, n), s in first.at.items() if kind == "begin" and s.instant == NEVER}
    turn = [n for part in first.waiting.parts for n in part if n in network.of]
    bounds = [b for b in network.bounds(turn) if (b.of, b.field) not in seen and b.of not in out_of_reach]
    for _ in range(MOST_CYCLES):
        cycle = contradiction(bounds)
        limit = next((b for b in cycle if b.field in UPPER and b.least < 0), None)
        if limit is None:
            return
        yield _jointly(read, cycle, limit)
        bounds.remove(limit)


# --- against fixed dates ----------------------------------------------------------------------------------------------


def _fixed(read: Read, first: Earliest, seen: Seen, *, usual: bool) -> Iterator[Finding]:
    """By the agreement's own calendar; ``usual``: only as long as findings take their usual time."""
    late_before: set[str] = set()  # late, or only because something before it is
    for c in (first.waiting.of[n] for part in first.waiting.parts for n in part if n in first.waiting.of):
        begin = first.begin(c.id)
        if begin in (LONG_AGO, NEVER):
            continue
        before = first.at["begin", c.id].rests_on
        if before is not None and before[1] in late_before:
            late_before.add(c.id)
        limits: list[tuple[str, Deadline | None, Instant]] = [
            ("lapse", c.lapse, begin),
            ("sunset", None if c.survives else read.terms.sunset, begin),
            ("deadline", c.deadline, begin),
        ]
        for field, limit, reached in limits:
            waits = field == "lapse" and not c.provisional and c.amendment is None
            until = _until(first, limit, from_entry=waits)
            late = until is not None and (reached >= until or (field == "deadline" and _too_long(first, c, until)))
            if late and until is not None and (c.id, field) not in seen:
                seen.add((c.id, field))
                if field == "deadline" and c.id in late_before:
                    continue
                late_before.add(c.id)
                yield _late(read, first, c, field, until, usual=usual)
    for p in read.terms.powers:
        since = first.since(p.when)
        until = _until(first, p.expires)
        if until is not None and LONG_AGO < since.instant < NEVER and since.instant >= until and (p.id, "") not in seen:
            seen.add((p.id, ""))
            why = f"The power ‘{read.called(p.id)}’ of {read.called(p.holder)} expires on {_day(first, until)}, but it"
            why += f" waits for {told(read, p.when)}, which cannot be before {_day(first, since.instant)}."
            witness = {"earliest": since.instant, "until": until, "field": "expires", "usual": usual,
                       "chain": _plain(first.chain(since.rests_on[1])) if since.rests_on else []}  # fmt: skip
            repair = f"Let it expire later: expires: {_iso(first, since.instant, 30)}."
            severity: Severity = "warning" if usual else "error"
            yield read.finding("D3", severity, p.id, ("powers", p.id, "expires"), why, witness, repair)


def _too_long(first: Earliest, c: Commitment, until: Instant) -> bool:
    return c.modality == "achieve" and first.end(c) > until


def _until(first: Earliest, limit: Deadline | None, *, from_entry: bool = False) -> Instant | None:
    """When a limit is reached at the latest; ``from_entry``: without an anchor it counts from the entry into force."""
    if isinstance(limit, On):
        return first.calendar.deadline(limit.moment)
    if isinstance(limit, Every):
        return next(iter(first.calendar.occurrences(limit, 1)), None)
    if isinstance(limit, Within) and (isinstance(limit.anchor, f.InForce) or (from_entry and limit.anchor is None)):
        if not dates_of(first.terms.entry):
            return None
        try:
            return first.calendar.after(first.begin(ENTRY), limit.period)
        except CalendarError:
            return None
    return None


def _over(c: Commitment, field: str) -> bool:
    """Whether the end of what is kept is meant: where that has come, nothing is owed and nothing is breached."""
    return field == "deadline" and c.modality in ("maintain", "refrain")


def _late(read: Read, first: Earliest, c: Commitment, field: str, until: Instant, *, usual: bool) -> Finding:
    steps = first.chain(c.id)
    shown, begin = quoted(read, c.id), first.begin(c.id)
    by = "as long as findings take their usual time" if usual else "even if all goes as fast as it can"
    opening = f"{shown} cannot begin before {_day(first, begin)} {by}"
    if begin < until:
        lasting = period_text(c.min_duration) if c.min_duration is not None else ""
        why = f"{opening}, and takes {lasting} at least, but it is due by {_last(first, until)}."
    elif _over(c, field):
        why = (
            f"{opening}, but it ends with {_last(first, until)}: it is over before it begins, and nothing is ever owed."
        )
    elif field == "deadline":
        why = f"{opening}, but it is due by {_last(first, until)}."
    elif field == "lapse":
        why = f"{opening}, but it lapses at the end of {_last(first, until)}: it can never be due."
    else:
        why = f"{opening}, but the agreement ends with {_last(first, until)}: it can never be due."
    why += _because(read, first, steps)
    path = ("sunset",) if field == "sunset" else ("commitments", c.id, field)
    witness = {"earliest": begin, "until": until, "field": field, "usual": usual, "chain": _plain(steps)}
    new = _iso(first, max(begin, first.end(c)), 0 if field == "deadline" else 1)
    repair = f"Let it wait for something earlier, or move the end: {field}: {new} or later."
    over = _over(c, field)
    severity: Severity = "warning" if usual or over else "error"
    return read.finding("D3" if over else ID_OF[field], severity, c.id, path, why, witness, repair)


def _because(read: Read, first: Earliest, steps: Sequence[Step]) -> str:
    parts = [
        f"{quoted(read, s.of)} not before {_day(first, s.instant)}"
        + ("" if told(read, s.part) == _day(first, s.instant) else f" ({told(read, s.part)})")
        for s in steps if s.part is not None and s.instant != LONG_AGO
    ]  # fmt: skip
    return f" The dates: {'; '.join(parts)}." if parts else ""


def _plain(steps: Sequence[Step]) -> list[dict[str, object]]:
    return [
        {"what": s.what, "of": subject(s.of), "instant": s.instant,
         "part": None if s.part is None else formula_text(s.part)}
        for s in steps if s.instant != LONG_AGO
    ]  # fmt: skip


def _day(first: Earliest, instant: Instant) -> str:
    day = first.calendar.day(instant)
    return f"{day.day} {day:%B} {day.year}"


def _last(first: Earliest, until: Instant) -> str:
    return _day(first, until - 1)


def _iso(first: Earliest, instant: Instant, more: int) -> str:
    return (first.calendar.day(instant) + dt.timedelta(days=more)).isoformat()


# --- against each other -----------------------------------------------------------------------------------------------


def _jointly(read: Read, cycle: Sequence[Bound], limit: Bound) -> Finding:
    """A cycle of bounds that cannot all be met."""
    start = cycle.index(limit)
    turned = (*cycle[start + 1 :], *cycle[: start + 1])
    short = sum(b.least for b in cycle)
    lasting = listed([_told(read, b) for b in turned if b.least or b.field != "order"] or [_told(read, limit)])
    shown = quoted(read, limit.of)
    over = f"{-(-short // DAY)} day{'s' if short > DAY else ''}" if short >= DAY else f"{-(-short // 3600)} hours"
    end = {"deadline": "cannot be done in time", "lapse": "lapses before it can begin",
           "sunset": "cannot begin before the agreement ends"}[limit.field]  # fmt: skip
    kept = _over(next(c for c in read.terms.commitments if c.id == limit.of), limit.field)
    end = "is over before it begins" if kept else end
    why = f"{shown} {end}: {lasting}; together they miss by at least {over}."
    witness = {
        "cycle": [
            {"earlier": list(b.earlier), "later": list(b.later), "least_seconds": b.least, "of": b.of, "field": b.field}
            for b in turned
        ],
        "sum_seconds": -short,
    }
    path = ("sunset",) if limit.field == "sunset" else ("commitments", limit.of, limit.field)
    repair = f"Give {quoted(read, limit.of)} at least {over} more ({limit.field}), or shorten what comes before it."
    severity: Severity = "warning" if kept else "error"
    return read.finding("D3" if kept else ID_OF[limit.field], severity, limit.of, path, why, witness, repair)


def _told(read: Read, bound: Bound) -> str:
    origin = ("origin", "")
    if bound.earlier == origin:
        return f"{_point(read, bound.later)} comes not before {_wall(bound.least)}"
    if bound.later == origin and bound.field == "entry_into_force":
        return f"{_point(read, bound.earlier)} comes by {_wall(-bound.least)}"
    if bound.later == origin:
        return f"{_point(read, bound.earlier)} must come by {_wall(-bound.least - (bound.field == 'deadline'))}"
    if bound.least < 0:
        return (
            f"{_point(read, bound.earlier)} must come at most {_time(-bound.least)} after {_point(read, bound.later)}"
        )
    lag = f"at least {_time(bound.least)} " if bound.least else ""
    return f"{_point(read, bound.later)} comes {lag}after {_point(read, bound.earlier)}"


def _point(read: Read, point: Point) -> str:
    kind, of = point
    if kind == "fact":
        what, _, name = of.partition(" ")
        if what == "event":
            return f"the event ‘{read.terms.names.get(name, name)}’"
        return f"the {'signature' if what == 'signed' else 'ratification'} of {read.called(name)}"
    if of == ENTRY:
        return "the entry into force"
    word = {"begin": "the beginning of", "end": "the performance of", "done": "the completion of"}[kind]
    return f"{word} {quoted(read, of)}"


def _wall(seconds: int) -> str:
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return f"{at.day} {at:%B} {at.year}"


def _time(seconds: int) -> str:
    days, rest = divmod(seconds, DAY)
    hours = f"{rest // 3600} hours"
    if not days:
        return hours
    return f"{days} day{'s' if days > 1 else ''}" + (f" and {hours}" if rest >= 3600 else "")


IDS = ("D3", "D4")
CHECKS = (dates,)
