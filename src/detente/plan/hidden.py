"""What parties gain by pretending: every set of options that can truly stand elsewhere than shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from detente.base.errors import LimitReached
from detente.plan.network import Ints, Network, geometric
from detente.plan.problem import Bools, Floats

PRETENCES = 400  # sets of true positions at most


@dataclass(frozen=True, eq=False)
class Pretence:
    """Some options of one party stand truly at these positions, whatever is shown.

    Attributes:
        net: the steps and cells.
        party: its number.
        truth: axis -> true position, below the last one.
    """

    net: Network
    party: int
    truth: Mapping[int, int]

    @cached_property
    def valid(self) -> Bools:
        """Cells at which all these options show more than is true."""
        rows = [self.net.coords[:, k] > at for k, at in self.truth.items()]
        return np.asarray(np.logical_and.reduce(rows))

    @cached_property
    def _true(self) -> Ints:
        """Number of the true cell, for every cell shown."""
        net = self.net
        moves = [(at - net.coords[:, k]) * net.strides[k] for k, at in self.truth.items()]
        return np.arange(net.cells) + np.asarray(np.sum(moves, axis=0), dtype=np.int64)

    @cached_property
    def _found(self) -> Floats:
        """Chance per period of being found out, for every cell shown."""
        missed = np.ones(self.net.cells)
        for k in self.truth:
            missed = missed * (1 - self.net.problem.caught[k].ravel())
        return 1 - missed

    @cached_property
    def _period(self) -> Floats:
        """(1 - discount) u(true) + discount q (snapped(true) - breach), for every cell shown."""
        p, i = self.net.problem, self.party
        d = float(p.discount[i])
        true = np.where(self.valid, self._true, 0)
        answered = p.snapped[i].ravel()[true] - p.breach[i].ravel()
        value: Floats = (1 - d) * p.flow[i].ravel()[true] + d * self._found * answered
        return value

    @cached_property
    def _ratio(self) -> Floats:
        return np.asarray(float(self.net.problem.discount[self.party]) * (1 - self._found))

    @cached_property
    def final(self) -> float:
        """What pretending for ever is worth at the target."""
        return float(self._period[-1] / (1 - self._ratio[-1]))

    @cached_property
    def price(self) -> Floats:
        """What coming clean would cost, for every cell shown: the positions between true and shown."""
        rows = [self.net.paid[k] - self.net.paid[k][self.net.strides[k] * at] for k, at in self.truth.items()]
        return np.asarray(np.sum(rows, axis=0))

    def going_on(self, chosen: Ints) -> tuple[Floats, Floats]:
        """What a step makes of the worth of pretending after it: ``C(start) = gain + keep * C(end)``.

        Args:
            chosen: numbers of steps whose start is ``valid``.
        """
        net = self.net
        start, end, row = net.start[chosen], net.end[chosen], net.length[chosen]
        stay = np.array([self._period * geometric(self._ratio, periods) for periods in net.durations])
        keep = np.array([self._ratio**periods for periods in net.durations])[row, start]
        openly = net.spent[self.party] - np.sum([net.paid[k] for k in self.truth], axis=0)
        return stay[row, start] - keep * (openly[end] - openly[start]), keep


@dataclass(frozen=True, eq=False)
class Pending:
    """Whether some positions were paused at earlier is still open: which pretences depend on exactly these.

    Attributes:
        party: its number.
        truth: axis -> position, each above the status quo's.
    """

    party: int
    truth: Mapping[int, int]

    def key(self) -> tuple[int, tuple[tuple[int, int], ...]]:
        """What tells it from others."""
        return self.party, tuple(sorted(self.truth.items()))


@dataclass(frozen=True, eq=False)
class Hidden:
    """All pretences and what is open about them.

    Attributes:
        pretences: all.
        pending: all that can be open.
        column: per pretence, the number of what is open about it at any cell where it is valid; -1: nothing, since
            every option pretends from the status quo's position.
    """

    pretences: tuple[Pretence, ...]
    pending: tuple[Pending, ...]
    column: tuple[int, ...]

    def decided(self, coords: Ints) -> tuple[int, ...]:
        """What a pause at a cell makes of every open question about later pauses.

        Args:
            coords: positions of the pause.

        Returns:
            Per open question: the number of the question that is left, -1 if all of it is now certain, -2 if no earlier
            pause can make it true.
        """
        numbers = {p.key(): n for n, p in enumerate(self.pending)}
        out = []
        for asked in self.pending:
            left = {k: at for k, at in asked.truth.items() if at != coords[k]}
            if any(at > coords[k] for k, at in left.items()):
                out.append(-2)
            else:
                out.append(numbers[Pending(asked.party, left).key()] if left else -1)
        return tuple(out)


def hidden(net: Network) -> Hidden:
    """List the pretences of a problem.

    Args:
        net: its steps.

    Raises:
        LimitReached: there are more than ``PRETENCES``.
    """
    p = net.problem
    pretences: list[Pretence] = []
    pending: dict[tuple[int, tuple[tuple[int, int], ...]], Pending] = {}
    column = []
    for i, party in enumerate(p.parties):
        axes = [k for k in p.lattice.axes_of(party) if k in p.caught]
        ways = [[None, *range(p.lattice.shape[k] - 1)] for k in axes]
        count = int(np.prod([len(w) for w in ways]))
        if len(pretences) + count > PRETENCES + 1:
            advice = "Let fewer options be concealable, or give them fewer levels."
            raise LimitReached("sets of levels that could be pretended", f"{count - 1:,}", PRETENCES, advice)
        for where in product(*ways):
            truth = {k: at for k, at in zip(axes, where, strict=True) if at is not None}
            if not truth:
                continue
            asked = Pending(i, {k: at for k, at in truth.items() if at > 0})
            pretences.append(Pretence(net, i, truth))
            if asked.truth:
                pending.setdefault(asked.key(), asked)
                column.append(list(pending).index(asked.key()))
            else:
                column.append(-1)
    # a question about several options can be left with any part of them
    return Hidden(tuple(pretences), tuple(pending.values()), tuple(column))
