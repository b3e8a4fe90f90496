"""What ``plan`` says: dates out of the calendar, late and failing orders, outside offers, messages for the command."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import detente
from detente.base.errors import CaseError, UsageError
from detente.catalog import catalog_text
from detente.cli.contracts import result_schema
from detente.inquiry.plan_parts import without_vain_payments
from detente.inquiry.plan_target import none_holds
from detente.inquiry.session import Session
from detente.plan.build import problem_of, start_of
from detente.plan.first_tests import physical
from detente.plan.late import time_needed
from detente.plan.verify import check
from detente.plan.wording import enough
from tests.test_plan_verb import SMALL, answer, asked, run


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "exchange.case.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return str(file)


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_plan_that_outlives_the_calendar_is_told_without_dates(small: str) -> None:
    """Ten thousand years from 2020 there is no date; the steps are told by how long they take."""
    long = ("--set", "period=year", "--set", "plan.takes.goods.whole=10000", "--draws", "0", "--no-repairs")
    content = answer(small, *long)
    assert content["steps"][-1]["date"] is None
    assert content["steps"][-1]["period"] + content["steps"][-1]["periods"] >= 10_000
    told = run(small, *long)
    assert told.exit_code in (0, 1), told.output
    assert "After 10,0" in told.stdout


def test_a_deadline_on_the_last_day_of_the_calendar(small: str) -> None:
    content = answer(small, "--set", "plan.deadline=9999-12-31", "--draws", "0", "--no-repairs")
    assert content["physical"]["deadline"] == 12 * 7979 + 11  # from 31 January 2020 to 31 December 9999


# --- written orders --------------------------------------------------------------------------------------------------

ONE_BY_ONE = "- moves: [{option: goods, to: whole}]\n- moves: [{option: price, to: paid}]\n"


@pytest.fixture
def written(tmp_path: Path) -> str:
    """First all goods, then all of the price."""
    file = tmp_path / "order.plan.yaml"
    file.write_text(ONE_BY_ONE, encoding="utf-8")
    return str(file)


def test_what_makes_a_written_order_hold_mends_that_order(small: str, written: str) -> None:
    """At the target the buyer has 2; not paying brings 6 (1 - 0.98^lag): 1.33 more with a lag of 40."""
    late = ("--verify", written, "--draws", "0", "--set", "plan.lag=40")
    content = answer(small, *late, status=1)
    found = {(r["lever"], r["party"]): r for r in content["repairs"]}
    assert found["breach_cost", "buyer"]["amount"] == pytest.approx(6 * (1 - 0.98**40) - 2, abs=1e-6)
    assert found["lag", "buyer"]["amount"] == 20  # 0.98**20 > 2/3 > 0.98**21
    assert all(r["steps"] == 2 for r in content["repairs"] if r["lever"] != "order")
    assert answer(small, *late, "--set", "plan.lag={seller: 40, buyer: 20}", status=0)["enforceable"]
    assert not answer(small, *late, "--set", "plan.lag={seller: 40, buyer: 21}", status=1)["enforceable"]
    text = run(small, *late).stdout
    assert "What would make the written order hold, each alone" in text
    assert "A breach costs Buyer 1.33 more per month than it does now" in text
    assert run(small, *late).stdout == text


def test_the_steps_of_a_written_order_stay_as_they_are(small: str, tmp_path: Path) -> None:
    """All can be done in two steps; the three that are written are mended as three."""
    file = tmp_path / "three.plan.yaml"
    file.write_text(f"- moves: [{{option: goods, to: half}}]\n{ONE_BY_ONE}", encoding="utf-8")
    content = answer(small, "--verify", str(file), "--draws", "0", "--set", "plan.lag=40", status=1)
    assert {r["lever"] for r in content["repairs"]} >= {"breach_cost", "lag"}
    assert {r["steps"] for r in content["repairs"] if r["lever"] in {"breach_cost", "payment", "lag"}} == {3}


def test_an_answer_without_delay_is_told_as_such(small: str, written: str) -> None:
    """With a discount of 0.5 not paying brings 6 (1 - 0.5) = 3 with a lag of 1, and nothing without one."""
    how = ("--set", "parties.buyer.discount=0.5", "--set", "plan.lag=2", "--draws", "0")
    text = run(small, "--verify", written, *how).stdout
    assert "A breach by Buyer is answered at once" in text
    assert "no month" not in text


def test_a_late_order_is_called_late(small: str, written: str) -> None:
    """Both could move at once within the one month there is; one after the other they take two."""
    how = ("--set", "plan.together=true", "--set", "plan.deadline=2020-02-29", "--draws", "0", "--verify", written)
    text = run(small, *how).stdout
    assert text.startswith("An exchange: the order as written ends too late")
    assert "1. Does it fit the time? Not in the written order." in text
    assert "Until 29 February 2020 there is one month." in text
    assert "A deadline of 31 March 2020 or later" in text
    assert text.index("  Today.") < text.index("Step 2 ends one month after the deadline.")
    content = answer(small, *how, status=1)
    assert {r["lever"] for r in content["repairs"]} == {"order", "deadline"}
    assert "Another order of steps holds" in text


def test_the_first_break_is_told_beside_the_worst() -> None:
    how = ("initial-actions-2007", "--verify", "initial-actions-2007", "--draws", "0", "--no-repairs")
    content = answer(*how, status=1)
    low = [min(s["shares"].values()) for s in content["steps"]]
    assert next(n for n, share in enumerate(low, 1) if share < 0) == 3
    assert low.index(min(low)) + 1 == 5
    text = run(*how).stdout
    assert "It breaks first after step 3: " in text
    assert "It breaks worst after step 5: " in text


def test_dates_of_the_text_are_compared(small: str, tmp_path: Path) -> None:
    file = tmp_path / "due.plan.yaml"
    file.write_text(ONE_BY_ONE.replace("paid}]", "paid}]\n  due: 1"), encoding="utf-8")
    content = answer(small, "--verify", str(file), "--draws", "0")
    assert content["overdue"] == [{"step": 2, "due": 1, "done": 2}]
    text = run(small, "--verify", str(file), "--draws", "0").stdout
    assert "Step 2 is wanted after one month by the text, and is done after two months." in text


def test_files_that_hold_no_steps(small: str, tmp_path: Path) -> None:
    done = run(small, "--verify", str(tmp_path), standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "folder" in str(done.exception)
    empty = tmp_path / "empty.yaml"
    empty.write_text("", encoding="utf-8")
    done = run(small, "--verify", str(empty), standalone_mode=False)
    assert isinstance(done.exception, CaseError)
    assert [(p.line, p.column) for p in done.exception.problems()] == [(1, 1)]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{option: goods, to: [whole]}", "a list for the level"),
        ("{option: [goods], to: whole}", "a list for the option"),
        ("{option: goods, to: whole, party: [seller]}", "a list for the party"),
    ],
)
def test_lists_in_steps_are_called_lists(small: str, tmp_path: Path, step: str, said: str) -> None:
    file = tmp_path / "list.plan.yaml"
    file.write_text(f"- moves: [{step}]\n", encoding="utf-8")
    done = run(small, "--verify", str(file), standalone_mode=False)
    assert isinstance(done.exception, CaseError)
    assert said in str(done.exception)
    assert "['" not in str(done.exception)


# --- outside offers --------------------------------------------------------------------------------------------------


def test_an_offer_elsewhere_that_is_more_than_the_target_is_told(small: str) -> None:
    """The target gives the seller -4 + 6 = 2."""
    how = ("--set", "plan.outside.seller=10", "--draws", "0", "--no-repairs")
    content = answer(small, *how, status=1)
    assert content["start_test"]["seller"] == pytest.approx(2)
    assert content["outside"] == {"seller": 10}
    assert "But Seller can get more elsewhere: 10 per month, against 2 by the target." in run(small, *how).stdout
    less = run(small, "--set", "plan.outside.seller=1.9", "--draws", "0", "--no-repairs").stdout
    assert "elsewhere: " not in less


def test_an_offer_that_is_more_than_starting_is_told(small: str, written: str) -> None:
    """To start is worth 0.99 (0.01 (-4) + 0.99 2) = 1.9206 to the seller, 0.0294 less than 1.95 elsewhere."""
    how = ("--set", "plan.outside.seller=1.95", "--set", "plan.breach_cost.seller=5", "--draws", "0", "--no-repairs")
    assert answer(small, "--verify", written, *how, status=0)["enforceable"]
    text = run(small, "--verify", written, *how).stdout
    assert "Seller would have 0.0294 more per month by never starting" in text
    same = run(small, "--verify", written, *how, "--set", "plan.outside.seller=1.92").stdout
    assert "by never starting" not in same


# --- targets ---------------------------------------------------------------------------------------------------------


def test_why_no_target_holds_is_told_as_it_is(small: str) -> None:
    how = ("--draws", "0", "--no-repairs")
    worthless = run(small, *how, "--set", "plan.lag=40", "--target", "price == paid").stdout
    assert "note: No state that matches passes both tests as a target" in worthless
    late = run(small, *how, "--set", "plan.deadline=2020-02-29", "--target", "auto").stdout
    assert re.search("that pass(es)? both tests takes? longer than there is time", late)
    assert "(not in time: it takes two months at least, and there is one month)" in late
    assert "not in time" not in run(small, *how, "--set", "plan.deadline=2020-03-31").stdout


@pytest.mark.parametrize("name", ["agreed-framework-1994", "initial-actions-2007", "korea-2019"])
def test_the_time_that_targets_need_is_that_of_the_physical_test(name: str) -> None:
    case = detente.Case.from_text(catalog_text(name))
    states = Session(case).states(case)
    today, rng, seen = start_of(states), random.Random(1), set()
    for state in rng.sample(range(len(states)), 60):
        target = tuple(int(d) for d in states.digits[:, states.cell_of[state]])
        try:
            problem = problem_of(case, states, target)
        except UsageError:
            continue
        assert time_needed(case, today, target) == physical(problem).needs
        seen.add(physical(problem).needs)
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("target", "messages"),
    [
        ("goods == hole", ("--target", "'hole'", "'whole'")),
        ("s99", ("--target", "s1 to s9")),
        ("NASH", ("--target", "'nash'")),
        ("nsh", ("--target", "'nash'")),
    ],
)
def test_a_mistaken_target_is_blamed_on_the_command(small: str, target: str, messages: tuple[str, ...]) -> None:
    done = run(small, "--target", target, standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert all(m in str(done.exception) for m in messages), done.exception
    assert ".case.yaml" not in str(done.exception)


def test_a_target_beside_a_written_order_is_refused(small: str, written: str) -> None:
    done = run(small, "--verify", written, "--target", "auto", standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "--target beside --verify" in str(done.exception)


# --- what is said and what is not ------------------------------------------------------------------------------------


def test_steps_that_are_not_shown_are_not_spoken_of(small: str) -> None:
    drawn = ("--set", "preferences.buyer.utility.goods.whole=6 +- 0.1", "--draws", "50", "--no-repairs")
    text = run(small, "--set", "plan.lag=40", *drawn).stdout
    assert "No order of steps can mend that" in text
    assert not re.search(r"after step|Step \d|the order holds|leaves the plan", text)
    assert "everyone gains by the target and would keep it in" in text


def test_draws_that_hold_too_late_do_not_count_as_holding(small: str) -> None:
    """Goods take 1 to 3 months, in whole months 2 or 3 alike; with 3 the two steps miss the end of April."""
    how = ("--set", "plan.takes={goods: {whole: 1..3}}", "--set", "plan.deadline=2020-04-30", "--no-repairs")
    content = answer(small, *how, "--draws", "400", status=0)
    assert content["draws"]["holds"] == 1
    assert content["draws"]["in_time"] == pytest.approx(0.5, abs=0.13)
    told = round(100 * content["draws"]["in_time"])
    assert f"the order holds and is in time in {told} % of draws" in run(small, *how, "--draws", "400").stdout


def test_the_discount_taken_is_told_where_none_is_written(small: str) -> None:
    how = ("--draws", "0", "--no-repairs")
    assert "is taken" not in run(small, *how).stdout
    text = run(small, *how, "--set", "parties.seller.discount=null").stdout
    assert "is not written for Seller: 5 % a year is taken, 0.43 % a month." in text  # 1 - 0.95**(1/12)


def test_the_margin_asked_for_is_named(small: str) -> None:
    how = ("--draws", "0", "--no-repairs")
    assert "Asked for is a margin of 5 % at least." in run(small, *how, "--set", "plan.margin=0.05").stdout
    high = run(small, *how, "--set", "plan.margin=0.999").stdout
    assert "less than the margin asked for, 100 %" in high


def test_it_is_told_how_a_pretence_ends(small: str) -> None:
    """Goods kept for paid in full: 0.01 6 / (1 - 0.99 0.98) = 2.01, more than the 2 of the target."""
    text = run(small, "--set", "plan.conceal={goods: 0.02}", "--draws", "0", "--no-repairs").stdout
    assert "Seller only pretends" in text
    assert "such a pretence is found out with a chance of 2 % per month there, and ends the deal when it is" in text


def test_an_unanswered_breach_is_mended_by_an_answer(small: str) -> None:
    """Unanswered, the seller takes its goods back for ever: 6 against 2."""
    never = ("--set", "plan.snapback=false", "--draws", "0")
    content = answer(small, *never, status=1)
    assert [r["changes"] for r in content["repairs"] if r["lever"] == "answer"] == [
        [{"path": "plan.snapback", "value": "true"}]
    ]
    assert "A breach is answered by taking steps back, which nobody would do as it is." in run(small, *never).stdout
    unasked = answer(small, *never, "--set", "plan.lag=null", status=1)
    assert [r["changes"] for r in unasked["repairs"] if r["lever"] == "answer"] == [
        [{"path": "plan.snapback", "value": "true"}, {"path": "plan.lag", "value": "1"}]
    ]


def test_for_all_sides_there_is_no_verdict_and_the_order_is_not_judged(small: str) -> None:
    told = []
    for how in ((), ("--set", "plan.lag=40"), ("--set", "plan.lag=40", "--target", "auto")):
        text = run(small, "--for", "shared", "--draws", "0", *how).stdout
        assert "an order of work, not judged here" in text
        assert not re.search(r"nobody gains|would not hold|enforce|passes both", text)
        told.append(text.splitlines()[0])
        content = json.loads(run(small, "--for", "shared", "--json", "--draws", "0", *how).stdout)
        jsonschema.validate(content, result_schema("plan"))
        assert content["enforceable"] is None
        assert content["warnings"] == []
        assert content["outside"] == {}
    assert len(set(told)) == 1


def test_payments_that_change_nothing_are_not_told() -> None:
    found = asked(SMALL, repairs=False)
    problem, order = found.problem, found.order
    assert order is not None
    nothing = np.zeros((len(order.steps) + 1, 2))
    assert without_vain_payments(problem, replace(order, side=nothing)).side is None
    interior = check(problem, order.steps).interior
    helps = [
        side
        for sign in (-1, 1)
        if check(problem, order.steps, side := nothing + np.array([sign, -sign]) / 2).interior > interior + 1e-6
    ]
    assert helps
    assert all(without_vain_payments(problem, replace(order, side=side)).side is side for side in helps)


def test_a_picture_alone_says_what_it_shows_and_whether_it_holds(small: str, tmp_path: Path) -> None:
    out = tmp_path / "plan.svg"
    for how, verdict in (((), "nobody gains by abandoning"), (("--set", "plan.lag=40"), "would not hold once reached")):
        run(small, "--draws", "0", "--no-repairs", "-o", str(out), *how)
        text = " ".join(re.findall(r">([^<]+)<", out.read_text(encoding="utf-8")))
        assert "An exchange: steps to Goods at" in text
        assert verdict in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.3307, "0.331"),
        (391.61, "392"),
        (5.99, "5.99"),
        (1234.5, "1,235"),
        (0.00123, "0.00123"),
        (0.5, "0.5"),
        (0, "0"),
    ],
)
def test_amounts_that_must_suffice_are_rounded_up(value: float, text: str) -> None:
    assert enough(value) == text


def test_what_is_said_of_targets_that_were_not_tried() -> None:
    assert none_holds("auto", 0, 0, 0).startswith("No feasible state passes both tests")
    assert none_holds("x == y", 0, 0, 0).startswith("No state that matches passes both tests")
    assert none_holds("auto", 1, 1, 1).startswith("The only target that passes both tests takes longer")
    assert none_holds("auto", 3, 3, 3).startswith("All three targets that pass both tests take longer")
    assert "those tried take too long" in none_holds("auto", 9, 3, 3)
    assert "was found to have an order that holds in time" in none_holds("auto", 3, 2, 3)


def test_other_targets_passed_over_for_want_of_time_are_told() -> None:
    done = run("korea-2019", "--draws", "0", "--no-repairs", "--seconds", "0.1", "--target", "auto", "--json")
    assert done.exit_code == 3, done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("plan"))
    assert "target" in content["limits"]["plan"]["open"]
    assert any("could not be settled" in w for w in content["warnings"])
