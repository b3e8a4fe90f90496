"""What every ledger can do, wherever it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from detente.agreement.ledger.canonical import ContentError
from detente.agreement.ledger.chain import ChainError, Draft, Head, Header, follow
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.base.errors import EXIT_NO, DetenteError, Problem, UsageError, shown

Clock = Callable[[], Instant]
SUFFIX = ".ledger.sqlite"
POSTGRES = ("postgresql://", "postgres://")


class Ledger(Protocol):
    """Records that are only ever added.

    Attributes:
        place: what it is called in messages.
        header: what it says of itself.
    """

    place: str
    header: Header

    def append(self, drafts: Sequence[Draft], expected: str | None = None) -> tuple[Record, ...]:
        """Add records: all of them or none. When it returns they are on the disk.

        Args:
            drafts: in order.
            expected: hash of the head on which they were decided; refused if another record has come since.

        Raises:
            ContentError: a draft that cannot be recorded.
            Overtaken: the head is another one.
            Broken: the last record does not hold.
            UsageError: the ledger cannot be written.
        """
        ...

    def take(self, lines: Sequence[bytes], expected: str) -> tuple[Record, ...]:
        """Add lines as another copy of the ledger has them: all of them or none.

        Args:
            lines: in order, without their ends.
            expected: hash of the head that they follow.

        Raises:
            Overtaken, UsageError: as ``append``.
            Broken: a line that does not follow.
        """
        ...

    def lines(self, upto: int | None = None) -> Iterator[bytes]:
        """The lines in order, without the header."""
        ...

    def head(self) -> Head:
        """The last record."""
        ...

    def keep_signed(self, line: str) -> None:
        """Keep a signed head beside the records, unjudged; twice is once."""
        ...

    def signed(self) -> tuple[str, ...]:
        """The signed heads that are kept, in the order in which they came."""
        ...

    def close(self) -> None:
        """Leave it."""
        ...


class Overtaken(DetenteError, ValueError):  # noqa: N818 - what happened, not what failed
    """Another record came in between."""

    exit_code = EXIT_NO

    def __init__(self, expected: str, found: Head) -> None:
        self.expected, self.found = expected, found
        super().__init__(f"the ledger has gone on to record {found.seq} ({found.hash[:12]}...)")

    def problems(self) -> tuple[Problem, ...]:
        """The error as a problem."""
        return (Problem(str(self), f"the head {self.expected[:12]}...", "Look at what is new, then record again."),)


class Broken(DetenteError, ValueError):  # noqa: N818 - what it is
    """A ledger whose chain does not hold.

    Args:
        place: the ledger.
        error: where and why.
        after: how many records stand after the one that does not hold.
        line: its line in a file of lines.
    """

    exit_code = EXIT_NO

    def __init__(self, place: str, error: ChainError, after: int = 0, line: int | None = None) -> None:
        self.place, self.error, self.after, self.line = place, error, after, line
        super().__init__(f"{place}: {error}")

    def problems(self) -> tuple[Problem, ...]:
        """The error as a problem with its record."""
        where = "its header" if self.error.at == 0 else f"record {self.error.at}"
        first = f"What stands before is unharmed; {self.after:,} records after it cannot be relied on."
        fix = f"The ledger was edited or damaged there. {first} Compare it with other copies."
        column = None if self.line is None else 1
        found = f"{self.error.found} at {where}"
        return (Problem(found, self.error.expected, fix, file=self.place, line=self.line, column=column),)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the whole chain found.

    Attributes:
        head: the last record that holds.
        broken: the first thing that does not hold, or None.
        after: how many records stand after that.
        published: how a published head compares: ``same``, ``extended`` (the ledger has it and went on), ``missing``
            (it is not in this ledger: the tail was cut, or it was written anew), or None if none was given.
    """

    head: Head
    broken: ChainError | None = None
    after: int = 0
    published: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the ledger."""
        return self.broken is None and self.published != "missing"


def records(ledger: Ledger, upto: int | None = None) -> tuple[Record, ...]:
    """The records, their chain checked on the way.

    Raises:
        Broken: the first record that does not hold.
    """
    lines = ledger.lines(upto)
    try:
        return tuple(record for record, _ in follow(lines, ledger.header.head()))
    except ChainError as error:
        raise Broken(ledger.place, error, sum(1 for _ in lines)) from None


def verify(ledger: Ledger, published: Head | None = None) -> Verified:
    """Check every line, and a published head against them.

    Without a published head a ledger whose last records were cut off, or that was written anew from the start, holds:
    nothing in it says otherwise.
    """
    last = ledger.header.head()
    seen = _same(published, last)
    broken, after, lines = None, 0, ledger.lines()
    try:
        for record, hashed in follow(lines, last):
            last = Head(last.agreement, record.seq, hashed, record.recorded_at)
            seen = seen or _same(published, last)
    except ChainError as error:
        broken, after = error, sum(1 for _ in lines)
    if published is None:
        return Verified(last, broken, after)
    at_end = published.seq == last.seq
    return Verified(last, broken, after, "missing" if not seen else "same" if at_end else "extended")


def _same(published: Head | None, head: Head) -> bool:
    """Whether a published head is this one; its short form has no more than number and hash."""
    if published is None or (published.seq, published.hash) != (head.seq, head.hash):
        return False
    return not published.agreement or published == head


def added(head: Head, lines: Sequence[bytes], place: str) -> tuple[Record, ...]:
    """The records of lines that are about to be kept: nothing goes in that would not come out.

    Raises:
        Broken: a line that does not follow.
    """
    try:
        return tuple(record for record, _ in follow(lines, head))
    except ChainError as error:
        raise Broken(place, error, len(lines) - (error.at - head.seq)) from None


def now() -> Instant:
    """The present second."""
    return int(time.time())


def beside(agreement: Path) -> Path:
    """Where the ledger of an agreement file is kept unless another place is named: ``FILE.ledger.sqlite``."""
    return agreement.with_name(agreement.name + SUFFIX)


def open_ledger(place: str | Path, header: Header | None = None, clock: Clock = now) -> Ledger:
    """Open a ledger, or make one.

    Args:
        place: a path, or ``postgresql://...``.
        header: what a new ledger says of itself; None: it must be there.
        clock: tells the present second.

    Raises:
        UsageError: no ledger there, not one, or of another agreement.
    """
    text = str(place)
    if header is not None:
        try:
            header.line()
        except ContentError as error:
            raise UsageError(error.found, error.expected) from None
    if text.startswith(POSTGRES):
        from detente.agreement.ledger.postgres_store import PostgresLedger

        ledger: Ledger = PostgresLedger(text, header, clock)
    else:
        from detente.agreement.ledger.sqlite_store import SqliteLedger

        ledger = SqliteLedger(Path(place), header, clock)
    if header is not None and ledger.header.agreement != header.agreement:
        found = f"the ledger of {shown(ledger.header.agreement)} at {shown(ledger.place)}"
        ledger.close()
        raise UsageError(found, f"one of {shown(header.agreement)}", "Name another ledger with --ledger.")
    return ledger
