"""Joint moves: from each state, the deals that some parties can make and would not better together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.explicit import ranges
from detente.graph.arcs import MOST_ARCS
from detente.space.moves import numbered

CHUNK = 1 << 22


@dataclass(frozen=True, eq=False)
class Deals:
    """Joint moves in a draw.

    Attributes:
        chance: of each deal from each state, given that there is a joint move; rows sum to 1, or to 0 without any.
        none: 1 where no deal can be made, shape (states,).
    """

    chance: Any
    none: Floats

    @classmethod
    def of(cls, number: Int64, target: Int64) -> Deals:
        """All deals of a state are equally likely.

        Args:
            number: of deals from each state, shape (states,).
            target: the states they lead to, one state's after another's.
        """
        from scipy.sparse import csr_array

        chance = np.repeat(1.0 / np.maximum(number, 1), number)
        starts = np.concatenate([[0], np.cumsum(number)])
        return cls(csr_array((chance, target, starts), shape=(len(number),) * 2), (number == 0).astype(np.float64))


def deals_of(dynamics: Dynamics, draw: Draw) -> Deals:
    """The deals that can be made from each state."""
    return Deals.of(*offers_of(dynamics, draw).rows(np.arange(len(dynamics))))


class Offers(Protocol):
    """The deals of a draw, state by state."""

    def rows(self, states: Int64, /) -> tuple[Int64, Int64]:
        """How many can be made from each of some states, and where they lead, one state's after another's."""


def offers_of(dynamics: Dynamics, draw: Draw) -> Offers:
    """The deals that can be made in a draw.

    The parties of ``among`` change options of their own, and of mediators; floors and directions hold. Of the states
    that they can reach so, may agree on (``Draw.deals``) and all strictly prefer to the present one, those count that
    no other of these is at least as good as for all of them and better for one; each is equally likely.
    """
    worths = np.array([draw.ranks(dynamics.parties.index(p)) for p in dynamics.among], np.int64)
    reach = reach_of(dynamics)
    if len(worths) > 2:
        pairs = np.arange(len(reach.target)) if draw.deals is None else np.flatnonzero(draw.deals[reach.target])
        return _written_out(reach, worths, pairs)
    return ByRank.of(reach, worths[0], worths[-1], draw.deals)


@dataclass(frozen=True, eq=False)
class ByRank:
    """Deals of two parties: sorted by what the first gains, undominated ones rise by what the second gains.

    So those better than a state for both stand side by side.

    Attributes:
        base: of the group of each state, the number from which its keys are counted, shape (states,).
        first, second: ranks of the parties, shape (states,).
        rising: keys by which the undominated ones of all groups ascend, counted by what the second gains.
        falling: the same counted by what the first loses.
        front: these states.
    """

    base: Int64
    first: Int64
    second: Int64
    rising: Int64
    falling: Int64
    front: Int64

    @classmethod
    def of(cls, reach: Reach, first: Int64, second: Int64, wanted: Bools | None) -> ByRank:
        """From the ranks of both parties and the states that may be agreed on (None: all)."""
        count = len(first)
        states = np.arange(count) if wanted is None else np.flatnonzero(wanted)
        order = states[np.argsort((count - first[states]) * count - second[states])]
        # sorted by group, then by what the first gains: the other way round first, as groups are few
        sizes = reach.places[order + 1] - reach.places[order]
        group = reach.of_place[ranges(reach.places[order], sizes)]
        sorted_by_group = np.argsort(group, kind="stable")
        front = np.repeat(order, sizes)[sorted_by_group]
        base = group[sorted_by_group].astype(np.int64) * count
        # not dominated: more for the second than all that give the first more, and the most of those that give as much
        changes = np.ones(len(front), bool)
        changes[1:] = (np.diff(base) != 0) | (np.diff(first[front]) != 0)
        rising = base + second[front]
        most = rising[changes]
        before = np.concatenate([[-1], np.maximum.accumulate(most)[:-1]]) if len(most) else most
        block = np.cumsum(changes) - 1
        kept = (rising == most[block]) & (rising > before[block])
        front, base = front[kept], base[kept]
        return cls(
            reach.of_state * count, first, second, rising[kept], base + count - 1 - first[front], front
        )  # fmt: skip

    def rows(self, states: Int64) -> tuple[Int64, Int64]:
        """See ``Offers``."""
        base, count = self.base[states], len(self.first)
        low = np.searchsorted(self.rising, base + self.second[states], "right")
        high = np.searchsorted(self.falling, base + count - 1 - self.first[states], "left")
        number = np.maximum(high - low, 0)
        return number, self.front[ranges(low, number)]


@dataclass(frozen=True, eq=False)
class Listed:
    """Deals of every state, one below the other.

    Attributes:
        starts: where those of each state start, and the end, shape (states + 1,).
        target: where they lead.
    """

    starts: Int64
    target: Int64

    def rows(self, states: Int64) -> tuple[Int64, Int64]:
        """See ``Offers``."""
        number = self.starts[states + 1] - self.starts[states]
        return number, self.target[ranges(self.starts[states], number)]


def _written_out(reach: Reach, worths: Int64, pairs: Int64) -> Listed:
    """Of any number of parties: group by group."""
    count = len(reach.of_state)
    sources, targets = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    cuts = np.searchsorted(reach.group[pairs], np.arange(len(reach.here) + 1))
    for n, here in enumerate(reach.here):
        front = _undominated(worths, reach.target[pairs[cuts[n] : cuts[n + 1]]])
        if not len(front):
            continue
        step = max(1, CHUNK // len(front))
        for first in range(0, len(here), step):
            part = here[first : first + step]
            better = (worths[:, None, front] > worths[:, part, None]).all(axis=0)
            at, deal = np.nonzero(better)
            sources.append(part[at])
            targets.append(front[deal])
    source, target = np.concatenate(sources), np.concatenate(targets)
    starts = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=count))])
    return Listed(starts, target[np.argsort(source, kind="stable")])


def _undominated(worths: Int64, states: Int64) -> Int64:
    """The states that no other of them is at least as good as for all parties and better for one.

    Dominance is judged among all, not only among those better than some present state: what dominates a state that is
    better than the present one is better than the present one too.
    """
    front = []
    left = states
    total = worths.sum(axis=0)
    while len(left):
        best = left[np.argmax(total[left])]  # nothing left dominates it: its sum of ranks would be larger
        row = worths[:, best, None]
        found = worths[:, left]
        front.append(left[(found == row).all(axis=0)])
        left = left[(found > row).any(axis=0)]
    return np.concatenate([np.zeros(0, np.int64), *front])


@dataclass(frozen=True, eq=False)
class Reach:
    """What the parties of ``among`` can reach together, by groups of states from which that is the same.

    Attributes:
        here: states of every group.
        of_state: group of every state, shape (states,).
        target: what the groups can reach, group by group.
        group: of every target.
    """

    here: tuple[Int64, ...]
    of_state: Int64
    target: Int64
    group: Int64

    @cached_property
    def places(self) -> Int64:
        """Where the groups that can reach each state start in ``of_place``, and the end, shape (states + 1,)."""
        found = np.bincount(self.target, minlength=len(self.of_state))
        return np.concatenate([[0], np.cumsum(found)]).astype(np.int64)

    @cached_property
    def of_place(self) -> NDArray[Any]:
        """The groups that can reach each state, in a type in which sorting them is quick."""
        groups = self.group[np.argsort(self.target, kind="stable")]
        return groups.astype(np.uint16 if len(self.here) < 1 << 16 else np.int64)

    @classmethod
    def of(cls, dynamics: Dynamics) -> Reach:
        """From ``joint_reach``."""
        found = joint_reach(dynamics)
        of_state = np.zeros(len(dynamics), np.int64)
        for n, (here, _) in enumerate(found):
            of_state[here] = n
        target = np.concatenate([np.zeros(0, np.int64), *(t for _, t in found)])
        group = np.repeat(np.arange(len(found)), [len(t) for _, t in found])
        return cls(tuple(h for h, _ in found), of_state, target, group)


def reach_of(dynamics: Dynamics) -> Reach:
    """Worked out once for all draws."""
    found: Reach = dynamics.once("reach", lambda: Reach.of(dynamics))
    return found


def joint_reach(dynamics: Dynamics) -> list[tuple[Int64, Int64]]:
    """States from which the parties of ``among`` can reach the same states together, and those states."""
    found: list[tuple[Int64, Int64]] = dynamics.once("joint", lambda: list(_reaches(dynamics)))
    return found


def _reaches(dynamics: Dynamics) -> Iterator[tuple[Int64, Int64]]:
    """States from which the parties can reach the same states together, and those states.

    Raises:
        LimitReached: more pairs than can be looked at.
    """
    states = dynamics.moves.states
    files = states.case.file.parties
    acting = {*dynamics.among, *(p for p, w in files.items() if w.role == "mediator")}
    space = states.space
    moving = np.array([owner in acting for owner in space.owners], bool)
    counts = np.array(space.counts)
    part = numbered(states.digits[~moving], list(counts[~moving]), states.cells)
    options = np.flatnonzero(moving)
    low = np.array([[space.windows[o][d][0] for d in states.digits[o]] for o in options], np.uint8)
    high = np.array([[space.windows[o][d][1] for d in states.digits[o]] for o in options], np.uint8)
    low, high = low.reshape(len(options), states.cells), high.reshape(len(options), states.cells)
    code = np.concatenate([part[None, :].astype(np.int64), low, high])
    _, kind = np.unique(code, axis=1, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    reach = {}
    pairs = 0
    for cells in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
        within = part == part[cells[0]]
        for row, option in enumerate(options):
            levels = states.digits[option]
            within &= (levels >= low[row, cells[0]]) & (levels <= high[row, cells[0]])
        found = np.unique(states.state_of[within]).astype(np.int64)
        pairs += len(found)
        if pairs > MOST_ARCS:
            advice = "Merge or exclude states, or make fewer options one-way."
            raise LimitReached("joint moves", f"more than {MOST_ARCS:,}", MOST_ARCS, advice)
        if not states.merged:
            yield cells, found
            continue
        for cell in cells:
            reach[int(cell)] = found
    if states.merged:
        yield from _merged(dynamics, reach)


def _merged(dynamics: Dynamics, reach: dict[int, Int64]) -> Iterator[tuple[Int64, Int64]]:
    """A merged state reaches whatever one of its cells does."""
    states = dynamics.moves.states
    for state in range(len(states)):
        found = [reach[c] for c in states.members(state)]
        yield np.array([state]), np.unique(np.concatenate(found))


def admitted(dynamics: Dynamics, draw: Draw) -> Bools:
    """States that may be agreed on in a draw, shape (states,)."""
    return np.ones(len(dynamics), bool) if draw.deals is None else draw.deals
