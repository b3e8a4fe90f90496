"""Unknown preference against its literal definitions, on thousands of random cases."""

import json
import random

import pytest

from detente.base.result import Provenance
from detente.case.model import Case
from detente.graph.model import GraphModel
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.unknown import Unknown, unknown_stability
from detente.stability.unknown_witness import UnknownAnswer, UnknownVerdict
from tests.literal.generate import seeded
from tests.literal.states import CaseDict
from tests.literal.unknown import CONCEPTS, TYPES, Reading, UnknownModel
from tests.literal.unknown_cases import random_unknown_cases

VARIANTS = 4
FIXED = range(500)
PART = 50
PARTS = [FIXED[start : start + PART] for start in range(0, len(FIXED), PART)]
FRESH = 500
WITNESSES = 2


def answers(cases: list[CaseDict]) -> list[Unknown]:
    """Return the answers for variants of one case, whose states and moves are the same."""
    read = [Case.from_dict(c) for c in cases]
    states = StateSpace.of(read[0])
    moves = Moves(states)
    graphs = [GraphModel.of(c, states, moves) for c in read]
    return [unknown_stability(g, Provenance("random", "sha256:0")) for g in graphs]


def check(seed: int) -> int:
    """Compare everything; return how many cases there were."""
    rng = seeded(seed)
    cases = list(random_unknown_cases(rng, VARIANTS))
    for case, found in zip(cases, answers(cases), strict=True):
        model = UnknownModel(case)
        wanted, told = model.table(), found.to_dict()["stable"]
        text = json.dumps(case, ensure_ascii=False, indent=1)
        assert told == wanted, f"seed {seed}\n{text}"
        for _ in range(WITNESSES):
            complaint = proof_fault(rng, model, found)
            assert complaint == "", f"seed {seed}: {complaint}\n{text}"
    return len(cases)


def proof_fault(rng: random.Random, model: UnknownModel, found: Unknown) -> str:
    """Check one witness move by move; return what is wrong with it."""
    kind, concept = rng.choice(TYPES), rng.choice(CONCEPTS)
    party, state = rng.choice(model.space.parties), rng.choice(model.space.ids)
    verdict = found.witness(kind, concept, party, state)
    name = f"{kind} {concept} {party} {state}"
    if verdict.stable != model.stable(kind, concept, party, state):
        return f"{name}: says stable is {verdict.stable}"
    leading = model.leading(party, state, hopes=kind in "ac")
    targets = {a.target for a in verdict.answers}
    if (verdict.stable and targets != leading) or not targets <= leading:
        return f"{name}: answers {targets} instead of {leading}"
    for answer in verdict.answers:
        fault = answer_fault(model, verdict, answer)
        if fault:
            return f"{name}: {answer.target}: {fault}"
    return ""


def answer_fault(model: UnknownModel, verdict: UnknownVerdict, answer: UnknownAnswer) -> str:
    """Follow one move and its punishment."""
    party, state, credible = verdict.party, verdict.state, verdict.concept in {"seq", "sseq"}
    fears, escape = verdict.attitude in "cd", verdict.concept in {"smr", "sseq"}
    deterring = model.deterring(party, state, fears=fears, escape=escape)
    unsure = model.compared[party].unknown
    if (answer.gain == "unknown") != ((answer.target, state) in unsure):
        return f"the gain is no {answer.gain}"
    if answer.sanction is None:
        punishing = model.answers(party, answer.target, credible=credible) & deterring
        return "it is punished" if verdict.stable or (verdict.concept != "nash" and punishing) else ""
    here, last = answer.target, party
    for n, step in enumerate(answer.sanction):
        reached = model.space.moves[step.party][here]
        if credible:
            reached = model.leading(step.party, here, hopes=True)
            open_one = (step.target, here) in model.compared[step.party].unknown
            if answer.credible is None or (answer.credible[n] == "unknown") != open_one:
                return f"step {n} is marked wrongly"
        if step.source != here or step.party in (last, party) or step.target not in reached:
            return f"step {n} is not legal"
        here, last = step.target, step.party
    if here not in deterring or here == answer.target:
        return f"{here} is no sanction"
    return "the loss is marked wrongly" if (answer.loss == "unknown") != ((here, state) in unsure) else ""


def test_enough_cases_are_compared() -> None:
    assert len(FIXED) * VARIANTS >= 2_000


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_equal_on_the_fixed_cases(seeds: range) -> None:
    assert sum(check(seed) for seed in seeds) == PART * VARIANTS


@pytest.mark.sweep
def test_equal_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        check(10_000 + fresh_seed * FRESH + number)


WRONG = {
    "the last mover may go on": (Reading(last_mover=False), 0.15),
    "a circle brings back the state moved to": (Reading(diagonal=True), 0.02),
    "opponents answer only with what they surely prefer": (Reading(opponents_hope=False), 0.2),
    "the order decides what is unknown": (Reading(order=True), 0.4),
}


def test_the_sample_tells_wrong_readings_and_the_four_attitudes_apart() -> None:
    wrong = dict.fromkeys(WRONG, 0)
    attitudes = {(x, y): 0 for x in TYPES for y in TYPES if x < y}
    cases = [case for seed in range(40) for case in random_unknown_cases(seeded(seed), VARIANTS)]
    for case in cases:
        right = UnknownModel(case).table()
        for name, (reading, _) in WRONG.items():
            wrong[name] += UnknownModel(case, reading).table() != right
        for x, y in attitudes:
            attitudes[x, y] += right[x] != right[y]
    assert {name: n for name, n in wrong.items() if n / len(cases) < WRONG[name][1]} == {}
    assert {pair: n for pair, n in attitudes.items() if n / len(cases) < 0.1} == {}
