"""Every step that a planning problem permits, listed, and what each makes of the value of going on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.plan.problem import Bools, Cell, Floats, Problem, Step

Ints = NDArray[np.int64]
Row = NDArray[Any]
Pass = Callable[[Row, Ints], Row]
STEPS = 4_000_000  # steps listed at most
ROUNDED = 1e-9  # physical times this close to a whole period are that period


def geometric(ratio: Floats, terms: int) -> Floats:
    """``1 + ratio + ... + ratio ** (terms - 1)``, elementwise.

    Args:
        ratio: any shape, not negative.
        terms: how many.
    """
    total = np.zeros_like(ratio)
    for _ in range(terms):
        total = 1 + ratio * total
    return total


@dataclass(frozen=True, eq=False)
class Network:
    """The feasible pauses of a lattice as flat numbers (C order) and all permitted steps between them.

    Steps are sorted by the layer of their start (sum of its positions), last layer first, then by their start: a pass
    in this order meets every end before its starts.

    Attributes:
        problem: what is planned.
        owners: who moves: the owners of the axes, in their first order.
        coords: positions of every cell, shape (cells, axes).
        start, end: cells of every step, shape (steps,).
        length: its duration, as a number into ``durations``.
        atomic: whether a third party makes it all or nothing.
        durations: the durations that occur, in periods.
    """

    problem: Problem
    owners: tuple[str, ...]
    coords: Ints
    start: Ints
    end: Ints
    length: Ints
    atomic: Bools
    durations: tuple[int, ...]

    @property
    def cells(self) -> int:
        """Cells of the lattice."""
        return len(self.coords)

    @cached_property
    def strides(self) -> Ints:
        """What one position more on an axis adds to a cell's number."""
        shape = self.problem.lattice.shape
        return np.array([math.prod(shape[k + 1 :]) for k in range(len(shape))], dtype=np.int64)

    @cached_property
    def layer(self) -> Ints:
        """Sum of the positions of every cell."""
        total: Ints = self.coords.sum(axis=1)
        return total

    @cached_property
    def part(self) -> Ints:
        """What each owner's axes add to a cell's number, shape (owners, cells)."""
        own = [[o == owner for o in self.problem.lattice.owners] for owner in self.owners]
        return np.array([(self.coords * (self.strides * mine)).sum(axis=1) for mine in own], dtype=np.int64)

    @cached_property
    def moved(self) -> Bools:
        """Which owners move in each step, shape (owners, steps)."""
        return np.array([p[self.start] != p[self.end] for p in self.part])

    @cached_property
    def late(self) -> Ints:
        """Rank of every step when sorted by the layer of its end, first layer first, then by its end."""
        rank = np.empty(len(self.start), dtype=np.int64)
        rank[np.lexsort((self.end, self.layer[self.end]))] = np.arange(len(self.start))
        return rank

    @cached_property
    def lasts(self) -> Ints:
        """Periods of each step."""
        return np.array(self.durations, dtype=np.int64)[self.length]

    @cached_property
    def paid(self) -> Floats:
        """(1 - discount) times what bringing each axis from the status quo to a cell costs its owner, (axes, cells)."""
        p, owners = self.problem, self.problem.lattice.owners
        rows = np.zeros((len(owners), self.cells))
        for k, owner in enumerate(owners):
            if owner in p.parties and not p.patient:
                rows[k] = (1 - p.discount[p.parties.index(owner)]) * np.cumsum(p.cost[k])[self.coords[:, k]]
        return rows

    @cached_property
    def spent(self) -> Floats:
        """``paid`` summed over each party's axes, shape (n, cells)."""
        p = self.problem
        return np.array([self.paid[list(p.lattice.axes_of(who))].sum(axis=0) for who in p.parties])

    @cached_property
    def final(self) -> Floats:
        """V_i at the target, shape (n,)."""
        p, n = self.problem, len(self.problem.parties)
        u, accused, alarm = p.flow.reshape(n, -1)[:, -1], p.accused.reshape(n, -1)[:, -1], float(p.alarm.ravel()[-1])
        d = p.discount
        value: Floats = ((1 - d) * u + d * alarm * accused) / (1 - d * (1 - alarm))
        return value

    def going_on(self, i: int, chosen: Ints) -> tuple[Floats, Floats]:
        """What a step makes of the value after it: ``V_i(start) = gain + keep * V_i(end)``.

        Args:
            i: number of a party.
            chosen: numbers of steps.

        Returns:
            ``gain`` and ``keep``, one per step chosen.
        """
        p = self.problem
        if p.patient:
            return np.zeros(len(chosen)), np.ones(len(chosen))
        start, end, d = self.start[chosen], self.end[chosen], float(p.discount[i])
        alarm, accused, flow = p.alarm.ravel(), p.accused[i].ravel(), p.flow[i].ravel()
        calm = d * (1 - alarm)
        stay, wait = np.empty((2, len(self.durations), self.cells))
        for n, periods in enumerate(self.durations):
            stay[n] = (1 - d) * flow * geometric(calm, periods) + d * alarm * accused * geometric(calm, periods - 1)
            wait[n] = calm ** (periods - 1) * d
        row = self.length[chosen]
        reached = wait[row, start]
        costs = self.spent[i, end] - self.spent[i, start]
        gain = stay[row, start] + reached * (alarm[start] * accused[end] - costs)
        return gain, reached * (1 - alarm[start])

    def withheld(self, i: int, chosen: Ints) -> Floats:
        """What V_i after each step must exceed for i not to withhold its part of it; -inf where it cannot.

        Args:
            i: number of a party.
            chosen: numbers of steps.
        """
        p = self.problem
        needs = np.full(len(chosen), -np.inf)
        if p.parties[i] not in self.owners or not p.together:
            return needs
        o = self.owners.index(p.parties[i])
        moved = self.moved[:, chosen]
        can = moved[o] & (moved.sum(axis=0) > 1) & ~self.atomic[chosen]
        start, end = self.start[chosen][can], self.end[chosen][can]
        without = end - self.part[o, end] + self.part[o, start]
        needs[can] = p.walk[i].ravel()[without] + self.spent[i, end] - self.spent[i, start]
        return needs

    def weigh(self, periods: Row | float, steps: float, atomic: Row | float) -> Any:
        """Periods, steps and atomic steps in one number that compares sums of them in this order."""
        base = float(self.coords[-1].sum() + 1)  # more than any plan has steps
        return base * (base * periods + steps) + atomic

    def cell(self, number: int) -> Cell:
        """Positions of a cell."""
        return tuple(int(c) for c in self.coords[number])

    def step(self, number: int) -> Step:
        """A step as plans hold it."""
        who = [owner for o, owner in enumerate(self.owners) if self.moved[o, number]]
        return Step(
            self.cell(int(self.start[number])),
            self.cell(int(self.end[number])),
            tuple(in_order(self.problem, who)),
            bool(self.atomic[number]),
            int(self.lasts[number]),
        )


