"""``Space``: what can be, symbolically and at any size, and its feasible states, found option by option."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.base.errors import LimitReached
from detente.case.meaning import Meaning, Negation, options_in
from detente.case.model import Case
from detente.space.linear import LinearRows, linear_rows
from detente.space.masks import Digits, certainty

DEFAULT_LIMIT = 5_000_000
BLOCKS = ("options", "infeasible", "coalesce", "status_quo")


@dataclass(frozen=True)
class Space:
    """The options of a case with what rules states out and what makes them one.

    Attributes:
        options: ids in file order; the first is the fastest digit of a state.
        counts: number of levels of each option.
        owners: party of each option.
        windows: per option and level, the lowest and highest level its owner can choose from there.
        infeasible: conditions that no state may match.
        coalesce: conditions whose states are one and the same.
    """

    options: tuple[str, ...]
    counts: tuple[int, ...]
    owners: tuple[str, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    infeasible: tuple[Meaning, ...]
    coalesce: tuple[Meaning, ...]

    @classmethod
    def of(cls, case: Case) -> Space:
        """The space of a case."""
        written = case.file.options.values()
        return cls(
            case.options,
            tuple(len(o.levels) for o in written),
            tuple(o.party for o in written),
            tuple(o.windows() for o in written),
            tuple(case.meaning(c) for c in case.file.infeasible),
            tuple(case.meaning(c) for c in case.file.coalesce),
        )

    @property
    def size(self) -> int:
        """Number of combinations of levels, feasible or not."""
        return math.prod(self.counts)

    def linear(self) -> LinearRows:
        """Feasibility as linear rows."""
        return linear_rows(self.counts, (), self.infeasible)

    def groups(self) -> list[tuple[list[int], list[Meaning]]]:
        """Options that share conditions, with those conditions; an option in none stands alone."""
        group = list(range(len(self.options)))

        def root(o: int) -> int:
            while group[o] != o:
                group[o] = group[group[o]]
                o = group[o]
            return o

        for condition in self.infeasible:
            members = sorted(options_in(condition))
            for other in members[1:]:
                group[root(other)] = root(members[0])
        found: dict[int, tuple[list[int], list[Meaning]]] = {}
        for o in range(len(self.options)):
            found.setdefault(root(o), ([], []))[0].append(o)
        for condition in self.infeasible:
            members = sorted(options_in(condition))
            found[root(members[0]) if members else 0][1].append(condition)
        return list(found.values())

    def count(self, limit: int = DEFAULT_LIMIT) -> tuple[int, bool]:
        """How many feasible combinations there are, and whether the number is exact.

        Groups of options that share no condition are counted apart and multiplied; a group too large to enumerate
        within the limit is counted at its full product, which makes the number an upper bound.
        """
        total, exact = 1, True
        for members, conditions in self.groups():
            try:
                total *= self._group(members, conditions, limit).shape[1] if conditions else self._product(members)
            except LimitReached:
                total *= self._product(members)
                exact = False
        return total, exact

    def feasible(self, limit: int = DEFAULT_LIMIT) -> Digits:
        """All feasible combinations, before states are merged.

        Args:
            limit: most states allowed.

        Returns:
            Level numbers, shape (options, states), in mixed-radix order with the first option fastest.

        Raises:
            LimitReached: there are more, with their number.
        """
        total, exact = self.count(limit)
        if total > limit:
            raise LimitReached("feasible states", f"{'' if exact else 'up to '}{_large(total)}", limit, ADVICE)
        if total == 0:
            return np.zeros((len(self.options), 0), np.uint8)
        # slowest digit first, so that repeating in order keeps the mixed-radix order of the groups' own digits
        parts = [(m, self._group(m, c, limit)) for m, c in self.groups()]
        digits = np.zeros((len(self.options), total), np.uint8)
        repeat, tile = 1, total
        for members, part in parts:
            tile //= part.shape[1]
            digits[members] = np.tile(np.repeat(part, repeat, axis=1), tile)
            repeat *= part.shape[1]
        if _in_order([m for m, _ in parts]):
            return digits
        return digits[:, np.lexsort(digits)]

    def matching(self, condition: Meaning, limit: int = 100_000) -> Digits:
        """The feasible combinations that match a condition, shape (options, combinations), however many do not.

        Raises:
            LimitReached: too many match, or too many have to be looked at.
        """
        return replace(self, infeasible=(*self.infeasible, Negation(condition))).feasible(limit)

    def _product(self, members: Sequence[int]) -> int:
        return math.prod(self.counts[o] for o in members)

    def _group(self, members: list[int], conditions: list[Meaning], limit: int) -> Digits:
        """Feasible combinations of some options, extended option by option; rows are ``members`` in order."""
        order = _order(members, conditions)
        digits = np.zeros((len(self.options), 1), np.uint8)
        known: frozenset[int] = frozenset()
        for option in order:
            count = self.counts[option]
            if digits.shape[1] * count > 2 * limit + 1024:
                raise LimitReached("partial states", _large(digits.shape[1] * count), limit, ADVICE)
            rows = digits.shape[1]
            digits = np.tile(digits, count)
            digits[option] = np.repeat(np.arange(count, dtype=np.uint8), rows)
            known |= {option}
            keep = np.ones(digits.shape[1], bool)
            for condition in conditions:
                if option in options_in(condition) or not options_in(condition):
                    keep &= ~certainty(condition, digits, known)[0]
            digits = digits[:, keep]
        part = digits[members]
        return part if order == members else part[:, np.lexsort(part)]


ADVICE = "Rule out combinations under 'infeasible', merge levels or options, or raise --limit."


def _order(members: list[int], conditions: list[Meaning]) -> list[int]:
    """Options so that conditions are settled early: each time the one that completes most."""
    wanted = [set(options_in(c)) for c in conditions]
    order: list[int] = []
    left = list(members)
    while left:
        best = min(left, key=lambda o: (min((len(w - {o}) for w in wanted if o in w), default=99), left.index(o)))
        order.append(best)
        left.remove(best)
        for w in wanted:
            w.discard(best)
        wanted = [w for w in wanted if w]
    return order


def _in_order(groups: list[list[int]]) -> bool:
    flat = [o for g in groups for o in g]
    return flat == sorted(flat)


def _large(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"about 10^{round(math.log10(number))}"
