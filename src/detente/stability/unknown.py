"""Stability where some comparisons are unknown: four attitudes towards what one does not know about oneself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.graph.arcs import Arcs
from detente.graph.bits import (
    Family,
    hold_to_sets,
    improvement_step,
    move_step,
    propagated,
    reachable_sets,
    singletons,
    transposed,
    without_own,
)
from detente.graph.known import Known
from detente.graph.model import GraphModel
from detente.graph.tables import BEYOND
from detente.stability.concepts import CONCEPTS, Concept, best_reachable, stable_states
from detente.stability.option_table import MOST_LISTED
from detente.stability.unknown_witness import UnknownVerdict, unknown_witness

Bools = NDArray[np.bool_]
CACHED_WORDS = 1 << 17


@dataclass(frozen=True, slots=True)
class Attitude:
    """How a party takes a comparison of its own that is unknown.

    Attributes:
        id: a to d, as in the literature.
        meaning: one sentence for a reader.
        hopes: whether it leaves for a state that may or may not be better.
        fears: whether a state that may or may not be worse deters it.
    """

    id: str
    meaning: str
    hopes: bool
    fears: bool


ATTITUDES = {
    a.id: a
    for a in (
        Attitude(
            "a", "It hopes: it leaves for what it may like better, and only what it surely does not like better deters "
            "it.", hopes=True, fears=False,
        ),
        Attitude(
            "b", "It leaves out what it does not know: it leaves only for what it surely likes better, and only what "
            "it surely does not like better deters it.", hopes=False, fears=False,
        ),
        Attitude(
            "c", "It hopes and fears: it leaves for what it may like better, and what it may not like better deters "
            "it.", hopes=True, fears=True,
        ),
        Attitude(
            "d", "It is careful: it leaves only for what it surely likes better, and what it may not like better "
            "deters it.", hopes=False, fears=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Unknown(Result):
    """Which states are stable under each attitude towards unknown comparisons.

    Attributes:
        graph: the conflict asked.
        known: party -> what is known of its preference.
        concepts: ids in the order asked.
        stable: attitude -> concept -> party -> shape (states,).
        equilibrium: attitude -> concept -> shape (states,): stable for every party, all having this attitude.
    """

    graph: GraphModel
    known: Mapping[str, Known]
    concepts: tuple[str, ...]
    stable: Mapping[str, Mapping[str, Mapping[str, Bools]]]
    equilibrium: Mapping[str, Mapping[str, Bools]]

    @property
    def unsure(self) -> tuple[str, ...]:
        """The parties with an unknown comparison."""
        return tuple(p for p, k in self.known.items() if not k.full)

    def equilibria(self, attitude: str, concept: str) -> tuple[str, ...]:
        """Ids of the states that are stable for every party."""
        return tuple(self.graph.states.id(int(s)) for s in np.flatnonzero(self.equilibrium[attitude][concept]))

    def witness(self, attitude: str, concept: str, party: str, state: str | int) -> UnknownVerdict:
        """The moves that prove one verdict, with the comparisons that are unknown marked.

        Raises:
            UsageError: an unknown attitude, concept, party or state.
        """
        for what, name, names in (
            ("attitude", attitude, self.stable), ("concept", concept, self.concepts), ("party", party, self.known),
        ):  # fmt: skip
            if name not in names:
                raise UsageError(f"the {what} {shown(name)}", f"one of {', '.join(names)}")
        number = state if isinstance(state, int) else self.graph.states.find(state)
        leaving = (ATTITUDES[attitude].hopes, ATTITUDES[attitude].fears)
        return unknown_witness(self.graph, self.known, (party, CONCEPTS[concept], attitude), leaving, number)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON form; above 10,000 states counts stand for lists of a party's stable states unless ``full``."""
        every = full or len(self.graph) <= MOST_LISTED
        return {
            "attitudes": {a: ATTITUDES[a].meaning for a in self.stable},
            "concepts": list(self.concepts),
            "unknown": {
                p: {"pairs": k.unknown_pairs, "of": len(k) * (len(k) - 1) // 2} for p, k in self.known.items()
            },
            "stable": {
                a: {c: {p: self._ids(s, every=every) for p, s in of.items()} for c, of in by_concept.items()}
                for a, by_concept in self.stable.items()
            },
            "equilibria": {
                a: {c: self._ids(e, every=True) for c, e in of.items()} for a, of in self.equilibrium.items()
            },
        }  # fmt: skip

    def _ids(self, states: Bools, *, every: bool) -> list[str] | int:
        return [self.graph.states.id(int(s)) for s in np.flatnonzero(states)] if every else int(states.sum())

    def table(self) -> Table:
        """Equilibria: a row per concept, a column per attitude."""
        rows = tuple(
            (concept, *(_some(self.equilibria(a, concept)) for a in self.equilibrium)) for concept in self.concepts
        )
        note = "sseq with unknown comparisons follows seq and smr; the literature defines the other four."
        heads = ("stable for all", *(f"attitude {a}" for a in self.equilibrium))
        return Table(heads, rows, note=note if "sseq" in self.concepts else "")


def unknown_stability(
    graph: GraphModel, provenance: Provenance, concepts: Sequence[str] = tuple(CONCEPTS)
) -> Unknown:  # fmt: skip
    """Find the stable states of every party under the four attitudes towards unknown comparisons.

    All parties share the attitude. Opponents answer by moves that they prefer or may prefer (whatever the attitude) in
    the concepts with credible sanctions. A party whose preference is known in full is the same under all attitudes.

    Args:
        graph: the conflict; at most 20,000 states if anything is unknown.
        provenance: carried into the result.
        concepts: ids of ``CONCEPTS``; sseq is the natural extension of seq and smr.

    Raises:
        UsageError: an unknown concept.
        CaseError: comparisons said to be unknown that known ones decide.
        LimitReached: too many states.

    Source: Li, Hipel, Kilgour, Fang 2004, IEEE Transactions on Systems, Man, and Cybernetics A 34.
    """
    for concept in concepts:
        if concept not in CONCEPTS:
            known_ones = list(CONCEPTS)
            fix = did_you_mean(concept, known_ones)
            raise UsageError(f"the unknown concept {shown(concept)}", f"one of {', '.join(known_ones)}", fix)
    known = {p: Known.of(graph.case, graph.states, p, graph.ranks[p]) for p in graph.parties}
    engine = Engine(graph, known)
    by_party = {p: engine.stable(p, [CONCEPTS[c] for c in concepts]) for p in graph.parties}
    stable = {
        a: {c: {p: found[a][c] for p, found in by_party.items()} for c in concepts} for a in ATTITUDES
    }  # fmt: skip
    equilibrium = {
        a: {c: np.logical_and.reduce(list(of.values())) for c, of in by_concept.items()}
        for a, by_concept in stable.items()
    }
    return Unknown(provenance, graph, known, tuple(concepts), stable, equilibrium)


ByAttitude = dict[str, dict[str, Bools]]


class Engine:
    """Verdicts by party; what several parties need is kept.

    Args:
        graph: the conflict.
        known: what is known of each party's preference.
        sure: whether opponents in the concepts with credible sanctions answer only by moves that they surely prefer;
            otherwise also by those that they may prefer.

    Raises:
        LimitReached: too many states, where anything is unknown.
    """

    def __init__(self, graph: GraphModel, known: Mapping[str, Known], *, sure: bool = False) -> None:
        self.graph = graph
        self.known = known
        self.sure = sure
        self.unsure = [m for m in graph.movers if graph.ranks[m] is None or not known[m].full]
        if self.unsure:
            hold_to_sets(graph, "stability with unknown comparisons")
        self._leading: dict[str, Arcs] = {}

    def stable(self, party: str, concepts: Sequence[Concept]) -> ByAttitude:
        """Attitude -> concept -> stable states of a party."""
        if party in self.unsure:
            return self._by_sets(party, concepts)
        found = {c.id: self._by_ranks(party, c) for c in concepts}
        return dict.fromkeys(ATTITUDES, found)

    def leading(self, party: str) -> Arcs:
        """The party's moves to states that it prefers, or may prefer, to where it moves from."""
        if party not in self._leading:
            arcs, known = Arcs.of(self.graph, party), self.known[party]
            wanted = known.better(arcs.target, arcs.source) | known.unknown(arcs.source, arcs.target)
            self._leading[party] = arcs.where(wanted)
        return self._leading[party]

    def _answering(self, party: str) -> Arcs:
        """The moves by which the party may answer where answers must be credible."""
        arcs, known = self.leading(party), self.known[party]
        return arcs.where(known.better(arcs.target, arcs.source)) if self.sure else arcs

    # --- parties with a full order: the least value the others can bring about -------------------------------------

    def _by_ranks(self, party: str, concept: Concept) -> Bools:
        graph = self.graph
        if party not in graph.movers:
            return np.ones(len(graph), bool)
        found = None if concept.credible and self.unsure else stable_states(graph, party, concept)
        if found is not None:
            return found
        ranks = graph.rank(party)
        values = best_reachable(graph, party, ranks) if concept.escape else ranks
        worst = np.minimum(ranks, self._least([m for m in graph.movers if m != party], values))
        arcs = self.leading(party)
        stable = np.ones(len(graph), bool)
        stable[arcs.source[worst[arcs.target] > ranks[arcs.source]]] = False
        return stable

    def _least(self, movers: Sequence[str], values: NDArray[np.int32]) -> NDArray[np.int32]:
        """The least value legal sequences of preferred or perhaps preferred moves lead to (nobody twice in a row)."""
        after = {m: np.full(len(values), BEYOND, np.int32) for m in movers}
        answering = {m: self._answering(m) for m in movers}
        fallen = True
        while fallen:
            fallen = False
            for mover in movers:
                ahead = np.minimum.reduce([values, *(after[o] for o in movers if o != mover)])
                found = np.minimum(after[mover], answering[mover].least(ahead))
                if (found < after[mover]).any():
                    after[mover], fallen = found, True
        least: NDArray[np.int32] = np.minimum.reduce([np.full(len(values), BEYOND, np.int32), *after.values()])
        return least

    # --- parties with unknown comparisons: sets --------------------------------------------------------------------

    def _by_sets(self, party: str, concepts: Sequence[Concept]) -> ByAttitude:
        known = self.known[party]
        leading = self.leading(party)
        sure = known.better(leading.target, leading.source)
        out: ByAttitude = {a: {} for a in ATTITUDES}
        answers = {k: self._answers(party, credible=k) for k in {c.credible for c in concepts if c.punished}}
        for fears in (False, True):
            harmless = self._harmless(known, fears=fears)
            for escape in sorted({c.escape for c in concepts if c.punished}):
                punishing = self._punishing(party, harmless, fears=fears) if escape else harmless
                for concept in (c for c in concepts if c.punished and c.escape is escape):
                    punished = _meet(answers[concept.credible], ~punishing, leading)
                    self._enter(out, concept, leading, sure, punished, fears=fears)
            for concept in (c for c in concepts if not c.punished):
                self._enter(out, concept, leading, sure, np.zeros(len(sure), bool), fears=fears)
        return out

    def _enter(
        self, out: ByAttitude, concept: Concept, leading: Arcs, sure: Bools, punished: Bools, *, fears: bool
    ) -> None:
        for attitude in ATTITUDES.values():
            if attitude.fears is fears:
                leaves = ~punished if attitude.hopes else ~punished & sure
                stable = np.ones(len(self.graph), bool)
                stable[leading.source[leaves]] = False
                out[attitude.id][concept.id] = stable

    @staticmethod
    def _harmless(known: Known, *, fears: bool) -> Family:
        """For each state, the states that would not deter the party from leaving it."""
        better = known.better_sets()
        return better if fears else better | known.unknown_sets()

    def _punishing(self, party: str, harmless: Family, *, fears: bool) -> Family:
        """``harmless`` and the states from which a move of the party's own leads to a harmless one."""
        known, count = self.known[party], len(self.graph)
        source_of = known.worse_sets() if fears else known.worse_sets() | known.unknown_sets()
        escaping = move_step(self.graph)(party, source_of)
        return harmless | transposed(escaping, count)

    def _answers(self, party: str, *, credible: bool) -> Family:
        """For each state, where the others' legal sequences lead, the state itself left out."""
        graph = self.graph
        movers = [m for m in graph.movers if m != party]
        if not credible or not any(m in self.unsure for m in movers):
            return reachable_sets(graph, movers, improving=credible)
        by_order = improvement_step(graph)
        answering = {m: self._answering(m) for m in movers if m in self.unsure}

        def step(mover: str, sets: Family) -> Family:
            return answering[mover].joined(sets) if mover in answering else by_order(mover, sets)

        # perhaps preferred twice is not perhaps preferred: the last mover must be remembered
        return without_own(propagated(movers, step, singletons(len(graph)), transitive=False))


def _meet(answers: Family, deterring: Family, moves: Arcs) -> Bools:
    """For each move, whether an answer to its target is among the states that deter from leaving its source.

    Most pairs of sets meet early, so only those that have not met yet are looked at further on.
    """
    met = np.zeros(len(moves.source), bool)
    left = np.arange(len(met))
    start, size = 0, 2
    while len(left) and start < answers.shape[1]:
        words = slice(start, start + size)
        step = max(1, CACHED_WORDS // size)
        for first in range(0, len(left), step):
            part = left[first : first + step]
            common = answers[moves.target[part], words] & deterring[moves.source[part], words]
            met[part] = common.any(axis=1)
        left = left[~met[left]]
        start, size = start + size, size * 2
    return met


def lines(found: Unknown) -> list[str]:
    """The answer in sentences."""
    case = found.graph.case
    if not found.unsure:
        return ["Every comparison is known: the four attitudes towards unknown comparisons make no difference."]
    out = []
    for party in found.unsure:
        known = found.known[party]
        total = len(known) * (len(known) - 1) // 2
        pairs = counted(known.unknown_pairs, "pair")
        out.append(f"{case.party_name(party)}: which it prefers is not known for {pairs} of states out of {total:,}.")
    out.append("What holds depends on how a party takes a comparison of its own that is not known:")
    out += [f"  {a.id}  {a.meaning}" for a in ATTITUDES.values()]
    every = {c: _every(found, c) for c in found.concepts}
    for concept in found.concepts:
        held = [found.graph.states.id(int(s)) for s in np.flatnonzero(every[concept])]
        some = int(np.logical_or.reduce([of[concept] for of in found.equilibrium.values()]).sum())
        name = CONCEPTS[concept].name
        if held:
            verb = "holds" if len(held) == 1 else "hold"
            out.append(f"{name} ({concept}): {listed(held[:12])} {verb} under all four; {some} under at least one.")
        else:
            out.append(f"{name} ({concept}): no state holds under all four; {some} under at least one.")
    return out


def _every(found: Unknown, concept: str) -> Bools:
    every: Bools = np.logical_and.reduce([of[concept] for of in found.equilibrium.values()])
    return every


def _some(ids: Sequence[str], most: int = 12) -> str:
    if not ids:
        return "none"
    return ", ".join(ids[:most]) + (f" and {len(ids) - most:,} more" if len(ids) > most else "")
