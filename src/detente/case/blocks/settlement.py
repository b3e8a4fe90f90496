"""``settlement``: what the search for a deal takes as given beyond the preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from detente.case.fields import Block, Identifier, NotNegative, OrEmpty, Truth

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile


class Settlement(Block):
    """How much each party counts, and whether utilities of different parties may be compared.

    Attributes:
        weights: bargaining power; 1 for a party that is not named.
        comparable: whether one unit of utility means the same for every party.
    """

    weights: Annotated[dict[Identifier, NotNegative], OrEmpty] = Field(default_factory=dict)
    comparable: Truth = False


def check_settlement(file: CaseFile, checker: Checker) -> None:
    """Weights are of signatories, and not all are 0."""
    weights = file.settlement.weights
    for party, weight in weights.items():
        path = ("settlement", "weights", party)
        checker.party(path, party)
        checker.amount(path, weight)
        known = file.parties.get(party)
        if known is not None and known.role != "signatory":
            signatories = [p for p, w in file.parties.items() if w.role == "signatory"]
            expected = f"a signatory: {', '.join(signatories) or 'this case has none'}"
            checker.error(path, f"a weight of {party}, whose role is {known.role}", expected, key=True)
    voices = [p for p, w in file.parties.items() if w.role == "signatory"]
    known_weights = [checker.mean(weights[p]) for p in voices if p in weights] if not checker.problems else []
    if voices and len(known_weights) == len(voices) and not any(known_weights):
        checker.error(("settlement", "weights"), "weights that are all 0", "at least one above 0")
