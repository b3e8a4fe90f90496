"""The slots of a commitment: which of the things that an agreement should say of it are said (docs/lint.md)."""

from __future__ import annotations

import re
from typing import Literal

from detente.agreement.formulas import Progress
from detente.agreement.lint.read import Read
from detente.agreement.lint.walk import answers, leaves, real_trigger, waited_for
from detente.agreement.lint.weak import INVENTORY, Weak, weak_words
from detente.agreement.terms import (
    Commitment,
    NoDeadline,
    OptionAct,
    QuantityAct,
    TextAct,
)

Mark = Literal["yes", "partly", "no", "open", "n/a"]
SLOTS = ("actor", "act", "date", "threshold", "verifier", "evidence", "consequence", "decider")
EMPTY = frozenset({"effort", "attitude", "guarantee"})  # words of these groups leave nothing to measure
VAGUE = frozenset({"degree", "time", "escape", "open", "order", "option"})
AGREE = re.compile(
    r"(?<![\w-])(?:agree|negotiat|finali[sz]|discuss|hold (?:further )?talks|conduct (?:further )?talks)\w*",
    re.IGNORECASE,
)
SEEN = re.compile(  # acts that anybody can see
    r"(?:(?:re)?opens?(?!\s+(?:(?:the|a|an)\s+)?(?:way|path|door|dialogue|talks|negotiation|discussion))|closes?|signs?"
    r"|ratif(?:y|ies)|accedes?\s+to|withdraws?|releases?|publish(?:es)?|hands?\s+over|ships?|pays?|appoints?|expels?"
    r"|dissolves?|destroys?|dismantles?|demolish(?:es)?|evacuates?|sends?|exchanges?\s+ambassadors)(?![\w-])",
    re.IGNORECASE,
)
_EFFORT = re.compile(
    r"(?:(?:shall|will|must)\s+)?(?:"
    r"(?:(?:use|make|undertake|exert|take|apply|applie|do|doe)s?\s+)?(?:(?:its|their|the)\s+)?"
    r"(?:(?:best|every|all|utmost|sincere|serious|reasonable|good[- ]faith|further|joint|possible)\s+)*"
    r"(?:efforts?|endeavou?rs?|attempts?|steps?)(?:\s+in\s+good\s+faith)?\s+(?:to|towards?|at)"
    r"|(?:seek|trie|try|endeavou?r|strive|attempt|aim|work|undertake|continue|intend)s?(?:\s+in\s+good\s+faith)?"
    r"\s+(?:to|towards?|at))\s+(?=\S)",
    re.IGNORECASE,
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?: \d{{4}})?\b|\b{_MONTH} \d{{1,2}}(?:, \d{{4}})?\b"
    r"|\b(?:19|20|21)\d\d(?:-\d{2}){0,2}\b"
)
PURPOSE = re.compile(
    r"\b(?:in order to|so as to|so that|with (?:a|the) (?:view|aim) (?:to|of)|for the purpose of|to this end)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<!\w)\d")


def purpose_from(text: str) -> int:
    """Where a clause of purpose begins, in characters; the length of the text where there is none."""
    found = PURPOSE.search(text)
    return found.start() if found is not None else len(text)


def to_agree(text: str) -> str:
    """The word that owes an agreement or talks, itself or after words of effort (“best efforts to agree”); or empty."""
    text = text.strip()
    effort = _EFFORT.match(text)
    found = AGREE.match(text) or (AGREE.match(text, effort.end()) if effort is not None else None)
    return text[: found.end()] if found is not None else ""


def act_weak(act: TextAct) -> tuple[Weak, ...]:
    """Weak words of an act, its purpose left out; its obligors are named beside it, so all have an actor."""
    end = purpose_from(act.text)
    return tuple(w for w in weak_words(act.text) if w.group != "actorless" and w.start < end)


