"""Witnesses for coalition verdicts: the move a group would make, and how the others answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.graph.groups import joint_reach
from detente.graph.paths import UNREACHED, Reach
from detente.stability.coalition_sets import Coalition, CoalitionSets
from detente.stability.witness import Step

Bools = NDArray[np.bool_]
Node = tuple[int, Coalition]


@dataclass(frozen=True, slots=True)
class GroupMove:
    """One move of a group.

    Attributes:
        coalition: the group.
        source, target: state ids.
        steps: the legal sequence it consists of, one party at a time; None: all options are changed at once.
    """

    coalition: Coalition
    source: str
    target: str
    steps: tuple[Step, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        steps = None if self.steps is None else [s.to_dict() for s in self.steps]
        return {"coalition": list(self.coalition), "from": self.source, "to": self.target, "steps": steps}


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """What becomes of one coalition improvement.

    Attributes:
        improvement: the move of the group.
        sanction: the others' moves that punish it; None: there are none, which makes the state unstable.
        hurt: the members that end no better off than before.
    """

    improvement: GroupMove
    sanction: tuple[GroupMove, ...] | None
    hurt: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        sanction = None if self.sanction is None else [m.to_dict() for m in self.sanction]
        return {"improvement": self.improvement.to_dict(), "sanction": sanction, "hurt": list(self.hurt)}


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """Whether a state is stable for a group under a concept, with the proof.

    Attributes:
        coalition, state, concept: what is judged.
        stable: the verdict.
        answers: stable: the first improvements, each punished; unstable: one that nobody punishes.
        more: how many further improvements are punished too.
    """

    coalition: Coalition
    state: str
    concept: str
    stable: bool
    answers: tuple[GroupAnswer, ...]
    more: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "coalition": list(self.coalition), "state": self.state, "concept": self.concept, "stable": self.stable,
            "answers": [a.to_dict() for a in self.answers], "more": self.more,
        }  # fmt: skip


def group_witness(sets: CoalitionSets, coalition: Coalition, concept: str, state: int, most: int) -> GroupVerdict:
    """Prove whether a state is stable for a group.

    Args:
        sets: the engine, for its graph and its meaning of what a group can reach.
        coalition: the group; its members, and for ``cseq`` everybody, have an order.
        concept: ``cnash``, ``cgmr``, ``csmr`` or ``cseq``.
        state: number from 0.
        most: so many punished improvements are told at most.

    Returns:
        The verdict; improvements in order of the sum of the members' ranks, best first.
    """
    search = _Search(sets, coalition, concept, state)
    name = sets.graph.states.id(state)
    improvements = np.flatnonzero(search.improvements(coalition, state))
    liked = np.sum([sets.graph.rank(p)[improvements] for p in coalition], axis=0, dtype=np.int64)
    improvements = improvements[np.argsort(-liked, kind="stable")]
    free = improvements[sets.unanswered(concept, coalition, state)[improvements]]
    if len(free):
        answer = GroupAnswer(search.move(coalition, state, int(free[0])), None, ())
        return GroupVerdict(coalition, name, concept, stable=False, answers=(answer,), more=0)
    answers = tuple(search.answer(int(s)) for s in improvements[:most])
    return GroupVerdict(coalition, name, concept, stable=True, answers=answers, more=len(improvements) - len(answers))


class _Search:
    """Looks for the sanctions of the others against one group at one state, from the definitions."""

    def __init__(self, sets: CoalitionSets, coalition: Coalition, concept: str, state: int) -> None:
        self.sets, self.coalition, self.concept, self.state = sets, coalition, concept, state
        self.graph = sets.graph
        self.others = sets.others(coalition)
        better = self.better(coalition, state)
        self.punishing = sets.lasting(coalition, state) if concept == "csmr" else ~better

    def better(self, coalition: Coalition, state: int) -> Bools:
        """What every member of a group prefers to a state."""
        ranks = [self.graph.rank(p) for p in coalition]
        out: Bools = np.logical_and.reduce([r > r[state] for r in ranks])
        return out

    def reach(self, coalition: Coalition, state: int) -> Bools:
        """Where a group can go."""
        movers = self.sets.group(coalition).movers
        if self.sets.joint:
            return joint_reach(self.graph, movers, state)
        out: Bools = self.legal(coalition, state).lengths != UNREACHED
        return out

    def legal(self, coalition: Coalition, state: int) -> Reach:
        """Its legal sequences."""
        return Reach.of(self.graph, state, improving=False, among=coalition)

    def improvements(self, coalition: Coalition, state: int) -> Bools:
        """CI of a group at a state."""
        return self.reach(coalition, state) & self.better(coalition, state)

    def move(self, coalition: Coalition, source: int, target: int) -> GroupMove:
        """A move of a group with its steps."""
        ident = self.graph.states.id
        if self.sets.joint:
            return GroupMove(coalition, ident(source), ident(target), None)
        path = self.legal(coalition, source).path(target) or ()
        steps = tuple(Step(s.party, ident(s.source), ident(s.target)) for s in path)
        return GroupMove(coalition, ident(source), ident(target), steps)

    def answer(self, improvement: int) -> GroupAnswer:
        """An improvement with a shortest sanction."""
        find: Callable[[int], list[tuple[Coalition, int, int]]]
        find = self._credible if self.concept == "cseq" else self._any
        steps = find(improvement)
        end = steps[-1][2]
        hurt = tuple(p for p in self.coalition if self.graph.rank(p)[end] <= self.graph.rank(p)[self.state])
        sanction = tuple(self.move(*step) for step in steps)
        return GroupAnswer(self.move(self.coalition, self.state, improvement), sanction, hurt)

    def _any(self, improvement: int) -> list[tuple[Coalition, int, int]]:
        if self.sets.joint:
            found = np.flatnonzero(self.reach(self.others, improvement) & self.punishing)
            return [(self.others, improvement, int(found[0]))]
        lengths = self.legal(self.others, improvement).lengths
        lengths = np.where(self.punishing, lengths, UNREACHED)
        return [(self.others, improvement, int(np.argmin(lengths)))]

    def _credible(self, improvement: int) -> list[tuple[Coalition, int, int]]:
        """Breadth first over states and the group that moved last."""
        start: Node = (improvement, ())
        before: dict[Node, Node] = {start: start}
        front = [start]
        while front:
            fresh: list[Node] = []
            for node in front:
                for reached in self._replies(node):
                    if reached in before:
                        continue
                    before[reached] = node
                    if self.punishing[reached[0]]:
                        return _traced(before, reached)
                    fresh.append(reached)
            front = fresh
        raise AssertionError(improvement)  # pragma: no cover - asked of sanctioned improvements only

    def _replies(self, node: Node) -> Iterator[Node]:
        source, last = node
        for group in reversed(self.sets.credible_groups(self.others)):
            if group != last:
                for target in self.sets.improvements_from(group, source):
                    yield int(target), group


def _traced(before: dict[Node, Node], node: Node) -> list[tuple[Coalition, int, int]]:
    steps: list[tuple[Coalition, int, int]] = []
    while before[node] != node:
        steps.append((node[1], before[node][0], node[0]))
        node = before[node]
    return steps[::-1]
