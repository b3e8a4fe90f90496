"""The forecast of one case: draws, then what drives them, then named futures, then the comparison with what holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from detente.base.result import Provenance
from detente.case.model import Case
from detente.forecast.against import against
from detente.forecast.answer import answer_of
from detente.forecast.drawing import Source
from detente.forecast.drivers import SWEEP, Effort, drivers_of
from detente.forecast.dynamics import Bools
from detente.forecast.error import StoppingRule
from detente.forecast.inputs import factors_of
from detente.forecast.result import BaseRate, Forecast
from detente.forecast.sample import sample
from detente.forecast.scenarios import scenarios_of
from detente.mechanics.workers import Crew

FEWEST_DRAWS = 32
FEWEST_PAIRS = 8
FEWEST_TOTALS = 5
FEWEST_SWEPT = 5
COARSE = 8  # runs for one input moved between its ends
GROUPS = 8
CHEAP = 2.5e8
"""Periods x states x columns that take seconds, not minutes: what the default effort is cut to."""


@dataclass(frozen=True)
class Work:
    """How much to work out.

    Attributes:
        effort: on drivers; None: none.
        scenario_draws: draws behind the futures; 0: no futures.
        rule: when to stop drawing; None: all draws are made.
        ends: whether reasons that need what comes in the end, without a date, are looked for.
    """

    effort: Effort | None = field(default_factory=Effort)
    scenario_draws: int = 64
    rule: StoppingRule | None = None
    ends: bool = True


def forecast(
    source: Source,
    provenance: Provenance,
    crew: Crew | None = None,
    *,
    work: Work | None = None,
    equilibria: Mapping[str, Bools] | None = None,
) -> Forecast:
    """What to expect.

    An interruption (Ctrl-C) keeps what was worked out so far and says in ``interrupted`` what was not.

    Args:
        source: what to draw from; its draws say how many.
        provenance: carried into the result; the seed is filled in here.
        crew: who works; a plain loop by default.
        work: how much to work out.
        equilibria: solution concept -> states that would hold once reached, shape (states,).

    Raises:
        KeyboardInterrupt: interrupted before the first draws were done.
    """
    with crew or Crew() as kept:
        return _forecast(source, provenance, kept, work or Work(), equilibria or {})


def _forecast(
    source: Source, provenance: Provenance, crew: Crew, work: Work, equilibria: Mapping[str, Bools]
) -> Forecast:
    found = sample(source, crew, rule=work.rule)
    factors = factors_of(source)
    answer = answer_of(found, drawn_behaviour=any(f.behaviour for f in factors))
    case = source.draws.case
    missing = ["draws"] if found.stopped == "interrupted" else []
    provenance = replace(provenance, seed=source.draws.seed, exact=not factors)
    out = Forecast(provenance, case, source.settings, answer, base_rates=base_rates(case))
    if missing:
        return replace(out, interrupted=("draws", "drivers", "scenarios"))
    drivers = scenarios = None
    try:
        if work.effort is not None and factors:
            drivers = drivers_of(source, found, crew, work.effort)
    except KeyboardInterrupt:
        return replace(out, interrupted=("drivers", "scenarios"))
    try:
        if work.scenario_draws:
            scenarios = scenarios_of(source, work.scenario_draws, answer.p[found.focus], crew)
    except KeyboardInterrupt:
        missing.append("scenarios")
    return replace(
        out,
        drivers=drivers,
        scenarios=scenarios,
        against=against(source, answer.state[found.focus], equilibria, ends=work.ends),
        interrupted=tuple(missing),
    )


def base_rates(case: Case) -> dict[str, BaseRate]:
    """The base rates that a case gives, by outcome."""
    block = case.file.forecast
    out = {}
    for name, rate in (block.base_rates if block is not None else {}).items():
        evidence = rate.evidence
        source = None if evidence is None or evidence.source is None else case.file.sources.get(evidence.source)
        text = evidence.source if evidence is not None and source is None else None if source is None else str(source)
        out[name] = BaseRate(float(case.mean(rate)), text, "" if evidence is None else evidence.note)
    return out


def affordable(source: Source, draws: int, work: Work | None = None) -> tuple[int, Work]:
    """Draws and work cut to what takes seconds, by the size of the case alone (so that answers do not differ).

    Args:
        source: what would be drawn from.
        draws: how many draws are asked for.
        work: how much else.
    """
    work = work or Work()
    dynamics = source.dynamics
    per_run = len(dynamics) * (max(dynamics.ticks, default=24) + 8) * (len(dynamics.outcomes) + 1)
    runs = max(FEWEST_DRAWS, int(CHEAP / per_run / len(source.settings)))
    kept = min(draws, max(FEWEST_DRAWS, runs // 2))
    effort = work.effort
    if effort is not None:
        # group by group where there is not enough for input by input
        totals = min(effort.totals, runs // 4 // FEWEST_PAIRS)
        pairs = min(effort.pairs, kept, runs // 4 // max(totals, 1)) if totals >= FEWEST_TOTALS else 0
        grouped = min(effort.group_pairs, kept, max(FEWEST_PAIRS, runs // 4 // GROUPS))
        swept = min(effort.swept, runs // 8 // len(SWEEP))
        coarse = 0 if swept >= min(effort.swept, FEWEST_SWEPT) else min(effort.swept, max(1, runs // COARSE))
        effort = Effort(pairs, totals if pairs else 0, swept, grouped, coarse)
    return kept, replace(work, effort=effort, scenario_draws=min(work.scenario_draws, max(FEWEST_PAIRS, runs // 12)))
