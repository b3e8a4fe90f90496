"""Cross-checks of ``ratification``: quotas fit votes; bodies, parties, options and numbers exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.base.errors import did_you_mean, one_of, shown
from detente.case.blocks.ratification import Accepts, Body, Formula, Ratification, Veto, size_of, whole
from detente.case.needs import votes_in

if TYPE_CHECKING:
    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile


def check_ratification(file: CaseFile, checker: Checker) -> None:
    """Quotas fit votes; bodies, parties, options and numbers exist."""
    block = file.ratification
    if block is None:
        return
    for name, body in block.bodies.items():
        _check_body(("ratification", "bodies", name), body, checker)
    for n, requirement in enumerate(block.requirements):
        path = ("ratification", "requirements", n)
        checker.condition((*path, "when"), requirement.when)
        checker.source((*path, "source"), requirement.source)
        checker.evidence((*path, "needs"), requirement.needs.evidence)
        _check_needs((*path, "needs"), requirement.needs, block, checker)
    needed = {v.body for r in block.requirements for v in votes_in(r.needs.node)}
    for name in block.bodies:
        if name not in needed and not checker.cut("ratification", "requirements"):
            fix = "Name it under requirements, or leave it out."
            checker.warn(
                ("ratification", "bodies", name), "a body that no requirement needs", "one that is needed", fix
            )


def _check_body(path: Path, body: Body, checker: Checker) -> None:
    checker.source((*path, "source"), body.source)
    checker.conditional((*path, "shock"), body.shock)
    for name, bloc in body.blocs.items():
        where = (*path, "blocs", name)
        checker.source((*where, "source"), bloc.source)
        checker.evidence((*where, "votes"), bloc.votes.evidence)
        _check_accepts((*where, "accepts"), bloc.accepts, checker)
        checker.conditional((*where, "cohesion"), bloc.cohesion)
    for field in ("quota", "votes"):
        written = getattr(body, field)
        checker.evidence((*path, field), None if written is None else written.evidence)
    for veto in body.veto:
        _check_veto((*path, "veto", veto.at), veto, checker)
    if not checker.cut(*path):
        _check_sizes(path, body, checker)


def _check_sizes(path: Path, body: Body, checker: Checker) -> None:
    """The quota can be reached, and the blocs are no more than the body."""
    if body.votes is None and not body.blocs:
        fix = "Write blocs:, or votes: where only vetoes can stop it."
        checker.error(path, "neither votes nor blocs", "how many vote, and how", fix)
        return
    size = size_of(body)
    in_blocs = sum(whole(b.votes) for b in body.blocs.values())
    if body.blocs and in_blocs > size:
        found = f"blocs with {in_blocs:,} votes in a body of {size:,}"
        checker.error((*path, "votes"), found, f"at least {in_blocs:,}, or fewer votes in the blocs")
    elif body.blocs and in_blocs < size:
        found = f"blocs with {in_blocs:,} of {size:,} votes"
        fix = "Put the others into a bloc, or write votes: without them."
        checker.warn((*path, "blocs"), found, "all votes in blocs; the others count as never in favour", fix)
    if whole(body.quota) > size:
        found = f"a quota of {whole(body.quota):,} in a body of {size:,} votes"
        checker.error((*path, "quota"), found, f"at most {size:,}", "Correct the quota or the votes.")


def _check_veto(path: Path, veto: Veto, checker: Checker) -> None:
    file = checker.file
    if veto.name is None:
        if veto.chance is not None:
            checker.conditional(path, veto.chance)
        return
    if veto.name in file.parties:
        if file.parties[veto.name].role == "mediator":
            found = f"the veto of {veto.name}, a mediator"
            checker.error(path, found, "a party with a preference, or the chance of not blocking")
        if veto.chance is not None:
            checker.evidence(path, veto.chance.default.evidence)
        return
    if veto.chance is not None and veto.name in file.numbers:
        checker.amount(path, veto.chance.default)
        return
    if checker.cut("parties", veto.name) or checker.cut("numbers", veto.name):
        return
    known = [*file.parties, *(file.numbers if veto.chance is not None else ())]
    expected = one_of(known) + (", or the chance of not blocking" if veto.chance is not None else "")
    meant = checker.written(veto.name) or did_you_mean(veto.name, known)
    fix = meant or "Outsiders are written as {member: 0.8}, the chance of not blocking."
    checker.error(path, f"the unknown party {shown(veto.name)}", expected, fix)


def _check_accepts(path: Path, written: Accepts, checker: Checker) -> None:
    if written.number is None or written.condition is None:
        if written.condition is not None:
            checker.condition(path, written.condition)
        elif written.number is not None:
            checker.conditional(path, written.number)
        return
    name, file = written.condition.text.strip(), checker.file
    if name in file.options or name in file.numbers or checker.cut("options", name) or checker.cut("numbers", name):
        checker.evidence(path, written.condition.evidence)
        return
    known = [*file.options, *file.numbers]
    expected = "a chance such as 0.4, a shared number, or a condition on the options"
    checker.error(path, f"the unknown name {shown(name)}", expected, did_you_mean(name, known))


def _check_needs(path: Path, formula: Formula, block: Ratification, checker: Checker) -> None:
    where = (*path, "value") if formula.evidence else path
    for vote in votes_in(formula.node):
        if vote.body not in block.bodies:
            if checker.cut("ratification", "bodies", vote.body):
                continue
            known = list(block.bodies)
            expected = one_of(known) if known else "a body; the case has none"
            checker.error(
                where, f"the unknown body {shown(vote.body)}", expected, did_you_mean(vote.body, known), vote.at
            )
            continue
        body = block.bodies[vote.body]
        if vote.votes is None or checker.cut("ratification", "bodies", vote.body) or not (body.votes or body.blocs):
            continue
        if not body.blocs:
            found = f"a number of votes of {vote.body}, whose votes are not told apart"
            checker.error(where, found, "its name alone: its quota is taken as met", "Or write its blocs.", vote.at)
        elif not 1 <= vote.votes <= size_of(body):
            found = f"{vote.votes:,} votes of {vote.body}, a body of {size_of(body):,}"
            checker.error(where, found, f"a number from 1 to {size_of(body):,}", "", vote.at)
