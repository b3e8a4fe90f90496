"""Both tests of a plan's target for every feasible state at once, and which of those that pass to plan for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.case.blocks.plan import Plan
from detente.case.model import Case
from detente.mechanics.breakdown import MOST_CELLS
from detente.mechanics.flows import Grid
from detente.mechanics.payoffs import Levels, disagreement_in
from detente.plan.build import parties_of, payoffs_of, start_of
from detente.plan.problem import TIED, Bools, Floats
from detente.plan.terms import Terms, ask_for_facts
from detente.space.states import StateSpace

Ints = NDArray[np.intp]
ADVICE = "Merge options or levels, or name the target."


@dataclass(frozen=True, eq=False)
class Tested:
    """Both tests of a plan's target at some states.

    Attributes:
        parties: everybody whose margins some target makes count, in file order.
        covered: whether a party's margins count, shape (n, states).
        reachable: states that every option can move to from the status quo, the status quo itself not included.
        start: start_test of each party, shape (n, states).
        hold: target_test of each party, shape (n, states).
        stake: what is at stake if this is the target, shape (n, states).
        margin: smallest margin accepted, as a share of the stake.
    """

    parties: tuple[str, ...]
    covered: Bools
    reachable: Bools
    start: Floats
    hold: Floats
    stake: Floats
    margin: float

    @cached_property
    def starts(self) -> Bools:
        """States that nobody covered loses by and somebody gains by, shape (states,)."""
        share = self.start / self.stake
        nobody = ((share >= -TIED) | ~self.covered).all(axis=0)
        return self.reachable & nobody & ((share > TIED) & self.covered).any(axis=0)

    @cached_property
    def holds(self) -> Bools:
        """States that hold once reached: nobody covered gains by leaving, shape (states,)."""
        return self.reachable & ((self.hold / self.stake >= self.margin - TIED) | ~self.covered).all(axis=0)

    @cached_property
    def both(self) -> Bools:
        """States that pass both tests, shape (states,)."""
        return self.starts & self.holds


@dataclass(frozen=True, eq=False)
class Targets(Tested):
    """What every feasible state is as the target of a plan, at point values.

    Attributes:
        states: the states.
        today: level numbers of the status quo.
        value: value per period, shape (n, states).
        disagreement: what each party has without a deal, shape (n,).
        comparing: what is at stake where targets are compared, shape (n,).
        signatories: positions of the signatories among the parties.
    """

    states: StateSpace
    today: Levels
    value: Floats
    disagreement: Floats
    comparing: Floats
    signatories: tuple[int, ...]

    def efficient(self, among: Bools) -> Bools:
        """Of some states, those that no other of them beats for the signatories, shape (states,)."""
        members = np.flatnonzero(among)
        gains = (self.value - self.disagreement[:, None]) / self.comparing[:, None]
        rows = gains[list(self.signatories)][:, members].T
        order = np.argsort(-rows.sum(axis=1), kind="stable")
        kept: list[int] = []
        front = np.empty((0, rows.shape[1]))
        for n in order:
            better = (front >= rows[n] - TIED).all(axis=1) & (front > rows[n] + TIED).any(axis=1)
            if not better.any():
                kept.append(int(n))
                front = np.concatenate([front, rows[n : n + 1]])
        out = np.zeros(len(among), bool)
        out[members[kept]] = True
        return out

    def ranked(self, among: Bools) -> list[int]:
        """Some states by the rule that chooses a target, the first choice first.

        Largest smallest gain of the covered parties as a share of their stakes; then fewest changed levels; then lowest
        key.
        """
        members = np.flatnonzero(among)
        shares = (self.value[:, members] - self.disagreement[:, None]) / self.comparing[:, None]
        score = np.where(self.covered[:, members], shares, np.inf).min(axis=0)
        digits = self._digits[:, members].astype(int)
        changed = np.abs(digits - np.array(self.today)[:, None]).sum(axis=0)
        order = np.argsort(-score, kind="stable")
        out: list[int] = []
        begin = 0
        for end in range(1, len(order) + 1):
            if end < len(order) and score[order[begin]] - score[order[end]] <= TIED:
                continue
            out += sorted(order[begin:end], key=lambda n: (changed[n], tuple(digits[:, n])))
            begin = end
        return [int(members[n]) for n in out]

    def listed(self, allowed: Bools | None = None) -> list[int]:
        """States that pass both tests, the efficient ones first, each group by the rule that chooses a target."""
        passing = self.both if allowed is None else self.both & allowed
        efficient = self.efficient(passing)
        return [*self.ranked(efficient), *self.ranked(passing & ~efficient)]

    def levels(self, state: int) -> Levels:
        """Level numbers of a state."""
        return tuple(int(d) for d in self._digits[:, state])

    @property
    def _digits(self) -> NDArray[np.uint8]:
        return self.states.digits[:, self.states.cell_of]


def targets_of(case: Case, states: StateSpace) -> Targets:
    """Both tests for every feasible state.

    Args:
        case: the case.
        states: its states, or those of a case with the same options and rules.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo, or a party of which only comparisons are known.
        LimitReached: too many combinations of levels.
    """
    today, parties = asked(case, states)
    terms = Terms.of(states, today, parties, case=case)
    payoffs = payoffs_of(case, states, parties)
    nothing = disagreement_in(case, states, payoffs)
    value = np.array([payoffs[p].floats for p in parties])
    d = np.array([float(nothing[p]) for p in parties])
    found = both_tests(terms, states, value, d)
    return Targets(
        **vars(found),
        states=states,
        today=today,
        value=value,
        disagreement=d,
        comparing=_comparing(terms, value, d),
        signatories=tuple(n for n, p in enumerate(parties) if case.file.parties[p].role == "signatory"),
    )


def asked(case: Case, states: StateSpace) -> tuple[Levels, tuple[str, ...]]:
    """Level numbers of the status quo and the parties whose margins count, once all that the tests need is there.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo.
        LimitReached: too many combinations of levels.
    """
    today = start_of(states)
    parties = parties_of(case, states.space.owners)
    ask_for_facts(case, parties, tuple((case.file.plan or Plan()).conceal))
    if states.space.size > MOST_CELLS:
        raise LimitReached("combinations of levels", f"{states.space.size:,}", MOST_CELLS, ADVICE)
    return today, parties


def both_tests(terms: Terms, states: StateSpace, value: Floats, nothing: Floats, at: Ints | None = None) -> Tested:
    """Both tests at some states.

    Args:
        terms: of the parties whose margins count, with one value per number.
        states: all feasible states.
        value: of every state per period, shape (n, states).
        nothing: what each party has without a deal, shape (n,).
        at: the states tested; None for all.
    """
    case, parties = terms.case, tuple(terms.flows)
    at = np.arange(len(states)) if at is None else at
    digits = states.digits[:, states.cell_of[at]]
    moved = digits != np.array(terms.status_quo, np.uint8)[:, None]
    signs = [case.file.parties[p].role == "signatory" for p in parties]
    covered = [
        np.full(len(at), True) if signs[n] else moved[list(case.options_of(p))].any(axis=0)
        for n, p in enumerate(parties)
    ]
    tests = [_Tests(terms, states, p, digits).both(float(d)) for p, d in zip(parties, nothing, strict=True)]
    comparing = _comparing(terms, value, nothing)
    wide = np.array([_wide(v, x) for v, x in zip(value, nothing, strict=True)])
    away = np.abs(value[:, at] - nothing[:, None])
    own = np.where(away > TIED * wide[:, None], away, wide[:, None])
    fixed = np.array([case.file.parties[p].scale is not None for p in parties])
    return Tested(
        parties=parties,
        covered=np.array(covered),
        reachable=_reachable(terms, states, at) & moved.any(axis=0),
        start=np.array([start for start, _ in tests]),
        hold=np.array([hold for _, hold in tests]),
        stake=np.where(fixed[:, None], comparing[:, None], own),
        margin=float(terms.numbers.read(("plan", "margin"), terms.plan.margin)[0]),
    )


def _comparing(terms: Terms, value: Floats, nothing: Floats) -> Floats:
    """What is at stake for each party where targets are compared: its scale, else the range of its values."""
    scale = {p: terms.case.file.parties[p].scale for p in terms.flows}
    return np.array(
        [
            _wide(v, d) if (s := scale[p]) is None else float(terms.numbers.read(("parties", p, "scale"), s)[0])
            for p, v, d in zip(terms.flows, value, nothing, strict=True)
        ]
    )


def _wide(value: Floats, nothing: float) -> float:
    return float(value.max() - value.min()) or abs(float(value[0]) - nothing) or 1.0


def _reachable(terms: Terms, states: StateSpace, at: Ints) -> Bools:
    """Where every option stands at a level that it can be moved to from today's, level by level; no merged states."""
    digits = states.digits[:, states.cell_of[at]]
    out = (np.bincount(states.state_of, minlength=len(states)) == 1)[at]
    for option, start in enumerate(terms.status_quo):
        windows = terms.rules.windows[option]
        can = np.zeros(len(windows), bool)
        for step in (1, -1):
            level = start
            can[level] = True
            while 0 <= level + step < len(windows) and windows[level][0] <= level + step <= windows[level][1]:
                level += step
                can[level] = True
        out &= can[digits[option]]
    reached: Bools = out
    return reached


