"""The record of sealed forecasts: how those did whose dates have come, beside how many are still open.

Every date of a forecast is judged by itself, once the file of what came true has an entry for that very date; judged
earlier, forecasts of what has already happened would be picked out. Where a forecast is of what is *ever* reached, the
first outcome in its list counts among all that held up to the date; else the one that held on it. Every seal has the
same weight, however many dates it has.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite
from typing import Any

import numpy as np

from detente.base.errors import UsageError
from detente.base.table import Table
from detente.base.wording import counted, listed, percent
from detente.forecast.calibration import FEW, Calibration, calibration
from detente.forecast.came_true import CameTrue
from detente.forecast.result import UNNAMED
from detente.forecast.scores import Murphy, brier_many, log_score, murphy, skill
from detente.forecast.seals import Sealed


@dataclass(frozen=True, slots=True)
class Graded:
    """One date of one sealed forecast, judged.

    Attributes:
        seal: number of the seal.
        row: number of the date in it.
        at: the date.
        outcome: what came true.
        chance: the chance it had been given.
        brier: sum over the outcomes of the squared distance, 0 to 2.
        log: minus the natural logarithm of the chance; infinite where it was 0.
        told, base: the same sum over the outcomes that have a base rate, of the forecast and of the base rates; None
            where none has one.
    """

    seal: int
    row: int
    at: dt.date
    outcome: str
    chance: float
    brier: float
    log: float
    told: float | None
    base: float | None


@dataclass(frozen=True)
class Record:
    """How sealed forecasts did.

    Attributes:
        seals: all that were given.
        graded: dates that were judged, by seal and date.
        pending: (number of the seal, date): dates without an entry of what came true.
        late: (number of the seal, date): dates that had come or were decided when it was sealed; never judged.
        undated: how many seals also tell of the end, without a date; that is never judged.
    """

    seals: tuple[Sealed, ...]
    graded: tuple[Graded, ...]
    pending: tuple[tuple[int, dt.date], ...]
    late: tuple[tuple[int, dt.date], ...]
    undated: int

    @property
    def scored(self) -> tuple[int, ...]:
        """Numbers of the seals with a date judged."""
        return tuple(dict.fromkeys(g.seal for g in self.graded))

    @property
    def brier(self) -> float | None:
        """Mean over the seals of the mean over their dates; None where nothing was judged."""
        return self._mean([(g.seal, g.brier) for g in self.graded])

    @property
    def log(self) -> float | None:
        """The same of the log score; infinite where what came true had been given no chance at all."""
        return self._mean([(g.seal, g.log) for g in self.graded])

    @property
    def against(self) -> tuple[float, float] | None:
        """Brier score and that of the base rates, over what has a base rate; None where nothing has."""
        told = self._mean([(g.seal, g.told) for g in self.graded if g.told is not None])
        base = self._mean([(g.seal, g.base) for g in self.graded if g.base is not None])
        return None if told is None or base is None else (told, base)

    @property
    def skill(self) -> float | None:
        """Part of the base rates' score that was saved: 1 = perfect, 0 = no better than the base rates."""
        return None if self.against is None else skill(*self.against)

    @property
    def events(self) -> tuple[list[float], list[int]]:
        """Per seal judged, the chance of the outcome called likeliest for its last date judged, and if it came true.

        One case per seal, as the dates and outcomes of one forecast hang together. Of equal chances the first counts.
        """
        last = {g.seal: g for g in self.graded}
        chances, came = [], []
        for graded in last.values():
            seal = self.seals[graded.seal]
            best = int(np.argmax(seal.p[graded.row]))
            chances.append(seal.p[graded.row][best])
            came.append(int(seal.names[best] == graded.outcome))
        return chances, came

    @cached_property
    def calibration(self) -> Calibration | None:
        """Whether what was called likeliest came true as often as was said; None where nothing was judged."""
        return calibration(*self.events) if self.graded else None

    @property
    def murphy(self) -> Murphy | None:
        """The Brier score of these cases in parts; None with fewer than 50, where its parts would be luck."""
        return murphy(*self.events) if len(self.scored) >= FEW else None

    def table(self) -> Table:
        """Dates as rows: what came true, the chance it had been given, the scores."""
        rows = [
            (
                self.seals[g.seal].name, str(g.at), g.outcome, percent(g.chance), f"{g.brier:.3f}",
                _number(g.log), "none given" if g.base is None else f"{g.told:.3f} to {g.base:.3f}",
            )
            for g in self.graded
        ]  # fmt: skip
        heads = ("sealed forecast", "date", "came true", "chance told", "Brier", "log", "Brier, told to base rate")
        return Table(heads, tuple(rows), title="Sealed forecasts and what came true", note=self.counts())

    def counts(self) -> str:
        """How many were judged, and how many were not."""
        dates = f"{counted(len(self.graded), 'date')} of {counted(len(self.scored), 'sealed forecast')}"
        parts = [f"{counted(len(self.pending), 'date')} still open"]
        if self.late:
            parts.append(f"{counted(len(self.late), 'date')} left out, as known when the forecast was sealed")
        if self.undated:
            parts.append(f"{counted(self.undated, 'forecast')} of the end, without a date, never judged")
        was = "was" if len(self.graded) == 1 else "were"
        return f"{len(self.seals):,} given; {dates} {was} judged; {listed(parts)}."

    def _mean(self, values: Sequence[tuple[int, float]]) -> float | None:
        """Mean over seals of the mean over their dates."""
        if not values:
            return None
        count = Counter(n for n, _ in values)
        return sum(v / count[n] for n, v in values) / len(count)


