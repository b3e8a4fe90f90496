"""Logit replies as products of two thin matrices.

Without merged states a logit reply depends on the *choice set* only (the states that can be chosen, the present one
included), which all states of a fibre with equal reach share. The moves of a party are then the product of two
matrices, choice sets x states, and a period costs the number of states instead of the number of moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.forecast.dynamics import Bools, Dynamics, Floats, Int64
from detente.forecast.moving import Moving, Nodes, Stepper


@dataclass(frozen=True, eq=False)
class Choices:
    """The choice sets of all movers of a graph without merged states, one below the other.

    Attributes:
        target: the states of the sets, set by set.
        starts: where each set starts in ``target``, and the end, shape (sets + 1,).
        mover: whose set it is, shape (sets,).
        choosers: 1 where a state has this choice set, sets x states.
        idle: per mover, 1 where it has no choice at all, shape (movers, states).
    """

    target: Int64
    starts: Int64
    mover: Int64
    choosers: Any
    idle: Floats
    _stacked: dict[Nodes, Stacked] = field(default_factory=dict, repr=False)
    _busy: dict[bytes, Bools] = field(default_factory=dict, repr=False)

    @cached_property
    def place(self) -> Int64:
        """Mover and state of every target as one number: mover x states + state."""
        found: Int64 = np.repeat(self.mover, np.diff(self.starts)) * self.idle.shape[1] + self.target
        return found

    @cached_property
    def always(self) -> bool:
        """Whether every mover has a choice in every state."""
        return not self.idle.any()

    def busy(self, having: Bools) -> Bools:
        """Whether some mover among those has a choice, shape (states,)."""
        key = having.tobytes()
        if key not in self._busy:
            self._busy[key] = (self.idle[having] == 0).any(axis=0)
        return self._busy[key]

    def stacked(self, nodes: Nodes) -> Stacked:
        """The same for several chains, worked out once for all draws."""
        if nodes not in self._stacked:
            self._stacked[nodes] = Stacked.of(self, nodes)
        return self._stacked[nodes]

    @classmethod
    def of(cls, dynamics: Dynamics) -> Choices:
        """The choice sets of the movers."""
        from scipy.sparse import csr_array

        count = len(dynamics)
        targets, sizes, owner, chosen, by = [], [], [], [], []
        sets = 0
        idle = np.ones((len(dynamics.movers), count))
        for n, party in enumerate(dynamics.movers):
            for rows in dynamics.moves.rows(party):
                real = rows.cells >= 0
                moving = real if rows.movers is None else rows.movers
                targets.append(rows.cells[real])
                sizes.append(real.sum(axis=1))
                owner.append(np.full(len(real), n))
                at, _ = np.nonzero(moving)
                chosen.append(rows.cells[moving])
                by.append(at + sets)
                idle[n, rows.cells[moving]] = 0.0
                sets += len(real)
        starts = np.concatenate([[0], np.cumsum(_joined(sizes))]).astype(np.int64)
        where = (_joined(by), _joined(chosen))
        choosers = csr_array((np.ones(len(where[0])), where), shape=(sets, count))
        return cls(_joined(targets), starts, _joined(owner), choosers, idle)


def _joined(parts: Sequence[NDArray[Any]]) -> Int64:
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Thin(Moving):
    """Logit replies: the chance of a target is its weight over the total of the choice set.

    Attributes:
        choices: the choice sets.
        data: weight of every target in its set, as ``Choices.target``.
        total: of every set, shape (sets,).
    """

    choices: Choices
    data: Floats
    total: Floats

    @cached_property
    def weight(self) -> Any:
        """The weights, sets x states."""
        from scipy.sparse import csr_array

        choices = self.choices
        return csr_array((self.data, choices.target, choices.starts), shape=choices.choosers.shape)

    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        c = self.choices
        stay = 1.0 - weights.sum() + weights @ c.idle
        out: Floats = self.weight.T @ times(weights[c.mover] / self.total, c.choosers @ mass)
        if stay.any():
            out += times(stay, mass)
        return out

    def back(self, values: Floats, weights: Floats) -> Floats:
        """See ``Moving``."""
        c = self.choices
        out: Floats = c.choosers.T @ times(weights[c.mover] / self.total, self.weight @ values)
        return out + times(weights @ c.idle, values)

    def stepper(self, nodes: Nodes) -> Stepper:
        """See ``Moving``."""
        return ThinStepper(self, nodes)

    def matrix(self, weights: Floats) -> Any:
        """See ``Moving``."""
        from scipy.sparse import csr_array, diags_array

        c = self.choices
        stay = 1.0 - weights.sum() + weights @ c.idle
        chance = diags_array(weights[c.mover] / self.total) @ self.weight
        return csr_array(c.choosers.T @ chance + diags_array(stay))

    def leaves(self, weights: Floats) -> Bools:
        """See ``Moving``."""
        return self.choices.busy(weights > 0)


@dataclass(frozen=True, eq=False)
class Stacked:
    """Choice sets of several chains, without the states that a chain does not have.

    Attributes:
        choosers: as ``Choices.choosers``, chains x sets rows and nodes columns.
        kept: for each target that is left, its place in ``Choices.target``, sorted by node.
        arriving: 1 where a node is a target of a set that is left, in the numbering of ``choosers``, nodes x sets.
    """

    choosers: Any
    kept: Int64
    arriving: Any

    @classmethod
    def of(cls, choices: Choices, nodes: Nodes) -> Stacked:
        """The choice sets of some chains."""
        from scipy.sparse import block_array, csr_array

        sets, count = len(choices.mover), len(choices.target)
        blocks = [choices.choosers[:, np.flatnonzero(inside)] for inside in nodes.inside]
        last = len(blocks) - 1
        joined = block_array([[b if i == j else None for j in range(last + 1)] for i, b in enumerate(blocks)])
        of_set = np.repeat(np.arange(sets), np.diff(choices.starts))
        place = np.arange(count)
        kept, column, node = [], [], []
        for n, inside in enumerate(nodes.inside):
            number = np.cumsum(inside) - 1 + nodes.starts[n]
            here = inside[choices.target]
            kept.append(place[here])
            column.append(of_set[here] + n * sets)
            node.append(number[choices.target[here]])
        order = np.argsort(np.concatenate(node), kind="stable")
        sizes = np.bincount(np.concatenate(node), minlength=len(nodes.state))
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        column_of = np.concatenate(column)[order].astype(np.int32)
        shape = len(nodes.state), len(blocks) * sets
        arriving = csr_array((np.ones(len(column_of)), column_of, starts), shape=shape)
        return cls(csr_array(joined), np.concatenate(kept)[order], arriving)


class ThinStepper(Stepper):
    """Two thin products for all chains together."""

    def __init__(self, moving: Thin, nodes: Nodes) -> None:
        super().__init__(moving, nodes)
        self.thin = moving
        self.stacked = moving.choices.stacked(nodes)
        self.data = moving.data.take(self.stacked.kept)
        self._turns: dict[bytes, tuple[Any, Floats | None]] = {}

    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """See ``Stepper``."""
        key = weights.tobytes()
        if key not in self._turns:
            self._turns[key] = self._turn(weights)
        arriving, stay = self._turns[key]
        out: Floats = arriving @ (self.stacked.choosers @ mass)
        return out if stay is None else out + stay * mass

    def _turn(self, weights: Floats) -> tuple[Any, Floats | None]:
        """The chances of arriving from each set, and of staying where there is no choice; None: there always is one."""
        choices = self.thin.choices
        factor = np.tile(weights[choices.mover] / self.thin.total, len(self.nodes.inside))
        arriving = copy(self.stacked.arriving)
        arriving.data = self.data * factor.take(arriving.indices)
        if weights.sum() > 1.0 - 1e-15 and choices.always:
            return arriving, None
        stay = 1.0 - weights.sum() + weights @ choices.idle
        return arriving, stay[self.nodes.state]


def times(factor: Floats, values: Floats) -> Floats:
    """Every row of some values times its own factor."""
    return factor * values if values.ndim == 1 else factor[:, None] * values
