"""What the numbers of a plan found by an integer program really are: the verifier's word, from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil

import numpy as np

from detente.plan.pretence import chance
from detente.plan.problem import TIED, Cell, Floats, Step
from detente.plan.tables import Sum, Tables
from detente.plan.verify import PathValues, Pretence, Truth, judge, truly


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


def judged(tables: Tables, steps: Sequence[Step], side: Floats | None, enough: float, ending: float | None) -> Judged:
    """A plan with the verifier's numbers.

    Args:
        tables: the problem.
        steps: from the status quo to the target.
        side: side payments per pause and party; None without any.
        enough: pretences that leave a smaller share before the target are told.
        ending: the same at the target; None if its share does not count.
    """
    path = gather(tables, steps, side)
    found = judge(path)
    shares, pretences = found.shares[0], found.pretence[0]
    asked = np.full(len(steps) + 1, enough, np.float64)
    asked[-1] = -np.inf if ending is None else ending
    short = (pretences >= 0) & (shares < asked[:, None])
    tempting = {(path.pretences[k].party, path.pretences[k].truth) for k in pretences[short]}
    return Judged(tuple(steps), side, float(shares[:-1].min()), float(shares[-1].min()), tuple(sorted(tempting)))


def gather(tables: Tables, steps: Sequence[Step], side: Floats | None) -> PathValues:
    """The numbers of a problem at the cells that a plan visits."""
    cells, everyone = (tables.origin, *(s.after for s in steps)), range(len(tables.parties))
    money = np.nan_to_num(tables.money)

    def largest(sums: Sequence[Sequence[Sum]]) -> Floats:
        return np.array([[[tables.most(sums[i], c) for i in everyone] for c in cells]])

    withheld = {}
    for t, step in enumerate(steps, 1):
        for i, party in enumerate(tables.parties):
            if len(step.movers) > 1 and not step.atomic and party in step.movers:
                pairs = zip(tables.owners, step.before, step.after, strict=True)
                mixed = tuple(a if owner == party else b for owner, a, b in pairs)
                withheld[t, i] = np.array([tables.most(tables.walk[i], mixed)])
    return PathValues(
        tables.discount[None],
        tables.stake[None],
        tables.disagreement[None],
        np.array([[[tables.at(f, c) for f in tables.flow] for c in cells]]),
        largest(tables.walk),
        largest(tables.accused),
        np.array([[tables.at(tables.alarm, c) for c in cells]]),
        np.array([[[_paid(tables, tables.axes_of(p), s.before, s.after) for p in tables.parties] for s in steps]]),
        withheld,
        tuple(_pretence(tables, cells, i, truth) for i in everyone for truth in _truths(tables, cells, i)),
        np.array([[s.periods for s in steps]], np.int64),
        np.zeros((1, len(cells), len(money))) if side is None else (side * money)[None],
        tables.patient,
        tables.margin,
    )


def _paid(tables: Tables, axes: Sequence[int], before: Cell, after: Cell) -> float:
    return float(sum(tables.cost[a][before[a] + 1 : after[a] + 1].sum() for a in axes))


def _truths(tables: Tables, cells: Sequence[Cell], i: int) -> Iterator[Truth]:
    """Every way a party can pretend."""
    axes = [a for a in tables.axes_of(tables.parties[i]) if a in tables.caught]
    for chosen in product(*([None, *sorted({c[a] for c in cells[:-1]} - {tables.target[a]})] for a in axes)):
        truth = tuple((a, p) for a, p in zip(axes, chosen, strict=True) if p is not None)
        if truth:
            yield truth


def _pretence(tables: Tables, cells: Sequence[Cell], i: int, truth: Truth) -> Pretence:
    since = next(t for t, c in enumerate(cells) if all(c[a] > p for a, p in truth))
    shown = cells[since:]
    true = [truly(c, truth) for c in shown]
    hidden = [a for a, _ in truth]
    rest = [a for a in tables.axes_of(tables.parties[i]) if a not in hidden]
    seen = chance(tables, truth)
    pairs = list(zip(shown, true, strict=True))
    return Pretence(
        i,
        truth,
        since,
        np.array([[tables.at(tables.flow[i], b) for b in true]]),
        np.array([[tables.most(tables.snapped[i], b) - tables.at(tables.breach[i], c) for c, b in pairs]]),
        np.array([[tables.at(seen, c) for c in shown]]),
        np.array([[_paid(tables, hidden, b, c) for c, b in pairs]]),
        np.array([[_paid(tables, rest, a, b) for a, b in pairwise(shown)]]).reshape(1, -1),
    )
