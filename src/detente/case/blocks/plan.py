"""``plan``: where things should go, what leaving is worth on the way, and what makes steps safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from detente.base.errors import did_you_mean, shown
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
    Identifier,
    NotNegative,
    Number,
    OrEmpty,
    Prose,
    Truth,
    amount,
    clause,
    conditional_amount,
    under,
    unwrap,
    wrong,
)
from detente.case.quantities import ANY, NOT_NEGATIVE, PROBABILITY, Domain

RULES = ("nash", "ks", "egalitarian", "utilitarian", "relative_utilitarian", "equal_loss", "fallback")
LONGEST_STEP = 10_000
WHOLE = Domain(name="a whole number")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A target written as one text: ``auto``, a rule that picks a settlement, a condition or a state.

    Attributes:
        text: as written.
        condition: its reading as a condition; None for ``auto``.
        evidence: where it comes from.
    """

    text: str
    condition: Clause | None
    evidence: Evidence | None = None

    def settled(self, options: Mapping[str, object]) -> str | Clause:
        """``auto``, the name of a rule, or a condition; a name of both a rule and an option is the option."""
        if self.condition is None or (self.text in RULES and self.text not in options):
            return self.text
        return self.condition


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Levels that options go to in a breakdown, where that is not the status quo.

    Attributes:
        levels: option -> level, whoever caused it.
        by: party that caused it -> option -> level, before ``levels``.
    """

    levels: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """A number paid per period, or once."""

    amount: ConditionalAmount
    once: bool


def _word(written: object) -> Word:
    if isinstance(written, Word):
        return written
    value, evidence = unwrap(written)
    if isinstance(value, str) and value.strip() == "auto":
        return Word("auto", None, evidence)
    found = clause(written, states=True)
    return Word(found.text.strip(), found, evidence)


def _breakdown(written: object) -> Breakdown:
    if isinstance(written, Breakdown):
        return written
    if not isinstance(written, dict):
        wrong(_kind(written), "options with levels, such as {testing: resumed}")
    culprits = written.get("by")
    if not isinstance(culprits, dict | None):
        wrong(_kind(culprits), "parties with levels, such as {us: {sanctions: full}}", within=("by",))
    by = {}
    for party, levels in (culprits or {}).items():
        with under("by", party):
            by[str(party)] = _levels(levels)
    return Breakdown(_levels({o: v for o, v in written.items() if o != "by"}), by)


def _levels(written: object) -> dict[str, str]:
    if not isinstance(written, dict):
        wrong(_kind(written), "options with levels, such as {testing: resumed}")
    for option, level in written.items():
        if isinstance(level, dict | list | None):
            wrong(_kind(level), "a level", within=(option,))
    return {str(o): str(v) for o, v in written.items()}


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else shown(value)


def _price(written: object) -> Price:
    if isinstance(written, Price):
        return written
    if isinstance(written, dict) and "once" in written:
        _only_once(written)
        with under("once"):
            return Price(conditional_amount(written["once"], NOT_NEGATIVE), once=True)
    if isinstance(written, dict) and isinstance(written.get("default"), dict) and "once" in written["default"]:
        fix = "Write {once: {default: ..., when: ...}}."
        wrong("'once' inside 'default'", "'once' around the whole", fix, within=("default",))
    return Price(conditional_amount(written, NOT_NEGATIVE), once=False)


def _only_once(written: dict[str, object]) -> None:
    for key in written:
        if key != "once":
            wrong(f"the unknown key {shown(key)}", "once alone", did_you_mean(key, ("once",)), within=(key,))


def _cost(written: object) -> Amount:
    if isinstance(written, Amount):
        return written
    if not isinstance(written, dict) or "once" not in written:
        number = shown(written)[1:-1] if isinstance(written, str | int | float) else "..."
        fix = f"Write {{once: {number}}}; what is paid per period belongs into the preferences."
        wrong(f"{_kind(written)}, a cost that does not say when it is paid", "a cost paid once", fix)
    _only_once(written)
    with under("once"):
        return amount(written["once"], NOT_NEGATIVE)


def _caught(written: object) -> ConditionalAmount | str:
    return "auto" if written == "auto" else conditional_amount(written, PROBABILITY)


def _per_option(written: object) -> object:
    if isinstance(written, str | int | float):
        fix = "Each option that can be pretended is named: arsenal: auto, or arsenal: 0.2."
        wrong(shown(str(written)), "options with chances, such as {arsenal: 0.2}", fix)
    return written


def _whole(written: object) -> Amount:
    found = amount(written, WHOLE)
    value = found.quantity.numbers[0] if found.quantity.kind == "point" else None
    if value is None or value.denominator != 1 or not 1 <= value <= LONGEST_STEP:
        fix = "Use a shorter period: for half months, period: week and step: 2." if value is not None else ""
        within = ("value",) if found.evidence else ()
        expected = f"a whole number of periods from 1 to {LONGEST_STEP:,}"
        wrong(str(found.quantity), expected, fix if value is not None and 0 < value < 1 else "", within=within)
    return found


def _conditional(domain: Domain) -> PlainValidator:
    return PlainValidator(lambda written: conditional_amount(written, domain))


def _one_or_each(value: object) -> str:
    return "levels" if isinstance(value, dict) and not {"value", "default", "when"} & set(value) else "amount"


def _levels_or_word(value: object) -> str:
    return "levels" if isinstance(value, dict) and "value" not in value else "name"


def _once(number: object) -> dict[str, object]:
    return {"type": "object", "required": ["once"], "properties": {"once": number}, "additionalProperties": False}


LEVELS_SCHEMA = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
BREAKDOWN_SCHEMA = {
    "type": "object",
    "properties": {"by": {"type": ["object", "null"], "additionalProperties": LEVELS_SCHEMA}},
    "additionalProperties": {"type": ["string", "integer"]},
}
Periods = Annotated[ConditionalAmount, _conditional(NOT_NEGATIVE), WithJsonSchema(CONDITIONAL_SCHEMA)]
Chance = Annotated[ConditionalAmount, _conditional(PROBABILITY), WithJsonSchema(CONDITIONAL_SCHEMA)]
Flow = Annotated[ConditionalAmount, _conditional(ANY), WithJsonSchema(CONDITIONAL_SCHEMA)]
Caught = Annotated[
    ConditionalAmount | Literal["auto"],
    PlainValidator(_caught),
    WithJsonSchema({"anyOf": [{"const": "auto"}, *CONDITIONAL_SCHEMA["anyOf"]]}),
]
PriceField = Annotated[
    Price, PlainValidator(_price), WithJsonSchema({"anyOf": [*CONDITIONAL_SCHEMA["anyOf"], _once(CONDITIONAL_SCHEMA)]})
]
Once = Annotated[Amount, PlainValidator(_cost), WithJsonSchema(_once(NUMBER_SCHEMA))]
Whole = Annotated[Amount, PlainValidator(_whole), WithJsonSchema(NUMBER_SCHEMA)]
Lag = Annotated[
    Annotated[dict[Identifier, Periods], Tag("levels")] | Annotated[Periods, Tag("amount")],
    Discriminator(_one_or_each),
]
Target = Annotated[
    Annotated[dict[Identifier, str], Tag("levels")]
    | Annotated[Word, PlainValidator(_word), WithJsonSchema(CLAUSE_SCHEMA), Tag("name")],
    Discriminator(_levels_or_word),
]
BreakdownField = Annotated[Breakdown, PlainValidator(_breakdown), WithJsonSchema(BREAKDOWN_SCHEMA)]
PerLevel = Annotated[dict[Identifier, Annotated[dict[str, NotNegative], OrEmpty]], OrEmpty]
CostPerLevel = Annotated[dict[Identifier, Annotated[dict[str, Once], OrEmpty]], OrEmpty]
NEVER = ConditionalAmount(amount("0", PROBABILITY))


class Plan(Block):
    """The way to a settlement and what each party can do instead of keeping to it.

    Attributes:
        target: levels, a condition, a rule that picks a settlement, or ``auto``; asked for where not given.
        values: whether what is worth less while it lasts counts (discounted), or only where the plan leads (patient).
        step: periods that a step takes at least.
        lag: periods before a breakdown caused by a party is answered: one number, or one per party.
        snapback: whether a breakdown is answered at all; asked for where not given.
        undo: option -> level -> periods until a return from that level is complete.
        breakdown: where options go in a breakdown if not to the status quo.
        breach_cost: party -> what a breach costs it, per period or once.
        conceal: option -> chance per period that pretending its steps is found out, or ``auto``.
        false_alarm: chance per period that a party that complies is accused.
        outside: party -> the best it can get elsewhere, per period.
        costs: option -> level -> what its owner pays once for reaching it.
        takes: option -> level -> periods that reaching it physically needs.
        together: whether several parties may move in one step.
        escrow: whether a third party can make a step all or nothing.
        transfers: largest side payment per period, in money.
        deadline: day by which the target must hold.
        margin: smallest margin accepted, as a share of what is at stake.
        note: free text.
    """

    target: Target | None = None
    values: Literal["discounted", "patient"] = "discounted"
    step: Whole = amount("1", WHOLE)
    lag: Lag | None = None
    snapback: Truth | None = None
    undo: PerLevel = Field(default_factory=dict)
    breakdown: BreakdownField = Field(default_factory=Breakdown)
    breach_cost: Annotated[dict[Identifier, PriceField], OrEmpty] = Field(default_factory=dict)
    conceal: Annotated[dict[Identifier, Caught], OrEmpty, BeforeValidator(_per_option)] = Field(default_factory=dict)
    false_alarm: Chance = NEVER
    outside: Annotated[dict[Identifier, Flow], OrEmpty] = Field(default_factory=dict)
    costs: CostPerLevel = Field(default_factory=dict)
    takes: PerLevel = Field(default_factory=dict)
    together: Truth = False
    escrow: Truth = False
    transfers: NotNegative = amount("0", NOT_NEGATIVE)
    deadline: Day | None = None
    margin: Number = amount("0")
    note: Prose = ""


def plan_amounts(plan: Plan) -> Iterator[tuple[Path, Amount]]:
    """Every number of a plan that can be uncertain, with its path."""
    yield from (part for path, written in plan_conditionals(plan) for part in parts(path, written))
    for kind in ("undo", "takes", "costs"):
        end = ("once",) if kind == "costs" else ()
        for option, levels in getattr(plan, kind).items():
            yield from ((("plan", kind, option, level, *end), written) for level, written in levels.items())
    yield ("plan", "transfers"), plan.transfers
    yield ("plan", "margin"), plan.margin


def plan_conditionals(plan: Plan) -> Iterator[tuple[Path, ConditionalAmount]]:
    """Every number of a plan that can depend on the state, with its path."""
    if isinstance(plan.lag, ConditionalAmount):
        yield ("plan", "lag"), plan.lag
    else:
        yield from ((("plan", "lag", party), written) for party, written in (plan.lag or {}).items())
    for party, price in plan.breach_cost.items():
        yield ("plan", "breach_cost", party, *(("once",) if price.once else ())), price.amount
    for option, caught in plan.conceal.items():
        if not isinstance(caught, str):
            yield ("plan", "conceal", option), caught
    yield ("plan", "false_alarm"), plan.false_alarm
    yield from ((("plan", "outside", party), written) for party, written in plan.outside.items())


def parts(path: Path, written: ConditionalAmount) -> Iterator[tuple[Path, Amount]]:
    """A conditional number's parts; one without conditions stands at its own path."""
    if not written.when:
        yield path, written.default
        return
    yield (*path, "default"), written.default
    yield from (((*path, "when", condition.text), number) for condition, number in written.when)
