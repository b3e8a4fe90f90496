"""Witnesses: the moves that prove a verdict. Found by search from the definition, not read off the fast engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detente.graph.model import GraphModel
from detente.stability.concepts import Concept

Node = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One move: who, from where, to where (state ids)."""

    party: str
    source: str
    target: str

    def to_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"party": self.party, "from": self.source, "to": self.target}


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one improvement.

    Attributes:
        improvement: the state the party would move to.
        sanction: the others' moves from there to a state the party does not prefer to where it was; None: nobody
            can do that, which makes the state unstable.
        best_replies: for credible concepts, whether the sanction consists of moves than which its movers have no
            better; None for the other concepts and where there is no sanction.
        may: whether the party is only not known not to prefer the move.
    """

    improvement: str
    sanction: tuple[Step, ...] | None
    best_replies: bool | None = None
    may: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a state is stable for a party under a concept, with the proof.

    Attributes:
        party, state, concept: what is judged.
        stable: the verdict.
        answers: stable: one per improvement, each punished; unstable: the one improvement nobody punishes.
    """

    party: str
    state: str
    concept: str
    stable: bool
    answers: tuple[Answer, ...]

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        answers = [
            {
                "improvement": a.improvement,
                "sanction": None if a.sanction is None else [s.to_dict() for s in a.sanction],
                "best_replies": a.best_replies,
            }
            for a in self.answers
        ]
        return {
            "party": self.party, "state": self.state, "concept": self.concept, "stable": self.stable,
            "answers": answers,
        }  # fmt: skip


def witness(graph: GraphModel, party: str, concept: Concept, state: int) -> Verdict:
    """Prove whether a state is stable for a party.

    Args:
        graph: the conflict.
        party: a party with an order.
        concept: a solution concept; for a credible one all opponents who move need an order too.
        state: number from 0.

    Returns:
        The verdict; punished improvements in order of how much the party likes them, best first.
    """
    return proved(graph, party, concept, state, lambda reached: _punishes(graph, party, concept, state, reached))


def proved(graph: GraphModel, party: str, concept: Concept, state: int, punishes: Callable[[int], bool]) -> Verdict:
    """As ``witness``, for any notion of which states punish the party for having left."""
    name = graph.states.id(state)
    ranks = graph.rank(party)
    improvements = graph.improvements(party, state)
    improvements = improvements[np.argsort(-ranks[improvements], kind="stable")]
    answers: list[Answer] = []
    for improvement in improvements:
        answer = _answer(graph, party, concept, int(improvement), punishes)
        if answer.sanction is None:
            return Verdict(party, name, concept.id, stable=False, answers=(answer,))
        answers.append(answer)
    return Verdict(party, name, concept.id, stable=True, answers=tuple(answers))


def _answer(
    graph: GraphModel, party: str, concept: Concept, improvement: int, punishes: Callable[[int], bool]
) -> Answer:
    ident = graph.states.id(improvement)
    if not concept.punished:
        return Answer(ident, None)
    if not concept.credible:
        return Answer(ident, _sanction(graph, party, concept, improvement, punishes, best=False))
    best = _sanction(graph, party, concept, improvement, punishes, best=True)
    if best is not None:
        return Answer(ident, best, best_replies=True)
    some = _sanction(graph, party, concept, improvement, punishes, best=False)
    return Answer(ident, some, best_replies=None if some is None else False)


def _sanction(
    graph: GraphModel, party: str, concept: Concept, improvement: int, punishes: Callable[[int], bool], *, best: bool
) -> tuple[Step, ...] | None:
    """Shortest legal sequence of the opponents from an improvement to a state that punishes it."""
    opponents = [m for m in graph.movers if m != party]
    start: Node = (improvement, "")
    before: dict[Node, Node] = {start: start}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node != start and punishes(node[0]):
            return _trace(graph, before, node)
        for reached in _replies(graph, opponents, concept, node, best=best):
            if reached not in before:
                before[reached] = node
                queue.append(reached)
    return None


def _replies(
    graph: GraphModel, opponents: Sequence[str], concept: Concept, node: Node, *, best: bool
) -> Iterator[Node]:
    source, last = node
    for mover in opponents:
        if mover == last:
            continue
        targets = graph.improvements(mover, source) if concept.credible else graph.reachable(mover, source)
        if best and len(targets):
            ranks = graph.rank(mover)[targets]
            targets = targets[ranks == ranks.max()]
        for target in targets:
            yield int(target), mover


def _punishes(graph: GraphModel, party: str, concept: Concept, state: int, reached: int) -> bool:
    ranks = graph.rank(party)
    if ranks[reached] > ranks[state]:
        return False
    return not (concept.escape and (ranks[graph.reachable(party, reached)] > ranks[state]).any())


def _trace(graph: GraphModel, before: dict[Node, Node], node: Node) -> tuple[Step, ...]:
    steps: list[Step] = []
    while before[node] != node:
        source = before[node]
        steps.append(Step(node[1], graph.states.id(source[0]), graph.states.id(node[0])))
        node = source
    return tuple(reversed(steps))
