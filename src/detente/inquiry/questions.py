"""The questions a session can answer, each with the blocks of the case file that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.inquiry.check import CHECK_BLOCKS, Check, check_case
from detente.inquiry.misperception import Misperception, misperception
from detente.inquiry.outcomes import Outcomes, select_outcomes
from detente.inquiry.states import States
from detente.stability.analysis import Stability, analyse
from detente.stability.concepts import CONCEPTS
from detente.stability.status_quo import StatusQuoAnalysis, status_quo_analysis

if TYPE_CHECKING:
    from detente.case.model import Case
    from detente.inquiry.session import Session

SPACE_BLOCKS = ("parties", "options", "infeasible", "coalesce", "status_quo")
GRAPH_BLOCKS = ("detente", "name", *SPACE_BLOCKS, "preferences", "numbers")
PICTURE_BLOCKS = (*GRAPH_BLOCKS, "views")


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
    provenance = session.provenance(case, GRAPH_BLOCKS, concepts=list(concepts), mixture=dict(mixture or {}))
    return analyse(session.graph(case), provenance, concepts, mixture)


def _status_quo(session: Session, case: Case) -> StatusQuoAnalysis:
    return status_quo_analysis(session.graph(case), session.provenance(case, GRAPH_BLOCKS))


def _outcomes(session: Session, case: Case) -> Outcomes:
    stability, status_quo = _stability(session, case), _status_quo(session, case)
    return select_outcomes(stability, status_quo, session.provenance(case, GRAPH_BLOCKS))


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


QUESTIONS = {
    "check": Question(CHECK_BLOCKS, _check),
    "states": Question(GRAPH_BLOCKS, _states),
    "stability": Question(GRAPH_BLOCKS, _stability),
    "status_quo": Question(GRAPH_BLOCKS, _status_quo),
    "misperception": Question(PICTURE_BLOCKS, _misperception),
    "outcomes": Question(GRAPH_BLOCKS, _outcomes),
}
