"""The contract of draft."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, TEXT, TRUTH, list_of, map_of, object_of, or_null

DRAFT: dict[str, Any] = {
    "agreement": {"type": "object"},  # an agreement file: its schema is that of `detente schema --agreement`
    "digest_of_agreement": TEXT,
    "enforceable": or_null(TRUTH),  # null: for all sides, as it rests on what leaving is worth to each
    "warning": TEXT,
    "target": map_of(TEXT),
    "steps": list_of(object_of(n=or_null(COUNT), periods=or_null(COUNT), by=or_null(TEXT), commitments=list_of(TEXT))),
    "throughout": list_of(TEXT),
    "gaps": list_of(object_of(commitment=TEXT, slot=TEXT, reason=TEXT)),
}
