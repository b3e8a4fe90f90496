"""A given order of steps, judged by plain backward induction over every deviation of every party at every pause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil

import numpy as np
from numpy.typing import NDArray

from detente.plan.problem import TIED, Cell, Floats, Lattice, Problem, Step
from detente.plan.sums import geometric, weighted

KINDS = ("walk", "decline", "withhold", "conceal")
Truth = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Pretence:
    """One way of pretending: some options truly stand at positions that they had at an earlier pause.

    Attributes:
        party: number of the party that pretends.
        truth: (axis, true position), by axis.
        since: first pause at which all of these axes are shown higher than they are.
        flow: of the true state at the pauses from ``since`` on, shape (draws, pauses).
        found: what it has after being found out there, breach cost subtracted, same shape.
        chance: per period of being found out there, same shape.
        unpaid: once-costs of the positions between true and shown, same shape.
        spent: once-costs of its other options in the steps after those pauses, shape (draws, pauses - 1).
    """

    party: int
    truth: Truth
    since: int
    flow: Floats
    found: Floats
    chance: Floats
    unpaid: Floats
    spent: Floats


@dataclass(frozen=True, eq=False)
class PathValues:
    """All that the verifier needs of the cells that an order visits; the first axis is the draws (1 for point values).

    Attributes:
        discount, stake, disagreement: shape (draws, n).
        flow, walk, accused: at the pauses, shape (draws, pauses, n).
        alarm: at the pauses, shape (draws, pauses).
        spent: once-costs of each step for each party, shape (draws, steps, n).
        withheld: (step number from 1, party number) -> ``walk`` where the party alone holds back, shape (draws,).
        pretences: every way of pretending.
        periods: of every step, shape (draws, steps).
        side: side payments times the worth of money, shape (draws, pauses, n); if patient, row t is the balance still
            to be paid while step t + 1 is made, which counts at both ends of the step.
        patient: whether going on is worth what the target is worth.
        margin: smallest share accepted.
    """

    discount: Floats
    stake: Floats
    disagreement: Floats
    flow: Floats
    walk: Floats
    accused: Floats
    alarm: Floats
    spent: Floats
    withheld: Mapping[tuple[int, int], Floats]
    pretences: tuple[Pretence, ...]
    periods: NDArray[np.int64]
    side: Floats
    patient: bool
    margin: float


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the verifier says in every draw.

    Attributes:
        values: of going on, shape (draws, pauses, n).
        margins: value of going on minus that of the best deviation, same shape.
        shares: margins as shares of the stake, same shape.
        kinds: number in ``KINDS`` of the best deviation, same shape.
        pretence: number of the pretence where that is the best deviation, else -1; same shape.
        holds: whether every share is large enough, shape (draws,).
        interior: smallest share before the target, shape (draws,).
    """

    values: Floats
    margins: Floats
    shares: Floats
    kinds: NDArray[np.int8]
    pretence: NDArray[np.int64]
    holds: NDArray[np.bool_]
    interior: Floats


@dataclass(frozen=True, eq=False)
class Checked:
    """An order with its exact numbers at the point values.

    Attributes:
        steps: the order.
        parties: ids, in the order of the last axis.
        values, margins, shares: shape (pauses, n); pause 0 is the status quo, pause t comes after step t.
        kinds: the best deviation at each pause of each party: walk | decline | withhold | conceal.
        truths: where that is conceal, the true positions of the options concealed; else None.
        holds: whether every share is large enough.
        interior: smallest share before the target.
        ending: smallest share at the target.
        binding: pause and party number of the smallest share (ties: earliest pause, then party order).
        periods: how long it all lasts.
    """

    steps: tuple[Step, ...]
    parties: tuple[str, ...]
    values: Floats
    margins: Floats
    shares: Floats
    kinds: tuple[tuple[str, ...], ...]
    truths: tuple[tuple[Truth | None, ...], ...]
    holds: bool
    interior: float
    ending: float
    binding: tuple[int, int]
    periods: int


def check(problem: Problem, steps: Sequence[Step], side: Floats | None = None) -> Checked:
    """Judge an order at the point values.

    Args:
        problem: what is planned.
        steps: from the status quo to the target, each beginning where the one before ends.
        side: side payments to each party per period at every pause, shape (pauses, n), in money; if patient, balances
            still to be paid while the step after each pause is made.

    Returns:
        The order with the margins of every party at every pause.
    """
    return spelled(gather(problem, steps, side), problem.parties, steps)


def spelled(path: PathValues, parties: tuple[str, ...], steps: Sequence[Step]) -> Checked:
    """Judge the numbers of an order at the point values.

    Args:
        path: the numbers at the cells visited.
        parties: ids, in the order of the last axis.
        steps: the order.
    """
    found = judge(path)
    shares = found.shares[0]
    names, truths = [], []
    for t in range(len(steps) + 1):
        names.append(tuple(KINDS[k] for k in found.kinds[0, t]))
        which = found.pretence[0, t]
        truths.append(tuple(path.pretences[k].truth if k >= 0 else None for k in which))
    return Checked(
        tuple(steps),
        parties,
        found.values[0],
        found.margins[0],
        shares,
        tuple(names),
        tuple(truths),
        bool(found.holds[0]),
        float(found.interior[0]),
        float(shares[-1].min()),
        binding(shares),
        sum(s.periods for s in steps),
    )


