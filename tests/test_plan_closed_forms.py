"""The closed forms of the theory of plans, through the planner, the verifier and the repairs."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

import detente
from detente.case.change import Change, Edit
from detente.plan.build import problem_of
from detente.plan.first_tests import first_tests
from detente.plan.problem import TIED, Cell, Floats, Lattice, Problem, Step
from detente.plan.repairs import Facts, Option, Repair, repairs
from detente.plan.search import find_order
from detente.plan.verify import check
from detente.space.states import StateSpace
from tests.literal.closed_forms import (
    attrition_value,
    best_items,
    bond_of_order,
    contributions_by_induction,
    greedy_deliveries,
    greedy_moves,
    inside,
    last_contributions,
    offers,
    rising,
    smallest_bond,
    staircases,
    threshold,
)
from tests.literal.plan_problems import random_problem
from tests.plan_case import problem_of as plain_problem

NOTHING = (0.0, 0.0)


def pair(seed: int) -> random.Random:
    return random.Random(f"closed forms {seed}")


def order_free(owners: str, going: Floats, leaving: Floats, **changes: Any) -> Problem:
    """A patient problem of parties a, b from what going on is worth at the target and leaving is worth at each cell."""
    shape = leaving.shape[1:]
    flow = np.broadcast_to(going.reshape(-1, *[1] * len(shape)), leaving.shape).copy()
    lattice = Lattice(
        tuple(f"o{k}" for k in range(len(shape))),
        tuple(owners),
        tuple(tuple(range(n)) for n in shape),
        (0,) * len(shape),
        tuple(range(len(shape))),
        np.ones(shape, bool),
    )
    n = len(leaving)
    given: dict[str, Any] = {
        "stake": np.ones(n),
        "discount": np.full(n, 0.9),
        "disagreement": np.zeros(n),
        "snapped": np.zeros(leaving.shape),
        "breach": np.zeros(leaving.shape),
        "alarm": np.zeros(shape),
        "accused": np.zeros(leaving.shape),
        "cost": tuple(np.zeros(m) for m in shape),
        "takes": tuple(np.zeros(m) for m in shape),
        "patient": True,
    }
    parties = ("a", "b", "c")[:n]
    return Problem(lattice=lattice, parties=parties, flow=flow, walk=leaving, **(given | changes))


# --- safe exchange ---------------------------------------------------------------------------------------------------


def exchange(cost: list[int], worth: list[int], price: int, bonds: tuple[float, float]) -> Problem:
    """Supplier a delivers units, demander b pays money unit by unit; each may vanish with what it has."""
    shape = (len(cost), price + 1)
    gains = [np.array([[p - c for p in range(shape[1])] for c in cost], float)]
    gains += [np.array([[v - p for p in range(shape[1])] for v in worth], float)]
    leaving = np.array([g - bond for g, bond in zip(gains, bonds, strict=True)])
    return order_free("ab", np.array([g[-1, -1] for g in gains]), leaving)


def goods(seed: int) -> tuple[list[int], list[int], int, tuple[float, float]]:
    rng = pair(seed)
    units = rng.randint(1, 5)
    cost, worth = [0], [0]
    for _ in range(units):
        cost.append(cost[-1] + rng.randint(0, 3))
        worth.append(worth[-1] + rng.randint(0, 5))
    price = rng.randint(min(cost[-1], worth[-1]), max(cost[-1], worth[-1]))
    return cost, worth, price, (rng.randint(0, 3), rng.randint(0, 2))


def only_safety(problem: Problem) -> Problem:
    """The problem in which a state is as good as another if it is safe, so that the fewest moves are sought."""
    going = problem.flow
    walk = np.maximum(problem.walk, going)
    return order_free("ab", going[:, 0, 0], walk, disagreement=going[:, 0, 0])


def test_the_safe_corridor_is_where_nobody_gains_by_vanishing_and_greedy_makes_the_fewest_moves() -> None:
    possible = 0
    for seed in range(300):
        cost, worth, price, bonds = goods(seed)
        if price == 0:
            continue
        problem = exchange(cost, worth, price, bonds)
        margin = (problem.flow - problem.walk).min(axis=0)
        for x, paid in product(range(len(cost)), range(price + 1)):
            assert (margin[x, paid] >= 0) == inside(cost, worth, price, bonds, x, paid)
        best = staircases(cost, worth, price, bonds)
        order = find_order(only_safety(problem))
        assert check(only_safety(problem), order.steps).holds == (best is not None)
        assert greedy_deliveries(cost, worth, price, bonds) == (None if best is None else best[0])
        if best is not None:
            possible += 1
            assert len(order.steps) == best[1] == greedy_moves(cost, worth, price, bonds)
            assert all(inside(cost, worth, price, bonds, *s.after) for s in order.steps)
    assert 100 < possible < 250


@pytest.mark.parametrize(("cost", "bonds"), list(product((1, 2, 3), product((0, 1, 2), (0, 1)))))
def test_the_last_delivery_needs_a_bond_of_its_cost(cost: int, bonds: tuple[int, int]) -> None:
    problem = exchange([0, cost], [0, cost + 2], cost + 1, bonds)
    assert check(problem, find_order(problem).steps).holds == (sum(bonds) >= cost)


def test_splitting_finer_and_finer_never_ends_without_a_bond_unless_the_last_part_is_free() -> None:
    for units in range(1, 6):
        cost, worth = list(range(units + 1)), [3 * x for x in range(units + 1)]
        bare = exchange(cost, worth, 2 * units, NOTHING)
        assert not check(bare, find_order(bare).steps).holds
        free = exchange([*cost, units], [*worth, 3 * units + 2], 2 * units, NOTHING)
        assert check(free, find_order(free).steps).holds


def items(seed: int, most: int) -> list[tuple[int, int]]:
    rng = pair(seed)
    return [(rng.randint(0, 6), rng.randint(0, 8)) for _ in range(rng.randint(1, most))]


def test_items_in_order_of_cost_need_the_smallest_bond() -> None:
    losing = 0
    for seed in range(3_000):
        some = items(seed, 5)
        assert bond_of_order(best_items(some)) == smallest_bond(some), seed
        losing += any(v < c for c, v in some)
    assert losing > 1_000


def test_the_bond_of_independent_items_is_the_breach_cost_that_the_repair_finds() -> None:
    needing = 0
    for seed in range(60):
        some = items(seed, 4)
        cost, worth = sum(c for c, _ in some), sum(v for _, v in some)
        if worth <= cost:
            continue  # no target that anybody would start for
        problem = delivered(some, worth)
        order = find_order(problem)
        bond = smallest_bond(some)
        assert check(problem, order.steps).holds == (bond == 0)
        found = [r for r in repairs(problem, order, lambda _: None, find_order) if r.lever == "breach_cost"]
        alone = [r.amount for r in found if r.party == "a"]
        assert alone == ([] if bond == 0 else [pytest.approx(bond, abs=1e-6)]), seed
        needing += bond > 0
    assert needing > 15


def delivered(some: list[tuple[int, int]], price: int) -> Problem:
    """Items that a delivers, each at once, for a price that b pays in units."""
    shape = (*[2] * len(some), price + 1)
    leaving = np.zeros((2, *shape))
    for cell in np.ndindex(shape):
        given = [item for item, there in zip(some, cell[:-1], strict=True) if there]
        leaving[(0, *cell)] = cell[-1] - sum(c for c, _ in given)
        leaving[(1, *cell)] = sum(v for _, v in given) - cell[-1]
    return order_free("a" * len(some) + "b", leaving.reshape(2, -1)[:, -1], leaving)


def test_without_money_a_band_of_tolerance_is_the_partition_problem() -> None:
    solvable = 0
    for seed in range(60):
        rng = pair(seed)
        parts = [rng.randint(1, 9) for _ in range(5)]
        if sum(parts) % 2:
            continue
        half = sum(parts) // 2
        wanted = any(
            sum(p for p, on in zip(parts, chosen, strict=True) if on) == half for chosen in product((0, 1), repeat=5)
        )
        shape = (2,) * 7
        leaving = np.zeros((2, *shape))
        for cell in np.ndindex(shape):
            balance = half * sum(cell[5:]) - sum(p for p, on in zip(parts, cell, strict=False) if on)
            leaving[(0, *cell)] = -balance  # a leaves if it has given more than it got, b if it is owed too much
            leaving[(1, *cell)] = balance - half
        problem = order_free("aaaaabb", np.zeros(2), leaving)
        assert check(problem, find_order(problem).steps).holds == wanted, seed
        solvable += wanted
    assert 5 < solvable < 30


# --- gradualism ------------------------------------------------------------------------------------------------------


def payoff(own: Any, other: Any) -> Any:
    return other - own**2 / 2


def climbing(efforts: list[float], tail: float, delta: float) -> tuple[Problem, tuple[Step, ...]]:
    """Both raise efforts that cannot be lowered, at the same time, every period; in the end ``tail`` per period."""
    levels = np.array([0.0, *efforts])
    flow = np.array([payoff(levels[:, None], levels[None, :]), payoff(levels[None, :], levels[:, None])])
    walk = flow.copy()
    flow[:, -1, -1] = tail
    problem = order_free("ab", np.zeros(2), walk, discount=np.full(2, delta), patient=False, together=True)
    problem = replace(problem, flow=flow)
    steps = tuple(Step((t, t), (t + 1, t + 1), ("a", "b"), atomic=False, periods=1) for t in range(len(efforts)))
    return problem, steps


@pytest.mark.parametrize("delta", [0.5, 0.8, 0.9, 0.97])
def test_lockwood_and_thomas_every_step_is_just_worth_going_on_for(delta: float) -> None:
    efforts = rising(delta, 3_000)
    shown = 60
    tail = (1 - delta) * sum(delta**k * payoff(c, c) for k, c in enumerate(efforts[shown - 1 :]))
    problem, steps = climbing(efforts[:shown], tail, delta)
    checked = check(problem, steps)
    assert abs(checked.margins[1:]).max() < 1e-6  # going on = the best deviation, at every t
    assert {k for row in checked.kinds[1:] for k in row} == {"withhold"}
    assert checked.values[1] == pytest.approx([delta / 2] * 2, abs=1e-9)
    assert all(a < b < delta for a, b in pairwise(efforts))
    assert efforts[-1] == pytest.approx(delta, abs=2e-3)
    # A path that starts a little higher cannot be held at the same margins: it never stops rising.
    higher = [delta / 2 + 0.01]
    while len(higher) < 3_000 and higher[-1] < 1.5:
        higher.append(higher[0] + higher[-1] ** 2 / (2 * delta))
    assert higher[-1] >= 1.5


def test_lockwood_and_thomas_table() -> None:
    assert [round(c, 4) for c in rising(0.9, 6)] == [0.45, 0.5625, 0.6258, 0.6676, 0.6976, 0.7203]


def test_admati_and_perry_contributions() -> None:
    assert [round(c, 4) for c in last_contributions(0.9, 1, 6)] == [0.1, 0.171, 0.1385, 0.1122, 0.0909, 0.0736]
    for delta in (0.5, 0.9):
        assert sum(last_contributions(delta, 3.0, 3_000)) == pytest.approx(3.0, abs=1e-9)


@pytest.mark.parametrize(
    ("delta", "grid", "steps"), [(Fraction(1, 2), 128, 4), (Fraction(1, 3), 243, 3), (Fraction(3, 4), 64, 2)]
)
def test_admati_and_perry_by_induction_on_what_is_missing(delta: Fraction, grid: int, steps: int) -> None:
    exact = [c * grid for c in last_contributions(float(delta), 1.0, steps)]
    sizes = [round(c) for c in exact]
    assert exact == pytest.approx(sizes, abs=1e-9)  # the grid can show them
    given = contributions_by_induction(delta, Fraction(1), grid, sum(sizes))
    missing, seen = sum(sizes), []
    while missing:
        seen.append(given[missing])
        missing -= given[missing]
    assert seen[::-1] == sizes


# --- what enforces cooperation: temptation 5, cooperation 3, punishment 1 --------------------------------------------


def dilemma(delta: float, **plan: Any) -> Problem:
    """Two sides that cooperate for ever, or fall back on the status quo, as a case file."""
    both = "mine == yes and yours == yes"
    written = {
        "detente": 1,
        "name": "dilemma",
        "parties": {"me": {"discount": delta}, "you": {"discount": delta}},
        "options": {"mine": {"party": "me"}, "yours": {"party": "you"}},
        "preferences": {
            "me": {"utility": {"not mine and not yours": 1, "not mine and yours": 5, both: 3}},
            "you": {"utility": {"not mine and not yours": 1, "mine and not yours": 5, both: 3}},
        },
        "plan": {"target": {"mine": "yes", "yours": "yes"}, "lag": 1, "snapback": True, "together": True, **plan},
    }
    case = detente.Case.from_dict(written)
    return problem_of(case, StateSpace.of(case), (1, 1))


def punished(delta: float, periods: int) -> float:
    """What is left after cheating if cooperation returns after some periods."""
    return (1 - delta**periods) * 1 + delta**periods * 3


def finite(periods: int) -> float:
    """The discount factor above which a punishment of some periods is enough, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        enough = sum(middle**t * 2 for t in range(1, periods + 1)) >= 2
        low, high = (low, middle) if enough else (middle, high)
    return high


