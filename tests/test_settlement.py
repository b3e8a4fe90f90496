"""Settlement by hand: published figures, the worked cases of the definitions, properties, messages, the contract."""

import itertools
import json
import math
from fractions import Fraction
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize_scalar

import detente
from detente.case.change import Change, Edit
from detente.cli.contracts.settlement import SETTLE
from detente.inquiry.session import Session
from detente.settlement import solutions
from detente.settlement.adjusted_winner import divide
from detente.settlement.exact_lp import improving_mixture
from detente.settlement.frontier import Frontier, undominated
from detente.settlement.lottery import lotteries
from detente.settlement.narrative import lines
from detente.settlement.problem import bargain_of
from detente.settlement.result import RULES, PayoffClass, Settlement
from detente.settlement.sets import hitting_sets
from detente.space.states import StateSpace
from tests.literal import settlement as literal

SCHEMA = {
    "type": "object", "properties": SETTLE, "required": list(SETTLE), "additionalProperties": False,
}  # fmt: skip


def settle(tree: dict[str, Any], **parameters: Any) -> Settlement:
    found = Session(detente.Case.from_dict({"detente": 1, "name": "x", **tree})).ask("settle", **parameters)
    assert isinstance(found, Settlement)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(found.to_dict())
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    return found


def menu(*payoffs: tuple[float, ...], **blocks: Any) -> dict[str, Any]:
    """A case whose deals are the levels of one option of the first party; the first level is the status quo."""
    names = [f"l{n}" for n in range(len(payoffs))]
    parties = [f"p{i}" for i in range(len(payoffs[0]))]
    worth = {
        p: {"utility": {"deal": {level: row[i] for level, row in zip(names, payoffs, strict=True)}}}
        for i, p in enumerate(parties)
    }
    return {
        "parties": {p: {} for p in parties},
        "options": {"deal": {"party": "p0", "levels": names}},
        "preferences": worth,
        **blocks,
    }


def picked(found: Settlement, rule: str) -> set[str]:
    return names(found.points[rule])


def names(classes: tuple[PayoffClass, ...]) -> set[str]:
    return {f"l{d.levels[0]}" for c in classes for d in c.deals}


def front(*gains: tuple[int, ...]) -> Frontier:
    count = len(gains[0])
    where = tuple(np.array([n]) for n in range(len(gains)))
    return Frontier(tuple(f"p{i}" for i in range(count)), gains, (1,) * count, where)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_the_rules_pick_different_deals() -> None:
    # gains: ideal (10, 12). Products 0, 40, 48, 44, 0; smallest shares 0, .33, .42, .28, 0.
    found = settle(menu((0, 0), (10, 0.5), (9, 4), (7, 5), (2, 11), (1, 12)))
    assert found.verdict == "zone"
    assert found.zone_size == 5
    assert picked(found, "nash") == {"l2"}  # 5, 36, 35, 22, 12
    assert picked(found, "ks") == {"l3"}  # smallest shares 1/24, 1/3, 5/12, 1/5, 1/10
    assert picked(found, "egalitarian") == {"l3"}  # 0.5, 4, 5, 2, 1
    assert picked(found, "utilitarian") == {"l2", "l4", "l5"}  # 10.5, 13, 12, 13, 13
    assert picked(found, "relative_utilitarian") == {"l2"}  # 1.04, 1.233, 1.117, 1.117, 1.1
    assert picked(found, "equal_loss") == {"l3"}  # largest losses 11.5, 8, 7, 8, 9
    assert picked(found, "fallback") == {"l3"}  # places (0,4) (1,3) (2,2) (3,1) (4,0)
    assert found.spread is not None
    assert found.spread[0] == Fraction(7, 10) - Fraction(5, 12)


def test_ks_takes_its_ideal_from_what_nobody_loses_by() -> None:
    # over all deals p0's best is 100, but p1 would never take it
    found = settle(menu((0, 0), (100, -1), (10, 1), (6, 6), (1, 10)))
    assert picked(found, "ks") == {"l3"}
    assert all("l1" not in picked(found, r) for r in RULES)


