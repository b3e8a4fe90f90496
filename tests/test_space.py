"""The space: feasible states, counting, merging, finding, linear rows; against plain enumeration."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

import detente
from detente.case.meaning import holds
from detente.space.moves import Moves
from detente.space.space import Space
from detente.space.states import StateSpace
from tests.literal.generate import random_case, seeded


def case_of(**blocks: Any) -> detente.Case:
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "test",
        "parties": {"a": {}, "b": {}},
        "options": {
            "x": {"party": "a", "levels": ["low", "mid", "high"]},
            "y": {"party": "b"},
            "z": {"party": "a"},
        },
    }
    return detente.Case.from_dict({**tree, **blocks})


def plain_states(case: detente.Case) -> list[tuple[int, ...]]:
    space = Space.of(case)
    found = [
        d
        for d in itertools.product(*(range(c) for c in space.counts))
        if not any(holds(c, d) for c in space.infeasible)
    ]
    return sorted(found, key=lambda d: tuple(reversed(d)))


def test_feasible_states_equal_the_filtered_product() -> None:
    rng = seeded(11)
    for _ in range(300):
        case = detente.Case.from_dict(random_case(rng))
        states = StateSpace.of(case)
        assert [tuple(int(v) for v in column) for column in states.digits.T] == plain_states(case)
        assert Space.of(case).count() == (states.cells, True)


def test_keys_and_cells_agree() -> None:
    case = case_of(infeasible=["x == high and y"])
    states = StateSpace.of(case)
    assert [states.key(s) for s in range(len(states))][:4] == ["000", "100", "200", "010"]
    for state in range(len(states)):
        assert states.cell([int(c) for c in states.key(state)]) == state
    assert states.cell([2, 1, 0]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("s1", "000"), ("110", "110"), ("x == mid and y and z", "111"), ("NYN", "010"), ("s8", "101")],
)
def test_find_reads_numbers_keys_patterns_and_conditions(text: str, expected: str) -> None:
    states = StateSpace.of(case_of())
    assert states.key(states.find(text)) == expected


@pytest.mark.parametrize("text", ["s0", "s99", "Y--", "x == low", "999", "s1 and y", "q", "x =", ""])
def test_find_refuses_none_or_several(text: str) -> None:
    with pytest.raises(detente.UsageError):
        StateSpace.of(case_of()).find(text)


def test_overlapping_coalescing_conditions_merge_and_take_the_last_place() -> None:
    states = StateSpace.of(case_of(coalesce=["x == low", "y and x <= mid"]))
    # low: 000 010 001 011; y and at most mid: 010 110 011 111; joined by 010 and 011
    assert len(states) == 12 - 6 + 1
    merged = [s for s in range(len(states)) if states.member_keys(s)]
    assert [states.key(s) for s in merged] == ["111"]
    assert states.member_keys(merged[0]) == ("000", "010", "110", "001", "011", "111")
    assert states.levels(merged[0]) == {"x": None, "y": None, "z": None}
    assert states.find("000") == merged[0]


def test_merged_states_must_agree_in_what_is_said_of_them() -> None:
    case = case_of(coalesce=["x == low"], preferences={"a": {"utility": {"y": 1}}})
    with pytest.raises(detente.CaseError, match="differs among the coalesced states"):
        detente.Session(case).ask("states")


def test_status_quo_defaults_to_first_levels_and_can_be_missing() -> None:
    assert StateSpace.of(case_of()).status_quo == 0
    assert StateSpace.of(case_of(infeasible=["x == low and not y"])).status_quo is None
    with pytest.raises(detente.CaseError, match="status_quo"):
        case_of(infeasible=["x == low and not y"], status_quo={"x": "low"})
    states = StateSpace.of(case_of(status_quo={"y": "yes"}))
    assert states.status_quo is not None
    assert states.key(states.status_quo) == "010"


def test_numbers_in_a_file_mean_the_numbering_as_written() -> None:
    case = case_of(
        preferences={"a": {"ranking": ["s12", "s1"]}},
        views={"v": {"infeasible": ["y and not z"]}},
    )
    session = detente.Session(case)
    base, view = session.ask("states"), session.ask("states", view="v")
    assert len(view.graph) == 9
    best = {s["key"] for s in view.to_dict()["states"] if s["rank"]["a"] == 2}
    assert best == {"211"} == {s["key"] for s in base.to_dict()["states"] if s["rank"]["a"] == 2}


def test_a_huge_case_is_counted_but_not_enumerated() -> None:
    options = {f"o{n}": {"party": "a"} for n in range(100)}
    case = detente.Case.from_dict(
        {"detente": 1, "name": "huge", "parties": {"a": {}}, "options": options, "infeasible": ["o1 and o2"]}
    )
    assert Space.of(case).count() == (3 * 2**98, True)
    found = detente.Session(case).ask("check")
    assert found.clean
    assert found.states is None
    with pytest.raises(detente.LimitReached, match="10\\^30"):
        detente.Session(case).ask("stability")


def test_the_limit_counts_feasible_states_only() -> None:
    options = {f"o{n}": {"party": "a"} for n in range(40)}
    # a chain: once an option is taken, so are all before it; 41 states of 2^40
    chain = [f"o{n + 1} and not o{n}" for n in range(39)]
    case = detente.Case.from_dict(
        {"detente": 1, "name": "chain", "parties": {"a": {}}, "options": options, "infeasible": chain}
    )
    assert len(StateSpace.of(case, limit=50)) == 41


def test_linear_rows_admit_exactly_the_feasible_states() -> None:
    rng = seeded(5)
    for _ in range(12):
        case = case_of(infeasible=[random_condition(rng) for _ in range(2)])
        space = Space.of(case)
        rows = space.linear()
        for digits in itertools.product(*(range(c) for c in space.counts)):
            levels = np.zeros(rows.auxiliary)
            for option, level in enumerate(digits):
                levels[rows.first[option] + level] = 1
            feasible = not any(holds(c, digits) for c in space.infeasible)
            assert extendable(rows.matrix, rows.bound, levels) == feasible


def random_condition(rng: random.Random, depth: int = 2) -> str:
    if depth == 0:
        return rng.choice(["x == mid", "x >= mid", "x in {low, high}", "y", "not z", "z"])
    first, second = random_condition(rng, depth - 1), random_condition(rng, depth - 1)
    return f"({first}) {rng.choice(['and', 'or', 'implies', 'iff'])} ({second})"


def extendable(matrix: np.ndarray[Any, Any], bound: np.ndarray[Any, Any], levels: np.ndarray[Any, Any]) -> bool:
    """Whether some 0/1 helpers satisfy all rows."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    helpers = matrix[:, len(levels) :]
    left = bound - matrix[:, : len(levels)] @ levels
    if helpers.shape[1] == 0:
        return bool((left >= -1e-9).all())
    found = milp(
        np.zeros(helpers.shape[1]),
        constraints=LinearConstraint(helpers, ub=left),
        bounds=Bounds(0, 1),
        integrality=np.ones(helpers.shape[1], np.int64),
    )
    return bool(found.success)


