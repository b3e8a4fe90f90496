"""Completions: the ways in which the unknown comparisons of a party could fall, all equally likely.

States known to be equal stay tied; every unknown comparison is decided, without ties. A completion is then a linear
extension of what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.graph.known import Known
from detente.graph.order_polytope import Polytope, by_chain, perfect
from detente.graph.posets import ATOM, PARALLEL, SERIES, Part, every_extension, taken_apart
from detente.graph.ranks import dense
from detente.space.draws import Draws

Index = NDArray[np.int64]
Floats = NDArray[np.float64]
Streams = Callable[[str, int], np.random.Generator]
MOST_OPEN = 6_000
SURELY_PERFECT = 60
PERFECT_WORK = 20_000
MOST_SWEEPS = 2_000
BATCH_NUMBERS = 1 << 22
FIXED, COUNTED, PERFECT, CHAIN = "fixed", "exact counting", "perfect sampling", "Markov chain"


@dataclass(frozen=True, eq=False)
class Completions:
    """All completions of what is known of one party's preference.

    Attributes:
        element: element of every state, shape (states,); states known to be equal are one element.
        place: a number per element that grows along everything known, shape (elements,).
        open: the elements with an unknown comparison.
        root: how these are drawn; None if there are none.
        method: ``fixed``, ``exact counting``, ``perfect sampling`` or ``Markov chain, n sweeps``.
        count: number of completions, None where it was not counted.
        polytopes: of the parts that are too large to count, by their place in ``root.walk()``.
    """

    element: Index
    place: Index
    open: Index
    root: Part | None = None
    method: str = FIXED
    count: int | None = 1
    polytopes: Mapping[int, Polytope] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Known) -> Completions:
        """The completions of what is known.

        Args:
            known: consistent comparisons (``Known.of`` and ``ranks_of`` refuse others).

        Raises:
            LimitReached: more than 6,000 states with an unknown comparison.
        """
        if known.full and known.ranks is not None:
            element = known.ranks.astype(np.int64)
            return cls(element, np.arange(int(element.max()) + 1), np.zeros(0, np.int64))
        element, states = _elements(known)
        sets = known.unknown_sets()[states]
        unsure = np.flatnonzero(sets.any(axis=1))
        if len(unsure) > MOST_OPEN:
            advice = "Compare more of the states, or merge or exclude some."
            raise LimitReached("states with an unknown comparison", f"{len(unsure):,}", MOST_OPEN, advice)
        chosen = states[unsure]
        less = known.better(chosen[None, :], chosen[:, None])
        place = _places(known, states)
        if not len(unsure):
            return cls(element, place, unsure)
        root = taken_apart(less)
        polytopes = {
            n: Polytope.of(p.less) for n, p in enumerate(root.walk()) if p.less is not None and p.ideals is None
        }
        return cls(element, place, unsure, root, _method(polytopes.values()), root.count, polytopes)

    @property
    def approximate(self) -> bool:
        """Whether draws are only nearly uniform."""
        return self.method.startswith(CHAIN)

    def every(self) -> NDArray[np.int32]:
        """The ranks of all states in every completion, shape (completions, states); where they are few."""
        if self.root is None:
            return self._ranks(np.zeros((1, 0), np.int64))
        return self._ranks(every_extension(self.root))

    def drawn(self, streams: Streams, path: str, first: int, draws: int) -> NDArray[np.int32]:
        """The ranks of all states in some draws, shape (draws, states): 0 worst, ties share a rank.

        A draw depends on the streams, the path and its number alone.

        Args:
            streams: a generator for (name of a stream, draw).
            path: begins the names of the streams.
            first: number of the first draw.
            draws: how many.
        """
        if self.root is None:
            return np.repeat(self._ranks(np.zeros((1, 0), np.int64)), draws, axis=0)
        step = max(1, BATCH_NUMBERS // (3 * len(self.open)))
        parts = []
        for start in range(first, first + draws, step):
            numbers = np.arange(start, min(start + step, first + draws))
            parts.append(self._ranks(_Draw(streams, path, numbers, self.polytopes).positions(self.root)))
        return np.concatenate(parts)

    def _ranks(self, positions: Index) -> NDArray[np.int32]:
        """Ranks of the states from positions of the open elements among each other, shape (draws, open elements)."""
        if not len(self.open):
            return dense(self.place)[self.element][None, :]
        # an element compared with all others has the same position in every completion; the rest is for the open ones
        order = np.argsort(self.place, kind="stable")
        slots = np.empty(len(order), np.int64)
        slots[order] = np.arange(len(order))
        out = np.repeat(slots[None, :], len(positions), axis=0)
        out[:, self.open] = np.sort(slots[self.open])[positions]
        ranks: NDArray[np.int32] = out[:, self.element].astype(np.int32)
        return ranks


def completed_worths(draws: Draws, party: str, completions: Completions) -> Iterator[Floats]:
    """Worths of all states compatible with what is known, one array of shape (states,) per draw: worst 0, best 1.

    Each draw takes a uniform completion, and gives its classes the order statistics of as many uniforms.

    Args:
        draws: the draws of the case.
        party: whose preference; its streams are used.
        completions: of its preference.
    """
    classes = int(completions.element.max()) + 1
    for number, worths in enumerate(draws.order_worths(party, classes)):
        ranks = completions.drawn(draws.generator, completion_path(party), number, 1)[0]
        yield worths[ranks]


def completion_path(party: str) -> str:
    """Name of the random stream that a party's completions are drawn from."""
    return f"preferences.{party}.completion"


