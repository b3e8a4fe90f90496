"""Claims and findings: what is said to have been done, and what was found (rows 4, 7, 9, 11 to 13, K1, K2, K4)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.clocks import act_claim, refuted, schedule
from detente.agreement.nodes import Node
from detente.agreement.records import Record
from detente.agreement.terms import QuantityAct

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
EARLY = frozenset({at.INERT, at.WAITING})
ROW_OF_CLAIM = {at.DUE: "4", at.OVERDUE: "7", at.UNVERIFIED: "12", at.BREACHED: "13"}
KEPT_OPEN = frozenset({at.DUE, at.OVERDUE, at.BREACHED})
VERIFIABLE = frozenset({at.CLAIMED, at.UNVERIFIED, *at.DONE})
NOT_VERIFIER = "it is not by a verifier of it"
LONGEST_NUMBER = 100


@lru_cache(maxsize=10_000)
def number(text: str) -> Fraction | None:
    """A number as text; None if it is none."""
    if len(text) > LONGEST_NUMBER or "e" in text.lower():
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def number_of(value: Any) -> Fraction | None:
    """A number in a body."""
    if isinstance(value, str):
        return number(value)
    return Fraction(value) if isinstance(value, int | Fraction) and not isinstance(value, bool) else None


def _progress(machine: Machine, node: Node, record: Record) -> tuple[bool, str | None]:
    """Whether a record only sets the progress, and why it cannot."""
    said = record.body.get("progress")
    if said is None:
        return False, None
    progress = number_of(said)
    if progress is None or progress < 0:
        return True, "its progress is no number from 0 to 1"
    if progress >= 1:
        return False, None
    if node.life in at.TERMINAL:
        return True, f"it is {node.life}"
    if progress != node.progress:
        node.progress = progress
        machine.mark(node)
    return True, None


def claim(machine: Machine, node: Node, record: Record) -> str | None:
    """Rows 4, 7, 12, 13; kept if it is early."""
    by = record.by
    if node.keeps:
        return _violating_claim(machine, node, record)
    who = [p for p in by if p in node.obligors]
    others = [p for p in by if p in node.verifiers or p in machine.bodies]
    if not who and not others:
        return "it is by neither an obligor, a verifier nor a body"
    if record.body:
        only, reason = _progress(machine, node, record)
        if only:
            return reason
    life = node.life
    row = ROW_OF_CLAIM.get(life)
    if row is None and life not in EARLY:
        return "a claim stands already" if life == at.CLAIMED else f"it is {life}"
    if life == at.BREACHED and node.terms.after_breach != "keep":
        return "its breach has ended it"
    if life == at.UNVERIFIED and node.complete:  # a claim like the first: all claim again
        node.claims.clear()
    lacking = [p for p in (node.obligors if others else who) if p not in node.claims]
    if not lacking:
        return "whoever claims has claimed before"
    was_complete = node.complete
    for party in lacking:
        node.claims[party] = record.occurred
    if node.complete and not was_complete:
        node.claimer, node.claim_seq = tuple(sorted({*who, *others})), record.seq
    if row is not None and node.complete:
        act_claim(machine, node, row)
    return None


def _violating_claim(machine: Machine, node: Node, record: Record) -> str | None:
    by = tuple(sorted(p for p in record.by if p in node.obligees or p in machine.bodies))
    if node.terms.modality != "refrain" or not by:
        return "what is to be kept or left undone is not claimed"
    return violation(machine, node, by, record.seq)


def verify(machine: Machine, node: Node, record: Record) -> str | None:
    """Rows 9 and 12; for what is kept a return."""
    who = tuple(sorted([p for p in record.by if p in node.verifiers]))
    if not who:
        return NOT_VERIFIER
    if record.body:
        only, reason = _progress(machine, node, record)
        if only:
            return reason
    life = node.life
    if node.keeps:
        if life not in at.DONE:
            return returned(machine, node, who, record.seq)
        machine.found(node, "verified", who)
        return None
    if life not in VERIFIABLE:
        return f"no claim stands: it is {life}"
    node.verified.update(who)
    if len(node.verified) >= node.needed:
        machine.found(node, "verified", who)
        if life not in at.DONE:
            after = at.REMEDIED if node.in_breach else at.FULFILLED
            machine.move(node, after, "9" if life == at.CLAIMED else "12", record.seq)
    return None


def refute(machine: Machine, node: Node, record: Record) -> str | None:
    """Row 11; for what is kept a violation."""
    who = tuple(sorted([p for p in record.by if p in node.verifiers]))
    if not who:
        return NOT_VERIFIER
    if node.keeps:
        return violation(machine, node, who, record.seq)
    if node.life not in (at.CLAIMED, at.UNVERIFIED):
        return f"no claim stands: it is {node.life}"
    refuted(machine, node, who, record.seq)
    return None


def access(machine: Machine, node: Node, record: Record) -> str | None:
    """Granted changes nothing; denied is a refutation."""
    who = tuple(sorted([p for p in record.by if p in node.verifiers]))
    answer = record.body.get("answer")
    if not who:
        return NOT_VERIFIER
    if answer == "granted":
        return None
    if answer != "denied":
        return "its answer is neither granted nor denied"
    if node.keeps or node.life not in (at.CLAIMED, at.UNVERIFIED):
        return f"no claim stands: it is {node.life}"
    refuted(machine, node, who, record.seq)
    return None


def no_conclusion(machine: Machine, node: Node, record: Record) -> str | None:
    """A verifier cannot say."""
    who = tuple(sorted([p for p in record.by if p in node.verifiers]))
    if not who:
        return NOT_VERIFIER
    if node.life not in ((at.DUE, at.OVERDUE) if node.keeps else (at.CLAIMED, at.UNVERIFIED)):
        return f"it is {node.life}: nothing is to be found"
    machine.found(node, "no-conclusion", who)
    node.last_found = machine.now
    return None


def measure(machine: Machine, node: Node, record: Record) -> str | None:
    """A measured value: outside the limit a violation, within it a return."""
    act = node.terms.act
    if not node.keeps or not isinstance(act, QuantityAct):
        return "nothing measured is kept or left undone by it"
    value = number_of(record.body.get("value"))
    if value is None:
        return "its value is no number"
    by = record.by if len(record.by) == 1 else tuple(sorted(record.by))
    if COMPARE[act.op](value, act.amount):
        return returned(machine, node, by, record.seq)
    return violation(machine, node, by, record.seq)


def attest(machine: Machine, node: Node, record: Record) -> str | None:
    """It is said to be kept, or not."""
    who = tuple(sorted([p for p in record.by if p in node.verifiers or p in machine.bodies]))
    if not who:
        return "it is by neither a verifier of it nor a body"
    if not node.keeps:
        return "only what is kept or left undone is attested"
    answer = record.body.get("holds")
    if answer == "yes" or answer is True:
        return returned(machine, node, who, record.seq)
    if answer == "no" or answer is False:
        return violation(machine, node, who, record.seq)
    return "it says neither yes nor no"


def violation(machine: Machine, node: Node, by: tuple[str, ...], seq: int) -> str | None:
    """Row K1."""
    life, now = node.life, machine.now
    if life not in KEPT_OPEN:
        return f"it is {life}: nothing is kept"
    machine.found(node, "refuted", by)
    node.last_found = now
    if life == at.DUE:
        node.stopped = False
        node.episodes.append((now, None))
        cure = node.terms.cure
        try:
            node.cure = machine.calendar.after(now, cure) if cure else now
        except CalendarError as error:
            node.cure = None
            machine.no_day(node.id, error)
        node.cure_mark = node.held_by(now)
        machine.move(node, at.OVERDUE, "K1", seq)
    return None


def returned(machine: Machine, node: Node, by: tuple[str, ...], seq: int) -> str | None:
    """Rows K2 and K4."""
    life, now = node.life, machine.now
    if life not in KEPT_OPEN:
        return f"it is {life}: nothing is kept"
    if life == at.BREACHED and node.terms.after_breach != "keep":
        return "its breach has ended it"
    machine.found(node, "verified", by)
    node.last_found = now
    if life != at.DUE:
        if node.episodes and node.episodes[-1][1] is None:
            node.episodes[-1] = (node.episodes[-1][0], now)
        machine.move(node, at.DUE, "K2" if life == at.OVERDUE else "K4", seq)
        schedule(machine, node)
    return None
