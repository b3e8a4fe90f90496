"""The deviations behind a plan's values and the threats that answer them, against their literal reading."""

import os

import numpy as np
import pytest

import detente
from detente.base.errors import UsageError
from detente.plan.build import problem_of
from detente.plan.explain import Deviation, Explainer
from detente.space.states import StateSpace
from tests.literal.conditions import Levels
from tests.literal.plan_readings import READINGS
from tests.literal.plan_values import Values, random_case


def explained(seed: int) -> list[str]:
    """Every deviation named has the value of ``walk``, and kind, states and threats as defined; returns the kinds."""
    written, target = random_case(seed)
    case = detente.Case.from_dict(written)
    states, values = StateSpace.of(case), Values(written, target)
    try:
        problem = problem_of(case, states, target)
    except UsageError:
        return []
    explainer, kinds = Explainer.of(case, states, problem), []
    for cell, state in list(values.cells().items())[:8]:
        for i, party in enumerate(problem.parties):
            if party not in values.owner and values.outside(party, state) == -np.inf:
                kinds.append(explainer.at(cell, party).kind)
                assert (kinds[-1], problem.walk[(i, *cell)]) == ("none", -np.inf)
                continue
            if problem.walk[(i, *cell)] < -1e5 or (party in values.ordinal and not values.feasible(state)):
                continue
            found = explainer.at(cell, party)
            assert found.value == pytest.approx(problem.walk[(i, *cell)], abs=1e-8), (seed, cell, party)
            assert found.kind == kind_of(values, party, state, found), (seed, cell, party)
            kinds.append(found.kind)
            assert found.breach == pytest.approx(values.breach(party, state), abs=1e-9)
            assert found.lag == (pytest.approx(values.lag(party, state)) if written["plan"]["snapback"] else None)
            check_elsewhere(values, found)
            if found.then is not None:
                then = tuple(values.place(o, level, party) for o, level in enumerate(found.after))
                assert found.then == then
            check_threats(values, explainer, found)
    return kinds


def kind_of(values: Values, party: str, state: Levels, found: Deviation) -> str:
    """What a deviation is called, from the literal values of all own moves."""
    moves, outside = values.moves(party, state), values.outside(party, state)
    if party not in values.owner:
        return "outside"
    best = max(moves.values(), default=-np.inf)
    if outside > best + 1e-7:
        return "outside"
    assert moves[found.after] >= best - 1e-7
    if moves[state] >= best - 1e-10 if state in moves else False:
        return "stop"
    fewest = min(sum(a != b for a, b in zip(state, m, strict=True)) for m, v in moves.items() if v >= best - 1e-10)
    assert sum(a != b for a, b in zip(state, found.after, strict=True)) <= fewest
    back = [
        values.today[o] <= found.after[o] < state[o] or state[o] < found.after[o] <= values.today[o]
        for o in range(len(state))
        if found.after[o] != state[o]
    ]
    return "grab" if all(back) else "move"


def check_elsewhere(values: Values, found: Deviation) -> None:
    """Elsewhere is named where it is worth more than what the answer leaves."""
    if found.kind == "outside" or found.lag is None:
        assert found.elsewhere == (found.kind == "outside")
        return
    s, party = found.state, found.party
    with_it = values.path(party, party, s, found.after, found.lag, values.outside(party, s))
    without = values.path(party, party, s, found.after, found.lag, -np.inf)
    if abs(with_it - without) > 1e-7 or with_it == without:
        assert found.elsewhere == (with_it > without)


def check_threats(values: Values, explainer: Explainer, found: Deviation) -> None:
    told = {t.by: t for t in explainer.threats(found)}
    for party, written in values.case["parties"].items():
        own = [o for o, owner in enumerate(values.owner) if owner == party]
        returns = found.then is not None and any(found.then[o] != found.after[o] for o in own)
        if party == found.party or not returns or written.get("role") == "mediator":
            assert party not in told
            continue
        if party in values.ordinal:
            continue
        threat = told[party]
        worth = values.path(party, found.party, found.after, found.after, 0.0, -np.inf)
        assert threat.punishes == pytest.approx(worth, abs=1e-8)
        assert threat.forgives == pytest.approx(values.u(party, found.after), abs=1e-8)
        if abs(threat.punishes - threat.forgives) > 1e-6:
            assert threat.credible == (threat.punishes > threat.forgives)


def test_deviations_are_explained_as_defined() -> None:
    kinds = [kind for seed in range(250) for kind in explained(seed)]
    for kind in ("stop", "grab", "move", "outside", "none"):
        assert kinds.count(kind) > 60, kind


def differs(reading: type[Values], seed: int) -> bool:
    """Whether leaving is worth something else under another reading, somewhere in a case."""
    written, target = random_case(seed)
    right, wrong = Values(written, target), reading(written, target)
    for state in list(right.cells().values())[:12]:
        for party in right.parties:
            if party not in right.ordinal and abs(right.walk(party, state) - wrong.walk(party, state)) > 1e-6:
                return True
    return False


@pytest.mark.parametrize("reading", READINGS)
def test_the_sample_tells_readings_apart(reading: type[Values]) -> None:
    assert sum(differs(reading, seed) for seed in range(100)) / 100 >= READINGS[reading]


@pytest.mark.sweep
def test_deviations_of_fresh_cases_are_explained_as_defined() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    for number in range(4_000_000 + seed * 1_000, 4_000_000 + seed * 1_000 + 1_000):
        explained(number)
