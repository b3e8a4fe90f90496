"""Which rules an order breaks: written by hand, it may do what no search would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detente.plan.problem import Cell, Problem, Step
from detente.plan.verify import duration


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that an order breaks.

    Attributes:
        step: number of the step, from 1; 0 for an order without steps.
        rule: apart (it does not begin where the one before ends) | still (nothing changes) | back (an option returns) |
            pause (the parties cannot pause there) | together (several parties move at once, which is not allowed) |
            escrow (all or nothing, which nobody can guarantee) | short (fewer periods than it needs) | late (the
            target holds after the deadline; told of the last step) | target (the order does not end there).
        parties: who moves in it, where that is the fault.
        axes: of the options that return.
        excess: periods too few or too late.
    """

    step: int
    rule: str
    parties: tuple[str, ...] = ()
    axes: tuple[int, ...] = ()
    excess: int = 0


def faults(
    problem: Problem, steps: Sequence[Step], pausable: Callable[[Cell], bool] | None = None
) -> tuple[Fault, ...]:
    """Every rule that an order breaks, step by step.

    Args:
        problem: what is planned.
        steps: the order.
        pausable: whether the parties may pause at a cell, where that is not listed.
    """
    may = pausable or (lambda cell: bool(problem.lattice.feasible[cell]))
    lattice, out = problem.lattice, list[Fault]()
    here, used = lattice.origin, 0
    for n, step in enumerate(steps, 1):
        if step.before != here:
            out.append(Fault(n, "apart"))
        out += [] if may(step.after) else [Fault(n, "pause")]
        out += _within(problem, n, step)
        here, used = step.after, used + step.periods
    if problem.deadline is not None and used > problem.deadline:
        out.append(Fault(len(steps), "late", excess=used - problem.deadline))
    if here != lattice.target:
        out.append(Fault(len(steps), "target"))
    return tuple(out)


def _within(problem: Problem, n: int, step: Step) -> list[Fault]:
    """Faults of one step by itself."""
    out = []
    back = tuple(k for k, (a, b) in enumerate(zip(step.before, step.after, strict=True)) if b < a)
    if step.before == step.after:
        out.append(Fault(n, "still"))
    if back:
        out.append(Fault(n, "back", axes=back))
    if step.atomic and not problem.escrow:
        out.append(Fault(n, "escrow", step.movers))
    if len(step.movers) > 1 and not step.atomic and not problem.together:
        out.append(Fault(n, "together", step.movers))
    needs = duration(problem, step.before, step.after)
    if step.periods < needs:
        out.append(Fault(n, "short", excess=needs - step.periods))
    return out
