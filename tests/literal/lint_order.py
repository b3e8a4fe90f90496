"""Who can begin, literally: what has begun and been done, grown until nothing is added; all subsets for cores."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from detente.agreement import formulas as f
from detente.agreement.terms import Commitment, NoDeadline, Terms, Within


@dataclass(frozen=True)
class Had:
    """What has come about; "" among the begun is the entry into force."""

    begun: frozenset[str]
    done: frozenset[str]
    withheld: frozenset[str] = frozenset()


def holds(terms: Terms, formula: f.Formula, had: Had, assumed: frozenset[str] = frozenset()) -> bool:  # noqa: PLR0911
    """Whether a formula can hold while all cooperate, with just this having come about."""
    match formula:
        case f.And(parts):
            return all(holds(terms, p, had, assumed) for p in parts)
        case f.Or(parts):
            return any(holds(terms, p, had, assumed) for p in parts)
        case f.After(inner, _):
            return holds(terms, inner, had, assumed)
        case f.Joint(group):
            if group in assumed:
                return True
            return all(holds(terms, of(terms, m).trigger, had, assumed | {group}) for m in terms.groups[group])
        case f.Fulfilled(c) | f.Verified(c):
            return c in had.done
        case f.Claimed(c):
            return c in had.begun - had.withheld if of(terms, c).modality == "achieve" else c in had.done
        case f.Progress(c, share):
            told = of(terms, c).modality == "achieve" or of(terms, c).verification
            return c in had.begun - had.withheld if share < 1 and told else c in had.done
        case f.InForce():
            return "" in had.begun
        case f.Breached(_) | f.Never():
            return False
    return True


def of(terms: Terms, name: str) -> Commitment:
    return next(c for c in terms.commitments if c.id == name)


def reached(terms: Terms, withheld: frozenset[str] = frozenset(), given: frozenset[str] = frozenset()) -> Had:
    """All that comes about if nobody but for the withheld fails; ``given`` begin in any case."""
    had = Had(given, frozenset(), withheld)
    while True:
        begun = set(had.begun)
        if holds(terms, terms.entry, had):
            begun.add("")
        done = set(had.done)
        for c in terms.commitments:
            if "" in had.begun and holds(terms, c.trigger, had):
                begun.add(c.id)
            if c.id in had.begun and c.id not in withheld and can_end(terms, c, had):
                done.add(c.id)
        new = Had(frozenset(begun), frozenset(done), withheld)
        if new == had:
            return had
        had = new


def can_end(terms: Terms, c: Commitment, had: Had) -> bool:
    """Whether what has begun can be done."""
    if c.modality == "achieve":
        return c.claim_ok or bool(c.verification)
    if isinstance(c.deadline, NoDeadline):
        return False
    return not isinstance(c.deadline, Within) or c.deadline.anchor is None or holds(terms, c.deadline.anchor, had)


def closed(terms: Terms, members: frozenset[str]) -> bool:
    """Whether none of some commitments begins although all others do."""
    names = frozenset({"", *(c.id for c in terms.commitments)})
    return reached(terms, given=names - members).begun.isdisjoint(members)


def least_closed(terms: Terms) -> set[frozenset[str]]:
    """All closed sets without a smaller one inside, by trying all subsets."""
    names = sorted({"", *(c.id for c in terms.commitments)})
    found: set[frozenset[str]] = set()
    for size in range(1, len(names) + 1):
        for members in map(frozenset, combinations(names, size)):
            if not any(k <= members for k in found) and closed(terms, members):
                found.add(members)
    return found
