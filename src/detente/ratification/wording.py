"""Names of bodies, blocs and members for readers, and requirements and deals in words."""

from __future__ import annotations

from detente.base.wording import listed, words
from detente.case.model import Case
from detente.case.needs import Needs, Vote
from detente.mechanics.payoffs import Levels


def body_name(case: Case, body: str) -> str:
    """Name of a body."""
    block = case.file.ratification
    return (block.bodies[body].name if block is not None else None) or words(body)


def bloc_name(case: Case, body: str, bloc: str) -> str:
    """Name of a bloc of a body; the members as such where it is the only one and has none."""
    block = case.file.ratification
    blocs = block.bodies[body].blocs if block is not None else {}
    name = blocs[bloc].name if blocs else None
    return name or ("the members" if len(blocs) == 1 or bloc == "all" else words(bloc))


def member_name(case: Case, body: str, member: str) -> str:
    """Name of a member with a veto: the party's where a party decides, else what is written."""
    block = case.file.ratification
    for veto in block.bodies[body].veto if block is not None else ():
        held = veto.settled(case.file.parties)
        if veto.member == member and isinstance(held, str):
            return case.party_name(held)
    return " ".join(w.upper() if len(w) <= 3 else w.capitalize() for w in words(member).split())


def needs_in_words(case: Case, needs: Needs, *, inside: bool = False) -> str:
    """What a requirement needs, with the names of the bodies."""
    if isinstance(needs, Vote):
        name = body_name(case, needs.body)
        return name if needs.votes is None else f"{name} with at least {needs.votes:,} votes"
    parts = [needs_in_words(case, p, inside=True) for p in needs.parts]
    if needs.count == len(parts):
        text = listed(parts)
    elif needs.count == 1:
        text = listed(parts, "or")
    else:
        text = f"{needs.count} of {listed(parts)}"
    return f"({text})" if inside else text


def levels_in_words(case: Case, levels: Levels, today: Levels | None) -> str:
    """A deal by what it changes from today; by every option where there is no today."""
    parts = [
        f"{case.option_name(option)}: {words(written.levels[level])}"
        for n, ((option, written), level) in enumerate(zip(case.file.options.items(), levels, strict=True))
        if today is None or level != today[n]
    ]
    return ", ".join(parts) or "everything as today"
