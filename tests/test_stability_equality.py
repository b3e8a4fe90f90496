"""detente against the literal definitions, on thousands of random cases: everything must be equal, nothing nearly."""

import json
from typing import Any

import pytest

import detente
from tests.literal.answers import differences, document_of, status_quo_document
from tests.literal.definitions import CONCEPTS, Model
from tests.literal.generate import FIXED_SEEDS, random_case, seeded
from tests.literal.states import CaseDict
from tests.literal.witnesses import complaints

PART = 200
PARTS = [FIXED_SEEDS[start : start + PART] for start in range(0, len(FIXED_SEEDS), PART)]
FRESH = 2_000
WITNESSES = 2
"""So many verdicts per concept and case have their witness checked."""


def as_json(document: dict[str, Any]) -> Any:
    """Return what a reader of the JSON gets."""
    return json.loads(json.dumps(document))


def disagreements(case: CaseDict, seed: int) -> list[str]:
    """Compare numbers, keys, levels, ranks, verdicts, equilibria, the status quo and some witnesses."""
    model = Model(case)
    session = detente.Session(detente.Case.from_dict(case))
    stability = session.ask("stability", concepts=CONCEPTS)
    found = differences(document_of(model), as_json(stability.to_dict()), "stability")
    status_quo = session.ask("status_quo").to_dict()
    found += differences(status_quo_document(model), as_json(status_quo), "status quo")
    rng = seeded(seed)
    for concept in () if found else CONCEPTS:
        for _ in range(WITNESSES):
            party, state = rng.choice(model.space.parties), rng.choice(model.space.ids)
            verdict = stability.witness(concept, party, state)
            asked = (party, state, concept, model.stable(concept, party, state))
            told = (verdict.party, verdict.state, verdict.concept, verdict.stable)
            wrong = complaints(model, verdict) if told == asked else [f"answers {told} when asked for {asked}"]
            found += [f"witness {concept} {party} {state}: {line}" for line in wrong]
    return found


def check(seed: int) -> None:
    """Fail with the seed, the case and the first differences."""
    case = random_case(seeded(seed))
    found = disagreements(case, seed)
    if found:
        shown = "\n".join(found[:12])
        pytest.fail(f"seed {seed}: {len(found)} differences\n{shown}\n{json.dumps(case, ensure_ascii=False, indent=1)}")


def test_enough_cases_are_compared() -> None:
    assert len({seed for part in PARTS for seed in part}) >= 2_000


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_equal_on_the_fixed_cases(seeds: range) -> None:
    for seed in seeds:
        check(seed)


@pytest.mark.sweep
def test_equal_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        check(fresh_seed * FRESH + number)
