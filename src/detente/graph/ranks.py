"""Ranks: the order a party puts the states in, from any written form of preference. 0 is worst, ties share a rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import shown
from detente.case.blocks.preferences import Entry, Forms
from detente.case.conditions import StateName
from detente.case.fields import Clause
from detente.case.model import Case
from detente.space.masks import Bools
from detente.space.states import StateSpace, fault
from detente.space.worth import Worth

Ranks = NDArray[np.int32]
AS_ORDERED = "the comparisons said to be unknown are taken as the order has them."


def ranks_of(case: Case, states: StateSpace, party: str) -> tuple[Ranks | None, list[str]]:
    """Dense ranks of all states for one party, with remarks on how they came about.

    Args:
        case: whose preferences; typed parties are read with the type it chooses.
        states: the states ranked (of this case, or of one with the same options and rules).
        party: id of the party.

    Returns:
        Ranks of shape (states,), or None where only some comparisons are known; and warnings.

    Raises:
        CaseError: an order that contradicts itself.
    """
    forms = case.preference(party)
    name = case.party_name(party)
    path = preference_path(case, party)
    if forms is None or forms.form() is None:
        if case.file.parties[party].role == "mediator":
            return np.zeros(len(states), np.int32), []
        text = f"{name} has no preference and counts as indifferent: always stable; its moves can punish only in"
        return np.zeros(len(states), np.int32), [f"{text} general and symmetric metarationality."]
    if forms.partial is None:
        ranks, warnings = _order(case, states, forms, path, name)
        if forms.unknown:
            from detente.graph.known import check_unknown

            check_unknown(case, states, party, ranks)
            warnings.append(f"{name}: {AS_ORDERED}")
        if forms.strength:
            from detente.graph.strength import much_worse

            much_worse(case, states, party, ranks)
        return ranks, warnings
    _contradiction(states, forms.partial, f"{path}.partial")
    text = f"For {name} only some comparisons are known, so verdicts that need its order are not given."
    return None, [text]


def _order(case: Case, states: StateSpace, forms: Forms, path: str, name: str) -> tuple[Ranks, list[str]]:
    if forms.utility is not None:
        return dense(Worth.of(case, forms).exact(states, path)), []
    if forms.ranking is not None:
        return _ranking(states, forms.ranking, path, name)
    ranks = _priorities(states, forms.priorities or (), path)
    for n, (better, worse) in enumerate(forms.adjust):
        ranks = _adjust(states, ranks, better, worse, f"{path}.adjust[{n}]")
    return ranks, []


def dense(values: NDArray[np.generic]) -> Ranks:
    """Ranks from numbers: 0 for the smallest, equal numbers equal ranks."""
    _, inverse = np.unique(values, return_inverse=True)
    ranks: Ranks = inverse.reshape(-1).astype(np.int32)
    return ranks


def preference_path(case: Case, party: str) -> str:
    """Where a party's preference (of the type chosen) stands in the case file."""
    kind = case.types.get(party)
    return f"preferences.{party}" + (f".types.{kind}" if kind else "")


def _clauses(entry: Entry) -> Sequence[Clause]:
    return entry if isinstance(entry, tuple) else (entry,)


def _ranking(states: StateSpace, entries: Sequence[Entry], path: str, name: str) -> tuple[Ranks, list[str]]:
    """A state belongs to the first entry that it matches; unmatched ones form one lowest class."""
    place = np.full(len(states), len(entries), np.int64)
    named: dict[int, str] = {}
    for n, entry in enumerate(entries):
        for clause in _clauses(entry):
            here = states.mask(clause, f"{path}.ranking[{n}]")
            _named_once(states, clause, here, named, f"{path}.ranking[{n}]")
            place[here & (place == len(entries))] = n
    left = int((place == len(entries)).sum())
    warnings = []
    if left:
        text = f"{name}: the ranking does not name {left:,} of {len(states):,} states; they rank lowest, as equals."
        warnings.append(text)
    return dense(-place), warnings


def _named_once(states: StateSpace, clause: Clause, here: Bools, named: dict[int, str], path: str) -> None:
    if not isinstance(clause.node, StateName):
        return
    if not here.any() and not states.as_written.mask(clause, path).any():
        found = f"the state {shown(clause.text)}, which no feasible state has as its key"
        raise fault(states.case, found, "a feasible state", path)
    for state in np.flatnonzero(here):
        if int(state) in named:
            found = f"the state {shown(clause.text)} a second time (first as {shown(named[int(state)])})"
            raise fault(states.case, found, "each state once", path, "Keep one.")
        named[int(state)] = clause.text


def _priorities(states: StateSpace, entries: Sequence[Entry], path: str) -> Ranks:
    """Lexicographic on how many statements of each class hold, most important class first."""
    ranks, span = np.zeros(len(states), np.int64), 1  # every rank is below the span
    for n, entry in enumerate(entries):
        counts = len(_clauses(entry)) + 1
        if span * counts >= 2**62:
            ranks, span = dense(ranks).astype(np.int64), len(states)
        ranks *= counts
        span *= counts
        for clause in _clauses(entry):
            ranks += states.mask(clause, f"{path}.priorities[{n}]")
    return dense(ranks)


def _contradiction(states: StateSpace, pairs: Sequence[tuple[Clause, Clause]], path: str) -> None:
    """Refuse comparisons that, closed transitively, put a state above itself.

    States point to the pairs in which they are better, pairs to the states that are worse; a cycle is a strongly
    connected part of more than one node.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(states)
    sources, targets = [], []
    for n, (better, worse) in enumerate(pairs):
        up, down = (np.flatnonzero(states.mask(c, f"{path}[{n}]")) for c in (better, worse))
        sources += [up, np.full(len(down), count + n)]
        targets += [np.full(len(up), count + n), down]
    if not sources:
        return
    rows, columns = np.concatenate(sources), np.concatenate(targets)
    size = count + len(pairs)
    arcs = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size)).tocsr()
    _, part = connected_components(arcs, directed=True, connection="strong")
    members = np.bincount(part)
    cyclic = np.flatnonzero(members[part] > 1)
    if len(cyclic):
        pair = int(next(c for c in cyclic if c >= count)) - count
        found = f"comparisons that together prefer {states.id(int(cyclic[0]))} to itself"
        raise fault(states.case, found, "comparisons without a circle", f"{path}[{pair}]")


def _adjust(states: StateSpace, ranks: Ranks, better: Clause, worse: Clause, path: str) -> Ranks:
    """Move the states matching ``better`` that are not above all matching ``worse`` to just above the highest of them.

    They keep their own order and ties among each other.
    """
    up, down = states.mask(better, path), states.mask(worse, path)
    if (up & down).any():
        state = states.id(int(np.flatnonzero(up & down)[0]))
        found = f"{state}, which matches both {shown(better.text)} and {shown(worse.text)}"
        raise fault(states.case, found, "two conditions that share no state", path)
    if not up.any() or not down.any():
        return ranks
    top = int(ranks[down].max())
    moved = up & (ranks <= top)
    # half steps: everything up to ``top`` stays, the moved ones follow in their order, then the rest
    place = ranks.astype(np.int64) * 2
    block = int(place.max()) + 2
    place[ranks > top] += 2 * block
    place[moved] += block
    return dense(place)
