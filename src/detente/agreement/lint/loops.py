"""D6 and D7: suspensions that nothing can lift, and consequences that blind the inspectors (docs/lint.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from detente.agreement import formulas as f
from detente.agreement.formula_text import formula_text
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.parts import components
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import made_good, quoted, told
from detente.agreement.lint.waiting import GROUP, Stuck, Waiting
from detente.agreement.lint.withheld import starved_by_each
from detente.agreement.terms import Consequence, Terms
from detente.base.wording import listed

WHOLE = "agreement"
HOLDING = ("suspend", "reverse")


@dataclass(frozen=True)
class Entry:
    """A consequence that holds something until a formula is true; ``number`` from 0."""

    of: str
    number: int
    what: Consequence
    targets: frozenset[str]

    @property
    def id(self) -> str:
        """As in ``freeze/1``, numbered from 1."""
        return f"{self.of}/{self.number + 1}"


class Holds:
    """All suspensions and reversals, and which of them can end once they are in effect.

    The most favourable past is assumed: everything may have begun before, and all who can still act do.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.world = Waiting(terms, any_run=True)
        self.begun = self.world.all_begun()
        every = frozenset(self.world.of)
        self.entries = [
            Entry(c.id, i, what, every if WHOLE in what.targets else frozenset(what.targets))
            for c in terms.commitments
            for i, what in enumerate(c.on_breach)
            if what.effect in HOLDING and what.resume is not None
        ]
        self.holders: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for target in entry.targets:
                self.holders.setdefault(target, []).append(entry)

    def lasting(self, active: Sequence[Entry]) -> dict[str, set[str]]:
        """Those of some entries in effect that never end, each with the entries that keep it so."""
        held: dict[str, set[str]] = {}
        for entry in active:
            for target in entry.targets:
                held.setdefault(target, set()).add(entry.id)
        gone = {e.of for e in active if self.world.of[e.of].after_breach == "extinguish"}
        left = {e.id: e for e in active}
        while True:
            free = [n for n, e in left.items() if self._can(e, held, gone)]
            if not free:
                break
            for name in free:
                for target in left.pop(name).targets:
                    held[target].discard(name)
        return {n: self._keepers(e, held) & left.keys() for n, e in left.items()}

    def _can(self, entry: Entry, held: Mapping[str, set[str]], gone: set[str]) -> bool:
        assert entry.what.resume is not None  # noqa: S101 - only such are entries
        # Joints are taken as true until a member cannot be ready; no more than all of them can turn out false.
        false: set[str] = set()
        while True:
            asked: set[str] = set()
            if not self._holds(entry.what.resume, held, gone, (false, asked)):
                return False
            new = {g for g in self._groups(asked) - false if not self._ready(g, held, gone, false)}
            if not new:
                return True
            false |= new

    def _groups(self, asked: set[str]) -> set[str]:
        """Some groups and all that they lead to."""
        found, queue = set(asked), list(asked)
        while queue:
            for name in self.world.asks[GROUP + queue.pop()]:
                group = name.removeprefix(GROUP)
                if name.startswith(GROUP) and group not in found:
                    found.add(group)
                    queue.append(group)
        return found

    def _ready(self, group: str, held: Mapping[str, set[str]], gone: set[str], false: set[str]) -> bool:
        members = self.terms.groups[group]
        return not any(held.get(m) for m in members) and all(
            m in self.world.activators or self._holds(self.world.of[m].trigger, held, gone, (false, set()))
            for m in members
        )

    def _holds(
        self, formula: f.Formula, held: Mapping[str, set[str]], gone: set[str], joints: tuple[set[str], set[str]]
    ) -> bool:  # fmt: skip
        """Whether a formula can still become true; ``joints``: groups known to be false, and those asked for."""
        if isinstance(formula, f.And):
            return all(self._holds(p, held, gone, joints) for p in formula.parts)
        if isinstance(formula, f.Or):
            return any(self._holds(p, held, gone, joints) for p in formula.parts)
        if isinstance(formula, f.After):
            return self._holds(formula.formula, held, gone, joints)
        if isinstance(formula, f.Joint):
            joints[1].add(formula.group)
            return formula.group not in joints[0]
        if isinstance(formula, f.Fulfilled | f.Verified):
            names = list(self.world.named(formula))
            return any(not held.get(n) and n not in gone and not self.begun.done[n] for n in names)
        if isinstance(formula, f.Claimed | f.InState) and gone.issuperset(self.world.named(formula)):
            # Progress stays as it was; of several parts another may still be in the state.
            ended = isinstance(formula, f.Claimed) or not (formula.states & {"terminated"} or self._parted(formula))
            if ended:
                return False
        return not self.world.mask(formula, self.begun) & 1

    def _parted(self, formula: f.InState) -> bool:
        """Whether what it asks about has several parts or instances."""
        asked = [self.world.of[n] for n in self.world.named(formula)]
        return any(c.modality == "recurrent" or (c.mode == "each" and len(c.obligors) > 1) for c in asked)

    def _keepers(self, entry: Entry, held: Mapping[str, set[str]]) -> set[str]:
        """The entries that hold what an entry waits for."""
        assert entry.what.resume is not None  # noqa: S101 - only such are entries
        formulas, found, groups = [entry.what.resume], set[str](), set[str]()
        while formulas:
            formula = formulas.pop()
            if isinstance(formula, f.And | f.Or):
                formulas += formula.parts
            elif isinstance(formula, f.After):
                formulas.append(formula.formula)
            elif isinstance(formula, f.Joint) and formula.group not in groups:
                groups.add(formula.group)
                for member in self.terms.groups[formula.group]:
                    found |= held.get(member, set())
                    formulas.append(self.world.of[member].trigger)
            elif isinstance(formula, f.Fulfilled | f.Verified):
                found |= {h for n in self.world.named(formula) for h in held.get(n, ())}
        return found


