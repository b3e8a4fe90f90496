"""Wrong readings of what leaving a plan is worth: each leaves out one thing that the definitions say."""

# ruff: noqa: ARG002 - what is left out is what an argument says
import math
from typing import Any

from tests.literal.conditions import Levels
from tests.literal.plan_values import Values


class WithoutUndo(Values):
    def undo(self, o: int, level: int) -> float:
        return 0.0


class WithoutFloors(Values):
    def place(self, o: int, level: int, culprit: str | None) -> int:
        option = self.options[o]
        written = self.plan.get("breakdown", {})
        name = written.get("by", {}).get(culprit, {}).get(option, written.get(option))
        return self.today[o] if name is None else self.names[option].index(name)


class WithoutCulprits(Values):
    def place(self, o: int, level: int, culprit: str | None) -> int:
        return super().place(o, level, None)


class FeasibleMovesOnly(Values):
    def own_moves(self, party: str, s: Levels) -> list[Levels]:
        return [m for m in super().own_moves(party, s) if m == s or self.feasible(m)]


class StayingOnly(Values):
    def own_moves(self, party: str, s: Levels) -> list[Levels]:
        return [s]


class BackOnly(Values):
    def own_moves(self, party: str, s: Levels) -> list[Levels]:
        between = [range(min(a, b), max(a, b) + 1) for a, b in zip(s, self.today, strict=True)]
        return [m for m in super().own_moves(party, s) if all(b in r for b, r in zip(m, between, strict=True))]


class OutsideAtOnceOnly(Values):
    def path(self, party: str, culprit: str | None, s: Levels, m: Levels, answer: float, elsewhere: float) -> float:
        return super().path(party, culprit, s, m, answer, -math.inf)


class JudgedAtTheStatusQuo(Values):
    def number(self, written: Any, x: Levels) -> float:
        return super().number(written, self.today)


class EverybodyStops(Values):
    def walk(self, party: str, s: Levels) -> float:
        return max([*self.moves(party, s).values(), self.outside(party, s)]) - self.breach(party, s)


READINGS = {
    WithoutUndo: 0.2, WithoutFloors: 0.1, WithoutCulprits: 0.03, FeasibleMovesOnly: 0.1, StayingOnly: 0.5,
    BackOnly: 0.3, OutsideAtOnceOnly: 0.02, JudgedAtTheStatusQuo: 0.2,
    EverybodyStops: 0.2,
}  # fmt: skip
"""Wrong reading -> share of random cases in which leaving is worth something else under it, at least."""
