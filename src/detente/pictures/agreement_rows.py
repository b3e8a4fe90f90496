"""From the status of an agreement to the rows of its picture."""

from __future__ import annotations

import datetime as dt

from detente.agreement.calendar import Calendar
from detente.agreement.periods import Instant
from detente.agreement.remarks import called
from detente.agreement.table import INERT, TERMINAL
from detente.agreement.tracking import Status
from detente.pictures.agreement_timeline import Stretch, Timeline, TimelineRow

DAY = 86_400  # seconds
QUARTER = 91 * DAY
ROOM = 0.04  # of the whole span, left and right


def timeline_of(status: Status) -> Timeline:
    """The states of all commitments from the first move to the day looked at, and the deadlines that are near.

    What lies further ahead than the whole time behind, and than a quarter, is not shown.
    """
    calendar = status.run.calendar
    first = min([m.instant for m in status.run.history if m.instant <= status.at] or [status.at])
    horizon = status.at + max(status.at - first, QUARTER)
    ends = [s.deadline for s in status.standings if s.deadline is not None and status.at < s.deadline <= horizon]
    last = max([status.at, *ends])
    rows = []
    for standing in status.standings:
        course = [c for c in status.run.course(standing.id) if c[0] <= status.at]
        ended = [*(c[0] for c in course), status.at][1:]  # none of what never changed: it is inert
        stretches = tuple(
            Stretch(day(calendar, start), day(calendar, end), state, held)
            for (start, state, held), end in zip(course, ended, strict=True)
            if state != INERT and (end > start or (start == status.at and state in TERMINAL))
        )
        deadline = None if standing.deadline is None else day(calendar, standing.deadline)
        rows.append(TimelineRow(called(status.agreement, standing.id), _joined(stretches), deadline))
    margin = max(1.0, (day(calendar, last) - day(calendar, first)) * ROOM)
    return Timeline(tuple(rows), day(calendar, first), day(calendar, last) + margin, day(calendar, status.at))


def _joined(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    """Without seams between stretches of the same state that are held alike."""
    out: list[Stretch] = []
    for one in stretches:
        if out and (out[-1].state, out[-1].held, out[-1].end) == (one.state, one.held, one.start):
            out[-1] = Stretch(out[-1].start, one.end, one.state, one.held)
        else:
            out.append(one)
    return tuple(out)


def day(calendar: Calendar, instant: Instant) -> float:
    """An instant as an ordinal day of the agreement's zone, with its fraction."""
    local = dt.datetime.fromtimestamp(instant, calendar.zone)
    return local.toordinal() + (local.hour * 3600 + local.minute * 60 + local.second) / DAY
