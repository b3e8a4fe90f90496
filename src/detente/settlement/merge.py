"""Frontier of additive utilities without listing the deals: options are merged one after the other (settlement 7.3).

Options tied by a condition, or valued together, form one composite issue. The frontier of a sum of sets lies in the sum
of their frontiers, so only undominated partial sums need to be kept; every tie is, with the number of deals behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import lcm, prod

import numpy as np
from numpy.typing import NDArray

from detente.case.meaning import Meaning, options_in
from detente.mechanics.payoffs import Levels
from detente.settlement.frontier import Frontier, undominated
from detente.settlement.problem import Bargain
from detente.space.masks import Bools, mask
from detente.space.space import Space

Int64 = NDArray[np.int64]
LARGEST_ISSUE = 20_000  # combinations of levels in one issue
LARGEST_SUM = 4_000_000  # partial sums looked at in one step
LARGEST_FRONT = {1: LARGEST_SUM, 2: 200_000, 3: 5_000}  # points kept in one step, by number of signatories
SAFE = 2**61


@dataclass(frozen=True, eq=False)
class Issue:
    """Options that are settled together.

    Attributes:
        options: their file-order numbers.
        digits: feasible combinations of their levels, shape (options, combinations).
        gains: of every signatory, shape (parties, combinations); over the parties' denominators.
    """

    options: tuple[int, ...]
    digits: NDArray[np.uint8]
    gains: Int64


@dataclass(frozen=True, eq=False)
class Step:
    """Distinct undominated partial sums after one issue, and where each came from.

    Attributes:
        sums: shape (parties, points).
        source: for every way into a point: the point before.
        level: and the class of the issue.
        start: ways into point n are ``start[n]`` up to ``start[n + 1]``.
        count: number of partial deals behind every point, exact.
    """

    sums: Int64
    source: Int64
    level: Int64
    start: Int64
    count: list[int]


@dataclass(frozen=True, eq=False)
class Merged:
    """The complete frontier, with back-pointers to its deals.

    Attributes:
        front: payoff classes; without positions of deals.
        counts: number of deals of every class.
        issues: in the order in which they were merged.
        base: disagreement of every party, over its denominator.
    """

    front: Frontier
    counts: tuple[int, ...]
    issues: tuple[Issue, ...]
    base: tuple[int, ...]
    _steps: tuple[Step, ...]
    _classes: tuple[tuple[list[Int64], Int64], ...]
    _end: tuple[int, ...]

    def deals(self, number: int, most: int | None) -> Iterator[Levels]:
        """Deals of a payoff class; all of them, or the first so many."""
        width = 1 + max(o for i in self.issues for o in i.options)
        for found, chosen in enumerate(self._paths(len(self._steps) - 1, self._end[number])):
            if found == most:
                return
            levels = [0] * width
            for issue, column in zip(self.issues, chosen, strict=True):
                for option, digit in zip(issue.options, issue.digits[:, column], strict=True):
                    levels[option] = int(digit)
            yield tuple(levels)

    def _paths(self, step: int, point: int) -> Iterator[tuple[int, ...]]:
        if step < 0:
            yield ()
            return
        here, members = self._steps[step], self._classes[step][0]
        for way in range(int(here.start[point]), int(here.start[point + 1])):
            for column in members[int(here.level[way])]:
                for before in self._paths(step - 1, int(here.source[way])):
                    yield (*before, int(column))


def issues_of(bargain: Bargain) -> list[Issue] | None:
    """The issues of a problem; None where merging does not apply or an issue would be too large.

    It applies to at most three signatories, without other owners whose acceptance is asked, without merged states.
    """
    if (
        bargain.owners
        or bargain.space.coalesce
        or bargain.allowed is not None
        or len(bargain.axes) not in LARGEST_FRONT
    ):
        return None
    if any(p not in bargain.worth for p in bargain.axes):
        return None
    space, case = bargain.space, bargain.case
    bonuses = {t: case.meaning(t) for p in bargain.axes for t, _ in bargain.worth[p].conditions}
    tied = replace(space, infeasible=(*space.infeasible, *bonuses.values()))
    factors = {p: _common(bargain, p) for p in bargain.axes}
    out = []
    for members, _ in tied.groups():
        if prod(space.counts[o] for o in members) > LARGEST_ISSUE:
            return None
        digits = _combinations(space, members)
        inside = [c for c in space.infeasible if _within(c, members)]
        digits = digits[:, ~np.logical_or.reduce([np.zeros(digits.shape[1], bool), *(mask(c, digits) for c in inside)])]
        gains = np.array([_worths(bargain, p, factors[p], digits, members) for p in bargain.axes])
        out.append(Issue(tuple(members), digits[members], gains))
    largest = sum(float(np.abs(i.gains).max(initial=0)) for i in out)
    return out if largest < SAFE else None


def merge(bargain: Bargain) -> Merged | None:
    """The complete frontier of the deals nobody loses by; None where merging does not apply or grows too large."""
    issues = issues_of(bargain)
    if issues is None:
        return None
    denominators = tuple(_common(bargain, p) for p in bargain.axes)
    base = tuple(int(bargain.disagreement[p] * d) for p, d in zip(bargain.axes, denominators, strict=True))
    if max(abs(b) for b in base) >= SAFE:
        return None
    if not all(i.gains.shape[1] for i in issues):
        return Merged(Frontier(bargain.axes, (), denominators, ()), (), tuple(issues), base, (), (), ())
    issues = sorted(issues, key=lambda i: i.gains.shape[1])
    rest = np.cumsum([i.gains.max(axis=1) for i in reversed(issues)], axis=0)[::-1]
    nothing = np.zeros(0, np.int64)
    now = Step(-np.array(base, np.int64)[:, None], nothing, nothing, nothing, [1])
    steps, classes = [], []
    for n, issue in enumerate(issues):
        grouped = _classes(issue)
        ahead = rest[n + 1] if n + 1 < len(issues) else np.zeros(len(base), np.int64)
        following = _step(now, grouped, ahead)
        if following is None or following.sums.shape[1] > LARGEST_FRONT[len(base)]:
            return None
        steps.append(following)
        classes.append(grouped)
        now = following
    order = np.lexsort(-now.sums[::-1])
    front = Frontier(bargain.axes, tuple(tuple(int(v) for v in now.sums[:, k]) for k in order), denominators, ())
    counts = tuple(now.count[k] for k in order)
    return Merged(front, counts, tuple(issues), base, tuple(steps), tuple(classes), tuple(int(k) for k in order))


def reachable(issues: Sequence[Issue], party: int, most: int = LARGEST_SUM) -> Int64 | None:
    """All different sums a party can get over all feasible deals, rising; None where there are more than ``most``."""
    sums = np.zeros(1, np.int64)
    for issue in issues:
        levels = np.unique(issue.gains[party])
        if len(sums) * len(levels) > most:
            return None
        sums = np.unique(np.add.outer(sums, levels))
    return sums


# --- one issue -------------------------------------------------------------------------------------------------------


def _common(bargain: Bargain, party: str) -> int:
    return lcm(bargain.worth[party].denominator, bargain.disagreement[party].denominator)


def _combinations(space: Space, members: Sequence[int]) -> NDArray[np.uint8]:
    """All combinations of some options' levels; other options stand at level 0. Shape (all options, combinations)."""
    sizes = [space.counts[o] for o in members]
    digits = np.zeros((len(space.options), prod(sizes)), np.uint8)
    for option, row in zip(members, np.unravel_index(np.arange(prod(sizes)), sizes[::-1])[::-1], strict=True):
        digits[option] = row
    return digits


