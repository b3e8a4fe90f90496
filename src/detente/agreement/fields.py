"""The field types of the agreement file: ids, names of things, dates, periods, exact numbers, formulas."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from detente.agreement.formula_text import WORDS, Said, parse_formula
from detente.agreement.periods import Moment, Period
from detente.agreement.time_text import (
    FORM,
    TimeError,
    in_range,
    instant_of,
    parse_date,
    parse_moment,
    parse_period,
)
from detente.base.errors import shown
from detente.case.conditions import IDENTIFIER, ConditionError
from detente.case.fields import LONGEST_ID, wrong
from detente.case.quantities import QuantityError, parse_quantity
from detente.case.yaml_tree import kind_of

WHOLE = "agreement"  # what records and lists of targets call the agreement itself
TAKEN = WORDS | {WHOLE, "restore"}
ONE_OR_MANY = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _id(text: str) -> str:
    if any(sign in text for sign in "#@:"):
        wrong(f"the name {shown(text)}", "a name without '#', '@' and ':', which mark parts of a commitment")
    if not IDENTIFIER.fullmatch(text) or len(text) > LONGEST_ID:
        near = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower()).strip("-0123456789")
        fix = f"For example {shown(near[:LONGEST_ID])}." if near else ""
        wrong(f"the name {shown(text)}", "small letters, digits, '-' and '_', a letter first", fix)
    if text in TAKEN:
        wrong(f"the name {shown(text)}", "a name that is no word of the agreement language", "Choose another name.")
    return text


def _not_empty(text: str) -> str:
    if not text.strip():
        wrong("an empty text", "a text")
    return text


def _period(written: object) -> Period:
    if isinstance(written, Period):
        return written
    if not isinstance(written, str):
        fix = f"Write {written} days, months or years." if isinstance(written, int) else ""
        wrong(kind_of(written), FORM, fix)
    try:
        return parse_period(written)
    except TimeError as error:
        return wrong(error.found, error.expected, error.fix)


def _moment(written: object) -> Moment:
    try:
        if isinstance(written, dt.datetime):
            return instant_of(written)
        if isinstance(written, dt.date):
            return in_range(written)
        if isinstance(written, str):
            return parse_moment(written)
    except TimeError as error:
        wrong(error.found, error.expected, error.fix)
    return wrong(kind_of(written), "a date such as 1994-11-21", "Write year-month-day.")


def _day(written: object) -> dt.date:
    try:
        if isinstance(written, dt.date) and not isinstance(written, dt.datetime):
            return in_range(written)
        if isinstance(written, str):
            return parse_date(written)
    except TimeError as error:
        wrong(error.found, error.expected, error.fix)
    return wrong(kind_of(written), "a date such as 1994-11-21", "Write year-month-day.")


def _formula(written: object) -> Said:
    if isinstance(written, Said):
        return written
    if isinstance(written, bool):
        written = str(written).lower()
    if not isinstance(written, str):
        fix = "Quote a formula that contains '{' or ','." if isinstance(written, dict | list) else ""
        wrong(kind_of(written), "a formula such as verified(freeze) or at(1995-01-21)", fix)
    try:
        return parse_formula(written)
    except ConditionError as error:
        return wrong(error.found, error.expected, error.fix, error.at)


def _exact(written: object) -> Fraction:
    try:
        quantity = parse_quantity(written)
    except QuantityError as error:
        wrong(error.found, "a number", error.fix)
    if quantity.kind != "point":
        wrong(str(quantity), "one exact number", "What is owed cannot be uncertain.")
    return quantity.numbers[0]


def _chance(written: object) -> Fraction:
    number = _exact(written)
    if not 0 <= number <= 1:
        wrong(str(written), "a probability from 0 to 1")
    return number


def _cost(written: object) -> Fraction:
    number = _exact(written)
    if number < 0:
        wrong(str(written), "a number of at least 0")
    return number


def one_or_many(written: object) -> object:
    """A single text as a list of one."""
    if written is None:
        wrong("nothing", "a name, or a list of names")
    return (written,) if isinstance(written, str) else written


def none_is_empty(written: object) -> object:
    """Nothing written as an empty list."""
    return () if written is None else written


def _text_schema(description: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "description": description, **more})


NUMBER_SCHEMA = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "description": "an exact decimal"}]})
Id = Annotated[str, AfterValidator(_id)]
Reason = Annotated[str, AfterValidator(_not_empty)]
Names = Annotated[tuple[str, ...], BeforeValidator(one_or_many), WithJsonSchema(ONE_OR_MANY)]
TimeSpan = Annotated[Period, PlainValidator(_period), _text_schema("a period: 1 month, 14 days, 36 hours")]
When = Annotated[Moment, PlainValidator(_moment), _text_schema("a date, or an instant with its offset")]
Day = Annotated[dt.date, PlainValidator(_day), _text_schema("a date", format="date")]
FormulaField = Annotated[
    Said,
    PlainValidator(_formula),
    WithJsonSchema({"type": ["string", "boolean"], "description": "a formula: verified(c) and at(1995-01-21)"}),
]
Exact = Annotated[Fraction, PlainValidator(_exact), NUMBER_SCHEMA]
Chance = Annotated[Fraction, PlainValidator(_chance), NUMBER_SCHEMA]
Cost = Annotated[Fraction, PlainValidator(_cost), NUMBER_SCHEMA]
