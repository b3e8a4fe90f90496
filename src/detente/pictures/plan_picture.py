"""From the answer of ``plan`` to what its pictures are drawn from."""

from __future__ import annotations

import datetime as dt

from detente.base.wording import sentence, words
from detente.pictures.plan_columns import PlanMove, PlanPause, PlanPicture
from detente.plan.narrative import verdict
from detente.plan.problem import Step
from detente.plan.result import Plan
from detente.plan.wording import target_text


def plan_picture(found: Plan) -> PlanPicture | None:
    """The order found, or written, with its margins and exposures.

    Exposure of a party at a pause is what it has without a deal, less what it has after a breakdown there that another
    caused (with the time that returning takes), as a share of its stake.

    Args:
        found: the answer.

    Returns:
        None where there is no order.
    """
    if found.order is None or found.checked is None:
        return None
    case, problem = found.case, found.problem
    movers = [m for step in found.order.steps for m in step.movers if m not in problem.parties]
    parties = (*problem.parties, *dict.fromkeys(movers))
    pauses = []
    for number, period in enumerate(found.periods):
        step = found.order.steps[number - 1] if number else None
        cell = step.after if step is not None else problem.lattice.origin
        exposed = []  # not known where states are too many to list
        if problem.accused.size:
            left = [float(accused[cell]) for accused in problem.accused]
            exposed = [(d - v) / s for d, v, s in zip(problem.disagreement, left, problem.stake, strict=True)]
        pauses.append(
            PlanPause(
                number,
                period,
                _short(found.date(period)),
                _moves(found, step, parties),
                tuple(map(float, found.checked.shares[number])),
                tuple(map(float, exposed)),
                atomic=step is not None and step.atomic,
            )
        )
    names = tuple(case.party_name(p) for p in parties)
    count = len(problem.parties)
    return PlanPicture(
        names[:count],
        tuple(pauses),
        found.checked.binding,
        case.file.period,
        _deadline(found),
        names[count:],
        title=f"{case.title or case.name}: steps to {target_text(found)}",
        verdict=sentence(verdict(found)),
    )


def _moves(found: Plan, step: Step | None, parties: tuple[str, ...]) -> tuple[PlanMove, ...]:
    """What is done in a step."""
    if step is None:
        return ()
    return tuple(
        PlanMove(parties.index(party), f"{found.case.option_name(option)} to \u2018{words(level)}\u2019")
        for party, option, _, level in found.moves(step)
    )


def _deadline(found: Plan) -> tuple[int, str] | None:
    """When the target must hold, if that is written."""
    until, block = found.tests.physical.deadline, found.case.file.plan
    if until is None or block is None or block.deadline is None:
        return None
    return until, f"{block.deadline.day} {block.deadline:%B %Y}"


def _short(date: dt.date | None) -> str:
    return "" if date is None else f"{date.day} {date:%b %Y}"
