"""The line of play a party counts with from one state: found by search from the definition, not read off the engine."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detente.base.errors import LimitReached
from detente.graph.model import GraphModel
from detente.stability.witness import Step

Ends = frozenset[int]
MOST_POSITIONS = 200_000
"""So many positions (who is to move where with how many moves left) are looked at."""


def anticipated(graph: GraphModel, party: str, state: int, horizon: int) -> tuple[Step, ...]:
    """What a party that looks ahead counts with if it is to move: its own move and those that follow.

    Among equally good moves, and among others who might move next, it counts with what is worst for it (the
    pessimistic version).

    Args:
        graph: the conflict; all who move must have an order.
        party: who is to move.
        state: number from 0.
        horizon: moves left.

    Returns:
        The moves in order, at most ``horizon``; none if the party stays.

    Raises:
        LimitReached: too many positions to look at.
    """
    if party not in graph.movers:
        return ()
    search = _Search(graph)
    ends = search.ends(party, state, horizon)
    ranks = graph.rank(party)
    goal = min(ends, key=lambda s: (int(ranks[s]), s))
    steps: list[Step] = []
    mover: str | None = party
    left = horizon
    while mover is not None and goal in search.ends(mover, state, left):
        moves = search.moves(mover, state, left)
        if not moves:
            break
        target = next(t for t in moves if goal in search.after(mover, t, left - 1))
        steps.append(Step(mover, graph.states.id(state), graph.states.id(target)))
        left -= 1
        mover = next((j for j in search.next_movers(mover, target, left) if goal in search.ends(j, target, left)), None)
        state = target
    return tuple(steps)


@dataclass
class _Search:
    """The definition, position by position; each is looked at once."""

    graph: GraphModel
    known: dict[tuple[str, int, int], tuple[tuple[int, ...], Ends]] = field(default_factory=dict)

    def moves(self, mover: str, state: int, left: int) -> tuple[int, ...]:
        """The moves that end best for the mover, if that is better for it than to stay."""
        return self._position(mover, state, left)[0]

    def ends(self, mover: str, state: int, left: int) -> Ends:
        """The states in which play may end."""
        return self._position(mover, state, left)[1]

    def _position(self, mover: str, state: int, left: int) -> tuple[tuple[int, ...], Ends]:
        if left == 0:
            return (), frozenset({state})
        place = (mover, state, left)
        if place not in self.known:
            if len(self.known) >= MOST_POSITIONS:
                advice = "Look fewer moves ahead."
                raise LimitReached("positions to look at", f"more than {MOST_POSITIONS:,}", MOST_POSITIONS, advice)
            self.known[place] = self._judged(mover, state, left)
        return self.known[place]

    def _judged(self, mover: str, state: int, left: int) -> tuple[tuple[int, ...], Ends]:
        ranks = self.graph.rank(mover)
        reached = self.graph.reachable(mover, state)
        if left == 1:
            values = ranks[reached]
        else:
            after = [self.after(mover, int(t), left - 1) for t in reached]
            values = np.array([min(int(ranks[e]) for e in ends) for ends in after], np.int32)
        if not len(values) or values.max() <= ranks[state]:
            return (), frozenset({state})
        moves = tuple(int(t) for t in reached[values == values.max()])
        return moves, frozenset().union(*(self.after(mover, t, left - 1) for t in moves))

    def next_movers(self, mover: str, state: int, left: int) -> list[str]:
        """Who else would move, of those the ones whose move is worst for ``mover``; nobody: play ends."""
        ranks = self.graph.rank(mover)
        worst = {
            j: min(int(ranks[e]) for e in self.ends(j, state, left))
            for j in self.graph.movers
            if j != mover and self.moves(j, state, left)
        }
        return [j for j, value in worst.items() if value == min(worst.values())]

    def after(self, mover: str, state: int, left: int) -> Ends:
        """The states in which play may end once ``mover`` has moved here."""
        following = self.next_movers(mover, state, left)
        return frozenset().union(*(self.ends(j, state, left) for j in following)) if following else frozenset({state})
