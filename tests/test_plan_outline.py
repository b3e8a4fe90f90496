"""Plans of which nothing is listed: orders verified along their way, and the best one found where a limit stops."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from click.testing import CliRunner, Result

import detente
from detente.base.errors import UsageError
from detente.cli.contracts import result_schema
from detente.cli.plan import command
from detente.mechanics.breakdown import Leaving
from detente.mechanics.leaving import climbed
from detente.plan import outline as outlines
from detente.plan.build import problem_of
from detente.plan.large import terms_of
from detente.plan.outline import outline_of, rough_order
from detente.plan.problem import Cell, Problem, Step
from detente.plan.verify import check, duration
from detente.space.states import StateSpace
from tests.literal.plan_values import Values, random_case


def run(*words: str) -> Result:
    return CliRunner().invoke(command, [*words])


def some_order(rng: random.Random, problem: Problem) -> list[Step]:
    """An order of steps of one or more parties, the last one to the target."""
    lattice, here = problem.lattice, problem.lattice.origin
    steps: list[Step] = []
    while here != lattice.target:
        after = tuple(rng.randint(a, b) if rng.random() < 0.5 else a for a, b in zip(here, lattice.target, strict=True))
        if after == here:
            continue
        moved = [o for o, a, b in zip(lattice.owners, here, after, strict=True) if b > a]
        movers = tuple(dict.fromkeys(moved))
        steps.append(Step(here, after, movers, rng.random() < 0.3, duration(problem, here, after)))
        here = after
    return steps


def judged_alike(seeds: Iterable[int]) -> tuple[int, int, int]:
    """Cases in which an order is judged alike, those with pretences, and those with a party that cannot leave."""
    compared = hidden = stuck = 0
    for seed in seeds:
        written, target = random_case(seed)
        if Values(written, target).ordinal:
            continue
        case = detente.Case.from_dict(written)
        problem = problem_of(case, StateSpace.of(case), target)
        try:
            outline = outline_of(case, target)
        except UsageError:  # a stake that has to be written, as the range of the values is not known
            continue
        steps = some_order(random.Random(seed), problem)
        found, wanted = outline.check(steps), check(problem, steps)
        assert found.margins == pytest.approx(wanted.margins, abs=1e-9), seed
        assert found.shares == pytest.approx(wanted.shares, abs=1e-9), seed
        assert found.holds == wanted.holds, seed
        for cell in {s.after for s in steps}:
            assert outline.pausable(cell) == problem.lattice.feasible[cell]
        assert not outline.rough
        compared += 1
        hidden += bool(problem.caught)
        stuck += bool(np.isinf(wanted.margins).any())
    return compared, hidden, stuck


def test_an_order_judged_where_nothing_is_listed_is_judged_as_where_all_is() -> None:
    compared, hidden, stuck = judged_alike(range(1_530))
    assert (compared > 1_000, hidden > 300, stuck > 200) == (True, True, True), (compared, hidden, stuck)


@pytest.mark.sweep
def test_orders_of_fresh_cases_are_judged_alike() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    judged_alike(range(7_000_000 + seed * 1_000, 7_000_000 + seed * 1_000 + 1_000))


def test_of_moves_that_are_too_many_a_good_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_MOVES", 0)
    equal = compared = 0
    for seed in range(150):
        written, target = random_case(seed)
        if Values(written, target).ordinal:
            continue
        case = detente.Case.from_dict(written)
        problem = problem_of(case, StateSpace.of(case), target)
        try:
            outline = outline_of(case, target)
        except UsageError:
            continue
        steps = some_order(random.Random(seed), problem)
        found, wanted = outline.check(steps), check(problem, steps)
        assert outline.rough == {p for p in problem.parties if p in case_owners(written)}
        bounded = np.where(np.isinf(wanted.margins), 0.0, wanted.margins)
        assert (np.where(np.isinf(found.margins), 0.0, found.margins) >= bounded - 1e-9).all(), seed
        compared += 1
        equal += found.margins == pytest.approx(wanted.margins, abs=1e-9)
    assert compared > 80
    assert equal / compared > 0.9  # it is good: mostly it is the best


def test_a_good_move_is_no_worse_than_stopping_and_no_better_than_the_best() -> None:
    compared = 0
    for seed in range(120):
        written, target = random_case(seed)
        values = Values(written, target)
        if values.ordinal or not written["plan"]["snapback"]:
            continue
        case = detente.Case.from_dict(written)
        terms = terms_of(case, values.today, tuple(values.parties))
        for party in set(values.parties) & case_owners(written):
            for state in list(values.cells().values())[:6]:
                moves = values.moves(party, state)
                lag, outside = np.array([values.lag(party, state)]), values.outside(party, state)
                numbers = Leaving(terms.discount[party], lag, None if outside == -np.inf else np.array([outside]))
                (found,) = climbed(terms.flows[party], terms.rules, state, numbers)
                assert moves[state] - 1e-8 <= found <= max(moves.values()) + 1e-8, (seed, party, state)
                compared += 1
    assert compared > 200


def test_one_option_after_the_other_is_changed_from_where_it_stands_and_from_home() -> None:
    """Both are worth 10, one alone costs 5: nothing between is better than either end."""
    tree = {
        "detente": 1, "name": "ends", "parties": {"a": {"discount": 0.9}, "b": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "a"}, "z": {"party": "b"}},
        "preferences": {"a": {"utility": {"x and y": 10, "x and not y": -5, "y and not x": -5}}, "b": {"utility": {}}},
        "plan": {"snapback": True, "lag": 1},
    }  # fmt: skip
    terms = terms_of(detente.Case.from_dict(tree), (0, 0, 0), ("a", "b"))
    numbers = Leaving(terms.discount["a"], np.ones(1), None)
    flow, rules = terms.flows["a"], terms.rules
    assert climbed(flow, rules, (1, 1, 0), numbers) == pytest.approx([1.0])  # 0.1 of 10, then today's 0
    assert climbed(flow, rules, (0, 0, 0), numbers) == pytest.approx([0.0])  # that both at once are better is not seen


def case_owners(written: dict[str, Any]) -> set[str]:
    return {o["party"] for o in written["options"].values()}


# --- a case whose conditions tie all together ------------------------------------------------------------------------


def tied(options: int = 6, levels: int = 6, **plan: Any) -> dict[str, Any]:
    """Two parties with as many options; conditions tie all of them together, so that clusters cannot be listed."""
    rng = random.Random(13)
    names = [f"l{n}" for n in range(levels)]
    owner = {f"o{n}": "ab"[n % 2] for n in range(options)}
    utility: dict[str, dict[str, Any]] = {}
    for party in "ab":
        worth: dict[str, Any] = {}
        for option, whose in owner.items():
            slope = -0.3 if whose == party else 1.0
            worth[option] = {v: round(slope * n + rng.randint(-2, 2) / 10, 1) for n, v in enumerate(names[1:], 1)}
        for n in range(options - 1):
            worth[f"o{n} == {names[-1]} and o{n + 1} == {names[-1]}"] = rng.randint(-5, 8) / 10
        utility[party] = worth
    return {
        "detente": 1,
        "name": "tied",
        "as_of": "2020-01-01",
        "parties": {p: {"discount": 0.95} for p in "ab"},
        "options": {o: {"party": w, "levels": names} for o, w in owner.items()},
        "preferences": {p: {"utility": u} for p, u in utility.items()},
        "plan": {
            "target": dict.fromkeys(owner, names[-1]),
            "lag": 1,
            "snapback": True,
            "breach_cost": {"a": 0.5, "b": 0.5},
            **plan,
        },
    }


def file_of(folder: Path, tree: dict[str, Any]) -> str:
    file = folder / f"{tree['name']}.case.yaml"
    file.write_text(json.dumps(tree), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(("options", "levels"), [(6, 6), (24, 3)])
def test_a_limit_gives_the_tests_the_best_order_found_and_what_is_not_proven(
    tmp_path: Path, options: int, levels: int
) -> None:
    case = file_of(tmp_path, tied(options, levels))
    done = run(case, "--json", "--draws", "0", "--seconds", "1")
    assert done.exit_code == 3, done.output
    told = json.loads(done.stdout)
    jsonschema.validate(told, result_schema("plan"))
    assert told["limits"] == {"plan": {"open": ["order"]}}
    assert (told["proven"], told["smallest"]["bound"]) == (False, None)
    assert set(told["start_test"]) == set(told["target_test"]) == {"a", "b"}
    assert told["physical"]["needs"] == 2
    assert told["steps"]
    assert any("not proven" in w for w in told["warnings"])
    assert "not proven" in done.stderr
    picture = tmp_path / "steps.svg"
    assert run(case, "--draws", "0", "--seconds", "1", "-o", str(picture)).exit_code == 3
    assert "<svg" in picture.read_text(encoding="utf-8")
    # the order written down again is judged alike, where nothing is listed and where all states are
    steps = tmp_path / "steps.json"
    steps.write_text(json.dumps(told["steps"]), encoding="utf-8")
    again = json.loads(run(case, "--json", "--draws", "0", "--no-repairs", "--verify", str(steps)).stdout)
    assert again["breaches"] == []
    for one, other in zip(told["steps"], again["steps"], strict=True):
        assert one["margins"] == pytest.approx(other["margins"])
    assert told["target_test"] == pytest.approx(again["target_test"])
    assert told["start_test"] == pytest.approx(again["start_test"])


def test_the_search_that_proves_nothing_finds_good_orders() -> None:
    found = []
    for seed in range(40):
        written, target = random_case(seed)
        if Values(written, target).ordinal or written["plan"].get("conceal"):
            continue
        case = detente.Case.from_dict(written)
        problem = problem_of(case, StateSpace.of(case), target)
        try:
            order = rough_order(outline_of(case, target), 0.3)
        except UsageError:
            continue
        if not order.steps:
            continue
        assert not order.proven
        judged = check(problem, order.steps)
        exact = detente.Session(case).ask("plan", target=named(written, target), draws=0, repairs=False, targets=False)
        best = exact.checked
        assert best is not None
        assert judged.interior <= best.interior + 1e-9 or best.holds > judged.holds
        found.append(judged.interior >= best.interior - 1e-9)
    assert len(found) > 8
    assert sum(found) > 0.6 * len(found)


def named(written: dict[str, Any], target: Cell) -> str:
    rows = zip(written["options"].items(), target, strict=True)
    return " and ".join(f"{o} == {w.get('levels', ['no', 'yes'])[n]}" for (o, w), n in rows)


def test_too_many_moves_are_told_and_nothing_is_called_enforceable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlines, "MOST_MOVES", 10)
    done = run(file_of(tmp_path, tied()), "--json", "--draws", "0", "--seconds", "0.5")
    told = json.loads(done.stdout)
    assert done.exit_code == 3
    assert told["limits"]["plan"]["open"] == ["order", "margins"]
    assert not told["enforceable"]
    assert "margins" in done.stderr


# --- verifying without a list of states ------------------------------------------------------------------------------


def vast(conceal: float | None) -> dict[str, Any]:
    """Eight options of ten levels, additive: 10^8 states."""
    names = [f"l{n}" for n in range(10)]
    owner = {f"o{n}": "ab"[n % 2] for n in range(8)}
    worth = {
        p: {o: {v: (-0.3 if w == p else 0.8) * n for n, v in enumerate(names[1:], 1)} for o, w in owner.items()}
        for p in "ab"
    }
    plan: dict[str, Any] = {"target": dict.fromkeys(owner, "l9"), "lag": 1, "snapback": True, "breach_cost": {"a": 3}}
    if conceal is not None:
        plan["conceal"] = {"o0": conceal}
    return {
        "detente": 1, "name": "vast", "parties": {"a": {"discount": 0.9}, "b": {"discount": 0.8}},
        "options": {o: {"party": w, "levels": names} for o, w in owner.items()},
        "preferences": {p: {"utility": u} for p, u in worth.items()}, "plan": plan,
    }  # fmt: skip


@pytest.mark.parametrize("conceal", [None, 0.3])
def test_an_order_is_verified_without_a_list_of_states(tmp_path: Path, conceal: float | None) -> None:
    steps = [
        [("o0", 4), ("o2", 9)],
        [("o1", 5), ("o3", 9)],
        [("o0", 9), ("o4", 9), ("o6", 9)],
        [("o1", 9), ("o5", 9), ("o7", 9)],
    ]
    written = tmp_path / "steps.yaml"
    moves = [{"moves": [{"option": o, "to": f"l{n}"} for o, n in step]} for step in steps]
    written.write_text(yaml.safe_dump(moves), encoding="utf-8")
    done = run(file_of(tmp_path, vast(conceal)), "--json", "--draws", "0", "--verify", str(written))
    told = json.loads(done.stdout)
    jsonschema.validate(told, result_schema("plan"))
    wanted = additive(steps, conceal)
    assert [told["today"]["margins"], *(s["margins"] for s in told["steps"])] == [pytest.approx(row) for row in wanted]
    assert told["enforceable"] == (min(min(row.values()) for row in wanted) >= 0)
    assert done.exit_code == (0 if told["enforceable"] else 1)


def additive(steps: list[list[tuple[str, int]]], conceal: float | None) -> list[dict[str, float]]:
    """Margins by the definitions: all worths are straight lines, what is taken back is gone at once, the lag is 1."""
    state = dict.fromkeys([f"o{n}" for n in range(8)], 0)
    states = [dict(state)]
    for step in steps:
        state.update(step)
        states.append(dict(state))

    def u(party: str, at: dict[str, int]) -> float:
        return sum((-0.3 if "ab"[int(o[1]) % 2] == party else 0.8) * n for o, n in at.items())

    rows: list[dict[str, float]] = [{} for _ in states]
    for party, d, fine in (("a", 0.9, 3.0), ("b", 0.8, 0.0)):
        value = [u(party, states[-1])]
        for at in reversed(states[:-1]):
            value.insert(0, (1 - d) * u(party, at) + d * value[0])
        for t, at in enumerate(states):
            taken = {o: 0 if "ab"[int(o[1]) % 2] == party else n for o, n in at.items()}
            best = (1 - d) * u(party, taken) + d * 0.0 - fine
            best = max(best, 0.0) if t == 0 else best
            if party == "a" and conceal is not None:
                stands = {s["o0"] for s in states[:t]} - {at["o0"]}
                best = max([best, *(pretending(u, states[t:], v, (d, fine, conceal)) for v in stands)])
            rows[t][party] = value[t] - best
    return rows


def pretending(u: Any, shown: list[dict[str, int]], true: int, numbers: tuple[float, float, float]) -> float:
    """C of one who keeps o0 truly at a level, shown elsewhere."""
    d, fine, q = numbers
    last = {**shown[-1], "o0": true}
    out: float = ((1 - d) * u("a", last) + d * q * -fine) / (1 - d * (1 - q))
    for at in reversed(shown[:-1]):
        out = (1 - d) * u("a", {**at, "o0": true}) + d * (q * -fine + (1 - q) * out)
    return out


def test_what_a_written_order_breaks_is_told_without_a_list(tmp_path: Path) -> None:
    tree = vast(None)
    tree["infeasible"] = ["o0 == l4 and o1 == l0"]
    written = tmp_path / "steps.yaml"
    moves = [("o0", 4), ("o1", 3), ("o0", 9)]
    written.write_text(yaml.safe_dump([{"moves": [{"option": o, "to": f"l{n}"}]} for o, n in moves]), encoding="utf-8")
    done = run(file_of(tmp_path, tree), "--json", "--draws", "0", "--verify", str(written))
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["breaches"] == [{"step": 1, "text": "Step 1 ends in a state that the case rules out."}]
