"""The agreement file as a whole: its blocks in their written form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from detente.agreement.blocks import CommitmentBlock, DeadlineField, Slots
from detente.agreement.fields import Chance, Day, FormulaField, Id, Names, Reason, TimeSpan, none_is_empty
from detente.base.errors import did_you_mean, shown
from detente.case.fields import Block, Identifier, LevelName, OrEmpty, Prose, Truth, wrong

FORMAT = "1"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _version(value: object) -> object:
    if str(value) != FORMAT:
        wrong(f"format {shown(value)}", f"format {FORMAT}", "Write detente-agreement: 1, or use a newer program.")
    return FORMAT


def _weekday(value: object) -> int:
    if isinstance(value, str) and value.lower() in DAYS:
        return DAYS.index(value.lower())
    if isinstance(value, int) and 0 <= value < 7:
        return value
    return wrong(shown(value), "a day of the week such as saturday", did_you_mean(str(value).lower(), DAYS))


Weekday = Annotated[int, PlainValidator(_weekday), WithJsonSchema({"enum": list(DAYS)})]
Texts = BeforeValidator(none_is_empty)


class CalendarBlock(Block):
    """How days are counted: a day that does not exist, an end on a day off, days off."""

    overflow: Literal["error", "down", "up"] = "error"
    roll: Literal["none", "following", "preceding"] = "none"
    weekend: Annotated[tuple[Weekday, ...], Texts] = (5, 6)
    holidays: Annotated[tuple[Day, ...], Texts] = ()


class PartyBlock(Block):
    """Who signs."""

    name: Prose | None = None
    note: Prose = ""


class BodyBlock(Block):
    """Who checks, decides, guarantees or keeps, without owing anything."""

    name: Prose | None = None
    role: Literal["verifier", "arbiter", "guarantor", "depositary"] = "verifier"
    note: Prose = ""


class OptionBlock(Block):
    """An option of an agreement without a case."""

    party: str | None = None
    name: Prose | None = None
    levels: tuple[LevelName, ...] = ("no", "yes")
    note: Prose = ""


class QuantityBlock(Block):
    """What is measured, and its unit."""

    name: Prose | None = None
    unit: Prose = ""
    note: Prose = ""


class PowerBlock(Block):
    """What a party or body may do to commitments by declaring it."""

    holder: str
    may: Literal["suspend", "terminate", "extend", "waive"]
    targets: Names
    when: FormulaField | None = None
    expires: DeadlineField | None = None
    once: Truth = False
    title: Prose = ""
    source: Prose | None = None
    span: Prose = ""
    note: Prose = ""


class AmendmentBlock(Block):
    """An agreed change: commitments that begin with it, some in the place of others."""

    title: Prose = ""
    replaces: Annotated[dict[str, str], OrEmpty] = Field(default_factory=dict)
    adds: Annotated[Names, Field(default=())]
    note: Prose = ""


class DisputeBlock(Block):
    """Who decides disputes, in what time, and what silence means."""

    window: TimeSpan
    body: str | None = None
    default: Literal["previous", "breached", "fulfilled"] = "previous"
    stay: Truth = True
    note: Prose = ""


class ExitBlock(Block):
    """How a party leaves, and what outlives it."""

    notice: TimeSpan
    survivors: Annotated[Names, Field(default=())]
    note: Prose = ""


class AgreementGaps(Slots):
    """What an agreement as a whole leaves open, and why.

    Attributes:
        entry: when it enters into force.
        ratification: who ratifies it, and by when.
        sunset: when it ends.
        exit: how a party leaves.
        dispute: who decides disputes.
        review: when it is looked at again.
        order: in which order the commitments are performed.
    """

    entry: Reason | None = None
    ratification: Reason | None = None
    sunset: Reason | None = None
    exit: Reason | None = None
    dispute: Reason | None = None
    review: Reason | None = None
    order: Reason | None = None


class AgreementFile(Block):
    """One written agreement."""

    format: Annotated[Literal["1"], BeforeValidator(_version), WithJsonSchema({"enum": [1, "1"]})] = Field(
        alias="detente-agreement"
    )
    name: Identifier
    title: Prose | None = None
    version: Prose = ""
    case: Prose | None = None
    as_of: Day | None = None
    zone: Prose
    calendar: Annotated[CalendarBlock, OrEmpty] = Field(default_factory=CalendarBlock)
    marking: Prose = ""
    note: Prose = ""
    sources: Annotated[dict[str, Prose], OrEmpty] = Field(default_factory=dict)
    parties: dict[Id, Annotated[PartyBlock, OrEmpty]]
    bodies: Annotated[dict[Id, Annotated[BodyBlock, OrEmpty]], OrEmpty] = Field(default_factory=dict)
    options: Annotated[dict[Identifier, Annotated[OptionBlock, OrEmpty]], OrEmpty] = Field(default_factory=dict)
    quantities: Annotated[dict[Id, Annotated[QuantityBlock, OrEmpty]], OrEmpty] = Field(default_factory=dict)
    events: Annotated[dict[Id, Prose], OrEmpty] = Field(default_factory=dict)
    entry_into_force: FormulaField | None = None
    groups: Annotated[dict[Id, Names], OrEmpty] = Field(default_factory=dict)
    commitments: dict[Id, CommitmentBlock]
    powers: Annotated[dict[Id, PowerBlock], OrEmpty] = Field(default_factory=dict)
    amendments: Annotated[dict[Id, Annotated[AmendmentBlock, OrEmpty]], OrEmpty] = Field(default_factory=dict)
    reviews: Annotated[tuple[Day, ...], Texts] = ()
    sunset: DeadlineField | None = None
    exit: ExitBlock | None = None
    dispute: DisputeBlock | None = None
    notice: TimeSpan | None = None
    detection: Chance | None = None
    gaps: Annotated[AgreementGaps, OrEmpty] = Field(default_factory=AgreementGaps)
    readings: Annotated[dict[str, Annotated[dict[str, object], OrEmpty]], OrEmpty] = Field(default_factory=dict)
