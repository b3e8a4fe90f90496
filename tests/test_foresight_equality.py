"""Foresight against the literal definitions, on thousands of random cases, half of them with two parties."""

import json
from collections.abc import Sequence

import pytest

import detente
from detente.stability.foresight import Foresight
from detente.stability.witness import Step
from tests.literal import foresight as literal
from tests.literal.definitions import Model
from tests.literal.generate import FIXED_SEEDS, random_case, seeded
from tests.literal.states import CaseDict

PART = 250
PARTS = [FIXED_SEEDS[start : start + PART] for start in range(0, len(FIXED_SEEDS), PART)]
FRESH = 1_000
HORIZON = 4
LINES = 3
"""So many lines of play are checked per case."""
LONG_RUN = 10
"""Every so manieth case is followed until play repeats, and a round further."""


def case_of(seed: int) -> CaseDict:
    return random_case(seeded(seed), parties=None if seed % 2 else 2)


def disagreements(case: CaseDict, seed: int) -> list[str]:
    """Compare horizons 1 to 4, lines of play, Stackelberg equilibria, rejected equilibria and the long run."""
    model = Model(case)
    session = detente.Session(detente.Case.from_dict(case))
    found = session.ask("foresight", horizon=HORIZON, non_myopic=seed % LONG_RUN == 0)
    told = json.loads(json.dumps(found.to_dict()))
    wrong: list[str] = []
    for version in (literal.WORST, literal.BEST) if len(found.graph.movers) <= 2 else (literal.WORST,):
        right = literal.Foresight(model, version)
        for horizon in range(1, HORIZON + 1):
            table = right.table(horizon)
            if told["stable"][str(horizon)][version] != table:
                wrong.append(f"{version}, {horizon} ahead: {told['stable'][str(horizon)][version]} is not {table}")
            kept = [state for state in model.space.ids if all(state in of for of in table.values())]
            if told["equilibria"][str(horizon)][version] != kept:
                wrong.append(f"{version}, {horizon} ahead, equilibria")
        if len(right.movers) == 2:
            leading = {leader: right.stackelberg(leader) for leader in right.movers}
            if told["stackelberg"][version] != leading:
                wrong.append(f"{version}: Stackelberg {told['stackelberg'][version]} is not {leading}")
        if version in told["non_myopic"]:
            wrong += _long_run(right, told["non_myopic"][version])
    if wrong:
        return wrong
    right = literal.Foresight(model)
    wrong += _rejected(right, told["rejected"])
    rng = seeded(seed)
    for _ in range(LINES):
        asked = rng.choice(model.space.parties), rng.choice(model.space.ids), rng.randint(1, HORIZON)
        wrong += [f"line {asked}: {line}" for line in _not_a_line(right, found, *asked)]
    return wrong


def _long_run(right: literal.Foresight, told: dict[str, object]) -> list[str]:
    """The cycle, who stays on it, and that one more round is like the first."""
    horizons = right.cycle()
    always, sometimes = right.non_myopic()
    expected = {"first": horizons.start, "period": len(horizons), "stable": always, "cycling": sometimes}
    wrong = [f"{name}: {told[name]} is not {value}" for name, value in expected.items() if told[name] != value]
    again = [horizon for horizon in horizons if right.table(horizon) != right.table(horizon + len(horizons))]
    return wrong + [f"horizon {horizon} is not like the one a period later" for horizon in again]


def _rejected(right: literal.Foresight, told: dict[str, dict[str, dict[str, list[str]]]]) -> list[str]:
    """Sequential equilibria that a party leaves, by a move that it prefers at once or only by others."""
    model = right.model
    held = [s for s in model.space.ids if all(model.stable("seq", p, s) for p in model.space.parties)]
    wrong = []
    for horizon in range(2, HORIZON + 1):
        for mover in right.movers:
            expected: dict[str, list[str]] = {"threat": [], "detour": []}
            for state in held:
                if right.stays(mover, state, horizon):
                    continue
                ends = {t: right.after(mover, t, horizon - 1) for t in model.improvements(mover, state)}
                gains = any(right.value(mover, e) > model.ranks[mover][state] for e in ends.values())
                expected["threat" if gains else "detour"].append(state)
            if told[str(horizon)][mover] != expected:
                wrong.append(f"{horizon} ahead, {mover} rejects {told[str(horizon)][mover]}, not {expected}")
    return wrong


def _not_a_line(right: literal.Foresight, found: Foresight, party: str, state: str, horizon: int) -> list[str]:
    """Say why a line of play is none: every move must be best for its mover, and the end what the party counts with."""
    steps: Sequence[Step] = found.anticipated(party, state, horizon)
    if party not in right.movers:
        return [] if not steps else ["a party without moves moves"]
    ends = right.ends(party, state, horizon)
    place, left, moved = state, horizon, ""
    for step in steps:
        next_movers = [party] if not moved else _feared(right, moved, place, left)
        if step.source != place or step.party not in next_movers:
            return [f"{step.party} moves from {step.source}; at {place} it is the turn of {next_movers}"]
        if step.target not in right.best_moves(step.party, place, left):
            return [f"{step.party} moves to {step.target}; best are {right.best_moves(step.party, place, left)}"]
        place, left, moved = step.target, left - 1, step.party
    going_on = _feared(right, moved, place, left) if moved else right.best_moves(party, place, left)
    if going_on:
        return [f"ends at {place} although play goes on"]
    value = right.value(party, ends)
    return [] if right.model.ranks[party][place] == value else [f"ends at {place}, which is not what it counts with"]


def _feared(right: literal.Foresight, moved: str, place: str, left: int) -> list[str]:
    """Who may move next: of those who would, the ones whose move is worst for the party that has moved."""
    would = [p for p in right.movers if p != moved and left and not right.stays(p, place, left)]
    values = {p: right.value(moved, right.ends(p, place, left)) for p in would}
    return [p for p in would if values[p] == min(values.values())]


def check(seed: int) -> None:
    case = case_of(seed)
    wrong = disagreements(case, seed)
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


# --------------------------------------------------------------------------------------------- the cases tell readings

TWO = range(0, 240, 2)
MORE = range(1, 241, 2)
WRONG = {
    "moves although staying is as good": (TWO, literal.Reading(stays_if_equal=False)),
    "passes": (TWO, literal.Reading(passing=True)),
    "takes the first of equals": (TWO, literal.Reading(first_of_equals=True)),
    "the same party goes on": (MORE, literal.Reading(twice=True)),
    "counts with all who would move": (MORE, literal.Reading(any_mover=True)),
    "counts with a standstill": (MORE, literal.Reading(standstill=True)),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_cases_tell_a_wrong_reading(name: str) -> None:
    seeds, reading = WRONG[name]
    told = 0
    for seed in seeds:
        model = Model(case_of(seed))
        right, wrong = literal.Foresight(model), literal.Foresight(model, reading=reading)
        told += any(right.table(horizon) != wrong.table(horizon) for horizon in range(1, HORIZON + 1))
    assert told >= 0.05 * len(seeds), f"{told} of {len(seeds)} cases"


def test_the_cases_tell_the_versions() -> None:
    models = [Model(case_of(seed)) for seed in TWO]
    told = sum(
        any(literal.Foresight(m).table(h) != literal.Foresight(m, literal.BEST).table(h) for h in range(2, HORIZON + 1))
        for m in models
    )
    assert told >= 0.05 * len(models), f"{told} of {len(models)} cases"
