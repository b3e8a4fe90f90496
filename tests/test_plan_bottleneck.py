"""Widest paths against every order, every chunking and every all-or-nothing step; what the theory says of them."""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from detente.base.errors import LimitReached
from detente.plan.bottleneck import CLASSES, patient_order, staged, widest, widest_by_units
from detente.plan.edges import links_of
from detente.plan.problem import TIED, Floats, Problem
from detente.plan.rules import faults
from detente.plan.spread import Moves
from detente.plan.verify import check
from tests.literal import plan_patient as literal
from tests.literal.plan_problems import Plain, random_problem
from tests.plan_case import problem_of

FIXED = range(1_000)
SIZES = ((2, 2), (3, 2), (4, 2), (2, 2, 2), (3, 3), (3, 2, 2), (2, 2, 2, 2), (3, 3, 2))
CLOSE = 1e-7


def drawn(seed: int, **fixed: Any) -> Plain:
    """A patient problem whose status quo holds well, with several owners, so that orders differ."""
    plain = random_problem(seed, sizes=SIZES, **{"patient": True, "caught": {}, "together": False, **fixed})
    rng = random.Random(seed)
    names = plain["parties"]
    plain["owners"] = [names[(k + seed) % len(names)] for k in range(len(plain["shape"]))]
    plain["disagreement"] = [d - 2 for d in plain["disagreement"]]
    origin = (0,) * len(plain["shape"])
    grain = 0.25 if plain["stake"][0] in (0.5, 1.0, 2.0) else 1e-3
    for walk in plain["walk"]:
        for cell in walk:
            walk[cell] += grain * rng.randint(-2, 2) - (2 if cell == origin else 0)
    return plain


def met(seed: int, **fixed: Any) -> Counter[str]:
    """The order found is as good as the best of all; what was met."""
    plain = drawn(seed, **fixed)
    problem = problem_of(plain)
    expected, order = literal.best(plain), patient_order(problem)
    if expected is None:
        assert order.steps == ()
        assert order.bound == -np.inf
        return Counter(none=1)
    (holds, interior, periods, steps, atomic), orders = expected
    found = check(problem, order.steps, order.side)
    assert faults(problem, order.steps) == ()
    assert order.bound == pytest.approx(interior, abs=CLOSE), seed
    assert found.interior == pytest.approx(interior, abs=CLOSE), seed
    assert order.proven
    undecided = abs(min(found.interior, found.ending) - plain["margin"] + TIED) < TIED / 10
    assert found.holds == holds or undecided, seed
    assert (found.periods, len(order.steps), sum(s.atomic for s in order.steps)) == (periods, steps, atomic), seed
    kinds = Counter(
        {"holds": int(holds), "fails": int(not holds), "several": int(steps >= 3), "many": int(orders >= 10)}
    )
    kinds["late"] += plain["deadline"] is not None
    kinds["atomic"] += atomic > 0
    kinds["joint"] += any(len(s.movers) > 1 and not s.atomic for s in order.steps)
    if order.side is not None:
        kinds["paid"] += bool(np.abs(order.side).max() > TIED)
        assert np.abs(order.side).max() <= plain["transfers"] + CLOSE
        assert np.abs(order.side.sum(axis=1)).max() <= CLOSE
        assert problem.money is not None
        assert not order.side.T[~np.isfinite(problem.money)].any()
    return kinds


def test_widest_paths_are_the_best_of_all_orders() -> None:
    kinds = Counter[str]()
    for seed in FIXED:
        kinds += met(seed, transfers=0.0, escrow=False)
    assert min(kinds[k] for k in ("holds", "fails", "several", "many", "late")) >= 100, kinds


def test_joint_steps_all_or_nothing_and_payments_too() -> None:
    kinds = Counter[str]()
    for seed in range(2_000, 2_250):
        kinds += met(seed, transfers=0.0, together=seed % 3 != 0, escrow=seed % 3 != 1)
    for seed in range(3_000, 3_150):
        money = [(0.5, 1.0, 2.0, np.nan)[(seed + k) % (3 + (seed % 5 == 0))] for k in range(3)]
        paid = {"transfers": (0.25, 0.5, np.inf)[seed % 3], "money": money, "together": seed % 7 == 0}
        kinds += paying(seed, escrow=seed % 11 == 0, **paid)
    assert min(kinds[k] for k in ("holds", "fails", "many", "late", "atomic", "joint", "paid")) >= 20, kinds


def paying(seed: int, **fixed: Any) -> Counter[str]:
    fixed["money"] = fixed["money"][: len(random_problem(seed, sizes=SIZES)["parties"])]
    return met(seed, **fixed)


