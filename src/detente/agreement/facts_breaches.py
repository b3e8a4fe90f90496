"""Non-performance, and what is done about a breach: notified, blocked, executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.agreement import table as at
from detente.agreement.consequences import Entry, begin_breach, targets_of
from detente.agreement.nodes import Node
from detente.agreement.records import Record

if TYPE_CHECKING:
    from detente.agreement.machine import Machine


def declare_nonperformance(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 6."""
    if not any(p in node.obligors for p in record.by):
        return "it is not by an obligor"
    if node.life not in (at.DUE, at.OVERDUE):
        return f"it is {node.life}"
    declared(machine, node, record.seq)
    return None


def declared(machine: Machine, node: Node, seq: int) -> None:
    """Row 6: the deadline is not awaited."""
    begin_breach(machine, node, node.life, seq)
    machine.move(node, at.BREACHED, "6", seq)


def entry_of(node: Node, record: Record) -> Entry | str:
    """The consequence of the breach that stands which a record names, or why there is none."""
    if node.breach is None or not node.breach.stands:
        return "no breach of it stands"
    said = record.body.get("consequence")
    text = str(said)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= len(node.breach.entries):
        return "there is no consequence of that number"
    return node.breach.entries[number - 1]


def notify(machine: Machine, node: Node, record: Record) -> str | None:
    """A party invokes the consequence that is its power."""
    entry = entry_of(node, record)
    if isinstance(entry, str):
        return entry
    if entry.what.power_of is None:
        return "this consequence applies by itself"
    if entry.what.power_of not in record.by:
        return "it is not by the party whose power this is"
    if entry.ready is not None or entry.done:
        return "it has been notified for this breach before"
    entry.start(machine, record.seq)
    return None


def block(machine: Machine, node: Node, record: Record) -> str | None:
    """A party objects within the window."""
    entry = entry_of(node, record)
    if isinstance(entry, str):
        return entry
    objection = entry.what.objection
    who = [p for p in record.by if objection is not None and p in objection.blockers]
    if not who:
        return "it is not by a party that can block it"
    if entry.ready is None or entry.applies is None or not entry.ready <= machine.now < entry.applies:
        return "it is not within the time to object"
    entry.blocked_by.update(who)
    return None


def execute(machine: Machine, node: Node, record: Record) -> str | None:
    """What a consequence allows has been done."""
    if machine.parties.isdisjoint(record.by):
        return "it is not by a party"
    entry = entry_of(node, record)
    if isinstance(entry, str):
        return entry
    if entry.applied is None:
        return "this consequence has not applied"
    entry.breach.executed.append((record, entry))
    machine.executed.setdefault(record.seq, []).append(node.id)
    return None


def restore_executed(machine: Machine, record: Record, nodes: tuple[str, ...]) -> None:
    """What was executed has lost its basis through a correction."""
    number = int(str(record.body.get("consequence")))
    for name in nodes:
        node = machine.nodes.get(name)
        if node is not None and number <= len(node.terms.on_breach):
            machine.restore(record, node, targets_of(machine, node.terms.on_breach[number - 1]))
