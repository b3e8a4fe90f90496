"""What can be seen on the way to a future that tells it from the others: its beginning, and where options stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.forecast.dynamics import Bools, Dynamics, Floats
from detente.forecast.paths import BREAKDOWN, NOTHING, Beginning, beginnings

LOOKS = (1 / 12, 1 / 6, 1 / 3, 1 / 2)
"""When to look for signs, as shares of the way to the last date."""
RATIO, DIFFERENCE = 1.2, 0.05
"""A sign is at least so many times, and by so much, likelier in a future than in the others taken together."""
SOON = 0.7
"""A sign is dated as soon as it tells this share of what it tells at best."""
SIGNS = 4


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that can be seen: an option's level on a date.

    Attributes:
        option: number of the option.
        relation: above (at this level or above) | below (at it or below) | still (at it, which is today's).
        level: number of the level.
        tick: periods from today.
        inside: chance in this future.
        outside: chance in the others taken together.
    """

    option: int
    relation: str
    level: int
    tick: int
    inside: float
    outside: float


@dataclass(frozen=True, slots=True)
class Event:
    """What starts a future.

    Attributes:
        beginning: breakdown, deal, a party's move, or nothing.
        option: number of an option that it changes; None where any beginning of the kind is meant.
        up: whether to a higher level.
        inside: chance in this future.
        outside: chance in the others taken together.
        target: the state that such a beginning leads to most often in this future; None for nothing.
    """

    beginning: Beginning
    option: int | None
    up: bool
    inside: float
    outside: float
    target: int | None


Which = tuple[int, tuple[int, ...], bool]
"""A future: its outcome, its beginnings, and whether these are only some of them."""
Observable = tuple[int, str, int, Bools]


def looks(last: int) -> tuple[int, ...]:
    """When to look, in periods from today."""
    return tuple(sorted({max(1, round(share * last)) for share in LOOKS if last >= 1}))


def observables(dynamics: Dynamics) -> list[Observable]:
    """What can be seen: (option, relation, level, where it holds, shape (states,))."""
    states = dynamics.moves.states
    out: list[Observable] = []
    for option, written in enumerate(states.case.file.options.values()):
        digits = states.digits[option]
        if states.merged and (digits != digits[states.cell_of][states.state_of]).any():
            continue  # a merged state has no level of it
        level_of = digits[states.cell_of]
        today = int(level_of[dynamics.start])
        out += [(option, "above", level, level_of >= level) for level in range(today + 1, len(written.levels))]
        out += [(option, "below", level, level_of <= level) for level in range(today)]
        out.append((option, "still", today, level_of == today))
    return out


def signs_of(inside: Floats, outside: Floats, observed: Sequence[Observable], ticks: Sequence[int]) -> tuple[Sign, ...]:
    """What tells a future from the others best, one sign per option, each dated as soon as it tells enough.

    Args:
        inside, outside: chances in it and in the others, shape (ticks, observables).
        observed: what can be seen.
        ticks: when.
    """
    telling = np.where((inside >= RATIO * outside) & (inside - outside >= DIFFERENCE), inside - outside, 0.0)
    best: dict[int, tuple[float, int]] = {}
    for n, (option, _, _, _) in enumerate(observed):
        top = float(telling[:, n].max(initial=0.0))
        if top > 0 and (option not in best or top > best[option][0] + 1e-12):
            best[option] = (top, n)
    chosen = sorted(best.values(), key=lambda x: (-x[0], x[1]))[:SIGNS]
    out = []
    for top, n in chosen:
        when = int(np.flatnonzero(telling[:, n] >= SOON * top)[0])
        option, relation, level, _ = observed[n]
        out.append(Sign(option, relation, level, ticks[when], _chance(inside[when, n]), _chance(outside[when, n])))
    return tuple(sorted(out, key=lambda s: (s.tick, -(s.inside - s.outside))))


def _chance(value: float) -> float:
    """A ratio of chances, which may come out above 1 by a rounding."""
    return min(1.0, max(0.0, float(value)))


Key = tuple[int, int | None, bool]


def event_of(
    dynamics: Dynamics, fine: dict[tuple[int, int], Floats], parts: Sequence[Which], number: int
) -> Event | None:
    """What starts a future: the beginning whose chance in it exceeds that in the others by most.

    A beginning is a breakdown, nothing, any deal, a deal that moves an option up or down, and the same of the first
    move of each party.

    Args:
        dynamics: the rules of movement.
        fine: chances of beginnings and outcomes together, by (number of the beginning, state it leads to).
        parts: the futures.
        number: of the future.
    """
    names = beginnings(dynamics)
    changes = _changes(dynamics, {t for _, t in fine})
    own: dict[Key, float] = {}
    others: dict[Key, float] = {}
    totals = [0.0, 0.0]
    for (b, target), row in fine.items():
        keys: list[Key] = [(b, None, True)]
        if names[b].kind not in (BREAKDOWN, NOTHING):
            keys += [(b, o, raised) for o, raised in changes[target]]
        for n, (outcome, which, _) in enumerate(parts):
            if b not in which:
                continue
            mass = float(row[outcome])
            totals[n != number] += mass
            into = own if n == number else others
            for key in keys:
                into[key] = into.get(key, 0.0) + mass
    if totals[0] <= 0:
        return None

    def elsewhere(key: Key) -> float:
        return others.get(key, 0.0) / totals[1] if totals[1] > 0 else 0.0

    def telling(key: Key) -> tuple[float, bool]:
        return round(own[key] / totals[0] - elsewhere(key), 9), key[1] is not None

    best = max(own, key=telling)
    b, option, up = best
    outcome = parts[number][0]
    fitting = [
        (float(row[outcome]), -t)
        for (x, t), row in fine.items()
        if x == b and (option is None or (option, up) in changes[t])
    ]
    leads_to = None if names[b].kind == NOTHING else -max(fitting)[1]
    return Event(names[b], option, up, _chance(own[best] / totals[0]), _chance(elsewhere(best)), leads_to)


def _changes(dynamics: Dynamics, targets: set[int]) -> dict[int, list[tuple[int, bool]]]:
    """Per state, the options that differ from today, and whether upwards."""
    states = dynamics.moves.states
    digits = states.digits[:, states.cell_of].astype(np.int64)
    today = digits[:, dynamics.start]
    return {
        t: [(int(o), bool(digits[o, t] > today[o])) for o in np.flatnonzero(digits[:, t] != today)] for t in targets
    }
