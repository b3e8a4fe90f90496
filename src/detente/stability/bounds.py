"""What is sure of stability where not every party's order is known.

The states that are stable, and those that are not, however the unknown comparisons fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.graph.arcs import Arcs
from detente.graph.known import UNKNOWN, Known
from detente.graph.model import GraphModel
from detente.stability.concepts import CONCEPTS, Concept, stable_states
from detente.stability.unknown import ATTITUDES, Engine
from detente.stability.unknown_witness import unknown_witness
from detente.stability.witness import Answer, Verdict

Bools = NDArray[np.bool_]
MOST_STATES = 10_000  # beyond, less is told, for it would take too long
HOPES, CAREFUL = "a", "d"
WEAKER = {"seq": "gmr", "sseq": "smr"}  # the same with any answers, credible or not


@dataclass(frozen=True, eq=False)
class Bounds:
    """What is sure of some verdicts.

    Attributes:
        always: stable, however the unknown comparisons fall, shape (states,).
        never: not stable, however they fall, shape (states,).
    """

    always: Bools
    never: Bools

    @property
    def open(self) -> Bools:
        """Where it depends on them, or is not known to be settled."""
        return ~(self.always | self.never)

    def of(self, state: int) -> bool | None:
        """Whether a state is stable; None where that is not known."""
        return True if self.always[state] else False if self.never[state] else None


def joined(each: Sequence[Bounds]) -> Bounds:
    """What is sure of states being stable for all, from what is sure of each."""
    return Bounds(np.logical_and.reduce([b.always for b in each]), np.logical_or.reduce([b.never for b in each]))


@dataclass(frozen=True, eq=False)
class SureVerdicts:
    """Sure verdicts on the parties of a conflict in which some party has no order.

    A party hopes (it leaves for what it may prefer, and only what it surely does not prefer deters it) and the others
    answer only by what they surely prefer: what is stable then is stable always. It is careful, and the others answer
    by all that they may prefer: what is not stable then never is.

    Attributes:
        graph: the conflict.
    """

    graph: GraphModel
    _known: dict[str, Known] = field(default_factory=dict, repr=False)
    _found: dict[tuple[str, str], Bounds] = field(default_factory=dict, repr=False)
    _engines: dict[bool, Engine] = field(default_factory=dict, repr=False)

    @property
    def unsure(self) -> tuple[str, ...]:
        """The parties without an order."""
        return tuple(p for p, r in self.graph.ranks.items() if r is None)

    def bounds(self, party: str, concept: Concept) -> Bounds:
        """What is sure of a party under a concept.

        Args:
            party: whose stability.
            concept: one of ``CONCEPTS``.
        """
        key = (party, concept.id)
        if key not in self._found:
            crisp = stable_states(self.graph, party, concept)
            if crisp is not None:
                self._found[key] = Bounds(crisp, ~crisp)
            elif len(self.graph) > MOST_STATES:
                self._found[key] = self._without_sets(party, concept)
            else:
                always = self._engine(sure=True).stable(party, [concept])[HOPES][concept.id]
                never = ~self._engine(sure=False).stable(party, [concept])[CAREFUL][concept.id]
                self._found[key] = Bounds(always, never)
        return self._found[key]

    def witness(self, party: str, concept: Concept, state: int) -> Verdict | None:
        """The moves that prove a sure verdict; None where it is not sure.

        Args:
            party, concept: what is judged.
            state: number from 0.
        """
        stable = self.bounds(party, concept).of(state)
        if stable is None:
            return None
        attitude = ATTITUDES[HOPES if stable else CAREFUL]
        judged, leaving = (party, concept, attitude.id), (attitude.hopes, attitude.fears)
        found = unknown_witness(self.graph, self._knowledge(), judged, leaving, state, sure=stable)
        answers = tuple(Answer(a.target, a.sanction, None, may=a.gain == UNKNOWN) for a in found.answers)
        return Verdict(party, found.state, concept.id, found.stable, answers)

    def _without_sets(self, party: str, concept: Concept) -> Bounds:
        """What follows from the moves the party prefers or may prefer, and from weaker concepts that are decided."""
        size = len(self.graph)
        if party not in self.graph.movers:
            return Bounds(np.ones(size, bool), np.zeros(size, bool))
        if self.graph.ranks[party] is not None:  # an opponent's order is missing: sanctions are not sure
            calm, weaker = stable_states(self.graph, party, CONCEPTS["nash"]), WEAKER[concept.id]
            held = stable_states(self.graph, party, CONCEPTS[weaker])
            if calm is not None and held is not None:
                return Bounds(calm, ~held)
        arcs, known = Arcs.of(self.graph, party), self._knowledge()[party]
        better, unknown = known.better(arcs.target, arcs.source), known.unknown(arcs.source, arcs.target)
        calm, never = np.ones(size, bool), np.zeros(size, bool)
        calm[arcs.source[better | unknown]] = False
        if not concept.punished:
            never[arcs.source[better]] = True
        return Bounds(calm, never)

    def _engine(self, *, sure: bool) -> Engine:
        if sure not in self._engines:
            self._engines[sure] = Engine(self.graph, self._knowledge(), sure=sure)
        return self._engines[sure]

    def _knowledge(self) -> dict[str, Known]:
        """What is known of each party; an order counts as it is written, whatever is said to be unknown beside it."""
        graph = self.graph
        if not self._known:
            whole, none = np.zeros(len(graph), np.int64), np.zeros((1, 1), bool)
            for party, ranks in graph.ranks.items():
                known = Known.of(graph.case, graph.states, party, None) if ranks is None else Known(ranks, whole, none)
                self._known[party] = known
        return self._known
