"""The best order where its worth does not depend on it: plan recovered, as a ratio to one ``np.minimum``."""

from __future__ import annotations

import numpy as np

from bench.measure import best_of, peak
from detente.plan.bottleneck import patient_order
from detente.plan.problem import Floats, Lattice, Problem
from detente.plan.verify import check

AIM, MOST = 150, 400


def lattice(levels: int, axes: int, owners: int) -> Lattice:
    """Every state can be paused at; the owners have the axes in turn."""
    return Lattice(
        tuple(f"o{k}" for k in range(axes)),
        tuple("abcdef"[k % owners] for k in range(axes)),
        (tuple(range(levels)),) * axes,
        (0,) * axes,
        tuple(range(axes)),
        np.ones((levels,) * axes, np.bool_),
    )


def problem(levels: int, axes: int, owners: int, seed: int, *, additive: bool) -> Problem:
    """Random worth of leaving: independent in every state, or what the others have conceded less one's own.

    Going on is worth 0. The status quo itself is safe, so that the way decides.
    """
    rng = np.random.default_rng(seed)
    states = lattice(levels, axes, owners)
    walk = np.zeros((owners, *states.shape))
    for i, party in enumerate("abcdef"[:owners]):
        if not additive:
            walk[i] = rng.normal(0, 1, states.shape)
            continue
        for k, owner in enumerate(states.owners):
            row = np.r_[0, rng.uniform(0, 1, levels - 1)].cumsum()
            part = -0.2 * row if owner == party else 0.9 * row / max(owners - 1, 1)
            walk[i] += part.reshape([-1 if j == k else 1 for j in range(axes)])
    walk.reshape(owners, -1)[:, 0] -= 5
    nothing: Floats = np.broadcast_to(np.float64(0), walk.shape)
    free = (np.zeros(levels),) * axes
    return Problem(
        lattice=states,
        parties=tuple("abcdef"[:owners]),
        stake=np.ones(owners),
        discount=np.full(owners, 0.9),
        disagreement=np.full(owners, -9.0),
        flow=nothing,
        walk=walk,
        snapped=nothing,
        breach=nothing,
        alarm=nothing[0],
        accused=nothing,
        cost=free,
        takes=free,
        patient=True,
    )


def minimum(size: int) -> float:
    """Seconds of one minimum of two arrays."""
    one, other = np.random.default_rng(0).random((2, size))
    return best_of(5, lambda: np.minimum(one, other))


def line(levels: int, axes: int, owners: int, *, additive: bool, repeats: int = 5) -> None:
    """Print one ratio."""
    size = levels**axes
    once = minimum(size)
    asked = problem(levels, axes, owners, 1, additive=additive)
    seconds = best_of(repeats, lambda: patient_order(asked))
    order = patient_order(asked)
    assert abs(check(asked, order.steps).interior - order.bound) < 1e-9
    label = f"plan, order-free, {levels}^{axes}, {owners} owners, {'additive' if additive else 'random'}"
    print(
        f"{label:<44} {size:>9,} states {seconds * 1e3:>8.1f} ms {seconds / once:>7.0f} minima of two arrays"
        f" (aim {AIM}, at most {MOST})   {len(order.steps)} steps   peak {peak():.2f} GB",
        flush=True,
    )


def run() -> None:
    """A million states, then ten million in the memory of this process."""
    for levels, repeats in ((4, 5), (5, 3)):
        for owners in (2, 4):
            for additive in (False, True):
                line(levels, 10, owners, additive=additive, repeats=repeats)


if __name__ == "__main__":
    run()