HIDDEN = {"conceal": {"mine": 0.5, "yours": 0.5}, "lag": 0}


@pytest.mark.parametrize(
    ("least", "plan", "number"),
    [
        (threshold(5, 3, 1), {}, 0.5),
        (threshold(5, 3, 1, lag=2), {"lag": 2}, 0.7071),
        (threshold(5, 3, 1, lag=5), {"lag": 5}, 0.8706),
        (threshold(5, 3, 1, q=0.5), HIDDEN, 0.6667),
        (threshold(5, 3, 1, q=0.2), {**HIDDEN, "conceal": {"mine": 0.2, "yours": 0.2}}, 0.8333),
        (threshold(5, 3, 1, q=0.5, alarm=0.05), {**HIDDEN, "false_alarm": 0.05}, 0.7143),
    ],
)
def test_cooperation_holds_from_the_threshold_on(least: float, plan: dict[str, Any], number: float) -> None:
    assert round(least, 4) == number
    for delta, holds in ((least + 1e-6, True), (least - 1e-6, False)):
        problem = dilemma(delta, **plan)
        assert first_tests(problem).self_enforcing(problem) == holds
        step = Step((0, 0), (1, 1), ("me", "you"), atomic=True, periods=1)
        assert (check(problem, (step,)).ending >= 0) == holds


