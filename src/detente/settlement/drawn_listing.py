"""What the draws say, in the JSON contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.settlement.listing import listed_deals, record

if TYPE_CHECKING:
    from detente.settlement.drawn import InDraws
    from detente.settlement.drawn_ask import Ask
    from detente.settlement.result import Deal, Settlement

MOST_DEALS = 100


def deal_at(found: Settlement, position: int) -> Deal:
    """One deal by its position in ``Deals``."""
    assert found.deals is not None  # noqa: S101 - there are no draws without
    return listed_deals(found.deals, [position], None)[0]


def shown_positions(found: Settlement) -> list[int]:
    """Deals of interest: what the rules pick, one of each class of the frontier, those of smallest regret."""
    assert found.deals is not None  # noqa: S101
    where = {int(s): n for n, s in enumerate(found.deals.states)}
    picked = [d.state for classes in found.points.values() for c in classes for d in c.deals[:1]]
    ends = [c.deals[0].state for c in found.frontier]
    positions = [where[s] for s in (*picked, *ends) if s is not None]
    if found.drawn is not None:
        positions += [int(d) for d in found.drawn.regret.deals[:1]]
    return list(dict.fromkeys(positions))[:MOST_DEALS]


def in_draws(found: Settlement, drawn: InDraws) -> dict[str, Any]:
    """The part ``draws`` of the contract of ``settle``."""
    deals = [
        {
            **record(found, deal_at(found, n)),
            "chosen": drawn.of_deal(n),
            "zone": float(drawn.zone[n]),
            "frontier": float(drawn.frontier[n]),
        }
        for n in shown_positions(found)
    ]
    regret = drawn.regret
    return {
        "draws": drawn.draws,
        "seed": drawn.seed,
        "parties": list(drawn.parties),
        "drawn": dict(drawn.kinds),
        "verdicts": drawn.verdicts,
        "holds": drawn.verdicts.get(found.verdict, 0.0),
        "deals": deals,
        "regret": {
            "largest": float(regret.amount),
            "of_party": {p: float(v) for p, v in regret.of_party.items()},
            "count": len(regret.deals),
            "deals": [record(found, deal_at(found, int(n))) for n in regret.deals[:10]],
        },
        "undecided": [_ask(found, a) for a in drawn.asks],
    }


def _ask(found: Settlement, ask: Ask) -> dict[str, Any]:
    ends = [None if n is None else record(found, deal_at(found, n)) for n in (ask.first, ask.second)]
    return {
        "about": ask.about, "share": ask.share, "party": ask.party, "first": ends[0], "second": ends[1],
        "ratio": ask.ratio, "if_yes": ask.yes, "if_no": ask.no,
    }  # fmt: skip
