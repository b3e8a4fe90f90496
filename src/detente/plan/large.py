"""Plans of cases whose states between today and the target are too many to list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from detente.base.errors import UsageError
from detente.case.blocks.plan import Plan
from detente.case.model import Case
from detente.mechanics.amounts import Numbers
from detente.mechanics.breakdown import Levels, Rules
from detente.mechanics.clock import default_discount
from detente.mechanics.flows import Flow
from detente.mechanics.payoffs import disagreement_by_worth, feasible, status_quo_in
from detente.plan.build import changed_in, deadline_of, parties_of
from detente.plan.clusters import Clusters
from detente.plan.judged import gather
from detente.plan.milp import SECONDS, best_order
from detente.plan.problem import Order
from detente.plan.tables import Tables
from detente.plan.terms import Terms, ask_for_facts
from detente.plan.verify import Checked, spelled
from detente.space.space import Space
from detente.space.worth import Worth


@dataclass(frozen=True, slots=True)
class Way:
    """What changes from today to a target.

    Attributes:
        today: level numbers of the status quo.
        positions, options, owners: of the options that change.
        levels: per such option, from the status quo's to the target's.
        parties: whose margins count.
    """

    today: Levels
    positions: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]
    options: tuple[str, ...]
    owners: tuple[str, ...]
    parties: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LargePlan:
    """The best order found for a target, and how safe it is.

    Attributes:
        options: ids of the options that change: the axes of the order's cells.
        levels: per axis, the level numbers from the status quo's to the target's.
        tables: the problem by clusters.
        order: the order; its bound and whether it is proven.
        checked: the order with all its margins; None without an order.
    """

    options: tuple[str, ...]
    levels: tuple[tuple[int, ...], ...]
    tables: Tables
    order: Order
    checked: Checked | None


def milp_plan(
    case: Case, target: Levels, seconds: float = SECONDS, horizon: int | None = None, *, timed: bool = True
) -> LargePlan:
    """The best order toward a target, without listing the states between.

    Args:
        case: the case, with a utility for every party that counts.
        target: level numbers, one per option.
        seconds: time after which the best order found so far is returned, not proven.
        horizon: most steps considered.
        timed: whether the deadline counts.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo, a target that cannot be reached, or a party without a utility.
        LimitReached: conditions tie too many options together.
    """
    tables, clusters = tables_of(case, target)
    tables = tables if timed else replace(tables, deadline=None)
    order = best_order(tables, seconds, horizon)
    options = tuple(case.options[n] for n in clusters.positions)
    checked = spelled(gather(tables, order.steps, order.side), tables.parties, order.steps) if order.steps else None
    return LargePlan(options, clusters.levels, tables, order, checked)


def tables_of(case: Case, target: Levels) -> tuple[Tables, Clusters]:
    """A planning problem by clusters of options, at the point values of uncertain numbers.

    Args:
        case, target: as in ``milp_plan``.
    """
    way = way_to(case, target)
    clusters = Clusters.of(terms_of(case, way.today, way.parties), way.today, way.positions, way.levels)
    return _tables(clusters, way.parties, way.owners, target), clusters


def way_to(case: Case, target: Levels) -> Way:
    """What changes from today to a target, and whose margins count, without listing states.

    Raises:
        CaseError: facts that are asked for by name are missing.
        UsageError: no status quo, or a target that cannot be reached.
    """
    today = status_quo_in(case, Space.of(case))
    if today is None:
        raise UsageError("a case without a status quo", "today's state, where a plan starts", "Write status_quo.")
    positions, levels = changed_in(case, today, target)
    if not feasible(Space.of(case), target):
        fix = "Name more levels: options that are not named stay at the status quo."
        raise UsageError("an infeasible target", "a feasible state", fix)
    options = tuple(case.options[n] for n in positions)
    owners = tuple(case.file.options[o].party for o in options)
    parties = parties_of(case, owners)
    ask_for_facts(case, parties, options)
    return Way(today, positions, levels, options, owners, parties)


def terms_of(case: Case, today: Levels, parties: tuple[str, ...]) -> Terms:
    """What a case's values are made of, at point values, from utilities alone.

    Args:
        case: the case.
        today: level numbers of the status quo.
        parties: whose margins count.

    Raises:
        UsageError: a party without a utility.
    """
    plan, numbers = case.file.plan or Plan(), Numbers(case)
    for party in parties:
        forms = case.preference(party)
        if forms is not None and forms.form() is not None and forms.utility is None:
            name = case.party_name(party)
            raise UsageError(
                f"an order of {name}", "a utility, where states are too many to list", f"Write a utility for {name}."
            )
    flows = {p: Flow.of(case, p) for p in parties}
    discount = {}
    for party in parties:
        written = case.file.parties[party].discount
        path = ("parties", party, "discount")
        fallback = np.array([default_discount(case.file.period)])
        discount[party] = fallback if written is None else numbers.read(path, written)
    return Terms(case, plan, numbers, Rules.of(case, plan, today, numbers), today, flows, discount)


def _tables(clusters: Clusters, parties: tuple[str, ...], owners: tuple[str, ...], target: Levels) -> Tables:
    terms, case = clusters.terms, clusters.terms.case
    options = [case.options[n] for n in clusters.positions]
    worths = {p: worth_of(case, p) for p in parties}
    nothing = disagreement_by_worth(case, worths)
    money = [case.file.parties[p].money for p in parties]
    caught = {a: clusters.caught(o) for a, o in enumerate(options)}
    rows = list(zip(options, clusters.levels, strict=True))
    return Tables(
        parties=parties,
        stake=np.array([float(stake_of(case, p, worths[p], nothing[p], target)) for p in parties]),
        discount=np.array([float(terms.discount[p][0]) for p in parties]),
        disagreement=np.array([float(nothing[p]) for p in parties]),
        money=np.array([np.nan if m is None else float(case.mean(m)) for m in money]),
        shape=tuple(len(row) for row in clusters.levels),
        owners=owners,
        clusters=tuple(clusters.axes(c) for c in range(clusters.count)),
        feasible=clusters.feasible(),
        flow=tuple(clusters.flow(p) for p in parties),
        breach=tuple(clusters.breach(p) for p in parties),
        walk=tuple(clusters.walk(p) for p in parties),
        snapped=tuple(clusters.snapped(p) for p in parties),
        accused=tuple(clusters.accused(p) for p in parties),
        alarm=clusters.alarm(),
        caught={a: chance for a, chance in caught.items() if chance is not None},
        cost=tuple(terms.along("costs", o, row)[0] for o, row in rows),
        takes=tuple(terms.along("takes", o, row)[0] for o, row in rows),
        step=int(case.mean(terms.plan.step)),
        deadline=deadline_of(case),
        patient=terms.plan.values == "patient",
        together=terms.plan.together,
        escrow=terms.plan.escrow,
        transfers=float(case.mean(terms.plan.transfers)),
        margin=float(case.mean(terms.plan.margin)),
    )


def worth_of(case: Case, party: str) -> Worth:
    """The utility of a party; nothing without preferences."""
    forms = case.preference(party)
    return Worth((), ()) if forms is None else Worth.of(case, forms)


def stake_of(case: Case, party: str, worth: Worth, nothing: Fraction, target: Levels) -> Fraction:
    """What is at stake: the scale, else how far the target is from no deal; else it has to be written."""
    scale = case.file.parties[party].scale
    if scale is not None:
        return case.mean(scale)
    away = abs(worth.of_levels(case, target) - nothing)
    if away:
        return away
    if not worth.levels and not worth.conditions:
        return abs(nothing) or Fraction(1)
    name = case.party_name(party)
    raise UsageError(
        f"no scale of {name}, for whom the target is worth what no deal is", "one", f"Write parties.{party}.scale."
    )
