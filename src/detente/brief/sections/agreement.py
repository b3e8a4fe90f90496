"""An agreement and its ledger: how it stands, what comes next, where the sides see it differently, what proves it."""

from __future__ import annotations

from collections.abc import Iterator

from detente.agreement.exposure import exposure
from detente.agreement.ledger.heads import HONEST
from detente.agreement.overview import overview
from detente.agreement.remarks import called, names_of, quoted
from detente.agreement.telling import (
    coming_table,
    exposure_of,
    irregular,
    meanings,
    power_rows,
    view_name,
    what_of,
)
from detente.agreement.tracking import JOINT, Status, day_text
from detente.agreement.worths import given
from detente.base.errors import DetenteError, UsageError
from detente.base.table import Table
from detente.base.wording import counted, listed, sentence
from detente.brief.document import Block, Section
from detente.brief.sections import findings
from detente.brief.tracked import Tracked
from detente.pictures.agreement_rows import timeline_of
from detente.pictures.agreement_timeline import agreement_timeline, timeline_caption

STANDS = "How the agreement stands"
NEXT = "What comes next under the agreement"
DIFFER = "Where the sides see the agreement differently"
STAKES = "What each side stands to lose if the other stops"
PROOF = "What the record of the agreement proves"


def sections(tracked: Tracked) -> tuple[Section, ...]:
    """What there is to tell of an agreement; what cannot be asked is left out."""
    lacks = findings.section(tracked.status.agreement, shared=tracked.shared)
    found = (_stands(tracked), _next(tracked), _views(tracked), _stakes(tracked), lacks, _proof(tracked))
    return tuple(s for s in found if s is not None)


def _stands(tracked: Tracked) -> Section:
    """Counts, the picture over time, and the table."""
    status = tracked.status
    lines = overview(status)
    blocks = [Block(text=f"{status.agreement.title}, {tracked.when}. {' '.join(lines[:2])}")]
    blocks += [Block(text=t) for t in lines[2:]]
    if status.in_force:
        shown = timeline_of(status)
        blocks.append(Block(picture=agreement_timeline(shown), caption=timeline_caption(shown.rows)))
    table = status.table()
    meant = " ".join(sentence(m) for m in meanings(status))
    if len(status.standings) > len(status.written):
        meant += " Every side’s share of a commitment, and every term of one that recurs, stands and counts by itself."
    blocks.append(Block(table=Table(table.columns, table.rows), caption=meant))
    return Section(STANDS, tuple(blocks), (f"The agreement: {lines[0]}", *lines[1:]))


def _next(tracked: Tracked) -> Section | None:
    """Deadlines, whose turn it is, and powers with their last useful days."""
    status = tracked.status
    if not status.in_force:
        return None
    table = coming_table(status.agreement, status.run, status.at)
    blocks = [Block(table=table) if table.rows else Block(text="Nothing is due.")]
    powers = power_rows(status.agreement, status.run, status.at)
    if powers:
        caption = (
            "Powers that the text gives, and the last day on which each is of use: later, its notice and the time to "
            "object would end only after the power or the agreement does."
        )
        blocks.append(
            Block(table=Table(("who", "may", "possible now", "last useful day"), tuple(powers)), caption=caption)
        )
    return Section(NEXT, tuple(blocks))


