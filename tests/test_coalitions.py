"""Coalition stability and equilibrium jumps against their literal definitions, published results and properties."""

import json
import time
from typing import Any

import jsonschema
import pytest

import detente
from detente.base.errors import LimitReached, UsageError
from detente.brief.reading import Reading as CaseReading
from detente.brief.sections import coalitions
from detente.cli.contracts.stability import COALITION_VERDICT, COALITIONS, JUMPS
from detente.stability import coalition_narrative, jumps
from detente.stability.coalitions import Coalitions
from detente.stability.jumps import Jumps
from tests.literal import published
from tests.literal.coalitions import CONCEPTS, CoalitionModel, Group, Reading, complaints, wrong_steps
from tests.literal.definitions import CONCEPTS as INDIVIDUAL
from tests.literal.generate import random_case, seeded
from tests.literal.states import CaseDict, Space

FIXED = range(2_000)
PART = 250
PARTS = [FIXED[start : start + PART] for start in range(0, len(FIXED), PART)]
FRESH = 1_000
WITNESSES = 2
MODES = {False: "legal", True: "joint"}


def coalition_case(seed: int) -> CaseDict:
    """Return a random case, half of them with merged states and three parties, where readings differ most.

    Every sixth has a mediator that owns options, where a party is left that prefers.
    """
    rng = seeded(seed)
    apart = seed % 4 > 1
    case = random_case(rng, parties=3 if apart else None)
    while apart and not merged(case):
        case = random_case(rng, parties=3)
    party = rng.choice(list(case["parties"]))
    if seed % 6 == 0 and set(case["preferences"]) - {party}:
        case["parties"][party]["role"] = "mediator"
        case["preferences"].pop(party, None)
    return case


def merged(case: CaseDict) -> bool:
    space = Space(case)
    return len(space.states) < len(space.feasible)


def session_of(case: CaseDict) -> detente.Session:
    return detente.Session(detente.Case.from_dict(case))


