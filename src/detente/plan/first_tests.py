"""Three tests before any order is sought: the work fits the time, the target holds, everyone gains by starting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from detente.plan.problem import TIED, Floats, Problem, Step
from detente.plan.verify import Checked, check, duration


@dataclass(frozen=True, slots=True)
class Physical:
    """Whether the work fits the time.

    Attributes:
        parties: whole periods that each owner of options that change needs: its longest option.
        needs: whole periods of all: the sum over owners, or the longest where several may move at once.
        deadline: whole periods there are, or None.
    """

    parties: Mapping[str, int]
    needs: int
    deadline: int | None

    @property
    def fits(self) -> bool | None:
        """Whether there is time enough; None without a deadline."""
        return None if self.deadline is None else self.needs <= self.deadline


@dataclass(frozen=True, eq=False)
class FirstTests:
    """The three tests of a problem.

    Attributes:
        physical: does the work fit the deadline.
        start: what each party gains by the target over having no deal, once-costs counted, per period, shape (n,).
        target: value of keeping the target minus that of the best way out of it, shape (n,).
        at_target: the target judged as if it had been reached at once; its last pause tells the ways out.
    """

    physical: Physical
    start: Floats
    target: Floats
    at_target: Checked

    def starts(self, problem: Problem) -> bool:
        """Whether nobody loses by the target and somebody gains."""
        shares = self.start / problem.stake
        return bool((shares >= -TIED).all() and (shares > TIED).any())

    def self_enforcing(self, problem: Problem) -> bool:
        """Whether every party would keep the target, by the smallest margin accepted at least."""
        return bool((self.target / problem.stake >= problem.margin - TIED).all())


def first_tests(problem: Problem) -> FirstTests:
    """The three tests; none needs an order.

    Concealment at the target is judged for options that truly stand at the status quo: every order has been there.

    Args:
        problem: what is planned.
    """
    lattice = problem.lattice
    movers = tuple(dict.fromkeys(lattice.owners))
    periods = duration(problem, lattice.origin, lattice.target)
    found = check(problem, (Step(lattice.origin, lattice.target, movers, atomic=True, periods=periods),))
    costs = np.array([sum(problem.cost[a].sum() for a in lattice.axes_of(p)) for p in problem.parties])
    at_target = problem.flow.reshape(len(problem.parties), -1)[:, -1]
    start = at_target - (1 - problem.discount) * costs - problem.disagreement
    return FirstTests(physical(problem), start, found.margins[-1], found)


def physical(problem: Problem) -> Physical:
    """Whether the work fits the deadline."""
    lattice = problem.lattice
    needed = {
        party: max(
            problem.step, *(ceil(float(problem.takes[a][1:].sum()) - TIED) for a in lattice.axes_of(party))
        )
        for party in dict.fromkeys(lattice.owners)
    }  # fmt: skip
    at_once = problem.together or problem.escrow
    return Physical(needed, (max if at_once else sum)(needed.values()), problem.deadline)
