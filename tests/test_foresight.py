"""Foresight: published tables, the 576 strict games, textbook Stackelberg equilibria, texts, limits."""

import itertools
import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import detente
from detente.base.errors import LimitReached, UsageError
from detente.brief.reading import Reading
from detente.brief.sections import foresight as section
from detente.cli.contracts import stability as contracts
from detente.graph.model import GraphModel
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability import anticipation, limited_move
from detente.stability.foresight_narrative import line_of_play, lines
from detente.stability.limited_move import OPTIMISTIC, PESSIMISTIC, look_ahead
from tests.literal.generate import random_case, seeded
from tests.literal.published import two_by_two
from tests.literal.states import CaseDict


def ask(case: CaseDict, **parameters: Any) -> Any:
    return detente.Session(detente.Case.from_dict(case)).ask("foresight", **parameters)


# ------------------------------------------------------------------------------------------------- published results

CC, DC, CD, DD = "s1", "s2", "s3", "s4"
L_H = {
    "prisoners-dilemma": {"row": ({DC, DD}, {CC, DC, DD}, {CC, DC, DD}), "col": ({CD, DD}, {CC, CD, DD}, {CC, CD, DD})},
    "chicken": {"row": ({CD, DC}, {DC}, {CC, DC}), "col": ({CD, DC}, {CD}, {CC, CD})},
    "stag-hunt": {"row": ({CC, DD}, {CC}, {CC}), "col": ({CC, DD}, {CC}, {CC})},
}
"""Theory, 14.1: stable with one, two, and three or more moves left."""


@pytest.mark.parametrize("name", L_H)
@pytest.mark.parametrize("version", [PESSIMISTIC, OPTIMISTIC])
def test_limited_moves_of_the_three_games(name: str, version: str) -> None:
    found = ask(two_by_two(name), horizon=7)
    told = found.to_dict()
    for party, stable in L_H[name].items():
        for horizon in range(1, 8):
            assert set(told["stable"][str(horizon)][version][party]) == stable[min(horizon, 3) - 1]
        assert set(told["non_myopic"][version]["stable"][party]) == stable[2]
    assert told["non_myopic"][version]["period"] == 1


def test_136_of_the_576_strict_games_never_settle() -> None:
    states = StateSpace.of(detente.Case.from_dict(two_by_two("chicken")))
    moves = Moves(states)
    periods = []
    for row, col in itertools.product(itertools.permutations(range(4)), repeat=2):
        ranks = {"row": np.array(row, np.int32), "col": np.array(col, np.int32)}
        found = look_ahead(GraphModel(states.case, states, moves, dict(ranks)), PESSIMISTIC, 1, 100).recurrence
        assert found.period is not None
        cycling = [s for s in found.cycling.values() if s is not None]
        assert (found.period > 1) == any(s.any() for s in cycling)
        periods.append(found.period)
    assert len(periods) == 576
    assert sum(period > 1 for period in periods) == 136


# ------------------------------------------------------------------------------------------------------- Stackelberg


def bimatrix(seed: int) -> tuple[CaseDict, dict[tuple[int, int], tuple[int, int]]]:
    """Return a strict game with up to four choices each, and what each party has from each pair of choices."""
    rng = seeded(seed)
    rows, columns = rng.randint(2, 4), rng.randint(2, 4)
    pairs = [(r, c) for c in range(columns) for r in range(rows)]
    orders = [rng.sample(range(len(pairs)), len(pairs)) for _ in range(2)]
    case = {
        "detente": 1,
        "name": "game",
        "parties": {"one": {}, "two": {}},
        "options": {
            "r": {"party": "one", "levels": [f"r{n}" for n in range(rows)]},
            "c": {"party": "two", "levels": [f"c{n}" for n in range(columns)]},
        },
        "preferences": {
            party: {"ranking": [f"s{1 + n}" for n in sorted(range(len(pairs)), key=order.__getitem__)[::-1]]}
            for party, order in zip(("one", "two"), orders, strict=True)
        },
    }
    return case, {pair: (orders[0][n], orders[1][n]) for n, pair in enumerate(pairs)}


