"""The conflict graph: today's state, the outcomes selected, and the shortest ways to them, by distance from today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from detente.base.wording import words
from detente.graph.known import UNKNOWN, Known
from detente.graph.model import GraphModel
from detente.graph.paths import UNREACHED, Step
from detente.inquiry.outcomes import Outcomes
from detente.pictures.canvas import Canvas, text_width, wrapped

MOST_NODES, MOST_LINES = 25, 14
WIDTH, GAP_X, GAP_Y, MARGIN = 168.0, 92.0, 26.0, 20.0
LINE, PADDING, LEAST = 14.0, 18.0, 48.0  # of the text in a box; height of a box beyond it, and at least
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 5", "4 2 1 2", "1 4", "14 3 3 3")
SIZE = 11.0


@dataclass(frozen=True, slots=True)
class Node:
    """One state drawn: its place in the grid, how it is filled, its text (the first line bold where it is a head)."""

    state: int
    column: int
    row: int
    kind: str
    lines: tuple[str, ...]
    headed: bool
    y: float = 0.0
    height: float = LEAST

    @property
    def x(self) -> float:
        """Where its box begins."""
        return MARGIN + self.column * (WIDTH + GAP_X)

    @property
    def middle(self) -> float:
        """Half-way down its box."""
        return self.y + self.height / 2


def conflict_graph(outcomes: Outcomes, labels: Mapping[int, str], *, standalone: bool = False) -> str | None:
    """Draw the conflict graph as SVG.

    Args:
        outcomes: the selected states with the analyses they come from.
        labels: what to write on a state, a head above the first line break; other states are told by what the move
            to them changes.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None where the case has no status quo to start from.
    """
    start = outcomes.status_quo.start
    if start is None or outcomes.status_quo.moves is None:
        return None
    steps = _steps(outcomes)
    labels = {s: f"\n{text}" for s, text in step_changes(outcomes).items()} | dict(labels)
    nodes = _placed(_nodes(outcomes, start, steps, labels))
    movers = [m for m in outcomes.graph.movers if any(s.party == m for s in steps)]
    right, bottom = max(n.x + WIDTH for n in nodes.values()), max(n.y + n.height for n in nodes.values())
    canvas = Canvas(max(right + MARGIN, 620), bottom)
    known = {m: Known.of(outcomes.graph.case, outcomes.graph.states, m, outcomes.graph.ranks[m]) for m in movers}
    unsure = {s for s in steps if known[s.party].compare(s.target, s.source) == UNKNOWN}
    for step in steps:
        mark = "?" if step in unsure else "" if step.improves else "✕"
        _arc(canvas, outcomes, nodes, step, f"{movers.index(step.party) + 1}{mark}")
    for node in nodes.values():
        _box(canvas, node)
    _legend(canvas, outcomes, movers, nodes, unsure=bool(unsure))
    return canvas.svg("Conflict graph", _description(outcomes, steps, labels), standalone=standalone)


def step_changes(outcomes: Outcomes) -> dict[int, str]:
    """For each state on a way drawn, what the move to it changes."""
    return {s.target: _changed(outcomes.graph, s) for s in reversed(_steps(outcomes))}


def _changed(graph: GraphModel, step: Step) -> str:
    before, after = graph.states.levels(step.source), graph.states.levels(step.target)
    changed = [o for o, v in after.items() if v is not None and before[o] != v]
    return "\n".join(f"{graph.case.option_name(o)}: {words(after[o] or '')}" for o in changed)


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


def _nodes(outcomes: Outcomes, start: int, steps: list[Step], labels: Mapping[int, str]) -> dict[int, Node]:
    moves = outcomes.status_quo.moves
    lengths = moves.lengths if moves is not None else None
    states = list(dict.fromkeys([start, *(s.target for s in steps)]))
    selected = {o.state for o in outcomes.selected}
    filled: dict[int, int] = {}
    nodes = {}
    for state in states:
        column = 0 if state == start or lengths is None or lengths[state] == UNREACHED else int(lengths[state])
        kind = "today" if state == start else "holds" if state in selected else "node"
        head, _, rest = labels.get(state, "").partition("\n")
        nodes[state] = Node(state, column, filled.get(column, 0), kind, _lines(head, rest), bool(head))
        filled[column] = filled.get(column, 0) + 1
    return nodes


def _lines(head: str, rest: str) -> tuple[str, ...]:
    """The text of a box: its head, then every change on a line of its own where there is room."""
    lines = [part for line in rest.split("\n") for part in wrapped(line, SIZE, WIDTH - 12, 2)]
    if len(lines) > MOST_LINES:
        lines = wrapped(rest.replace("\n", ", "), SIZE, WIDTH - 12, MOST_LINES)
    return (*wrapped(head, SIZE, WIDTH - 12, 1), *lines)


def _placed(nodes: Mapping[int, Node]) -> dict[int, Node]:
    """Boxes as high as their text, in the middle of rows as high as their highest box."""
    nodes = {s: replace(n, height=max(LEAST, LINE * len(n.lines) + PADDING)) for s, n in nodes.items()}
    heights = [0.0] * (1 + max(n.row for n in nodes.values()))
    for node in nodes.values():
        heights[node.row] = max(heights[node.row], node.height)
    tops = [MARGIN + sum(heights[:row]) + row * GAP_Y for row in range(len(heights))]
    return {s: replace(n, y=tops[n.row] + (heights[n.row] - n.height) / 2) for s, n in nodes.items()}


def _box(canvas: Canvas, node: Node) -> None:
    canvas.rect(node.x, node.y, WIDTH, node.height, kind=node.kind)
    top = node.middle - (len(node.lines) - 1) * LINE / 2 + 4
    for n, line in enumerate(node.lines):
        kind = "b" if n == 0 and node.headed else "t"
        canvas.text(node.x + WIDTH / 2, top + LINE * n, line, size=SIZE, anchor="middle", kind=kind)


def _arc(canvas: Canvas, outcomes: Outcomes, nodes: Mapping[int, Node], step: Step, mark: str) -> None:
    source, target = nodes[step.source], nodes[step.target]
    x1, x2, y1, y2 = source.x, target.x, source.middle, target.middle
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
        middle = (x1 + 0.66 * (x2 - x1), y1 + 0.8 * (y2 - y1))
    number = int(mark.rstrip("?✕")) - 1
    canvas.path(data, kind="arc", dash=DASHES[number % len(DASHES)], marker="head")
    if not outcomes.graph.moves.can_move(step.party, step.target, step.source):
        at = x2 + 14 if source.column == target.column else x2 - 13 if source.column < target.column else x2 + 13
        canvas.path(f"M{at:.1f} {y2 - 7:.1f}V{y2 + 7:.1f}", kind="bar")
    canvas.text(middle[0], middle[1] + 4, mark, size=12, anchor="middle", kind="halo")


FRAMES = (
    ("today", "today"),
    ("holds", "an outcome shown, with what it changes from today"),
    ("node", "a step on the way, with what that move changes"),
)


def _legend(
    canvas: Canvas, outcomes: Outcomes, movers: list[str], nodes: Mapping[int, Node], *, unsure: bool
) -> None:  # fmt: skip
    """Who moves by which line, what frames and signs mean, how much of the whole is drawn."""
    name, room = outcomes.graph.case.party_name, canvas.width - 2 * MARGIN
    widest = max((text_width(name(m), 12) for m in movers), default=0.0) + 84
    across = max(1, int(room // widest))
    y = canvas.height + GAP_Y
    for number, mover in enumerate(movers):
        x, line = MARGIN + (number % across) * widest, y + (number // across) * 22
        canvas.path(f"M{x:.1f} {line:.1f}H{x + 40:.1f}", kind="arc", dash=DASHES[number % len(DASHES)], marker="head")
        canvas.text(x + 48, line + 4, wrapped(f"{number + 1}  {name(mover)}", 12, room - 48, 1)[0])
    y += ((len(movers) + across - 1) // across) * 22 + 4
    x = MARGIN
    for kind, text in FRAMES:
        if any(n.kind == kind for n in nodes.values()):
            if x > MARGIN and x + 30 + text_width(text, 12) > canvas.width - MARGIN:
                x, y = MARGIN, y + 22
            canvas.path(f"M{x + 1:.1f} {y - 6:.1f}h20v12h-20z", kind=kind)
            canvas.text(x + 28, y + 4, text)
            x += 28 + text_width(text, 12) + 44
    told = "✕ its mover does not prefer this step;  " + ("? nobody knows whether it does;  " if unsure else "")
    texts = [f"{told}bar before the arrowhead: the move cannot be taken back"]
    if len(nodes) < len(outcomes.graph):
        texts.append(f"{len(nodes):,} of {len(outcomes.graph):,} states are drawn.")
    for text in texts:
        for part in wrapped(text, 12, room, 2):
            y += 22
            canvas.text(MARGIN, y + 4, part)
    canvas.height = y + MARGIN


def _description(outcomes: Outcomes, steps: list[Step], labels: Mapping[int, str]) -> str:
    name = outcomes.graph.case.party_name
    short = {state: label.partition("\n")[0] or label.partition("\n")[2] for state, label in labels.items()}
    told = [f"{name(s.party)} from {short.get(s.source, 'a step')} to {short.get(s.target, 'a step')}" for s in steps]
    return "Moves drawn: " + "; ".join(told)
