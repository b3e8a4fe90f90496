"""Coalition stability of all states at once: the four concepts for one group of parties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.graph.closure import least_reachable
from detente.graph.groups import NEVER, Arcs, Group, joint_group, legal_group
from detente.graph.model import GraphModel
from detente.graph.tables import BEYOND, folded
from detente.stability.coalition_escape import Escapes

Bools = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Coalition = tuple[str, ...]
MOST_KEPT = 100_000_000
"""So many improvements of groups are kept; beyond that they are found anew each time they are needed."""
MOST_PAIRS = 40_000_000_000


class CoalitionSets:
    """Stable states of groups of parties, for one meaning of what a group can reach.

    Args:
        graph: the conflict, at most 20,000 states.
        joint: whether a group changes all its options at once (else by legal sequences).

    Attributes:
        parties: who can be in a group: all but mediators.
    """

    def __init__(self, graph: GraphModel, *, joint: bool) -> None:
        self.graph = graph
        self.joint = joint
        written = graph.case.file.parties
        self.parties = tuple(p for p in graph.parties if written[p].role != "mediator")
        self._groups: dict[Coalition, Group] = {}
        self._arcs: dict[Coalition, list[Arcs]] = {}
        self._by_source: dict[Coalition, tuple[Int64, Int32]] = {}
        self._kept = 0
        self._stable: dict[tuple[str, Coalition], Bools | None] = {}
        self._least: dict[tuple[bool, Coalition, str], Int32] = {}
        self._escapes = Escapes(graph, joint)

    def group(self, coalition: Sequence[str]) -> Group:
        """What a group can reach."""
        movers = tuple(m for m in self.graph.movers if m in coalition)
        if movers not in self._groups:
            make = joint_group if self.joint else legal_group
            self._groups[movers] = make(self.graph, movers)
        return self._groups[movers]

    def others(self, coalition: Sequence[str]) -> Coalition:
        """F: all who are not in the group."""
        return tuple(p for p in self.parties if p not in coalition)

    def hold_to_pairs(self, coalitions: Iterable[Coalition]) -> None:
        """Refuse what would take very long.

        Raises:
            LimitReached: too many pairs of states to compare.
        """
        pairs = sum(self.group(c).pairs for c in coalitions)
        if pairs > MOST_PAIRS:
            advice = "Give a coalition structure, or merge some parties or states."
            raise LimitReached("pairs of states that groups can go between", f"{pairs:,}", MOST_PAIRS, advice)

    # --- the four concepts -------------------------------------------------------------------------------------------

    def stable(self, concept: str, coalition: Coalition) -> Bools | None:
        """The states that are stable for a group.

        Args:
            concept: ``cnash``, ``cgmr``, ``csmr`` or ``cseq``.
            coalition: its members, none of them a mediator.

        Returns:
            Shape (states,); None where a member, or for ``cseq`` anybody else, has no order.
        """
        if (concept, coalition) not in self._stable:
            asked = self.parties if concept == "cseq" else coalition
            known = all(self.graph.ranks[p] is not None for p in asked)
            self._stable[concept, coalition] = self._judged(concept, coalition) if known else None
        return self._stable[concept, coalition]

    def _judged(self, concept: str, coalition: Coalition) -> Bools:
        if concept == "csmr":
            return self._unmended(coalition)
        ranks = [self._short(self.graph.rank(p)) for p in coalition]
        if concept == "cnash" or not self._answerable(coalition):
            return ~self.group(coalition).leaves([(r, r) for r in ranks])
        worst = [self._short(self._worst(concept, coalition, p)) for p in coalition]
        return ~self.group(coalition).leaves(list(zip(worst, ranks, strict=True)))

    def _unmended(self, coalition: Coalition) -> Bools:
        held, nash = self.stable("cgmr", coalition), self.stable("cnash", coalition)
        if held is None or nash is None or not self._answerable(coalition):
            return self._judged("cnash", coalition)
        others = self.group(self.others(coalition))
        return self._escapes.stable(self._with(coalition), others, held, nash, self.improvements(coalition))

    def unanswered(self, concept: str, coalition: Coalition, state: int) -> Bools:
        """Which improvements of a group on a state the others have no sanction for.

        Args:
            concept: as for ``stable``.
            coalition: its members, all with an order.
            state: number from 0.

        Returns:
            Shape (states,); what it says of states that are no improvement means nothing.
        """
        out = np.ones(len(self.graph), bool)
        if concept == "cnash" or not self._answerable(coalition):
            return out
        if concept == "csmr":
            others = self.group(self.others(coalition))
            return ~self._escapes.sanctioned(others, self.lasting(coalition, state))
        for party in coalition:
            out &= self._worst(concept, coalition, party) > self.graph.rank(party)[state]
        return out

    def lasting(self, coalition: Coalition, state: int) -> Bools:
        """Where a sanction for leaving a state would leave the group without a way to mend it, shape (states,)."""
        return self._escapes.lasting(self._with(coalition), state)

    def _with(self, coalition: Coalition) -> Group:
        """What a group can reach, with those of its members that do not move."""
        return replace(self.group(coalition), members=coalition)

    def _answerable(self, coalition: Coalition) -> bool:
        return bool(self.group(self.others(coalition)).movers)

    def _worst(self, concept: str, coalition: Coalition, party: str) -> Int32:
        """The least rank of a member that the others can bring about from each state."""
        key = (concept == "cseq", coalition, party)
        if key not in self._least:
            bring = self.least_by_improvements if concept == "cseq" else self.least_by_moves
            self._least[key] = bring(self.others(coalition), self.graph.rank(party))
        return self._least[key]

    # --- what a group can bring about --------------------------------------------------------------------------------

    def least_by_moves(self, coalition: Coalition, values: Int32) -> Int32:
        """For each state the least of its own value and those of all states that a group can reach."""
        group = self.group(coalition)
        if not group.equal and not self.joint:
            return least_reachable(self.graph, group.movers, values, improving=False)
        least = np.append(values.astype(np.int32), BEYOND)
        out = least.copy()
        if group.equal:
            for block in group.blocks:
                out[block] = np.where(block >= 0, folded(np.minimum, least[block]), BEYOND)
            return out[:-1]
        _relaxed(group.arcs(()), least[:-1], out[:-1])
        return out[:-1]

    def least_by_improvements(self, coalition: Coalition, values: Int32) -> Int32:
        """For each state the least of its own value and those that coalition improvements can lead to.

        Each step is an improvement for every member of one group within the coalition; no group twice in a row.
        Where no states are coalesced two steps of one group are one, so that one value per state is enough.
        """
        least = values.astype(np.int32).copy()
        groups = self.credible_groups(coalition)
        if not self.graph.moves.transitive:
            return self._last_group(groups, least)
        quiet = 0  # groups in a row that lowered nothing
        while quiet < len(groups):
            for group in groups:
                quiet = 0 if _relaxed(self.improvements(group), least, least) else quiet + 1
                if quiet == len(groups):
                    break
        return least

    def _last_group(self, groups: Sequence[Coalition], values: Int32) -> Int32:
        after = {g: np.full(len(values), BEYOND, np.int32) for g in groups}
        moved = True
        while moved:
            moved = False
            for group in groups:
                ahead = np.minimum.reduce([values, *(v for g, v in after.items() if g != group)])
                moved |= _relaxed(self.improvements(group), ahead, after[group])
        least: Int32 = np.minimum.reduce([values, *after.values()])
        return least

    def credible_groups(self, coalition: Coalition) -> list[Coalition]:
        """The groups within a coalition that count for ``cseq``, largest first.

        Members that do not move matter only for the rule that no group moves twice in a row.
        """
        able = coalition if not self.graph.moves.transitive else self.group(coalition).movers
        sizes = range(len(able), 0, -1)
        return [g for size in sizes for g in combinations(able, size) if self.group(g).movers]

    def improvements(self, coalition: Coalition) -> Iterable[Arcs]:
        """All coalition improvements of a group with orders, kept for the next time if they are not too many."""
        if coalition in self._arcs:
            return self._arcs[coalition]
        found = list(self._improvements(coalition, None))
        size = sum(len(a.targets) for a in found)
        if self._kept + size <= MOST_KEPT:
            self._kept += size
            self._arcs[coalition] = found
        return found

    def improvements_from(self, coalition: Coalition, state: int) -> NDArray[np.int32]:
        """CI_H(s): where a group can go from one state so that every member is better off, ascending."""
        if coalition not in self._by_source:
            arcs = list(self.improvements(coalition))
            nothing = np.zeros(0, np.int64)
            sources = np.concatenate([nothing, *(a.each_source() for a in arcs)])
            targets = np.concatenate([nothing, *(a.targets for a in arcs)]).astype(np.int32)
            order = np.lexsort([targets, sources])
            self._by_source[coalition] = (sources[order], targets[order])
        sources, targets = self._by_source[coalition]
        return np.unique(targets[slice(*np.searchsorted(sources, [state, state + 1]))])

    def _improvements(self, coalition: Coalition, sources: Bools | None) -> Iterator[Arcs]:
        ranks = [self._short(self.graph.rank(p)) for p in coalition]
        bounds = [r if sources is None else np.where(sources, r, NEVER) for r in ranks]
        return self.group(coalition).arcs(list(zip(ranks, bounds, strict=True)))

    @staticmethod
    def _short(values: Int32) -> NDArray[np.int16]:
        """Ranks of at most 20,000 states take two bytes."""
        return values.astype(np.int16)


def _relaxed(arcs: Iterable[Arcs], ahead: Int32, values: Int32) -> bool:
    """Lower values to the least that one of the arcs leads to; whether any fell."""
    fell = False
    for piece in arcs:
        found = np.minimum.reduceat(ahead[piece.targets], piece.starts)
        lower = found < values[piece.sources]
        if lower.any():
            # a source may stand in a piece several times, once for each of its members
            np.minimum.at(values, piece.sources[lower], found[lower])
            fell = True
    return fell
