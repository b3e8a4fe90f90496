"""Shares of completions and draws: exact where they can be counted, Wilson's interval where they are drawn."""

import json
from collections import Counter
from fractions import Fraction
from itertools import product
from typing import Any

import jsonschema
import numpy as np
import pytest

import detente
from detente.case.change import Change, Edit
from detente.cli.contracts.stability import SHARES, UNKNOWN
from detente.graph.model import GraphModel
from detente.inquiry import shares as module
from detente.inquiry.shares import ends, lines, wilson
from detente.space.copies import CopiedMoves
from detente.space.drawn import DrawnUtility
from detente.space.draws import Draws, draws
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.concepts import CONCEPTS, stable_states
from tests.literal.definitions import Model
from tests.literal.generate import random_case, seeded
from tests.literal.states import CaseDict, Space
from tests.literal.unknown import Compared
from tests.literal.unknown_cases import random_unknown_cases
from tests.test_unknown import PARTIAL, ask, gisborne

FEW = 300


class Completed(Model):
    """A case with given ranks."""

    def __init__(self, case: CaseDict, ranks: dict[str, dict[str, int]]) -> None:
        super().__init__({**case, "preferences": {}})
        self.ranks = ranks


def literal_shares(
    case: CaseDict,
) -> tuple[int, dict[str, dict[str, int]], dict[str, dict[str, dict[str, int]]]] | None:
    """Count by hand over all completions of all parties; None where there are more than a few."""
    space = Space(case)
    every = []
    for party in case["parties"]:
        compared = Compared(space, case["preferences"].get(party), case.get("numbers", {}))
        found = []
        for ranks in compared.completions():
            found.append(ranks)
            if len(found) > FEW:
                return None
        every.append(found)
    profiles = list(product(*every)) if np.prod([len(e) for e in every]) <= FEW else []
    if not profiles:
        return None
    held = {c: Counter[str]() for c in CONCEPTS}
    of_party = {c: {p: Counter[str]() for p in case["parties"]} for c in CONCEPTS}
    for profile in profiles:
        table = Completed(case, dict(zip(case["parties"], profile, strict=True))).table()
        for concept, by_party in table.items():
            for party, stable in by_party.items():
                of_party[concept][party].update(stable)
            held[concept].update(set.intersection(*(set(s) for s in by_party.values())))
    return (
        len(profiles),
        {c: dict(n) for c, n in held.items()},
        {c: {p: dict(n) for p, n in of.items()} for c, of in of_party.items()},
    )


def certain(case: CaseDict) -> CaseDict:
    """Take the point values of all uncertain numbers: only completions are to vary."""
    from tests.literal.preferences import point

    def fixed(written: Any) -> Any:
        if isinstance(written, dict) and "value" not in written:
            return {k: fixed(v) for k, v in written.items()}
        value = point(written, case.get("numbers", {}))
        return float(value) if value.denominator in (1, 2, 5, 10) else round(float(value), 3)

    preferences = {
        p: {**w, "utility": fixed(w["utility"])} if "utility" in w else w for p, w in case["preferences"].items()
    }
    return {**{k: v for k, v in case.items() if k != "numbers"}, "preferences": preferences}


def test_counted_shares_are_those_of_all_completions() -> None:
    compared = partly = 0
    seed = 0
    while compared < 60:
        seed += 1
        case = certain(next(random_unknown_cases(seeded(seed), 1, most=8)))
        wanted = literal_shares(case)
        if wanted is None:
            continue
        compared += 1
        total, held, of_party = wanted
        found = ask(case, "shares")
        assert (found.exact, found.provenance.exact, found.provenance.seed, found.draws) == (True, True, None, total)
        told = {c: {f"s{n + 1}": int(k) for n, k in enumerate(counts) if k} for c, counts in found.held.items()}
        assert told == held, seed
        told_of = {
            c: {p: {f"s{n + 1}": int(k) for n, k in enumerate(counts) if k} for p, counts in of.items()}
            for c, of in found.of_party.items()
        }
        assert told_of == of_party, seed
        partly += any(0 < n < total for n in held["seq"].values())
        independent(found)
    assert partly > 15


def independent(found: module.Shares) -> None:
    """Without credibility the parties' verdicts are independent: shares are products (never so for seq)."""
    for concept in ("nash", "gmr", "smr"):
        for state in range(len(found.graph)):
            parts = [Fraction(int(n[state]), found.draws) for n in found.of_party[concept].values()]
            wanted = Fraction(1)
            for part in parts:
                wanted *= part
            assert Fraction(int(found.held[concept][state]), found.draws) == wanted


