"""The pieces that the JSON contracts are made of."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TRUTH: dict[str, Any] = {"type": "boolean"}
STATE: dict[str, Any] = {"type": "string", "pattern": "^s[1-9][0-9]*$"}
NO_VALUE: dict[str, Any] = {"type": "null"}
FRACTION: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
NUMBER: dict[str, Any] = {"type": "number"}


def or_null(kind: dict[str, Any]) -> dict[str, Any]:
    """Something, or null."""
    return {"anyOf": [kind, NO_VALUE]}


def list_of(kind: dict[str, Any]) -> dict[str, Any]:
    """A list of something."""
    return {"type": "array", "items": kind}


def map_of(kind: dict[str, Any]) -> dict[str, Any]:
    """Names with something."""
    return {"type": "object", "additionalProperties": kind}


def object_of(**fields: dict[str, Any]) -> dict[str, Any]:
    """These fields, all required and no others."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


STATES_OR_COUNT: dict[str, Any] = {"anyOf": [list_of(STATE), COUNT, NO_VALUE]}
HEAD = {
    "detente": TEXT,
    "contract": {"const": 1},
    "verb": TEXT,
    "case": TEXT,
    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    "view": or_null(TEXT),
    "types": map_of(TEXT),
    "changes": list_of(object_of(path=TEXT, value=TEXT)),
    "parameters": {"type": "object"},
    "seed": or_null({"type": "integer"}),
    "exact": TRUTH,
    "warnings": list_of(TEXT),
    "limits": {"type": "object"},
}
