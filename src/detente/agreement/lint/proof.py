"""What proves a finding, for readers: words quoted, titles, dates and rounded numbers; the rest is in the JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from detente.agreement.calendar import Calendar
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.saying import moment_told
from detente.agreement.model import Agreement
from detente.base.wording import counted, listed

LISTS = {
    "commitments": "all of them", "without_end": "without an end", "ends": "what ends",
    "core": "what waits in a circle", "starves": "what cannot begin either",
}  # fmt: skip
SHORT = 5  # as many are named in the reason itself
MOST = 12
LONGEST = 160
YEAR = 366 * 86_400


def proof_text(agreement: Agreement, finding: Finding) -> str:
    """The proof in a line; empty where the reason says all.

    Args:
        agreement: whose names are used.
        finding: with its witness.
    """
    witness = finding.witness
    told = []
    if isinstance(text := witness.get("text"), str) and text:
        told.append(f"the text says “{text if len(text) <= LONGEST else text[: LONGEST - 3] + '...'}”")
    if isinstance(run := witness.get("run"), Mapping) and run:
        told.append(f"a course of events: {_run(agreement, run)}")
    if isinstance(sides := witness.get("sides"), Mapping):
        told += _sides(agreement, witness, sides)
    for key, label in LISTS.items():
        names = _known(agreement, witness.get(key))
        if len(names) > SHORT:
            told.append(f"{label}: {_titles(agreement, names)}")
    return "; ".join(told)


def title(agreement: Agreement, name: str) -> str:
    """A commitment, an instance of one or a power, quoted."""
    return f"‘{agreement.called(name)}’"


def _known(agreement: Agreement, value: object) -> list[str]:
    """A list of commitments; empty where it is something else."""
    if not isinstance(value, Sequence | Mapping) or isinstance(value, str):
        return []
    names = [str(v) for v in value]
    return names if all(n in agreement.file.commitments for n in names) else []


def _titles(agreement: Agreement, names: Sequence[str]) -> str:
    shown = [title(agreement, n) for n in names[:MOST]]
    return listed([*shown, f"{len(names) - MOST} more"] if len(names) > MOST else shown)


def _sides(agreement: Agreement, witness: Mapping[str, object], sides: Mapping[str, object]) -> list[str]:
    """What is done by the worst point, and how far each side is ahead at its own."""
    done = _known(agreement, witness.get("done"))
    found = [f"done by then: {_titles(agreement, done)}"] if done else []
    ahead = [f"{agreement.called(p)} {number(v)}" for p, v in sides.items()]
    return [*found, f"ahead at its own worst point, each on its own scale: {listed(ahead)}"]


def number(value: object) -> str:
    """A fraction rounded to three digits."""
    return f"{float(Fraction(str(value))):.3g}"


def _run(agreement: Agreement, run: Mapping[str, object]) -> str:
    """The instants of a run as days; without a date as days after the first."""
    at = {k: int(v) for k, v in run.items() if isinstance(v, int)}
    if not at:
        return ""
    first = min(at.values())
    dated = first > YEAR  # no agreement is of 1970
    calendar, parts = Calendar(agreement.terms().calendar), []
    for key, instant in sorted(at.items(), key=lambda pair: pair[1]):
        last = instant - key.startswith("end:")  # an end is the instant after its last day
        day = moment_told(calendar.day(last)) if dated else f"after {counted((instant - first) // 86_400, 'day')}"
        parts.append(f"{_point(agreement, key)} {day}")
    return listed(parts)


def _point(agreement: Agreement, key: str) -> str:
    kind, _, name = key.partition(":")
    if kind == "in-force":
        return "entry into force"
    words = {"start": "beginning of ", "end": "end of ", "event": ""}
    return f"{words.get(kind, kind + ' ')}{title(agreement, name)}" if name else kind
