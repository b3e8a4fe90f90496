"""What ``draft`` answers: an agreement that can be read, tracked and linted, and what in it is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from detente.agreement.drafting.acts import Stage
from detente.agreement.model import Agreement
from detente.agreement.terms import Commitment
from detente.base.result import Result
from detente.base.table import Table
from detente.base.wording import listed
from detente.case.model import Case


@dataclass(frozen=True)
class Gap:
    """What is open.

    Attributes:
        subject: a commitment by id; empty for the agreement as a whole.
        slot: what is open.
        reason: why.
    """

    subject: str
    slot: str
    reason: str


@dataclass(frozen=True, repr=False, eq=False)
class Draft(Result):
    """The draft of an agreement.

    Attributes:
        case: the case as asked.
        tree: the agreement file as plain data.
        agreement: the same, checked.
        target: option -> level.
        stages: the steps; without an order one that holds all moves.
        stage_of: commitment -> number of its step; 0: holds throughout.
        enforceable: whether the plan behind it enforces itself; None: for all sides, as it is not for them to see.
        warning: what a reader must know before all else; empty where the plan of the case holds.
        comments: top-level key or commitment -> a line above it in the file.
        shared: whether what is private is left out.
    """

    case: Case
    tree: Mapping[str, Any]
    agreement: Agreement
    target: Mapping[str, str]
    stages: tuple[Stage, ...]
    stage_of: Mapping[str, int]
    enforceable: bool | None
    warning: str
    comments: Mapping[str, str]
    shared: bool = False

    @property
    def ordered(self) -> bool:
        """Whether the steps have an order."""
        return all(s.periods is not None for s in self.stages)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Everything that is open, those of the agreement as a whole first."""
        terms = self.agreement.terms()
        whole = [Gap("", slot, reason) for slot, reason in terms.gaps.items()]
        return (*whole, *(Gap(c.id, s, r) for c in terms.commitments for s, r in c.gaps.items()))

    @cached_property
    def alike(self) -> tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]:
        """What is open, why, and of what: slots open of the same commitments for the same reason together."""
        subjects: dict[tuple[str, str], list[str]] = {}
        for gap in self.gaps:
            subjects.setdefault((gap.slot, gap.reason), []).append(gap.subject)
        slots: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for (slot, reason), who in subjects.items():
            slots.setdefault((reason, tuple(who)), []).append(slot)
        return tuple((tuple(open_yet), reason, who) for (reason, who), open_yet in slots.items())

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of ``draft``."""
        return {
            "agreement": self.tree,
            "digest_of_agreement": self.agreement.digest,
            "enforceable": self.enforceable,
            "warning": self.warning,
            "target": dict(self.target),
            "steps": [
                {
                    "n": s.number if s.periods is not None else None,
                    "periods": s.periods,
                    "by": s.by or None,
                    "commitments": [c for c, n in self.stage_of.items() if n == s.number],
                }
                for s in self.stages
            ],
            "throughout": [c for c, n in self.stage_of.items() if n == 0],
            "gaps": [{"commitment": g.subject, "slot": g.slot, "reason": g.reason} for g in self.gaps],
        }

    def table(self) -> Table:
        """Step, who, what, by when, checked by whom, or else what."""
        from detente.agreement.drafting.telling import draft_table

        return draft_table(self)

    def who(self, commitment: Commitment) -> str:
        """Who owes it, for readers."""
        return listed([self.agreement.called(p) for p in commitment.obligors])
