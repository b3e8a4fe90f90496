"""A tornado: how far each input moves the chance of the likeliest outcome, the widest on top."""

from __future__ import annotations

from detente.base.wording import percent
from detente.forecast.drivers import Driver
from detente.forecast.result import Forecast
from detente.forecast.wording import input_text
from detente.pictures.canvas import Canvas, wrapped

WIDTH, MARGIN, LEFT, RIGHT = 680.0, 14.0, 320.0, 80.0
ROW, FOOT, MOST = 34.0, 30.0, 6
LEAST = 0.005  # of a chance: what moves it less is not drawn
SIZE = 11.0


def swings(found: Forecast) -> list[tuple[Driver, float, float]]:
    """Inputs that are told apart from chance with the ends of the chance they move, the widest first."""
    n, out = found.likeliest, []
    for driver in found.drivers.each if found.drivers is not None else ():
        if driver.clear and driver.swing is not None and driver.swing.shared is not None:
            ends = [float(row[n]) for row in driver.swing.shared]
            out.append((driver, ends[0], ends[-1]) if len(ends) == 2 else (driver, min(ends), max(ends)))
    return sorted(out, key=lambda s: -abs(s[2] - s[1]))[:MOST]


def alone(found: Forecast) -> list[tuple[Driver, float, float]]:
    """Inputs moved alone, everything else at its point value: for a case so large that draws tell none apart."""
    n, out = found.likeliest, []
    for driver in found.drivers.each if found.drivers is not None else ():
        if driver.swing is not None:
            ends = [float(row[n]) for row in driver.swing.alone]
            low, high = (ends[0], ends[-1]) if len(ends) == 2 else (min(ends), max(ends))
            if abs(high - low) >= LEAST:
                out.append((driver, low, high))
    return sorted(out, key=lambda s: -abs(s[2] - s[1]))[:MOST]


def forecast_tornado(found: Forecast, *, standalone: bool = False) -> str | None:
    """Draw the swing of the likeliest outcome's chance by the last date.

    Args:
        found: the forecast.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None where no input is told apart from chance. Each bar runs from the chance with the input
        low (open circle: its 10th percentile) to that with it high (full circle: its 90th), the rest as drawn; the
        line down the middle is the chance as forecast. Where draws tell no input apart from chance, the inputs are
        moved alone instead, and the line is the chance with everything at its point value.
    """
    rows, label = swings(found), "as forecast"
    middle = float(found.answer.p[found.focus, found.likeliest])
    if not rows and found.drivers is not None and found.drivers.base is not None:
        rows, label, middle = alone(found), "all at point values", float(found.drivers.base[found.likeliest])
    if not rows:
        return None
    least = min([middle, *(min(a, b) for _, a, b in rows)])
    most = max([middle, *(max(a, b) for _, a, b in rows)])
    spread = max(most - least, 0.02)

    def x(chance: float) -> float:
        return LEFT + 50 + (chance - least) / spread * (WIDTH - LEFT - RIGHT - 50)

    canvas = Canvas(WIDTH, MARGIN + ROW * len(rows) + FOOT)
    told = []
    for n, (driver, low, high) in enumerate(rows):
        top, text = MARGIN + n * ROW, input_text(found.case, driver.factor)
        for k, line in enumerate(wrapped(text, SIZE, LEFT - MARGIN - 20, 2)):
            canvas.text(MARGIN, top + 12 + 13 * k, line, size=SIZE)
        a, b = sorted((x(low), x(high)))
        canvas.rect(a, top + 6, max(b - a, 1.0), 12, kind="node", radius=0)
        canvas.circle(x(low), top + 12, 4, kind="open")
        canvas.circle(x(high), top + 12, 4, kind="dot")
        canvas.text(a - 8, top + 16, percent(min(low, high)), size=SIZE, anchor="end")
        canvas.text(b + 8, top + 16, percent(max(low, high)), size=SIZE)
        told.append(f"{text}: {percent(low)} to {percent(high)}")
    below = MARGIN + ROW * len(rows)
    canvas.path(f"M{x(middle):.1f} {MARGIN:.1f}V{below:.1f}", kind="arc", dash="4 3")
    canvas.text(x(middle), below + 16, f"{label} {percent(middle)}", size=SIZE, anchor="middle")
    return canvas.svg("What moves the likeliest outcome", ". ".join(told), standalone=standalone)
