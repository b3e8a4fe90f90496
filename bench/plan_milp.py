"""Plans on lattices too large to list: thirty options, fifteen periods, three parties, discounted."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import detente
from detente.plan.large import LargePlan, milp_plan

OPTIONS, PARTIES, CONDITIONS, SECONDS = 30, 3, 6, 28.0
LEAST = 30.0  # seconds that an answer may take


def large(seed: int, options: int = OPTIONS) -> detente.Case:
    """A case in which everybody gains by what the others concede, with a deadline fifteen periods away.

    Every option costs its owner something and is worth something to the others; three in ten have a level between; of
    three in ten the last level is irreversible; some pairs are worth more or less than their parts to one party.
    """
    rng = np.random.default_rng(seed)
    parties = [chr(ord("a") + n) for n in range(PARTIES)]
    written: dict[str, Any] = {}
    worth: dict[str, dict[str, Any]] = {p: {} for p in parties}
    for k in range(options):
        owner = parties[k % PARTIES]
        levels = ["no", "part", "full"] if rng.random() < 0.3 else ["no", "yes"]
        written[f"o{k}"] = {"party": owner, "levels": levels}
        if rng.random() < 0.3:
            written[f"o{k}"]["irreversible"] = levels[-1:]
        for p in parties:
            top = round(float(-rng.uniform(0.5, 2) if p == owner else rng.uniform(0.3, 2)), 2)
            worth[p][f"o{k}"] = {levels[-1]: top}
            if len(levels) > 2:
                worth[p][f"o{k}"]["part"] = round(top * float(rng.uniform(0.3, 0.7)), 2)
    for _ in range(CONDITIONS):
        one, other = (int(x) for x in rng.choice(options, 2, replace=False))
        worth[str(rng.choice(parties))][f"o{one} and o{other}"] = round(float(rng.uniform(-0.5, 1)), 2)
    return detente.Case.from_dict(
        {
            "detente": 1,
            "name": "large",
            "as_of": "2024-01-31",
            "period": "month",
            "parties": {p: {"discount": round(float(rng.uniform(0.88, 0.96)), 3)} for p in parties},
            "options": written,
            "preferences": {p: {"utility": w} for p, w in worth.items()},
            "plan": {"lag": 1, "snapback": True, "deadline": "2025-04-30"},
        }
    )


def planned(case: detente.Case, seconds: float = SECONDS) -> LargePlan:
    """The best plan found toward the last level of everything."""
    return milp_plan(case, tuple(len(o.levels) - 1 for o in case.file.options.values()), seconds)


def run() -> None:
    """Print, per case, how long it took, the smallest share of the plan and what no plan exceeds."""
    print(f"\nplans by integer programs: {OPTIONS} options, 15 periods, {PARTIES} parties, discounted")
    for seed in range(3):
        case = large(seed)
        start = time.perf_counter()
        found = planned(case)
        took = time.perf_counter() - start
        order, checked = found.order, found.checked
        if checked is None:
            print(f"  case {seed}: {took:5.1f} s  no plan found, bound {order.bound:.3f}")
            continue
        told = "proven" if order.proven else f"not proven, no plan exceeds {order.bound:.3f}"
        print(
            f"  case {seed}: {took:5.1f} s (target {LEAST:.0f})  {len(order.steps)} steps, smallest share before the "
            f"target {checked.interior:.4f} by the verifier, at the target {checked.ending:.4f}; {told}"
        )


if __name__ == "__main__":
    run()
