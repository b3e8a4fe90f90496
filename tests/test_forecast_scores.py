"""Scores: the values of the literature, the definitions written out, another library; calibration by counting."""

from __future__ import annotations

import itertools
import os
from math import comb, inf, sqrt
from typing import Any

import numpy as np
import pytest
import scoringrules as sr
from scipy import integrate, stats

from detente.base.wording import likelihood
from detente.forecast.calibration import FEW, calibration, exact_chance
from detente.forecast.error import wilson
from detente.forecast.scores import (
    brier,
    brier_many,
    crps,
    crps_fair,
    crps_normal,
    events,
    interval_score,
    log_score,
    murphy,
    rps,
    skill,
)

SAID = [0.1] * 5 + [0.6] * 5
CAME = [0, 0, 0, 0, 1, 1, 1, 0, 1, 0]
CASES = 1000


def test_ten_cases_with_two_chances() -> None:
    found = murphy(SAID, CAME)
    assert found.brier == pytest.approx(0.205, abs=1e-12)
    assert found.reliability == pytest.approx(0.005, abs=1e-12)
    assert found.resolution == pytest.approx(0.04, abs=1e-12)
    assert found.uncertainty == pytest.approx(0.24, abs=1e-12)
    both = np.column_stack([1 - np.array(SAID), SAID])
    assert log_score(both, CAME).mean() == pytest.approx(0.608909, abs=5e-7)
    assert skill(found.brier, found.uncertainty) == pytest.approx(1 - 0.205 / 0.24)


def test_the_third_of_three_outcomes() -> None:
    row = [[0.2, 0.5, 0.3]]
    assert rps(row, [2])[0] == pytest.approx(0.53, abs=1e-12)
    assert brier_many(row, [2])[0] == pytest.approx(0.78, abs=1e-12)
    assert rps(row, [1])[0] == pytest.approx(0.2**2 + 0.3**2, abs=1e-12)  # a near miss counts less


@pytest.mark.parametrize(("at", "expected"), [(0, 0.233695), (1, 0.602441), (-2, 1.452792)])
def test_crps_of_the_normal_distribution(at: float, expected: float) -> None:
    assert crps_normal(0, 1, at) == pytest.approx(expected, abs=5e-7)
    assert crps_normal(5, 3, 5 + 3 * at) == pytest.approx(3 * expected, abs=2e-6)


def test_crps_of_three_draws() -> None:
    assert crps([0, 1, 3], 1) == pytest.approx(1 / 3, abs=1e-12)
    assert crps_fair([0, 1, 3], 1) == pytest.approx(0, abs=1e-12)


def test_limits() -> None:
    assert crps([4.0], 1) == 3
    assert crps_normal(4, 0, 1) == 3
    assert interval_score(1, 3, 2, 0.8) == 2
    assert interval_score(1, 3, 0.5, 0.8) == pytest.approx(2 + 2 / 0.2 * 0.5)
    assert interval_score(1, 3, 4, 0.8) == pytest.approx(2 + 2 / 0.2 * 1)
    assert brier([0, 1], [0, 1]) == 0
    assert brier([0, 1], [1, 0]) == 1
    assert brier_many([[1.0, 0.0]], [1])[0] == 2
    assert log_score([[1.0, 0.0], [1.0, 0.0]], [0, 1]).tolist() == [0, inf]
    assert not np.signbit(log_score([[1.0, 0.0]], [0])[0])
    assert skill(0.1, 0.0) is None
    assert (skill(0, 0.2), skill(0.2, 0.2), skill(0.4, 0.2)) == (1, 0, -1)


def _drawn(rng: np.random.Generator) -> dict[str, Any]:
    n, k, m = (int(rng.integers(low, high)) for low, high in ((1, 12), (2, 6), (2, 9)))
    values = np.round(rng.normal(size=m), 1)  # with ties
    return {
        "p": np.round(rng.random(n), 1), "came": rng.integers(0, 2, n),
        "rows": rng.dirichlet(np.ones(k), n), "outcome": rng.integers(0, k, n),
        "values": values, "weights": rng.dirichlet(np.ones(m)), "at": float(np.round(rng.normal(), 1)),
        "mean": float(rng.normal()), "deviation": float(rng.uniform(0.1, 3)), "level": float(rng.uniform(0.1, 0.95)),
    }  # fmt: skip


