"""Coalition stability: what groups of parties could do together, by legal sequences or by one joint move.

N are all parties but mediators, also those without moves. Definitions (Inohara, Hipel 2008), for a group H and the
others F = N without H:

- R_H(s): what H can reach. ``legal``: by its members' moves, one at a time, nobody twice in a row. ``joint``: by one
  change of all its options at once, which may jump what is not feasible; directions and floors hold for every option,
  and a coalesced state can do what any of its members can. The word means the same wherever a definition says R, for H
  as for F, so that in ``cgmr`` the others can do at least what they can in ``cseq`` (nothing coalesced). A tool that
  merges one coalition into one decision maker leaves the others single instead, with legal sequences; for ``cgmr`` and
  ``csmr`` that is the same wherever nothing is coalesced and no rule of feasibility ties options of different parties.
- CI_H(s): the states of R_H(s) that every member strictly prefers to s. A state punishes H if at least one member does
  not strictly prefer it to s.
- With nobody else who moves nothing is punished: every concept is ``cnash`` for all parties together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached, UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.bits import hold_to_sets
from detente.graph.model import GraphModel
from detente.stability.coalition_sets import Coalition, CoalitionSets
from detente.stability.coalition_witness import GroupVerdict, group_witness
from detente.stability.option_table import MOST_LISTED

Bools = NDArray[np.bool_]
MOST_COALITIONS = 1023
MOVES = ("legal", "joint")


@dataclass(frozen=True, slots=True)
class CoalitionConcept:
    """A solution concept for a group.

    Attributes:
        id: name on the command line and in JSON.
        name: name in the literature.
        meaning: one sentence for a reader.
        implies: concepts under which every state stable here is stable too (``cseq``: where nothing is coalesced).
        source: where it is defined.
    """

    id: str
    name: str
    meaning: str
    implies: tuple[str, ...]
    source: str = "Inohara, Hipel 2008; Kilgour, Hipel, Fang, Peng 2001"


COALITION_CONCEPTS = {
    c.id: c
    for c in (
        CoalitionConcept(
            "cnash", "coalition Nash stability", "the group can reach nothing that all its members prefer",
            implies=("cgmr", "csmr", "cseq"),
        ),
        CoalitionConcept(
            "cgmr", "coalition general metarationality",
            "the others can answer all that the group's members prefer so that some member ends no better off",
            implies=(),
        ),
        CoalitionConcept(
            "csmr", "coalition symmetric metarationality",
            "the others can answer so that some member ends no better off, and the group's next move does not mend it",
            implies=("cgmr",),
        ),
        CoalitionConcept(
            "cseq", "coalition sequential stability",
            "the others, alone or in groups, can answer by moves that they prefer themselves, and some member ends no "
            "better off",
            implies=("cgmr",),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Coalitions(Result):
    """Which states are stable for which groups.

    Attributes:
        sets: the engine: the graph, and what groups can reach.
        moves: ``legal`` or ``joint``.
        concepts: ids in the order asked.
        coalitions: the groups judged, smallest first: all, or the blocks of the structure.
        stable: concept -> group -> shape (states,), or None where a member (``cseq``: anybody) has no order.
        structure: the coalition structure asked for, or None.
        universal: concept -> shape (states,): stable for every group; None with a structure or where a verdict is
            missing.
        holds: concept -> shape (states,): stable for every group judged; None where a verdict is missing.
    """

    sets: CoalitionSets
    moves: str
    concepts: tuple[str, ...]
    coalitions: tuple[Coalition, ...]
    stable: Mapping[str, Mapping[Coalition, Bools | None]]
    structure: tuple[Coalition, ...] | None
    universal: Mapping[str, Bools | None]
    holds: Mapping[str, Bools | None]

    @property
    def graph(self) -> GraphModel:
        """The conflict asked."""
        return self.sets.graph

    def ids(self, concept: str, coalition: Sequence[str] | None = None) -> tuple[str, ...] | None:
        """Ids of the states stable for a group, or for every group judged; None where that is not known."""
        found = self.holds[concept] if coalition is None else self.stable[concept][self._group(coalition)]
        return None if found is None else tuple(self.graph.states.id(int(s)) for s in np.flatnonzero(found))

    def witness(self, concept: str, coalition: Sequence[str], state: str | int, most: int = 5) -> GroupVerdict:
        """The moves that prove one verdict.

        Args:
            concept: one of those asked.
            coalition: ids of the members of a group judged.
            state: number from 0, id or condition.
            most: so many punished improvements are told at most.

        Raises:
            UsageError: an unknown concept, group or state, or an order that is missing.
        """
        if concept not in self.stable:
            raise UsageError(f"the concept {shown(concept)}", f"one of {', '.join(self.stable)}")
        group = self._group(coalition)
        if self.stable[concept][group] is None:
            raise UsageError("a verdict without an order", "a group whose members', and others', orders are known")
        number = state if isinstance(state, int) else self.graph.states.find(state)
        return group_witness(self.sets, group, concept, number, most)

    def _group(self, coalition: Sequence[str]) -> Coalition:
        group = tuple(p for p in self.graph.parties if p in coalition)
        if group not in self.coalitions or len(group) != len(coalition):
            known = ", ".join("+".join(c) for c in self.coalitions[:20])
            raise UsageError(f"the group {shown('+'.join(coalition))}", f"one of {known}")
        return group

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """Stable states per group and those stable for all; above 10,000 states counts, unless ``full``."""
        listed = full or len(self.graph) <= MOST_LISTED
        stable = {
            c: {"+".join(g): self._ids(s, listed=listed) for g, s in of.items()} for c, of in self.stable.items()
        }  # fmt: skip
        structure = None
        if self.structure is not None:
            holds = {c: self._ids(s, listed=True) for c, s in self.holds.items()}
            structure = {"blocks": [list(b) for b in self.structure], "stable": holds}
        universal = {c: self._ids(s, listed=True) for c, s in self.universal.items()}
        return {
            "moves": self.moves, "concepts": list(self.concepts), "coalitions": [list(c) for c in self.coalitions],
            "stable": stable, "universal": universal, "structure": structure,
        }  # fmt: skip

    def table(self) -> Table:
        """Number of stable states per group and concept, and of those stable for every group."""
        names = self.graph.case.party_name
        rows = [
            (" + ".join(names(p) for p in g), *(_count(self.stable[c][g]) for c in self.concepts))
            for g in self.coalitions
        ]  # fmt: skip
        rows.append(
            (
                "every group" if self.structure is None else "all of them",
                *(_count(self.holds[c]) for c in self.concepts),
            )
        )
        title = f"stable states by group, of {len(self.graph):,} ({MOVES_IN_WORDS[self.moves]})"
        return Table(("group", *self.concepts), tuple(rows), title=title, rulers=(len(rows) - 1,))

    def _ids(self, states: Bools | None, *, listed: bool) -> list[str] | int | None:
        if states is None:
            return None
        return [self.graph.states.id(int(s)) for s in np.flatnonzero(states)] if listed else int(states.sum())


MOVES_IN_WORDS = {
    "legal": "members move one at a time, nobody twice in a row",
    "joint": "members change all their options at once",
}


def _count(states: Bools | None) -> str:
    return "not known" if states is None else f"{int(states.sum()):,}"


def coalition_stability(
    graph: GraphModel,
    provenance: Provenance,
    *,
    moves: str = "legal",
    concepts: Sequence[str] = tuple(COALITION_CONCEPTS),
    structure: str | None = None,
) -> Coalitions:
    """Find the states that are stable for groups of parties.

    Args:
        graph: the conflict, at most 20,000 states.
        provenance: carried into the result.
        moves: ``legal`` or ``joint``: what a group can reach.
        concepts: ids of ``COALITION_CONCEPTS``.
        structure: a division of the parties, blocks separated by commas, their members by ``+``; parties not named
            stand alone. None: all groups are judged.

    Raises:
        UsageError: an unknown word, or a structure that is no division of the parties.
        LimitReached: too many states or groups.

    Source: Kilgour, Hipel, Fang, Peng 2001, coalition analysis in group decision support; Inohara, Hipel 2008,
    coalition analysis in the graph model for conflict resolution.
    """
    for word, known in ((moves, MOVES), *((c, tuple(COALITION_CONCEPTS)) for c in concepts)):
        if word not in known:
            raise UsageError(f"the word {shown(word)}", f"one of {', '.join(known)}", did_you_mean(word, list(known)))
    hold_to_sets(graph, "coalitions")
    sets = CoalitionSets(graph, joint=moves == "joint")
    blocks = None if structure is None else blocks_of(graph, sets.parties, structure)
    coalitions = all_groups(sets.parties) if blocks is None else tuple(sorted(blocks, key=len))
    sets.hold_to_pairs(coalitions)
    stable = {c: {g: sets.stable(c, g) for g in coalitions} for c in concepts}
    holds = {c: _all(list(of.values())) for c, of in stable.items()}
    universal = {c: None if blocks is not None else found for c, found in holds.items()}
    return Coalitions(provenance, sets, moves, tuple(concepts), coalitions, stable, blocks, universal, holds)


def all_groups(parties: Sequence[str]) -> tuple[Coalition, ...]:
    """All groups of some parties, smallest first.

    Raises:
        LimitReached: more than 1,023 of them.
    """
    count = 2 ** len(parties) - 1
    if count > MOST_COALITIONS:
        advice = "Give a coalition structure."
        raise LimitReached("groups of parties", f"{count:,}", MOST_COALITIONS, advice)
    return tuple(g for size in range(1, len(parties) + 1) for g in combinations(parties, size))


def blocks_of(graph: GraphModel, parties: Sequence[str], structure: str) -> tuple[Coalition, ...]:
    """Read a coalition structure such as ``us+dprk,china``; parties not named stand alone.

    Args:
        graph: the conflict.
        parties: who can be in a group.
        structure: blocks separated by commas, their members by ``+``.

    Raises:
        UsageError: an unknown party, a mediator, or a party named twice.
    """
    blocks = [[p.strip() for p in block.split("+")] for block in structure.split(",") if block.strip()]
    named = [p for block in blocks for p in block]
    for party in named:
        if party not in parties:
            why = "a mediator, which is in no group" if party in graph.parties else "an unknown party"
            fix = did_you_mean(party, list(parties))
            raise UsageError(f"{shown(party)}, {why}", f"some of {', '.join(parties)}", fix)
        if named.count(party) > 1:
            raise UsageError(f"{shown(party)} twice in the structure", "every party once")
    alone = [[p] for p in parties if p not in named]
    ordered = [tuple(p for p in parties if p in block) for block in [*blocks, *alone]]
    return tuple(sorted(ordered, key=lambda block: parties.index(block[0])))


def _all(verdicts: Sequence[Bools | None]) -> Bools | None:
    known = [v for v in verdicts if v is not None]
    return np.logical_and.reduce(known) if known and len(known) == len(verdicts) else None
