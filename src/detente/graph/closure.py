"""The least value opponents can bring about by legal sequences of moves or improvements (minimum propagation)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.graph.model import GraphModel
from detente.graph.tables import BEYOND, Places, Table, Tables, folded

Int32 = NDArray[np.int32]


def least_reachable(graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool) -> Int32:
    """For each state, the least of its own value and those of all states that some parties can bring about from it.

    A legal sequence never has the same party move twice in a row. Where moves of one party can always be joined into
    one (no coalesced states), the rule changes nothing and one value per state is enough; else one is kept for each
    party that may move next.

    Args:
        graph: the conflict.
        movers: who moves, in any order.
        values: value of every state, shape (states,).
        improving: whether each step must be an improvement for the party that makes it.

    Returns:
        Shape (states,).

    Source: theory of minimum propagation over coalition reachable lists (Fang, Hipel, Kilgour 1993, ch. 5).
    """
    if not graph.moves.transitive:
        return _last_mover(graph, movers, values, improving=improving)
    if movers and not improving and all(graph.moves.of[m].free for m in movers):
        part = graph.moves.components(movers)
        least = np.full(len(graph), BEYOND, np.int32)
        np.minimum.at(least, part, values)
        return least[part]
    return _joined(graph, movers, values, improving=improving)


def least_answer(graph: GraphModel, movers: Sequence[str], values: Int32) -> Int32:
    """For each state, the least value of the states that at least one improvement by some parties leads to.

    Args:
        graph: the conflict.
        movers: who moves, in any order, by legal sequences of improvements.
        values: value of every state, shape (states,).

    Returns:
        Shape (states,); the largest number where none of them has an improvement.
    """
    if not graph.moves.transitive:
        after = _after_moves(graph, movers, np.append(values.astype(np.int32), BEYOND), improving=True)
        out = np.full(len(graph) + 1, BEYOND, np.int32)
        for found in after.values():
            np.minimum(out, found, out=out)
        return out[:-1]
    least = np.append(_joined(graph, movers, values, improving=True), BEYOND)
    out = np.full(len(graph) + 1, BEYOND, np.int32)
    for mover in movers:
        for table in graph.tables(mover):
            worst = table.minimum_beyond(least[table.states], None)
            where = slice(None) if table.movers is None else table.movers
            states = table.states[where]
            out[states] = np.minimum(out[states], worst[where])  # without merged states each is here once
    return out[:-1]


def _joined(graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool) -> Int32:
    least = np.append(values.astype(np.int32), BEYOND)
    tables = {m: graph.tables(m) for m in movers}
    dirty = {m: np.ones(t.fibres, bool) for m, t in tables.items()}  # fibres in which some value has fallen
    while any(d.any() for d in dirty.values()):
        for mover in movers:
            changed = _relax(tables[mover], dirty[mover], least, improving=improving)
            dirty[mover][:] = False
            for other in movers:
                if other == mover:
                    continue
                if changed is None:
                    dirty[other][:] = True
                else:
                    dirty[other][tables[other].fibre[changed]] = True
    return least[:-1]


def _relax(tables: Tables, dirty: NDArray[np.bool_], least: Int32, *, improving: bool) -> Places | None:
    """Let one party move in every dirty fibre; returns the states whose value fell, None for very many."""
    fallen: list[Places] = [np.zeros(0, np.intp)]
    many = False
    for table in tables:
        flags = dirty[table.fibre]
        count = int(np.count_nonzero(flags))
        if not count:
            continue
        rows = None if count > 0.6 * len(flags) else np.flatnonzero(flags)
        states = table.states if rows is None else table.states[rows]
        present = least[states]
        found = table.minimum_beyond(present, rows) if improving else folded(np.minimum, present)
        lower = found < present
        if table.movers is not None:
            lower &= table.movers if rows is None else table.movers[rows]
        elif not improving:
            lower &= present < BEYOND  # padding does not move
        hits = int(np.count_nonzero(lower))
        if hits > lower.size // 8:
            np.copyto(present, found, where=lower)
            least[states] = present
            many = True
        elif hits:
            hit = states[lower]
            least[hit] = np.broadcast_to(found, lower.shape)[lower]
            fallen.append(hit)
    return None if many else np.concatenate(fallen)


def _last_mover(graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool) -> Int32:
    """The same with the last-mover rule: what follows a move of one party must begin with another's."""
    values = np.append(values.astype(np.int32), BEYOND)
    least = values
    for after in _after_moves(graph, movers, values, improving=improving).values():
        least = np.minimum(least, after)
    return least[:-1]


def _after_moves(
    graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool
) -> dict[str, Int32]:  # fmt: skip
    """Per party, the least value after its own move and legal moves by the others and itself that follow it."""
    count = len(graph)
    after = {m: np.full(count + 1, BEYOND, np.int32) for m in movers}
    by_state = {} if improving else {m: _by_state(graph, m) for m in movers}
    moved = True
    while moved:
        moved = False
        for mover in movers:
            ahead = values
            for other in movers:
                if other != mover:
                    ahead = np.minimum(ahead, after[other])
            best = after[mover].copy()
            for table in graph.tables(mover) if improving else by_state[mover]:
                here = ahead[table.states]
                found = table.minimum_beyond(here, None) if improving else table.minimum_apart(here)
                where = slice(None) if table.movers is None else table.movers
                np.minimum.at(best, table.states[where], found[where])
            best[count] = BEYOND
            if (best < after[mover]).any():
                after[mover], moved = best, True
    return after


def _by_state(graph: GraphModel, mover: str) -> list[Table]:
    """Tables sorted by state, in which the entries of one coalesced state stand together."""
    return list(Tables.of(graph.moves, mover, graph.states.state_of))
