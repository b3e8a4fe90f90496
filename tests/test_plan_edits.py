"""Repairs as edits of the case: what an answer tells to change, once changed, makes the plan hold as it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import detente
from detente.base.errors import CaseError, UsageError
from detente.case.change import Change
from detente.cli.plan import command
from detente.inquiry.session import Session
from detente.plan.result import Plan
from tests.literal.plan_values import random_case

UNSAID = {"payment", "split", "order", "earlier"}  # no edit of a case says these
FREE = {"escrow"}  # the best order with it may be another than the one told


def named(written: dict[str, Any], target: tuple[int, ...]) -> dict[str, str]:
    rows = zip(written["options"].items(), target, strict=True)
    return {o: w["levels"][n] for (o, w), n in rows}


def asked(case: detente.Case, changes: Change | None = None, **how: Any) -> Plan:
    found = Session(case).ask("plan", changes=changes, **{"draws": 0, "targets": False, **how})
    assert isinstance(found, Plan)
    return found


def mended(seed: int) -> Counter[str]:
    """Every repair of one case is applied and planned again; returns the levers."""
    written, target = random_case(seed)
    written["plan"]["target"] = named(written, target)
    if seed % 3 == 0:  # what is uncertain, too
        written["plan"].setdefault("breach_cost", {})["p1"] = "0..0.5"
    case = detente.Case.from_dict(written)
    told: Counter[str] = Counter()
    try:
        found = asked(case, targets=True)
    except (UsageError, CaseError):
        return told
    for repair, said in zip(found.repairs or (), found.to_dict()["repairs"], strict=True):
        assert bool(said["changes"]) == (repair.lever not in UNSAID), (seed, repair.lever)
        if not said["changes"]:
            continue
        edits = Change(())
        for change in said["changes"]:
            edits += Change.parse(f"{change['path']}={change['value']}")
        again = asked(case, edits, repairs=False)
        assert again.enforceable, (seed, said)
        assert again.checked is not None
        if repair.lever not in FREE and again.order is not None and again.order.proven:
            promised = min(repair.after[i] for i, _ in enumerate(found.problem.parties))
            if repair.lever != "target":  # where the target is another one, so are the stakes and who counts
                assert float(again.checked.shares.min()) >= promised - 1e-6, (seed, said)
        told[repair.lever] += 1
    return told


def test_repairs_applied_to_the_case_make_the_plan_hold() -> None:
    told: Counter[str] = Counter()
    for seed in range(130):
        told += mended(seed)
    for lever in ("breach_cost", "breach_costs", "detection", "lag", "irreversible", "reversible", "target"):
        assert told[lever] > 0, told


EXCHANGE = """
detente: 1
name: exchange
as_of: 2020-01-31
parties: {seller: {discount: 0.9, money: 2}, buyer: {discount: 0.8, money: 1}}
options:
  goods: {party: seller, levels: [kept, half, whole]}
  price: {party: buyer, levels: [unpaid, half, paid]}
preferences:
  seller: {utility: {goods: {half: -2, whole: -4}, price: {half: 3, paid: 6}}}
  buyer: {utility: {goods: {half: 3, whole: 6}, price: {half: -2, paid: -4}}}
plan: {target: {goods: whole, price: paid}, lag: 3, snapback: true}
"""


def answer(tmp_path: Path, *words: str) -> dict[str, Any]:
    file = tmp_path / "exchange.case.yaml"
    file.write_text(EXCHANGE, encoding="utf-8")
    done = CliRunner().invoke(command, [str(file), "--json", "--draws", "0", *words])
    assert done.exit_code in (0, 1), done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("lever", "sets"),
    [
        ("breach_cost", ()),
        ("breach_cost", ("plan.breach_cost={seller: 0.1, buyer: 0.1}",)),
        ("breach_cost", ("plan.breach_cost.seller={once: 0.1}", "plan.breach_cost.buyer={once: 0.1}")),
        (
            "breach_cost",
            (
                "plan.breach_cost.seller={default: 0.1, when: {price == half: 0.2..0.4}}",
                "plan.breach_cost.buyer={default: 0.1, when: {goods == half: 0.3 +- 0.1}}",
            ),
        ),
        ("breach_costs", ("plan.lag=20",)),
        ("breach_costs", ("plan.lag=20", "plan.breach_cost.buyer={once: 0.5}")),
        ("detection", ("plan.lag=1", "plan.breach_cost={seller: 8, buyer: 8}", "plan.conceal.goods=0.01")),
        ("deadline", ("plan.deadline=2020-02-15", "plan.breach_cost={seller: 8, buyer: 8}")),
        (
            "escrow",
            (
                "plan.lag=0",
                "preferences.buyer.utility.price={half: -5, paid: -5.5}",
                "preferences.seller.utility.goods={half: -5, whole: -5.5}",
            ),
        ),
        ("lag", ("plan.lag=5", "plan.breach_cost={seller: 1.5, buyer: 1.5}")),
    ],
)
def test_the_change_of_each_lever_is_one_that_works(tmp_path: Path, lever: str, sets: tuple[str, ...]) -> None:
    words = [w for s in sets for w in ("--set", s)]
    told = answer(tmp_path, *words)
    assert not told["enforceable"]
    found = [r for r in told["repairs"] if r["lever"] == lever]
    assert found, [r["lever"] for r in told["repairs"]]
    for repair in found:
        assert repair["changes"]
        more = [w for c in repair["changes"] for w in ("--set", f"{c['path']}={c['value']}")]
        again = answer(tmp_path, *words, *more)
        assert again["enforceable"], repair
        if lever != "escrow":
            assert again["smallest"]["all"] >= min(repair["after"].values()) - 1e-6


def test_a_breach_cost_told_is_the_least_that_works(tmp_path: Path) -> None:
    """A little less than the change tells does not do."""
    told = answer(tmp_path, "--set", "plan.breach_cost={seller: 3, buyer: 0.1}")
    (repair,) = [r for r in told["repairs"] if r["lever"] == "breach_cost" and r["party"] == "buyer"]
    (change,) = repair["changes"]
    assert change["path"] == "plan.breach_cost.buyer"
    assert float(change["value"]) == pytest.approx(0.1 + repair["amount"])
    less = f"{change['path']}={float(change['value']) - 1e-4}"
    assert not answer(tmp_path, "--set", "plan.breach_cost={seller: 3, buyer: 0.1}", "--set", less)["enforceable"]
