"""The plan block of a case: what is read, what is refused and where, what a view changes."""

import json
from fractions import Fraction

import jsonschema
import numpy as np
import pytest

import detente
from detente.base.errors import CaseError, UsageError
from detente.case.blocks.plan import RULES, Word
from detente.case.change import Change
from detente.case.fields import Clause, ConditionalAmount
from detente.case.schema import case_schema
from detente.plan.build import problem_of, start_of
from detente.plan.private import private_parts
from detente.plan.terms import ask_for_facts
from detente.space.draws import draws
from detente.space.states import StateSpace
from tests.case.test_reading import editor_tree

HEAD = """detente: 1
name: test
as_of: 2019-01-29
parties: {a: {name: First}, b: {}, m: {role: mediator}}
options:
  x: {party: a, levels: [low, mid, high], irreversible: [high]}
  y: {party: b}
  z: {party: b, moves: up}
infeasible: [x == high and not y]
preferences:
  a: {utility: {x: {mid: -1, high: -2}, y: {yes: 4}}}
  b: {utility: {x: {mid: 2, high: 4}, y: {yes: -1}, z: {yes: 1}}}
numbers: {n: 1..2}
"""
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unknown key": ("tarrget: {x: mid}", "tarrget", ("unknown key 'tarrget'", "'target'")),
    "option of the target": ("target: {xx: mid}", "xx", ("unknown option 'xx'", "'x'")),
    "level of the target": ("target: {x: med}", "med", ("unknown level 'med' of x", "'mid'")),
    "infeasible target": ("target: {x: high}", "{x: high}", ("ruled out by infeasible[0]", "status quo")),
    "misspelt rule": ("target: nsh", "nsh", ("unknown target 'nsh'", "'nash'", "a rule: one of nash")),
    "condition of the target": ("target: x >= hih", "hih", ("unknown level 'hih'", "'high'")),
    "list as a target": ("target: [x, y]", "[x, y]", ("a condition",)),
    "values": ("values: discount", "discount", ("discounted",)),
    "half a step": ("step: 0.5", "0.5", ("whole number of periods", "shorter period")),
    "uncertain step": ("step: 1..2", "1..2", ("whole number of periods",)),
    "no step": ("step: 0", "0", ("whole number of periods from 1",)),
    "party of a lag": ("lag: {a: 1, bb: 2}", "bb", ("unknown party 'bb'", "'b'")),
    "name of a party": ("lag: {a: 1, First: 2}", "First", ("the name 'First'",)),
    "negative lag": ("lag: -1", "-1", ("at least 0",)),
    "negative lag of one": ("lag: {a: 1, b: -2}", "-2", ("at least 0",)),
    "lag without a default": ("lag: {when: {y: 3}}", "{when", ("no default",)),
    "unknown number": ("lag: k", "k", ("unknown number 'k'",)),
    "snapback": ("snapback: yes", "yes", ("true or false",)),
    "option of undo": ("undo: {w: {mid: 1}}", "w", ("unknown option 'w'",)),
    "level of undo": ("undo: {x: {mit: 1}}", "mit", ("unknown level 'mit'", "'mid'")),
    "negative undo": ("undo: {x: {mid: -6}}", "-6", ("at least 0",)),
    "undo without levels": ("undo: {x: 6}", "6", ("a mapping",)),
    "level twice": ("takes: {x: {mid: 1, 1: 2}}", "1: 2", ("level mid a second time",)),
    "option of a breakdown": ("breakdown: {xy: yes}", "xy", ("unknown option 'xy'",)),
    "level of a breakdown": ("breakdown: {x: hgh}", "hgh", ("unknown level 'hgh'", "'high'")),
    "culprit": ("breakdown: {by: {c: {y: yes}}}", "c:", ("unknown party 'c'",)),
    "level by a culprit": ("breakdown: {by: {a: {y: maybe}}}", "maybe", ("unknown level 'maybe'",)),
    "breakdown as a level": ("breakdown: resumed", "resumed", ("options with levels",)),
    "culprit without levels": ("breakdown: {by: {a: yes}}", "yes", ("options with levels",)),
    "party of a breach cost": ("breach_cost: {c: 1}", "c:", ("unknown party 'c'",)),
    "one breach cost for all": ("breach_cost: 3", "3", ("a mapping",)),
    "negative breach cost": ("breach_cost: {a: -3}", "-3", ("at least 0",)),
    "once beside others": ("breach_cost: {a: {once: 3, when: {y: 1}}}", "when", ("once alone",)),
    "once inside": ("breach_cost: {a: {default: {once: 3}}}", "{once", ("'once' around the whole", "Write {once")),
    "condition of a breach cost": ("breach_cost: {a: {default: 1, when: {y = yes: 3}}}", "= yes", ("'=='",)),
    "chance of being found out": ("conceal: {x: 1.2}", "1.2", ("probability",)),
    "concealing without an option": ("conceal: auto", "auto", ("options with chances", "Each option")),
    "option that is concealed": ("conceal: {u: 0.1}", "u:", ("unknown option 'u'",)),
    "false alarm": ("false_alarm: 2", "2", ("probability",)),
    "level in a condition": ("false_alarm: {default: 0, when: {x == hih: 0.1}}", "hih", ("unknown level 'hih'",)),
    "party outside": ("outside: {q: 0}", "q:", ("unknown party 'q'",)),
    "cost that says nothing of when": ("costs: {x: {mid: 3}}", "3}}", ("paid once", "Write {once: 3}")),
    "negative cost": ("costs: {x: {mid: {once: -3}}}", "-3", ("at least 0",)),
    "option of takes": ("takes: {xx: {mid: 1}}", "xx", ("unknown option 'xx'",)),
    "longer than any plan": ("takes: {x: {mid: 10001}}", "10001", ("from 0 to 10,000 periods", "longer period")),
    "perhaps longer than any plan": ("takes: {x: {mid: 1..1e9}}", "1..1e9", ("from 0 to 10,000 periods",)),
    "together": ("together: 1", "1", ("true or false",)),
    "transfers": ("transfers: -1", "-1", ("at least 0",)),
    "date": ("deadline: 3.11.2020", "3.11", ("year-month-day",)),
    "late start": ("deadline: 2018-11-03", "2018", ("before 2019-01-29",)),
    "margin": ("margin: much?", "much?", ("a number",)),
    "source": ("false_alarm: {value: 0.1, source: nyt}", "nyt", ("unknown source",)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_a_plan_are_told_with_their_place(name: str) -> None:
    text, piece, messages = MISTAKES[name]
    written = f"{HEAD}plan:\n  {text}\n"
    with pytest.raises(CaseError) as caught:
        detente.Case.from_text(written, "f.yaml")
    told = "\n".join(str(p) for p in caught.value.problems())
    assert all(m in told for m in messages), told
    at = written.index(piece, len(HEAD) + len("plan:\n"))
    line, column = written.count("\n", 0, at) + 1, at - written.rfind("\n", 0, at)
    assert (line, column) in {(p.line, p.column) for p in caught.value.problems()}, told


def test_all_mistakes_are_told_at_once() -> None:
    text = "plan: {target: {xx: low}, lag: -1, conceal: {x: 2, q: 0.1}, costs: {x: {mid: 1}}, deadline: soon}"
    with pytest.raises(CaseError) as caught:
        detente.Case.from_text(HEAD + text, "f.yaml")
    paths = {p.path for p in caught.value.problems()}
    assert paths == {
        "plan.target.xx", "plan.lag", "plan.conceal.x", "plan.conceal.q", "plan.costs.x.mid", "plan.deadline"
    }  # fmt: skip


def test_a_deadline_needs_a_date_to_count_from() -> None:
    with pytest.raises(CaseError, match="without as_of"):
        detente.Case.from_text(HEAD.replace("as_of: 2019-01-29\n", "") + "plan: {deadline: 2020-01-01}")


WARNINGS = {
    "a level that is never left": ("undo: {x: {high: 3}}", "which is never left"),
    "a floor": ("{target: {x: high, y: yes}, breakdown: {x: low}}", "does not return to from high"),
    "a margin of many stakes": ("margin: 5", "a margin of 500 % of what is at stake"),
    "a time for where it stands": ("takes: {x: {low: 3}}", "where x stands today"),
    "a cost for where it stands": ("costs: {x: {0: {once: 3}}}", "where x stands today"),
    "side payments without money": ("transfers: 2", "money for no party"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_has_no_effect_is_a_warning(name: str) -> None:
    text, message = WARNINGS[name]
    block = text if text.startswith("{") else "{" + text + "}"
    case = detente.Case.from_text(f"{HEAD}plan: {block}")
    assert any(message in w.found for w in case.warnings), case.warnings


# --- meaning ---------------------------------------------------------------------------------------------------------

FULL = """plan:
  target: {x: high, y: yes}
  values: patient
  step: 2
  lag: {a: {value: 2, note: seen at once}, b: {default: n, when: {x == high: 2}}}
  snapback: true
  undo: {x: {mid: 6..12}}
  breakdown: {y: yes, by: {a: {y: no}}}
  breach_cost: {a: {default: 3, when: {"y": 4}}, b: {once: {default: 40, when: {y: 50}}}}
  conceal: {x: {default: 0.1, when: {y: 0.3}}, y: auto}
  false_alarm: 0.01
  outside: {b: -2}
  costs: {x: {mid: {once: 1}, high: {once: {value: 2..4, source: a study of 2018}}}}
  takes: {x: {high: 1..3}}
  together: true
  escrow: true
  transfers: 0..1
  deadline: 2020-11-03
  margin: 0.05
  note: free text
"""


def test_a_full_block_is_read() -> None:
    case = detente.Case.from_text(HEAD + FULL)
    plan = case.file.plan
    assert plan is not None
    assert plan.target == {"x": "high", "y": "yes"}
    assert isinstance(plan.lag, dict)
    assert case.mean(plan.lag["b"].default) == Fraction(3, 2)
    assert plan.breach_cost["b"].once
    assert not plan.breach_cost["a"].once
    assert case.mean(plan.breach_cost["b"].amount.when[0][1]) == 50
    assert plan.conceal["y"] == "auto"
    assert plan.breakdown.by == {"a": {"y": "no"}}
    found = set(draws(case, 3).inputs)
    assert {
        ("plan", "lag", "b", "default"), ("plan", "undo", "x", "mid"), ("plan", "takes", "x", "high"),
        ("plan", "costs", "x", "high", "once"), ("plan", "transfers"),
    } <= found  # fmt: skip


def test_the_written_block_follows_the_schema() -> None:
    tree = editor_tree(HEAD + FULL)
    jsonschema.validate(tree, case_schema())
    for path, bad in ((("lag",), [1]), (("costs", "x", "mid"), 3), (("breakdown",), "x"), (("target",), 3)):
        broken = json.loads(json.dumps(tree))
        node = broken["plan"]
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = bad
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, case_schema())


def test_a_target_is_a_rule_a_condition_or_a_choice() -> None:
    for text in (*RULES, "auto", "x == mid and y", "s3", "200", "{value: nash, note: fair}"):
        case = detente.Case.from_text(f"{HEAD}plan: {{target: {text}}}")
        target = case.file.plan.target  # type: ignore[union-attr]
        assert isinstance(target, Word)
        settled = target.settled(case.file.options)
        assert isinstance(settled, Clause) == (text not in (*RULES, "auto") and "nash" not in text)
    clash = HEAD.replace("  z: {", "  nash: {").replace("z: {yes: 1}", "nash: {yes: 1}")
    case = detente.Case.from_text(clash + "plan: {target: nash}")
    target = case.file.plan.target  # type: ignore[union-attr]
    assert isinstance(target, Word)
    assert isinstance(target.settled(case.file.options), Clause)
    assert any("the name of an option and of a rule" in w.found for w in case.warnings)


def test_a_view_replaces_forms_and_merges_the_rest() -> None:
    views = """views:
  one: {plan: {lag: {default: 5, when: {y: 1}}, breach_cost: {b: 7}, deadline: null, target: auto}}
  two: {plan: {lag: {a: 9}, undo: {x: {mid: 1}, y: {yes: 2}}, breach_cost: {a: {when: {y: 6}}}}}
"""
    case = detente.Case.from_text(HEAD + FULL + views)
    one, two = case.view("one").file.plan, case.view("two").file.plan
    assert one is not None
    assert two is not None
    assert isinstance(one.lag, ConditionalAmount)
    assert not one.breach_cost["b"].once
    assert one.deadline is None
    assert isinstance(one.target, Word)
    assert isinstance(two.lag, dict)
    assert [case.mean(two.lag[p].default) for p in "ab"] == [9, Fraction(3, 2)]
    assert set(two.undo) == {"x", "y"}
    assert case.mean(two.breach_cost["a"].amount.when[0][1]) == 6
    assert case.mean(two.breach_cost["a"].amount.default) == 3


def test_a_mistake_in_the_plan_of_a_view_is_told() -> None:
    with pytest.raises(CaseError, match=r"views\.v\.plan\.lag\.q"):
        detente.Case.from_text(HEAD + "views: {v: {plan: {lag: {q: 1}}}}")


# --- facts that are asked for by name --------------------------------------------------------------------------------


def asked(block: str, *, target: bool = True) -> str:
    case = detente.Case.from_text(HEAD + block)
    with pytest.raises(CaseError) as caught:
        ask_for_facts(case, ("a", "b"), ("x", "y"), target=target)
    return "\n".join(str(p) for p in caught.value.problems())


def test_facts_that_nobody_should_guess_are_asked_for_by_name() -> None:
    for block in ("", "plan: {}", "plan: {note: later}"):
        told = asked(block)
        assert all(f"no plan.{fact}" in told for fact in ("target", "lag", "snapback")), told
    assert "plan.target" not in asked("", target=False)
    told = asked("plan: {target: auto, snapback: true, lag: {a: 1}}")
    assert "no plan.lag.b" in told
    assert "plan.lag.a" not in told
    assert "no plan.lag" not in asked("plan: {snapback: false}")
    told = asked("plan: {target: auto, snapback: false, conceal: {x: auto, z: auto}}")
    assert "inspection block" in told
    assert "plan.conceal.z" not in told


def test_nothing_is_asked_where_all_is_there() -> None:
    for block in ("plan: {target: auto, snapback: true, lag: 1}", "plan: {target: auto, snapback: false}"):
        ask_for_facts(detente.Case.from_text(HEAD + block), ("a", "b"), ("x",), target=True)


# --- building --------------------------------------------------------------------------------------------------------


def build(block: str, target: tuple[int, ...], head: str = HEAD) -> None:
    case = detente.Case.from_text(head + block)
    problem_of(case, StateSpace.of(case), target)


PLAN = "plan: {snapback: true, lag: 1}"


def test_targets_that_cannot_be_planned_for_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match="today's state"):
        build(PLAN, (0, 0, 0))
    with pytest.raises(UsageError, match="infeasible target"):
        build(PLAN, (2, 0, 0))
    stuck = HEAD.replace("infeasible:", "status_quo: {z: yes}\ninfeasible:")
    with pytest.raises(UsageError, match="z goes from yes to no"):
        build(PLAN, (1, 1, 0), stuck)
    nowhere = HEAD.replace("infeasible: [", "infeasible: [x == low and y == no and z == no, ")
    case = detente.Case.from_text(nowhere + PLAN)
    with pytest.raises(UsageError, match="without a status quo"):
        start_of(StateSpace.of(case))


def test_a_party_of_which_only_comparisons_are_known_is_refused() -> None:
    head = HEAD.replace(
        "b: {utility: {x: {mid: 2, high: 4}, y: {yes: -1}, z: {yes: 1}}}", 'b: {partial: [["x == mid", "x == low"]]}'
    )
    with pytest.raises(UsageError, match="only some comparisons"):
        build(PLAN, (1, 1, 0), head)


def test_the_numbers_of_a_plan_reach_the_problem() -> None:
    case = detente.Case.from_text(HEAD + FULL.replace(", y: auto", ""))
    problem = problem_of(case, StateSpace.of(case), (2, 1, 0))
    assert problem.parties == ("a", "b")
    assert problem.lattice.levels == ((0, 1, 2), (0, 1))
    assert (problem.step, problem.deadline, problem.patient) == (2, 21, True)
    assert (problem.together, problem.escrow, problem.transfers, problem.margin) == (True, True, 0.5, 0.05)
    assert problem.discount == pytest.approx([0.95 ** (1 / 12)] * 2)
    assert problem.takes[0] == pytest.approx([0, 0, 2])
    assert problem.cost[0] == pytest.approx([0, 1, 3])
    assert problem.caught[0] == pytest.approx(np.array([[0.1, 0.3]] * 3))
    assert problem.breach[0] == pytest.approx(np.array([[3, 4]] * 3))
    assert problem.breach[1] == pytest.approx((1 - 0.95 ** (1 / 12)) * np.array([[40, 50]] * 3))
    assert problem.money is None
    assert problem.stake == pytest.approx([2, 3])


def test_what_is_private_is_known_by_its_place() -> None:
    hidden = FULL.replace("false_alarm: 0.01", "false_alarm: {value: 0.01, private: true}")
    hidden = hidden.replace("y: {default: 0.1", "y: {default: 0.1").replace("b: -2", "b: m")
    hidden = hidden.replace("{once: 1}", "{once: {value: 1, private: true}}")
    head = HEAD.replace("numbers: {n: 1..2}", "numbers: {n: 1..2, m: {value: -2, private: true}}")
    case = detente.Case.from_text(head + hidden)
    assert private_parts(case) == {("false_alarm",), ("outside", "b"), ("costs", "x", "mid")}
    assert private_parts(detente.Case.from_text(HEAD + FULL)) == frozenset()
    assert private_parts(detente.Case.from_text(HEAD)) == frozenset()
    target = detente.Case.from_text(HEAD + "plan: {target: {value: x == mid, private: true}}")
    assert private_parts(target) == {("target",)}


def test_one_draw_can_be_written_into_a_plan() -> None:
    case = detente.Case.from_text(HEAD + FULL)
    one = case.change(draws(case, 2).change(1))
    assert not draws(one, 2).inputs.keys() & {("plan", "undo", "x", "mid"), ("plan", "costs", "x", "high", "once")}
    changed = case.change(Change.parse("plan.breach_cost.a=9"))
    assert changed.mean(changed.file.plan.breach_cost["a"].amount.default) == 9  # type: ignore[union-attr]
