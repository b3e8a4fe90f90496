"""Verdicts under unknown preference (four attitudes) and strength of preference, compared with a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.graph.known import BETTER
from detente.stability.concepts import CONCEPTS
from detente.stability.narrative import change
from detente.stability.strength import CONCEPTS_WITH_STRENGTH, Strength, proof
from detente.stability.unknown import ATTITUDES, Unknown
from detente.stability.unknown_witness import UnknownAnswer, UnknownVerdict
from detente.stability.witness import Step

if TYPE_CHECKING:
    from detente.graph.model import GraphModel
    from detente.inquiry.compare import Column
    from detente.inquiry.session import Session

Bools = NDArray[np.bool_]
ALL = "all"
STRONG, WEAK = "strong", "weak"
KINDS = (*ATTITUDES, STRONG, WEAK)
IN_WORDS = {
    **{a: f"unknown comparisons taken in way {a}" for a in ATTITUDES},
    STRONG: "strongly", WEAK: "weakly",
}  # fmt: skip
MOST_PROOFS, MOST_ANSWERS, MOST_PARTIES = 40, 2, 2


@dataclass(frozen=True, slots=True)
class FurtherMiss:
    """A verdict that differs: under which kind, and the proof in sentences."""

    kind: str
    concept: str
    party: str
    state: int
    expected: bool
    proof: tuple[str, ...]


@dataclass(frozen=True)
class FurtherCompared:
    """What came of the comparison."""

    compared: int = 0
    misses: tuple[FurtherMiss, ...] = ()
    not_compared: tuple[str, ...] = ()


def compare_further(session: Session, columns: Sequence[Column], how: dict[str, Any]) -> FurtherCompared:
    """Compare verdicts under the four attitudes, and strong and weak stability.

    Args:
        session: of the case.
        columns: expected verdicts; the kind of each is an attitude (a to d), ``strong`` or ``weak``.
        how: view, types and changes.
    """
    unknown: Unknown | None = None
    strength: Strength | None = None
    concepts = tuple(dict.fromkeys(c.concept for c in columns if c.kind in ATTITUDES))
    if concepts:
        unknown = session.ask("unknown", concepts=concepts, **how)
    weighed = tuple(dict.fromkeys(c.concept for c in columns if c.kind in (STRONG, WEAK)))
    if weighed := tuple(c for c in weighed if c in CONCEPTS_WITH_STRENGTH):
        strength = session.ask("strength", concepts=weighed, **how)
    compared = 0
    misses: list[FurtherMiss] = []
    not_compared: list[str] = []
    for column in columns:
        found = _verdicts(column, unknown, strength)
        if found is None:
            not_compared.append(_why(column))
            continue
        compared += int(column.judged.sum())
        for state in (int(s) for s in np.flatnonzero(column.judged & (column.stable != found))):
            told = tuple(_proof(column, state, unknown, strength)) if len(misses) < MOST_PROOFS else ()
            stable = bool(column.stable[state])
            misses.append(FurtherMiss(column.kind, column.concept, column.party, state, stable, told))
    return FurtherCompared(compared, tuple(misses), tuple(not_compared))


def _verdicts(column: Column, unknown: Unknown | None, strength: Strength | None) -> Bools | None:
    if column.kind in ATTITUDES:
        if unknown is None:
            return None
        if column.party == ALL:
            return unknown.equilibrium[column.kind][column.concept]
        return unknown.stable[column.kind][column.concept][column.party]
    if strength is None or column.concept not in strength.concepts:
        return None
    if column.party == ALL:
        strong = column.kind == STRONG
        return strength.equilibrium(column.concept) if strong else strength.weak_equilibrium(column.concept)
    return (strength.strong if column.kind == STRONG else strength.weak)[column.concept][column.party]


def _why(column: Column) -> str:
    if column.concept not in CONCEPTS_WITH_STRENGTH:
        return f"{column.kind} {column.concept}: stability under it is neither strong nor weak."
    return f"{column.kind} {column.concept} for {column.party}: not known, since an order that it needs is not known."


def _proof(column: Column, state: int, unknown: Unknown | None, strength: Strength | None) -> Iterator[str]:
    graph = (unknown or strength).graph if unknown is not None or strength is not None else None  # type: ignore[union-attr]
    if graph is None:
        return
    parties = [column.party] if column.party != ALL else list(graph.parties)
    if column.kind in ATTITUDES and unknown is not None:
        of = unknown.stable[column.kind][column.concept]
        parties = [p for p in parties if not of[p][state]] or parties
        for party in parties[:MOST_PARTIES]:
            yield from _attitude(graph, unknown.witness(column.kind, column.concept, party, state))
    elif strength is not None:
        weak = strength.strong[column.concept]
        parties = [p for p in parties if (s := weak[p]) is not None and not s[state]] or parties
        for party in parties[:MOST_PARTIES]:
            yield from (t.strip() for t in proof(strength, column.concept, party, graph.states.id(state)))


def _attitude(graph: GraphModel, verdict: UnknownVerdict) -> Iterator[str]:
    """Why a state is stable for a party of some attitude, or not, in sentences."""
    party = graph.case.party_name(verdict.party)
    if not verdict.answers:
        yield f"{party} has no move from here for which it would leave."
    for answer in verdict.answers[:MOST_ANSWERS]:
        move = change(graph, Step(verdict.party, verdict.state, answer.target))
        likes = "prefers" if answer.gain == BETTER else "may prefer"
        if not verdict.stable:
            why = ", and the others have no answer that would deter it" if CONCEPTS[verdict.concept].punished else ""
            yield f"{move}, which it {likes}{why}."
        else:
            yield f"{move}, which it {likes}, but then {_answered(graph, answer)}."
    left = len(verdict.answers) - MOST_ANSWERS
    if left > 0:
        yield f"The same goes for its {left} other moves that may tempt it."


def _answered(graph: GraphModel, answer: UnknownAnswer) -> str:
    replies = "; then ".join(change(graph, s) for s in answer.sanction or ())
    leaves = "may leave it no better off" if answer.loss == "unknown" else "leaves it no better off"
    return f"{replies}, which {leaves} than before"
