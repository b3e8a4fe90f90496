"""What is seen of an agreement: by each party, if more were recorded, and what comes next; worked out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from detente.agreement.formulas import After, And, Event, Fulfilled, InForce, Or, Progress, Ratified, Verified
from detente.agreement.periods import Interval, Period
from detente.agreement.records import Record
from detente.agreement.terms import Consequence, Dispute, Objection, Power, QuantityAct, Within
from detente.agreement.views import party_view, unrecognised, views
from detente.agreement.what_if import what_if
from tests.agreement_scenes import DAYS, Book, agreed, date, day, moves, on, owes, stands


def test_views_without_what_a_party_does_not_recognise() -> None:
    terms = agreed(owes("c"))
    book = Book()
    book.say(5, "claim", "c")
    book.say(6, "verify", "c", "v")
    book.say(7, "recognise", "", "a", ref=2, answer="no")
    book.say(8, "recognise", "", "b", ref=2, answer="no")
    book.say(9, "recognise", "", "a", ref=2, answer="yes")  # the last word counts
    seen = views(terms, book.records, until=day(20))
    assert unrecognised(terms, book.records) == {"a": frozenset(), "b": frozenset({2})}
    assert stands(seen.authority, "c", 20).life == "fulfilled"
    assert stands(seen.parties["a"], "c", 20).life == "fulfilled"
    assert stands(seen.parties["b"], "c", 20).life == "claimed"
    assert stands(seen.joint, "c", 20).life == "claimed"
    assert seen.differing(day(20)) == ("c",)
    assert seen.differing(day(4)) == ()


def test_a_view_with_a_reading_of_its_own() -> None:
    terms = agreed(owes("c", trigger=Event("storm")))
    reading = agreed(owes("c"))
    assert moves(party_view(terms, [], "b", reading=reading, until=day(3))) == [(1, "2", "due")]
    assert moves(views(terms, [], {"b": reading}, day(3)).joint) == []


def test_all_views_are_one_where_all_recognise_everything() -> None:
    book = Book()
    book.say(5, "claim", "c")
    book.say(6, "recognise", "", "ab", ref=1, answer="yes")
    seen = views(agreed(owes("c")), book.records, until=day(30))
    assert seen.joint.history == seen.authority.history == seen.parties["a"].history == seen.parties["b"].history


def test_what_if_tells_only_what_is_different_and_saves_nothing() -> None:
    terms = agreed(
        owes("c", claim_ok=True), owes("d", trigger=Fulfilled("c"), deadline=on(40)), owes("e", deadline=on(50))
    )
    book = Book()
    book.say(3, "suspend", "e", "ab")
    claim = Record(99, 0, Interval(day(9), day(9)), "claim", "c", ("a",))
    useless = replace(claim, kind="refute")
    told = what_if(terms, book.records, [claim, useless], day(15))
    assert [d.commitment for d in told.changed] == ["c", "d"]
    (c, d) = told.changed
    assert [s.life for s in (c.before, c.after) if s is not None] == ["breached", "fulfilled"]
    assert {"life", "activated"} <= set(d.fields)
    assert "holds" not in d.fields
    assert [(m.commitment, m.row) for m in told.moves] == [("c", "4"), ("d", "2")]
    assert [(m.commitment, m.row) for m in told.lost] == [("c", "5"), ("c", "8")]
    assert [i.seq for i in told.irregular] == [3]  # numbered after the last of the ledger
    assert len(book.records) == 1


def test_next_what_for_whom_until_when() -> None:
    terms = agreed(
        owes("c"),
        owes("d", deadline=on(7)),
        owes("e", cure=DAYS[9]),
        owes("f", trigger=And((Fulfilled("c"), Or((Event("storm"), Ratified("b")))))),
        owes("k", modality="maintain", act=QuantityAct("stock", "<=", Fraction(300)), deadline=on(60)),
        dispute=Dispute(DAYS[5], "w"),
    )
    book = Book()
    book.say(5, "claim", "c")
    book.say(6, "claim", "d")
    book.say(7, "contest", "d", "b")
    coming = book.run(terms, 13).next(day(12))
    told = [(c.commitment, c.what, c.who, c.last_day) for c in coming.coming]
    # contested on day 7, five days more end with day 12; overdue since the end of day 10, nine days more
    assert told == [
        ("d", "dispute", ("w",), date(12)),
        ("e", "cure", ("a",), date(19)),
        ("c", "verification", ("v",), date(25)),
        ("k", "end of what is kept", ("a",), date(60)),
    ]
    assert coming.waiting == (("f", ("‘c’ to be done", "the event ‘storm’ or b to ratify")),)


def test_the_last_useful_day_of_a_power() -> None:
    objection = Objection(DAYS[30], ("b",))
    follows = (
        Consequence("reverse", ("d",), power_of="b", notice=DAYS[5], objection=objection, resume=Fulfilled("c")),
        Consequence("suspend", ("d",), power_of="b", notice=Period(months=1), resume=Fulfilled("c")),
    )
    powers = (
        Power("p", "w", "terminate", ("c",), expires=on(20)),
        Power("q", "w", "extend", ("c",), expires=Within(DAYS[3], Event("storm"))),
    )
    terms = agreed(owes("c", on_breach=follows), owes("d"), sunset=on(100), powers=powers)
    found = {u.power: (u.holder, u.last_day) for u in Book().run(terms, 5).next(day(5)).powers}
    assert found["p"] == ("w", date(20))
    assert found["q"] == ("w", None)  # its time has not begun
    # notified on day n, the notice ends with day n + 5; its end is an instant of day n + 6, from which 30 days more end
    # with day n + 36; the sunset is the end of day 100, and what applies only then comes too late
    assert found["c/1"] == ("b", date(63))
    # day 100 is 9 April: a month after 9 March ends with it, a month after 8 March the day before
    assert date(100) == dt.date(2020, 4, 9)
    assert found["c/2"] == ("b", dt.date(2020, 3, 8))


def test_waiting_in_words() -> None:
    terms = agreed(
        owes("c", title="the declaration"),
        owes("d", trigger=And((Verified("c"), Progress("c", Fraction(1, 2))))),
        owes("e", trigger=After(InForce(), DAYS[9])),
        owes("f", trigger=After(Event("storm"), DAYS[9])),
    )
    result = Book().run(terms, 5)
    told = {n: stands(result, n, 5).waiting_for for n in "def"}
    assert told["d"] == ("‘the declaration’ to be done and confirmed", "‘the declaration’ to be done to 50 %")
    assert told["e"] == ("the end of 9 days, 10 January 2020",)
    assert told["f"] == ("9 days after the event ‘storm’",)
