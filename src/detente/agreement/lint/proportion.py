"""Proportion and judges (M1, S3): a breach that ends everything at once, and a party that judges its own case."""

from __future__ import annotations

from collections.abc import Iterator

from detente.agreement.fields import WHOLE
from detente.agreement.formulas import Always, InForce
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import named, quoted
from detente.agreement.terms import Commitment, Consequence, Power


def all_or_nothing(read: Read) -> Iterator[Finding]:
    """M1: commitments of which any breach ends the whole agreement, with nothing lesser before it."""
    found = {c.id: n for c in read.terms.commitments if (n := only_ends(c)) is not None}
    if not found:
        return
    first = next(iter(found))
    number = found[first]
    acts = {c.id: c for c in read.terms.commitments}
    power = any(all(e.power_of is not None for e in acts[n].on_breach) for n in found)
    yield read.finding(
        "M1", "warning", first if len(found) == 1 else "", ("commitments", first, "on_breach", number - 1),
        f"Any breach of {named(read, list(found), 'or')} {'may end' if power else 'ends'} the whole agreement: there is"
        " no time to mend it and nothing lesser comes first. A small delay then costs as much as a refusal, so either"
        " nobody reacts or everything is lost.",
        {"ends": dict(found)},
        "Write the lesser answers first: cure: 30 days, then"
        " {effect: suspend, targets: [...], automatic: true, resume_when: ...}, and let the end "
        "be a power with notice: {effect: terminate, targets: agreement, power_of: ..., notice: 30 days}.",
    )  # fmt: skip


def only_ends(commitment: Commitment) -> int | None:
    """The number of the entry that ends the agreement at once, if nothing softens it: cure, notice, lesser entry."""
    entries = commitment.on_breach
    if commitment.cure or any(e.effect != "terminate" for e in entries):
        return None
    hard = [n for n, e in enumerate(entries, 1) if WHOLE in e.targets and not e.notice and e.objection is None]
    return hard[0] if hard and len(hard) == len(entries) else None


def self_judging(read: Read) -> Iterator[Finding]:
    """S3: who claims the breach also decides it and gains by what follows, and nobody can object."""
    for commitment in read.terms.commitments:
        for number, entry in enumerate(commitment.on_breach, 1):
            judge = _judge(read, commitment, entry)
            if judge is None:
                continue
            name = read.called(judge)
            yield read.finding(
                "S3", "warning", commitment.id, ("commitments", commitment.id, "on_breach", number - 1),
                f"{name} alone finds whether {quoted(read, commitment.id)} is kept, {_gain(entry)}, and nobody can"
                f" object "
                "or be asked to decide. What follows a breach will not be accepted by the other side.",
                {"claimant": judge, "decider": judge, "beneficiary": judge, "entry": number,
                 "verifiers": sorted({w.verifier for w in commitment.verification}), "objection": None},
                "Write objection: {window: 30 days, blockers: [a body], if_silent: apply}, a verifier that is no"
                " party, or dispute: {window: 30 days, "
                "body: a body}.",
            )  # fmt: skip
    for power in read.terms.powers:
        freed = own_release(read, power)
        if not freed:
            continue
        holder = read.called(power.holder)
        yield read.finding(
            "S3", "warning", power.id, ("powers", power.id),
            f"{holder} may {power.may} what it owes itself ({named(read, freed)})"
            f" whenever it likes: the power "
            f"asks for nothing to have happened. Its duties then bind it only as long as it wishes.",
            {
                "claimant": power.holder,
                "decider": power.holder,
                "beneficiary": power.holder,
                "own": list(freed),
                "when": "always",
            },
            "Write when: breached(what the other side owes), or give the power to a body.",
        )  # fmt: skip


def _judge(read: Read, commitment: Commitment, entry: Consequence) -> str | None:
    """The party that claims, decides and gains, or None."""
    verifiers = {w.verifier for w in commitment.verification}
    judge = next(iter(verifiers)) if len(verifiers) == 1 else None
    if judge is None or judge not in read.terms.parties or judge in commitment.obligors:
        return None
    if entry.objection is not None or entry.power_of not in (None, judge) or entry.effect == "escalate":
        return None
    dispute = read.terms.dispute
    if dispute is not None and dispute.body not in (None, judge):
        return None
    return judge if benefits(read, commitment, entry, judge) else None


def benefits(read: Read, commitment: Commitment, entry: Consequence, party: str) -> bool:
    """Whether a consequence gives a party something: money, relief of what it owes, or a duty owed to it."""
    if entry.effect == "compensate":
        return party in entry.to
    owed = {c.id: c for c in read.terms.commitments}
    if entry.effect == "activate":
        return any(party in owed[t].obligees for t in entry.targets if t in owed)
    if WHOLE in entry.targets:
        return any(party in c.obligors for c in read.terms.commitments)
    return any(party in owed[t].obligors for t in entry.targets if t in owed) or (
        entry.effect == "reverse" and party in commitment.obligees
    )


def _gain(entry: Consequence) -> str:
    told = {
        "compensate": "is paid if it is not",
        "activate": "is owed more if it is not",
        "terminate": "is free of its own duties if it is not",
        "suspend": "may stop its own duties if it is not",
        "reverse": "takes back its own steps if it is not",
    }
    return told[entry.effect]


def own_release(read: Read, power: Power) -> list[str]:
    """What a party owes and may end, hold or put off by a power that asks for nothing."""
    if power.holder not in read.terms.parties or not isinstance(power.when, Always | InForce):
        return []
    return [
        c.id
        for c in read.terms.commitments
        if power.holder in c.obligors and (c.id in power.targets or (WHOLE in power.targets and not c.survives))
    ]


IDS = ("M1", "S3")
CHECKS = (all_or_nothing, self_judging)
