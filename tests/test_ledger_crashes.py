"""Ledgers under crashes: writers killed at any moment, a file copied at any moment, a server that falls over.

Nothing that was acknowledged is lost, the chain holds, and a batch is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from detente.agreement.ledger.chain import follow
from detente.agreement.ledger.store import open_ledger, records, verify
from detente.base.errors import UsageError
from tests.ledger_places import CLAIM, HEADER, opened, run_script, started

HERE = Path(__file__).parent
pytestmark = pytest.mark.usefixtures("closed")


def check_kills(place: str, kills: int) -> None:
    script = [sys.executable, str(HERE / "ledger_kills.py"), place, str(kills), "5"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    acknowledged = json.loads(done.stdout)
    ledger = opened(place, None)
    found = verify(ledger)
    assert found.holds, found.broken
    hashes = {r.seq: h for r, h in follow(ledger.lines(), ledger.header.head())}
    batches: dict[tuple[int, int], list[tuple[int, int]]] = {}
    ends = set()
    for record in records(ledger):
        key = (record.body["writer"], record.body["batch"])
        batches.setdefault(key, []).append((record.seq, record.body["n"]))
        if record.body["n"] == record.body["of"] - 1:
            ends.add(record.seq)
    assert len(acknowledged) >= kills
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
    check_kills(str(tmp_path / "x.ledger.sqlite"), 200)


def test_kills_of_programs_that_write_to_the_database(database: str) -> None:
    check_kills(database, 40)


STEPS = """
import os, signal, sys
from itertools import count
from detente.agreement.ledger.store import open_ledger, verify
from tests.ledger_places import CLAIM
size, stride = int(sys.argv[2]), int(sys.argv[3])
for step in count(0, stride):
    child = os.fork()
    if child == 0:
        left = step
        def tick():
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0
        try:
            ledger = open_ledger(sys.argv[1])
            ledger._base.set_progress_handler(tick, 1)  # called at each step of SQLite's own machine
            ledger.append([CLAIM] * size)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    ledger = open_ledger(sys.argv[1])
    assert verify(ledger).holds
    print(ledger.head().seq)
    ledger.close()
    if not os.WIFSIGNALED(status):
        sys.exit(os.WEXITSTATUS(status))
"""


def python(code: str, *words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(HERE.parent)])}
    return subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, env=environment)


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (60, 29)])
def test_a_kill_at_each_step_of_a_batch_leaves_all_of_it_or_nothing(tmp_path: Path, size: int, stride: int) -> None:
    opened(tmp_path / "x").append([CLAIM] * 2)
    with python(STEPS, str(tmp_path / "x"), str(size), str(stride)) as done:
        assert done.stdout is not None
        heads = [2, *map(int, done.stdout.read().split())]
    assert done.returncode == 0
    assert len(heads) > 20
    assert {after - before for before, after in pairwise(heads)} <= {0, size}
    assert heads[-1] == heads[-2] + size  # the one that was not killed


WRITER = """
import sys
from tests.ledger_places import CLAIM, opened
ledger = opened(sys.argv[1])
while True:
    print(ledger.append([CLAIM] * 3)[-1].seq, flush=True)
"""


def test_a_copy_taken_at_any_moment_opens_and_holds(tmp_path: Path) -> None:
    file = tmp_path / "x.ledger.sqlite"
    opened(file)
    told: list[int] = []
    with python(WRITER, str(file)) as writer:
        assert writer.stdout is not None
        journals = n = 0
        while n < 30 or (journals == 0 and n < 100):
            n += 1
            told.append(int(writer.stdout.readline()))
            time.sleep(0.001 * (n % 13))
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
            assert ledger.head().seq >= told[-1]
            ledger.close()
        writer.kill()
        told += [int(line) for line in writer.stdout.read().split(b"\n")[:-1]]
    assert journals > 0  # some of the copies were of a writer in the middle of a record
    ledger = opened(file, None)
    assert ledger.head().seq >= max(told)
    whole = list(ledger.lines())
    for n in (1, 15, 30):  # what a copy has is the beginning of what came to be
        lines = list(opened(tmp_path / f"copy{n}", None).lines())
        assert lines == whole[: len(lines)]


def test_a_server_that_falls_over_loses_nothing_that_was_acknowledged(folder_of_server: Path) -> None:
    address = started(folder_of_server)
    told: list[int] = []
    done: list[Any] = []

    def work() -> None:
        ledger = open_ledger(address, HEADER)
        try:
            while True:
                told.append(ledger.append([CLAIM] * 3)[-1].seq)
        except UsageError as error:
            done.append(error)
        ledger.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(told) < 40 and all(thread.is_alive() for thread in threads):
        time.sleep(0.005)
    again = run_script("crash", str(folder_of_server))
    for thread in threads:
        thread.join()
    assert again.returncode == 0, again.stderr
    assert len(done) == 2
    ledger = opened(address, None)
    assert verify(ledger).holds
    assert ledger.head().seq % 3 == 0
    assert ledger.head().seq >= max(told)
    assert len(told) >= 40
    assert len(set(told)) == len(told)
