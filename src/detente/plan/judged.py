"""What the numbers of a plan found by an integer program really are: every margin along it, from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil

from detente.plan.pretence import Truth, chance
from detente.plan.problem import TIED, Cell, Floats, Step
from detente.plan.tables import Tables


@dataclass(frozen=True, eq=False)
class Judged:
    """A plan with its exact numbers.

    Attributes:
        steps: of the plan.
        side: side payments per pause and party; None without any.
        interior: smallest share of the stake over the pauses before the target.
        ending: smallest share at the target.
        tempting: for every pretence that falls short of what was asked for: party number and true positions.
    """

    steps: tuple[Step, ...]
    side: Floats | None
    interior: float
    ending: float
    tempting: tuple[tuple[int, Truth], ...]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Periods, steps and atomic steps."""
        return sum(s.periods for s in self.steps), len(self.steps), sum(s.atomic for s in self.steps)


def periods(tables: Tables, before: Cell, after: Cell) -> int:
    """How long a step lasts."""
    moved = zip(tables.takes, before, after, strict=True)
    return max(tables.step, *(ceil(float(t[a + 1 : b + 1].sum()) - TIED) for t, a, b in moved))


def steps_of(tables: Tables, cells: Sequence[Cell], atomic: Sequence[bool]) -> tuple[Step, ...]:
    """The steps between some pauses.

    Args:
        tables: the problem.
        cells: pauses, the status quo first.
        atomic: per step, whether it is meant to be all or nothing.
    """
    out = []
    for (before, after), whole in zip(pairwise(cells), atomic, strict=True):
        moving = [o for o, a, b in zip(tables.owners, before, after, strict=True) if b > a]
        movers = tuple(dict.fromkeys(o for o in (*tables.parties, *tables.owners) if o in moving))
        out.append(Step(before, after, movers, whole and len(movers) > 1, periods(tables, before, after)))
    return tuple(out)


class Judge:
    """The margins along one plan."""

    def __init__(self, tables: Tables, steps: tuple[Step, ...], side: Floats | None) -> None:
        self.tables, self.steps, self.side = tables, steps, side
        self.cells = [tables.origin, *(s.after for s in steps)]
        self._flow = [[tables.at(f, c) for c in self.cells] for f in tables.flow]
        self._alarm = [tables.at(tables.alarm, c) for c in self.cells]

    def judged(self, enough: float, ending: float | None) -> Judged:
        """All numbers.

        Args:
            enough: pretences that leave a smaller share before the target are told.
            ending: the same at the target; None if its share does not count.
        """
        worst = [float("inf")] * len(self.cells)
        tempting = set()
        for i, stake in enumerate(map(float, self.tables.stake)):
            values = self._values(i)
            for t, value in enumerate(values):
                open_ = [(value - left) / stake for left in self._openly(i, t)]
                worst[t] = min(worst[t], *open_)
            for t, truth, left in self._hidden(i):
                share = (values[t] - left) / stake
                worst[t] = min(worst[t], share)
                asked = enough if t < len(self.steps) else ending
                if asked is not None and share < asked:
                    tempting.add((i, truth))
        return Judged(self.steps, self.side, min(worst[:-1]), worst[-1], tuple(sorted(tempting)))

    def _spent(self, i: int, t: int, without: Sequence[int] = ()) -> float:
        """Once-costs of a step, as they count per period."""
        if self.tables.patient:
            return 0.0
        step = self.steps[t - 1]
        axes = [a for a in self.tables.axes_of(self.tables.parties[i]) if a not in without]
        paid = sum(float(self.tables.cost[a][step.before[a] + 1 : step.after[a] + 1].sum()) for a in axes)
        return (1 - float(self.tables.discount[i])) * paid

    def _earned(self, i: int, t: int, flow: float) -> float:
        """What a pause gives per period, side payment included."""
        if self.side is None or self.tables.patient or not self.side[t, i]:
            return flow
        return flow + float(self.tables.money[i] * self.side[t, i])

    def _values(self, i: int) -> list[float]:
        """Value of going on at every pause."""
        tables, delta, last = self.tables, float(self.tables.discount[i]), len(self.steps)
        accused = [tables.most(tables.accused[i], c) if any(self._alarm) else 0.0 for c in self.cells]
        a = self._alarm[-1]
        value = ((1 - delta) * self._flow[i][-1] + delta * a * accused[-1]) / (1 - delta * (1 - a))
        out = [value]
        for t in range(last - 1, -1, -1):
            if not tables.patient:
                a = self._alarm[t]
                flow = (1 - delta) * self._earned(i, t, self._flow[i][t])
                value = flow + delta * (a * accused[t + 1] + (1 - a) * value - self._spent(i, t + 1))
                for _ in range(self.steps[t].periods - 1):
                    value = flow + delta * (a * accused[t] + (1 - a) * value)
            out.append(value)
        return out[::-1]

    def _openly(self, i: int, t: int) -> Iterator[float]:
        """What a party has at a pause by leaving, never starting, or withholding its part."""
        tables = self.tables
        yield tables.most(tables.walk[i], self.cells[t])
        if t == 0:
            yield float(tables.disagreement[i])
            return
        step, party = self.steps[t - 1], tables.parties[i]
        if not step.atomic and len(step.movers) > 1 and party in step.movers:
            pairs = zip(tables.owners, step.before, step.after, strict=True)
            mixed = tuple(a if owner == party else b for owner, a, b in pairs)
            yield self._spent(i, t) + tables.most(tables.walk[i], mixed)

    def _hidden(self, i: int) -> Iterator[tuple[int, Truth, float]]:
        """Every pretence possible at a pause, and what it is worth."""
        tables = self.tables
        axes = [a for a in tables.axes_of(tables.parties[i]) if a in tables.caught]
        stood = [sorted({c[a] for c in self.cells[:-1]} - {tables.target[a]}) for a in axes]
        for chosen in product(*([None, *positions] for positions in stood)):
            truth = tuple((a, p) for a, p in zip(axes, chosen, strict=True) if p is not None)
            if not truth:
                continue
            worth = self._pretending(i, truth)
            for t, cell in enumerate(self.cells):
                if all(cell[a] > p for a, p in truth):
                    yield t, truth, worth[t] + self._saved(i, truth, cell)

    def _saved(self, i: int, truth: Truth, cell: Cell) -> float:
        if self.tables.patient:
            return 0.0
        paid = sum(float(self.tables.cost[a][p + 1 : cell[a] + 1].sum()) for a, p in truth)
        return (1 - float(self.tables.discount[i])) * paid

    def _pretending(self, i: int, truth: Truth) -> list[float]:
        """Worth of a pretence at every pause, meaningless before it is possible."""
        tables, delta = self.tables, float(self.tables.discount[i])
        found, axes = chance(tables, truth), [a for a, _ in truth]
        out: list[float] = []
        for t in range(len(self.cells) - 1, -1, -1):
            shown = self.cells[t]
            stand = dict(truth)
            true = tuple(stand.get(a, p) for a, p in enumerate(shown))
            q = tables.at(found, shown)
            answered = tables.most(tables.snapped[i], true) - tables.at(tables.breach[i], shown)
            each = (1 - delta) * self._earned(i, t, tables.at(tables.flow[i], true)) + delta * q * answered
            z = delta * (1 - q)
            if not out:
                out.append(each / (1 - z))
                continue
            value = out[-1] - self._spent(i, t + 1, axes)
            for _ in range(self.steps[t].periods):
                value = each + z * value
            out.append(value)
        return out[::-1]