def test_ks_and_equal_ratio_are_two_rules() -> None:
    # shares (.9, .8), (.5, .5): the first has the larger minimum, the second is equal and low
    found = settle(menu((0, 0), (10, 0), (0, 10), (9, 8), (5, 10)), rules=["ks"])
    assert picked(found, "ks") == {"l3"}
    low = settle(menu((0, 0), (10, 1), (1, 10), (9, 8), (8.5, 8.5), (8.25, 9)), rules=["ks"])
    assert picked(low, "ks") == {"l4"}


def test_equal_payoffs_are_all_returned() -> None:
    found = settle(menu((0, 0), (1, 1), (1, 1), (0, 0.5)))
    assert picked(found, "nash") == {"l1", "l2"}
    assert found.to_dict()["frontier_size"] == {"classes": 1, "deals": 2, "listed": 2}


def test_a_point_below_both_walk_aways_never_wins() -> None:
    # (-5) x (-5) = 25 is not a Nash product
    found = settle(menu((-5, -5), (1, 1), (-9, -9), disagreement={"payoffs": {"p0": 0, "p1": 0}}))
    assert picked(found, "nash") == {"l1"}


def test_an_indifferent_party_switches_no_rule_off() -> None:
    found = settle(menu((0, 0, 0), (3, 1, 0), (2, 2, 0), (1, 3, 0), (9, 9, -1)))
    assert found.verdict == "weak"
    assert found.zone_size == 3
    assert found.indifferent == ("p2",)
    assert len(found.frontier) == 3
    for rule in ("nash", "ks", "egalitarian", "equal_loss"):
        assert picked(found, rule) == {"l2"}


def test_where_not_all_can_gain_as_many_as_possible_do() -> None:
    found = settle(menu((0, 0, 0), (100, 0, 0), (1, 1, 0), (0, 2, 3), (2, 0, 1)))
    assert found.verdict == "weak"
    assert picked(found, "nash") == {"l2", "l3", "l4"}  # three pairs of gainers, none to be compared with another


def test_weights() -> None:
    tree = menu((0, 0), (4, 1), (2, 2), (1, 4))
    assert picked(settle(tree), "nash") == {"l1", "l2", "l3"}
    assert picked(settle(tree, weights={"p0": 2}), "nash") == {"l1"}
    assert picked(settle({**tree, "settlement": {"weights": {"p1": "1..3"}}}), "nash") == {"l3"}
    assert picked(settle(tree, weights={"p0": 0}), "utilitarian") == {"l3"}
    with pytest.raises(detente.UsageError, match="weight"):
        settle(tree, weights={"p9": 1})
    with pytest.raises(detente.UsageError, match="all 0"):
        settle(tree, weights={"p0": 0, "p1": 0})


def test_the_interval_of_weights_in_which_a_deal_stays_the_nash_point() -> None:
    found = settle(menu((0, 0), (4, 1), (2, 2.5), (1, 4)))
    assert [names((c,)) for c, _ in found.nash_weights] == [{"l2"}]
    (low, high) = found.nash_weights[0][1]
    # 2^t 2.5^(1-t) = 4^(1-t) and = 4^t
    assert low == pytest.approx(math.log(1.6) / math.log(3.2))
    assert high == pytest.approx(math.log(2.5) / math.log(5))


def test_products_are_compared_exactly() -> None:
    big = 10**12
    assert solutions.nash(front((big + 1, big - 1), (big, big), (big + 2, big - 2)), [Fraction(1)] * 2) == (1,)
    assert solutions.nash(front((2 * big, big), (big, 2 * big)), [Fraction(1)] * 2) == (0, 1)
    long = [Fraction(10**6, 10**6 + 1), Fraction(10**6 + 1, 10**6)]
    assert solutions.nash(front((big + 1, big - 1), (big - 1, big + 1)), long) == (1,)
    assert solutions.ks(front((big, 3 * big + 1), (3 * big, big))) == (0,)
    assert solutions.utilitarian(front((3, 10**17), (2, 10**17 + 2)), [Fraction(1)] * 2) == (1,)


def test_values_beyond_the_machines_integers() -> None:
    huge = 10**18
    found = settle(menu((0, 0), (huge, 0.001), (huge - 1, 0.002), (huge - 2, 0.001), (0.001, 0)))
    assert found.deals is not None
    assert found.deals.gains["p0"].dtype == object
    assert picked(found, "nash") == {"l2"}
    assert names(found.frontier) == {"l1", "l2"}


