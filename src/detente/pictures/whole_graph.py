"""The whole conflict graph of a small model: every state, every move, as papers on the graph model draw it.

States are numbered circles; a ring and a letter mark equilibria. Each party's moves have a dash pattern and a number of
their own; a head at one end means that the move cannot be taken back. A filled head points to where its mover prefers
to be, a half-filled one to where it is not known whether it does. Nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detente.base.wording import listed
from detente.graph.known import BETTER, EQUAL, UNKNOWN, WORSE, Known
from detente.graph.model import GraphModel
from detente.pictures.arcs import SAMPLES, Curve, label_places, routed
from detente.pictures.canvas import Canvas, text_width, wrapped
from detente.pictures.conflict_graph import DASHES
from detente.pictures.layout import Layout, Point, layout
from detente.stability.analysis import Stability

MOST_STATES, MOST_ARCS = 30, 90
RADIUS, RING, LABEL, MARGIN = 18.5, 22.5, 6.5, 22.0
HEAD_LENGTH, HEAD_WIDTH = 9.0, 3.6
SIDE, CAP, NARROWEST = 104.0, 44.0, 560.0  # room for row heads and column heads, least width
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHORT = {"nash": "Nash", "gmr": "GMR", "smr": "SMR", "seq": "SEQ", "sseq": "SSEQ", "mixed": "mixed"}


@dataclass(frozen=True, slots=True)
class Arc:
    """The moves of one party between two states.

    Attributes:
        party: who moves.
        source, target: the states; ``source < target`` where the move can be taken back.
        back: whether it can.
        target_is: what the target is to the party against the source: ``better``, ``worse``, ``equal`` or ``unknown``.
    """

    party: str
    source: int
    target: int
    back: bool
    target_is: str

    @property
    def source_is(self) -> str:
        """What the source is to the party against the target."""
        return {BETTER: WORSE, WORSE: BETTER}.get(self.target_is, self.target_is)


def arcs_of(graph: GraphModel) -> list[Arc]:
    """Every move of a model, the two directions of one that can be taken back as one arc."""
    out = []
    for party in graph.movers:
        known = Known.of(graph.case, graph.states, party, graph.ranks[party])
        reached = [set(graph.reachable(party, s).tolist()) for s in range(len(graph))]
        for source, targets in enumerate(reached):
            for target in sorted(targets):
                back = source in reached[target]
                if back and target < source:
                    continue
                out.append(Arc(party, source, target, back, known.compare(target, source)))
    return out


def can_draw(graph: GraphModel) -> bool:
    """Whether a model is small enough to be drawn whole."""
    if len(graph) > MOST_STATES:
        return False
    return len(arcs_of(graph)) <= MOST_ARCS


def whole_graph(stability: Stability, *, standalone: bool = False) -> str:
    """Draw every state and every move.

    Args:
        stability: of a model that ``can_draw``.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element.
    """
    graph = stability.graph
    placed = layout(graph)
    arcs = arcs_of(graph)
    marks, legend = _marks(stability)
    movers = [m for m in graph.movers if any(a.party == m for a in arcs)]
    curves = routed([(a.source, a.target) for a in arcs], placed.places, RING)
    canvas, (left, top), edge = _canvas(placed, curves)
    curves = [_moved(c, left, top) for c in curves]
    places = [(x + left, y + top) for x, y in placed.places]
    for arc, curve in zip(arcs, curves, strict=True):
        _arc(canvas, arc, curve, [_radius(marks[s]) for s in (arc.source, arc.target)], movers.index(arc.party))
    for arc, (x, y) in zip(arcs, label_places(curves, places, RING, LABEL), strict=True):
        canvas.circle(x, y, LABEL, kind="spot")
        canvas.text(x, y + 3.2, str(movers.index(arc.party) + 1), size=9, anchor="middle")
    for state, place in enumerate(places):
        _state(canvas, state, place, marks[state], today=state == graph.states.status_quo)
    _heads(canvas, graph, placed, (left, top), left + edge)
    _legend(canvas, movers, [*_heads_told(arcs), *legend, *_on_states(stability, placed)], arcs, graph)
    return canvas.svg(f"Conflict graph: {graph.case.title}", _description(stability, arcs), standalone=standalone)


# --- equilibria ------------------------------------------------------------------------------------------------------


def _marks(stability: Stability) -> tuple[list[str], list[str]]:
    """A letter per state for the concepts under which it is an equilibrium ("" for none), and what letters mean.

    Where some order is missing the letters tell what is sure, and a question mark what depends on it.
    """
    graph = stability.graph
    bounds = {c: stability.bounds(c) for c in stability.equilibrium}
    sets = [tuple(c for c, e in bounds.items() if e.always[s]) for s in range(len(graph))]
    kinds = sorted({k for k in sets if k}, key=lambda k: (-len(k), [list(bounds).index(c) for c in k]))
    letters = {kind: LETTERS[n % 26] + str(n // 26 or "") for n, kind in enumerate(kinds)}
    short = {c: SHORT.get(c, c) for c in bounds}
    told = [f"ring and {letters[k]}: stable for every party under {listed([short[c] for c in k])}" for k in kinds]
    names = [graph.case.party_name(p) for p in graph.parties if graph.ranks[p] is None]
    unsure = [any(b.open[s] for b in bounds.values()) for s in range(len(graph))]
    if any(unsure):
        want = "wants" if len(names) == 1 else "want"
        told.append(f"?: may be stable for every party, under some concept, depending on what {listed(names)} {want}")
    if names and not kinds:
        orders = f"the order of {names[0]} is" if len(names) == 1 else f"the orders of {listed(names)} are"
        told.append(f"no state is marked stable for every party: {orders} not known")
    return [letters.get(k, "") + ("?" if u else "") for k, u in zip(sets, unsure, strict=True)], told


def _radius(mark: str) -> float:
    return RING if _ringed(mark) else RADIUS


def _ringed(mark: str) -> bool:
    """Whether a state is an equilibrium for sure."""
    return bool(mark.rstrip("?"))


# --- drawing ---------------------------------------------------------------------------------------------------------


def _canvas(placed: Layout, curves: Sequence[Curve]) -> tuple[Canvas, Point, float]:
    """A canvas that holds circles, curves and heads; where the layout's corner goes; where row heads end."""
    around = [(x + dx, y + dy) for x, y in placed.places for dx in (-RING, RING) for dy in (-RING, RING)]
    points = [*around, *((x, y) for c in curves for x, y in c.at(SAMPLES).tolist())]
    low_x, low_y = min(p[0] for p in points), min(p[1] for p in points)
    high_x, high_y = max(p[0] for p in points), max(p[1] for p in points)
    headed = len(placed.axes) <= 3
    left = MARGIN + (SIDE if headed and len(placed.axes) > 1 else 0) - low_x
    top = MARGIN + (CAP if headed else 0) - low_y
    canvas = Canvas(max(left + high_x + MARGIN + 20, NARROWEST), top + high_y + MARGIN)
    spare = (canvas.width - (left + high_x + MARGIN)) / 2
    return canvas, (left + max(0.0, spare - 20), top), low_x - 16