def test_moves_respect_directions_and_floors() -> None:
    case = detente.Case.from_dict(
        {
            "detente": 1,
            "name": "floors",
            "parties": {"a": {}},
            "options": {
                "stuck": {"party": "a", "levels": ["l0", "l1", "l2", "l3"], "irreversible": ["l1"]},
                "down": {"party": "a", "levels": ["l0", "l1", "l2"], "moves": "down"},
            },
        }
    )
    states = StateSpace.of(case)
    moves = Moves(states)

    def reached(key: str) -> set[str]:
        return {states.key(int(s)) for s in moves.reachable("a", states.find(key))}

    # from level 2 of "stuck" the floor is level 1; "down" can only fall
    assert reached("20") == {"10", "30"}
    assert reached("01") == {a + b for a in "0123" for b in "01"} - {"01"}
    for key in ("00", "12", "31"):
        state = states.find(key)
        for target in moves.reachable("a", state):
            assert state in moves.sources("a", int(target))


def test_very_many_one_way_options_stop_with_advice() -> None:
    options = {f"o{n}": {"party": "a", "moves": "up"} for n in range(16)}
    case = detente.Case.from_dict({"detente": 1, "name": "one-way", "parties": {"a": {}}, "options": options})
    with pytest.raises(detente.LimitReached, match="one-way"):
        Moves(StateSpace.of(case))


@pytest.mark.parametrize(
    ("blocks", "piece"),
    [
        ({"infeasible": ["x or not x"]}, "no feasible state at all"),
        ({"preferences": {"a": {"ranking": ["s99"]}}}, "s1 to s12"),
        ({"preferences": {"a": {"ranking": ["900"]}}}, "'900'"),
        ({"preferences": {"a": {"ranking": [["s1", "s2"], "s1"]}}}, "a second time"),
        ({"preferences": {"a": {"partial": [["x", "not x"], ["not x", "x"]]}}}, "to itself"),
        ({"preferences": {"a": {"partial": [["x", "y"]]}}}, "to itself"),
        ({"preferences": {"a": {"priorities": ["y"], "adjust": [["x", "y"]]}}}, "share no state"),
    ],
)
def test_what_only_the_states_show_to_be_wrong(blocks: dict[str, Any], piece: str) -> None:
    with pytest.raises(detente.CaseError, match=piece):
        detente.Session(case_of(**blocks)).ask("states")


def test_the_status_quo_may_be_named_as_a_state() -> None:
    assert StateSpace.of(case_of(status_quo="s3")).status_quo == 2
    assert StateSpace.of(case_of(status_quo="201")).status_quo == 8


def test_faults_of_states_have_their_place_in_the_file() -> None:
    text = "detente: 1\nname: t\nparties: {a: }\noptions: {x: {party: a}}\npreferences:\n  a: {ranking: [x, s9]}\n"
    with pytest.raises(detente.CaseError) as caught:
        detente.Session(detente.Case.from_text(text)).ask("states")
    problem = caught.value.problems()[0]
    assert (problem.line, problem.column) == (6, text.splitlines()[5].index("s9") + 1)
