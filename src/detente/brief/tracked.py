"""An agreement with its ledger, as the brief tells it."""

from __future__ import annotations

from dataclasses import dataclass

from detente.agreement.ledger.chain import Head
from detente.agreement.tracking import Status, day_text


@dataclass(frozen=True)
class Tracked:
    """An agreement with its ledger.

    Attributes:
        status: how it stands at a date, as known at another.
        head: the last record of the ledger, or None: nothing has been recorded.
        shipped: whether the records are those that the catalog tells, and no ledger.
        shared: whether what rests on private worths is left out.
    """

    status: Status
    head: Head | None = None
    shipped: bool = False
    shared: bool = False

    @property
    def when(self) -> str:
        """The date looked at."""
        return f"as it stands at the end of {day_text(self.status.run.calendar, self.status.at)}"