def in_order(problem: Problem, movers: list[str]) -> list[str]:
    """Movers in the order of the parties, others after them."""
    known = [p for p in problem.parties if p in movers]
    return known + [m for m in movers if m not in problem.parties]


def network(problem: Problem) -> Network:
    """List the permitted steps between feasible pauses.

    Args:
        problem: what is planned.

    Raises:
        LimitReached: there are more than ``STEPS``.
    """
    lattice = problem.lattice
    shape, several = lattice.shape, problem.together or problem.escrow
    count = listed(problem)
    if count > STEPS:
        advice = "Plan a smaller target, or one that changes fewer options."
        raise LimitReached("possible steps", f"{count:,}", STEPS, advice)
    coords = np.array(list(np.ndindex(*shape)), dtype=np.int64).reshape(-1, len(shape))
    owners = tuple(dict.fromkeys(lattice.owners))
    groups = (
        [set(range(len(shape)))] if several else [{k for k, o in enumerate(lattice.owners) if o == w} for w in owners]
    )
    pairs = [_pairs(lattice.feasible, group) for group in groups]
    start, end = (np.concatenate([p[side] for p in pairs]) for side in (0, 1))
    length = np.full(len(start), float(problem.step))
    for k, takes in enumerate(problem.takes):
        reach = np.cumsum(takes)[coords[:, k]]
        length = np.maximum(length, np.ceil(reach[end] - reach[start] - ROUNDED))
    durations, index = np.unique(length.astype(np.int64), return_inverse=True)
    atomic = np.zeros(len(start), dtype=bool)
    if several:
        sides = [[o == w for o in lattice.owners] for w in owners]
        movers = np.sum([(coords[start] != coords[end])[:, mine].any(axis=1) for mine in sides], axis=0)
        start, end, index, atomic = _several(problem, (start, end, index), movers > 1)
    order = np.lexsort((atomic, end, start, -coords.sum(axis=1)[start]))
    rows = (start[order], end[order], index[order].astype(np.int64), atomic[order])
    return Network(problem, owners, coords, *rows, tuple(int(d) for d in durations))


