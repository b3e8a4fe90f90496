"""Exposure: how far a side can be ahead of what it has received when everything stops (maximum-weight closure).

The worst stop point of a party is the set of commitments, closed under what must come before, in which what it has
given exceeds what it has received by most. With prerequisites that must all be met it is one minimum cut (Picard 1976);
where one of several is enough it is the maximum over the choices. Values are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import Any

from detente.agreement import formulas as f
from detente.agreement.terms import Terms
from detente.base.errors import LimitReached, UsageError, one_of, shown

MOST_CHOICES = 2_000
MOST_SUM = 2**31 - 2  # scipy's flows are 32-bit integers
Way = frozenset[str]
Values = Mapping[str, Mapping[str, Fraction | int]]


@dataclass(frozen=True, slots=True)
class Stop:
    """The worst stop point of a party.

    Attributes:
        value: what it has given above what it has received; never below 0 (nothing done yet).
        done: the commitments fulfilled then, by id.
    """

    party: str
    value: Fraction
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """After a step of a given order: the step, what each party is ahead by."""

    step: str
    ahead: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The worst stop points of all parties.

    Attributes:
        stops: by party.
        ratio: the largest exposure over the smallest, or None where the smallest is 0.
        order: after each step of a given order; worst: by party, its worst point along it.
        left_out: commitments that never become due while all cooperate.
    """

    stops: Mapping[str, Stop]
    ratio: Fraction | None
    order: tuple[Prefix, ...]
    worst: Mapping[str, Stop]
    left_out: tuple[str, ...]


def exposure(terms: Terms, values: Values, order: Sequence[str] = ()) -> Exposure:
    """Worst stop points under full knowledge of what each commitment is worth.

    Args:
        terms: the agreement; what must come before a commitment is read from its trigger.
        values: by party, by commitment: what the party gives (positive, the part it cannot take back) or receives
            (negative). A commitment that is missing counts 0.
        order: commitments in the order planned.

    Raises:
        UsageError: an unknown party or commitment, or an order that is none.
        LimitReached: too many choices, or values too fine for exact flows.
    """
    names = {c.id for c in terms.commitments}
    for party, worth in values.items():
        if party not in terms.parties:
            raise UsageError(f"values of {shown(party)}", one_of(terms.parties))
        for name in worth:
            if name not in names:
                raise UsageError(f"a value of {shown(name)}", one_of(sorted(names)))
    for name in order:
        if name not in names or list(order).count(name) > 1:
            raise UsageError(f"{shown(name)} in the order", "each commitment at most once")
    ways = prerequisites(terms)
    stops = {p: worst_stop(ways, worth, p) for p, worth in values.items()}
    prefixes, worst = _along(values, order)
    found = [s.value for s in stops.values()]
    ratio = max(found) / min(found) if found and min(found) > 0 else None
    begun = set().union(*(reachable(choice) for choice in choices(ways)))
    return Exposure(stops, ratio, prefixes, worst, tuple(sorted(names - begun)))


def prerequisites(terms: Terms) -> dict[str, tuple[Way, ...]]:
    """For each commitment the sets of commitments of which one must be done before it is due; none: it never is.

    Dates, outside events and signatures are taken to come; breaches are not.
    """
    triggers = {c.id: c.trigger for c in terms.commitments}
    return {name: _ways(trigger, triggers, terms.groups, frozenset()) for name, trigger in triggers.items()}


def _ways(
    formula: f.Formula, triggers: Mapping[str, f.Formula], groups: Mapping[str, Sequence[str]], assumed: frozenset[str]
) -> tuple[Way, ...]:
    """The smallest sets of commitments with which a formula is true while all cooperate."""
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed | f.Progress):
        return (frozenset({formula.commitment}),)
    if isinstance(formula, f.InState):
        done = formula.states & {"fulfilled", "claimed"}
        return (frozenset({formula.commitment}),) if done else ()
    if isinstance(formula, f.Never | f.Breached):
        return ()
    if isinstance(formula, f.Or):
        return _least([w for p in formula.parts for w in _ways(p, triggers, groups, assumed)])
    if isinstance(formula, f.After):
        return _ways(formula.formula, triggers, groups, assumed)
    parts: list[f.Formula] = []
    if isinstance(formula, f.And):
        parts = list(formula.parts)
    elif isinstance(formula, f.Joint) and formula.group not in assumed:
        parts = [triggers[name] for name in groups[formula.group]]
        assumed = assumed | {formula.group}
    ways: list[Way] = [frozenset()]
    for part in parts:
        inner = _ways(part, triggers, groups, assumed)
        ways = list(_least([one | other for one in ways for other in inner]))
    return tuple(ways)


