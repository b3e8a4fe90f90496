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
    assert not re.search(r"\bs[0-9]+\b", re.sub(r"<[^>]*>|sha256:\S+|doi \S+", " ", page)), "an internal state id is shown"
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
    assert browser_page.locator("figure svg").count() == 1
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
