"""Why a forecast may not end where the stability answer says that things would hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from detente.forecast.behaviour import NEVER, Setting
from detente.forecast.chain import shares
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Limit
from detente.space.steered import Steered

TELLING = 0.1
"""A change that brings so much more chance to the states that would hold is given as a reason."""
HELD = 0.5
"""The forecast agrees with the stability answer where states that would hold have so much chance."""
NOISE, DEALS, BREAKDOWN, SHORT, CYCLES, REACHED = "noise", "deals", "breakdown", "horizon", "cycles", "reached"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        kind: noise (parties do not always choose what is best), deals (joint moves lead out of states that hold against
            moves of single parties), breakdown, horizon (it takes longer), cycles (best replies alone never rest),
            reached (some of the states hold, and others are reached first).
        chance: of the states that would hold if it were otherwise: replies sharp, no deals, no breakdown, no date. Of
            ``cycles`` the chance never to come to rest; of ``reached`` that of the likeliest of the states reached.
        state: for ``reached``, that state.
    """

    kind: str
    chance: float
    state: int | None = None


@dataclass(frozen=True)
class Against:
    """How the forecast and the stability answer compare.

    Attributes:
        concept: the solution concept, by its id.
        count: how many states would hold for all by it.
        today: whether today's state is one of them.
        chance: of these states at the last date (in the end, without dates), over the draws.
        of_outcome: the same by outcome, shape (outcomes + 1,).
        point: their chance with everything at its point value, where the reasons are looked for.
        reasons: why it is not more; empty where the forecast agrees.
    """

    concept: str
    count: int
    today: bool
    chance: float
    of_outcome: Floats
    point: float
    reasons: tuple[Reason, ...]

    @property
    def agrees(self) -> bool:
        """Whether states that would hold are likelier than not."""
        return self.chance >= HELD


def against(
    source: Source, state: Floats, equilibria: Mapping[str, Bools], *, ends: bool = True
) -> tuple[Against, ...]:
    """Compare a forecast with states that would hold once reached.

    Args:
        source: what the forecast draws from.
        state: chance of every state at the last date, shape (states,).
        equilibria: solution concept -> states stable for all at the point values, shape (states,).
        ends: whether reasons that need what comes in the end, without a date, are looked for.
    """
    out = []
    found = Otherwise(source, ends)
    for concept, held in equilibria.items():
        dynamics = source.dynamics
        of_outcome = np.bincount(dynamics.classes, state * held, len(dynamics.outcomes) + 1).astype(np.float64)
        chance = float(state @ held)
        point, reasons = (chance, ()) if chance >= HELD or not held.any() else found.reasons(held)
        out.append(
            Against(concept, int(held.sum()), bool(held[dynamics.start]), chance, of_outcome, point, tuple(reasons))
        )
    return tuple(out)


@dataclass(frozen=True, eq=False)
class Otherwise:
    """Where things would stand if it were otherwise: one thing at a time, everything at its point value.

    Attributes:
        source: what the forecast draws from.
        ends: whether reasons that need what comes in the end, without a date, are looked for.
    """

    source: Source
    ends: bool

    @cached_property
    def base(self) -> Source:
        """All at point values."""
        draws = self.source.draws
        return self.source.on(Steered.of(draws, np.zeros(1, np.int64), points=np.ones(1, bool)))

    @cached_property
    def now(self) -> Floats:
        """Chances of the states as things are, shape (states,)."""
        return _standing(self.base)

    @cached_property
    def changed(self) -> dict[str, Floats]:
        """The same with one thing changed, by the kind of reason."""
        dynamics = self.base.dynamics
        tried: dict[str, tuple[bool, Callable[[Setting], Setting]]] = {
            NOISE: (dynamics.reply == "logit", _sharp),
            DEALS: (bool(dynamics.among), lambda s: replace(s, dynamics=replace(s.dynamics, among=()))),
            BREAKDOWN: (dynamics.breaks is not None, lambda s: replace(s, breakdown=NEVER)),
            SHORT: (
                bool(dynamics.ticks) and self.ends,
                lambda s: replace(s, dynamics=replace(s.dynamics, ticks=(), limit=True)),
            ),
        }
        return {
            kind: _standing(self.base.behaving(tuple(change(s) for s in self.base.settings)))
            for kind, (possible, change) in tried.items()
            if possible
        }

    @cached_property
    def end(self) -> Limit:
        """Where the best replies alone lead."""
        setting = _sharp(self.base.settings[0])
        dynamics = replace(setting.dynamics, ticks=(), limit=True, among=())
        sharp = self.base.behaving((replace(setting, dynamics=dynamics, breakdown=NEVER),))
        found = shares(dynamics, sharp.draw(0)[0]).limit
        assert found is not None  # noqa: S101 - asked for
        return found

    def reasons(self, held: Bools) -> tuple[float, tuple[Reason, ...]]:
        """The chance of the states that would hold, and what raises it.

        Args:
            held: these states, shape (states,).
        """
        now = float(self.now @ held)
        chances = {kind: float(state @ held) for kind, state in self.changed.items()}
        found = [Reason(kind, chance) for kind, chance in chances.items() if chance - now >= TELLING]
        if self.ends:
            found += self._in_the_end(held)
        return now, tuple(sorted(found, key=lambda r: -r.chance))

    def _in_the_end(self, held: Bools) -> list[Reason]:
        """Best replies alone lead into cycles, or to some of the states that hold rather than to others."""
        out = []
        if self.end.unsettled >= TELLING:
            out.append(Reason(CYCLES, self.end.unsettled))
        reached = np.where(held, self.end.state, 0.0)
        if held.sum() > 1 and reached.max(initial=0.0) >= TELLING:
            out.append(Reason(REACHED, float(reached.max()), int(reached.argmax())))
        return out


def _sharp(setting: Setting) -> Setting:
    return replace(setting, dynamics=replace(setting.dynamics, reply="best"))


def _standing(source: Source) -> Floats:
    """Chances of the states in draw 0, mean over the settings, shape (states,)."""
    found: Floats = np.mean(
        [_last(s.dynamics, d) for s, d in zip(source.settings, source.draw(0), strict=True)], axis=0
    )
    return found


def _last(dynamics: Dynamics, draw: Draw) -> Floats:
    """Chances of the states at the last date, or in the end where there is none."""
    found = shares(replace(dynamics, limit=not dynamics.ticks), draw)
    if dynamics.ticks:
        rows: Floats = found.state
        return np.asarray(rows[-1])
    assert found.limit is not None  # noqa: S101 - asked for
    return found.limit.state
