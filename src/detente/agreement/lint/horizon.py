"""Does the finding come in time: before a benefit that cannot be undone, before a power expires (E3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from detente.agreement import formulas as f
from detente.agreement.lint.checking import day_of_deadline, least_days, most_days
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.specific import at, owners, quoted
from detente.agreement.lint.walk import commitment_of, earliest_day, holds, leaves
from detente.agreement.terms import Commitment, On, Power, Terms, Within
from detente.base.wording import counted

IDS = ("E3",)


def horizon(c: Commitment, terms: Terms) -> dict[str, int]:
    """Least days from a claim until a breach is established and answered, by part; a month counts 28 days or more.

    The finding: the 0.9 quantile of the lag, else the window; of several ways the quickest, where all must agree the
    slowest. Notice and objection: of the quickest consequence. Dispute: its window.
    """
    lags = [least_days(v.lag[1]) if v.lag is not None else least_days(v.window) for v in c.verification]
    finding = (max if c.verified_by == "all" else min)(lags, default=0)
    answers = [
        (least_days(x.notice), least_days(x.objection.window) if x.objection is not None else 0) for x in c.on_breach
    ]
    notice, objection = min(answers, key=sum, default=(0, 0))
    dispute = least_days(terms.dispute.window) if terms.dispute is not None else 0
    return {"finding": finding, "notice": notice, "dispute": dispute, "objection": objection}


def late(read: Read) -> Iterator[Finding]:
    """E3: what is verified later than it is needed."""
    benefits = [b for b in read.terms.commitments if b.reversible == "no"]
    watched: dict[str, list[Power]] = {}
    for p in read.terms.powers:
        for leaf in leaves(p.when):
            if isinstance(leaf, f.Breached) and p.expires is not None:
                watched.setdefault(leaf.commitment, []).append(p)
    for c in read.terms.commitments:
        if not c.verification or c.modality != "achieve":
            continue
        parts = horizon(c, read.terms)
        needed = sum(parts.values())
        for b in benefits:
            left = _left(c, b)
            if left is not None and 0 <= left < needed:
                yield _benefit(read, c, b, parts, left)
        for power in watched.get(c.id, ()):
            yield from _power(read, c, power, parts)


def _left(c: Commitment, b: Commitment) -> int | None:
    """Most days between what is checked and an irreversible benefit of its owner that does not wait for the finding."""
    others = not set(b.obligors) & set(c.obligors)
    if not (others and set(c.obligors) & set(b.obligees)):
        return None

    def without(leaf: f.Formula) -> bool:
        found = isinstance(leaf, f.Verified) or (isinstance(leaf, f.Fulfilled) and not c.claim_ok)
        return not (found and commitment_of(leaf) == c.id) and not isinstance(leaf, f.Never)

    if not holds(b.trigger, without):
        return None
    after = [
        most_days(leaf.period) for leaf in leaves(b.trigger)
        if isinstance(leaf, f.After) and commitment_of(leaf.formula) == c.id
    ]  # fmt: skip
    if after:
        return min(after)
    due, given = day_of_deadline(c), earliest_day(b.trigger) or day_of_deadline(b)
    return (given - due).days if due is not None and given is not None else None


def _told(parts: dict[str, int]) -> str:
    return ", ".join(f"{name} {counted(days, 'day')}" for name, days in parts.items() if days)


def _benefit(read: Read, c: Commitment, b: Commitment, parts: dict[str, int], left: int) -> Finding:
    needed = sum(parts.values())
    why = (
        f"{owners(read, c)} receives ‘{read.called(b.id)}’, which cannot be undone, {counted(left, 'day')} after"
        f" {quoted(read, c)} is due; to establish a breach takes {counted(needed, 'day')} ({_told(parts)})."
    )
    witness = {"parts": parts, "needed": needed, "left": left, "benefit": b.id}
    repair = (
        f"In {quoted(read, b)}: trigger: verified({c.id}); or a date at least {counted(needed - left, 'day')} later"
    )
    return read.finding("E3", "warning", c.id, at(c, "verification"), why, witness, repair)


def _power(read: Read, c: Commitment, power: Power, parts: dict[str, int]) -> Iterator[Finding]:
    """A power that a breach opens and that expires before the breach can be established."""
    needed, left = sum(parts.values()), None
    if isinstance(power.expires, On) and isinstance(power.expires.moment, dt.date):
        due = day_of_deadline(c)
        left = (power.expires.moment - due).days - least_days(c.cure) if due is not None else None
    elif isinstance(power.expires, Within) and power.expires.anchor is None:
        left, needed = most_days(power.expires.period), parts["dispute"]  # counted from the breach
    if left is None or left >= needed:
        return
    holder = read.called(power.holder)
    days = counted(left, "day") + " after" if left >= 0 else counted(-left, "day") + " before"
    why = (
        f"The power of {holder} to {power.may} expires {days} a breach of {quoted(read, c)} can be there; to establish"
        f" it takes {counted(needed, 'day')}: the power may be gone before it can be used."
    )
    witness = {"parts": parts, "needed": needed, "left": left, "power": power.id}
    repair = f"In ‘{read.called(power.id)}’: expires at least {counted(needed - left, 'day')} later"
    yield read.finding("E3", "warning", c.id, ("powers", power.id, "expires"), why, witness, repair)


CHECKS = (late,)
