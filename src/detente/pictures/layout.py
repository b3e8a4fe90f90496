"""Where the states of a small model stand: a grid of the parties' strategies, so that every move runs along an axis.

The party with most strategies spreads over columns, the next over rows, a third along the diagonal (two options of
three parties give the familiar cube); further parties repeat the whole beside and below itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.base.wording import words
from detente.graph.model import GraphModel

STEP_X, STEP_Y, SLANT_X, SLANT_Y = 120.0, 108.0, 76.0, 62.0
APART = 62.0  # nearest that two states may stand
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A party's strategies in the picture.

    Attributes:
        party: whose.
        step: from one strategy to the next.
        names: each strategy in words.
    """

    party: str
    step: Point
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of states.

    Attributes:
        places: centre of each state.
        axes: the parties, columns first, then rows, diagonal, repetitions.
        tops: of each strategy of the first party, where its topmost state stands (from the left).
        origin: where every party's first strategy meets, whether or not there is a state.
    """

    places: tuple[Point, ...]
    axes: tuple[Axis, ...]
    tops: tuple[float, ...]
    origin: Point


def layout(graph: GraphModel) -> Layout:
    """Place every state of a small model.

    Args:
        graph: a conflict of some dozens of states at most.
    """
    owners = [p for p in graph.parties if graph.moves.of[p].combos.shape[1] > 1]
    owners.sort(key=lambda p: -graph.moves.of[p].combos.shape[1])
    steps = _steps([graph.moves.of[p].combos.shape[1] for p in owners])
    axes = tuple(Axis(p, s, _names(graph, p)) for p, s in zip(owners, steps, strict=True))
    cells = np.zeros((graph.states.cells, 2))
    for axis in axes:
        cells += graph.moves.of[axis.party].own[:, None] * np.array(axis.step)
    places: list[Point] = []
    for state in range(len(graph)):
        x, y = cells[graph.states.members(state)].mean(axis=0)
        while any((x - a) ** 2 + (y - b) ** 2 < APART**2 for a, b in places):
            x, y = x + STEP_X / 2, y + STEP_Y / 3  # a merged state whose middle is taken
        places.append((float(x), float(y)))
    left, top = (min(p[n] for p in places) for n in (0, 1))
    places = [(x - left, y - top) for x, y in places]
    return Layout(tuple(places), axes, _tops(graph, places, axes), (-left, -top))


def _tops(graph: GraphModel, places: Sequence[Point], axes: Sequence[Axis]) -> tuple[float, ...]:
    if not axes:
        return ()
    own = graph.moves.of[axes[0].party].own
    of = [{int(own[c]) for c in graph.states.members(s)} for s in range(len(graph))]
    return tuple(
        min((y, x) for (x, y), strategies in zip(places, of, strict=True) if number in strategies)[1]
        for number in range(len(axes[0].names))
    )


def _steps(counts: Sequence[int]) -> list[Point]:
    """The step of each party, in order: columns, rows, diagonal, then blocks to the right and below."""
    slant = (counts[2] - 1) * SLANT_X if len(counts) > 2 else 0.0
    drop = (counts[2] - 1) * SLANT_Y if len(counts) > 2 else 0.0
    steps = [(STEP_X + slant, 0.0), (0.0, STEP_Y + drop), (SLANT_X, -SLANT_Y)][: len(counts)]
    width = sum(s[0] * (c - 1) for s, c in zip(steps, counts, strict=False))
    height = sum(abs(s[1]) * (c - 1) for s, c in zip(steps, counts, strict=False))
    for number, count in enumerate(counts[3:]):
        if number % 2 == 0:
            steps.append((width + STEP_X, SLANT_Y / 2))
            width += steps[-1][0] * (count - 1)
        else:
            steps.append((SLANT_X / 2, height + STEP_Y))
            height += steps[-1][1] * (count - 1)
    return steps


def _names(graph: GraphModel, party: str) -> tuple[str, ...]:
    """Each strategy of a party in words."""
    case = graph.case
    mine = [(o, w.levels) for o, w in case.file.options.items() if w.party == party]
    out = []
    for combo in graph.moves.of[party].combos.T.tolist():
        binary = all(levels == ("no", "yes") for _, levels in mine)
        if len(mine) == 1 and binary:
            out.append(f"{case.option_name(mine[0][0])}: {mine[0][1][combo[0]]}")
        elif binary:
            chosen = [case.option_name(o) for (o, _), digit in zip(mine, combo, strict=True) if digit]
            out.append(" + ".join(chosen) or "none of its options")
        else:
            out.append(", ".join(words(levels[digit]) for (_, levels), digit in zip(mine, combo, strict=True)))
    return tuple(out)