def loops(read: Read) -> Iterator[Finding]:
    """Suspensions that nothing in the text can lift."""
    holds = Holds(read.terms)
    if not holds.entries:
        return
    of = {e.id: e for e in holds.entries}
    alone: set[str] = set()
    by_breach: dict[str, list[Entry]] = {}
    for entry in holds.entries:
        by_breach.setdefault(entry.of, []).append(entry)
    for entries in by_breach.values():
        for name in holds.lasting(entries):
            alone.add(name)
            if not isinstance(_resume(of[name]), f.Never):
                yield _trap(read, holds, of[name])
    yield from _for_good(read, holds)
    edges = {n: sorted(k - alone) for n, k in holds.lasting(holds.entries).items() if n not in alone}
    for part in components(edges):
        if len({of[n].of for n in part}) > 1:
            yield _loop(read, holds, [of[n] for n in sorted(part)])
    yield from _starving(read, holds, alone)


def _path(entry: Entry) -> tuple[str | int, ...]:
    return ("commitments", entry.of, "on_breach", entry.number)


def _held(read: Read, entry: Entry) -> str:
    if WHOLE in entry.what.targets:
        return "the whole agreement"
    return listed([quoted(read, t) for t in entry.what.targets])


def _verb(entry: Entry) -> str:
    return "suspends" if entry.what.effect == "suspend" else "reverses"


def _resume(entry: Entry) -> f.Formula:
    assert entry.what.resume is not None  # noqa: S101 - only such are entries
    return entry.what.resume


def _trap(read: Read, holds: Holds, entry: Entry) -> Finding:
    waits = told(read, _resume(entry), until=True)
    why = f"A breach of {quoted(read, entry.of)} {_verb(entry)} {_held(read, entry)} until {waits}."
    asked = [n for n in _asked(holds, _resume(entry)) if n in entry.targets]
    if asked:
        why += f" But what is held does not count as done, and {listed([quoted(read, n) for n in asked])} is held too:"
        why += " nothing in the text can lift it, only an agreement of all parties."
    else:
        why += " That can no longer happen then: only an agreement of all parties can lift it."
    witness = {"consequence": entry.id, "effect": entry.what.effect, "targets": sorted(entry.targets),
               "resume_when": formula_text(_resume(entry)), "asked_and_held": asked}  # fmt: skip
    lifts = made_good(holds.world.of[entry.of])
    repair = (
        f"Take {listed([quoted(read, n) for n in asked])} out of the targets, or write {lifts}"
        if asked
        else f"Let it ask for something that can still be done: {lifts}"
    )
    return read.finding("D6", "error", entry.of, _path(entry), why, witness, repair)


def _for_good(read: Read, holds: Holds) -> Iterator[Finding]:
    """What the text itself says never ends: told once, because it may well be meant."""
    lasting = [e for e in holds.entries if isinstance(_resume(e), f.Never)]
    if not lasting:
        return
    targets = listed([quoted(read, t) for t in dict.fromkeys(t for e in lasting for t in e.what.targets if t != WHOLE)])
    of = listed([quoted(read, n) for n in dict.fromkeys(e.of for e in lasting)], "or")
    why = f"After a breach of {of} nothing brings back {targets or 'the agreement'}: the text says resume_when: never,"
    why += " so only an agreement of all parties can. Make sure that this is meant."
    witness = {"consequences": [e.id for e in lasting], "resume_when": "never"}
    first = lasting[0]
    repair = f"If a way back is wanted: {made_good(holds.world.of[first.of])}"
    yield read.finding("D6", "info", first.of, _path(first), why, witness, repair)


