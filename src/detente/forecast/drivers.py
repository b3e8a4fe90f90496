"""What drives a forecast: effects of inputs, what flips the likeliest outcome, which question to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.forecast.answer import Spread, tops
from detente.forecast.design import Design
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Floats
from detente.forecast.effects import Effect, bins, entropy_drop, first_order, pick_freeze, total_effect, variance
from detente.forecast.inputs import NUMBER, TYPE, WHOLE, Factor, factors_of, stands_for
from detente.forecast.sample import Sample
from detente.mechanics.workers import Crew
from detente.space.draws import Draws

TENTHS = (0.1, 0.9)
SWEEP = (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
HALVINGS = 8
CLEAR = 2.0
"""Standard errors from which a difference is told apart from chance."""
SURE = 0.05
"""An input is said to have an effect where chance alone makes any of them look so with less than this chance."""
SOME = 0.01
"""A total effect below this is none to speak of."""


@dataclass(frozen=True)
class Swing:
    """Chances of the outcomes with an input at its 10th and at its 90th percentile (for a type: type by type).

    Attributes:
        at: the values: quantiles, or numbers of types.
        alone: everything else at its point value, shape (values, outcomes + 1).
        shared: everything else as drawn, shape (values, outcomes + 1); None for orders.
        shared_error: standard errors of ``shared``.
    """

    at: tuple[float, ...]
    alone: Floats
    shared: Floats | None
    shared_error: Floats | None


@dataclass(frozen=True)
class Flip:
    """Where an input, moved alone from its point value, makes another outcome the likeliest.

    Attributes:
        value: the number there (of the last level where levels move together), or the name of the type.
        quantile: the quantile of the input there; None for a type.
        to: number of the outcome that becomes the likeliest.
    """

    value: float | str
    quantile: float | None
    to: int


@dataclass(frozen=True)
class Driver:
    """One input.

    Attributes:
        factor: the input.
        first: share of the variance of the chances that it explains alone.
        total: share that goes with it, alone or together with others; None where not worked out.
        brier: how much the expected Brier score would fall if it were known (0 where not told apart from chance).
        entropy: how much the entropy of the forecast would fall, in bits; None for orders, or where ``brier`` is 0.
        swing: the chances at its ends; None where not worked out.
        flip: where it makes another outcome the likeliest; None: nowhere, or not worked out.
        clear: whether its effect is told apart from chance, given how many inputs there are.
    """

    factor: Factor
    first: Effect
    total: Effect | None
    brier: float
    entropy: float | None
    swing: Swing | None
    flip: Flip | None
    clear: bool


@dataclass(frozen=True)
class Drivers:
    """What drives a forecast; judged by the chances at the last date (in the end, without dates).

    Attributes:
        each: the inputs, by their effect, largest first.
        variance: of the chances in the draws, summed over the outcomes.
        base: chances with everything at its point value, shape (outcomes + 1,); None where not worked out.
        spread: of preferences and of behaviour, where numbers of behaviour are drawn.
        groups: total effects of groups of inputs: types, numbers, behaviour, all that a party wants, other blocks.
        pairs: pairs of draws behind the total effects.
    """

    each: tuple[Driver, ...]
    variance: float
    base: Floats | None
    spread: Spread | None
    groups: tuple[tuple[str, Effect], ...]
    pairs: int


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is worked out beside the answer.

    Attributes:
        pairs: pairs of draws per input for total effects; 0: none.
        totals: most inputs that get a total effect (those with the largest first-order effects, and orders).
        swept: most inputs that are moved alone; the same choice.
        group_pairs: pairs of draws per group of inputs, and for what behaviour does to the spread; 0: none.
        coarse: where too few can be swept: how many are moved between their 10th and 90th percentile only (types and
            behaviour first), without looking for where the likeliest outcome flips; 0: sweep.
    """

    pairs: int = 128
    totals: int = 40
    swept: int = 40
    group_pairs: int = 128
    coarse: int = 0


