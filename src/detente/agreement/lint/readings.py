"""D8: deadlocks and dates that fit in no single text, but arise because each party waits by its own reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detente.agreement import formulas as f
from detente.agreement.formula_text import formula_text
from detente.agreement.lint.dates import dates
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.order import order
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted
from detente.agreement.terms import Commitment, Terms
from detente.base.wording import listed

Key = tuple[str, str, str]


def union(read: Read) -> tuple[Terms, dict[str, tuple[str, ...]]]:
    """Everybody acts by its own reading: what each commitment waits for in the readings of all who owe it.

    Returns:
        The terms, and the parties by whose reading a commitment is taken (those whose words differ from the text).
    """
    own = {p: {c.id: c for c in read.agreement.terms(p).commitments} for p in read.agreement.readings}
    whose: dict[str, tuple[str, ...]] = {}
    taken: list[Commitment] = []
    for c in read.terms.commitments:
        parties = [p for p in c.obligors if p in own and c.id in own[p]]
        mine = [own[p][c.id] for p in parties]
        if not mine:
            taken.append(c)
            continue
        by_text = [] if len(parties) == len(c.obligors) else [c.trigger]
        triggers = list(dict.fromkeys([*by_text, *(m.trigger for m in mine)]))
        trigger = triggers[0] if len(triggers) == 1 else f.And(tuple(triggers))
        alone = mine[0] if len(c.obligors) == 1 else c
        taken.append(replace(alone, trigger=trigger))
        differ = tuple(p for p, m in zip(parties, mine, strict=True) if m != c)
        if differ:
            whose[c.id] = differ
    return replace(read.terms, commitments=tuple(taken)), whose


def readings(read: Read) -> Iterator[Finding]:
    """Findings of D1 to D4 for the union of the readings that no single text has."""
    if read.party is not None or not read.agreement.readings:
        return
    terms, whose = union(read)
    if not whose:
        return
    known: set[Key] = set()
    for party in (None, *read.agreement.readings):
        each = read if party is None else Read.of(read.agreement, party)
        known |= {_key(found) for found in (*order(each), *dates(each))}
    together = replace(read, terms=terms)
    for found in (*order(together), *dates(together)):
        if _key(found) in known:
            continue
        parties = list(dict.fromkeys(p for ps in whose.values() for p in ps))
        names = listed([read.called(p) for p in parties])
        why = f"If each party acts by its own reading ({names} read{'s' if len(parties) == 1 else ''} it differently): "
        texts = {c.id: formula_text(c.trigger) for c in terms.commitments if c.id in whose}
        witness = {"check": found.id, "readings": {n: list(p) for n, p in whose.items()}, "triggers": texts,
                   "finding": dict(found.witness)}  # fmt: skip
        repair = f"Agree on one reading of {listed([quoted(read, n) for n in sorted(whose)])}."
        yield read.finding("D8", "warning", found.subject, found.path, why + found.why, witness, repair)


def _key(found: Finding) -> Key:
    return found.id, found.subject, str(found.witness.get("core"))


IDS = ("D8",)
CHECKS = (readings,)
