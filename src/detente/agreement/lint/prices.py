"""Price, not duty (S4): a breach that pays even if everything follows that the agreement provides for.

By the linked case, at the point values of its numbers, per period and exact. What a side saves by a breach is set
against what it loses by the consequences: what it no longer receives less what it no longer has to do itself, times the
chance that the breach is detected. Everything is counted against the breach: all consequences apply at once, nobody
blocks them, and a chance that is not written counts as 1. Money is not compared with worth: a commitment whose breach
costs money is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from detente.agreement.fields import WHOLE
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted
from detente.agreement.terms import Commitment, OptionAct
from detente.agreement.worths import given
from detente.base.errors import DetenteError

LOSES = ("suspend", "terminate", "reverse")


def priced(read: Read) -> Iterator[Finding]:
    """S4: what a breach costs, times the chance of its detection, is less than what it saves."""
    try:
        if read.agreement.case is None:
            return
        whole, _ = given(read.agreement)
    except DetenteError:
        return
    acts = {c.id: c for c in read.terms.commitments}
    for commitment in acts.values():
        if not isinstance(commitment.act, OptionAct) or not commitment.on_breach or not _comparable(commitment, acts):
            continue
        for party in commitment.obligors:
            worth = whole.get(party)
            gain = worth.get(commitment.id, Fraction(0)) if worth is not None else Fraction(0)
            if worth is None or gain <= 0:
                continue
            hit = lost(commitment, acts)
            cost = -sum((worth.get(n, Fraction(0)) for n in hit), Fraction(0))
            chance = detection(commitment)
            if cost * chance >= gain:
                continue
            name = read.called(party)
            yield read.finding(
                "S4", "warning", commitment.id, ("commitments", commitment.id, "on_breach"),
                f"By the case {name} saves {_told(gain)} a period by not doing {quoted(read, commitment.id)}, and"
                f" all that follows costs it {_told(cost)}"
                f"{_chance(chance)}. It is a price that {name} can choose to pay, not a duty.",
                {"party": party, "gain": str(gain), "cost": str(cost), "detection": str(chance),
                 "lost": {n: str(-worth.get(n, Fraction(0))) for n in hit}},
                f"Let a breach hold back more of what {name} receives (targets: ...), or make its detection likelier.",
            )  # fmt: skip


def detection(commitment: Commitment) -> Fraction:
    """The chance that some verifier sees a breach; 1 where a chance is not written."""
    missed = Fraction(1)
    for way in commitment.verification:
        missed *= 1 - (way.detects if way.detects is not None else Fraction(1))
    return 1 - missed if commitment.verification else Fraction(1)


def lost(commitment: Commitment, acts: Mapping[str, Commitment]) -> list[str]:
    """The commitments that no longer stand once everything has followed, itself left out."""
    found: set[str] = set()
    for entry in commitment.on_breach:
        if entry.effect in LOSES:
            found |= {n for n, c in acts.items() if not c.survives} if WHOLE in entry.targets else set(entry.targets)
    return [n for n in acts if n in found and n != commitment.id]


def _comparable(commitment: Commitment, acts: Mapping[str, Commitment]) -> bool:
    """Whether the case says what all the consequences are worth."""
    if any(e.effect not in LOSES for e in commitment.on_breach):
        return False
    return all(isinstance(acts[n].act, OptionAct) for n in lost(commitment, acts))


def _chance(chance: Fraction) -> str:
    return "" if chance == 1 else f", with a chance of {_told(chance * 100)} % that it is detected"


def _told(value: Fraction) -> str:
    return f"{float(value):.3g}"


def skipped(read: Read) -> Iterator[tuple[str, str]]:
    """Why S4 has not been looked at."""
    try:
        given(read.agreement)
    except DetenteError as error:
        yield "S4", str(error) if read.agreement.file.case else "no case is linked that says what things are worth"


IDS = ("S4",)
CHECKS = (priced,)
