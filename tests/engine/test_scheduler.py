"""Calls and worker queues: the latest wins, what is pointless ends, and nobody gets another's answer."""

from __future__ import annotations

import asyncio
import platform
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.scheduler import Call, Order, Turn, WorkerQueue, report
from tests.cli.small_run import environment

Ask = Callable[..., Call[Any, Any]]


@pytest.fixture
def workers() -> Iterator[WorkerQueue]:
    workers = WorkerQueue("lsd-test")
    yield workers
    workers.close()
    workers.join()


@pytest.fixture
def ask(workers: WorkerQueue) -> Ask:
    def ask(
        work: Callable[[], Any], key: str = "key", *interrupted_by: str, call: Call[Any, Any] | None = None
    ) -> Call[Any, Any]:
        call = Call() if call is None else call
        workers.submit(Turn(call, work, key, frozenset(interrupted_by)))
        return call

    return ask


@pytest.fixture
def gate(ask: Ask) -> Iterator[threading.Event]:
    """Keeps the worker busy until it is set."""
    gate = threading.Event()
    ask(lambda: gate.wait(60), "gate")
    yield gate
    gate.set()


def counted(steps: int) -> Generator[int, None, str]:
    yield from range(steps)
    return "counted"


def test_a_call_is_waited_for_with_its_progress(ask: Ask) -> None:
    heard: list[int] = []
    assert ask(lambda: 6 * 7).result() == 42
    assert ask(lambda: counted(3)).result(heard.append) == "counted"
    assert heard == [0, 1, 2]


def test_a_callback_of_what_cannot_yield_tells_steps_until_its_call_is_given_up(ask: Ask) -> None:
    heard: list[int] = []

    def reads(files: int) -> str:
        for file in range(files):
            report(file)
        return "read"

    def works() -> Generator[int, None, str]:
        read = reads(2)
        yield 2
        return read + reads(1)

    assert ask(lambda: reads(2)).result(heard.append) == "read"
    assert ask(works).result(heard.append) == "readread"
    assert heard == [0, 1, 0, 1, 2, 0]

    endless = ask(lambda: reads(10**9))
    with pytest.raises(asyncio.CancelledError):
        endless.result(lambda _: endless.cancel())
    assert ask(lambda: "next", "other").result() == "next"


def test_the_latest_of_a_key_wins_and_the_one_it_replaces_says_so(ask: Ask, gate: threading.Event) -> None:
    first, other, second = ask(lambda: 1), ask(lambda: "other", "other"), ask(lambda: 2)
    gate.set()
    assert second.result() == 2
    assert other.result() == "other"
    with pytest.raises(asyncio.CancelledError):
        first.result()


def test_what_is_under_way_is_finished_and_told_though_a_newer_one_waits(ask: Ask) -> None:
    started, go_on = threading.Event(), threading.Event()

    def work() -> str:
        started.set()
        go_on.wait(60)
        return "first"

    first = ask(work)
    started.wait(60)
    second = ask(lambda: "second")
    go_on.set()
    assert (first.result(), second.result()) == ("first", "second")


def test_work_in_steps_lets_others_in_and_is_given_up_for_what_interrupts_it(ask: Ask) -> None:
    order: list[str] = []

    def work() -> Generator[int, None, None]:
        for step in range(100):
            if step == 2:
                ask(lambda: order.append("between"), "other")
            if step == 5:
                ask(lambda: order.append("after"), "subject")
            yield step

    call = ask(work, "refine", "subject", "refine")
    with pytest.raises(asyncio.CancelledError):
        call.result(lambda step: order.append(str(step)))
    ask(lambda: None, "last").result()
    assert sorted(order) == sorted(["0", "1", "2", "3", "4", "between", "after"])


def test_a_cancelled_call_ends_between_two_steps_and_tidies_up(ask: Ask) -> None:
    first_step, tidied = threading.Event(), threading.Event()

    def work() -> Generator[int, None, None]:
        try:
            step = 0
            while True:
                yield step
                first_step.set()
                step += 1
        finally:
            tidied.set()

    call = ask(work)
    assert first_step.wait(60)
    call.cancel()
    assert tidied.wait(60)
    with pytest.raises(asyncio.CancelledError):
        call.result()


def test_the_answer_of_what_was_closed_is_never_delivered(ask: Ask, gate: threading.Event) -> None:
    bundle, done = ["first"], []
    asked_of = bundle[0]
    waiting: Call[Any, str] = Call(lambda: bundle[0] == asked_of)
    ask(lambda: done.append("waiting"), "waiting", call=waiting)
    under_way: Call[Any, str] = Call(lambda: bundle[0] == asked_of)

    def close_meanwhile() -> str:
        bundle[0] = "second"
        return "of the first"

    ask(close_meanwhile, "under way", call=under_way)
    ask(lambda: done.append("late"), "late", call=Call(lambda: bundle[0] == asked_of))
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        under_way.result()
    ask(lambda: None, "last").result()
    assert done == ["waiting"]


