"""What holds of every run of an agreement: the invariants I1 to I25 of the semantics, on random cases.

I15 (the hash chain) and I20 (export and import) are tested with the ledger and the file.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from detente.agreement import formulas as f
from detente.agreement.effective import as_known_at, known
from detente.agreement.periods import Interval, Period
from detente.agreement.records import CORRECTIONS, Record
from detente.agreement.terms import (
    NOTHING,
    Amendment,
    CalendarPolicy,
    Commitment,
    Consequence,
    Dispute,
    Every,
    NoDeadline,
    On,
    Terms,
    TextAct,
    Verification,
    Within,
)
from detente.agreement.views import views
from tests.agreement_random import DAYS, Dice, Drawn, at, day, drawn
from tests.agreement_told import Teller, Told, differences, engine, literal

CASES = [drawn(seed) for seed in range(5000, 5100)]
FEW = CASES[:20]
BOTH = pytest.mark.parametrize(
    ("tell", "cases"), [(engine, CASES), (literal, FEW)], ids=["the run", "its literal statement"]
)
TERMINAL = {"fulfilled", "remedied", "lapsed", "waived", "terminated", "superseded"}
LIVE = ("inert", "waiting", "due", "claimed", "unverified", "overdue", "breached", "disputed")
EDGES = {
    ("1", "inert", "waiting"),
    ("2", "waiting", "due"),
    ("3", "waiting", "lapsed"),
    ("4", "due", "claimed"),
    ("4", "due", "fulfilled"),
    ("5", "due", "overdue"),
    ("6", "due", "breached"),
    ("6", "overdue", "breached"),
    ("7", "overdue", "claimed"),
    ("7", "overdue", "fulfilled"),
    ("8", "overdue", "breached"),
    ("9", "claimed", "fulfilled"),
    ("9", "claimed", "remedied"),
    ("10", "claimed", "unverified"),
    *(("11", before, after) for before in ("claimed", "unverified") for after in ("due", "overdue", "breached")),
    *(("12", "unverified", after) for after in ("claimed", "fulfilled", "remedied")),
    ("13", "breached", "claimed"),
    ("13", "breached", "remedied"),
    ("13a", "breached", "terminated"),
    ("13b", "breached", "superseded"),
    *(("14", before, "disputed") for before in ("claimed", "breached", "fulfilled")),
    *(("15", "disputed", after) for after in ("claimed", "breached", "fulfilled", "due", "overdue")),
    *(("16", before, "waived") for before in LIVE),
    *(("17", before, "terminated") for before in LIVE),
    *(("18", before, "superseded") for before in LIVE),
    ("K1", "due", "overdue"),
    ("K2", "overdue", "due"),
    ("K3", "due", "fulfilled"),
    ("K3", "due", "remedied"),
    ("K4", "breached", "due"),
}


def tell_all(tell: Teller, cases: list[Drawn]) -> list[tuple[Drawn, Told]]:
    return [(d, tell(d.terms, d.records, d.until)) for d in cases]


def by_id(told: Told, instant: int) -> dict[str, Any]:
    return {s.id: s for s in told.at(instant)}


# --------------------------------------------------------------------------------------------- what the run depends on


@BOTH
def test_i1_the_order_of_declarations_changes_nothing(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: moves or facts decided in the order in which commitments, powers or parties are written."""
    for d in cases:
        t = d.terms
        turned = dataclasses.replace(
            t,
            commitments=t.commitments[::-1],
            powers=t.powers[::-1],
            parties=t.parties[::-1],
            groups={name: members[::-1] for name, members in t.groups.items()},
        )
        assert not differences(tell(t, d.records, d.until), tell(turned, d.records, d.until))


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Rename whole words in every text of a structure."""
    if isinstance(value, str):
        return re.sub(r"\b\w+\b", lambda m: names.get(m[0], m[0]), value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{x.name: renamed(getattr(value, x.name), names) for x in dataclasses.fields(value)})
    if isinstance(value, tuple | list | frozenset | set):
        return type(value)(renamed(v, names) for v in value)
    if isinstance(value, dict):
        return {k: renamed(v, names) for k, v in value.items()}
    return value


@BOTH
def test_i2_renaming_commutes_with_the_run(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: mutual suspension at one instant decided by name; terminate and suspend in the order of ids.

    Left out is what goes by the order of names by the rules: facts of one instant where a power depends on others,
    and a resume that names no source.
    """
    names = {f"c{n}": f"c{7 - n}" for n in range(1, 7)} | {"a": "c", "c": "a"}
    for d in cases:
        terms = dataclasses.replace(d.terms, powers=())
        if len(terms.parties) == 2:
            terms = dataclasses.replace(terms, parties=(*terms.parties, "c"))
        records = tuple(r for r in d.records if r.kind != "resume")
        one = tell(terms, records, d.until)
        other = tell(renamed(terms, names), renamed(records, names), d.until)
        moves = sorted((m.instant, renamed(m.commitment, names), m.row, m.before, m.after) for m in one.history)
        assert moves == sorted((m.instant, m.commitment, m.row, m.before, m.after) for m in other.history)
        for instant in one.instants[::3]:
            mine = {s.id: (s.life, s.late, s.deadline, len(s.holds)) for s in other.at(instant)}
            assert mine == {renamed(s.id, names): (s.life, s.late, s.deadline, len(s.holds)) for s in one.at(instant)}


