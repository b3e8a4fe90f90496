"""What a run of an agreement has in hand, and its formulas, clocks and names, each said once as its definition."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from detente.agreement import formulas as f
from detente.agreement.periods import Instant, Interval, Moment, Period
from detente.agreement.records import Record
from detente.agreement.terms import Commitment, Consequence, Deadline, Every, On, Terms, Within
from tests.literal import agreement_time as time

TERMINAL = {"fulfilled", "remedied", "lapsed", "waived", "terminated", "superseded"}
ENDED = {"lapsed", "waived", "terminated", "superseded"}
HELD_STATES = {"waiting", "due", "claimed", "overdue"}
Hold = tuple[str, str]


@dataclass
class Breach:
    at: Instant
    before: str
    blame: frozenset[str]


@dataclass
class Contest:
    at: Instant
    by: frozenset[str]
    before: str
    finding: tuple[str, frozenset[str], Instant | None]


@dataclass(eq=False)
class Entry:
    """One entry of ``on_breach`` of one breach."""

    owner: State
    number: int
    terms: Consequence
    breach: Breach
    notified: Instant | None
    blocked: set[str] = field(default_factory=set)
    cause: int | None = None  # the record of the breach or of the notification; None: the clock
    fate: str = "waits"
    at: Instant | None = None


@dataclass(eq=False)
class State:
    """One commitment, part or instance."""

    id: str
    base: str
    suffix: str
    terms: Commitment
    occurrence: tuple[Instant, ...] = ()  # when the instance before it was due, if there is one; its own deadline
    life: str = "inert"
    since: Instant | None = None
    holds: set[Hold] = field(default_factory=set)
    finding: tuple[str, frozenset[str], Instant | None] = ("none", frozenset(), None)
    late: bool | None = False
    progress: Fraction = Fraction(0)
    triggered: bool = False
    waiting: Instant | None = None
    activated: Instant | None = None
    extended: tuple[Instant, Instant] | None = None  # the deadline fixed anew, and when
    reached: tuple[Instant, Instant] | None = None  # the deadline at its end, and the snapshot
    refuted: Instant | None = None
    claims: dict[str, Interval] = field(default_factory=dict)
    last_claim: tuple[frozenset[str], int] = (frozenset(), 0)  # by whom, and its seq
    claim: tuple[Interval, Instant] | None = None  # its interval, and when it acted
    verified_by: set[str] = field(default_factory=set)
    waived: set[str] = field(default_factory=set)
    breach: Breach | None = None
    ever_breached: bool = False
    spent: bool = False  # rows 5 and 8 do not fire again
    contest: Contest | None = None
    episodes: list[tuple[Instant, Instant | None]] = field(default_factory=list)
    found: list[Instant] = field(default_factory=list)
    uninspected: set[int] = field(default_factory=set)  # ways of verification whose dates have ended
    spans: list[tuple[Instant, bool]] = field(default_factory=list)  # from when, whether held time counts
    by_amendment: str | None = None


@dataclass(frozen=True)
class Moved:
    """One line of history."""

    instant: Instant
    commitment: str
    row: str
    before: str
    after: str
    cause: int | None


@dataclass
class World:
    terms: Terms
    now: Instant
    states: dict[str, State]
    parts: dict[str, list[str]]  # of a written name: itself, or c@p
    instances: dict[str, list[str]]  # of a recurrent commitment or part
    log: list[Record]
    known: set[int] = field(default_factory=set)  # all records, corrections and what they take away too
    history: list[Moved] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    snapshots: list[tuple[Instant, dict[f.Formula, bool]]] = field(default_factory=list)
    watched: tuple[f.Formula, ...] = ()
    irregular: set[int] = field(default_factory=set)
    no_such_day: set[str] = field(default_factory=set)
    entered: bool = False
    signed: set[str] = field(default_factory=set)
    ratified: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    amended: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)  # powers used up
    usable: set[str] = field(default_factory=set)  # powers that can be used by the record at hand
    set_by: dict[tuple[str, Hold], frozenset[str]] = field(default_factory=dict)  # whose word set a hold
    exits: list[tuple[Instant, str]] = field(default_factory=list)
    executed: list[tuple[Record, Entry]] = field(default_factory=list)
    excuses: dict[tuple[int, str], tuple[Instant, Instant]] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------------------------- formulas


def parts_of(formula: f.Formula) -> Iterable[f.Formula]:
    """Give all formulas within a formula, the innermost first."""
    inner: tuple[f.Formula, ...] = ()
    if isinstance(formula, f.And | f.Or):
        inner = formula.parts
    elif isinstance(formula, f.After | f.NotBy):
        inner = (formula.formula,)
    for part in inner:
        yield from parts_of(part)
    yield formula


def formulas_of(terms: Terms) -> list[f.Formula]:
    out = [terms.entry, *(p.when for p in terms.powers)]
    deadlines: list[Deadline | None] = [terms.sunset, *(p.expires for p in terms.powers)]
    for c in terms.commitments:
        out.append(c.trigger)
        deadlines += [c.deadline, c.lapse]
        out += [e.resume for e in c.on_breach if e.resume is not None]
    out += [d.anchor for d in deadlines if isinstance(d, Within) and d.anchor is not None]
    return [part for formula in [*out, f.InForce()] for part in parts_of(formula)]


def first_held(w: World, formula: f.Formula) -> Instant | None:
    return next((instant for instant, held in w.snapshots if held[formula]), None)


def end_after(w: World, start: Instant | Interval, period: Period) -> Instant | None:
    try:
        return time.after(w.terms.calendar, start, period)
    except time.NoSuchDayError:
        return None


def holds(w: World, formula: f.Formula, assumed: frozenset[str] = frozenset()) -> bool:  # noqa: C901, PLR0911 - a table
    """Whether a formula is true as things stand."""
    match formula:
        case f.Always():
            return True
        case f.Never():
            return False
        case f.InForce():
            return w.entered
        case f.At(moment):
            return w.now >= time.start_of(w.terms.calendar, moment)
        case f.After():
            end = end_of_after(w, formula)
            return end is not None and end <= w.now
        case f.NotBy(inner, moment):
            d = time.start_of(w.terms.calendar, moment)
            first = first_held(w, inner)
            return w.now >= d and (first is None or first >= d)
        case f.Event(name):
            return name in w.events
        case f.Signed(party):
            return party in w.signed
        case f.Ratified(party):
            return party in w.ratified
        case f.And(parts):
            return all(holds(w, p, assumed) for p in parts)
        case f.Or(parts):
            return any(holds(w, p, assumed) for p in parts)
        case f.Joint(group):
            return group in assumed or joint(w, group, assumed | {group})
    return asked(w, formula)


def end_of_after(w: World, formula: f.After) -> Instant | None:
    first = first_held(w, formula.formula)
    return None if first is None else end_after(w, first, formula.period)


def joint(w: World, group: str, assumed: frozenset[str]) -> bool:
    members = [c for name in w.terms.groups[group] for c in named(w, name)]
    ready = all(not c.holds and c.life not in ENDED for c in members)
    return ready and all(trigger_holds(w, c, assumed) for c in members)


def trigger_holds(w: World, c: State, assumed: frozenset[str] = frozenset()) -> bool:
    """The trigger of a commitment; for instances: it has ever held, or one of them was activated."""
    if holds(w, c.terms.trigger, assumed) or c.triggered:
        return True
    return bool(c.occurrence) and has_started(w, c)


def has_started(w: World, c: State) -> bool:
    siblings = [o for o in w.states.values() if o.base == c.base and party_of(o) == party_of(c)]
    return first_held(w, c.terms.trigger) is not None or any(o.triggered for o in siblings)


def party_of(c: State) -> str:
    return c.suffix.partition("#")[0]


def asked(w: World, formula: f.Formula) -> bool:
    """What is asked of commitments."""
    match formula:
        case f.Fulfilled(name):
            return every(w, name, is_fulfilled)
        case f.Verified(name):
            return every(w, name, lambda c: is_fulfilled(c) and c.finding[0] == "verified")
        case f.Claimed(name):
            return every(w, name, lambda c: c.life in {"fulfilled", "remedied"} or claim_stands(c))
        case f.Progress(name, least):
            return every(w, name, lambda c: c.progress >= least)
        case f.Breached(name):
            return some(w, name, lambda c: c.breach is not None)
        case f.InState(name, states):
            return some(w, name, lambda c: c.life in states)
    raise AssertionError(formula)


def is_fulfilled(c: State) -> bool:
    return c.life in {"fulfilled", "remedied"} and not c.holds


def claim_stands(c: State) -> bool:
    before = c.contest.before if c.life == "disputed" and c.contest else c.life
    return before == "claimed" or c.life == "unverified"


def every(w: World, name: str, test: Callable[[State], bool]) -> bool:
    """Ask something of every part, and of what took the place of a superseded one."""
    return not any(vanished(w, c) for c in named(w, name)) and all(
        test(h) for c in named(w, name) for h in reached(w, c) if h.life != "superseded"
    )


def some(w: World, name: str, test: Callable[[State], bool]) -> bool:
    """Ask something of some part or of what took its place; a superseded one answers for itself too."""
    return any(test(h) for c in named(w, name) for h in reached(w, c))


def reached(w: World, c: State) -> list[State]:
    """Give a commitment and all that are reached from it through successors of superseded ones."""
    found = [c]
    for h in found:
        if h.life == "superseded":
            found += [o for o in successors(w, h) if o not in found]
    return found


def vanished(w: World, c: State) -> bool:
    """Whether a commitment was superseded by nothing that lasts."""
    all_reached = reached(w, c)
    dead_end = any(h.life == "superseded" and not successors(w, h) for h in all_reached)
    return dead_end or all(h.life == "superseded" for h in all_reached)


def successors(w: World, c: State) -> list[State]:
    if c.by_amendment is not None:
        return counterparts(w, c, c.by_amendment)
    activating = [e for e in w.entries if e.owner is c and e.fate == "applied" and e.terms.effect == "activate"]
    names = {target for e in activating for target in e.terms.targets}
    found = {h.id for name in names for h in (counterparts(w, c, name))}
    return [w.states[name] for name in sorted(found)]


def counterparts(w: World, c: State, name: str) -> list[State]:
    """Give the part or instance of the same party or number, if there is one, else all."""
    same = [h for h in named(w, name) if c.suffix and h.suffix == c.suffix]
    return same or named(w, name)


def named(w: World, name: str) -> list[State]:
    """Give all that a name stands for."""
    if name in w.states:
        return [w.states[name]]
    if name == "agreement":
        return [c for c in w.states.values() if not c.id.startswith("restore:")]
    parts = w.parts.get(name, [name])
    return [w.states[i] for part in parts for i in w.instances.get(part, [part]) if i in w.states]


def impossible(w: World, formula: f.Formula) -> bool:  # noqa: PLR0911 - a table
    """Whether a formula cannot become true any more."""
    match formula:
        case f.Never():
            return True
        case f.And(parts):
            return any(impossible(w, p) for p in parts)
        case f.Or(parts):
            return all(impossible(w, p) for p in parts)
        case f.After(inner, _):
            return first_held(w, inner) is None and impossible(w, inner)
        case f.NotBy(inner, moment):
            first = first_held(w, inner)
            return first is not None and first < time.start_of(w.terms.calendar, moment)
        case f.Fulfilled(name) | f.Verified(name) | f.Claimed(name):
            last = [h for c in named(w, name) for h in reached(w, c) if h.life != "superseded"]
            return any(vanished(w, c) for c in named(w, name)) or any(h.life in ENDED for h in last)
        case f.Breached(name):
            return all(h.life in ENDED and not h.ever_breached for c in named(w, name) for h in reached(w, c))
        case f.InState(name, states):
            gone = TERMINAL - {"fulfilled"} - states
            return all(h.life in gone for c in named(w, name) for h in reached(w, c))
    return False


# --------------------------------------------------------------------------------------------------------------- clocks


def stopped(c: State) -> bool:
    return bool(c.holds) and c.life in HELD_STATES and c.terms.clock_when_held == "stop"


def held_time(w: World, c: State, start: Instant) -> int:
    """Measure the union of the held time since a clock started."""
    if c.terms.clock_when_held == "run":
        return 0
    total = 0
    ends = [*(s for s, _ in c.spans[1:]), w.now]
    for (begin, counts), end in zip(c.spans, ends, strict=False):
        if counts:
            total += max(0, end - max(begin, start))
    return total


def fixed(w: World, c: State, deadline: Deadline | None, start: Instant | None) -> tuple[Instant, Instant] | None:
    """Give the end and the start of a clock, before what holds add."""
    if start is None:
        return None
    if isinstance(deadline, On):
        return time.end_of(w.terms.calendar, deadline.moment), start
    if not isinstance(deadline, Within):
        return None
    origin = start if deadline.anchor is None else first_held(w, deadline.anchor)
    if origin is None:
        return None
    end = end_after(w, origin, deadline.period)
    if end is None:
        w.no_such_day.add(c.id)
        return None
    return end, max(origin, start)


def deadline_clock(w: World, c: State) -> tuple[Instant, Instant] | None:
    if c.extended is not None:
        return c.extended
    if isinstance(c.terms.deadline, Every) and c.activated is not None:
        return c.occurrence[-1], c.activated
    return fixed(w, c, c.terms.deadline, c.activated)


def deadline_of(w: World, c: State) -> Instant | None:
    if c.reached is not None:
        return c.reached[0]
    clock = deadline_clock(w, c)
    return None if clock is None else clock[0] + held_time(w, c, clock[1])


def lapse_of(w: World, c: State) -> Instant | None:
    clock = fixed(w, c, c.terms.lapse, c.waiting)
    return None if clock is None else clock[0] + held_time(w, c, clock[1])


def cure_end(w: World, c: State) -> Instant | None:
    """When row 8 is due, for what is overdue."""
    if c.terms.modality in {"maintain", "refrain"}:
        start = c.episodes[-1][0]
        end = end_after(w, start, c.terms.cure)
        return None if end is None else end + held_time(w, c, start)
    deadline = deadline_of(w, c)
    if deadline is None:
        return None
    end = end_after(w, last_day(deadline), c.terms.cure)
    if end is None:
        return None
    if c.reached is not None:
        end += held_time(w, c, c.reached[1])
    if c.refuted is not None:
        notice = end_after(w, c.refuted, w.terms.notice)
        if notice is None:
            return None
        end = max(end, notice + held_time(w, c, c.refuted))
    return end


def last_day(deadline: Instant) -> Interval:
    """The deadline as the end of the last day in time."""
    return Interval(deadline - 1, deadline)


def verify_end(w: World, c: State) -> Instant | None:
    if c.claim is None:
        return None
    interval, acted = c.claim
    windows = [v.lag[1] if v.window is None and v.lag else v.window for v in c.terms.verification]
    ends = [end_after(w, interval, window) for window in windows if window is not None]
    if not ends or None in ends:
        return None
    return max(end for end in ends if end is not None) + held_time(w, c, acted)


def dispute_end(w: World, since: Instant) -> Instant | None:
    return None if w.terms.dispute is None else end_after(w, since, w.terms.dispute.window)


def sunset(w: World) -> Instant | None:
    s = w.terms.sunset
    if isinstance(s, On):
        return time.end_of(w.terms.calendar, s.moment)
    if isinstance(s, Within):
        origin = first_held(w, s.anchor or f.InForce())
        return None if origin is None else end_after(w, origin, s.period)
    return None


def notice_end(w: World, e: Entry) -> Instant | None:
    """When the notice of an entry is over."""
    start = e.breach.at if e.terms.power_of is None else e.notified
    return None if start is None else end_after(w, start, e.terms.notice)


def effect_at(w: World, e: Entry) -> Instant | None:
    start = notice_end(w, e)
    if start is None or e.terms.objection is None:
        return start
    return end_after(w, start, e.terms.objection.window)


def inspections(w: World, c: State) -> list[tuple[int, Instant, Instant]]:
    """Give the inspection dates up to the next one, each with its way of verification and the date before it."""
    out: list[tuple[int, Instant, Instant]] = []
    if c.terms.modality not in {"maintain", "refrain"} or c.activated is None:
        return out
    for way, v in enumerate(c.terms.verification):
        before, k = c.activated, 1
        while v.every is not None and before <= w.now and way not in c.uninspected:
            times = replace(v.every, **{n.name: k * getattr(v.every, n.name) for n in dataclasses.fields(v.every)})
            end = end_after(w, c.activated, times)
            if end is None:
                break
            out.append((way, before, end))
            before, k = end, k + 1
    return out


def moments_of(terms: Terms) -> list[Instant]:
    """Give the instants that are fixed by what is written: those of formulas, of deadlines, of reviews."""
    calendar = terms.calendar
    starts: list[Moment] = [p.moment for p in formulas_of(terms) if isinstance(p, f.At | f.NotBy)]
    written = [terms.sunset, *(p.expires for p in terms.powers)]
    written += [d for c in terms.commitments for d in (c.deadline, c.lapse)]
    ends = [time.end_of(calendar, d.moment) for d in written if isinstance(d, On)]
    return [*(time.start_of(calendar, m) for m in [*starts, *terms.reviews]), *ends]
