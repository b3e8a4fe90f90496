"""Exact shares of outcomes in a draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detente.forecast.dynamics import Draw, Dynamics, Shares


def shares(dynamics: Dynamics, draw: Draw) -> Shares:
    """Exact chances in one draw.

    Args:
        dynamics: the rules of movement.
        draw: utilities, weights, chances.
    """
    raise NotImplementedError


def shares_of(dynamics: Dynamics, draws: Iterable[Draw]) -> Iterator[Shares]:
    """Exact chances in many draws, one after another: what they share is worked out once."""
    for draw in draws:
        yield shares(dynamics, draw)
