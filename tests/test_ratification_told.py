"""How ratification is told: labels, counts, who could block, the window, the numbers behind it, and mistakes."""

from __future__ import annotations

from functools import cache
from typing import Any

import detente
from detente.brief.document import Section
from detente.brief.reading import Reading
from detente.brief.sections import ratification as brief_section
from detente.inquiry.session import Session


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
