"""Payoffs and disagreement, by hand."""

from fractions import Fraction
from typing import Any

import pytest

import detente
from detente.graph.model import GraphModel
from detente.mechanics.payoffs import disagreement_in, payoffs_in, status_quo_levels
from detente.space.states import StateSpace

CASE: dict[str, Any] = {
    "detente": 1,
    "name": "x",
    "parties": {"a": {}, "b": {}, "c": {}},
    "options": {
        "one": {"party": "a", "levels": ["low", "mid", "high"]},
        "two": {"party": "b"},
        "three": {"party": "b"},
    },
    "infeasible": ["one == high and two"],
    "status_quo": {"one": "mid"},
    "preferences": {
        "a": {"utility": {"one": {"mid": 0.1, "high": "0..1"}, "two": {"yes": 0.2}, "one == high and two": 7}},
        "b": {"ranking": ["one == low", "one == mid"]},
    },
}


def graph(**blocks: Any) -> GraphModel:
    case = detente.Case.from_dict(CASE | blocks)
    return GraphModel.of(case, StateSpace.of(case))


def without_a_deal(**blocks: Any) -> dict[str, Fraction]:
    found = graph(**blocks)
    case, states = found.case, found.states
    return disagreement_in(case, states, {p: v for p in case.parties if (v := payoffs_in(case, states, p)) is not None})


def test_values_are_exact_and_orders_evenly_spaced() -> None:
    found = graph()
    a, b, c = (payoffs_in(found.case, found.states, p) for p in "abc")
    assert a is not None and b is not None and c is not None  # noqa: PT018
    at = found.states.find
    assert [a.value(at(k)) for k in ("000", "100", "200", "110")] == [
        0,
        Fraction(1, 10),
        Fraction(1, 2),
        Fraction(3, 10),
    ]
    assert [b.value(at(k)) for k in ("000", "100", "200")] == [1, Fraction(1, 2), 0]
    assert (a.ordinal, b.ordinal, c.ordinal) == (False, True, False)
    assert set(c.floats) == {0.0}
    assert float(a.floats[at("110")]) == pytest.approx(0.3)


def test_the_default_is_the_status_quo() -> None:
    assert without_a_deal() == {"a": Fraction(1, 10), "b": Fraction(1, 2), "c": 0}
    assert status_quo_levels(graph().states) == (1, 0, 0)


def test_a_state_takes_its_unnamed_levels_from_the_status_quo() -> None:
    assert without_a_deal(disagreement={"state": {"two": "yes"}})["a"] == Fraction(3, 10)
    assert without_a_deal(disagreement={"state": "one == low and not two and not three"})["b"] == 1
    with pytest.raises(detente.CaseError, match="2 states"):
        without_a_deal(disagreement={"state": "one == low and not two"})


def test_payoffs_and_lotteries() -> None:
    assert without_a_deal(disagreement={"payoffs": {"a": 3}}) == {"a": 3, "b": Fraction(1, 2), "c": 0}
    lottery = [{"chance": 0.75, "state": "status_quo"}, {"chance": "rest", "state": {"one": "high"}}]
    assert without_a_deal(disagreement={"lottery": lottery})["a"] == Fraction(3, 4) / 10 + Fraction(1, 8)
    twice = [{"chance": 1, "state": "status_quo"}, {"chance": 1, "state": {"one": "high"}}]
    assert without_a_deal(disagreement={"lottery": twice})["a"] == Fraction(3, 10)


def test_an_infeasible_breakdown_needs_utilities() -> None:
    cardinal = {"preferences": {"a": CASE["preferences"]["a"]}}
    there = {"state": {"one": "high", "two": "yes"}}
    assert without_a_deal(disagreement=there, **cardinal)["a"] == Fraction(1, 2) + Fraction(1, 5) + 7
    with pytest.raises(detente.CaseError, match="only an order"):
        without_a_deal(disagreement=there)
    with pytest.raises(detente.CaseError, match="only an order"):
        without_a_deal(disagreement={"payoffs": {"b": 1}})


def test_without_a_status_quo_it_is_asked_for() -> None:
    closed: dict[str, Any] = {"status_quo": None, "infeasible": ["one == low and not two"]}
    with pytest.raises(detente.UsageError, match="status quo"):
        without_a_deal(**closed)
    complete = {"one": "low", "two": "yes", "three": "no"}
    assert without_a_deal(**closed, disagreement={"state": complete})["a"] == Fraction(1, 5)
