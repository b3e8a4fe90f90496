"""``lint``: all checks over the shared text and over each party's reading, folded into one report."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from detente.agreement import lint as _package
from detente.agreement.lint.checks import CHECKS_BY_ID, OF_AGREEMENT, OF_AMBIGUITY, OF_COMMITMENT, TABLE
from detente.agreement.lint.findings import SEVERITIES, Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.slots import Mark, vectors
from detente.agreement.model import Agreement
from detente.agreement.terms import Commitment
from detente.base.errors import LimitReached, UsageError, did_you_mean, shown

CheckFunction = Callable[[Read], Iterator[Finding]]


@dataclass(frozen=True)
class Report:
    """What the checks found.

    Attributes:
        agreement: what was read.
        findings: by commitment in the order of the file, the agreement as a whole first; the gravest first in each.
        slots: commitment -> slot -> ``yes``, ``partly``, ``no``, ``open`` (a declared gap) or ``n/a`` (not needed).
        not_checked: check -> why it did not run.
        reading: the party whose reading was asked for; None: the shared text and every party's.
    """

    agreement: Agreement
    findings: tuple[Finding, ...]
    slots: dict[str, dict[str, Mark]]
    not_checked: dict[str, str]
    reading: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Severity -> how many findings."""
        return {s: sum(f.severity == s for f in self.findings) for s in SEVERITIES}

    def fails(self, *, strict: bool = False) -> bool:
        """Whether there is an error or a warning; strict: anything."""
        return any(strict or f.severity != "info" for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract, without the envelope."""
        return {
            "findings": [finding_dict(f) for f in self.findings],
            "counts": self.counts,
            "slots": {name: dict(marks) for name, marks in self.slots.items()},
            "not_checked": dict(self.not_checked),
            "reading": self.reading,
        }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """One finding in the JSON contract."""
    return {
        "id": finding.id,
        "severity": finding.severity,
        "subject": finding.subject,
        "path": list(finding.path),
        "place": {"line": finding.place.line, "column": finding.place.column},
        "why": finding.why,
        "witness": _plain(finding.witness),
        "repair": finding.repair,
        "reading": finding.reading,
        "declared": finding.declared,
    }


def _plain(value: object) -> Any:
    """Plain data: what is no number, truth or text becomes a text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(k): _plain(v) for k, v in dict(value).items()}  # type: ignore[call-overload]
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(v) for v in value), key=str)
    return str(value)


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that hold checks, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(_package.__path__) if m.name not in ("lint", "telling"))
    found = (import_module(f"{_package.__name__}.{name}") for name in names)
    return tuple(m for m in found if hasattr(m, "CHECKS"))


def chosen(only: Collection[str]) -> frozenset[str]:
    """The ids that some ids or letters of groups stand for.

    Raises:
        UsageError: no such check.
    """
    found: set[str] = set()
    for word in only:
        name = word.strip().upper()
        ids = {i for i in CHECKS_BY_ID if i == name or (len(name) == 1 and i.startswith(name))}
        if not ids:
            fix = did_you_mean(name, list(CHECKS_BY_ID))
            raise UsageError(f"the check {shown(word)}", "checks such as V3, or groups such as V", fix)
        found |= ids
    return frozenset(found)


def lint(agreement: Agreement, reading: str | None = None, only: Collection[str] = ()) -> Report:
    """Check an agreement.

    Args:
        agreement: what to check.
        reading: a party: only what is found in the text as it reads it; None: the shared text and every reading.
        only: ids of checks, or letters of groups; empty: all.

    Raises:
        UsageError: no such party or check; the linked case is not there.
        CaseError: the linked case cannot be read.
    """
    wanted = chosen(only) if only else frozenset(CHECKS_BY_ID)
    shared = Read.of(agreement)
    skipped: dict[str, str] = {}
    found = list(_run(shared, wanted, skipped))
    for party in [reading] if reading is not None else list(agreement.readings):
        own = list(_run(Read.of(agreement, party), wanted, skipped))
        known = {_key(f) for f in found if f.reading is None}
        fresh = [f for f in own if _key(f) not in known]
        if reading is not None:
            held = {_key(f) for f in own}
            found = [f for f in found if _key(f) in held]
        found += fresh
    read = Read.of(agreement, reading)
    for check in TABLE:
        if check.id in wanted and check.id not in _ids():
            skipped.setdefault(check.id, "this version does not check it")
    order = {name: n for n, name in enumerate(("", *agreement.file.commitments, *agreement.file.powers))}
    found = list(_declared(agreement, found, wanted))
    found.sort(key=lambda f: (order.get(f.subject, len(order)), SEVERITIES.index(f.severity), _number(f.id)))
    return Report(
        agreement, tuple(found), vectors(read), {k: skipped[k] for k in sorted(skipped, key=_number)}, reading
    )


