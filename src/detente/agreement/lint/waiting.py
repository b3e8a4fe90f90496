"""What waits for what: which commitments can begin at all, in many scenarios at once.

A scenario is one bit. A mask says in which scenarios something can *not* come about; so ``and`` is the union of masks,
``or`` their intersection, and the largest solution of the equations is what stays stuck. Two worlds are looked at:

- **cooperation**: dates, outside events, signatures and amendments come, everybody performs what is due, nobody breaks
  anything; work that is reported before its turn is not counted on.
- **any run**: also breaches, their consequences, disputes and early reports of progress. What cannot begin here
  begins under no ledger at all (but that a state may already be what is asked for is taken to be possible).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from detente.agreement import formulas as f
from detente.agreement.building import endless_rule
from detente.agreement.calendar import Calendar
from detente.agreement.lint.parts import components
from detente.agreement.terms import Commitment, NoDeadline, Terms, Within

ENTRY = ""  # stands for the entry into force among the commitments
GROUP = "joint "  # before the name of a group, where groups stand among commitments
NO_GROUPS: frozenset[str] = frozenset()
COME_ANYWAY = frozenset({"inert", "waiting", "lapsed", "waived", "terminated", "superseded"})
ONLY_BY_DEFAULT = frozenset({"overdue", "breached", "disputed", "remedied"})
OF_COMMITMENTS = (f.Fulfilled, f.Verified, f.Claimed, f.Breached, f.InState, f.Progress)
Masks = Mapping[str, int]
NONE: Masks = {}


@dataclass
class Stuck:
    """Where each commitment cannot begin, and cannot be done: one bit for each scenario."""

    full: int
    withheld: Masks
    begin: dict[str, int]
    done: dict[str, int] = field(default_factory=dict)
    joints: dict[tuple[str, frozenset[str]], int] = field(default_factory=dict)
    held: Masks = field(default_factory=dict)


def unreachable(c: Commitment) -> frozenset[str]:
    """States on the way of a claim that it never is in (docs/agreement-semantics.md, 4: rows 4, 7 and 10)."""
    if c.claim_ok or c.modality in ("maintain", "refrain"):
        return frozenset({"claimed", "unverified"})
    timed = any(v.window is not None or v.lag is not None for v in c.verification)
    return frozenset() if timed else frozenset({"unverified"})


class Waiting:
    """The equations of one agreement.

    Args:
        terms: the agreement under one reading.
        any_run: whether all that a ledger can bring about counts.
        breaches: whether breaches and what they set going count; by default as ``any_run``.
    """

    def __init__(self, terms: Terms, *, any_run: bool, breaches: bool | None = None) -> None:
        self.terms, self.any_run = terms, any_run
        self.breaches = any_run if breaches is None else breaches
        self.calendar = Calendar(terms.calendar)
        self.of: dict[str, Commitment] = {c.id: c for c in terms.commitments}
        self.successors: dict[str, list[str]] = {}
        self.activators: dict[str, list[str]] = {}
        for amendment in terms.amendments:
            for old, new in amendment.replaces:
                self.successors.setdefault(old, []).append(new)
        for c in terms.commitments:
            for what in c.on_breach:
                if what.effect != "activate":
                    continue
                for target in self.of if "agreement" in what.targets else what.targets:
                    self.activators.setdefault(target, []).append(c.id)
                    if self.breaches and c.after_breach == "replace":
                        self.successors.setdefault(c.id, []).append(target)

    # --- the equations ------------------------------------------------------------------------------------------------

    def solve(self, full: int = 1, withheld: Masks = NONE, free: Masks = NONE, held: Masks = NONE) -> Stuck:
        """Where each commitment stays stuck.

        Args:
            full: all scenarios.
            withheld: commitment -> the scenarios in which nobody performs it.
            free: commitment -> the scenarios in which it is taken to begin, whatever it waits for.
            held: commitment -> the scenarios in which it may be claimed but does not count as done.
        """
        stuck = Stuck(full, withheld, dict.fromkeys((ENTRY, *self.of), full), dict.fromkeys(self.of, full), held=held)
        for part in self.parts:
            self._settle(stuck, part, part, free)
        return stuck

    def all_begun(self, full: int = 1) -> Stuck:
        """What can be done where everything is taken to begin."""
        return self.solve(full, free=dict.fromkeys((ENTRY, *self.of), full))

    def inside(self, part: list[str], known: Stuck, may: Iterable[str], free: Masks = NONE, full: int = 1) -> Stuck:
        """Where members of one part stay stuck while all else is as known (there: in one scenario).

        Args:
            part: commitments that depend on each other, as in ``parts``.
            known: what is known of all, in a single scenario.
            may: those that may be stuck; the other members begin.
            free: as for ``solve``.
            full: all scenarios.
        """
        begin = dict(known.begin) if full == 1 else {n: v * full for n, v in known.begin.items()}
        done = dict(known.done) if full == 1 else {n: v * full for n, v in known.done.items()}
        stuck = Stuck(full, NONE, begin, done)
        names = list(may)
        for name in part:
            if name in done:
                done[name] = full
        for name in names:
            begin[name] = full
        self._settle(stuck, part, names, free)
        return stuck

    def _settle(self, stuck: Stuck, part: list[str], may: list[str], free: Masks) -> None:
        """Bring the members of a part to their largest solution."""
        begin, done, waits = stuck.begin, stuck.done, frozenset(may)
        asked = [n for n in part if n in begin]
        moved = bool(asked)
        while moved:
            moved = False
            stuck.joints.clear()
            for name in asked:
                if name in waits and begin[name]:
                    new = begin[name] & self.begins(name, stuck) & ~free.get(name, 0)
                    moved |= new != begin[name]
                    begin[name] = new
                if name != ENTRY and done[name]:
                    c = self.of[name]
                    undone = begin[name] | stuck.withheld.get(name, 0) | stuck.held.get(name, 0)
                    new = done[name] & (undone | self._finish(c, stuck))
                    moved |= new != done[name]
                    done[name] = new
            moved &= len(part) > 1 or part[0] in self.asks[part[0]]
        stuck.joints.clear()

    def begins(self, name: str, stuck: Stuck) -> int:
        """Where a commitment cannot begin as things stand; the entry into force likewise."""
        if name == ENTRY:
            return 0 if self.any_run else self.mask(self.terms.entry, stuck)
        c = self.of[name]
        ready = self.mask(c.trigger, stuck)
        if self.breaches:
            for by in self.activators.get(name, ()):
                ready &= stuck.begin[by]
        return ready if c.provisional else ready | stuck.begin[ENTRY]

    def _finish(self, c: Commitment, stuck: Stuck) -> int:
        """Where it can never be done, although it has begun."""
        if self.any_run and self.terms.dispute is not None:
            return 0  # a dispute can end with "fulfilled"
        if c.modality in ("maintain", "refrain"):
            if isinstance(c.deadline, NoDeadline):
                return stuck.full
            anchor = c.deadline.anchor if isinstance(c.deadline, Within) else None
            return self.mask(anchor, stuck) if anchor is not None else 0
        if endless_rule(c.deadline):
            return stuck.full
        return self._confirmed(c, stuck)

    def _confirmed(self, c: Commitment, stuck: Stuck) -> int:
        """Where nobody can say with effect that it, or one instance of it, is done."""
        needed = 1 if c.verified_by == "any" else c.verified_by
        checked = bool(c.verification) and (needed == "all" or needed <= len({v.verifier for v in c.verification}))
        return 0 if checked or c.claim_ok else stuck.full

    # --- formulas -----------------------------------------------------------------------------------------------------

    def mask(self, formula: f.Formula, stuck: Stuck, assumed: frozenset[str] = NO_GROUPS) -> int:
        """Where a formula cannot become true."""
        if isinstance(formula, f.And):
            found = 0
            for part in formula.parts:
                found |= self.mask(part, stuck, assumed)
            return found
        if isinstance(formula, f.Or):
            found = stuck.full
            for part in formula.parts:
                found &= self.mask(part, stuck, assumed)
            return found
        if isinstance(formula, f.After):
            return self.mask(formula.formula, stuck, assumed)
        if isinstance(formula, OF_COMMITMENTS):
            return self._asked(formula, formula.commitment, stuck, frozenset())
        if isinstance(formula, f.Joint):
            return self._joint(formula.group, stuck, assumed)
        if isinstance(formula, f.InForce):
            return stuck.begin[ENTRY]
        if isinstance(formula, f.NotBy):
            return stuck.full if self.surely_before(formula.formula, self.calendar.start(formula.moment)) else 0
        return stuck.full if isinstance(formula, f.Never) else 0

    def surely_before(self, formula: f.Formula, instant: int) -> bool:
        """Whether a formula holds before an instant in every run."""
        if isinstance(formula, f.And):
            return all(self.surely_before(p, instant) for p in formula.parts)
        if isinstance(formula, f.Or):
            return any(self.surely_before(p, instant) for p in formula.parts)
        # Formulas are watched from the first fixed date on, and this very date may be the first of all.
        return isinstance(formula, f.At) and self.calendar.start(formula.moment) < instant

    def _joint(self, group: str, stuck: Stuck, assumed: frozenset[str]) -> int:
        if group in assumed:
            return 0
        if assumed:
            assumed = assumed.intersection(self.circles[group])  # nothing else leads back
        key = (group, assumed)
        if key not in stuck.joints:
            # Taking every joint that led here as true is the least solution of the groups that lead to each other.
            circle = [g for g in self.circles[group] if g not in assumed]
            stuck.joints.update(dict.fromkeys(((g, assumed) for g in circle), 0))
            moved = True
            while moved:
                moved = False
                for each in circle:
                    found = self._members(each, stuck, assumed)
                    moved |= found != stuck.joints[each, assumed] and len(circle) > 1
                    stuck.joints[each, assumed] = found
        return stuck.joints[key]

    def _members(self, group: str, stuck: Stuck, assumed: frozenset[str]) -> int:
        """Where some member is not ready, by what is known of the groups so far."""
        found = 0
        for name in self.terms.groups[group]:
            ready = self.mask(self.of[name].trigger, stuck, assumed)
            if self.breaches:
                for by in self.activators.get(name, ()):
                    ready &= stuck.begin[by]
            found |= ready
        return found

    @cached_property
    def circles(self) -> dict[str, list[str]]:
        """For each group: those that lead to it and that it leads to, itself among them."""
        edges = {n: [o for o in outs if o.startswith(GROUP)] for n, outs in self.asks.items() if n.startswith(GROUP)}
        found = ([n.removeprefix(GROUP) for n in part] for part in components(edges))
        return {g: circle for circle in found for g in circle}

    def _asked(self, formula: f.Formula, name: str, stuck: Stuck, seen: frozenset[str]) -> int:
        """What is asked of a commitment, or of one that takes its place."""
        found = self._itself(formula, self.of[name], stuck)
        for successor in self.successors.get(name, ()):
            if successor not in seen:
                found &= self._asked(formula, successor, stuck, seen | {name})
        return found

    def _itself(self, formula: f.Formula, c: Commitment, stuck: Stuck) -> int:
        begin, done, full = stuck.begin[c.id], stuck.done[c.id], stuck.full
        if isinstance(formula, f.Breached):
            return begin if self.breaches else full
        if isinstance(formula, f.InState):
            return self._in_state(formula.states, c, stuck)
        if endless_rule(c.deadline) and c.modality == "recurrent":
            return full
        if isinstance(formula, f.Progress):
            return self._progress(formula, c, stuck)
        if isinstance(formula, f.Claimed):
            return self._claimed(c, stuck)
        if isinstance(formula, f.Verified) and not self.any_run:
            kept = c.modality in ("maintain", "refrain") and self.terms.bodies
            return done if c.verification or kept else full
        return done

    def _claimed(self, c: Commitment, stuck: Stuck) -> int:
        if c.modality in ("maintain", "refrain"):
            return stuck.done[c.id]
        return stuck.begin[c.id] | stuck.withheld.get(c.id, 0)

    def _progress(self, formula: f.Progress, c: Commitment, stuck: Stuck) -> int:
        if formula.at_least <= 0:
            return 0
        if formula.at_least > 1:
            return stuck.full
        if formula.at_least == 1:
            return stuck.done[c.id]
        if self.any_run:
            return 0  # progress may be reported before its turn
        if c.modality in ("maintain", "refrain") and not c.verification:
            return stuck.done[c.id]  # of what is kept only a verifier reports progress
        return stuck.begin[c.id] | stuck.withheld.get(c.id, 0)

    def _in_state(self, states: frozenset[str], c: Commitment, stuck: Stuck) -> int:
        if states & COME_ANYWAY:
            return 0
        states -= unreachable(c)
        if not states:
            return stuck.full
        done = stuck.done[c.id]
        if c.modality == "recurrent":  # the state of one instance is enough
            done = stuck.begin[c.id] | stuck.withheld.get(c.id, 0) | stuck.held.get(c.id, 0)
            done |= 0 if self.any_run and self.terms.dispute is not None else self._confirmed(c, stuck)
        if self.any_run:
            return stuck.begin[c.id] if states - {"fulfilled"} else done
        found = stuck.begin[c.id] if self.breaches and states & ONLY_BY_DEFAULT else stuck.full
        if "due" in states:
            found &= stuck.begin[c.id]
        if states & {"claimed", "unverified"} and c.modality not in ("maintain", "refrain"):
            found &= stuck.begin[c.id] | stuck.withheld.get(c.id, 0)
        if "fulfilled" in states:
            found &= done
        return found

    # --- who depends on whom ------------------------------------------------------------------------------------------

    @cached_property
    def asks(self) -> dict[str, tuple[str, ...]]:
        """For each commitment, the entry into force and each group: what its beginning or its end can depend on."""
        found: dict[str, tuple[str, ...]] = {ENTRY: () if self.any_run else tuple(self.named(self.terms.entry))}
        for c in self.terms.commitments:
            names = dict.fromkeys(self.named(c.trigger))
            if isinstance(c.deadline, Within) and c.deadline.anchor is not None:
                names.update(dict.fromkeys(self.named(c.deadline.anchor)))
            if self.breaches:
                names.update(dict.fromkeys(self.activators.get(c.id, ())))
            if not c.provisional:
                names[ENTRY] = None
            found[c.id] = tuple(names)
        for group, members in self.terms.groups.items():
            names = dict.fromkeys(n for m in members for n in self.named(self.of[m].trigger))
            if self.breaches:
                names.update(dict.fromkeys(by for m in members for by in self.activators.get(m, ())))
            found[GROUP + group] = tuple(names)
        return found

    def named(self, formula: f.Formula) -> Iterator[str]:
        """The commitments that a formula asks about, with those that take their place, and the groups."""
        if isinstance(formula, f.And | f.Or):
            for part in formula.parts:
                yield from self.named(part)
        elif isinstance(formula, f.After):
            yield from self.named(formula.formula)
        elif isinstance(formula, f.InForce):
            yield ENTRY
        elif isinstance(formula, f.Joint):
            yield GROUP + formula.group
        elif isinstance(formula, OF_COMMITMENTS):
            queue, seen = [formula.commitment], {formula.commitment}
            while queue:
                name = queue.pop()
                yield name
                fresh = [s for s in self.successors.get(name, ()) if s not in seen]
                seen.update(fresh)
                queue += fresh

    @cached_property
    def parts(self) -> list[list[str]]:
        """Strongly connected parts of who depends on whom, those that are depended on first."""
        return components(self.asks)
