"""Limited moves: where play ends when parties look a given number of moves ahead, for all states at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks
from detente.graph.tables import BEYOND

Int64 = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ends = Mapping[str, Mapping[str, Ranks]]
PESSIMISTIC, OPTIMISTIC = "pessimistic", "optimistic"
NOWHERE = np.int64(-1)
MOST_HORIZONS = 1_000
MOST_WORK = 100_000_000
"""So many values (states x horizons x pairs of parties) are found in search of a repetition."""


@dataclass(frozen=True, eq=False)
class Play:
    """What becomes of every state when each party that moves may move next with so many moves left.

    Attributes:
        horizon: moves left, from 0.
        ends: mover -> party -> the worst (optimistic version: best) rank that play may end at for that party.
        stays: mover -> shape (states,): where it does not move.
    """

    horizon: int
    ends: Ends
    stays: Mapping[str, Bools]

    def digest(self) -> bytes:
        """A fingerprint of all that further horizons depend on."""
        found = hashlib.blake2b(digest_size=16)
        for of in self.ends.values():
            for values in of.values():
                found.update(values.tobytes())
        return found.digest()


def versions_of(graph: GraphModel) -> tuple[str, ...]:
    """The versions that are defined: both for one or two parties that move, the pessimistic one for more."""
    return (PESSIMISTIC, OPTIMISTIC) if len(graph.movers) <= 2 else (PESSIMISTIC,)


def plays(graph: GraphModel, version: str) -> Iterator[Play]:
    """Play with 1, 2, 3, ... moves left, without end.

    With h moves left, a party that is to move stays, or moves to the state from which play with h - 1 moves left ends
    best for it; it stays where that is no better for it than where it is, and then play ends. Where several moves are
    equally good, all of their ends are possible: ``pessimistic`` parties count with the worst possible end,
    ``optimistic`` ones with the best. With three or more parties there is no agreed definition: here, after a party
    has moved, any other that would move may do so, and the party that has moved counts with the one whose move is
    worst for itself; play ends if no other would move.

    Args:
        graph: the conflict; all who move must have an order.
        version: one of ``versions_of(graph)``.

    Source: Kilgour 1985; Fang, Hipel, Kilgour 1993, ch. 3; sets of ends for ties, and more than two parties, are ours.
    """
    ranks = {m: graph.rank(m) for m in graph.movers}
    play = ended(graph)
    while True:
        found = {m: _moved(graph, m, after_move(graph, play, m), ranks, version) for m in ranks}
        stays = {m: ~(found[m][m] > ranks[m]) for m in ranks}
        ends = {m: {i: np.where(stays[m], ranks[i], found[m][i]) for i in ranks} for m in ranks}
        play = Play(play.horizon + 1, ends, stays)
        yield play


def ended(graph: GraphModel) -> Play:
    """Play with no moves left: it ends where it is."""
    ranks = {m: graph.rank(m) for m in graph.movers}
    return Play(0, dict.fromkeys(ranks, ranks), {m: np.ones(len(graph), bool) for m in ranks})


def after_move(graph: GraphModel, play: Play, mover: str) -> dict[str, Ranks]:
    """What each state is worth to each party once ``mover`` has moved there and play goes on from it.

    Args:
        graph: the conflict.
        play: with one move less left than the mover has.
        mover: who has moved.
    """
    ranks = {m: graph.rank(m) for m in graph.movers}
    others = [m for m in ranks if m != mover]
    if len(others) == 1:
        return dict(play.ends[others[0]])
    moving = {j: np.where(play.stays[j], BEYOND, play.ends[j][mover]) for j in others}
    worst = np.full(len(ranks[mover]), BEYOND, np.int32)
    for values in moving.values():
        np.minimum(worst, values, out=worst)
    ended = worst == BEYOND
    out = {mover: np.where(ended, ranks[mover], worst)}
    for party in others:
        least = np.where(ended, ranks[party], BEYOND)
        for j, values in moving.items():
            np.minimum(least, play.ends[j][party], out=least, where=~ended & (values == worst))
        out[party] = least
    return out


def _moved(
    graph: GraphModel, mover: str, after: Mapping[str, Ranks], ranks: Mapping[str, Ranks], version: str
) -> dict[str, Ranks]:
    """What the best move is worth to each party; -1 for the mover where it has none."""
    bits = max(int(r.max()) for r in ranks.values()).bit_length()
    low = np.int64((1 << bits) - 1)
    own = after[mover].astype(np.int64) << bits
    out: dict[str, Ranks] = {}
    for party in ranks:
        if party == mover:
            continue
        # the mover's value decides, the other's breaks ties: against or for everybody
        other = low - after[party] if version == PESSIMISTIC else after[party]
        found = best_elsewhere(graph, mover, own | other)
        rest = (found & low).astype(np.int32)
        out[party] = np.int32(low) - rest if version == PESSIMISTIC else rest
        out[mover] = (found >> bits).astype(np.int32)
    if not out:
        out[mover] = (best_elsewhere(graph, mover, own) >> bits).astype(np.int32)
    return out


def best_elsewhere(graph: GraphModel, party: str, values: Int64) -> Int64:
    """For each state, the largest of the values of those to which the party can move; -1 where it cannot move.

    Args:
        graph: the conflict.
        party: who moves.
        values: from 0, shape (states,).
    """
    count = len(graph)
    padded = np.append(values, NOWHERE)
    out = np.full(count + 1, NOWHERE)
    for table in graph.tables(party):
        here = padded[table.states]
        top = here.max(axis=1, keepdims=True)
        # staying is no move: a state is passed over in its own row, with all its cells if it is merged
        first = np.take_along_axis(table.states, here.argmax(axis=1)[:, None], 1)
        itself = table.states == first
        second = np.where(itself, NOWHERE, here).max(axis=1, keepdims=True)
        found = np.where(itself, second, top)
        where = table.states < count if table.movers is None else table.movers
        if graph.states.merged:
            np.maximum.at(out, table.states[where], found[where])
        else:
            out[table.states[where]] = found[where]
    return out[:-1]


def tempted(graph: GraphModel, before: Play, mover: str) -> Bools:
    """Where a party would make a move that it prefers at once, because play would not end badly for it afterwards.

    Elsewhere it moves only for what the others will do next, or stays.

    Args:
        graph: the conflict.
        before: play with one move less left.
        mover: whose moves.
    """
    count = len(graph)
    padded = np.append(-after_move(graph, before, mover)[mover], BEYOND)
    present = np.append(graph.rank(mover), BEYOND)
    out = np.zeros(count + 1, bool)
    for table in graph.tables(mover):
        # the tables of a party are sorted by its own ranks: beyond = strictly preferred
        gains = table.minimum_beyond(padded[table.states], None) < -present[table.states]
        if table.movers is not None:
            gains &= table.movers
        out[table.states[gains]] = True
    return out[:-1]


@dataclass(frozen=True, eq=False)
class Recurrence:
    """What remains when parties look ever further ahead (non-myopic stability).

    What happens with h + 1 moves left depends only on what happens with h, and there are finitely many possibilities,
    so horizons end in a cycle. It can be long where a conflict falls apart into many that have nothing to do with one
    another, therefore the search for it has a limit.

    Attributes:
        first: the horizon from which play repeats; None: no repetition was found.
        period: after how many horizons it does; 1 = it has settled; None likewise.
        looked: the last horizon that was tried.
        stable: party -> shape (states,): it stays at every horizon of the cycle; None where that is not known.
        cycling: party -> shape (states,): it stays at some horizons of the cycle and not at others; None likewise.

    Source: Fang, Hipel, Kilgour 1993, ch. 3; cycles: Rêgo, Oliveira, Vieira, Kilgour 2025.
    """

    first: int | None
    period: int | None
    looked: int
    stable: Mapping[str, Bools | None]
    cycling: Mapping[str, Bools | None]


@dataclass(frozen=True, eq=False)
class Outlook:
    """One version at all horizons asked.

    Attributes:
        stays: horizon from 1 -> mover -> shape (states,): where it does not move.
        tempted: horizon from 2 -> mover -> shape (states,): see ``tempted``; empty in the optimistic version.
        recurrence: what remains in the long run.
    """

    stays: Mapping[int, Mapping[str, Bools]]
    tempted: Mapping[int, Mapping[str, Bools]]
    recurrence: Recurrence


def look_ahead(graph: GraphModel, version: str, horizon: int, most: int) -> Outlook:
    """Who stays where at horizons 1 to ``horizon``, and what remains in the long run.

    Args:
        graph: the conflict; all who move must have an order.
        version: one of ``versions_of(graph)``.
        horizon: at least 1.
        most: the last horizon tried in search of a repetition.
    """
    seen: dict[bytes, int] = {}
    kept: list[dict[str, NDArray[np.uint8]]] = []
    stays: dict[int, Mapping[str, Bools]] = {}
    temptations: dict[int, dict[str, Bools]] = {}
    found: Recurrence | None = None
    before = ended(graph)
    for play in plays(graph, version):
        if play.horizon <= horizon:
            stays[play.horizon] = play.stays
            if version == PESSIMISTIC and play.horizon > 1:
                temptations[play.horizon] = {m: tempted(graph, before, m) for m in graph.movers}
        if found is None and play.horizon <= most:
            mark = play.digest()
            if mark in seen:
                found = _recurrence(graph, kept, seen[mark], play.horizon)
            seen[mark] = play.horizon
            kept.append({m: np.packbits(s) for m, s in play.stays.items()})
        if play.horizon >= horizon and (found is not None or play.horizon >= most):
            break
        before = play
    return Outlook(stays, temptations, found or _not_found(graph, most))


def _not_found(graph: GraphModel, most: int) -> Recurrence:
    nothing = {p: None if p in graph.movers else np.ones(len(graph), bool) for p in graph.parties}
    return Recurrence(None, None, most, nothing, nothing)


def _recurrence(graph: GraphModel, kept: list[dict[str, NDArray[np.uint8]]], first: int, again: int) -> Recurrence:
    stable: dict[str, Bools | None] = {p: np.ones(len(graph), bool) for p in graph.parties}
    cycling: dict[str, Bools | None] = {p: np.zeros(len(graph), bool) for p in graph.parties}
    for mover in graph.movers:
        packed = [stays[mover] for stays in kept[first - 1 :]]
        always = np.bitwise_and.reduce(packed)
        stable[mover] = _unpacked(always, len(graph))
        cycling[mover] = _unpacked(np.bitwise_or.reduce(packed) & ~always, len(graph))
    return Recurrence(first, again - first, again, stable, cycling)


def _unpacked(bits: NDArray[np.uint8], count: int) -> Bools:
    return np.unpackbits(bits, count=count).astype(bool)


def most_horizons(graph: GraphModel) -> int:
    """How far the search for a repetition goes: a fixed amount of work."""
    return min(MOST_HORIZONS, max(1, MOST_WORK // (len(graph) * max(1, len(graph.movers)) ** 2)))
