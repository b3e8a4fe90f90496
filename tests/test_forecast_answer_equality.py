"""The forecast over draws against a literal one: dense chains, draw by draw, on random small conflicts."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import numpy as np
import pytest

from detente.forecast.answer import Answer, answer_of
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Floats
from detente.forecast.paths import MOVE, Ahead, beginnings, begun, standing
from detente.forecast.sample import sample
from detente.mechanics.workers import Crew
from tests.forecast_worlds import RandomMasks, allowed, source_of, world
from tests.literal import forecast_answer as literal

CONFLICTS, DRAWS = 60, 18
CLOSE = 1e-8
Ways = Callable[[literal.State], list[literal.Step]]


def literal_rows(found: literal.World, source: Source, number: int, *, masked: bool = True) -> list[Floats]:
    """Outcomes per setting at every date: literal."""
    out = []
    for of in literal_steps(found, source, number, masked=masked):
        masses = literal.walk(found, of, found.states[0])
        rows = np.zeros((len(found.ticks), len(found.classes) + 1))
        for row, tick in zip(rows, found.ticks, strict=True):
            for node, mass in masses[tick].items():
                row[literal.outcome_of(found, node)] += mass
        out.append(rows)
    return out


def literal_steps(found: literal.World, source: Source, number: int, *, masked: bool = True) -> list[Ways]:
    worth = literal.utilities(found, source.draws, number)
    numbers = literal.numbers(found, source.draws, number)
    count = len(found.states)
    mask = allowed(number, count, 5).tolist() if masked else [True] * count
    grid = found.tree["forecast"]["behaviour"]["intensity"]
    chosen = grid if isinstance(grid, list) else [numbers["intensity"]]
    return [literal.steps(found, worth, numbers, i, mask) for i in chosen]


def check(seed: int, conflicts: int) -> dict[str, int]:
    rng = random.Random(seed)
    seen = dict.fromkeys(("settings", "breakdown", "deals", "ever", "final", "types", "order", "masked", "differ"), 0)
    for n in range(conflicts):
        found = world(rng)
        source = source_of(found, DRAWS, seed + n, RandomMasks(len(found.states), 5))
        got = sample(source, Crew(chunk=7))
        want = np.array([literal_rows(found, source, k) for k in range(DRAWS)])
        assert np.abs(got.outcome - want).max() < CLOSE, (seed, n)
        assert np.abs(got.outcome.sum(axis=-1) - 1).max() < CLOSE
        _check_answer(answer_of(got, drawn_behaviour=True), want)
        preferences = found.tree["preferences"]
        seen["settings"] += len(source.settings) > 1
        seen["breakdown"] += bool(found.breaks)
        seen["deals"] += bool(found.among)
        seen["ever"] += found.ever
        seen["final"] += found.final
        seen["types"] += "types" in preferences["a"]
        seen["order"] += "ranking" in preferences["b"]
        if found.among:
            unmasked = np.array(literal_rows(found, source, 0, masked=False))
            seen["masked"] += bool(np.abs(unmasked - want[0]).max() > 1e-6)
        # a wrong reading: one draw's preferences under another's behaviour
        seen["differ"] += bool(np.abs(want[0] - want[1]).max() > 1e-3)
    return seen


def _check_answer(answer: Answer, want: Floats) -> None:
    draws, settings, rows, outcomes = want.shape
    for row in range(rows):
        for k in range(outcomes):
            values = [float(want[n, s, row, k]) for n in range(draws) for s in range(settings)]
            assert answer.p[row, k] == pytest.approx(sum(values) / len(values), abs=CLOSE)
            assert answer.low[row, k] == pytest.approx(literal.quantile(values, 0.05), abs=CLOSE)
            assert answer.high[row, k] == pytest.approx(literal.quantile(values, 0.95), abs=CLOSE)
            each = [float(np.mean(want[n, :, row, k])) for n in range(draws)]
            mean = sum(each) / draws
            error = (sum((x - mean) ** 2 for x in each) / (draws - 1) / draws) ** 0.5
            half = 2.109815577833181 * error  # the 97.5 % quantile of Student's t with 17 degrees of freedom
            assert answer.error_high[row, k] == pytest.approx(min(1.0, mean + half), abs=CLOSE)
            assert answer.error_low[row, k] == pytest.approx(max(0.0, mean - half), abs=CLOSE)


def test_the_sample_equals_dense_chains_draw_by_draw() -> None:
    seen = check(0, CONFLICTS)  # 60 conflicts x 18 draws = 1,080 random models
    assert all(count >= 5 for count in seen.values()), seen
    assert seen["differ"] > 0.9 * CONFLICTS


@pytest.mark.sweep
def test_on_fresh_seeds() -> None:
    check(int(os.environ["DETENTE_SEED"]), CONFLICTS)


def check_paths(seed: int, conflicts: int) -> tuple[int, int]:
    rng = random.Random(seed)
    kinds, told = set(), 0
    for n in range(conflicts):
        found = world(rng)
        source = source_of(found, 1, seed + n, RandomMasks(len(found.states), 5))
        draws = source.draw(0)
        tick = max(1, found.ticks[-1] // 2)
        for setting, draw, of in zip(source.settings, draws, literal_steps(found, source, 0), strict=True):
            ahead = Ahead.of(setting.dynamics, draw, found.ticks[-1], (tick,))
            start = begun(ahead)
            names = [f"move {setting.dynamics.movers[b.mover]}" if b.kind == MOVE else b.kind
                     for b in beginnings(setting.dynamics)]  # fmt: skip
            group_of = np.arange(len(names))
            stood = standing(ahead, start, (tick,), group_of)[tick]
            want = np.zeros_like(stood)
            for (began, state, outcome), mass in literal.joined(found, of, found.states[0], tick).items():
                want[names.index(began), found.states.index(state), outcome] += mass
                kinds.add(began)
            assert np.abs(stood - want).max() < CLOSE, (seed, n)
            assert np.abs(start.coarse - want.sum(axis=1)).max() < CLOSE
            # a wrong reading: beginnings and outcomes as if independent
            apart = start.coarse.sum(axis=1, keepdims=True) * start.coarse.sum(axis=0, keepdims=True)
            told += bool(np.abs(apart - start.coarse).max() > 1e-3)
    return len(kinds), told


def test_beginnings_and_states_on_the_way_are_joined_with_outcomes_as_paths_are() -> None:
    kinds, told = check_paths(1, 120)
    assert kinds == 5  # breakdown, deal, a move of either party, nothing
    assert told > 100


@pytest.mark.sweep
def test_paths_on_fresh_seeds() -> None:
    check_paths(int(os.environ["DETENTE_SEED"]), 120)