def _asked(holds: Holds, formula: f.Formula) -> list[str]:
    """The commitments that a formula asks to be done."""
    if isinstance(formula, f.And | f.Or):
        return list(dict.fromkeys(n for p in formula.parts for n in _asked(holds, p)))
    if isinstance(formula, f.After):
        return _asked(holds, formula.formula)
    if isinstance(formula, f.Joint):
        return list(holds.terms.groups[formula.group])
    return [formula.commitment] if isinstance(formula, f.Fulfilled | f.Verified) else []


def _loop(read: Read, holds: Holds, entries: Sequence[Entry]) -> Finding:
    """Suspensions of several commitments that keep each other in place."""
    names = list(dict.fromkeys(e.of for e in entries))
    why = f"If {listed([quoted(read, n) for n in names])} are all broken at once, their suspensions never end: each"
    why += " waits until its own is made good, but is held by another, and what is held does not count as done."
    why += " Only an agreement of all parties can lift them."
    witness = {"loop": [
        {"consequence": e.id, "targets": sorted(e.targets), "resume_when": formula_text(_resume(e))} for e in entries
    ]}  # fmt: skip
    first = entries[0]
    lifts = made_good(holds.world.of[first.of])
    repair = f"Let one of them end when its own breach is made good: in {quoted(read, first.of)} {lifts}"
    return read.finding("D6", "info", first.of, _path(first), why, witness, repair)


def _starving(read: Read, holds: Holds, alone: set[str]) -> Iterator[Finding]:
    """Suspensions whose end waits for what they keep from beginning, unless it has begun before."""
    breached = sorted({e.of for e in holds.entries})
    bits = {n: 1 << i for i, n in enumerate(breached)}
    full = (1 << len(breached)) - 1
    done_before = starved_by_each(Waiting(read.terms, any_run=False))
    masks: dict[str, int] = {}
    for entry in holds.entries:
        for target in entry.targets:
            if target != entry.of and entry.of not in done_before[target]:
                masks[target] = masks.get(target, 0) | bits[entry.of]
    stuck: Stuck = holds.world.solve(full, free=bits, held=masks)
    base: Stuck = holds.world.solve(full, free=bits)
    for entry in holds.entries:
        resume = _resume(entry)
        mask = holds.world.mask(resume, stuck) & ~holds.world.mask(resume, base)
        if entry.id in alone or not mask & bits[entry.of]:
            continue
        why = f"A breach of {quoted(read, entry.of)} {_verb(entry)} {_held(read, entry)}"
        why += f" until {told(read, resume, until=True)}; but that waits in turn for what is held."
        why += " Unless it has begun before the breach, only an agreement of all parties can lift it."
        witness = {"consequence": entry.id, "targets": sorted(entry.targets), "resume_when": formula_text(resume),
                   "unless_begun": True}  # fmt: skip
        repair = (
            f"Let it end by what the owner of {quoted(read, entry.of)} can do by itself:"
            f" {made_good(holds.world.of[entry.of])}"
        )
        yield read.finding("D6", "warning", entry.of, _path(entry), why, witness, repair)


def blinds(read: Read) -> Iterator[Finding]:
    """Consequences that take away the access by which something else is checked."""
    watched: dict[str, list[str]] = {}
    for c in read.terms.commitments:
        ways = {v.access for v in c.verification}
        if None not in ways:
            for access in ways:
                watched.setdefault(str(access), []).append(c.id)
    ways_of = {c.id: {v.access for v in c.verification} for c in read.terms.commitments}
    for c in read.terms.commitments:
        for i, what in enumerate(c.on_breach):
            if what.effect not in (*HOLDING, "terminate") or WHOLE in what.targets:
                continue
            hit = set(what.targets)
            blind = [
                n for t in sorted(hit) for n in watched.get(t, ())
                if n not in hit and ways_of[n] <= hit
            ]  # fmt: skip
            if blind:
                yield _blind(read, Entry(c.id, i, what, frozenset(hit)), list(dict.fromkeys(blind)), ways_of)


def _blind(read: Read, entry: Entry, blind: list[str], ways_of: Mapping[str, set[str | None]]) -> Finding:
    lost = sorted({str(a) for n in blind for a in ways_of[n]})
    verb = {"terminate": "ends", "suspend": "suspends", "reverse": "reverses"}[entry.what.effect]
    why = f"A breach of {quoted(read, entry.of)} {verb} {listed([quoted(read, n) for n in lost])}, by which"
    why += f" {listed([quoted(read, n) for n in blind])} is checked: from then on nobody can see whether it is kept."
    witness = {"consequence": entry.id, "effect": entry.what.effect, "access": lost, "blind": blind}
    taken = listed([quoted(read, n) for n in lost])
    repair = f"Take {taken} out of the targets of consequence {entry.number + 1} of {quoted(read, entry.of)}."
    return read.finding("D7", "warning", entry.of, _path(entry), why, witness, repair)


IDS = ("D6", "D7")
CHECKS = (loops, blinds)
