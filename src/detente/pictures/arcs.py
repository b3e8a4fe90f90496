"""Ways of arcs between circles: straight where nothing is in the way, else the gentlest bow that is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.pictures.layout import Point

Floats = NDArray[np.float64]
BOWS = (0.0, 20.0, -20.0, 34.0, -34.0, 50.0, -50.0, 70.0, -70.0, 95.0, -95.0, 125.0, -125.0, 160.0, -160.0)
SAMPLES = np.linspace(0.0, 1.0, 19)
CLEAR = 15.0  # space between an arc and the circles it passes
NEAR = 7.0  # arcs nearer than this look like one
HIT, OVERLAP, CROSS, BEND, CROWD = 60.0, 12.0, 4.0, 0.2, 80.0
SPREAD = 0.42  # angle in radians from which two arcs at one circle look apart


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic curve between two centres."""

    start: Point
    control: Point
    end: Point

    def at(self, t: float | Floats) -> Floats:
        """Points of the curve, shape (..., 2)."""
        t = np.asarray(t, float)[..., None]
        a, b, c = (np.array(p) for p in (self.start, self.control, self.end))
        found: Floats = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
        return found

    def part(self, low: float, high: float) -> tuple[Point, Point, Point]:
        """The piece between two parameters: its ends and its control point."""
        a, b, c = (np.array(p) for p in (self.start, self.control, self.end))
        control = (1 - low) * (1 - high) * a + (low + high - 2 * low * high) * b + low * high * c
        first, last = self.at(low), self.at(high)
        return _point(first), _point(control), _point(last)

    def heading(self, *, end: bool = False) -> float:
        """The direction in which the curve leaves its start, or its end, in radians."""
        (x, y), (cx, cy) = (self.end if end else self.start), self.control
        return float(np.arctan2(cy - y, cx - x))

    def leaves(self, radius: float, *, end: bool = False) -> float:
        """The parameter at which the curve is a radius away from its start, or its end."""
        t = np.linspace(0.0, 1.0, 400)
        t = t[::-1] if end else t
        away = np.hypot(*(self.at(t) - np.array(self.end if end else self.start)).T)
        return float(t[int(np.argmax(away >= radius))])


def _point(values: Floats) -> Point:
    return float(values[0]), float(values[1])


def bowed(start: Point, end: Point, bow: float) -> Curve:
    """The curve whose middle lies so far to one side of the straight line."""
    (x1, y1), (x2, y2) = start, end
    length = max(float(np.hypot(x2 - x1, y2 - y1)), 1.0)
    shift = 2 * bow / length
    control = ((x1 + x2) / 2 + shift * (y2 - y1), (y1 + y2) / 2 - shift * (x2 - x1))
    return Curve(start, control, end)


def routed(pairs: Sequence[tuple[int, int]], places: Sequence[Point], radius: float) -> list[Curve]:
    """A curve for every pair of circles.

    Args:
        pairs: the circles joined, by number; a pair that occurs twice gets two curves.
        places: centres of the circles.
        radius: of a circle.

    Returns:
        The curves in the order of the pairs.
    """
    centres = np.array(places, float)
    lengths = [float(np.hypot(*(centres[b] - centres[a]))) for a, b in pairs]
    drawn = np.zeros((0, len(SAMPLES), 2))
    headings: dict[int, list[float]] = {}
    found: dict[int, Curve] = {}
    for number in sorted(range(len(pairs)), key=lambda n: (lengths[n], n)):
        a, b = pairs[number]
        others = np.delete(centres, [a, b], axis=0)
        best, least = bowed(places[a], places[b], 0.0), float("inf")
        for bow in BOWS:
            curve = bowed(places[a], places[b], bow)
            cost = abs(bow) * BEND + _hits(curve.at(SAMPLES), others, radius)
            for circle, way in ((a, curve.heading()), (b, curve.heading(end=True))):
                cost += CROWD * sum(max(0.0, 1 - _angle(way, h) / SPREAD) for h in headings.get(circle, ()))
            if cost < least - 1e-9:
                cost += _confused(curve.at(SAMPLES), drawn, centres[[a, b]], radius)
            if cost < least - 1e-9:
                best, least = curve, cost
        found[number] = best
        drawn = np.concatenate([drawn, best.at(SAMPLES)[None]])
        headings.setdefault(a, []).append(best.heading())
        headings.setdefault(b, []).append(best.heading(end=True))
    return [found[n] for n in range(len(pairs))]


