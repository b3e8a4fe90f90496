"""Ratification: published and hand results, properties, bad input, the command line, the Korean case, the brief."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente
from detente.brief.document import Section
from detente.brief.reading import Reading
from detente.brief.sections import ratification as brief_section
from detente.case.blocks.ratification import Accepts
from detente.case.change import Change
from detente.case.conditions import ConditionError
from detente.case.needs import AtLeast, Vote, parse_needs
from detente.catalog import catalog_text
from detente.cli.contracts import result_schema
from detente.inquiry.session import Session
from detente.mechanics.clock import date_of, whole_periods
from detente.pictures.vote_bar import vote_bar
from detente.ratification.narrative import lines
from detente.ratification.passage import Assembly
from detente.ratification.result import Ratification, percent
from detente.ratification.votes import at_least, distribution, nodes
from detente.ratification.window import factors, kept_after, promise_worth, returned, survival, window_of
from detente.space.draws import amounts, draws
from detente.space.states import StateSpace

FULL_DEAL = "arsenal == dismantled and access == anywhere and sanctions == lifted"


def chance(
    votes: list[int], accepts: list[float], quota: int, *, cohesion: float | list[float] = 0.0, shock: float = 0.0
) -> float:
    held = [cohesion] * len(votes) if isinstance(cohesion, float) else cohesion
    found = at_least(votes, np.array([accepts]), np.array([held]), np.array([shock]), [quota])
    return float(found[0, 0])


def assembly(case: dict[str, Any]) -> Assembly:
    read = detente.Case.from_dict(case)
    return Assembly.of(read, StateSpace.of(read))


def small(**more: Any) -> dict[str, Any]:
    """Two parties, one option each; what is passed comes on top."""
    case = {
        "detente": 1,
        "name": "small",
        "as_of": "2019-01-29",
        "parties": {"a": {"name": "Alba"}, "b": {"name": "Borduria"}},
        "options": {
            "x": {"party": "a", "name": "Troops", "levels": ["stay", "half", "gone"]},
            "y": {"party": "b", "name": "Payment"},
        },
        "preferences": {
            "a": {"utility": {"x": {"half": -1, "gone": -2}, "y": {"yes": 4}}},
            "b": {"utility": {"x": {"half": 2, "gone": 3}, "y": {"yes": -1}}},
        },
    }
    return {**case, **more}


def vote(body: dict[str, Any], when: str = "x or not x", needs: str = "house", **more: Any) -> dict[str, Any]:
    return small(ratification={"bodies": {"house": body}, "requirements": [{"when": when, "needs": needs}]}, **more)


# --- votes -----------------------------------------------------------------------------------------------------------


def test_five_ratifiers_at_six_tenths() -> None:
    assert chance([5], [0.6], 3) == pytest.approx(0.68256, abs=1e-12)
    assert chance([5], [0.6], 4) == pytest.approx(0.33696, abs=1e-12)
    assert chance([1] * 5, [0.6] * 5, 3) == pytest.approx(0.68256, abs=1e-12)


@pytest.mark.parametrize(
    ("members", "p", "quota"), [(435, Fraction(2, 5), 218), (435, Fraction(1, 2), 290), (100, Fraction(1, 20), 51)]
)
def test_large_bodies_are_exact_even_far_out(members: int, p: Fraction, quota: int) -> None:
    exact = sum(Fraction(math.comb(members, k)) * p**k * (1 - p) ** (members - k) for k in range(quota, members + 1))
    assert chance([members], [float(p)], quota) == pytest.approx(float(exact), rel=1e-10)
    halves = [members - members // 3, members // 3]
    assert chance(halves, [float(p)] * 2, quota) == pytest.approx(float(exact), rel=1e-10)


def test_a_bloc_that_votes_as_one_passes_as_one_member_does() -> None:
    assert chance([235, 199], [0.2, 0.7], 218, cohesion=1.0) == pytest.approx(0.2, abs=1e-12)
    assert chance([235, 199], [0.2, 0.7], 199, cohesion=1.0) == pytest.approx(1 - 0.8 * 0.3, abs=1e-12)
    # half of the time as one: .5 * .2 and else two independent members
    assert chance([2], [0.2], 1, cohesion=0.5) == pytest.approx(0.5 * 0.2 + 0.5 * (1 - 0.64), abs=1e-12)


@pytest.mark.parametrize("shock", [0.1, 0.7, 3.0, 12.0])
def test_the_common_term_converges_to_quadrature_on_a_fine_grid_and_to_gauss_hermite(shock: float) -> None:
    z = np.linspace(-9, 9, 180_001)
    weights = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    p = 1 / (1 + np.exp(-(math.log(0.3 / 0.7) + shock * z)))
    for votes, quota in ((1, 1), (4, 2), (9, 5)):
        above = sum(math.comb(votes, k) * p**k * (1 - p) ** (votes - k) for k in range(quota, votes + 1))
        assert chance([votes], [0.3], quota, shock=shock) == pytest.approx(float(above @ weights), abs=1e-9)
    if shock < 1:
        points, hermite = np.polynomial.hermite_e.hermegauss(60)
        q = 1 / (1 + np.exp(-(math.log(0.3 / 0.7) + shock * points)))
        above = sum(math.comb(9, k) * q**k * (1 - q) ** (9 - k) for k in range(5, 10))
        expected = float(above @ hermite) / math.sqrt(2 * math.pi)
        assert chance([9], [0.3], 5, shock=shock) == pytest.approx(expected, abs=1e-7)


def test_large_shocked_bodies_agree_with_simulation() -> None:
    rng = np.random.default_rng(7)
    term = 1.5 * rng.standard_normal(200_000)
    one, other = (
        rng.binomial(n, 1 / (1 + np.exp(-(math.log(p / (1 - p)) + term)))) for n, p in ((235, 0.4), (199, 0.6))
    )
    share = float((one + other >= 218).mean())
    assert chance([235, 199], [0.4, 0.6], 218, shock=1.5) == pytest.approx(share, abs=0.005)
    assert chance([235, 199], [0.4, 0.6], 300, shock=1.5) == pytest.approx(
        float((one + other >= 300).mean()), abs=0.005
    )


def test_certain_members_are_not_moved_by_a_shock() -> None:
    assert chance([3, 2], [1.0, 0.0], 3, shock=5.0) == 1.0
    assert chance([3, 2], [1.0, 0.0], 4, shock=5.0) == pytest.approx(0.0, abs=1e-15)
    assert chance([3, 2], [1.0, 0.0], 3, shock=0.0) == 1.0


def test_rows_with_and_without_shock_do_not_mix() -> None:
    accepts, cohesion = np.array([[0.3], [0.3], [0.6]]), np.zeros((3, 1))
    found = at_least([5], accepts, cohesion, np.array([0.0, 2.0, 0.0]), [3])
    alone = [chance([5], [p], 3, shock=s) for p, s in ((0.3, 0.0), (0.3, 2.0), (0.6, 0.0))]
    assert found[:, 0].tolist() == pytest.approx(alone, abs=1e-10)
    assert abs(alone[0] - alone[1]) > 0.05


@given(
    st.lists(st.tuples(st.integers(1, 4), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=3),
    st.floats(0, 4),
)
def test_distributions_sum_to_one_and_higher_quotas_are_harder(
    blocs: list[tuple[int, float, float]], shock: float
) -> None:
    votes = [b[0] for b in blocs]
    accepts, cohesion = np.array([[b[1] for b in blocs]]), np.array([[b[2] for b in blocs]])
    found = distribution(votes, accepts, cohesion, np.array([shock]))[0]
    assert found.sum() == pytest.approx(1, abs=1e-9)
    quotas = range(1, sum(votes) + 1)
    tails = at_least(votes, accepts, cohesion, np.array([shock]), list(quotas))[0]
    assert tails.tolist() == pytest.approx([float(found[q:].sum()) for q in quotas], abs=1e-9)
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(tails))


def test_nodes_of_the_common_term_are_a_normal_distribution() -> None:
    z, weights = nodes(1.0, 435)
    assert float(weights.sum()) == pytest.approx(1, abs=1e-14)
    assert float(weights @ z**2) == pytest.approx(1, abs=1e-9)
    assert float(weights @ z**4) == pytest.approx(3, abs=1e-8)


# --- win-sets --------------------------------------------------------------------------------------------------------


def interval(quota: int) -> list[int]:
    """The win-set on a line from 0 to 70 in steps of 2, the reversion at 0, each ratifier as good as its distance."""
    ideals = (10, 20, 25, 30, 45, 60, 70)
    levels = [f"at{v}" for v in range(0, 72, 2)]
    blocs = {
        f"r{n}": {"votes": 1, "accepts": " or ".join(
            f"x == at{v}" for v in range(0, 72, 2) if abs(v - ideal) <= ideal)}
        for n, ideal in enumerate(ideals)
    }  # fmt: skip
    options = {"x": {"party": "a", "levels": levels}, "y": {"party": "b"}}
    case = vote({"quota": quota, "blocs": blocs}, options=options, preferences={"a": {"utility": {"x": {"at2": 1}}}})
    found = assembly(case)
    return sorted({2 * int(found.states.digits[0, s]) for s in np.flatnonzero(found.win_set)})


@pytest.mark.parametrize(("quota", "end"), [(4, 60), (5, 50), (7, 20)])
def test_the_win_set_on_a_line_ends_at_twice_the_ideal_of_the_pivot(quota: int, end: int) -> None:
    assert interval(quota) == list(range(0, end + 2, 2))


def test_a_higher_quota_and_one_more_veto_leave_a_subset() -> None:
    blocs = {"m": {"votes": 3, "accepts": {"default": 0.3, "when": {"x == half": 0.6, "x == gone": 0.9}}}}
    sets = [assembly(vote({"quota": q, "blocs": blocs})).win_set for q in (1, 2, 3)]
    assert [int(s.sum()) for s in sets] == [6, 4, 2]
    assert all((low >= high).all() for low, high in itertools.pairwise(sets))
    blocked = assembly(vote({"quota": 1, "blocs": blocs, "veto": {"b": "b"}})).win_set
    assert (sets[0] & ~blocked).any()
    assert not (blocked & ~sets[0]).any()


def pie(home: str | None, foreign: str | None) -> Session:
    """A pie cut in twentieths; without a deal nobody has anything."""
    levels = [f"p{n}" for n in range(21)]
    asked = {n: w for n, w in (("home", home), ("foreign", foreign)) if w is not None}
    shares = {v: n / 20 for n, v in enumerate(levels)}
    rest = {v: (20 - n) / 20 for n, v in enumerate(levels)}
    case = small(
        options={"share": {"party": "a", "levels": levels}},
        preferences={"a": {"utility": {"share": shares}}, "b": {"utility": {"share": rest}}},
        disagreement={"payoffs": {"a": 0, "b": 0}},
        ratification={
            "bodies": {n: {"quota": 1, "blocs": {"m": {"votes": 1, "accepts": w}}} for n, w in asked.items()},
            "requirements": [{"when": "share >= p0", "needs": n} for n in asked],
        },
    )
    return Session(detente.Case.from_dict(case))


@pytest.mark.parametrize(
    ("home", "foreign", "split"),
    [(None, None, "p10"), ("share >= p14", None, "p14"), ("share >= p12", "share <= p10", None)],
)
def test_a_constraint_at_home_helps_until_nothing_passes(
    home: str | None, foreign: str | None, split: str | None
) -> None:
    session = pie(home, foreign)
    assert session.ask("settle").to_dict()["points"]["nash"][0]["levels"] == {"share": "p10"}
    found = session.ask("settle_ratifiable").to_dict()
    assert [d["levels"]["share"] for d in found["points"].get("nash", [])] == ([] if split is None else [split])
    assert found["verdict"] == ("none" if split is None else "zone")
    cost = session.ask("ratify").cost
    assert cost is not None
    assert cost.ratifiable == found["verdict"]
    if split == "p14":
        assert cost.payoffs == {"a": (Fraction(1, 2), Fraction(7, 10)), "b": (Fraction(1, 2), Fraction(3, 10))}
        assert (cost.size, cost.passing) == (19, 6)


# --- requirements ----------------------------------------------------------------------------------------------------


def test_formulas_are_read_with_their_binding() -> None:
    assert parse_needs("a or b and c") == AtLeast(1, (Vote("a"), AtLeast(2, (Vote("b"), Vote("c")))))
    assert parse_needs("(a or b) and c") == AtLeast(2, (AtLeast(1, (Vote("a"), Vote("b"))), Vote("c")))
    assert parse_needs("2 of {a, b and c, d >= 67}") == AtLeast(
        2, (Vote("a"), AtLeast(2, (Vote("b"), Vote("c"))), Vote("d", 67))
    )


@pytest.mark.parametrize(
    ("text", "at", "fix"),
    [
        ("not house", 0, "in favour"), ("house & senate", 6, "'and'"), ("house and", 9, ""), ("(house", 6, ""),
        ("3 of {a, b}", 0, ""), ("2 {a, b}", 2, ""), ("House", 0, "'house'"), ("house >= many", 9, ""), ("", 0, ""),
        ("house = 3", 6, "'>='"), ("(" * 60 + "a" + ")" * 60, 50, "Simplify"), ("a b", 2, ""),
    ],
)  # fmt: skip
def test_formulas_that_cannot_be_read_say_where(text: str, at: int, fix: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_needs(text)
    assert caught.value.at == at
    assert fix in caught.value.fix


def test_a_body_named_twice_votes_once_and_other_bodies_on_their_own() -> None:
    half = {"quota": 1, "blocs": {"m": {"votes": 1, "accepts": 0.5}}}

    def passage(*needs: str) -> float:
        requirements = [{"when": "x == gone", "needs": n} for n in needs]
        block = {"bodies": {"one": half, "two": half, "three": half}, "requirements": requirements}
        found = assembly(small(ratification=block))
        state = found.states.find("x == gone and y")
        assert found.passage[found.states.find("x == stay and y")] == 1
        return float(found.passage[state])

    assert passage("one") == pytest.approx(0.5)
    assert passage("one", "one") == pytest.approx(0.5)
    assert passage("one", "two") == pytest.approx(0.25)
    assert passage("one or two", "one") == pytest.approx(0.5)
    assert passage("one and two", "two and three") == pytest.approx(0.125)
    assert passage("(one and two) or (one and three)") == pytest.approx(0.375)
    assert passage("2 of {one, two, three}") == pytest.approx(0.5)


def test_an_override_counts_the_same_vote_against_a_higher_number() -> None:
    bodies = {
        "house": {"quota": 3, "blocs": {"m": {"votes": 5, "accepts": 0.6}}},
        "president": {"quota": 1, "votes": 1, "veto": {"p": 0.5}},
    }
    block = {"bodies": bodies, "requirements": [{"when": "y", "needs": "(house and president) or house >= 4"}]}
    found = assembly(small(ratification=block))
    expected = 0.5 * (0.68256 - 0.33696) + 0.33696
    assert float(found.passage[found.states.find("x == half and y")]) == pytest.approx(expected, abs=1e-12)


def test_votes_without_blocs_take_the_quota_as_met_and_say_so() -> None:
    session = Session(
        detente.Case.from_dict(vote({"quota": 9, "votes": 15, "veto": {"other-side": 0.75, "third": 0.8}}))
    )
    found = session.ask("ratify", deal="y and x == half")
    assert found.passes == pytest.approx(0.6)
    told = " ".join(lines(found))
    assert "its quota of 9 is taken as met" in told
    assert "Other Side with a chance of 75 %" in told


def test_a_party_blocks_exactly_where_it_gets_less_than_without_a_deal() -> None:
    found = assembly(vote({"quota": 1, "votes": 1, "veto": ["b"]}, disagreement={"payoffs": {"a": 0, "b": 2}}))
    worth = {"stay": 0, "half": 2, "gone": 3}
    for x, level in worth.items():
        for y in (0, 1):
            state = found.states.find(f"x == {x} and y == {'yes' if y else 'no'}")
            assert found.passage[state] == float(level - y >= 2), (x, y)


def test_the_first_condition_that_matches_counts() -> None:
    accepts = {"default": 0.1, "when": {"y": 0.9, "x == half": 0.3}}
    found = assembly(vote({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": accepts}}}))
    assert float(found.passage[found.states.find("x == half and y")]) == pytest.approx(0.9)
    assert float(found.passage[found.states.find("x == half and not y")]) == pytest.approx(0.3)
    assert float(found.passage[found.states.find("x == gone and not y")]) == pytest.approx(0.1)


def test_a_bare_name_is_an_option_where_there_is_one_else_a_shared_number() -> None:
    for accepts, expected in (("y", [0.0, 1.0]), ("mood", [0.25, 0.25])):
        case = vote({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": accepts}}}, numbers={"mood": 0.25})
        found = assembly(case)
        got = [float(found.passage[found.states.find(f"x == half and y == {v}")]) for v in ("no", "yes")]
        assert got == pytest.approx(expected, abs=1e-12)
    evidence = {"value": "y", "note": "they wait for money"}
    found = assembly(vote({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": evidence}}}))
    assert float(found.passage[found.states.find("x == half and y")]) == 1


def test_even_odds_pass() -> None:
    found = assembly(vote({"quota": 2, "blocs": {"m": {"votes": 3, "accepts": 0.5}}, "shock": 1}))
    assert found.win_set.all()
    assert not assembly(vote({"quota": 2, "blocs": {"m": {"votes": 3, "accepts": 0.4999}}})).win_set.any()


def test_members_outside_all_blocs_never_vote_yes() -> None:
    text = "votes: 6"
    case = detente.Case.from_dict(vote({"quota": 3, "votes": 6, "blocs": {"m": {"votes": 3, "accepts": 0.5}}}))
    assert any("3 of 6 votes" in w.found for w in case.warnings), text
    assert float(Assembly.of(case, StateSpace.of(case)).passage[0]) == pytest.approx(0.125)


def test_a_million_states_are_quick_because_they_share_few_votes() -> None:
    options = {f"o{n}": {"party": "ab"[n % 2], "levels": ["l0", "l1", "l2", "l3"]} for n in range(9)}
    accepts = {"default": 0.2, "when": {f"o{n} == l3": 0.1 * n for n in range(1, 9)}}
    body = {"quota": 218, "shock": 0.6, "blocs": {
        "m": {"votes": 235, "accepts": accepts, "cohesion": 0.3}, "n": {"votes": 199, "accepts": 0.5}}}  # fmt: skip
    case = vote(body, when="o0 >= l1", options=options, preferences={"a": {"utility": {"o0": {"l1": 1}}}})
    read = detente.Case.from_dict(case)
    states = StateSpace.of(read)
    assert len(states) == 4**9
    import time

    begin = time.process_time()
    found = Assembly.of(read, states)
    assert len(found.signatures[0]) <= 20
    assert found.win_set.any()
    assert time.process_time() - begin < 5


# --- the clock, the window, promises ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "date", "period", "ticks"),
    [
        ("2019-01-29", "2019-03-31", "month", 2), ("2019-01-29", "2020-11-03", "month", 21),
        ("2019-01-29", "2021-01-20", "month", 23), ("2019-01-31", "2019-02-28", "month", 1),
        ("2019-01-31", "2019-02-27", "month", 0), ("2019-01-29", "2019-01-29", "month", 0),
        ("2019-01-29", "2019-01-28", "month", -1), ("2020-02-29", "2021-02-28", "year", 1),
        ("2019-01-29", "2019-04-28", "quarter", 0), ("2019-01-29", "2019-04-29", "quarter", 1),
        ("2019-01-29", "2019-02-12", "week", 2), ("2019-01-29", "2019-02-12", "day", 14),
        ("2019-01-29", "2019-01-25", "week", -1), ("9999-01-31", "9999-12-31", "month", 11),
        ("9990-12-31", "9999-12-31", "year", 9), ("9999-12-01", "9999-12-31", "month", 0),
    ],
)  # fmt: skip
def test_dates_count_whole_periods(start: str, date: str, period: str, ticks: int) -> None:
    assert whole_periods(dt.date.fromisoformat(start), dt.date.fromisoformat(date), period) == ticks


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)),
    st.integers(-60, 60),
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_the_date_of_a_tick_is_that_many_periods_away(start: dt.date, ticks: int, period: str) -> None:
    date = date_of(start, ticks, period)
    assert whole_periods(start, date, period) == ticks
    assert whole_periods(start, date - dt.timedelta(days=1), period) == ticks - 1


def test_survival_and_the_worth_of_promises() -> None:
    assert promise_worth(Fraction(45, 100), Fraction(3, 10)) == Fraction(615, 1000)
    hazard = Fraction(5, 100)
    found = [float(survival([hazard] * months)) for months in (4, 8, 12)]
    assert found == pytest.approx([0.8145, 0.6634, 0.5404], abs=5e-5)
    assert survival([]) == 1


TERMS = {"a": {"ends": "2021-01-20", "reelected": 0.45, "honours": 0.3}}


def window(accepts: float, deal: str, terms: dict[str, Any] = TERMS) -> Ratification:
    case = vote({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": accepts}}}, terms=terms)
    found = Session(detente.Case.from_dict(case)).ask("ratify", deal=deal)
    assert isinstance(found, Ratification)
    return found


def test_the_window_closes_when_the_next_government_has_to_stand_by_the_deal_too() -> None:
    found = window(0.7, "x == half and y")
    ((date, parties, later),) = found.window.steps
    assert (date, parties) == (dt.date(2021, 1, 20), ("a",))
    assert later == pytest.approx(0.7 * 0.615)
    assert (found.window.closes, found.window.ticks) == (dt.date(2021, 1, 20), 23)
    assert found.to_dict()["window_closes"] == "2021-01-20"
    assert any("23 whole months after 29 January 2019" in t for t in lines(found))
    assert window(0.9, "x == half and y").window.closes is None  # 0.9 * 0.615 is above a half
    assert window(0.4, "x == half and y").window.closes is None  # never open
    assert window(0.7, "x == stay and y").window.steps == ()  # Alba changes nothing


def test_several_terms_close_the_window_together() -> None:
    terms = {**TERMS, "b": {"ends": "2020-05-01", "reelected": 0.9, "honours": 0.5}}
    found = window(0.9, "x == half and y", terms)
    assert [round(c, 6) for _, _, c in found.window.steps] == [round(0.9 * 0.95, 6), round(0.9 * 0.95 * 0.615, 6)]
    assert found.window.closes is None
    found = window(0.85, "x == half and y", terms)
    assert found.window.closes == dt.date(2021, 1, 20)


def test_what_a_promise_loses_after_the_term_by_hand() -> None:
    found = window(0.9, "x == half and y")
    (promise,) = found.promises
    assert promise.kept == Fraction(615, 1000)
    assert promise.levels == {"x": ("half", "stay")}
    assert promise.losses == {"b": Fraction(385, 1000) * 2}
    assert found.to_dict()["kept"] == {"a": {"x": {"stay": 1.0, "half": 0.615, "gone": 0.615}}}


def test_what_cannot_be_taken_back_keeps_its_worth() -> None:
    options = small()["options"]
    options["x"]["irreversible"] = ["gone"]
    case = detente.Case.from_dict(small(options=options, terms=TERMS))
    assert returned(case, "a", (0, 0), (2, 1)) == (2, 1)
    assert returned(case, "a", (0, 0), (1, 1)) == (0, 1)
    assert factors(case, "a", (0, 0))["x"] == {"stay": 1, "half": kept_after(case, case.file.terms["a"]), "gone": 1}
    assert window_of(case, 0.7, (0, 0), (2, 0)).closes == dt.date(2021, 1, 20)


# --- the answer ------------------------------------------------------------------------------------------------------


def korea() -> Session:
    return Session(detente.load("korea-2019"))


def test_obstacles_name_the_smallest_change_that_carries_the_deal() -> None:
    body = {"quota": 60, "blocs": {
        "red": {"votes": 53, "accepts": 0.5, "cohesion": 0.3}, "blue": {"votes": 47, "accepts": 0.3}}, "shock": 0.4,
        "veto": {"crown": 0.9}}  # fmt: skip
    session = Session(detente.Case.from_dict(vote(body)))
    found = session.ask("ratify", deal="x == half and y")
    assert not found.passed
    able = [o for o in found.obstacles if o.enough is not None]
    assert {o.bloc for o in able} == {"red", "blue"}
    assert found.obstacles[0].enough == min(o.enough - o.now for o in able) + found.obstacles[0].now
    for obstacle in able:
        path = f"ratification.bodies.house.blocs.{obstacle.bloc}.accepts"
        again = session.ask("ratify", deal="x == half and y", changes=Change.parse(f"{path}={obstacle.enough}"))
        assert again.passes == pytest.approx(0.5, abs=1e-4)
        assert again.passed
    (crown,) = (o for o in found.obstacles if o.member == "crown")
    assert crown.enough is None
    assert crown.at_most == pytest.approx(found.passes / 0.9, abs=1e-9)


def test_counts_of_a_body_by_hand() -> None:
    session = Session(detente.Case.from_dict(vote({"quota": 3, "blocs": {"m": {"votes": 4, "accepts": 0.5}}})))
    found = session.ask("ratify", deal="y and x == half")
    count = found.bodies["house"]
    assert (count.expected, count.spread) == (pytest.approx(2), pytest.approx(1))
    assert (count.low, count.high) == (0, 4)  # a sixteenth of all patterns has no yes vote, more than a twentieth
    assert count.short == pytest.approx(1)
    assert count.passes == pytest.approx(5 / 16)


def test_draws_agree_with_asking_each_drawn_case() -> None:
    body = {"quota": 2, "shock": "0.1..0.8", "veto": {"b": "b", "other": "0.8..1"}, "blocs": {
        "m": {"votes": 2, "accepts": {"default": 0.1, "when": {"y": "0.4..0.9"}}, "cohesion": "0.2..0.9"},
        "n": {"votes": 1, "accepts": "mood"}}}  # fmt: skip
    case = detente.Case.from_dict(vote(
        body, numbers={"mood": "0.2..0.9"},
        preferences={"a": {"utility": {"x": {"half": 1}}}, "b": {"utility": {"x": {"half": "0..2"}, "y": {"yes": -1}}}},
    ))  # fmt: skip
    made = draws(case, 60, 3)
    found = Session(case).ask("ratify", deal="x == half and y", draws=60, seed=3)
    each = []
    for n in range(60):
        drawn = case.change(made.change(n))
        there = Assembly.of(drawn, StateSpace.of(drawn))
        each.append(float(there.passage[there.states.find("x == half and y")]))
    assert found.draws.share == pytest.approx(np.mean([c >= 0.5 for c in each]))
    assert 0 < found.draws.share < 0.5 < max(each)
    low, high = np.quantile(each, (0.05, 0.95))
    assert (found.draws.low, found.draws.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert found.provenance.seed == 3


def test_certain_numbers_need_no_draws() -> None:
    found = window(0.7, "x == half and y")
    assert found.draws is None
    assert found.provenance.seed is None


def test_every_uncertain_number_of_the_votes_is_drawn() -> None:
    paths = {".".join(p) for p, _ in amounts(detente.load("korea-2019"))}
    house = "ratification.bodies.house"
    assert {f"{house}.shock", f"{house}.blocs.majority.cohesion", f"{house}.blocs.majority.accepts.default"} <= paths
    assert {"ratification.bodies.council.veto.russia", "terms.us.reelected", "terms.us.honours"} <= paths
    assert "ratification.bodies.house.quota" not in paths


def test_deals_are_found_by_state_condition_and_rule() -> None:
    session = Session(detente.Case.from_dict(vote({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": "y"}}})))
    state = session.ask("ratify", deal="x == half and y").to_dict()["state"]
    assert session.ask("ratify", deal=state).to_dict()["deal"] == {"x": "half", "y": "yes"}
    assert session.ask("ratify", deal="x == gone").to_dict()["deal"] == {"x": "gone", "y": "no"}
    assert "2 states match" in session.ask("ratify", deal="x == gone").provenance.warnings[0]
    nash = session.ask("settle").to_dict()["points"]["nash"][0]["levels"]
    assert session.ask("ratify").to_dict()["deal"] == session.ask("ratify", deal="nash").to_dict()["deal"] == nash
    for wrong, piece in (
        ("x == gon", "gone"),
        ("s99", "s1 to"),
        ("nahs", "nash"),
        ("x = half", "=="),
        ("z", "unknown"),
    ):
        with pytest.raises(detente.UsageError) as caught:
            session.ask("ratify", deal=wrong)
        assert piece in str(caught.value)


def test_without_an_acceptable_deal_today_is_asked_about_and_rules_are_refused() -> None:
    case = small(preferences={"a": {"utility": {"x": {"half": -1, "gone": -2}}}, "b": {"utility": {"y": {"yes": -1}}}})
    session = Session(detente.Case.from_dict(case))
    found = session.ask("ratify")
    assert found.chosen == "status_quo"
    assert "today's state" in found.provenance.warnings[0]
    assert found.passes == 1
    assert found.requirements == ()
    with pytest.raises(detente.UsageError):
        session.ask("ratify", deal="ks")


def test_a_veto_of_a_party_with_an_unknown_order_asks_for_it() -> None:
    case = vote({"quota": 1, "votes": 1, "veto": ["b"]}, preferences={
        "a": {"utility": {"y": {"yes": 1}}}, "b": {"partial": [["y", "not y"]]}})  # fmt: skip
    with pytest.raises(detente.UsageError, match="Borduria"):
        Session(detente.Case.from_dict(case)).ask("ratify", deal="y and x == half")


def test_cost_and_examples_by_looking_at_every_deal() -> None:
    session = korea()
    found, plain = session.ask("ratify"), session.ask("settle")
    zone = plain.deals.states[plain.deals.strict]
    assert found.cost.size == plain.zone_size == len(zone)
    assert found.cost.passing == int(found.assembly.win_set[zone].sum())
    weak = set(plain.deals.states[plain.deals.zone].tolist())
    for example in found.examples:
        matching = np.flatnonzero(found.assembly.matches[example.requirement])
        among = [s for s in matching.tolist() if s in weak] if example.acceptable else matching.tolist()
        assert example.state in among
        assert example.passes == pytest.approx(max(found.assembly.passage[among]), abs=1e-12)
    assert session.ask("settle_ratifiable").zone_size == found.cost.passing


def test_sessions_forget_only_what_an_edit_concerns() -> None:
    session = korea()
    first = session.ask("ratify")
    assert session.ask("ratify", changes=Change.parse("title=Another title")) is first
    built = dict(session.built)
    session.ask("ratify", changes=Change.parse("ratification.bodies.senate.quota=51"))
    assert session.built["settlement"] <= built["settlement"] + 1
    assert session.built["space"] == built["space"]


# --- bad input -------------------------------------------------------------------------------------------------------

HEAD = """detente: 1
name: test
as_of: 2019-01-29
parties: {a: {name: First}, b: {}, m: {role: mediator}}
options:
  x: {party: a, levels: [low, mid, high]}
  y: {party: b}
