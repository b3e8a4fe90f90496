"""What a run tells, in one form for the engine and for its literal statement, and how two tellings differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from detente.agreement import run as engine_module
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.standing import Standing
from detente.agreement.terms import Terms
from tests.agreement_random import Drawn
from tests.literal import agreement as literal_module
from tests.literal.agreement import Shown
from tests.literal.agreement_world import Moved

Teller = Callable[[Terms, Sequence[Record], Instant], "Told"]


@dataclass(frozen=True)
class Told:
    """A run: its moves (in order of instant, then of text), its standings, what was irregular, what applied."""

    history: tuple[Moved, ...]
    instants: tuple[Instant, ...]
    at: Callable[[Instant], tuple[Shown, ...]]
    irregular: frozenset[int]
    fired: tuple[tuple[str, int, str, Instant, Instant], ...]
    owed: tuple[tuple[str, int], ...]


def literal(terms: Terms, records: Sequence[Record], until: Instant) -> Told:
    """Tell the run as the rules say it."""
    found = literal_module.run(terms, records, until)
    return Told(
        ordered(found.history), tuple(found.shown), found.at, found.irregular, tuple(sorted(found.fired)), found.owed
    )


def engine(terms: Terms, records: Sequence[Record], until: Instant) -> Told:
    """Tell the run as the product works it out."""
    return told(engine_module.run(terms, records, until + 1))


def told(found: Any) -> Told:
    """Bring a run of the engine, or of a mutant of it, into this form."""
    moves = tuple(
        Moved(m.instant, m.commitment, m.row, m.before, m.after, None if m.cause == "clock" else m.cause)
        for m in found.history
    )
    return Told(
        ordered(moves),
        tuple(sorted({m.instant for m in moves})),
        lambda instant: tuple(shown(s) for s in found.at(instant)),
        frozenset(i.seq for i in found.irregular if i.seq is not None),
        tuple(sorted((a.commitment, a.number, a.effect, a.instant, a.breached_at) for a in found.consequences)),
        tuple((o.commitment, o.number) for o in found.owed if o.fell is None),
    )


def ordered(history: Sequence[Moved]) -> tuple[Moved, ...]:
    """Moves of one commitment at one instant keep their order; different commitments are sorted."""
    return tuple(sorted(history, key=lambda m: (m.instant, m.commitment)))


def shown(s: Standing) -> Shown:
    return Shown(
        s.id,
        s.life,
        s.holds,
        (s.finding.kind, frozenset(s.finding.by), s.finding.instant),
        s.late,
        s.progress,
        s.activated,
        s.deadline,
        s.breached_at,
        frozenset(s.blame),
        tuple((start, end) for start, end in s.episodes),
    )


def differences(one: Told, other: Told) -> list[str]:
    """Say how two tellings differ, at the instants that ``one`` looked at and between them; nothing if they agree."""
    out = [
        f"{name}: {getattr(one, name)} or {getattr(other, name)}"
        for name in ("history", "irregular", "fired")
        if getattr(one, name) != getattr(other, name)
    ]
    if sorted(one.owed) != sorted(other.owed):
        out.append(f"owed: {one.owed} or {other.owed}")
    for instant in one.instants:
        out += unlike(instant, one.at(instant), other.at(instant), moving=True)
        if out:
            break
        out += unlike(instant + 1, one.at(instant + 1), other.at(instant + 1), moving=False)
    return out


def unlike(instant: Instant, these: Sequence[Shown], those: Sequence[Shown], *, moving: bool) -> list[str]:
    """Compare standings; ``moving``: also deadlines of what is held, which move on as time passes."""
    if [s.id for s in these] != [s.id for s in those]:
        return [f"{instant}: {[s.id for s in these]} or {[s.id for s in those]}"]
    return [
        f"{instant} {a.id} {f.name}: {getattr(a, f.name)} or {getattr(b, f.name)}"
        for a, b in zip(these, those, strict=True)
        for f in fields(Shown)
        if getattr(a, f.name) != getattr(b, f.name) and (moving or f.name != "deadline" or not a.holds)
    ]


def disagreement(case: Drawn) -> list[str]:
    """Compare the engine with the literal run on one case."""
    return differences(literal(case.terms, case.records, case.until), engine(case.terms, case.records, case.until))
