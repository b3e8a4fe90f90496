"""Sealed forecasts: what is sealed is what is opened, any change shows, and what came true is judged by its date."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from copy import deepcopy
from dataclasses import replace
from functools import cache
from math import inf, log
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from detente.base.errors import CaseError, UsageError
from detente.case.model import Case
from detente.cli.contracts.forecast import FORECAST
from detente.cli.contracts.forecast_seals import SCORES, SEALED
from detente.cli.contracts.parts import object_of
from detente.cli.contracts.track_record import TRACK_RECORD
from detente.cli.forecast_seals import open_from, score_files, seal_to
from detente.forecast.calibration import FEW
from detente.forecast.came_true import read_came_true
from detente.forecast.narrative import record as lines_record
from detente.forecast.record import Record, record_of, score
from detente.forecast.result import Forecast
from detente.forecast.seals import LONGEST, MOST_BYTES, Sealed, canonical, hash_of, matches, open_seal, seal
from detente.forecast.solve import Work, forecast
from detente.forecast.track import record_text
from tests.test_forecast_told import provenance, source_of, tree

NOON = dt.datetime(2019, 1, 29, 12, tzinfo=dt.UTC)
SALT = "0123456789abcdef" * 4
DATES = ["2019-04-29", "2019-12-29"]


@cache
def found() -> Forecast:
    source = source_of(tree(), 16)
    return forecast(source, provenance(source), work=Work(effort=None, scenario_draws=0))


def outcome(name: str, p: list[float], rate: float | None = None) -> dict[str, Any]:
    told = None if rate is None else {"value": rate, "source": None, "note": ""}
    return {"name": name, "p": p, "low": p, "high": p, "base_rate": told}


def content(**changes: Any) -> dict[str, Any]:
    """A seal with what is needed of it; chances are easy to work with by hand."""
    told: dict[str, Any] = {
        "at": DATES, "reached": "ever",
        "outcomes": [
            outcome("deal", [0.2, 0.5], 0.1), outcome("part", [0.3, 0.4]), outcome("no deal", [0.5, 0.1], 0.7),
        ],
    }  # fmt: skip
    written: dict[str, Any] = {
        "seal": 1, "sealed": "2019-01-29T12:00:00Z", "salt": SALT, "detente": "0.1.0", "title": "A test",
        "as_of": "2019-01-29", "provenance": {"case": "test", "digest": "sha256:0", "seed": 3},
        "forecast": {**told, **{k: v for k, v in changes.items() if k in told}},
        **{k: v for k, v in changes.items() if k not in told},
    }  # fmt: skip
    return deepcopy({**written, "hash": hash_of(written)})


def opened(name: str = "one", **changes: Any) -> Sealed:
    return open_seal(json.dumps(content(**changes)), f"{name}.seal.json")


def judged(lines: list[tuple[str, str, str]], *seals: Sealed, today: dt.date | None = None) -> Record:
    written = [{"seal": s, "at": d, "outcome": o} for s, d, o in lines]
    return score(seals, read_came_true(json.dumps(written), seals, "true.json", today))


# --- sealing and opening ---------------------------------------------------------------------------------------------


def test_what_is_sealed_is_opened() -> None:
    made = seal(found(), NOON, SALT)
    jsonschema.validate(made, object_of(**SEALED))
    assert made["forecast"] == json.loads(json.dumps(found().to_dict()))
    assert made["provenance"]["digest"] == found().case.digest()
    back = open_seal(json.dumps(made, indent=3), "dir/first.seal.json")
    assert (back.name, back.when, back.case, back.as_of) == ("first", NOON, "told", dt.date(2019, 1, 29))
    assert back.dates == found().dates
    assert back.names == found().names
    assert back.p == tuple(map(tuple, found().answer.p[:, : len(back.names)].tolist()))
    assert back.low == tuple(map(tuple, found().answer.low[:, : len(back.names)].tolist()))
    assert back.high == tuple(map(tuple, found().answer.high[:, : len(back.names)].tolist()))
    assert back.base_rates == {"deal": 0.15}
    assert back.ever


def test_the_hash_can_be_worked_out_without_this_program() -> None:
    made = seal(found(), NOON, SALT)
    rest = {k: v for k, v in made.items() if k != "hash"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    assert made["hash"] == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert text == canonical(rest)


def test_a_title_is_cut_and_what_could_not_be_opened_is_not_sealed() -> None:
    def titled(title: str) -> Forecast:
        return replace(found(), case=Case.from_dict({**tree(), "title": title}))

    assert seal(titled("two\n lines " * 99), NOON, SALT)["title"] == ("two lines " * 99)[:LONGEST]
    with pytest.raises(CaseError, match="title: found hidden characters"):
        seal(titled("\u202eevil"), NOON, SALT)


def test_rounding_is_no_fault() -> None:
    rows = [outcome("deal", [1 + 1e-12, 0.5]), outcome("no deal", [-1e-12, 0.5])]
    assert opened(outcomes=rows).p == ((1.0, 0.0), (0.5, 0.5))
    with pytest.raises(CaseError, match="a chance from 0 to 1"):
        opened(outcomes=[outcome("deal", [1 + 1e-5, 0.5]), outcome("no deal", [-1e-5, 0.5])])


def test_the_time_is_told_in_utc_and_the_salt_makes_another_hash() -> None:
    seoul = dt.datetime(2019, 1, 29, 21, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    made = seal(found(), seoul, SALT)
    assert made["sealed"] == "2019-01-29T12:00:00Z"
    assert made == seal(found(), NOON, SALT)
    assert made["hash"] != seal(found(), NOON, SALT[::-1])["hash"]
    with pytest.raises(UsageError, match="time zone"):
        seal(found(), NOON.replace(tzinfo=None), SALT)
    for salt in ("", "abc", "G" * 32, "A" * 32, "a" * 129):
        with pytest.raises(UsageError, match="salt"):
            seal(found(), NOON, salt)


def test_any_change_shows() -> None:
    """Every leaf of a seal, changed by as little as can be written, breaks it; another layout does not."""
    made = seal(found(), NOON, SALT)
    rng = random.Random(7)

    def leaves(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        inner = [leaf for k, v in items for leaf in leaves(v, (*path, k))]
        return inner if isinstance(node, dict | list) else [path]

    paths = [p for p in leaves(made) if p not in (("hash",), ("seal",))]
    for path in [*rng.sample(paths, 150), ("sealed",), ("salt",), ("title",), ("provenance", "digest")]:
        changed = deepcopy(made)
        node: Any = changed
        for step in path[:-1]:
            node = node[step]
        value = node[path[-1]]
        node[path[-1]] = value + 1e-15 if isinstance(value, float) and value < 1 else f"{value}x"
        if node[path[-1]] == value:
            continue
        with pytest.raises(CaseError, match="does not fit the content"):
            open_seal(json.dumps(changed), "x.json")
    turned = dict(reversed(list(made.items())))
    assert open_seal(json.dumps(turned, indent=7, ensure_ascii=False), None).hash == made["hash"]
    with pytest.raises(CaseError, match="does not fit"):
        open_seal(json.dumps({**made, "more": 1}))


def test_the_published_hash() -> None:
    text = json.dumps(content())
    full = opened().hash
    for told in (full, full.removeprefix("sha256:"), full[:15], full[7:].upper(), f" {full}\n"):
        assert open_seal(text, None, told).hash == full
    for told in ("", full[7:14], "sha256:", "0" * 64, full + "0"):
        assert not matches(opened(), told)
        with pytest.raises(UsageError, match="not the one of"):
            open_seal(text, "x.json", told)


HOSTILE: list[tuple[Any, str]] = [
    (b"", "unreadable JSON"),
    (b"\xff\xfe", "UTF-8"),
    (b"not json", "x.json:1:1: found unreadable JSON"),
    (b'{"seal": 1,\n "hash" 2}', "x.json:2:9: found unreadable JSON"),
    (b"[" * 200_000, "without end|unreadable JSON"),
    (b'{"seal":' * 50_000, "without end|unreadable JSON"),
    (b"9" * 5000, "x.json: found"),
    (b'{"seal": NaN}', "the number NaN"),
    (b'{"seal": 1e999}', "x.json: found"),
    (b'{"seal": 1, "seal": 1}', "a key written twice"),
    (b'{"a": {"b": 1, "b": 2}}', "a key written twice"),
    (b"[]", "no sealed forecast"),
    (b"3", "no sealed forecast"),
    (b"null", "no sealed forecast"),
    (b"{}", "no sealed forecast"),
    (b'{"seal": 2}', "seal: found '2'; expected 1"),
    (b'{"seal": true}', "seal: found 'True'"),
    (b'{"seal": 1}', "hash: found nothing"),
    (b'{"seal": 1, "hash": ["sha256"]}', "hash: found a list"),
    (b" " * (MOST_BYTES + 1), "bytes"),
]


@pytest.mark.parametrize(("data", "told"), HOSTILE)
def test_files_that_are_no_seals(data: bytes, told: str) -> None:
    with pytest.raises(CaseError, match=told) as error:
        open_seal(data, "x.json")
    assert error.value.exit_code == 2


ONE = [outcome("a", [0.5, 0.5])]
FALSE: list[tuple[dict[str, Any], str]] = [
    ({"forecast": None}, "forecast: found nothing"),
    ({"forecast": [1]}, "forecast: found a list"),
    ({"provenance": 3}, "provenance: found '3'"),
    ({"provenance": {"case": 1, "digest": "", "seed": None}}, "provenance.case"),
    ({"provenance": {"case": "c", "digest": None, "seed": None}}, "provenance.digest"),
    ({"provenance": {"case": "c", "digest": "d", "seed": 0.5}}, "provenance.seed"),
    ({"provenance": {"case": "c", "digest": "d", "seed": True}}, "provenance.seed"),
    ({"title": "x" * (LONGEST + 1)}, "title"),
    ({"title": "two\nlines"}, "title: found hidden"),
    ({"title": "\u202eevil"}, "title: found hidden"),
    ({"title": "\ud800"}, "title: found hidden"),
    ({"detente": None}, "detente: found nothing"),
    ({"as_of": 2019}, "as_of: found '2019'"),
    ({"sealed": "yesterday"}, "sealed: found 'yesterday'"),
    ({"sealed": "2019-02-30T12:00:00Z"}, "sealed"),
    ({"sealed": "2019-01-29T12:00:00+09:00"}, "sealed"),
    ({"at": None}, "forecast.at: found nothing"),
    ({"at": []}, "forecast.at: found 0 dates"),
    ({"at": ["2019-04-29", "soon"]}, r"forecast.at\[1\]: found 'soon'"),
    ({"at": ["2019-04-29", "2019-04-29"]}, "a date a second time"),
    ({"at": ["2019-04-29"] * 1001}, "1,001 dates"),
    ({"reached": "soon"}, "forecast.reached"),
    ({"reached": []}, "forecast.reached: found a list"),
    ({"outcomes": {}}, "forecast.outcomes: found a mapping"),
    ({"outcomes": []}, "0 outcomes"),
    ({"outcomes": ["a"]}, r"forecast.outcomes\[0\]: found 'a'"),
    ({"outcomes": [{"name": "a"}]}, r"forecast.outcomes\[0\].p: found nothing"),
    ({"outcomes": [outcome("a", [1])]}, "1 numbers; expected a list with one chance per date, 2"),
    ({"outcomes": ONE}, "the sum 0.5 at date 1"),
    ({"outcomes": ONE * 2}, "an outcome a second time"),
    ({"outcomes": [outcome("a", [1.5, 1])]}, r"outcomes\[0\].p\[0\]: found '1.5'"),
    ({"outcomes": [outcome("a", [True, 1])]}, r"outcomes\[0\].p\[0\]: found 'True'"),
    ({"outcomes": [outcome("a", [1, 1], 7)]}, r"outcomes\[0\].base_rate: found '7'"),
    ({"outcomes": [{**outcome("a", [1, 1]), "base_rate": "x"}]}, r"outcomes\[0\].base_rate: found 'x'"),
]


@pytest.mark.parametrize(("changes", "told"), FALSE)
def test_a_fitting_hash_over_nonsense_is_no_seal(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(CaseError, match=told) as error:
        opened(**changes)
    str(error.value).encode()


def test_no_part_of_a_seal_can_bring_it_down() -> None:
    """Any part replaced by anything, under a fitting hash, is refused or read, told and scored."""
    rng = random.Random(1)
    stuff: list[Any] = [None, True, -1, 2**70, 0.5, "", "x", "2019-04-29", [], {}, [[]], {"a": None}]

    def places(node: Any) -> list[tuple[Any, Any]]:
        items = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
        return [(node, k) for k, _ in items] + [p for _, v in items for p in places(v)]

    refused = 0
    for _ in range(1500):
        written = content()
        node, key = rng.choice(places(written))
        node[key] = deepcopy(rng.choice(stuff))
        if key != "hash":
            written["hash"] = hash_of(written)
        try:
            read = open_seal(json.dumps(written), "x.json")
            assert str(read.table())
            record_of(judged([], read))
        except CaseError:
            refused += 1
    assert 500 < refused < 1500


# --- judging ---------------------------------------------------------------------------------------------------------


def test_scores_of_one_date_by_hand() -> None:
    record = judged([("one", "2019-04-29", "part")], opened())
    (graded,) = record.graded
    assert graded.outcome == "part"
    assert graded.chance == pytest.approx(0.3)
    assert graded.brier == pytest.approx(0.2**2 + 0.7**2 + 0.5**2)
    assert graded.log == pytest.approx(-log(0.3))
    assert graded.told == pytest.approx(0.2**2 + 0.5**2)  # over the outcomes with a base rate
    assert graded.base == pytest.approx(0.1**2 + 0.7**2)
    assert record.skill == pytest.approx(1 - 0.29 / 0.5)
    assert record.pending == ((0, dt.date(2019, 12, 29)),)
    assert (record.late, record.undated) == ((), 0)


def test_what_was_ever_reached_counts_by_the_order_of_the_outcomes() -> None:
    lines = [("one", "2019-03-01", "deal"), ("one", "2019-04-29", "no deal"), ("one", "2019-12-29", "part")]
    assert [g.outcome for g in judged(lines, opened()).graded] == ["deal", "deal"]
    lines[0] = ("one", "2019-05-01", "deal")  # between the two dates
    assert [g.outcome for g in judged(lines, opened()).graded] == ["no deal", "deal"]
    assert [g.outcome for g in judged(lines[1:], opened()).graded] == ["no deal", "part"]
    # without an entry for the date itself it stays open, whatever has happened
    record = judged(lines[:1], opened())
    assert not record.graded
    assert len(record.pending) == 2


def test_what_is_reached_at_a_date_counts_alone() -> None:
    lines = [("one", "2019-04-29", "deal"), ("one", "2019-12-29", "no deal")]
    assert [g.outcome for g in judged(lines, opened(reached="at")).graded] == ["deal", "no deal"]
    with pytest.raises(CaseError, match="a date that the forecast says nothing of; expected one of 2019-04-29, 2019"):
        judged([("one", "2019-03-01", "deal")], opened(reached="at"))


def test_something_that_no_outcome_tells_of() -> None:
    record = judged([("one", "2019-04-29", "none of these")], opened())
    (graded,) = record.graded
    assert (graded.chance, graded.log) == (0, inf)
    assert graded.brier == pytest.approx(0.2**2 + 0.3**2 + 0.5**2 + 1)
    assert graded.base == pytest.approx(0.1**2 + 0.7**2)
    told = record_of(record)
    assert (told["log"], told["impossible"]) == (None, 1)
    assert "infinite" in str(record.table())


def test_every_seal_has_the_same_weight() -> None:
    both = [("one", d, "deal") for d in DATES] + [("two", DATES[0], "no deal")]
    record = judged(both, opened(), opened("two", salt="f" * 32))
    each = [g.brier for g in record.graded]
    assert record.brier == pytest.approx(((each[0] + each[1]) / 2 + each[2]) / 2)
    assert record.brier != pytest.approx(sum(each) / 3)
    assert record.against is not None
    told, base = ([getattr(g, k) for g in record.graded] for k in ("told", "base"))
    assert record.against[0] == pytest.approx(((told[0] + told[1]) / 2 + told[2]) / 2)
    assert record.skill == pytest.approx(1 - record.against[0] / (((base[0] + base[1]) / 2 + base[2]) / 2))
    # the likeliest at the last date judged, one per seal
    assert record.events == ([0.5, 0.5], [1, 1])
    assert judged(both[:1], *record.seals).events == ([0.5], [0])


def test_dates_that_had_come_are_not_judged() -> None:
    late = opened(sealed="2019-04-29T00:00:00Z")
    record = judged([("one", d, "part") for d in DATES], late)
    assert record.late == ((0, dt.date(2019, 4, 29)),)
    assert [g.at for g in record.graded] == [dt.date(2019, 12, 29)]
    before = opened(sealed="2019-04-28T23:59:59Z")
    assert not judged([("one", d, "part") for d in DATES], before).late
    # the first outcome was reached before sealing: all was decided
    decided = judged([("one", "2019-03-01", "deal"), ("one", DATES[1], "part")], before)
    assert len(decided.late) == 2
    assert not judged([("one", "2019-03-01", "part"), ("one", DATES[1], "part")], before).late
    assert "left out, as known" in record.counts()


def test_the_end_is_never_judged() -> None:
    rows = [outcome("deal", [0.25, 0.25]), outcome("no deal", [0.75, 0.5])]  # the rest of the end goes round for ever
    record = judged([("one", DATES[0], "deal")], opened(at=[DATES[0], None], outcomes=rows))
    assert (len(record.graded), record.pending, record.undated) == (1, (), 1)
    assert record.skill is None
    assert "never judged" in record.counts()
    with pytest.raises(CaseError, match="tells of no date"):
        judged([("one", DATES[0], "deal")], opened(at=[None], outcomes=[outcome("deal", [1])]))


def test_chances_are_scored_as_told_whatever_the_order_of_dates() -> None:
    rows = [outcome("deal", [0.5, 0.2]), outcome("no deal", [0.5, 0.8])]
    record = judged([("one", d, "deal") for d in DATES], opened(at=DATES[::-1], outcomes=rows))
    assert [(str(g.at), g.chance) for g in record.graded] == [(DATES[0], 0.2), (DATES[1], 0.5)]


def test_a_seal_counts_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        score([opened(), opened("two")], ())
    with pytest.raises(UsageError, match="no sealed forecast"):
        score([], ())


TRUTHS: list[tuple[str, str]] = [
    ("seal: one", "true.yaml:1:1: found a mapping; expected a list of"),
    ("- [one, deal]", r"true.yaml:1:3: \[0\]: found a list"),
    ("- one", r"\[0\]: found 'one'"),
    ("- {seal: one, at: 2019-04-29}", r"true.yaml:1:3: \[0\]: found no outcome"),
    ("- {seal: one, at: 2019-04-29, outcome: [deal]}", r"true.yaml:1:40: \[0\].outcome: found a list"),
    ("- {seal: one, at: 2019-04-29, outcome: deal, when: now}", "true.yaml:1:46: .*unknown key 'when'"),
    ("- {seal: on, at: 2019-04-29, outcome: deal}", "unknown seal 'on'.*Did you mean 'one'"),
    ("- {seal: one, at: 29 April, outcome: deal}", r"true.yaml:1:19: \[0\].at: found '29 April'"),
    ("- {seal: one, at: 2019-02-30, outcome: deal}", "found '2019-02-30'"),
    ("- {seal: one, at: 2019-04-29, outcome: dael}", "unknown outcome 'dael'.*Did you mean 'deal'"),
    ("- {seal: one, at: 2020-04-29, outcome: deal}", "after the last date"),
    ("- {seal: one, at: 2019-01-28, outcome: deal}", "before the forecast starts"),
    ("- {seal: one, at: 2019-11-30, outcome: deal}", "still to come"),
    ("- {seal: one, at: 2019-04-29, outcome: deal}\n- {seal: one, at: 2019-04-29, outcome: part}",
     r"true.yaml:2:3: \[1\]: found a second outcome of one on 2019-04-29"),
    ("- {seal: one, at: 2019-04-29, outcome: deal}\n- {seal: one, at: 2019-04-29, outcome: deal}", "a second outcome"),
    ("- {seal: one, seal: one}", "a second time"),
    ("- {seal: &a one}", "anchor"),
    ("- {", "true.yaml"),
    ("\x00", "control character"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), TRUTHS)
def test_faults_in_what_came_true_have_places(text: str, told: str) -> None:
    with pytest.raises(CaseError, match=told) as error:
        read_came_true(text, [opened()], "true.yaml", dt.date(2019, 11, 29))
    assert error.value.exit_code == 2


def test_all_faults_are_told_at_once_up_to_a_limit() -> None:
    with pytest.raises(CaseError) as error:
        read_came_true("- {seal: on, at: x, outcome: deal}\n" * 5, [opened()], "true.yaml")
    assert len(error.value.problems()) == 10
    with pytest.raises(CaseError, match="more problems"):
        read_came_true("- x\n" * 9000, [opened()], "true.yaml")
    with pytest.raises(CaseError, match="10,001 entries; expected at most 10,000"):
        read_came_true("- x\n" * 10_001, [opened()], "true.yaml")


def test_seals_are_called_by_name_or_hash() -> None:
    one, same = opened(), opened(salt="f" * 32)
    for text in (one.hash, one.hash[7:], one.hash[7:15]):
        assert judged([(text, DATES[0], "deal")], one, same).graded[0].seal == 0
    assert judged([(same.hash[:20], DATES[0], "deal")], one, same).graded[0].seal == 1
    with pytest.raises(CaseError, match="'one', which fits 2 seals"):
        judged([("one", DATES[0], "deal")], one, same)
    with pytest.raises(CaseError, match="unknown seal"):
        judged([(one.hash[7:14], DATES[0], "deal")], one, same)
    assert read_came_true("", [one]) == read_came_true("[]", [one]) == ()


def test_the_name_of_a_file_wins_over_a_hash_that_starts_like_it() -> None:
    one = opened()
    named = opened(one.hash[7:15], salt="f" * 32)
    assert judged([(named.name, DATES[0], "deal")], one, named).graded[0].seal == 1


def test_the_first_day_and_today_count() -> None:
    assert judged([("one", "2019-01-29", "part"), ("one", DATES[0], "no deal")], opened()).graded[0].outcome == "part"
    assert judged([("one", DATES[0], "deal")], opened(), today=dt.date.fromisoformat(DATES[0])).graded
    with pytest.raises(CaseError, match="still to come"):
        judged([("one", DATES[0], "deal")], opened(), today=dt.date(2019, 4, 28))


def test_a_note_may_be_written() -> None:
    text = "- seal: one\n  at: 2019-04-29\n  outcome: no deal\n  note: Hanoi\n  source: a paper\n"
    assert read_came_true(text, [opened()])[0].outcome == "no deal"


# --- the record ------------------------------------------------------------------------------------------------------


def _fifty(count: int) -> Record:
    seals = [opened(f"s{n}", salt=f"{n:032x}") for n in range(count)]
    return judged([(s.name, DATES[1], "deal" if n % 2 else "part") for n, s in enumerate(seals)], *seals)


def test_many_seals_make_a_curve_and_parts_of_the_score() -> None:
    few, many = record_of(_fifty(FEW - 1)), record_of(_fifty(FEW))
    assert (few["murphy"], few["calibration"]["kind"]) == (None, "table")
    assert many["calibration"]["kind"] == "curve"
    assert many["murphy"] == pytest.approx({"brier": 0.25, "reliability": 0, "resolution": 0, "uncertainty": 0.25})
    assert "too little" in record_text(few)
    assert "too little" not in record_text(many)


def test_a_record_in_words_and_beside_a_forecast() -> None:
    record = judged([("one", DATES[0], "part")], opened())
    told = record_of(record)
    jsonschema.validate(json.loads(json.dumps(told, allow_nan=False)), object_of(**TRACK_RECORD))
    assert told["calibration"]["bins"][0]["happened"] == 0
    assert record_text(told) == (
        "Track record: 1 of one sealed forecast judged, on one date; one date still open. Brier score 0.78 (0 = certain"
        " and right, 2 = certain and wrong), 42 % better than the base rates. What was called likeliest came true 0"
        " of 1 times; 0.5 were to be expected. That is too little to tell skill from luck."
    )
    beside = replace(found(), track_record=told).to_dict()
    jsonschema.validate(json.loads(json.dumps(beside)), object_of(**FORECAST))
    assert beside["track_record"]["pending"] == 1
    assert replace(found(), track_record=told).table().note == record_text(told)
    assert lines_record(replace(found(), track_record=told)).endswith(record_text(told))
    worse = record_text(record_of(judged([("one", DATES[1], "no deal")], opened())))
    assert "worse than the base rates" in worse  # told .5 and .1, base .1 and .7, the last came true
    none = record_of(judged([], opened()))
    assert "none of which could be judged yet; two dates still open" in record_text(none)
    assert (none["brier"], none["skill"], none["calibration"]) == (None, None, None)
    sure = [outcome("deal", [1, 1], 1.0), outcome("no deal", [0, 0], 0.0)]
    assert "never wrong" in record_text(record_of(judged([("one", DATES[0], "deal")], opened(outcomes=sure))))
    bare = [outcome("deal", [1, 1]), outcome("no deal", [0, 0])]
    assert "without a base rate" in record_text(record_of(judged([("one", DATES[0], "deal")], opened(outcomes=bare))))


# --- the command line ------------------------------------------------------------------------------------------------


def test_seal_open_and_score_files(tmp_path: Path) -> None:
    path, truth = tmp_path / "first.seal.json", tmp_path / "true.yaml"
    told = seal_to(found(), str(path), NOON)
    made = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(made, object_of(**SEALED))
    assert made["hash"] in told
    assert "Publish" in told
    with pytest.raises(UsageError, match="never written over"):
        seal_to(found(), str(path))
    with pytest.raises(UsageError, match="can be written"):
        seal_to(found(), str(tmp_path / "no" / "x.json"))
    text = open_from(str(path), published=made["hash"])
    assert "the hash fits" in text.lower()
    assert "published and checked" in text
    assert "by 2019-12-29: chance" in text
    assert json.loads(open_from(str(path), as_json=True)) == made
    truth.write_text("- {seal: first, at: 2019-04-29, outcome: none}\n", encoding="utf-8")
    out = json.loads(score_files(str(truth), [str(path)], as_json=True))
    jsonschema.validate(out, object_of(**SCORES))
    assert out["record"]["graded"] == len(out["graded"]) == 1
    row = found().dates.index(dt.date(2019, 4, 29))
    assert out["graded"][0]["chance"] == pytest.approx(found().answer.p[row, found().names.index("none")])
    assert [p["at"] for p in out["pending"]] == ["2019-12-29"]
    text = score_files(str(truth), [str(path)])
    assert "Still open: first 2019-12-29." in text
    assert "One case: too few for a curve" in text
    with pytest.raises(CaseError, match="still to come"):
        score_files(str(truth), [str(path)], today=dt.date(2019, 4, 28))
    truth.write_text("[]", encoding="utf-8")
    assert "none of which could be judged" in score_files(str(truth), [str(path)])


def test_a_fresh_salt_each_time(tmp_path: Path) -> None:
    one, two = tmp_path / "a.json", tmp_path / "b.json"
    seal_to(found(), str(one), NOON)
    seal_to(found(), str(two), NOON)
    assert json.loads(one.read_text())["hash"] != json.loads(two.read_text())["hash"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(json.dumps(content()), encoding="utf-8")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    for bad in (tmp_path / "none.json", tmp_path, large, Path("/dev/null"), Path("a\0b"), Path("x" * 5000)):
        with pytest.raises(UsageError):
            open_from(str(bad))
        with pytest.raises(UsageError):
            score_files(str(bad), [str(good)])
        with pytest.raises(UsageError):
            score_files(str(good), [str(good), str(bad)])
    with pytest.raises(CaseError):
        score_files(str(good), [str(good)])
