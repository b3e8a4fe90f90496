"""Stability under any reading of the concepts, by plain search: exact, slow, up to 2,000 states.

The search keeps, for every start, what the opponents can bring about and, as far as needed, who has moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from detente.base.errors import LimitReached
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks
from detente.stability.concepts import CONCEPTS
from detente.stability.readings import EACH_ONCE, FREE, LAST, LEGAL, NET, ONE_MOVE, RIGHT, START, Reading

Bools = NDArray[np.bool_]
Int64 = NDArray[np.int64]
MOST_STATES = 2_000
ANY = "any"


@dataclass(frozen=True, eq=False)
class Plain:
    """A graph model as plain lists of moves.

    Attributes:
        parties: all, in file order.
        moves: for each party that moves, its moves as a matrix of shape (states, states).
        ranks: for each party, ranks of shape (states,), or None where it has no order.
        blind: for some parties, the states that do not exist for it, shape (states,): it neither leaves nor enters
            them.
    """

    parties: tuple[str, ...]
    moves: Mapping[str, Bools]
    ranks: Mapping[str, Ranks | None]
    blind: Mapping[str, Bools] = field(default_factory=dict)
    _memory: dict[tuple[object, ...], Bools] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, graph: GraphModel) -> Plain:
        """The moves and ranks of a graph model.

        Args:
            graph: the conflict.

        Raises:
            LimitReached: more than 2,000 states.
        """
        count = len(graph)
        if count > MOST_STATES:
            advice = "Differences are listed; other readings are tried on smaller cases only."
            raise LimitReached("states for other readings of the definitions", f"{count:,}", MOST_STATES, advice)
        moves = {}
        for party in graph.movers:
            matrix = np.zeros((count, count), bool)
            for state in range(count):
                matrix[state, graph.reachable(party, state)] = True
            moves[party] = matrix
        return cls(graph.parties, moves, dict(graph.ranks))

    def with_ranks(self, ranks: Mapping[str, Ranks]) -> Plain:
        """The same with other preferences for some parties."""
        return Plain(self.parties, self.moves, {**self.ranks, **ranks}, self.blind)

    def with_blind(self, blind: Mapping[str, Bools]) -> Plain:
        """The same where some parties neither enter nor leave states that they do not see."""
        moves = dict(self.moves)
        for party, hidden in blind.items():
            if party in moves:
                moves[party] = moves[party] & ~hidden[:, None] & ~hidden[None, :]
        return Plain(self.parties, moves, self.ranks, blind)

    def __len__(self) -> int:
        return len(next(iter(self.moves.values()))) if self.moves else len(next(iter(self._ordered.values())))

    @cached_property
    def _ordered(self) -> dict[str, Ranks]:
        return {p: r for p, r in self.ranks.items() if r is not None}

    def judged(self, concept: str, party: str, reading: Reading = RIGHT, states: Int64 | None = None) -> Bools | None:
        """Which states are stable for a party under a reading of a concept.

        Args:
            concept: ``nash``, ``gmr``, ``smr``, ``seq`` or ``sseq``.
            party: whose stability.
            reading: how the definition is read.
            states: numbers of the states asked about; all of them where not given.

        Returns:
            Shape (states asked,), or None where an order that is needed is not known.
        """
        ranks = self.ranks[party]
        asked = np.arange(len(self)) if states is None else states
        opponents = tuple(p for p in self.moves if p != party)
        credible = _credible(concept, reading)
        if ranks is None or (credible and any(self.ranks[o] is None for o in opponents)):
            return None
        if party not in self.moves:
            return np.ones(len(asked), bool)
        tempting = self._improving(party, reading)[asked]
        if concept == "nash" or reading.unpunished:
            calm: Bools = np.logical_not(tempting.any(axis=1))
            return calm
        starts = np.flatnonzero(tempting.any(axis=0))
        outcomes = self._outcomes(opponents, starts, reading, credible=credible)
        place = np.zeros(len(self), np.int64)
        place[starts] = np.arange(len(starts))
        after = self._best_escape(party, reading) if CONCEPTS[concept].escape else None
        stable = np.ones(len(asked), bool)
        for n, state in enumerate(asked):
            punishing = self._punishing(party, int(state), reading, after)
            answered = (outcomes[place[np.flatnonzero(tempting[n])]] & punishing).any(axis=1)
            stable[n] = bool(answered.all())
        return stable

    def _punishing(self, party: str, state: int, reading: Reading, after: Ranks | None) -> Bools:
        """The outcomes that are sanctions for a party that has left a state."""
        ranks = self._ordered[party]
        here = ranks[state]
        out: Bools = ranks < here if reading.strict else ranks <= here
        if after is not None:
            out = out & (after < here if reading.escape == "equal" else after <= here)
        if not reading.back:
            out = out.copy()
            out[state] = False
        return out

    def _improving(self, party: str, reading: Reading) -> Bools:
        """The moves of a party that improve its position, shape (states, states)."""
        key = ("improving", party, reading.ties)
        if key not in self._memory:
            ranks = self._ordered[party]
            better = ranks[None, :] >= ranks[:, None] if reading.ties else ranks[None, :] > ranks[:, None]
            self._memory[key] = self.moves[party] & better
        return self._memory[key]

    def _best_escape(self, party: str, reading: Reading) -> Ranks | None:
        """The best rank that a party's own moves lead to from every state; -1 where it has no move."""
        if reading.escape == "none":
            return None
        ranks, moves = self._ordered[party], self.moves[party]
        if reading.escape == "several":
            moves = self._outcomes((party,), np.arange(len(self)), Reading(sequences=FREE), credible=False)
        best: Ranks = np.where(moves, ranks[None, :], -1).max(axis=1, initial=-1)
        return best

    def _outcomes(self, movers: Sequence[str], starts: Int64, reading: Reading, *, credible: bool) -> Bools:
        """What the movers can bring about from each start (itself left out), shape (starts, states)."""
        steps = reading.steps if credible else ANY
        key = (tuple(movers), starts.tobytes(), reading.sequences, steps, credible and reading.ties)
        if key not in self._memory:
            search = _Search(self, movers, starts, reading, steps)
            self._memory[key] = search.outcomes()
        return self._memory[key]


