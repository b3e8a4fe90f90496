"""The verb ``plan``: its statuses, files and errors, the choice of a target, and what its words say."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import detente
from detente.base.errors import CaseError, UsageError
from detente.cli.contracts import result_schema
from detente.cli.plan import command
from detente.inquiry.readings import everywhere
from detente.inquiry.session import Session
from detente.plan.build import problem_of
from detente.plan.narrative import lines
from detente.plan.problem import Problem
from detente.plan.result import Plan
from detente.plan.targets import targets_of
from tests.literal import plan_orders

SMALL = """
detente: 1
name: exchange
title: An exchange
as_of: 2020-01-31
parties: {seller: {name: Seller, discount: 0.99, money: 2}, buyer: {name: Buyer, discount: 0.98, money: 1}}
options:
  goods: {party: seller, name: Goods, levels: [kept, half, whole]}
  price: {party: buyer, name: Price, levels: [unpaid, half, paid]}
status_quo: {goods: kept}
preferences:
  seller: {utility: {goods: {half: -2, whole: -4}, price: {half: 3, paid: 6}}}
  buyer: {utility: {goods: {half: 3, whole: 6}, price: {half: -2, paid: -4}}}
plan: {target: {goods: whole, price: paid}, lag: 1, snapback: true}
"""


SEEDS = (*range(30), 265, 390, 424, 435, 448, 532)  # in the last ones the first choice has no order


def run(*words: str, **how: Any) -> Result:
    return CliRunner().invoke(command, [*words], **how)


def answer(*words: str, status: int | None = None) -> Any:
    done = run(*words, "--json")
    assert done.exit_code in ((0, 1) if status is None else (status,)), done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("plan"))
    return content


def asked(text: str, **how: Any) -> Plan:
    found = Session(detente.Case.from_text(text)).ask("plan", **{"draws": 0, **how})
    assert isinstance(found, Plan)
    return found


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "exchange.case.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return str(file)


# --- statuses and files ----------------------------------------------------------------------------------------------


def test_an_answer_follows_its_contract_and_its_status(small: str) -> None:
    content = answer(small, status=0)
    assert content["enforceable"]
    assert content["target"] == {"goods": "whole", "price": "paid"}
    assert content["steps"][-1]["margins"].keys() == {"seller", "buyer"}
    assert content["binding"]["margin"] == content["margin"]
    worse = answer(small, "--set", "plan.lag=40", status=1)
    assert not worse["enforceable"]
    assert worse["repairs"]


@pytest.mark.parametrize("name", ["agreed-framework-1994", "initial-actions-2007"])
def test_catalog_cases_follow_the_contract(name: str) -> None:
    done = run(name, "--draws", "40", "--no-repairs", "--seconds", "5", "--json")
    assert done.exit_code in (0, 1, 3), done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("plan"))
    assert content["draws"]["draws"] == 40
    assert 0 <= content["draws"]["holds"] <= content["draws"]["enforceable"] <= 1
    assert sum(b["share"] for b in content["draws"]["breaks"]) == pytest.approx(1 - content["draws"]["holds"])


def test_the_same_seed_gives_the_same_answer(small: str) -> None:
    blurred = ("--set", "preferences.buyer.utility.goods.whole=6 ± 2", "--draws", "60")
    first, again = (answer(small, *blurred, "--seed", "5") for _ in range(2))
    assert first == again
    assert first["seed"] == 5
    assert answer(small, *blurred, "--seed", "6")["draws"] != first["draws"]


def test_files_by_suffix(small: str, tmp_path: Path) -> None:
    for suffix in ("json", "txt", "csv", "svg"):
        out = tmp_path / f"out.{suffix}"
        assert run(small, "-o", str(out)).exit_code == 0
        text = out.read_text(encoding="utf-8")
        if suffix == "json":
            assert json.loads(text)["verb"] == "plan"
        elif suffix == "csv":
            rows = list(csv.reader(io.StringIO(text)))
            assert rows[0][:3] == ["step", "by", "who does what"]
            assert len({len(r) for r in rows}) == 1
        elif suffix == "svg":
            assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
    assert isinstance(run(small, "-o", "plan.pdf").exception, UsageError)


def test_a_limit_gives_the_best_order_found_and_its_own_status() -> None:
    done = run("korea-2019", "--type", "dprk=developer", "--draws", "0", "--no-repairs", "--seconds", "0.1", "--json")
    assert done.exit_code == 3, done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("plan"))
    assert content["steps"]
    assert not content["proven"]
    assert content["limits"] == {"plan": {"open": ["order"]}}
    assert "not proven" in done.stderr


# --- facts that are asked for by name --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "asks"),
    [
        ("lag=null", "lag"),
        ("snapback=null", "snapback"),
        ("target=null", "target"),
    ],
)
def test_missing_facts_are_asked_for_by_name(small: str, edit: str, asks: str) -> None:
    done = run(small, "--set", f"plan.{edit}", standalone_mode=False)
    assert isinstance(done.exception, UsageError | CaseError)
    assert asks in str(done.exception)


# --- a target that is chosen -----------------------------------------------------------------------------------------


def test_a_target_to_be_chosen_is_the_one_that_leaves_the_worst_off_best_off() -> None:
    found = asked(SMALL, target="auto")
    assert found.chosen == "auto"
    assert found.enforceable
    case = detente.Case.from_text(SMALL)
    states = Session(case).states(case)
    best = _best_target(case, states)
    assert found.target == best


def test_a_condition_narrows_the_choice_and_a_rule_picks() -> None:
    half = asked(SMALL, target="goods == half")
    assert half.chosen == "condition"
    assert found_levels(half)["goods"] == "half"
    nash = asked(SMALL, target="nash")
    assert nash.chosen == "nash"
    settled = Session(detente.Case.from_text(SMALL)).ask("settle", draws=0)
    assert tuple(settled.points["nash"][0].deals[0].levels) == nash.target


@pytest.mark.parametrize("seed", SEEDS)
def test_the_choice_agrees_with_every_target_planned_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = _random_case(rng)
    case = detente.Case.from_text(text)
    states = Session(case).states(case)
    best = _best_target(case, states)
    found = asked(text, target="auto", repairs=False)
    if best is None:
        assert not found.enforceable
        assert any(w.startswith(("No feasible state", "No target")) for w in found.provenance.warnings)
    else:
        assert found.target == best


def test_the_random_choices_differ_in_kind() -> None:
    """Some have no target at all, some one that is not the efficient one of the largest smallest gain without order."""
    kinds = set()
    for seed in SEEDS:
        case = detente.Case.from_text(_random_case(np.random.default_rng(seed)))
        states = Session(case).states(case)
        targets = targets_of(case, states)
        listed = targets.listed()
        best = _best_target(case, states)
        kinds.add("none" if best is None else "first" if targets.levels(listed[0]) == best else "later")
    assert kinds == {"none", "first", "later"}


def _random_case(rng: np.random.Generator) -> str:
    """Two parties trade; what has been given can often not be taken back, and then nobody wants to give first."""
    n = np.abs(rng.integers(-6, 7, 8)) / 2
    both, lag = rng.integers(-6, 7) / 2, int(rng.integers(0, 4))
    stuck = [rng.choice(["l1", "l2", "l1, l2"]) for _ in range(2)]
    return f"""
