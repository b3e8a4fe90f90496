"""Plans of cases too large to list in any way: the numbers along one order, and a search that proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.case.meaning import options_in
from detente.case.model import Case
from detente.mechanics.breakdown import Leaving, Levels
from detente.mechanics.flows import Grid
from detente.mechanics.leaving import climbed, most_moves
from detente.mechanics.milp import Deadline
from detente.mechanics.payoffs import disagreement_by_worth
from detente.plan.along import Along
from detente.plan.build import deadline_of
from detente.plan.judged import steps_of
from detente.plan.large import stake_of, terms_of, way_to, worth_of
from detente.plan.nearby import Nearby, Pauses, scores
from detente.plan.problem import Cell, Floats, Lattice, Order, Problem, Step
from detente.plan.tables import Sum, Tables
from detente.plan.terms import Terms
from detente.plan.verify import Checked, duration, judge, spelled
from detente.space.masks import mask
from detente.space.space import Space

MOST_MOVES = 1_000_000  # own moves of a party that are all looked at
NOTHING = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Outline:
    """A planning problem of which nothing is listed: numbers are worked out at the states that an order visits.

    Attributes:
        problem: its lattice, its parties and its plain numbers; what ``Problem`` has for every state is empty.
        terms: of the case.
        known: numbers that have been worked out.
        rough: parties some of whose moves were too many to look at: what leaving is worth to them may be more.
    """

    problem: Problem
    terms: Terms
    known: dict[Any, Floats] = field(default_factory=dict)
    rough: set[str] = field(default_factory=set)

    def check(self, steps: Sequence[Step], side: Floats | None = None) -> Checked:
        """Judge an order.

        Args:
            steps: from the status quo to the target.
            side: side payments, as the verifier takes them.
        """
        path = _Point(self, tuple(steps)).values(side)
        return spelled(path, self.problem.parties, steps)

    def worth(self, cell: Cell) -> Floats:
        """What every party has per period at a cell, shape (n,)."""
        here = Grid(self.problem.lattice.state(cell), (), ())
        return np.array([float(self.terms.flow(p, here)[0]) for p in self.problem.parties])

    def pausable(self, cell: Cell) -> bool:
        """Whether the parties may pause at a cell."""
        lattice = self.problem.lattice
        digits = Grid(lattice.state(cell), (), ()).digits()
        moved = set(lattice.positions)
        rules = Space.of(self.terms.case).infeasible
        return not any(bool(mask(rule, digits)[0]) for rule in rules if options_in(rule) & moved)

    @property
    def at_once(self) -> tuple[Step, ...]:
        """The target as if it were reached at once."""
        lattice = self.problem.lattice
        movers = tuple(dict.fromkeys(lattice.owners))
        whole = duration(self.problem, lattice.origin, lattice.target)
        return (Step(lattice.origin, lattice.target, movers, atomic=True, periods=whole),)


def outline_of(case: Case, target: Levels) -> Outline:
    """The outline of a target.

    Args:
        case: the case, with a utility for every party that counts.
        target: level numbers, one per option.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo, a target that cannot be reached, or a party without a utility.
    """
    way = way_to(case, target)
    options, levels, parties = way.options, way.levels, way.parties
    terms = terms_of(case, way.today, parties)
    worths = {p: worth_of(case, p) for p in parties}
    nothing = disagreement_by_worth(case, worths)
    money = [case.file.parties[p].money for p in parties]
    rows = list(zip(options, levels, strict=True))
    empty, n, plan = np.zeros((len(parties), 0)), len(parties), terms.plan
    problem = Problem(
        lattice=Lattice(options, way.owners, levels, way.today, way.positions, np.zeros(0, bool)),
        parties=parties,
        stake=np.array([float(stake_of(case, p, worths[p], nothing[p], target)) for p in parties]),
        discount=np.array([float(terms.discount[p][0]) for p in parties]),
        disagreement=np.array([float(nothing[p]) for p in parties]),
        flow=empty,
        walk=empty,
        snapped=empty,
        breach=empty,
        alarm=np.full(1, float(case.mean(plan.false_alarm.default))),
        accused=empty,
        cost=tuple(terms.along("costs", o, row)[0] for o, row in rows),
        takes=tuple(terms.along("takes", o, row)[0] for o, row in rows),
        caught={a: NOTHING for a, o in enumerate(options) if terms.caught(o, Grid(way.today, (), ())) is not None},
        step=int(case.mean(plan.step)),
        deadline=deadline_of(case),
        patient=plan.values == "patient",
        together=plan.together,
        escrow=plan.escrow,
        transfers=float(case.mean(plan.transfers)),
        money=np.array([np.nan if m is None else float(case.mean(m)) for m in money]) if n else None,
        margin=float(case.mean(plan.margin)),
    )
    return Outline(problem, terms)


class _Point(Along):
    """The numbers along one order of an outline, at point values."""

    def __init__(self, outline: Outline, steps: tuple[Step, ...]) -> None:
        super().__init__(outline.terms, outline.problem, steps, outline.known)
        self.outline = outline

    def nothing(self, party: str) -> Floats:
        """What a party has without a deal."""
        return self.problem.disagreement[[self.parties.index(party)]]

    def stake(self, party: str, target: Floats, nothing: Floats) -> Floats:
        """What is at stake for a party."""
        del target, nothing
        return self.problem.stake[[self.parties.index(party)]]

    def walk(self, party: str, cell: Cell) -> Floats:
        """Best way out of a cell; where a party has too many moves, the best that small changes of one lead to."""
        terms, here = self.terms, Grid(self.lattice.state(cell), (), ())
        outside = terms.outside(party, here)
        answered = terms.rules.answered
        flow = terms.flows[party]
        if (
            not terms.rules.owns(party)
            or most_moves(flow, terms.rules, here, whole=answered and outside is not None) <= MOST_MOVES
        ):
            return terms.walk(party, here)
        self.outline.rough.add(party)
        lag = terms.lag(party, here) if answered else None
        value = climbed(
            flow, terms.rules, here.fixed, Leaving(terms.discount[party], lag, outside if answered else None)
        )
        value = value if outside is None else np.maximum(value, outside)
        return value - terms.breach(party, here)


# --- the search ------------------------------------------------------------------------------------------------------


class _Rough(Nearby):
    """Small changes to a plan where nothing is listed: every plan is judged by itself."""

    def __init__(self, outline: Outline, horizon: int, deadline: Deadline) -> None:
        super().__init__(_plain(outline.problem), horizon)
        self.outline, self.deadline, self.judged = outline, deadline, 0

    def steps(self, plan: Pauses) -> tuple[Step, ...]:
        """The steps between some pauses; those of several parties all or nothing where that can be had."""
        return steps_of(self.tables, plan, [self.tables.escrow] * (len(plan) - 1))

    def _pausable(self, cell: Cell) -> bool:
        return self.outline.pausable(cell)

    def _scores(self, plans: list[Pauses]) -> list[tuple[float, ...]]:
        """As for other plans; what there is no time for is worse than anything."""
        out: list[tuple[float, ...]] = []
        for plan in plans:
            if self.judged and self.deadline.left <= 0:
                out.append((-np.inf,))
                continue
            self.judged += 1
            steps = self.steps(plan)
            shares = judge(_Point(self.outline, steps).values(None)).shares
            out += scores(shares, np.array([sum(s.periods for s in steps)]), self.tables.margin)
        return out

    def _climbed(self, plan: Pauses, deadline: Deadline) -> tuple[Pauses, tuple[float, ...]]:
        """As for other plans, but the first change that makes a plan better is made: judging one takes long."""
        (top,) = self._scores([plan])
        better = True
        while better and deadline.left > 0:
            better = False
            near = sorted({p for p in self._changes(plan) if p != plan})
            self._random.shuffle(near)
            for other in near:
                if deadline.left <= 0:
                    break
                if not self._permitted(other):
                    continue
                (worth,) = self._scores([other])
                if worth > top:
                    plan, top, better = other, worth, True
                    break
        return plan, top


def rough_order(outline: Outline, seconds: float) -> Order:
    """The best order that small changes lead to; nothing is proven of it.

    Args:
        outline: what is planned, without side payments.
        seconds: when to stop; one order is judged in any case.
    """
    tables = _plain(outline.problem)
    steps = sum(n - 1 for n in tables.shape)
    most = steps if tables.deadline is None else min(steps, tables.deadline // tables.step)
    if most < 1:
        return Order((), None, proven=True, bound=-np.inf, method="nearby")
    deadline = Deadline(seconds)
    search = _Rough(outline, most, deadline)
    found = search.best(deadline)
    if found is None:
        return Order((), None, proven=False, bound=np.inf, method="nearby")
    return Order(search.steps(found), None, proven=False, bound=np.inf, method="nearby")


def _plain(problem: Problem) -> Tables:
    """A problem as the search reads it, without any number that depends on the state."""
    lattice, n = problem.lattice, len(problem.parties)
    nothing: tuple[Sum, ...] = (Sum(),) * n
    return Tables(
        parties=problem.parties,
        stake=problem.stake,
        discount=problem.discount,
        disagreement=problem.disagreement,
        money=np.full(n, np.nan) if problem.money is None else problem.money,
        shape=lattice.shape,
        owners=lattice.owners,
        clusters=tuple((a,) for a in range(len(lattice.shape))),
        feasible=tuple(np.ones(k, bool) for k in lattice.shape),
        flow=nothing,
        breach=nothing,
        walk=tuple((s,) for s in nothing),
        snapped=tuple((s,) for s in nothing),
        accused=tuple((s,) for s in nothing),
        alarm=Sum(),
        caught={},
        cost=problem.cost,
        takes=problem.takes,
        step=problem.step,
        deadline=problem.deadline,
        patient=problem.patient,
        together=problem.together,
        escrow=problem.escrow,
        margin=problem.margin,
    )
