"""The blocks of a commitment in their written form: who, what, when, checked by whom, or else what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from detente.agreement.fields import (
    Chance,
    Cost,
    Day,
    Exact,
    FormulaField,
    Names,
    Reason,
    TimeSpan,
    When,
    none_is_empty,
    one_or_many,
)
from detente.agreement.terms import Effect, Modality
from detente.base.errors import shown
from detente.case.fields import Block, LevelName, OrEmpty, Prose, Truth, wrong
from detente.case.yaml_tree import kind_of


class _Or:
    """Tells the JSON Schema of the shorter forms that stand for a mapping."""

    def __init__(self, *forms: dict[str, Any]) -> None:
        self.forms = forms

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [*self.forms, handler(core)]}


TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}


class Obligors(Block):
    """Who owes it: all of them together, any one for the rest, or each its own part."""

    who: Names
    mode: Literal["all", "any", "each"] = "all"


def _obligors(written: object) -> object:
    return written if isinstance(written, dict | Obligors) else {"who": one_or_many(written)}


class Action(Block):
    """What is owed, in one of three forms.

    Attributes:
        option, to, from_: an option of the case brought to a level, from another.
        quantity, op, amount, unit, baseline: a quantity held to a limit or brought to an amount; ``baseline`` is the
            commitment or quantity whose declared value it is measured from.
        text: in words only.
    """

    option: str | None = None
    to: LevelName | None = None
    from_: LevelName | None = Field(default=None, alias="from")
    quantity: str | None = None
    op: Literal["==", "<=", ">=", "<", ">"] | None = None
    amount: Exact | None = None
    unit: Prose | None = None
    baseline: str | None = None
    text: Reason | None = None


class DeadlineBlock(Block):
    """By when: a date, a period from an anchor, the dates of a rule, or none with the reason."""

    on: When | None = None
    within: TimeSpan | None = None
    of: FormulaField | None = None
    every: Prose | None = None
    from_: Day | None = Field(default=None, alias="from")
    none: Reason | None = None
    review: Day | None = None


def _deadline(written: object) -> object:
    if written is None:
        wrong("nothing", "a date, {within: 3 months}, {every: ..., from: ...} or {none: the reason}")
    return written if isinstance(written, dict | DeadlineBlock) else {"on": written}


DeadlineField = Annotated[DeadlineBlock, BeforeValidator(_deadline), _Or(TEXT)]


class Lag(Block):
    """How long a finding takes: in half of the cases, and in nine of ten."""

    median: TimeSpan
    q90: TimeSpan


def _lag(written: object) -> object:
    if isinstance(written, dict | Lag):
        return written
    return {"median": written, "q90": written}


class VerificationBlock(Block):
    """One way in which a commitment is checked.

    Attributes:
        by: a body or a party.
        method: in words.
        access: the commitment that lets it in.
        detects, false_alarm: chances.
        lag: how long a finding takes.
        window: the time in which a finding is due.
        every: time between inspections.
        evidence: forms of evidence, in words.
    """

    by: str
    method: Prose = ""
    access: str | None = None
    detects: Chance | None = None
    false_alarm: Chance | None = None
    lag: Annotated[Lag, BeforeValidator(_lag), _Or(TEXT)] | None = None
    window: TimeSpan | None = None
    every: TimeSpan | None = None
    evidence: Annotated[tuple[Prose, ...], BeforeValidator(none_is_empty)] = ()


class ObjectionBlock(Block):
    """Who can block a consequence, in what time, and what silence means."""

    window: TimeSpan
    blockers: Names
    rule: Literal["any", "all"] = "any"
    if_silent: Literal["apply", "drop"] = "apply"


class ConsequenceBlock(Block):
    """What follows a breach.

    Attributes:
        effect: what happens.
        targets: to which commitments.
        automatic, power_of: by itself, or when this party invokes it.
        notice: time between the breach or the notification and the effect.
        objection: who can stop it.
        resume_when: what ends a suspension or a reversal.
        option, level: what is reversed, and to where.
        amount, unit, to: what is owed, and to whom.
        body: who is called.
    """

    effect: Effect
    targets: Annotated[Names, Field(default=())]
    automatic: Truth = False
    power_of: str | None = None
    notice: TimeSpan | None = None
    objection: ObjectionBlock | None = None
    resume_when: FormulaField | None = None
    option: str | None = None
    level: LevelName | None = None
    amount: Cost | None = None
    unit: Prose = ""
    to: Annotated[Names, Field(default=())]
    body: str | None = None
    note: Prose = ""


class Undoing(Block):
    """How long it takes to undo what was done, and what it costs if that is known."""

    cost: Cost | None = None
    time: TimeSpan


def _undoing(written: object) -> object:
    if isinstance(written, dict | Undoing) or written is None:
        return written
    if written in ("no", False, "false"):
        return "no"
    return wrong(kind_of(written), "no, or {time: 2 months}")


class Ambiguity(Block):
    """Why something is left open on purpose, and when it is looked at again."""

    deliberate: Reason
    review: Day | None = None


def _verified_by(written: object) -> object:
    if written in ("any", "all") or (isinstance(written, int) and not isinstance(written, bool)):
        return written
    if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) < 4:
        return int(written)
    return wrong(shown(written), "any, all, or how many verifiers")


VerifiedBy = Annotated[Literal["any", "all"] | int, BeforeValidator(_verified_by)]
ObligorsField = Annotated[Obligors, BeforeValidator(_obligors), _Or(TEXT, LIST)]
UndoingField = Annotated[Undoing | Literal["no"] | None, BeforeValidator(_undoing), _Or({"const": False})]


class Slots(Block):
    """What is left open, with the reasons; each key is one thing that an agreement should say."""

    def told(self) -> dict[str, str]:
        """Slot -> reason, of those that are written."""
        return {slot: reason for slot in type(self).model_fields if (reason := getattr(self, slot)) is not None}


class CommitmentGaps(Slots):
    """What a commitment leaves open, and why.

    Attributes:
        actor: who owes it; only then may ``obligors`` be left out.
        act: what exactly is to be done.
        date: by when.
        threshold: what counts as done, or as broken.
        verifier: who checks it.
        evidence: what shows it.
        consequence: what follows a breach.
        decider: who decides a dispute about it, or grants what it waits for.
        trigger: what it waits for.
        access: what lets its verifier in.
    """

    actor: Reason | None = None
    act: Reason | None = None
    date: Reason | None = None
    threshold: Reason | None = None
    verifier: Reason | None = None
    evidence: Reason | None = None
    consequence: Reason | None = None
    decider: Reason | None = None
    trigger: Reason | None = None
    access: Reason | None = None


class CommitmentBlock(Block):
    """Who owes what to whom by when, checked by whom, or else what.

    Attributes:
        title: in a few words.
        modality: to achieve it once, to maintain it, to refrain from it, or to do it again and again.
        obligors, obligees: who owes it to whom; all other parties where not given.
        action: what is owed.
        trigger: from when; at once where not given.
        deadline: by when.
        cure: the time to mend after the deadline.
        lapse: when it falls away if it has not become due.
        min_duration: the time the work needs at least.
        verification, verified_by, claim_ok: who checks it, how many must, and whether its owner's word is enough.
        on_breach, after_breach: what follows a breach, and what becomes of it then.
        reversible: whether it can be undone, at what cost.
        survives: whether it outlives the agreement.
        clock_when_held: whether its time runs on while it is suspended.
        provisional: whether it counts from signature on.
        ambiguity: what is left open on purpose.
        gaps: what is still open, and why.
        object, place: what it is about and where, for the matrix.
        source, span: where it is written.
        note: what a reader should know.
    """

    title: Prose = ""
    modality: Modality = "achieve"
    obligors: ObligorsField = Field(default_factory=lambda: Obligors(who=()))
    obligees: Annotated[Names, Field(default=())]
    action: Action
    trigger: FormulaField | None = None
    deadline: DeadlineField | None = None
    cure: TimeSpan | None = None
    lapse: DeadlineField | None = None
    min_duration: TimeSpan | None = None
    verification: Annotated[tuple[VerificationBlock, ...], BeforeValidator(none_is_empty)] = ()
    verified_by: VerifiedBy = "any"
    claim_ok: Truth = False
    on_breach: Annotated[tuple[ConsequenceBlock, ...], BeforeValidator(none_is_empty)] = ()
    after_breach: Literal["keep", "replace", "extinguish"] = "keep"
    reversible: UndoingField = None
    survives: Truth = False
    clock_when_held: Literal["stop", "run"] = "stop"
    provisional: Truth = False
    ambiguity: Ambiguity | None = None
    gaps: Annotated[CommitmentGaps, OrEmpty] = Field(default_factory=CommitmentGaps)
    object: Prose = ""
    place: Prose = ""
    source: Prose | None = None
    span: Prose = ""
    note: Prose = ""