def binding(shares: Floats) -> tuple[int, int]:
    """Pause and party of the smallest share, shape (pauses, n); ties: the earliest pause, then party order."""
    first = np.argwhere(shares <= shares.min() + TIED)[0]
    return int(first[0]), int(first[1])


def duration(problem: Problem, before: Cell, after: Cell) -> int:
    """Whole periods that a step lasts: what it physically needs, at least the periods per step."""
    moved = zip(problem.takes, before, after, strict=True)
    return max(problem.step, *(ceil(float(t[a + 1 : b + 1].sum()) - TIED) for t, a, b in moved))


# --- what an order visits --------------------------------------------------------------------------------------------


def pauses(lattice: Lattice, steps: Sequence[Step]) -> tuple[Cell, ...]:
    """The cells paused at, the status quo first."""
    return (lattice.origin, *(s.after for s in steps))


def held_back(lattice: Lattice, step: Step, party: str) -> Cell:
    """Where a step leads if one party holds its part back."""
    return tuple(
        a if owner == party else b for owner, a, b in zip(lattice.owners, step.before, step.after, strict=True)
    )


def can_withhold(step: Step, party: str) -> bool:
    """Whether a party can spoil a step alone."""
    return not step.atomic and len(step.movers) > 1 and party in step.movers


def truths(lattice: Lattice, cells: Sequence[Cell], party: str, axes: Sequence[int]) -> Iterator[tuple[Truth, int]]:
    """Every way a party can pretend, and the first pause from which on it is one.

    Args:
        lattice: the states.
        cells: the pauses.
        party: who pretends.
        axes: those that can be pretended.
    """
    mine = [a for a in axes if lattice.owners[a] == party]
    ways = [[None, *sorted({c[a] for c in cells if c[a] < cells[-1][a]})] for a in mine]
    for chosen in product(*ways):
        truth = tuple((a, p) for a, p in zip(mine, chosen, strict=True) if p is not None)
        if truth:
            yield truth, next(t for t, c in enumerate(cells) if all(c[a] > p for a, p in truth))


def truly(cell: Cell, truth: Truth) -> Cell:
    """The true state behind a cell that is shown."""
    out = list(cell)
    for axis, position in truth:
        out[axis] = position
    return tuple(out)


# --- gathering -------------------------------------------------------------------------------------------------------


def gather(problem: Problem, steps: Sequence[Step], side: Floats | None = None) -> PathValues:
    """The numbers of a problem at the cells that an order visits."""
    lattice, parties = problem.lattice, problem.parties
    cells = pauses(lattice, steps)
    n = len(parties)
    paid = np.zeros((len(steps), n))
    for t, step in enumerate(steps):
        for i, party in enumerate(parties):
            paid[t, i] = _cost(problem, lattice.axes_of(party), step.before, step.after)
    withheld = {
        (t, i): problem.walk[(i, *held_back(lattice, step, party))][None]
        for t, step in enumerate(steps, 1)
        for i, party in enumerate(parties)
        if can_withhold(step, party)
    }
    money = np.zeros(n) if problem.money is None else np.nan_to_num(problem.money)
    extra = np.zeros((len(cells), n)) if side is None else np.asarray(side) * money
    return PathValues(
        problem.discount[None],
        problem.stake[None],
        problem.disagreement[None],
        _at(problem.flow, cells),
        _at(problem.walk, cells),
        _at(problem.accused, cells),
        np.array([[problem.alarm[c] for c in cells]]),
        paid[None],
        withheld,
        tuple(
            _pretence(problem, cells, i, truth, since)
            for i, party in enumerate(parties)
            for truth, since in truths(lattice, cells, party, tuple(problem.caught))
        ),
        np.array([[s.periods for s in steps]], np.int64).reshape(1, len(steps)),
        extra[None],
        problem.patient,
        problem.margin,
    )


def _at(values: Floats, cells: Sequence[Cell]) -> Floats:
    """Shape (n, *shape) at some cells, as (1, cells, n)."""
    return np.moveaxis(values[(slice(None), *np.array(cells, np.intp).reshape(len(cells), -1).T)], 0, 1)[None]


def _cost(problem: Problem, axes: Sequence[int], before: Cell, after: Cell) -> float:
    return float(sum(problem.cost[a][before[a] + 1 : after[a] + 1].sum() for a in axes))


