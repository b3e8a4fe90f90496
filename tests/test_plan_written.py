"""Written orders of steps: read with their places, every problem at once, hostile files refused, shipped ones sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import detente
from detente.base.errors import CaseError, UsageError
from detente.catalog import plan_names, plan_text
from detente.plan.problem import Lattice, Step
from detente.plan.written import WrittenPlan, read_written, written_source

CASE = {
    "detente": 1,
    "name": "swap",
    "parties": {"a": {}, "b": {}},
    "options": {
        "arms": {"party": "a", "levels": ["kept", "cut", "gone"], "irreversible": ["gone"]},
        "look": {"party": "a"},
        "aid": {"party": "b", "levels": ["none", "some", "much"]},
    },
    "infeasible": ["arms == gone and not look"],
    "preferences": {"a": {"utility": {"aid": {"much": 2}}}, "b": {"utility": {"arms": {"gone": 2}}}},
}
START = (0, 0, 0)
GOOD = """
title: By hand
source: a napkin
steps:
  - note: first
    due: 3
    moves: [{party: a, option: arms, to: cut}, {party: b, option: aid, from: none, to: some}]
    escrow: true
  - moves: [{option: look, to: yes}, {option: arms, to: 2}]
"""


def case() -> detente.Case:
    return detente.Case.from_dict(CASE)


def read(text: str) -> WrittenPlan:
    return read_written(text, case(), START, "p.plan.yaml")


def told(text: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(text)
    return [str(p) for p in caught.value.problems()]


def test_a_good_file() -> None:
    plan = read(GOOD)
    assert (plan.title, plan.source, plan.end) == ("By hand", "a napkin", (2, 1, 1))
    first, second = plan.steps
    assert (first.note, first.due, first.escrow, first.movers) == ("first", 3, True, ("a", "b"))
    assert [(m.party, m.option, m.before, m.after) for m in first.moves] == [("a", "arms", 0, 1), ("b", "aid", 0, 1)]
    assert (second.note, second.due, second.escrow, second.movers) == ("", None, False, ("a",))
    assert plan.target(case()) == {"arms": "gone", "look": "yes", "aid": "some"}


def test_a_bare_list_and_an_answer_in_json_will_do() -> None:
    rows = [
        {"n": 1, "period": 0, "moves": [{"party": "b", "option": "aid", "from": "none", "to": "much"}], "shares": {}},
        {"n": 2, "period": 1, "moves": [{"party": "a", "option": "arms", "from": "kept", "to": "cut"}]},
    ]  # fmt: skip
    answer = {"detente": "0", "verb": "plan", "case": "swap", "steps": rows, "binding": None}
    for text in (json.dumps(rows), json.dumps(answer)):
        assert [s.movers for s in read(text).steps] == [("b",), ("a",)]
        assert read(text).end == (1, 0, 2)
        assert [s.due for s in read(text).steps] == [None, None]  # there a period is when a step begins


@pytest.mark.parametrize(
    ("line", "place", "piece"),
    [
        ("- moves: [{option: armz, to: cut}]", "1:20", "Did you mean 'arms'?"),
        ("- moves: [{option: arms, to: cutt}]", "1:30", "Did you mean 'cut'?"),
        ("- moves: [{option: arms}]", "1:11", "found no to"),
        ("- moves: [{to: cut}]", "1:11", "found no option"),
        ("- moves: [{option: arms, to: 3}]", "1:30", "unknown level '3'"),
        ("- moves: [{option: arms, to: kept}]", "1:30", "arms at kept already"),
        ("- moves: [{party: b, option: arms, to: cut}]", "1:19", "expected a, whose option it is"),
        ("- moves: [{party: c, option: arms, to: cut}]", "1:19", "unknown party 'c'"),
        ("- moves: [{option: arms, from: cut, to: gone}]", "1:32", "though arms is at kept"),
        ("- moves: [{option: aid, to: some}, {option: aid, to: much}]", "1:36", "each option once"),
        ("- moves: []", "1:10", "found no moves"),
        ("- {}", "1:3", "found no moves"),
        ("- moves: {option: arms}", "1:10", "found a mapping; expected a list of moves"),
        ("- [arms]", "1:3", "found a list; expected a step"),
        ("- moves: [arms]", "1:11", "found 'arms'; expected a move"),
        ("- {move: [{option: arms, to: cut}]}", "1:4", "Did you mean 'moves'?"),
        ("- {moves: [{option: arms, to: cut}], escrow: maybe}", "1:46", "true or false"),
        ("- {moves: [{option: arms, to: cut}], due: -1}", "1:43", "a whole number of periods"),
        ("- {moves: [{option: arms, to: cut}], due: 1000000}", "1:43", "a whole number of periods"),
        ("[]", "1:1", "0 steps"),
        ("arms", "1:1", "expected a list of steps"),
        ("{steps: {}}", "1:9", "found a mapping; expected a list of steps"),
        ("{case: other, steps: [{moves: [{option: arms, to: cut}]}]}", "1:8", "steps for the case 'other'"),
        ("{verb: settle, steps: [{moves: [{option: arms, to: cut}]}]}", "1:8", "an answer of 'settle'"),
        ("{stepps: []}", "1:2", "Did you mean 'steps'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(line: str, place: str, piece: str) -> None:
    assert any(t.startswith(f"p.plan.yaml:{place}: ") and piece in t for t in told(line)), told(line)


def test_every_problem_at_once_and_none_that_only_follows() -> None:
    text = """
