"""From the status of an agreement to the rows of its picture."""

from __future__ import annotations

from detente.agreement.periods import Instant
from detente.agreement.remarks import called
from detente.agreement.table import INERT, TERMINAL
from detente.agreement.tracking import Status
from detente.pictures.agreement_timeline import Stretch, Timeline, TimelineRow

EPOCH_DAY, DAY = 719_163, 86_400  # 1 January 1970 as an ordinal; seconds
ROOM = 0.04  # of the whole span, left and right


def timeline_of(status: Status) -> Timeline:
    """The states of all commitments from the first move to the day looked at; later deadlines are shown too."""
    moves = [m for m in status.run.history if m.instant <= status.at]
    ends = [s.deadline for s in status.standings if s.deadline is not None]
    first = min([m.instant for m in moves] or [status.at])
    last = max([status.at, *(e for e in ends if e > status.at)])
    rows = []
    for standing in status.standings:
        mine = [(m.instant, m.after) for m in moves if m.commitment == standing.id]
        states = [(first, INERT), *mine]
        stretches = []
        for (start, state), (end, _) in zip(states, [*states[1:], (status.at, "")], strict=True):
            if end > start and state != INERT:
                stretches.append(_stretch(status, standing.id, start, end, state))
        if mine and mine[-1][0] == status.at and mine[-1][1] in TERMINAL:
            stretches.append(Stretch(day(status.at), day(status.at), mine[-1][1]))
        deadline = None if standing.deadline is None else day(standing.deadline)
        rows.append(TimelineRow(called(status.agreement, standing.id), tuple(stretches), deadline))
    margin = max(1.0, (day(last) - day(first)) * ROOM)
    return Timeline(tuple(rows), day(first), day(last) + margin, day(status.at))


def _stretch(status: Status, name: str, start: Instant, end: Instant, state: str) -> Stretch:
    """A state from an instant to another; suspended if it was so in its middle."""
    middle = (start + end) // 2
    held = any(s.held for s in status.run.at(middle) if s.id == name)
    return Stretch(day(start), day(end), state, held)


def day(instant: Instant) -> float:
    """An instant as an ordinal day with its fraction."""
    return EPOCH_DAY + instant / DAY
