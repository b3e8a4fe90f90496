"""A report for a drafter: by commitment, gravest first, with place, reason, proof and repair; the slots; the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detente.agreement.lint.checks import CHECKS_BY_ID, Check
from detente.agreement.lint.findings import SEVERITIES, Finding
from detente.agreement.lint.lint import Report
from detente.agreement.lint.slots import SLOTS
from detente.base.wording import broken, counted, listed, sentence

WIDTH = 110
MARKS = {"yes": "yes", "partly": "partly", "no": "NO", "open": "open", "n/a": "-"}
KEPT = 12  # entries of a witness that are shown


def lines(report: Report) -> Iterator[str]:
    """The whole text."""
    agreement = report.agreement
    yield agreement.title
    reading = report.reading
    read_as = f"As {agreement.called(reading)} reads it." if reading is not None else ""
    yield from [f"{counts_text(report)}. {read_as}".strip(), ""]
    for subject, found in grouped(report):
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


def _told(report: Report, finding: Finding) -> Iterator[str]:
    check = CHECKS_BY_ID.get(finding.id)
    title = check.title if check is not None else ""
    reads = f", as {report.agreement.called(finding.reading)} reads it" if finding.reading is not None else ""
    severity = "remark" if finding.severity == "info" else finding.severity
    yield f"  {severity} {finding.id} {title}{reads}  [{place_text(report, finding)}]"
    yield from _wrapped(finding.why, 4)
    if finding.declared:
        yield from _wrapped(f"The text says so itself: {finding.declared}", 4)
    proof = witness_text(finding.witness)
    if proof:
        yield from _wrapped(f"Proof: {proof}", 4)
    if finding.repair and not finding.declared:
        for number, line in enumerate(finding.repair.splitlines()):
            yield from _wrapped(("Repair: " if number == 0 else "        ") + line.strip(), 4)


def witness_text(witness: Mapping[str, object]) -> str:
    """A witness in words: names and values, what is empty left out."""
    told = []
    for key, value in witness.items():
        if key == "position":
            continue
        spans = key == "words" and isinstance(value, list) and value and isinstance(value[0], list)
        text = _value([entry[2] for entry in value] if spans and isinstance(value, list) else value)
        if text:
            told.append(f"{key.replace('_', ' ')} {text}")
    return "; ".join(told)


def _value(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "yes" if value else ""
    if isinstance(value, Mapping):
        items = [f"{k} {_value(v)}".strip() for k, v in list(value.items())[:KEPT]]
        return f"({', '.join(items)})" if items else ""
    if isinstance(value, list | tuple | set | frozenset):
        items = [_value(v) or "-" for v in list(value)[:KEPT]]
        more = f" and {len(value) - KEPT} more" if len(value) > KEPT else ""
        return ", ".join(items) + more
    text = str(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _wrapped(text: str, indent: int) -> Iterator[str]:
    for line in broken(text, WIDTH - indent):
        yield " " * indent + line


def slot_table(report: Report) -> Iterator[str]:
    """Which slot of which commitment is filled."""
    names = {c: report.agreement.called(c) for c in report.slots}
    width = min(max((len(n) for n in names.values()), default=4), 40)
    yield "What each commitment says (open: the text declares a gap; -: not needed)"
    yield "  " + " " * width + "  " + "  ".join(f"{s:<{max(len(s), 6)}}" for s in SLOTS)
    for commitment, marks in report.slots.items():
        name = names[commitment]
        name = name if len(name) <= width else name[: width - 1] + "…"
        cells = "  ".join(f"{MARKS[marks[s]]:<{max(len(s), 6)}}" for s in SLOTS)
        yield f"  {name:<{width}}  {cells}".rstrip()
    count = len(report.slots)
    full = "  ".join(
        f"{sum(m[s] in ('yes', 'n/a') for m in report.slots.values())}/{count}".ljust(max(len(s), 6)) for s in SLOTS
    )
    yield f"  {'':<{width}}  {full}".rstrip()


def explained(check: Check) -> Iterator[str]:
    """The entry of the table."""
    yield f"{check.id}: {check.title} ({check.severity} by default)"
    yield from _wrapped(f"Why it matters: {check.why}", 2)
    yield from _wrapped(f"How it is found out: {check.method}", 2)
    if check.case:
        yield "  Needs a linked case."
