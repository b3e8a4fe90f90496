"""Dates of an agreement as iCalendar: literal files, and instants that come back as they went out."""

from __future__ import annotations

import datetime as dt
import os
import random
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from detente.agreement import terms as t
from detente.agreement.calendar import Calendar
from detente.agreement.formulas import Always
from detente.agreement.ics import WORDS, Dated, agreed_dates, ends_a_day, ics
from detente.agreement.periods import Period
from detente.base.errors import UsageError
from tests.literal import calendar as literal

ZONES = ("UTC", "Asia/Seoul", "America/Sao_Paulo", "Pacific/Apia", "Europe/Vienna", "Asia/Pyongyang", "America/Havana")


def agreed(zone: str = "Asia/Seoul", commitments: tuple[t.Commitment, ...] = (), **more: object) -> t.Terms:
    policy = t.CalendarPolicy(zone)
    return t.Terms("deal", ("north", "south"), (), policy, commitments, Always(), **more)  # type: ignore[arg-type]


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


DUE = Dated("freeze", "Freeze", ("Northland",), at("1994-11-22T00:00+09:00"), True, "deadline", "See article 1.")
KNOWN = at("1994-10-21T12:00Z")


def test_a_deadline_is_the_day_that_is_still_in_time() -> None:
    expected = """\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//detente//agreement//EN
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        X-WR-CALNAME:CONFIDENTIAL: The deal
        X-WR-TIMEZONE:Asia/Seoul
        BEGIN:VEVENT
        SUMMARY:Due: Freeze (Northland)
        DTSTART;VALUE=DATE:19941121
        DTEND;VALUE=DATE:19941122
        DTSTAMP:19941021T120000Z
        UID:deal.deadline.freeze@detente
        CATEGORIES:deadline
        DESCRIPTION:See article 1.
        TRANSP:TRANSPARENT
        END:VEVENT
        END:VCALENDAR
    """
    lines = [line.strip() for line in expected.splitlines()]
    assert ics(agreed(), [DUE], KNOWN, "The deal", "CONFIDENTIAL").decode().split("\r\n") == lines


def test_an_instant_is_in_universal_time() -> None:
    text = ics(agreed(), [replace(DUE, whole_day=False)], KNOWN).decode()
    assert "DTSTART:19941121T150000Z\r\n" in text
    assert "DTEND" not in text
    half = replace(DUE, instant=at("1994-11-21T12:00+09:00"))  # no whole day ends there
    assert "DTSTART:19941121T030000Z\r\n" in ics(agreed(), [half], KNOWN).decode()


def test_a_uid_names_agreement_kind_and_id_alone() -> None:
    odd = replace(DUE, id="restore:a@b#1, ü\r\n")
    moved = replace(odd, instant=DUE.instant + 86_400, title="Other", note="", who=())
    uid = "UID:deal.deadline.restore%3Aa%40b%231%2C%20%C3%BC%0D%0A@detente"
    for item in (odd, moved):
        assert uid in ics(agreed(), [item], KNOWN).decode().replace("\r\n ", "")
    with pytest.raises(UsageError, match="two dates of kind deadline called 'freeze'"):
        ics(agreed(), [DUE, DUE], KNOWN)
    both = ics(agreed(), [DUE, replace(DUE, kind="cure")], KNOWN).decode()
    assert both.count("BEGIN:VEVENT") == 2


def test_order_and_time_of_day_change_nothing() -> None:
    items = [replace(DUE, id=f"c{n}", instant=DUE.instant + 86_400 * (n % 3)) for n in range(9)]
    first = ics(agreed(), items, KNOWN)
    assert ics(agreed(), reversed(items), KNOWN) == first
    assert ics(agreed(), items, KNOWN + 1) != first


NASTY = "a, b; c \\ d\r\nEND:VEVENT\r\nBEGIN:VALARM\rx\x00\x1b\u202e\ud800: é평양👍 " + "long " * 60


def test_texts_cannot_leave_their_line() -> None:
    item = replace(DUE, title=NASTY, note=NASTY, who=(NASTY,))
    data = ics(agreed(), [item], KNOWN, NASTY, NASTY)
    lines = data.decode().split("\r\n")
    assert sum(line == "END:VEVENT" for line in lines) == 1
    assert not any(line.startswith("BEGIN:VALARM") for line in lines)
    assert all(len(line.encode()) <= 75 for line in lines)
    assert r"X-WR-CALNAME:a\, b\; c \\ d END:VEVENT BEGIN:VALARM x: é" in data.decode().replace("\r\n ", "")
    assert not {"\x00", "\x1b", "\u202e", "\r"} & set("".join(lines))
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert str(event["description"]).startswith("a, b; c \\ d\nEND:VEVENT\nBEGIN:VALARM\nx: é평양👍 long")
    assert str(event["summary"]).startswith("Due: a, b; c \\ d END:VEVENT BEGIN:VALARM x: é평양👍 long")


