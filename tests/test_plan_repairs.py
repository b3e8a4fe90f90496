"""Repairs of a plan: the smallest amounts against every order of small problems, and what the verifier says of each."""

import math
import os
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

from detente.plan.amounts import breach_costs, detections, payments
from detente.plan.levers import exchange, with_breach_cost, with_detection, with_escrow, with_payment, with_split
from detente.plan.mending import Bench, step_between
from detente.plan.problem import TIED, Lattice, Order, Problem
from detente.plan.repairs import Facts, Repair, longest_lag, repairs
from detente.plan.rewrites import escrow
from detente.plan.search import find_order
from detente.plan.smallest import starting
from detente.plan.verify import check
from tests.literal import plan_repairs as literal
from tests.literal.plan_orders import plans
from tests.literal.plan_problems import random_problem
from tests.plan_case import problem_of

FIXED = range(360)
MOST = 150  # plans of one problem
CLOSE = 1e-6

Plain = dict[str, Any]


def usable(seed: int) -> Plain | None:
    """A small problem without side payments between steps that does not hold, or None."""
    plain = random_problem(seed, transfers=0.0)
    count = 0
    for _ in plans(plain):
        count += 1
        if count > MOST:
            return None
    return plain if count else None


def no_case(_: Any) -> Problem | None:
    return None


def expected(plain: Plain) -> dict[tuple[str, str | None, str | None], float]:
    """Every amount lever that works, and its amount: lever, party, payer."""
    out = {}
    names, money = plain["parties"], plain["money"]
    for i, party in enumerate(names):
        stake = plain["stake"][i]
        out["breach_cost", party, None] = literal.least(plain, partial(literal.with_breach_of, i), stake)
        payers: list[int | None] = [None]
        if money is not None and not math.isnan(money[i]):
            payers += [j for j in range(len(names)) if j != i and not math.isnan(money[j])]
        for j in payers:
            payer = None if j is None else names[j]
            out["payment", party, payer] = literal.least(plain, partial(literal.with_payment, i, j), stake)
    return {k: v for k, v in out.items() if v is not None}


def unsteady(plain: Plain, key: tuple[str, str | None, str | None]) -> bool:
    """Whether pretending can be found out more seldom than alarms are false, for the one paid or the one that pays."""
    hidden = [q for k, q in plain["caught"].items() if plain["owners"][k] in key[1:]]
    return any(plain["alarm"][c] > chance for q in hidden for c, chance in q.items())


def agrees(repair: Repair, problem: Problem) -> None:
    """The verifier accepts what is returned, and what is told of it is true."""
    checked = check(repair.problem, repair.order.steps)
    assert checked.holds
    assert starting(repair.problem).min() >= -TIED
    assert repair.after == pytest.approx(checked.shares.min(axis=0), abs=1e-12)
    assert repair.binding == (checked.binding[0], repair.problem.parties[checked.binding[1]])
    assert not set(repair.harms) - set(problem.parties)
    assert all(
        (repair.after[i] < repair.before[i] - TIED) == (p in repair.harms) for i, p in enumerate(problem.parties)
    )


def compare(seed: int, seen: Counter[str]) -> None:
    plain = usable(seed)
    if plain is None:
        return
    problem = problem_of(plain)
    if abs(starting(problem).max()) <= TIED:
        return  # nobody gains: whether somebody is paid a little decides
    order = find_order(problem)
    found = repairs(problem, order, no_case, find_order)
    if check(problem, order.steps).holds and starting(problem).min() >= -TIED:
        assert found == ()
        seen["holds"] += 1
        return
    for repair in found:
        agrees(repair, problem)
        seen[repair.lever] += 1
    amounts = {(r.lever, r.party, r.payer): r.amount for r in found if r.lever in {"breach_cost", "payment"}}
    wanted = expected(plain)
    loose = {k for k in amounts.keys() | wanted.keys() if k[0] == "payment" and unsteady(plain, k)}
    assert amounts.keys() - loose == wanted.keys() - loose, (seed, amounts, wanted)
    for key, amount in amounts.items():
        assert amount is not None
        if key in loose:
            # More money can make a party less willing to go on; then a smaller amount may be missed, and that is said.
            assert amount >= wanted[key] - CLOSE, (seed, key)
            continue
        stake = plain["stake"][plain["parties"].index(key[1])]
        assert amount == pytest.approx(wanted[key], abs=CLOSE * max(1, stake)), (seed, key)
    together = [r for r in found if r.lever == "breach_costs"]
    alone = any(key[0] == "breach_cost" for key in wanted)
    share = None if alone else literal.least_together(plain)
    assert bool(together) == (share is not None), seed
    for repair in together:
        most = max(a / plain["stake"][plain["parties"].index(p)] for p, a in repair.amounts.items())
        assert most == pytest.approx(share, abs=CLOSE), seed
        assert repair.price == pytest.approx(
            sum(a / plain["stake"][plain["parties"].index(p)] for p, a in repair.amounts.items())
        )
    prices = [r.price for r in found if r.price is not None]
    assert prices == sorted(prices)
    assert [r.price is None for r in found] == sorted(r.price is None for r in found)


