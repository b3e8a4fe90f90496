"""Where tests keep ledgers: files, and databases of a PostgreSQL server on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from detente.agreement.ledger.chain import Draft, Header
from detente.agreement.ledger.store import Ledger, open_ledger
from detente.agreement.periods import Interval

SCRIPT = str(Path(__file__).parent / "postgres.sh")
HEADER = Header("oil-for-freeze", "sha256:" + "0" * 64, 100)
CLAIM = Draft(
    Interval(5, 5), "claim", "freeze", ("dprk",), ("GOV/1",), {"progress": "0.5", "note": "é \U0001f600 '; -- \"{}\\,"}
)
OPENED: list[Ledger] = []
NUMBERS = count()


def opened(place: str | Path, header: Header | None = HEADER, now: int = 200) -> Ledger:
    """A ledger that is closed after the test."""
    OPENED.append(open_ledger(place, header, lambda: now))
    return OPENED[-1]


@pytest.fixture
def closed() -> Iterator[None]:
    """Close what a test opened."""
    yield
    while OPENED:
        OPENED.pop().close()


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


def run_script(*words: str) -> subprocess.CompletedProcess[str]:
    """Start or stop a server."""
    return subprocess.run(["bash", SCRIPT, *words], capture_output=True, text=True, check=False)


def started(folder: Path) -> str:
    """The address of a new server, or skip where none is installed."""
    done = run_script("start", str(folder))
    if done.returncode == 3:  # never where .ci/run runs: it installs one, and stops where it cannot start it
        pytest.skip("no PostgreSQL server is installed; .ci/run installs one")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def folder_of_server() -> Iterator[Path]:
    """A folder for a server of a test's own."""
    folder = Path(tempfile.mkdtemp(prefix="detente-postgres-"))
    yield folder
    run_script("stop", str(folder))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a database server: the one named by DETENTE_POSTGRES, or one of our own."""
    named = os.environ.get("DETENTE_POSTGRES")
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="detente-postgres-"))
    try:
        yield started(folder)
    finally:
        run_script("stop", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


def asked(address: str, *statements: str) -> list[Any]:
    """What a database answers to the last of some statements."""
    import pg8000.dbapi

    parts = urlsplit(address)
    base = pg8000.dbapi.connect("postgres", host=parts.hostname, port=parts.port, database=parts.path.strip("/"))
    try:
        base.autocommit = True
        cursor = base.cursor()
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
    finally:
        base.close()


@pytest.fixture
def database(server: str) -> str:
    """The address of a new database."""
    name = f"detente_{os.getpid()}_{next(NUMBERS)}"
    asked(server, f"CREATE DATABASE {name}")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be."""
    if request.param == "sqlite":
        return str(tmp_path / "x.ledger.sqlite")
    return str(request.getfixturevalue("database"))
