"""Pictures: text is escaped, nothing is outside the canvas, at most 25 nodes, arcs tell their mover without colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

import detente
from detente.catalog import catalog_names
from detente.pictures.canvas import Canvas, text_width, wrapped
from detente.pictures.conflict_graph import MOST_NODES, conflict_graph

SVG = "{http://www.w3.org/2000/svg}"


def graph_of(name: str) -> tuple[ET.Element, detente.Session]:
    session = detente.Session(detente.load(name))
    outcomes = session.ask("outcomes")
    labels = {o.state: f"Outcome {n + 1}" for n, o in enumerate(outcomes.selected)}
    picture = conflict_graph(outcomes, {**labels, outcomes.status_quo.start: "Today"})
    assert picture is not None
    return ET.fromstring(picture), session  # noqa: S314 - our own output


@pytest.mark.parametrize("name", catalog_names())
def test_the_graph_is_well_formed_and_small_enough(name: str) -> None:
    root, _ = graph_of(name)
    boxes = root.findall(f"{SVG}rect")
    assert 1 <= len(boxes) <= MOST_NODES
    assert len([b for b in boxes if b.get("class") == "today"]) == 1
    width, height = (float(v) for v in str(root.get("viewBox")).split()[2:])
    for box in boxes:
        x, y, w, h = (float(str(box.get(k))) for k in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    places = [(b.get("x"), b.get("y")) for b in boxes]
    assert len(set(places)) == len(places)


def test_elmira_shows_the_one_way_moves_and_the_blocked_step() -> None:
    root, session = graph_of("elmira")
    assert len(session.ask("outcomes").selected) == 3
    # Uniroyal's and the ministry's moves cannot be taken back, the local government's can
    assert len([p for p in root.findall(f"{SVG}path") if p.get("class") == "bar"]) >= 2
    marks = [t.text for t in root.findall(f"{SVG}text") if t.get("class") == "halo"]
    assert any(m is not None and m.endswith("✕") for m in marks)
    dashes = {p.get("stroke-dasharray") for p in root.findall(f"{SVG}path") if p.get("class") == "arc"}
    assert len(dashes) >= 3


def test_text_is_escaped() -> None:
    canvas = Canvas(10, 10)
    canvas.text(0, 0, "<script>&")
    picture = canvas.svg("<b>", "a & b")
    assert "<script>" not in picture
    assert "&lt;script&gt;&amp;" in picture
    assert re.search("<title>&lt;b&gt;</title>", picture)


def test_wrapped_lines_fit_and_say_that_something_is_left_out() -> None:
    text = "Nuclear arsenal at no increase, Yongbyon complex at shut and a very long rest of it all"
    lines = wrapped(text, 11, 120, 3)
    assert len(lines) == 3
    assert all(text_width(line, 11) <= 120 for line in lines)
    assert lines[-1].endswith("…")
    assert wrapped("Today", 11, 120, 3) == ["Today"]