def _angle(one: float, other: float) -> float:
    return abs((one - other + np.pi) % (2 * np.pi) - np.pi)


def _hits(line: Floats, others: Floats, radius: float) -> float:
    """What it costs to pass other circles too near."""
    if not len(others):
        return 0.0
    nearest = np.hypot(*(line[:, None] - others[None]).transpose(2, 0, 1)).min(axis=0)
    return HIT * float(np.maximum(0.0, radius + CLEAR - nearest).sum()) / CLEAR


def _confused(line: Floats, drawn: Floats, ends: Floats, radius: float) -> float:
    """What it costs to run beside other arcs (not near the own circles, where arcs must meet) or to cross them."""
    if not len(drawn):
        return 0.0
    low, high = line.min(axis=0) - NEAR, line.max(axis=0) + NEAR
    drawn = drawn[((drawn.max(axis=1) >= low) & (drawn.min(axis=1) <= high)).all(axis=1)]
    away = np.hypot(*(line[:, None] - ends[None]).transpose(2, 0, 1)).min(axis=1) > radius + 8
    apart = np.hypot(*(line[away][:, None, None] - drawn[None]).transpose(3, 0, 1, 2)).min(axis=2, initial=np.inf)
    beside = np.maximum(0, (apart < NEAR).sum(axis=0) - 2)
    return OVERLAP * float(beside.sum()) + CROSS * _crossings(line, drawn)


def _crossings(line: Floats, drawn: Floats) -> int:
    """How often a polyline, shape (points, 2), crosses others, shape (lines, points, 2)."""
    p, r = line[:-1, None, None], (line[1:] - line[:-1])[:, None, None]
    q, s = drawn[None, :, :-1], (drawn[:, 1:] - drawn[:, :-1])[None]
    base = _cross(r, s)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, u = _cross(q - p, s) / base, _cross(q - p, r) / base
    return int(((t > 0) & (t <= 1) & (u > 0) & (u <= 1) & (np.abs(base) > 1e-9)).sum())


def _cross(a: Floats, b: Floats) -> Floats:
    found: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return found


PLACES_ON_CURVE = (0.5, 0.43, 0.57, 0.36, 0.64, 0.3, 0.7)


def label_places(curves: Sequence[Curve], places: Sequence[Point], radius: float, size: float) -> list[Point]:
    """A place on each curve for its label, as far as possible from circles, other curves and other labels."""
    lines = np.array([c.at(SAMPLES) for c in curves])
    centres = np.array(places, float)
    taken: list[Floats] = []
    for number, curve in enumerate(curves):
        others = np.delete(lines, number, axis=0)
        scores = []
        for rank, t in enumerate(PLACES_ON_CURVE):
            spot = curve.at(t)
            score = rank * 1.5 + 3 * max(0.0, radius + size + 4 - float(np.hypot(*(centres - spot).T).min()))
            near = np.hypot(*(others - spot).transpose(2, 0, 1)).min(axis=1)
            score += float(np.maximum(0.0, size + 2 - near).sum())
            score += sum(4 * max(0.0, 2.2 * size - float(np.hypot(*(t - spot)))) for t in taken)
            scores.append((score, rank))
        taken.append(curve.at(PLACES_ON_CURVE[min(scores)[1]]))
    return [_point(p) for p in taken]
