"""Random agreements and ledgers, on a coarse grid of time so that things often happen at one instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from detente.agreement import formulas as f
from detente.agreement.periods import Instant, Interval, Period
from detente.agreement.records import CORRECTIONS, Record
from detente.agreement.terms import (
    NOTHING,
    Amendment,
    CalendarPolicy,
    Commitment,
    Consequence,
    Deadline,
    Dispute,
    Effect,
    Every,
    Exit,
    NoDeadline,
    Objection,
    On,
    Power,
    QuantityAct,
    Terms,
    TextAct,
    Verification,
    Within,
)

T = TypeVar("T")
START = dt.date(2020, 1, 26)  # month ends fall into the time looked at
DAYS = 30
ZONES = ("UTC", "Europe/Berlin", "Asia/Seoul")
GRID = (4, 8, 8, 8, 12, 12, 16, 20)  # days on which things are due
PERIODS = (NOTHING, *(Period(days=n) for n in (1, 2, 4, 4, 8)), Period(hours=12), Period(hours=48), Period(months=1))
EFFECTS: tuple[Effect, ...] = ("suspend", "suspend", "suspend", "terminate", "reverse", "activate", "compensate")


ENTRIES: tuple[f.Formula, ...] = (f.At(START), f.At(START), f.Signed("a"), f.Event("e"), f.Always())


class Dice:
    """Draws from a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.numpy = np.random.default_rng(seed)

    def upto(self, n: int) -> int:
        """Give a whole number from 0 to n."""
        return int(self.numpy.integers(n + 1))

    def chance(self, p: float) -> bool:
        return bool(self.numpy.random() < p)

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.upto(len(choices) - 1)]

    def some(self, choices: Sequence[T], least: int = 0) -> tuple[T, ...]:
        """Give some of them, in their order."""
        taken = tuple(c for c in choices if self.chance(0.5))
        return taken if len(taken) >= least else (self.one(choices),)


@dataclass(frozen=True)
class Drawn:
    """An agreement and its ledger; ``until`` is beyond all its clocks but those without end."""

    terms: Terms
    records: tuple[Record, ...]
    until: Instant


def drawn(seed: int) -> Drawn:
    dice = Dice(seed)
    terms = terms_of(dice)
    zone = terms.calendar.zone
    return Drawn(terms, ledger_of(dice, terms), at(zone, 150))


def day(n: int) -> dt.date:
    return START + dt.timedelta(days=n)


def at(zone: str, n: int, hours: int = 0) -> Instant:
    midnight = dt.datetime.combine(day(n), dt.time(), ZoneInfo(zone))
    return int(midnight.timestamp()) + 3600 * hours


# ------------------------------------------------------------------------------------------------------------ the terms


def terms_of(dice: Dice) -> Terms:
    parties = ("a", "b", "c")[: 2 + dice.upto(1)]
    bodies = ("x", "y")[: 1 + dice.upto(1)]
    names = tuple(f"c{n}" for n in range(1, 2 + dice.upto(5)))
    amendments: tuple[Amendment, ...] = ()
    if len(names) > 2 and dice.chance(0.4):
        replaces = ((names[0], names[-1]),) if dice.chance(0.8) else ()
        amendments = (Amendment("am", replaces),)
    groups = {"g": dice.some(names, 1)} if dice.chance(0.3) else {}
    commitments = tuple(commitment(dice, n, names, parties, bodies, groups) for n in names)
    if amendments:
        commitments = tuple(
            c if c.id != names[-1] else Commitment(**{**fields(c), "amendment": "am"}) for c in commitments
        )
    calendar = CalendarPolicy(
        dice.one(ZONES),
        "error" if dice.chance(0.3) else dice.one(("down", "up")),
        "none" if dice.chance(0.9) else dice.one(("following", "preceding")),
    )
    return Terms(
        "t",
        parties,
        bodies,
        calendar,
        commitments,
        entry=dice.one(ENTRIES),
        powers=tuple(power(dice, n, names, parties, bodies) for n in range(dice.upto(3))),
        groups=groups,
        events=("e", "h"),
        amendments=amendments,
        dispute=dispute(dice) if dice.chance(0.8) else None,
        exit=Exit(dice.one((Period(days=2), Period(days=8), NOTHING))) if dice.chance(0.5) else None,
        sunset=On(day(dice.one((12, 20, 40)))) if dice.chance(0.15) else None,
        reviews=(day(-2),) if dice.chance(0.8) else (),
        notice=dice.one((NOTHING, Period(days=2), Period(days=6))),
    )