@pytest.mark.parametrize("periods", [2, 3, 10])
def test_cooperation_holds_from_the_threshold_of_a_finite_punishment_on(periods: int) -> None:
    least = finite(periods)
    for delta, holds in ((least + 1e-6, True), (least - 1e-6, False)):
        left = punished(delta, periods)
        problem = dilemma(delta, outside={"me": left, "you": left})
        assert first_tests(problem).self_enforcing(problem) == holds
    assert finite(200) == pytest.approx(0.5, abs=1e-9)
    assert finite(1) == pytest.approx(1.0, abs=1e-9)


def test_the_smallest_detection_chance_that_deters() -> None:
    delta = 0.8
    problem = dilemma(delta, **{**HIDDEN, "conceal": {"mine": 0.01, "yours": 0.01}})
    order = find_order(problem)
    all_of_it = [r for r in repairs(problem, order, lambda _: None, find_order) if r.lever == "detection"]
    assert [r.option for r in all_of_it] == [None]  # one option alone leaves the other side tempted
    assert all_of_it[0].amount == pytest.approx((1 - delta) * (5 - 3) / (delta * (3 - 1)), abs=1e-6)


# --- bargaining ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("interest", "duration"), [(0.05, 4), (0.1, 2), (0.2, 1)])
def test_attrition_hazard_makes_every_time_of_giving_in_equally_good(interest: float, duration: float) -> None:
    hazard = interest * (4 + 1) / (6 - 4)
    assert 1 / (2 * hazard) == pytest.approx(duration)
    for quit_at in (0.5, 3.0, 12.0):
        assert attrition_value(quit_at, hazard, interest, 6, 4, 1) == pytest.approx(4 / interest, rel=1e-6)
        assert attrition_value(quit_at, 1.1 * hazard, interest, 6, 4, 1) > 4 / interest + 0.01
    rng = np.random.default_rng(1)
    ends = rng.exponential(1 / hazard, (200_000, 2)).min(axis=1)
    assert ends.mean() == pytest.approx(duration, rel=0.01)


