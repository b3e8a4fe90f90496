"""Joint moves: from each state, the deals that some parties can make and would not better together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.base.errors import LimitReached
from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.replies import cached
from detente.graph.arcs import MOST_ARCS
from detente.graph.ranks import dense
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


def deals_of(dynamics: Dynamics, draw: Draw) -> Deals:
    """The deals that can be made from each state.

    The parties of ``among`` change options of their own, and of mediators; floors and directions hold. Of the states
    that they can reach so, may agree on (``Draw.deals``) and all strictly prefer to the present one, those count that
    no other of these is at least as good as for all of them and better for one; each is equally likely.
    """
    worths = np.array([dense(draw.utility[dynamics.parties.index(p)]) for p in dynamics.among])
    reach = reach_of(dynamics)
    pairs = np.arange(len(reach.target)) if draw.deals is None else np.flatnonzero(draw.deals[reach.target])
    if len(worths) > 2:
        return _written_out(reach, worths, pairs)
    return _by_rank(reach, worths[0], worths[-1], pairs)


def _by_rank(reach: Reach, first: Int64, second: Int64, pairs: Int64) -> Deals:
    """Of two parties: sorted by what the first gains, undominated deals rise by what the second gains.

    So those better than a state for both stand side by side.
    """
    from scipy.sparse import csr_array

    count = len(first)
    order = np.lexsort((-second, -first))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    pairs = pairs[np.argsort(reach.group[pairs] * count + place[reach.target[pairs]])]
    group, front = reach.group[pairs] * count, reach.target[pairs]
    # not dominated: more for the second than all that give the first more, and the most of those that give it as much
    changes = np.ones(len(pairs), bool)
    changes[1:] = (np.diff(group) != 0) | (np.diff(first[front]) != 0)
    rising = group + second[front]
    most = rising[changes]
    before = np.concatenate([[-1], np.maximum.accumulate(most)[:-1]]) if len(most) else most
    block = np.cumsum(changes) - 1
    kept = (rising == most[block]) & (rising > before[block])
    group, front = group[kept], front[kept]
    base = reach.of_state * count
    low = np.searchsorted(group + second[front], base + second, "right")
    high = np.searchsorted(group + count - 1 - first[front], base + count - 1 - first, "left")
    number = np.maximum(high - low, 0)
    starts = np.concatenate([[0], np.cumsum(number)])
    target = front[np.arange(starts[-1]) + np.repeat(low - starts[:-1], number)]
    chance = np.repeat(1.0 / np.maximum(number, 1), number)
    return Deals(csr_array((chance, target, starts), shape=(count, count)), (number == 0).astype(np.float64))


def _written_out(reach: Reach, worths: Int64, pairs: Int64) -> Deals:
    """Of any number of parties: group by group."""
    from scipy.sparse import csr_array

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
    number = np.bincount(source, minlength=count)
    chance = csr_array((1.0 / number[source], (source, target)), shape=(count, count))
    return Deals(chance, (number == 0).astype(np.float64))


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
    found: Reach = cached(dynamics, "reach", lambda: Reach.of(dynamics))
    return found


def joint_reach(dynamics: Dynamics) -> list[tuple[Int64, Int64]]:
    """States from which the parties of ``among`` can reach the same states together, and those states."""
    found: list[tuple[Int64, Int64]] = cached(dynamics, "joint", lambda: list(_reaches(dynamics)))
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
