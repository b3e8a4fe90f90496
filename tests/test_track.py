"""``detente track``, as a user does it, from the first record to the published head."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from detente.catalog import agreement_names
from detente.cli import main
from detente.cli.contracts import result_schema
from detente.cli.track import ACTIONS

TEXT = """\
detente-agreement: 1
name: freeze-for-oil
title: Freeze for oil
zone: Asia/Seoul
parties:
  north: {name: The North}
  south: {name: The South}
bodies:
  agency: {name: The Agency, role: verifier}
quantities:
  fuel: {name: Heavy fuel oil, unit: t}
dispute: {body: agency, window: 30 days}
commitments:
  freeze:
    title: The freeze
    obligors: north
    obligees: south
    action: {text: Stops the reactor.}
    trigger: in_force
    deadline: {within: 30 days}
    cure: 10 days
    verification: [{by: agency, method: seals, window: 20 days}]
    on_breach: [{effect: suspend, targets: [oil], automatic: true, resume_when: verified(freeze)}]
  oil:
    title: The oil
    obligors: south
    obligees: north
    action: {quantity: fuel, op: ">=", amount: 1000, unit: t}
    trigger: verified(freeze)
    deadline: {within: 2 months}
    claim_ok: true
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("deal.agreement.yaml").write_text(TEXT)
    Path("empty.yaml").write_text("[]\n")
    return "deal.agreement.yaml"


