"""What a repair of a plan is, and what is needed to look for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.plan.problem import TIED, Cell, Floats, Order, Problem, Step
from detente.plan.smallest import Find, Mended
from detente.plan.verify import binding, duration

Edits = tuple[tuple[tuple[str, ...], Any], ...]
Rebuild = Callable[[Edits], Problem | None]


@dataclass(frozen=True, slots=True)
class Option:
    """What the case says of an option that a plan changes.

    Attributes:
        levels: names, lowest first.
        irreversible: those that are never gone below.
        moves: both | up | down.
    """

    levels: tuple[str, ...]
    irreversible: tuple[str, ...] = ()
    moves: str = "both"


@dataclass(frozen=True, eq=False)
class Facts:
    """What repairs need to know of the case behind a problem; what is left out is not tried.

    Attributes:
        lag: periods before a breakdown is answered, per culprit.
        options: id -> the option.
        targets: smaller targets to try, the best first: what to call it and the edits that make it the target.
        answer: edits with which a breach is answered; none where it is already.
        verification: ids of options that are verification (access, inspection).
    """

    lag: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    targets: Sequence[tuple[str, Edits]] = ()
    verification: Sequence[str] = ()
    answer: Edits = ()


@dataclass(frozen=True, eq=False)
class Repair:
    """A change with which a plan holds.

    Attributes:
        lever: breach_cost | breach_costs | payment | detection | lag | irreversible | reversible | escrow | split |
            answer | target | order | earlier.
        party: whose breach cost, income, lag or option it is; None where nobody's.
        option: the option meant; None where none or all.
        payer: for a payment between parties: who pays.
        amount: breach cost or payment: per period, on the party's own scale; detection: chance per period; lag:
            periods; split: parts of the old step; escrow: atomic steps; earlier: the step. None where there is none.
        amounts: breach costs of several parties: party -> amount.
        once: the same as one sum at the start; None where not paid.
        money: the payment per period in money; None where its worth is not known.
        price: what it costs as a share of the stake (payments, breach costs), else None; several parties: the sum.
        edits: the change of the case that does it; empty where none can say it: a payment for as long as somebody keeps
            to the plan, a new level, another order of steps.
        before: smallest margin of each party along the best order without it, as a share of the stake, shape (n,);
            nan without any order.
        after: the same along the order with it, shape (n,).
        harms: parties whose smallest margin is lower after it.
        binding: pause and party of the smallest margin after it.
        order: the plan that holds with it.
        problem: in which it holds.
        note: what a reader must know: assumptions, what is not proved.
    """

    lever: str
    order: Order
    problem: Problem
    before: Floats
    after: Floats
    harms: tuple[str, ...]
    binding: tuple[int, str]
    party: str | None = None
    option: str | None = None
    payer: str | None = None
    amount: float | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)
    once: float | None = None
    money: float | None = None
    price: float | None = None
    edits: Edits = ()
    note: str = ""


@dataclass(frozen=True, eq=False)
class Bench:
    """A plan that does not hold, and the means of trying something.

    Attributes:
        problem: the problem.
        order: its best order (or a written one).
        find: the search.
        rebuild: edits -> problem of the changed case; None if the change is not possible.
        facts: of the case.
        shares: margins of the order, shape (pauses, n); no pauses if there is no order.
    """

    problem: Problem
    order: Order
    find: Find
    rebuild: Rebuild
    facts: Facts
    shares: Floats

    @property
    def short(self) -> tuple[str, ...]:
        """Parties whose margin is too small somewhere, the worst off first; all without any order."""
        if not len(self.shares):
            return self.problem.parties
        low = self.shares.min(axis=0)
        some = np.flatnonzero(low < self.problem.margin - TIED)
        return tuple(self.problem.parties[i] for i in some[np.argsort(low[some], kind="stable")])

    @property
    def pause(self) -> int | None:
        """The pause of the smallest margin; None without any order."""
        return binding(self.shares)[0] if len(self.shares) else None

    def repair(self, lever: str, mended: Mended, **told: Any) -> Repair:
        """A repair from the plan that holds with it.

        Args:
            lever: as in ``Repair``.
            mended: the plan.
            told: further fields of ``Repair``.
        """
        n = len(self.problem.parties)
        before = self.shares.min(axis=0) if len(self.shares) else np.full(n, np.nan)
        after = np.full(n, np.nan)
        for i, party in enumerate(self.problem.parties):
            if party in mended.problem.parties:
                after[i] = mended.shares[:, mended.problem.parties.index(party)].min()
        harms = tuple(p for p, b, a in zip(self.problem.parties, before, after, strict=True) if a < b - TIED)
        told["note"] = "; ".join(
            t
            for t in (told.get("note", ""), "" if mended.exact else "less might do: not all orders could be tried")
            if t
        )
        pause, worst = binding(mended.shares)
        place = pause, mended.problem.parties[worst]
        return Repair(lever, mended.order, mended.problem, before, after, harms, place, **told)


def step_between(problem: Problem, before: Cell, after: Cell, *, atomic: bool = False) -> Step:
    """The step from one pause to another.

    Args:
        problem: for owners and durations.
        before, after: cells.
        atomic: whether a third party makes it all or nothing, if several parties move.
    """
    moved = [a for a in range(len(before)) if after[a] > before[a]]
    movers = tuple(p for p in dict.fromkeys((*problem.parties, *problem.lattice.owners)) if _moves(problem, p, moved))
    return Step(before, after, movers, atomic and len(movers) > 1, duration(problem, before, after))


def _moves(problem: Problem, party: str, axes: Sequence[int]) -> bool:
    """Whether a party owns one of some axes."""
    return any(problem.lattice.owners[a] == party for a in axes)


def in_time(problem: Problem, steps: Sequence[Step]) -> bool:
    """Whether some steps meet the deadline.

    Args:
        problem: for the deadline.
        steps: in order.
    """
    return problem.deadline is None or sum(s.periods for s in steps) <= problem.deadline
