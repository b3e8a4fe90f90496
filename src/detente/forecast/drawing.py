"""From the case to plain numbers: every draw of preferences, types and behaviour as the dynamics take it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from detente.case.fields import ConditionalAmount
from detente.case.model import Case
from detente.forecast.behaviour import AT, BREAKDOWN, RATE, Setting
from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.worths import PartyWorths
from detente.mechanics.clock import default_discount
from detente.space.draws import Draws, Path
from detente.space.masks import mask

Wanted = tuple[Floats, dict[Hashable, Any]]
MOST_KEPT = 1 << 21
"""Utilities of states, over parties and draws, up to which draws are kept for whoever asks for them again."""


NOTHING: Mapping[str, PartyWorths] = MappingProxyType({})


class Masks(Protocol):
    """Gives, for any draws, a function from the number of a draw to the states that may be agreed on, (states,)."""

    @property
    def reads(self) -> frozenset[str]:
        """What they depend on beside preferences: the first part of the paths, or ``parties.scale`` and the like."""

    def __call__(self, made: Draws, worths: Mapping[str, PartyWorths] = NOTHING, /) -> Callable[[int], Bools]:
        """The masks of some draws, given what states are worth to parties in them."""


def chosen_types(case: Case) -> frozenset[str]:
    """Parties whose type was chosen with the question: it is not drawn. ``assumed`` in the file chooses none."""
    return frozenset(
        e.path[1] for e in case.changes.edits
        if len(e.path) == 5 and e.path[0] == "preferences" and e.path[4] == "assumed" and e.value == "true"
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Judged:
    """A number that may depend on the state, in every draw.

    Attributes:
        values: of every part, shape (parts, draws).
        part: the part that counts in each state, shape (states,); None: the same in all.
    """

    values: Floats
    part: Int64 | None

    @classmethod
    def of(cls, draws: Draws, path: Path, written: ConditionalAmount, dynamics: Dynamics) -> Judged:
        """The number that stands at a path."""
        if not written.when:
            return cls(draws.sample(path, written.default)[None, :], None)
        states = dynamics.moves.states
        part = np.full(states.cells, len(written.when))
        values = []
        for n, (condition, amount) in enumerate(written.when):
            holds = mask(draws.case.meaning(condition), states.digits)
            part[holds & (part == len(written.when))] = n
            values.append(draws.sample((*path, "when", condition.text), amount))
        values.append(draws.sample((*path, "default"), written.default))
        return cls(np.array(values), states.lift(part, "a chance of the forecast", ".".join(path)))

    def of_draw(self, draw: int) -> Floats | float:
        """Shape (states,), or one number."""
        row = self.values[:, draw]
        return float(row[0]) if self.part is None else row[self.part]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of behaviour in every draw.

    Attributes:
        intensity: shape (draws,).
        weights: of the movers, shape (movers, draws).
        breakdown, rate: chances per period.
    """

    intensity: Floats
    weights: Floats
    breakdown: Judged
    rate: Judged

    @classmethod
    def of(cls, draws: Draws, setting: Setting) -> Numbers:
        """The numbers of a setting."""
        dynamics, written = setting.dynamics, setting.initiative
        zero = np.zeros(draws.count)
        weights = [draws.sample((*AT, "initiative", m), written[m]) if m in written else zero for m in dynamics.movers]
        return cls(
            draws.sample((*AT, "intensity"), setting.intensity),
            np.array(weights).reshape(-1, draws.count),
            Judged.of(draws, BREAKDOWN, setting.breakdown, dynamics),
            Judged.of(draws, RATE, setting.rate, dynamics),
        )


@dataclass(frozen=True, eq=False)
class Source:
    """What a forecast draws from.

    Attributes:
        draws: of the case, plain or steered.
        settings: the ways of behaving.
        chosen: parties whose type is known.
        masks: gives the states that may be agreed on; None: all.
    """

    draws: Draws
    settings: tuple[Setting, ...]
    chosen: frozenset[str] = frozenset()
    masks: Masks | None = None

    @property
    def dynamics(self) -> Dynamics:
        """Those of the first setting; parties, outcomes and dates are the same in all."""
        return self.settings[0].dynamics

    def on(self, draws: Draws) -> Source:
        """The same over other draws."""
        return replace(self, draws=draws)

    def behaving(self, settings: tuple[Setting, ...]) -> Source:
        """The same draws under other settings with the same parties and states."""
        out = replace(self, settings=settings)
        # preferences do not depend on behaviour: what has been worked out of them is kept
        kept = ["worths", "discounts"]
        if out.dynamics.among == self.dynamics.among:
            kept.append("_deals")
        out.__dict__.update({k: self.__dict__[k] for k in kept if k in self.__dict__}, _wanted=self._wanted)
        return out

    def dated(self) -> Source:
        """The same by the last date alone, where there are dates."""
        ticks = self.dynamics.ticks
        if not ticks:
            return self
        settings = tuple(replace(s, dynamics=replace(s.dynamics, ticks=ticks[-1:], limit=False)) for s in self.settings)
        return self.behaving(settings)

    def __reduce__(self) -> tuple[object, ...]:
        # what is worked out on the way stays here: the other process works it out for itself
        return Source, (self.draws, self.settings, self.chosen, self.masks)

    @cached_property
    def worths(self) -> tuple[PartyWorths, ...]:
        """Per party of the dynamics."""
        states = self.dynamics.moves.states
        return tuple(
            PartyWorths.of(self.draws, states, p, chosen=p in self.chosen) for p in self.dynamics.parties
        )  # fmt: skip

    @cached_property
    def discounts(self) -> Floats:
        """Per party, shape (parties, draws)."""
        return np.array([self._discount(p) for p in self.dynamics.parties]).reshape(-1, self.draws.count)

    def _discount(self, party: str) -> Floats:
        file = self.draws.case.file
        written = file.parties[party].discount
        if written is None:
            return np.full(self.draws.count, default_discount(file.period))
        return self.draws.sample(("parties", party, "discount"), written)

    @cached_property
    def numbers(self) -> tuple[Numbers, ...]:
        """Numbers of behaviour per setting."""
        return tuple(Numbers.of(self.draws, s) for s in self.settings)

    @cached_property
    def _deals(self) -> Callable[[int], Bools] | None:
        if self.masks is None or not self.dynamics.among:
            return None
        return self.masks(self.draws, {w.party: w for w in self.worths})

    @cached_property
    def _wanted(self) -> dict[int, Wanted]:
        """Utilities of the first draws that were asked for, as many as there is room for."""
        return {}

    def _utility(self, number: int) -> Wanted:
        """What states are worth in a draw to each party, and what is known to follow from that."""
        if number in self._wanted:
            return self._wanted[number]
        utility = np.array([w.of_draw(number) for w in self.worths]).reshape(len(self.worths), len(self.dynamics))
        found: Wanted = utility, {}
        if (len(self._wanted) + 1) * utility.size <= MOST_KEPT:
            self._wanted[number] = found
        return found

    def draw(self, number: int) -> list[Draw]:
        """A draw under each setting."""
        utility, known = self._utility(number)
        deals = None if self._deals is None else self._deals(number)
        discount = self.discounts[:, number]
        return [
            Draw(
                utility,
                n.weights[:, number],
                float(n.intensity[number]),
                discount,
                n.breakdown.of_draw(number),
                n.rate.of_draw(number),
                deals,
                known,
            )
            for n in self.numbers
        ]
