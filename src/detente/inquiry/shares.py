"""``shares``: in what share of the ways in which unknown and uncertain preferences could fall each state holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.completions import FIXED, Completions, completion_path
from detente.graph.known import Known
from detente.graph.model import GraphModel
from detente.graph.ranks import dense
from detente.space.copies import CopiedMoves
from detente.space.drawn import DrawnUtility
from detente.space.draws import Draws, draws
from detente.space.moves import Moves
from detente.stability.concepts import CONCEPTS, Concept, stable_states
from detente.stability.option_table import MOST_LISTED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ranks = NDArray[np.int32]
MOST_PROFILES = 20_000
MOST_CELLS = 1 << 17
MOST_SHOWN = 100
LEAST_DRAWS = 50
Z95 = 1.959963984540054
DRAWN = "drawn utility"
NOTHING = "Every preference is known and certain: nothing to draw."
MOST_SPELLED = 10**9


@dataclass(frozen=True, repr=False, eq=False)
class Shares(Result):
    """How often each state is stable.

    Attributes:
        graph: the conflict.
        draws: how many draws were made, or how many ways there are in all where ``exact``.
        method: party -> how its preference was drawn.
        exact: whether all ways were counted, each once.
        held: concept -> shape (states,): in how many draws a state is stable for every party.
        of_party: concept -> party -> shape (states,): the same for one party.
        orders: party with unknown comparisons -> how many orders agree with what is known; None: not counted.
    """

    graph: GraphModel
    draws: int
    method: Mapping[str, str]
    exact: bool
    held: Mapping[str, Ints]
    of_party: Mapping[str, Mapping[str, Ints]]
    orders: Mapping[str, int | None] = field(default_factory=dict)

    def share(self, concept: str, state: str | int, party: str | None = None) -> tuple[float, float, float]:
        """The share of a state with its 95 % interval (its own value twice where ``exact``)."""
        number = state if isinstance(state, int) else self.graph.states.find(state)
        counts = self.held[concept] if party is None else self.of_party[concept][party]
        low, high = self.interval(counts)
        return float(counts[number] / self.draws), float(low[number]), float(high[number])

    def interval(self, counts: Ints) -> tuple[Floats, Floats]:
        """Ends of the 95 % interval of each share (Wilson 1927); the share itself where all ways were counted."""
        return wilson(counts, self.draws) if not self.exact else (counts / self.draws, counts / self.draws)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON form; above 10,000 states only the 100 largest shares are listed unless ``full``."""
        every = full or len(self.graph) <= MOST_LISTED
        return {
            "draws": self.draws,
            "method": dict(self.method),
            "exact": self.exact,
            "shares": {c: self._listed(counts, every=every) for c, counts in self.held.items()},
            "by_party": {
                c: {p: self._listed(counts, every=every) for p, counts in of.items()}
                for c, of in self.of_party.items()
            },
        }  # fmt: skip

    def _listed(self, counts: Ints, *, every: bool) -> dict[str, dict[str, float]]:
        low, high = self.interval(counts)
        chosen = np.flatnonzero(counts)
        if not every:
            chosen = np.sort(chosen[np.argsort(-counts[chosen], kind="stable")][:MOST_SHOWN])
        return {
            self.graph.states.id(int(s)): {
                "share": float(counts[s] / self.draws), "low": float(low[s]), "high": float(high[s])
            }
            for s in chosen
        }  # fmt: skip

    def table(self) -> Table:
        """The states that hold most often, a column per concept."""
        total = np.sum(list(self.held.values()), axis=0)
        chosen = [int(s) for s in np.argsort(-total, kind="stable")[:24] if total[s]]
        rows = tuple(
            (self.graph.states.id(s), *(in_percent(c[s] / self.draws) if c[s] else "" for c in self.held.values()))
            for s in chosen
        )
        what = "ways in all" if self.exact else "draws"
        return Table(("state", *self.held), rows, title=f"Share of {self.draws:,} {what} in which a state holds")