def score(seals: Sequence[Sealed], came_true: Sequence[CameTrue]) -> Record:
    """How sealed forecasts did.

    Args:
        seals: opened ones, each once.
        came_true: what came true of them.

    Raises:
        UsageError: no seal, or the same twice.
    """
    if not seals:
        raise UsageError("no sealed forecast", "the files to score")
    twice = next((h for h, n in Counter(s.hash for s in seals).items() if n > 1), None)
    if twice is not None:
        raise UsageError(f"the seal {twice[:15]}… twice", "each sealed forecast once")
    graded, pending, late = [], [], []
    for number, seal in enumerate(seals):
        held = {c.at: c.outcome for c in came_true if c.seal == number}
        for date, row in sorted((d, n) for n, d in enumerate(seal.dates) if d is not None):
            if date <= seal.when.date() or _decided(seal, held):
                late.append((number, date))
            elif date in held:
                graded.append(_judged(number, seal, row, _outcome(seal, held, date)))
            else:
                pending.append((number, date))
    undated = sum(None in s.dates for s in seals)
    return Record(tuple(seals), tuple(graded), tuple(pending), tuple(late), undated)


def record_of(record: Record) -> dict[str, Any]:
    """A track record as it stands beside a later forecast, all of it JSON.

    Args:
        record: of earlier forecasts.

    Returns:
        Counts; ``brier`` (0 to 2), ``log`` and ``skill`` or null; how often outcomes given no chance came true; the
        calibration or null.
    """
    against, found, parts = record.against, record.calibration, record.murphy
    return {
        "seals": len(record.seals),
        "cases": len({s.case for s in record.seals}),
        "scored": len(record.scored),
        "graded": len(record.graded),
        "pending": len(record.pending),
        "late": len(record.late),
        "undated": record.undated,
        "brier": record.brier,
        "log": finite(record.log),
        "impossible": sum(g.log == inf for g in record.graded),
        "told": None if against is None else against[0],
        "base": None if against is None else against[1],
        "skill": record.skill,
        "calibration": None if found is None else {
            "kind": found.kind, "count": found.count, "exact": found.exact,
            "bins": [
                {"low": b.low, "high": b.high, "count": b.count, "happened": b.happened, "said": b.said,
                 "bar": list(b.bar), "exact": b.exact}
                for b in found.bins
            ],
        },
        "murphy": None if parts is None else {
            "brier": parts.brier, "reliability": parts.reliability, "resolution": parts.resolution,
            "uncertainty": parts.uncertainty,
        },
    }  # fmt: skip


def _outcome(seal: Sealed, held: Mapping[dt.date, str], date: dt.date) -> str:
    """What counts as having come true for a date."""
    if not seal.ever:
        return held[date]
    order = (*seal.names, UNNAMED)
    return min((o for d, o in held.items() if d <= date), key=order.index)


def _decided(seal: Sealed, held: Mapping[dt.date, str]) -> bool:
    """Whether it was decided before sealing: nothing comes before the first outcome, once that has been reached."""
    return seal.ever and any(o == seal.names[0] for d, o in held.items() if d <= seal.when.date())


def _judged(number: int, seal: Sealed, row: int, outcome: str) -> Graded:
    date = seal.dates[row]
    assert date is not None  # noqa: S101 - only dates are judged
    names = seal.names if outcome in seal.names else (*seal.names, UNNAMED)
    chances = np.array([[*seal.p[row], 0.0][: len(names)]])
    chances /= chances.sum()  # rounding
    came = names.index(outcome)
    rated = [n for n, name in enumerate(seal.names) if name in seal.base_rates]
    told = sum((float(chances[0, n]) - (n == came)) ** 2 for n in rated)
    base = sum((seal.base_rates[seal.names[n]] - (n == came)) ** 2 for n in rated)
    return Graded(
        number, row, date, outcome, float(chances[0, came]), float(brier_many(chances, [came])[0]),
        float(log_score(chances, [came])[0]), told if rated else None, base if rated else None,
    )  # fmt: skip


def finite(value: float | None) -> float | None:
    """The number, or None where it is none or infinite."""
    return value if value is not None and isfinite(value) else None


def _number(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "infinite"
