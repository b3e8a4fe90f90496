"""Unknown preference, word for word: what is known, the four attitudes, and completions counted one by one."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.literal.preferences import ranks_of
from tests.literal.states import CaseDict, Space

TYPES = ("a", "b", "c", "d")
CONCEPTS = ("nash", "gmr", "smr", "seq", "sseq")
Verdicts = dict[str, dict[str, dict[str, list[str]]]]
"""Type -> concept -> party -> stable states."""


@dataclass(frozen=True)
class Reading:
    """How the definitions are read; the default is right, everything else is an error one can make."""

    last_mover: bool = True
    diagonal: bool = False
    """Whether opponents may go in a circle and bring back the very state the party moved to."""
    opponents_hope: bool = True
    """Whether a step that its mover may prefer is credible, not only one that it is known to prefer."""
    order: bool = False
    """Whether the order decides the comparisons that are said to be unknown."""


RIGHT = Reading()


class Compared:
    """What is known of one party: for each pair of states better, worse, equal or unknown."""

    def __init__(self, space: Space, preference: dict[str, Any] | None, numbers: dict[str, Any]) -> None:
        self.ids = space.ids
        self.better: set[tuple[str, str]] = set()
        self.unknown: set[tuple[str, str]] = set()
        if preference is not None and "partial" in preference:
            self._partial(space, preference["partial"])
            return
        order = {k: v for k, v in (preference or {}).items() if k != "unknown"} or None
        ranks = ranks_of(space, order, numbers)
        self.order = {(x, y) for x in self.ids for y in self.ids if ranks[x] > ranks[y]}
        for one, other in (preference or {}).get("unknown", []):
            for x, y in itertools.product(space.matching(one), space.matching(other)):
                if x != y:
                    self.unknown |= {(x, y), (y, x)}
        self.better = self.order - self.unknown

    def _partial(self, space: Space, pairs: list[list[str]]) -> None:
        above: dict[str, set[str]] = {x: set() for x in self.ids}
        for better, worse in pairs:
            for x in space.matching(better):
                above[x] |= space.matching(worse)
        grown = True
        while grown:
            grown = False
            for x in self.ids:
                further = above[x].union(*(above[y] for y in above[x]))
                if further != above[x]:
                    above[x], grown = further, True
        self.better = {(x, y) for x in self.ids for y in above[x]}
        self.order = self.better
        every = {(x, y) for x in self.ids for y in self.ids if x != y}
        self.unknown = {(x, y) for x, y in every if (x, y) not in self.better and (y, x) not in self.better}

    def at_most(self, x: str, y: str) -> bool:
        """Whether x is known to be worse than y, or as good."""
        return (x, y) not in self.better and (x, y) not in self.unknown

    def consistent(self) -> bool:
        """Whether no two known comparisons decide an unknown one, and nothing is above itself."""
        if any((x, x) in self.better for x in self.ids):
            return False
        at_least = {x: {y for y in self.ids if self.at_most(y, x)} for x in self.ids}
        return all(at_least[y] <= at_least[x] for x in self.ids for y in at_least[x])

    def completions(self) -> Iterator[dict[str, int]]:
        """Every order that agrees with all that is known, the unknown comparisons decided strictly.

        States known to be equal stay tied. Worst states first: what may come next is what is above nothing left.
        """
        classes = [tuple(y for y in self.ids if self.at_most(x, y) and self.at_most(y, x)) for x in self.ids]
        distinct = list(dict.fromkeys(classes))

        def grow(left: list[tuple[str, ...]], placed: list[tuple[str, ...]]) -> Iterator[dict[str, int]]:
            if not left:
                yield {x: rank for rank, members in enumerate(placed) for x in members}
            for members in left:
                if not any((members[0], other[0]) in self.better for other in left):
                    yield from grow([m for m in left if m != members], [*placed, members])

        return grow(distinct, [])


class UnknownModel:
    """A case and what is known of each party; everything is looked up in sets of state ids."""

    def __init__(self, case: CaseDict, reading: Reading = RIGHT) -> None:
        self.space = Space(case)
        self.reading = reading
        preferences, numbers = case.get("preferences", {}), case.get("numbers", {})
        self.compared = {p: Compared(self.space, preferences.get(p), numbers) for p in self.space.parties}
        if reading.order:
            for compared in self.compared.values():
                compared.better, compared.unknown = compared.order, set()
        self.answers = cache(self._answers)
        self.deterring = cache(self._deterring)

    def leading(self, party: str, state: str, *, hopes: bool) -> set[str]:
        """R_i^+(s), or R_i^{+,U}(s) of a party that hopes."""
        compared = self.compared[party]
        return {
            t
            for t in self.space.moves[party][state]
            if (t, state) in compared.better or (hopes and (t, state) in compared.unknown)
        }

    def _answers(self, party: str, start: str, *, credible: bool) -> set[str]:
        """Where legal sequences of the others lead; credible: each step preferred, or perhaps, by who makes it."""
        seen = {(start, "")}
        frontier, reached = [(start, "")], set()
        while frontier:
            state, last = frontier.pop()
            for mover in self.space.parties:
                if mover == party or (mover == last and self.reading.last_mover):
                    continue
                hopes = self.reading.opponents_hope
                steps = self.leading(mover, state, hopes=hopes) if credible else self.space.moves[mover][state]
                for target in steps:
                    reached.add(target)
                    if (target, mover) not in seen:
                        seen.add((target, mover))
                        frontier.append((target, mover))
        return reached if self.reading.diagonal else reached - {start}

    def _deterring(self, party: str, state: str, *, fears: bool, escape: bool) -> set[str]:
        """The states that count as a sanction for leaving a state."""
        compared = self.compared[party]
        if fears:
            bad = {t for t in self.space.ids if (t, state) not in compared.better}
        else:
            bad = {t for t in self.space.ids if compared.at_most(t, state)}
        return {t for t in bad if self.space.moves[party][t] <= bad} if escape else bad

    def stable(self, kind: str, concept: str, party: str, state: str) -> bool:
        """Whether a state is stable for a party of one of the four types."""
        hopes, fears = kind in "ac", kind in "cd"
        leading = self.leading(party, state, hopes=hopes)
        if concept == "nash":
            return not leading
        credible, escape = concept in {"seq", "sseq"}, concept in {"smr", "sseq"}
        deterring = self.deterring(party, state, fears=fears, escape=escape)
        return all(self.answers(party, target, credible=credible) & deterring for target in leading)

    def table(self) -> Verdicts:
        """Every verdict."""
        return {
            kind: {
                concept: {
                    party: [s for s in self.space.ids if self.stable(kind, concept, party, s)]
                    for party in self.space.parties
                }
                for concept in CONCEPTS
            }
            for kind in TYPES
        }
