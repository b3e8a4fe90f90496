"""Parts of the answer of ``plan``: written steps on the lattice, ways out, and who would answer them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from detente.case.model import Case
from detente.plan.build import box_of
from detente.plan.explain import Explainer, Threat
from detente.plan.problem import TIED, Floats, Order, Problem, Step
from detente.plan.result import WayOut
from detente.plan.terms import Terms
from detente.plan.verify import Checked, check, duration, held_back
from detente.plan.written import WrittenPlan
from detente.space.states import StateSpace


def written_steps(problem: Problem, written: WrittenPlan) -> tuple[Step, ...]:
    """The steps of a written order, each as long as it physically needs."""
    cells = written.cells(problem.lattice)
    out = []
    for step, before, after in zip(written.steps, cells[:-1], cells[1:], strict=True):
        movers = tuple(dict.fromkeys(m.party for m in step.moves))
        out.append(Step(before, after, movers, step.escrow, duration(problem, before, after)))
    return tuple(out)


def written_side(problem: Problem, written: WrittenPlan) -> Floats | None:
    """The payments of a written order at every pause, shape (pauses, parties); None where nothing is paid."""
    if not any(step.side for step in written.steps):
        return None
    rows = [[step.side.get(p, 0.0) for p in problem.parties] for step in written.steps]
    return np.array([*rows, [0.0] * len(problem.parties)])


def ways_out(case: Case, explainer: Explainer, checked: Checked, pause: int) -> tuple[WayOut, ...]:
    """The best way out of every party at a pause."""
    return ways_out_by(case, explainer.problem, checked, pause, explainer)


def ways_out_by(
    case: Case, problem: Problem, checked: Checked, pause: int, explainer: Explainer | None
) -> tuple[WayOut, ...]:  # fmt: skip
    """The same; without an explainer it is not told how a party leaves."""
    steps, out = checked.steps, []
    cell = steps[pause - 1].after if pause else problem.lattice.origin
    for i, party in enumerate(problem.parties):
        kind, truth = checked.kinds[pause][i], checked.truths[pause][i]
        deviation = None
        if kind == "walk" and np.isposinf(checked.margins[pause, i]):
            kind = "none"
        elif kind == "walk" and explainer is None:
            kind = "leave"
        elif kind == "walk" and explainer is not None:
            deviation = explainer.at(cell, party)
            kind = deviation.kind
        elif kind == "withhold" and explainer is not None:
            deviation = explainer.at(held_back(problem.lattice, steps[pause - 1], party), party)
        margin = float(checked.margins[pause, i])
        told = {}
        for axis, position in truth or ():
            option = problem.lattice.options[axis]
            told[option] = case.file.options[option].levels[problem.lattice.levels[axis][position]]
        value = float(checked.values[pause, i]) - margin
        out.append(WayOut(party, kind, margin, float(checked.shares[pause, i]), value, deviation, told))
    return tuple(out)


def threats_along(explainer: Explainer, ways: tuple[tuple[WayOut, ...], ...]) -> Iterator[tuple[int, Threat]]:
    """Who would have to answer each breach, and whether it would want to; the pause first."""
    for pause, row in enumerate(ways):
        for way in row:
            if way.deviation is not None:
                for threat in explainer.threats(way.deviation):
                    yield pause, threat


def outside_offers(case: Case, states: StateSpace, problem: Problem) -> dict[str, float]:
    """Party -> what it can get elsewhere per period from today's state on, where that is written.

    Args:
        case: the case.
        states: its states.
        problem: what is planned.
    """
    terms = Terms.of(states, problem.lattice.start, problem.parties, case=case)
    box = box_of(problem.lattice)
    found = ((p, terms.outside(p, box)) for p in problem.parties)
    return {p: float(offer[0].flat[0]) for p, offer in found if offer is not None}


def without_vain_payments(problem: Problem, order: Order) -> Order:
    """An order without its side payments, where it is as good without them.

    Args:
        problem: what is planned.
        order: of a search.
    """
    if order.side is None or not order.steps:
        return order
    paid, bare = check(problem, order.steps, order.side), check(problem, order.steps)
    as_good = bare.interior >= paid.interior - TIED and bare.holds >= paid.holds
    return replace(order, side=None) if as_good else order
