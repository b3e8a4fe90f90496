"""Ledgers in a PostgreSQL database, several in one if need be; the same interface as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from detente.agreement.ledger.chain import LONGEST_LINE, ChainError, Draft, Head, Header, head_of, link
from detente.agreement.ledger.store import Broken, Clock, Overtaken, added, now
from detente.agreement.records import Record
from detente.base.errors import MissingExtra, UsageError, did_you_mean, shown

LOCK = 0x64657465  # the lock under which ledgers are made
BATCH = 2_000
PATIENCE = 30  # seconds that a writer waits for the others
REFUSE = """CREATE OR REPLACE FUNCTION detente_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a ledger is only ever added to'; END $$"""
SCHEMA = (
    "CREATE TABLE detente_headers (agreement text PRIMARY KEY, line text NOT NULL)",
    """CREATE TABLE detente_records (agreement text NOT NULL REFERENCES detente_headers, seq bigint NOT NULL,
    line text NOT NULL, PRIMARY KEY (agreement, seq))""",
    """CREATE TABLE detente_signed (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agreement text NOT NULL REFERENCES detente_headers, line text NOT NULL, UNIQUE (agreement, line))""",
    REFUSE,
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION detente_refuse()"
        for table in ("detente_headers", "detente_records", "detente_signed")
    ),
)
# As in PostgreSQL's own programs; "verify-full" alone makes sure that the server is the one named.
MODES: dict[str, bool | None] = {"disable": False, "prefer": None, "require": True, "verify-full": True}
# What a server may have been told otherwise: answers only when the disk has it; no waiting for ever; any text.
SETTINGS = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    f"SET lock_timeout = '{PATIENCE}s'",
    "SET client_encoding = 'UTF8'",
    "SET standard_conforming_strings = on",
)


