"""``terms``: when a party's government ends, and what its promises are worth afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.case.fields import Block, Day, Probability, Prose

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile


class Term(Block):
    """The term of a party's government.

    Attributes:
        ends: its last day.
        reelected: chance that the same government stays.
        honours: chance that another one keeps its promises.
        note, source: where it comes from.
    """

    ends: Day
    reelected: Probability
    honours: Probability
    note: Prose = ""
    source: Prose | None = None


def check_terms(file: CaseFile, checker: Checker) -> None:
    """Parties exist; a term ends after the date of knowledge."""
    for party, term in file.terms.items():
        path = ("terms", party)
        checker.party(path, party)
        for field in ("reelected", "honours"):
            checker.amount((*path, field), getattr(term, field))
        checker.source((*path, "source"), term.source)
        if file.as_of is None and not checker.cut("as_of"):
            fix = "Write as_of: and the date of knowledge."
            checker.error((*path, "ends"), f"{term.ends} in a case without as_of", "a date to count from", fix)
        elif file.as_of is not None and term.ends < file.as_of:
            checker.error((*path, "ends"), f"{term.ends}, before {file.as_of}", "a day on or after as_of")
