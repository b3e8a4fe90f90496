"""Bargaining solutions without listing the deals: integer programs that prove bounds, exact numbers that judge.

Every program leaves the deals it finds in a pool; a rule's answer is what the rule picks among them, by the same exact
comparisons as on a complete frontier. The programs see to it that the pool holds the best deals, and prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, exp, log

import numpy as np

from detente.mechanics.milp import Program
from detente.mechanics.payoffs import Levels
from detente.settlement.frontier import Frontier, orderly, undominated
from detente.settlement.problem import Bargain
from detente.settlement.program import Answer, DealProgram, Point
from detente.settlement.solutions import Chosen
from detente.settlement.solve import pick

SIZE = 1000.0  # largest number in a scaled score: the solver's absolute tolerances are then small against it
NEAR = 1e-5  # slack of a scaled score that must not fall again
TIGHT = 1e-7  # gap up to which a bound counts as proof, as a share of the largest score
TANGENTS = tuple(0.01 * 100 ** (k / 11) for k in range(12))  # where the logarithm gets its first tangents
ROUNDS = 60

Scores = Mapping[str, tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proven of a rule's answer.

    Attributes:
        value: of the best deal found: the (first) number the rule makes large.
        bound: no deal has more.
        gap: ``bound`` minus ``value``; for a leximin the largest over its stages.
        proven: the gap is closed, up to the solver's tolerance.
        complete: all deals that the rule picks have been found.
    """

    value: float
    bound: float
    gap: float
    proven: bool
    complete: bool


def front_of(program: DealProgram) -> tuple[Frontier, list[list[Point]]]:
    """Undominated classes among the acceptable deals of the pool, and their deals, fewest changes from today first."""
    bargain = program.bargain
    points = sorted(program.acceptable(), key=lambda p: order(bargain, p.levels))
    classes: dict[tuple[int, ...], list[Point]] = {}
    for point in points:
        classes.setdefault(tuple(point.gains[p] for p in bargain.axes), []).append(point)
    rows = sorted(classes, reverse=True)
    if rows:
        kept = undominated([orderly(np.array(column, dtype=object)) for column in zip(*rows, strict=True)])
        rows = [rows[n] for n in sorted(kept)]
    denominators = tuple(program.denominators[p] for p in bargain.axes)
    return Frontier(bargain.axes, tuple(rows), denominators, ()), [classes[r] for r in rows]


def order(bargain: Bargain, levels: Levels) -> tuple[int, Levels]:
    """Deals in the order in which they are listed: fewest changes from today first, then by their levels."""
    today = bargain.status_quo
    changes = 0 if today is None else sum(a != b for a, b in zip(levels, today, strict=True))
    return changes, levels


def picked(program: DealProgram, front: Frontier, rule: str) -> Chosen:
    """The classes of a frontier that a rule picks."""
    weights = [program.bargain.weights[p] for p in front.parties]
    return pick(front, weights, (rule,), lambda: np.zeros((len(front), len(weights)), np.int64))[rule]


def ideals(program: DealProgram) -> dict[str, tuple[int, bool]]:
    """Largest gain of every signatory over the deals nobody loses by (over its denominator), and whether it is proven.

    Empty where there is no such deal.
    """
    out = {}
    for party in program.bargain.axes:
        work = program.program()
        program.accept(work)
        scale = SIZE / max(abs(program.low[party]), abs(program.high[party]), 1)
        terms, constant = program.terms(party, scale)
        found = program.search(work, terms, lambda p: p.acceptable, solvable=bool(program.acceptable()))
        if found.status == "infeasible":
            return {}
        known = [p.gains[party] for p in program.acceptable()]
        bound = (found.bound + constant) / scale
        best = max(known, default=0)
        proven = bool(known) and found.status == "optimal" and bound - best < max(0.5, TIGHT * SIZE / scale)
        out[party] = best, proven
    return out


