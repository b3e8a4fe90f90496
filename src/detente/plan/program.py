"""All plans of a problem as one mixed-integer program: where every option stands when, and what that is worth.

Values are in shares of each party's stake. A value of going on is a column bounded from above only, the worth of a
pretence one bounded from below only: more value and less temptation never hurt, so that the best plan reaches both.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from detente.mechanics.milp import Program
from detente.plan.linear import ONE, ZERO, Linear, column, fixed, least, total
from detente.plan.problem import TIED, Cell
from detente.plan.tables import Sum, Tables

Times = tuple[int, ...]


class PlanProgram:
    """Every plan of at most so many steps; a plan that needs fewer stands at the target from its end on.

    Attributes:
        tables: the problem.
        horizon: most steps.
        program: columns and rows that every plan satisfies.
        margin: smallest share of the stake over all pauses before the target.
        done: per pause, whether the target has been reached.
        atomic: per step (from 1), whether it is made all or nothing; ``None`` where it cannot be.
        periods, steps, escrows: whole periods, steps and atomic steps of the plan.
        side: per pause and party, the side payment (in the largest one allowed).
        owing: whether side payments are balances still to be paid in the step after a pause.
    """

    def __init__(self, tables: Tables, horizon: int) -> None:
        self.tables, self.horizon = tables, horizon
        self.program = Program()
        self._cells: dict[tuple[int, Times], np.ndarray[Any, Any]] = {}
        self._holding: list[tuple[Linear, tuple[Linear, ...]]] = []
        self._paths()
        self._movers()
        self._durations()
        self.side = self._payments()
        self.owing = tables.patient and any(x is not ZERO for x in self.side[0])
        self.bounds = [self._range(i) for i in range(len(tables.parties))]
        self.margin = self._margin_column()
        self.value = [self._values(i) for i in range(len(tables.parties))]
        self._rows()

    # --- where the options stand -------------------------------------------------------------------------------------

    def _paths(self) -> None:
        """``at_least[axis][position][pause]``; nothing is undone, nothing happens after the end, something before."""
        tables, work, last = self.tables, self.program, self.horizon
        self.at_least: list[list[list[Linear]]] = []
        for levels in tables.shape:
            between = [[ZERO, *(column(work, whole=True) for _ in range(last - 1)), ONE] for _ in range(1, levels)]
            rows = [[ONE] * (last + 1), *between, [ZERO] * (last + 1)]
            self.at_least.append(rows)
            for position in range(1, levels):
                for t in range(1, last + 1):
                    least(work, rows[position][t] - rows[position][t - 1])
                    least(work, rows[position - 1][t] - rows[position][t])
        self.done = [ZERO, *(column(work) for _ in range(last - 1))]
        for t in range(1, last):
            for rows in self.at_least:
                least(work, rows[-2][t] - self.done[t])
        for t in range(1, last + 1):
            moved = total([self.passed(axis, p, t) for axis, n in enumerate(tables.shape) for p in range(1, n)])
            least(work, moved + self.done[t - 1], 1.0)
            for c in range(len(tables.clusters)):
                self._pausable(c, t)

    def passed(self, axis: int, position: int, step: int) -> Linear:
        """1 where a step takes an option to a position or past it, from below."""
        row = self.at_least[axis][position]
        return (row[step] - row[step - 1]).within(0.0, 1.0)

    def stands(self, axis: int, position: int, pause: int) -> Linear:
        """1 where an option stands at a position at a pause."""
        rows = self.at_least[axis]
        return (rows[position][pause] - rows[position + 1][pause]).within(0.0, 1.0)

    def at_cell(self, cell: Cell, pause: int) -> Linear:
        """As many as there are columns of positions where the options stand at a cell at a pause, fewer elsewhere."""
        parts = []
        for axis, position in enumerate(cell):
            for p in range(1, self.tables.shape[axis]):
                here = self.at_least[axis][p][pause]
                parts.append(here if p <= position else ONE - here)
        return total(parts)

    def _pausable(self, cluster: int, t: int) -> None:
        allowed = self.tables.feasible[cluster]
        if allowed.all():
            return
        cells = self.cells(cluster, (t,) * len(self.tables.clusters[cluster]))
        for cell in np.argwhere(~allowed):
            least(self.program, cells[tuple(cell)] * -1.0)

    def cells(self, cluster: int, times: Times) -> np.ndarray[Any, Any]:
        """For every cell of a cluster, 1 where its options stand there, each judged at a pause of its own."""
        if (cluster, times) not in self._cells:
            axes = self.tables.clusters[cluster]
            shape = tuple(self.tables.shape[a] for a in axes)
            out = np.empty(shape, object)
            if len(axes) == 1:
                for p in range(shape[0]):
                    out[p] = self.stands(axes[0], p, times[0])
            elif len(set(times)) == 1 and times[0] in (0, self.horizon):
                out.fill(ZERO)
                out.flat[-1 if times[0] else 0] = ONE
            else:
                self._join(out, axes, times)
            self._cells[cluster, times] = out
        return self._cells[cluster, times]

    def _join(self, out: np.ndarray[Any, Any], axes: tuple[int, ...], times: Times) -> None:
        """One column per cell; summed over all but one option, they say where that one stands."""
        for cell in np.ndindex(out.shape):
            possible = all(self.stands(a, p, t).high > 0 for a, p, t in zip(axes, cell, times, strict=True))
            out[cell] = column(self.program) if possible else ZERO
        for n, (axis, t) in enumerate(zip(axes, times, strict=True)):
            for p in range(out.shape[n]):
                here = total(list(np.take(out, p, n).flat)) - self.stands(axis, p, t)
                self.program.row(here.terms, -here.constant, -here.constant)

    def read(self, what: Sum, times: Times) -> Linear:
        """A sum over clusters, each axis judged at a pause of its own."""
        parts = [fixed(what.constant)]
        for c, table in what.tables.items():
            own = tuple(times[a] for a in self.tables.clusters[c])
            cells = self.cells(c, own)
            parts.append(total([here * float(v) for here, v in zip(cells.flat, table.flat, strict=True)]))
        return total(parts).within(what.low, what.high)

    def now(self, what: Sum, pause: int) -> Linear:
        """A sum over clusters at a pause."""
        return self.read(what, (pause,) * len(self.tables.shape))

    def groups(self, what: Sum, pause: int) -> list[tuple[float, Linear]]:
        """The values that a sum of one cluster can have at a pause, each with a column that is 1 where it has it."""
        if not what.tables:
            return [(what.constant, ONE)]
        ((c, table),) = what.tables.items()
        cells = self.cells(c, (pause,) * len(self.tables.clusters[c]))
        found: dict[float, list[Linear]] = {}
        for here, value in zip(cells.flat, table.flat, strict=True):
            if here.high > 0:
                found.setdefault(what.constant + float(value), []).append(here)
        if len(found) == 1:
            return [(value, ONE) for value in found]
        return [(value, total(parts).within(0.0, 1.0)) for value, parts in found.items()]

    # --- who moves, and how long it takes ----------------------------------------------------------------------------

    def _movers(self) -> None:
        tables, work, steps = self.tables, self.program, range(1, self.horizon + 1)
        owners = tuple(dict.fromkeys(tables.owners))
        self.bare: list[Linear] = [ZERO] * (self.horizon + 1)
        self.atomic: list[Linear] = [ZERO] * (self.horizon + 1)
        if len(owners) == 1:
            return
        for t in steps:
            movers = {p: column(work, whole=True) for p in owners}
            for axis, levels in enumerate(tables.shape):
                for p in range(1, levels):
                    least(work, movers[tables.owners[axis]] - self.passed(axis, p, t))
            if tables.together:
                self.bare[t] = column(work, whole=True)
            if tables.escrow:
                self.atomic[t] = column(work, whole=True)
            extra = (self.bare[t] + self.atomic[t]) * (len(owners) - 1.0)
            least(work, fixed(1.0) + extra - total(list(movers.values())))
            if tables.together and tables.escrow:
                least(work, ONE - self.bare[t] - self.atomic[t])

    def _durations(self) -> None:
        """``lasts[step]``: possible durations, each with a column that is 1 where the step lasts so long."""
        tables, work = self.tables, self.program
        spans = {}
        for axis, takes in enumerate(tables.takes):
            sums = np.cumsum(takes)
            for low in range(len(takes) - 1):
                for high in range(low + 1, len(takes)):
                    spans[axis, low, high] = max(tables.step, ceil(float(sums[high] - sums[low]) - TIED))
        durations = sorted({tables.step, *spans.values()})
        self.lasts: list[list[tuple[int, Linear]]] = [[]]
        periods = []
        for t in range(1, self.horizon + 1):
            longer = [ONE]
            for d in durations[1:]:
                longer.append(self._longer({k for k, v in spans.items() if v >= d}, t))
                least(work, longer[-2] - longer[-1])
            longer.append(ZERO)
            self.lasts.append([(d, (longer[n] - longer[n + 1]).within(0, 1)) for n, d in enumerate(durations)])
            periods.append((ONE - self.done[t - 1]) * tables.step)
            periods += [longer[n] * (durations[n] - durations[n - 1]) for n in range(1, len(durations))]
        self.periods = total(periods)
        self.steps = total([ONE - d for d in self.done])
        self.escrows = total(self.atomic)
        if tables.deadline is not None:
            least(work, self.periods * -1.0, -float(tables.deadline))

    def _longer(self, spans: set[tuple[int, int, int]], t: int) -> Linear:
        """1 exactly where a step takes some axis from (or below) the low to (or above) the high end of some span."""
        out = column(self.program)
        some = []
        for axis, low, high in spans:
            if (axis, low + 1, high) in spans or (axis, low, high - 1) in spans:
                continue  # a shorter span says it already
            before, after = self.at_least[axis][low + 1][t - 1], self.at_least[axis][high][t]
            least(self.program, out - after + before)
            some.append(column(self.program))
            least(self.program, after - some[-1])
            least(self.program, ONE - before - some[-1])
        least(self.program, total(some) - out)
        return out

    # --- what it is worth --------------------------------------------------------------------------------------------

    def _payments(self) -> list[list[Linear]]:
        """Side payments per pause (patient: per step, at the pause before it), in the largest one allowed."""
        tables, work = self.tables, self.program
        able = [bool(np.isfinite(m)) and tables.transfers > 0 for m in tables.money]
        out = [[column(work, -1.0, 1.0) if a else ZERO for a in able] for _ in range(self.horizon)]
        out.append([ZERO] * len(able))
        for t in range(self.horizon if any(able) else 0):
            here = total(out[t])
            work.row(here.terms, 0.0, 0.0)
            for payment in (x for x in out[t] if x is not ZERO):
                least(work, ONE - self.done[t] - payment)
                least(work, ONE - self.done[t] + payment)
        return out

    def paid(self, i: int, pause: int) -> Linear:
        """What side payments are worth to a party at a pause, per period, as a share of its stake."""
        if self.side[pause][i] is ZERO:
            return ZERO
        t = self.tables
        return self.side[pause][i] * float(t.money[i] * t.transfers / t.stake[i])

    def share(self, i: int, what: Linear) -> Linear:
        """As a share of a party's stake."""
        return what * float(1.0 / self.tables.stake[i])

    def paying(self, i: int, step: int, without: tuple[int, ...] = ()) -> Linear:
        """Once-costs of a party's moves in a step, times one minus its discount, as a share of its stake."""
        tables = self.tables
        if tables.patient:
            return ZERO
        parts = [
            self.passed(axis, p, step) * float(tables.cost[axis][p])
            for axis in tables.axes_of(tables.parties[i])
            if axis not in without
            for p in range(1, tables.shape[axis])
            if tables.cost[axis][p]
        ]
        return self.share(i, total(parts)) * float(1 - tables.discount[i])

    def _range(self, i: int) -> tuple[float, float]:
        """Between what per period a party's values lie, once-costs (paid sooner or later) included."""
        tables, paid = self.tables, self.paid(i, 0)
        sums = [tables.flow[i], *(tables.accused[i] if tables.alarm.high > 0 else ())]
        low = min(s.low for s in sums) / tables.stake[i] + paid.low - self.once(i)
        return float(low), float(max(s.high for s in sums) / tables.stake[i] + paid.high)

    def final(self, i: int) -> float:
        """Value of being at the target for good, as a share of the stake."""
        tables = self.tables
        a, delta, target = tables.at(tables.alarm, tables.target), float(tables.discount[i]), tables.target
        value = (1 - delta) * tables.at(tables.flow[i], target) + delta * a * tables.most(tables.accused[i], target)
        return value / (1 - delta * (1 - a)) / float(tables.stake[i])

    def _values(self, i: int) -> list[Linear]:
        last, end = self.horizon, fixed(self.final(i))
        if self.tables.patient:
            return [end] * (last + 1)
        values = [*(column(self.program, *self.bounds[i]) for _ in range(last)), end]
        alarmed = self.tables.alarm.high > 0
        accused = [self._largest(i, t) if alarmed else ZERO for t in range(last + 1)]
        for t in range(last):
            for a, calm in self.groups(self.tables.alarm, t):
                after = accused[t + 1] * a + values[t + 1] * (1 - a) - self.paying(i, t + 1)
                for d, so_long in self.lasts[t + 1]:
                    right = self._going_on(i, t, (a, d), accused[t], after)
                    least(self.program, right - values[t], 0.0, *(w for w in (calm, so_long) if w is not ONE))
        return values

    def _going_on(self, i: int, t: int, numbers: tuple[float, int], accused: Linear, after: Linear) -> Linear:
        """Value of a pause whose chance of a false alarm and whose coming step's duration are these."""
        a, d = numbers
        delta = float(self.tables.discount[i])
        y = delta * (1 - a)
        flow = (self.share(i, self.now(self.tables.flow[i], t)) + self.paid(i, t)) * (1 - delta)
        right = flow * sum(y**n for n in range(d)) + accused * (delta * a * sum(y**n for n in range(d - 1)))
        return right + after * (y ** (d - 1) * delta)

    def _largest(self, i: int, t: int) -> Linear:
        """The largest of a party's sums after a false alarm, as a share of its stake."""
        rows = [self.share(i, self.now(s, t)) for s in self.tables.accused[i]]
        if len(rows) == 1:
            return rows[0]
        top = max(r.high for r in rows)
        out = column(self.program, max(r.low for r in rows), top)
        picks = [column(self.program, whole=True) for _ in rows]
        one = total(picks)
        self.program.row(one.terms, 1.0, 1.0)
        for row, pick in zip(rows, picks, strict=True):
            least(self.program, row - out, 0.0, pick)
        return out

    # --- margins -----------------------------------------------------------------------------------------------------

    def _margin_column(self) -> Linear:
        tables = self.tables
        highs, lows = [], []
        for i, (low, high) in enumerate(self.bounds):
            stake, paid = float(tables.stake[i]), self.paid(i, 0).high if tables.patient else 0.0
            start = max(tables.most(tables.walk[i], tables.origin), float(tables.disagreement[i])) / stake
            highs.append((self.final(i) if tables.patient else high) + paid - start)
            tempting = [*tables.walk[i], *tables.snapped[i], tables.flow[i]]
            worst = max(float(tables.disagreement[i]), *(s.high for s in tempting)) - min(0.0, tables.breach[i].low)
            lows.append(low - worst / stake - self.paid(i, 0).high - paid - abs(self.once(i)) - 1.0)
        return column(self.program, min(*lows, *highs), min(highs))

    def once(self, i: int) -> float:
        """Most that all once-costs of a party come to, as a share of its stake."""
        return sum(self.paying(i, t).high for t in range(1, self.horizon + 1))

    def _rows(self) -> None:
        tables, last = self.tables, self.horizon
        for i, party in enumerate(tables.parties):
            self.keep(i, 0, fixed(float(tables.disagreement[i] / tables.stake[i])))
            for t in range(last + self.owing):
                for row in tables.walk[i]:
                    own = self.final(i) - tables.at(row, tables.target) / float(tables.stake[i])
                    self.keep(i, t, self.share(i, self.now(row, t)), ended=None if self.owing else own)
            axes = tables.axes_of(party)
            if tables.together and axes and len(axes) < len(tables.shape):
                for t in range(1, last + 1):
                    for row in tables.walk[i]:
                        self.keep(i, t, self._withheld(i, t, row), self.bare[t], entering=True)

    def _withheld(self, i: int, t: int, row: Sum) -> Linear:
        """What a party has by withholding its part of a step, and the cost that it saves."""
        axes = self.tables.axes_of(self.tables.parties[i])
        times = tuple(t - 1 if a in axes else t for a in range(len(self.tables.shape)))
        return self.share(i, self.read(row, times)) + self.paying(i, t)

    def keep(
        self, i: int, t: int, left: Linear, *switches: Linear, ended: float | None = None, entering: bool = False
    ) -> None:
        """Require that going on at a pause is worth so much more than a deviation.

        At the target the row asks nothing of ``margin``; ``hold`` asks it for the smallest margin accepted.

        Args:
            i, t: party and pause.
            left: what the deviation is worth.
            switches: the deviation is possible where all are 1.
            ended: what the margin is at the target, where it is the same for all plans.
            entering: whether only what is owed in the step before the pause counts, not in the one after it.
        """
        for owed in self._owed(i, t, entering=entering):
            value = self.value[i][t] - left + owed
            if ended is None and t > 0:
                self._holding.append((value, switches))
            if t < self.horizon:
                give = max(0.0, self.margin.high - value.low)
                at_end = give if ended is None else max(0.0, self.margin.high - ended)
                least(self.program, value - self.margin + self.done[t] * at_end, 0.0, *switches, give=give)

    def _owed(self, i: int, t: int, *, entering: bool) -> list[Linear]:
        """Where going on is worth the same in every order: what is still to be paid in the steps next to a pause."""
        if not self.owing:
            return [ZERO]
        before = [self.paid(i, t - 1)] if t > 0 else []
        return before if entering else [*before, self.paid(i, t)]

    def hold(self, work: Program) -> None:
        """Require the smallest margin accepted, at the target too, of deviations that depend on the way there."""
        least(work, self.margin, self.tables.margin)
        for value, switches in self._holding:
            least(work, value, self.tables.margin, *switches)