def schema(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def disagreements(seed: int, *, joint: bool) -> list[str]:
    """Compare all verdicts of a case, some witnesses, and the jumps under one concept."""
    case = coalition_case(seed)
    model = CoalitionModel(case, Reading(joint=joint))
    session = session_of(case)
    found: Coalitions = session.ask("coalitions", moves=MODES[joint])
    wrong = []
    if [list(g) for g in found.coalitions] != [list(g) for g in model.coalitions]:
        return [f"groups {found.coalitions} instead of {model.coalitions}"]
    for concept in CONCEPTS:
        expected = model.table(concept)
        for group, states in expected.items():
            if list(found.ids(concept, group) or ()) != states:
                wrong.append(f"{concept} {group}: {found.ids(concept, group)} instead of {states}")
        universal = [s for s in model.space.ids if all(s in states for states in expected.values())]
        if list(found.ids(concept) or ()) != universal:
            wrong.append(f"universal {concept}: {found.ids(concept)} instead of {universal}")
    rng = seeded(seed)
    for _ in range(0 if wrong else WITNESSES):
        concept, group, state = rng.choice(CONCEPTS), rng.choice(model.coalitions), rng.choice(model.space.ids)
        verdict = found.witness(concept, group, state, most=rng.choice((2, 50))).to_dict()
        if verdict["stable"] != model.stable(concept, group, state):
            wrong.append(f"witness {concept} {group} {state}: verdict")
        wrong += [f"witness {concept} {group} {state}: {line}" for line in complaints(model, verdict)]
    return wrong if seed % 3 else wrong + wrong_jumps(model, session, rng.choice(INDIVIDUAL))


def wrong_jumps(model: CoalitionModel, session: detente.Session, concept: str) -> list[str]:
    """Compare the jumps from every equilibrium and from one other state."""
    starts = [*model.equilibria(concept)[:5], model.space.ids[-1]]
    moves = MODES[model.reading.joint]
    found: Jumps = session.ask("jumps", concept=concept, moves=moves, starts=starts)
    document = found.to_dict(full=True)
    wrong = []
    for departure in document["from"]:
        start = departure["state"]
        told = {
            (tuple(way["coalition"]), tuple(way["helpers"]), target["state"])
            for way in departure["ways"]
            for target in way["to"]
        }
        if told != model.jumps(concept, start):
            wrong.append(f"jumps {concept} {start}: {told} instead of {model.jumps(concept, start)}")
        for way in departure["ways"]:
            for target in way["to"]:
                wrong += wrong_jump(model, start, way, target)
    return wrong


def wrong_jump(model: CoalitionModel, start: str, way: dict[str, Any], target: dict[str, Any]) -> list[str]:
    """Who else likes it, who does not, and how it is made in turns."""
    outside = [p for p in model.parties if p not in way["coalition"]]
    end = target["state"]
    welcome = [p for p in outside if model.prefers(p, end, start)]
    hurt = [p for p in outside if model.prefers(p, start, end)]
    wrong = [] if (target["welcome"], target["hurt"]) == (welcome, hurt) else [f"{start} to {end}: who likes it"]
    if model.reading.joint:
        return wrong
    return wrong + wrong_steps(model, target["steps"], tuple(way["coalition"]), start, end)


def check(seed: int, *, joint: bool) -> None:
    found = disagreements(seed, joint=joint)
    if found:
        shown = "\n".join(found[:8])
        case = json.dumps(coalition_case(seed), ensure_ascii=False)
        pytest.fail(f"seed {seed}, joint {joint}: {len(found)} differences\n{shown}\n{case}")


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_equal_on_the_fixed_cases(seeds: range) -> None:
    for seed in seeds:
        check(seed, joint=seed % 2 == 1)


@pytest.mark.sweep
def test_equal_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        for joint in (False, True):
            check(fresh_seed * FRESH + number, joint=joint)


# --- do the cases tell readings apart? ------------------------------------------------------------------------------


def test_the_cases_tell_readings_apart() -> None:
    """In so many cases does another reading of a definition give another set of stable states."""
    seeds = range(120)
    shares = dict.fromkeys(("joint", "cseq is not cgmr", "not seq", "alone", "one happy", "universal"), 0)
    mediated = 0
    for seed in seeds:
        case = coalition_case(seed)
        model = CoalitionModel(case, Reading())
        cseq, cgmr = model.table("cseq"), model.table("cgmr")
        other = CoalitionModel(case, Reading(joint=True))
        shares["joint"] += any(other.table(c) != model.table(c) for c in CONCEPTS)
        shares["cseq is not cgmr"] += cseq != cgmr
        shares["not seq"] += any(
            cseq[(p,)] != [s for s in model.space.ids if model.model.stable("seq", p, s)] for p in model.parties
        )
        shares["alone"] += CoalitionModel(case, Reading(alone=True)).table("cseq") != cseq
        shares["one happy"] += CoalitionModel(case, Reading(one_happy=True)).table("cgmr") != cgmr
        individual = [s for s in model.space.ids if all(model.stable("cseq", (p,), s) for p in model.parties)]
        shares["universal"] += model.universal("cseq") != individual
        mediated += bool(model.mediators)
    least = {"joint": 0.1, "cseq is not cgmr": 0.1, "not seq": 0.05, "alone": 0.05, "one happy": 0.1, "universal": 0.1}
    found = {name: share / len(seeds) for name, share in shares.items()}
    assert all(found[name] >= bound for name, bound in least.items()), found
    assert mediated >= 12


TWICE = (59, 99, 207, 226, 310, 366, 427, 703, 790, 827, 935, 967, 994, 1062, 1166, 1203, 1231, 1246, 1311, 1454)
"""Seeds found by the literal definitions alone."""


@pytest.mark.parametrize("seed", TWICE)
def test_fixed_cases_tell_apart_whether_a_group_may_improve_twice_in_a_row(seed: int) -> None:
    assert seed in FIXED
    case, joint = coalition_case(seed), seed % 2 == 1
    once = CoalitionModel(case, Reading(joint=joint)).table("cseq")
    assert CoalitionModel(case, Reading(joint=joint, twice=True)).table("cseq") != once


@pytest.mark.parametrize("seed", TWICE)
def test_every_sanction_by_groups_is_legal(seed: int) -> None:
    case, joint = coalition_case(seed), seed % 2 == 1
    model = CoalitionModel(case, Reading(joint=joint))
    found: Coalitions = session_of(case).ask("coalitions", moves=MODES[joint], concepts=["cseq"])
    for group in model.coalitions:
        for state in model.space.ids:
            assert complaints(model, found.witness("cseq", group, state, most=50).to_dict()) == []


# --- published ------------------------------------------------------------------------------------------------------

ELMIRA_IMPROVEMENTS = {
    # published with the case: improvements of groups of two and three (theory of coalition analysis, Elmira)
    ("moe", "uniroyal"): {(2, 4), (5, 8), (6, 8)},
    ("uniroyal", "lg"): {(2, 4), (2, 8), (6, 8)},
    ("moe", "uniroyal", "lg"): {(2, 4), (2, 8), (6, 8)},
    ("moe", "lg"): {(1, 5), (3, 7)},
}
ELMIRA_UNIVERSAL = {"cnash": "s8 s9", "cgmr": "s1 s4 s8 s9", "csmr": "s1 s4 s8 s9", "cseq": "s8 s9"}


@pytest.mark.parametrize("moves", ["legal", "joint"])
def test_elmira_improvements_of_groups(moves: str) -> None:
    found: Coalitions = session_of(published.elmira()).ask("coalitions", moves=moves)
    for group, pairs in ELMIRA_IMPROVEMENTS.items():
        told = {(s + 1, int(t) + 1) for s in range(9) for t in found.sets.improvements_from(group, s)}
        assert told == pairs


def test_elmira_universal_stability() -> None:
    found: Coalitions = session_of(published.elmira()).ask("coalitions")
    for concept, states in ELMIRA_UNIVERSAL.items():
        assert found.ids(concept) == tuple(states.split())


@pytest.mark.parametrize("moves", ["legal", "joint"])
@pytest.mark.parametrize("concept", ["nash", "seq", "sseq"])
def test_elmira_jump_by_the_ministry_and_uniroyal(moves: str, concept: str) -> None:
    found: Jumps = detente.Session(detente.load("elmira")).ask("jumps", concept=concept, moves=moves)
    told = {
        (d.start + 1, w.coalition, w.helpers, int(t) + 1) for d in found.departures for w in d.ways for t in w.targets
    }
    assert told == {(5, ("moe", "uniroyal"), (), 8)}
    document = found.to_dict()
    jsonschema.validate(document, schema(JUMPS))
    assert document["from"][0]["ways"][0]["to"][0]["hurt"] == ["lg"]
    assert "Uniroyal could go together to one outcome: s8 (s8 is worse for Local government)" in str(jumps.lines(found))


def test_elmira_local_government_is_held_by_a_threat_of_two() -> None:
    """State 1 is stable for it in groups but not alone: the answer 5 to 8 takes both others."""
    session = detente.Session(detente.load("elmira"))
    assert not session.ask("stability").is_stable("seq", "lg", "s1")
    found: Coalitions = session.ask("coalitions")
    verdict = found.witness("cseq", ["lg"], "s1")
    assert verdict.stable
    (answer,) = verdict.answers
    assert answer.sanction is not None
    assert [(m.coalition, m.source, m.target) for m in answer.sanction] == [(("moe", "uniroyal"), "s5", "s8")]
    jsonschema.validate(verdict.to_dict(), schema(COALITION_VERDICT))
    assert "; Local government is no better off." in coalition_narrative.narrate_group(found, verdict)[1]


def test_an_explanation_to_a_group_begins_with_the_state() -> None:
    found: Coalitions = detente.Session(detente.load("elmira")).ask("coalitions")
    told = coalition_narrative.narrate_groups(found, [found.witness(c, ["moe", "lg"], "s9") for c in found.concepts])
    assert told[0] == (
        "s9 for Ministry of the Environment and Local government (Modify the order: any, Uniroyal's stance: abandon, "
        "Insist on the original order: any)"
    )
    assert [line.split(",")[0] for n, line in enumerate(told) if n and told[n - 1] == ""] == list(found.concepts)


# --- properties -----------------------------------------------------------------------------------------------------

INDIVIDUALLY = {"cnash": "nash", "cgmr": "gmr", "csmr": "smr"}


def same(one: Any, other: Any) -> bool:
    return bool((one == other).all())


def subset(one: Any, other: Any) -> bool:
    return bool((~one | other).all())


@pytest.mark.parametrize("seed", range(0, 240, 4))
def test_single_parties_and_implications(seed: int) -> None:
    case = coalition_case(seed + seed // 4 % 4)
    session = session_of(case)
    found: Coalitions = session.ask("coalitions")
    alone = session.ask("stability").stable
    plain = not merged(case)
    for group in found.coalitions:
        of = {c: found.stable[c][group] for c in CONCEPTS}
        assert all(subset(of["cnash"], of[c]) for c in CONCEPTS)
        assert subset(of["csmr"], of["cgmr"])
        assert subset(of["cseq"], of["cgmr"]) or not plain
        if len(group) == 1:
            for concept, individual in INDIVIDUALLY.items():
                assert same(of[concept], alone[individual][group[0]])
            assert subset(alone["seq"][group[0]], of["cseq"])
        if len(group) == len(found.sets.parties):
            assert all(same(of[c], of["cnash"]) for c in CONCEPTS)
    if plain:
        together: Coalitions = session.ask("coalitions", moves="joint")
        assert all(subset(together.stable["cseq"][g], together.stable["cgmr"][g]) for g in together.coalitions)
        if not case.get("infeasible"):
            for concept in CONCEPTS:
                for group, held in found.stable[concept].items():
                    assert same(together.stable[concept][group], held)


def test_a_structure_judges_its_blocks_only() -> None:
    session = detente.Session(detente.load("elmira"))
    whole: Coalitions = session.ask("coalitions")
    found: Coalitions = session.ask("coalitions", structure="uniroyal+moe")
    blocks: list[Group] = [("moe", "uniroyal"), ("lg",)]
    assert found.structure == tuple(blocks)
    assert set(found.coalitions) == set(blocks)
    for concept in CONCEPTS:
        expected = set.intersection(*(set(whole.ids(concept, b) or ()) for b in blocks))
        assert set(found.ids(concept) or ()) == expected
        assert found.universal[concept] is None
    document = found.to_dict()
    jsonschema.validate(document, schema(COALITIONS))
    assert document["structure"]["blocks"] == [["moe", "uniroyal"], ["lg"]]
    assert whole.to_dict()["structure"] is None


@pytest.mark.parametrize("structure", ["moe+nobody", "moe+uniroyal,moe", "moe+moe"])
def test_a_structure_must_divide_the_parties(structure: str) -> None:
    with pytest.raises(UsageError):
        detente.Session(detente.load("elmira")).ask("coalitions", structure=structure)


@pytest.mark.parametrize("asked", [{"moves": "sideways"}, {"concepts": ["nash"]}])
def test_unknown_words_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        detente.Session(detente.load("elmira")).ask("coalitions", **asked)


# --- who takes part -------------------------------------------------------------------------------------------------


def mediated() -> CaseDict:
    """Two sides that would both like the deal; it takes both, and the mediator's forum."""
    return {
        "detente": 1,
        "name": "forum",
        "parties": {"a": {}, "b": {}, "m": {"role": "mediator"}, "x": {}},
        "options": {"one": {"party": "a"}, "two": {"party": "b"}, "forum": {"party": "m"}},
        "preferences": {
            "a": {"ranking": ["YYY", ["NNN", "NNY"]]},
            "b": {"ranking": ["YYY", ["NNN", "NNY"]]},
            "x": {"ranking": [["NNN", "NNY"], "YYY"]},
        },
    }


def test_a_mediator_helps_and_is_not_asked() -> None:
    session = session_of(mediated())
    found: Jumps = session.ask("jumps", starts=["NNN"])
    (way,) = found.departures[0].ways
    assert (way.coalition, way.helpers) == (("a", "b"), ("m",))
    assert [session.states(session.case()).key(int(t)) for t in way.targets] == ["111"]
    assert found.hurt(0, int(way.targets[0]), way) == ("x",)
    assert "with the help of m" in " ".join(jumps.lines(found))
    assert session.ask("jumps", starts=["NNN"], moves="legal").departures[0].ways == ()
    assert all("m" not in g for g in session.ask("coalitions").coalitions)


def test_without_an_order_there_is_no_verdict() -> None:
    case = published.elmira()
    case["preferences"]["lg"] = {"partial": [["s7", "s3"]]}
    found: Coalitions = session_of(case).ask("coalitions")
    assert found.stable["cgmr"]["moe", "uniroyal"] is not None
    assert found.stable["cseq"]["moe", "uniroyal"] is None
    assert found.stable["cnash"]["moe", "lg"] is None
    assert set(found.universal.values()) == {None}
    assert found.to_dict()["stable"]["cseq"]["moe"] is None
    assert "not known" in " ".join(coalition_narrative.lines(found))
    with pytest.raises(UsageError):
        found.witness("cseq", ["moe"], "s1")
    with pytest.raises(UsageError):
        session_of(case).ask("jumps")


# --- the brief ------------------------------------------------------------------------------------------------------


def told(case: str) -> str:
    section = coalitions.section(CaseReading.of(detente.Session(detente.load(case))))
    assert section is not None
    return "\n".join(text for block in section.blocks for text in block.texts())


def test_the_brief_tells_who_could_move_together() -> None:
    """Elmira: nobody from today; the ministry and Uniroyal from the deadlock. Korea: the two sides themselves."""
    elmira = told("elmira")
    assert "No group of parties could go together from today" in elmira
    assert "could be left by Ministry of the Environment and Uniroyal for something both would prefer" in elmira
    assert "(Local government would be worse off)" in elmira
    assert "The smallest group that could is DPRK and United States." in told("korea-2019")


# --- sizes ----------------------------------------------------------------------------------------------------------


def large(options: int, parties: int = 4) -> CaseDict:
    return {
        "detente": 1,
        "name": "large",
        "parties": {f"p{n}": {} for n in range(parties)},
        "options": {f"o{n}": {"party": f"p{n % parties}"} for n in range(options)},
        "preferences": {
            f"p{n}": {"utility": {f"o{k}": {"yes": 1 if k % parties != n else -1.5} for k in range(options)}}
            for n in range(parties)
        },
    }


def test_beyond_twenty_thousand_states_only_jumps_from_today() -> None:
    """Each side pays 1.5 for its own step and gains 1 from each other's: any two or more gain together."""
    session = session_of(large(16))
    with pytest.raises(LimitReached):
        session.ask("coalitions")
    session.ask("stability", concepts=["gmr"])
    start = time.perf_counter()
    found: Jumps = session.ask("jumps", concept="gmr")
    assert time.perf_counter() - start < 3
    (departure,) = found.departures
    assert departure.start == session.graph(session.case()).states.status_quo
    assert found.left_out > 0
    held = session.ask("stability", concepts=["gmr"]).equilibrium["gmr"]
    everybody = [w for w in departure.ways if len(w.coalition) == 4]
    assert len(everybody) == 1
    assert held[everybody[0].targets].all()


def test_too_many_groups_are_refused() -> None:
    with pytest.raises(LimitReached, match="groups"):
        session_of(large(11, parties=11)).ask("coalitions")