@BOTH
def test_i3_history_up_to_an_instant_is_a_beginning_of_the_later_one(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: an agenda that is worked out of order, or a later record that reaches back."""
    for d in cases:
        whole = tell(d.terms, d.records, d.until)
        for n in (3, 9, 17):
            instant = at(d.terms.calendar.zone, n)
            part = tell(d.terms, d.records, instant)
            assert part.history == tuple(m for m in whole.history if m.instant <= instant)
            assert {s.id: s.life for s in part.at(instant)} == {
                s.id: s.life for s in whole.at(instant) if s.id in {p.id for p in part.at(instant)}
            }


def test_i4_known_up_to_a_record_is_the_ledger_cut_there() -> None:
    """Catches: a record that acts before it is known."""
    for d in CASES:
        for k in (0, 3, 8):
            assert list(known(d.records, k)) == list(d.records[:k])
        instant = at(d.terms.calendar.zone, 12)
        assert as_known_at(d.records, instant) == [r for r in d.records if not r.recorded_at > instant]


def test_i10_when_a_thing_was_written_down_changes_nothing() -> None:
    """Catches: timeliness judged by ``recorded_at``."""
    for d in CASES:
        late = tuple(dataclasses.replace(r, recorded_at=r.recorded_at + 86400 * (r.seq * 7 % 5)) for r in d.records)
        assert not differences(engine(d.terms, d.records, d.until), engine(d.terms, late, d.until))


def test_i10_the_time_of_verification_makes_no_claim_late() -> None:
    """Catches: timeliness judged when the claim is verified."""
    judged = 0
    for d in CASES:
        first = d.terms.commitments[0]
        due = Within(first.deadline.period) if isinstance(first.deadline, Within) else first.deadline
        alone = dataclasses.replace(first, trigger=f.Always(), on_breach=(), deadline=due, lapse=None)
        terms = dataclasses.replace(d.terms, commitments=(alone,), powers=(), groups={}, amendments=())
        slow = tuple(
            dataclasses.replace(r, occurred=Interval(r.occurred.start + 172800, r.occurred.end + 172800))
            if r.kind == "verify"
            else r
            for r in d.records
            if r.kind not in CORRECTIONS
        )
        plain = tuple(r for r in d.records if r.kind not in CORRECTIONS)
        one, other = engine(terms, plain, d.until), engine(terms, slow, d.until)
        for m in [m for m in one.history if m.row in {"4", "7"}][:1]:
            judged += 1
            assert by_id(one, m.instant)[m.commitment].late == by_id(other, m.instant)[m.commitment].late
    assert judged > 15


def test_i13_a_retracted_record_is_a_record_that_is_not_there() -> None:
    """Catches: retract ignored, or only its kind undone."""
    tried = 0
    for d in CASES:
        plain = tuple(
            r for r in d.records if r.kind not in {*CORRECTIONS, "execute", "recognise"} and "ref" not in r.body
        )
        if not plain:
            continue
        gone = plain[len(plain) // 2]
        word = Record(
            99,
            gone.recorded_at,
            Interval(gone.occurred.start, gone.occurred.start),
            "retract",
            "",
            ("a",),
            (),
            {"ref": gone.seq},
        )
        one = engine(d.terms, (*plain, word), d.until)
        other = engine(d.terms, tuple(r for r in plain if r is not gone), d.until)
        assert not differences(one, other)
        undone = dataclasses.replace(word, seq=100, body={"ref": 99})
        assert not differences(engine(d.terms, (*plain, word, undone), d.until), engine(d.terms, plain, d.until))
        tried += 1
    assert tried > 50


def test_i13_of_two_redates_the_last_counts() -> None:
    """Catches: corrections in the wrong order."""
    for d in CASES:
        plain = tuple(r for r in d.records if r.kind not in {*CORRECTIONS, "execute"})
        if not plain:
            continue
        moved = plain[0]
        words = [
            Record(
                98 + n,
                0,
                Interval(0, 0),
                "redate",
                "",
                ("a",),
                (),
                {"ref": moved.seq, "occurred": f"2020-02-0{2 + n}T00:00:00Z"},
            )
            for n in (0, 1)
        ]
        assert not differences(engine(d.terms, (*plain, *words), d.until), engine(d.terms, (*plain, words[1]), d.until))


@BOTH
def test_i14_a_record_said_twice_changes_nothing(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: duplicates act twice."""
    for d in cases:
        plain = tuple(dataclasses.replace(r, evidence=(f"e{r.seq}",)) for r in d.records if r.kind not in CORRECTIONS)
        twice = (*plain, *(dataclasses.replace(r, seq=50 + r.seq) for r in plain))
        assert not differences(tell(d.terms, plain, d.until), tell(d.terms, twice, d.until))


def test_i24_an_amendment_that_changes_nothing_is_nothing() -> None:
    """Catches: an amendment that ends or resets what it does not name."""
    for d in CASES:
        terms = dataclasses.replace(d.terms, amendments=(*d.terms.amendments, Amendment("nil")))
        start = at(terms.calendar.zone, 7)
        made = Record(90, start, Interval(start, start), "amend", "nil", terms.parties)
        assert not differences(engine(terms, d.records, d.until), engine(terms, (*d.records, made), d.until))


def test_i22_who_recognises_everything_sees_the_same() -> None:
    """Catches: a view that leaves out too much."""
    for d in CASES:
        records = tuple(r for r in d.records if r.kind != "recognise" or r.body.get("answer") != "no")
        records = tuple(r for r in records if r.kind not in CORRECTIONS)
        seen = views(d.terms, records, until=d.until)
        assert all(v.history == seen.authority.history for v in (seen.joint, *seen.parties.values()))


# --------------------------------------------------------------------------------------------------- what a run may do


@BOTH
def test_i5_only_rows_of_the_table_occur(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: unverified counts as breach; suspended counts as fulfilled."""
    for _, told in tell_all(tell, cases):
        assert {(m.row, m.before, m.after) for m in told.history} <= EDGES


@BOTH
def test_i6_terminal_states_are_left_by_contest_only(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: terminate or waive of what has ended; activation of what has lapsed. And moves join up."""
    for _, told in tell_all(tell, cases):
        last: dict[str, str] = {}
        for m in told.history:
            assert m.before not in TERMINAL or (m.row == "14" and m.before == "fulfilled")
            assert last.get(m.commitment, m.before) == m.before
            last[m.commitment] = m.after


@BOTH
def test_i7_without_a_deadline_the_clock_breaches_nothing(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: a missing deadline taken for one that has passed."""
    for d in cases:
        terms = dataclasses.replace(
            d.terms,
            commitments=tuple(
                dataclasses.replace(c, deadline=NoDeadline(), modality="achieve") for c in d.terms.commitments
            ),
        )
        told = tell(terms, d.records, d.until)
        assert not [m for m in told.history if m.row in {"5", "8"}]


@BOTH
def test_i8_the_clock_breaches_nothing_before_its_deadline(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: a deadline not moved by holds; >= where the deadline is not yet reached; cure forgotten."""
    for d, told in tell_all(tell, cases):
        keeping = {c.id for c in d.terms.commitments if c.modality in {"maintain", "refrain"}}
        for m in told.history:
            if m.row in {"5", "8"} and re.split("[@#]", m.commitment)[0] not in keeping:
                deadline = by_id(told, m.instant)[m.commitment].deadline
                assert deadline is not None
                assert m.instant >= deadline
            assert m.after != "breached" or m.row in {"6", "8", "11", "15"}


@BOTH
def test_i11_a_hold_put_and_taken_off_at_once_is_nothing(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: one slot for holds; a resume that takes all off."""
    for d in cases:
        start = at(d.terms.calendar.zone, 6)
        everybody = (*d.terms.parties,)
        pair = [
            Record(
                80 + n, start, Interval(start, start), kind, d.terms.commitments[0].id, everybody, (), {"reason": "z"}
            )
            for n, kind in enumerate(("suspend", "resume"))
        ]
        one, other = tell(d.terms, d.records, d.until), tell(d.terms, (*d.records, *pair), d.until)
        assert one.history == other.history
        assert one.at(d.until) == other.at(d.until)


@BOTH
def test_i17_every_breach_names_an_obligor(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: blame on nobody."""
    for d, told in tell_all(tell, cases):
        obligors = {c.id: set(c.obligors) for c in d.terms.commitments}
        for instant in told.instants:
            for s in told.at(instant):
                if s.life == "breached":
                    assert s.breached_at is not None
                    assert s.blame
                    assert s.blame <= obligors[re.split("[@#]", s.id)[0]]


@BOTH
def test_i18_a_consequence_fires_once_per_breach(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: entries that fire again when a breach is upheld."""
    fired = 0
    for _, told in tell_all(tell, cases):
        seen = Counter((commitment, number, breach) for commitment, number, _, _, breach in told.fired)
        fired += len(seen)
        assert all(n == 1 for n in seen.values())
    assert fired > len(cases)


@BOTH
def test_i19_no_effect_while_disputed_or_indeterminate(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: stay ignored."""
    for d, told in tell_all(tell, cases):
        for commitment, _, _, instant, _ in told.fired:
            s = by_id(told, instant)[commitment]
            stayed = s.life == "disputed" and d.terms.dispute is not None and d.terms.dispute.stay
            assert not stayed
            assert s.late is not None


@BOTH
def test_i25_episodes_are_disjoint_ordered_and_inside(tell: Teller, cases: list[Drawn]) -> None:
    """Catches: a second violation that opens a second episode; an end that leaves one open."""
    seen = 0
    for d, told in tell_all(tell, cases):
        for s in told.at(d.until):
            ends = [s.activated, *(e for pair in s.episodes for e in pair)]
            closed = [e for e in ends if e is not None]
            seen += len(s.episodes)
            assert closed == sorted(closed)
            assert None not in ends[:-1] or not s.episodes
            assert s.life not in TERMINAL or ends[-1] is not None or not s.episodes
    assert seen


def test_i16_what_cannot_start_never_starts() -> None:
    """Catches: a deadlock broken by the run; a trigger `never` that starts."""
    tried = 0
    for d in CASES:
        first, *others = d.terms.commitments
        stuck = (
            dataclasses.replace(first, id="u", trigger=f.Fulfilled("v"), mode="all", amendment=None, lapse=None),
            dataclasses.replace(
                first, id="v", trigger=f.And((f.InForce(), f.Fulfilled("u"))), mode="all", amendment=None
            ),
            dataclasses.replace(first, id="w", trigger=f.Never(), mode="all", amendment=None),
        )
        terms = dataclasses.replace(
            d.terms, commitments=(*others, *stuck), groups=dict.fromkeys(d.terms.groups, ()), amendments=()
        )
        names = {"c1": "u", first.id: "u"}
        told = engine(renamed(terms, {first.id: "u"}), renamed(d.records, names), d.until)
        activating = {t for c in terms.commitments for e in c.on_breach if e.effect == "activate" for t in e.targets}
        if activating & {"u", "v", "w", "agreement", first.id}:
            continue
        tried += 1
        assert not [m for m in told.history if re.split("[@#]", m.commitment)[0] in {"u", "v", "w"} and m.row == "2"]
    assert tried > 20


# ---------------------------------------------------------------------------------------------------------- known bugs

A = ("a",)
EVERYBODY = ("a", "b")


def small(*commitments: Commitment, **more: Any) -> Terms:
    return Terms("t", EVERYBODY, ("x",), CalendarPolicy(more.pop("zone", "UTC")), commitments, f.At(day(0)), **more)


def owed(name: str, **more: Any) -> Commitment:
    more = {"deadline": On(day(5)), "verification": (Verification("x"),), **more}
    return Commitment(name, "achieve", A, ("b",), TextAct(""), **more)


@pytest.mark.parametrize("tell", [engine, literal])
def test_i9_with_an_empty_ledger_the_clock_runs(tell: Teller) -> None:
    """Catches: nothing runs before the first record."""
    told = tell(small(owed("c", cure=Period(days=2))), (), at("UTC", 99))
    assert [(m.instant, m.row) for m in told.history] == [
        (at("UTC", 0), "1"),
        (at("UTC", 0), "2"),
        (at("UTC", 6), "5"),
        (at("UTC", 8), "8"),
    ]


@pytest.mark.parametrize("tell", [engine, literal])
@pytest.mark.parametrize("names", [("p", "q"), ("q", "p")])
def test_mutual_suspension_at_one_instant(tell: Teller, names: tuple[str, str]) -> None:
    """Both are breached and both are held, whatever they are called."""
    one, other = names
    terms = small(
        owed(one, on_breach=(Consequence("suspend", (other,)),)),
        owed(other, on_breach=(Consequence("suspend", (one,)),)),
    )
    shown = by_id(tell(terms, (), at("UTC", 99)), at("UTC", 6))
    assert [shown[n].life for n in names] == ["breached", "breached"]
    assert [shown[n].holds for n in names] == [{("suspended", other)}, {("suspended", one)}]


@pytest.mark.parametrize("tell", [engine, literal])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_suspend_and_terminate_at_one_instant(tell: Teller, order: tuple[int, int]) -> None:
    """Terminated, without holds, in whatever order they are written or called."""
    effects = [Consequence("suspend", ("z",)), Consequence("terminate", ("z",))]
    terms = small(
        owed("m", on_breach=(effects[order[0]],)),
        owed("n", on_breach=(effects[order[1]],)),
        owed("z", deadline=NoDeadline()),
    )
    z = by_id(tell(terms, (), at("UTC", 99)), at("UTC", 6))["z"]
    assert (z.life, z.holds) == ("terminated", frozenset())


@pytest.mark.parametrize("tell", [engine, literal])
def test_i11_as_many_suspensions_need_as_many_resumes(tell: Teller) -> None:
    def told(kind: str, n: int, hour: int) -> Record:
        start = at("UTC", 1, hour)
        return Record(hour + 1, start, Interval(start, start), kind, "c", EVERYBODY, (), {"reason": f"r{n}"})

    records = [told("suspend", n, n) for n in range(3)] + [told("resume", n, 3 + n) for n in range(3)]
    seen = tell(small(owed("c")), records, at("UTC", 99))
    assert [len(by_id(seen, at("UTC", 1, hour))["c"].holds) for hour in range(6)] == [1, 2, 3, 2, 1, 0]


@pytest.mark.parametrize("tell", [engine, literal])
def test_i12_a_deadline_moves_by_the_measure_of_the_union_of_holds(tell: Teller) -> None:
    """Catches: holds added up one by one, or only the last counted. The union is counted hour by hour."""
    for seed in range(40):
        dice = Dice(seed)
        spans = [(n, n + 1 + dice.upto(20)) for n in (dice.upto(60) for _ in range(3))]
        records: list[Record] = []
        for i, (begin, end) in enumerate(spans):
            for kind, hour in (("suspend", begin), ("resume", end)):
                start = at("UTC", 0, 1 + hour)
                records.append(
                    Record(len(records) + 1, 0, Interval(start, start), kind, "c", EVERYBODY, (), {"reason": f"r{i}"})
                )
        held = sum(any(begin <= hour < end for begin, end in spans) for hour in range(100))
        told = tell(small(owed("c")), records, at("UTC", 99))
        assert by_id(told, at("UTC", 90))["c"].deadline == at("UTC", 6) + 3600 * held


@pytest.mark.parametrize("tell", [engine, literal])
def test_i21_days_are_civil_days_and_hours_are_elapsed(tell: Teller) -> None:
    """Over the change to summer time two days after the 28th end at the end of the 30th; 48 hours an hour later."""
    zone = "Europe/Berlin"
    first = (dt.date(2020, 3, 28) - day(0)).days
    for period, end in ((Period(days=2), at(zone, first + 3)), (Period(hours=48), at(zone, first, 12) + 48 * 3600)):
        start = f.After(f.At(day(first)), Period(hours=12))
        told = tell(small(owed("c", trigger=start, deadline=Within(period)), zone=zone), (), at(zone, 99))
        assert by_id(told, at(zone, first + 1))["c"].deadline == end


def test_i21_a_zone_of_display_changes_nothing() -> None:
    """The same instants and periods in hours give the same run in every zone."""

    def bare(value: Any) -> Any:
        if isinstance(value, Period):
            return Period(hours=value.hours + 24 * (value.days + 30 * value.months)) if value else NOTHING
        if isinstance(value, On):
            return On(at("UTC", 1 + (value.moment - day(0)).days)) if isinstance(value.moment, dt.date) else value
        if isinstance(value, dt.date):
            return at("UTC", (value - day(0)).days)
        if isinstance(value, CalendarPolicy):
            return value
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return type(value)(**{x.name: bare(getattr(value, x.name)) for x in dataclasses.fields(value)})
        return type(value)(bare(v) for v in value) if isinstance(value, tuple | list) else value

    compared = 0
    for d in CASES:
        if any(isinstance(c.deadline, Every) for c in d.terms.commitments):
            continue
        terms = bare(dataclasses.replace(d.terms, reviews=()))
        records = tuple(r for r in d.records if r.kind not in {"extend", "excuse"})
        runs = [
            engine(dataclasses.replace(terms, calendar=CalendarPolicy(zone)), records, d.until)
            for zone in ("UTC", "Asia/Seoul", "America/New_York")
        ]
        assert not differences(runs[0], runs[1]) + differences(runs[0], runs[2])
        compared += 1
    assert compared > 30


def test_i23_more_performance_delays_nobody() -> None:
    """In a run without breach, one more claim makes nothing due later. Catches: an early claim that is lost."""
    for seed in range(150):
        dice = Dice(seed)
        names = [f"c{n}" for n in range(1, 5)]

        def monotone(i: int, dice: Dice = dice, names: list[str] = names) -> f.Formula:
            if i == 0 or dice.chance(0.2):
                return f.At(day(dice.upto(3)))
            kinds: tuple[Callable[[str], f.Formula], ...] = (f.Fulfilled, f.Claimed, f.Verified)
            found = dice.one(kinds)(names[dice.upto(i - 1)])
            return f.After(found, Period(days=1)) if dice.chance(0.3) else found

        terms = small(*(owed(n, trigger=monotone(i), deadline=NoDeadline()) for i, n in enumerate(names)))
        said: list[Record] = []
        for n in names:
            for kind, by in (("claim", "a"), ("verify", "x")):
                start = at("UTC", dice.upto(DAYS))
                said.append(Record(len(said) + 1, start, Interval(start, start), kind, n, (by,)))
        extra = dice.one([r for r in said if r.kind == "claim"])
        one = engine(terms, [r for r in said if r is not extra], at("UTC", 99))
        other = engine(terms, said, at("UTC", 99))
        for s, t in zip(one.at(at("UTC", 99)), other.at(at("UTC", 99)), strict=True):
            assert s.activated is None or (t.activated is not None and t.activated <= s.activated)


@pytest.mark.parametrize("tell", [engine, literal])
@pytest.mark.parametrize(("stay", "when"), [(True, 8), (False, 6)])
def test_i19_under_stay_an_effect_waits_for_the_uphold(tell: Teller, *, stay: bool, when: int) -> None:
    """Breached on day 2, contested on day 4, the effect due at the start of day 6, upheld on day 8."""
    entry = Consequence("suspend", ("d",), notice=Period(days=3))
    terms = small(owed("c", on_breach=(entry,)), owed("d", deadline=NoDeadline()))
    terms = dataclasses.replace(terms, dispute=Dispute(Period(days=9), "x", "previous", stay=stay))
    said = (("declare_nonperformance", 2, "a"), ("contest", 4, "a"), ("uphold", 8, "x"))
    records = [
        Record(n, 0, Interval(at("UTC", d), at("UTC", d)), kind, "c", (by,)) for n, (kind, d, by) in enumerate(said, 1)
    ]
    assert [(c, instant) for c, _, _, instant, _ in tell(terms, records, at("UTC", 99)).fired] == [
        ("c", at("UTC", when))
    ]
