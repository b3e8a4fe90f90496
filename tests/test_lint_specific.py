"""V and E of lint: a file that has all, changed in one thing, gives exactly that finding; witnesses checked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from detente.agreement.lint.checks import TABLE
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.lint import lint
from detente.agreement.model import Agreement

Tree = dict[str, Any]
CHECKED = [{"by": "agency", "method": "seals", "detects": "0.95", "lag": "10 days", "evidence": ["measurement"]}]
ANSWER = [{"effect": "compensate", "automatic": True, "amount": "1", "unit": "EUR"}]


def good() -> Tree:
    """Nothing that V or E could say."""
    return {
        "detente-agreement": 1, "name": "x", "title": "X", "as_of": "2020-01-01", "zone": "UTC",
        "parties": {"a": {"name": "North"}, "b": {"name": "South"}},
        "bodies": {"agency": {"name": "Agency"}, "panel": {"name": "Panel", "role": "arbiter"}},
        "quantities": {"stock": {"name": "Stock", "unit": "kg"}},
        "commitments": {
            "inventory": {
                "title": "Inventory", "obligors": "a", "action": {"text": "Declares what it has at 3 sites."},
                "deadline": "2020-02-01", "verification": CHECKED, "on_breach": ANSWER,
            },
            "stock-down": {
                "title": "Stock down", "obligors": "a",
                "action": {"quantity": "stock", "op": "<=", "amount": 300},
                "trigger": "verified(inventory)", "deadline": "2020-06-01", "verification": CHECKED,
                "on_breach": ANSWER, "reversible": False,
            },
            "visits": {
                "title": "Visits", "modality": "maintain", "obligors": "a",
                "action": {"text": "Lets inspectors into 3 sites."}, "trigger": "in_force",
                "deadline": "2021-01-01", "verification": CHECKED, "on_breach": ANSWER,
            },
            "money": {
                "title": "Money", "obligors": "b", "action": {"text": "Pays 5 million EUR."},
                "trigger": "verified(stock-down)", "deadline": "2020-09-01", "verification": CHECKED,
                "on_breach": ANSWER, "reversible": False,
            },
        },
        "powers": {
            "stop": {"holder": "b", "may": "terminate", "targets": ["money"], "when": "breached(stock-down)",
                     "expires": "2020-12-01"},
        },
        "dispute": {"window": "30 days", "body": "panel"},
        "reviews": ["2020-07-01"],
    }  # fmt: skip


def found(tree: Tree, *only: str) -> list[Finding]:
    return list(lint(Agreement.from_dict(tree), only=only or ("V", "E")).findings)


def put(*path: str | int, value: Any) -> Callable[[Tree], None]:
    """A change of one value; ``...`` takes the key out."""

    def change(tree: Tree) -> None:
        at: Any = tree
        for key in path[:-1]:
            at = at[key]
        if value is ...:
            del at[path[-1]]
        else:
            at[path[-1]] = value

    return change


STOCK, MONEY = ("commitments", "stock-down"), ("commitments", "money")
INVENTORY, VISITS = ("commitments", "inventory"), ("commitments", "visits")
TEXT = (*MONEY, "action", "text")
# name: (changes, [(id, severity, subject)])
ONE_THING: dict[str, tuple[list[Callable[[Tree], None]], list[tuple[str, str, str]]]] = {
    "V1": ([put(*MONEY, "obligors", value=...), put(*MONEY, "gaps", value={"actor": "not said"})],
           [("V1", "info", "money")]),
    "V2 words alone": ([put(*TEXT, value="Lowers barriers to trade."),
                        put(*MONEY, "verification", value=[]), put(*MONEY, "claim_ok", value=True)],
                       [("V2", "warning", "money"), ("V5", "info", "money")]),
    "V2 a goal": ([put(*TEXT, value="Gives 5 security guarantees.")],
                  [("V2", "error", "money"), ("V9", "error", "money")]),
    "V3": ([put("commitments", "inventory", "deadline", value=...)], [("V3", "error", "inventory")]),
    "V3 with a reason": ([put("commitments", "inventory", "deadline", value={"none": "nobody could tell"})],
                         [("V3", "warning", "inventory")]),
    "V3 kept": ([put(*VISITS, "deadline", value=...), put(*VISITS, "trigger", value=...)],
                [("V3", "error", "visits")]),
    "V4": ([put("quantities", "stock", "unit", value="")], [("V4", "warning", "stock-down")]),
    "V4 a part of it": ([put(*MONEY, "trigger", value="progress(inventory) >= 0.5 and verified(stock-down)")],
                        [("V4", "warning", "inventory")]),
    "V5": ([put("commitments", "inventory", "verification", value=[])], [("V5", "error", "inventory")]),
    "V5 its own": ([put("commitments", "inventory", "verification", 0, "by", value="a")],
                   [("V5", "warning", "inventory")]),
    "V5 its word": ([put("commitments", "visits", "verification", value=[]),
                     put("commitments", "visits", "claim_ok", value=True)], [("V5", "info", "visits")]),
    "V6": ([put(*STOCK, "verification", 0, "evidence", value=...), put(*STOCK, "verification", 0, "method", value=...)],
           [("V6", "warning", "stock-down")]),
    "V6 a method": ([put(*STOCK, "verification", 0, "evidence", value=...)], [("V6", "info", "stock-down")]),
    "V7": ([put(*MONEY, "on_breach", value=[])], [("V7", "warning", "money")]),
    "V7 only its owner waits": ([put(*INVENTORY, "on_breach", value=[])], [("V7", "warning", "inventory")]),
    "V6 a gap": ([put(*TEXT, value="Opens an office."), put(*MONEY, "verification", value=[]),
                  put(*MONEY, "claim_ok", value=True), put(*MONEY, "gaps", value={"evidence": "not said"})],
                 [("V5", "info", "money"), ("V6", "info", "money")]),
    "V8": ([put("dispute", value=...)], [("V8", "warning", "")]),
    "V8 no body": ([put("dispute", "body", value=...)], [("V8", "info", "")]),
    "V9": ([put(*TEXT, value="Pays 5 million EUR promptly.")], [("V9", "error", "money")]),
    "V9 purpose": ([put(*TEXT, value="Pays 5 million EUR in order to promote trade.")],
                   [("V9", "info", "money")]),
    "V9 time": ([put(*MONEY, "deadline", value={"none": "in due course"})], [("V9", "error", "money")]),
    "V9 preamble": ([put("note", value="Preamble: the sides reaffirm their hopes.")], [("V9", "info", "")]),
    "V10": ([put(*MONEY, "deadline", value=...)], [("V10", "warning", "money")]),
    "V10 no review": ([put(*MONEY, "deadline", value={"none": "ask them"}), put("reviews", value=[])],
                      [("V10", "info", "money")]),
    "V10 a reason with a colon": ([put(*MONEY, "deadline", value={"none": "ask them: all # of both"}),
                                   put("reviews", value=[])], [("V10", "info", "money")]),
    "V11": ([put(*TEXT, value="Agrees on 5 payments.")], [("V2", "error", "money"), ("V11", "error", "money")]),
    "V11 effort": ([put(*TEXT, value="Makes every effort to agree on 5 payments.")],
                   [("V2", "error", "money"), ("V9", "error", "money"), ("V11", "error", "money")]),
    "V11 best efforts": ([put(*TEXT, value="Best efforts to agree on fishing rights.")],
                         [("V2", "error", "money"), ("V9", "error", "money"), ("V11", "error", "money")]),
    "V2 opens talks": ([put(*TEXT, value="Opens the way to trade."),
                        put(*MONEY, "verification", value=[]), put(*MONEY, "claim_ok", value=True)],
                       [("V2", "warning", "money"), ("V5", "info", "money")]),
    "V11 modalities": ([put(*TEXT, value="Pays 5 million EUR by modalities of the bank.")],
                       [("V11", "warning", "money")]),
    "V11 annex": ([put(*TEXT, value="Pays what annex B names.")], [("V11", "warning", "money")]),
    "E1 access never": ([put("commitments", "visits", "trigger", value="never"),
                         put(*STOCK, "verification", 0, "access", value="visits")], [("E1", "error", "stock-down")]),
    "E1 access ends": ([put(*STOCK, "trigger", value="at(2021-02-01) and verified(inventory)"),
                        put(*STOCK, "deadline", value="2021-06-01"), put(*MONEY, "deadline", value="2021-09-01"),
                        put("powers", "stop", "expires", value="2021-12-01"),
                        put(*STOCK, "verification", 0, "access", value="visits")], [("E1", "error", "stock-down")]),
    "E1 access begins": ([put("commitments", "visits", "trigger", value="at(2020-06-12)"),
                          put(*STOCK, "verification", 0, "access", value="visits")], [("E1", "error", "stock-down")]),
    "E1 chance": ([put(*STOCK, "verification", 0, "detects", value="0.89")], [("E1", "warning", "stock-down")]),
    "E1 small chance": ([put(*STOCK, "verification", 0, "detects", value="0.49")], [("E1", "error", "stock-down")]),
    "E1 asked": ([put("detection", value=0.96)],
                 [("E1", "warning", c) for c in ("inventory", "stock-down", "visits", "money")]),
    "E2 claim": ([put(*MONEY, "trigger", value="claimed(stock-down) and at(2021-01-01)")], [("E2", "error", "money")]),
    "E2 claim beside a finding of another": (
        [put(*MONEY, "trigger", value="claimed(stock-down) or verified(inventory)")], [("E2", "error", "money")]),
    "E2 date": ([put(*MONEY, "trigger", value="at(2021-01-01)")], [("E2", "warning", "money")]),
    "E3": ([put(*MONEY, "trigger", value="after(claimed(stock-down), 20 days) and verified(inventory)")],
           [("E2", "error", "money"), ("E3", "warning", "stock-down")]),
    "E3 power": ([put("powers", "stop", "expires", value="2020-07-10")], [("E3", "warning", "stock-down")]),
    "E3 power by its window": ([put("powers", "stop", "expires", value={"within": "29 days"})],
                               [("E3", "warning", "stock-down")]),
    "E4": ([put(*VISITS, "action", "text", value="Lets inspectors into the entire plant of 3 sites.")],
           [("E4", "warning", "visits")]),
    "E4 nothing declared": ([put("commitments", "inventory", "action", value={"text": "Sends 3 letters."}),
                             put("commitments", "inventory", "title", value="Letters"),
                             put(*TEXT, value="Pays the entire 5 million.")], [("E4", "error", "money")]),
}  # fmt: skip
# The nearest thing that is all right: no finding.
STILL_GOOD: dict[str, list[Callable[[Tree], None]]] = {
    "V2 an object": [put(*TEXT, value="Opens an office."), put(*MONEY, "object", value="Office"),
                     put(*MONEY, "verification", 0, "evidence", value=["document"])],
    "V2 seen": [put(*TEXT, value="Opens a liaison office in the other's capital."),
                put(*MONEY, "verification", 0, "method", value=...)],
    "V11 steps": [put(*TEXT, value="Pays 5 million EUR on the agreed day.")],
    "V3 a period": [put("commitments", "inventory", "deadline", value={"within": "3 months", "of": "in_force"})],
    "V3 kept from then on": [put("commitments", "visits", "deadline", value=...)],
    "V4 a unit in the act": [put("quantities", "stock", "unit", value=""), put(*STOCK, "action", "unit", value="kg")],
    "V5 one other is enough": [put(*INVENTORY, "verification", value=[*CHECKED, CHECKED[0] | {"by": "a"}])],
    "V7 a power answers": [put(*STOCK, "on_breach", value=[])],
    "V7 the other side waits": [put("commitments", "inventory", "on_breach", value=[]),
                                put(*MONEY, "trigger", value="verified(stock-down) and verified(inventory)")],
    "V9 a clock": [put(*TEXT, value="Pays 5 million EUR promptly, within 10 days.")],
    "V9 a list": [put(*TEXT, value="Pays all sums listed in 5 letters.")],
    "V9 inside a word": [put(*TEXT, value="Pays 5 handsome, untimely and unappropriated sums; nobody is dismayed.")],
    "V10 a review": [put(*MONEY, "deadline", value={"none": "ask", "review": "2020-12-01"}), put("reviews", value=[])],
    "V11 an annex that is there": [put(*TEXT, value="Pays what annex B names."),
                                   put("sources", value={"b": "Annex B of the text"})],
    "E1 two ways": [put(*STOCK, "verification", value=[CHECKED[0] | {"detects": p} for p in ("0.8", "0.5")])],
    "E1 asked for less": [put(*STOCK, "verification", 0, "detects", value="0.49"), put("detection", value=0.4)],
    "E1 access there": [put(*STOCK, "verification", 0, "access", value="visits")],
    "E1 access begins in time": [put("commitments", "visits", "trigger", value="at(2020-06-11)"),
                                 put(*STOCK, "verification", 0, "access", value="visits")],
    "E2 the finding is needed too": [put(*MONEY, "trigger", value="claimed(stock-down) and verified(stock-down)")],
    "E2 can be undone": [put(*MONEY, "trigger", value="at(2021-01-01)"), put(*MONEY, "reversible", value=...)],
    "E3 a power late enough": [put("powers", "stop", "expires", value="2020-07-11")],
    "E3 a window long enough": [put("powers", "stop", "expires", value={"within": "30 days"})],
    "E4 after a declaration": [put(*TEXT, value="Pays the entire 5 million.")],
}  # fmt: skip


def changed(changes: list[Callable[[Tree], None]]) -> Tree:
    tree: Tree = json.loads(json.dumps(good()))  # nothing shared
    for change in changes:
        change(tree)
    return tree


def test_the_good_file_has_no_finding() -> None:
    assert found(good()) == []


@pytest.mark.parametrize("name", ONE_THING)
def test_one_thing_less_is_found_and_nothing_else(name: str) -> None:
    changes, expected = ONE_THING[name]
    tree = changed(changes)
    got = found(tree)
    assert sorted((f.id, f.severity, f.subject) for f in got) == sorted(expected)
    assert any(f.id == name.partition(" ")[0] for f in got)
    for finding in got:
        assert finding.why.endswith(".")
        assert finding.repair
        check_witness(finding, tree)


@pytest.mark.parametrize("name", STILL_GOOD)
def test_the_nearest_good_thing_is_not(name: str) -> None:
    assert [(f.id, f.severity, f.subject, f.why) for f in found(changed(STILL_GOOD[name]))] == []


def test_every_check_of_v_and_e_is_tried() -> None:
    assert {n.partition(" ")[0] for n in ONE_THING} == {c.id for c in TABLE if c.id[0] in "VE"}


# --- small checkers of witnesses, from the tree as written ---------------------------------------------------------


def check_witness(finding: Finding, tree: Tree) -> None:
    """What the witness says is so, by the file as written alone."""
    written = tree["commitments"].get(finding.subject, {})
    w: Any = finding.witness
    if "gap" in w:
        assert finding.declared == written["gaps"][w["gap"]]
        return
    globals()[f"_{finding.id.lower()}"](w, written, tree)


def _v1(w: Any, written: Tree, _: Tree) -> None:
    assert w["obligors"] == []
    assert "obligors" not in written


def _v2(w: Any, written: Tree, _: Tree) -> None:
    assert w["text"] == written["action"]["text"]
    assert all(word in w["text"].lower() for word in w["words"])


def _v3(w: Any, written: Tree, _: Tree) -> None:
    deadline = written.get("deadline")
    assert deadline is None or deadline == {"none": w["reason"]}
    assert written.get("trigger", "in_force") == "in_force"


def _v4(w: Any, written: Tree, tree: Tree) -> None:
    if w["progress_counts"]:
        assert any("progress(" in c.get("trigger", "") for c in tree["commitments"].values())
    else:
        assert not written["action"].get("unit")
        assert not tree["quantities"][written["action"]["quantity"]]["unit"]


def _v5(w: Any, written: Tree, _: Tree) -> None:
    assert {v["by"] for v in written.get("verification", [])} == set(w["verifiers"]) <= {written["obligors"]}
    assert w["claim_ok"] == written.get("claim_ok", False)


def _v6(w: Any, written: Tree, _: Tree) -> None:
    assert w["without"] == [v["by"] for v in written["verification"] if not v.get("evidence")] != []


def _v7(w: Any, written: Tree, tree: Tree) -> None:
    assert w == {"on_breach": [], "opens": [], "waits_for_it": []}
    assert not written["on_breach"]
    formulas = [c.get("trigger", "") for c in tree["commitments"].values()] + [
        p["when"] for p in tree["powers"].values()
    ]
    assert not any("money" in text for text in formulas)


def _v8(w: Any, _: Tree, tree: Tree) -> None:
    assert set(w["commitments"]) == set(tree["commitments"])
    assert "body" not in tree.get("dispute", {})


def _v9(w: Any, written: Tree, tree: Tree) -> None:
    texts = [written.get("action", {}).get("text"), tree.get("note")]
    texts += [written["deadline"].get("none")] if isinstance(written.get("deadline"), dict) else []
    assert w["text"] in texts
    for start, end, word, _ in w["words"]:
        assert w["text"][start:end].lower() == word
        assert not w["text"][end : end + 1].isalnum()
        assert start == 0 or not w["text"][start - 1].isalnum()


def _v10(w: Any, written: Tree, _: Tree) -> None:
    assert (written.get("deadline") or {"none": ""})["none"] == w["reason"]
    assert w["waits_for_more"]
    assert "verified(" in written["trigger"]


def _v11(w: Any, written: Tree, _: Tree) -> None:
    assert w["text"] == written["action"]["text"]
    assert all(word in w["text"] for word in w.get("words", [w.get("word")]))


def _e1(w: Any, written: Tree, tree: Tree) -> None:
    if "found" in w:
        missed = Fraction(1)
        for way in written["verification"]:
            missed *= 1 - Fraction(way["detects"])
        assert Fraction(w["found"]) == 1 - missed < Fraction(w["asked"]) == Fraction(str(tree.get("detection", 0.9)))
        return
    access = tree["commitments"][w["access"]]
    begins, ends = access["trigger"], dt.date.fromisoformat(access["deadline"])
    needed = written["trigger"]
    never = begins == "never"
    ended = needed.startswith("at(") and ends < dt.date.fromisoformat(needed[3:13])
    # ten days of lag after the deadline, and no cure
    settled = dt.date.fromisoformat(written["deadline"]) + dt.timedelta(days=10)
    assert never or ended or dt.date.fromisoformat(begins[3:13]) > settled


def _e2(w: Any, written: Tree, _: Tree) -> None:
    assert written["reversible"] is False
    if w["opened_by"] == "claim":
        assert w["leaves"]
        assert all(f"claimed({leaf})" in written["trigger"] for leaf in w["leaves"])
    else:
        assert written["trigger"] == f"at({w['leaves'][0]})"


def _e3(w: Any, written: Tree, tree: Tree) -> None:
    assert w["parts"] == {"finding": 10, "notice": 0, "dispute": 30, "objection": 0}
    if "benefit" in w:
        assert (w["left"], w["needed"]) == (20, 40)
        assert "20 days" in tree["commitments"][w["benefit"]]["trigger"]
        return
    expires = tree["powers"][w["power"]]["expires"]
    if isinstance(expires, dict):
        assert expires == {"within": f"{w['left']} days"}
        assert w["left"] < w["needed"] == 30
        return
    left = dt.date.fromisoformat(expires) - dt.date.fromisoformat(written["deadline"])
    assert w["left"] == left.days < w["needed"] == 40


def _e4(w: Any, written: Tree, tree: Tree) -> None:
    assert w["word"] in written["action"]["text"]
    assert not set(w["before"]) & set(w["verified"])
    assert w["declarations"] == (["inventory"] if tree["commitments"]["inventory"]["title"] == "Inventory" else [])
