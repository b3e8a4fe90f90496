"""Why no order can hold: a set of states that every order passes, in each of which some party gains by leaving.

Going on is worth in every state what it is worth at most. If the widest path is too narrow, the states that can be
reached over wider ones never contain the target; the states one step outside them are the *cut*. Every order passes
one of them, and none of them is wider than the widest path. Where one state alone will do (the status quo, or the
target), the cut is that state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.plan.bottleneck import filled, spare, staged
from detente.plan.edges import Links, into, paying, widest_links
from detente.plan.edges import links_of as all_links
from detente.plan.edges import shares as link_shares
from detente.plan.problem import TIED, Bools, Cell, Floats, Problem, Step
from detente.plan.spread import Bytes, Movers, Moves
from detente.plan.verify import check


@dataclass(frozen=True, eq=False)
class Cut:
    """States of which every order passes one.

    Attributes:
        cut: those states as cells, shape (states, axes). Where parts can be withheld or balances are owed, no step into
            them from the states reached leaves enough.
        reached: how many states can be reached without passing one.
        cell: the one of them where most is left (ties: the first).
        party: who is left the least there.
        largest: the share of its stake that it is left, at most: no order's smallest share is larger.
        optimistic: whether going on was given its largest worth over all orders, so that the truth may be worse.
    """

    cut: NDArray[np.int64]
    reached: int
    cell: Cell
    party: str
    largest: float
    optimistic: bool


def proof_of(problem: Problem) -> Cut | None:
    """The proof that no order of a problem holds.

    Args:
        problem: what is planned.

    Returns:
        None if there is no such proof: some order holds, or fails for what is left out here (concealment before
        the target, the deadline, and if discounted what is withheld), or is not proven to fail within the limits.
    """
    if problem.patient:
        linked = len(set(problem.lattice.owners)) > 1 and problem.together
        if linked or problem.transfers > 0:
            return _among_links(problem)
        rows = spare(problem)
        shares = np.array([rows.of(i) for i in range(len(rows))])
        shares.reshape(len(rows), -1)[:, -1] = kept(problem)
        return cut_of(problem, shares, optimistic=False)
    from detente.plan.bounds import start

    try:
        high = start(problem).high
    except LimitReached:
        return None
    return cut_of(problem, optimistic_shares(problem, high), optimistic=True)


def optimistic_shares(problem: Problem, high: Floats) -> Floats:
    """The share of each party at every cell if going on is worth its most there, shape (n, *shape).

    Args:
        problem: what is planned.
        high: the largest worth of going on before the target, shape (n, cells) or (n, *shape).
    """
    n = len(problem.parties)
    value = np.array(high, dtype=np.float64).reshape(n, -1)
    if problem.transfers > 0 and problem.money is not None:
        value += (np.nan_to_num(problem.money) * problem.transfers)[:, None]
    leaving = problem.walk.reshape(n, -1).copy()
    leaving[:, 0] = np.maximum(leaving[:, 0], problem.disagreement)
    with np.errstate(invalid="ignore"):  # where both are -inf nobody pauses
        rooms = np.where(np.isneginf(value), -np.inf, value - leaving) / problem.stake[:, None]
    rooms[:, -1] = kept(problem)
    return np.asarray(rooms).reshape(n, *problem.lattice.shape)


def kept(problem: Problem) -> Floats:
    """The share that the target itself leaves each party, pretences since the status quo included, shape (n,).

    It is the same in every order, but for parts withheld in the last step and pretences from later pauses.

    Args:
        problem: what is planned.
    """
    lattice = problem.lattice
    owners = tuple(dict.fromkeys(lattice.owners))
    found = check(problem, [Step(lattice.origin, lattice.target, owners, atomic=True, periods=1)])
    return np.asarray(found.shares[-1])


def cut_of(problem: Problem, shares: Floats, *, optimistic: bool) -> Cut | None:
    """The proof that no order holds from what each pause leaves each party at most.

    Args:
        problem: what is planned; its steps and the smallest share accepted are used.
        shares: at most what a pause leaves of each party's stake, shape (n, *shape).
        optimistic: whether that may be more than the truth.

    Returns:
        None if some way leaves enough everywhere, or there is no way at all.
    """
    lattice, moves = problem.lattice, _any_steps(problem)
    cap = shares.min(axis=0)
    cap[~lattice.feasible] = -np.inf
    origin, end = lattice.origin, lattice.target
    if cap[end] == -np.inf:
        return None
    best = min(staged(cap, lambda classes: filled(moves, classes)), float(cap[end]))
    if best == -np.inf or best >= problem.margin - TIED:
        return None
    wide = cap > best + TIED
    reached = filled(moves, wide.astype(np.uint8))
    if not wide[origin]:
        cells = np.array([origin])
    elif not wide[end]:
        cells = np.array([end])
    else:
        cells = np.argwhere(_outside(moves, reached) & (cap > -np.inf))
    widest = int(np.argmax(cap[tuple(cells.T)]))
    cell = tuple(int(x) for x in cells[widest])
    party = problem.parties[int(np.argmin([row[cell] for row in shares]))]
    return Cut(cells, int(reached.sum()), cell, party, float(cap[cell]), optimistic)


def crosses(cut: Cut, cells: list[Cell]) -> bool:
    """Whether a plan pauses in the cut.

    Args:
        cut: a proof.
        cells: the pauses of the plan.
    """
    return any((cut.cut == cell).all(axis=1).any() for cell in cells)


def _any_steps(problem: Problem) -> Moves:
    """The steps of a problem, several parties being free to move at once if they ever may."""
    moves = Moves.of(replace(problem, escrow=False))
    if not problem.together and not problem.escrow:
        return moves
    return replace(moves, movers=(Movers(tuple(range(len(moves.shape)))),))


def _outside(moves: Moves, reached: Bytes) -> Bools:
    """The cells one step outside those reached."""
    out = np.zeros(moves.shape, np.bool_)
    for movers in moves.movers:
        out |= moves.spread(reached, movers) > reached
    return out


# --- where steps count -----------------------------------------------------------------------------------------------


def _among_links(problem: Problem) -> Cut | None:
    """The same over listed steps: what is left at both ends of a step, balances at their best."""
    try:
        links = all_links(problem)
    except LimitReached:
        return None
    both = replace(links, spare=np.minimum(links.spare, links.ending), ending=np.full_like(links.ending, np.inf))
    rows, last = spare(problem), problem.lattice.feasible.size - 1
    left = kept(problem)  # no balance counts there
    share = link_shares(problem, both, None)
    share = np.where(links.end == last, np.minimum(share, left.min()), share)
    best = widest_links(last + 1, links, share)
    if best == -np.inf or best >= problem.margin - TIED:
        return None
    reached = _reached(last + 1, links, share > best + TIED)
    crossing = np.flatnonzero(reached[links.start] & ~reached[links.end])
    step = int(crossing[np.argmax(share[crossing])])
    cells, party = np.unique(links.end[crossing]), both.spare[step] / problem.stake
    first = np.array([rows.of(i)[problem.lattice.origin] for i in range(len(rows))])
    if not paying(problem).any() and first.min() <= best + TIED:
        cells, party, reached[0] = np.array([0]), first, False
    elif left.min() <= best + TIED:
        cells, party = np.array([last]), left
    cell = int(links.end[step]) if len(cells) > 1 else int(cells[0])
    shape = problem.lattice.shape
    return Cut(
        np.stack(np.unravel_index(cells, shape), axis=1).astype(np.int64),
        int(reached.sum()),
        tuple(int(x) for x in np.unravel_index(cell, shape)),
        problem.parties[int(np.argmin(party))],
        best,
        optimistic=False,
    )


def _reached(size: int, links: Links, wide: Bools) -> Bools:
    """The cells reached over some steps; these are sorted by the cell they lead to."""
    out = np.zeros(size, np.bool_)
    out[0] = True
    for a, b in into(links.end):
        out[links.end[a]] = (out[links.start[a:b]] & wide[a:b]).any()
    return out
