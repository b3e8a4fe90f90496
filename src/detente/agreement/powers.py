"""Powers: who may do what to which commitments, while it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.agreement.calendar import CalendarError
from detente.agreement.nodes import Node
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.terms import On, Power, Within

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


class Holder:
    """A power and what is left of it.

    Args:
        machine: the run.
        power: as written.
    """

    def __init__(self, machine: Machine, power: Power) -> None:
        self.power = power
        self.used: int | None = None  # the record that used it
        self.when = machine.truth.watch(power.when)
        expires = power.expires
        self.anchor = None
        if isinstance(expires, Within):
            self.anchor = machine.truth.watch(expires.anchor) if expires.anchor is not None else self.when

    def expiry(self, machine: Machine) -> Instant | None:
        """The instant at which it is gone, if that is known."""
        expires = self.power.expires
        if isinstance(expires, On):
            return machine.calendar.deadline(expires.moment)
        if isinstance(expires, Within) and self.anchor is not None and self.anchor.first is not None:
            try:
                return machine.calendar.after(self.anchor.first, expires.period)
            except CalendarError as error:
                machine.no_day(self.power.id, error)
        return None

    def usable(self, machine: Machine, seq: int) -> bool:
        """Whether a record can use it now; one record can use it for several parts."""
        if self.power.once and self.used not in (None, seq):
            return False
        expiry = self.expiry(machine)
        return (expiry is None or machine.now < expiry) and machine.truth.live(self.when)

    def covers(self, node: Node | None) -> bool:
        """Whether it is about a commitment (None: about the agreement)."""
        if "agreement" in self.power.targets:
            return True
        return node is not None and not node.names.isdisjoint(self.power.targets)


def power_for(machine: Machine, may: str, node: Node | None, record: Record) -> Holder | None:
    """The first usable power of one of these to do this."""
    for holder in machine.holders:
        power = holder.power
        if (
            power.may == may
            and power.holder in record.by
            and holder.covers(node)
            and holder.usable(machine, record.seq)
        ):
            return holder
    return None
