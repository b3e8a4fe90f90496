"""Pictures of a plan: well-formed, inside the canvas, every number told, nothing by colour alone."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest

from detente.pictures.canvas import text_width
from detente.pictures.plan_columns import MOST_SHOWN, PlanMove, PlanPause, PlanPicture, share_text
from detente.pictures.plan_exposure import most_exposed, plan_exposure
from detente.pictures.plan_timeline import plan_timeline, timeline_caption

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("DPRK", "United States", "Republic of Korea", "A party with <a> long & winding name")


def picture(seed: int, steps: int, parties: int, deadline: int | None = None) -> PlanPicture:
    rng = random.Random(seed)
    pauses, now = [], 0
    for n in range(steps + 1):
        now += rng.choice((1, 1, 3, 40)) if n else 0
        who = rng.sample(range(parties), rng.randint(1, min(2, parties))) if n else []
        moves = tuple(PlanMove(p, f"Option {n} of <{p}> to ‘level & more’") for p in who)
        margins = tuple(round(rng.uniform(-0.4, 2.2), 3) for _ in range(parties))
        exposure = tuple(round(rng.uniform(-0.8, 0.8), 3) for _ in range(parties))
        pauses.append(PlanPause(n, now, f"{n + 1} May 2019" if n else "", moves, margins, exposure, rng.random() < 0.3))
    worst = min((m, p.number, n) for p in pauses for n, m in enumerate(p.margins))
    due = (deadline, "3 November 2020") if deadline is not None else None
    return PlanPicture(NAMES[:parties], tuple(pauses), (worst[1], worst[2]), "month", due)


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own output


@pytest.mark.parametrize(
    ("steps", "parties", "deadline"), [(1, 1, None), (5, 4, 21), (5, 2, 900), (12, 2, 0), (30, 3, 60)]
)
@pytest.mark.parametrize("draw", [plan_timeline, plan_exposure])
def test_everything_is_inside(draw: object, steps: int, parties: int, deadline: int | None) -> None:
    for seed in range(5):
        svg = draw(picture(seed, steps, parties, deadline))  # type: ignore[operator]
        root = drawn(svg)
        width, height = (float(v) for v in str(root.get("viewBox")).split()[2:])
        for box in root.findall(f"{SVG}rect"):
            x, y, w, h = (float(str(box.get(k))) for k in ("x", "y", "width", "height"))
            assert 0 <= x <= x + w <= width
            assert 0 <= y <= y + h <= height
        for text in root.findall(f"{SVG}text"):
            x, y, size = (float(str(text.get(k))) for k in ("x", "y", "font-size"))
            share = {"start": 0.0, "middle": 0.5, "end": 1.0}[str(text.get("text-anchor"))]
            wide = text_width(str(text.text), size)
            assert x - share * wide >= -1, text.text
            assert x + (1 - share) * wide <= width + 1, text.text
            assert size <= y <= height, text.text


def test_texts_are_escaped_and_every_step_is_told() -> None:
    svg = plan_timeline(picture(3, 6, 4, 30))
    assert "<a>" not in svg
    texts = [str(t.text) for t in drawn(svg).findall(f"{SVG}text")]
    assert [t for t in texts if t.isdigit()].count("6") >= 3  # head, lane, words
    for n in range(1, 7):
        assert any(f"Option {n} of <" in t for t in texts)
    assert any("deadline 3 November 2020" in t for t in texts)


def test_every_margin_stands_as_a_number_and_in_the_description() -> None:
    plan = picture(1, 4, 2)
    root = drawn(plan_timeline(plan))
    texts = [str(t.text) for t in root.findall(f"{SVG}text")]
    told = str(root.findtext(f"{SVG}desc"))
    for pause in plan.pauses:
        for margin in pause.margins:
            assert share_text(margin) in texts
            assert share_text(margin) in told
    number, party = plan.binding
    assert f"Weakest: {plan.parties[party]} {'today' if number == 0 else f'after step {number}'}." in told


def test_the_side_of_a_bar_and_its_kind_tell_the_sign() -> None:
    moves = (PlanMove(0, "x to ‘y’"),)
    pauses = (PlanPause(0, 0, "", (), (0.5,), (0.0,)), PlanPause(1, 1, "", moves, (-0.5,), (-0.25,)))
    plan = PlanPicture(("A",), pauses, (1, 0))
    boxes = {b.get("class"): b for b in drawn(plan_timeline(plan)).findall(f"{SVG}rect") if b.get("class") != "node"}
    assert set(boxes) == {"zone", "ring", "dot"}
    up, down = boxes["ring"], boxes["dot"]
    assert float(str(up.get("y"))) + float(str(up.get("height"))) == pytest.approx(float(str(down.get("y"))))
    assert up.get("height") == down.get("height")
    exposed = plan_exposure(plan)
    assert exposed is not None
    assert {b.get("class") for b in drawn(exposed).findall(f"{SVG}rect")} == {"zone", "ring"}  # kept although it failed


def test_a_huge_share_is_cut_in_the_bar_alone() -> None:
    pauses = (PlanPause(0, 0, "", (), (30.0, 1.0)), PlanPause(1, 1, "", (PlanMove(0, "x"),), (MOST_SHOWN, 0.75)))
    root = drawn(plan_timeline(PlanPicture(("A", "B"), pauses, (1, 1))))
    heights = sorted(float(str(b.get("height"))) for b in root.findall(f"{SVG}rect") if b.get("class") == "ring")
    assert heights[2] == heights[3]
    assert heights[0] == pytest.approx(heights[3] / 2, abs=0.1)
    assert "+3,000 %" in [t.text for t in root.findall(f"{SVG}text")]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1e-10, "0 %"),
        (0.0001, "+<0.1 %"),
        (-0.0001, "\u2212<0.1 %"),
        (0.004, "+0.4 %"),
        (-0.0094, "\u22120.9 %"),
        (0.0096, "+1 %"),
        (0.124, "+12 %"),
        (-12.0, "\u22121,200 %"),
    ],
)
def test_shares_in_words(share: float, text: str) -> None:
    assert share_text(share) == text


def test_joined_boxes() -> None:
    both = (PlanMove(0, "x"), PlanMove(1, "y"))
    for atomic, lines in ((False, 1), (True, 2)):
        pauses = (PlanPause(0, 0, "", (), (0.1, 0.1)), PlanPause(1, 2, "", both, (0.1, 0.1), (), atomic))
        plan = PlanPicture(("A", "B"), pauses, (0, 0))
        paths = drawn(plan_timeline(plan)).findall(f"{SVG}path")
        assert len([p for p in paths if p.get("class") == "step"]) == lines
        assert "Boxes joined by a line" in timeline_caption(plan)
        told = "all or nothing" if atomic else "at the same time"
        assert told in plan_timeline(plan)


def test_exposure_is_left_out_where_it_is_not_known() -> None:
    pauses = (PlanPause(0, 0, "", (), (0.1,)), PlanPause(1, 2, "", (PlanMove(0, "x"),), (0.1,)))
    plan = PlanPicture(("A",), pauses, (0, 0))
    assert plan_exposure(plan) is None
    assert most_exposed(plan) is None


def test_the_most_exposed() -> None:
    rows = ((0.0, 0.0), (0.3, -0.2), (0.1, 0.3), (0.0, 0.0))
    pauses = tuple(PlanPause(n, n, "", (PlanMove(0, "x"),) if n else (), (1.0, 1.0), row) for n, row in enumerate(rows))
    assert most_exposed(PlanPicture(("A", "B"), pauses, (0, 0))) == (1, 0, 0.3)
    safe = tuple(PlanPause(p.number, p.period, "", p.moves, p.margins, (0.0, -0.1)) for p in pauses)
    assert most_exposed(PlanPicture(("A", "B"), safe, (0, 0))) is None


def test_literal_colours_in_a_file_of_its_own() -> None:
    svg = plan_timeline(picture(1, 3, 2, 9), standalone=True)
    assert "var(--" not in svg
    assert re.search("<rect width=", svg)


def test_bars_stand_in_the_row_of_their_party_and_the_frame_at_the_weakest() -> None:
    rows = ((0.4, 0.2), (0.3, -0.2), (0.3, 0.1))
    pauses = tuple(PlanPause(n, n, "", (PlanMove(0, "x"),) if n else (), row) for n, row in enumerate(rows))
    root = drawn(plan_timeline(PlanPicture(("A", "B"), pauses, (1, 1))))
    bold = {str(t.text): float(str(t.get("y"))) for t in root.findall(f"{SVG}text") if t.get("class") == "b"}
    bars = [b for b in root.findall(f"{SVG}rect") if b.get("class") in ("ring", "dot")]
    spans = [(float(str(b.get("y"))), float(str(b.get("y"))) + float(str(b.get("height")))) for b in bars]
    for low, high in spans[:3]:  # drawn party by party
        assert bold["A"] - 31 < low < high < bold["A"] + 31
    for low, high in spans[3:]:
        assert bold["B"] - 31 < low < high < bold["B"] + 31
    frame = next(p for p in root.findall(f"{SVG}path") if p.get("class") == "bar")
    found = re.match(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", str(frame.get("d")))
    assert found is not None
    left, top, wide, tall = map(float, found.groups())
    dark = next(b for b in bars if b.get("class") == "dot")
    assert left < float(str(dark.get("x"))) < left + wide
    assert top < float(str(dark.get("y"))) < float(str(dark.get("y"))) + float(str(dark.get("height"))) < top + tall


def test_the_deadline_stands_where_it_is() -> None:
    def places(deadline: int) -> tuple[float, float]:
        root = drawn(plan_timeline(picture(2, 3, 2, deadline)))
        bar = [str(p.get("d")) for p in root.findall(f"{SVG}path") if p.get("class") == "bar"][-1]
        dots = [float(str(c.get("cx"))) for c in root.findall(f"{SVG}circle")]
        assert max(dots) <= 680
        assert float(bar[1:].split()[0]) <= 680
        return float(bar[1:].split()[0]), max(dots)

    end = picture(2, 3, 2).pauses[-1].period
    due, last = places(end)
    assert due == pytest.approx(last, abs=0.2)
    due, last = places(2 * end)
    assert due - 124 == pytest.approx(2 * (last - 124), abs=0.2)


def test_one_who_moves_without_margins_of_its_own() -> None:
    pauses = (PlanPause(0, 0, "", (), (0.1,)), PlanPause(1, 2, "", (PlanMove(1, "Good offices to ‘offered’"),), (0.1,)))
    plan = PlanPicture(("A",), pauses, (0, 0), others=("A mediator",))
    texts = [str(t.text) for t in drawn(plan_timeline(plan)).findall(f"{SVG}text")]
    assert texts.count("A mediator") == 1
    assert "A mediator: Good offices to ‘offered’" in texts
