"""Uniform linear extensions of partial orders too large to count: points of the order polytope.

A point of the order polytope gives each element a number from 0 to 1 that grows along the order. In a uniform point
the numbers are distinct and their order is a uniform linear extension (Stanley 1986). Giving each element a fresh
uniform number between those below it and those above it leaves the uniform distribution as it is, and is monotone: a
higher point stays higher. So the chain started long ago at all zeros and at all ones, with the same random numbers,
encloses a uniform point; once the enclosures of the elements no longer overlap, its order is known, and drawn without
any error (coupling from the past: Propp, Wilson 1996; for linear extensions Huber 2006, 2014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.graph.posets import twins

Bools = NDArray[np.bool_]
Index = NDArray[np.int64]
Floats = NDArray[np.float64]
Generators = Sequence[np.random.Generator]
FIRST_SWEEPS = 16
CHUNK_NUMBERS = 1 << 20


@dataclass(frozen=True, eq=False)
class Polytope:
    """The order polytope of a partial order, ready for sweeps.

    Elements are numbered by *level* (length of the longest chain below), then by class of twins.

    Attributes:
        order: the element of the partial order that each number stands for.
        kind: class of each number.
        levels: per level, its numbers, its classes, the first number of each class within the level, and the classes
            directly below and above each class (padded with the number of classes).
        classes: number of classes.
        height: a guess at the mean of each class, which grows along the order: the share of what is below it among all
            it is compared with.
    """

    order: Index
    kind: Index
    levels: tuple[tuple[slice, slice, Index, Index, Index], ...]
    classes: int
    height: Floats

    @classmethod
    def of(cls, less: Bools) -> Polytope:
        """The polytope of a partial order (transitive, without circles)."""
        members = twins(less)
        first = np.array([m[0] for m in members])
        below = less[np.ix_(first, first)]
        depth = np.zeros(len(first), np.int64)
        while True:
            deeper = np.where(below, depth[:, None] + 1, 0).max(axis=0)
            if (deeper == depth).all():
                break
            depth = deeper
        ranked = np.argsort(depth, kind="stable")
        below, depth = below[np.ix_(ranked, ranked)], depth[ranked]
        counts = below.astype(np.float32)  # how many classes lie between two
        covers = below & (counts @ counts < 0.5)
        members = tuple(members[r] for r in ranked)
        sizes = np.array([len(m) for m in members])
        starts = np.concatenate([[0], np.cumsum(sizes)])
        levels = []
        for level in range(int(depth.max()) + 1):
            here = np.flatnonzero(depth == level)
            low, high = int(here[0]), int(here[-1]) + 1
            numbers = slice(int(starts[low]), int(starts[high]))
            lists = (_padded(covers[:, low:high].T, len(first)), _padded(covers[low:high], len(first)))
            levels.append((numbers, slice(low, high), starts[low:high] - starts[low], *lists))
        kind = np.repeat(np.arange(len(members)), sizes)
        under, over = counts.T @ sizes, counts @ sizes
        guess = (under + 1.0) / (under + over + 2.0)
        return cls(np.concatenate(members), kind, tuple(levels), len(members), guess)

    def sweep(self, top: Floats, bottom: Floats, points: Floats, uniforms: Floats) -> None:
        """Give every element a fresh number, level by level, in place.

        Args:
            top, bottom: largest and least number of each class, and 0 and 1 at the end; (chains, classes + 1, draws).
            points: the numbers, shape (chains, elements, draws).
            uniforms: shape (elements, draws).
        """
        for numbers, classes, starts, below, above in self.levels:
            low = top[:, below].max(axis=2)
            high = bottom[:, above].min(axis=2)
            within = self.kind[numbers] - classes.start
            fresh = low[:, within] + uniforms[numbers] * (high - low)[:, within]
            points[:, numbers] = fresh
            top[:, classes] = np.maximum.reduceat(fresh, starts, axis=1)
            bottom[:, classes] = np.minimum.reduceat(fresh, starts, axis=1)

    def positions(self, points: Floats) -> Index:
        """Position of every element of the partial order when the numbers are sorted, shape (draws, elements)."""
        places = np.argsort(np.argsort(points, axis=0), axis=0)
        out = np.empty((points.shape[1], len(points)), np.int64)
        out[:, self.order] = places.T
        return out

    def start(self, values: Sequence[float], draws: int) -> tuple[Floats, Floats, Floats]:
        """Chains that start with all numbers alike: top, bottom and points as ``sweep`` takes them."""
        top = np.zeros((len(values), self.classes + 1, draws))
        top += np.array(values)[:, None, None]
        bottom = top.copy()
        top[:, -1], bottom[:, -1] = 0.0, 1.0
        points = np.zeros((len(values), len(self.order), draws)) + np.array(values)[:, None, None]
        return top, bottom, points


def _padded(rows: Bools, filling: int) -> Index:
    width = max(1, int(rows.sum(axis=1).max()))
    out = np.full((len(rows), width), filling, np.int64)
    for n, row in enumerate(rows):
        found = np.flatnonzero(row)
        out[n, : len(found)] = found
    return out


def perfect(polytope: Polytope, generators: Callable[[int, Index], Generators], draws: int) -> Index:
    """One uniform linear extension per draw, without error.

    Args:
        polytope: of the partial order.
        generators: fresh random generators for (age of the block of sweeps, some draws); the same each time.
        draws: how many.

    Returns:
        Positions of the elements, shape (draws, elements).
    """
    out = np.zeros((draws, len(polytope.order)), np.int64)
    left = np.arange(draws)
    oldest = 0
    while len(left):
        top, bottom, points = polytope.start((0.0, 1.0), len(left))
        for age in range(oldest, -1, -1):
            sweeps = FIRST_SWEEPS if age == 0 else FIRST_SWEEPS << (age - 1)
            for uniforms in _numbers(generators(age, left), sweeps, len(polytope.order)):
                polytope.sweep(top, bottom, points, uniforms)
        order = np.argsort(points[0], axis=0)
        low, high = (np.take_along_axis(p, order, axis=0) for p in points)
        apart = (high[:-1] < low[1:]).all(axis=0)
        out[left[apart]] = polytope.positions(points[0][:, apart])
        left = left[~apart]
        oldest += 1
    return out


def by_chain(polytope: Polytope, generators: Generators, sweeps: int) -> Index:
    """One nearly uniform linear extension per generator: a chain of so many sweeps. Positions, (draws, elements)."""
    top, bottom, points = polytope.start((0.5,), len(generators))
    for numbers, classes, *_ in polytope.levels:
        top[:, classes] = bottom[:, classes] = polytope.height[classes, None]
        points[:, numbers] = polytope.height[polytope.kind[numbers], None]
    for uniforms in _numbers(generators, sweeps, len(polytope.order)):
        polytope.sweep(top, bottom, points, uniforms)
    return polytope.positions(points[0])


def _numbers(generators: Generators, sweeps: int, size: int) -> Iterator[Floats]:
    """Uniform numbers sweep by sweep, shape (elements, draws); each draw from its own generator."""
    step = max(1, CHUNK_NUMBERS // (size * len(generators)))
    for first in range(0, sweeps, step):
        count = min(step, sweeps - first)
        block = np.stack([g.random((count, size)) for g in generators], axis=2)
        yield from block
