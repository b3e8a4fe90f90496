"""``Forecast``: the answer to "what can we expect of the next round?"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from detente.base.result import Result
from detente.base.table import Table
from detente.base.wording import likelihood, percent
from detente.case.model import Case
from detente.forecast.against import Against
from detente.forecast.answer import Answer, Span, Spread
from detente.forecast.behaviour import Setting
from detente.forecast.drivers import CLEAR, Driver, Drivers
from detente.forecast.dynamics import Dynamics
from detente.forecast.effects import Effect
from detente.forecast.paths import MOVE
from detente.forecast.scenarios import Future, Scenarios
from detente.forecast.signs import Event, Sign
from detente.forecast.track import record_text
from detente.mechanics.clock import date_of

MOST_STATES = 8
UNNAMED = "none of these"
SECRET = ("disagreement", "settlement")


@dataclass(frozen=True)
class BaseRate:
    """How often such a thing has happened before.

    Attributes:
        value: the share, at its point value.
        source: where it comes from.
        note: what it counts.
    """

    value: float
    source: str | None = None
    note: str = ""


@dataclass(frozen=True, repr=False, eq=False)
class Forecast(Result):
    """Chances of outcomes with what they leave open, what drives them, and how they could come about.

    Attributes:
        case: the case.
        settings: the ways of behaving.
        answer: chances over draws.
        drivers: what drives them, or None where not worked out.
        scenarios: named futures, or None where not worked out.
        against: how it compares with what would hold once reached, per solution concept.
        base_rates: outcome -> how often such a thing has happened before.
        interrupted: what was not worked out, as it was interrupted: draws | drivers | scenarios.
        track_record: how earlier forecasts did, as ``record.record_of`` gives it; None: no track record.
    """

    case: Case
    settings: tuple[Setting, ...]
    answer: Answer
    drivers: Drivers | None = None
    scenarios: Scenarios | None = None
    against: tuple[Against, ...] = ()
    base_rates: Mapping[str, BaseRate] = field(default_factory=dict)
    interrupted: tuple[str, ...] = ()
    track_record: Mapping[str, Any] | None = None

    @property
    def dynamics(self) -> Dynamics:
        """The rules of movement."""
        return self.settings[0].dynamics

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the outcomes; with ``none of these`` where a state belongs to none."""
        names = self.dynamics.outcomes
        return names if (self.dynamics.classes < len(names)).all() else (*names, UNNAMED)

    @property
    def focus(self) -> int:
        """The row that the forecast is judged by: the last date, or the end where there is none."""
        ticks = self.dynamics.ticks
        return len(ticks) - 1 if ticks else len(self.answer.p) - 1

    @cached_property
    def dates(self) -> tuple[dt.date | None, ...]:
        """The date of every row; None stands for the end."""
        asked = sorted(self.case.file.forecast.at) if self.case.file.forecast is not None else []
        ends = [None] * (len(self.answer.p) - len(self.dynamics.ticks))
        return (*asked, *ends)

    @property
    def likeliest(self) -> int:
        """Number of the likeliest outcome at the last date."""
        return int(self.answer.p[self.focus].argmax())

    @cached_property
    def turning(self) -> tuple[Driver, ...]:
        """Drawn numbers of behaviour on which the likeliest outcome depends.

        It is not the same at both ends of their range, the rest as drawn, by more than the error of the draws.
        """
        return tuple(d for d in (self.drivers.each if self.drivers is not None else ()) if _turns(d))

    @property
    def fragile(self) -> bool:
        """Whether the likeliest outcome at the last date depends on how the parties behave."""
        return bool(self.answer.fragile[self.focus]) or bool(self.turning)

    def date_of(self, tick: int) -> dt.date | None:
        """The date so many periods from today."""
        start = self.case.file.as_of
        return None if start is None else date_of(start, tick, self.case.file.period)

    def shared(self) -> Forecast:
        """Without what is not for all sides: types, what is marked private, what parties have without a deal."""
        block = self.case.file.forecast
        written = {} if block is None else block.base_rates
        hidden = {n for n, rate in written.items() if rate.evidence is not None and rate.evidence.private}
        out = replace(
            self,
            provenance=replace(self.provenance, types={}, changes=()),
            base_rates={n: rate for n, rate in self.base_rates.items() if n not in hidden},
        )
        if self.drivers is None:
            return out
        each = tuple(d for d in self.drivers.each if not _secret(d))
        groups = tuple(g for g in self.drivers.groups if g[0] not in ("types", *SECRET))
        return replace(out, drivers=replace(self.drivers, each=each, groups=groups))

    # --- the contract ------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract."""
        a, rest = self.answer, self.answer.rest
        return {
            "at": [None if d is None else d.isoformat() for d in self.dates],
            "ticks": [*self.dynamics.ticks, *[None] * (len(a.p) - len(self.dynamics.ticks))],
            "reached": "ever" if self.dynamics.ever else "at",
            "outcomes": [self._outcome(n) for n in range(len(self.names))],
            "unsettled": a.unsettled.tolist(),
            "broken": a.broken.tolist(),
            "agreed": a.agreed.tolist(),
            "expected_periods": None if a.first is None else a.first.mean,
            "periods": {"first": _span(a.first), "rest": _span(rest)},
            "fragile": [bool(f) or (n == self.focus and self.fragile) for n, f in enumerate(a.fragile)],
            "settings": [
                {"values": dict(s.values), "p": a.of_setting[n][:, : len(self.names)].T.tolist()}
                for n, s in enumerate(self.settings)
            ],
            "spread": self._spread(),
            "sampling": {
                "draws": a.draws, "stopped": a.stopped,
                "half_width": float(np.max((a.error_high - a.error_low) / 2)),
            },
            "states": [self._states(row) for row in a.state],
            "drivers": None if self.drivers is None else [self._driver(d) for d in self.drivers.each],
            "groups": None if self.drivers is None else [
                {"group": g, "total": _share(e), "total_error": _number(e.error)} for g, e in self.drivers.groups
            ],
            "scenarios": None if self.scenarios is None else self._scenarios(self.scenarios),
            "against": [self._against(x) for x in self.against],
            "interrupted": list(self.interrupted),
            "track_record": None if self.track_record is None else dict(self.track_record),
        }  # fmt: skip

    def _outcome(self, n: int) -> dict[str, Any]:
        a, rate = self.answer, self.base_rates.get(self.names[n])
        return {
            "name": self.names[n],
            "p": a.p[:, n].tolist(),
            "low": a.low[:, n].tolist(),
            "high": a.high[:, n].tolist(),
            "error": [[float(x), float(y)] for x, y in zip(a.error_low[:, n], a.error_high[:, n], strict=True)],
            "likeliest": a.likeliest[:, n].tolist(),
            "base_rate": None if rate is None else {"value": rate.value, "source": rate.source, "note": rate.note},
        }

    @property
    def spread(self) -> Spread | None:
        """Where it comes from that the chances differ."""
        if self.answer.spread is not None or self.drivers is None:
            return self.answer.spread
        return self.drivers.spread

    def spread_shares(self) -> dict[str, float] | None:
        """Variances at the last date, summed over the outcomes."""
        found = self.spread
        if found is None:
            return None
        row = self.focus if len(found.preferences) > 1 else 0
        parts = {"preferences": found.preferences, "behaviour": found.behaviour, "both": found.both}
        return {k: float(v[row].sum()) for k, v in (*parts.items(), ("sampling", found.sampling))}

    def _spread(self) -> dict[str, float] | None:
        return self.spread_shares()

    def _states(self, row: Any) -> list[dict[str, Any]]:
        order = np.argsort(-row, kind="stable")[:MOST_STATES]
        states = self.dynamics.moves.states
        return [
            {"state": states.id(int(s)), "levels": states.levels(int(s)), "p": float(row[s])}
            for s in order if row[s] > 0
        ]  # fmt: skip

    def _driver(self, d: Driver) -> dict[str, Any]:
        return {
            "path": d.factor.path,
            "kind": d.factor.kind,
            "behaviour": d.factor.behaviour,
            "paths": [".".join(p) for p, _ in d.factor.written],
            "first": _share(d.first),
            "first_error": _number(d.first.error),
            "total": None if d.total is None else _share(d.total),
            "total_error": None if d.total is None else _number(d.total.error),
            "clear": d.clear,
            "brier": d.brier,
            "entropy": d.entropy,
            "flips_at": None if d.flip is None else d.flip.value,
            "flips_to": None if d.flip is None else self.names[d.flip.to],
            "swing": None if d.swing is None else {
                "at": list(d.swing.at),
                "alone": d.swing.alone[:, : len(self.names)].tolist(),
                "shared": None if d.swing.shared is None else d.swing.shared[:, : len(self.names)].tolist(),
            },
        }  # fmt: skip

    def _scenarios(self, found: Scenarios) -> dict[str, Any]:
        return {
            "ticks": found.last,
            "draws": found.draws,
            "covered": found.covered,
            "futures": [self._future(f) for f in found.futures],
            "watch": [{**self._seen(s), "p": list(p)} for s, p in found.watch],
        }

    def _future(self, f: Future) -> dict[str, Any]:
        return {
            "outcome": self.names[f.outcome],
            "p": f.p,
            "low": f.low,
            "high": f.high,
            "error": _number(f.error),
            "starts": None if f.event is None else self._event(f.event),
            "signs": [{**self._seen(s), "inside": s.inside, "outside": s.outside} for s in f.signs],
        }

    def _event(self, e: Event) -> dict[str, Any]:
        states, options = self.dynamics.moves.states, list(self.case.file.options)
        return {
            "kind": e.beginning.kind,
            "party": self.dynamics.movers[e.beginning.mover] if e.beginning.kind == MOVE else None,
            "option": None if e.option is None else options[e.option],
            "up": e.up,
            "inside": e.inside,
            "outside": e.outside,
            "state": None if e.target is None else states.id(e.target),
        }

    def _seen(self, s: Sign) -> dict[str, Any]:
        option = list(self.case.file.options)[s.option]
        date = self.date_of(s.tick)
        return {
            "option": option,
            "relation": s.relation,
            "level": self.case.file.options[option].levels[s.level],
            "tick": s.tick,
            "date": None if date is None else date.isoformat(),
        }

    def _against(self, x: Against) -> dict[str, Any]:
        states = self.dynamics.moves.states
        return {
            "concept": x.concept, "count": x.count, "today": x.today, "chance": x.chance, "agrees": x.agrees,
            "point": x.point,
            "reasons": [
                {"kind": r.kind, "chance": r.chance, "state": None if r.state is None else states.id(r.state)}
                for r in x.reasons
            ],
        }  # fmt: skip

    def table(self) -> Table:
        """Outcomes as rows: chance, word, range and error at every date, and the base rate."""
        many = len(self.answer.p) > 1
        heads: list[str] = ["outcome"]
        for date in self.dates:
            when = f"by {date}" if date is not None else "in the end"
            heads += [f"{when}: chance" if many else "chance", "in words", "inputs leave open", "error of the draws"]
        rows = []
        for n, name in enumerate(self.names):
            cells = [name]
            for row in range(len(self.answer.p)):
                cells += self._cells(row, n)
            rate = self.base_rates.get(name)
            rows.append((*cells, "none given" if rate is None else percent(rate.value)))
        heads.append("base rate")
        record = self.track_record
        note = (
            "No track record: no forecast of this kind has been scored yet." if record is None else record_text(record)
        )
        return Table(tuple(heads), tuple(rows), title=f"What to expect: {self.case.title}", note=note)

    def _cells(self, row: int, n: int) -> list[str]:
        a = self.answer
        p = float(a.p[row, n])
        return [
            percent(p),
            likelihood(p),
            f"{percent(float(a.low[row, n]))} to {percent(float(a.high[row, n]))}",
            f"± {100 * float(a.error_high[row, n] - a.error_low[row, n]) / 2:.1f} points",
        ]


def _turns(driver: Driver) -> bool:
    swing = driver.swing
    if not driver.factor.behaviour or swing is None or swing.shared is None or swing.shared_error is None:
        return False
    low, high = (int(row.argmax()) for row in swing.shared)
    if low == high:
        return False
    error = np.hypot(*swing.shared_error)
    return bool(np.abs(swing.shared[0] - swing.shared[1])[[low, high]].max() > CLEAR * error[[low, high]].max())


def _share(effect: Effect) -> float:
    return float(min(1.0, max(0.0, effect.share)))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _span(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"mean": span.mean, "low": span.low, "high": span.high, "finite": span.finite}


def _secret(driver: Driver) -> bool:
    factor = driver.factor
    if factor.party is not None or any(p[0] in SECRET or "types" in p for p, _ in factor.written):
        return True
    return any(a.evidence is not None and a.evidence.private for _, a in factor.written)
