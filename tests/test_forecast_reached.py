"""Chains over the states that a draw can come to give what chains over all states give."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import detente
from detente.forecast import chain, paths
from detente.forecast.chain import shares
from detente.forecast.drawing import Source, chosen_types
from detente.forecast.dynamics import Draw, Dynamics
from detente.forecast.inputs import TYPE, factors_of, stands_for
from detente.forecast.paths import Ahead, begun, standing
from detente.forecast.reached import period_from_start, period_of
from detente.forecast.sample import sample
from detente.mechanics.workers import Crew
from detente.space.draws import draws
from detente.space.steered import Steered
from tests.literal.forecast_cases import random_spec
from tests.test_forecast_equality import engine
from tests.test_forecast_pictures import RIVALS

SEEDS = range(400)


def written_out() -> list[tuple[Dynamics, Draw]]:
    """Random forecasts whose replies are written out move by move."""
    specs = (random_spec(seed) for seed in SEEDS)
    return [engine(s) for s in specs if s.foresight == "none" and (s.caution or s.reply != "logit")]


def told(dynamics: Dynamics, draw: Draw) -> list[NDArray[np.float64]]:
    """Beginnings, and where things stand, in all states."""
    last = max(2, *dynamics.ticks)
    ahead = Ahead.of(dynamics, draw, last, (1, last))
    start = begun(ahead)
    group_of = np.arange(start.coarse.shape[0])
    stood = standing(ahead, start, (1, last), group_of)
    fine = np.zeros((*start.coarse.shape, len(dynamics)))
    for (b, state), row in start.fine.items():
        fine[b, :, state] = row
    here = ahead.period.dynamics
    everywhere = [here.everywhere(stood[t].transpose(0, 2, 1)) for t in (1, last)]
    return [start.coarse, start.later, fine, *everywhere]


def test_paths_and_shares_are_those_of_all_states(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = ended = 0
    for dynamics, draw in written_out():
        here = period_from_start(dynamics, draw).dynamics
        fewer += here.kept is not None and len(here) < len(dynamics)
        ended += here.breaks is not None
        found, alone = told(dynamics, draw), shares(dynamics, draw)
        with monkeypatch.context() as patched:
            patched.setattr(paths, "period_from_start", period_of)
            patched.setattr(chain, "period_from_start", period_of)
            wanted, every = told(dynamics, draw), shares(dynamics, draw)
        for mine, theirs in zip(found, wanted, strict=True):
            assert np.abs(mine - theirs).max() < 1e-12
        assert np.abs(alone.state - every.state).max() < 1e-12
        assert np.abs(alone.outcome - every.outcome).max() < 1e-12
        assert alone.unsettled == pytest.approx(every.unsettled, abs=1e-12)
        assert alone.limit is not None
        assert every.limit is not None
        assert np.abs(alone.limit.state - every.limit.state).max() < 1e-8
        assert (alone.limit.first is None) == (every.limit.first is None)
    assert fewer > 40
    assert ended > 20


def test_korea_comes_to_few_of_its_states() -> None:
    """What the speed of a large cautious case rests on."""
    case = detente.load("korea-2019")
    session = detente.Session(case)
    found = session.ask("forecast", draws=2, drivers=False, scenarios=False, compared=False, limit=False)
    dynamics = found.settings[0].dynamics
    source = Source(draws(case, 4), found.settings, chosen_types(case))
    sizes = [len(period_from_start(dynamics, source.draw(n)[0]).dynamics) for n in range(4)]
    assert max(sizes) < len(dynamics) / 2


def test_what_is_said_to_change_nothing_changes_nothing() -> None:
    """Each input moved alone, all else at its point value, by draws of its own."""
    kinds_of_a = {
        "dove": {"prior": "0.3..0.7", "utility": {"arms": {"cut": "3 ± 1"}, "aid": {"some": "2 ± 1"}}},
        "hawk": {"prior": "rest", "utility": {"arms": {"cut": "-3 ± 1"}, "aid": {"some": "2 ± 1"}}},
    }
    case = detente.Case.from_dict({**RIVALS, "preferences": {**RIVALS["preferences"], "a": {"types": kinds_of_a}}})
    found = detente.Session(case).ask("forecast", draws=2, drivers=False, scenarios=False, compared=False, limit=False)
    source = Source(draws(case, 4), found.settings, chosen_types(case)).dated()
    kinds = {True: 0, False: 0}
    for factor in factors_of(source):
        for at in (0.0, 1.0) if factor.kind == TYPE else (0.1, 0.9):
            pinned = {factor.streams[0]: np.array([at, np.nan])}
            made = Steered.of(source.draws, np.zeros(2, np.int64), pinned=pinned, points=np.ones(2, bool))
            moved, base = sample(source.on(made), Crew()).result
            idle = stands_for(source, factor, at)
            assert (np.abs(moved - base).max() < 1e-12) == idle, factor.path
            kinds[idle] += 1
    assert min(kinds.values()) > 4
