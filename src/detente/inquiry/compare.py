"""Compare the stability of a case with a table that somebody else has made: what differs, and why.

Each verdict that differs comes with its proof and with the readings of the definitions that would explain it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import listed
from detente.graph.model import GraphModel
from detente.inquiry.compare_further import FurtherCompared, compare_further
from detente.inquiry.compare_groups import GroupsCompared, compare_groups
from detente.inquiry.explaining import Explanation, Miss, Place, explain
from detente.inquiry.session import Session
from detente.stability.analysis import Stability
from detente.stability.coalition_witness import GroupVerdict
from detente.stability.coalitions import Coalitions
from detente.stability.concepts import CONCEPTS
from detente.stability.picture import matched
from detente.stability.plain import MOST_STATES
from detente.stability.witness import Verdict, witness

Bools = NDArray[np.bool_]
ALL = "all"
MOST_WITNESSES = 200
MOST_PAIRED = 4_000
MOST_EXAMPLES = 6


@dataclass(frozen=True, eq=False)
class Column:
    """Expected verdicts under one concept.

    Attributes:
        concept: id of the concept.
        party: id of a party, or ``all`` for equilibria.
        stable: where the table says stable, shape (states,).
        judged: the states on which it says anything, shape (states,).
        kind: ``a`` to ``d`` for an attitude towards unknown comparisons, ``strong`` or ``weak``; else nothing.
    """

    concept: str
    party: str
    stable: Bools
    judged: Bools
    kind: str = ""


@dataclass(frozen=True, eq=False)
class Expected:
    """What a table says, in terms of the case's own states.

    Attributes:
        source: name of the file.
        format: what kind of file it is.
        columns: expected verdicts.
        rankings: party -> groups of tied states, best first.
        names: what the table calls a state, where it has names of its own.
        missing: states of the table that are not feasible in the case, as the table names them.
        extra: states of the case that the table does not have (only where it lists its states).
        not_compared: what the table says that cannot be compared, in sentences.
        warnings: what looks odd in the file.
        groups: expected verdicts for groups of parties, the party being ``us+dprk``, or ``universal`` for every group.
        group_moves: how groups move in the table, ``legal`` or ``joint``.
        further: expected verdicts under unknown preference and strength of preference.
    """

    source: str
    format: str
    columns: tuple[Column, ...]
    rankings: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    groups: tuple[Column, ...] = ()
    group_moves: str = "legal"
    further: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One verdict that differs.

    Attributes:
        concept, party, state: what is judged; ``all`` for equilibria, ``us+dprk`` for a group, ``universal`` for all.
        expected, found: whether the table, and whether detente, calls the state stable.
        witnesses: the moves that prove what was found: one verdict; for equilibria one per party that leaves, or one
            for every party.
        readings: the readings that reproduce the expected verdict, the best explanation first; a pair joined by +.
        hint: a ranking under which the expected verdict would be right, where one was found.
        kind: ``a`` to ``d``, ``strong`` or ``weak``, as of a ``Column``; else nothing.
        proof: for these the proof in sentences.
    """

    concept: str
    party: str
    state: str
    expected: bool
    found: bool
    witnesses: tuple[Verdict | GroupVerdict, ...]
    readings: tuple[str, ...]
    hint: str = ""
    kind: str = ""
    proof: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "concept": self.concept, "party": self.party, "state": self.state, "expected": self.expected,
            "found": self.found, "witnesses": [w.to_dict() for w in self.witnesses],
            "readings": list(self.readings), "hint": self.hint or None, "kind": self.kind or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """How a party's order differs.

    Attributes:
        party: who.
        pairs: how many pairs of states the table orders.
        differing: how many of them the case orders otherwise.
        examples: (first state, second state, the table's sign, the case's sign), signs being ``>``, ``~`` and ``<``.
    """

    party: str
    pairs: int
    differing: int
    examples: tuple[tuple[str, str, str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        names = ("first", "second", "expected", "found")
        examples = [dict(zip(names, e, strict=True)) for e in self.examples]
        return {"party": self.party, "pairs": self.pairs, "differing": self.differing, "examples": examples}


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Result):
    """A table compared with what detente finds.

    Attributes:
        graph: the conflict.
        expected: the table.
        compared: number of verdicts compared.
        differences: the verdicts that differ, in the order of the table.
        explanations: readings that explain some of them, the best first.
        orders: parties whose order differs.
        not_compared: what could not be compared, in sentences.
        coalitions: the verdicts for groups, if any were compared.
        ranked: number of rankings compared.
    """

    graph: GraphModel
    expected: Expected
    compared: int
    differences: tuple[Difference, ...]
    explanations: tuple[Explanation, ...]
    orders: tuple[OtherOrder, ...]
    not_compared: tuple[str, ...]
    coalitions: Coalitions | None = None
    ranked: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing at all could be compared."""
        return not (self.compared or self.ranked)

    @property
    def equal(self) -> bool:
        """Whether something was compared and nothing differs."""
        return not (self.nothing or self.differences or self.orders or self.expected.missing or self.expected.extra)

    @property
    def readings_tried(self) -> bool:
        """Whether the case is small enough for other readings to be tried."""
        return len(self.graph) <= MOST_STATES

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``compare``."""
        del full
        return {
            "expected": self.expected.source,
            "format": self.expected.format,
            "equal": self.equal,
            "compared": self.compared,
            "differences": [d.to_dict() for d in self.differences],
            "explanations": [e.to_dict() for e in self.explanations],
            "rankings": [o.to_dict() for o in self.orders],
            "states": {"missing": list(self.expected.missing), "extra": list(self.expected.extra)},
            "not_compared": list(self.not_compared),
        }

    def table(self) -> Table:
        """One row per verdict that differs."""
        rows = [
            (
                f"{d.concept} {d.kind}".strip(), d.party, self.called(d.state), _verdict(d.expected), _verdict(d.found),
                ", ".join(d.readings),
            )
            for d in self.differences
        ]  # fmt: skip
        heads = ("concept", "party", "state", "expected", "found", "explained by")
        return Table(heads, tuple(rows), f"Differences from {self.expected.source}")

    def called(self, state: str) -> str:
        """A state's id, with what the table calls it where that differs."""
        name = self.expected.names.get(self.graph.states.find(state), state)
        return state if name == state else f"{state} (state {name} of the table)"


def compare(session: Session, expected: Expected, **how: Any) -> Comparison:
    """Compare a table with the answers to a case.

    Args:
        session: of the case.
        expected: the table, its states being those of the case *as asked*.
        how: view, types and changes, as for ``Session.ask``.
    """
    concepts = tuple(dict.fromkeys(c.concept for c in expected.columns))
    found: Stability = session.ask("stability", concepts=concepts or ("nash",), **how)
    graph = found.graph
    not_compared = list(expected.not_compared)
    misses: list[Miss] = []
    held: list[tuple[Column, Bools]] = []
    for column in expected.columns:
        verdicts = (
            found.equilibrium[column.concept] if column.party == ALL else found.stable[column.concept][column.party]
        )
        if verdicts is None:
            who = "all parties" if column.party == ALL else graph.case.party_name(column.party)
            whose = listed([graph.case.party_name(p) for p in found.unsure])
            why = f"not known, because the order of {whose} is not known"
            not_compared.append(f"{column.concept} for {who}: {why}.")
            continue
        held.append((column, verdicts))
        place, wrong = Place(column.concept, column.party), column.judged & (column.stable != verdicts)
        misses += [Miss(place, int(s), expected=bool(column.stable[s])) for s in np.flatnonzero(wrong)]
    orders = tuple(o for p, r in expected.rankings.items() if (o := _order(graph, p, r, not_compared)) is not None)
    explained = explain(
        graph, misses, {Place(c.concept, c.party): (v, c.judged) for c, v in held},
        _other_ranks(graph, expected, orders), _blind(session, graph, how),
    )  # fmt: skip
    not_compared += explained.remarks
    differences = tuple(
        Difference(
            m.place.concept, m.place.party, graph.states.id(m.state), m.expected, not m.expected,
            _witnesses(graph, m) if n < MOST_WITNESSES else (), explained.readings[n], explained.hints[n],
        )
        for n, m in enumerate(misses)
    )  # fmt: skip
    groups = compare_groups(session, expected.groups, expected.group_moves, how)
    further = compare_further(session, expected.further, how)
    return Comparison(
        _with_parameters(found.provenance, expected), graph, expected,
        sum(int(c.judged.sum()) for c, _ in held) + groups.compared + further.compared,
        (*differences, *_of_groups(graph, groups), *_of_further(graph, further)),
        (*explained.explanations, *groups.explanations), orders,
        (*not_compared, *groups.not_compared, *further.not_compared), groups.found,
        sum(graph.ranks[p] is not None for p in expected.rankings),
    )  # fmt: skip


def _of_groups(graph: GraphModel, groups: GroupsCompared) -> Iterator[Difference]:
    for m in groups.misses:
        state = graph.states.id(m.state)
        yield Difference(m.concept, m.group, state, m.expected, not m.expected, m.witnesses, m.readings)


def _of_further(graph: GraphModel, further: FurtherCompared) -> Iterator[Difference]:
    for m in further.misses:
        state = graph.states.id(m.state)
        yield Difference(m.concept, m.party, state, m.expected, not m.expected, (), (), kind=m.kind, proof=m.proof)


def _with_parameters(used: Provenance, expected: Expected) -> Provenance:
    parameters = {"expected": expected.source}
    return Provenance(
        used.case, used.digest, used.view, used.types, used.changes, parameters, None, exact=True,
        warnings=(*used.warnings, *expected.warnings),
    )  # fmt: skip


def _verdict(stable: bool) -> str:  # noqa: FBT001
    return "stable" if stable else "not stable"


def _witnesses(graph: GraphModel, miss: Miss) -> tuple[Verdict, ...]:
    concept = CONCEPTS[miss.place.concept]
    if miss.place.party != ALL:
        return (witness(graph, miss.place.party, concept, miss.state),)
    verdicts = tuple(witness(graph, p, concept, miss.state) for p in graph.parties)
    return tuple(v for v in verdicts if not v.stable) or verdicts


# --- orders ----------------------------------------------------------------------------------------------------------


def _order(
    graph: GraphModel, party: str, ranking: tuple[tuple[int, ...], ...], not_compared: list[str]
) -> OtherOrder | None:
    """Where a party's order differs from the table's, over all pairs of states that the table names."""
    ranks = graph.ranks[party]
    if ranks is None:
        not_compared.append(f"The ranking of {graph.case.party_name(party)}: only some comparisons are known here.")
        return None
    states = np.array([s for g in ranking for s in g], np.int64)
    place = -np.repeat(np.arange(len(ranking)), [len(g) for g in ranking])
    if len(states) > MOST_PAIRED:
        not_compared.append(f"The ranking of {graph.case.party_name(party)} beyond its first {MOST_PAIRED:,} states.")
        states, place = states[:MOST_PAIRED], place[:MOST_PAIRED]
    here = ranks[states]
    wrong = 0
    for n in range(len(states)):
        wrong += int((np.sign(here[n] - here[n + 1 :]) != np.sign(place[n] - place[n + 1 :])).sum())
    if not wrong:
        return None
    examples = list(_examples(graph, states, place, here))
    return OtherOrder(party, len(states) * (len(states) - 1) // 2, wrong, tuple(examples[:MOST_EXAMPLES]))


def _examples(
    graph: GraphModel, states: NDArray[np.int64], place: NDArray[np.int64], here: NDArray[np.int32]
) -> Iterator[tuple[str, str, str, str]]:
    """Pairs that stand next to each other in the table and otherwise here; where there are none, the first pair."""
    signs = {1: ">", 0: "~", -1: "<"}
    for gap in range(1, len(states)):
        told = False
        for n in range(len(states) - gap):
            expected, found = (int(np.sign(v[n] - v[n + gap])) for v in (place, here))
            if expected != found:
                told = True
                ident = graph.states.id
                yield ident(int(states[n])), ident(int(states[n + gap])), signs[expected], signs[found]
        if told:
            return


def _other_ranks(graph: GraphModel, expected: Expected, orders: tuple[OtherOrder, ...]) -> dict[str, NDArray[np.int32]]:
    """The table's own ranks, for parties whose order differs and whose table names every state."""
    out = {}
    for order in orders:
        ranking = expected.rankings[order.party]
        if sum(map(len, ranking)) == len(graph):
            ranks = np.zeros(len(graph), np.int32)
            for place, group in enumerate(reversed(ranking)):
                ranks[list(group)] = place
            out[order.party] = ranks
    return out


def _blind(session: Session, graph: GraphModel, how: Mapping[str, Any]) -> dict[str, Bools]:
    """The states that parties do not see, from the views that are pictures of theirs."""
    out: dict[str, Bools] = {}
    if how.get("view") is not None:
        return out
    for name, view in graph.case.written.file.views.items():
        if view.of is not None and view.of not in out and view.of in graph.movers:
            seen = session.states(session.case(**{**how, "view": name}))
            hidden = matched(graph.states, seen)[0] < 0
            if hidden.any():
                out[view.of] = hidden
    return out
