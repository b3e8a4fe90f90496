"""One function that maps draws over workers: the same answer to the last bit however many there are."""

from __future__ import annotations

import pickle
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

Part = TypeVar("Part")
Part_co = TypeVar("Part_co", covariant=True)
CHUNK = 16
WORTH_IT = 2.0
"""Seconds of work ahead below which no processes are started: starting them takes about one."""
AHEAD = 3
"""Chunks handed out per worker before their results are taken."""


class Work(Protocol[Part_co]):
    """Does draws ``first`` to ``last - 1``; what it gives may depend on these numbers alone."""

    def __call__(self, first: int, last: int) -> Part_co:
        """The result of these draws."""


@dataclass(frozen=True, slots=True)
class Done:
    """How far the work came.

    Attributes:
        draws: how many were done: numbers 0 to draws - 1.
        stopped: all | enough | interrupted.
    """

    draws: int
    stopped: Literal["all", "enough", "interrupted"]


@dataclass(frozen=True)
class Crew:
    """How work is done.

    Attributes:
        workers: processes; 1 = a plain loop in this one.
        executor: does the work instead, if given: any executor of ``concurrent.futures``. It is left open.
        progress: told (draws done, draws in all) after each chunk.
        chunk: draws done at a time. What is added up chunk by chunk depends on it, never on the workers.
        worth_it: seconds of work ahead, judged by the first chunk, below which no processes are started.
    """

    workers: int = 1
    executor: Executor | None = None
    progress: Callable[[int, int], None] | None = None
    chunk: int = CHUNK
    worth_it: float = WORTH_IT

    def each(self, work: Work[Part], count: int, take: Callable[[Part], object]) -> Done:
        """Do all draws and take the results in the order of their numbers.

        An interruption (Ctrl-C) keeps what has been taken so far.

        Args:
            work: done chunk by chunk; with processes it has to be something that can be sent to them.
            count: number of draws.
            take: gets the result of each chunk in turn; a true answer means that it is enough.
        """
        done = 0
        try:
            for last, part in self._parts(work, count):
                enough = take(part)
                done = last
                if self.progress is not None:
                    self.progress(done, count)
                if enough and done < count:
                    return Done(done, "enough")
        except KeyboardInterrupt:
            return Done(done, "interrupted")
        return Done(done, "all")

    def _parts(self, work: Work[Part], count: int) -> Iterator[tuple[int, Part]]:
        chunks = [(n, min(n + self.chunk, count)) for n in range(0, count, self.chunk)]
        if self.executor is not None:
            yield from _spread(self.executor, work, chunks, AHEAD * max(2, self.workers))
            return
        while chunks:
            first, last = chunks[0]
            started = time.perf_counter()
            part = work(first, last)
            ahead = (time.perf_counter() - started) * (len(chunks) - 1)
            del chunks[0]
            yield last, part
            # the time of the first chunk alone decides: what is cheap stays in this process
            if self.workers > 1 and ahead > self.worth_it and sendable(work):
                with _processes(min(self.workers, len(chunks)), work) as pool:
                    yield from _spread(pool, _kept_work, chunks, AHEAD * self.workers)
                return


def _spread(pool: Executor, work: Work[Part], chunks: list[tuple[int, int]], ahead: int) -> Iterator[tuple[int, Part]]:
    """Results in the order of the chunks, a few of which are under way at any time."""
    waiting: list[tuple[int, Future[Part]]] = []
    left = iter(chunks)
    try:
        while True:
            while len(waiting) < ahead and (chunk := next(left, None)) is not None:
                waiting.append((chunk[1], pool.submit(work, *chunk)))
            if not waiting:
                return
            last, future = waiting.pop(0)
            yield last, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


@contextmanager
def _processes(workers: int, work: Work[Any]) -> Iterator[ProcessPoolExecutor]:
    import multiprocessing

    # started afresh, not forked: this process may have threads (those of numpy)
    kinds = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in kinds else "spawn")
    pool = ProcessPoolExecutor(workers, context, _keep, (pickle.dumps(work),))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_kept: list[Work[Any]] = []


def _keep(sent: bytes) -> None:
    """In a process: keep the work, and leave Ctrl-C to the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _kept[:] = [pickle.loads(sent)]  # noqa: S301 - sent by this program to itself


def _kept_work(first: int, last: int) -> Any:
    return _kept[0](first, last)


def sendable(work: object) -> bool:
    """Whether work can be sent to another process."""
    try:
        pickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
