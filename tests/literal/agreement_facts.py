"""What each kind of record does (docs/agreement-semantics.md, 2): one function per kind tells whether it acted."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.terms import On, Power, QuantityAct, Within
from tests.literal import agreement_time as time
from tests.literal.agreement_moves import (
    breach,
    claim_acts,
    claim_falls,
    claim_is_complete,
    find,
    move,
    overturned,
    upheld,
)
from tests.literal.agreement_world import (
    TERMINAL,
    Contest,
    Entry,
    State,
    World,
    deadline_of,
    dispute_end,
    effect_at,
    end_after,
    first_held,
    holds,
    last_day,
    named,
    notice_end,
)

OWN_PART = {"claim", "excuse", "declare_nonperformance"}
KEEPING = {"maintain", "refrain"}


def act(w: World, r: Record) -> bool:
    """Let a record act."""
    handler = OF_AGREEMENT.get(r.kind)
    if handler is not None:
        return handler(w, r)
    if r.kind == "terminate" and r.subject == "agreement":
        return terminate(w, r, named(w, "agreement"))
    if r.kind == "declare_baseline":
        owners = named(w, r.subject) or [c for c in w.states.values() if quantity(c) == r.subject]
        return any(set(r.by) & set(c.terms.obligors) for c in owners)
    if r.kind in {"uphold", "overturn"} and "ref" in r.body:
        return dispute_body(w, r) and any(e.seq == r.body["ref"] and e.kind == "excuse" for e in w.log)
    if not named(w, r.subject):
        return False
    targets = addressed(w, r)
    if r.kind == "terminate":
        return terminate(w, r, targets)
    acted = [OF_COMMITMENT[r.kind](w, r, c) for c in targets]
    return any(acted)


def quantity(c: State) -> str | None:
    return c.terms.act.quantity if isinstance(c.terms.act, QuantityAct) else None


# --------------------------------------------------------------------------------------------------------------- names


def addressed(w: World, r: Record) -> list[State]:
    """Give the parts and instances that a record means."""
    parts = w.parts.get(r.subject, [r.subject])
    own = [p for p in parts if p.rpartition("@")[2] in r.by and "@" in p]
    if r.kind in OWN_PART and own:
        parts = own
    return [c for p in parts for c in (instance(w, r, p) if p in w.instances else [w.states[p]])]


def instance(w: World, r: Record, part: str) -> list[State]:
    """Give the instance meant: the earliest that the kind is about."""
    every = named(w, part)
    if r.kind in {"waive", "terminate"}:
        return every
    if r.kind in {"verify", "refute", "no_conclusion", "access"}:
        fit = [c for c in every if c.life in {"claimed", "unverified"}]
    elif r.kind == "contest":
        fit = [c for c in every if c.life in {"claimed", "breached", "fulfilled"}]
    elif r.kind in {"withdraw_contest", "uphold", "overturn"}:
        fit = [c for c in every if c.life == "disputed"]
    elif r.kind in {"notify", "block", "execute"}:
        fit = [c for c in every if c.breach is not None]
    else:
        fit = [c for c in every if c.life not in TERMINAL | {"claimed"}]
    return fit[:1]


# ------------------------------------------------------------------------------------------------------------- parties


def parties_in(w: World, r: Record) -> set[str]:
    return set(r.by) & set(w.terms.parties)


def bodies_in(w: World, r: Record) -> set[str]:
    return set(r.by) & set(w.terms.bodies)


def by_all(w: World, r: Record) -> bool:
    return set(w.terms.parties) <= set(r.by)


def verifiers(c: State) -> set[str]:
    return {v.verifier for v in c.terms.verification}


def dispute_body(w: World, r: Record) -> bool:
    return w.terms.dispute is not None and w.terms.dispute.body in r.by


def power_for(w: World, r: Record, may: str, c: State | None) -> Power | None:
    """Give the first power that lets this record act on a commitment, or (None) on the agreement."""
    usable = [p for p in w.terms.powers if p.may == may and p.holder in r.by and p.id in w.usable and covers(w, p, c)]
    return min(usable, key=lambda p: p.id, default=None)


def covers(w: World, power: Power, c: State | None) -> bool:
    if c is None:
        return "agreement" in power.targets
    return any(c in named(w, target) for target in power.targets)


def usable_now(w: World, power: Power) -> bool:
    if (power.once and power.id in w.used) or not holds(w, power.when):
        return False
    expires: Instant | None = None
    if isinstance(power.expires, On):
        expires = time.end_of(w.terms.calendar, power.expires.moment)
    elif isinstance(power.expires, Within):
        origin = first_held(w, power.expires.anchor or power.when)
        expires = None if origin is None else end_after(w, origin, power.expires.period)
    return expires is None or w.now < expires


# ---------------------------------------------------------------------------------------------------- of the agreement


def sign(w: World, r: Record) -> bool:
    (w.signed if r.kind == "sign" else w.ratified).update(parties_in(w, r))
    return r.subject == "agreement" and bool(parties_in(w, r))


def enter_into_force(w: World, r: Record) -> bool:
    w.entered |= bool(parties_in(w, r) | bodies_in(w, r))
    return bool(parties_in(w, r) | bodies_in(w, r))


def external(w: World, r: Record) -> bool:
    if r.subject not in w.terms.events:
        return False
    w.events.add(r.subject)
    return True


def amend(w: World, r: Record) -> bool:
    amendment = next((a for a in w.terms.amendments if a.id == r.subject), None)
    if amendment is None or not by_all(w, r) or amendment.id in w.amended:
        return False
    w.amended.add(amendment.id)
    for old, new in amendment.replaces:
        for c in named(w, old):
            if c.life in TERMINAL:
                continue
            c.by_amendment = new
            for heir in named(w, new):
                if heir.suffix == c.suffix:
                    heir.progress = c.progress
            move(w, c, "18", "superseded", r.seq)
    return True


def withdraw(w: World, r: Record) -> bool:
    leaving = parties_in(w, r)
    if w.terms.exit is not None:
        end = end_after(w, w.now, w.terms.exit.notice)
        if end is not None:
            w.exits += [(end, p) for p in leaving]
        return bool(leaving)
    for c in list(w.states.values()):
        if leaving & set(c.terms.obligors) and c.life in {"due", "overdue"}:
            breach(w, c, "6", r.seq)
    return bool(leaving)


def recognise(w: World, r: Record) -> bool:
    return r.body.get("ref") in w.known and bool(parties_in(w, r)) and r.body.get("answer") in {"yes", "no"}


def terminate(w: World, r: Record, targets: list[State]) -> bool:
    """Row 17 on a declaration."""
    ending = [c for c in targets if c.life not in TERMINAL and not c.terms.survives]
    allowed = []
    for c in ending:
        power = power_for(w, r, "terminate", None if r.subject == "agreement" else c)
        if by_all(w, r) or power is not None:
            allowed.append((c, power))
    for c, power in allowed:
        if power is not None and not by_all(w, r):
            w.used.add(power.id)
        move(w, c, "17", "terminated", r.seq)
    return bool(allowed)


# --------------------------------------------------------------------------------------------------------- performance


def claim(w: World, r: Record, c: State) -> bool:
    if c.terms.modality in KEEPING:
        accusers = set(c.terms.obligees) | set(w.terms.bodies)
        if c.terms.modality != "refrain" or not accusers & set(r.by):
            return False
        return violation(w, r, c, accusers & set(r.by))
    others = (verifiers(c) | set(w.terms.bodies)) & set(r.by)
    own = set(c.terms.obligors) & set(r.by)
    if not own | others:
        return False
    if partial(r) is not None:
        return set_progress(c, partial(r))
    if c.life in TERMINAL | {"claimed", "disputed"} or (c.life == "breached" and c.terms.after_breach != "keep"):
        return False
    claimants = (set(c.terms.obligors) if others else own) - set(c.claims)
    if not claimants:
        return False
    c.claims.update(dict.fromkeys(claimants, r.occurred))
    if claim_is_complete(c) and not c.last_claim[1]:
        c.last_claim = (frozenset(own | others), r.seq)
    if c.life in {"inert", "waiting"} or not claim_is_complete(c):
        return True
    row = {"due": "4", "overdue": "7", "breached": "13", "unverified": "12"}[c.life]
    claim_acts(w, c, row, frozenset(own | others), r.seq)
    return True


def partial(r: Record) -> Fraction | None:
    said = Fraction(r.body.get("progress", "1"))
    return said if said < 1 else None


def set_progress(c: State, progress: Fraction | None) -> bool:
    if c.life in TERMINAL or progress is None:
        return False
    c.progress = progress
    return True


def verify(w: World, r: Record, c: State) -> bool:
    by = verifiers(c) & set(r.by)
    if not by:
        return False
    if partial(r) is not None:
        return set_progress(c, partial(r))
    if c.terms.modality in KEEPING:
        return kept(w, r, c, by)
    if c.life not in {"claimed", "unverified", "fulfilled", "remedied"}:
        return False
    c.verified_by |= by
    needed = {"any": 1, "all": len(verifiers(c))}.get(str(c.terms.verified_by), c.terms.verified_by)
    if len(c.verified_by) < int(needed):
        return True
    find(w, c, "verified", by)
    if c.life in {"claimed", "unverified"}:
        row = "9" if c.life == "claimed" else "12"
        move(w, c, row, "remedied" if c.breach else "fulfilled", r.seq)
    return True


def refute(w: World, r: Record, c: State) -> bool:
    by = verifiers(c) & set(r.by)
    if not by:
        return False
    if c.terms.modality in KEEPING and r.kind == "refute":
        return violation(w, r, c, by)
    if c.life not in {"claimed", "unverified"}:
        return False
    passed = has_passed(w, c)
    in_time = c.late is False
    c.refuted = w.now
    find(w, c, "refuted", by)
    claim_falls(c)
    to = "breached" if c.breach else "overdue" if passed or not in_time else "due"
    move(w, c, "11", to, r.seq)
    return True


def has_passed(w: World, c: State) -> bool:
    """Whether the deadline was reached, or is over now and nothing is held."""
    if c.reached is not None:
        return True
    deadline = deadline_of(w, c)
    waits = c.holds and c.terms.clock_when_held == "stop"
    return deadline is not None and deadline <= w.now and not waits


def access(w: World, r: Record, c: State) -> bool:
    if r.body.get("answer") == "denied":
        return refute(w, r, c)
    return r.body.get("answer") == "granted" and bool(verifiers(c) & set(r.by))


def no_conclusion(w: World, r: Record, c: State) -> bool:
    states = {"due", "overdue"} if c.terms.modality in KEEPING else {"claimed", "unverified"}
    by = verifiers(c) & set(r.by)
    if not by or c.life not in states:
        return False
    find(w, c, "no-conclusion", by)
    c.found.append(w.now)
    return True


def measure(w: World, r: Record, c: State) -> bool:
    act = c.terms.act
    if c.terms.modality not in KEEPING or not isinstance(act, QuantityAct):
        return False
    value = Fraction(r.body["value"])
    inside = {
        "==": value == act.amount,
        "<=": value <= act.amount,
        ">=": value >= act.amount,
        "<": value < act.amount,
        ">": value > act.amount,
    }[act.op]
    return kept(w, r, c, set(r.by)) if inside else violation(w, r, c, set(r.by))


def attest(w: World, r: Record, c: State) -> bool:
    by = (verifiers(c) | set(w.terms.bodies)) & set(r.by)
    if c.terms.modality not in KEEPING or not by:
        return False
    if r.body.get("holds") == "yes":
        return kept(w, r, c, by)
    return r.body.get("holds") == "no" and violation(w, r, c, by)


def violation(w: World, r: Record, c: State, by: set[str]) -> bool:
    """Row K1."""
    if c.life not in {"due", "overdue", "breached"}:
        return False
    find(w, c, "refuted", by)
    c.found.append(w.now)
    if c.life == "due":
        c.spent = False
        c.episodes.append((w.now, None))
        move(w, c, "K1", "overdue", r.seq)
    return True


def kept(w: World, r: Record, c: State, by: set[str]) -> bool:
    """Rows K2 and K4."""
    if r.kind == "verify" and c.life in {"fulfilled", "remedied"}:
        find(w, c, "verified", by)
        return True
    if c.life not in {"due", "overdue", "breached"}:
        return False
    find(w, c, "verified", by)
    c.found.append(w.now)
    if c.life == "overdue" or (c.life == "breached" and c.terms.after_breach == "keep"):
        if c.episodes and c.episodes[-1][1] is None:
            c.episodes[-1] = (c.episodes[-1][0], w.now)
        move(w, c, "K2" if c.life == "overdue" else "K4", "due", r.seq)
    return True


def declare_nonperformance(w: World, r: Record, c: State) -> bool:
    if not set(c.terms.obligors) & set(r.by) or c.life not in {"due", "overdue"}:
        return False
    breach(w, c, "6", r.seq)
    return True


# ------------------------------------------------------------------------------------------------------------ disputes


def contest(w: World, r: Record, c: State) -> bool:
    by = (set(c.terms.obligors) | set(c.terms.obligees)) & set(r.by)
    if not by or c.life not in {"claimed", "breached", "fulfilled"} or c.since is None:
        return False
    end = dispute_end(w, c.since)
    if end is None or w.now >= end:
        return False
    c.contest = Contest(w.now, frozenset(by), c.life, c.finding)
    find(w, c, "contested", by)
    move(w, c, "14", "disputed", r.seq)
    return True


def withdraw_contest(w: World, r: Record, c: State) -> bool:
    if c.life != "disputed" or c.contest is None or not c.contest.by <= set(r.by):
        return False
    c.finding = c.contest.finding
    move(w, c, "15", c.contest.before, r.seq)
    return True


def decide(w: World, r: Record, c: State) -> bool:
    if not dispute_body(w, r) or c.life != "disputed":
        return False
    if r.kind == "overturn":
        overturned(w, c, r.seq)
    elif w.terms.dispute is not None:
        upheld(w, c, r.seq, frozenset({str(w.terms.dispute.body)}))
    return True


# -------------------------------------------------------------------------------------------------------- consequences


def entry_of(w: World, r: Record, c: State) -> Entry | None:
    """Give the entry that a record names, of the breach that stands."""
    mine = [
        e for e in w.entries if e.owner is c and e.breach is c.breach and str(e.number) == str(r.body["consequence"])
    ]
    return mine[-1] if mine else None


def notify(w: World, r: Record, c: State) -> bool:
    e = entry_of(w, r, c)
    if e is None or e.terms.power_of is None or e.terms.power_of not in r.by or e.notified is not None:
        return False
    e.notified = w.now
    e.cause = r.seq
    return True


def block(w: World, r: Record, c: State) -> bool:
    e = entry_of(w, r, c)
    if e is None or e.terms.objection is None or not set(e.terms.objection.blockers) & set(r.by):
        return False
    start, end = notice_end(w, e), effect_at(w, e)
    if start is None or end is None or not start <= w.now < end:
        return False
    e.blocked |= set(e.terms.objection.blockers) & set(r.by)
    return True


def execute(w: World, r: Record, c: State) -> bool:
    e = entry_of(w, r, c)
    if e is None or e.fate != "applied" or not parties_in(w, r):
        return False
    w.executed.append((r, e))
    return True


# ------------------------------------------------------------------------------------------- waiving, extending, holds


def waive(w: World, r: Record, c: State) -> bool:
    if c.life in TERMINAL:
        return False
    obligees = set(c.terms.obligees)
    power = power_for(w, r, "waive", c)
    if not obligees & set(r.by) and power is None:
        return False
    c.waived |= obligees & set(r.by)
    if obligees and obligees <= c.waived:
        move(w, c, "16", "waived", r.seq)
    elif power is not None:
        w.used.add(power.id)
        move(w, c, "16", "waived", r.seq)
    return True


def extend(w: World, r: Record, c: State) -> bool:
    old = deadline_of(w, c)
    if c.life in TERMINAL or c.activated is None or old is None:
        return False
    power = power_for(w, r, "extend", c)
    if not by_all(w, r) and power is None:
        return False
    if "until" in r.body:
        new: Instant | None = time.end_of(w.terms.calendar, time.parsed_moment(r.body["until"]))
    else:
        new = end_after(w, last_day(old), time.parsed_period(r.body["period"]))
    if new is None:
        return False
    if not by_all(w, r) and power is not None:
        w.used.add(power.id)
    c.extended = (new, w.now)
    c.reached = None
    c.spent = False
    return True


def excuse(w: World, r: Record, c: State) -> bool:
    if not set(c.terms.obligors) & set(r.by) or c.life in TERMINAL:
        return False
    if (r.seq, c.id) in w.excuses and w.excuses[r.seq, c.id][1] > w.now:
        c.holds.add(("excuse", str(r.seq)))
    return True


def suspend(w: World, r: Record, c: State) -> bool:
    power = power_for(w, r, "suspend", c)
    if c.life in TERMINAL or not (by_all(w, r) or dispute_body(w, r) or power is not None):
        return False
    if by_all(w, r):
        whose = set(w.terms.parties)
    elif dispute_body(w, r):
        whose = bodies_in(w, r)
    else:
        assert power is not None
        whose = {power.holder}
        w.used.add(power.id)
    hold = (r.body.get("reason", "suspended"), r.body.get("source", ", ".join(sorted(r.by))))
    if hold not in c.holds:
        c.holds.add(hold)
        w.set_by[c.id, hold] = frozenset(whose)
    return True


def resume(w: World, r: Record, c: State) -> bool:
    reason = r.body.get("reason", "suspended")
    if by_all(w, r):
        matching = sorted(s for why, s in c.holds if why == reason and r.body.get("source", s) == s)
    else:
        source = r.body.get("source", ", ".join(sorted(r.by)))
        whose = w.set_by.get((c.id, (reason, source)))
        matching = [source] if (reason, source) in c.holds and whose is not None and whose <= set(r.by) else []
    if not matching:
        return False
    c.holds.remove((reason, matching[0]))
    return True


Handler = Callable[[World, Record], bool]
OF_AGREEMENT: dict[str, Handler] = {
    "sign": sign,
    "ratify": sign,
    "enter_into_force": enter_into_force,
    "external": external,
    "amend": amend,
    "withdraw": withdraw,
    "recognise": recognise,
}
OF_COMMITMENT: dict[str, Callable[[World, Record, State], bool]] = {
    "claim": claim,
    "measure": measure,
    "attest": attest,
    "access": access,
    "verify": verify,
    "refute": refute,
    "no_conclusion": no_conclusion,
    "contest": contest,
    "withdraw_contest": withdraw_contest,
    "uphold": decide,
    "overturn": decide,
    "notify": notify,
    "block": block,
    "execute": execute,
    "waive": waive,
    "extend": extend,
    "excuse": excuse,
    "suspend": suspend,
    "resume": resume,
    "declare_nonperformance": declare_nonperformance,
}
