"""The chance that requirements are met, from the chances that their bodies pass a deal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.case.needs import AtLeast, Needs, Vote, votes_in

Floats = NDArray[np.float64]
Passing = Mapping[tuple[str, int | None], Floats]
MOST_OUTCOMES = 1 << 16


def chance_of(needs: Sequence[Needs], passing: Passing, quotas: Mapping[str, int], rows: int) -> Floats:
    """Chance that all of some requirements are met; bodies are independent of each other.

    A body named more than once votes once: its outcome is one and the same wherever it is named.

    Args:
        needs: what each requirement needs.
        passing: (body, number of votes or None for its quota) -> chance that it passes, shape (rows,).
        quotas: quota of every body.
        rows: length of the answer.

    Returns:
        Shape (rows,).

    Raises:
        LimitReached: too many combinations of outcomes of bodies that are named more than once.
    """
    parts = tuple(dict.fromkeys(needs))
    mentions = [v for part in parts for v in votes_in(part)]
    marks: dict[str, list[tuple[int, int | None]]] = {}
    for vote in mentions:
        marks.setdefault(vote.body, []).append((quotas[vote.body] if vote.votes is None else vote.votes, vote.votes))
    repeated = {body: sorted(dict(found).items()) for body, found in marks.items() if len(found) > 1}
    count = prod(len(m) + 1 for m in repeated.values())
    if count > MOST_OUTCOMES:
        advice = "Name each body once, or in fewer requirements that concern the same deal."
        raise LimitReached(
            "combinations of outcomes of bodies named more than once", f"{count:,}", MOST_OUTCOMES, advice
        )
    total = np.zeros(rows)
    for reached in product(*(range(len(m) + 1) for m in repeated.values())):
        weight = np.ones(rows)
        fixed: dict[str, int] = {}
        for (body, found), level in zip(repeated.items(), reached, strict=True):
            enough = np.ones(rows) if level == 0 else passing[body, found[level - 1][1]]
            more = np.zeros(rows) if level == len(found) else passing[body, found[level][1]]
            weight = weight * np.maximum(enough - more, 0.0)
            fixed[body] = 0 if level == 0 else found[level - 1][0]
        for part in parts:
            weight = weight * _holds(part, passing, quotas, fixed)
        total += weight
    return np.clip(total, 0.0, 1.0)


def _holds(needs: Needs, passing: Passing, quotas: Mapping[str, int], fixed: Mapping[str, int]) -> Floats:
    """Chance of one formula, the votes of some bodies being known."""
    if isinstance(needs, Vote):
        if needs.body not in fixed:
            return passing[needs.body, needs.votes]
        mark = quotas[needs.body] if needs.votes is None else needs.votes
        return np.array(float(mark <= fixed[needs.body]))
    return _enough(needs, [_holds(p, passing, quotas, fixed) for p in needs.parts])


def _enough(needs: AtLeast, chances: Sequence[Floats]) -> Floats:
    """Chance that at least so many of independent parts hold."""
    if needs.count == len(chances):
        return np.asarray(prod(chances[1:], start=chances[0]))
    if needs.count == 1:
        return np.asarray(1 - prod((1 - c for c in chances[1:]), start=1 - chances[0]))
    held: list[Floats] = [np.array(1.0)]  # held[k]: chance that exactly k of the parts so far hold
    for chance in chances:
        grown = [*held, np.array(0.0)]
        held = [grown[k] * (1 - chance) + (held[k - 1] * chance if k else 0.0) for k in range(len(grown))]
    return np.asarray(sum(held[needs.count :], start=np.array(0.0)))