@pytest.mark.parametrize("block", range(4))
def test_amounts_are_the_smallest_over_all_plans(block: int) -> None:
    seen: Counter[str] = Counter()
    for seed in FIXED[block::4]:
        compare(seed, seen)
    assert seen["holds"] >= 10
    assert seen["payment"] >= 40
    assert seen["breach_cost"] >= 8


@pytest.mark.parametrize("seed", [11_000_040, 852_070_575_000_533])
def test_a_payment_of_which_more_tempts_to_pretend_is_found(seed: int) -> None:
    # False alarms are more frequent than true ones: the more is paid, the more pretending is worth against complying.
    seen: Counter[str] = Counter()
    compare(seed, seen)
    assert seen["payment"]


@pytest.mark.sweep
def test_amounts_are_the_smallest_over_all_plans_of_fresh_problems() -> None:
    first = int(os.environ["DETENTE_SEED"]) * 1_000_000
    for seed in range(first, first + 600):
        compare(seed, Counter())


# --- levers ----------------------------------------------------------------------------------------------------------


def changed(problem: Problem, other: Problem) -> set[str]:
    """Fields that differ."""
    plain = {k: v for k, v in vars(problem).items() if k not in {"lattice", "cost", "takes", "caught"}}
    return {
        k for k, v in plain.items() if not np.array_equal(np.array(v), np.array(getattr(other, k)), equal_nan=False)
    }


def some_problem(seed: int, **fixed: Any) -> Problem:
    return problem_of(random_problem(seed, transfers=0.0, money=[1.0, 0.5, 2.0], **fixed))


def test_levers_change_what_they_say_and_leave_the_old_problem_alone() -> None:
    problem = some_problem(5, parties=["a", "b", "c"], sizes=((3, 2, 2),))
    before = {k: np.array(v) for k, v in vars(problem).items() if isinstance(v, np.ndarray)}
    bond = with_breach_cost(problem, {"b": 0.5})
    assert changed(problem, bond) == {"walk", "breach"}
    assert bond.walk[1] == pytest.approx(problem.walk[1] - 0.5)
    assert bond.breach[1] == pytest.approx(problem.breach[1] + 0.5)
    assert np.array_equal(bond.walk[[0, 2]], problem.walk[[0, 2]])
    paid = with_payment(problem, "b", 0.5, "c")
    assert changed(problem, paid) == {"flow"}
    assert paid.flow - problem.flow == pytest.approx(
        np.broadcast_to(np.reshape([0.0, 0.5, -2.0], (3, 1, 1, 1)), problem.flow.shape)
    )  # 0.5 is worth 1 unit of money to b, which is worth 2 to c
    assert with_payment(problem, "b", 0.5).flow[2] == pytest.approx(problem.flow[2])
    assert with_escrow(problem).escrow
    assert all(np.array_equal(v, getattr(problem, k)) for k, v in before.items())


def test_payments_between_parties_need_the_worth_of_money() -> None:
    for money in (None, np.array([1.0, np.nan, 1.0])):
        with pytest.raises(ValueError, match="worth of money"):
            exchange(replace(some_problem(5, parties=["a", "b", "c"]), money=money), "a", "b")


def test_detection_is_raised_and_never_lowered() -> None:
    problem = next(p for p in map(some_problem, range(200)) if len(p.caught) == 2)
    first, second = sorted(problem.caught)
    one = with_detection(problem, 0.5, [first])
    assert np.array_equal(one.caught[first], np.maximum(problem.caught[first], 0.5))
    assert np.array_equal(one.caught[second], problem.caught[second])
    assert all((q >= 0.5).all() for q in with_detection(problem, 0.5).caught.values())


