"""Settlement without listing the deals against the literal definitions, on random constrained cases."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest

import detente
from detente.base.errors import UsageError
from detente.base.result import Provenance
from detente.mechanics.milp import Deadline
from detente.settlement.any_size import Effort, settle_at_any_size, verdict_by_programs
from detente.settlement.merge import merge
from detente.settlement.narrative import lines
from detente.settlement.no_zone import Nearest
from detente.settlement.problem import bargain_of
from detente.settlement.program import DealProgram
from detente.settlement.result import PayoffClass, Settlement
from tests.literal import settlement as literal
from tests.literal.settlement import Bargain, CaseDict, Levels

SEEDS = range(500)
RULES = ("nash", "ks", "egalitarian", "utilitarian", "relative_utilitarian", "equal_loss")
ALL = Effort(seconds=600, ties=60, boxes=200)


def settled(tree: CaseDict, method: str, rules: Iterable[str] = RULES) -> Settlement:
    bargain = bargain_of(detente.Case.from_dict(tree))
    return settle_at_any_size(bargain, Provenance("x", ""), tuple(rules), method=method, effort=ALL)


def levels_of(classes: tuple[PayoffClass, ...]) -> set[Levels]:
    return {d.levels for c in classes for d in c.deals}


def payoffs(b: Bargain, deals: Iterable[Levels]) -> set[tuple[Fraction, ...]]:
    return {tuple(b.utility[p][x] for p in b.axes) for x in deals}


def two_rules(seed: int) -> tuple[str, str]:
    """In turn, so that every rule is asked on a third of the cases."""
    return RULES[seed % 6], RULES[(seed + 1 + seed // 6 % 5) % 6]


# --- deals -----------------------------------------------------------------------------------------------------------


def compare_deals(found: Settlement, b: Bargain) -> dict[str, set[Levels]]:
    """Points with every deal and tie, their numbers, exact payoffs, whom they need."""
    expected = literal.points(b)
    assert {r: levels_of(c) for r, c in found.points.items()} == {r: expected[r] for r in found.points}
    for one in {id(c): c for cs in found.points.values() for c in cs}.values():
        assert one.count == len(one.deals) == len({d.levels for d in one.deals})
        assert one.deals == tuple(sorted(one.deals, key=lambda d: (changes(b, d.levels), d.levels)))
    for one in (*found.frontier, *(c for cs in found.points.values() for c in cs)):
        for deal in one.deals:
            assert set(deal.payoffs) == set(b.covered(deal.levels))
            assert {**deal.payoffs, **deal.affected} == {
                p: b.utility[p][deal.levels] for p in (*deal.payoffs, *deal.affected)
            }
            assert {p: deal.payoffs[p] - b.d[p] for p in b.axes} == one.gains
    ideal = {p: max(b.gain(p, x) for x in literal.rational(b)) for p in b.axes}
    assert found.indifferent == tuple(p for p in b.axes if ideal[p] == 0)
    return expected


def changes(b: Bargain, x: Levels) -> int:
    return sum(a != c for a, c in zip(x, b.status_quo, strict=True))


def compare_milp(tree: CaseDict, rules: Iterable[str]) -> tuple[Settlement, Bargain]:
    found, b = settled(tree, "milp", rules), Bargain(tree)
    assert found.unproven == ()
    assert found.verdict == literal.verdict(b)[0]
    assert lines(found)
    assert found.to_dict()["method"] == "milp"
    if found.verdict == "none":
        compare_reports(found, b)
        assert found.frontier == ()
        return found, b
    compare_deals(found, b)
    front = literal.undominated(b, literal.rational(b))
    assert levels_of(found.frontier) <= front
    if len(b.axes) == 2:
        assert payoffs(b, levels_of(found.frontier)) == payoffs(b, front)
        assert found.uncovered == 0
        assert not found.partial
    values = true_values(b, front)
    assert found.bound is not None
    for rule, (bound, gap) in found.bound.items():
        assert 0 <= gap <= 1e-6 * max(1, abs(bound))
        assert bound >= values[rule] - 1e-12 * max(1, abs(bound))
        # the gap of a leximin is the largest of its stages, the bound that of its first
        assert bound - gap == pytest.approx(values[rule], rel=1e-6, abs=1e-6)
    return found, b


def true_values(b: Bargain, front: set[Levels]) -> dict[str, float]:
    """What each rule makes large (first), at its best."""
    ideal = {p: max(b.gain(p, x) for x in front) for p in b.axes}
    able = [p for p in b.axes if ideal[p] > 0]
    w = {p: b.weight(p) for p in b.axes}
    heavy = [p for p in able if w[p] > 0]
    zero = Fraction(0)

    points = literal.points(b)

    def at(rule: str) -> Any:
        chosen = points[rule]
        x = next(iter(chosen))
        if rule == "nash":
            return max(geometric(b, x, ideal) for x in chosen)
        return {
            "ks": min((b.gain(p, x) / ideal[p] for p in able), default=zero),
            "egalitarian": min((b.gain(p, x) / w[p] for p in heavy), default=zero),
            "utilitarian": sum((w[p] * b.utility[p][x] for p in b.axes), zero),
            "relative_utilitarian": sum((b.gain(p, x) / ideal[p] for p in able), zero),
            "equal_loss": min((b.gain(p, x) - ideal[p] for p in able), default=zero),
        }[rule]

    return {r: float(at(r)) for r in RULES}


def geometric(b: Bargain, x: Levels, ideal: dict[str, Fraction]) -> float:
    """Weighted geometric mean of shares among those who gain; 1 where no weight is left, 0 where nobody can gain."""
    gainers = [p for p in b.axes if b.gain(p, x) > 0]
    if not gainers:
        return 0.0
    total = sum(b.weight(p) for p in gainers)
    out = 1.0
    for p in gainers:
        out *= float(b.gain(p, x) / ideal[p]) ** float(b.weight(p) / total) if total else 1.0
    return out


# --- reports ---------------------------------------------------------------------------------------------------------


def nearest(value: Nearest | None) -> tuple[Fraction, set[Levels]] | None:
    if value is None:
        return None
    assert value.count == len(value.levels)
    return value.amount, set(value.levels)


def compare_reports(found: Settlement, b: Bargain) -> None:
    report, expected = found.no_zone, literal.report(b)
    assert report is not None
    assert report.conditions is not None
    assert report.possible
    opens, blocking = literal.opening(b)
    assert {frozenset(o.lifted) for o in report.conditions.opens} == set(opens)
    assert {frozenset(s) for s in report.conditions.blocking} == blocking
    for opened in report.conditions.opens:
        assert b.acceptable(opened.levels)
        assert opened.gains == {p: b.gain(p, opened.levels) for p in b.covered(opened.levels)}
        assert {n for n, rule in enumerate(b.rules) if rule(opened.levels)} == set(opened.lifted)
    assert (report.gaining == 0) == (expected.gaining == 0)
    if report.gaining == 0:
        return
    assert nearest(report.uniform) == expected.uniform
    assert nearest(report.total) == expected.total
    assert {frozenset(s) for s in report.blocking} == expected.blocking
    assert {frozenset(s) for s in report.accepting} == expected.accepting
    assert nearest(report.surplus) == expected.surplus
    assert {p: nearest(f) for p, f in (report.falls or {}).items()} == expected.falls
    assert (report.mixture is not None) == expected.mixture
    if report.mixture is not None:
        mixed = report.mixture
        assert sum(s for _, s in mixed.shares) == 1
        deals = [(mixed.levels[n], s) for n, s in mixed.shares]
        assert {p for x, _ in deals for p in b.covered(x)} <= set(mixed.voices)
        gains = {p: sum((s * b.gain(p, x) for x, s in deals), Fraction(0)) for p in mixed.voices}
        assert gains == mixed.gains
        assert min(gains.values()) >= 0
        assert max(gains.values()) > 0


# --- tests -----------------------------------------------------------------------------------------------------------


def test_integer_programs_agree_with_the_definitions() -> None:
    seen: Counter[str] = Counter()
    for seed, tree in zip(SEEDS, literal.cases(SEEDS), strict=True):
        if (
            (seed % 4 or not tree["infeasible"]) and seed % 5 and literal.verdict(Bargain(tree))[0] == "none"
        ):  # the whole report takes long
            program = DealProgram(bargain_of(detente.Case.from_dict(tree)), Deadline(600))
            assert verdict_by_programs(program) == ("none", [])
            continue
        found, b = compare_milp(tree, two_rules(seed))
        seen[found.verdict] += 1
        seen["owners"] += bool(b.owners)
        seen["four"] += len(b.axes) == 4
        seen["single"] += any(len(n) == 1 for n in b.names.values())
        seen["indifferent"] += found.verdict != "none" and bool(found.indifferent)
        seen["ties"] += any(sum(c.count or 0 for c in p) > 1 for p in found.points.values())
        seen["tied classes"] += any(len(p) > 1 for p in found.points.values())
        seen["frontier"] += len(b.axes) == 2 and len(found.frontier) > 2
        if found.no_zone is not None:
            report = found.no_zone
            seen["nobody gains"] += report.gaining == 0
            seen["mixture"] += report.mixture is not None
            seen["opens"] += bool(report.conditions and report.conditions.opens)
            seen["pairs block"] += any(len(s) > 1 for s in report.blocking)
            seen["subsidy"] += bool(report.subsidy)
            seen["falls"] += any((report.falls or {}).values())
    assert not {k: v for k, v in seen.items() if v < 6}, seen


def test_nothing_rests_on_looking_for_further_deals() -> None:
    """With no program spent on ties or on the frontier, what is found is right and proven all the same."""
    bare = Effort(seconds=600, ties=0, boxes=0, samples=0)
    seen: Counter[str] = Counter()
    for seed, tree in enumerate(literal.cases(range(2000, 2130))):
        bargain, b = bargain_of(detente.Case.from_dict(tree)), Bargain(tree)
        found = settle_at_any_size(bargain, Provenance("x", ""), two_rules(seed), method="milp", effort=bare)
        assert (found.verdict, found.unproven) == (literal.verdict(b)[0], ())
        if found.verdict == "none":
            expected = literal.report(b)
            assert found.no_zone is not None
            assert (found.no_zone.mixture is not None) == expected.mixture
            if expected.uniform is not None:
                assert found.no_zone.uniform is not None
                assert found.no_zone.uniform.amount == expected.uniform[0]
            seen["mixture"] += expected.mixture
            continue
        points = literal.points(b)
        for rule, classes in found.points.items():
            assert levels_of(classes)
            assert levels_of(classes) <= points[rule]
            seen[rule] += any(c.count is None for c in classes)
    assert seen["mixture"] >= 4, seen
    assert all(seen[r] >= 2 for r in RULES), seen


def test_merging_agrees_with_the_definitions() -> None:
    seen: Counter[str] = Counter()
    for tree in literal.cases(range(520, 1120)):
        b = Bargain(tree)
        expected, bargain = literal.verdict(b)[0], bargain_of(detente.Case.from_dict(tree))
        merged = merge(bargain)
        if merged is None:
            assert b.owners or len(b.axes) > 3
            with pytest.raises(UsageError, match="merging does not apply"):
                settle_at_any_size(bargain, Provenance("x", ""), method="merge")
            continue
        seen[expected] += 1
        if expected == "none":
            assert not any(any(row) for row in merged.front.gains)
            continue
        found = settled(tree, "merge", (*RULES, "fallback"))
        assert (found.verdict, found.method) == (expected, "merge")
        assert levels_of(found.frontier) == literal.undominated(b, literal.rational(b))
        assert all(c.count == len(c.deals) for c in found.frontier)
        compare_deals(found, b)
        seen["composite"] += bool(b.rules)
        seen["ties"] += any((c.count or 0) > 1 for c in found.frontier)
        seen["three"] += len(b.axes) == 3
        seen["fallback differs"] += levels_of(found.points["fallback"]) != levels_of(found.points["ks"])
    assert not {k: v for k, v in seen.items() if v < 20}, seen


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(8))
def test_integer_programs_agree_on_fresh_seeds(block: int) -> None:
    for tree in literal.cases(range(20_000 + 250 * block, 20_250 + 250 * block)):
        compare_milp(tree, RULES)
