"""The rules of docs/agreement-semantics.md once more, as slowly and as plainly as they can be said.

Every instant that matters is visited in order; at each one everything that is asked of the past (when a formula
first held, how long something was held, whether a deadline was reached) is looked up in what happened so far.
Written from the page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from detente.agreement import formulas as f
from detente.agreement.periods import Instant
from detente.agreement.records import CORRECTIONS, Record
from detente.agreement.terms import Commitment, Every, Terms
from tests.literal import agreement_time as time
from tests.literal.agreement_facts import KEEPING, act, dispute_body, usable_now
from tests.literal.agreement_log import effective, known
from tests.literal.agreement_moves import (
    breach,
    claim_acts,
    claim_is_complete,
    hold_of,
    move,
    overturned,
    restore,
    targets_of,
    upheld,
)
from tests.literal.agreement_world import (
    ENDED,
    HELD_STATES,
    TERMINAL,
    Entry,
    Moved,
    State,
    World,
    cure_end,
    deadline_of,
    dispute_end,
    effect_at,
    end_of_after,
    formulas_of,
    has_started,
    holds,
    impossible,
    inspections,
    lapse_of,
    moments_of,
    named,
    notice_end,
    stopped,
    sunset,
    trigger_holds,
    verify_end,
)

END = 7_289_654_400  # the end of the year 2200
EFFECTS = ("terminate", "reverse", "suspend", "activate", "compensate", "escalate")
Step = tuple[str, Callable[[], None]]
Fallen = dict[int, tuple[Instant, list[tuple[str, int]]]]


class ConsequenceLoopError(Exception):
    """An instant does not come to rest."""


@dataclass(frozen=True)
class Shown:
    """What is told of a commitment (section 8)."""

    id: str
    life: str
    holds: frozenset[tuple[str, str]]
    finding: tuple[str, frozenset[str], Instant | None]
    late: bool | None
    progress: Fraction
    activated: Instant | None
    deadline: Instant | None
    breached_at: Instant | None
    blame: frozenset[str]
    episodes: tuple[tuple[Instant, Instant | None], ...]


@dataclass(frozen=True)
class Outcome:
    history: tuple[Moved, ...]
    shown: dict[Instant, tuple[Shown, ...]]
    irregular: frozenset[int]
    no_such_day: frozenset[str]
    fired: tuple[tuple[str, int, str, Instant, Instant], ...]  # of a breach: entry, effect, when it applied, the breach
    owed: tuple[tuple[str, int], ...]
    rounds: int

    def at(self, instant: Instant) -> tuple[Shown, ...]:
        past = [t for t in self.shown if t <= instant]
        return self.shown[max(past)] if past else ()


def run(terms: Terms, records: Sequence[Record], until: Instant) -> Outcome:
    """Work out everything up to an instant."""
    w, shown, rounds = visit(terms, records, until, {})
    fallen = bases_corrected_away(terms, records, until, w)
    if fallen:
        w, shown, rounds = visit(terms, records, until, fallen)
    applied = [e for e in w.entries if e.at is not None]
    return Outcome(
        tuple(w.history),
        shown,
        frozenset(w.irregular),
        frozenset(w.no_such_day),
        tuple((e.owner.id, e.number, e.terms.effect, e.at, e.breach.at) for e in applied if e.at is not None),
        tuple((e.owner.id, e.number) for e in applied if e.terms.effect == "compensate" and e.fate == "applied"),
        rounds,
    )


def bases_corrected_away(terms: Terms, records: Sequence[Record], until: Instant, w: World) -> Fallen:
    """Give the executes that were regular before some correction and are not now; section 5."""
    out: Fallen = {}
    corrections = [r for r in records if r.kind in CORRECTIONS]
    for done in w.log:
        if done.kind != "execute" or done.seq not in w.irregular:
            continue
        for k in (c for c in corrections if c.seq > done.seq):
            before = executed_in(visit(terms, known(records, k.seq - 1), until, {})[0], done.seq)
            if before:
                out[done.seq] = (max(k.occurred.start, done.occurred.start), before)
    return out


def executed_in(w: World, seq: int) -> list[tuple[str, int]]:
    return [(e.owner.id, e.number) for r, e in w.executed if r.seq == seq]


def visit(
    terms: Terms, records: Sequence[Record], until: Instant, fallen: Fallen
) -> tuple[World, dict[Instant, tuple[Shown, ...]], int]:
    """Go from instant to instant."""
    w = world_of(terms, records)
    shown: dict[Instant, tuple[Shown, ...]] = {}
    rounds = 0
    fixed_instants = {r.occurred.start for r in w.log} | set(moments_of(terms)) | {at for at, _ in fallen.values()}
    fixed_instants |= {o for c in w.states.values() for o in c.occurrence}
    instant = min(fixed_instants, default=None)
    while instant is not None and instant <= until:
        w.now = instant
        facts(w, fallen)
        rounds = max(rounds, come_to_rest(w))
        for c in w.states.values():
            c.spans.append((w.now, bool(c.holds) and c.life in HELD_STATES))
        shown[instant] = tuple(shown_of(w, c) for _, c in sorted(w.states.items()))
        instant = min((i for i in fixed_instants | coming(w) if i > instant), default=None)
    return w, shown, rounds


def world_of(terms: Terms, records: Sequence[Record]) -> World:
    states: dict[str, State] = {}
    parts: dict[str, list[str]] = {}
    instances: dict[str, list[str]] = {}
    for c in terms.commitments:
        parts[c.id] = []
        for name, party, own in parts_of_commitment(c):
            parts[c.id].append(name)
            if isinstance(c.deadline, Every):
                instances[name] = []
                for n, occurrence in enumerate(occurrences_of(terms, own), 1):
                    instances[name].append(f"{name}#{n}")
                    states[f"{name}#{n}"] = State(f"{name}#{n}", c.id, f"{party}#{n}", own, occurrence)
            else:
                states[name] = State(name, c.id, party, own)
    log, irregular = effective(records)
    watched = tuple(dict.fromkeys(formulas_of(terms)))
    w = World(terms, 0, states, parts, instances, log, watched=watched, irregular=irregular)
    w.known = {r.seq for r in records}
    w.excuses = accepted_excuses(w)
    return w


def parts_of_commitment(c: Commitment) -> list[tuple[str, str, Commitment]]:
    if c.mode != "each":
        return [(c.id, "", c)]
    return [
        (f"{c.id}@{p}", f"@{p}", replace(c, obligors=(p,), obligees=tuple(o for o in c.obligees if o != p)))
        for p in c.obligors
    ]


def occurrences_of(terms: Terms, c: Commitment) -> list[tuple[Instant, ...]]:
    """Give for each instance when the one before it is due, if there is one, and when it is itself."""
    if not isinstance(c.deadline, Every):
        return []
    ends = time.occurrences(terms.calendar, c.deadline, END)
    return [tuple(ends[max(0, n - 1) : n + 1]) for n in range(len(ends))]


def accepted_excuses(w: World) -> dict[tuple[int, str], tuple[Instant, Instant]]:
    """Give the start and the end of every excuse that is accepted in this log, whenever that is."""
    out = {}
    for e in w.log:
        for c in named(w, e.subject) if e.kind == "excuse" else ():
            times = []
            answers = [last_answer(w, e.seq, party) for party in c.terms.obligees]
            if answers and all(a is not None and a.body.get("answer") == "yes" for a in answers):
                times.append(max(a.occurred.start for a in answers if a is not None))
            said = [r for r in w.log if r.kind in {"uphold", "overturn"} and r.body.get("ref") == e.seq]
            ruled = [r for r in said if dispute_body(w, r)]
            if ruled and ruled[-1].kind == "uphold":
                times.append(ruled[-1].occurred.start)
            if times:
                until = e.body.get("until")
                end = min(times) if until is None else time.end_of(w.terms.calendar, time.parsed_moment(until))
                out[e.seq, c.id] = (e.occurred.start, end)
    return out


def last_answer(w: World, seq: int, party: str) -> Record | None:
    said = [r for r in w.log if r.kind == "recognise" and r.body.get("ref") == seq and party in r.by]
    return said[-1] if said else None


# ---------------------------------------------------------------------------------------------------------- one instant


def facts(w: World, fallen: Fallen) -> None:
    """Step 1."""
    for (seq, name), (_, end) in w.excuses.items():
        if end == w.now:
            w.states[name].holds.discard(("excuse", str(seq)))
    for seq, (at, done) in fallen.items():
        for owner, number in done if at == w.now else ():
            restore(w, next(r for r in w.log if r.seq == seq), w.states[owner], number)
    for r in w.log:
        if r.occurred.start == w.now:
            w.usable = {p.id for p in w.terms.powers if usable_now(w, p)}
            if not act(w, r):
                w.irregular.add(r.seq)
    for c in w.states.values():
        inspect(w, c)


def inspect(w: World, c: State) -> None:
    for way, before, date in inspections(w, c):
        if date != w.now:
            continue
        if c.life in TERMINAL:
            c.uninspected.add(way)
        if c.life in {"due", "overdue"} and not any(before < t <= date for t in c.found):
            c.finding = ("no-conclusion", frozenset(), w.now)


def come_to_rest(w: World) -> int:
    """Steps 2 to 5."""
    rounds = 0
    while True:
        rounds += 1
        if rounds > 4 * len(w.states) + 4:
            raise ConsequenceLoopError(w.now)
        look(w)
        decided = [step for c in w.states.values() if (step := decide(w, c)) is not None]
        freed = [*holds_resumed(w), *holds_restored(w)]
        for _, do in decided:
            do()
        for c, hold in freed:
            c.holds.discard(hold)
        applied = consequences(w)
        ended = after_breach(w)
        if not (decided or freed or applied or ended):
            return rounds


def look(w: World) -> None:
    """Take the snapshot."""
    seen: dict[f.Formula, bool] = dict.fromkeys(w.watched, False)
    w.snapshots.append((w.now, seen))
    watch(w, seen)
    if not w.entered and holds(w, w.terms.entry):
        w.entered = True
        watch(w, seen)
    for c in w.states.values():
        deadline = deadline_of(w, c)
        if c.reached is None and deadline is not None and deadline <= w.now and not stopped(c):
            c.reached = (deadline, w.now)


def watch(w: World, seen: dict[f.Formula, bool]) -> None:
    for formula in w.watched:  # the innermost first, so that after(f, nothing) sees f
        seen[formula] = holds(w, formula)


def decide(w: World, c: State) -> Step | None:
    """Give the row of the clock or of a trigger that moves a commitment, the first in the order of the page."""
    for row in (row_17, row_3, early_claim, row_8, row_5, row_10, row_15, row_k3, row_2, row_1):
        found = row(w, c)
        if found is not None:
            return found
    return None


def row_17(w: World, c: State) -> Step | None:
    if c.life in TERMINAL or c.terms.survives:
        return None
    leaving = {p for end, p in w.exits if end == w.now}
    two = len(w.terms.parties) <= 2
    hit = any(two or p in c.terms.obligors or set(c.terms.obligees) == {p} for p in leaving)
    if sunset(w) == w.now or hit:
        return "17", lambda: move(w, c, "17", "terminated", None)
    return None


def row_3(w: World, c: State) -> Step | None:
    if c.life != "waiting":
        return None
    lapse = lapse_of(w, c)
    by_time = lapse is not None and lapse <= w.now and not stopped(c)
    started = c.triggered or (bool(c.occurrence) and has_started(w, c))
    if by_time or (not started and not activable(w, c) and impossible(w, c.terms.trigger)):
        return "3", lambda: move(w, c, "3", "lapsed", None)
    return None


def activable(w: World, c: State) -> bool:
    entries = [e for o in w.terms.commitments for e in o.on_breach if e.effect == "activate"]
    return any(c in named(w, target) for e in entries for target in e.targets)


def early_claim(w: World, c: State) -> Step | None:
    if c.life == "due" and c.terms.modality not in KEEPING and claim_is_complete(c):
        return "4", lambda: claim_acts(w, c, "4", *c.last_claim)
    return None


def row_8(w: World, c: State) -> Step | None:
    if c.life != "overdue" or c.spent or stopped(c):
        return None
    end = cure_end(w, c)
    return ("8", lambda: breach(w, c, "8", None)) if end is not None and end <= w.now else None


def row_5(w: World, c: State) -> Step | None:
    if c.life != "due" or c.spent or stopped(c) or c.terms.modality in KEEPING:
        return None
    deadline = deadline_of(w, c)
    return ("5", lambda: move(w, c, "5", "overdue", None)) if deadline is not None and deadline <= w.now else None


def row_10(w: World, c: State) -> Step | None:
    if c.life != "claimed" or stopped(c):
        return None
    end = verify_end(w, c)
    return ("10", lambda: move(w, c, "10", "unverified", None)) if end is not None and end <= w.now else None


def row_15(w: World, c: State) -> Step | None:
    if c.life != "disputed" or c.contest is None or w.terms.dispute is None:
        return None
    end = dispute_end(w, c.contest.at)
    if end is None or end > w.now:
        return None
    contest = c.contest

    def back() -> None:
        c.finding = contest.finding
        move(w, c, "15", contest.before, None)

    by_default: dict[str, Callable[[], None]] = {
        "previous": back,
        "breached": lambda: upheld(w, c, None, frozenset()),
        "fulfilled": lambda: overturned(w, c, None, default=True),
    }
    return "15", by_default[w.terms.dispute.default]


def row_k3(w: World, c: State) -> Step | None:
    if c.life != "due" or stopped(c) or c.terms.modality not in KEEPING:
        return None
    end = deadline_of(w, c)
    to = "remedied" if c.breach else "fulfilled"
    return ("K3", lambda: move(w, c, "K3", to, None)) if end is not None and end <= w.now else None


def row_2(w: World, c: State) -> Step | None:
    if c.life != "waiting" or c.holds or not trigger_holds(w, c):
        return None
    if len(c.occurrence) == 2 and w.now < c.occurrence[0]:
        return None

    def start() -> None:
        c.activated = w.now
        move(w, c, "2", "due", None)

    return "2", start


def row_1(w: World, c: State) -> Step | None:
    if c.life != "inert" or (c.terms.amendment is not None and c.terms.amendment not in w.amended):
        return None
    if not w.entered and not (c.terms.provisional and set(w.terms.parties) <= w.signed):
        return None

    def start() -> None:
        c.waiting = w.now
        move(w, c, "1", "waiting", None)

    return "1", start


def holds_resumed(w: World) -> list[tuple[State, tuple[str, str]]]:
    ending = [e for e in w.entries if e.fate == "applied" and e.terms.resume and holds(w, e.terms.resume)]
    effects = [e for e in ending if e.terms.effect in {"suspend", "reverse"}]
    return [(c, hold_of(e)) for e in effects for c in targets_of(w, e) if hold_of(e) in c.holds]


def holds_restored(w: World) -> list[tuple[State, tuple[str, str]]]:
    done = {("basis-withdrawn", c.id) for c in w.states.values() if c.life in TERMINAL}
    return [(c, hold) for c in w.states.values() for hold in c.holds & done]


def consequences(w: World) -> bool:
    """Step 4."""
    ready = [e for e in w.entries if is_ready(w, e)]
    for e in ready:
        e.fate = "applied" if goes_through(e) else "stopped"
        e.at = w.now if e.fate == "applied" else None
    by_cause = sorted(ready, key=lambda e: (e.cause is None, e.cause))  # several may end the same at one instant
    for effect in EFFECTS:
        for e in by_cause:
            if e.fate == "applied" and e.terms.effect == effect:
                for c in targets_of(w, e):
                    apply(w, e, c)
    return bool(ready)


def is_ready(w: World, e: Entry) -> bool:
    at = effect_at(w, e)
    stayed = e.owner.life == "disputed" and w.terms.dispute is not None and w.terms.dispute.stay
    return e.fate == "waits" and at is not None and at <= w.now and not stayed and e.owner.late is not None


def goes_through(e: Entry) -> bool:
    objection = e.terms.objection
    if objection is None:
        return True
    blockers = set(objection.blockers)
    blocked = blockers <= e.blocked if objection.rule == "all" else bool(e.blocked)
    return not blocked and objection.if_silent == "apply"


def apply(w: World, e: Entry, c: State) -> None:
    effect = e.terms.effect
    if effect == "terminate" and c.life not in TERMINAL and not c.terms.survives:
        move(w, c, "17", "terminated", e.cause)
    elif (effect == "reverse" and c.life not in ENDED) or (effect == "suspend" and c.life not in TERMINAL):
        c.holds.add(hold_of(e))
    elif effect == "activate":
        c.triggered = True


def after_breach(w: World) -> bool:
    """Rows 13a and 13b."""
    ending = [c for c in w.states.values() if c.life == "breached" and c.terms.after_breach != "keep"]
    for c in ending:
        if c.terms.after_breach == "extinguish":
            move(w, c, "13a", "terminated", None)
        else:
            move(w, c, "13b", "superseded", None)
    return bool(ending)


def coming(w: World) -> set[Instant]:
    """Give the instants at which the clock might do something, as things stand."""
    out: list[Instant | None] = [end_of_after(w, p) for p in w.watched if isinstance(p, f.After)]
    out += [sunset(w), *(end for end, _ in w.exits), *(end for _, end in w.excuses.values())]
    for e in w.entries:
        if e.fate == "waits":
            out += [notice_end(w, e), effect_at(w, e)]
    for c in w.states.values():
        out += [deadline_of(w, c), lapse_of(w, c) if c.life == "waiting" else None]
        out += [cure_end(w, c) if c.life == "overdue" else None, verify_end(w, c) if c.life == "claimed" else None]
        out.append(dispute_end(w, c.contest.at) if c.contest else None)
        out += [date for _, _, date in inspections(w, c)]
    return {i for i in out if i is not None}


def shown_of(w: World, c: State) -> Shown:
    return Shown(
        c.id,
        c.life,
        frozenset(c.holds),
        c.finding,
        c.late,
        c.progress,
        c.activated,
        deadline_of(w, c),
        c.breach.at if c.breach else None,
        c.breach.blame if c.breach else frozenset(),
        tuple(c.episodes),
    )