def _credible(concept: str, reading: Reading) -> bool:
    """Whether the opponents' answers must be improvements."""
    if concept == "nash":
        return False
    return CONCEPTS[concept].credible if reading.credible is None else reading.credible


class _Search:
    """Sequences of some movers from all starts at once, breadth first.

    A node is the last mover and the set of all that have moved, as far as the reading needs to know them; what has
    been reached at a node is a matrix of shape (starts, states).
    """

    def __init__(self, model: Plain, movers: Sequence[str], starts: Int64, reading: Reading, steps: str) -> None:
        self.model = model
        self.movers = tuple(movers)
        self.starts = starts
        self.reading = reading
        self.steps = steps
        whole = {m: model.moves[m] if steps in (ANY, LAST, NET, START) else self._improving(m) for m in movers}
        self.arcs = {m: csr_array(w.T.astype(np.float32)) for m, w in whole.items()}

    def outcomes(self) -> Bools:
        """Where the sequences end, the start itself left out."""
        at: dict[tuple[str, frozenset[str]], Bools] = {}
        own = np.zeros((len(self.starts), len(self.model)), bool)
        own[np.arange(len(self.starts)), self.starts] = True
        fresh = {("", frozenset[str]()): own}
        out = np.zeros_like(own)
        while fresh:
            found: dict[tuple[str, frozenset[str]], Bools] = {}
            for (last, used), here in fresh.items():
                for mover in self._next(last, used):
                    node = self._node(mover, used)
                    reached = self._step(mover, here)
                    if self.steps == LAST:
                        out |= self._ending(mover, here)
                    found[node] = found[node] | reached if node in found else reached
            fresh = {}
            for node, reached in found.items():
                new = reached & ~at[node] if node in at else reached
                if new.any():
                    at[node] = at[node] | new if node in at else new
                    fresh[node] = new
        if self.steps != LAST:
            for (_, used), reached in at.items():
                out |= reached & self._net(used) if self.steps == NET else reached
        out[np.arange(len(self.starts)), self.starts] = False
        return out

    def _next(self, last: str, used: frozenset[str]) -> Iterator[str]:
        """Who may move now."""
        for mover in self.movers:
            barred = {
                LEGAL: mover == last, ONE_MOVE: bool(last), EACH_ONCE: mover in used, FREE: False,
            }[self.reading.sequences]  # fmt: skip
            if not barred:
                yield mover

    def _node(self, mover: str, used: frozenset[str]) -> tuple[str, frozenset[str]]:
        """What must be remembered after a step."""
        sequences = self.reading.sequences
        remembered = used | {mover} if sequences == EACH_ONCE or self.steps == NET else frozenset()
        if sequences == EACH_ONCE:
            return ANY, remembered
        return (ANY if sequences == FREE else mover), remembered

    def _step(self, mover: str, here: Bools) -> Bools:
        reached: Bools = (self.arcs[mover] @ here.T.astype(np.float32)).T > 0
        return reached & self._better_than_start(mover) if self.steps == START else reached

    def _ending(self, mover: str, here: Bools) -> Bools:
        """Where a last step that is an improvement leads."""
        arcs = csr_array(self._improving(mover).T.astype(np.float32))
        reached: Bools = (arcs @ here.T.astype(np.float32)).T > 0
        return reached

    def _improving(self, mover: str) -> Bools:
        return self.model._improving(mover, self.reading)  # noqa: SLF001 - one search in two classes

    def _better_than_start(self, mover: str) -> Bools:
        ranks = self.model._ordered[mover]  # noqa: SLF001
        mine = ranks[self.starts][:, None]
        better: Bools = ranks[None, :] >= mine if self.reading.ties else ranks[None, :] > mine
        return better

    def _net(self, used: frozenset[str]) -> Bools:
        better: Bools = np.logical_and.reduce([self._better_than_start(m) for m in used])
        return better
