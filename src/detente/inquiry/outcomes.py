"""``outcomes``: the few states worth a reader's attention among all that would hold, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.model import GraphModel
from detente.stability.analysis import Stability
from detente.stability.option_table import option_table
from detente.stability.status_quo import StatusQuoAnalysis

Bools = NDArray[np.bool_]
MOST_OUTCOMES = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """One state and why it is shown.

    Attributes:
        state: its number from 0.
        reasons: in words.
    """

    state: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, repr=False, eq=False)
class Outcomes(Result):
    """Selected states.

    Attributes:
        graph: the conflict.
        stability, status_quo: the answers they were selected from.
        selected: at most eight, today's state not among them.
    """

    graph: GraphModel
    stability: Stability
    status_quo: StatusQuoAnalysis
    selected: tuple[Outcome, ...]

    def to_dict(self) -> dict[str, Any]:
        """State ids with their reasons."""
        return {"outcomes": [{"state": self.graph.states.id(o.state), "why": list(o.reasons)} for o in self.selected]}

    def table(self) -> Table:
        """Options as rows; today's state and the selected ones as columns."""
        today = self.status_quo.start
        columns = ([] if today is None else [today]) + [o.state for o in self.selected]
        marks = {c: e for c, e in self.stability.equilibrium.items() if e is not None}
        return option_table(self.graph, columns, marks)


def select_outcomes(stability: Stability, status_quo: StatusQuoAnalysis, provenance: Provenance) -> Outcomes:
    """Choose the states to show: few equilibria are shown whole, many by what distinguishes them.

    Args:
        stability: with the concepts nash and seq.
        status_quo: the analysis from today's state.
        provenance: carried into the result.
    """
    graph = stability.graph
    if not _judging(graph):
        return Outcomes(provenance, graph, stability, status_quo, ())  # where nobody minds, no state stands out
    chosen: dict[int, list[str]] = {}
    nash, seq = (_known(stability, c) for c in ("nash", "seq"))
    today = status_quo.start
    _show_all(chosen, nash, today, "nobody can gain by a step of its own")
    _show_all(chosen, seq, today, "every tempting step would be answered by the others in their own interest")
    if today is not None:
        distance = _changed_options(graph, today)
        liked = status_quo.all_prefer & seq
        where = "all prefer to today and which would hold"
        _pick(chosen, liked, -distance, f"the smallest change that {where}")
        _pick(chosen, liked, distance, f"the largest change that {where}")
        for party in graph.parties:
            ranks = graph.ranks[party]
            if ranks is not None and graph.case.file.parties[party].role == "signatory":
                name = graph.case.party_name(party)
                _pick(chosen, liked, ranks.astype(np.int64), f"best for {name} of those that {where}")
        _pick(chosen, nash & _all_dislike(graph, today), -distance, "a trap: all would be worse off, and it would hold")
        _pick(chosen, nash & (np.arange(len(graph)) != today), -distance, "the nearest from which nobody gains alone")
    outcomes = tuple(Outcome(s, tuple(dict.fromkeys(r))) for s, r in list(chosen.items())[:MOST_OUTCOMES])
    return Outcomes(provenance, graph, stability, status_quo, outcomes)


def _known(stability: Stability, concept: str) -> Bools:
    """The states that surely hold, also where some order is missing."""
    if concept not in stability.concepts:
        return np.zeros(len(stability.graph), bool)
    return stability.bounds(concept).always


def _show_all(chosen: dict[int, list[str]], states: Bools, today: int | None, reason: str) -> None:
    found = [int(s) for s in np.flatnonzero(states) if s != today] if states.sum() <= MOST_OUTCOMES // 2 else []
    for state in found:
        chosen.setdefault(state, []).append(reason)


def _pick(chosen: dict[int, list[str]], among: Bools, score: NDArray[np.int64], reason: str) -> None:
    """The state with the highest score, the first of equals."""
    states = np.flatnonzero(among)
    if len(states):
        chosen.setdefault(int(states[np.argmax(score[states])]), []).append(reason)


def _changed_options(graph: GraphModel, today: int) -> NDArray[np.int64]:
    cells = graph.states.digits[:, graph.states.cell_of]
    return np.asarray((cells != cells[:, [today]]).sum(axis=0), np.int64)


def _judging(graph: GraphModel) -> list[str]:
    """Parties whose preference is written, in whatever form (an indifferent stand-in does not count)."""
    forms = {p: graph.case.preference(p) for p in graph.parties}
    return [p for p, f in forms.items() if f is not None and f.form() is not None]


def _all_dislike(graph: GraphModel, today: int) -> Bools:
    ordered = [ranks for p in _judging(graph) if (ranks := graph.ranks[p]) is not None]
    return np.logical_and.reduce([r < r[today] for r in ordered]) if ordered else np.zeros(len(graph), bool)
