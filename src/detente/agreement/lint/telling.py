"""A report for a drafter: by commitment, gravest first, with place, reason, proof and repair; the slots; the counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detente.agreement.lint.checks import CHECKS_BY_ID, OF_AMBIGUITY, Check
from detente.agreement.lint.findings import SEVERITIES, Finding
from detente.agreement.lint.lint import Report
from detente.agreement.lint.proof import proof_text, title
from detente.agreement.lint.slots import SLOTS
from detente.base.wording import broken, counted, listed, sentence

WIDTH = 110
MARKS = {"yes": "yes", "partly": "partly", "no": "NO", "open": "open", "n/a": "-"}
ALIKE = frozenset({"V1", "V3", "V5", "V6", "V7", "V10"})  # whose reasons differ in names alone
ITSELF = "ITSELF"
LABEL = "said in full"
MANY = 3  # alike from here on


def lines(report: Report) -> Iterator[str]:
    """The whole text."""
    agreement = report.agreement
    yield agreement.title
    reading = report.reading
    read_as = f"As {agreement.called(reading)} reads it." if reading is not None else ""
    yield from [f"{counts_text(report)}. {read_as}".strip(), ""]
    groups = sorted(common(report), key=lambda group: SEVERITIES.index(group[0].severity))
    if groups:
        yield "Several commitments"
        for group in groups:
            yield from _shared(report, group)
        yield ""
    once = {id(f) for group in groups for f in group}
    for subject, every in grouped(report):
        found = [f for f in every if id(f) not in once]
        if not found:
            continue
        yield _head(report, subject)
        for finding in found:
            yield from _told(report, finding)
        yield ""
    yield from slot_table(report)
    if report.not_checked:
        yield ""
        yield "Not checked"
        by_reason: dict[str, list[str]] = {}
        for check, why in report.not_checked.items():
            by_reason.setdefault(why, []).append(check)
        for why, checks in by_reason.items():
            yield from _wrapped(f"{listed(checks)}: {why}", 2)


def counts_text(report: Report) -> str:
    """How many of each."""
    counts = report.counts
    told = [counted(counts["error"], "error"), counted(counts["warning"], "warning")]
    declared = sum(bool(f.declared) for f in report.findings)
    open_ = f"; the text itself declares {declared} of them open" if declared else ""
    return sentence(listed([*told, counted(counts["info"], "remark")]) + open_).rstrip(".")


def grouped(report: Report) -> list[tuple[str, list[Finding]]]:
    """Subject -> its findings, the subject with the gravest first, then in the order of the file."""
    by: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by.setdefault(finding.subject, []).append(finding)
    return sorted(by.items(), key=lambda pair: min(SEVERITIES.index(f.severity) for f in pair[1]))


def _head(report: Report, subject: str) -> str:
    return f"{report.agreement.called(subject)} ({subject})" if subject else "The agreement as a whole"


def place_text(report: Report, finding: Finding) -> str:
    """file:line:column."""
    source = report.agreement.source or report.agreement.name
    at = finding.place
    return source if at.line is None else f"{source}:{at.line}" + (f":{at.column}" if at.column is not None else "")


def _title(report: Report, finding: Finding) -> str:
    check = CHECKS_BY_ID.get(finding.id)
    reads = f", as {report.agreement.called(finding.reading)} reads it" if finding.reading is not None else ""
    severity = "remark" if finding.severity == "info" else finding.severity
    return f"  {severity} {finding.id} {check.title if check is not None else ''}{reads}"


def _told(report: Report, finding: Finding) -> Iterator[str]:
    yield f"{_title(report, finding)}  [{place_text(report, finding)}]"
    yield from _wrapped(finding.why, 4)
    yield from _open(report, finding)
    proof = proof_text(report.agreement, finding)
    if proof:
        yield from _wrapped(f"Proof: {proof}", 4)
    if not finding.declared or on_purpose(report, finding):
        yield from _repair(finding.repair)


def _open(report: Report, finding: Finding) -> Iterator[str]:
    """What the text says of its own gap or ambiguity."""
    if finding.declared:
        word = "Left open on purpose" if on_purpose(report, finding) else "Open"
        yield from _wrapped(f"{word}: {finding.declared}", 4)


def on_purpose(report: Report, finding: Finding) -> bool:
    """Whether a deliberate ambiguity declares a finding, and not a gap."""
    terms = report.agreement.terms(finding.reading)
    c = next((c for c in terms.commitments if c.id == finding.subject), None)
    if c is None or c.ambiguity is None or "gap" in finding.witness:
        return False
    return finding.declared == c.ambiguity.reason and finding.id in OF_AMBIGUITY


def _repair(text: str) -> Iterator[str]:
    """A repair; a remark after a field stands below it, so that the field can be pasted."""
    for number, line in enumerate(text.splitlines()):
        field, _, remark = line.strip().partition("   # ")
        yield from _wrapped(("Repair: " if number == 0 else "        ") + field, 4)
        for part in broken(remark, WIDTH - 14) if remark else ():
            yield f"            # {part}"


def common(report: Report) -> list[list[Finding]]:
    """Findings of one kind with one repair about many commitments, each kind once."""
    by: dict[tuple[object, ...], list[Finding]] = {}
    for finding in report.findings:
        if finding.id in ALIKE and finding.subject:
            key = (finding.id, finding.severity, finding.reading, finding.declared, _general(finding))
            by.setdefault(key, []).append(finding)
    return [group for group in by.values() if len(group) >= MANY]


def _general(finding: Finding) -> str:
    """A repair without the name of its own commitment."""
    return re.sub(rf"(?<![\w-]){re.escape(finding.subject)}(?![\w-])", ITSELF, finding.repair)


def _shared(report: Report, group: Sequence[Finding]) -> Iterator[str]:
    """One finding of many commitments."""
    first = group[0]
    yield _title(report, first)
    yield from _wrapped(CHECKS_BY_ID[first.id].why, 4)
    at = [f" (line {f.place.line})" if f.place.line is not None else "" for f in group]
    names = [title(report.agreement, f.subject) + line for f, line in zip(group, at, strict=True)]
    yield from _wrapped(f"In {counted(len(group), 'commitment')}: {listed(names)}.", 4)
    yield from _open(report, first)
    if not first.declared or on_purpose(report, first):
        repair = _general(first)
        yield from _repair(repair + "   # ITSELF: the id of the commitment" * (ITSELF in repair))


def _wrapped(text: str, indent: int) -> Iterator[str]:
    for line in broken(text, WIDTH - indent):
        yield " " * indent + line


def slot_table(report: Report) -> Iterator[str]:
    """Which slot of which commitment is filled."""
    names = {c: report.agreement.called(c) for c in report.slots}
    width = min(max(len(n) for n in (*names.values(), LABEL)), 40)
    yield "What each commitment says (open: the text declares a gap; -: not needed)"
    yield "  " + " " * width + "  " + "  ".join(f"{s:<{max(len(s), 6)}}" for s in SLOTS)
    for commitment, marks in report.slots.items():
        name = names[commitment]
        name = name if len(name) <= width else name[: width - 1] + "…"
        cells = "  ".join(f"{MARKS[marks[s]]:<{max(len(s), 6)}}" for s in SLOTS)
        yield f"  {name:<{width}}  {cells}".rstrip()
    cells = "  ".join(f"{_full(report, s):<{max(len(s), 6)}}" for s in SLOTS)
    yield f"  {LABEL:<{width}}  {cells}".rstrip()


def _full(report: Report, slot: str) -> str:
    """In how many of those that need it a slot is said in full."""
    marks = [m[slot] for m in report.slots.values() if m[slot] != "n/a"]
    return f"{marks.count('yes')}/{len(marks)}" if marks else "-"


def explained(check: Check) -> Iterator[str]:
    """The entry of the table."""
    yield f"{check.id}: {check.title} ({check.severity} by default)"
    yield from _wrapped(f"Why it matters: {check.why}", 2)
    yield from _wrapped(f"How it is found out: {check.method}", 2)
    if check.case:
        yield "  Needs a linked case."
