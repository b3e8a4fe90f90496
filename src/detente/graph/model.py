"""``GraphModel``: states, moves and ranks together: the graph model of a conflict (Fang, Hipel, Kilgour 1993)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.case.model import Case
from detente.graph.ranks import Ranks, ranks_of
from detente.graph.tables import Tables
from detente.space.moves import Moves
from detente.space.states import StateSpace

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GraphModel:
    """A conflict as a graph.

    Attributes:
        case: whose preferences the ranks express.
        states: the enumerated case.
        moves: what each party can reach alone.
        ranks: party -> rank of every state (0 worst, ties share a rank), or None where there is no order.
        warnings: remarks on how the ranks came about.
    """

    case: Case
    states: StateSpace
    moves: Moves
    ranks: dict[str, Ranks | None]
    warnings: tuple[str, ...] = ()
    _tables: dict[str, Tables] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, case: Case, states: StateSpace, moves: Moves | None = None) -> GraphModel:
        """The graph of an enumerated case.

        Args:
            case: whose preferences count.
            states: its states, or those of a case with the same options and rules.
            moves: the moves on them, if they are at hand.

        Raises:
            CaseError: an order that contradicts itself.
        """
        found = {p: ranks_of(case, states, p) for p in case.parties}
        warnings = tuple(w for _, remarks in found.values() for w in remarks)
        return cls(case, states, moves or Moves(states), {p: r for p, (r, _) in found.items()}, warnings)

    def __len__(self) -> int:
        return len(self.states)

    @property
    def parties(self) -> tuple[str, ...]:
        """Party ids in file order."""
        return self.case.parties

    @property
    def movers(self) -> tuple[str, ...]:
        """Parties that move by themselves: all with options but mediators."""
        parties = self.case.file.parties
        owners = set(self.states.space.owners)
        return tuple(p for p in self.parties if p in owners and parties[p].role != "mediator")

    def tables(self, party: str) -> Tables:
        """The party's fibres as tables sorted by its own rank, made on first use."""
        if party not in self._tables:
            ranks = self.ranks[party]
            cells = np.zeros(self.states.cells, np.int32) if ranks is None else ranks[self.states.state_of]
            self._tables[party] = Tables.of(self.moves, party, cells)
        return self._tables[party]

    def rank(self, party: str) -> Ranks:
        """Ranks of a party that has an order."""
        ranks = self.ranks[party]
        if ranks is None:
            raise ValueError(f"{party} has no order")
        return ranks

    def reachable(self, party: str, state: int) -> Int64:
        """States a party can move to alone from a state; none for a mediator, which never moves by itself."""
        return self.moves.reachable(party, state) if party in self.movers else np.zeros(0, np.int64)

    def improvements(self, party: str, state: int) -> Int64:
        """Unilateral improvements: states a party can move to alone and prefers."""
        reached = self.reachable(party, state)
        ranks = self.rank(party)
        better: Int64 = reached[ranks[reached] > ranks[state]]
        return better
