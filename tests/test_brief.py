"""The brief: true to the answers, escaped, self-contained, readable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import detente
from detente.brief.document import SUMMARY_LINES, SUMMARY_WIDTH, Brief, make_brief
from detente.catalog import catalog_names


def brief_of(name: str) -> Brief:
    return make_brief(detente.Session(detente.load(name)))


def texts(brief: Brief) -> str:
    return "\n".join(t for s in brief.to_dict()["sections"] for t in s["text"])


@pytest.mark.parametrize("name", catalog_names())
def test_every_case_has_a_brief_and_a_short_summary(name: str) -> None:
    brief = brief_of(name)
    lines = brief.summary()
    assert len(lines) <= SUMMARY_LINES
    assert all(len(line) <= SUMMARY_WIDTH for line in lines)
    page = brief.to_html()
    assert not re.search(r"<script|https?://(?!www\.w3\.org/2000/svg)|url\((?!#)|@import", page)
    assert not re.search(r"\bs[0-9]+\b", re.sub(r"<[^>]*>|sha256:\S+|doi \S+", " ", page)), (
        "an internal state id is shown"
    )
    for option in detente.load(name).options:
        if "-" in option or "_" in option:
            assert option not in texts(brief)


def test_elmira_says_what_the_literature_says() -> None:
    text = texts(brief_of("elmira"))
    assert "Today does not hold for Local government: Local government moves Insist on the original order" in text
    assert "By steps that each mover prefers, one other state can be reached from today." in text
    assert "No state is better than today for every party with preferences." in text
    assert "Uniroyal does not prefer where it leads" in text


def test_where_nobody_says_what_it_wants_nothing_is_said_of_what_would_hold() -> None:
    brief = brief_of("american-revolution")
    text = texts(brief)
    assert "The case does not say what any party wants" in text
    assert "All 51 other states can be reached from today if the parties wish, by at most two moves." in text
    assert not re.search("Today holds|Outcome 1|better than today|by steps|trap|Worths", text)
    assert detente.Session(detente.load("american-revolution")).ask("outcomes").selected == ()


def test_what_is_not_known_of_a_party_is_said() -> None:
    text = texts(brief_of("gisborne"))
    assert "No party whose order is known has a step away from today that it prefers. What Prov" in text
    assert "by themselves, things stay as they are" not in text
    assert "in 8 ways, all of them possible" in text
    for what in ("which groups could leave today", "what parties would do that look two or more moves ahead"):
        assert f"Not answered: {what} needs the order of Provincial government, which is not known." in text
    assert (
        "Does today hold, if each party looks at its own next step only? Case as written: not known for Provincial "
        "government. As read by those who expect revenue to decide: no, Provincial government moves Lift the "
        "provincial ban to ‘yes’. As read by those who expect the environment to decide: yes."
    ) in text
    # few outcomes are named: s4 as the revenue reading has it, today (s6) as the other has it
    rows = [r for r in text.splitlines() if r.startswith("outcomes that hold (")]
    assert all("Lift the provincial ban: yes and Appeal for the project: no" in r for r in rows)
    assert all(r.endswith("today") for r in rows)
    assert "numbers" not in text.partition("The same questions")[2].splitlines()[0]  # no outcome has one here


def test_nobody_is_said_to_be_willing_to_sign_and_roles_are_told_where_they_differ() -> None:
    assert "sign" not in " ".join(brief_of("elmira").to_dict()["sections"][0]["text"])
    korea = brief_of("korea-2019").to_dict()["sections"][0]["text"]
    assert "DPRK and United States: asked to sign an agreement; each could refuse" in korea
    assert "China: could guarantee an agreement" in korea
    assert "would sign" not in texts(brief_of("korea-2019"))


def test_a_ranking_is_a_table_from_best_to_worst() -> None:
    (ministry, company, local) = [b.table for b in brief_of("elmira").sections[1].blocks if b.table is not None]
    assert ministry.columns == ("option", "1", "2", "3", "4", "5", "6 (today)", "7", "8", "9")
    # the published order of the ministry: s7 s3 s4 s8 s5 s1 s2 s6 s9
    assert [r[1:] for r in ministry.rows] == [
        ("no", "no", "yes", "yes", "no", "no", "yes", "yes", "any"),
        ("accept", "accept", "accept", "accept", "delay", "delay", "delay", "delay", "abandon"),
        ("yes", "no", "no", "yes", "yes", "no", "no", "yes", "any"),
    ]
    assert company.columns[1] == "1 (today)"
    assert local.columns[4] == "4 (today)"


def test_ties_and_what_is_left_out_of_a_ranking_are_said() -> None:
    tree = {
        "detente": 1, "name": "ties", "title": "Ties", "as_of": "2024-03-01",
        "parties": {"a": {"name": "A"}, "b": {"name": "B"}},
        "options": {"x": {"party": "a", "levels": [f"l{n}" for n in range(8)]}, "y": {"party": "b"}},
        "preferences": {"a": {"ranking": ["s3", ["s1", "s2"], "s4"]}, "b": {"ranking": ["y", "x == l0"]}},
    }  # fmt: skip
    brief = make_brief(detente.Session(detente.Case.from_dict(tree)))
    (table,) = [b.table for b in brief.sections[1].blocks if b.table is not None]
    assert table.columns[1:5] == ("1", "2= (today)", "2=", "4")
    assert set(table.columns[5:]) == {"5="}
    assert len(table.columns) == 1 + 12
    assert "Four further states rank no higher." in table.note
    assert "B likes best" not in texts(brief)  # conditions stay sentences
    assert "Best: y: yes" in texts(brief)


def test_claims_are_told_with_names_and_answer_the_question_in_their_head() -> None:
    section = next(s for s in brief_of("korea-2019").sections if s.title == "Where the readings differ")
    table = next(b.table for b in section.blocks if b.table is not None and b.table.columns[0] == "who")
    assert table.columns == ("who", "says", "do the preferences agree?")
    assert {r[0] for r in table.rows} == {"Liu Yueqiao", "Zhang Liangui"}
    assert {r[2].split(",")[0] for r in table.rows} == {"yes"}


def test_the_prisoners_dilemma_shows_why_the_better_outcome_is_tempting_to_leave() -> None:
    text = texts(brief_of("prisoners-dilemma"))
    assert "Today holds for every party: none of them has a step of its own that leads to anything it prefers." in text
    assert "One state would be better than today for every party" in text
    assert "Outcome 1 tempts First suspect: First suspect moves First suspect's move to ‘defect’." in text
    assert "It is held back because then Second suspect moves Second suspect's move to ‘defect’." in text


def test_korea_counts_agree_with_the_answers_and_both_views_are_there() -> None:
    session = detente.Session(detente.load("korea-2019"))
    text = texts(make_brief(session))
    for view in (None, "liu", "zhang"):
        found = session.ask("stability", view=view)
        assert f"{len(found.equilibria('seq')):,}" in text
    assert "as read by Liu Yueqiao" in text
    assert "as read by Zhang Liangui" in text
    assert "neither war nor reconciliation" in text


def test_names_are_escaped_and_markings_printed() -> None:
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "hostile",
        "title": "<script>alert(1)</script>",
        "marking": "<b>restricted</b>",
        "parties": {"a": {"name": "<img src=x onerror=alert(1)>"}, "b": {}},
        "options": {"x": {"party": "a", "name": "<svg onload=alert(1)>"}, "y": {"party": "b"}},
        "preferences": {
            "a": {"utility": {"x": {"yes": {"value": 1, "note": "<i>n</i>", "source": "<u>s t</u>"}}}},
            "b": {"utility": {"y": 1}},
        },
    }
    page = make_brief(detente.Session(detente.Case.from_dict(tree))).to_html()
    for raw in ("<script", "<img", "<svg onload", "<i>", "<u>", "<b>"):
        assert raw not in page
    assert page.count("&lt;b&gt;restricted&lt;/b&gt;") == 3


def test_cases_without_today_without_order_and_with_views_only() -> None:
    options = {"x": {"party": "a"}, "y": {"party": "b"}}
    base: dict[str, Any] = {"detente": 1, "name": "odd", "parties": {"a": {}, "b": {}}, "options": options}
    wants = {"a": {"utility": {"x": 1}}, "b": {"utility": {"y": -1}}}
    for blocks in (
        {"preferences": wants, "infeasible": ["not x and not y"]},
        {"preferences": {**wants, "b": {"partial": [["x", "not x"]]}}},
        {"views": {"v": {"by": "Somebody", "preferences": wants}}},
        {"preferences": {"a": {"utility": {"x": 1}}}},
    ):
        brief = make_brief(detente.Session(detente.Case.from_dict({**base, **blocks})))
        assert "<h2>" in brief.to_html()
        assert brief.summary()


def test_the_page_is_readable_in_a_browser(browser_page: Any, tmp_path: Path) -> None:
    file = tmp_path / "korea.html"
    file.write_text(brief_of("korea-2019").to_html(), encoding="utf-8")
    browser_page.set_viewport_size({"width": 800, "height": 1000})
    browser_page.goto(file.as_uri())
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 800
    # moves, payoffs, votes on two deals, a plan twice, chances twice
    assert browser_page.locator("figure svg").count() == 8
    assert browser_page.locator("h2").count() >= 6


def test_a_shared_brief_holds_nothing_private_and_no_types(tmp_path: Path) -> None:
    secret = {"value": "7.125 ± 1", "note": "SECRETNOTE", "source": "SECRET source", "private": True}
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "shared",
        "parties": {"a": {}, "b": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "b"}},
        "numbers": {"hidden": {**secret, "value": "8.375"}},
        "preferences": {
            "a": {"types": {
                "hawk": {"label": "SECRETLABEL", "prior": 0.625, "utility": {"x": {"yes": secret}, "y": 2}},
                "dove": {"prior": "rest", "utility": {"y": 1}},
            }},
            "b": {"utility": {"y": "hidden", "x": 3}},
        },
    }  # fmt: skip
    session = detente.Session(detente.Case.from_dict(tree))
    words = ("SECRET", "7.125", "8.375", "62%", "hawk", "dove")
    opened, shared = make_brief(session), make_brief(session, shared=True)
    for word in words[:4]:
        assert word in opened.to_html()
    file = tmp_path / "shared.html"
    file.write_text(shared.to_html(), encoding="utf-8")
    everything = file.read_bytes() + "\n".join(shared.summary()).encode() + str(shared.to_dict()).encode()
    for word in words:
        assert word.encode() not in everything
    assert b"worth per period" in everything
