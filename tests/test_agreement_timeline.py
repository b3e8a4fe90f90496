"""The picture of an agreement over time: every state in its place, in words, and readable without colour."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from detente.pictures.agreement_timeline import (
    KINDS,
    MOST_TICKS,
    NAMES,
    PAD,
    WIDTH,
    Stretch,
    Timeline,
    TimelineRow,
    agreement_timeline,
    ticks,
    timeline_caption,
)

SVG = "{http://www.w3.org/2000/svg}"


def day(text: str) -> float:
    return float(dt.date.fromisoformat(text).toordinal())


def shown(*rows: TimelineRow) -> Timeline:
    return Timeline(rows, day("2000-01-01"), day("2000-01-01") + 100, day("2000-01-01") + 50)


def root_of(timeline: Timeline) -> ET.Element:
    return ET.fromstring(agreement_timeline(timeline))  # noqa: S314 - our own output


def test_bars_stand_where_their_time_is() -> None:
    start = day("2000-01-01")
    row = TimelineRow(
        "Freeze", (Stretch(start, start + 25, "due"), Stretch(start + 25, start + 100, "breached")), start + 25
    )
    root = root_of(shown(row))
    first, second = root.findall(f"{SVG}rect")
    left, whole = PAD + NAMES, WIDTH - PAD - 6 - PAD - NAMES
    places = [[float(bar.get(k) or 0) for k in ("x", "width")] for bar in (first, second)]
    assert places[0] == pytest.approx([left, whole / 4], abs=0.1)
    assert places[1] == pytest.approx([left + whole / 4, whole * 3 / 4], abs=0.1)
    assert [first.get("class"), second.get("class")] == ["open", "half"]
    mark = root.find(f"{SVG}polygon")
    assert mark is not None
    assert f"{left + whole / 4:.2f}," in (mark.get("points") or "")
    texts = [t.text for t in root.findall(f"{SVG}text")]
    assert "due" in texts
    assert "breached" in texts
    assert "20 February 2000" in texts  # the day looked at, 50 days on


def test_the_picture_is_told_in_words_and_escaped() -> None:
    start = day("2000-01-01")
    row = TimelineRow("<b>Oil</b>", (Stretch(start, start + 100, "due", held=True),))
    picture = agreement_timeline(shown(row))
    assert "<b>" not in picture
    assert "due (suspended) from 1 January 2000" in picture
    assert "stroke-dasharray" in picture
    assert "suspended" in timeline_caption([row])
    assert "suspended" not in timeline_caption([])


def test_what_lies_outside_is_not_drawn() -> None:
    start = day("2000-01-01")
    row = TimelineRow(
        "Old", (Stretch(start - 50, start - 10, "due"), Stretch(start + 200, start + 300, "due")), start + 300
    )
    root = root_of(shown(row))
    assert root.findall(f"{SVG}rect") == []
    assert root.find(f"{SVG}polygon") is None


def test_every_state_is_drawn_and_a_breach_differs_from_all_that_is_kept() -> None:
    from detente.agreement.formula_text import STATES

    assert set(KINDS) == set(STATES)
    assert [s for s, k in KINDS.items() if k == "half"] == ["breached"]


@pytest.mark.parametrize("days", [1, 6, 20, 70, 200, 400, 3000, 12_000])
def test_ticks_are_few_in_order_and_inside(days: int) -> None:
    start = day("1994-10-21")
    found = ticks(start, start + days)
    assert 1 <= len(found) <= MOST_TICKS + 1
    places = [t for t, _ in found]
    assert places == sorted(set(places))
    assert all(start <= t <= start + days for t in places)
    for place, text in found:
        date = dt.date.fromordinal(int(place))
        assert re.search(rf"\b{date.year}\b", text) or f"{date:%b}" in text
