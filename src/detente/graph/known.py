"""What is known of a party's preference: which states it is known to prefer to which, and which comparisons are open.

States that the written comparisons treat alike form a *group*; whether a comparison is known depends on groups only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import shown
from detente.case.fields import Clause
from detente.case.model import Case
from detente.graph.bits import MOST_SET_STATES, Family, above, packed, without_own
from detente.graph.ranks import Ranks, preference_path
from detente.space.states import StateSpace, fault

Bools = NDArray[np.bool_]
Index = NDArray[np.int64]
Pairs = Sequence[tuple[Clause, Clause]]
BETTER, WORSE, EQUAL, UNKNOWN = "better", "worse", "equal", "unknown"
ROWS = 512
# ONES[k] has the k lowest bits set
ONES = np.array([(1 << k) - 1 for k in range(65)], np.uint64)


@dataclass(frozen=True, eq=False)
class Known:
    """The comparisons of one party: each pair of distinct states is known (better, worse, equal) or unknown.

    Attributes:
        ranks: the order (0 worst, ties share a rank), shape (states,); None where only some comparisons are known.
        group: group of every state, shape (states,), numbered from 0.
        table: shape (groups, groups). Beside an order: where the comparison is unknown although the order has it.
            Without an order: where the row's states are known to be better than the column's.

    Source: Li, Hipel, Kilgour, Fang 2004 (unknown preference in the graph model).
    """

    ranks: Ranks | None
    group: Index
    table: Bools

    @classmethod
    def of(cls, case: Case, states: StateSpace, party: str, ranks: Ranks | None) -> Known:
        """What a party's written preference says of every pair of states.

        Args:
            case: whose preferences; typed parties are read with the type it chooses.
            states: the states compared.
            party: id of the party.
            ranks: its order on them, if it has one (``ranks_of``).

        Raises:
            CaseError: comparisons said to be unknown that the known ones decide, or a state on both sides of one.
        """
        forms, path = case.preference(party), preference_path(case, party)
        if ranks is not None:
            pairs = forms.unknown if forms is not None else ()
            group, first, second = _sides(states, pairs, f"{path}.unknown")
            cut = np.zeros((len(first), len(first)), bool)
            for n in range(len(pairs)):
                cut[np.ix_(first[:, n], second[:, n])] = True
            return cls(ranks, group, cut | cut.T)
        pairs = (forms.partial if forms is not None else None) or ()
        group, better, worse = _sides(states, pairs, f"{path}.partial")
        return cls(None, group, _closed(better, worse))

    def __len__(self) -> int:
        return len(self.group)

    @property
    def full(self) -> bool:
        """Whether every comparison is known."""
        return bool(not self.table.any()) if self.ranks is not None else len(self) < 2 or self.unknown_pairs == 0

    @property
    def unknown_pairs(self) -> int:
        """How many pairs of distinct states are not compared."""
        sizes = np.bincount(self.group, minlength=len(self.table)).astype(np.int64)
        if self.ranks is not None:
            return int(sizes @ self.table.astype(np.int64) @ sizes) // 2
        return len(self) * (len(self) - 1) // 2 - int(sizes @ self.table.astype(np.int64) @ sizes)

    # --- pairs of states ---------------------------------------------------------------------------------------------

    def better(self, states: NDArray[np.integer], others: NDArray[np.integer]) -> Bools:
        """Whether each of some states is known to be preferred to its counterpart."""
        pairs: Bools = self.table[self.group[states], self.group[others]]
        if self.ranks is not None:
            pairs = np.logical_and(self.ranks[states] > self.ranks[others], ~pairs)
        return pairs

    def unknown(self, states: NDArray[np.integer], others: NDArray[np.integer]) -> Bools:
        """Whether the comparison of each of some states with its counterpart is unknown."""
        first, second = self.group[states], self.group[others]
        if self.ranks is not None:
            pairs: Bools = self.table[first, second]
            return pairs
        apart: Bools = np.not_equal(states, others) & ~self.table[first, second] & ~self.table[second, first]
        return apart

    def compare(self, state: int, other: int) -> str:
        """``better``, ``worse``, ``equal`` or ``unknown``: what one state is against another."""
        one, two = np.array([state]), np.array([other])
        if self.unknown(one, two)[0]:
            return UNKNOWN
        if self.better(one, two)[0]:
            return BETTER
        return WORSE if self.better(two, one)[0] else EQUAL

    # --- families of sets --------------------------------------------------------------------------------------------

    def better_sets(self) -> Family:
        """For each state, the states known to be preferred to it."""
        if self.ranks is None:
            return self._spread(self.table.T)
        sets = above(self.ranks, self.ranks).copy()
        sets &= ~self._spread(self.table)
        return sets

    def worse_sets(self) -> Family:
        """For each state, the states that it is known to be preferred to."""
        if self.ranks is None:
            return self._spread(self.table)
        sets = above(-self.ranks, -self.ranks).copy()
        sets &= ~self._spread(self.table)
        return sets

    def unknown_sets(self) -> Family:
        """For each state, the states whose comparison with it is unknown."""
        if self.ranks is not None:
            return self._spread(self.table)
        return without_own(self._spread(~(self.table | self.table.T)))

    def _spread(self, table: Bools) -> Family:
        """For each state, the states of the groups that its own group's row of a table marks."""
        parts = [packed(table[n : n + ROWS][:, self.group]) for n in range(0, len(table), ROWS)]
        rows: Family = np.concatenate(parts)
        return rows[self.group]