def fields(c: Commitment) -> dict[str, Any]:
    return {name: getattr(c, name) for name in c.__dataclass_fields__}


def dispute(dice: Dice) -> Dispute:
    default = dice.one(("previous", "breached", "fulfilled"))
    return Dispute(dice.one((Period(days=4), Period(days=8))), "x", default, stay=dice.chance(0.6))  # type: ignore[arg-type]


def power(dice: Dice, n: int, names: Sequence[str], parties: Sequence[str], bodies: Sequence[str]) -> Power:
    expires: Deadline | None = None
    if dice.chance(0.3):
        ends: tuple[Deadline, ...] = (On(day(12)), Within(Period(days=8)))
        expires = dice.one(ends)
    return Power(
        f"p{n}",
        dice.one((*parties, *bodies)),
        dice.one(("suspend", "suspend", "terminate", "extend", "waive")),
        dice.one((("agreement",), dice.some(names, 1))),
        formula(dice, names, {}, 1) if dice.chance(0.4) else f.Always(),
        expires,
        once=dice.chance(0.3),
    )


def formula(dice: Dice, names: Sequence[str], groups: dict[str, Any], depth: int) -> f.Formula:
    kind = dice.upto(15 if depth else 8)
    c = dice.one(names)
    simple: tuple[f.Formula, ...] = (
        f.InForce(),
        f.At(day(dice.one(GRID))),
        f.Event(dice.one(("e", "h"))),
        f.Fulfilled(c),
        f.Verified(c),
        f.Claimed(c),
        f.Breached(c),
        f.InState(c, frozenset(dice.some(("due", "overdue", "fulfilled", "waived", "superseded"), 1))),
        f.Progress(c, Fraction(1, 2)),
    )
    if kind < len(simple):
        return simple[kind]
    inner = formula(dice, names, {} if kind < 12 else groups, depth - 1)
    if kind in {9, 10}:
        return f.After(inner, dice.one(PERIODS))
    if kind == 11:
        return f.NotBy(inner, day(dice.one(GRID)))
    if kind == 12 and groups:
        return f.Joint("g")
    other = formula(dice, names, groups, depth - 1)
    return f.And((inner, other)) if kind == 13 else f.Or((inner, other))


def deadline(dice: Dice, names: Sequence[str]) -> Deadline:
    kind = dice.upto(9)
    if kind < 5:
        return On(day(dice.one(GRID)))
    if kind < 8:
        return Within(dice.one(PERIODS))
    return Within(dice.one(PERIODS), formula(dice, names, {}, 1)) if kind == 8 else NoDeadline()


