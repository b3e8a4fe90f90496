"""How often a plan holds when its inputs are uncertain, and where it breaks when it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.plan.problem import TIED, Floats, Order
from detente.plan.verify import KINDS, Judgement

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a plan breaks.

    Attributes:
        pause: 0 = the status quo, t = after step t.
        party: who breaks it.
        deviation: how, most often.
        share: share of all draws in which the plan breaks there: the smallest margin of the draw is too small and
            belongs to this party at this pause (ties: earliest pause, then party order). Such shares sum to 1 - holds.
    """

    pause: int
    party: str
    deviation: str
    share: float


@dataclass(frozen=True, eq=False)
class Record:
    """How one order fares over the draws.

    Attributes:
        order: the order.
        holds: share of draws in which every margin at every pause is large enough.
        interior: share of draws in which those before the target are.
        breaks: where it breaks, most often first (ties: earliest pause, then party order).
        fails: share of draws in which a party's margin at a pause is too small, whether or not another is smaller,
            shape (pauses, n).
        quantiles: of each party's margin at each pause, as a share of the stake, shape (len(QUANTILES), pauses, n).
    """

    order: Order
    holds: float
    interior: float
    breaks: tuple[Break, ...]
    fails: Floats
    quantiles: Floats

    @property
    def weakest(self) -> Break | None:
        """Where it breaks most often; None if it never does."""
        return self.breaks[0] if self.breaks else None


@dataclass(frozen=True, eq=False)
class Robust:
    """Several orders over the same draws.

    Attributes:
        records: one per order, in the order given.
        safest: number of the order that holds in most draws (ties: the first given).
        draws: how many there were.
    """

    records: tuple[Record, ...]
    safest: int
    draws: int


def robustness(orders: Sequence[Order], drawn: Sequence[Judgement], parties: Sequence[str], margin: float) -> Robust:
    """How often each of several orders holds.

    Args:
        orders: the orders; the one that is best at the point values first.
        drawn: each of them judged in the same draws.
        parties: ids, in the order of the last axis of ``Judgement.shares``.
        margin: smallest share accepted.

    Raises:
        ValueError: no orders, no draws, or not the same draws for all.
    """
    if not orders or len({len(d.shares) for d in drawn}) != 1 or not len(drawn[0].shares):
        raise ValueError("every order needs the same draws, at least one")
    records = tuple(_record(o, d, parties, margin) for o, d in zip(orders, drawn, strict=True))
    safest = max(range(len(records)), key=lambda k: (records[k].holds, -k))
    return Robust(records, safest, len(drawn[0].shares))


def _record(order: Order, drawn: Judgement, parties: Sequence[str], margin: float) -> Record:
    """One order over the draws."""
    shares = drawn.shares
    low = shares < margin - TIED
    broken = np.asarray(low.any(axis=(1, 2)))
    return Record(
        order,
        float(1 - broken.mean()),
        float(1 - low[:, :-1].any(axis=(1, 2)).mean()),
        _breaks(drawn, broken, parties),
        low.mean(axis=0),
        _quantiles(shares),
    )


def _quantiles(shares: Floats) -> Floats:
    """Quantiles over the draws; a party that cannot leave cannot in any draw."""
    never = np.isposinf(shares).all(axis=0)
    found = np.quantile(np.where(never, 0.0, shares), QUANTILES, axis=0)
    return np.where(never, np.inf, found)


def _breaks(drawn: Judgement, broken: NDArray[np.bool_], parties: Sequence[str]) -> tuple[Break, ...]:
    """Where the smallest margin lies in the draws in which the plan breaks."""
    draws, _, n = drawn.shares.shape
    flat = drawn.shares.reshape(draws, -1)
    # Margins that are equal but for rounding are tied: the earliest pause and the first party count.
    place = (flat <= flat.min(axis=1, keepdims=True) + TIED).argmax(axis=1)
    kind = drawn.kinds.reshape(draws, -1)[np.arange(draws), place]
    out = []
    for p in np.unique(place[broken]):
        there = broken & (place == p)
        usual = int(np.bincount(kind[there]).argmax())
        out.append(Break(int(p) // n, parties[int(p) % n], KINDS[usual], float(there.mean())))
    return tuple(sorted(out, key=lambda b: -b.share))
