"""Repairs that rewrite the case or the order: stickier and reversible options, escrow, splits, smaller targets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from detente.plan.first_tests import first_tests
from detente.plan.levers import with_escrow, with_split
from detente.plan.mending import Bench, Edits, Repair, in_time, step_between
from detente.plan.problem import TIED, Cell, Order, Problem, Step
from detente.plan.smallest import Mended, planned, shares

PARTS = (2, 3, 4)  # into how many a step is split
MOST_SPLITS = 8  # moves that are tried


def stickier(bench: Bench) -> Iterator[Repair]:
    """What a party that is short gives, made harder to take back: the fewest levels of one option, or else of all."""
    for party in bench.short:
        raised, alone = _raised(bench, party), False
        for option in raised:
            for edits in _more_irreversible(bench, option):
                mended = _rebuilt(bench, edits)
                if mended is not None:
                    alone = True
                    yield bench.repair("irreversible", mended, party=party, option=option, edits=edits)
                    break
        everything = tuple(e for o in raised for e in [*_more_irreversible(bench, o)][-1:])
        if len(everything) > 1 and not alone:
            yield from _as_one(bench, "irreversible", party, tuple(e for edits in everything for e in edits))


def reversible(bench: Bench) -> Iterator[Repair]:
    """What the others give, made possible to take back: one irreversible option, or else all of a party's."""
    for party in bench.problem.parties:
        if set(bench.short) == {party}:
            continue
        stuck, alone = [o for o in _raised(bench, party) if _frees(bench, o)], False
        for option in stuck:
            edits = _frees(bench, option)
            mended = _rebuilt(bench, edits)
            if mended is not None:
                alone = True
                yield bench.repair("reversible", mended, party=party, option=option, edits=edits)
        if len(stuck) > 1 and not alone:
            yield from _as_one(bench, "reversible", party, tuple(e for o in stuck for e in _frees(bench, o)))


def answered(bench: Bench) -> Iterator[Repair]:
    """A breach answered, where nobody would answer one."""
    mended = _rebuilt(bench, bench.facts.answer) if bench.facts.answer else None
    if mended is not None:
        yield bench.repair("answer", mended, edits=bench.facts.answer)


def smaller_target(bench: Bench) -> Iterator[Repair]:
    """The first of the smaller targets with which a plan holds."""
    for name, edits in bench.facts.targets:
        mended = _rebuilt(bench, edits)
        if mended is not None:
            yield bench.repair("target", mended, edits=edits, note=name)
            return


def escrow(bench: Bench) -> Iterator[Repair]:
    """The shortest stretch of the order that works as one step made all or nothing; else the best plan with escrow."""
    problem = bench.problem
    if problem.escrow or len(problem.parties) < 2:
        return
    safe = with_escrow(problem)
    mended = _one_atomic(safe, bench.order) or planned(safe, bench.find)
    if mended is not None and any(s.atomic for s in mended.order.steps):
        yield bench.repair("escrow", mended, amount=float(sum(s.atomic for s in mended.order.steps)))


def splits(bench: Bench) -> Iterator[Repair]:
    """Steps at the tightest pause split by new levels: the fewest parts that work, for each option moved there."""
    lattice = bench.problem.lattice
    for axis, position in _jumps(bench)[:MOST_SPLITS]:
        # Four parts can do all that two can: if they do not help, two are not tried.
        finest = planned(with_split(bench.problem, axis, position, PARTS[-1]), bench.find, PARTS[-1])
        if finest is None:
            continue
        for parts in PARTS:
            split = with_split(bench.problem, axis, position, parts)
            mended = finest if parts == PARTS[-1] else planned(split, bench.find, parts)
            if mended is not None:
                yield bench.repair(
                    "split",
                    mended,
                    party=lattice.owners[axis],
                    option=lattice.options[axis],
                    amount=float(parts),
                    note="needs a new level, whose worth, cost and time are assumed to lie on the straight line",
                )
                break


def _jumps(bench: Bench) -> list[tuple[int, int]]:
    """Moves between neighbouring levels next to the tightest pause, those that are a whole step of an option first."""
    pause, steps = bench.pause, bench.order.steps
    if pause is None:
        return []
    whole: list[tuple[int, int]] = []
    parts: list[tuple[int, int]] = []
    for step in steps[max(pause - 1, 0) : pause + 1]:
        for axis, (low, high) in enumerate(zip(step.before, step.after, strict=True)):
            (whole if high == low + 1 else parts).extend((axis, position) for position in range(low, high))
    return whole + parts


def reordered(bench: Bench) -> Iterator[Repair]:
    """The best order, where the one given is another that does not hold."""
    mended = planned(bench.problem, bench.find)
    if mended is not None:
        yield bench.repair("order", mended)


