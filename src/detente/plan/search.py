"""The best order of a plan: bounds first, then every order at once, and the verifier's word on all that is returned."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from detente.base.errors import DetenteError, LimitReached
from detente.plan.bounds import Bounds, cheapest, narrowed, no_dearer, optimistic, shortest, start, way, weight
from detente.plan.improve import improved
from detente.plan.labels import Quest, Search, TooManyLabels
from detente.plan.problem import TIED, Order, Problem, Step
from detente.plan.verify import check

SECONDS = 60.0
POLISHING = 0.1  # share of the time allowed that improving an unproven plan may take on top
CLOSE = 1e-13  # relative: shares cannot be told apart any better
SMALL = 1000  # steps; with no more, all labels are listed at once
FIRST, WIDER = 4096, 8  # of the gap that bounds leave, the part searched first, from the top, and how it is widened


def find_order(problem: Problem, *, seconds: float = SECONDS) -> Order:
    """The best order: one that holds if any does, then with the largest smallest share before the target.

    Ties are broken by the fewest periods, then steps, then atomic steps.

    Args:
        problem: what is planned.
        seconds: time after which the best order found so far is returned, not proven.

    Returns:
        The order, whose ``bound`` no order exceeds (among those that hold, if it holds). Without any permitted way to
        the target: no steps and a bound of -inf.

    Raises:
        LimitReached: too many steps or pretences to list.
    """
    if problem.transfers > 0 and problem.money is not None and not (problem.patient and not problem.caught):
        return _paid_order(problem, seconds)
    if problem.patient and not problem.caught:
        from detente.plan.bottleneck import patient_order

        return patient_order(problem)
    return labelled_order(problem, seconds=seconds)


def _paid_order(problem: Problem, seconds: float) -> Order:
    """The best order with side payments; where not all steps can be afforded, the better of few steps and unpaid."""
    from detente.plan.milp import affordable, best_order, longest
    from detente.plan.separate import separated

    tables = separated(problem)
    steps = affordable(tables, seconds)
    if steps >= longest(tables):
        return best_order(tables, seconds)
    found = [best_order(tables, seconds / 2)] if steps > 0 else []
    try:
        found.append(labelled_order(problem, seconds=seconds / (1 + len(found))))
    except LimitReached:
        if not any(o.steps for o in found):
            raise
    with_steps = [o for o in found if o.steps] or found
    best = max(with_steps, key=lambda o: _worth(problem, o))
    return replace(best, proven=False, bound=np.inf)


def _worth(problem: Problem, order: Order) -> tuple[bool, float]:
    """Whether an order holds, then its smallest share before the target."""
    if not order.steps:
        return False, -np.inf
    found = check(problem, order.steps, order.side)
    return found.holds, found.interior


def labelled_order(problem: Problem, *, seconds: float = SECONDS) -> Order:
    """The best order without side payments, by bounds and labels; arguments and answer as ``find_order``."""
    return _Hunt(_finite(problem), seconds).order()


def _finite(problem: Problem) -> Problem:
    """The problem in which leaving is worth a number to a party with no way out, one so small that it never counts.

    No plan has a larger smallest share before the target than what a party has by it over no deal today.
    """
    stuck = np.flatnonzero(np.isneginf(problem.walk).reshape(len(problem.parties), -1).all(axis=1))
    if not len(stuck):
        return problem
    walk = problem.walk.copy()
    for i in stuck:
        rows = (problem.flow[i], problem.accused[i]) if problem.alarm.any() else (problem.flow[i],)
        low, high = min(float(r.min()) for r in rows), max(float(r.max()) for r in rows)
        low -= sum(float(problem.cost[a].sum()) for a in problem.lattice.axes_of(problem.parties[i]))
        most = max(high - float(problem.disagreement[i]), problem.margin * float(problem.stake[i]), 0.0)
        walk[i] = low - most - float(problem.stake[i])
    return replace(problem, walk=walk)


@dataclass(frozen=True, eq=False)
class _Known:
    """A verified plan: its steps and their numbers, its smallest share before the target and the one at the target."""

    steps: tuple[Step, ...]
    path: list[int]
    interior: float
    ending: float

    def rank(self) -> tuple[float, int, int, int]:
        """The objectives after ``holds``, larger is better."""
        periods, atomic = sum(s.periods for s in self.steps), sum(s.atomic for s in self.steps)
        return self.interior, -periods, -len(self.steps), -atomic


def _better(one: _Known, other: _Known) -> bool:
    """Whether a plan is better: shares that are tied are equal, then fewest periods, steps and atomic steps."""
    if abs(one.interior - other.interior) > TIED:
        return one.interior > other.interior
    return one.rank()[1:] > other.rank()[1:]


class _Hunt:
    """One search: first among the plans that hold, then, if there are none, among all."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem, self.until, self.extra = problem, time.monotonic() + seconds, POLISHING * seconds
        self.whole = start(problem)
        self.proven = True

    def order(self) -> Order:
        """The best order."""
        if not len(self.whole.live.chosen):
            return Order((), None, proven=True, bound=-np.inf, method="bound")
        margin = self.problem.margin
        some = self._best(self._ending_well(margin), margin, margin - TIED)
        if some is None:
            some = self._best(self.whole, None, -np.inf)
        assert some is not None  # noqa: S101 - without a demand every plan qualifies
        return some

    def _ending_well(self, margin: float) -> Bounds:
        """Only last steps that nobody withholds its part of."""
        bounds = self.whole
        short = (bounds.net.final[:, None] - bounds.withheld) / self.problem.stake[:, None] < margin - TIED
        last = bounds.live.end == bounds.net.cells - 1
        keep = ~(last & short.any(axis=0))
        return bounds if keep.all() else Bounds(bounds.live.trimmed(keep), bounds.secrets)

    def _best(self, bounds: Bounds, ending: float | None, floor: float) -> Order | None:
        """The best plan with a smallest interior share of at least ``floor`` and, if asked for, the target's share."""
        return _Best(self, bounds, ending, floor).order()


