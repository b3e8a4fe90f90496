"""D5: what one default leaves undone (docs/lint.md, Order and time).

Each commitment, and each party with all that it owes, is withheld in turn, in one pass over all scenarios (waiting.py).
Reported per party, and only of commitments before which others must perform, which others' later commitments need,
and whose breach has no consequence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detente.agreement import formulas as f
from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import made_good, quoted
from detente.agreement.lint.waiting import ENTRY, OF_COMMITMENTS, Waiting
from detente.agreement.terms import Commitment, Terms
from detente.base.wording import listed

MOST_TOLD = 4


@dataclass(frozen=True, slots=True)
class Default:
    """One commitment withheld.

    Attributes:
        commitment: the one.
        starved: those that then never begin although all others keep their word.
        in_vain: those of others that must be performed before it.
    """

    commitment: str
    starved: tuple[str, ...]
    in_vain: tuple[str, ...]


def starved_by_each(waiting: Waiting) -> dict[str, tuple[str, ...]]:
    """For each commitment: those that would begin but for its default."""
    names = list(waiting.of)
    bits = {n: 1 << i for i, n in enumerate(names)}
    full = (1 << len(names)) - 1
    alone = waiting.solve()
    tried = waiting.solve(full, withheld=bits)
    found: dict[str, list[str]] = {n: [] for n in names}
    for name in names:
        if alone.begin[name]:
            continue
        mask = tried.begin[name]
        while mask:
            low = mask & -mask
            found[names[low.bit_length() - 1]].append(name)
            mask ^= low
    return {n: tuple(starved) for n, starved in found.items()}


def starved_by_party(waiting: Waiting) -> dict[str, tuple[str, ...]]:
    """For each party: those that would begin if it kept its word."""
    parties = waiting.terms.parties
    masks = {c.id: 0 for c in waiting.terms.commitments}
    for i, party in enumerate(parties):
        for c in waiting.terms.commitments:
            if needs(c, party):
                masks[c.id] |= 1 << i
    alone = waiting.solve()
    tried = waiting.solve((1 << len(parties)) - 1, withheld=masks)
    return {
        p: tuple(n for n in waiting.of if not alone.begin[n] and tried.begin[n] >> i & 1)
        for i, p in enumerate(parties)
    }  # fmt: skip


def needs(c: Commitment, party: str) -> bool:
    """Whether a commitment cannot be done without a party."""
    return party in c.obligors and (c.mode != "any" or set(c.obligors) == {party})


def defaults(waiting: Waiting) -> dict[str, Default]:
    """What each commitment's default leaves undone, of those that starve others."""
    starved = starved_by_each(waiting)
    before: dict[str, set[str]] = {}
    for name, those in starved.items():
        for each in those:
            before.setdefault(each, set()).add(name)
    of = waiting.of
    found = {}
    for name, those in starved.items():
        if those:
            mine = set(of[name].obligors)
            vain = tuple(n for n in of if n in before.get(name, ()) and not mine & set(of[n].obligors))
            found[name] = Default(name, those, vain)
    return found


def answered(terms: Terms) -> set[str]:
    """Commitments whose breach has a consequence, sets something going or opens a power."""
    found = {c.id for c in terms.commitments if c.on_breach}
    formulas = [c.trigger for c in terms.commitments] + [p.when for p in terms.powers]
    while formulas:
        formula = formulas.pop()
        if isinstance(formula, f.And | f.Or):
            formulas += formula.parts
        elif isinstance(formula, f.After | f.NotBy):
            formulas.append(formula.formula)
            if isinstance(formula, f.NotBy) and isinstance(formula.formula, OF_COMMITMENTS):
                found.add(formula.formula.commitment)
        elif isinstance(formula, f.Breached) or (
            isinstance(formula, f.InState) and formula.states & {"breached", "overdue"}
        ):
            found.add(formula.commitment)
    return found


def withheld(read: Read) -> Iterator[Finding]:
    """What the default of each party leaves undone without a consequence."""
    terms = read.terms
    waiting = Waiting(terms, any_run=False)
    found = defaults(waiting)
    covered = answered(terms)
    by_party = starved_by_party(waiting)
    for party in terms.parties:
        own = [
            d for n, d in found.items()
            if needs(waiting.of[n], party) and n not in covered and d.in_vain and _others(waiting, d.starved, party)
        ]  # fmt: skip
        if own:
            yield _told(read, waiting, party, own, by_party[party])


def _others(waiting: Waiting, names: tuple[str, ...], party: str) -> list[str]:
    return [n for n in names if n != ENTRY and party not in waiting.of[n].obligors]


def _told(read: Read, waiting: Waiting, party: str, own: list[Default], all_of: tuple[str, ...]) -> Finding:
    worst = max(own, key=lambda d: (len(d.in_vain), len(d.starved)))
    lost = list(dict.fromkeys(n for d in own for n in d.in_vain))
    hard = [n for n in lost if waiting.of[n].reversible == "no"]
    severity: Severity = "warning" if hard else "info"
    stuck = _named(read, list(worst.starved))
    why = f"If {read.called(party)} does not keep {quoted(read, worst.commitment)}, no consequence follows, and {stuck}"
    why += " can never begin."
    why += f" By then the others have performed {_named(read, list(worst.in_vain))} in vain"
    why += f"; {_named(read, hard)} cannot be undone." if hard else "."
    if len(own) > 1:
        why += f" The same is true of {_named(read, [d.commitment for d in own if d is not worst])}."
    witness = {
        "party": party,
        "withheld": {d.commitment: {"starved": list(d.starved), "in_vain": list(d.in_vain)} for d in own},
        "starved_by_party": list(all_of),
    }
    repair = (
        f"In {quoted(read, worst.commitment)}: on_breach: [{{effect: suspend, targets: [COMMITMENT OF THE OTHER SIDE],"
        f" automatic: true, notice: 14 days, {made_good(waiting.of[worst.commitment])}}}]"
    )
    return read.finding("D5", severity, party, ("commitments", worst.commitment), why, witness, repair)


def _named(read: Read, names: list[str]) -> str:
    told = listed([quoted(read, n) for n in names[:MOST_TOLD]])
    return f"{told} and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else told


IDS = ("D5",)
CHECKS = (withheld,)
