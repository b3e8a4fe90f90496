"""Why there is no zone of agreement, where the deals are too many to list: each item is an integer program or a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from detente.mechanics.milp import Deadline, Program
from detente.settlement.integer import NEAR, SIZE
from detente.settlement.integer_mixture import mixture_at_any_size
from detente.settlement.no_zone import Nearest, NoZone
from detente.settlement.opening import Conditions, Opened
from detente.settlement.problem import Bargain
from detente.settlement.program import DealProgram, Point
from detente.settlement.sets import MOST_SETS, hitting_sets, named

NOWHERE = np.zeros(0, np.int64)


@dataclass
class Report:
    """The items while they are being found.

    Attributes:
        program: all feasible deals.
        stakes: of everybody asked.
        ties: programs to spend on further deals as near.
        unproven: items for which time ran out, in words.
    """

    program: DealProgram
    stakes: Mapping[str, Fraction]
    ties: int
    unproven: list[str] = field(default_factory=list)

    def gaining(self) -> Program:
        """The deals by which somebody gains."""
        work = self.program.program()
        self.program.some_gain(work)
        return work


def stakes_of(program: DealProgram) -> dict[str, Fraction]:
    """What is at stake for everybody asked: its scale, else the range of its payoffs over all feasible deals.

    As ``Bargain.stake``; a party whose range is not proven in time is left out.
    """
    bargain = program.bargain
    out = {}
    for party in bargain.voices:
        if party in bargain.scale:
            out[party] = bargain.scale[party]
            continue
        ends = [_end(program, party, sign) for sign in (1, -1)]
        if None in ends:
            continue
        high, low = (e or 0 for e in ends)
        span = Fraction(high + low, program.denominators[party])
        out[party] = span or abs(Fraction(high, program.denominators[party])) or Fraction(1)
    return out


def _end(program: DealProgram, party: str, sign: int) -> int | None:
    """Largest gain (sign 1) or loss (sign -1) of a party over all feasible deals."""
    scale = SIZE / max(abs(program.low[party]), abs(program.high[party]), 1)
    terms, _ = program.terms(party, scale * sign)
    found = program.search(program.program(), terms, lambda _: True)
    return None if found.point is None or found.status != "optimal" else sign * found.point.gains[party]


def why_none_at_any_size(program: DealProgram, ties: int) -> tuple[NoZone, tuple[str, ...]]:
    """The report where no deal is acceptable to all and better for somebody, and the items that are not proven.

    What only a list of all deals could tell is left out: how many deals gain, and new levels between two written ones.

    Args:
        program: all feasible deals.
        ties: programs to spend on further deals as near.
    """
    bargain = program.bargain
    report = Report(program, {}, ties)
    found = program.search(program.program(), {}, lambda _: True)
    conditions = _conditions(bargain, program.deadline, report)
    if found.status == "infeasible":
        return NoZone(possible=False, gaining=0, conditions=conditions, levels=None), tuple(report.unproven)
    some = program.search(report.gaining(), {}, lambda p: p.gaining)
    if some.status == "infeasible":
        return NoZone(possible=True, gaining=0, conditions=conditions, levels=None), tuple(report.unproven)
    report.stakes = stakes_of(program)
    missing = tuple(p for p in bargain.voices if p not in bargain.money)
    known = len(report.stakes) == len(bargain.voices)
    if not known:
        report.unproven.append("what is at stake for each")
    refusals = _refusals(report)
    return NoZone(
        possible=True,
        gaining=None,
        uniform=_concession(report, whole=False) if known else None,
        total=_concession(report, whole=True) if known else None,
        blocking=named(bargain.voices, hitting_sets(refusals)) if refusals else (),
        accepting=named(bargain.voices, [(1 << len(bargain.voices)) - 1 - r for r in refusals]),
        mixture=mixture_at_any_size(program, report.unproven),
        surplus=None if missing else _surplus(report),
        money_missing=missing,
        falls={p: _fall(report, p) for p in bargain.voices},
        conditions=conditions,
        levels=None,
    ), tuple(report.unproven)


# --- distances -------------------------------------------------------------------------------------------------------


def _loss(report: Report, point: Point, *, whole: bool) -> Fraction:
    losses = [max(Fraction(0), -report.program.gain(p, point)) / report.stakes[p] for p in point.voices]
    return sum(losses, Fraction(0)) if whole else max(losses)


def _concession(report: Report, *, whole: bool) -> Nearest | None:
    """The smallest largest loss, or the smallest sum of losses, in stakes."""
    program = report.program
    work = report.gaining()
    factors = {p: Fraction(1) / (program.denominators[p] * s) for p, s in report.stakes.items()}
    most = max(float(max(0, -program.low[p]) * f) for p, f in factors.items())
    scale = SIZE / most if most else 1.0
    common = work.column(0.0, 2 * SIZE)
    objective = {common: -1.0}
    for n, (party, factor) in enumerate(factors.items()):
        column = common if not whole or n == 0 else work.column(0.0, 2 * SIZE)
        objective[column] = -1.0
        terms, constant = program.terms(party, factor * Fraction(scale))
        terms[column] = 1.0
        bound = -constant
        if (changed := program.changed.get(party)) is not None:
            slack = max(0.0, float(-program.low[party] * factor) * scale)
            terms[changed] = terms.get(changed, 0.0) - slack
            bound -= slack
        work.row(terms, low=bound)
    what = "the smallest total of losses" if whole else "the smallest concession"
    found = _nearest(report, work, objective, lambda p: -_loss(report, p, whole=whole), what, known=True)
    return None if found is None else replace(found, amount=-found.amount)


def _nearest(
    report: Report,
    work: Program,
    objective: Mapping[int, float],
    value: Callable[[Point], Fraction],
    what: str,
    *,
    known: bool,
) -> Nearest | None:
    """Largest value among the gaining deals, with deals that attain it; ``known``: that the program has some."""
    program = report.program
    found = program.search(work, objective, lambda p: p.gaining, solvable=known)
    if found.status == "limit":
        report.unproven.append(what)
    if found.point is None:
        return None
    same, complete = [found.point], False
    if found.status == "optimal":
        work.row(objective, low=found.bound - NEAR)
        for _ in range(report.ties + 1):
            program.bar(work, same[-1].levels)
            more = program.search(work, {}, lambda p: p.gaining)
            if more.point is None:
                complete = more.status == "infeasible"
                break
            same.append(more.point)
    best = max(value(p) for p in same)
    levels = tuple(p.levels for p in same if value(p) == best)
    return Nearest(best, NOWHERE, levels, len(levels) if complete else None)


def _surplus(report: Report) -> Nearest | None:
    """The largest sum of gains in money."""
    program, money = report.program, report.program.bargain.money
    work = report.gaining()
    factors = {p: 1 / (program.denominators[p] * money[p]) for p in program.bargain.voices}
    most = max(float(max(abs(program.low[p]), abs(program.high[p])) * f) for p, f in factors.items())
    scale = SIZE / most if most else 1.0
    always = {p: f * Fraction(scale) for p, f in factors.items() if program.changed.get(p) is None}
    objective, _ = program.total(always)
    for party, changed in program.changed.items():
        if changed is None:
            continue
        factor = factors[party] * Fraction(scale)
        high, low = float(max(program.high[party], 0) * factor), float(min(program.low[party], 0) * factor)
        column = work.column(low, high)
        terms, constant = program.terms(party, factor)
        # at most the gain where the deal needs the owner, at most 0 elsewhere
        row = {c: -w for c, w in terms.items()} | {column: 1.0, changed: -low}
        work.row(row, high=constant - low)
        work.row({column: 1.0, changed: -high}, high=0.0)
        objective[column] = 1.0

    def value(point: Point) -> Fraction:
        return sum((program.gain(p, point) / money[p] for p in point.voices), Fraction(0))

    return _nearest(report, work, objective, value, "the largest sum of gains in money", known=True)


def _fall(report: Report, party: str) -> Nearest | None:
    """How far a party's walk-away must fall for one of the deals that it alone refuses."""
    program = report.program
    work = report.gaining()
    program.accept(work, [p for p in program.bargain.voices if p != party])
    if (changed := program.changed.get(party)) is not None:
        work.row({changed: 1.0}, low=1.0)
    scale = SIZE / max(abs(program.low[party]), abs(program.high[party]), 1)
    objective, _ = program.terms(party, scale)
    name = program.bargain.case.party_name(party)
    found = _nearest(
        report, work, objective, lambda p: program.gain(party, p), f"how far {name} must come", known=False
    )
    return None if found is None else replace(found, amount=-found.amount)


