"""Strength of preference: what is much worse than what, from declared pairs and an order."""

from __future__ import annotations

import numpy as np

from detente.base.errors import shown
from detente.case.model import Case
from detente.graph.ranks import Ranks, preference_path
from detente.space.states import StateSpace, fault


def much_worse(case: Case, states: StateSpace, party: str, ranks: Ranks) -> Ranks:
    """For each state the highest rank that is much worse for a party; -1 where nothing is.

    A pair [better, worse] says that every state of the first is much better than every state of the second. With the
    order this is closed under: x >= y >> z gives x >> z, and x >> y >= z gives x >> z. So x >> z exactly if, for some
    pair, x is at least as good as the least liked state of ``better`` and z at most as good as the most liked one of
    ``worse``; what is much worse than x are then all states up to some rank.

    Args:
        case: whose preferences.
        states: the states ranked.
        party: one with an order.
        ranks: its ranks, shape (states,).

    Raises:
        CaseError: a pair whose sides are not in this order, with the place and two states.
    """
    bound = np.full(int(ranks.max()) + 1, -1, np.int32)
    forms = case.preference(party)
    pairs = forms.strength.get("much", ()) if forms is not None and forms.strength else ()
    for n, (better, worse) in enumerate(pairs):
        path = f"{preference_path(case, party)}.strength.much[{n}]"
        up, down = (np.flatnonzero(states.mask(c, path)) for c in (better, worse))
        if not len(up) or not len(down):
            continue
        least, most = up[np.argmin(ranks[up])], down[np.argmax(ranks[down])]
        if ranks[least] <= ranks[most]:
            one, other = states.id(int(least)), states.id(int(most))
            name = case.party_name(party)
            raise fault(
                case,
                f"{shown(better.text)} much better than {shown(worse.text)}, but {one} is of the first and {other} of "
                f"the second, and {name} does not prefer {one}",
                "strength that agrees with the order",
                path,
                "Narrow the conditions, or correct the order.",
            )
        bound[ranks[least]] = max(bound[ranks[least]], ranks[most])
    return np.maximum.accumulate(bound)[ranks]