def vectors(read: Read) -> dict[str, dict[str, Mark]]:
    """Commitment -> slot -> whether it is said; ``open``: a gap says that it is not."""
    answered, awaited, counted = answers(read.terms), waited_for(read.terms), progressed(read)
    found = {}
    for c in read.terms.commitments:
        answer: Mark = "yes" if c.on_breach or answered.get(c.id) else "partly" if awaited.get(c.id) else "no"
        found[c.id] = _vector(read, c, answer, counted=c.id in counted)
    return found


def progressed(read: Read) -> frozenset[str]:
    """Commitments whose progress something waits for."""
    formulas = [c.trigger for c in read.terms.commitments] + [p.when for p in read.terms.powers]
    return frozenset(leaf.commitment for one in formulas for leaf in leaves(one) if isinstance(leaf, Progress))


def _vector(read: Read, c: Commitment, answer: Mark, *, counted: bool) -> dict[str, Mark]:
    found: dict[str, Mark] = {
        "actor": "yes" if c.obligors else "no",
        "act": act_mark(c),
        "date": date_mark(read, c),
        "threshold": threshold_mark(read, c, counted=counted),
        "verifier": verifier_mark(c),
        "evidence": evidence_mark(c),
        "consequence": answer,
        "decider": decider_mark(read, c),
    }
    if "dispute" in read.terms.gaps and found["decider"] != "yes":
        found["decider"] = "open"
    for slot in SLOTS:
        if slot in c.gaps:
            found[slot] = "open"
    return found


def act_mark(c: Commitment) -> Mark:
    """Whether it can be seen that the act is done."""
    if not isinstance(c.act, TextAct):
        return "yes"
    groups = {w.group for w in act_weak(c.act)}
    if groups & EMPTY or to_agree(c.act.text):
        return "no"
    if groups & VAGUE:
        return "partly"
    shown = SEEN.match(c.act.text.strip()) or _number(c.act.text) or INVENTORY.search(c.act.text) or c.object
    return "yes" if shown or any(v.evidence or v.method for v in c.verification) else "partly"


def _number(text: str) -> bool:
    """Whether a text has a number that is no date."""
    return NUMBER.search(DATE.sub("", text)) is not None


def date_mark(read: Read, c: Commitment) -> Mark:
    """Whether it is said when: of what is done once a deadline, of what is kept a beginning or an end."""
    if not isinstance(c.deadline, NoDeadline):
        return "yes"
    if c.modality in ("maintain", "refrain"):
        written = read.file.commitments[c.id].trigger is not None
        return "yes" if written or c.deadline.reason else "no"
    return "partly" if real_trigger(c) else "no"


def threshold_mark(read: Read, c: Commitment, *, counted: bool) -> Mark:
    """Whether it is said how much is enough; an act in words that is done or not done needs none."""
    if isinstance(c.act, OptionAct):
        return "yes"
    if isinstance(c.act, QuantityAct):
        known = read.file.quantities.get(c.act.quantity)
        return "yes" if c.act.unit or (known is not None and known.unit) else "partly"
    if _number(c.act.text) and not counted:
        return "yes"
    groups = {w.group for w in act_weak(c.act)}
    return "no" if counted or groups & (EMPTY | {"degree"}) else "n/a"


def verifier_mark(c: Commitment) -> Mark:
    """Whether somebody other than its owner checks it."""
    if any(v.verifier not in c.obligors for v in c.verification):
        return "yes"
    return "partly" if c.verification or c.claim_ok else "no"


def evidence_mark(c: Commitment) -> Mark:
    """Whether it is said what shows it."""
    if not c.verification:
        return "n/a" if c.claim_ok else "no"
    if all(v.evidence for v in c.verification):
        return "yes"
    return "partly" if any(v.evidence or v.method for v in c.verification) else "no"


def decider_mark(read: Read, c: Commitment) -> Mark:
    """Whether somebody decides a dispute about it."""
    dispute = read.terms.dispute
    if (dispute is not None and dispute.body is not None) or any(x.body for x in c.on_breach):
        return "yes"
    return "partly" if dispute is not None else "no"
