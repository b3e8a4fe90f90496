"""What the cross-checks of an agreement file share: the names it knows, where they are used, formulas with places."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from detente.agreement.blocks import DeadlineBlock
from detente.agreement.calendar import Calendar, CalendarError
from detente.agreement.fields import WHOLE
from detente.agreement.file import AgreementFile
from detente.agreement.formula_text import Said
from detente.agreement.periods import Moment, Period
from detente.agreement.terms import CalendarPolicy
from detente.agreement.time_text import LAST_YEAR, moment_text, period_text
from detente.base.errors import CaseError, UsageError, did_you_mean, one_of, shown
from detente.case.checker import Findings, Path
from detente.case.model import Case

BLOCKS = {"commitment": "commitments", "party": "parties", "event": "events", "group": "groups", "body": "bodies"}
Cases = Callable[[str], Case]
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


@cache
def zones() -> frozenset[str]:
    """The names of time zones."""
    return frozenset(available_timezones())


def sound_zone(zone: str) -> bool:
    """Whether a text is the name of a time zone that can be read; it is never taken for a path."""
    if not ZONE.fullmatch(zone) or zone not in zones():
        return False
    try:
        ZoneInfo(zone)
    except (OSError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class OptionLevels:
    """An option that commitments can name: its levels, lowest first, and its owner if any."""

    levels: tuple[str, ...]
    party: str | None


class Checker(Findings):
    """Context of the cross-checks of one agreement.

    Args:
        file: the agreement, possibly without the parts that failed before.
        cuts: paths of parts that were taken out because they are faulty.
        cases: reads a linked case by what is written under ``case``.
    """

    def __init__(self, file: AgreementFile, cuts: frozenset[Path], cases: Cases) -> None:
        super().__init__(file.sources, cuts)
        self.file = file
        self.cases = cases
        self._options: Mapping[str, OptionLevels] | None = None
        self._asked = False
        self._called_by: dict[str, Mapping[str, str]] = {}

    # --- names -------------------------------------------------------------------------------------------------------

    def known(self, path: Path, name: str, what: str, *, key: bool = False, at: int = 0) -> bool:
        """A name stands for something of a kind (``commitment``, ``party``, ``event``, ``group`` or ``body``)."""
        return self.among(path, name, (BLOCKS[what],), f"{what}", key=key, at=at)

    def actor(self, path: Path, name: str) -> bool:
        """A name stands for a party or a body."""
        return self.among(path, name, ("parties", "bodies"), "party or body")

    def party(self, path: Path, name: str, *, at: int = 0) -> bool:
        """A name stands for a party; a body is refused with the reason."""
        if name in self.file.bodies:
            fix = "Only parties owe, are owed and sign; write it under parties if it does."
            self.error(path, f"the body {shown(name)}", "a party", fix, at)
            return False
        return self.known(path, name, "party", at=at)

    def target(self, path: Path, name: str, *, whole: bool) -> bool:
        """A name stands for a commitment, or for the agreement where that can be."""
        if name == WHOLE and not whole:
            self.error(
                path,
                f"the target {WHOLE}",
                "a commitment",
                "Only terminate and a power can act on the whole agreement.",
            )
            return False
        return name == WHOLE or self.known(path, name, "commitment")

    def among(
        self, path: Path, name: str, blocks: tuple[str, ...], what: str, *, key: bool = False, at: int = 0
    ) -> bool:  # fmt: skip
        """A name is one of those that some blocks declare; nothing is said of one whose declaration is faulty."""
        if any(name in getattr(self.file, b) or self.cut(b, name) for b in blocks):
            return True
        known = [n for b in blocks for n in getattr(self.file, b)]
        expected = one_of(known) if known else f"a {what} of this agreement; it has none"
        fix = self._called(name, blocks) or did_you_mean(name, known)
        self.error(path, f"the unknown {what} {shown(name)}", expected, fix, at, key=key)
        return False

    def _called(self, word: str, blocks: tuple[str, ...]) -> str:
        """How something is written that a word calls by its name, or names with the sign of a part."""
        bare = word.partition("#")[0].partition("@")[0]
        if bare != word and any(bare in getattr(self.file, b) for b in blocks):
            return f"Write {bare}: its parts are meant with it."
        name = next((n for b in blocks if (n := self._names(b).get(word.casefold()))), None)
        return f"{shown(word)} is written {name}." if name else ""

    def _names(self, block: str) -> Mapping[str, str]:
        """What the things of a block are called -> how they are written."""
        if block not in self._called_by:
            written = getattr(self.file, block).items() if block != "commitments" else ()
            self._called_by[block] = {w.name.casefold(): n for n, w in written if getattr(w, "name", None)}
        return self._called_by[block]

    def once(self, path: Path, names: Sequence[object], expected: str) -> None:
        """Nothing stands in a list twice."""
        seen = set[object]()
        for n, name in enumerate(names):
            if name in seen:
                told = shown(name) if isinstance(name, str) else str(name)
                self.error((*path, n), f"{told} a second time", expected)
            seen.add(name)

    # --- formulas and deadlines --------------------------------------------------------------------------------------

    def formula(self, path: Path, written: Said | None) -> None:
        """Every name in a formula stands for something; what can be worked out of it is a day that exists."""
        if written is None:
            return
        for mention in written.mentions:
            if mention.kind == "party":
                self.party(path, mention.name, at=mention.at)
            else:
                self.known(path, mention.name, mention.kind, at=mention.at)
        for moment, period, at in written.fixed:
            self.reaches(path, moment, period, at)

    def reaches(self, path: Path, moment: Moment, period: Period, at: int = 0) -> None:
        """A period from a fixed day ends on a day that exists."""
        if found := self.unreachable(moment, period):
            self.error(path, *found, at)

    def unreachable(self, moment: Moment, period: Period) -> tuple[str, str, str] | None:
        """What is wrong with the end of a period from a fixed day, or None."""
        day = moment if isinstance(moment, dt.date) else self.calendar.day(moment)
        if day.year + period.years + period.months / 12 + period.days / 365 + period.hours / 8766 > LAST_YEAR + 1:
            return f"{period_text(period)} after {moment_text(moment)}", f"an end up to the year {LAST_YEAR}", ""
        try:
            self.calendar.after(
                self.calendar.interval(moment) if moment is day else self.calendar.start(moment), period
            )
        except CalendarError as error:
            return error.found, error.expected, error.fix.replace("overflow:", "calendar.overflow:")
        return None

    @cached_property
    def calendar(self) -> Calendar:
        """The agreement's calendar; in UTC and without moving where its zone or its days off are faulty."""
        written = self.file.calendar
        faulty = self.cut("zone") or not sound_zone(self.file.zone) or len(set(written.weekend)) == 7
        roll: Literal["none", "following", "preceding"]
        zone, roll = ("UTC", "none") if faulty else (self.file.zone, written.roll)
        policy = CalendarPolicy(zone, written.overflow, roll, frozenset(written.weekend), frozenset(written.holidays))
        return Calendar(policy)

    def deadline(self, path: Path, written: DeadlineBlock, forms: tuple[str, ...]) -> None:
        """One form, of those that can stand here, with what belongs to it."""
        if self.cut(*path):
            return
        found = [f for f in ("on", "within", "every", "none") if getattr(written, f) is not None]
        allowed = {
            "on": "a date or an instant", "within": "{within: 3 months, of: a formula}",
            "every": "{every: a rule, from: a date}", "none": "{none: the reason}",
        }  # fmt: skip
        if len(found) != 1 or found[0] not in forms:
            told = " and ".join(found) or "no deadline"
            self.error(path, told, ", or ".join(allowed[f] for f in forms))
            return
        for key, owner, value in (
            ("of", "within", written.of), ("from", "every", written.from_), ("review", "none", written.review),
        ):  # fmt: skip
            if value is not None and owner != found[0]:
                self.error((*path, key), f"{key} beside {found[0]}", f"{key} only beside {owner}", key=True)
        self.formula((*path, "of"), written.of)
        if written.every is not None and written.from_ is None:
            self.error(path, "every without from", "the first date", "Add from: and a date.")

    # --- options -----------------------------------------------------------------------------------------------------

    @property
    def options(self) -> Mapping[str, OptionLevels] | None:
        """The options that commitments can name; None where the case that has them cannot be read."""
        if not self._asked:
            self._asked = True
            self._options = self._read_options()
        return self._options

    def _read_options(self) -> Mapping[str, OptionLevels] | None:
        if self.file.case is None:
            return {o: OptionLevels(w.levels, w.party) for o, w in self.file.options.items()}
        if self.cut("case"):
            return None
        try:
            case = self.cases(self.file.case)
        except (CaseError, UsageError) as error:
            first = error.problems()[0]
            found = f"the case {shown(self.file.case)} with {first.found}"
            self.error(("case",), found, first.expected, first.fix)
            return None
        return {o: OptionLevels(w.levels, w.party) for o, w in case.file.options.items()}

    def level(self, path: Path, option: str, level: str | None) -> None:
        """The level is one of the option's; nothing is said where the option is not known."""
        known = (self.options or {}).get(option)
        if known is not None and level is not None and level not in known.levels:
            fix = did_you_mean(level, known.levels)
            self.error(path, f"the unknown level {shown(level)} of {option}", one_of(known.levels), fix)

    def option(self, path: Path, option: str) -> bool:
        """The option exists; with nothing said where its case cannot be read."""
        known = self.options
        if known is None or option in known or self.cut("options", option):
            return True
        expected = one_of(list(known)) if known else "an option; write some under options, or link a case"
        fix = did_you_mean(option, list(known))
        self.error(path, f"the unknown option {shown(option)}", expected, fix)
        return False
