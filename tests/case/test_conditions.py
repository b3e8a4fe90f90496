"""Conditions: binding, meaning against an independent evaluator, places of faults."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.case.conditions import ConditionError, parse_condition
from detente.case.meaning import Vocabulary, faults, holds, meaning

NAMES = Vocabulary({"x": ("low", "mid", "high"), "y": ("no", "yes"), "z": ("no", "yes")})
STATES = list(itertools.product(range(3), range(2), range(2)))


def truths(text: str) -> list[bool]:
    sense = meaning(parse_condition(text), NAMES)
    return [holds(sense, s) for s in STATES]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("not y and z", "(not y) and z"),
        ("y and z or x", "(y and z) or x"),
        ("y or z and x", "y or (z and x)"),
        ("y implies z or x", "y implies (z or x)"),
        ("x implies y implies z", "x implies (y implies z)"),
        ("y iff z implies x", "y iff (z implies x)"),
        ("not x == low", "not (x == low)"),
        ("not not y", "y"),
        ("x", "x > low"),
        ("x >= 1", "x in {mid, high}"),
        ("x != mid", "x in {0, 2}"),
        ("Y-N", "x > low and not z"),
        ("Y-- or -Y-", "x or y"),
    ],
)
def test_binding_and_meaning(text: str, same: str) -> None:
    assert truths(text) == truths(same)


def test_implies_is_not_left_associative() -> None:
    assert truths("y implies z implies x") != truths("(y implies z) implies x")


LEAVES: dict[str, Any] = {
    "x == low": lambda s: s[0] == 0,
    "x < high": lambda s: s[0] < 2,
    "x in {mid, 2}": lambda s: s[0] in (1, 2),
    "y": lambda s: s[1] == 1,
    "z == no": lambda s: s[2] == 0,
}
Tree = tuple[Any, ...]


def trees() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.sampled_from(sorted(LEAVES)),
        lambda inner: st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.sampled_from(["and", "or", "implies", "iff"]), inner, inner),
        ),
        max_leaves=12,
    )


def written(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"


def value(tree: Any, state: tuple[int, ...]) -> bool:
    if isinstance(tree, str):
        return bool(LEAVES[tree](state))
    parts = [value(part, state) for part in tree[1:]]
    return {
        "not": lambda: not parts[0],
        "and": lambda: parts[0] and parts[1],
        "or": lambda: parts[0] or parts[1],
        "implies": lambda: parts[1] or not parts[0],
        "iff": lambda: parts[0] == parts[1],
    }[tree[0]]()


@given(trees())
def test_random_conditions_mean_what_they_say(tree: Any) -> None:
    assert truths(written(tree)) == [value(tree, s) for s in STATES]


def test_long_chains_of_iff_are_quick() -> None:
    text = " iff ".join(["y"] * 150)
    assert truths(text) == [True] * len(STATES)


@pytest.mark.parametrize(
    ("text", "at"), [("x == low and q", 13), ("x == lwo", 5), ("  y &&", 4), ("x in {low, hgh}", 11)]
)
def test_faults_point_into_the_text(text: str, at: int) -> None:
    try:
        found = next(iter(faults(parse_condition(text), NAMES)))
    except ConditionError as error:
        found = error
    assert found.at == at


def test_equal_conditions_are_equal_up_to_spacing_and_brackets() -> None:
    assert parse_condition("x==low and (y)") == parse_condition("x == low   and y")
    assert parse_condition("x == low") != parse_condition("x == 0")
