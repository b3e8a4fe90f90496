"""Many separate copies of one state space, so that one pass answers for many preferences at once."""

from __future__ import annotations

import numpy as np

from detente.space.moves import Moves, PartyMoves, Rows
from detente.space.states import StateSpace


class CopiedMoves(Moves):
    """The moves on so many copies of the states, none leading from one copy to another.

    State s of copy k has number k * (number of states) + s.

    Args:
        moves: the moves on one copy.
        count: how many copies.
    """

    def __init__(self, moves: Moves, count: int) -> None:
        states = moves.states
        shift = np.arange(count)[:, None]
        self.states = StateSpace(
            states.case,
            states.space,
            np.tile(states.digits, (1, count)),
            (states.state_of[None, :] + shift * len(states)).ravel().astype(np.int32),
            (states.cell_of[None, :] + shift * states.cells).ravel().astype(np.int32),
        )
        self.parties = moves.parties
        self._components = {}
        self.of = {
            p: PartyMoves(
                (m.fibre[None, :] + shift * m.fibres).ravel().astype(np.int32),
                m.fibres * count, np.tile(m.own, count), m.combos, m.kind, m.reach,
            )
            for p, m in moves.of.items()
        }  # fmt: skip
        cells = states.cells
        self._rows = {
            p: [_copied(row, count, cells, moves.of[p].fibres) for row in moves.rows(p)] for p in moves.parties
        }


def _copied(row: Rows, count: int, cells: int, fibres: int) -> Rows:
    shift = np.arange(count)
    moved = row.cells[None] + (shift * cells)[:, None, None]
    copied = np.where(row.cells[None] < 0, -1, moved).reshape(-1, row.cells.shape[1]).astype(np.int32)
    movers = None if row.movers is None else np.tile(row.movers, (count, 1))
    fibre = (row.fibre[None, :] + (shift * fibres)[:, None]).ravel()
    return Rows(copied, movers, fibre)
