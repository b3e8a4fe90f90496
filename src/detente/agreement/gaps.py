"""What an agreement leaves open, where it stands in the way of its run."""

from __future__ import annotations

from detente.agreement.terms import Terms
from detente.base.errors import UsageError, shown


def refuse_without_actor(terms: Terms) -> None:
    """Nothing is tracked before every commitment has somebody who owes it.

    Raises:
        UsageError: a commitment without an obligor, with the reason that its gap gives.
    """
    for commitment in terms.commitments:
        if not commitment.obligors:
            told = commitment.gaps.get("actor", "")
            found = f"{shown(commitment.id)}, of which it is open who owes it" + (f" ({told})" if told else "")
            fix = f"Write obligors: in {commitment.id} and take the gap of its actor out."
            raise UsageError(found, "an obligor for every commitment", fix)
