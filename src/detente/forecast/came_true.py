"""What came true, written down: read with its places and put beside the sealed forecasts it is about.

The file is a list of ``{seal, at, outcome}``: on this date, this was the outcome that held. ``seal`` is the name of the
seal's file or the first digits (at least 8) of its hash. ``none of these`` can be written of any forecast.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from detente.base.errors import COLLECTED, CaseError, did_you_mean, one_of, shown
from detente.case.checker import Enough, Path, Raw
from detente.case.reading import placed
from detente.case.yaml_tree import kind_of, read_tree
from detente.forecast.result import UNNAMED
from detente.forecast.seals import Sealed, day_of, matches

KEYS = ("seal", "at", "outcome")
NOTED = ("note", "source")
MOST = 10_000


@dataclass(frozen=True, slots=True)
class CameTrue:
    """One line of the file.

    Attributes:
        seal: number of the seal.
        at: the date.
        outcome: the one that held on it.
    """

    seal: int
    at: dt.date
    outcome: str


def read_came_true(
    data: bytes | str, seals: Sequence[Sealed], file: str | None = None, today: dt.date | None = None
) -> tuple[CameTrue, ...]:
    """What came true, in the order written.

    Args:
        data: YAML or JSON.
        seals: the forecasts that it is about.
        file: name for messages.
        today: nothing later can have come true; not looked at where None.

    Raises:
        CaseError: every problem found, with its place.
    """
    tree = read_tree(data, file)
    reader = _Reader(seals, today)
    found: tuple[CameTrue, ...] = ()
    with suppress(Enough):
        found = reader.read(tree)
    if reader.problems:
        raise CaseError([placed(p, tree, file) for p in reader.problems])
    return found


class _Reader:
    """Collects the problems of a file."""

    def __init__(self, seals: Sequence[Sealed], today: dt.date | None) -> None:
        self.seals, self.today, self.problems = seals, today, list[Raw]()
        self.held: set[tuple[int, dt.date]] = set()

    def refuse(self, path: Path, found: str, expected: str, fix: str = "", *, key: bool = False) -> None:
        self.problems.append((path, 0, found, expected, fix, key))
        if len(self.problems) >= COLLECTED:
            raise Enough

    def read(self, tree: Any) -> tuple[CameTrue, ...]:
        expected = "a list of {seal, at, outcome}"
        if tree is None or tree == []:
            return ()
        if not isinstance(tree, list):
            self.refuse((), kind_of(tree), expected)
            return ()
        if len(tree) > MOST:
            self.refuse((), f"{len(tree):,} entries", f"at most {MOST:,}")
            return ()
        lines = [self.line((n,), written, expected) for n, written in enumerate(tree)]
        return tuple(line for line in lines if line is not None)

    def line(self, path: Path, written: Any, expected: str) -> CameTrue | None:
        if not isinstance(written, dict):
            self.refuse(path, kind_of(written), f"{expected}, each entry with the three")
            return None
        for key in written:
            if key not in (*KEYS, *NOTED):
                self.refuse(
                    (*path, key), f"the unknown key {shown(key)}", one_of(KEYS), did_you_mean(key, KEYS), key=True
                )
        missing = [k for k in KEYS if not isinstance(written.get(k), str)]
        for key in missing:
            found = f"no {key}" if written.get(key) is None else kind_of(written[key])
            self.refuse((*path, key) if key in written else path, found, f"{expected}, all as texts")
        if missing:
            return None
        number = self.seal((*path, "seal"), written["seal"])
        date = day_of(written["at"])
        if date is None:
            self.refuse((*path, "at"), kind_of(written["at"]), "a date such as 2019-01-29", "Write year-month-day.")
        if number is None or date is None:
            return None
        sound = self.date((*path, "at"), date, self.seals[number])
        known = (*self.seals[number].names, UNNAMED)
        if written["outcome"] not in known:
            fix = did_you_mean(written["outcome"], known)
            self.refuse(
                (*path, "outcome"), f"the unknown outcome {shown(written['outcome'])}",
                one_of(list(dict.fromkeys(known))), fix,
            )  # fmt: skip
            return None
        return CameTrue(number, date, str(written["outcome"])) if sound and self.once(path, number, date) else None

    def seal(self, path: Path, text: str) -> int | None:
        """The number of the seal that is meant."""
        found = [n for n, s in enumerate(self.seals) if s.name == text]
        found = found or [n for n, s in enumerate(self.seals) if matches(s, text)]
        if len(found) == 1:
            return found[0]
        if found:
            self.refuse(path, f"{shown(text)}, which fits {len(found):,} seals", "the first digits of a hash")
        else:
            names = [s.name for s in self.seals]
            expected = f"{one_of(names)}, or the first digits (at least 8) of a hash"
            fix = did_you_mean(text, names) or "Give every seal that the file is about."
            self.refuse(path, f"the unknown seal {shown(text)}", expected, fix)
        return None

    def date(self, path: Path, date: dt.date, seal: Sealed) -> bool:
        """Whether what holds on a date says anything about the forecast."""
        days = [d for d in seal.dates if d is not None]
        if not days:
            self.refuse(path, f"{date}, though the forecast tells of no date", "nothing: it cannot be scored")
        elif not seal.ever and date not in days:
            expected = one_of([str(d) for d in days])
            self.refuse(path, f"{date}, a date that the forecast says nothing of", expected)
        elif date > max(days):
            self.refuse(path, f"{date}, after the last date of the forecast", f"a date up to {max(days)}")
        elif seal.as_of is not None and date < seal.as_of:
            self.refuse(path, f"{date}, before the forecast starts", f"a date from {seal.as_of}")
        elif self.today is not None and date > self.today:
            self.refuse(path, f"{date}, which is still to come", f"a date up to {self.today}")
        else:
            return True
        return False

    def once(self, path: Path, number: int, date: dt.date) -> bool:
        """Whether it is the first entry for this seal and date."""
        if (number, date) not in self.held:
            self.held.add((number, date))
            return True
        fix = "One outcome holds on a day: the first of the list that fits."
        self.refuse(path, f"a second outcome of {self.seals[number].name} on {date}", "one per seal and date", fix)
        return False
