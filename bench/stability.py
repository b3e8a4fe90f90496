"""The five individual concepts for all parties: unit-sets, memory, growth."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import detente
from bench.cases import additive, binary_case, even, strict
from bench.measure import best_of, peak, unit
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.concepts import CONCEPTS, stable_states

Order = Callable[[StateSpace, np.random.Generator], Ranks]
SIX = (4, 4, 3, 3, 3, 3)
RAGGED = (1, 3, 7)
"""Seeds of exclusions that leave 127,700, 151,680 and 164,104 of 2^20 states."""


def timed(case: detente.Case, order: Order, *, repeats: int = 5) -> tuple[int, float, float]:
    """Time all five concepts for all parties, fibre sorting included; building the space apart.

    Returns:
        Number of states, seconds, seconds of building.
    """
    start = time.perf_counter()
    states = StateSpace.of(case)
    moves = Moves(states)
    for party in case.parties:
        moves.rows(party)
    built = time.perf_counter() - start
    rng = np.random.default_rng(1)
    ranks: dict[str, Ranks | None] = {p: order(states, rng) for p in case.parties}

    def work() -> None:
        moves.forget()
        graph = GraphModel(case, states, moves, dict(ranks))
        for concept in CONCEPTS.values():
            for party in case.parties:
                stable_states(graph, party, concept)

    if repeats > 1:
        work()
    return len(states), best_of(repeats, work), built


def line(label: str, case: detente.Case, order: Order, bars: tuple[float, float] | None, *, repeats: int = 5) -> None:
    """Print one measurement; bars are the ratio aimed at and the largest allowed."""
    count, seconds, built = timed(case, order, repeats=repeats)
    ratio = seconds / (unit(count) * len(case.parties))
    wanted = f"(aim {bars[0]:g}, at most {bars[1]:g})" if bars else ""
    print(
        f"{label:<44} {count:>9,} states {seconds * 1e3:>8.1f} ms  {ratio:>6.2f} unit-sets {wanted:<22} "
        f"space {built:.2f} s  peak {peak():.2f} GB",
        flush=True,
    )


def growth(label: str, sizes: range, exclusions: int, parties: int) -> None:
    """Fit log seconds on log states over cases of one structure, and print the exponent."""
    found = [
        timed(binary_case(even(n, parties), patterns=exclusions), strict, repeats=20 if n < 17 else 5)[:2]
        for n in sizes
    ]
    exponent = np.polyfit(*(np.log(column) for column in zip(*found, strict=True)), 1)[0]
    seen = ", ".join(f"{count:,}: {seconds * 1e3:.1f} ms" for count, seconds in found)
    print(f"{label:<44} exponent {exponent:.3f} (at most 1.15)  {seen}", flush=True)


def run() -> None:
    """All lines but the largest case."""
    line("4,096 states", binary_case(even(12, 4)), strict, (50, 50), repeats=20)
    plain = binary_case(even(20, 4))
    line("2^20, strict ranks", plain, strict, (3, 5))
    line("2^20, additive utilities", plain, additive, (3, 5))
    restricted = binary_case(even(20, 4), up=2, patterns=6)
    line("20 options, 6 exclusions, 2 up, strict", restricted, strict, (12, 20))
    line("20 options, 6 exclusions, 2 up, additive", restricted, additive, (12, 20))
    for seed in RAGGED:
        line(f"6 parties, 15 exclusions ({seed}), strict", binary_case(SIX, patterns=15, seed=seed), strict, (10, 30))
    growth("growth, 4 parties, 2^14 to 2^20", range(14, 21, 2), 0, 4)
    growth("growth, 6 parties, 15 exclusions", range(17, 23), 15, 6)


def main() -> None:
    """The largest case, in a process of its own so that the memory is all its own."""
    line("2^22, 4 parties (6/6/5/5), strict ranks", binary_case((6, 6, 5, 5)), strict, None, repeats=1)
    print(f"{'  memory of the whole process':<44} {peak():.2f} GB (below 4 GB)", flush=True)


if __name__ == "__main__":
    main()
