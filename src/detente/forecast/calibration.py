"""Whether things happened as often as was said; with few cases a table with exact chances and no curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from detente.base.table import Table
from detente.base.wording import LIKELIHOOD, counted, likelihood, percent
from detente.forecast.error import wilson
from detente.forecast.scores import Floats, events

FEW = 50
"""Fewer cases than this make no curve."""
MOST_BINS = 10
TIED = 1e-7
"""Counts whose chances differ by less, in proportion, are equally surprising."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases for which about the same chance was given.

    Attributes:
        low, high: the smallest and the largest chance given.
        count: how many cases.
        happened: how many of them came true.
        said: the mean of the chances given.
        bar: 95 % interval of the share that comes true.
        exact: chance of a count at least as surprising, if every chance given was right and the cases are independent.
    """

    low: float
    high: float
    count: int
    happened: int
    said: float
    bar: tuple[float, float]
    exact: float

    @property
    def share(self) -> float:
        """How often it happened."""
        return self.happened / self.count


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was said beside what happened.

    Attributes:
        kind: table (few cases: put together by the words for chances) | curve (by quantiles of the chances given).
        count: how many cases.
        bins: by rising chance; no empty ones.
        exact: as of a bin, for all cases together.
    """

    kind: str
    count: int
    bins: tuple[Bin, ...]
    exact: float

    def table(self) -> Table:
        """One row per bin, and a last one for all."""
        rows = [
            (
                likelihood(b.said) if self.kind == "table" else f"{percent(b.low)} to {percent(b.high)}",
                percent(b.said), f"{b.happened} of {b.count}",
                f"{percent(b.bar[0])} to {percent(b.bar[1])}", _chance(b.exact),
            )
            for b in self.bins
        ]  # fmt: skip
        total = sum(b.happened for b in self.bins)
        said = sum(b.said * b.count for b in self.bins) / self.count
        bar = wilson(total, self.count)
        rows.append(
            ("all", percent(said), f"{total} of {self.count}", f"{percent(bar[0])} to {percent(bar[1])}",
             _chance(self.exact))
        )  # fmt: skip
        note = (
            "Last column: the chance of a count at least as surprising if every chance told was right and the cases"
            " have nothing to do with each other; a small one speaks against the chances told."
        )
        if self.kind == "table":
            note = f"{counted(self.count, 'case').capitalize()}: too few for a curve. {note}"
        heads = ("chance told", "on average", "came true", "share this allows", "chance of this by luck")
        return Table(
            heads, tuple(rows), title="Did it happen as often as was said?", note=note, rulers=(len(rows) - 1,)
        )


def calibration(p: ArrayLike, happened: ArrayLike) -> Calibration:
    """Put cases with about the same chance together and count what came true.

    Fewer than 50 cases are put together by the words for chances, more by quantiles of the chances given, equal ones
    always together.

    Args:
        p: chances given, shape (n,).
        happened: 0 or 1, shape (n,).

    Raises:
        ValueError: shapes or numbers that make no sense.
    """
    chances, came = events(p, happened)
    few = len(chances) < FEW
    which = _by_word(chances) if few else _by_quantile(chances)
    bins = tuple(_bin(chances[which == n], came[which == n]) for n in np.unique(which))
    return Calibration("table" if few else "curve", len(chances), bins, exact_chance(chances, int(came.sum())))


def exact_chance(p: ArrayLike, count: int) -> float:
    """Chance that the number of events that come true is at least as surprising as ``count``: two-sided and exact.

    Counts at least as surprising are those that are no more probable. With equal chances this is the binomial test;
    else the number has the Poisson-binomial distribution, worked out by adding one event after the other.

    Args:
        p: chance of each event, shape (n,); they are independent.
        count: how many came true.

    Raises:
        ValueError: a count that cannot be, chances outside 0 to 1.
    """
    chances = np.asarray(p, np.float64)
    if chances.ndim != 1 or not ((chances >= 0) & (chances <= 1)).all() or not 0 <= count <= len(chances):
        raise ValueError("chances between 0 and 1, and a count of their events")
    mass = np.ones(1)
    for chance in chances:
        mass = np.append(mass * (1 - chance), 0.0) + np.append(0.0, mass * chance)
    return min(1.0, float(mass[mass <= mass[count] * (1 + TIED)].sum()))


def _by_word(chances: Floats) -> Floats:
    names = [word for _, word in LIKELIHOOD]
    return np.array([names.index(likelihood(float(p))) for p in chances], np.float64)


def _by_quantile(chances: Floats) -> Floats:
    bins = min(MOST_BINS, len(chances) // (FEW // 5))
    edges = np.unique(np.quantile(chances, np.arange(1, bins) / bins, method="inverted_cdf"))
    return np.searchsorted(edges, chances, side="left").astype(np.float64)


def _bin(chances: Floats, came: Floats) -> Bin:
    count, happened = len(chances), int(came.sum())
    low, high = float(chances.min()), float(chances.max())
    said = min(high, max(low, float(chances.mean())))  # the mean of equal numbers is that number
    return Bin(low, high, count, happened, said, wilson(happened, count), exact_chance(chances, happened))


def _chance(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
