"""Coalition stability of all groups: seconds of processor time and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import detente
from detente.base.result import Provenance
from detente.graph.model import GraphModel
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.coalitions import coalition_stability


def ladder_case(levels: Sequence[int], moves: str, infeasible: Sequence[str] = ()) -> detente.Case:
    """One option per party, with so many levels each."""
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "bench",
        "parties": {f"p{n}": {} for n in range(len(levels))},
        "options": {
            f"o{n}": {"party": f"p{n}", "levels": [f"l{k}" for k in range(count)], "moves": moves}
            for n, count in enumerate(levels)
        },
        "infeasible": list(infeasible),
    }
    return detente.Case.from_dict(tree)


def all_groups(label: str, case: detente.Case, moves: str, most: float, *, alike: float = 0.0) -> float:
    """Time all four concepts for all groups; ``alike`` above 0 makes the parties' random orders resemble each other."""
    states = StateSpace.of(case)
    rng = np.random.default_rng(1)
    common = rng.normal(size=len(states)) * alike
    ranks = {p: np.argsort(np.argsort(common + rng.normal(size=len(states)))).astype(np.int32) for p in case.parties}
    graph = GraphModel(case, states, Moves(states), dict(ranks))
    start = time.process_time()
    coalition_stability(graph, Provenance("bench", ""), moves=moves)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{label:<52} {len(states):>7,} states {seconds:>7.2f} s (at most {most:g} s)  peak {peak:.2f} GB")
    return seconds


TIED = ("o0 == l0 and o1 == l1", "o2 == l2 and o3 == l4")


def main() -> None:
    """All groups of three and of five parties on about 10,000 states."""
    all_groups("3 parties, 7 groups, any moves", ladder_case((21, 22, 22), "both"), "legal", 2)
    five = ladder_case((6, 6, 6, 6, 7), "both")
    all_groups("5 parties, 31 groups, any moves", five, "legal", 8)
    all_groups("5 parties, orders much alike", five, "legal", 12, alike=2)
    all_groups("5 parties, infeasible combinations", ladder_case((6, 6, 6, 6, 7), "both", TIED), "legal", 8)
    up = ladder_case((6, 6, 6, 6, 7), "up", TIED)
    all_groups("5 parties, one-way, infeasible combinations", up, "legal", 15)
    all_groups("5 parties, one-way, infeasible, joint moves", up, "joint", 30)


if __name__ == "__main__":
    main()
