"""Put in writing: the draft of an agreement that the plan leads to, and what in it is open."""

from __future__ import annotations

from collections.abc import Iterator

from detente.agreement.drafting.asking import draft_from
from detente.agreement.drafting.result import Draft
from detente.agreement.drafting.telling import gap_lines, short_table
from detente.base.errors import DetenteError
from detente.base.wording import counted, listed, sentence
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections.findings import blocks_of, findings_of, told, undeclared
from detente.brief.sections.plan import NOT_ASKED, answers

FEW = 4  # findings that are told in sentences
TITLE = "What would stand in the agreement"


def section(reading: Reading) -> Section | None:
    """The draft from the plan that holds; None without one, and for all sides."""
    found = _draft(reading)
    if found is None:
        return None
    blocks = [Block(text=_lead(found)), Block(table=short_table(found))]
    gaps = gap_lines(found)
    text = "A draft says no more than the case does. What the sides still have to agree on, and the case does not say:"
    blocks += [Block(text=text), Block(items=tuple(gaps)), *_checked(found)]
    return Section(TITLE, tuple(blocks), (_summary(found),))


def _draft(reading: Reading) -> Draft | None:
    if reading.mute or reading.shared or reading.case.file.plan is None:
        return None
    try:
        plan, instead = answers(reading)
        if not plan.enforceable and instead is None:
            return None
        return draft_from(plan, instead, link=reading.case.name)
    except NOT_ASKED:
        return None


def _checked(found: Draft) -> Iterator[Block]:
    """What the checks find in the draft beyond its gaps."""
    try:
        report = findings_of(found.agreement, shared=False)
    except DetenteError as error:
        yield Block(text=f"Its text was not checked: {error}")
        return
    beside = undeclared(report)
    if len(beside) > FEW:
        yield Block(text=sentence(f"What the checks of its text find beside that: {told(report)}"))
        yield from blocks_of(report)
    elif beside:
        yield Block(text="What the checks of its text find beside that:")
        yield Block(items=tuple(f.why for f in beside))
    else:
        yield Block(text="The checks of its text find nothing beside that.")


def _lead(found: Draft) -> str:
    """What the draft is of, and when it would enter into force."""
    terms = found.agreement.terms()
    steps = counted(len(found.stages), "step")
    which = "of the plan above" if not found.warning else "within reach, as told above,"
    text = f"Put in writing, the {steps} {which} are {counted(len(terms.commitments), 'commitment')}."
    everybody = "both parties" if len(terms.parties) < 3 else f"all {counted(len(terms.parties), 'party', 'parties')}"
    signs = f"It would enter into force when {everybody} have signed"
    also = list(found.agreement.file.events.values())
    text += f" {signs}{' and ' + listed(also) if also else ''}."
    return f"{text} ‘detente draft {found.case.name} -o {found.case.name}.agreement.yaml’ writes the file."


def _summary(found: Draft) -> str:
    """One line for the top of the brief."""
    every = len(found.agreement.terms().commitments)
    unchecked = sum(g.slot == "verifier" for g in found.gaps)
    text = f"In writing: {counted(every, 'commitment')}"
    if unchecked == every:
        return f"{text}; who checks them is open for all."
    return f"{text}; who checks it is open for {counted(unchecked, '').strip()}." if unchecked else f"{text}."
