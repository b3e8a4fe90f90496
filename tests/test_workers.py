"""Draws over workers: the same to the last bit, interrupted cleanly, stopped at the same draw."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context

import numpy as np
import pytest

from detente.mechanics import workers
from detente.mechanics.workers import Crew, Done, sendable


def noisy(first: int, last: int) -> float:
    """A sum that depends on the order of addition."""
    values = np.random.default_rng(first).normal(size=1000) * 10.0 ** np.arange(-500, 500).clip(-8, 8)
    return float(values.sum()) * last


def failing(first: int, last: int) -> int:
    if first >= 8:
        raise ValueError("draw 8")
    return last


def total(crew: Crew, count: int = 50) -> tuple[float, list[float], Done]:
    parts: list[float] = []
    done = crew.each(noisy, count, parts.append)
    out = 0.0
    for part in parts:
        out += part
    return out, parts, done


@pytest.mark.parametrize("count", [1, 2, 4])
def test_one_two_and_four_processes_give_the_same_bits(count: int) -> None:
    alone = total(Crew(chunk=4))
    assert total(Crew(workers=count, chunk=4, worth_it=-1.0)) == alone
    assert alone[2] == Done(50, "all")
    assert len(alone[1]) == 13


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_does(kind: str) -> None:
    pool: Executor = (
        ThreadPoolExecutor(3) if kind == "threads" else ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    )
    with pool:
        assert total(Crew(executor=pool, chunk=4)) == total(Crew(chunk=4))
        assert pool.submit(int, "3").result() == 3  # left open


def test_parts_come_in_order_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    parts: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        Crew(executor=pool, chunk=3, progress=lambda *x: told.append(x)).each(lambda a, b: a, 10, parts.append)
    assert parts == [0, 3, 6, 9]
    assert told == [(3, 10), (6, 10), (9, 10), (10, 10)]


@pytest.mark.parametrize("spread", [False, True])
def test_an_interruption_keeps_what_was_done(spread: bool) -> None:  # noqa: FBT001
    parts: list[float] = []

    def progress(done: int, _: int) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(2) if spread else nullcontext() as pool:
        done = Crew(executor=pool, chunk=4, progress=progress).each(noisy, 50, parts.append)
    assert done == Done(12, "interrupted")
    assert parts == total(Crew(chunk=4))[1][:3]


def test_enough_stops_at_the_same_draw_whoever_works() -> None:
    def run(crew: Crew) -> tuple[Done, int]:
        parts: list[float] = []

        def take(part: float) -> bool:
            parts.append(part)
            return len(parts) == 3

        return crew.each(noisy, 50, take), len(parts)

    assert run(Crew(chunk=4)) == (Done(12, "enough"), 3)
    with ThreadPoolExecutor(4) as pool:
        assert run(Crew(executor=pool, chunk=4)) == (Done(12, "enough"), 3)


@pytest.mark.parametrize("spread", [False, True])
def test_an_error_in_a_worker_comes_out(spread: bool) -> None:  # noqa: FBT001
    crew = Crew(workers=2 if spread else 1, chunk=4, worth_it=-1.0)
    with pytest.raises(ValueError, match="draw 8"):
        crew.each(failing, 20, lambda _: None)


def test_processes_are_kept_from_one_piece_of_work_to_the_next() -> None:
    alone = total(Crew(chunk=4))
    crew = Crew(workers=2, chunk=4, worth_it=-1.0)
    with crew:
        assert total(crew) == alone
        first = crew._pools[0]
        assert crew.each(failing, 8, lambda _: None) == Done(8, "all")
        assert total(crew) == alone
        assert crew._pools == [first]
    assert crew._pools == []
    assert total(crew) == alone
    assert crew._pools == []


def test_no_processes_are_started_for_little_work_or_work_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(workers, "_processes", never)
    assert total(Crew(workers=4, chunk=4)) == total(Crew(chunk=4))
    lock = threading.Lock()

    def local(first: int, last: int) -> int:
        assert not lock.locked()
        return last - first

    assert not sendable(local)
    assert Crew(workers=4, chunk=4, worth_it=-1.0).each(local, 20, lambda _: None) == Done(20, "all")
    with pytest.raises(AssertionError):
        total(Crew(workers=4, chunk=4, worth_it=-1.0))