@pytest.mark.parametrize("delta", [(0.9, 0.9), (0.9, 0.5), (0.3, 0.8)])
def test_rubinstein_shares(delta: tuple[float, float]) -> None:
    assert offers(delta, 400) == pytest.approx((1 - delta[1]) / (1 - delta[0] * delta[1]), abs=1e-9)


# --- simultaneous steps ----------------------------------------------------------------------------------------------


def sided(seed: int, *, falling: bool, parties: int = 2) -> Problem | None:
    """A patient problem of some parties that may pause anywhere.

    ``falling``: conceding never makes leaving better for the one that concedes; else every concession does. Once the
    target is reached, leaving is bad: what counts is the way.
    """
    plain = random_problem(seed, patient=True, caught={}, transfers=0.0, together=False, escrow=False, deadline=None)
    if len(plain["parties"]) != parties or set(plain["owners"]) != set(plain["parties"]):
        return None
    problem = plain_problem({**plain, "feasible": dict.fromkeys(plain["feasible"], True)})
    walk = problem.walk.copy()
    for axis, owner in enumerate(problem.lattice.owners):
        i = problem.parties.index(owner)
        if falling:
            walk[i] = np.minimum.accumulate(walk[i], axis)
        else:
            given = np.linspace(0, 1, problem.lattice.shape[axis])
            walk[i] += given.reshape([-1 if a == axis else 1 for a in range(walk[i].ndim)])
    for leaving in walk:
        leaving[problem.lattice.target] -= 2
    return replace(problem, walk=walk)


