"""Settlement without listing the deals: merging against a plain evaluation and sort; integer programs at 10^30."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import detente
from bench.measure import best_of
from bench.settlement import million, plain, tables
from detente.base.result import Provenance
from detente.case.meaning import holds
from detente.settlement.any_size import Effort, enumerable, settle_at_any_size
from detente.settlement.merge import merge
from detente.settlement.problem import bargain_of
from detente.space.states import StateSpace

LEAST = 50.0
RULES = ("nash", "ks", "egalitarian")
OPTIONS, LEVELS, CONDITIONS = 30, 10, 15


def huge(seed: int, parties: int = 3) -> detente.Case:
    """10^30 combinations of levels, with conditions of two and three options each.

    Every party has values from 0 to 10 on each option, and without a deal 0.55 of the most that it could get: about
    one combination in a million is acceptable to three.
    """
    rng = np.random.default_rng(seed)
    names = [chr(ord("a") + n) for n in range(parties)]
    options: dict[str, Any] = {
        f"o{n}": {"party": names[n % parties], "levels": [f"l{k}" for k in range(LEVELS)]} for n in range(OPTIONS)
    }
    worth = {p: {o: [float(v) / 10 for v in rng.integers(0, 101, LEVELS)] for o in options} for p in names}
    conditions = []
    for n in range(CONDITIONS):
        some = rng.choice(OPTIONS, 2 + n % 2, replace=False)
        conditions.append(" and ".join(f"o{o} {rng.choice(('>=', '<='))} l{rng.integers(3, 7)}" for o in some))
    floor = {p: round(0.55 * sum(max(row) for row in w.values()), 1) for p, w in worth.items()}
    tree = {
        "detente": 1,
        "name": "huge",
        "parties": {p: {} for p in names},
        "options": options,
        "infeasible": conditions,
        "preferences": {
            p: {"utility": {o: {f"l{k}": v for k, v in enumerate(row)} for o, row in w.items()}}
            for p, w in worth.items()
        },
        "disagreement": {"payoffs": floor},
        "settlement": {"comparable": True},
    }
    tree["status_quo"] = _feasible(tree)
    return detente.Case.from_dict(tree)


def _feasible(tree: dict[str, Any]) -> dict[str, str]:
    """Some state that meets the conditions."""
    case = detente.Case.from_dict(tree)
    meanings = [case.meaning(c) for c in case.file.infeasible]
    rng = np.random.default_rng(0)
    while True:
        levels = rng.integers(0, LEVELS, OPTIONS)
        if not any(holds(m, levels.tolist()) for m in meanings):
            return {f"o{n}": f"l{k}" for n, k in enumerate(levels)}


def measured_merge(parties: int = 2, least: float | None = LEAST) -> None:
    """Print how much faster merging is at a million outcomes, for three random instances."""
    for seed in range(3):
        case = million(seed, parties)
        worths = tables(bargain_of(case, StateSpace.of(case)))
        bargain = bargain_of(case)
        unit = best_of(3, lambda w=worths: plain(w))  # type: ignore[misc]
        found = merge(bargain)
        assert found is not None
        seconds = best_of(5, lambda b=bargain: merge(b))  # type: ignore[misc]
        ask = Provenance(case.name, "")
        whole = best_of(3, lambda b=bargain, a=ask: settle_at_any_size(b, a))  # type: ignore[misc]
        bar = "" if least is None else f" (at least {least:g})"
        label = f"merge, {parties} parties, seed {seed}: {len(found.front)} classes"
        print(
            f"{label:<56}{10**6:>10,} outcomes {seconds * 1e3:>8.2f} ms {unit / seconds:>6.0f} times faster than a"
            f" plain evaluation and sort{bar}; the whole answer {unit / whole:.1f} times"
        )


def measured_programs(seeds: int = 3) -> None:
    """Print how long three rules take to prove at 10^30 outcomes with 15 conditions."""
    for seed in range(seeds):
        case = huge(seed)
        start = time.perf_counter()
        assert not enumerable(bargain_of(case).space)
        counted = time.perf_counter() - start
        start = time.perf_counter()
        found = settle_at_any_size(
            bargain_of(case), Provenance(case.name, ""), RULES, effort=Effort(ties=0, boxes=0, samples=0)
        )
        seconds = time.perf_counter() - start
        gap = max((g for _, g in (found.bound or {}).values()), default=float("nan"))
        label = f"milp, 3 parties, seed {seed}: {found.verdict}, {found.method}"
        print(
            f"{label:<56}     10^30 outcomes {seconds:>8.2f} s (a few), all proven: {not found.unproven},"
            f" largest gap {gap:.1g}; seen to be too many in {counted:.2f} s"
        )


def run() -> None:
    """Merging for two parties with the bar, for three for information; integer programs."""
    measured_merge()
    measured_merge(3, None)
    measured_programs()


if __name__ == "__main__":
    run()
