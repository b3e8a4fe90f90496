"""Ledgers in a PostgreSQL database, several in one if need be; the same interface as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from detente.agreement.ledger.chain import ChainError, Draft, Head, Header, link, parsed, record_of
from detente.agreement.ledger.store import Broken, Clock, Overtaken, now
from detente.agreement.records import Record
from detente.base.errors import MissingExtra, UsageError, did_you_mean, shown

LOCK = 0x64657465  # the lock under which ledgers are made
BATCH = 10_000
REFUSE = """CREATE OR REPLACE FUNCTION detente_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a ledger is only ever added to'; END $$"""
SCHEMA = (
    "CREATE TABLE detente_headers (agreement text PRIMARY KEY, line text NOT NULL)",
    """CREATE TABLE detente_records (agreement text NOT NULL REFERENCES detente_headers, seq bigint NOT NULL,
    line text NOT NULL, PRIMARY KEY (agreement, seq))""",
    REFUSE,
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION detente_refuse()"
        for table in ("detente_headers", "detente_records")
    ),
)


class PostgresLedger:
    """A ledger in a database; see ``store.Ledger``.

    Args:
        address: ``postgresql://user@host:port/database``, ``?ledger=NAME`` where it holds several. The password is
            taken from the address or from PGPASSWORD, and is never shown.
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
        self._errors: tuple[type[Exception], ...] = (pg8000.dbapi.Error, OSError)
        self._clock = clock
        where, self.place, wanted = _address(address)
        try:
            self._base = pg8000.dbapi.connect(**where)
        except self._errors as error:
            raise self._unusable(error) from None
        try:
            self._base.autocommit = True
            self.header = self._opened(header, wanted)
        except BaseException as error:
            self._base.close()
            if isinstance(error, self._errors):
                raise self._unusable(error) from None
            raise

    def append(self, drafts: Sequence[Draft], expected: str | None = None) -> tuple[Record, ...]:
        """See ``store.Ledger.append``."""
        name = self.header.agreement
        try:
            self._ask("BEGIN")
            # One writer at a time for this ledger; the lock goes with the transaction, whatever becomes of the writer.
            self._ask("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", LOCK % 2**31, name)
            head = self.head()
            if expected is not None and head.hash != expected:
                raise Overtaken(expected, head)  # noqa: TRY301 - rolled back below like every other failure
            lines, _ = link(head, drafts, self._clock())
            for n, line in enumerate(lines, 1):
                self._ask("INSERT INTO detente_records VALUES (%s, %s, %s)", name, head.seq + n, line.decode())
            self._ask("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, self._errors):
                raise self._unusable(error) from None
            raise
        return tuple(record_of(parsed(line, head.seq + n), head.seq + n) for n, line in enumerate(lines, 1))

    def lines(self, upto: int | None = None) -> Iterator[bytes]:
        """See ``store.Ledger.lines``; a number that is missing is an empty line, which no chain holds."""
        last, most = 0, 2**62 if upto is None else upto
        while True:
            try:
                rows = self._ask(
                    "SELECT seq, line FROM detente_records WHERE agreement = %s AND seq > %s AND seq <= %s "
                    "ORDER BY seq LIMIT %s",
                    self.header.agreement, last, most, BATCH,
                )  # fmt: skip
            except self._errors as error:
                raise self._unusable(error) from None
            for seq, line in rows:
                if seq != last + 1:
                    yield b""
                last = seq
                yield line.encode(errors="replace")
            if len(rows) < BATCH:
                return

    def head(self) -> Head:
        """See ``store.Ledger.head``."""
        name = self.header.agreement
        query = "SELECT seq, line FROM detente_records WHERE agreement = %s ORDER BY seq DESC LIMIT 1"
        rows = self._ask(query, name)
        if not rows:
            return Head(name, 0, self.header.hash, self.header.opened)
        seq, line = rows[0]
        try:
            content = parsed(line.encode(errors="replace"), seq)
            record = record_of(content, seq)
        except ChainError as error:
            raise Broken(self.place, error) from None
        return Head(name, seq, str(content["hash"]), record.recorded_at)

    def close(self) -> None:
        """Leave the database."""
        self._base.close()

    def _opened(self, header: Header | None, wanted: str | None) -> Header:
        if header is not None:
            self._make(header)
        elif not self._exists():
            fix = "The first `track record` makes it."
            raise UsageError(f"no ledger in {shown(self.place)}", "a database with ledgers", fix)
        rows = dict(self._ask("SELECT agreement, line FROM detente_headers ORDER BY agreement"))
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

    def _roll_back(self) -> None:
        """Give up; a connection that is gone has given up by itself."""
        with suppress(*self._errors):
            self._ask("ROLLBACK")

    def _unusable(self, error: Exception) -> UsageError:
        told = error.args[0].get("M", "") if error.args and isinstance(error.args[0], dict) else str(error)
        fix = "Look at the address, the user and PGPASSWORD, and whether the server runs."
        return UsageError(f"the ledger {shown(self.place)} ({shown(told, 120)})", "a database that can be used", fix)


def _address(address: str) -> tuple[dict[str, Any], str, str | None]:
    """What to connect with, what to show of it, and the ledger named in it.

    Raises:
        UsageError: it cannot be read.
    """
    import os

    expected = "an address such as postgresql://user@host:5432/database"
    try:
        parts = urlsplit(address)
        port = parts.port or 5432
    except ValueError:
        raise UsageError("an address of a database that cannot be read", expected) from None
    query = parse_qs(parts.query)
    unknown = set(query) - {"ledger"}
    if not parts.hostname or not parts.path.strip("/") or unknown:
        found = f"the address part {shown(min(unknown))}" if unknown else "an address without host or database"
        raise UsageError(found, expected)
    where = {
        "user": unquote(parts.username or os.environ.get("PGUSER", "postgres")),
        "password": unquote(parts.password) if parts.password else os.environ.get("PGPASSWORD"),
        "host": parts.hostname,
        "port": port,
        "database": unquote(parts.path.strip("/")),
        "application_name": "detente",
    }
    shown_as = f"postgresql://{parts.hostname}:{port}/{where['database']}"
    return where, shown_as, query["ledger"][0] if "ledger" in query else None
