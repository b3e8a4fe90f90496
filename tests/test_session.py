"""Sessions remember what does not change, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import detente
from detente.case.change import Change


@pytest.fixture
def session() -> detente.Session:
    return detente.Session(detente.load("korea-2019"))


def test_editing_an_undeclared_block_is_a_hit_with_the_same_result(session: detente.Session) -> None:
    first = session.ask("stability")
    for edit in ("title=Another title", "marking=draft", "claims=[]", "as_of=2019-01-30"):
        assert session.ask("stability", changes=Change.parse(edit)) is first
    assert session.built["stability"] == 1


def test_editing_preferences_rebuilds_the_graph_and_not_the_space(session: detente.Session) -> None:
    first = session.ask("stability")
    second = session.ask("stability", view="liu")
    third = session.ask("stability", types={"dprk": "developer"})
    assert first is not second
    assert third is not first
    assert session.built["space"] == session.built["moves"] == 1
    assert session.built["graph"] == 3
    assert second.provenance.view == "liu"
    assert third.provenance.types["dprk"] == "developer"


def test_editing_the_space_rebuilds_it(session: detente.Session) -> None:
    session.ask("states")
    smaller = session.ask("states", changes=Change.parse("infeasible=[testing == resumed]"))
    assert session.built["space"] == 2
    assert smaller.provenance.digest != session.ask("states").provenance.digest


def test_memory_agrees_with_a_fresh_session(session: detente.Session) -> None:
    session.ask("stability")
    edit = Change.parse("preferences.rok=null")
    again = session.ask("stability", changes=edit).to_dict()
    assert again == detente.Session(detente.load("korea-2019")).ask("stability", changes=edit).to_dict()


def test_questions_views_and_types_that_do_not_exist_are_refused(session: detente.Session) -> None:
    questions: list[Callable[[], object]] = [
        lambda: session.ask("stabilty"),
        lambda: session.ask("stability", view="lui"),
        lambda: session.ask("stability", types={"dprk": "keep"}),
        lambda: session.ask("stability", types={"china": "x"}),
        lambda: session.ask("stability", concepts=("nsh",)),
        lambda: session.ask("stability", mixture={"uss": "seq"}),
    ]
    for wrong in questions:
        with pytest.raises(detente.UsageError):
            wrong()


def test_a_concept_of_its_own_for_each_party() -> None:
    found = detente.Session(detente.load("chicken")).ask("stability", mixture={"row": "gmr"})
    mixed = found.equilibria("mixed")
    row, column = (set(found.to_dict()["stable"][c][p]) for c, p in (("gmr", "row"), ("nash", "col")))
    assert set(mixed) == row & column


def test_partial_orders_give_no_verdict_and_say_so() -> None:
    case = detente.load("prisoners-dilemma").change(
        Change.parse('preferences.row={partial: [["row-move == defect", "row-move == cooperate"]]}')
    )
    found = detente.Session(case).ask("stability")
    content = found.to_dict()
    assert {s["rank"]["row"] for s in content["states"]} == {None}
    assert content["stable"]["nash"] == {"row": None, "col": ["s3", "s4"]}
    assert content["stable"]["seq"] == {"row": None, "col": None}
    assert content["equilibria"]["nash"] is None
    assert any("only some comparisons" in w for w in found.graph.warnings)
    assert not found.witness("nash", "row", "s1").stable  # so much is known without the whole order
