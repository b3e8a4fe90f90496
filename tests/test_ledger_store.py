"""Ledgers in a file and in a database: one interface; what is no ledger is told; nothing is half recorded."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from detente.agreement.ledger import sqlite_store
from detente.agreement.ledger.canonical import ContentError
from detente.agreement.ledger.chain import ChainError, Head, follow
from detente.agreement.ledger.lines import exported, imported, take_in
from detente.agreement.ledger.postgres_store import LOCK
from detente.agreement.ledger.signatures import make_key, sign, signatures
from detente.agreement.ledger.sqlite_store import SqliteLedger
from detente.agreement.ledger.store import Broken, Overtaken, beside, open_ledger, records, verify
from detente.agreement.periods import Interval
from detente.base.errors import DetenteError, MissingExtra, UsageError
from tests.ledger_places import CLAIM, HEADER, asked, opened

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.usefixtures("closed")


def test_records_are_kept_and_found_again(place: str) -> None:
    ledger = opened(place)
    assert ledger.head().seq == 0
    assert ledger.head().hash == HEADER.hash
    first = ledger.append([CLAIM, CLAIM])
    assert [r.seq for r in first] == [1, 2]
    again = opened(place, None)
    assert again.header == HEADER
    third = again.append([replace(CLAIM, kind="verify", by=("iaea",))])
    found = records(again)
    assert found == (*first, *third)
    assert found[0].body == CLAIM.body
    assert records(again, 2) == first
    assert again.head().seq == 3
    assert verify(again).holds


def test_a_batch_is_recorded_whole_or_not_at_all(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    with pytest.raises(ContentError):
        ledger.append([CLAIM, replace(CLAIM, kind="nonsense")])
    assert ledger.head().seq == 1
    ledger.append([CLAIM])  # it is usable as before
    assert verify(ledger).holds
    ledger.close()


def test_a_decision_on_an_old_head_is_refused(place: str) -> None:
    one, other = opened(place), opened(place)
    head = one.head()
    other.append([CLAIM])
    with pytest.raises(Overtaken):
        one.append([CLAIM], expected=head.hash)
    assert one.head().seq == 1
    one.append([CLAIM], expected=one.head().hash)
    assert one.head().seq == 2


def test_a_published_head_tells_what_the_chain_alone_does_not(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, CLAIM])
    published = ledger.head()
    assert verify(ledger, published).published == "same"
    ledger.append([CLAIM])
    assert verify(ledger, published).published == "extended"
    later = ledger.head()
    # The same ledger without its last record, and one written anew with other words: both hold, and are found out.
    for name, drafts in (("cut", [CLAIM, CLAIM]), ("anew", [CLAIM, CLAIM, replace(CLAIM, subject="oil")])):
        other = opened(str(tmp_path / name))
        other.append(drafts[:2])
        if drafts[2:]:
            other.append(drafts[2:])
        assert verify(other).holds
        found = verify(other, later)
        assert found.published == "missing"
        assert not found.holds


def test_what_is_exported_can_be_imported_and_taken_in(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, replace(CLAIM, occurred=Interval(0, 86_400))])
    early = imported(b"".join(exported(ledger)))
    ledger.append([replace(CLAIM, kind="verify", by=("iaea",))], ledger.head().hash)
    late = imported(b"".join(exported(ledger)), "sent.jsonl")
    assert late.header == HEADER
    assert late.head == ledger.head()
    assert late.records == records(ledger)
    assert list(late.lines) == list(ledger.lines())
    copy = opened(tmp_path / "copy")
    assert [take_in(copy, found) for found in (early, late, early, late)] == [2, 1, 0, 0]
    assert list(copy.lines()) == list(ledger.lines())
    assert verify(copy, ledger.head()).published == "same"


def test_another_history_is_not_taken_in(place: str, tmp_path: Path) -> None:
    ledger, other = opened(place), opened(tmp_path / "other")
    ledger.append([CLAIM, CLAIM])
    other.append([CLAIM, replace(CLAIM, subject="oil"), CLAIM])
    with pytest.raises(UsageError, match="differ from those here"):
        take_in(ledger, imported(b"".join(exported(other))))
    elsewhere = opened(tmp_path / "elsewhere", replace(HEADER, opened=99))
    with pytest.raises(UsageError, match="another ledger"):
        take_in(ledger, imported(b"".join(exported(elsewhere))))
    lines = list(other.lines())
    with pytest.raises(Broken, match="record 3"):  # lines that do not follow are refused whoever hands them over
        ledger.take(lines[2:], ledger.head().hash)
    with pytest.raises(Overtaken):
        ledger.take(lines[2:], HEADER.hash)
    assert ledger.head().seq == 2
    assert verify(ledger).holds


def test_published_heads_are_compared_whole(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    head = ledger.head()
    assert verify(ledger, Head("", head.seq, head.hash, 0)).published == "same"  # the short form
    for wrong in (replace(head, agreement="x"), replace(head, recorded_at=7), replace(head, seq=2)):
        assert verify(ledger, wrong).published == "missing"
    assert verify(ledger, HEADER.head()).published == "extended"


def test_a_ledger_does_not_go_on_from_a_last_record_that_was_edited(tmp_path: Path) -> None:
    file = tmp_path / "x"
    ledger = opened(file)
    ledger.append([CLAIM])
    base = sqlite3.connect(file)
    base.execute("DROP TRIGGER records_UPDATE")
    base.execute("UPDATE records SET line = replace(line, '0.5', '0.9')")
    base.commit()
    base.close()
    with pytest.raises(Broken, match="edited"):
        ledger.append([CLAIM])


def test_a_ledger_goes_on_with_the_lines_of_another_copy(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, CLAIM])
    copy = opened(str(tmp_path / "copy"))
    assert copy.extend(list(ledger.lines())) == 2
    ledger.append([CLAIM])
    assert copy.extend(list(ledger.lines())) == 1
    assert copy.extend(list(ledger.lines())) == 0
    assert list(copy.lines()) == list(ledger.lines())
    copy.append([CLAIM])  # from here on they differ
    ledger.append([replace(CLAIM, subject="oil")])
    with pytest.raises(Overtaken):
        ledger.extend(list(copy.lines()))
    with pytest.raises(Overtaken):
        ledger.extend(list(copy.lines())[:3])
    assert ledger.head().seq == 4
    assert verify(ledger).holds
    copy.close()
    ledger.close()


def test_an_edit_or_a_deletion_is_refused_and_found(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    ledger = opened(file)
    ledger.append([CLAIM, CLAIM, CLAIM])
    ledger.close()
    base = sqlite3.connect(file)
    for statement in ("UPDATE records SET line = ''", "DELETE FROM records", "DELETE FROM header"):
        with pytest.raises(sqlite3.Error, match="only ever added"):
            base.execute(statement)
    base.rollback()
    base.execute("DROP TRIGGER records_UPDATE")
    base.execute("DROP TRIGGER records_DELETE")
    base.execute("UPDATE records SET line = replace(line, '0.5', '0.9') WHERE seq = 2")
    base.commit()
    found = verify(opened(file, None))
    assert not found.holds
    assert found.broken is not None
    assert (found.broken.at, found.head.seq) == (2, 1)
    with pytest.raises(Broken, match="record 2"):
        records(opened(file, None))
    base.execute("DELETE FROM records WHERE seq = 2")
    base.commit()
    found = verify(opened(file, None))
    assert found.broken is not None
    assert found.broken.at == 2
    base.close()


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


def bad_places(folder: Path) -> dict[str, Path]:
    (folder / "text").write_text("not a database at all, but long enough to be looked at\n" * 50)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "round").symlink_to(folder / "round")
    with closing(sqlite3.connect(folder / "other")) as base:
        base.execute("CREATE TABLE records (x)")
        base.commit()
    with closing(sqlite3.connect(folder / "newer")) as base:
        base.execute(f"PRAGMA application_id={sqlite_store.APPLICATION}")
        base.execute("PRAGMA user_version=99")
        base.execute("CREATE TABLE header (line TEXT)")
        base.commit()
    opened(folder / "whole").append([CLAIM] * 500)
    data = (folder / "whole").read_bytes()
    (folder / "torn").write_bytes(data[: len(data) // 2])
    names = ("text", "folder", "pipe", "round", "other", "newer", "torn", "missing", "no/such/folder", "n" * 300)
    return {n: folder / n for n in names}


def test_files_that_are_no_ledgers_are_told_and_left_alone(tmp_path: Path) -> None:
    for name, path in bad_places(tmp_path).items():
        before = path.read_bytes() if name not in ("round", "n" * 300) and path.is_file() else None
        with pytest.raises(DetenteError):  # never a fault of the database's library
            records(opened(path, None))
        if name != "missing":
            with pytest.raises(DetenteError):
                opened(path).append([CLAIM])
        if before is not None:
            assert path.read_bytes() == before
    with pytest.raises(DetenteError):
        opened("a\0b")


EVIL = {
    "a view for a table": (
        "ALTER TABLE records RENAME TO kept",
        """CREATE VIEW records AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n)
        SELECT seq, '' AS line FROM n""",
    ),
    "a trigger": ("CREATE TRIGGER more AFTER INSERT ON records BEGIN INSERT INTO header VALUES (new.line); END",),
    "a trigger by our name": (
        "DROP TRIGGER records_UPDATE",
        "CREATE TRIGGER records_UPDATE AFTER INSERT ON records BEGIN INSERT INTO header VALUES (new.line); END",
    ),
    "no table": ("DROP TABLE signed",),
    "two headers": ("INSERT INTO header SELECT line FROM header",),
    "no header": ("DROP TRIGGER header_DELETE", "DELETE FROM header"),
    "no text": ("DROP TRIGGER header_UPDATE", "UPDATE header SET line = x'ff00'"),
    "another header": ("DROP TRIGGER header_UPDATE", "UPDATE header SET line = replace(line, 'oil', 'gas')"),
    "a huge line": ("INSERT INTO records VALUES (2, replace(hex(zeroblob(5000000)), '0', 'x'))",),
    "bytes": ("INSERT INTO records VALUES (2, x'ff00')",),
    "not UTF-8": ("INSERT INTO records VALUES (2, CAST(x'ff00' AS TEXT))",),
    "no number": ("INSERT INTO records SELECT 0, line FROM records",),
    "a far number": ("INSERT INTO records SELECT 9223372036854775807, line FROM records",),
}


@pytest.mark.parametrize("statements", EVIL.values(), ids=EVIL)
def test_files_made_to_deceive(tmp_path: Path, statements: tuple[str, ...]) -> None:
    file = tmp_path / "x"
    opened(file).append([CLAIM])
    with closing(sqlite3.connect(file)) as base:
        for statement in statements:
            base.execute(statement)
        base.commit()
    with pytest.raises((Broken, UsageError)):
        records(opened(file, None))
    with suppress(Broken, UsageError):
        opened(file).append([CLAIM])
    with pytest.raises((Broken, UsageError)):
        records(opened(file, None))


def test_an_empty_file_becomes_a_ledger_only_where_one_is_made(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    with pytest.raises(UsageError, match="no ledger"):
        opened(file, None)
    assert file.read_bytes() == b""
    opened(file).append([CLAIM])
    assert opened(file, None).head().seq == 1


def test_a_ledger_is_kept_where_it_was_named_and_nowhere_else(tmp_path: Path) -> None:
    evil = replace(HEADER, agreement="../../evil", digest="/etc/evil")
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "link").symlink_to("real")
    opened(folder / "link", evil).append([replace(CLAIM, subject="../x", evidence=("/etc/passwd", "../../y"))])
    opened(folder / "odd ?mode=memory#%00 name", evil).append([CLAIM])
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == [
        Path("a"), Path("a/link"), Path("a/odd ?mode=memory#%00 name"), Path("a/real"),
    ]  # fmt: skip
    assert opened(folder / "real", None).header == evil
    assert beside(tmp_path / "a.agreement.yaml") == tmp_path / "a.agreement.yaml.ledger.sqlite"


def test_another_agreements_ledger_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "x")
    with pytest.raises(UsageError, match="oil-for-freeze"):
        opened(tmp_path / "x", replace(HEADER, agreement="another"))


READER = """
import os, sys
from pathlib import Path
from detente.agreement.ledger.postgres_store import LOCK
from detente.agreement.ledger.signatures import make_key, sign, signatures
from detente.agreement.ledger.sqlite_store import SqliteLedger
from detente.agreement.ledger.store import records
from detente.base.errors import UsageError
from tests.ledger_places import CLAIM
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
ledger = SqliteLedger(Path(sys.argv[1]))
assert len(records(ledger)) == 1
try:
    ledger.append([CLAIM])
