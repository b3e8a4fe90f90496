"""The conflict graph: today's state, the outcomes selected, and the shortest ways to them, by distance from today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from detente.graph.paths import UNREACHED, Step
from detente.inquiry.outcomes import Outcomes
from detente.pictures.canvas import Canvas, wrapped

MOST_NODES = 25
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN, LEGEND = 150.0, 62.0, 96.0, 30.0, 20.0, 30.0
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 5", "4 2 1 2", "1 4", "14 3 3 3")
SIZE = 11.0


@dataclass(frozen=True, slots=True)
class Node:
    """One state drawn: its place in the grid and how it is filled."""

    state: int
    column: int
    row: int
    kind: str


def conflict_graph(outcomes: Outcomes, labels: Mapping[int, str], *, standalone: bool = False) -> str | None:
    """Draw the conflict graph as SVG.

    Args:
        outcomes: the selected states with the analyses they come from.
        labels: what to write on a state; others are intermediate steps.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None where the case has no status quo to start from.
    """
    start = outcomes.status_quo.start
    if start is None or outcomes.status_quo.moves is None:
        return None
    steps = _steps(outcomes)
    nodes = _nodes(outcomes, start, steps)
    rows = max(sum(n.column == c for n in nodes.values()) for c in {n.column for n in nodes.values()})
    columns = 1 + max(n.column for n in nodes.values())
    movers = [m for m in outcomes.graph.movers if any(s.party == m for s in steps)]
    canvas = Canvas(
        2 * MARGIN + columns * WIDTH + (columns - 1) * GAP_X,
        2 * MARGIN + rows * (HEIGHT + GAP_Y) + LEGEND * (1 + (len(movers) + 2) // 3),
    )
    canvas.width = max(canvas.width, 560)
    for step in steps:
        _arc(canvas, outcomes, nodes, step, movers)
    for node in nodes.values():
        _box(canvas, node, labels.get(node.state, "step on the way"))
    _legend(canvas, outcomes, movers, MARGIN + rows * (HEIGHT + GAP_Y))
    return canvas.svg("Conflict graph", _description(outcomes, steps, labels), standalone=standalone)


def _steps(outcomes: Outcomes) -> list[Step]:
    """The moves on the shortest ways from today to each outcome, as long as the nodes fit."""
    found: dict[Step, None] = {}
    seen = {outcomes.status_quo.start}
    for outcome in outcomes.selected:
        improving = outcomes.status_quo.path(outcome.state, improving=True)
        path = improving or outcomes.status_quo.path(outcome.state, improving=False) or ()
        fresh = {s.target for s in path} - seen
        if len(seen) + len(fresh) <= MOST_NODES:
            seen |= fresh
            found |= dict.fromkeys(path)
    return list(found)


def _nodes(outcomes: Outcomes, start: int, steps: list[Step]) -> dict[int, Node]:
    moves = outcomes.status_quo.moves
    lengths = moves.lengths if moves is not None else None
    states = list(dict.fromkeys([start, *(s.target for s in steps)]))
    selected = {o.state for o in outcomes.selected}
    filled: dict[int, int] = {}
    nodes = {}
    for state in states:
        column = 0 if state == start or lengths is None or lengths[state] == UNREACHED else int(lengths[state])
        kind = "today" if state == start else "holds" if state in selected else "node"
        nodes[state] = Node(state, column, filled.get(column, 0), kind)
        filled[column] = filled.get(column, 0) + 1
    return nodes


def _corner(node: Node) -> tuple[float, float]:
    return MARGIN + node.column * (WIDTH + GAP_X), MARGIN + node.row * (HEIGHT + GAP_Y)


def _box(canvas: Canvas, node: Node, label: str) -> None:
    x, y = _corner(node)
    canvas.rect(x, y, WIDTH, HEIGHT, kind=node.kind)
    head, _, rest = label.partition("\n")
    lines = [*wrapped(head, SIZE, WIDTH - 12, 1), *wrapped(rest, SIZE, WIDTH - 12, 3)]
    top = y + HEIGHT / 2 - (len(lines) - 1) * 7 + 4
    for n, line in enumerate(lines):
        canvas.text(x + WIDTH / 2, top + 14 * n, line, size=SIZE, anchor="middle", kind="b" if n == 0 else "t")


def _arc(canvas: Canvas, outcomes: Outcomes, nodes: Mapping[int, Node], step: Step, movers: list[str]) -> None:
    source, target = nodes[step.source], nodes[step.target]
    (x1, y1), (x2, y2) = _corner(source), _corner(target)
    y1, y2 = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    if source.column == target.column:
        x1, x2, bend = x1 + WIDTH, x2 + WIDTH, 46.0
        data = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 + bend:.1f} {y2:.1f} {x2 + 3:.1f} {y2:.1f}"
        middle = (x1 + bend * 0.75, (y1 + y2) / 2)
    else:
        forward = source.column < target.column
        x1, x2 = (x1 + WIDTH, x2 - 2) if forward else (x1, x2 + WIDTH + 2)
        half = (x1 + x2) / 2
        data = f"M{x1:.1f} {y1:.1f}C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        # near the target, where arcs from one source have parted
        middle = (x1 + 0.72 * (x2 - x1), y1 + 0.85 * (y2 - y1))
    number = movers.index(step.party)
    canvas.path(data, kind="arc", dash=DASHES[number % len(DASHES)], marker="head")
    if not outcomes.graph.moves.can_move(step.party, step.target, step.source):
        at = x2 + 14 if source.column == target.column else x2 - 13 if source.column < target.column else x2 + 13
        canvas.path(f"M{at:.1f} {y2 - 7:.1f}V{y2 + 7:.1f}", kind="bar")
    mark = str(number + 1) + ("" if step.improves else "✕")
    canvas.text(middle[0], middle[1] + 4, mark, size=12, anchor="middle", kind="halo")


def _legend(canvas: Canvas, outcomes: Outcomes, movers: list[str], top: float) -> None:
    y = top + 8
    for number, mover in enumerate(movers):
        x = MARGIN + (number % 3) * 190
        line = y + (number // 3) * 22
        canvas.path(f"M{x:.1f} {line:.1f}H{x + 40:.1f}", kind="arc", dash=DASHES[number % len(DASHES)], marker="head")
        name = wrapped(f"{number + 1}  {outcomes.graph.case.party_name(mover)}", 12, 140, 1)[0]
        canvas.text(x + 48, line + 4, name)
    below = y + ((len(movers) + 2) // 3) * 22 + 4
    canvas.text(
        MARGIN, below, "✕ its mover does not prefer this step;  bar before the arrowhead: the move cannot be taken back"
    )


def _description(outcomes: Outcomes, steps: list[Step], labels: Mapping[int, str]) -> str:
    name = outcomes.graph.case.party_name
    short = {state: label.partition("\n")[0] for state, label in labels.items()}
    told = [f"{name(s.party)} from {short.get(s.source, 'a step')} to {short.get(s.target, 'a step')}" for s in steps]
    return "Moves drawn: " + "; ".join(told)
