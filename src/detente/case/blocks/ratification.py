"""``ratification``: who has to vote on a deal at home or elsewhere, and how they are likely to vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from detente.base.errors import did_you_mean, one_of, shown
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
from detente.case.needs import Needs, parse_needs, votes_in
from detente.case.quantities import NOT_NEGATIVE, PROBABILITY, Domain, QuantityError, parse_quantity

if TYPE_CHECKING:
    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile

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


# --- cross-checks ----------------------------------------------------------------------------------------------------


def check_ratification(file: CaseFile, checker: Checker) -> None:
    """Quotas fit votes; bodies, parties, options and numbers exist."""
    block = file.ratification
    if block is None:
        return
    for name, body in block.bodies.items():
        _check_body(("ratification", "bodies", name), body, checker)
    for n, requirement in enumerate(block.requirements):
        path = ("ratification", "requirements", n)
        checker.condition((*path, "when"), requirement.when)
        checker.source((*path, "source"), requirement.source)
        checker.evidence((*path, "needs"), requirement.needs.evidence)
        _check_needs((*path, "needs"), requirement.needs, block, checker)
    needed = {v.body for r in block.requirements for v in votes_in(r.needs.node)}
    for name in block.bodies:
        if name not in needed and not checker.cut("ratification", "requirements"):
            fix = "Name it under requirements, or leave it out."
            checker.warn(("ratification", "bodies", name), "a body that no requirement needs", "one that is needed", fix)


def _check_body(path: Path, body: Body, checker: Checker) -> None:
    checker.source((*path, "source"), body.source)
    _check_conditional((*path, "shock"), body.shock, checker)
    for name, bloc in body.blocs.items():
        where = (*path, "blocs", name)
        checker.source((*where, "source"), bloc.source)
        checker.evidence((*where, "votes"), bloc.votes.evidence)
        _check_accepts((*where, "accepts"), bloc.accepts, checker)
        _check_conditional((*where, "cohesion"), bloc.cohesion, checker)
    for field in ("quota", "votes"):
        written = getattr(body, field)
        checker.evidence((*path, field), None if written is None else written.evidence)
    for veto in body.veto:
        _check_veto((*path, "veto", veto.at), veto, checker)
    if not checker.cut(*path):
        _check_sizes(path, body, checker)


def _check_sizes(path: Path, body: Body, checker: Checker) -> None:
    """The quota can be reached, and the blocs are no more than the body."""
    if body.votes is None and not body.blocs:
        fix = "Write blocs:, or votes: where only vetoes can stop it."
        checker.error(path, "neither votes nor blocs", "how many vote, and how", fix)
        return
    size = size_of(body)
    in_blocs = sum(whole(b.votes) for b in body.blocs.values())
    if body.blocs and in_blocs > size:
        found = f"blocs with {in_blocs:,} votes in a body of {size:,}"
        checker.error((*path, "votes"), found, f"at least {in_blocs:,}, or fewer votes in the blocs")
    elif body.blocs and in_blocs < size:
        found = f"blocs with {in_blocs:,} of {size:,} votes"
        fix = "Put the others into a bloc, or write votes: without them."
        checker.warn((*path, "blocs"), found, "all votes in blocs; the others count as never in favour", fix)
    if whole(body.quota) > size:
        found = f"a quota of {whole(body.quota):,} in a body of {size:,} votes"
        checker.error((*path, "quota"), found, f"at most {size:,}", "Correct the quota or the votes.")


def _check_veto(path: Path, veto: Veto, checker: Checker) -> None:
    file = checker.file
    if veto.name is None:
        if veto.chance is not None:
            _check_conditional(path, veto.chance, checker)
        return
    if veto.name in file.parties:
        if file.parties[veto.name].role == "mediator":
            found = f"the veto of {veto.name}, a mediator"
            checker.error(path, found, "a party with a preference, or the chance of not blocking")
        if veto.chance is not None:
            checker.evidence(path, veto.chance.default.evidence)
        return
    if veto.chance is not None and veto.name in file.numbers:
        checker.amount(path, veto.chance.default)
        return
    if checker.cut("parties", veto.name) or checker.cut("numbers", veto.name):
        return
    known = [*file.parties, *(file.numbers if veto.chance is not None else ())]
    expected = one_of(known) + (", or the chance of not blocking" if veto.chance is not None else "")
    fix = did_you_mean(veto.name, known) or "Outsiders are written as {member: 0.8}, the chance of not blocking."
    checker.error(path, f"the unknown party {shown(veto.name)}", expected, fix)


def _check_accepts(path: Path, written: Accepts, checker: Checker) -> None:
    if written.number is None or written.condition is None:
        if written.condition is not None:
            checker.condition(path, written.condition)
        elif written.number is not None:
            _check_conditional(path, written.number, checker)
        return
    name, file = written.condition.text.strip(), checker.file
    if name in file.options or name in file.numbers or checker.cut("options", name) or checker.cut("numbers", name):
        checker.evidence(path, written.condition.evidence)
        return
    known = [*file.options, *file.numbers]
    expected = "a chance such as 0.4, a shared number, or a condition on the options"
    checker.error(path, f"the unknown name {shown(name)}", expected, did_you_mean(name, known))


def _check_conditional(path: Path, written: ConditionalAmount, checker: Checker) -> None:
    """Names used as numbers and options in conditions exist, the default's and every case's."""
    if not written.when:
        checker.amount(path, written.default)
        return
    checker.amount((*path, "default"), written.default)
    for condition, number in written.when:
        checker.condition_key((*path, "when", condition.text), condition.text)
        checker.amount((*path, "when", condition.text), number)


def _check_needs(path: Path, formula: Formula, block: Ratification, checker: Checker) -> None:
    where = (*path, "value") if formula.evidence else path
    for vote in votes_in(formula.node):
        if vote.body not in block.bodies:
            if checker.cut("ratification", "bodies", vote.body):
                continue
            known = list(block.bodies)
            expected = one_of(known) if known else "a body; the case has none"
            checker.error(where, f"the unknown body {shown(vote.body)}", expected, did_you_mean(vote.body, known), vote.at)
            continue
        body = block.bodies[vote.body]
        if vote.votes is None or checker.cut("ratification", "bodies", vote.body) or not (body.votes or body.blocs):
            continue
        if not body.blocs:
            found = f"a number of votes of {vote.body}, whose votes are not told apart"
            checker.error(where, found, "its name alone: its quota is taken as met", "Or write its blocs.", vote.at)
        elif not 1 <= vote.votes <= size_of(body):
            found = f"{vote.votes:,} votes of {vote.body}, a body of {size_of(body):,}"
            checker.error(where, found, f"a number from 1 to {size_of(body):,}", "", vote.at)


def whole(written: Amount) -> int:
    """The number of votes written."""
    return int(written.quantity.numbers[0])


def size_of(body: Body) -> int:
    """Members of a body."""
    return sum(whole(b.votes) for b in body.blocs.values()) if body.votes is None else whole(body.votes)
