"""``claims``: what somebody says the parties want, tested against the preferences as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from detente.case.blocks.preferences import pair_of
from detente.case.fields import Block, Condition, Identifier, Prose

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile


class Claim(Block):
    """Somebody's statement that a party prefers one condition to another, other things equal.

    Attributes:
        by: who says so.
        says: the statement in words.
        party: whose preference it is about.
        prefers: [better, worse].
        source, note: where it is said.
        view: the view in which the claim is to hold; every reading where not given.
    """

    by: Prose | None = None
    says: Prose = ""
    party: Identifier
    prefers: Annotated[tuple[Condition, Condition], BeforeValidator(pair_of)]
    source: Prose | None = None
    note: Prose = ""
    view: Identifier | None = None


def check_claims(file: CaseFile, checker: Checker) -> None:
    """Parties, conditions, sources and views exist."""
    for n, claim in enumerate(file.claims):
        checker.party(("claims", n, "party"), claim.party)
        for k, part in enumerate(claim.prefers):
            checker.condition(("claims", n, "prefers", k), part)
        checker.source(("claims", n, "source"), claim.source)
        if claim.view is not None:
            checker.view(("claims", n, "view"), claim.view)
