"""The answer in draws against a literal tally over cases with plain numbers, and what the words make of it."""

from __future__ import annotations

import copy
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import log10
from typing import Any

import numpy as np
import pytest

import detente
from detente.case.change import Edit
from detente.graph.completions import Completions, completed_worths
from detente.graph.known import Known
from detente.graph.ranks import ranks_of
from detente.inquiry.session import Session
from detente.settlement.drawn import InDraws
from detente.settlement.drawn_narrative import draw_lines
from detente.settlement.drawn_rules import front
from detente.settlement.named import named_deals
from detente.settlement.result import RULES, Settlement
from detente.space.drawn import DrawnUtility
from detente.space.draws import Draws, draws
from detente.space.states import StateSpace
from tests.literal import settlement_drawn as literal
from tests.literal.settlement import Bargain

DRAWS = 4
SEEDS = (*range(225), 959130, 959286)  # the last two: sums of draws that are equal in truth, not in floating point


def plain_cases(tree: dict[str, Any], case: detente.Case, made: Draws) -> Iterator[dict[str, Any]]:
    """One case with plain numbers per draw."""
    states = StateSpace.of(case)
    worths: dict[str, list[Any]] = {}
    for party, written in tree["preferences"].items():
        if "utility" in written:
            continue
        ranks = ranks_of(case, states, party)[0]
        if ranks is None:
            completions = Completions.of(Known.of(case, states, party, None))
            worths[party] = list(completed_worths(made, party, completions))
        else:
            worths[party] = [w[ranks] for w in made.order_worths(party, int(ranks.max()) + 1)]
    for n in range(made.count):
        out = copy.deepcopy(tree)
        for party, written in out["preferences"].items():
            if party in worths:
                keys = [literal.pattern(tree, tuple(int(d) for d in states.digits[:, s])) for s in range(len(states))]
                out["preferences"][party] = {
                    "utility": {k: repr(float(w)) for k, w in zip(keys, worths[party][n], strict=True)}
                }
                continue
            drawn = DrawnUtility.of(made, states, party)
            for key, worth in written["utility"].items():
                if isinstance(worth, dict):
                    row = made.level_worths(party, key)[:, n]
                    levels = tree["options"][key]["levels"]
                    written["utility"][key] = {k: decimal(v, drawn) for k, v in zip(levels, row, strict=True)}
                else:
                    written["utility"][key] = decimal(made.values(("preferences", party, "utility", key))[n], drawn)
        payoffs = out["disagreement"].get("payoffs") if isinstance(out["disagreement"], dict) else None
        payoffs = payoffs or {}
        for party in payoffs:
            payoffs[party] = repr(float(made.values(("disagreement", "payoffs", party))[n]))
        yield out


def decimal(worth: np.float64, drawn: DrawnUtility | None) -> str:
    """A drawn worth as a decimal of the precision that draws are told apart by."""
    if drawn is None:
        return repr(float(worth))
    return str(Decimal(round(worth * drawn.scale)).scaleb(-round(log10(drawn.scale))))


def asked(tree: dict[str, Any], count: int = DRAWS, seed: int = 0) -> Settlement:
    found = Session(detente.Case.from_dict(tree)).ask("settle", draws=count, seed=seed)
    assert isinstance(found, Settlement)
    return found


def compare(tree: dict[str, Any], seed: int) -> tuple[Settlement, literal.Shares] | None:
    case = detente.Case.from_dict(tree)
    try:
        found = asked(tree, seed=seed)
    except detente.UsageError:  # no signatory with a known order
        return None
    drawn = found.drawn
    if drawn is None:
        return None
    made = draws(case, DRAWS, seed)
    plain = list(plain_cases(tree, case, made))
    stakes = {
        p: found.bargain.stake(p) if p in found.bargain.payoffs else Fraction(1) for p in Bargain(plain[0]).axes
    }  # fmt: skip
    expected = literal.shares(plain, stakes, RULES)
    check(found, drawn, expected)
    return found, expected


def check(found: Settlement, drawn: InDraws, expected: literal.Shares) -> None:
    states = found.bargain.states
    assert states is not None
    deals = [tuple(int(d) for d in states.digits[:, s]) for s in range(len(states))]
    counts = Counter(expected.verdicts)
    assert drawn.verdicts == {v: counts[v] / DRAWS for v in ("zone", "weak", "none")}
    assert [round(z * DRAWS) for z in drawn.zone] == [expected.zone[x] for x in deals]
    assert [round(z * DRAWS) for z in drawn.frontier] == [expected.frontier[x] for x in deals]
    for rule in RULES:
        wanted = [float(expected.chosen[rule][x]) / DRAWS for x in deals]
        assert np.allclose(drawn.chosen[rule], wanted, atol=1e-12), rule
    least = min(expected.regret.values())
    assert float(drawn.regret.amount) == pytest.approx(float(least), abs=1e-9)
    best = {x for x, v in expected.regret.items() if v <= least + Fraction(1, 10**9)}
    assert {deals[int(d)] for d in drawn.regret.deals} == best


