"""Ledgers in a PostgreSQL database: what a file does not have to think of."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

import pytest

from detente.agreement.ledger.postgres_store import LOCK
from detente.agreement.ledger.store import records, verify
from detente.base.errors import MissingExtra, UsageError
from tests.ledger_places import CLAIM, HEADER, asked, opened, share

pytestmark = pytest.mark.usefixtures("closed")


def test_the_database_refuses_edits_too(database: str) -> None:
    import pg8000.dbapi

    ledger = opened(database)
    ledger.append([CLAIM])
    for statement in (
        "UPDATE detente_records SET line = ''",
        "DELETE FROM detente_headers",
        "TRUNCATE detente_records",
        "DELETE FROM detente_signed",
    ):
        with pytest.raises(pg8000.dbapi.DatabaseError, match="only ever added"):
            asked(database, statement)
    assert verify(ledger).holds
    asked(
        database,
        "ALTER TABLE detente_records DISABLE TRIGGER ALL",
        "UPDATE detente_records SET line = replace(line, '0.5', '0.9')",
    )
    assert not verify(ledger).holds


def test_several_ledgers_in_one_database(database: str) -> None:
    names = ["several-1", "several '2'"]
    for name in names:
        opened(database, replace(HEADER, agreement=name)).append([replace(CLAIM, subject=name)])
    with pytest.raises(UsageError, match="2 ledgers in"):
        opened(database, None)
    found = opened(f"{database}?ledger=several%20%272%27", None)
    assert [r.subject for r in records(found)] == [names[1]]
    with pytest.raises(UsageError, match="Did you mean 'several-1'"):
        opened(f"{database}?ledger=several-11", None)


def test_texts_come_back_from_the_database_as_they_were(database: str) -> None:
    rng = Random(1)
    letters = "aé\u4e2d\U0001f600\"'\\/,{}()%$:\n\r\t\x00\x01\x7f\u2028 NULL"
    drafts = [
        replace(CLAIM, subject="s" + "".join(rng.choice(letters) for _ in range(rng.randrange(12)))) for _ in range(300)
    ]
    ledger = opened(database)
    ledger.append(drafts)
    ledger.append([])
    assert [r.subject for r in records(ledger)] == [d.subject for d in drafts]


def test_what_a_server_was_told_otherwise_does_not_matter(database: str) -> None:
    name = database.rpartition("/")[2]
    asked(
        database,
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'",
        f"ALTER DATABASE {name} SET default_transaction_read_only = on",
        f"ALTER DATABASE {name} SET synchronous_commit = off",
    )
    with pytest.raises(UsageError, match="read-only"):
        opened(database)
    asked(
        database,
        "SET default_transaction_read_only = off",
        f"ALTER DATABASE {name} RESET default_transaction_read_only",
    )
    ledger = opened(database)
    assert ledger._ask("SHOW synchronous_commit") == [["on"]]  # type: ignore[attr-defined]
    failures = share(database, 4, 15)
    assert failures == []
    assert verify(ledger).head.seq == 120


def test_a_writer_does_not_wait_for_ever(database: str) -> None:
    one, other = opened(database), opened(database)
    one._ask("BEGIN")  # type: ignore[attr-defined]
    one._ask("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", LOCK, HEADER.agreement)  # type: ignore[attr-defined]
    other._ask("SET lock_timeout = '100ms'")  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="kept locked"):
        other.append([CLAIM])
    one._ask("ROLLBACK")  # type: ignore[attr-defined]
    assert other.append([CLAIM])[0].seq == 1


def test_a_connection_lost_is_told_as_what_it_is(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = opened(database)
    ledger.append([CLAIM])
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'detente'"
    asked(database, cut)
    with pytest.raises(UsageError, match="the ledger 'postgresql"):
        ledger.append([CLAIM])
    with pytest.raises(UsageError):
        ledger.head()
    again = opened(database, None)
    ask = again._ask  # type: ignore[attr-defined]

    def lost(query: str, *values: object) -> object:
        if query == "COMMIT":
            asked(database, cut)
        return ask(query, *values)

    monkeypatch.setattr(again, "_ask", lost)
    with pytest.raises(UsageError, match="is not known"):
        again.append([CLAIM])
    assert opened(database, None).head().seq == 1


def test_addresses_that_lead_nowhere_are_told_without_their_password(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    at = server.rpartition("@")[2].partition("/")[0]
    for address in (
        "postgresql://me:secret@127.0.0.1:1/base",
        "postgresql://me:secret@:5432",
        "postgresql://me:secret@127.0.0.1:99999/x",
        "postgresql://me:secret@127.0.0.1:5432/x?sslmode=off",
        "postgresql://me:secret@127.0.0.1:5432/x?password=secret",
        "postgresql://me:secret@[::1/x",
        f"postgresql://nobody:secret@{at}/postgres",
        f"postgresql://postgres:secret@{at}/none",
        f"postgresql://postgres:secret@{at}/postgres?sslmode=require",
        f"postgresql://postgres:secret@{at}/postgres?sslmode=verify-full",
        f"postgresql://postgres@{at}/template1",
    ):
        with pytest.raises(UsageError) as caught:
            opened(address, None)
        assert "secret" not in f"{caught.value}{caught.value.problems()}"


def test_without_pg8000_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    monkeypatch.setitem(sys.modules, "pg8000.dbapi", None)
    with pytest.raises(MissingExtra, match=r"detente\[postgres\]"):
        opened("postgresql://postgres@127.0.0.1/x")
