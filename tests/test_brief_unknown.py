"""The brief where preferences are partly unknown: it renders, tells what is not known, and what that decides."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import detente
from detente.brief.document import Brief, make_brief
from detente.brief.reading import Reading
from detente.brief.sections import unknown
from tests.literal.generate import seeded
from tests.literal.unknown_cases import random_unknown_cases
from tests.test_unknown import PARTIAL, gisborne


def named(provincial: dict[str, Any]) -> dict[str, Any]:
    case = gisborne(provincial)
    case["parties"] = {
        "federal": {"name": "Federal government"},
        "provincial": {"name": "Provincial government"},
        "support": {"name": "Support groups"},
    }
    names = {"ban": "Ban on exports", "lift": "Provincial ban lifted", "appeal": "Appeal supported"}
    case["options"] = {o: {**w, "name": names[o]} for o, w in case["options"].items()}
    return case


CUT = {"ranking": ["s3", "s7", "s4", "s8", "s1", "s2", "s5", "s6"], "unknown": [["lift", "not lift"]]}
CONDITIONS = {"partial": [["not appeal", "appeal"]]}


def reading_of(case: dict[str, Any]) -> Reading:
    return Reading.of(detente.Session(detente.Case.from_dict(case)))


def texts(case: dict[str, Any]) -> str:
    section = unknown.section(reading_of(case))
    assert section is not None
    return "\n".join(t for b in section.blocks for t in b.texts())


def test_nothing_is_said_where_all_is_known() -> None:
    for name in ("chicken", "elmira"):
        assert unknown.section(Reading.of(detente.Session(detente.load(name)))) is None


def test_what_is_not_known_and_what_it_decides() -> None:
    told = texts(named(PARTIAL))
    assert "Provincial government: beyond the comparisons listed above" in told
    assert "24 of 28 pairs of outcomes are open" in told
    assert "If no party looks ahead (Nash stability), no outcomes hold whatever the unknown comparisons are" in told
    assert "all counted" in told
    assert "two depend on them" in told
    assert "six hold in none of the 2,520 orders" in told
    assert "either way" not in told  # comparisons must form one order
    assert "There are 2,520 strict orders that agree with what is known." in told
    told = texts(named(CUT))
    assert "none depends on them" in texts(named({"partial": [["not lift", "lift"]]}))
    assert "it is not known how it compares Provincial ban lifted: yes with Provincial ban lifted at ‘no’" in told
    assert "None" not in told


def test_no_ids_without_their_meaning() -> None:
    for case in (named(PARTIAL), named(CUT), named(CONDITIONS)):
        page = make_brief(detente.Session(detente.Case.from_dict(case))).to_dict()
        told = texts(case) + "\n".join(t for s in page["sections"] for t in s["text"] if s["title"] == "Who wants what")
        assert not any(f"state s{n}" in told for n in range(1, 9))


def test_briefs_of_partly_unknown_cases_render() -> None:
    for seed in range(25):
        for case in random_unknown_cases(seeded(seed), 2):
            session = detente.Session(detente.Case.from_dict(case))
            assert make_brief(session).to_html()
            section = unknown.section(Reading.of(session))
            assert section is not None
            assert "None" not in "\n".join(t for b in section.blocks for t in b.texts())


@pytest.mark.parametrize("provincial", [PARTIAL, CUT, CONDITIONS], ids=["partial", "cut", "conditions"])
def test_the_page_shows_it(browser_page: Page, tmp_path: Path, provincial: dict[str, Any]) -> None:
    reading = reading_of(named(provincial))
    brief, section = make_brief(reading.session), unknown.section(reading)
    assert section is not None
    page = Brief(brief.title, brief.subtitle, brief.marking, (*brief.sections, section), brief.foot)
    path = tmp_path / "brief.html"
    path.write_text(page.to_html(), encoding="utf-8")
    browser_page.goto(path.as_uri())
    assert browser_page.get_by_role("heading", name=section.title).first.is_visible()
    width = browser_page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
