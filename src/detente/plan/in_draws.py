"""The numbers of one order of steps in every draw of the uncertain inputs, at the states that it visits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detente.mechanics.drawn import without_a_deal
from detente.mechanics.flows import Flow, Grid
from detente.plan.build import start_of
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
from detente.space.draws import Draws
from detente.space.states import StateSpace

Digits = NDArray[np.uint8]


def path_in_draws(
    draws: Draws, states: StateSpace, problem: Problem, steps: Sequence[Step], side: Floats | None = None
) -> PathValues:
    """All that the verifier needs of an order, in every draw.

    A step lasts what it physically needs in the draw, and longer where the order gives it more time than it needs at
    point values. The smallest margin accepted is the point value.

    Args:
        draws: of the case that the problem was made from.
        states: its states, or those of a case with the same options and rules.
        problem: the problem at point values.
        steps: from the status quo to the target.
        side: side payments to each party per period at every pause, shape (pauses, n), in money.
    """
    terms = Terms.of(states, start_of(states), problem.parties, draws, draws.case)
    return _Path(terms, states, problem, tuple(steps)).values(side)


class _Path:
    """The states that an order visits and their numbers in every draw."""

    def __init__(self, terms: Terms, states: StateSpace, problem: Problem, steps: tuple[Step, ...]) -> None:
        self.terms, self.states, self.problem, self.steps = terms, states, problem, steps
        self.lattice, self.parties = problem.lattice, problem.parties
        self.cells = pauses(self.lattice, steps)
        self.count = terms.numbers.count
        rows = list(zip(self.lattice.options, self.lattice.levels, strict=True))
        self.cost = [terms.along("costs", option, levels) for option, levels in rows]
        self.takes = [terms.along("takes", option, levels) for option, levels in rows]
        self._alarmed = any(terms.alarm(self._here(c)).any() for c in self.cells)
        self._snapped: dict[tuple[str, Cell], Floats] = {}

    def values(self, side: Floats | None) -> PathValues:
        """The numbers of the order."""
        problem, parties, n = self.problem, self.parties, len(self.parties)
        walk = {p: [self.terms.walk(p, self._here(c)) for c in self.cells] for p in parties}
        accused = {p: [self._accused(p, c) for c in self.cells] for p in parties}
        discount = np.stack([self.terms.discount[p] for p in parties], axis=-1)
        nothing = np.stack([self._nothing(p) for p in parties], axis=-1)
        flow = np.stack([self._flow(p, self.cells) for p in parties], axis=-1)
        spent = [
            np.stack([self._spent(self.lattice.axes_of(p), s.before, s.after) for s in self.steps], axis=-1)
            for p in parties
        ]
        return PathValues(
            discount=discount,
            stake=np.stack([self._stake(p, flow[:, -1, i], nothing[:, i]) for i, p in enumerate(parties)], axis=-1),
            disagreement=nothing,
            flow=flow,
            walk=_stacked([walk[p] for p in parties]),
            accused=_stacked([accused[p] for p in parties]),
            alarm=np.stack([self._once(self.terms.alarm(self._here(c))) for c in self.cells], axis=-1),
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

    def _flow(self, party: str, cells: Sequence[Cell]) -> Floats:
        """Value per period at some cells, shape (draws, cells)."""
        return np.stack([self.terms.flow(party, self._here(c)) for c in cells], axis=-1)

    def _accused(self, party: str, cell: Cell) -> Floats:
        """After a false alarm; not worked out where there is none."""
        if not self._alarmed:
            return np.zeros(self.count)
        return self.terms.accused(party, self._here(cell))

    def _found_out(self, party: str, cell: Cell) -> Floats:
        """After being found out, breach cost not subtracted, shape (draws,)."""
        if (party, cell) not in self._snapped:
            self._snapped[party, cell] = self.terms.snapped(party, self._here(cell))
        return self._snapped[party, cell]

    def _nothing(self, party: str) -> Floats:
        """What a party has without a deal, shape (draws,)."""
        found = without_a_deal(self.terms.numbers.draws, self.states, party)  # type: ignore[arg-type]
        if not isinstance(found, list):
            return found
        flow = self.terms.flows[party]
        worths = (chance * flow.at(np.array([levels], np.uint8).T)[:, 0] for levels, chance in found)
        return np.sum(list(worths), axis=0)  # type: ignore[no-any-return]

    def _stake(self, party: str, target: Floats, nothing: Floats) -> Floats:
        """What is at stake: the scale, else how far the target is from no deal, else the range over feasible states."""
        scale = self.terms.case.file.parties[party].scale
        if scale is not None:
            return self.terms.numbers.read(("parties", party, "scale"), scale)
        away = np.abs(target - nothing)
        none = np.flatnonzero(away <= TIED * np.maximum(1.0, np.abs(nothing)))
        for draw in none:
            away[draw] = _range(self.terms.flows[party].take(np.array([draw])), self.states) or 1.0
        return away

    # --- on the way --------------------------------------------------------------------------------------------------

    def _spent(self, axes: Sequence[int], before: Cell, after: Cell) -> Floats:
        """Once-costs of the positions passed on some axes, shape (draws,)."""
        paid = [self.cost[a][:, before[a] + 1 : after[a] + 1].sum(axis=1) for a in axes]
        return np.sum([np.zeros(self.count), *paid], axis=0)  # type: ignore[no-any-return]

    def _withheld(self) -> dict[tuple[int, int], Floats]:
        return {
            (t, i): self.terms.walk(party, self._here(held_back(self.lattice, step, party)))
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
            chances = [self.terms.caught(self.lattice.options[axis], self._here(c)) for c in shown]
            missed *= 1 - np.stack([self._once(c) for c in chances if c is not None], axis=-1)
        found = [
            self._found_out(party, b) - self._once(self.terms.breach(party, self._here(c)))
            for c, b in zip(shown, true, strict=True)
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


def _stacked(rows: Sequence[Sequence[Floats]]) -> Floats:
    """Per party and pause, shape (draws,), as (draws, pauses, n)."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-1)


def _range(flow: Flow, states: StateSpace) -> float:
    values = flow.at(states.digits)
    return float(values.max() - values.min())
