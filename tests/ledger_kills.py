"""Writers of one ledger that are killed at random moments; run as a program by test_ledger_crashes.py.

    python ledger_kills.py PLACE KILLS SEED

Three writers append small batches and tell each batch that was acknowledged through a pipe. One of them after the other
is killed at a random moment, and another one started, but never before some batch has been acknowledged since the
last kill, so that the work goes on however slow the machine is. Prints what was acknowledged as JSON: a list of
[seq, hash].
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from random import Random

from detente.agreement.ledger.chain import Draft, Head, Header
from detente.agreement.ledger.store import open_ledger
from detente.agreement.periods import Interval

HEADER = Header("killed", "sha256:" + "0" * 64, 0)
PATIENCE = 60.0  # seconds in which something must be acknowledged


def write(place: str, name: int, pipe: int) -> None:
    """Append until killed."""
    rng = Random(name)
    ledger = open_ledger(place, HEADER)
    batch = 0
    while True:
        batch += 1
        size = rng.randrange(1, 4)
        drafts = [
            Draft(Interval(0, 0), "measure", "oil", ("iaea",), (), {"writer": name, "batch": batch, "n": n, "of": size})
            for n in range(size)
        ]
        records = ledger.append(drafts)
        head: Head = ledger.head()
        known = head.hash if head.seq == records[-1].seq else ""  # another writer may have gone on meanwhile
        os.write(pipe, f"{records[-1].seq} {known}\n".encode())


def start(place: str, name: int) -> tuple[int, int]:
    """A writer and the end of its pipe to read from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write(place, name, writing)
        finally:
            os._exit(1)
    os.close(writing)
    return child, reading


def kill(child: int) -> None:
    """End a writer, which must not have ended by itself."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit("a writer ended by itself")


def main(place: str, kills: int, seed: int) -> None:
    """Kill and count."""
    rng = Random(seed)
    open_ledger(place, HEADER).close()
    running = [start(place, name) for name in range(3)]
    told: dict[int, bytes] = {}
    for name in range(3, 3 + kills):
        ready, _, _ = select.select([reading for _, reading in running], [], [], PATIENCE)
        if not ready:
            sys.exit(f"nothing acknowledged in {PATIENCE:.0f} seconds")
        for reading in ready:
            told[reading] = told.get(reading, b"") + os.read(reading, 1_000_000)
        time.sleep(rng.uniform(0.0, 0.03))
        child, _ = victim = rng.choice(running)
        kill(child)
        running.remove(victim)
        finish(victim[1], told)
        running.append(start(place, name))
    for child, reading in running:
        kill(child)
        finish(reading, told)
    sys.stdout.write(json.dumps(TOLD))


TOLD: list[tuple[int, str]] = []


def finish(reading: int, told: dict[int, bytes]) -> None:
    """Count what a writer that is gone had told."""
    with os.fdopen(reading, "rb") as pipe:
        data = told.pop(reading, b"") + pipe.read()
    for line in data.decode().splitlines():
        seq, _, known = line.partition(" ")
        TOLD.append((int(seq), known))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