def test_every_share_agrees_with_a_literal_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.settlement.drawn_gains.CHUNK", 3)  # so that draws come in more than one piece
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        compared = compare(literal.uncertain_case(seed), seed)
        if compared is None:
            continue
        found, expected = compared
        assert found.drawn is not None
        seen["cases"] += 1
        seen.update(set(found.drawn.kinds.values()))
        seen["verdict differs"] += len(set(expected.verdicts)) > 1
        seen["owners"] += bool(found.bargain.owners)
        parts = {v for of in expected.chosen.values() for v in of.values()}
        seen["ties in parts"] += any(v.denominator > 1 for v in parts)
        seen["picks differ"] += any(0 < v < DRAWS for v in expected.chosen["nash"].values())
        nash = {x for x, v in expected.chosen["nash"].items() if v}
        best = {tuple(int(d) for d in found.bargain.states.digits[:, s]) for s in found.drawn.regret.deals}  # type: ignore[union-attr]
        seen["least regret is no pick"] += not best & nash
        seen["regret without a deal"] += "none" in expected.verdicts
        seen["frontier in part"] += any(0 < v < DRAWS for v in expected.frontier.values())
    assert seen["cases"] >= 200
    assert min(seen[k] for k in ("utility", "order", "completion", "certain", "verdict differs", "owners")) >= 15, seen
    assert min(seen[k] for k in ("ties in parts", "picks differ", "least regret is no pick", "frontier in part",
                                 "regret without a deal")) >= 10, seen  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(10))
def test_every_share_agrees_on_fresh_seeds(block: int) -> None:
    base = int(os.environ["DETENTE_SEED"]) % 10**6
    for seed in range(base + 200 * block, base + 200 * (block + 1)):
        compare(literal.uncertain_case(seed), seed)


# --- shares that can be worked out by hand ---------------------------------------------------------------------------

TWO = {
    "detente": 1,
    "name": "two",
    "parties": {"a": {"name": "Alba"}, "b": {"name": "Bor"}},
    "options": {"deal": {"party": "a"}},
}


def test_the_zone_holds_in_the_share_of_draws_in_which_the_number_is_above_zero() -> None:
    preferences = {"a": {"utility": {"deal == yes": "-1..3"}}, "b": {"utility": {"deal": {"yes": 1}}}}
    drawn = asked({**TWO, "preferences": preferences}, 4000).drawn
    assert drawn is not None
    assert drawn.verdicts["zone"] == pytest.approx(0.75, abs=0.02)
    assert drawn.verdicts["none"] == pytest.approx(0.25, abs=0.02)
    assert drawn.chosen["ks"][1] == drawn.zone[1] == drawn.frontier[1] == drawn.verdicts["zone"]
    # without the deal Bor regrets 1 of 1 at worst; with it Alba loses nearly 1 of its stake of 1: the deal at its mean
    assert list(drawn.regret.deals) == [1]
    assert float(drawn.regret.of_party["a"]) == pytest.approx(1, abs=0.01)


def test_chicken_by_order_alone() -> None:
    """With worths 0 < a < b < 1 for each, a and b the order statistics of two uniforms.

    Nash picks the compromise if b b' > a and b b' > a': of a the chance given b is b', so together the mean of b b',
    which is (2/3)^2. Kalai-Smorodinsky picks it if the smaller b is above both a: the mean of the ratio of the smaller
    to the larger b, 2/3. A sum of payoffs is twice as likely to lie at one of the ends.
    """
    drawn = Session(detente.load("chicken")).ask("settle", draws=4000).drawn
    middle = [n for n in range(4) if drawn.chosen["fallback"][n] == 1]
    assert len(middle) == 1
    assert drawn.chosen["nash"][middle[0]] == pytest.approx(4 / 9, abs=0.025)
    assert drawn.chosen["ks"][middle[0]] == pytest.approx(2 / 3, abs=0.025)
    assert drawn.orders == ("row", "col")
    assert {a.about for a in drawn.asks} == set(RULES) - {"fallback"}


def test_uncertain_weights_are_drawn_unless_given_with_the_question() -> None:
    options = {"first": {"party": "a"}, "second": {"party": "b"}}
    tree = {
        **TWO, "options": options, "infeasible": ["first and second"], "settlement": {"weights": {"a": "0.2..2.2"}},
        "preferences": {"a": {"utility": {"first": {"yes": 3}, "second": {"yes": 1}}},
                        "b": {"utility": {"first": {"yes": 1}, "second": {"yes": 3}}}},
    }  # fmt: skip
    drawn = asked(tree, 4000).drawn
    assert drawn is not None
    assert drawn.chosen["nash"][1] == pytest.approx(0.6, abs=0.025)  # where the weight of a is above 1
    given = Session(detente.Case.from_dict(tree)).ask("settle", weights={"a": 2, "b": 1})
    assert given.drawn is None
    assert [d.levels for d in given.points["nash"][0].deals] == [(1, 0)]