def listed(problem: Problem) -> int:
    """How many steps there are between the cells of a lattice, feasible or not."""
    lattice = problem.lattice
    pairs = [length * (length + 1) // 2 for length in lattice.shape]
    if problem.together or problem.escrow:
        return math.prod(pairs) * (problem.together + problem.escrow)
    total = 0
    for owner in dict.fromkeys(lattice.owners):
        mine = [o == owner for o in lattice.owners]
        total += math.prod(p if own else n for p, n, own in zip(pairs, lattice.shape, mine, strict=True))
    return total


def _pairs(feasible: Bools, group: set[int]) -> tuple[Ints, Ints]:
    """All pairs of feasible cells, the second further on axes of the group and equal on the others."""
    start, end = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for k, length in enumerate(feasible.shape):
        both = list(combinations_with_replacement(range(length), 2)) if k in group else [(x, x) for x in range(length)]
        low, high = np.array(both, dtype=np.int64).T
        start = (start[:, None] * length + low).ravel()
        end = (end[:, None] * length + high).ravel()
    flat = feasible.ravel()
    keep = (start != end) & flat[start] & flat[end]
    return start[keep], end[keep]


def _several(problem: Problem, steps: tuple[Ints, Ints, Ints], joint: Bools) -> tuple[Ints, Ints, Ints, Bools]:
    """Steps of several parties as they are permitted: each side can spoil them, a third party guards them, or both."""
    bare = np.flatnonzero(~joint | problem.together)
    guarded = np.flatnonzero(joint & problem.escrow)
    chosen = np.concatenate([bare, guarded])
    start, end, index = (row[chosen] for row in steps)
    return start, end, index, np.arange(len(chosen)) >= len(bare)


class Live:
    """Steps that can still be part of a plan, and passes over them.

    Args:
        net: the network.
        chosen: numbers of steps, ascending.
    """

    def __init__(self, net: Network, chosen: Ints) -> None:
        self.net, self.chosen = net, chosen
        self.start, self.end = net.start[chosen], net.end[chosen]

    @classmethod
    def whole(cls, net: Network) -> Live:
        """All steps that lie on some way from the status quo to the target."""
        return cls(net, np.arange(len(net.start))).trimmed(np.ones(len(net.start), dtype=bool))

    def trimmed(self, keep: Bools) -> Live:
        """The steps kept that still lie on some way from the status quo to the target."""
        part = Live(self.net, self.chosen[keep])
        to = part.back(np.zeros(self.net.cells, dtype=bool), {self.net.cells - 1: True}, lambda x, _: x, np.logical_or)
        on = part.forth(np.zeros(self.net.cells, dtype=bool), {0: True}, lambda x, _: x, np.logical_or)
        return Live(self.net, part.chosen[on[part.start] & to[part.end]])

    def back(self, out: Row, last: dict[int, Any], each: Pass, best: np.ufunc) -> Row:
        """Carry values from the ends of steps to their starts, last layer first.

        Args:
            out: one value per cell; cells without a step keep theirs.
            last: values known beforehand.
            each: gives candidates from (values at the ends, the steps' places in this object).
            best: joins the candidates of a cell (``np.maximum`` ...).
        """
        return _carry(self._backward, out, last, (each, best))

    def forth(self, out: Row, first: dict[int, Any], each: Pass, best: np.ufunc) -> Row:
        """Carry values from the starts of steps to their ends, first layer first; arguments as in ``back``."""
        return _carry(self._forward, out, first, (each, best))

    @cached_property
    def _backward(self) -> Layers:
        return _layers(self.net, self.start, self.end, np.arange(len(self.chosen)))

    @cached_property
    def _forward(self) -> Layers:
        late = np.argsort(self.net.late[self.chosen])
        return _layers(self.net, self.end[late], self.start[late], late)


Layers = list[tuple[Ints, Ints, Ints, Ints]]


def _layers(net: Network, into: Ints, out_of: Ints, places: Ints) -> Layers:
    """Steps sorted by layers, cut up: per layer the cells reached, where their steps begin, origins and places."""
    if not len(into):
        return []
    heads = np.flatnonzero(np.concatenate([[True], into[1:] != into[:-1]]))
    layers = net.layer[into[heads]]
    cuts = [*np.flatnonzero(np.concatenate([[True], layers[1:] != layers[:-1]])).tolist(), len(heads)]
    ends = [*heads[cuts[:-1]].tolist(), len(into)]
    return [
        (into[heads[low:high]], heads[low:high] - begin, out_of[begin:stop], places[begin:stop])
        for (low, high), (begin, stop) in zip(pairwise(cuts), pairwise(ends), strict=True)
    ]


def _carry(layers: Layers, out: Row, first: dict[int, Any], how: tuple[Pass, np.ufunc]) -> Row:
    for cell, value in first.items():
        out[cell] = value
    each, best = how
    for cells, begins, origins, places in layers:
        out[cells] = best.reduceat(each(out[origins], places), begins)
    return out
