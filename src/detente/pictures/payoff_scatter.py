"""Payoff scatter: what deals are worth to two parties, against having none; small multiples for more parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from detente.base.wording import listed
from detente.pictures.canvas import Canvas, text_width, wrapped
from detente.settlement.listing import nearest_deals
from detente.settlement.named import SHORT_NAMES, Named, named_deals
from detente.settlement.result import Settlement

Floats = NDArray[np.float64]
WIDTH, GAP = 680.0, 28.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 14.0, 30.0, 50.0
TALL, SHORT = 380.0, 250.0
SIZE, SMALL, LINE = 12.0, 11.0, 16.0
MOST_PARTIES = 4
MOST_DOTS = 400
FEW = 60  # so few marks are drawn larger
BINS = (56, 40)
DISC = 8.5
NO_DEAL, NEAREST = "no deal", "N"
BEYOND = 0.6  # shown below having no deal, as a part of the best that an acceptable deal gives


@dataclass(frozen=True)
class _Panel:
    """One plot: its place, the two parties, and the window of payoffs it shows."""

    x0: float
    y0: float
    width: float
    height: float
    parties: tuple[str, str]
    low: tuple[float, float]
    high: tuple[float, float]

    def x(self, value: float) -> float:
        return self.x0 + (value - self.low[0]) / (self.high[0] - self.low[0]) * self.width

    def y(self, value: float) -> float:
        return self.y0 + self.height - (value - self.low[1]) / (self.high[1] - self.low[1]) * self.height

    def inside(self, xs: Floats, ys: Floats) -> NDArray[np.bool_]:
        across = (xs >= self.low[0]) & (xs <= self.high[0])
        found: NDArray[np.bool_] = across & (ys >= self.low[1]) & (ys <= self.high[1])
        return found


def payoff_scatter(
    found: Settlement, named: Sequence[Named] | None = None, *, standalone: bool = False
) -> str | None:  # fmt: skip
    """Draw the deals by what they are worth to the signatories.

    Filled dots are deals that all whose acceptance they need would accept, rings are others. Broken lines mark having
    no deal; the shaded corner is better than that for both parties. Named deals carry letters, explained below. Where
    there are many deals one mark stands for those close to each other, and the caption says so.

    Args:
        found: the answer.
        named: the deals to name; by default those that the rules pick.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None with fewer than two signatories.
    """
    axes = found.bargain.axes[:MOST_PARTIES]
    if len(axes) < 2:
        return None
    named = named_deals(found) if named is None else named
    pairs = list(combinations(axes, 2))
    one = len(pairs) == 1
    width = WIDTH if one else (WIDTH - GAP) / 2
    height = TALL if one else SHORT
    rows = ceil(len(pairs) / (1 if one else 2))
    legend = _legend(found, named)
    canvas = Canvas(WIDTH, rows * height + (rows - 1) * GAP + 12 + LINE * len(legend))
    notes = []
    for n, pair in enumerate(pairs):
        left, top = (n % 2) * (width + GAP), (n // 2) * (height + GAP)
        panel = _panel(found, named, pair, (left, top, width, height))
        notes.append(_draw(canvas, found, named, panel, stepped=len(found.bargain.axes) == 2))
    bottom = rows * height + (rows - 1) * GAP + 12
    for n, line in enumerate(legend):
        canvas.text(12, bottom + LINE * n + 8, line, size=SMALL)
    return canvas.svg("What deals are worth to each side", " ".join(dict.fromkeys(notes)), standalone=standalone)


def caption(found: Settlement) -> str:
    """What the marks mean and what is left out, for under the picture."""
    many = found.deals is not None and len(found.deals) > MOST_DOTS
    thin = " Deals close to each other share one mark, larger where there are more of them." if many else ""
    who = "all whose acceptance they need" if found.bargain.owners else "every signatory"
    text = f"Each mark is a deal. Filled: acceptable to {who}; rings: not.{thin}"
    if found.deals is None:
        text = "Only the named deals are marked: all of them are too many to draw."
    text += " The shaded corner is better than no deal (broken lines) for both parties shown."
    if len(found.bargain.axes) == 2 and found.frontier:
        text += " The stepped line joins the deals that can only be improved on for one side at the other's cost."
    if len(found.bargain.axes) > MOST_PARTIES:
        text += f" Shown are the first {MOST_PARTIES} signatories."
    if found.bargain.ordinal & set(found.bargain.axes):
        text += " Where only an order is known, deals stand at even steps from 0 (worst) to 1 (best)."
    return f"{text} Deals far worse than none for one of the two lie outside the picture." if many else text


# --- what is shown ---------------------------------------------------------------------------------------------------


def _values(found: Settlement, party: str) -> Floats:
    """Payoffs of all deals; of the frontier alone where the deals are not listed."""
    zero = float(found.bargain.disagreement[party])
    if found.deals is None:
        return np.array([zero + float(c.gains[party]) for c in found.frontier])
    return zero + found.deals.floats(party)


def _panel(
    found: Settlement, named: Sequence[Named], pair: tuple[str, str], place: tuple[float, float, float, float]
) -> _Panel:
    """All deals where they are few; else what is not far worse than no deal for either party."""
    values = [_values(found, p) for p in pair]
    zeros = [float(found.bargain.disagreement[p]) for p in pair]
    marked = [[z, *(z + float(n.gains[p]) for n in named)] for p, z in zip(pair, zeros, strict=True)]
    few = len(values[0]) <= MOST_DOTS
    bottom = []
    for v, z, m, p in zip(values, zeros, marked, pair, strict=True):
        best = max((float(c.gains[p]) for c in found.frontier), default=0.0) or float(np.ptp(v)) or 1.0
        least = float(v.min(initial=z))
        bottom.append(min(least if few else max(least, z - BEYOND * best), *m, z))
    low, high = [], []
    for k in (0, 1):
        other = values[1 - k] >= bottom[1 - k]
        top = max(float(values[k][other].max(initial=zeros[k])), *marked[k])
        pad = 0.07 * ((top - bottom[k]) or 1.0)
        low.append(bottom[k] - pad)
        high.append(top + pad)
    x, y, width, height = place
    return _Panel(
        x + LEFT, y + TOP, width - LEFT - RIGHT, height - TOP - BOTTOM, pair, (low[0], low[1]), (high[0], high[1])
    )


def _draw(canvas: Canvas, found: Settlement, named: Sequence[Named], panel: _Panel, *, stepped: bool) -> str:
    """One panel; returns what it shows in words."""
    first, second = (found.bargain.case.party_name(p) for p in panel.parties)
    zero = [float(found.bargain.disagreement[p]) for p in panel.parties]
    x, y = panel.x(zero[0]), panel.y(zero[1])
    canvas.rect(x, panel.y0, panel.x0 + panel.width - x, y - panel.y0, kind="zone", radius=0)
    corner = "better for both than no deal"
    if (
        panel.width > WIDTH / 2
        and panel.x0 + panel.width - x > text_width(corner, SMALL) + 12
        and y - panel.y0 > 2 * LINE
    ):
        canvas.text(panel.x0 + panel.width - 6, panel.y0 + 14, corner, size=SMALL, anchor="end")
    _axes(canvas, found, panel)
    canvas.path(f"M{x:.1f} {panel.y0:.1f}V{panel.y0 + panel.height:.1f}", kind="arc", dash="5 4")
    canvas.path(f"M{panel.x0:.1f} {y:.1f}H{panel.x0 + panel.width:.1f}", kind="arc", dash="5 4")
    _dots(canvas, found, panel)
    points = [(zero[0] + float(c.gains[panel.parties[0]]), zero[1] + float(c.gains[panel.parties[1]]))
              for c in found.frontier]  # fmt: skip
    if stepped and points:
        _steps(canvas, panel, points)
    canvas.polygon([(x - 6, y), (x, y - 6), (x + 6, y), (x, y + 6)], kind="now")
    marks = [
        (n.letter, panel.x(zero[0] + float(n.gains[panel.parties[0]])),
         panel.y(zero[1] + float(n.gains[panel.parties[1]])))
        for n in named
    ]  # fmt: skip
    if found.no_zone is not None and found.no_zone.uniform is not None:
        deal = nearest_deals(found, found.no_zone.uniform, 1)[0]
        worth = {**deal.affected, **deal.payoffs}
        at = [float(worth[p]) for p in panel.parties]
        if panel.inside(np.array(at[:1]), np.array(at[1:]))[0]:
            marks.append((NEAREST, panel.x(at[0]), panel.y(at[1])))
    _labels(canvas, panel, marks, (x, y))
    told = ", ".join(
        f"{n.letter} {float(n.gains[panel.parties[0]]):+.3g} and {float(n.gains[panel.parties[1]]):+.3g}" for n in named
    )
    return f"{first} across, {second} upwards; gains over no deal: {told or 'no named deal'}."


def _axes(canvas: Canvas, found: Settlement, panel: _Panel) -> None:
    base = panel.y0 + panel.height
    canvas.path(f"M{panel.x0:.1f} {panel.y0:.1f}V{base:.1f}H{panel.x0 + panel.width:.1f}", kind="arc")
    for value in _ticks(panel.low[0], panel.high[0], panel.width / 60):
        canvas.path(f"M{panel.x(value):.1f} {base:.1f}v4", kind="arc")
        canvas.text(panel.x(value), base + 16, _number(value), size=SMALL, anchor="middle")
    for value in _ticks(panel.low[1], panel.high[1], panel.height / 32):
        canvas.path(f"M{panel.x0:.1f} {panel.y(value):.1f}h-4", kind="arc")
        canvas.text(panel.x0 - 7, panel.y(value) + 4, _number(value), size=SMALL, anchor="end")
    names = [_axis(found, p) for p in panel.parties]
    across = wrapped(f"{names[0]} →", SIZE, panel.width, 1)[0]
    canvas.text(panel.x0 + panel.width, base + 36, across, size=SIZE, anchor="end", kind="b")
    canvas.text(panel.x0 - LEFT + 8, panel.y0 - 14, wrapped(f"↑ {names[1]}", SIZE, panel.width + LEFT - 8, 1)[0],
                size=SIZE, kind="b")  # fmt: skip


def _axis(found: Settlement, party: str) -> str:
    name = found.bargain.case.party_name(party)
    if len(found.bargain.axes) > 2:
        return name
    if party in found.bargain.ordinal:
        return f"{name}: place in its order (0 worst, 1 best)"
    period = found.bargain.case.file.period
    return f"{name}: worth per {period}, on its own scale"


def _ticks(low: float, high: float, wanted: float) -> list[float]:
    raw = (high - low) / max(wanted, 2)
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    return [k * step for k in range(ceil(low / step), floor(high / step) + 1)]


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−") if abs(value) > 1e-12 else "0"


def _dots(canvas: Canvas, found: Settlement, panel: _Panel) -> None:
    """Every deal, or one mark per patch where there are many; marks of refused deals first."""
    if found.deals is None:
        return
    xs, ys = (_values(found, p) for p in panel.parties)
    shown = panel.inside(xs, ys)
    for good in (False, True):
        chosen = shown & (found.deals.acceptable == good)
        kind, least = ("dot", 1.7) if good else ("faint", 1.5)
        least += 1.2 if shown.sum() <= FEW else 0.0
        for x, y, count in _marks(panel, xs[chosen], ys[chosen]):
            canvas.circle(panel.x(x), panel.y(y), least + (0.55 * log10(count) if count > 1 else 0.0), kind=kind)


def _marks(panel: _Panel, xs: Floats, ys: Floats) -> list[tuple[float, float, int]]:
    """(mean place, number of deals) of every patch that has some; equal deals share a mark."""
    if not len(xs):
        return []
    if len(xs) <= MOST_DOTS:
        places, counts = np.unique(np.column_stack([xs, ys]), axis=0, return_counts=True)
        return [(float(x), float(y), int(c)) for (x, y), c in zip(places, counts, strict=True)]
    across = np.minimum((xs - panel.low[0]) / (panel.high[0] - panel.low[0]) * BINS[0], BINS[0] - 1).astype(np.int64)
    up = np.minimum((ys - panel.low[1]) / (panel.high[1] - panel.low[1]) * BINS[1], BINS[1] - 1).astype(np.int64)
    _, patch, counts = np.unique(across * BINS[1] + up, return_inverse=True, return_counts=True)
    patch = patch.reshape(-1)
    means = [np.bincount(patch, weights=v) / counts for v in (xs, ys)]
    return [(float(x), float(y), int(c)) for x, y, c in zip(*means, counts, strict=True)]


def _steps(canvas: Canvas, panel: _Panel, points: Sequence[tuple[float, float]]) -> None:
    """The edge of what can be had: down from each frontier point, then across to the next."""
    places = sorted({(panel.x(x), panel.y(y)) for x, y in points})
    data = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    for x, y in places[1:]:
        data += f"V{y:.1f}H{x:.1f}"
    canvas.path(data, kind="step")


# --- letters ---------------------------------------------------------------------------------------------------------


def _labels(
    canvas: Canvas, panel: _Panel, marks: Sequence[tuple[str, float, float]], origin: tuple[float, float]
) -> None:
    """A letter in a disc beside each named point, joined to it, where it covers neither a point nor another disc."""
    taken = [origin, *((x, y) for _, x, y in marks)]
    spot, anchor, covered = _beside(panel, origin, [(x, y) for _, x, y in marks])
    canvas.text(*spot, NO_DEAL, size=SMALL, anchor=anchor, kind="halo")
    taken += covered
    for letter, x, y in marks:
        place = _free(panel, (x, y), taken)
        taken.append(place)
        canvas.path(f"M{x:.1f} {y:.1f}L{place[0]:.1f} {place[1]:.1f}", kind="arc")
        canvas.circle(x, y, 3.6, kind="state" if letter == NEAREST else "dot")
        canvas.circle(*place, DISC, kind="state")
        canvas.text(place[0], place[1] + 4, letter, size=SMALL, anchor="middle", kind="b")


def _beside(
    panel: _Panel, origin: tuple[float, float], marks: Sequence[tuple[float, float]]
) -> tuple[tuple[float, float], str, list[tuple[float, float]]]:
    """Where the words beside the point of no deal keep away from the named points: place, anchor, what they cover."""
    wide = text_width(NO_DEAL, SMALL)
    best = None
    for down, side in ((18, 1), (-10, 1), (18, -1), (-10, -1)):
        x, y = origin[0] + 12 * side, origin[1] + down
        ends = sorted((x, x + wide * side))
        if (
            ends[0] < panel.x0
            or ends[1] > panel.x0 + panel.width
            or not panel.y0 + 10 < y < panel.y0 + panel.height - 5
        ):
            continue
        covered = [(ends[0] + wide * k / 4, y - 4) for k in range(5)]
        free = min((float(np.hypot(a - c, b - d)) for a, b in marks for c, d in covered), default=100.0)
        if best is None or min(free, 30.0) > best[0]:
            best = min(free, 30.0), (x, y), "start" if side > 0 else "end", covered
    return best[1:] if best is not None else ((origin[0] + 12, origin[1] + 18), "start", [])


def _free(panel: _Panel, point: tuple[float, float], taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place near a point that keeps furthest from what is taken already; near ones first, up and right first."""
    best, kept = (point[0] + 20, point[1] - 20), -1.0
    for reach in (20.0, 30.0, 42.0):
        for turn in (0.785, 0.3, 1.27, 1.8, 2.36, -0.3, -0.785, -1.3, 3.14, -1.8, -2.36, -2.8):
            x, y = point[0] + reach * np.cos(turn), point[1] - reach * np.sin(turn)
            edge = min(x - panel.x0, panel.x0 + panel.width - x, y - panel.y0, panel.y0 + panel.height - y)
            if edge < DISC + 1:
                continue
            near = min(float(np.hypot(x - a, y - b)) for a, b in taken if (a, b) != point)
            if near >= 2 * DISC + 3:
                return x, y
            if near > kept:
                best, kept = (x, y), near
    return best


def _legend(found: Settlement, named: Sequence[Named]) -> list[str]:
    """What the letters stand for, in lines."""
    parts = [f"{n.letter} {listed([SHORT_NAMES[r] for r in n.rules])}" for n in named]
    if found.no_zone is not None and found.no_zone.uniform is not None:
        parts.append(f"{NEAREST} the deal that comes closest to being acceptable to all")
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}; {part}" if lines else part
        if lines and text_width(longer, SMALL) <= WIDTH - 24:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
