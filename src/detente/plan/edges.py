"""The best patient order where steps count, not pauses alone: parts can be withheld, or balances are owed on the way.

All steps between two cells are listed. A *balance* is what is still to be paid to a party while a step is made; it
counts at both ends of the step, is as large as every party's share asks for, and sums to nothing over the parties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.plan.bottleneck import spare, step
from detente.plan.problem import TIED, Bools, Floats, Order, Problem
from detente.plan.spread import Moves

Ints = NDArray[np.int64]
MOST_STEPS = 3_000_000
BOUNDLESS = 1e15  # stands for the room of a party that has nothing to leave for
ADVICE = "Merge options or levels, move to a nearer target first, or plan without payments and joint steps."


@dataclass(frozen=True, eq=False)
class Links:
    """Steps, by the flat number of the cell they lead to.

    Attributes:
        start, end: flat cell numbers, shape (steps,).
        spare: smallest amount by which going on beats leaving at both ends, the target left out, shape (steps, n).
        ending: the same at the target for steps that lead there, else inf.
        periods: whole periods.
        atomic: whether a third party makes them all or nothing.
    """

    start: Ints
    end: Ints
    spare: Floats
    ending: Floats
    periods: Ints
    atomic: Bools

    def where(self, keep: Bools) -> Links:
        """Some of them."""
        return Links(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def linked_order(problem: Problem) -> Order:
    """The best order over listed steps.

    Args:
        problem: patient, without concealment.

    Returns:
        As ``patient_order``.

    Raises:
        LimitReached: too many steps to list.
    """
    links = links_of(problem)
    for asked in (problem.margin - TIED / 2, None):  # half of it is left for rounding
        share = shares(problem, links, asked)
        found = _best(problem, links.where(share > -np.inf), share[share > -np.inf])
        if found is not None and (asked is None or found[1] >= asked):
            return _order(problem, *found, asked)
    return Order((), None, proven=True, bound=-np.inf, method="bottleneck")


# --- all steps -------------------------------------------------------------------------------------------------------


def links_of(problem: Problem, limit: int = MOST_STEPS) -> Links:
    """All steps of a problem.

    Args:
        problem: what is planned.
        limit: most pairs of cells looked at.

    Raises:
        LimitReached: there are more.
    """
    lattice, moves = problem.lattice, Moves.of(problem)
    owners = tuple(dict.fromkeys(lattice.owners))
    groups = [tuple(range(len(lattice.shape)))]
    if not problem.together and not problem.escrow:
        groups = [lattice.axes_of(o) for o in owners]
    size = sum(prod(n * (n + 1) // 2 if k in g else n for k, n in enumerate(lattice.shape)) for g in groups)
    if size > limit:
        raise LimitReached("steps to compare", f"{size:,}", limit, ADVICE)
    parts = [_Pairs(moves, group) for group in groups]
    rooms = spare(problem)
    room = np.stack([(rooms.of(i) * problem.stake[i]).reshape(-1) for i in range(len(rooms))], axis=1)
    room = np.minimum(room, BOUNDLESS)
    out = [_listed(problem, pairs, room, atomic=kind) for pairs in parts for kind in (False, True)]
    joined = Links(*(np.concatenate([getattr(x, name) for x in out]) for name in Links.__dataclass_fields__))
    order = np.argsort(joined.end, kind="stable")
    return joined.where(order)  # type: ignore[arg-type]


class _Pairs:
    """All pairs of different cells, the second nowhere below the first, that differ only along some axes."""

    def __init__(self, moves: Moves, axes: tuple[int, ...]) -> None:
        shape = moves.shape
        strides = [prod(shape[k + 1 :]) for k in range(len(shape))]
        start, end, periods = (np.zeros((1,) * len(shape), np.int64) for _ in range(3))
        self.moved = dict[int, Ints]()  # axis -> flat distance along it
        for k, n in enumerate(shape):
            low, high = np.triu_indices(n) if k in axes else (np.arange(n), np.arange(n))
            row = [-1 if j == k else 1 for j in range(len(shape))]
            start = start + (low * strides[k]).reshape(row)
            end = end + (high * strides[k]).reshape(row)
            periods = np.maximum(periods, moves.needs[k][low, high].reshape(row))
            self.moved[k] = ((high - low) * strides[k]).reshape(row)
        self.shape = start.shape
        self.start, self.end, self.periods = start.reshape(-1), end.reshape(-1), periods.reshape(-1)

    def distance(self, axes: tuple[int, ...]) -> Ints:
        """Flat distance along some axes, shape (pairs,)."""
        total = np.zeros((1,) * len(self.shape), np.int64)
        for k in axes:
            total = total + self.moved[k]
        return np.broadcast_to(total, self.shape).reshape(-1)


def _listed(problem: Problem, pairs: _Pairs, room: Floats, *, atomic: bool) -> Links:
    """The steps among some pairs, plain or all or nothing."""
    lattice = problem.lattice
    owners = tuple(dict.fromkeys(lattice.owners))
    apart = {o: pairs.distance(lattice.axes_of(o)) for o in owners}
    movers = np.sum([apart[o] > 0 for o in owners], axis=0)
    feasible, last = lattice.feasible.reshape(-1), lattice.feasible.size - 1
    keep = (movers > 0) & feasible[pairs.start] & feasible[pairs.end]
    keep &= ((movers > 1) & problem.escrow) if atomic else ((movers == 1) | problem.together)
    start, end = pairs.start[keep], pairs.end[keep]
    after = room[end]
    if not atomic:
        for i, party in enumerate(problem.parties):
            if party in apart:
                back = apart[party][keep]
                spoils = (back > 0) & (movers[keep] > 1)
                after[spoils, i] = np.minimum(after[spoils, i], room[(end - back)[spoils], i])
    done = (end == last)[:, None]
    return Links(
        start,
        end,
        np.minimum(room[start], np.where(done, np.inf, after)),
        np.where(done, after, np.inf),
        pairs.periods[keep],
        np.full(len(start), atomic),
    )


# --- what a step holds -----------------------------------------------------------------------------------------------


def shares(problem: Problem, links: Links, asked: float | None) -> Floats:
    """The largest smallest share that each step allows at its ends before the target, shape (steps,).

    Args:
        problem: what is planned.
        links: its steps.
        asked: share that the target must leave; None for any. Steps that cannot are given -inf.
    """
    able = paying(problem)
    alone = [i for i in range(len(able)) if not able[i]]
    out = np.min(links.spare[:, alone] / problem.stake[alone], axis=1, initial=np.inf)
    short = np.zeros(len(out), np.bool_)
    if asked is not None:
        short |= (links.ending[:, alone] < asked * problem.stake[alone]).any(axis=1)
        short |= _falls_short(problem, asked) & (links.end == problem.lattice.feasible.size - 1)
    if able.any():
        out = np.minimum(out, _with_balances(problem, links, able, asked))
    return np.where(short, -np.inf, out)


def paying(problem: Problem) -> Bools:
    """Which parties can pay and be paid, shape (n,)."""
    n = len(problem.parties)
    if problem.money is None or problem.transfers <= 0:
        return np.zeros(n, np.bool_)
    able = np.isfinite(problem.money) & (problem.money > 0)
    return able if able.sum() > 1 else np.zeros(n, np.bool_)


def _falls_short(problem: Problem, asked: float) -> bool:
    """Whether some party would leave the target itself, where no balance is left."""
    rooms, end = spare(problem), problem.lattice.target
    return any(float(rooms.of(i)[end]) < asked for i in range(len(rooms)))


def _least(problem: Problem, links: Links, able: Bools, asked: float | None) -> Floats:
    """The least balance that each party able to pay may have, whatever the share, shape (steps, able)."""
    least = np.full((len(links.start), int(able.sum())), -problem.transfers)
    if asked is None:
        return least
    money = problem.money[able] if problem.money is not None else 1.0
    return np.asarray(np.maximum(least, (asked * problem.stake[able] - links.ending[:, able]) / money))


def _with_balances(problem: Problem, links: Links, able: Bools, asked: float | None) -> Floats:
    """The same over the parties that can pay each other.

    For a share g party i needs a balance of at least (g stake_i - spare_i) / m_i, and never less than its least. The
    balances exist if no need is above the limit and the needs sum to 0 at most. In which parties the first of the two
    is the larger, the sum is linear in g; those are the first ones in order of the g at which the two are equal.
    """
    assert problem.money is not None  # noqa: S101 - somebody can pay
    money, stake = problem.money[able], problem.stake[able]
    least = _least(problem, links, able, asked)
    have, rate = links.spare[:, able] / money, stake / money
    out = np.min((have + problem.transfers) / rate, axis=1)
    order = np.argsort((have + least) / rate, axis=1)
    have, least = (np.take_along_axis(x, order, axis=1) for x in (have, least))
    rates = np.cumsum(np.take_along_axis(np.broadcast_to(rate, order.shape), order, axis=1), axis=1)
    rest = np.cumsum(least[:, ::-1], axis=1)[:, ::-1]
    rest = np.concatenate([rest[:, 1:], np.zeros((len(rest), 1))], axis=1)
    out = np.minimum(out, np.min((np.cumsum(have, axis=1) - rest) / rates, axis=1))
    none = (least > problem.transfers).any(axis=1) | (least.sum(axis=1) > 0)
    return np.where(none, -np.inf, out)


def _balances(problem: Problem, links: Links, share: float, asked: float | None) -> Floats:
    """Smallest balances with which each step holds a share, shape (steps, n)."""
    able = paying(problem)
    out = np.zeros((len(links.start), len(able)))
    if not able.any() or problem.money is None:
        return out
    needs = (share * problem.stake[able] - links.spare[:, able]) / problem.money[able]
    needs = np.maximum(needs, _least(problem, links, able, asked))
    get, give = np.maximum(needs, 0), np.maximum(-needs, 0)
    paid, there = get.sum(axis=1, keepdims=True), give.sum(axis=1, keepdims=True)
    # Everyone able to gives in proportion to what it can spare. The largest loss is rounding.
    out[:, able] = get - paid * np.divide(give, there, out=np.zeros_like(give), where=there > 0)
    return out


# --- the best way ----------------------------------------------------------------------------------------------------


def _best(problem: Problem, links: Links, share: Floats) -> tuple[Links, float] | None:
    """The steps of the best way, in order, and its smallest share; None if there is no way."""
    size = problem.lattice.feasible.size
    base = sum(n - 1 for n in problem.lattice.shape) + 1
    cost = (links.periods * base + 1) * base + links.atomic
    most = np.inf if problem.deadline is None else (problem.deadline + 1) * base**2 - 1

    def way(least: float) -> list[int] | None:
        keep = np.flatnonzero(share >= least)
        found = _quickest(size, links.start[keep], links.end[keep], cost[keep], most)
        return None if found is None else [int(keep[k]) for k in found]

    level = widest_links(size, links, share)
    if level > -np.inf and way(level) is None:
        level = _soonest(share[share < level], lambda least: way(least) is not None)
    if level == -np.inf:
        return None
    path = way(level - TIED)
    assert path is not None  # noqa: S101 - it was found above
    return links.where(np.array(path)), level


def widest_links(size: int, links: Links, share: Floats) -> float:
    """The largest smallest share of any way over listed steps, in any time; -inf if there is no way.

    Args:
        size: how many cells there are.
        links: steps, sorted by the cell they lead to.
        share: of each of them.
    """
    best = np.full(size, -np.inf)
    best[0] = np.inf
    for a, b in into(links.end):
        best[links.end[a]] = np.minimum(best[links.start[a:b]], share[a:b]).max()
    return float(best[-1])


def into(end: Ints) -> Iterator[tuple[int, int]]:
    """Where the steps that lead to the same cell begin and end, cell after cell.

    Args:
        end: the cells that steps lead to, sorted.
    """
    heads = np.flatnonzero(np.r_[True, end[1:] != end[:-1]]) if len(end) else np.zeros(0, np.int64)
    return pairwise([*heads.tolist(), len(end)])


def _soonest(share: Floats, way: Callable[[float], bool]) -> float:
    """The largest share over which there is a way in time; -inf if there is none."""
    level = np.unique(share[share > -np.inf])
    low, high = 0, len(level) - 1
    if high < 0 or not way(float(level[0])):
        return -np.inf
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if way(float(level[middle])) else (low, middle - 1)
    return float(level[low])


def _quickest(size: int, start: Ints, end: Ints, cost: Ints, most: float) -> list[int] | None:
    """Numbers of the steps of a way from cell 0 to the last one of least cost; None if it is above ``most``."""
    far = np.full(size, np.inf)
    far[0] = 0
    last = np.full(size, -1, np.int64)
    for a, b in into(end):
        total = far[start[a:b]] + cost[a:b]
        k = int(np.argmin(total))
        far[end[a]], last[end[a]] = total[k], a + k
    if not far[size - 1] <= min(most, 2.0**53):
        return None
    path, cell = list[int](), size - 1
    while cell:
        path.append(int(last[cell]))
        cell = int(start[path[-1]])
    return path[::-1]


def _order(problem: Problem, links: Links, share: float, asked: float | None) -> Order:
    """The order of some steps."""
    moves, shape = Moves.of(problem), problem.lattice.shape
    cells = [
        tuple(int(x) for x in np.unravel_index(c, shape)) for c in (*links.start, problem.lattice.feasible.size - 1)
    ]
    steps = tuple(
        step(problem, moves, (a, b), atomic=bool(whole))
        for a, b, whole in zip(cells[:-1], cells[1:], links.atomic, strict=True)
    )
    side = None
    if paying(problem).any():
        side = np.vstack([_balances(problem, links, share, asked), np.zeros(len(problem.parties))])
    return Order(steps, side, proven=True, bound=share, method="bottleneck")
