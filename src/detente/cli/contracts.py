"""The JSON contracts of the verbs as JSON Schema."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TRUTH: dict[str, Any] = {"type": "boolean"}
STATE: dict[str, Any] = {"type": "string", "pattern": "^s[1-9][0-9]*$"}
NO_VALUE: dict[str, Any] = {"type": "null"}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, NO_VALUE]}


def _list(kind: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": kind}


def _map(kind: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": kind}


def _object(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


STATES_OR_COUNT: dict[str, Any] = {"anyOf": [_list(STATE), COUNT, NO_VALUE]}
HEAD = {
    "detente": TEXT,
    "contract": {"const": 1},
    "verb": TEXT,
    "case": TEXT,
    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    "view": _or_null(TEXT),
    "types": _map(TEXT),
    "changes": _list(_object(path=TEXT, value=TEXT)),
    "parameters": {"type": "object"},
    "seed": _or_null({"type": "integer"}),
    "exact": TRUTH,
    "warnings": _list(TEXT),
    "limits": {"type": "object"},
}
ONE_STATE = _object(
    id=STATE, key=TEXT, levels=_map(_or_null(TEXT)), members=_or_null(_list(TEXT)), rank=_map(_or_null(COUNT))
)
STATES = {
    "parties": _list(TEXT),
    "options": _list(_object(id=TEXT, party=TEXT, levels=_list(TEXT))),
    "states": {"anyOf": [_list(ONE_STATE), COUNT]},
    "status_quo": _or_null(STATE),
}
FINDING = _object(
    severity={"enum": ["error", "warning", "info"]}, text=TEXT, fix=TEXT, path=TEXT, file=_or_null(TEXT),
    line=_or_null(COUNT), column=_or_null(COUNT),
)  # fmt: skip
CLAIM = _object(
    by=_or_null(TEXT), says=TEXT, party=TEXT, view=_or_null(TEXT), pairs=COUNT, held=COUNT, reversed=COUNT, holds=TRUTH
)
SECTION = _object(title=TEXT, text=_list(TEXT))
_PROOF = _object(
    party=TEXT, state=STATE, concept=TEXT, stable=TRUTH,
    answers=_list(_object(
        improvement=STATE, sanction=_or_null(_list(_object(**{"party": TEXT, "from": STATE, "to": STATE}))),
        best_replies=_or_null(TRUTH),
    )),
)  # fmt: skip
MISPERCEPTION = {
    "unseen": {"enum": ["excluded", "stable"]},
    "concepts": _list(TEXT),
    "pictures": _map(_object(
        view=TEXT, unseen=STATES_OR_COUNT, imagined={"anyOf": [_list(TEXT), COUNT]}, preferences=_list(TEXT),
        options=_list(TEXT),
    )),
    "stable": _map(_map(_object(as_seen=STATES_OR_COUNT, in_truth=STATES_OR_COUNT))),
    **{name: _map(STATES_OR_COUNT) for name in ("hyper_equilibria", "equilibria", "steady", "surprise", "missed")},
    "examples": _map(_object(
        surprise=_or_null(_object(state=STATE, leaves=_list(_PROOF))),
        missed=_or_null(_object(
            state=STATE, doubts=_list(_object(party=TEXT, verdict=_or_null(_PROOF), keys=_map(TEXT)))
        )),
    )),
    "corrections": _list(_object(
        view=TEXT, party=TEXT, path=TEXT, about=_list(TEXT), changes=_map(_or_null(COUNT)), total=_or_null(COUNT),
        error=_or_null(TEXT),
    )),
    "first": _list(_object(view=TEXT, path=TEXT)),
}  # fmt: skip
UNKNOWN = {
    "attitudes": _map(TEXT),
    "concepts": _list(TEXT),
    "unknown": _map(_object(pairs=COUNT, of=COUNT)),
    "stable": _map(_map(_map(STATES_OR_COUNT))),
    "equilibria": _map(_map(_list(STATE))),
}
_RECURRENCE = _object(
    first=_or_null(COUNT), period=_or_null(COUNT), looked=COUNT, stable=_map(STATES_OR_COUNT),
    cycling=_map(STATES_OR_COUNT), equilibria=_or_null(_list(STATE)),
)  # fmt: skip
FORESIGHT = {
    "horizon": COUNT,
    "versions": _list(TEXT),
    "movers": _list(TEXT),
    "unknown": _list(TEXT),
    "stable": _map(_map(_map(STATES_OR_COUNT))),
    "equilibria": _map(_map(_or_null(_list(STATE)))),
    "non_myopic": _map(_RECURRENCE),
    "stackelberg": _map(_map(_list(STATE))),
    "sequential": STATES_OR_COUNT,
    "rejected": _map(_map(_object(threat=STATES_OR_COUNT, detour=STATES_OR_COUNT))),
}
STRENGTH = {
    "concepts": _list(TEXT),
    "declared": _list(TEXT),
    "both": _list(TEXT),
    "strong": _map(_map(STATES_OR_COUNT)),
    "weak": _map(_map(STATES_OR_COUNT)),
    "equilibria": _map(_object(strong=_or_null(_list(STATE)), weak=_or_null(_list(STATE)))),
}
_FRACTION: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_STATE_SHARES: dict[str, Any] = {
    **_map(_object(share=_FRACTION, low=_FRACTION, high=_FRACTION)),
    "propertyNames": STATE,
}
SHARES = {
    "draws": {"type": "integer", "minimum": 1},
    "method": _map(TEXT),
    "exact": TRUTH,
    "shares": _map(_STATE_SHARES),
    "by_party": _map(_map(_STATE_SHARES)),
}
COALITIONS = {
    "moves": {"enum": ["legal", "joint"]},
    "concepts": _list(TEXT),
    "coalitions": _list(_list(TEXT)),
    "stable": _map(_map(STATES_OR_COUNT)),
    "universal": _map(_or_null(_list(STATE))),
    "structure": _or_null(_object(blocks=_list(_list(TEXT)), stable=_map(_or_null(_list(STATE))))),
}
_MOVE = _object(party=TEXT, **{"from": STATE, "to": STATE})
_GROUP_MOVE = _object(coalition=_list(TEXT), **{"from": STATE, "to": STATE}, steps=_or_null(_list(_MOVE)))
COALITION_VERDICT = {
    "coalition": _list(TEXT), "state": STATE, "concept": TEXT, "stable": TRUTH, "more": COUNT,
    "answers": _list(_object(improvement=_GROUP_MOVE, sanction=_or_null(_list(_GROUP_MOVE)), hurt=_list(TEXT))),
}  # fmt: skip
_JUMP = _object(state=STATE, steps=_or_null(_list(_MOVE)), welcome=_list(TEXT), hurt=_list(TEXT))
_WAY = _object(coalition=_list(TEXT), helpers=_list(TEXT), to={"anyOf": [_list(_JUMP), COUNT]})
JUMPS = {
    "concept": TEXT,
    "moves": {"enum": ["legal", "joint"]},
    "from": _list(_object(state=STATE, holds=TRUTH, ways=_list(_WAY))),
    "left_out": COUNT,
}
NUMBER: dict[str, Any] = {"type": "number"}
DEAL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "levels": _map(TEXT),
        "payoffs": _map(NUMBER),
        "affected": _map(NUMBER),
        "state": STATE,
        "chance": NUMBER,
    },
    "required": ["levels", "payoffs", "affected"],
    "additionalProperties": False,
}


def _drawn_deal() -> dict[str, Any]:
    added = {"chosen": _map(_FRACTION), "zone": _FRACTION, "frontier": _FRACTION}
    return {**DEAL, "properties": {**DEAL["properties"], **added}, "required": [*DEAL["required"], *added]}


DEALS_SIZE = _object(classes=COUNT, deals=_or_null(COUNT), listed=COUNT)
NEAREST = _or_null(_object(amount=NUMBER, count=_or_null(COUNT), deals=_list(DEAL)))
NO_ZONE = _object(
    possible=TRUTH,
    gaining=_or_null(COUNT),
    uniform=NEAREST,
    total=NEAREST,
    blocking_parties=_list(_list(TEXT)),
    accepting_parties=_list(_list(TEXT)),
    lottery=_or_null(_object(mixture=_list(DEAL), payoffs=_map(NUMBER))),
    subsidy=_or_null(NUMBER),
    transfers=_or_null(TRUTH),
    transfer_deal=NEAREST,
    money_missing=_list(TEXT),
    falls=_map(NEAREST),
    conditions=_or_null(
        _object(
            asked=TRUTH,
            reason=TEXT,
            opens=_list(
                _object(conditions=_list(TEXT), levels=_map(TEXT), payoffs=_map(NUMBER), count=_or_null(COUNT))
            ),
            blocking=_list(_list(TEXT)),
        )
    ),
    new_levels=_or_null(
        _list(
            _object(
                option=TEXT, between=_list(TEXT), share=NUMBER, range=_list(NUMBER), levels=_map(_or_null(TEXT)),
                payoffs=_map(NUMBER), count=COUNT,
            )
        )
    ),
)  # fmt: skip
SETTLE: dict[str, Any] = {
    "parties": _list(TEXT),
    "disagreement": _map(NUMBER),
    "verdict": {"enum": ["zone", "weak", "none", "undecided"]},
    "zone_size": _or_null(COUNT),
    "frontier": _list(DEAL),
    "frontier_size": DEALS_SIZE,
    "points": _map(_list(DEAL)),
    "point_sizes": _map(DEALS_SIZE),
    "no_zone": _or_null(NO_ZONE),
    "indifferent": _list(TEXT),
    "unknown": _list(TEXT),
    "ordinal": _list(TEXT),
    "weights": _map(NUMBER),
    "comparable": TRUTH,
    "stakes": _map(NUMBER),
    "ks_spread": _or_null(NUMBER),
    "equal_ratio": _list(DEAL),
    "nash_weights": _list(_object(**{"levels": _map(TEXT), "from": NUMBER, "to": NUMBER})),
    "lottery": _or_null(
        _map(_object(mixture=_list(DEAL), payoffs=_map(NUMBER), pure=NUMBER, mixed=NUMBER, adds=NUMBER, gap=NUMBER))
    ),
    "adjusted_winner": _or_null(
        _object(
            fits=TRUTH,
            reason=TEXT,
            items=_list(_object(option=TEXT, wants=_map(TEXT), points=_map(NUMBER), share=_map(NUMBER))),
            agreed=_map(TEXT),
            points=_or_null(NUMBER),
            acceptable=TRUTH,
        )
    ),
    "method": {"enum": ["enumeration", "merge", "milp"]},
    "certificate": {
        "anyOf": [{"enum": ["complete enumeration", "complete merge"]}, _map(_object(bound=NUMBER, gap=NUMBER))]
    },
    "frontier_complete": TRUTH,
    "uncovered": _or_null(NUMBER),
    "unproven": _list(TEXT),
    "draws": _or_null(_object(
        draws={"type": "integer", "minimum": 1},
        seed={"type": "integer"},
        parties=_list(TEXT),
        drawn=_map({"enum": ["certain", "utility", "order", "completion"]}),
        verdicts=_map(_FRACTION),
        holds=_FRACTION,
        deals=_list(_drawn_deal()),
        regret=_object(largest=NUMBER, of_party=_map(NUMBER), count=COUNT, deals=_list(DEAL)),
        undecided=_list(_object(
            about=TEXT, share=_FRACTION, party=_or_null(TEXT), first=_or_null(DEAL), second=_or_null(DEAL),
            ratio=_or_null(NUMBER), if_yes=_FRACTION, if_no=_FRACTION,
        )),
    )),
}  # fmt: skip
RATIFIABLE = _or_null(_object(
        verdict={"enum": ["zone", "weak", "none"]}, zone_size=COUNT, points=_map(_list(DEAL)),
        losses=_map(_map(_or_null(NUMBER))),
    ))  # fmt: skip
_CHANCE_OF_YES = _object(votes=COUNT, accepts=_FRACTION, cohesion=_FRACTION)
RATIFY: dict[str, Any] = {
    "deal": _map(_or_null(TEXT)),
    "state": STATE,
    "chosen": TEXT,
    "passes": _FRACTION,
    "independent": _or_null(_FRACTION),
    "requirements": _list(_object(when=TEXT, needs=TEXT, p=_FRACTION, bodies=_map(_FRACTION))),
    "bodies": _map(_object(
        quota=COUNT, votes=COUNT, p=_FRACTION, expected=NUMBER, sd=NUMBER, low=COUNT, high=COUNT, short=NUMBER,
        blocs=_map(_CHANCE_OF_YES), veto=_map(_FRACTION),
    )),
    "obstacles": _list(_object(
        body=TEXT, bloc=_or_null(TEXT), member=_or_null(TEXT), now=_FRACTION, enough=_or_null(_FRACTION),
        at_most=_FRACTION,
    )),
    "win_set_size": COUNT,
    "states": COUNT,
    "window_closes": _or_null(TEXT),
    "window": _object(
        ticks=_or_null(COUNT), steps=_list(_object(after=TEXT, parties=_list(TEXT), passes=_FRACTION))
    ),
    "promises": _list(_object(
        party=TEXT, ends=TEXT, kept=_FRACTION, levels=_map(_object(level=TEXT, returns_to=TEXT)), losses=_map(NUMBER)
    )),
    "kept": _map(_map(_map(_FRACTION))),
    "points": _map(_list(_object(state=STATE, passes=_FRACTION))),
    "examples": _list(_object(requirement=COUNT, state=STATE, passes=_FRACTION, acceptable=TRUTH)),
    "cost": _or_null(_object(
        verdict={"enum": ["zone", "weak", "none"]}, size=COUNT, passing=COUNT,
        ratifiable={"enum": ["zone", "weak", "none"]}, rule=TEXT,
        payoffs=_map(_object(plain=NUMBER, ratifiable=_or_null(NUMBER))),
    )),
    "draws": _or_null(_object(
        draws=COUNT, seed={"type": "integer"}, share=_FRACTION, low=_FRACTION, high=_FRACTION,
        below_after=_list(_FRACTION),
    )),
}  # fmt: skip
_SIGN: dict[str, Any] = {"enum": [">", "~", "<"]}
COMPARE = {
    "expected": TEXT,
    "format": {"enum": ["answer", "csv", "gmcr", "model", "table"]},
    "equal": TRUTH,
    "compared": COUNT,
    "differences": _list(_object(
        concept=TEXT, party=TEXT, state=STATE, expected=TRUTH, found=TRUTH,
        witnesses=_list({"anyOf": [_PROOF, _object(**COALITION_VERDICT)]}), readings=_list(TEXT), hint=_or_null(TEXT),
        kind=_or_null({"enum": ["a", "b", "c", "d", "strong", "weak"]}),
    )),
    "explanations": _list(_object(
        reading=TEXT, says=TEXT, definition=TEXT, concepts=_list(TEXT), explains=COUNT, of=COUNT,
        contradicts=_or_null(COUNT),
    )),
    "rankings": _list(_object(
        party=TEXT, pairs=COUNT, differing=COUNT,
        examples=_list(_object(first=STATE, second=STATE, expected=_SIGN, found=_SIGN)),
    )),
    "states": _object(missing=_list(TEXT), extra=_list(STATE)),
    "not_compared": _list(TEXT),
}  # fmt: skip
CONTRACTS: dict[str, dict[str, Any]] = {
    "check": {
        "findings": _list(FINDING),
        "combinations": COUNT,
        "feasible": COUNT,
        "feasible_exact": TRUTH,
        "states": _or_null(COUNT),
        "claims": _list(CLAIM),
    },
    "states": STATES,
    "stability": {
        **STATES,
        "concepts": _list(TEXT),
        "stable": _map(_map(STATES_OR_COUNT)),
        "equilibria": _map(_or_null(_list(STATE))),
        # answered where asked for, else null
        "coalitions": _or_null(_object(**COALITIONS)),
        "jumps": _or_null(_object(**JUMPS)),
        "foresight": _or_null(_object(**FORESIGHT)),
        "unknown": _or_null(_object(**UNKNOWN)),
        "strength": _or_null(_object(**STRENGTH)),
        "shares": _or_null(_object(**SHARES)),
        "misperception": _or_null(_object(**MISPERCEPTION)),
        "verdicts": _or_null(_list({"anyOf": [_PROOF, _object(**COALITION_VERDICT)]})),
    },
    "settle": {**SETTLE, "ratifiable": RATIFIABLE},
    "ratify": RATIFY,
    "compare": COMPARE,
    "brief": {"title": TEXT, "sections": _list(SECTION)},
}


def result_schema(verb: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a verb's answer, envelope included."""
    fields = {**HEAD, **CONTRACTS[verb], "verb": {"const": verb}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"detente {verb}, contract 1",
        **_object(**fields),
    }
