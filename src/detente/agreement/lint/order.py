"""D1 and D2: who waits for whom for ever, and what can never begin (docs/lint.md, Order and time)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.agreement import formulas as f
from detente.agreement.building import endless_rule
from detente.agreement.formula_text import formula_text
from detente.agreement.lint.cores import Core, Edge, cores, way_to
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted, subject, told
from detente.agreement.lint.waiting import ENTRY, OF_COMMITMENTS, Waiting
from detente.agreement.terms import Commitment, NoDeadline, Terms
from detente.base.wording import listed

MOST_TOLD = 6
Path = tuple[str | int, ...]


class Order:
    """What stays stuck, and why: while all cooperate, and in any run.

    Attributes:
        together, any_run: the two worlds.
        deadlocks: cores, with whether no run at all breaks them.
        roots: commitments whose own words can never be true, likewise.
        starved: commitment -> the way to the cause, and whether no run at all lets it begin.
    """

    def __init__(self, terms: Terms) -> None:
        self.together = Waiting(terms, any_run=False)
        self.any_run = Waiting(terms, any_run=True)
        never = self.any_run.solve()
        self.never = {n for n, mask in never.begin.items() if mask}
        hard = cores(self.any_run) if self.never else []
        self.deadlocks: list[tuple[Core, bool]] = [(c, True) for c in hard if not c.is_root]
        self.roots: list[tuple[Core, bool]] = [(c, True) for c in hard if c.is_root]
        counted = {n for c in hard for n in c.members}
        soft = [] if not self._stuck() else cores(self.together)
        on_breach = self._on_breach(terms, soft)
        for core in soft:
            if not core.is_root and counted.isdisjoint(core.members):
                self.deadlocks.append((core, False))
            elif core.is_root and counted.isdisjoint(core.members) and core.members[0] not in on_breach:
                self.roots.append((core, False))
        self.starved: dict[str, tuple[tuple[Edge, ...], bool]] = {}
        causes = {n for c, _ in (*self.deadlocks, *self.roots) for n in c.members}
        free = dict.fromkeys(on_breach - self.never, 1)
        for world, stuck in ((self.any_run, never), (self.together, self.together.solve(free=free))):
            for name, mask in stuck.begin.items():
                if mask and name not in causes and name not in self.starved:
                    way = way_to(world, stuck, name, causes)
                    if way:
                        self.starved[name] = (way, world is self.any_run)

    def _stuck(self) -> bool:
        return any(self.together.solve().begin.values())

    def _on_breach(self, terms: Terms, soft: Sequence[Core]) -> set[str]:
        """Roots that a breach would set going: they are remedies, and wait for it rightly."""
        if not any(c.is_root for c in soft):
            return set()
        world = Waiting(terms, any_run=False, breaches=True)
        begun = world.all_begun()
        return {c.members[0] for c in soft if c.is_root and not world.begins(c.members[0], begun)}


def order(read: Read) -> Iterator[Finding]:
    """Deadlocks, and what can never begin."""
    found = Order(read.terms)
    for core, hard in found.deadlocks:
        hungry = [n for n, (way, _) in found.starved.items() if way[-1].needs in core.members]
        yield deadlock(read, core, hungry, hard=hard)
    for core, hard in found.roots:
        yield _root(read, core, hard=hard)
    for name, (way, hard) in found.starved.items():
        yield _starved(read, name, way, hard=hard)


def trigger_path(name: str) -> Path:
    """Where a commitment says what it waits for."""
    return ("entry_into_force",) if name == ENTRY else ("commitments", name, "trigger")


def edge_plain(edge: Edge) -> dict[str, object]:
    """An edge of a witness."""
    return {
        "waits": subject(edge.waits),
        "for": None if edge.needs is None else subject(edge.needs),
        "part": formula_text(edge.part),
        "by_way_of": [subject(n) for n in edge.where[1:]],
    }


def chain(read: Read, edges: Sequence[Edge]) -> str:
    """Edges in words."""
    told_edges = [f"{quoted(read, e.waits)} waits for {told(read, e.part)}" for e in edges[:MOST_TOLD]]
    if len(edges) > MOST_TOLD:
        told_edges.append(f"and so on through {len(edges) - MOST_TOLD} more")
    return ", ".join(told_edges)


def deadlock(read: Read, core: Core, hungry: Sequence[str], *, hard: bool) -> Finding:
    """D1."""
    loop = len(core.cycle) == 1 and core.cycle[0].waits == core.cycle[0].needs
    first = core.cycle[0]
    if loop:
        why = f"{quoted(read, first.waits)} waits for itself: it begins only after {told(read, first.part)}"
    else:
        why = f"Each waits for another, and none can begin: {chain(read, core.cycle)}"
    why += ", even if everyone keeps every promise."
    if not hard:
        why += " Only a breach, a ruling or work before its turn could get round it."
    if hungry:
        others = listed([quoted(read, n) for n in hungry[:MOST_TOLD]])
        more = f" and {len(hungry) - MOST_TOLD} more" if len(hungry) > MOST_TOLD else ""
        why += f" Because of it, {others}{more} cannot begin either."
    names = [e.waits for e in core.cycle if e.waits != ENTRY]
    written = formula_text(first.part)
    repair = f"Let one begin by a date: in {quoted(read, first.waits)} write at(YYYY-MM-DD) in the place of {written}."
    if len(names) > 1 and ENTRY not in core.members:
        group = ", ".join(names[:MOST_TOLD])
        repair += f" Or all at once: groups: {{together: [{group}]}}, and joint(together) in each instead."
    witness = {
        "core": [subject(n) for n in core.members],
        "cycle": [edge_plain(e) for e in core.cycle],
        "starves": [subject(n) for n in hungry],
        "broken_by_nothing": hard,
    }
    return read.finding("D1", "error", first.waits, trigger_path(first.waits), why, witness, repair)


def _root(read: Read, core: Core, *, hard: bool) -> Finding:
    """D2 of what asks for the impossible."""
    edge = core.cycle[-1]
    name = core.members[0]
    reason = _reason(read, edge.part)
    why = f"{quoted(read, name)[:1].upper()}{quoted(read, name)[1:]} can never begin: it waits for"
    why += f" {told(read, edge.part)}, {reason}." if not isinstance(edge.part, f.Never) else " nothing that can come."
    if not hard:
        why += " Only a ruling in a dispute could set it going."
    witness = {"impossible": formula_text(edge.part), "of": subject(name), "reason": reason,
               "by_way_of": [subject(n) for n in edge.where[1:]], "broken_by_nothing": hard}  # fmt: skip
    repair = (
        "Name what sets it going, for example trigger: at(YYYY-MM-DD), or let a consequence activate it:"
        f" on_breach: [{{effect: activate, targets: [{subject(name)}], automatic: true}}]."
    )
    if isinstance(edge.part, OF_COMMITMENTS):
        repair = _mended(read, edge.part)
    return read.finding("D2", "error" if hard else "warning", name, trigger_path(name), why, witness, repair)


def _reason(read: Read, part: f.Formula) -> str:
    """Why a part can never be true."""
    if isinstance(part, f.NotBy):
        return "but that will have come by then"
    if not isinstance(part, OF_COMMITMENTS):
        return "and no breach sets it going"
    if isinstance(part, f.Progress) and part.at_least > 1:
        return "and nothing is ever more than done"
    if isinstance(part, f.InState):
        return "a state it cannot reach"
    return _never_done(next(c for c in read.terms.commitments if c.id == part.commitment), part)


def _never_done(c: Commitment, part: f.Formula) -> str:
    if endless_rule(c.deadline):
        return "but it recurs without end"
    if c.modality in ("maintain", "refrain"):
        if isinstance(c.deadline, NoDeadline):
            return "but it is kept without an end and so is never done"
        return "but what is kept or refrained from is never claimed to be done"
    if isinstance(part, f.Verified) and not c.verification:
        return "but nobody verifies it"
    return "but not enough verifiers are named to find that it is done, and its owner's word is not enough"


def _mended(read: Read, part: f.Formula) -> str:
    assert isinstance(part, OF_COMMITMENTS)  # noqa: S101 - only then it is called
    c = next(c for c in read.terms.commitments if c.id == part.commitment)
    if isinstance(part, f.InState):
        return f"Wait for a state that {quoted(read, c.id)} can reach, for example fulfilled({subject(c.id)})."
    if endless_rule(c.deadline) or c.modality in ("maintain", "refrain"):
        end = "an end, for example deadline: YYYY-MM-DD, or wait for something that it reaches."
        return f"Give {quoted(read, c.id)} {end}"
    return f"In {quoted(read, c.id)}: verification: [{{by: BODY, window: 30 days}}], or claim_ok: true."


def _starved(read: Read, name: str, way: Sequence[Edge], *, hard: bool) -> Finding:
    """D2 of what waits for a deadlock or for the impossible."""
    cause = way[-1].needs or ENTRY
    shown = quoted(read, name)
    why = f"{shown[:1].upper()}{shown[1:]} can never begin{'' if hard else ' while all keep their word'}:"
    why += f" {chain(read, way)}, and {quoted(read, cause)} cannot begin."
    witness = {"way": [edge_plain(e) for e in way], "cause": subject(cause), "broken_by_nothing": hard}
    repair = (
        f"Mend {quoted(read, cause)} first; or do not let {quoted(read, name)} wait for {formula_text(way[0].part)}."
    )
    return read.finding("D2", "error", name, trigger_path(name), why, witness, repair)


IDS = ("D1", "D2")
CHECKS = (order,)
