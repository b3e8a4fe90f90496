"""What would follow if more were recorded: hypothetical records appended, nothing saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from detente.agreement.effective import Irregular
from detente.agreement.machine import Transition
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.run import Run, run
from detente.agreement.standing import Standing
from detente.agreement.terms import Terms


@dataclass(frozen=True, slots=True)
class Difference:
    """One commitment that stands otherwise; before or after is None where it is not there."""

    commitment: str
    before: Standing | None
    after: Standing | None

    @property
    def fields(self) -> tuple[str, ...]:
        """What is different."""
        if self.before is None or self.after is None:
            return ("life",)
        return tuple(
            name for name in Standing.__dataclass_fields__ if getattr(self.before, name) != getattr(self.after, name)
        )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What hypothetical records would change.

    Attributes:
        at: the instant compared.
        changed: commitments that would stand otherwise, by id.
        moves: moves that only happen with them; lost: moves that no longer happen.
        irregular: those of the hypothetical records that would change nothing, with the reasons.
        before, after: both runs.
    """

    at: Instant
    changed: tuple[Difference, ...]
    moves: tuple[Transition, ...]
    lost: tuple[Transition, ...]
    irregular: tuple[Irregular, ...]
    before: Run
    after: Run


def what_if(terms: Terms, records: Sequence[Record], further: Sequence[Record], at: Instant) -> WhatIf:
    """Compare the run over a ledger with the run over the ledger and more.

    Args:
        terms: the agreement.
        records: the ledger, in order of seq.
        further: hypothetical records; they are numbered after the last, in the order given.
        at: the instant at which all is compared.
    """
    last = max((r.seq for r in records), default=0)
    added = [replace(r, seq=last + n) for n, r in enumerate(further, 1)]
    before, after = run(terms, records, at), run(terms, [*records, *added], at)
    one, two = ({s.id: s for s in r.at(at)} for r in (before, after))
    changed = tuple(
        Difference(name, one.get(name), two.get(name))
        for name in sorted(one.keys() | two.keys())
        if one.get(name) != two.get(name)
    )
    moved, moves = ({_key(m) for m in r.history} for r in (before, after))
    return WhatIf(
        at,
        changed,
        tuple(m for m in after.history if _key(m) not in moved),
        tuple(m for m in before.history if _key(m) not in moves),
        tuple(i for i in after.irregular if i.seq is not None and i.seq > last),
        before,
        after,
    )


def _key(move: Transition) -> tuple[Instant, str, str, str, str]:
    return move.instant, move.commitment, move.row, move.before, move.after
