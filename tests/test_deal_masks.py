"""Which deals may be made in a draw: the masks of a forecast against the words, with the draw written into the case."""

import copy
import os
import pickle
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

import detente
from detente.base.errors import CaseError, UsageError
from detente.case.change import Change, Edit
from detente.forecast.drawing import chosen_types
from detente.graph.completions import Completions, completed_worths
from detente.graph.known import Known
from detente.inquiry.deal_masks import masks_for
from detente.plan.targets import targets_of
from detente.ratification.passage import Assembly
from detente.settlement.enumeration import deals_of
from detente.settlement.problem import bargain_of
from detente.space.draws import LOTTERY, Draws, draws
from detente.space.masks import Bools
from detente.space.states import StateSpace
from detente.space.steered import Steered
from tests.literal import votes
from tests.literal.conditions import Levels
from tests.literal.plan_values import Left, Values, _can, random_case
from tests.literal.states import CaseDict

RULES = ("zone", "ratifiable", "enforceable")
TIED = 1e-9

# --- what the words say ----------------------------------------------------------------------------------------------


class Drawn(Values):
    """A case with one draw written into it; of an order the worths drawn to fit it; whatever happens without a deal."""

    def __init__(self, tree: CaseDict, target: Levels, worths: dict[str, Any], chances: list[float]) -> None:
        self.worths, self.chances = worths, chances
        super().__init__(tree, target)

    def _u(self, party: str, x: Levels) -> float:
        if party in self.ordinal and self.feasible(x):
            number = [*self.space.feasible].index(x)
            return float(self.worths[party][number])
        return super()._u(party, x)

    def nothing(self, party: str) -> float:
        spec = self.case.get("disagreement", {})
        if "lottery" in spec:
            states = [self.filled(t["state"]) for t in spec["lottery"]]
            return sum(c * self.u(party, x) for c, x in zip(self.chances, states, strict=True))
        if party in spec.get("payoffs", {}):
            return self.point(spec["payoffs"][party])
        return self.u(party, self.filled(spec.get("state", {})))

    def filled(self, written: dict[str, str]) -> Levels:
        return tuple(
            self.names[o].index(written[o]) if o in written else a
            for o, a in zip(self.options, self.today, strict=True)
        )

    def in_zone(self, x: Levels) -> bool:
        """Strictly better than no deal for signatories, and for owners of options that change."""
        changed = {self.owner[o] for o, (a, b) in enumerate(zip(self.today, x, strict=True)) if a != b}
        roles = {p: w.get("role", "signatory") for p, w in self.case["parties"].items()}
        asked = [p for p, r in roles.items() if r == "signatory" or (r != "mediator" and p in changed)]
        return all(self.u(p, x) - self.nothing(p) > TIED for p in asked)

    def passes_both(self) -> bool:
        if self.target == self.today or not _can(self, self.target):
            return False
        starts = [self.start_test(p) / self.stake(p) for p in self.parties]
        holds = [self.target_test(p) / self.stake(p) for p in self.parties]
        margin = self.point(self.plan.get("margin", 0))
        return min(starts) >= -TIED and max(starts) > TIED and min(holds) >= margin - TIED


def drawn_tree(tree: CaseDict, made: Draws, number: int) -> CaseDict:
    """One draw written into a case: numbers, and the type of every party."""
    out = copy.deepcopy(tree)
    for edit in made.change(number).edits:
        if edit.path == LOTTERY:
            continue  # written below, by the words
        at: Any = out
        for key in edit.path[:-1]:
            at = at[key]
        assert isinstance(edit.value, str)
        at[edit.path[-1]] = float(edit.value)
    if "lottery" in out.get("disagreement", {}):
        out["disagreement"]["lottery"][0]["chance"] = chances_of(made, number)[0]
    for party, written in out["preferences"].items():
        if "types" in written:
            kind = list(written["types"])[int(made.types(party)[number])]
            out["preferences"][party] = {k: v for k, v in written["types"][kind].items() if k in ("utility", "ranking")}
    return out


def drawn_orders(tree: CaseDict, states: StateSpace, made: Draws, number: int) -> dict[str, Any]:
    """Worth of every state to the parties with a ranking, as drawn."""
    out = {}
    for party, written in tree["preferences"].items():
        if "ranking" in written:
            rows = [[row] if isinstance(row, str) else row for row in reversed(written["ranking"])]
            place = {state: n for n, row in enumerate(rows) for state in row}
            worths = made.order_worth(party, len(rows), number)
            out[party] = [worths[place[f"s{n + 1}"]] for n in range(len(states))]
    return out


