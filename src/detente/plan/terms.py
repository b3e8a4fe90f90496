"""What a plan rests on, in numbers: flows, answers to a breach, prices and chances, at point values or in draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import CaseError, Problem
from detente.case.blocks.plan import Plan
from detente.case.fields import ConditionalAmount
from detente.case.meaning import options_in
from detente.case.model import Case
from detente.case.yaml_tree import written_at
from detente.mechanics.amounts import Numbers
from detente.mechanics.breakdown import Leaving, Levels, Rules
from detente.mechanics.clock import default_discount
from detente.mechanics.flows import Flow, Grid
from detente.mechanics.leaving import answered, best_leaving
from detente.space.draws import Draws
from detente.space.states import StateSpace

Floats = NDArray[np.float64]
UNUSABLE = -1e6  # worth of what an order of states (0 to 1) says nothing of: never the best
PLAN = "plan"


@dataclass(frozen=True, eq=False)
class Terms:
    """Everything a plan's values are made of; arrays have the draws first (1 for point values).

    Attributes:
        case: the case.
        plan: its plan block.
        numbers: reads its numbers.
        rules: of a breakdown.
        status_quo: level numbers of today's state.
        flows: of each party.
        discount: of each party, shape (draws,).
    """

    case: Case
    plan: Plan
    numbers: Numbers
    rules: Rules
    status_quo: Levels
    flows: Mapping[str, Flow]
    discount: Mapping[str, Floats]

    @classmethod
    def of(
        cls,
        states: StateSpace,
        status_quo: Levels,
        parties: Sequence[str],
        draws: Draws | None = None,
        case: Case | None = None,
    ) -> Terms:
        """The terms of a case.

        Args:
            states: the states of the case, or of one with the same options and rules.
            status_quo: level numbers of today's state.
            parties: whose flows count.
            draws: of the case; None for point values.
            case: the case, where ``states`` are another one's.
        """
        case = case or states.case
        plan = case.file.plan or Plan()
        numbers = Numbers(case, draws)
        flows = {p: Flow.of(case, p, states) if draws is None else Flow.drawn(draws, p, states) for p in parties}
        discount = {p: discount_of(numbers, p) for p in parties}
        return cls(case, plan, numbers, Rules.of(case, plan, status_quo, numbers), status_quo, flows, discount)

    # --- values ------------------------------------------------------------------------------------------------------

    def flow(self, party: str, box: Grid) -> Floats:
        """Value per period, shape (draws, *box)."""
        return _usable(self.flows[party].on(box), box)

    def walk(self, party: str, box: Grid) -> Floats:
        """Best of stopping, one's own best move and the outside option, breach cost subtracted, shape (draws, *box).

        A party that owns no option can only go elsewhere; -inf where it can go nowhere.
        """
        if not self.rules.owns(party):
            only = self.outside(party, box)
            best = np.full((self.numbers.count, *(1 for _ in box.axes)), -np.inf) if only is None else only
            return np.broadcast_to(best - self.breach(party, box), (self.numbers.count, *box.shape))
        value = self._by_leaving(party, box, lambda n: best_leaving(self.flows[party], self.rules, box, n))
        outside = self.outside(party, box)
        value = value if outside is None else np.maximum(value, outside)
        return _usable(value - self.breach(party, box), box)

    def snapped(self, party: str, box: Grid) -> Floats:
        """What a party gets per period once a breakdown that it caused is answered, shape (draws, *box)."""
        flow, rules = self.flows[party], self.rules
        if rules.answered:
            found = self._by_leaving(party, box, lambda n: answered(flow, rules, party, box, n), lagged=False)
            return _usable(found, box)
        value = self._by_leaving(party, box, lambda n: best_leaving(flow, rules, box, n))
        outside = self.outside(party, box)
        return _usable(value if outside is None else np.maximum(value, outside), box)

    def accused(self, party: str, box: Grid) -> Floats:
        """What a party gets per period after a false alarm, shape (draws, *box)."""
        flow, rules = self.flows[party], self.rules
        if not rules.answered:
            return self.flow(party, box)
        found = self._by_leaving(party, box, lambda n: answered(flow, rules, None, box, n), lagged=False)
        return _usable(found, box)

    def breach(self, party: str, box: Grid) -> Floats:
        """What a breach costs a party as a value per period, shape (draws, *box) or with length 1 where it is alike."""
        price = self.plan.breach_cost.get(party)
        if price is None:
            return np.zeros((self.numbers.count, *(1 for _ in box.axes)))
        cost = self._at(("plan", "breach_cost", party, *(("once",) if price.once else ())), price.amount, box)
        share = 1 - self.discount[party] if price.once else np.ones(self.numbers.count)
        return cost * share.reshape(-1, *(1 for _ in box.axes))

    def outside(self, party: str, box: Grid) -> Floats | None:
        """What a party can get elsewhere per period, as ``breach``; None where nothing is written."""
        written = self.plan.outside.get(party)
        return None if written is None else self._at(("plan", "outside", party), written, box)

    def lag(self, party: str, box: Grid) -> Floats:
        """Periods until a breakdown caused by a party is answered, as ``breach``."""
        lag = self.plan.lag
        path = ("plan", "lag") if isinstance(lag, ConditionalAmount) else ("plan", "lag", party)
        written = lag if isinstance(lag, ConditionalAmount) else (lag or {})[party]
        return self._at(path, written, box)

    def alarm(self, box: Grid) -> Floats:
        """Chance per period of a false alarm, as ``breach``."""
        return self._at(("plan", "false_alarm"), self.plan.false_alarm, box)

    def caught(self, option: str, box: Grid) -> Floats | None:
        """Chance per period of being found out pretending an option's steps; None where they cannot be pretended."""
        written = self.plan.conceal.get(option)
        if not isinstance(written, ConditionalAmount):
            return None
        return self._at(("plan", "conceal", option), written, box)

    def along(self, kind: str, option: str, levels: Sequence[int]) -> Floats:
        """What reaching each of some levels costs (``costs``) or how long it takes (``takes``), shape (draws, levels).

        The first of the levels is where the way begins: nothing is paid for it.
        """
        names = self.case.file.options[option].levels
        out = np.zeros((self.numbers.count, len(levels)))
        for level, written in getattr(self.plan, kind).get(option, {}).items():
            number = int(level) if level.isdigit() else names.index(level)
            path = ("plan", kind, option, level, *(("once",) if kind == "costs" else ()))
            if number in levels[1:]:
                out[:, levels.index(number)] = self.numbers.read(path, written)
        return out

    # --- help --------------------------------------------------------------------------------------------------------

    def _at(self, path: tuple[str, ...], written: ConditionalAmount, box: Grid) -> Floats:
        used = {o for condition, _ in written.when for o in options_in(self.case.meaning(condition))}
        values = self.numbers.judged(path, written, box.digits(tuple(used)))
        return values.reshape(-1, *(len(v) if o in used else 1 for o, v in zip(box.axes, box.levels, strict=True)))

    def _by_leaving(self, party: str, box: Grid, value: Callable[[Leaving], Floats], *, lagged: bool = True) -> Floats:
        """A value that depends on the lag and the outside option, which may differ among the states of a box."""
        delta = self.discount[party]
        lag = self.lag(party, box) if lagged and self.rules.answered else None
        outside = self.outside(party, box) if self.rules.answered else None
        known = [a for a in (lag, outside) if a is not None]
        if all(a[0].size == 1 for a in known):
            one = [None if a is None else a.reshape(-1) for a in (lag, outside)]
            return value(Leaving(delta, one[0], one[1]))
        shape = np.broadcast_shapes(*(a.shape[1:] for a in known))
        rows = [np.broadcast_to(a, (len(delta), *shape)).reshape(len(delta), -1) for a in known]
        kinds, member = _distinct(np.concatenate(rows))
        where = member.reshape(shape)
        out = np.zeros((len(delta), *(1 for _ in box.axes)))
        for n, column in enumerate(kinds.T):
            pieces = list(column.reshape(len(known), -1))
            leaving = Leaving(delta, None if lag is None else pieces.pop(0), None if outside is None else pieces.pop(0))
            out = np.where(where == n, value(leaving), out)
        return out