def drivers_of(source: Source, found: Sample, crew: Crew, effort: Effort) -> Drivers:
    """Effects of every input that the forecast reads.

    Args:
        source: what was drawn from.
        found: its sample.
        crew: who works.
        effort: how much to work out.
    """
    source = source.dated()
    factors = factors_of(source)
    result = found.result
    whole = variance(result)
    made = replace_count(source.draws, len(found))
    given = [_given(f, made, result) for f in factors]
    order = sorted(range(len(factors)), key=lambda n: (factors[n].kind != WHOLE, -given[n][0].share))
    pairs, group_pairs = (min(n, len(found)) if n > 1 else 0 for n in (effort.pairs, effort.group_pairs))
    design = Design(source)
    mixed = {n: design.fresh(factors[n].streams, pairs) for n in order[: effort.totals]} if pairs else {}
    every = {s for f in factors for s in f.streams}
    whole_orders = [n for n, f in enumerate(factors) if f.kind == WHOLE and pairs]
    alone = {n: design.fresh(every - set(factors[n].streams), pairs) for n in whole_orders}
    groups = _groups(factors, design, group_pairs)
    behaviour = _behaviour(factors, design, group_pairs)
    swept = _chosen(source, [factors[n] for n in order], effort)
    grids = {f.path: _grid(source, f, coarse=effort.coarse > 0) for f in swept}
    at = {f.path: [design.moved(f, x) for x in grids[f.path]] for f in swept}
    middle = design.moved(None, 0.0) if swept else None
    design.run(crew)
    rows = {path: design.found[some] for path, some in at.items()}
    base = None if middle is None else design.found[middle]
    flips = {} if base is None or effort.coarse else _flips(source, swept, grids, rows, base, crew)
    each = []
    for n, factor in enumerate(factors):
        first, drop, shared = given[n]
        if n in alone:
            first = pick_freeze(result[:pairs], design.found[alone[n]], whole)
        sure = first.chance < SURE / len(factors)
        total = total_effect(result[:pairs], design.found[mixed[n]], whole) if n in mixed else None
        swing = _swing(factor, grids[factor.path], rows[factor.path]) if factor.path in rows else None
        if swing is not None and shared is not None:
            swing = replace(swing, shared=shared[0], shared_error=shared[1])
        clear = sure or (total is not None and total.chance < SURE and total.share >= SOME)
        brier = max(0.0, first.share) * whole if sure else 0.0
        each.append(Driver(factor, first, total, brier, drop if sure else None, swing, flips.get(factor.path), clear))
    effects = [(g, total_effect(result[:group_pairs], design.found[some], whole)) for g, some in groups.items()]
    spread = None if behaviour is None else _spread(result, *(design.found[some] for some in behaviour))
    return Drivers(
        tuple(sorted(each, key=_size, reverse=True)), whole, base, spread,
        tuple(sorted(effects, key=lambda x: -x[1].share)), pairs,
    )  # fmt: skip


def group_of(factor: Factor) -> str:
    """The group of an input."""
    if factor.behaviour:
        return "behaviour"
    path = factor.written[0][0] if factor.written else ()
    if factor.kind == TYPE or path[-1:] == ("prior",):
        return "types"
    if factor.path.startswith("numbers."):
        return "numbers"
    return f"preferences.{factor.party or path[1]}" if factor.party or path[0] == "preferences" else path[0]


def _groups(factors: Sequence[Factor], design: Design, pairs: int) -> dict[str, slice]:
    """Draws for the total effects of groups: a group's streams afresh."""
    streams: dict[str, list[str]] = {}
    for factor in factors:
        streams.setdefault(group_of(factor), []).extend(factor.streams)
    return {g: design.fresh(some, pairs) for g, some in streams.items()} if pairs else {}


def _behaviour(factors: Sequence[Factor], design: Design, pairs: int) -> tuple[slice, slice] | None:
    """Draws with behaviour afresh, and with all else afresh; None where no number of behaviour is drawn."""
    behaviour = {s for f in factors if f.behaviour for s in f.streams}
    if not behaviour or not pairs:
        return None
    others = {s for f in factors if not f.behaviour for s in f.streams}
    return design.fresh(behaviour, pairs), design.fresh(others, pairs)


def _size(driver: Driver) -> tuple[bool, float]:
    shares = [e.share for e in (driver.first, driver.total) if e is not None]
    return driver.clear, max(shares)


def replace_count(draws: Draws, count: int) -> Draws:
    """The first of some draws."""
    return Draws(draws.case, count, draws.seed)


def _given(factor: Factor, draws: Draws, result: Floats) -> tuple[Effect, float | None, tuple[Floats, Floats] | None]:
    """First-order effect, fall of the entropy, and mean chances at the ends, all from the sample as it is."""
    at = factor.quantiles(draws)
    if at is None:
        return Effect(0.0, float("nan")), None, None
    kinds = factor.kind == TYPE
    bin_of = bins(at, kinds=kinds)
    # the median of the lowest fifth is the 10th percentile
    groups = [at == k for k in np.unique(at)] if kinds else [at <= np.quantile(at, 0.2), at >= np.quantile(at, 0.8)]
    means = np.array([result[g].mean(axis=0) for g in groups])
    errors = np.array(
        [result[g].std(axis=0, ddof=1) / np.sqrt(g.sum()) if g.sum() > 1 else result[0] * 0 for g in groups]
    )
    return first_order(result, bin_of), entropy_drop(result, bin_of, draws.seed), (means, errors)


def _spread(result: Floats, same_preferences: Floats, same_behaviour: Floats) -> Spread:
    """Variances where numbers of behaviour are drawn: by redrawing behaviour alone, and all else alone."""
    whole = result.var(axis=0, ddof=1)
    # what behaviour does, alone or together with preferences: Jansen's estimate, much surer than a covariance
    moved = np.minimum(((result[: len(same_preferences)] - same_preferences) ** 2).mean(axis=0) / 2, whole)
    alone = np.clip(_covariance(result, same_behaviour), 0.0, moved)
    parts = (whole - moved, alone, moved - alone, whole / len(result))
    return Spread(*(p[None, :] for p in parts))


