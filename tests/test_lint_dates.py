"""D3 and D4: no chain of dates is called impossible that some run keeps; every cycle told is one."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, product
from typing import Any

import pytest

from detente.agreement import formulas as f
from detente.agreement.calendar import Calendar, CalendarError
from detente.agreement.lint.dates import dates
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.network import Bound, contradiction, days_of_months
from detente.agreement.lint.read import Read
from detente.agreement.model import Agreement
from detente.agreement.periods import Instant, Period
from detente.agreement.run import run
from detente.agreement.terms import CalendarPolicy, On, Terms, Within
from detente.agreement.time_text import period_text
from tests.agreement_random import Dice

PERIODS = ("1 day", "3 days", "10 days", "1 month", "2 months", "36 hours", "5 hours")


def found(tree: dict[str, Any]) -> list[Finding]:
    return list(dates(Read.of(Agreement.from_dict(tree))))


def written(commitments: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    plain = {"obligors": "a", "action": {"text": "do it"}, "claim_ok": True}
    return {
        "detente-agreement": 1, "name": "x", "zone": "UTC", "parties": {"a": None, "b": None},
        "entry_into_force": "at(2026-01-01)",
        "commitments": {n: {**plain, **c} for n, c in commitments.items()}, **more,
    }  # fmt: skip


def chain(dice: Dice, *, fixed: bool) -> dict[str, Any]:
    """Each waits for the one before; deadlines from dates, beginnings and what came before."""
    made: dict[str, dict[str, Any]] = {}
    for i in range(2 + dice.upto(2)):
        c: dict[str, Any] = {"min_duration": dice.one(PERIODS)} if dice.chance(0.6) else {}
        if i:
            before = dice.one((f"fulfilled(c{i - 1})", f"claimed(c{i - 1})"))
            c["trigger"] = f"after({before}, {dice.one(PERIODS)})" if dice.chance(0.5) else before
        ends = [{"on": f"2026-0{1 + dice.upto(3)}-{10 + dice.upto(18)}"}, {"within": dice.one(PERIODS)}]
        ends += [{"within": dice.one(PERIODS), "of": "in_force"}]
        ends += [{"within": dice.one(PERIODS), "of": f"fulfilled(c{i - 1})"}] if i else []
        c["deadline"] = dice.one(ends)
        if dice.chance(0.3):
            c["lapse"] = dice.one(ends)
        made[f"c{i}"] = c
    entry = "at(2026-01-15)" if fixed else "event(start)"
    calendar = {"overflow": dice.one(("down", "up")), "roll": dice.one(("none", "none", "following", "preceding"))}
    return written(made, zone=dice.one(("UTC", "Europe/Berlin", "Asia/Seoul")), entry_into_force=entry,
                   calendar=calendar, events={} if fixed else {"start": "the start"})  # fmt: skip


def kept(terms: Terms, calendar: Calendar, entry: Instant) -> set[str]:
    """The fastest run from an entry into force: what is missed in it (the commitment and which end)."""
    done: dict[str, Instant] = {}
    missed: set[str] = set()
    for c in terms.commitments:
        begin = entry
        inner = c.trigger
        if isinstance(inner, f.After):
            assert isinstance(inner.formula, f.Fulfilled | f.Claimed)
            begin = calendar.after(done[inner.formula.commitment], inner.period)
        elif isinstance(inner, f.Fulfilled | f.Claimed):
            begin = done[inner.commitment]
        end = begin if c.min_duration is None else begin + _least(c.min_duration)
        done[c.id] = end
        for limit, at in ((c.deadline, end), (c.lapse, begin)):
            if isinstance(limit, On):
                until = calendar.deadline(limit.moment)
            elif isinstance(limit, Within):
                own = begin if limit is c.deadline else entry
                anchor = entry if isinstance(limit.anchor, f.InForce) else own
                anchor = done[limit.anchor.commitment] if isinstance(limit.anchor, f.Fulfilled) else anchor
                until = calendar.after(anchor, limit.period)
            else:
                continue
            if at >= until:
                missed.add(c.id)
    return missed


def _least(period: Period) -> int:
    """What a duration really takes at least: by the clock, months of 28 or 59 days."""
    days = {0: 0, 1: 28, 2: 59}[period.months] + period.days
    return days * 86_400 + period.hours * 3600


def test_what_some_run_keeps_is_not_called_impossible() -> None:
    quiet = told = 0
    for seed in range(700):
        dice = Dice(seed)
        tree = chain(dice, fixed=False)
        agreement = Agreement.from_dict(tree)
        terms = agreement.terms()
        calendar = Calendar(terms.calendar)
        start = int(dt.datetime(2025, 12, 1, tzinfo=dt.UTC).timestamp())
        runs = [kept(terms, calendar, start + dice.upto(100 * 24 * 4) * 900) for _ in range(60)]
        findings = [x for x in dates(Read.of(agreement)) if x.severity == "error"]
        if any(not missed for missed in runs):
            assert not findings, (seed, tree, findings)
            quiet += 1
        told += bool(findings)
        for each in findings:
            check_cycle(each)
    assert quiet > 100
    assert told > 100


def test_what_no_run_keeps_is_told_where_all_dates_are_fixed() -> None:
    told = 0
    for seed in range(400):
        tree = chain(Dice(seed), fixed=True)
        tree["calendar"], tree["zone"] = {"overflow": "down"}, "UTC"
        agreement = Agreement.from_dict(tree)
        terms = agreement.terms()
        calendar = Calendar(terms.calendar)
        missed = kept(terms, calendar, calendar.start(dt.date(2026, 1, 15)))
        by_date = {
            c.id for c in terms.commitments
            if isinstance(c.deadline, On) and c.id in missed and (c.lapse is None or isinstance(c.lapse, On))
        }  # fmt: skip
        findings = list(dates(Read.of(agreement)))
        assert bool(findings) >= bool(by_date), (seed, tree, missed)
        if findings:
            assert missed, (seed, tree, findings)
        told += bool(by_date)
    assert told > 50


def check_cycle(finding: Finding) -> None:
    """An independent look at a chain of bounds: it is closed, and its sum is what cannot be."""
    cycle: Any = finding.witness.get("cycle")
    if cycle is None:
        steps: Any = finding.witness["chain"]
        assert all(a["instant"] <= b["instant"] for a, b in pairwise(steps))
        return
    for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        assert one["later"] == other["earlier"]
    assert sum(b["least_seconds"] for b in cycle) == -finding.witness["sum_seconds"] > 0  # type: ignore[operator]


def test_contradictions_are_those_of_all_paths() -> None:
    seen = 0
    for seed in range(1_000):
        dice = Dice(seed)
        n = 2 + dice.upto(4)
        points = [("begin", str(i)) for i in range(n)]
        edges = [
            Bound(dice.one(points), dice.one(points), dice.upto(12) - 8, "", "order") for _ in range(1 + dice.upto(9))
        ]
        longest = dict.fromkeys(product(points, points), -(10**9))
        for e in edges:
            longest[e.earlier, e.later] = max(longest[e.earlier, e.later], e.least)
        for k, a, b in product(points, points, points):
            longest[a, b] = max(longest[a, b], longest[a, k] + longest[k, b])
        impossible = any(longest[p, p] > 0 for p in points)
        cycle = contradiction(edges)
        assert bool(cycle) == impossible, seed
        if cycle:
            assert all(a.later == b.earlier for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
            assert sum(e.least for e in cycle) > 0
            assert set(cycle) <= set(edges)
            seen += 1
    assert 200 < seen < 900


def test_days_of_months_bound_every_calendar() -> None:
    policies = (CalendarPolicy("UTC", "down"), CalendarPolicy("UTC", "up"))
    for policy, months in product(policies, (1, 2, 3, 6, 12, 25)):
        calendar = Calendar(policy)
        fewest, most = days_of_months(months)
        for n in range(0, 1461, 1):
            day = dt.date(2027, 1, 1) + dt.timedelta(days=n)
            try:
                end = calendar.after(calendar.start(day), Period(months=months))
            except CalendarError:
                continue
            last = (calendar.day(end - 1) - day).days
            assert fewest <= last <= most, (day, period_text(Period(months=months)))


def test_one_day_more_and_it_fits() -> None:
    def tree(day: str) -> dict[str, Any]:
        return written({"p": {"min_duration": "30 days"}, "q": {"trigger": "fulfilled(p)", "deadline": {"on": day}}})

    assert [(x.id, x.subject) for x in found(tree("2026-01-30"))] == [("D4", "q")]
    assert not found(tree("2026-01-31"))


def test_periods_that_do_not_fit_into_each_other() -> None:
    def tree(days: int) -> dict[str, Any]:
        limit = {"within": f"{days} days", "of": "in_force"}
        q = {"trigger": "after(fulfilled(p), 30 days)", "deadline": limit}
        return written({"p": {"min_duration": "60 days"}, "q": q}, entry_into_force="signed(a)")

    bad = found(tree(88))
    assert [(x.id, x.subject) for x in bad] == [("D4", "q")]
    check_cycle(bad[0])
    assert not found(tree(90))


def test_a_lapse_before_the_beginning() -> None:
    def tree(day: str) -> dict[str, Any]:
        return written({"p": {"trigger": "at(2026-03-01)", "lapse": {"on": day}}})

    assert [(x.id, x.severity) for x in found(tree("2026-02-28"))] == [("D3", "error")]
    assert not found(tree("2026-03-01"))


def test_an_end_and_a_power_that_come_first() -> None:
    late = written({"p": {"trigger": "at(2026-03-01)"}}, sunset={"on": "2026-02-01"})
    assert [x.id for x in found(late)] == ["D3"]
    power = {"w": {"holder": "b", "may": "waive", "targets": ["p"], "when": "at(2026-05-01)", "expires": "2026-04-30"}}
    assert [(x.id, x.subject) for x in found(written({"p": {}}, powers=power))] == [("D3", "w")]
    power["w"]["expires"] = "2026-05-01"
    assert not found(written({"p": {}}, powers=power))


def test_usual_lags_only_warn() -> None:
    check = [{"by": "b", "lag": "40 days"}]
    p = {"claim_ok": False, "verification": check}
    assert [(x.id, x.severity) for x in found(written(
        {"p": p, "q": {"trigger": "fulfilled(p)", "deadline": {"on": "2026-02-01"}}}
    ))] == [("D4", "warning")]  # fmt: skip


def test_what_begins_together_begins_with_the_last() -> None:
    def tree(day: str) -> dict[str, Any]:
        p = {"trigger": "joint(g)", "deadline": {"on": day}}
        two: dict[str, dict[str, Any]] = {"p": p, "q": {"trigger": "joint(g) and at(2026-03-01)"}}
        return written(two, groups={"g": ["p", "q"]})

    assert [(x.id, x.subject) for x in found(tree("2026-02-28"))] == [("D4", "p")]
    assert not found(tree("2026-03-01"))


def lives(tree: dict[str, Any]) -> dict[str, str]:
    """Where the commitments stand in the fold after a year in which nobody does anything."""
    end = int(dt.datetime(2027, 1, 1, tzinfo=dt.UTC).timestamp())
    return {s.id: s.life for s in run(Agreement.from_dict(tree).terms(), [], end).at(end)}


@pytest.mark.parametrize("entry", ["at(2026-01-01)", "at(2026-01-01) and true and at(2025-12-01)"])
def test_what_counts_from_a_fixed_entry_into_force(entry: str) -> None:
    def lapse(days: int) -> dict[str, Any]:
        p = {"trigger": "at(2026-03-01)", "lapse": {"within": f"{days} days"}}
        return written({"p": p}, entry_into_force=entry)

    def deadline(days: int) -> dict[str, Any]:
        p = {"trigger": "at(2026-03-01)", "deadline": {"within": f"{days} days", "of": "in_force"}}
        return written({"p": p}, entry_into_force=entry)

    def sunset(days: int) -> dict[str, Any]:
        return written({"p": {"trigger": "at(2026-03-01)"}}, sunset={"within": f"{days} days"}, entry_into_force=entry)

    # 1 March begins with the end of the 58th day after 1 January, the day of the event not counted.
    for tree, name in ((lapse, "D3"), (deadline, "D4"), (sunset, "D3")):
        assert [(x.id, x.severity, x.subject) for x in found(tree(58))] == [(name, "error", "p")]
        assert not found(tree(59))
        assert not found({**tree(58), "entry_into_force": "at(2026-01-01) and signed(a)"})
    assert lives(lapse(58)) == {"p": "lapsed"} != lives(lapse(59))
    assert lives(sunset(58)) == {"p": "terminated"}


def test_a_fixed_entry_bounds_what_waits_for_another_date() -> None:
    def tree(days: int) -> dict[str, Any]:
        start = {"trigger": "event(e) and at(2026-02-01)"}
        q = {"trigger": "fulfilled(p)", "lapse": {"within": f"{days} days", "of": "in_force"}}
        return written({"p": start, "q": q}, events={"e": "it"})

    assert [(x.id, x.subject) for x in found(tree(20))] == [("D3", "q")]
    assert not found(tree(31))


@pytest.mark.parametrize("modality", ["maintain", "refrain"])
def test_what_is_over_before_it_begins_is_no_breach(modality: str) -> None:
    def tree(day: str) -> dict[str, Any]:
        p = {"modality": modality, "trigger": "at(2026-03-01)", "deadline": {"on": day}, "claim_ok": False}
        return written({"p": p})

    assert [(x.id, x.severity) for x in found(tree("2026-02-28"))] == [("D3", "warning")]
    assert "over before it begins" in found(tree("2026-02-28"))[0].why
    assert not found(tree("2026-03-01"))
    assert lives(tree("2026-02-28")) == {"p": "fulfilled"}
    far = {"modality": modality, "trigger": "after(in_force, 40 days)", "claim_ok": False,
           "deadline": {"within": "30 days", "of": "in_force"}}  # fmt: skip
    assert [(x.id, x.severity) for x in found(written({"p": far}, entry_into_force="signed(a)"))] == [("D3", "warning")]


def test_a_state_of_fulfilment_is_bounded_as_fulfilment() -> None:
    def tree(state: str, days: int, **more: Any) -> dict[str, Any]:
        limit = {"within": f"{days} days", "of": "in_force"}
        two = {"p": {"min_duration": "60 days", **more}, "q": {"trigger": f"state(p, {{{state}}})", "deadline": limit}}
        return written(two, entry_into_force="signed(a)")

    assert [(x.id, x.subject) for x in found(tree("fulfilled", 58))] == [("D4", "q")]
    assert not found(tree("fulfilled", 61))
    assert not found(tree("fulfilled, waiting", 58))
    late = {"claim_ok": False, "verification": [{"by": "b", "lag": "40 days"}]}
    usual = written({"p": late, "q": {"trigger": "state(p, {fulfilled})", "deadline": {"on": "2026-02-01"}}})
    assert [(x.id, x.severity) for x in found(usual)] == [("D4", "warning")]


def test_one_instance_is_enough_for_a_state() -> None:
    def tree(state: str) -> dict[str, Any]:
        rule = {"modality": "recurrent", "deadline": {"every": "FREQ=MONTHLY;COUNT=12", "from": "2026-01-28"}}
        return written({"p": rule, "q": {"trigger": state, "deadline": {"on": "2026-06-01"}}})

    assert [(x.id, x.subject) for x in found(tree("fulfilled(p)"))] == [("D4", "q")]
    assert not found(tree("state(p, {fulfilled})"))


def test_an_alternative_that_can_never_be_is_none() -> None:
    def tree(day: str) -> dict[str, Any]:
        p = {"trigger": f"not_by(at({day}), 2026-01-20) or at(2026-05-01)", "deadline": {"on": "2026-03-01"}}
        return written({"p": p})

    assert [(x.id, x.subject) for x in found(tree("2026-01-10"))] == [("D4", "p")]
    assert lives(tree("2026-01-10")) == {"p": "breached"}
    assert not found(tree("2026-01-20"))
