"""The run of an agreement over its ledger: a pure function of terms and records (docs/agreement-semantics.md)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from detente.agreement.agenda import Basis
from detente.agreement.calendar import Calendar
from detente.agreement.consequences import Applied, Owed
from detente.agreement.due import Due, due_next
from detente.agreement.effective import Effective, Irregular, effective, reference
from detente.agreement.gaps import refuse_without_actor
from detente.agreement.machine import Machine, Transition
from detente.agreement.nodes import NO_FINDING, NO_HOLDS, Node
from detente.agreement.periods import Instant
from detente.agreement.records import CORRECTIONS, Record
from detente.agreement.standing import Standing
from detente.agreement.table import INERT, STOPPED, TERMINAL, WAITING
from detente.agreement.terms import Terms
from detente.agreement.words import waits_for
from detente.base.errors import UsageError

NONE_DONE = Fraction(0)


@dataclass(slots=True)
class Acceptance:
    """What was said of an excuse: each party's last answer and its start; the start of the ruling that upholds it."""

    answers: dict[str, tuple[bool, Instant]] = field(default_factory=dict)
    upheld: Instant | None = None


class Run:
    """What came of an agreement under a ledger.

    Attributes:
        terms: the agreement.
        until: the last instant looked at, or None: all clocks have run out.
        history: all moves, in order of time.
        irregular: records that changed nothing, and days that do not exist, with the reasons.
        consequences: those that have applied; owed: the amounts owed.
    """

    def __init__(self, machine: Machine, until: Instant | None, irregular: tuple[Irregular, ...]) -> None:
        self._machine = machine
        self.terms: Terms = machine.terms
        self.calendar: Calendar = machine.calendar
        self.until = until
        self.history: tuple[Transition, ...] = tuple(machine.history)
        self.irregular = irregular
        self.consequences: tuple[Applied, ...] = tuple(machine.applied)
        self.owed: tuple[Owed, ...] = tuple(machine.owed)
        self.executed: dict[int, tuple[str, ...]] = {s: tuple(n) for s, n in machine.executed.items()}
        self._nodes = [machine.nodes[name] for name in sorted(machine.nodes)]

    def at(self, instant: Instant) -> tuple[Standing, ...]:
        """How every commitment stands at an instant, by id.

        Raises:
            UsageError: the run ends before it.
        """
        self._within(instant)
        return tuple(s for n in self._nodes if (s := self._standing(n, instant)) is not None)

    def of(self, name: str, instant: Instant) -> tuple[Standing, ...]:
        """How one commitment stands, with its parts or instances."""
        self._within(instant)
        nodes = self._machine.nodes_of(name)
        return tuple(s for n in nodes if (s := self._standing(n, instant)) is not None)

    def course(self, name: str) -> tuple[tuple[Instant, str, bool], ...]:
        """When the state or the holds of a commitment, part or instance changed: when, its state, whether held."""
        node = self._machine.nodes[name]
        return tuple((t, core[0], bool(core[1])) for t, core in zip(node.times, node.states, strict=True))

    def causes(self, name: str) -> frozenset[int | str]:
        """What moved a commitment, part or instance: numbers of records, or the clock."""
        return self._causes.get(name, frozenset())

    def stands_still(self, standing: Standing) -> bool:
        """Whether its clock stands still, so that its deadline moves on with every day."""
        return standing.held and standing.life in STOPPED and not self._machine.nodes[standing.id].runs

    @cached_property
    def _causes(self) -> dict[str, frozenset[int | str]]:
        found: dict[str, set[int | str]] = {}
        for move in self.history:
            found.setdefault(move.commitment, set()).add(move.cause)
        return {name: frozenset(causes) for name, causes in found.items()}

    def next(self, instant: Instant) -> Due:
        """What comes next, as seen at an instant: see ``due.Due``."""
        return due_next(self._machine, self.at(instant), instant)

    def _within(self, instant: Instant) -> None:
        if self.until is not None and instant > self.until:
            raise UsageError(f"the instant {instant}", f"one up to {self.until}, where this run ends")

    def _standing(self, node: Node, instant: Instant) -> Standing | None:
        i = bisect_right(node.times, instant) - 1
        if i < 0:
            if node.number < 0:
                return None  # a restoration that was not yet due
            core, since = None, instant
        else:
            core, since = node.states[i], node.times[i]
        j = bisect_right(node.found, (instant + 1,)) - 1
        finding = node.found[j][1] if j >= 0 else NO_FINDING
        episodes = (
            tuple((s, e if e is not None and e <= instant else None) for s, e in node.episodes if s <= instant)
            if node.episodes else ()
        )  # fmt: skip
        if core is None:
            return Standing(
                node.id, node.of, INERT, NO_HOLDS, finding, False, NONE_DONE, None, None, None, None, None, None,
                None, (), episodes, (),
            )  # fmt: skip
        life, holds, late, progress, activated, deadline, reached, cure, verify, dispute, breached, blame, stopped = (
            core
        )
        if stopped and instant > since:
            more = instant - since
            deadline = deadline + more if deadline is not None and not reached else deadline
            cure = cure + more if cure is not None else None
            verify = verify + more if verify is not None else None
        shadow = _shadow(node, deadline, instant) if node.excuses and life not in TERMINAL else None
        waiting = waits_for(self._machine, node, instant, holds) if life == WAITING else ()
        return Standing(
            node.id, node.of, life, holds, finding, late, progress, activated, deadline, cure, verify, dispute,
            shadow, breached, blame, episodes, waiting,
        )  # fmt: skip


