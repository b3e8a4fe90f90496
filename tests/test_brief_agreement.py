"""The brief of an agreement: true to its records, honest about silence, escaped, without ids."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import detente
from detente.agreement.calendar import Calendar
from detente.agreement.effective import known
from detente.agreement.ledger.chain import Draft, Head, Header, follow, link
from detente.agreement.loading import read_agreement, read_happened
from detente.agreement.model import Agreement
from detente.agreement.overview import tally
from detente.agreement.periods import Interval
from detente.agreement.records import Record
from detente.agreement.tracking import instant_of, span_text, track
from detente.brief.document import SUMMARY_LINES, Brief, agreement_brief, make_brief
from detente.brief.sections import agreement as section
from detente.brief.sections import findings
from detente.brief.tracked import Tracked
from detente.catalog import agreement_names, events_names
from detente.cli import main
from detente.cli.contracts import result_schema
from detente.pictures.agreement_rows import day, timeline_of

TEXT = """\
detente-agreement: 1
name: freeze-for-oil
title: Freeze for oil
zone: Asia/Seoul
parties: {north: {name: The North}, south: {name: The South}}
bodies: {agency: {name: The Agency, role: verifier}}
quantities: {heavy_fuel: {name: Heavy fuel oil, unit: t}}
commitments:
  the_freeze:
    title: The freeze
    obligors: north
    action: {text: Stops the reactor.}
    trigger: in_force
    deadline: {within: 30 days}
    cure: 10 days
    verification: [{by: agency, method: seals, window: 20 days}]
    on_breach: [{effect: suspend, targets: the_oil, automatic: true, resume_when: verified(the_freeze)}]
  the_oil:
    title: The oil
    obligors: south
    action: {quantity: heavy_fuel, op: ">=", amount: 1000, unit: t}
    trigger: verified(the_freeze)
    deadline: {within: 2 months}
    claim_ok: true
  both_open:
    title: Open roads
    modality: maintain
    obligors: {who: [north, south], mode: each}
    action: {text: Keeps its roads open.}
    trigger: in_force
    deadline: {none: as long as it lasts}
powers:
  stop: {holder: south, may: terminate, targets: agreement, when: breached(the_freeze), expires: 2020-06-30}
