"""Settlement in draws: the whole answer in 1,000 draws against 1,000 plain numpy evaluations of the utilities."""

from __future__ import annotations

from typing import Any

import numpy as np

import detente
from bench.measure import best_of
from detente.base.result import Provenance
from detente.settlement.drawn import in_draws
from detente.settlement.problem import bargain_of
from detente.settlement.solve import settle
from detente.space.draws import draws
from detente.space.states import StateSpace

OPTIONS, LEVELS, DRAWS = 4, 10, 1_000  # 10^4 outcomes
MOST = 5.0


def uncertain(seed: int, parties: int = 2) -> detente.Case:
    """Four options of ten levels, every worth uncertain."""
    rng = np.random.default_rng(seed)
    names = [chr(ord("a") + n) for n in range(parties)]
    options: dict[str, Any] = {
        f"o{n}": {"party": names[n % parties], "levels": [f"l{k}" for k in range(LEVELS)]} for n in range(OPTIONS)
    }
    preferences = {
        p: {"utility": {o: {f"l{k}": f"{rng.integers(-100, 101) / 10} ± 2" for k in range(1, LEVELS)} for o in options}}
        for p in names
    }
    tree = {"detente": 1, "name": "uncertain", "parties": {p: {} for p in names}, "options": options}
    return detente.Case.from_dict({**tree, "preferences": preferences})


def plain(digits: np.ndarray[Any, Any], worths: list[list[np.ndarray[Any, Any]]]) -> None:
    """Utilities of all outcomes in every draw: one look-up per option and party, added up."""
    for n in range(DRAWS):
        for rows in worths:
            total = rows[0][n][digits[0]]
            for column, row in zip(digits[1:], rows[1:], strict=True):
                total = total + row[n][column]


def run() -> None:
    """Three random instances; seven rules, zone, frontier and regret in every draw."""
    for seed in range(3):
        case = uncertain(seed)
        states = StateSpace.of(case)
        found = settle(bargain_of(case, states), Provenance(case.name, ""))
        made = draws(case, DRAWS)
        worths = [
            [np.ascontiguousarray(made.level_worths(p, o).T) for o in case.options] for p in found.bargain.axes
        ]  # fmt: skip
        unit = best_of(3, lambda w=worths, d=states.digits: plain(d, w))  # type: ignore[misc]
        seconds = best_of(3, lambda f=found, m=made: in_draws(f, m))  # type: ignore[misc]
        print(
            f"settle in {DRAWS:,} draws, seed {seed}: {found.verdict:<24}{len(states):>10,} outcomes"
            f" {seconds * 1e3:>8.1f} ms {seconds / unit:>6.2f} times as long as {DRAWS:,} plain evaluations"
            f" (at most {MOST:g})"
        )


if __name__ == "__main__":
    run()