# --- random cases ----------------------------------------------------------------------------------------------------


def blurred(rng: random.Random, worth: Any) -> Any:
    if isinstance(worth, dict):
        return {k: blurred(rng, v) for k, v in worth.items()}
    if not isinstance(worth, int) or rng.random() < 0.5:
        return worth
    return rng.choice((f"{worth - 2}..{worth + 1}", f"{worth} ± 1", f"{worth - 1}..{worth}..{worth + 4}"))


def uncertain_case(seed: int) -> CaseDict:
    """A small case with a plan, bodies that vote, types and uncertain numbers."""
    rng = random.Random(seed)
    tree, _ = random_case(seed)
    for party, written in tree["preferences"].items():
        if "utility" not in written:
            continue
        written["utility"] = blurred(rng, written["utility"])
        if rng.random() < 0.35:
            other = {k: blurred(rng, _turned(v)) for k, v in written["utility"].items()}
            first = {"prior": rng.choice(("0.2..0.8", 0.5)), **written}
            tree["preferences"][party] = {"types": {"one": first, "two": {"prior": "rest", "utility": other}}}
    for party in tree["parties"].values():
        if rng.random() < 0.3:
            party["discount"] = "0.7..0.95"
        if "scale" in party:
            party["scale"] = "3..9"
    for levels in tree["plan"].get("costs", {}).values():
        for level in levels:
            levels[level] = {"once": rng.choice(("1..6", 2))}
    if "margin" in tree["plan"]:
        tree["plan"]["margin"] = "-0.2..0.1"
    _disagreement(rng, tree)
    _votes(rng, tree)
    return tree


def _disagreement(rng: random.Random, tree: CaseDict) -> None:
    measured = [p for p, w in tree["preferences"].items() if "ranking" not in w]
    chance = rng.random()
    if chance < 0.2:
        tree["disagreement"] = {"payoffs": {p: rng.choice((0, 1, "-2..2")) for p in measured if rng.random() < 0.7}}
    elif chance < 0.35 and len(measured) == len(tree["preferences"]):
        option, written = rng.choice(list(tree["options"].items()))
        today = tree["status_quo"]
        elsewhere = {**today, option: rng.choice(written["levels"])}
        tree["disagreement"] = rng.choice((
            {"state": elsewhere},
            {"lottery": [{"state": today, "chance": "0.2..0.6"}, {"state": elsewhere, "chance": "rest"}]},
        ))  # fmt: skip


def _votes(rng: random.Random, tree: CaseDict) -> None:
    body = votes._body(rng, {**tree, "parties": {"a": {}, "b": {}}})
    if "veto" in body:
        body["veto"] = rng.choice((["p1"], ["p1", "p2"], {"x": "p2", "y": "0.3..0.9"}))
    for bloc in body.get("blocs", {}).values():
        if bloc["accepts"] in (0.25, 0.5, 0.6):
            bloc["accepts"] = "0.2..0.9"
    when = votes._where(rng, tree)
    tree["ratification"] = {"bodies": {"house": body}, "requirements": [{"when": when, "needs": "house"}]}


def _turned(worth: Any) -> Any:
    if isinstance(worth, dict):
        return {k: _turned(v) for k, v in worth.items()}
    return 2 - worth if isinstance(worth, int) else worth


def steered(made: Draws, rng: random.Random) -> Steered:
    """Some draws with streams drawn afresh, held, or at point values."""
    streams = sorted({i.stream for i in made.inputs.values()})
    streams += [f"preferences.{p}.types" for p, w in made.case.file.preferences.items() if w.types]
    some = [s for s in streams if rng.random() < 0.5]
    pinned = {s: np.array([np.nan, 1.0 if s.endswith(".types") else 0.3]) for s in streams if rng.random() < 0.2}
    fresh = {s: np.array([True, rng.random() < 0.5]) for s in some}
    points = np.array([False, rng.random() < 0.3])
    return Steered.of(made, np.array([1, 0]), fresh=fresh, pinned=pinned, points=points)


# --- equality --------------------------------------------------------------------------------------------------------


