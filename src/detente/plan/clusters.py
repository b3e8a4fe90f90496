"""From a case straight to clusters of options, for lattices too large to list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from detente.base.errors import LimitReached, UsageError
from detente.case.blocks.plan import plan_conditionals
from detente.case.fields import ConditionalAmount
from detente.case.meaning import options_in
from detente.mechanics.breakdown import Leaving, Levels, answered_value, best_moves
from detente.mechanics.flows import Flow, Grid
from detente.plan.problem import Bools, Floats
from detente.plan.tables import Sum
from detente.plan.terms import Terms
from detente.space.masks import mask
from detente.space.space import Space

_Value = Callable[[Flow, Grid, Leaving], Floats]
_Number = Callable[[Grid], Floats]
MOST_CELLS = 5_000
ADVICE = "Write conditions over fewer options, or move to a nearer target first."


class Groups:
    """Options that bear on each other, joined one condition after the other."""

    def __init__(self, count: int) -> None:
        self._root = list(range(count))

    def root(self, option: int) -> int:
        """The option that stands for its group."""
        while self._root[option] != option:
            self._root[option] = self._root[self._root[option]]
            option = self._root[option]
        return option

    def join(self, options: Iterable[int]) -> None:
        """Put options into one group."""
        first, *others = [*options] or [0]
        for other in others:
            self._root[self.root(other)] = self.root(first)


@dataclass(frozen=True, eq=False)
class Clusters:
    """The options of a case cut into groups so that all a plan rests on is a sum over groups.

    Attributes:
        terms: of the case, at point values, with utilities only.
        today: level numbers of the status quo.
        positions: numbers of the options that change.
        levels: per option that changes, its level numbers on the way.
        groups: options of each group; those with an option that changes come first and are the clusters.
        count: how many are clusters.
    """

    terms: Terms
    today: Levels
    positions: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]
    groups: tuple[frozenset[int], ...]
    count: int

    @classmethod
    def of(
        cls, terms: Terms, today: Levels, positions: tuple[int, ...], levels: tuple[tuple[int, ...], ...]
    ) -> Clusters:
        """Cut a case.

        Args:
            terms: of the case.
            today: level numbers of the status quo.
            positions, levels: options that change, and their level numbers on the way.

        Raises:
            UsageError: only an order is known of a party.
            LimitReached: a cluster has too many cells.
        """
        case = terms.case
        groups = Groups(len(case.options))
        for party, flow in terms.flows.items():
            if flow.order is not None:
                name = case.party_name(party)
                raise UsageError(f"a ranking of {name}", "a utility, for a plan that is too large to list", "")
            for _, used, _ in flow.conditions:
                groups.join(used)
        for condition in Space.of(case).infeasible:
            groups.join(o for o in options_in(condition) if o in positions)
        for together in _judged_together(terms, positions):
            groups.join(together)
        found: dict[int, set[int]] = {}
        for option in range(len(case.options)):
            found.setdefault(groups.root(option), set()).add(option)
        moving = [frozenset(g) for g in found.values() if g & set(positions)]
        still = [frozenset(g) for g in found.values() if not g & set(positions)]
        out = cls(terms, today, positions, levels, (*moving, *still), len(moving))
        for c, group in enumerate(moving):
            size = prod(len(levels[a]) for a in out.axes(c))
            if size > MOST_CELLS:
                names = ", ".join(case.option_name(case.options[o]) for o in sorted(group))
                what = f"combinations of levels that conditions tie together ({names})"
                raise LimitReached(what, f"{size:,}", MOST_CELLS, ADVICE)
        return out

    def axes(self, cluster: int) -> tuple[int, ...]:
        """Axes of a group."""
        return tuple(a for a, o in enumerate(self.positions) if o in self.groups[cluster])

    def box(self, cluster: int) -> Grid:
        """The cells of a group, all other options at the status quo."""
        axes = self.axes(cluster)
        return Grid(
            self.today,
            tuple(self.positions[a] for a in axes),
            tuple(np.array(self.levels[a], np.intp) for a in axes),
        )

    # --- sums --------------------------------------------------------------------------------------------------------

    def flow(self, party: str) -> Sum:
        """Value per period."""
        return self._sum(party, lambda flow, box, _: flow.on(box))

    def walk(self, party: str) -> tuple[Sum, ...]:
        """Best own move, the outside option after the lag, and at once; breach costs subtracted.

        A party that owns no option can only go elsewhere, or nowhere.
        """
        rules, outside = self.terms.rules, self._outside(party)
        if not rules.owns(party):
            return () if outside is None else (plus(outside, scaled(self.breach(party), -1.0)),)
        rows = [self._sum(party, lambda flow, box, leaving: best_moves(flow, rules, box, leaving), lagged=True)]
        if outside is not None:
            rows += [plus(self._before(party), self._later(party, outside)), outside] if rules.answered else [outside]
        return tuple(plus(row, scaled(self.breach(party), -1.0)) for row in rows)

    def snapped(self, party: str) -> tuple[Sum, ...]:
        """What a party gets once a breakdown that it caused is answered, or elsewhere."""
        rules, outside = self.terms.rules, self._outside(party)
        if rules.answered:
            row = self._sum(party, lambda flow, box, leaving: answered_value(flow, rules, party, box, leaving))
        else:
            row = self._sum(party, lambda flow, box, leaving: best_moves(flow, rules, box, leaving))
        return (row,) if outside is None else (row, outside)

    def accused(self, party: str) -> tuple[Sum, ...]:
        """What a party gets after a false alarm, or elsewhere."""
        rules, outside = self.terms.rules, self._outside(party)
        if not rules.answered:
            return (self.flow(party),)
        row = self._sum(party, lambda flow, box, leaving: answered_value(flow, rules, None, box, leaving))
        return (row,) if outside is None else (row, outside)

    def breach(self, party: str) -> Sum:
        """What a breach costs a party, as a value per period."""
        price = self.terms.plan.breach_cost.get(party)
        return Sum() if price is None else self._one(price.amount, lambda box: self.terms.breach(party, box))

    def alarm(self) -> Sum:
        """Chance per period of a false alarm."""
        return self._one(self.terms.plan.false_alarm, self.terms.alarm)

    def caught(self, option: str) -> Sum | None:
        """Chance per period of being found out pretending an option; None where it cannot be pretended."""
        written = self.terms.plan.conceal.get(option)
        if not isinstance(written, ConditionalAmount):
            return None

        def read(box: Grid) -> Floats:
            chance = self.terms.caught(option, box)
            assert chance is not None  # noqa: S101 - asked before
            return chance

        return self._one(written, read)

    def feasible(self) -> tuple[Bools, ...]:
        """Per cluster, whether the parties may pause there."""
        out = []
        conditions = Space.of(self.terms.case).infeasible
        for c in range(self.count):
            box, own = self.box(c), self.groups[c]
            allowed = np.ones(box.shape, bool)
            for condition in conditions:
                if options_in(condition) & set(self.positions) & own:
                    allowed &= ~mask(condition, box.digits()).reshape(box.shape)
            out.append(allowed)
        return tuple(out)

    # --- help --------------------------------------------------------------------------------------------------------

    def _sum(self, party: str, value: _Value, *, lagged: bool = False) -> Sum:
        """A value that is a sum over groups, each with its own part of the party's flow."""
        constant, tables = 0.0, {}
        for c, group in enumerate(self.groups):
            flow = part(self.terms.flows[party], group)
            if not flow.levels and not flow.conditions:
                continue
            box = self.box(c)
            found = np.zeros(box.shape)
            for where, leaving in self._leaving(party, box, lagged=lagged):
                found = np.where(where, value(flow, box, leaving)[0], found)
            if c < self.count and found.min() < found.max():
                tables[c] = found
            else:
                constant += float(found.flat[0])
        return Sum(constant, tables)

    def _one(self, written: ConditionalAmount, value: _Number) -> Sum:
        """A number that may depend on the options of one cluster."""
        read = {o for condition, _ in written.when for o in options_in(self.terms.case.meaning(condition))}
        changing = [c for c in range(self.count) if self.groups[c] & read & set(self.positions)]
        box = self.box(changing[0]) if changing else Grid(self.today, (), ())
        found = np.broadcast_to(value(box)[0], box.shape)
        if changing and found.min() < found.max():
            return Sum(0.0, {changing[0]: np.array(found, np.float64)})
        return Sum(float(found.flat[0]))

    def _outside(self, party: str) -> Sum | None:
        written = self.terms.plan.outside.get(party)
        if written is None:
            return None

        def read(box: Grid) -> Floats:
            found = self.terms.outside(party, box)
            assert found is not None  # noqa: S101 - asked before
            return found

        return self._one(written, read)

    def _leaving(self, party: str, box: Grid, *, lagged: bool) -> Iterator[tuple[Bools, Leaving]]:
        """Numbers of a party that leaves, without its outside option, and in which cells they are so.

        A lag that differs among cells has put all options into one group.
        """
        delta = self.terms.discount[party]
        if not self.terms.rules.answered or not lagged:
            yield np.ones(box.shape, bool), Leaving(delta, np.zeros(1) if self.terms.rules.answered else None, None)
            return
        lags = np.broadcast_to(self.terms.lag(party, box)[0], box.shape)
        for lag in np.unique(lags):
            yield lags == lag, Leaving(delta, np.array([lag]), None)

    def _later(self, party: str, outside: Sum) -> Sum:
        """An outside option from after the lag on."""
        delta, every = float(self.terms.discount[party][0]), self.box(0)
        lags = np.broadcast_to(self.terms.lag(party, every)[0], every.shape)
        if lags.min() == lags.max():
            return scaled(outside, float(delta ** lags.flat[0]))
        return Sum(0.0, {0: delta**lags * (outside.constant + outside.tables.get(0, 0.0))})

    def _before(self, party: str) -> Sum:
        """The best a party can do until the answer, what comes after it counting nothing.

        An outside option that is better than anything else is taken wherever it can be; its worth is subtracted again.
        """
        rules = self.terms.rules

        def value(flow: Flow, box: Grid, leaving: Leaving) -> Floats:
            assert leaving.lag is not None  # noqa: S101 - only asked where breakdowns are answered
            top = 1.0 + sum(float(np.abs(w).max()) for _, w in flow.levels)
            top += sum(float(np.abs(w).max()) for _, _, w in flow.conditions)
            best = best_moves(flow, rules, box, replace(leaving, outside=np.array([top])))
            return np.asarray(best - float(leaving.delta[0] ** leaving.lag[0]) * top)

        return self._sum(party, value, lagged=True)


