"""The targets that pass both tests however the case is read: under every view, and for every combination of types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.plan.problem import Bools, Floats
from detente.plan.targets import Targets


@dataclass(frozen=True, eq=False)
class OneReading:
    """The targets under one reading of the case.

    Attributes:
        view: whose reading; None for the case as written.
        types: party -> type, of parties with types.
        targets: the tests under it.
    """

    view: str | None
    types: Mapping[str, str]
    targets: Targets


@dataclass(frozen=True, eq=False)
class Everywhere:
    """The targets under several readings over the same states.

    Attributes:
        readings: at least one.
        left_out: views that change what is feasible or permitted, so that their states cannot be compared.
        short: whether not all combinations of types were tried, as there are too many.
    """

    readings: tuple[OneReading, ...]
    left_out: tuple[str, ...] = ()
    short: bool = False

    @cached_property
    def all(self) -> Bools:
        """States that pass both tests under every reading, shape (states,)."""
        found: Bools = np.all([r.targets.both for r in self.readings], axis=0)
        return found

    @property
    def counts(self) -> tuple[int, ...]:
        """How many pass under each reading."""
        return tuple(int(r.targets.both.sum()) for r in self.readings)

    def listed(self) -> list[int]:
        """The states that pass under every reading.

        By the smallest gain of any covered party under any reading, as a share of its stake; then fewest changed
        levels, then lowest number.
        """
        members = np.flatnonzero(self.all)
        worst = np.min([_smallest(r.targets, members) for r in self.readings], axis=0)
        first = self.readings[0].targets
        today = np.array(first.today)
        changed = [int(np.abs(np.array(first.levels(int(n))) - today).sum()) for n in members]
        order = sorted(range(len(members)), key=lambda k: (-round(float(worst[k]), 9), changed[k], int(members[k])))
        return [int(members[k]) for k in order]


def _smallest(targets: Targets, members: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    """Smallest gain of a covered party at some states, as a share of the stake, shape (members,)."""
    shares = (targets.value[:, members] - targets.disagreement[:, None]) / targets.comparing[:, None]
    found: Floats = np.where(targets.covered[:, members], shares, np.inf).min(axis=0)
    return found
