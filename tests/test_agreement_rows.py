"""Each row of the table of life states, in scenes whose outcome was worked out by hand from the rules."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detente.agreement.formulas import Breached, Event, Fulfilled, Never, NotBy
from detente.agreement.periods import Period
from detente.agreement.table import BY_ID
from detente.agreement.terms import (
    Amendment,
    Consequence,
    Dispute,
    Every,
    Exit,
    On,
    Power,
    QuantityAct,
    Verification,
)
from tests.agreement_scenes import CHECKED, DAYS, Book, agreed, date, day, moves, on, owes, reasons, stands

DISPUTE = Dispute(DAYS[5], "w")


def test_1_2_waiting_then_due_when_the_trigger_is_true() -> None:
    book = Book()
    book.say(4, "external", "storm")
    result = book.run(agreed(owes("c", trigger=Event("storm"))), 5)
    assert [(m.row, m.instant) for m in result.history] == [("1", day(1)), ("2", day(4))]
    assert result.history[1].cause == "clock"
    (missing,) = stands(result, "c", 3).waiting_for
    assert "storm" in missing


def test_1_an_agreement_that_is_not_in_force_leaves_all_inert() -> None:
    result = Book().run(agreed(owes("c"), entry=Event("storm")))
    assert result.history == ()
    assert stands(result, "c", 50).life == "inert"


def test_1_provisional_from_all_signatures() -> None:
    book = Book()
    book.say(2, "sign", "agreement", "a")
    book.say(3, "sign", "agreement", "b")
    result = book.run(agreed(owes("c", provisional=True), owes("d"), entry=Event("storm")), 5)
    assert [(m.commitment, m.row, m.instant) for m in result.history] == [("c", "1", day(3)), ("c", "2", day(3))]


def test_2_by_a_consequence_though_its_trigger_never_comes() -> None:
    follows = (Consequence("activate", ("d",)),)
    terms = agreed(owes("c", on_breach=follows), owes("d", trigger=Never(), deadline=on(30)))
    # overdue and, without time to cure, breached at the end of day 10; d is due at the same instant
    assert moves(Book().run(terms, 12)) == [(1, "2", "due"), (11, "5", "overdue"), (11, "8", "breached")]
    assert moves(Book().run(terms, 12), "d") == [(11, "2", "due")]


def test_3_lapse_time_and_impossible_trigger() -> None:
    terms = agreed(
        owes("c", trigger=Event("storm"), lapse=on(3)),
        owes("d", trigger=Fulfilled("c")),
        owes("e", trigger=NotBy(Event("storm"), date(2))),
    )
    book = Book()
    book.say(1, "external", "storm")
    # with the storm on day 1 c is due at once, and e (no storm before day 2) has become impossible
    assert moves(book.run(terms, 4), "e") == [(1, "3", "lapsed")]
    without = Book().run(terms, 5)
    assert moves(without) == [(4, "3", "lapsed")]  # the end of day 3
    assert moves(without, "d") == [(4, "3", "lapsed")]  # what waits for it can no longer come
    assert moves(without, "e")[0] == (2, "2", "due")


def test_4_9_claimed_in_time_and_verified() -> None:
    book = Book()
    book.say(8, "claim", "c")
    book.say(9, "verify", "c", "v")
    result = book.run(agreed(owes("c")))
    assert moves(result) == [(1, "2", "due"), (8, "4", "claimed"), (9, "9", "fulfilled")]
    found = stands(result, "c", 9)
    assert found.late is False
    assert found.progress == 1
    assert (found.finding.kind, found.finding.by) == ("verified", ("v",))
    assert [m.cause for m in result.history[2:]] == [1, 2]


def test_4_a_claim_is_enough_where_the_text_says_so() -> None:
    book = Book()
    book.say(8, "claim", "c")
    assert moves(book.run(agreed(owes("c", claim_ok=True)))) == [(1, "2", "due"), (8, "4", "fulfilled")]


def test_4_a_claim_at_the_deadline_is_late() -> None:
    book = Book()
    book.say(11, "claim", "c")  # 00:00 of day 11 is the deadline: no longer in time
    result = book.run(agreed(owes("c")), 11)
    assert moves(result) == [(1, "2", "due"), (11, "4", "claimed")]
    assert stands(result, "c", 11).late is True


def test_5_8_overdue_breached_with_what_passed() -> None:
    result = Book().run(agreed(owes("c", cure=DAYS[10])))
    # the deadline ends day 10; ten days more end day 20
    assert moves(result) == [(1, "2", "due"), (11, "5", "overdue"), (21, "8", "breached")]
    breach = result.history[-1]
    assert (breach.deadline, breach.cure_end, breach.cause) == (day(11), day(21), "clock")
    assert stands(result, "c", 21).blame == ("a",)
    assert stands(result, "c", 20).breached_at is None


def test_6_declared_and_withdrawal_without_exit() -> None:
    book = Book()
    book.say(3, "declare_nonperformance", "c")
    book.say(4, "withdraw", "agreement", "a")
    result = book.run(agreed(owes("c"), owes("d"), owes("e", obligors=("b",), obligees=("a",))), 5)
    assert moves(result) == [(1, "2", "due"), (3, "6", "breached")]
    assert moves(result, "d") == [(1, "2", "due"), (4, "6", "breached")]
    assert moves(result, "e") == [(1, "2", "due")]


def test_7_11_late_claim_refuted_gives_notice() -> None:
    book = Book()
    book.say(12, "claim", "c")
    book.say(14, "refute", "c", "v")
    result = book.run(agreed(owes("c", cure=DAYS[2]), notice=DAYS[7]))
    # cure would end with day 12; the notice after the refutation on day 14 ends with day 21
    assert moves(result)[1:] == [
        (11, "5", "overdue"), (12, "7", "claimed"), (14, "11", "overdue"), (22, "8", "breached"),
    ]  # fmt: skip
    assert stands(result, "c", 13).late is True


def test_11_refuted_before_the_deadline_and_access_denied() -> None:
    book = Book()
    book.say(3, "claim", "c")
    book.say(4, "refute", "c", "v")
    book.say(5, "claim", "c")
    book.say(6, "access", "c", "v", answer="denied")
    assert moves(book.run(agreed(owes("c")), 7))[1:] == [
        (3, "4", "claimed"), (4, "11", "due"), (5, "4", "claimed"), (6, "11", "due"),
    ]  # fmt: skip


def test_10_12_unverified_then_verified_or_claimed_again() -> None:
    book = Book()
    book.say((3, 4), "claim", "c")  # some time on day 3: twenty days more end day 23
    terms = agreed(owes("c"))
    assert moves(book.run(terms))[1:] == [(3, "4", "claimed"), (24, "10", "unverified")]
    book.say(30, "verify", "c", "v")
    assert moves(book.run(terms))[3:] == [(30, "12", "fulfilled")]
    again = Book()
    again.say(3, "claim", "c")
    again.say(25, "claim", "c")
    result = again.run(terms, 26)
    assert moves(result)[2:] == [(24, "10", "unverified"), (25, "12", "claimed")]
    assert stands(result, "c", 25).late is True


def test_13_claimed_after_the_breach_and_remedied() -> None:
    book = Book()
    book.say(15, "claim", "c")
    book.say(16, "refute", "c", "v")
    book.say(17, "claim", "c")
    book.say(18, "verify", "c", "v")
    result = book.run(agreed(owes("c")))
    assert moves(result)[3:] == [
        (15, "13", "claimed"), (16, "11", "breached"), (17, "13", "claimed"), (18, "9", "remedied"),
    ]  # fmt: skip
    assert stands(result, "c", 18).breached_at == day(11)  # the fact stays


def test_13a_13b_extinguished_and_replaced() -> None:
    terms = agreed(
        owes("c", after_breach="extinguish"),
        owes("d", after_breach="replace", on_breach=(Consequence("activate", ("fine",)),)),
        owes("fine", trigger=Never(), deadline=on(40)),
        owes("e", trigger=Fulfilled("d"), deadline=on(60)),
    )
    book = Book()
    book.say(20, "claim", "fine")
    book.say(21, "verify", "fine", "v")
    result = book.run(terms, 30)
    assert moves(result)[2:] == [(11, "8", "breached"), (11, "13a", "terminated")]
    assert moves(result, "d")[2:] == [(11, "8", "breached"), (11, "13b", "superseded")]
    assert moves(result, "fine") == [(11, "2", "due"), (20, "4", "claimed"), (21, "9", "fulfilled")]
    assert moves(result, "e") == [(21, "2", "due")]  # what waits for d waits for what took its place


@pytest.mark.parametrize(
    ("decision", "row"),
    [("uphold", (14, "15", "breached")), ("overturn", (14, "15", "fulfilled"))],
)
def test_14_15_contested_and_decided(decision: str, row: tuple[float, str, str]) -> None:
    book = Book()
    book.say(8, "claim", "c")
    book.say(12, "contest", "c", "b")
    book.say(14, decision, "c", "w")
    result = book.run(agreed(owes("c"), dispute=DISPUTE), 15)
    assert moves(result)[2:] == [(12, "14", "disputed"), row]
    assert stands(result, "c", 13).finding.kind == "contested"
    assert stands(result, "c", 13).dispute_end == day(18)  # contested on day 12, five days more


def test_14_the_window_to_contest() -> None:
    book = Book()
    book.say(5, "claim", "c")
    book.say(10.99, "contest", "c", "b")  # five days after day 5 end with day 10
    assert stands(book.run(agreed(owes("c"), dispute=DISPUTE), 11), "c", 11).life == "disputed"
    late = Book()
    late.say(5, "claim", "c")
    late.say(11, "contest", "c", "b")
    result = late.run(agreed(owes("c"), dispute=DISPUTE), 11)
    assert stands(result, "c", 11).life == "claimed"
    assert reasons(result) == {2: "the time to contest is over"}


@pytest.mark.parametrize(
    ("default", "after"), [("previous", "claimed"), ("breached", "breached"), ("fulfilled", "fulfilled")]
)
def test_15_silence(default: str, after: str) -> None:
    book = Book()
    book.say(5, "claim", "c")
    book.say(6, "contest", "c", "b")
    dispute = Dispute(DAYS[5], "w", default)  # type: ignore[arg-type]
    assert moves(book.run(agreed(owes("c"), dispute=dispute), 13))[2:] == [(6, "14", "disputed"), (12, "15", after)]


def test_15_overturned_breach_goes_back_and_does_not_come_again() -> None:
    book = Book()
    book.say(12, "contest", "c", "a")
    book.say(13, "overturn", "c", "w")
    follows = (Consequence("suspend", ("d",)), Consequence("compensate", amount=Fraction(5)))
    terms = agreed(owes("c", on_breach=follows), owes("d", deadline=on(90)), dispute=DISPUTE)
    result = book.run(terms, 40)
    assert moves(result)[2:] == [(11, "8", "breached"), (12, "14", "disputed"), (13, "15", "overdue")]
    assert stands(result, "d", 12).holds == {("suspended", "c")}
    assert stands(result, "d", 13).holds == frozenset()
    assert [o.fell for o in result.owed] == [day(13)]
    assert stands(result, "c", 40).breached_at is None
    book.say(15, "extend", "c", "ab", until="2020-01-20")  # the deadline anew: rows 5 and 8 can fire again
    assert moves(book.run(terms, 40))[5:] == [(21, "8", "breached")]


def test_15_withdrawn_contest() -> None:
    book = Book()
    book.say(8, "claim", "c")
    book.say(9, "contest", "c", "b")
    book.say(9.5, "withdraw_contest", "c", "a")  # not by whoever contested
    book.say(10, "withdraw_contest", "c", "b")
    result = book.run(agreed(owes("c"), dispute=DISPUTE), 12)
    assert moves(result)[2:] == [(9, "14", "disputed"), (10, "15", "claimed")]
    assert stands(result, "c", 10).finding.kind == "claimed"
    assert set(reasons(result)) == {3}


def test_16_waived_by_all_obligees_or_by_power() -> None:
    terms = agreed(
        owes("c", obligees=("b", "d")),
        owes("e"),
        parties=("a", "b", "d"),
        powers=(Power("p", "w", "waive", ("e",), expires=on(4)),),
    )
    book = Book()
    book.say(3, "waive", "c", "b")
    book.say(5, "waive", "c", "d")
    book.say(4, "waive", "e", "w")
    assert moves(book.run(terms, 6))[1:] == [(5, "16", "waived")]
    assert moves(book.run(terms, 6), "e")[1:] == [(4, "16", "waived")]
    late = Book()
    late.say(5, "waive", "e", "w")  # at the end of day 4 the power is gone
    assert moves(late.run(terms, 6), "e")[1:] == []


def test_17_terminated_by_all_by_sunset_by_exit_by_consequence() -> None:
    book = Book()
    book.say(3, "terminate", "c", "ab")
    book.say(4, "terminate", "d", "a")
    result = book.run(agreed(owes("c"), owes("d")), 5)
    assert moves(result)[1:] == [(3, "17", "terminated")]
    assert moves(result, "d")[1:] == []
    assert set(reasons(result)) == {2}
    sunset = Book().run(agreed(owes("c"), owes("d", survives=True, deadline=on(20)), sunset=on(5)), 8)
    assert moves(sunset)[1:] == [(6, "17", "terminated")]
    assert moves(sunset, "d")[1:] == []
    leave = Book()
    leave.say(2, "withdraw", "agreement", "b")
    assert moves(leave.run(agreed(owes("c"), exit=Exit(DAYS[3])), 9))[1:] == [(6, "17", "terminated")]
    end = Book().run(agreed(owes("c", on_breach=(Consequence("terminate", ("d",)),)), owes("d", deadline=on(40))), 12)
    assert moves(end, "d")[1:] == [(11, "17", "terminated")]
    assert end.history[-1].because == "c/1"


def test_18_replaced_by_an_amendment() -> None:
    terms = agreed(
        owes("c"), owes("n", amendment="m", deadline=on(40)), owes("e", trigger=Fulfilled("c"), deadline=on(60)),
        amendments=(Amendment("m", (("c", "n"),)),),
    )  # fmt: skip
    book = Book()
    book.say(3, "claim", "c", progress="0.4")
    book.say(5, "amend", "m", "ab")
    book.say(6, "claim", "n")
    book.say(7, "verify", "n", "v")
    result = book.run(terms, 12)
    assert moves(result)[1:] == [(5, "18", "superseded")]
    assert moves(result, "n") == [(5, "2", "due"), (6, "4", "claimed"), (7, "9", "fulfilled")]
    assert stands(result, "n", 5).progress == Fraction(2, 5)
    assert stands(result, "n", 4).life == "inert"
    assert moves(result, "e") == [(7, "2", "due")]


def test_19_holds_move_the_deadline_and_the_cure() -> None:
    book = Book()
    book.say(3, "suspend", "c", "ab", reason="storm")
    book.say(5, "resume", "c", "ab", reason="storm")
    book.say(14, "suspend", "c", "ab", reason="storm")
    book.say(17, "resume", "c", "ab", reason="storm")
    result = book.run(agreed(owes("c", cure=DAYS[4])))
    # two days held: the deadline moves to the end of day 12; four days to cure end day 16, three days held: day 19
    assert moves(result) == [(1, "2", "due"), (13, "5", "overdue"), (20, "8", "breached")]
    assert stands(result, "c", 4).deadline == day(12)  # one day held so far
    assert stands(result, "c", 16).cure_end == day(19)


def test_19_a_clock_that_runs_while_held() -> None:
    book = Book()
    book.say(3, "suspend", "c", "ab")
    result = book.run(agreed(owes("c", clock_when_held="run")), 12)
    assert moves(result)[1:] == [(11, "5", "overdue"), (11, "8", "breached")]


LIMIT = QuantityAct("stock", "<=", Fraction(300))


def test_k1_k2_k3_episodes_and_the_end() -> None:
    book = Book()
    book.say(2, "measure", "c", "v", value="301")
    book.say(4, "measure", "c", "v", value="300")
    book.say(5, "attest", "c", "v", holds="no")
    book.say(6, "verify", "c", "v")
    result = book.run(agreed(owes("c", modality="maintain", act=LIMIT, cure=DAYS[3])))
    assert moves(result)[1:] == [
        (2, "K1", "overdue"), (4, "K2", "due"), (5, "K1", "overdue"), (6, "K2", "due"), (11, "K3", "fulfilled"),
    ]  # fmt: skip
    assert stands(result, "c", 20).episodes == ((day(2), day(4)), (day(5), day(6)))
    assert stands(result, "c", 3).episodes == ((day(2), None),)


def test_k4_returned_after_the_breach_is_remedied_at_the_end() -> None:
    book = Book()
    book.say(2, "refute", "c", "v")
    book.say(9, "attest", "c", "v", holds="yes")
    result = book.run(agreed(owes("c", modality="maintain", cure=DAYS[3])))
    # the violation on day 2 and three days to cure end day 5
    assert moves(result)[1:] == [
        (2, "K1", "overdue"), (6, "8", "breached"), (9, "K4", "due"), (11, "K3", "remedied"),
    ]  # fmt: skip


def test_refrain_a_claim_of_the_other_side_is_a_violation() -> None:
    book = Book()
    book.say(3, "claim", "c", "a")
    book.say(4, "claim", "c", "b")
    result = book.run(agreed(owes("c", modality="refrain", cure=DAYS[30])), 5)
    assert moves(result)[1:] == [(4, "K1", "overdue")]
    assert set(reasons(result)) == {1}


def test_inspection_dates_without_a_finding() -> None:
    every = (Verification("v", every=DAYS[4]),)
    book = Book()
    book.say(7, "attest", "c", "v", holds="yes")
    result = book.run(agreed(owes("c", modality="maintain", verification=every, deadline=on(30))), 15)
    # activated on day 1: looked at when days 5, 9, 13 end; a finding lies between the first two
    kinds = [stands(result, "c", n).finding.kind for n in (5.9, 6, 7, 10, 13.9, 14)]
    assert kinds == ["none", "no-conclusion", "verified", "verified", "verified", "no-conclusion"]


def test_recurrent_instances_one_after_the_other() -> None:
    every = Every("FREQ=DAILY;INTERVAL=5;COUNT=3", date(5))  # due on days 5, 10, 15
    book = Book()
    book.say(3, "claim", "c")
    book.say(12, "claim", "c")
    terms = agreed(
        owes("c", modality="recurrent", deadline=every, claim_ok=True, cure=DAYS[1]), owes("d", trigger=Breached("c"))
    )
    result = book.run(terms)
    assert moves(result, "c#1") == [(1, "2", "due"), (3, "4", "fulfilled")]
    # the second is due on day 10, cured by the end of day 11; the claim on day 12 means the earliest that is open
    assert moves(result, "c#2") == [
        (6, "2", "due"), (11, "5", "overdue"), (12, "7", "fulfilled"),
    ]  # fmt: skip
    assert moves(result, "c#3") == [(11, "2", "due"), (16, "5", "overdue"), (17, "8", "breached")]
    assert moves(result, "d")[0] == (17, "2", "due")


def test_the_table_holds_every_move_of_these_scenes() -> None:
    assert set(BY_ID) == {
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "13a", "13b", "14", "15", "16", "17",
        "18", "K1", "K2", "K3", "K4",
    }  # fmt: skip
    book = Book()
    book.say(8, "claim", "c")
    result = book.run(agreed(owes("c", verification=CHECKED), owes("d", deadline=On(day(12)), cure=Period(hours=5))))
    for m in result.history:
        assert m.before in BY_ID[m.row].before
        assert m.after in BY_ID[m.row].after
    assert moves(result, "d")[1:] == [(12, "5", "overdue"), (12 + 5 / 24, "8", "breached")]
