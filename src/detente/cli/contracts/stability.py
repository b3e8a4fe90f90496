"""The contracts of check, states, stability and brief."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import (
    COUNT,
    FRACTION,
    STATE,
    STATES_OR_COUNT,
    TEXT,
    TRUTH,
    list_of,
    map_of,
    object_of,
    or_null,
)

ONE_STATE = object_of(
    id=STATE, key=TEXT, levels=map_of(or_null(TEXT)), members=or_null(list_of(TEXT)), rank=map_of(or_null(COUNT))
)
STATES = {
    "parties": list_of(TEXT),
    "options": list_of(object_of(id=TEXT, party=TEXT, levels=list_of(TEXT))),
    "states": {"anyOf": [list_of(ONE_STATE), COUNT]},
    "status_quo": or_null(STATE),
}
FINDING = object_of(
    severity={"enum": ["error", "warning", "info"]}, text=TEXT, fix=TEXT, path=TEXT, file=or_null(TEXT),
    line=or_null(COUNT), column=or_null(COUNT),
)  # fmt: skip
CLAIM = object_of(
    by=or_null(TEXT), says=TEXT, party=TEXT, view=or_null(TEXT), pairs=COUNT, held=COUNT, reversed=COUNT, holds=TRUTH
)
SECTION = object_of(title=TEXT, text=list_of(TEXT))
PROOF = object_of(
    party=TEXT, state=STATE, concept=TEXT, stable=TRUTH,
    answers=list_of(object_of(
        improvement=STATE, sanction=or_null(list_of(object_of(**{"party": TEXT, "from": STATE, "to": STATE}))),
        best_replies=or_null(TRUTH),
    )),
)  # fmt: skip
MISPERCEPTION = {
    "unseen": {"enum": ["excluded", "stable"]},
    "concepts": list_of(TEXT),
    "pictures": map_of(object_of(
        view=TEXT, unseen=STATES_OR_COUNT, imagined={"anyOf": [list_of(TEXT), COUNT]}, preferences=list_of(TEXT),
        options=list_of(TEXT),
    )),
    "stable": map_of(map_of(object_of(as_seen=STATES_OR_COUNT, in_truth=STATES_OR_COUNT))),
    **{name: map_of(STATES_OR_COUNT) for name in ("hyper_equilibria", "equilibria", "steady", "surprise", "missed")},
    "examples": map_of(object_of(
        surprise=or_null(object_of(state=STATE, leaves=list_of(PROOF))),
        missed=or_null(object_of(
            state=STATE, doubts=list_of(object_of(party=TEXT, verdict=or_null(PROOF), keys=map_of(TEXT)))
        )),
    )),
    "corrections": list_of(object_of(
        view=TEXT, party=TEXT, path=TEXT, about=list_of(TEXT), changes=map_of(or_null(COUNT)), total=or_null(COUNT),
        error=or_null(TEXT),
    )),
    "first": list_of(object_of(view=TEXT, path=TEXT)),
}  # fmt: skip
UNKNOWN = {
    "attitudes": map_of(TEXT),
    "concepts": list_of(TEXT),
    "unknown": map_of(object_of(pairs=COUNT, of=COUNT)),
    "stable": map_of(map_of(map_of(STATES_OR_COUNT))),
    "equilibria": map_of(map_of(list_of(STATE))),
}
_RECURRENCE = object_of(
    first=or_null(COUNT), period=or_null(COUNT), looked=COUNT, stable=map_of(STATES_OR_COUNT),
    cycling=map_of(STATES_OR_COUNT), equilibria=or_null(list_of(STATE)),
)  # fmt: skip
FORESIGHT = {
    "horizon": COUNT,
    "versions": list_of(TEXT),
    "movers": list_of(TEXT),
    "unknown": list_of(TEXT),
    "stable": map_of(map_of(map_of(STATES_OR_COUNT))),
    "equilibria": map_of(map_of(or_null(list_of(STATE)))),
    "non_myopic": map_of(_RECURRENCE),
    "stackelberg": map_of(map_of(list_of(STATE))),
    "sequential": STATES_OR_COUNT,
    "rejected": map_of(map_of(object_of(threat=STATES_OR_COUNT, detour=STATES_OR_COUNT))),
}
STRENGTH = {
    "concepts": list_of(TEXT),
    "declared": list_of(TEXT),
    "both": list_of(TEXT),
    "strong": map_of(map_of(STATES_OR_COUNT)),
    "weak": map_of(map_of(STATES_OR_COUNT)),
    "equilibria": map_of(object_of(strong=or_null(list_of(STATE)), weak=or_null(list_of(STATE)))),
}
_STATE_SHARES: dict[str, Any] = {
    **map_of(object_of(share=FRACTION, low=FRACTION, high=FRACTION)),
    "propertyNames": STATE,
}
SHARES = {
    "draws": {"type": "integer", "minimum": 1},
    "method": map_of(TEXT),
    "exact": TRUTH,
    "shares": map_of(_STATE_SHARES),
    "by_party": map_of(map_of(_STATE_SHARES)),
}
COALITIONS = {
    "moves": {"enum": ["legal", "joint"]},
    "concepts": list_of(TEXT),
    "coalitions": list_of(list_of(TEXT)),
    "stable": map_of(map_of(STATES_OR_COUNT)),
    "universal": map_of(or_null(list_of(STATE))),
    "structure": or_null(object_of(blocks=list_of(list_of(TEXT)), stable=map_of(or_null(list_of(STATE))))),
}
_MOVE = object_of(party=TEXT, **{"from": STATE, "to": STATE})
_GROUP_MOVE = object_of(coalition=list_of(TEXT), **{"from": STATE, "to": STATE}, steps=or_null(list_of(_MOVE)))
COALITION_VERDICT = {
    "coalition": list_of(TEXT), "state": STATE, "concept": TEXT, "stable": TRUTH, "more": COUNT,
    "answers": list_of(object_of(improvement=_GROUP_MOVE, sanction=or_null(list_of(_GROUP_MOVE)), hurt=list_of(TEXT))),
}  # fmt: skip
_JUMP = object_of(state=STATE, steps=or_null(list_of(_MOVE)), welcome=list_of(TEXT), hurt=list_of(TEXT))
_WAY = object_of(coalition=list_of(TEXT), helpers=list_of(TEXT), to={"anyOf": [list_of(_JUMP), COUNT]})
JUMPS = {
    "concept": TEXT,
    "moves": {"enum": ["legal", "joint"]},
    "from": list_of(object_of(state=STATE, holds=TRUTH, ways=list_of(_WAY))),
    "left_out": COUNT,
}