# --- the verdict, and what is said where there is no zone ------------------------------------------------------------


def test_only_the_status_quo_is_acceptable() -> None:
    found = settle(menu((0, 0), (1, -1), (-2, 1), (-5, -5)))
    assert (found.verdict, found.zone_size, found.frontier) == ("none", 0, ())
    report = found.no_zone
    assert report is not None
    assert report.uniform is not None
    assert report.uniform.amount == Fraction(1, 6)  # l1 costs p1 one of its six (1 - (-5))
    assert report.blocking == (("p0", "p1"),)
    assert report.accepting == (("p1",), ("p0",))
    assert report.falls is not None
    assert [report.falls[p].amount if report.falls[p] else None for p in ("p0", "p1")] == [2, 1]  # type: ignore[union-attr]
    assert report.mixture is None  # 1 against -1, and -2 against 1: prices (1, 1) make all worth at most 0
    assert report.subsidy is None
    assert report.money_missing == ("p0", "p1")


def test_a_lottery_where_no_deal_does() -> None:
    found = settle(menu((0, 0), (3, -1), (-1, 3)))
    assert found.verdict == "none"
    assert found.no_zone is not None
    assert found.no_zone.mixture is not None
    text = "\n".join(lines(found))
    assert "A lottery, or taking turns" in text
    assert "Who stands in the way: P0 and P1" in text or "Who stands in the way: p0 and p1" in text


def test_payments() -> None:
    money = {"parties": {"p0": {"money": 1}, "p1": {"money": 2}}}
    found = settle(menu((0, 0), (3, -4), (-2, 1), **money))
    assert found.no_zone is not None
    assert found.no_zone.surplus is not None
    assert found.no_zone.surplus.amount == 1  # 3 - 4/2
    assert found.no_zone.subsidy == 0
    short = settle(menu((0, 0), (3, -8), (-2, 1), **money))
    assert short.no_zone is not None
    assert short.no_zone.subsidy == 1  # max(3 - 4, -2 + 0.5) = -1
    assert "still be 1 short in money" in "\n".join(lines(short))


def test_a_condition_that_keeps_the_zone_away() -> None:
    found = settle(menu((0, 0), (1, -1), (2, 2), infeasible=["deal == l2"]))
    report = found.no_zone
    assert report is not None
    assert report.conditions is not None
    assert [o.lifted for o in report.conditions.opens] == [(0,)]
    assert report.conditions.blocking == ((0,),)
    assert "Were 'deal == l2' possible" in "\n".join(lines(found))


def test_a_new_level_between_two() -> None:
    found = settle(menu((-1, 3), (3, -1), disagreement={"payoffs": {"p0": 0, "p1": 0}}))
    report = found.no_zone
    assert report is not None
    assert report.levels is not None
    (level,) = report.levels
    assert (level.below, level.above, level.share) == ("l0", "l1", Fraction(1, 2))
    assert level.range == (Fraction(1, 4), Fraction(3, 4))
    assert level.gains == {"p0": 1, "p1": 1}


def test_nobody_can_gain_is_told_apart() -> None:
    found = settle(menu((0, 0), (-1, -1)))
    assert found.no_zone is not None
    assert found.no_zone.gaining == 0
    assert "No deal gives anybody more" in "\n".join(lines(found))


def test_no_deal_may_be_agreed_on_is_told_apart() -> None:
    tree = menu((0, 0), (1, 1))
    found = settle(tree, allowed=[False, False])
    assert found.verdict == "none"
    assert found.no_zone is not None
    assert not found.no_zone.possible
    assert found.no_zone.conditions is not None
    assert found.no_zone.conditions.opens[0].lifted == ("allowed",)
    assert "No deal at all" in "\n".join(lines(found))
    with pytest.raises(detente.CaseError, match="no feasible state"):
        settle({**tree, "infeasible": ["deal == l0", "deal == l1"]})


def test_a_restriction_from_outside_narrows_and_is_blamed() -> None:
    tree = menu((0, 0), (5, 5), (6, 2), (-1, 8))
    found = settle(tree, allowed=[True, False, True, True])
    assert picked(found, "nash") == {"l2"}
    nothing = settle(tree, allowed=[True, False, False, True])
    assert nothing.no_zone is not None
    assert nothing.no_zone.conditions is not None
    assert nothing.no_zone.conditions.opens[0].lifted == ("allowed",)
    assert nothing.no_zone.conditions.opens[0].count == 2


