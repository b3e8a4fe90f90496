"""The whole conflict graph: every state, every move, nothing by colour alone; as a file of its own and as a PDF."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
import zlib
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

import detente
from detente.base.errors import MissingExtra, UsageError
from detente.case.model import Case
from detente.pictures.export import graph_pdf, graph_svg
from detente.pictures.whole_graph import arcs_of, can_draw, whole_graph
from tests.literal import published
from tests.literal.expected import EXPECTED
from tests.literal.states import CaseDict

SVG = "{http://www.w3.org/2000/svg}"
ELMIRA = {
    "moe": [(1, 2), (3, 4), (5, 6), (7, 8)],
    "uniroyal": [(1, 3), (1, 9), (2, 4), (2, 9), (3, 9), (4, 9), (5, 7), (5, 9), (6, 8), (6, 9), (7, 9), (8, 9)],
    "lg": [(1, 5), (5, 1), (2, 6), (6, 2), (3, 7), (7, 3), (4, 8), (8, 4)],
}
"""The published arcs."""


def cube(levels: int, parties: int, **blocks: Any) -> CaseDict:
    ids = "abcde"[:parties]
    names = ["low", "middle", "high"][:levels]
    return {
        "detente": 1, "name": "cube", "title": "Cube", "as_of": "2024-03-01",
        "parties": {p: {"name": f"Party {p}"} for p in ids},
        "options": {f"o{p}": {"party": p, "levels": names} for p in ids},
        "preferences": {p: {"utility": {f"o{q}": {names[-1]: 1 + n} for n, q in enumerate(ids)}} for p in ids},
    } | blocks  # fmt: skip


CASES: dict[str, CaseDict] = {
    "elmira": published.elmira(),
    "cuba": published.cuba(),
    "syria-iraq": published.syria_iraq(),
    "chicken": published.two_by_two("chicken"),
    "sustainable-development": published.sustainable_development(),
    "cube": cube(3, 3),
    "four": cube(2, 4),
    "five": cube(2, 5, infeasible=["oa and ob and oc"]),
    "merged": cube(
        3,
        3,
        coalesce=["oa == high", "oa == middle and ob == high"],
        preferences={p: {"priorities": [f"oa == low and o{p} == high", "oa == low and ob == low"]} for p in "abc"},
    ),
    "between": cube(3, 2, coalesce=["oa != middle"], preferences={p: {"priorities": ["oa == middle"]} for p in "ab"}),
}


def outcomes_of(case: CaseDict) -> Any:
    return detente.Session(Case.from_text(json.dumps(case), "case")).ask("outcomes")


def drawn(name: str, *, standalone: bool = True) -> tuple[Any, ET.Element]:
    outcomes = outcomes_of(CASES[name])
    picture = whole_graph(outcomes.stability, standalone=standalone)
    return outcomes, ET.fromstring(picture)  # noqa: S314 - our own output


def of_kind(root: ET.Element, tag: str, *kinds: str) -> list[ET.Element]:
    return [e for e in root.iter(f"{SVG}{tag}") if e.get("class") in kinds]


def circles(root: ET.Element) -> dict[str, tuple[float, float, float]]:
    """Number of each state -> its circle, the outer one where there is a ring."""
    found: dict[tuple[float, float], float] = {}
    for e in of_kind(root, "circle", "state", "now"):
        at = float(str(e.get("cx"))), float(str(e.get("cy")))
        found[at] = max(found.get(at, 0.0), float(str(e.get("r"))))
    out = {}
    for text in of_kind(root, "text", "b"):
        if re.fullmatch(r"s\d+", text.text or ""):
            x, y = float(str(text.get("x"))), float(str(text.get("y")))
            at = min(found, key=lambda p: (p[0] - x) ** 2 + (p[1] - y) ** 2)
            out[str(text.text)] = (*at, found[at])
    return out


def curves(root: ET.Element) -> list[tuple[np.ndarray, str]]:
    """Points of every arc between circles, and its dash pattern."""
    t = np.linspace(0, 1, 41)[:, None]
    out = []
    for path in of_kind(root, "path", "arc"):
        data = str(path.get("d"))
        if "Q" in data:
            a, b, c = np.array(re.findall(r"-?\d+\.?\d*", data), float).reshape(3, 2)
            out.append(((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c, str(path.get("stroke-dasharray"))))
    return out


def test_elmira_has_the_published_arcs() -> None:
    outcomes, _ = drawn("elmira")
    told: dict[str, set[tuple[int, int]]] = {p: set() for p in ELMIRA}
    for arc in arcs_of(outcomes.graph):
        told[arc.party].add((arc.source + 1, arc.target + 1))
        if arc.back:
            told[arc.party].add((arc.target + 1, arc.source + 1))
    assert told == {p: set(of) for p, of in ELMIRA.items()}


def test_heads_tell_where_a_move_leads_whether_it_can_be_taken_back_and_what_its_mover_prefers() -> None:
    _, root = drawn("elmira")
    order = {p: list(states) for p, states in EXPECTED["elmira"].rankings.items()}
    improving = sum(order[p].index(b) < order[p].index(a) for p, of in ELMIRA.items() for a, b in of)
    moves = sum(map(len, ELMIRA.values()))
    in_legend = 1
    heads = of_kind(root, "polygon", "head")
    assert len(heads) == improving + in_legend
    assert len(of_kind(root, "polygon", "open")) == moves - improving + in_legend
    assert len(curves(root)) == 4 + 12 + 4  # what can be taken back is one arc with two heads
    places = {n: (x, y) for n, (x, y, _) in circles(root).items()}
    pointed = dict.fromkeys(places, 0)
    for head in (*heads, *of_kind(root, "polygon", "open")):
        tip = tuple(map(float, str(head.get("points")).split()[0].split(",")))
        near = min(places, key=lambda s: np.hypot(places[s][0] - tip[0], places[s][1] - tip[1]))
        if np.hypot(places[near][0] - tip[0], places[near][1] - tip[1]) < 30:
            pointed[near] += 1
    assert pointed == {f"s{n}": sum(b == n for of in ELMIRA.values() for _, b in of) for n in range(1, 10)}


@pytest.mark.parametrize("name", CASES)
def test_arcs_are_the_moves_and_filled_heads_the_improvements(name: str) -> None:
    outcomes, root = drawn(name)
    graph = outcomes.graph
    moves, improving = set(), 0
    for arc in arcs_of(graph):
        moves.add((arc.party, arc.source, arc.target))
        if arc.back:
            moves.add((arc.party, arc.target, arc.source))
    expected = {(p, s, int(t)) for p in graph.movers for s in range(len(graph)) for t in graph.reachable(p, s)}
    assert moves == expected
    for party, source, target in expected:
        improving += bool(graph.ranks[party][target] > graph.ranks[party][source])
    assert len(of_kind(root, "polygon", "head")) == improving + 1  # and one in the legend
    assert len(of_kind(root, "polygon", "open")) == len(expected) - improving + 1


@pytest.mark.parametrize("name", CASES)
def test_every_state_and_every_arc_is_there_and_can_be_told_apart(name: str) -> None:
    outcomes, root = drawn(name)
    graph = outcomes.graph
    places = circles(root)
    assert set(places) == {graph.states.id(s) for s in range(len(graph))}
    for (x, y, r), (u, v, q) in combinations(places.values(), 2):
        assert np.hypot(x - u, y - v) > r + q + 6
    lines = curves(root)
    assert len(lines) == len(arcs_of(graph))
    width, height = (float(v) for v in str(root.get("viewBox")).split()[2:])
    for points, _ in lines:
        assert (points > 0).all()
        assert (points < (width, height)).all()
        touched = [s for s, (x, y, r) in places.items() if np.hypot(*(points - (x, y)).T).min() < r + 12]
        assert len(touched) >= 2
        through = [s for s, (x, y, r) in places.items() if np.hypot(*(points - (x, y)).T).min() < r]
        assert through == []
    ways = len({a.party for a in arcs_of(graph)})
    assert len({dash for _, dash in lines}) == ways
    labels = [t.text for t in of_kind(root, "text", "t") if t.get("font-size") == "9"]
    assert sorted(set(labels), key=str) == [str(n + 1) for n in range(ways)]
    assert len(labels) == len(lines) + ways


@pytest.mark.parametrize("name", CASES)
def test_no_two_arcs_run_together(name: str) -> None:
    _, root = drawn(name)
    lines = [points[8:-8] for points, _ in curves(root)]  # heads of arcs may meet at their circle
    for one, other in combinations(lines, 2):
        apart = np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)).min(axis=1)
        assert (apart < 3).mean() < 0.35


@pytest.mark.parametrize("name", ["elmira", "cuba", "syria-iraq", "chicken"])
def test_rings_and_letters_tell_the_equilibria(name: str) -> None:
    _, root = drawn(name)
    known = next(e.equilibria for n, e in EXPECTED.items() if n.startswith(name))
    rings = {s: r for s, (_, _, r) in circles(root).items()}
    held = {f"s{s}" for states in known.values() for s in states}
    assert {s for s, r in rings.items() if r > min(rings.values()) + 1} == (held if held != set(rings) else set(rings))
    texts = [str(t.text) for t in of_kind(root, "text", "t")]
    words = {"nash": "Nash", "gmr": "GMR", "smr": "SMR", "seq": "SEQ", "sseq": "SSEQ"}
    for state in held:
        under = [words[c] for c in words if int(state[1:]) in known.get(c, ())]
        told = [t for t in texts if t.startswith("ring and ")]
        letters = [
            t[9] for t in told if re.findall("|".join(sorted(words.values(), key=len, reverse=True)), t) == under
        ]
        x, y, _ = circles(root)[state]
        inside = [
            str(t.text).split()[-1] for t in of_kind(root, "text", "t")
            if t.get("font-size") == "8" and np.hypot(float(str(t.get("x"))) - x, float(str(t.get("y"))) - y) < 18
        ]  # fmt: skip
        assert inside == letters != []


def test_the_status_quo_is_marked() -> None:
    _, root = drawn("elmira")
    assert len(of_kind(root, "circle", "now")) == 1
    assert [str(t.text) for t in of_kind(root, "text", "t") if str(t.text).startswith("SQ")] == ["SQ B"]


@pytest.mark.parametrize("name", ["elmira", "korea-2019"])
def test_a_file_of_its_own_holds_all_it_needs(name: str) -> None:
    picture = graph_svg(detente.Session(detente.load(name)).ask("outcomes"))
    root = ET.fromstring(picture)  # noqa: S314 - our own output
    assert root.tag == f"{SVG}svg"
    assert not re.search(r"var\(|@media|@import|color-scheme|<image|<script|href", picture)
    assert set(re.findall(r"url\(([^)]*)\)", picture)) <= {"#head"}
    assert re.findall(r"https?://[^\"]*", picture) == ["http://www.w3.org/2000/svg"]
    inside = whole_graph(detente.Session(detente.load("elmira")).ask("stability"))
    assert "var(--ink)" in inside  # in a page, the reader chooses light or dark


def test_large_models_show_the_selected_outcomes_with_their_numbers() -> None:
    outcomes = detente.Session(detente.load("korea-2019")).ask("outcomes")
    assert not can_draw(outcomes.graph)
    picture = graph_svg(outcomes)
    root = ET.fromstring(picture)  # noqa: S314 - our own output
    texts = [str(t.text) for t in of_kind(root, "text", "t", "b")]
    for outcome in outcomes.selected:
        assert f"s{outcome.state + 1}" in texts
    boxes = of_kind(root, "rect", "today", "holds", "node")
    assert f"{len(boxes)} of 19,404 states are drawn." in texts
    assert {str(p.get("class")) for p in of_kind(root, "path", "today", "holds", "node")} == {"today", "holds", "node"}
    assert not [t for t in texts if "…" in t]  # every change has room
    assert "Inter-Korean projects:" in texts  # what a step on the way changes
    heads = [t for t in texts if re.fullmatch(r"s\d+", t)]
    assert len(heads) == len(boxes)


def unsure(known: list[list[str]]) -> Any:
    """A 2 x 2 conflict of which only some comparisons of the second party are known, and its picture."""
    case = cube(2, 2, preferences={"a": {"priorities": ["oa == middle"]}, "b": {"partial": known}})
    stability = outcomes_of(case).stability
    return stability, ET.fromstring(whole_graph(stability))  # noqa: S314 - our own output


def test_a_move_is_not_called_unwanted_where_nobody_knows() -> None:
    # s1 low low, s2 middle low, s3 low middle, s4 middle middle; the second party moves s1-s3 and s2-s4
    stability, root = unsure([["s3", "s1"]])
    told = {(a.party, a.source + 1, a.target + 1): (a.target_is, a.source_is) for a in arcs_of(stability.graph)}
    assert told == {
        ("a", 1, 2): ("better", "worse"), ("a", 3, 4): ("better", "worse"),
        ("b", 1, 3): ("better", "worse"), ("b", 2, 4): ("unknown", "unknown"),
    }  # fmt: skip
    in_legend = 1
    assert [len(of_kind(root, "polygon", k)) - in_legend for k in ("head", "open", "unsure", "half")] == [3, 3, 2, 2]
    texts = " ".join(str(t.text) for t in of_kind(root, "text", "t"))
    assert "half-filled head: whether it does is not known" in texts
    assert "no state is marked stable for every party: the order of Party b is not known" in texts
    # a leaves s1 and s3 whatever b wants; whether b leaves s2 or s4 is open
    assert "?: may be stable for every party, under some concept, depending on what Party b wants" in texts
    assert [str(t.text) for t in of_kind(root, "text", "t") if t.get("font-size") == "8"] == ["SQ", "?", "?"]
    assert len(of_kind(root, "circle", "state", "now")) == 4  # and no ring
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert "Nash: not known" in str(description.text)


def test_a_comparison_that_is_open_beside_an_order_is_drawn_as_open() -> None:
    case = cube(2, 2, preferences={p: {"ranking": ["s4", "s3", "s2", "s1"]} for p in "ab"})
    case["preferences"]["a"]["unknown"] = [["s4", "s3"]]
    picture = whole_graph(outcomes_of(case).stability)
    assert picture.count('class="unsure"') == 2 + 1
    assert "no state is marked" not in picture


def test_where_all_is_known_nothing_is_half_filled() -> None:
    picture = whole_graph(outcomes_of(CASES["elmira"]).stability)
    assert 'class="half"' not in picture
    assert "half-filled" not in picture
    assert "no state is marked" not in picture


def test_dense_models_are_not_drawn_whole() -> None:
    options = {p: {"party": p, "levels": [f"l{n}" for n in range(5)]} for p in ("pa", "pb")}
    case = cube(2, 2) | {"options": options, "parties": {p: {"name": p} for p in options}}
    case["preferences"] = {p: {"utility": {p: {"l1": 1}}} for p in options}
    outcomes = outcomes_of(case)
    assert len(outcomes.graph) == 25
    assert not can_draw(outcomes.graph)
    assert graph_svg(outcomes)


def test_a_large_case_without_a_status_quo_is_told() -> None:
    case = cube(3, 4, infeasible=["oa == low and ob == low and oc == low and od == low"])
    with pytest.raises(UsageError, match="status quo"):
        graph_svg(outcomes_of(case))


def test_names_are_text_in_the_picture() -> None:
    case = json.loads(json.dumps(CASES["elmira"]))
    case["title"] = "<script>alert(1)</script> & ]]>"
    case["marking"] = "Confidential <i>"
    for number, part in enumerate((*case["parties"].values(), *case["options"].values())):
        part["name"] = str(number) + "</text><script>&\"'"
    picture = graph_svg(outcomes_of(case))
    root = ET.fromstring(picture)  # noqa: S314 - our own output
    assert not list(root.iter(f"{SVG}script"))
    assert "Confidential <i>" in [t.text for t in root.iter(f"{SVG}text")]


def test_texts_stay_within_the_picture(browser_page: Page) -> None:
    for name in ("elmira", "cuba", "syria-iraq", "four"):
        picture = graph_svg(outcomes_of(CASES[name]))
        browser_page.set_content(f'<body style="margin:0">{picture}</body>')
        boxes = browser_page.evaluate(
            "[...document.querySelectorAll('text')].map(t => {const b = t.getBBox();"
            "return [t.textContent, b.x, b.y, b.x + b.width, b.y + b.height]})"
        )
        width, height = (float(v) for v in picture.partition('viewBox="0 0 ')[2].partition('"')[0].split())
        for text, left, top, right, bottom in boxes:
            assert left >= 0 and top >= 0 and right <= width and bottom <= height, (name, text)  # noqa: PT018
        outer = [b for b in boxes if len(b[0]) > 5]
        for a, b in combinations(outer, 2):
            apart = a[3] <= b[1] or b[3] <= a[1] or a[4] <= b[2] + 3 or b[4] <= a[2] + 3
            assert apart, (name, a[0], b[0])


# --- PDF -------------------------------------------------------------------------------------------------------------


def streams(pdf: bytes) -> str:
    """All streams of a PDF that are text once unpacked."""
    out = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            out.append(zlib.decompress(raw).decode("latin-1"))
        except zlib.error:
            out.append(raw.decode("latin-1"))
    return "\n".join(out)


@pytest.mark.parametrize("name", ["elmira", "korea-2019"])
def test_the_pdf_is_one_page_of_vectors_and_text(name: str) -> None:
    outcomes = detente.Session(detente.load(name)).ask("outcomes")
    pdf = graph_pdf(outcomes)
    assert pdf.startswith(b"%PDF-")
    everything = pdf.decode("latin-1") + streams(pdf)
    assert not re.search(r"/Subtype\s*/Image", everything)
    assert len(re.findall(r"/Type\s*/Page\b", everything)) == 1
    width, height = (float(v) * 0.75 for v in graph_svg(outcomes).partition('viewBox="0 0 ')[2].split('"')[0].split())
    box = re.search(r"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", everything)
    assert box is not None
    assert [float(v) for v in box.groups()] == pytest.approx([width, height], abs=1)
    drawing = max(streams(pdf).split("\nendstream"), key=len)
    assert len(re.findall(r" c\s", drawing)) > 20  # curves
    assert re.search(r"T[jJ]\s", drawing)  # text as text
    assert "FontFile" in everything  # with its letters inside
    assert graph_pdf(outcomes) == pdf  # the same picture is the same file


def test_korean_names_are_set_in_a_face_that_has_them() -> None:
    case = json.loads(json.dumps(CASES["chicken"]))
    case["parties"]["row"]["name"] = "영변 핵시설"
    assert "Nanum" in graph_pdf(outcomes_of(case)).decode("latin-1") + streams(graph_pdf(outcomes_of(case)))


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtra, match=r"pip install 'detente\[pdf\]'") as told:
        graph_pdf(outcomes_of(CASES["chicken"]))
    assert told.value.exit_code == 2


def test_without_the_libraries_their_package_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install libpango") as told:
        graph_pdf(outcomes_of(CASES["chicken"]))
    assert told.value.exit_code == 2