except UsageError as error:
    print(error)
"""


def python(code: str, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-c", code, *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(script, capture_output=True, text=True, check=False, env=environment, **more)  # type: ignore[call-overload,no-any-return]


def test_a_file_that_may_only_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:  # the folder that pytest gives is closed to others
        folder = Path(name)
        opened(folder / "x").append([CLAIM])
        (folder / "x").chmod(0o444)
        folder.chmod(0o555)
        done = python(READER, str(folder / "x"))
        folder.chmod(0o755)
        assert done.returncode == 0, done.stderr
        assert "cannot be written" in done.stdout
        assert [p.name for p in folder.iterdir()] == ["x"]


def test_a_locked_file_is_told_after_some_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "PATIENCE", 0.1)
    ledger = opened(tmp_path / "x")
    with closing(sqlite3.connect(tmp_path / "x", isolation_level=None)) as base:
        base.execute("BEGIN EXCLUSIVE")
        for act in (lambda: ledger.append([CLAIM]), ledger.head, lambda: opened(tmp_path / "x", None)):
            with pytest.raises(UsageError, match="kept locked"):
                act()
        base.execute("ROLLBACK")
    assert ledger.append([CLAIM])[0].seq == 1


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    ledger = SqliteLedger(file, HEADER)
    ledger.append([CLAIM] * 3)
    pages = ledger._base.execute("PRAGMA page_count").fetchone()[0]
    ledger._base.execute(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(UsageError, match="full"):
        ledger.append([CLAIM] * 200)
    assert verify(ledger).holds
    assert ledger.head().seq == 3
    ledger.append([CLAIM])
    assert ledger.head().seq == 4
    ledger.close()


FULL = """
import signal, sys
from resource import RLIMIT_FSIZE, setrlimit
from detente.agreement.ledger.store import verify
from detente.base.errors import UsageError
from tests.ledger_places import CLAIM, opened
ledger = opened(sys.argv[1])
ledger.append([CLAIM] * 3)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
setrlimit(RLIMIT_FSIZE, (60_000, 60_000))
kept, refused = 3, 0
for n in range(200):
    try:
        ledger.append([CLAIM] * 5)
        kept += 5
    except UsageError as error:
        refused += 1
        assert verify(ledger).holds
        assert ledger.head().seq == kept