def agree(seed: int, told: Counter[str]) -> None:
    """The masks of a draw or two are what the words say; counts what tells wrong readings apart."""
    rng = random.Random(seed)
    tree = uncertain_case(seed)
    case = detente.Case.from_dict(tree)
    states = StateSpace.of(case)
    plain = draws(case, 3, seed)
    made = steered(plain, rng) if rng.random() < 0.4 else plain
    rules = rng.choice((("zone",), ("ratifiable",), ("enforceable",), ("zone", "enforceable"), RULES))
    try:
        masks = masks_for(case, states, rules)
        assert masks is not None
        of_draw = masks(made)
        numbers = (0, 1) if seed % 8 == 0 else (seed % 2,)
        found = {n: of_draw(n) for n in numbers}
    except UsageError:  # a breakdown that an order says nothing of; a vote of a party without a written order
        return
    told["cases"] += 1
    told["steered"] += made is not plain
    for n in numbers:
        told[" ".join(rules)] += bool(found[n].any() and not found[n].all())
        told["drawn"] += 1
        try:
            one_draw(tree, states, made, n, rules, found[n], rng)
        except Left:
            told["left"] += 1
    if seed % (3 if rules == ("zone",) else 12) == 0:
        wrong_readings(case, states, made, rules, found, told)


def wrong_readings(
    case: detente.Case,
    states: StateSpace,
    made: Draws,
    rules: tuple[str, ...],
    found: dict[int, Bools],
    told: Counter[str],
) -> None:
    """In how many draws a mask differs from what it would be if something were read otherwise."""
    masks = masks_for(case, states, rules)
    assert masks is not None
    points = masks(Steered.of(draws(case, 1), np.array([0]), points=np.array([True])))(0)
    first = case.with_types({p: next(iter(w.types)) for p, w in case.file.preferences.items() if w.types})
    known = masks(made.of_case(first) if isinstance(made, Steered) else Draws(first, made.count, made.seed))
    for n, right in found.items():
        told["compared"] += 1
        told["point values"] += bool((right != points).any())
        told["the first type"] += bool((right != known(n)).any())
        if rules != ("zone",):
            continue
        told["compared zones"] += 1
        weak, raw = zone_otherwise(case, states, made, n)
        told["weakly better"] += bool((right != weak).any())
        told["levels out of order"] += bool((right != raw).any())


def zone_otherwise(case: detente.Case, states: StateSpace, made: Draws, n: int) -> tuple[Bools, Bools]:
    """Deals that nobody loses by and somebody gains by; the zone with the levels of an option not sorted."""
    kinds = {p: list(w.types)[int(made.types(p)[n])] for p, w in case.file.preferences.items() if w.types}
    drawn = case.change(made.change(n)).with_types(kinds)
    whole = [e for e in made.change(n).edits if e.path == LOTTERY]  # a list changes as a whole
    edits = (*(Edit(p, f"{made.values(p)[n]:.12g}") for p in made.inputs if p[:2] != LOTTERY), *whole)
    unsorted = case.change(Change(edits)).with_types(kinds)
    return deals_of(bargain_of(drawn, states)).zone, deals_of(bargain_of(unsorted, states)).strict


def one_draw(
    tree: CaseDict, states: StateSpace, made: Draws, n: int, rules: tuple[str, ...], found: Bools, rng: random.Random
) -> None:
    drawn = drawn_tree(tree, made, n)
    worths, chances = drawn_orders(drawn, states, made, n), chances_of(made, n)
    deals = [tuple(int(d) for d in column) for column in states.digits.T]
    expected = np.ones(len(states), bool)
    if "zone" in rules:
        values = Drawn(drawn, deals[0], worths, chances)
        expected &= [values.in_zone(x) for x in deals]
    if "ratifiable" in rules:
        expected &= passing(drawn, states)
    if "enforceable" not in rules:
        assert found.tolist() == expected.tolist(), (seed_of(tree), n)
        return
    assert not found[~expected].any(), (seed_of(tree), n)
    left = np.flatnonzero(expected)
    for state in rng.sample(left.tolist(), min(3, len(left))):
        passes = Drawn(drawn, deals[state], worths, chances).passes_both()
        assert found[state] == passes, (n, deals[state])


def seed_of(tree: CaseDict) -> str:
    return str(tree["preferences"])


def passing(drawn: CaseDict, states: StateSpace) -> Bools:
    """Deals that pass, which the tests of ratification compare with the words."""
    return Assembly.of(detente.Case.from_dict(drawn), states).win_set


def chances_of(made: Draws, n: int) -> list[float]:
    tickets = made.case.file.disagreement.lottery
    if tickets is None:
        return []
    first = tickets[0].chance
    assert not isinstance(first, str)
    chance = float(made.sample(("disagreement", "lottery", "0", "chance"), first)[n])
    return [chance, 1 - chance]


