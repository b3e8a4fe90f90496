"""``disagreement``: what each party has without a deal."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Discriminator, GetJsonSchemaHandler, Tag
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from detente.case.fields import Block, Clause, Identifier, Number, Probability, StateOrCondition

if TYPE_CHECKING:
    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile


def _kind_of_state(value: object) -> str:
    if isinstance(value, str) and value == "status_quo":
        return "today"
    return "levels" if isinstance(value, dict) and "value" not in value else "name"


def _kind_of_chance(value: object) -> str:
    return "rest" if value == "rest" else "chance"


StateSpec = Annotated[
    Annotated[dict[Identifier, str], Tag("levels")] | Annotated[StateOrCondition, Tag("name")],
    Discriminator(_kind_of_state),
]
AnyState = Annotated[
    Annotated[dict[Identifier, str], Tag("levels")]
    | Annotated[Literal["status_quo"], Tag("today")]
    | Annotated[StateOrCondition, Tag("name")],
    Discriminator(_kind_of_state),
]
Chance = Annotated[
    Annotated[Literal["rest"], Tag("rest")] | Annotated[Probability, Tag("chance")], Discriminator(_kind_of_chance)
]


class LotteryTicket(Block):
    """One possible state of a lottery and its chance; ``status_quo`` names today's state."""

    chance: Chance
    state: AnyState


def _status_quo_word(value: object) -> object:
    return {"state": "status_quo"} if value == "status_quo" else value


class DisagreementSpec(Block):
    """A state, payoffs per party, or a lottery over states."""

    state: AnyState | None = None
    payoffs: dict[Identifier, Number] | None = None
    lottery: tuple[LotteryTicket, ...] | None = None


class _OrWord:
    """Tells the JSON Schema of the one word that stands for a mapping."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"const": "status_quo"}, handler(core)]}


Disagreement = Annotated[DisagreementSpec, BeforeValidator(_status_quo_word), _OrWord()]


def check_disagreement(file: CaseFile, checker: Checker) -> None:
    """One form; levels, parties and chances exist and fit."""
    spec, path = file.disagreement, ("disagreement",)
    written = [f for f in ("state", "payoffs", "lottery") if getattr(spec, f) is not None]
    if len(written) != 1 and not checker.cut("disagreement"):
        found = " and ".join(written) or "nothing"
        checker.error(path, found, "status_quo, or one of state, payoffs, lottery")
    if spec.state is not None:
        _check_state((*path, "state"), spec.state, checker)
    for party, number in (spec.payoffs or {}).items():
        checker.party((*path, "payoffs", party), party)
        checker.amount((*path, "payoffs", party), number)
    for n, ticket in enumerate(spec.lottery or ()):
        where: Path = (*path, "lottery", n)
        _check_state((*where, "state"), ticket.state, checker)
        if not isinstance(ticket.chance, str):
            checker.amount((*where, "chance"), ticket.chance)
    if spec.lottery is not None:
        _check_chances((*path, "lottery"), spec.lottery, checker)


def _check_state(path: Path, state: dict[str, str] | Clause | str, checker: Checker) -> None:
    if isinstance(state, dict):
        checker.levels(path, state)
    elif isinstance(state, Clause):
        checker.condition(path, state, states=True)


def _check_chances(path: Path, lottery: tuple[LotteryTicket, ...], checker: Checker) -> None:
    rests = [n for n, t in enumerate(lottery) if t.chance == "rest"]
    if len(rests) > 1:
        checker.error((*path, rests[1], "chance"), "'rest' a second time", "at most one 'rest'")
    if checker.problems or rests:
        return
    total = sum((checker.mean(t.chance) for t in lottery if not isinstance(t.chance, str)), Fraction(0))
    if abs(float(total) - 1) > 1e-9:
        fix = "Write 'rest' for what remains."
        checker.warn(path, f"chances that sum to {float(total):g}", "chances that sum to 1", fix)