def _distinct(rows: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The different columns of a table, and which of them each column is."""
    member = np.zeros(rows.shape[1], np.intp)
    for row in rows:
        values, place = np.unique(row, return_inverse=True)
        member = np.unique(member * len(values) + place, return_inverse=True)[1]
    first = np.unique(member, return_index=True)[1]
    return rows[:, first], member


def _usable(value: Floats, box: Grid) -> Floats:
    value = np.where(np.isfinite(value), value, UNUSABLE)
    return np.broadcast_to(value, (len(value), *box.shape))


def discount_of(numbers: Numbers, party: str) -> Floats:
    """Worth today of one unit next period, shape (draws,)."""
    written = numbers.case.file.parties[party].discount
    if written is None:
        return np.full(numbers.count, default_discount(numbers.case.file.period))
    return numbers.read(("parties", party, "discount"), written)


# --- facts that are asked for by name ------------------------------------------------------------------------------


def ask_for_facts(case: Case, parties: Sequence[str], options: Sequence[str] = (), *, target: bool = False) -> None:
    """Refuse to plan where a fact is missing that nobody should guess.

    Args:
        case: the case.
        parties: whose lag is needed.
        options: those that change: their concealment must be known.
        target: whether the case has to name one.

    Raises:
        CaseError: what is missing, all at once.
    """
    plan = case.file.plan or Plan()
    found: list[Problem] = []
    if target and plan.target is None:
        fix = "Write target: and levels, a condition, auto, or the name of a rule such as nash."
        found.append(_missing(case, "target", "where things should go", fix))
    if plan.snapback is None:
        fix = "Write snapback: true, or false if nobody would answer and a breach lasts for ever."
        found.append(_missing(case, "snapback", "whether a breakdown is answered by taking steps back", fix))
    if plan.snapback is not False:
        without = [p for p in parties if not isinstance(plan.lag, ConditionalAmount) and p not in (plan.lag or {})]
        expected = "after how many periods a breakdown is answered"
        if plan.lag is None:
            found.append(_missing(case, "lag", expected, "Write lag: 1, or one number per party."))
        else:
            found += [
                _missing(case, f"lag.{p}", f"{expected} if {case.party_name(p)} causes it", f"Write lag: {{{p}: 1}}.")
                for p in without
            ]
    for option in options:
        if plan.conceal.get(option) == "auto":
            fix = f"Write conceal: {{{option}: 0.2}} with the chance you judge right."
            expected = f"the chance per period of being found out pretending {case.option_name(option)}"
            found.append(_missing(case, f"conceal.{option}", expected, fix, "auto, which needs an inspection block"))
    if found:
        raise CaseError(found)


def _missing(case: Case, field: str, expected: str, fix: str, what: str = "") -> Problem:
    node = written_at(case.tree, (PLAN, *field.split("."))) or written_at(case.tree, (PLAN,))
    line, column = getattr(node, "at", (None, None))
    block = "" if case.file.plan is not None else ", as the case has no plan block"
    return Problem(what or f"no plan.{field}{block}", expected, fix, f"plan.{field}", case.source, line, column)