def test_deals_that_may_be_made_are_those_of_the_words_and_the_sample_tells_readings_apart() -> None:
    told: Counter[str] = Counter()
    for seed in range(1_020):
        agree(seed, told)
    assert told["cases"] >= 1_000
    assert told["steered"] > 300
    assert told["left"] < 20
    for rules in ("zone", "ratifiable", "enforceable", "zone enforceable", " ".join(RULES)):
        assert told[rules] > 50, (rules, told)  # masks that hold some deals and not others
    assert told["point values"] > 0.15 * told["compared"], told
    assert told["the first type"] > 0.05 * told["compared"], told
    assert told["weakly better"] > 0.3 * told["compared zones"], told
    assert told["levels out of order"] > 0.05 * told["compared zones"], told


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(10))
def test_deals_that_may_be_made_on_fresh_cases(block: int) -> None:
    base = int(os.environ["DETENTE_SEED"]) % 10**6
    for seed in range(base + 300 * block, base + 300 * (block + 1)):
        agree(seed, Counter())


# --- a large case ----------------------------------------------------------------------------------------------------


def literal_mask(made: Draws, states: StateSpace, n: int, rules: tuple[str, ...]) -> Bools:
    """The rooms' own answers to the case with the draw written into it."""
    case = made.case
    kinds = {p: list(w.types)[int(made.types(p)[n])] for p, w in case.file.preferences.items() if w.types}
    drawn = case.change(made.change(n)).with_types(kinds)
    out = np.ones(len(states), bool)
    if "zone" in rules:
        deals = deals_of(bargain_of(drawn, states))
        out &= np.isin(np.arange(len(states)), deals.states[deals.strict])
    if "ratifiable" in rules:
        out &= Assembly.of(drawn, states).win_set
    return out & targets_of(drawn, states).both if "enforceable" in rules else out


def test_masks_of_korea_are_the_answers_of_the_rooms() -> None:
    case = detente.load("korea-2019")
    states = StateSpace.of(case)
    made = draws(case, 5, 2)
    streams = [i.stream for i in made.inputs.values()]
    fresh = {s: np.array([True, False]) for s in streams[::2]}
    points = np.array([False, True])
    for some in (made, Steered.of(made, np.array([4, 1]), fresh=fresh, points=points)):
        masks = masks_for(case, states, RULES)
        assert masks is not None
        of_draw = masks(some)
        for n in range(2):
            found = of_draw(n)
            assert 0 < found.sum() < len(states) / 2
            assert (found == literal_mask(some, states, n, RULES)).all()


def test_the_same_draw_gives_the_same_deals_wherever_it_is_worked_out() -> None:
    for seed in (3, 12, 40, 44):
        case = detente.Case.from_dict(uncertain_case(seed))
        states = StateSpace.of(case)
        masks = masks_for(case, states, ("zone", "enforceable"))
        assert masks is not None
        there = pickle.loads(pickle.dumps(masks))(draws(case, 6, 1))  # noqa: S301 - our own bytes
        backwards = {n: there(n) for n in reversed(range(6))}
        here = masks(draws(case, 9, 1))
        assert all((here(n) == backwards[n]).all() for n in range(6))


# --- what is missing -------------------------------------------------------------------------------------------------

PLAIN: dict[str, Any] = {
    "detente": 1, "name": "plain", "parties": {"a": {}, "b": {}},
    "options": {"x": {"party": "a"}, "y": {"party": "b"}},
    "preferences": {
        "a": {"utility": {"x": {"yes": "-3..1"}, "y": {"yes": 2}}},
        "b": {"utility": {"x": {"yes": 2}, "y": {"yes": "-3..1"}}},
    },
}  # fmt: skip
PLAN = {"snapback": True, "lag": 1}


def case_of(**blocks: Any) -> tuple[detente.Case, StateSpace]:
    case = detente.Case.from_dict({**copy.deepcopy(PLAIN), **blocks})
    return case, StateSpace.of(case)


def test_without_rules_there_are_no_masks() -> None:
    assert masks_for(*case_of(), ()) is None


def test_every_deal_passes_where_nobody_votes() -> None:
    case, states = case_of()
    masks = masks_for(case, states, ("ratifiable",))
    assert masks is not None
    assert masks(draws(case, 2))(1).all()


def test_a_plan_and_its_facts_are_asked_for_by_name() -> None:
    with pytest.raises(UsageError, match="a case without plan"):
        masks_for(*case_of(), ("zone", "enforceable"))
    with pytest.raises(CaseError, match="lag"):
        masks_for(*case_of(plan={"snapback": True}), ("enforceable",))
    assert masks_for(*case_of(plan={"snapback": True}), ("zone",)) is not None


