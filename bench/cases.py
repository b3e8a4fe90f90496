"""Cases and preferences made for measuring; the same seed always gives the same case."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import detente
from detente.graph.ranks import Ranks, dense
from detente.space.states import StateSpace


def binary_case(split: Sequence[int], *, up: int = 0, patterns: int = 0, seed: int = 7) -> detente.Case:
    """The case of ``binary_tree``."""
    return detente.Case.from_dict(binary_tree(split, up=up, patterns=patterns, seed=seed))


def binary_tree(split: Sequence[int], *, up: int = 0, patterns: int = 0, seed: int = 7) -> dict[str, Any]:
    """Binary options in blocks, some one-way, with random exclusions of three literals.

    Args:
        split: number of options of each party.
        up: how many options of each party can only be switched on.
        patterns: number of exclusions.
        seed: of the exclusions.
    """
    rng = np.random.default_rng(seed)
    parties = [f"p{n + 1}" for n in range(len(split))]
    owned = [(party, n) for party, count in zip(parties, split, strict=True) for n in range(count)]
    names = [f"o{n + 1}" for n in range(len(owned))]
    excluded = [[_literal(rng, names[o]) for o in rng.choice(len(names), 3, replace=False)] for _ in range(patterns)]
    return {
        "detente": 1,
        "name": "bench",
        "parties": {p: {} for p in parties},
        "options": {
            o: {"party": p, "moves": "up" if n < up else "both"} for o, (p, n) in zip(names, owned, strict=True)
        },
        "infeasible": [" and ".join(literals) for literals in excluded],
    }


def _literal(rng: np.random.Generator, option: str) -> str:
    return ("" if rng.integers(2) else "not ") + option


def even(options: int, parties: int) -> tuple[int, ...]:
    """Options dealt out as evenly as possible."""
    return tuple(options // parties + (n < options % parties) for n in range(parties))


def strict(states: StateSpace, rng: np.random.Generator) -> Ranks:
    """A random order without ties."""
    return rng.permutation(len(states)).astype(np.int32)


def additive(states: StateSpace, rng: np.random.Generator) -> Ranks:
    """Ranks of a random additive utility with one decimal per option."""
    weights = [Fraction(int(rng.integers(-500, 501)), 10) for _ in states.space.options]
    total = np.zeros(states.cells, np.int64)
    for weight, row in zip(weights, states.digits, strict=True):
        total += int(weight * 10) * row.astype(np.int64)
    return dense(total)
