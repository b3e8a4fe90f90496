"""Is it specific: who, what, when, how much, checked by whom with what, or else what, and who decides (V1-V8, V10)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import made_good
from detente.agreement.lint.slots import (
    EMPTY,
    VAGUE,
    act_mark,
    act_weak,
    date_mark,
    decider_mark,
    evidence_mark,
    progressed,
    threshold_mark,
    to_agree,
    verifier_mark,
)
from detente.agreement.lint.walk import answers, real_trigger, waited_for
from detente.agreement.lint.weak import weak_words
from detente.agreement.terms import Commitment, NoDeadline, QuantityAct, TextAct
from detente.base.wording import listed

IDS = ("V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V10")
LASTING = ("maintain", "refrain")


def at(c: Commitment, *keys: str | int) -> tuple[str | int, ...]:
    """A path into a commitment."""
    return ("commitments", c.id, *keys)


def owners(read: Read, c: Commitment) -> str:
    """Who owes it, for a sentence."""
    return listed([read.called(p) for p in c.obligors]) if c.obligors else "its owner"


def have(c: Commitment) -> str:
    """The verb after ``owners``."""
    return "have" if len(c.obligors) > 1 else "has"


def quoted(read: Read, c: Commitment) -> str:
    """What it is called, in quotation marks."""
    return f"‘{read.called(c.id)}’"


def actors(read: Read) -> Iterator[Finding]:
    """V1: nobody owes it."""
    for c in read.terms.commitments:
        if not c.obligors:
            why = f"Nobody is named who owes {quoted(read, c)}: nobody can break it, and nobody can be asked for it."
            witness: dict[str, object] = {"obligors": []}
            repair = f"obligors: {next(iter(read.file.parties), 'party')}   # who owes it"
            yield read.finding("V1", "error", c.id, at(c, "obligors"), why, witness, repair)


def acts(read: Read) -> Iterator[Finding]:
    """V2: it cannot be seen whether it is done."""
    for c in read.terms.commitments:
        mark = act_mark(c)
        if mark == "yes" or not isinstance(c.act, TextAct):
            continue
        weak = [w for w in act_weak(c.act) if w.group in EMPTY | VAGUE]
        if mark == "partly" and (weak or "evidence" in c.gaps or "verifier" in c.gaps):
            continue  # V9 tells the words, the gap that nobody has said what shows it
        witness = {"text": c.act.text, "words": [w.word for w in weak if w.group in EMPTY]}
        if mark == "no":
            talk = to_agree(c.act.text)
            what = "an agreement still to be made" if talk else "an effort, a stance or a goal"
            why = f"{quoted(read, c)} owes {what} and no act: nobody can show that {owners(read, c)} {have(c)} done it."
        else:
            why = (
                f"{quoted(read, c)} is in words only, without a number, a list or what would show that"
                f" {owners(read, c)} {have(c)} done it: how much is enough will be disputed."
            )
        repair = (
            'action: {option: OPTION, to: LEVEL}   # or {quantity: Q, op: ">=", amount: N};'
            " or say under verification what shows it"
        )
        yield read.finding("V2", "error" if mark == "no" else "warning", c.id, at(c, "action"), why, witness, repair)


def dates(read: Read) -> Iterator[Finding]:
    """V3 and V10: it is never late."""
    for c in read.terms.commitments:
        if not isinstance(c.deadline, NoDeadline):
            continue
        mark = date_mark(read, c)
        witness: dict[str, object] = {"deadline": None, "reason": c.deadline.reason, "waits_for_more": real_trigger(c)}
        said = c.deadline.reason
        reason = f" ({said if said.lower().startswith('the text ') else f'the text says: {said}'})" if said else ""
        if mark == "no" and c.modality in LASTING:
            why = f"{quoted(read, c)} says neither from when nor until when {owners(read, c)} keeps it."
            repair = "trigger: in_force\ndeadline: DATE   # or {none: the reason, review: DATE}"
            yield read.finding("V3", "error", c.id, at(c), why, witness, repair)
        elif mark == "no":
            why = (
                f"{quoted(read, c)} has no date and waits for nothing{reason}: {owners(read, c)} can never be late with"
                " it, and no other step has its place before or after it."
            )
            repair = (
                "deadline: {within: 3 months, of: in_force}   # or a date; and trigger: verified(ANOTHER) for its place"
            )
            severity: Severity = "warning" if c.deadline.reason else "error"
            yield read.finding("V3", severity, c.id, at(c, "deadline"), why, witness, repair)
        elif mark == "partly":
            yield from _undated(read, c, witness)


def _undated(read: Read, c: Commitment, witness: dict[str, object]) -> Iterator[Finding]:
    """V10: due at some time, and never late."""
    reason = c.deadline.reason if isinstance(c.deadline, NoDeadline) else ""
    review = c.deadline.review if isinstance(c.deadline, NoDeadline) else None
    if not reason:
        why = (
            f"{quoted(read, c)} becomes due but has no deadline and gives no reason: {owners(read, c)} can put it off"
            " for ever without a breach."
        )
        repair = "deadline: {within: 3 months}   # or {none: the reason, review: DATE}"
        yield read.finding("V10", "warning", c.id, at(c, "deadline"), why, witness, repair)
    elif review is None and not read.terms.reviews and not any(w.group == "time" for w in weak_words(reason)):
        why = f"{quoted(read, c)} has no deadline ({reason}), and no day is set on which this is looked at again."
        repair = f"deadline: {{none: {json.dumps(reason, ensure_ascii=False)}, review: DATE}}"
        yield read.finding("V10", "info", c.id, at(c, "deadline"), why, witness, repair)


def order(read: Read) -> Iterator[Finding]:
    """V3 of the whole: no commitment has a place before or after another."""
    once = [c for c in read.terms.commitments if c.modality == "achieve"]
    if len(once) < 2 or any(real_trigger(c) or not isinstance(c.deadline, NoDeadline) for c in once):
        return
    why = (
        f"None of the {len(once)} things to be done has a date or waits for another: each side can say that the other"
        " has to begin."
    )
    witness = {"commitments": [c.id for c in once], "dated": [], "waiting": []}
    yield read.finding(
        "V3", "warning", "", ("commitments",), why, witness, "trigger: verified(FIRST)   # in the second"
    )


def thresholds(read: Read) -> Iterator[Finding]:
    """V4: it is not said how much is enough."""
    counted = progressed(read)
    for c in read.terms.commitments:
        mark = threshold_mark(read, c, counted=c.id in counted)
        if mark in ("yes", "n/a") or act_mark(c) == "no":
            continue  # V2 tells it
        witness: dict[str, object] = {"progress_counts": c.id in counted}
        if isinstance(c.act, QuantityAct):
            witness |= {"amount": str(c.act.amount), "unit": ""}
            of = read.called(c.act.quantity)
            why = f"{quoted(read, c)} names {c.act.amount} of {of} and no unit: {owners(read, c)} will choose it."
            repair = f'action: {{quantity: {c.act.quantity}, op: "{c.act.op}", amount: {c.act.amount}, unit: UNIT}}'
        elif c.id in counted:
            why = f"Something waits for a part of {quoted(read, c)}, and nothing says how its parts are measured."
            repair = 'action: {quantity: Q, op: ">=", amount: N, unit: U}'
        else:
            continue  # V9 tells the words of degree
        yield read.finding("V4", "warning", c.id, at(c, "action"), why, witness, repair)


def verifiers(read: Read) -> Iterator[Finding]:
    """V5: nobody checks it."""
    for c in read.terms.commitments:
        mark = verifier_mark(c)
        if mark == "yes":
            continue
        witness = {
            "verifiers": [v.verifier for v in c.verification],
            "obligors": list(c.obligors),
            "claim_ok": c.claim_ok,
        }
        repair = "verification: [{by: BODY, method: HOW, evidence: [measurement]}]"
        if mark == "no":
            severity: Severity = "error"
            why = f"Nobody checks {quoted(read, c)}: whether it is kept will never be established."
        elif c.verification:
            severity = "warning"
            why = f"In {quoted(read, c)} {owners(read, c)} alone checks its own part."
        else:
            severity = "info"
            why = f"The word of {owners(read, c)} is enough for {quoted(read, c)}: nobody else looks."
        yield read.finding("V5", severity, c.id, at(c, "verification"), why, witness, repair)


def evidence(read: Read) -> Iterator[Finding]:
    """V6: it is not said what shows it."""
    for c in read.terms.commitments:
        if not c.verification or evidence_mark(c) == "yes":
            continue
        bare = [v.verifier for v in c.verification if not v.evidence]
        methods = all(v.method or v.evidence for v in c.verification)
        witness = {"without": bare, "methods": [v.method for v in c.verification]}
        named = listed([read.called(v) for v in dict.fromkeys(bare)])
        proof = f"what counts as proof of {quoted(read, c)}"
        why = (
            f"Of {named} the text says how it checks, but not {proof}."
            if methods
            else f"Of {named} the text says neither how it checks nor {proof}: any report can be disputed."
        )
        number = next(n for n, v in enumerate(c.verification) if not v.evidence)
        repair = "evidence: [measurement]   # or document, access, what was seen throughout the period"
        path = at(c, "verification", number)
        yield read.finding("V6", "info" if methods else "warning", c.id, path, why, witness, repair)


def consequences(read: Read) -> Iterator[Finding]:
    """V7: nothing follows a breach; not told where another side's commitment waits for it, which is an answer."""
    opened, awaited = answers(read.terms), waited_for(read.terms)
    for c in read.terms.commitments:
        if c.on_breach or opened.get(c.id) or awaited.get(c.id):
            continue
        others = [read.called(p) for p in c.obligees]
        to = listed(others) if 0 < len(others) <= 2 and not set(c.obligees) & set(c.obligors) else "the others"
        why = f"A breach of {quoted(read, c)} costs {owners(read, c)} nothing: the text gives {to} no answer to it."
        repair = f"on_breach: [{{effect: suspend, targets: [WHAT THEY GIVE], power_of: PARTY, {made_good(c)}}}]"
        witness: dict[str, object] = {"on_breach": [], "opens": [], "waits_for_it": []}
        yield read.finding("V7", "warning", c.id, at(c, "on_breach"), why, witness, repair)


def deciders(read: Read) -> Iterator[Finding]:
    """V8: nobody decides a dispute; told once for the agreement."""
    without = [c.id for c in read.terms.commitments if decider_mark(read, c) != "yes" and "decider" not in c.gaps]
    if not without:
        return
    whole = len(read.terms.commitments)
    some = f"{len(without)} of {whole} commitments" if len(without) < whole else "what the agreement asks for"
    dispute = read.terms.dispute
    witness = {"commitments": without, "default": dispute.default if dispute is not None else None}
    repair = "dispute: {window: 30 days, body: BODY, default: previous}"
    if dispute is None:
        kept = "is kept" if len(without) == whole else "are kept"
        why = f"When the sides disagree, nobody decides whether {some} {kept}: every breach can be denied for ever."
        yield read.finding("V8", "warning", "", ("dispute",), why, witness, repair)
    else:
        told = f"what the text says of silence ({dispute.default}) holds"
        why = f"A dispute about {some} is decided by nobody; when its time is over, {told}."
        yield read.finding("V8", "info", "", ("dispute",), why, witness, repair)


CHECKS = (actors, acts, dates, order, thresholds, verifiers, evidence, consequences, deciders)
