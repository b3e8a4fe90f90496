"""``Agreement``: the written agreement, checked and frozen."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from detente.agreement.checker import Cases
from detente.agreement.compiling import terms_of
from detente.agreement.file import AgreementFile
from detente.agreement.reading import read_agreement_tree
from detente.agreement.terms import Terms
from detente.base.errors import CaseError, Problem, UsageError, did_you_mean, shown
from detente.base.wording import words
from detente.case.model import Case, digest_of
from detente.case.yaml_tree import read_tree
from detente.catalog import catalog_names, catalog_text


def catalog_case(name: str) -> Case:
    """A case of the catalog: all that an agreement without a folder can be linked to.

    Raises:
        UsageError: the catalog has no case of this name.
    """
    known = catalog_names()
    if name not in known:
        raise UsageError(f"no case {shown(name)} in the catalog", "a case of the catalog", did_you_mean(name, known))
    return Case.from_text(catalog_text(name), f"{name}.case.yaml")


class Agreement:
    """One written agreement, valid by construction.

    Args:
        tree: mappings, lists and texts.
        source: name of the file it came from, or None.
        cases: reads a linked case by what is written under ``case``; by default only those of the catalog.

    Attributes:
        tree: what was written.
        source: name of the file, or None.
        file: the blocks as written.
        readings: party -> the blocks as it reads them, for parties with a reading of their own.
        warnings: what should be looked at, found while reading.

    Raises:
        CaseError: every problem found, with its place.
    """

    def __init__(self, tree: Any, source: str | None = None, cases: Cases = catalog_case) -> None:
        self.tree = tree
        self.source = source
        self._cases = cases
        self._linked: Case | None = None
        read = read_agreement_tree(tree, source, self._case)
        if read.problems or read.file is None:
            raise CaseError(read.problems)
        self.file: AgreementFile = read.file
        self.readings = dict(read.readings)
        self.warnings: tuple[Problem, ...] = read.warnings
        self._terms: dict[str | None, Terms] = {}

    @classmethod
    def from_dict(cls, tree: dict[str, Any], cases: Cases = catalog_case) -> Agreement:
        """Build an agreement in code: the same keys, checks and messages as a file.

        Raises:
            CaseError: every problem found, with its path.
        """
        return cls(tree, None, cases)

    @classmethod
    def from_text(cls, data: bytes | str, source: str | None = None, cases: Cases = catalog_case) -> Agreement:
        """Read an agreement from YAML.

        Raises:
            CaseError: every problem found, with file, line and column.
        """
        return cls(read_tree(data, source), source, cases)

    def _case(self, name: str) -> Case:
        if self._linked is None:
            self._linked = self._cases(name)
        return self._linked

    @property
    def name(self) -> str:
        """Slug of the agreement."""
        return self.file.name

    @property
    def title(self) -> str:
        """Title shown to readers."""
        return self.file.title or words(self.file.name)

    @property
    def case(self) -> Case | None:
        """The linked case, read when it is first asked for; None without one.

        Raises:
            CaseError: it cannot be read.
            UsageError: it is not there.
        """
        return None if self.file.case is None else self._case(self.file.case)

    def terms(self, reading: str | None = None) -> Terms:
        """What the file means, as written or as a party reads it.

        Raises:
            UsageError: no such party.
        """
        if reading is not None and reading not in self.file.parties:
            known = list(self.file.parties)
            found = f"a reading of the unknown party {shown(reading)}"
            raise UsageError(found, f"one of {', '.join(known)}", did_you_mean(reading, known))
        key = reading if reading in self.readings else None
        if key not in self._terms:
            self._terms[key] = terms_of(self.readings[key] if key is not None else self.file)
        return self._terms[key]

    def called(self, name: str) -> str:
        """A party, body, commitment or quantity for readers."""
        f = self.file
        for block in (f.parties, f.bodies, f.quantities, f.options):
            if name in block:
                return block[name].name or words(name)
        return (f.commitments[name].title or words(name)) if name in f.commitments else words(name)

    @cached_property
    def digest(self) -> str:
        """``sha256:...`` of what is written, comments and spacing left out."""
        return digest_of(self.tree)

    def __repr__(self) -> str:
        parties = ", ".join(self.called(p) for p in self.file.parties)
        return f"Agreement {self.name}: {self.title}\n{parties}; {len(self.file.commitments)} commitments"
