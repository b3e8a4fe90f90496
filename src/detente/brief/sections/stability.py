"""What would hold once reached, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.pictures.conflict_graph import conflict_graph
from detente.pictures.export import outcome_labels
from detente.stability.concepts import CONCEPTS
from detente.stability.witness import Step, Verdict

MOST_TEMPTATIONS = 3


def section(reading: Reading) -> Section:
    """Counts, today's state and its reasons, the outcomes selected."""
    title = "What would hold once reached, and why"
    if reading.mute:
        return Section(title, (Block(text=MUTE),), (MUTE,))
    blocks = [Block(text=INTRODUCTION), Block(table=_counts(reading))]
    blocks += [Block(text=w) for w in reading.graph.warnings]
    told = today(reading)
    blocks.append(Block(items=tuple(told)))
    common = _common(reading)
    if common:
        blocks.append(Block(text=common))
    if reading.outcomes.selected:
        labels = _labels(reading)
        reasons = tuple(f"Outcome {n + 1}: {'; '.join(o.reasons)}." for n, o in enumerate(reading.outcomes.selected))
        blocks += [Block(text="The outcomes shown from here on:"), Block(items=reasons), Block(table=_table(reading))]
        picture = conflict_graph(reading.outcomes, labels)
        if picture:
            caption = "Today, the outcomes shown and a shortest way to each; columns count the moves from today."
            blocks.append(Block(picture=picture, caption=caption))
    return Section(title, tuple(blocks), tuple(told[:3]))


MUTE = (
    "An outcome holds if no party gains by leaving it. The case does not say what any party wants, so nothing can be "
    "said yet of what would hold."
)

INTRODUCTION = (
    "An outcome holds if no party gains by leaving it. How far ahead a party looks before it leaves makes the "
    "difference; the table counts the outcomes that hold for every party under each answer to that."
)


def _counts(reading: Reading) -> Table:
    found = reading.stability
    start = reading.status_quo.start
    rows = []
    for concept in found.concepts:
        of_today = "" if start is None else VERDICT[found.bounds(concept).of(start)]
        meaning = CONCEPTS[concept].meaning
        count = f"{how_many(reading, concept)} of {len(reading.graph):,}"
        rows.append((f"{CONCEPTS[concept].name} ({concept})", meaning, count, of_today))
    return Table(
        ("solution concept", "an outcome holds if, for every party,", "outcomes that hold", "today holds"), tuple(rows)
    )


def how_many(reading: Reading, concept: str) -> str:
    """How many outcomes hold; where that is not known, from how many to how many."""
    bounds = reading.stability.bounds(concept)
    sure, open_ones = int(bounds.always.sum()), int(bounds.open.sum())
    return f"{sure:,} to {sure + open_ones:,}" if open_ones else f"{sure:,}"


VERDICT = {True: "yes", False: "no", None: "not known"}


def today(reading: Reading) -> list[str]:
    """Whether today's state holds, for whom, and why, in sentences from witnesses."""
    start = reading.status_quo.start
    if start is None:
        return []
    case, found = reading.case, reading.stability
    lines: list[str] = []
    quiet = [p for p in reading.graph.movers if found.is_stable("nash", p, start)]
    if quiet:
        whom = "every party" if len(quiet) == len(reading.graph.movers) else listed([case.party_name(p) for p in quiet])
        why = "it has no step" if len(quiet) == 1 else "none of them has a step"
        lines.append(f"Today holds for {whom}: {why} of its own that leads to anything it prefers.")
    for party in reading.graph.movers:
        if found.is_stable("nash", party, start) is None:
            name = case.party_name(party)
            lines.append(f"Whether today holds for {name} is not known: too little is known of what it wants.")
        elif party not in quiet:
            lines += _tempted(reading, best_verdict(reading, party, start))
    return lines


def best_verdict(reading: Reading, party: str, state: int) -> Verdict:
    """The proof for a party that is tempted: under sequential stability or, where that is not known, a weaker concept.

    Under general metarationality it is not known whether the others would answer; under Nash stability, whether they
    could.
    """
    found = reading.stability
    return next(v for c in ("seq", "gmr", "nash") if (v := found.proved(c, party, state)) is not None)


def _tempted(reading: Reading, verdict: Verdict) -> list[str]:
    party = reading.case.party_name(verdict.party)
    if not verdict.stable:
        move = reading.move(_step(verdict, verdict.answers[0].improvement))
        if verdict.concept == "nash":
            unsure = "Whether the others would punish that is not known."
            return [f"Today tempts {party}: {move}, which it prefers. {unsure}"]
        tail = "which it prefers, and the others have no answer in their own interest that would punish it"
        return [f"Today does not hold for {party}: {move}, {tail}."]
    because = "of what the others would do"
    if verdict.concept == "gmr":
        because = "of what the others could do (whether they would is not known)"
    lines = [f"Today holds for {party} only because {because}:" + _answer(reading, verdict, 0)]
    lines += [
        f"{party}, again:" + _answer(reading, verdict, n) for n in range(1, min(len(verdict.answers), MOST_TEMPTATIONS))
    ]
    return lines


