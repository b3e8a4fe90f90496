"""The field types of the case file: ids, texts, dates, truth values, numbers and conditions with their evidence."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from detente.base.errors import did_you_mean, shown
from detente.case.conditions import IDENTIFIER, RESERVED, STATE_NUMBER, ConditionError, Node, parse_condition
from detente.case.quantities import (
    ANY,
    CORRELATION,
    DISCOUNT,
    NOT_NEGATIVE,
    POSITIVE,
    PROBABILITY,
    Domain,
    Quantity,
    QuantityError,
    parse_quantity,
)
from detente.case.yaml_tree import kind_of

LONGEST_ID = 64
LONGEST_TEXT = 4000
EVIDENCE_KEYS = ("value", "source", "note", "by", "sure", "private")
SURE = ("sure", "fairly", "guess")
T = TypeVar("T")


def wrong(found: str, expected: str, fix: str = "", at: int = 0, within: tuple[str, ...] = ()) -> NoReturn:
    """Refuse a value; ``at`` is an offset into its text, ``within`` a path below it."""
    context = {"found": found, "expected": expected, "fix": fix, "at": at, "within": list(within)}
    raise PydanticCustomError("detente", "{found}", context)


@contextmanager
def under(*path: str, key: bool = False) -> Iterator[None]:
    """What is refused inside stands on a path below the value; with ``key`` it is the last key of the path itself."""
    try:
        yield
    except PydanticCustomError as error:
        context: dict[str, Any] = {**(error.context or {})}
        context["within"] = [*path, *context["within"]]
        context["key"] = key or context.get("key", False)
        raise PydanticCustomError("detente", "{found}", context) from None


class Block(BaseModel):
    """Base of all blocks: frozen, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a written value comes from: source, note, who judged it, how sure, whether it may be shared."""

    source: str | None = None
    note: str = ""
    by: str | None = None
    sure: str | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as written, with its evidence."""

    quantity: Quantity
    domain: Domain = ANY
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition as written, with its evidence."""

    text: str
    node: Node
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ConditionalAmount:
    """A number that depends on the state: the first matching condition counts, else the default."""

    default: Amount
    when: tuple[tuple[Clause, Amount], ...] = ()


# --- plain fields ----------------------------------------------------------------------------------------------------


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text) or len(text) > LONGEST_ID:
        near = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_0123456789")[:LONGEST_ID]
        wrong(
            f"the name {shown(text)}",
            "small letters, digits, '-' and '_', a letter first",
            f"For example {shown(near)}." if near else "",
        )
    if text in RESERVED or STATE_NUMBER.fullmatch(text):
        wrong(f"the name {shown(text)}", "a name that is no word of the case language", "Choose another name.")
    return text


def _level_name(text: str) -> str:
    if not IDENTIFIER.fullmatch(text) or len(text) > LONGEST_ID or text in RESERVED:
        wrong(f"the level {shown(text)}", "small letters, digits, '-' and '_', a letter first", "")
    return text


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        wrong(f"a text of {len(text):,} characters", f"at most {LONGEST_TEXT:,}")
    return text


def _truth(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    wrong(shown(value), "true or false")


def _date(value: object) -> dt.date:
    if isinstance(value, dt.date):
        return value
    text = value if isinstance(value, str) else kind_of(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    found = text if isinstance(value, dict | list | tuple | None) else shown(text)
    wrong(found, "a date such as 2019-01-29", "Write year-month-day.")


def _mapping(value: object) -> object:
    return {} if value is None else value


Identifier = Annotated[str, AfterValidator(_identifier)]
LevelName = Annotated[str, AfterValidator(_level_name)]
Prose = Annotated[str, AfterValidator(_text)]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"type": "boolean"})]
Day = Annotated[dt.date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
OrEmpty = BeforeValidator(_mapping)


# --- fields with evidence --------------------------------------------------------------------------------------------


def unwrap(written: object) -> tuple[object, Evidence | None]:
    """Split ``{value: ..., source: ...}`` into the value and its evidence; other values pass through."""
    if not isinstance(written, dict) or "value" not in written:
        return written, None
    for key in written:
        if key not in EVIDENCE_KEYS:
            fix = did_you_mean(key, EVIDENCE_KEYS)
            wrong(f"the unknown key {shown(key)}", f"one of {', '.join(EVIDENCE_KEYS)}", fix, within=(key,))
    texts: dict[str, Any] = {}
    for key in ("source", "note", "by", "sure"):
        text = written.get(key)
        if text is not None and not isinstance(text, str):
            wrong("something that is not text", "text", within=(key,))
        texts[key] = text
    if texts["sure"] not in (None, *SURE):
        wrong(shown(texts["sure"]), "sure, fairly or guess", did_you_mean(texts["sure"], SURE), within=("sure",))
    private = written.get("private", "false")
    if private not in ("true", "false", True, False):
        wrong(shown(private), "true or false", within=("private",))
    evidence = Evidence(texts["source"], texts["note"] or "", texts["by"], texts["sure"], private in ("true", True))
    return written["value"], evidence


def amount(written: object, domain: Domain = ANY) -> Amount:
    """Read a number field with its evidence, and hold it to its domain."""
    if isinstance(written, Amount):
        return written
    value, evidence = unwrap(written)
    within = ("value",) if evidence else ()
    try:
        quantity = parse_quantity(value)
    except QuantityError as error:
        wrong(error.found, error.expected, error.fix, within=within)
    low, high = quantity.support() if quantity.kind != "shared" else (None, None)
    if quantity.kind == "point" and low is not None and not domain.admits(low):
        wrong(str(quantity), domain.name, within=within)
    below = low is not None and domain.high is not None and low >= domain.high
    above = high is not None and domain.low is not None and high <= domain.low
    if quantity.kind != "point" and (below or above):
        wrong(str(quantity), f"{domain.name}; no part of this range is", within=within)
    return Amount(quantity, domain, evidence)


def clause(written: object, *, states: bool = False) -> Clause:
    """Read a condition field with its evidence."""
    if isinstance(written, Clause):
        return written
    value, evidence = unwrap(written)
    within = ("value",) if evidence else ()
    if not isinstance(value, str):
        kind = "nothing" if value is None else "a mapping" if isinstance(value, dict) else "something that is not text"
        fix = "Quote a condition that contains ':' or '{'." if isinstance(value, dict) else ""
        wrong(kind, "a condition such as 'arsenal >= cut and not access'", fix, within=within)
    try:
        return Clause(value, parse_condition(value, states=states), evidence)
    except ConditionError as error:
        wrong(error.found, error.expected, error.fix, error.at, within)


def conditional_amount(written: object, domain: Domain = ANY) -> ConditionalAmount:
    """Read ``{default: x, when: {condition: y}}``, or a plain number as one without conditions."""
    if isinstance(written, ConditionalAmount):
        return written
    if not isinstance(written, dict) or "value" in written:
        return ConditionalAmount(amount(written, domain))
    for key in written:
        if key not in ("default", "when"):
            wrong(
                f"the unknown key {shown(key)}", "default and when", did_you_mean(key, ("default", "when")), 0, (key,)
            )
    if "default" not in written:
        wrong("no default", "a default beside 'when'", "Add default: and a number.")
    when = written.get("when") or {}
    if not isinstance(when, dict):
        wrong("something that is not a mapping", "conditions with numbers", within=("when",))
    cases = []
    for key, value in when.items():
        with under("when", key, key=True):
            condition = clause(key)
        with under("when", key):
            cases.append((condition, amount(value, domain)))
    with under("default"):
        return ConditionalAmount(amount(written["default"], domain), tuple(cases))


def _with_evidence(value: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of ``{value: ..., source: ...}``."""
    return {
        "type": "object",
        "required": ["value"],
        "properties": {
            "value": value,
            "source": {"type": "string"},
            "note": {"type": "string"},
            "by": {"type": "string"},
            "sure": {"enum": list(SURE)},
            "private": {"type": "boolean"},
        },
        "additionalProperties": False,
    }