class _Best:
    """A search between what is known to exist and what bounds permit."""

    def __init__(self, hunt: _Hunt, bounds: Bounds, ending: float | None, floor: float) -> None:
        self.hunt, self.bounds, self.ending = hunt, bounds, ending
        self.floor = self.low = floor
        self.high = optimistic(bounds)
        self.known: _Known | None = None
        self.near, self.nearest = bounds, -np.inf  # the steps that are left at the largest share known to be reached
        self.method = "bound"

    def order(self) -> Order | None:
        """The best plan; None if there is none, or none was found in time."""
        if self.high < self.low or self._hopeless():
            return None
        try:
            proven = self._exact()
        except TooManyLabels:
            proven = self.hunt.proven = False
        if self.known is None:
            return None
        if not proven:
            self._polish(self.known)
        bound = self.known.interior if proven else max(self.high, self.known.interior)
        return Order(self.known.steps, None, proven and self.hunt.proven, bound, self.method)

    def _note(self, known: _Known) -> None:
        """Keep a plan if it is one of those asked for and better than the one kept."""
        if not self._qualifies(known):
            return
        if self.known is None or _better(known, self.known):
            self.known = known
            self.low = max(self.low, known.interior)

    def _judged(self, path: list[int]) -> _Known:
        """What the verifier says of a plan."""
        net = self.bounds.net
        steps = tuple(net.step(n) for n in path)
        found = check(self.hunt.problem, steps)
        return _Known(steps, path, found.interior, found.ending)

    def _polish(self, known: _Known) -> None:
        """Improve a plan that may not be the best."""

        def worth(path: list[int]) -> tuple[float, ...]:
            other = self._judged(path)
            return other.rank() if self._qualifies(other) else (-np.inf,)

        self._note(self._judged(improved(self.bounds.net, known.path, worth, self.hunt.until + self.hunt.extra)))

    def _qualifies(self, known: _Known) -> bool:
        """Whether a plan is in time, good enough and ends as asked for."""
        deadline = self.hunt.problem.deadline
        if deadline is not None and sum(s.periods for s in known.steps) > deadline:
            return False
        if known.interior < self.floor:
            return False
        return self.ending is None or known.ending >= self.ending - TIED

    def _hopeless(self) -> bool:
        """Whether the target itself excludes every plan asked for: by walking away, or pretending from the start."""
        if self.ending is None:
            return False
        p, net, secrets = self.hunt.problem, self.bounds.net, self.bounds.secrets
        best = p.walk.reshape(len(p.parties), -1)[:, -1].copy()
        for pretence, open_question in zip(secrets.pretences, secrets.column, strict=True):
            if open_question < 0 and pretence.valid[-1]:
                best[pretence.party] = max(best[pretence.party], pretence.final + pretence.price[-1])
        return bool(((net.final - best) / p.stake).min() < self.ending - TIED)

    def _exact(self) -> bool:
        """Find the best plan; whether it was proven, which it is unless time or labels run out."""
        self._note(self._judged(shortest(self.bounds.live)))
        caps = self.bounds.caps(self.bounds.alternatives(largest=False), self.bounds.high)
        self._note(self._judged(way(self.bounds, caps, self.bounds.high, self.high)))
        if self._probe(self.high - TIED, count=True):
            return True
        self._halve()
        if self.high < self.low:
            return self.known is None
        if self.known is not None and self.high - self.known.interior <= TIED:
            return self._probe(self.known.interior - TIED, count=True)
        low = max(self.floor, self.low - TIED)
        part = self._within(low)
        found = self._labels(part, Quest(low, self.high, self.ending, count=False, until=self.hunt.until))
        if found is None:
            return True
        self.high = min(self.high, found.interior)
        return self._probe(found.interior - TIED, count=True)

    def _halve(self) -> None:
        """Close in on the largest smallest share, by bounds alone and then by labels."""
        if len(self.bounds.live.chosen) <= SMALL:
            return
        low, high, part = self.low, self.high, self._within(self.low)
        while high - low > max(TIED / 4, CLOSE * abs(high)):
            self._in_time()
            middle = (low + high) / 2
            less = narrowed(part, middle)
            if len(less.live.chosen):
                low, part = middle, less
            else:
                high = self.high = middle
        if self.high - self.low <= TIED:
            return
        gap = (self.high - self.low) / FIRST
        while gap < self.high - self.low and not self._probe(self.high - gap, count=False):
            gap *= WIDER

    def _within(self, share: float) -> Bounds:
        """The steps of plans whose shares before the target all reach a number, with a little room."""
        part = narrowed(self.near if share >= self.nearest else self.bounds, share - 2 * TIED)
        if self.nearest < share <= self.low + TIED:
            self.near, self.nearest = part, share
        return part

    def _in_time(self) -> None:
        if time.monotonic() > self.hunt.until:
            raise TooManyLabels

    def _probe(self, share: float, *, count: bool) -> bool:
        """Look for a plan with at least this smallest interior share (with ``count``: the best in all else)."""
        self._in_time()
        part = self._within(share)
        if not len(part.live.chosen):
            self.high = min(self.high, share)
            return False
        known = self._judged(shortest(part.live))
        if known.interior >= share and self._qualifies(known):
            self._note(known)
            return True
        quest = Quest(share, share, self.ending, count=count, until=self.hunt.until)
        found = self._quickest(part, quest) if count else self._labels(part, quest)
        if found is None:
            self.high = min(self.high, share)
        elif share > self.nearest:
            self.near, self.nearest = part, share
        return found is not None

    def _quickest(self, part: Bounds, quest: Quest) -> _Known | None:
        """The plan with the fewest periods, steps and atomic steps of those good enough: by limits that are raised."""
        price, period, room = weight(part.live), float(part.net.weigh(1, 0, 0)), 0.0
        lowest, enough = float(cheapest(part.live, price)[0][-1]), np.inf
        if self.known is not None and self.known.interior >= quest.low:
            _, periods, steps, atomic = self.known.rank()
            enough = -float(part.net.weigh(periods, steps, atomic))
        while True:
            most = min(enough, lowest + room * period)
            less = no_dearer(part, price, most)
            if less is part:
                most = enough
            found = self._labels(less, replace(quest, most=most))
            if found is not None or most == enough:
                return found
            room = max(1.0, 4 * room)

    def _labels(self, bounds: Bounds, quest: Quest) -> _Known | None:
        """The best plan by labels."""
        self.method = "labels"
        found = Search(bounds, quest).run()
        if found is None:
            return None
        path, share = found
        known = self._judged(path)
        if abs(min(known.interior, quest.high) - share) > TIED or not self._qualifies(known):
            raise DetenteError("The search and the verifier judge a plan differently. Please report this case.")
        self._note(known)
        return known
