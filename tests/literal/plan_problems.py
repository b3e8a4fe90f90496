"""Random planning problems as plain data: dictionaries, lists and numbers, cells as tuples. Nothing of detente.

Values have the structure of real ones, so that a good share of plans hold: what a party concedes costs it something and
is worth something to the others; leaving takes some of one's own concessions back and, after a while, the others'.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

Plain = dict[str, Any]
Cell = tuple[int, ...]
Written = tuple[Cell, Cell, set[str], bool, int]  # before, after, movers, atomic, periods
Number = Callable[[float, float], float]

SIZES = ((2,), (4,), (2, 2), (3, 2), (4, 3), (2, 2, 2), (3, 2, 2), (3, 3, 2), (2, 2, 2, 2), (3, 2, 2, 2))


def random_problem(seed: int, *, sizes: Sequence[tuple[int, ...]] = SIZES, **fixed: Any) -> Plain:
    """One problem.

    Args:
        seed: what it depends on, with ``sizes``.
        sizes: lattice shapes to choose from.
        fixed: entries that replace what was drawn (``patient=True``, ``caught={}``, ``deadline=None``, ...).
    """
    rng = random.Random(f"plan {seed}")
    shape = list(rng.choice(sizes))
    rng.shuffle(shape)
    names = ["a", "b", "c"][: rng.choice((1, 2, 2, 2, 3, 3))]
    owners = [rng.choice([*names, "m"] if rng.random() < 0.1 else names) for _ in shape]  # m: its margins do not count
    cells = list(product(*map(range, shape)))
    target = cells[-1]
    exact = rng.random() < 0.3  # multiples of a quarter: ties are frequent
    number = _quarters(rng) if exact else rng.uniform
    given: Plain = {
        "shape": shape,
        "owners": owners,
        "parties": names,
        "stake": [rng.choice((0.5, 1.0, 2.0)) if exact else rng.uniform(0.5, 3) for _ in names],
        "discount": [rng.choice((0.5, 0.75)) if exact else rng.uniform(0.6, 0.97) for _ in names],
        "feasible": {c: c in (cells[0], target) or rng.random() < 0.9 for c in cells},
        "margin": rng.choice((0.0, 0.0, 0.05, -0.1)),
        "patient": rng.random() < 0.3,
        "together": rng.random() < 0.4,
        "escrow": rng.random() < 0.3,
        "step": rng.choice((1, 1, 2)),
        "takes": [[0.0, *(rng.choice((0.0, 0.5, 1.0, 1.5, 3.0)) for _ in range(n - 1))] for n in shape],
        "cost": [[0.0, *(rng.choice((0.0, number(0, 0.5))) for _ in range(n - 1))] for n in shape],
        "deadline": rng.randint(2, 9) if rng.random() < 0.25 else None,
    }
    given.update(_values(rng, number, given, cells))
    shown = [k for k in range(len(shape)) if rng.random() < 0.5] if rng.random() < 0.4 else []
    given["caught"] = {k: {c: number(0, 1) for c in cells} for k in shown if owners[k] in names}
    pays = rng.random() < 0.3
    given["transfers"] = rng.choice((0.25, 0.5, 2.0)) if pays else 0.0
    given["money"] = [number(0.5, 2) if rng.random() < 0.85 else math.nan for _ in names] if pays else None
    given.update(_stuck(seed, given, cells))
    given.update(fixed)
    return given


def _stuck(seed: int, given: Plain, cells: list[Cell]) -> Plain:
    """Some parties without an option to change have no way out at all."""
    rng = random.Random(f"stuck {seed}")
    idle = [n for n, party in enumerate(given["parties"]) if party not in given["owners"] and rng.random() < 0.4]
    return {"walk": [dict.fromkeys(cells, -math.inf) if n in idle else w for n, w in enumerate(given["walk"])]}


def _quarters(rng: random.Random) -> Number:
    return lambda low, high: rng.randint(math.ceil(4 * low), int(4 * high)) / 4


def _values(rng: random.Random, number: Number, given: Plain, cells: list[Cell]) -> Plain:
    """What every party has at every cell, going on and leaving."""
    shape, owners, names = given["shape"], given["owners"], given["parties"]
    worth = {
        i: [[0.0, *_rising(number, n, -0.6 if owners[k] == i else 1.4)] for k, n in enumerate(shape)] for i in names
    }
    noise = rng.choice((0.0, 0.1, 0.4))
    sticky = [[x if rng.random() < 0.3 else 0 for x in range(n)] for n in shape]  # what remains after a breakdown
    flow = [
        {c: sum(w[x] for w, x in zip(worth[i], c, strict=True)) + number(-noise, noise) for c in cells} for i in names
    ]
    back = {c: tuple(row[x] for row, x in zip(sticky, c, strict=True)) for c in cells}
    snapped = [{c: f[back[c]] + number(-noise, noise) / 2 for c in cells} for f in flow]
    fines = [rng.choice((0.0, number(0, 1.5), number(0, 1.5))) for _ in names]
    breach = [dict.fromkeys(cells, fine) for fine in fines]
    walk = []
    for i, f, s, r in zip(names, flow, snapped, breach, strict=True):
        late = rng.choice((0.25, 0.5, 1.0))
        grab = {c: tuple(b if o == i else x for o, b, x in zip(owners, back[c], c, strict=True)) for c in cells}
        walk.append({c: late * max(f[c], f[grab[c]]) + (1 - late) * s[c] - r[c] - number(0, noise) for c in cells})
    alarmed = rng.random() < 0.3
    return {
        "flow": flow,
        "snapped": snapped,
        "breach": breach,
        "walk": walk,
        "disagreement": [f[cells[0]] - number(-0.2, 0.5) for f in flow],
        "alarm": {c: rng.choice((0.0, 0.05, 0.25)) if alarmed else 0.0 for c in cells},
        "accused": [{c: f[back[c]] - number(0, noise) for c in cells} for f in flow],
    }


def _rising(number: Number, levels: int, whole: float) -> list[float]:
    """Worth of each level above the first, going to about ``whole`` (up or down)."""
    parts = [number(0, 1) for _ in range(levels - 1)]
    return [whole * sum(parts[: k + 1]) for k in range(levels - 1)]


def random_plan(seed: int, problem: Plain, *, rules: bool = False) -> list[Written]:
    """A random written order of steps: (before, after, movers, atomic, periods), several movers at any time.

    Args:
        seed: what it depends on.
        problem: plain data.
        rules: keep to what the problem permits, where possible, apart from the deadline.
    """
    rng = random.Random(f"order {seed}")
    shape, owners = problem["shape"], problem["owners"]
    cell, target = (0,) * len(shape), tuple(n - 1 for n in shape)
    plan: list[Written] = []
    while cell != target:
        for _ in range(30):
            mover = rng.choice(owners)
            alone = rng.random() < 0.3 or (rules and not problem["together"] and not problem["escrow"])
            after = tuple(
                rng.randint(x, n - 1) if (o == mover or not alone) and rng.random() < 0.6 else x
                for x, n, o in zip(cell, shape, owners, strict=True)
            )
            if after != cell and (not rules or problem["feasible"][after]):
                break
        else:
            after = target
        movers = {o for o, x, y in zip(owners, cell, after, strict=True) if y > x}
        may = [w for w in (False, True) if not rules or problem["escrow" if w else "together"]] or [False]
        atomic = len(movers) > 1 and rng.choice(may)
        plan.append((cell, after, movers, atomic, lasts(problem, cell, after)))
        cell = after
    return plan


def lasts(problem: Plain, before: Cell, after: Cell) -> int:
    """Whole periods of a step."""
    slow: list[float] = [sum(row[x + 1 : y + 1]) for row, x, y in zip(problem["takes"], before, after, strict=True)]
    least: int = problem["step"]
    return max(least, math.ceil(max(slow) - 1e-9))
