"""Which reading of the definitions explains verdicts that differ: every known one tried, alone and in pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.wording import counted
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks, dense
from detente.stability.plain import MOST_STATES, Plain
from detente.stability.readings import READINGS, RIGHT, Known, Reading, joined_readings

Bools = NDArray[np.bool_]
ALL = "all"
MOST_STATES_WHOLE = 1_000  # up to here a reading is also held against the verdicts that agree
MOST_STATES_PAIRED = 200  # up to here pairs of readings are held against everything
MOST_STATES_HINTED = 200  # up to here rankings are searched that would explain the rest
MOST_MOVERS = 8
MOST_HINTS = 40
TABLE_RANKING = Known(
    "table_ranking", RIGHT, "the parties rank the states as the table does", "the case ranks them otherwise"
)
UNSEEN = Known(
    "unseen_is_stable", RIGHT, "a state that a party does not see counts as stable for it, and it never goes there",
    "a party judges by what it sees; a state that it does not see is no equilibrium",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A concept and a party (``all``: every party)."""

    concept: str
    party: str


@dataclass(frozen=True, slots=True)
class Miss:
    """A verdict that differs from what was expected."""

    place: Place
    state: int
    expected: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reading, or two at once, that reproduces some of the expected verdicts.

    Attributes:
        readings: ids, one or two.
        says: the reading in words, to follow *if*.
        definition: what the definition says instead.
        concepts: the concepts in which it reproduces something.
        explains: how many of the differences disappear.
        of: how many there are.
        contradicts: how many verdicts under these concepts that agree now would differ; None: not counted.
    """

    readings: tuple[str, ...]
    says: str
    definition: str
    concepts: tuple[str, ...]
    explains: int
    of: int
    contradicts: int | None

    @property
    def id(self) -> str:
        """The ids joined by +."""
        return "+".join(self.readings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "reading": self.id, "says": self.says, "definition": self.definition, "concepts": list(self.concepts),
            "explains": self.explains, "of": self.of, "contradicts": self.contradicts,
        }  # fmt: skip


@dataclass(frozen=True)
class Explained:
    """What was found.

    Attributes:
        explanations: the best first.
        readings: per difference the ids of the readings that reproduce it, the best first.
        hints: per difference a ranking under which it would disappear, in words, or nothing.
        remarks: what was not tried.
    """

    explanations: tuple[Explanation, ...] = ()
    readings: tuple[tuple[str, ...], ...] = ()
    hints: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Trial:
    """A model and a reading of the definitions to be tried on it."""

    known: tuple[Known, ...]
    model: Plain
    reading: Reading


@dataclass
class _Case:
    """The differences, and the verdicts that agree."""

    misses: Sequence[Miss]
    held: Mapping[Place, tuple[Bools, Bools]]

    def tried(self, trial: _Trial, *, whole: bool) -> tuple[Bools, Explanation]:
        """Which differences a reading reproduces, and what becomes of the rest."""
        hit = np.zeros(len(self.misses), bool)
        missed = {m.place.concept for m in self.misses}
        against: dict[str, int] = {}
        for place, (verdicts, judged) in self.held.items():
            numbers = [n for n, m in enumerate(self.misses) if m.place == place]
            if not numbers and (not whole or place.concept not in missed):
                continue
            states = None if whole else np.array([self.misses[n].state for n in numbers])
            found = judged_for(trial.model, place, trial.reading, states)
            if found is None:
                continue
            if states is not None:
                hit[numbers] = [found[k] == self.misses[n].expected for k, n in enumerate(numbers)]
                continue
            hit[numbers] = [found[self.misses[n].state] == self.misses[n].expected for n in numbers]
            agreeing = judged.copy()
            agreeing[[self.misses[n].state for n in numbers]] = False
            against[place.concept] = against.get(place.concept, 0) + int((agreeing & (found != verdicts)).sum())
        concepts = tuple(dict.fromkeys(m.place.concept for m, h in zip(self.misses, hit, strict=True) if h))
        wrong = sum(against.get(c, 0) for c in concepts) if whole else None
        says = " and ".join(k.says for k in trial.known)
        definition = "; ".join(dict.fromkeys(k.definition for k in trial.known))
        ids = tuple(k.id for k in trial.known)
        return hit, Explanation(ids, says, definition, concepts, int(hit.sum()), len(self.misses), wrong)


def explain(
    graph: GraphModel,
    misses: Sequence[Miss],
    held: Mapping[Place, tuple[Bools, Bools]],
    ranks: Mapping[str, Ranks],
    blind: Mapping[str, Bools],
) -> Explained:
    """Try every reading on the verdicts that differ.

    Args:
        graph: the conflict.
        misses: the verdicts that differ.
        held: per concept and party the verdicts found and where the table says anything, each of shape (states,).
        ranks: the table's own ranks of parties whose order differs.
        blind: party -> the states it does not see.
    """
    if not misses:
        return Explained()
    if len(graph) > MOST_STATES:
        text = f"Other readings of the definitions: tried up to {MOST_STATES:,} states, and there are {len(graph):,}."
        return Explained((), ((),) * len(misses), ("",) * len(misses), (text,))
    model = Plain.of(graph)
    case = _Case(misses, held)
    whole = len(graph) <= MOST_STATES_WHOLE
    results = [case.tried(t, whole=whole) for t in _trials(model, ranks, blind)]
    perfect = any(e.explains == len(misses) and not e.contradicts for _, e in results)
    unexplained = ~np.logical_or.reduce([hit for hit, _ in results])
    if not perfect and (unexplained.any() or len(graph) <= MOST_STATES_PAIRED):
        wide = len(graph) <= MOST_STATES_PAIRED
        for trial in _pairs(model, ranks, blind):
            hit, found = case.tried(trial, whole=wide)
            if (hit & unexplained).any() or (found.explains == len(misses) and found.contradicts == 0):
                results.append((hit, found))
    results = sorted((r for r in results if r[1].explains), key=lambda r: _merit(r[1]))
    readings = tuple(tuple(e.id for hit, e in results if hit[n]) for n in range(len(misses)))
    hints = _hints(graph, model, misses, readings)
    return Explained(tuple(e for _, e in results), readings, hints)


def judged_for(model: Plain, place: Place, reading: Reading, states: NDArray[np.int64] | None = None) -> Bools | None:
    """The verdicts under a reading, for one party or for every party."""
    if place.party != ALL:
        return model.judged(place.concept, place.party, reading, states)
    verdicts = [model.judged(place.concept, p, reading, states) for p in model.parties]
    known = [v for v in verdicts if v is not None]
    return np.logical_and.reduce(known) if known and len(known) == len(verdicts) else None


def _merit(found: Explanation) -> tuple[int, int, int]:
    """Best first: what it sets right less what it breaks, fewest readings."""
    return (found.contradicts or 0) - found.explains, -found.explains, len(found.readings)


def _trials(model: Plain, ranks: Mapping[str, Ranks], blind: Mapping[str, Bools]) -> Iterator[_Trial]:
    small = len(model.moves) <= MOST_MOVERS
    for known in READINGS.values():
        if small or known.id not in ("each_once", "net_effect"):  # their search grows with the sets of movers
            yield _Trial((known,), model, known.reading)
    for known, other in _models(model, ranks, blind):
        yield _Trial((known,), other, RIGHT)


def _models(
    model: Plain, ranks: Mapping[str, Ranks], blind: Mapping[str, Bools]
) -> Iterator[tuple[Known, Plain]]:  # fmt: skip
    if ranks:
        yield TABLE_RANKING, model.with_ranks(ranks)
    if blind:
        yield UNSEEN, model.with_blind(blind)


def _pairs(model: Plain, ranks: Mapping[str, Ranks], blind: Mapping[str, Bools]) -> Iterator[_Trial]:
    if len(model.moves) <= MOST_MOVERS:
        for one, other, both in joined_readings():
            yield _Trial((one, other), model, both)
    for known, changed in _models(model, ranks, blind):
        for reading in READINGS.values():
            yield _Trial((known, reading), changed, reading.reading)
    if ranks and blind:
        yield _Trial((TABLE_RANKING, UNSEEN), model.with_ranks(ranks).with_blind(blind), RIGHT)


# --- rankings --------------------------------------------------------------------------------------------------------


def _hints(
    graph: GraphModel, model: Plain, misses: Sequence[Miss], readings: Sequence[tuple[str, ...]]
) -> tuple[str, ...]:
    """For what no reading explains: the smallest shift of the state in a party's order that would."""
    hints = []
    for n, miss in enumerate(misses):
        tell = not readings[n] and n < MOST_HINTS and len(graph) <= MOST_STATES_HINTED
        hints.append(_hint(graph, model, miss) if tell else "")
    return tuple(hints)


