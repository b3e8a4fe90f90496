"""A1 to A3: exposure against brute force and an own minimum cut; imbalances by hand."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

from detente.agreement.exposure import prerequisites, worst_stop
from detente.agreement.formulas import Always, Formula, Fulfilled
from detente.agreement.lint.balance import _balances, _in_order, exposed, imprecise, irreversible, skipped
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.worths import given
from tests.lint_small import CASE, case, found, ids, small
from tests.test_agreement_exposure import agreement, can_have_been_done, drawn

K = {"action": {"option": "freeze", "from": "running", "to": "frozen"}}
LADDER: dict[str, dict[str, Any]] = {
    "freeze": K,
    "watched": {"action": {"option": "watch", "from": "none", "to": "inspectors"}, "trigger": "freeze"},
    "half": {"obligors": "u", "action": {"option": "oil", "from": "none", "to": "half"}, "trigger": "watched"},
    "gone": {"action": {"option": "freeze", "from": "frozen", "to": "gone"}, "trigger": "half", "reversible": "no"},
    "ties": {"obligors": "u", "action": {"option": "ties", "from": "closed", "to": "open"}, "trigger": "gone"},
}


def cut(before: Mapping[str, Sequence[str]], weights: Mapping[str, Fraction]) -> Fraction:
    """The largest weight of a closed set: the sum of the positive weights less a minimum cut, by augmenting paths."""
    nodes = ["source", "sink", *before]
    room = {(a, b): Fraction(0) for a in nodes for b in nodes}
    for name in before:
        weight = weights.get(name, Fraction(0))
        if weight > 0:
            room["source", name] = weight
        else:
            room[name, "sink"] = -weight
        for other in before[name]:
            room[name, other] = Fraction(10**9)
    flow = Fraction(0)
    while True:
        came: dict[str, str] = {"source": "source"}
        queue = deque(["source"])
        while queue and "sink" not in came:
            here = queue.popleft()
            for there in nodes:
                if there not in came and room[here, there] > 0:
                    came[there] = here
                    queue.append(there)
        if "sink" not in came:
            return sum((w for n, w in weights.items() if w > 0 and n in before), Fraction(0)) - flow
        path = ["sink"]
        while path[-1] != "source":
            path.append(came[path[-1]])
        steps = list(zip(path[1:], path, strict=False))
        least = min(room[step] for step in steps)
        for a, b in steps:
            room[a, b] -= least
            room[b, a] += least
        flow += least


def check_witness(finding: Finding) -> None:
    """The set is closed, its weights add up to what is said, and no closed set within its own ways is worth more."""
    w: Any = finding.witness
    done, before = set(w["done"]), w["before"]
    weights = {n: Fraction(x) for n, x in w["weights"].items()}
    assert set(before) == done
    assert all(set(way) <= done for way in before.values())
    assert sum((weights.get(n, Fraction(0)) for n in done), Fraction(0)) == Fraction(w["sum"])
    assert cut(before, weights) == Fraction(w["sum"])


def test_a_side_that_gives_first() -> None:
    """K gives 5, then 4, receives 4, gives 3 more (8 in all), receives 6: worst 5 + 4 = 9 above a gain of -2."""
    agreement = small(LADDER, case())
    findings = found(exposed, agreement)
    assert ids(findings) == [("A1", "warning", "k")]
    assert findings[0].witness["value"] == "9"
    assert findings[0].witness["done"] == ["freeze", "watched"]
    assert findings[0].witness["gain"] == "-2"
    assert findings[0].witness["along"] == {"step": "watched", "value": "9"}
    check_witness(findings[0])
    assert "Does" not in findings[0].why


def test_the_same_after_the_other_has_given() -> None:
    """One change: what K receives in the end (20) comes first and its freeze waits for it: it is never ahead."""
    changed: Any = {**LADDER, "freeze": {**K, "trigger": "ties"}, "ties": {**LADDER["ties"], "trigger": "in_force"}}
    rich = {**CASE["preferences"]["k"]["utility"], "ties": {"open": "20"}}
    linked = case(preferences={**CASE["preferences"], "k": {"utility": rich}})
    assert ids(found(exposed, small(LADDER, linked))) == [("A1", "warning", "k")]
    assert found(exposed, small(changed, linked)) == []


def test_beyond_its_own_gain_though_the_other_is_ahead_by_more_than_half() -> None:
    """K is ahead by 9 and so far from gaining; U by 6 after it (not 2 times less): only K's own gain of -2 tells."""
    dear = {**CASE["preferences"]["u"]["utility"], "oil": {"half": "-11", "full": "-12"}}
    linked = case(preferences={**CASE["preferences"], "u": {"utility": dear}})
    findings = [f for f in found(exposed, small(LADDER, linked)) if f.subject == "k"]
    assert ids(findings) == [("A1", "warning", "k")]
    assert 2 * Fraction(str(findings[0].witness["others"])) >= 9


