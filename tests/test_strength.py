"""Strength of preference: where a declaration contradicts the order, what is not known, an example by hand, texts."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

import detente
from detente.base.errors import CaseError, UsageError
from detente.brief.reading import Reading
from detente.brief.sections import strength as section
from detente.cli.contracts import stability as contracts
from detente.graph.strength import much_worse
from detente.stability.strength import lines, proof
from tests.literal.published import two_by_two
from tests.literal.states import CaseDict


def dilemma(**much: list[list[str]]) -> CaseDict:
    """Prisoner's dilemma: row prefers s2 > s1 > s4 > s3, col s3 > s1 > s4 > s2; today both defect, s4."""
    case = two_by_two("prisoners-dilemma")
    for party, pairs in much.items():
        case["preferences"][party]["strength"] = {"much": pairs}
    return case


def ask(case: CaseDict, **parameters: Any) -> Any:
    return detente.Session(detente.Case.from_dict(case)).ask("strength", **parameters)


def test_cooperation_is_held_strongly_if_the_loss_is_great() -> None:
    """From s1 row would go to s2, col answers by s4: worse for row than s1, and much worse if row says so."""
    found = ask(dilemma(row=[["s1", "s4"]], col=[["s1", "s4"]])).to_dict()
    for concept in ("gmr", "smr", "seq", "sseq"):
        assert found["strong"][concept] == {"row": ["s1", "s2", "s4"], "col": ["s1", "s3", "s4"]}
        assert found["weak"][concept] == {"row": [], "col": []}
        assert found["equilibria"][concept] == {"strong": ["s1", "s4"], "weak": []}


def test_cooperation_is_held_weakly_if_only_one_loses_much() -> None:
    """Col only says that its best is much better than today: nothing is much worse than s1 for it."""
    found = ask(dilemma(row=[["s1", "s4"]], col=[["s3", "s4"]]))
    told = found.to_dict()
    assert told["strong"]["seq"]["col"] == ["s3", "s4"]
    assert told["weak"]["seq"] == {"row": [], "col": ["s1"]}
    assert told["equilibria"]["seq"] == {"strong": ["s4"], "weak": ["s1"]}
    assert found.equilibria("seq") == ("s4",)
    verdict = found.witness("seq", "col", "s1")
    assert not verdict.stable
    assert [a.improvement for a in verdict.answers] == ["s3"]
    proof = found.witness("seq", "row", "s1")
    assert proof.stable
    assert [(s.party, s.source, s.target) for s in proof.answers[0].sanction or ()] == [("col", "s2", "s4")]


def test_the_declared_pairs_are_closed() -> None:
    """s1 >> s4 says s2 >> s4 and s1 >> s3 as well; row at s2 has no improvement, at s3 it has two."""
    found = ask(dilemma(row=[["s1", "s4"]]))
    ranks = found.graph.rank("row")
    bounds = much_worse(found.graph.case, found.graph.states, "row", ranks)
    much = {(x, z) for x in range(4) for z in range(4) if ranks[z] <= bounds[x]}
    assert {(f"s{x + 1}", f"s{z + 1}") for x, z in much} == {("s1", "s4"), ("s1", "s3"), ("s2", "s4"), ("s2", "s3")}


@pytest.mark.parametrize(
    ("pairs", "place", "names"),
    [
        ([["s4", "s1"]], "preferences.row.strength.much[0]", ("s4", "s1")),
        (
            [["s2", "s3"], ["row-move == defect", "col-move == cooperate"]],
            "preferences.row.strength.much[1]",
            ("s4", "s2"),
        ),
        ([["s1", "s1"]], "preferences.row.strength.much[0]", ("s1", "s1")),
    ],
)
def test_strength_against_the_order(pairs: list[list[str]], place: str, names: tuple[str, str]) -> None:
    with pytest.raises(CaseError) as raised:
        ask(dilemma(row=pairs))
    (problem,) = raised.value.problems()
    assert problem.path == place
    assert f"but {names[0]} is of the first and {names[1]} of the second" in problem.found


def test_strength_against_the_order_has_its_place_in_the_file(tmp_path: Any) -> None:
    path = tmp_path / "x.case.yaml"
    path.write_text(
        "detente: 1\nname: x\nparties: {a: {}}\noptions: {o: {party: a}}\n"
        "preferences:\n  a:\n    ranking: [s1, s2]\n    strength:\n      much:\n        - [s2, s1]\n",
        encoding="utf-8",
    )
    for question in ("strength", "check", "stability"):
        with pytest.raises(CaseError) as raised:
            detente.Session(detente.load(path)).ask(question)
        assert raised.value.problems()[0].line == 10


