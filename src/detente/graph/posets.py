"""Partial orders taken apart: what stands wholly above, what stands wholly beside, and the rest that is neither.

A linear extension of parts in *series* is one after the other; of *parallel* parts, a shuffle of theirs. What can be
taken apart no further is an *atom*. Counting and drawing uniformly follow the parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Index = NDArray[np.int64]
SINGLE, SERIES, PARALLEL, ATOM = "single", "series", "parallel", "atom"
MOST_IDEALS = 20_000


@dataclass(eq=False)
class Part:
    """A part of a partial order.

    Attributes:
        kind: ``single``, ``series`` (parts from the lowest up), ``parallel`` or ``atom``.
        elements: numbers of its elements in the whole.
        parts: what it is made of; empty for a single element and an atom.
        less: for an atom, whether one of its elements is below another, shape (elements, elements).
        ideals: for an atom, its down-sets where there are few enough to count by.
    """

    kind: str
    elements: Index
    parts: list[Part] = field(default_factory=list)
    less: Bools | None = None
    ideals: Ideals | None = None

    def walk(self) -> Iterator[Part]:
        """All parts, those a part is made of before itself."""
        found, stack = [], [self]
        while stack:
            found.append(stack.pop())
            stack += found[-1].parts
        return reversed(found)

    @property
    def count(self) -> int | None:
        """Number of linear extensions; None where it was not counted."""
        counts: dict[int, int | None] = {}
        for part in self.walk():
            counts[id(part)] = self._count(part, [counts[id(p)] for p in part.parts])
        return counts[id(self)]

    @staticmethod
    def _count(part: Part, below: list[int | None]) -> int | None:
        known = [c for c in below if c is not None]
        if len(known) < len(below):
            return None
        if part.kind == ATOM:
            return None if part.ideals is None else part.ideals.count
        total = prod(known)
        if part.kind == PARALLEL:
            total *= factorial(len(part.elements))
            for p in part.parts:
                total //= factorial(len(p.elements))
        return total


def taken_apart(less: Bools) -> Part:
    """Take a partial order apart.

    Args:
        less: whether the row's element is below the column's; transitive, without circles.
    """
    root = Part(SERIES, np.arange(len(less)))
    stack = [(root, True, True)]
    while stack:
        part, series, parallel = stack.pop()
        inside = less[np.ix_(part.elements, part.elements)]
        either = inside | inside.T
        pieces = [np.arange(len(part.elements))]
        if len(part.elements) == 1:
            part.kind = SINGLE
            continue
        if series:
            part.kind, pieces = SERIES, _components(~either, inside)
        if len(pieces) == 1 and parallel:
            part.kind, pieces = PARALLEL, _components(either, inside)
        if len(pieces) == 1:
            part.kind, part.less, part.ideals = ATOM, inside, Ideals.of(inside)
            continue
        part.parts = [Part(ATOM, part.elements[p]) for p in pieces]
        stack += [(p, part.kind == PARALLEL, part.kind == SERIES) for p in part.parts]
    return root


def _components(joined: Bools, less: Bools) -> list[Index]:
    """Connected components of a symmetric relation, those whose elements have fewest below first."""
    left = np.ones(len(joined), bool)
    found: list[Index] = []
    order = np.argsort(less.sum(axis=0), kind="stable")
    for first in order:
        if not left[first]:
            continue
        inside = np.zeros(len(joined), bool)
        fresh = np.array([first])
        inside[first] = True
        while len(fresh):
            reached = joined[fresh].any(axis=0) & ~inside
            inside |= reached
            fresh = np.flatnonzero(reached)
        left &= ~inside
        found.append(np.flatnonzero(inside))
    return found


# --- counting by down-sets -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Ideals:
    """The down-sets of an atom, and how many linear extensions complete each.

    Elements with the same elements below and above (*twins*) count as one class: a down-set is how many it holds of
    each class.

    Attributes:
        members: elements of each class.
        count: number of linear extensions.
        onward: down-set reached by adding an element of a class, -1 where it cannot be; shape (down-sets, classes).
        chances: cumulative chances of the classes when all completions are equally likely, same shape.
    """

    members: tuple[Index, ...]
    count: int
    onward: Index
    chances: NDArray[np.float64]

    @classmethod
    def of(cls, less: Bools) -> Ideals | None:
        """The down-sets of a partial order; None where there are more than 20,000."""
        members = twins(less)
        first = np.array([m[0] for m in members])
        below = less[np.ix_(first, first)]
        sizes = np.array([len(m) for m in members], np.int64)
        if np.log2(sizes + 1.0).sum() > 62:
            return None
        weights = np.concatenate([[1], np.cumprod(sizes + 1)[:-1]]).astype(np.int64)
        layers = _layers(below, sizes, weights)
        return None if layers is None else cls._counted(members, sizes, weights, layers)

    @classmethod
    def _counted(
        cls, members: tuple[Index, ...], sizes: Index, weights: Index, layers: list[tuple[Index, Bools]]
    ) -> Ideals:
        starts = np.cumsum([0, *(len(codes) for codes, _ in layers)])
        onward = np.full((int(starts[-1]), len(members)), -1, np.int64)
        chances = np.zeros(onward.shape)
        after: list[int] = [1]
        for n in range(len(layers) - 2, -1, -1):
            codes, can = layers[n]
            here = onward[starts[n] : starts[n + 1]]
            for c in range(len(members)):
                here[can[:, c], c] = starts[n + 1] + np.searchsorted(layers[n + 1][0], codes[can[:, c]] + weights[c])
            left = sizes - codes[:, None] // weights % (sizes + 1)
            present: list[int] = []
            for row, places in enumerate(here):
                ways = [
                    int(left[row, c]) * after[int(p - starts[n + 1])] if p >= 0 else 0 for c, p in enumerate(places)
                ]
                total = sum(ways)
                present.append(total)
                running = 0
                for c, way in enumerate(ways):
                    running += way
                    chances[starts[n] + row, c] = running / total
            after = present
        return cls(members, after[0], onward, chances)

    def drawn(self, uniforms: NDArray[np.float64]) -> Index:
        """Positions of the elements in one linear extension per row of uniforms, shape (draws, elements).

        Args:
            uniforms: shape (draws, 2 * elements).
        """
        draws, total = len(uniforms), sum(len(m) for m in self.members)
        where = np.zeros(draws, np.int64)
        steps = np.zeros((draws, total), np.int64)
        for n in range(total):
            steps[:, n] = (uniforms[:, n, None] >= self.chances[where]).sum(axis=1)
            where = self.onward[where, steps[:, n]]
        order = np.argsort(steps, axis=1, kind="stable")
        out = np.zeros((draws, total), np.int64)
        first = 0
        for members in self.members:
            last = first + len(members)
            shuffled = np.argsort(uniforms[:, total + first : total + last], axis=1)
            np.put_along_axis(out, members[shuffled], order[:, first:last], axis=1)
            first = last
        return out


def twins(less: Bools) -> tuple[Index, ...]:
    """Classes of elements that have the same elements below them and above them."""
    both = np.packbits(np.concatenate([less, less.T], axis=1), axis=1)
    _, kind = np.unique(both, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    return tuple(np.flatnonzero(kind == k) for k in range(int(kind.max()) + 1))


def _layers(below: Bools, sizes: Index, weights: Index) -> list[tuple[Index, Bools]] | None:
    """Codes of the down-sets by size, with the classes that each can take an element of."""
    codes = np.zeros(1, np.int64)
    layers: list[tuple[Index, Bools]] = []
    total = 0
    while True:
        held = codes[:, None] // weights % (sizes + 1)
        full = held == sizes
        missing = ~full @ below.astype(np.int64)
        can = ~full & (missing == 0)
        layers.append((codes, can))
        total += len(codes)
        if total > MOST_IDEALS:
            return None
        row, kind = np.nonzero(can)
        if not len(row):
            return layers
        codes = np.unique(codes[row] + weights[kind])


# --- one by one ------------------------------------------------------------------------------------------------------


def every_extension(root: Part) -> Index:
    """Positions of the elements in every linear extension, shape (extensions, elements); for few of them."""
    found: dict[int, Index] = {}
    for part in root.walk():
        pieces = [found.pop(id(p)) for p in part.parts]
        if part.kind == SINGLE:
            found[id(part)] = np.zeros((1, 1), np.int64)
        elif part.less is not None:
            found[id(part)] = np.array(list(_extensions(part.less)), np.int64)
        else:
            joined = pieces[0]
            for piece in pieces[1:]:
                joined = _in_series(joined, piece) if part.kind == SERIES else _shuffled(joined, piece)
            columns = np.concatenate([p.elements for p in part.parts])
            found[id(part)] = joined[:, np.argsort(columns)]  # the elements of a part ascend
    return found[id(root)]


def _in_series(low: Index, high: Index) -> Index:
    first = np.repeat(low, len(high), axis=0)
    second = np.tile(high, (len(low), 1)) + low.shape[1]
    return np.concatenate([first, second], axis=1)


def _shuffled(one: Index, other: Index) -> Index:
    size = one.shape[1] + other.shape[1]
    places = np.array(list(combinations(range(size), one.shape[1])), np.int64)
    rest = np.array([np.setdiff1d(np.arange(size), row) for row in places], np.int64)
    pairs = _in_series(one, other)
    first, second = pairs[:, : one.shape[1]], pairs[:, one.shape[1] :] - one.shape[1]
    joined = [np.concatenate([p[first], r[second]], axis=1) for p, r in zip(places, rest, strict=True)]
    return np.concatenate(joined)


def _extensions(less: Bools) -> Iterator[list[int]]:
    """Positions of the elements in every linear extension, from the lowest up."""
    size = len(less)
    below = [int(n) for n in less.sum(axis=0)]
    above = [[int(y) for y in np.flatnonzero(row)] for row in less]
    place = [-1] * size

    def grow(depth: int) -> Iterator[list[int]]:
        if depth == size:
            yield list(place)
        for x in range(size):
            if place[x] >= 0 or below[x]:
                continue
            place[x] = depth
            for y in above[x]:
                below[y] -= 1
            yield from grow(depth + 1)
            for y in above[x]:
                below[y] += 1
            place[x] = -1

    return grow(0)
