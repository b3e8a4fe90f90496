"""A fan over time: how the chance of every outcome changes from date to date, with what the inputs leave open."""

from __future__ import annotations

from detente.base.wording import percent
from detente.forecast.result import Forecast
from detente.pictures.canvas import Canvas, wrapped

WIDTH, MARGIN, LEFT, RIGHT = 680.0, 14.0, 190.0, 80.0
PANEL, GAP, FOOT = 54.0, 24.0, 30.0
SIZE, SMALL = 12.0, 11.0
ROOM = 70.0  # between dates under the axis


def forecast_fan(found: Forecast, *, standalone: bool = False) -> str | None:
    """Draw one panel per outcome over the dates asked for.

    Args:
        found: the forecast.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None with fewer than two dates. In each panel the line is the chance, the area what the
        inputs leave open (nine draws in ten); all panels run from 0 to 100 %.
    """
    ticks = found.dynamics.ticks
    if len(set(ticks)) < 2:
        return None
    canvas = Canvas(WIDTH, MARGIN + (PANEL + GAP) * len(found.names) + FOOT)
    xs = [LEFT + t / ticks[-1] * (WIDTH - LEFT - RIGHT) for t in ticks]
    told = []
    for n, name in enumerate(found.names):
        top = MARGIN + n * (PANEL + GAP)
        _panel(canvas, found, n, top, xs)
        each = zip(_dates(found), found.answer.p[: len(ticks), n], strict=True)
        told.append(f"{name}: {', '.join(f'{when} {percent(float(p))}' for when, p in each)}")
    _axis(canvas, found, xs, MARGIN + len(found.names) * (PANEL + GAP) - GAP + 4)
    return canvas.svg("Chances over time", ". ".join(told), standalone=standalone)


def _dates(found: Forecast) -> list[str]:
    return [f"{d.day} {d:%b %Y}" for d in found.dates[: len(found.dynamics.ticks)] if d is not None]


def _panel(canvas: Canvas, found: Forecast, n: int, top: float, xs: list[float]) -> None:
    rows = len(xs)

    def y(chance: float) -> float:
        return top + (1 - min(1.0, max(0.0, float(chance)))) * PANEL

    low, high, p = found.answer.low[:rows, n], found.answer.high[:rows, n], found.answer.p[:rows, n]
    for k, line in enumerate(wrapped(found.names[n], SIZE, LEFT - 2 * MARGIN - 40, 2)):
        canvas.text(MARGIN, top + 14 + k * 15, line, size=SIZE, kind="b")
    for chance in (0.0, 1.0):
        canvas.path(f"M{LEFT:.1f} {y(chance):.1f}H{WIDTH - RIGHT:.1f}", kind="faint")
        canvas.text(LEFT - 8, y(chance) + 4, f"{100 * chance:.0f} %", size=SMALL, anchor="end")
    area = [*zip(xs, map(y, high), strict=True), *reversed(list(zip(xs, map(y, low), strict=True)))]
    canvas.polygon(area, kind="node")
    canvas.path("M" + "L".join(f"{a:.1f} {y(b):.1f}" for a, b in zip(xs, p, strict=True)), kind="step")
    for a, b in zip(xs, p, strict=True):
        canvas.circle(a, y(b), 3, kind="dot")
    canvas.text(WIDTH - RIGHT + 10, y(float(p[-1])) + 4, percent(float(p[-1])), size=SMALL)


def _axis(canvas: Canvas, found: Forecast, xs: list[float], y: float) -> None:
    """Dates under the panels; one that has no room is left out, the last never is."""
    free = xs[-1] - ROOM
    for n, (x, text) in enumerate(zip(xs, _dates(found), strict=True)):
        canvas.path(f"M{x:.1f} {y - 4:.1f}v5", kind="arc")
        before = xs[n - 1] if n else -ROOM
        if n == len(xs) - 1 or (x <= free and x - before >= ROOM):
            canvas.text(x, y + 16, text, size=SMALL, anchor="middle")