def _covariance(result: Floats, other: Floats) -> Floats:
    count = len(other)
    own = result[:count]
    middle = (own.mean(axis=0) + other.mean(axis=0)) / 2
    covariance: Floats = ((own - middle) * (other - middle)).mean(axis=0)
    return covariance


# --- one input at a time ---------------------------------------------------------------------------------------------


def _chosen(source: Source, factors: Sequence[Factor], effort: Effort) -> list[Factor]:
    """The inputs that are moved alone, from those in order of their effects.

    Where few can be, types and behaviour come first, and what would change nothing at point values is left out.
    """
    if not effort.coarse:
        return [f for f in factors[: effort.swept] if f.kind != WHOLE]
    kept = [f for f in factors if f.kind == TYPE or (f.kind == NUMBER and not stands_for(source, f, 0.0))]
    return sorted(kept, key=lambda f: (f.kind != TYPE, not f.behaviour))[: effort.coarse]


def _grid(source: Source, factor: Factor, *, coarse: bool) -> tuple[float, ...]:
    """The quantiles at which an input is looked at; for a type, the numbers of the types."""
    if factor.kind == TYPE and factor.party is not None:
        written = source.draws.case.file.preferences[factor.party].types or {}
        return tuple(float(n) for n in range(len(written)))
    return TENTHS if coarse else SWEEP


def _swing(factor: Factor, grid: Sequence[float], rows: Floats) -> Swing:
    ends = [n for n, x in enumerate(grid) if factor.kind == TYPE or x in TENTHS]
    return Swing(tuple(grid[n] for n in ends), rows[ends], None, None)


def _flips(
    source: Source, factors: Sequence[Factor], grids: Mapping[str, Sequence[float]], rows: Mapping[str, Floats],
    base: Floats, crew: Crew,
) -> dict[str, Flip]:  # fmt: skip
    """Where inputs moved alone make another outcome the likeliest."""
    top, found = int(tops(base).argmax()), {}
    for factor in factors:
        there = _first_flip(source, factor, grids[factor.path], rows[factor.path], top)
        if there is not None:
            found[factor.path] = (factor, *there)
    return _located(source, found, top, crew)


def _first_flip(
    source: Source, factor: Factor, grid: Sequence[float], rows: Floats, top: int
) -> tuple[float, float, int] | None:
    """The place nearest to the point value where another outcome leads: (kept, flipped, which)."""
    leads = rows.argmax(axis=1)
    kept = rows[:, top] >= rows.max(axis=1) - 1e-9
    if kept.all():
        return None
    middle = 0.5
    if factor.kind == TYPE and factor.party is not None:
        case = source.draws.case
        middle = float(list(case.file.preferences[factor.party].types or {}).index(case.types[factor.party]))
    there = min((int(n) for n in np.flatnonzero(~kept)), key=lambda n: (abs(grid[n] - middle), n))
    ends = sorted((grid[there], middle))
    between = [n for n, keeps in enumerate(kept) if keeps and ends[0] <= grid[n] <= ends[1]]
    near = min(between, key=lambda n: abs(grid[n] - grid[there]), default=there)
    return grid[near], grid[there], int(leads[there])


def _located(
    source: Source, found: dict[str, tuple[Factor, float, float, int]], top: int, crew: Crew
) -> dict[str, Flip]:
    """Halve the way between a place where the outcome is kept and one where it is not, for all inputs at once."""
    ways = {p: (kept, flipped) for p, (f, kept, flipped, _) in found.items() if f.kind == NUMBER and kept != flipped}
    to = {p: t for p, (_, _, _, t) in found.items()}
    for _ in range(HALVINGS if ways else 0):
        middles = {p: (a + b) / 2 for p, (a, b) in ways.items()}
        design = Design(source)
        numbers = {p: design.moved(found[p][0], x) for p, x in middles.items()}
        design.run(crew)
        for path, x in middles.items():
            row, (kept, flipped) = design.found[numbers[path]], ways[path]
            if row[top] >= row.max() - 1e-9:
                ways[path] = (x, flipped)
            else:
                ways[path], to[path] = (kept, x), int(row.argmax())
    out = {}
    for path, (factor, _, flipped, _) in found.items():
        if factor.kind == TYPE and factor.party is not None:
            names = list(source.draws.case.file.preferences[factor.party].types or {})
            out[path] = Flip(names[int(flipped)], None, to[path])
            continue
        at = ways[path][1] if path in ways else flipped
        value = factor.value(source.draws, at)
        if value is not None:
            out[path] = Flip(value, at, to[path])
    return out
