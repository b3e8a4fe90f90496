"""Strength of preference: states that are stable because leaving would cost the party much, or only a little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.graph.closure import least_reachable
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks
from detente.graph.strength import much_worse
from detente.graph.tables import BEYOND
from detente.stability.concepts import CONCEPTS, Concept, best_reachable
from detente.stability.narrative import MOST_ANSWERS, change
from detente.stability.option_table import MOST_LISTED, option_table
from detente.stability.witness import Step, Verdict, proved

Bools = NDArray[np.bool_]
Verdicts = Mapping[str, Bools | None]
CONCEPTS_WITH_STRENGTH = tuple(c.id for c in CONCEPTS.values() if c.punished)
"""Nash stability has no strong and weak form: it does not depend on what would happen after leaving."""


@dataclass(frozen=True, repr=False, eq=False)
class Strength(Result):
    """Which stable states are strongly stable.

    A state is *strongly* stable for a party if, whatever state that it prefers it moves to, the others can answer so
    that it ends in a state *much* worse than the one that it left (and, for smr and sseq, so that its own next move
    takes it only to states much worse than the one that it left). It is *weakly* stable if it is stable, but not
    strongly. The others' improvements, for seq and sseq, may be of any strength.

    Attributes:
        graph: the conflict asked.
        concepts: ids in the order asked, ``nash`` not among them.
        declared: parties that declare comparisons much stronger than the rest.
        both: those of them that also declare unknown comparisons: there is no verdict on them.
        strong: concept -> party -> shape (states,); None where there is no verdict.
        weak: concept -> party -> shape (states,); None likewise.

    Sources: Hamouda, Kilgour, Hipel 2004 (Group Decision and Negotiation 13), 2006 (Applied Mathematics and
    Computation 179), here with sanctions by legal sequences for any number of parties. The strong form of sseq extends
    theirs in the same way as sseq extends seq.
    """

    graph: GraphModel
    concepts: tuple[str, ...]
    declared: tuple[str, ...]
    both: tuple[str, ...]
    strong: Mapping[str, Verdicts]
    weak: Mapping[str, Verdicts]

    def equilibrium(self, concept: str) -> Bools | None:
        """Shape (states,): strongly stable for every party; None where some verdict is missing."""
        return _for_all(self.strong[concept])

    def weak_equilibrium(self, concept: str) -> Bools | None:
        """Shape (states,): stable for every party, but not strongly for each of them; None likewise."""
        strong, weak = self.strong[concept], self.weak[concept]
        every = _for_all(strong)
        stable = _for_all({p: _either(s, weak[p]) for p, s in strong.items()})
        return _but_not(stable, every)

    def equilibria(self, concept: str) -> tuple[str, ...]:
        """Ids of the states that are strongly stable for every party."""
        return tuple(self._listed(self.equilibrium(concept)) or ())

    def witness(self, concept: str, party: str, state: str | int) -> Verdict:
        """The moves that prove whether a state is strongly stable: sanctions that cost the party much.

        Returns:
            A verdict whose ``stable`` means strongly stable; if not, its one answer is the improvement for which the
            others cannot make the party pay much.

        Raises:
            UsageError: an unknown concept, party or state, or a party on which there is no verdict.
        """
        if concept not in self.concepts:
            raise UsageError(f"the concept {shown(concept)}", f"one of {', '.join(self.concepts)}")
        if party not in self.graph.parties:
            known = list(self.graph.parties)
            raise UsageError(
                f"the unknown party {shown(party)}", f"one of {', '.join(known)}", did_you_mean(party, known)
            )
        if self.strong[concept][party] is None:
            name = self.graph.case.party_name(party)
            raise UsageError(f"a verdict on {name}", "a party whose order, and whose opponents' order, is known")
        number = state if isinstance(state, int) else self.graph.states.find(state)
        graph, ranks = self.graph, self.graph.rank(party)
        bound = int(much_worse(graph.case, graph.states, party, ranks)[number])

        def punishes(reached: int) -> bool:
            if ranks[reached] > bound:
                return False
            return not (CONCEPTS[concept].escape and (ranks[graph.reachable(party, reached)] > bound).any())

        return proved(graph, party, CONCEPTS[concept], number, punishes)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON form; above 10,000 states counts stand for the states of a party unless ``full``."""
        return {
            "concepts": list(self.concepts),
            "declared": list(self.declared),
            "both": list(self.both),
            "strong": {c: self._by_party(of, full=full) for c, of in self.strong.items()},
            "weak": {c: self._by_party(of, full=full) for c, of in self.weak.items()},
            "equilibria": {
                c: {
                    "strong": self._listed(self.equilibrium(c)),
                    "weak": self._listed(self.weak_equilibrium(c)),
                }
                for c in self.concepts
            },
        }

    def table(self) -> Table:
        """Equilibria and their levels, one column per state."""
        marks: dict[str, Bools] = {}
        for concept in self.concepts:
            for kind, held in (("strong", self.equilibrium(concept)), ("weak", self.weak_equilibrium(concept))):
                if held is not None:
                    marks[f"{concept}, {kind}"] = held
        any_of = np.logical_or.reduce(list(marks.values())) if marks else np.zeros(len(self.graph), bool)
        return option_table(self.graph, [int(s) for s in np.flatnonzero(any_of)[:24]], marks)

    def _by_party(self, of: Verdicts, *, full: bool) -> dict[str, list[str] | int | None]:
        every = full or len(self.graph) <= MOST_LISTED
        return {p: self._listed(s) if every or s is None else int(s.sum()) for p, s in of.items()}

    def _listed(self, states: Bools | None) -> list[str] | None:
        return None if states is None else [self.graph.states.id(int(s)) for s in np.flatnonzero(states)]


