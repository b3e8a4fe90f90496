"""Claims: what somebody says a party prefers, other things equal, held against the party's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.case.blocks.claims import Claim
from detente.case.meaning import options_in
from detente.graph.model import GraphModel
from detente.space.masks import mask
from detente.space.moves import numbered


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """How a claim fares.

    Attributes:
        claim: the claim.
        pairs: pairs of feasible states compared: one matching each side, equal in all options neither side names.
        held: pairs in which the party strictly prefers the first.
        reversed: pairs in which it strictly prefers the second.
        known: whether the party has an order to judge by.
    """

    claim: Claim
    pairs: int
    held: int
    reversed: int
    known: bool

    @property
    def holds(self) -> bool:
        """Whether the claim holds in every pair (and there is one)."""
        return self.known and 0 < self.pairs == self.held


def judge_claim(graph: GraphModel, claim: Claim) -> ClaimTest:
    """Compare all pairs of states that differ only in what a claim names.

    Args:
        graph: the conflict.
        claim: who is said to prefer what.
    """
    states = graph.states
    ranks = graph.ranks[claim.party]
    if ranks is None or graph.case.preference(claim.party) is None:
        return ClaimTest(claim, 0, 0, 0, known=False)
    better, worse = (graph.case.meaning(c) for c in claim.prefers)
    named = options_in(better) | options_in(worse)
    others = [o for o in range(len(states.space.options)) if o not in named]
    group = numbered(states.digits[others], [states.space.counts[o] for o in others], states.cells)
    first, second = (np.flatnonzero(mask(c, states.digits)) for c in (better, worse))
    cell_ranks = ranks[states.state_of]
    pairs = held = against = 0
    order = second[np.lexsort((cell_ranks[second], group[second]))]
    keys = group[order].astype(np.int64) * (len(graph) + 1) + cell_ranks[order]
    for cells in np.array_split(first, max(1, len(first) // 100_000)):
        base = group[cells].astype(np.int64) * (len(graph) + 1)
        begin, end = np.searchsorted(keys, base, "left"), np.searchsorted(keys, base + len(graph), "right")
        low = np.searchsorted(keys, base + cell_ranks[cells], "left")
        high = np.searchsorted(keys, base + cell_ranks[cells], "right")
        pairs += int((end - begin).sum())
        held += int((low - begin).sum())
        against += int((end - high).sum())
    return ClaimTest(claim, pairs, held, against, known=True)
