"""The numbers of one order of steps at the states that it visits, whatever else there is: nothing is listed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.mechanics.flows import Grid
from detente.plan.problem import TIED, Cell, Floats, Problem, Step
from detente.plan.terms import Terms
from detente.plan.verify import (
    PathValues,
    Pretence,
    Truth,
    can_withhold,
    duration,
    held_back,
    pauses,
    truly,
    truths,
)


class Along(ABC):
    """The states that an order visits and their numbers in every draw (one draw: at point values).

    Args:
        terms: of the case.
        problem: the problem at point values; only its lattice, its parties and its plain numbers are read.
        steps: from the status quo to the target.
        known: what has been worked out for other orders of the same problem, added to; None for a fresh start.
    """

    def __init__(
        self, terms: Terms, problem: Problem, steps: tuple[Step, ...], known: dict[Any, Floats] | None = None
    ) -> None:
        self.terms, self.problem, self.steps = terms, problem, steps
        self.lattice, self.parties = problem.lattice, problem.parties
        self.cells = pauses(self.lattice, steps)
        self.count = terms.numbers.count
        self._known = {} if known is None else known
        rows = list(zip(self.lattice.options, self.lattice.levels, strict=True))
        self.cost = [self._once_for(("costs", o), partial(terms.along, "costs", o, v)) for o, v in rows]
        self.takes = [self._once_for(("takes", o), partial(terms.along, "takes", o, v)) for o, v in rows]
        self._alarmed = any(self._alarm(c).any() for c in self.cells)

    @abstractmethod
    def nothing(self, party: str) -> Floats:
        """What a party has without a deal, shape (draws,)."""

    @abstractmethod
    def stake(self, party: str, target: Floats, nothing: Floats) -> Floats:
        """What is at stake for a party, shape (draws,).

        Args:
            party: whose.
            target: what the target is worth to it, shape (draws,).
            nothing: what it has without a deal, shape (draws,).
        """

    def walk(self, party: str, cell: Cell) -> Floats:
        """Best way out of a cell but for pretending and withholding, shape (draws,)."""
        return self.terms.walk(party, self._here(cell))

    def values(self, side: Floats | None) -> PathValues:
        """The numbers of the order."""
        problem, parties, n = self.problem, self.parties, len(self.parties)
        walk = {p: [self._walk(p, c) for c in self.cells] for p in parties}
        accused = {p: [self._accused(p, c) for c in self.cells] for p in parties}
        discount = np.stack([self.terms.discount[p] for p in parties], axis=-1)
        nothing = np.stack([self.nothing(p) for p in parties], axis=-1)
        flow = np.stack([self._flow(p, self.cells) for p in parties], axis=-1)
        spent = [
            np.stack([self._spent(self.lattice.axes_of(p), s.before, s.after) for s in self.steps], axis=-1)
            for p in parties
        ]
        return PathValues(
            discount=discount,
            stake=np.stack([self.stake(p, flow[:, -1, i], nothing[:, i]) for i, p in enumerate(parties)], axis=-1),
            disagreement=nothing,
            flow=flow,
            walk=_stacked([walk[p] for p in parties]),
            accused=_stacked([accused[p] for p in parties]),
            alarm=np.stack([self._once(self._alarm(c)) for c in self.cells], axis=-1),
            spent=np.stack(spent, axis=-1),
            withheld=self._withheld(),
            pretences=tuple(
                self._pretence(i, truth, since)
                for i, party in enumerate(parties)
                for truth, since in truths(self.lattice, self.cells, party, tuple(problem.caught))
            ),
            periods=self._periods(),
            side=self._side(side, n),
            patient=problem.patient,
            margin=problem.margin,
        )

    # --- at states ---------------------------------------------------------------------------------------------------

    def _here(self, cell: Cell) -> Grid:
        return Grid(self.lattice.state(cell), (), ())

    def _once(self, values: Floats) -> Floats:
        return np.broadcast_to(values, (self.count,))

    def _once_for(self, key: Any, value: Callable[[], Floats]) -> Floats:
        """A number that is worked out once for all orders."""
        if key not in self._known:
            self._known[key] = value()
        return self._known[key]

    def _walk(self, party: str, cell: Cell) -> Floats:
        return self._once_for(("walk", party, cell), lambda: self.walk(party, cell))

    def _alarm(self, cell: Cell) -> Floats:
        return self._once_for(("alarm", cell), lambda: self.terms.alarm(self._here(cell)))

    def _flow(self, party: str, cells: Sequence[Cell]) -> Floats:
        """Value per period at some cells, shape (draws, cells)."""
        rows = [self._once_for(("flow", party, c), partial(self.terms.flow, party, self._here(c))) for c in cells]
        return np.stack(rows, axis=-1)

    def _accused(self, party: str, cell: Cell) -> Floats:
        """After a false alarm; not worked out where there is none."""
        if not self._alarmed:
            return np.zeros(self.count)
        return self._once_for(("accused", party, cell), lambda: self.terms.accused(party, self._here(cell)))

    def _found_out(self, party: str, cell: Cell) -> Floats:
        """After being found out, breach cost not subtracted, shape (draws,)."""
        return self._once_for(("found", party, cell), lambda: self.terms.snapped(party, self._here(cell)))

    # --- on the way --------------------------------------------------------------------------------------------------

    def _spent(self, axes: Sequence[int], before: Cell, after: Cell) -> Floats:
        """Once-costs of the positions passed on some axes, shape (draws,)."""
        paid = [self.cost[a][:, before[a] + 1 : after[a] + 1].sum(axis=1) for a in axes]
        return np.sum([np.zeros(self.count), *paid], axis=0)  # type: ignore[no-any-return]

    def _withheld(self) -> dict[tuple[int, int], Floats]:
        return {
            (t, i): self._walk(party, held_back(self.lattice, step, party))
            for t, step in enumerate(self.steps, 1)
            for i, party in enumerate(self.parties)
            if can_withhold(step, party)
        }

    def _periods(self) -> NDArray[np.int64]:
        out = np.empty((self.count, len(self.steps)), np.int64)
        for t, step in enumerate(self.steps):
            moved = [
                takes[:, a + 1 : b + 1].sum(axis=1)
                for takes, a, b in zip(self.takes, step.before, step.after, strict=True)
            ]
            planned = step.periods if step.periods > duration(self.problem, step.before, step.after) else 0
            needed = np.ceil(np.max(moved, axis=0) - TIED).astype(np.int64)
            out[:, t] = np.maximum(needed, max(self.problem.step, planned))
        return out

    def _side(self, side: Floats | None, n: int) -> Floats:
        """Side payments times the worth of money, shape (draws, pauses, n)."""
        if side is None:
            return np.zeros((self.count, len(self.cells), n))
        case, numbers = self.terms.case, self.terms.numbers
        money = [
            np.zeros(self.count)
            if (m := case.file.parties[p].money) is None
            else numbers.read(("parties", p, "money"), m)
            for p in self.parties
        ]
        return np.asarray(side)[None] * np.stack(money, axis=-1)[:, None, :]

    def _pretence(self, i: int, truth: Truth, since: int) -> Pretence:
        party, shown = self.parties[i], self.cells[since:]
        true = [truly(c, truth) for c in shown]
        hidden = [a for a, _ in truth]
        rest = [a for a in self.lattice.axes_of(party) if a not in hidden]
        missed = np.ones((self.count, len(shown)))
        for axis in hidden:
            missed *= 1 - np.stack([self._once(self._caught(axis, c)) for c in shown], axis=-1)
        found = [
            self._found_out(party, b) - self._once(self._breach(party, c)) for c, b in zip(shown, true, strict=True)
        ]
        spent = [self._spent(rest, a, b) for a, b in pairwise(shown)]
        return Pretence(
            party=i,
            truth=truth,
            since=since,
            flow=self._flow(party, true),
            found=np.stack(found, axis=-1),
            chance=1 - missed,
            unpaid=np.stack([self._spent(hidden, b, c) for c, b in zip(shown, true, strict=True)], axis=-1),
            spent=np.stack(spent, axis=-1) if spent else np.zeros((self.count, 0)),
        )

    def _caught(self, axis: int, cell: Cell) -> Floats:
        """Chance of being found out, shape (draws,)."""

        def chance() -> Floats:
            found = self.terms.caught(self.lattice.options[axis], self._here(cell))
            assert found is not None  # noqa: S101 - only asked of what can be pretended
            return found

        return self._once_for(("caught", axis, cell), chance)

    def _breach(self, party: str, cell: Cell) -> Floats:
        return self._once_for(("breach", party, cell), lambda: self.terms.breach(party, self._here(cell)))


def _stacked(rows: Sequence[Sequence[Floats]]) -> Floats:
    """Per party and pause, shape (draws,), as (draws, pauses, n)."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-1)
