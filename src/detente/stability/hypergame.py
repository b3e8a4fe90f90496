"""First-level hypergames: what would hold when every party judges by its own picture of the conflict.

A party leaves a state, or stays, by what it believes. So each is asked in its own graph: who could move where, and what
everybody wants, as *it* sees things. What then seems to hold can be held against what holds in truth.

Source: Wang, Hipel, Fraser 1988, Modeling misperceptions in games; Aljefri, Bashar, Fang, Hipel 2018, First-level
hypergame for investigating misperception in conflicts. That literature uses *surprise* in two senses: for a state that
is no equilibrium in the picture of some party, and for a state that is an equilibrium as the parties see things and
none in truth. Here it is the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.model import GraphModel
from detente.space.moves import Moves
from detente.stability.concepts import CONCEPTS, stable_states
from detente.stability.option_table import MOST_LISTED, option_table
from detente.stability.picture import Picture
from detente.stability.witness import Verdict, witness

Bools = NDArray[np.bool_]
READINGS = {
    "excluded": "each party is asked in its own picture, and a state that holds must be seen by every party",
    "stable": "the true graph without the moves of each party into and out of the states that it does not see: such a "
    "state counts as stable for it, and only mistakes about what is possible count (as other programs do it)",
}
SEEN, STABLE_AS_SEEN, STABLE_IN_TRUTH = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a party lets go of a state that it would keep if it saw truly.

    Attributes:
        party: who.
        verdict: the move by which it believes to gain, with state ids *of its own picture*; None: it does not see the
            state at all.
    """

    party: str
    verdict: Verdict | None


