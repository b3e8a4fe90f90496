"""Draws: streams that leave each other alone, distributions as written, correlations, types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import detente
from detente.case.change import Change
from detente.space.draws import amounts, draws


def case_of(**blocks: Any) -> detente.Case:
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "test",
        "parties": {"a": {"discount": "0.9 ± 0.2"}, "b": {}},
        "options": {"x": {"party": "a", "levels": ["low", "mid", "high"]}, "y": {"party": "b"}},
        "numbers": {"n": "4..8", "t": "1..2..6"},
        "preferences": {
            "a": {"utility": {"x": {"mid": "2 ± 3", "high": "3 ± 1"}, "y": "n"}},
            "b": {
                "types": {
                    "hard": {"prior": "0.2..0.4", "utility": {"x": {"mid": "1..2"}}},
                    "soft": {"prior": "rest", "utility": {"y": "-1..1"}},
                }
            },
        },
    }
    return detente.Case.from_dict({**tree, **blocks})


def test_more_draws_continue_the_same_streams() -> None:
    few, many = draws(case_of(), 50, 3), draws(case_of(), 500, 3)
    for path in many.inputs:
        assert (few.values(path) == many.values(path)[:50]).all()


def test_a_change_moves_no_other_input() -> None:
    base = case_of()
    changed = base.change(Change.parse("preferences.a.utility.x.mid=7 ± 1") + Change.parse("numbers.t=3"))
    before, after = draws(base, 200, 1), draws(changed, 200, 1)
    moved = {
        path for path in before.inputs if path not in after.inputs or (before.values(path) != after.values(path)).any()
    }
    assert moved == {("preferences", "a", "utility", "x", "mid"), ("numbers", "t")}


def test_seeds_differ_and_repeat() -> None:
    path = ("numbers", "n")
    assert (draws(case_of(), 9, 1).values(path) == draws(case_of(), 9, 1).values(path)).all()
    assert (draws(case_of(), 9, 1).values(path) != draws(case_of(), 9, 2).values(path)).any()


@pytest.mark.parametrize(
    ("path", "law"),
    [
        (("numbers", "n"), stats.uniform(4, 4)),
        (("numbers", "t"), stats.triang(0.2, 1, 5)),
        (("parties", "a", "discount"), stats.truncnorm(-4.5, 0.5, 0.9, 0.2)),
        (("preferences", "b", "types", "hard", "prior"), stats.uniform(0.2, 0.2)),
    ],
)
def test_values_follow_the_law_as_written(path: tuple[str, ...], law: Any) -> None:
    values = draws(case_of(), 4000, 2).values(path)
    assert stats.kstest(values, law.cdf).pvalue > 0.001


def test_point_values_are_the_means_of_the_draws() -> None:
    case = case_of()
    sample = draws(case, 40_000, 5)
    for path, amount in amounts(case):
        values = sample.values(path)
        error = 5 * values.std() / np.sqrt(len(values)) + 1e-9
        assert abs(values.mean() - float(case.mean(amount))) <= error, path


def test_levels_share_their_quantile_and_keep_their_order() -> None:
    worths = draws(case_of(), 1000, 4).level_worths("a", "x")
    assert (np.diff(worths, axis=0) >= 0).all()
    free = case_of()
    free = free.change(Change.parse("preferences.a.shape=free"))
    worths = draws(free, 1000, 4).level_worths("a", "x")
    assert (np.diff(worths, axis=0) < 0).any()
    assert abs(np.corrcoef(worths[1], worths[2])[0, 1]) < 0.1


def test_shared_numbers_move_together() -> None:
    sample = draws(case_of(), 100, 0)
    assert (sample.values(("numbers", "n")) == sample.values(("preferences", "a", "utility", "y"))).all()


def test_types_follow_their_priors() -> None:
    sample = draws(case_of(), 20_000, 6)
    assert np.allclose(sample.priors("b").sum(axis=0), 1)
    assert abs((sample.types("b") == 0).mean() - 0.3) < 0.02


def test_correlated_inputs_have_the_correlation_asked() -> None:
    case = case_of(correlated=[["a.x", "b.x", 0.6], ["n", "a.x", -0.5]])
    sample = draws(case, 20_000, 8)
    first = stats.norm.ppf(sample.uniforms("preferences.a.utility.x"))
    second = stats.norm.ppf(sample.uniforms("preferences.b.types.hard.utility.x"))
    third = stats.norm.ppf(sample.uniforms("numbers.n"))
    assert abs(np.corrcoef(first, second)[0, 1] - 0.6) < 0.02
    assert abs(np.corrcoef(first, third)[0, 1] + 0.5) < 0.02
    plain = draws(case_of(), 20_000, 8)
    assert (plain.values(("numbers", "t")) == sample.values(("numbers", "t"))).all()


def test_orders_become_order_statistics() -> None:
    sample = np.array(list(draws(case_of(), 4000, 1).order_worths("a", 4)))
    assert (sample[:, 0] == 0).all()
    assert (sample[:, -1] == 1).all()
    assert (np.diff(sample, axis=1) > 0).all()
    # rescaled to its ends, the second of four uniforms is the first of two: its mean is 1/3
    assert abs(sample[:, 1].mean() - 1 / 3) < 0.02


def test_a_draw_is_a_change_that_leaves_nothing_uncertain() -> None:
    case = case_of()
    drawn = case.change(draws(case, 5, 1).change(2))
    assert not draws(drawn, 5, 1).inputs
    assert float(drawn.mean(drawn.file.numbers["n"])) == pytest.approx(draws(case, 5, 1).values(("numbers", "n"))[2])


def test_a_draw_as_a_change_has_the_levels_in_their_order() -> None:
    names = ["low", "mid", "high"]
    tree = {
        "detente": 1, "name": "sorted", "parties": {"a": {}}, "options": {"x": {"party": "a", "levels": names}},
        "preferences": {"a": {"utility": {"x": {"mid": "-1..2", "high": "1 ± 3"}}}},
    }  # fmt: skip
    made = draws(detente.Case.from_dict(tree), 40, 3)
    worths = made.level_worths("a", "x")
    mid, high = (made.values(("preferences", "a", "utility", "x", level)) for level in ("mid", "high"))
    assert (~((mid >= 0) & (high >= mid))).sum() > 10  # draws in which the order has to be restored
    for n in range(40):
        drawn = draws(made.case.change(made.change(n)), 1)
        assert drawn.level_worths("a", "x")[:, 0] == pytest.approx(worths[:, n], abs=1e-10)
        found = np.sort([0.0, mid[n], high[n]])
        assert drawn.level_worths("a", "x")[:, 0] == pytest.approx(found, abs=1e-10)


def test_an_uncertain_chance_of_a_lottery_is_an_input() -> None:
    lottery = [{"chance": "0.2..0.6", "state": "status_quo"}, {"chance": "rest", "state": {"x": "yes"}}]
    tree = {"detente": 1, "name": "c", "parties": {"a": {}}, "options": {"x": {"party": "a"}}}
    made = draws(
        detente.Case.from_dict({**tree, "status_quo": {"x": "no"}, "disagreement": {"lottery": lottery}}), 4, 0
    )
    assert list(made.inputs) == [("disagreement", "lottery", "0", "chance")]
    values = made.values(("disagreement", "lottery", "0", "chance"))
    assert ((values > 0.2) & (values < 0.6)).all()
    drawn = made.case.change(made.change(2)).file.disagreement.lottery
    assert drawn is not None
    assert float(made.case.mean(drawn[0].chance)) == pytest.approx(values[2])  # type: ignore[arg-type]
    assert [(t.state, isinstance(t.chance, str)) for t in drawn] == [("status_quo", False), ({"x": "yes"}, True)]
