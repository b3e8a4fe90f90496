"""``make bench``: prints ratios; record them in RESULTS.md with the date and the commit.

The unit is one ``np.argsort(kind="stable")`` of as many random int32 as there are states; a unit-set is one unit per
party. Times are the best of five, warmed, in one process.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import detente
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks, dense
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.concepts import CONCEPTS, stable_states

PARTIES = ("a", "b", "c", "d")


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def binary_case(options: int, *, up: int = 0, patterns: int = 0, seed: int = 7) -> detente.Case:
    """Binary options dealt out to four parties in blocks, some one-way, with random three-literal exclusions."""
    rng = np.random.default_rng(seed)
    per = options // len(PARTIES)
    names = [f"o{n}" for n in range(options)]
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "bench",
        "parties": {p: {} for p in PARTIES},
        "options": {
            o: {"party": PARTIES[n // per], "moves": "up" if n % per < up else "both"} for n, o in enumerate(names)
        },
        "infeasible": [
            " and ".join(("" if rng.integers(2) else "not ") + names[i] for i in rng.choice(options, 3, replace=False))
            for _ in range(patterns)
        ],
    }
    return detente.Case.from_dict(tree)


def additive(states: StateSpace, rng: np.random.Generator) -> Ranks:
    """Ranks of a random additive utility with one decimal per option."""
    weights = [Fraction(int(rng.integers(-500, 501)), 10) for _ in states.space.options]
    total = np.zeros(states.cells, np.int64)
    for weight, row in zip(weights, states.digits, strict=True):
        total += int(weight * 10) * row.astype(np.int64)
    return dense(total)


def five_concepts(label: str, case: detente.Case, ranks: str, aim: float, most: float, *, repeats: int = 5) -> None:
    """Time all five concepts for all parties, fibre sorting included; building the space apart."""
    start = time.perf_counter()
    states = StateSpace.of(case)
    moves = Moves(states)
    for party in PARTIES:
        moves.rows(party)
    built = time.perf_counter() - start
    rng = np.random.default_rng(1)
    given = {
        p: rng.permutation(len(states)).astype(np.int32) if ranks == "strict" else additive(states, rng)
        for p in PARTIES
    }

    def work() -> None:
        graph = GraphModel(case, states, moves, dict(given))
        for concept in CONCEPTS.values():
            for party in PARTIES:
                stable_states(graph, party, concept)

    work()
    seconds = best_of(repeats, work)
    numbers = rng.integers(0, 2**31 - 1, len(states), dtype=np.int32)
    unit = best_of(5, lambda: np.argsort(numbers, kind="stable"))
    ratio = seconds / (unit * len(PARTIES))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{label:<44} {len(states):>9,} states {seconds * 1e3:>8.1f} ms  {ratio:>6.2f} unit-sets "
        f"(aim {aim:g}, at most {most:g})  space {built:.2f} s  peak {peak:.2f} GB"
    )


def commands() -> None:
    """Start-up and brief times as whole commands."""
    program = [sys.executable, "-m", "detente"]
    with tempfile.TemporaryDirectory() as folder:
        for label, words, bar in (
            ("detente --help", ["--help"], 0.15),
            ("detente check korea-2019", ["check", "korea-2019"], 10),
            ("detente brief korea-2019", ["brief", "korea-2019", "-o", str(Path(folder) / "b.html")], 10),
        ):
            seconds = best_of(5, lambda w=words: subprocess.run([*program, *w], check=True, capture_output=True))  # type: ignore[misc]
            print(f"{label:<44} {seconds:>8.3f} s (at most {bar:g} s)")


def main() -> None:
    """Run everything."""
    five_concepts("4,096 states", binary_case(12), "strict", 50, 50, repeats=20)
    plain = binary_case(20)
    five_concepts("2^20, strict ranks", plain, "strict", 3, 5)
    five_concepts("2^20, additive utilities", plain, "additive", 3, 5)
    restricted = binary_case(20, up=2, patterns=6)
    five_concepts("20 options, 6 exclusions, 2 up, strict", restricted, "strict", 12, 20)
    five_concepts("20 options, 6 exclusions, 2 up, additive", restricted, "additive", 12, 20)
    commands()


if __name__ == "__main__":
    main()
