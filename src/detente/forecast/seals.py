"""Sealed forecasts: a file that shows later, by its hash, what was told before the outcome was known."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NoReturn

from detente.base.errors import CaseError, Problem, UsageError, shown
from detente.base.table import Table
from detente.base.version import VERSION
from detente.base.wording import likelihood, percent
from detente.case.reading import dotted
from detente.case.yaml_tree import CONTROL, DIRECTION, decode, kind_of
from detente.forecast.scores import SUM

if TYPE_CHECKING:
    from detente.forecast.result import Forecast

FORM = 1
MOST_BYTES = 16 * 2**20
MOST_ROWS = 1000
MOST_OUTCOMES = 1000
LONGEST = 400  # name or title, in characters
HASH = re.compile(r"sha256:[0-9a-f]{64}")
SALT = re.compile(r"[0-9a-f]{32,128}")
TIME = "%Y-%m-%dT%H:%M:%SZ"
TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
DAYS = re.compile(r"\d{4}-\d{2}-\d{2}")
PROVES = (
    "The hash fits: this is what was hashed, unchanged. It does not show when that was: the date of sealing is the word"
    " of whoever sealed it, unless the same hash was published then. Nor does it show that no other forecasts were"
    " sealed and never opened."
)
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Sealed:
    """A forecast as told when it was sealed, its hash checked.

    Attributes:
        name: what to call it: the name of its file without suffix.
        hash: ``sha256:...`` of all the rest of the file.
        when: time of sealing by its own word, UTC.
        title, case, digest: of the case.
        version, seed: of the program and the draws.
        as_of: the day the forecast starts from.
        ever: whether a path counts for the first outcome in the list that it has visited by the date; else for the one
            it stands in.
        dates: of the rows; None stands for the end.
        names: of the outcomes, in their order.
        p, low, high: per row, the chance of each outcome and the range that the inputs left open.
        base_rates: outcome -> how often such a thing had happened before.
        content: the whole file.
    """

    name: str
    hash: str
    when: dt.datetime
    title: str
    case: str
    digest: str
    version: str
    seed: int | None
    as_of: dt.date | None
    ever: bool
    dates: tuple[dt.date | None, ...]
    names: tuple[str, ...]
    p: tuple[tuple[float, ...], ...]
    low: tuple[tuple[float, ...], ...]
    high: tuple[tuple[float, ...], ...]
    base_rates: Mapping[str, float]
    content: Mapping[str, Any] = field(repr=False)

    def table(self) -> Table:
        """The chances as told, outcomes as rows."""
        many = len(self.dates) > 1
        heads: list[str] = ["outcome"]
        for date in self.dates:
            when = "in the end" if date is None else f"{'by' if self.ever else 'on'} {date}"
            heads += [f"{when}: chance" if many else f"chance {when}", "in words", "inputs left open"]
        rows = []
        for n, name in enumerate(self.names):
            cells = [name]
            for p, low, high in zip(self.p, self.low, self.high, strict=True):
                cells += [percent(p[n]), likelihood(p[n]), f"{percent(low[n])} to {percent(high[n])}"]
            rate = self.base_rates.get(name)
            rows.append((*cells, "none given" if rate is None else percent(rate)))
        return Table((*heads, "base rate"), tuple(rows), title=f"Told on {self.when:%Y-%m-%d}: {self.title}")


def seal(found: Forecast, when: dt.datetime, salt: str) -> dict[str, Any]:
    """A sealed forecast, ready to be written as JSON; its ``hash`` is to be published, the rest kept.

    Args:
        found: the forecast.
        when: now, with its time zone.
        salt: random, 32 to 128 hexadecimal digits: without it, whoever guesses the forecast could check the guess
            against the published hash.

    Raises:
        UsageError: a time without a zone, a salt that is none.
        CaseError: something in the forecast that could not be opened again, such as a name with hidden characters.
    """
    if when.tzinfo is None:
        raise UsageError("a time of sealing without a time zone", "a time with its zone")
    if not SALT.fullmatch(salt):
        raise UsageError("a salt that is none", "32 to 128 hexadecimal digits, in small letters")
    start = found.case.file.as_of
    content: dict[str, Any] = {
        "seal": FORM,
        "sealed": when.astimezone(dt.UTC).strftime(TIME),
        "salt": salt,
        "detente": VERSION,
        "title": " ".join(found.case.title.split())[:LONGEST],
        "as_of": None if start is None else start.isoformat(),
        "provenance": asdict(found.provenance),
        "forecast": found.to_dict(),
    }
    plain: dict[str, Any] = json.loads(canonical(content))
    plain["hash"] = hash_of(plain)
    open_seal(canonical(plain))  # what cannot be opened is not sealed
    return plain


def canonical(content: Mapping[str, Any]) -> str:
    """One text for the same content: keys sorted, ASCII, no spaces, numbers as short as they can be read back from.

    Raises:
        ValueError: a number that is not finite.
    """
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of everything but ``hash`` itself.

    Raises:
        ValueError: a number that is not finite.
    """
    rest = {k: v for k, v in content.items() if k != "hash"}
    return "sha256:" + hashlib.sha256(canonical(rest).encode("ascii")).hexdigest()


