"""Changes merge as DESIGN says, views are Changes, and what is fixed stays fixed."""

from __future__ import annotations

from typing import Any

import pytest

import detente
from detente.case.change import Change


def case_of(**blocks: Any) -> detente.Case:
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "test",
        "parties": {"a": {"name": "First"}, "b": {}},
        "options": {"x": {"party": "a", "levels": ["low", "mid", "high"]}, "y": {"party": "b"}},
        "infeasible": ["x == high and y"],
        "status_quo": {"x": "mid"},
        "numbers": {"n": {"value": 3, "source": "a text"}},
        "preferences": {"a": {"utility": {"x": {"mid": 1, "high": 2}, "x == low and y": 5}}, "b": {"ranking": ["y"]}},
    }
    return detente.Case.from_dict({**tree, **blocks})


def changed(*texts: str) -> detente.Case:
    return case_of().change(sum((Change.parse(t) for t in texts), Change(())))


def test_mappings_merge_and_scalars_replace() -> None:
    case = changed("preferences.a.utility={x: {mid: 4}}", "parties.a.discount=0.9", "numbers.n=7")
    assert case.tree["preferences"]["a"]["utility"]["x"] == {"mid": "4", "high": 2}
    assert case.file.parties["a"].name == "First"
    assert case.tree["numbers"]["n"] == "7"


def test_lists_status_quo_and_a_partys_preference_replace() -> None:
    case = changed("infeasible=[y]", "status_quo={y: no}", "preferences.a={utility: {y: 1}}")
    assert case.tree["infeasible"] == ["y"]
    assert case.tree["status_quo"] == {"y": "no"}
    assert case.tree["preferences"]["a"] == {"utility": {"y": "1"}}
    assert "b" in case.tree["preferences"]


def test_null_deletes() -> None:
    case = changed("preferences.b=null", "preferences.a.utility.x.high=null")
    assert "b" not in case.tree["preferences"]
    assert case.tree["preferences"]["a"]["utility"]["x"] == {"mid": 1}


def test_condition_keys_are_compared_as_parsed_and_new_ones_warn() -> None:
    same = changed('preferences.a.utility."x==low  and (y)"=9')
    assert same.tree["preferences"]["a"]["utility"]["x == low and y"] == "9"
    assert not same.warnings
    new = changed('preferences.a.utility."x == mid and y"=9')
    assert len(new.tree["preferences"]["a"]["utility"]) == 3
    assert any("matches no key" in str(w) for w in new.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "parties.c={}", "parties.a=null", "parties=null", "options.z={party: a}", "options.x=null",
        "options.x.levels=[low]", "options.x.party=b", "name=other", "detente=1", "views.v={}",
    ],
)  # fmt: skip
def test_parties_options_and_levels_are_fixed(text: str) -> None:
    with pytest.raises(detente.CaseError, match="a change"):
        changed(text)


def test_moves_irreversible_and_names_may_change() -> None:
    case = changed("options.x.moves=up", "options.x.irreversible=[mid]", "options.x.name=X", "parties.b.name=B")
    assert case.file.options["x"].moves == "up"
    assert case.party_name("b") == "B"


def test_views_extend_others_first() -> None:
    views = {
        "near": {"extends": "far", "preferences": {"b": {"ranking": ["not y"]}}},
        "far": {"by": "Somebody", "numbers": {"n": 8}, "preferences": {"b": {"ranking": ["x"]}}},
    }
    case = case_of(views=views).view("near")
    assert case.tree["preferences"]["b"]["ranking"] == ["not y"]
    assert case.tree["numbers"]["n"] == 8
    assert case.view_name == "near"
    assert case.written.tree["numbers"]["n"] == {"value": 3, "source": "a text"}


def test_the_original_is_untouched_and_digests_differ_only_where_something_changed() -> None:
    case = case_of()
    before = case.digest()
    other = case.change(Change.parse("numbers.n=4"))
    assert case.digest() == before != other.digest()
    assert case.digest(["options", "preferences"]) == other.digest(["options", "preferences"])


@pytest.mark.parametrize("text", ["no-equals", "=3", "a..b=3", 'preferences."x=3'])
def test_unreadable_paths(text: str) -> None:
    with pytest.raises(detente.UsageError):
        Change.parse(text)


def test_a_bad_value_is_told_by_its_path_and_not_by_a_wrong_place() -> None:
    case = detente.load("elmira")
    with pytest.raises(detente.CaseError) as caught:
        case.change(Change.parse("parties.moe.discount=2"))
    problem = caught.value.problems()[0]
    assert problem.path == "parties.moe.discount"
    assert problem.line is None
