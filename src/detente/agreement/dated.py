"""What has its day, by the run: for a calendar."""

from __future__ import annotations

from detente.agreement.ics import Dated, Kind, agreed_dates, ends_a_day
from detente.agreement.remarks import called
from detente.agreement.tracking import Status

KINDS: dict[str, Kind] = {
    "deadline": "deadline",
    "end of what is kept": "deadline",
    "cure": "cure",
    "verification": "verification",
    "dispute": "verification",
}


def dated_of(status: Status) -> tuple[Dated, ...]:
    """The dates of an agreement as they stand: what runs now, then what the text fixes for later."""
    agreement, calendar = status.agreement, status.run.calendar
    names = {n: agreement.called(n) for n in (*agreement.file.parties, *agreement.file.bodies)}
    due = status.run.next(status.at)
    found = []
    still = {s.id for s in status.standings if status.run.stands_still(s)}
    for coming in due.coming:
        if coming.until is not None and coming.commitment not in still:
            who = tuple(names.get(p, p) for p in coming.who)
            title = called(agreement, coming.commitment)
            whole = ends_a_day(calendar, coming.until)
            found.append(Dated(coming.commitment, title, who, coming.until, whole, KINDS[coming.what]))
    for power in due.powers:
        gone = power.used or (power.expires is not None and power.expires <= status.at)
        if power.last_day is not None and not gone and calendar.deadline(power.last_day) > status.at:
            targets = ", ".join(
                "the whole agreement" if t == "agreement" else called(agreement, t) for t in power.targets
            )
            title = f"{names.get(power.holder, power.holder)} may {power.may} {targets}".strip()
            end = calendar.deadline(power.last_day)
            found.append(Dated(power.power, title, (names.get(power.holder, power.holder),), end, True, "power"))
    taken = {(d.kind, d.id) for d in found}
    over = {s.id for s in status.standings if s.life not in ("inert", "waiting", "due")}
    later = [
        d for d in agreed_dates(agreement.terms(), names)
        if (d.kind, d.id) not in taken and d.id not in over and d.instant > status.at
    ]  # fmt: skip
    return (*found, *later)
