"""Records of the ledger: what is said to have happened, by whom, and when it was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from detente.agreement.periods import Instant, Interval

# In the order in which they act at one instant (docs/agreement-semantics.md, 2); corrections act on the log itself.
KINDS = (
    "sign", "ratify", "enter_into_force", "external", "amend", "extend", "excuse", "suspend", "resume", "access",
    "declare_baseline", "claim", "measure", "attest", "verify", "refute", "no_conclusion", "contest",
    "withdraw_contest", "uphold", "overturn", "notify", "block", "execute", "waive", "declare_nonperformance",
    "withdraw", "terminate", "recognise",
)  # fmt: skip
CORRECTIONS = ("retract", "redate", "supersede")
RANK = {kind: rank for rank, kind in enumerate(KINDS)}
CALLED = {  # what records are, for readers
    "sign": "signature",
    "ratify": "ratification",
    "enter_into_force": "entry into force",
    "external": "event",
    "amend": "amendment",
    "extend": "more time",
    "excuse": "excuse",
    "suspend": "suspension",
    "resume": "end of a suspension",
    "access": "report on access",
    "declare_baseline": "baseline",
    "claim": "claim",
    "measure": "measurement",
    "attest": "report of an inspection",
    "verify": "confirmation",
    "refute": "finding against it",
    "no_conclusion": "inspection without a result",
    "contest": "objection to a finding",
    "withdraw_contest": "objection withdrawn",
    "uphold": "decision to uphold",
    "overturn": "decision to overturn",
    "notify": "notice of a consequence",
    "block": "objection to a consequence",
    "execute": "consequence carried out",
    "waive": "waiver",
    "declare_nonperformance": "declaration of non-performance",
    "withdraw": "withdrawal",
    "terminate": "termination",
    "recognise": "answer to a record",
    "retract": "retraction of a record",
    "redate": "new date of a record",
    "supersede": "replacement of a record",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        seq: its number, from 1.
        recorded_at: when it was written down, seconds of UTC.
        occurred: when it happened.
        kind: one of ``KINDS`` or ``CORRECTIONS``.
        subject: a commitment, an event, an amendment, or ``agreement``.
        by: the parties or bodies that say so.
        evidence: references to documents.
        body: further content; numbers are texts.
    """

    seq: int
    recorded_at: Instant
    occurred: Interval
    kind: str
    subject: str
    by: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