def test_a_party_with_a_few_comparisons_counts_in_the_draws() -> None:
    """One of the two deals is known to be better than none for Bor; the other is in one of three places."""
    tree = {
        **TWO, "options": {"first": {"party": "a"}, "second": {"party": "b"}}, "infeasible": ["first and second"],
        "preferences": {"a": {"utility": {"first": {"yes": 1}, "second == yes": "-2..2"}},
                        "b": {"partial": [["second", "not first and not second"]]}},
    }  # fmt: skip
    found = asked(tree, 3000)
    assert found.drawn is not None
    assert found.bargain.unknown == ("b",)
    assert found.drawn.parties == ("a", "b")
    assert found.drawn.kinds == {"a": "utility", "b": "completion"}
    # first is better for Bor in two completions of three; second for Alba in half of the draws
    assert found.drawn.zone[1] == pytest.approx(2 / 3, abs=0.03)
    assert found.drawn.zone[2] == pytest.approx(1 / 2, abs=0.03)
    ask = next(a for a in found.drawn.asks if a.about == "nash")
    # the answer without Bor picks first; it can be picked with Bor only if Bor prefers it to no deal
    assert (ask.party, ask.first, ask.second, ask.ratio) == ("b", 1, None, None)
    assert ask.yes > 0.4
    assert ask.no == 0
    text = "\n".join(draw_lines(found, named_deals(found)))
    assert "orders, and utilities, that fit what is known of Bor" in text
    assert "Ask Bor whether it prefers (first: yes) to (no deal)" in text


def test_the_comparison_asked_for_is_the_one_that_decides() -> None:
    """Bor's worths are certain, so what Nash picks hangs on Alba's gap alone: its middle deal against its best one."""
    tree = {
        **TWO, "options": {"first": {"party": "a"}, "second": {"party": "b"}}, "infeasible": ["first and second"],
        "preferences": {"a": {"ranking": ["first", "second", "not first and not second"]},
                        "b": {"utility": {"first": {"yes": 1}, "second": {"yes": 2}}}},
    }  # fmt: skip
    found = asked(tree, 2000)
    assert found.drawn is not None
    assert found.drawn.chosen["nash"][1] == pytest.approx(1 / 2, abs=0.03)  # middle below one half of the best
    ask = next(a for a in found.drawn.asks if a.about == "nash")
    assert ask.party == "a"
    assert (ask.first, ask.second) == (2, 1)
    assert ask.ratio == pytest.approx(0.5, abs=0.01)
    assert {round(ask.yes), round(ask.no)} == {0, 1}
    assert abs(ask.yes - ask.no) > 0.99
    text = "\n".join(draw_lines(found, named_deals(found)))
    assert "not decided by the ranking" in text
    assert "Ask Alba whether" in text


def test_what_an_owner_gains_counts_only_where_its_acceptance_is_needed() -> None:
    tree: dict[str, Any] = {
        **TWO, "parties": {"a": {}, "b": {}, "x": {"role": "guarantor"}},
        "options": {"deal": {"party": "a"}, "help": {"party": "x"}},
        "preferences": {"a": {"utility": {"help == yes": "-2..-1"}}, "b": {"utility": {"help": {"yes": 0}}},
                        "x": {"utility": {"deal": {"yes": 1}}}},
    }  # fmt: skip
    drawn = asked(tree, 50).drawn
    assert drawn is not None
    assert drawn.verdicts == {"zone": 0.0, "weak": 0.0, "none": 1.0}
    tree["preferences"]["a"]["utility"] = {"help == yes": "0..1"}
    drawn = asked(tree, 50).drawn
    assert drawn is not None
    assert drawn.verdicts == {"zone": 0.0, "weak": 1.0, "none": 0.0}  # nothing in it for b


def test_nothing_is_drawn_where_nothing_is_uncertain_or_none_are_asked_for() -> None:
    certain = {"a": {"utility": {"deal": {"yes": 2}}}, "b": {"utility": {"deal": {"yes": 1}}}}
    assert asked({**TWO, "preferences": certain}).drawn is None
    assert asked({**TWO, "preferences": certain}).to_dict()["draws"] is None
    korea = Session(detente.load("korea-2019"))
    assert korea.ask("settle", draws=0).drawn is None
    one, two = (korea.ask("settle", draws=20, seed=s).drawn for s in (1, 2))
    again = Session(detente.load("korea-2019")).ask("settle", draws=20, seed=1).drawn
    assert (one.zone == again.zone).all()
    assert (one.zone != two.zone).any()
    assert korea.ask("settle", draws=20, seed=1).provenance.seed == 1


