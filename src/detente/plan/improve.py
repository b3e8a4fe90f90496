"""A plan made better by small changes: for searches that a limit has stopped."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from detente.plan.network import Network

Path = tuple[int, ...]


class Neighbours:
    """The plans one small change away from a plan, as cells paused at.

    Args:
        net: the permitted steps.
    """

    def __init__(self, net: Network) -> None:
        self.net = net
        self.steps: dict[int, dict[int, int]] = defaultdict(dict)
        for number, (start, end) in enumerate(zip(net.start.tolist(), net.end.tolist(), strict=True)):
            self.steps[start][end] = number  # the atomic one where there are two: it is the safer

    def of(self, pauses: Path) -> Iterator[Path]:
        """Pauses left out, put in, put elsewhere; a step made earlier or later than others."""
        for k in range(1, len(pauses) - 1):
            yield pauses[:k] + pauses[k + 1 :]
        for k in range(len(pauses) - 1):
            for x in self.steps[pauses[k]]:
                if k + 2 < len(pauses):
                    yield (*pauses[: k + 1], x, *pauses[k + 2 :])
                yield (*pauses[: k + 1], x, *pauses[k + 1 :])
        moves = np.diff(pauses).tolist()
        for k in range(len(moves)):
            rest = moves[:k] + moves[k + 1 :]
            for at in range(len(moves)):
                if at != k:
                    yield tuple(np.cumsum([pauses[0], *rest[:at], moves[k], *rest[at:]]).tolist())

    def path(self, pauses: Path) -> list[int] | None:
        """Numbers of the steps between pauses; None if one is not permitted."""
        found = [self.steps[a].get(b) for a, b in pairwise(pauses)]
        return None if None in found else [f for f in found if f is not None]


def improved(net: Network, path: list[int], worth: Callable[[list[int]], Any], until: float) -> list[int]:
    """A plan that no small change makes better, or the best one found in time.

    Args:
        net: the permitted steps.
        path: numbers of a plan's steps.
        worth: what plans are compared by, larger is better.
        until: time (``time.monotonic``) at which to stop.
    """
    near, best = Neighbours(net), worth(path)
    better = True
    while better and time.monotonic() < until:
        better = False
        pauses = (*(int(net.start[s]) for s in path), net.cells - 1)
        for other in near.of(pauses):
            steps = near.path(other)
            if steps is None:
                continue
            value = worth(steps)
            if value > best:
                path, best, better = steps, value, True
                break
            if time.monotonic() > until:
                return path
    return path
