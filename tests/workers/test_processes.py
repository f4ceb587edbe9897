"""Worker processes, for real: each test starts its own, and none may outlive it."""

import gc
import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fakes.worker_doers import make_doer, order_of

from hanolab_dawtools.errors import HanolabError, JobCancelled, UsageError, WorkerDied
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.workers import process
from hanolab_dawtools.workers.base import WorkDone, Workforce, WorkOrder
from hanolab_dawtools.workers.processes import WorkerProcesses

SOON_SECONDS = 10.0  # far longer than anything takes, far shorter than what hangs

Make = Callable[..., WorkerProcesses]


@pytest.fixture
def sentences() -> list[str]:
    return []


@pytest.fixture
def workers(sentences: list[str]) -> Iterator[Make]:
    """Makes workers, which are closed at the end; then nothing of them is left."""
    made: list[WorkerProcesses] = []

    def make(n_workers: int = 1, **options: Any) -> WorkerProcesses:
        setup = options.pop("setup", {})
        options = {"nice": 0, "told": sentences.append} | options
        made.append(WorkerProcesses(make_doer, setup, n_workers=n_workers, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert not multiprocessing.active_children()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def do(workforce: Workforce, order: WorkOrder, **options: Any) -> WorkDone:
    options = {"stop": NeverStop(), "progress": ignore_progress} | options
    return workforce.do(order, **options)


def wait_for_begun(folder: Path, n_begun: int = 1) -> list[int]:
    """Wait until so many processes have begun an order with this folder; their ids, in order."""
    ends = time.monotonic() + SOON_SECONDS
    while time.monotonic() < ends:
        begun = sorted(folder.glob("begun-*"), key=lambda path: path.name.split("-")[2])
        if len(begun) >= n_begun:
            return [int(path.name.split("-")[1]) for path in begun]
        time.sleep(0.005)
    raise AssertionError("no worker has begun")


def pid_of(done: WorkDone) -> int:
    return int(done.outcomes["pid"])


def test_an_order_is_done_in_another_process(workers: Make, tmp_path: Path) -> None:
    workforce = workers(setup={"colour": "green"})
    done = do(workforce, order_of("greet", tmp_path))
    assert done.outcomes["greet"] == "hello"
    assert done.outcomes["setup"] == {"colour": "green"}
    assert pid_of(done) != os.getpid()
    assert done.worker == "worker 1"


def test_a_worker_stays_for_the_next_order(workers: Make, tmp_path: Path) -> None:
    workforce = workers(n_workers=2)
    pids = {pid_of(do(workforce, order_of("greet", tmp_path))) for _ in range(5)}
    assert len(pids) == 1, "a second worker was started that nobody needed"


def test_as_many_orders_as_workers_are_done_at_once(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    workforce = workers(n_workers=2)
    assert workforce.n_workers == 2
    futures = [threads.submit(do, workforce, order_of("meet", tmp_path)) for _ in range(2)]
    assert all(future.result().outcomes["meet"] for future in futures)


def test_more_orders_than_workers_are_done_one_after_the_other(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    workforce = workers()
    futures = [threads.submit(do, workforce, order_of("stay", tmp_path)) for _ in range(6)]
    assert not any(future.result().outcomes["stay"] for future in futures)


def test_a_worker_computes_with_one_thread_and_stands_back(workers: Make, tmp_path: Path) -> None:
    done = do(workers(nice=7), order_of("surroundings", tmp_path))
    assert done.outcomes["surroundings"] == {
        "threads": "1",
        "nice": min(19, os.nice(0) + 7),
        "was_numpy_there": False,  # it would have read the number of threads already
        "ignores_interrupts": True,
        "out_of_memory_score": 500,
    }


def test_progress_comes_in_the_waiting_thread_and_every_step_is_told(
    workers: Make, tmp_path: Path
) -> None:
    told: list[tuple[Progress, threading.Thread]] = []
    do(
        workers(),
        order_of("report", tmp_path),
        progress=lambda one: told.append((one, threading.current_thread())),
    )
    assert {thread for _, thread in told} == {threading.current_thread()}
    assert [told[0][0], told[-1][0]] == [Progress("first", 0.0), Progress("second", 0.5)]
    assert len(told) < 100, "each of a thousand reports crossed"


def test_what_a_worker_logs_is_in_the_owners_log(
    workers: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hanolab_dawtools"):
        do(workers(), order_of("log", tmp_path))
        workforce = workers()
        do(workforce, order_of("log", tmp_path))
        workforce.close()  # its pipe was read to the end
    assert "heard by the owner" in caplog.messages
    assert "heard by nobody" not in caplog.messages


def test_a_mistake_of_the_program_reaches_the_owner(workers: Make, tmp_path: Path) -> None:
    workforce = workers()
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        do(workforce, order_of("mistake", tmp_path))
    assert do(workforce, order_of("greet", tmp_path)).outcomes["greet"] == "hello"


def test_a_worker_that_cannot_be_made_says_why(workers: Make, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be made"):
        do(workers(setup={"cannot_start": True}), order_of("greet", tmp_path))


def test_no_workers_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="0 workers"):
        WorkerProcesses(make_doer, {}, n_workers=0)


# Deaths.


def test_an_order_whose_worker_was_killed_is_done_once_more(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path, sentences: list[str]
) -> None:
    workforce = workers()
    future = threads.submit(do, workforce, order_of("wait once", tmp_path))
    (first,) = wait_for_begun(tmp_path)
    os.kill(first, signal.SIGKILL)
    done = future.result(SOON_SECONDS)
    assert done.outcomes["wait once"] == "hello"
    assert pid_of(done) != first
    assert sentences == [
        "worker 1 was killed (SIGKILL), perhaps because memory ran out; its work is done once more"
    ]


@pytest.mark.parametrize(
    ("step", "how"),
    [
        ("die", r"was killed \(SIGKILL\), perhaps because memory ran out"),
        ("crash", r"crashed \(SIGSEGV\)"),
        ("leave", "ended with exit code 3"),
    ],
)
def test_an_order_that_two_workers_died_of_is_given_up(
    workers: Make, tmp_path: Path, step: str, how: str
) -> None:
    workforce = workers()
    with pytest.raises(WorkerDied, match=how) as caught:
        do(workforce, order_of(step, tmp_path))
    assert caught.value.hint
    assert do(workforce, order_of("greet", tmp_path)).outcomes["greet"] == "hello"


def test_a_death_costs_no_other_order(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path, sentences: list[str]
) -> None:
    workforce = workers(n_workers=2)
    stop = threading.Event()
    other = threads.submit(do, workforce, order_of("wait", tmp_path), stop=stop)
    (pid,) = wait_for_begun(tmp_path)
    with pytest.raises(WorkerDied, match="SIGSEGV"):
        do(workforce, order_of("crash", tmp_path))
    assert not other.done()
    os.kill(pid, 0)  # it lives
    stop.set()
    with pytest.raises(JobCancelled):
        other.result(SOON_SECONDS)
    assert len(sentences) == 1


def test_a_worker_that_dies_between_two_orders_costs_none(
    workers: Make, tmp_path: Path, sentences: list[str]
) -> None:
    workforce = workers()
    pid = pid_of(do(workforce, order_of("greet", tmp_path)))
    os.kill(pid, signal.SIGKILL)
    ends = time.monotonic() + SOON_SECONDS
    while multiprocessing.active_children() and time.monotonic() < ends:
        time.sleep(0.005)
    with pytest.raises(WorkerDied):
        do(workforce, order_of("die", tmp_path))
    assert len(sentences) == 1, "the death between orders was counted as one of the two"


def test_an_error_that_cannot_be_sent_is_a_death_and_no_hang(
    workers: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(WorkerDied):
        do(workers(), order_of("unreadable", tmp_path))
    assert any("missing 1 required positional argument" in message for message in caplog.messages)


def test_an_order_is_done_again_alone_when_its_worker_was_killed(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    folders = [tmp_path / "killed", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    workforce, stop = workers(n_workers=2), threading.Event()
    other = threads.submit(do, workforce, order_of("wait", folders[1]), stop=stop)
    wait_for_begun(folders[1])
    killed = threads.submit(do, workforce, order_of("die once", folders[0]))
    wait_for_begun(folders[0])
    with pytest.raises(TimeoutError):
        killed.result(0.5)
    assert len(wait_for_begun(folders[0])) == 1, "it was begun again beside another order"
    stop.set()
    assert killed.result(SOON_SECONDS).outcomes["die once"] == "hello"
    with pytest.raises(JobCancelled):
        other.result(SOON_SECONDS)


def test_how_a_worker_ended_is_known_before_it_has_said_a_word(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path, sentences: list[str]
) -> None:
    workforce = workers()
    future = threads.submit(do, workforce, order_of("greet", tmp_path))
    ends = time.monotonic() + SOON_SECONDS
    while not (started := multiprocessing.active_children()) and time.monotonic() < ends:
        time.sleep(0.001)
    time.sleep(0.02)  # its owner has looked at it, and it is still being started
    started[0].kill()
    assert future.result(SOON_SECONDS).outcomes["greet"] == "hello"
    assert "SIGKILL" in sentences[0]


def test_a_worker_that_the_system_does_not_start_is_told(workers: Make, tmp_path: Path) -> None:
    workforce = workers()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # no file more can be opened
    try:
        with pytest.raises(WorkerDied, match="could not be started: Too many open files"):
            do(workforce, order_of("greet", tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert do(workforce, order_of("greet", tmp_path)).outcomes["greet"] == "hello"


# Stopping.


def test_a_stopped_order_ends_and_its_worker_stays_warm(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    workforce, stop = workers(), threading.Event()
    future = threads.submit(do, workforce, order_of("wait", tmp_path), stop=stop)
    (pid,) = wait_for_begun(tmp_path)
    stop.set()
    with pytest.raises(JobCancelled, match="as it was told"):
        future.result(SOON_SECONDS)
    assert pid_of(do(workforce, order_of("greet", tmp_path))) == pid


def test_a_worker_that_does_not_stop_is_ended(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    workforce, stop = workers(), threading.Event()
    future = threads.submit(do, workforce, order_of("hang", tmp_path), stop=stop)
    (pid,) = wait_for_begun(tmp_path)
    stop.set()
    with pytest.raises(JobCancelled):
        future.result(SOON_SECONDS)
    assert pid_of(do(workforce, order_of("greet", tmp_path))) != pid


def test_an_order_that_waits_for_a_worker_can_be_stopped(
    workers: Make, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    workforce, stop, other = workers(), threading.Event(), threading.Event()
    first = threads.submit(do, workforce, order_of("wait", tmp_path), stop=other)
    wait_for_begun(tmp_path)
    waiting = threads.submit(do, workforce, order_of("greet", tmp_path), stop=stop)
    stop.set()
    with pytest.raises(JobCancelled):
        waiting.result(SOON_SECONDS)
    assert not first.done()
    other.set()
    with pytest.raises(JobCancelled):
        first.result(SOON_SECONDS)


def test_an_owner_who_gives_up_leaves_no_worker_in_the_middle(
    workers: Make, tmp_path: Path
) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    workforce = workers()
    pid = pid_of(do(workforce, order_of("greet", tmp_path)))
    with pytest.raises(KeyboardInterrupt):
        do(workforce, order_of("report and hang", tmp_path), progress=interrupt)
    assert pid_of(do(workforce, order_of("greet", tmp_path))) != pid


@pytest.mark.parametrize("step", ["wait", "hang"])
def test_closing_ends_workers_in_the_middle_of_an_order(
    workers: Make,
    threads: ThreadPoolExecutor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr(process, "CLOSE_SECONDS", 0.3)
    workforce = workers(n_workers=2)
    futures: list[Future[WorkDone]] = [
        threads.submit(do, workforce, order_of(step, tmp_path)) for _ in range(3)
    ]
    wait_for_begun(tmp_path, 2)
    workforce.close()
    assert not multiprocessing.active_children()
    for future in futures:
        with pytest.raises(JobCancelled):
            future.result(SOON_SECONDS)
    workforce.close()
    with pytest.raises(JobCancelled, match="were ended"):
        do(workforce, order_of("greet", tmp_path))


def test_closed_workers_leave_no_file_and_no_thread_open(workers: Make, tmp_path: Path) -> None:
    def what_is_open() -> tuple[int, int]:
        gc.collect()  # multiprocessing closes some of its files when its objects go
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    def use() -> None:
        workforce = workers(n_workers=2)
        do(workforce, order_of("greet", tmp_path))
        with pytest.raises(HanolabError):
            do(workforce, order_of("crash", tmp_path))
        workforce.close()

    use()  # starts what multiprocessing keeps for the whole process
    before = what_is_open()
    use()
    assert what_is_open() == before