# --- who blocks ------------------------------------------------------------------------------------------------------


def _refusals(report: Report) -> list[int]:
    """Smallest sets of parties that refuse some gaining deal, each a sum of powers of two."""
    program = report.program
    voices = program.bargain.voices
    work = report.gaining()
    columns = []
    for party in voices:
        accepts = work.column(whole=True)
        columns.append(accepts)
        free: dict[int, float] = {accepts: -1}
        if (changed := program.changed.get(party)) is not None:
            free[changed] = -1
        program.least(work, party, 0, free)
    found: list[int] = []
    while len(found) < MOST_SETS:
        answer = program.search(work, dict.fromkeys(columns, 1.0), lambda p: p.gaining, solvable=not found)
        if answer.point is None or answer.status == "limit":
            if answer.status != "infeasible":
                report.unproven.append("who stands in the way")
            break
        point = answer.point
        refused = sum(1 << n for n, p in enumerate(voices) if p in point.voices and point.gains[p] < 0)
        found.append(refused)
        # another one must be accepted by somebody who refuses this
        work.row({c: 1.0 for n, c in enumerate(columns) if refused >> n & 1}, low=1.0)
    return found


# --- conditions ------------------------------------------------------------------------------------------------------


def _conditions(bargain: Bargain, deadline: Deadline, report: Report) -> Conditions:
    """Smallest sets of conditions to lift for a zone, and smallest sets that keep one away."""
    if not bargain.space.infeasible:
        return Conditions(asked=True, blocking=((),))
    program = DealProgram(bargain, deadline, lift=True)
    work = program.program()
    program.accept(work)
    program.some_gain(work)
    objective = dict.fromkeys(program.lifting, -1.0)
    opens: list[Opened] = []
    codes: list[int] = []
    while len(opens) < MOST_SETS:
        found = program.search(work, objective, lambda p: p.acceptable and p.gaining)
        if found.point is None or found.status == "limit":
            if found.status != "infeasible":
                report.unproven.append("which conditions would have to go")
            break
        point = found.point
        opens.append(
            Opened(
                tuple(sorted(point.broken)),
                point.levels,
                {p: program.gain(p, point) for p in point.voices},
                None,
            )
        )
        codes.append(sum(1 << n for n in point.broken))
        work.row({program.lifting[n]: 1.0 for n in point.broken}, high=len(point.broken) - 1.0)
    blocking = named(range(len(bargain.space.infeasible)), hitting_sets(codes)) if opens else ((),)
    return Conditions(asked=True, opens=tuple(opens), blocking=blocking)
