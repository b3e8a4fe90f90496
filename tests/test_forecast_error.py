"""Sampling error: known values, coverage by simulation, and a stopping rule that holds at all looks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from detente.forecast.error import StoppingRule, clopper_pearson, mean_error, needed, wilson


@pytest.mark.parametrize(
    ("count", "draws", "want"),
    [(8, 10, (0.490162, 0.943318)), (0, 10, (0, 0.277533)), (50, 100, (0.403832, 0.596168))],
)
def test_wilson(count: int, draws: int, want: tuple[float, float]) -> None:
    assert wilson(count, draws) == pytest.approx(want, abs=5e-7)


@pytest.mark.parametrize(("count", "draws", "want"), [(8, 10, (0.443905, 0.974789)), (0, 10, (0, 0.308497))])
def test_clopper_pearson(count: int, draws: int, want: tuple[float, float]) -> None:
    assert clopper_pearson(count, draws) == pytest.approx(want, abs=5e-7)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_both_agree_with_another_implementation(level: float) -> None:
    for draws in (1, 7, 40):
        for count in range(draws + 1):
            for mine, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
                other = binomtest(count, draws).proportion_ci(level, method)  # type: ignore[arg-type]
                assert mine(count, draws, level) == pytest.approx((other.low, other.high), abs=1e-9)


def test_draws_for_a_half_width() -> None:
    assert [needed(h) for h in (0.05, 0.02, 0.01)] == [385, 2401, 9604]


@pytest.mark.parametrize(("count", "draws"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(count: int, draws: int) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="draws"):
            interval(count, draws)


def test_coverage_of_the_intervals_of_a_share() -> None:
    generator = np.random.default_rng(0)
    for share in (0.02, 0.3, 0.5):
        counts = generator.binomial(40, share, 4000)
        table = {int(k): (wilson(int(k), 40), clopper_pearson(int(k), 40)) for k in np.unique(counts)}
        covered = np.array([[low <= share <= high for low, high in table[int(k)]] for k in counts]).mean(axis=0)
        assert covered[0] > 0.92  # near 95 % on average; some shares are covered less often
        assert covered[1] > 0.94  # never less but by the error of 4,000 repetitions


def test_coverage_of_averaged_probabilities_and_why_they_are_averaged() -> None:
    generator = np.random.default_rng(1)
    chances = generator.beta(2, 6, (2000, 50, 1))  # one exact probability per draw, mean 1/4
    ends = [mean_error(c) for c in chances]
    covered = np.mean([low[0] <= 0.25 <= high[0] for _, low, high in ends])
    assert 0.93 < covered < 0.97
    width = np.mean([high[0] - low[0] for _, low, high in ends])
    sampled = (generator.random(chances.shape) < chances).sum(axis=(1, 2))
    plain = np.mean([np.diff(wilson(int(k), 50))[0] for k in sampled])
    assert width < 0.4 * plain  # ending every draw in one sampled outcome would need six times the draws


def test_one_draw_leaves_everything_open() -> None:
    mean, low, high = mean_error(np.array([[0.3, 0.7]]))
    assert mean.tolist() == [0.3, 0.7]
    assert low.tolist() == [0.0, 0.0]
    assert high.tolist() == [1.0, 1.0]


def test_looks_are_taken_at_doubled_draws() -> None:
    rule = StoppingRule(0.1, first=8)
    assert [n for n in range(100) if rule.look(n)] == [8, 16, 32, 64]
    assert [rule.look(n) for n in (8, 16, 32, 64)] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="no look"):
        rule.half_widths(np.zeros((9, 1)))


def test_the_error_spent_at_all_looks_adds_up_to_that_permitted() -> None:
    # a look spends 6 alpha / (pi^2 t^2); Hoeffding's bound tells how much from its width, half of it each
    rule = StoppingRule(0.1, first=1, level=0.9)
    spent = 0.0
    for t in range(1, 19):
        draws = 2 ** (t - 1)
        values = np.tile([0.0, 1.0], draws)[:draws][:, None]  # the largest variance: Hoeffding is the narrower
        half = float(rule.half_widths(values)[0])
        spent += 2 * 2 * np.exp(-2 * draws * half**2)
    assert spent == pytest.approx(0.1 * 6 / np.pi**2 * sum(1 / t**2 for t in range(1, 19)), rel=1e-9)
    assert spent < 0.1


def _misses(rule: StoppingRule, generator: np.random.Generator, naive: bool) -> tuple[float, float]:  # noqa: FBT001
    """Share of runs in which an interval misses the mean at some look, and draws when stopped."""
    missed, stopped = 0, []
    for _ in range(400):
        values = (generator.random((2048, 1)) < 0.3).astype(float)
        looks = [n for n in range(1, 2049) if rule.look(n)]
        bad = False
        for n in looks:
            mean = values[:n].mean()
            half = 1.959964 * values[:n].std(ddof=1) / n**0.5 if naive else float(rule.half_widths(values[:n])[0])
            bad |= abs(mean - 0.3) > half
        missed += bad
        stopped.append(next((n for n in looks if rule.enough(values[:n])), 4096))
    return missed / 400, float(np.mean(stopped))


def test_the_rule_holds_at_all_looks_together_and_the_naive_one_does_not() -> None:
    rule = StoppingRule(0.12, first=16)
    valid, draws = _misses(rule, np.random.default_rng(2), naive=False)
    naive, _ = _misses(rule, np.random.default_rng(2), naive=True)
    assert valid <= 0.05
    assert naive > 0.1
    assert draws <= 1024  # and it does stop


def test_small_variance_stops_earlier() -> None:
    rule = StoppingRule(0.05, first=32)
    calm, wild = np.full((2048, 1), 0.4), np.tile([[0.0], [1.0]], (1024, 1))
    first = {name: next((n for n in (2**k for k in range(5, 12)) if rule.enough(v[:n])), None)
             for name, v in (("calm", calm), ("wild", wild))}  # fmt: skip
    assert first == {"calm": 512, "wild": 2048}


def test_more_numbers_watched_need_more_draws() -> None:
    rule = StoppingRule(0.05, first=32)
    one = np.random.default_rng(3).random((256, 1))
    assert rule.half_widths(np.tile(one, 5))[0] > rule.half_widths(one)[0]
