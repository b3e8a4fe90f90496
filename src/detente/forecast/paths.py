"""What happens on the way to an outcome, exactly: how a path begins, and where things stand by then.

A path is joined with the outcome that it counts for at the last date by what is to come from each state on (as in
Doob's transform): going back from the last date, ``ahead`` is the chance to avoid the first k outcomes until then (with
``ever``), or to stand in an outcome then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.forecast.dynamics import Bools, Draw, Dynamics, Floats, Int64
from detente.forecast.period import Period
from detente.forecast.reached import period_from_start
from detente.forecast.walk import prefixes

BREAKDOWN, DEAL, MOVE, NOTHING = "breakdown", "deal", "move", "nothing"


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first thing that changes today's state.

    Attributes:
        kind: breakdown | deal | move | nothing (until the last date).
        mover: number of the party that moves; -1 for the others.
    """

    kind: str
    mover: int = -1


def beginnings(dynamics: Dynamics) -> tuple[Beginning, ...]:
    """All that there can be, in a fixed order."""
    moves = (Beginning(MOVE, n) for n in range(len(dynamics.movers)))
    return (Beginning(BREAKDOWN), Beginning(DEAL), *moves, Beginning(NOTHING))


@dataclass(frozen=True, eq=False)
class Ahead:
    """What is to come, in one draw.

    Attributes:
        period: what happens in a period.
        last: periods until the last date.
        closing: per state and column what counts if it ends there, shape (states, columns). With ``ever`` a column is
            1 outside the first k outcomes; else 1 in an outcome.
        first: at the states that a path can begin with, after each period from 0, shape (periods + 1, begun, columns).
        begun: these states, shape (begun,).
        kept: the same in all states after the periods asked for, periods -> shape (states, columns).
    """

    period: Period
    last: int
    closing: Floats
    first: Floats
    begun: Int64
    kept: dict[int, Floats]

    @classmethod
    def of(cls, dynamics: Dynamics, draw: Draw, last: int, ticks: Sequence[int] = ()) -> Ahead:
        """Go back from the last date.

        Args:
            dynamics: the rules of movement.
            draw: utilities, weights, chances.
            last: periods until the last date.
            ticks: periods after which all states are wanted.
        """
        period = period_from_start(dynamics, draw)
        dynamics = period.dynamics
        if dynamics.ever:
            closing = (~prefixes(dynamics)).T.astype(np.float64)
        else:
            closing = np.zeros((len(dynamics), len(dynamics.outcomes) + 1))
            closing[np.arange(len(dynamics)), dynamics.classes] = 1.0
        starts = [Starts.of(period, t) for t in range(len(period.weights))]
        begun = np.unique(np.concatenate([np.zeros(0, np.int64), *(s.target for s in starts)]))
        first = np.empty((last + 1, len(begun), closing.shape[1]))
        kept = {}
        value = closing
        for done in range(last, -1, -1):
            if done < last:
                value = _back(period, value, closing, period.turn(done))
            first[done] = value[begun]
            if done in ticks:
                kept[done] = value
        return cls(period, last, closing, first, begun, kept)

    def split(self, total: Floats, columns: Floats) -> Floats:
        """Chances of the outcomes from those of the columns; the last axis is replaced.

        Args:
            total: of everything, shape (...).
            columns: shape (..., columns).
        """
        if not self.period.dynamics.ever:
            return columns
        visited = np.concatenate([total[..., None] - columns, total[..., None]], axis=-1)
        out: Floats = np.diff(visited, prepend=0.0, axis=-1)
        return out


def _back(period: Period, value: Floats, closing: Floats, turn: int) -> Floats:
    """Expected value one period earlier, shape (states, columns)."""
    weights = period.weights[turn]
    out = period.moving.back(value, weights) + (1.0 - weights.sum()) * value
    if period.deals is not None and period.rate is not None:
        made = period.deals.chance @ (closing if period.dynamics.final else value)
        out = (1.0 - period.rate)[:, None] * out + period.rate[:, None] * (made + period.deals.none[:, None] * value)
    if period.hazard is not None:
        out = (1.0 - period.hazard)[:, None] * out + period.hazard[:, None] * (period.breaks @ closing)
    earlier: Floats = out * closing if period.dynamics.ever else out
    return earlier


@dataclass(frozen=True, eq=False)
class Starts:
    """How today's state can be left in a period.

    Attributes:
        beginning: number among ``beginnings`` of every way, shape (ways,).
        target: the state it leads to, shape (ways,).
        chance: shape (ways,).
        ended: whether that is for ever, shape (ways,).
        stay: chance that nothing changes.
    """

    beginning: Int64
    target: Int64
    chance: Floats
    ended: Bools
    stay: float

    @classmethod
    def of(cls, period: Period, turn: int) -> Starts:
        """The ways of a turn."""
        dynamics, here = period.dynamics, period.dynamics.start
        found: list[tuple[int, Int64, Floats, bool]] = []
        left = 1.0
        if period.hazard is not None:
            hazard = float(period.hazard[here])
            found.append((0, *_row(period.breaks, here, hazard), True))
            left -= hazard
        if period.deals is not None and period.rate is not None:
            rate = left * float(period.rate[here])
            found.append((1, *_row(period.deals.chance, here, rate), dynamics.final))
            left -= rate
        unit = np.zeros(len(dynamics))
        unit[here] = 1.0
        for n, weight in enumerate(period.weights[turn]):
            only = np.zeros(len(dynamics.movers))
            only[n] = 1.0
            after = period.moving.forward(unit, only) if weight > 0 else unit
            target = np.flatnonzero(after)
            found.append((2 + n, target, left * weight * after[target], False))
        beginning = np.concatenate([np.full(len(t), b) for b, t, _, _ in found])
        target = np.concatenate([t for _, t, _, _ in found]).astype(np.int64)
        chance = np.concatenate([c for _, _, c, _ in found])
        ended = np.concatenate([np.full(len(t), e) for _, t, _, e in found])
        kept = (chance > 0) & ((target != here) | ended)
        stay = 1.0 - float(chance[kept].sum())
        return cls(beginning[kept].astype(np.int64), target[kept], chance[kept], ended[kept], max(0.0, stay))


