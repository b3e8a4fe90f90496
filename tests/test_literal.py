"""The oracle itself: against published tables and small cases done by hand; whether its cases discriminate."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from tests.literal.answers import differences, document_of, status_quo_document, verdict_differences
from tests.literal.conditions import condition
from tests.literal.definitions import CONCEPTS, Model, Reading
from tests.literal.expected import EXPECTED, mismatches
from tests.literal.generate import FIXED_SEEDS, random_case, seeded
from tests.literal.mutants import MUTANTS, Mutant
from tests.literal.preferences import point
from tests.literal.published import PUBLISHED, american_revolution, ids, syria_iraq
from tests.literal.states import CaseDict, Space
from tests.literal.witnesses import complaints

ENOUGH = 0.05
FIRST = FIXED_SEEDS[:200]


@cache
def model_of(seed: int) -> Model:
    return Model(random_case(seeded(seed)))


def small(**blocks: Any) -> CaseDict:
    options = {"a": {"party": "p", "levels": ["low", "mid", "high"]}, "b": {"party": "q"}}
    return {"parties": {"p": {}, "q": {}}, "options": options} | blocks


# ------------------------------------------------------------------------------------------------- published results


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_results(name: str) -> None:
    model = Model(PUBLISHED[name])
    assert mismatches(EXPECTED[name], document_of(model), status_quo_document(model)) == []


def test_every_published_case_has_expected_results() -> None:
    # in gisborne one party has no order, which the literal model needs: test_expected holds it
    assert set(EXPECTED) == {*PUBLISHED, "gisborne"}


def test_elmira_moves() -> None:
    space = Space(PUBLISHED["elmira"])
    arcs = {
        party: [(int(state[1:]), int(target[1:])) for state in space.ids for target in sorted(moves[state])]
        for party, moves in space.moves.items()
    }
    assert arcs == {
        "moe": [(1, 2), (3, 4), (5, 6), (7, 8)],
        "uniroyal": [
            *[(1, 3), (1, 9), (2, 4), (2, 9), (3, 9), (4, 9)],
            *[(5, 7), (5, 9), (6, 8), (6, 9), (7, 9), (8, 9)],
        ],
        "lg": [(1, 5), (2, 6), (3, 7), (4, 8), (5, 1), (6, 2), (7, 3), (8, 4)],
    }
    assert [state.key for state in space.states][-1] == "121"


def test_cuban_orders_of_1984_in_decimal_codes() -> None:
    model = Model(PUBLISHED["cuba-1962"])
    codes = {state.id: int(state.key[::-1], 2) for state in model.space.states}
    orders = {
        party: [codes[state] for state in sorted(ranks, key=lambda state, ranks=ranks: -ranks[state])]  # type: ignore[misc]
        for party, ranks in model.ranks.items()
    }
    assert orders == {
        "us": [4, 6, 5, 7, 2, 1, 3, 0, 11, 9, 10, 8],
        "ussr": [0, 4, 6, 2, 5, 1, 7, 3, 11, 9, 10, 8],
    }


def test_american_revolution_has_52_feasible_states() -> None:
    assert len(Space(american_revolution()).states) == 52


def test_syrian_rankings_that_hold_one_state() -> None:
    """Of all 720 rankings of Syria, so many make state 2 stable for Syria, Iraq's being fixed."""
    model = Model(syria_iraq())
    counts: Counter[str] = Counter()
    for order in itertools.permutations(model.space.ids):
        model.ranks["syria"] = {state: rank for rank, state in enumerate(order)}
        counts.update(concept for concept in CONCEPTS if model.stable(concept, "syria", "s2"))
    assert counts == {"nash": 240, "gmr": 384, "smr": 300, "seq": 384, "sseq": 300}


# ------------------------------------------------------------------------------------------------------ states, moves


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("a", {"10", "20", "11", "21"}),
        ("not a and b", {"01"}),
        ("not (a and b)", {"00", "10", "20", "01"}),
        ("a == mid or a == 2 and b", {"10", "11", "21"}),
        ("a > low implies b", {"00", "01", "11", "21"}),
        ("a == high iff b", {"00", "10", "21"}),
        ("not a == low", {"10", "20", "11", "21"}),
        ("a in {low, high} and b == no", {"00", "20"}),
        ("Y-", {"10", "20", "11", "21"}),
        ("NY", {"01"}),
        ("2-", {"20", "21"}),
        ("b implies a implies a == high", {"00", "10", "20", "01", "21"}),
    ],
)
def test_conditions(text: str, matched: set[str]) -> None:
    space = Space(small())
    test = condition(text, space.names)
    assert {state.key for state in space.states if test(state.members[0])} == matched


