"""Formulas while an agreement runs: true, still possible, first held when (docs/agreement-semantics.md, 3).

Every distinct formula is one watch. A change of a commitment reaches only the watches that ask about it, and a watch
whose answer changes reaches only those built on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from detente.agreement import formulas as f
from detente.agreement import table as at
from detente.agreement.calendar import CalendarError
from detente.agreement.nodes import Group, Node
from detente.agreement.periods import Instant

if TYPE_CHECKING:
    from detente.agreement.machine import Machine

OF_COMMITMENTS = (f.Fulfilled, f.Verified, f.Claimed, f.Breached, f.InState, f.Progress)
OF_SOME = (f.Breached, f.InState)
OF_FACTS = (f.Event, f.Signed, f.Ratified)
Answer = tuple[bool, bool]  # is so, can become so


class Watch:
    """A formula and what is known of it.

    Attributes:
        value, possible: on the last snapshot.
        first: the instant at which it first held, or None.
        moment: for ``at`` and ``not_by`` their date, for ``after`` the end of its period once that is known.
        users: watches built on it; triggers, anchored: commitments that wait for it, or whose clock it starts.
        flips: (instant, value) whenever the value changed.
    """

    __slots__ = (
        "anchored", "answers", "can", "endless", "first", "flips", "formula", "groups", "inputs", "lapsing", "members",
        "moment", "order", "possible", "resumes", "triggers", "users", "value", "yes",
    )  # fmt: skip

    def __init__(self, formula: f.Formula, order: int, inputs: tuple[Watch, ...]) -> None:
        self.formula, self.order, self.inputs = formula, order, inputs
        self.value, self.possible = False, True
        self.first: Instant | None = None
        self.moment: Instant | None = None
        self.users: list[Watch] = []
        self.triggers: list[Node] = []
        self.anchored: list[Node] = []
        self.lapsing: list[Node] = []
        self.groups: list[Group] = []
        self.resumes: list[Any] = []
        self.flips: list[tuple[Instant, bool]] = []
        self.answers: dict[Node, Answer] = {}
        self.members: list[tuple[Watch, list[Node]]] = []  # of joint: the trigger, the parts
        self.yes = self.can = 0
        self.endless = False

    def wake(self, machine: Machine) -> None:
        """Its date has come."""
        machine.truth.dirty(self)


class Truth:
    """All formulas of an agreement.

    Args:
        machine: the run.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.all: list[Watch] = []
        self.marked: set[Node] = set()
        self._known: dict[tuple[f.Formula, frozenset[str]], Watch] = {}
        self._queue: list[tuple[int, int]] = []
        self._queued: set[int] = set()
        self._facts: dict[tuple[str, str], list[Watch]] = {}
        self._in_force: list[Watch] = []
        self._members: dict[Node, list[Watch]] = {}

    def watch(self, formula: f.Formula, assumed: frozenset[str] = frozenset()) -> Watch:
        """The watch of a formula; joints of the groups assumed are taken as true."""
        key = (formula, assumed)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._make(formula, assumed)
        return found

    def _make(self, formula: f.Formula, assumed: frozenset[str]) -> Watch:
        inputs: tuple[Watch, ...] = ()
        members: list[tuple[Watch, list[Node]]] = []
        if isinstance(formula, f.And | f.Or):
            inputs = tuple(self.watch(p, assumed) for p in formula.parts)
        elif isinstance(formula, f.After | f.NotBy):
            inputs = (self.watch(formula.formula, assumed),)
        elif isinstance(formula, f.Joint):
            if formula.group in assumed:
                return self.watch(f.Always())
            inner = assumed | {formula.group}
            for name in self.machine.terms.groups[formula.group]:
                nodes = self.machine.nodes_of(name)
                members.append((self.watch(self.machine.commitments[name].trigger, inner), nodes))
            inputs = tuple(w for w, _ in members)
        watch = Watch(formula, len(self.all), inputs)
        self.all.append(watch)
        watch.members = members
        for each in inputs:
            each.users.append(watch)
        self._begin(watch)
        self.dirty(watch)
        return watch

    def _begin(self, watch: Watch) -> None:
        formula, machine = watch.formula, self.machine
        if isinstance(formula, OF_COMMITMENTS):
            meant = machine.names[formula.commitment]
            watch.endless = isinstance(meant, Group) and _endless(meant)
            self._attach(watch, machine.nodes_of(formula.commitment))
        elif isinstance(formula, f.Joint):
            self._attach(watch, [n for _, nodes in watch.members for n in nodes])
        elif isinstance(formula, f.At | f.NotBy):
            watch.moment = machine.calendar.start(formula.moment)
            machine.at(watch.moment, watch)
        elif isinstance(formula, OF_FACTS):
            self._facts.setdefault((type(formula).__name__, name_of(formula)), []).append(watch)
        elif isinstance(formula, f.InForce):
            self._in_force.append(watch)

    def _attach(self, watch: Watch, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if watch not in node.watchers:
                node.watchers.append(watch)
            answer = watch.answers[node] = ask(watch.formula, node)
            watch.yes += answer[0]
            watch.can += answer[1]

    @property
    def waiting(self) -> bool:
        """Whether something has to be looked at again."""
        return bool(self.marked or self._queue)

    def dirty(self, watch: Watch) -> None:
        """It has to be looked at again."""
        if watch.order not in self._queued:
            self._queued.add(watch.order)
            heappush(self._queue, (watch.order, watch.order))

    def fact(self, kind: str, name: str) -> None:
        """Something was signed, ratified, or happened."""
        for watch in self._facts.get((kind, name), ()):
            self.dirty(watch)

    def in_force(self) -> None:
        """The agreement has entered into force."""
        for watch in self._in_force:
            self.dirty(watch)

    def mark(self, node: Node) -> None:
        """A commitment has changed, and with it what is asked of those that it succeeds."""
        if node.watchers:
            self.marked.add(node)
        if not node.forward:
            return
        seen, queue = {node}, [node]
        while queue:
            fresh = [n for n in queue.pop().forward if n not in seen]
            seen.update(fresh)
            queue += fresh
        self.marked.update(n for n in seen if n.watchers)

    def snapshot(self) -> None:
        """Bring all watches up to date with the present state."""
        now = self.machine.now
        if self.marked:
            for node in self.marked:
                for watch in node.watchers:
                    self._again(watch, node)
            self.marked.clear()
        queue, queued, all_of = self._queue, self._queued, self.all
        while queue:
            order, _ = heappop(queue)
            queued.discard(order)
            watch = all_of[order]
            value, possible = self._state(watch, now)
            if value and watch.first is None:
                watch.first = now
                self._first(watch, now)
            if value != watch.value or possible != watch.possible:
                self._turned(watch, now, value=value, possible=possible)

    def _again(self, watch: Watch, node: Node) -> None:
        old = watch.answers[node]
        new = ask(watch.formula, node)
        if new != old or watch.members:
            watch.answers[node] = new
            watch.yes += new[0] - old[0]
            watch.can += new[1] - old[1]
            self.dirty(watch)

    def _turned(self, watch: Watch, now: Instant, *, value: bool, possible: bool) -> None:
        machine = self.machine
        if value != watch.value:
            watch.flips.append((now, value))
        watch.value, watch.possible = value, possible
        for user in watch.users:
            self.dirty(user)
        if value:
            for group in watch.groups:
                group.ever = True
            machine.resuming.extend(watch.resumes)
        machine.touched.update(watch.triggers)
        if watch is machine.entry and value and not machine.is_in_force:
            machine.enter()

    def _first(self, watch: Watch, now: Instant) -> None:
        """It holds for the first time: periods counted from it begin."""
        machine = self.machine
        for user in watch.users:
            if isinstance(user.formula, f.After) and user.moment is None:
                try:
                    user.moment = machine.calendar.after(now, user.formula.period)
                except CalendarError as error:
                    machine.no_day("a formula", error)
                    continue
                if user.moment > now:
                    machine.at(user.moment, user)
                else:
                    self.dirty(user)
        for node in watch.anchored:
            machine.fix_deadline(node)
        for node in watch.lapsing:
            machine.fix_lapse(node)
        if watch is machine.sunset_anchor:
            machine.fix_sunset()

    def _state(self, watch: Watch, now: Instant) -> Answer:
        formula = watch.formula
        if isinstance(formula, OF_SOME):
            return watch.yes > 0, watch.can > 0
        if isinstance(formula, OF_COMMITMENTS):
            n = len(watch.answers)
            return 0 < n == watch.yes and not watch.endless, watch.can == n
        if isinstance(formula, f.And):
            return all(w.value for w in watch.inputs), all(w.possible for w in watch.inputs)
        if isinstance(formula, f.Or):
            return any(w.value for w in watch.inputs), any(w.possible for w in watch.inputs)
        if isinstance(formula, f.Joint):
            ready = watch.yes == len(watch.answers)
            return ready and all(_has_trigger(w.value, nodes) for w, nodes in watch.members), True
        return self._simple(watch, now)

    def _simple(self, watch: Watch, now: Instant) -> Answer:
        """A formula that looks at no commitment."""
        formula, machine = watch.formula, self.machine
        if isinstance(formula, f.Never):
            return False, False
        if isinstance(formula, f.InForce):
            return machine.is_in_force, True
        if isinstance(formula, OF_FACTS):
            return (type(formula).__name__, name_of(formula)) in machine.facts, True
        come = watch.moment is not None and now >= watch.moment
        if isinstance(formula, f.After):
            inner = watch.inputs[0]
            return come, inner.possible or inner.first is not None
        if isinstance(formula, f.NotBy):
            assert watch.moment is not None  # noqa: S101 - set when it was made
            first = watch.inputs[0].first
            before = first is not None and first < watch.moment
            return come and not before, not before
        return come or isinstance(formula, f.Always), True

    def live(self, watch: Watch) -> bool:
        """Whether it is true in the midst of an instant, as the earlier facts of the instant have left things."""
        formula = watch.formula
        if isinstance(formula, OF_SOME):
            return any(ask(formula, n)[0] for n in watch.answers)
        if isinstance(formula, OF_COMMITMENTS):
            return bool(watch.answers) and not watch.endless and all(ask(formula, n)[0] for n in watch.answers)
        if isinstance(formula, f.And):
            return all(self.live(w) for w in watch.inputs)
        if isinstance(formula, f.Or):
            return any(self.live(w) for w in watch.inputs)
        if isinstance(formula, f.Joint):
            return all(ask(formula, n)[0] for n in watch.answers) and all(
                _has_trigger(self.live(w), nodes) for w, nodes in watch.members
            )
        return self._simple(watch, self.machine.now)[0]


def name_of(formula: f.Event | f.Signed | f.Ratified) -> str:
    """What a formula about a fact names."""
    return formula.name if isinstance(formula, f.Event) else formula.party


def _endless(group: Group) -> bool:
    return group.endless or any(isinstance(p, Group) and _endless(p) for p in group.parts)


def _has_trigger(value: bool, nodes: list[Node]) -> bool:  # noqa: FBT001 - the value of a formula
    return value or all(n.called or (n.group is not None and n.group.called) for n in nodes)


def ask(formula: f.Formula, node: Node) -> Answer:
    """What a formula asks of one commitment: whether it is so, and whether it can become so.

    Args:
        formula: about commitments, or a joint (then: whether nothing keeps this member from being ready).
        node: the commitment.
    """
    life = node.life
    if isinstance(formula, f.Joint):
        return not node.holds and life not in at.UNHELD, True
    if life == at.SUPERSEDED:
        return _successors(formula, node)
    if isinstance(formula, OF_SOME):
        itself = _itself(formula, node)
        if isinstance(formula, f.Breached):
            return itself, life not in at.ENDED or node.ever_breached
        return itself, itself or life not in at.TERMINAL or life == at.FULFILLED
    if isinstance(formula, f.Progress):
        return node.progress >= formula.at_least, True
    possible = life not in at.ENDED
    done = life in at.DONE
    if isinstance(formula, f.Claimed):
        return done or node.claim_stands, possible
    verified = isinstance(formula, f.Fulfilled) or node.finding.kind == "verified"
    return done and not node.holds and verified, possible


def _itself(formula: f.Formula, node: Node) -> bool:
    """What ``breached`` and ``state`` ask, true of a commitment itself."""
    if isinstance(formula, f.InState):
        return node.life in formula.states
    return isinstance(formula, f.Breached) and node.in_breach


def _successors(formula: f.Formula, node: Node) -> Answer:
    """What is asked of a superseded commitment is asked of all to which its successors lead."""
    seen, queue, lost = {node}, [node], False
    answers: list[Answer] = []
    while queue:
        each = queue.pop()
        if each.life != at.SUPERSEDED:
            answers.append(ask(formula, each))
            continue
        if _itself(formula, each):
            return True, True
        lost = lost or not each.successors
        fresh = [n for n in each.successors or () if n not in seen]
        seen.update(fresh)
        queue += fresh
    if isinstance(formula, OF_SOME):
        return any(a[0] for a in answers), any(a[1] for a in answers)
    if lost or not answers:
        return False, isinstance(formula, f.Progress)
    return all(a[0] for a in answers), all(a[1] for a in answers)
