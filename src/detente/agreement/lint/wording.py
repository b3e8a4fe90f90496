"""Is it said in words that bind: weak words by position (V9), and agreements to agree (V11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.read import Read
from detente.agreement.lint.slots import purpose_from, to_agree
from detente.agreement.lint.specific import at, owners, quoted
from detente.agreement.lint.weak import GROUPS, Weak, weak_words
from detente.agreement.terms import Commitment, NoDeadline, TextAct

IDS = ("V9", "V11")
Path = tuple[str | int, ...]
Position = Literal["preamble", "purpose", "act", "time"]
SEVERITY: dict[Position, Severity] = {"preamble": "info", "purpose": "info", "act": "error", "time": "error"}
PREAMBLE = re.compile(r"^\s*preamble:\s*", re.IGNORECASE)
LATER = re.compile(
    r"\bto be (?:agreed|negotiated|determined|decided|specified|defined|finali[sz]ed|worked out)\b"
    r"|\bmodalit(?:y|ies)\b|\b(?:later|separate|future|subsequent|further) (?:agreement|protocol|arrangement|talk)s?\b",
    re.IGNORECASE,
)
ANNEX = re.compile(r"\b(?:annex|appendix|schedule) (?:[A-Z]|[IVX]+|\d+)\b", re.IGNORECASE)
LEFT_OPEN = frozenset(
    {"as appropriate", "when appropriate", "when necessary", "as necessary", "where possible", "as agreed"}
)
BETTER = {
    "degree": "an amount, or the list that is meant",
    "time": "a date, or a period from an event",
    "escape": "who decides, and by what measure",
    "effort": "the result, or the steps with their dates",
    "attitude": "an act, or the words of a preamble",
    "open": "the whole list",
    "order": "trigger: what each waits for, or a group that is due together",
    "option": "what is owed, or a power",
    "guarantee": "what is given, in acts",
}


def wording(read: Read) -> Iterator[Finding]:
    """V9: weak words in what is owed and in its time."""
    for c in read.terms.commitments:
        if isinstance(c.act, TextAct):
            split = purpose_from(c.act.text)
            words = [w for w in weak_words(c.act.text) if w.group != "actorless"]
            here = [w for w in words if w.start < split]
            yield from _weak(read, c, "act", here, c.act.text, at(c, "action", "text"))
            yield from _weak(read, c, "purpose", words[len(here) :], c.act.text, at(c, "action", "text"))
        if isinstance(c.deadline, NoDeadline) and c.deadline.reason:
            reason = c.deadline.reason
            words = [w for w in weak_words(reason) if w.group == "time" or w.word in LEFT_OPEN]
            yield from _weak(read, c, "time", words, reason, at(c, "deadline", "none"))
    begins = PREAMBLE.match(read.file.note)
    if begins is not None:
        words = [w for w in weak_words(read.file.note) if w.start >= begins.end() and w.group != "actorless"]
        yield from _weak(read, None, "preamble", words, read.file.note, ("note",))


def _weak(
    read: Read, c: Commitment | None, position: Position, words: list[Weak], text: str, path: Path
) -> Iterator[Finding]:
    """One finding for the weak words of one place."""
    if not words:
        return
    told = "; ".join(f"‘{w.word}’ {GROUPS[w.group]}" for w in words[:4])
    more = f" (and {len(words) - 4} more)" if len(words) > 4 else ""
    name = quoted(read, c) if c is not None else "The preamble"
    ends = {"act": "each side can read it its own way", "time": "nobody can say when it is late"}
    after = f": {ends[position]}" if position in ends else "; a purpose or a preamble binds nobody"
    why = f"In {name} {told}{more}{after}." if c is not None else f"{name}: {told}{more}{after}."
    witness = {"position": position, "text": text, "words": [[w.start, w.end, w.word, w.group] for w in words]}
    repair = "Write instead: " + "; ".join(f"for ‘{w.word}’ {BETTER[w.group]}" for w in words[:4]) + "."
    yield read.finding("V9", SEVERITY[position], c.id if c is not None else "", path, why, witness, repair)


def later(read: Read) -> Iterator[Finding]:
    """V11: it is still to be agreed."""
    for c in read.terms.commitments:
        if isinstance(c.act, TextAct) and (word := to_agree(c.act.text)):
            why = (
                f"{quoted(read, c)} binds {owners(read, c)} to talk and to agree, not to what is agreed: whoever gains"
                " from delay can keep it open."
            )
            witness: dict[str, object] = {"text": c.act.text, "word": word}
            repair = "Name what is owed if no agreement is reached by a date, or who then decides."
            yield read.finding("V11", "error", c.id, at(c, "action", "text"), why, witness, repair)
            continue
        yield from _references(read, c)


def _references(read: Read, c: Commitment) -> Iterator[Finding]:
    """What it refers to and is not there."""
    texts: list[tuple[str, tuple[str | int, ...]]] = []
    if isinstance(c.act, TextAct):
        texts.append((c.act.text, at(c, "action", "text")))
    if isinstance(c.deadline, NoDeadline):
        texts.append((c.deadline.reason, at(c, "deadline", "none")))
    texts += [(v.method, at(c, "verification", n, "method")) for n, v in enumerate(c.verification)]
    for text, path in texts:
        found = [m[0] for m in LATER.finditer(text)]
        found += [m[0] for m in ANNEX.finditer(text) if not _there(read, m[0])]
        if found:
            why = (
                f"{quoted(read, c)} rests on ‘{found[0]}’, which this text does not have: what it means is still open."
            )
            repair = "Write it here, or name the text under sources."
            yield read.finding("V11", "warning", c.id, path, why, {"text": text, "words": found}, repair)


def _there(read: Read, reference: str) -> bool:
    """Whether a reference is to something that the file names."""
    name = reference.lower()
    return any(name in text.lower() for pair in read.file.sources.items() for text in pair)


CHECKS = (wording, later)
