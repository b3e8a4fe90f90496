"""The best order where going on is worth the same whatever the order: the widest path through the lattice.

Every pause has a *cap*: the smallest share of the stake by which going on beats walking away there. The smallest share
of a plan is the smallest cap it pauses at, so the best plan is a widest path. The caps that can be the answer are put
into 254 classes, one byte each; running maxima over the whole lattice say in which class the answer lies; that class is
divided again, until it holds one number. Then the quickest way over the cells that are wide enough is the plan.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.plan.problem import TIED, Cell, Floats, Order, Problem, Step
from detente.plan.spread import Bytes, Moves, quickest, raised

CLASSES = 254
TINY = 1e-300
Search = Callable[[Bytes], Bytes]


def patient_order(problem: Problem) -> Order:
    """The best order of a patient problem without concealment: the largest interior, then the quickest.

    Ties are broken by the fewest periods, then steps, then atomic steps.

    Args:
        problem: what is planned.

    Returns:
        The order. Without any permitted way to the target: no steps and a bound of -inf. Side payments are balances:
        row t is what is still to be paid to each party while step t + 1 is made.

    Raises:
        ValueError: going on is not worth the same in every order.
        LimitReached: several parties move at once or pay each other, and there are too many steps to list.
    """
    if not problem.patient or problem.caught:
        raise ValueError("a discounted problem, or one with concealment, needs another search")
    paying = problem.transfers > 0 and problem.money is not None and np.isfinite(problem.money).sum() > 1
    if paying or (problem.together and len(set(problem.lattice.owners)) > 1):
        from detente.plan.edges import linked_order

        return linked_order(problem)
    moves, cap = Moves.of(problem), smallest(spare(problem))
    cap[~problem.lattice.feasible] = -np.inf
    share = widest(moves, cap, problem.deadline)
    if share == -np.inf:
        return Order((), None, proven=True, bound=-np.inf, method="bottleneck")
    return Order(_steps(problem, moves, cap, share), None, proven=True, bound=share, method="bottleneck")


def final(problem: Problem) -> Floats:
    """What keeping the target is worth to each party, false alarms counted, shape (n,)."""
    end = problem.lattice.target
    delta, a = problem.discount, float(problem.alarm[end])
    n = len(problem.parties)
    flow, accused = (table.reshape(n, -1)[:, -1] for table in (problem.flow, problem.accused))
    each = (1 - delta) * flow
    if a > 0:
        each = each + delta * a * accused
    return np.asarray(each / (1 - delta * (1 - a)))


class Shares:
    """The share of each party at every cell if going on is worth what the target is worth, one party at a time.

    Args:
        problem: what is planned.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.final = problem, final(problem)

    def __len__(self) -> int:
        return len(self.problem.parties)

    def of(self, i: int) -> Floats:
        """Of party number i, shape (*shape)."""
        p = self.problem
        out = (self.final[i] - p.walk[i]) / p.stake[i]
        origin = p.lattice.origin
        out[origin] = min(out[origin], (self.final[i] - p.disagreement[i]) / p.stake[i])
        return np.asarray(out)


def spare(problem: Problem) -> Shares:
    """Every party's share at every cell in the patient limit."""
    return Shares(problem)


def smallest(shares: Shares) -> Floats:
    """The smallest share at every cell, shape (*shape)."""
    cap = shares.of(0)
    for i in range(1, len(shares)):
        np.minimum(cap, shares.of(i), out=cap)
    return cap


def widest(moves: Moves, cap: Floats, deadline: int | None = None) -> float:
    """The largest smallest cap over the pauses of any plan, the target left out.

    Args:
        moves: the steps.
        cap: shape (*shape); -inf where the parties cannot pause. The target's does not count, unless it is -inf.
        deadline: most periods.

    Returns:
        -inf if there is no plan.
    """
    share = staged(cap, lambda classes: filled(moves, classes))
    if deadline is None or share == -np.inf or _in_time(moves, cap, share, deadline):
        return share

    return staged(cap, lambda classes: filled_by(moves, classes, deadline))


def widest_by_units(cap: Floats) -> float:
    """The same where every step raises one option by one level.

    Args:
        cap: shape (*shape); -inf where the parties cannot pause.
    """
    return staged(cap, _by_units)


def _steps(problem: Problem, moves: Moves, cap: Floats, share: float) -> tuple[Step, ...]:
    """The quickest plan that is wide enough."""
    lattice = problem.lattice
    ways = quickest(moves, _wide(cap, share))
    out, before = list[Step](), lattice.origin
    for cell, movers in ways.path(lattice.target):
        out.append(step(problem, moves, (before, cell), atomic=movers.atomic))
        before = cell
    return tuple(out)


