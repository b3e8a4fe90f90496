"""The shares of every draw under every setting, worked out by as many workers as there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.forecast.chain import shares
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Dynamics, Floats, Shares
from detente.forecast.error import StoppingRule
from detente.mechanics.workers import Crew


@dataclass(frozen=True, eq=False)
class Sample:
    """Exact shares, draw by draw. A *row* is a date that was asked for; the last is the end, where that is asked for.

    Attributes:
        outcome: chance of every outcome, those without a name last, shape (draws, settings, rows, outcomes + 1).
        unsettled: chance that it has not come to rest, shape (draws, settings, rows).
        broken: chance of a breakdown, same shape.
        agreed: chance of a final deal, same shape.
        periods: expected periods until it is at rest, and until the first outcome that is no last resort; infinite
            where not certain, NaN where there is none or the end is not asked for; shape (draws, settings, 2).
        state: mean chance of every state over draws and settings, shape (rows, states).
        focus: the row that the forecast is judged by: the last date, or the end where there is no date.
        stopped: all | enough | interrupted.
    """

    outcome: Floats
    unsettled: Floats
    broken: Floats
    agreed: Floats
    periods: Floats
    state: Floats
    focus: int
    stopped: str

    def __len__(self) -> int:
        """Number of draws."""
        return len(self.outcome)

    @property
    def of_draw(self) -> Floats:
        """Mean over the settings, shape (draws, rows, outcomes + 1)."""
        mean: Floats = self.outcome.mean(axis=1)
        return mean

    @property
    def result(self) -> Floats:
        """The chances in the row of ``focus``, mean over the settings, shape (draws, outcomes + 1)."""
        return self.of_draw[:, self.focus]


@dataclass(frozen=True, eq=False)
class Part:
    """The same of a few draws; ``state`` summed."""

    outcome: Floats
    rest: Floats
    periods: Floats
    state: Floats


@dataclass(frozen=True, eq=False)
class Work:
    """What a worker does.

    Attributes:
        source: what to draw from.
        states: whether the chances of single states are wanted.
    """

    source: Source
    states: bool = True

    def __call__(self, first: int, last: int) -> Part:
        """Draws ``first`` to ``last - 1``."""
        found = [self._of_draw(n) for n in range(first, last)]
        state = np.zeros(0)
        if self.states:
            state = np.zeros_like(_state(found[0][0], self.source.dynamics))
            for draw in found:
                for one in draw:
                    state += _state(one, self.source.dynamics)
        return Part(
            np.array([[_rows(s) for s in draw] for draw in found]),
            np.array([[_rest(s) for s in draw] for draw in found]),
            np.array([[_periods(s) for s in draw] for draw in found]),
            state,
        )

    def _of_draw(self, number: int) -> list[Shares]:
        drawn = self.source.draw(number)
        return [shares(s.dynamics, d, states=self.states) for s, d in zip(self.source.settings, drawn, strict=True)]


def _rows(found: Shares) -> Floats:
    return found.outcome if found.limit is None else np.concatenate([found.outcome, found.limit.outcome[None, :]])


def _rest(found: Shares) -> Floats:
    """Unsettled, broken and agreed per row, shape (3, rows)."""
    rows = np.array([found.unsettled, found.broken, found.agreed])
    if found.limit is None:
        return rows
    end = found.limit
    return np.concatenate([rows, [[end.unsettled], [end.broken], [end.agreed]]], axis=1)


def _periods(found: Shares) -> tuple[float, float]:
    if found.limit is None:
        return np.nan, np.nan
    return found.limit.periods, np.nan if found.limit.first is None else found.limit.first


def _state(found: Shares, dynamics: Dynamics) -> Floats:
    rows = found.state.reshape(len(dynamics.ticks), len(dynamics))
    return rows if found.limit is None else np.concatenate([rows, found.limit.state[None, :]])


def sample(source: Source, crew: Crew, *, rule: StoppingRule | None = None, states: bool = True) -> Sample:
    """Work out every draw of a source.

    Args:
        source: what to draw from; all its draws are made unless the rule says that fewer are enough.
        crew: who works.
        rule: when to stop; it watches the chances of all outcomes in the row of ``focus``.
        states: whether the chances of single states are wanted.

    Raises:
        KeyboardInterrupt: interrupted before the first draws were done.
    """
    focus = len(source.dynamics.ticks) - 1  # -1: the end
    parts: list[Part] = []
    state: list[Floats] = []

    def take(part: Part) -> bool:
        parts.append(Part(part.outcome, part.rest, part.periods, np.zeros(0)))
        state[:] = [part.state if not state else state[0] + part.state]
        if rule is None or rule.look(sum(len(p.outcome) for p in parts)) is None:
            return False
        return rule.enough(np.concatenate([p.outcome.mean(axis=1)[:, focus] for p in parts]))

    done = crew.each(Work(source, states), source.draws.count, take)
    if not parts:
        raise KeyboardInterrupt
    rest = np.concatenate([p.rest for p in parts])
    outcome = np.concatenate([p.outcome for p in parts])
    return Sample(
        outcome,
        rest[:, :, 0],
        rest[:, :, 1],
        rest[:, :, 2],
        np.concatenate([p.periods for p in parts]),
        state[0] / (outcome.shape[0] * outcome.shape[1]),
        focus if focus >= 0 else outcome.shape[2] - 1,
        done.stopped,
    )