class Ran:
    """What a command line came to."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def answer(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def track(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["detente", "track", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert "internal error" not in out + err
        code = left.value.code
        return Ran(code if isinstance(code, int) else 0, out, err)

    return run


def say(track: Any, file: str, kind: str, occurred: str, by: str, subject: str = "freeze", **body: str) -> Any:
    """Record one thing."""
    words = [o for key, value in body.items() for o in ("--body", f"{key}={value}")]
    words += ["--subject", subject] if subject else []
    found = track("record", file, "--kind", kind, "--occurred", occurred, "--by", by, *words, "--json")
    assert found.status == 0, found.err + found.out
    return found.answer


def signed(track: Any, file: str) -> None:
    found = track("record", file, "--kind", "sign", "--occurred", "2020-01-01", "--by", "north", "--by", "south")
    assert found.status == 0, found.err


def states(track: Any, file: str, at: str, *words: str) -> dict[str, str]:
    found = track("status", file, "--at", at, "--json", *words)
    assert found.status == 0, found.err
    return {c["id"]: c["state"] for c in found.answer["commitments"]}


def test_the_life_of_a_small_deal(track: Any, file: str) -> None:
    assert states(track, file, "2020-01-05") == {"freeze": "inert", "oil": "inert"}  # nothing recorded, no ledger made
    assert not Path(f"{file}.ledger.sqlite").exists()
    signed(track, file)
    # 1 January is not counted: thirty days end with 31 January, ten more to mend with 10 February.
    assert states(track, file, "2020-01-31")["freeze"] == "due"
    assert states(track, file, "2020-02-01")["freeze"] == "overdue"
    assert states(track, file, "2020-02-10")["freeze"] == "overdue"
    assert states(track, file, "2020-02-11")["freeze"] == "breached"
    late = track("status", file, "--at", "2020-02-11", "--json").answer["commitments"]
    assert late[0]["blame"] == ["north"]
    assert late[0]["deadline"] == "2020-01-31T15:00:00Z"  # midnight in Seoul
    assert late[1]["holds"] == [["suspended", "freeze"]]
    # It turns out to have been done in time.
    say(track, file, "claim", "2020-01-20", "north")
    say(track, file, "verify", "2020-02-02", "agency")
    assert states(track, file, "2020-02-11") == {"freeze": "fulfilled", "oil": "due"}
    # What was known before is still there to be asked for.
    assert states(track, file, "2020-02-11", "--known", "1")["freeze"] == "breached"
    assert states(track, file, "2020-02-11", "--known", "2")["freeze"] == "unverified"
    # 2 February and two months: until the end of 2 April.
    assert states(track, file, "2020-04-02")["oil"] == "due"
    assert states(track, file, "2020-04-03")["oil"] == "breached"


def test_what_if_records_nothing(track: Any, file: str) -> None:
    signed(track, file)
    words = (
        "--kind",
        "claim",
        "--subject",
        "freeze",
        "--by",
        "north",
        "--occurred",
        "2020-01-20",
        "--at",
        "2020-01-25",
    )
    found = track("what-if", file, *words, "--json").answer
    assert [(c["commitment"], c["before"], c["after"]) for c in found["changed"]] == [("freeze", "due", "claimed")]
    assert states(track, file, "2020-01-25")["freeze"] == "due"
    assert "claimed instead of due" in track("what-if", file, *words).out


def test_records_without_effect_are_kept_and_told(track: Any, file: str) -> None:
    signed(track, file)
    answer = say(track, file, "verify", "2020-01-10", "agency")
    assert [w["seq"] for w in answer["without_effect"]] == [2]
    assert track("verify", file, "--json").answer["records"] == 2


def test_a_list_is_recorded_whole_or_not_at_all(track: Any, file: str) -> None:
    Path("good.yaml").write_text(
        "- {occurred: 2020-01-01, kind: sign, by: [north, south]}\n"
        "- {occurred: 2020-01-09, kind: claim, subject: freeze, by: north, evidence: [photo]}\n"
    )
    Path("bad.yaml").write_text(
        "- {occurred: 2020-01-10, kind: verify, subject: freeze, by: agency}\n"
        "- {occurred: 2020-01-11, kind: verify, subject: freezing, by: agency}\n"
    )
    found = track("record", file, "--from", "bad.yaml")
    assert found.status == 2
    assert "bad.yaml:2:" in found.err
    assert not Path(f"{file}.ledger.sqlite").exists()  # a file that is wrong leaves nothing behind
    assert track("record", file, "--from", "good.yaml", "--json").answer["recorded"] == [1, 2]
    assert track("record", file, "--from", "bad.yaml").status == 2
    assert track("verify", file, "--json").answer["records"] == 2


def test_a_head_published_finds_a_tail_that_was_cut(track: Any, file: str) -> None:
    signed(track, file)
    say(track, file, "claim", "2020-01-20", "north")
    Path("early.jsonl").write_text(track("export", file).out)
    say(track, file, "verify", "2020-01-21", "agency")
    Path("head.txt").write_text(track("head", file).out)
    assert track("verify", file, "--published", "head.txt").status == 0
    copy = track("import", file, "early.jsonl", "--ledger", "cut.sqlite")
    assert copy.status == 0, copy.err
    assert track("verify", file, "--ledger", "cut.sqlite").status == 0  # it holds together
    found = track("verify", file, "--ledger", "cut.sqlite", "--published", "head.txt")
    assert found.status == 1
    assert "NOT in this ledger" in found.out
    Path("whole.jsonl").write_text(track("export", file).out)
    assert track("import", file, "whole.jsonl", "--ledger", "cut.sqlite").status == 0
    assert track("verify", file, "--ledger", "cut.sqlite", "--published", "head.txt").status == 0


def test_signed_heads(track: Any, file: str) -> None:
    signed(track, file)
    public = track("keygen", "north.key").out.strip()
    other = track("keygen", "other.key").out.strip()
    line = track("head", file, "--sign", "north.key", "--by", "north").out
    Path("signed.txt").write_text(line)
    assert track("verify", file, "--published", "signed.txt", "--key", f"north={public}").status == 0
    found = track("verify", file, "--key", f"north={other}")
    assert found.status == 1
    assert "ANOTHER key" in found.out
    Path("signed.txt").write_text(line.replace('"by":"north"', '"by":"south"'))
    assert track("verify", file, "--published", "signed.txt").status == 2


def test_a_damaged_ledger_is_never_answered_from(track: Any, file: str) -> None:
    import sqlite3

    signed(track, file)
    say(track, file, "claim", "2020-01-20", "north")
    base = sqlite3.connect(f"{file}.ledger.sqlite")
    triggers = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        base.execute(f"DROP TRIGGER {name}")
    base.execute("UPDATE records SET line = replace(line, 'claim', 'waive') WHERE seq = 2")
    for _, statement in triggers:
        base.execute(statement)
    base.commit()
    base.close()
    for action in ("status", "next", "history", "export", "matrix"):
        found = track(action, file)
        assert found.status == 1, action
        assert "record 2" in found.err
    assert track("verify", file).status == 1


def test_the_matrix_goes_out_and_comes_back(track: Any, file: str) -> None:
    import openpyxl

    signed(track, file)
    assert track("matrix", file, "--at", "2020-01-15", "-o", "m.xlsx").status == 0
    same = track("matrix", file, "--at", "2020-01-15", "--read", "m.xlsx", "--json").answer
    assert same["proposed"] == []
    book = openpyxl.load_workbook("m.xlsx")
    sheet: Any = book.active
    heads = {c.value: c.column for row in sheet.iter_rows() for c in row if c.value in ("Step", "Status")}
    row = next(r for r in range(1, 20) if sheet.cell(r, heads["Step"]).value == "freeze")
    assert sheet.cell(row, heads["Status"]).value == "due"
    sheet.cell(row, heads["Status"]).value = "claimed"
    book.save("back.xlsx")
    found = track("matrix", file, "--at", "2020-01-15", "--read", "back.xlsx", "--json").answer
    assert [(p["kind"], p["subject"], p["by"]) for p in found["proposed"]] == [("claim", "freeze", ["north"])]
    text = track("matrix", file, "--at", "2020-01-15", "--read", "back.xlsx").out
    assert "detente track record deal.agreement.yaml --kind claim --subject freeze --by north" in text
    made = track("matrix", file, "--at", "2020-01-15", "--read", "back.xlsx", "-o", "proposed.events.yaml")
    assert made.status == 0, made.err
    undated = track("record", file, "--from", "proposed.events.yaml")
    assert undated.status == 2
    assert "proposed.events.yaml:5:" in undated.err
    list_ = Path("proposed.events.yaml")
    list_.write_text(list_.read_text().replace("occurred: }", "occurred: 2020-01-12}"))
    assert track("record", file, "--from", "proposed.events.yaml").status == 0
    assert states(track, file, "2020-01-15")["freeze"] == "claimed"


def test_the_calendar_has_the_deadline(track: Any, file: str) -> None:
    signed(track, file)
    assert track("calendar", file, "--at", "2020-01-05", "-o", "c.ics").status == 0
    text = Path("c.ics").read_bytes().decode()
    assert "DTSTART;VALUE=DATE:20200131" in text


def test_views_that_differ_are_told(track: Any, file: str) -> None:
    signed(track, file)
    say(track, file, "claim", "2020-01-20", "north")
    say(track, file, "recognise", "2020-01-22", "south", subject="", ref="2", answer="no")
    found = track("status", file, "--at", "2020-01-25", "--json").answer
    assert found["others"]["south"] == {"freeze": "due"}
    assert found["others"]["joint"] == {"freeze": "due"}
    assert "The South" in track("status", file, "--at", "2020-01-25").out
    assert states(track, file, "2020-01-25", "--view", "south")["freeze"] == "due"
    assert track("status", file, "--view", "nobody").status == 2


def test_the_time_looked_at_is_told_as_it_is(track: Any, file: str) -> None:
    signed(track, file)
    assert "at the end of 31 January 2020" in track("status", file, "--at", "2020-01-31").out
    assert "at 08:00 on 31 January 2020" in track("status", file, "--at", "2020-01-31T08:00:00+09:00").out
    words = ("--kind", "claim", "--subject", "freeze", "--by", "north", "--occurred", "2020-01-20")
    assert "at the end of 20 January 2020" in track("what-if", file, *words).out
    assert track("what-if", file, *words, "--json").answer["at"] == "2020-01-20T14:59:59Z"


def test_a_file_without_heads_is_no_check(track: Any, file: str) -> None:
    signed(track, file)
    Path("none.txt").write_text("\n")
    assert track("verify", file, "--published", "none.txt").status == 2


def test_amounts_owed_and_a_withdrawal_are_told(track: Any, file: str) -> None:
    paying = "on_breach: [{effect: compensate, amount: 12.5, unit: million, to: [south], automatic: true}]"
    text = TEXT.replace(
        "on_breach: [{effect: suspend, targets: [oil], automatic: true, resume_when: verified(freeze)}]", paying
    )
    Path(file).write_text(text.replace("commitments:\n", "exit: {notice: 3 months}\ncommitments:\n"))
    signed(track, file)
    assert (
        "12.5 million, by The North to The South, since 11 February 2020"
        in track("status", file, "--at", "2020-03-01").out
    )
    assert "12.5" not in track("status", file, "--at", "2020-02-10").out
    say(track, file, "withdraw", "2020-03-05", "north", subject="agreement")
    # 5 March and three months: to the end of 5 June
    assert "The North has withdrawn; it is out after 5 June 2020" in track("status", file, "--at", "2020-03-06").out
    assert "nothing of it is owed any more" in track("status", file, "--at", "2020-07-01").out


def test_a_waiver_by_some_is_told_with_who_is_missing(track: Any, file: str) -> None:
    three = TEXT.replace("  south: {name: The South}\n", "  south: {name: The South}\n  east: {name: The East}\n")
    Path(file).write_text(three.replace("    obligees: south\n", "    obligees: [south, east]\n"))
    found = track("record", file, "--kind", "enter_into_force", "--occurred", "2020-01-01", "--by", "north")
    assert found.status == 0, found.err
    say(track, file, "waive", "2020-01-05", "south")
    told = " ".join(track("status", file, "--at", "2020-01-06").out.split())
    assert "waiver by The South on 5 January 2020, still without The East" in told
    say(track, file, "waive", "2020-01-07", "east")
    assert states(track, file, "2020-01-08")["freeze"] == "waived"


def test_records_of_one_instance_say_nothing_of_the_next(track: Any, file: str) -> None:
    text = (
        TEXT[: TEXT.index("  oil:\n    title")]
        .replace("suspend, targets: [oil]", "terminate, targets: [pay]")
        .replace(", resume_when: verified(freeze)", "")
    )
    text += """\
  pay:
    title: The rent
    modality: recurrent
    obligors: south
    obligees: north
    action: {text: Pays.}
    trigger: in_force
    deadline: {every: "FREQ=MONTHLY;COUNT=3", from: 2020-01-10}
    claim_ok: true
