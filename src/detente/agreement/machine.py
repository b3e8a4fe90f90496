"""The run of an agreement from instant to instant (docs/agreement-semantics.md, 6).

Nothing here looks at all commitments at an instant: clocks stand in one heap, formulas are reached through what they
ask about, and only what was touched is decided upon.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol

from detente.agreement import table as at
from detente.agreement.agenda import Basis, End, Look
from detente.agreement.building import build_nodes, endless_rule
from detente.agreement.calendar import Calendar, CalendarError
from detente.agreement.clocks import Inspection, decide, fix_deadline, fix_lapse, perform, schedule
from detente.agreement.consequences import WITHDRAWN, Applied, Owed, Resume, after_breach, apply_ripe
from detente.agreement.effective import Irregular
from detente.agreement.facts import FACTS
from detente.agreement.formulas import Formula, InForce
from detente.agreement.nodes import ALL_DONE, Finding, Group, Hold, Node
from detente.agreement.periods import Instant
from detente.agreement.powers import Holder
from detente.agreement.records import Record
from detente.agreement.terms import Commitment, Deadline, On, Terms, TextAct, Within
from detente.agreement.truth import Truth, Watch
from detente.base.errors import DetenteError


class Wakes(Protocol):
    """What stands in the agenda."""

    def wake(self, machine: Machine) -> None:
        """Its time has come."""


class ConsequenceLoop(DetenteError):  # noqa: N818 - it is what it is
    """Consequences that follow each other without end at one instant; ``loop``: the last moves."""

    def __init__(self, instant: Instant, loop: tuple[Transition, ...]) -> None:
        self.instant, self.loop = instant, loop
        told = ", ".join(f"{m.commitment}: {m.before} to {m.after}" for m in loop)
        super().__init__(f"consequences that follow each other without end at one instant: {told}")


class Transition(NamedTuple):
    """One move of one commitment.

    Attributes:
        row: of the table of life states.
        cause: seq of the record, or ``clock``.
        because: the consequence that moved it, as ``commitment/number``, or empty.
        deadline, cure_end: for rows 5 and 8, what passed.
    """

    instant: Instant
    commitment: str
    row: str
    before: str
    after: str
    cause: int | str
    because: str = ""
    deadline: Instant | None = None
    cure_end: Instant | None = None


class Machine:
    """A run in the making.

    Args:
        terms: the agreement under one reading.
        calendar: its calendar.
        acceptances: who has recognised or ruled on which excuse.
        fallen: executed consequences whose basis was corrected away.
    """

    def __init__(
        self, terms: Terms, calendar: Calendar, acceptances: dict[int, Any], fallen: Iterable[Basis] = ()
    ) -> None:
        self.terms, self.calendar, self.acceptances = terms, calendar, acceptances
        self.recorded: frozenset[int] = frozenset()
        self.now: Instant = 0
        self.heap: list[tuple[Instant, int, Wakes]] = []
        self.serial = 0
        self.history: list[Transition] = []
        self.irregular: list[Irregular] = []
        self.told: set[Irregular] = set()
        self.applied: list[Applied] = []
        self.owed: list[Owed] = []
        self.ripe: list[Any] = []
        self.resuming: list[Resume] = []
        self.touched: set[Node] = set()
        self.changed: set[Node] = set()
        self.broken: set[Node] = set()
        self.replaced: set[Node] = set()
        self.ending: set[Node] = set()
        self.inspections: list[Inspection] = []
        self.moves = 0
        self.facts: set[tuple[str, str]] = set()
        self.parties, self.bodies = frozenset(terms.parties), frozenset(terms.bodies)
        self.commitments: dict[str, Commitment] = {c.id: c for c in terms.commitments}
        self.amendments = {a.id: a for a in terms.amendments}
        self.made: set[str] = set()
        self.is_in_force = False
        self.all_signed = False
        self.executed: dict[int, list[str]] = {}
        self.names: dict[str, Node | Group] = {}
        self.nodes: dict[str, Node] = {}
        build_nodes(self)
        self.truth = Truth(self)
        self._watches(terms)
        self._agenda(fallen)

    def _watches(self, terms: Terms) -> None:
        truth = self.truth
        self.entry = truth.watch(terms.entry)
        self.resume_watches: dict[Formula, Watch] = {}
        groups: set[Group] = set()
        for node in self.nodes.values():
            node.trigger = truth.watch(node.terms.trigger)
            node.trigger.triggers.append(node)
            if node.group is not None and node.group not in groups:
                groups.add(node.group)
                node.trigger.groups.append(node.group)
            for deadline, waiting in ((node.terms.deadline, "anchored"), (node.terms.lapse, "lapsing")):
                if isinstance(deadline, Within) and deadline.anchor is not None:
                    getattr(truth.watch(deadline.anchor), waiting).append(node)
            for what in node.terms.on_breach:
                if what.resume is not None:
                    self.resume_watches[what.resume] = truth.watch(what.resume)
        self.holders = [Holder(self, p) for p in sorted(terms.powers, key=lambda p: p.id)]
        sunset = terms.sunset
        self.sunset_anchor: Watch | None = None
        if isinstance(sunset, Within):
            self.sunset_anchor = truth.watch(sunset.anchor if sunset.anchor is not None else InForce())

    def _agenda(self, fallen: Iterable[Basis]) -> None:
        """What is fixed beforehand."""
        terms, calendar = self.terms, self.calendar
        fixed: list[Deadline | None] = [terms.sunset, *(p.expires for p in terms.powers)]
        for c in terms.commitments:
            fixed += [c.deadline, c.lapse]
        for deadline in fixed:
            if isinstance(deadline, On):
                self.at(calendar.deadline(deadline.moment), Look())
        for review in terms.reviews:
            self.at(calendar.start(review), Look())
        if isinstance(terms.sunset, On):
            self.at(calendar.deadline(terms.sunset.moment), End(list(self.nodes.values())))
        for basis in fallen:
            self.at(basis.instant, basis)
        self._recurring(endless=False)
        self.last_fixed = max((t for t, _, _ in self.heap), default=None)
        self._recurring(endless=True)

    def _recurring(self, *, endless: bool) -> None:
        """Each instance is looked at when the one before is due, and when it is itself."""
        for node in self.nodes.values():
            if node.occurrence is not None and endless_rule(node.terms.deadline) == endless:
                self.at(node.occurrence, node)
                if node.previous is not None:
                    self.at(node.previous, node)

    def fix_sunset(self) -> None:
        """The sunset's period begins."""
        assert isinstance(self.terms.sunset, Within)  # noqa: S101 - only then it has an anchor
        try:
            self.at(self.calendar.after(self.now, self.terms.sunset.period), End(list(self.nodes.values())))
        except CalendarError as error:
            self.no_day("agreement", error)

    def nodes_of(self, name: str) -> list[Node]:
        """All commitments that have a state and that a name means."""
        meant = self.names[name]
        return [meant] if isinstance(meant, Node) else list(meant.nodes())

    def at(self, instant: Instant, what: Wakes) -> None:
        """Look at something at an instant (at once, if that has passed)."""
        self.serial += 1
        heappush(self.heap, (instant, self.serial, what))

    def no_day(self, subject: str, error: CalendarError) -> None:
        """A day that does not exist."""
        told = Irregular(None, subject, str(error))
        if told not in self.told:
            self.told.add(told)
            self.irregular.append(told)

    def run(self, records: list[Record], until: Instant | None) -> None:
        """Let the records and the clocks act, to the end of the agenda or of an instant."""
        heap, count, i = self.heap, len(records), 0
        while i < count or heap:
            now = records[i].occurred.start if i < count else heap[0][0]
            if heap and heap[0][0] < now:
                now = heap[0][0]
            if until is not None and now > until:
                break
            self.now = now
            self._wake()
            while i < count and (record := records[i]).occurred.start == now:
                reason = FACTS[record.kind](self, record)
                if reason is not None:
                    self.irregular.append(Irregular(record.seq, record.subject, reason))
                i += 1
            self._wake()  # what the facts have put on the agenda for this very instant
            if self.touched or self.truth.waiting or self.ripe or self.resuming or self.inspections or self.ending:
                self._rounds()
            if self.changed:
                self._remember()

    def _wake(self) -> None:
        """What stands in the agenda for now."""
        heap, now = self.heap, self.now
        while heap and heap[0][0] <= now:
            heappop(heap)[2].wake(self)

    def _remember(self) -> None:
        """How an instant has left what changed in it."""
        now = self.now
        for node in self.changed:
            node.times.append(now)
            node.states.append(node.core(now))
        self.changed.clear()

    def _rounds(self) -> None:
        """Steps 2 to 5."""
        most = 4 * len(self.nodes) + 4
        rounds = 0
        while True:
            moves = self.moves
            begun = len(self.history)
            self.truth.snapshot()
            self._wake()
            touched, self.touched = self.touched, set()
            decided = [(n, row) for n in touched if (row := decide(self, n)) is not None]
            if len(decided) > 1:
                decided.sort(key=lambda d: d[0].id)
            if self.inspections:
                for inspection in self.inspections:
                    inspection.look(self)
                self.inspections.clear()
            released = [(n, r.hold) for r in self.resuming if r.watch.value for n in r.targets]
            self.resuming.clear()
            for node, hold in released:
                self.release(node, hold)
            for node, row in decided:
                perform(self, node, row)
            if self.ripe:
                apply_ripe(self)
            if self.broken:
                after_breach(self)
            still = self.touched or self.truth.waiting or self.resuming or self.ripe
            if self.moves == moves and not still:
                break
            rounds += 1
            if rounds > most:
                raise ConsequenceLoop(self.now, tuple(self.history[begun:]))
        self.ending.clear()

    def enter(self) -> None:
        """The agreement enters into force."""
        self.is_in_force = True
        self.truth.in_force()
        self.touched.update(n for n in self.nodes.values() if n.life == at.INERT)
        self.moves += 1

    def mark(self, node: Node) -> None:
        """Something of it has changed."""
        self.changed.add(node)
        if node.watchers or node.forward:
            self.truth.mark(node)

    def move(self, node: Node, life: str, row: str, cause: int | str, because: str = "") -> None:
        """Bring a commitment to another state."""
        now, before = self.now, node.life
        passed = node.due if row in ("5", "8") else None
        cured = node.cure_end(now) if row == "8" else None
        self.history.append(Transition(now, node.id, row, before, life, cause, because, passed, cured))
        self.moves += 1
        node.life, node.since = life, now
        if node.holds:
            if life in at.UNHELD:
                node.holds.clear()
            self.recount(node)
        if life in at.TERMINAL:
            if node.episodes and node.episodes[-1][1] is None:
                node.episodes[-1] = (node.episodes[-1][0], now)
            if life in at.DONE:
                node.progress = ALL_DONE
            for target in node.restores:
                self.release(target, (WITHDRAWN, node.id))
        if life == at.BREACHED and node.terms.after_breach != "keep":
            self.broken.add(node)
        if node.stalled:
            self.ripe.extend(node.stalled)
            node.stalled.clear()
        if node.group is not None:
            node.group.moved(node)
        self.touched.add(node)
        self.mark(node)
        schedule(self, node)

    def found(self, node: Node, kind: str, by: tuple[str, ...]) -> None:
        """A finding about a commitment."""
        node.found.append((self.now, Finding(kind, by, self.now)))
        if node.watchers or node.forward:
            self.truth.mark(node)

    def hold(self, node: Node, hold: Hold, setters: frozenset[str]) -> None:
        """Put a hold on a commitment."""
        if hold not in node.holds:
            node.holds[hold] = setters
            self.moves += 1
            self.recount(node)
            self.touched.add(node)
            self.mark(node)

    def release(self, node: Node, hold: Hold) -> None:
        """Take a hold off a commitment."""
        if node.holds.pop(hold, None) is not None:
            self.moves += 1
            self.recount(node)
            self.touched.add(node)
            self.mark(node)
            schedule(self, node)

    def recount(self, node: Node) -> None:
        """Start or stop counting the time held."""
        counts = bool(node.holds) and node.life in at.STOPPED
        if counts and node.held_since is None:
            node.held_since = self.now
        elif not counts and node.held_since is not None:
            if self.now > node.held_since:
                node.spans.append((node.held_since, self.now))
            node.held += self.now - node.held_since
            node.held_since = None

    def fix_deadline(self, node: Node) -> None:
        """The anchor of its deadline has happened."""
        if node.activated is not None and node.due is None:
            fix_deadline(self, node)
            self.touched.add(node)
            self.mark(node)

    def fix_lapse(self, node: Node) -> None:
        """The anchor of its lapse time has happened."""
        if node.life == at.WAITING:
            fix_lapse(self, node)
            self.touched.add(node)

    def restore(self, record: Record, node: Node, targets: list[Node]) -> None:
        """A restoration is due from whoever executed what has lost its basis."""
        name = f"restore:{node.id}:{record.seq}"
        if name in self.nodes:
            return
        obligors = tuple(p for p in self.terms.parties if p in record.by)
        owed_to = tuple(p for p in self.terms.parties if p not in record.by)
        act = TextAct(f"Restore what was executed against {node.of} (record {record.seq})")
        terms = Commitment(name, "achieve", obligors, owed_to, act, claim_ok=True, survives=True)
        restoration = Node(name, terms, obligors, frozenset({name}))
        restoration.number = -1
        restoration.trigger = node.trigger
        restoration.life, restoration.since, restoration.activated = at.DUE, self.now, self.now
        self.names[name] = self.nodes[name] = restoration
        self.changed.add(restoration)
        for target in targets:
            if target.life not in at.TERMINAL or target.life in at.DONE:
                self.hold(target, (WITHDRAWN, name), frozenset())
                restoration.restores.append(target)

    def endless(self) -> bool:
        """Whether clocks go on for ever."""
        return any(endless_rule(c.deadline) for c in self.terms.commitments) or any(
            c.modality in ("maintain", "refrain") and any(v.every for v in c.verification)
            for c in self.terms.commitments
        )