def open_seal(data: bytes | str, file: str | None = None, published: str | None = None) -> Sealed:
    """A sealed forecast, checked.

    Args:
        data: the file.
        file: its name, for messages and to call it by.
        published: the hash that was published, or its first digits (at least 8); the seal must have it.

    Raises:
        CaseError: no seal, one that was changed after it was sealed, one whose content makes no sense.
        UsageError: not the hash that was published.
    """
    tree = _parsed(data, file)
    opened = _Opened(tree, file)
    found = opened.checked()
    if published is not None and not matches(found, published):
        told = f"the hash {shown(published, 80)}, which is not the one of {file or 'this seal'}"
        raise UsageError(told, found.hash, "This is not the forecast that the hash was published for.")
    return found


def matches(sealed: Sealed, text: str) -> bool:
    """Whether a text is the hash of a seal, or at least its first 8 digits."""
    digits = text.strip().lower().removeprefix("sha256:")
    return len(digits) >= 8 and sealed.hash.removeprefix("sha256:").startswith(digits)


class _Opened:
    """Checks the parts of a seal that are used; nothing in it is trusted, as anybody can hash anything."""

    def __init__(self, tree: Any, file: str | None) -> None:
        self.tree, self.file = tree, file

    def refuse(self, path: Path, found: str, expected: str, fix: str = "") -> NoReturn:
        raise CaseError([Problem(found, expected, fix, dotted(path), self.file)])

    def checked(self) -> Sealed:
        tree = self.tree
        if not isinstance(tree, dict) or "seal" not in tree:
            self.refuse((), "a file that is no sealed forecast", "a file that forecast --seal has written")
        if tree["seal"] != FORM or isinstance(tree["seal"], bool):
            self.refuse(("seal",), shown(tree["seal"]), f"{FORM}", "A newer version of detente may read it.")
        written = tree.get("hash")
        if not isinstance(written, str) or not HASH.fullmatch(written):
            self.refuse(("hash",), kind_of(written), "sha256: and 64 hexadecimal digits")
        if written != hash_of(tree):
            fix = "Something in the file was changed after it was sealed, or the hash was."
            self.refuse(("hash",), f"the hash {written[:15]}…, which does not fit the content", hash_of(tree), fix)
        return self.content(written)

    def content(self, written: str) -> Sealed:
        told, used = self.part(self.tree, "forecast"), self.part(self.tree, "provenance")
        dates = self.dates(told)
        names, chances, rates = self.outcomes(told, dates)
        reached = told.get("reached")
        if reached not in ("ever", "at"):
            self.refuse(("forecast", "reached"), kind_of(reached), "'ever' or 'at'")
        seed = used.get("seed")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            self.refuse(("provenance", "seed"), kind_of(seed), "a whole number or nothing")
        start = self.tree.get("as_of")
        return Sealed(
            name=shown(FilePath(self.file or "seal").name.split(".")[0] or "seal", 100)[1:-1],
            hash=written,
            when=self.time(),
            title=self.text((), self.tree, "title"),
            case=self.text(("provenance",), used, "case"),
            digest=self.text(("provenance",), used, "digest"),
            version=self.text((), self.tree, "detente"),
            seed=seed,
            as_of=None if start is None else self.day(("as_of",), start),
            ever=reached == "ever",
            dates=dates,
            names=names,
            p=chances[0],
            low=chances[1],
            high=chances[2],
            base_rates=rates,
            content=self.tree,
        )

    def part(self, tree: dict[str, Any], key: str) -> dict[str, Any]:
        found = tree.get(key)
        if not isinstance(found, dict):
            self.refuse((key,), kind_of(found), "a mapping")
        return found

    def text(self, path: Path, tree: dict[str, Any], key: str) -> str:
        found = tree.get(key)
        if not isinstance(found, str) or len(found) > LONGEST:
            self.refuse((*path, key), kind_of(found), f"a text of at most {LONGEST} characters")
        if CONTROL.search(found) or DIRECTION.search(found) or "\n" in found:
            self.refuse((*path, key), f"hidden characters in {shown(found)}", "visible text on one line")
        return found

    def time(self) -> dt.datetime:
        found = self.tree.get("sealed")
        try:
            if isinstance(found, str) and found.isascii() and TIMES.fullmatch(found):
                return dt.datetime.strptime(found, TIME).replace(tzinfo=dt.UTC)
        except ValueError:
            pass
        return self.refuse(("sealed",), kind_of(found), "a time such as 2019-01-29T12:00:00Z")

    def day(self, path: Path, found: Any) -> dt.date:
        date = day_of(found)
        if date is None:
            self.refuse(path, kind_of(found), "a date such as 2019-01-29")
        return date

    def dates(self, told: dict[str, Any]) -> tuple[dt.date | None, ...]:
        rows, path = told.get("at"), ("forecast", "at")
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
            found = f"{len(rows):,} dates" if isinstance(rows, list) else kind_of(rows)
            self.refuse(path, found, f"a list of 1 to {MOST_ROWS:,} dates")
        dates = tuple(None if d is None else self.day((*path, n), d) for n, d in enumerate(rows))
        if len(set(dates)) < len(dates):
            self.refuse(path, "a date a second time", "each date once")
        return dates

    def outcomes(
        self, told: dict[str, Any], dates: tuple[dt.date | None, ...]
    ) -> tuple[tuple[str, ...], list[tuple[tuple[float, ...], ...]], dict[str, float]]:
        rows, path = told.get("outcomes"), ("forecast", "outcomes")
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_OUTCOMES:
            found = f"{len(rows):,} outcomes" if isinstance(rows, list) else kind_of(rows)
            self.refuse(path, found, f"a list of 1 to {MOST_OUTCOMES:,} outcomes")
        names: list[str] = []
        columns: dict[str, list[list[float]]] = {"p": [], "low": [], "high": []}
        rates: dict[str, float] = {}
        for n, row in enumerate(rows):
            where: Path = (*path, n)
            if not isinstance(row, dict):
                self.refuse(where, kind_of(row), "an outcome with its chances")
            names.append(self.text(where, row, "name"))
            for key, column in columns.items():
                column.append(self.chances((*where, key), row.get(key), len(dates)))
            rate = row.get("base_rate")
            if rate is not None:
                value = rate.get("value") if isinstance(rate, dict) else rate
                rates[names[-1]] = self.chance((*where, "base_rate"), value)
        if len(set(names)) < len(names):
            self.refuse(path, "an outcome a second time", "each outcome once")
        for n, (date, told_row) in enumerate(zip(dates, zip(*columns["p"], strict=True), strict=True)):
            if date is not None and abs(sum(told_row) - 1) > SUM:
                self.refuse(path, f"chances with the sum {sum(told_row):.6g} at date {n + 1}", "the sum 1")
        return tuple(names), [tuple(zip(*columns[k], strict=True)) for k in ("p", "low", "high")], rates

    def chances(self, path: Path, found: Any, count: int) -> list[float]:
        if not isinstance(found, list) or len(found) != count:
            told = f"{len(found):,} numbers" if isinstance(found, list) else kind_of(found)
            self.refuse(path, told, f"a list with one chance per date, {count}")
        return [self.chance((*path, n), p) for n, p in enumerate(found)]

    def chance(self, path: Path, found: Any) -> float:
        if isinstance(found, bool) or not isinstance(found, int | float) or not -SUM <= found <= 1 + SUM:
            self.refuse(path, kind_of(found), "a chance from 0 to 1")
        return min(1.0, max(0.0, float(found)))  # rounding


