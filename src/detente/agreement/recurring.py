"""Rules of recurrence, judged before anything has happened.

A rule is RFC 5545's RRULE in days, weeks, months or years. It is refused here if it is malformed, never comes, or
comes absurdly often; its occurrences are worked out elsewhere.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from itertools import islice

from detente.agreement.time_text import FIRST_YEAR, LAST_YEAR
from detente.base.errors import did_you_mean, one_of, shown

MOST_OCCURRENCES = 10_000
LONGEST_RULE = 500
TOO_OFTEN = ("HOURLY", "MINUTELY", "SECONDLY")
WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
PLACED = rf"(?:[+-]?[1-4])?{WEEKDAY}"
PARTS = {
    "FREQ": r"[A-Z]+",
    "INTERVAL": r"[1-9][0-9]{0,3}",
    "COUNT": r"[1-9][0-9]*",
    "UNTIL": r"[0-9]{8}(?:T[0-9]{6}Z?)?",
    "BYMONTH": r"(?:1[0-2]|[1-9])(?:,(?:1[0-2]|[1-9]))*",
    "BYMONTHDAY": r"-?(?:3[01]|[12][0-9]|[1-9])(?:,-?(?:3[01]|[12][0-9]|[1-9]))*",
    "BYDAY": rf"{PLACED}(?:,{PLACED})*",
    "BYSETPOS": r"[+-]?[1-4]",
    "WKST": WEEKDAY,
}
ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
# What can stand beside each: a rule of these parts comes again and again, so that looking for its dates ends soon.
FREQUENCIES = {
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY"},
    "MONTHLY": {"BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "WEEKLY": {"BYDAY"},
    "DAILY": set[str](),
}
Fault = tuple[str, str, str]  # found, expected, fix


def rule_fault(rule: str, start: dt.date | None) -> Fault | int:
    """What is wrong with a rule of recurrence, or how many dates it has (up to 10,000; 0 without ``start``)."""
    form = "a rule such as FREQ=YEARLY;COUNT=5"
    if len(rule) > LONGEST_RULE:
        return f"a rule of {len(rule):,} characters", f"at most {LONGEST_RULE}", ""
    parts: dict[str, str] = {}
    for piece in rule.removeprefix("RRULE:").split(";"):
        name, sign, value = piece.partition("=")
        if not sign or name not in PARTS:
            return f"{shown(piece)} in the rule", f"{form}, made of {', '.join(PARTS)}", did_you_mean(name, list(PARTS))
        if name in parts:
            return f"{name} a second time", "each part once", ""
        if not re.fullmatch(PARTS[name], value):
            return f"{shown(piece)} in the rule", f"a value that {name} can have", ""
        parts[name] = value
    if "FREQ" not in parts:
        return shown(rule), form, "Add FREQ= and how often."
    return _frequency(parts) or _together(parts) or _end(parts) or _count(parts, start)


def _frequency(parts: dict[str, str]) -> Fault | None:
    often = parts["FREQ"]
    if often in TOO_OFTEN:
        return f"FREQ={often}", "DAILY, WEEKLY, MONTHLY or YEARLY", "Deadlines end with a day: write DAILY at most."
    if often not in FREQUENCIES:
        return f"FREQ={often}", one_of(list(FREQUENCIES)), did_you_mean(often, list(FREQUENCIES))
    return None


def _together(parts: dict[str, str]) -> Fault | None:
    """Parts that do not go together."""
    often = parts["FREQ"]
    for name in parts:
        if name not in ALWAYS and name not in FREQUENCIES[often]:
            allowed = sorted(FREQUENCIES[often]) or ["INTERVAL"]
            return f"{name} beside FREQ={often}", f"{' or '.join(allowed)} at most", "Choose a longer FREQ."
    days = parts.get("BYDAY", "")
    placed = any(c in days for c in "1234")
    if placed and (often == "WEEKLY" or (often == "YEARLY" and "BYMONTH" not in parts)):
        fix = "Add BYMONTH, or leave out the place."
        return f"BYDAY={days[:40]} beside FREQ={often}", "places such as 1MO within a month", fix
    if days and "BYMONTHDAY" in parts:
        return "BYDAY and BYMONTHDAY", "one of them", ""
    if "BYSETPOS" in parts and (not days or placed):
        return f"BYSETPOS={parts['BYSETPOS']}", "BYSETPOS beside plain days, such as BYDAY=MO,TU,WE,TH,FR", ""
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        months = [int(m) for m in parts["BYMONTH"].split(",")]
        nearest = min(abs(int(d)) for d in parts["BYMONTHDAY"].split(","))
        if nearest > max(29 if m == 2 else 30 if m in (4, 6, 9, 11) else 31 for m in months):
            return f"BYMONTHDAY={parts['BYMONTHDAY'][:40]} in BYMONTH={parts['BYMONTH'][:40]}", "a day that exists", ""
    return None


def _end(parts: dict[str, str]) -> Fault | None:
    if "COUNT" in parts and "UNTIL" in parts:
        return "COUNT and UNTIL", "one of them", ""
    if "COUNT" in parts and (len(parts["COUNT"]) > 6 or int(parts["COUNT"]) > MOST_OCCURRENCES):
        return f"COUNT={parts['COUNT'][:12]}", f"at most {MOST_OCCURRENCES:,} occurrences", ""
    until = parts.get("UNTIL")
    if until is not None and _day(until) is None:
        return f"UNTIL={until}", f"a day that exists, in a year from {FIRST_YEAR} to {LAST_YEAR}", ""
    return None


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _count(parts: dict[str, str], start: dt.date | None) -> Fault | int:
    """Too many dates or none, counted at most to the year 2200; else how many."""
    if start is None:
        return 0
    until = _day(parts["UNTIL"]) if "UNTIL" in parts else None
    if until is not None and until < start:
        return f"UNTIL={parts['UNTIL']}, before from", f"a day after {start}", ""
    last = until or dt.date(LAST_YEAR, 12, 31)
    kept = ";".join(f"{k}={v}" for k, v in parts.items() if k not in ("COUNT", "UNTIL"))
    most = int(parts.get("COUNT", MOST_OCCURRENCES + 1))
    count = _dates(f"{kept};UNTIL={last:%Y%m%d}T000000", start, min(most, MOST_OCCURRENCES + 1))
    if count == 0:
        return NEVER
    if "COUNT" in parts:
        return count if count >= most else (f"only {count} dates up to {LAST_YEAR}", f"{most:,}", "Lower COUNT.")
    if count > MOST_OCCURRENCES:
        found = f"more than {MOST_OCCURRENCES:,} dates up to {last}"
        return found, f"at most {MOST_OCCURRENCES:,}", "Add COUNT or UNTIL."
    return count


NEVER: Fault = ("a rule that never comes", "at least one date", "")


@lru_cache(maxsize=1000)
def _dates(rule: str, start: dt.date, most: int) -> int:
    from dateutil.rrule import rrulestr

    found = rrulestr(rule, dtstart=dt.datetime.combine(start, dt.time()))
    return sum(1 for _ in islice(found, most))
