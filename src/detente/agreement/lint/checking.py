"""Can it be checked in time: ways of checking (E1), steps that cannot be undone (E2), baselines (E4)."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from detente.agreement import formulas as f
from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import moment_told
from detente.agreement.lint.specific import at, owners, quoted
from detente.agreement.lint.walk import commitment_of, earliest_day, holds, leaves
from detente.agreement.lint.weak import ALL_OF, INVENTORY
from detente.agreement.periods import Period
from detente.agreement.terms import Commitment, On, OptionAct, TextAct, Verification
from detente.base.wording import percent

IDS = ("E1", "E2", "E4")
DETECTION = Fraction(9, 10)  # where the agreement sets no `detection`


def most_days(period: Period | None) -> int:
    """Days that a period cannot be longer than."""
    if period is None:
        return 0
    return period.years * 366 + period.months * 31 + period.days + -(-period.hours // 24)


def least_days(period: Period | None) -> int:
    """Days that a period cannot be shorter than (28 for one month: February)."""
    if period is None:
        return 0
    months = period.months
    return period.years * 365 + (months * 30 - 2 if months else 0) + period.days + period.hours // 24


def day_of_deadline(c: Commitment) -> dt.date | None:
    """The day on which it is due, where the text names one."""
    named = isinstance(c.deadline, On) and isinstance(c.deadline.moment, dt.date)
    return (
        c.deadline.moment if named and isinstance(c.deadline, On) and isinstance(c.deadline.moment, dt.date) else None
    )


@dataclass(frozen=True)
class _Asleep:
    """Commitments that nothing can wake: their trigger never holds, and nothing activates or adds them."""

    ids: frozenset[str]

    @classmethod
    def of(cls, read: Read) -> _Asleep:
        """Those of a reading."""
        woken = {t for c in read.terms.commitments for x in c.on_breach if x.effect == "activate" for t in x.targets}
        never = {
            c.id for c in read.terms.commitments
            if not holds(c.trigger, lambda leaf: not isinstance(leaf, f.Never)) and c.amendment is None
        }  # fmt: skip
        return cls(frozenset(never - woken))


def ways(read: Read) -> Iterator[Finding]:
    """E1: no way of checking can be active in time, or all together see too little."""
    by_id = {c.id: c for c in read.terms.commitments}
    asleep = _Asleep.of(read).ids
    least = read.file.detection if read.file.detection is not None else DETECTION
    for c in read.terms.commitments:
        if not c.verification:
            continue  # V5
        open_, shut = [], []
        for n, way in enumerate(c.verification):
            why = _shut(c, way, by_id, asleep)
            (shut.append((n, why)) if why else open_.append((n, way)))
        if not open_:
            n, reason = shut[0]
            access = c.verification[n].access or ""
            told = (
                f"{quoted(read, c)} cannot be checked: ‘{read.called(access)}’, which lets in its verifier, {reason}."
            )
            witness: dict[str, object] = {"shut": [[k, w] for k, w in shut], "open": [], "access": access}
            repair = (
                f"access: COMMITMENT   # one that lets {read.called(c.verification[n].verifier)} in while this is owed"
            )
            yield read.finding("E1", "error", c.id, at(c, "verification", n, "access"), told, witness, repair)
        elif all(way.detects is not None for _, way in open_):
            yield from _too_little(read, c, [way for _, way in open_], shut, least)


def _too_little(
    read: Read, c: Commitment, open_: list[Verification], shut: list[tuple[int, str]], least: Fraction
) -> Iterator[Finding]:
    """The chance that at least one of independent ways sees a breach, against what the agreement asks for."""
    missed = Fraction(1)
    for way in open_:
        missed *= 1 - (way.detects or 0)
    found = 1 - missed
    if found >= least:
        return
    severity: Severity = "error" if found < Fraction(1, 2) else "warning"
    asked = f"the agreement asks for {percent(float(least))}"
    if read.file.detection is None:
        asked = f"detente takes {percent(float(least))} where the text says nothing"
    why = f"A breach of {quoted(read, c)} is seen with a chance of {percent(float(found))} only; {asked}."
    witness = {
        "detects": [str(way.detects) for way in open_], "shut": [n for n, _ in shut], "found": str(found),
        "asked": str(least),
    }  # fmt: skip
    repair = (
        "Add an independent way of checking; or, if this chance is enough, at the top of the file"
        f" detection: {math.floor(found * 100) / 100}"
    )
    yield read.finding("E1", severity, c.id, at(c, "verification"), why, witness, repair)


def _shut(c: Commitment, way: Verification, by_id: dict[str, Commitment], asleep: frozenset[str]) -> str:
    """Why the access of a way of checking cannot be given while it is needed; empty where it can."""
    access = by_id.get(way.access) if way.access is not None else None
    if access is None:
        return ""
    if access.id in asleep:
        return "can never begin"
    begins, ends = earliest_day(access.trigger), None
    if access.modality in ("maintain", "refrain"):
        ends = day_of_deadline(access)
    needed, due = earliest_day(c.trigger), day_of_deadline(c)
    if ends is not None and needed is not None and ends < needed:
        return f"ends on {moment_told(ends)}, before this begins on {moment_told(needed)}"
    if due is not None and begins is not None:
        last = due + dt.timedelta(
            days=min(most_days(c.cure) + most_days(way.window or (way.lag or (None, None))[1]), 40_000)
        )
        if begins > last:
            return f"begins on {moment_told(begins)}, after this is settled by {moment_told(last)}"
    return ""


NEUTRAL = (f.Always, f.InForce, f.Event, f.Signed, f.Ratified, f.Joint)


def irreversible(read: Read) -> Iterator[Finding]:
    """E2: a mere claim or a date opens what cannot be undone."""
    by_id = {c.id: c for c in read.terms.commitments}
    for c in read.terms.commitments:
        if c.reversible != "no" or not any(set(o.obligors) != set(c.obligors) for o in by_id.values()):
            continue
        claims = sorted({commitment_of(x) or "" for x in leaves(c.trigger) if _by_word(x, c, by_id)})
        on_claim = [name for name in claims if _claim_opens(c, name, by_id)]
        dated = not on_claim and not holds(c.trigger, lambda leaf: isinstance(leaf, NEUTRAL)) and holds(
            c.trigger, lambda leaf: isinstance(leaf, (*NEUTRAL, f.At))
        )  # fmt: skip
        if not on_claim and not dated:
            continue
        severity: Severity = "warning" if dated else "error"
        dates = [x.moment for x in leaves(c.trigger) if isinstance(x, f.At)]
        opens = [str(d) for d in dates] if dated else on_claim
        told = (
            f"a date ({moment_told(dates[0])}) opens it, whatever the other side has done by then"
            if dated
            else f"the word of the other side that ‘{read.called(opens[0])}’ is done opens it"
        )
        why = f"{quoted(read, c)} cannot be undone, and {told}: {owners(read, c)} may give it for nothing."
        witness = {"irreversible": c.id, "opened_by": "date" if dated else "claim", "leaves": opens}
        first = opens[0] if not dated else "THEIR STEP"
        yield read.finding("E2", severity, c.id, at(c, "trigger"), why, witness, f"trigger: verified({first})")


def _claim_opens(c: Commitment, name: str, by_id: dict[str, Commitment]) -> bool:
    """Whether a trigger has a way to hold that uses the claim of a commitment and not its finding."""

    def without_finding(leaf: f.Formula) -> bool:
        return not isinstance(leaf, f.Never) and (commitment_of(leaf) != name or _by_word(leaf, c, by_id))

    def uses_claim(formula: f.Formula) -> bool:
        if isinstance(formula, f.Or):
            return any(uses_claim(part) for part in formula.parts)
        if isinstance(formula, f.And):
            ways_ = all(holds(part, without_finding) for part in formula.parts)
            return ways_ and any(uses_claim(part) for part in formula.parts)
        if isinstance(formula, f.After):
            return uses_claim(formula.formula)
        return commitment_of(formula) == name and _by_word(formula, c, by_id)

    return uses_claim(c.trigger)


def _by_word(leaf: f.Formula, c: Commitment, by_id: dict[str, Commitment]) -> bool:
    """Whether the word of another side can make a leaf hold."""
    about = by_id.get(commitment_of(leaf) or "")
    if about is None or set(about.obligors) == set(c.obligors):
        return False
    if isinstance(leaf, f.Claimed):
        return True
    if isinstance(leaf, f.InState):
        return "claimed" in leaf.states
    return isinstance(leaf, f.Fulfilled) and about.claim_ok


WHOLE = re.compile(
    r"(?<![\w-])(?:all|entire|entirely|completely|fully|per ?cent"
    r"|complete(?= \w)(?! (?:the|a|an|its|their|this|that)\b))(?![\w-])"
    r"|\d ?%|\bcurrent levels?\b|\bpresent levels?\b",
    re.IGNORECASE,
)
FREEZE = re.compile(r"^\W*(?:full )?(freez(?:e|es|ing))(?![\w-])", re.IGNORECASE)
DECLARES = re.compile(
    r"(?<![\w-])(?:declar(?:e|es|ed|ing|ation)|inventor\w*|baseline|census|stocktak\w*|lists?(?= (?:of|all)))(?!\w)",
    re.IGNORECASE,
)
NAMED = re.compile(r"\b[A-Z]\w+ (?:Joint )?Declaration\b|\b[Dd]eclaration of (?:[A-Z]\w+|\d{4})")  # of another text


def baselines(read: Read) -> Iterator[Finding]:
    """E4: all of what, a freeze at what: without a verified declaration earlier in the order."""
    by_id = {c.id: c for c in read.terms.commitments}
    declared = {c.id for c in read.terms.commitments if _declares(read, c)}
    checked = {c.id for c in read.terms.commitments if c.id in declared and c.verification}
    for c in read.terms.commitments:
        word = _whole(read, c)
        if not word or c.id in declared:
            continue
        before = _before(c, by_id)
        if before & checked:
            continue
        witness = {
            "word": word,
            "declarations": sorted(declared),
            "verified": sorted(checked),
            "before": sorted(before),
        }
        severity: Severity = "warning" if checked or FREEZE.match(word) else "error"
        if checked:
            has = f"‘{read.called(min(checked))}’ does not come before it"
        elif declared:
            has = f"nobody checks ‘{read.called(min(declared))}’"
        else:
            has = "no declaration comes before it"
        why = f"{quoted(read, c)} says ‘{word}’, and {has}: nobody can tell how much that is, nor how much is missing."
        repair = (
            "A commitment that declares what there is, with a verification, and here trigger: verified(THE DECLARATION)"
        )
        path = at(c, "action", "text") if isinstance(c.act, TextAct) else at(c)
        yield read.finding("E4", severity, c.id, path, why, witness, repair)


def _text(read: Read, c: Commitment) -> str:
    """What says what is done: the act in words, else its title."""
    if isinstance(c.act, TextAct):
        return c.act.text
    return c.title or read.called(c.act.option) if isinstance(c.act, OptionAct) else c.title


def _whole(read: Read, c: Commitment) -> str:
    """The word that asks for a baseline; empty where there is none or a list is named."""
    if not isinstance(c.act, TextAct | OptionAct):
        return ""
    text = _text(read, c)
    if INVENTORY.search(text) is not None:
        return ""
    for match in (*WHOLE.finditer(text), *FREEZE.finditer(text)):
        others = match[0].lower() == "all" and ALL_OF.match(text, match.start()) is not None
        if not others and not re.search(r"\b(?:at|after) $", text[: match.start()], re.IGNORECASE):
            return match[0].strip()
    return ""


def _declares(read: Read, c: Commitment) -> bool:
    """Whether it says itself what there is; a declaration known by its place or year is another text."""
    return DECLARES.search(NAMED.sub("", f"{c.title} {_text(read, c)} {c.object}")) is not None


def _before(c: Commitment, by_id: dict[str, Commitment]) -> set[str]:
    """What its trigger mentions, and so on: what comes before it in the order."""
    found: set[str] = set()
    stack = [c]
    while stack:
        for leaf in leaves(stack.pop().trigger):
            name = commitment_of(leaf)
            if name in by_id and name not in found and name is not None:
                found.add(name)
                stack.append(by_id[name])
    return found


CHECKS = (ways, irreversible, baselines)