@dataclass(frozen=True, repr=False, eq=False)
class Hypergame(Result):
    """What would hold as the parties see things, and in truth.

    States are those of the truth. A *hyper-equilibrium* is a state that every party sees and that is stable for every
    party in its own picture.

    Attributes:
        graph: the truth.
        concepts: ids in the order asked.
        pictures: party -> its picture, for every party; the truth itself for those that see truly.
        mistaken: the parties a picture was given for.
        truth: concept -> party -> shape (states,): stable in truth; None where there is no order to judge by.
        judged: the same as the parties see things, by the reading ``unseen``.
        judging: party -> the graph in which it is judged.
        unseen: one of ``READINGS``; all but ``excluded`` is for comparison with published tables.
    """

    graph: GraphModel
    concepts: tuple[str, ...]
    pictures: Mapping[str, Picture]
    mistaken: tuple[str, ...]
    truth: Mapping[str, Mapping[str, Bools | None]]
    judged: Mapping[str, Mapping[str, Bools | None]]
    judging: Mapping[str, GraphModel]
    unseen: str = "excluded"

    def stable(self, concept: str, party: str) -> Bools | None:
        """The states that a party would not leave as it sees things; None where that is not known."""
        return self.judged[concept][party]

    def held(self, concept: str) -> Bools | None:
        """The hyper-equilibria, shape (states,); None where some party has no verdict."""
        return _every(list(self.judged[concept].values()))

    def equilibrium(self, concept: str) -> Bools | None:
        """The equilibria of the truth, shape (states,); None where some party has no verdict."""
        return _every(list(self.truth[concept].values()))

    def steady(self, concept: str) -> Bools | None:
        """Hyper-equilibria that hold in truth as well."""
        return _both(self.held(concept), self.equilibrium(concept))

    def surprise(self, concept: str) -> Bools | None:
        """Hyper-equilibria that a party would leave if it saw truly."""
        return _both(self.held(concept), _not(self.equilibrium(concept)))

    def missed(self, concept: str) -> Bools | None:
        """Equilibria of the truth that some party does not see or believes it had better leave."""
        return _both(_not(self.held(concept)), self.equilibrium(concept))

    def bits(self, concept: str, party: str) -> NDArray[np.uint8]:
        """Per state the sum of 1 (the party sees it), 2 (stable for it as it sees things), 4 (stable for it in truth).

        Verdicts that are not known count 0.
        """
        picture = self.pictures[party]
        bits = picture.seen.astype(np.uint8) * np.uint8(SEEN)
        for weight, found in (
            (STABLE_AS_SEEN, self.judged[concept][party]),
            (STABLE_IN_TRUTH, self.truth[concept][party]),
        ):
            if found is not None:
                bits += found.astype(np.uint8) * np.uint8(weight)
        return bits

    def unjudged(self, concept: str) -> tuple[str, ...]:
        """Parties without a verdict, in their picture or in truth, because an order is not known."""
        without = (self.stable(concept, p) is None or self.truth[concept][p] is None for p in self.graph.parties)
        return tuple(p for p, missing in zip(self.graph.parties, without, strict=True) if missing)

    def with_picture(self, party: str, graph: GraphModel) -> Hypergame:
        """The same with another picture of one party."""
        pictures = {**self.pictures, party: Picture.of(self.graph, graph, party)}
        if self.unseen == "excluded":
            changed = {party: _as_seen(pictures[party], self.concepts)}
            judging = {**self.judging, party: graph}
        else:
            judging = _blinkered(self.graph, pictures)
            changed = {p: _verdicts(g, p, self.concepts) for p, g in judging.items()}
        judged = {
            c: {p: changed[p][c] if p in changed else v for p, v in of.items()} for c, of in self.judged.items()
        }  # fmt: skip
        mistaken = tuple(p for p in self.graph.parties if p in self.mistaken or p == party)
        return replace(self, pictures=pictures, mistaken=mistaken, judged=judged, judging=judging)

    def leavers(self, concept: str, state: int) -> tuple[Verdict, ...]:
        """For each party that would leave a state if it saw truly: the move nobody would punish."""
        return tuple(
            witness(self.graph, p, CONCEPTS[concept], state)
            for p, stable in self.truth[concept].items() if stable is not None and not stable[state]
        )  # fmt: skip

    def doubts(self, concept: str, state: int) -> tuple[Doubt, ...]:
        """For each party that does not see a state, or believes to gain by leaving it: why."""
        out = []
        for party, stable in self.judged[concept].items():
            if stable is None or stable[state]:
                continue
            graph = self.judging[party]
            own = int(self.pictures[party].image[state]) if self.unseen == "excluded" else state
            out.append(Doubt(party, witness(graph, party, CONCEPTS[concept], own) if own >= 0 else None))
        return tuple(out)

    def example(self, states: Bools | None) -> int | None:
        """The state to tell of: the one with the fewest options at other levels than today, the first of equals."""
        if states is None or not states.any():
            return None
        today = self.graph.states.status_quo
        among = np.flatnonzero(states)
        if today is None:
            return int(among[0])
        digits = self.graph.states.digits[:, self.graph.states.cell_of]
        return int(among[np.argmin((digits[:, among] != digits[:, [today]]).sum(axis=0))])

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """Sets of states; above 10,000 states their sizes, unless ``full``. Imagined states are given by key."""
        listed = full or len(self.graph) <= MOST_LISTED
        sets = {
            "hyper_equilibria": self.held, "equilibria": self.equilibrium, "steady": self.steady,
            "surprise": self.surprise, "missed": self.missed,
        }  # fmt: skip
        return {
            "unseen": self.unseen,
            "concepts": list(self.concepts),
            "pictures": {p: self._picture(self.pictures[p], listed=listed) for p in self.mistaken},
            "stable": {
                c: {
                    p: {"as_seen": self._ids(self.stable(c, p), listed=listed),
                        "in_truth": self._ids(self.truth[c][p], listed=listed)}
                    for p in self.graph.parties
                }
                for c in self.concepts
            },
            **{name: {c: self._ids(of(c), listed=listed) for c in self.concepts} for name, of in sets.items()},
            "examples": {c: self._examples(c) for c in self.concepts},
        }  # fmt: skip

    def table(self) -> Table:
        """Up to 24 states that hold as seen or in truth, with what each is."""
        marks = {}
        for concept in self.concepts:
            for name, states in (("", self.steady(concept)), (" surprise", self.surprise(concept)),
                                 (" missed", self.missed(concept))):  # fmt: skip
                if states is not None and states.any():
                    marks[concept + name] = states
        any_of = np.logical_or.reduce(list(marks.values())) if marks else np.zeros(len(self.graph), bool)
        return option_table(self.graph, [int(s) for s in np.flatnonzero(any_of)[:24]], marks)

    def _picture(self, picture: Picture, *, listed: bool) -> dict[str, Any]:
        keys = [picture.graph.states.key(int(s)) for s in picture.imagined] if listed else len(picture.imagined)
        return {
            "unseen": self._ids(~picture.seen, listed=listed),
            "imagined": keys,
            "preferences": list(picture.orders),
            "options": list(picture.options),
        }

    def _examples(self, concept: str) -> dict[str, Any]:
        surprise, missed = (self.example(of(concept)) for of in (self.surprise, self.missed))
        return {
            "surprise": None if surprise is None else {
                "state": self.graph.states.id(surprise),
                "leaves": [v.to_dict() for v in self.leavers(concept, surprise)],
            },
            "missed": None if missed is None else {
                "state": self.graph.states.id(missed),
                "doubts": [self._doubt(d) for d in self.doubts(concept, missed)],
            },
        }  # fmt: skip

    def _doubt(self, doubt: Doubt) -> dict[str, Any]:
        """The JSON form, with the keys by which the state ids of the party's own picture are known elsewhere."""
        if doubt.verdict is None:
            return {"party": doubt.party, "verdict": None, "keys": {}}
        states = self.judging[doubt.party].states
        named = (doubt.verdict.state, doubt.verdict.answers[0].improvement)
        return {
            "party": doubt.party,
            "verdict": doubt.verdict.to_dict(),
            "keys": {s: states.key(states.find(s)) for s in named},
        }

    def _ids(self, states: Bools | None, *, listed: bool) -> list[str] | int | None:
        if states is None:
            return None
        return [self.graph.states.id(int(s)) for s in np.flatnonzero(states)] if listed else int(states.sum())


