"""Deadlock cores: least sets of commitments each of which waits for another of the set (docs/lint.md, Order and time).

A set is *closed* if none of its members could begin even if everything outside it had begun. A core is a closed set
without a smaller one inside; it is strongly connected. A closed set of one commitment that does not even wait for
itself is a *root*: what it waits for can never be. The cores found are disjoint, and if all of them and all roots were
mended, everything else would begin.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from detente.agreement import formulas as f
from detente.agreement.lint.waiting import ENTRY, GROUP, NO_GROUPS, OF_COMMITMENTS, Stuck, Waiting
from detente.agreement.terms import Within

FEW = 8  # groups that lead to each other


@dataclass(frozen=True, slots=True)
class Edge:
    """``waits`` cannot begin because of ``part`` of what it waits for, which needs ``needs`` to begin first.

    Attributes:
        waits: a commitment, or empty: the entry into force.
        needs: likewise; None: nothing helps, the part can never be true.
        part: the part of the formula.
        where: where the part stands: commitments by way of which it is asked (members of a group, or what is kept
            until something happens), the commitment itself first.
    """

    waits: str
    needs: str | None
    part: f.Formula
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Core:
    """A least closed set: its members, a cycle through some of them (a single edge without ``needs`` for a root)."""

    members: tuple[str, ...]
    cycle: tuple[Edge, ...]

    @property
    def is_root(self) -> bool:
        """Whether it is one commitment that waits for what can never be."""
        return self.cycle[0].needs is None


def cores(waiting: Waiting) -> list[Core]:
    """All disjoint cores and roots, in the order of who depends on whom."""
    found: list[Core] = []
    stuck = waiting.solve()
    known = waiting.all_begun()
    for part in waiting.parts:
        left = [n for n in part if stuck.begin.get(n)]
        while left:
            inside = waiting.inside(part, known, left)
            left = [n for n in left if inside.begin[n]]
            if not left:
                break
            members = _least(waiting, part, known, left)
            found.append(_told(waiting, part, known, members))
            left = [n for n in left if n not in members]
    return found


def _least(waiting: Waiting, part: list[str], known: Stuck, closed: list[str]) -> list[str]:
    """A least closed set within a closed set."""
    while len(closed) > 1:
        full = (1 << len(closed)) - 1
        free = {n: 1 << i for i, n in enumerate(closed)}
        tried = waiting.inside(part, known, closed, free, full)
        sizes = [0] * len(closed)
        for name in closed:
            mask = tried.begin[name]
            while mask:
                low = mask & -mask
                sizes[low.bit_length() - 1] += 1
                mask ^= low
        choices = [(size, i) for i, size in enumerate(sizes) if size]
        if not choices:
            break
        chosen = min(choices)[1]
        closed = [n for n in closed if tried.begin[n] >> chosen & 1]
    return closed


def _told(waiting: Waiting, part: list[str], known: Stuck, members: list[str]) -> Core:
    """A core with a cycle through it."""
    inside = waiting.inside(part, known, members)
    inner = frozenset(members)
    at = members[0]
    seen: dict[str, int] = {}
    edges: list[Edge] = []
    while at not in seen:
        seen[at] = len(edges)
        options = list(failing(waiting, inside, at))
        edge = next((e for e in options if e.needs in inner), options[0])
        edges.append(edge)
        if edge.needs is None:
            break
        at = edge.needs
    start = seen.get(at, 0) if edges[-1].needs is not None else len(edges) - 1
    cycle = edges[start:]
    turn = min(range(len(cycle)), key=lambda i: cycle[i].waits)
    return Core(tuple(sorted(members)), (*cycle[turn:], *cycle[:turn]))


def failing(waiting: Waiting, stuck: Stuck, name: str) -> Iterator[Edge]:
    """What keeps a stuck commitment from beginning (in the first scenario), part by part."""
    if name == ENTRY:
        yield from _failing(waiting, stuck, waiting.terms.entry, (ENTRY,), NO_GROUPS, set())
        return
    c = waiting.of[name]
    yield from _ready(waiting, stuck, c.id, (name,), NO_GROUPS, set())
    if not c.provisional and stuck.begin[ENTRY] & 1:
        yield Edge(name, ENTRY, f.InForce(), (name,))


def _ready(
    waiting: Waiting, stuck: Stuck, name: str, where: tuple[str, ...], assumed: frozenset[str], seen: set[str]
) -> Iterator[Edge]:  # fmt: skip
    """Why its trigger does not hold and no breach activates it."""
    by = waiting.activators.get(name, ()) if waiting.breaches else ()
    if any(not stuck.begin[b] & 1 for b in by):
        return
    yield from _failing(waiting, stuck, waiting.of[name].trigger, where, assumed, seen)
    for each in by:
        yield Edge(where[0], each, f.Breached(each), where)


def _failing(
    waiting: Waiting, stuck: Stuck, formula: f.Formula, where: tuple[str, ...], assumed: frozenset[str], seen: set[str]
) -> Iterator[Edge]:  # fmt: skip
    """The edges of a part; ``seen``: groups and what is kept, each of which is looked into once."""
    if not waiting.mask(formula, stuck, assumed) & 1:
        return
    if isinstance(formula, f.And | f.Or):
        for part in formula.parts:
            yield from _failing(waiting, stuck, part, where, assumed, seen)
    elif isinstance(formula, f.After):
        yield from _failing(waiting, stuck, formula.formula, where, assumed, seen)
    elif isinstance(formula, f.Joint):
        if GROUP + formula.group in seen:
            return
        seen.add(GROUP + formula.group)
        # In many groups that lead to each other, a reason more than strictly needed may be told.
        few = len(waiting.circles[formula.group]) <= FEW
        inner = assumed | {formula.group} if few else assumed
        for member in waiting.terms.groups[formula.group]:
            if not few and f"ready {member}" in seen:
                continue
            seen.add(f"ready {member}")
            yield from _ready(waiting, stuck, member, (*where, member), inner, seen)
    elif isinstance(formula, f.InForce):
        yield Edge(where[0], ENTRY, formula, where)
    elif isinstance(formula, OF_COMMITMENTS):
        yield from _asked(waiting, stuck, formula, where, seen)
    else:
        yield Edge(where[0], None, formula, where)


def _asked(
    waiting: Waiting, stuck: Stuck, formula: f.Formula, where: tuple[str, ...], seen: set[str]
) -> Iterator[Edge]:  # fmt: skip
    told = False
    for name in waiting.named(formula):
        if stuck.begin[name] & 1:
            told = True
            yield Edge(where[0], name, formula, where)
            continue
        c = waiting.of[name]
        anchor = c.deadline.anchor if isinstance(c.deadline, Within) else None
        if c.modality in ("maintain", "refrain") and anchor is not None and stuck.done[name] & 1 and name not in where:
            if name in seen:
                told = True
                continue
            seen.add(name)
            for edge in _failing(waiting, stuck, anchor, (*where, name), NO_GROUPS, seen):
                told = True
                yield edge
    if not told:
        yield Edge(where[0], None, formula, where)


def way_to(waiting: Waiting, stuck: Stuck, name: str, causes: Collection[str]) -> tuple[Edge, ...]:
    """A shortest way from what is starved to one of its causes."""
    came: dict[str, Edge] = {}
    queue = [name]
    for at in queue:
        if at in causes:
            way: list[Edge] = []
            while not way or way[-1].waits != name:
                way.append(came[way[-1].waits if way else at])
            return tuple(reversed(way))
        for edge in failing(waiting, stuck, at):
            if edge.needs is not None and edge.needs not in came and edge.needs != name:
                came[edge.needs] = edge
                queue.append(edge.needs)
    return ()
