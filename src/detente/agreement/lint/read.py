"""What a check is given: one reading of an agreement, and the places of its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detente.agreement.file import AgreementFile
from detente.agreement.lint.findings import Finding, Place, Severity
from detente.agreement.model import Agreement
from detente.agreement.terms import Terms


@dataclass(frozen=True)
class Read:
    """One reading of an agreement.

    Attributes:
        agreement: the whole, with its linked case.
        party: whose reading; None: the shared text.
        file: the blocks as read.
        terms: what they mean.
    """

    agreement: Agreement
    party: str | None
    file: AgreementFile
    terms: Terms

    @classmethod
    def of(cls, agreement: Agreement, party: str | None = None) -> Read:
        """The shared text, or a party's reading of it."""
        file = agreement.readings.get(party, agreement.file) if party is not None else agreement.file
        return cls(agreement, party, file, agreement.terms(party))

    def called(self, name: str) -> str:
        """A party, body, commitment or quantity for readers."""
        return self.agreement.called(name)

    def place(self, path: tuple[str | int, ...]) -> Place:
        """Line and column of the nearest written thing on a path, the party's own words first."""
        if self.party is not None:
            own = _place(self.agreement.tree, ("readings", self.party, *path), len(path) + 2)
            if own is not None:
                return own
        return _place(self.agreement.tree, path, 0) or Place()

    def finding(
        self, check: str, severity: Severity, subject: str, path: tuple[str | int, ...], why: str,
        witness: Mapping[str, object], repair: str,
    ) -> Finding:  # fmt: skip
        """A finding of this reading, with its place."""
        return Finding(check, severity, subject, path, self.place(path), why, witness, repair, self.party)


def _place(tree: Any, path: tuple[str | int, ...], least: int) -> Place | None:
    """The place of the deepest written thing on a path, if at least ``least`` keys are there."""
    at = getattr(tree, "at", None)
    depth = 0
    for key in path:
        if isinstance(tree, dict) and key in tree:
            written = tree.written_key(key) if hasattr(tree, "written_key") else key
            at = getattr(written, "at", at)
            tree = tree[key]
        elif isinstance(tree, list) and isinstance(key, int) and key < len(tree):
            tree = tree[key]
            at = getattr(tree, "at", at)
        else:
            break
        depth += 1
    return Place(*at) if at is not None and depth >= least else None
