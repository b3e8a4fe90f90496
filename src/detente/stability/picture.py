"""One party's picture of a conflict, matched state by state with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.graph.model import GraphModel
from detente.graph.ranks import dense
from detente.space.moves import numbered
from detente.space.states import StateSpace

Bools = NDArray[np.bool_]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Picture:
    """One party's picture of the conflict, beside the truth.

    Attributes:
        party: whose.
        truth: the conflict as it is.
        graph: the conflict as the party sees it.
        image: for every true state the party's own state it is known as, -1 where the party does not see it; a merged
            state is known by the last of its members that the party sees; shape (true states,).
        imagined: the party's states that are impossible in truth, ascending.
    """

    party: str
    truth: GraphModel
    graph: GraphModel
    image: Int64
    imagined: Int64

    @classmethod
    def of(cls, truth: GraphModel, graph: GraphModel, party: str) -> Picture:
        """Match the states of a picture with the true ones."""
        return cls(party, truth, graph, *matched(truth.states, graph.states))

    @property
    def seen(self) -> Bools:
        """The true states that the party sees."""
        here: Bools = self.image >= 0
        return here

    @property
    def renumbered(self) -> bool:
        """Whether the picture gives some state another number than it has in truth."""
        return bool(len(self.image) != len(self.graph) or (self.image != np.arange(len(self.image))).any())

    @cached_property
    def orders(self) -> tuple[str, ...]:
        """Parties that the picture gives another order of the states it shares with the truth."""
        _, common = np.unique(self.image, return_index=True)
        common = common[self.image[common] >= 0]
        return tuple(p for p in self.graph.parties if not self._same_order(p, common))

    def _same_order(self, party: str, common: Int64) -> bool:
        true, seen = self.truth.ranks[party], self.graph.ranks[party]
        if true is None or seen is None:
            return true is seen and self.truth.case.preference(party) == self.graph.case.preference(party)
        return bool((dense(true[common]) == dense(seen[self.image[common]])).all())

    @cached_property
    def options(self) -> tuple[str, ...]:
        """Options that the picture gives other moves."""
        true, seen = self.truth.states.space, self.graph.states.space
        return tuple(o for o, a, b in zip(true.options, true.windows, seen.windows, strict=True) if a != b)


def matched(truth: StateSpace, seen: StateSpace) -> tuple[Int64, Int64]:
    """Find the states of one space in another with the same options, by the keys of their members.

    Args:
        truth, seen: the two spaces.

    Returns:
        For every state of ``truth`` the state of ``seen`` that its last member in ``seen`` belongs to, -1 where none
        is there, shape (states of truth,); and the states of ``seen`` without any member in ``truth``, ascending.
    """
    if truth is seen:
        return np.arange(len(truth)), np.zeros(0, np.int64)
    both = np.concatenate([truth.digits, seen.digits], axis=1)
    code = numbered(both, list(truth.space.counts), both.shape[1])
    here, there = code[: truth.cells], code[truth.cells :]
    place = np.full(int(code.max()) + 1, -1, np.int64)
    place[there] = seen.state_of
    found = place[here]
    last = np.full(len(truth), -1, np.int64)
    common = np.flatnonzero(found >= 0)
    np.maximum.at(last, truth.state_of[common], common)
    image = np.where(last >= 0, found[last], -1)
    real = np.zeros(len(seen), bool)
    real[found[common]] = True
    return image, np.flatnonzero(~real)