def check_unknown(case: Case, states: StateSpace, party: str, ranks: Ranks) -> None:
    """Refuse comparisons said to be unknown which others, known, decide.

    If x is at least as good as y, and y as z, both known, then x is at least as good as z: that comparison cannot be
    unknown.

    Args:
        case, states, party: as for ``Known.of``.
        ranks: the party's order.

    Raises:
        CaseError: such a comparison, or a state on both sides of one.
    """
    if len(states) > MOST_SET_STATES:  # no question treats them as unknown there
        return
    found = _decided(Known.of(case, states, party, ranks), ranks)
    if found is None:
        return
    best, middle, worst = (states.id(s) for s in found)
    path = f"{preference_path(case, party)}.unknown"
    forms = case.preference(party)
    number = _number_of(states, forms.unknown if forms is not None else (), found[0], found[2])
    told = (
        f"an unknown comparison of {best} and {worst} that is decided by known ones: {best} is at least as good as "
        f"{middle}, and {middle} as {worst}"
    )
    fix = f"Make {best} and {middle}, or {middle} and {worst}, unknown as well, or leave {best} and {worst} out."
    raise fault(case, told, "unknown comparisons that the known ones leave open", f"{path}[{number}]", fix)


def _number_of(states: StateSpace, pairs: Pairs, best: int, worst: int) -> int:
    for number, (one, two) in enumerate(pairs):
        first, second = states.mask(one), states.mask(two)
        if (first[best] and second[worst]) or (first[worst] and second[best]):
            return number
    return 0


def _decided(known: Known, ranks: Ranks) -> tuple[int, int, int] | None:
    """Three states x >= y >= z by known comparisons, that of x and z being unknown; None if there are none.

    For two groups cut from each other it is enough to look at the best x of one and the worst z of the other; y is any
    state between them that is cut from neither. States are numbered by rank, so "between" is a range of bits.
    """
    order = np.argsort(ranks, kind="stable")
    sorted_ranks, group = ranks[order], known.group[order]
    count, groups = len(known), len(known.table)
    place = np.arange(count)
    top, low = np.full(groups, -1), np.full(groups, count)
    np.maximum.at(top, group, place)
    np.minimum.at(low, group, place)
    one, two = np.nonzero(known.table)
    end = np.searchsorted(sorted_ranks, sorted_ranks[top[one]], "right")
    start = np.searchsorted(sorted_ranks, sorted_ranks[low[two]], "left")
    one, two, start, end = (a[start < end] for a in (one, two, start, end))
    free = np.concatenate([packed(~known.table[n : n + ROWS][:, group]) for n in range(0, groups, ROWS)])
    words = np.arange(free.shape[1])[None, :] * 64
    step = max(1, (1 << 20) // free.shape[1])
    for n in range(0, len(one), step):
        part = slice(n, n + step)
        within = ONES[np.clip(end[part, None] - words, 0, 64)] & ~ONES[np.clip(start[part, None] - words, 0, 64)]
        between = free[one[part]] & free[two[part]] & within
        hit = np.flatnonzero(between.any(axis=1))
        if len(hit):
            row = between[hit[0]]
            word = int(np.flatnonzero(row)[0])
            bit = int(row[word]) & -int(row[word])
            middle = word * 64 + bit.bit_length() - 1
            pair = n + int(hit[0])
            return int(order[top[one[pair]]]), int(order[middle]), int(order[low[two[pair]]])
    return None


def _sides(states: StateSpace, pairs: Pairs, path: str) -> tuple[Index, Bools, Bools]:
    """Groups of states, and per group which pairs it stands on the first and on the second side of.

    Returns:
        Group of every state; and two arrays of shape (groups, pairs).
    """
    masks = np.zeros((2 * len(pairs), len(states)), bool)
    for n, (first, second) in enumerate(pairs):
        masks[2 * n], masks[2 * n + 1] = (states.mask(c, f"{path}[{n}]") for c in (first, second))
        both = np.flatnonzero(masks[2 * n] & masks[2 * n + 1])
        if len(both):
            what = f"{states.id(int(both[0]))}, which matches both {shown(first.text)} and {shown(second.text)}"
            fix = "A state is not compared with itself: leave it out of one of the two."
            raise fault(states.case, what, "two conditions that share no state", f"{path}[{n}]", fix)
    if not pairs:
        return np.zeros(len(states), np.int64), np.zeros((1, 0), bool), np.zeros((1, 0), bool)
    codes = np.ascontiguousarray(np.packbits(masks.T, axis=1))
    keys = codes.view(np.dtype((np.void, codes.shape[1]))).reshape(-1)
    _, first_of, group = np.unique(keys, return_index=True, return_inverse=True)
    sides = masks[:, first_of].T
    return group.reshape(-1).astype(np.int64), sides[:, ::2].copy(), sides[:, 1::2].copy()


def _closed(better: Bools, worse: Bools) -> Bools:
    """Which groups are better than which by comparisons closed transitively.

    Args:
        better: whether a group is on the better side of a pair, shape (groups, pairs).
        worse: whether it is on the worse side.
    """
    pairs = better.shape[1]
    below = packed(worse.T.copy()) if pairs else np.zeros((0, 1), np.uint64)
    # a pair leads on to the pairs whose better side holds one of its worse groups
    changed = pairs > 0
    while changed:
        changed = False
        for pair in range(pairs):
            marked = np.unpackbits(below[pair].view(np.uint8), bitorder="little")[: len(better)].astype(bool)
            onward = better[marked].any(axis=0)
            joined = below[pair] | np.bitwise_or.reduce(below[onward], axis=0, initial=0)
            if (joined != below[pair]).any():
                below[pair], changed = joined, True
    out = np.zeros((len(better), len(better)), bool)
    for pair in range(pairs):
        marked = np.unpackbits(below[pair].view(np.uint8), bitorder="little")[: len(better)].astype(bool)
        out[better[:, pair]] |= marked
    return out