def _hint(graph: GraphModel, model: Plain, miss: Miss) -> str:
    parties = model.parties if miss.place.party == ALL else (miss.place.party,)
    concept, state = miss.place.concept, np.array([miss.state])
    now = {p: v for p in parties if (v := model.judged(concept, p, RIGHT, state)) is not None}
    wrong = [p for p, v in now.items() if bool(v[0]) != miss.expected]
    shifts = {p: s for p in wrong if (s := _shift(model, concept, p, miss)) is not None}
    if not shifts:
        return ""
    chosen = wrong if miss.expected else [min(shifts, key=lambda p: shifts[p][0])]
    parts = [
        f"{graph.case.party_name(p)} ranked {graph.states.id(miss.state)} {shifts[p][1]} "
        f"{graph.states.id(shifts[p][2])} ({counted(shifts[p][0], 'place')} {'higher' if miss.expected else 'lower'})"
        for p in chosen
    ]
    verdict = "stable" if miss.expected else "not stable"
    return f"it would be {verdict} if {' and if '.join(parts)}"


def _shift(model: Plain, concept: str, party: str, miss: Miss) -> tuple[int, str, int] | None:
    """How many places a state must rise or fall in a party's order, beside which state it then stands, or None."""
    ranks = model.ranks[party]
    if ranks is None:
        return None
    here, state = int(ranks[miss.state]), np.array([miss.state])
    goals = range(here + 1, int(ranks.max()) + 1) if miss.expected else range(here, -1, -1)
    for goal in goals:
        others = np.flatnonzero((ranks == goal) & (np.arange(len(ranks)) != miss.state))
        if not len(others):
            continue
        moved = ranks.astype(np.int64) * 2
        moved[miss.state] = 2 * goal if miss.expected else 2 * goal - 1
        found = model.with_ranks({party: dense(moved)}).judged(concept, party, RIGHT, state)
        if found is not None and bool(found[0]) == miss.expected:
            return max(1, abs(goal - here)), "as high as" if miss.expected else "below", int(others[0])
    return None
