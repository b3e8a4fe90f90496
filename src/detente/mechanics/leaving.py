"""The best that a party gets by leaving: what its own moves have a part in is weighed apart from all else."""

from __future__ import annotations

import numpy as np

from detente.mechanics.breakdown import Floats, Leaving, Rules, best_moves, path_value
from detente.mechanics.flows import Flow, Grid


def best_leaving(flow: Flow, rules: Rules, box: Grid, leaving: Leaving) -> Floats:
    """The same as ``best_moves``, faster.

    Where worths are summed, those that a party's own options have no part in are the same whatever it does: the best
    move is looked for without them, on the few levels of others' options that conditions tie to its own.

    Args:
        flow: of the party.
        rules: of the breakdown.
        box: the states left.
        leaving: numbers of the party, the same for all of them.

    Returns:
        Shape (draws, *box), with length 1 along axes that do not matter; -inf where an order allows no move.
    """
    if flow.order is not None or (leaving.outside is not None and leaving.lag is not None):
        return best_moves(flow, rules, box, leaving)
    mine, others = flow.parted(rules.owns(flow.party))
    along = [(o, v) for o, v in zip(box.axes, box.levels, strict=True) if others.reads(o)]
    rest = Grid(box.fixed, tuple(o for o, _ in along), tuple(v for _, v in along))
    value = path_value(others, rules, flow.party, rest, leaving, {})
    shape = [len(v) if others.reads(o) else 1 for o, v in zip(box.axes, box.levels, strict=True)]
    return np.asarray(best_moves(mine, rules, box, leaving) + value.reshape(flow.draws, *shape))
