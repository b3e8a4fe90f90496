"""What must hold of stability whatever the case: implications between concepts, and what may not make a difference."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente
from tests.literal.definitions import CONCEPTS
from tests.literal.generate import random_case, seeded
from tests.literal.states import CaseDict, Space, State

IMPLICATIONS = [("nash", "sseq"), ("sseq", "seq"), ("seq", "gmr"), ("sseq", "smr"), ("smr", "gmr")]
SEEDS = st.integers(min_value=0, max_value=2**32)

Combination = frozenset[tuple[str, str]]
Meaning = frozenset[Combination]
"""A state without its number: its members, each the levels of the options."""
Verdicts = dict[tuple[str, str], frozenset[Meaning]]
"""Concept and party (or "equilibria") -> the states, by their meaning."""


def answer(case: CaseDict) -> dict[str, Any]:
    document: dict[str, Any] = (
        detente.Session(detente.Case.from_dict(case)).ask("stability", concepts=CONCEPTS).to_dict()
    )
    return document


def verdicts(document: Mapping[str, Any]) -> Verdicts:
    """Return the verdicts in words that do not depend on any order in the file."""
    meaning = {state["id"]: _meaning(state, document["options"]) for state in document["states"]}
    told = {
        (concept, party): stable
        for concept, by_party in document["stable"].items()
        for party, stable in by_party.items()
    }
    told |= {(concept, "equilibria"): stable for concept, stable in document["equilibria"].items()}
    return {where: frozenset(meaning[state] for state in states) for where, states in told.items()}


def _meaning(state: Mapping[str, Any], options: list[dict[str, Any]]) -> Meaning:
    return frozenset(
        frozenset((option["id"], option["levels"][int(digit)]) for option, digit in zip(options, key, strict=True))
        for key in state["members"] or [state["key"]]
    )


# ------------------------------------------------------------------------------------------------------- implications


@given(SEEDS)
def test_implications(seed: int) -> None:
    stable = answer(random_case(seeded(seed)))["stable"]
    for stronger, weaker in IMPLICATIONS:
        for party, states in stable[stronger].items():
            assert set(states) <= set(stable[weaker][party]), f"{stronger} does not imply {weaker} for {party}"


# ------------------------------------------------------------------------------------- names and order mean nothing


@given(SEEDS, st.randoms(use_true_random=False))
def test_order_in_the_file_means_nothing(seed: int, rng: Any) -> None:
    case = random_case(seeded(seed), positional=False)
    shuffled = {**case, **{block: _shuffled(case[block], rng) for block in ("parties", "options", "preferences")}}
    shuffled |= {
        block: rng.sample(case[block], len(case[block])) for block in ("infeasible", "coalesce") if block in case
    }
    assert verdicts(answer(shuffled)) == verdicts(answer(case))


def _shuffled(block: dict[str, Any], rng: Any) -> dict[str, Any]:
    return {name: block[name] for name in rng.sample(list(block), len(block))}


NEW_NAMES = {
    **{f"p{number}": name for number, name in enumerate(("north", "east", "south", "west"), start=1)},
    **{f"o{number}": name for number, name in enumerate(("zeal", "yield", "x-ray", "war_path", "vote"), start=1)},
    **{f"l{number}": name for number, name in enumerate(("zero", "one-half", "full", "beyond"))},
}
OLD_NAME = re.compile(r"\b[pol][0-9]\b")


def _renamed(value: Any) -> Any:
    """Give parties, options and levels other names, in conditions too."""
    if isinstance(value, str):
        return OLD_NAME.sub(lambda found: NEW_NAMES[found[0]], value)
    if isinstance(value, dict):
        return {_renamed(key): _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list | tuple) else value


@given(SEEDS)
def test_names_mean_nothing(seed: int) -> None:
    case = random_case(seeded(seed))
    document, renamed = answer(case), answer(_renamed(case))
    for part in ("parties", "states", "stable", "equilibria"):
        assert _listed(renamed[part]) == _listed(_renamed(document[part]))


def _listed(value: Any) -> Any:
    """Return the value with lists for tuples."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value


# --------------------------------------------------------------------------------- only the order of utilities counts


def _described(space: Space, state: State) -> str:
    """Return a condition that only this state meets."""
    members = [
        " and ".join(
            f"{option.id} == {option.levels[level]}" for option, level in zip(space.options, member, strict=True)
        )
        for member in state.members
    ]
    return members[0] if len(members) == 1 else " or ".join(f"({member})" for member in members)


@given(SEEDS, st.lists(st.integers(min_value=1, max_value=1_000), min_size=48, max_size=48))
def test_only_the_order_of_utilities_counts(seed: int, rises: list[int]) -> None:
    """Any increasing function of the ranks, written as a utility, gives the same verdicts as the preference itself."""
    case = random_case(seeded(seed))
    document = answer(case)
    space = Space(case)
    worth = [sum(rises[:rank]) / 10 - 50 for rank in range(len(rises))]
    ranks = {state["id"]: state["rank"] for state in document["states"]}
    utilities = {
        party: {"utility": {_described(space, state): worth[ranks[state.id][party]] for state in space.states}}
        for party in case["preferences"]
    }
    other = answer(case | {"preferences": utilities})
    for part in ("states", "stable", "equilibria"):
        assert other[part] == document[part]


@given(SEEDS, st.integers(min_value=1, max_value=40))
def test_the_unit_of_a_utility_means_nothing(seed: int, factor: int) -> None:
    case = random_case(seeded(seed))
    worths = range(-8, 9, 2)
    rng = seeded(seed)
    space = Space({key: value for key, value in case.items() if key != "coalesce"})
    utilities = {
        party: {o.id: {level: rng.choice(worths) for level in o.levels} for o in space.options}
        for party in space.parties
    }
    plain = {key: value for key, value in case.items() if key not in {"coalesce", "preferences"}}
    scaled = {
        party: {
            option: {level: worth * factor / 8 for level, worth in levels.items()} for option, levels in utility.items()
        }
        for party, utility in utilities.items()
    }
    one, other = (
        answer(plain | {"preferences": {party: {"utility": utility} for party, utility in written.items()}})
        for written in (utilities, scaled)
    )
    assert one["states"] == other["states"]
    assert one["stable"] == other["stable"]


# ---------------------------------------------------------------------------------------------------------- bystanders


@pytest.mark.parametrize("written", [True, False])
@given(seed=SEEDS)
def test_an_indifferent_bystander_changes_nothing(seed: int, written: bool) -> None:  # noqa: FBT001
    """A party without options that does not care, or of which nobody knows what it wants; then a second one like it."""
    case = random_case(seeded(seed))
    document = answer(case)
    first = case["options"]["o1"].get("levels", ["no", "yes"])[0]
    parties, preferences = case["parties"], case["preferences"]
    for name in ("onlooker", "second-onlooker"):
        parties = {**parties, name: {"name": name}}
        if written:
            preferences = {**preferences, name: {"ranking": [f"o1 >= {first}"]}}
        watched = answer(case | {"parties": parties, "preferences": preferences})
        assert watched["equilibria"] == document["equilibria"]
        every = [state["id"] for state in document["states"]]
        for concept, by_party in watched["stable"].items():
            assert list(by_party[name]) == every
            assert {party: by_party[party] for party in case["parties"]} == document["stable"][concept]