def test_stackelberg_equilibria_are_the_textbook_ones() -> None:
    """The leader's best choice given that the other answers each choice by its best answer: one state."""
    differ = 0
    for seed in range(300):
        case, worth = bimatrix(seed)
        found = ask(case, non_myopic=False).to_dict()
        ids = {pair: f"s{n}" for n, pair in enumerate(worth, start=1)}
        for leader, name in enumerate(("one", "two")):
            answers = {}
            for choice in {pair[leader] for pair in worth}:
                open_pairs = [pair for pair in worth if pair[leader] == choice]
                answers[choice] = max(open_pairs, key=lambda pair: worth[pair][1 - leader])
            best = max(answers.values(), key=lambda pair: worth[pair][leader])
            assert found["stackelberg"][PESSIMISTIC][name] == [ids[best]], seed
            assert found["stackelberg"][OPTIMISTIC][name] == [ids[best]], seed
            differ += found["stackelberg"][PESSIMISTIC][name] != found["equilibria"]["1"][PESSIMISTIC]
    assert differ > 100


# ---------------------------------------------------------------------------------------------------------- properties


def cases(count: int, **parameters: Any) -> Iterator[CaseDict]:
    return (random_case(seeded(seed), **parameters) for seed in range(10_000, 10_000 + count))


def test_one_move_ahead_is_nash_stability() -> None:
    for case in cases(150):
        session = detente.Session(detente.Case.from_dict(case))
        told = session.ask("foresight", horizon=1, non_myopic=False).to_dict()
        nash = session.ask("stability", concepts=("nash",)).to_dict()
        for of in told["stable"]["1"].values():
            assert of == nash["stable"]["nash"]


def test_a_third_party_that_can_never_move_changes_nothing() -> None:
    """It owns an option whose second level is infeasible: two parties by the rules for more than two."""
    for case in cases(120, parties=2, positional=False):
        told = ask(case).to_dict()
        more = {
            **case,
            "parties": {**case["parties"], "third": {}},
            "options": {**case["options"], "inert": {"party": "third"}},
            "infeasible": [*case.get("infeasible", []), "inert"],
            "preferences": {**case["preferences"], "third": {"utility": {"inert": {"yes": 1}}}},
        }
        found = ask(more).to_dict()
        assert found["versions"] == [PESSIMISTIC]
        for horizon, by in found["stable"].items():
            ours = {p: s for p, s in by[PESSIMISTIC].items() if p != "third"}
            assert ours == told["stable"][horizon][PESSIMISTIC]
        for part in ("first", "period", "equilibria"):
            assert found["non_myopic"][PESSIMISTIC][part] == told["non_myopic"][PESSIMISTIC][part]


def test_a_party_without_options_changes_nothing_and_keeps_everything() -> None:
    for case in cases(60):
        told = ask(case, non_myopic=False).to_dict()
        found = ask({**case, "parties": {**case["parties"], "bystander": {}}}, non_myopic=False).to_dict()
        for horizon, by in found["stable"].items():
            for version, of in by.items():
                everything = of.pop("bystander")
                assert of == told["stable"][horizon][version]
                assert everything == [f"s{n}" for n in range(1, len(everything) + 1)]
        assert found["equilibria"] == told["equilibria"]


def test_a_mediator_does_not_move() -> None:
    case = two_by_two("chicken")
    case["parties"]["go-between"] = {"role": "mediator"}
    case["options"]["proposal"] = {"party": "go-between"}
    case["preferences"] = {
        "row": {"priorities": ["row-move == defect and col-move == cooperate", "row-move == cooperate"]},
        "col": {"priorities": ["col-move == defect and row-move == cooperate", "col-move == cooperate"]},
    }
    found = ask(case)
    assert found.graph.movers == ("row", "col")
    assert found.versions == (PESSIMISTIC, OPTIMISTIC)
    assert found.stable[2][PESSIMISTIC]["go-between"].all()
    assert found.anticipated("go-between", "s1") == ()


