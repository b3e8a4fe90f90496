"""What a case says that an agreement needs: periods, times to undo, work, answers; nothing that it does not say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np

from detente.agreement.periods import Period
from detente.agreement.time_text import TimeError, in_range, parse_period, period_text
from detente.base.errors import UsageError
from detente.base.wording import words
from detente.case.blocks.plan import Plan
from detente.case.fields import Amount, Clause, ConditionalAmount
from detente.case.model import Case
from detente.plan.private import private_parts
from detente.plan.wording import span
from detente.space.masks import mask

Levels = Mapping[str, str]


def written_day(day: dt.date | None) -> str | None:
    """A date as an agreement writes it; None where it cannot."""
    try:
        return None if day is None else in_range(day).isoformat()
    except TimeError:
        return None


@dataclass(frozen=True)
class Facts:
    """A case asked for what a draft needs.

    Attributes:
        case: the case as asked.
        shared: whether what is private is left out.
    """

    case: Case
    shared: bool = False

    @cached_property
    def plan(self) -> Plan:
        """The plan block; an empty one where there is none."""
        return self.case.file.plan or Plan()

    @cached_property
    def _private(self) -> frozenset[tuple[str, ...]]:
        return private_parts(self.case) if self.shared else frozenset()

    def said(self, *path: str) -> bool:
        """Whether a number below ``plan`` may be told."""
        return path not in self._private

    # --- words -------------------------------------------------------------------------------------------------------

    def title(self, option: str, level: str) -> str:
        """An option brought to a level, in a few words."""
        name = self.case.option_name(option)
        if self.case.file.options[option].levels == ("no", "yes"):
            return name if level == "yes" else f"End of {name}"
        return f"{name}: {words(level)}"

    # --- times -------------------------------------------------------------------------------------------------------

    def period(self, ticks: int) -> str | None:
        """So many periods of the case as an agreement writes them; None where it cannot."""
        years, months, days = {
            "day": (0, 0, ticks), "week": (0, 0, 7 * ticks), "month": (0, ticks, 0), "quarter": (0, 3 * ticks, 0),
            "year": (ticks, 0, 0),
        }[self.case.file.period]  # fmt: skip
        text = period_text(Period(years, months, days))
        try:
            parse_period(text)
        except TimeError:
            return None
        return text

    def undo(self, option: str, level: str) -> str | None:
        """How long a return from a level takes, in whole periods, rounded up; None where the case does not say."""
        written = self.plan.undo.get(option, {}).get(self._named(option, level, self.plan.undo))
        if written is None or not self.said("undo", option, self._named(option, level, self.plan.undo)):
            return None
        return self.period(ceil(self.case.mean(written)))

    def lasting(self, option: str, before: str, after: str) -> bool:
        """Whether a move, once made, cannot be taken back."""
        written = self.case.file.options[option]
        a, b = written.levels.index(before), written.levels.index(after)
        floors = any(a < written.levels.index(level) <= b for level in written.irreversible)
        return floors or written.moves == ("up" if a < b else "down")

    def work(self, option: str, before: str, after: str) -> str | None:
        """The whole periods that the work needs at least, from one level to another; None where it is not said."""
        names = self.case.file.options[option].levels
        a, b = names.index(before), names.index(after)
        passed = names[a + 1 : b + 1] if a < b else names[b:a][::-1]
        table = self.plan.takes.get(option, {})
        total = Fraction(0)
        for level in passed:
            key = self._named(option, level, self.plan.takes)
            if not self.said("takes", option, key):
                return None
            total += self.case.mean(table[key]) if key in table else 0
        return self.period(floor(total)) if floor(total) >= 1 else None

    def answered(self, party: str, levels: Levels) -> str | None:
        """How soon a breach by a party is answered, by the case, in words; None where it is not said."""
        lag = self.plan.lag
        written = lag if isinstance(lag, ConditionalAmount) else (lag or {}).get(party)
        path = ("lag",) if isinstance(lag, ConditionalAmount) else ("lag", party)
        if written is None or not self.said(*path):
            return None
        return span(self.case, float(self.case.mean(self.amount_at(written, levels))))

    def _named(self, option: str, level: str, block: Mapping[str, Mapping[str, object]]) -> str:
        """How a block names a level: by its name, or by its number."""
        number = str(self.case.file.options[option].levels.index(level))
        return number if level not in block.get(option, {}) and number in block.get(option, {}) else level

    # --- numbers -----------------------------------------------------------------------------------------------------

    def amount_at(self, written: ConditionalAmount, levels: Levels) -> Amount:
        """A number that may depend on the state, at one: the first condition that holds counts."""
        return next((number for c, number in written.when if self.holds(c, levels)), written.default)

    def holds(self, condition: Clause, levels: Levels) -> bool:
        """Whether a condition holds at a state; one that names a state by its number counts as holding."""
        options = self.case.file.options
        digits = np.array([[options[o].levels.index(levels[o])] for o in options], np.uint8)
        try:
            meaning = self.case.meaning(condition)
        except UsageError:
            return True
        return bool(mask(meaning, digits)[0])
