"""What follows a breach: notices, objections, effects, and what remains of them (docs/agreement-semantics.md, 5)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.nodes import Hold, Node
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.terms import EFFECTS, Consequence

if TYPE_CHECKING:
    from detente.agreement.machine import Machine
    from detente.agreement.truth import Watch

REASON = {"reverse": "reversed", "suspend": "suspended"}
WITHDRAWN = "basis-withdrawn"


class Applied(NamedTuple):
    """A consequence that has applied.

    Attributes:
        commitment, number: whose, and which of its list, from 1.
        targets: commitments, parts or instances named.
        breached_at: the breach that it follows.
    """

    instant: Instant
    commitment: str
    number: int
    effect: str
    targets: tuple[str, ...]
    breached_at: Instant
    option: str | None = None
    level: str | None = None
    body: str | None = None


class Owed:
    """An amount owed after a breach; ``fell``: the breach was overturned at that instant."""

    __slots__ = ("amount", "by", "commitment", "fell", "number", "since", "to", "unit")

    def __init__(self, node: Node, number: int, what: Consequence, since: Instant) -> None:
        self.commitment, self.number, self.since = node.id, number, since
        self.by, self.to = node.blame, what.to
        self.amount: Fraction | None = what.amount
        self.unit = what.unit
        self.fell: Instant | None = None


class Breach:
    """One breach of a commitment.

    Attributes:
        before: the life state before it.
        stands: neither overturned nor followed by another.
    """

    __slots__ = ("at", "before", "entries", "executed", "node", "overturned", "owed", "stands")

    def __init__(self, node: Node, instant: Instant, before: str) -> None:
        self.node, self.at, self.before = node, instant, before
        self.stands, self.overturned = True, False
        self.entries: list[Entry] = []
        self.executed: list[tuple[Record, Entry]] = []
        self.owed: list[Owed] = []


class Entry:
    """One consequence of one breach.

    Attributes:
        ready: end of its notice; applies: end of the window to object, or the same; None: not invoked.
        applied: when it applied; done: it has applied, was blocked or dropped, or its basis fell.
    """

    __slots__ = ("applied", "applies", "blocked_by", "breach", "cause", "done", "number", "ready", "what")

    def __init__(self, breach: Breach, number: int, what: Consequence) -> None:
        self.breach, self.number, self.what = breach, number, what
        self.ready: Instant | None = None
        self.applies: Instant | None = None
        self.applied: Instant | None = None
        self.blocked_by: set[str] = set()
        self.cause: int | str = "clock"
        self.done = False

    def wake(self, machine: Machine) -> None:
        """Its time has come."""
        machine.ripe.append(self)

    def start(self, machine: Machine, cause: int | str) -> None:
        """Its notice begins now."""
        now, what = machine.now, self.what
        self.cause = cause
        try:
            self.ready = machine.calendar.after(now, what.notice) if what.notice else now
            window = what.objection.window if what.objection else None
            self.applies = machine.calendar.after(self.ready, window) if window else self.ready
        except CalendarError as error:
            machine.no_day(self.breach.node.id, error)
            return
        if self.applies <= now:
            machine.ripe.append(self)
        else:
            machine.at(self.applies, self)

    @property
    def blocked(self) -> bool:
        """Whether enough of those who may have blocked it."""
        objection = self.what.objection
        if objection is None or not self.blocked_by:
            return False
        return objection.rule == "any" or self.blocked_by >= set(objection.blockers)


class Resume:
    """Holds that an applied consequence has put, and when they end."""

    __slots__ = ("hold", "targets", "watch")

    def __init__(self, watch: Watch, hold: Hold, targets: list[Node]) -> None:
        self.watch, self.hold, self.targets = watch, hold, targets


def begin_breach(machine: Machine, node: Node, before: str, cause: int | str) -> None:
    """A new breach; its consequences set going."""
    if node.breach is not None:
        node.breach.stands = False
    breach = node.breach = Breach(node, machine.now, before)
    node.ever_breached = True
    missing = tuple(p for p in node.obligors if p not in node.claims) if node.mode == "all" else ()
    node.blame = missing or node.obligors
    if node.group is not None:
        node.group.broken(node)
    for number, what in enumerate(node.terms.on_breach, 1):
        entry = Entry(breach, number, what)
        breach.entries.append(entry)
        if what.power_of is None:
            entry.start(machine, cause)
    machine.mark(node)


def targets_of(machine: Machine, what: Consequence) -> list[Node]:
    """The commitments that a consequence is about."""
    if "agreement" in what.targets:
        return [n for n in machine.nodes.values() if n.number >= 0]
    found: dict[str, Node] = {}
    for name in what.targets:
        found.update((n.id, n) for n in machine.nodes_of(name))
    return list(found.values())


def apply_ripe(machine: Machine) -> bool:
    """Step 4: the consequences whose time has come, by effect, as unions of sets; whether any applied."""
    ripe, machine.ripe = machine.ripe, []
    ready: list[Entry] = []
    for entry in ripe:
        node = entry.breach.node
        if entry.done or entry.breach.overturned:
            continue
        staying = node.life == at.DISPUTED and machine.terms.dispute is not None and machine.terms.dispute.stay
        if staying or (node.late is None and node.claim_stands):
            node.stalled.append(entry)
            continue
        entry.done = True
        objection = entry.what.objection
        if entry.blocked or (objection is not None and objection.if_silent == "drop"):
            continue
        ready.append(entry)
    for entry in sorted(ready, key=_order):
        entry.applied = machine.now
        _apply(machine, entry)
    return bool(ready)


def _order(entry: Entry) -> tuple[int, float, str, int]:
    """By effect, then those set going by a record, in order of the records, before those of the clock."""
    seq = float("inf") if isinstance(entry.cause, str) else entry.cause
    return EFFECTS.index(entry.what.effect), seq, entry.breach.node.id, entry.number


def _apply(machine: Machine, entry: Entry) -> None:
    what, node = entry.what, entry.breach.node
    because = f"{node.id}/{entry.number}"
    targets = sorted(targets_of(machine, what), key=lambda n: n.id)
    applied = Applied(machine.now, node.id, entry.number, what.effect, what.targets, entry.breach.at)
    machine.applied.append(applied._replace(option=what.option, level=what.level, body=what.body))
    if what.effect == "terminate":
        for target in targets:
            if target.life not in at.TERMINAL and not target.terms.survives:
                machine.move(target, at.TERMINATED, "17", entry.cause, because)
    elif what.effect in REASON:
        hold = (REASON[what.effect], node.id)
        for target in targets:
            if target.life not in at.TERMINAL or (what.effect == "reverse" and target.life in at.DONE):
                machine.hold(target, hold, frozenset())
        if what.resume is not None:
            _resume_later(machine, entry, hold, targets)
        machine.resuming.extend(node.holders.values())
    elif what.effect == "activate":
        for target in targets:
            call(machine, target)
        if node in machine.replaced:
            succeed(machine, node)
    elif what.effect == "compensate":
        owed = Owed(node, entry.number, what, machine.now)
        entry.breach.owed.append(owed)
        machine.owed.append(owed)


def _resume_later(machine: Machine, entry: Entry, hold: Hold, targets: list[Node]) -> None:
    node = entry.breach.node
    if entry.number not in node.holders:
        watch = machine.resume_watches[entry.what.resume]  # type: ignore[index]
        resume = node.holders[entry.number] = Resume(watch, hold, targets)
        watch.resumes.append(resume)


def call(machine: Machine, node: Node) -> None:
    """Its trigger is true for good."""
    node.called = True
    if node.group is not None and not node.group.called:
        node.group.called = True
        for other in node.group.nodes():
            machine.touched.add(other)
            machine.mark(other)
    machine.touched.add(node)
    machine.mark(node)


def after_breach(machine: Machine) -> bool:
    """Rows 13a and 13b."""
    broken = [n for n in machine.broken if n.life == at.BREACHED]
    machine.broken.clear()
    for node in sorted(broken, key=lambda n: n.id):
        if node.terms.after_breach == "extinguish":
            machine.move(node, at.TERMINATED, "13a", "clock")
        elif node.terms.after_breach == "replace":
            node.successors = []
            machine.replaced.add(node)
            succeed(machine, node)
            machine.move(node, at.SUPERSEDED, "13b", "clock")
    return bool(broken)


def succeed(machine: Machine, node: Node) -> None:
    """The successors of a replaced commitment: the targets of its ``activate`` entries that have applied."""
    assert node.successors is not None  # noqa: S101 - it has been replaced
    for entry in node.breach.entries if node.breach else ():
        if entry.what.effect == "activate" and entry.applied is not None:
            for target in targets_of(machine, entry.what):
                if target not in node.successors:
                    node.successors.append(target)
                    target.forward.append(node)
    machine.mark(node)


def fall(machine: Machine, node: Node) -> None:
    """The breach is overturned: what waits, holds and is owed of it ends; what was executed is to be restored."""
    breach = node.breach
    if breach is None or not breach.stands:
        return
    breach.stands, breach.overturned = False, True
    for owed in breach.owed:
        owed.fell = machine.now
    for entry in breach.entries:
        if entry.applied is not None and entry.what.effect in REASON:
            for target in targets_of(machine, entry.what):
                machine.release(target, (REASON[entry.what.effect], node.id))
        entry.done = True
    for record, entry in breach.executed:
        machine.restore(record, node, targets_of(machine, entry.what))
    machine.mark(node)
