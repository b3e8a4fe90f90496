"""A draft agreement file of what a text proposes, in which nothing is confirmed."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath
from typing import Any

from detente.agreement.drafting.writing import agreement_yaml
from detente.agreement.prose.actors import body_role
from detente.agreement.prose.report import Proposed, ProseReport
from detente.base.errors import UsageError

LONGEST = 40  # characters of an id
MOST = 2_000  # commitments of a draft
TITLE = 80  # characters of a title
TURNS = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nothing|unless|except|without|only|until|if|refrain|cease|stop)\b",
    re.IGNORECASE,
)
WAITS = ("trigger", "condition")
AGREED = {
    "entry": r"enters? into force|entry into force|takes? effect",
    "ratification": r"ratif",
    "sunset": r"expire|remain in force|duration of this",
    "exit": r"withdraw from th(?:is|e) (?:agreement|treaty)|denounce",
    "dispute": r"dispute|arbitrat",
    "review": r"review conference|reviewed? ",
}


def proposed_tree(report: ProseReport) -> dict[str, Any]:
    """The blocks of an agreement file: what is proposed stands in words, and what a person must settle is a gap.

    Raises:
        UsageError: the text proposes nothing, or too much for one draft.
    """
    if not report.proposed:
        raise UsageError(f"no commitment in {report.name}", "a text that says who is to do what", "Nothing is written.")
    if len(report.proposed) > MOST:
        raise UsageError(
            f"{len(report.proposed):,} commitments in {report.name}", f"at most {MOST:,}", "Split the text."
        )
    ids = _ids([p for item in report.proposed for p in item.parties], report)
    roles = {name: "" if name in report.parties else body_role(name) for name in ids}
    bodies = {key: {"name": _plain(name), "role": roles[name]} for name, key in ids.items() if roles[name]}
    ids = {name: key for name, key in ids.items() if not roles[name]}
    parties = {key: {"name": _plain(name)} for name, key in ids.items()}
    while len(parties) < 2:  # a file needs two
        parties[f"party-{len(parties) + 1}"] = {
            "name": "not named",
            "note": "A placeholder: the text names fewer than two parties.",
        }
    taken: set[str] = set()
    commitments = {
        _unique(_slug(("not " if item.kind == "prohibition" else "") + item.what) or item.id, taken): _commitment(
            item, ids, len(parties), report.unit
        )
        for item in report.proposed
    }
    text = " ".join(item.sentence for item in report.proposed) + " ".join(u.sentence for u in report.unread)
    gaps = {slot: "the text speaks of it; nobody has read it into the draft" if re.search(words, text, re.IGNORECASE)
            else "the text does not seem to say" for slot, words in AGREED.items()}  # fmt: skip
    return {
        "detente-agreement": 1, "name": _slug(PurePath(report.name).stem) or "text",
        "version": "proposed, nothing confirmed",
        "zone": "UTC",
        "note": f"Proposed from {_plain(report.name)} by closed rules; nothing in it is confirmed."
                f" Sentences not understood: {report.counts['not_understood']} of {report.sentences}."
                " Whose days are meant is not known: UTC.",
        "sources": {"text": _plain(report.name)},
        "parties": parties, **({"bodies": bodies} if bodies else {}),
        "gaps": {**gaps, "order": "not confirmed: triggers in the text are noted as gaps"},
        "commitments": commitments,
    }  # fmt: skip


def proposed_yaml(report: ProseReport) -> str:
    """The draft as a file that reads well.

    Raises:
        UsageError: the text proposes nothing, or too much for one draft.
    """
    head = (
        "Proposed from a text; nothing is confirmed. Read each commitment beside its line, mend it and take its"
        " note and gaps out."
    )
    return agreement_yaml(proposed_tree(report), {}, head)


def _commitment(item: Proposed, ids: dict[str, str], count: int, unit: str) -> dict[str, Any]:
    place = f"{unit} {item.line}"
    out: dict[str, Any] = {"title": _title(item)}
    gaps: dict[str, str] = {}
    if item.kind == "prohibition":
        out["modality"] = "refrain"
    who = [ids[p] for p in item.parties if p in ids]
    group = next((a.said for a in item.actors if a.collective), None)
    bodies = [p for p in item.parties if p not in ids]
    if who:
        out["obligors"] = {"who": who, "mode": "each"} if len(who) == count else who
    elif bodies:
        gaps["actor"] = (
            f"the text names {_plain(' and '.join(bodies))}, proposed as a body, which owes nothing in the file"
        )
    else:
        gaps["actor"] = f"the text names only '{_plain(group)}'" if group else "the text names nobody"
    out["action"] = {"text": _plain(item.what) or "not said"}
    waits = [t.value for t in item.times if t.rule in WAITS]
    when = [f"'{t.value}'" + (f" ({t.day})" if t.day else "") for t in item.times if t.rule not in WAITS]
    if waits:
        gaps["trigger"] = f"not confirmed: '{_plain('; '.join(waits))}'"
    if when:  # a date beside its gap would count as settled
        gaps["date"] = f"proposed from the text, {place}: {_plain(' or '.join(when))}"
    elif item.kind == "obligation":
        gaps["date"] = "the text does not say"
    gaps |= {
        "verifier": "not read from the text",
        "evidence": "not read from the text",
        "consequence": "not read from the text",
    }
    if item.kind == "permission":
        gaps["act"] = "the text permits it and does not oblige; a power may be meant"
    out["gaps"] = gaps
    out["source"] = "text"
    out["span"] = f"{place}, column {item.column}"
    out["note"] = f"Proposed from the text, {place}; not confirmed. {_plain(item.sentence)}"
    if who and bodies:
        out["note"] += f" The text also names {_plain(' and '.join(bodies))}, proposed as a body."
    return out


def _title(item: Proposed) -> str:
    """In a few words; a ban says so, and nothing is cut off that could turn the rest round."""
    lead = {"prohibition": "Must not: ", "permission": "May: "}.get(item.kind, "")
    words = _plain(item.what)
    cut = words if len(words) <= TITLE else words[:TITLE].rsplit(" ", 1)[0]
    rest = words[len(cut) :]
    return lead + (words if TURNS.search(rest) else cut + (" ..." if rest else ""))


def _plain(text: str) -> str:
    """Words on one line without control and direction characters."""
    return " ".join(
        "".join(
            " " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") else c for c in text
        ).split()
    )


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"\b(?:the|a|an|of|its|their|to|be|in|and|by|that)\b", " ", plain))
    slug = ""
    for word in words:
        if len(slug) + len(word) > LONGEST:
            break
        slug += f"-{word}" if slug else word
    return slug if re.match(r"[a-z]", slug) and len(slug) > 1 else f"c-{slug}" if slug else ""


def _unique(name: str, taken: set[str]) -> str:
    from detente.agreement.fields import TAKEN

    number, base = 2, name if name not in TAKEN and name not in ("party", "text") else f"c-{name}"
    new = base
    while new in taken:
        new, number = f"{base}-{number}", number + 1
    taken.add(new)
    return new


def _ids(named: list[str], report: ProseReport) -> dict[str, str]:
    """A short id for each party, those of the user's table first."""
    taken: set[str] = set()
    return {name: _unique(_slug(name) or "party-1", taken) for name in dict.fromkeys((*report.parties, *named))}
