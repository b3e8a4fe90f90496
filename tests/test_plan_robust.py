"""Plans over draws against a loop over draws with the plain verifier."""

import os
import random
from collections import Counter
from dataclasses import fields
from statistics import quantiles
from typing import Any

import numpy as np
import pytest

from detente.plan.problem import TIED, Order, Problem
from detente.plan.robust import QUANTILES, robustness
from detente.plan.verify import KINDS, Checked, Judgement, check, gather, judge
from tests.literal.plan_problems import random_plan, random_problem
from tests.plan_case import problem_of, steps_of

FIXED = range(334)
DRAWS = 9

Plain = dict[str, Any]


def drawn(plain: Plain, seed: int) -> list[Problem]:
    """The problem with its values shaken."""
    rng = random.Random(f"robust {seed}")
    out = []
    for _ in range(DRAWS):
        shaken = {
            k: [{c: v + rng.gauss(0, 0.15) for c, v in one.items()} for one in plain[k]] for k in ("flow", "walk")
        }
        out.append(problem_of({**plain, **shaken, "disagreement": [d - 1.0 for d in plain["disagreement"]]}))
    return out


def together(judged: list[Judgement]) -> Judgement:
    """One judgement of all draws."""
    return Judgement(*(np.concatenate([getattr(j, f.name) for j in judged]) for f in fields(Judgement)))


def tally(problem: Problem, checked: list[Checked]) -> tuple[float, float, dict[tuple[int, str], float]]:
    """Shares of draws in which it holds, in which it does before the target, and where it breaks."""
    holds = interior = 0
    where: Counter[tuple[int, str]] = Counter()
    for one in checked:
        low = one.shares.min()
        if low >= problem.margin - TIED:
            holds += 1
        else:
            where[one.binding[0], problem.parties[one.binding[1]]] += 1
        interior += one.interior >= problem.margin - TIED
    return holds / DRAWS, interior / DRAWS, {k: v / DRAWS for k, v in where.items()}


def compare(seed: int) -> tuple[int, int]:
    """Numbers of plans compared, and of plans that hold in some draws only."""
    plain = random_problem(seed, transfers=0.0, margin=0.0)
    problems = drawn(plain, seed)
    plans = [steps_of(plain, random_plan(seed + 10_000 * k, plain)) for k in range(3)]
    orders = [Order(s, None, proven=False, bound=0.0, method="labels") for s in plans]
    verified = [together([judge(gather(p, s)) for p in problems]) for s in plans]
    found = robustness(orders, verified, problems[0].parties, 0.0)
    some = 0
    assert found.draws == DRAWS
    for record, steps in zip(found.records, plans, strict=True):
        checked = [check(p, steps) for p in problems]
        holds, interior, where = tally(problems[0], checked)
        assert record.holds == pytest.approx(holds, abs=1e-12)
        assert record.interior == pytest.approx(interior, abs=1e-12)
        assert {(b.pause, b.party): b.share for b in record.breaks} == pytest.approx(where)
        assert sum(where.values()) == pytest.approx(1 - holds)
        shares = [b.share for b in record.breaks]
        assert shares == sorted(shares, reverse=True)
        assert record.weakest == (record.breaks[0] if record.breaks else None)
        for b in record.breaks:
            ways = Counter(
                c.kinds[b.pause][c.binding[1]]
                for c in checked
                if not c.holds and (c.binding[0], problems[0].parties[c.binding[1]]) == (b.pause, b.party)
            )
            assert ways[b.deviation] == max(ways.values())
        for t in range(len(steps) + 1):
            for i in range(len(problems[0].parties)):
                values = [float(c.shares[t, i]) for c in checked]
                cuts = quantiles(values, n=20, method="inclusive")
                wanted = [cuts[round(20 * q) - 1] for q in QUANTILES]
                if min(values) == float("inf"):  # it has no way out in any draw
                    wanted = [float("inf")] * len(QUANTILES)
                assert record.quantiles[:, t, i] == pytest.approx(wanted, abs=1e-12)
                assert record.fails[t, i] == pytest.approx(sum(v < -TIED for v in values) / DRAWS)
        some += 0 < holds < 1
    best = max(r.holds for r in found.records)
    assert found.safest == [r.holds for r in found.records].index(best)
    return len(plans), some


def test_plans_over_draws_are_the_loop_over_draws() -> None:
    compared = some = 0
    for seed in FIXED:
        plans, partly = compare(seed)
        compared, some = compared + plans, some + partly
    assert some > compared / 10


@pytest.mark.sweep
def test_plans_over_fresh_draws_are_the_loop_over_draws() -> None:
    first = int(os.environ["DETENTE_SEED"]) * 1_000_000
    for seed in range(first, first + 300):
        compare(seed)


def test_the_usual_deviation_is_the_one_of_most_draws() -> None:
    shares = np.array(
        [[[0.5, 1.0], [-1.0, 0.2]]] * 5 + [[[0.5, -2.0], [-1.0, 0.2]]] * 2 + [[[0.0, 0.0], [0.0, 0.0]]] * 3
    )
    kinds = np.zeros(shares.shape, np.int8)
    kinds[:3, 1, 0] = KINDS.index("conceal")
    empty = np.zeros(len(shares))
    given = Judgement(shares, shares, shares, kinds, np.full(shares.shape, -1), empty == 0, empty)
    order = Order((), None, proven=True, bound=0.0, method="labels")
    record = robustness([order], [given], ("a", "b"), 0.0).records[0]
    assert [(b.pause, b.party, b.deviation, b.share) for b in record.breaks] == [
        (1, "a", "conceal", 0.5),
        (0, "b", "walk", 0.2),
    ]
    assert record.holds == pytest.approx(0.3)
    assert record.interior == pytest.approx(0.8)
    assert record.fails.tolist() == [[0.0, 0.2], [0.7, 0.0]]


def test_a_smaller_accepted_margin_is_held_more_often() -> None:
    shares = np.linspace(-1, 1, 21).reshape(21, 1, 1).repeat(2, 1)
    kinds, empty = np.zeros(shares.shape, np.int8), np.zeros(21)
    given = Judgement(shares, shares, shares, kinds, np.full(shares.shape, -1), empty == 0, empty)
    order = Order((), None, proven=True, bound=0.0, method="labels")
    assert robustness([order], [given], ("a",), 0.0).records[0].holds == pytest.approx(11 / 21)
    assert robustness([order], [given], ("a",), -0.5).records[0].holds == pytest.approx(16 / 21)


def test_no_orders_and_unequal_draws_are_refused() -> None:
    shares = np.zeros((2, 2, 1))
    none = np.full(shares.shape, -1)
    given = Judgement(shares, shares, shares, np.zeros(shares.shape, np.int8), none, np.zeros(2) == 0, np.zeros(2))
    order = Order((), None, proven=True, bound=0.0, method="labels")
    for orders, verified in (([], []), ([order, order], [given, together([given, given])])):
        with pytest.raises(ValueError, match="same draws"):
            robustness(orders, verified, ("a",), 0.0)
