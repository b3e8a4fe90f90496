"""What stands in the agenda of a run besides commitments, formulas and consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detente.agreement import table as at
from detente.agreement.facts_breaches import restore_executed
from detente.agreement.nodes import Hold, Node
from detente.agreement.periods import Instant
from detente.agreement.records import Record

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


class Look:
    """An instant that is looked at."""

    def wake(self, machine: Machine) -> None:
        """Nothing: being looked at is all."""


class End:
    """Sunset, or the end of an exit's notice."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    def wake(self, machine: Machine) -> None:
        """Row 17 for all but the survivors that is not terminal once the facts of the instant have acted."""
        concerned = [n for n in self.nodes if n.number >= 0 and not n.terms.survives]
        machine.ending.update(concerned)
        machine.touched.update(n for n in concerned if n.life not in at.TERMINAL)


class Unhold:
    """The end of an accepted excuse."""

    def __init__(self, node: Node, hold: Hold) -> None:
        self.node, self.hold = node, hold

    def wake(self, machine: Machine) -> None:
        """The hold ends."""
        machine.release(self.node, self.hold)


class Basis(NamedTuple):
    """The basis of something executed was corrected away: when, the record, the commitments it was executed against."""

    instant: Instant
    record: Record
    nodes: tuple[str, ...]

    def wake(self, machine: Machine) -> None:
        """A restoration is due."""
        restore_executed(machine, self.record, self.nodes)