NUMBER_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "description": "6, 6 ± 2, 4..8, 4..6..8 or the name of a shared number"},
        _with_evidence({"type": ["number", "string"]}),
    ]
}
CONDITIONAL_SCHEMA = {
    "anyOf": [
        *NUMBER_SCHEMA["anyOf"],
        {
            "type": "object",
            "required": ["default"],
            "properties": {
                "default": NUMBER_SCHEMA,
                "when": {"type": "object", "additionalProperties": NUMBER_SCHEMA},
            },
            "additionalProperties": False,
        },
    ]
}
CLAUSE_SCHEMA = {
    "anyOf": [
        {"type": "string", "description": "a condition on options, or a pattern of Y, N and -"},
        _with_evidence({"type": "string"}),
    ]
}


def _bounded(domain: Domain) -> Callable[[object], Amount]:
    return lambda written: amount(written, domain)


Number = Annotated[Amount, PlainValidator(amount), WithJsonSchema(NUMBER_SCHEMA)]
Probability = Annotated[Amount, PlainValidator(_bounded(PROBABILITY)), WithJsonSchema(NUMBER_SCHEMA)]
Discount = Annotated[Amount, PlainValidator(_bounded(DISCOUNT)), WithJsonSchema(NUMBER_SCHEMA)]
Positive = Annotated[Amount, PlainValidator(_bounded(POSITIVE)), WithJsonSchema(NUMBER_SCHEMA)]
NotNegative = Annotated[Amount, PlainValidator(_bounded(NOT_NEGATIVE)), WithJsonSchema(NUMBER_SCHEMA)]
Correlation = Annotated[Amount, PlainValidator(_bounded(CORRELATION)), WithJsonSchema(NUMBER_SCHEMA)]
Condition = Annotated[Clause, PlainValidator(clause), WithJsonSchema(CLAUSE_SCHEMA)]
StateOrCondition = Annotated[
    Clause, PlainValidator(lambda written: clause(written, states=True)), WithJsonSchema(CLAUSE_SCHEMA)
]
Period = Literal["day", "week", "month", "quarter", "year"]
