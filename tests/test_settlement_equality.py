"""Every part of the settlement answer against the literal definitions, on random constrained cases."""

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

import detente
from detente.inquiry.session import Session
from detente.settlement.no_zone import Nearest
from detente.settlement.result import PayoffClass, Settlement
from tests.literal import settlement as literal
from tests.literal.settlement import Bargain, Levels

SEEDS = range(520)


def settled(case: dict[str, Any]) -> Settlement:
    found = Session(detente.Case.from_dict(case)).ask("settle")
    assert isinstance(found, Settlement)
    return found


def levels_of(classes: tuple[PayoffClass, ...]) -> set[Levels]:
    return {d.levels for c in classes for d in c.deals}


def nearest(found: Settlement, value: Nearest | None) -> tuple[Fraction, set[Levels]] | None:
    if value is None:
        return None
    assert found.deals is not None
    states = found.bargain.states
    assert states is not None
    numbers = found.deals.states[value.deals]
    return value.amount, {tuple(int(d) for d in states.digits[:, s]) for s in numbers}


def compare(case: dict[str, Any]) -> tuple[str, Settlement, Bargain]:
    found, b = settled(case), Bargain(case)
    assert (found.verdict, found.zone_size) == literal.verdict(b)
    assert {p: found.bargain.disagreement[p] for p in b.voices} == b.d
    if found.verdict == "none":
        compare_reports(found, b)
        assert found.frontier == ()
        assert set(found.points.values()) == {()}
        return found.verdict, found, b
    assert levels_of(found.frontier) == literal.undominated(b, literal.rational(b))
    expected = literal.points(b)
    assert {r: levels_of(c) for r, c in found.points.items()} == expected
    for one in found.frontier:
        assert one.count == len(one.deals)
        for deal in one.deals:
            assert set(deal.payoffs) == set(b.covered(deal.levels))
            assert deal.payoffs == {p: b.utility[p][deal.levels] for p in deal.payoffs}
            assert {p: deal.payoffs[p] - b.d[p] for p in b.axes} == one.gains
    ideal = {p: max(b.gain(p, x) for x in literal.rational(b)) for p in b.axes}
    assert found.indifferent == tuple(p for p in b.axes if ideal[p] == 0)
    if found.spread is not None:
        assert levels_of(found.spread[1]) == literal.equal_ratio(b)
    return found.verdict, found, b


def compare_reports(found: Settlement, b: Bargain) -> None:
    report, expected = found.no_zone, literal.report(b)
    assert report is not None
    assert report.gaining == expected.gaining
    assert report.conditions is not None
    assert report.conditions.asked
    opens, blocking = literal.opening(b)
    assert {frozenset(o.lifted): o.count for o in report.conditions.opens} == opens
    assert {frozenset(s) for s in report.conditions.blocking} == blocking
    for opened in report.conditions.opens:
        assert b.acceptable(opened.levels)
        assert opened.gains == {p: b.gain(p, opened.levels) for p in b.covered(opened.levels)}
        assert {n for n, rule in enumerate(b.rules) if rule(opened.levels)} == set(opened.lifted)
    assert report.levels is not None
    names = {o: w.index for o, w in b.names.items()}
    assert {(n.option, names[n.option](n.below)): n.count for n in report.levels} == literal.new_levels(b)
    for new in report.levels:
        assert 0 < new.share < 1
        assert new.range[0] <= new.share <= new.range[1]
        assert min(new.gains.values()) >= 0
        assert max(new.gains.values()) > 0
    if not report.gaining:
        return
    assert nearest(found, report.uniform) == expected.uniform
    assert nearest(found, report.total) == expected.total
    assert {frozenset(s) for s in report.blocking} == expected.blocking
    assert {frozenset(s) for s in report.accepting} == expected.accepting
    assert nearest(found, report.surplus) == expected.surplus
    assert {p: nearest(found, f) for p, f in (report.falls or {}).items()} == expected.falls
    assert (report.mixture is not None) == expected.mixture
    if report.mixture is not None:
        check_mixture(found, b)


def check_mixture(found: Settlement, b: Bargain) -> None:
    """The shares are the proof."""
    assert found.no_zone is not None
    assert found.deals is not None
    mixed = found.no_zone.mixture
    assert mixed is not None
    assert sum(s for _, s in mixed.shares) == 1
    assert all(s > 0 for _, s in mixed.shares)
    assert len(mixed.shares) <= len(mixed.voices)
    deals = [(b.deals[int(found.deals.states[d])], s) for d, s in mixed.shares]
    assert {p for x, _ in deals for p in b.covered(x)} <= set(mixed.voices)
    gains = {p: sum((s * b.gain(p, x) for x, s in deals), Fraction(0)) for p in mixed.voices}
    assert gains == mixed.gains
    assert min(gains.values()) >= 0
    assert max(gains.values()) > 0


def test_every_part_agrees_with_the_definitions() -> None:
    seen: Counter[str] = Counter()
    for case in literal.cases(SEEDS):
        verdict, found, b = compare(case)
        seen[verdict] += 1
        seen["owners"] += bool(b.owners)
        seen["indifferent"] += verdict != "none" and bool(found.indifferent)
        seen["ties"] += any(sum(c.count or 0 for c in p) > 1 for p in found.points.values())
        seen["tied classes"] += any(len(p) > 1 for p in found.points.values())
        seen["single"] += any(len(n) == 1 for n in b.names.values())
        seen["conditions"] += bool(b.rules)
        if found.no_zone is not None:
            report = found.no_zone
            seen["nobody gains"] += not report.gaining
            seen["mixture"] += report.mixture is not None
            seen["no mixture"] += bool(report.gaining) and report.mixture is None
            seen["subsidy"] += bool(report.subsidy)
            seen["transfer"] += report.subsidy == 0
            seen["opens"] += bool(report.conditions and report.conditions.opens)
            seen["new level"] += bool(report.levels)
            seen["pairs block"] += any(len(s) > 1 for s in report.blocking)
            seen["falls"] += any((report.falls or {}).values())
        elif len(found.frontier) > 1:
            different = {r: levels_of(c) for r, c in found.points.items()}
            for rule, chosen in different.items():
                seen[f"{rule} differs from ks"] += chosen != different["ks"]
            seen["equal ratio differs from ks"] += levels_of(found.spread[1] if found.spread else ()) != different["ks"]
    few = {k: v for k, v in seen.items() if v < 6 and k != "ks differs from ks"}
    assert not few, seen


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(20))
def test_every_part_agrees_on_fresh_seeds(block: int) -> None:
    for case in literal.cases(range(10_000 + 500 * block, 10_500 + 500 * block)):
        compare(case)
