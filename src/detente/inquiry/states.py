"""``states``: the enumerated states of a case as an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detente.base.result import Result
from detente.base.table import Table
from detente.graph.model import GraphModel
from detente.stability.option_table import MOST_LISTED, option_table, states_dict

MOST_COLUMNS = 24


@dataclass(frozen=True, repr=False, eq=False)
class States(Result):
    """The states of a case with the rank each party gives them."""

    graph: GraphModel

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``states``; above 10,000 states their number stands for them, unless full."""
        return states_dict(self.graph, listed=full or len(self.graph) <= MOST_LISTED)

    def table(self) -> Table:
        """The option table of the first states."""
        return option_table(self.graph, range(min(len(self.graph), MOST_COLUMNS)), {})
