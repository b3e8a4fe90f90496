"""What drives a forecast: effects of inputs, what flips the likeliest outcome, which question to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.forecast.answer import Spread, tops
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Bools, Floats
from detente.forecast.effects import Effect, bins, entropy_drop, first_order, pick_freeze, total_effect, variance
from detente.forecast.inputs import NUMBER, TYPE, WHOLE, Factor, factors_of
from detente.forecast.sample import Sample, sample
from detente.mechanics.workers import Crew
from detente.space.draws import Draws
from detente.space.steered import Steered

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
    mixed = _mixed(source, [factors[n].streams for n in order[: effort.totals]], pairs, crew)
    totals = {n: total_effect(result[:pairs], m, whole) for n, m in zip(order, mixed, strict=False)}
    if effort.coarse:
        order.sort(key=lambda n: (factors[n].kind != TYPE, not factors[n].behaviour))
    chosen = [factors[n] for n in order if factors[n].kind != WHOLE or not effort.coarse]
    swept = [f for f in chosen[: effort.coarse or effort.swept] if f.kind != WHOLE]
    base, swings, flips = _swept(source, swept, crew, coarse=effort.coarse > 0) if swept else (None, {}, {})
    each = []
    for n, factor in enumerate(factors):
        first, drop, shared = given[n]
        if factor.kind == WHOLE and pairs:
            first = pick_freeze(result[:pairs], _complement(source, factors, factor, pairs, crew), whole)
        sure = first.chance < SURE / len(factors)
        total = totals.get(n)
        swing = swings.get(factor.path)
        if swing is not None and shared is not None:
            swing = replace(swing, shared=shared[0], shared_error=shared[1])
        clear = sure or (total is not None and total.chance < SURE and total.share >= SOME)
        brier = max(0.0, first.share) * whole if sure else 0.0
        each.append(Driver(factor, first, total, brier, drop if sure else None, swing, flips.get(factor.path), clear))
    groups = _groups(source, factors, result, group_pairs, crew)
    spread = _spread(source, factors, result, group_pairs, crew)
    return Drivers(tuple(sorted(each, key=_size, reverse=True)), whole, base, spread, groups, pairs)


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


def _groups(
    source: Source, factors: Sequence[Factor], result: Floats, pairs: int, crew: Crew
) -> tuple[tuple[str, Effect], ...]:
    """Total effects of groups, largest first."""
    streams: dict[str, list[str]] = {}
    for factor in factors:
        streams.setdefault(group_of(factor), []).extend(factor.streams)
    mixed = _mixed(source, list(streams.values()), pairs, crew)
    whole = variance(result)
    found = [(g, total_effect(result[:pairs], m, whole)) for g, m in zip(streams, mixed, strict=False)]
    return tuple(sorted(found, key=lambda x: -x[1].share))


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


def _mixed(source: Source, streams: Sequence[Sequence[str]], pairs: int, crew: Crew) -> list[Floats]:
    """Chances in the first draws with some streams at a time drawn afresh, (pairs, outcomes + 1) each."""
    if not streams or not pairs:
        return []
    number = np.tile(np.arange(pairs), len(streams))
    fresh: dict[str, Bools] = {}
    for n, some in enumerate(streams):
        for stream in some:
            fresh.setdefault(stream, np.zeros(len(number), bool))[n * pairs : (n + 1) * pairs] = True
    found = _run(source, Steered.of(source.draws, number, fresh=fresh), crew)
    return [found[n * pairs : (n + 1) * pairs] for n in range(len(streams))]


def _complement(source: Source, factors: Sequence[Factor], factor: Factor, pairs: int, crew: Crew) -> Floats:
    """Chances in the first draws with everything but an input drawn afresh, shape (pairs, outcomes + 1)."""
    every = {s for f in factors for s in f.streams}
    return _fresh(source, every - set(factor.streams), pairs, crew)


def _fresh(source: Source, streams: set[str], pairs: int, crew: Crew) -> Floats:
    fresh = {s: np.ones(pairs, bool) for s in streams}
    return _run(source, Steered.of(source.draws, np.arange(pairs), fresh=fresh), crew)


def _run(source: Source, design: Steered, crew: Crew) -> Floats:
    """Chances of every draw of a design, mean over the settings."""
    found = sample(source.on(design), crew, states=False)
    if found.stopped == "interrupted":
        raise KeyboardInterrupt
    return found.result


def _spread(source: Source, factors: Sequence[Factor], result: Floats, pairs: int, crew: Crew) -> Spread | None:
    """Variances where numbers of behaviour are drawn: by redrawing behaviour alone, and all else alone."""
    behaviour = {s for f in factors if f.behaviour for s in f.streams}
    if not behaviour or not pairs:
        return None
    others = {s for f in factors if not f.behaviour for s in f.streams}
    whole = result.var(axis=0, ddof=1)
    same_preferences = _fresh(source, behaviour, pairs, crew)
    same_behaviour = _fresh(source, others, pairs, crew)
    # what behaviour does, alone or together with preferences: Jansen's estimate, much surer than a covariance
    moved = np.minimum(((result[:pairs] - same_preferences) ** 2).mean(axis=0) / 2, whole)
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


def _swept(
    source: Source, factors: Sequence[Factor], crew: Crew, *, coarse: bool = False
) -> tuple[Floats, dict[str, Swing], dict[str, Flip]]:
    """Move each input along its range with all others at their point values; ``coarse``: to its ends only."""
    grids = [TENTHS if coarse and f.kind != TYPE else _grid(source, f) for f in factors]
    runs = [(None, 0.0), *((f, x) for f, grid in zip(factors, grids, strict=True) for x in grid)]
    found = _at(source, runs, crew)
    base, rows = found[0], found[1:]
    top = int(tops(base).argmax())
    swings, open_flips, at = {}, {}, 0
    for factor, grid in zip(factors, grids, strict=True):
        here = rows[at : at + len(grid)]
        at += len(grid)
        ends = [n for n, x in enumerate(grid) if factor.kind == TYPE or x in TENTHS]
        swings[factor.path] = Swing(tuple(grid[n] for n in ends), here[ends], None, None)
        if not coarse and (there := _first_flip(source, factor, grid, here, top)) is not None:
            open_flips[factor.path] = (factor, *there)
    return base, swings, _located(source, open_flips, top, crew)


def _grid(source: Source, factor: Factor) -> tuple[float, ...]:
    """The quantiles at which an input is looked at; for a type, the numbers of the types."""
    if factor.kind == TYPE and factor.party is not None:
        written = source.draws.case.file.preferences[factor.party].types or {}
        return tuple(float(n) for n in range(len(written)))
    return SWEEP


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
        rows = _at(source, [(found[p][0], x) for p, x in middles.items()], crew)
        for (path, x), row in zip(middles.items(), rows, strict=True):
            kept, flipped = ways[path]
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


def _at(source: Source, runs: Sequence[tuple[Factor | None, float]], crew: Crew) -> Floats:
    """Chances with one input each at a quantile (or type) and all else at point values, shape (runs, outcomes + 1)."""
    count = len(runs)
    pinned: dict[str, Floats] = {}
    for n, (factor, at) in enumerate(runs):
        for stream in factor.streams[:1] if factor is not None else ():
            row = pinned.setdefault(stream, np.full(count, np.nan))
            row[n] = at
    plain = source.draws
    return _run(source, Steered.of(plain, np.zeros(count, np.int64), pinned=pinned, points=np.ones(count, bool)), crew)
