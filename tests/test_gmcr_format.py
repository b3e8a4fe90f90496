"""The .gmcr save format: what it says becomes a case, what it cannot say is told, bad files are refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import detente
from detente.catalog import catalog_names
from detente.cli import program
from detente.formats.gmcr_case import identifiers, open_gmcr
from detente.formats.json_tree import read_json
from detente.formats.opened import Opened
from detente.formats.reading import open_file, sniff
from detente.formats.writing import case_yaml
from tests.literal.definitions import Model
from tests.literal.expected import EXPECTED
from tests.literal.published import ids, syria_iraq

Content = dict[str, Any]


def condition(pattern: str) -> list[list[Any]]:
    """Pairs of an option number and Y or N."""
    return [[n, sign] for n, sign in enumerate(pattern) if sign != "-"]


def option(name: str, way: str = "both") -> Content:
    return {"name": name, "permittedDirection": way}


def syria() -> Content:
    """The Euphrates dispute of 1975, in statements."""
    return {
        "program": "written for a test",
        "options": [option("Release water"), option("Escalate"), option("Attack")],
        "decisionMakers": [
            {"name": "Syria", "options": [0, 1],
             "preferences": [condition(p) for p in ("NNN", "-Y-", "--N", "N--")]},
            {"name": "Iraq", "options": [2],
             "preferences": [condition(p) for p in ("YNN", "NNY", "NYY", "NNN", "YNY")]},
        ],
        "infeasibles": [condition("YY-")],
        "useManualPreferenceRanking": False,
    }  # fmt: skip


def chicken() -> Content:
    """Two drivers, in rankings."""
    return {
        "options": [option("Swerve"), option("Swerve")],
        "decisionMakers": [
            {"name": "Row", "options": [0], "preferences": [], "preferenceRanking": [3, 4, 2, 1]},
            {"name": "Column", "options": [1], "preferences": [], "preferenceRanking": [2, 4, 3, 1]},
        ],
        "infeasibles": [],
        "useManualPreferenceRanking": True,
    }


def opened(content: Content | str, name: str = "test.gmcr") -> Opened:
    text = content if isinstance(content, str) else json.dumps(content)
    return open_gmcr(text.encode(), name)


def told(found: Opened) -> str:
    return "\n".join(str(p) for p in found.losses)


def stability(found: Opened) -> Any:
    return detente.Session(found.case).ask("stability")


# --- what a file says ------------------------------------------------------------------------------------------------


def test_statements_become_priorities_with_published_results() -> None:
    found = opened(syria())
    assert found.losses == ()
    answer = stability(found)
    known, oracle = EXPECTED["syria-iraq-1975"], Model(syria_iraq())
    for concept, states in known.equilibria.items():
        assert list(answer.equilibria(concept)) == ids(*states)
    for party in ("syria", "iraq"):
        assert answer.graph.ranks[party].tolist() == [oracle.ranks[party][s] for s in oracle.space.ids]
    assert found.case.option_name("release-water") == "Release water"
    assert found.case.party_name("iraq") == "Iraq"
    assert found.case.title == "test"


def test_directions() -> None:
    content = syria()
    for number, way in enumerate(("both", "fwd", "back")):
        content["options"][number]["permittedDirection"] = way
    assert [o.moves for o in opened(content).case.file.options.values()] == ["both", "up", "down"]


def test_rankings_count_when_the_file_says_so() -> None:
    content = syria()
    content["decisionMakers"][0]["preferenceRanking"] = [6, [5, 4], 3, 2, 1]
    content["decisionMakers"][1]["preferenceRanking"] = [[1, 2, 3, 4, 5, 6]]
    found = opened(content)
    assert stability(found).graph.ranks["syria"].tolist() == [5, 2, 4, 1, 0, 3]
    assert told(found).count("that is not the order its statements give") == 2
    for flag in ("useManualPreferenceRanking", "useManualPreferenceVectors"):
        for ranking in ("preferenceRanking", "preferenceVector"):
            other = json.loads(json.dumps(content).replace("preferenceRanking", ranking))
            del other["useManualPreferenceRanking"]
            other[flag] = True
            answer = stability(opened(other))
            assert answer.graph.ranks["syria"].tolist() == [0, 1, 2, 3, 3, 4]
            assert answer.graph.ranks["iraq"].tolist() == [0] * 6


def test_without_the_flag_statements_count_if_there_are_any() -> None:
    content = syria()
    del content["useManualPreferenceRanking"]
    assert stability(opened(content)).equilibria("nash") == ("s6",)
    content = chicken()
    del content["useManualPreferenceRanking"]
    assert stability(opened(content)).equilibria("nash") == ("s2", "s3")


def test_states_are_numbered_by_owners_and_not_by_the_order_of_options() -> None:
    """Column owns the first option of the file; conditions bind to the file, numbers to the order of the owners."""
    content = chicken()
    content["options"] = [option("Left"), option("Right")]
    content["decisionMakers"][0]["options"], content["decisionMakers"][1]["options"] = [1], [0]
    content["infeasibles"] = [[[0, "Y"], [1, "N"]]]
    content["decisionMakers"][0]["preferenceRanking"] = [3, 2, 1]
    content["decisionMakers"][1]["preferenceRanking"] = [2, 1, 3]
    found = opened(content)
    assert list(found.case.options) == ["right", "left"]
    graph = stability(found).graph
    assert [graph.states.key(s) for s in range(3)] == ["00", "10", "11"]  # left without right is impossible
    assert graph.ranks["row"].tolist() == [0, 1, 2]
    assert graph.ranks["column"].tolist() == [1, 2, 0]
    assert found.losses == ()


def test_compounds_are_alternatives() -> None:
    content = syria()
    either = {"compound": True, "members": [condition("Y-Y"), condition("NY-"), condition("--N")]}
    content["decisionMakers"][0]["preferences"] = [either, []]
    content["infeasibles"] = [{"compound": True, "members": [condition("YY-"), condition("NNY")]}]
    found = opened(content)
    graph = stability(found).graph
    keys = [graph.states.key(s) for s in range(len(graph))]
    assert keys == ["000", "100", "010", "101", "011"]
    assert graph.ranks["syria"].tolist() == [0, 0, 0, 0, 0]
    content["decisionMakers"][0]["preferences"] = [{"members": [condition("Y-Y"), condition("NY-")]}]
    assert stability(opened(content)).graph.ranks["syria"].tolist() == [0, 0, 1, 1, 1]
    assert "test.gmcr:1:" in told(found)
    assert "a compound of conditions in infeasibles" in told(found)


def test_misperceptions_become_views() -> None:
    content = syria()
    content["decisionMakers"][0]["misperceptions"] = [condition("YN-")]
    content["decisionMakers"][1]["misperceptions"] = [condition("NN-")]
    found = opened(content)
    views = found.case.file.views
    assert [(n, v.of, v.label) for n, v in views.items()] == [
        ("syria-sees", "syria", "What Syria sees"), ("iraq-sees", "iraq", "What Iraq sees"),
    ]  # fmt: skip
    session = detente.Session(found.case)
    seen = session.states(session.case(view="syria-sees"))
    assert [seen.key(s) for s in range(len(seen))] == ["000", "010", "001", "011"]
    assert session.ask("stability").equilibria("nash") == ("s6",)


def test_coalitions_are_handed_on() -> None:
    content = syria()
    content["coalitions"] = [[0, 1]]
    found = opened(content)
    assert found.coalitions == (("syria", "iraq"),)
    content["coalitions"] = [0, 1]
    assert opened(content).coalitions == ()
    for wrong in ([0], [0, [0, 1]]):
        content["coalitions"] = wrong
        found = opened(content)
        assert found.coalitions == ()
        assert "not every decision maker is named once" in told(found)


def test_many_statements_are_lexicographic() -> None:
    """Seventy statements: too many for a sum of powers of two in 64 bits; the first one decides."""
    content = syria()
    filler = [condition("--Y")] * 69
    content["decisionMakers"][0]["preferences"] = [condition("-Y-"), *filler]
    assert stability(opened(content)).graph.ranks["syria"].tolist() == [0, 0, 2, 1, 1, 3]


# --- names -----------------------------------------------------------------------------------------------------------


def test_duplicate_names_are_told_and_kept_apart() -> None:
    found = opened(chicken())
    assert list(found.case.options) == ["swerve", "swerve-2"]
    assert "two options named 'Swerve'" in told(found)
    assert "swerve and swerve-2" in told(found)
    content = chicken()
    content["decisionMakers"][1]["name"] = "Row"
    case = opened(content).case
    assert list(case.parties) == ["row", "row-2"]
    assert [case.party_name(p) for p in case.parties] == ["Row", "Row (2)"]


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("Release Water!", "release-water"),
        ("  x  ", "x"),
        ("Île-de-France", "ile-de-france"),
        ("南北", "option-1"),
        ("", "option-1"),
        ("2nd track", "option-2nd-track"),
        ("not", "option-not"),
        ("s12", "option-s12"),
        ("No", "option-no"),
        ("a" * 100, "a" * 40),
        ("word " * 20, "word-word-word-word-word-word-word-word"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
    ],
)
def test_ids_are_legal(name: str, ident: str) -> None:
    assert identifiers([name], "option") == [ident]
    content = syria()
    content["options"][0]["name"] = name
    case = opened(content).case
    assert case.options[0] == ident
    assert case.option_name(ident).strip() in (name.strip(), ident.replace("-", " "))


def test_ids_are_each_used_once() -> None:
    names = ["a", "a", "A", "a-2", "", "", "é" * 50, "é" * 51]
    found = identifiers(names, "option")
    assert len(set(found)) == len(names)
    assert found[:4] == ["a", "a-2", "a-3", "a-2-2"]


# --- what looks wrong ------------------------------------------------------------------------------------------------


def test_owners() -> None:
    content = syria()
    content["decisionMakers"][1]["options"] = [2, 0]
    found = opened(content)
    assert "the option 'Release water' of syria and iraq" in told(found)
    assert found.case.file.options["release-water"].party == "syria"
    content = syria()
    content["decisionMakers"][0]["options"] = [0]
    found = opened(content)
    assert "the option 'Escalate' of no decision maker" in told(found)
    assert list(found.case.options) == ["release-water", "attack", "escalate"]
    graph = stability(found).graph
    assert graph.movers == ("syria", "iraq")
    assert graph.case.file.parties["nobody"].role == "mediator"


@pytest.mark.parametrize(
    ("ranking", "piece", "ranks"),
    [
        ([3, 4, 2], "1 states left out", [0, 1, 3, 2]),
        ([3, 4, 2, 1, 3], "3 twice", [0, 1, 3, 2]),
        ([3, 4, 2, 1, 5], "5, which no state has", [0, 1, 3, 2]),
        ([3, 4, [2, 0], 1], "0, which no state has", [0, 1, 3, 2]),
        ([[10**17, 3], 4, 2, 1], "100000000000000000, which no state has", [0, 1, 3, 2]),
        ([1], "3 states left out", [1, 0, 0, 0]),
    ],
)
def test_rankings_that_do_not_fit(ranking: list[Any], piece: str, ranks: list[int]) -> None:
    content = chicken()
    content["decisionMakers"][0]["preferenceRanking"] = ranking
    found = opened(content)
    assert piece in told(found)
    assert stability(found).graph.ranks["row"].tolist() == ranks


def test_a_ranking_much_shorter_than_the_states() -> None:
    content = chicken()
    content["options"] = [option(f"Option {n}") for n in range(60)]
    content["decisionMakers"][0]["options"], content["decisionMakers"][1]["options"] = [0], list(range(1, 60))
    begin = time.monotonic()
    found = opened(content)
    assert time.monotonic() - begin < 10
    assert "fewer states than there are" in told(found)


def test_unknown_keys_are_told() -> None:
    content = syria() | {"colour": 1, "coalitionsFull": [[9]]}
    content["decisionMakers"][0]["mood"] = "x"
    content["decisionMakers"][0]["payoffs"] = "ignored"
    found = opened(content)
    assert "the key 'colour'" in told(found)
    assert "the key 'mood'" in told(found)
    assert len(found.losses) == 2


# --- bad files -------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, tuple[str, ...]]] = {
    "empty": ("", ("bad.gmcr:1:1", "the end of the file")),
    "list": ("[]", ("an object with options and decisionMakers",)),
    "no keys": ('{"option": []}', ("no options", "no decisionMakers", "Did you mean 'option'")),
    "no options": ('{"options": [], "decisionMakers": []}', ("no entry in options",)),
    "wrong list": ('{"options": 3, "decisionMakers": {}}', ("options: '3'", "decisionMakers: an object")),
    "wrong entry": ('{"options": ["x", 3, null],\n "decisionMakers": [[]]}', ("the text 'x'", "bad.gmcr:2:21")),
    "direction": (
        '{"options": [{"name": "x", "permittedDirection": "forward"}], "decisionMakers": []}',
        ("bad.gmcr:1:50", "'forward'", '"both", "fwd" or "back"'),
    ),
    "no direction": ('{"options": [{"name": "x"}], "decisionMakers": []}', ("no permittedDirection",)),
    "no name": ('{"options": [{"permittedDirection": "fwd"}], "decisionMakers": []}', ("no name",)),
    "number as name": (
        '{"options": [{"name": 3, "permittedDirection": "fwd"}], "decisionMakers": []}',
        ("the name '3'", "double quotes"),
    ),
    "nan": ('{"options": NaN}', ("'NaN'", "bad.gmcr:1:13")),
    "infinity": ('{"options": [-Infinity]}', ("'-Infinity'",)),
    "duplicate": ('{"options": [],\n "options": []}', ("bad.gmcr:2:2", "a second time", "line 1")),
    "trailing comma": ('{"options": [],}', ("a key in double quotes",)),
    "comment": ('{"options": [] // none\n}', ("'//'",)),
    "single quotes": ("{'options': []}", ("double quotes",)),
    "second value": ("{} {}", ("the end of the file",)),
    "open text": ('{"options', ("without its closing quote",)),
    "escape": ('{"\\q": 1}', ("unknown escape",)),
    "deep": ('{"options":' * 100_000, ("64 levels of nesting",)),
    "deep lists": ("[" * 1_000_000, ("64 levels of nesting",)),
    "null byte": ('{"options": "\\u0000"}', ("U+0000",)),
    "direction mark": ('{"options": "\\u202e"}', ("U+202E",)),
    "lone surrogate": ('{"options": "\\ud800"}', ("U+D800",)),
    "many values": ("[" + "0," * 2_000_000 + "0]", ("1,000,000",)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAD))
def test_bad_files_are_told_with_place(name: str) -> None:
    text, pieces = BAD[name]
    begin = time.process_time()
    with pytest.raises(detente.CaseError) as caught:
        opened(text, "bad.gmcr")
    for piece in pieces:
        assert piece in str(caught.value)
    assert time.process_time() - begin < 4


@pytest.mark.parametrize(
    ("path", "value", "piece"),
    [
        (("decisionMakers", 0, "options"), [7], "the number of an option, from 0 to 2"),
        (("decisionMakers", 0, "options"), ["0"], "the text '0'"),
        (("decisionMakers", 0, "options"), [1.0], "'1.0'"),
        (("decisionMakers", 0, "options"), [True], "'true'"),
        (("decisionMakers", 0, "options"), [-1], "'-1'"),
        (("decisionMakers", 0, "options"), [10**400], "expected the number of an option"),
        (("decisionMakers", 0, "preferences"), [3], "a condition: a list"),
        (("decisionMakers", 0, "preferences"), [[3]], "a pair such as"),
        (("decisionMakers", 0, "preferences"), [[[0, "y"]]], '"Y" or "N"'),
        (("decisionMakers", 0, "preferences"), [[[None, "Y"]]], "the number of an option"),
        (("decisionMakers", 0, "preferences"), [[[9, "Y"]]], "'9'"),
        (("decisionMakers", 0, "preferences"), [{"compound": True}], "an object without members"),
        (("decisionMakers", 0, "preferences"), [{"members": []}], "no member"),
        (("decisionMakers", 0, "preferences"), [{"members": 3}], "members: '3'"),
        (("decisionMakers", 0, "preferences"), [[]] * 20_000, "at most 10,000"),
        (("decisionMakers", 0, "preferenceRanking"), "1", "a list"),
        (("decisionMakers", 0, "preferenceRanking"), [1, "2"], "a state number"),
        (("decisionMakers", 0, "preferenceRanking"), [1, []], "an empty list"),
        (("decisionMakers", 0, "preferenceRanking"), [[[1]]], "a state number"),
        (("decisionMakers", 0, "preferenceRanking"), [None], "null in preferenceRanking"),
        (("decisionMakers", 0, "misperceptions"), [[[0, 1]]], '"Y" or "N"'),
        (("infeasibles",), [[[0]]], "a pair"),
        (("useManualPreferenceRanking",), "yes", "true or false"),
        (("useManualPreferenceRanking",), None, "true or false"),
        (("coalitions",), [7], "the number of a decision maker, from 0 to 1"),
        (("options", 0, "name"), "x" * 5_000, "at most 4,000"),
    ],
)
def test_wrong_parts_are_told(path: tuple[Any, ...], value: Any, piece: str) -> None:
    content = syria()
    node: Any = content
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    text = json.dumps(content, indent=1)
    with pytest.raises(detente.CaseError) as caught:
        opened(text)
    assert piece in str(caught.value)
    assert all(p.line is not None for p in caught.value.problems())


def test_all_problems_are_told_at_once() -> None:
    content = syria()
    content["options"][0]["permittedDirection"] = "up"
    content["decisionMakers"][0]["options"] = [5]
    content["infeasibles"] = [[[0, "X"]]]
    with pytest.raises(detente.CaseError) as caught:
        opened(json.dumps(content, indent=1))
    assert len(caught.value.problems()) == 3
    assert len({p.line for p in caught.value.problems()}) == 3


def test_too_many_options_are_refused() -> None:
    content = syria()
    content["options"] = [option(str(n)) for n in range(1_001)]
    with pytest.raises(detente.CaseError, match="at most 1,000"):
        opened(content)


def test_long_conditions_are_written_as_patterns() -> None:
    content = syria()
    content["options"] = [option(f"Option {n}") for n in range(300)]
    content["decisionMakers"][0]["options"] = list(range(300))
    content["decisionMakers"][1]["options"] = []
    none = [[n, "N"] for n in range(300)]
    content["infeasibles"] = [none]
    content["decisionMakers"][0]["preferences"] = [none, {"members": [none, none[:150]]}, [[0, "Y"], [0, "N"]]]
    content["decisionMakers"][1]["preferences"] = []
    case = opened(content).case
    assert case.file.infeasible[0].text == "N" * 300


def test_json_is_read_as_python_reads_it() -> None:
    text = '{"a": [1, -2.5e3, "x\\u00e9\\ud83d\\ude00\\/\\n", true, null, {}, []], "": {"b": "\\""}}'

    def plain(node: Any) -> Any:
        if isinstance(node, dict):
            return {str(k): plain(v) for k, v in node.items()}
        if isinstance(node, list):
            return [plain(v) for v in node]
        return node if node is None or node.shift else json.loads(node)

    assert plain(read_json(text, None)) == json.loads(text)


# --- as a case of every verb -----------------------------------------------------------------------------------------


def test_every_verb_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "euphrates.gmcr"
    content = syria() | {"colour": 1}
    file.write_text(json.dumps(content), encoding="utf-8")
    for verb in ("check", "states", "stability"):
        done = CliRunner().invoke(program, [verb, str(file), "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["case"] == "euphrates"
        assert f"warning: {file}:1:" in done.stderr
        assert "the key 'colour'" in done.stderr
    done = CliRunner().invoke(program, ["stability", str(file), "--set", "options.attack.moves=up"])
    assert done.exit_code == 0
    assert "the key 'colour'" in done.stderr
    case = detente.load(file)
    assert case.name == "euphrates"
    assert any("colour" in str(w) for w in case.warnings)


def test_the_content_tells_where_the_name_does_not(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text("\ufeff" + json.dumps(syria()), encoding="utf-8")
    assert open_file(file).format == "gmcr"
    assert open_file("elmira").format == "detente"
    assert sniff(b'{"detente": 1}', "x.yaml").id == "detente"
    assert sniff(b"", "x.GMCR").id == "gmcr"
    done = CliRunner().invoke(program, ["states", "-", "--json"], input=json.dumps(syria()))
    assert json.loads(done.stdout)["case"] == "imported-case"


@pytest.mark.parametrize("name", catalog_names())
def test_converted_cases_are_the_same_cases(name: str) -> None:
    case = detente.load(name)
    again = detente.Case.from_text(case_yaml(case))
    assert again.digest() == case.digest()
    assert [str(w) for w in again.warnings] == [str(w) for w in case.warnings]


def test_convert_writes_a_case_file(tmp_path: Path) -> None:
    content = syria()
    content["decisionMakers"][0]["misperceptions"] = [condition("YN-"), []]
    content["decisionMakers"][1]["name"] = "Iraq: 'no', #1"
    content["coalitions"], content["colour"] = [[0, 1]], 1
    source, target = tmp_path / "e.gmcr", tmp_path / "e.case.yaml"
    source.write_text(json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(program, ["convert", str(source), "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "the key 'colour'" in done.stderr
    assert "--structure syria+iraq-no-1" in done.stderr
    assert detente.load(target).digest() == open_file(source).case.digest()
    assert "- not release-water and not escalate" in target.read_text(encoding="utf-8") or "[not" in target.read_text()
    assert CliRunner().invoke(program, ["convert", str(source)]).stdout.startswith("detente: 1\n")


def test_compared_with_the_case_it_describes(tmp_path: Path) -> None:
    """The published case and the file agree in states, orders and verdicts; a changed file does not."""
    file, case = tmp_path / "s.gmcr", tmp_path / "s.case.yaml"
    file.write_text(json.dumps(syria()), encoding="utf-8")
    case.write_text(json.dumps(syria_iraq()), encoding="utf-8")
    done = CliRunner().invoke(program, ["compare", str(case), str(file)])
    assert done.exit_code == 0, done.output
    assert "compared 90 verdicts and two rankings" in done.output
    content = syria()
    content["infeasibles"] = []
    content["options"][2]["permittedDirection"] = "fwd"
    file.write_text(json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(program, ["compare", str(case), str(file), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["states"] == {"missing": ["s4", "s8"], "extra": []}
    assert any("other directions" in text for text in told["not_compared"])
    content["options"][2]["name"] = "Attak"
    file.write_text(json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(program, ["compare", str(case), str(file)])
    assert isinstance(done.exception, detente.CaseError)
    assert "Did you mean 'Attak'?" in str(done.exception)
