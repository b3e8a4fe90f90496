"""Small agreements for the checks of lint: two parties, two bodies, commitments as given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.model import Agreement
from detente.case.model import Case

CASE: dict[str, Any] = {
    "detente": "1",
    "name": "small",
    "parties": {"k": {"name": "K"}, "u": {"name": "U"}},
    "options": {
        "freeze": {"party": "k", "levels": ["running", "frozen", "gone"], "irreversible": ["gone"]},
        "watch": {"party": "k", "levels": ["none", "cameras", "inspectors"]},
        "oil": {"party": "u", "levels": ["none", "half", "full"]},
        "ties": {"party": "u", "levels": ["closed", "open"]},
    },
    "infeasible": ["watch == inspectors and freeze == running", "oil == full and ties == closed"],
    "status_quo": {"freeze": "running", "watch": "none", "oil": "none", "ties": "closed"},
    "preferences": {
        "k": {"utility": {
            "freeze": {"frozen": "-5", "gone": "-8"}, "watch": {"cameras": "-1", "inspectors": "-4"},
            "oil": {"half": "4", "full": "9"}, "ties": {"open": "6"}}},
        "u": {"utility": {
            "freeze": {"frozen": "3", "gone": "6"}, "watch": {"cameras": "1", "inspectors": "2"},
            "oil": {"half": "-2", "full": "-4"}, "ties": {"open": "-1"}}},
    },
}  # fmt: skip


def case(**blocks: Any) -> Case:
    """The case, with some blocks in place of its own."""
    return Case.from_dict({**CASE, **blocks})


def small(commitments: Mapping[str, Any], linked: Any = None, **blocks: Any) -> Agreement:
    """An agreement of k and u with a verifier, an arbiter and a bank; each commitment is k's unless it says another."""
    tree: dict[str, Any] = {
        "detente-agreement": "1",
        "name": "small",
        "zone": "UTC",
        "parties": {"k": {"name": "K"}, "u": {"name": "U"}},
        "bodies": {"v": {"role": "verifier"}, "w": {"role": "arbiter"}, "bank": {"role": "depositary"}},
        "quantities": {"stock": {"unit": "kg"}, "money": {"unit": "EUR"}},
        "events": {"storm": "A storm"},
        "commitments": {
            n: {"obligors": "k", "action": {"text": f"Does {n}."}, **fields} for n, fields in commitments.items()
        },
        **blocks,
    }
    if linked is None:
        known = {"freeze": ["running", "frozen", "gone"], "watch": ["none", "cameras", "inspectors"]}
        tree["options"] = {n: {"levels": levels} for n, levels in known.items()}
        return Agreement.from_dict(tree)
    return Agreement.from_dict({**tree, "case": "small"}, cases=lambda _: linked)


def found(
    check: Callable[[Read], Iterator[Finding]], agreement: Agreement, reading: str | None = None
) -> list[Finding]:
    """What a check finds."""
    return list(check(Read.of(agreement, reading)))


def ids(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Check, severity and subject of each."""
    return [(f.id, f.severity, f.subject) for f in findings]
