"""One instant, corrections, excuses, consequences: scenes worked out by hand, the bugs known from the theory first."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detente.agreement.effective import as_known_at, known
from detente.agreement.formulas import After, Breached, Event, Fulfilled, InForce, Joint, Never, NotBy
from detente.agreement.periods import Period
from detente.agreement.run import run
from detente.agreement.terms import Consequence, Dispute, NoDeadline, Objection, Power, Within
from tests.agreement_scenes import DAYS, Book, agreed, date, day, moves, on, owes, reasons, stands

DISPUTE = Dispute(DAYS[5], "w")
SUSPENDS = "suspended"


def test_two_holds_need_two_resumptions() -> None:
    book = Book()
    book.say(2, "suspend", "c", "ab", reason="storm")
    book.say(3, "suspend", "c", "ab", reason="strike")
    book.say(4, "resume", "c", "ab", reason="storm")
    result = book.run(agreed(owes("c")), 30)
    assert stands(result, "c", 30).holds == {("strike", "a, b")}
    assert stands(result, "c", 30).life == "due"  # still held: the deadline does not come
    book.say(12, "resume", "c", "ab", reason="strike")
    # held from day 2 to day 12, ten days in all, not eleven: the deadline moves to the end of day 20
    assert moves(book.run(agreed(owes("c")), 30))[1] == (21, "5", "overdue")


def test_a_hold_set_and_taken_off_at_one_instant_changes_nothing() -> None:
    book = Book()
    book.say(3, "resume", "c", "ab", reason="storm")
    book.say(3, "suspend", "c", "ab", reason="storm")
    assert moves(book.run(agreed(owes("c"))))[1] == (11, "5", "overdue")


def test_two_breaches_at_one_instant_suspend_each_other_whatever_their_names() -> None:
    for one, two in (("c", "d"), ("d", "c")):
        follows = {name: (Consequence("suspend", (other,)),) for name, other in ((one, two), (two, one))}
        terms = agreed(*(owes(name, on_breach=follows[name]) for name in (one, two)))
        result = Book().run(terms, 11)
        for name, other in ((one, two), (two, one)):
            assert moves(result, name)[1:] == [(11, "5", "overdue"), (11, "8", "breached")]
            assert stands(result, name, 11).holds == {(SUSPENDS, other)}


def test_terminate_goes_before_suspend_at_one_instant() -> None:
    for order in ((0, 1), (1, 0)):
        suspends, terminates = Consequence("suspend", ("d",)), Consequence("terminate", ("d",))
        breached = (owes("x", on_breach=(suspends,)), owes("y", on_breach=(terminates,)))
        result = Book().run(agreed(*(breached[i] for i in order), owes("d", deadline=on(50))), 12)
        assert moves(result, "d")[1:] == [(11, "17", "terminated")]
        assert stands(result, "d", 11).holds == frozenset()
        assert [c.effect for c in result.consequences] == ["terminate", "suspend"]


def test_the_clock_runs_with_an_empty_ledger() -> None:
    terms = agreed(owes("c", deadline=Within(DAYS[4]), cure=DAYS[2]))
    # in force on day 1 at 00:00: four days more end day 5, two days to cure end day 7
    assert moves(run(terms, [])) == [(1, "2", "due"), (6, "5", "overdue"), (8, "8", "breached")]


def test_no_deadline_no_breach() -> None:
    assert moves(run(agreed(owes("c", deadline=NoDeadline("open"))), [], day(3000))) == [(1, "2", "due")]


def test_reported_late_is_not_done_late() -> None:
    book = Book()
    book.say(30, "external", "storm")
    book.say(9, "claim", "c")  # recorded after day 30, done on day 9
    terms = agreed(owes("c", claim_ok=True))
    assert moves(book.run(terms)) == [(1, "2", "due"), (9, "4", "fulfilled")]
    before = run(terms, book.records[:1])
    assert stands(before, "c", 30).life == "breached"


def test_late_early_or_who_knows() -> None:
    cases: list[tuple[float | tuple[float, float], bool | None]] = [
        ((10, 11), False), ((10, 12), None), ((11, 12), True), (10.999, False), (11, True),
    ]  # fmt: skip
    for when, late in cases:
        book = Book()
        book.say(when, "claim", "c")
        result = book.run(agreed(owes("c")), 12)
        assert stands(result, "c", 11).late is late


def test_an_indeterminate_claim_holds_the_clock_back_and_refuted_counts_as_late() -> None:
    book = Book()
    book.say((9, 13), "claim", "c")
    book.say(20, "refute", "c", "v")
    result = book.run(agreed(owes("c", cure=DAYS[1])))
    # overdue by the refutation, and the time to cure (to the end of day 11) has long passed
    assert moves(result)[1:] == [(9, "4", "claimed"), (20, "11", "overdue"), (20, "8", "breached")]
    assert stands(result, "c", 20).late is True


def test_an_indeterminate_claim_refuted_before_the_deadline_is_overdue_already() -> None:
    book = Book()
    book.say((9, 13), "claim", "c")
    book.say(10, "refute", "c", "v")
    result = book.run(agreed(owes("c", cure=DAYS[1])))
    assert moves(result)[1:] == [(9, "4", "claimed"), (10, "11", "overdue"), (12, "8", "breached")]


def test_time_held_before_it_is_due_moves_no_deadline() -> None:
    book = Book()
    book.say(2, "suspend", "c", "ab")
    book.say(4, "resume", "c", "ab")
    book.say(5, "external", "storm")
    result = book.run(agreed(owes("c", trigger=Event("storm"))))
    assert moves(result)[:2] == [(5, "2", "due"), (11, "5", "overdue")]


def test_holds_end_with_the_commitment() -> None:
    book = Book()
    book.say(2, "suspend", "c", "ab")
    book.say(3, "terminate", "c", "ab")
    result = book.run(agreed(owes("c")), 4)
    assert [stands(result, "c", n).holds for n in (2, 3)] == [{(SUSPENDS, "a, b")}, frozenset()]


def test_not_by_a_date_on_which_it_happens() -> None:
    book = Book()
    book.say(5, "external", "storm")
    late, early = (owes(n, trigger=NotBy(Event("storm"), date(d)), deadline=on(40)) for n, d in (("c", 5), ("d", 6)))
    result = book.run(agreed(late, early), 8)
    assert moves(result) == [(5, "2", "due")]  # not before the first instant of day 5
    assert moves(result, "d") == [(5, "3", "lapsed")]


def test_a_claim_before_it_is_due_counts_when_it_is() -> None:
    book = Book()
    book.say(2, "claim", "c")
    book.say(20, "external", "storm")
    result = book.run(agreed(owes("c", trigger=Event("storm"), claim_ok=True)), 21)
    # due on day 20, long after its date of day 10, but done on day 2
    assert moves(result) == [(20, "2", "due"), (20, "4", "fulfilled")]
    assert stands(result, "c", 20).late is False
    assert result.history[-1].cause == 1


def test_all_any_each() -> None:
    book = Book()
    book.say(3, "claim", "c", "a")
    both = {"obligors": ("a", "b"), "obligees": ("b",)}
    for mode, life, blame in (("all", "breached", ("b",)), ("any", "claimed", ())):
        result = book.run(agreed(owes("c", mode=mode, **both)), 12)
        assert (stands(result, "c", 12).life, stands(result, "c", 12).blame) == (life, blame)
    each = book.run(agreed(owes("c", mode="each", **both)), 12)
    assert [(s.id, s.life) for s in each.of("c", day(12))] == [("c@a", "claimed"), ("c@b", "breached")]
    book.say((5, 6), "claim", "c", "b")
    together = book.run(agreed(owes("c", mode="all", **both)), 12)
    assert moves(together)[1:] == [(5, "4", "claimed")]


# ---------------------------------------------------------------------------------------------------------- corrections


def test_retract_redate_supersede_and_corrections_of_corrections() -> None:
    terms = agreed(owes("c", claim_ok=True))
    book = Book()
    book.say(9, "claim", "c")
    book.say(20, "redate", "", ref=1, occurred="2020-01-15T00:00:00Z")
    assert moves(book.run(terms))[2:] == [(11, "8", "breached"), (15, "13", "remedied")]
    book.say(21, "redate", "", ref=1, occurred="2020-01-05")
    assert moves(book.run(terms))[1:] == [(5, "4", "fulfilled")]  # the last counts
    book.say(22, "retract", "", ref=3)
    assert moves(book.run(terms))[2:] == [(11, "8", "breached"), (15, "13", "remedied")]
    book.say(23, "retract", "", ref=4)
    assert moves(book.run(terms))[1:] == [(5, "4", "fulfilled")]
    book.say(24, "supersede", "", ref=3, record={"body": {"ref": 1, "occurred": "2020-01-07"}})
    assert moves(book.run(terms))[1:] == [(7, "4", "fulfilled")]
    book.say(25, "retract", "", ref=1)
    assert moves(book.run(terms))[2:] == [(11, "8", "breached")]
    book.say(26, "retract", "", ref=26)
    assert reasons(book.run(terms)) == {8: "it corrects no earlier record"}


def test_retracting_is_as_if_it_had_never_been_said() -> None:
    terms = agreed(owes("c", cure=DAYS[3]), owes("d", trigger=Breached("c")))
    book = Book()
    book.say(3, "suspend", "c", "ab")
    book.say(4, "claim", "c")
    book.say(5, "retract", "", ref=2)
    assert book.run(terms).history == run(terms, book.records[:1]).history


def test_the_same_paper_twice_counts_once() -> None:
    terms = agreed(owes("c", verification=owes("x").verification, verified_by=1), exit=None)
    book = Book()
    book.say(3, "claim", "c", evidence="letter 7")
    book.say(4, "refute", "c", "v", evidence="report 1")
    book.say(3, "claim", "c", evidence="letter 7")
    result = book.run(terms, 5)
    assert moves(result)[1:] == [(3, "4", "claimed"), (4, "11", "due")]
    assert result.irregular == ()


def test_facts_of_one_instant_in_the_order_of_their_kinds() -> None:
    book = Book()
    book.say(4, "verify", "c", "v")
    book.say(4, "claim", "c")
    assert moves(book.run(agreed(owes("c")), 5))[1:] == [(4, "4", "claimed"), (4, "9", "fulfilled")]


# -------------------------------------------------------------------------------------------------------------- excuses


def test_an_excuse_shows_its_deadline_and_moves_it_once_accepted() -> None:
    terms = agreed(owes("c"), dispute=DISPUTE)
    book = Book()
    book.say(4, "excuse", "c", reason="flood", until="2020-01-07")
    result = book.run(terms, 12)
    assert moves(result)[1:] == [(11, "5", "overdue"), (11, "8", "breached")]
    found = stands(result, "c", 5)
    assert found.deadline == day(11)
    assert found.shadow_deadline == day(15)  # days 4 to 7
    book.say(20, "recognise", "", "b", ref=1, answer="yes")
    accepted = book.run(terms, 20)
    assert moves(accepted)[1:] == [(15, "5", "overdue"), (15, "8", "breached")]
    assert stands(accepted, "c", 5).holds == {("excuse", "1")}
    assert stands(accepted, "c", 5).shadow_deadline is None
    book.say(21, "recognise", "", "b", ref=1, answer="no")
    assert moves(book.run(terms, 12)) == moves(result)
    book.say(22, "uphold", "c", "w", ref=1)
    assert moves(book.run(terms, 20)) == moves(accepted)


# --------------------------------------------------------------------------------------------------------- consequences


def test_notice_objection_silence() -> None:
    objection = Objection(DAYS[4], ("b",))
    follows = (Consequence("suspend", ("d",), power_of="b", notice=DAYS[2], objection=objection),)
    terms = agreed(owes("c", on_breach=follows), owes("d", deadline=on(60)))
    book = Book()
    book.say(12, "notify", "c", "a", consequence="1")
    book.say(13, "notify", "c", "b", consequence="1")
    result = book.run(terms, 30)
    # notified on day 13: the notice ends with day 15, the time to object with day 20 (day 16 + 4 days)
    (applied,) = result.consequences
    assert applied.instant == day(21)
    assert stands(result, "d", 20.9).holds == frozenset()
    assert stands(result, "d", 21).holds == {(SUSPENDS, "c")}
    assert set(reasons(result)) == {1}
    early = Book()
    early.say(13, "notify", "c", "b", consequence="1")
    early.say(15, "block", "c", "b", consequence="1")  # before the notice is over
    assert len(early.run(terms, 30).consequences) == 1
    early.say(17, "block", "c", "b", consequence="1")
    assert early.run(terms, 30).consequences == ()


def test_resumed_when_the_breach_is_remedied() -> None:
    follows = (Consequence("suspend", ("d",), resume=Fulfilled("c")),)
    book = Book()
    book.say(14, "claim", "c")
    terms = agreed(owes("c", on_breach=follows, claim_ok=True), owes("d", deadline=on(20)))
    result = book.run(terms)
    assert stands(result, "d", 13).holds == {(SUSPENDS, "c")}
    assert stands(result, "d", 14).holds == frozenset()
    assert moves(result, "d")[1] == (24, "5", "overdue")  # three days held


def test_nothing_applies_while_disputed_and_once_upheld_it_does() -> None:
    follows = (Consequence("suspend", ("d",), notice=DAYS[2]),)
    for stay, when in ((True, 17), (False, 14)):
        dispute = Dispute(DAYS[10], "w", stay=stay)
        book = Book()
        book.say(12, "contest", "c", "a")
        book.say(17, "uphold", "c", "w")
        terms = agreed(owes("c", on_breach=follows), owes("d", deadline=on(60)), dispute=dispute)
        # breached at day 11 00:00; the day of the event not counted, two days' notice end with day 13
        (applied,) = book.run(terms, 30).consequences
        assert applied.instant == day(when)


def test_a_consequence_fires_once_for_a_breach_however_often_it_is_upheld() -> None:
    follows = (Consequence("compensate", amount=Fraction(3), unit="t"),)
    book = Book()
    book.say(12, "contest", "c", "a")
    book.say(13, "uphold", "c", "w")
    book.say(14, "contest", "c", "a")
    book.say(15, "uphold", "c", "w")
    result = book.run(agreed(owes("c", on_breach=follows), dispute=DISPUTE), 20)
    (owed,) = result.owed
    assert owed.amount == 3
    assert (owed.unit, owed.by, owed.since, owed.fell) == ("t", ("a",), day(11), None)


def test_what_was_executed_is_restored_when_its_basis_falls() -> None:
    follows = (Consequence("suspend", ("d",)),)
    terms = agreed(owes("c", on_breach=follows), owes("d", deadline=on(60)), dispute=DISPUTE)
    book = Book()
    book.say(12, "execute", "c", "b", consequence="1")
    book.say(13, "contest", "c", "a")
    book.say(15, "overturn", "c", "w")
    result = book.run(terms, 16)
    (restored,) = result.of("restore:c:1", day(15))
    assert (restored.life, restored.deadline, restored.activated) == ("due", None, day(15))
    assert result.of("restore:c:1", day(14)) == ()
    assert stands(result, "d", 15).holds == {("basis-withdrawn", "restore:c:1")}
    book.say(18, "claim", "restore:c:1", "b")
    done = book.run(terms, 20)
    assert stands(done, "restore:c:1", 18).life == "fulfilled"
    assert stands(done, "d", 18).holds == frozenset()


def test_what_was_executed_is_restored_when_its_basis_is_corrected_away() -> None:
    follows = (Consequence("suspend", ("d",)),)
    terms = agreed(owes("c", on_breach=follows), owes("d", deadline=on(60)))
    book = Book()
    book.say(14, "claim", "c")
    book.say(12, "execute", "c", "b", consequence="1")
    book.say(20, "redate", "", ref=1, occurred="2020-01-09")  # done in time, it turns out
    result = book.run(terms, 25)
    assert moves(result)[1:] == [(9, "4", "claimed")]
    assert stands(result, "restore:c:2", 20).life == "due"
    assert stands(result, "d", 20).holds == {("basis-withdrawn", "restore:c:2")}
    assert stands(result, "d", 19).holds == frozenset()
    assert set(reasons(result)) == {2}
    # had the correction itself happened before the execution, the basis would have fallen with the execution
    early = Book()
    early.records += book.records[:2]
    early.say(10, "redate", "", ref=1, occurred="2020-01-09")
    assert stands(early.run(terms, 25), "restore:c:2", 12).activated == day(12)


# ------------------------------------------------------------------------------------------------- formulas, others


def test_joint_is_no_deadlock_and_waits_for_the_slowest() -> None:
    both = {"g": ("c", "d")}
    terms = agreed(owes("c", trigger=Joint("g")), owes("d", trigger=Joint("g")), groups=both)
    assert moves(Book().run(terms, 2), "d") == [(1, "2", "due")]
    book = Book()
    book.say(1, "suspend", "d", "ab")
    book.say(6, "resume", "d", "ab")
    assert moves(book.run(terms, 7), "c") == [(6, "2", "due")]


def test_after_counts_from_the_first_time() -> None:
    book = Book()
    book.say(3, "claim", "d")
    book.say(5, "suspend", "d", "ab")  # irregular: what is fulfilled is not suspended
    terms = agreed(owes("d", claim_ok=True), owes("c", trigger=After(Fulfilled("d"), DAYS[4]), deadline=on(30)))
    assert moves(book.run(terms, 9)) == [(8, "2", "due")]


def test_powers_once_and_while_they_last() -> None:
    power = Power("p", "b", "extend", ("c",), once=True)
    book = Book()
    book.say(5, "extend", "c", "b", period="P5D")
    book.say(6, "extend", "c", "b", period="P5D")
    result = book.run(agreed(owes("c"), powers=(power,)), 20)
    assert moves(result)[1] == (16, "5", "overdue")
    assert set(reasons(result)) == {2}


def test_a_day_that_does_not_exist_gives_no_deadline_and_is_told() -> None:
    terms = agreed(owes("c", trigger=Event("storm"), deadline=Within(Period(months=1))))
    book = Book()
    book.say(31, "external", "storm")
    result = book.run(terms, 400)
    assert moves(result) == [(31, "2", "due")]
    (told,) = result.irregular
    assert (told.seq, told.subject) == (None, "c")
    assert "2020-02-31" in told.reason


def test_known_earlier_is_the_ledger_cut() -> None:
    book = Book()
    book.say(9, "claim", "c")
    book.say(12, "refute", "c", "v")
    assert [r.seq for r in known(book.records, 1)] == [1]
    assert [r.seq for r in as_known_at(book.records, 1)] == [1]


def test_a_run_to_a_day_is_the_beginning_of_a_longer_one() -> None:
    book = Book()
    book.say(3, "suspend", "c", "ab")
    book.say(6, "resume", "c", "ab")
    book.say(20, "claim", "c")
    terms = agreed(owes("c", cure=DAYS[2]), owes("d", trigger=Breached("c"), deadline=Within(DAYS[9], InForce())))
    whole = book.run(terms)
    for n in range(1, 40):
        part = book.run(terms, n)
        assert part.history == tuple(m for m in whole.history if m.instant <= day(n))
        assert part.at(day(n)) == whole.at(day(n))


def test_asking_beyond_the_end_of_a_run_is_refused() -> None:
    result = Book().run(agreed(owes("c")), 5)
    with pytest.raises(ValueError, match="where this run ends"):
        result.at(day(6))


def test_what_never_comes_is_told_in_words() -> None:
    follows = (Consequence("activate", ("c",)),)
    terms = agreed(owes("c", trigger=Never()), owes("x", on_breach=follows), owes("y"))
    assert stands(Book().run(terms, 2), "c", 2).waiting_for == ("the breach that sets it going",)
