"""Commitments while an agreement runs: the parts of those of each obligor, the instances of recurrent ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from detente.agreement import table as at
from detente.agreement.periods import Instant, Interval
from detente.agreement.terms import Commitment

if TYPE_CHECKING:
    from detente.agreement.consequences import Breach, Resume
    from detente.agreement.machine import Machine
    from detente.agreement.truth import Watch

Hold = tuple[str, str]  # reason, source
NO_PROGRESS, ALL_DONE = Fraction(0), Fraction(1)
OPEN, CHECKED, CONTESTABLE, IN_DISPUTE, IN_BREACH = range(5)
CLASSES: dict[str, tuple[int, ...]] = {
    life: tuple(
        c
        for c, lives in (
            (OPEN, set(at.LIVE) - {at.CLAIMED}),
            (CHECKED, {at.CLAIMED, at.UNVERIFIED}),
            (CONTESTABLE, {at.CLAIMED, at.BREACHED, at.FULFILLED}),
            (IN_DISPUTE, {at.DISPUTED}),
        )
        if life in lives
    )
    for life in at.LIVES
}
NAMED_BY_OBLIGOR = frozenset({"claim", "excuse", "declare_nonperformance", "declare_baseline"})
MEANT: dict[str, int] = {
    "verify": CHECKED, "refute": CHECKED, "no_conclusion": CHECKED, "access": CHECKED, "contest": CONTESTABLE,
    "withdraw_contest": IN_DISPUTE, "uphold": IN_DISPUTE, "overturn": IN_DISPUTE,
    "notify": IN_BREACH, "block": IN_BREACH, "execute": IN_BREACH,
}  # fmt: skip
NONE_OF = {
    OPEN: "no instance of it is open",
    CHECKED: "no claim of an instance stands",
    CONTESTABLE: "no instance of it can be contested",
    IN_DISPUTE: "no instance of it is disputed",
    IN_BREACH: "no breach of an instance stands",
}


class Finding(NamedTuple):
    """What was found: kind (none, claimed, verified, refuted, contested, no-conclusion), by whom, when."""

    kind: str
    by: tuple[str, ...] = ()
    instant: Instant | None = None


NO_FINDING = Finding("none")
Core = tuple[
    str, frozenset[Hold], bool | None, Fraction, Instant | None, Instant | None, bool, Instant | None,
    Instant | None, Instant | None, Instant | None, tuple[str, ...], bool,
]  # fmt: skip
NO_HOLDS: frozenset[Hold] = frozenset()


class Node:
    """One commitment that has a state of its own.

    Attributes (those that need saying):
        of: id of the commitment as written; ``names`` all names that mean it.
        occurrence, previous: deadlines of this instance and of the one before it.
        claims: claims not yet ended, by obligor.
        held, held_since, spans: time held so far in states whose clock stops; since when; the stretches.
        due, due_mark: the deadline, and the time held when its clock started; cure, notice, verify, lapse alike.
        reached: the deadline is past, and fixed.
        stopped: rows 5 and 8 do not fire again (a breach was overturned).
        called: a consequence activated it.
        found, times, states: histories of findings and of the rest.
    """

    __slots__ = (
        "activated", "blame", "breach", "callable", "called", "claim_seq", "claimer", "claims",
        "contested_by", "contested_from", "contested_until", "cure", "cure_mark", "due", "due_mark",
        "episodes", "ever_breached", "excuses", "forward", "found", "group", "held", "held_since", "holders",
        "holds", "id", "interval", "keeps", "lapse", "lapse_mark", "last_found", "late", "life", "mode",
        "names", "needed", "notice", "notice_mark", "number", "obligees", "obligors", "occurrence", "of",
        "previous", "progress", "reached", "restores", "runs", "saved_finding", "since", "spans", "stalled",
        "states", "stopped", "successors", "terms", "times", "trigger", "verified", "verifiers", "verify",
        "verify_mark", "waived", "wakes", "watchers",
    )  # fmt: skip

    def __init__(self, name: str, terms: Commitment, obligors: tuple[str, ...], names: frozenset[str]) -> None:
        self.id, self.of, self.terms, self.names = name, terms.id, terms, names
        self.obligors, self.mode = obligors, terms.mode
        own = obligors if terms.mode == "each" else ()
        self.obligees = tuple(p for p in terms.obligees if p not in own)
        self.keeps = terms.modality in ("maintain", "refrain")
        self.runs = terms.clock_when_held == "run"
        self.verifiers = frozenset(v.verifier for v in terms.verification)
        by = terms.verified_by
        self.needed = 1 if by == "any" else len(self.verifiers) if by == "all" else int(by)
        self.group: Group | None = None
        self.number = 0
        self.occurrence: Instant | None = None
        self.previous: Instant | None = None
        self.life, self.since = at.INERT, None
        self.holds: dict[Hold, frozenset[str]] = {}
        self.held, self.held_since = 0, None
        self.spans: list[tuple[Instant, Instant]] = []
        self.claims: dict[str, Interval] = {}
        self.claimer: tuple[str, ...] = ()
        self.claim_seq: int | str = "clock"
        self.interval: Interval | None = None
        self.late: bool | None = False
        self.progress = NO_PROGRESS
        self.activated: Instant | None = None
        self.due: Instant | None = None
        self.cure: Instant | None = None
        self.notice: Instant | None = None
        self.verify: Instant | None = None
        self.lapse: Instant | None = None
        self.due_mark = self.cure_mark = self.notice_mark = self.verify_mark = self.lapse_mark = 0
        self.reached = self.stopped = self.called = self.callable = self.ever_breached = False
        self.breach: Breach | None = None
        self.blame: tuple[str, ...] = ()
        self.stalled: list[object] = []
        self.holders: dict[int, Resume] = {}
        self.contested_from, self.contested_until = "", None
        self.contested_by: frozenset[str] = frozenset()
        self.saved_finding = NO_FINDING
        self.verified: set[str] = set()
        self.waived: set[str] = set()
        self.excuses: list[tuple[Instant, Instant | None]] = []
        self.episodes: list[tuple[Instant, Instant | None]] = []
        self.last_found: Instant | None = None
        self.successors: list[Node] | None = None
        self.forward: list[Node] = []
        self.watchers: list[Watch] = []
        self.trigger: Watch
        self.restores: list[Node] = []
        self.wakes: Instant | None = None
        self.found: list[tuple[Instant, Finding]] = []
        self.times: list[Instant] = []
        self.states: list[Core] = []

    since: Instant | None
    held_since: Instant | None
    contested_until: Instant | None
    callable: bool

    def wake(self, machine: Machine) -> None:
        """A clock of it may have run out."""
        machine.touched.add(self)

    def held_by(self, now: Instant) -> int:
        """Time held so far."""
        return self.held if self.held_since is None else self.held + now - self.held_since

    def deadline(self, now: Instant) -> Instant | None:
        """The deadline as it stands."""
        if self.due is None or self.reached or self.runs:
            return self.due
        return self.due + self.held_by(now) - self.due_mark

    def moved(self, end: Instant, mark: int, now: Instant) -> Instant:
        """An end moved by the time held since its clock started."""
        return end if self.runs else end + self.held_by(now) - mark

    def cure_end(self, now: Instant) -> Instant | None:
        """End of the time to cure, once it runs."""
        if self.cure is None:
            return None
        end = self.moved(self.cure, self.cure_mark, now)
        return end if self.notice is None else max(end, self.moved(self.notice, self.notice_mark, now))

    @property
    def free(self) -> bool:
        """Whether its clocks go on."""
        return self.held_since is None or self.runs

    @property
    def finding(self) -> Finding:
        """The last finding."""
        return self.found[-1][1] if self.found else NO_FINDING

    @property
    def claim_stands(self) -> bool:
        """A claim stands in claimed and unverified, and in disputed if it was claimed when contested."""
        life = self.life
        return life in (at.CLAIMED, at.UNVERIFIED) or (life == at.DISPUTED and self.contested_from == at.CLAIMED)

    @property
    def in_breach(self) -> bool:
        """Whether a breach of it stands."""
        return self.breach is not None and self.breach.stands

    @property
    def complete(self) -> bool:
        """Whether everybody has claimed who has to."""
        return bool(self.claims) and (self.mode == "any" or len(self.claims) >= len(self.obligors))

    def core(self, now: Instant) -> Core:
        """What is remembered of an instant."""
        breach = self.breach if self.in_breach else None
        life = self.life
        return (
            life, frozenset(self.holds) if self.holds else NO_HOLDS, self.late, self.progress, self.activated,
            self.deadline(now), self.reached, self.cure_end(now) if life == at.OVERDUE else None,
            self.moved(self.verify, self.verify_mark, now) if self.verify is not None and life == at.CLAIMED else None,
            self.contested_until if life == at.DISPUTED else None,
            breach.at if breach else None, self.blame if breach else (),
            self.held_since is not None and not self.runs,
        )  # fmt: skip


class Group:
    """A name that means several: the parts of a commitment of each obligor, or the instances of a recurrent one."""

    __slots__ = ("called", "endless", "ever", "heaps", "id", "parts", "recurrent")

    def __init__(self, name: str, parts: Sequence[Node | Group], *, recurrent: bool, endless: bool = False) -> None:
        self.id, self.recurrent, self.endless = name, recurrent, endless
        self.parts: tuple[Node | Group, ...] = tuple(parts)
        self.ever = self.called = False
        self.heaps: tuple[list[int], ...] = ([], [], [], [], [])
        if recurrent:
            self.heaps[OPEN].extend(range(len(parts)))

    def nodes(self) -> Iterator[Node]:
        """All that it means."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
            else:
                yield from part.nodes()

    def moved(self, node: Node) -> None:
        """An instance is in another state."""
        for c in CLASSES[node.life]:
            heappush(self.heaps[c], node.number - 1)

    def broken(self, node: Node) -> None:
        """An instance has been breached."""
        heappush(self.heaps[IN_BREACH], node.number - 1)

    def earliest(self, group: int) -> Node | None:
        """The earliest instance of a class of states."""
        heap = self.heaps[group]
        while heap:
            node = self.parts[heap[0]]
            assert isinstance(node, Node)  # noqa: S101 - instances have no parts
            if node.in_breach if group == IN_BREACH else group in CLASSES[node.life]:
                return node
            heappop(heap)
        return None

    def meant(self, kind: str, by: tuple[str, ...]) -> list[Node] | str:
        """Which of them a record means, or why none."""
        if self.recurrent:
            if kind in ("waive", "terminate"):
                return list(self.nodes())
            group = MEANT.get(kind, OPEN)
            found = self.earliest(group)
            return [found] if found else NONE_OF[group]
        parts = list(self.parts)
        if kind in NAMED_BY_OBLIGOR:
            own = [p for p in parts if next(iter(_first(p).obligors)) in by]
            parts = own or parts
        result: list[Node] = []
        reason = "it has no parts"
        for part in parts:
            inner = [part] if isinstance(part, Node) else part.meant(kind, by)
            if isinstance(inner, str):
                reason = inner
            else:
                result += inner
        return result or reason


def _first(part: Node | Group) -> Node:
    return part if isinstance(part, Node) else next(part.nodes())
