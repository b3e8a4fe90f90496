"""Dates of an agreement for other calendars (iCalendar, RFC 5545).

One event for each deadline, end of cure, review, end of the agreement and last useful day of a power. A whole day is a
date in the agreement's zone; everything else an instant in universal time. The same dates give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from detente.agreement import terms as t
from detente.agreement.calendar import Calendar
from detente.agreement.periods import Instant
from detente.agreement.plain import plain
from detente.base.errors import UsageError, shown

if TYPE_CHECKING:
    from icalendar import Event

Kind = Literal["deadline", "cure", "verification", "review", "sunset", "power"]
WORDS: dict[str, str] = {
    "deadline": "Due", "cure": "Last day to mend", "verification": "Finding due", "review": "Review",
    "sunset": "The agreement ends", "power": "Last useful day",
}  # fmt: skip
LONGEST = 2_000  # characters of a text
UTC_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that has its day.

    Attributes:
        id: commitment, power or other thing that it is about; unique among those of one kind.
        title: what it is about, in words.
        who: whom it concerns.
        instant: the first instant that is no longer in time; of a whole day the first instant after it.
        whole_day: whether the day before the instant is meant, and not an hour.
        kind: what happens then.
        note: what else a reader should know.
    """

    id: str
    title: str
    who: tuple[str, ...]
    instant: Instant
    whole_day: bool
    kind: Kind
    note: str = ""


def ends_a_day(calendar: Calendar, instant: Instant) -> bool:
    """Whether an instant is the end of a civil day, so that the day before it is meant."""
    return calendar.deadline(calendar.day(instant - 1)) == instant


def agreed_dates(terms: t.Terms, names: Mapping[str, str] | None = None) -> tuple[Dated, ...]:
    """The dates that stand in an agreement itself, in order of time: fixed deadlines, rules, reviews, its end.

    Args:
        terms: what was agreed.
        names: what parties are called.

    Raises:
        CalendarError: a rule of recurrence is not one that is allowed.
    """
    calendar = Calendar(terms.calendar)
    called = names or {}
    found: list[Dated] = []

    def add(kind: Kind, step: str, title: str, who: tuple[str, ...], moment: dt.date | Instant) -> None:
        whole, end = isinstance(moment, dt.date), calendar.deadline(moment)
        found.append(Dated(step, title, tuple(called.get(p, p) for p in who), end, whole, kind))

    for c in terms.commitments:
        title, deadline = c.title or c.id, c.deadline
        if isinstance(deadline, t.On):
            add("deadline", c.id, title, c.obligors, deadline.moment)
        elif isinstance(deadline, t.NoDeadline) and deadline.review is not None:
            add("review", c.id, title, c.obligors, deadline.review)
        elif isinstance(deadline, t.Every):
            who = tuple(called.get(p, p) for p in c.obligors)
            ends = enumerate(calendar.occurrences(deadline), 1)
            found += [Dated(f"{c.id}#{n}", f"{title}, {n}", who, end, True, "deadline") for n, end in ends]
        if c.ambiguity is not None and c.ambiguity.review is not None:
            add("review", f"{c.id}/ambiguity", f"{title}: what was left open", c.obligors, c.ambiguity.review)
    for review in terms.reviews:
        add("review", f"{review}", "Review of the agreement", terms.parties, review)
    if isinstance(terms.sunset, t.On):
        add("sunset", "agreement", "Sunset", terms.parties, terms.sunset.moment)
    return tuple(sorted(found, key=_order))


def ics(terms: t.Terms, dated: Iterable[Dated], known: Instant, name: str = "", marking: str = "") -> bytes:
    """A calendar of some dates.

    Args:
        terms: the agreement: its id and its zone.
        dated: what has its day; in any order.
        known: when the last record that was looked at was written down; says how fresh the events are.
        name: what the calendar is called; the agreement's id where empty.
        marking: handling caveat, put before the name.

    Returns:
        The file. The UID of an event is made of the agreement, its kind and its id, so that a later file replaces it.

    Raises:
        UsageError: two of one kind have the same id.
    """
    from icalendar import Calendar as File
    from icalendar import vText

    calendar = Calendar(terms.calendar)
    file = File()
    file.add("prodid", "-//detente//agreement//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", "PUBLISH")
    title = plain(": ".join(p for p in (marking, name or terms.id) if p), LONGEST).replace("\n", " ")
    file.add("x-wr-calname", vText(title))  # the library escapes only what it knows to be a text
    file.add("x-wr-timezone", terms.calendar.zone)
    seen: set[tuple[str, str]] = set()
    for item in sorted(dated, key=_order):
        if (item.kind, item.id) in seen:
            raise UsageError(f"two dates of kind {item.kind} called {shown(item.id)}", "one of each kind and id")
        seen.add((item.kind, item.id))
        file.add_component(_event(terms.id, item, calendar, known))
    data: bytes = file.to_ical()
    return data


def _event(agreement: str, item: Dated, calendar: Calendar, known: Instant) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", ".".join(quote(p, safe="") for p in (agreement, item.kind, item.id)) + "@detente")
    event.add("dtstamp", UTC_1970 + dt.timedelta(seconds=known))
    if item.whole_day and ends_a_day(calendar, item.instant):
        day = calendar.day(item.instant - 1)
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
    else:
        event.add("dtstart", UTC_1970 + dt.timedelta(seconds=item.instant))
    who = f" ({', '.join(item.who)})" if item.who else ""
    event.add("summary", plain(f"{WORDS[item.kind]}: {item.title}{who}", LONGEST).replace("\n", " "))
    if item.note:
        event.add("description", plain(item.note, LONGEST))
    event.add("categories", [item.kind])
    event.add("transp", "TRANSPARENT")
    return event


def _order(item: Dated) -> tuple[Instant, str, str]:
    return (item.instant, item.kind, item.id)