print(kept, refused)
"""


def test_writes_that_fail_half_way_lose_nothing(tmp_path: Path) -> None:
    done = python(FULL, str(tmp_path / "x"))
    assert done.returncode == 0, done.stderr
    kept, refused = map(int, done.stdout.split())
    assert refused > 0
    assert kept > 3
    ledger = opened(tmp_path / "x", None)
    assert verify(ledger).holds
    assert ledger.head().seq == kept
    assert ledger.append([CLAIM])[0].seq == kept + 1


def share(place: str, writers: int, batches: int) -> list[BaseException]:
    """Threads that write to one ledger at a time, each with its own connection."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            ledger = open_ledger(place, HEADER)
            for _ in range(batches):
                ledger.append([CLAIM, CLAIM])
            ledger.close()
        except BaseException as error:  # noqa: BLE001 - told by the caller
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_threads_share_a_ledger_each_with_its_own_connection(place: str) -> None:
    assert share(place, 4, 15) == []  # they also make it together
    ledger = opened(place)
    assert ledger.head().seq == 120
    assert verify(ledger).holds


def test_signed_heads_are_kept_and_exported(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    make_key(tmp_path / "key")
    text = sign(ledger.head(), "dprk", tmp_path / "key")
    ledger.keep_signed(text)
    ledger.keep_signed(text)
    assert ledger.signed() == (text,)
    found = imported(b"".join(exported(ledger)))
    assert found.signed == (text,)
    copy = opened(tmp_path / "copy")
    take_in(copy, found)
    assert signatures(copy) == signatures(ledger)
    assert signatures(ledger).signers[0].upto == 1


def test_the_chain_of_a_ledger_is_bound_to_its_header(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "x")
    ledger.append([CLAIM])
    for other in (replace(HEADER, opened=101), replace(HEADER, digest="other"), replace(HEADER, agreement="other")):
        with pytest.raises(ChainError):
            list(follow(ledger.lines(), other.head()))