def earlier(bench: Bench) -> Iterator[Repair]:
    """Verification moved forward in the order given, each option by as little as works."""
    lattice, steps = bench.problem.lattice, bench.order.steps
    for axis, option in enumerate(lattice.options):
        if option not in bench.facts.verification:
            continue
        first = next((n for n, s in enumerate(steps) if s.after[axis] > s.before[axis]), 0)
        for place in range(first - 1, -1, -1):
            mended = _judged(bench.problem, _moved(bench.problem, steps, axis, place))
            if mended is not None:
                yield bench.repair(
                    "earlier", mended, party=lattice.owners[axis], option=option, amount=float(place + 1)
                )
                break


def _moved(problem: Problem, steps: tuple[Step, ...], axis: int, place: int) -> list[tuple[Cell, bool]]:
    """The pauses after each step if an axis goes all its way in a step of its own before step ``place``."""
    top = problem.lattice.target[axis]
    cells = [(steps[0].before, False)] + [(s.after, s.atomic) for s in steps]
    late = [((*c[:axis], top, *c[axis + 1 :]), atomic) for c, atomic in cells[place:]]
    return [*cells[: place + 1], (late[0][0], False), *late[1:]]


def _judged(problem: Problem, pauses: list[tuple[Cell, bool]]) -> Mended | None:
    """The plan with given pauses, if it is permitted and holds."""
    steps = tuple(
        step_between(problem, before, after, atomic=atomic)
        for (before, _), (after, atomic) in pairwise(pauses)
        if before != after
    )
    if not in_time(problem, steps) or not all(problem.lattice.feasible[s.after] for s in steps):
        return None
    if not first_tests(problem).starts(problem):
        return None
    found = shares(problem, Order(steps, None, proven=True, bound=np.inf, method="written"))
    order = Order(steps, None, proven=True, bound=float(found[:-1].min()), method="written")
    return Mended(0.0, problem, order, found) if found.min() >= problem.margin - TIED else None


def _one_atomic(problem: Problem, order: Order) -> Mended | None:
    """The order with its shortest stretch of steps that works as one atomic step (ties: the largest interior)."""
    steps = order.steps
    for length in range(1, len(steps) + 1):
        found = []
        for n in range(len(steps) - length + 1):
            cells = [(s.after, s.atomic) for s in steps]
            joined = [(steps[0].before, False), *cells[:n], (cells[n + length - 1][0], True), *cells[n + length :]]
            mended = _judged(problem, joined)
            if mended is not None and any(s.atomic for s in mended.order.steps):
                found.append(mended)
        if found:
            return max(found, key=lambda m: m.order.bound)
    return None


def _raised(bench: Bench, party: str) -> list[str]:
    """Options of a party whose levels a plan raises."""
    lattice = bench.problem.lattice
    return [
        lattice.options[a]
        for a in lattice.axes_of(party)
        if lattice.options[a] in bench.facts.options and lattice.levels[a][-1] > lattice.levels[a][0]
    ]


def _more_irreversible(bench: Bench, option: str) -> Iterator[Edits]:
    """Edits that make ever more of the levels that a plan reaches irreversible, from the target's downward."""
    lattice, written = bench.problem.lattice, bench.facts.options[option]
    levels = lattice.levels[lattice.options.index(option)]
    if written.moves == "up":
        return
    stuck = set(written.irreversible)
    for number in reversed(levels[1:]):
        if written.levels[number] not in stuck:
            stuck.add(written.levels[number])
            yield ((("options", option, "irreversible"), [v for v in written.levels if v in stuck]),)


def _frees(bench: Bench, option: str) -> Edits:
    """Edits that make every level that a plan reaches possible to leave; none if they are already."""
    lattice, written = bench.problem.lattice, bench.facts.options[option]
    reached = {written.levels[n] for n in lattice.levels[lattice.options.index(option)][1:]}
    edits: list[tuple[tuple[str, ...], Any]] = []
    if written.moves == "up":
        edits.append((("options", option, "moves"), "both"))
    if reached & set(written.irreversible):
        edits.append((("options", option, "irreversible"), [v for v in written.irreversible if v not in reached]))
    return tuple(edits)


def _as_one(bench: Bench, lever: str, party: str, edits: Edits) -> Iterator[Repair]:
    """All options of a party changed at once, where that works."""
    mended = _rebuilt(bench, edits)
    if mended is not None:
        yield bench.repair(lever, mended, party=party, edits=edits)


def _rebuilt(bench: Bench, edits: Edits) -> Mended | None:
    """The plan of a changed case, if it holds."""
    problem = bench.rebuild(edits)
    return None if problem is None else planned(problem, bench.find)
