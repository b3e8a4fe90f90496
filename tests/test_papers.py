"""Tables as papers print them, LaTeX and CSV that cannot go wrong, the dictionary."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente
from detente.base.errors import LimitReached, UsageError
from detente.base.latex import escaped
from detente.base.table import Table
from detente.case.model import Case
from detente.stability import dictionary
from detente.stability.concepts import CONCEPTS
from detente.stability.paper_tables import paper_table, paper_text
from tests.literal import published
from tests.literal.expected import EXPECTED
from tests.literal.states import CaseDict

ROOT = Path(__file__).resolve().parents[1]
CASES: dict[str, CaseDict] = {
    "elmira": published.elmira(),
    "cuba-1962": published.cuba(),
    "syria-iraq": published.syria_iraq(),
    "sustainable-development": published.sustainable_development(),
    **{name: published.two_by_two(name) for name in published.TWO_BY_TWO},
}
KNOWN = {name: next(e for n, e in EXPECTED.items() if n.startswith(name)) for name in CASES}
HEADS = {"nash": "Nash", "gmr": "GMR", "smr": "SMR", "seq": "SEQ", "sseq": "SSEQ"}
NASTY = r"=\input{x}%&$#_^~{}[*] --- ``|<>\\ \end{tabular}"


def answers(case: CaseDict) -> tuple[Any, Any]:
    session = detente.Session(Case.from_text(json.dumps(case), "case"))
    return session.ask("stability"), session.ask("status_quo")


def tables(name: str, kind: str) -> list[Table]:
    return paper_table(kind, *answers(CASES[name]))


def column(table: Table, head: str) -> list[str]:
    return [row[table.heads.index(head)] for row in table.rows]


def numbers(table: Table, head: str, mark: str) -> tuple[int, ...]:
    """Give the numbers of the states that carry a mark."""
    return tuple(int(r[0][1:]) for r in table.rows if r[table.heads.index(head)] == mark)


# --- against the literature ------------------------------------------------------------------------------------------


def test_the_options_of_elmira_stand_as_in_the_literature() -> None:
    (table,) = tables("elmira", "option")
    assert table.columns == ("Party", "Option", *(f"s{n}" for n in range(1, 10)))
    assert [r[2:] for r in table.rows] == [
        ("N", "Y", "N", "Y", "N", "Y", "N", "Y", "-"),
        ("delay", "delay", "accept", "accept", "delay", "delay", "accept", "accept", "abandon"),
        ("N", "N", "N", "N", "Y", "Y", "Y", "Y", "-"),
    ]
    assert table.rulers == (1, 2)


def test_the_options_of_cuba_are_the_twelve_published_patterns() -> None:
    (table,) = tables("cuba-1962", "option")
    patterns = ["".join(r[n] for r in table.rows) for n in range(2, 14)]
    assert patterns == [
        "NNNN", "YNNN", "NYNN", "YYNN", "NNYN", "YNYN", "NYYN", "YYYN", "NNNY", "YNNY", "NYNY", "YYNY",
    ]  # fmt: skip


def test_the_codes_of_cuba_give_the_orders_of_fraser_and_hipel() -> None:
    states, _ = tables("cuba-1962", "state")
    published = {"us": [4, 6, 5, 7, 2, 1, 3, 0, 11, 9, 10, 8], "ussr": [0, 4, 6, 2, 5, 1, 7, 3, 11, 9, 10, 8]}
    for party, codes in published.items():
        ranks = [int(r) for r in column(states, f"Ranks {party}")]
        order = sorted(range(12), key=lambda s: -ranks[s])
        assert [int(column(states, "Code")[s]) for s in order] == codes


@pytest.mark.parametrize("name", [n for n, known in KNOWN.items() if known.rankings])
def test_rankings_are_the_published_ones(name: str) -> None:
    _, rankings = tables(name, "state")
    told = {r[0]: tuple(int(s[1:]) for s in r[1].split(" > ")) for r in rankings.rows}
    assert told == KNOWN[name].rankings


@pytest.mark.parametrize("name", KNOWN)
def test_stability_marks_are_the_published_ones(name: str) -> None:
    (table,) = tables(name, "stability")
    known = KNOWN[name]
    for concept, states in known.equilibria.items():
        assert numbers(table, f"{HEADS[concept]} E", "E") == states
    for concept, of in known.stable.items():
        for party, states in of.items():
            assert numbers(table, f"{HEADS[concept]} {party}", "S") == states


@pytest.mark.parametrize("name", [n for n, known in KNOWN.items() if known.moves])
def test_reachability_is_the_published_one(name: str) -> None:
    known, table = KNOWN[name], tables(name, "evolution")[-1]
    for head, of in (("UIs", known.improvements), ("UMs", known.moves)):
        assert of is not None
        fewest = {int(r[0][1:]): r[table.heads.index(f"Fewest {head}")] for r in table.rows}
        assert {s: int(n) for s, n in fewest.items() if n not in ("-", "0")} == of
        assert {s for s, n in fewest.items() if n == "0"} == {known.status_quo}
        assert {int(s[1:]) for s, *_ in table.rows if fewest[int(s[1:])] not in ("-", "0")} == set(
            numbers(table, f"Reached by {head}", "yes")
        )


def test_the_evolution_of_elmira() -> None:
    ways = tables("elmira", "evolution")[:-1]
    assert [re.findall(r"s\d", w.title) for w in ways] == [["s1", "s4"], ["s1", "s5"], ["s1", "s8"], ["s1", "s9"]]
    to_s5, to_s8, to_s9 = ways[1:]
    assert to_s5.columns == ("Party", "Option", "s1 status quo", "1. lg", "s5 outcome")
    assert [r[2:] for r in to_s5.rows] == [("N", "", "N"), ("delay", "", "delay"), ("N", "→", "Y")]
    assert "every mover prefers" in to_s5.note
    # three moves, of which the ministry's and Uniroyal's hurt their movers: that is why it takes an agreement
    assert len(to_s8.columns) == 2 + 7
    assert sum(c.endswith("*") for c in to_s8.columns) >= 1
    assert [r[2:] for r in to_s9.rows] == [("N", "", "-"), ("delay", "→", "abandon"), ("N", "", "-")]


@pytest.mark.parametrize("name", ["elmira", "cuba-1962", "syria-iraq", "chicken"])
def test_arrows_stand_where_the_named_mover_changes_its_option_and_nowhere_else(name: str) -> None:
    case = CASES[name]
    for way in tables(name, "evolution")[:-1]:
        movers = [c.split(". ")[1].rstrip("*") for c in way.columns[3::2]]
        assert all(a != b for a, b in pairwise(movers))
        for row in way.rows:
            for step, mover in enumerate(movers):
                before, arrow, after = row[2 + 2 * step : 5 + 2 * step]
                assert (arrow == "→") == (row[0] == mover and before != after)
                assert before == after or arrow or after == "-"
        assert all(any(r[3 + 2 * s] == "→" for r in way.rows) for s in range(len(movers)))
        assert {r[0] for r in way.rows} <= set(case["parties"])


@pytest.mark.parametrize("name", ["elmira", "cuba-1962"])
def test_ways_go_by_improvements_where_they_can(name: str) -> None:
    *ways, reachable = tables(name, "evolution")
    order = KNOWN[name].rankings
    alone = set(numbers(reachable, "Reached by UIs", "yes"))
    seen = 0
    for way in ways:
        stops = [int(c.split()[0][1:]) for c in way.columns[2::2]]
        movers = [c.split(". ")[1] for c in way.columns[3::2]]
        better = [
            order[m.rstrip("*")].index(b) < order[m.rstrip("*")].index(a)
            for m, (a, b) in zip(movers, pairwise(stops), strict=True)
        ]
        assert better == [not m.endswith("*") for m in movers]
        if stops[-1] in alone:
            assert all(better)
            seen += 1
    assert seen


# --- what is not there -----------------------------------------------------------------------------------------------


def test_a_verdict_that_is_not_known_is_not_called_unstable() -> None:
    case = CASES["syria-iraq"] | {
        "preferences": CASES["syria-iraq"]["preferences"] | {"iraq": {"partial": [["s2", "s4"]]}}
    }
    (table,) = paper_table("stability", *answers(case))
    assert set(column(table, "Nash iraq")) == {"?"}
    # what Syria would leave is no equilibrium, whatever Iraq wants
    syria = column(table, "Nash syria")
    assert column(table, "Nash E") == ["?" if mark == "S" else "" for mark in syria]
    assert set(column(table, "Nash syria")) == {"S", ""}


def test_wrong_questions_are_told() -> None:
    stability, status_quo = answers(CASES["elmira"])
    with pytest.raises(UsageError, match="Did you mean 'option'"):
        paper_table("options", stability, status_quo)
    with pytest.raises(UsageError, match=r"\.csv or \.tex"):
        paper_text("option", stability, status_quo, ".docx")
    nowhere = CASES["syria-iraq"] | {"infeasible": ["YY-", "NNN"]}
    nowhere["preferences"] = {"syria": {"priorities": ["attack"]}}
    with pytest.raises(UsageError, match="status quo"):
        paper_table("evolution", *answers(nowhere))


def many(states: int) -> CaseDict:
    levels = [f"l{n}" for n in range(36)]
    second = states // 36
    options = {"a": {"party": "p", "levels": levels}, "b": {"party": "q", "levels": levels[:second]}}
    preferences = {"p": {"priorities": ["b == l0"]}, "q": {"priorities": ["a == l1"]}}  # no own move matters
    parties = {"p": {"name": "P"}, "q": {"name": "Q"}}
    head = {"detente": 1, "name": "many", "title": "Many", "as_of": "2024-03-01"}
    return {**head, "parties": parties, "options": options, "preferences": preferences}


def test_what_is_left_out_of_print_is_said_and_files_have_it_all() -> None:
    stability, status_quo = answers(many(36 * 10))
    (printed,) = paper_table("stability", stability, status_quo)
    (full,) = paper_table("stability", stability, status_quo, full=True)
    assert len(printed.rows) == 120 < len(full.rows) == 360
    assert "of 360 states" in printed.note
    assert "360 states" not in full.note
    assert len(paper_text("stability", stability, status_quo, ".csv").splitlines()) == 361
    (options,) = paper_table("option", stability, status_quo)
    assert len(options.columns) == 2 + 24
    with pytest.raises(LimitReached):
        paper_table("option", *answers(many(36 * 30)), full=True)


# --- LaTeX -----------------------------------------------------------------------------------------------------------

BACK = {
    r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textasciigrave{}": "`",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"\dots{}": "…", r"\textbullet{}": "•",
    r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\#": "#", r"\%": "%", r"\_": "_", "{[}": "[", "{]}": "]",
    "{*}": "*", "{}": "", "~": "\u00a0", "''": '"', r"\ensuremath{\rightarrow}": "→", r"\ensuremath{\pm}": "±",
    r"\ensuremath{\geq}": "≥", r"\ensuremath{\leq}": "≤", r"\ensuremath{\times}": "×",
}  # fmt: skip
"""What LaTeX prints for each command that tables use."""
TOKEN = re.compile("|".join(re.escape(k) for k in sorted(BACK, key=len, reverse=True)) + r"|[^\\{}$&#%_^~]", re.DOTALL)


def printed(text: str) -> str:
    """Read LaTeX as it prints: every command must be one that tables use, nothing special may stand bare."""
    out, at = "", 0
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found, f"a bare special in {text!r} at {at}"
        out += BACK.get(found.group(), found.group())
        at = found.end()
    return out


@given(st.text(alphabet=st.sampled_from([*r"\{}$&#%_^~[]*<>|`-?!,\"'", "a", "é", "영", "→", "±", "\u00a0", "…", "•"])))
def test_every_text_prints_as_it_is(text: str) -> None:
    plain = text.replace("'", "")  # straight and curly quotes are one in print
    assert printed(escaped(plain)) == plain
    for ligature in ("--", "``", ",,", "?`", "!`", "<<", ">>"):
        assert ligature not in escaped(text)


@given(st.text(alphabet="[]*a \\", min_size=1))
def test_no_text_is_taken_for_the_argument_of_a_line_break(text: str) -> None:
    assert not re.search(r"(?<!\{)[\[*]", escaped(text))


def test_control_and_direction_characters_are_left_out() -> None:
    assert escaped("a\u202eb\x00c\nd\re\u2028f") == "abc d e f"


ROW = re.compile(r"^(?!\\(?:toprule|midrule|bottomrule|cmidrule|begin|end)).*?(?<!\\)\\\\$", re.MULTILINE)


def tabulars(text: str) -> list[tuple[int, list[list[str]]]]:
    """Take LaTeX apart: of each tabular the number of columns and the cells of each row, spans widened."""
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\begin{") == text.count(r"\end{") > 0
    out = []
    for spec, body in re.findall(r"\\begin\{tabular\}\{@\{\}(.*?)@\{\}\}\n(.*?)\\end\{tabular\}", text, re.DOTALL):
        letters = re.sub(r">\{[^}]*\}|p\{[^}]*\}", lambda m: "p" if m.group().startswith("p") else "", spec)
        rows = []
        for line in body.splitlines():
            if not line.endswith(r" \\"):
                assert re.fullmatch(r"\\(toprule|midrule|bottomrule)|(\\cmidrule\(lr\)\{\d+-\d+\})+", line), line
                continue
            cells = re.split(r"(?<!\\)(?:\\\\)*&", line.removesuffix(r" \\"))
            wide = [c for cell in cells for c in [cell, *[""] * (span(cell) - 1)]]
            assert len(wide) == len(letters), line
            rows.append([c.strip() for c in wide])
        out.append((len(letters), rows))
    return out


def span(cell: str) -> int:
    found = re.match(r"\s*\\multicolumn\{(\d+)\}", cell)
    return int(found.group(1)) if found else 1


def nasty() -> CaseDict:
    """Elmira with names that are LaTeX, formulas and markup."""
    case: CaseDict = json.loads(json.dumps(CASES["elmira"]))
    case["title"] = NASTY
    case["marking"] = "Confidential & <b>100 %</b>"
    for n, part in enumerate((*case["parties"].values(), *case["options"].values())):
        part["name"] = f"{'=-+@'[n % 4]}cmd|{n} {NASTY} 영변"
    return case


@pytest.mark.parametrize("kind", ["option", "state", "stability", "evolution"])
@pytest.mark.parametrize("case", [*CASES.values(), nasty()], ids=[*CASES, "nasty"])
def test_latex_is_well_formed(kind: str, case: CaseDict) -> None:
    text = paper_text(kind, *answers(case), ".tex")
    assert text.startswith("% Needs \\usepackage{array,booktabs}")
    found = tabulars(text)
    assert found
    for _, rows in found:
        for row in rows:
            for cell in row:
                inner = re.sub(r"^\\multicolumn\{\d+\}\{c\}\{(.*)\}$|^\\shortstack\[l\]\{(.*)\}$", r"\1\2", cell)
                for line in inner.split(r"\\"):
                    printed(line)


@pytest.mark.parametrize("name", ["elmira", "cuba-1962"])
def test_latex_prints_every_cell(name: str) -> None:
    (table,) = tables(name, "option")
    text = table.to_latex("x")
    cells = [c for _, rows in tabulars(text) for r in rows[1:] for c in r[2:]]
    assert sorted(map(printed, cells)) == sorted(c for r in table.rows for c in r[2:])
    assert text.count(r"\label{tab:x}") == 1
    assert text.count(r"\caption{") == text.count(r"\begin{table}")


def test_wide_tables_are_cut_into_parts_of_at_most_twenty_states() -> None:
    heads = ("Party", "Option", *(f"s{n}" for n in range(1, 61)))
    rows = tuple((f"P{r}", f"o{r}", *("YN"[(n >> r) % 2] for n in range(60))) for r in range(6))
    text = Table(heads, rows, "Wide", stubs=2).to_latex()
    found = tabulars(text)
    assert len(found) >= 3
    assert all(count <= 22 for count, _ in found)
    assert [h for _, of in found for h in of[0][2:]] == list(heads[2:])
    assert all(of[0][:2] == ["Party", "Option"] for _, of in found)
    assert [[c for _, of in found for c in of[r + 1][2:]] for r in range(6)] == [list(r[2:]) for r in rows]


def test_long_tables_go_over_several_floats_under_one_number() -> None:
    table = Table(("State", "x"), tuple((f"s{n}", "Y") for n in range(100)), "Long")
    text = table.to_latex("long")
    assert text.count(r"\begin{table}") == text.count(r"\addtocounter{table}{-1}") + 1 == 3
    assert [r[0] for _, of in tabulars(text) for r in of[1:]] == [f"s{n}" for n in range(100)]


def test_a_head_of_characters_that_do_not_print_leaves_no_empty_line() -> None:
    text = Table(
        ("State", "a very long head indeed \u200b\u200b\u200b\u200b\u200b\u200b\u200b"), (("s1", "Y"),)
    ).to_latex()
    assert r"\shortstack[l]{a very long\\head indeed}" in text


def test_groups_stand_over_their_columns() -> None:
    (table,) = tables("cuba-1962", "stability")
    for _, rows in tabulars(table.to_latex()):
        groups = [re.sub(r".*\{(\w*)\}$", r"\1", c) for c in rows[0]]
        assert [c for c in groups if c] == [c for c in groups if c in HEADS.values()]
        assert rows[1].count("E") == len([c for c in groups if c])


# --- what nobody knows -----------------------------------------------------------------------------------------------


def test_a_step_is_not_starred_where_nobody_knows_whether_its_mover_prefers_it() -> None:
    case: CaseDict = json.loads(json.dumps(CASES["elmira"]))
    known = tables("elmira", "evolution")[2]
    assert known.columns[5] == "2. uniroyal*"
    assert "*: the mover does not prefer where this move leads" in known.note
    # its order goes s5 > s9 > s3 > s7: s7 is compared with none of these
    case["preferences"]["uniroyal"]["unknown"] = [["s5", "s7"], ["s9", "s7"], ["s3", "s7"]]
    stability, status_quo = answers(case)
    way = paper_table("evolution", stability, status_quo)[2]
    assert way.columns[2:] == ("s1 status quo", "1. lg", "s5 transitional", "2. uniroyal?", "s7 transitional",
                               "3. moe*", "s8 outcome")  # fmt: skip
    assert "?: whether the mover prefers where this move leads is not known" in way.note
    assert "uniroyal? to s7" in paper_text("evolution", stability, status_quo, ".csv")


def test_a_dash_is_explained_where_there_is_one() -> None:
    legend = "-: any level, states that differ only in it are one and the same"
    ways = tables("elmira", "evolution")[:-1]
    assert [legend in w.note for w in ways] == [False, False, False, True]
    assert legend in tables("elmira", "option")[0].note


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["option", "state", "stability", "evolution"])
def test_no_cell_is_a_formula(kind: str) -> None:
    text = paper_text(kind, *answers(nasty()), ".csv")
    cells = [c for row in csv.reader(io.StringIO(text)) for c in row]
    assert any("cmd|" in c for c in cells)
    assert not [c for c in cells if re.match(r"\s*[=+@\t\r]|\s*-[^\d]", c)]


@pytest.mark.parametrize("kind", ["option", "state", "stability", "evolution"])
@pytest.mark.parametrize("name", ["elmira", "cuba-1962", "chicken"])
def test_a_csv_file_is_one_rectangle_under_one_line_of_heads(kind: str, name: str) -> None:
    rows = list(csv.reader(io.StringIO(paper_text(kind, *answers(CASES[name]), ".csv"))))
    assert len({len(r) for r in rows}) == 1
    assert len(set(rows[0])) == len(rows[0])
    if kind != "option":
        count = {"elmira": 9, "cuba-1962": 12, "chicken": 4}[name]
        assert [r[0] for r in rows] == ["State", *(f"s{n + 1}" for n in range(count))]


def test_the_ways_are_a_column_of_the_file() -> None:
    rows = list(csv.DictReader(io.StringIO(paper_text("evolution", *answers(CASES["elmira"]), ".csv"))))
    ways = {r["State"]: r["A shortest way"] for r in rows}
    assert ways["s1"] == ""
    assert ways["s5"] == "lg to s5"
    assert ways["s9"] == "uniroyal* to s9"
    assert all(len(w.split(", then ")) == int(r["Fewest UMs"]) for r, w in zip(rows, ways.values(), strict=True) if w)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"), ("-1+1|x", "'-1+1|x"), ("--Y-", "'--Y-"), ("-", "-"),
        ("-3", "-3"), ("-1,204.5", "-1,204.5"), ("=1", "'=1"), (" =1", "' =1"), ("\n=1", "'\n=1"), ("@x", "'@x"),
        ("\uff1d1", "'\uff1d1"), ("a=1", "a=1"), ("", ""), ("s1", "s1"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_made_text(cell: str, written: str) -> None:
    rows = list(csv.reader(io.StringIO(Table(("x",), ((cell,),)).to_csv(), newline="")))
    assert rows[1:] == [[written]]


def test_the_handling_caveat_is_printed_under_every_table() -> None:
    for kind in ("option", "state", "stability", "evolution"):
        assert all(t.note.startswith("Confidential & ") for t in paper_table(kind, *answers(nasty())))


# --- the dictionary --------------------------------------------------------------------------------------------------


def test_the_page_is_the_rendering() -> None:
    assert (ROOT / "docs" / "gmcr-dictionary.md").read_text(encoding="utf-8") == dictionary.markdown()


def test_every_row_of_the_page_has_its_columns() -> None:
    rows = [line for line in dictionary.markdown().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", r)) for r in rows} == {5}


def test_the_dictionary_is_complete() -> None:
    text = dictionary.markdown().lower()
    for word in (
        "decision maker", "option", "strategy", "feasible state", "unilateral move (um)", "unilateral improvement (ui)",
        "unilateral disimprovement", "reachable list", "nash", "(gmr)", "(smr)", "(seq)", "(sseq)",
        "strongly sequential", "equilibrium", "coalition improvement", "cnash", "csmr", "cseq", "equilibrium jump",
        "(l_h)", "(nm)", "stackelberg",
        "type a", "type b", "type c", "type d", "strength of preference", "hypergame", "status quo analysis",
        "option prioritising", "statement", "coalescing", "irreversible move", "inverse gmcr", "fuzzy", "probabilistic",
        "attitudes", "policy equilibrium", *(f"`{c}`" for c in CONCEPTS),
    ):  # fmt: skip
        assert word in text, word
    assert len({w.theirs for words in dictionary.PARTS.values() for w in words}) == sum(
        map(len, dictionary.PARTS.values())
    )


def test_numbers_of_definitions_are_given_only_where_they_were_checked() -> None:
    sources = [w.source for words in dictionary.PARTS.values() for w in words] + [c.source for c in CONCEPTS.values()]
    assert all(sources)
    numbered = [s for s in sources if re.search(r"def\. ", s)]
    assert numbered
    assert all("Water 15(18):3269" in s for s in numbered)


def test_the_dictionary_is_a_table_too() -> None:
    table = dictionary.dictionary()
    assert len(table.rows) == sum(map(len, dictionary.PARTS.values()))
    assert tabulars(table.to_latex("gmcr"))
