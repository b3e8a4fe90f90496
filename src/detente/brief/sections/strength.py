"""Which outcomes are held by the prospect of a great loss, and which only by that of no gain."""

from __future__ import annotations

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections.preferences import in_words
from detente.stability.concepts import CONCEPTS
from detente.stability.strength import Strength

MOST_PAIRS = 6
INTRODUCTION = (
    "An outcome is held strongly if nobody wants to leave it, or if whoever leaves it can be made to lose much by it; "
    "it is held weakly if whoever leaves it can only be kept from gaining."
)


def section(reading: Reading) -> Section | None:
    """Counts per concept and the outcomes shown; None where no party declares what it prefers much."""
    found: Strength = reading.session.ask("strength", **reading.how)
    if not found.declared:
        return None
    case = reading.case
    names = listed([case.party_name(p) for p in found.declared])
    text = f"{INTRODUCTION} What matters much is declared by {names}:"
    blocks = [Block(text=text), Block(items=_declared(reading, found))]
    rest = [case.party_name(m) for m in reading.graph.movers if m not in found.declared]
    if rest:
        which = "declares" if len(rest) == 1 else "declare"
        blocks.append(
            Block(
                text=f"{listed(rest)} {which} no such thing; an outcome is held strongly by "
                f"{'it' if len(rest) == 1 else 'them'} only where nothing that {'it' if len(rest) == 1 else 'they'} "
                "can do alone is preferred."
            )
        )
    blocks += [Block(text=w) for w in found.provenance.warnings]
    blocks.append(Block(table=_counts(found)))
    told = _shown(reading, found)
    if told:
        blocks.append(Block(items=told))
    return Section("How strongly the outcomes are held", tuple(blocks), told[:1])


def _declared(reading: Reading, found: Strength) -> tuple[str, ...]:
    """The comparisons that are much stronger than the rest, in words."""
    told = []
    for party in found.declared:
        forms = reading.case.preference(party)
        pairs = forms.strength.get("much", ()) if forms is not None and forms.strength else ()
        name = reading.case.party_name(party)
        told += [
            f"{name} by far prefers {in_words(reading, a.text)} to {in_words(reading, b.text)}."
            for a, b in pairs[:MOST_PAIRS]
        ]
        if len(pairs) > MOST_PAIRS:
            told.append(f"{name} has {counted(len(pairs) - MOST_PAIRS, 'more comparison')} of that strength.")
    return tuple(told)


def _counts(found: Strength) -> Table:
    rows = []
    for concept in found.concepts:
        strong, weak = found.equilibrium(concept), found.weak_equilibrium(concept)
        counts = ("not known",) * 2 if strong is None or weak is None else (f"{strong.sum():,}", f"{weak.sum():,}")
        rows.append((f"{CONCEPTS[concept].name} ({concept})", *counts))
    return Table(("solution concept", "held strongly by every party", "held by every party, but weakly"), tuple(rows))


def _shown(reading: Reading, found: Strength) -> tuple[str, ...]:
    """Today and the outcomes shown under sequential stability."""
    start = reading.status_quo.start
    states = [*([] if start is None else [start]), *(o.state for o in reading.outcomes.selected)]
    strong, weak = found.equilibrium("seq"), found.weak_equilibrium("seq")
    if strong is None or weak is None:
        return ()
    told = []
    for state in states:
        name = reading.label(state)
        name = name[:1].upper() + name[1:]
        if strong[state]:
            told.append(f"{name} is held strongly by every party.")
        elif weak[state]:
            hardly = [p for p in reading.graph.parties if (w := found.weak["seq"][p]) is not None and w[state]]
            whom = listed([reading.case.party_name(p) for p in hardly])
            told.append(f"{name} is held by every party, but by {whom} only weakly.")
    if not told and np.any(strong | weak):
        count = counted(int((strong | weak).sum()), "outcome")
        told.append(f"None of the outcomes shown is among the {count} that hold under sequential stability.")
    return tuple(told)
