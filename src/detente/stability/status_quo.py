"""Status-quo analysis: what can be reached from today, by whose moves, and what all would prefer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.model import GraphModel
from detente.graph.paths import UNREACHED, Reach, Step
from detente.stability.option_table import MOST_LISTED

Bools = NDArray[np.bool_]


@dataclass(frozen=True, repr=False, eq=False)
class StatusQuoAnalysis(Result):
    """What leads away from today.

    Attributes:
        graph: the conflict.
        start: today's state, or None if the case has none.
        improvements: what can be reached by improvements only; None without a status quo.
        moves: what can be reached by any moves.
        all_prefer: shape (states,): every party with an order strictly prefers the state to today.

    Source: Li, Kilgour, Hipel 2005, status quo analysis in the graph model for conflict resolution.
    """

    graph: GraphModel
    start: int | None
    improvements: Reach | None
    moves: Reach | None
    all_prefer: Bools

    def reached(self, *, improving: bool) -> Mapping[str, int]:
        """State id -> length of the shortest legal sequence to it."""
        found = self.improvements if improving else self.moves
        if found is None:
            return {}
        lengths = found.lengths
        return {self.graph.states.id(int(s)): int(lengths[s]) for s in np.flatnonzero(lengths != UNREACHED)}

    def path(self, state: int, *, improving: bool) -> tuple[Step, ...] | None:
        """One shortest legal sequence from today to a state."""
        found = self.improvements if improving else self.moves
        return None if found is None else found.path(state)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """Lengths of the shortest sequences and the states all prefer; above 10,000 states counts, unless full."""
        states = self.graph.states
        listed = full or len(states) <= MOST_LISTED
        preferred = [states.id(int(s)) for s in np.flatnonzero(self.all_prefer)]
        by_improvements, by_moves = self.reached(improving=True), self.reached(improving=False)
        return {
            "status_quo": None if self.start is None else states.id(self.start),
            "improvements": dict(by_improvements) if listed else len(by_improvements),
            "moves": dict(by_moves) if listed else len(by_moves),
            "all_prefer": preferred if listed else len(preferred),
        }

    def table(self) -> Table:
        """How many states can be reached, by length."""
        rows = []
        for name, improving in (("improvements only", True), ("any moves", False)):
            lengths = list(self.reached(improving=improving).values())
            longest = f"{max(lengths)} moves at most" if lengths else ""
            rows.append((name, f"{len(lengths):,}", longest))
        return Table(("from today by", "states", ""), tuple(rows))


def status_quo_analysis(graph: GraphModel, provenance: Provenance) -> StatusQuoAnalysis:
    """Search from today's state, and find what every party prefers to it.

    Args:
        graph: the conflict.
        provenance: carried into the result.
    """
    start = graph.states.status_quo
    preferred = np.zeros(len(graph), bool)
    if start is None:
        return StatusQuoAnalysis(provenance, graph, None, None, None, preferred)
    judging = [p for p in graph.parties if _has_order(graph, p)]
    if judging:
        preferred[:] = True
    for party in judging:
        ranks = graph.rank(party)
        preferred &= ranks > ranks[start]
    improving = Reach.of(graph, start, improving=True)
    return StatusQuoAnalysis(
        provenance, graph, start, improving, Reach.of(graph, start, improving=False), preferred
    )  # fmt: skip


def _has_order(graph: GraphModel, party: str) -> bool:
    """Whether a party has written preferences that order the states (an indifferent stand-in does not count)."""
    return graph.ranks[party] is not None and graph.case.preference(party) is not None
