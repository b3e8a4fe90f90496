"""What proposed commitments lack, as far as a text shows it: V1, V2, V3, V5, V7, V9, V10 and V11."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detente.agreement.lint.findings import Finding, Place, Severity
from detente.agreement.prose.report import Proposed
from detente.base.errors import shown

CHECKED = re.compile(
    r"\b(?:verif(?:y|ies|ied|ication)|monitor(?:s|ed|ing)?|inspect(?:s|ed|ion|ions|ors?)?|supervis(?:e|es|ed"
    r"|ion)|observers?|certif(?:y|ies|ied))\b",
    re.IGNORECASE,
)
ANSWERED = re.compile(
    r"\b(?:breach(?:es|ed)?|violat(?:e|es|ed|ion|ions)|non-?compliance|fail(?:s|ure)?\s+to\s+comply|penalt(?:y"
    r"|ies)|snap-?back|compensat(?:e|ion)"
    r"|suspend(?:s|ed)?|terminate(?:s|d)?|reimpose[ds]?|reinstate[ds]?)\b",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"\b(?:indefinite(?:ly)?|until\s+further\s+notice|no\s+(?:time\s+limit|deadline)"
    r"|without\s+(?:a\s+)?time\s+limit)\b",
    re.IGNORECASE,
)
LATER = re.compile(
    r"^(?:be\s+)?(?:agree|agreed|discuss|discussed|negotiate|negotiated|finalize|finalise|finalized|finalised"
    r"|consult)\b",
    re.IGNORECASE,
)
TO_COME = re.compile(
    r"\bto\s+be\s+(?:agreed|determined|negotiated|finali[sz]ed|decided|discussed|settled)\b"
    r"|\bas\s+(?:may\s+be\s+)?(?:mutually\s+)?agreed\b"
    r"|\ban\s+agreed\s+(?:schedule|timetable|plan)\b",
    re.IGNORECASE,
)
EMPTY = {"effort", "guarantee", "attitude"}  # groups of weak words that leave nothing to measure


def found(proposed: Sequence[Proposed], text: str) -> Iterator[Finding]:
    """The findings of a text, in the order of its sentences; those of the whole text last."""
    near: dict[int, list[str]] = {}
    for item in proposed:
        near.setdefault(item.start, []).extend(time.value for time in item.times)
    for item in proposed:
        yield from _who_and_what(item)
        yield from _when(item, near[item.start])
        yield from _weak(item)
    if proposed:
        yield from _whole(proposed, text)


def _make(item: Proposed, check: str, severity: Severity, why: str, witness: dict[str, object], repair: str) -> Finding:
    return Finding(check, severity, item.id, (item.id,), Place(item.line, item.column), why, witness, repair)


def _who_and_what(item: Proposed) -> Iterator[Finding]:
    act = shown(item.what, 60)
    if not item.actors:
        why = f"The sentence names nobody who is to do it: {act}. Nobody can be held to it."
        yield _make(item, "V1", "error", why, {"cue": item.cue.value, "rule": item.act.rule}, "[party] shall ...")
    elif any(actor.collective and not actor.each for actor in item.actors):
        named = next(actor.value for actor in item.actors if actor.collective and not actor.each)
        why = f"{shown(named)} names a group and not who does what: each can wait for the other."
        yield _make(item, "V1", "warning", why, {"actor": named}, "Name each party and its part.")
    if item.kind == "permission":
        return
    empty = [(word, group) for start, _, word, group, where in item.weak
             if where == "act" and group in EMPTY and start - item.act.start < 60]  # fmt: skip
    if empty:
        why = f"{shown(empty[0][0])} is an effort or a word without content; two honest readers may disagree on it."
        yield _make(
            item, "V2", "error", why, {"words": [w for w, _ in empty]}, "Name the result: what, how much, where."
        )
    later = LATER.match(item.act.value) or TO_COME.search(item.sentence)
    if later is not None:
        why = f"{shown(later[0])} leaves the matter to a later agreement, which either side can withhold."
        yield _make(
            item,
            "V11",
            "warning",
            why,
            {"words": later[0]},
            "Say it here, or say who decides if they do not agree by [date].",
        )


def _when(item: Proposed, near: Sequence[str]) -> Iterator[Finding]:
    """No date; where another act of the sentence has one, whether it counts here too is for a person to say."""
    if item.kind == "obligation" and not item.times and near:
        why = f"No date of its own; whether {shown(near[0])} in the same sentence counts for it is not clear."
        yield _make(item, "V3", "warning", why, {"near": list(near)}, "Repeat the date for each act.")
    elif item.kind == "obligation" and not item.times:
        refs = [r.value for r in item.refs if r.day or r.rule == "date"]
        extra = f" The date in it ({refs[0]}) is a reference and no deadline." if refs else ""
        why = f"No date and no trigger: it never becomes late.{extra}"
        yield _make(item, "V3", "error", why, {"references": refs}, "by [date], or within [n] days after [event].")
    endless = OPEN.search(item.sentence)
    if endless is not None:
        why = f"{shown(endless[0])}: no end and no day on which it is looked at again."
        yield _make(item, "V10", "warning", why, {"words": endless[0]}, "State the reason and a review date.")


def _weak(item: Proposed) -> Iterator[Finding]:
    for start, end, word, group, where in item.weak:
        if group in ("actorless", "option") or (group in EMPTY and where == "act" and start - item.act.start < 60):
            continue  # told as V1, as the kind of the clause, or as V2
        severity: Severity = "error" if where in ("act", "time") else "info"
        why = (
            f"{shown(word)} in the {where}: it can be read to suit."
            if severity == "error"
            else f"{shown(word)} in the {where}."
        )
        yield _make(item, "V9", severity, why, {"word": word, "group": group, "start": start, "end": end},
                    "Put a number, a date, a list or a decider in its place.")  # fmt: skip


def _whole(proposed: Sequence[Proposed], text: str) -> Iterator[Finding]:
    unchecked = [item.id for item in proposed if item.kind != "permission" and not CHECKED.search(item.sentence)]
    count = len(proposed) - sum(item.kind == "permission" for item in proposed)
    nowhere = CHECKED.search(text) is None
    if unchecked:
        why = ("No sentence says who checks anything." if nowhere
               else f"{len(unchecked)} of {count} duties stand in sentences that say nothing of checking.")  # fmt: skip
        yield Finding("V5", "error" if nowhere else "warning", "", (), Place(1, 1), why, {"commitments": unchecked},
                      "[body] verifies this by [method] within [n] days.")  # fmt: skip
    if count and ANSWERED.search(text) is None:
        yield Finding("V7", "warning", "", (), Place(1, 1), "No sentence says what follows if somebody does not do it.",
                      {"commitments": [p.id for p in proposed if p.kind != "permission"]},
                      "If [party] does not, [consequence].")  # fmt: skip
