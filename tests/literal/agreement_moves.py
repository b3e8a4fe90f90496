"""What moves a commitment: breach, claim, dispute, restoration (docs/agreement-semantics.md, 4 and 5)."""

from __future__ import annotations

from detente.agreement.periods import Instant, Interval
from detente.agreement.records import Record
from detente.agreement.terms import Commitment, TextAct
from tests.literal.agreement_world import (
    ENDED,
    TERMINAL,
    Breach,
    Entry,
    Hold,
    Moved,
    State,
    World,
    claim_stands,
    deadline_of,
    named,
)


def move(w: World, c: State, row: str, to: str, cause: int | None) -> None:
    w.history.append(Moved(w.now, c.id, row, c.life, to, cause))
    c.life, c.since = to, w.now
    if to == "unverified":  # the next claim is one like the first
        c.claims = {}
    if to != "disputed":
        c.contest = None
    if to in TERMINAL and c.episodes and c.episodes[-1][1] is None:
        c.episodes[-1] = (c.episodes[-1][0], w.now)
    if to in ENDED:
        c.holds = set()
    if to in {"fulfilled", "remedied"}:
        c.progress = c.progress * 0 + 1


def find(w: World, c: State, kind: str, by: set[str] | frozenset[str]) -> None:
    c.finding = (kind, frozenset(by), w.now)


# --------------------------------------------------------------------------------------------------------------- claims


def claim_is_complete(c: State) -> bool:
    return bool(c.claims) and (c.terms.mode == "any" or set(c.terms.obligors) <= set(c.claims))


def claim_acts(w: World, c: State, row: str, by: frozenset[str], cause: int | None) -> None:
    """Rows 4, 7, 12, 13."""
    spans = list(c.claims.values())[: 1 if c.terms.mode == "any" else None]
    span = Interval(max(i.start for i in spans), max(i.end for i in spans))
    c.late = True if row in {"7", "13"} else is_late(span, deadline_of(w, c))
    c.claim = (span, w.now)
    c.last_claim = (frozenset(), 0)
    c.verified_by = set()
    find(w, c, "claimed", by)
    to = "claimed"
    if c.terms.claim_ok and row in {"4", "7"}:
        to = "fulfilled"
    if c.terms.claim_ok and row == "13":
        to = "remedied"
    move(w, c, row, to, cause)


def is_late(span: Interval, deadline: Instant | None) -> bool | None:
    if deadline is None:
        return False
    if span.start >= deadline:
        return True
    return False if span.end <= deadline else None


def claim_falls(c: State) -> None:
    c.claims = {}
    c.last_claim = (frozenset(), 0)
    c.claim = None
    c.verified_by = set()
    if c.late is None:
        c.late = True


# -------------------------------------------------------------------------------------------------- breaches, disputes


def breach(w: World, c: State, row: str, cause: int | None) -> None:
    """Rows 6 and 8, and an uphold that is a new breach."""
    missing = set(c.terms.obligors) - set(c.claims) if c.terms.mode == "all" else set()
    before = c.contest.before if c.contest is not None else c.life
    c.breach = Breach(w.now, before, frozenset(missing or c.terms.obligors))
    c.ever_breached = True
    for number, terms in enumerate(c.terms.on_breach, 1):
        w.entries.append(Entry(c, number, terms, c.breach, None, cause=cause))
    move(w, c, row, "breached", cause)


def upheld(w: World, c: State, cause: int | None, by: frozenset[str]) -> None:
    claim_falls(c)
    if c.breach is None:
        breach(w, c, "15", cause)
    else:
        move(w, c, "15", "breached", cause)
    find(w, c, "refuted", by)


def overturned(w: World, c: State, cause: int | None, *, default: bool = False) -> None:
    assert c.contest is not None
    before = c.breach.before if c.breach else c.contest.before
    to = before if before in {"due", "overdue"} and not claim_stands(c) and not default else "fulfilled"
    c.finding = c.contest.finding
    c.spent = True
    if c.breach is not None:
        breach_falls(w, c, c.breach)
    move(w, c, "15", to, cause)


def breach_falls(w: World, c: State, fallen: Breach) -> None:
    c.breach = None
    executed = [(r, e) for r, e in w.executed if e.breach is fallen]
    for e in w.entries:
        if e.breach is not fallen:
            continue
        if e.fate == "applied" and e.terms.effect in {"suspend", "reverse"}:
            for target in targets_of(w, e):
                target.holds.discard(hold_of(e))
        e.fate = "overturned"
    for r, e in executed:
        restore(w, r, c, e.number)


def targets_of(w: World, e: Entry) -> list[State]:
    return [c for name in e.terms.targets for c in named(w, name)]


def hold_of(e: Entry) -> Hold:
    return ("reversed" if e.terms.effect == "reverse" else "suspended", e.owner.id)


def restore(w: World, r: Record, owner: State, number: int) -> None:
    """What was done on a basis that fell is to be undone."""
    name = f"restore:{owner.id}:{r.seq}"
    doers = tuple(p for p in w.terms.parties if p in r.by)
    others = tuple(p for p in w.terms.parties if p not in r.by)
    terms = Commitment(name, "achieve", doers, others, TextAct(""), claim_ok=True, survives=True)
    made = State(name, name, "", terms, life="due", since=w.now, waiting=w.now, activated=w.now)
    w.states[name] = made
    w.parts[name] = [name]
    for target in (c for t in owner.terms.on_breach[number - 1].targets for c in named(w, t)):
        if target.life not in ENDED:
            target.holds.add(("basis-withdrawn", name))