def test_gisborne_is_counted() -> None:
    found = ask(gisborne(PARTIAL), "shares")
    assert found.method == {"federal": "fixed", "provincial": "all 2,520 completions", "support": "fixed"}
    assert found.share("nash", "s4") == (0.5, 0.5, 0.5)
    whole, first = lines(found)[:2]
    said = "Each counts once, none is more likely than another here: a share is not a probability."
    assert whole == f"There are 2,520 strict orders that agree with what is known. {said}"
    text = "Nash stability (rationality) (nash): s4 holds in 50 % of the 2,520 ways (1,260 of 2,520, all counted)."
    assert first == text


def test_draws_agree_with_what_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = ask(gisborne(PARTIAL), "shares")
    monkeypatch.setattr(module, "MOST_PROFILES", 0)
    drawn = ask(gisborne(PARTIAL), "shares", draws=2000, seed=1)
    assert (drawn.exact, drawn.provenance.exact, drawn.provenance.seed) == (False, False, 1)
    assert drawn.method["provincial"] == "completions by exact counting"
    for concept, counts in counted.held.items():
        spread = np.sqrt(np.maximum(counts / 2520 * (1 - counts / 2520), 1e-9) / 2000)
        assert (np.abs(drawn.held[concept] / 2000 - counts / 2520) < 4.5 * spread + 1e-9).all()
    again = ask(gisborne(PARTIAL), "shares", draws=2000, seed=1)
    other = ask(gisborne(PARTIAL), "shares", draws=2000, seed=2)
    assert all((again.held[c] == drawn.held[c]).all() for c in CONCEPTS)
    assert any((other.held[c] != drawn.held[c]).any() for c in CONCEPTS)


def test_nearly_everything_is_not_rounded_to_everything() -> None:
    low, high = (float(end) for end in wilson(np.array(1000), 1000))
    assert ends(low, high) == "99.6–100 %"
    assert ends(*(float(end) for end in wilson(np.array(0), 1000))) == "0–0.4 %"
    assert ends(*(float(end) for end in wilson(np.array(500), 1000))) == "47–53 %"
    assert ends(*(float(end) for end in wilson(np.array(999), 1000))) == "99.44–99.98 %"
    assert ends(*(float(end) for end in wilson(np.array(10**6), 10**6))) == "99.9996–100 %"


def test_orders_are_counted_and_draws_are_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PROFILES", 10)
    found = ask(gisborne(PARTIAL), "shares", draws=1000)
    assert not found.exact
    told = lines(found)
    assert told[0].startswith("There are 2,520 strict orders that agree with what is known.")
    assert "% of the 1,000 draws (95 % interval" in told[1]
    found = ask(gisborne({"partial": []}) | {"preferences": {"provincial": {"partial": []}}}, "shares", draws=50)
    assert lines(found)[0].startswith("There are 40,320 strict orders")  # 8!
    both = ask({**gisborne(PARTIAL), "preferences": {"provincial": PARTIAL, "federal": PARTIAL}}, "shares", draws=50)
    assert lines(both)[0].startswith("There are 6,350,400 combinations of strict orders, one for each of these parties")


def test_nothing_uncertain_is_one_way() -> None:
    for seed in range(30):
        case = random_case(seeded(seed))
        if json.dumps(certain(case)) != json.dumps(case):
            continue
        found, crisp = ask(case, "shares"), ask(case, "stability")
        assert (found.draws, found.exact) == (1, True)
        if set(found.method.values()) == {"fixed"}:
            assert lines(found) == ["Every preference is known and certain: nothing to draw."]
        for concept in CONCEPTS:
            assert (found.held[concept].astype(bool) == crisp.equilibrium[concept]).all()


def test_drawn_utilities_are_those_of_the_case_at_each_draw() -> None:
    """The case rewritten with the worths of one draw is asked; its answers are added up."""
    done = 0
    for seed in range(130):
        case = random_case(seeded(seed))
        session = detente.Session(detente.Case.from_dict(case))
        made = draws(session.base, 6, seed)
        if "coalesce" in case or not any("utility" in path for path in made.inputs):
            continue
        found = session.ask("shares", draws=6, seed=seed)
        assert found.provenance.seed == seed
        assert not found.exact
        total = {c: np.zeros(len(found.graph), np.int64) for c in CONCEPTS}
        for n in range(6):
            answer = session.ask("stability", changes=at_draw(made, n))
            for concept in CONCEPTS:
                total[concept] += answer.equilibrium[concept]
        assert all((found.held[c] == total[c]).all() for c in CONCEPTS), seed
        done += 1
    assert done > 30


