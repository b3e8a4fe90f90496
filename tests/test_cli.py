"""The command line: exit statuses, the JSON contract, messages without tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from detente.catalog import catalog_names
from detente.cli import VERBS
from detente.cli.contracts import CONTRACTS, result_schema


def run(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "detente", *words],
        capture_output=True,
        text=True,
        input=given,
        check=False,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def answer(*words: str, status: int = 0) -> Any:
    done = run(*words, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_help_lists_exactly_the_verbs_there_are() -> None:
    done = run("--help")
    assert done.returncode == 0
    for verb in VERBS:
        assert f"  {verb} " in done.stdout
        assert run(verb, "--help").returncode == 0


ASK_FOR_MORE = {"compare", "plan", "draft", "forecast", "lint", "lint prose"}


@pytest.mark.parametrize("verb", sorted(v for v in CONTRACTS if v not in ASK_FOR_MORE and not v.startswith("track")))
@pytest.mark.parametrize("name", ["elmira", "korea-2019"])
def test_json_follows_its_schema(verb: str, name: str) -> None:
    content = answer(verb, name, status=int((verb, name) == ("settle", "elmira")))  # which has no zone
    schema = json.loads(run("schema", "--result", verb).stdout)
    assert schema == json.loads(json.dumps(result_schema(verb)))
    jsonschema.validate(content, schema)
    assert list(content)[:13] == [
        "detente", "contract", "verb", "case", "digest", "view", "types", "changes", "parameters", "seed", "exact",
        "warnings", "limits",
    ]  # fmt: skip
    assert content["verb"] == verb


def test_the_schema_notices_a_wrong_answer() -> None:
    content = answer("stability", "chicken")
    content["equilibria"]["nash"] = ["two"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, result_schema("stability"))


def test_above_10000_states_counts_stand_for_lists() -> None:
    short, full = answer("stability", "korea-2019"), answer("stability", "korea-2019", "--full")
    assert short["states"] == len(full["states"])
    assert short["equilibria"] == full["equilibria"]
    assert short["stable"]["seq"]["dprk"] == len(full["stable"]["seq"]["dprk"])


def test_views_types_and_changes_are_named_in_the_answer() -> None:
    content = answer("stability", "korea-2019", "--view", "liu", "--type", "dprk=keeper", "--set", "title=x")
    assert content["view"] == "liu"
    assert content["types"]["dprk"] == "keeper"
    assert {"path": "title", "value": "x"} in content["changes"]


def test_standard_input_and_paths_are_read(tmp_path: Path) -> None:
    text = run("catalog", "chicken").stdout
    assert json.loads(run("states", "-", "--json", given=text).stdout)["case"] == "chicken"
    (tmp_path / "c.case.yaml").write_text(text, encoding="utf-8")
    assert run("check", str(tmp_path / "c.case.yaml")).returncode == 0


def test_init_writes_a_case_that_checks_clean_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    assert run("init", str(file)).returncode == 0
    assert run("check", str(file), "--strict").returncode == 0
    before = file.read_text(encoding="utf-8")
    assert run("init", str(file), "--from", "elmira").returncode == 2
    assert file.read_text(encoding="utf-8") == before
    assert run("init", str(tmp_path / "e.yaml"), "--from", "elmira").returncode == 0


@pytest.mark.parametrize(
    ("words", "status", "piece"),
    [
        (("stabilty", "elmira"), 2, "Did you mean 'stability'"),
        (("stability", "elmra"), 2, "Did you mean 'elmira'"),
        (("stability", "no-such-file.case.yaml"), 2, "no file or catalog case"),
        (("stability", "elmira", "--view", "x"), 2, "has none"),
        (("stability", "korea-2019", "--type", "dprk=keepr"), 2, "Did you mean 'keeper'"),
        (("stability", "elmira", "--set", "parties.moe.nam=x"), 2, "Did you mean 'name'"),
        (("stability", "elmira", "--set", "options.new={party: lg}"), 2, "a change that adds"),
        (("stability", "elmira", "--explain", "s10", "lg"), 2, "s1 to s9"),
        (("stability", "elmira", "--explain", "s1", "moee"), 2, "Did you mean 'moe'"),
        (("stability", "korea-2019", "--limit", "100"), 3, "at most 100"),
        (("states", "elmira", "-o", "x.docx"), 2, "a file ending in"),
        (("stability", "."), 2, "the folder"),
    ],
)
def test_wrong_use_is_told_plainly(words: tuple[str, ...], status: int, piece: str) -> None:
    done = run(*words)
    assert done.returncode == status
    assert piece in done.stderr
    assert done.stdout == ""
    as_json = run(*words, "--json")
    assert as_json.returncode == status
    error = json.loads(as_json.stdout)["errors"][0]
    assert set(error) == {"file", "line", "column", "path", "found", "expected", "fix"}


def test_findings_give_exit_1_and_strict_counts_remarks(tmp_path: Path) -> None:
    file = tmp_path / "c.case.yaml"
    text = run("catalog", "chicken").stdout
    file.write_text(text + "\nnumbers: {unused: 3}\n", encoding="utf-8")
    assert run("check", str(file)).returncode == 0
    done = run("check", str(file), "--strict")
    assert done.returncode == 1
    assert "Nothing uses the number 'unused'" in done.stdout
    mute = "detente: 1\nname: m\nparties: {a: , b: }\noptions: {x: {party: a}, y: {party: b}}\n"
    file.write_text(mute + "preferences: {a: {utility: {x: 1}}}\n", encoding="utf-8")
    done = run("check", str(file))
    assert done.returncode == 1
    assert "b has no preferences" in done.stdout


def test_explain_tells_who_answers_and_how() -> None:
    text = run("stability", "elmira", "--explain", "s1", "lg", "--concept", "gmr", "--concept", "seq").stdout
    assert "general metarationality: stable" in text
    assert "Ministry of the Environment changes Modify the order to 'yes' (s5 to s6)" in text
    assert "sequential stability: not stable" in text


INCOMPLETE = {
    "american-revolution": ["American colonies has no preferences", "British Crown has no preferences"],
    "gisborne": ["For Provincial government only some comparisons are known"],
}
"""Cases that show what it is to know less, and what ``check`` says of each."""


@pytest.mark.parametrize("name", catalog_names())
def test_every_catalog_case_checks_clean(name: str) -> None:
    done = run("check", name, "--json")
    known = INCOMPLETE.get(name, [])
    texts = [f["text"] for f in json.loads(done.stdout)["findings"] if f["severity"] != "info"]
    assert [text.startswith(piece) for text, piece in zip(texts, known, strict=True)] == [True] * len(known)
    assert done.returncode == (1 if known else 0)


def test_every_catalog_case_says_what_it_is_good_for() -> None:
    listed = run("catalog").stdout
    for case in answer("catalog")["cases"]:
        assert 20 < len(case["good_for"]) < 120
        assert f"{case['name']}: {case['good_for']}" in listed


def test_a_preference_that_only_views_give_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "v.case.yaml"
    head = "detente: 1\nname: v\nparties: {a: , b: }\noptions: {x: {party: a}, y: {party: b}}\n"
    wants = "preferences: {a: {utility: {x: 1}}}\nviews: {seen: {preferences: {b: {utility: {y: 1}}}}}\n"
    file.write_text(head + wants, encoding="utf-8")
    done = run("stability", str(file))
    assert done.returncode == 2
    assert "--view with one of seen" in done.stderr
    assert run("stability", str(file), "--view", "seen").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--unknown", "-o", "x.csv"],
        ["--table", "state", "--json"],
        ["--table", "state", "--explain", "s1", "lg"],
        ["--table", "coalitions", "--unknown"],
        ["--coalitions", "-o", "x.svg"],
        ["--explain", "s1", "lg", "--misperception"],
        ["--seed", "4"],
        ["--structure", ",,"],
        ["--concept", ","],
        ["--misperception", "--for", "shared"],
    ],
    ids=" ".join,
)
def test_flags_that_would_be_dropped_are_refused(words: list[str], tmp_path: Path) -> None:
    done = run("stability", "elmira", *words)
    assert done.returncode == 2
    assert not (tmp_path / "x.csv").exists()


def test_a_question_stopped_by_a_limit_leaves_the_others_answered(tmp_path: Path) -> None:
    path = tmp_path / "large.case.yaml"
    options = "".join(f"  o{n}: {{party: {'abc'[n % 3]}}}\n" for n in range(15))
    wants = "".join(f"  {p}: {{priorities: [o{n}]}}\n" for n, p in enumerate("abc"))
    path.write_text(
        f"detente: 1\nname: large\nparties: {{a: , b: , c: }}\noptions:\n{options}preferences:\n{wants}",
        encoding="utf-8",
    )
    done = run("stability", str(path), "--coalitions", "--strength", "--json")
    assert done.returncode == 3
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("stability"))
    assert content["coalitions"] is None
    assert content["limits"]["coalitions"]["limit"] == 20_000
    assert content["strength"] is not None


PARTS = {
    "coalitions": ["--coalitions"],
    "jumps": ["--moves", "legal"],
    "foresight": ["--foresight", "3"],
    "unknown": ["--unknown"],
    "strength": ["--strength"],
    "shares": ["--draws", "50", "--seed", "3"],
    "misperception": ["--misperception"],
}


def test_further_questions_of_stability_follow_the_schema() -> None:
    schema = result_schema("stability")
    content = answer("stability", "elmira", *(w for words in PARTS.values() for w in words))
    jsonschema.validate(content, schema)
    assert [k for k in PARTS if content[k] is None] == []
    explained = answer("stability", "elmira", "--coalitions", "--explain", "today", "Local government+Uniroyal")
    jsonschema.validate(explained, schema)
    assert [v["stable"] for v in explained["verdicts"]] == [True, True, True, True]
    assert content["coalitions"]["universal"]["cnash"] == ["s8", "s9"]
    assert content["seed"] is None, "nothing is uncertain, so nothing is drawn"
    plain = answer("stability", "elmira")
    assert [k for k in (*PARTS, "verdicts") if plain[k] is not None] == []
    formed = answer("stability", "elmira", "--structure", "moe+uniroyal,lg")
    jsonschema.validate(formed, schema)
    # the ministry and Uniroyal would leave s2, s5 and s6 together, the local government s1 to s4
    assert formed["coalitions"]["structure"]["stable"]["cnash"] == ["s7", "s8", "s9"]


@pytest.mark.parametrize("name", ["gisborne", "syria-iraq-1975", "american-revolution"])
def test_further_questions_are_told_in_words(name: str) -> None:
    done = run("stability", name, "--coalitions", "--foresight", "2", "--unknown", "--strength", "--shares",
               "--misperception")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n---") >= 6
    assert "None" not in done.stdout


def test_groups_are_explained() -> None:
    done = run("stability", "elmira", "--coalitions", "--explain", "s5", "moe+uniroyal")
    assert "Ministry of the Environment and Uniroyal" in done.stdout
    assert run("stability", "elmira", "--explain", "s5", "moe+uniroyal").returncode == 2
    assert run("stability", "elmira", "--coalitions", "--explain", "s5", "moe+nobody").returncode == 2
    assert run("stability", "elmira", "--moves", "joint").returncode == 2


@pytest.mark.parametrize("kind", ["option", "state", "stability", "evolution"])
def test_tables_for_papers(kind: str, tmp_path: Path) -> None:
    for suffix, mark in ((".csv", ","), (".tex", "\\begin{tabular}")):
        path = tmp_path / f"table{suffix}"
        assert run("stability", "elmira", "--table", kind, "-o", str(path)).returncode == 0
        assert mark in path.read_text(encoding="utf-8")
    assert "Elmira" in run("stability", "elmira", "--table", kind).stdout


def test_the_conflict_graph_as_a_file(tmp_path: Path) -> None:
    for suffix, start in ((".svg", b"<svg"), (".pdf", b"%PDF")):
        path = tmp_path / f"graph{suffix}"
        assert run("stability", "elmira", "-o", str(path)).returncode == 0
        assert path.read_bytes().startswith(start)


def test_the_dictionary_is_printed() -> None:
    done = run("stability", "--dictionary")
    assert done.returncode == 0
    assert "sequential stability" in done.stdout