def test_other_owners_accept_only_what_moves_their_options() -> None:
    tree = menu((0, 0), (2, 2), (3, 3))
    tree["parties"]["g"] = {"role": "guarantor"}
    tree["options"]["promise"] = {"party": "g"}
    for p, more in (("p0", 2), ("p1", 2)):
        tree["preferences"][p]["utility"]["promise"] = {"yes": more}
    tree["preferences"]["g"] = {"utility": {"promise": {"yes": -1}, "deal": {"l1": -7, "l2": 3}}}
    found = settle(tree)
    # l1 costs the guarantor much, but does not need it; l2 with its promise is better for all three
    assert found.zone_size == 3
    best = found.points["nash"][0].deals[0]
    assert best.levels == (2, 1)
    assert best.payoffs == {"p0": 5, "p1": 5, "g": 2}
    alone = {
        d["levels"]["deal"]: d
        for d in settle(tree, allowed=[True, True, False, True, True, False]).to_dict()["frontier"]
    }
    assert alone["l1"]["affected"] == {"g": -7.0}
    assert set(alone["l1"]["payoffs"]) == {"p0", "p1"}


def test_merged_states_are_refused_only_where_their_levels_are_needed() -> None:
    tree = menu((0, 0), (2, 2), (-3, -3), (-3, -3))
    assert picked(settle({**tree, "coalesce": ["deal in {l2, l3}"]}), "nash") == {"l1"}
    good = menu((0, 0), (2, 2), (2, 2), (-3, -3))
    with pytest.raises(detente.UsageError, match="merged state"):
        settle({**good, "coalesce": ["deal in {l1, l2}"]})


# --- orders ----------------------------------------------------------------------------------------------------------


def test_orders_settle_verdict_frontier_and_fallback_alone() -> None:
    found = Session(detente.load("prisoners-dilemma")).ask("settle")
    assert found.verdict == "zone"
    assert found.zone_size == 1
    assert any("only an order is known" in w for w in found.provenance.warnings)
    elmira = Session(detente.load("elmira")).ask("settle")
    assert elmira.verdict == "none"
    assert elmira.no_zone.blocking == (("uniroyal",),)


def test_a_party_with_a_few_comparisons_is_left_out_by_name() -> None:
    tree = menu((0, 0, 0), (1, 1, 1))
    tree["preferences"]["p2"] = {"partial": [["deal == l0", "deal == l1"]]}
    found = settle(tree)
    assert found.to_dict()["unknown"] == ["p2"]
    assert "p2" not in found.bargain.axes
    assert any("only some comparisons" in w for w in found.provenance.warnings)
    for p in ("p0", "p1"):
        tree["preferences"][p] = tree["preferences"]["p2"]
    with pytest.raises(detente.UsageError, match="no signatory with a known order"):
        settle(tree)


# --- lotteries -------------------------------------------------------------------------------------------------------

GAINS = st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=2, max_size=7, unique=True)


def thin(rows: list[tuple[int, ...]]) -> Frontier:
    keep = undominated([np.array(c) for c in zip(*rows, strict=True)])
    return front(*[rows[int(k)] for k in keep])


def pure(one: Frontier) -> dict[str, tuple[int, ...]]:
    weights = [Fraction(1)] * len(one.parties)
    return {
        "ks": solutions.ks(one),
        "nash": solutions.nash(one, weights),
        "egalitarian": solutions.egalitarian(one, weights),
    }


