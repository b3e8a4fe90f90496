"""``states``: the enumerated states of a case as an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detente.base.result import Result
from detente.base.table import Table
from detente.base.wording import words
from detente.graph.model import GraphModel
from detente.stability.option_table import MOST_LISTED, states_dict

MOST_COLUMNS = 24


@dataclass(frozen=True, repr=False, eq=False)
class States(Result):
    """The states of a case with the rank each party gives them."""

    graph: GraphModel

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``states``; above 10,000 states their number stands for them, unless full."""
        return states_dict(self.graph, listed=full or len(self.graph) <= MOST_LISTED)

    def table(self, *, full: bool = False, most: int | None = MOST_COLUMNS) -> Table:
        """One row per state: number, key, levels, ranks (0 is worst); the first ``most`` unless full or None."""
        graph, case = self.graph, self.graph.case
        count = len(graph) if full or most is None else min(len(graph), most)
        heads = ("state", "key", *(case.option_name(o) for o in case.options),
                 *(f"rank {case.party_name(p)}" for p in case.parties))  # fmt: skip
        rows = []
        for state in range(count):
            levels = graph.states.levels(state).values()
            today = " (today)" if state == graph.states.status_quo else ""
            ranks = (graph.ranks[p] for p in case.parties)
            rows.append((graph.states.id(state) + today, graph.states.key(state),
                         *("any" if v is None else words(v) for v in levels),
                         *("unknown" if r is None else str(int(r[state])) for r in ranks)))  # fmt: skip
        left = len(graph) - count
        return Table(heads, tuple(rows), note=f"and {left:,} more states" if left else "")
