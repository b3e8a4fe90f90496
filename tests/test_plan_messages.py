"""What ``plan`` refuses and with which place, what it warns of, and what an answer for all sides keeps to itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from detente.base.errors import DetenteError
from detente.cli.plan import command
from tests.test_plan_edits import EXCHANGE

GOODS = "- moves: [{option: goods, to: whole}]\n"
BOTH = GOODS + "- moves: [{option: price, to: paid}]\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(command, [*words, "--draws", "0"])


def refused(*words: str) -> str:
    done = run(*words)
    assert isinstance(done.exception, DetenteError), done.output
    return str(done.exception)


@pytest.fixture
def case(tmp_path: Path) -> str:
    file = tmp_path / "exchange.case.yaml"
    file.write_text(EXCHANGE, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("plan.target.goods=hole", "--set: plan.target.goods: found the unknown level 'hole'"),
        ("plan.target.gods=half", "--set: plan.target.gods: found the unknown option 'gods'"),
        ("plan.target=goods == hole", "--set: plan.target: found the unknown level 'hole'"),
        ("plan.target={goods: kept}", "--set: plan.target: found a target that is today's state"),
        ("plan.deadline={x: {b: -2}}", "--set: plan.deadline: found a mapping; expected a date such as 2019-01-29"),
    ],
)
def test_what_the_command_line_brings_in_is_told_of_the_command_line(case: str, edit: str, told: str) -> None:
    text = refused(case, "--set", edit)
    assert told in text
    assert "exchange.case.yaml" not in text


def test_a_written_target_that_is_todays_state_has_its_place(tmp_path: Path) -> None:
    file = tmp_path / "still.case.yaml"
    file.write_text(EXCHANGE.replace("{goods: whole, price: paid}", "{goods: kept}"), encoding="utf-8")
    assert f"{file}:12:16: plan.target: found a target that is today's state" in refused(str(file))
    # a target of the command line is not blamed on the file
    assert "still.case.yaml" not in refused(str(file), "--target", "goods == kept and price == unpaid")


def test_a_written_mapping_for_a_date_is_called_one(tmp_path: Path) -> None:
    file = tmp_path / "date.case.yaml"
    file.write_text(EXCHANGE.replace("lag: 3", "lag: 3, deadline: {x: {b: -2}}"), encoding="utf-8")
    text = refused(str(file))
    assert "plan.deadline: found a mapping; expected a date such as 2019-01-29" in text
    assert "{'" not in text


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("detente: 99\nsteps:\n", ":1:10: detente: found the format '99'; expected 1"),
        ("detente: [1]\nsteps:\n", ":1:10: detente: found the format "),
        ("verb: plan\ncontract: 2\nsteps:\n", ":2:11: contract: found the contract '2'; expected 1"),
    ],
)
def test_a_written_order_of_another_format_is_refused(case: str, tmp_path: Path, head: str, told: str) -> None:
    file = tmp_path / "steps.yaml"
    file.write_text(head + BOTH, encoding="utf-8")
    assert f"{file}{told}" in refused(case, "--verify", str(file))
    file.write_text("detente: 1\nsteps:\n" + BOTH, encoding="utf-8")
    assert run(case, "--verify", str(file)).exit_code == 1


@pytest.mark.parametrize(
    ("target", "steps", "warned"),
    [
        ("{goods: whole, price: paid}", BOTH, False),
        ("{goods: whole, price: paid}", GOODS, True),
        ("goods == whole", GOODS, False),
        ("price == paid", GOODS, True),
        ("auto", GOODS, False),
    ],
)
def test_an_order_that_ends_elsewhere_than_the_target_is_warned_of(
    tmp_path: Path, target: str, steps: str, *, warned: bool
) -> None:
    file, order = tmp_path / "exchange.case.yaml", tmp_path / "steps.yaml"
    file.write_text(EXCHANGE.replace("{goods: whole, price: paid}", target), encoding="utf-8")
    order.write_text(steps, encoding="utf-8")
    told = json.loads(run(str(file), "--json", "--verify", str(order)).stdout)
    assert any("does not end at the target of the case" in w for w in told["warnings"]) == warned


def test_where_the_target_fails_it_is_said_what_the_order_is_best_at(case: str) -> None:
    told = json.loads(run(case, "--json").stdout)
    assert min(told["target_test"].values()) < 0
    assert any("smallest margin before the target" in w for w in told["warnings"])
    assert "largest smallest margin before the target" in run(case).stdout
    holds = json.loads(run(case, "--json", "--set", "plan.breach_cost={seller: 8, buyer: 8}").stdout)
    assert holds["enforceable"]
    assert holds["warnings"] == []


# --- for all sides ---------------------------------------------------------------------------------------------------


def shared(case: str, *edits: str) -> tuple[int, dict[str, Any]]:
    done = run(case, "--json", "--for", "shared", *(w for e in edits for w in ("--set", e)))
    told: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, told


def test_a_shared_digest_does_not_change_with_what_is_private(case: str) -> None:
    _, first = shared(case)
    for edit in (
        "preferences.seller.utility.goods.half=-1.9",
        "parties.seller.discount=0.91",
        "parties.buyer.money=3",
        "plan.breach_cost={seller: 1}",
        "plan.lag=2",
    ):
        assert shared(case, edit)[1]["digest"] == first["digest"], edit
    assert shared(case, "options.goods.moves=up")[1]["digest"] != first["digest"]
    whole = json.loads(run(case, "--json").stdout)["digest"]
    assert whole != first["digest"]
    assert json.loads(run(case, "--json", "--set", "plan.lag=2").stdout)["digest"] != whole


def test_the_exit_status_for_all_sides_does_not_tell_the_verdict(case: str) -> None:
    fine = "plan.breach_cost={seller: 8, buyer: 8}"
    assert (run(case).exit_code, run(case, "--set", fine).exit_code) == (1, 0)
    assert (shared(case)[0], shared(case, fine)[0]) == (0, 0)
    # that the work is late rests on nothing that a side keeps to itself
    assert shared(case, fine, "plan.deadline=2020-02-15")[0] == 1