"""
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unknown party in a body": ("bodies: {h: {quota: 1, votes: 3, veto: {q: bb}}}", "bb", ("unknown party 'bb'",)),
    "unknown party in a list": ("bodies: {h: {quota: 1, votes: 3, veto: [a, zz]}}", "zz", ("unknown party 'zz'",)),
    "a mediator": ("bodies: {h: {quota: 1, votes: 3, veto: [m]}}", "m]", ("a mediator",)),
    "quota above votes": ("bodies: {h: {quota: 16, votes: 15}}", "16", ("a quota of 16 in a body of 15", "Correct")),
    "quota above blocs": (
        "bodies: {h: {quota: 7, blocs: {i: {votes: 5, accepts: 0.5}}}}", "7, b", ("a quota of 7 in a body of 5",)),
    "blocs above votes": (
        "bodies: {h: {quota: 2, votes: 4, blocs: {i: {votes: 5, accepts: 0.5}}}}", "4, b", ("blocs with 5",)),
    "chance above one": (
        "bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: 1.5}}}}", "1.5", ("a probability from 0 to 1",)),
    "chance below zero": (
        "bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: 0.5, cohesion: -0.1}}}}", "-0.1", ("probability",)),
    "veto chance": ("bodies: {h: {quota: 1, votes: 3, veto: {q: 1.1}}}", "1.1", ("a probability from 0 to 1",)),
    "chance in a case": (
        "bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: {default: 0.1, when: {y: 3}}}}}}", "3}}}}}}",
        ("probability",)),
    "no default": ("bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: {when: {y: 0.3}}}}}}", "{when", ("default",)),
    "condition key": (
        'bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: {default: 0.1, when: {"x = low": 0.3}}}}}}', "= low",
        ("'=='",)),
    "level in a key": (
        "bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: {default: 0.1, when: {x == hgh: 0.3}}}}}}", "hgh",
        ("Did you mean 'high'",)),
    "level in accepts": ("bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: x >= mi}}}}", "mi}", ("'mid'",)),
    "unknown name": ("bodies: {h: {quota: 2, blocs: {i: {votes: 5, accepts: mood}}}}", "mood", ("unknown name",)),
    "half a vote": ("bodies: {h: {quota: 2, blocs: {i: {votes: 4.5, accepts: 0.5}}}}", "4.5", ("whole number",)),
    "uncertain quota": ("bodies: {h: {quota: 2..3, votes: 4}}", "2..3", ("whole number", "no spread")),
    "negative shock": ("bodies: {h: {quota: 2, votes: 4, shock: -1}}", "-1", ("at least 0",)),
    "nobody votes": ("bodies: {h: {quota: 2}}", "{quota", ("neither votes nor blocs",)),
    "no quota": ("bodies: {h: {votes: 2}}", "{votes", ("no quota",)),
    "key of a bloc": ("bodies: {h: {quota: 2, blocs: {i: {votes: 5, acepts: 0.5}}}}", "acepts", ("'accepts'",)),
    "unknown body": (
        "bodies: {house: {quota: 2, votes: 4}}\n  requirements: [{when: y, needs: hose}]", "hose",
        ("unknown body 'hose'", "'house'")),
    "unknown body later": (
        "bodies: {house: {quota: 2, votes: 4}}\n  requirements: [{when: y, needs: house and sanate}]", "sanate",
        ("unknown body",)),
    "needs not": ("bodies: {h: {quota: 2, votes: 4}}\n  requirements: [{when: y, needs: not h}]", "not h", ("found",)),
    "too many of it": (
        "bodies: {h: {quota: 2, blocs: {i: {votes: 4, accepts: 0.5}}}}\n  requirements: [{when: y, needs: h >= 5}]",
        "h >=", ("5 votes of h",)),
    "votes not told apart": (
        "bodies: {h: {quota: 2, votes: 4}}\n  requirements: [{when: y, needs: h >= 3}]", "h >=", ("not told apart",)),
    "condition of a requirement": (
        "bodies: {h: {quota: 2, votes: 4}}\n  requirements: [{when: x == hig, needs: h}]", "hig", ("'high'",)),
    "source": ("bodies: {h: {quota: {value: 2, source: nyt}, votes: 4}}", "nyt", ("unknown source",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_ratification_are_told_with_their_place(name: str) -> None:
    text, piece, messages = MISTAKES[name]
    written = f"{HEAD}ratification:\n  {text}\n"
    with pytest.raises(detente.CaseError) as caught:
        detente.Case.from_text(written, "f.yaml")
    told = "\n".join(str(p) for p in caught.value.problems())
    assert all(m in told for m in messages), told
    at = written.index(piece, len(HEAD))
    line, column = written.count("\n", 0, at) + 1, at - written.rfind("\n", 0, at)
    assert (line, column) in {(p.line, p.column) for p in caught.value.problems()}, told


@pytest.mark.parametrize(
    ("text", "piece", "message"),
    [
        ("aa: {ends: 2021-01-20, reelected: 0.5, honours: 0.5}", "aa", "unknown party 'aa'"),
        ("a: {ends: 2021-01-20, reelected: 1.5, honours: 0.5}", "1.5", "probability"),
        ("a: {ends: 2021-01-20, honours: 0.5}", "{ends", "no reelected"),
        ("a: {ends: 20.1.2021, reelected: 0.5, honours: 0.5}", "20.1", "year-month-day"),
        ("a: {ends: 2017-01-20, reelected: 0.5, honours: 0.5}", "2017", "before 2019-01-29"),
    ],
)
def test_mistakes_in_terms_are_told_with_their_place(text: str, piece: str, message: str) -> None:
    written = f"{HEAD}terms:\n  {text}\n"
    with pytest.raises(detente.CaseError) as caught:
        detente.Case.from_text(written, "f.yaml")
    (problem,) = caught.value.problems()
    assert message in str(problem)
    at = written.index(piece, len(HEAD))
    assert (problem.line, problem.column) == (written.count("\n", 0, at) + 1, at - written.rfind("\n", 0, at))


def test_terms_need_a_date_to_count_from() -> None:
    with pytest.raises(detente.CaseError, match="without as_of"):
        detente.Case.from_text(
            HEAD.replace("as_of: 2019-01-29\n", "") + "terms: {a: {ends: 2021-01-20, reelected: 0, honours: 0}}"
        )


def test_a_body_that_nothing_needs_is_a_warning() -> None:
    case = detente.Case.from_text(HEAD + "ratification: {bodies: {h: {quota: 1, votes: 2}}}")
    assert any("no requirement needs" in w.found for w in case.warnings)


# --- the Korean case, the command line, the brief --------------------------------------------------------------------


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "detente", "ratify", *words],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_the_command_line_answers_with_its_contract_and_exit_status(tmp_path: Path) -> None:
    done = run("korea-2019", "--json")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("ratify"))
    assert content["passes"] >= 0.5
    done = run("korea-2019", "--deal", FULL_DEAL, "--json", "--draws", "50")
    assert done.returncode == 1
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("ratify"))
    assert content["passes"] < 0.5
    assert content["deal"]["sanctions"] == "lifted"
    assert {r["needs"]: set(r["bodies"]) for r in content["requirements"]} == {
        "house and senate": {"house", "senate"}, "council": {"council"}
    }  # fmt: skip
    assert content["draws"]["draws"] == 50
    target = tmp_path / "votes.svg"
    assert run("korea-2019", "--deal", FULL_DEAL, "-o", str(target), "--draws", "0").returncode == 1
    assert target.read_text(encoding="utf-8").startswith("<svg")
    assert run("korea-2019", "--deal", "sanctions == lfted").returncode == 2


def test_readers_who_may_not_see_payoffs_do_not_see_them() -> None:
    found = korea().ask("ratify", deal=FULL_DEAL, view="liu", draws=0)
    shared = found.for_sharing()
    assert found.bodies["council"].vetoes["us"] == 0
    assert set(shared.bodies["council"].vetoes) == {"russia", "united-kingdom", "france"}
    assert shared.cost is None
    assert all(not p.losses for p in shared.promises)
    assert not any(o.member == "us" for o in shared.obstacles)
    assert not any("on its own scale" in t for t in lines(shared))
    assert any("on its own scale" in t for t in lines(found))
    jsonschema.validate(
        shared.to_dict(),
        {k: v for k, v in result_schema("ratify").items() if k != "required"} | {"additionalProperties": True},
    )


def test_private_numbers_are_left_out_for_others() -> None:
    blocs = {"m": {"votes": 5, "accepts": {"value": 0.37, "private": True}}, "n": {"votes": 4, "accepts": "mood"}}
    body = {"quota": 6, "blocs": blocs, "veto": {"q": 0.71}}
    terms = {"a": {"ends": "2021-01-20", "reelected": {"value": 0.43, "private": True}, "honours": 0.3}}
    session = Session(detente.Case.from_dict(vote(body, terms=terms, numbers={"mood": 0.29})))
    found = session.ask("ratify", deal="x == half and y")
    for reading, seen in ((found, True), (found.for_sharing(), False)):
        text = json.dumps(reading.to_dict()) + " ".join(lines(reading))
        assert ("0.37" in text) == ("37 %" in text) == ("0.71" in text) == ("0.29" in text) == seen
        assert (str(0.43 + 0.57 * 0.3)[:5] in text) == seen
    shared = brief_section.section(Reading.of(session, shared=True))
    assert shared is not None
    text = " ".join(t for b in shared.blocks for t in b.texts())
    assert "0.37" not in text
    assert "37 %" not in text


def test_every_number_of_the_korean_votes_says_where_it_comes_from() -> None:
    case = detente.load("korea-2019")
    block = case.file.ratification
    assert block is not None
    written = []
    for body in block.bodies.values():
        written += [body.quota, *([body.votes] if body.votes is not None else [])]
        written += [body.shock.default] if body.blocs else []
        for bloc in body.blocs.values():
            assert isinstance(bloc.accepts, Accepts)
            assert bloc.accepts.number is not None
            parts = (bloc.accepts.number, bloc.cohesion)
            written += [bloc.votes, *(a for p in parts for a in (p.default, *(w for _, w in p.when)))]
        for veto in body.veto:
            assert veto.chance is not None
            written += [veto.chance.default, *(w for _, w in veto.chance.when)]
    written += [a for t in case.file.terms.values() for a in (t.reelected, t.honours)]
    shared = {n: a.evidence for n, a in case.file.numbers.items()}
    assert len(written) == 35
    for amount in written:
        evidence = amount.evidence or shared.get(amount.quantity.name)
        assert evidence is not None
        assert evidence.source in case.file.sources
        assert evidence.by
        assert evidence.sure
    assert case.file.terms["us"].ends == dt.date(2021, 1, 20)
    assert {n: sum(int(b.votes.quantity.numbers[0]) for b in w.blocs.values()) for n, w in block.bodies.items()} == {
        "house": 434, "senate": 100, "council": 0
    }  # fmt: skip


def test_nothing_that_became_law_later_is_in_the_case() -> None:
    text = catalog_text("korea-2019")
    assert not re.search(r"9265|9269|116-92|Hanoi", text)
    assert re.search(r"22 USC 9251", text)


def test_korea_what_congress_would_say() -> None:
    session = korea()
    chances = {v: session.ask("ratify", view=v, deal=FULL_DEAL, draws=0) for v in (None, "liu", "zhang")}
    assert chances["liu"].passes < 0.05 < chances[None].passes < 0.5 < chances["zhang"].passes
    assert chances["liu"].bodies["council"].vetoes["us"] == 0  # for Liu Washington would rather not have it
    assert chances["zhang"].window.closes == dt.date(2021, 1, 20)
    assert any("UN Security Council" in t for t in lines(chances[None]))
    small_deal = session.ask("ratify", deal="access == yongbyon and sanctions == exchanges-allowed", draws=0)
    assert [m.needs for m in small_deal.requirements] == ["council"]
    assert small_deal.passed


def test_the_brief_tells_what_passes() -> None:
    reading = Reading.of(korea())
    section = brief_section.section(reading)
    assert isinstance(section, Section)
    text = "\n".join(t for b in section.blocks for t in b.texts())
    for piece in ("House of Representatives", "UN Security Council", "20 January 2021", "62 %", "116th Congress"):
        assert piece in text, piece
    assert "sanctions ==" not in text
    assert any("Sanctions at ‘lifted’ has to pass House of Representatives" in t for t in section.summary)
    assert sum(b.picture is not None for b in section.blocks) >= 2
    found = reading.session.ask("ratify", deal=FULL_DEAL, draws=0)
    assert f"at best {percent(found.passes)}" in section.summary[1]  # no deal that ends sanctions passes more easily


def test_the_brief_has_nothing_to_say_on_a_case_without_votes_and_terms() -> None:
    assert brief_section.section(Reading.of(Session(detente.load("elmira")))) is None


def test_the_brief_of_a_case_with_terms_alone() -> None:
    reading = Reading.of(Session(detente.Case.from_dict(small(terms=TERMS))))
    section = brief_section.section(reading)
    assert section is not None
    text = "\n".join(t for b in section.blocks for t in b.texts())
    assert "No deal has to pass a vote." in text
    assert "62 % of what Alba promises" in text


def test_vote_bars_are_pictures_that_say_what_they_show() -> None:
    found = korea().ask("ratify", deal=FULL_DEAL, draws=0)
    for standalone in (False, True):
        picture = vote_bar(found, standalone=standalone)
        assert picture is not None
        assert ("var(--" in picture) != standalone
        for piece in ("218 needed", "60 needed", "House of Representatives", "<desc>", "passes with"):
            assert piece in picture
    assert vote_bar(window(0.5, "x == half and y")) is not None
    nothing = Session(detente.Case.from_dict(small())).ask("ratify", deal="x == half")
    assert vote_bar(nothing) is None


def test_columns_of_a_vote_bar_never_straddle_the_number_needed() -> None:
    for votes, quota in ((434, 218), (100, 60), (7, 4), (15, 9), (44, 23), (45, 1), (90, 90)):
        body = {"quota": quota, "blocs": {"m": {"votes": votes, "accepts": 0.5}}, "shock": 3}
        found = Session(detente.Case.from_dict(vote(body))).ask("ratify", deal="x == half and y")
        picture = vote_bar(found)
        assert picture is not None
        line = 20 + quota * 640 / (votes + 1)
        boxes = re.findall(
            r'<rect class="(holds|open)" x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)" height="(?!10\.0)', picture
        )
        assert boxes
        for kind, x, width in boxes:
            assert (float(x) >= line - 0.1) == (kind == "holds")
            assert float(x) + float(width) <= line + 0.1 or kind == "holds"
