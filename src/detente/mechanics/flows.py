"""What a party gets per period at any combination of levels, feasible or not, at point values or in every draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.case.fields import Amount
from detente.case.meaning import Meaning, options_in
from detente.case.model import Case
from detente.mechanics.payoffs import payoffs_in
from detente.space.draws import Draws
from detente.space.masks import Bools, Digits, mask
from detente.space.states import StateSpace
from detente.space.worth import Worth

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
MOST_KEPT = 4_096  # cells of a mask that is kept


@dataclass(frozen=True, eq=False)
class Grid:
    """Combinations of levels in a box: every level of some options with every level of others.

    Attributes:
        fixed: a level number for every option of the case.
        axes: numbers of the options that vary, ascending.
        levels: level numbers along each axis; they may repeat.
    """

    fixed: tuple[int, ...]
    axes: tuple[int, ...]
    levels: tuple[Ints, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Levels along every axis."""
        return tuple(len(v) for v in self.levels)

    def standing(self, option: int, levels: Ints) -> Grid:
        """The grid with an option at other levels: along its axis, or one level where it has none."""
        if option not in self.axes:
            fixed = (*self.fixed[:option], int(levels[0]), *self.fixed[option + 1 :])
            return replace(self, fixed=fixed)
        rows = tuple(levels if o == option else row for o, row in zip(self.axes, self.levels, strict=True))
        return replace(self, levels=rows)

    def digits(self, axes: Sequence[int] | None = None) -> Digits:
        """Level numbers of the cells in C order, shape (options, cells); only some axes, the others at ``fixed``."""
        chosen = [n for n, o in enumerate(self.axes) if axes is None or o in axes]
        shape = tuple(len(self.levels[n]) for n in chosen)
        out = np.empty((len(self.fixed), int(np.prod(shape))), np.uint8)
        out[:] = np.array(self.fixed, np.uint8)[:, None]
        for place, n in enumerate(chosen):
            along = self.levels[n].reshape((-1,) + (1,) * (len(chosen) - place - 1))
            out[self.axes[n]] = np.broadcast_to(along, shape).reshape(-1)
        return out


@dataclass(frozen=True, eq=False)
class OrderedStates:
    """An order of states as numbers, for looking up states by their levels.

    Attributes:
        states: the feasible states.
        classes: class of every cell, shape (cells,).
        worths: worth of each class, shape (draws, classes).
    """

    states: StateSpace
    classes: NDArray[np.int64]
    worths: Floats

    def at(self, digits: Digits) -> Floats:
        """Worth of combinations of levels, shape (draws, combinations); nan where infeasible."""
        known, wanted = (_codes(d, self.states.space.counts) for d in (self.states.digits, digits))
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        found = self.worths[:, self.classes[place]]
        return np.where(known[place] == wanted, found, np.nan)


def _codes(digits: Digits, counts: Sequence[int]) -> NDArray[np.generic]:
    """One sortable value per combination, in the order of states (the last option counts most)."""
    if float(np.prod(np.array(counts, float))) < 2.0**62:
        radix = np.cumprod([1, *counts[:-1]], dtype=np.int64)
        return np.asarray(radix @ digits.astype(np.int64))
    rows = np.ascontiguousarray(digits[::-1].T)
    return rows.view(f"S{rows.shape[1]}").reshape(-1)


