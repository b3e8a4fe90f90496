"""Random small conflicts for the forecast: as a case file and as the literal forecast reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from detente.case.model import Case
from detente.forecast.behaviour import settings_of
from detente.forecast.drawing import NOTHING, Masks, Source
from detente.forecast.dynamics import Bools
from detente.forecast.setup import dynamics_of
from detente.forecast.worths import PartyWorths
from detente.space.draws import Draws, draws
from detente.space.moves import Moves
from detente.space.states import StateSpace
from tests.literal.forecast_answer import INTENSITIES, State, World

NAMES = ("x", "y", "z")


def world(rng: random.Random) -> World:
    """A conflict of two or three options, with ranges, types, orders, deals and breakdowns."""
    counts = tuple(rng.choice((2, 2, 3)) for _ in range(rng.choice((2, 2, 3))))
    parties = ("a", "b")
    owners = ("a", "b", *(rng.choice(parties) for _ in counts[2:]))
    options = {
        NAMES[n]: {"party": owners[n], "levels": [f"l{k}" for k in range(count)]} for n, count in enumerate(counts)
    }
    bonus: dict[str, Callable[[State], bool]] = {
        "x and y": lambda s: s[0] > 0 and s[1] > 0,
        "x != l0 and y == l0": lambda s: s[0] > 0 and s[1] == 0,
        "x == l0": lambda s: s[0] == 0,
    }
    preferences: dict[str, Any] = {"a": _typed(rng, counts), "b": _utility(rng, counts)}
    if rng.random() < 0.3:
        preferences["b"] = {"ranking": rng.sample(list(bonus), 3)}
    classes: list[Callable[[State], bool]] = [lambda s: s[0] > 0 and s[1] > 0, lambda s: s[1] > 0, lambda s: True]
    outcomes = {"both": "x and y", "second": "y", "rest": "otherwise"}
    behaviour: dict[str, Any] = {
        "intensity": list(INTENSITIES) if rng.random() < 0.4 else "0.5..3",
        "initiative": {"a": "1..3", "b": 1},
    }
    among: tuple[str, ...] = ()
    if rng.random() < 0.7:
        among, behaviour["deals"] = parties, {"rate": "0.1..0.5", "among": list(parties)}
    ever, final = rng.random() < 0.6, bool(among) and rng.random() < 0.5
    ticks = sorted(rng.sample(range(1, 6), 2))
    tree = {
        "detente": 1, "name": "random", "as_of": "2019-01-01", "period": "month",
        "parties": {p: {} for p in parties}, "options": options, "preferences": preferences,
        "forecast": {
            "outcomes": outcomes, "at": [f"2019-{t + 1:02d}-01" for t in ticks], "reached": "ever" if ever else "at",
            "behaviour": behaviour, **({"final": True} if final else {}),
        },
    }  # fmt: skip
    found = World(tree, owners, counts, tuple(classes), tuple(ticks), ever, final, among, {}, bonus)
    if rng.random() < 0.4:
        behaviour["breakdown"] = "0.02..0.2"
        states = found.states
        breaks = {s: rng.choice(states) for s in states}
        found = World(tree, owners, counts, tuple(classes), tuple(ticks), ever, final, among, breaks, bonus)
    return found


def _utility(rng: random.Random, counts: tuple[int, ...]) -> dict[str, Any]:
    worths: dict[str, Any] = {
        NAMES[n]: {f"l{k}": f"{rng.randint(-3, 0)}..{rng.randint(0, 4)}" for k in range(1, count)}
        for n, count in enumerate(counts)
    }
    worths["x and y"] = f"{rng.randint(-2, 3)} ± 1"
    return {"utility": worths}


def _typed(rng: random.Random, counts: tuple[int, ...]) -> dict[str, Any]:
    if rng.random() < 0.4:
        return _utility(rng, counts)
    return {
        "types": {
            "hard": {"prior": "0.3..0.6", **_utility(rng, counts)},
            "soft": {"prior": "rest", **_utility(rng, counts)},
        }
    }


def allowed(number: int, states: int, seed: int) -> Bools:
    """States that may be agreed on in a draw."""
    found: Bools = np.random.default_rng((seed, number)).random(states) < 0.7
    return found


class RandomMasks:
    """Masks that differ from draw to draw."""

    reads: frozenset[str] = frozenset()

    def __init__(self, states: int, seed: int) -> None:
        self.states, self.seed = states, seed

    def __call__(self, _made: Draws, _worths: Mapping[str, PartyWorths] = NOTHING) -> Callable[[int], Bools]:
        return lambda number: allowed(number, self.states, self.seed)


def source_of(found: World, count: int, seed: int = 0, masks: Masks | None = None) -> Source:
    """The engine's source of the same conflict."""
    case = Case.from_dict(found.tree)
    states = StateSpace.of(case)
    place = {s: n for n, s in enumerate(found.states)}
    breaks = np.array([place[found.breaks[s]] for s in found.states], np.int64) if found.breaks else None
    dynamics = dynamics_of(case, Moves(states), breaks, limit=False)
    block = case.file.forecast
    assert block is not None
    return Source(draws(case, count, seed), settings_of(block.behaviour, dynamics), frozenset(), masks)
