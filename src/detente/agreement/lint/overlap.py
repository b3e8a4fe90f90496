"""Whether two duties can be in force at one instant in some run: intervals on a line, as difference constraints.

A run is a choice of instants: when the agreement enters into force, when each outside event, signature and performance
happens. A trigger is broken into ways: sets of instants of which the last is the activation. For each pair of ways the
question is a simple temporal network, infeasible if and only if it has a negative cycle (Bellman-Ford). A period in
days or months has a shortest and a longest length: an overlap is claimed where there is one with either. What cannot be
placed exactly (progress, states, breaches, duties of amendments, activated or provisional ones) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from detente.agreement import formulas as f
from detente.agreement.calendar import DAY, Calendar
from detente.agreement.periods import Period
from detente.agreement.terms import Commitment, Every, NoDeadline, On, Terms, Within

MOST_WAYS = 3
ZERO = "0"
Edge = tuple[str, str, int]  # (a, b, w): b - a <= w


class Unplaced(Exception):  # noqa: N818 - an answer, not a mistake
    """A time that these constraints cannot tell."""


@dataclass
class Network:
    """Difference constraints."""

    edges: list[Edge] = field(default_factory=list)

    def at_most(self, later: str, earlier: str, seconds: int) -> None:
        """``later - earlier <= seconds``."""
        self.edges.append((earlier, later, seconds))

    def at_least(self, later: str, earlier: str, seconds: int) -> None:
        """``later - earlier >= seconds``."""
        self.edges.append((later, earlier, -seconds))

    def feasible(self) -> dict[str, int] | None:
        """Instants that meet all constraints, or None."""
        names = {n for a, b, _ in self.edges for n in (a, b)}
        time = dict.fromkeys(sorted(names), 0)
        for _ in range(len(names) + 1):
            moved = False
            for a, b, w in self.edges:
                if time[a] + w < time[b]:
                    time[b] = time[a] + w
                    moved = True
            if not moved:
                zero = time.get(ZERO, 0)
                return {n: t - zero for n, t in time.items()}
        return None


@dataclass(frozen=True)
class Atom:
    """An instant: a node of the network, and the time after it."""

    node: str
    delay: int = 0


Way = tuple[Atom, ...]
Begin = tuple[Way, Atom, Way]


def length(period: Period, *, longest: bool) -> int:
    """The longest or the shortest that a period can be, in seconds; one in days ends with the end of its last day."""
    hours = period.hours * 3600
    if not (period.years or period.months or period.days):
        return hours
    years, months = divmod(period.years * 12 + period.months, 12)
    if longest:
        return (years * 366 + months * 31 + period.days + 1) * DAY + 7200 + hours
    return (years * 365 + months * 28 + period.days) * DAY - 7200 + hours


class Windows:
    """When the commitments of an agreement can be in force.

    Args:
        terms: the agreement under one reading.
        longest: whether periods take the longest time that they can take, or the shortest.
    """

    def __init__(self, terms: Terms, *, longest: bool = False) -> None:
        self.terms = terms
        self.longest = longest
        self.calendar = Calendar(terms.calendar)
        self.commitments = {c.id: c for c in terms.commitments}
        self._ways: dict[str, tuple[Way, ...] | None] = {}
        self.activated = {
            t for c in terms.commitments for e in c.on_breach if e.effect == "activate" for t in e.targets
        }

    def ways(self, name: str) -> tuple[Way, ...] | None:
        """The ways in which a commitment begins, or None where they cannot be told."""
        if name not in self._ways:
            self._ways[name] = None  # a trigger that waits for itself
            try:
                found = self._begin(self.commitments[name])
            except Unplaced:
                found = None
            self._ways[name] = found
        return self._ways[name]

    def _begin(self, c: Commitment) -> tuple[Way, ...]:
        if c.id in self.activated or c.provisional or c.amendment is not None:
            raise Unplaced
        begin = Atom("in-force")
        return tuple((begin, *(a for a in way if a != begin)) for way in self._formula(c.trigger, frozenset()))

    def _formula(self, formula: f.Formula, assumed: frozenset[str]) -> list[Way]:  # noqa: PLR0911 - one for each kind
        """The ways in which a formula comes true: sets of instants, of which the last decides."""
        if isinstance(formula, f.Always):
            return [()]
        if isinstance(formula, f.Never):
            return []
        if isinstance(formula, f.At):
            return [(Atom(ZERO, self.calendar.start(formula.moment)),)]
        node = _simple(formula)
        if node is not None:
            return [(Atom(node),)]
        if isinstance(formula, f.After):
            delay = length(formula.period, longest=self.longest)
            inner = self._formula(formula.formula, assumed)
            if any(len(way) != 1 for way in inner):
                raise Unplaced
            return [tuple(Atom(a.node, a.delay + delay) for a in way) for way in inner]
        if isinstance(formula, f.Or):
            return self._few([w for p in formula.parts for w in self._formula(p, assumed)])
        if isinstance(formula, f.And):
            return self._all(formula.parts, assumed)
        if isinstance(formula, f.Joint):
            if formula.group in assumed:
                return [()]
            members = self.terms.groups[formula.group]
            return self._all(tuple(self.commitments[m].trigger for m in members), assumed | {formula.group})
        raise Unplaced

    def _all(self, parts: tuple[f.Formula, ...], assumed: frozenset[str]) -> list[Way]:
        ways: list[Way] = [()]
        for part in parts:
            inner = self._formula(part, assumed)
            ways = self._few([tuple(dict.fromkeys((*one, *other))) for one in ways for other in inner])
        return ways

    def _few(self, ways: list[Way]) -> list[Way]:
        if len(ways) > MOST_WAYS:
            raise Unplaced
        return ways

    def together(self, one: str, other: str) -> dict[str, int] | None:
        """Instants of a run in which both are in force at once, or None if there is none or it cannot be told."""
        return next(self._runs(one, other, whole=False), None)

    def all_together(self, names: Sequence[str]) -> dict[str, int] | None:
        """Instants of a run in which all are in force at once, or None."""
        for begins in product(*(self._begins(n) for n in names)):
            net = Network()
            try:
                for name, begin in zip(names, begins, strict=True):
                    self._duty(net, name, *begin, set())
            except Unplaced:
                continue
            nodes = {n for x, y, _ in net.edges for n in (x, y)}
            for name, beside in product(names, names):
                net.at_least(f"end:{name}", f"start:{beside}", 1)
                if f"done:{name}" in nodes:
                    net.at_least(f"done:{name}", f"start:{beside}", 1)
            found = net.feasible()
            if found is not None:
                return found
        return None

    def throughout(self, keeper: str, act: str) -> dict[str, int] | None:
        """Instants of a run in which one is in force all the time in which the other is due, or None."""
        return next(self._runs(keeper, act, whole=True), None)

    def _runs(self, one: str, other: str, *, whole: bool) -> Iterator[dict[str, int]]:
        for first, second in product(self._begins(one), self._begins(other)):
            net = Network()
            try:
                self._duty(net, one, *first, set())
                self._duty(net, other, *second, set())
            except Unplaced:
                continue
            nodes = {n for x, y, _ in net.edges for n in (x, y)}
            if whole:
                if f"done:{other}" in nodes or not self._outlasts(net, one, other):
                    continue  # it has been done by then
                net.at_most(f"start:{one}", f"start:{other}", 0)
            else:
                for name, beside in ((one, other), (other, one)):
                    net.at_least(f"end:{name}", f"start:{name}", 1)
                    net.at_least(f"end:{beside}", f"start:{name}", 1)
                    if f"done:{name}" in nodes:
                        net.at_least(f"done:{name}", f"start:{beside}", 1)
            found = net.feasible()
            if found is not None:
                yield found

    def _begins(self, name: str) -> list[Begin]:
        """How a commitment can begin: a way, its last instant, and instants before which no other way is complete."""
        ways = self.ways(name) or ()
        return [
            (way, last, blocked)
            for way in ways
            for last in way
            for blocked in product(*(other for other in ways if other != way))
        ]

    def _outlasts(self, net: Network, keeper: str, act: str) -> bool:
        """Ask that the keeper ends no earlier than the act; False if it cannot."""
        own, others = self.commitments[keeper].deadline, self.commitments[act].deadline
        if isinstance(others, NoDeadline):
            return isinstance(own, NoDeadline)
        net.at_least(f"end:{act}", f"start:{act}", 1)
        if not isinstance(own, NoDeadline):
            net.at_most(f"end:{act}", f"end:{keeper}", 0)
        return True

    def _duty(self, net: Network, name: str, way: Way, last: Atom, blocked: Way, seen: set[str]) -> None:
        """A commitment in force: it begins with the last instant of its way and ends with its deadline."""
        c = self.commitments[name]
        start, end = f"start:{name}", f"end:{name}"
        for atom in way:
            net.at_least(start, atom.node, atom.delay)
            self._node(net, atom.node, seen | {name})
        net.at_most(start, last.node, last.delay)
        for atom in blocked:
            net.at_least(atom.node, start, -atom.delay)
            self._node(net, atom.node, seen | {name})
        if isinstance(c.deadline, On):
            deadline = self.calendar.deadline(c.deadline.moment)
            net.at_most(end, ZERO, deadline)
            net.at_least(end, ZERO, deadline)
        elif isinstance(c.deadline, Within):
            anchor = c.deadline.anchor
            node = start if anchor is None else self._anchor(anchor)
            lasts = length(c.deadline.period, longest=self.longest)
            net.at_most(end, node, lasts)
            net.at_least(end, node, lasts)
            self._node(net, node, seen | {name})
        elif isinstance(c.deadline, Every):
            due = next(iter(self.calendar.occurrences(c.deadline, 1)), None)
            if due is None:
                raise Unplaced
            net.at_most(end, ZERO, due)  # the first time that it is due
            net.at_least(end, ZERO, due)
        if c.lapse is not None:
            if not isinstance(c.lapse, On):
                raise Unplaced
            net.at_most(start, ZERO, self.calendar.deadline(c.lapse.moment) - 1)
        sunset = self.terms.sunset
        if isinstance(sunset, On) and not c.survives:
            net.at_most(start, ZERO, self.calendar.deadline(sunset.moment) - 1)
        elif isinstance(sunset, Within) and isinstance(sunset.anchor, f.InForce) and not c.survives:
            net.at_most(start, "in-force", length(sunset.period, longest=self.longest) - 1)

    def _anchor(self, anchor: f.Formula) -> str:
        node = _simple(anchor)
        if node is None:
            raise Unplaced
        return node

    def _node(self, net: Network, node: str, seen: set[str]) -> None:
        """What holds of the instant of a performance: not before it is due; a duty to keep is done at its end."""
        kind, _, name = node.partition(":")
        if kind != "done":
            return
        if name in seen:
            raise Unplaced
        ways = self.ways(name)
        if not ways:
            raise Unplaced
        c = self.commitments[name]
        way = ways[0]
        if len(ways) > 1 or c.modality == "recurrent":
            raise Unplaced
        if c.modality == "achieve":
            for atom in way:
                net.at_least(f"start:{name}", atom.node, atom.delay)
                self._node(net, atom.node, seen | {name})
            net.at_least(node, f"start:{name}", 0)
            return
        if isinstance(c.deadline, NoDeadline) or len(way) != 1:
            raise Unplaced  # it never ends by itself, or begins with the last of several instants
        self._duty(net, name, way, way[0], (), seen)
        net.at_most(node, f"end:{name}", 0)
        net.at_least(node, f"end:{name}", 0)


def _simple(formula: f.Formula) -> str | None:
    """The node of a formula that comes true at one instant which the constraints leave free."""
    if isinstance(formula, f.InForce):
        return "in-force"
    if isinstance(formula, f.Event):
        return f"event:{formula.name}"
    if isinstance(formula, f.Signed | f.Ratified):
        return f"{'signed' if isinstance(formula, f.Signed) else 'ratified'}:{formula.party}"
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed):
        return f"done:{formula.commitment}"
    return None


def bounds(found: Mapping[str, int], name: str) -> tuple[int, int | None]:
    """When a duty is in force in a run: from, and to (None: without end)."""
    return found.get(f"start:{name}", 0), found.get(f"end:{name}")