def test_a_condition_that_nothing_matches_says_nothing() -> None:
    case = dilemma(row=[["s1", "row-move == cooperate and row-move == defect"]])
    assert ask(case).to_dict()["strong"]["gmr"]["row"] == ["s2", "s4"]


def test_unknown_comparisons_beside_strength() -> None:
    case = dilemma(row=[["s1", "s4"]], col=[["s1", "s4"]])
    case["preferences"]["row"]["unknown"] = [["s2", "s1"]]
    found = ask(case)
    told = found.to_dict()
    assert told["both"] == ["row"]
    assert told["strong"]["gmr"] == {"row": None, "col": ["s1", "s3", "s4"]}
    assert told["weak"]["gmr"] == {"row": None, "col": []}
    assert told["equilibria"]["gmr"] == {"strong": None, "weak": None}
    assert "no verdict on it" in found.provenance.warnings[0]
    assert any("no verdict on it" in line for line in lines(found))
    with pytest.raises(UsageError, match="a verdict on row"):
        found.witness("gmr", "row", "s1")


def test_orders_that_are_not_known() -> None:
    case = dilemma(col=[["s1", "s4"]])
    case["preferences"]["row"] = {"partial": [["s2", "s1"]]}
    told = ask(case).to_dict()
    assert told["strong"]["gmr"] == {"row": None, "col": ["s1", "s3", "s4"]}
    assert told["strong"]["seq"] == {"row": None, "col": None}


def test_questions_put_wrongly() -> None:
    with pytest.raises(UsageError, match="'nash'"):
        ask(dilemma(), concepts=("nash",))
    found = ask(dilemma(), concepts=("gmr",))
    with pytest.raises(UsageError, match="'seq'"):
        found.witness("seq", "row", "s1")
    with pytest.raises(UsageError, match="unknown party 'raw'"):
        found.witness("gmr", "raw", "s1")


def test_texts_json_and_brief() -> None:
    session = detente.Session(detente.Case.from_dict(dilemma(row=[["s1", "s4"]])))
    found = session.ask("strength")
    told = "\n".join(lines(found))
    assert "declared by row" in told
    assert "For col nothing is declared" in told
    assert "seq: one state strongly stable for all, one more only weakly (sequential stability)" in told
    Draft202012Validator(
        {
            "type": "object",
            "properties": contracts.STRENGTH,
            "required": list(contracts.STRENGTH),
            "additionalProperties": False,
        }
    ).validate(found.to_dict())
    assert "gmr, weak" in str(found.table())
    part = section.section(Reading.of(session))
    assert part is not None
    text = "\n".join(t for b in part.blocks for t in b.texts())
    assert "What matters much is declared by row:" in text
    assert "row by far prefers" in text
    assert "held strongly if nobody wants to leave it, or if whoever leaves it can be made to lose much" in text
    assert "Today is held strongly by every party." in text
    assert "is held by every party, but by col only weakly." in text


def test_proofs_in_sentences() -> None:
    found = ask(dilemma(row=[["s1", "s4"]], col=[["s3", "s4"]]))
    strongly = proof(found, "seq", "row", "s1")
    assert strongly[0] == "seq, sequential stability: s1 is strongly stable for row."
    assert "(s1 to s2), which it prefers, but then col changes" in strongly[1]
    assert strongly[1].endswith("(s2 to s4), which leaves row much worse off than before.")
    weakly = proof(found, "seq", "col", "s1")
    assert weakly[0].endswith("s1 is weakly stable for col.")
    assert weakly[1].endswith("(s1 to s3), which it prefers, and the others have no answer that would cost it much.")
    assert proof(found, "gmr", "row", "s3")[0].endswith("s3 is not stable for row.")
    assert proof(found, "gmr", "row", "s4")[1] == "  row has no move from here that it prefers."


def test_the_brief_says_nothing_without_declarations() -> None:
    session = detente.Session(detente.Case.from_dict(dilemma()))
    assert section.section(Reading.of(session)) is None
    assert lines(session.ask("strength")) == [
        "Strength of preference: no party says which of its comparisons are much stronger than the rest."
    ]