@settings(max_examples=25, deadline=None)
@given(GAINS)
def test_lotteries_of_three_parties_reach_the_dual_bound(rows: list[tuple[int, ...]]) -> None:
    one = thin(rows)
    able = solutions.gainers(one)
    for rule, found in lotteries(one, [Fraction(1)] * 3, pure(one)).items():
        assert len(found.shares) <= max(len(able), 1)
        assert sum(s for _, s in found.shares) == pytest.approx(1)
        assert found.mixed >= found.pure * (1 - 1e-7)
        mixed = [sum(s * one.gains[n][i] for n, s in found.shares) for i in range(3)]
        assert mixed == pytest.approx(found.gains, abs=1e-6)
        if rule == "nash":
            # optimality: no deal has a gradient gain above the mixture's own
            for row in one.gains:
                assert sum(row[i] / mixed[i] for i in able) <= len(able) * (1 + 1e-4)
            continue
        size = [one.ideal[i] if rule == "ks" else 1 for i in able]
        # the largest smallest score = the smallest price of the dearest deal (duality), prices summing to 1
        table = np.array([[row[i] / s for i, s in zip(able, size, strict=True)] + [-1.0] for row in one.gains])
        total = np.array([[1.0] * len(able) + [0.0]])
        dual = linprog([0.0] * len(able) + [1.0], A_ub=table, b_ub=np.zeros(len(table)), A_eq=total, b_eq=[1.0],
                       bounds=[(0, None)] * len(able) + [(None, None)])  # fmt: skip
        assert found.mixed == pytest.approx(dual.fun, rel=1e-6, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=6, unique=True))
def test_lotteries_of_two_parties_by_every_pair(rows: list[tuple[int, int]]) -> None:
    one = thin(list(rows))
    found = lotteries(one, [Fraction(1)] * 2, pure(one))
    if len(solutions.gainers(one)) < 2 or not found:
        return
    best = {"ks": 0.0, "egalitarian": 0.0, "nash": 0.0}
    for a, b in itertools.combinations_with_replacement(one.gains, 2):
        for rule, (x, y) in {"ks": one.ideal, "egalitarian": (1, 1)}.items():
            p, q = (Fraction(a[0], x), Fraction(a[1], y)), (Fraction(b[0], x), Fraction(b[1], y))
            tilt = (q[0] - p[0]) - (q[1] - p[1])
            meet = [(p[1] - p[0]) / tilt] if tilt else []
            for t in [Fraction(0), Fraction(1), *(m for m in meet if 0 <= m <= 1)]:
                best[rule] = max(best[rule], float(min((1 - t) * p[k] + t * q[k] for k in (0, 1))))

        def product(t: float, a: tuple[int, ...] = a, b: tuple[int, ...] = b) -> float:
            return -math.prod((1 - t) * a[k] + t * b[k] for k in (0, 1))

        inside = minimize_scalar(product, bounds=(0, 1), method="bounded", options={"xatol": 1e-10})
        best["nash"] = max(best["nash"], math.sqrt(max(-inside.fun, -product(0), -product(1), 0)))
    for rule, value in best.items():
        assert found[rule].mixed == pytest.approx(value, rel=1e-5)


@given(st.lists(st.tuples(*[st.integers(-6, 6)] * 3), min_size=1, max_size=9))
def test_an_improving_mixture_exists_exactly_where_no_prices_forbid_it(rows: list[tuple[int, int, int]]) -> None:
    found = improving_mixture(rows)
    assert (found is None) == literal.prices_exist(sorted({tuple(map(Fraction, r)) for r in rows}))
    if found is not None:
        gains = [sum(s * rows[k][i] for k, s in found.items()) for i in range(3)]
        assert sum(found.values()) == 1
        assert min(gains) >= 0
        assert max(gains) > 0
        assert len(found) <= 3


@pytest.mark.parametrize(
    "rows",
    [
        # on the way to the mixture a constraint that was tight has to be left again
        [(3, 4, -1, -3), (-3, -3, 3, -2), (-3, 0, -2, -1), (-1, -1, 3, 1)],
        [(3, -1, -2, 0), (3, -4, -2, -4), (4, 3, -2, -3), (-2, 4, -4, 4), (4, -1, 4, -4), (2, 0, 2, -3)],
    ],
)
def test_mixtures_of_four_parties(rows: list[tuple[int, ...]]) -> None:
    assert not literal.prices_exist(sorted({tuple(map(Fraction, r)) for r in rows}))
    found = improving_mixture(rows)
    assert found is not None
    gains = [sum(s * rows[k][i] for k, s in found.items()) for i in range(4)]
    assert min(gains) >= 0
    assert max(gains) > 0


# --- Adjusted Winner -------------------------------------------------------------------------------------------------