def at_draw(made: Draws, draw: int) -> Change:
    """Write the worths of one draw into the case."""
    edits = []
    for party, written in made.case.file.preferences.items():
        for key, worth in (written.utility or {}).items():
            path = ("preferences", party, "utility", key)
            if not isinstance(worth, dict):
                edits.append(Edit(path, f"{float(made.values(path)[draw]):.15g}"))
                continue
            levels = made.case.file.options[key].levels
            row = made.level_worths(party, key)[:, draw]
            edits += [Edit((*path, level), f"{float(w):.15g}") for level, w in zip(levels, row, strict=True)]
    return Change(tuple(edits), f"draw {draw}")


def test_states_made_of_the_same_worths_stay_tied() -> None:
    utility = {"o1": {"v": "n"}, "o2": {"v": "n"}, "o1 == w or o2 == w": 0.3, "o3": {"v": 0.1, "w": 0.2}}
    case = detente.Case.from_dict({
        "detente": 1, "name": "ties", "parties": {"a": {}}, "numbers": {"n": "0.1 ± 5"},
        "options": {o: {"party": "a", "levels": ["u", "v", "w"]} for o in ("o1", "o2", "o3")},
        "preferences": {"a": {"utility": utility}},
    })  # fmt: skip
    states = StateSpace.of(case)
    found = DrawnUtility.of(draws(case, 200, 0), states, "a")
    assert found is not None
    digits = {states.key(s): s for s in range(len(states))}
    for n in range(200):
        worth = found.of_draw(n)
        assert worth[digits["100"]] == worth[digits["010"]]
        assert worth[digits["101"]] == worth[digits["011"]]
        assert len({int(worth[digits[k]]) for k in ("002", "001", "000")}) == 3


def test_copies_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(0)
    for seed in range(40):
        case = detente.Case.from_dict(random_case(seeded(seed)))
        states = StateSpace.of(case)
        moves = Moves(states)
        many = CopiedMoves(moves, 5)
        ranks = {p: rng.integers(0, 6, (5, len(states))).astype(np.int32) for p in case.parties}
        joint = GraphModel(case, many.states, many, {p: r.ravel() for p, r in ranks.items()})
        for concept in CONCEPTS.values():
            for party in case.parties:
                together = stable_states(joint, party, concept)
                for n in range(5):
                    alone = GraphModel(case, states, moves, {p: r[n] for p, r in ranks.items()})
                    wanted = stable_states(alone, party, concept)
                    assert together is not None
                    assert wanted is not None
                    assert (together.reshape(5, -1)[n] == wanted).all()


def test_wilson_is_the_interval_of_the_score_test() -> None:
    """Its ends are the shares p at which |count/draws - p| is 1.96 standard errors at p."""
    for count, total in ((0, 10), (3, 10), (500, 1000), (999, 1000), (10, 10)):
        low, high = (float(e[0]) for e in wilson(np.array([count]), total))
        for end in (low, high):
            if 0 < end < 1:
                assert abs(count / total - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / total), rel=1e-5)
        assert low <= count / total <= high
    assert next(float(e[0]) for e in wilson(np.array([0]), 10)) == 0.0


def test_drawing_stops_once_precise() -> None:
    case = {
        "detente": 1, "name": "one", "parties": {"a": {}, "b": {}},
        "options": {f"o{n}": {"party": "ab"[n % 2]} for n in range(14)},
        "preferences": {"a": {"utility": {"o0 == yes": "0.2 ± 1"}}, "b": {"utility": {"o1 == yes": "1 ± 1"}}},
    }  # fmt: skip
    found = ask(case, "shares", concepts=("nash",), draws=4000, tolerance=0.1)
    assert 50 < found.draws < 200
    low, high = found.interval(found.held["nash"])
    assert (high - low).max() < 0.2
    full = ask(case, "shares", concepts=("nash",), draws=found.draws)
    assert (full.held["nash"] == found.held["nash"]).all()


def test_the_json_is_as_promised() -> None:
    found = ask(gisborne(PARTIAL), "shares")
    for answer, fields in ((found, SHARES), (ask(gisborne(PARTIAL), "unknown"), UNKNOWN)):
        schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        jsonschema.validate(json.loads(json.dumps(answer.to_dict())), schema)
    assert found.to_dict()["shares"]["nash"]["s4"] == {"share": 0.5, "low": 0.5, "high": 0.5}
    assert "s1" not in found.to_dict()["shares"]["nash"]