def test_fewer_draws_of_very_many_deals_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.inquiry.settling.MOST_CELLS", 240)
    preferences = {"a": {"utility": {"deal == yes": "-1..3"}}, "b": {"utility": {"deal": {"yes": 1}}}}
    found = asked({**TWO, "preferences": preferences}, 500)
    assert found.drawn is not None
    assert found.drawn.draws == 120
    assert any("Only 120 draws" in w for w in found.provenance.warnings)


def test_a_restriction_from_outside_holds_in_the_draws() -> None:
    korea = Session(detente.load("korea-2019"))
    allowed = korea.states(korea.case()).mask("sanctions == full", "test")
    found = korea.ask("settle", draws=30, allowed=allowed.tolist())
    assert found.drawn is not None
    assert len(found.drawn.zone) == int(allowed.sum())
    whole = korea.ask("settle", draws=30)
    assert (whole.drawn.zone[allowed] == found.drawn.zone).all()
    assert (found.drawn.frontier >= whole.drawn.frontier[allowed]).all()


def test_rescaling_a_party_changes_no_share() -> None:
    base = {"a": {"utility": {"deal == yes": "-1..3"}}, "b": {"utility": {"deal == yes": "-1..2"}}}
    tenfold = {"a": {"utility": {"deal == yes": "-10..30"}}, "b": base["b"]}
    one, two = (asked({**TWO, "preferences": p}, 300).drawn for p in (base, tenfold))
    assert one is not None
    assert two is not None
    assert one.verdicts == two.verdicts
    for rule, numbers in itertools.product(("nash", "ks", "relative_utilitarian", "fallback"), (0, 1)):
        assert one.chosen[rule][numbers] == two.chosen[rule][numbers]
    assert float(one.regret.amount) == pytest.approx(float(two.regret.amount))


@pytest.mark.parametrize("parties", [1, 2, 3, 4])
def test_the_frontier_of_a_draw_is_every_undominated_point_with_its_equals(parties: int) -> None:
    """Many points, many of them equal: thinning out loses none."""
    rng = np.random.default_rng(parties)
    for spread in (3, 12, 60, 10**6):
        rows = [rng.integers(0, spread, 400) for _ in range(parties)]
        points = np.array(rows).T
        at_least = (points[:, None, :] >= points[None, :, :]).all(axis=2)
        beaten = (at_least & ~at_least.T).any(axis=0)
        positions, classes = front(rows)
        assert sorted(positions.tolist()) == np.flatnonzero(~beaten).tolist()
        together = classes[:, None] == classes[None, :]
        equal = (points[positions][:, None, :] == points[positions][None, :, :]).all(axis=2)
        assert (together == equal).all()
        assert sorted(set(classes.tolist())) == list(range(int(classes.max()) + 1))


def at_drawn_values(case: detente.Case, made: Draws, n: int) -> detente.Change:
    """Every uncertain number as drawn, the levels of an option in the order of their point values."""
    edits = {e.path: e for e in made.change(n).edits}
    for party in case.parties:
        forms, kind = case.preference(party), case.types.get(party)
        prefix: tuple[str, ...] = ("preferences", party) if kind is None else ("preferences", party, "types", kind)
        for option, worth in ((forms.utility if forms else None) or {}).items():
            if isinstance(worth, dict):
                names = case.file.options[option].levels
                for name, value in zip(names, made.level_worths(party, option, kind)[:, n], strict=True):
                    path = (*prefix, "utility", option, name)
                    edits[path] = Edit(path, f"{float(value):.12g}")
    return detente.Change(tuple(edits.values()))


def test_draws_of_a_large_case_pick_what_the_exact_answer_picks() -> None:
    """One draw at a time, written into the case as plain numbers and answered by the exact method."""
    session = Session(detente.load("korea-2019"))
    case = session.case()
    made = draws(case, 4, 11)
    found = session.ask("settle", draws=4, seed=11)
    assert found.drawn is not None
    chosen = {r: np.zeros(len(found.drawn.zone)) for r in RULES}
    zone = np.zeros(len(found.drawn.zone))
    for n in range(4):
        exact = session.ask("settle", draws=0, types=case.types, changes=at_drawn_values(case, made, n))
        assert exact.deals is not None
        zone += exact.deals.strict
        for rule, classes in exact.points.items():
            for one in classes:
                for deal in one.deals:
                    chosen[rule][deal.state] += 1 / len(classes)
    assert (zone / 4 == found.drawn.zone).all()
    for rule in RULES:
        assert np.allclose(chosen[rule] / 4, found.drawn.chosen[rule]), rule
