"""Dates of rules of recurrence against dates by hand, a day-by-day oracle, and hostile rules."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from calendar import monthrange

import pytest

from detente.agreement.calendar import CalendarError
from detente.agreement.recurrence import dates

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ONE = dt.timedelta(days=1)


def texts(rule: str, start: str, limit: int | None = None) -> list[str]:
    return [str(d) for d in dates(rule, dt.date.fromisoformat(start), limit)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", "2024-02-28", ["2024-02-28", "2024-02-29", "2024-03-01"]),
        ("FREQ=DAILY;INTERVAL=90;UNTIL=20260630", "2026-01-01", ["2026-01-01", "2026-04-01", "2026-06-30"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", "1997-09-02", ["1997-09-02", "1997-09-04", "1997-09-09"]),
        # The two rules of RFC 5545 that tell the beginning of the week.
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
         ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
         ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15",  # RFC 5545: no 30 February
         ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"]),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", ["1997-09-04", "1997-10-07", "1997-11-06"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", "2026-01-01",
         ["2026-01-30", "2026-02-27", "2026-03-31"]),  # the last working day
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-01-01", ["2026-01-30", "2026-02-27"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=3", "2096-01-01", ["2096-02-29", "2104-02-29", "2108-02-29"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "2026-01-01", ["2026-11-26", "2027-11-25"]),
        ("FREQ=YEARLY;COUNT=2", "2016-01-16", ["2016-01-16", "2017-01-16"]),
        ("FREQ=MONTHLY;COUNT=3", "2026-01-31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "2026-02-10", ["2026-02-28", "2026-03-31"]),  # the first does not match
        ("FREQ=YEARLY;UNTIL=20280116T120000Z", "2026-01-16", ["2026-01-16", "2027-01-16", "2028-01-16"]),
    ],
)  # fmt: skip
def test_dates_of_rules(rule: str, start: str, expected: list[str]) -> None:
    assert texts(rule, start) == expected


def test_a_limit_gives_the_first_of_them() -> None:
    assert texts("FREQ=DAILY", "2026-01-01", 2) == ["2026-01-01", "2026-01-02"]
    assert texts("FREQ=DAILY;COUNT=3", "2026-01-01", 10) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert texts("FREQ=DAILY;COUNT=3", "2026-01-01", 0) == []
    assert texts("FREQ=YEARLY", "2026-01-01")[-1] == "2200-01-01"
    assert texts("FREQ=DAILY", "2200-12-30", 10) == ["2200-12-30", "2200-12-31"]


HOSTILE = [
    "FREQ=DAILY",
    "FREQ=SECONDLY",
    "FREQ=SECONDLY;COUNT=1",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;COUNT=10001",
    "FREQ=DAILY;COUNT=" + "9" * 5_000,
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2,4,6,9,11;BYMONTHDAY=-31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=4",  # from 2001: never a leap year
    "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12",  # from February
    "FREQ=DAILY;BYDAY=MO;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=4",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=400",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;INTERVAL=400",
    "FREQ=YEARLY;BYYEARDAY=366;INTERVAL=4",
    "FREQ=YEARLY;BYEASTER=0",
    "FREQ=YEARLY;BYDAY=53MO",
    "FREQ=YEARLY;UNTIL=20000101",
    "FREQ=YEARLY;UNTIL=99991231",
    "FREQ=YEARLY;UNTIL=20260231",
    "FREQ=YEARLY;UNTIL=20260101;COUNT=2",
    "FREQ=YEARLY;COUNT=500",
    "FREQ=DAILY;FREQ=YEARLY",
    "FREQ=YEARLY\nDTSTART:20000101",
    "DTSTART:20000101T000000\nRRULE:FREQ=SECONDLY",
    "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYSECOND=" + ",".join(map(str, range(60))),
    "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 10_000),
    "FREQ=YEARLY;COUNT=٣",
    ";" * 400,
    "=" * 400,
    "",
    "every month",
]


@pytest.mark.parametrize("rule", HOSTILE)
def test_absurd_rules_are_refused_at_once(rule: str) -> None:
    begun = time.process_time()
    with pytest.raises(CalendarError) as error:
        dates(rule, dt.date(2001, 2, 1))
    assert time.process_time() - begun < 1
    assert error.value.found
    assert error.value.expected
    assert len(str(error.value)) < 400


def test_a_rule_that_never_comes_is_empty_under_a_limit() -> None:
    begun = time.process_time()
    assert dates("FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12", dt.date(2001, 2, 1), 5) == ()
    assert time.process_time() - begun < 1


# --- day by day ------------------------------------------------------------------------------------------------------


def matches(day: dt.date, start: dt.date, parts: dict[str, str]) -> bool:
    """Whether a day is one of a rule's days, BYSETPOS, COUNT and UNTIL left aside."""
    often, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    monday = {"MO": 0, "SU": -1}[parts.get("WKST", "MO")]
    passed = {
        "DAILY": (day - start).days,
        "WEEKLY": (_week(day, monday) - _week(start, monday)).days // 7,
        "MONTHLY": (day.year - start.year) * 12 + day.month - start.month,
        "YEARLY": day.year - start.year,
    }[often]
    if passed % interval or day < start:
        return False
    if "BYMONTH" in parts and str(day.month) not in parts["BYMONTH"].split(","):
        return False
    length = monthrange(day.year, day.month)[1]
    if "BYMONTHDAY" in parts:
        return {str(day.day), str(day.day - length - 1)} & set(parts["BYMONTHDAY"].split(",")) != set()
    name = NAMES[day.weekday()]
    if "BYDAY" in parts:
        places = {name, f"{(day.day - 1) // 7 + 1}{name}", f"-{(length - day.day) // 7 + 1}{name}"}
        return places & set(parts["BYDAY"].split(",")) != set()
    if often == "WEEKLY":
        return day.weekday() == start.weekday()
    if often == "MONTHLY":
        return day.day == start.day
    return often == "DAILY" or (day.day == start.day and ("BYMONTH" in parts or day.month == start.month))


