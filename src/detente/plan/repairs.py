"""What would make a plan hold: each lever alone, by as little as works, planned again with it."""

from __future__ import annotations

import numpy as np

from detente.plan import amounts, rewrites
from detente.plan.first_tests import first_tests, physical
from detente.plan.mending import Bench, Facts, Option, Rebuild, Repair, in_time
from detente.plan.problem import TIED, Order, Problem
from detente.plan.smallest import Find, Mended, shares

__all__ = ["Facts", "Option", "Repair", "longest_lag", "repairs"]

AMOUNTS = ("breach_cost", "breach_costs", "payment", "detection")
DISCRETE = ("order", "earlier", "answer", "lag", "irreversible", "reversible", "escrow", "split", "target")


def repairs(
    problem: Problem, order: Order, rebuild: Rebuild, find: Find, facts: Facts | None = None
) -> tuple[Repair, ...]:
    """Changes with which a plan holds, cheapest first.

    A repair *works* if some order of the changed problem has every share of the stake at least ``problem.margin`` and
    the target, its once-costs counted, gives nobody less than no deal. Every lever is tried alone, in every order: what
    is returned has passed the verifier with the order told.

    Args:
        problem: the problem.
        order: its best order, or a written one; without steps if there is no way to the target.
        rebuild: edits -> problem of the changed case; None where the change is not possible.
        find: the search. With a search that always returns the same order, the levers are those of that order.
        facts: what the case says of lags, options, smaller targets and verification.

    Returns:
        Repairs with a price as a share of the stake first, the cheapest first; then chances of detection, the smallest
        rise first; then those without an amount to compare. Nothing if the order holds already.
    """
    found = shares(problem, order) if order.steps else np.empty((0, len(problem.parties)))
    bench = Bench(problem, order, find, rebuild, facts or Facts(), found)
    if order.steps and _holds(bench):
        return ()
    written = [*rewrites.reordered(bench), *rewrites.earlier(bench)] if order.steps else []
    if written:
        return tuple(sorted(written, key=_rank))
    every = [*amounts.payments(bench), *rewrites.smaller_target(bench)]
    # Nothing else makes up for a target that is not worth starting for.
    if first_tests(problem).starts(problem):
        every += [
            *amounts.breach_costs(bench),
            *amounts.detections(bench),
            *rewrites.answered(bench),
            *amounts.lags(bench),
            *rewrites.stickier(bench),
            *rewrites.reversible(bench),
            *rewrites.escrow(bench),
            *rewrites.splits(bench),
        ]
    free = next((r for r in every if _free(r)), None)
    if free is not None and shares(problem, free.order).min() >= problem.margin - TIED:
        return (bench.repair("order", Mended(0.0, problem, free.order, shares(problem, free.order))),)
    return tuple(sorted((r for r in every if not _free(r)), key=_rank))


def another_order(problem: Problem, order: Order, find: Find) -> tuple[Repair, ...]:
    """The best order, where the one given does not hold, or not in time, and another does.

    Args:
        problem: with its deadline.
        order: a written one.
        find: the search.
    """
    bench = Bench(problem, order, find, lambda _: None, Facts(), shares(problem, order))
    fails = bool(bench.short) or not in_time(problem, order.steps)
    return tuple(rewrites.reordered(bench)) if fails and physical(problem).fits is not False else ()


def kept(order: Order) -> Find:
    """A search that always finds the same order, or none where other levels lie between.

    Args:
        order: the order.
    """
    nothing = Order((), None, proven=True, bound=-np.inf, method="")
    end = order.steps[-1].after if order.steps else ()
    return lambda problem: order if problem.lattice.target == end else nothing


def _free(repair: Repair) -> bool:
    """Whether nothing of a lever is needed: another order does."""
    return repair.lever in AMOUNTS and (repair.price or repair.amount or 0.0) <= TIED


def longest_lag(problem: Problem, order: Order, rebuild: Rebuild, find: Find, facts: Facts) -> dict[str, float]:
    """For a plan that holds: how slow the answer to each party's breach may be, all else equal.

    Args:
        problem, order, rebuild, find, facts: as for ``repairs``.

    Returns:
        Party -> the longest lag in whole periods with which some order holds; infinity if it does not matter.
    """
    bench = Bench(problem, order, find, rebuild, facts, shares(problem, order))
    found = {p: amounts.longest_lag(bench, p) for p in problem.parties}
    return {p: lag for p, lag in found.items() if lag is not None}


def _holds(bench: Bench) -> bool:
    """Whether nothing needs repair."""
    return not bench.short and first_tests(bench.problem).starts(bench.problem)


def _rank(repair: Repair) -> tuple[int, float, int]:
    """Comparable ones by price, then detection by chance, then the others in a fixed order."""
    if repair.price is not None:
        return 0, repair.price, 0
    if repair.lever == "detection":
        return 1, repair.amount or 0.0, 0
    return 2, float(DISCRETE.index(repair.lever)), len(repair.harms)
