"""Witnesses of verdicts with unknown comparisons: the moves that prove them, searched from the definition."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from detente.graph.known import BETTER, UNKNOWN, Known
from detente.graph.model import GraphModel
from detente.stability.concepts import Concept
from detente.stability.witness import Step

Node = tuple[int, str]


@dataclass(frozen=True, slots=True)
class UnknownAnswer:
    """What becomes of one move that the party prefers, or may prefer.

    Attributes:
        target: the state the party would move to.
        gain: ``better`` or ``unknown``: the target against the state left.
        sanction: the others' moves from there to a state that deters the party; None: there are none.
        credible: for concepts with credible sanctions, per step ``better`` or ``unknown`` for the one who makes it.
        loss: the last state against the state left: ``worse``, ``equal`` or ``unknown``; None without a sanction.
    """

    target: str
    gain: str
    sanction: tuple[Step, ...] | None
    credible: tuple[str, ...] | None
    loss: str | None


@dataclass(frozen=True, slots=True)
class UnknownVerdict:
    """Whether a state is stable for a party under a concept and an attitude, with the proof.

    Attributes:
        party, state, concept, attitude: what is judged.
        stable: the verdict.
        answers: stable: one per move the party might make, each punished; unstable: the one that nobody punishes.
    """

    party: str
    state: str
    concept: str
    attitude: str
    stable: bool
    answers: tuple[UnknownAnswer, ...]

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        answers = [
            {
                "improvement": a.target, "gain": a.gain,
                "sanction": None if a.sanction is None else [s.to_dict() for s in a.sanction],
                "credible": None if a.credible is None else list(a.credible), "loss": a.loss,
            }
            for a in self.answers
        ]  # fmt: skip
        return {
            "party": self.party, "state": self.state, "concept": self.concept, "attitude": self.attitude,
            "stable": self.stable, "answers": answers,
        }  # fmt: skip


def unknown_witness(
    graph: GraphModel,
    known: Mapping[str, Known],
    judged: tuple[str, Concept, str],
    attitude: tuple[bool, bool],
    state: int,
    *,
    sure: bool = False,
) -> UnknownVerdict:
    """Prove whether a state is stable for a party where some comparisons are unknown.

    Args:
        graph: the conflict.
        known: what is known of each party's preference.
        judged: the party, the concept, and the id of the attitude.
        attitude: whether the party leaves for what it may prefer, and whether what it may not prefer deters it.
        state: number from 0.
        sure: whether credible answers are only those by moves that are surely preferred, not perhaps.
    """
    party, concept, name = judged
    search = _Search(graph, known, party, concept, fears=attitude[1], sure=sure)
    wanted = (BETTER, UNKNOWN) if attitude[0] else (BETTER,)
    answers = []
    for target in graph.reachable(party, state):
        gain = known[party].compare(int(target), state)
        if gain not in wanted:
            continue
        answer = search.answer(state, int(target), gain)
        if answer.sanction is None:
            return UnknownVerdict(party, graph.states.id(state), concept.id, name, stable=False, answers=(answer,))
        answers.append(answer)
    return UnknownVerdict(party, graph.states.id(state), concept.id, name, stable=True, answers=tuple(answers))


@dataclass(frozen=True)
class _Search:
    graph: GraphModel
    known: Mapping[str, Known]
    party: str
    concept: Concept
    fears: bool
    sure: bool

    def answer(self, state: int, target: int, gain: str) -> UnknownAnswer:
        ident = self.graph.states.id(target)
        path = self._path(state, target) if self.concept.punished else None
        if path is None:
            return UnknownAnswer(ident, gain, None, None, None)
        steps = tuple(Step(m, self.graph.states.id(s), self.graph.states.id(t)) for m, s, t in path)
        credible = tuple(self.known[m].compare(t, s) for m, s, t in path) if self.concept.credible else None
        return UnknownAnswer(ident, gain, steps, credible, self.known[self.party].compare(path[-1][2], state))

    def _path(self, state: int, target: int) -> list[tuple[str, int, int]] | None:
        """Shortest legal sequence of the others from a target to another state that deters from leaving."""
        start: Node = (target, "")
        before: dict[Node, Node] = {start: start}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if node[0] != target and self._deters(state, node[0]):
                steps = []
                while before[node] != node:
                    steps.append((node[1], before[node][0], node[0]))
                    node = before[node]
                return steps[::-1]
            for reached in self._replies(node):
                if reached not in before:
                    before[reached] = node
                    queue.append(reached)
        return None

    def _replies(self, node: Node) -> Iterator[Node]:
        source, last = node
        for mover in self.graph.movers:
            if mover in (last, self.party):
                continue
            targets = self.graph.reachable(mover, source)
            if self.concept.credible and len(targets):
                here = np.full(len(targets), source)
                known = self.known[mover]
                wanted = known.better(targets, here)
                targets = targets[wanted if self.sure else wanted | known.unknown(targets, here)]
            for target in targets:
                yield int(target), mover

    def _deters(self, state: int, reached: int) -> bool:
        if self._harmless(state, reached):
            return False
        escapes = self.graph.reachable(self.party, reached) if self.concept.escape else ()
        return not any(self._harmless(state, int(e)) for e in escapes)

    def _harmless(self, state: int, other: int) -> bool:
        found = self.known[self.party].compare(other, state)
        return found == BETTER or (found == UNKNOWN and not self.fears)
