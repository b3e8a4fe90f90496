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
