"""Forecasts in draws: exact shares to a date against sparse matrix-vector products of the same chain."""

from __future__ import annotations

from typing import Any

import numpy as np

import detente
from bench.measure import best_of
from detente.forecast.chain import shares_of
from detente.forecast.dynamics import Draw, Dynamics
from detente.forecast.reached import period_of
from detente.space.moves import Moves
from detente.space.states import StateSpace

DRAWS, TICKS, MOST = 500, 21, 10.0
STATED = 10_000
PARTIES, OPTIONS = 3, 12  # 2^12 = 4,096 states, 16 combinations of each party's four options


def situation() -> Moves:
    """Three parties with four options of two levels each."""
    names = "abc"
    options: dict[str, Any] = {f"o{n}": {"party": names[n % PARTIES]} for n in range(OPTIONS)}
    tree = {"detente": 1, "name": "bench", "parties": {p: {} for p in names}, "options": options}
    return Moves(StateSpace.of(detente.Case.from_dict(tree)))


def drawn(moves: Moves, count: int) -> list[Draw]:
    """Additive utilities with a worth for every option, anew in each draw."""
    rng = np.random.default_rng(0)
    digits = moves.states.digits.astype(np.float64)
    return [Draw(rng.normal(size=(PARTIES, OPTIONS)) @ digits, np.ones(PARTIES), 2.0) for _ in range(count)]


def run() -> None:
    """Outcomes at the date; ever reached, with three named outcomes, also with every state; against one product."""
    moves = situation()
    draws = drawn(moves, DRAWS)
    digits = moves.states.digits
    classes = np.where(digits[0] & digits[1] & digits[2], 0, np.where(digits[3] & digits[4], 1, 2)).astype(np.int64)
    for ever, states in ((False, True), (True, False), (True, True)):
        dynamics = Dynamics(
            moves, ("a", "b", "c"), ("a", "b", "c"), 0, classes, ("big", "small", "none"), (TICKS,),
            ever=ever, limit=False, otherwise=2,
        )  # fmt: skip
        matrix = period_of(dynamics, draws[0]).going_on(0).T.tocsr()
        vector = np.full(len(dynamics), 1 / len(dynamics))
        unit = best_of(3, lambda m=matrix, v=vector: [m @ v for _ in range(DRAWS)])  # type: ignore[misc]
        seconds = best_of(3, lambda d=dynamics, s=states: list(shares_of(d, draws, states=s)))  # type: ignore[misc]
        what = "at the date" if not ever else "ever reached, and states" if states else "ever reached"
        print(
            f"forecast, {TICKS} periods, {what:<26}{len(dynamics):>8,} states"
            f" {seconds / DRAWS * STATED:>6.1f} s for {STATED:,} draws, {seconds / unit:>5.2f} times as long as one"
            f" product per draw ({matrix.nnz:,} moves; at most {MOST:g})"
        )


if __name__ == "__main__":
    run()
