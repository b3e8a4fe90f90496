"""The smallest amount of a lever with which some order holds, found by planning again a few times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from detente.plan.first_tests import first_tests
from detente.plan.problem import TIED, Floats, Order, Problem
from detente.plan.verify import gather, judge

Find = Callable[[Problem], Order]
Lever = Callable[[float], Problem]
CLOSE = 1e-7  # amounts are found to this share of their scale
SEARCHES = 40  # after so many the amount found is not proved to be the smallest
EXACT = 1e-11  # shares closer to 0 than that are 0 but for rounding


@dataclass(frozen=True, eq=False)
class Mended:
    """A plan that holds with a lever.

    Attributes:
        amount: of the lever.
        problem: with the lever.
        order: the plan.
        shares: its margins as shares of the stake, shape (pauses, n).
        exact: whether it is proved that no smaller amount does.
    """

    amount: float
    problem: Problem
    order: Order
    shares: Floats
    exact: bool = True


def shares(problem: Problem, order: Order) -> Floats:
    """Margins of an order as shares of the stake, shape (pauses, n).

    Args:
        problem: in which it is judged.
        order: with at least one step.
    """
    return np.asarray(judge(gather(problem, order.steps, order.side)).shares[0])


def starting(problem: Problem) -> Floats:
    """What the target, its once-costs counted, gives each more than no deal, as a share of the stake, shape (n,).

    Args:
        problem: any.
    """
    lattice = problem.lattice
    once = [sum(float(problem.cost[a].sum()) for a in lattice.axes_of(p)) for p in problem.parties]
    reached = np.array([flow[lattice.target] for flow in problem.flow])
    return np.asarray((reached - (1 - problem.discount) * np.array(once) - problem.disagreement) / problem.stake)


def spare(problem: Problem, order: Order, party: int | None = None) -> float:
    """How much the tightest margin of an order, or the gain of the target over no deal, exceeds what is asked.

    Args:
        problem: in which it is judged.
        order: with at least one step.
        party: the number of the one party that counts; None = all.

    Returns:
        A share of the stake; negative if the order does not hold or the target is not worth starting for.
    """
    who = slice(None) if party is None else party
    return min(float(shares(problem, order)[:, who].min()) - problem.margin, float(starting(problem)[who].min()))


def untried(problem: Problem) -> float:
    """What is spare before any order is tried: at the target, however it is reached, and of what it gives over no deal.

    Args:
        problem: any.
    """
    tests = first_tests(problem)
    return min(float((tests.target / problem.stake).min()) - problem.margin, float(starting(problem).min()))


def planned(problem: Problem, find: Find, amount: float = 0.0) -> Mended | None:
    """The best plan of a problem if it holds and is worth starting.

    Args:
        problem: any.
        find: the search.
        amount: of the lever that made the problem.
    """
    first = first_tests(problem)
    if not first.starts(problem) or not first.self_enforcing(problem):
        return None
    order = find(problem)
    if not order.steps:
        return None
    found = shares(problem, order)
    return Mended(amount, problem, order, found) if found.min() >= problem.margin - TIED else None


def smallest(lever: Lever, first: Order, find: Find, top: float, scale: float) -> Mended | None:
    """The smallest amount with which some order holds.

    An order that holds with an amount gives the smallest amount that it needs itself; the search is then asked for one
    that holds with less. The answer is exact if the lever is monotone and the search proves what it finds.

    Args:
        lever: amount -> problem; a plan that holds with an amount holds with every larger one up to ``top``.
        first: the best order without the lever.
        find: the search.
        top: the largest amount considered.
        scale: what amounts are precise in proportion to.

    Returns:
        The plan and the amount; None if nothing holds even with ``top``.
    """
    proofs: list[bool] = []

    def asked(problem: Problem) -> Order:
        order = find(problem)
        proofs.append(order.proven)
        return order

    def along(order: Order) -> Callable[[float], float]:
        return lambda amount: spare(lever(amount), order)

    def before_any_order(amount: float) -> float:
        return untried(lever(amount))

    if before_any_order(top) < -TIED:
        return None
    # No order can hold with less than what keeping the target needs once it is reached.
    low, halve = needed(before_any_order, 0.0, top, scale), False
    if not first.steps or spare(lever(top), first) < -TIED:
        found = planned(lever(top), asked, top)
        if found is None:
            return None
        first = found.order
    best = needed(along(first), low, top, scale)
    while (probe := (low + best) / 2 if halve else best - CLOSE * scale) > low and len(proofs) < SEARCHES:
        found = planned(lever(probe), asked, probe)
        if found is None:
            if not halve:
                break
            low = probe
        else:
            best = min(probe, needed(along(found.order), low, probe, scale))
        halve = not halve
    exact = all(proofs) and len(proofs) < SEARCHES
    best = plain(best, scale)
    found = planned(lever(best), find, best) or planned(lever(best + CLOSE * scale), find, best + CLOSE * scale)
    return None if found is None else replace(found, exact=exact)


def needed(at: Callable[[float], float], low: float, high: float, scale: float) -> float:
    """The amount from which on something holds.

    Along one order every margin is a straight line in most levers, so the tightest is concave: Newton's method from
    below ends at the answer after as many rounds as there are lines. Where it does not, the interval is halved.

    Args:
        at: amount -> what is to be spare, negative where it does not hold.
        low: not known to suffice.
        high: suffices.
        scale: what amounts are precise in proportion to.
    """
    near, value = 1e-3 * CLOSE * scale, at(low)
    if value >= -EXACT:
        return low
    if at(high) < -EXACT:
        return high  # it holds there but for rounding
    while high - low > near:
        nudge = min(1e-3 * scale, (high - low) / 2)
        slope = (at(low + nudge) - value) / nudge
        probe = low - value / slope if slope > EXACT else high
        if not low < probe < high:
            probe = (low + high) / 2
        reached = at(probe)
        if reached < -EXACT:
            if at(probe + near) >= -EXACT:
                return probe + near
            low, value = probe, reached
        elif probe - near <= low or at(probe - near) < -EXACT:
            return probe
        else:
            high = (low + probe) / 2
            reached = at(high)
            if reached < -EXACT:
                low, value, high = high, reached, probe
    return high


def plain(amount: float, scale: float) -> float:
    """An amount rounded up to the digits that its search can know."""
    digits = int(np.floor(-np.log10(1e-2 * CLOSE * scale)))
    return round(float(np.ceil((amount - 1.5e-3 * CLOSE * scale) * 10.0**digits)) / 10.0**digits, digits)