def near(value: Any) -> Any:
    """The same but for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def _agree(c: dict[str, Any]) -> None:
    """The other library, and definitions written out where it has none."""
    n, k = c["rows"].shape
    assert brier(c["p"], c["came"]) == near(np.mean(sr.brier_score(c["came"], c["p"])))
    assert rps(c["rows"], c["outcome"]) == near(sr.rps_score(c["outcome"] + 1, c["rows"]))
    for row, outcome, found in zip(c["rows"], c["outcome"], brier_many(c["rows"], c["outcome"]), strict=True):
        assert found == near(sum(sr.brier_score(int(j == outcome), row[j]) for j in range(k)))
    inner = np.clip(c["p"], 0.05, 0.95)
    found = log_score(np.column_stack([1 - inner, inner]), c["came"])
    assert found == near(sr.log_score(c["came"], inner))
    x, y, w = c["values"], c["at"], c["weights"]
    assert crps(x, y) == near(sr.crps_ensemble(y, x, estimator="nrg"))
    assert crps_fair(x, y) == near(sr.crps_ensemble(y, x, estimator="fair"))
    pairs = sum(a * b * abs(s - t) for (a, s), (b, t) in itertools.product(zip(w, x, strict=True), repeat=2))
    assert crps(x, y, w) == near((w * abs(x - y)).sum() - pairs / 2)
    assert crps_normal(c["mean"], c["deviation"], y) == near(sr.crps_normal(y, c["mean"], c["deviation"]))
    low, high = sorted((c["mean"], c["mean"] + c["deviation"]))
    found = interval_score(low, high, y, c["level"])
    assert found == near(sr.interval_score(y, low, high, 1 - c["level"]))
    parts = murphy(c["p"], c["came"])
    assert parts.brier == near(parts.reliability - parts.resolution + parts.uncertainty)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0
    groups = {p: [o for q, o in zip(c["p"], c["came"], strict=True) if q == p] for p in c["p"]}
    reliability = sum(len(g) * (p - sum(g) / len(g)) ** 2 for p, g in groups.items()) / n
    assert parts.reliability == near(reliability)


def _differ(c: dict[str, Any]) -> bool:
    """Whether fair and plain CRPS, and RPS and Brier, tell the case apart."""
    apart = abs(crps(c["values"], c["at"]) - crps_fair(c["values"], c["at"])) > 1e-3
    return apart and bool(np.abs(rps(c["rows"], c["outcome"]) - brier_many(c["rows"], c["outcome"])).max() > 1e-3)


def test_scores_equal_those_of_another_library() -> None:
    rng = np.random.default_rng(11)
    told = 0
    for _ in range(CASES):
        case = _drawn(rng)
        _agree(case)
        told += _differ(case)
    assert told > 0.9 * CASES


@pytest.mark.sweep
def test_scores_equal_those_of_another_library_on_fresh_cases() -> None:
    rng = np.random.default_rng(int(os.environ["DETENTE_SEED"]))
    for _ in range(CASES):
        _agree(_drawn(rng))


def test_crps_is_the_area_between_the_steps() -> None:
    x, w, y = np.array([0.0, 2.0, 5.0]), np.array([0.2, 0.5, 0.3]), 1.5
    area, _ = integrate.quad(lambda t: (w[x <= t].sum() - (y <= t)) ** 2, -1, 6, points=[0, 1.5, 2, 5])
    assert crps(x[::-1], y, w[::-1]) == pytest.approx(area, abs=1e-8)


def test_honest_chances_score_best() -> None:
    truth = np.array([0.2, 0.5, 0.3])
    for score in (brier_many, rps, log_score):

        def expected(row: Any, score: Any = score) -> float:
            return float(sum(truth[k] * score([row], [k])[0] for k in range(3)))

        best = expected(truth)
        for other in ([0.3, 0.4, 0.3], [0.1, 0.6, 0.3], [0.2, 0.4, 0.4], [1 / 3, 1 / 3, 1 / 3]):
            assert expected(other) > best + 1e-4


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: brier([], []), "at least one"),
        (lambda: brier([0.5], [1, 0]), "as many"),
        (lambda: brier([1.5], [1]), "between 0 and 1"),
        (lambda: brier([float("nan")], [1]), "between 0 and 1"),
        (lambda: events([0.5], [0.5]), "neither 0 nor 1"),
        (lambda: rps([[0.5, 0.6]], [0]), "sum one"),
        (lambda: rps([[0.5, 0.5]], [2]), "outcome"),
        (lambda: rps([[0.5, 0.5]], [-1]), "outcome"),
        (lambda: rps([[0.5, 0.5]], [0.5]), "outcome"),
        (lambda: rps([0.5, 0.5], [0]), "one row"),
        (lambda: crps([], 0), "at least one"),
        (lambda: crps([1.0, inf], 0), "finite"),
        (lambda: crps([1, 2], 0, [0.5, 0.6]), "sum one"),
        (lambda: crps([1, 2], 0, [1.5, -0.5]), "negative"),
        (lambda: crps_fair([1], 0), "two"),
        (lambda: crps_normal(0, -1, 0), "negative"),
        (lambda: interval_score(2, 1, 0), "in order"),
        (lambda: interval_score(1, 2, 0, 1.0), "level"),
        (lambda: exact_chance([0.5], 2), "count"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()


# --- calibration ------------------------------------------------------------------------------------------------------


def test_the_exact_chance_is_the_binomial_test_where_chances_are_equal() -> None:
    for n, p in itertools.product((1, 2, 7, 20), (0.0, 0.1, 0.5, 0.83, 1.0)):
        for count in range(n + 1):
            expected = stats.binomtest(count, n, p).pvalue
            assert exact_chance([p] * n, count) == pytest.approx(expected, abs=1e-9), (n, p, count)


def test_the_exact_chance_by_counting_all_that_can_happen() -> None:
    rng = np.random.default_rng(5)
    apart = 0
    for _ in range(60):
        n = int(rng.integers(1, 8))
        p = rng.random(n)
        mass = np.zeros(n + 1)
        for came in itertools.product((0, 1), repeat=n):
            mass[sum(came)] += np.prod([q if c else 1 - q for q, c in zip(p, came, strict=True)])
        count = int(rng.integers(0, n + 1))
        expected = sum(m for m in mass if m <= mass[count] * (1 + 1e-7))
        assert exact_chance(p, count) == pytest.approx(expected, abs=1e-12)
        apart += abs(stats.binomtest(count, n, float(p.mean())).pvalue - expected) > 0.01
    assert apart > 20


def test_few_cases_make_a_table_by_words() -> None:
    found = calibration(SAID, CAME)
    assert found.kind == "table"
    assert [(b.said, b.count, b.happened) for b in found.bins] == [(0.1, 5, 1), (0.6, 5, 3)]
    assert [likelihood(b.said) for b in found.bins] == ["very unlikely", "likely"]
    assert found.bins[0].bar == wilson(1, 5)
    # 1 of 5 at 0.1: all but "none", which is the only more probable count
    assert found.bins[0].exact == pytest.approx(1 - 0.9**5)
    # 3 of 5 at 0.6 is the most probable count
    assert comb(5, 3) * 0.6**3 * 0.4**2 == max(comb(5, c) * 0.6**c * 0.4 ** (5 - c) for c in range(6))
    assert found.bins[1].exact == pytest.approx(1)
    assert found.bins[1].share == 0.6
    text = str(found.table())
    assert "Ten cases: too few for a curve" in text
    assert "1 of 5" in text
    assert "4 of 10" in text


@pytest.mark.parametrize("count", [FEW, 73, 1000])
def test_many_cases_make_bins_of_like_size_with_bars(count: int) -> None:
    rng = np.random.default_rng(count)
    p = rng.random(count)
    came = (rng.random(count) < p).astype(int)
    found = calibration(p, came)
    assert found.kind == "curve"
    assert sum(b.count for b in found.bins) == count
    assert sum(b.happened for b in found.bins) == came.sum()
    assert len(found.bins) == min(10, count // 10)
    sizes = [b.count for b in found.bins]
    assert max(sizes) - min(sizes) <= 1
    for one, two in itertools.pairwise(found.bins):
        assert one.high < two.low
    for b in found.bins:
        inside = (p >= b.low) & (p <= b.high)
        assert (b.count, b.happened) == (inside.sum(), came[inside].sum())
        assert b.said == pytest.approx(p[inside].mean())
        z = 1.959963984540054
        middle, half = (
            b.share + z * z / (2 * b.count),
            z * sqrt(b.share * (1 - b.share) / b.count + (z / b.count) ** 2 / 4),
        )
        assert b.bar == pytest.approx(
            ((middle - half) / (1 + z * z / b.count), (middle + half) / (1 + z * z / b.count))
        )
    assert "too few" not in str(found.table())


def test_one_case_fewer_makes_no_curve() -> None:
    assert calibration([0.5] * (FEW - 1), [1] * (FEW - 1)).kind == "table"
    assert calibration([0.5] * FEW, [1] * FEW).kind == "curve"


def test_equal_chances_stay_together() -> None:
    p = [0.2] * 40 + [0.3] * 10 + [0.9] * 50
    found = calibration(p, [0] * 50 + [1] * 50)
    assert [(b.low, b.high, b.count) for b in found.bins] == [(0.2, 0.2, 40), (0.3, 0.3, 10), (0.9, 0.9, 50)]


def test_honest_chances_are_seldom_called_wrong() -> None:
    """The exact chance is at most 0.05 in at most one of twenty samples of honest chances, but for luck."""
    rng = np.random.default_rng(3)
    p = np.array([0.1, 0.2, 0.4, 0.4, 0.6, 0.7, 0.85, 0.9])
    runs = 4000
    low = sum(exact_chance(p, int((rng.random(8) < p).sum())) <= 0.05 for _ in range(runs))
    assert low / runs < 0.05 + 4 * sqrt(0.05 * 0.95 / runs)
    bold = sum(exact_chance(np.full(8, 0.95), int((rng.random(8) < 0.5).sum())) <= 0.05 for _ in range(runs))
    assert bold / runs > 0.8


def test_a_certain_chance_that_fails_is_impossible() -> None:
    found = calibration([1.0], [0])
    assert found.exact == 0
    assert "under 0.001" in str(found.table())