def test_numbers_first_option_fastest() -> None:
    space = Space(small(infeasible=["a == mid and b"]))
    assert [state.key for state in space.states] == ["00", "10", "20", "01", "21"]
    assert space.ids == ids(1, 2, 3, 4, 5)


def test_merged_states_take_the_place_of_their_last_member() -> None:
    space = Space(small(coalesce=["a == low"]))
    assert [state.key for state in space.states] == ["10", "20", "01", "11", "21"]
    assert space.moves["p"]["s3"] == {"s1", "s2", "s4", "s5"}, "moves of merged states are unions"
    assert space.moves["q"]["s3"] == set(), "no move from a state to itself"


def test_overlapping_conditions_merge() -> None:
    space = Space(small(coalesce=["a == low", "b and a != high"]))
    assert [len(state.members) for state in space.states] == [1, 1, 3, 1]
    assert Space(small(coalesce=["a == low", "a == high"])).ids == ids(1, 2, 3, 4)
    bridge = ["a == low", "a == high", "not b and a != mid"]
    assert [len(state.members) for state in Space(small(coalesce=bridge)).states] == [1, 1, 4]


@pytest.mark.parametrize(
    ("how", "allowed"),
    [
        ({}, {"01", "02", "10", "12", "20", "21"}),
        ({"moves": "up"}, {"01", "02", "12"}),
        ({"moves": "down"}, {"10", "20", "21"}),
        ({"irreversible": ["mid"]}, {"01", "02", "12", "21"}),
        ({"irreversible": ["high"]}, {"01", "02", "10", "12"}),
        ({"irreversible": ["mid", "high"]}, {"01", "02", "12"}),
    ],
)
def test_floors(how: dict[str, Any], allowed: set[str]) -> None:
    case = small()
    case["options"]["a"] |= how
    space = Space(case)
    assert {old + new for old in "012" for new in "012" if _moves(space, old + "0", new + "0")} == allowed


def _moves(space: Space, old: str, new: str) -> bool:
    by_key = {state.key: state.id for state in space.states}
    return by_key[new] in space.moves["p"][by_key[old]]


def test_status_quo_unwritten_and_infeasible_is_none() -> None:
    assert Space(small(infeasible=["NN"])).status_quo is None
    assert Space(small(infeasible=["NN"], status_quo={"b": "yes"})).status_quo == "s3"
    with pytest.raises(ValueError, match="infeasible"):
        Space(small(infeasible=["NY"], status_quo={"b": "yes"}))


# -------------------------------------------------------------------------------------------------------- preferences


def ranks(preference: dict[str, Any], **blocks: Any) -> list[int]:
    return list(Model(small(preferences={"p": preference}, **blocks)).ranks["p"].values())


def test_utilities_are_exact_sums() -> None:
    utility = {"a": {"mid": 0.1, "high": 0.3}, "b": {"yes": 0.2}, "a == mid and b": "-1..1"}
    assert ranks({"utility": utility}) == [0, 1, 3, 2, 3, 4]
    utility = {"a": {"mid": "x", "high": {"value": "1 ± 9"}}}
    assert ranks({"utility": utility}, numbers={"x": "0..2"}) == [0, 1, 1, 0, 1, 1]


def test_point_values() -> None:
    texts = [3, 0.1, "4..8", "-3..-5", "1..2..6", "6 ± 2", "6 +- 2", "1e-2"]
    values = [3, Fraction(1, 10), 6, -4, 3, 6, 6, Fraction(1, 100)]
    assert [point(text, {}) for text in texts] == values


def test_rankings() -> None:
    assert ranks({"ranking": ["s4", ["s1", "s5"], "b", "Y-"]}) == [2, 0, 0, 3, 2, 1]
    assert ranks({"ranking": ["21", ["00", "s2"]]}) == [1, 1, 0, 0, 0, 2]


def test_priorities() -> None:
    assert ranks({"priorities": ["b", "a == mid"]}) == [0, 1, 0, 2, 3, 2]
    assert ranks({"priorities": [["b", "a == mid"], "a"]}) == [0, 3, 1, 2, 4, 3]