@pytest.mark.parametrize("parts", [2, 3])
def test_a_split_is_the_old_problem_at_the_old_levels_and_the_straight_line_between(parts: int) -> None:
    for seed in range(40):
        problem = some_problem(seed)
        for axis in range(len(problem.lattice.shape)):
            split = with_split(problem, axis, 0, parts)
            assert split.lattice.shape[axis] == problem.lattice.shape[axis] + parts - 1
            old = [0, *range(parts, split.lattice.shape[axis])]
            for name in ("flow", "walk", "snapped", "breach", "accused"):
                new, was = getattr(split, name), getattr(problem, name)
                assert new.take(old, axis + 1) == pytest.approx(was)
                line = was.take(0, axis + 1) * (1 - 1 / parts) + was.take(1, axis + 1) / parts
                assert new.take(1, axis + 1) == pytest.approx(line)
            assert np.array_equal(split.lattice.feasible.take(old, axis), problem.lattice.feasible)
            both = problem.lattice.feasible.take(0, axis) & problem.lattice.feasible.take(1, axis)
            assert np.array_equal(split.lattice.feasible.take(1, axis), both)
            for name in ("cost", "takes"):
                new, was = getattr(split, name)[axis], getattr(problem, name)[axis]
                assert new.sum() == pytest.approx(was.sum())
                assert new[1 : parts + 1] == pytest.approx([was[1] / parts] * parts)


def test_a_split_keeps_what_is_out_of_the_question() -> None:
    problem = lines(GOING, GOING, walk=[[[0.0, 0.0], [-np.inf, 0.0]], [[0.0] * 2] * 2])
    walk = with_split(problem, 0, 0, 2).walk[0]
    assert walk[:, 0].tolist() == [0.0, -np.inf, -np.inf]
    assert walk[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_an_order_is_worth_the_same_before_and_after_a_split() -> None:
    for seed in range(60):
        problem = some_problem(seed)
        order = find_order(problem)
        if not order.steps:
            continue
        axis = seed % len(problem.lattice.shape)
        steps = tuple(
            replace(
                s,
                before=tuple(p + (a == axis and p > 0) for a, p in enumerate(s.before)),
                after=tuple(p + (a == axis and p > 0) for a, p in enumerate(s.after)),
            )
            for s in order.steps
        )
        split = check(with_split(problem, axis, 0, 2), steps)
        assert split.shares == pytest.approx(check(problem, order.steps).shares, abs=1e-9)


# --- detection -------------------------------------------------------------------------------------------------------


def secretive(seed: int) -> Plain | None:
    """A problem in which leaving openly is bad and pretending is seldom found out; None if it is too large."""
    plain = random_problem(seed, transfers=0.0)
    if not plain["caught"] or plain["patient"]:
        return None
    plain["walk"] = [{c: v - 1 for c, v in w.items()} for w in plain["walk"]]
    plain["caught"] = {k: {c: v / 10 for c, v in q.items()} for k, q in plain["caught"].items()}
    return plain if 0 < sum(1 for _ in islice(plans(plain), 31)) <= 30 else None


def test_the_smallest_chance_of_detection_is_the_smallest_over_all_plans() -> None:
    compared = 0
    for seed in range(400):
        plain = secretive(seed)
        if plain is None:
            continue
        problem = problem_of(plain)
        order = find_order(problem)
        if check(problem, order.steps).holds or starting(problem).min() < TIED:
            continue
        bench = Bench(problem, order, find_order, no_case, Facts(), check(problem, order.steps).shares)
        found = {r.option: r.amount for r in detections(bench)}
        axes = sorted(plain["caught"])
        for meant in [[a] for a in axes] + ([axes] if len(axes) > 1 else []):
            wanted = literal.least_chance(plain, meant)
            amount = found.get(f"o{meant[0]}" if len(meant) == 1 else None)
            assert (amount is None) == (wanted is None), (seed, meant)
            compared += wanted is not None
            if wanted is not None:
                assert amount == pytest.approx(wanted, abs=CLOSE), (seed, meant)
    assert compared >= 10


# --- what rewrites the order or the case -----------------------------------------------------------------------------


def lines(*flows: list[list[float]], walk: list[list[list[float]]], **changes: Any) -> Problem:
    """Party a owns the first axis, b the second; patient, stakes 1."""
    shape = (len(flows[0]), len(flows[0][0]))
    lattice = Lattice(
        ("x", "y"), ("a", "b"), tuple(tuple(range(n)) for n in shape), (0, 0), (0, 1), np.ones(shape, bool)
    )
    zero = np.zeros((2, *shape))
    base = Problem(
        lattice, ("a", "b"), np.ones(2), np.full(2, 0.9), np.zeros(2), np.array(flows), np.array(walk), zero, zero,
        np.zeros(shape), zero, tuple(np.zeros(n) for n in shape), tuple(np.zeros(n) for n in shape), patient=True,
    )  # fmt: skip
    return replace(base, **changes)


GOING = [[1.0, 1.0], [1.0, 1.0]]


def test_escrow_joins_the_steps_around_the_pause_that_fails() -> None:
    # At (1, 0) a has given and b would leave; at (0, 1) the reverse; at the target both stay.
    walk = [[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 0.0]]]
    walk[0][0][1] = 2.0
    problem = lines(GOING, GOING, walk=walk)
    order = find_order(problem)
    assert not check(problem, order.steps).holds
    found = [r for r in repairs(problem, order, no_case, find_order) if r.lever == "escrow"]
    assert len(found) == 1
    assert [(s.before, s.after, s.movers, s.atomic) for s in found[0].order.steps] == [
        ((0, 0), (1, 1), ("a", "b"), True)
    ]
    # Moving at once without the third party does not help: each would hold back.
    at_once = replace(problem, together=True)
    assert not check(at_once, find_order(at_once).steps).holds