def commitment(
    dice: Dice,
    name: str,
    names: Sequence[str],
    parties: Sequence[str],
    bodies: Sequence[str],
    groups: dict[str, tuple[str, ...]],
) -> Commitment:
    modality = dice.one(("achieve",) * 6 + ("maintain", "maintain", "refrain", "recurrent"))
    obligors = dice.some(parties, 1)
    obligees = tuple(p for p in parties if p not in obligors) or tuple(parties[:1])
    if dice.chance(0.6):
        trigger: f.Formula = f.Always()
    elif name in groups.get("g", ()) and dice.chance(0.7):
        trigger = f.Joint("g") if dice.chance(0.5) else f.And((f.Joint("g"), formula(dice, names, groups, 0)))
    else:
        trigger = f.Never() if dice.chance(0.1) else formula(dice, names, groups, 2)
    due: Deadline = deadline(dice, names)
    if modality == "recurrent":
        rule = f"FREQ=DAILY;INTERVAL={dice.one((2, 4, 5))};COUNT={2 + dice.upto(2)}"
        due = Every(rule, day(dice.one((0, 4, 8))))
    act = QuantityAct("q", dice.one(("<=", ">=", "==", "<", ">")), Fraction(3)) if dice.chance(0.6) else TextAct("")
    return Commitment(
        name,
        modality,  # type: ignore[arg-type]
        obligors,
        obligees,
        act,
        mode=dice.one(("all", "all", "any", "each")),
        trigger=trigger,
        deadline=due,
        cure=dice.one((NOTHING, NOTHING, Period(days=2), Period(days=4), Period(months=1))),
        lapse=deadline(dice, names) if dice.chance(0.35) else None,
        verification=tuple(verification(dice, parties, bodies) for _ in range(dice.upto(2))),
        verified_by=dice.one(("any", "any", "all", 2)),
        claim_ok=dice.chance(0.25),
        on_breach=(*(consequence(dice, names, parties, bodies) for _ in range(dice.upto(3))), *at_once(dice, names)),
        after_breach=dice.one((*("keep",) * 6, "replace", "extinguish")),
        survives=dice.chance(0.1),
        clock_when_held="stop" if dice.chance(0.75) else "run",
        provisional=dice.chance(0.1),
    )


def verification(dice: Dice, parties: Sequence[str], bodies: Sequence[str]) -> Verification:
    return Verification(
        dice.one((*bodies, *bodies, *parties)),
        window=dice.one((None, Period(days=2), Period(days=4))),
        lag=dice.one((None, (Period(days=1), Period(days=3)))),
        every=dice.one((None, Period(days=4))),
    )


def at_once(dice: Dice, names: Sequence[str]) -> tuple[Consequence, ...]:
    """Suspend and terminate at one instant."""
    ends = (Consequence("suspend", dice.some(names, 1)), Consequence("terminate", (dice.one(names),)))
    return ends if dice.chance(0.12) else ()


def consequence(dice: Dice, names: Sequence[str], parties: Sequence[str], bodies: Sequence[str]) -> Consequence:
    effect = dice.one(EFFECTS)
    objection = None
    if dice.chance(0.35):
        objection = Objection(
            dice.one((Period(days=4), Period(days=8))),
            dice.some((*parties, *bodies), 1),
            dice.one(("any", "all")),
            dice.one(("apply", "apply", "drop")),
        )
    held = effect in {"suspend", "reverse"}
    return Consequence(
        effect,
        ("agreement",) if dice.chance(0.1) else dice.some(names, 1),
        power_of=dice.one(parties) if dice.chance(0.3) else None,
        notice=NOTHING if dice.chance(0.5) else dice.one((Period(days=2), Period(days=4))),
        objection=objection,
        resume=formula(dice, names, {}, 1) if held and dice.chance(0.6) else None,
        amount=Fraction(1) if effect == "compensate" else None,
    )


# ----------------------------------------------------------------------------------------------------------- the ledger

