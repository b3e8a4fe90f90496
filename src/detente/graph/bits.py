"""Bit-packed sets of states: what can be reached, for concepts that compare whole sets. Up to 20,000 states.

A *family* of sets has one row per state: bit y of row x says whether state y belongs to the set of state x. It takes
states² / 8 bytes, 50 MB at the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.graph.model import GraphModel
from detente.graph.tables import Table, Tables

Family = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Step = Callable[[str, Family], Family]
MOST_SET_STATES = 20_000
CHUNK_WORDS = 1 << 22


def hold_to_sets(graph: GraphModel, what: str) -> None:
    """Refuse graphs too large for families of sets.

    Args:
        graph: the conflict.
        what: the question, for the message.

    Raises:
        LimitReached: more than 20,000 states.
    """
    if len(graph) > MOST_SET_STATES:
        advice = "Merge or exclude states (coalesce, infeasible), or fix some options."
        raise LimitReached(f"states for {what}", f"{len(graph):,}", MOST_SET_STATES, advice)


def word_count(count: int) -> int:
    """Number of 64-bit words for so many bits."""
    return (count + 63) // 64


def packed(rows: Bools) -> Family:
    """Sets from booleans of shape (rows, states)."""
    padded = np.zeros((len(rows), word_count(rows.shape[1]) * 8), np.uint8)
    bits = np.packbits(rows, axis=1, bitorder="little")
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)


def unpacked(sets: Family, count: int) -> Bools:
    """Booleans of shape (rows, count) from sets."""
    return np.unpackbits(sets.view(np.uint8), axis=1, count=count, bitorder="little").view(np.bool_)


def empty(rows: int, count: int) -> Family:
    """So many empty sets of states."""
    return np.zeros((rows, word_count(count)), np.uint64)


def singletons(count: int) -> Family:
    """For each state the set of itself."""
    out = empty(count, count)
    state = np.arange(count)
    out[state, state >> 6] = np.uint64(1) << (state & 63).astype(np.uint64)
    return out


def without_own(sets: Family) -> Family:
    """The family with each state taken out of its own set (changed in place)."""
    state = np.arange(len(sets))
    sets[state, state >> 6] &= ~(np.uint64(1) << (state & 63).astype(np.uint64))
    return sets


def member(sets: Family, rows: NDArray[np.integer], states: NDArray[np.integer]) -> Bools:
    """Whether state ``states[k]`` belongs to the set of row ``rows[k]``."""
    word = sets[rows, states >> 6]
    found: Bools = (word >> (states & 63).astype(np.uint64)) & np.uint64(1) != 0
    return found


def transposed(sets: Family, count: int) -> Family:
    """The family in which x belongs to the set of y where y belonged to that of x; ``count``: states in a set.

    Blocks of 64 x 64 bits are turned by swapping halves, then quarters and so on (Warren, Hacker's Delight, 7-3).
    """
    blocks, width = word_count(len(sets)), sets.shape[1]
    padded = np.zeros((blocks * 64, width), np.uint64)
    padded[: len(sets)] = sets
    out = np.zeros((width * 64, blocks), np.uint64)
    step = max(1, CHUNK_WORDS // 64 // (8 * max(1, width)))
    for first in range(0, blocks, step):
        part = padded[first * 64 : (first + step) * 64].reshape(-1, 64, width)
        here = np.ascontiguousarray(part.transpose(1, 2, 0)).reshape(64, -1)
        _turn(here)
        turned = here.reshape(64, width, -1).transpose(1, 0, 2).reshape(width * 64, -1)
        out[:, first : first + step] = turned
    return np.ascontiguousarray(out[:count])


def _turn(rows: Family) -> None:
    """Transpose 64 x 64 bits in place, many blocks at once: shape (64, blocks)."""
    size, mask = 32, np.uint64(0x00000000FFFFFFFF)
    while size:
        shift = np.uint64(size)
        halves = rows.reshape(64 // (2 * size), 2, size, -1)
        upper, lower = halves[:, 0], halves[:, 1]
        swap = ((upper >> shift) ^ lower) & mask
        lower ^= swap
        upper ^= swap << shift
        size //= 2
        mask ^= mask << np.uint64(size)


def above(values: NDArray[np.integer], thresholds: NDArray[np.integer]) -> Family:
    """For each threshold, the states whose value is strictly larger.

    Args:
        values: shape (states,).
        thresholds: shape (rows,).

    Returns:
        Shape (rows, words).
    """
    levels, inverse = np.unique(thresholds, return_inverse=True)
    ladder = empty(len(levels), len(values))
    for first in range(0, len(levels), 512):
        ladder[first : first + 512] = packed(values[None, :] > levels[first : first + 512, None])
    return ladder if len(levels) == len(thresholds) and (np.diff(inverse) == 1).all() else ladder[inverse.reshape(-1)]


# --- steps: what one move can lead to --------------------------------------------------------------------------------


def move_step(graph: GraphModel) -> Step:
    """One move of a party: ``step(party, family)[x]`` joins the sets of all states the party can reach from x."""
    tables: dict[str, Tables] = {}

    def step(party: str, sets: Family) -> Family:
        if party not in tables:
            tables[party] = Tables.of(graph.moves, party, graph.states.state_of)
        return joined(tables[party], sets, improving=False)

    return step


def improvement_step(graph: GraphModel) -> Step:
    """One unilateral improvement of a party that has an order; as ``move_step``."""

    def step(party: str, sets: Family) -> Family:
        return joined(graph.tables(party), sets, improving=True)

    return step


def joined(tables: Tables, sets: Family, *, improving: bool) -> Family:
    """For each state, the union of the sets of those that one move leads to.

    Args:
        tables: the mover's fibres, sorted by its rank for improvements, by state for moves.
        sets: one row per state.
        improving: whether only entries with a larger key count, or all other states.
    """
    out = np.zeros_like(sets)
    padded = np.concatenate([sets, np.zeros((1, sets.shape[1]), np.uint64)])
    for table in tables:
        rows = max(1, CHUNK_WORDS // 16 // sets.shape[1])
        for first in range(0, len(table.states), rows):
            _join_rows(out, padded, table, slice(first, first + rows), merged=tables.merged, improving=improving)
    return out


def _join_rows(
    out: Family, padded: Family, table: Table, part: slice, *, merged: bool, improving: bool
) -> None:  # fmt: skip
    """Join along some rows, column by column: from the last to the first, and back where any move counts."""
    columns = np.ascontiguousarray(table.states[part].T)
    movers = columns < len(out) if table.movers is None else table.movers[part].T & (columns < len(out))
    tied = None if table.tied is None else np.ascontiguousarray(table.tied[part].T)
    width = len(columns)
    for way in (-1,) if improving else (-1, 1):
        union = np.zeros((columns.shape[1], padded.shape[1]), np.uint64)
        found = union
        for n in range(width - 2, -1, -1) if way < 0 else range(1, width):
            union = union | padded[columns[n - way]]
            # entries with the key of the one before are not beyond it
            found = union if tied is None else np.where(tied[n if way < 0 else n - 1][:, None], found, union)
            _enter(out, columns[n], found, movers[n], merged=merged)


def _enter(out: Family, states: NDArray[np.intp], found: Family, movers: Bools, *, merged: bool) -> None:
    if not movers.all():
        states, found = states[movers], found[movers]
    if merged:
        np.bitwise_or.at(out, states, found)
    else:
        out[states] |= found


# --- legal sequences -------------------------------------------------------------------------------------------------


def propagated(movers: Sequence[str], step: Step, sets: Family, *, transitive: bool) -> Family:
    """For each state, the union of the sets of all states that legal sequences of at least one step lead to.

    Args:
        movers: who moves; nobody twice in a row.
        step: what one step of a mover leads to.
        sets: one row per state.
        transitive: whether two steps of one mover are always one step or lead back, so that the last mover need not
            be remembered (moves and improvements without coalesced states; never with unknown preference). Then a
            state's own set may be joined too, where a mover can go and come back.
    """
    if transitive:
        return _joined_moves(movers, step, sets)
    after = {m: np.zeros_like(sets) for m in movers}
    changed = True
    while changed:
        changed = False
        for mover in movers:
            ahead = sets.copy()
            for other in movers:
                if other != mover:
                    ahead |= after[other]
            found = step(mover, ahead)
            if (found & ~after[mover]).any():
                after[mover] |= found
                changed = True
    out = np.zeros_like(sets)
    for family in after.values():
        out |= family
    return out


def _joined_moves(movers: Sequence[str], step: Step, sets: Family) -> Family:
    total, moved = sets.copy(), np.zeros_like(sets)
    quiet = 0  # movers in a row that added nothing
    while quiet < len(movers):
        for mover in movers:
            fresh = step(mover, total)
            quiet = 0 if (fresh & ~moved).any() else quiet + 1
            moved |= fresh
            total |= fresh
    return moved


def reachable_sets(graph: GraphModel, movers: Sequence[str], *, improving: bool) -> Family:
    """R_H(s), or R_H^+(s): the states that legal sequences of some parties lead to, the start itself left out.

    Args:
        graph: the conflict; at most 20,000 states.
        movers: the parties that move (those without moves add nothing).
        improving: whether each step must be an improvement for the party that makes it.

    Returns:
        One row per state.

    Source: Fang, Hipel, Kilgour 1993, coalition reachable lists.
    """
    able = [m for m in movers if m in graph.movers]
    if able and not improving and graph.moves.transitive and all(graph.moves.of[m].free for m in able):
        return without_own(_same_part(graph.moves.components(able)))
    step = improvement_step(graph) if improving else move_step(graph)
    start = singletons(len(graph))
    return without_own(propagated(able, step, start, transitive=graph.moves.transitive))


def _same_part(part: NDArray[np.int64]) -> Family:
    """For each state, the states of its component."""
    _, number = np.unique(part, return_inverse=True)
    kinds = np.arange(int(number.max()) + 1)
    rows = [packed(kinds[n : n + 512, None] == number[None, :]) for n in range(0, len(kinds), 512)]
    family: Family = np.concatenate(rows)
    return family[number]
