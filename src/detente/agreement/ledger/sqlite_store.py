"""A ledger in one SQLite file.

Rollback journal, not write-ahead log: at rest there is one file, which can be copied, sent and archived as it is.
``synchronous=EXTRA`` syncs the file, and the folder after the journal is removed, before an append returns, so that
what was acknowledged outlives a power cut. ``BEGIN IMMEDIATE`` lets one writer in at a time; others wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from detente.agreement.ledger.chain import LONGEST_LINE, ChainError, Draft, Head, Header, head_of, link
from detente.agreement.ledger.store import Broken, Clock, Overtaken, added, now
from detente.agreement.records import Record
from detente.base.errors import UsageError, shown

APPLICATION, VERSION = 0x64657465, 1  # "dete"
BATCH = 2_000
PATIENCE = 30.0  # seconds that a writer waits for the others
TABLES = {
    "header": "CREATE TABLE header (line TEXT NOT NULL)",
    "records": "CREATE TABLE records (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)",
    "signed": "CREATE TABLE signed (number INTEGER PRIMARY KEY, line TEXT NOT NULL)",
}
# Against accidents; who can write to the file can remove the triggers, and is found only by a published head.
TRIGGERS = {
    f"{table}_{verb}": f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'a ledger is only ever added to'); END"
    for table in TABLES
    for verb in ("UPDATE", "DELETE")
}


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
        try:
            there, is_file = path.exists(), path.is_file()
            if "\0" in self.place:
                raise ValueError("a name that ends in its middle")  # noqa: TRY301 - told like the others
        except (OSError, ValueError) as error:
            raise self._unusable(error) from None
        if there and not is_file:
            raise UsageError(f"{shown(path)}, which is no file", "a ledger file", "Name another with --ledger.")
        if not there and header is None:
            raise UsageError(f"no ledger {shown(path)}", "a ledger", "The first `track record` makes it.")
        try:
            self._base = self._connect(path, new=header is not None)
        except (sqlite3.Error, OSError, ValueError) as error:
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
        return self._add(lambda head: link(head, drafts, self._clock())[0], expected)

    def take(self, lines: Sequence[bytes], expected: str) -> tuple[Record, ...]:
        """See ``store.Ledger.take``."""
        return self._add(lambda _: lines, expected)

    def lines(self, upto: int | None = None) -> Iterator[bytes]:
        """See ``store.Ledger.lines``; a line out of its place is empty, which no chain holds."""
        # In batches, each fetched whole: a query left open would keep the others from writing.
        query = (
            f"SELECT seq, CASE WHEN length(line) <= {LONGEST_LINE} THEN line ELSE '' END FROM records "  # noqa: S608
            "WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        )
        number, last = 0, -(2**63)
        while True:
            rows = self._rows(query, last, 2**63 - 1 if upto is None else upto, BATCH)
            for last, line in rows:
                number += 1
                yield line if last == number else b""
            if len(rows) < BATCH:
                return

    def head(self) -> Head:
        """See ``store.Ledger.head``."""
        rows = self._rows("SELECT seq, line FROM records ORDER BY seq DESC LIMIT 1")
        try:
            return head_of(rows[0][1], rows[0][0], self.header.agreement) if rows else self.header.head()
        except ChainError as error:
            raise Broken(self.place, error) from None

    def keep_signed(self, line: str) -> None:
        """See ``store.Ledger.keep_signed``."""
        self._rows("INSERT INTO signed (line) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM signed WHERE line = ?1)", line)

    def signed(self) -> tuple[str, ...]:
        """See ``store.Ledger.signed``."""
        return tuple(line.decode(errors="replace") for (line,) in self._rows("SELECT line FROM signed ORDER BY number"))

    def close(self) -> None:
        """Leave the file."""
        self._base.close()

    def _add(self, make: Callable[[Head], Sequence[bytes]], expected: str | None) -> tuple[Record, ...]:
        self._rows("BEGIN IMMEDIATE")
        try:
            head = self.head()
            if expected is not None and head.hash != expected:
                raise Overtaken(expected, head)  # noqa: TRY301 - rolled back below like every other failure
            lines = make(head)
            found = added(head, lines, self.place)
            rows = [(head.seq + n, line.decode()) for n, line in enumerate(lines, 1)]
            self._base.executemany("INSERT INTO records VALUES (?, ?)", rows)
            self._base.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise self._unusable(error) from None
            raise
        return found

    def _connect(self, path: Path, *, new: bool) -> sqlite3.Connection:
        # A file that cannot be written is opened to be read, by SQLite itself.
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if new else 'rw'}"
        base = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
        base.text_factory = bytes
        try:
            base.execute("PRAGMA trusted_schema=OFF")
            base.execute("PRAGMA synchronous=EXTRA")
            base.execute("PRAGMA schema_version")
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _opened(self, header: Header | None) -> Header:
        """The header of the file, written if it is new."""
        if self._number("application_id") == 0 and header is not None:
            self._make(header)
        if self._number("application_id") != APPLICATION:
            fix = "Name the ledger with --ledger."
            raise UsageError(f"the file {shown(self.place)}, which is no ledger", "a ledger of detente", fix)
        version = self._number("user_version")
        if version != VERSION:
            raise UsageError(f"a ledger of format {version}", f"format {VERSION}", "Use the program that wrote it.")
        self._check_parts()
        rows = self._rows("SELECT line FROM header LIMIT 2")
        try:
            if len(rows) != 1:
                raise ChainError(0, "no header" if not rows else "several headers", "one header")  # noqa: TRY301
            return Header.read(rows[0][0])
        except ChainError as error:
            raise Broken(self.place, error) from None

    def _check_parts(self) -> None:
        """A file from elsewhere may hold views and triggers that do as they please: none but our own are let in."""
        known = {**TABLES, **TRIGGERS}
        rows = self._rows("SELECT name, sql FROM sqlite_master WHERE substr(name, 1, 7) <> 'sqlite_'")
        found = {name.decode(errors="replace"): (sql or b"").decode(errors="replace") for name, sql in rows}
        foreign = [name for name, sql in found.items() if known.get(name) != sql]
        missing = [name for name in TABLES if name not in found]
        if foreign or missing:
            what = f"the part {shown(foreign[0])} of other making" if foreign else f"no table {missing[0]}"
            raise UsageError(f"{what} in {shown(self.place)}", "a ledger as detente makes it", "Take another copy.")

    def _make(self, header: Header) -> None:
        """The tables of a new ledger, all at once; another program may have been quicker."""
        line = header.line().decode()
        self._base.execute("BEGIN IMMEDIATE")
        try:
            if not self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in (*TABLES.values(), *TRIGGERS.values()):
                    self._base.execute(statement)
                self._base.execute(f"PRAGMA application_id={APPLICATION}")
                self._base.execute(f"PRAGMA user_version={VERSION}")
                self._base.execute("INSERT INTO header VALUES (?)", (line,))
            self._base.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        try:
            return self._base.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _number(self, pragma: str) -> int:
        return int(self._rows(f"PRAGMA {pragma}")[0][0])

    def _roll_back(self) -> None:
        """Give up; SQLite does so by itself where the disk fails."""
        with suppress(sqlite3.Error):
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    def _unusable(self, error: Exception) -> UsageError:
        text = str(error)
        fixes = {
            "readonly": ("which cannot be written", "Copy it to a place that can, or name another with --ledger."),
            "unable to open": ("which cannot be opened", "Look at its folder and at the rights to it."),
            "locked": (f"which another program kept locked for {PATIENCE:.0f} seconds", "Try again."),
            "full": ("on a disk that is full", "Nothing was recorded. Make room, then record again."),
            "disk I/O": ("on a disk that fails", "Nothing was recorded. Look at the disk, then record again."),
            "not a database": ("which is no ledger", "Name the ledger with --ledger."),
            "malformed": ("which is damaged", "Take another copy of it, or its exported lines."),
        }
        for word, (what, fix) in fixes.items():
            if word in text:
                return UsageError(f"the ledger {shown(self.place)}, {what}", "a ledger that can be used", fix)
        return UsageError(f"the ledger {shown(self.place)} ({shown(text, 120)})", "a ledger that can be used")