def test_escrow_makes_as_little_as_works_all_or_nothing() -> None:
    flow = [[1.0] * 3] * 3
    walk = [[[0.0] * 3 for _ in range(3)] for _ in range(2)]
    for cell in ((1, 2), (2, 1), (2, 0), (0, 2)):
        walk[0][cell[0]][cell[1]] = 2.0
    problem = lines(flow, flow, walk=walk)
    cells = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)]  # breaks at the last pause but one
    steps = tuple(step_between(problem, a, b) for a, b in pairwise(cells))
    written = Order(steps, None, proven=False, bound=0.0, method="written")
    bench = Bench(problem, written, find_order, no_case, Facts(), check(problem, steps).shares)
    found = list(escrow(bench))
    assert [[(s.after, s.atomic) for s in r.order.steps] for r in found] == [
        [((1, 0), False), ((1, 1), False), ((2, 2), True)]
    ]
    assert found[0].amount == 1


def test_a_new_level_helps_where_a_step_is_too_big() -> None:
    # What each has by leaving rises with what the other has given, and falls with what it has given itself.
    given = np.array([[0.0, 0.0], [1.0, 1.0]])
    walk_b, walk_a = given + given.T * -1 + 0.2, given.T - given + 0.2
    flow = [[0.8] * 2] * 2
    problem = lines(flow, flow, walk=[walk_a.tolist(), walk_b.tolist()])
    order = find_order(problem)
    assert not check(problem, order.steps).holds
    found = {r.option: r for r in repairs(problem, order, no_case, find_order) if r.lever == "split"}
    assert set(found) <= {"x", "y"}
    assert found
    for repair in found.values():
        assert repair.amount == 2
        assert "new level" in repair.note
        assert repair.problem.lattice.shape == ((3, 2) if repair.option == "x" else (2, 3))
        assert (1, 0) in {s.after for s in repair.order.steps} | {s.after[::-1] for s in repair.order.steps}


def test_verification_comes_earlier_by_as_little_as_works() -> None:
    # y is verification; x raised to its end before y is up tempts b.
    walk = [[[0.0, 0.0] for _ in range(3)], [[0.0, 0.0], [0.0, 0.0], [2.0, 0.0]]]
    flow = [[1.0, 1.0] for _ in range(3)]
    problem = lines(flow, flow, walk=walk)
    cells = [(0, 0), (1, 0), (2, 0), (2, 1)]
    steps = tuple(step_between(problem, a, b) for a, b in pairwise(cells))
    written = Order(steps, None, proven=False, bound=0.0, method="written")
    found = repairs(problem, written, no_case, find_order, Facts(verification=("y",)))
    assert [r.lever for r in found] == ["order", "earlier"]
    assert [s.after for s in found[1].order.steps] == [(1, 0), (1, 1), (2, 1)]
    assert found[1].amount == 2
    assert check(problem, found[0].order.steps).holds


def test_without_a_way_to_the_target_only_another_target_helps() -> None:
    problem = lines(GOING, GOING, walk=[[[0.0] * 2] * 2] * 2, deadline=0)
    nearer = replace(problem, deadline=None)
    edits = ((("plan", "target"), {"x": "yes"}),)
    asked = []

    def rebuild(wanted: Any) -> Problem | None:
        asked.append(wanted)
        return nearer if wanted == edits else None

    order = find_order(problem)
    assert not order.steps
    facts = Facts(lag={"a": 2, "b": 1}, targets=(("first", ((("plan", "target"), {}),)), ("second", edits)))
    found = repairs(problem, order, rebuild, find_order, facts)
    assert [(r.lever, r.note, r.edits) for r in found] == [("target", "second", edits)]
    assert np.isnan(found[0].before).all()