def _views(tracked: Tracked) -> Section | None:
    """Each commitment on which views differ, with its state in each."""
    status = tracked.status
    if not status.in_force and not status.others:
        return None
    agreement = status.agreement
    if not status.others:
        text = (
            "At this date all sides see it alike: no record that a side refuses, and no side's own reading of the "
            "text, makes a difference."
        )
        return Section(DIFFER, (Block(text=text),))
    states = {s.id: s.life for s in status.standings}
    differing = [s.id for s in status.standings if any(s.id in found for found in status.others.values())]
    extra = sorted({c for found in status.others.values() for c in found} - set(differing))
    this = "all records, the text as written" if status.view is None else view_name(agreement, status.view)
    rows = tuple(
        (
            called(agreement, c),
            states.get(c, "not there"),
            *(found.get(c, "the same") for found in status.others.values()),
        )
        for c in (*differing, *extra)
    )
    columns = ("commitment", this, *(view_name(agreement, v) for v in status.others))
    lines = list(_reasons(status))
    text = f"{sentence(counted(len(rows), 'commitment'))[:-1]} {'stands' if len(rows) == 1 else 'stand'} otherwise "
    text += "for some of the sides. A side's view is the ledger as it recognises it, under its own reading of the text."
    if JOINT in status.others:
        text += " What all recognise is the ledger without the records that some side has refused."
    blocks = [Block(text=text), Block(table=Table(columns, rows))]
    if lines:
        blocks.append(Block(items=tuple(lines)))
    names = listed([quoted(agreement, c) for c in (*differing, *extra)][:3])
    return Section(DIFFER, tuple(blocks), (f"The sides see differently: {names}.",))


def _reasons(status: Status) -> Iterator[str]:
    """Which records are not recognised by whom, and who reads the text in its own way."""
    agreement = status.agreement
    by_seq = {r.seq: r for r in status.records}
    refusals = (r for records in status.said.values() for r in records if r.kind == "recognise")
    for record in refusals:
        if record.body.get("answer") != "no":
            continue
        ref = str(record.body.get("ref", ""))
        meant = by_seq.get(int(ref)) if ref.isascii() and ref.isdigit() else None
        if meant is not None:
            about = f" of {quoted(agreement, meant.subject)}" if meant.subject in status.written else ""
            what = f"{what_of(agreement, meant)}{about}"
            yield f"{names_of(agreement, record.by)} does not recognise record {meant.seq} ({what})."
    for party in agreement.readings:
        yield f"{agreement.called(party)} reads the text in its own way."


def _stakes(tracked: Tracked) -> Section | None:
    """How far each side can be ahead when everything stops, by the linked case's worths."""
    agreement = tracked.status.agreement
    if tracked.shared or agreement.file.case is None:
        return None
    try:
        whole, lasting = given(agreement)
        terms = agreement.terms()
        found, kept = exposure(terms, whole), exposure(terms, lasting)
    except UsageError:
        return None
    except DetenteError as error:
        return Section(STAKES, (Block(text=f"Not worked out: {error}"),))
    text = (
        "Suppose the commitments are carried out in any order that the text allows, and then everything stops. How far "
        "could a side be ahead, with more given than received? The amounts are those of the linked case, per "
        f"{agreement.case.file.period if agreement.case is not None else 'period'}, each on the side's own scale: they "
        "cannot be compared across sides."
    )
    return Section(STAKES, (Block(text=text), Block(items=tuple(exposure_of(agreement, found, kept)))))


def _proof(tracked: Tracked) -> Section:
    """Records, the head of the chain, what it proves and what not, and what had no effect."""
    status = tracked.status
    lines = irregular(status)
    if tracked.shipped:
        number = counted(status.known, "record")
        text = f"There is no ledger here. What is told rests on the {number} that the catalog lists. "
        blocks = [Block(text=text + "No head of them was published, and they prove nothing by themselves.")]
    elif tracked.head is None:
        blocks = [Block(text="Nothing is recorded. That says nothing of what was done.")]
    else:
        head = tracked.head
        few = "none of them" if status.known == 0 else f"the first {counted(status.known, '').strip()}"
        taken = "all of them taken here" if status.known == head.seq else f"{few} taken here"
        day = day_text(status.run.calendar, head.recorded_at)
        text = f"The ledger holds {counted(head.seq, 'record')}, {taken}; the last was written down on {day}."
        blocks = [
            Block(text=text),
            Block(text=f"Its head is {head.seq}:{head.hash}. {HONEST}"),
        ]
    if lines:
        blocks += [Block(text="Without effect on how the agreement stands:"), Block(items=tuple(lines))]
    return Section(PROOF, tuple(blocks))