def test_camp_david() -> None:
    """Brams & Togman 1996: Israel and Egypt, six issues; Egypt keeps five sixths of Sinai; 65.8 points each."""
    issues = {
        "sinai": (35, 55), "recognition": (10, 5), "west-bank": (20, 10), "gaza": (10, 5), "rights": (5, 20),
        "jerusalem": (20, 5),
    }  # fmt: skip
    options = {i: {"party": "israel", "levels": ["israel", "egypt"]} for i in issues}
    found = settle({
        "parties": {"israel": {}, "egypt": {}},
        "options": options,
        "preferences": {
            "israel": {"utility": {i: {"israel": a, "egypt": 0} for i, (a, _) in issues.items()}},
            "egypt": {"utility": {i: {"egypt": b} for i, (_, b) in issues.items()}},
        },
        "disagreement": {"payoffs": {"israel": 0, "egypt": 0}},
    }).adjusted_winner  # fmt: skip
    assert found is not None
    assert found.fits
    assert found.acceptable
    shares = {i.option: i.share for i in found.items}
    assert shares == {"sinai": Fraction(1, 6), "recognition": 1, "west-bank": 1, "gaza": 1, "rights": 0, "jerusalem": 1}
    assert found.total == 60 + Fraction(35, 6)
    assert float(found.total) == pytest.approx(65.83, abs=0.005)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=6))
def test_adjusted_winner_is_the_max_min_over_divisible_items(raw: list[tuple[int, int]]) -> None:
    sums = [sum(r[k] for r in raw) for k in (0, 1)]
    points = [(Fraction(100 * a, sums[0]), Fraction(100 * b, sums[1])) for a, b in raw]
    shares = divide(points)
    mine = sum(a * s for (a, _), s in zip(points, shares, strict=True))
    yours = sum(b * (1 - s) for (_, b), s in zip(points, shares, strict=True))
    assert mine == yours
    assert mine >= 50  # no envy
    assert sum(0 < s < 1 for s in shares) <= 1
    # max-min over all divisions, by linear programming
    a = np.array([[-float(x) for x, _ in points] + [1.0], [float(y) for _, y in points] + [1.0]])
    best = linprog(
        [0.0] * len(points) + [-1.0], A_ub=a, b_ub=[0.0, 100.0], bounds=[(0, 1)] * len(points) + [(None, None)]
    )
    assert float(mine) == pytest.approx(-float(best.fun or 0))


def test_adjusted_winner_says_why_it_does_not_fit() -> None:
    three = settle(menu((0, 0, 0), (1, 1, 1)))
    assert three.adjusted_winner is None
    combined = menu((0, 0), (1, 2))
    combined["preferences"]["p0"]["utility"]["deal == l1"] = 2
    assert "combinations" in settle(combined).to_dict()["adjusted_winner"]["reason"]
    assert "no option" in settle(menu((0, 0), (1, 2))).to_dict()["adjusted_winner"]["reason"]
    assert settle(menu((0, 0), (1, 2))).to_dict()["adjusted_winner"]["agreed"] == {"deal": "l1"}


# --- properties ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3_000, 3_060))
def test_rescaling_a_party_changes_no_scale_free_answer(seed: int) -> None:
    case = literal.random_case(seed)
    moved = rescaled(case, "p0", Fraction(7, 2))
    one, other = settle(case), settle(moved)
    assert (one.verdict, one.zone_size) == (other.verdict, other.zone_size)
    for rule in ("nash", "ks", "relative_utilitarian", "fallback"):
        assert {d.levels for c in one.points[rule] for d in c.deals} == {
            d.levels for c in other.points[rule] for d in c.deals
        }
    if one.no_zone is not None and one.no_zone.uniform is not None:
        assert other.no_zone is not None
        assert other.no_zone.uniform is not None
        assert one.no_zone.uniform.amount == other.no_zone.uniform.amount
        assert one.no_zone.blocking == other.no_zone.blocking
        assert (one.no_zone.mixture is None) == (other.no_zone.mixture is None)
    if one.spread is not None:
        shares = [min(solutions_of(one, c)) for c in (one.points["ks"][0], one.spread[1][0])]
        assert shares[0] >= shares[1]


def solutions_of(found: Settlement, one: PayoffClass) -> list[Fraction]:
    ideal = {p: max(c.gains[p] for c in found.frontier) for p in found.bargain.axes}
    return [one.gains[p] / a for p, a in ideal.items() if a > 0]


