"""The target of a plan as it is asked for on the command line, and what is said where none holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detente.base.errors import CaseError, Problem, UsageError, did_you_mean, shown
from detente.base.wording import counted
from detente.case.blocks.plan import RULES, Word
from detente.case.blocks.plan import Plan as PlanBlock
from detente.case.change import Change, Edit
from detente.case.fields import Clause
from detente.case.model import Case
from detente.case.yaml_tree import written_at
from detente.mechanics.flows import Grid
from detente.mechanics.payoffs import Levels
from detente.space.masks import mask
from detente.space.states import StateSpace

WORDS = (*RULES, "auto")


def asked_target(case: Case, text: str) -> dict[str, str] | Word | None:
    """A target given in place of the case's.

    Args:
        case: the case.
        text: a condition, a state, a rule of ``settle`` or ``auto``.

    Raises:
        UsageError: it is none of these; the message blames the command, not the file.
    """
    low = text.strip().lower()
    if low in WORDS and low != text.strip() and low not in case.file.options:
        raise UsageError(f"--target {shown(text)}", "names in small letters", f"Did you mean {shown(low)}?")
    try:
        changed = case.change(Change((Edit(("plan", "target"), text),)))
    except CaseError as error:
        raise _blamed(text, error) from None
    return (changed.file.plan or PlanBlock()).target


def mask_of(states: StateSpace, meant: Clause, text: str | None) -> Any:
    """The states that a target matches.

    Args:
        states: of the case.
        meant: the condition.
        text: where it was given in place of the case's.

    Raises:
        CaseError, UsageError: a state that there is not.
    """
    if text is None:
        return states.mask(meant, "plan.target")
    try:
        return states.mask(meant, "plan.target")
    except CaseError as error:
        raise _blamed(text, error) from None


def _blamed(text: str, error: CaseError) -> UsageError:
    """The same error, told of the command."""
    problem = error.problems()[0]
    fix = problem.fix or did_you_mean(text.strip(), WORDS)
    return UsageError(f"--target {shown(text)}, with {problem.found}", problem.expected, fix)


def levels_written(case: Case, today: Levels, written: Mapping[str, str]) -> Levels:
    """Level numbers of a target that is written out; options that are not named stay as they are today."""
    levels = list(today)
    for option, level in written.items():
        names = case.file.options[option].levels
        levels[case.options.index(option)] = int(level) if level.isdigit() else names.index(level)
    return tuple(levels)


def other_end(case: Case, today: Levels, end: Levels) -> str:
    """That a written order ends elsewhere than the target of the case; empty where it does not, or none is written.

    Args:
        case: the case.
        today: level numbers of the status quo.
        end: of the last state of the order.
    """
    written = (case.file.plan or PlanBlock()).target
    if isinstance(written, Word):
        meant = written.settled(case.file.options)
        if not isinstance(meant, Clause):
            return ""
        same = bool(mask(case.meaning(meant), Grid(end, (), ()).digits())[0])
    elif written is None:
        return ""
    else:
        same = levels_written(case, today, written) == end
    if same:
        return ""
    return "The written order does not end at the target of the case; it is judged for where it leads."


def located(case: Case, asked: str | None, error: UsageError) -> Exception:
    """A target of the case that cannot be planned for, told with its place.

    Args:
        case: the case.
        asked: a target given in place of the case's.
        error: what was found.
    """
    if asked is not None or not error.found.startswith(("a target ", "an infeasible target")):
        return error
    node = written_at(case.tree, ("plan", "target"))
    line, column = getattr(node, "at", (None, None))
    edited = any(e.path[:2] == ("plan", "target") or e.path == ("plan",) for e in case.changes.edits)
    file = "--set" if line is None and edited else case.source
    return CaseError([Problem(error.found, error.expected, error.fix, "plan.target", file, line, column)])


def none_holds(text: str, passing: int, late: int, tried: int) -> str:
    """Why the target told has no order that holds.

    Args:
        text: the target as asked for.
        passing: states allowed that pass both tests.
        late: of those tried, how many take longer than there is time.
        tried: how many were tried.
    """
    told = "the best of the rest is told"
    which = "feasible state" if text == "auto" else "state that matches"
    if not passing:
        return f"No {which} passes both tests as a target; {told}."
    if late == tried < passing:
        return (
            f"No target that passes both tests was found to have an order in time: those tried take too long; {told}."
        )
    if late == tried:
        those = "The only target that passes both tests takes"
        if tried > 1:
            those = f"All {counted(tried, 'target')} that pass both tests take"
        return f"{those} longer than there is time; {told}."
    return f"No target that passes both tests was found to have an order that holds in time; {told}."
