"""What every ledger can do, wherever it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
            UsageError: the ledger cannot be written.
        """
        ...

    def lines(self, upto: int | None = None) -> Iterator[bytes]:
        """The lines in order, without the header."""
        ...

    def head(self) -> Head:
        """The last record."""
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
    """

    exit_code = EXIT_NO

    def __init__(self, place: str, error: ChainError) -> None:
        self.place, self.error = place, error
        super().__init__(f"{place}: {error}")

    def problems(self) -> tuple[Problem, ...]:
        """The error as a problem with its record."""
        where = "its header" if self.error.at == 0 else f"record {self.error.at}"
        fix = "The ledger was edited or damaged there. What stands before is unharmed; compare it with other copies."
        return (Problem(f"{self.error.found} at {where}", self.error.expected, fix, file=self.place),)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the whole chain found.

    Attributes:
        head: the last record that holds.
        broken: the first thing that does not hold, or None.
        published: how a published head compares: ``same``, ``extended`` (the ledger has it and went on), ``missing``
            (it is not in this ledger: the tail was cut, or it was written anew), or None if none was given.
    """

    head: Head
    broken: ChainError | None = None
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
    try:
        return tuple(record for record, _ in follow(ledger.lines(upto), ledger.header))
    except ChainError as error:
        raise Broken(ledger.place, error) from None


def verify(ledger: Ledger, published: Head | None = None) -> Verified:
    """Check every line, and a published head against them."""
    header = ledger.header
    last = Head(header.agreement, 0, header.hash, header.opened)
    seen = published is not None and (published.seq, published.hash) == (0, last.hash)
    broken = None
    try:
        for record, hashed in follow(ledger.lines(), header, strict=True):
            last = Head(header.agreement, record.seq, hashed, record.recorded_at)
            seen = seen or (published is not None and (published.seq, published.hash) == (last.seq, last.hash))
    except ChainError as error:
        broken = error
    if published is None:
        return Verified(last, broken)
    at_end = published.seq == last.seq
    return Verified(last, broken, "missing" if not seen else "same" if at_end else "extended")


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
