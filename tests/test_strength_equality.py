"""Strength of preference against the literal definitions, on thousands of random cases with random declarations."""

import itertools
import json
from typing import Any, cast

import pytest

import detente
from tests.literal.definitions import Model, Reading
from tests.literal.generate import FIXED_SEEDS, random_case, seeded
from tests.literal.states import CaseDict
from tests.literal.strength import CONCEPTS, Strengths, random_case_with_strength
from tests.literal.witnesses import complaints

PART = 250
PARTS = [FIXED_SEEDS[start : start + PART] for start in range(0, len(FIXED_SEEDS), PART)]
FRESH = 1_000
SAMPLE = range(200)


def case_of(seed: int) -> tuple[CaseDict, Model]:
    return random_case_with_strength(seeded(seed))


def ask(case: CaseDict) -> Any:
    return detente.Session(detente.Case.from_dict(case)).ask("strength")


def disagreements(case: CaseDict, model: Model, seed: int) -> list[str]:
    """Compare strongly and weakly stable states, equilibria and some witnesses."""
    right = Strengths(case, model)
    assert not any(right.contradictions(party) for party in right.model.space.parties)
    found = ask(case)
    told = json.loads(json.dumps(found.to_dict()))
    wrong = []
    for concept in CONCEPTS:
        strong, general = right.table(concept), right.general(concept)
        weak = {p: [s for s in of if s not in strong[p]] for p, of in general.items()}
        held = [s for s in right.ids if all(s in of for of in strong.values())]
        hardly = [s for s in right.ids if all(s in of for of in general.values()) and s not in held]
        expected = {"strong": strong, "weak": weak, "equilibria": {"strong": held, "weak": hardly}}
        wrong += [
            f"{concept}, {part}: {told[part][concept]} is not {value}"
            for part, value in expected.items()
            if told[part][concept] != value
        ]
    rng = seeded(seed)
    for concept in () if wrong else CONCEPTS:
        party, state = rng.choice(right.model.space.parties), rng.choice(right.ids)
        verdict = found.witness(concept, party, state)
        if verdict.stable != right.strong(concept, party, state):
            wrong.append(f"witness {concept} {party} {state}: {verdict.stable}")
        wrong += [
            f"witness {concept} {party} {state}: {line}" for line in complaints(cast("Model", Judge(right)), verdict)
        ]
    return wrong


class Judge:
    """The model with strong sanctions in place of the usual ones, for the examination of witnesses."""

    def __init__(self, right: Strengths) -> None:
        self.right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self.right.model, name)

    def punishes(self, concept: str, party: str, state: str, outcome: str) -> bool:
        return self.right.punishes(concept, party, state, outcome)

    def sanctioned(self, concept: str, party: str, state: str, improvement: str) -> bool:
        improving = concept in {"seq", "sseq"}
        model = self.right.model
        answers = model.sequences(improvement, model.opponents(party), improving=improving, reading="legal")
        return any(self.punishes(concept, party, state, outcome) for outcome in answers)


def check(seed: int) -> None:
    case, model = case_of(seed)
    wrong = disagreements(case, model, seed)
    if wrong:
        shown = "\n".join(wrong[:12])
        pytest.fail(f"seed {seed}: {len(wrong)} differences\n{shown}\n{json.dumps(case, ensure_ascii=False, indent=1)}")


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_equal_on_the_fixed_cases(seeds: range) -> None:
    for seed in seeds:
        check(seed)


@pytest.mark.sweep
def test_equal_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        check(fresh_seed * FRESH + number)


def test_the_cases_tell_declarations_that_are_not_closed() -> None:
    told = 0
    for seed in SAMPLE:
        case, model = case_of(seed)
        right, wrong = Strengths(case, model), Strengths(case, model, closed=False)
        told += any(right.table(concept) != wrong.table(concept) for concept in CONCEPTS)
    assert told >= 0.05 * len(SAMPLE), f"{told} of {len(SAMPLE)} cases"


@pytest.mark.parametrize("concept", CONCEPTS)
def test_the_cases_have_all_three_kinds_of_states(concept: str) -> None:
    """Strongly stable although there is a move that is preferred; weakly stable; and each in many cases."""
    strongly = weakly = 0
    for seed in SAMPLE:
        right = Strengths(*case_of(seed))
        strong, general = right.table(concept), right.general(concept)
        strongly += any(right.model.improvements(p, s) for p, of in strong.items() for s in of)
        weakly += any(s not in strong[p] for p, of in general.items() for s in of)
    assert strongly >= 0.1 * len(SAMPLE), f"{strongly} of {len(SAMPLE)} cases"
    assert weakly >= 0.1 * len(SAMPLE), f"{weakly} of {len(SAMPLE)} cases"


# ---------------------------------------------------------------------------------------------------------- properties


def _all_strong(seed: int, *, strict: bool) -> tuple[CaseDict, Model]:
    """Return a case in which whatever is better is much better, without ties if ``strict``."""
    case, _ = case_of(seed)
    for party, preference in list(case["preferences"].items()):
        model = Model({**case, "preferences": {party: preference}})
        ladder = sorted(model.space.ids, key=model.ranks[party].__getitem__)
        form = {"ranking": ladder[::-1]} if strict else {f: v for f, v in preference.items() if f != "strength"}
        ranks = {s: n for n, s in enumerate(ladder)} if strict else model.ranks[party]
        steps = [[high, low] for low, high in itertools.pairwise(ladder) if ranks[high] > ranks[low]]
        case["preferences"][party] = {**form, "strength": {"much": steps}} if steps else form
    return case, Model(case)


def test_without_ties_and_with_every_preference_strong_strong_is_stable() -> None:
    """Merged states are left out: from one, the others may bring a party back to where it was; that costs nothing."""
    for seed in (seed for seed in range(250) if "coalesce" not in case_of(seed)[0]):
        case, model = _all_strong(seed, strict=True)
        told = ask(case).to_dict()
        for concept in CONCEPTS:
            for party in model.space.parties:
                stable = [s for s in model.space.ids if model.stable(concept, party, s)]
                assert told["strong"][concept][party] == stable, seed
                assert told["weak"][concept][party] == [], seed


def test_with_every_preference_strong_a_strong_sanction_is_a_strict_one() -> None:
    """With ties a state as good as the one left is a sanction, but never a strong one."""
    differ = 0
    for seed in range(150):
        case, model = _all_strong(seed, strict=False)
        told = ask(case).to_dict()
        for concept in ("gmr", "seq"):
            for party in model.space.parties:
                strictly = [s for s in model.space.ids if model.stable(concept, party, s, Reading(strict=True))]
                assert told["strong"][concept][party] == strictly, seed
                differ += any(told["weak"][concept][party])
    assert differ >= 50


def test_without_declarations_only_where_no_move_is_preferred() -> None:
    for seed in range(100):
        case = random_case(seeded(seed))
        told = ask(case).to_dict()
        nash = detente.Session(detente.Case.from_dict(case)).ask("stability", concepts=("nash",)).to_dict()
        for concept in CONCEPTS:
            assert told["strong"][concept] == nash["stable"]["nash"]