def prove(program: DealProgram, rule: str, ideal: Mapping[str, int], ties: int) -> Proof:
    """Bring the best deals by a rule into the pool, and prove that there are none better.

    Args:
        program: with at least one acceptable deal in its pool.
        rule: one of ``RULES`` but fallback.
        ideal: largest acceptable gain of every signatory.
        ties: programs to spend on further deals that the rule finds as good.
    """
    weights, denominators = program.bargain.weights, program.denominators
    able = [p for p in program.bargain.axes if ideal[p] > 0]
    heavy = [p for p in able if weights[p] > 0]
    none = Fraction(0)
    if rule == "nash":
        return _nash(program, ideal, able, ties)
    if rule == "utilitarian":
        everyone = {p: (weights[p] / denominators[p], none) for p in program.bargain.axes if weights[p] > 0}
        found = _sum(program, everyone, ties)
        base = float(sum(w * program.bargain.disagreement[p] for p, w in weights.items() if p in everyone))
        return Proof(found.value + base, found.bound + base, found.gap, found.proven, found.complete)
    if rule == "relative_utilitarian":
        return _sum(program, {p: (Fraction(1, ideal[p]), none) for p in able}, ties)
    if rule == "ks":
        return _leximin(program, {p: (Fraction(1, ideal[p]), none) for p in able}, ties)
    if rule == "egalitarian":
        return _leximin(program, {p: (1 / (denominators[p] * weights[p]), none) for p in heavy}, ties)
    return _leximin(
        program, {p: (Fraction(1, denominators[p]), Fraction(-ideal[p], denominators[p])) for p in able}, ties
    )


# --- sums and leximin ------------------------------------------------------------------------------------------------


def _vector(point: Point, scores: Scores) -> list[Fraction]:
    return sorted(point.gains[p] * factor + constant for p, (factor, constant) in scores.items())


def _scale(program: DealProgram, scores: Scores) -> float:
    largest = max(
        max(abs(program.high[p] * f + c), abs(min(program.low[p], 0) * f + c)) for p, (f, c) in scores.items()
    )
    return SIZE / float(largest) if largest else 1.0


def _ceiling(program: DealProgram, scores: Scores, k: int) -> float:
    """What the k smallest scores cannot exceed, whatever the deal."""
    return float(sum(sorted(program.high[p] * f + c for p, (f, c) in scores.items())[:k]))


def _judged(found: Answer, constant: float, scale: float, reached: float, ceiling: float) -> tuple[float, bool]:
    """The bound that a search proves, and whether it closes the gap; a bound below what is known proves nothing."""
    tolerance = TIGHT * SIZE / scale
    bound = min((found.bound + constant) / scale, ceiling)
    if bound < reached - tolerance:
        return ceiling, False
    return max(bound, reached), found.status == "optimal" and bound <= reached + tolerance


def acceptable(program: DealProgram) -> Program:
    """The deals nobody loses by."""
    work = program.program()
    program.accept(work)
    return work


def _sum(program: DealProgram, scores: Scores, ties: int) -> Proof:
    """Largest sum of scores."""
    work = acceptable(program)
    if not scores:
        return _finished(program, work, 0.0, ties)
    scale = _scale(program, scores)
    terms, constant = program.total({p: f * Fraction(scale) for p, (f, _) in scores.items()})
    found = program.search(work, terms, lambda p: p.acceptable, solvable=True)
    value = max(sum(_vector(p, scores), Fraction(0)) for p in program.acceptable())
    bound, proven = _judged(found, constant, scale, float(value), _ceiling(program, scores, len(scores)))
    complete = False
    if proven:
        work.row(terms, low=float(value * Fraction(scale)) - constant - NEAR)
        complete = _ties(program, work, ties, lambda p: sum(_vector(p, scores), Fraction(0)) > value)
    return Proof(float(value), bound, bound - float(value), proven, complete)


def _finished(program: DealProgram, work: Program, value: float, ties: int) -> Proof:
    """A rule for which every acceptable deal is as good."""
    return Proof(value, value, 0.0, proven=True, complete=_ties(program, work, ties, lambda _: False))