@pytest.mark.sweep
def test_they_are_so_on_fresh_problems() -> None:
    first = 1_000_000 + int(os.environ.get("DETENTE_SEED", "0")) * 10_000
    for seed in range(first, first + 1_000):
        met(seed, transfers=0.0, escrow=seed % 3 == 0, together=seed % 4 == 0)
    for seed in range(first, first + 100):
        paying(seed, transfers=(0.25, np.inf)[seed % 2], money=[0.5, 1.0, 2.0])


# --- what the theory says --------------------------------------------------------------------------------------------


def caps(seed: int) -> Floats:
    """Random caps: many values, or few that tie."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 5, rng.integers(1, 5)))
    out = rng.integers(0, 6, shape).astype(float) if seed % 3 == 0 else rng.normal(0, 1, shape)
    out[rng.random(shape) < 0.1] = -np.inf
    out[(0,) * out.ndim], out[tuple(n - 1 for n in shape)] = rng.integers(2, 9), 0
    return out


def units(cap: Floats) -> float:
    """The widest path in steps of one level, from the recursion."""
    end = tuple(n - 1 for n in cap.shape)

    @cache
    def best(cell: tuple[int, ...]) -> float:
        if not any(cell):
            return float(cap[cell])
        before = [best((*cell[:k], x - 1, *cell[k + 1 :])) for k, x in enumerate(cell) if x]
        return max(before) if cell == end and cap[end] > -np.inf else min(float(cap[cell]), max(before))

    return best(end)


def back_and_forth(cap: Floats) -> float:
    """The same where levels may also go down: cells are switched on from the top until the ends are joined."""
    end = tuple(n - 1 for n in cap.shape)
    for level in np.unique(cap[cap > -np.inf])[::-1]:
        on = {c for c in np.ndindex(cap.shape) if cap[c] >= level or c == end}
        seen, todo = {end}, [end]
        while todo:
            cell = todo.pop()
            for k, d in itertools.product(range(cap.ndim), (-1, 1)):
                other = (*cell[:k], cell[k] + d, *cell[k + 1 :])
                if other in on and other not in seen:
                    seen.add(other)
                    todo.append(other)
        if (0,) * cap.ndim in seen:
            return float(level)
    return -np.inf


def free(cap: Floats, owners: int) -> Moves:
    """Steps of parties that own the axes in turn."""
    plain = random_problem(0, shape=list(cap.shape), caught={})
    names = [f"p{k}" for k in range(owners)]
    plain |= {"owners": [names[k % owners] for k in range(cap.ndim)], "takes": [[0.0] * n for n in cap.shape]}
    zero = dict.fromkeys(np.ndindex(*cap.shape), 0.0)
    plain |= {k: [zero] * len(plain["parties"]) for k in ("flow", "walk", "snapped", "breach", "accused")}
    plain |= {"alarm": zero, "feasible": dict.fromkeys(zero, True), "cost": plain["takes"], "escrow": False}
    return Moves.of(problem_of(plain))


def test_steps_of_one_level() -> None:
    """Equal to the recursion; levels that may go down, or larger steps, never do worse."""
    differ = Counter[str]()
    for seed in range(300):
        cap = caps(seed)
        value = units(cap)
        assert widest_by_units(cap) == value
        assert value <= back_and_forth(cap)
        wide = widest(free(cap, 2), cap)
        assert value <= wide
        differ["down"] += value < back_and_forth(cap)
        differ["chunks"] += value < wide
    assert min(differ.values()) >= 15, differ


def test_classes_are_divided_until_one_number_is_left() -> None:
    """Far more caps than classes, all of them close together but for a few far away."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        cap = rng.normal(0, 1e-6, (6, 6, 6, 6))
        cap[rng.random(cap.shape) < 0.05] = -1e9
        cap[0, 0, 0, 0], cap[-1, -1, -1, -1] = rng.choice((1.0, 5e-7)), 0
        assert len(np.unique(cap)) > 4 * CLASSES
        assert widest_by_units(cap) == units(cap)


def test_no_way() -> None:
    cap = np.zeros((2, 2))
    cap[0, 1] = cap[1, 0] = -np.inf
    assert widest(free(cap, 2), cap) == -np.inf
    assert widest(free(cap, 1), cap) == 0
    assert staged(np.array([[-np.inf, 0], [0, 0]]), np.ones_like) == -np.inf