- moves: [{option: arms, to: gonee}, {option: looks, to: yes}]
- moves: [{option: aid, to: much}]
- moves: [{option: aid, to: some}]
- moves: [{option: arms, to: gone}]
"""
    found = told(text)
    assert len(found) == 3
    assert "gonee" in found[0]
    assert "looks" in found[1]
    assert "back on its way" in found[2]


def test_where_the_parties_cannot_pause_is_read_all_the_same() -> None:
    assert read("- moves: [{option: arms, to: gone}]").end == (2, 0, 0)


def test_a_level_that_does_not_come_back() -> None:
    tree = {**CASE, "status_quo": {"arms": "gone", "look": "yes"}}
    with pytest.raises(CaseError) as caught:
        read_written("- moves: [{option: arms, to: kept}]", detente.Case.from_dict(tree), (2, 1, 0))
    assert "See its 'moves' and 'irreversible'" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["- &a [*a]", "- !!python/object:os.system {}", "[" * 100, "- moves: [" + "{option: arms, to: x}," * 5000 + "]"],
)
def test_hostile_files(text: str) -> None:
    found = told(text)
    assert 0 < len(found) <= 51


def test_a_file_too_long() -> None:
    assert "1,001 steps" in told("- moves: [{option: arms, to: cut}]\n" * 1001)[0]


def test_cells_of_a_lattice() -> None:
    import numpy as np

    plan = read(GOOD)
    all_of_them = np.ones((3, 2, 2), bool)
    lattice = Lattice(
        tuple(case().options), ("a", "a", "b"), ((0, 1, 2), (0, 1), (0, 1)), START, (0, 1, 2), all_of_them
    )
    assert plan.cells(lattice) == ((0, 0, 0), (1, 0, 1), (2, 1, 1))
    far = Lattice(lattice.options, lattice.owners, ((0, 1, 2), (0, 1), (0, 1, 2)), START, (0, 1, 2), lattice.feasible)
    with pytest.raises(UsageError, match="ends elsewhere"):
        plan.cells(far)


def test_files_win_over_the_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, name = written_source("agreed-framework-1994")
    assert (data.decode(), name) == (plan_text("agreed-framework-1994"), "agreed-framework-1994.plan.yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agreed-framework-1994").write_text("- moves: []", encoding="utf-8")
    assert written_source("agreed-framework-1994")[0] == b"- moves: []"
    with pytest.raises(UsageError, match="The catalog has"):
        written_source("nothing-like-it")


@pytest.mark.parametrize("name", plan_names())
def test_shipped_orders_lead_to_the_target_of_their_case(name: str) -> None:
    shipped = detente.load(name)
    start = tuple(0 for _ in shipped.options)
    plan = read_written(plan_text(name), shipped, start, name)
    block = shipped.file.plan
    assert block is not None
    assert isinstance(block.target, dict)
    levels = {o: w.levels[0] for o, w in shipped.file.options.items()}
    assert plan.target(shipped) == {**levels, **block.target}
    assert all(s.note for s in plan.steps)


def test_far_too_many_problems_stop_the_reading() -> None:
    assert "at least 150 more problems" in told("- moves: [{option: armz, to: cut}]\n" * 300)[-1]


def test_an_option_that_goes_down() -> None:
    import numpy as np

    tree = {**CASE, "status_quo": {"aid": "much"}}
    plan = read_written("- moves: [{option: aid, to: some}]\n- moves: [{option: aid, to: none}]", case(), (0, 0, 2))
    assert plan.target(detente.Case.from_dict(tree))["aid"] == "none"
    lattice = Lattice(("aid",), ("b",), ((2, 1, 0),), (0, 0, 2), (2,), np.ones(3, bool))
    assert plan.cells(lattice) == ((0,), (1,), (2,))


def test_steps_that_come_later_than_written() -> None:
    plan = read(GOOD.replace("- moves: [{option: look", "- due: 5\n    moves: [{option: look"))
    cells = ((0, 0, 0), (1, 0, 1), (2, 1, 1))

    def steps(first: int, second: int) -> tuple[Step, ...]:
        return (Step(cells[0], cells[1], ("a", "b"), True, first), Step(cells[1], cells[2], ("a",), False, second))

    assert plan.late(steps(3, 2)) == []
    assert plan.late(steps(2, 4)) == [(2, 5, 6)]
    assert plan.late(steps(4, 4)) == [(1, 3, 4), (2, 5, 8)]