def rescaled(case: dict[str, Any], party: str, factor: Fraction) -> dict[str, Any]:
    tree = json.loads(json.dumps(case))
    utility = tree["preferences"].get(party, {}).get("utility", {})
    for key, worth in utility.items():
        if isinstance(worth, dict):
            utility[key] = {level: float(Fraction(str(v)) * factor) for level, v in worth.items()}
        else:
            utility[key] = float(Fraction(str(worth)) * factor)
    payoffs = tree["disagreement"].get("payoffs", {}) if isinstance(tree["disagreement"], dict) else {}
    if party in payoffs:
        payoffs[party] = float(Fraction(str(payoffs[party])) * factor)
    if "scale" in tree["parties"][party]:
        tree["parties"][party]["scale"] *= float(factor)
    return tree  # type: ignore[no-any-return]


@given(st.lists(st.tuples(*[st.integers(-5, 5)] * 3), min_size=1, max_size=40), st.integers(2, 3))
def test_the_frontier_of_the_rational_part_is_the_rational_part_of_the_frontier(
    rows: list[tuple[int, ...]], parties: int
) -> None:
    points = [r[:parties] for r in rows]

    def kept(some: list[int]) -> set[int]:
        where = undominated([np.array([points[k][i] for k in some]) for i in range(parties)])
        return {some[int(k)] for k in where}

    every = list(range(len(points)))
    assert kept(every) == {
        k
        for k in every
        if not any(all(a >= b for a, b in zip(q, points[k], strict=True)) and q != points[k] for q in points)
    }
    inside = [k for k in every if min(points[k]) >= 0]
    assert (kept(inside) if inside else set()) == kept(every) & set(inside)


@pytest.mark.parametrize("parties", [2, 3, 4])
def test_thinning_out_loses_nothing(parties: int) -> None:
    rng = np.random.default_rng(parties)
    rows = [rng.integers(0, 60, 4_000) for _ in range(parties)]
    found = set(undominated(rows).tolist())
    table = np.array(rows)
    for k in range(0, 4_000, 7):
        beaten = ((table >= table[:, [k]]).all(axis=0) & (table > table[:, [k]]).any(axis=0)).any()
        assert (k in found) == (not beaten)


@given(st.lists(st.integers(1, 31), max_size=6))
def test_hitting_sets_are_minimal_and_complete(sets: list[int]) -> None:
    hits = [h for h in range(32) if all(h & s for s in sets)]
    assert set(hitting_sets(sets)) == {h for h in hits if not any(g != h and g & h == g for g in hits)}


# --- any size, session, block ----------------------------------------------------------------------------------------


def test_a_problem_too_large_to_list() -> None:
    options = {f"o{n}": {"party": "ab"[n % 2], "levels": ["none", "some", "all"]} for n in range(60)}
    worth = {o: {"some": 1, "all": 3} for o in options}
    tree = {
        "detente": 1, "name": "huge", "parties": {"a": {}, "b": {}}, "options": options,
        "infeasible": ["o0 == all and o1 == all"], "status_quo": {"o3": "all"},
        "preferences": {p: {"utility": worth} for p in "ab"},
        "disagreement": {"state": {"o0": "all", "o1": "all"}},
    }  # fmt: skip
    bargain = bargain_of(detente.Case.from_dict(tree))
    assert bargain.disagreement == {"a": 9, "b": 9}
    assert bargain.status_quo == (0, 0, 0, 3 - 1, *[0] * 56)
    assert bargain.states is None
    exactly = " and ".join(f"o{n} == none" for n in range(60))
    case = detente.Case.from_dict({**tree, "status_quo": exactly, "disagreement": "status_quo"})
    assert bargain_of(case).disagreement == {"a": 0, "b": 0}
    assert bargain_of(detente.Case.from_dict({**tree, "status_quo": "0" * 59 + "1"})).status_quo == (*[0] * 59, 1)
    tree["preferences"] = {"a": {"utility": worth}, "b": {"priorities": ["o1"]}}
    with pytest.raises(detente.UsageError, match="too large"):
        bargain_of(detente.Case.from_dict(tree))


def test_both_ways_to_the_disagreement_agree() -> None:
    for case in literal.cases(range(5_000, 5_100)):
        written = detente.Case.from_dict(case)
        listed = bargain_of(written, StateSpace.of(written))
        symbolic = bargain_of(written)
        assert symbolic.disagreement == listed.disagreement
        assert symbolic.status_quo == listed.status_quo
        assert (symbolic.axes, symbolic.owners) == (listed.axes, listed.owners)