@dataclass(frozen=True, eq=False)
class Flow:
    """Value per period to one party: sums of worths of levels and conditions, or an order of states.

    Attributes:
        party: whose.
        draws: how many draws; 1 for point values.
        levels: (option number, worth of each level), the worths of shape (draws, levels).
        conditions: (condition, the options it reads, worth), the worth of shape (draws,).
        order: where only an order is known, worths from 0 (worst) to 1 (best), evenly spaced at point values; they are
            known on feasible states only.
    """

    party: str
    draws: int
    levels: tuple[tuple[int, Floats], ...] = ()
    conditions: tuple[tuple[Meaning, frozenset[int], Floats], ...] = ()
    order: OrderedStates | None = None

    @classmethod
    def of(cls, case: Case, party: str, states: StateSpace | None = None) -> Flow:
        """A party's flow at point values; 0 everywhere for a party without preference.

        Args:
            case: the case; the type that it chooses is read.
            party: whose.
            states: its states, needed for an order (enumerated where not given).

        Raises:
            UsageError: only some comparisons are known.
        """
        forms = case.preference(party)
        if forms is not None and forms.utility is not None:
            worth = Worth.of(case, forms)
            levels = tuple((case.options.index(o), np.array([[float(w) for w in row]])) for o, row in worth.levels)
            added = [(case.meaning(text), np.array([float(w)])) for text, w in worth.conditions]
            return cls(party, 1, levels, tuple((m, frozenset(options_in(m)), w) for m, w in added))
        if forms is None or forms.form() is None:
            return cls(party, 1)
        return cls(party, 1, order=_ordered(case, party, states or StateSpace.of(case), None))

    @classmethod
    def drawn(cls, draws: Draws, party: str, states: StateSpace | None = None) -> Flow:
        """A party's flow in every draw; as ``of`` otherwise."""
        case = draws.case
        forms, kind = case.preference(party), case.types.get(party)
        if forms is not None and forms.utility is not None:
            prefix = ("preferences", party) if kind is None else ("preferences", party, "types", kind)
            levels, conditions = [], []
            for key, written in forms.utility.items():
                if isinstance(written, Amount):
                    sense = case.meaning(key)
                    worth = draws.sample((*prefix, "utility", key), written)
                    conditions.append((sense, frozenset(options_in(sense)), worth))
                else:
                    worths = np.ascontiguousarray(draws.level_worths(party, key, kind).T)
                    levels.append((case.options.index(key), worths))
            return cls(party, draws.count, tuple(levels), tuple(conditions))
        if forms is None or forms.form() is None:
            return cls(party, draws.count)
        return cls(party, draws.count, order=_ordered(case, party, states or StateSpace.of(case), draws))

    def reads(self, option: int) -> bool:
        """Whether the value depends on an option."""
        if self.order is not None:
            return True
        return any(o == option for o, _ in self.levels) or any(option in used for _, used, _ in self.conditions)

    def parted(self, options: Sequence[int]) -> tuple[Flow, Flow]:
        """The worths that some options have a part in, and all others; their sum is the flow. Not for an order."""
        within = frozenset(options)
        mine = tuple(c for c in self.conditions if c[1] & within)
        first = replace(self, levels=tuple(x for x in self.levels if x[0] in within), conditions=mine)
        levels = tuple(x for x in self.levels if x[0] not in within)
        return first, replace(self, levels=levels, conditions=tuple(c for c in self.conditions if not c[1] & within))

    def take(self, draws: Ints) -> Flow:
        """The flow in some of the draws."""
        order = self.order and replace(self.order, worths=self.order.worths[draws])
        levels = tuple((o, w[draws]) for o, w in self.levels)
        return replace(
            self,
            draws=len(draws),
            levels=levels,
            conditions=tuple((m, used, w[draws]) for m, used, w in self.conditions),
            order=order,
        )

    def values(self, digits: Digits) -> Floats:
        """Value of combinations of levels (in the first draw), shape (combinations,); nan where an order ends.

        Args:
            digits: level numbers, shape (options, combinations), feasible or not.
        """
        return self.take(np.zeros(1, np.intp)).at(digits)[0]  # type: ignore[no-any-return]

    def in_draws(self, draws: Draws, digits: Digits) -> Floats:
        """Value of combinations of levels in draws of the case, shape (draws, combinations)."""
        return Flow.drawn(draws, self.party, None if self.order is None else self.order.states).at(digits)

    def at(self, digits: Digits) -> Floats:
        """Value of combinations of levels, shape (draws, combinations)."""
        if self.order is not None:
            return self.order.at(digits)
        total = np.zeros((self.draws, digits.shape[1]))
        for option, worths in self.levels:
            total += worths[:, digits[option]]
        for sense, _, worth in self.conditions:
            total += worth[:, None] * mask(sense, digits)
        return total

    def on(self, grid: Grid) -> Floats:
        """Value of every cell of a grid, shape (draws, *grid), with length 1 along axes that are not read."""
        if self.order is not None:
            return self.order.at(grid.digits()).reshape(self.draws, *grid.shape)
        total = np.zeros((self.draws, *(1 for _ in grid.axes)))
        place = {o: n for n, o in enumerate(grid.axes)}
        for option, worths in self.levels:
            if option not in place:
                total = total + _along(worths[:, grid.fixed[option]], grid)
                continue
            shape = [self.draws, *(1 for _ in grid.axes)]
            shape[1 + place[option]] = -1
            total = total + worths[:, grid.levels[place[option]]].reshape(shape)
        for sense, used, worth in self.conditions:
            total = total + _along(worth, grid) * mask_on(sense, used, grid)
        return total


def _along(worth: Floats, grid: Grid) -> Floats:
    return worth.reshape(-1, *(1 for _ in grid.axes))


def mask_on(sense: Meaning, used: frozenset[int], grid: Grid) -> Bools:
    """Where a condition holds on a grid, with length 1 along axes that it does not read."""
    shape = tuple(len(v) if o in used else 1 for o, v in zip(grid.axes, grid.levels, strict=True))
    axes = tuple(o for o in grid.axes if o in used)
    if np.prod(shape) > MOST_KEPT:
        return mask(sense, grid.digits(axes)).reshape(1, *shape)
    levels = tuple(np.asarray(v, np.intp).tobytes() for o, v in zip(grid.axes, grid.levels, strict=True) if o in used)
    return _small_mask(sense, grid.fixed, axes, levels).reshape(1, *shape)


@lru_cache(maxsize=2048)
def _small_mask(sense: Meaning, fixed: tuple[int, ...], axes: tuple[int, ...], levels: tuple[bytes, ...]) -> Bools:
    """Where a condition holds on a grid of the few options that it reads: asked for again in every draw."""
    rows = tuple(np.frombuffer(row, np.intp) for row in levels)
    found = mask(sense, Grid(fixed, axes, rows).digits())
    found.flags.writeable = False
    return found


def _ordered(case: Case, party: str, states: StateSpace, draws: Draws | None) -> OrderedStates:
    found = payoffs_in(case, states, party)
    if found is None:
        name = case.party_name(party)
        fix = f"Write a ranking or a utility for {name}."
        raise UsageError(f"only some comparisons of {name}", "an order or a utility", fix)
    classes = np.asarray(found.numerators, np.int64)[states.state_of]
    if draws is None:
        return OrderedStates(states, classes, (np.arange(found.denominator + 1) / found.denominator)[None])
    count = int(classes.max()) + 1
    return OrderedStates(states, classes, np.array(list(draws.order_worths(party, count))))
