"""``options``, ``infeasible``, ``coalesce``, ``status_quo``: what can happen and where things stand today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from detente.base.errors import did_you_mean, one_of, shown
from detente.case.fields import Block, Clause, Identifier, LevelName, Prose
from detente.case.meaning import holds

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile

MOST_LEVELS = 36
Direction = Literal["both", "up", "down"]


class Option(Block):
    """A course of action owned by one party, with ordered levels.

    Attributes:
        party: id of the owner.
        name: shown to readers; the id where not given.
        levels: lowest first; no, yes where not given.
        moves: both, up or down: the way the owner can change it.
        irreversible: levels that, once reached, are never gone below.
        note: free text.
    """

    party: Identifier
    name: Prose | None = None
    levels: tuple[LevelName, ...] = ("no", "yes")
    moves: Direction = "both"
    irreversible: tuple[LevelName, ...] = ()
    note: Prose = ""

    def windows(self) -> tuple[tuple[int, int], ...]:
        """For each level, the lowest and highest level its owner can choose from there (DESIGN: floor)."""
        top = len(self.levels) - 1
        stuck = {self.levels.index(v) for v in self.irreversible}
        found = []
        for level in range(top + 1):
            floor = max((x for x in stuck if x <= level), default=0)
            low = level if self.moves == "up" else floor
            found.append((low, level if self.moves == "down" else top))
        return tuple(found)


def check_options(file: CaseFile, checker: Checker) -> None:
    """Owners exist, levels are distinct, irreversible levels are levels, ids do not clash."""
    if not file.options and not checker.cut("options"):
        checker.error(("options",), "no option", "at least one option", "Say what the parties can do.")
    for option, written in file.options.items():
        path = ("options", option)
        if written.party not in file.parties and not checker.cut("parties", written.party):
            fix = did_you_mean(written.party, list(file.parties))
            known = one_of(list(file.parties))
            checker.error((*path, "party"), f"the unknown party {shown(written.party)}", known, fix)
        _check_levels(option, written, checker)


def _check_levels(option: str, written: Option, checker: Checker) -> None:
    path = ("options", option)
    if not 1 <= len(written.levels) <= MOST_LEVELS:
        checker.error((*path, "levels"), f"{len(written.levels)} levels", f"1 to {MOST_LEVELS} levels")
        return
    for n, level in enumerate(written.levels):
        if level in written.levels[:n]:
            checker.error((*path, "levels", n), f"the level {shown(level)} a second time", "each level once")
    for n, level in enumerate(written.irreversible):
        if level not in written.levels:
            fix = did_you_mean(level, written.levels)
            found = f"the unknown level {shown(level)}"
            checker.error((*path, "irreversible", n), found, one_of(written.levels), fix)


def check_feasibility(file: CaseFile, checker: Checker) -> None:
    """Conditions name options and levels that exist; each can match something."""
    for block in ("infeasible", "coalesce"):
        for n, written in enumerate(getattr(file, block)):
            checker.condition((block, n), written)


def check_status_quo(file: CaseFile, checker: Checker) -> None:
    """The written status quo names levels that exist and is feasible."""
    written = file.status_quo
    if isinstance(written, Clause):
        checker.condition(("status_quo",), written, states=True)
        return
    if written is None:
        return
    faulty = checker.levels(("status_quo",), written)
    if faulty or checker.broken_options:
        return
    digits = checker.full_state(written)
    for n, condition in enumerate(file.infeasible):
        sense = checker.sense(condition)
        if sense is not None and holds(sense, digits):
            found = f"a state ruled out by infeasible[{n}] ({shown(condition.text)})"
            checker.error(("status_quo",), found, "a feasible state", "Name the levels that hold today.")
