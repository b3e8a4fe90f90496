"""Ledgers in a file and in a database: one interface; nothing acknowledged is lost, nothing is torn."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from detente.agreement.ledger.canonical import ContentError
from detente.agreement.ledger.chain import ChainError, Draft, Header, follow
from detente.agreement.ledger.lines import exported, imported
from detente.agreement.ledger.sqlite_store import SqliteLedger
from detente.agreement.ledger.store import Broken, Ledger, Overtaken, beside, open_ledger, records, verify
from detente.agreement.periods import Interval
from detente.base.errors import DetenteError, UsageError

HERE = Path(__file__).parent
HEADER = Header("oil-for-freeze", "sha256:" + "0" * 64, 100)
CLAIM = Draft(
    Interval(5, 5), "claim", "freeze", ("dprk",), ("GOV/1",), {"progress": "0.5", "note": "é \U0001f600 '; --"}
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a database server: the one named by DETENTE_POSTGRES, or one of our own."""
    named = os.environ.get("DETENTE_POSTGRES")
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="detente-postgres-"))
    script = str(HERE / "postgres.sh")
    done = subprocess.run(["bash", script, "start", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip("no PostgreSQL server is installed; .ci/run installs one")
    assert done.returncode == 0, done.stderr
    try:
        yield done.stdout.strip()
    finally:
        subprocess.run(["bash", script, "stop", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


COUNT = iter(range(1_000_000))


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be."""
    if request.param == "sqlite":
        return str(tmp_path / "x.ledger.sqlite")
    address = request.getfixturevalue("server")
    base = f"detente_{os.getpid()}_{next(COUNT)}"
    import pg8000.dbapi

    host, _, rest = address.rpartition("@")[2].partition(":")
    port = int(rest.split("/")[0])
    link = pg8000.dbapi.connect("postgres", host=host, port=port, database="postgres")
    link.autocommit = True
    link.cursor().execute(f"CREATE DATABASE {base}")
    link.close()
    return f"postgresql://postgres@{host}:{port}/{base}"


def opened(place: str, now: int = 200) -> Ledger:
    return open_ledger(place, HEADER, lambda: now)


def test_records_are_kept_and_found_again(place: str) -> None:
    ledger = opened(place)
    assert ledger.head().seq == 0
    assert ledger.head().hash == HEADER.hash
    first = ledger.append([CLAIM, CLAIM])
    assert [r.seq for r in first] == [1, 2]
    ledger.close()
    again = open_ledger(place)
    assert again.header == HEADER
    third = again.append([replace(CLAIM, kind="verify", by=("iaea",))])
    found = records(again)
    assert found == (*first, *third)
    assert found[0].body == CLAIM.body
    assert records(again, 2) == first
    assert again.head().seq == 3
    assert verify(again).holds
    again.close()


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
    one.close()
    other.close()


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
        other.close()
    ledger.close()


def test_what_is_exported_can_be_imported(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, replace(CLAIM, occurred=Interval(0, 86_400))])
    header, found, lines = imported(b"".join(exported(ledger)))
    assert header == HEADER
    assert found == records(ledger)
    assert list(lines) == list(ledger.lines())
    ledger.close()


def test_an_edit_or_a_deletion_is_refused_and_found(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    ledger = opened(str(file))
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
    found = verify(open_ledger(file))
    assert not found.holds
    assert found.broken is not None
    assert (found.broken.at, found.head.seq) == (2, 1)
    with pytest.raises(Broken, match="record 2"):
        records(open_ledger(file))
    base.execute("DELETE FROM records WHERE seq = 2")
    base.commit()
    found = verify(open_ledger(file))
    assert found.broken is not None
    assert found.broken.at == 2
    base.close()


def test_the_database_refuses_edits_too(server: str) -> None:
    import pg8000.dbapi

    ledger = open_ledger(server, replace(HEADER, agreement=f"edit-{os.getpid()}"))
    ledger.append([CLAIM])
    host, _, rest = server.rpartition("@")[2].partition(":")
    link = pg8000.dbapi.connect("postgres", host=host, port=int(rest.split("/")[0]), database="postgres")
    link.autocommit = True
    for statement in (
        "UPDATE detente_records SET line = ''",
        "DELETE FROM detente_headers",
        "TRUNCATE detente_records",
    ):
        with pytest.raises(pg8000.dbapi.DatabaseError, match="only ever added"):
            link.cursor().execute(statement)
    link.close()
    assert verify(ledger).holds
    ledger.close()


def test_several_ledgers_in_one_database(server: str) -> None:
    names = [f"several-{os.getpid()}-{n}" for n in range(2)]
    for name in names:
        ledger = open_ledger(server, replace(HEADER, agreement=name))
        ledger.append([replace(CLAIM, subject=name)])
        ledger.close()
    with pytest.raises(UsageError, match="ledgers in"):
        open_ledger(server)
    found = open_ledger(f"{server}?ledger={names[1]}")
    assert [r.subject for r in records(found)] == [names[1]]
    found.close()
    with pytest.raises(UsageError, match="no ledger"):
        open_ledger(f"{server}?ledger=none")


def test_addresses_that_lead_nowhere_are_told_without_their_password() -> None:
    for address in (
        "postgresql://me:secret@127.0.0.1:1/base",
        "postgresql://me:secret@:5432",
        "postgresql://me:secret@127.0.0.1:99999/x",
        "postgresql://me:secret@127.0.0.1:5432/x?sslmode=off",
    ):
        with pytest.raises(UsageError) as caught:
            open_ledger(address)
        assert "secret" not in str(caught.value)


def bad_places(folder: Path) -> dict[str, Path]:
    (folder / "text").write_text("not a database at all, but long enough to be looked at\n" * 50)
    (folder / "folder").mkdir()
    other = sqlite3.connect(folder / "other")
    other.execute("CREATE TABLE records (x)")
    other.commit()
    other.close()
    newer = sqlite3.connect(folder / "newer")
    newer.execute("PRAGMA application_id=1684370533")
    newer.execute("PRAGMA user_version=99")
    newer.execute("CREATE TABLE header (line TEXT)")
    newer.commit()
    newer.close()
    whole = SqliteLedger(folder / "whole", HEADER)
    whole.append([CLAIM] * 500)
    whole.close()
    data = (folder / "whole").read_bytes()
    (folder / "torn").write_bytes(data[: len(data) // 2])
    return {n: folder / n for n in ("text", "folder", "other", "newer", "torn", "missing", "no/such/folder")}


def test_files_that_are_no_ledgers_are_told_and_left_alone(tmp_path: Path) -> None:
    for name, path in bad_places(tmp_path).items():
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(DetenteError):  # never a fault of the database's library
            records(open_ledger(path))
        if name != "missing":
            with pytest.raises(DetenteError):
                open_ledger(path, HEADER).append([CLAIM])
        assert (path.read_bytes() if path.is_file() else None) == before or name == "missing"


def test_another_agreements_ledger_is_refused(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.close()
    if not place.startswith("postgres"):  # a database keeps several
        with pytest.raises(UsageError, match="oil-for-freeze"):
            open_ledger(place, replace(HEADER, agreement="another"))
    assert beside(tmp_path / "a.agreement.yaml").name == "a.agreement.yaml.ledger.sqlite"


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    ledger = opened(str(file))
    ledger.append([CLAIM])
    ledger.close()
    uri = f"{file.as_uri()}?mode=ro&immutable=1"
    reading = SqliteLedger(file)
    reading._base.close()
    reading._base = sqlite3.connect(uri, uri=True, isolation_level=None)
    assert len(records(reading)) == 1
    with pytest.raises(UsageError, match="cannot be written"):
        reading.append([CLAIM])


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


def test_threads_share_a_ledger_each_with_its_own_connection(place: str) -> None:
    opened(place).close()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            ledger = opened(place)
            for _ in range(15):
                ledger.append([CLAIM, CLAIM])
            ledger.close()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    ledger = opened(place)
    assert ledger.head().seq == 120
    assert verify(ledger).holds
    ledger.close()


def check_kills(place: str, kills: int, least: int) -> None:
    script = [sys.executable, str(HERE / "ledger_kills.py"), place, str(kills), "5"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    acknowledged = json.loads(done.stdout)
    ledger = open_ledger(place)
    found = verify(ledger)
    assert found.holds, found.broken
    hashes = {r.seq: h for r, h in follow(ledger.lines(), ledger.header)}
    batches: dict[tuple[int, int], list[tuple[int, int]]] = {}
    ends = set()
    for record in records(ledger):
        key = (record.body["writer"], record.body["batch"])
        batches.setdefault(key, []).append((record.seq, record.body["n"]))
        if record.body["n"] == record.body["of"] - 1:
            ends.add(record.seq)
    ledger.close()
    assert len(acknowledged) >= least  # the writers did work
    for seq, known in acknowledged:
        assert seq in ends
        assert known in ("", hashes[seq])
    for key, members in batches.items():  # whole, in one piece, and none skipped
        first = members[0][0]
        size = len(members)
        assert members == [(first + n, n) for n in range(size)], key
        assert first + size - 1 in ends, key
        assert key[1] == 1 or (key[0], key[1] - 1) in batches


def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    check_kills(str(tmp_path / "x.ledger.sqlite"), 200, 200)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_kills_of_programs_that_write_to_the_database(place: str) -> None:
    check_kills(place, 40, 20)


def test_a_copy_taken_at_any_moment_opens_and_holds(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    opened(str(file)).close()
    code = (
        "import sys; from tests.test_ledger_store import *\n"
        "ledger = opened(sys.argv[1])\n"
        "while True: print(ledger.append([CLAIM] * 3)[-1].seq, flush=True)"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"3\n"
        journals = 0
        for n in range(30):
            time.sleep(0.004 * (n % 7))
            writer.send_signal(signal.SIGSTOP)  # what is on the disk now is what a power cut would leave
            os.waitid(os.P_PID, writer.pid, os.WSTOPPED)
            copy = tmp_path / f"copy{n}"
            for suffix in ("", "-journal"):
                if Path(f"{file}{suffix}").exists():
                    shutil.copy(f"{file}{suffix}", f"{copy}{suffix}")
                    journals += bool(suffix)
            writer.send_signal(signal.SIGCONT)
            ledger = open_ledger(copy)
            assert verify(ledger).holds
            assert ledger.head().seq % 3 == 0
            ledger.close()
        writer.kill()
        told = [int(line) for line in writer.stdout.read().split()[:-1]]
    assert journals > 0  # some of the copies were of a writer in the middle of a record
    ledger = open_ledger(file)
    assert ledger.head().seq >= max(told)
    ledger.close()


def test_the_chain_of_a_ledger_is_bound_to_its_header(tmp_path: Path) -> None:
    ledger = opened(str(tmp_path / "x"))
    ledger.append([CLAIM])
    with pytest.raises(ChainError):
        list(follow(ledger.lines(), replace(HEADER, opened=101)))
    ledger.close()
