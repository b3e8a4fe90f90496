"""Walks over the formulas of an agreement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from detente.agreement import formulas as f
from detente.agreement.terms import Commitment, Terms

BROKEN = frozenset({"breached", "overdue"})


def leaves(formula: f.Formula | None) -> Iterator[f.Formula]:
    """The parts of a formula that join nothing; of ``after`` and ``not_by`` what they are of, too."""
    stack = [formula] if formula is not None else []
    while stack:
        part = stack.pop()
        if isinstance(part, f.And | f.Or):
            stack.extend(reversed(part.parts))
            continue
        yield part
        if isinstance(part, f.After | f.NotBy):
            stack.append(part.formula)


def commitment_of(leaf: f.Formula) -> str | None:
    """The commitment that a leaf is about."""
    found: str | None = getattr(leaf, "commitment", None)
    return found


def holds(formula: f.Formula, leaf_holds: Callable[[f.Formula], bool]) -> bool:
    """Whether a formula holds when these leaves hold; ``after`` is read as what it is of."""
    if isinstance(formula, f.And):
        return all(holds(part, leaf_holds) for part in formula.parts)
    if isinstance(formula, f.Or):
        return any(holds(part, leaf_holds) for part in formula.parts)
    if isinstance(formula, f.After):
        return holds(formula.formula, leaf_holds)
    return leaf_holds(formula)


def answers(terms: Terms) -> dict[str, list[str]]:
    """Commitment -> what its breach opens beside its own consequences: ids of commitments and powers."""
    found: dict[str, list[str]] = {}
    opened = [(c.id, c.trigger) for c in terms.commitments] + [(p.id, p.when) for p in terms.powers]
    for name, formula in opened:
        for leaf in leaves(formula):
            about = commitment_of(leaf)
            broken = isinstance(leaf, f.Breached) or (isinstance(leaf, f.InState) and leaf.states & BROKEN)
            if about is not None and broken and about != name:
                found.setdefault(about, []).append(name)
    for power in terms.powers:  # the power to end or hold where something was not done by a date
        for leaf in leaves(power.when):
            if isinstance(leaf, f.NotBy):
                for inner in leaves(leaf.formula):
                    about = commitment_of(inner)
                    if about is not None:
                        found.setdefault(about, []).append(power.id)
    return found


def waited_for(terms: Terms) -> dict[str, list[str]]:
    """Commitment -> what others owe that waits until it is done: what its owner does not get while it is not."""
    owner = {c.id: frozenset(c.obligors) for c in terms.commitments}
    found: dict[str, list[str]] = {}
    members_of = {name: members for members in terms.groups.values() for name in members}
    for c in terms.commitments:
        for leaf in leaves(c.trigger):
            about = commitment_of(leaf)
            if isinstance(leaf, f.Joint):
                others = [m for m in members_of.get(c.id, ()) if m != c.id]
            elif about is not None and isinstance(leaf, f.Fulfilled | f.Verified | f.Claimed | f.Progress):
                others = [about]
            else:
                continue
            for name in others:
                if owner.get(name) != owner[c.id]:
                    found.setdefault(name, []).append(c.id)
    return found


def real_trigger(commitment: Commitment) -> bool:
    """Whether its trigger waits for more than entry into force."""
    plain = (f.Always, f.InForce, f.Signed, f.Ratified)
    return any(not isinstance(leaf, plain) for leaf in leaves(commitment.trigger))


def earliest_day(formula: f.Formula) -> dt.date | None:
    """A day before which a formula cannot hold, by the dates it names; None: none is named."""
    if isinstance(formula, f.At | f.NotBy):
        return formula.moment if isinstance(formula.moment, dt.date) else None
    if isinstance(formula, f.And):
        return max((d for part in formula.parts if (d := earliest_day(part)) is not None), default=None)
    if isinstance(formula, f.Or):
        days = [earliest_day(part) for part in formula.parts]
        return None if None in days else min(d for d in days if d is not None)
    return earliest_day(formula.formula) if isinstance(formula, f.After) else None
