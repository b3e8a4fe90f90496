"""Bounds on what going on is worth, and what they prove about every order at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.plan.hidden import Hidden, Pretence, hidden
from detente.plan.network import Live, Network, Row, network
from detente.plan.problem import TIED, Floats, Problem, Step


@dataclass(frozen=True, eq=False)
class Bounds:
    """The largest and smallest continuation values over all plans that use live steps only.

    A plan here is any sequence of permitted steps (chunks of any duration, and of several parties where permitted).

    Attributes:
        live: the steps.
        secrets: the pretences.
    """

    live: Live
    secrets: Hidden

    @property
    def net(self) -> Network:
        """The network."""
        return self.live.net

    def value(self, i: int, *, largest: bool) -> Floats:
        """V_i, the largest or the smallest, at every cell; -inf or inf where no live step starts.

        Args:
            i: number of a party.
            largest: which of the two.
        """
        gain, keep = self.flows[i]
        best, none = (np.maximum, -np.inf) if largest else (np.minimum, np.inf)
        last = {self.net.cells - 1: self.net.final[i]}
        return self.live.back(np.full(self.net.cells, none), last, lambda v, at: gain[at] + keep[at] * v, best)

    def pretended(self, pretence: Pretence, *, largest: bool) -> Floats:
        """The worth of a pretence, largest or smallest, at every cell where it is valid and a live step starts.

        Elsewhere -inf (largest) or inf (smallest).
        """
        best, none = (np.maximum, -np.inf) if largest else (np.minimum, np.inf)
        part = Live(self.net, self.live.chosen[pretence.valid[self.live.start]])
        gain, keep = pretence.going_on(part.chosen)
        last = {self.net.cells - 1: pretence.final}
        return part.back(np.full(self.net.cells, none), last, lambda v, at: gain[at] + keep[at] * v, best)

    @cached_property
    def flows(self) -> tuple[tuple[Floats, Floats], ...]:
        """Per party, what each live step makes of the value after it (gain, keep)."""
        return tuple(self.net.going_on(i, self.live.chosen) for i in range(len(self.net.problem.parties)))

    @cached_property
    def withheld(self) -> Floats:
        """What V_i after each live step must exceed for i not to withhold its part, shape (n, steps)."""
        return np.array([self.net.withheld(i, self.live.chosen) for i in range(len(self.net.problem.parties))])

    @cached_property
    def high(self) -> Floats:
        """The largest V, shape (n, cells)."""
        return np.array([self.value(i, largest=True) for i in range(len(self.net.problem.parties))])

    @cached_property
    def low(self) -> Floats:
        """The smallest V, shape (n, cells)."""
        return np.array([self.value(i, largest=False) for i in range(len(self.net.problem.parties))])

    def alternatives(self, *, largest: bool) -> Floats:
        """What V must reach at every pause but the target for a margin of 0: no plan needs more, or none needs less.

        Walking away counts both times, never starting at the status quo. Concealment counts with its largest worth for
        every set of true positions (largest), or with its smallest worth for true positions of the status quo.

        Args:
            largest: which of the two.

        Returns:
            Shape (n, cells); -inf at the target, which is no pause before it.
        """
        p = self.net.problem
        out = p.walk.reshape(len(p.parties), -1).copy()
        out[:, 0] = np.maximum(out[:, 0], p.disagreement)
        for pretence, open_question in zip(self.secrets.pretences, self.secrets.column, strict=True):
            if largest or open_question < 0:
                worth = self.pretended(pretence, largest=largest) + pretence.price
                worth[~(pretence.valid & np.isfinite(worth))] = -np.inf
                out[pretence.party] = np.maximum(out[pretence.party], worth)
        out[:, -1] = -np.inf
        return out

    def requirement(self, share: float, needs: Floats, *, largest: bool) -> Floats:
        """What V must be at a pause so that no earlier pause falls below a margin: the most or the least over all ways.

        Args:
            share: the margin, as a share of the stake.
            needs: what V must reach at each cell for a margin of 0, shape (n, cells).
            largest: over the ways from the status quo to the cell.

        Returns:
            Shape (n, cells): -inf at the status quo; what the cell itself needs is not in it.
        """
        p, rows = self.net.problem, []
        best, none = (np.maximum, -np.inf) if largest else (np.minimum, np.inf)
        for i in range(len(p.parties)):
            own = needs[i] + share * p.stake[i]
            (gain, keep), apart = self.flows[i], self.withheld[i] + share * p.stake[i]
            apart = np.where(self.live.end == self.net.cells - 1, -np.inf, apart)
            asked = np.where(np.isfinite(own), own, -np.inf)[self.live.start]

            def before(
                known: Row, at: Row, asked: Row = asked, gain: Row = gain, keep: Row = keep, apart: Row = apart
            ) -> Row:
                short = np.maximum(known, asked[at]) - gain[at]
                with np.errstate(divide="ignore", invalid="ignore"):
                    wanted = np.where(keep[at] > 0, short / keep[at], np.where(short > 0, np.inf, -np.inf))
                return np.maximum(wanted, apart[at])

            rows.append(self.live.forth(np.full(self.net.cells, none), {0: -np.inf}, before, best))
        return np.array(rows)

    def caps(self, needs: Floats, values: Floats) -> Floats:
        """Smallest margin over the parties at every cell as a share of the stake; at the target inf.

        Args:
            needs: shape (n, cells).
            values: what going on is worth, shape (n, cells).
        """
        stake = self.net.problem.stake[:, None]
        with np.errstate(invalid="ignore"):
            shares = np.where(np.isneginf(needs), np.inf, (values - needs) / stake)
        return np.asarray(shares.min(axis=0))

    def parting(self, values: Floats) -> Floats:
        """Smallest margin of withholding one's part of each live step, as a share of the stake.

        inf where nobody can, and for the last step: its margin is one of the target.

        Args:
            values: what going on is worth, shape (n, cells).
        """
        live, stake = self.live, self.net.problem.stake[:, None]
        with np.errstate(invalid="ignore"):
            shares = np.where(np.isneginf(self.withheld), np.inf, (values[:, live.end] - self.withheld) / stake)
        return np.where(live.end == self.net.cells - 1, np.inf, shares.min(axis=0))

    def widest(self, caps: Floats, values: Floats) -> Floats:
        """The largest smallest cap on any way from the status quo, at every cell (-inf where there is none).

        Args:
            caps: shape (cells,).
            values: what going on is worth where a part of a step could be withheld, shape (n, cells).
        """
        edge, live = self.parting(values), self.live

        def narrowed(known: Row, at: Row) -> Row:
            return np.minimum(np.minimum(known, edge[at]), caps[live.end[at]])

        return live.forth(np.full(self.net.cells, -np.inf), {0: float(caps[0])}, narrowed, np.maximum)


def start(problem: Problem) -> Bounds:
    """The bounds over all plans that meet the deadline step by step.

    Args:
        problem: what is planned.

    Raises:
        LimitReached: too many steps or pretences.
    """
    net = network(problem)
    return within_deadline(Bounds(Live.whole(net), hidden(net)))


def cheapest(live: Live, price: Floats) -> tuple[Floats, Floats]:
    """The smallest sum of prices from the status quo to every cell, and from every cell to the target (inf: no way).

    Args:
        live: the steps.
        price: of each.
    """
    none = np.full(live.net.cells, np.inf)

    def more(known: Row, at: Row) -> Row:
        return known + price[at]

    there = live.forth(none.copy(), {0: 0.0}, more, np.minimum)
    return there, live.back(none, {live.net.cells - 1: 0.0}, more, np.minimum)


def no_dearer(bounds: Bounds, price: Floats, most: float) -> Bounds:
    """Leave out the steps that no plan can contain whose prices add up to at most ``most``.

    Args:
        bounds: over the plans meant.
        price: of each live step.
        most: the limit.
    """
    live = bounds.live
    there, onward = cheapest(live, price)
    keep = there[live.start] + price + onward[live.end] <= most
    return bounds if keep.all() else Bounds(live.trimmed(keep), bounds.secrets)


def within_deadline(bounds: Bounds) -> Bounds:
    """Leave out the steps that no plan in time can contain."""
    live, deadline = bounds.live, bounds.net.problem.deadline
    if deadline is None or not len(live.chosen):
        return bounds
    return no_dearer(bounds, bounds.net.lasts[live.chosen].astype(np.float64), deadline)


def optimistic(bounds: Bounds) -> float:
    """No plan has a larger smallest share at its pauses before the target than this; -inf if there is no plan.

    Args:
        bounds: over the plans meant.
    """
    if not len(bounds.live.chosen):
        return -np.inf
    caps = bounds.caps(bounds.alternatives(largest=False), bounds.high)
    return float(bounds.widest(caps, bounds.high)[-1])


def narrowed(bounds: Bounds, share: float) -> Bounds:
    """Leave out steps that no plan can contain whose shares before the target all reach ``share``.

    A step is left out if for some party even the largest value after it is too small for the pause at its start, for
    the earlier pauses on the kindest way there, or for the withholding of its own part. Repeated until nothing changes.

    Args:
        bounds: over the plans meant.
        share: margin as a share of the stake.
    """
    p = bounds.net.problem
    while True:
        bounds = within_deadline(bounds)
        live = bounds.live
        if not len(live.chosen):
            return bounds
        needs = bounds.alternatives(largest=False)
        wanted = bounds.requirement(share, needs, largest=False)
        keep = np.ones(len(live.chosen), dtype=bool)
        inner = live.end != bounds.net.cells - 1
        for i, stake in enumerate(p.stake):
            slack, (gain, holds), high = 1e-3 * TIED * stake, bounds.flows[i], bounds.high[i][live.end]
            own = np.maximum(needs[i] + share * stake, wanted[i])[live.start]
            keep &= gain + holds * high >= own - slack
            keep &= ~inner | (high - bounds.withheld[i] >= share * stake - slack)
        if keep.all():
            return bounds
        bounds = Bounds(live.trimmed(keep), bounds.secrets)


@dataclass(frozen=True, eq=False)
class Sandwich:
    """What bounds prove about the pauses before the target, without an order being searched.

    Attributes:
        best: no order has a larger smallest interior share.
        sure: an order with at least this smallest interior share exists whose steps so far never need a second look:
            it holds whatever the remaining order.
        caps: the optimistic cap of every cell (share of the stake; inf at the target), shape of the lattice.
        steps: the widest way by the pessimistic cap.
    """

    best: float
    sure: float
    caps: Floats
    steps: tuple[Step, ...]

    def safe(self, margin: float) -> bool:
        """Whether some order is proved to keep a margin before the target."""
        return self.sure >= margin - TIED

    def impossible(self, margin: float) -> bool:
        """Whether every order is proved to fall below a margin before the target."""
        return self.best < margin - TIED


def sandwich(bounds: Bounds) -> Sandwich:
    """Prove what can be proved with one pass per party each way.

    Args:
        bounds: over the plans meant, not empty.
    """
    net = bounds.net
    caps = bounds.caps(bounds.alternatives(largest=False), bounds.high)
    sure = bounds.caps(bounds.alternatives(largest=True), bounds.low)
    width = bounds.widest(sure, bounds.low)
    return Sandwich(
        float(bounds.widest(caps, bounds.high)[-1]),
        float(width[-1]),
        caps.reshape(net.problem.lattice.shape),
        tuple(net.step(n) for n in way(bounds, sure, bounds.low, float(width[-1]))),
    )


def way(bounds: Bounds, caps: Floats, values: Floats, least: float) -> list[int]:
    """Numbers of the steps of a way no narrower than ``least``: fewest periods, then fewest steps among them.

    Args:
        bounds: over the plans meant.
        caps, values: what narrows a way, as for ``Bounds.widest``.
        least: at most what ``widest`` gives at the target.
    """
    live = bounds.live
    wide = (caps[live.start] >= least) & (bounds.parting(values) >= least)
    return shortest(live.trimmed(wide))


def shortest(live: Live) -> list[int]:
    """Numbers of the steps of a way to the target with the fewest periods, then steps, then atomic steps.

    Args:
        live: the steps, on ways from the status quo to the target.
    """
    net = live.net
    price = weight(live)
    left = cheapest(live, price)[1]
    path, cell = [], 0
    while cell != net.cells - 1:
        mine = np.flatnonzero(live.start == cell)
        best = mine[np.argmin(price[mine] + left[live.end[mine]])]
        path.append(int(live.chosen[best]))
        cell = int(live.end[best])
    return path


def weight(live: Live) -> Floats:
    """Periods, steps and atomic steps of each step in one number that compares them in this order."""
    return np.asarray(live.net.weigh(live.net.lasts[live.chosen], 1, live.net.atomic[live.chosen]), dtype=np.float64)