detente: 1
name: random
parties: {{a: {{discount: 0.9}}, b: {{discount: 0.95}}}}
options:
  x: {{party: a, levels: [l0, l1, l2], irreversible: [{stuck[0]}]}}
  y: {{party: b, levels: [l0, l1, l2], irreversible: [{stuck[1]}]}}
preferences:
  a: {{utility: {{x: {{l1: {-n[0]}, l2: {-n[1]}}}, y: {{l1: {n[2]}, l2: {n[3]}}}}}}}
  b:
    utility: {{x: {{l1: {n[4]}, l2: {n[5]}}}, y: {{l1: {-n[6]}, l2: {-n[7]}}}, "x == l1 and y == l1": {both}}}
plan: {{target: auto, lag: {lag}, snapback: true}}
"""


def _best_target(case: detente.Case, states: Any) -> tuple[int, ...] | None:
    """Word by word: efficient among the targets that pass both tests, that have an order; every order tried."""
    targets = targets_of(case, states)
    passing = [int(s) for s in np.flatnonzero(targets.both)]
    value = {s: [float(targets.value[i, s]) for i in range(len(targets.parties))] for s in passing}
    efficient = [
        s
        for s in passing
        if not any(
            all(b >= a - 1e-9 for a, b in zip(value[s], value[o], strict=True))
            and any(b > a + 1e-9 for a, b in zip(value[s], value[o], strict=True))
            for o in passing
        )
    ]

    def smallest(state: int) -> float:
        gains = [(v - d) / c for v, d, c in zip(value[state], targets.disagreement, targets.comparing, strict=True)]
        return round(min(float(g) for g in gains), 9)

    def changed(state: int) -> int:
        return sum(abs(a - b) for a, b in zip(targets.levels(state), targets.today, strict=True))

    for among in (efficient, [s for s in passing if s not in efficient]):
        for state in sorted(among, key=lambda s: (-smallest(s), changed(s), targets.levels(s))):
            problem = problem_of(case, states, targets.levels(state))
            found = plan_orders.best(_plain(problem))
            if found is not None and found[0]:
                return targets.levels(state)
    return None


def _plain(problem: Problem) -> dict[str, Any]:
    """A problem as the literal search reads it."""
    names = ("parties", "stake", "discount", "disagreement", "flow", "walk", "snapped", "breach", "alarm", "accused")
    more = ("cost", "takes", "caught", "step", "deadline", "patient", "together", "escrow", "margin")
    lattice = problem.lattice
    out = {key: getattr(problem, key) for key in (*names, *more)}
    return {**out, "shape": lattice.shape, "owners": lattice.owners, "feasible": lattice.feasible}


def found_levels(found: Plan) -> dict[str, str]:
    return found.named(found.target)


# --- readings --------------------------------------------------------------------------------------------------------


def test_what_passes_everywhere_passes_under_each_reading() -> None:
    case = detente.load("korea-2019")
    session = Session(case)
    found = everywhere(session, case)
    assert found is not None
    seen = {(r.view, *sorted(r.types.items())) for r in found.readings}
    assert len(seen) == len(found.readings)
    assert {r.view for r in found.readings} == {None, "liu", "zhang"}
    types = {p: len(w.types or {}) for p, w in case.file.preferences.items() if w.types}
    assert sum(r.view is None for r in found.readings) == int(np.prod(list(types.values())))
    for state in np.flatnonzero(found.all)[:20]:
        assert all(r.targets.both[state] for r in found.readings)
    assert int(found.all.sum()) <= min(found.counts)


# --- written orders --------------------------------------------------------------------------------------------------


def test_an_answer_can_be_checked_as_a_written_order(small: str, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    assert run(small, "-o", str(out)).exit_code == 0
    first, again = json.loads(out.read_text()), answer(small, "--verify", str(out), status=0)
    assert again["chosen"] == "written"
    assert [s["margins"] for s in again["steps"]] == [s["margins"] for s in first["steps"]]


def test_a_written_order_that_breaks_rules_is_told_so(small: str, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    moves = "- moves: [{option: goods, to: whole}, {option: price, to: paid}]\n"
    file.write_text(moves, encoding="utf-8")
    content = answer(small, "--verify", str(file), status=1)
    assert [b["step"] for b in content["breaches"]] == [1]
    assert "Seller" in content["breaches"][0]["text"]
    assert not content["enforceable"]
    assert answer(small, "--verify", str(file), "--set", "plan.together=true")["breaches"] == []
    file.write_text("- moves: [{option: good, to: whole}]\n", encoding="utf-8")
    done = run(small, "--verify", str(file), standalone_mode=False)
    assert isinstance(done.exception, CaseError)
    assert "Did you mean" in str(done.exception) or "goods" in str(done.exception)


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_words_say_what_the_numbers_say(small: str) -> None:
    text = run(small).stdout
    assert "nobody gains by abandoning" in text
    assert re.search(r"tightest after step \d|tightest before the first step", text)
    worse = run(small, "--set", "plan.lag=40").stdout
    assert "No" in worse
    assert "What would make a plan to this target hold" in worse
    assert not re.search(r"\bs\d+\b", worse), "internal numbers of states"


def test_shared_answers_keep_what_leaving_is_worth_to_themselves(small: str) -> None:
    secret = ("--set", "plan.outside.buyer=1.2345")
    for form in ((), ("--json",)):
        text = run(small, "--for", "shared", *secret, *form).stdout
        assert "1.2345" not in text
        assert "1.23" not in text
    content = json.loads(run(small, "--for", "shared", "--json").stdout)
    jsonschema.validate(content, result_schema("plan"))
    assert content["steps"]
    assert all(not s["margins"] for s in content["steps"])
    assert content["target_test"] == {}
    assert isinstance(run(small, "--for", "shared", "-o", "x.svg").exception, UsageError)


def test_lines_of_every_kind_of_answer_read_as_sentences() -> None:
    kinds = itertools.chain(
        ({"target": "auto"}, {"target": "goods == half"}, {"target": "price == paid and goods == kept"}), ({},)
    )
    for how in kinds:
        told = lines(asked(SMALL, **how))
        assert all(line == "" or line[0] == " " or line[0].isupper() or line[0].isdigit() or line.startswith("note:")
                   for line in told)  # fmt: skip


STUCK = """
detente: 1
name: bystander
parties: {p: {discount: 0.9}, q: {discount: 0.9}, r: {discount: 0.5}}
options: {x: {party: p}, y: {party: q, moves: up}}
preferences:
  p: {utility: {y: {yes: 3}, x: {yes: -1}}}
  q: {utility: {x: {yes: 3}, y: {yes: -1}}}
  r: {utility: {x: {yes: -2}, y: {yes: 3}}}