def _shadow(node: Node, deadline: Instant | None, instant: Instant) -> Instant | None:
    """The deadline moved by the time of unaccepted excuses that is not held anyway."""
    if deadline is None or node.runs or node.activated is None:
        return None
    spans = sorted((max(s, node.activated), instant if e is None else e) for s, e in node.excuses if s <= instant)
    if not spans:
        return None
    held = list(node.spans)
    if node.held_since is not None:
        held.append((node.held_since, instant))
    total, reach = 0, node.activated
    for start, end in spans:
        begin = max(start, reach)
        if end > begin:
            total += end - begin - sum(max(0, min(end, b) - max(begin, a)) for a, b in held)
            reach = end
    return deadline + total


def run(terms: Terms, records: Sequence[Record], until: Instant | None = None) -> Run:
    """Work out what came of an agreement.

    Args:
        terms: the agreement under one reading.
        records: in order of seq.
        until: the last instant to look at; None: until nothing more can happen by itself. Where clocks go on for ever
            (recurrences or inspections without end): to the first deadline after the last record and the last date
            that the agreement fixes.

    Raises:
        UsageError: a commitment that nobody owes yet.
        ConsequenceLoop: consequences follow each other without end at one instant.
    """
    refuse_without_actor(terms)
    return _Folds(terms, records, until).whole(len(records))


class _Folds:
    """The whole ledger and, where something executed has lost its basis, what it was before the corrections."""

    def __init__(self, terms: Terms, records: Sequence[Record], until: Instant | None) -> None:
        self.terms, self.records, self.until = terms, records, until
        self.calendar = Calendar(terms.calendar)
        self._known: dict[int, Run] = {}

    def whole(self, count: int) -> Run:
        """The run over the first records."""
        found = self._known.get(count)
        if found is None:
            found = self._known[count] = self._fold(count)
        return found

    def _fold(self, count: int) -> Run:
        log = effective(self.records[:count] if count < len(self.records) else self.records, self.calendar)
        fallen: dict[int, Basis] = {}
        while True:
            result = self._once(log, tuple(fallen.values()), count)
            lost = self._lost(log, result, count)
            if lost.keys() <= fallen.keys():
                return result
            fallen = lost | fallen

    def _once(self, log: Effective, fallen: tuple[Basis, ...], count: int) -> Run:
        machine = Machine(self.terms, self.calendar, _acceptances(self.terms, log.records), fallen)
        machine.recorded = frozenset(r.seq for r in self.records[:count])
        last = self.until
        if last is None and machine.endless():
            starts = [machine.last_fixed] if machine.last_fixed is not None else []
            if log.records:
                starts.append(log.records[-1].occurred.start)
            last = max(starts, default=None)
            machine.run(log.records, last)
            ends = [d for n in machine.nodes.values() if (d := n.deadline(machine.now)) is not None]
            later = [d for d in ends if last is None or d > last]
            last = min(later, default=last)
            machine.run([], last)
        else:
            machine.run(log.records, last)
        order = sorted([*log.irregular, *machine.irregular], key=lambda i: (i.seq is None, i.seq or 0, i.subject))
        return Run(machine, last, tuple(order))

    def _lost(self, log: Effective, result: Run, count: int) -> dict[int, Basis]:
        """What was executed and has lost its basis through a correction."""
        executes = [
            r for r in log.records
            if r.kind == "execute" and r.seq not in result.executed and not set(r.by).isdisjoint(self.terms.parties)
        ]  # fmt: skip
        if not executes:
            return {}
        places = [i for i in range(count) if self.records[i].kind in CORRECTIONS]
        lost: dict[int, Basis] = {}
        for record in executes:
            for i in reversed(places):
                correction = self.records[i]
                if correction.seq <= record.seq:
                    break
                nodes = self.whole(i).executed.get(record.seq)
                if nodes:
                    start = max(correction.occurred.start, record.occurred.start)
                    lost[record.seq] = Basis(start, record, nodes)
                    break
        return lost


def _acceptances(terms: Terms, records: Sequence[Record]) -> dict[int, Acceptance]:
    """What the ledger says of each excuse."""
    said: dict[int, Acceptance] = {r.seq: Acceptance() for r in records if r.kind == "excuse"}
    if not said:
        return said
    body = terms.dispute.body if terms.dispute is not None else None
    for record in records:
        if record.kind not in ("recognise", "uphold", "overturn"):
            continue
        acceptance = said.get(reference(record.body) or 0)
        if acceptance is None:
            continue
        start = record.occurred.start
        if record.kind == "recognise":
            for party in record.by:
                acceptance.answers[party] = (record.body.get("answer") == "yes", start)
        elif body is not None and body in record.by:
            acceptance.upheld = start if record.kind == "uphold" else None
    return said
