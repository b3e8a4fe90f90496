"""The frontier of two signatories at any size: points, and how much room is proven to be all that is left for others.

Between two neighbours on the frontier lies an open rectangle in which further points may stand. The largest one is
halved: the best payoff of the first party with the second's in the upper half closes part of it (settlement 7.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from detente.settlement.program import DealProgram, Point

BUDGET = 20


@dataclass(frozen=True, slots=True)
class Box:
    """An open rectangle of gains, over the denominators; undiscovered frontier points lie strictly inside one.

    Attributes:
        left, right: of the first party.
        low, high: of the second.
    """

    left: int
    right: int
    low: int
    high: int

    @property
    def empty(self) -> bool:
        """No whole numbers lie strictly inside."""
        return self.right - self.left < 2 or self.high - self.low < 2

    @property
    def area(self) -> int:
        """Width times height."""
        return (self.right - self.left) * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Cover:
    """Points on the frontier and the boxes that hold all others.

    Attributes:
        points: one deal for each payoff class found, in falling order of the first party's gain.
        boxes: what is left open.
        uncovered: their area, in stakes of both parties; 0 means that the points are the whole frontier.
        areas: the uncovered area after each step.
    """

    points: tuple[Point, ...]
    boxes: tuple[Box, ...]
    uncovered: Fraction
    areas: tuple[Fraction, ...]


def cover(program: DealProgram, stakes: Mapping[str, Fraction], budget: int = BUDGET) -> Cover:
    """Frontier points of two signatories, as many as a number of steps allows.

    Args:
        program: with at least one acceptable deal.
        stakes: of both signatories; the unit of the uncovered area.
        budget: rectangles to look into; each takes two programs.
    """
    search = _Search(program, budget)
    search.run()
    unit = Fraction(1)
    for party in program.bargain.axes:
        unit *= program.denominators[party] * stakes[party]
    areas = tuple(Fraction(a) / unit for a in search.areas)
    points = tuple(search.points[k] for k in sorted(search.points, reverse=True))
    return Cover(points, tuple(search.boxes), areas[-1], areas)


class _Search:
    def __init__(self, program: DealProgram, budget: int) -> None:
        self.program, self.budget = program, budget
        self.one, self.other = program.bargain.axes
        self.points: dict[tuple[int, int], Point] = {}
        self.boxes: list[Box] = []
        self.areas: list[int] = []

    def run(self) -> None:
        high = [self.program.high[p] + 1 for p in (self.one, self.other)]
        right = self._best(self.one, {})
        top = self._best(self.other, {})
        left, low = -1, -1
        if right:
            self._keep(right)
            high[0], low = right
        if top:
            self._keep(top)
            left, high[1] = top
        self._open(Box(left, high[0], low, high[1]))
        self._note()
        for _ in range(self.budget):
            if not self.boxes or self.program.deadline.left <= 0:
                break
            box = max(self.boxes, key=lambda b: (b.area, b.left))
            if not self._split(box):
                break
            self._note()

    def _split(self, box: Box) -> bool:
        """Look into the upper half of a box; False where time ran out."""
        middle = (box.low + box.high + 1) // 2
        found = self._best(self.one, {self.one: box.left + 1, self.other: middle})
        if found is None:
            return False
        self.boxes.remove(box)
        if not found:  # only the upper half is closed
            self._open(Box(box.left, box.right, box.low, middle))
            return True
        self._keep(found)
        one, other = found
        self._open(Box(one, box.right, box.low, middle))
        self._open(Box(box.left, one, other, box.high))
        return True

    def _open(self, box: Box) -> None:
        if not box.empty:
            self.boxes.append(box)

    def _note(self) -> None:
        self.areas.append(sum(b.area for b in self.boxes))

    def _best(self, party: str, least: Mapping[str, int]) -> tuple[int, int] | tuple[()] | None:
        """Gains of the best deal for a party, then for the other; () where there is none, None where time ran out."""
        other = self.other if party == self.one else self.one
        point: Point | None = None
        floor = dict(least)
        for asked in (party, other):
            work = self.program.program()
            self.program.accept(work)
            for p, amount in floor.items():
                self.program.least(work, p, amount)
            objective, _ = self.program.terms(asked, 1000 / max(abs(self.program.high[asked]), 1))

            def enough(x: Point, bounds: Mapping[str, int] = dict(floor)) -> bool:
                return x.acceptable and all(x.gains[p] >= v for p, v in bounds.items())

            found = self.program.search(work, objective, enough, solvable=point is not None or not least)
            if found.status == "limit":
                return None
            if found.point is None:
                return None if point is not None else ()
            point = found.point
            floor[asked] = max(floor.get(asked, 0), point.gains[asked])
        assert point is not None  # noqa: S101 - two searches succeeded
        return point.gains[self.one], point.gains[self.other]

    def _keep(self, found: tuple[int, int] | tuple[()]) -> None:
        for point in self.program.acceptable():
            if (point.gains[self.one], point.gains[self.other]) == found:
                self.points.setdefault((point.gains[self.one], point.gains[self.other]), point)
                return
