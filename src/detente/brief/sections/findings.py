"""What the checks find in the text of an agreement, the gravest first; and what the last agreement on a case lacked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from detente.agreement.lint.checks import CHECKS_BY_ID
from detente.agreement.lint.findings import SEVERITIES, Finding
from detente.agreement.lint.lint import Report, lint
from detente.agreement.loading import last_agreement
from detente.agreement.model import Agreement
from detente.base.errors import DetenteError
from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.plan.wording import day

TITLE, LAST = "What the text of the agreement lacks", "What the last agreement lacked"
CALLED = {"error": "error", "warning": "warning", "info": "remark"}
MEANING = "An error: it cannot be relied on. A warning: it will be disputed, or favours one side."
MOST_ROWS, MOST_NAMES, MOST_WORDS = 14, 3, 6
OF_WORTHS = frozenset({"A1", "A2", "S4", "R1"})  # what rests on what things are worth to the sides


def section(agreement: Agreement, *, shared: bool) -> Section | None:
    """What the checks find in an agreement told by itself; None where they find nothing."""
    try:
        report = findings_of(agreement, shared=shared)
    except DetenteError as error:
        return Section(TITLE, (Block(text=f"Not checked: {error}"),))
    blocks = tuple(blocks_of(report))
    return Section(TITLE, blocks, (f"Its text: {told(report)}.",)) if blocks else None


def last(reading: Reading) -> Section | None:
    """What the checks find in the last agreement before the date of the case; None without one."""
    agreement = last_agreement(reading.case)
    if agreement is None:
        return None
    try:
        report = findings_of(agreement, shared=reading.shared)
    except DetenteError as error:
        return Section(LAST, (Block(text=f"Not checked: {error}"),))
    when = day(agreement.file.as_of)
    text = (
        f"{agreement.title} ({when}): {counted(len(agreement.file.commitments), 'commitment')}, held to the same checks"
        " as a draft of today. This is what they find in its words; what came of it is another matter."
    )
    summary = f"The last agreement ({when}): {told(report)}."
    return Section(LAST, (Block(text=text), *blocks_of(report)), (summary,))


def findings_of(agreement: Agreement, *, shared: bool) -> Report:
    """The report on an agreement; for all sides without what rests on what things are worth to each."""
    return lint(agreement, only=sorted(CHECKS_BY_ID.keys() - OF_WORTHS) if shared else ())


def told(report: Report) -> str:
    """How many findings there are of each gravity, and the gravest, in a clause."""
    found = undeclared(report)
    if not found:
        return "the checks find nothing but the gaps that it declares" if report.findings else "the checks find nothing"
    counts = [(n, s) for s in SEVERITIES if (n := sum(f.severity == s for f in found))]
    worst = min(found, key=lambda f: SEVERITIES.index(f.severity))
    gravest = ": " if len(found) == 1 else "; the gravest: "
    return f"{listed([counted(n, CALLED[s]) for n, s in counts])}{gravest}{CHECKS_BY_ID[worst.id].title}"


def blocks_of(report: Report, most: int = MOST_ROWS) -> Iterator[Block]:
    """The findings in a table, a row for each check; what the text itself declares open is counted."""
    found = undeclared(report)
    order = list(CHECKS_BY_ID)
    found.sort(key=lambda f: (SEVERITIES.index(f.severity), order.index(f.id)))
    groups = [(key, list(group)) for key, group in groupby(found, key=lambda f: (f.severity, f.id))]
    rows = [
        (CALLED[severity], CHECKS_BY_ID[check].title, _where(report.agreement, group), _why(group))
        for (severity, check), group in groups[:most]
    ]
    declared = len(report.findings) - len(found)
    notes = [MEANING] if rows else []
    notes += [f"{counted(len(groups) - most, 'kind')} more of findings."] if len(groups) > most else []
    if declared:
        notes.append(f"Beside these the text itself declares {counted(declared, 'thing')} open.")
    note = " ".join(notes)
    if rows:
        yield Block(table=Table(("", "what is found", "where", "why it matters"), tuple(rows), note=note))
    elif note:
        yield Block(text=f"The checks find nothing else. {note}")


def undeclared(report: Report) -> list[Finding]:
    """The findings that the text does not declare itself."""
    return [f for f in report.findings if not f.declared]


def _where(agreement: Agreement, group: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(agreement.called(f.subject) if f.subject else "the whole" for f in group))
    if len(names) == len(agreement.file.commitments) > MOST_NAMES and all(f.subject for f in group):
        return f"all {counted(len(names), 'commitment')}"
    if len(names) > MOST_NAMES + 1:
        return f"{', '.join(names[:MOST_NAMES])} and {counted(len(names) - MOST_NAMES, 'more', 'more')}"
    return listed(names)


def _why(group: Sequence[Finding]) -> str:
    """What goes wrong: of one by its name, of several in general, with the weak words that they use."""
    if len(group) == 1:
        return group[0].why
    why = CHECKS_BY_ID[group[0].id].why
    words = list(dict.fromkeys(word for finding in group for word in weak_words_of(finding)))
    if not words:
        return why
    shown = [f"‘{word}’" for word in words[:MOST_WORDS]]
    more = [f"{len(words) - MOST_WORDS} more"] * (len(words) > MOST_WORDS)
    return f"{listed([*shown, *more])}: {why[0].lower()}{why[1:]}"


def weak_words_of(finding: Finding) -> list[str]:
    """The weak words that a finding of V9 proves itself with."""
    words = finding.witness.get("words") if finding.id == "V9" else None
    return [str(entry[2]) for entry in words] if isinstance(words, list) else []