def wilson(counts: Ints, draws: int) -> tuple[Floats, Floats]:
    """Ends of the 95 % interval of each share.

    Args:
        counts: in how many draws something happened.
        draws: how many draws there were.

    Source: Wilson 1927, Journal of the American Statistical Association 22.
    """
    share = counts / draws
    middle = (share + Z95**2 / (2 * draws)) / (1 + Z95**2 / draws)
    half = Z95 * np.sqrt(share * (1 - share) / draws + Z95**2 / (4 * draws**2)) / (1 + Z95**2 / draws)
    low = np.where(counts == 0, 0.0, np.clip(middle - half, 0.0, 1.0))
    high = np.where(counts == draws, 1.0, np.clip(middle + half, 0.0, 1.0))
    return low, high


def find_shares(
    graph: GraphModel,
    provenance: Provenance,
    concepts: Sequence[str] = tuple(CONCEPTS),
    *,
    count: int = 1000,
    seed: int = 0,
    tolerance: float | None = None,
) -> Shares:
    """In what share of completions and draws each state is stable.

    In every draw each party has one order: a uniform completion of what is known (``partial``, ``unknown``), its
    utility at drawn values, or its order as written. Types are not drawn. Where only completions vary and there are at
    most 20,000 combinations, all of them are counted instead.

    Args:
        graph: the conflict.
        provenance: carried into the result; seed and exactness are filled in here.
        concepts: ids of ``CONCEPTS``.
        count: number of draws.
        seed: the same seed gives the same draws.
        tolerance: stop once half the width of every interval is smaller (checked after whole batches, and
            never before 50 draws).

    Raises:
        UsageError: an unknown concept, or fewer than one draw.
        LimitReached: more than 6,000 states of one party with an unknown comparison.
    """
    for concept in concepts:
        if concept not in CONCEPTS:
            known = list(CONCEPTS)
            fix = did_you_mean(concept, known)
            raise UsageError(f"the unknown concept {shown(concept)}", f"one of {', '.join(known)}", fix)
    made = draws(graph.case, count, seed)
    profiles = _Profiles.of(graph, made)
    exact, total = profiles.enumerable, profiles.ways if profiles.enumerable else count
    tally = _Tally(graph, [CONCEPTS[c] for c in concepts], profiles.varying)
    done = 0
    for ranks in profiles.every() if exact else profiles.drawn():
        tally.add(ranks)
        done += len(next(iter(ranks.values())))
        if tolerance is not None and not exact and done >= LEAST_DRAWS and tally.precise(done, tolerance):
            total = done
            break
    found = replace(
        provenance, seed=None if exact else seed, exact=exact, warnings=(*provenance.warnings, *profiles.warnings)
    )
    orders = {p: c.count for p, c in profiles.completions.items()}
    return Shares(found, graph, total, profiles.method(exact=exact), exact, tally.held, tally.of_party, orders)


