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
_SIGN: dict[str, Any] = {"enum": [">", "~", "<"]}
COMPARE = {
    "expected": TEXT,
    "format": {"enum": ["answer", "csv", "gmcr", "model", "table"]},
    "equal": TRUTH,
    "compared": COUNT,
    "differences": _list(_object(
        concept=TEXT, party=TEXT, state=STATE, expected=TRUTH, found=TRUTH, witnesses=_list(_PROOF),
        readings=_list(TEXT), hint=_or_null(TEXT),
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
    },
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