def _judged_together(terms: Terms, positions: tuple[int, ...]) -> Iterator[set[int]]:
    """Options that numbers of the plan depend on: each must lie in one group, and a lag that differs bears on all."""
    case, plan = terms.case, terms.plan
    pretending: dict[str, set[int]] = {}
    for path, written in plan_conditionals(plan):
        read = {o for condition, _ in written.when for o in options_in(case.meaning(condition))} & set(positions)
        if path[1] == "conceal":
            pretending.setdefault(case.file.options[path[2]].party, set()).update(read)
        elif path[1] == "lag" and read:
            yield set(range(len(case.options)))
        else:
            yield read
    yield from pretending.values()


def part(flow: Flow, options: frozenset[int]) -> Flow:
    """What a flow says of some options."""
    levels = tuple((o, w) for o, w in flow.levels if o in options)
    conditions = tuple((m, used, w) for m, used, w in flow.conditions if used <= options and used)
    return replace(flow, levels=levels, conditions=conditions)


def plus(one: Sum, other: Sum) -> Sum:
    """The sum of two."""
    tables = dict(one.tables)
    for c, table in other.tables.items():
        tables[c] = tables[c] + table if c in tables else table
    return Sum(one.constant + other.constant, tables)


def scaled(one: Sum, factor: float) -> Sum:
    """A multiple."""
    return Sum(one.constant * factor, {c: t * factor for c, t in one.tables.items()})
