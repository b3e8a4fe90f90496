"""What in the plan block of a case is private."""

from __future__ import annotations

from detente.case.blocks.plan import Word, plan_amounts
from detente.case.fields import Amount
from detente.case.model import Case

PARTS = ("default", "when", "once")


def private_parts(case: Case) -> frozenset[tuple[str, ...]]:
    """Paths below ``plan`` of everything with a number or condition that is marked private.

    A number that depends on the state or is paid once stands as a whole: ``("breach_cost", "us")``, not its default.
    """
    plan = case.file.plan
    if plan is None:
        return frozenset()
    numbers = ((path, written) for path, written in (*plan_amounts(plan), (("plan", "step"), plan.step)))
    found = {_whole(path[1:]) for path, written in numbers if _private(case, written)}
    if isinstance(plan.target, Word) and plan.target.evidence is not None and plan.target.evidence.private:
        found.add(("target",))
    return frozenset(found)


def _whole(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path up to where a number's own parts begin."""
    return tuple(path[: next((n for n, step in enumerate(path) if step in PARTS), len(path))])


def _private(case: Case, written: Amount) -> bool:
    """Whether a number is private, or the shared number that it names."""
    behind = case.file.numbers.get(written.quantity.name)
    shared = behind.evidence if behind is not None else None
    return any(e is not None and e.private for e in (written.evidence, shared))
