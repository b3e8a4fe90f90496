"""The unit, the clock and the memory of all measurements."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def unit(count: int) -> float:
    """Seconds of one stable argsort of as many random int32."""
    numbers = np.random.default_rng(1).integers(0, 2**31 - 1, count, dtype=np.int32)
    return best_of(5, lambda: np.argsort(numbers, kind="stable"))


def peak() -> float:
    """Largest memory this process has had, in GB of 2^30 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def alone(module: str) -> None:
    """Run a module of this package in a process of its own, whose memory is nobody else's."""
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", f"bench.{module}"], check=True)


def load() -> str:
    """How busy the machine is: numbers taken beside other work are too large."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start"