def test_of_two_acts_on_one_option_the_further_counts() -> None:
    """Gone (8) stands before frozen (5) in the file; the worth of both is that of gone."""
    two = {"gone": {"action": {"option": "freeze", "to": "gone"}}, "z": K}
    assert found(exposed, small(two, case()))[0].witness["value"] == "8"
    assert found(exposed, small(dict(reversed(list(two.items()))), case()))[0].witness["value"] == "8"


def test_what_can_never_be_made_is_no_gain() -> None:
    """K gives 5. A gift of 9 that waits for itself is never made; after the freeze: 9 - 5 for K, 3 - 4 for U."""
    gift = {"obligors": "u", "action": {"option": "oil", "from": "none", "to": "full"}}
    free = case(infeasible=[])
    stuck = found(exposed, small({"freeze": K, "gift": {**gift, "trigger": "fulfilled(gift)"}}, free))
    assert [(f.subject, f.witness["gain"], f.witness["value"]) for f in stuck] == [("k", "-5", "5")]
    comes = found(exposed, small({"freeze": K, "gift": {**gift, "trigger": "fulfilled(freeze)"}}, free))
    assert [(f.subject, f.witness["gain"]) for f in comes] == [("k", "4"), ("u", "-1")]


def test_steps_of_one_option_without_from_count_once() -> None:
    """Frozen 5, half back 4, gone 3 more. Told from today, gone would be 8 more: a cut would stop after it, at 9.

    With oil worth 6: 5, -1, 2: the worst is 5 after the first step, not 7 = 5 - 6 + 8.
    """
    rich = {**CASE["preferences"]["k"]["utility"], "oil": {"half": "6", "full": "9"}}
    linked = case(preferences={**CASE["preferences"], "k": {"utility": rich}}, infeasible=[])
    steps: dict[str, dict[str, Any]] = {
        "frozen": {"action": {"option": "freeze", "to": "frozen"}},
        "half": {"obligors": "u", "action": {"option": "oil", "to": "half"}, "trigger": "frozen"},
        "gone": {"action": {"option": "freeze", "to": "gone"}, "trigger": "half"},
    }
    for gone in ({}, {"from": "frozen"}):
        written = {**steps, "gone": {**steps["gone"], "action": {**steps["gone"]["action"], **gone}}}
        findings = [f for f in found(exposed, small(written, linked)) if f.subject == "k"]
        assert [(f.witness["done"], f.witness["value"], f.witness["sum"]) for f in findings] == [(["frozen"], "5", "5")]
        assert findings[0].witness["weights"] == {"frozen": "5", "half": "-6", "gone": "3"}


def test_where_acts_depend_on_each_other_all_points_are_tried() -> None:
    """Oil half (4) and full (9) together give K 9 and not 13: after gone (11) it is ahead by 2, not behind by 2.

    Where there are more points than are tried nothing is told.
    """
    acts: dict[str, dict[str, Any]] = {
        "f": {"action": {"option": "freeze", "to": "gone"}, "trigger": "a and b"},
        "a": {"obligors": "u", "action": {"option": "oil", "to": "half"}},
        "b": {"obligors": "u", "action": {"option": "oil", "to": "full"}},
    }
    dear = {**CASE["preferences"]["k"]["utility"], "freeze": {"gone": "-11"}}
    linked = case(preferences={**CASE["preferences"], "k": {"utility": dear}}, infeasible=[])
    findings = {f.subject: f.witness for f in found(exposed, small(acts, linked))}
    assert (findings["k"]["done"], findings["k"]["value"]) == (["a", "b", "f"], "2")
    many = {f"t{n}": {"obligors": "u", "action": {"option": "ties", "to": "open"}} for n in range(12)}
    large = small({**acts, **many}, linked)
    assert found(exposed, large) == []
    assert [name for name, _ in skipped(Read.of(large))] == ["A1", "A2"]


