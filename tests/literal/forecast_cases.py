"""Random forecasts of small random cases."""

from __future__ import annotations

import random
from typing import Any

from tests.literal.forecast import Spec
from tests.literal.generate import _situation, seeded
from tests.literal.states import Space


def random_spec(seed: int) -> Spec:
    """A forecast with everything that can be said in a forecast block, in numbers."""
    rng = seeded(seed)
    case, space = _case(rng)
    count = len(space.states)
    parties = [p for p in space.parties if case["parties"][p].get("role") != "mediator"]
    owners = {o.party for o in space.options}
    movers = [p for p in parties if p in owners]
    utility = {p: _utility(rng, count) for p in parties}
    reply = rng.choice(("better", "best", "logit", "logit"))
    weights: dict[str, float] | None = {p: rng.choice((0.0, 0.5, 1.0, 2.0, 3.0)) for p in movers}
    if not any((weights or {}).values()):
        weights = dict.fromkeys(movers, 1.0)
    turns: list[dict[str, float]] = []
    cyclic = True
    if rng.random() < 0.35:
        weights, (turns, cyclic) = None, _turns(rng, movers)
    deals = rng.random() < 0.5 and len(parties) > 1
    rate = rng.choice((0.1, 0.3, 1.0)) if deals else 0.0
    hazard = rng.choice((0.0, 0.0, 0.02, 0.3))
    outcomes = rng.randint(1, 4)
    otherwise = outcomes - 1 if outcomes > 1 and rng.random() < 0.6 else None
    return Spec(
        case=case, utility=utility, reply=reply,
        foresight=rng.choice(("none", "none", "one_reply", "deep" if count <= 12 else "one_reply")),
        caution=rng.random() < 0.3,
        intensity=rng.choice((0.0, 0.5, 1.0, 2.0, 6.0)), weights=weights, turns=turns, cyclic=cyclic,
        discount={p: rng.choice((0.3, 0.6, 0.8)) for p in parties},
        hazard=[hazard if rng.random() < 0.8 else 0.0 for _ in range(count)],
        breaks=[rng.randrange(count) for _ in range(count)],
        rate=[rate if rng.random() < 0.8 else rate / 2 for _ in range(count)],
        deals=[rng.random() < 0.8 for _ in range(count)],
        among=sorted(rng.sample(parties, rng.randint(2, len(parties)))) if deals else [],
        final=rng.random() < 0.5,
        start=rng.randrange(count), classes=_classes(rng, count, outcomes, otherwise),
        outcomes=outcomes, otherwise=otherwise,
        ticks=sorted(rng.sample(range(12), rng.randint(1, 3))), ever=rng.random() < 0.6,
    )  # fmt: skip


def _case(rng: random.Random) -> tuple[dict[str, Any], Space]:
    """A random case, sometimes without merged states, sometimes with a mediator."""
    while True:
        case = _situation(rng, positional=True, parties=rng.choice((2, 3, 3)))
        if rng.random() < 0.6:
            case.pop("coalesce", None)
        if len(case["parties"]) == 3 and rng.random() < 0.2:
            case["parties"][rng.choice(sorted(case["parties"]))]["role"] = "mediator"
        space = Space(case)
        if 3 <= len(space.states) <= (48 if rng.random() < 0.05 else 16):
            return case, space


def _utility(rng: random.Random, count: int) -> list[float]:
    if rng.random() < 0.05:
        return [0.1] * count
    if rng.random() < 0.6:
        return [float(rng.randint(0, 6)) for _ in range(count)]
    return [rng.uniform(-5, 5) for _ in range(count)]


def _turns(rng: random.Random, movers: list[str]) -> tuple[list[dict[str, float]], bool]:
    """Alternation, a calendar that is gone through again and again, or one of dates."""
    if rng.random() < 0.4:
        return [{p: 1.0} for p in movers], True
    turns: list[dict[str, float]] = [{rng.choice(movers): 1.0} for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.5:
        return turns, True
    for n in range(len(turns)):
        if rng.random() < 0.3:
            turns[n] = {}
        elif rng.random() < 0.2:
            turns[n] = dict.fromkeys(movers, 1 / len(movers))
    return turns, False


def _classes(rng: random.Random, count: int, outcomes: int, otherwise: int | None) -> list[int]:
    """The outcome of each state; with ``otherwise`` none is left without one."""
    if otherwise is None:
        return [rng.randint(0, outcomes) for _ in range(count)]
    often = rng.choice((1, 3, 8))
    named = range(otherwise)
    return [rng.choices((*named, otherwise), (*[1] * len(named), often))[0] for _ in range(count)]
