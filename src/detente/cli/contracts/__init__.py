"""The JSON contracts of the verbs as JSON Schema."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.compare import COMPARE
from detente.cli.contracts.draft import DRAFT
from detente.cli.contracts.forecast import FORECAST
from detente.cli.contracts.lint import LINT, LINT_PROSE
from detente.cli.contracts.parts import (
    COUNT,
    HEAD,
    STATE,
    STATES_OR_COUNT,
    TEXT,
    TRUTH,
    list_of,
    map_of,
    object_of,
    or_null,
)
from detente.cli.contracts.plan import PLAN
from detente.cli.contracts.ratification import RATIFY
from detente.cli.contracts.settlement import RATIFIABLE, SETTLE
from detente.cli.contracts.stability import (
    CLAIM,
    COALITION_VERDICT,
    COALITIONS,
    FINDING,
    FORESIGHT,
    JUMPS,
    MISPERCEPTION,
    PROOF,
    SECTION,
    SHARES,
    STATES,
    STRENGTH,
    UNKNOWN,
)
from detente.cli.contracts.track import TRACK

__all__ = ["CONTRACTS", "result_schema"]

CONTRACTS: dict[str, dict[str, Any]] = {
    "check": {
        "findings": list_of(FINDING),
        "combinations": COUNT,
        "feasible": COUNT,
        "feasible_exact": TRUTH,
        "states": or_null(COUNT),
        "claims": list_of(CLAIM),
    },
    "states": STATES,
    "stability": {
        **STATES,
        "concepts": list_of(TEXT),
        "stable": map_of(map_of(STATES_OR_COUNT)),
        "equilibria": map_of(or_null(list_of(STATE))),
        # answered where asked for, else null
        "coalitions": or_null(object_of(**COALITIONS)),
        "jumps": or_null(object_of(**JUMPS)),
        "foresight": or_null(object_of(**FORESIGHT)),
        "unknown": or_null(object_of(**UNKNOWN)),
        "strength": or_null(object_of(**STRENGTH)),
        "shares": or_null(object_of(**SHARES)),
        "misperception": or_null(object_of(**MISPERCEPTION)),
        "verdicts": or_null(list_of({"anyOf": [PROOF, object_of(**COALITION_VERDICT)]})),
    },
    "settle": {**SETTLE, "ratifiable": RATIFIABLE},
    "ratify": RATIFY,
    "plan": PLAN,
    "draft": DRAFT,
    "lint": LINT,
    "lint prose": LINT_PROSE,
    "forecast": FORECAST,
    "compare": COMPARE,
    **TRACK,
    "brief": {"title": TEXT, "sections": list_of(SECTION)},
}


def result_schema(verb: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a verb's answer, envelope included."""
    fields = {**HEAD, **CONTRACTS[verb], "verb": {"const": verb}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"detente {verb}, contract 1",
        **object_of(**fields),
    }
