"""The contract of forecast."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import (
    COUNT,
    FRACTION,
    NUMBER,
    STATE,
    TEXT,
    TRUTH,
    list_of,
    map_of,
    object_of,
    or_null,
)
from detente.cli.contracts.track_record import TRACK_RECORD

_CHANCES = list_of(FRACTION)
_SPAN = or_null(object_of(mean=or_null(NUMBER), low=or_null(NUMBER), high=or_null(NUMBER), finite=FRACTION))
_SEEN: dict[str, Any] = {
    "option": TEXT,
    "relation": {"enum": ["above", "below", "still"]},
    "level": TEXT,
    "tick": COUNT,
    "date": or_null(TEXT),
}
_VALUE: dict[str, Any] = {"anyOf": [NUMBER, TEXT, {"type": "null"}]}
FORECAST: dict[str, Any] = {
    # rows: the dates asked for, then null for the end where it is asked for; all lists below go by them
    "at": list_of(or_null(TEXT)),
    "ticks": list_of(or_null(COUNT)),
    "reached": {"enum": ["ever", "at"]},
    "outcomes": list_of(object_of(
        name=TEXT, p=_CHANCES, low=_CHANCES, high=_CHANCES, error=list_of(_CHANCES), likeliest=_CHANCES,
        base_rate=or_null(object_of(value=FRACTION, source=or_null(TEXT), note=TEXT)),
    )),
    "unsettled": _CHANCES,
    "broken": _CHANCES,
    "agreed": _CHANCES,
    "expected_periods": or_null(NUMBER),
    "periods": object_of(first=_SPAN, rest=_SPAN),
    "fragile": list_of(TRUTH),
    "settings": list_of(object_of(values=map_of(TEXT), p=list_of(_CHANCES))),
    "spread": or_null(object_of(preferences=NUMBER, behaviour=NUMBER, both=NUMBER, sampling=NUMBER)),
    "sampling": object_of(draws=COUNT, stopped={"enum": ["all", "enough", "interrupted"]}, half_width=NUMBER),
    "states": list_of(list_of(object_of(state=STATE, levels=map_of(or_null(TEXT)), p=FRACTION))),
    "drivers": or_null(list_of(object_of(
        path=TEXT, kind={"enum": ["number", "type", "order"]}, behaviour=TRUTH, paths=list_of(TEXT),
        first=FRACTION, first_error=or_null(NUMBER), total=or_null(FRACTION), total_error=or_null(NUMBER),
        clear=TRUTH, brier=NUMBER, entropy=or_null(NUMBER), flips_at=_VALUE, flips_to=or_null(TEXT),
        swing=or_null(object_of(
            at=list_of(NUMBER), alone=list_of(_CHANCES), shared=or_null(list_of(_CHANCES)),
        )),
    ))),
    # total effects of all that a party wants (preferences.PARTY), of types, numbers, behaviour and other blocks
    "groups": or_null(list_of(object_of(group=TEXT, total=FRACTION, total_error=or_null(NUMBER)))),
    "scenarios": or_null(object_of(
        ticks=COUNT, draws=COUNT, covered=FRACTION,
        futures=list_of(object_of(
            outcome=TEXT, p=FRACTION, low=FRACTION, high=FRACTION, error=or_null(NUMBER),
            starts=or_null(object_of(
                kind={"enum": ["breakdown", "deal", "move", "nothing"]}, party=or_null(TEXT), option=or_null(TEXT),
                up=TRUTH, inside=FRACTION, outside=FRACTION, state=or_null(STATE),
            )),
            signs=list_of(object_of(**_SEEN, inside=FRACTION, outside=FRACTION)),
        )),
        watch=list_of(object_of(**_SEEN, p=_CHANCES)),
    )),
    "against": list_of(object_of(
        concept=TEXT, count=COUNT, today=TRUTH, chance=FRACTION, agrees=TRUTH, point=FRACTION,
        reasons=list_of(object_of(
            kind={"enum": ["noise", "deals", "breakdown", "horizon", "cycles", "reached"]}, chance=FRACTION,
            state=or_null(STATE),
        )),
    )),
    "interrupted": list_of({"enum": ["draws", "drivers", "scenarios"]}),
    # scores of earlier forecasts; null: none has been scored
    "track_record": or_null(object_of(**TRACK_RECORD)),
}  # fmt: skip
