"""The dates of a rule of recurrence (RFC 5545), worked out on civil dates."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import islice

from detente.agreement.calendar import CalendarError
from detente.agreement.recurring import rule_fault
from detente.agreement.time_text import LAST_YEAR


@lru_cache(maxsize=1000)
def dates(rule: str, start: dt.date, limit: int | None = None) -> tuple[dt.date, ...]:
    """The dates of a rule, in order, to the end of the year 2200.

    Only dates that the rule matches: the first date is one of them only if it matches. Months without the day asked for
    (the 31st) are passed over. Of UNTIL only the date counts.

    Args:
        rule: days, weeks, months or years, as ``recurring.rule_fault`` allows them; so looking for dates ends soon.
        start: not before this date.
        limit: at most so many, the first ones; None: all, but not more than 10,000.

    Raises:
        CalendarError: the rule is malformed, never comes or comes more than 10,000 times and there is no limit.
    """
    fault = rule_fault(rule, start if limit is None else None)
    if not isinstance(fault, int):
        raise CalendarError(*fault)
    from dateutil.rrule import rrulestr

    parts = dict(piece.split("=") for piece in rule.removeprefix("RRULE:").split(";"))
    until = parts.pop("UNTIL", f"{LAST_YEAR}1231")[:8]
    # The library takes COUNT or UNTIL, not both.
    count = int(parts.pop("COUNT", 0)) or None
    most = min((n for n in (limit, count) if n is not None), default=None)
    kept = ";".join(f"{name}={value}" for name, value in (*parts.items(), ("UNTIL", f"{until}T000000")))
    found = rrulestr(kept, dtstart=dt.datetime.combine(start, dt.time()))
    return tuple(day.date() for day in islice(found, most))
