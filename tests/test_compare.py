"""Held against tables: the classical errors are found and named, published tables agree, bad files are refused."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import detente
from detente.cli import program
from detente.cli.contracts import result_schema
from detente.formats.expected import parse_expected
from detente.inquiry.compare import Comparison, Expected, compare
from detente.inquiry.compare_words import lines
from detente.stability.paper_tables import paper_text
from detente.stability.plain import Plain
from detente.stability.readings import READINGS, RIGHT, Reading, joined_readings
from tests.literal.answers import Document, stability_document
from tests.literal.definitions import CONCEPTS, Model
from tests.literal.definitions import Reading as Literal
from tests.literal.expected import EXPECTED
from tests.literal.expected import Expected as Known
from tests.literal.generate import random_case, seeded
from tests.literal.mutants import (
    MUTANTS,
    Mutant,
    each_opponent_once,
    gmr_by_improvements_only,
    no_last_mover_rule,
    smr_without_the_last_move,
    sseq_without_the_last_move,
    strict_sanction,
)
from tests.literal.published import CATALOG, PUBLISHED, syria_iraq
from tests.literal.readings import FullReading, stable
from tests.literal.states import CaseDict

LIMIT = 100_000
ERROR: dict[Mutant, str] = {
    gmr_by_improvements_only: "credible_everywhere",
    smr_without_the_last_move: "no_escape",
    sseq_without_the_last_move: "no_escape",
    each_opponent_once: "each_once",
    strict_sanction: "strict",
    no_last_mover_rule: "free",
}
MOST = 20  # states of the cases on which all readings are tried
WANTED = 20
"""So many random cases in which a mutant differs."""


def session_of(case: CaseDict) -> detente.Session:
    return detente.Session(detente.Case.from_dict(case))


def read(session: detente.Session, text: str, name: str = "table.yaml") -> Expected:
    return parse_expected(text.encode(), name, session.graph(session.case()), LIMIT)


def compared(session: detente.Session, text: str, name: str = "table.yaml") -> Comparison:
    return compare(session, read(session, text, name))


def answer(document: Document) -> str:
    return json.dumps({"detente": "0", "verb": "stability", **document})


def wrong_verdicts(right: Document, other: Document) -> set[tuple[str, str, str]]:
    """Concept, party or all, and state of every verdict that differs."""
    found = set()
    for concept in CONCEPTS:
        pairs = {p: (s, other["stable"][concept][p]) for p, s in right["stable"][concept].items()}
        pairs["all"] = (right["equilibria"][concept], other["equilibria"][concept])
        for party, (one, two) in pairs.items():
            found |= {(concept, party, state) for state in set(one) ^ set(two)}
    return found


# --- the readings ----------------------------------------------------------------------------------------------------


def disagreements(seed: int, readings: dict[str, Reading]) -> tuple[list[str], set[str]]:
    """Where plain search and the literal readings differ; and the readings that change some verdict."""
    case = random_case(seeded(seed))
    model, session = Model(case), session_of(case)
    if len(model.space.ids) > MOST or len(case["parties"]) < 3:
        return [], set()
    graph = session.graph(session.case())
    plain = Plain.of(graph)
    wrong, telling = [], set()
    for name, reading in readings.items():
        literal = FullReading(**asdict(reading))
        for concept in CONCEPTS[1:]:
            for party in graph.parties:
                found = plain.judged(concept, party, reading)
                assert found is not None
                expected = [stable(model, concept, party, s, literal) for s in model.space.ids]
                if found.tolist() != expected:
                    wrong.append(f"seed {seed}: {name} {concept} {party}: {found.tolist()} instead of {expected}")
                if expected != [model.stable(concept, party, s) for s in model.space.ids]:
                    telling.add(name)
    return wrong, telling


def test_readings_are_what_they_say() -> None:
    telling: dict[str, int] = dict.fromkeys(READINGS, 0)
    readings = {k.id: k.reading for k in READINGS.values()} | {"right": RIGHT}
    for seed in range(5_000, 5_220):
        wrong, changed = disagreements(seed, readings)
        assert wrong == []
        assert "right" not in changed
        for name in changed:
            telling[name] += 1
    assert min(telling.values()) >= 3, telling  # each reading changes some verdict in a few percent of cases


def test_pairs_of_readings_are_both_at_once() -> None:
    pairs = [(f"{one.id}+{other.id}", both) for one, other, both in joined_readings()]
    random.Random(7).shuffle(pairs)
    telling = set()
    for seed, (name, both) in zip(range(6_000, 6_150), islice(cycle(pairs), 150), strict=True):
        wrong, changed = disagreements(seed, {name: both})
        assert wrong == []
        telling |= changed
    assert len(telling) >= 20


@pytest.mark.sweep
def test_readings_on_fresh_cases(fresh_seed: int) -> None:
    readings = {k.id: k.reading for k in READINGS.values()}
    readings |= {f"{one.id}+{other.id}": both for one, other, both in joined_readings()}
    for number in range(60):
        assert disagreements(fresh_seed * 60 + number, readings)[0] == []


def test_readings_that_change_the_same_thing_do_not_join() -> None:
    assert READINGS["one_move"].reading.joined(READINGS["each_once"].reading) is None
    assert READINGS["one_move"].reading.joined(READINGS["strict"].reading) == Reading("one move", strict=True)


# --- the classical errors as other tools -----------------------------------------------------------------------------


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.__name__)
def test_a_classical_error_is_found_and_named(mutant: Mutant) -> None:
    differing = 0
    for seed in range(7_000, 7_400):
        case = random_case(seeded(seed))
        right, other = stability_document(case), mutant(case)
        expected = wrong_verdicts(right, other)
        if not expected:
            continue
        differing += 1
        found = compared(session_of(case), answer(other), "other.json")
        assert {(d.concept, d.party, d.state) for d in found.differences} == expected, seed
        assert all(d.expected is not d.found for d in found.differences)
        named = [e for e in found.explanations if e.explains == e.of and e.contradicts == 0]
        assert ERROR[mutant] in {e.id for e in named}, (seed, found.explanations)
        assert all(ERROR[mutant] in d.readings for d in found.differences)
        assert found.explanations[0] in named, "the best explanation comes first"
        if differing == WANTED:
            break
    assert differing == WANTED


def test_two_errors_at_once_are_explained_by_two_readings() -> None:
    pairs = 0
    for seed in range(8_000, 8_200):
        case = random_case(seeded(seed))
        other = stability_document(case, Literal(sequences="one move", strict=True))
        if not wrong_verdicts(stability_document(case), other):
            continue
        found = compared(session_of(case), answer(other), "other.json")
        named = [e for e in found.explanations if e.explains == e.of and e.contradicts == 0]
        assert named, seed
        if all(len(e.readings) == 2 for e in named):
            assert "one_move+strict" in {e.id for e in named}, seed
            pairs += 1
        if pairs == 3:
            break
    assert pairs == 3


def test_the_right_answer_has_no_difference() -> None:
    for seed in range(9_000, 9_030):
        case = random_case(seeded(seed))
        found = compared(session_of(case), answer(stability_document(case)), "other.json")
        assert found.equal, (seed, found.differences, found.orders)
        assert found.compared == len(CONCEPTS) * (len(case["parties"]) + 1) * len(found.graph)


def test_a_party_that_does_not_see_a_state_counts_as_stable() -> None:
    """Syria and Iraq, each blind to some states: {1, 2, 6} in the simplified reading, under every concept."""
    views = {
        "one": {"of": "syria", "infeasible": ["YY-", "YN-"]},
        "two": {"of": "iraq", "infeasible": ["YY-", "NN-"]},
    }
    session = session_of(syria_iraq() | {"views": views})
    found = compared(session, f"equilibria: {json.dumps({c: ['s1', 's2', 's6'] for c in CONCEPTS})}")
    best = found.explanations[0]
    assert (best.id, best.explains, best.contradicts) == ("unseen_is_stable", len(found.differences), 0)
    assert len(found.differences) == 9  # s1 and s2 in nash, smr, seq, sseq; s2 in gmr


def test_another_ranking_is_the_explanation() -> None:
    session = detente.Session(detente.load("chicken"))
    found = compare(session, parse_expected(_as_chicken(), "other.json", session.graph(session.case()), LIMIT))
    assert {o.party for o in found.orders} == set(found.graph.parties)
    best = found.explanations[0]
    assert (best.id, best.explains, best.contradicts) == ("table_ranking", len(found.differences), 0)


def _as_chicken() -> bytes:
    """Stag hunt under the names of chicken."""
    mine, other = detente.load("chicken"), stability_document(CATALOG["stag-hunt"])
    text = answer(other)
    for old, new in zip(other["parties"], mine.parties, strict=True):
        text = text.replace(f'"{old}"', f'"{new}"')
    for option, new in zip(other["options"], mine.options, strict=True):
        text = text.replace(f'"{option["id"]}"', f'"{new}"')
    return text.encode()


# --- what no reading explains ----------------------------------------------------------------------------------------


def test_a_ranking_that_would_explain_is_proved() -> None:
    """Both cooperate is not Nash: it would be, for row, if it were as good as s2, the one place above it."""
    session = session_of(CATALOG["prisoners-dilemma"])
    found = compared(session, "stable: {nash: {row: [s1, s2, s4]}}")
    (difference,) = found.differences
    assert (difference.state, difference.readings) == ("s1", ())
    assert difference.hint == "it would be stable if row ranked s1 as high as s2 (one place higher)"
    told = "\n".join(lines(found))
    assert "It would be stable if row ranked s1 as high as s2" in told
    assert told.count("explained by any reading") == 1  # said once, not again under each
    found = compared(session, "stable: {nash: {row: [s4]}}")
    (difference,) = found.differences
    assert difference.hint == "it would be not stable if row ranked s2 below s1 (one place lower)"


def test_hints_hold() -> None:
    """Whatever is claimed of a ranking is true when the case is given that ranking."""
    told = 0
    for seed in range(160):
        rng = seeded(seed)
        case = random_case(rng)
        model, session = Model(case), session_of(case)
        party, state = rng.choice(model.space.parties), rng.choice(model.space.ids)
        right = [s for s in model.space.ids if model.stable("nash", party, s)]
        flipped = sorted(set(right) ^ {state})
        (difference,) = compared(session, json.dumps({"stable": {"nash": {party: flipped}}}), "t.json").differences
        if difference.readings or not difference.hint:
            continue
        told += 1
        words = difference.hint.split()
        beside, higher = words[-4], words[-1].startswith("higher")
        ranks = {s: 2 * r for s, r in model.ranks[party].items()}
        ranks[state] = ranks[beside] if higher else ranks[beside] - 1
        tempted = any(ranks[t] > ranks[state] for t in model.moves(party, state))
        assert tempted is not difference.expected, (seed, difference.hint)
    assert told > 50


def test_nothing_is_claimed_that_cannot_be_had() -> None:
    """A party without a move is stable under every ranking."""
    case = CATALOG["prisoners-dilemma"] | {"parties": {"row": {}, "col": {}, "third": {}}}
    found = compared(session_of(case), "stable: {nash: {third: [s1]}}")
    assert len(found.differences) == 3
    assert all(d.hint == "" and d.readings == () for d in found.differences)
    assert "check the preferences or the transcription" in "\n".join(lines(found))


def test_large_cases_are_compared_without_readings() -> None:
    case: dict[str, Any] = {
        "detente": 1, "name": "large", "parties": {"a": {}, "b": {}},
        "options": {f"o{n}": {"party": "ab"[n % 2]} for n in range(11)},
        "preferences": {"a": {"utility": {"o0": 1}}, "b": {"utility": {"o1": 1}}},
    }  # fmt: skip
    case["options"]["o9"]["levels"] = ["l0", "l1", "l2"]
    found = compared(session_of(case), "equilibria: {nash: [s1]}")
    assert len(found.graph) == 3_072
    assert found.differences
    assert found.explanations == ()
    assert any("2,000 states" in text for text in found.not_compared)
    told = "\n".join(lines(found))
    assert "tried in cases of up to 2,000 states only" in told
    assert "any reading known" not in told


# --- published tables and our own ------------------------------------------------------------------------------------


def as_table(known: Known, count: int, words: tuple[str, str]) -> str:
    """A published table as somebody would type it, with its own numbers."""
    parts = {"equilibria": known.equilibria, "stable": known.stable, "ranking": known.rankings}
    table: dict[str, Any] = {"states": {str(n): f"s{n}" for n in range(1, count + 1)}}
    table |= {key: part for key, part in parts.items() if part}
    return json.dumps(table).replace('"gmr"', words[0]).replace('"nash"', words[1])


@pytest.mark.parametrize("words", [('"gmr"', '"nash"'), ('"GMR"', '"R"')])
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_published_tables_agree(name: str, words: tuple[str, str]) -> None:
    session = session_of(PUBLISHED[name]) if name in PUBLISHED else detente.Session(detente.load(name))
    count = len(session.graph(session.case()))
    for file in ("t.json", "t.yaml"):
        found = compared(session, as_table(EXPECTED[name], count, words), file)
        assert found.equal, found.differences
        assert found.compared
        assert found.not_compared == ()


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_our_own_exports_agree(name: str) -> None:
    session = detente.Session(detente.load(name))
    stability = session.ask("stability")
    count, parties = len(stability.graph), len(stability.graph.parties)
    exports = {
        "a.json": (answer(stability.to_dict()), 5 * count * (parties + 1)),
        # the option table has room for 24 equilibria; with fewer it has them all
        "equilibria.csv": (stability.table().to_csv(), 5 * (count if len(stability.table().columns) < 26 else 24)),
        "stability.csv": (paper_text("stability", stability, None, ".csv"), 5 * count * (parties + 1)),
        "state.csv": (paper_text("state", stability, None, ".csv"), 0),
    }
    ordered = sum(r is not None for r in stability.graph.ranks.values())
    for file, (text, verdicts) in exports.items():
        found = compared(session, text, file)
        assert (found.equal, found.compared) == (True, verdicts), file
    assert len(read(session, exports["state.csv"][0], "state.csv").rankings) == ordered
    head, _, body = exports["stability.csv"][0].partition("\n")
    assert compared(session, head + "\n" + body.replace(",S", ",", 1), "x.csv").differences


def test_a_changed_own_export_differs() -> None:
    session = detente.Session(detente.load("elmira"))
    text = session.ask("stability").table().to_csv()
    found = compared(session, text.replace("stable for all,nash,,,•", "stable for all,nash,•,,•"), "e.csv")
    assert [(d.concept, d.party, d.state, d.expected) for d in found.differences] == [("nash", "all", "s1", True)]


def test_csv_forms() -> None:
    session = session_of(CATALOG["chicken"])
    long = "concept;party;states\nnash;all;s2 s3\ngmr;row;s1, s2, s3\n"
    found = compared(session, long, "t.csv")
    assert (found.equal, found.compared) == (True, 8)
    wide = "\ufeffstate,nash,row seq,seq col,GMR E\r\nNN,,,,x\r\nYN,x,x,x,x\r\nNY,1,✓,yes,•\r\n"
    found = compared(session, wide, "t.csv")
    assert (found.equal, found.compared) == (True, 12), "s4 is not in the table, and nothing is said of it"
    found = compared(session, wide.replace("NN,,,,x", "NN,x,?,,x"), "t.csv")
    assert [(d.concept, d.party, d.state) for d in found.differences] == [("nash", "all", "s1")]
    assert found.compared == 11


def test_another_numbering_and_partial_tables() -> None:
    session = session_of(CATALOG["chicken"])
    states = "states: {4: NN, 3: YN, 2: row-move == cooperate and col-move == defect}\n"
    text = states + "equilibria: {nash: [3, 2], SIM: [4]}\n"
    found = compared(session, text)
    assert (found.equal, found.compared) == (True, 3)
    assert any("s4" in t for t in found.not_compared)
    assert any(t.startswith("SIM") for t in found.not_compared)
    found = compared(session, text.replace("[3, 2]", "[4]"))
    assert {(d.state, d.expected) for d in found.differences} == {("s1", True), ("s2", False), ("s3", False)}
    assert "s2 (state 3 of the table)" in "\n".join(lines(found))
    assert compared(session, "states: [NN, YN, NY, YY]\nequilibria: {nash: [2, 3]}\n").equal


def test_rankings_are_compared_over_all_pairs() -> None:
    session = session_of(CATALOG["chicken"])
    assert compared(session, "ranking: {row: [s2, s1, s3, s4]}").equal
    assert compared(session, "ranking: {row: [s2, s4]}").equal
    (order,) = compared(session, "ranking: {row: [s1, s2, [s3, s4]]}").orders
    assert (order.pairs, order.differing) == (6, 2)
    assert order.examples == (("s1", "s2", ">", "<"), ("s3", "s4", "~", ">"))


def test_states_that_only_one_of_both_has() -> None:
    case = CATALOG["chicken"]
    session = session_of(case | {"infeasible": ["YY"]} | {"status_quo": {}} | {"preferences": _three()})
    found = compared(session, answer(stability_document(case)), "full.json")
    assert found.expected.missing == ("s4",)
    assert not found.equal
    fewer = stability_document(case | {"infeasible": ["YY"], "status_quo": {}, "preferences": _three()})
    found = compared(session_of(case), answer(fewer), "fewer.json")
    assert found.expected.extra == ("s4",)


def test_states_that_only_one_of_both_merges() -> None:
    merged = detente.Session(detente.load("elmira"))
    apart = {k: v for k, v in CATALOG["elmira"].items() if k != "coalesce"} | {"preferences": {}}
    found = compared(merged, answer(stability_document(apart)), "apart.json")
    assert found.expected.missing == ("s5", "s6", "s11", "s12")  # abandoned, whatever the others do
    assert found.expected.extra == ("s9",)
    assert found.expected.names[merged.graph(merged.case()).states.find("001")] == "s7"


def _three() -> dict[str, Any]:
    return {"row": {"ranking": ["s2", "s1", "s3"]}, "col": {"ranking": ["s3", "s1", "s2"]}}


# --- groups ----------------------------------------------------------------------------------------------------------

RIVER: CaseDict = {
    "detente": 1, "name": "river", "parties": {"a": {}, "b": {}},
    "options": {"x": {"party": "a"}, "y": {"party": "b"}},
    "infeasible": ["YN", "NY"],
    "preferences": {"a": {"ranking": ["YY", "NN"]}, "b": {"ranking": ["YY", "NN"]}},
}  # fmt: skip
"""Each can move only together with the other: in turns they can reach nothing."""


def test_groups_that_move_at_once_are_an_explanation() -> None:
    session = session_of(RIVER)
    assert compared(session, "coalitions: {cnash: {a+b: [s1, s2], universal: [s1, s2]}, cseq: {a: [s1, s2]}}").equal
    found = compared(session, "coalitions: {cnash: {b+a: [s2], universal: [s2], b: [s1, s2]}}")
    assert {(d.party, d.state, d.found) for d in found.differences} == {("a+b", "s1", True), ("universal", "s1", True)}
    (explanation,) = found.explanations
    assert (explanation.id, explanation.explains, explanation.contradicts) == ("joint_moves", 2, 0)
    assert "change all their options at once" in lines(found)[1]
    assert compared(session, "coalitions: {moves: joint, cnash: {a+b: [s2], universal: [s2]}}").equal


def test_what_both_ways_of_moving_say_alike_is_not_explained_by_them() -> None:
    found = compared(session_of(RIVER), "coalitions: {cnash: {a+b: [s2], a: [s1]}}")
    assert {(d.party, d.state, d.readings) for d in found.differences} == {
        ("a+b", "s1", ("joint_moves",)), ("a", "s2", ()),
    }  # fmt: skip
    (explanation,) = found.explanations
    assert (explanation.explains, explanation.of) == (1, 2)


def test_groups_in_our_own_answer_agree() -> None:
    session = detente.Session(detente.load("elmira"))
    for moves in ("legal", "joint"):
        document = session.ask("stability").to_dict()
        document["coalitions"] = session.ask("coalitions", moves=moves).to_dict()
        found = compared(session, answer(document), "a.json")
        assert found.equal
        assert (
            found.compared == 5 * 9 * 4 + 4 * 9 * 8
        )  # five concepts for three parties and all; four for seven groups and all
        document["coalitions"]["stable"]["cnash"]["moe+uniroyal"] = ["s5"]
        found = compared(session, answer(document), "a.json")
        wrong = {d.state for d in found.differences}
        assert {(d.concept, d.party) for d in found.differences} == {("cnash", "moe+uniroyal")}
        assert "s5" in wrong
        assert "s5 to s7" in "\n".join(lines(found)) or moves == "joint"


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("coalitions: {cnahs: {a+b: [s1]}}", "Did you mean 'cnash'"),
        ("coalitions: {cnash: {a+c: [s1]}}", "the unknown party 'c'"),
        ("coalitions: {cnash: {a+a: [s1]}}", "twice in a group"),
        ("coalitions: {moves: jiont, cnash: {a+b: [s1]}}", "'jiont'"),
        ("coalitions: [a, b]", "a mapping"),
        ("coalitions: {cnash: {a+b: [s7]}}", "'s7'"),
    ],
)
def test_faulty_groups_are_told(text: str, piece: str) -> None:
    with pytest.raises(detente.CaseError) as caught:
        read(session_of(RIVER), text)
    assert piece in str(caught.value)


# --- bad files -------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "party": ("t.yaml", "stable: {nash: {rwo: [s1]}}", ("t.yaml:1:17", "'rwo'", "Did you mean 'row'")),
    "concept": ("t.yaml", "equilibria: {nsah: [s1]}", ("t.yaml:1:14", "Did you mean 'nash'")),
    "state": ("t.yaml", "equilibria:\n  nash: [s1, s9]", ("t.yaml:2:14", "'s9'", "s1 to s4")),
    "number": ("t.yaml", "equilibria: {nash: [5]}", ("t.yaml:1:21", "count from 1 to 4")),
    "number from 0": ("t.yaml", "equilibria: {nash: [0]}", ("t.yaml:1:21", "count from 1 to 4")),
    "attitude": ("t.yaml", "unknown: {e: {nash: [s1]}}", ("t.yaml:1:11", "'e'", "one of a, b, c, d")),
    "strong": ("t.yaml", "strong: [s1]", ("a mapping",)),
    "csv group": ("t.csv", "concept,party,states\nnash,row+col,s1\n", ("t.csv:2:1", "cnash")),
    "csv member": ("t.csv", "concept,party,states\ncnash,row+cool,s1\n", ("t.csv:2:1", "Did you mean 'col'")),
    "own number": ("t.yaml", "states: {1: NN}\nequilibria: {nash: [2]}", ("t.yaml:2:21", "'2'", "one of 1")),
    "two states": ("t.yaml", "states: {1: N-}\nequilibria: {nash: [1]}", ("t.yaml:1:13", "exactly one")),
    "same state": ("t.yaml", "states: {1: NN, 2: s1}\nequilibria: {nash: [1]}", ("1 and as 2", "each state once")),
    "twice": ("t.yaml", "equilibria: {nash: [s1, s1]}", ("t.yaml:1:25", "a second time")),
    "ranking twice": ("t.yaml", "ranking: {row: [s1, [s2, s1]]}", ("t.yaml:1:26", "a second time")),
    "key": ("t.yaml", "equilibira: {nash: [s1]}", ("Did you mean 'equilibria'",)),
    "nothing": ("t.yaml", "title: x", ("no expectation",)),
    "list": ("t.yaml", "- nash", ("a table: a mapping",)),
    "no mapping": ("t.yaml", "stable: {nash: [s1]}", ("a mapping", "parties")),
    "deep": ("t.yaml", "equilibria: " + "[" * 10_000, ("levels of nesting",)),
    "deep json": ("t.json", '{"a":' * 10_000, ("levels of nesting",)),
    "nan": ("t.json", '{"equilibria": NaN}', ("'NaN'",)),
    "duplicate": ("t.json", '{"equilibria": {}, "equilibria": {}}', ("t.json:1:20", "a second time")),
    "json end": ("t.json", '{"equilibria": {', ("end of the file",)),
    "empty": ("t.csv", "", ("an empty file",)),
    "binary": ("t.csv", "\0\1", ("U+0000",)),
    "csv head": ("t.csv", "concpt,party,states\n", ("t.csv:1:1", "Did you mean 'concept'")),
    "csv column": ("t.csv", "concept,part,states\nnash,all,s1\n", ("t.csv:1:9", "Did you mean 'party'")),
    "csv states": ("t.csv", "concept,party\nnash,all\n", ("no column 'states'",)),
    "csv state": ("t.csv", 'concept,party,states\nnash,all,"s1 s7"\n', ("t.csv:2:10", "'s7'")),
    "csv party": ("t.csv", "concept,party,states\nnash,roww,s1\n", ("t.csv:2:", "Did you mean 'row'")),
    "csv twice": ("t.csv", "concept,party,states\nnash,row,s1\nnash,row,s2\n", ("t.csv:3:1", "a second time")),
    "csv more": ("t.csv", "concept,party,states\nnash,row,s1,s2\n", ("t.csv:2:13", "beyond the last head")),
    "csv quote": ("t.csv", 'concept,party,states\nnash,row,"s1\n', ("t.csv:2:10", "not closed")),
    "wide head": ("t.csv", "state,row nahs\ns1,x\n", ("t.csv:1:7", "Did you mean 'nash'")),
    "wide party": ("t.csv", "state,rov nash\ns1,x\n", ("t.csv:1:7", "Did you mean 'row'")),
    "wide mark": ("t.csv", "state,nash\ns1,maybe\n", ("t.csv:2:4", "'maybe'")),
    "wide state": ("t.csv", "state,nash\ns1,x\ns1,x\n", ("t.csv:3:1", "a second time")),
    "counts": ("t.json", '{"options": [], "parties": [], "states": 9000}', ("--full",)),
    "options": ("t.json", '{"options": [{"id": "x", "levels": ["a"]}], "parties": [], "states": []}', ("no option",)),
    "answer": ("t.json", '{"options": 3, "parties": [], "states": []}', ("a list of objects",)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAD))
def test_bad_files_are_told_with_place_and_mend(name: str) -> None:
    file, text, pieces = BAD[name]
    with pytest.raises(detente.CaseError) as caught:
        read(session_of(CATALOG["chicken"]), text, file)
    for piece in pieces:
        assert piece in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    text = "stable: {nsah: {row: [s1]}, gmr: {rwo: [s1]}}\nequilibria: {seq: [s9]}\nx: 1\n"
    with pytest.raises(detente.CaseError) as caught:
        read(session_of(CATALOG["chicken"]), text)
    assert len(caught.value.problems()) == 4


def test_hostile_sizes_are_refused() -> None:
    session = session_of(CATALOG["chicken"])
    rows = "concept,party,states\n" + "nsah,row,s1\n" * 50_000
    for text, file in ((rows, "t.csv"), ("state,nash\n" + "zz,x\n" * 50_000, "t.csv")):
        with pytest.raises(detente.CaseError) as caught:
            read(session, text, file)
        assert len(caught.value.problems()) <= 51
    for text, file in (("[" + "0," * 2_000_000 + "0]", "t.json"), ("," * 2_000_000, "t.csv")):
        with pytest.raises(detente.CaseError, match="1,000,000"):
            read(session, text, file)


# --- the command -----------------------------------------------------------------------------------------------------


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["compare", *words], standalone_mode=True)


def test_the_command_tells_the_explanation_first(tmp_path: Path) -> None:
    file = tmp_path / "elmira.yaml"
    file.write_text("equilibria: {nash: [s5, s8, s9], seq: [s1, s4, s5, s8, s9]}\n", encoding="utf-8")
    done = run("elmira", str(file))
    assert done.exit_code == 1
    told = done.output.splitlines()
    assert "two verdicts differ" in told[0]
    assert told[1].startswith("Both differences disappear if")
    assert "Local government changes Insist on the original order to 'yes' (s1 to s5)" in done.output
    file.write_text("equilibria: {nash: [s5, s8, s9]}\n", encoding="utf-8")
    done = run("elmira", str(file))
    assert (done.exit_code, "no difference" in done.output) == (0, True)


def test_the_json_follows_its_contract(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    wrong = "equilibria: {nash: [s5], sim: [s1]}\nranking: {lg: [s9, s1]}\nstable: {smr: {lg: [s1], moe: []}}\n"
    for text, status in (
        ("equilibria: {nash: [s5, s8, s9]}", 0),
        (wrong + "coalitions: {cnash: {lg+moe: []}}", 1),
    ):
        file.write_text(text, encoding="utf-8")
        done = run("elmira", str(file), "--json")
        assert done.exit_code == status
        content = json.loads(done.output)
        jsonschema.validate(content, result_schema("compare"))
        assert content["equal"] is (status == 0)
        assert content["parameters"] == {"expected": str(file)}
    assert content["explanations"]
    content["differences"][0]["expected"] = "yes"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, result_schema("compare"))


def test_readings_are_listed_in_one_vocabulary() -> None:
    assert list(READINGS) == [k.id for k in READINGS.values()]
    assert all(k.says[0].islower() and k.definition[0].islower() for k in READINGS.values())
    assert np.unique([k.says for k in READINGS.values()]).size == len(READINGS)