"""
    Path(file).write_text(text)
    signed(track, file)
    say(track, file, "claim", "2020-01-09", "south", subject="pay")
    out = track("status", file, "--at", "2020-02-05").out
    second = next(line for line in out.splitlines() if line.startswith("The rent (no. 2)"))
    assert "nothing is recorded of it" in second
    assert "settles nothing" not in second
    assert track("history", file, "pay#2", "--at", "2020-02-05").status == 0


def test_a_deadline_that_moves_on_is_not_told_as_a_date(track: Any, file: str) -> None:
    signed(track, file)
    say(track, file, "claim", "2020-01-20", "north")
    say(track, file, "verify", "2020-01-25", "agency")
    assert "20200325" in track("calendar", file, "--at", "2020-02-01").out  # the oil: two months from 25 January
    by_all = ("record", file, "--kind", "suspend", "--subject", "oil", "--occurred", "2020-02-02")
    assert track(*by_all, "--by", "north", "--by", "south").status == 0
    assert "its clock stands still" in track("status", file, "--at", "2020-02-05").out
    assert "clock stands still" in track("next", file, "--at", "2020-02-05").out
    assert "DTSTART" not in track("calendar", file, "--at", "2020-02-05").out


def test_another_agreements_ledger_is_refused(track: Any, file: str) -> None:
    signed(track, file)
    Path("other.agreement.yaml").write_text(TEXT.replace("freeze-for-oil", "another"))
    found = track("status", "other.agreement.yaml", "--ledger", f"{file}.ledger.sqlite")
    assert found.status == 2
    assert "freeze-for-oil" in found.err
    changed = TEXT.replace("Freeze for oil", "Freeze for more oil")
    Path(file).write_text(changed)
    assert "not the one for which" in track("status", file).err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("status", "deal.agreement.yaml", "--at", "yesterday"), "--at"),
        (("status", "deal.agreement.yaml", "--at", "2020-02-30"), "does not exist"),
        (("status", "deal.agreement.yaml", "--known", "7"), "--known"),
        (("status", "nowhere"), "nowhere"),
        (("status", "deal.agreement.yaml", "--ledger", "none.sqlite"), "none.sqlite"),
        (("record", "deal.agreement.yaml"), "nothing to record"),
        (("record", "deal.agreement.yaml", "--kind", "claim", "--from", "x"), "one of them"),
        (("record", "deal.agreement.yaml", "--kind", "clame", "--by", "north"), "claim"),
        (("record", "deal.agreement.yaml", "--kind", "claim", "--subject", "freeze", "--by", "noth"), "north"),
        (("record", "deal.agreement.yaml", "--kind", "claim", "--body", "x"), "key=value"),
        (("history", "deal.agreement.yaml", "freze"), "freeze"),
        (("exposure", "deal.agreement.yaml"), "case"),
        (("head", "deal.agreement.yaml"), "no ledger"),
        (("verify", "deal.agreement.yaml"), "no ledger"),
        (("calendar", "deal.agreement.yaml", "-o", "x.pdf"), ".ics"),
        (("matrix", "deal.agreement.yaml", "--read", "deal.agreement.yaml"), "workbook"),
        (("import", "deal.agreement.yaml", "deal.agreement.yaml"), "header"),
        (("dance", "deal.agreement.yaml"), "dance"),
        (("record", "deal.agreement.yaml", "--from", "empty.yaml"), "something to record"),
    ],
)
def test_mistakes_are_told(track: Any, file: str, words: tuple[str, ...], told: str) -> None:
    found = track(*words)
    assert found.status in (1, 2)
    assert told in found.err
    as_json = track(*words, "--json")
    assert as_json.status == found.status
    assert json.loads(as_json.out)["errors"]


@pytest.mark.parametrize("name", agreement_names())
def test_answers_on_the_catalog_follow_their_contracts(track: Any, tmp_path: Path, name: str, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for action in ("status", "next", "history", "matrix"):
        for at in ((), ("--at", "2003-06-01"), ("--at", "2016-03-01")):
            found = track(action, f"{name}.agreement.yaml", *at, "--json")
            assert found.status == 0, found.err
            jsonschema.validate(found.answer, json.loads(json.dumps(result_schema(f"track {action}"))))
            assert track(action, f"{name}.agreement.yaml", *at).status == 0


def test_answers_on_a_ledger_follow_their_contracts(track: Any, file: str) -> None:
    signed(track, file)
    said = say(track, file, "claim", "2020-01-20", "north")
    jsonschema.validate(said, result_schema("track record"))
    for words in (
        ("verify", file, "--published", "1:" + "0" * 64),
        ("head", file),
        ("what-if", file, "--kind", "verify", "--subject", "freeze", "--by", "agency", "--occurred", "2020-01-21"),
    ):
        jsonschema.validate(track(*words, "--json").answer, result_schema(f"track {words[0]}"))
    jsonschema.validate(track("calendar", file, "--json").answer, result_schema("track calendar"))
    track("matrix", file, "-o", "m.xlsx")
    found = track("matrix", file, "--read", "m.xlsx", "--json").answer
    jsonschema.validate(found, result_schema("track matrix --read"))
    found = track("exposure", "agreed-framework-1994.agreement.yaml", "--json").answer
    jsonschema.validate(found, result_schema("track exposure"))


def test_help_lists_every_action_without_loading_any() -> None:
    code = """
import sys
from detente.cli import program
program(["track", "--help"], standalone_mode=False)
assert not {m for m in sys.modules if m.startswith(("numpy", "pydantic", "detente.agreement"))}
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for action in ACTIONS:
        assert f"  {action} " in done.stdout
