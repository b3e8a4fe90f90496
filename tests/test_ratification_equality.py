"""The chance of passage of every deal against the enumeration of all patterns of votes."""

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

import detente
from detente.ratification.passage import Assembly
from detente.space.states import StateSpace
from tests.literal.votes import Home, random_case

SEEDS = range(500)
CLOSE = 1e-8


def assembly_of(case: dict[str, Any]) -> Assembly:
    read = detente.Case.from_dict(case)
    return Assembly.of(read, StateSpace.of(read))


def compare(seed: int) -> tuple[Home, Assembly]:
    case, formulas = random_case(random.Random(seed))
    home, found = Home(case, formulas), assembly_of(case)
    expected = [home.passes(deal) for deal in home.bargain.deals]
    assert found.passage.tolist() == pytest.approx(expected, abs=CLOSE), seed
    assert found.win_set.tolist() == [p >= 0.5 - CLOSE for p in expected], seed
    return home, found


def without(case: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Take something out of every body, or every bloc of every body."""
    bodies = {}
    for name, body in case["ratification"]["bodies"].items():
        kept = {k: v for k, v in body.items() if k not in keys}
        if "blocs" in kept:
            kept["blocs"] = {b: {k: v for k, v in w.items() if k not in keys} for b, w in kept["blocs"].items()}
        bodies[name] = kept
    return {**case, "ratification": {**case["ratification"], "bodies": bodies}}


def test_every_deal_passes_with_the_chance_of_the_definitions_and_the_sample_tells_readings_apart() -> None:
    told: Counter[str] = Counter()
    for seed in SEEDS:
        home, found = compare(seed)
        case, passage = home.case, found.passage
        told["uncertain"] += bool(((passage > 0.01) & (passage < 0.99)).any())
        told["both"] += bool(found.win_set.any() and not found.win_set.all())
        states = np.arange(len(passage))
        told["independent"] += bool(np.abs(found.passing(states, independent=True) - passage).max() > 1e-3)
        for key in ("veto", "shock", "cohesion"):
            told[key] += bool(np.abs(assembly_of(without(case, key)).passage - passage).max() > 1e-3)
        product = np.ones(len(passage))
        for needs, matches in zip(found.needs, found.matches, strict=True):
            alone = Assembly(found.case, found.states, found.bodies, (needs,), matches[None], found.blocks)
            product *= alone.passage
        told["joint"] += bool(np.abs(product - passage).max() > 1e-3)
    least = {
        "uncertain": 0.5, "both": 0.3, "independent": 0.3, "veto": 0.2, "shock": 0.2, "cohesion": 0.2, "joint": 0.1
    }  # fmt: skip
    shares = {key: told[key] / len(SEEDS) for key in least}
    assert {key: share for key, share in shares.items() if share < least[key]} == {}, shares


@pytest.mark.sweep
def test_fresh_cases_agree_with_the_definitions(fresh_seed: int) -> None:
    for seed in range(fresh_seed, fresh_seed + 3_000):
        compare(seed)
