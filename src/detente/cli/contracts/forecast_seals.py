"""The contracts of sealed forecasts: the file itself (also what opening it prints), and scores."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.forecast import FORECAST
from detente.cli.contracts.parts import FRACTION, HEAD, NUMBER, TEXT, TRUTH, list_of, map_of, object_of, or_null
from detente.cli.contracts.track_record import TRACK_RECORD

_HASH: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_TIME: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
SEALED: dict[str, Any] = {
    "seal": {"const": 1},
    "sealed": _TIME,
    "salt": {"type": "string", "pattern": "^[0-9a-f]{32,128}$"},
    "detente": TEXT,
    "title": TEXT,
    "as_of": or_null(TEXT),
    "provenance": object_of(
        case=TEXT, digest=HEAD["digest"], view=or_null(TEXT), types=map_of(TEXT), changes=list_of(list_of(TEXT)),
        parameters={"type": "object"}, seed=or_null({"type": "integer"}), exact=TRUTH, warnings=list_of(TEXT),
    ),
    "forecast": object_of(**FORECAST),
    # of all the rest: SHA-256 over JSON with sorted keys, ASCII, without spaces
    "hash": _HASH,
}  # fmt: skip
_ROW: dict[str, Any] = {"seal": TEXT, "hash": _HASH, "at": TEXT}
SCORES: dict[str, Any] = {
    "detente": TEXT,
    "contract": {"const": 1},
    "verb": {"const": "forecast"},
    "record": object_of(**TRACK_RECORD),
    "seals": list_of(object_of(seal=TEXT, hash=_HASH, sealed=_TIME, case=TEXT, digest=TEXT, version=TEXT)),
    "graded": list_of(object_of(
        **_ROW, outcome=TEXT, chance=FRACTION, brier=NUMBER, log=or_null(NUMBER), told=or_null(NUMBER),
        base=or_null(NUMBER),
    )),
    "pending": list_of(object_of(**_ROW)),
    "late": list_of(object_of(**_ROW)),
}  # fmt: skip
