"""Strong and weak stability as they are defined, on declared pairs closed step by step; and random declarations."""

import random
from typing import Any

from tests.literal.definitions import Model
from tests.literal.generate import random_case
from tests.literal.states import CaseDict, Space

CONCEPTS = ("gmr", "smr", "seq", "sseq")
Pairs = set[tuple[str, str]]


class Strengths:
    """What is much better than what, and which states are strongly stable.

    ``closed`` = False takes the declared pairs alone, a wrong reading.
    """

    def __init__(self, case: CaseDict, model: Model | None = None, *, closed: bool = True) -> None:
        self.model = model or Model(case)
        self.ids = self.model.space.ids
        self.closed = closed
        preferences = case.get("preferences", {})
        self.much = {party: self._much(party, preferences.get(party) or {}) for party in self.model.space.parties}

    def _much(self, party: str, preference: dict[str, Any]) -> Pairs:
        """Every state of the one condition is much better than every state of the other; x >= y >> z >= w: x >> w."""
        matching = self.model.space.matching
        declared: Pairs = set()
        for better, worse in preference.get("strength", {}).get("much", []):
            declared |= {(x, z) for x in matching(better) for z in matching(worse)}
        if not self.closed:
            return declared
        ranks = self.model.ranks[party]
        # x >= y depends on the ranks alone, so the closing is done on pairs of ranks: one up, or one down, at a time
        top = max(ranks.values())
        pairs: set[tuple[int, int]] = set()
        waiting = [(ranks[x], ranks[z]) for x, z in declared]
        while waiting:
            high, low = waiting.pop()
            if (high, low) not in pairs and high <= top and low >= 0:
                pairs.add((high, low))
                waiting += [(high + 1, low), (high, low - 1)]
        return {(x, z) for x in self.ids for z in self.ids if (ranks[x], ranks[z]) in pairs}

    def contradictions(self, party: str) -> Pairs:
        """Pairs in which the much better state is not even better."""
        ranks = self.model.ranks[party]
        return {(x, z) for x, z in self.much[party] if ranks[x] <= ranks[z]}

    def punishes(self, concept: str, party: str, state: str, outcome: str) -> bool:
        """Whether this outcome costs the party much, and so does every state that it can go on to by itself."""
        much = self.much[party]
        if (state, outcome) not in much:
            return False
        if concept in {"smr", "sseq"}:
            return all((state, escape) in much for escape in self.model.moves(party, outcome))
        return True

    def strong(self, concept: str, party: str, state: str) -> bool:
        """Whether every improvement can be answered so that it costs the party much."""
        improving = concept in {"seq", "sseq"}
        for improvement in self.model.improvements(party, state):
            answers = self.model.sequences(
                improvement, self.model.opponents(party), improving=improving, reading="legal"
            )
            if not any(self.punishes(concept, party, state, outcome) for outcome in answers):
                return False
        return True

    def table(self, concept: str) -> dict[str, list[str]]:
        """Party -> strongly stable states."""
        parties = self.model.space.parties
        return {party: [state for state in self.ids if self.strong(concept, party, state)] for party in parties}

    def general(self, concept: str) -> dict[str, list[str]]:
        """Party -> stable states."""
        parties = self.model.space.parties
        return {party: [s for s in self.ids if self.model.stable(concept, party, s)] for party in parties}


def random_case_with_strength(rng: random.Random) -> tuple[CaseDict, Model]:
    """Return a random case in which most parties with a preference declare strength, and its model.

    A pair is a state and a state that is worse, sometimes a whole list of pairs, sometimes conditions: those of the
    options' levels, where they agree with the order.
    """
    case = random_case(rng)
    model = Model(case)
    for party, preference in case["preferences"].items():
        if rng.random() < 0.85:
            pairs = _pairs(rng, model.space, model.ranks[party])
            if pairs:
                preference["strength"] = {"much": pairs}
    return case, model


def _pairs(rng: random.Random, space: Space, ranks: dict[str, int]) -> list[list[str]]:
    top = max(ranks.values())
    pairs: list[list[str]] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        distance = rng.choice((1, 1, 2, max(1, top // 3), max(1, top // 2)))
        candidates = [(x, z) for x in space.ids for z in space.ids if ranks[x] >= ranks[z] + distance]
        if candidates:
            pairs.append(list(rng.choice(candidates)))
    for option in rng.sample(space.options, len(space.options)):
        level = rng.choice(option.levels[1:])
        sides = [f"{option.id} >= {level}", f"{option.id} < {level}"]
        rng.shuffle(sides)
        try:
            up, down = (space.matching(side) for side in sides)
        except ValueError:
            continue
        if not up or not down or min(ranks[s] for s in up) > max(ranks[s] for s in down):
            pairs.append(sides)
    return pairs
