"""What a party gets by leaving, part by part: options that no condition ties together are looked at apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detente.mechanics.breakdown import Floats, Leaving, Rules, answered_value, best_moves
from detente.mechanics.flows import Flow, Grid

PART = 1_024  # cells that parts are put together to


def best_leaving(flow: Flow, rules: Rules, box: Grid, leaving: Leaving) -> Floats:
    """The same as ``best_moves``, faster: where worths are summed, the best move is the best of every part.

    Args:
        flow: of the party.
        rules: of the breakdown.
        box: the states left.
        leaving: numbers of the party, the same for all of them.

    Returns:
        Shape (draws, *box), with length 1 along axes that do not matter; -inf where an order allows no move.
    """
    if not _apart(flow, leaving):
        return best_moves(flow, rules, box, leaving)
    return _total(best_moves(part, rules, box, leaving) for part in _parts(flow, rules, box))


def answered(flow: Flow, rules: Rules, culprit: str | None, box: Grid, leaving: Leaving) -> Floats:
    """The same as ``answered_value``, faster.

    Args:
        flow: of the party.
        rules: of the breakdown.
        culprit: who caused it; None for nobody in particular.
        box: the states in which it is answered.
        leaving: numbers of the party; the lag plays no part.

    Returns:
        Shape (draws, *box), with length 1 along axes that do not matter.
    """
    if not _apart(flow, leaving):
        return answered_value(flow, rules, culprit, box, leaving)
    return _total(answered_value(part, rules, culprit, box, leaving) for part in _parts(flow, rules, box))


def _apart(flow: Flow, leaving: Leaving) -> bool:
    """Whether parts can be looked at apart: not where the whole is compared with an outside option."""
    return flow.order is None and leaving.outside is None


def _total(values: Iterator[Floats]) -> Floats:
    total: Floats = np.asarray(sum(sorted(values, key=np.size)))
    return total


def _parts(flow: Flow, rules: Rules, box: Grid) -> list[Flow]:
    """Parts of a flow that share no option; small ones are put together, but for those whose return takes time."""
    groups: list[frozenset[int]] = []
    for used in (*(frozenset({o}) for o, _ in flow.levels), *(used for _, used, _ in flow.conditions)):
        tied = [g for g in groups if g & used]
        groups = [*(g for g in groups if not g & used), used.union(*tied)]
    own = set(rules.owns(flow.party))
    along = dict(zip(box.axes, (len(v) for v in box.levels), strict=True))
    alone: list[frozenset[int]] = []
    put: list[frozenset[int]] = []
    last = PART
    for group in groups:
        size = int(np.prod([len(rules.windows[o]) if o in own else along.get(o, 1) for o in group]))
        if group & own & set(rules.undo):
            alone.append(group)
        elif last * size < PART:
            put[-1], last = put[-1] | group, last * size
        else:
            put.append(group)
            last = size
    found = [flow.parted(tuple(g))[0] for g in (*alone, *put)]
    rest = flow.parted([o for g in groups for o in g])[1]
    return found if found and not rest.conditions else [*found, rest]
