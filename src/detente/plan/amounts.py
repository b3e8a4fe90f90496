"""Repairs that have an amount: breach costs, side payments, detection, lag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import ceil

import numpy as np

from detente.plan.levers import exchange, with_breach_cost, with_detection, with_payment
from detente.plan.mending import Bench, Edits, Repair
from detente.plan.problem import TIED, Problem
from detente.plan.smallest import Lever, Mended, needed, plain, planned, shares, smallest, spare, untried

CEILING = 1000.0  # amounts beyond this many stakes are no repair
LONGEST = 120  # periods of lag that are tried


def breach_costs(bench: Bench) -> Iterator[Repair]:
    """The smallest breach cost of each party that works alone; if none does, of several together.

    Several together: the largest of them, as a share of its party's stake, is as small as possible; then each is cut to
    what its party needs in the order found.
    """
    problem, found = bench.problem, False
    for party in _worst_first(bench):
        i = problem.parties.index(party)
        mended = _least(bench, partial(_breach_of, problem, party), float(problem.stake[i]))
        if mended is not None:
            found = True
            yield bench.repair("breach_cost", mended, party=party, **_paid(problem, i, mended.amount))
    if found:
        return
    stakes = dict(zip(problem.parties, map(float, problem.stake), strict=True))
    mended = _least(bench, lambda a: with_breach_cost(problem, {p: a * s for p, s in stakes.items()}), 1.0)
    if mended is not None:
        amounts = _cut(problem, mended)
        again = planned(with_breach_cost(problem, amounts), bench.find, mended.amount)
        if again is not None:
            price = sum(amounts[p] / stakes[p] for p in amounts)
            yield bench.repair("breach_costs", again, amounts=amounts, price=price)


def payments(bench: Bench) -> Iterator[Repair]:
    """The smallest side payment to each party that works: from outside, and from each other party where in money."""
    problem = bench.problem
    for party in _worst_first(bench):
        i = problem.parties.index(party)
        outside = _paying(bench, problem, party)
        if outside is None:
            continue
        yield bench.repair(
            "payment", outside, party=party, **_paid(problem, i, outside.amount), **_money(problem, i, outside)
        )
        for payer in problem.parties:
            mended = (
                _between(bench, party, payer, outside) if payer != party and _in_money(problem, party, payer) else None
            )
            if mended is not None:
                told = {**_paid(problem, i, mended.amount), **_money(problem, i, mended)}
                yield bench.repair("payment", mended, party=party, payer=payer, **told)


def detections(bench: Bench) -> Iterator[Repair]:
    """The smallest chance of being found out that works: for one option that can be concealed, and for all."""
    problem = bench.problem
    axes = sorted(problem.caught)
    for meant in [[a] for a in axes] + ([axes] if len(axes) > 1 else []):
        lever = partial(with_detection, problem, axes=meant)
        mended = smallest(lever, bench.order, bench.find, 1.0, 1.0)
        if mended is None:
            continue
        one = len(meant) == 1
        yield bench.repair(
            "detection",
            mended,
            party=problem.lattice.owners[meant[0]] if one else None,
            option=problem.lattice.options[meant[0]] if one else None,
            amount=mended.amount,
            note=_from_there_on(lever, mended),
        )


def lags(bench: Bench) -> Iterator[Repair]:
    """For each party that is short: the longest lag, in whole periods below its own, that works."""
    for party in bench.short:
        now = bench.facts.lag.get(party)
        if now is None or now <= 0:
            continue
        found, low, high = None, 0, ceil(now) - 1
        while low <= high:
            # The whole range is narrowed from its lower end: if no lag helps, one attempt shows it.
            lag = low if found is None else (low + high + 1) // 2
            mended = _with_lag(bench, party, lag)
            if mended is None:
                high = lag - 1
            else:
                found = mended, lag
                low = lag + 1
        if found is not None:
            yield bench.repair(
                "lag", found[0], party=party, amount=float(found[1]), edits=_lag_edits(bench, party, found[1])
            )


def longest_lag(bench: Bench, party: str) -> float | None:
    """The longest lag of a party, in whole periods, with which a plan that holds still holds.

    Args:
        bench: a plan that holds.
        party: the culprit whose lag is meant.

    Returns:
        Whole periods; infinity if even ``LONGEST`` does not matter; None if its lag is not known.
    """
    now = bench.facts.lag.get(party)
    if now is None:
        return None
    if _with_lag(bench, party, LONGEST) is not None:
        return float("inf")
    low, high = int(now), LONGEST
    while high - low > 1:
        lag = (low + high) // 2
        low, high = (lag, high) if _with_lag(bench, party, lag) is not None else (low, lag)
    return float(low)


def _worst_first(bench: Bench) -> list[str]:
    """All parties, those that are short first."""
    return [*bench.short, *(p for p in bench.problem.parties if p not in bench.short)]


def _least(bench: Bench, lever: Lever, scale: float) -> Mended | None:
    """The smallest amount of a monotone lever."""
    return smallest(lever, bench.order, bench.find, CEILING * scale, scale)


def _breach_of(problem: Problem, party: str, amount: float) -> Problem:
    """The problem with a breach cost of one party."""
    return with_breach_cost(problem, {party: amount})


def _paid(problem: Problem, i: int, amount: float) -> dict[str, float]:
    """Fields of an amount that a party pays or forfeits."""
    once = amount / (1 - float(problem.discount[i]))
    return {"amount": amount, "once": once, "price": amount / float(problem.stake[i])}


def _money(problem: Problem, i: int, mended: Mended) -> dict[str, float]:
    """The payment in money."""
    worth = np.nan if problem.money is None else float(problem.money[i])
    return {"money": mended.amount / worth} if np.isfinite(worth) else {}


def _in_money(problem: Problem, party: str, payer: str) -> bool:
    """Whether both have a written worth of money."""
    try:
        exchange(problem, party, payer)
    except ValueError:
        return False
    return True


def _between(bench: Bench, party: str, payer: str, outside: Mended) -> Mended | None:
    """The smallest payment from one party to another that works.

    What the payer can bear falls with the amount, so the lever is not monotone. Charge the payer a fixed amount: what
    the other then needs is the answer of a monotone lever, and grows with the charge. From no charge upward, need and
    charge meet at the smallest payment that works.
    """
    problem, mended, exact = bench.problem, outside, outside.exact
    for _ in range(100):
        charge = mended.amount
        meeting = planned(with_payment(problem, party, charge, payer), bench.find, charge)
        if meeting is not None:
            return replace(meeting, exact=exact and not _unsteady(problem, payer))
        poorer = with_payment(problem, payer, -charge * exchange(problem, party, payer))
        found = _paying(bench, poorer, party)
        if found is None or found.amount <= charge:
            return None
        mended, exact = found, exact and found.exact
    return None


def _unsteady(problem: Problem, party: str) -> bool:
    """Whether more money can make a party less willing to go on.

    False alarms end the payments to one who complies, and play no part in the worth of pretending: where pretending is
    found out more seldom than alarms are false, one who pretends is paid for longer.
    """
    mine = [q for a, q in problem.caught.items() if problem.lattice.owners[a] == party]
    return any(bool((problem.alarm > q).any()) for q in mine)


def _paying(bench: Bench, problem: Problem, party: str) -> Mended | None:
    """The smallest payment from outside with which some order holds."""
    scale = float(problem.stake[problem.parties.index(party)])
    lever, top = partial(with_payment, problem, party), CEILING * scale
    if not _unsteady(problem, party):
        return smallest(lever, bench.order, bench.find, top, scale)
    window = _window(lever, top, scale)
    if window is None:
        return None
    low, high = window
    least = planned(lever(low), bench.find, low)
    if least is not None:
        return least
    for part in (1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0):
        found = smallest(lever, bench.order, bench.find, low + part * (high - low), scale)
        if found is not None:
            return replace(found, exact=False)
    return None


def _window(lever: Lever, top: float, scale: float) -> tuple[float, float] | None:
    """The amounts with which the target can hold and is worth starting for: what is spare there is concave."""

    def at(amount: float) -> float:
        return untried(lever(amount))

    low, high = 0.0, top
    for _ in range(100):
        third = (high - low) / 3
        low, high = (low + third, high) if at(low + third) < at(high - third) else (low, high - third)
    peak = (low + high) / 2
    if at(peak) < -TIED:
        return None
    last = needed(lambda back: at(top - back), 0.0, top - peak, scale)
    return plain(needed(at, 0.0, peak, scale), scale), top - last


def _cut(problem: Problem, mended: Mended) -> dict[str, float]:
    """Breach costs of several parties, each cut to what its party needs in the order found."""
    out = {}
    for i, party in enumerate(problem.parties):
        scale = float(problem.stake[i])

        def alone(amount: float, i: int = i, party: str = party) -> float:
            return spare(_breach_of(problem, party, amount), mended.order, i)

        amount = plain(needed(alone, 0.0, mended.amount * scale, scale), scale)
        if amount > 0:
            out[party] = amount
    return out


def _from_there_on(lever: Lever, mended: Mended) -> str:
    """A warning if the plan does not hold with every larger chance."""
    for chance in np.linspace(mended.amount, 1, 17):
        problem = lever(float(chance))
        if shares(problem, mended.order).min() < problem.margin - TIED:
            return f"the same order no longer holds when the chance is {chance:.2f}"
    return ""


def _lag_edits(bench: Bench, party: str, lag: int) -> Edits:
    """The case with another lag of a party."""
    return ((("plan", "lag"), {**bench.facts.lag, party: lag}),)


def _with_lag(bench: Bench, party: str, lag: int) -> Mended | None:
    """The plan with another lag, if it holds."""
    problem = bench.rebuild(_lag_edits(bench, party, lag))
    return None if problem is None else planned(problem, bench.find, lag)
