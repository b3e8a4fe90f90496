"""Listed problems cut into clusters for integer programs, and programs that are not built beyond the time there is."""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import detente
from detente.base.errors import UsageError
from detente.cli.plan import command
from detente.plan.build import problem_of
from detente.plan.milp import affordable, best_order, longest
from detente.plan.problem import Problem
from detente.plan.separate import separated
from detente.plan.tables import Tables, of_problem
from detente.plan.verify import check
from detente.space.states import StateSpace
from tests.literal.plan_values import random_case
from tests.test_plan_outline import file_of, tied


def said(tables: Tables, problem: Problem) -> None:
    """Every number and every pause of a problem, read from its tables."""
    everyone = range(len(problem.parties))
    assert sorted(a for axes in tables.clusters for a in axes) == list(range(len(problem.lattice.shape)))
    for cell in itertools.islice(np.ndindex(problem.lattice.shape), 200):
        assert tables.pausable(cell) == problem.lattice.feasible[cell]
        assert tables.at(tables.alarm, cell) == pytest.approx(problem.alarm[cell], abs=1e-9)
        for axis, chance in problem.caught.items():
            assert tables.at(tables.caught[axis], cell) == pytest.approx(chance[cell], abs=1e-9)
        for i in everyone:
            here = (i, *cell)
            assert tables.at(tables.flow[i], cell) == pytest.approx(problem.flow[here], abs=1e-8)
            assert tables.at(tables.breach[i], cell) == pytest.approx(problem.breach[here], abs=1e-8)
            assert tables.most(tables.walk[i], cell) == pytest.approx(problem.walk[here], abs=1e-8)
            assert tables.most(tables.snapped[i], cell) == pytest.approx(problem.snapped[here], abs=1e-8)
            assert tables.most(tables.accused[i], cell) == pytest.approx(problem.accused[here], abs=1e-8)


def told_alike(seeds: Iterable[int]) -> tuple[int, int, int]:
    """Problems whose tables say what they say, those cut at all, and those of which something is kept together."""
    compared, cut, one = 0, 0, 0
    for seed in seeds:
        written, target = random_case(seed)
        case = detente.Case.from_dict(written)
        try:
            problem = problem_of(case, StateSpace.of(case), target)
        except UsageError:
            continue
        tables = separated(problem)
        said(tables, problem)
        compared += 1
        axes = len(problem.lattice.shape)
        cut += axes > 1 and len(tables.clusters) > 1
        one += axes > 1 and len(tables.clusters) < axes
        # alarms are of one cluster, and so is the chance of finding out any of a party's options
        assert len(tables.alarm.tables) <= 1
        for party in problem.parties:
            mine = [tables.caught[a] for a in tables.caught if tables.owners[a] == party]
            assert len({c for s in mine for c in s.tables}) <= 1
    return compared, cut, one


def test_tables_of_clusters_say_what_the_problem_says() -> None:
    compared, cut, one = told_alike(range(1_250))
    assert compared > 1_000
    assert (cut > 150, one > 300) == (True, True), (cut, one)


@pytest.mark.sweep
def test_tables_of_fresh_clusters_say_what_the_problem_says() -> None:
    seed = int(os.environ.get("DETENTE_SEED", "0"))
    told_alike(range(8_000_000 + seed * 1_000, 8_000_000 + seed * 1_000 + 1_000))


def sums(seed: int) -> tuple[dict[str, Any], tuple[int, ...]]:
    """A case of three groups of options, with payments, and its target."""
    rng = random.Random(seed)
    options = {f"o{n}": {"party": rng.choice("ab")} for n in range(5)}
    options["o0"]["party"], options["o1"]["party"] = "a", "b"
    worths = {
        p: {
            **{o: {"yes": rng.randint(5, 25) / 10 - 3.0 * (w["party"] == p)} for o, w in options.items()},
            "o2 and o3": rng.choice((-1, 1)) * rng.randint(1, 9) / 10,
        }
        for p in "ab"
    }  # fmt: skip
    tree = {
        "detente": 1, "name": "sums", "parties": {p: {"discount": 0.9, "money": rng.choice((1, 2))} for p in "ab"},
        "options": options, "preferences": {p: {"utility": u} for p, u in worths.items()},
        "infeasible": ["o4 and not o0"],
        "plan": {
            "target": {"o0": "yes"}, "lag": 1, "snapback": True, "transfers": 1, "breach_cost": {"a": 0.3, "b": 0.3},
        },
    }  # fmt: skip
    return tree, (1,) * 5


def test_what_bears_on_each_other_is_together_and_nothing_else() -> None:
    for seed in range(20):
        tree, target = sums(seed)
        case = detente.Case.from_dict(tree)
        problem = problem_of(case, StateSpace.of(case), target)
        tables = separated(problem)
        said(tables, problem)
        assert sorted(tables.clusters) == [(0, 4), (1,), (2, 3)]


def test_the_best_paid_order_is_the_same_in_clusters_and_as_a_whole() -> None:
    for seed in range(3):
        tree, target = sums(seed)
        case = detente.Case.from_dict(tree)
        problem = problem_of(case, StateSpace.of(case), target)
        apart, whole = best_order(separated(problem), 20.0), best_order(of_problem(problem), 20.0)
        assert apart.proven
        assert whole.proven
        one, other = (check(problem, o.steps, o.side) for o in (apart, whole))
        assert one.interior == pytest.approx(other.interior, abs=1e-5), seed
        assert one.holds == other.holds


def test_a_program_is_not_built_beyond_the_time_there_is(tmp_path: Path) -> None:
    # conditions tie 3^8 states together: a program of all 16 steps has 105,000 joined cells
    tree = tied(8, 3, transfers=1)
    for party in tree["parties"].values():
        party["money"] = 1
    case = detente.Case.from_dict(tree)
    problem = problem_of(case, StateSpace.of(case), (2,) * 8)
    tables = separated(problem)
    assert longest(tables) == 16
    assert affordable(tables, 60.0) == 7
    assert affordable(tables, 2.0) == 0
    few = best_order(tables, 2.0)
    assert (few.steps, few.proven, few.bound) == ((), False, np.inf)
    begun = time.process_time()
    done = CliRunner().invoke(command, [file_of(tmp_path, tree), "--json", "--draws", "0", "--seconds", "2"])
    told = json.loads(done.stdout)
    assert done.exit_code == 3
    assert told["limits"] == {"plan": {"open": ["order"]}}
    assert told["steps"]
    assert time.process_time() - begun < 20
