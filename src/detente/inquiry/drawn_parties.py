"""What every state gives a party and what it has without a deal, in any one draw of numbers and types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log2

import numpy as np
from numpy.typing import NDArray

from detente.case.fields import Amount
from detente.forecast.worths import CERTAIN, NONE, UTILITY, PartyWorths, TypeWorths
from detente.mechanics.amounts import Numbers, Path
from detente.mechanics.drawn import without_a_deal
from detente.mechanics.flows import Flow
from detente.mechanics.payoffs import Levels, payoffs_in
from detente.plan.build import parties_of
from detente.settlement.drawn_gains import EXACT_BITS, ORDER_UNIT
from detente.space.drawn import DrawnUtility
from detente.space.draws import Draws
from detente.space.states import StateSpace

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stakes:
    """What a draw gives one party, in whole numbers of a small unit, so that equal worths stay tied.

    Attributes:
        value: of every state, shape (states,).
        nothing: without a deal.
        unit: whole numbers per 1 on the party's scale.
    """

    value: Int64
    nothing: int
    unit: float

    @property
    def gain(self) -> Int64:
        """What every state gives beyond having no deal, shape (states,)."""
        return self.value - self.nothing


@dataclass(frozen=True, eq=False)
class OneDraw(Numbers):
    """Numbers of the case in one of some draws.

    Attributes:
        number: which draw.
        kept: what has been drawn, for all draws.
    """

    number: int = 0
    kept: dict[Path, Floats] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Values per number."""
        return 1

    def read(self, path: Path, written: Amount) -> Floats:
        """A number, shape (1,)."""
        assert self.draws is not None  # noqa: S101 - always given
        if path not in self.kept:
            self.kept[path] = self.draws.sample(path, written)
        return self.kept[path][self.number : self.number + 1]


@dataclass(frozen=True, eq=False)
class DrawnType:
    """A party of one type, or a party without types, over draws.

    Attributes:
        worths: what states are worth to it; its draws are of the case with the type chosen.
    """

    worths: TypeWorths

    @property
    def draws(self) -> Draws:
        """Of the case with the type chosen."""
        return self.worths.draws

    @property
    def states(self) -> StateSpace:
        """The states valued."""
        return self.worths.states

    @cached_property
    def counts(self) -> bool:
        """Whether its margins count in a plan."""
        return self.worths.party in parties_of(self.draws.case, self.states.space.owners)

    def stakes(self, number: int) -> Stakes:
        """What a draw gives it."""
        return self._stakes(number)

    def flow(self, number: int) -> Flow:
        """Value per period in a draw, at any combination of levels.

        Raises:
            UsageError: only some comparisons are known.
        """
        flow = self._flow
        if flow.order is None:
            return flow.take(np.array([number]))
        count = int(flow.order.classes.max()) + 1
        worths = self.draws.order_worth(self.worths.party, count, number)[None]
        return replace(flow, order=replace(flow.order, worths=worths))

    @cached_property
    def _flow(self) -> Flow:
        case, party = self.draws.case, self.worths.party
        if self.worths.kind in (UTILITY, CERTAIN, NONE):
            return Flow.drawn(self.draws, party, self.states)
        return Flow.of(case, party, self.states)  # of an order only the classes

    @cached_property
    def _stakes(self) -> Callable[[int], Stakes]:
        found = without_a_deal(self.draws, self.states, self.worths.party)
        if self.worths.utility is not None:
            return self._of_utility(self.worths.utility, found)
        return self._of_certain(found) if self.worths.kind in (CERTAIN, NONE) else self._of_order(found)

    def _of_utility(
        self, utility: DrawnUtility, found: Floats | list[tuple[Levels, Floats]]
    ) -> Callable[[int], Stakes]:
        if isinstance(found, list):
            base = np.sum([chance * utility.of_levels(levels) for levels, chance in found], axis=0)
        else:
            base = found * utility.scale
        return lambda number: Stakes(utility.of_draw(number), round(float(base[number])), utility.scale)

    def _of_order(self, found: Floats | list[tuple[Levels, Floats]]) -> Callable[[int], Stakes]:
        """Worths between 0 and 1; without a deal follow feasible states, as all else has been refused."""
        written = found if isinstance(found, list) else []
        cells = [(self.states.cell(list(levels)), chance) for levels, chance in written]
        tickets = [(int(self.states.state_of[cell]), chance) for cell, chance in cells if cell is not None]

        def stakes(number: int) -> Stakes:
            values = np.rint(self.worths.of_draw(number) * ORDER_UNIT)
            base = sum(float(chance[number]) * float(values[state]) for state, chance in tickets)
            return Stakes(values.astype(np.int64), round(base), ORDER_UNIT)

        return stakes

    def _of_certain(self, found: Floats | list[tuple[Levels, Floats]]) -> Callable[[int], Stakes]:
        """The same worths in every draw, against what may be an uncertain disagreement."""
        case = self.draws.case
        payoffs = payoffs_in(case, self.states, self.worths.party)
        assert payoffs is not None  # noqa: S101 - a utility, or no preference at all
        values = payoffs.numerators.astype(np.float64)
        if isinstance(found, list):
            worth = payoffs.worth
            at = [0.0 if worth is None else float(worth.of_levels(case, x) * payoffs.denominator) for x, _ in found]
            base = np.sum([chance * value for value, (_, chance) in zip(at, found, strict=True)], axis=0)
        else:
            base = found * payoffs.denominator
        largest = max(float(np.abs(values).max()), float(np.abs(base).max()), 1.0)
        factor = 2.0 ** int(EXACT_BITS - log2(largest))
        scaled = np.rint(values * factor).astype(np.int64)
        unit = payoffs.denominator * factor
        return lambda number: Stakes(scaled, round(float(base[number]) * factor), unit)


@dataclass(frozen=True, eq=False)
class DrawnParty:
    """A party whose type is drawn.

    Attributes:
        worths: what states are worth to it.
        of_type: by the number of the type; 0 without types.
    """

    worths: PartyWorths
    of_type: dict[int, DrawnType]

    @classmethod
    def of(cls, worths: PartyWorths) -> DrawnParty:
        """A party over draws, from what states are worth to it in them."""
        return cls(worths, {n: DrawnType(w) for n, w in worths.of_type.items()})

    def in_draw(self, number: int) -> DrawnType:
        """The party as it is in a draw."""
        type_of = self.worths.type_of
        return self.of_type[0 if type_of is None else int(type_of[number])]
