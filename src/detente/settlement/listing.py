"""Which deals are listed, in what order, with what payoffs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.base.errors import UsageError
from detente.case.meaning import holds
from detente.mechanics.payoffs import Levels
from detente.settlement.enumeration import Deals, Index, refuse_merged
from detente.settlement.frontier import Frontier
from detente.settlement.no_zone import Mixture, Nearest
from detente.settlement.problem import Bargain
from detente.space.states import DIGITS

if TYPE_CHECKING:
    from detente.settlement.result import Deal, PayoffClass, Settlement

MOST_LISTED = 10_000
SAMPLE = 10  # deals listed per class where there are more than ``MOST_LISTED`` in all


def listed_deals(deals: Deals, chosen: Index | Sequence[int], most: int | None) -> tuple[Deal, ...]:
    """Deals with levels and payoffs, fewest changes from today first, then in the order of their levels.

    Args:
        deals: every deal evaluated.
        chosen: positions of those wanted.
        most: how many to list; None for all.

    Raises:
        UsageError: a merged state whose levels differ.
    """
    from detente.settlement.result import Deal

    bargain, states = deals.bargain, deals.bargain.states
    assert states is not None  # noqa: S101 - deals have been evaluated
    chosen = np.asarray(chosen, np.int64)
    digits = states.digits[:, states.cell_of[deals.states[chosen]]]
    changes = np.zeros(len(chosen), np.int64)
    if bargain.status_quo is not None:
        changes = (digits != np.array(bargain.status_quo, np.uint8)[:, None]).sum(axis=0)
    order = np.lexsort((*digits[::-1], changes))[:most]
    out = []
    for k in order:
        state = int(deals.states[chosen[k]])
        if states.merged and None in states.levels(state).values():
            refuse_merged(states, state, "what is agreed on")
        voices = deals.voices(int(chosen[k]))
        others = [p for p in (*bargain.owners, *bargain.affected) if p not in voices]
        out.append(
            Deal(
                levels=tuple(int(d) for d in digits[:, k]),
                payoffs={p: bargain.payoffs[p].value(state) for p in voices},
                affected={p: bargain.payoffs[p].value(state) for p in others},
                state=state,
            )
        )
    return tuple(out)


def deal_of(bargain: Bargain, levels: Levels) -> Deal:
    """A deal given by its levels, by written utilities alone.

    Raises:
        UsageError: it is one of several that the case merges.
    """
    from detente.settlement.result import Deal

    space, today = bargain.space, bargain.status_quo
    if any(holds(c, levels) for c in space.coalesce):
        found = f"the merged state {''.join(DIGITS[k] for k in levels)} as a deal: its levels are needed"
        raise UsageError(found, "a state with one level for each option", "Take it out of coalesce for this question.")
    moved = {space.owners[o] for o, k in enumerate(levels) if today is None or k != today[o]}
    payoffs = {p: bargain.worth[p].of_levels(bargain.case, levels) for p in (*bargain.voices, *bargain.affected)}
    asked = [p for p in bargain.voices if p in bargain.axes or p in moved]
    return Deal(levels, {p: payoffs[p] for p in asked}, {p: v for p, v in payoffs.items() if p not in asked})


def nearest_deals(found: Settlement, near: Nearest, most: int) -> tuple[Deal, ...]:
    """Deals that come closest, listed."""
    if found.deals is not None:
        return listed_deals(found.deals, near.deals, most)
    return tuple(deal_of(found.bargain, levels) for levels in near.levels[:most])


def mixed_deals(found: Settlement, mixed: Mixture) -> list[tuple[Deal, Fraction]]:
    """The deals of a mixture with their chances."""
    if found.deals is not None:
        return [(listed_deals(found.deals, [d], 1)[0], s) for d, s in mixed.shares]
    return [(deal_of(found.bargain, mixed.levels[d]), s) for d, s in mixed.shares]


def payoff_classes(deals: Deals, front: Frontier, most: int | None = MOST_LISTED) -> tuple[PayoffClass, ...]:
    """The classes of a frontier, each with all its deals, or a sample where there are more than ``most`` in all."""
    from detente.settlement.result import PayoffClass

    total = sum(len(d) for d in front.deals)
    sample = SAMPLE if most is not None and total > most else None
    out = []
    for row, members in zip(front.gains, front.deals, strict=True):
        gains = {p: Fraction(g, d) for p, g, d in zip(front.parties, row, front.denominators, strict=True)}
        out.append(PayoffClass(gains, len(members), listed_deals(deals, members, sample)))
    return tuple(out)


def listed_classes(found: Settlement, most: int | None) -> tuple[PayoffClass, ...]:
    """The frontier of an answer listed anew; as it stands where the deals are not enumerated."""
    from detente.settlement.frontier import frontier_of

    if found.deals is None or not found.frontier:
        return found.frontier
    return payoff_classes(found.deals, frontier_of(found.deals), most)


def record(found: Settlement, deal: Deal) -> dict[str, Any]:
    """A deal in the JSON contract."""
    out: dict[str, Any] = {
        "levels": found.level_names(deal.levels),
        "payoffs": {p: float(v) for p, v in deal.payoffs.items()},
        "affected": {p: float(v) for p, v in deal.affected.items()},
    }
    if found.bargain.states is not None and deal.state is not None:
        out["state"] = found.bargain.states.id(deal.state)
    return out


def records(found: Settlement, classes: Iterable[PayoffClass]) -> list[dict[str, Any]]:
    """All listed deals of some classes."""
    return [record(found, d) for c in classes for d in c.deals]
