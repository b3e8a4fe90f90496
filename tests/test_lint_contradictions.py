"""C1 and C2: pairs by hand, and whether two duties can meet against trying all days."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import inf
from typing import Any

import pytest

from detente.agreement import formulas as f
from detente.agreement.calendar import Calendar
from detente.agreement.lint.contradictions import Range, contradictory, empty_powers, skipped, undone
from detente.agreement.lint.jointly import jointly_infeasible
from detente.agreement.lint.overlap import Network, Windows
from detente.agreement.lint.read import Read
from detente.agreement.periods import Period
from detente.agreement.terms import (
    CalendarPolicy,
    Commitment,
    Deadline,
    NoDeadline,
    On,
    OptionAct,
    QuantityAct,
    Terms,
    Within,
)
from tests.lint_small import case, found, ids, small

FROZEN = {"modality": "maintain", "action": {"option": "freeze", "to": "frozen"}}
RUNS = {"modality": "maintain", "action": {"option": "freeze", "to": "running"}}


def test_two_levels_at_one_time() -> None:
    assert ids(found(contradictory, small({"a": FROZEN, "b": RUNS}))) == [("C1", "error", "b")]
    assert found(contradictory, small({"a": FROZEN, "b": FROZEN})) == []


def test_one_after_the_other_is_no_contradiction() -> None:
    until = {"deadline": "2020-01-31"}
    assert found(contradictory, small({"a": {**FROZEN, **until}, "b": {**RUNS, "trigger": "at(2020-02-01)"}})) == []
    overlapping = small({"a": {**FROZEN, **until}, "b": {**RUNS, "trigger": "at(2020-01-31)"}})
    assert ids(found(contradictory, overlapping)) == [("C1", "error", "b")]
    waits = {"a": {**FROZEN, "deadline": {"within": "1 month"}}, "b": {**RUNS, "trigger": "fulfilled(a)"}}
    assert found(contradictory, small(waits)) == []
    assert len(found(contradictory, small({**waits, "b": {**RUNS, "trigger": "event(storm)"}}))) == 1


def test_nothing_is_claimed_that_hangs_on_the_length_of_a_month() -> None:
    a = {**FROZEN, "deadline": {"within": "1 month", "of": "in_force"}}

    def from_day(days: int) -> list[Any]:
        return found(contradictory, small({"a": a, "b": {**RUNS, "trigger": f"after(in_force, {days} days)"}}))

    assert len(from_day(20)) == 1
    assert from_day(29) == []
    assert from_day(40) == []
    month = {**RUNS, "trigger": "after(in_force, 1 month)"}
    days = {**FROZEN, "deadline": {"within": "30 days", "of": "in_force"}}
    assert found(contradictory, small({"a": days, "b": month})) == []  # only after a February


def test_what_follows_a_duty_to_keep_begins_with_its_end() -> None:
    day = {"deadline": {"within": "24 hours"}}
    first = {"modality": "maintain", "trigger": "in_force", **day}
    a = {**FROZEN, **day, "trigger": "fulfilled(first)"}

    def after(hours: int) -> list[Any]:
        b = {**RUNS, "trigger": f"after(in_force, {hours} hours)"}
        return found(contradictory, small({"first": first, "a": a, "b": b}))

    assert len(after(47)) == 1
    assert after(48) == []


def test_of_two_beginnings_the_first_counts() -> None:
    a = {**FROZEN, "deadline": {"within": "24 hours"}}
    b = {**RUNS, "trigger": "after(in_force, 72 hours)"}
    late = {**a, "trigger": "in_force and event(storm)"}
    assert found(contradictory, small({"a": {**a, "trigger": "in_force or event(storm)"}, "b": b})) == []
    assert len(found(contradictory, small({"a": late, "b": b}))) == 1


def test_the_instants_of_a_run_are_those_of_an_overlap() -> None:
    pair = {"a": {**FROZEN, "trigger": "event(storm)", "deadline": {"within": "72 hours"}},
            "b": {**RUNS, "trigger": "at(2020-02-01)"}}  # fmt: skip
    run: Any = found(contradictory, small(pair))[0].witness["run"]
    calendar = Calendar(CalendarPolicy("UTC"))
    assert run["start:a"] == max(run["in-force"], run["event:storm"])
    assert run["end:a"] == run["start:a"] + 72 * 3600
    assert run["start:b"] == max(run["in-force"], calendar.start(dt.date(2020, 2, 1)))
    assert max(run["start:a"], run["start:b"]) < run["end:a"]


def test_limits_of_a_quantity() -> None:
    def limit(op: str, amount: str) -> dict[str, Any]:
        return {"modality": "maintain", "action": {"quantity": "stock", "op": op, "amount": amount}}

    assert ids(found(contradictory, small({"a": limit("<=", "300"), "b": limit(">", "300")}))) == [("C1", "error", "b")]
    assert found(contradictory, small({"a": limit("<=", "300"), "b": limit(">=", "300")})) == []


@pytest.mark.parametrize("seed", range(3))
def test_intervals_meet_as_their_numbers_do(seed: int) -> None:
    rng = random.Random(seed)
    grid = [Fraction(n, 2) for n in range(-2, 14)]
    compare: dict[str, Any] = {
        "==": Fraction.__eq__, "<=": Fraction.__le__, ">=": Fraction.__ge__, "<": Fraction.__lt__, ">": Fraction.__gt__,
    }  # fmt: skip
    met = 0
    for _ in range(400):
        acts = [QuantityAct("q", rng.choice(list(compare)), Fraction(rng.randint(0, 5))) for _ in range(2)]
        expected = any(all(compare[a.op](x, a.amount) for a in acts) for x in grid)
        assert Range.of(acts[0]).meets(Range.of(acts[1])) == expected
        met += expected
    assert 100 < met < 380


def test_what_is_kept_rules_out_an_act() -> None:
    act = {"action": {"option": "freeze", "to": "gone"}, "deadline": "2020-06-01", "trigger": "at(2020-03-01)"}
    assert ids(found(contradictory, small({"a": FROZEN, "b": act}))) == [("C1", "error", "b")]
    ends = {**FROZEN, "deadline": "2020-05-01"}  # a month is left
    assert found(contradictory, small({"a": ends, "b": act})) == []
    follows = {**act, "action": {"option": "freeze", "from": "frozen", "to": "gone"}}  # it takes over
    assert found(contradictory, small({"a": FROZEN, "b": follows})) == []


def test_an_act_takes_over_only_from_what_has_no_end_of_its_own() -> None:
    stay = {"modality": "maintain", "action": {"option": "freeze", "to": "frozen"}, "deadline": "2027-12-31"}
    leave = {"action": {"option": "freeze", "from": "frozen", "to": "gone"}, "deadline": {"within": "2 months"}}
    fixed = {**leave, "deadline": "2020-03-01"}
    endless = {**stay, "deadline": {"none": "until then"}}
    for act in (leave, fixed):
        assert ids(found(contradictory, small({"stay": stay, "leave": act}))) == [("C1", "error", "leave")]
        assert found(contradictory, small({"stay": endless, "leave": act})) == []
    before = {**stay, "deadline": "2020-02-01"}
    assert found(contradictory, small({"stay": before, "leave": fixed})) == []  # a month is left
    after = {**leave, "trigger": "fulfilled(stay)"}
    assert found(contradictory, small({"stay": stay, "leave": after})) == []


def test_two_acts_from_one_level() -> None:
    first = {"action": {"option": "freeze", "from": "running", "to": "frozen"}}
    second = {"action": {"option": "freeze", "from": "running", "to": "gone"}}
    assert ids(found(contradictory, small({"a": first, "b": second}))) == [("C1", "warning", "b")]
    assert found(contradictory, small({"a": first, "b": {"action": {**second["action"], "from": "frozen"}}})) == []
    assert found(contradictory, small({"a": first, "b": {**second, "trigger": "a"}})) == []


def test_what_is_done_again_and_again_and_never() -> None:
    ship: Any = {"action": {"text": "Ships oil."}}
    never = {**ship, "modality": "refrain"}
    again = {**ship, "modality": "recurrent", "deadline": {"every": "FREQ=YEARLY;COUNT=3", "from": "2020-01-01"}}
    assert ids(found(contradictory, small({"a": never, "b": again}))) == [("C2", "error", "b")]
    assert found(contradictory, small({"a": never, "b": {**again, "obligors": "u"}})) == []
    assert found(contradictory, small({"a": {**never, "modality": "maintain"}, "b": again})) == []
    assert found(contradictory, small({"a": {**never, "deadline": "2019-12-31"}, "b": again})) == []
    assert len(found(contradictory, small({"a": {**never, "deadline": "2020-01-01"}, "b": again}))) == 1
    assert found(contradictory, small({"a": {**never, "trigger": "at(2023-01-01)"}, "b": again})) == []


def test_three_that_leave_no_level() -> None:
    def never(level: str, **more: Any) -> dict[str, Any]:
        return {"modality": "refrain", "action": {"option": "freeze", "to": level}, **more}

    three = {n: never(n) for n in ("running", "frozen", "gone")}
    findings = found(contradictory, small(three))
    assert ids(findings) == [("C1", "error", "gone")]
    assert findings[0].witness["commitments"] == ["running", "frozen", "gone"]
    assert found(contradictory, small({n: three[n] for n in ("running", "gone")})) == []
    first, last = never("running", deadline="2020-01-31"), never("gone", trigger="at(2020-02-01)")
    assert found(contradictory, small({**three, "running": first, "gone": last})) == []
    assert len(found(contradictory, small({**three, "running": never("running", deadline="2020-02-01"), "gone": last})))


def test_what_is_not_compared_is_counted() -> None:
    def keep(level: str, **more: Any) -> dict[str, Any]:
        return {"modality": "maintain", "action": {"option": "freeze", "to": level}, **more}

    many = "event(storm) or at(2020-01-01) or signed(k) or signed(u)"
    for more in ({"trigger": many}, {"trigger": "after(event(storm) and signed(k), 3 days)"}, {"provisional": True}):
        read = Read.of(small({"a": keep("running"), "b": keep("frozen", **more)}))
        assert [name for name, why in skipped(read) if why.startswith(("1 duty", "one duty"))] == ["C1", "C2"]
    assert list(skipped(Read.of(small({"a": keep("running"), "b": keep("frozen")})))) == []
    assert list(skipped(Read.of(small({"a": keep("running"), "b": keep("running", provisional=True)})))) == []


def test_required_and_refrained() -> None:
    never = {"modality": "refrain", "action": {"option": "freeze", "to": "gone"}}
    act = {"action": {"option": "freeze", "to": "gone"}}
    assert ids(found(contradictory, small({"a": never, "b": act}))) == [("C2", "error", "b")]
    assert found(contradictory, small({"a": never, "b": {"action": {"option": "freeze", "to": "frozen"}}})) == []
    words = {"action": {"text": "Tests  rockets."}}
    assert ids(found(contradictory, small({"a": {**words, "modality": "refrain"}, "b": words}))) == [
        ("C2", "error", "b")
    ]
    others = {"a": {**words, "modality": "refrain"}, "b": {**words, "obligors": "u"}}
    assert found(contradictory, small(others)) == []


def test_levels_that_no_state_has_together() -> None:
    seen = {"modality": "maintain", "action": {"option": "watch", "to": "inspectors"}}
    findings = found(jointly_infeasible, small({"a": seen, "b": RUNS}, case()))
    assert ids(findings) == [("C1", "error", "b")]
    assert findings[0].witness["levels"] == {"watch": "inspectors", "freeze": "running"}
    assert found(jointly_infeasible, small({"a": seen, "b": FROZEN}, case())) == []
    assert found(jointly_infeasible, small({"a": seen, "b": RUNS}, case(infeasible=[]))) == []
    swap = {
        "a": {"obligors": "u", "action": {"option": "oil", "to": "full"}, "trigger": "joint(g)"},
        "b": {"obligors": "u", "action": {"option": "ties", "to": "closed"}, "trigger": "joint(g)"},
        "c": {"action": {"option": "watch", "to": "cameras"}, "trigger": "joint(g)"},
    }
    together = found(jointly_infeasible, small(swap, case(), groups={"g": ["a", "b", "c"]}))
    assert [f.witness["commitments"] for f in together] == [["a", "b"]]  # the smallest part
    assert found(jointly_infeasible, small(swap, case(), groups={"g": ["a", "c"]})) == []


def test_powers_with_nothing_left() -> None:
    def power(when: str, may: str = "suspend") -> dict[str, Any]:
        return {"p": {"holder": "u", "may": may, "targets": ["a"], "when": when}}

    assert ids(found(empty_powers, small({"a": {}}, powers=power("fulfilled(a) and in_force")))) == [
        ("C2", "error", "p")
    ]
    assert found(empty_powers, small({"a": {}}, powers=power("claimed(a)"))) == []
    assert found(empty_powers, small({"a": {}}, powers=power("fulfilled(a) or in_force"))) == []
    ended = {"a": {"after_breach": "extinguish"}}
    assert len(found(empty_powers, small(ended, powers=power("breached(a)", "waive")))) == 1
    assert found(empty_powers, small({"a": {}}, powers=power("breached(a)", "waive"))) == []


def test_an_act_after_what_cannot_be_taken_back() -> None:
    gone = {"action": {"option": "freeze", "to": "gone"}}
    back = {"action": {"option": "freeze", "to": "frozen"}, "trigger": "gone"}
    assert ids(found(undone, small({"gone": gone, "back": back}, case()))) == [("C1", "error", "back")]
    assert found(undone, small({"gone": gone, "back": {**back, "trigger": "in_force"}}, case())) == []
    soft = case(options={**_options(), "freeze": {"party": "k", "levels": ["running", "frozen", "gone"]}})
    assert found(undone, small({"gone": gone, "back": back}, soft)) == []


def _options() -> dict[str, Any]:
    from tests.lint_small import CASE

    return dict(CASE["options"])


# --- whether two duties can meet, against trying all times -----------------------------------------------------------

STEP = 43_200  # half a day: enough between any two whole days
FIRST = dt.date(2020, 1, 1)
BASE = 1_577_836_800
TIMES = [BASE + STEP * n for n in range(-5, 15)]


def _drawn(rng: random.Random) -> Terms:
    def period() -> Period:
        return Period(hours=24 * rng.randint(1, 2))

    def formula(others: list[str], depth: int = 1) -> f.Formula:
        kind = rng.randint(0, 7 if depth else 5)
        if kind == 0:
            return f.InForce()
        if kind == 1:
            return f.At(FIRST + dt.timedelta(days=rng.randint(0, 3)))
        if kind == 2:
            return f.Event("e")
        if kind in (3, 4):
            return f.Fulfilled(rng.choice(others))
        if kind == 5:
            return f.After(f.InForce() if rng.random() < 0.5 else f.Event("e"), period())
        parts = (formula(others, 0), formula(others, 0))
        return f.And(parts) if kind == 6 else f.Or(parts)

    def deadline() -> Deadline:
        kind = rng.randint(0, 3)
        if kind == 0:
            return NoDeadline()
        if kind == 1:
            return On(FIRST + dt.timedelta(days=rng.randint(0, 4)))
        return Within(period(), f.InForce() if kind == 3 else None)

    def duty(name: str, modality: Any, others: list[str]) -> Commitment:
        lapse = On(FIRST + dt.timedelta(days=rng.randint(1, 4))) if rng.random() < 0.2 else None
        return Commitment(
            name, modality, ("k",), ("u",), OptionAct("o", name), trigger=formula(others), deadline=deadline(),
            lapse=lapse, claim_ok=True,
        )  # fmt: skip

    duties = (duty("a", "maintain", ["b", "c"]), duty("b", "maintain", ["a", "c"]))
    third = Commitment("c", "achieve", ("k",), ("u",), OptionAct("o", "c"), trigger=f.InForce(), claim_ok=True)
    return Terms("x", ("k", "u"), (), CalendarPolicy("UTC"), (*duties, third), f.Event("f"), events=("e", "f"))


def _times(  # noqa: C901 - one case for each kind of formula
    terms: Terms, chosen: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """When each duty to keep is in force, if the agreement, the event and c come when they are chosen to."""
    acts = {c.id: c for c in terms.commitments}
    calendar = Calendar(terms.calendar)
    known: dict[str, tuple[float, float]] = {}
    asked: set[str] = set()

    def first(formula: f.Formula) -> float:
        if isinstance(formula, f.InForce):
            return chosen["f"]
        if isinstance(formula, f.At):
            return calendar.start(formula.moment)
        if isinstance(formula, f.Event):
            return chosen["e"]
        if isinstance(formula, f.After):
            return first(formula.formula) + formula.period.hours * 3600
        if isinstance(formula, f.And):
            return max(first(p) for p in formula.parts)
        if isinstance(formula, f.Or):
            return min(first(p) for p in formula.parts)
        assert isinstance(formula, f.Fulfilled)
        return chosen["c"] if formula.commitment == "c" else window(formula.commitment)[1]

    def window(name: str) -> tuple[float, float]:
        if name in known:
            return known[name]
        if name in asked:
            return inf, inf
        asked.add(name)
        c = acts[name]
        start = max(chosen["f"], first(c.trigger))
        if isinstance(c.lapse, On) and start >= calendar.deadline(c.lapse.moment):
            start = inf
        end = inf
        if start < inf and isinstance(c.deadline, On):
            end = max(start, calendar.deadline(c.deadline.moment))
        elif start < inf and isinstance(c.deadline, Within):
            anchor = start if c.deadline.anchor is None else chosen["f"]
            end = max(start, anchor + c.deadline.period.hours * 3600)
        known[name] = (start, end)
        return start, end

    return {n: window(n) for n in ("a", "b")}


def _meet(terms: Terms) -> bool:
    said = repr(terms.commitments)
    events, dones = [*TIMES, inf] if "name='e'" in said else [inf], [*TIMES, inf] if "commitment='c'" in said else [inf]
    for force, event, done in product(TIMES, events, dones):
        if done < force:
            continue
        times = _times(terms, {"f": force, "e": event, "c": done})
        if max(times["a"][0], times["b"][0]) < min(times["a"][1], times["b"][1]):
            return True
    return False


def test_duties_meet_exactly_if_some_days_make_them_meet() -> None:
    rng = random.Random(11)
    met = told = 0
    for _ in range(1_000):
        terms = _drawn(rng)
        found_ = Windows(terms).together("a", "b")
        expected = _meet(terms)
        if found_ is not None:
            assert expected, terms
            told += 1
        met += expected
        # What the constraints cannot place is left alone: few of those that meet.
    assert 200 < met < 950
    assert told > 0.8 * met


def test_a_network_is_feasible_exactly_without_a_negative_cycle() -> None:
    rng = random.Random(3)
    yes = 0
    for _ in range(500):
        net = Network()
        names = "abc"
        for _ in range(rng.randint(1, 6)):
            x, y = rng.sample(names, 2)
            net.at_most(x, y, rng.randint(-3, 3))
        found_ = net.feasible()
        expected = any(
            all(point[b] - point[a] <= w for a, b, w in net.edges)
            for point in ({"a": 9, "b": 9 + i, "c": 9 + j} for i in range(-9, 10) for j in range(-9, 10))
        )
        assert (found_ is not None) == expected
        if found_ is not None:
            assert all(found_[b] - found_[a] <= w for a, b, w in net.edges)
            yes += 1
    assert 100 < yes < 450
