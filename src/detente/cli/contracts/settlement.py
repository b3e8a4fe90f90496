"""The contract of settle."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, FRACTION, NUMBER, STATE, TEXT, TRUTH, list_of, map_of, object_of, or_null

DEAL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "levels": map_of(TEXT),
        "payoffs": map_of(NUMBER),
        "affected": map_of(NUMBER),
        "state": STATE,
        "chance": NUMBER,
    },
    "required": ["levels", "payoffs", "affected"],
    "additionalProperties": False,
}


def _drawn_deal() -> dict[str, Any]:
    added = {"chosen": map_of(FRACTION), "zone": FRACTION, "frontier": FRACTION}
    return {**DEAL, "properties": {**DEAL["properties"], **added}, "required": [*DEAL["required"], *added]}


DEALS_SIZE = object_of(classes=COUNT, deals=or_null(COUNT), listed=COUNT)
NEAREST = or_null(object_of(amount=NUMBER, count=or_null(COUNT), deals=list_of(DEAL)))
NO_ZONE = object_of(
    possible=TRUTH,
    gaining=or_null(COUNT),
    uniform=NEAREST,
    total=NEAREST,
    blocking_parties=list_of(list_of(TEXT)),
    accepting_parties=list_of(list_of(TEXT)),
    lottery=or_null(object_of(mixture=list_of(DEAL), payoffs=map_of(NUMBER))),
    subsidy=or_null(NUMBER),
    transfers=or_null(TRUTH),
    transfer_deal=NEAREST,
    money_missing=list_of(TEXT),
    falls=map_of(NEAREST),
    conditions=or_null(
        object_of(
            asked=TRUTH,
            reason=TEXT,
            opens=list_of(
                object_of(conditions=list_of(TEXT), levels=map_of(TEXT), payoffs=map_of(NUMBER), count=or_null(COUNT))
            ),
            blocking=list_of(list_of(TEXT)),
        )
    ),
    new_levels=or_null(
        list_of(
            object_of(
                option=TEXT, between=list_of(TEXT), share=NUMBER, range=list_of(NUMBER), levels=map_of(or_null(TEXT)),
                payoffs=map_of(NUMBER), count=COUNT,
            )
        )
    ),
)  # fmt: skip
SETTLE: dict[str, Any] = {
    "parties": list_of(TEXT),
    "disagreement": map_of(NUMBER),
    "verdict": {"enum": ["zone", "weak", "none", "undecided"]},
    "zone_size": or_null(COUNT),
    "frontier": list_of(DEAL),
    "frontier_size": DEALS_SIZE,
    "points": map_of(list_of(DEAL)),
    "point_sizes": map_of(DEALS_SIZE),
    "no_zone": or_null(NO_ZONE),
    "indifferent": list_of(TEXT),
    "unknown": list_of(TEXT),
    "ordinal": list_of(TEXT),
    "weights": map_of(NUMBER),
    "comparable": TRUTH,
    "stakes": map_of(NUMBER),
    "ks_spread": or_null(NUMBER),
    "equal_ratio": list_of(DEAL),
    "nash_weights": list_of(object_of(**{"levels": map_of(TEXT), "from": NUMBER, "to": NUMBER})),
    "lottery": or_null(
        map_of(
            object_of(mixture=list_of(DEAL), payoffs=map_of(NUMBER), pure=NUMBER, mixed=NUMBER, adds=NUMBER, gap=NUMBER)
        )
    ),
    "adjusted_winner": or_null(
        object_of(
            fits=TRUTH,
            reason=TEXT,
            items=list_of(object_of(option=TEXT, wants=map_of(TEXT), points=map_of(NUMBER), share=map_of(NUMBER))),
            agreed=map_of(TEXT),
            points=or_null(NUMBER),
            acceptable=TRUTH,
        )
    ),
    "method": {"enum": ["enumeration", "merge", "milp"]},
    "certificate": {
        "anyOf": [{"enum": ["complete enumeration", "complete merge"]}, map_of(object_of(bound=NUMBER, gap=NUMBER))]
    },
    "frontier_complete": TRUTH,
    "uncovered": or_null(NUMBER),
    "unproven": list_of(TEXT),
    "draws": or_null(object_of(
        draws={"type": "integer", "minimum": 1},
        seed={"type": "integer"},
        parties=list_of(TEXT),
        drawn=map_of({"enum": ["certain", "utility", "order", "completion"]}),
        verdicts=map_of(FRACTION),
        holds=FRACTION,
        deals=list_of(_drawn_deal()),
        regret=object_of(largest=NUMBER, of_party=map_of(NUMBER), count=COUNT, deals=list_of(DEAL)),
        undecided=list_of(object_of(
            about=TEXT, share=FRACTION, party=or_null(TEXT), first=or_null(DEAL), second=or_null(DEAL),
            ratio=or_null(NUMBER), if_yes=FRACTION, if_no=FRACTION,
        )),
    )),
}  # fmt: skip
RATIFIABLE = or_null(object_of(
        verdict={"enum": ["zone", "weak", "none"]}, zone_size=COUNT, points=map_of(list_of(DEAL)),
        losses=map_of(map_of(or_null(NUMBER))),
    ))  # fmt: skip
