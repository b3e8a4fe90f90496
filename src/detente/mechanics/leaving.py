"""What a party gets by leaving, part by part: options that no condition ties together are looked at apart."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from detente.mechanics.breakdown import (
    Floats,
    Leaving,
    Levels,
    Rules,
    answered_value,
    best_moves,
    goes_slow,
    path_value,
)
from detente.mechanics.flows import Flow, Grid

PART = 1_024  # cells that parts are put together to
SAME = 1e-12  # a move that is better by less is not


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


def most_moves(flow: Flow, rules: Rules, box: Grid, *, whole: bool) -> int:
    """How many own moves have to be looked at together to find the best one, at most.

    Args:
        flow: of the party.
        rules: of the breakdown.
        box: the states left.
        whole: whether parts cannot be looked at apart.
    """
    own = [o for o in rules.owns(flow.party) if flow.reads(o)]
    wide = {o: len(rules.windows[o]) for o in own}
    if whole or flow.order is not None:
        return prod(wide.values())
    return max(prod(n for o, n in wide.items() if part.reads(o)) for part in _parts(flow, rules, box))


def climbed(flow: Flow, rules: Rules, state: Levels, leaving: Leaving) -> Floats:
    """A good own move from one state, found by changing one option after the other, before any breach cost.

    Args:
        flow: of the party.
        rules: of the breakdown.
        state: level numbers of the state left.
        leaving: numbers of the party.

    Returns:
        Its value, shape (draws,): the best move is worth no less. The best stop or return is among what is looked at.
    """
    own = [o for o in rules.owns(flow.party) if flow.reads(o)]
    left = {o: state[o] for o in own if goes_slow(rules, o, state[o], flow.party)}
    home = list(state)
    for o in own:
        home[o] = rules.place(o, state[o], flow.party)
    best = np.full(flow.draws, -np.inf)
    for start in (state, tuple(home)):
        here, worth = list(start), path_value(flow, rules, flow.party, Grid(start, (), ()), leaving, left)
        better = True
        while better:
            better = False
            for o in own:
                low, high = rules.windows[o][state[o]]
                values = path_value(
                    flow, rules, flow.party, Grid(tuple(here), (o,), (np.arange(low, high + 1),)), leaving, left
                )
                place = int(values[0].argmax())
                if values[0, place] > worth[0] + SAME:
                    here[o], worth, better = low + place, values[:, place], True
        best = np.maximum(best, worth)
    return best


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