class _Tests:
    """Both tests of one party at some states."""

    def __init__(self, terms: Terms, states: StateSpace, party: str, digits: NDArray[np.uint8]) -> None:
        self.terms, self.party, self.digits = terms, party, digits
        everything = tuple(np.arange(n) for n in states.space.counts)
        self.box = Grid(terms.status_quo, tuple(range(len(everything))), everything)
        self.delta = float(terms.discount[party][0])
        self.patient = terms.plan.values == "patient"
        self.flow, self.snapped = terms.flow(party, self.box), terms.snapped(party, self.box)
        self.breach = self._at(terms.breach(party, self.box), self.digits)

    def both(self, nothing: float) -> tuple[Floats, Floats]:
        """start_test and target_test, each of shape (states,)."""
        terms, d = self.terms, self.delta
        u = self._at(self.flow, self.digits)
        own = terms.rules.owns(self.party)
        paid = {o: self._paid(o) for o in own}
        start = u - (1 - d) * sum(paid.values(), np.zeros(len(u))) - nothing
        alarm = self._at(terms.alarm(self.box), self.digits)
        accused = self._at(terms.accused(self.party, self.box), self.digits)
        going_on = ((1 - d) * u + d * alarm * accused) / (1 - d * (1 - alarm))
        worst = self._at(terms.walk(self.party, self.box), self.digits)
        for hidden in self._subsets(own):
            clean = 0.0 if self.patient else (1 - d) * sum(paid[o] for o in hidden)
            worst = np.maximum(worst, self._pretended(hidden) + clean)
        return start, going_on - worst

    def _subsets(self, own: tuple[int, ...]) -> list[tuple[int, ...]]:
        names = self.terms.case.options
        can = [o for o in own if self.terms.caught(names[o], Grid(self.terms.status_quo, (), ())) is not None]
        return [s for size in range(1, len(can) + 1) for s in combinations(can, size)]

    def _pretended(self, hidden: tuple[int, ...]) -> Floats:
        """Value of a target where some options truly stand at the status quo; -inf where one is not moved at all."""
        true = self.digits.copy()
        moved = np.ones(self.digits.shape[1], bool)
        missed = np.ones(self.digits.shape[1])
        for option in hidden:
            true[option] = self.terms.status_quo[option]
            moved &= self.digits[option] != true[option]
            chance = self.terms.caught(self.terms.case.options[option], self.box)
            missed = missed * (1 - self._at(chance, self.digits)) if chance is not None else missed
        d = self.delta
        u, snapped = self._at(self.flow, true), self._at(self.snapped, true)
        once = (1 - d) * u + d * (1 - missed) * (snapped - self.breach)
        return np.where(moved, once / (1 - d * missed), -np.inf)

    def _paid(self, option: int) -> Floats:
        """What an option costs once on the way from the status quo to each state's level."""
        start, count = self.terms.status_quo[option], len(self.terms.rules.windows[option])
        name = self.terms.case.options[option]
        total = np.zeros(count)
        for way in (range(start, count), range(start, -1, -1)):
            total[list(way)] = np.cumsum(self.terms.along("costs", name, list(way))[0])
        paid: Floats = total[self.digits[option]]
        return paid

    @staticmethod
    def _at(values: Floats, digits: NDArray[np.uint8]) -> Floats:
        """Values of a grid of all levels at some states, at point values."""
        index = tuple(np.zeros(digits.shape[1], np.intp) if n == 1 else row for n, row in _pairs(values, digits))
        found: Floats = values[0][index]
        return found


def _pairs(values: Floats, digits: NDArray[np.uint8]) -> list[tuple[int, NDArray[np.uint8]]]:
    return list(zip(values.shape[1:], digits, strict=True))
