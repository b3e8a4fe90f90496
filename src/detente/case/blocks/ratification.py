"""``ratification``: who has to vote on a deal at home or elsewhere, and how they are likely to vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from detente.case.conditions import IDENTIFIER, ConditionError
from detente.case.fields import (
    CLAUSE_SCHEMA,
    CONDITIONAL_SCHEMA,
    NUMBER_SCHEMA,
    Amount,
    Block,
    Clause,
    Condition,
    ConditionalAmount,
    Evidence,
    Identifier,
    OrEmpty,
    Prose,
    amount,
    clause,
    conditional_amount,
    under,
    unwrap,
    wrong,
)
from detente.case.needs import Needs, parse_needs
from detente.case.quantities import NOT_NEGATIVE, PROBABILITY, Domain, QuantityError, parse_quantity

MOST_VOTES = 5_000
COUNT = Domain(name="a whole number")


@dataclass(frozen=True, slots=True)
class Accepts:
    """A member's chance of yes: a number, or a condition that makes it 1 or 0.

    A bare name can be either until it is known what it names; then both readings are held.
    """

    number: ConditionalAmount | None
    condition: Clause | None

    def settled(self, options: Mapping[str, object]) -> ConditionalAmount | Clause:
        """The reading that applies: a name is an option where there is one, else a shared number."""
        if self.condition is not None and (self.number is None or self.condition.text.strip() in options):
            return self.condition
        if self.number is None:
            raise AssertionError(self)
        return self.number


@dataclass(frozen=True, slots=True)
class Veto:
    """Somebody who can block.

    Attributes:
        member: who, as written.
        name: a party (that blocks iff it gets less than without a deal) or a shared number; None beside a number.
        chance: the chance that the member does not block.
        at: where it stands below ``veto``.
    """

    member: str
    name: str | None
    chance: ConditionalAmount | None
    at: str | int

    def settled(self, parties: Mapping[str, object]) -> str | ConditionalAmount:
        """The party that decides, or the chance of not blocking."""
        if self.name is not None and (self.name in parties or self.chance is None):
            return self.name
        if self.chance is None:
            raise AssertionError(self)
        return self.chance


@dataclass(frozen=True, slots=True)
class Formula:
    """What a requirement needs, as written."""

    text: str
    node: Needs
    evidence: Evidence | None = None


def _accepts(written: object) -> Accepts:
    if isinstance(written, Accepts):
        return written
    if isinstance(written, dict) and "value" not in written:
        return Accepts(conditional_amount(written, PROBABILITY), None)
    value, _ = unwrap(written)
    if isinstance(value, str) and not _is_number(value):
        condition = clause(written)
        named = IDENTIFIER.fullmatch(value.strip())
        return Accepts(conditional_amount(written, PROBABILITY) if named else None, condition)
    return Accepts(conditional_amount(written, PROBABILITY), None)


def _is_number(text: str) -> bool:
    """Whether a text is meant as a number; what begins with a digit is, even if it cannot be read."""
    try:
        return parse_quantity(text).kind != "shared"
    except QuantityError:
        return text.strip()[:1] in tuple("0123456789.+") and not any(w in text for w in (" and ", " or ", "=="))


def _count(written: object) -> Amount:
    found = amount(written, COUNT)
    value = found.quantity.numbers[0] if found.quantity.kind == "point" else None
    within = ("value",) if found.evidence else ()
    if value is None or value.denominator != 1 or not 1 <= value <= MOST_VOTES:
        fix = "Votes are counted, so this number has no spread." if value is None else ""
        wrong(str(found.quantity), f"a whole number from 1 to {MOST_VOTES:,}", fix, within=within)
    return found


def _vetoes(written: object) -> tuple[Veto, ...]:
    if isinstance(written, tuple) and all(isinstance(v, Veto) for v in written):
        return written
    if written is None:
        return ()
    if isinstance(written, list | tuple):
        return tuple(_listed_veto(n, v) for n, v in enumerate(written))
    if not isinstance(written, dict):
        wrong("something else", "a list of parties, or members with a party or the chance of not blocking")
    out = []
    for member, holder in written.items():
        with under(member):
            value, _ = unwrap(holder)
            name = value.strip() if isinstance(value, str) and IDENTIFIER.fullmatch(value.strip()) else None
            out.append(Veto(str(member), name, conditional_amount(holder, PROBABILITY), member))
    return tuple(out)


def _listed_veto(number: int, party: object) -> Veto:
    if not isinstance(party, str):
        wrong("something that is not a name", "a party", "Write chances as {member: 0.8}.", within=())
    return Veto(party, party, None, number)


def _formula(written: object) -> Formula:
    if isinstance(written, Formula):
        return written
    value, evidence = unwrap(written)
    within = ("value",) if evidence else ()
    if not isinstance(value, str):
        kind = "nothing" if value is None else "something that is not text"
        wrong(kind, "bodies such as 'house and senate'", within=within)
    try:
        return Formula(value, parse_needs(value), evidence)
    except ConditionError as error:
        wrong(error.found, error.expected, error.fix, error.at, within)


def _conditional(domain: Domain) -> Any:
    return PlainValidator(lambda written: conditional_amount(written, domain))


def _none_is_empty(value: object) -> object:
    return () if value is None else value


VETO_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": ["object", "null"], "additionalProperties": CONDITIONAL_SCHEMA},
    ]
}
Count = Annotated[Amount, PlainValidator(_count), WithJsonSchema(NUMBER_SCHEMA)]
Chance = Annotated[ConditionalAmount, _conditional(PROBABILITY), WithJsonSchema(CONDITIONAL_SCHEMA)]
Spread = Annotated[ConditionalAmount, _conditional(NOT_NEGATIVE), WithJsonSchema(CONDITIONAL_SCHEMA)]
Acceptance = Annotated[
    Accepts,
    PlainValidator(_accepts),
    WithJsonSchema({"anyOf": [*CONDITIONAL_SCHEMA["anyOf"], *CLAUSE_SCHEMA["anyOf"]]}),
]
Vetoes = Annotated[tuple[Veto, ...], PlainValidator(_vetoes), WithJsonSchema(VETO_SCHEMA)]
NeedsField = Annotated[Formula, PlainValidator(_formula), WithJsonSchema(CLAUSE_SCHEMA)]
NONE = ConditionalAmount(amount("0", PROBABILITY))


class Bloc(Block):
    """Members of a body who are likely to vote alike.

    Attributes:
        name: shown to readers; the id where not given.
        votes: how many.
        accepts: a member's chance of yes.
        cohesion: the chance that the whole bloc votes as one; else its members vote independently.
        note, source: where it comes from.
    """

    name: Prose | None = None
    votes: Count
    accepts: Acceptance
    cohesion: Chance = NONE
    note: Prose = ""
    source: Prose | None = None


class Body(Block):
    """A body that votes on deals.

    Attributes:
        name: shown to readers; the id where not given.
        quota: yes votes needed.
        votes: members; the sum of the blocs where not given. Without blocs the quota is taken as met.
        blocs: its members by how they are likely to vote.
        shock: standard deviation of one normal term added to the log-odds of yes of all its blocs.
        veto: who can block.
        note, source: where it comes from.
    """

    name: Prose | None = None
    quota: Count
    votes: Count | None = None
    blocs: Annotated[dict[Identifier, Bloc], OrEmpty] = Field(default_factory=dict)
    shock: Spread = NONE
    veto: Vetoes = ()
    note: Prose = ""
    source: Prose | None = None


class Requirement(Block):
    """What deals of a kind have to pass.

    Attributes:
        when: the deals it concerns.
        needs: bodies joined by and, or, ``2 of {a, b, c}``; ``body >= 67`` counts the vote against another number.
        note, source: where it comes from.
    """

    when: Condition
    needs: NeedsField
    note: Prose = ""
    source: Prose | None = None


class Ratification(Block):
    """Bodies, and which deals have to pass which of them; all requirements that match a deal must be met."""

    bodies: Annotated[dict[Identifier, Body], OrEmpty] = Field(default_factory=dict)
    requirements: Annotated[tuple[Requirement, ...], BeforeValidator(_none_is_empty)] = ()
    note: Prose = ""


def whole(written: Amount) -> int:
    """The number of votes written."""
    return int(written.quantity.numbers[0])


def size_of(body: Body) -> int:
    """Members of a body."""
    return sum(whole(b.votes) for b in body.blocs.values()) if body.votes is None else whole(body.votes)