def step(problem: Problem, moves: Moves, ends: tuple[Cell, Cell], *, atomic: bool) -> Step:
    """A step between two cells, its movers in party order, others after them."""
    before, after = ends
    owners = problem.lattice.owners
    moved = [k for k in range(len(owners)) if after[k] > before[k]]
    order = dict.fromkeys([*problem.parties, *owners])
    movers = tuple(p for p in order if any(owners[k] == p for k in moved))
    lasts = max(int(moves.needs[k][before[k], after[k]]) for k in moved)
    return Step(before, after, movers, atomic and len(movers) > 1, lasts)


def _wide(cap: Floats, share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where a plan with this smallest share can pause."""
    out = cap >= share - TIED
    end = tuple(n - 1 for n in cap.shape)
    out[end] = cap[end] > -np.inf
    return np.asarray(out)


def _in_time(moves: Moves, cap: Floats, share: float, deadline: int) -> bool:
    periods = quickest(moves, _wide(cap, share)).periods(tuple(n - 1 for n in cap.shape))
    return periods is not None and periods <= deadline


# --- the answer, class by class --------------------------------------------------------------------------------------


def staged(cap: Floats, search: Search) -> float:
    """The widest path's smallest cap, found by dividing the caps into classes again and again.

    Args:
        cap: shape (*shape); the target's does not count, unless it is -inf.
        search: from the class of every cell (0 = cannot be used) to the largest class in which each is reached over
            cells of that class or higher ones.
    """
    origin, end = (0,) * cap.ndim, tuple(n - 1 for n in cap.shape)
    high = float(cap[origin])
    if high == -np.inf or cap[end] == -np.inf:
        return -np.inf
    classes = _evenly(cap, high)
    while True:
        classes[end] = CLASSES + 1
        reached = search(classes)
        found = int(reached[end])
        if not found:
            return -np.inf
        classes[end] = 0
        inside = np.flatnonzero((classes == found) & (reached == found))
        values = np.minimum(cap.reshape(-1)[inside], high)  # no cap above the status quo's matters
        distinct = np.unique(values)
        if len(distinct) == 1:
            return float(distinct[0])
        # All above are as good as any; all below, or reached over some that are below, are of no use; the ranks inside
        # are the new classes.
        ranks = np.searchsorted(distinct, values)
        table = np.where(np.arange(256) > found, CLASSES + 1, 0).astype(np.uint8)
        classes = table[classes]
        classes *= reached >= found
        classes.reshape(-1)[inside] = 1 + ranks * CLASSES // len(distinct)


def _evenly(cap: Floats, high: float) -> Bytes:
    """Classes of equal width up to a cap, 1 to CLASSES; 0 where the parties cannot pause, the highest above."""
    low = float(np.min(cap, where=cap > -np.inf, initial=high))
    if high - low < TINY:
        return np.where(cap >= low, np.uint8(1), np.uint8(0))
    out = cap - low
    out *= (CLASSES - 1) / (high - low)
    out += 1
    np.clip(out, 0, CLASSES, out=out)
    return out.astype(np.uint8)


def filled(moves: Moves, classes: Bytes) -> Bytes:
    """The highest class in which each cell is reached over cells of that class or higher ones, in any time.

    Args:
        moves: the steps.
        classes: of every cell, 0 = cannot be used.
    """
    now = _start(classes)
    still, turn = 0, 0
    while still < len(moves.movers):
        new = moves.spread(now, moves.movers[turn])
        np.minimum(new, classes, out=new)
        still = still + 1 if np.array_equal(new, now) else 1  # its own turn again would change nothing
        now, turn = new, (turn + 1) % len(moves.movers)
    return now


def filled_by(moves: Moves, classes: Bytes, deadline: int) -> Bytes:
    """The same by a deadline."""
    history = [_start(classes)]
    longest = moves.lasting[-1]
    for period in range(1, deadline + 1):
        new = history[-1].copy()
        for lasts in moves.lasting:
            if lasts > period:
                break
            for movers in moves.movers:
                np.maximum(new, moves.spread(history[-lasts], movers, lasts), out=new)
        np.minimum(new, classes, out=new)
        history.append(new)
        del history[: -longest - 1]
        if len(history) > longest and all(np.array_equal(new, old) for old in history[:-1]):
            break
    return history[-1]


def _by_units(classes: Bytes) -> Bytes:
    """The same in steps of one level of one option."""
    now = _start(classes)
    while True:
        before = now.copy()
        for axis, levels in enumerate(classes.shape):
            for here in range(1, levels):
                raised(now, axis, (here - 1, here), classes)
        if np.array_equal(now, before):
            return now


def _start(classes: Bytes) -> Bytes:
    out = np.zeros_like(classes)
    origin = (0,) * classes.ndim
    out[origin] = classes[origin]
    return out