def safest(problem: Problem) -> float:
    """The largest smallest share, the target's included, of all plans: what is asked for is raised until none holds."""
    share = float(check(problem, find_order(problem).steps).shares.min())
    while True:
        checked = check(problem, find_order(replace(problem, margin=share + 1e-6)).steps)
        if checked.shares.min() < share + 1e-6 - TIED:
            return share
        share = float(checked.shares.min())


@pytest.mark.parametrize("falling", [True, False])
def test_moving_at_once_is_no_safer_than_one_after_the_other_but_all_or_nothing_is(falling: bool) -> None:  # noqa: FBT001
    compared = safer = escrowed = 0
    for seed in range(400):
        problem = sided(seed, falling=falling)
        if problem is None:
            continue
        apart, together = safest(problem), safest(replace(problem, together=True))
        compared += 1
        safer += together > apart + 1e-5
        escrowed += safest(replace(problem, escrow=True)) > apart + 1e-5
    assert compared > 100
    assert escrowed > 0
    # Without the assumption the proposition fails: the sample can tell.
    assert safer == 0 if falling else safer > 5


def test_of_three_parties_moving_at_once_can_be_safer() -> None:
    # Holding back is judged with all others moving: one by one, a party can leave when only some have moved.
    safer = 0
    for seed in (460, 568, 792, 1342):
        problem = sided(seed, falling=True, parties=3)
        assert problem is not None
        safer += safest(replace(problem, together=True)) > safest(problem) + 0.01
    assert safer == 4


