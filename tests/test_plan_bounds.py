"""Bounds on every order at once against every plan, one by one, and what is answered when a limit stops the search."""

from typing import Any

import numpy as np
import pytest

from detente.base.errors import DetenteError, LimitReached
from detente.plan import hidden as hiding
from detente.plan import labels, network, search
from detente.plan.bounds import Bounds, narrowed, optimistic, sandwich, start
from detente.plan.problem import TIED, Problem, Step
from detente.plan.search import find_order, labelled_order
from detente.plan.verify import check
from tests.literal import plan_orders as literal
from tests.literal.plan_jagged import drawn, jagged, secretive
from tests.plan_case import problem_of

NEAR = 2 * TIED


def plan_of(steps: tuple[Step, ...]) -> list[tuple[Any, ...]]:
    return [(s.before, s.after, set(s.movers), s.atomic, s.periods) for s in steps]


def test_bounds_are_the_extremes_over_all_plans() -> None:
    compared = 0
    for seed in range(60):
        plain = dict(secretive(seed) if seed % 2 else drawn(seed), deadline=None)
        problem = problem_of(plain)
        bounds = start(problem)
        paused = {c for plan in literal.plans(plain) for c in (plan[0][0], *(s[1] for s in plan))}
        if not paused:
            assert not len(bounds.live.chosen)
        for cell in sorted(paused)[:-1]:
            plans = list(literal.plans(plain, cell))
            at = int(np.ravel_multi_index(cell, plain["shape"]))
            for i in range(len(plain["parties"])):
                values = [literal.going_on(plain, plan, i)[0] for plan in plans]
                assert bounds.high[i][at] == pytest.approx(max(values), abs=1e-9), (seed, cell)
                assert bounds.low[i][at] == pytest.approx(min(values), abs=1e-9), (seed, cell)
            for one in bounds.secrets.pretences:
                if one.valid[at]:
                    worth = [literal.pretending(plain, plan, one.party, 0, dict(one.truth)) for plan in plans]
                    assert bounds.pretended(one, largest=True)[at] == pytest.approx(max(worth), abs=1e-9)
                    assert bounds.pretended(one, largest=False)[at] == pytest.approx(min(worth), abs=1e-9)
                    compared += 1
    assert compared > 150


def test_bounds_never_contradict_the_best_order() -> None:
    tight = safe = 0
    for seed in range(2000, 2200):
        plain = secretive(seed) if seed % 2 else jagged(seed)
        found = [literal.judged(plain, plan)[1] for plan in literal.plans(plain)]
        bounds = start(problem_of(plain))
        if not found:
            continue
        proved = sandwich(bounds)
        assert proved.best == optimistic(bounds)
        assert proved.sure - NEAR <= max(found) <= proved.best + NEAR, seed
        assert not (proved.impossible(plain["margin"]) and max(found) >= plain["margin"])
        assert not (proved.safe(plain["margin"]) and max(found) < plain["margin"] - NEAR)
        interior = check(problem_of(plain), proved.steps).interior
        assert interior >= proved.sure - NEAR, seed
        safe += proved.safe(plain["margin"])
        tight += max(found) > proved.best - NEAR
    assert tight > 50
    assert safe > 10


def test_narrowing_leaves_out_no_step_of_a_plan_that_is_good_enough() -> None:
    dropped = 0
    for seed in range(2000, 2120):
        plain = secretive(seed) if seed % 2 else jagged(seed)
        found = [(literal.judged(plain, plan)[1], plan) for plan in literal.plans(plain)]
        if not found:
            continue
        share = sorted(f[0] for f in found)[-1 - len(found) // 10] - NEAR
        whole = start(problem_of(plain))
        kept = steps_left(narrowed(whole, share))
        for interior, plan in found:
            if interior >= share:
                assert {(s[0], s[1], s[3]) for s in plan} <= kept, seed
        dropped += len(steps_left(whole)) - len(kept)
    assert dropped > 500


def steps_left(bounds: Bounds) -> set[Any]:
    steps = [bounds.net.step(int(n)) for n in bounds.live.chosen]
    return {(s.before, s.after, s.atomic) for s in steps}


# --- limits ----------------------------------------------------------------------------------------------------------


def test_an_order_that_a_limit_stopped_is_good_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "LABELS", 2)
    open_ones = 0
    for seed in range(4000, 4060):
        plain = secretive(seed) if seed % 2 else jagged(seed)
        best, order = literal.best(plain), labelled_order(problem_of(plain), seconds=2)
        if best is None:
            continue
        plan = plan_of(order.steps)
        assert plan in list(literal.plans(plain)), seed
        found = literal.judged(plain, plan)
        assert found[0] <= best[0]
        assert found[0] < best[0] or found[1] <= best[1] + NEAR
        if not order.proven:
            open_ones += 1
            assert order.bound >= found[1]
            if found[0] == best[0]:
                assert order.bound >= best[1] - NEAR, seed
        else:
            assert found[1] == pytest.approx(best[1], abs=NEAR)
    assert open_ones > 5


def test_no_time_still_gives_an_order() -> None:
    for seed in range(5000, 5020):
        plain = jagged(seed)
        order = labelled_order(problem_of(plain), seconds=0)
        assert bool(order.steps) == (literal.best(plain) is not None)


def test_too_many_steps_or_pretences_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(secretive(3))
    monkeypatch.setattr(hiding, "PRETENCES", 0)
    with pytest.raises(LimitReached, match="pretended"):
        find_order(problem)
    monkeypatch.setattr(network, "STEPS", 0)
    with pytest.raises(LimitReached, match="steps"):
        find_order(problem)


def test_a_verifier_that_disagrees_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = next(p for p in map(secretive, range(99)) if labelled_order(problem_of(p)).method == "labels")

    def wrong(problem: Problem, steps: tuple[Step, ...]) -> Any:
        found = check(problem, steps)
        object.__setattr__(found, "interior", found.interior - 0.5)
        return found

    monkeypatch.setattr(search, "check", wrong)
    with pytest.raises(DetenteError, match="differently"):
        labelled_order(problem_of(plain))
