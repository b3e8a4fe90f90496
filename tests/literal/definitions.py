"""The solution concepts, word for word, and the wrong readings of them that are found in practice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tests.literal.preferences import Ranks, ranks_of
from tests.literal.states import CaseDict, Space

CONCEPTS = ("nash", "gmr", "smr", "seq", "sseq")
Sequences = Literal["legal", "one move", "each once", "free"]
"""How opponents may answer: ``legal`` = in legal sequences, nobody twice in a row. Wrong readings: ``one move`` = one
opponent moves, once; ``each once`` = every opponent moves at most once; ``free`` = the same party may go on moving."""


@dataclass(frozen=True)
class Reading:
    """How the definitions are read; the default is right, everything else is a known error."""

    sequences: Sequences = "legal"
    strict: bool = False
    """A sanction must leave the party strictly worse off than where it was."""


RIGHT = Reading()


class Model:
    """A case with its ranks; everything is looked up in sets of state ids."""

    def __init__(self, case: CaseDict) -> None:
        self.space = Space(case)
        preferences = case.get("preferences", {})
        self.with_preferences = [party for party in self.space.parties if party in preferences]
        self.ranks: dict[str, Ranks] = {
            party: ranks_of(self.space, preferences.get(party), case.get("numbers", {})) for party in self.space.parties
        }
        self._sequences: dict[tuple[str, tuple[str, ...], bool, Sequences], set[str]] = {}

    def moves(self, party: str, state: str) -> set[str]:
        """R_i(s): where the party can move."""
        return self.space.moves[party][state]

    def improvements(self, party: str, state: str) -> set[str]:
        """R_i^+(s): where the party can move and prefers to be."""
        ranks = self.ranks[party]
        return {target for target in self.moves(party, state) if ranks[target] > ranks[state]}

    def steps(self, party: str, state: str, *, improving: bool) -> set[str]:
        """Where one step of a sequence may lead: any move, or only one that its mover finds better than its origin."""
        return self.improvements(party, state) if improving else self.moves(party, state)

    def opponents(self, party: str) -> tuple[str, ...]:
        """N - i."""
        return tuple(other for other in self.space.parties if other != party)

    def sequences(self, start: str, movers: tuple[str, ...], *, improving: bool, reading: Sequences) -> set[str]:
        """R_H(s), or R_H^+(s) if every step must be an improvement: where sequences of the movers can lead."""
        key = (start, movers, improving, reading)
        if key not in self._sequences:
            lengths = self.lengths(start, movers, improving=improving, reading=reading)
            self._sequences[key] = set(lengths)
        return self._sequences[key]

    def lengths(
        self, start: str, movers: Iterable[str], *, improving: bool, reading: Sequences = "legal"
    ) -> dict[str, int]:
        """Length of the shortest sequence to every state that can be reached, the start itself left out.

        Breadth first over pairs of a state and those who may not move there: the last mover for legal sequences, all
        earlier movers if each may move once, everybody if one move is all, nobody for free sequences.
        """
        movers = tuple(movers)
        lengths: dict[str, int] = {}
        first: tuple[str, frozenset[str]] = (start, frozenset())
        seen = {first}
        frontier = [first]
        length = 0
        while frontier:
            length += 1
            reached = []
            for state, barred in frontier:
                for mover in (party for party in movers if party not in barred):
                    next_barred = _barred(barred, mover, movers, reading)
                    for target in self.steps(mover, state, improving=improving):
                        if (target, next_barred) not in seen:
                            seen.add((target, next_barred))
                            reached.append((target, next_barred))
                            lengths.setdefault(target, length)
            frontier = reached
        lengths.pop(start, None)
        return lengths

    def punishes(self, concept: str, party: str, state: str, outcome: str, reading: Reading = RIGHT) -> bool:
        """Say whether this outcome of the opponents' answer is a sanction for the party that left the state."""
        ranks = self.ranks[party]
        if reading.strict and ranks[outcome] == ranks[state]:
            return False
        if ranks[outcome] > ranks[state]:
            return False
        if concept in {"smr", "sseq"}:
            return all(ranks[escape] <= ranks[state] for escape in self.moves(party, outcome))
        return True

    def sanctioned(self, concept: str, party: str, state: str, improvement: str, reading: Reading = RIGHT) -> bool:
        """Say whether the opponents have an answer to this improvement that is a sanction."""
        if concept == "nash":
            return False
        improving = concept in {"seq", "sseq"}
        answers = self.sequences(improvement, self.opponents(party), improving=improving, reading=reading.sequences)
        return any(self.punishes(concept, party, state, outcome, reading) for outcome in answers)

    def stable(self, concept: str, party: str, state: str, reading: Reading = RIGHT) -> bool:
        """A state is stable for a party if each of its improvements from there is sanctioned."""
        return all(
            self.sanctioned(concept, party, state, improvement, reading)
            for improvement in self.improvements(party, state)
        )

    def table(self, reading: Reading = RIGHT) -> dict[str, dict[str, list[str]]]:
        """Concept -> party -> stable states."""
        return {
            concept: {
                party: [state for state in self.space.ids if self.stable(concept, party, state, reading)]
                for party in self.space.parties
            }
            for concept in CONCEPTS
        }

    def all_prefer(self, state: str) -> list[str]:
        """The states that every party with preferences finds strictly better than this one; none if nobody has any."""
        if not self.with_preferences:
            return []
        return [
            other
            for other in self.space.ids
            if all(self.ranks[party][other] > self.ranks[party][state] for party in self.with_preferences)
        ]


def _barred(barred: frozenset[str], mover: str, movers: Iterable[str], reading: Sequences) -> frozenset[str]:
    """Who may not move next."""
    match reading:
        case "legal":
            return frozenset({mover})
        case "each once":
            return barred | {mover}
        case "one move":
            return frozenset(movers)
        case "free":
            return frozenset()


def equilibria(table: dict[str, dict[str, list[str]]], ids: list[str]) -> dict[str, list[str]]:
    """Concept -> the states that are stable for every party."""
    return {
        concept: [state for state in ids if all(state in stable for stable in by_party.values())]
        for concept, by_party in table.items()
    }
