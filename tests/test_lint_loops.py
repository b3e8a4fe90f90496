"""D5 to D8 by example, each changed in exactly one thing; a trap is one in the fold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from detente.agreement.lint.findings import Finding
from detente.agreement.lint.loops import blinds, loops
from detente.agreement.lint.order import order
from detente.agreement.lint.read import Read
from detente.agreement.lint.readings import readings
from detente.agreement.lint.withheld import withheld
from detente.agreement.model import Agreement
from detente.agreement.periods import Interval
from detente.agreement.records import Record
from detente.agreement.run import run

ZERO = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp())
DAY = 86_400


def written(commitments: dict[str, dict[str, Any]], **more: Any) -> Agreement:
    plain = {"obligors": "a", "action": {"text": "do it"}, "claim_ok": True, "deadline": "2026-01-10"}
    return Agreement.from_dict({
        "detente-agreement": 1, "name": "x", "zone": "UTC", "parties": {"a": None, "b": None},
        "bodies": {"x": None}, "entry_into_force": "at(2026-01-01)",
        "commitments": {n: {**plain, **c} for n, c in commitments.items()}, **more,
    })  # fmt: skip


def suspends(until: str, *targets: str) -> list[dict[str, Any]]:
    return [{"effect": "suspend", "targets": list(targets), "automatic": True, "resume_when": until}]


def ids(check: Any, agreement: Agreement, party: str | None = None) -> list[tuple[str, str, str]]:
    return [(x.id, x.severity, x.subject) for x in check(Read.of(agreement, party))]


def held_for_ever(agreement: Agreement, claims: dict[str, int], half: str = "") -> set[str]:
    """What is still held after ten years, if commitments are claimed on these days (half of one on the second)."""
    records = [
        Record(i + 1, ZERO + day * DAY, Interval(ZERO + day * DAY, ZERO + day * DAY), "claim", name, (who,))
        for i, (name, day) in enumerate(claims.items())
        for who in agreement.terms().commitments[[c.id for c in agreement.terms().commitments].index(name)].obligors
    ]
    if half:
        at = ZERO + DAY
        records.append(Record(99, at, Interval(at, at), "claim", half, ("a",), (), {"progress": "0.5"}))
    end = ZERO + 3650 * DAY
    return {s.id for s in run(agreement.terms(), records, end).at(end) if s.holds}


@pytest.mark.parametrize(
    ("until", "trap"),
    [
        ("fulfilled(q)", True),
        ("fulfilled(p)", False),
        ("claimed(q)", False),
        ("fulfilled(q) or at(2026-06-01)", False),
        ("fulfilled(q) and claimed(p)", True),
        ("after(verified(q), 3 days)", True),
    ],
)
def test_a_trap_is_one_in_the_fold(until: str, trap: bool) -> None:  # noqa: FBT001
    agreement = written({"p": {"on_breach": suspends(until, "q")}, "q": {"obligors": "b", "deadline": "2027-01-01"}})
    assert ids(loops, agreement) == ([("D6", "error", "p")] if trap else [])
    assert bool(held_for_ever(agreement, {"p": 40, "q": 50})) == trap


@pytest.mark.parametrize(
    ("until", "trap"),
    [
        ("claimed(p)", True),
        ("state(p, {claimed, remedied})", True),
        ("state(p, {terminated})", False),
        ("claimed(q)", False),
        ("claimed(p) or at(2026-06-01)", False),
        ("progress(p) >= 0.5", False),
    ],
)
@pytest.mark.parametrize("after", ["extinguish", "keep"])
def test_what_a_breach_has_ended_is_never_claimed(until: str, trap: bool, after: str) -> None:  # noqa: FBT001
    trap = trap and after == "extinguish"
    agreement = written({
        "p": {"on_breach": suspends(until, "q"), "after_breach": after},
        "q": {"obligors": "b", "deadline": "2027-01-01"},
    })  # fmt: skip
    assert ids(loops, agreement) == ([("D6", "error", "p")] if trap else [])
    if "terminated" not in until or after == "extinguish":  # kept, it can still be terminated by all
        assert bool(held_for_ever(agreement, {"p": 40, "q": 50}, half="p")) == trap


def test_two_suspensions_that_hold_each_other() -> None:
    def tree(until: str) -> Agreement:
        return written({
            "p": {"on_breach": suspends("fulfilled(p)", "q")},
            "q": {"obligors": "b", "on_breach": suspends(until, "p")},
        })  # fmt: skip

    assert ids(loops, tree("fulfilled(q)")) == [("D6", "info", "p")]
    assert held_for_ever(tree("fulfilled(q)"), {"p": 40, "q": 40}) == {"p", "q"}
    assert not ids(loops, tree("claimed(q)"))
    assert not held_for_ever(tree("claimed(q)"), {"p": 40, "q": 40})


def test_what_ends_a_suspension_waits_for_what_is_held() -> None:
    def tree(trigger: str) -> Agreement:
        q = {"obligors": "b", "trigger": "at(2026-03-01)", "deadline": "2026-04-01"}
        cure = {"trigger": trigger, "deadline": "2026-05-01"}
        return written({"p": {"on_breach": suspends("fulfilled(cure)", "q")}, "q": q, "cure": cure})

    assert ids(loops, tree("fulfilled(q)")) == [("D6", "warning", "p")]
    assert held_for_ever(tree("fulfilled(q)"), {"q": 70, "cure": 80}) == {"q"}
    assert not ids(loops, tree("at(2026-03-01)"))
    assert not held_for_ever(tree("at(2026-03-01)"), {"cure": 80})


def test_never_is_told_once() -> None:
    agreement = written({"p": {"on_breach": suspends("never", "q")}, "q": {"on_breach": suspends("never", "p")}})
    assert ids(loops, agreement) == [("D6", "info", "p")]


def test_blinded_inspectors() -> None:
    def tree(target: str) -> Agreement:
        seen = [{"by": "x", "access": "door"}]
        return written({
            "pay": {"obligors": "b", "on_breach": suspends("fulfilled(pay)", target)},
            "door": {},
            "freeze": {"verification": seen, "claim_ok": False},
            "other": {},
        })  # fmt: skip

    assert ids(blinds, tree("door")) == [("D7", "warning", "pay")]
    assert not ids(blinds, tree("other"))


def test_one_default_leaves_others_in_vain() -> None:
    def tree(more: dict[str, Any]) -> Agreement:
        return written({
            "gift": {"obligors": "b", "reversible": "no"},
            "answer": {"trigger": "fulfilled(gift)", "deadline": "2026-02-01", **more},
            "rest": {"obligors": "b", "trigger": "fulfilled(answer)", "deadline": "2026-03-01"},
        })  # fmt: skip

    bad = list(withheld(Read.of(tree({}))))
    assert [(x.id, x.severity, x.subject) for x in bad] == [("D5", "warning", "a")]
    assert bad[0].witness["withheld"] == {"answer": {"starved": ["rest"], "in_vain": ["gift"]}}
    # The witness in the fold: the gift is made, the answer is not, and the rest is never due.
    result = run(tree({}).terms(), [Record(1, ZERO, Interval(ZERO, ZERO), "claim", "gift", ("b",))], ZERO + 999 * DAY)
    stands = {s.id: s.life for s in result.at(ZERO + 999 * DAY)}
    assert stands == {"gift": "fulfilled", "answer": "breached", "rest": "waiting"}
    assert not list(withheld(Read.of(tree({"on_breach": suspends("fulfilled(answer)", "rest")}))))


def test_each_waits_by_its_own_reading() -> None:
    def tree(reading: str) -> Agreement:
        own: dict[str, Any] = {"a": {"commitments": {"p": {"trigger": reading}}}}
        own["b"] = {"commitments": {"q": {"trigger": "fulfilled(p)"}}}
        two = {"p": {}, "q": {"obligors": "b"}}
        return written(two, readings=own)

    bad: list[Finding] = list(readings(Read.of(tree("fulfilled(q)"))))
    assert [(x.id, x.subject, x.witness["check"]) for x in bad] == [("D8", "p", "D1")]
    for party in (None, "a", "b"):
        assert not ids(order, tree("fulfilled(q)"), party)
    assert not list(readings(Read.of(tree("at(2026-01-02)"))))
