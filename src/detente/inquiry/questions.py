"""The questions a session can answer, each with the blocks of the case file that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.forecast.result import Forecast
from detente.inquiry.check import CHECK_BLOCKS, Check, check_case
from detente.inquiry.forecasting import Asking as ForecastAsking
from detente.inquiry.forecasting import forecasted
from detente.inquiry.misperception import Misperception, misperception
from detente.inquiry.outcomes import Outcomes, select_outcomes
from detente.inquiry.planning import Asking as PlanAsking
from detente.inquiry.planning import planned
from detente.inquiry.ratify import ratification
from detente.inquiry.settling import Asking, settled, settled_ratifiable
from detente.inquiry.shares import Shares, find_shares
from detente.inquiry.states import States
from detente.plan.result import Plan
from detente.ratification.result import Ratification
from detente.settlement.result import Settlement
from detente.stability.analysis import Stability, analyse
from detente.stability.coalitions import COALITION_CONCEPTS, Coalitions, coalition_stability
from detente.stability.concepts import CONCEPTS
from detente.stability.foresight import Foresight, foresight
from detente.stability.jumps import Jumps, find_jumps
from detente.stability.status_quo import StatusQuoAnalysis, status_quo_analysis
from detente.stability.strength import CONCEPTS_WITH_STRENGTH, Strength, strength
from detente.stability.unknown import Unknown, unknown_stability

if TYPE_CHECKING:
    from detente.case.model import Case
    from detente.inquiry.session import Session

SPACE_BLOCKS = ("parties", "options", "infeasible", "coalesce", "status_quo")
GRAPH_BLOCKS = ("detente", "name", *SPACE_BLOCKS, "preferences", "numbers")
SETTLE_BLOCKS = (*GRAPH_BLOCKS, "disagreement", "settlement", "correlated")
RATIFY_BLOCKS = (*SETTLE_BLOCKS, "ratification", "terms", "as_of", "period")
PLAN_BLOCKS = (*SETTLE_BLOCKS, "plan", "as_of", "period", "views")
FORECAST_BLOCKS = (*SETTLE_BLOCKS, "plan", "ratification", "terms", "forecast", "sources", "as_of", "period")
PICTURE_BLOCKS = (*GRAPH_BLOCKS, "views")
DRAW_BLOCKS = (*GRAPH_BLOCKS, "correlated")


@dataclass(frozen=True)
class Question:
    """A question: the blocks it reads and how it is answered."""

    reads: tuple[str, ...]
    answer: Callable[..., Any]


def _states(session: Session, case: Case) -> States:
    return States(session.provenance(case, GRAPH_BLOCKS), session.graph(case))


def _stability(
    session: Session,
    case: Case,
    concepts: Sequence[str] = tuple(CONCEPTS),
    mixture: Mapping[str, str] | None = None,
) -> Stability:
    mixture = {**dict.fromkeys(case.parties, "nash"), **mixture} if mixture else {}
    provenance = session.provenance(case, GRAPH_BLOCKS, concepts=list(concepts), mixture=mixture)
    return analyse(session.graph(case), provenance, concepts, mixture)


def _status_quo(session: Session, case: Case) -> StatusQuoAnalysis:
    return status_quo_analysis(session.graph(case), session.provenance(case, GRAPH_BLOCKS))


def _outcomes(session: Session, case: Case) -> Outcomes:
    stability, status_quo = _stability(session, case), _status_quo(session, case)
    return select_outcomes(stability, status_quo, session.provenance(case, GRAPH_BLOCKS))


def _strength(session: Session, case: Case, concepts: Sequence[str] = CONCEPTS_WITH_STRENGTH) -> Strength:
    provenance = session.provenance(case, GRAPH_BLOCKS, concepts=list(concepts))
    return strength(session.graph(case), provenance, concepts)


def _foresight(session: Session, case: Case, horizon: int = 4, *, non_myopic: bool = True) -> Foresight:
    provenance = session.provenance(case, GRAPH_BLOCKS, horizon=horizon, non_myopic=non_myopic)
    return foresight(session.graph(case), provenance, horizon, non_myopic=non_myopic)


def _coalitions(
    session: Session,
    case: Case,
    moves: str = "legal",
    concepts: Sequence[str] = tuple(COALITION_CONCEPTS),
    structure: str | None = None,
) -> Coalitions:
    asked = {"moves": moves, "concepts": list(concepts), "structure": structure}
    provenance = session.provenance(case, GRAPH_BLOCKS, **asked)
    return coalition_stability(session.graph(case), provenance, moves=moves, concepts=concepts, structure=structure)


def _jumps(
    session: Session, case: Case, concept: str = "seq", moves: str = "joint", starts: Sequence[str] | None = None
) -> Jumps:
    """From the states named, or from every equilibrium (above 20,000 states from today's state)."""
    graph = session.graph(case)
    held = _stability(session, case, (concept,)).equilibrium[concept]
    numbers = None if starts is None else [graph.states.find(s) for s in starts]
    provenance = session.provenance(case, GRAPH_BLOCKS, concept=concept, moves=moves, starts=starts)
    return find_jumps(graph, provenance, held, concept=concept, moves=moves, starts=numbers)


def _check(session: Session, case: Case) -> Check:
    return check_case(session, case)


def _misperception(
    session: Session,
    case: Case,
    concepts: Sequence[str] = tuple(CONCEPTS),
    views: Mapping[str, str] | None = None,
    unseen: str = "excluded",
) -> Misperception:
    return misperception(session, case, concepts=concepts, views=views, unseen=unseen, reads=PICTURE_BLOCKS)


def _settle(session: Session, case: Case, **asked: Any) -> Settlement:
    return settled(session, case, SETTLE_BLOCKS, Asking(**asked))


def _settle_ratifiable(session: Session, case: Case, **asked: Any) -> Settlement:
    return settled_ratifiable(session, case, RATIFY_BLOCKS, Asking(**asked))


def _ratify(session: Session, case: Case, deal: str | None = None, draws: int = 1000, seed: int = 0) -> Ratification:
    provenance = session.provenance(case, RATIFY_BLOCKS, deal=deal, draws=draws)
    return ratification(session, case, provenance, deal, count=draws, seed=seed)


def _plan(session: Session, case: Case, **asked: Any) -> Plan:
    return planned(session, case, PLAN_BLOCKS, PlanAsking(**asked))


def _forecast(session: Session, case: Case, **asked: Any) -> Forecast:
    return forecasted(session, case, FORECAST_BLOCKS, ForecastAsking(**asked))


def _unknown(session: Session, case: Case, concepts: Sequence[str] = tuple(CONCEPTS)) -> Unknown:
    provenance = session.provenance(case, GRAPH_BLOCKS, concepts=list(concepts))
    return unknown_stability(session.graph(case), provenance, concepts)


def _shares(
    session: Session,
    case: Case,
    concepts: Sequence[str] = tuple(CONCEPTS),
    draws: int = 1000,
    seed: int = 0,
    tolerance: float | None = None,
) -> Shares:
    asked = {"concepts": list(concepts), "draws": draws, "tolerance": tolerance}
    provenance = session.provenance(case, DRAW_BLOCKS, **asked)
    return find_shares(session.graph(case), provenance, concepts, count=draws, seed=seed, tolerance=tolerance)


QUESTIONS = {
    "check": Question(CHECK_BLOCKS, _check),
    "states": Question(GRAPH_BLOCKS, _states),
    "stability": Question(GRAPH_BLOCKS, _stability),
    "status_quo": Question(GRAPH_BLOCKS, _status_quo),
    "misperception": Question(PICTURE_BLOCKS, _misperception),
    "foresight": Question(GRAPH_BLOCKS, _foresight),
    "strength": Question(GRAPH_BLOCKS, _strength),
    "coalitions": Question(GRAPH_BLOCKS, _coalitions),
    "jumps": Question(GRAPH_BLOCKS, _jumps),
    "unknown": Question(GRAPH_BLOCKS, _unknown),
    "shares": Question(DRAW_BLOCKS, _shares),
    "outcomes": Question(GRAPH_BLOCKS, _outcomes),
    "settle": Question(SETTLE_BLOCKS, _settle),
    "settle_ratifiable": Question(RATIFY_BLOCKS, _settle_ratifiable),
    "ratify": Question(RATIFY_BLOCKS, _ratify),
    "plan": Question(PLAN_BLOCKS, _plan),
    "forecast": Question(FORECAST_BLOCKS, _forecast),
}
