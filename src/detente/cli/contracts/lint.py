"""The contract of lint."""

from __future__ import annotations

from typing import Any

from detente.agreement.lint.findings import SEVERITIES
from detente.agreement.lint.slots import SLOTS
from detente.cli.contracts.parts import COUNT, TEXT, list_of, map_of, object_of, or_null

MARK: dict[str, Any] = {"enum": ["yes", "partly", "no", "open", "n/a"]}
LINT: dict[str, Any] = {
    "findings": list_of(object_of(
        id=TEXT, severity={"enum": list(SEVERITIES)}, subject=TEXT, path=list_of({"anyOf": [TEXT, COUNT]}),
        place=object_of(line=or_null(COUNT), column=or_null(COUNT)), why=TEXT, witness={"type": "object"}, repair=TEXT,
        reading=or_null(TEXT), declared=TEXT,
    )),
    "counts": object_of(**dict.fromkeys(SEVERITIES, COUNT)),
    "slots": map_of(object_of(**dict.fromkeys(SLOTS, MARK))),
    "not_checked": map_of(TEXT),
    "reading": or_null(TEXT),
}  # fmt: skip
LINT_PROSE: dict[str, Any] = {
    "name": TEXT,
    "note": TEXT,
    "counts": map_of(COUNT),
    "findings": list_of(object_of(
        id=TEXT, severity={"enum": list(SEVERITIES)}, subject=TEXT,
        place=object_of(line=or_null(COUNT), column=or_null(COUNT)), why=TEXT, witness={"type": "object"}, repair=TEXT,
    )),
    "proposed": list_of({"type": "object"}),
    "unread": list_of(object_of(line=COUNT, column=COUNT, start=COUNT, end=COUNT, sentence=TEXT, why=TEXT)),
    "names": list_of(object_of(name=TEXT, line=COUNT)),
    "parties": map_of(list_of(TEXT)),
}  # fmt: skip