def strength(graph: GraphModel, provenance: Provenance, concepts: Sequence[str] = CONCEPTS_WITH_STRENGTH) -> Strength:
    """Split the stable states of every party into strongly and weakly stable ones.

    Args:
        graph: the conflict.
        provenance: carried into the result.
        concepts: ids of ``CONCEPTS`` but ``nash``.

    Raises:
        UsageError: another concept.
    """
    for concept in concepts:
        if concept not in CONCEPTS_WITH_STRENGTH:
            raise UsageError(f"the concept {shown(concept)}", f"one of {', '.join(CONCEPTS_WITH_STRENGTH)}")
    forms = {p: graph.case.preference(p) for p in graph.parties}
    declared = tuple(p for p, f in forms.items() if f is not None and f.strength)
    both = tuple(p for p in declared if (f := forms[p]) is not None and f.unknown)
    bounds = {
        p: None if r is None or p in both else much_worse(graph.case, graph.states, p, r)
        for p, r in graph.ranks.items()
    }
    strong: dict[str, Verdicts] = {}
    weak: dict[str, Verdicts] = {}
    for concept in concepts:
        both_kinds = {p: strong_and_weak(graph, p, CONCEPTS[concept], b) for p, b in bounds.items()}
        strong[concept] = {p: kinds[0] for p, kinds in both_kinds.items()}
        weak[concept] = {p: kinds[1] for p, kinds in both_kinds.items()}
    warnings = tuple(
        f"{graph.case.party_name(p)} declares unknown comparisons as well as strength; there is no verdict on it."
        for p in both
    )
    told = replace(provenance, warnings=(*provenance.warnings, *warnings))
    return Strength(told, graph, tuple(concepts), declared, both, strong, weak)


def strong_and_weak(
    graph: GraphModel, party: str, concept: Concept, bounds: Ranks | None
) -> tuple[Bools | None, Bools | None]:
    """The states that are strongly stable for a party under a concept, and those that are only weakly stable.

    Args:
        graph: the conflict.
        party: whose stability.
        concept: one that counts countermoves.
        bounds: for each state the highest rank that is much worse, shape (states,); None: not known.

    Returns:
        Two of shape (states,); None where the party, or for a credible concept an opponent who moves, has no order.
    """
    ranks = graph.ranks[party]
    opponents = [m for m in graph.movers if m != party]
    if bounds is None or ranks is None or (concept.credible and any(graph.ranks[o] is None for o in opponents)):
        return None, None
    if party not in graph.movers:
        return np.ones(len(graph), bool), np.zeros(len(graph), bool)
    after = best_reachable(graph, party, ranks) if concept.escape else ranks
    worst = least_reachable(graph, opponents, after, improving=concept.credible)
    strong = _deterred(graph, party, worst, bounds)
    return strong, _deterred(graph, party, worst, ranks) & ~strong


