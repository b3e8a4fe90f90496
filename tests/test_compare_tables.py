"""Tables for ``compare``: documented examples run, published tables of unknown preference, what cannot be compared."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

import detente
from detente.base.errors import UsageError
from detente.cli import program
from detente.cli.contracts import result_schema
from detente.formats.expected import parse_expected
from detente.inquiry.compare import Comparison, compare
from detente.inquiry.compare_words import lines
from detente.stability.readings import READINGS
from tests.literal.published import GISBORNE_UNKNOWN
from tests.test_strength import dilemma

PAGE = Path(__file__).parent.parent / "docs" / "compare.md"


def compared(case: str | dict[str, Any], text: str, name: str = "table.yaml") -> Comparison:
    session = detente.Session(detente.load(case) if isinstance(case, str) else detente.Case.from_dict(case))
    return compare(session, parse_expected(text.encode(), name, session.graph(session.base), 10_000))


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["compare", *words], standalone_mode=True)


# --- the documentation -----------------------------------------------------------------------------------------------


def examples() -> list[tuple[str, str, str]]:
    """Case, kind and text of every example of the page."""
    text = PAGE.read_text(encoding="utf-8")
    found = []
    for block in re.finditer(r"```(yaml|csv)\n(.*?)```", text, re.DOTALL):
        case = "gisborne" if "unknown:" in block[2] else "elmira"
        found.append((case, block[1], block[2]))
    return found


@pytest.mark.parametrize(("case", "kind", "text"), examples(), ids=lambda v: v if len(v) < 10 else "")
def test_the_documented_examples_agree(case: str, kind: str, text: str) -> None:
    found = compared(case, text, f"t.{kind}")
    assert found.equal, lines(found)
    assert found.compared


def test_the_examples_are_all_there_are() -> None:
    assert [kind for _, kind, _ in examples()] == ["yaml", "yaml", "csv", "csv", "yaml", "yaml", "yaml"]


def test_every_reading_is_documented() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    for reading in READINGS.values():
        assert told.pop(reading.id) == reading.says
    assert set(told) == {"table_ranking", "unseen_is_stable", "joint_moves", "legal_moves"}


def test_the_examples_of_the_help_can_be_read() -> None:
    told = run("--help").output
    wanted = {}
    for line in told.splitlines():
        if (found := re.fullmatch(r"    (\w+): (\{.*\})", line)) is not None:
            wanted[found[1]] = found[2]
    assert set(wanted) == {"equilibria", "stable", "ranking", "coalitions", "unknown"}
    for key, text in wanted.items():
        answer = compared("gisborne" if key == "unknown" else "elmira", f"{key}: {text}")
        assert not answer.nothing
        assert answer.equal is (key != "unknown")


# --- nothing to compare ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "text", "why"),
    [
        ("gisborne", "equilibria: {nash: [s4]}", "because the order of Provincial government is not known"),
        ("gisborne", "ranking: {provincial: [s3, s7]}", "only some comparisons are known here"),
        (
            "elmira",
            "equilibria: {cnash: [s8]}",
            "cnash belongs under 'coalitions', by group: coalitions: {cnash: {moe+",
        ),
        ("elmira", "strong: {nash: [s8]}", "neither strong nor weak"),
    ],
)
def test_where_nothing_is_compared_nothing_is_called_equal(case: str, text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(text, encoding="utf-8")
    done = run(case, str(file))
    assert done.exit_code == 1
    assert "nothing could be compared with" in done.output
    assert "no difference" not in done.output
    assert why in done.output
    content = json.loads(run(case, str(file), "--json").output)
    assert (content["equal"], content["compared"]) == (False, 0)


def test_a_missing_table_is_called_a_table() -> None:
    done = run("elmira", "nofile.csv")
    assert isinstance(done.exception, UsageError)
    told = str(done.exception)
    assert "no file 'nofile.csv'" in told
    assert "a table of what is expected" in told
    assert "catalog" not in told


def test_only_what_differs_is_counted() -> None:
    found = compared("elmira", "equilibria: {nash: [s5, s8, s9]}\nranking: {lg: [s9, s1]}")
    assert lines(found)[0].endswith(": one ranking differs.")
    found = compared("elmira", "equilibria: {nash: [s5, s9]}\nranking: {lg: [s9, s1]}")
    assert lines(found)[0].endswith(": one verdict differs and one ranking differs.")


def test_what_is_said_of_all_is_not_said_of_each() -> None:
    found = compared("elmira", "equilibria: {nash: [s1, s5, s8, s9]}\nstable: {nash: {moe: [s1, s2]}}")
    told = "\n".join(lines(found))
    assert len(found.differences) > 3
    assert told.count("any reading known here") == 1


# --- unknown preference and strength ---------------------------------------------------------------------------------


def test_the_published_table_of_gisborne_agrees() -> None:
    written = {"unknown": {a: {c.upper(): list(s) for c, s in of.items()} for a, of in GISBORNE_UNKNOWN.items()}}
    found = compared("gisborne", json.dumps(written), "t.json")
    assert (found.equal, found.compared) == (True, 8 * sum(map(len, GISBORNE_UNKNOWN.values())))
    written["unknown"]["b"]["NASH"] = [4]
    found = compared("gisborne", json.dumps(written), "t.json")
    (difference,) = found.differences
    assert (difference.kind, difference.concept, difference.state, difference.found) == ("b", "nash", "s6", True)
    told = "\n".join(lines(found))
    assert "in way b" in told
    assert "The table says not stable; detente finds it stable" in told
    assert "has no move from here for which it would leave" in told
    assert "explained by" not in told  # readings of the definitions were not tried on it


def test_each_party_of_an_attitude_can_be_told() -> None:
    found = compared("gisborne", "unknown: {A: {nash: {Provincial government: [s8]}}}")
    assert [(d.party, d.state) for d in found.differences] == [("provincial", "s8")]
    assert "which it may prefer" in "\n".join(lines(found))


def test_strong_and_weak_verdicts_are_compared() -> None:
    case = dilemma(row=[["s1", "s4"]], col=[["s1", "s4"]])
    assert compared(case, "strong: {gmr: [s1, s4], seq: {row: [s1, s2, s4]}}\nweak: {gmr: []}").equal
    found = compared(case, "strong: {gmr: [s4]}\nweak: {gmr: [s1]}")
    assert [(d.kind, d.state, d.found) for d in found.differences] == [("strong", "s1", True), ("weak", "s1", False)]
    told = "\n".join(lines(found))
    assert "gmr, general metarationality, strongly, for all parties: s1" in told
    assert "much worse off than before" in told


def test_further_questions_in_our_own_answer_agree() -> None:
    session = detente.Session(detente.load("gisborne"))
    document = session.ask("stability").to_dict()
    plain = compared("gisborne", json.dumps(document), "a.json").compared
    document["unknown"] = session.ask("unknown").to_dict()
    document["strength"] = session.ask("strength").to_dict()
    found = compared("gisborne", json.dumps(document), "a.json")
    assert found.equal
    # four attitudes, five concepts, three parties and all; strong and weak gmr and smr for the two with an order
    assert found.compared - plain == 8 * (4 * 5 * 4 + 2 * 2 * 2)
    document["unknown"]["stable"]["a"]["seq"]["provincial"] = ["s1", "s2"]
    found = compared("gisborne", json.dumps(document), "a.json")
    assert {(d.kind, d.concept, d.party) for d in found.differences} == {("a", "seq", "provincial")}
    content = found.to_dict()
    head = json.loads(run("elmira", "elmira", "--json").output)
    jsonschema.validate({**head, **content}, result_schema("compare"))


# --- names, numbers, groups, titles ----------------------------------------------------------------------------------


def test_plain_numbers_capitals_and_names() -> None:
    assert compared("elmira", "equilibria: {Nash: [5, 8, 9]}").equal
    assert compared("elmira", "stable: {GMR: {uniroyal: [1, 4, 5, 8, 9], LG: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}").equal
    assert compared("elmira", "state,nash Lg\n5,x\n1,\n", "t.csv").equal


def test_a_number_that_is_another_states_key_is_refused() -> None:
    case = {
        "detente": 1, "name": "one", "parties": {"a": {}}, "options": {"x": {"party": "a", "levels": ["l", "m", "h"]}},
        "preferences": {"a": {"ranking": ["x == h", "x == m", "x == l"]}},
    }  # fmt: skip
    with pytest.raises(detente.CaseError, match="s1 by number, s2 by key"):
        compared(case, "equilibria: {nash: [1]}")
    assert compared(case, "equilibria: {nash: [3]}").equal


def test_groups_in_csv() -> None:
    long = 'concept,party,states\ncnash,moe+Uniroyal,"s1 s3 s4 s7 s8 s9"\ncnash,universal,s8 s9\nnash,all,s5 s8 s9\n'
    found = compared("elmira", long, "t.csv")
    assert (found.equal, found.compared) == (True, 27)
    wide = "state,cnash uniroyal+moe,cnash E,nash lg\n1,x,,\n5,,,x\n8,x,x,x\n"
    found = compared("elmira", wide, "t.csv")
    assert (found.equal, found.compared) == (True, 9)
    found = compared("elmira", long.replace("s1 s3", "s5 s3"), "t.csv")
    assert {(d.party, d.state) for d in found.differences} == {("moe+uniroyal", "s5"), ("moe+uniroyal", "s1")}


TITLED = """{title}{fill}
State,Key,Ranks row,Ranks col,nash row{empty}
s1,00,2,2,{empty}
s2,10,3,1,x{empty}
s3,01,1,3,x{empty}
s4,11,0,0,{empty}
{between}
Rankings: Chicken{fill}
Party,States from most to least preferred{most}
First driver,s2 > s1 > s3 > s4{most}
"""


@pytest.mark.parametrize("title", ["War; peace", "One\ttwo; three; four; five; six; seven", "Chicken"])
def test_tables_under_titles_are_read(title: str) -> None:
    plain = TITLED.format(title=title, fill="", empty="", between="", most="")
    filled = TITLED.format(title=title, fill="," * 6, empty="," * 2, between="," * 6, most="," * 5)
    for text in (plain, filled):  # spreadsheets fill rows up
        found = compared("chicken", text, "t.csv")
        assert (found.equal, found.ranked, found.compared) == (True, 2, 4)


def test_our_own_tables_are_read_again(tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    for kind, told in (("state", "compared two rankings"), ("stability", "compared 60 verdicts")):
        done = CliRunner().invoke(program, ["stability", "chicken", "--table", kind, "-o", str(out)])
        assert done.exit_code == 0, done.output
        done = run("chicken", str(out))
        assert (done.exit_code, told in done.output) == (0, True), done.output
