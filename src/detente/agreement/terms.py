"""The terms of an agreement, as the run needs them: what its file means, names resolved, defaults filled in.

Ids are texts. Ends of periods are worked out by ``calendar.Calendar``. Nothing here changes with the ledger.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from detente.agreement.formulas import Always, Formula
from detente.agreement.periods import Moment, Period

NOTHING = Period()
ALWAYS = Always()
Modality = Literal["achieve", "maintain", "refrain", "recurrent"]
Effect = Literal["terminate", "reverse", "suspend", "activate", "compensate", "escalate"]
EFFECTS: tuple[Effect, ...] = (
    "terminate",
    "reverse",
    "suspend",
    "activate",
    "compensate",
    "escalate",
)  # order of application


@dataclass(frozen=True, slots=True)
class CalendarPolicy:
    """How days are counted.

    Attributes:
        zone: IANA name.
        overflow: what a period does whose day does not exist.
        roll: where an end goes that falls on a day off.
        weekend: days off in each week, 0 = Monday.
        holidays: further days off.
    """

    zone: str
    overflow: Literal["error", "down", "up"] = "error"
    roll: Literal["none", "following", "preceding"] = "none"
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True)
class On:
    """A deadline on a date (its end) or at an instant."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class Within:
    """A deadline at the end of a period from when the anchor first held; no anchor: from activation."""

    period: Period
    anchor: Formula | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """The deadlines of a recurrent commitment: an RFC 5545 rule, from its first date."""

    rule: str
    start: dt.date


@dataclass(frozen=True, slots=True)
class NoDeadline:
    """None, with the reason and the date of its review."""

    reason: str = ""
    review: dt.date | None = None


Deadline = On | Within | Every | NoDeadline


@dataclass(frozen=True, slots=True)
class OptionAct:
    """An option of the case brought to a level."""

    option: str
    to_level: str
    from_level: str | None = None


@dataclass(frozen=True, slots=True)
class QuantityAct:
    """A quantity held to a limit or brought to an amount; ``op`` is one of ``== <= >= < >``."""

    quantity: str
    op: str
    amount: Fraction
    unit: str = ""
    baseline: str | None = None


@dataclass(frozen=True, slots=True)
class TextAct:
    """An act in words only."""

    text: str


Act = OptionAct | QuantityAct | TextAct


@dataclass(frozen=True, slots=True)
class Verification:
    """One way in which a commitment is checked.

    Attributes:
        verifier: a body or a party.
        access: the commitment that grants the access, or None.
        detects, false_alarm: chances.
        lag: the time a finding takes, its median and its 0.9 quantile.
        window: the time in which a finding is due, or None.
        every: time between inspections, or None.
        evidence: forms of evidence.
    """

    verifier: str
    method: str = ""
    access: str | None = None
    detects: Fraction | None = None
    false_alarm: Fraction | None = None
    lag: tuple[Period, Period] | None = None
    window: Period | None = None
    every: Period | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """Who can block a consequence, in what time, and what silence means."""

    window: Period
    blockers: tuple[str, ...]
    rule: Literal["any", "all"] = "any"
    if_silent: Literal["apply", "drop"] = "apply"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows a breach.

    Attributes:
        targets: commitments, or ``agreement``.
        power_of: the party that may invoke it; None = automatic.
        resume: when a hold of ``suspend`` or ``reverse`` ends.
        option, level: what ``reverse`` returns.
        amount, unit, to: what ``compensate`` owes and to whom; ``body``: whom ``escalate`` calls.
    """

    effect: Effect
    targets: tuple[str, ...] = ()
    power_of: str | None = None
    notice: Period = NOTHING
    names: dict[str, str] = field(default_factory=dict)
    objection: Objection | None = None
    resume: Formula | None = None
    option: str | None = None
    level: str | None = None
    amount: Fraction | None = None
    unit: str = ""
    to: tuple[str, ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What it costs (None: not said), and how long it takes, to undo what was done."""

    cost: Fraction | None
    time: Period


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Why something is left open on purpose, and when it is looked at again."""

    reason: str
    review: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """Who owes what to whom by when, checked by whom, or else what.

    The fields from ``reversible`` on are for readers; the run does not look at them.
    """

    id: str
    modality: Modality
    obligors: tuple[str, ...]
    obligees: tuple[str, ...]
    act: Act
    title: str = ""
    mode: Literal["all", "any", "each"] = "all"
    trigger: Formula = ALWAYS
    deadline: Deadline = NoDeadline()
    cure: Period = NOTHING
    lapse: Deadline | None = None
    min_duration: Period | None = None
    verification: tuple[Verification, ...] = ()
    verified_by: Literal["any", "all"] | int = "any"
    claim_ok: bool = False
    on_breach: tuple[Consequence, ...] = ()
    after_breach: Literal["keep", "replace", "extinguish"] = "keep"
    survives: bool = False
    clock_when_held: Literal["stop", "run"] = "stop"
    provisional: bool = False
    amendment: str | None = None  # inert until this amendment is made
    reversible: Undo | Literal["no"] | None = None  # None: not said
    ambiguity: Ambiguity | None = None
    gaps: dict[str, str] = field(default_factory=dict)  # what is left open -> why
    object: str = ""
    place: str = ""
    source: str | None = None
    span: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Power:
    """What a party or body may do to commitments by declaring it (not a consequence: those are invoked by notify)."""

    id: str
    holder: str
    may: Literal["suspend", "terminate", "extend", "waive"]
    targets: tuple[str, ...]
    when: Formula = ALWAYS
    expires: Deadline | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """Who decides disputes, in what time, and what silence means."""

    window: Period
    body: str | None = None
    default: Literal["previous", "breached", "fulfilled"] = "previous"
    stay: bool = True


@dataclass(frozen=True, slots=True)
class Exit:
    """How a party leaves."""

    notice: Period


@dataclass(frozen=True, slots=True)
class Amendment:
    """An agreed change: which commitments it replaces by which; the new ones stand among the commitments."""

    id: str
    replaces: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """A whole agreement under one reading.

    Attributes:
        entry: when it enters into force.
        groups: commitments that are due together.
        events: outside events that it names.
        reviews: dates on which it is reviewed.
        notice: shortest time to cure after a refutation.
        names: what readers call parties, bodies and events; others are called by their ids.
        gaps: what the agreement as a whole leaves open -> why.
    """

    id: str
    parties: tuple[str, ...]
    bodies: tuple[str, ...]
    calendar: CalendarPolicy
    commitments: tuple[Commitment, ...]
    entry: Formula
    powers: tuple[Power, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    dispute: Dispute | None = None
    exit: Exit | None = None
    sunset: Deadline | None = None
    reviews: tuple[dt.date, ...] = ()
    notice: Period = NOTHING
    names: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)
