"""What in the votes and terms of a case is private."""

from __future__ import annotations

from collections.abc import Iterator

from detente.case.blocks.ratification import Body
from detente.case.fields import Amount, Clause, ConditionalAmount
from detente.case.model import Case


def private_parts(case: Case) -> tuple[frozenset[str], frozenset[str]]:
    """The bodies and the terms (by party) with at least one number or condition that is marked private."""
    block = case.file.ratification
    bodies = frozenset(
        name
        for name, body in (block.bodies if block is not None else {}).items()
        if any(_private(case, written) for written in _written(case, body))
    )
    terms = frozenset(p for p, t in case.file.terms.items() if any(_private(case, a) for a in (t.reelected, t.honours)))
    return bodies, terms


def _written(case: Case, body: Body) -> Iterator[Amount | Clause]:
    yield body.quota
    if body.votes is not None:
        yield body.votes
    numbers: list[ConditionalAmount | Clause] = [body.shock]
    for bloc in body.blocs.values():
        yield bloc.votes
        numbers += [bloc.accepts.settled(case.file.options), bloc.cohesion]
    numbers += [v.chance for v in body.veto if v.chance is not None]
    for number in numbers:
        if isinstance(number, Clause):
            yield number
        else:
            yield number.default
            yield from (amount for _, amount in number.when)


def _private(case: Case, written: Amount | Clause) -> bool:
    """Whether a number or condition is private, or the shared number that it names."""
    named = written.quantity.name if isinstance(written, Amount) else ""
    behind = case.file.numbers[named].evidence if named in case.file.numbers else None
    return any(e is not None and e.private for e in (written.evidence, behind))
