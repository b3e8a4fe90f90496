"""Steered draws gathered from several questions and worked out together: what is asked for twice is made once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from detente.forecast.drawing import Source
from detente.forecast.dynamics import Bools, Floats
from detente.forecast.inputs import Factor, stands_for
from detente.forecast.sample import sample
from detente.mechanics.workers import Crew
from detente.space.steered import Steered

Moved = tuple[Factor | None, float]
"""An input and where it is held, everything else at its point value; None: everything."""


@dataclass(eq=False)
class Design:
    """A list of steered draws.

    Attributes:
        source: what they are drawn from.
        found: chances of the outcomes in every draw, mean over the settings, shape (draws, outcomes + 1), once run.
    """

    source: Source
    found: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _fresh: dict[tuple[frozenset[str], int], int] = field(default_factory=dict)
    _moved: dict[tuple[str, float], tuple[int, Moved]] = field(default_factory=dict)
    _count: int = 0

    def fresh(self, streams: Iterable[str], pairs: int) -> slice:
        """The first draws with some streams drawn afresh.

        Args:
            streams: which.
            pairs: how many draws.
        """
        key = frozenset(streams), pairs
        first = self._fresh.setdefault(key, self._count)
        self._count += pairs if first == self._count else 0
        return slice(first, first + pairs)

    def moved(self, factor: Factor | None, at: float) -> int:
        """A draw in which an input is held at a quantile (or type), everything else at its point value.

        Args:
            factor: the input; None: all at point values.
            at: where it is held.
        """
        if factor is not None and stands_for(self.source, factor, at):
            factor, at = None, 0.0
        key = "" if factor is None else factor.path, at
        number, _ = self._moved.setdefault(key, (self._count, (factor, at)))
        self._count += number == self._count
        return number

    def run(self, crew: Crew) -> None:
        """Work all of it out.

        Raises:
            KeyboardInterrupt: interrupted.
        """
        if not self._count:
            return
        plain = self.source.draws
        number, points = np.zeros(self._count, np.int64), np.zeros(self._count, bool)
        fresh: dict[str, Bools] = {}
        pinned: dict[str, Floats] = {}
        for (streams, pairs), first in self._fresh.items():
            number[first : first + pairs] = np.arange(pairs)
            for stream in streams:
                fresh.setdefault(stream, np.zeros(self._count, bool))[first : first + pairs] = True
        for at, (factor, held) in self._moved.values():
            points[at] = True
            if factor is not None:
                pinned.setdefault(factor.streams[0], np.full(self._count, np.nan))[at] = held
        made = Steered.of(plain, number, fresh=fresh, pinned=pinned, points=points)
        done = sample(self.source.on(made), crew, states=False)
        if done.stopped == "interrupted":
            raise KeyboardInterrupt
        self.found = done.result
