"""Stepping mass by the replies of all movers, one chain or several at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from detente.forecast.dynamics import Bools, Floats, Int64


@dataclass(frozen=True, eq=False)
class Nodes:
    """The states of several chains, one chain after the other; the first has all states, each other only some.

    Attributes:
        states: number of states.
        inside: which states each chain has, shape (chains, states).
        state: of every node, shape (nodes,).
        starts: where each chain starts, and the end, shape (chains + 1,).
    """

    states: int
    inside: Bools
    state: Int64
    starts: Int64

    @classmethod
    def of(cls, inside: Bools) -> Nodes:
        """The nodes of some chains."""
        starts = np.concatenate([[0], np.cumsum(inside.sum(axis=1))]).astype(np.int64)
        return cls(inside.shape[1], inside, np.nonzero(inside)[1], starts)

    def part(self, chain: int) -> slice:
        """The nodes of a chain."""
        return slice(int(self.starts[chain]), int(self.starts[chain + 1]))

    @cached_property
    def place(self) -> Int64:
        """Of every node in an array of states x chains, counted along its rows."""
        chain = np.repeat(np.arange(len(self.inside)), np.diff(self.starts))
        found: Int64 = self.state * len(self.inside) + chain
        return found

    def beside(self, values: Floats) -> Floats:
        """What the nodes hold, chain beside chain, shape (states, chains)."""
        out = np.zeros((self.states, len(self.inside)))
        out.reshape(-1)[self.place] = values
        return out

    def spread(self, values: Floats, chain: int) -> Floats:
        """What the nodes of a chain hold, by state."""
        out = np.zeros(self.states)
        out[self.inside[chain]] = values[self.part(chain)]
        return out


class Stepper:
    """Steps several chains by the same replies.

    Args:
        moving: the replies.
        nodes: the chains.
    """

    def __init__(self, moving: Moving, nodes: Nodes) -> None:
        self.moving = moving
        self.nodes = nodes

    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """As ``Moving.forward``, over nodes; what leaves the states of its chain is forgotten."""
        out: Floats = self.moving.forward(self.nodes.beside(mass), weights).reshape(-1)[self.nodes.place]
        return out


class Moving(ABC):
    """The replies of all movers: each a matrix of chances, states x states, rows that sum to 1."""

    @abstractmethod
    def forward(self, mass: Floats, weights: Floats) -> Floats:
        """Where mass goes, (states,) or (states, k); mover n has the move with chance ``weights[n]``, else nobody."""

    @abstractmethod
    def back(self, values: Floats, weights: Floats) -> Floats:
        """Expected value after a reply, (states,) or (states, k), summed over movers n that count ``weights[n]``."""

    @abstractmethod
    def matrix(self, weights: Floats) -> Any:
        """The matrix of ``forward``, states x states, rows that sum to 1."""

    @abstractmethod
    def leaves(self, weights: Floats) -> Bools:
        """Whether a reply can lead elsewhere, shape (states,)."""

    def stepper(self, nodes: Nodes) -> Stepper:
        """The way to step several chains at once, each of which forgets what leaves its own states."""
        return Stepper(self, nodes)
