"""What happened, read from a list: times, names, bodies, mistakes with their places; the agreements of the catalog."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from pathlib import Path

import pytest

from detente.agreement.blocks import CommitmentBlock
from detente.agreement.events import read_events
from detente.agreement.file import AgreementFile
from detente.agreement.formula_text import parse_formula
from detente.agreement.ledger.chain import check_draft
from detente.agreement.loading import read_agreement, read_happened
from detente.agreement.model import Agreement
from detente.agreement.periods import Interval
from detente.agreement.records import Record
from detente.agreement.run import run
from detente.agreement.standing import Standing
from detente.agreement.terms import QuantityAct
from detente.base.errors import CaseError, UsageError
from detente.catalog import agreement_names, catalog_names, events_names, events_text

TEXT = """detente-agreement: 1
name: test
zone: Asia/Tokyo
parties: {a: , b: }
bodies: {v: }
quantities: {oil: {unit: t}}
events: {storm: Storm}
commitments:
  c: {obligors: a, action: {text: t}, claim_ok: true,
      on_breach: [{effect: compensate, power_of: b, amount: 3, unit: EUR}]}
  d: {obligors: {who: [a, b], mode: each}, action: {text: t}, claim_ok: true}
amendments: {m: {adds: d}}
"""
AGREEMENT = Agreement.from_text(TEXT)


def day(text: str, hour: int = 0) -> int:
    """The first instant of a day in Tokyo, nine hours ahead all the year."""
    return int(dt.datetime.fromisoformat(f"{text}T{hour:02}:00+09:00").timestamp())


def test_times_names_and_bodies() -> None:
    text = """
