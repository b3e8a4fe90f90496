"""The earliest instant at which each commitment can begin and be done, by the agreement's own calendar.

A lower bound in every run in which nobody works ahead of what is due: dates in formulas, periods counted from what
must come first, least durations. What has no date before it has no lower bound. Of alternatives the earliest counts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from detente.agreement import formulas as f
from detente.agreement.building import endless_rule
from detente.agreement.calendar import CalendarError
from detente.agreement.lint.waiting import ENTRY, GROUP, OF_COMMITMENTS, ONLY_BY_DEFAULT, Waiting
from detente.agreement.periods import Instant, Period
from detente.agreement.terms import Commitment, Every, On, Terms, Within

LONG_AGO: Instant = -(10**15)
NEVER: Instant = 10**15
Key = tuple[str, str]  # "begin" or "done", and a commitment


@dataclass(frozen=True, slots=True)
class Since:
    """Not before an instant: because of which part, which rests on the beginning or end of what."""

    instant: Instant
    part: f.Formula | None = None
    rests_on: Key | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain of dates: ``what`` of a commitment not before ``instant``, by a part of its words."""

    what: str
    of: str
    instant: Instant
    part: f.Formula | None


class Earliest:
    """Lower bounds of all beginnings and ends.

    Args:
        terms: the agreement under one reading.
        lags: whether the time that a finding usually takes (its median) counts too.
    """

    def __init__(self, terms: Terms, *, lags: bool = False) -> None:
        self.waiting = Waiting(terms, any_run=False, breaches=True)
        self.terms, self.lags, self.calendar = terms, lags, self.waiting.calendar
        self.at: dict[Key, Since] = {("begin", n): Since(NEVER) for n in (ENTRY, *self.waiting.of)}
        self.at |= {("done", n): Since(NEVER) for n in self.waiting.of}
        self.joints: dict[str, Since] = {}
        self.circling: set[str] = set()
        for part in self.waiting.parts:
            self._settle([n for n in part if n == ENTRY or n in self.waiting.of])

    def begin(self, name: str) -> Instant:
        """Not before this; ``LONG_AGO``: no bound, ``NEVER``: it cannot begin."""
        return self.at["begin", name].instant

    def end(self, c: Commitment) -> Instant:
        """When it can be performed at the earliest: its beginning and its least duration."""
        return self._lasting(self.begin(c.id), c.min_duration)

    def chain(self, name: str) -> list[Step]:
        """How the earliest beginning of a commitment comes about, the first date first."""
        steps: list[Step] = []
        key: Key | None = ("begin", name)
        while key is not None and len(steps) <= 2 * len(self.at):
            since = self.at[key]
            steps.append(Step(*key, since.instant, since.part))
            key = since.rests_on
        return steps[::-1]

    def _settle(self, names: list[str]) -> None:
        moved = bool(names)
        while moved:
            moved = False
            self.joints.clear()
            for name in names:
                for key in (("begin", name), ("done", name)):
                    if key in self.at:
                        new = self._begins(name) if key[0] == "begin" else self._done(self.waiting.of[name])
                        if new.instant < self.at[key].instant:
                            self.at[key] = new
                            moved = True

    def _begins(self, name: str) -> Since:
        if name == ENTRY:
            return self.since(self.terms.entry)
        c = self.waiting.of[name]
        found = self.since(c.trigger)
        for by in self.waiting.activators.get(name, ()):
            found = min(found, Since(self.begin(by), f.Breached(by), ("begin", by)), key=_when)
        if c.provisional:
            return found
        return max(found, Since(self.begin(ENTRY), f.InForce(), ("begin", ENTRY)), key=_when)

    def _done(self, c: Commitment) -> Since:
        begin = ("begin", c.id)
        if c.modality in ("maintain", "refrain"):
            return self._kept(c)
        if isinstance(c.deadline, Every):
            if endless_rule(c.deadline):
                return Since(NEVER)
            dates = self.calendar.occurrences(c.deadline)
            return Since(max(self.begin(c.id), dates[-2] if len(dates) > 1 else LONG_AGO), None, begin)
        return Since(self._lasting(self.begin(c.id), c.min_duration), None, begin)

    def _kept(self, c: Commitment) -> Since:
        begin, end = self.begin(c.id), c.deadline
        if begin == NEVER:
            return Since(NEVER)
        if isinstance(end, On):
            return Since(max(begin, self.calendar.deadline(end.moment)), None, ("begin", c.id))
        if isinstance(end, Within):
            anchor = self.since(end.anchor).instant if end.anchor is not None else LONG_AGO
            return Since(self.after(max(begin, anchor), end.period), None, ("begin", c.id))
        return Since(NEVER)

    # --- formulas -----------------------------------------------------------------------------------------------------

    def since(self, formula: f.Formula) -> Since:
        """Before which instant a formula cannot hold."""
        if isinstance(formula, f.And):
            return max((self.since(p) for p in formula.parts), key=_when, default=Since(LONG_AGO, formula))
        if isinstance(formula, f.Or):
            return min((self.since(p) for p in formula.parts), key=_when, default=Since(NEVER, formula))
        if isinstance(formula, f.After):
            inner = self.since(formula.formula)
            # Time between groups that wait for each other is not counted.
            circle = self.circling and any(n.removeprefix(GROUP) in self.circling for n in self.waiting.named(formula))
            return inner if circle else Since(self.after(inner.instant, formula.period), formula, inner.rests_on)
        if isinstance(formula, f.At | f.NotBy):
            start = self.calendar.start(formula.moment)
            gone = isinstance(formula, f.NotBy) and self.waiting.surely_before(formula.formula, start)
            return Since(NEVER if gone else start, formula)
        if isinstance(formula, f.InForce):
            return Since(self.begin(ENTRY), formula, ("begin", ENTRY))
        if isinstance(formula, f.Joint):
            return self._joint(formula.group)
        if isinstance(formula, OF_COMMITMENTS):
            found = [self._asked(formula, n) for n in self.waiting.named(formula)]
            return min(found, key=_when)
        return Since(NEVER if isinstance(formula, f.Never) else LONG_AGO, formula)

    def _joint(self, group: str) -> Since:
        if group not in self.joints:
            # Taking every joint that led here as true is the least solution of the groups that lead to each other.
            circle, outer = self.waiting.circles[group], self.circling
            self.circling = set(circle)
            self.joints.update({g: Since(LONG_AGO, f.Joint(g)) for g in circle})
            moved = True
            while moved:
                moved = False
                for each in circle:
                    found = self._members(each)
                    if found.instant > self.joints[each].instant:
                        self.joints[each] = found
                        moved = True
            self.circling = outer
        return self.joints[group]

    def _members(self, group: str) -> Since:
        """Before which instant some member is not ready, by what is known of the groups so far."""
        found = Since(LONG_AGO, f.Joint(group))
        for name in self.terms.groups[group]:
            each = self.since(self.waiting.of[name].trigger)
            for by in self.waiting.activators.get(name, ()):
                each = min(each, Since(self.begin(by), f.Breached(by), ("begin", by)), key=_when)
            found = max(found, each, key=_when)
        return found

    def _asked(self, formula: f.Formula, name: str) -> Since:
        begin, done = Since(self.begin(name), formula, ("begin", name)), ("done", name)
        if isinstance(formula, f.InState):
            early = formula.states - {"fulfilled"} - ONLY_BY_DEFAULT - {"due", "claimed", "unverified"}
            if early:
                return Since(LONG_AGO, formula)
            if formula.states - {"fulfilled"} or self.waiting.of[name].modality == "recurrent":
                return begin  # of one instance it is enough
        if isinstance(formula, f.Breached):
            return begin
        if isinstance(formula, f.Progress):
            return begin if formula.at_least > 0 else Since(LONG_AGO, formula)
        c = self.waiting.of[name]
        end = self.at[done].instant
        if (
            self.lags
            and isinstance(formula, f.Fulfilled | f.Verified | f.InState)
            and not c.claim_ok
            and c.verification
        ):
            found = min(self.after(end, v.lag[0]) if v.lag is not None else end for v in c.verification)
            return Since(found, formula, done)
        return Since(end, formula, done)

    # --- periods ------------------------------------------------------------------------------------------------------

    def after(self, instant: Instant, period: Period) -> Instant:
        """The end of a period; where its day does not exist, a day that is certainly not later."""
        if instant in (LONG_AGO, NEVER):
            return instant
        try:
            return self.calendar.after(instant, period)
        except CalendarError:
            return instant

    def _lasting(self, instant: Instant, period: Period | None) -> Instant:
        """After a least duration: N days from the beginning of the day are over with the N-th day."""
        if period is None or instant in (LONG_AGO, NEVER):
            return instant
        day = self.calendar.day(instant)
        try:
            months = day.year * 12 + day.month - 1 + period.years * 12 + period.months
            first = dt.date(months // 12, months % 12 + 1, 1)
            last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
            reached = first.replace(day=min(day.day, last.day)) + dt.timedelta(days=period.days)
            return max(instant, self.calendar.start(reached)) + period.hours * 3600
        except (ValueError, OverflowError, CalendarError):
            return instant


def _when(since: Since) -> Instant:
    return since.instant
