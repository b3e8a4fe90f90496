"""What a commitment waits for, in plain words, without a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from detente.agreement import formulas as f
from detente.agreement.lint.read import Read
from detente.agreement.lint.waiting import ENTRY
from detente.agreement.periods import Moment
from detente.agreement.terms import Commitment
from detente.agreement.time_text import period_text
from detente.base.wording import listed, percent

TOLD: dict[type[f.Formula], str] = {
    f.Fulfilled: "{0} {1} done",
    f.Verified: "{0} {1} done and confirmed",
    f.Claimed: "{0} {1} said to be done",
    f.Breached: "a breach of {0}",
}


def quoted(read: Read, name: str) -> str:
    """A commitment or the entry into force, for readers."""
    return "the entry into force" if name == ENTRY else f"‘{read.called(name)}’"


def named(read: Read, names: Sequence[str], conjunction: str = "and", most: int = 4) -> str:
    """Commitments for readers; of many the first and how many more."""
    shown = [quoted(read, n) for n in (names if len(names) <= most + 1 else names[:most])]
    if len(names) > most + 1:
        shown.append(f"{len(names) - most} more")
    return listed(shown, conjunction)


def subject(name: str) -> str:
    """A commitment or the entry into force in a witness."""
    return name or "entry_into_force"


def made_good(c: Commitment) -> str:
    """``resume_when: ...`` that comes true when a breach is made good, as a field that can be pasted.

    It asks for a state and not for ``fulfilled``: what is kept without an end never is, nor is what is held.
    """
    if c.after_breach == "extinguish":
        return "resume_when: at(YYYY-MM-DD)"  # it cannot be made good
    if c.modality == "recurrent":
        return f'resume_when: "state({c.id}, {{remedied}})"'  # some instance is always fulfilled
    back = "due, " if c.modality in ("maintain", "refrain") else ""
    return f'resume_when: "state({c.id}, {{{back}fulfilled, remedied}})"'


def told(read: Read, formula: f.Formula, *, until: bool = False) -> str:
    """What a formula waits for, for readers: after “waits for” (“‘X’ to be done”), or after “until” (“‘X’ is done”)."""
    be = "is" if until else "to be"
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed | f.Breached):
        return TOLD[type(formula)].format(quoted(read, formula.commitment), be)
    if isinstance(formula, f.InState):
        states = listed(sorted(formula.states), "or")
        return f"{quoted(read, formula.commitment)} {be} {states}"
    if isinstance(formula, f.Progress):
        return f"{quoted(read, formula.commitment)} {be} done to {percent(float(formula.at_least))}"
    if isinstance(formula, f.And | f.Or):
        word = "and" if isinstance(formula, f.And) else "or"
        return listed([told(read, p, until=until) for p in formula.parts], word)
    if isinstance(formula, f.After):
        return f"{period_text(formula.period)} after {told(read, formula.formula, until=True)}"
    if isinstance(formula, f.Joint):
        members = [quoted(read, n) for n in read.terms.groups[formula.group]]
        return f"{listed(members)} {'are' if until else be} ready together"
    return _plain(read, formula, until=until)


def _plain(read: Read, formula: f.Formula, *, until: bool) -> str:
    if isinstance(formula, f.At):
        return moment_told(formula.moment)
    if isinstance(formula, f.NotBy):
        return f"{moment_told(formula.moment)} without {told(read, formula.formula)}"
    if isinstance(formula, f.Signed | f.Ratified):
        word = ("signs", "to sign") if isinstance(formula, f.Signed) else ("ratifies", "to ratify")
        return f"{read.called(formula.party)} {word[0 if until else 1]}"
    if isinstance(formula, f.Event):
        return f"the event ‘{read.terms.names.get(formula.name, formula.name)}’"
    if isinstance(formula, f.InForce):
        return "the entry into force"
    return "nothing" if isinstance(formula, f.Always) else "what never comes"


def moment_told(moment: Moment) -> str:
    """A date or an instant for readers."""
    if isinstance(moment, int):
        at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=moment)
        return f"{at.day} {at:%B %Y, %H:%M} UTC"
    return f"{moment.day} {moment:%B} {moment.year}"
