"""Who wants what: the strongest wishes of each party, with their uncertainty and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.case.blocks.preferences import Entry, Forms
from detente.case.fields import Amount, Clause
from detente.case.quantities import plain

MOST_ROWS, MOST_RANKED = 6, 12


def section(reading: Reading) -> Section:
    """One table or list per party; types with their probabilities."""
    case = reading.case
    blocks: list[Block] = []
    brief: list[str] = []
    weighed = False
    for party in case.parties:
        forms = case.preference(party)
        name = case.party_name(party)
        if forms is None or forms.form() is None:
            blocks.append(Block(text=f"{name}: no preference is written; it counts as indifferent."))
            continue
        blocks.append(Block(text=f"{name}. {_types(reading, party)}{'' if reading.shared else forms.note}".strip()))
        if forms.utility is not None:
            weighed = True
            rows = sorted(_worths(reading, forms), key=lambda r: -abs(r[0]))[:MOST_ROWS]
            heads = ("what", "worth per period", "why", "source and judge")
            blocks.append(Block(table=Table(heads, tuple(r[1] for r in rows))))
            wants, shuns = (next((r[1][0] for r in rows if s * r[0] > 0), None) for s in (1, -1))
            brief.append(f"{name} wants most: {wants or 'nothing'}; shuns most: {shuns or 'nothing'}.")
        elif table := _ranked(reading, party, forms):
            blocks.append(Block(table=table))
            brief.append(f"{name} likes best: {_entry(reading, (forms.ranking or ())[0])}.")
        else:
            items = tuple(_order(reading, forms))
            blocks.append(Block(items=items))
            if items:
                brief.append(f"{name}: {items[0]}")
        blocks += _open(reading, forms)
    if weighed:
        blocks.append(Block(text=NOTE))
    return Section("Who wants what", tuple(blocks), tuple(brief))


NOTE = (
    "Worths are per period and on each party's own scale; they are never compared across parties. "
    "Only the order they give the states matters for what follows."
)


def _open(reading: Reading, forms: Forms) -> list[Block]:
    """What an order leaves unknown."""
    told = tuple(
        f"Not known: how it compares {in_words(reading, a.text)} with {in_words(reading, b.text)}."
        for a, b in forms.unknown[:MOST_ROWS]
    )
    return [Block(items=told)] if told else []


def _types(reading: Reading, party: str) -> str:
    case = reading.case
    types = case.file.preferences[party].types
    if not types or reading.shared:
        return ""
    priors = case.priors(party)
    used = case.types[party]
    told = listed([f"{k.label or words(t)} ({float(priors[t]):.0%})" for t, k in types.items()], "or")
    why = "assumed here" if types[used].assumed else "the most probable"
    name = types[used].label or words(used)
    return f"What it wants is uncertain: {told}. What follows takes the reading ‘{name}’, {why}. "


def _worths(reading: Reading, forms: Forms) -> Iterator[tuple[Fraction, tuple[str, ...]]]:
    case = reading.case
    for key, worth in (forms.utility or {}).items():
        written = {key: worth} if isinstance(worth, Amount) else worth
        for level, amount in written.items():
            what = reading.spoken(key) if isinstance(worth, Amount) else reading.level(key, _name(reading, key, level))
            evidence = amount.evidence
            behind = case.file.numbers[amount.quantity.name].evidence if amount.quantity.kind == "shared" else None
            if reading.shared and any(e is not None and e.private for e in (evidence, behind)):
                continue
            evidence = evidence or behind
            source = case.file.sources.get(evidence.source or "", evidence.source or "") if evidence else ""
            judge = "; ".join(t for t in (source, reading.person(evidence.by) if evidence else "") if t)
            sure = f" ({evidence.sure})" if evidence and evidence.sure else ""
            quantity = amount.quantity.resolve(case.shared)
            value = str(quantity) if quantity.kind != "uniform" else " to ".join(plain(x) for x in quantity.numbers)
            yield case.mean(amount), (what, value + sure, evidence.note if evidence else "", judge)


def _name(reading: Reading, option: str, level: str) -> str:
    return reading.case.file.options[option].levels[int(level)] if level.isdigit() else level


def _ranked(reading: Reading, party: str, forms: Forms) -> Table | None:
    """A ranking of single states as an option table, best first; None where it ranks conditions."""
    graph, ranks = reading.graph, reading.graph.ranks[party]
    if forms.ranking is None or ranks is None or not _of_states(reading, forms.ranking[:MOST_RANKED]):
        return None
    order = np.argsort(-ranks, kind="stable")
    shown = [int(s) for s in order[:MOST_RANKED]]
    heads = []
    for state in shown:
        place = 1 + int((ranks > ranks[state]).sum())
        tied = "=" if (ranks == ranks[state]).sum() > 1 else ""
        heads.append(f"{place}{tied}{' (today)' if state == reading.status_quo.start else ''}")
    levels = [{o: "any" if v is None else words(v) for o, v in graph.states.levels(s).items()} for s in shown]
    rows = [(reading.case.option_name(o), *(of[o] for of in levels)) for o in reading.case.options]
    note = ["Best to worst, from left to right."]
    if any("=" in h for h in heads):
        note.append("=: as good as the others of that number.")
    left = len(graph) - len(shown)
    if left:
        note.append(f"{counted(left, 'further state').capitalize()} {'ranks' if left == 1 else 'rank'} no higher.")
    return Table(("option", *heads), tuple(rows), note=" ".join(note))


def _of_states(reading: Reading, entries: Sequence[Entry]) -> bool:
    """Whether every entry names single states."""
    clauses = [c for e in entries for c in (e if isinstance(e, tuple) else (e,))]
    return all(reading.graph.states.mask(c).sum() == 1 for c in clauses)


def _order(reading: Reading, forms: Forms) -> Iterator[str]:
    if forms.partial is not None:
        for better, worse in forms.partial[:MOST_ROWS]:
            yield f"Prefers {_compared(reading, better, worse)}."
        left = len(forms.partial) - MOST_ROWS
        yield f"{f'{left} more comparisons are known; the' if left > 0 else 'The'} rest is not known."
        return
    entries = forms.ranking or forms.priorities or ()
    for number, entry in enumerate(entries[:MOST_ROWS]):
        head = ("Best: " if number == 0 else "then ") if forms.ranking else f"Priority {number + 1}: "
        yield head + _entry(reading, entry)
    if len(entries) > MOST_ROWS:
        yield f"and {len(entries) - MOST_ROWS} more."


def _compared(reading: Reading, better: Clause, worse: Clause) -> str:
    """Two sides of a comparison; of two states only what they differ in, then what they share."""
    states = reading.graph.states
    sides = [np.flatnonzero(states.mask(c)) for c in (better, worse)]
    if any(len(s) != 1 for s in sides):
        return f"{in_words(reading, better.text)} to {in_words(reading, worse.text)}"
    one, other = (states.levels(int(s[0])) for s in sides)
    more, less = ([reading.level(o, v) for o, v in s.items() if one[o] != other[o]] for s in (one, other))
    shared = [reading.level(o, v) for o, v in one.items() if v == other[o]]
    return f"{listed(more)} to {listed(less)}" + (f", given {listed(shared)}" if shared else "")


def _entry(reading: Reading, entry: Entry) -> str:
    parts = entry if isinstance(entry, tuple) else (entry,)
    return " as good as ".join(in_words(reading, p.text) for p in parts)


def in_words(reading: Reading, text: str) -> str:
    """A condition, or a state by its number, in words."""
    states = reading.graph.states.as_written
    bare = text.strip()
    if bare[:1] == "s" and bare[1:].isdigit():
        levels = states.levels(int(bare[1:]) - 1)
        return listed([reading.level(o, v) for o, v in levels.items()])
    return reading.spoken(text)
