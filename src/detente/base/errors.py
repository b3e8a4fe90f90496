"""The errors of detente.

::

    DetenteError                     exit 70   anything this package raises on purpose
    +-- UsageError(ValueError)       exit 2    a question put wrongly (unknown party, view, option of a verb)
    +-- CaseError(ValueError)        exit 2    a case that cannot be read; carries every Problem found
    +-- LimitReached(RuntimeError)   exit 3    a limit stopped the work; carries the size, the limit and advice
    +-- MissingExtra(ImportError)    exit 2    an optional dependency is not installed
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COLLECTED = 200  # problems after which a file is read no further
PRINTED = 50  # problems told
COMPARED = 200  # names a wrong one is compared with
EXIT_ANSWERED, EXIT_NO, EXIT_USAGE, EXIT_LIMIT, EXIT_INTERNAL, EXIT_INTERRUPTED = 0, 1, 2, 3, 70, 130


def shown(text: object, limit: int = 60) -> str:
    """A user's text made safe and short for a message: control and direction characters escaped, quoted.

    Args:
        text: anything a file contained.
        limit: longest text printed, in characters.

    Returns:
        The text in single quotes on one line.
    """
    raw = str(text)
    cut = raw if len(raw) <= limit else raw[: limit - 1] + "…"
    return "'" + "".join(_visible(c) for c in cut) + "'"


def _visible(char: str) -> str:
    if char in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char]
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(char):04x}"
    return char


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a case: where, what was found, what was expected, how to mend it.

    Line and column count from 1 and are None where the case was built in code.
    """

    found: str
    expected: str
    fix: str = ""
    path: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """The problem on one line, as in ``file:line:column: path: found; expected. Fix``."""
        place = self.file or "case"
        if self.line is not None:
            place += f":{self.line}:{self.column}"
        what = f"{self.path}: " if self.path else ""
        text = f"{place}: {what}found {self.found}; expected {self.expected}"
        return f"{text}. {self.fix}" if self.fix else text

    def to_dict(self) -> dict[str, object]:
        """The JSON form of DESIGN section 7."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "found": self.found,
            "expected": self.expected,
            "fix": self.fix,
        }

    def _order(self) -> tuple[int, int, str, str]:
        return (self.line or 0, self.column or 0, self.path, self.found)


class DetenteError(Exception):
    """Base of everything detente raises on purpose."""

    exit_code = EXIT_INTERNAL

    def problems(self) -> tuple[Problem, ...]:
        """The error as a list of problems, for messages and JSON."""
        return (Problem(found=str(self), expected="a run without an error"),)


class UsageError(DetenteError, ValueError):
    """A question put wrongly.

    Args:
        found: what was asked.
        expected: what can be asked.
        fix: how to ask it.
    """

    exit_code = EXIT_USAGE

    def __init__(self, found: str, expected: str, fix: str = "") -> None:
        self.found, self.expected, self.fix = found, expected, fix
        super().__init__(f"found {found}; expected {expected}" + (f". {fix}" if fix else ""))

    def problems(self) -> tuple[Problem, ...]:
        """The single problem of this error."""
        return (Problem(self.found, self.expected, self.fix),)


class CaseError(DetenteError, ValueError):
    """A case that cannot be read, with the problems found, in file order: the first 50 and how many more there are."""

    exit_code = EXIT_USAGE

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(dict.fromkeys(problems), key=Problem._order)  # noqa: SLF001
        if len(found) > PRINTED:
            more = f"{'at least ' if len(found) >= COLLECTED else ''}{len(found) - PRINTED} more problems"
            found[PRINTED:] = [Problem(more, "none", f"Mend the first {PRINTED}, then look again.", file=found[0].file)]
        self._problems = tuple(found)
        super().__init__("\n".join(str(p) for p in self._problems))

    def problems(self) -> tuple[Problem, ...]:
        """The problems, in file order; the last one counts those that are left out."""
        return self._problems


class LimitReached(DetenteError, RuntimeError):  # noqa: N818 - it is an answer as much as an error
    """A limit stopped the work.

    Args:
        what: the thing counted, in plain words.
        size: how many there are (at least), as text since it may exceed any integer type.
        limit: how many are allowed.
        advice: what to merge, rule out or raise.
    """

    exit_code = EXIT_LIMIT

    def __init__(self, what: str, size: str, limit: int, advice: str) -> None:
        self.what, self.size, self.limit, self.advice = what, size, limit, advice
        super().__init__(f"{size} {what}, more than the limit of {limit:,}. {advice}")

    def problems(self) -> tuple[Problem, ...]:
        """The single problem of this error."""
        return (Problem(f"{self.size} {self.what}", f"at most {self.limit:,}", self.advice),)


class MissingExtra(DetenteError, ImportError):  # noqa: N818 - named for what the user lacks
    """An optional dependency is not installed."""

    exit_code = EXIT_USAGE

    def __init__(self, purpose: str, extra: str) -> None:
        self.purpose, self.extra = purpose, extra
        super().__init__(f"{purpose} needs an extra: pip install 'detente[{extra}]'")

    def problems(self) -> tuple[Problem, ...]:
        """The single problem of this error."""
        found = f"{self.purpose}, which needs a package that is not installed"
        return (Problem(found, f"the extra {self.extra!r} of detente", f"pip install 'detente[{self.extra}]'"),)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``Did you mean 'x'?`` when a known word is near, else the empty string."""
    from difflib import get_close_matches

    names = list(known)
    if len(names) > COMPARED:  # comparing is slow: among many names only the likely ones
        names = [n for n in names if n[:1] == word[:1] and abs(len(n) - len(word)) < 3][:COMPARED]
    near = get_close_matches(word[:60], names, n=1, cutoff=0.6)
    return f"Did you mean {shown(near[0])}?" if near else ""


def one_of(known: Sequence[str], most: int = 12) -> str:
    """``one of a, b and 3 more``: the names that could have been written, each on one line and short."""
    names = list(known)
    head = ", ".join(shown(n, 40)[1:-1] for n in names[:most])
    return f"one of {head}" + (f" and {len(names) - most:,} more" if len(names) > most else "")