def test_an_error_is_the_callers_and_the_worker_lives_on(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> None:
        raise StudioError("No bundle is open; open one first.")

    with pytest.raises(StudioError, match="open one first"):
        ask(refuse).result()
    with pytest.raises(ZeroDivisionError):
        ask(lambda: 1 // 0).result()
    assert not caplog.records
    assert ask(lambda: "alive").result() == "alive"


def test_calls_are_awaited_with_their_progress(ask: Ask) -> None:
    async def use() -> tuple[list[int], str]:
        call = ask(lambda: counted(4))
        steps = [step async for step in call]
        return steps, await call

    assert asyncio.run(use()) == ([0, 1, 2, 3], "counted")


@pytest.mark.parametrize("wants", ["result", "steps"])
def test_cancelling_who_awaits_cancels_the_call(ask: Ask, gate: threading.Event, wants: str) -> None:
    async def use() -> Call[Any, Any]:
        call = ask(lambda: "never wanted")

        async def wait() -> None:
            if wants == "result":
                await call
            async for _ in call:
                pass

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return call

    assert asyncio.run(use()).cancelled


def test_cancelling_who_follows_the_steps_cancels_the_call(ask: Ask, gate: threading.Event) -> None:
    async def use() -> Call[Any, Any]:
        call = ask(lambda: counted(3))

        async def follow() -> None:
            async for _ in call:
                pass

        task = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return call

    assert asyncio.run(use()).cancelled


def test_an_answer_that_leaves_its_scope_on_the_way_is_not_delivered(ask: Ask) -> None:
    open_ = [True]

    async def use() -> None:
        call = ask(lambda: "late", call=Call(lambda: open_[0]))
        ask(lambda: None, "other").result()
        open_[0] = False
        await call

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(use())


def test_an_error_of_what_left_its_scope_is_not_told(ask: Ask) -> None:
    open_ = [True]

    def work() -> Generator[str, None, None]:
        yield "working"
        open_[0] = False
        raise StudioError("The data set is gone.")

    with pytest.raises(asyncio.CancelledError):
        ask(work, call=Call(lambda: open_[0])).result()


def test_closing_cancels_what_waits_and_ends_what_can_be_interrupted() -> None:
    workers, started = WorkerQueue("lsd-test"), threading.Event()
    endless: Call[Any, Any] = Call()
    waiting: Call[Any, Any] = Call()

    def work() -> Generator[int, None, None]:
        while True:
            started.set()
            yield 0

    workers.submit(Turn(endless, work, "endless", frozenset({"endless"})))
    assert started.wait(60)
    workers.close()
    workers.submit(Turn(waiting, lambda: 1, "waiting"))
    workers.join()
    for call in (endless, waiting):
        with pytest.raises(asyncio.CancelledError):
            call.result()


def test_an_answer_that_a_later_one_overtook_is_nobodys() -> None:
    """Loops do not promise that what is done first is told first."""
    order: Order = Order()
    calls: list[Call[Any, str]] = [Call(order=order) for _ in range(3)]
    for call, answer in zip(calls, ("first", "second", "third"), strict=True):
        call.finish(answer)

    async def take() -> None:
        assert await calls[1] == "second"
        with pytest.raises(asyncio.CancelledError):
            await calls[0]
        assert await calls[2] == "third"
        assert await calls[2] == "third"

    asyncio.run(take())


@pytest.mark.parametrize("in_steps", [False, True])
def test_an_idle_queue_holds_neither_its_last_answer_nor_what_it_was_asked_about(
    ask: Ask, in_steps: bool
) -> None:
    """The queue's thread lets go after it has handed the answer over, so that this may take a moment."""
    asked_about, answer = np.zeros(1000), np.ones(1000)
    gone = threading.Event(), threading.Event()
    for array, event in zip((asked_about, answer), gone, strict=True):
        weakref.finalize(array, event.set)

    def works(codes: np.ndarray, result: np.ndarray) -> Generator[int, None, np.ndarray]:
        yield len(codes)
        return result

    def asked(codes: np.ndarray, result: np.ndarray) -> None:
        work = (lambda: works(codes, result)) if in_steps else (lambda: result)
        assert ask(work, call=Call(lambda: codes.size > 0)).result() is result

    asked(asked_about, answer)
    del asked_about, answer, array
    assert all(each.wait(20) for each in gone)


SETTLING = """
import time
from pathlib import Path
from lsd_studio.engine.scheduler import Call, Turn, WorkerQueue

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

kept = []

def work():
    blocks = [b"x" * (64 << 10) for _ in range(4000)]
    kept.extend(blocks[::40])

queue = WorkerQueue("lsd-test")
before = resident()
call = Call()
queue.submit(Turn(call, work, "key"))
call.result()
held = resident() - before
until = time.monotonic() + 60
while resident() - before > 50 and time.monotonic() < until:
    time.sleep(0.1)  # nothing tells that memory went back
print(held, resident() - before)
queue.close()
queue.join()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has malloc_trim")
def test_what_a_queue_has_freed_goes_back_once_it_is_idle() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", SETTLING], env=environment(), capture_output=True, text=True, check=True
    )
    held, left = map(int, finished.stdout.split())
    assert held > 100, "blocks that stay lie between those that are freed"
    assert left <= 50
