"""The settlement room: complete enumeration against a plain numpy evaluation and sort of the same outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import detente
from bench.measure import best_of
from detente.base.result import Provenance
from detente.settlement.problem import Bargain, bargain_of
from detente.settlement.solve import settle
from detente.space.states import StateSpace

OPTIONS, LEVELS = 6, 10  # a million outcomes
MOST = 3.0


def million(seed: int, parties: int = 2) -> detente.Case:
    """Six options of ten levels, one level after the other better for one party and worse for the other."""
    rng = np.random.default_rng(seed)
    names = [chr(ord("a") + n) for n in range(parties)]
    options: dict[str, Any] = {
        f"o{n}": {"party": names[n % parties], "levels": [f"l{k}" for k in range(LEVELS)]} for n in range(OPTIONS)
    }
    preferences = {
        p: {"utility": {o: {f"l{k}": float(rng.integers(-100, 101)) / 10 for k in range(1, LEVELS)} for o in options}}
        for p in names
    }
    tree = {"detente": 1, "name": "million", "parties": {p: {} for p in names}, "options": options}
    return detente.Case.from_dict({**tree, "preferences": preferences})


def tables(bargain: Bargain) -> list[list[np.ndarray[Any, Any]]]:
    """Worth of every level as integers, per party and option."""
    return [
        [np.array([int(w * bargain.payoffs[p].denominator) for w in row]) for _, row in bargain.worth[p].levels]
        for p in bargain.axes
    ]


def plain(worths: list[list[np.ndarray[Any, Any]]]) -> np.ndarray[Any, Any]:
    """Utilities of all outcomes as outer sums, sorted by the first and then the second party."""
    columns = []
    for rows in worths:
        total = np.zeros(1, np.int64)
        for row in reversed(rows):
            total = np.add.outer(total, row).reshape(-1)
        columns.append(total)
    return np.lexsort(columns)


def work_of(case: detente.Case, states: StateSpace) -> Callable[[], object]:
    """Evaluate, find the frontier and all points."""
    provenance = Provenance(case.name, "")

    def work() -> object:
        return settle(bargain_of(case, states), provenance)

    return work


def measured(parties: int = 2, most: float | None = MOST) -> None:
    """Print the ratios for three random instances."""
    for seed in range(3):
        case = million(seed, parties)
        states = StateSpace.of(case)
        bargain = bargain_of(case, states)
        worths = tables(bargain)
        unit = best_of(3, lambda w=worths: plain(w))  # type: ignore[misc]
        work = work_of(case, states)
        found = settle(bargain, Provenance(case.name, ""))
        seconds = best_of(3, work)
        whole = best_of(2, lambda c=case: work_of(c, StateSpace.of(c))())  # type: ignore[misc]
        bar = "" if most is None else f" (at most {most:g})"
        label = f"settle, {parties} parties, seed {seed}: {found.verdict}, {len(found.frontier)} classes"
        print(
            f"{label:<56}{len(states):>10,} outcomes {seconds * 1e3:>8.1f} ms {seconds / unit:>6.2f} plain evaluations"
            f" and sorts{bar}; with listing the states {whole / unit:.2f}"
        )


def run() -> None:
    """Two parties, with the bar; three for information."""
    measured()
    measured(3, None)


if __name__ == "__main__":
    run()