- {occurred: 2020-01-02, kind: sign, by: [a, b], evidence: [one, two]}
- {occurred: "2020-01-02T12:00+09:00", kind: claim, subject: c, by: a, body: {progress: 0.5}, note: half}
- {occurred: [2020-01-02, 2020-01-04], kind: verify, subject: d@a, by: v, id: seen}
- {occurred: ["2020-01-02T00:00Z", "2020-01-03T00:00Z"], kind: external, subject: storm}
- {occurred: 2020-01-05, kind: recognise, by: b, body: {ref: seen, answer: "no"}}
- {occurred: 2020-01-05, kind: extend, subject: c, by: [a, b], body: {period: 1 month 10 days}}
- {occurred: 2020-01-05, kind: notify, subject: c, by: b, body: {consequence: 1}}
- {occurred: 2020-01-05, kind: declare_baseline, subject: oil, by: a, body: {value: 12.5}}
- {occurred: 2020-01-05, kind: redate, body: {ref: 3, occurred: ["2020-01-01", "2020-01-02"]}}
- {occurred: 2020-01-05, kind: execute, subject: "c#2", by: a, body: {consequence: 1}}
"""
    found = read_events(text, AGREEMENT, first=11)
    assert [x.kind for x in found][:4] == ["sign", "claim", "verify", "external"]
    assert (found[0].subject, found[0].by, found[0].evidence) == ("agreement", ("a", "b"), ("one", "two"))
    assert found[0].occurred == Interval(day("2020-01-02"), day("2020-01-03"))
    assert found[0].body == {"zone": "Asia/Tokyo"}
    assert found[1].occurred == Interval(day("2020-01-02", 12), day("2020-01-02", 12))
    assert found[1].body == {"progress": "0.5", "note": "half"}
    assert found[2].occurred == Interval(day("2020-01-02"), day("2020-01-05"))  # to the end of the last day
    assert found[3].occurred == Interval(day("2020-01-02", 9), day("2020-01-03", 9))
    assert (found[4].body["ref"], found[4].body["answer"]) == ("13", "no")  # the third of those that begin with 11
    assert found[5].body["period"] == "P1M10D"
    assert found[6].body["consequence"] == "1"
    assert (found[7].subject, found[7].body["value"]) == ("oil", "12.5")
    assert found[8].body == {"ref": "3", "occurred": ["2020-01-01", "2020-01-02"], "zone": "Asia/Tokyo"}
    assert found[9].subject == "c#2"
    for draft in found:
        check_draft(draft)
        assert all(type(t) is str for t in (draft.kind, draft.subject, *draft.by, *draft.evidence))


def test_json_is_read_too() -> None:
    (one,) = read_events('[{"occurred": "2020-01-02", "kind": "claim", "subject": "c", "by": "a"}]', AGREEMENT)
    assert (one.kind, one.by) == ("claim", ("a",))
    assert read_events("", AGREEMENT) == ()
    months = [
        read_events(f"- {{occurred: {t}, kind: claim, subject: c, by: a}}", AGREEMENT)[0].occurred
        for t in ("2020-02", "[2020-02-01, 2020-02-29]", "2020-02..2020-02", "2020-02-01..2020-02-29")
    ]
    assert months == [Interval(day("2020-02-01"), day("2020-03-01"))] * 4


def entry(kind: str, rest: str = "", occurred: str = "2020-01-02") -> str:
    return f"- {{occurred: {occurred}, kind: {kind}, by: a, {rest}}}"


MISTAKES = {  # text, a piece at which the place is told, pieces of the message
    "no list": ("occurred: 2020-01-02", "occurred", ("a mapping", "a list of")),
    "no mapping": ("- claim", "claim", ("a mapping with occurred",)),
    "unknown key": (entry("claim", "subject: c, evidense: x"), "evidense", ("'evidence'",)),
    "no kind": ("- {occurred: 2020-01-02, by: a}", "{occ", ("no kind",)),
    "unknown kind": (entry("clame", "subject: c"), "clame", ("unknown kind 'clame'", "'claim'")),
    "no time": ("- {kind: claim, subject: c, by: a}", "{kind", ("no time",)),
    "time": (entry("claim", "subject: c", "2.1.2020"), "2.1.2020", ("a date, a month",)),
    "no such day": (entry("claim", "subject: c", "2021-02-29"), "2021", ("does not exist",)),
    "time without offset": (entry("claim", "subject: c", "'2020-01-02T12:00'"), "'2020", ("without its offset",)),
    "backwards": (
        entry("claim", "subject: c", "[2020-01-03, 2020-01-01]"),
        "[2020",
        ("not before the first",),
    ),
    "three times": (
        entry("claim", "subject: c", "[2020-01-01, 2020-01-02, 2020-01-03]"),
        "[2020",
        ("two of them joined",),
    ),
    "no subject": (entry("claim"), "{occ", ("claim without subject",)),
    "unknown subject": (entry("claim", "subject: cc"), "cc}", ("unknown subject 'cc' of claim", "'c'")),
    "event as subject": (entry("claim", "subject: storm"), "storm", ("unknown subject 'storm'",)),
    "unknown event": (entry("external", "subject: strom"), "strom", ("'storm'",)),
    "unknown amendment": (entry("amend", "subject: c"), "c}", ("unknown subject 'c' of amend", "one of m")),
    "sign what": (entry("sign", "subject: c"), "c}", ("one of agreement",)),
    "nobody": ("- {occurred: 2020-01-02, kind: claim, subject: c}", "{occ", ("claim by nobody",)),
    "unknown party": ("- {occurred: 2020-01-02, kind: claim, subject: c, by: [a, q]}", "q]", ("'q'",)),
    "unknown key of a body": (entry("claim", "subject: c, body: {progres: 1}"), "progres", ("'progress'",)),
    "key of another": (entry("claim", "subject: c, body: {holds: yes}"), "holds", ("unknown key 'holds'",)),
    "no value": (entry("measure", "subject: c"), "{occ", ("measure without value",)),
    "value": (entry("measure", "subject: c, body: {value: much}"), "much", ("a decimal number",)),
    "progress": (entry("claim", "subject: c, body: {progress: 1.5}"), "1.5", ("from 0 to 1",)),
    "holds": (entry("attest", "subject: c, body: {holds: maybe}"), "maybe", ("yes or no",)),
    "answer": (entry("access", "subject: c, body: {answer: yes}"), "yes", ("granted or denied",)),
    "consequence": (entry("notify", "subject: c, body: {consequence: 2}"), "2}}", ("from 1 to 1",)),
    "no consequence": (entry("notify", "subject: d, body: {consequence: 1}"), "1}}", ("it has none",)),
    "until": (entry("extend", "subject: c, body: {until: soon}"), "soon", ("year-month-day",)),
    "extension": (entry("extend", "subject: c"), "{occ", ("extend without a new time",)),
    "two extensions": (entry("extend", "subject: c, body: {until: 2020-02-02, period: 1 day}"), "{occ", ("extend",)),
    "reference": (entry("recognise", "body: {ref: seen, answer: no}"), "seen", ("the number of a record",)),
    "body": (entry("claim", "subject: c, body: [x]"), "[x]", ("a list", "a mapping")),
    "text in a body": (entry("excuse", "subject: c, body: {reason: {a: b}}"), "{a: b", ("a mapping", "a text")),
    "reason": (entry("excuse", "subject: c"), "{occ", ("excuse without reason",)),
}


@pytest.mark.parametrize("name", list(MISTAKES))
def test_mistakes_are_told_with_their_place(name: str) -> None:
    text, piece, pieces = MISTAKES[name]
    with pytest.raises(CaseError) as caught:
        read_events(text, AGREEMENT, "f.events.yaml")
    told = str(caught.value)
    for part in pieces:
        assert part in told
    columns = [f"f.events.yaml:1:{n + 1}:" for n in range(len(text)) if text.startswith(piece, n)]
    assert any(c in told for c in columns), told
    assert len(told.splitlines()) == 1, told


def test_all_mistakes_at_once_and_not_too_many() -> None:
    with pytest.raises(CaseError) as caught:
        read_events("\n".join(t for t, _, _ in MISTAKES.values() if t.startswith("- {")), AGREEMENT)
    assert len(caught.value.problems()) == sum(t.startswith("- {") for t, _, _ in MISTAKES.values())
    with pytest.raises(CaseError, match="at least 150 more problems"):
        read_events("- x\n" * 300, AGREEMENT)


def test_lists_from_paths_and_names(tmp_path: Path) -> None:
    file = tmp_path / "x.events.yaml"
    file.write_text("- {occurred: 2020-01-02, kind: claim, subject: c, by: a}")
    assert [d.subject for d in read_happened(file, AGREEMENT)] == ["c"]
    file.write_text("- {occurred: 2020-01-02, kind: claim, subject: q, by: a}")
    with pytest.raises(CaseError, match=r"x.events.yaml:1:48: \[0\].subject"):
        read_happened(file, AGREEMENT)
    with pytest.raises(UsageError, match="Did you mean 'milestone-contract'"):
        read_happened("milestone-contrac", AGREEMENT)


# --- the catalog ---------------------------------------------------------------------------------------------------


def test_four_are_there_with_what_happened() -> None:
    names = ["agreed-framework-1994", "initial-actions-2007", "jcpoa-extract", "milestone-contract"]
    assert events_names() == names
    assert set(names) <= set(agreement_names())


@pytest.mark.parametrize("name", agreement_names())
def test_the_catalog_reads_without_a_warning(name: str) -> None:
    agreement = read_agreement(name)
    if name == "singapore-2018":  # whose text names nobody who checks anything
        assert {w.expected for w in agreement.warnings} == {"verification, or claim_ok"}
        assert len(agreement.warnings) == len(agreement.file.commitments)
    else:
        assert not agreement.warnings
    assert agreement.name == name
    for party in (None, *agreement.file.parties):
        assert agreement.terms(party).commitments
    for draft in read_happened(name, agreement) if name in events_names() else ():
        check_draft(draft)
    if name in catalog_names():  # every step on an option is one of the case of the same name
        assert agreement.case is not None
        assert agreement.case.name == name


def test_the_figures_are_those_of_the_sources() -> None:
    def limit(name: str, commitment: str) -> QuantityAct:
        act = next(c.act for c in read_agreement(name).terms().commitments if c.id == commitment)
        assert isinstance(act, QuantityAct)
        return act

    oil = limit("agreed-framework-1994", "oil")
    assert (oil.op, oil.amount, oil.unit) == (">=", Fraction(500_000), "t")
    for commitment, amount, unit in (
        ("stock-limit", "300", "kg"), ("enrichment-level", "3.67", "%"), ("heavy-water", "130", "t"),
        ("centrifuges", "5060", "machines"),
    ):  # fmt: skip
        act = limit("jcpoa-extract", commitment)
        assert (act.op, float(act.amount), act.unit) == ("<=", float(amount), unit)


def states(name: str, date: str) -> dict[str, Standing]:
    """Every commitment at the first instant of a day, all that is recorded being known."""
    agreement = read_agreement(name)
    drafts = read_events(events_text(name), agreement)
    records = [
        Record(n, 0, d.occurred, d.kind, d.subject, d.by, d.evidence, d.body) for n, d in enumerate(drafts, start=1)
    ]
    instant = int(dt.datetime.fromisoformat(f"{date}T00:00+00:00").timestamp())
    return {s.id: s for s in run(agreement.terms(), records, instant).at(instant)}


def test_the_freeze_of_1994_was_kept_to_december_2002_and_oil_came_nobody_knows_when() -> None:
    early, late = states("agreed-framework-1994", "1996-06-01"), states("agreed-framework-1994", "2003-02-01")
    assert (early["freeze"].life, early["freeze"].finding.kind, early["freeze"].late) == (
        "fulfilled",
        "verified",
        False,
    )
    assert (early["lwr-contract"].life, early["lwr-contract"].late) == ("remedied", True)  # due on 21 April 1995
    assert (early["oil#1"].life, early["oil#1"].late) == ("fulfilled", None)  # timely or late: not known
    assert states("agreed-framework-1994", "2002-11-01")["freeze-watched"].life == "due"
    assert (late["freeze-watched"].life, late["freeze-kept"].life) == ("breached", "breached")
    assert late["past-established"].life == "waiting"  # never became due: the hold-up of the plan
    assert late["key-parts"].life == "waiting"


def test_heavy_water_was_over_its_limit_for_weeks_in_2016() -> None:
    assert states("jcpoa-extract", "2016-01-20")["heavy-water"].life == "due"
    assert states("jcpoa-extract", "2016-02-10")["heavy-water"].life == "overdue"
    later = states("jcpoa-extract", "2016-03-01")["heavy-water"]
    assert later.life == "due"
    assert len(later.episodes) == 1
    left = states("jcpoa-extract", "2018-05-09")
    assert left["us-relief-kept"].life == "breached"
    assert left["heavy-water"].life == "due"
    assert states("jcpoa-extract", "2019-02-01")["heavy-water"].holds  # Iran's answer


def test_the_line_came_ten_days_late_and_was_mended() -> None:
    after = states("milestone-contract", "2026-07-02")
    assert (after["installed"].life, after["installed-last"].life) == ("breached", "due")
    end = states("milestone-contract", "2026-11-01")
    assert (end["installed"].life, end["installed"].late) == ("remedied", True)
    assert (end["installed-last"].life, end["installed-last"].late) == ("fulfilled", False)
    assert (end["warranty"].life, end["warranty-long"].life) == ("superseded", "due")
    assert end["refund"].life == "waiting"


def test_silence_of_the_council_brings_the_resolutions_back() -> None:
    for commitment in read_agreement("jcpoa-extract").terms().commitments:
        for entry_ in commitment.on_breach:
            if entry_.effect == "reverse":
                assert entry_.objection is not None
                assert (entry_.objection.blockers, entry_.objection.if_silent) == (("council",), "apply")
                assert entry_.resume == parse_formula("never").formula
                assert (entry_.option, entry_.level) == ("un-resolutions", "in-force")


def test_the_page_about_the_file_is_itself_read() -> None:
    page = (Path(__file__).parent.parent / "docs" / "agreement-file.md").read_text(encoding="utf-8")
    written, happened = (part.split("```", maxsplit=1)[0] for part in page.split("```yaml\n")[1:])
    agreement = Agreement.from_text(written, "agreement-file.md")
    assert len(agreement.terms().commitments) == 4
    assert [d.kind for d in read_events(happened, agreement)] == ["sign", "claim", "verify", "measure", "recognise"]
    blocks = set(AgreementFile.model_fields) - {"format", "note", "options"}
    assert blocks <= set(re.findall(r"^([a-z_-]+):", written, re.MULTILINE))
    for field in CommitmentBlock.model_fields:  # nothing that can be written is left out of the page
        assert f"    {field}:" in written
