"""S1 to S4, R1, M1: each check with an example and its counterpart, changed in one thing; witnesses worked out."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import Any

from detente.agreement.calendar import Calendar
from detente.agreement.lint.endings import ends, last_day, too_late
from detente.agreement.lint.passage import order, votes
from detente.agreement.lint.prices import priced
from detente.agreement.lint.proportion import all_or_nothing, self_judging
from detente.agreement.periods import Interval, Period
from detente.agreement.terms import CalendarPolicy
from tests.lint_small import case, found, ids, small

STOP = {"effect": "suspend", "targets": ["b"], "automatic": True, "notice": "10 days", "resume_when": "a"}


def test_a_consequence_after_the_end() -> None:
    due: Any = {"a": {"deadline": "2020-06-20", "cure": "5 days", "on_breach": [STOP]}, "b": {"obligors": "u"}}
    findings = found(too_late, small(due, sunset="2020-06-30"))
    assert ids(findings) == [("S1", "warning", "a")]
    assert "5 July 2020" in findings[0].why  # 20 June, 5 days to mend, 10 days of notice
    assert found(too_late, small(due, sunset="2020-07-05")) == []
    relative: Any = {**due, "a": {**due["a"], "deadline": {"within": "5 months"}}}
    assert len(found(too_late, small(relative, sunset={"within": "5 months"}))) == 1
    assert found(too_late, small(relative, sunset={"within": "7 months"})) == []
    assert found(too_late, small({**due, "a": {**due["a"], "survives": True}}, sunset="2020-06-30")) == []


def test_the_last_useful_day_of_a_limit() -> None:
    kept: Any = {"a": {"modality": "maintain", "cure": "5 days", "on_breach": [STOP]}, "b": {"obligors": "u"}}
    findings = found(too_late, small(kept, sunset="2020-06-30"))
    assert ids(findings) == [("S1", "info", "a")]
    assert findings[0].witness["last_day"] == "2020-06-15"
    assert found(too_late, small({**kept, "a": {**kept["a"], "deadline": "2020-06-15"}}, sunset="2020-06-30")) == []
    assert len(found(too_late, small({**kept, "a": {**kept["a"], "deadline": "2020-06-16"}}, sunset="2020-06-30"))) == 1


def test_the_last_useful_day_is_the_last() -> None:
    calendar = Calendar(CalendarPolicy("Europe/Paris", "down", "following"))
    rng = random.Random(2)
    for _ in range(1_000):
        end = calendar.deadline(dt.date(2020, 1, 1) + dt.timedelta(days=rng.randint(0, 400)))
        periods = tuple(Period(0, rng.randint(0, 2), rng.randint(0, 40), rng.randint(0, 1) * 5) for _ in range(3))
        day = last_day(calendar, end, periods)
        if day is None:
            assert not any(periods)
            continue

        def over(day: dt.date, periods: tuple[Period, ...] = periods) -> int:
            instant = calendar.deadline(day)
            for period in periods:
                instant = calendar.after(Interval(instant - 1, instant), period) if period else instant
            return instant

        assert over(day) <= end < over(day + dt.timedelta(days=1))


def test_a_power_that_is_gone_before_it_can_be_used() -> None:
    def power(**more: Any) -> dict[str, Any]:
        return {"p": {"holder": "u", "may": "suspend", "targets": ["b"], **more}}

    act: Any = {"a": {"deadline": "2020-06-20", "cure": "5 days"}, "b": {"obligors": "u"}}
    early = small(act, powers=power(when="breached(a)", expires="2020-06-24"))
    assert ids(found(too_late, early)) == [("S1", "warning", "p")]
    # The time to mend ends with the 25th, and so would the power.
    assert len(found(too_late, small(act, powers=power(when="breached(a)", expires="2020-06-25")))) == 1
    assert found(too_late, small(act, powers=power(when="breached(a)", expires="2020-06-26"))) == []
    assert found(too_late, small(act, powers=power(when="breached(a) or in_force", expires="2020-06-24"))) == []
    slow: Any = {**act, "a": {**act["a"], "verification": [{"by": "v", "lag": {"median": "1 day", "q90": "30 days"}}]}}
    findings = found(too_late, small(slow, powers=power(when="breached(a)", expires="2020-06-26")))
    assert [f.witness["known"] for f in findings] == [True]
    assert len(found(too_late, small(act, powers=power(when="at(2020-07-01)", expires="2020-06-30")))) == 1
    assert found(too_late, small(act, powers=power(when="at(2020-06-30)", expires="2020-06-30"))) == []


def test_a_power_by_times_after_entry_into_force() -> None:
    def power(expires: Any, when: str = "breached(a)") -> dict[str, Any]:
        return {"p": {"holder": "u", "may": "terminate", "targets": "agreement", "when": when, "expires": expires}}

    def days(number: int) -> dict[str, str]:
        return {"within": f"{number} days", "of": "in_force"}

    act: Any = {"a": {"deadline": {"within": "30 days"}, "cure": "60 days"}}
    findings = found(too_late, small(act, powers=power(days(30))))
    assert ids(findings) == [("S1", "warning", "p")]
    assert findings[0].witness["earliest"] == {"months": 0, "seconds": 90 * 86400}
    assert len(found(too_late, small(act, powers=power(days(90))))) == 1
    assert found(too_late, small(act, powers=power(days(91)))) == []
    assert found(too_late, small(act, powers=power({"within": "30 days"}))) == []  # of its own beginning
    assert found(too_late, small(act, powers=power(days(30), "breached(a) or signed(k)"))) == []
    assert found(too_late, small({"a": {**act["a"], "modality": "maintain"}}, powers=power(days(30)))) == []
    months = "after(in_force, 1 month) or after(in_force, 29 days)"  # a month can be shorter
    assert found(too_late, small(act, powers=power(days(29), months))) == []
    assert len(found(too_late, small(act, powers=power(days(28), months.replace("month", "year"))))) == 1


def test_a_power_that_begins_when_the_agreement_has_ended() -> None:
    def power(when: str, targets: Any = "agreement") -> dict[str, Any]:
        return {"p": {"holder": "u", "may": "terminate", "targets": targets, "when": when}}

    act: Any = {"a": {"deadline": "2020-01-20"}, "kept": {"survives": True, "deadline": "2022-01-01"}}
    ends: Any = {"sunset": "2020-02-01"}
    findings = found(too_late, small(act, **ends, powers=power("at(2021-01-01)")))
    assert ids(findings) == [("S1", "warning", "p")]
    assert found(too_late, small(act, **ends, powers=power("at(2020-01-15)"))) == []
    assert found(too_late, small(act, **ends, powers=power("at(2021-01-01)", ["kept"]))) == []


def test_nothing_ends() -> None:
    kept: Any = {"a": {"modality": "maintain"}}
    assert ids(found(ends, small(kept))) == [("S2", "warning", "")]
    assert found(ends, small(kept, exit={"notice": "3 months"})) == []
    assert found(ends, small(kept, reviews=["2021-01-01"])) == []
    assert found(ends, small({"a": {"modality": "maintain", "deadline": "2021-01-01"}})) == []
    stop = {"p": {"holder": "u", "may": "terminate", "targets": "agreement"}}
    assert found(ends, small(kept, powers=stop)) == []


def test_the_end_before_the_work_and_nothing_after_it() -> None:
    late: Any = {"a": {"deadline": "2021-01-02"}}
    assert ids(found(ends, small(late, sunset="2021-01-01"))) == [("S2", "warning", "a")]
    assert found(ends, small(late, sunset="2021-01-02")) == []
    assert found(ends, small({"a": {**late["a"], "survives": True}}, sunset="2021-01-01")) == []
    kept: Any = {"a": {"modality": "maintain"}, "b": {"deadline": "2020-01-01"}}
    assert ids(found(ends, small(kept, sunset="2021-01-01"))) == [("S2", "info", "")]
    assert found(ends, small({**kept, "b": {"modality": "maintain", "survives": True}}, sunset="2021-01-01")) == []


def test_judge_in_its_own_case() -> None:
    pays = {"effect": "compensate", "power_of": "u", "amount": "5", "unit": "EUR", "to": "u"}
    own: Any = {"verification": [{"by": "u"}], "on_breach": [pays]}
    findings = found(self_judging, small({"a": own}))
    assert ids(findings) == [("S3", "warning", "a")]
    assert {findings[0].witness[k] for k in ("claimant", "decider", "beneficiary")} == {"u"}
    assert found(self_judging, small({"a": {**own, "verification": [{"by": "v"}]}})) == []
    assert found(self_judging, small({"a": {**own, "verification": [{"by": "u"}, {"by": "v"}]}})) == []
    objects = {**pays, "objection": {"window": "10 days", "blockers": "w"}}
    assert found(self_judging, small({"a": {**own, "on_breach": [objects]}})) == []
    assert found(self_judging, small({"a": own}, dispute={"window": "30 days", "body": "w"})) == []
    assert len(found(self_judging, small({"a": own}, dispute={"window": "30 days"}))) == 1
    assert found(self_judging, small({"a": {**own, "on_breach": [{**pays, "to": "k"}]}})) == []


def test_a_power_over_what_one_owes_oneself() -> None:
    def power(**more: Any) -> dict[str, Any]:
        return {"p": {"holder": "k", "may": "suspend", "targets": ["a"], **more}}

    assert ids(found(self_judging, small({"a": {}}, powers=power()))) == [("S3", "warning", "p")]
    assert found(self_judging, small({"a": {}}, powers=power(when="event(storm)"))) == []
    assert found(self_judging, small({"a": {"obligors": "u"}}, powers=power())) == []
    assert found(self_judging, small({"a": {}}, powers=power(holder="w"))) == []


def test_a_price_and_a_duty() -> None:
    """K saves 5 by not freezing and loses the 6 of open ties: a duty. Detected with a chance of one half: a price."""
    acts: Any = {
        "freeze": {
            "action": {"option": "freeze", "from": "running", "to": "frozen"},
            "on_breach": [{**STOP, "targets": ["ties"], "resume_when": "freeze"}],
        },
        "ties": {"obligors": "u", "action": {"option": "ties", "from": "closed", "to": "open"}},
    }
    assert found(priced, small(acts, case())) == []
    seen: Any = {**acts, "freeze": {**acts["freeze"], "verification": [{"by": "v", "detects": "0.5"}]}}
    findings = found(priced, small(seen, case()))
    assert ids(findings) == [("S4", "warning", "freeze")]
    w: Any = findings[0].witness
    assert (w["gain"], w["cost"], w["detection"], w["lost"]) == ("5", "6", "1/2", {"ties": "6"})
    assert sum(map(Fraction, w["lost"].values())) * Fraction(w["detection"]) < Fraction(w["gain"])
    twice = [{"by": "v", "detects": "0.5"}, {"by": "w", "detects": "0.7"}]  # 1 - 0.5 * 0.3 = 0.85: 5.1 > 5
    assert found(priced, small({**acts, "freeze": {**acts["freeze"], "verification": twice}}, case())) == []
    money = [*acts["freeze"]["on_breach"], {"effect": "compensate", "automatic": True, "amount": "1", "unit": "EUR"}]
    assert found(priced, small({**seen, "freeze": {**seen["freeze"], "on_breach": money}}, case())) == []


def test_what_is_not_done_is_not_lost_twice() -> None:
    """The end of the whole costs K the 6 of open ties, and not the freeze that it does not make anyway."""
    end = {"effect": "terminate", "targets": "agreement", "power_of": "u"}
    acts = {
        "freeze": {"action": {"option": "freeze", "from": "running", "to": "frozen"}, "on_breach": [end]},
        "ties": {"obligors": "u", "action": {"option": "ties", "from": "closed", "to": "open"}},
    }
    assert found(priced, small(acts, case())) == []


def test_what_exactly_pays_for_itself_is_no_price() -> None:
    acts: Any = {
        "gone": {
            "action": {"option": "freeze", "from": "running", "to": "frozen"},
            "on_breach": [{**STOP, "targets": ["half", "watch"], "resume_when": "gone"}],
        },
        "half": {"obligors": "u", "action": {"option": "oil", "from": "none", "to": "full"}},
        "watch": {"action": {"option": "watch", "from": "none", "to": "inspectors"}},  # freed of its own duty: 9 - 4
    }
    assert found(priced, small(acts, case())) == []
    dearer: Any = {**acts, "gone": {**acts["gone"], "action": {"option": "freeze", "from": "running", "to": "gone"}}}
    assert ids(found(priced, small(dearer, case()))) == [("S4", "warning", "gone")]


def test_ratification_without_a_date() -> None:
    entry: Any = {"entry_into_force": "ratified(k) and signed(u)"}
    findings = found(order, small({"a": {"deadline": "2020-01-01"}}, **entry))
    assert ids(findings) == [("R1", "warning", "")]
    assert findings[0].witness["waits_for"] == ["k"]
    assert findings[0].witness["fixed_dates"] == ["a"]
    assert found(order, small({"a": {}})) == []
    assert found(order, small({"a": {}}, entry_into_force="ratified(k) or signed(u)")) == []
    end = {"p": {"holder": "u", "may": "terminate", "targets": "agreement", "when": "not_by(ratified(k), 2020-06-01)"}}
    assert found(order, small({"a": {}}, **entry, powers=end)) == []


def test_given_before_it_is_ratified() -> None:
    entry: Any = {"entry_into_force": "ratified(k) and not_by(ratified(k), 2030-01-01)"}
    early: Any = {"a": {"provisional": True, "reversible": "no"}}
    assert ids(found(order, small(early, **entry))) == [("R1", "warning", "a")]
    assert found(order, small({"a": {**early["a"], "provisional": False}}, **entry)) == []
    assert found(order, small({"a": {**early["a"], "obligors": "u"}}, **entry)) == []


def test_a_deal_that_cannot_pass() -> None:
    def voting(accepts: str) -> Any:
        blocs = {"all": {"votes": "10", "accepts": accepts, "cohesion": "0"}}
        body = {"bodies": {"house": {"quota": "6", "blocs": blocs}}}
        return case(ratification={**body, "requirements": [{"when": "ties == open", "needs": "house"}]})

    act: Any = {"a": {"obligors": "u", "action": {"option": "ties", "to": "open"}}}
    entry: Any = {"entry_into_force": "ratified(u)"}
    findings = found(votes, small(act, voting("0.1"), **entry))
    assert ids(findings) == [("R1", "warning", "")]
    assert findings[0].witness["bodies"] == ["house"]
    assert found(votes, small(act, voting("0.9"), **entry)) == []
    assert len(found(votes, small(act, voting("0.9"), entry_into_force="signed(u)"))) == 1
    other: Any = {"a": {"obligors": "u", "action": {"option": "oil", "to": "half"}}}
    assert found(votes, small(other, voting("0.1"), entry_into_force="signed(u)")) == []


def test_one_breach_ends_everything() -> None:
    end = {"effect": "terminate", "targets": "agreement", "automatic": True}
    assert ids(found(all_or_nothing, small({"a": {"on_breach": [end]}}))) == [("M1", "warning", "a")]
    for softer in (
        {"cure": "10 days", "on_breach": [end]},
        {"on_breach": [{**end, "notice": "10 days"}]},
        {"on_breach": [end, {"effect": "escalate", "automatic": True, "body": "w"}]},
        {"on_breach": [{**end, "targets": ["a"]}]},
    ):
        assert found(all_or_nothing, small({"a": softer})) == []
    both = found(all_or_nothing, small({"a": {"on_breach": [end]}, "b": {"on_breach": [end]}}))
    assert [f.witness["ends"] for f in both] == [{"a": 1, "b": 1}]
