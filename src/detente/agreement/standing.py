"""How a commitment stands at an instant (docs/agreement-semantics.md, 8)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from detente.agreement import table as at
from detente.agreement.nodes import Finding, Hold
from detente.agreement.periods import Instant

PENDING = frozenset({at.DUE, at.OVERDUE, at.DISPUTED, at.BREACHED})
NOT_RATED = frozenset({at.WAIVED, at.TERMINATED, at.SUPERSEDED})
THIRD = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class Standing:
    """One commitment, part or instance at one instant.

    Attributes:
        of: the commitment as written (``id`` may be a part or an instance of it).
        holds: (reason, source) of each hold.
        late: of the last claim; None: it cannot be told.
        deadline: the first instant no longer in time, as it stands then.
        cure_end, verify_end, dispute_end: while that time runs.
        shadow_deadline: the deadline if the excuses that nobody has accepted were accepted, or None.
        breached_at, blame: of the breach that stands.
        episodes: of what is kept: stretches of violation; the end of an open one is None.
        waiting_for: of what waits: the parts of its trigger that are not true, in plain words.
    """

    id: str
    of: str
    life: str
    holds: frozenset[Hold]
    finding: Finding
    late: bool | None
    progress: Fraction
    activated: Instant | None
    deadline: Instant | None
    cure_end: Instant | None
    verify_end: Instant | None
    dispute_end: Instant | None
    shadow_deadline: Instant | None
    breached_at: Instant | None
    blame: tuple[str, ...]
    episodes: tuple[tuple[Instant, Instant | None], ...]
    waiting_for: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether anything holds it."""
        return bool(self.holds)

    @property
    def score(self) -> int | None:
        """Score on the scale of implementation studies, 0 to 3; None: not rated."""
        life = self.life
        if life in NOT_RATED:
            return None
        if life in at.DONE:
            return 3
        small = self.progress < THIRD
        if life in (at.CLAIMED, at.UNVERIFIED):
            return 1 if small else 2
        if life in PENDING:
            return 0 if self.progress == 0 else 1 if small else 2
        return 0