def _week(day: dt.date, monday: int) -> dt.date:
    return day - (day.weekday() - monday) % 7 * ONE


def walked(rule: str, start: dt.date, last: dt.date) -> list[dt.date]:
    """The days of a rule up to a last one, one day after the other."""
    parts = dict(p.split("=") for p in rule.split(";"))
    begin = start.replace(day=1) if "BYSETPOS" in parts else start
    found = [begin + k * ONE for k in range((last - begin).days + 40)]
    if "BYSETPOS" in parts:  # of a month
        place = int(parts["BYSETPOS"])
        months: dict[tuple[int, int], list[dt.date]] = {}
        for day in found:
            if matches(day, begin, parts):
                months.setdefault((day.year, day.month), []).append(day)
        index = place - 1 if place > 0 else place
        found = [days[index] for days in months.values() if -len(days) <= index < len(days)]
    else:
        found = [day for day in found if matches(day, start, parts)]
    if "UNTIL" in parts:
        last = min(last, dt.datetime.strptime(parts["UNTIL"] + "Z", "%Y%m%d%z").date())
    return [d for d in found if start <= d <= last][: int(parts.get("COUNT", "9999"))]


def rule_drawn(draw: random.Random) -> str:
    often = draw.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={often}"]
    if draw.random() < 0.5:
        parts.append(f"INTERVAL={draw.randint(1, 5)}")
    days = ",".join(draw.sample(NAMES, draw.randint(1, 3)))
    if often == "WEEKLY" and draw.random() < 0.7:
        parts += [f"BYDAY={days}", f"WKST={draw.choice(('MO', 'SU'))}"]
    if often == "YEARLY" and draw.random() < 0.5:
        parts.append("BYMONTH=" + ",".join(map(str, draw.sample(range(1, 13), 2))))
        if draw.random() < 0.4:
            parts.append(f"BYDAY={draw.choice((1, 2, -1))}{draw.choice(NAMES)}")
    if often == "MONTHLY":
        parts += draw.choice(
            ([], ["BYMONTHDAY=" + ",".join(map(str, draw.sample([*range(1, 32), -1, -2, -31], 3)))],
             [f"BYDAY={days}"], [f"BYDAY={days}", f"BYSETPOS={draw.choice((1, 2, 4, -1, -3))}"],
             [f"BYDAY={draw.choice((1, 2, 4, -1, -4))}{draw.choice(NAMES)}"])
        )  # fmt: skip
    parts += draw.choice(([], [f"COUNT={draw.randint(1, 9)}"], ["UNTIL=20270301"]))
    return ";".join(parts)


def compare(seed: int) -> int:
    draw = random.Random(seed)
    start = dt.date(2024, 1, 1) + draw.randint(0, 800) * ONE
    rule = rule_drawn(draw)
    last = start + 5 * 366 * ONE
    found = [d for d in dates(rule, start, 3_000) if d <= last]
    assert found == walked(rule, start, last), (seed, rule, start)
    return len(found)


def test_rules_day_by_day() -> None:
    lengths = [compare(seed) for seed in range(1000)]
    assert sum(length > 3 for length in lengths) > 500


@pytest.mark.sweep
def test_rules_day_by_day_on_fresh_seeds() -> None:
    first = int(os.environ["DETENTE_SEED"])
    for seed in range(first, first + 1000):
        compare(seed)
