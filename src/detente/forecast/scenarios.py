"""Named futures: an outcome and how it begins, with what can be seen on the way that tells it from the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.forecast.drawing import Source
from detente.forecast.dynamics import Draw, Floats, Int64
from detente.forecast.paths import Ahead, Begun, begun, standing
from detente.forecast.signs import Event, Observable, Sign, Which, event_of, looks, observables, signs_of
from detente.mechanics.workers import Crew

FEWEST, MOST = 3, 5
SMALL = 0.02
"""Outcomes less likely than this make no future of their own."""
SPLIT = 0.05
"""Both parts of an outcome that is split by its beginning are at least so likely."""
MOST_KEPT = 400_000
"""States times draws up to which what the first pass works out is kept for the second."""
HORIZON = 24
"""Periods looked at where no date is asked for."""


@dataclass(frozen=True, eq=False)
class Future:
    """One of the futures.

    Attributes:
        outcome: number of the outcome.
        beginnings: the beginnings that it is about, by their numbers; all of them unless the outcome is split.
        split: whether it is only some of them.
        p: its chance.
        low, high: ends of the range of nine in ten draws and settings.
        error: standard error of ``p``.
        event: what starts it most tellingly; None where nothing does.
        signs: what tells it from the others, soonest first.
    """

    outcome: int
    beginnings: tuple[int, ...]
    split: bool
    p: float
    low: float
    high: float
    error: float
    event: Event | None
    signs: tuple[Sign, ...]


@dataclass(frozen=True, eq=False)
class Scenarios:
    """The futures, likeliest first.

    Attributes:
        futures: three to five where there are as many.
        last: periods until the date by which the outcome counts.
        draws: how many draws they were worked out from.
        covered: chance of all futures together.
        watch: signs of all futures, soonest first, each with its chance in every future.
    """

    futures: tuple[Future, ...]
    last: int
    draws: int
    covered: float
    watch: tuple[tuple[Sign, tuple[float, ...]], ...]


@dataclass(frozen=True, eq=False)
class _First:
    """First pass: how paths begin, joined with outcomes.

    Attributes:
        source: what to draw from.
        last: periods until the last date.
        ticks: periods that the second pass looks at.
        kept: what was worked out here, by draw and setting, for the second pass if it is done here too.
    """

    source: Source
    last: int
    ticks: tuple[int, ...] = ()
    kept: dict[tuple[int, int], tuple[Ahead, Begun]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[object, ...]:
        return _First, (self.source, self.last)

    def __call__(self, first: int, last: int) -> tuple[Floats, dict[tuple[int, int], Floats]]:
        coarse, fine = [], dict[tuple[int, int], Floats]()
        for number in range(first, last):
            draws = self.source.draw(number)
            found = [self.one(number, n, draw)[1] for n, draw in enumerate(draws)]
            coarse.append(np.array([f.coarse for f in found]))
            for one in found:
                _add(fine, one.fine)
        return np.array(coarse), fine

    def one(self, number: int, setting: int, draw: Draw) -> tuple[Ahead, Begun]:
        """What is to come in a draw under a setting, and how paths begin."""
        ahead = Ahead.of(self.source.settings[setting].dynamics, draw, self.last, self.ticks)
        found = ahead, begun(ahead)
        if self.ticks and (len(self.kept) + 1) * len(self.source.dynamics) <= MOST_KEPT:
            self.kept[number, setting] = found
        return found


def _add(into: dict[tuple[int, int], Floats], more: dict[tuple[int, int], Floats]) -> None:
    for key, row in more.items():
        into[key] = into[key] + row if key in into else row


@dataclass(frozen=True, eq=False)
class _Second:
    """Second pass: where things stand, joined with groups of beginnings and with outcomes; sums over draws."""

    before: _First
    ticks: tuple[int, ...]
    group_of: Int64
    seen: Floats

    def __call__(self, first: int, last: int) -> Floats:
        source, kept = self.before.source, self.before.kept
        groups = int(self.group_of.max()) + 1
        outcomes = len(source.dynamics.outcomes) + 1
        total = np.zeros((len(self.ticks), len(self.seen), groups, outcomes))
        for number in range(first, last):
            for n in range(len(source.settings)):
                ahead, start = kept.get((number, n)) or self._again(number, n)
                found = standing(ahead, start, self.ticks, self.group_of)
                here = ahead.period.dynamics.kept
                seen = self.seen if here is None else self.seen[:, here]
                for at, tick in enumerate(self.ticks):
                    for group in range(groups):
                        total[at, :, group] += seen @ found[tick][group]
        return total

    def _again(self, number: int, setting: int) -> tuple[Ahead, Begun]:
        source = self.before.source
        ahead = Ahead.of(source.settings[setting].dynamics, source.draw(number)[setting], self.before.last, self.ticks)
        return ahead, begun(ahead)


def scenarios_of(source: Source, draws: int, p: Floats, crew: Crew) -> Scenarios:
    """Futures of a forecast.

    Args:
        source: what the forecast draws from.
        draws: how many of its draws to use.
        p: chance of every outcome by the last date as the forecast has it; futures of an outcome share it.
        crew: who works.

    Raises:
        KeyboardInterrupt: interrupted.
    """
    dynamics = source.dynamics
    last = dynamics.ticks[-1] if dynamics.ticks else HORIZON
    ticks = looks(last)
    first = _First(source.dated(), last, ticks)
    coarse, fine = _begin(first, draws, crew)
    joint = coarse.mean(axis=(0, 1))
    if dynamics.ticks:
        scale = np.where(joint.sum(axis=0) > 0, p / np.maximum(joint.sum(axis=0), 1e-300), 0.0)
    else:
        scale = np.ones(joint.shape[1])
    parts = _parts(joint * scale)
    observed = observables(dynamics)
    group_of = _groups(parts, len(joint))
    seen = np.array([w for _, _, _, w in observed], np.float64).reshape(len(observed), len(dynamics))
    stood = _stand(_Second(first, ticks, group_of, seen), draws, crew)
    stood = stood / (coarse.shape[0] * coarse.shape[1]) * scale
    chances = np.array([(joint * scale)[list(b), o].sum() for o, b, _ in parts])
    inside = np.array([_of_part(stood, part, group_of) for part in parts])
    fine = {key: row * scale for key, row in fine.items()}
    futures = []
    for n, (outcome, which, split) in enumerate(parts):
        own = coarse[:, :, list(which), outcome].sum(axis=2) * scale[outcome]
        low, high = np.quantile(own, (0.05, 0.95))
        error = own.mean(axis=1).std(ddof=1) / np.sqrt(len(own)) if len(own) > 1 else np.nan
        others = chances.sum() - chances[n]
        rest = np.delete(inside, n, axis=0).sum(axis=0)
        signs = signs_of(inside[n] / chances[n], rest / others if others > 0 else np.zeros_like(rest), observed, ticks)
        event = event_of(dynamics, fine, parts, n)
        futures.append(
            Future(
                outcome,
                which,
                split,
                min(1.0, float(chances[n])),
                float(low),
                float(min(high, 1.0)),
                float(error),
                event,
                signs,
            )
        )
    watch = _watch(futures, inside / np.maximum(chances, 1e-300)[:, None, None], observed, ticks)
    return Scenarios(tuple(futures), last, len(coarse), min(1.0, float(chances.sum())), watch)


def _begin(work: _First, draws: int, crew: Crew) -> tuple[Floats, dict[tuple[int, int], Floats]]:
    """Joint chances of beginning and outcome, shape (draws, settings, beginnings, outcomes + 1), and finer sums."""
    coarse: list[Floats] = []
    fine: dict[tuple[int, int], Floats] = {}

    def take(part: tuple[Floats, dict[tuple[int, int], Floats]]) -> None:
        coarse.append(part[0])
        _add(fine, part[1])

    done = crew.each(work, min(draws, work.source.draws.count), take)
    if done.stopped == "interrupted":
        raise KeyboardInterrupt
    return np.concatenate(coarse), fine


def _stand(work: _Second, draws: int, crew: Crew) -> Floats:
    total: list[Floats] = []

    def take(part: Floats) -> None:
        total[:] = [part if not total else total[0] + part]

    done = crew.each(work, min(draws, work.before.source.draws.count), take)
    if done.stopped == "interrupted":
        raise KeyboardInterrupt
    return total[0]


# --- which futures ---------------------------------------------------------------------------------------------------


def _parts(joint: Floats) -> list[Which]:
    """Outcomes that are likely enough; split by their beginnings where they are too few.

    Args:
        joint: of beginning and outcome, shape (beginnings, outcomes + 1).
    """
    every = tuple(range(len(joint)))
    chance = joint.sum(axis=0)
    order = [int(n) for n in np.argsort(-chance, kind="stable") if chance[n] >= SMALL][:MOST]
    parts: list[Which] = [(o, every, False) for o in order]
    while len(parts) < FEWEST:
        best: tuple[float, int, int] | None = None
        for n, (outcome, which, _) in enumerate(parts):
            for b in which if len(which) > 1 else ():
                own = float(joint[b, outcome])
                smaller = min(own, float(joint[list(which), outcome].sum()) - own)
                if smaller >= SPLIT and (best is None or smaller > best[0] + 1e-12):
                    best = (smaller, n, b)
        if best is None:
            break
        _, n, b = best
        outcome, which, _ = parts[n]
        parts[n : n + 1] = [(outcome, (b,), True), (outcome, tuple(x for x in which if x != b), True)]
    return sorted(parts, key=lambda part: -float(joint[list(part[1]), part[0]].sum()))


def _groups(parts: Sequence[Which], count: int) -> Int64:
    """A group for every beginning: those that no future tells apart are one."""
    marks = [tuple(n for n, (_, which, _) in enumerate(parts) if b in which) for b in range(count)]
    known = list(dict.fromkeys(marks))
    return np.array([known.index(m) for m in marks], np.int64)


def _of_part(stood: Floats, part: Which, group_of: Int64) -> Floats:
    """Joint chance of a future and of what is seen, shape (ticks, observables)."""
    outcome, which, _ = part
    groups = sorted({int(group_of[b]) for b in which})
    found: Floats = stood[:, :, groups, outcome].sum(axis=2)
    return found


def _watch(
    futures: Iterable[Future], chances: Floats, observed: Sequence[Observable], ticks: Sequence[int]
) -> tuple[tuple[Sign, tuple[float, ...]], ...]:
    """Signs of all futures with their chances in each; chances of shape (futures, ticks, observables)."""
    place = {o[:3]: n for n, o in enumerate(observed)}
    rows: dict[tuple[int, str, int, int], Sign] = {}
    for future in futures:
        for sign in future.signs:
            rows.setdefault((sign.option, sign.relation, sign.level, sign.tick), sign)
    out = []
    for (option, relation, level, tick), sign in sorted(rows.items(), key=lambda x: (x[0][3], x[0][0], x[0][2])):
        column = chances[:, ticks.index(tick), place[option, relation, level]]
        out.append((sign, tuple(min(1.0, float(c)) for c in column)))
    return tuple(out)
