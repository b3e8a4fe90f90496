"""What a repair of a plan changes in the case file: paths and values that ``--set`` takes as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.fields import Amount, ConditionalAmount
from detente.case.model import Case
from detente.plan.mending import Repair
from detente.plan.result import Plan


def edited(plan: Plan, repair: Repair) -> Repair:
    """A repair with the edits of the case that do it.

    Without any stay: a payment for as long as somebody keeps to a plan and a new level, which no edit can say, and what
    changes the order of steps alone.

    Args:
        plan: the answer that the repair belongs to.
        repair: with its amounts.
    """
    return repair if repair.edits else replace(repair, edits=tuple(_edits(plan, repair)))


def _edits(plan: Plan, repair: Repair) -> Iterator[tuple[tuple[str, ...], Any]]:
    case, block = plan.case, plan.case.file.plan or PlanBlock()
    amount = repair.amount or 0.0
    if repair.lever == "breach_cost" and repair.party is not None:
        yield _breach(plan, repair.party, amount)
    elif repair.lever == "breach_costs":
        yield from (_breach(plan, party, more) for party, more in repair.amounts.items())
    elif repair.lever == "detection":
        axes = [plan.problem.lattice.options[a] for a in sorted(plan.problem.caught)]
        for option in [repair.option] if repair.option is not None else axes:
            caught = block.conceal.get(option)
            if isinstance(caught, ConditionalAmount):
                yield ("plan", "conceal", option), _each(caught, lambda a: _at_least(case, a, amount))
    elif repair.lever == "escrow":
        yield ("plan", "escrow"), True
    elif repair.lever == "deadline":
        date = plan.date(int(amount))
        if date is not None:
            yield ("plan", "deadline"), date.isoformat()


def _breach(plan: Plan, party: str, more: float) -> tuple[tuple[str, ...], Any]:
    """A breach cost that is higher by so much per period."""
    case, path = plan.case, ("plan", "breach_cost", party)
    price = (case.file.plan or PlanBlock()).breach_cost.get(party)
    if price is None:
        return path, more
    share = 1 - float(plan.problem.discount[plan.problem.parties.index(party)]) if price.once else 1.0
    raised = _each(price.amount, lambda a: _raised(case, a, more / share))
    return path, {"once": raised} if price.once else raised


def _each(written: ConditionalAmount, changed: Any) -> Any:
    """A number that may depend on the state, every one of its values changed."""
    if not written.when:
        return changed(written.default)
    return {"default": changed(written.default), "when": {c.text: changed(a) for c, a in written.when}}


def _raised(case: Case, amount: Amount, more: float) -> float | str:
    """A number raised; a range is moved as it is, other uncertain numbers become their point value."""
    quantity = amount.quantity
    low = amount.domain.low
    whole = low is None or (quantity.numbers and quantity.numbers[0] >= low)
    if quantity.kind in ("uniform", "triangular") and quantity.uncertain and whole:
        return "..".join(repr(float(n) + more) for n in quantity.numbers)
    return float(case.mean(amount)) + more


def _at_least(case: Case, amount: Amount, chance: float) -> Any:
    """A chance raised to another one where it is smaller; as it is where it is not."""
    mean = case.mean(amount)
    if mean < Fraction(chance):
        return chance
    numbers, kind = amount.quantity.numbers, amount.quantity.kind
    if kind == "normal":
        return f"{float(numbers[0])!r} +- {float(numbers[1])!r}"
    return amount.quantity.name or "..".join(repr(float(n)) for n in numbers)
