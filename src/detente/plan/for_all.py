"""``plan`` for all sides: the order of work, and no word of what it is worth to anybody."""

from __future__ import annotations

from detente.base.table import Table
from detente.plan.narrative import physical
from detente.plan.result import Plan
from detente.plan.wording import day, step_text, target_text

NOT_JUDGED = (
    "What follows is an order of work, not judged here: what it is worth to each side, and whether each would keep to"
    " it, is for each side to say."
)


def shared_lines(found: Plan) -> list[str]:
    """The target, the time and the steps, and nothing of what going on or leaving is worth to anybody."""
    title = found.case.title or found.case.name
    out = [f"{title}: an order of work", f"The target: {target_text(found)}.", physical(found, whole=True)[3:], ""]
    if found.order is None:
        return [*out, "No order of steps to this target was found."]
    return [*out, NOT_JUDGED, "", *str(shared_table(found)).splitlines()]


def shared_table(found: Plan) -> Table:
    """A row per step: step, date, who does what, what it needs."""
    rows = []
    for pause, step in enumerate(found.order.steps if found.order is not None else (), 1):
        needs = "a third party" if step.atomic else "all at the same time" if len(step.movers) > 1 else ""
        rows.append((str(pause), day(found.date(found.periods[pause])), step_text(found, step), needs))
    return Table(("step", "by", "who does what", "needs"), tuple(rows))
