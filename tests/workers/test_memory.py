"""How much memory orders are known to need, and that no more are done at once than fit."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fakes.worker_doers import make_doer, order_of

from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.workers.base import WorkDone, WorkOrder
from hanolab_dawtools.workers.footprint import Footprint, footprint, forget_peak
from hanolab_dawtools.workers.memory import OTHER_BYTES, PREVIEW_BYTES, SEPARATION_BYTES, Needs
from hanolab_dawtools.workers.processes import WorkerProcesses

MB = 1_000_000
SOON_SECONDS = 10.0


@pytest.fixture
def sentences() -> list[str]:
    return []


@pytest.fixture
def with_memory(sentences: list[str]) -> Iterator[Callable[[int], WorkerProcesses]]:
    """Two workers that may hold so many bytes together."""
    made: list[WorkerProcesses] = []

    def make(memory_bytes: int) -> WorkerProcesses:
        options: dict[str, Any] = {"memory_bytes": memory_bytes, "nice": 0}
        made.append(WorkerProcesses(make_doer, {}, n_workers=2, **options, told=sentences.append))
        return made[-1]

    yield make
    for one in made:
        one.close()


def do(workforce: WorkerProcesses, order: WorkOrder) -> WorkDone:
    return workforce.do(order, stop=NeverStop(), progress=ignore_progress)


def do_all(workforce: WorkerProcesses, orders: list[WorkOrder]) -> list[WorkDone]:
    with ThreadPoolExecutor(len(orders)) as threads:
        futures = [threads.submit(do, workforce, order) for order in orders]
        return [future.result(SOON_SECONDS) for future in futures]


def test_separating_needs_most_and_other_steps_of_the_same_job_less(tmp_path: Path) -> None:
    needs = Needs()
    assert needs.of(order_of("work", tmp_path, kind="separate")) == SEPARATION_BYTES
    assert needs.of(order_of("work", tmp_path, kind="convert")) == PREVIEW_BYTES
    assert needs.of(order_of("capture", tmp_path, kind="separate")) == OTHER_BYTES
    assert needs.of(order_of("work", tmp_path)) == OTHER_BYTES


def test_what_workers_report_raises_the_need_of_orders_like_it(tmp_path: Path) -> None:
    needs, order = Needs(), order_of("capture", tmp_path, kind="separate")
    needs.learn(order, Footprint(100 * MB, 100 * MB), Footprint(900 * MB, 120 * MB))
    assert needs.of(order) == 900 * MB
    assert needs.of(order_of("work", tmp_path, kind="separate")) == SEPARATION_BYTES


def test_what_a_worker_held_before_says_nothing_of_the_order(tmp_path: Path) -> None:
    needs, order = Needs(), order_of("capture", tmp_path, kind="separate")
    needs.learn(order, Footprint(800 * MB, 800 * MB), Footprint(820 * MB, 810 * MB))
    assert needs.of(order) == OTHER_BYTES


def test_a_need_is_never_estimated_below_what_was_measured(tmp_path: Path) -> None:
    needs, order = Needs(), order_of("work", tmp_path, kind="separate")
    needs.learn(order, Footprint(100 * MB, 100 * MB), Footprint(200 * MB, 200 * MB))
    assert needs.of(order) == SEPARATION_BYTES


def test_orders_that_do_not_fit_together_are_done_one_after_the_other(
    with_memory: Callable[[int], WorkerProcesses], tmp_path: Path, sentences: list[str]
) -> None:
    workforce = with_memory(SEPARATION_BYTES + OTHER_BYTES)
    orders = [order_of("work", tmp_path, kind="separate")] * 4
    assert not any(done.outcomes["work"] for done in do_all(workforce, orders))
    (sentence,) = sentences
    assert "needs about 650 MB of memory" in sentence
    assert "may use 950 MB: fewer than 2 are worked on at once" in sentence


def test_orders_that_fit_together_are_done_together(
    with_memory: Callable[[int], WorkerProcesses], tmp_path: Path, sentences: list[str]
) -> None:
    workforce = with_memory(2 * OTHER_BYTES)
    orders = [order_of("meet", tmp_path)] * 2
    assert all(done.outcomes["meet"] for done in do_all(workforce, orders))
    assert not sentences


def test_an_order_that_never_fits_is_done_alone(
    with_memory: Callable[[int], WorkerProcesses], tmp_path: Path
) -> None:
    workforce = with_memory(1)
    orders = [order_of("stay", tmp_path)] * 3
    assert not any(done.outcomes["stay"] for done in do_all(workforce, orders))


def test_a_worker_that_waits_ends_when_its_memory_is_needed(
    with_memory: Callable[[int], WorkerProcesses], tmp_path: Path
) -> None:
    workforce = with_memory(2 * OTHER_BYTES)
    pids = {done.outcomes["pid"] for done in do_all(workforce, [order_of("meet", tmp_path)] * 2)}
    greedy = order_of("fill", tmp_path, n_bytes=2 * OTHER_BYTES)
    warm = do(workforce, greedy).outcomes["pid"]  # from now on it is known what that needs
    assert warm in pids
    assert do(workforce, greedy).outcomes["pid"] == warm
    (other,) = pids - {warm}
    assert not Path(f"/proc/{other}").exists()


def test_the_peak_is_told_since_it_was_forgotten() -> None:
    forget_peak()
    filled = bytearray(200 * MB)
    full = footprint()
    del filled
    forget_peak()
    after = footprint()
    assert full.peak_bytes >= full.held_bytes > 200 * MB
    assert after.peak_bytes < full.peak_bytes - 150 * MB