def test_the_longest_lag_that_works() -> None:
    # The longer the lag, the more a has by leaving: lag 3 and less hold.
    def with_lag(lag: float) -> Problem:
        walk = np.zeros((2, 2, 2))
        walk[0, 1, 1] = 0.25 * lag + 0.2
        return lines(GOING, GOING, walk=walk.tolist())

    def rebuild(edits: Any) -> Problem:
        ((path, value),) = edits
        assert path == ("plan", "lag")
        assert value["b"] == 1
        return with_lag(value["a"])

    facts = Facts(lag={"a": 7.0, "b": 1.0})
    late = with_lag(7)
    found = [r for r in repairs(late, find_order(late), rebuild, find_order, facts) if r.lever == "lag"]
    assert [(r.party, r.amount, r.edits) for r in found] == [("a", 3.0, ((("plan", "lag"), {"a": 3, "b": 1.0}),))]
    good = with_lag(2)
    held = Facts(lag={"a": 2.0, "b": 1.0})
    assert repairs(good, find_order(good), rebuild, find_order, held) == ()

    def either(edits: Any) -> Problem:
        ((_, value),) = edits
        return with_lag(value["a"])

    assert longest_lag(good, find_order(good), either, find_order, held) == {"a": 3.0, "b": float("inf")}


def test_a_repair_that_hurts_another_says_so() -> None:
    walk = [[[0.0, 0.0], [0.0, 1.5]], [[0.0, 0.0], [0.0, 0.0]]]
    problem = lines(GOING, GOING, walk=walk, money=np.ones(2))
    order = find_order(problem)
    found = {(r.lever, r.party, r.payer): r for r in repairs(problem, order, no_case, find_order)}
    assert found["breach_cost", "a", None].amount == pytest.approx(0.5)
    assert found["breach_cost", "a", None].once == pytest.approx(5.0)
    assert found["breach_cost", "a", None].harms == ()
    assert found["payment", "a", "b"].harms == ("b",)
    assert found["payment", "a", "b"].after == pytest.approx([0.0, 0.5])
    assert found["payment", "a", None].harms == ()
    assert ("breach_cost", "b", None) not in found


# --- with side payments between steps --------------------------------------------------------------------------------


def test_with_side_payments_no_smaller_amount_works() -> None:
    compared = 0
    for seed in range(160):
        plain = random_problem(seed, patient=True, caught={}, money=[1.0, 0.5, 2.0], transfers=0.5, margin=0.0)
        problem = problem_of({**plain, "money": [1.0, 0.5, 2.0][: len(plain["parties"])]})
        order = find_order(problem)
        if not order.steps or check(problem, order.steps, order.side).holds or starting(problem).min() < TIED:
            continue
        bench = Bench(problem, order, find_order, no_case, Facts(), check(problem, order.steps, order.side).shares)
        for repair in breach_costs(bench):
            checked = check(repair.problem, repair.order.steps, repair.order.side)
            assert checked.holds
            if repair.lever == "breach_cost":
                assert repair.party is not None
                assert repair.amount is not None
                less = with_breach_cost(problem, {repair.party: repair.amount - 1e-5})
                again = find_order(less)
                assert not check(less, again.steps, again.side).holds
                compared += 1
    assert compared > 8


def test_a_payment_that_the_payer_cannot_bear_in_one_order_is_larger_in_another() -> None:
    # Through (1, 0) a needs 0.5 and b can pay 0.3; through (0, 1) a needs 0.7 and b can pay 1.
    walk = [[[0.0, 1.7], [1.5, 0.0]], [[0.0, 0.0], [0.7, 0.0]]]
    problem = lines(GOING, GOING, walk=walk, money=np.array([2.0, 2.0]))
    bench = Bench(
        problem, order := find_order(problem), find_order, no_case, Facts(), check(problem, order.steps).shares
    )
    found = {(r.party, r.payer): r for r in payments(bench)}
    assert found["a", None].amount == pytest.approx(0.5)
    assert found["a", "b"].amount == pytest.approx(0.7)
    assert found["a", "b"].money == pytest.approx(0.35)
    assert [s.after for s in found["a", "b"].order.steps] == [(0, 1), (1, 1)]
    poor = replace(problem, money=np.array([2.0, 4.0]))  # what is worth 0.7 to a is worth 1.4 to b
    bench = Bench(poor, order, find_order, no_case, Facts(), bench.shares)
    assert ("a", "b") not in {(r.party, r.payer) for r in payments(bench)}