@dataclass(frozen=True, eq=False)
class _Profiles:
    """One order per party, draw by draw, or all combinations.

    Attributes:
        graph: the conflict.
        made: the draws of the case.
        completions: per party with unknown comparisons.
        utilities: per party with an uncertain utility.
    """

    graph: GraphModel
    made: Draws
    completions: Mapping[str, Completions]
    utilities: Mapping[str, DrawnUtility]
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, graph: GraphModel, made: Draws) -> _Profiles:
        case = graph.case
        completions, utilities, warnings = {}, {}, []
        for party in graph.parties:
            forms = case.preference(party)
            name = case.party_name(party)
            utility = DrawnUtility.of(made, graph.states, party)
            if forms is not None and (forms.partial is not None or forms.unknown):
                known = Known.of(case, graph.states, party, graph.ranks[party])
                completions[party] = Completions.of(known)
                if completions[party].approximate:
                    warnings.append(f"{name}: completions are only nearly uniform ({completions[party].method}).")
                if utility is not None:
                    warnings.append(f"{name}: beside unknown comparisons its numbers are taken at their point values.")
            elif utility is not None:
                utilities[party] = utility
        return cls(graph, made, completions, utilities, tuple(warnings))

    @property
    def varying(self) -> frozenset[str]:
        return frozenset(self.completions) | frozenset(self.utilities)

    @property
    def ways(self) -> int:
        return prod(c.count or 0 for c in self.completions.values())

    @property
    def enumerable(self) -> bool:
        counted = all(c.count is not None for c in self.completions.values())
        return not self.utilities and counted and self.ways <= MOST_PROFILES

    def method(self, *, exact: bool) -> dict[str, str]:
        out = dict.fromkeys(self.graph.parties, FIXED)
        out |= dict.fromkeys(self.utilities, DRAWN)
        for party, completions in self.completions.items():
            counted = f"all {completions.count:,} completions" if completions.count is not None else ""
            out[party] = counted if exact else f"completions by {completions.method}"
        return out

    def _batches(self, total: int) -> Iterator[tuple[int, int]]:
        size = max(1, MOST_CELLS // self.graph.states.cells)
        for first in range(0, total, size):
            yield first, min(size, total - first)

    def every(self) -> Iterator[dict[str, Ranks]]:
        """All combinations of completions, in batches: party -> shape (profiles, states)."""
        found = {p: c.every() for p, c in self.completions.items()}
        shape = tuple(len(f) for f in found.values())
        for first, count in self._batches(self.ways):
            at = np.unravel_index(np.arange(first, first + count), shape) if shape else ()
            chosen = {p: f[n] for (p, f), n in zip(found.items(), at, strict=True)}
            yield {p: chosen[p] if p in chosen else self._fixed(p, count) for p in self.graph.parties}

    def drawn(self) -> Iterator[dict[str, Ranks]]:
        """Draws in batches: party -> shape (draws, states)."""
        for first, count in self._batches(self.made.count):
            yield {p: self._drawn(p, first, count) for p in self.graph.parties}

    def _drawn(self, party: str, first: int, count: int) -> Ranks:
        if party in self.completions:
            return self.completions[party].drawn(self.made.generator, completion_path(party), first, count)
        if party in self.utilities:
            utility = self.utilities[party]
            return np.stack([dense(utility.of_draw(n)) for n in range(first, first + count)])
        return self._fixed(party, count)

    def _fixed(self, party: str, count: int) -> Ranks:
        return np.repeat(self.graph.rank(party)[None, :], count, axis=0)


class _Tally:
    """Counts how often each state is stable."""

    def __init__(self, graph: GraphModel, concepts: Sequence[Concept], varying: frozenset[str]) -> None:
        self.graph = graph
        self.concepts = concepts
        self.varying = varying
        size = len(graph)
        self.held = {c.id: np.zeros(size, np.int64) for c in concepts}
        self.of_party = {c.id: {p: np.zeros(size, np.int64) for p in graph.parties} for c in concepts}
        self._moves: dict[int, Moves] = {}
        self._same: dict[tuple[str, str], NDArray[np.bool_]] = {}

    def add(self, ranks: Mapping[str, Ranks]) -> None:
        """Count some profiles: party -> shape (profiles, states)."""
        count = len(next(iter(ranks.values())))
        if count not in self._moves:
            self._moves[count] = CopiedMoves(self.graph.moves, count) if count > 1 else self.graph.moves
        moves = self._moves[count]
        flat: dict[str, Ranks | None] = {p: r.ravel() for p, r in ranks.items()}
        many = GraphModel(self.graph.case, moves.states, moves, flat)
        for concept in self.concepts:
            everyone = np.ones((count, len(self.graph)), bool)
            for party in self.graph.parties:
                stable = self._stable(many, party, concept, count)
                everyone &= stable
                self.of_party[concept.id][party] += stable.sum(axis=0)
            self.held[concept.id] += everyone.sum(axis=0)

    def _stable(self, many: GraphModel, party: str, concept: Concept, count: int) -> NDArray[np.bool_]:
        """Shape (profiles, states); verdicts that no varying preference bears on are found once."""
        bearing = {party, *self.graph.movers} if concept.credible else {party}
        if not bearing & self.varying:
            key = (party, concept.id)
            if key not in self._same:
                self._same[key] = _verdicts(self.graph, party, concept)
            return np.broadcast_to(self._same[key], (count, len(self.graph)))
        return _verdicts(many, party, concept).reshape(count, -1)

    def precise(self, done: int, tolerance: float) -> bool:
        """Whether half the width of every interval is below a tolerance."""
        ends = [wilson(counts, done) for counts in self.held.values()]
        return all(float((high - low).max()) < 2 * tolerance for low, high in ends)


def _verdicts(graph: GraphModel, party: str, concept: Concept) -> NDArray[np.bool_]:
    found = stable_states(graph, party, concept)
    if found is None:  # every party has an order here
        raise ValueError(f"no verdict for {party}")
    return found


def lines(found: Shares, most: int = 5) -> list[str]:
    """The answer in sentences: what was counted, and per concept the states that hold most often."""
    if all(m == FIXED for m in found.method.values()):
        return [NOTHING]
    out = [*how_many(found)]
    for concept, counts in found.held.items():
        name = f"{CONCEPTS[concept].name} ({concept})"
        order = [int(s) for s in np.argsort(-counts, kind="stable")[:most] if counts[s]]
        if not order:
            out.append(f"{name}: no state holds in any of {the_ways(found)}.")
            continue
        for n, state in enumerate(order):
            what = f" of {the_ways(found)}" if n == 0 else ""
            head = f"{name}: " if n == 0 else "  "
            told = f"holds in {in_percent(counts[state] / found.draws)}{what} {_basis(found, counts, state)}"
            out.append(f"{head}{found.graph.states.id(state)} {told}.")
        left = int((counts > 0).sum()) - len(order)
        if left:
            out.append(f"  {left:,} more hold less often.")
    return out


def _basis(found: Shares, counts: Ints, state: int) -> str:
    if found.exact:
        return f"({counts[state]:,} of {found.draws:,}, all counted)"
    low, high = found.interval(counts)
    return f"(95 % interval {ends(low[state], high[state])})"


def how_many(found: Shares) -> list[str]:
    """How many orders agree with what is known, and what a share of them is."""
    parties = found.graph.parties
    counts = [found.orders[p] for p in parties if p in found.orders]
    if not counts:
        return []
    strict = "strict " if all(found.graph.ranks[p] is None for p in found.orders) else ""
    what = f"{strict}orders" if len(counts) == 1 else f"combinations of {strict}orders, one for each of these parties,"
    total = prod(c for c in counts if c is not None)
    if None in counts:
        number = "too many to count"
        said = f"The {what} that agree with what is known are {number}."
        return [f"{said} None is more likely to be drawn than another: a share is not a probability."]
    if total == 1:
        return ["There is one order that agrees with what is known."]
    number = f"{total:,}" if total < MOST_SPELLED else f"more than 10^{len(str(total)) - 1}"
    said = f"There are {number} {what} that agree with what is known."
    return [f"{said} Each counts once, none is more likely than another here: a share is not a probability."]


def the_ways(found: Shares) -> str:
    """What the shares are shares of."""
    if not found.exact:
        return f"the {found.draws:,} draws"
    return f"the {found.draws:,} ways"


def in_percent(share: float) -> str:
    """A share of at most three digits: nearly nothing and nearly everything are not rounded away."""
    if 0 < share < 0.005:
        return "under 0.5 %"
    if 0.995 < share < 1:
        return "over 99.5 %"
    return f"{share:.0%}".replace("%", " %")


def ends(low: float, high: float) -> str:
    """An interval, with as many digits as keep its ends apart, and from 0 and 100 where they are not that."""
    for digits in (0, 1, 2, 3, 4):
        one, other = (f"{100 * end:.{digits}f}" for end in (low, high))
        clear = all(0 < float(text) < 100 for text, end in ((one, low), (other, high)) if 0 < end < 1)
        if one != other and clear:
            break
    one, other = (str(int(float(t))) if end in (0, 1) else t for t, end in ((one, low), (other, high)))
    return f"{one}–{other} %"
