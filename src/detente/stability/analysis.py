"""The stability of every state for every party, and the equilibria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import listed
from detente.graph.model import GraphModel
from detente.stability.bounds import Bounds, SureVerdicts, joined
from detente.stability.concepts import CONCEPTS, stable_states
from detente.stability.option_table import MOST_LISTED, option_table, states_dict
from detente.stability.witness import Verdict, witness

Bools = NDArray[np.bool_]
MIXED = "mixed"
MOST_COLUMNS = 24


@dataclass(frozen=True, repr=False, eq=False)
class Stability(Result):
    """Which states are stable, for whom, under which solution concept.

    Attributes:
        graph: the conflict asked.
        concepts: ids in the order asked; ``mixed`` stands for a concept per party.
        stable: concept -> party -> shape (states,), or None where the party has no order to judge by.
        equilibrium: concept -> shape (states,): stable for every party; None where some verdict is missing.
        mixture: concept of each party for ``mixed``.
    """

    graph: GraphModel
    concepts: tuple[str, ...]
    stable: Mapping[str, Mapping[str, Bools | None]]
    equilibrium: Mapping[str, Bools | None]
    mixture: Mapping[str, str] = field(default_factory=dict)

    def equilibria(self, concept: str) -> tuple[str, ...]:
        """Ids of the states that are stable for every party."""
        found = self.equilibrium[concept]
        return () if found is None else tuple(self.graph.states.id(int(s)) for s in np.flatnonzero(found))

    def is_stable(self, concept: str, party: str, state: str | int) -> bool | None:
        """Whether a state is stable for a party, which can be sure without its order; None where it is not known."""
        return self.bounds(concept, party).of(self._number(state))

    def bounds(self, concept: str, party: str | None = None) -> Bounds:
        """What is sure of a party's verdicts, or of the equilibria, whatever the parties without an order want."""
        if party is None:
            return joined([self.bounds(concept, p) for p in self.graph.parties])
        found = self.stable[concept][party]
        if found is not None:
            return Bounds(found, ~found)
        return self._sure.bounds(party, CONCEPTS[self.mixture[party] if concept == MIXED else concept])

    @property
    def mute(self) -> bool:
        """Whether no party's preference is written, so that there is nothing to judge."""
        forms = (self.graph.case.preference(p) for p in self.graph.parties)
        return not any(f is not None and f.form() is not None for f in forms)

    @property
    def unsure(self) -> tuple[str, ...]:
        """The parties without an order."""
        return self._sure.unsure

    @cached_property
    def _sure(self) -> SureVerdicts:
        return SureVerdicts(self.graph)

    def witness(self, concept: str, party: str, state: str | int) -> Verdict:
        """The moves that prove one verdict.

        Raises:
            UsageError: an unknown concept, party or state, or a verdict that is not known.
        """
        found = self.proved(concept, party, state)
        if found is None:
            name, ident = self.graph.case.party_name, self.graph.states.id(self._number(state))
            told = f"a verdict on {name(party)} at {ident} under {concept}"
            raise UsageError(told, f"one that does not depend on what {listed([name(p) for p in self.unsure])} wants")
        return found

    def proved(self, concept: str, party: str, state: str | int) -> Verdict | None:
        """As ``witness``; None where the verdict is not known."""
        self._known(concept, party)
        used = CONCEPTS[self.mixture[party] if concept == MIXED else concept]
        number = self._number(state)
        if self.stable[concept][party] is not None:
            return witness(self.graph, party, used, number)
        return self._sure.witness(party, used, number)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``stability``; above 10,000 states counts stand for lists unless ``full``."""
        listed = full or len(self.graph) <= MOST_LISTED
        out = states_dict(self.graph, listed=listed)
        out["concepts"] = list(self.concepts)
        out["stable"] = {
            c: {p: self._ids(s, listed=listed) for p, s in of.items()} for c, of in self.stable.items()
        }  # fmt: skip
        out["equilibria"] = {c: self._ids(e, listed=True) for c, e in self.equilibrium.items()}
        return out

    def table(self) -> Table:
        """Equilibria and their levels, one column per state; of many those that hold under most concepts."""
        marks = {c: e for c, e in self.equilibrium.items() if e is not None}
        under = np.sum(list(marks.values()), axis=0) if marks else np.zeros(len(self.graph), int)
        held = np.flatnonzero(under)
        columns = np.sort(held[np.argsort(-under[held], kind="stable")][:MOST_COLUMNS])
        table = option_table(self.graph, [int(s) for s in columns], marks)
        if len(held) <= MOST_COLUMNS:
            return table
        note = (
            f"Shown: {MOST_COLUMNS} of the {len(held):,} states that hold, those that hold under most concepts first."
        )
        return replace(table, note=f"{note} All of them: --table stability -o FILE.csv")

    def _ids(self, states: Bools | None, *, listed: bool) -> list[str] | int | None:
        if states is None:
            return None
        return [self.graph.states.id(int(s)) for s in np.flatnonzero(states)] if listed else int(states.sum())

    def _number(self, state: str | int) -> int:
        return state if isinstance(state, int) else self.graph.states.find(state)

    def _known(self, concept: str, party: str) -> None:
        if concept not in self.stable:
            raise UsageError(f"the concept {shown(concept)}", f"one of {', '.join(self.stable)}")
        if party not in self.graph.parties:
            known = list(self.graph.parties)
            fix = did_you_mean(party, known)
            raise UsageError(f"the unknown party {shown(party)}", f"one of {', '.join(known)}", fix)


def analyse(
    graph: GraphModel,
    provenance: Provenance,
    concepts: Sequence[str] = tuple(CONCEPTS),
    mixture: Mapping[str, str] | None = None,
) -> Stability:
    """Find the stable states of every party under some concepts.

    Args:
        graph: the conflict.
        provenance: carried into the result.
        concepts: ids of ``CONCEPTS``.
        mixture: a concept for each party (others: Nash), answered as the extra concept ``mixed``.

    Raises:
        UsageError: an unknown concept or party.
    """
    for concept in (*concepts, *(mixture or {}).values()):
        if concept not in CONCEPTS:
            known = list(CONCEPTS)
            fix = did_you_mean(concept, known)
            raise UsageError(f"the unknown concept {shown(concept)}", f"one of {', '.join(known)}", fix)
    for party in mixture or {}:
        if party not in graph.parties:
            known = list(graph.parties)
            fix = did_you_mean(party, known)
            raise UsageError(f"the unknown party {shown(party)}", f"one of {', '.join(known)}", fix)
    stable = {c: {p: stable_states(graph, p, CONCEPTS[c]) for p in graph.parties} for c in concepts}
    mixed = {p: (mixture or {}).get(p, "nash") for p in graph.parties} if mixture else {}
    if mixed:
        stable[MIXED] = {
            p: stable[c][p] if c in stable else stable_states(graph, p, CONCEPTS[c]) for p, c in mixed.items()
        }  # fmt: skip
    equilibrium = {c: _all_stable(of) for c, of in stable.items()}
    return Stability(provenance, graph, tuple(stable), stable, equilibrium, mixed)


def _all_stable(of: Mapping[str, Bools | None]) -> Bools | None:
    verdicts = list(of.values())
    known = [v for v in verdicts if v is not None]
    return np.logical_and.reduce(known) if known and len(known) == len(verdicts) else None
