"""The contract of compare."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, STATE, TEXT, TRUTH, list_of, object_of, or_null
from detente.cli.contracts.stability import COALITION_VERDICT, PROOF

_SIGN: dict[str, Any] = {"enum": [">", "~", "<"]}
COMPARE = {
    "expected": TEXT,
    "format": {"enum": ["answer", "csv", "gmcr", "model", "table"]},
    "equal": TRUTH,
    "compared": COUNT,
    "differences": list_of(object_of(
        concept=TEXT, party=TEXT, state=STATE, expected=TRUTH, found=TRUTH,
        witnesses=list_of({"anyOf": [PROOF, object_of(**COALITION_VERDICT)]}), readings=list_of(TEXT),
        hint=or_null(TEXT), kind=or_null({"enum": ["a", "b", "c", "d", "strong", "weak"]}),
    )),
    "explanations": list_of(object_of(
        reading=TEXT, says=TEXT, definition=TEXT, concepts=list_of(TEXT), explains=COUNT, of=COUNT,
        contradicts=or_null(COUNT),
    )),
    "rankings": list_of(object_of(
        party=TEXT, pairs=COUNT, differing=COUNT,
        examples=list_of(object_of(first=STATE, second=STATE, expected=_SIGN, found=_SIGN)),
    )),
    "states": object_of(missing=list_of(TEXT), extra=list_of(STATE)),
    "not_compared": list_of(TEXT),
}  # fmt: skip