def test_without_from_alternatives_leave_the_level_of_today() -> None:
    """Gone after frozen is 8 - 5 more; after frozen or something else it is 8."""
    steps: dict[str, dict[str, Any]] = {
        "frozen": {"action": {"option": "freeze", "to": "frozen"}},
        "other": {},
        "gone": {"action": {"option": "freeze", "to": "gone"}},
    }
    for trigger, worth in (("frozen and other", 3), ("frozen or other", 8)):
        whole, _ = given(small({**steps, "gone": {**steps["gone"], "trigger": trigger}}, case()))
        assert whole["k"]["gone"] == worth


def _brute(coms: Mapping[str, tuple[str, str, list[list[str]]]], party: str) -> tuple[Fraction, Fraction]:
    """The largest loss at any point of any order, and the gain of all that can be done."""
    utility = CASE["preferences"][party]["utility"]

    def lost(done: frozenset[str]) -> Fraction:
        total = Fraction(0)
        for option, block in CASE["options"].items():
            place = max((block["levels"].index(coms[n][1]) for n in done if coms[n][0] == option), default=0)
            total -= Fraction(utility[option].get(block["levels"][place], "0"))
        return total

    points, waiting = {frozenset[str]()}, [frozenset[str]()]
    while waiting:
        point = waiting.pop()
        for name, (_, _, ways) in coms.items():
            if any(set(way) <= point for way in ways) and point | {name} not in points:
                points.add(point | {name})
                waiting.append(point | {name})
    return max(map(lost, points)), -lost(max(points, key=len))


def test_worst_points_and_gains_equal_brute_force_by_the_worth_of_the_case() -> None:
    """Acts with and without ``from``, several on one option, alternatives, and some that wait for themselves."""
    rng = random.Random(11)
    stuck = depends = 0
    linked = case(infeasible=[])
    for _ in range(1_000):
        names = [f"c{n}" for n in range(rng.randint(2, 5))]
        coms: dict[str, tuple[str, str, list[list[str]]]] = {}
        for name in names:
            option = rng.choice(list(CASE["options"]))
            ways = [rng.sample(names, rng.choice([0, 1, 1, 2])) for _ in range(rng.choice([1, 1, 2]))]
            coms[name] = (option, rng.choice(CASE["options"][option]["levels"][1:]), ways)
        written: dict[str, dict[str, Any]] = {}
        for name, (option, level, ways) in coms.items():
            start = {"from": CASE["options"][option]["levels"][0]} if rng.random() < 0.3 else {}
            told = " or ".join("(" + " and ".join(w or ["in_force"]) + ")" for w in ways)
            owner = {"obligors": CASE["options"][option]["party"]}
            written[name] = {**owner, "action": {"option": option, "to": level, **start}, "trigger": told}
        balances = _balances(Read.of(small(written, linked)))
        assert balances is not None
        for party in "ku":
            value, gain = _brute(coms, party)
            assert balances[0].stops[party].value == value
            assert balances[0].gains[party] == gain
            utility = CASE["preferences"][party]["utility"]
            stuck += gain != sum(Fraction(utility[o][x]) for o, x in {(o, x) for o, x, _ in coms.values()})
            depends += len({o for o, _, _ in coms.values()}) < len(coms)
    assert stuck > 300
    assert depends > 300


def test_steps_that_can_be_undone_are_a_remark() -> None:
    back: Any = {"reversible": {"cost": "0", "time": "1 month"}}
    soft: Any = {**LADDER, "freeze": {**LADDER["freeze"], **back}, "watched": {**LADDER["watched"], **back}}
    assert ids(found(exposed, small(soft, case()))) == [("A1", "info", "k")]
    half: Any = {**LADDER, "freeze": {**LADDER["freeze"], **back}}
    assert ids(found(exposed, small(half, case()))) == [("A1", "warning", "k")]


def test_what_cannot_be_undone() -> None:
    """Only `gone` is irreversible: 3 given, against 4 received before it (half); take the 4 away and 3 remain."""
    assert found(irreversible, small(LADDER, case())) == []
    early: Any = {**LADDER, "gone": {**LADDER["gone"], "trigger": "watched"}}
    findings = found(irreversible, small(early, case()))
    assert ids(findings) == [("A2", "warning", "k")]
    assert findings[0].witness["sum"] == "3"
    check_witness(findings[0])


