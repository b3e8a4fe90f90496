"""Random planning problems whose numbers jump from cell to cell: many steps pay, and every pause matters."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

from tests.literal.plan_problems import random_problem

JAGGED = ((4,), (3, 3), (4, 2), (4, 3), (3, 2, 2), (2, 2, 2))


def drawn(seed: int) -> dict[str, Any]:
    """A problem without side payments, patient or not."""
    return random_problem(seed, transfers=0.0)


def jagged(seed: int) -> dict[str, Any]:
    """A problem whose numbers differ from cell to cell, so that many steps pay and every pause matters."""
    rng = random.Random(f"jagged {seed}")
    plain = random_problem(seed, sizes=JAGGED, transfers=0.0, patient=seed % 6 == 0)
    cells = list(product(*map(range, plain["shape"])))
    for i in range(len(plain["parties"])):
        plain["flow"][i] = {c: rng.gauss(0, 1) + 2 * sum(c) / sum(cells[-1]) for c in cells}
        plain["walk"][i] = {c: plain["flow"][i][c] + rng.gauss(-1, 1) for c in cells}
        plain["snapped"][i] = {c: plain["flow"][i][c] - rng.expovariate(1) for c in cells}
    plain["disagreement"] = [rng.uniform(-1, 0.5) for _ in plain["parties"]]
    if seed % 5 == 1:  # hardly a pause but by steps of several parties
        plain["together"], plain["escrow"] = True, seed % 2 == 0
        plain["feasible"] = {c: c in (cells[0], cells[-1]) or rng.random() < 0.5 for c in cells}
    if seed % 5 == 2:
        plain["deadline"] = rng.randint(1, 4) + plain["step"]
    return plain


def secretive(seed: int) -> dict[str, Any]:
    """A jagged problem in which every option can be concealed, often all by one party."""
    rng = random.Random(f"secret {seed}")
    plain = jagged(5 * seed)
    names = plain["parties"] = plain["parties"][: rng.choice((1, 2))]
    plain["owners"] = [rng.choice(names) for _ in plain["shape"]]
    for name in ("stake", "discount", "disagreement", "flow", "walk", "snapped", "breach", "accused"):
        plain[name] = plain[name][: len(names)]
    cells = list(product(*map(range, plain["shape"])))
    plain["walk"] = [{c: w[c] - 1 for c in cells} for w in plain["walk"]]
    plain["caught"] = {k: {c: rng.uniform(0, 0.7) for c in cells} for k in range(len(plain["shape"]))}
    return plain
