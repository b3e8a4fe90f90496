"""``settle``: the answer of an enumerated bargaining problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean
from detente.base.result import Provenance
from detente.base.wording import listed
from detente.settlement import solutions
from detente.settlement.adjusted_winner import adjusted_winner
from detente.settlement.enumeration import Deals, deals_of
from detente.settlement.frontier import Frontier, frontier_of
from detente.settlement.listing import payoff_classes
from detente.settlement.lottery import lotteries
from detente.settlement.no_zone import why_none
from detente.settlement.problem import Bargain
from detente.settlement.result import RULES, PayoffClass, Settlement
from detente.settlement.solutions import Chosen, Weights
from detente.space.space import DEFAULT_LIMIT
from detente.space.worth import Exact


def settle(
    bargain: Bargain, provenance: Provenance, rules: Sequence[str] = RULES, *, limit: int = DEFAULT_LIMIT
) -> Settlement:
    """Zone, frontier and solutions by complete enumeration, or the full report why there is no zone.

    Args:
        bargain: with its states enumerated.
        provenance: carried into the result, with the warnings of the problem.
        rules: which solutions to give.
        limit: most combinations looked at when conditions are lifted.

    Raises:
        UsageError: an unknown rule, or a merged state whose levels are needed.
    """
    check_rules(rules)
    deals = deals_of(bargain)
    verdict, size = verdict_of(deals)
    two = len(bargain.axes) == 2
    winner = adjusted_winner(bargain) if two else None
    told = remarks(bargain, rules if verdict != "none" else ())
    provenance = replace(provenance, warnings=(*provenance.warnings, *bargain.warnings, *told))
    if verdict == "none":
        report = why_none(deals, limit)
        return Settlement(provenance, bargain, verdict, 0, no_zone=report, adjusted_winner=winner, deals=deals,
                          points=dict.fromkeys(rules, ()))  # fmt: skip
    front = frontier_of(deals)
    frame = Settlement(provenance, bargain, verdict, size, adjusted_winner=winner, deals=deals)
    return on_frontier(frame, front, payoff_classes(deals, front), rules, lambda: depths(deals, front))


def check_rules(rules: Sequence[str]) -> None:
    """Refuse an unknown rule.

    Raises:
        UsageError: with the rules that there are.
    """
    for rule in rules:
        if rule not in RULES:
            raise UsageError(f"the unknown rule {rule!r}", f"one of {', '.join(RULES)}", did_you_mean(rule, RULES))


def on_frontier(
    frame: Settlement,
    front: Frontier,
    classes: tuple[PayoffClass, ...],
    rules: Sequence[str],
    places: Callable[[], NDArray[np.int64]],
) -> Settlement:
    """An answer completed by all that follows from its whole frontier.

    Args:
        frame: verdict and problem.
        front: the whole frontier.
        classes: its classes, listed.
        rules: which solutions to give.
        places: how far down its order each party has gone, shape (classes, parties); asked for fallback only.
    """
    weights = [frame.bargain.weights[p] for p in front.parties]
    picked = pick(front, weights, rules, places)
    pure = {r: picked.get(r) or pick(front, weights, (r,), places)[r] for r in ("nash", "ks", "egalitarian")}
    able = solutions.gainers(front)
    intervals = _intervals(front, pure["nash"]) if len(front.parties) == 2 else []
    return replace(
        frame,
        frontier=classes,
        points={r: tuple(classes[n] for n in shown(front, c)) for r, c in picked.items()},
        indifferent=tuple(p for n, p in enumerate(front.parties) if n not in able),
        spread=_spread(front, pure["ks"], classes) if able else None,
        nash_weights=tuple((classes[n], interval) for n, interval in intervals),
        lottery=lotteries(front, weights, pure),
    )


def verdict_of(deals: Deals) -> tuple[str, int]:
    """zone, weak or none, and how many deals make it so (DESIGN section 7)."""
    if strict := int(deals.strict.sum()):
        return "zone", strict
    if weak := int(deals.zone.sum()):
        return "weak", weak
    return "none", 0


def pick(
    front: Frontier, weights: Weights, rules: Sequence[str], places: Callable[[], NDArray[np.int64]]
) -> dict[str, Chosen]:
    """The classes each rule picks, every tie among them; arguments as of ``on_frontier``."""
    answers = {
        "nash": lambda: solutions.nash(front, weights),
        "ks": lambda: solutions.ks(front),
        "egalitarian": lambda: solutions.egalitarian(front, weights),
        "utilitarian": lambda: solutions.utilitarian(front, weights),
        "relative_utilitarian": lambda: solutions.relative_utilitarian(front),
        "equal_loss": lambda: solutions.equal_loss(front),
        "fallback": lambda: solutions.fallback(places()),
    }
    return {r: answers[r]() for r in rules}


def depths(deals: Deals, front: Frontier) -> NDArray[np.int64]:
    """How many classes of its order over all feasible states each party has gone down, shape (classes, parties)."""
    first = np.array([int(d[0]) for d in front.deals])
    states = deals.states[first]
    columns = []
    for party in front.parties:
        values = deals.bargain.payoffs[party].numerators
        distinct = _distinct(values)
        columns.append(len(distinct) - 1 - np.searchsorted(distinct, values[states]))
    return np.array(columns).T


def _distinct(values: Exact) -> Exact:
    """The different values in rising order; by a table of marks where they lie close together."""
    low, high = int(values.min()), int(values.max())
    if values.dtype == object or high - low > 4 * len(values) + 1024:
        found: Exact = np.unique(values)  # type: ignore[assignment]
        return found
    seen = np.zeros(high - low + 1, bool)
    seen[values - low] = True
    return np.flatnonzero(seen) + low


def shown(front: Frontier, chosen: Chosen) -> list[int]:
    """Tied classes in the order of display: product of shares, then the sorted shares, then as on the frontier."""
    if len(chosen) < 2:
        return list(chosen)

    def key(n: int) -> tuple[Fraction, list[Fraction]]:
        shares = solutions.ratios(front, n).values()
        product = Fraction(1)
        for share in shares:
            product *= share
        return product, sorted(shares)

    return sorted(chosen, key=key, reverse=True)


def _spread(
    front: Frontier, chosen: Chosen, classes: tuple[PayoffClass, ...]
) -> tuple[Fraction, tuple[PayoffClass, ...]]:
    """Largest minus smallest share at the Kalai-Smorodinsky point, and the classes where that is smallest."""
    shares = [s for n in chosen[:1] for s in solutions.ratios(front, n).values()]
    return max(shares) - min(shares), tuple(classes[n] for n in solutions.equal_ratio(front))


def _intervals(front: Frontier, chosen: Chosen) -> list[tuple[int, tuple[float, float]]]:
    """For two parties: between which shares of the weight of the first each class stays the Nash point."""
    if len(solutions.gainers(front)) < 2:
        return []
    inside = [n for n, row in enumerate(front.gains) if min(row) > 0]
    logs = {
        n: [float(np.log(float(Fraction(g, a)))) for g, a in zip(front.gains[n], front.ideal, strict=True)]
        for n in inside
    }
    out = []
    for n in chosen:
        if n not in logs:
            continue
        low, high = 0.0, 1.0
        for x, y in logs.values():
            # t (x_n - x) + (1 - t)(y_n - y) >= 0
            rise, start = (logs[n][0] - x) - (logs[n][1] - y), logs[n][1] - y
            if rise > 0:
                low = max(low, -start / rise)
            elif rise < 0:
                high = min(high, -start / rise)
        out.append((n, (low, max(low, high))))
    return out


def remarks(bargain: Bargain, rules: Sequence[str]) -> list[str]:
    """What a reader must know about the solutions."""
    out = []
    orders = [bargain.case.party_name(p) for p in bargain.axes if p in bargain.ordinal]
    if orders:
        text = f"Of {listed(orders)} only an order is known: verdict, frontier and fallback rest on it alone"
        out.append(f"{text}; other points and all amounts use evenly spaced values in its place.")
    return [*out, *([note] if (note := comparison_note(bargain, rules)) else [])]


def comparison_note(bargain: Bargain, rules: Sequence[str]) -> str:
    """Which of some rules compare utilities across parties although the case does not declare them comparable."""
    compared = [r.replace("_", " ") for r in ("egalitarian", "utilitarian", "equal_loss") if r in rules]
    if not compared or bargain.comparable or len(bargain.axes) < 2:
        return ""
    verb = "compares" if len(compared) == 1 else "compare"
    return f"{listed(compared)} {verb} utilities across parties, which the case does not declare comparable."
