"""The chance of passage of one deal in every draw of the uncertain numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detente.mechanics.drawn import drawn_gain
from detente.mechanics.payoffs import Levels
from detente.ratification.needs import chance_of
from detente.ratification.passage import HALF, Assembly, Floats, Slot, gathered, passing_body
from detente.ratification.window import Window
from detente.space.draws import Draws

TIED = 1e-9  # a party that gains this little less than nothing, on its own scale, has lost nothing


@dataclass(frozen=True, slots=True)
class PassageInDraws:
    """How a deal fares in draws of the uncertain numbers.

    Attributes:
        draws, seed: how many were made, and from which seed.
        share: share of draws in which its chance of passage is at least one half.
        low, high: nine draws in ten give a chance of passage between them.
        after: for every step of the window, the share of draws in which the chance after it is under one half.
    """

    draws: int
    seed: int
    share: float
    low: float
    high: float
    after: tuple[float, ...] = ()


def passage_in_draws(
    assembly: Assembly, draws: Draws, state: int, levels: Levels | None, window: Window
) -> PassageInDraws | None:
    """Passage of one deal in draws; None where nothing that it depends on is uncertain.

    Args:
        assembly: of the case at its point values.
        draws: of the same case.
        state: the deal.
        levels: its level numbers; None for a merged state, whose vetoes by parties then stay at their point values.
        window: the ends of terms that concern the deal.
    """
    needs = [n for n, m in zip(assembly.needs, assembly.matches[:, state], strict=True) if m]
    here = np.array([state], np.int64)
    marks = assembly.marks(needs)
    touched = {i for name in marks for s in assembly.bodies[name].slots for i in _inputs(s, here, draws)}
    gains = {} if levels is None else _gains(assembly, draws, levels, list(marks))
    if not touched and not any((g < -TIED).any() != (g < -TIED).all() for g in gains.values()):
        return None

    def value(slot: Slot) -> Floats:
        path, number = slot.values[int(slot.at(here)[0])]
        if isinstance(number, float):
            return gains_as_chance(gains, slot, draws.count, number)
        return draws.sample(path, number)

    passing: dict[tuple[str, int | None], Floats] = {}
    for name, wanted in marks.items():
        body = assembly.bodies[name]
        votes, unblocked = gathered(body, value, draws.count)
        found = passing_body(body, votes, unblocked, [m for m, _ in wanted])
        passing |= {(name, vote): found[:, n] for n, (_, vote) in enumerate(wanted)}
    chances = chance_of(needs, passing, assembly.quotas, draws.count)
    low, high = np.quantile(chances, (0.05, 0.95))
    share, after = float((chances >= HALF).mean()), tuple(_after(draws, chances, window))
    return PassageInDraws(draws.count, draws.seed, share, float(low), float(high), after)


def _after(draws: Draws, chances: Floats, window: Window) -> Iterator[float]:
    """Share of draws that fall below one half after each end of terms, as the next government may not stand by it."""
    for _, parties, _ in window.steps:
        for party in parties:
            stays, honours = (draws.values(("terms", party, field)) for field in ("reelected", "honours"))
            chances = chances * (stays + (1 - stays) * honours)
        yield float((chances < HALF).mean())


def gains_as_chance(gains: dict[str, Floats], slot: Slot, count: int, point: float) -> Floats:
    """The chance of not blocking of a party with a drawn utility, else the point value."""
    if slot.party is None or slot.party not in gains:
        return np.full(count, point)
    return np.where(gains[slot.party] < -TIED, 0.0, 1.0)


def _inputs(slot: Slot, here: np.ndarray[tuple[int], np.dtype[np.int64]], draws: Draws) -> list[tuple[str, ...]]:
    path, number = slot.values[int(slot.at(here)[0])]
    return [path] if not isinstance(number, float) and path in draws.inputs else []


def _gains(assembly: Assembly, draws: Draws, levels: Levels, bodies: list[str]) -> dict[str, Floats]:
    """Party with a veto and a utility -> what the deal gives it beyond having none, in every draw."""
    parties = {s.party for b in bodies for s in assembly.bodies[b].vetoes.values() if s.party is not None}
    found = {p: drawn_gain(draws, assembly.states, p, levels) for p in sorted(parties)}
    return {p: g for p, g in found.items() if g is not None}
