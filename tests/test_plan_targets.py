"""Both tests of a plan's targets, and the choice among those that pass, against their literal reading."""

import os

import numpy as np
import pytest

import detente
from detente.base.errors import UsageError
from detente.plan.problem import TIED
from detente.plan.targets import targets_of
from detente.space.states import StateSpace
from tests.literal.plan_values import Values, random_case

FIXED = range(1_000)


def agree_on(seed: int, targets: int) -> int:
    """Both tests of some targets of a case equal their literal reading; returns how many targets were compared."""
    written, target = random_case(seed)
    case = detente.Case.from_dict(written)
    states = StateSpace.of(case)
    try:
        found = targets_of(case, states)
    except UsageError:  # a breakdown that an order says nothing of, from some state of the case
        return 0
    chosen = [target, *(found.levels(s) for s in np.flatnonzero(found.reachable)[: targets - 1])]
    for x in chosen:
        values = Values(written, x)
        state = int(states.state_of[states.cell(list(x)) or 0])
        assert found.reachable[state]
        covered = [p for i, p in enumerate(found.parties) if found.covered[i, state]]
        assert covered == values.parties
        for party in covered:
            i = found.parties.index(party)
            told = (seed, x, party)
            assert found.start[i, state] == pytest.approx(values.start_test(party), abs=1e-8), told
            assert found.hold[i, state] == pytest.approx(values.target_test(party), abs=1e-8), told
            assert found.stake[i, state] == pytest.approx(values.stake(party), rel=1e-9), told
            assert found.comparing[i] == pytest.approx(values.stake(party, comparing=True), rel=1e-9), told
    return len(chosen)


def test_both_tests_of_targets_are_the_literal_ones() -> None:
    compared = [agree_on(seed, 1 + 7 * (seed % 40 == 0)) for seed in FIXED]
    assert sum(n > 0 for n in compared) > 850
    assert sum(compared) > 1_000


# --- choosing --------------------------------------------------------------------------------------------------------


def beaten(gains: list[list[float]], n: int) -> bool:
    """Whether another of some deals is at least as good for everybody and better for somebody."""
    return any(
        all(g >= h - 1e-9 for g, h in zip(other, gains[n], strict=True))
        and any(g > h + 1e-9 for g, h in zip(other, gains[n], strict=True))
        for other in gains
    )


def chosen_well(seed: int) -> int:
    """The efficient targets and the choice among them are those of the definitions; returns how many passed."""
    written, _ = random_case(seed)
    case = detente.Case.from_dict(written)
    states = StateSpace.of(case)
    try:
        found = targets_of(case, states)
    except UsageError:
        return 0
    passing = np.flatnonzero(found.both)
    roles = [w.get("role", "signatory") for w in written["parties"].values()]
    signatories = [p for p, role in zip(written["parties"], roles, strict=True) if role == "signatory"]
    gains = [[found.value[found.parties.index(p), s] for p in signatories] for s in passing]
    expected = {int(s) for n, s in enumerate(passing) if not beaten(gains, n)}
    assert {int(s) for s in np.flatnonzero(found.efficient(found.both))} == expected, seed
    listed = found.listed()
    assert sorted(listed) == [int(s) for s in passing]
    assert set(listed[: len(expected)]) == expected

    def smallest(s: int) -> float:
        covered = [i for i in range(len(found.parties)) if found.covered[i, s]]
        return min(float((found.value[i, s] - found.disagreement[i]) / found.comparing[i]) for i in covered)

    def changed(s: int) -> int:
        return sum(abs(a - b) for a, b in zip(found.levels(s), found.today, strict=True))

    if expected:
        most = max(smallest(s) for s in expected)
        tied = [s for s in expected if smallest(s) >= most - TIED]
        first = min(tied, key=lambda s: (changed(s), found.levels(s)))
        assert listed[0] == first, seed
    return len(passing)


def test_the_target_chosen_is_the_one_of_the_definitions() -> None:
    counts = [chosen_well(seed) for seed in range(150)]
    assert sum(n > 1 for n in counts) > 15


def test_of_equal_targets_the_one_with_fewest_changed_levels_is_chosen() -> None:
    worth = {"x": {"yes": 1}, "y": {"l1": -1, "l2": 1}, "x and y": -5}
    tree = {
        "detente": 1, "name": "tied", "parties": {"a": {}, "b": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "b", "levels": ["l0", "l1", "l2"]}},
        "preferences": {"a": {"utility": worth}, "b": {"utility": worth}}, "plan": {"snapback": True, "lag": 0},
    }  # fmt: skip
    case = detente.Case.from_dict(tree)
    found = targets_of(case, StateSpace.of(case))
    assert [found.levels(s) for s in found.listed()] == [(1, 0), (0, 2)]
    same = {**tree, "options": {"x": {"party": "a", "levels": ["no", "yes"]}, "y": {"party": "b"}}}
    same["preferences"] = {p: {"utility": {"x": {"yes": 1}, "y": {"yes": 1}, "x and y": -5}} for p in "ab"}
    case = detente.Case.from_dict(same)
    found = targets_of(case, StateSpace.of(case))
    assert [found.levels(s) for s in found.listed()] == [(0, 1), (1, 0)]
    assert found.efficient(found.both).sum() == 2


@pytest.mark.sweep
def test_targets_on_fresh_cases() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    for number in range(4_000_000 + seed * 1_000, 4_000_000 + seed * 1_000 + 1_000):
        agree_on(number, 3)
        chosen_well(number)
