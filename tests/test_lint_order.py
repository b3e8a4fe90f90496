"""D1, D2 and D5 against literal sets, the fold itself, and independent checkers of their witnesses."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from fractions import Fraction

import pytest

from detente.agreement import formulas as f
from detente.agreement.lint.cores import Core, cores
from detente.agreement.lint.order import Order
from detente.agreement.lint.waiting import Waiting
from detente.agreement.lint.withheld import starved_by_each, starved_by_party
from detente.agreement.model import Agreement
from detente.agreement.periods import Interval, Period
from detente.agreement.records import Record
from detente.agreement.run import run
from detente.agreement.table import WAITING
from detente.agreement.terms import (
    CalendarPolicy,
    Commitment,
    Deadline,
    NoDeadline,
    On,
    Terms,
    TextAct,
    Verification,
    Within,
)
from tests.agreement_random import Dice, drawn
from tests.literal.lint_order import least_closed, reached

DAY = 86_400
START = dt.date(2021, 3, 1)
ZERO = int(dt.datetime(2021, 3, 1, tzinfo=dt.UTC).timestamp())
LEAVES = frozenset({"lapsed", "waived", "terminated", "superseded"})
SEEDS = range(1_000)


def small(seed: int) -> Terms:
    """A small agreement of triggers that often wait in circles; no date is beyond day 30."""
    dice = Dice(seed)
    names = tuple(f"c{n}" for n in range(2 + dice.upto(4)))
    groups = {g: dice.some(names, 1) for g in ("g", "h")[: dice.upto(2)]}
    made = []
    for n in names:
        kept = dice.chance(0.15)
        ends: tuple[Deadline, ...] = (
            On(START + dt.timedelta(days=40)),
            NoDeadline(),
            Within(Period(days=2), some(dice, names, groups, 1)),
        )
        end = dice.one(ends)
        checked = (Verification("x"),) if dice.chance(0.85) else ()
        made.append(
            Commitment(
                n, "maintain" if kept else "achieve", (dice.one("ab"),), ("a",), TextAct("it"),
                trigger=some(dice, names, groups, 2), deadline=end if kept else NoDeadline(), verification=checked,
            )
        )  # fmt: skip
    entry = f.And((f.Signed("a"), f.Fulfilled(names[0]))) if dice.chance(0.05) else f.Signed("a")
    return Terms("t", ("a", "b"), ("x",), CalendarPolicy("UTC"), tuple(made), entry, groups=groups, events=("e",))


def some(dice: Dice, names: tuple[str, ...], groups: dict[str, tuple[str, ...]], depth: int) -> f.Formula:
    kind = dice.upto(11 if depth else 7)
    c = dice.one(names)
    if kind < 3:
        return f.Fulfilled(c)
    if kind < 8:
        simple = (f.Verified(c), f.Claimed(c), f.Progress(c, Fraction(1, 2)), f.Event("e"), f.At(START))
        return simple[kind - 3] if not dice.chance(0.04) else f.Never()
    if kind == 8 and groups:
        return f.Joint(dice.one(tuple(groups)))
    inner = some(dice, names, groups, depth - 1)
    if kind == 9:
        return f.After(inner, Period(days=1))
    other = some(dice, names, groups, depth - 1)
    return f.And((inner, other)) if kind == 10 else f.Or((inner, other))


def stuck(world: Waiting) -> set[str]:
    return {n for n, mask in world.solve().begin.items() if mask}


def compare(seed: int, seen: Counter[str]) -> None:
    terms = small(seed)
    world = Waiting(terms, any_run=False)
    names = {"", *world.of}
    had = reached(terms)
    assert stuck(world) == names - had.begun, seed
    found = cores(world)
    least = least_closed(terms)
    assert {frozenset(c.members) for c in found} <= least, seed
    members = [n for c in found for n in c.members]
    assert len(members) == len(set(members)), seed
    assert reached(terms, given=frozenset(members)).begun == names, seed
    for core in found:
        assert_true(terms, core)
        seen["root" if core.is_root else f"core of {min(len(core.members), 3)}"] += 1
    seen["more least sets than disjoint ones"] += len(least) > len(found)
    each, by_party = starved_by_each(world), starved_by_party(world)
    for name in world.of:
        assert set(each[name]) == had.begun - reached(terms, frozenset({name})).begun - {""}, (seed, name)
        seen["starves"] += bool(each[name])
    for party in terms.parties:
        own = frozenset(c.id for c in terms.commitments if party in c.obligors)
        assert set(by_party[party]) == had.begun - reached(terms, own).begun - {""}, (seed, party)


def assert_true(terms: Terms, core: Core) -> None:
    """A cycle is one: each part stands in the words of what waits, and asks about the next."""
    for n, edge in enumerate(core.cycle):
        words = [terms.entry] if edge.where[-1] == "" else []
        for c in terms.commitments:
            if c.id == edge.where[-1]:
                words = [
                    c.trigger,
                    *([c.deadline.anchor] if isinstance(c.deadline, Within) and c.deadline.anchor else []),
                ]
        assert edge.part in {p for w in words for p in parts(w)} or isinstance(edge.part, f.InForce)
        if edge.needs is not None:
            assert edge.needs == core.cycle[(n + 1) % len(core.cycle)].waits
            assert edge.needs == getattr(edge.part, "commitment", "")


def parts(formula: f.Formula) -> list[f.Formula]:
    if isinstance(formula, f.And | f.Or):
        return [q for p in formula.parts for q in parts(p)]
    return parts(formula.formula) if isinstance(formula, f.After) else [formula]


def cooperate(terms: Terms, but: str = "") -> set[str]:
    """Run the fold with all cooperating (but for one), day by day: what is due is claimed and verified; who begins."""
    records: list[Record] = []

    def say(day: int, kind: str, name: str, by: str, **body: str) -> None:
        at = ZERO + day * DAY
        records.append(Record(len(records) + 1, at, Interval(at, at), kind, name, (by,), (), body))

    say(0, "sign", "agreement", "a")
    say(0, "external", "e", "a")
    begun: set[str] = set()
    worked: set[str] = set()
    for day in range(50):
        at = ZERO + day * DAY
        stands = {s.id: s for s in run(terms, records, at).at(at)}
        begun |= {n for n, s in stands.items() if s.activated is not None}
        begun |= {"" for s in stands.values() if s.life != "inert"}
        for c in terms.commitments:
            if stands[c.id].life != "due" or c.id in worked or c.id == but:
                continue
            worked.add(c.id)
            if c.modality == "maintain":
                say(day + 1, "attest", c.id, "x", holds="yes")
                say(day + 1, "verify", c.id, "x", progress="0.5")
                continue
            say(day + 1, "claim", c.id, c.obligors[0], progress="0.5")
            say(day + 1, "claim", c.id, c.obligors[0])
            if c.verification:
                say(day + 1, "verify", c.id, "x")
    return begun


def test_equal_to_literal_sets() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        compare(seed, seen)
    assert min(seen[k] for k in ("root", "core of 1", "core of 2", "core of 3")) >= 10, seen
    assert seen["more least sets than disjoint ones"] >= 5, seen
    assert seen["starves"] >= 100, seen


@pytest.mark.sweep
def test_equal_to_literal_sets_on_fresh_seeds() -> None:
    first = int(os.environ.get("DETENTE_SEED", "1")) * 10_000
    for seed in range(first, first + 1_000):
        compare(seed, Counter())


def test_the_fold_with_all_cooperating_begins_just_what_can_begin() -> None:
    stayed = 0
    for seed in range(80):
        terms = small(seed)
        world = Waiting(terms, any_run=False)
        waits = stuck(world)
        assert cooperate(terms) == {"", *world.of} - waits, seed
        stayed += bool(waits)
    assert 15 < stayed < 75


def test_the_fold_with_one_default_begins_just_what_it_does_not_starve() -> None:
    starved = 0
    for seed in range(60):
        terms = small(seed)
        world = Waiting(terms, any_run=False)
        each, waits = starved_by_each(world), stuck(world)
        for c in terms.commitments:
            if c.modality == "achieve" and each[c.id]:
                starved += len(each[c.id])
                assert cooperate(terms, c.id) == {"", *world.of} - waits - set(each[c.id]), (seed, c.id)
    assert starved > 40


def test_what_can_never_begin_begins_under_no_ledger() -> None:
    checked = 0
    for seed in range(700):
        case = drawn(seed)
        never = stuck(Waiting(case.terms, any_run=True))
        if not never:
            continue
        checked += len(never)
        for move in run(case.terms, case.records, case.until).history:
            if move.commitment.split("@")[0].split("#")[0] in never and move.before == WAITING:
                assert move.after in LEAVES, (seed, move)
    assert checked > 100


def agreed(*commitments: Commitment, **more: object) -> Terms:
    return Terms("t", ("a", "b"), ("x",), CalendarPolicy("UTC"), commitments, f.Signed("a"), **more)  # type: ignore[arg-type]


def owes(name: str, trigger: f.Formula, by: str = "a", **more: object) -> Commitment:
    return Commitment(name, "achieve", (by,), ("b",), TextAct("it"), trigger=trigger, claim_ok=True, **more)  # type: ignore[arg-type]


def test_each_waits_for_the_other() -> None:
    bad = Order(agreed(owes("p", f.Fulfilled("q")), owes("q", f.Fulfilled("p")), owes("r", f.Fulfilled("q"))))
    assert [(c.members, hard) for c, hard in bad.deadlocks] == [(("p", "q"), True)]
    assert set(bad.starved) == {"r"}
    good = Order(agreed(owes("p", f.At(START)), owes("q", f.Fulfilled("p")), owes("r", f.Fulfilled("q"))))
    assert not good.deadlocks
    assert not good.starved


def test_true_simultaneity_is_no_deadlock() -> None:
    both = (owes("p", f.Joint("g")), owes("q", f.Joint("g")))
    assert not Order(agreed(*both, groups={"g": ("p", "q")})).deadlocks


def test_groups_that_lead_to_each_other_are_as_the_literal_recursion_says() -> None:
    stays = goes = 0
    for seed in range(80):
        dice = Dice(seed)
        names = tuple(f"c{n}" for n in range(5))
        groups = {g: dice.some(names, 1) for g in "ghi"}
        leaves: tuple[f.Formula, ...] = (
            f.Fulfilled("c4"),
            f.Fulfilled("c0"),
            f.Never(),
            *(f.Joint(g) for g in "ghi" for _ in range(2)),
        )
        made = []
        for n in names[:4]:
            one, other, third = (dice.one(leaves) for _ in range(3))
            made.append(owes(n, f.And((one, f.Or((other, third))))))
        terms = agreed(*made, owes("c4", f.At(START)), groups=groups)
        begun = reached(terms).begun
        assert stuck(Waiting(terms, any_run=False)) == {"", *names} - begun, seed
        found = cores(Waiting(terms, any_run=False))
        assert {frozenset(c.members) for c in found} <= least_closed(terms), seed
        assert reached(terms, given=frozenset(n for c in found for n in c.members)).begun == {"", *names}, seed
        stays += len(begun) < 6
        goes += bool(set(begun) & set(names[:4]))
    assert min(stays, goes) > 20


def test_many_groups_that_lead_to_each_other_take_no_time() -> None:
    names = tuple(f"c{n}" for n in range(12))
    groups = {f"g{n}": names for n in range(12)}
    together = f.And(tuple(f.Joint(g) for g in groups))
    calm = agreed(*(owes(n, together) for n in names), groups=groups)
    assert not stuck(Waiting(calm, any_run=False))
    last = owes("c11", f.And((together, f.Fulfilled("c0"))))
    found = Order(agreed(*(owes(n, together) for n in names[:11]), last, groups=groups))
    assert len(found.deadlocks) == 1


def test_alternatives_give_the_least_core() -> None:
    either = f.Or((f.Fulfilled("q"), f.Fulfilled("r")))
    back = owes("q", f.Fulfilled("p"))
    # r only waits for itself: mended, it frees p and q
    loop = Order(agreed(owes("p", either), back, owes("r", f.Fulfilled("r"))))
    assert [c.members for c, _ in loop.deadlocks] == [("r",)]
    assert set(loop.starved) == {"p", "q"}
    # both alternatives lead back
    assert [c.members for c, _ in Order(agreed(owes("p", either), back, owes("r", f.Fulfilled("p")))).deadlocks] == [
        ("p", "q", "r")
    ]
    # one alternative is free
    assert not Order(agreed(owes("p", either), back, owes("r", f.At(START)))).deadlocks


def test_a_remedy_is_not_unreachable() -> None:
    terms = agreed(owes("p", f.At(START)), owes("mend", f.Breached("p")), owes("after", f.Fulfilled("mend")))
    found = Order(terms)
    assert not found.roots
    assert not found.starved
    assert [c.members for c, _ in Order(agreed(owes("p", f.Never()))).roots] == [("p",)]


@pytest.mark.parametrize("state", ["unverified", "claimed"])
def test_a_state_that_is_never_reached(state: str) -> None:
    def roots(**more: object) -> tuple[list[str], str]:
        p = Commitment("p", "achieve", ("a",), ("b",), TextAct("it"), **more)  # type: ignore[arg-type]
        terms = agreed(p, owes("q", f.InState("p", frozenset({state}))))
        records = [
            Record(n, ZERO + n, Interval(ZERO + n, ZERO + n), kind, of, ("a",))
            for n, (kind, of) in enumerate((("sign", "agreement"), ("claim", "p")), 1)
        ]
        until = ZERO + 99 * DAY
        return [c.members[0] for c, _ in Order(terms).roots], {
            s.id: s.life for s in run(terms, records, until).at(until)
        }["q"]

    assert roots(claim_ok=True) == (["q"], "waiting")
    waits = (["q"], "waiting") if state == "unverified" else ([], "due")
    assert roots() == roots(verification=(Verification("x"),)) == waits
    assert roots(verification=(Verification("x", window=Period(days=3)),)) == ([], "due")


def test_one_instance_of_what_recurs_without_end_can_be_fulfilled() -> None:
    def tree(trigger: str) -> Terms:
        plain = {"obligors": "a", "action": {"text": "do it"}, "claim_ok": True}
        rule = {"modality": "recurrent", "deadline": {"every": "FREQ=MONTHLY", "from": "2021-03-28"}}
        return Agreement.from_dict({
            "detente-agreement": 1, "name": "x", "zone": "UTC", "parties": {"a": None, "b": None},
            "entry_into_force": "signed(a)",
            "commitments": {"p": {**plain, **rule}, "q": {**plain, "trigger": trigger}},
        }).terms()  # fmt: skip

    records = [
        Record(n, ZERO + n, Interval(ZERO + n, ZERO + n), kind, of, ("a",))
        for n, (kind, of) in enumerate((("sign", "agreement"), ("claim", "p")), 1)
    ]
    for trigger, never in (("fulfilled(p)", True), ("state(p, {fulfilled})", False)):
        terms, until = tree(trigger), ZERO + 200 * DAY
        assert bool(Order(terms).roots) == never
        begun = {s.id: s.activated is not None for s in run(terms, records, until).at(until)}
        assert begun["q"] != never
