"""Every deal with what each party gains by it, in exact integers, and who accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.mechanics.payoffs import Payoffs
from detente.settlement.problem import Bargain
from detente.space.masks import Bools
from detente.space.states import StateSpace
from detente.space.worth import Exact

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Deals:
    """The deals that may be agreed on.

    Attributes:
        bargain: the problem.
        states: their state numbers, shape (deals,), ascending.
        gains: party -> payoff minus disagreement, as integers over ``denominators[party]``, shape (deals,).
        denominators: party -> common denominator of its gains.
        covered: owner -> the deals that need its acceptance; signatories accept or refuse every deal.
        acceptable: deals nobody whose acceptance they need loses by.
        gaining: deals somebody whose acceptance they need gains by.
        strict: deals all whose acceptance they need gain by.
    """

    bargain: Bargain
    states: Index
    gains: dict[str, Exact]
    denominators: dict[str, int]
    covered: dict[str, Bools]
    acceptable: Bools
    gaining: Bools
    strict: Bools

    def __len__(self) -> int:
        return len(self.states)

    @property
    def zone(self) -> Bools:
        """Deals nobody loses by and somebody gains by."""
        return self.acceptable & self.gaining

    def gain(self, party: str, deal: int) -> Fraction:
        """What a party gains by a deal, against having none."""
        return Fraction(int(self.gains[party][deal]), self.denominators[party])

    def voices(self, deal: int) -> tuple[str, ...]:
        """Whose acceptance a deal needs."""
        return tuple(p for p in self.bargain.voices if p not in self.covered or self.covered[p][deal])

    def floats(self, party: str) -> NDArray[np.float64]:
        """Gains of a party as floating-point numbers."""
        return np.asarray(self.gains[party], np.float64) / self.denominators[party]


def deals_of(bargain: Bargain) -> Deals:
    """Evaluate every deal of an enumerated bargaining problem.

    Raises:
        UsageError: the states are not enumerated, or who has to accept a merged state depends on its levels.
    """
    states = bargain.states
    if states is None:
        raise UsageError("a problem without its states", "one whose states are enumerated")
    numbers = np.arange(len(states)) if bargain.allowed is None else np.flatnonzero(bargain.allowed)
    gains: dict[str, Exact] = {}
    denominators: dict[str, int] = {}
    for party in bargain.voices:
        payoff = bargain.payoffs[party]
        pick = payoff.numerators if bargain.allowed is None else payoff.numerators[numbers]
        gains[party], denominators[party] = exact_gains(payoff, pick, bargain.disagreement[party])
    covered, doubtful = covered_by(bargain, states, numbers)
    acceptable, strict = np.ones(len(numbers), bool), np.ones(len(numbers), bool)
    gaining = np.zeros(len(numbers), bool)
    for party, gain in gains.items():
        up, kept = np.asarray(gain > 0, bool), np.asarray(gain >= 0, bool)
        if party in covered:
            gaining |= up & covered[party]
            strict &= up | ~covered[party]
            acceptable &= kept | ~covered[party]
        else:
            gaining |= up
            strict &= up
            acceptable &= kept
    if doubtful is not None and (doubtful & gaining).any():
        refuse_merged(states, int(numbers[np.flatnonzero(doubtful & gaining)[0]]), "who has to accept it")
    return Deals(bargain, numbers, gains, denominators, covered, acceptable, gaining, strict)


def exact_gains(payoff: Payoffs, numerators: Exact, disagreement: Fraction) -> tuple[Exact, int]:
    """Payoffs minus disagreement as integers, and their common denominator.

    Args:
        payoff: whose denominator the numerators have.
        numerators: payoffs of the deals asked about.
        disagreement: what the party has without a deal.
    """
    common = lcm(payoff.denominator, disagreement.denominator)
    factor, base = common // payoff.denominator, int(disagreement * common)
    if numerators.dtype != object and len(numerators):
        largest = max(abs(int(numerators.max())), abs(int(numerators.min()))) * factor + abs(base)
        if largest >= 2**62:
            numerators = numerators.astype(object)
    scaled = numerators if factor == 1 else numerators * factor
    return (scaled if base == 0 else scaled - base), common


def covered_by(bargain: Bargain, states: StateSpace, numbers: Index) -> tuple[dict[str, Bools], Bools | None]:
    """Where each owner's acceptance is needed, and the merged states in which that depends on the levels."""
    if not bargain.owners:
        return {}, None
    found = bargain.covers(states.digits)
    if not states.merged:
        return {p: c[numbers] for p, c in found.items()}, None
    out, doubtful = {}, np.zeros(len(states), bool)
    for party, cells in found.items():
        some, none = np.zeros(len(states), bool), np.zeros(len(states), bool)
        some[states.state_of[cells]] = True
        none[states.state_of[~cells]] = True
        out[party] = some[numbers]
        doubtful |= some & none
    return out, doubtful[numbers]


def refuse_merged(states: StateSpace, state: int, needed: str) -> None:
    """Refuse a merged state whose levels are needed (DESIGN section 3)."""
    found = f"the merged state {states.key(state)} as a deal: its levels are needed to say {needed}"
    raise UsageError(found, "a state with one level for each option", "Take it out of coalesce for this question.")