def _number(check: str) -> tuple[int, int]:
    groups = "VDEACSRML"
    digits = check[1:]
    return (groups.find(check[:1]), int(digits) if digits.isdecimal() else 0)


def _ids() -> frozenset[str]:
    return frozenset(i for m in modules() for i in getattr(m, "IDS", ()))


def _key(f: Finding) -> tuple[object, ...]:
    return (f.id, f.severity, f.subject, f.path, f.why)


def _run(read: Read, wanted: frozenset[str], skipped: dict[str, str]) -> Iterator[Finding]:
    """All wanted findings of one reading; what could not be checked is noted."""
    for module in modules():
        ids = getattr(module, "IDS", ())
        if ids and not wanted & set(ids):
            continue
        for function in module.CHECKS:
            try:
                yield from (f for f in function(read) if f.id in wanted)
            except LimitReached as limit:
                for name in ids or (function.__name__,):
                    skipped.setdefault(name, str(limit))
        if hasattr(module, "skipped"):
            for name, why in module.skipped(read):
                if name in wanted:
                    skipped.setdefault(name, why)


def _declared(agreement: Agreement, found: list[Finding], wanted: frozenset[str]) -> Iterator[Finding]:
    """The findings; those that the text itself declares open become remarks, and every gap is told."""
    told: set[tuple[str, str]] = set()
    terms = {reading: agreement.terms(reading) for reading in {f.reading for f in found}}
    by_id = {reading: {c.id: c for c in one.commitments} for reading, one in terms.items()}
    for finding in found:
        commitment = by_id[finding.reading].get(finding.subject)
        yield _softened(finding, terms[finding.reading].gaps, commitment, told)
    read = Read.of(agreement)
    for commitment in read.terms.commitments:
        for slot, reason in commitment.gaps.items():
            ids = OF_COMMITMENT.get(slot, ("V2",))
            if (commitment.id, slot) not in told and ids[0] in wanted:
                path = ("commitments", commitment.id, "gaps", slot)
                yield _gap(read, ids[0], commitment.id, slot, reason, path)
    for slot, reason in read.terms.gaps.items():
        ids = OF_AGREEMENT.get(slot, ("S2",))
        if ("", slot) not in told and ids[0] in wanted:
            yield _gap(read, ids[0], "", slot, reason, ("gaps", slot))


CALLED = {
    "actor": "who owes it", "act": "what exactly is to be done", "date": "by when", "threshold": "how much is enough",
    "verifier": "who checks it", "evidence": "what shows it", "consequence": "what follows a breach",
    "decider": "who decides", "trigger": "what it waits for", "access": "what lets its verifier in",
    "entry": "when it enters into force", "ratification": "who ratifies it and by when", "sunset": "when it ends",
    "exit": "how a party leaves", "dispute": "who decides disputes", "review": "when it is looked at again",
    "order": "in which order it is performed",
}  # fmt: skip


def _gap(read: Read, check: str, subject: str, slot: str, reason: str, path: tuple[str | int, ...]) -> Finding:
    name = f"‘{read.called(subject)}’" if subject else "The agreement"
    why = f"{name} leaves open {CALLED.get(slot, slot)}."
    repair = f"Write it, and take {slot} out of the gaps."
    return replace(read.finding(check, "info", subject, path, why, {"gap": slot}, repair), declared=reason)


def _softened(
    finding: Finding, gaps: Mapping[str, str], commitment: Commitment | None, told: set[tuple[str, str]]
) -> Finding:
    """A finding that a gap or a deliberate ambiguity declares: a remark, without a date of review a warning."""
    table = OF_COMMITMENT if finding.subject else OF_AGREEMENT
    if finding.subject:
        gaps = commitment.gaps if commitment is not None else {}
    for slot, reason in gaps.items():
        if finding.id in table.get(slot, ()):
            told.add((finding.subject, slot))
            return replace(finding, severity="info", declared=reason)
    open_ = commitment.ambiguity if commitment is not None else None
    if open_ is not None and finding.id in OF_AMBIGUITY and finding.severity != "info":
        if open_.review is not None:
            return replace(finding, severity="info", declared=open_.reason)
        reason = json.dumps(open_.reason, ensure_ascii=False)
        repair = f"ambiguity: {{deliberate: {reason}, review: DATE}}   # looked at again then"
        return replace(finding, severity="warning", declared=open_.reason, repair=repair)
    return finding
