"""Ledgers in files: what is no ledger, files made to deceive, disks that are full or may only be read."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from detente.agreement.ledger import sqlite_store
from detente.agreement.ledger.sqlite_store import SqliteLedger
from detente.agreement.ledger.store import Broken, beside, records, verify
from detente.base.errors import DetenteError, UsageError
from tests.ledger_places import CLAIM, HEADER, opened

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.usefixtures("closed")


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
    assert (found.broken.at, found.head.seq, found.after) == (2, 1, 1)
    with pytest.raises(Broken, match="record 2") as caught:
        records(opened(file, None))
    assert caught.value.after == 1
    base.execute("DELETE FROM records WHERE seq = 2")
    base.commit()
    found = verify(opened(file, None))
    assert found.broken is not None
    assert found.broken.at == 2
    base.close()


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
    "another number": ("DROP TRIGGER records_UPDATE", "UPDATE records SET seq = 5"),
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
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(ROOT)])}
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
for n in range(60):
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