def _leximin(program: DealProgram, scores: Scores, ties: int) -> Proof:
    """Largest smallest score, then the largest sum of the two smallest, and so on (theory: settlement 7.4)."""
    work = acceptable(program)
    if not scores:
        return _finished(program, work, 0.0, ties)
    scale = _scale(program, scores)
    parts = {p: program.terms(p, f * Fraction(scale)) for p, (f, _) in scores.items()}
    rows = {p: (terms, constant + float(scores[p][1]) * scale) for p, (terms, constant) in parts.items()}
    first = (0.0, 0.0)
    gaps = []
    for k in range(1, len(scores) + 1):
        objective, constant = _smallest(work, rows, k)
        found = program.search(work, objective, lambda p: p.acceptable, solvable=True)
        best = max(_vector(p, scores) for p in program.acceptable())
        value = sum(best[:k], Fraction(0))
        reached = float(value)
        bound, proven = _judged(found, constant, scale, reached, _ceiling(program, scores, k))
        gaps.append(bound - reached)
        first = first if k > 1 else (reached, bound)
        if not proven:
            return Proof(*first, max(gaps), proven=False, complete=False)
        if k == 1:  # exact: nobody's gain is below the whole number that this takes
            for p, (factor, added) in scores.items():
                program.least(work, p, ceil((value - added) / factor))
        else:
            work.row(objective, low=float(value * Fraction(scale)) - constant - NEAR)
    complete = _ties(program, work, ties, lambda p: _vector(p, scores) > best)
    return Proof(*first, max(gaps), proven=True, complete=complete)


def _smallest(
    work: Program, rows: Mapping[str, tuple[dict[int, float], float]], k: int
) -> tuple[dict[int, float], float]:
    """The sum of the k smallest scores as an objective, and its constant."""
    if k == len(rows):
        total: dict[int, float] = {}
        for terms, _ in rows.values():
            for column, weight in terms.items():
                total[column] = total.get(column, 0.0) + weight
        return total, sum(c for _, c in rows.values())
    level = work.column(-2 * SIZE, 2 * SIZE)
    objective = {level: float(k)}
    for terms, constant in rows.values():
        row = {level: -1.0, **terms}
        if k > 1:
            below = work.column(0.0, 4 * SIZE)
            objective[below] = -1.0
            row[below] = 1.0
        work.row(row, low=-constant)
    return objective, 0.0


def _ties(program: DealProgram, work: Program, most: int, better: Callable[[Point], bool]) -> bool:
    """Find further deals of a program until none is left; False where some may be left."""
    seen: set[Levels] = set()
    for _ in range(most + 1):
        for levels in program.pool.keys() - seen:
            program.bar(work, levels)
        seen |= program.pool.keys()
        found = program.search(work, {}, lambda p: p.acceptable)
        if found.status == "infeasible":
            return True
        if found.point is None or better(found.point):
            return False
    return False


# --- Nash ------------------------------------------------------------------------------------------------------------


def _nash(program: DealProgram, ideal: Mapping[str, int], able: Sequence[str], ties: int) -> Proof:
    """Largest weighted product by tangents to the logarithm; per group of gainers where not all can gain at once."""
    if not able:
        return _finished(program, acceptable(program), 0.0, ties)
    groups, whole = _gainers(program, able)
    proofs = [_product(program, ideal, g, ties) for g in groups]
    if not proofs:
        return Proof(0.0, 1.0, 1.0, proven=False, complete=False)
    # products of different parties' gains cannot be compared: of several groups, one that is not proven is told of
    widest = max(proofs, key=lambda p: (not p.proven, p.value))
    done, complete = whole and all(p.proven for p in proofs), whole and all(p.complete for p in proofs)
    if not whole:
        top = float(max(max(program.high[p], ideal[p]) / ideal[p] for p in able))
        return Proof(widest.value, top, top - widest.value, proven=False, complete=False)
    return Proof(widest.value, widest.bound, widest.gap, done, complete)


def _gainers(program: DealProgram, able: Sequence[str]) -> tuple[list[tuple[str, ...]], bool]:
    """The largest groups of signatories that can gain at once, and whether these are proven to be all."""
    work = acceptable(program)
    columns = {p: work.column(whole=True) for p in able}
    for party, column in columns.items():
        program.least(work, party, 1, {column: -1})
    objective = dict.fromkeys(columns.values(), 1.0)
    groups: list[tuple[str, ...]] = []
    while True:
        found = program.search(work, objective, lambda p: p.acceptable)
        if found.status == "infeasible":
            return groups, True
        if found.point is None or found.status == "limit":
            return groups, False
        group = tuple(p for p in able if found.point.gains[p] > 0)
        groups.append(group)
        if len(group) == len(able):
            return groups, True
        work.row(objective, low=float(len(group)))
        work.row({columns[p]: 1.0 for p in group}, high=len(group) - 1.0)