def hypergame(
    truth: GraphModel,
    pictures: Mapping[str, GraphModel],
    provenance: Provenance,
    concepts: Sequence[str] = tuple(CONCEPTS),
    unseen: str = "excluded",
) -> Hypergame:
    """Judge every state by the pictures the parties have, and in truth.

    Args:
        truth: the conflict as it is.
        pictures: party -> the conflict as that party sees it (same parties, options and levels); a party that is not
            named sees the truth.
        provenance: carried into the result.
        concepts: ids of ``CONCEPTS``.
        unseen: one of ``READINGS``.

    Raises:
        UsageError: an unknown concept, party or reading.
    """
    for known, asked, what in (
        (CONCEPTS, concepts, "concept"), (truth.parties, pictures, "party"), (READINGS, (unseen,), "reading"),
    ):  # fmt: skip
        for name in asked:
            if name not in known:
                fix = did_you_mean(name, list(known))
                raise UsageError(f"the unknown {what} {shown(name)}", f"one of {', '.join(known)}", fix)
    seen = {p: Picture.of(truth, pictures.get(p, truth), p) for p in truth.parties}
    if unseen == "excluded":
        judging = {p: picture.graph for p, picture in seen.items()}
        found = {p: _as_seen(picture, concepts) for p, picture in seen.items() if p in pictures}
    else:
        judging = _blinkered(truth, seen)
        found = {p: _verdicts(g, p, concepts) for p, g in judging.items()}
    true = {p: _verdicts(truth, p, concepts) for p in truth.parties}
    in_truth, judged = (
        {c: {p: of[p][c] for p in truth.parties} for c in concepts} for of in (true, {**true, **found})
    )  # fmt: skip
    mistaken = tuple(p for p in truth.parties if p in pictures)
    return Hypergame(provenance, truth, tuple(concepts), seen, mistaken, in_truth, judged, judging, unseen)


def _verdicts(graph: GraphModel, party: str, concepts: Sequence[str]) -> dict[str, Bools | None]:
    return {c: stable_states(graph, party, CONCEPTS[c]) for c in concepts}


def _as_seen(picture: Picture, concepts: Sequence[str]) -> dict[str, Bools | None]:
    """Per concept the true states that a party sees and that are stable for it in its picture."""
    own = _verdicts(picture.graph, picture.party, concepts)
    return {c: None if stable is None else picture.seen & stable[picture.image] for c, stable in own.items()}


def _blinkered(truth: GraphModel, pictures: Mapping[str, Picture]) -> dict[str, GraphModel]:
    """One graph for all parties: no party moves into or out of a state that it does not see."""
    moves = Moves(truth.states)
    for party, picture in pictures.items():
        hidden = ~picture.seen[truth.states.state_of]
        # a party moves within fibres only: a fibre of its own takes a state out of its reach
        part = moves.of[party]
        fibre = part.fibre.astype(np.int64)
        fibre[hidden] = part.fibres + np.arange(int(hidden.sum()))
        _, fibre = np.unique(fibre, return_inverse=True)
        moves.of[party] = replace(part, fibre=fibre.reshape(-1).astype(np.int32), fibres=int(fibre.max()) + 1)
    graph = GraphModel(truth.case, truth.states, moves, truth.ranks, truth.warnings)
    return dict.fromkeys(pictures, graph)


def _every(verdicts: Sequence[Bools | None]) -> Bools | None:
    known = [v for v in verdicts if v is not None]
    return np.logical_and.reduce(known) if known and len(known) == len(verdicts) else None


def _both(one: Bools | None, other: Bools | None) -> Bools | None:
    return None if one is None or other is None else one & other


def _not(states: Bools | None) -> Bools | None:
    return None if states is None else ~states
