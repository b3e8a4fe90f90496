"""The best order where its worth depends on it: all orders at once, the worse of two ends never carried on.

A *label* at a cell stands for one way of going on from a pause there to the target. It holds what earlier pauses need
to know about it and nothing else:

- V_i: what going on is worth to each party (more is better);
- C_q for every pretence q (options of one party, each truly at a position below the one shown here): what keeping it up
  to the end is worth (less is better);
- S_j for every open question j (options of one party, each at a position between the status quo's and the one shown
  here): the smallest share that a pretence from exactly these true positions leaves at any pause from here on (more is
  better). It counts if and only if all these positions are paused at earlier, which the label cannot know;
- the smallest share, before the target, of all that is certain from here on (more is better): walking away,
  withholding, and pretences whose true positions are the status quo's or have been paused at on the label's own way;
- its periods, steps and atomic steps, compared in this order (less is better).

Exactness: prefixing a step is monotone in all of these. V and C are increasing in V and C after the step; the margins
of a pause rise with V and fall with C; a pause decides open questions by taking minima of S (its own positions become
certain, positions above its own were not paused at), whatever the other numbers. So whatever prefix completes a label
also completes a label that is at least as good everywhere, with at least the same shares and no more periods: dropping
the worse one loses nothing. Numbers are clipped before they are compared where more would gain nothing: V at the most
that any prefix and any pretence can ask for, C at what can bear on no pause here or before even where V is smallest,
shares at the largest share sought. Shares below the smallest one sought are alike: they end a plan.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from detente.plan.bounds import Bounds, cheapest, weight
from detente.plan.hidden import Pretence
from detente.plan.network import Ints, Live, Row
from detente.plan.problem import TIED, Bools, Floats

LABELS = 1_500_000  # labels kept at most in one search
BATCH = 200_000  # labels compared at once
FAILED = 1.0  # how far below the smallest share sought a share is put that ends a plan
ROUNDING = 1e-3 * TIED


class TooManyLabels(Exception):  # noqa: N818 - the search turns it into an answer
    """The labels or the time ran out."""


@dataclass(frozen=True, eq=False)
class Quest:
    """What a search looks for.

    Attributes:
        low, high: only plans whose smallest share before the target is at least ``low``; more than ``high`` is worth
            no more than ``high``.
        ending: smallest share at the target, or None if the target's share does not count.
        count: whether periods, steps and atomic steps break ties.
        most: largest ``weight`` of a plan, with ``count``.
        until: time (``time.monotonic``) at which to stop.
    """

    low: float
    high: float
    ending: float | None
    count: bool
    until: float
    most: float = np.inf


@dataclass(frozen=True, eq=False)
class Ends:
    """The labels kept at one cell.

    Attributes:
        rows: the label's numbers, every column better when larger, shape (labels, columns).
        step: number of the live step that each starts with.
        then: which label at the end of that step it continues with.
    """

    rows: Floats
    step: Ints
    then: Ints


class Search:
    """One search over labels.

    Args:
        bounds: over the plans meant; its live steps are the ones used.
        quest: what is looked for.
    """

    def __init__(self, bounds: Bounds, quest: Quest) -> None:
        self.bounds, self.quest, self.net = bounds, quest, bounds.net
        self.problem, secrets = bounds.net.problem, bounds.secrets
        n, q, s = len(self.problem.parties), len(secrets.pretences), len(secrets.pending)
        self.value, self.worth, self.open = slice(0, n), slice(n, n + q), slice(n + q, n + q + s)
        self.share, self.price = n + q + s, n + q + s + 1
        self.live = bounds.live
        self.gain, self.keep = (np.array([f[side] for f in bounds.flows]).T for side in (0, 1))
        self._walks()
        self._limits()
        self._pretences()
        self.weight = weight(self.live) if quest.count else self.net.lasts[self.live.chosen].astype(np.float64)
        deadline = self.problem.deadline
        self.latest = np.inf if deadline is None else float(self.net.weigh(deadline + 1, 0, 0)) - 1
        self.timed = quest.count or self.problem.deadline is not None
        self.soonest = cheapest(self.live, self.weight)[0]
        self.kept = 0

    def _walks(self) -> None:
        p = self.problem
        walk = p.walk.reshape(len(p.parties), -1).copy()
        walk[:, 0] = np.maximum(walk[:, 0], p.disagreement)
        self.walk = walk.T
        inner = self.live.end != self.net.cells - 1
        self.apart = np.where(inner, self.bounds.withheld, -np.inf).T

    def _limits(self) -> None:
        """What V must reach at a pause, and beyond what it gains nothing, with a little room for rounding."""
        bounds, quest, stake = self.bounds, self.quest, self.problem.stake[:, None]
        least, most = bounds.alternatives(largest=False), bounds.alternatives(largest=True)
        needs = bounds.requirement(quest.low, least, largest=False)
        self.floor = (np.maximum(least + quest.low * stake, needs) - ROUNDING * stake).T
        asks = bounds.requirement(quest.high, most, largest=True)
        self.ceiling = (np.maximum(most + quest.high * stake, asks) + ROUNDING * stake).T

    def _pretences(self) -> None:
        q, steps = len(self.bounds.secrets.pretences), len(self.live.chosen)
        self.hide_gain, self.hide_keep = np.zeros((steps, q)), np.zeros((steps, q))
        self.valid: Bools = np.zeros((self.net.cells, q), dtype=bool)
        self.clean = np.zeros((self.net.cells, q))
        for n, pretence in enumerate(self.bounds.secrets.pretences):
            self.valid[:, n], self.clean[:, n] = pretence.valid, pretence.price
            mine = np.flatnonzero(pretence.valid[self.live.start])
            self.hide_gain[mine, n], self.hide_keep[mine, n] = pretence.going_on(self.live.chosen[mine])
        least = self._least()
        self.harmless = np.array([self._harmless(n, least) for n in range(q)]).reshape(q, self.net.cells).T

    def _least(self) -> Floats:
        """The smallest V of any label that can still count, before it is clipped, shape (n, cells)."""
        rows = []
        for i, (gain, keep) in enumerate(self.bounds.flows):
            top = self.ceiling[:, i].copy()
            top[-1] = np.inf

            def before(known: Row, at: Row, gain: Row = gain, keep: Row = keep, top: Row = top) -> Row:
                clipped: Row = gain[at] + keep[at] * np.minimum(known, top[self.live.end[at]])
                return clipped

            last = {self.net.cells - 1: self.net.final[i]}
            rows.append(self.live.back(np.full(self.net.cells, np.inf), last, before, np.minimum))
        return np.maximum(rows, self.floor.T)

    def _harmless(self, n: int, least: Floats) -> Floats:
        """How much a pretence may be worth at each cell without bearing on any pause up to there; negated as in rows.

        At a pause it may be worth what V is at least worth there, less the cost of coming clean and the largest share
        sought; at a later one, what the step before makes of that.
        """
        pretence, stake = self.bounds.secrets.pretences[n], self.problem.stake
        i = pretence.party
        most = np.where(pretence.valid, least[i] - pretence.price - self.quest.high * stake[i], np.inf)
        part = Live(self.net, self.live.chosen[pretence.valid[self.live.start]])
        gain, keep = pretence.going_on(part.chosen)

        def after(known: Row, at: Row) -> Row:
            room = np.minimum(known, most[part.start[at]]) - gain[at]
            with np.errstate(divide="ignore", invalid="ignore"):
                allowed: Row = np.where(keep[at] > 0, room / keep[at], np.where(room >= 0, np.inf, -np.inf))
            return allowed

        earlier = part.forth(np.full(self.net.cells, np.inf), {}, after, np.minimum)
        return np.asarray(ROUNDING * stake[i] - np.minimum(earlier, most))

    def run(self) -> tuple[list[int], float] | None:
        """The best plan sought: numbers of its steps and its smallest share before the target (at most ``high``).

        Returns:
            None if there is none.

        Raises:
            TooManyLabels: labels or time ran out.
        """
        live, ends = self.live, dict[int, Ends]()
        if not len(live.chosen):
            return None
        first = self._target()
        if first is None:
            return None
        ends[self.net.cells - 1] = first
        heads = np.flatnonzero(np.r_[True, live.start[1:] != live.start[:-1]])
        for begin, stop in zip(heads, np.r_[heads[1:], len(live.start)], strict=True):
            cell = int(live.start[begin])
            found = self._at(cell, np.arange(begin, stop), ends)
            if found is not None:
                ends[cell] = found
                self.kept += len(found.rows)
                if self.kept > LABELS:
                    raise TooManyLabels
            if time.monotonic() > self.quest.until:
                raise TooManyLabels
        return self._best(ends)

    def _target(self) -> Ends | None:
        """The label of having arrived; None if the target's own margin is too small."""
        p, quest, last = self.problem, self.quest, self.net.cells - 1
        row = np.zeros(self.price + 1)
        row[self.value] = self.net.final
        row[self.open], row[self.share] = quest.high, quest.high
        secrets = self.bounds.secrets
        row[self.worth] = [-x.final if x.valid[last] else 0.0 for x in secrets.pretences]
        if quest.ending is not None:
            walking = (row[self.value] - self.walk[last]) / p.stake
            if walking.min() < quest.ending - TIED:
                return None
            for n, pretence in enumerate(secrets.pretences):
                if pretence.valid[last] and self._left(row[None], n, pretence, last)[0] < quest.ending - TIED:
                    if secrets.column[n] < 0:
                        return None
                    row[self.open][secrets.column[n]] = quest.low - FAILED
        return Ends(row[None], np.array([-1]), np.array([-1]))

    def _left(self, rows: Floats, n: int, pretence: Pretence, cell: int) -> Floats:
        """Share of the stake by which going on beats a pretence, per label."""
        i = pretence.party
        out: Floats = (rows[:, i] - self.clean[cell, n] + rows[:, self.worth.start + n]) / self.problem.stake[i]
        return out

    def _at(self, cell: int, steps: Ints, ends: dict[int, Ends]) -> Ends | None:
        """The labels of a pause, from those of the pauses that can follow it."""
        kept: list[Ends] = []
        batch: list[int] = []
        rows = 0
        for s in steps.tolist():
            if int(self.live.end[s]) in ends:
                batch.append(s)
                rows += len(ends[int(self.live.end[s])].rows)
            if rows > BATCH:
                kept.append(self._joined([*kept, self._prefixed(cell, batch, ends)]))
                kept, batch, rows = kept[-1:], [], 0
        out = self._joined([*kept, self._prefixed(cell, batch, ends)])
        return out if len(out.rows) else None

    def _joined(self, parts: list[Ends]) -> Ends:
        """The labels of several lists that none beats."""
        rows, step, then = (np.concatenate([getattr(p, name) for p in parts]) for name in ("rows", "step", "then"))
        best = undominated(rows, self.quest.until)
        return Ends(rows[best], step[best], then[best])

    def _prefixed(self, cell: int, steps: list[int], ends: dict[int, Ends]) -> Ends:
        """The labels of going on from a pause by some steps, as far as they can still count."""
        blocks = [ends[int(self.live.end[s])].rows for s in steps]
        rows = np.concatenate([np.zeros((0, self.price + 1)), *blocks])
        sizes = np.array([len(b) for b in blocks], dtype=np.int64)
        step = np.repeat(np.array(steps, dtype=np.int64), sizes)
        then = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        alive = self._earlier(rows, cell, step)
        return Ends(rows[alive], step[alive], then[alive])

    def _earlier(self, rows: Floats, cell: int, step: Ints) -> Bools:
        """Turn labels of pauses after a step into labels of the pause before it, in place; which can still count."""
        quest, p, stake = self.quest, self.problem, self.problem.stake
        share = np.minimum(rows[:, self.share], ((rows[:, self.value] - self.apart[step]) / stake).min(axis=1))
        rows[:, self.value] = self.gain[step] + self.keep[step] * rows[:, self.value]
        share = np.minimum(share, ((rows[:, self.value] - self.walk[cell]) / stake).min(axis=1))
        if self.worth.stop > self.worth.start:
            share = self._pretend(rows, cell, step, share)
        if self.timed:
            rows[:, self.price] -= self.weight[step]
        alive = (share >= quest.low) & (rows[:, self.value] >= self.floor[cell]).all(axis=1)
        if p.deadline is not None and not quest.count:
            alive &= self.soonest[cell] - rows[:, self.price] <= p.deadline
        elif quest.count:
            alive &= self.soonest[cell] - rows[:, self.price] <= min(quest.most, self.latest)
        rows[:, self.share] = np.minimum(share, quest.high)
        np.minimum(rows[:, self.value], self.ceiling[cell], out=rows[:, self.value])
        return np.asarray(alive)

    def _pretend(self, rows: Floats, cell: int, step: Ints, share: Floats) -> Floats:
        """Bring pretences and open questions to the pause before the step; the share with what is now certain."""
        secrets, quest = self.bounds.secrets, self.quest
        asked, rows[:, self.open] = rows[:, self.open].copy(), quest.high
        for j, left in enumerate(secrets.decided(self.net.coords[cell])):
            if left == -1:
                share = np.minimum(share, asked[:, j])
            elif left >= 0:
                column = self.open.start + left
                rows[:, column] = np.minimum(rows[:, column], asked[:, j])
        valid = self.valid[cell]
        worth = rows[:, self.worth]
        rows[:, self.worth] = np.where(valid, self.hide_keep[step] * worth - self.hide_gain[step], 0.0)
        for n in np.flatnonzero(valid).tolist():
            beaten = self._left(rows, n, secrets.pretences[n], cell)
            if secrets.column[n] < 0:
                share = np.minimum(share, beaten)
            else:
                column = self.open.start + secrets.column[n]
                rows[:, column] = np.minimum(rows[:, column], beaten)
        rows[:, self.worth] = np.where(valid, np.minimum(rows[:, self.worth], self.harmless[cell]), 0.0)
        opened = rows[:, self.open]
        rows[:, self.open] = np.where(opened < quest.low, quest.low - FAILED, opened)
        return share

    def _best(self, ends: dict[int, Ends]) -> tuple[list[int], float] | None:
        found = ends.get(0)
        if found is None:
            return None
        shares = found.rows[:, self.share]
        equal = np.flatnonzero(shares >= shares.max() - TIED)
        label = int(equal[np.argmax(found.rows[equal, self.price])])
        path, cell, share = list[int](), 0, float(shares[label])
        while cell != self.net.cells - 1:
            here = ends[cell]
            step, label = int(here.step[label]), int(here.then[label])
            path.append(int(self.live.chosen[step]))
            cell = int(self.live.end[step])
        return path, share


def undominated(rows: Floats, until: float = np.inf) -> Ints:
    """Numbers of the rows that no other row matches or beats in every column (one of each set of equal rows).

    Args:
        rows: larger is better, shape (rows, columns).
        until: time (``time.monotonic``) at which to stop.

    Raises:
        TooManyLabels: the time ran out.
    """
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    rows = rows[:, (rows != rows[0]).any(axis=0)]
    if not rows.shape[1]:
        return np.zeros(1, dtype=np.int64)
    left = np.lexsort(rows.T)[::-1]  # no row is beaten by a later one
    if rows.shape[1] == 1:
        return left[:1]
    rows, kept = np.ascontiguousarray(rows[left]), []
    while len(left):
        kept.append(left[0])
        better = (rows > rows[0]).any(axis=1)
        left, rows = left[better], rows[better]
        if not len(kept) % 64 and time.monotonic() > until:
            raise TooManyLabels
    return np.array(kept, dtype=np.int64)