def numbers(walk: Floats, owners: list[str], parties: list[str], **fixed: Any) -> Problem:
    """A problem in which going on is worth 0 and leaving is worth what is given, shape (n, *shape)."""
    shape = list(walk.shape[1:])
    plain = random_problem(0)
    cells = list(np.ndindex(*shape))
    zero = dict.fromkeys(cells, 0.0)
    n = len(parties)
    plain |= {"shape": shape, "owners": owners, "parties": parties, "stake": [1.0] * n, "discount": [0.9] * n}
    plain |= {k: [zero] * n for k in ("flow", "snapped", "breach", "accused")}
    plain |= {"walk": [{c: float(w[c]) for c in cells} for w in walk], "disagreement": [-1e3] * n, "alarm": zero}
    plain |= {
        "feasible": dict.fromkeys(cells, True),
        "cost": [[0.0] * k for k in shape],
        "takes": [[0.0] * k for k in shape],
    }
    plain |= {"step": 1, "deadline": None, "patient": True, "together": False, "escrow": False, "caught": {}}
    return problem_of(plain | {"margin": 0.0, "transfers": 0.0, "money": None} | fixed)


def smallest_bond(cost: list[float], value: list[float]) -> float:
    """Smallest defection costs of both sides together, by the order the theory gives, the last item first."""
    n = range(len(cost))
    gains = sorted((k for k in n if value[k] >= cost[k]), key=lambda k: cost[k])
    losses = sorted((k for k in n if value[k] < cost[k]), key=lambda k: -value[k])
    return _bond([*gains, *losses], cost, value)


def _bond(backwards: list[int], cost: list[float], value: list[float]) -> float:
    need, to_come = 0.0, 0.0
    for k in backwards:
        need = max(need, cost[k] - to_come)
        to_come += value[k] - cost[k]
    return need


def test_safe_exchange_of_items_for_money() -> None:
    """A supplier delivers items, the other pays as it likes: the theory's order, every order and the planner agree."""
    tight = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 6))
        cost, value = rng.integers(0, 12, n).astype(float).tolist(), rng.integers(0, 15, n).astype(float).tolist()
        bond = smallest_bond(cost, value)
        assert bond == min(_bond(list(p), cost, value) for p in itertools.permutations(range(n)))
        tight += bond < _bond(list(range(n)), cost, value)
        split = float(rng.random())
        for extra, holds in ((0.01, True), (-0.01, False)) if bond else ((0.01, True),):
            r = bond + extra
            walk = np.zeros((2, *[2] * n))
            for cell in np.ndindex(*[2] * n):
                left = [k for k in range(n) if not cell[k]]
                walk[(0, *cell)] = sum(cost[k] for k in left) - split * r
                walk[(1, *cell)] = -sum(value[k] for k in left) - (1 - split) * r
            problem = numbers(walk, ["s"] * n, ["s", "d"], transfers=np.inf, money=[1.0, 1.0])
            order = patient_order(problem)
            assert check(problem, order.steps, order.side).holds == holds, seed
    assert tight >= 150


HOARDS = (
    *((1, 1), (1, 3), (3, 1, 2), (5, 4, 3), (2, 2, 3, 3), (1, 5, 4, 6)),
    *((3, 3, 3, 1, 2), (9, 1, 1, 1, 2), (7, 5, 3, 2, 1)),
)


@pytest.mark.parametrize("items", HOARDS)
def test_without_money_ordering_is_partition(items: tuple[int, ...]) -> None:
    """A gives items, B two of half their size; the balance stays between 0 and that half: only if a half exists."""
    n, half = len(items), sum(items) / 2
    walk = np.zeros((2, *[2] * (n + 2)))
    for cell in np.ndindex(*[2] * (n + 2)):
        balance = half * sum(cell[n:]) - sum(x for x, given in zip(items, cell[:n], strict=True) if given)
        walk[(slice(None), *cell)] = 0 if 0 <= balance <= half else 1
    problem = numbers(walk, ["a"] * n + ["b"] * 2, ["a", "b"])
    order = patient_order(problem)
    some = any(sum(c) == half for k in range(n) for c in itertools.combinations(items, k))
    assert check(problem, order.steps).holds == some


def test_what_another_search_is_for() -> None:
    with pytest.raises(ValueError, match="another search"):
        patient_order(problem_of(random_problem(1, patient=False)))


def test_too_many_steps_to_list() -> None:
    """All pairs of cells of a 3 x 2 lattice, one of them the other or above it: 6 times 3."""
    problem = problem_of(random_problem(1, sizes=((3, 2),), patient=True, caught={}, together=True))
    with pytest.raises(LimitReached, match="18 steps to compare, more than the limit of 17"):
        links_of(problem, 17)
    assert 0 < len(links_of(problem, 18).start) < 2 * 18
