"""``forecast``: which outcomes to tell apart, by when, and how the parties are taken to behave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from detente.base.errors import did_you_mean, shown
from detente.case.blocks.plan import parts
from detente.case.fields import (
    CLAUSE_SCHEMA,
    CONDITIONAL_SCHEMA,
    NUMBER_SCHEMA,
    Amount,
    Block,
    Clause,
    ConditionalAmount,
    Day,
    Evidence,
    OrEmpty,
    Probability,
    Prose,
    Truth,
    _date,
    amount,
    clause,
    conditional_amount,
    under,
    unwrap,
    wrong,
)
from detente.case.quantities import NOT_NEGATIVE, PROBABILITY

INTENSITIES = ("0.5", "1", "2", "4")
"""The grid of intensities where none is written: they cannot be known without data."""
LONGEST_OUTCOME = 60
OTHERWISE = "otherwise"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The states of an outcome as written.

    Attributes:
        where: the condition; None for ``otherwise``, which stands for all states that no other outcome matches.
        evidence: where it comes from.
    """

    where: Clause | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An entry of a calendar.

    Attributes:
        party: who has the move.
        date: when; None in a list that is gone through again and again, one period per entry.
    """

    party: str
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Initiative:
    """Who has the move in a period.

    Attributes:
        weights: party -> how often, in proportion; parties without a weight never. None with turns.
        alternate: whether the parties with options take turns in file order.
        calendar: the turns as written.
    """

    weights: tuple[tuple[str, Amount], ...] | None = None
    alternate: bool = False
    calendar: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Intensity:
    """How sharply the parties choose, per standard deviation of their utility.

    Attributes:
        values: one number, possibly uncertain, or a grid of plain ones.
        grid: whether it was written as a list.
    """

    values: tuple[Amount, ...]
    grid: bool


def _outcome(written: object) -> Outcome:
    if isinstance(written, Outcome):
        return written
    value, evidence = unwrap(written)
    if isinstance(value, str) and value.strip() == OTHERWISE:
        return Outcome(None, evidence)
    found = clause(written)
    return Outcome(found, found.evidence)


def _outcome_name(name: object) -> str:
    text = str(name)
    if not text.strip() or len(text) > LONGEST_OUTCOME:
        wrong(f"the name {shown(text)}", f"a name of 1 to {LONGEST_OUTCOME} characters")
    return text


def _intensity(written: object) -> Intensity:
    if isinstance(written, Intensity):
        return written
    if not isinstance(written, list | tuple):
        return Intensity((amount(written, NOT_NEGATIVE),), grid=False)
    if not written:
        wrong("an empty list", "a number, a range, or a list of numbers", "For example 0.5..4 or [0.5, 1, 2, 4].")
    values: list[Amount] = []
    for n, value in enumerate(written):
        found = amount(value, NOT_NEGATIVE)
        if found.quantity.kind != "point":
            fix = "Write a range or a name on its own, without the list."
            wrong(f"{found.quantity} as number {n + 1} of a list", "plain numbers in a list", fix)
        if found.quantity in [v.quantity for v in values]:
            wrong(f"{found.quantity} a second time", "each intensity once")
        values.append(found)
    return Intensity(tuple(values), grid=True)


def _initiative(written: object) -> Initiative:
    if isinstance(written, Initiative):
        return written
    expected = "{party: weight}, alternate, or {calendar: [...]}"
    if isinstance(written, str):
        if written.strip() != "alternate":
            wrong(shown(written), expected, did_you_mean(written, ("alternate",)))
        return Initiative(alternate=True)
    if not isinstance(written, dict) or not written:
        wrong("nothing" if not written else "something else", expected)
    if isinstance(written.get("calendar"), list | tuple):
        if len(written) > 1:
            other = next(k for k in written if k != "calendar")
            wrong(f"{shown(other)} beside calendar", "a calendar alone, or weights", "", 0, (str(other),))
        with under("calendar"):
            return Initiative(calendar=_calendar(written["calendar"]))
    weights = []
    for party, weight in written.items():
        with under(str(party)):
            weights.append((str(party), amount(weight, NOT_NEGATIVE)))
    return Initiative(tuple(weights))


def _calendar(written: list[Any] | tuple[Any, ...]) -> tuple[Turn, ...]:
    if not written:
        wrong("an empty calendar", "who has the move, period by period or by date")
    turns = tuple(_turn(entry) for entry in written)
    if len({t.date is None for t in turns}) > 1:
        fix = "Give every entry a date, or none."
        wrong("entries with a date beside entries without", "one kind of entry", fix)
    return turns


def _turn(entry: Any) -> Turn:
    if isinstance(entry, Turn):
        return entry
    if isinstance(entry, str):
        return Turn(entry.strip())
    expected = "a party, or {date: 2019-02-27, party: us}"
    if not isinstance(entry, dict) or not {"date", "party"} <= set(entry):
        wrong("something else in the calendar", expected)
    for key in entry:
        if key not in ("date", "party"):
            wrong(
                f"the unknown key {shown(key)} in the calendar", "date and party", did_you_mean(key, ("date", "party"))
            )
    if not isinstance(entry["party"], str):
        wrong("something that is not a party in the calendar", expected)
    return Turn(entry["party"].strip(), _date(entry["date"]))


def _none_is_empty(value: object) -> object:
    return () if value is None else value


OUTCOME_SCHEMA = {"anyOf": [{"const": OTHERWISE}, *CLAUSE_SCHEMA["anyOf"]]}
INTENSITY_SCHEMA = {"anyOf": [*NUMBER_SCHEMA["anyOf"], {"type": "array", "items": {"type": ["number", "string"]}}]}
INITIATIVE_SCHEMA = {
    "anyOf": [
        {"const": "alternate"},
        {
            "type": "object",
            "required": ["calendar"],
            "properties": {
                "calendar": {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {"type": "string"},
                            {
                                "type": "object",
                                "required": ["date", "party"],
                                "properties": {
                                    "date": {"type": "string", "format": "date"},
                                    "party": {"type": "string"},
                                },
                                "additionalProperties": False,
                            },
                        ]
                    },
                }
            },
            "additionalProperties": False,
        },
        {"type": "object", "additionalProperties": NUMBER_SCHEMA},
    ]
}
OutcomeName = Annotated[str, BeforeValidator(_outcome_name)]
OutcomeField = Annotated[Outcome, PlainValidator(_outcome), WithJsonSchema(OUTCOME_SCHEMA)]
IntensityField = Annotated[Intensity, PlainValidator(_intensity), WithJsonSchema(INTENSITY_SCHEMA)]
InitiativeField = Annotated[Initiative, PlainValidator(_initiative), WithJsonSchema(INITIATIVE_SCHEMA)]
Chance = Annotated[
    ConditionalAmount,
    PlainValidator(lambda written: conditional_amount(written, PROBABILITY)),
    WithJsonSchema(CONDITIONAL_SCHEMA),
]
Mask = Literal["zone", "enforceable", "ratifiable"]


class DealRule(Block):
    """Joint moves to agreements.

    Attributes:
        rate: chance per period that the parties make one.
        among: who makes them; where not given, everybody but mediators that signs or owns options.
        conditions: what a deal must meet, ``if`` in the file: be in the zone of agreement, be enforceable by a plan,
            be likely to be ratified.
    """

    rate: Chance
    among: tuple[str, ...] | None = None
    conditions: Annotated[tuple[Mask, ...], BeforeValidator(_none_is_empty)] = Field(default=(), alias="if")


class Behaviour(Block):
    """How the parties are taken to behave.

    Attributes:
        reply: better = any improvement, equally likely; best = the best of them; logit = anything, the better the
            likelier.
        intensity: how sharply logit replies choose, per standard deviation of the party's utility; a number, a range
            (a prior) or a list (a grid).
        foresight: what a move is judged by: where it leads, that after one reply, or all that follows.
        initiative: who has the move in a period: weights, turns, or a calendar. A calendar of parties is gone through
            again and again, one period per entry; a calendar of dates gives the move in the period that the date falls
            in (parties with dates in one period share it), and nobody moves alone in other periods.
        caution: whether parties leave out moves that the others could answer to their cost.
        breakdown: chance per period that everything breaks down.
        deals: joint moves to agreements; none where not given.
    """

    reply: Literal["better", "best", "logit"] = "logit"
    intensity: IntensityField = Intensity(tuple(amount(v, NOT_NEGATIVE) for v in INTENSITIES), grid=True)
    foresight: Literal["none", "one_reply", "deep"] = "none"
    initiative: InitiativeField | None = None
    caution: Truth = False
    breakdown: Chance = ConditionalAmount(amount("0", PROBABILITY))
    deals: DealRule | None = None


class Forecast(Block):
    """What a forecast is asked.

    Attributes:
        outcomes: name -> condition, or ``otherwise`` (last) for all other states; a state belongs to the first match.
        at: dates by which.
        reached: ever = a path counts for the first outcome in the list that it has visited by the date; at = for the
            one it stands in.
        final: whether a deal reached by a joint move stays for ever.
        behaviour: how the parties are taken to behave.
        base_rates: outcome -> how often such things have happened before, shown beside the forecast.
        note: free text.
    """

    outcomes: Annotated[dict[OutcomeName, OutcomeField], OrEmpty] = Field(default_factory=dict)
    at: Annotated[tuple[Day, ...], BeforeValidator(_none_is_empty)] = ()
    reached: Literal["ever", "at"] = "ever"
    final: Truth = False
    behaviour: Annotated[Behaviour, OrEmpty] = Field(default_factory=Behaviour)
    base_rates: Annotated[dict[str, Probability], OrEmpty] = Field(default_factory=dict)
    note: Prose = ""


def forecast_amounts(block: Forecast) -> Iterator[tuple[Path, Amount]]:
    """Every number of the block that can be uncertain, with its path; a grid of intensities is none."""
    behaviour, path = block.behaviour, ("forecast", "behaviour")
    if not behaviour.intensity.grid:
        yield (*path, "intensity"), behaviour.intensity.values[0]
    for party, weight in (behaviour.initiative.weights or ()) if behaviour.initiative else ():
        yield (*path, "initiative", party), weight
    yield from parts((*path, "breakdown"), behaviour.breakdown)
    if behaviour.deals is not None:
        yield from parts((*path, "deals", "rate"), behaviour.deals.rate)
    for name, rate in block.base_rates.items():
        yield ("forecast", "base_rates", name), rate