def day_of(found: Any) -> dt.date | None:
    """A date written as year-month-day, or None."""
    if isinstance(found, str) and found.isascii() and DAYS.fullmatch(found):
        try:
            return dt.date.fromisoformat(found)
        except ValueError:
            return None
    return None


def _parsed(data: bytes | str, file: str | None) -> Any:
    """JSON without doubtful parts: a key written twice would let two readers see two forecasts under one hash.

    Raises:
        CaseError: no JSON, or more than a seal can be.
    """
    problem = Problem(f"{len(data):,} bytes", f"at most {MOST_BYTES:,}", "", "", file)
    if len(data) > MOST_BYTES:
        raise CaseError([problem])
    text = decode(data, file)
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
        canonical({"": tree})
    except json.JSONDecodeError as error:
        told = f"unreadable JSON ({error.msg.lower()})"
        problem = Problem(told, "a file that forecast --seal has written", "", "", file, error.lineno, error.colno)
    except RecursionError:
        problem = Problem("brackets within brackets without end", "a file that forecast --seal has written", file=file)
    except ValueError as error:  # a key a second time, a number that is none
        problem = Problem(shown(error, 80), "a file that forecast --seal has written", file=file)
    else:
        return tree
    raise CaseError([problem])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        raise ValueError("a key written twice")
    return out


def _refused(word: str) -> NoReturn:
    raise ValueError(f"the number {word}")