STORIES: tuple[tuple[str, ...], ...] = (
    ("claim", "verify"),
    ("claim", "verify"),
    ("claim", "verify", "verify"),
    ("claim", "refute", "claim", "verify"),
    ("claim", "access", "claim"),
    ("claim", "access", "verify"),
    ("claim", "contest", "withdraw_contest"),
    *((("part",),) * 4),
    ("part", "declare_nonperformance"),
    ("part", "part", "verify"),
    ("declare_nonperformance", "contest", "wait", "wait", "uphold"),
    ("declare_nonperformance", "contest", "wait", "overturn"),
    ("claim", "refute", "verify"),
    ("claim", "refute"),
    ("claim", "wait", "refute"),
    ("wait", "wait", "claim", "refute"),
    ("claim", "no_conclusion", "verify"),
    ("claim", "no_conclusion", "no_conclusion", "claim"),
    ("claim", "wait", "claim", "verify"),
    ("claim", "wait", "verify"),
    ("claim", "contest", "uphold"),
    ("claim", "verify", "contest", "overturn"),
    ("claim", "verify", "contest", "uphold", "claim", "verify"),
    ("claim", "contest"),
    ("contest", "overturn", "claim"),
    ("contest", "uphold", "claim", "verify"),
    ("contest", "withdraw_contest"),
    ("declare_nonperformance", "claim", "verify"),
    ("declare_nonperformance", "contest", "overturn"),
    ("declare_nonperformance", "notify", "block", "execute"),
    ("declare_nonperformance", "notify", "block", "block"),
    ("declare_nonperformance", "block", "block"),
    ("declare_nonperformance", "notify", "execute", "unsay", "undo"),
    ("declare_nonperformance", "notify", "execute", "contest", "overturn", "undo"),
    ("notify", "execute", "contest", "overturn", "undo"),
    ("execute", "contest", "overturn", "undo"),
    ("execute", "claim", "verify", "contest", "overturn"),
    ("suspend", "resume"),
    ("suspend", "suspend", "resume", "resume"),
    ("suspend", "claim", "resume"),
    ("suspend", "resume", "suspend", "resume"),
    ("excuse", "recognise", "recognise"),
    ("excuse", "recognise"),
    ("excuse", "uphold"),
    ("extend", "claim"),
    ("extend", "extend"),
    ("waive", "waive"),
    ("terminate",),
    ("claim",),
    ("claim",),
    ("claim", "claim"),
    ("progress", "claim", "progress"),
    ("declare_baseline", "claim", "declare_baseline"),
)
KEPT: tuple[tuple[str, ...], ...] = (
    *(s for s in STORIES if not {"claim", "verify"} & set(s)),
    ("refute", "contest", "uphold", "attest"),
    ("declare_nonperformance", "return"),
    ("declare_nonperformance", "return", "refute", "return"),
    ("refute", "wait", "return"),
    ("refute", "wait", "wait", "return", "refute"),
    ("attest", "contest", "overturn", "attest"),
    ("refute", "verify"),
    ("attest", "attest", "attest"),
    ("measure", "measure", "measure"),
    ("measure", "measure"),
    ("measure", "wait", "measure"),
    ("refute", "attest", "refute", "attest"),
    ("refute", "verify", "verify"),
    ("claim", "verify"),
    ("no_conclusion", "measure"),
)
OVERALL: tuple[str, ...] = (
    "external",
    "external",
    "external",
    "amend",
    "amend",
    "withdraw",
    "ratify",
    "enter_into_force",
)


@dataclass
class Pen:
    """Writes records."""

    dice: Dice
    terms: Terms
    said: list[Record]

    def write(self, kind: str, subject: str, n: int, by: tuple[str, ...], body: dict[str, Any] | None = None) -> Record:
        dice = self.dice
        if dice.chance(0.05):  # whoever else
            by = dice.some((*self.terms.parties, *self.terms.bodies), 1)
        zone = self.terms.calendar.zone
        start = at(zone, n, 12 if dice.chance(0.15) else 0)
        end = dice.one((start, start, at(zone, n + 1), at(zone, n + 3)))
        evidence = (f"d{len(self.said)}",) if dice.chance(0.5) else ()
        recorded = max(end, start) + 86400 * dice.one((0, 0, 1, 9))
        record = Record(len(self.said) + 1, recorded, Interval(start, end), kind, subject, by, evidence, body or {})
        self.said.append(record)
        return record


def ledger_of(dice: Dice, terms: Terms) -> tuple[Record, ...]:
    pen = Pen(dice, terms, [])
    size = dice.one((0, 8, 16, 25, 25, 25))
    if size and not isinstance(terms.entry, f.At | f.Always):
        for party in terms.parties:
            pen.write("sign", "agreement", 0, (party,))
        pen.write("external", "e", 0, ("a",))
    focus = tuple(dice.one(terms.commitments) for _ in range(2))
    while len(pen.said) < size:
        if dice.chance(0.15):
            overall(pen)
        else:
            story(pen, dice.one(focus) if dice.chance(0.7) else dice.one(terms.commitments))
        if pen.said and dice.chance(0.12):
            correct(pen)
    return tuple(pen.said[:size])


