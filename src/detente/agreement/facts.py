"""What each kind of record does (docs/agreement-semantics.md, 2 and 4): facts about the agreement, and the list of all.

Each function returns None if the record acted, else the reason, in plain words, why it changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from detente.agreement import facts_acts as acts
from detente.agreement import facts_breaches as breaches
from detente.agreement import facts_changes as changes
from detente.agreement import table as at
from detente.agreement.agenda import End
from detente.agreement.building import counterparts
from detente.agreement.calendar import CalendarError
from detente.agreement.disputes import by_body, contest, overturn, uphold, withdraw_contest
from detente.agreement.effective import reference
from detente.agreement.nodes import Node
from detente.agreement.powers import power_for
from detente.agreement.records import Record
from detente.agreement.terms import QuantityAct

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

Fact = Callable[["Machine", Record], str | None]
OnNode = Callable[["Machine", Node, Record], str | None]
WHOLE = "agreement"


def meant(machine: Machine, record: Record) -> list[Node] | str:
    """The commitments that a record names, or why none."""
    found = machine.names.get(record.subject)
    if found is None:
        return f"there is no commitment {record.subject[:60]}"
    return [found] if isinstance(found, Node) else found.meant(record.kind, record.by)


def on_nodes(act: OnNode) -> Fact:
    """A fact about each of the commitments that its record names; irregular if it acts on none."""

    def fact(machine: Machine, record: Record) -> str | None:
        found = machine.names.get(record.subject)
        if isinstance(found, Node):
            return act(machine, found, record)
        nodes = meant(machine, record)
        if isinstance(nodes, str):
            return nodes
        reasons = [act(machine, node, record) for node in nodes]
        return None if None in reasons else reasons[0]

    return fact


def ruling(act: OnNode) -> Fact:
    """Uphold and overturn: with a ref they are about an excuse."""
    about_breach = on_nodes(act)

    def fact(machine: Machine, record: Record) -> str | None:
        if "ref" in record.body:
            if reference(record.body) not in machine.acceptances:
                return "it names no excuse"
            return None if by_body(machine, record) else "it is not by the body that decides disputes"
        return about_breach(machine, record)

    return fact


def _parties(machine: Machine, record: Record) -> list[str]:
    return [p for p in machine.terms.parties if p in record.by]


def sign(machine: Machine, record: Record) -> str | None:
    """A party signs or ratifies."""
    parties = _parties(machine, record)
    if record.subject != WHOLE:
        return "only the agreement is signed or ratified"
    if not parties:
        return "it is not by a party"
    kind = "Signed" if record.kind == "sign" else "Ratified"
    for party in parties:
        machine.facts.add((kind, party))
        machine.truth.fact(kind, party)
    if kind == "Signed" and not machine.all_signed:
        machine.all_signed = all(("Signed", p) in machine.facts for p in machine.terms.parties)
        if machine.all_signed:
            machine.touched.update(n for n in machine.nodes.values() if n.life == at.INERT)
    return None


def enter_into_force(machine: Machine, record: Record) -> str | None:
    """The agreement enters into force."""
    if record.subject != WHOLE:
        return "only the agreement enters into force"
    if machine.parties.isdisjoint(record.by) and machine.bodies.isdisjoint(record.by):
        return "it is by neither a party nor a body"
    if not machine.is_in_force:
        machine.enter()
    return None


def external(machine: Machine, record: Record) -> str | None:
    """An outside event."""
    if record.subject not in machine.terms.events:
        return "the agreement names no such event"
    machine.facts.add(("Event", record.subject))
    machine.truth.fact("Event", record.subject)
    return None


def amend(machine: Machine, record: Record) -> str | None:
    """Row 18, and new commitments begin."""
    amendment = machine.amendments.get(record.subject)
    if amendment is None:
        return "there is no such amendment"
    if not machine.parties <= set(record.by):
        return "it is not by all parties"
    if amendment.id in machine.made:
        return "this amendment has been made before"
    machine.made.add(amendment.id)
    for old, new in amendment.replaces:
        for node in machine.nodes_of(old):
            if node.life in at.TERMINAL:
                continue
            later, same = counterparts(machine, node, new)
            node.successors = [n for n in later if n is not node]
            for successor in node.successors:
                successor.forward.append(node)
                if same:
                    successor.progress = node.progress
                    machine.mark(successor)
            machine.move(node, at.SUPERSEDED, "18", record.seq)
    machine.touched.update(n for n in machine.nodes.values() if n.terms.amendment == amendment.id)
    return None


def withdraw(machine: Machine, record: Record) -> str | None:
    """A party leaves: the notice of the exit begins, or without one it breaches what is due."""
    parties = _parties(machine, record)
    if record.subject != WHOLE:
        return "only from the agreement can a party withdraw"
    if not parties:
        return "it is not by a party"
    for party in parties:
        if machine.terms.exit is not None:
            _exit(machine, party)
            continue
        for node in list(machine.nodes.values()):
            if party in node.obligors and node.life in (at.DUE, at.OVERDUE):
                breaches.declared(machine, node, record.seq)
    return None


def _exit(machine: Machine, party: str) -> None:
    assert machine.terms.exit is not None  # noqa: S101 - asked before
    few = len(machine.terms.parties) <= 2
    nodes = [n for n in machine.nodes.values() if few or party in n.obligors or n.obligees == (party,)]
    try:
        machine.at(machine.calendar.after(machine.now, machine.terms.exit.notice), End(nodes))
    except CalendarError as error:
        machine.no_day(WHOLE, error)


def terminate(machine: Machine, record: Record) -> str | None:
    """Row 17, of a commitment or of all that do not survive."""
    if record.subject != WHOLE:
        return TERMINATE_ONE(machine, record)
    if not machine.parties <= set(record.by):
        holder = power_for(machine, "terminate", None, record)
        if holder is None:
            return "it is neither by all parties nor by a holder of a power to terminate the agreement"
    else:
        holder = None
    ending = [n for n in machine.nodes.values() if n.life not in at.TERMINAL and not n.terms.survives]
    for node in ending:
        machine.move(node, at.TERMINATED, "17", record.seq)
    if ending and holder is not None:
        holder.used = record.seq
    return None if ending else "nothing is left that it could end"


def declare_baseline(machine: Machine, record: Record) -> str | None:
    """A baseline is declared: kept for the reader."""
    if record.subject in machine.names:
        nodes = machine.nodes_of(record.subject)
    else:
        nodes = [
            n for n in machine.nodes.values()
            if isinstance(n.terms.act, QuantityAct) and n.terms.act.quantity == record.subject
        ]  # fmt: skip
        if not nodes:
            return f"there is no commitment or quantity {record.subject[:60]}"
    return None if any(p in n.obligors for n in nodes for p in record.by) else "it is not by an obligor"


def recognise(machine: Machine, record: Record) -> str | None:
    """A party recognises another record, or does not: of effect in its view, and for excuses."""
    if reference(record.body) not in machine.recorded or record.body.get("answer") not in ("yes", "no"):
        return "it does not say yes or no to a record"
    return None if _parties(machine, record) else "it is not by a party"


TERMINATE_ONE = on_nodes(changes.terminate)
FACTS: dict[str, Fact] = {
    "sign": sign,
    "ratify": sign,
    "enter_into_force": enter_into_force,
    "external": external,
    "amend": amend,
    "extend": on_nodes(changes.extend),
    "excuse": on_nodes(changes.excuse),
    "suspend": on_nodes(changes.suspend),
    "resume": on_nodes(changes.resume),
    "access": on_nodes(acts.access),
    "declare_baseline": declare_baseline,
    "claim": on_nodes(acts.claim),
    "measure": on_nodes(acts.measure),
    "attest": on_nodes(acts.attest),
    "verify": on_nodes(acts.verify),
    "refute": on_nodes(acts.refute),
    "no_conclusion": on_nodes(acts.no_conclusion),
    "contest": on_nodes(contest),
    "withdraw_contest": on_nodes(withdraw_contest),
    "uphold": ruling(uphold),
    "overturn": ruling(overturn),
    "notify": on_nodes(breaches.notify),
    "block": on_nodes(breaches.block),
    "execute": on_nodes(breaches.execute),
    "waive": on_nodes(changes.waive),
    "declare_nonperformance": on_nodes(breaches.declare_nonperformance),
    "withdraw": withdraw,
    "terminate": terminate,
    "recognise": recognise,
}
