"""From the commitments as written to those that have a state: parts of each obligor, instances of recurrent ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.agreement.calendar import CalendarError
from detente.agreement.nodes import Group, Node
from detente.agreement.terms import Commitment, Deadline, Every
from detente.agreement.time_text import LAST_YEAR

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

MOST_INSTANCES = 10_000


def endless_rule(deadline: Deadline | None) -> bool:
    """Whether a recurrence has no end of its own."""
    return isinstance(deadline, Every) and not ("COUNT=" in deadline.rule or "UNTIL=" in deadline.rule)


def build_nodes(machine: Machine) -> None:
    """Make all commitments that have a state, and the names that mean them."""
    for terms in machine.terms.commitments:
        if terms.mode == "each":
            parts = [_one(machine, terms, f"{terms.id}@{party}", (party,)) for party in terms.obligors]
            machine.names[terms.id] = Group(terms.id, parts, recurrent=False)
        else:
            _one(machine, terms, terms.id, terms.obligors)
    activated = {
        name for c in machine.terms.commitments for e in c.on_breach if e.effect == "activate" for name in e.targets
    }
    for node in machine.nodes.values():
        node.callable = "agreement" in activated or not node.names.isdisjoint(activated)


def _one(machine: Machine, terms: Commitment, name: str, obligors: tuple[str, ...]) -> Node | Group:
    """A commitment or a part: itself, or its instances."""
    if not isinstance(terms.deadline, Every):
        node = Node(name, terms, obligors, frozenset({name, terms.id}))
        machine.names[name] = machine.nodes[name] = node
        return node
    every, endless = terms.deadline, endless_rule(terms.deadline)
    if endless:
        every = Every(f"{every.rule};UNTIL={LAST_YEAR}1231", every.start)
    try:
        ends = machine.calendar.occurrences(every, MOST_INSTANCES)
    except CalendarError as error:
        machine.no_day(name, error)
        ends = ()
    instances: list[Node] = []
    for number, end in enumerate(ends, 1):
        node = Node(f"{name}#{number}", terms, obligors, frozenset({f"{name}#{number}", name, terms.id}))
        node.number, node.occurrence = number, end
        node.previous = ends[number - 2] if number > 1 else None
        instances.append(node)
        machine.names[node.id] = machine.nodes[node.id] = node
    group = Group(name, instances, recurrent=True, endless=endless)
    for node in instances:
        node.group = group
    machine.names[name] = group
    return group


def counterparts(machine: Machine, old: Node, new: str) -> tuple[list[Node], bool]:
    """Who follows a replaced commitment, and whether it is its counterpart (then it carries the progress)."""
    own = new + old.id[len(old.of) :]
    found = machine.names.get(own)
    if isinstance(found, Node):
        return [found], True
    return machine.nodes_of(new), False
