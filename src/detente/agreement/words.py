"""What a waiting commitment waits for, in plain words."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import TYPE_CHECKING

from detente.agreement import formulas as f
from detente.agreement.nodes import Hold, Node
from detente.agreement.periods import Instant
from detente.agreement.table import LIVES
from detente.agreement.time_text import period_text
from detente.agreement.truth import Watch
from detente.base.wording import listed, percent

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

DONE = {
    f.Fulfilled: "‘{}’ to be done",
    f.Verified: "‘{}’ to be done and confirmed",
    f.Claimed: "‘{}’ to be said to be done",
    f.Breached: "a breach of ‘{}’",
}


def true_at(watch: Watch, instant: Instant) -> bool:
    """Whether a formula was true at an instant."""
    i = bisect_right(watch.flips, (instant, True)) - 1
    return i >= 0 and watch.flips[i][1]


def waits_for(machine: Machine, node: Node, instant: Instant, holds: frozenset[Hold]) -> tuple[str, ...]:
    """The parts of its trigger that are not true, the instance before it, and what holds it.

    Args:
        machine: the finished run.
        node: a commitment that waits.
        instant: when it waits.
        holds: what holds it then.
    """
    words: list[str] = []
    if node.previous is not None and instant < node.previous:
        words.append(f"the deadline before it, {day(machine, node.previous)}")
    words += missing(machine, node.trigger, instant)
    words += [f"the end of its suspension ({told_hold(machine, hold)})" for hold in sorted(holds)]
    return tuple(dict.fromkeys(words))


def day(machine: Machine, end: Instant) -> str:
    """The last day before an end that falls on midnight, else the instant."""
    last = machine.calendar.day(end - 1)
    return _date(last) if machine.calendar.deadline(last) == end else _when(machine, end)


def missing(machine: Machine, watch: Watch, instant: Instant) -> list[str]:
    """What keeps a formula from being true."""
    if true_at(watch, instant):
        return []
    formula = watch.formula
    if isinstance(formula, f.And):
        return [w for part in watch.inputs for w in missing(machine, part, instant)]
    if isinstance(formula, f.Or):
        parts = [" and ".join(missing(machine, part, instant)) for part in watch.inputs]
        return [" or ".join(parts) if parts else "what never happens"]
    if isinstance(formula, f.Joint):
        told = [w for part in watch.inputs for w in missing(machine, part, instant)]
        group = machine.terms.groups[formula.group]
        return told or [f"{listed([f'‘{name(machine, c)}’' for c in group])} to be ready together"]
    return [_told(machine, watch, formula, instant)]


def _told(machine: Machine, watch: Watch, formula: f.Formula, instant: Instant) -> str:
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed | f.Breached):
        return DONE[type(formula)].format(name(machine, formula.commitment))
    if isinstance(formula, f.InState):
        states = listed([s for s in LIVES if s in formula.states], "or")
        return f"‘{name(machine, formula.commitment)}’ to be {states}"
    if isinstance(formula, f.Progress):
        return f"‘{name(machine, formula.commitment)}’ to be done to {percent(float(formula.at_least))}"
    if isinstance(formula, f.After):
        if watch.moment is not None and watch.inputs[0].first is not None and watch.inputs[0].first <= instant:
            return f"the end of {period_text(formula.period)}, {day(machine, watch.moment)}"
        inner = " and ".join(missing(machine, watch.inputs[0], instant)) or "its beginning"
        return f"{period_text(formula.period)} after {inner}"
    if isinstance(formula, f.At):
        return _when(machine, formula.moment)
    if isinstance(formula, f.NotBy):
        return _not_by(machine, watch, formula, instant)
    return _plain(machine, formula)


def _not_by(machine: Machine, watch: Watch, formula: f.NotBy, instant: Instant) -> str:
    date = _when(machine, formula.moment)
    if watch.moment is None or instant >= watch.moment:
        return f"nothing: what it rests on had come before {date}"
    inner = " and ".join(missing(machine, watch.inputs[0], instant)) if watch.inputs else ""
    return (
        f"{date}, if by then there is still {inner}" if inner else f"nothing: what it rests on has come before {date}"
    )


def _plain(machine: Machine, formula: f.Formula) -> str:
    names = machine.terms.names
    if isinstance(formula, f.Event):
        return f"the event ‘{names.get(formula.name, formula.name)}’"
    if isinstance(formula, f.Signed):
        return f"{names.get(formula.party, formula.party)} to sign"
    if isinstance(formula, f.Ratified):
        return f"{names.get(formula.party, formula.party)} to ratify"
    if isinstance(formula, f.InForce):
        return "the entry into force"
    return "the breach that sets it going"


def _when(machine: Machine, moment: dt.date | Instant) -> str:
    if not isinstance(moment, int):
        return _date(moment)
    local = dt.datetime.fromtimestamp(moment, machine.calendar.zone)
    return f"{local:%H:%M} on {_date(local)}"


def _date(date: dt.date) -> str:
    return f"{date.day} {date:%B %Y}"


def told_hold(machine: Machine, hold: Hold) -> str:
    """Why something is held, and by whom or for which breach."""
    reason, source = hold
    if source in machine.commitments:
        return f"{reason}, for the breach of ‘{name(machine, source)}’"
    return f"{reason}, by {machine.terms.names.get(source, source)}"


def name(machine: Machine, commitment: str) -> str:
    """The title of a commitment, or its id."""
    terms = machine.commitments.get(commitment)
    return terms.title if terms is not None and terms.title else commitment