def _deterred(graph: GraphModel, party: str, worst: Ranks, bounds: Ranks) -> Bools:
    """Where every improvement of the party can end in a rank no higher than the bound of the state that it leaves."""
    out = np.ones(len(graph) + 1, bool)
    ends = np.append(-worst, BEYOND)
    bound = np.append(bounds, BEYOND)
    for table in graph.tables(party):
        # the tables of a party are sorted by its own ranks: beyond = strictly preferred
        unpunished = -table.minimum_beyond(ends[table.states], None) > bound[table.states]
        if table.movers is not None:
            unpunished &= table.movers
        out[table.states[unpunished]] = False
    return out[:-1]


def lines(found: Strength) -> list[str]:
    """How many states are strongly stable for all, in plain sentences."""
    graph = found.graph
    names = [graph.case.party_name(p) for p in found.declared]
    if not names:
        return ["Strength of preference: no party says which of its comparisons are much stronger than the rest."]
    meaning = (
        "a state is strongly stable if nobody wants to leave it, or if leaving it can be answered so that it costs the "
        "party much; weakly stable if only so that the party gains nothing"
    )
    told = [f"Strength of preference, declared by {listed(names)}: {meaning}."]
    rest = [graph.case.party_name(m) for m in graph.movers if m not in found.declared]
    if rest:
        told.append(
            f"For {listed(rest)} nothing is declared to be much worse than anything else, so a state is strongly "
            "stable only where there is no move that is preferred at all."
        )
    told += [f"warning: {w}" for w in found.provenance.warnings]
    for concept in found.concepts:
        strong, weak = found.equilibrium(concept), found.weak_equilibrium(concept)
        if strong is None or weak is None:
            told.append(f"{concept}: not known for every party ({CONCEPTS[concept].name})")
            continue
        held, more = counted(int(strong.sum()), "state"), counted(int(weak.sum()), "more", "more")
        told.append(f"{concept}: {held} strongly stable for all, {more} only weakly ({CONCEPTS[concept].name})")
    return told


def proof(found: Strength, concept: str, party: str, state: str) -> list[str]:
    """Why a state is strongly stable for a party, only weakly stable, or not stable, in sentences."""
    graph, verdict = found.graph, found.witness(concept, party, state)
    weak = found.weak[concept][party]
    number = graph.states.find(state)
    kind = (
        "strongly stable" if verdict.stable else "weakly stable" if weak is not None and weak[number] else "not stable"
    )
    name = graph.case.party_name(party)
    told = [f"{concept}, {CONCEPTS[concept].name}: {state} is {kind} for {name}."]
    if not verdict.answers:
        return [*told, f"  {name} has no move from here that it prefers."]
    for answer in verdict.answers[:MOST_ANSWERS]:
        move = change(graph, Step(verdict.party, verdict.state, answer.improvement))
        if answer.sanction is None:
            told.append(f"  {move}, which it prefers, and the others have no answer that would cost it much.")
            continue
        replies = "; then ".join(change(graph, s) for s in answer.sanction)
        told.append(f"  {move}, which it prefers, but then {replies}, which leaves {name} much worse off than before.")
    if len(verdict.answers) > MOST_ANSWERS:
        told.append(f"  The same goes for its {len(verdict.answers) - MOST_ANSWERS} other preferred moves.")
    return told


def _but_not(stable: Bools | None, strong: Bools | None) -> Bools | None:
    return None if stable is None or strong is None else stable & ~strong


def _either(strong: Bools | None, weak: Bools | None) -> Bools | None:
    return None if strong is None or weak is None else strong | weak


def _for_all(of: Verdicts) -> Bools | None:
    known = [v for v in of.values() if v is not None]
    return np.logical_and.reduce(known) if len(known) == len(of) else None
