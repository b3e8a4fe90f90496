"""One function that maps draws over workers: the same answer to the last bit however many there are."""

from __future__ import annotations

import hashlib
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self, TypeVar

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
    """How work is done. As a context (``with crew:``) it keeps its processes from one piece of work to the next.

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
    _pools: list[ProcessPoolExecutor] = field(default_factory=list, repr=False, compare=False)
    _open: list[bool] = field(default_factory=list, repr=False, compare=False)

    def __enter__(self) -> Self:
        self._open.append(True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.pop()
        self._rest()

    def _rest(self) -> None:
        """Let the processes go, unless they are kept."""
        while self._pools and not self._open:
            self._pools.pop().shutdown(wait=False, cancel_futures=True)

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
            bar = self.worth_it / 5 if self._pools else self.worth_it
            if self.workers > 1 and ahead > bar and chunks and sendable(work):
                if not self._pools:
                    self._pools.append(_processes(self.workers))
                try:
                    yield from _spread(self._pools[0], _Sent.of(work), chunks, AHEAD * self.workers)
                finally:
                    self._rest()
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


def aside(function: Callable[..., Part], *given: Any) -> Future[Part]:
    """Have something done by a process of its own, which ends when it is done.

    Args:
        function: what to do; it has to be something that can be sent to the process, and so does what it gives.
        given: its arguments.
    """
    pool = _processes(1)
    future = pool.submit(function, *given)
    pool.shutdown(wait=False)
    return future


def _processes(workers: int) -> ProcessPoolExecutor:
    import multiprocessing

    # started afresh, not forked: this process may have threads (those of numpy)
    kinds = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in kinds else "spawn")
    return ProcessPoolExecutor(workers, context, _leave_interrupts)


def _leave_interrupts() -> None:
    """In a process: leave Ctrl-C to the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_kept: dict[bytes, Work[Any]] = {}


@dataclass(frozen=True)
class _Sent:
    """Work on its way to a process, which unpacks it once and keeps it until other work comes."""

    key: bytes
    packed: bytes

    @classmethod
    def of(cls, work: Work[Any]) -> _Sent:
        packed = pickle.dumps(work)
        return cls(hashlib.blake2b(packed, digest_size=16).digest(), packed)

    def __call__(self, first: int, last: int) -> Any:
        if self.key not in _kept:
            _kept.clear()
            _kept[self.key] = pickle.loads(self.packed)  # noqa: S301 - sent by this program to itself
        return _kept[self.key](first, last)


def sendable(work: object) -> bool:
    """Whether work can be sent to another process."""
    try:
        pickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
