"""``plan`` where the states are too many to list: the target with all its levels, one order, its margins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.base.errors import UsageError
from detente.base.result import Provenance
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.blocks.plan import Word
from detente.case.change import Change, Edit
from detente.case.fields import Clause
from detente.case.model import Case
from detente.inquiry.plan_parts import ways_out_by
from detente.mechanics.payoffs import Levels, matching, status_quo_in
from detente.plan.first_tests import FirstTests, physical
from detente.plan.judged import gather
from detente.plan.large import LargePlan, milp_plan
from detente.plan.problem import Lattice, Problem, Step
from detente.plan.result import Plan, WayOut
from detente.plan.verify import Checked, duration, spelled
from detente.space.space import Space

LEFT_OUT = "The states are too many to list: repairs, smaller targets and draws are left out."


def planned_large(case: Case, provenance: Provenance, target: str | None, seconds: float) -> Plan:
    """The answer of ``plan`` by integer programs over clusters of options.

    Args:
        case: the case.
        provenance: carried into the result.
        target: in place of the case's; None for that.
        seconds: most time.

    Raises:
        UsageError: a target that has to be chosen among the states.
        LimitReached: conditions tie too many options together.
    """
    levels = _target(case, target)
    found = milp_plan(case, levels, seconds)
    problem = _outline(case, found)
    order, lattice = found.order, problem.lattice
    movers = tuple(dict.fromkeys(lattice.owners))
    whole = duration(problem, lattice.origin, lattice.target)
    at_once = (Step(lattice.origin, lattice.target, movers, atomic=True, periods=whole),)
    values = gather(found.tables, at_once, None)
    at_target = spelled(values, problem.parties, at_once)
    spent = (1 - problem.discount) * values.spent[0].sum(axis=0)
    start = values.flow[0, -1] - spent - problem.disagreement
    tests = FirstTests(physical(problem), start, at_target.margins[-1], at_target)
    checked = found.checked
    return Plan(
        provenance,
        case=case,
        problem=problem,
        target=levels,
        chosen="target",
        tests=tests,
        order=order if order.steps else None,
        checked=checked,
        ways_out=_ways(case, problem, checked),
        ways_out_of_target=ways_out_by(case, problem, at_target, 1, None),
        open=() if order.proven else ("order",),
    )


def _ways(case: Case, problem: Problem, checked: Checked | None) -> tuple[tuple[WayOut, ...], ...]:
    if checked is None:
        return ()
    return tuple(ways_out_by(case, problem, checked, t, None) for t in range(len(checked.shares)))


def _outline(case: Case, found: LargePlan) -> Problem:
    """The problem without what would have to be listed per state."""
    tables, n = found.tables, len(found.tables.parties)
    today = status_quo_in(case, Space.of(case))
    assert today is not None  # noqa: S101 - the plan started there
    positions = tuple(case.options.index(o) for o in found.options)
    lattice = Lattice(found.options, tables.owners, found.levels, today, positions, np.zeros(0, bool))
    nothing = np.zeros((n, 0))
    return Problem(
        lattice, tables.parties, tables.stake, tables.discount, tables.disagreement, nothing, nothing, nothing, nothing,
        np.zeros(1), nothing, tables.cost, tables.takes, {}, tables.step, tables.deadline, tables.patient,
        tables.together, tables.escrow, tables.transfers, tables.money, tables.margin,
    )  # fmt: skip


def _target(case: Case, asked: str | None) -> Levels:
    """Level numbers of a target that is written out."""
    if asked is not None:
        case = case.change(Change((Edit(("plan", "target"), asked),)))
    written = (case.file.plan or PlanBlock()).target
    if isinstance(written, Mapping):
        today = status_quo_in(case, Space.of(case))
        if today is None:
            raise UsageError("a case without a status quo", "today's state, where a plan starts", "Write status_quo.")
        levels = list(today)
        for option, level in written.items():
            names = case.file.options[option].levels
            levels[case.options.index(option)] = int(level) if level.isdigit() else names.index(level)
        return tuple(levels)
    meant = written.settled(case.file.options) if isinstance(written, Word) else None
    if isinstance(meant, Clause):
        return matching(case, Space.of(case), meant, "plan.target")
    found = "a plan without a target" if written is None else f"the target {meant}"
    raise UsageError(found, "a target with its levels, as the states are too many to choose among", "Name its levels.")
