"""Writers of one ledger that are killed at random moments; run as a program by test_ledger_store.py.

    python ledger_kills.py PLACE KILLS SEED

Three writers append small batches at a time and tell each batch that was acknowledged through a pipe. One of them after
the other is killed and another one started. Prints what was acknowledged as JSON: a list of [seq, hash].
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from random import Random

from detente.agreement.ledger.chain import Draft, Head, Header
from detente.agreement.ledger.store import open_ledger
from detente.agreement.periods import Interval

HEADER = Header("killed", "sha256:" + "0" * 64, 0)


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


def main(place: str, kills: int, seed: int) -> None:
    """Kill and count."""
    rng = Random(seed)
    open_ledger(place, HEADER).close()
    running = [start(place, name) for name in range(3)]
    told: list[int] = []
    for name in range(3, 3 + kills):
        time.sleep(rng.uniform(0.0, 0.05))
        child, reading = running.pop(rng.randrange(3))
        os.kill(child, signal.SIGKILL)
        told.append(reading)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("a writer ended by itself")
        running.append(start(place, name))
    for child, reading in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told.append(reading)
    acknowledged = []
    for reading in told:
        with os.fdopen(reading, "rb") as pipe:
            acknowledged += [line.split(" ") for line in pipe.read().decode().splitlines()]
    sys.stdout.write(json.dumps([[int(seq), known] for seq, known in acknowledged]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
