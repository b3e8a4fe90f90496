"""How ratification is told: labels, counts, who could block, the window, the numbers behind it, and mistakes."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import detente
from detente.brief.document import Section
from detente.brief.reading import Reading
from detente.brief.sections import ratification as brief_section
from detente.case.change import Change
from detente.inquiry.session import Session
from detente.pictures.vote_bar import vote_bar
from detente.ratification.narrative import lines


@cache
def korean() -> tuple[Session, Section]:
    session = Session(detente.load("korea-2019"))
    section = brief_section.section(Reading.of(session))
    assert section is not None
    return session, section


def texts(section: Section) -> str:
    return "\n".join(t for b in section.blocks for t in b.texts())


def test_easiest_deals_are_named_by_what_they_are_the_easiest_of() -> None:
    session, section = korean()
    found = session.ask("ratify", draws=0)
    rows = {r[0].split(":")[0]: r for r in section.blocks[1].table.rows}  # type: ignore[union-attr]
    easiest = "Easiest deal with Sanctions at ‘lifted’"
    assert set(rows) >= {easiest, f"{easiest} that nobody loses by"}
    lifted = found.assembly.matches[0]
    best = found.assembly.passage[lifted].max()
    assert rows[easiest][2] == f"{100 * best:.0f} %"
    assert best < found.passes  # it is not the easiest of all


def test_a_long_deal_is_described_once_and_outcomes_with_their_content() -> None:
    _, section = korean()
    text = texts(section)
    assert "The easiest deal with Sanctions at ‘lifted’ that nobody loses by would pass with a chance of" in text
    assert text.count("its votes are not told apart") == 1
    assert text.count("Different bodies are taken to vote independently") == 1
    assert text.count("Nuclear arsenal at ‘cut’, Inspectors' access at ‘anywhere’, Nuclear declaration") == 1
    labels = [r[0] for r in section.blocks[1].table.rows]  # type: ignore[union-attr]
    assert not [t for t in labels if ":" not in t]


def test_the_numbers_are_told_with_names_and_each_source_once() -> None:
    session, section = korean()
    text = texts(section)
    (table,) = (b.table for b in section.blocks if b.table is not None and b.table.columns[0] == "body")
    values = {r[2] for r in table.rows}
    assert "0.3 to 0.9" in values
    assert not [v for v in values if ".." in v]
    assert {r[4] for r in table.rows} >= {"Liu Yueqiao, fairly sure", "analyst, a guess"}
    sources = session.case().file.sources
    assert all(text.count(sources[s]) == 1 for s in ("seats", "rules", "judged", "cd", "law"))
    assert text.count("The President would not get Congress's support") == 1


def small(**blocks: Any) -> dict[str, Any]:
    case: dict[str, Any] = {
        "detente": 1, "name": "told", "title": "Told", "as_of": "2019-01-29",
        "parties": {"a": {"name": "Alba"}, "b": {"name": "Borduria"}},
        "options": {"x": {"party": "a", "levels": ["all", "half", "gone"], "name": "Stocks"}, "y": {"party": "b"}},
        "preferences": {"a": {"utility": {"x": {"half": -2, "gone": -5}, "y": {"yes": 4}}},
                        "b": {"utility": {"x": {"half": 3, "gone": 6}, "y": {"yes": -2}}}},
        "status_quo": {"x": "all", "y": "no"},
    }  # fmt: skip
    return {**case, **blocks}


def voted(body: dict[str, Any], **blocks: Any) -> Session:
    block = {"bodies": {"house": {"name": "House", **body}}, "requirements": [{"when": "x >= half", "needs": "house"}]}
    return Session(detente.Case.from_dict(small(ratification=block, **blocks)))


def test_expected_votes_of_small_bodies_have_a_decimal_and_of_large_ones_not() -> None:
    for votes, quota, told in ((3, 2, "1.5 yes votes expected of 3, 2 needed, 0.5 votes short"),
                               (19, 2, "9.5 yes votes expected of 19, 2 needed (nine"),
                               (4, 3, "2 yes votes expected of 4, 3 needed, one vote short"),
                               (22, 2, "11 yes votes expected of 22, 2 needed (nine")):  # fmt: skip
        blocs = {"all": {"votes": votes, "accepts": 0.5}}
        found = voted({"quota": quota, "blocs": blocs}).ask("ratify", deal="x == half", draws=0)
        assert told in "\n".join(lines(found))
        assert f"{told.split()[0]} expected" in (vote_bar(found) or "")
        assert f"{told.split()[0]} of {votes}" in str(found.table())


def test_a_bloc_without_a_name_is_told_as_the_members() -> None:
    found = voted({"quota": 2, "blocs": {"all": {"votes": 3, "accepts": 0.2}}}).ask("ratify", deal="x == half")
    text = "\n".join(lines(found))
    assert "the members (House): a member's chance of yes" in text
    assert "all (House)" not in text


def test_who_could_block_is_named_with_the_reason_for_not_doing_so() -> None:
    session = voted({"quota": 1, "votes": 3, "veto": {"a": "a", "b": "b", "crown": 0.8, "duke": 1}})
    text = "\n".join(lines(session.ask("ratify", deal="x == half and y", draws=0)))
    assert "Alba and Borduria could block and do not, as each gets no less by the deal than without one" in text
    assert "Crown with a chance of 80 %" in text
    assert "Duke could block and is sure not to" in text
    text = "\n".join(lines(session.ask("ratify", deal="x == half and not y", draws=0)))
    assert "Alba blocks it, as it gets less by the deal than without one" in text
    assert "Borduria could block and does not" in text
    shared = session.ask("ratify", deal="x == half and not y", draws=0).for_sharing()
    assert "Alba blocks" not in "\n".join(lines(shared))


def test_the_window_says_in_how_many_draws_it_closes_and_what_it_leaves_out() -> None:
    session = voted(
        {"quota": 1, "blocs": {"m": {"votes": 1, "accepts": "0.6..0.8"}}},
        terms={"a": {"ends": "2021-01-20", "reelected": "0..1", "honours": 0}},
    )
    found = session.ask("ratify", deal="x == half", draws=20_000)
    # chance P r with P uniform on 0.6 to 0.8 and r on 0 to 1: it is under one half with E[0.5 / P] = 2.5 ln(4 / 3)
    assert found.draws.after == (pytest.approx(0.7192, abs=0.01),)
    text = "\n".join(lines(found))
    assert "falls below one half from then on (in 72 % of draws)" in text
    assert "other ways to pass it are not assumed" in text
    assert found.to_dict()["draws"]["below_after"] == list(found.draws.after)


def test_conditions_are_told_in_words_and_today_needs_no_vote() -> None:
    session = voted({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": 0.6}}})
    text = "\n".join(lines(session.ask("ratify", deal="x == half", draws=0)))
    assert "A deal with Stocks at least at ‘half’ needs House: 60 %." in text
    assert "Of all 6 states, 2 need no vote and 4 would pass one with at least even odds." in text
    text = "\n".join(lines(session.ask("ratify", deal="status_quo", draws=0)))
    assert "this is the state of today: it needs no vote" in text


def test_none_stands_for_nought() -> None:
    found = voted({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": 0.2}}}).ask("ratify", deal="x == half", draws=0)
    text = "\n".join(lines(found))
    assert "2 need no vote and none would pass one" in text
    assert ", none would pass with at least even odds or need no vote." in text


def test_the_table_ends_with_the_deal_and_its_chance_and_has_the_vetoes() -> None:
    found = voted({"quota": 1, "blocs": {"m": {"votes": 1, "accepts": 0.6}}, "veto": {"crown": 0.5}}).ask(
        "ratify", deal="x == half", draws=0
    )
    rows = found.table().to_csv().splitlines()
    assert rows[1] == "House,1,0.6 of 1,0 to 1,Crown 50 %,30 %"
    assert rows[-1] == '"all, on the deal: Stocks: half",,,,,30 %'


BODY = {"quota": 1, "blocs": {"members": {"votes": 1, "accepts": 0.6}}}
TERM = {"a": {"ends": "2021-01-20", "reelected": 0.5, "honours": 0.5}}


@pytest.mark.parametrize(
    ("written", "rule"),
    [("Kalai-Smorodinsky", "ks"), ("KS", "ks"), ("Nash", "nash"), ("relative utilitarian", "relative_utilitarian"),
     ("Equal-Loss", "equal_loss"), ("Nash (largest product of gains)", "nash")],
)  # fmt: skip
def test_rules_are_found_as_they_are_printed(written: str, rule: str) -> None:
    session = voted(BODY)
    assert session.ask("ratify", deal=written, draws=0).chosen == rule
    assert session.ask("ratify", deal=written, draws=0).deal == session.ask("ratify", deal=rule, draws=0).deal


def test_an_unknown_deal_is_answered_with_the_ways_to_name_one() -> None:
    for wrong in ("Foo", "foo"):
        with pytest.raises(detente.UsageError) as caught:
            voted(BODY).ask("ratify", deal=wrong, draws=0)
        for piece in ("a state such as s1", "a condition such as x == gone", "nash, ks"):
            assert piece in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "pieces"),
    [
        ("ratification.bodies.hose.quota=1", ("unknown body 'hose'", "Did you mean 'house'")),
        ("ratification.bodies.senate.quota=1", ("unknown body 'senate'", "given whole")),
        ("ratification.bodies.house.blocs.member.accepts=0.3", ("unknown bloc 'member'", "'members'")),
        ("terms.alba.reelected=0.3", ("unknown party 'alba'", "Alba is written a.")),
        ("terms.a.reelected=60 %", ("decimal: 0.6.",)),
        ("terms.a.reelected=60..75%", ("decimal: 0.6..0.75.",)),
    ],
)
def test_slips_in_changes_are_told_with_what_was_meant(edit: str, pieces: tuple[str, ...]) -> None:
    with pytest.raises(detente.DetenteError) as caught:
        voted(BODY, terms=TERM).ask("ratify", changes=Change.parse(edit))
    (problem,) = caught.value.problems()
    assert all(p in str(problem) for p in pieces), str(problem)


def test_whole_bodies_and_terms_can_be_added() -> None:
    session = voted(BODY, terms=TERM)
    for edit in ("ratification.bodies.senate={quota: 1, votes: 2}",
                 "ratification.bodies.house.blocs.more={votes: 1, accepts: 0.3}"):  # fmt: skip
        assert session.ask("ratify", changes=Change.parse(edit), draws=0).passes > 0
    steps = [Change.parse(f"terms.b.{k}") for k in ("ends=2020-01-20", "reelected=0.5", "honours=0.5")]
    assert session.ask("ratify", changes=steps[0] + steps[1] + steps[2], draws=0).assembly.case.file.terms["b"]


def test_a_misspelt_key_is_told_once_and_a_party_called_by_its_name_is_known() -> None:
    for blocks, piece in (
        ({"terms": {"a": {"ends": "2021-01-20", "relected": 0.5, "honours": 0.5}}}, "Did you mean 'reelected'"),
        ({"terms": {"alba": TERM["a"]}}, "Alba is written a."),
        ({"ratification": {"bodies": {"h": {"quota": 1, "votes": 3, "veto": ["borduria"]}}}}, "Borduria is written b."),
    ):
        with pytest.raises(detente.CaseError) as caught:
            detente.Case.from_dict(small(**blocks))
        (problem,) = caught.value.problems()
        assert piece in str(problem)


def test_what_would_carry_a_deal_is_one_item_of_the_brief() -> None:
    blocs = {"m": {"name": "Many", "votes": 5, "accepts": 0.3}, "n": {"name": "Few", "votes": 2, "accepts": 0.2}}
    session = voted({"quota": 3, "blocs": blocs})
    section = brief_section.section(Reading.of(session))
    assert section is not None
    (carried,) = (t for b in section.blocks for t in b.items if t.startswith("What would carry it"))
    assert carried.count("in place of") == 2
    assert carried.index("Many (House)") < carried.index("; ") < carried.index("Few (House)")


def test_a_private_chance_cannot_be_worked_out_from_what_is_shared() -> None:
    case = {
        "detente": 1,
        "name": "quiet",
        "parties": {"a": {}, "b": {}},
        "options": {"one": {"party": "a"}},
        "preferences": {"a": {"utility": {"one": 1}}, "b": {"utility": {"one": 1}}},
        "ratification": {
            "bodies": {
                "open": {"quota": 2, "blocs": {"all": {"votes": 3, "accepts": 0.7}}},
                "closed": {"quota": 3, "blocs": {"all": {"votes": 5, "accepts": {"value": 0.6543, "private": True}}}},
            },
            "requirements": [{"when": "one", "needs": "open and closed"}],
        },
    }
    found = detente.Session(detente.Case.from_dict(case)).ask("ratify", deal="one", draws=0)
    shared = found.for_sharing().to_dict()
    assert set(shared["bodies"]) == {"open"}
    assert set(shared["requirements"][0]["bodies"]) == {"open"}
    assert shared["independent"] is None
    assert set(found.to_dict()["bodies"]) == {"open", "closed"}