def test_without_a_case_what_cannot_be_undone_is_counted() -> None:
    hard: dict[str, dict[str, Any]] = {
        "a": {"reversible": "no"},
        "b": {"reversible": "no"},
        "c": {"obligors": "u", "reversible": {"cost": "0", "time": "1 month"}},
    }
    findings = found(irreversible, small(hard))
    assert ids(findings) == [("A2", "info", "k")]
    assert findings[0].witness["irreversible"] == {"k": ["a", "b"], "u": []}
    assert found(irreversible, small({**hard, "c": {"obligors": "u", "reversible": "no"}})) == []
    assert found(irreversible, small({**hard, "c": {"obligors": "u"}})) == []  # nobody said whether it can
    assert dict(skipped(Read.of(small(hard)))).keys() == {"A1"}
    assert dict(skipped(Read.of(small(LADDER, case())))) == {}


def test_one_side_is_clear_and_the_other_is_not() -> None:
    clear: Any = {"deadline": "2020-01-01", "verification": [{"by": "v", "evidence": ["document"]}]}
    vague: Any = {"obligors": "u", "claim_ok": True, "trigger": "a"}
    lopsided: Any = {"a": clear, "b": clear, "c": vague, "d": vague}
    findings = found(imprecise, small(lopsided))
    assert ids(findings) == [("A3", "warning", "u")]
    assert findings[0].witness["slots"] == {"date": "k", "verifier": "k"}
    means: Any = findings[0].witness["means"]
    assert means["k"]["date"] == "1"
    assert means["u"]["date"] == "0"
    even: Any = {**lopsided, "c": {**clear, "obligors": "u"}, "d": {**clear, "obligors": "u"}}
    assert found(imprecise, small(even)) == []


def test_the_illustration_of_the_theory() -> None:
    """As the theory has it: 7 for K and 4 for U.

    K gives 5, receives 4, gives 4, receives 6, gives 8: 5, 1, 5, -1, 7. U, for whom the freeze is worth 2 and the
    inspections 4: -2, 2, -2, 4, -4.
    """
    names = ["freeze", "half", "inspections", "keys", "dismantling", "oil"]
    triggers: dict[str, Formula] = {n: Fulfilled(first) for n, first in zip(names[1:], names, strict=False)}
    ways = prerequisites(agreement({"freeze": Always(), **triggers}))
    k = {"freeze": 5, "half": -4, "inspections": 4, "keys": -6, "dismantling": 8, "oil": -9}
    u = {"freeze": -2, "half": 4, "inspections": -4, "keys": 6, "dismantling": -8, "oil": 3}
    assert worst_stop(ways, k).value == 7
    assert worst_stop(ways, k).done == tuple(sorted(names[:5]))  # after everything but the fuel oil
    assert worst_stop(ways, u).value == 4


def test_equals_brute_force_and_an_own_cut_also_with_alternatives() -> None:
    rng = random.Random(5)
    alternatives = ordered = cases = 0
    while cases < 1_000:
        triggers, worth = drawn(rng)
        triggers = dict(list(triggers.items())[:6])
        worth = {n: w for n, w in worth.items() if n in triggers}
        if any(n not in triggers for t in triggers.values() for n in _spoken(t)):
            continue
        cases += 1
        ways = prerequisites(agreement(triggers))
        stop = worst_stop(ways, worth)
        names = sorted(triggers)
        sets = chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))
        best = max(sum((worth[n] for n in s), Fraction(0)) for s in sets if can_have_been_done(frozenset(s), triggers))
        assert stop.value == best
        met = _in_order(ways, stop.done)
        assert met.keys() == set(stop.done)
        assert all(way <= set(stop.done) for way in met.values())
        assert cut({n: sorted(w) for n, w in met.items()}, {n: worth[n] for n in stop.done}) == best
        alternatives += any(len(w) > 1 for w in ways.values())
        ordered += best != sum((w for w in worth.values() if w > 0), Fraction(0))
    assert alternatives > 150
    assert ordered > 250


def _spoken(formula: Any) -> list[str]:
    inner = [*getattr(formula, "parts", ()), *([formula.formula] if hasattr(formula, "formula") else [])]
    return [n for p in inner for n in _spoken(p)] + ([formula.commitment] if hasattr(formula, "commitment") else [])