def _elements(known: Known) -> tuple[Index, Index]:
    """Element of every state, and one state of each element."""
    if known.ranks is None:
        return np.arange(len(known)), np.arange(len(known))
    # states of one rank are equal unless cut from each other; then they are cut from different groups
    _, kind = np.unique(np.packbits(known.table, axis=1), axis=0, return_inverse=True)
    kinds = kind.reshape(-1)
    code = known.ranks.astype(np.int64) * (int(kinds.max()) + 1) + kinds[known.group]
    _, states, element = np.unique(code, return_index=True, return_inverse=True)
    return element.reshape(-1), states


def _places(known: Known, states: Index) -> Index:
    """A number per element that grows along everything known."""
    if known.ranks is not None:
        return known.ranks[states].astype(np.int64)
    sizes = np.bincount(known.group, minlength=len(known.table))
    below: Index = (known.table.astype(np.int64) @ sizes)[known.group[states]]
    return below


def _method(polytopes: Collection[Polytope]) -> str:
    sweeps = [_sweeps(p) for p in polytopes if not _is_perfect(p)]
    if sweeps:
        return f"{CHAIN}, {max(sweeps):,} sweeps"
    return PERFECT if polytopes else COUNTED


def _is_perfect(polytope: Polytope) -> bool:
    """Whether a part is small or flat enough for sampling without error: sweeps grow with the square of its levels."""
    size = len(polytope.order)
    return size <= SURELY_PERFECT or size * (3 * len(polytope.levels) ** 2 + 64) <= PERFECT_WORK


def _sweeps(polytope: Polytope) -> int:
    return min(MOST_SWEEPS, 100 + 4 * len(polytope.levels) ** 2 + len(polytope.order) // 20)


@dataclass(frozen=True, eq=False)
class _Draw:
    """Some draws of linear extensions."""

    streams: Streams
    path: str
    numbers: Index
    polytopes: Mapping[int, Polytope]

    def positions(self, root: Part) -> Index:
        """Positions of the elements, shape (draws, elements)."""
        parts = list(root.walk())
        needed = [_needed(p) for p in parts]
        uniforms = self._uniforms(sum(needed))
        found: dict[int, Index] = {}
        used = 0
        for number, part in enumerate(parts):
            mine = uniforms[:, used : used + needed[number]]
            used += needed[number]
            pieces = [found.pop(id(p)) for p in part.parts]
            found[id(part)] = self._of(part, pieces, mine, number)
        return found[id(root)]

    def _of(self, part: Part, pieces: list[Index], uniforms: Floats, number: int) -> Index:
        draws = len(self.numbers)
        if part.kind in (SERIES, PARALLEL):
            return _joined(part, pieces, uniforms)
        if part.kind != ATOM:
            return np.zeros((draws, 1), np.int64)
        if part.ideals is not None:
            return part.ideals.drawn(uniforms)
        polytope = self.polytopes[number]
        if _is_perfect(polytope):
            return perfect(polytope, lambda age, left: self._generators(f"atom {number}.{age}", left), draws)
        return by_chain(polytope, self._generators(f"atom {number}", np.arange(draws)), _sweeps(polytope))

    def _uniforms(self, count: int) -> Floats:
        if not count:
            return np.zeros((len(self.numbers), 0))
        return np.stack([g.random(count) for g in self._generators("shuffles", np.arange(len(self.numbers)))])

    def _generators(self, name: str, left: Index) -> list[np.random.Generator]:
        return [self.streams(f"{self.path}.{name}", int(self.numbers[n])) for n in left]


def _needed(part: Part) -> int:
    """How many uniform numbers a part needs beside those of its parts."""
    if part.kind == PARALLEL:
        return len(part.elements)
    return 2 * len(part.elements) if part.ideals is not None else 0


def _joined(part: Part, pieces: list[Index], uniforms: Floats) -> Index:
    """Positions in series, one part after the other; parallel, in the places that a uniform shuffle gives each part."""
    sizes = [p.shape[1] for p in pieces]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.concatenate([p.elements for p in part.parts])
    if part.kind == PARALLEL:
        places = np.argsort(uniforms, axis=1)
        joined = np.empty_like(places)
        for n, piece in enumerate(pieces):
            mine = slice(starts[n], starts[n + 1])
            own = np.sort(places[:, mine], axis=1)
            joined[:, mine] = np.take_along_axis(own, piece, axis=1)
    else:
        joined = np.concatenate([p + s for p, s in zip(pieces, starts[:-1], strict=True)], axis=1)
    return joined[:, np.argsort(columns)]