def test_splitting_a_step_of_two_is_at_least_as_safe_plan_by_plan() -> None:
    split = 0
    for seed in range(300):
        problem = sided(seed, falling=True)
        if problem is None:
            continue
        target = problem.lattice.target
        at_once = (Step(problem.lattice.origin, target, problem.parties, atomic=False, periods=1),)
        middle = tuple(n if o == problem.parties[0] else 0 for n, o in zip(target, problem.lattice.owners, strict=True))
        after = (step(problem, problem.lattice.origin, middle), step(problem, middle, target))
        assert check(problem, after).shares.min() >= check(problem, at_once).shares.min() - TIED
        split += 1
    assert split > 60


def step(problem: Problem, before: Cell, after: Cell) -> Step:
    movers = {o for o, a, b in zip(problem.lattice.owners, before, after, strict=True) if b > a}
    return Step(before, after, tuple(p for p in problem.parties if p in movers), atomic=False, periods=1)


# --- lessons from a toy case -----------------------------------------------------------------------------------------

SIDES = ("dprk", "us")


def toy(parts: int, relief: str, **plan: Any) -> dict[str, Any]:
    """Disarmament that stays against relief, both in equal parts, and a gesture of each that can be taken back."""
    names = ["none", *(f"part{k}" for k in range(1, parts + 1))]

    def worth(whole: float) -> dict[str, float]:
        return {names[k]: whole * k / parts for k in range(1, parts + 1)}

    return {
        "detente": 1,
        "name": "toy",
        "parties": {p: {"discount": 0.98} for p in SIDES},
        "options": {
            "arsenal": {"party": "dprk", "levels": names, "moves": "up"},
            "relief": {"party": "us", "levels": names, "moves": relief},
            "tests": {"party": "dprk", "levels": ["going", "halted"]},
            "drills": {"party": "us", "levels": ["going", "halted"]},
        },
        "preferences": {
            "us": {
                "utility": {
                    "arsenal": worth(12),
                    "relief": worth(-3),
                    "tests": {"halted": 2},
                    "drills": {"halted": -0.5},
                }
            },
            "dprk": {
                "utility": {"arsenal": worth(-6), "relief": worth(9), "tests": {"halted": -1}, "drills": {"halted": 2}}
            },
        },
        "plan": {"target": {"tests": "halted"}, "lag": 1, "snapback": True, **plan},
    }


class Toy:
    """A toy case, its full deal and what is needed to repair it."""

    def __init__(self, parts: int, relief: str, **plan: Any) -> None:
        self.case = detente.Case.from_dict(toy(parts, relief, **plan))
        self.target = (parts, parts, 1, 1)
        options = {
            o: Option(tuple(w.levels), tuple(w.irreversible), w.moves) for o, w in self.case.file.options.items()
        }
        self.facts = Facts(dict.fromkeys(SIDES, 1.0), options)
        rebuilt = self.rebuild(())
        assert rebuilt is not None
        self.problem = rebuilt
        self.order = find_order(rebuilt)
        self.checked = check(rebuilt, self.order.steps)

    def rebuild(self, edits: Any) -> Problem | None:
        case = self.case.change(Change(tuple(Edit(path, value) for path, value in edits)))
        return problem_of(case, StateSpace.of(case), self.target)

    def repairs(self) -> tuple[Repair, ...]:
        return repairs(self.problem, self.order, self.rebuild, find_order, self.facts)


def test_with_reversible_relief_the_target_is_what_fails_and_for_the_side_that_can_take_it_back() -> None:
    for parts in (1, 2, 3):
        bargain = Toy(parts, "both")
        tests = first_tests(bargain.problem)
        # After a breach by the US: 12 for the arsenal, and for one period 14 in place of 10.5 (of 1 part in 50).
        assert tests.target[SIDES.index("us")] == pytest.approx(10.5 - (0.02 * 14 + 0.98 * 12))
        assert tests.target[SIDES.index("dprk")] > 0
        assert not bargain.checked.holds
        assert bargain.checked.interior > 0
        assert bargain.checked.binding == (len(bargain.order.steps), SIDES.index("us"))


