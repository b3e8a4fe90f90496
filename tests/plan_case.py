"""Planning problems written as plain data, as the engine wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detente.plan.problem import Bools, Cell, Floats, Lattice, Problem, Step


def whole(values: Mapping[Cell, Any], shape: Sequence[int]) -> Floats:
    """A number per cell as an array."""
    return np.array([values[c] for c in np.ndindex(*shape)], dtype=np.float64).reshape(shape)


def each(values: Sequence[Mapping[Cell, Any]], shape: Sequence[int]) -> Floats:
    """The same per party, shape (n, *shape)."""
    return np.array([whole(v, shape) for v in values])


def lattice_of(plain: Mapping[str, Any]) -> Lattice:
    """The lattice of a problem in plain data; option k of the case is axis k."""
    shape = tuple(plain["shape"])
    feasible: Bools = whole(plain["feasible"], shape).astype(bool)
    return Lattice(
        tuple(f"o{k}" for k in range(len(shape))),
        tuple(plain["owners"]),
        tuple(tuple(range(n)) for n in shape),
        (0,) * len(shape),
        tuple(range(len(shape))),
        feasible,
    )


def problem_of(plain: Mapping[str, Any]) -> Problem:
    """The problem in numbers of plain data as ``tests.literal.plan_problems`` makes them."""
    shape = tuple(plain["shape"])
    money = plain["money"]
    return Problem(
        lattice=lattice_of(plain),
        parties=tuple(plain["parties"]),
        stake=np.array(plain["stake"], dtype=np.float64),
        discount=np.array(plain["discount"], dtype=np.float64),
        disagreement=np.array(plain["disagreement"], dtype=np.float64),
        flow=each(plain["flow"], shape),
        walk=each(plain["walk"], shape),
        snapped=each(plain["snapped"], shape),
        breach=each(plain["breach"], shape),
        caught={k: whole(v, shape) for k, v in plain["caught"].items()},
        alarm=whole(plain["alarm"], shape),
        accused=each(plain["accused"], shape),
        cost=tuple(np.array(row, dtype=np.float64) for row in plain["cost"]),
        takes=tuple(np.array(row, dtype=np.float64) for row in plain["takes"]),
        step=plain["step"],
        deadline=plain["deadline"],
        patient=plain["patient"],
        together=plain["together"],
        escrow=plain["escrow"],
        transfers=plain["transfers"],
        money=None if money is None else np.array(money, dtype=np.float64),
        margin=plain["margin"],
    )


def steps_of(plain: Mapping[str, Any], plan: Sequence[tuple[Cell, Cell, set[str], bool, int]]) -> tuple[Step, ...]:
    """A plan in plain data as steps; movers in the order of parties, others last."""
    order = [*plain["parties"], *sorted(set(plain["owners"]) - set(plain["parties"]))]
    return tuple(Step(b, a, tuple(p for p in order if p in m), atomic, n) for b, a, m, atomic, n in plan)
