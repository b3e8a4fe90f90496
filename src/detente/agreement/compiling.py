"""From the written form to the terms that the run needs: names resolved, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from detente.agreement import terms
from detente.agreement.blocks import (
    Action,
    CommitmentBlock,
    ConsequenceBlock,
    DeadlineBlock,
    Undoing,
    VerificationBlock,
)
from detente.agreement.fields import WHOLE
from detente.agreement.file import AgreementFile
from detente.agreement.formula_text import Said
from detente.agreement.formulas import Always, And, Formula, InForce, Signed
from detente.agreement.periods import Period
from detente.base.wording import words

NOTHING = Period()


def terms_of(file: AgreementFile) -> terms.Terms:
    """The terms of a checked file."""
    amendment_of = {
        new: name for name, a in file.amendments.items() for new in (*a.replaces.values(), *a.adds)
    }  # fmt: skip
    return terms.Terms(
        id=file.name,
        parties=tuple(file.parties),
        bodies=tuple(file.bodies),
        calendar=_calendar(file),
        commitments=tuple(_commitment(file, n, c, amendment_of.get(n)) for n, c in file.commitments.items()),
        entry=_formula(file.entry_into_force, And(tuple(Signed(p) for p in file.parties))),
        powers=tuple(
            terms.Power(n, p.holder, p.may, p.targets, _formula(p.when), _deadline(p.expires), p.once)
            for n, p in file.powers.items()
        ),
        groups={n: tuple(members) for n, members in file.groups.items()},
        events=tuple(file.events),
        amendments=tuple(terms.Amendment(n, tuple(a.replaces.items())) for n, a in file.amendments.items()),
        dispute=_dispute(file),
        exit=terms.Exit(file.exit.notice) if file.exit else None,
        sunset=_deadline(file.sunset, InForce()),
        reviews=tuple(sorted(file.reviews)),
        notice=file.notice or NOTHING,
        names={
            **{n: b.name or words(n) for block in (file.parties, file.bodies) for n, b in block.items()},
            **file.events,
        },
        gaps=file.gaps.told(),
    )


def _formula(written: Said | None, default: Formula = terms.ALWAYS) -> Formula:
    return written.formula if written else default


def _calendar(file: AgreementFile) -> terms.CalendarPolicy:
    c = file.calendar
    return terms.CalendarPolicy(file.zone, c.overflow, c.roll, frozenset(c.weekend), frozenset(c.holidays))


def _dispute(file: AgreementFile) -> terms.Dispute | None:
    d = file.dispute
    return terms.Dispute(d.window, d.body, d.default, d.stay) if d else None


def _deadline(written: DeadlineBlock | None, anchor: Formula | None = None) -> terms.Deadline | None:
    if written is None:
        return None
    if written.on is not None:
        return terms.On(written.on)
    if written.within is not None:
        return terms.Within(written.within, written.of.formula if written.of else anchor)
    if written.every is not None and written.from_ is not None:
        return terms.Every(written.every.removeprefix("RRULE:"), written.from_)
    return terms.NoDeadline(written.none or "", written.review)


def _commitment(
    file: AgreementFile, name: str, written: CommitmentBlock, amendment: str | None
) -> terms.Commitment:  # fmt: skip
    who, ambiguity = written.obligors, written.ambiguity
    others = tuple(p for p in file.parties if p not in who.who or who.mode == "each")
    obligees = written.obligees or others
    return terms.Commitment(
        id=name,
        modality=written.modality,
        obligors=who.who,
        obligees=obligees,
        act=_act(written.action, file),
        title=written.title,
        mode=who.mode,
        trigger=_formula(written.trigger, Always()),
        deadline=_deadline(written.deadline) or terms.NoDeadline(),
        cure=written.cure or NOTHING,
        lapse=_deadline(written.lapse),
        min_duration=written.min_duration,
        verification=tuple(_verification(v) for v in written.verification),
        verified_by=written.verified_by,
        claim_ok=written.claim_ok,
        on_breach=tuple(_consequence(e, obligees, file.commitments) for e in written.on_breach),
        after_breach=written.after_breach,
        survives=written.survives or (file.exit is not None and name in file.exit.survivors),
        clock_when_held=written.clock_when_held,
        provisional=written.provisional,
        amendment=amendment,
        reversible=_undo(written.reversible),
        ambiguity=terms.Ambiguity(ambiguity.deliberate, ambiguity.review) if ambiguity else None,
        gaps=written.gaps.told(),
        object=written.object,
        place=written.place,
        source=written.source,
        span=written.span,
        note=written.note,
    )


def _undo(written: Undoing | Literal["no"] | None) -> terms.Undo | Literal["no"] | None:
    return terms.Undo(written.cost, written.time) if isinstance(written, Undoing) else written


def _act(action: Action, file: AgreementFile) -> terms.Act:
    if action.option is not None and action.to is not None:
        return terms.OptionAct(action.option, action.to, action.from_)
    if action.quantity is not None and action.op is not None and action.amount is not None:
        unit = action.unit if action.unit is not None else file.quantities[action.quantity].unit
        return terms.QuantityAct(action.quantity, action.op, action.amount, unit, action.baseline)
    return terms.TextAct(action.text or "")


def _verification(way: VerificationBlock) -> terms.Verification:
    return terms.Verification(
        verifier=way.by,
        method=way.method,
        access=way.access,
        detects=way.detects,
        false_alarm=way.false_alarm,
        lag=(way.lag.median, way.lag.q90) if way.lag else None,
        window=way.window,
        every=way.every,
        evidence=way.evidence,
    )


def _consequence(
    entry: ConsequenceBlock, obligees: tuple[str, ...], commitments: Mapping[str, CommitmentBlock]
) -> terms.Consequence:
    option, level = entry.option, entry.level
    targets = [t for t in entry.targets if t != WHOLE]
    if entry.effect == "reverse" and option is None and len(targets) == 1:
        option, level = commitments[targets[0]].action.option, commitments[targets[0]].action.from_
    objection = entry.objection
    return terms.Consequence(
        effect=entry.effect,
        targets=entry.targets,
        power_of=entry.power_of,
        notice=entry.notice or NOTHING,
        objection=terms.Objection(objection.window, objection.blockers, objection.rule, objection.if_silent)
        if objection
        else None,
        resume=entry.resume_when.formula if entry.resume_when else None,
        option=option,
        level=level,
        amount=entry.amount,
        unit=entry.unit,
        to=entry.to or (obligees if entry.effect == "compensate" else ()),
        body=entry.body,
    )