def _row(matrix: object, row: int, weight: float) -> tuple[Int64, Floats]:
    """Columns and values of a row of a sparse matrix, the values times a weight."""
    start, stop = matrix.indptr[row : row + 2]  # type: ignore[attr-defined]
    target: Int64 = np.asarray(matrix.indices[start:stop], np.int64)  # type: ignore[attr-defined]
    values: Floats = weight * matrix.data[start:stop]  # type: ignore[attr-defined]
    return target, values


@dataclass(frozen=True, eq=False)
class Begun:
    """How paths begin, joined with the outcome that they count for.

    Attributes:
        coarse: by beginning, shape (beginnings, outcomes + 1).
        fine: (number of the beginning, number of the state it leads to) -> shape (outcomes + 1,); nothing leads to
            today's state.
        later: of paths on which nothing has begun after so many periods, shape (periods + 1, beginnings, outcomes + 1).
    """

    coarse: Floats
    fine: dict[tuple[int, int], Floats]
    later: Floats


def begun(ahead: Ahead) -> Begun:
    """Joint chances of the beginning and the outcome."""
    period, dynamics = ahead.period, ahead.period.dynamics
    starts = [Starts.of(period, t) for t in range(len(period.weights))]
    count = len(beginnings(dynamics))
    number = np.arange(len(dynamics)) if dynamics.kept is None else dynamics.kept
    own = ahead.closing[dynamics.start] if dynamics.ever else np.ones(ahead.closing.shape[1])
    fine: dict[tuple[int, int], Floats] = {}
    soon = np.zeros((ahead.last + 1, count, len(dynamics.outcomes) + 1))
    waiting = 1.0
    for done in range(ahead.last):
        ways = starts[period.turn(done)]
        place = np.searchsorted(ahead.begun, ways.target)
        value = np.where(ways.ended[:, None], ahead.closing[ways.target], ahead.first[done + 1][place])
        mass = waiting * ways.chance
        joint = ahead.split(mass, mass[:, None] * value * own)
        for b, target, row in zip(ways.beginning, number[ways.target], joint, strict=True):
            key = (int(b), int(target))
            fine[key] = fine[key] + row if key in fine else row
            soon[done, b] += row
        waiting *= ways.stay
    soon[-1, -1] = ahead.split(np.array(waiting), waiting * ahead.closing[dynamics.start])
    fine[count - 1, int(number[dynamics.start])] = soon[-1, -1]
    later = np.cumsum(soon[::-1], axis=0)[::-1]
    return Begun(later[0], fine, later)


def standing(ahead: Ahead, start: Begun, ticks: Sequence[int], group_of: Int64) -> dict[int, Floats]:
    """Where things stand, joined with the beginning and with the outcome at the last date.

    Args:
        ahead: what is to come, kept at the ticks.
        start: how paths begin.
        ticks: periods after which to look, from 1 to the last.
        group_of: group of every beginning, from 0, shape (beginnings,).

    Returns:
        Tick -> shape (groups, states, outcomes + 1); states are those of ``ahead.period.dynamics``.
    """
    period, dynamics = ahead.period, ahead.period.dynamics
    starts = [Starts.of(period, t) for t in range(len(period.weights))]
    groups, count = int(group_of.max()) + 1, len(dynamics)
    # column 0 is all mass; with `ever` the others are what has kept out of the first k outcomes
    keep = np.concatenate([np.ones((count, 1)), ahead.closing], axis=1) if dynamics.ever else np.ones((count, 1))
    columns = keep.shape[1]
    moving, ended = np.zeros((count, groups, columns)), np.zeros((count, groups, columns))
    waiting = np.ones(columns) * keep[dynamics.start]
    out = {}
    for done in range(max(ticks, default=0)):
        turn = period.turn(done)
        after, *closed = period.forward(moving.reshape(count, -1), turn)
        moving = after.reshape(moving.shape) * keep[:, None]
        for part in closed:
            if part is not None:
                ended = ended + part.reshape(ended.shape) * keep[:, None]
        ways = starts[turn]
        arriving = ways.chance[:, None] * waiting * keep[ways.target]
        for held, where in ((ended, ways.ended), (moving, ~ways.ended)):
            np.add.at(held, (ways.target[where], group_of[ways.beginning[where]]), arriving[where])
        waiting = waiting * ways.stay
        if done + 1 in ticks:
            out[done + 1] = _joined(ahead, done + 1, moving, ended)
            # what is yet to begin stands where it stood
            np.add.at(out[done + 1][:, dynamics.start], group_of, start.later[done + 1])
    return out


def _joined(ahead: Ahead, tick: int, moving: Floats, ended: Floats) -> Floats:
    """Chances of states and outcomes together, shape (groups, states, outcomes + 1)."""
    first = slice(1, None) if ahead.period.dynamics.ever else slice(0, 1)
    columns = moving[:, :, first] * ahead.kept[tick][:, None] + ended[:, :, first] * ahead.closing[:, None]
    total = moving[:, :, 0] + ended[:, :, 0]
    return np.ascontiguousarray(ahead.split(total, columns).transpose(1, 0, 2))
