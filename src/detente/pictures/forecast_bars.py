"""Outcome bars: the chance of every outcome in every reading, with what the inputs leave open and the base rate."""

from __future__ import annotations

from collections.abc import Sequence

from detente.base.wording import percent
from detente.forecast.result import Forecast
from detente.pictures.canvas import Canvas, wrapped

WIDTH, MARGIN, LEFT, RIGHT = 680.0, 14.0, 180.0, 210.0
ROW, HEAD, GAP, FOOT = 20.0, 20.0, 10.0, 46.0
SIZE, SMALL = 12.0, 11.0
SCALE = WIDTH - LEFT - RIGHT


def place(chance: float) -> float:
    """Where a chance stands from left to right."""
    return LEFT + min(1.0, max(0.0, chance)) * SCALE


def forecast_bars(readings: Sequence[tuple[str, Forecast]], *, standalone: bool = False) -> str:
    """Draw the chances of the outcomes by the last date.

    Args:
        readings: name and forecast of each reading, the one that is told first; outcomes are those of the first.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element: a bar per outcome and reading from the low to the high end of what the inputs leave open, a
        line across it at the chance, and a triangle below the outcome's bars at its base rate.
    """
    first = readings[0][1]
    rated = [n for n in first.names if n in first.base_rates]
    tall = {n: HEAD + ROW * len(readings) + (14 if n in rated else 0) + GAP for n in first.names}
    canvas = Canvas(WIDTH, MARGIN + sum(tall.values()) + FOOT)
    top, told = MARGIN, []
    for name in first.names:
        canvas.text(MARGIN, top + 13, wrapped(name, SIZE, WIDTH - 2 * MARGIN, 1)[0], size=SIZE, kind="b")
        for n, (who, found) in enumerate(readings):
            if name in found.names:
                _row(canvas, found, name, who, top + HEAD + n * ROW)
                told.append(f"{name}, {who}: {_numbers(found, name)}")
        if name in rated:
            below, x = top + HEAD + ROW * len(readings), place(first.base_rates[name].value)
            canvas.polygon([(x, below), (x - 5, below + 9), (x + 5, below + 9)], kind="head")
            rate = percent(first.base_rates[name].value)
            canvas.text(x + 9, below + 9, f"base rate {rate}", size=SMALL)
            told.append(f"{name}, base rate: {rate}")
        top += tall[name]
    _axis(canvas, top)
    return canvas.svg("Chances of the outcomes", ". ".join(told), standalone=standalone)


def _row(canvas: Canvas, found: Forecast, name: str, who: str, y: float) -> None:
    row, n = found.focus, found.names.index(name)
    low, high, p = (float(a[row, n]) for a in (found.answer.low, found.answer.high, found.answer.p))
    canvas.text(LEFT - 8, y + 13, wrapped(who, SMALL, LEFT - MARGIN - 8, 1)[0], size=SMALL, anchor="end")
    canvas.path(f"M{LEFT:.1f} {y + 9:.1f}H{LEFT + SCALE:.1f}", kind="faint")
    canvas.rect(place(low), y + 4, max(place(high) - place(low), 1.0), 10, kind="node", radius=0)
    canvas.path(f"M{place(p):.1f} {y + 1:.1f}V{y + 17:.1f}", kind="bar")
    canvas.text(LEFT + SCALE + 10, y + 13, _numbers(found, name), size=SMALL)


def _numbers(found: Forecast, name: str) -> str:
    row, n = found.focus, found.names.index(name)
    ends = f"{percent(float(found.answer.low[row, n]))} to {percent(float(found.answer.high[row, n]))}"
    return f"{percent(float(found.answer.p[row, n]))} ({ends})"


def _axis(canvas: Canvas, y: float) -> None:
    canvas.path(f"M{LEFT:.1f} {y:.1f}H{LEFT + SCALE:.1f}", kind="arc")
    for n in range(5):
        x = place(n / 4)
        canvas.path(f"M{x:.1f} {y:.1f}v5", kind="arc")
        canvas.text(x, y + 18, f"{25 * n} %", size=SMALL, anchor="middle")