def test_lines_of_play_agree_with_the_engine_on_a_large_case() -> None:
    found = detente.Session(detente.load("korea-2019")).ask("foresight", horizon=2, non_myopic=False)
    rng = np.random.default_rng(3)
    moved = 0
    for state in rng.choice(len(found.graph), 60, replace=False):
        for party in found.graph.movers:
            steps = found.anticipated(party, int(state), 2)
            assert (not steps) == found.stable[2][PESSIMISTIC][party][state]
            if steps:
                moved += 1
                ranks = found.graph.rank(party)
                assert ranks[found.graph.states.find(steps[-1].target)] > ranks[state]
    assert moved > 40


# ------------------------------------------------------------------------------------------------ limits, not known


def test_orders_that_are_not_known() -> None:
    case = two_by_two("chicken")
    case["preferences"]["row"] = {"partial": [["s2", "s1"]]}
    session = detente.Session(detente.Case.from_dict(case))
    found = session.ask("foresight")
    assert found.unknown == ("row",)
    assert found.stable[1][PESSIMISTIC] == {"row": None, "col": None}
    assert found.equilibrium(2) is None
    assert found.equilibria(2) == ()
    assert found.to_dict()["equilibria"]["3"] == {PESSIMISTIC: None, OPTIMISTIC: None}
    assert "no order for row" in lines(found)[-1]
    part = section.section(Reading.of(session))
    assert part is not None
    (block,) = part.blocks
    told = "Not answered: what parties would do that look two or more moves ahead needs the order of row, which is not"
    assert block.text == f"{told} known."
    with pytest.raises(UsageError, match="none for row"):
        found.anticipated("col", "s1")


@pytest.mark.parametrize("horizon", [0, -1, 1_001, 2.5, "two"])
def test_horizons_out_of_range(horizon: Any) -> None:
    with pytest.raises(UsageError, match="1 to 1,000"):
        ask(two_by_two("chicken"), horizon=horizon)


def test_questions_put_wrongly() -> None:
    found = ask(two_by_two("chicken"))
    with pytest.raises(UsageError, match="the horizon 9"):
        found.equilibrium(9)
    with pytest.raises(UsageError, match="'hopeful'"):
        found.equilibria(2, "hopeful")
    with pytest.raises(UsageError, match="unknown party 'raw'"):
        found.anticipated("raw", "s1")


def test_a_search_without_repetition_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_move, "MOST_WORK", 1)
    found = ask(two_by_two("chicken"))
    told = found.to_dict()["non_myopic"][PESSIMISTIC]
    assert (told["first"], told["period"], told["looked"]) == (None, None, 1)
    assert told["stable"] == told["cycling"] == {"row": None, "col": None}
    assert told["equilibria"] is None
    assert any("did not repeat within 1 " in line for line in lines(found))


def test_too_many_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anticipation, "MOST_POSITIONS", 5)
    found = detente.Session(detente.load("elmira")).ask("foresight")
    assert found.anticipated("moe", "s1", 1) == ()
    with pytest.raises(LimitReached, match="Look fewer moves ahead"):
        found.anticipated("moe", "s1", 4)


# ------------------------------------------------------------------------------------------------------------- texts