def _least(ways: Sequence[Way]) -> tuple[Way, ...]:
    """Without those that contain another."""
    if len(ways) > MOST_CHOICES:
        raise LimitReached("ways to begin a commitment", str(len(ways)), MOST_CHOICES, "Write simpler triggers.")
    kept: list[Way] = []
    for way in sorted(set(ways), key=lambda w: (len(w), sorted(w))):
        if not any(k <= way for k in kept):
            kept.append(way)
    return tuple(kept)


def choices(ways: Mapping[str, Sequence[Way]]) -> Iterator[dict[str, Way]]:
    """One way for each commitment, in all combinations; those without a way are left out.

    Raises:
        LimitReached: there are too many.
    """
    names = [n for n in ways if ways[n]]
    count = prod(len(ways[n]) for n in names)
    if count > MOST_CHOICES:
        advice = "Replace some 'or' in triggers by one of its parts."
        raise LimitReached("combinations of alternatives", f"{count:,}", MOST_CHOICES, advice)
    for chosen in product(*(ways[n] for n in names)):
        yield dict(zip(names, chosen, strict=True))


def reachable(choice: Mapping[str, Way]) -> set[str]:
    """What can be done one after the other."""
    found: set[str] = set()
    while True:
        more = {n for n, way in choice.items() if n not in found and way <= found}
        if not more:
            return found
        found |= more


def worst_stop(ways: Mapping[str, Sequence[Way]], worth: Mapping[str, Fraction | int], party: str = "") -> Stop:
    """The worst stop point of one party: the maximum over the choices of one minimum cut each.

    Args:
        ways: as ``prerequisites`` gives them.
        worth: what it gives (positive) or receives (negative) with each commitment.
        party: its name.
    """
    best = Stop(party, Fraction(0), ())
    seen: set[tuple[tuple[str, Way], ...]] = set()
    for choice in choices(ways):
        before = {n: choice[n] for n in sorted(reachable(choice))}
        key = tuple(before.items())
        if key in seen:
            continue
        seen.add(key)
        done = closure(before, worth)
        value = sum((Fraction(worth.get(n, 0)) for n in done), Fraction(0))
        if (-value, len(done), done) < (-best.value, len(best.done), best.done):
            best = Stop(party, value, done)
    return best


def closure(before: Mapping[str, Way], worth: Mapping[str, Fraction | int]) -> tuple[str, ...]:
    """The smallest set of largest worth that contains what must come before each of its members.

    Args:
        before: for each commitment those that must come before it, all of them keys too.
        worth: of each; missing = 0.

    Raises:
        LimitReached: the values are too fine, or too far apart.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    names = list(before)
    exact = [Fraction(worth.get(n, 0)) for n in names]
    scale = lcm(*(w.denominator for w in exact)) if exact else 1
    whole = [int(w * scale) for w in exact]
    gain = sum(w for w in whole if w > 0)
    if gain == 0:
        return ()
    if sum(abs(w) for w in whole) > MOST_SUM:
        advice = "Round the values to fewer digits."
        raise LimitReached("units of value in whole numbers", f"{sum(abs(w) for w in whole):,}", MOST_SUM, advice)
    place = {n: i for i, n in enumerate(names)}
    source, sink = len(names), len(names) + 1
    edges: list[tuple[int, int, int]] = []
    for i, w in enumerate(whole):
        if w:
            edges.append((source, i, w) if w > 0 else (i, sink, -w))
        edges += [(i, place[p], gain + 1) for p in sorted(before[names[i]])]
    rows, columns, capacities = zip(*edges, strict=True)
    size = len(names) + 2
    at: Any = (capacities, (rows, columns))
    graph: Any = csr_array(at, shape=(size, size), dtype="int32")
    residual: Any = graph - maximum_flow(graph, source, sink).flow
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    side = breadth_first_order(residual, source, return_predecessors=False)
    return tuple(sorted(names[i] for i in side if i < len(names)))


def _along(values: Values, order: Sequence[str]) -> tuple[tuple[Prefix, ...], dict[str, Stop]]:
    """What each party is ahead by after each step, and its worst point."""
    ahead = dict.fromkeys(values, Fraction(0))
    worst = {p: Stop(p, Fraction(0), ()) for p in values}
    prefixes = []
    for n, name in enumerate(order, 1):
        for party, worth in values.items():
            ahead[party] += Fraction(worth.get(name, 0))
            if ahead[party] > worst[party].value:
                worst[party] = Stop(party, ahead[party], tuple(order[:n]))
        prefixes.append(Prefix(name, dict(ahead)))
    return tuple(prefixes), worst