def _product(program: DealProgram, ideal: Mapping[str, int], group: tuple[str, ...], ties: int) -> Proof:
    """The best product of gains of one group, all of which gain.

    The value is the weighted geometric mean of the gains, each as a share of the party's best.
    """
    weights = program.bargain.weights
    counted = [p for p in group if weights[p] > 0]
    work = acceptable(program)
    for party in group:
        program.least(work, party, 1)
    if not counted:
        return _finished(program, work, 1.0, ties)
    total = sum(weights[p] for p in counted)
    powers = {p: float(weights[p] / total) for p in counted}
    outer = _Tangents(program, work, ideal, powers)

    def inside(point: Point) -> bool:
        return point.acceptable and all(point.gains[q] > 0 for q in group)

    best, bound = -np.inf, np.inf
    for _ in range(ROUNDS):
        fresh = outer.touch(p for p in program.acceptable() if inside(p))
        best = max(best, fresh)
        if bound - best <= TIGHT or (np.isfinite(bound) and fresh == -np.inf):
            break
        found = program.search(work, outer.objective, inside, solvable=True)
        bound = min(bound, found.bound / SIZE)
        if found.status == "limit":
            outer.touch([p for p in program.acceptable() if inside(p)])
            break
    best = max((outer.value(p) for p in program.acceptable() if inside(p)), default=-np.inf)
    bound = max(min(bound, outer.top), best)
    proven = bound - best <= TIGHT
    complete = proven and _as_good(program, work, outer, inside, ties)
    return Proof(exp(best), exp(bound), exp(bound) - exp(best), proven, complete)


def _as_good(program: DealProgram, work: Program, outer: _Tangents, inside: Callable[[Point], bool], most: int) -> bool:
    """Find further deals with as large a product until none is left; False where some may be left."""
    seen: set[Levels] = set()
    for _ in range(most + 1):
        for levels in program.pool.keys() - seen:
            program.bar(work, levels)
        seen |= program.pool.keys()
        known = [p for p in program.acceptable() if inside(p)]
        outer.touch(known)
        found = program.search(work, outer.objective, inside)
        if found.status == "infeasible" or found.bound / SIZE < max(map(outer.value, known)) - TIGHT:
            return True
        if found.point is None:
            return False
    return False


class _Tangents:
    """Columns below the logarithm of each gain, and the rows that keep them there."""

    def __init__(
        self, program: DealProgram, work: Program, ideal: Mapping[str, int], powers: Mapping[str, float]
    ) -> None:
        self.program, self.work, self.ideal, self.powers = program, work, ideal, powers
        self.columns = {p: work.column(-log(ideal[p]) - 2.0, log(max(program.high[p] / ideal[p], 1.0))) for p in powers}
        self.objective = {self.columns[p]: SIZE * w for p, w in powers.items()}
        self.top = sum(w * log(max(program.high[p] / ideal[p], 1.0)) for p, w in powers.items())
        self.touched: set[tuple[str, int]] = set()
        for party in powers:
            for share in TANGENTS:
                self._row(party, share)

    def _row(self, party: str, share: float) -> None:
        """``z <= log(share) - 1 + gain / (share * ideal)``, times the share so that numbers stay moderate."""
        terms, constant = self.program.terms(party, Fraction(int(SIZE), self.ideal[party]))
        row = {c: -w for c, w in terms.items()} | {self.columns[party]: SIZE * share}
        self.work.row(row, high=SIZE * share * (log(share) - 1.0) + constant)

    def touch(self, points: Iterable[Point]) -> float:
        """Tangents at deals; the best value among those that got a new one."""
        best = -np.inf
        for point in points:
            new = {(p, point.gains[p]) for p in self.powers} - self.touched
            for party, gain in new:
                self._row(party, gain / self.ideal[party])
            self.touched |= new
            best = max(best, self.value(point)) if new else best
        return float(best)

    def value(self, point: Point) -> float:
        """Weighted mean of the logarithms of the shares."""
        return sum(w * (log(point.gains[p]) - log(self.ideal[p])) for p, w in self.powers.items())