def test_adjust() -> None:
    order = {"priorities": ["a == high", "a == mid", "b"]}
    assert ranks(order) == [0, 2, 4, 1, 3, 5]
    assert ranks(order | {"adjust": [["a == low", "a == mid and b"]]}) == [2, 0, 4, 3, 1, 5], "order kept, just above"
    assert ranks(order | {"adjust": [["not b and a != mid", "a == mid"]]}) == [3, 1, 4, 0, 2, 5], "already above: stays"
    tied = {"priorities": ["a == high"], "adjust": [["a == low", "a == mid"]]}
    assert ranks(tied) == [1, 0, 2, 1, 0, 2]
    twice = {"adjust": [["a == low", "a == mid"], ["a == mid", "a == low"]]}
    assert ranks({"priorities": ["a == high"]} | twice) == [0, 1, 2, 0, 1, 2], "each pair in turn"


# ------------------------------------------------------------------------------------------- the same by other means


def swept(model: Model, party: str, concept: str) -> list[str]:
    """Compute a concept by passing the smallest value that opponents can enforce backwards until nothing changes."""
    rank = model.ranks[party]
    value = dict(rank)
    if concept in {"smr", "sseq"}:
        value = {state: max(rank[t] for t in model.moves(party, state) | {state}) for state in model.space.ids}
    worst: dict[tuple[str, str], float] = {}
    for _ in range(len(value) * len(model.space.parties)):
        before = dict(worst)
        for state, last in itertools.product(model.space.ids, (party, *model.opponents(party))):
            worst[state, last] = min(
                (
                    min(value[target], before.get((target, mover), float("inf")))
                    for mover in model.opponents(party)
                    if mover != last
                    for target in model.steps(mover, state, improving=concept in {"seq", "sseq"})
                ),
                default=float("inf"),
            )
        if worst == before:
            break
    return [s for s in model.space.ids if all(worst[t, party] <= rank[s] for t in model.improvements(party, s))]


@pytest.mark.parametrize("concept", ["gmr", "smr", "seq", "sseq"])
def test_backward_sweep_agrees(concept: str) -> None:
    for seed in range(100):
        model = model_of(seed)
        for party in model.space.parties:
            found = [state for state in model.space.ids if model.stable(concept, party, state)]
            assert found == swept(model, party, concept), (seed, party)


def test_last_mover_rule_only_matters_with_merged_states() -> None:
    for seed in FIRST:
        model = model_of(seed)
        if len(model.space.states) == len(model.space.feasible):
            assert model.table(Reading(sequences="free")) == model.table(), seed


# ---------------------------------------------------------------------------------------------------------- witnesses


@dataclass(frozen=True)
class Step:
    party: str
    source: str
    target: str


@dataclass(frozen=True)
class Answer:
    improvement: str
    sanction: tuple[Step, ...] | None
    best_replies: bool | None = None


@dataclass(frozen=True)
class Verdict:
    party: str
    state: str
    concept: str
    stable: bool
    answers: tuple[Answer, ...]


def dilemma(concept: str, *answers: Answer, stable: bool = True, state: str = "s1") -> list[str]:
    return complaints(Model(PUBLISHED["prisoners-dilemma"]), Verdict("row", state, concept, stable, answers))


def test_right_witnesses_are_accepted() -> None:
    back = (Step("col", "s2", "s4"),)
    assert dilemma("seq", Answer("s2", back, best_replies=True)) == []
    assert dilemma("sseq", Answer("s2", back, best_replies=True)) == []
    assert dilemma("gmr", Answer("s2", back)) == []
    assert dilemma("smr", Answer("s2", back)) == []
    assert dilemma("nash", Answer("s2", None), stable=False) == []
    assert dilemma("seq", Answer("s4", None), stable=False, state="s3") == []
    assert dilemma("nash", state="s4") == []