plan: {target: {x: yes, y: yes}, lag: 1, snapback: true, breach_cost: {p: 2, q: 2}}
"""


def test_who_owns_no_option_can_only_go_elsewhere(tmp_path: Path) -> None:
    case = tmp_path / "bystander.case.yaml"
    case.write_text(STUCK)
    told = answer(str(case), "--draws", "0", status=0)
    assert told["enforceable"]
    # r has 1 at the target; before it r gets at least as much as it has without a deal, and can go nowhere
    assert set(told["target_test"]) == {"p", "q"}
    assert [set(s["margins"]) for s in told["steps"]] == [{"p", "q"}] * 2
    assert set(told["today"]["margins"]) == {"p", "q", "r"}
    text = run(str(case), "--draws", "0").output
    assert "r cannot leave" in text
    assert "inf" not in text
    run(str(case), "--draws", "0", "-o", str(tmp_path / "a.svg"))
    assert "inf" not in (tmp_path / "a.svg").read_text()
    # elsewhere r gets 4, more than the target's 1: it leaves the target, and 3 is what that gains it
    told = answer(str(case), "--draws", "0", "--set", "plan.outside.r=4", status=1)
    assert told["target_test"]["r"] == pytest.approx(-3)
    assert told["target_deviations"]["r"]["kind"] == "outside"