"""
SIGNED = {"kind": "sign", "by": ["north", "south"], "occurred": "2020-01-01"}


def records_of(agreement: Agreement, *events: dict[str, Any]) -> tuple[tuple[Record, ...], Head]:
    """Chained records of what happened."""
    Path("events.yaml").write_text(json.dumps(events), encoding="utf-8")
    start = Header(agreement.name, agreement.digest, 0).head()
    lines, head = link(start, list(read_happened("events.yaml", agreement)), 1_600_000_000)
    return tuple(r for r, _ in follow(lines, start)), head


def told(agreement: Agreement, at: str, *events: dict[str, Any], upto: int | None = None, **more: Any) -> Tracked:
    records, head = records_of(agreement, *events) if events else ((), None)
    view = more.pop("view", None)
    status = track(agreement, records, instant_of(at, agreement, 0, name="--at"), upto, view)
    return Tracked(status, head, **more)


def shipped(name: str, at: str, **more: Any) -> Tracked:
    agreement = read_agreement(f"{name}.agreement.yaml")
    drafts: list[Draft] = list(read_happened(name, agreement)) if name in events_names() else []
    start = Header(agreement.name, agreement.digest, 0).head()
    lines, _ = link(start, drafts, 2_000_000_000)
    records = tuple(r for r, _ in follow(lines, start))
    status = track(agreement, known(records, len(records)), instant_of(at, agreement, 0, name="--at"))
    return Tracked(status, shipped=True, **more)


def texts(brief: Brief, title: str = "") -> str:
    return "\n".join(t for s in brief.to_dict()["sections"] if title in s["title"] for t in s["text"])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def deal() -> Agreement:
    return Agreement.from_text(TEXT)


@pytest.mark.parametrize("name", agreement_names())
@pytest.mark.parametrize("at", ["1990-01-01", "1995-06-01", "2003-06-01", "2008-01-01", "2019-12-20", "2027-01-01"])
def test_every_catalog_agreement_has_a_page_at_every_date(name: str, at: str) -> None:
    tracked = shipped(name, at)
    brief = agreement_brief(tracked)
    assert 0 < len(brief.summary()) <= SUMMARY_LINES
    page = brief.to_html()
    assert not re.search(r"<script|https?://(?!www\.w3\.org/2000/svg)|url\((?!#)|@import", page)
    words = re.sub(r"<[^>]*>", " ", page.partition('<p class="foot">')[0].partition("</style>")[2])
    file = tracked.status.agreement.file
    blocks = (file.parties, file.bodies, file.commitments, file.quantities, file.events, file.groups, file.powers)
    for id_ in (i for block in blocks for i in block if "-" in i or "_" in i):
        assert not re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", words), f"the id {id_} is shown"
    assert not re.search(r"\d{4}-\d\d-\d\d", words), "a date is not in words"
    assert not re.search(r"\(1 |\bNone\b(?! of)|\[\]|  +is due", words)


@pytest.mark.parametrize("name", agreement_names())
def test_the_counts_are_those_of_the_states(name: str) -> None:
    kinds = {
        "kept": {"fulfilled", "remedied"}, "owed": {"due", "claimed", "unverified"}, "late": {"overdue"},
        "broken": {"breached"}, "contested": {"disputed"}, "waiting": {"waiting"},
        "ended": {"lapsed", "waived", "terminated", "superseded"}, "absent": {"inert"},
    }  # fmt: skip
    for at in ("1995-06-01", "2002-12-20", "2007-05-01", "2019-12-20", "2026-06-20"):
        status = shipped(name, at).status
        found = tally(status)
        states = [c["state"] for c in status.to_dict()["commitments"]]
        for field, lives in kinds.items():
            assert getattr(found, field) == sum(s in lives for s in states), (at, field)
        assert sum(getattr(found, field) for field in kinds) == found.all == len(states)


def test_the_agreed_framework_at_the_end_of_2002() -> None:
    text = texts(agreement_brief(shipped("agreed-framework-1994", "2002-12-20")))
    assert "In force since 21 October 1994." in text
    rows = {r.split("  ")[0]: r for r in text.splitlines()}
    # the list of events gives this stretch, and no day
    assert (
        "IAEA confirmed it between 22 November and 31 December 1994"
        in rows["Freeze of the reactors and of reprocessing"]
    )
    assert "broken by DPRK since December 2002" in rows["Watching the freeze"]
    # nothing is listed of the DPRK's barriers; of those of the United States an easing is
    assert (
        "nothing is recorded of it, and so it counts as broken" in rows["Lower barriers to trade and payments (DPRK)"]
    )
    assert "nothing is recorded" not in rows["Lower barriers to trade and payments (United States)"]
    assert (
        "Nothing is recorded of two that count as late or broken" in text
    )  # these barriers, and the oil of year eight
    assert "Record 24 (suspension by United States) changes nothing" in text
    assert "Next, by 21 October 2003: ‘Heavy fuel oil, every year (no. 9)’ to be done by United States." in text


def test_silence_is_not_told_as_failure() -> None:
    text = texts(agreement_brief(shipped("initial-actions-2007", "2007-06-20")))
    # the list has the statements only: of the ten acts with a date in spring nothing is recorded
    assert "Nothing is recorded of ten that count as late or broken" in text
    assert "Whether they were done in fact, the records do not say." in text


def test_nothing_recorded(deal: Agreement) -> None:
    brief = agreement_brief(told(deal, "2020-05-01"))
    assert [s.title for s in brief.sections] == [section.STANDS, findings.TITLE, section.PROOF]
    text = texts(brief)
    assert "The agreement is not in force. Nothing is recorded, and so nothing is owed." in text
    assert "Nothing is recorded. That says nothing of what was done." in text
    assert "<svg" not in brief.to_html()


def test_what_is_recorded_without_force_is_not_called_nothing(deal: Agreement) -> None:
    text = texts(agreement_brief(told(deal, "2020-05-01", {**SIGNED, "by": "north"})))
    assert "What is recorded does not bring it into force" in text


def test_a_breach_by_silence_and_one_that_was_found(deal: Agreement) -> None:
    silent = texts(agreement_brief(told(deal, "2020-02-11", SIGNED)))
    # 31 January and ten days to mend: broken from 11 February
    assert "nothing is recorded of it, and so it counts as broken by The North since 11 February 2020" in silent
    found = {"kind": "refute", "subject": "the_freeze", "by": "agency", "occurred": "2020-01-25"}
    claim = {"kind": "claim", "subject": "the_freeze", "by": "north", "occurred": "2020-01-20"}
    heard = texts(agreement_brief(told(deal, "2020-02-11", SIGNED, claim, found)))
    assert "The Agency found on 25 January 2020 that it is not done" in heard
    assert "nothing is recorded of it" not in heard.partition("Open roads")[0]
    assert "Nothing is recorded of" not in heard


def test_a_claim_taken_back_is_no_longer_what_is_known(deal: Agreement) -> None:
    claim = {"kind": "claim", "subject": "the_freeze", "by": "north", "occurred": "2020-01-20"}
    back = {"kind": "retract", "by": "north", "occurred": "2020-01-22", "body": {"ref": "2"}}
    assert "The North said on 20 January 2020 that it is done" in texts(
        agreement_brief(told(deal, "2020-01-25", SIGNED, claim))
    )
    text = texts(agreement_brief(told(deal, "2020-01-25", SIGNED, claim, back)))
    assert "said on 20 January" not in text
    assert "nothing is recorded of it" in text


def test_whose_turn_it_is_and_powers(deal: Agreement) -> None:
    text = texts(agreement_brief(told(deal, "2020-01-10", SIGNED)), section.NEXT)
    rows = [re.split(r"  +", r.strip()) for r in text.splitlines()]
    assert ["by 31 January 2020", "The freeze", "to be done", "The North"] in rows
    assert ["no date", "Open roads (The South)", "to be kept", "The South"] in rows
    assert ["The South", "end the whole agreement", "not yet: a breach of ‘The freeze’", "30 June 2020"] in rows
    later = texts(agreement_brief(told(deal, "2020-02-05", SIGNED)), section.NEXT)
    assert re.search(r"by 10 February 2020 +The freeze +to be mended +The North", later)
    for at, now in (("2020-02-11", "yes"), ("2020-06-30", "yes"), ("2020-07-01", "no longer")):
        text = texts(agreement_brief(told(deal, at, SIGNED)), section.NEXT)
        assert re.search(rf"end the whole agreement +{now} +30 June 2020", text), at


def test_a_consequence_can_be_invoked_once_there_is_a_breach() -> None:
    for at, now in (("2018-01-01", "not now"), ("2018-06-01", "yes: ‘American sanctions not applied again’ is broken")):
        text = texts(agreement_brief(shipped("jcpoa-extract", at)), section.NEXT)
        row = next(r for r in text.splitlines() if r.startswith("Iran ") and "suspend" in r)
        assert now in row


def test_views_that_differ(deal: Agreement) -> None:
    claim = {"kind": "claim", "subject": "the_freeze", "by": "north", "occurred": "2020-01-20"}
    no = {"kind": "recognise", "by": "south", "occurred": "2020-01-22", "body": {"ref": "2", "answer": "no"}}
    alike = texts(agreement_brief(told(deal, "2020-01-25", SIGNED, claim)), section.DIFFER)
    assert alike.startswith("At this date all sides see it alike")
    text = texts(agreement_brief(told(deal, "2020-01-25", SIGNED, claim, no)), section.DIFFER)
    heads, _, row = (re.split(r"  +", r.strip()) for r in text.splitlines()[1:4])
    assert dict(zip(heads, row, strict=True)) == {
        "commitment": "The freeze",
        "all records, the text as written": "claimed",
        "what all recognise": "due",
        "The South": "due",
    }
    assert "The South does not recognise record 2 (claim by The North of ‘The freeze’)." in text
    one = agreement_brief(told(deal, "2020-01-25", SIGNED, claim, no, view="south"))
    assert "as The South sees it" in one.subtitle


def test_the_record_and_its_head(deal: Agreement) -> None:
    claim = {"kind": "claim", "subject": "the_freeze", "by": "north", "occurred": "2020-01-20"}
    tracked = told(deal, "2020-01-25", SIGNED, claim)
    assert tracked.head is not None
    text = texts(agreement_brief(tracked), section.PROOF)
    assert f"2:{tracked.head.hash}" in text
    assert "two records, all of them taken here" in text
    assert "does not prove that they are true" in text
    earlier = texts(agreement_brief(told(deal, "2020-01-25", SIGNED, claim, upto=1)))
    assert "two records, the first one taken here" in earlier
    assert "said on 20 January" not in earlier
    none = {"kind": "verify", "subject": "the_freeze", "by": "agency", "occurred": "2020-01-10"}
    assert "Record 2 (confirmation by The Agency) changes nothing" in texts(
        agreement_brief(told(deal, "2020-01-25", SIGNED, none)), section.PROOF
    )


def test_hostile_texts_stay_texts() -> None:
    evil = "<script>alert(1)</script></svg><img src=x onerror=alert(2)> & \"'"
    for old in ("The freeze", "The North", "The Agency", "Freeze for oil", "Heavy fuel oil", "Open roads"):
        assert old in TEXT
    tree = json.loads(json.dumps(Agreement.from_text(TEXT).tree))
    tree["title"] = evil
    for block in ("parties", "bodies", "quantities"):
        for entry in tree[block].values():
            entry["name"] = evil
    for entry in tree["commitments"].values():
        entry["title"] = evil
    agreement = Agreement.from_dict(tree)
    claim = {"kind": "claim", "subject": "the_freeze", "by": "north", "occurred": "2020-01-20", "evidence": evil}
    no = {"kind": "recognise", "by": "south", "occurred": "2020-01-22", "body": {"ref": "2", "answer": "no"}}
    hold = {"kind": "suspend", "subject": "the_freeze", "by": ["north", "south"], "occurred": "2020-01-23",
            "body": {"reason": evil}}  # fmt: skip
    page = agreement_brief(told(agreement, "2020-01-25", SIGNED, claim, no, hold)).to_html()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("</svg>") == page.count("<svg") == 1


def test_what_rests_on_private_worths_is_not_shared() -> None:
    open_ = agreement_brief(shipped("initial-actions-2007", "2007-06-20"))
    assert section.STAKES in [s.title for s in open_.sections]
    assert "DPRK is ahead by 3.9 per period at worst" in texts(open_)
    closed = agreement_brief(shipped("initial-actions-2007", "2007-06-20", shared=True))
    assert section.STAKES not in [s.title for s in closed.sections]
    assert "ahead by" not in closed.to_html()


def test_each_side_has_one_line_on_what_it_stands_to_lose() -> None:
    found = section.sections(shipped("initial-actions-2007", "2007-06-20"))
    items = [b.items for s in found if s.title == section.STAKES for b in s.blocks if b.items]
    assert [i.split(" is ")[0] for i in items[0]] == ["DPRK", "United States", "Republic of Korea", "China"]


def test_beside_a_case_it_stands_after_the_plan() -> None:
    session = detente.Session(detente.load("initial-actions-2007"))
    brief = make_brief(session, tracked=shipped("initial-actions-2007", "2007-06-20"))
    titles = [s.title for s in brief.sections]
    assert titles.index("In what order, with what safeguards?") + 2 == titles.index(section.STANDS)  # the draft between
    assert len(brief.summary()) <= SUMMARY_LINES
    assert section.STANDS not in [s.title for s in make_brief(session).sections]


# --- the picture ------------------------------------------------------------------------------------------------------


def test_a_suspension_begins_in_the_picture_where_it_began(deal: Agreement) -> None:
    shown = timeline_of(told(deal, "2020-03-01", SIGNED).status)
    oil = next(r for r in shown.rows if r.name == "The oil")
    assert [(s.state, s.held) for s in oil.stretches] == [("waiting", False), ("waiting", True)]
    # midnight in Seoul after 10 February, when the time to mend is over
    broken = dt.date(2020, 2, 11).toordinal()
    assert oil.stretches[0].end == oil.stretches[1].start == broken
    assert oil.stretches[1].end == shown.at == pytest.approx(dt.date(2020, 3, 2).toordinal(), abs=1e-4)


def test_a_far_deadline_does_not_squeeze_what_happened() -> None:
    status = shipped("milestone-contract", "2026-06-20").status  # secrecy is owed until 2031
    shown, calendar = timeline_of(status), status.run.calendar
    past = shown.at - shown.start
    assert shown.end - shown.at < 1.1 * past
    ends = [day(calendar, s.deadline) for s in status.standings if s.deadline is not None]
    near = max(e for e in ends if e < shown.at + past)
    assert shown.at < near < shown.end  # the installation, due on 30 June 2026


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Seoul", "UTC"])
def test_days_in_the_picture_are_days_of_the_zone(zone: str) -> None:
    shown = timeline_of(told(Agreement.from_text(TEXT.replace("Asia/Seoul", zone)), "2020-01-10", SIGNED).status)
    freeze = next(r for r in shown.rows if r.name == "The freeze")
    assert freeze.stretches[0].start == dt.date(2020, 1, 1).toordinal()
    assert freeze.deadline == dt.date(2020, 2, 1).toordinal()  # the end of 31 January
    assert int(shown.at) == dt.date(2020, 1, 10).toordinal()


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2002-12-01", "2002-12-01", "on 1 December 2002"),
        ("2002-12-01", "2002-12-31", "in December 2002"),
        ("2004-02-01", "2004-02-29", "in February 2004"),
        ("2004-02-01", "2004-02-28", "between 1 February and 28 February 2004"),
        ("2003-01-01", "2003-12-31", "in 2003"),
        ("1999-01-01", "2000-12-31", "between 1 January 1999 and 31 December 2000"),
        ("1994-10-21", "1994-11-21", "between 21 October and 21 November 1994"),
    ],
)
def test_when_something_happened_is_told_as_closely_as_it_is_known(
    deal: Agreement, first: str, last: str, words: str
) -> None:
    calendar = Calendar(deal.terms().calendar)
    start, end = (calendar.interval(dt.date.fromisoformat(d)) for d in (first, last))
    assert span_text(calendar, Interval(start.start, end.end)) == words


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    def ran(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["detente", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        assert "internal error" not in out + err
        return left.value.code if isinstance(left.value.code, int) else 0, out, err

    return ran


def test_a_name_means_the_case_and_with_its_suffix_the_agreement(run: Any) -> None:
    agreement = json.loads(run("brief", "agreed-framework-1994.agreement.yaml", "--at", "2002-12-20", "--json")[1])
    jsonschema.validate(agreement, result_schema("brief"))
    assert agreement["sections"][0]["title"] == section.STANDS
    assert agreement["parameters"]["at"] == "2002-12-20"
    alone = json.loads(run("brief", "jcpoa-extract", "--json")[1])  # no case has this name
    assert alone["title"] == "The nuclear agreement with Iran of 2015 (extract)"
    case = json.loads(run("brief", "initial-actions-2007", "--json")[1])
    assert section.STANDS not in [s["title"] for s in case["sections"]]


def test_the_page_is_written_beside_and_the_summary_told(run: Any) -> None:
    Path("deal.agreement.yaml").write_text(TEXT, encoding="utf-8")
    assert run("track", "record", "deal.agreement.yaml", "--kind", "sign", "--by", "north", "--by", "south",
               "--occurred", "2020-01-01")[0] == 0  # fmt: skip
    status, out, _ = run("brief", "deal.agreement.yaml", "--at", "2020-01-10")
    assert status == 0
    assert "Next, by 31 January 2020: ‘The freeze’ to be done by The North." in out
    assert "<svg" in Path("freeze-for-oil.agreement.html").read_text(encoding="utf-8")
    assert "not in force" in run("brief", "deal.agreement.yaml", "--known", "0", "-o", "x.html")[1]


@pytest.mark.parametrize(
    ("words", "told_so"),
    [
        (("brief", "jcpoa-extract", "--set", "title=x"), "--set 'title=x'"),
        (("brief", "jcpoa-extract", "--type", "a=b"), "--type"),
        (("brief", "jcpoa-extract", "--view", "nobody"), "the view 'nobody'"),
        (("brief", "jcpoa-extract", "--known", "99"), "--known"),
        (("brief", "chicken", "--at", "2001-01-01"), "Add --agreement FILE"),
        (("brief", "chicken", "--agreement", "nowhere"), "no file or catalog agreement 'nowhere'"),
        (("catalog", "jcpoa-extrac"), "jcpoa-extract"),
        (("init", "x.yaml", "--agreement", "--from", "jcpoa"), "jcpoa-extract"),
    ],
)
def test_mistakes_are_told(run: Any, words: tuple[str, ...], told_so: str) -> None:
    status, _, err = run(*words)
    assert status == 2
    assert told_so in err


def test_another_cases_agreement_is_told_apart(run: Any) -> None:
    status, _, err = run("brief", "chicken", "--agreement", "agreed-framework-1994", "-o", "x.json")
    assert status == 0
    assert "linked to another case, 'agreed-framework-1994'" in err


def test_the_catalog_has_the_agreements(run: Any) -> None:
    answer = json.loads(run("catalog", "--json")[1])
    assert [a["name"] for a in answer["agreements"]] == agreement_names()
    out = run("catalog")[1]
    for agreement in answer["agreements"]:
        assert agreement["good_for"]
        assert f"{agreement['name']}.agreement.yaml: {agreement['good_for']}" in out
        text = run("catalog", f"{agreement['name']}.agreement.yaml")[1]
        assert Agreement.from_text(text).title == agreement["title"]


def test_the_starter_can_be_tracked_as_it_is(run: Any) -> None:
    assert run("init", "--agreement", "mine.agreement.yaml")[0] == 0
    before = Path("mine.agreement.yaml").read_text(encoding="utf-8")
    assert run("init", "--agreement", "mine.agreement.yaml", "--from", "jcpoa-extract")[0] == 2
    assert Path("mine.agreement.yaml").read_text(encoding="utf-8") == before
    agreement = read_agreement("mine.agreement.yaml")
    assert agreement.warnings == ()
    signed = {"kind": "sign", "by": ["upstream", "downstream"], "occurred": "2030-01-07"}
    claim = {"kind": "claim", "subject": "water", "by": "upstream", "occurred": "2030-02-01"}
    found = {"kind": "verify", "subject": "water", "by": "commission", "occurred": "2030-02-10"}
    paid = {
        "kind": "claim",
        "subject": "delivery",
        "by": "downstream",
        "occurred": "2030-04-10",
    }
    states = {s.id: s.life for s in told(agreement, "2030-04-11", signed, claim, found, paid).status.standings}
    assert states == {"water": "fulfilled", "delivery": "fulfilled", "quiet": "due"}
    # thirty days end with 6 February, ten more to mend with the 16th; what was to follow is then suspended
    late = told(agreement, "2030-02-17", signed).status.standings
    assert {s.id: (s.life, s.held) for s in late}["water"] == ("breached", False)
    assert {s.id: (s.life, s.held) for s in late}["delivery"] == ("waiting", True)
    assert run("init", "--agreement", "copy.agreement.yaml", "--from", "jcpoa-extract")[0] == 0
    assert read_agreement("copy.agreement.yaml").name == "jcpoa-extract"
