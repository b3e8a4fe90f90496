"""L1: a deposit and its ways out, by hand and against a literal search over all outcomes."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

from detente.agreement.lint.deposits import deposits, locked
from detente.agreement.lint.read import Read
from detente.agreement.model import Agreement
from detente.catalog import agreement_text
from tests.lint_small import found, ids, small

BANK: dict[str, Any] = {"verification": [{"by": "bank"}]}
IN = {"obligors": "u", "action": {"quantity": "money", "op": ">=", "amount": "100"}, **BANK}
ESCROW: dict[str, dict[str, Any]] = {
    "escrow": IN,
    "work": {"trigger": "verified(escrow)", "deadline": {"within": "1 month"}},
    "pay": {"obligors": "u", "trigger": "verified(escrow) and fulfilled(work)", **BANK},
    "back": {"trigger": "verified(escrow) and breached(work)", **BANK},
}


def test_a_way_out_on_every_path() -> None:
    assert deposits(Read.of(small(ESCROW))) == {"escrow": ("bank", ["pay", "back"])}
    assert found(locked, small(ESCROW)) == []
    stuck = {n: c for n, c in ESCROW.items() if n != "back"}
    findings = found(locked, small(stuck))
    assert ids(findings) == [("L1", "error", "escrow")]
    outcomes: Any = findings[0].witness["outcomes"]
    assert outcomes["work"] == "failed"
    assert outcomes["pay"] == "dead"


def test_a_duty_without_a_deadline_is_never_broken() -> None:
    loose = {**ESCROW, "work": {"trigger": "verified(escrow)"}}
    assert len(found(locked, small(loose))) == 1
    dated = {**loose, "back": {"trigger": "verified(escrow) and not_by(fulfilled(work), 2021-01-01)", **BANK}}
    assert found(locked, small(dated)) == []


def test_an_agreement_that_can_end() -> None:
    leaves: Any = {"exit": {"notice": "3 months"}}
    assert len(found(locked, small(ESCROW, **leaves))) == 1  # it ends before the work is due
    back = {**ESCROW["back"], "trigger": "verified(escrow) and state(work, {breached, terminated})", "survives": True}
    assert len(found(locked, small({**ESCROW, "back": back}, **leaves))) == 1  # it ends before the pay that is due
    lasting = {**ESCROW, "pay": {**ESCROW["pay"], "survives": True}}
    assert found(locked, small({**lasting, "back": back}, **leaves)) == []
    assert len(found(locked, small({**lasting, "back": {**back, "survives": False}}, **leaves))) == 1


PLAIN: dict[str, Any] = {"dep": {"obligors": "u", **BANK}, "out": {"trigger": "verified(dep)", **BANK}}


def test_an_end_at_any_time_overtakes_a_release() -> None:
    leaves: Any = {"exit": {"notice": "3 months"}}
    assert found(locked, small(PLAIN)) == []
    findings = found(locked, small(PLAIN, **leaves))
    assert ids(findings) == [("L1", "error", "dep")]
    assert findings[0].witness["ended"] is True
    assert found(locked, small({**PLAIN, "out": {**PLAIN["out"], "survives": True}}, **leaves)) == []


def test_a_release_that_can_lapse_first() -> None:
    lapsing = {**PLAIN, "out": {**PLAIN["out"], "lapse": "2020-12-01"}}
    assert len(found(locked, small(lapsing))) == 1  # the deposit has no date
    assert found(locked, small({**lapsing, "dep": {**PLAIN["dep"], "deadline": "2020-12-01"}})) == []
    assert len(found(locked, small({**lapsing, "dep": {**PLAIN["dep"], "deadline": "2020-12-02"}}))) == 1
    dated = {**lapsing, "dep": {**PLAIN["dep"], "deadline": "2020-06-01"}}
    late = {**dated, "out": {**lapsing["out"], "trigger": "verified(dep) and at(2021-01-01)"}}
    assert len(found(locked, small(late))) == 1
    back = {"trigger": "verified(dep) and state(out, {lapsed})", **BANK}
    assert found(locked, small({**late, "back": back})) == []


def test_a_breach_of_something_else_that_ends_a_release() -> None:
    def broken(**entry: Any) -> dict[str, Any]:
        entries = [{"targets": ["out"], "automatic": True, **entry}]
        return {**PLAIN, "x": {"deadline": "2020-01-01", "on_breach": entries}}

    for entry in ({"effect": "terminate"}, {"effect": "suspend", "resume_when": "never"}):
        findings = found(locked, small(broken(**entry)))
        assert ids(findings) == [("L1", "error", "dep")]
        outcomes: Any = findings[0].witness["outcomes"]
        assert outcomes["x"] == "failed"
        back = {"trigger": "verified(dep) and breached(x)", **BANK}
        assert found(locked, small({**broken(**entry), "back": back})) == []
    assert found(locked, small(broken(effect="suspend", resume_when="fulfilled(x)"))) == []


def test_amounts_add_up() -> None:
    part = {**ESCROW, "pay": {**ESCROW["pay"], "action": {"quantity": "money", "op": ">=", "amount": "60"}}}
    assert len(found(locked, small(part))) == 1
    whole = {**part, "rest": {**part["pay"], "action": {"quantity": "money", "op": ">=", "amount": "40"}}}
    assert found(locked, small(whole)) == []


def test_no_depositary_no_deposit() -> None:
    assert found(locked, small({"escrow": IN}, bodies={"bank": {"role": "verifier"}})) == []
    assert len(found(locked, small({"escrow": IN}))) == 1


def test_the_contract_of_the_catalog_lets_the_money_out() -> None:
    contract = Agreement.from_text(agreement_text("milestone-contract"))
    assert deposits(Read.of(contract)) == {"escrow": ("bank", ["pay-design", "pay-installed", "refund"])}
    assert found(locked, contract) == []


# --- against a literal search ----------------------------------------------------------------------------------------


def _drawn(rng: random.Random) -> tuple[dict[str, dict[str, Any]], dict[str, list[list[str]]], dict[str, Any]]:
    """Commitments, their triggers as alternatives of things that must all hold, and the blocks of an end."""
    works = [f"w{n}" for n in range(rng.randint(1, 2))]
    outs = [f"out{n}" for n in range(rng.randint(1, 2))]
    acts: dict[str, dict[str, Any]] = {"escrow": {**IN, "action": {"text": "Pays in."}}}
    triggers: dict[str, list[list[str]]] = {}
    states = ["fulfilled({})", "breached({})", "state({}, {{terminated}})", "state({}, {{waiting, due}})"]
    for n, name in enumerate((*works, *outs)):
        spoken = works[:n] if name in works else works
        ways = [
            [rng.choice(states).format(rng.choice(spoken)) for _ in range(rng.randint(0, 2)) if spoken]
            for _ in range(rng.randint(1, 2))
        ]
        triggers[name] = ways
        written = " or ".join("(" + " and ".join(["verified(escrow)", *way]) + ")" for way in ways)
        acts[name] = {"trigger": written, "survives": rng.random() < 0.4, **(BANK if name in outs else {})}
        if rng.random() < 0.6:
            acts[name]["deadline"] = {"within": "1 month"}
    end: Any = rng.choice([{}, {"exit": {"notice": "1 month"}}, {"sunset": "2030-01-01"}])
    return acts, triggers, end


def _stuck(acts: dict[str, dict[str, Any]], triggers: dict[str, list[list[str]]], end: dict[str, Any]) -> bool:
    names = list(triggers)
    for ended in {"sunset": [True], "exit": [False, True]}.get(next(iter(end), ""), [False]):
        for chosen in product(("done", "failed", "open", "dead"), repeat=len(names)):
            became = dict(zip(names, chosen, strict=True))
            over = {n: ended and not acts[n]["survives"] for n in names}
            life = {}
            for name in names:
                undone = {"done": "fulfilled", "failed": "breached", "open": "due", "dead": "waiting"}[became[name]]
                life[name] = "terminated" if over[name] and became[name] != "done" else undone

            def holds(atom: str, *, before: bool, life: dict[str, str] = life, became: dict[str, str] = became) -> bool:
                name = atom[atom.index("(") + 1 :].split(",", maxsplit=1)[0].rstrip(")")
                if atom.startswith("fulfilled"):
                    return became[name] == "done" and not (before and acts[name]["survives"])
                if before:  # a breach, or a state, may have come with the end
                    return False
                if atom.startswith("breached"):
                    return became[name] == "failed"
                return life[name] in atom[atom.index("{") + 1 : atom.index("}")].split(", ")

            def begun(name: str, *, before: bool = False, holds: Any = holds) -> bool:
                return any(all(holds(a, before=before) for a in way) for way in triggers[name])

            fits = all(
                not begun(n, before=over[n])
                if became[n] == "dead"
                else begun(n)
                and (became[n] != "failed" or "deadline" in acts[n])
                and (became[n] != "open" or "deadline" not in acts[n] or over[n])
                for n in names
            )
            over = {n: over[n] and "exit" in end for n in names}  # an exit can come before what is due is done
            outs = [n for n in names if n.startswith("out")]
            if fits and not any(became[n] == "done" or (became[n] != "dead" and not over[n]) for n in outs):
                return True
    return False


def test_equals_a_literal_search() -> None:
    rng = random.Random(4)
    stuck = 0
    for _ in range(1_000):
        acts, triggers, end = _drawn(rng)
        expected = _stuck(acts, triggers, end)
        assert (len(found(locked, small(acts, **end))) == 1) == expected
        stuck += expected
    assert 100 < stuck < 950
