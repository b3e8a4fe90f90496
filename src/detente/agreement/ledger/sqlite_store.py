"""A ledger in one SQLite file.

Rollback journal, not write-ahead log: at rest there is one file, which can be copied, sent and archived as it is.
``synchronous=EXTRA`` syncs the file, and the folder after the journal is removed, before an append returns, so that
what was acknowledged outlives a power cut. ``BEGIN IMMEDIATE`` lets one writer in at a time; others wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.agreement.ledger.chain import ChainError, Draft, Head, Header, link, parsed, record_of
from detente.agreement.ledger.store import Broken, Clock, Overtaken, now
from detente.agreement.records import Record
from detente.base.errors import UsageError, shown

APPLICATION, VERSION = 0x64657465, 1  # "dete"
BATCH = 10_000
PATIENCE = 30.0  # seconds that a writer waits for the others
# Against accidents; who can write to the file can remove the triggers, and is found only by a published head.
SCHEMA = (
    "CREATE TABLE header (line TEXT NOT NULL)",
    "CREATE TABLE records (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)",
    *(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'a ledger is only ever added to'); END"
        for table in ("header", "records")
        for verb in ("UPDATE", "DELETE")
    ),
    f"PRAGMA application_id={APPLICATION}",
    f"PRAGMA user_version={VERSION}",
)


class SqliteLedger:
    """A ledger in a file; see ``store.Ledger``.

    Args:
        path: of the file.
        header: what a new one says of itself; None: the file must be there.
        clock: tells the present second.
    """

    def __init__(self, path: Path, header: Header | None = None, clock: Clock = now) -> None:
        self.place = str(path)
        self._clock = clock
        if not path.is_file():
            if path.exists():
                raise UsageError(f"{shown(path)}, which is no file", "a ledger file", "Name another with --ledger.")
            if header is None:
                raise UsageError(f"no ledger {shown(path)}", "a ledger", "The first `track record` makes it.")
        try:
            self._base = self._connect(path, new=header is not None)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        try:
            self.header = self._opened(header)
        except BaseException as error:
            self._base.close()
            if isinstance(error, sqlite3.Error):
                raise self._unusable(error) from None
            raise

    def append(self, drafts: Sequence[Draft], expected: str | None = None) -> tuple[Record, ...]:
        """See ``store.Ledger.append``."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        try:
            head = self.head()
            if expected is not None and head.hash != expected:
                raise Overtaken(expected, head)  # noqa: TRY301 - rolled back below like every other failure
            lines, _ = link(head, drafts, self._clock())
            rows = [(head.seq + n, line.decode()) for n, line in enumerate(lines, 1)]
            self._base.executemany("INSERT INTO records VALUES (?, ?)", rows)
            self._base.execute("COMMIT")
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._unusable(error) from None
            raise
        return tuple(record_of(parsed(line, head.seq + n), head.seq + n) for n, line in enumerate(lines, 1))

    def lines(self, upto: int | None = None) -> Iterator[bytes]:
        """See ``store.Ledger.lines``; a number that is missing is an empty line, which no chain holds."""
        # In batches, each fetched whole: a query left open would keep the others from writing.
        query = "SELECT seq, line FROM records WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        last, most = 0, 2**62 if upto is None else upto
        while True:
            try:
                rows = self._base.execute(query, (last, most, BATCH)).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from None
            for seq, line in rows:
                if seq != last + 1:
                    yield b""
                last = seq
                yield line.encode(errors="replace") if isinstance(line, str) else b""
            if len(rows) < BATCH:
                return

    def head(self) -> Head:
        """See ``store.Ledger.head``."""
        rows = self._base.execute("SELECT seq, line FROM records ORDER BY seq DESC LIMIT 1").fetchall()
        if not rows:
            return Head(self.header.agreement, 0, self.header.hash, self.header.opened)
        try:
            content = parsed(rows[0][1].encode(errors="replace"), rows[0][0])
            record = record_of(content, rows[0][0])
        except ChainError as error:
            raise Broken(self.place, error) from None
        return Head(self.header.agreement, record.seq, content["hash"], record.recorded_at)

    def close(self) -> None:
        """Leave the file."""
        self._base.close()

    def _connect(self, path: Path, *, new: bool) -> sqlite3.Connection:
        uri = f"{path.resolve().as_uri()}?mode={'rwc' if new else 'rw'}"
        try:
            base = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
            base.execute("PRAGMA schema_version")
        except sqlite3.OperationalError:
            if new and not path.is_file():
                raise
            base = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None
            )
        base.execute("PRAGMA trusted_schema=OFF")
        base.execute("PRAGMA synchronous=EXTRA")
        return base

    def _opened(self, header: Header | None) -> Header:
        """The header of the file, written if it is new."""
        if self._base.execute("PRAGMA application_id").fetchone()[0] == 0 and header is not None:
            self._make(header)
        if self._base.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            fix = "Name the ledger with --ledger."
            raise UsageError(f"the file {shown(self.place)}, which is no ledger", "a ledger of detente", fix)
        version = self._base.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            raise UsageError(f"a ledger of format {version}", f"format {VERSION}", "Use the program that wrote it.")
        rows = self._base.execute("SELECT line FROM header").fetchall()
        if len(rows) != 1 or not isinstance(rows[0][0], str):
            raise Broken(self.place, ChainError(0, f"{len(rows)} headers", "one header"))
        try:
            return Header.read(rows[0][0].encode(errors="replace"))
        except ChainError as error:
            raise Broken(self.place, error) from None

    def _make(self, header: Header) -> None:
        """The tables of a new ledger, all at once; another program may have been quicker."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            if self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self._base.execute("ROLLBACK")
                return
            for statement in SCHEMA:
                self._base.execute(statement)
            self._base.execute("INSERT INTO header VALUES (?)", (header.line().decode(),))
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    def _unusable(self, error: sqlite3.Error) -> UsageError:
        text = str(error)
        fixes = {
            "readonly": ("which cannot be written", "Copy it to a place that can, or name another with --ledger."),
            "unable to open": ("which cannot be opened", "Look at its folder and at the rights to it."),
            "locked": (f"which another program kept locked for {PATIENCE:.0f} seconds", "Try again."),
            "full": ("on a disk that is full", "Nothing was recorded. Make room, then record again."),
            "not a database": ("which is no ledger", "Name the ledger with --ledger."),
            "malformed": ("which is damaged", "Take another copy; `track verify` tells which records hold."),
        }
        for word, (what, fix) in fixes.items():
            if word in text:
                return UsageError(f"the ledger {shown(self.place)}, {what}", "a ledger that can be used", fix)
        return UsageError(f"the ledger {shown(self.place)} ({text})", "a ledger that can be used")