def _moved(curve: Curve, x: float, y: float) -> Curve:
    start, control, end = ((px + x, py + y) for px, py in (curve.start, curve.control, curve.end))
    return Curve(start, control, end)


def _state(canvas: Canvas, state: int, place: Point, mark: str, *, today: bool) -> None:
    x, y = place
    if _ringed(mark):
        canvas.circle(x, y, RING, kind="state")
    canvas.circle(x, y, RADIUS, kind="now" if today else "state")
    under = " ".join(t for t in ("SQ" if today else "", mark) if t)
    canvas.text(x, y + (1 if under else 4.5), f"s{state + 1}", size=12.5, anchor="middle", kind="b")
    if under:
        canvas.text(x, y + 11.5, under, size=8, anchor="middle")


def _arc(canvas: Canvas, arc: Arc, curve: Curve, radii: Sequence[float], number: int) -> None:
    """One party's moves between two states, with a head at each end that can be moved to."""
    gap = 1.5
    tips = curve.leaves(radii[0] + gap), curve.leaves(radii[1] + gap, end=True)
    low = curve.leaves(radii[0] + gap + HEAD_LENGTH * 0.8) if arc.back else tips[0]
    high = curve.leaves(radii[1] + gap + HEAD_LENGTH * 0.8, end=True)
    (x1, y1), (cx, cy), (x2, y2) = curve.part(low, high)
    data = f"M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {x2:.1f} {y2:.1f}"
    canvas.path(data, kind="arc", dash=DASHES[number % len(DASHES)])
    _head(canvas, curve.at(tips[1]).tolist(), (x2, y2), arc.target_is)
    if arc.back:
        _head(canvas, curve.at(tips[0]).tolist(), (x1, y1), arc.source_is)


def _head(canvas: Canvas, tip: Sequence[float], base: Point, there: str) -> None:
    """An arrowhead from a base towards a tip: filled where the mover prefers to be there, half where nobody knows."""
    x, y = tip[0] - base[0], tip[1] - base[1]
    length = max((x * x + y * y) ** 0.5, 1e-6)
    x, y = x / length, y / length
    back = (tip[0] - HEAD_LENGTH * x, tip[1] - HEAD_LENGTH * y)
    width = HEAD_WIDTH * (1.5 if there == UNKNOWN else 1)
    sides = [(back[0] - s * width * y, back[1] + s * width * x) for s in (1, -1)]
    canvas.polygon([(tip[0], tip[1]), *sides], kind={BETTER: "head", UNKNOWN: "unsure"}.get(there, "open"))
    if there == UNKNOWN:
        canvas.polygon([(tip[0], tip[1]), sides[0], back], kind="half")