def overall(pen: Pen) -> None:
    dice, terms = pen.dice, pen.terms
    kind = dice.one(OVERALL)
    if kind == "amend" and not terms.amendments and dice.chance(0.9):
        return
    subject = {"external": dice.one(("e", "h")), "amend": "am"}.get(kind, "agreement")
    by = terms.parties if kind == "amend" else (dice.one(terms.parties),)
    if kind == "withdraw" and dice.chance(0.6):
        return
    pen.write(kind, subject, dice.upto(DAYS), by)


def story(pen: Pen, c: Commitment) -> None:
    """Write what happens to one commitment, one thing after the other, often at once."""
    dice = pen.dice
    keeping = c.modality in {"maintain", "refrain"}
    kinds = dice.one(KEPT) if keeping and dice.chance(0.9) else dice.one(STORIES)
    n = dice.one((dice.upto(DAYS), dice.upto(DAYS // 2), dice.one(GRID) + 1, dice.one(GRID)))
    subject = subject_of(dice, c)
    numbers = [str(n) for n, e in enumerate(c.on_breach, 1) if e.objection or "block" not in kinds] or ["1"]
    number = dice.one(numbers)
    first = len(pen.said) + 1
    about = 0
    for kind in kinds:
        if kind == "undo":
            done = [r.seq for r in pen.said[first - 1 :] if r.kind == "execute"]
            pen.write("claim", f"restore:{subject}:{done[-1]}", n, pen.said[done[-1] - 1].by)
        elif kind == "wait":
            n += 4
        elif kind == "unsay":
            pen.write("retract", "", n, (dice.one(pen.terms.parties),), {"ref": first})
        else:
            record = told(pen, kind, c, subject, n, number if kind in {"notify", "block", "execute"} else str(about))
            about = record.seq if kind == "excuse" else about
        n += dice.one((0, 0, 1, 2, 4, 4))


def subject_of(dice: Dice, c: Commitment) -> str:
    name = c.id
    if c.mode == "each" and dice.chance(0.4):
        name += f"@{dice.one(c.obligors)}"
    if c.modality == "recurrent" and dice.chance(0.4) and (c.mode != "each" or "@" in name):
        name += f"#{1 + dice.upto(2)}"
    return "nothing" if dice.chance(0.02) else name


def told(pen: Pen, kind: str, c: Commitment, subject: str, n: int, about: str) -> Record:
    dice, terms = pen.dice, pen.terms
    body: dict[str, Any] = {}
    if kind in {"notify", "block", "execute"}:
        body = {"consequence": about}
    elif kind in {"suspend", "resume"} and dice.chance(0.5):
        body = {"reason": dice.one(("r", "s"))}
    by = by_of(dice, terms, kind, c, about)
    body |= body_of(dice, terms, kind, int(about))
    if kind == "terminate" and dice.chance(0.2):
        subject = "agreement"
    kind = {"progress": "claim", "part": "claim", "return": "attest"}.get(kind, kind)
    return pen.write(kind, "" if kind == "recognise" else subject, n, by, body)


def by_of(dice: Dice, terms: Terms, kind: str, c: Commitment, about: str) -> tuple[str, ...]:
    """Give mostly somebody who may say this."""
    holders = tuple((p.holder,) for p in terms.powers if p.may == kind)
    owners = c.obligors if dice.chance(0.75) else (dice.one((*c.obligors, *terms.bodies)),)
    if c.modality == "refrain" and kind == "claim":
        owners = c.obligees
    verifiers = tuple(v.verifier for v in c.verification) or terms.bodies
    checkers = (dice.one(verifiers),) if dice.chance(0.6) else verifiers
    others = c.obligees if dice.chance(0.8) else (dice.one(c.obligors),)
    all_of_it = dice.one((terms.parties, terms.parties, ("x",), *holders))
    entry = c.on_breach[int(about) - 1] if 0 < int(about) <= len(c.on_breach) else None
    fit = {
        **dict.fromkeys(("claim", "progress", "declare_nonperformance", "excuse", "declare_baseline"), owners),
        **dict.fromkeys(("verify", "refute", "no_conclusion", "access", "attest", "measure"), checkers),
        **dict.fromkeys(("contest", "recognise"), others),
        "part": (dice.one(c.obligors),),
        "return": checkers,
        **dict.fromkeys(("suspend", "resume", "extend", "terminate"), all_of_it),
        **dict.fromkeys(("uphold", "overturn"), ("x",)),
        "waive": dice.one((others, *holders)) if dice.chance(0.3) else others,
        "withdraw_contest": (*c.obligors, *c.obligees) if dice.chance(0.7) else others,
    }
    if kind == "notify" and entry and entry.power_of:
        return (entry.power_of,)
    if kind == "block" and entry and entry.objection:
        return dice.some(entry.objection.blockers, 1)
    return fit.get(kind, (dice.one(terms.parties),))


def body_of(dice: Dice, terms: Terms, kind: str, about: int) -> dict[str, Any]:  # noqa: PLR0911 - a table
    if kind == "progress" or (kind == "verify" and dice.chance(0.1)):
        return {"progress": dice.one(("0.25", "0.5", "0.75", "1"))}
    if kind == "measure":
        return {"value": dice.one(("1", "3", "5"))}
    if kind == "return":
        return {"holds": "yes"}
    if kind == "attest":
        return {"holds": dice.one(("yes", "no"))}
    if kind == "access":
        return {"answer": dice.one(("granted", "denied", "denied"))}
    if kind == "extend":
        until = day(dice.one((*GRID, 24))).isoformat()
        return dice.one(({"until": until}, {"period": dice.one(("P4D", "P1M", "PT36H"))}))
    if kind == "excuse" and dice.chance(0.5):
        return {"reason": "storm", "until": day(dice.one(GRID)).isoformat()}
    if kind == "recognise":
        return {"ref": about or 1, "answer": "yes" if dice.chance(0.85) else "no"}
    return {"ref": about} if kind in {"uphold", "overturn"} and about else {}


def correct(pen: Pen) -> None:
    """Correct an earlier record, or a correction; or say a record again."""
    dice, zone = pen.dice, pen.terms.calendar.zone
    old = dice.one(pen.said)
    if dice.chance(0.4):  # once more the same, or a correction
        refs = [r.body["ref"] for r in pen.said if r.kind in CORRECTIONS]
        old = pen.said[min(dice.one(refs), len(pen.said)) - 1] if refs and dice.chance(0.6) else old
    kind = dice.one(("retract", "retract", "redate", "redate twice", "supersede", "again", "refuse"))
    if kind == "again":
        pen.said.append(
            Record(
                len(pen.said) + 1,
                old.recorded_at + 86400,
                old.occurred,
                old.kind,
                old.subject,
                old.by,
                old.evidence,
                old.body,
            )
        )
        return
    if kind == "refuse":
        answer = dice.one(("no", "no", "yes"))
        pen.write("recognise", "", dice.upto(DAYS), (dice.one(pen.terms.parties),), {"ref": old.seq, "answer": answer})
        return
    if kind == "redate twice":
        kind = "redate"
        other = {"ref": old.seq, "occurred": stamp(at(zone, dice.upto(DAYS)))}
        pen.write(kind, "", dice.upto(DAYS), (dice.one(pen.terms.parties),), other)
    n = dice.upto(DAYS)
    moments = [stamp(at(zone, n)), stamp(at(zone, n + dice.upto(2)))]
    written: Any = moments if dice.chance(0.5) else moments[0]
    body: dict[str, Any] = {"ref": old.seq if dice.chance(0.95) else 99}
    if kind == "redate":
        body["occurred"] = written
    if kind == "supersede":
        said = {"by": list(pen.terms.parties), "occurred": written, "evidence": ["n"]}
        body["record"] = {key: said[key] for key in dice.some(tuple(said))}
        if old.kind == "retract":
            body["record"] = {"body": {"ref": max(1, old.seq - 1 - dice.upto(2))}}
    pen.write(kind, "", dice.upto(DAYS), (dice.one(pen.terms.parties),), body)


def stamp(instant: Instant) -> str:
    return dt.datetime.fromtimestamp(instant, dt.UTC).isoformat().replace("+00:00", "Z")
