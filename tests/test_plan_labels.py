"""The search with discounting and concealment against every plan, one by one."""

import math
import os
from itertools import product
from typing import Any

import numpy as np
import pytest

from detente.plan import labels, search
from detente.plan.labels import undominated
from detente.plan.problem import TIED, Order, Step
from detente.plan.search import labelled_order
from detente.plan.verify import check
from tests.literal import plan_orders as literal
from tests.literal.plan_jagged import drawn, jagged, secretive
from tests.plan_case import problem_of, steps_of

NEAR = 2 * TIED


def plan_of(steps: tuple[Step, ...]) -> list[tuple[Any, ...]]:
    return [(s.before, s.after, set(s.movers), s.atomic, s.periods) for s in steps]


def compare(plain: dict[str, Any], seed: object) -> Any:
    """The order found is the best of all; returns what the best one is worth."""
    best, order = literal.best(plain), labelled_order(problem_of(plain))
    assert order.proven, seed
    if best is None:
        assert not order.steps, seed
        assert order.bound == -np.inf
        return None
    plan = plan_of(order.steps)
    assert plan in list(literal.plans(plain)), seed
    found = literal.judged(plain, plan)
    assert (found[0], *found[2:]) == (best[0], *best[2:]), seed
    assert found[1] == pytest.approx(best[1], abs=NEAR), seed
    assert order.bound == pytest.approx(best[1], abs=NEAR), seed
    return best


def test_the_best_order_of_many_problems() -> None:
    best = [compare(drawn(seed), seed) for seed in range(350)]
    assert 60 < sum(bool(b and b[0]) for b in best) < 250  # holds: often, and often not


def test_the_best_order_where_every_pause_matters() -> None:
    blind = hasty = 0
    for seed in range(400):
        plain = jagged(seed)
        best = compare(plain, seed)
        if best and plain["together"] and not plain["escrow"]:
            blind += literal.best(dict(plain, together=False, escrow=True)) != best
        if best and plain["deadline"]:
            hasty += literal.best(dict(plain, deadline=None)) != best
    assert blind >= 8  # withholding decides
    assert hasty >= 8  # the deadline decides


def test_the_best_order_where_all_can_pretend() -> None:
    trusting = forgetful = 0
    for seed in range(300):
        plain = secretive(seed)
        best = compare(plain, seed)
        if best and seed % 3 == 0:
            trusting += literal.best(dict(plain, caught={})) != best
            forgetful += literal.best(plain, remembered=False) != best
    assert trusting >= 20  # concealment decides
    assert forgetful >= 3  # and that an option may truly stand where it stood at any earlier pause


@pytest.mark.parametrize("small", [0, 10**6])
def test_large_problems_are_narrowed_down_to_the_same_answer(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SMALL", small)
    for seed in range(1000, 1040):
        compare(secretive(seed) if seed % 2 else jagged(seed), seed)


@pytest.mark.sweep
@pytest.mark.parametrize("family", [drawn, jagged, secretive])
@pytest.mark.parametrize("block", range(4))
def test_the_best_order_on_fresh_seeds(family: Any, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    base = int(os.environ["DETENTE_SEED"]) % 10**6 + 10_000
    monkeypatch.setattr(search, "SMALL", 0 if block == 0 else search.SMALL)
    for seed in range(base + 200 * block, base + 200 * (block + 1)):
        compare(family(seed), seed)


# --- the rows that are kept ------------------------------------------------------------------------------------------


def test_rows_kept_are_those_that_no_other_beats() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        rows = rng.integers(0, 4, size=(int(rng.integers(1, 40)), int(rng.integers(1, 4)))).astype(float)
        kept = undominated(rows)
        assert len({tuple(r) for r in rows[kept]}) == len(kept)
        beaten = [any((o >= r).all() and (o > r).any() for o in rows) for r in rows]
        assert {tuple(r) for r in rows[kept]} == {tuple(r) for r, b in zip(rows, beaten, strict=True) if not b}


def test_large_cells_are_compared_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "BATCH", 3)
    for seed in range(3000, 3020):
        compare(secretive(seed), seed)


# --- a path that is known --------------------------------------------------------------------------------------------


def lockwood_thomas(discount: float, levels: int) -> tuple[dict[str, Any], list[float]]:
    """Two partners with payoff b - a**2 / 2 raise their levels together; levels stay where they are."""
    path = [0.0, discount / 2]
    while len(path) <= levels:
        path.append(discount / 2 + path[-1] ** 2 / (2 * discount))
    cells = list(product(range(levels + 1), repeat=2))
    flow = [{c: path[c[1 - i]] - path[c[i]] ** 2 / 2 for c in cells} for i in (0, 1)]
    zero = [dict.fromkeys(cells, 0.0)] * 2
    plain = {
        "shape": [levels + 1] * 2,
        "owners": ["a", "b"],
        "parties": ["a", "b"],
        "stake": [1.0, 1.0],
        "discount": [discount] * 2,
        "feasible": {c: c[0] == c[1] for c in cells},
        "margin": -1.0,
        "patient": False,
        "together": True,
        "escrow": False,
        "step": 1,
        "takes": [[0.0] * (levels + 1)] * 2,
        "cost": [[0.0] * (levels + 1)] * 2,
        "deadline": None,
        "disagreement": [0.0, 0.0],
        "flow": flow,
        "walk": flow,
        "snapped": zero,
        "breach": zero,
        "alarm": zero[0],
        "accused": zero,
        "caught": {},
        "transfers": 0.0,
        "money": None,
    }
    return plain, path


def test_the_efficient_gradual_path_is_known() -> None:
    """On the endless path nobody gains or loses by withholding; cut off at level K, the rest of it is missing.

    Going on after step t is worth c_t - c_{t-1}**2 / 2 on the endless path, exactly what withholding step t gives. Cut
    off, it is worth less by discount**(K-t) times what level K for ever lacks: (c_K**2 - c_{K-1}**2) / 2.
    """
    discount, levels = 0.9, 9
    plain, path = lockwood_thomas(discount, levels)
    assert path[1:7] == pytest.approx([0.45, 0.5625, 0.6258, 0.6676, 0.6976, 0.7203], abs=5e-5)
    unit = [((k, k), (k + 1, k + 1), {"a", "b"}, False, 1) for k in range(levels)]
    found = check(problem_of(plain), steps_of(plain, unit))
    lacking = (path[-1] ** 2 - path[-2] ** 2) / 2
    expected = [-(discount ** (levels - t)) * lacking for t in range(1, levels + 1)]
    assert found.margins[1:, 0] == pytest.approx(expected, abs=1e-12)
    order: Order = labelled_order(problem_of(plain))
    best = literal.best(plain)
    assert best is not None
    assert order.proven
    assert check(problem_of(plain), order.steps).interior == pytest.approx(best[1], abs=NEAR)
    assert best[1] >= expected[-2]
    assert not math.isclose(best[1], 0.0, abs_tol=1e-6)
