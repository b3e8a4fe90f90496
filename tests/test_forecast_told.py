"""What a forecast says: its contract, its sentences, the futures, how it compares with what would hold."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import jsonschema
import numpy as np
import pytest

from detente.base.result import Provenance
from detente.base.wording import LIKELIHOOD, likelihood, percent
from detente.case.model import Case
from detente.cli.contracts.forecast import FORECAST
from detente.cli.contracts.parts import object_of
from detente.forecast import solve
from detente.forecast.behaviour import settings_of
from detente.forecast.drawing import Source
from detente.forecast.drivers import Effort
from detente.forecast.dynamics import Bools
from detente.forecast.error import StoppingRule
from detente.forecast.narrative import lines
from detente.forecast.result import Forecast
from detente.forecast.sample import sample
from detente.forecast.setup import dynamics_of
from detente.forecast.signs import event_of
from detente.forecast.solve import Work, affordable, forecast
from detente.mechanics.workers import Crew
from detente.space.draws import draws
from detente.space.moves import Moves
from detente.space.states import StateSpace

HARD = {"x": {"half": "-1 ± 1", "yes": "-2 ± 1"}, "y": {"yes": "w"}, "x and y": "2 ± 1"}
SOFT = {"x": {"half": "1 ± 1", "yes": 2}, "y": {"yes": {"value": "1..2", "private": True}}}


def tree(**forecast: Any) -> dict[str, Any]:
    return {
        "detente": 1, "name": "told", "title": "A test", "as_of": "2019-01-29", "period": "month",
        "numbers": {"w": {"value": "1 ± 0.5", "note": "What a word is worth."}},
        "parties": {"a": {"name": "Avalon"}, "b": {"name": "Borduria"}},
        "options": {
            "x": {"party": "a", "name": "Cuts", "levels": ["no", "half", "yes"]}, "y": {"party": "b", "name": "Aid"},
            "z": {"party": "b", "name": "Trade"},
        },
        "infeasible": ["x == half and z"],
        "preferences": {
            "a": {
                "types": {"hard": {"prior": "0.3..0.6", "utility": HARD}, "soft": {"prior": "rest", "utility": SOFT}}
            },
            "b": {"ranking": ["x and y", "x", "y", "not x and not y"]},
        },
        "forecast": {
            "outcomes": {"deal": "x == yes and y", "part": "x", "none": "otherwise"},
            "at": ["2019-12-29", "2019-04-29"],
            "base_rates": {"deal": {"value": 0.15, "source": "count", "note": "7 of 46"}},
            "behaviour": {"intensity": [0.5, 1, 4], "deals": {"rate": "0.1..0.3", "among": ["a", "b"]}},
            **forecast,
        },
        "sources": {"count": "A question file"},
    }  # fmt: skip


def source_of(written: dict[str, Any], count: int, *, limit: bool = True, breaks: bool = False) -> Source:
    case = Case.from_dict(written)
    states = StateSpace.of(case)
    to = np.zeros(len(states), np.int64) if breaks else None
    dynamics = dynamics_of(case, Moves(states), to, limit=limit)
    assert case.file.forecast is not None
    return Source(draws(case, count, 1), settings_of(case.file.forecast.behaviour, dynamics))


def provenance(source: Source) -> Provenance:
    return Provenance(source.draws.case.name, source.draws.case.digest())


SMALL = Work(Effort(pairs=12, totals=12, swept=12, group_pairs=8), 8)


@cache
def told() -> Forecast:
    source = source_of(tree(), 48)
    held = np.zeros(len(source.dynamics), bool)
    held[source.dynamics.start] = True
    return forecast(source, provenance(source), work=SMALL, equilibria={"nash": held})


def as_json(found: Forecast) -> Any:
    out = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    jsonschema.validate(out, object_of(**FORECAST))
    return out


def test_the_contract() -> None:
    found = told()
    out = as_json(found)
    assert out["at"] == ["2019-04-29", "2019-12-29", None]
    assert out["ticks"] == [3, 11, None]
    assert out["reached"] == "ever"
    assert [o["name"] for o in out["outcomes"]] == ["deal", "part", "none"]
    for row in range(3):
        assert sum(o["p"][row] for o in out["outcomes"]) == pytest.approx(1)
        for o in out["outcomes"]:
            assert 0 <= o["low"][row] <= o["p"][row] + 1e-9
            assert o["p"][row] <= o["high"][row] + 1e-9
    assert out["track_record"] is None
    assert out["outcomes"][0]["base_rate"] == {"value": 0.15, "source": "A question file", "note": "7 of 46"}
    assert [s["values"] for s in out["settings"]] == [{"intensity": v} for v in ("0.5", "1", "4")]
    assert out["expected_periods"] == out["periods"]["first"]["mean"] > 0
    assert out["periods"]["rest"]["mean"] is None  # logit replies never rest
    assert out["sampling"]["draws"] == 48
    assert found.provenance.exact is False
    assert found.provenance.seed == 1
    for row, rows in zip(found.answer.state, out["states"], strict=True):
        chances = [s["p"] for s in rows]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) <= row.sum() + 1e-9
    assert out["states"][1][0]["p"] == pytest.approx(found.answer.state[1].max())


def test_every_input_is_a_driver_once_and_the_type_comes_first() -> None:
    each = as_json(told())["drivers"]
    assert sorted(d["path"] for d in each) == [
        "forecast.behaviour.deals.rate", "numbers.w", "preferences.a.types", "preferences.a.types.hard.prior",
        "preferences.a.types.hard.utility.x", "preferences.a.types.hard.utility.x and y",
        "preferences.a.types.soft.utility.x.half", "preferences.a.types.soft.utility.y.yes", "preferences.b",
    ]  # fmt: skip
    assert each[0]["path"] == "preferences.a.types"
    assert each[0]["clear"]


def test_what_is_private_is_left_out_of_what_all_may_see() -> None:
    shared = told().shared()
    assert shared.drivers is not None
    assert [d.factor.path for d in shared.drivers.each] == ["forecast.behaviour.deals.rate"]
    assert "soft" not in json.dumps(shared.to_dict())


def test_the_same_bits_for_one_two_and_four_workers() -> None:
    source = source_of(tree(), 24, limit=False)
    alone = sample(source, Crew(chunk=4))
    for workers in (2, 4):
        found = sample(source, Crew(workers=workers, chunk=4, worth_it=-1.0))
        for name in ("outcome", "unsettled", "broken", "agreed", "state"):
            assert getattr(found, name).tobytes() == getattr(alone, name).tobytes()


def test_the_whole_forecast_is_the_same_to_the_last_bit_with_an_executor() -> None:
    source = source_of(tree(), 24, limit=False)
    alone = json.dumps(as_json(forecast(source, provenance(source), Crew(chunk=4), work=SMALL)))
    with ThreadPoolExecutor(3) as pool:
        crew = Crew(executor=pool, chunk=4)
        assert json.dumps(forecast(source, provenance(source), crew, work=SMALL).to_dict()) == alone


def test_a_source_can_be_sent_to_another_process() -> None:
    source = source_of(tree(), 4, limit=False)
    source.draw(0)
    again = pickle.loads(pickle.dumps(source))  # noqa: S301
    assert sample(again, Crew()).outcome.tolist() == sample(source, Crew()).outcome.tolist()


def test_more_draws_continue_the_same_draws() -> None:
    few, many = (sample(source_of(tree(), n, limit=False), Crew()).outcome for n in (5, 9))
    assert many[:5].tolist() == few.tolist()


@pytest.mark.parametrize("after", [16, 48, 100])
def test_an_interruption_leaves_what_was_done_and_says_what_was_not(after: int) -> None:
    seen = 0

    def progress(done: int, _: int) -> None:
        nonlocal seen
        seen += 1
        if seen * 16 >= after:
            raise KeyboardInterrupt

    source = source_of(tree(), 48, limit=False)
    found = forecast(source, provenance(source), Crew(chunk=16, progress=progress), work=SMALL)
    missing = as_json(found)["interrupted"]
    # the 48 draws take three chunks; at the last of them all draws are there
    assert missing == (["draws", "drivers", "scenarios"] if after <= 48 else ["drivers", "scenarios"])
    assert len(found.answer.p) == 2
    assert found.answer.draws == min(after, 48)
    assert any("Interrupted" in line for line in lines(found))


def test_an_interruption_before_anything_was_done_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **_how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("detente.forecast.sample.shares", stop)
    source = source_of(tree(), 8, limit=False)
    with pytest.raises(KeyboardInterrupt):
        forecast(source, provenance(source))


def test_a_stopping_rule_stops_and_the_draws_are_the_first() -> None:
    source = source_of(tree(), 4096, limit=False)
    rule = StoppingRule(0.3, first=16)
    found = sample(source, Crew(chunk=16), rule=rule)
    assert found.stopped == "enough"
    assert len(found) == 64  # by Hoeffding 32 leave 0.35, 64 leave 0.26
    assert found.outcome.tolist() == sample(source_of(tree(), len(found), limit=False), Crew()).outcome.tolist()
    assert rule.half_widths(found.result).max() <= 0.3


def test_nothing_uncertain_gives_one_exact_answer() -> None:
    written = tree(behaviour={"intensity": 2}, base_rates={})
    written["preferences"] = {"a": {"utility": {"x": {"yes": 1}}}, "b": {"utility": {"y": {"yes": 1}}}}
    source = source_of(written, 4, limit=False)
    found = forecast(source, provenance(source), work=SMALL)
    out = as_json(found)
    assert found.provenance.exact
    assert out["drivers"] is None
    for o in out["outcomes"]:
        assert o["p"] == pytest.approx(o["low"])
        assert o["p"] == pytest.approx(o["high"])
    assert out["fragile"] == [False, False]


def test_states_that_no_outcome_names() -> None:
    source = source_of(tree(outcomes={"deal": "x == yes and y"}, behaviour={"intensity": [1]}), 8, limit=False)
    out = as_json(forecast(source, provenance(source), work=SMALL))
    assert [o["name"] for o in out["outcomes"]] == ["deal", "none of these"]


def test_without_dates_it_is_judged_in_the_end() -> None:
    source = source_of(tree(at=[], final=True), 8)
    found = forecast(source, provenance(source), work=SMALL)
    out = as_json(found)
    assert out["at"] == [None]
    assert found.focus == 0
    assert "in the end it is likeliest to come to" in lines(found)[0]
    assert out["scenarios"]["ticks"] == 24


# --- fragile ---------------------------------------------------------------------------------------------------------


def _fragile(intensity: Any) -> Forecast:
    written = tree(behaviour={"intensity": intensity, "initiative": {"a": 1}}, base_rates={}, at=["2019-03-29"])
    written["options"] = {"x": {"party": "a", "levels": ["no", "half", "yes"]}}
    written.pop("infeasible")
    written["preferences"] = {"a": {"utility": {"x": {"half": "-0.6..-0.4", "yes": 1}}}}
    written["forecast"] |= {"outcomes": {"up": "x == yes", "other": "otherwise"}, "reached": "at"}
    source = source_of(written, 64, limit=False)
    return forecast(source, provenance(source), work=SMALL)


def test_an_answer_that_hangs_on_behaviour_is_fragile() -> None:
    # random moves end at "up" in one of three; sharp ones nearly always
    grid = _fragile([0, 4])
    assert as_json(grid)["fragile"] == [True]
    assert any(line.startswith("FRAGILE") for line in lines(grid))
    drawn = _fragile("0..1")
    assert as_json(drawn)["fragile"] == [True]
    assert any("FRAGILE" in line and "how sharply" in line for line in lines(drawn))
    for steady in (_fragile([3, 4]), _fragile("3..4")):
        assert as_json(steady)["fragile"] == [False]
        assert not any(line.startswith("FRAGILE") for line in lines(steady))
    near = _fragile([0.05, 0.7])
    width = near.answer.high[0, near.likeliest] - near.answer.low[0, near.likeliest]
    assert width < 0.5  # not low for its width
    assert "Confidence in this chance: low" in "\n".join(lines(near))


# --- futures ---------------------------------------------------------------------------------------------------------


def test_futures_cover_the_chances_of_the_outcomes() -> None:
    found = told()
    assert found.scenarios is not None
    of_outcome = np.zeros(4)
    for future in found.scenarios.futures:
        of_outcome[future.outcome] += future.p
    assert of_outcome == pytest.approx(found.answer.p[found.focus], abs=0.021)
    assert 3 <= len(found.scenarios.futures) <= 5
    chances = [f.p for f in found.scenarios.futures]
    assert chances == sorted(chances, reverse=True)
    for future in found.scenarios.futures:
        assert future.low <= future.p + 1e-9
        for sign in future.signs:
            assert sign.inside - sign.outside >= 0.05
            assert sign.inside >= 1.2 * sign.outside


def test_two_outcomes_are_split_by_how_they_begin() -> None:
    source = source_of(tree(outcomes={"deal": "x == yes and y", "none": "otherwise"}), 16, limit=False)
    found = forecast(source, provenance(source), work=SMALL).scenarios
    assert found is not None
    assert len(found.futures) >= 3
    split = [f for f in found.futures if f.split]
    assert split
    assert sum(f.p for f in found.futures) == pytest.approx(found.covered)
    assert found.covered > 0.95
    for f in found.futures:
        others = [g for g in found.futures if g.outcome == f.outcome and g is not f]
        assert all(not set(f.beginnings) & set(g.beginnings) for g in others)


def test_a_future_that_only_one_move_starts_says_so() -> None:
    # A alone can move, and raising Cuts is the only way to "up"
    found = _fragile([4])
    assert found.scenarios is not None
    first = found.scenarios.futures[0]
    assert first.outcome == 0
    assert first.event is not None
    assert (first.event.beginning.kind, first.event.option, first.event.up) == ("move", 0, True)
    text = "\n".join(lines(found))
    assert "Avalon moves first, raising x" in text
    assert "most often to x at ‘yes’" in text


def test_the_event_that_tells_a_future_from_the_others() -> None:
    # beginnings: breakdown, deal, A moves, nothing; states: x at no, half, yes
    fine = {(2, 2): [0.3, 0.05, 0.0], (2, 1): [0.1, 0.15, 0.0], (3, 0): [0.1, 0.3, 0.0]}
    parts = [(0, (0, 1, 2, 3), False), (1, (0, 1, 2, 3), False)]
    found = [
        event_of(_fragile([4]).dynamics, {k: np.array(v) for k, v in fine.items()}, parts, n) for n in range(2)
    ]  # fmt: skip
    assert found[0] is not None
    assert found[1] is not None
    assert (found[0].beginning.kind, found[0].option, found[0].up, found[0].target) == ("move", 0, True, 2)
    assert (found[0].inside, found[0].outside) == pytest.approx((0.8, 0.4))
    assert (found[1].beginning.kind, found[1].target) == ("nothing", None)
    assert (found[1].inside, found[1].outside) == pytest.approx((0.6, 0.2))


# --- against what would hold -----------------------------------------------------------------------------------------


def _compared(written: Mapping[str, Any], held: str, *, breaks: bool = False) -> tuple[Forecast, dict[str, float]]:
    source = source_of(dict(written), 16, limit=False, breaks=breaks)
    states = source.dynamics.moves.states
    mask: Bools = states.mask(held)
    found = forecast(source, provenance(source), work=replace(SMALL, effort=None, scenario_draws=0),
                     equilibria={"nash": mask})  # fmt: skip
    return found, {r.kind: r.chance for r in found.against[0].reasons}


def _dilemma(**behaviour: Any) -> dict[str, Any]:
    written = tree(behaviour=behaviour, base_rates={}, at=["2019-07-29"], reached="at")
    written["options"] = {"x": {"party": "a"}, "y": {"party": "b"}}
    written.pop("infeasible")
    written["preferences"] = {
        "a": {"utility": {"x": {"yes": -1}, "y": {"yes": 3}}},
        "b": {"utility": {"x": {"yes": 3}, "y": {"yes": -1}}},
    }
    written["forecast"]["outcomes"] = {"both": "x and y", "rest": "otherwise"}
    return written


HELD = "not x and not y"


def test_a_forecast_that_agrees_gives_no_reasons() -> None:
    found, reasons = _compared(_dilemma(reply="best"), HELD)
    assert found.against[0].agrees
    assert found.against[0].today
    assert found.against[0].chance == pytest.approx(1)
    assert reasons == {}


def test_joint_moves_are_given_as_a_reason() -> None:
    written = _dilemma(reply="best", deals={"rate": 0.9, "among": ["a", "b"]})
    written["forecast"]["final"] = True
    found, reasons = _compared(written, HELD)
    assert not found.against[0].agrees
    assert reasons == pytest.approx({"deals": 1.0})
    assert "Joint moves lead out of states that no party would leave alone" in "\n".join(lines(found))


def test_noise_is_given_as_a_reason() -> None:
    found, reasons = _compared(_dilemma(intensity=0.2), HELD)
    assert not found.against[0].agrees
    assert reasons["noise"] == pytest.approx(1)
    assert "deals" not in reasons
    assert "Parties do not always choose what is best" in "\n".join(lines(found))


def test_a_breakdown_is_given_as_a_reason() -> None:
    written = _dilemma(reply="best", breakdown=0.3)
    written["status_quo"] = {"x": "yes", "y": "yes"}
    written["preferences"]["a"] = {"utility": {"x": {"yes": 1}}}
    written["preferences"]["b"] = {"utility": {"y": {"yes": 1}}}
    found, reasons = _compared(written, "x and y", breaks=True)
    assert not found.against[0].agrees
    assert reasons == pytest.approx({"breakdown": 1.0})
    assert "A breakdown may come first" in "\n".join(lines(found))


def test_too_short_a_time_is_given_as_a_reason() -> None:
    written = _dilemma(reply="best", initiative={"calendar": ["a", "a", "a", "a", "a", "a", "a", "a", "b"]})
    written["preferences"]["a"] = {"utility": {"x": {"yes": 1}}}
    written["preferences"]["b"] = {"utility": {"y": {"yes": 1}}}
    found, reasons = _compared(written, "x and y")
    assert not found.against[0].agrees
    assert reasons["horizon"] == pytest.approx(1)
    assert "The time is too short" in "\n".join(lines(found))


def test_cycles_and_states_reached_first_are_given_as_reasons() -> None:
    written = _dilemma(reply="best", initiative={"a": 1, "b": 1})
    pennies = "(x and y) or (not x and not y)"
    written["preferences"] = {
        "a": {"utility": {pennies: 1}}, "b": {"utility": {"(x and not y) or (not x and y)": 1}},
    }  # fmt: skip
    found, reasons = _compared(written, "x and y")
    assert reasons["cycles"] == pytest.approx(1)
    assert "go round in a circle" in "\n".join(lines(found))
    written["preferences"] = {"a": {"utility": {pennies: 1}}, "b": {"utility": {pennies: 1}}}
    written["status_quo"] = {"x": "yes"}
    written["forecast"]["behaviour"]["initiative"] = {"a": 3, "b": 1}
    written["forecast"]["at"] = ["2019-02-28"]
    found, reasons = _compared(written, pennies)
    assert found.against[0].agrees


def test_without_anything_that_would_hold_it_says_so() -> None:
    found, _ = _compared(_dilemma(reply="best"), "x and not x")
    assert "No state would hold for all (nash)" in "\n".join(lines(found))


# --- words -----------------------------------------------------------------------------------------------------------


def test_likelihood_words_follow_one_table() -> None:
    ends = [0.0, *(end for end, _ in LIKELIHOOD)]
    for (low, high), (_, word) in zip(pairwise(ends), LIKELIHOOD, strict=True):
        assert likelihood((low + high) / 2) == word
    assert likelihood(0.0) == "almost no chance"
    assert likelihood(1.0) == "almost certain"
    assert [likelihood(x) for x in (0.2, 0.45, 0.55, 0.8)] == [
        "unlikely", "roughly even chance", "roughly even chance", "likely",
    ]  # fmt: skip
    assert [percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]


def test_the_sentences() -> None:
    found = told()
    text = "\n".join(lines(found))
    n = found.likeliest
    p = float(found.answer.p[found.focus, n])
    assert text.startswith(f"A test: by 29 December 2019 it is likeliest to come to ‘{found.names[n]}’")
    assert f"with a chance of {percent(p)} ({likelihood(p)})" in text
    assert "Confidence in this chance: low." in text
    assert "By 29 April 2019:" in text
    assert "which Avalon one deals with: ‘hard’ or ‘soft’" in text
    assert "The question to ask next: which Avalon one deals with" in text
    assert "often such things have happened before: ‘deal’ 15 % (7 of 46; A question file)" in text
    assert "No track record" in text
    assert "Three futures to reckon with (starts and signs from " in text
    assert "Sign, on 29" in text
    assert "Watch list" in text
    assert "comes from what the parties want and who they are" in text
    for internal in ("numbers.", "preferences.", "s1", "nan", "inf ", "None"):
        assert internal not in text


def test_the_table() -> None:
    table = told().table()
    assert table.columns[0] == "outcome"
    assert table.columns[-1] == "base rate"
    assert [row[0] for row in table.rows] == ["deal", "part", "none"]
    assert [row[-1] for row in table.rows] == ["15 %", "none given", "none given"]
    assert "No track record" in table.note
    assert any("points" in cell for cell in table.rows[0])


def test_effort_is_cut_by_size_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(tree(), 1000, limit=False)
    kept, work = affordable(source, 1000)
    assert kept == 1000
    assert work.effort == Effort()
    monkeypatch.setattr(solve, "CHEAP", 1.0)
    kept, work = affordable(source, 1000)
    assert kept == 32
    assert work.effort == Effort(0, 0, 0, 8, 4)
    assert work.scenario_draws == 8