class PostgresLedger:
    """A ledger in a database; see ``store.Ledger``.

    Args:
        address: ``postgresql://user@host:port/database``, ``?ledger=NAME`` where it holds several, ``sslmode`` as
            elsewhere. The password is taken from the address or from PGPASSWORD, and is never shown.
        header: what a new one says of itself; None: it must be there.
        clock: tells the present second.

    Raises:
        MissingExtra: pg8000 is not installed.
    """

    def __init__(self, address: str, header: Header | None = None, clock: Clock = now) -> None:
        try:
            import pg8000.dbapi
        except ImportError as error:
            raise MissingExtra("a ledger in PostgreSQL", "postgres") from error
        self._errors: tuple[type[Exception], ...] = (pg8000.dbapi.Error, OSError, UnicodeError)
        self._clock = clock
        where, self.place, wanted = _address(address)
        try:
            self._base = pg8000.dbapi.connect(**where)
        except self._errors as error:
            raise self._unusable(error) from None
        try:
            self._base.autocommit = True
            for statement in SETTINGS:
                self._ask(statement)
            self.header = self._opened(header, wanted)
        except BaseException as error:
            self._base.close()
            if isinstance(error, self._errors):
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
        query = (
            "SELECT seq, CASE WHEN octet_length(line) <= %s THEN line ELSE '' END FROM detente_records "
            "WHERE agreement = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s"
        )
        number, last = 0, -(2**63)
        while True:
            most = 2**63 - 1 if upto is None else upto
            rows = self._rows(query, LONGEST_LINE, self.header.agreement, last, most, BATCH)
            for last, line in rows:
                number += 1
                yield line.encode(errors="replace") if last == number else b""
            if len(rows) < BATCH:
                return

    def head(self) -> Head:
        """See ``store.Ledger.head``."""
        name = self.header.agreement
        query = "SELECT seq, line FROM detente_records WHERE agreement = %s ORDER BY seq DESC LIMIT 1"
        rows = self._rows(query, name)
        try:
            return head_of(rows[0][1].encode(errors="replace"), rows[0][0], name) if rows else self.header.head()
        except ChainError as error:
            raise Broken(self.place, error) from None

    def keep_signed(self, line: str) -> None:
        """See ``store.Ledger.keep_signed``."""
        query = "INSERT INTO detente_signed (agreement, line) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        self._rows(query, self.header.agreement, line)

    def signed(self) -> tuple[str, ...]:
        """See ``store.Ledger.signed``."""
        query = "SELECT line FROM detente_signed WHERE agreement = %s ORDER BY number"
        return tuple(line for (line,) in self._rows(query, self.header.agreement))

    def close(self) -> None:
        """Leave the database."""
        with suppress(*self._errors):
            self._base.close()

    def _add(self, make: Callable[[Head], Sequence[bytes]], expected: str | None) -> tuple[Record, ...]:
        name = self.header.agreement
        ending = False
        try:
            # Each query must see what was there when it began, not when the wait for the lock did.
            self._ask("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
            # One writer at a time for this ledger; the lock goes with the transaction, whatever becomes of the writer.
            self._ask("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", LOCK, name)
            head = self.head()
            if expected is not None and head.hash != expected:
                raise Overtaken(expected, head)  # noqa: TRY301 - rolled back below like every other failure
            lines = make(head)
            found = added(head, lines, self.place)
            insert = "INSERT INTO detente_records SELECT %s, * FROM unnest(%s::bigint[], %s::text[])"
            for start in range(0, len(lines), BATCH):
                some = [line.decode() for line in lines[start : start + BATCH]]
                first = head.seq + 1 + start
                self._ask(insert, name, list(range(first, first + len(some))), some)
            ending = True
            self._ask("COMMIT")
        except BaseException as error:
            self._roll_back()
            if ending and isinstance(error, self._errors):
                fix = "Whether it was recorded is not known: look at `track head` before recording it again."
                lost = f"the ledger {shown(self.place)}, lost at the very end of recording"
                raise UsageError(lost, "an answer of the database", fix) from None
            if isinstance(error, self._errors):
                raise self._unusable(error) from None
            raise
        return found

    def _opened(self, header: Header | None, wanted: str | None) -> Header:
        if header is not None:
            self._make(header)
        elif not self._exists():
            fix = "The first `track record` makes it."
            raise UsageError(f"no ledger in {shown(self.place)}", "a database with ledgers", fix)
        rows = dict(self._rows("SELECT agreement, line FROM detente_headers ORDER BY agreement"))
        name = header.agreement if header is not None else wanted or (next(iter(rows)) if len(rows) == 1 else None)
        if name not in rows:
            found = f"no ledger {shown(name)}" if name else f"{len(rows)} ledgers"
            fix = did_you_mean(name or "", list(rows)) or "Add ?ledger= and its agreement to the address."
            raise UsageError(f"{found} in {shown(self.place)}", f"one of {', '.join(rows)}", fix)
        try:
            return Header.read(rows[name].encode(errors="replace"))
        except ChainError as error:
            raise Broken(self.place, error) from None

    def _exists(self) -> bool:
        return bool(self._ask("SELECT to_regclass('detente_headers') IS NOT NULL")[0][0])

    def _make(self, header: Header) -> None:
        """The tables and the header, all at once; another program may have been quicker."""
        self._ask("BEGIN")
        try:
            self._ask("SELECT pg_advisory_xact_lock(%s)", LOCK)
            if not self._exists():
                for statement in SCHEMA:
                    self._ask(statement)
            insert = "INSERT INTO detente_headers VALUES (%s, %s) ON CONFLICT DO NOTHING"
            self._ask(insert, header.agreement, header.line().decode())
            self._ask("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _ask(self, query: str, *values: Any) -> list[Any]:
        cursor = self._base.cursor()
        cursor.execute(query, values)
        return list(cursor.fetchall()) if cursor.description else []

    def _rows(self, query: str, *values: Any) -> list[Any]:
        try:
            return self._ask(query, *values)
        except self._errors as error:
            raise self._unusable(error) from None

    def _roll_back(self) -> None:
        """Give up; a connection that is gone has given up by itself."""
        with suppress(*self._errors):
            self._ask("ROLLBACK")

    def _unusable(self, error: Exception) -> UsageError:
        told = error.args[0].get("M", "") if error.args and isinstance(error.args[0], dict) else str(error)
        if "lock timeout" in told:
            what = f"the ledger {shown(self.place)}, which another program kept locked for {PATIENCE} seconds"
            return UsageError(what, "a ledger that can be used", "Try again.")
        fix = "Look at the address, the user and PGPASSWORD, and whether the server runs."
        return UsageError(f"the ledger {shown(self.place)} ({shown(told, 120)})", "a database that can be used", fix)


def _address(address: str) -> tuple[dict[str, Any], str, str | None]:
    """What to connect with, what to show of it, and the ledger named in it.

    Raises:
        UsageError: it cannot be read.
    """
    import os
    import ssl

    expected = "an address such as postgresql://user@host:5432/database"
    try:
        parts = urlsplit(address)
        port = parts.port or 5432
    except ValueError:
        raise UsageError("an address of a database that cannot be read", expected) from None
    query = parse_qs(parts.query)
    unknown = set(query) - {"ledger", "sslmode"}
    mode = query.get("sslmode", ["prefer"])[0]
    if not parts.hostname or not parts.path.strip("/") or unknown:
        found = f"the address part {shown(min(unknown))}" if unknown else "an address without host or database"
        raise UsageError(found, expected)
    if mode not in MODES:
        raise UsageError(f"the sslmode {shown(mode)}", f"one of {', '.join(MODES)}", did_you_mean(mode, list(MODES)))
    where = {
        "user": unquote(parts.username or os.environ.get("PGUSER", "postgres")),
        "password": unquote(parts.password) if parts.password else os.environ.get("PGPASSWORD"),
        "host": parts.hostname,
        "port": port,
        "database": unquote(parts.path.strip("/")),
        "application_name": "detente",
        "timeout": 2 * PATIENCE,  # longer than the wait for a lock: the server tells of that itself
        "ssl_context": ssl.create_default_context() if mode == "verify-full" else MODES[mode],
    }
    shown_as = f"postgresql://{parts.hostname}:{port}/{where['database']}"
    return where, shown_as, query["ledger"][0] if "ledger" in query else None
