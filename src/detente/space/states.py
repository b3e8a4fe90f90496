"""``StateSpace``: the enumerated states of a case, their numbers, keys, and what conditions say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import CaseError, Problem, UsageError, shown
from detente.case.conditions import STATE_NUMBER, ConditionError, Node, StateName, parse_condition
from detente.case.fields import Clause
from detente.case.meaning import faults, meaning
from detente.case.model import Case
from detente.case.yaml_tree import written_at
from detente.space.masks import Bools, Digits, mask
from detente.space.space import BLOCKS, DEFAULT_LIMIT, Space

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
Index = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class StateSpace:
    """Every state of a case.

    A *cell* is one feasible combination of levels; a *state* is a cell, or several cells that the case coalesces.

    Attributes:
        case: the case enumerated.
        space: its options and rules.
        digits: level numbers of every cell, shape (options, cells), mixed-radix order, first option fastest.
        state_of: state of every cell, shape (cells,).
        cell_of: last cell of every state, shape (states,): the one its number and key come from.
    """

    case: Case
    space: Space
    digits: Digits
    state_of: Index
    cell_of: Index
    _written: list[StateSpace] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, case: Case, limit: int = DEFAULT_LIMIT, space: Space | None = None) -> StateSpace:
        """Enumerate a case.

        Args:
            case: any valid case.
            limit: most feasible states.
            space: its options and rules, where they are at hand or to be others than the case's own.

        Raises:
            LimitReached: too many feasible states.
            CaseError: no state is feasible.
        """
        space = space or Space.of(case)
        digits = space.feasible(limit)
        if digits.shape[1] == 0:
            fix = "Loosen one of the conditions."
            raise CaseError([Problem("no feasible state at all", "at least one", fix, "infeasible", case.source)])
        state_of, cell_of = _merge(space, digits)
        return cls(case, space, digits, state_of, cell_of)

    def __len__(self) -> int:
        return len(self.cell_of)

    @property
    def cells(self) -> int:
        """Number of feasible combinations before merging."""
        return int(self.digits.shape[1])

    @property
    def merged(self) -> bool:
        """Whether the case coalesces any states."""
        return len(self.cell_of) < self.cells

    # --- names -------------------------------------------------------------------------------------------------------

    @staticmethod
    def id(state: int) -> str:
        """``s1`` for the first state."""
        return f"s{state + 1}"

    def key(self, state: int) -> str:
        """One character per option: 0-9, then a-z. A merged state has the key of its last cell."""
        return self._key(int(self.cell_of[state]))

    def _key(self, cell: int) -> str:
        return "".join(DIGITS[d] for d in self.digits[:, cell])

    def members(self, state: int) -> list[int]:
        """The cells of a state."""
        if not self.merged:
            return [state]
        low, high = np.searchsorted(self._cells_sorted[0], [state, state + 1])
        return sorted(int(c) for c in self._cells_sorted[1][low:high])

    @cached_property
    def _cells_sorted(self) -> tuple[Index, NDArray[np.int64]]:
        order = np.argsort(self.state_of, kind="stable")
        return self.state_of[order], order

    def member_keys(self, state: int) -> tuple[str, ...] | None:
        """Keys of the cells of a merged state; None for a state of one cell."""
        cells = self.members(state)
        return tuple(self._key(c) for c in cells) if len(cells) > 1 else None

    def levels(self, state: int) -> dict[str, str | None]:
        """Level of every option; None where the cells of a merged state differ."""
        cells = self.digits[:, self.members(state)]
        out: dict[str, str | None] = {}
        for n, (option, written) in enumerate(self.case.file.options.items()):
            same = bool((cells[n] == cells[n, 0]).all())
            out[option] = written.levels[int(cells[n, 0])] if same else None
        return out

    # --- finding -----------------------------------------------------------------------------------------------------

    def cell(self, digits: list[int]) -> int | None:
        """The cell with these level numbers, or None if it is infeasible (binary search from the slowest digit)."""
        low, high = 0, self.cells
        for option in range(len(self.space.options) - 1, -1, -1):
            part = self.digits[option, low:high]
            low, high = (
                low + int(np.searchsorted(part, digits[option], "left")),
                low + int(np.searchsorted(part, digits[option], "right")),
            )
        return low if high > low else None

    def find(self, text: str) -> int:
        """The state named by a number, a key, a pattern or a condition that matches exactly one; or ``status_quo``.

        Raises:
            UsageError: none or several match, or the text cannot be read.
        """
        if text == "status_quo" or (text == "today" and text not in self.case.options):
            if self.status_quo is None:
                raise UsageError(f"the state {shown(text)}", "a state: the case has no status quo")
            return self.status_quo
        try:
            node = parse_condition(text, states=True)
        except ConditionError as error:
            raise UsageError(f"the state {shown(text)}", "s12, a key, a pattern or a condition", str(error)) from None
        for fault in faults(node, self.case.vocabulary):
            raise UsageError(fault.found, fault.expected, fault.fix)
        if isinstance(node, StateName) and STATE_NUMBER.fullmatch(node.text):
            number = int(node.text[1:]) if len(node.text) < 15 else 0
            if not 1 <= number <= len(self):
                raise UsageError(f"the state {shown(text)}", f"s1 to s{len(self)}")
            return number - 1
        found = np.unique(self.state_of[self._cells_where(node)])
        if len(found) != 1:
            some = ", ".join(self.id(int(s)) for s in found[:5]) + (" and more" if len(found) > 5 else "")
            what = f"{len(found):,} states ({some})" if len(found) else "no feasible state"
            raise UsageError(f"{what} matching {shown(text)}", "exactly one", "Name more options.")
        return int(found[0])

    @cached_property
    def status_quo(self) -> int | None:
        """Today's state, or None if none is written and the first levels are infeasible.

        Raises:
            CaseError: one is written and is not exactly one feasible state.
        """
        written = self.case.file.status_quo
        if isinstance(written, Clause):
            found = np.unique(self.state_of[self._cells_where(written.node, "status_quo")])
            if len(found) != 1:
                what = f"{len(found):,} states" if len(found) else "no feasible state"
                raise self._error(f"{what} matching {shown(written.text)}", "exactly one", "status_quo")
            return int(found[0])
        digits = [0] * len(self.space.options)
        for option, level in (written or {}).items():
            levels = self.case.file.options[option].levels
            digits[self.case.options.index(option)] = int(level) if level.isdigit() else levels.index(level)
        cell = self.cell(digits)
        if cell is None and written:
            raise self._error("an infeasible state", "a feasible one", "status_quo")
        return None if cell is None else int(self.state_of[cell])

    # --- conditions --------------------------------------------------------------------------------------------------

    def mask(self, written: Clause | str, path: str = "") -> Bools:
        """Where a condition, pattern or named state holds, shape (states,).

        Raises:
            CaseError: the cells of a merged state differ in it.
        """
        node = parse_condition(written, states=True) if isinstance(written, str) else written.node
        text = written if isinstance(written, str) else written.text
        if isinstance(node, StateName):
            out = np.zeros(len(self), bool)
            out[self.state_of[self._cells_where(node, path)]] = True
            return out
        return self.lift(self._cells_where(node), f"the condition {shown(text)}", path)

    def lift(self, cells: NDArray[Any], what: str, path: str) -> NDArray[Any]:
        """One value per state from one value per cell.

        Raises:
            CaseError: the cells of a merged state differ.
        """
        values = cells[self.cell_of]
        if self.merged:
            differs = np.flatnonzero(cells != values[self.state_of])
            if len(differs):
                state = int(self.state_of[differs[0]])
                members = ", ".join(self.member_keys(state) or ())
                found = f"{what}, which differs among the coalesced states {shown(members, 80)}"
                fix = "Make it the same for all of them, or coalesce fewer."
                raise self._error(found, "one value for states that are one and the same", path, fix)
        return values

    def _cells_where(self, node: Node, path: str = "preferences") -> Bools:
        if isinstance(node, StateName):
            out = np.zeros(self.cells, bool)
            if STATE_NUMBER.fullmatch(node.text):
                out[self._cells_numbered(node.text, path)] = True
                return out
            cell = self.cell([DIGITS.index(c) for c in node.text]) if len(node.text) == len(self.digits) else None
            if cell is not None:
                out[self.state_of == self.state_of[cell]] = True
            return out
        return mask(meaning(node, self.case.vocabulary), self.digits)

    def _cells_numbered(self, text: str, path: str) -> NDArray[np.int64]:
        """Cells of the state that had this number in the case as written."""
        written = self.as_written
        number = int(text[1:]) if len(text) < 15 else 0
        if not 1 <= number <= len(written):
            raise self._error(f"the state {shown(text)}", f"s1 to s{len(written)}", path)
        if written is self:
            return np.flatnonzero(self.state_of == number - 1)
        cells = [self.cell([int(d) for d in written.digits[:, c]]) for c in written.members(number - 1)]
        return np.array([c for c in cells if c is not None], np.int64)

    @property
    def as_written(self) -> StateSpace:
        """The states of the case before any view or change; numbers in a file mean these."""
        first = self.case.written
        if first is self.case or first.digest(BLOCKS) == self.case.digest(BLOCKS):
            return self
        if not self._written:
            self._written.append(StateSpace.of(first))
        return self._written[0]

    def _error(self, found: str, expected: str, path: str, fix: str = "") -> CaseError:
        return fault(self.case, found, expected, path, fix)


def fault(case: Case, found: str, expected: str, path: str, fix: str = "") -> CaseError:
    """A problem found once states are known, with the place of its dotted path in the file."""
    steps = [int(s[1:-1]) if s.startswith("[") else s for s in re.findall(r"\[[0-9]+\]|[^.\[\]]+", path)]
    line, column = getattr(written_at(case.tree, tuple(steps)), "at", (None, None))
    return CaseError([Problem(found, expected, fix, path, case.source, line, column)])


def _merge(space: Space, digits: Digits) -> tuple[Index, Index]:
    """States of cells: cells matching one coalescing condition are one; overlapping conditions join."""
    cells = digits.shape[1]
    groups: list[Bools] = []
    for condition in space.coalesce:
        here = mask(condition, digits)
        apart = []
        for other in groups:
            if (other & here).any():
                here = here | other
            else:
                apart.append(other)
        groups = [*apart, here]
    last = np.arange(cells, dtype=np.int32)
    for group in groups:
        if group.any():
            last[group] = np.flatnonzero(group)[-1]
    cell_of = np.flatnonzero(last == np.arange(cells)).astype(np.int32)
    number = np.zeros(cells, np.int32)
    number[cell_of] = np.arange(len(cell_of), dtype=np.int32)
    return number[last], cell_of
