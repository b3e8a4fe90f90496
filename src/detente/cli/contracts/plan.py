"""The contract of plan."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, FRACTION, NUMBER, TEXT, TRUTH, list_of, map_of, object_of, or_null

KIND: dict[str, Any] = {"enum": ["stop", "grab", "move", "outside", "leave", "decline", "withhold", "conceal"]}
BROAD_KIND: dict[str, Any] = {"enum": ["walk", "decline", "withhold", "conceal"]}
_LEVELS = map_of(TEXT)
_MOVES = list_of(object_of(**{"party": TEXT, "option": TEXT, "from": TEXT, "to": TEXT}))
DEVIATION = object_of(
    kind=KIND, margin=NUMBER, value=NUMBER, moves=_LEVELS, truly=_LEVELS, then=or_null(_LEVELS)
)  # fmt: skip
STEPS = list_of(object_of(
    n=COUNT, period=COUNT, periods=COUNT, date=or_null(TEXT), moves=_MOVES, escrow=TRUTH,
    margins=map_of(NUMBER), shares=map_of(NUMBER), weakest=map_of(KIND), side=map_of(NUMBER),
))  # fmt: skip
REPAIRS = list_of(object_of(
    lever=TEXT, party=or_null(TEXT), option=or_null(TEXT), amount=or_null(NUMBER), once=or_null(NUMBER),
    text=TEXT, changes=list_of(object_of(path=TEXT, value=TEXT)), new_level=TRUTH, before=map_of(NUMBER),
    after=map_of(NUMBER), harms=list_of(TEXT), steps=COUNT,
))  # fmt: skip
PLAN: dict[str, Any] = {
    "target": _LEVELS,
    "chosen": TEXT,
    "start_test": map_of(NUMBER),
    "target_test": map_of(NUMBER),
    "target_deviations": map_of(DEVIATION),
    "physical": object_of(fits=or_null(TRUTH), needs=COUNT, deadline=or_null(COUNT), parties=map_of(COUNT)),
    "enforceable": or_null(TRUTH),  # null: for all sides, as it rests on what leaving is worth to each
    "margin": or_null(NUMBER),
    "interior_margin": or_null(NUMBER),
    "smallest": object_of(all=or_null(NUMBER), interior=or_null(NUMBER), bound=or_null(NUMBER), accepted=NUMBER),
    "outside": map_of(NUMBER),
    "stakes": map_of(NUMBER),
    "method": or_null(TEXT),
    "proven": TRUTH,
    "today": or_null(object_of(margins=map_of(NUMBER), shares=map_of(NUMBER), weakest=map_of(KIND))),
    "steps": STEPS,
    "binding": or_null(object_of(step=COUNT, party=TEXT, deviation=KIND, margin=NUMBER, witness=DEVIATION)),
    "threats": list_of(object_of(
        step=COUNT, against=TEXT, by=TEXT, punishes=NUMBER, forgives=NUMBER, credible=TRUTH
    )),
    "repairs": REPAIRS,
    "proof": or_null(object_of(
        largest=NUMBER, party=TEXT, levels=_LEVELS, cut=COUNT, reached=COUNT, optimistic=TRUTH,
    )),
    "targets": or_null(object_of(
        feasible=COUNT, start=COUNT, self_enforcing=COUNT, both=COUNT,
        listed=list_of(object_of(levels=_LEVELS, efficient=TRUTH, start=map_of(NUMBER), self_enforcing=map_of(NUMBER))),
    )),
    "readings": or_null(object_of(
        asked=list_of(object_of(view=or_null(TEXT), types=map_of(TEXT), both=COUNT)), all=COUNT,
        listed=list_of(_LEVELS), left_out=list_of(TEXT),
    )),
    "affected": map_of(NUMBER),
    "breaches": list_of(object_of(step=COUNT, text=TEXT)),
    "overdue": list_of(object_of(step=COUNT, due=COUNT, done=COUNT)),
    "draws": or_null(object_of(
        draws=COUNT, seed={"type": "integer"}, holds=FRACTION, in_time=FRACTION, enforceable=FRACTION,
        breaks=list_of(object_of(step=COUNT, party=TEXT, deviation=BROAD_KIND, share=FRACTION)),
        best=or_null(object_of(holds=FRACTION, steps=list_of(_MOVES))),
    )),
}  # fmt: skip
