"""The JSON Schema of the agreement file, generated from its models."""

from __future__ import annotations

from typing import Any

from detente.agreement.file import AgreementFile
from detente.agreement.reading import NAMED, READABLE
from detente.case.schema import any_for_one


def agreement_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of an agreement file, for editors and checks."""
    schema = AgreementFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "detente agreement, format 1"
    blocks = {b: {"type": "object"} if b in NAMED else {} for b in READABLE}
    reading = {"type": ["object", "null"], "properties": blocks, "additionalProperties": False}
    schema["properties"]["readings"] = {"type": ["object", "null"], "additionalProperties": reading}
    for name in (
        "PartyBlock",
        "BodyBlock",
        "OptionBlock",
        "QuantityBlock",
        "AmendmentBlock",
        "CalendarBlock",
        "AgreementGaps",
        "CommitmentGaps",
    ):
        schema["$defs"][name]["type"] = ["object", "null"]
    return any_for_one(schema)  # type: ignore[no-any-return]