def _within(condition: Meaning, members: Sequence[int]) -> bool:
    named = options_in(condition)
    return not named or bool(named & set(members))


def _worths(
    bargain: Bargain, party: str, factor: int, digits: NDArray[np.uint8], members: Sequence[int]
) -> NDArray[np.int64]:
    worth = bargain.worth[party]
    total = np.zeros(digits.shape[1], np.int64)
    for option, row in worth.levels:
        number = bargain.space.options.index(option)
        if number in members:
            total += np.array([int(w * factor) for w in row], np.int64)[digits[number]]
    for text, amount in worth.conditions:
        meaning = bargain.case.meaning(text)
        # what is always or never true belongs to the first issue
        if options_in(meaning) & set(members) or (not options_in(meaning) and 0 in members):
            total[mask(meaning, digits)] += int(amount * factor)
    return total


def _classes(issue: Issue) -> tuple[list[Int64], Int64]:
    """Combinations of an issue worth the same to all: members of each class, and gains, shape (parties, classes)."""
    gains, inverse = np.unique(issue.gains, axis=1, return_inverse=True)
    inverse = inverse.reshape(-1)
    order = np.argsort(inverse, kind="stable")
    sizes = np.bincount(inverse)
    return np.split(order, np.cumsum(sizes)[:-1]), gains


def _step(now: Step, grouped: tuple[list[Int64], Int64], ahead: Int64) -> Step | None:
    """Add every class of an issue to every partial sum; keep what is undominated and can still reach 0 for all."""
    members, gains = grouped
    points, levels = now.sums.shape[1], gains.shape[1]
    if points * levels > LARGEST_SUM:
        return None
    sums = (now.sums[:, :, None] + gains[:, None, :]).reshape(len(gains), -1)
    hopeful = np.flatnonzero(((sums + ahead[:, None]) >= 0).all(axis=0))
    kept = hopeful[undominated(list(sums[:, hopeful]))]
    order = kept[np.lexsort(sums[:, kept])]
    sums = sums[:, order]
    fresh: Bools = np.ones(len(order), bool)
    fresh[1:] = (sums[:, 1:] != sums[:, :-1]).any(axis=0)
    starts = np.append(np.flatnonzero(fresh), len(order))
    source, level = order // levels, order % levels
    sizes = [len(m) for m in members]
    ways = [now.count[s] * sizes[k] for s, k in zip(source.tolist(), level.tolist(), strict=True)]
    count = [sum(ways[a:b]) for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]
    return Step(sums[:, fresh], source, level, starts, count)


def fallback_depths(merged: Merged) -> Int64 | None:
    """How many classes of its order each party has gone down, shape (classes, parties); None where too many."""
    columns = []
    for n, base in enumerate(merged.base):
        sums = reachable(merged.issues, n)
        if sums is None:
            return None
        mine = np.array([row[n] for row in merged.front.gains], np.int64) + base
        columns.append(len(sums) - 1 - np.searchsorted(sums, mine))
    return np.array(columns).T
