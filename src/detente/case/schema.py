"""The JSON Schema of the case file, generated from its models."""

from __future__ import annotations

from typing import Any

from detente.case.file import CaseFile


def case_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a case file, for editors and checks."""
    schema = CaseFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "detente case, format 1"
    _open_view(schema)
    return any_for_one(schema)  # type: ignore[no-any-return]


def any_for_one(node: Any) -> Any:
    """``anyOf`` for ``oneOf``: a word such as ``rest`` may fit two alternatives, and that is no fault."""
    if isinstance(node, dict):
        return {"anyOf" if k == "oneOf" else k: any_for_one(v) for k, v in node.items()}
    return [any_for_one(v) for v in node] if isinstance(node, list) else node


def _open_view(schema: dict[str, Any]) -> None:
    """A view may carry every block of the case but its own identity, partly written."""
    view = schema["$defs"]["View"]
    for block in schema["properties"]:
        if block not in ("detente", "name", "views"):
            view["properties"].setdefault(block, {})
    view["additionalProperties"] = False
    view["type"] = ["object", "null"]
    schema["$defs"]["Party"]["type"] = ["object", "null"]
