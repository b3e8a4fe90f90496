"""The least value opponents can bring about by legal sequences of moves or improvements (minimum propagation)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.graph.model import GraphModel
from detente.graph.tables import BEYOND, Table, Tables

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
    if graph.moves.transitive:
        return _joined(graph, movers, values, improving=improving)
    return _last_mover(graph, movers, values, improving=improving)


def _joined(graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool) -> Int32:
    least = np.append(values.astype(np.int32), BEYOND)
    tables = {m: graph.tables(m) for m in movers}
    dirty = {m: [np.ones(len(t.states), bool) for t in tables[m]] for m in movers}
    while any(d.any() for flags in dirty.values() for d in flags):
        for mover in movers:
            changed = _relax(tables[mover], dirty[mover], least, improving=improving)
            for other in movers:
                if other != mover:
                    _mark(tables[other], dirty[other], changed)
    return least[:-1]


def _relax(
    tables: Tables, dirty: list[NDArray[np.bool_]], least: Int32, *, improving: bool
) -> list[NDArray[np.int64]] | None:
    """Let one party move from every row that is dirty; returns the states whose value fell, None for very many."""
    fallen: list[NDArray[np.int64]] = []
    many = False
    for table, flags in zip(tables, dirty, strict=True):
        count = int(np.count_nonzero(flags))
        if not count:
            continue
        rows = None if count > 0.6 * len(flags) else np.flatnonzero(flags)
        flags[:] = False
        states = table.states if rows is None else table.states[rows]
        present = least[states]
        found = (
            table.minimum_beyond(present, rows) if improving else table.minimum_of_row(present, rows, len(least) - 1)
        )
        lower = found < present
        hits = int(np.count_nonzero(lower))
        if hits > lower.size // 8:
            least[states] = np.minimum(found, present, out=found)
            many = True
        elif hits:
            hit = states[lower]
            least[hit] = found[lower]
            fallen.append(hit.astype(np.int64))
    return None if many else fallen


def _mark(tables: Tables, dirty: list[NDArray[np.bool_]], changed: list[NDArray[np.int64]] | None) -> None:
    if changed is None:
        for flags in dirty:
            flags[:] = True
        return
    for states in changed:
        for flags, rows in zip(dirty, tables.touched(states), strict=True):
            flags[rows] = True


def _last_mover(graph: GraphModel, movers: Sequence[str], values: Int32, *, improving: bool) -> Int32:
    """The same with the last-mover rule: what follows a move of one party must begin with another's."""
    count = len(graph)
    values = np.append(values.astype(np.int32), BEYOND)
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
                np.minimum.at(best, table.states, found)
            best[count] = BEYOND
            if (best < after[mover]).any():
                after[mover], moved = best, True
    least = values
    for mover in movers:
        least = np.minimum(least, after[mover])
    return least[:-1]


def _by_state(graph: GraphModel, mover: str) -> list[Table]:
    """Tables sorted by state, in which the entries of one coalesced state stand together."""
    return list(Tables.of(graph.moves, mover, graph.states.state_of))