def there_and_back(seed: int) -> tuple[int, int]:
    """Export, import by the library alone, compare; how many whole days and how many instants."""
    draw = random.Random(seed)
    zone = draw.choice(ZONES)
    calendar, local = Calendar(t.CalendarPolicy(zone)), ZoneInfo(zone)
    items = []
    for number in range(12):
        day = dt.date(2011, 12, 20) + dt.timedelta(draw.choice((draw.randint(0, 20), draw.randint(0, 5000))))
        whole = draw.random() < 0.5
        instant = calendar.deadline(day) if whole else calendar.start(day) + draw.randint(1, 80_000)
        title = "".join(chr(draw.choice((draw.randint(32, 126), draw.randint(0xA1, 0x2000)))) for _ in range(60))
        items.append(Dated(f"c{number}", title, (), instant, whole, draw.choice(("deadline", "review", "power"))))
    events: list[Any] = icalendar.Calendar.from_ical(ics(agreed(zone), items, KNOWN)).walk("VEVENT")
    back = {str(e["uid"]): e for e in events}
    assert len(back) == len(items)
    for item in items:
        event = back[f"deal.{item.kind}.{item.id}@detente"]
        start = event["dtstart"].dt
        if isinstance(start, dt.datetime):
            assert start.tzinfo is not None
            assert int(start.timestamp()) == item.instant
        else:
            assert literal.day_start(start + dt.timedelta(days=1), local) == item.instant
            assert event["dtend"].dt - start == dt.timedelta(days=1)
        assert event["dtstamp"].dt.timestamp() == KNOWN
        assert WORDS[item.kind] in str(event["summary"])
    days = sum(not isinstance(e["dtstart"].dt, dt.datetime) for e in events)
    return days, len(events) - days


def test_what_goes_out_comes_back() -> None:
    told = [there_and_back(seed) for seed in range(150)]
    assert sum(days for days, _ in told) > 500
    assert sum(instants for _, instants in told) > 500


@pytest.mark.sweep
def test_what_goes_out_comes_back_on_fresh_seeds() -> None:
    first = int(os.environ["DETENTE_SEED"])
    for seed in range(first, first + 150):
        there_and_back(seed)


def test_the_end_of_a_day() -> None:
    seoul = Calendar(t.CalendarPolicy("Asia/Seoul"))
    assert ends_a_day(seoul, at("1994-11-22T00:00+09:00"))
    assert not ends_a_day(seoul, at("1994-11-22T00:00+00:00"))
    assert not ends_a_day(seoul, at("1994-11-22T00:00:01+09:00"))
    assert ends_a_day(Calendar(t.CalendarPolicy("America/Sao_Paulo")), at("2018-11-04T01:00-02:00"))


def test_the_dates_that_stand_in_the_agreement() -> None:
    def owed(name: str, deadline: t.Deadline, **more: object) -> t.Commitment:
        return t.Commitment(name, "achieve", ("north",), (), t.TextAct("x"), deadline=deadline, **more)  # type: ignore[arg-type]

    day = dt.date
    commitments = (
        owed("fixed", t.On(day(1994, 11, 21)), title="Fixed"),
        owed("hour", t.On(at("1994-11-01T12:00Z"))),
        owed("rule", t.Every("FREQ=YEARLY;COUNT=2", day(1995, 1, 16))),
        owed("open", t.NoDeadline("none", day(1995, 6, 1)), ambiguity=t.Ambiguity("left open", day(1996, 1, 1))),
        owed("later", t.Within(Period(months=1))),
        owed("never", t.NoDeadline()),
    )
    terms = agreed("Asia/Seoul", commitments, reviews=(day(1995, 3, 1),), sunset=t.On(day(1999, 12, 31)))
    both = ("Northland", "south")
    found = agreed_dates(terms, {"north": "Northland"})
    assert found == (
        Dated("hour", "hour", ("Northland",), at("1994-11-01T12:00Z"), False, "deadline"),
        Dated("fixed", "Fixed", ("Northland",), at("1994-11-22T00:00+09:00"), True, "deadline"),
        Dated("rule#1", "rule, 1", ("Northland",), at("1995-01-17T00:00+09:00"), True, "deadline"),
        Dated("1995-03-01", "Review of the agreement", both, at("1995-03-02T00:00+09:00"), True, "review"),
        Dated("open", "open", ("Northland",), at("1995-06-02T00:00+09:00"), True, "review"),
        Dated("open/ambiguity", "open: what was left open", both[:1], at("1996-01-02T00:00+09:00"), True, "review"),
        Dated("rule#2", "rule, 2", ("Northland",), at("1996-01-17T00:00+09:00"), True, "deadline"),
        Dated("agreement", "Sunset", ("Northland", "south"), at("2000-01-01T00:00+09:00"), True, "sunset"),
    )  # fmt: skip
    assert ics(terms, found, KNOWN).count(b"BEGIN:VEVENT") == 8