def test_who_has_no_preference_gains_by_nothing() -> None:
    case, states = case_of(preferences={"a": PLAIN["preferences"]["a"]})
    masks = masks_for(case, states, ("zone",))
    assert masks is not None
    assert not masks(draws(case, 3))(0).any()


def test_what_a_party_chosen_is_like_is_not_drawn() -> None:
    soft, hard = {"utility": {"x": {"yes": 1}}}, {"utility": {"x": {"yes": -1}}}
    types = {"soft": {"prior": 0.5, **soft}, "hard": {"prior": "rest", **hard}}
    case, states = case_of(preferences={"a": {"types": types}, "b": {"utility": {"x": {"yes": 1}}}})
    masks = masks_for(case, states, ("zone",))
    assert masks is not None
    made = draws(case, 40)
    found = [bool(masks(made)(n).any()) for n in range(40)]
    assert found == [kind == 0 for kind in made.types("a")]
    assert 5 < sum(found) < 35
    chosen = case.with_types({"a": "hard"})
    assert chosen_types(chosen) == {"a"}
    masks = masks_for(chosen, states, ("zone",))
    assert masks is not None
    assert not any(masks(draws(chosen, 40))(n).any() for n in range(40))


def test_of_a_few_comparisons_an_order_is_drawn() -> None:
    partial = {"partial": [["s2", "s1"], ["s2", "s4"]]}
    preferences = {"a": partial, "b": {"utility": {"x": {"yes": 2}, "y": {"yes": 1}}}}
    case, states = case_of(preferences=preferences, plan=PLAN)
    masks = masks_for(case, states, ("zone",))
    assert masks is not None
    made = draws(case, 60, 5)
    worths = list(completed_worths(made, "a", Completions.of(Known.of(case, states, "a", None))))
    found = [masks(made)(n) for n in range(60)]
    assert [f.tolist() for f in found] == [(w > w[0]).tolist() for w in worths]
    assert {bool(f[2]) for f in found} == {True, False}
    with pytest.raises(UsageError, match="only some comparisons"):
        masks_for(case, states, ("enforceable",))


def test_of_an_order_against_a_lottery_a_utility_is_drawn() -> None:
    preferences = {"a": {"ranking": ["s4", "s2", "s3", "s1"]}, "b": {"utility": {"x": {"yes": 2}, "y": {"yes": 1}}}}
    lottery = [
        {"state": {"x": "no", "y": "no"}, "chance": "0.1..0.9"},
        {"state": {"x": "yes", "y": "yes"}, "chance": "rest"},
    ]
    case, states = case_of(preferences=preferences, disagreement={"lottery": lottery})
    masks = masks_for(case, states, ("zone",))
    assert masks is not None
    made = draws(case, 60, 5)
    of_draw = masks(made)
    found = [bool(of_draw(n)[1]) for n in range(60)]  # s2: x alone
    chance = np.array([chances_of(made, n)[0] for n in range(60)])
    worths = np.array(list(made.order_worths("a", 4)))
    assert found == ((worths[:, 2] > 1 - chance) & (3 * (1 - chance) < 2)).tolist()
    assert 3 < sum(found) < 57


def test_merged_states_whose_levels_are_needed_are_refused_as_in_settle() -> None:
    parties = {"a": {}, "b": {"role": "affected"}}
    preferences = {"a": {"ranking": ["s1"]}, "b": {"ranking": ["s1"]}}
    case, states = case_of(parties=parties, coalesce=["x"], preferences={})
    ids = [states.id(s) for s in range(len(states))]
    preferences = {p: {"ranking": ids[::-1]} for p in parties}
    case, states = case_of(parties=parties, coalesce=["x"], preferences=preferences)
    with pytest.raises(UsageError, match="who has to accept it"):
        masks_for(case, states, ("zone",))


def test_inputs_of_a_forecast_are_those_that_its_rules_read() -> None:
    case = detente.load("korea-2019")
    states = StateSpace.of(case)
    zone, kept, passing = (masks_for(case, states, (r,)) for r in ("zone", "enforceable", "ratifiable"))
    assert zone is not None
    assert kept is not None
    assert passing is not None
    assert zone.reads == {"disagreement"}
    assert "plan" in kept.reads - passing.reads
    assert "ratification" in passing.reads - kept.reads
    assert {"parties.discount", "parties.scale"} <= kept.reads
