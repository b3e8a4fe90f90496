"""What triggers, powers and resumptions wait for: formulas over an agreement's run (docs/agreement-semantics.md)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from detente.agreement.periods import Moment, Period


@dataclass(frozen=True, slots=True)
class Always:
    """``true``."""


@dataclass(frozen=True, slots=True)
class Never:
    """``never``: only a consequence activates it."""


@dataclass(frozen=True, slots=True)
class InForce:
    """``in_force``: the agreement has entered into force."""


@dataclass(frozen=True, slots=True)
class At:
    """``at(date)``: from the first instant of a date, or from an instant."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class After:
    """``after(f, period)``: from the end of a period counted from when f first held."""

    formula: Formula
    period: Period


@dataclass(frozen=True, slots=True)
class Event:
    """``event(name)``: an outside event has happened."""

    name: str


@dataclass(frozen=True, slots=True)
class Signed:
    """``signed(party)``."""

    party: str


@dataclass(frozen=True, slots=True)
class Ratified:
    """``ratified(party)``."""

    party: str


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """``c`` or ``fulfilled(c)``: fulfilled or remedied, and not held."""

    commitment: str


@dataclass(frozen=True, slots=True)
class Verified:
    """``verified(c)``: fulfilled or remedied, not held, and the finding is verified."""

    commitment: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """``claimed(c)``: a claim stands, or it is fulfilled."""

    commitment: str


@dataclass(frozen=True, slots=True)
class Breached:
    """``breached(c)``: breached, and the breach has not been overturned."""

    commitment: str


@dataclass(frozen=True, slots=True)
class InState:
    """``state(c, {due, overdue})``: its life state is one of these now."""

    commitment: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """``progress(c) >= x``."""

    commitment: str
    at_least: Fraction


@dataclass(frozen=True, slots=True)
class Joint:
    """``joint(group)``: every member of a group is ready but for this."""

    group: str


@dataclass(frozen=True, slots=True)
class And:
    """``f and g``."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """``f or g``."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class NotBy:
    """``not_by(f, date)``: from the date on, if f has never held before it."""

    formula: Formula
    moment: Moment


Formula = (
    Always | Never | InForce | At | After | Event | Signed | Ratified | Fulfilled | Verified | Claimed | Breached
    | InState | Progress | Joint | And | Or | NotBy
)  # fmt: skip
