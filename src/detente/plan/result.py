"""What ``plan`` answers: the three tests, the best order with every margin, why none holds, and what would mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from detente.base.result import Result
from detente.base.table import Table
from detente.case.change import Edit
from detente.case.model import Case
from detente.mechanics.clock import date_of
from detente.plan.cut import Cut
from detente.plan.everywhere import Everywhere
from detente.plan.explain import Deviation, Threat
from detente.plan.first_tests import FirstTests
from detente.plan.mending import Repair
from detente.plan.problem import Order, Problem, Step
from detente.plan.robust import Robust
from detente.plan.rules import Fault
from detente.plan.targets import Targets
from detente.plan.verify import Checked

Levels = tuple[int, ...]
MOST_LISTED = 20


@dataclass(frozen=True, eq=False)
class WayOut:
    """The best way out of the plan for a party at a pause.

    Attributes:
        party: whose.
        kind: stop | grab | move | outside | leave (one of these, not told apart) | decline | withhold | conceal | none
            (a party that owns no option and has nowhere to go: its margin is infinite, and told nowhere as a number).
        margin: value of going on minus that of leaving, per period.
        share: the same as a share of the stake.
        value: of leaving.
        deviation: what it does on leaving; None for declining and concealing.
        truth: for concealing, option -> the level at which it truly stands.
    """

    party: str
    kind: str
    margin: float
    share: float
    value: float
    deviation: Deviation | None
    truth: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class InDraws:
    """How the plan fares over draws of the uncertain numbers.

    Attributes:
        robust: the orders judged, the best one at the point values first.
        seed: of the draws.
        both: share of draws in which the target passes both tests.
        late: share of draws in which the best order misses the deadline.
        in_time: share of draws in which it holds and meets the deadline.
    """

    robust: Robust
    seed: int
    both: float
    late: float
    in_time: float


@dataclass(frozen=True, eq=False)
class Plan(Result):
    """The answer of ``plan``.

    Attributes:
        case: the case as asked.
        problem: it in numbers; with ``late`` without the deadline.
        target: level numbers.
        chosen: how the target was chosen: target | condition | auto | the name of a rule | written.
        tests: the three tests.
        order: the best order found, or the one written; None if there is no way to the target.
        checked: the order as the verifier judges it.
        ways_out: at every pause, the best way out of each party.
        ways_out_of_target: of the target by the target test.
        threats: (pause, threat): who would have to punish the likeliest breaches, and whether it would want to.
        repairs: what would make a plan hold, cheapest first; None if not asked for.
        proof: that no order holds; None if one does or it is not proven.
        targets: the tests of all feasible states; None if not asked for.
        everywhere: the targets under every view and type; None if there is one reading only, or not asked for.
        in_draws: over draws; None if nothing is uncertain or not asked for.
        affected: for parties whose margins do not count, what the target changes per period.
        faults: rules that a written order breaks.
        late: whether the work does not fit the deadline, so that the order is told without it.
        overdue: (step, period by which a written order wants it done, period in which it is done) of its late steps.
        outside: for parties that can get something elsewhere, how much per period from today on.
        open: what a limit has left unproven: order (that it is the best), target, margins (that they are no smaller).
    """

    case: Case
    problem: Problem
    target: Levels
    chosen: str
    tests: FirstTests
    order: Order | None
    checked: Checked | None
    ways_out: tuple[tuple[WayOut, ...], ...]
    ways_out_of_target: tuple[WayOut, ...]
    threats: tuple[tuple[int, Threat], ...] = ()
    repairs: tuple[Repair, ...] | None = None
    proof: Cut | None = None
    targets: Targets | None = None
    everywhere: Everywhere | None = None
    in_draws: InDraws | None = None
    affected: Mapping[str, float] | None = None
    faults: tuple[Fault, ...] = ()
    late: bool = False
    overdue: tuple[tuple[int, int, int], ...] = ()
    outside: Mapping[str, float] = field(default_factory=dict)
    open: tuple[str, ...] = ()

    @property
    def starts(self) -> bool:
        """Whether nobody loses by the target and somebody gains."""
        return self.tests.starts(self.problem)

    @property
    def self_enforcing(self) -> bool:
        """Whether everyone would keep the target once reached."""
        return self.tests.self_enforcing(self.problem)

    @property
    def enforceable(self) -> bool:
        """Whether both tests are passed and the order holds."""
        holds = self.checked is not None and self.checked.holds
        sure = "margins" not in self.open
        return self.starts and self.self_enforcing and holds and sure and not self.late and not self.faults

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """When each pause comes, in periods from today."""
        out = [0]
        for step in self.order.steps if self.order is not None else ():
            out.append(out[-1] + step.periods)
        return tuple(out)

    def date(self, period: int) -> dt.date | None:
        """The date so many periods from the date of knowledge; None where the case, or the calendar, has none."""
        start = self.case.file.as_of
        try:
            return None if start is None else date_of(start, period, self.case.file.period)
        except OverflowError:
            return None

    def moves(self, step: Step) -> list[tuple[str, str, str, str]]:
        """(party, option, level before, level after) of a step."""
        lattice = self.problem.lattice
        out = []
        for axis, (a, b) in enumerate(zip(step.before, step.after, strict=True)):
            if a != b:
                option = lattice.options[axis]
                names = [self.case.file.options[option].levels[n] for n in lattice.levels[axis]]
                out.append((lattice.owners[axis], option, names[a], names[b]))
        return sorted(out, key=lambda m: step.movers.index(m[0]))

    def named(self, levels: Levels) -> dict[str, str]:
        """Option -> name of its level."""
        rows = zip(self.case.file.options.items(), levels, strict=True)
        return {option: written.levels[level] for (option, written), level in rows}

    # --- the contract ------------------------------------------------------------------------------------------------

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``plan``."""
        from detente.plan.wording import fault_text

        problem, parties = self.problem, self.problem.parties
        checked, order, tests = self.checked, self.order, self.tests
        pause, worst = checked.binding if checked is not None else (0, 0)
        return {
            "target": self.named(self.target),
            "chosen": self.chosen,
            "start_test": _by(parties, tests.start),
            "target_test": _by(parties, tests.target),
            "target_deviations": {w.party: self._way_out(w) for w in self.ways_out_of_target if w.kind != "none"},
            "physical": {
                "fits": tests.physical.fits,
                "needs": tests.physical.needs,
                "deadline": tests.physical.deadline,
                "parties": dict(tests.physical.parties),
            },
            "enforceable": self.enforceable,
            "margin": None if checked is None else float(checked.margins[pause, worst]),
            "interior_margin": None if checked is None else self._interior(),
            "smallest": {
                "all": None if checked is None else float(checked.shares.min()),
                "interior": None if checked is None else checked.interior,
                "bound": None if order is None else _finite(order.bound),
                "accepted": problem.margin,
            },
            "outside": dict(self.outside),
            "stakes": _by(parties, problem.stake),
            "method": None if order is None else order.method,
            "proven": order is not None and order.proven,
            "today": None if checked is None else self._pause(0),
            "steps": self._steps(),
            "binding": None if checked is None else self._binding(pause, worst),
            "threats": [
                {"step": t, "against": x.against, "by": x.by, "punishes": x.punishes, "forgives": x.forgives,
                 "credible": x.credible} for t, x in self.threats
            ],
            "repairs": [self._repair(r) for r in self.repairs or ()],
            "proof": None if self.proof is None else self._proof(self.proof),
            "targets": None if self.targets is None else self._targets(self.targets, full=full),
            "readings": None if self.everywhere is None else self._readings(self.everywhere, full=full),
            "affected": dict(self.affected or {}),
            "breaches": [{"step": f.step, "text": fault_text(self, f)} for f in self.faults],
            "overdue": [{"step": n, "due": due, "done": done} for n, due, done in self.overdue],
            "draws": None if self.in_draws is None else self._draws(self.in_draws),
        }  # fmt: skip

    def _interior(self) -> float:
        """The margin of the party and pause before the target whose share is smallest."""
        if self.checked is None or len(self.checked.shares) < 2:
            return 0.0
        before = self.checked.shares[:-1]
        t, i = divmod(int(before.argmin()), before.shape[1])
        return float(self.checked.margins[t, i])

    def _pause(self, pause: int) -> dict[str, Any]:
        assert self.checked is not None  # noqa: S101 - asked for only with an order
        parties = self.problem.parties
        return {
            "margins": _by(parties, self.checked.margins[pause]),
            "shares": _by(parties, self.checked.shares[pause]),
            "weakest": {w.party: w.kind for w in self.ways_out[pause] if w.kind != "none"},
        }

    def _steps(self) -> list[dict[str, Any]]:
        if self.order is None:
            return []
        out = []
        for n, step in enumerate(self.order.steps, 1):
            date = self.date(self.periods[n])
            side = self.order.side
            out.append({
                "n": n,
                "period": self.periods[n - 1],
                "periods": step.periods,
                "date": None if date is None else date.isoformat(),
                "moves": [{"party": p, "option": o, "from": a, "to": b} for p, o, a, b in self.moves(step)],
                "escrow": step.atomic,
                **self._pause(n),
                "side": {} if side is None else _by(self.problem.parties, side[n - 1]),
            })  # fmt: skip
        return out

    def _binding(self, pause: int, party: int) -> dict[str, Any]:
        way = self.ways_out[pause][party]
        return {
            "step": pause, "party": way.party, "deviation": way.kind, "margin": way.margin,
            "witness": self._way_out(way),
        }  # fmt: skip

    def _way_out(self, way: WayOut) -> dict[str, Any]:
        moved, then = {}, None
        if way.deviation is not None:
            before, after = self.named(way.deviation.state), self.named(way.deviation.after)
            moved = {o: v for o, v in after.items() if before[o] != v}
            then = None if way.deviation.then is None else self.named(way.deviation.then)
        return {
            "kind": way.kind, "margin": way.margin, "value": way.value, "moves": moved, "truly": dict(way.truth),
            "then": then,
        }  # fmt: skip

    def _repair(self, repair: Repair) -> dict[str, Any]:
        from detente.plan.wording import repair_text

        parties = self.problem.parties
        return {
            "lever": repair.lever,
            "party": repair.party,
            "option": repair.option,
            "amount": repair.amount,
            "once": repair.once,
            "text": repair_text(self, repair),
            "changes": [dict(zip(("path", "value"), Edit(*e).pair(), strict=True)) for e in repair.edits],
            "new_level": repair.lever == "split",
            "before": {p: float(v) for p, v in zip(parties, repair.before, strict=True) if v == v},  # noqa: PLR0124
            "after": {p: float(v) for p, v in zip(parties, repair.after, strict=True) if v == v},  # noqa: PLR0124
            "harms": list(repair.harms),
            "steps": len(repair.order.steps),
        }

    def _proof(self, proof: Cut) -> dict[str, Any]:
        return {
            "largest": proof.largest,
            "party": proof.party,
            "levels": self.named(self.problem.lattice.state(proof.cell)),
            "cut": len(proof.cut),
            "reached": proof.reached,
            "optimistic": proof.optimistic,
        }

    def _targets(self, targets: Targets, *, full: bool) -> dict[str, Any]:
        listed = targets.listed()
        efficient = targets.efficient(targets.both)
        shown = listed if full else listed[:MOST_LISTED]
        return {
            "feasible": len(targets.states),
            "start": int(targets.starts.sum()),
            "self_enforcing": int(targets.holds.sum()),
            "both": int(targets.both.sum()),
            "listed": [
                {
                    "levels": self.named(targets.levels(n)),
                    "efficient": bool(efficient[n]),
                    "start": _covered(targets, targets.start, n),
                    "self_enforcing": _covered(targets, targets.hold, n),
                }
                for n in shown
            ],
        }

    def _readings(self, found: Everywhere, *, full: bool) -> dict[str, Any]:
        listed = found.listed()
        shown = listed if full else listed[:MOST_LISTED]
        first = found.readings[0].targets
        return {
            "asked": [
                {"view": r.view, "types": dict(r.types), "both": count}
                for r, count in zip(found.readings, found.counts, strict=True)
            ],
            "all": len(listed),
            "listed": [self.named(first.levels(n)) for n in shown],
            "left_out": list(found.left_out),
        }

    def _draws(self, found: InDraws) -> dict[str, Any]:
        first, safest = found.robust.records[0], found.robust.records[found.robust.safest]
        return {
            "draws": found.robust.draws,
            "seed": found.seed,
            "holds": first.holds,
            "in_time": found.in_time,
            "enforceable": found.both,
            "breaks": [
                {"step": b.pause, "party": b.party, "deviation": b.deviation, "share": b.share}
                for b in first.breaks
            ],
            "best": {
                "holds": safest.holds,
                "steps": [
                    [{"party": p, "option": o, "from": a, "to": b} for p, o, a, b in self.moves(s)]
                    for s in safest.order.steps
                ],
            },
        }  # fmt: skip

    def table(self) -> Table:
        """A row per step: who, what, by when, what it needs, everybody's margin, and its weakest link."""
        from detente.plan.narrative import step_table

        return step_table(self)


def _by(parties: tuple[str, ...], values: Any) -> dict[str, float]:
    """Numbers by party; the infinite margin of a party that cannot leave is left out."""
    return {p: float(v) for p, v in zip(parties, values, strict=True) if np.isfinite(v)}


def _covered(targets: Targets, values: Any, state: int) -> dict[str, float]:
    counts = targets.covered[:, state] & np.isfinite(values[:, state])
    return {p: float(values[i, state]) for i, p in enumerate(targets.parties) if counts[i]}


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
