"""What reading a file gives, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass

from detente.base.errors import Problem
from detente.case.model import Case


@dataclass(frozen=True)
class Opened:
    """A file that has been read.

    Attributes:
        case: what it says as a case.
        losses: what is in the file and not in the case, and what looks wrong in it, with places.
        format: id of its format.
        coalitions: groups of parties that the file treats as one, which a case does not hold.
    """

    case: Case
    losses: tuple[Problem, ...]
    format: str
    coalitions: tuple[tuple[str, ...], ...] = ()
