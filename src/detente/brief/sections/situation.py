"""The situation: parties, options, where things stand."""

from __future__ import annotations

from detente.base.table import Table
from detente.base.wording import counted, listed, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading

ROLES = {
    "signatory": "asked to sign an agreement; could refuse",
    "affected": "affected by an agreement, not asked to sign it",
    "guarantor": "could guarantee an agreement",
    "mediator": "mediates",
}


def section(reading: Reading) -> Section:
    """Who decides about what, and where each option stands today."""
    case, states = reading.case, reading.graph.states
    names = listed([case.party_name(p) for p in case.parties])
    start = reading.status_quo.start
    today = states.levels(start) if start is not None else {}
    rows = []
    for option, written in case.file.options.items():
        level = today.get(option) if start is not None else None
        levels = " < ".join(words(v) for v in written.levels)
        rows.append((
            case.party_name(written.party), case.option_name(option), levels,
            "" if start is None else "any" if level is None else words(level),
            _limits(written.moves, written.irreversible),
        ))  # fmt: skip
    rulers = tuple(n for n in range(1, len(rows)) if rows[n][0] != rows[n - 1][0])
    heads = ("party", "option", "levels, lowest first", "today", "what cannot be undone")
    possible = "all of them" if states.cells == states.space.size else f"{states.cells:,} of which are"
    size = f"These options can be combined in {states.space.size:,} ways, {possible} possible."
    if states.merged:
        size += f" Some of them count as one and the same, which leaves {len(states):,} states."
    text = f"{names} decide about {counted(len(case.options), 'option')}."
    blocks = [Block(text=case.file.note)] if case.file.note else []
    blocks += [
        Block(text=text),
        *([Block(items=roles)] if (roles := _roles(reading)) else []),
        Block(table=Table(heads, tuple(rows), rulers=rulers)),
        Block(text=size),
    ]
    if start is None:
        blocks.append(Block(text="The case names no state as today's, so nothing is said of what leads away from it."))
    return Section("The situation", tuple(blocks), (f"{text} {size}",))


def _roles(reading: Reading) -> tuple[str, ...]:
    """What is asked of each party; nothing where all that is to be said is that each is asked to sign."""
    case, told = reading.case, []
    signing = [case.party_name(p) for p, d in case.file.parties.items() if d.role == "signatory" and not d.note]
    if signing and len(signing) < len(case.parties):
        asked = ROLES["signatory"] if len(signing) == 1 else "asked to sign an agreement; each could refuse"
        told.append(f"{listed(signing)}: {asked}")
    for party, details in case.file.parties.items():
        if details.role != "signatory" or details.note:
            note = f". {details.note}" if details.note else ""
            told.append(f"{case.party_name(party)}: {ROLES[details.role]}{note}")
    return tuple(told)


def _limits(moves: str, irreversible: tuple[str, ...]) -> str:
    if moves == "up":
        return "every step up"
    if moves == "down":
        return "every step down"
    return listed([words(v) for v in irreversible]) if irreversible else ""