def test_lines_of_chicken_and_elmira() -> None:
    chicken = "\n".join(lines(ask(two_by_two("chicken"))))
    assert "looking two moves ahead: no states kept by all" in chicken
    assert "looking three or four moves ahead: one state (s1) kept by all" in chicken
    assert "with row leading, the other answering (Stackelberg equilibria)" in chicken
    assert "exactly two parties" not in chicken
    # what is the same at each horizon is told once
    assert chicken.count("would be left only by a move made for what the others would do next") == 1
    assert "only who would leave" not in chicken  # at two moves ahead nothing was kept yet
    elmira = "\n".join(lines(detente.Session(detente.load("elmira")).ask("foresight")))
    assert "no agreed definition" in elmira
    assert "one state (s5) would be left only by a move made for what the others would do next" in elmira
    assert "Stackelberg stability (one party leads, the other answers) is defined for exactly two parties" in elmira
    found = detente.Session(detente.load("elmira")).ask("foresight")
    assert (found.equilibrium(2) == found.equilibrium(3)).all()
    assert any((found.stable[2][PESSIMISTIC][p] != found.stable[3][PESSIMISTIC][p]).any() for p in found.graph.movers)
    assert "(as at two moves ahead; only who would leave the other states still changed)" in elmira


@pytest.mark.parametrize("name", ["elmira", "cuba-1962", "chicken", "korea-2019"])
def test_every_state_that_sentences_name_is_in_the_table(name: str) -> None:
    found = detente.Session(detente.load(name)).ask("foresight")
    named = set(re.findall(r"\bs\d+\b", "\n".join(lines(found))))
    assert named
    assert named <= {head.split()[0] for head in found.table().columns[2:]}


def test_the_brief_says_how_today_which_held_is_left_by_those_who_look_further() -> None:
    part = section.section(Reading.of(detente.Session(detente.load("korea-2019"))))
    assert part is not None
    assert part.summary[0].startswith(
        "Above, each party looked at its own next step and at the answers to it, and today held. DPRK, if it looks two "
        "moves ahead, would leave it: DPRK moves Inspectors' access to ‘yongbyon’, expecting that then United States"
    )
    # Elmira's today did not hold in the first place
    part = section.section(Reading.of(detente.Session(detente.load("elmira"))))
    assert part is not None
    assert not any("Above," in b.text for b in part.blocks)
    assert section.section(Reading.of(detente.Session(detente.load("american-revolution")))) is None


def test_a_cycle_is_told() -> None:
    case = two_by_two("chicken")
    case["preferences"] = {
        "row": {"ranking": ["s1", "s4", "s2", "s3"]},
        "col": {"ranking": ["s2", "s3", "s1", "s4"]},
    }
    found = ask(case)
    told = found.to_dict()["non_myopic"][PESSIMISTIC]
    assert told["period"] > 1
    assert any(told["cycling"].values())
    assert any("goes round in a circle" in line for line in lines(found))


def test_a_line_of_play_is_told() -> None:
    """Chicken: from mutual defection row yields two moves ahead, col stays put."""
    found = ask(two_by_two("chicken"))
    assert [s.to_dict() for s in found.anticipated("row", "s4", 1)] == [{"party": "row", "from": "s4", "to": "s3"}]
    told = line_of_play(found, "row", "s4", 1)
    assert told[0].startswith("Looking one move ahead, row leaves s4.")
    assert told[-1] == "  Play ends at s3, which row prefers."
    assert "stays at s2" in line_of_play(found, "row", "s2")[0]


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt", "elmira", "cuba-1962", "korea-2019"])
def test_json_and_brief(name: str) -> None:
    session = detente.Session(detente.load(name))
    found = session.ask("foresight", non_myopic=name != "korea-2019")
    fields = contracts.FORESIGHT
    Draft202012Validator(
        {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    ).validate(found.to_dict())
    assert str(found.table())
    reading = Reading.of(session)
    reading.outcomes  # noqa: B018 - not part of the time
    start = time.process_time()
    told = section.section(reading)
    assert time.process_time() - start < 4
    assert told is not None
    text = "\n".join(t for b in told.blocks for t in b.texts())
    assert ("no agreed definition" in text) == (len(found.graph.movers) > 2)
    assert "moves ahead" in told.summary[0]
