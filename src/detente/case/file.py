"""The case file as a whole: its blocks in their written form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from detente.base.errors import shown
from detente.case.blocks.claims import Claim
from detente.case.blocks.disagreement import Disagreement, DisagreementSpec, StateSpec
from detente.case.blocks.forecast import Forecast
from detente.case.blocks.options import Option
from detente.case.blocks.parties import Party
from detente.case.blocks.plan import Plan
from detente.case.blocks.preferences import Preference
from detente.case.blocks.ratification import Ratification
from detente.case.blocks.settlement import Settlement
from detente.case.blocks.shared import Correlated
from detente.case.blocks.terms import Term
from detente.case.blocks.views import View
from detente.case.fields import Block, Condition, Day, Identifier, Number, OrEmpty, Period, Prose, wrong

FORMAT = "1"


def _version(value: object) -> object:
    if str(value) != FORMAT:
        wrong(f"format {shown(value)}", f"format {FORMAT}", "Write detente: 1, or use a newer program.")
    return FORMAT


def _none_is_empty(value: object) -> object:
    return () if value is None else value


PartyBlock = Annotated[Party, OrEmpty]
ViewBlock = Annotated[View, OrEmpty]
ForecastBlock = Annotated[Forecast, OrEmpty]
SettlementBlock = Annotated[Settlement, OrEmpty]
Conditions = Annotated[tuple[Condition, ...], BeforeValidator(_none_is_empty)]


class CaseFile(Block):
    """One written case (DESIGN section 3)."""

    detente: Annotated[Literal["1"], BeforeValidator(_version), WithJsonSchema({"enum": [1, "1"]})]
    name: Identifier
    title: Prose | None = None
    as_of: Day | None = None
    period: Period = "month"
    marking: Prose = ""
    note: Prose = ""
    sources: Annotated[dict[str, Prose], OrEmpty] = Field(default_factory=dict)
    parties: dict[Identifier, PartyBlock]
    options: dict[Identifier, Option]
    infeasible: Conditions = ()
    coalesce: Conditions = ()
    status_quo: StateSpec | None = None
    preferences: Annotated[dict[Identifier, Preference], OrEmpty] = Field(default_factory=dict)
    disagreement: Disagreement = DisagreementSpec(state="status_quo")
    settlement: SettlementBlock = Field(default_factory=Settlement)
    plan: Plan | None = None
    ratification: Ratification | None = None
    terms: Annotated[dict[Identifier, Term], OrEmpty] = Field(default_factory=dict)
    forecast: ForecastBlock | None = None
    numbers: Annotated[dict[Identifier, Number], OrEmpty] = Field(default_factory=dict)
    correlated: Annotated[tuple[Correlated, ...], BeforeValidator(_none_is_empty)] = ()
    claims: Annotated[tuple[Claim, ...], BeforeValidator(_none_is_empty)] = ()
    views: Annotated[dict[Identifier, ViewBlock], OrEmpty] = Field(default_factory=dict)