def test_without_a_status_quo_every_owner_is_asked_and_disagreement_is_needed() -> None:
    tree = menu((0, 0), (1, 1), infeasible=["deal == l0"])
    with pytest.raises(detente.UsageError, match="status quo"):
        settle(tree)
    found = settle({**tree, "disagreement": {"payoffs": {"p0": 0, "p1": 0.5}}})
    assert found.verdict == "zone"
    assert found.to_dict()["disagreement"] == {"p0": 0.0, "p1": 0.5}


def test_the_session_remembers_by_what_settle_reads() -> None:
    case = detente.Case.from_dict({"detente": 1, "name": "x", **menu((0, 0), (1, 1))})
    session = Session(case)
    first = session.ask("settle")
    assert session.ask("settle", changes=Change((Edit(("title",), "another"),))) is first
    weights = Change((Edit(("settlement",), {"weights": {"p0": "2"}}),))
    assert session.ask("settle", changes=weights).bargain.weights["p0"] == 2
    assert session.ask("settle") is first
    assert session.ask("settle", rules=["nash"]).points.keys() == {"nash"}
    with pytest.raises(detente.UsageError, match="unknown rule"):
        session.ask("settle", rules=["nahs"])


@pytest.mark.parametrize(
    ("block", "match"),
    [
        ({"weights": {"p9": 1}}, "unknown party"),
        ({"weights": {"p0": -1}}, "at least 0"),
        ({"weights": {"p0": 0, "p1": 0}}, "all 0"),
        ({"weights": {"p0": "much"}}, "unknown number"),
        ({"comparable": "perhaps"}, "true or false"),
        ({"weight": {}}, "unknown key"),
    ],
)
def test_the_block_is_checked(block: dict[str, Any], match: str) -> None:
    with pytest.raises(detente.CaseError, match=match):
        settle({**menu((0, 0), (1, 1)), "settlement": block})


def test_comparability_is_asked_for_unless_declared() -> None:
    tree = menu((0, 0), (1, 1))
    assert any("comparable" in w for w in settle(tree).provenance.warnings)
    assert settle({**tree, "settlement": {"comparable": "true"}}).provenance.warnings == ()
    assert settle(tree, rules=["nash", "ks"]).provenance.warnings == ()


def test_long_lists_are_counted_and_sampled_unless_asked_for() -> None:
    options = {f"o{n}": {"party": "a"} for n in range(14)}
    tree = {"parties": {"a": {}, "b": {}}, "options": options | {"deal": {"party": "b"}}}
    worth = {"utility": {"deal": {"yes": 1}}}
    found = settle({**tree, "preferences": {"a": worth, "b": worth}})
    size = found.to_dict()["frontier_size"]
    assert size == {"classes": 1, "deals": 2**14, "listed": 10}
    assert found.frontier[0].deals[0].levels == (*[0] * 14, 1)  # fewest changes first
    assert len(found.to_dict(full=True)["frontier"]) == 2**14


@pytest.mark.parametrize("name", ["korea-2019", "elmira", "cuba-1962", "chicken"])
def test_sentences_name_things_and_numbers_are_those_of_the_result(name: str) -> None:
    found = Session(detente.load(name)).ask("settle")
    text = "\n".join(lines(found))
    for party in found.bargain.axes:
        assert found.bargain.case.party_name(party) in text
    assert not any(f" s{n} " in text for n in range(200))
    assert str(found)


def test_an_owner_without_preferences_is_asked_and_gains_by_nothing() -> None:
    """A guarantor that says nothing of what it wants: no deal that needs it is strictly better for all."""
    case = {
        "detente": 1,
        "name": "silent",
        "parties": {"a": {}, "b": {}, "g": {"role": "guarantor"}},
        "options": {"one": {"party": "a"}, "two": {"party": "g"}},
        "preferences": {"a": {"utility": {"two": 1}}, "b": {"utility": {"two": 1}}},
    }
    for method in ("enumeration", "milp"):
        found = detente.Session(detente.Case.from_dict(case)).ask("settle", method=method, draws=0)
        assert found.verdict == "weak"
        assert any("counts as indifferent" in w for w in found.provenance.warnings)