@pytest.mark.parametrize(
    ("concept", "answers", "stable", "state"),
    [
        ("seq", [], True, "s1"),
        ("seq", [Answer("s2", (Step("col", "s2", "s4"),), best_replies=False)], True, "s1"),
        ("seq", [Answer("s2", (Step("col", "s2", "s4"),))], True, "s1"),
        ("gmr", [Answer("s2", (Step("col", "s2", "s4"),), best_replies=True)], True, "s1"),
        ("gmr", [Answer("s2", (Step("col", "s2", "s3"),))], True, "s1"),
        ("gmr", [Answer("s2", (Step("row", "s2", "s1"),))], True, "s1"),
        ("gmr", [Answer("s2", (Step("col", "s1", "s3"),))], True, "s1"),
        ("gmr", [Answer("s2", ())], True, "s1"),
        ("gmr", [Answer("s2", None)], True, "s1"),
        ("gmr", [Answer("s2", None)], False, "s1"),
        ("gmr", [Answer("s4", (Step("col", "s4", "s2"),))], True, "s3"),
        ("gmr", [Answer("s4", (Step("col", "s4", "s2"),))], False, "s3"),
        ("nash", [Answer("s3", None)], False, "s1"),
        ("nash", [], False, "s3"),
    ],
)
def test_wrong_witnesses_are_rejected(concept: str, answers: list[Answer], stable: bool, state: str) -> None:  # noqa: FBT001
    assert dilemma(concept, *answers, stable=stable, state=state) != []


def test_a_sanction_by_a_second_best_reply() -> None:
    """At s2 q prefers s4, which p likes; only s6, which q likes less than s4, hurts p."""
    case = {
        "parties": {"p": {}, "q": {}},
        "options": {"a": {"party": "p"}, "b": {"party": "q", "levels": ["low", "mid", "high"]}},
        "preferences": {"p": {"ranking": ["s4", "s2", "s1"]}, "q": {"ranking": ["s4", "s6", "s2"]}},
    }
    hurt = Answer("s2", (Step("q", "s2", "s6"),), best_replies=False)
    assert complaints(Model(case), Verdict("p", "s1", "seq", stable=True, answers=(hurt,))) == []
    boast = Answer("s2", (Step("q", "s2", "s6"),), best_replies=True)
    assert complaints(Model(case), Verdict("p", "s1", "seq", stable=True, answers=(boast,))) != []
    case["preferences"] = {"p": {"ranking": ["s2", "s1"]}, "q": {"ranking": ["s4", "s6", "s2"]}}
    assert "best replies alone" in complaints(Model(case), Verdict("p", "s1", "seq", stable=True, answers=(hurt,)))[0]


# ---------------------------------------------------------------------------------- what the comparison can tell apart


def test_differences() -> None:
    assert differences({"a": [1, 2], "b": {"c": None}}, {"a": (1, 2), "b": {"c": None, "d": 1}, "e": 2}) == []
    assert differences({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) == [".a[0].b: 2 instead of 1"]
    assert len(differences({"a": [{"b": 1}], "c": 1, "d": [1, 2]}, {"a": [], "d": [2, 1]})) == 3


def _concepts_differ(one: str, other: str) -> Callable[[Model], bool]:
    return lambda model: any(
        model.stable(one, party, state) != model.stable(other, party, state)
        for party in model.space.parties
        for state in model.space.ids
    )


def _readings_differ(reading: Reading) -> Callable[[Model], bool]:
    return lambda model: any(
        model.stable(concept, party, state) != model.stable(concept, party, state, reading)
        for concept in ("gmr", "smr", "seq", "sseq")
        for party in model.space.parties
        for state in model.space.ids
    )


@pytest.mark.parametrize(
    "separates",
    [
        pytest.param(_concepts_differ("gmr", "seq"), id="gmr from seq"),
        pytest.param(_concepts_differ("smr", "gmr"), id="smr from gmr"),
        pytest.param(_concepts_differ("seq", "sseq"), id="seq from sseq"),
        pytest.param(_readings_differ(Reading(sequences="one move")), id="legal sequences from one move"),
        pytest.param(_readings_differ(Reading(sequences="each once")), id="legal sequences from each opponent once"),
        pytest.param(_readings_differ(Reading(strict=True)), id="weak from strict sanctions"),
        pytest.param(_readings_differ(Reading(sequences="free")), id="with from without the last-mover rule"),
    ],
)
def test_the_fixed_cases_separate(separates: Callable[[Model], bool]) -> None:
    share = sum(separates(model_of(seed)) for seed in FIXED_SEEDS) / len(FIXED_SEEDS)
    assert share >= ENOUGH


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_every_mutant_is_caught(mutant: Mutant) -> None:
    """The comparison of the equality test reports an implementation with exactly this error, many times over."""
    caught = 0
    for seed in FIRST:
        right = document_of(model_of(seed))
        caught += bool(verdict_differences(right, mutant(random_case(seeded(seed)))))
    assert caught >= ENOUGH * len(FIRST)