def _answer(reading: Reading, verdict: Verdict, number: int) -> str:
    answer = verdict.answers[number]
    move = reading.move(Step(verdict.party, verdict.state, answer.improvement))
    replies = ", then ".join(reading.move(s) for s in answer.sanction or ())
    likes = "may prefer" if answer.may else "prefers"
    text = f" if {move}, which it {likes}, {replies}, and it is no better off than today."
    if answer.best_replies is True:
        text += " That is the best the others can do there, so the threat is credible."
    elif answer.best_replies is False:
        text += " The others would have something better to do there, so the threat is weak."
    return text


def _step(verdict: Verdict, target: str) -> Step:
    return Step(verdict.party, verdict.state, target)


def _common(reading: Reading) -> str:
    """What all sequential equilibria share, where there are too many to show."""
    held = reading.stability.equilibrium.get("seq")
    if held is None or held.sum() <= len(reading.outcomes.selected):
        return ""
    digits = reading.graph.states.digits[:, reading.graph.states.cell_of[held]]
    shared, ranges = [], []
    for n, (option, written) in enumerate(reading.case.file.options.items()):
        present = np.unique(digits[n])
        if len(present) == 1:
            shared.append(reading.level(option, written.levels[int(present[0])]))
        elif len(present) < len(written.levels):
            absent = [words(v) for k, v in enumerate(written.levels) if k not in present]
            ranges.append(f"{reading.case.option_name(option)} is never at {listed([f'‘{a}’' for a in absent], 'or')}")
    count = counted(int(held.sum()), "outcome")
    text = f"In all of the {count} that hold under sequential stability, "
    if not shared and not ranges:
        tail = "have no level in common: many different bargains could be kept once made."
        return f"The {count} that hold under sequential stability {tail}"
    return text + listed([*(f"{s}" for s in shared), *ranges]) + "."


def _labels(reading: Reading) -> dict[int, str]:
    changes = {s: text.partition("\n")[2] for s, text in outcome_labels(reading.outcomes).items()}
    labels = {o.state: f"Outcome {n + 1}\n{changes[o.state]}" for n, o in enumerate(reading.outcomes.selected)}
    if reading.status_quo.start is not None:
        labels[reading.status_quo.start] = "Today"
    return labels


def _table(reading: Reading) -> Table:
    table = reading.outcomes.table()
    start = reading.status_quo.start
    heads = [] if start is None else ["today"]
    heads += [f"outcome {n + 1}" for n in range(len(reading.outcomes.selected))]
    first = len(heads) and start is not None
    rows = tuple((*r[:2], *(_shown(r, c, fixed=bool(first)) for c in range(2, len(r)))) for r in table.rows)
    names = {c: CONCEPTS[c].name for c in CONCEPTS}
    options = len(reading.case.options)
    who = [*(r[0] for r in rows[:options]), "holds for all", *("" for _ in rows[options + 1 :])]
    rows = tuple((w, names.get(r[1], r[1]), *r[2:]) for w, r in zip(who, rows, strict=False))
    note = "A dash stands for: as today."
    if any("any" in r[2:] for r in rows):
        note += " Any: the outcome is the same whatever is chosen there."
    return replace(table, columns=("party", "option", *heads), rows=rows, note=note)


def _shown(row: tuple[str, ...], column: int, *, fixed: bool) -> str:
    cell = {"Y": "yes", "N": "no"}.get(row[column], row[column])
    if fixed and column > 2 and row[0] != "stable for all" and row[column] == row[2]:
        return "–"
    return cell


def method(reading: Reading) -> Section:
    """How to read this: concepts with their sources, and what is not said."""
    items = tuple(f"{c.name} ({c.id}): {c.meaning}. Source: {c.source}." for c in CONCEPTS.values())
    text = (
        "The answers rest on the graph model for conflict resolution. They are exact for the preferences as written, "
        "at the point values of uncertain numbers. That an outcome holds is not a forecast that it will come about, "
        "and motives are readings of what parties say and do, not findings."
    )
    edits = [f"{path} = {value}" for path, value in (e.pair() for e in reading.case.changes.edits)]
    changed = (Block(text=f"Edits applied to the case as written: {len(edits)}."),) if edits else ()
    return Section("How to read this", (Block(text=text), Block(items=items), *changed))
