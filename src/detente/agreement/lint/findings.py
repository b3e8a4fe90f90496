"""What a check finds: where, how grave, why it matters, the witness that proves it, and words that would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file; lines and columns from 1, None for an agreement built in code."""

    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the agreement lacks or that cannot work.

    Attributes:
        id: of the check, such as ``V3``.
        severity: ``error`` (cannot be relied on), ``warning`` (will be disputed or is lopsided), ``info``.
        subject: the commitment, power, group or party it is about, by id; empty for the agreement as a whole.
        path: keys that lead to the words concerned in the file.
        place: line and column of ``path``.
        why: why it matters, one or two sentences for readers, with names instead of ids.
        witness: what proves it, as plain data (texts, numbers, lists, mappings), enough for an independent checker.
        repair: words or fields that would mend it.
        reading: the party under whose reading it is found; None: in the shared text.
        declared: the reason, where the text says itself that this is open (a gap or a deliberate ambiguity).
    """

    id: str
    severity: Severity
    subject: str
    path: tuple[str | int, ...]
    place: Place
    why: str
    witness: Mapping[str, object] = field(default_factory=dict)
    repair: str = ""
    reading: str | None = None
    declared: str = ""
