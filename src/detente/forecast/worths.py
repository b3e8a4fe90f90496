"""What states are worth to a party in a draw of preferences and types: one draw at a time, never draws x states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.case.model import Case
from detente.forecast.dynamics import Floats, Int64
from detente.graph.completions import Completions, completion_path
from detente.graph.known import Known
from detente.graph.ranks import ranks_of
from detente.space.drawn import DrawnUtility
from detente.space.draws import Draws
from detente.space.states import StateSpace
from detente.space.steered import Steered
from detente.space.worth import Worth

UTILITY, ORDER, COMPLETION, CERTAIN, NONE = "utility", "order", "completion", "certain", "none"
AVERAGED = 64
"""Completions averaged where something only partly known is wanted at its point value."""


@dataclass(frozen=True, eq=False)
class TypeWorths:
    """Worths to one type of a party, or to a party without types.

    Attributes:
        draws: of the case, with the type chosen.
        states: the states valued.
        party: whose.
        kind: what is drawn: utility | order | completion | certain | none (no preference: indifferent).
        utility: in every draw, where that is what is drawn.
    """

    draws: Draws
    states: StateSpace
    party: str
    kind: str
    utility: DrawnUtility | None = None
    _fixed: Floats | None = None
    _classes: Int64 | None = None
    _completions: Completions | None = None

    @classmethod
    def of(cls, draws: Draws, states: StateSpace, party: str) -> TypeWorths:
        """Worths of the type that the case chooses.

        Raises:
            LimitReached: too many states with an unknown comparison.
        """
        case = draws.case
        forms = case.preference(party)
        if forms is None:
            return cls(draws, states, party, NONE, _fixed=np.zeros(len(states)))
        if forms.utility is not None:
            utility = DrawnUtility.of(draws, states, party)
            if utility is not None:
                return cls(draws, states, party, UTILITY, utility=utility)
            worth = Worth.of(case, forms)
            exact = worth.exact(_with(states, draws), f"preferences.{party}")
            fixed = (exact / worth.denominator).astype(np.float64)
            return cls(draws, states, party, CERTAIN, _fixed=fixed)
        ranks = ranks_of(case, states, party)[0]
        if forms.partial is not None or forms.unknown or ranks is None:
            found = Completions.of(Known.of(case, states, party, ranks))
            return cls(draws, states, party, COMPLETION, _classes=found.element, _completions=found)
        return cls(draws, states, party, ORDER, _classes=ranks.astype(np.int64))

    def of_draw(self, draw: int) -> Floats:
        """Utility of every state, shape (states,)."""
        if self._fixed is not None:
            return self._fixed
        if self.utility is not None:
            values: Floats = self.utility.of_draw(draw) / self.utility.scale
            return values
        assert self._classes is not None  # noqa: S101 - the kinds that are left
        if self._completions is None:
            return self.draws.order_worth(self.party, int(self._classes.max()) + 1, draw)[self._classes]
        if isinstance(self.draws, Steered) and self.draws.points[draw]:
            return self._average
        return self._completed(self.draws, draw)

    def _completed(self, draws: Draws, draw: int) -> Floats:
        assert self._completions is not None and self._classes is not None  # noqa: S101, PT018
        worths = draws.order_worth(self.party, int(self._classes.max()) + 1, draw)
        ranks = self._completions.drawn(draws.generator, completion_path(self.party), draw, 1)[0]
        completed: Floats = worths[ranks]
        return completed

    @cached_property
    def _average(self) -> Floats:
        plain = Draws(self.draws.case, AVERAGED, self.draws.seed)
        mean: Floats = np.mean([self._completed(plain, n) for n in range(AVERAGED)], axis=0)
        return mean


def _with(states: StateSpace, draws: Draws) -> StateSpace:
    """The same states; conditions of a preference are read in the case that has it."""
    return StateSpace(draws.case, states.space, states.digits, states.state_of, states.cell_of)


@dataclass(frozen=True, eq=False)
class PartyWorths:
    """Worths to a party, whose type is drawn.

    Attributes:
        party: whose.
        type_of: its type in every draw, shape (draws,); None without types.
        kinds: names of the types; empty without.
        of_type: worths to each type that occurs, by its number; the party's own as number 0 without types.
    """

    party: str
    type_of: Int64 | None
    kinds: tuple[str, ...]
    of_type: dict[int, TypeWorths]

    @classmethod
    def of(cls, draws: Draws, states: StateSpace, party: str, *, chosen: bool) -> PartyWorths:
        """Worths to a party.

        Args:
            draws: of the case.
            states: the states valued.
            party: whose.
            chosen: whether its type is known: the one that the case chooses; else it is drawn.
        """
        written = draws.case.file.preferences.get(party)
        if written is None or not written.types:
            return cls(party, None, (), {0: TypeWorths.of(draws, states, party)})
        kinds = tuple(written.types)
        known = kinds.index(draws.case.types[party])
        type_of = np.full(draws.count, known) if chosen else draws.types(party)
        of_type = {}
        for n in np.unique(type_of):
            case = draws.case if n == known else draws.case.with_types({party: kinds[n]})
            of_type[int(n)] = TypeWorths.of(_on(draws, case), states, party)
        return cls(party, type_of, kinds, of_type)

    def of_draw(self, draw: int) -> Floats:
        """Utility of every state, shape (states,)."""
        return self.of_type[0 if self.type_of is None else int(self.type_of[draw])].of_draw(draw)


def _on(draws: Draws, case: Case) -> Draws:
    if case is draws.case:
        return draws
    return draws.of_case(case) if isinstance(draws, Steered) else Draws(case, draws.count, draws.seed)
