"""Effects of inputs: known values, and small conflicts whose effects can be worked out by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from detente.case.model import Case
from detente.forecast.answer import spread_over
from detente.forecast.behaviour import settings_of
from detente.forecast.drawing import Source, chosen_types
from detente.forecast.drivers import Driver, Drivers, Effort, drivers_of
from detente.forecast.dynamics import Floats
from detente.forecast.effects import bins, entropy, entropy_drop, first_order, pick_freeze, total_effect, variance
from detente.forecast.inputs import factors_of
from detente.forecast.sample import Sample, sample
from detente.forecast.setup import dynamics_of
from detente.mechanics.workers import Crew
from detente.space.draws import draws
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.space.steered import Steered

ISHIGAMI = {"first": (0.313905, 0.442411, 0.0), "total": (0.557589, 0.442411, 0.243684), "variance": 13.844588}


def ishigami(x: Floats) -> Floats:
    found: Floats = (np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]
    return found


def test_the_estimators_find_the_effects_of_ishigami() -> None:
    # 40,000 draws: all within 0.015 of the exact values
    generator = np.random.default_rng(0)
    a, b = generator.uniform(-np.pi, np.pi, (2, 40_000, 3))
    result = ishigami(a)
    assert variance(result) == pytest.approx(ISHIGAMI["variance"], rel=0.01)
    for n in range(3):
        mixed, other = a.copy(), b.copy()
        mixed[:, n], other[:, n] = b[:, n], a[:, n]
        given = first_order(result, bins(a[:, n]))
        total = total_effect(result, ishigami(mixed))
        frozen = pick_freeze(result, ishigami(other))
        first, whole = ISHIGAMI["first"][n], ISHIGAMI["total"][n]  # type: ignore[index]
        for found, want in ((given, first), (total, whole), (frozen, first)):
            assert found.share == pytest.approx(want, abs=0.015)
        assert total.error < 0.01


def test_standard_errors_cover() -> None:
    generator = np.random.default_rng(1)
    inside = {"given": 0, "total": 0, "frozen": 0}
    for _ in range(300):
        a, b = generator.uniform(-np.pi, np.pi, (2, 256, 3))
        mixed, other = a.copy(), b.copy()
        mixed[:, 0], other[:, 0] = b[:, 0], a[:, 0]
        result = ishigami(a)
        whole = ISHIGAMI["variance"]
        assert isinstance(whole, float)
        for name, found, want in (
            ("given", first_order(result, bins(a[:, 0])), 0.313905),
            ("total", total_effect(result, ishigami(mixed), whole), 0.557589),
            ("frozen", pick_freeze(result, ishigami(other), whole), 0.313905),
        ):
            inside[name] += abs(found.share - want) <= 2 * found.error
    assert all(260 <= n <= 297 for n in inside.values()), inside  # 95 % of 300 is 285


def test_the_bias_of_bins_is_taken_off() -> None:
    generator = np.random.default_rng(2)
    shares = [
        first_order(generator.normal(size=(100, 2)), bins(generator.random(100))).share for _ in range(400)
    ]  # fmt: skip
    assert abs(np.mean(shares)) < 0.01  # without the correction (bins - 1) / 99 = 0.11
    drops = []
    for _ in range(50):
        chances = generator.dirichlet((2, 2, 2), 100)
        drops.append(entropy_drop(chances, bins(generator.random(100))))
    assert np.mean(drops) < 0.006


def test_kinds_are_their_own_bins_and_entropy_is_in_bits() -> None:
    assert bins(np.array([2.0, 0.0, 2.0, 1.0]), kinds=True).tolist() == [2, 0, 2, 1]
    assert entropy(np.array([0.5, 0.5, 0.0])) == pytest.approx(1.0)
    chances = np.array([[1.0, 0.0], [0.0, 1.0]] * 200)
    assert entropy_drop(chances, bins(chances[:, 0], kinds=True)) == pytest.approx(1.0, abs=0.01)
    assert first_order(chances, bins(chances[:, 0], kinds=True)).share == pytest.approx(1.0)
    assert variance(np.full((5, 2), 0.3)) == 0.0
    assert first_order(np.full((50, 2), 0.3), bins(np.arange(50.0))).share == 0.0


# --- conflicts worked out by hand ------------------------------------------------------------------------------------


def tree(**changes: Any) -> dict[str, Any]:
    """A does x if it gains by it, then B does y; both are final (moves: up)."""
    return {
        "detente": 1, "name": "hand", "as_of": "2019-01-01", "period": "month", "parties": {"a": {}, "b": {}},
        "options": {"x": {"party": "a", "moves": "up"}, "y": {"party": "b", "moves": "up"}},
        "preferences": {"a": {"utility": {"x == yes": "-1..3"}}, "b": {"utility": {"y == yes": "-1..1"}}},
        "forecast": {
            "outcomes": {"both": "x and y", "rest": "otherwise"}, "at": ["2019-03-01"],
            "behaviour": {"reply": "best", "initiative": "alternate"},
        },
        **changes,
    }  # fmt: skip


def source_of(written: dict[str, Any], count: int, seed: int = 0) -> Source:
    case = Case.from_dict(written)
    dynamics = dynamics_of(case, Moves(StateSpace.of(case)), limit=False)
    assert case.file.forecast is not None
    return Source(draws(case, count, seed), settings_of(case.file.forecast.behaviour, dynamics))


@cache
def by_hand() -> tuple[Source, Sample, Drivers]:
    source = source_of(tree(), 1000)
    found = sample(source, Crew())
    return source, found, drivers_of(source, found, Crew(), Effort(pairs=400, group_pairs=0))


def driver(found: Drivers, path: str) -> Driver:
    return next(d for d in found.each if d.factor.path == path)


def test_the_chance_is_that_of_both_gaining() -> None:
    _, found, _ = by_hand()
    assert set(np.unique(found.result)) == {0.0, 1.0}
    assert found.result[:, 0].mean() == pytest.approx(0.375, abs=0.04)  # 3/4 of draws gain by x, 1/2 by y


def test_first_and_total_effects_are_those_worked_out_by_hand() -> None:
    # p = 1[x > 0] 1[y > 0] with chances 3/4 and 1/2, Var = 15/64: alone x 1/4 * 3/16 and y 9/16 * 1/4, in all x
    # 1/2 * 3/16 and y 3/4 * 1/4
    _, _, found = by_hand()
    for path, first, total in (
        ("preferences.a.utility.x == yes", 0.2, 0.4),
        ("preferences.b.utility.y == yes", 0.6, 0.8),
    ):
        d = driver(found, path)
        assert d.total is not None
        assert d.first.share == pytest.approx(first, abs=0.08)  # 3 standard errors
        assert d.total.share == pytest.approx(total, abs=0.1)
        assert d.clear
        # knowing the input lowers the Brier score by the variance that it explains: two outcomes, 2 * 15/64 in all
        assert d.brier == pytest.approx(first * 30 / 64, abs=0.04)
    assert found.variance == pytest.approx(30 / 64, abs=0.02)
    assert [d.factor.path for d in found.each] == ["preferences.b.utility.y == yes", "preferences.a.utility.x == yes"]


def test_what_flips_the_likeliest_outcome_and_where() -> None:
    # at the point values x is worth 1 (done), y 0 (not done: no gain), so "rest"; y flips it just above 0
    _, _, found = by_hand()
    assert found.base is not None
    assert found.base.tolist()[:2] == [0.0, 1.0]
    flip = driver(found, "preferences.b.utility.y == yes").flip
    assert flip is not None
    assert flip.to == 0
    assert isinstance(flip.value, float)
    assert 0 < flip.value < 0.0025
    assert driver(found, "preferences.a.utility.x == yes").flip is None


def test_a_flip_inside_the_range_is_located() -> None:
    written = tree()
    written["preferences"]["b"]["utility"] = {"y == yes": "-1..1.3"}  # 0 at the quantile 0.435
    source = source_of(written, 40)
    told = drivers_of(source, sample(source, Crew()), Crew(), Effort(pairs=0, totals=0, swept=9, group_pairs=0))
    assert told.base is not None
    assert told.base.tolist()[:2] == [1.0, 0.0]
    flip = driver(told, "preferences.b.utility.y == yes").flip
    assert flip is not None
    assert flip.to == 1
    assert isinstance(flip.value, float)
    assert -0.0025 < flip.value <= 0
    assert flip.quantile == pytest.approx(1 / 2.3, abs=0.001)


def test_moved_between_their_ends_only_the_ends_are_those_of_the_sweep() -> None:
    source = source_of(tree(), 40)
    found = sample(source, Crew())
    fine = drivers_of(source, found, Crew(), Effort(pairs=0, totals=0, swept=9, group_pairs=0))
    rough = drivers_of(source, found, Crew(), Effort(pairs=0, totals=0, swept=0, group_pairs=0, coarse=9))
    assert rough.base is not None
    assert fine.base is not None
    assert rough.base.tolist() == fine.base.tolist()
    moved = {d.factor.path: d.swing for d in rough.each if d.swing is not None}
    assert len(moved) >= 2
    for one in fine.each:
        if one.swing is not None:
            other = moved[one.factor.path]
            assert other.at == one.swing.at
            assert other.alone.tolist() == one.swing.alone.tolist()
    assert all(d.flip is None for d in rough.each)
    assert any(d.flip is not None for d in fine.each)
    few = drivers_of(source, found, Crew(), Effort(pairs=0, totals=0, swept=0, group_pairs=0, coarse=1))
    assert sum(d.swing is not None for d in few.each) == 1


def test_swings_alone_and_on_the_shared_sample() -> None:
    _, _, found = by_hand()
    swing = driver(found, "preferences.b.utility.y == yes").swing
    assert swing is not None
    assert swing.at == (0.1, 0.9)
    assert swing.alone[:, 0].tolist() == [0.0, 1.0]
    assert swing.shared is not None
    assert swing.shared_error is not None
    assert swing.shared[:, 0] == pytest.approx([0.0, 0.75], abs=0.08)  # x as drawn: 3/4
    assert swing.shared_error[1, 0] == pytest.approx((0.75 * 0.25 / 200) ** 0.5, abs=0.006)


def test_the_answer_about_types() -> None:
    written = tree()
    eager, loath = {"x": {"yes": 1}}, {"x": {"yes": -1}}
    written["preferences"]["a"] = {
        "types": {"loath": {"prior": 0.7, "utility": loath}, "eager": {"prior": 0.3, "utility": eager}}
    }
    written["preferences"]["b"] = {"utility": {"y": {"yes": 1}}}
    source = source_of(written, 400)
    found = sample(source, Crew())
    told = drivers_of(source, found, Crew(), Effort(pairs=60, group_pairs=60))
    (only,) = told.each
    assert only.factor.kind == "type"
    assert only.first.share == pytest.approx(1.0)
    assert only.flip is not None
    assert (only.flip.value, only.flip.to) == ("eager", 0)
    assert only.swing is not None
    assert only.swing.alone[:, 0].tolist() == [0.0, 1.0]
    chosen = Source(source.draws, source.settings, frozenset({"a"}))
    assert factors_of(chosen) == ()
    assert sample(chosen, Crew()).result[:, 0].tolist() == [0.0] * 400


def test_groups_bear_on_the_spread_alone_or_with_others() -> None:
    written = tree(numbers={"w": "-1..1"})
    written["preferences"]["a"]["utility"]["x == no"] = "0..1e-9"
    written["preferences"]["b"] = {"utility": {"y == yes": "w"}}
    source = source_of(written, 400)
    told = drivers_of(source, sample(source, Crew()), Crew(), Effort(pairs=0, totals=0, swept=0, group_pairs=400))
    assert [g for g, _ in told.groups] == ["numbers", "preferences.a"]
    assert [e.share for _, e in told.groups] == pytest.approx([0.8, 0.4], abs=0.12)
    assert all(d.total is None for d in told.each)


def test_few_draws_find_no_effect_where_there_is_none() -> None:
    generator = np.random.default_rng(4)
    found = 0
    for _ in range(40):
        result = generator.dirichlet((2, 2, 2), 32)
        found += any(first_order(result, bins(generator.random(32))).chance < 0.05 / 100 for _ in range(100))
    assert found <= 5  # 5 % of 40 is 2; by two standard errors nearly all would be
    chances = generator.random(100)
    assert first_order(np.stack([chances, 1 - chances], axis=1), bins(chances)).chance < 1e-9


def test_preferences_and_behaviour_are_kept_apart() -> None:
    # one month, one deal: p = r if both gain, r in 0.1..0.5: E r = 0.3, Var r = 0.16/12; both gain with q = 3/8
    written = tree(options={"x": {"party": "a"}, "y": {"party": "b"}})
    written["preferences"] = {"a": {"utility": {"x and y": "-1..3"}}, "b": {"utility": {"x and y": "-1..1"}}}
    written["forecast"] |= {"at": ["2019-02-01"], "behaviour": {
        "reply": "best", "initiative": {"calendar": [{"date": "2019-06-01", "party": "a"}]},
        "deals": {"rate": "0.1..0.5", "among": ["a", "b"]},
    }}  # fmt: skip
    source = source_of(written, 1500)
    found = sample(source, Crew())
    told = drivers_of(source, found, Crew(), Effort(pairs=0, totals=0, swept=0, group_pairs=1500))
    q, r = 0.375, 0.16 / 12
    assert told.spread is not None
    assert told.spread.preferences[0, 0] == pytest.approx(0.09 * q * (1 - q), rel=0.1)
    assert told.spread.behaviour[0, 0] == pytest.approx(q * q * r, abs=0.001)
    assert told.spread.both[0, 0] == pytest.approx(r * q * (1 - q), abs=0.0015)
    assert [f.behaviour for f in factors_of(source)] == [False, False, True]


def test_a_grid_of_behaviour_is_kept_apart_exactly() -> None:
    # chances a_n + b_s + c_n d_s with known parts
    generator = np.random.default_rng(3)
    a, c = generator.normal(0.5, 0.1, 4000), generator.normal(0, 0.05, 4000)
    b, d = np.array([-0.1, 0.0, 0.1]), np.array([1.0, -2.0, 1.0])
    found = spread_over((a[:, None] + b + c[:, None] * d)[:, :, None, None])
    assert found.preferences[0, 0] == pytest.approx(0.01, rel=0.06)
    assert found.behaviour[0, 0] == pytest.approx(b.var(), rel=0.05)
    assert found.both[0, 0] == pytest.approx(0.0025 * (d**2).mean(), rel=0.06)
    assert found.sampling[0, 0] == pytest.approx(found.preferences[0, 0] / 4000)
    nothing = spread_over(np.tile(b, (50, 1))[:, :, None, None])
    assert (nothing.preferences[0, 0], nothing.both[0, 0]) == pytest.approx((0.0, 0.0), abs=1e-18)


def test_shared_numbers_and_levels_are_one_input() -> None:
    written = tree(numbers={"w": "0..1", "unused": "0..1"})
    written["options"]["x"]["levels"] = ["no", "half", "yes"]
    written["preferences"] = {
        "a": {"utility": {"x": {"half": "0..1", "yes": "1..2"}, "y": {"yes": "w"}}},
        "b": {"utility": {"x": {"yes": "w"}, "y": {"yes": "0 ± 1"}}},
    }
    written["forecast"]["behaviour"] |= {"reply": "logit", "intensity": "0.5..4"}
    found = factors_of(source_of(written, 10))
    assert [f.path for f in found] == [
        "preferences.a.utility.x", "numbers.w", "preferences.b.utility.y.yes", "forecast.behaviour.intensity",
    ]  # fmt: skip
    assert [len(f.written) for f in found] == [2, 2, 1, 1]
    written["correlated"] = [["a.x", "b.y", 0.5]]
    together = factors_of(source_of(written, 10))
    assert [f.path for f in together] == ["preferences.a.utility.x", "numbers.w", "forecast.behaviour.intensity"]
    assert set(together[0].streams) == {"preferences.a.utility.x", "preferences.b.utility.y"}


def test_an_order_gets_its_effects_by_pairs_alone() -> None:
    written = tree()
    written["preferences"]["a"] = {"ranking": ["x and not y", "x and y", "not x and y", "not x and not y"]}
    written["forecast"]["behaviour"] = {"intensity": 2, "initiative": {"a": 1, "b": 1}}
    source = source_of(written, 300)
    told = drivers_of(source, sample(source, Crew()), Crew(), Effort(pairs=300, group_pairs=0))
    order = driver(told, "preferences.a")
    assert order.total is not None
    assert order.factor.kind == "order"
    assert order.entropy is None
    assert order.swing is None
    other = driver(told, "preferences.b.utility.y == yes")
    assert other.total is not None
    assert order.first.share + other.first.share == pytest.approx(1.0, abs=0.12)
    assert order.first.share == pytest.approx(order.total.share, abs=0.12)


def test_inputs_without_an_effect_are_not_told_as_drivers() -> None:
    written = tree()
    idle = dict.fromkeys(("x == yes", "x == no", "not x", "x in {yes}"), "-1..1")
    written["preferences"]["b"]["utility"] |= idle  # B cannot do anything about x
    source = source_of(written, 200)
    told = drivers_of(source, sample(source, Crew()), Crew(), Effort(pairs=20, totals=9, swept=0, group_pairs=0))
    others = [driver(told, f"preferences.b.utility.{c}") for c in idle]
    assert any(d.first.share > 0 for d in others)  # by chance
    for d in others:
        assert d.total is not None
        assert (d.total.share, d.clear, d.brier, d.entropy) == (0.0, False, 0.0, None)
    assert driver(told, "preferences.b.utility.y == yes").clear


def test_a_type_chosen_with_the_question_is_known_and_one_assumed_in_the_file_is_not() -> None:
    written = tree()
    kinds = {"one": {"prior": 0.5, "utility": {"x": {"yes": 1}}}, "two": {"prior": 0.5, "utility": {"x": {"yes": -1}}}}
    kinds["two"]["assumed"] = True
    written["preferences"]["a"] = {"types": kinds}
    case = Case.from_dict(written)
    assert chosen_types(case) == frozenset()
    assert chosen_types(case.with_types({"a": "one"})) == {"a"}


def test_inputs_of_a_type_that_is_known_not_to_be_met_are_none() -> None:
    written = tree()
    kinds = {
        "one": {"prior": "0.4..0.6", "utility": {"x == yes": "0..1"}},
        "two": {"prior": "rest", "utility": {"x == no": "0..1"}},
    }
    written["preferences"]["a"] = {"types": kinds}
    plain = source_of(written, 8)
    paths = [f"preferences.a.types.{p}" for p in ("one.prior", "one.utility.x == yes", "two.utility.x == no")]
    other = "preferences.b.utility.y == yes"
    assert [f.path for f in factors_of(plain)] == [*paths, other, "preferences.a.types"]
    known = Source(plain.draws, plain.settings, frozenset({"a"}))
    assert known.draws.case.types == {"a": "one"}
    assert [f.path for f in factors_of(known)] == [paths[1], other]


def test_steered_draws() -> None:
    written = tree()
    written["preferences"]["b"] = {"ranking": ["y", "not y"]}
    case = Case.from_dict(written)
    plain = draws(case, 8, 3)
    path = ("preferences", "a", "utility", "x == yes")
    stream = "preferences.a.utility.x == yes"
    mark = np.arange(8) % 2 == 0
    same = Steered.of(plain, np.arange(8))
    assert same.values(path).tolist() == plain.values(path).tolist()
    mixed = Steered.of(plain, np.arange(8), fresh={stream: mark})
    assert ((mixed.values(path) == plain.values(path)) == ~mark).all()
    assert mixed.order_worth("b", 5, 0).tolist() == plain.order_worth("b", 5, 0).tolist()
    pinned = Steered.of(plain, np.zeros(8, np.int64), pinned={stream: np.where(mark, 0.75, np.nan)})
    assert pinned.values(path).tolist() == pytest.approx([2.0 if m else plain.values(path)[0] for m in mark])
    points = Steered.of(
        plain, np.zeros(8, np.int64), pinned={stream: np.where(mark, 0.75, np.nan)}, points=np.ones(8, bool)
    )
    assert points.values(path).tolist() == pytest.approx([2.0 if m else 1.0 for m in mark])
    assert points.order_worth("b", 3, 0).tolist() == [0.0, 0.5, 1.0]
    fresh = Steered.of(plain, np.arange(8), fresh={"preferences.b.order": mark})
    pairs = [fresh.order_worth("b", 5, n).tolist() == plain.order_worth("b", 5, n).tolist() for n in range(8)]
    assert pairs == [not m for m in mark]
    repeated = Steered.of(plain, np.array([5, 5, 2]))
    assert repeated.values(path).tolist() == plain.values(path)[[5, 5, 2]].tolist()