def _pretence(problem: Problem, cells: Sequence[Cell], party: int, truth: Truth, since: int) -> Pretence:
    shown = cells[since:]
    true = [truly(c, truth) for c in shown]
    hidden = [a for a, _ in truth]
    rest = [a for a in problem.lattice.axes_of(problem.parties[party]) if a not in hidden]
    missed = np.ones(len(shown))
    for axis in hidden:
        missed *= 1 - np.array([problem.caught[axis][c] for c in shown])
    found = [problem.snapped[(party, *b)] - problem.breach[(party, *c)] for c, b in zip(shown, true, strict=True)]
    unpaid = [_cost(problem, hidden, b, c) for c, b in zip(shown, true, strict=True)]
    spent = [_cost(problem, rest, a, b) for a, b in pairwise(shown)]
    return Pretence(
        party,
        truth,
        since,
        np.array([[problem.flow[(party, *b)] for b in true]]),
        np.array([found]),
        1 - missed[None],
        np.array([unpaid]),
        np.array([spent]).reshape(1, len(shown) - 1),
    )


# --- judging ---------------------------------------------------------------------------------------------------------


def judge(path: PathValues) -> Judgement:
    """Every margin at every pause, in all draws at once.

    Args:
        path: the numbers at the cells visited.
    """
    values = _going_on(path)
    best = path.walk.copy()
    kinds = np.zeros(best.shape, np.int8)
    pretence = np.full(best.shape, -1, np.int64)

    def offer(where: tuple[slice | int, ...], value: Floats, kind: str, number: int = -1) -> None:
        # what is better by no more than rounding is told as what came first
        better = value > best[where] + TIED * path.stake[:, where[2] if len(where) > 2 else slice(None)]
        best[where] = np.maximum(value, best[where])
        kinds[where] = np.where(better, KINDS.index(kind), kinds[where])
        pretence[where] = np.where(better, number, pretence[where])

    share = np.zeros_like(path.discount) if path.patient else 1 - path.discount  # of once-costs, per period
    owed, before = _balances(path)
    offer((slice(None), 0), path.disagreement, "decline")
    for (t, i), walk in path.withheld.items():
        spared = before[:, t, i] - owed[:, t, i]  # by what the balance owed after the step is worse than before it
        offer((slice(None), t, i), walk + share[:, i] * path.spent[:, t - 1, i] - spared, "withhold")
    for number, one in enumerate(path.pretences):
        i = one.party
        gained = _pretending(path, one) + share[:, i, None] * one.unpaid
        for t in range(one.since, best.shape[1]):
            offer((slice(None), t, i), gained[:, t - one.since], "conceal", number)
    margins = values + owed - best
    shares = margins / path.stake[:, None, :]
    interior = shares[:, :-1].reshape(len(shares), -1)
    return Judgement(
        values,
        margins,
        shares,
        kinds,
        pretence,
        np.asarray((shares >= path.margin - TIED).all(axis=(1, 2))),
        interior.min(axis=1, initial=np.inf),
    )


def _balances(path: PathValues) -> tuple[Floats, Floats]:
    """What is owed to each party at each pause if patient: the worse of the steps before and after, and the former."""
    if not path.patient:
        return np.zeros_like(path.flow), np.zeros_like(path.flow)
    before = np.concatenate([path.side[:, :1], path.side[:, :-1]], axis=1)
    return np.minimum(before, path.side), before


def _going_on(path: PathValues) -> Floats:
    """Value of going on at every pause, shape (draws, pauses, n)."""
    delta = path.discount
    out = np.empty_like(path.flow)
    a = path.alarm[:, -1, None]
    out[:, -1] = ((1 - delta) * path.flow[:, -1] + weighted(delta * a, path.accused[:, -1])) / (1 - delta * (1 - a))
    for t in range(path.flow.shape[1] - 2, -1, -1):
        if path.patient:
            out[:, t] = out[:, -1]
            continue
        a, d = path.alarm[:, t, None], path.periods[:, t, None]
        y = delta * (1 - a)
        each = (1 - delta) * (path.flow[:, t] + path.side[:, t])
        last = delta * ((1 - a) * out[:, t + 1] - (1 - delta) * path.spent[:, t])
        out[:, t] = each * geometric(y, d) + y ** (d - 1) * last
        out[:, t] += weighted(delta * a * geometric(y, d - 1), path.accused[:, t])
        out[:, t] += weighted(delta * a * y ** (d - 1), path.accused[:, t + 1])
    return out


def _pretending(path: PathValues, one: Pretence) -> Floats:
    """What pretending is worth at the pauses from its first on, shape (draws, pauses)."""
    i, since = one.party, one.since
    delta = path.discount[:, i]
    share = np.zeros_like(delta) if path.patient else 1 - delta
    z = delta[:, None] * (1 - one.chance)
    caught = weighted(delta[:, None] * one.chance, one.found)
    out = np.empty_like(one.flow)
    last = one.flow.shape[1] - 1
    out[:, last] = ((1 - delta) * one.flow[:, last] + caught[:, last]) / (1 - z[:, last])
    for r in range(last - 1, -1, -1):
        d = path.periods[:, since + r]
        each = (1 - delta) * (one.flow[:, r] + path.side[:, since + r, i]) + caught[:, r]
        out[:, r] = each * geometric(z[:, r], d) + z[:, r] ** d * (out[:, r + 1] - share * one.spent[:, r])
    return out