def test_the_lever_must_act_on_the_side_that_is_tempted() -> None:
    found = Toy(3, "both").repairs()
    breach = {r.party: r for r in found if r.lever == "breach_cost"}
    assert set(breach) == {"us"}  # the other's breach cost does nothing
    assert breach["us"].amount == pytest.approx(0.02 * 14 + 0.98 * 12 - 10.5, abs=1e-6)
    assert breach["us"].once == pytest.approx(50 * 1.54, abs=1e-4)
    assert not breach["us"].harms
    sticky = [r for r in found if r.lever == "irreversible"]
    assert [(r.party, r.option) for r in sticky] == [("us", "relief")]
    # The last two parts: with the last one alone the US would keep too little by staying.
    path = ("options", "relief", "irreversible")
    assert sticky[0].edits == ((path, ["part2", "part3"]),)
    less = Toy(3, "both").rebuild(((path, ["part3"]),))
    assert less is not None
    assert not check(less, find_order(less).steps).holds
    assert [(r.party, r.option) for r in found if r.lever == "reversible"] == [("dprk", "arsenal")]
    for repair in found:
        assert check(repair.problem, repair.order.steps).holds


def test_what_the_tempted_side_gives_is_not_made_easier_to_take_back() -> None:
    bargain = Toy(1, "up")
    asked: list[tuple[str, ...]] = []

    def rebuild(edits: Any) -> Problem | None:
        asked.extend(path for path, _ in edits)
        return bargain.rebuild(edits)

    assert bargain.checked.shares.min(axis=0)[SIDES.index("dprk")] > 0  # only the US is short
    repairs(bargain.problem, bargain.order, rebuild, find_order, bargain.facts)
    assert ("options", "arsenal", "moves") in asked
    assert ("options", "relief", "moves") not in asked


def test_with_sticky_relief_gradualism_appears() -> None:
    bargains = {parts: Toy(parts, "up") for parts in (1, 2, 3, 4, 6)}
    assert not bargains[1].checked.holds  # the big bang
    assert first_tests(bargains[1].problem).self_enforcing(bargains[1].problem)  # although the target would hold
    assert all(b.checked.holds for parts, b in bargains.items() if parts > 1)
    interior = [b.checked.interior for b in bargains.values()]
    gains = [b - a for a, b in pairwise(interior)]
    assert all(g > 0 for g in gains)
    assert all(a >= b - 1e-12 for a, b in pairwise(gains))  # a moderate number suffices, more add little
    assert bargains[1].order.steps != bargains[2].order.steps
    guaranteed = {parts: Toy(parts, "up", breach_cost={"us": 1.5}) for parts in (1, 2)}
    assert guaranteed[1].checked.holds  # with a guarantee fewer parts suffice
    assert guaranteed[2].checked.interior > bargains[3].checked.interior


def test_only_smaller_deals_hold_without_a_guarantee_and_a_guarantee_of_the_tempted_side_allows_more() -> None:
    def enforceable(**plan: Any) -> set[Cell]:
        case = detente.Case.from_dict(toy(2, "both", **plan))
        found: set[Cell] = set()
        for target in product(range(3), range(3), range(2), range(2)):
            if any(target):
                problem = problem_of(case, StateSpace.of(case), target)
                order = find_order(problem)
                if first_tests(problem).starts(problem) and check(problem, order.steps).holds:
                    found.add(target)
        return found

    bare, other, tempted = enforceable(), enforceable(breach_cost={"dprk": 3}), enforceable(breach_cost={"us": 3})
    assert (2, 2, 1, 1) not in bare | other
    assert (2, 2, 1, 1) in tempted
    assert bare
    assert bare < tempted
    assert len(other) < len(tempted)