def _heads(canvas: Canvas, graph: GraphModel, placed: Layout, corner: Point, edge: float) -> None:
    """What columns and rows stand for, where there are no more than three axes."""
    if not 1 <= len(placed.axes) <= 3:
        return
    name = graph.case.party_name
    y0 = placed.origin[1] + corner[1]
    columns = placed.axes[0]
    width = max(columns.step[0] - 10, 90.0)
    middles = [x + corner[0] for x in placed.tops]
    for middle, text in zip(middles, columns.names, strict=True):
        for line, part in enumerate(wrapped(text, 10.5, width, 2)):
            canvas.text(middle, MARGIN + 14 + 13 * line, part, size=10.5, anchor="middle")
    canvas.text(max(min(middles) - width / 2, MARGIN), MARGIN - 4, name(columns.party), size=10.5, kind="b")
    if len(placed.axes) < 2:
        return
    rows = placed.axes[1]
    for number, text in enumerate(rows.names):
        lines = wrapped(text, 10.5, SIDE - 6, 3)
        for line, part in enumerate(lines):
            y = y0 + number * rows.step[1] + 4 + 13 * (line - (len(lines) - 1) / 2)
            canvas.text(edge, y, part, size=10.5, anchor="end")
    heading = wrapped(name(rows.party), 10.5, SIDE + 6, 3)
    for line, part in enumerate(heading):
        canvas.text(edge, y0 - 24 - 13 * (len(heading) - line), part, size=10.5, anchor="end", kind="b")


HEADS_TOLD = {
    BETTER: "filled head: the mover prefers where it leads",
    WORSE: "open head: it does not",
    UNKNOWN: "half-filled head: whether it does is not known",
}


def _heads_told(arcs: Sequence[Arc]) -> list[str]:
    """What the heads mean."""
    shown = [BETTER, WORSE, *([UNKNOWN] if any(a.target_is == UNKNOWN for a in arcs) else [])]
    return [
        "; ".join(HEADS_TOLD[kind] for kind in shown),
        "heads at both ends: the move can be taken back; one head: it cannot",
    ]


def _on_states(stability: Stability, placed: Layout) -> list[str]:
    """What else is to be said of the states: the status quo, the third axis, the handling caveat."""
    graph = stability.graph
    texts = []
    if graph.states.status_quo is not None:
        texts.append("heavy circle and SQ: the status quo")
    if len(placed.axes) == 3:
        third = placed.axes[2]
        shared = third.names[0].partition(": ")[0] + ": "
        same = all(n.startswith(shared) for n in third.names)
        steps = ", then ".join(n.removeprefix(shared) if same and k else n for k, n in enumerate(third.names))
        texts.append(f"up the diagonal, {graph.case.party_name(third.party)}: {steps}")
    if graph.case.file.marking:
        texts.append(graph.case.file.marking)
    return texts


def _legend(
    canvas: Canvas, movers: Sequence[str], texts: Sequence[str], arcs: Sequence[Arc], graph: GraphModel
) -> None:  # fmt: skip
    """What patterns, heads, rings and letters mean, below the graph."""
    y = canvas.height + 6
    room = canvas.width - 2 * MARGIN
    longest = max((text_width(f"moves of {graph.case.party_name(m)}", 11) for m in movers), default=0.0)
    across = max(1, min(3, int(room // (longest + 64))))
    for number, mover in enumerate(movers):
        x = MARGIN + (number % across) * room / across
        line = y + (number // across) * 20
        canvas.path(f"M{x:.1f} {line:.1f}H{x + 46:.1f}", kind="arc", dash=DASHES[number % len(DASHES)])
        canvas.circle(x + 23, line, LABEL, kind="spot")
        canvas.text(x + 23, line + 3.2, str(number + 1), size=9, anchor="middle")
        name = wrapped(f"moves of {graph.case.party_name(mover)}", 11, room / across - 56, 1)[0]
        canvas.text(x + 54, line + 4, name, size=11)
    y += ((len(movers) + across - 1) // across) * 20 + 2
    shown = [BETTER, EQUAL, *([UNKNOWN] if any(a.target_is == UNKNOWN for a in arcs) else [])]
    for number, kind in enumerate(shown):
        right = MARGIN + 12 + 15 * number
        _head(canvas, (right, y), (right - 12, y), kind)
    for text in texts:
        for part in wrapped(text, 11, room - 54, 3):
            canvas.text(MARGIN + 54, y + 4, part, size=11)
            y += 18
    canvas.height = y + MARGIN - 12


def _description(stability: Stability, arcs: Sequence[Arc]) -> str:
    graph = stability.graph
    name = graph.case.party_name
    told = [f"{name(a.party)} s{a.source + 1} {'to and from' if a.back else 'to'} s{a.target + 1}" for a in arcs]
    held = [
        f"{SHORT.get(c, c)}: {'not known' if stability.equilibrium[c] is None else listed(stability.equilibria(c))}"
        for c in stability.equilibrium
    ]
    return f"Moves: {'; '.join(told)}. Equilibria: {'; '.join(held)}."
