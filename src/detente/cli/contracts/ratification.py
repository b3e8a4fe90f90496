"""The contract of ratify."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, FRACTION, NUMBER, STATE, TEXT, TRUTH, list_of, map_of, object_of, or_null

_CHANCE_OF_YES = object_of(votes=COUNT, accepts=FRACTION, cohesion=FRACTION)
RATIFY: dict[str, Any] = {
    "deal": map_of(or_null(TEXT)),
    "state": STATE,
    "chosen": TEXT,
    "passes": FRACTION,
    "independent": or_null(FRACTION),
    "requirements": list_of(object_of(when=TEXT, needs=TEXT, p=FRACTION, bodies=map_of(FRACTION))),
    "bodies": map_of(object_of(
        quota=COUNT, votes=COUNT, p=FRACTION, expected=NUMBER, sd=NUMBER, low=COUNT, high=COUNT, short=NUMBER,
        blocs=map_of(_CHANCE_OF_YES), veto=map_of(FRACTION),
    )),
    "obstacles": list_of(object_of(
        body=TEXT, bloc=or_null(TEXT), member=or_null(TEXT), now=FRACTION, enough=or_null(FRACTION),
        at_most=FRACTION,
    )),
    "win_set_size": COUNT,
    "states": COUNT,
    "window_closes": or_null(TEXT),
    "window": object_of(
        ticks=or_null(COUNT), steps=list_of(object_of(after=TEXT, parties=list_of(TEXT), passes=FRACTION))
    ),
    "promises": list_of(object_of(
        party=TEXT, ends=TEXT, kept=FRACTION, levels=map_of(object_of(level=TEXT, returns_to=TEXT)),
        losses=map_of(NUMBER),
    )),
    "kept": map_of(map_of(map_of(FRACTION))),
    "points": map_of(list_of(object_of(state=STATE, passes=FRACTION))),
    "examples": list_of(object_of(requirement=COUNT, state=STATE, passes=FRACTION, acceptable=TRUTH)),
    "cost": or_null(object_of(
        verdict={"enum": ["zone", "weak", "none"]}, size=COUNT, passing=COUNT,
        ratifiable={"enum": ["zone", "weak", "none"]}, rule=TEXT,
        payoffs=map_of(object_of(plain=NUMBER, ratifiable=or_null(NUMBER))),
    )),
    "draws": or_null(object_of(
        draws=COUNT, seed={"type": "integer"}, share=FRACTION, low=FRACTION, high=FRACTION,
        below_after=list_of(FRACTION),
    )),
}  # fmt: skip
