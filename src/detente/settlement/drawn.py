"""The answer in draws of what is uncertain: how often each deal is picked, stays acceptable, or can be improved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached
from detente.graph.completions import Completions
from detente.graph.known import Known
from detente.graph.ranks import ranks_of
from detente.settlement.drawn_ask import Ask, what_to_ask
from detente.settlement.drawn_gains import CERTAIN, COMPLETION, ORDER, DrawnGains, completed_gains, drawn_gains
from detente.settlement.drawn_rules import best_classes, front
from detente.settlement.enumeration import Index, covered_by
from detente.settlement.problem import Bargain
from detente.settlement.result import Settlement
from detente.space.draws import Draws
from detente.space.masks import Bools

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]
DECIDED = 0.9
MOST_ITEMS = 12
TIED = 1e-9
MOST_TIES = 3  # whose shares are told
VERDICTS = ("zone", "weak", "none")


@dataclass(frozen=True, slots=True)
class Regret:
    """The deals with the smallest largest regret.

    Attributes:
        deals: their positions in ``Deals``, every tie among them.
        amount: the regret of the party that regrets most, in stakes.
        of_party: of each signatory, for the first of the deals, in stakes.
    """

    deals: Index
    amount: Fraction
    of_party: dict[str, Fraction]


@dataclass(frozen=True, eq=False)
class InDraws:
    """How an answer fares in draws.

    Attributes:
        draws, seed: how many were made, and from which seed.
        parties: the signatories in the draws; with those of which only some comparisons are known.
        kinds: everybody asked -> what is drawn: certain | utility | order | completion.
        verdicts: verdict -> share of draws.
        chosen: rule -> share of draws in which it picks each deal, shape (deals,). A draw in which it picks several
            classes of payoffs counts for one of them by its part.
        again: rule -> deals that it picks at the point values -> share of draws in which it picks that deal, alone or
            among others.
        zone: share of draws in which each deal is strictly better than no deal for all whose acceptance it needs.
        frontier: share of draws in which each deal is acceptable to them and undominated.
        regret: the deals with the smallest largest regret over the draws.
        asks: what to ask a party of which only an order, or part of it, is known, where that does not decide.
        warnings: what a reader must know about the draws.
    """

    draws: int
    seed: int
    parties: tuple[str, ...]
    kinds: dict[str, str]
    verdicts: dict[str, float]
    chosen: dict[str, Floats]
    again: dict[str, dict[int, float]]
    zone: Floats
    frontier: Floats
    regret: Regret
    asks: tuple[Ask, ...] = ()
    warnings: tuple[str, ...] = ()

    def of_deal(self, position: int) -> dict[str, float]:
        """Rule -> share of draws in which it picks a deal, given by its position in ``Deals``."""
        return {r: float(c[position]) for r, c in self.chosen.items()}

    @property
    def orders(self) -> tuple[str, ...]:
        """Parties whose utilities were drawn to fit what is known of their order."""
        return tuple(p for p, k in self.kinds.items() if k in (ORDER, COMPLETION))


def in_draws(found: Settlement, draws: Draws) -> InDraws | None:
    """How an answer by enumeration fares in draws; None where nothing that it depends on is uncertain.

    Per draw the utilities, the disagreement and the weights are taken at drawn values. Of a party with an order alone
    a utility that fits it is drawn; where only some comparisons are known, a completion of them first, and the party is
    counted among those asked although the answer at the point values leaves it out.

    Args:
        found: the answer at the point values, with its deals enumerated.
        draws: of the same case.
    """
    assert found.deals is not None  # noqa: S101 - the caller's part
    table, warnings = _Table.of(found, draws)
    if not table.varies:
        return None
    tally = _Tally(table, tuple(found.points), _items(found))
    weights = table.weights
    for n, rows in enumerate(zip(*(g.rows() for g in table.gains.values()), strict=True)):
        tally.add(dict(zip(table.gains, rows, strict=True)), weights[:, n])
    count = draws.count
    agree = [(r, tally.agree(r, at)) for r in found.points if (at := _position(found, r)) is not None]
    again = {r: {n: float(tally.agree(r, n).mean()) for n in _positions(found, r)} for r in found.points}
    verdict = np.array([float(v == found.verdict) for v in tally.verdicts])
    return InDraws(
        draws=count,
        seed=draws.seed,
        parties=table.axes,
        kinds={p: g.kind for p, g in table.gains.items()},
        verdicts={v: tally.verdicts.count(v) / count for v in VERDICTS},
        chosen={r: c / count for r, c in tally.chosen.items()},
        again=again,
        zone=tally.zone / count,
        frontier=tally.frontier / count,
        regret=_smallest_regret(table, tally),
        asks=what_to_ask(table.gains, tally.kept, [("verdict", verdict), *agree], tally.items),
        warnings=tuple(warnings),
    )


def _position(found: Settlement, rule: str) -> int | None:
    """Position in ``Deals`` of the deal that a rule picks at the point values, the first of several."""
    return next(iter(_positions(found, rule)), None)


def _positions(found: Settlement, rule: str) -> list[int]:
    """Positions in ``Deals`` of the deals that a rule picks at the point values, the first of each class."""
    states = [c.deals[0].state for c in found.points.get(rule, ())[:MOST_TIES]]
    if found.deals is None:
        return []
    return [int(np.searchsorted(found.deals.states, s)) for s in states if s is not None]


def _items(found: Settlement) -> Index:
    """Deals whose payoffs are kept draw by draw: what the rules pick, then classes along the frontier."""
    assert found.deals is not None  # noqa: S101
    picked = [p for r in found.points if (p := _position(found, r)) is not None]
    others = [c.deals[0].state for c in found.frontier]
    step = max(1, len(others) // MOST_ITEMS)
    numbers = [int(np.searchsorted(found.deals.states, s)) for s in others[::step] if s is not None]
    return np.array(list(dict.fromkeys([*picked, *numbers]))[:MOST_ITEMS], np.int64)


@dataclass(frozen=True, eq=False)
class _Table:
    """The problem in draws.

    Attributes:
        bargain: the problem.
        deals: state numbers of the deals, shape (deals,).
        axes: signatories, in the order of the case.
        gains: signatories first, then other owners.
        covered: owner -> the deals that need its acceptance.
        weights: shape (signatories, draws).
    """

    bargain: Bargain
    deals: Index
    axes: tuple[str, ...]
    gains: dict[str, DrawnGains]
    covered: dict[str, Bools]
    weights: Floats
    uncertain: bool

    @classmethod
    def of(cls, found: Settlement, draws: Draws) -> tuple[_Table, list[str]]:
        bargain, deals = found.bargain, found.deals
        assert deals is not None  # noqa: S101
        states = bargain.states
        assert states is not None  # noqa: S101
        gains = {p: drawn_gains(draws, states, bargain.payoffs[p]) for p in bargain.voices}
        warnings = []
        for party in (*bargain.unknown, *_doubted(bargain)):
            try:
                known = Known.of(bargain.case, states, party, ranks_of(bargain.case, states, party)[0])
                gains[party] = completed_gains(draws, states, party, Completions.of(known))
            except LimitReached as limit:
                warnings.append(f"{bargain.case.party_name(party)} is left out of the draws too: {limit}")
        signatories = [p for p, w in bargain.case.file.parties.items() if w.role == "signatory"]
        axes = tuple(p for p in signatories if p in gains)
        owners = tuple(p for p in bargain.case.parties if p in gains and p not in axes)
        asked = replace(bargain, axes=axes, owners=owners)
        weights, uncertain = _weights(asked, draws)
        covered, _ = covered_by(asked, states, deals.states)
        ordered = {p: gains[p] for p in (*axes, *owners)}
        return cls(asked, deals.states, axes, ordered, covered, weights, uncertain), warnings

    @property
    def varies(self) -> bool:
        """Whether anything differs from draw to draw."""
        return self.uncertain or any(g.kind != CERTAIN or g.moving for g in self.gains.values())


def _doubted(bargain: Bargain) -> list[str]:
    """Voices with an order of which some comparisons are said to be unknown."""
    forms = {p: bargain.case.preference(p) for p in bargain.voices if p in bargain.ordinal}
    return [p for p, f in forms.items() if f is not None and f.unknown]


def _weights(bargain: Bargain, draws: Draws) -> tuple[Floats, bool]:
    """Weights of the signatories in every draw, and whether they differ; those given with the question are certain."""
    out = np.ones((len(bargain.axes), draws.count))
    uncertain = False
    for n, party in enumerate(bargain.axes):
        written = bargain.case.file.settlement.weights.get(party)
        given = bargain.weights.get(party, Fraction(1))
        out[n] = float(given)
        path = ("settlement", "weights", party)
        if written is not None and path in draws.inputs and bargain.case.mean(written) == given:
            out[n] = draws.sample(path, written)
            uncertain = True
    return out, uncertain


class _Tally:
    """Counts over the draws."""

    def __init__(self, table: _Table, rules: Sequence[str], items: Index) -> None:
        self.table = table
        self.rules = rules
        self.items = items
        count = len(table.deals)
        self.whole = count == len(table.bargain.states or ())
        self.chosen = {r: np.zeros(count) for r in rules}
        self.zone, self.frontier = np.zeros(count), np.zeros(count)
        self.regret = {p: np.full(count, np.iinfo(np.int64).min, np.int64) for p in table.axes}
        self.verdicts: list[str] = []
        self.kept: dict[str, list[Floats]] = {p: [] for p, g in table.gains.items() if g.kind in (ORDER, COMPLETION)}
        self._picked: dict[str, list[Index]] = {r: [] for r in rules}
        self._spare = np.empty(count, np.int64)
        self._places: dict[str, Index] = {p: g.place for p, g in table.gains.items() if g.place is not None}

    def add(self, everything: Mapping[str, Int64], weights: Floats) -> None:
        """Count one draw: party -> gains of all states."""
        table = self.table
        gains = everything if self.whole else {p: g[table.deals] for p, g in everything.items()}
        for party, kept in self.kept.items():
            kept.append(gains[party][self.items] / table.gains[party].unit)
        inside = np.flatnonzero(self._acceptable(gains))
        here = {p: g[inside] for p, g in gains.items()}
        self._regret(gains, here)
        verdict, strict = self._verdict(here, inside)
        self.verdicts.append(verdict)
        if verdict == "none":
            for picked in self._picked.values():
                picked.append(inside[:0])
            return
        self.zone[inside[strict]] += 1
        positions, classes = front([here[p] for p in table.axes])
        members = inside[positions]
        self.frontier[members] += 1
        first = np.searchsorted(classes, np.arange(classes[-1] + 1))
        units = np.array([table.gains[p].unit for p in table.axes])
        shares = np.array([here[p][positions[first]] for p in table.axes]) / units[:, None]
        found = best_classes(shares, weights, self.rules, lambda: self._depths(everything, members[first]))
        for rule, which in found.items():
            part = 1.0 / int(which.sum())
            taken = members[which[classes]]
            self.chosen[rule][taken] += part
            self._picked[rule].append(taken)

    def agree(self, rule: str, position: int | None) -> Floats:
        """Whether each draw picks one deal by a rule, alone or among others, shape (draws,)."""
        return np.array([float(position in taken) for taken in self._picked[rule]])

    def _acceptable(self, gains: Mapping[str, Int64]) -> Bools:
        out: Bools | None = None
        for party, gain in gains.items():
            kept: Bools = np.greater_equal(gain, 0)
            if party in self.table.covered:
                kept |= ~self.table.covered[party]
            out = kept if out is None else np.logical_and(out, kept, out=out)
        assert out is not None  # noqa: S101 - there is a signatory
        return out

    def _verdict(self, here: Mapping[str, Int64], inside: Index) -> tuple[str, Bools]:
        strict, some = np.ones(len(inside), bool), np.zeros(len(inside), bool)
        for party, gain in here.items():
            up: Bools = np.greater(gain, 0)
            if party in self.table.covered:
                covered = self.table.covered[party][inside]
                strict &= up | ~covered
                some |= up & covered
            else:
                strict &= up
                some |= up
        return ("zone" if strict.any() else "weak" if some.any() else "none"), strict

    def _regret(self, gains: Mapping[str, Int64], here: Mapping[str, Int64]) -> None:
        for party, worst in self.regret.items():
            best = here[party].max(initial=0)  # where no deal is acceptable, having none is the best there is
            np.subtract(best, gains[party], out=self._spare)
            np.maximum(worst, self._spare, out=worst)

    def _depths(self, everything: Mapping[str, Int64], members: Index) -> Index:
        """How many classes of its order over all feasible states each party has gone down, shape (parties, classes)."""
        states = self.table.deals[members]
        rows = []
        for party in self.table.axes:
            if party in self._places:
                rows.append(self._places[party][states])
                continue
            values = everything[party]
            mine = values[states]
            above = np.sort(values[values > mine.min()])
            fresh = np.ones(len(above), bool)
            np.not_equal(above[1:], above[:-1], out=fresh[1:])
            distinct = above[fresh]
            rows.append(len(distinct) - np.searchsorted(distinct, mine, side="right"))
        return np.array(rows)


def _smallest_regret(table: _Table, tally: _Tally) -> Regret:
    """Compared in floating point, then exactly among those within rounding of the best."""
    unit = {p: Fraction(table.gains[p].unit) * _stake(table.bargain, p) for p in table.axes}
    floats = np.max([tally.regret[p] / float(unit[p]) for p in table.axes], axis=0)
    near = np.flatnonzero(floats <= floats.min() + TIED * max(abs(float(floats.min())), 1.0))

    def of(deal: int) -> dict[str, Fraction]:
        return {p: Fraction(int(tally.regret[p][deal])) / unit[p] for p in table.axes}

    exact = {int(d): max(of(int(d)).values()) for d in near}
    least = min(exact.values())
    deals = np.array([d for d, v in exact.items() if v == least], np.int64)
    return Regret(deals, least, of(int(deals[0])))


def _stake(bargain: Bargain, party: str) -> Fraction:
    """At the point values; an order, or what is known of one, runs from 0 to 1."""
    return bargain.stake(party) if party in bargain.payoffs else Fraction(1)
