"""2000 jobs in the panel's queue: first picture, scrolling, and stops of the GUI thread.

A store with 2000 jobs, one of which is claimed and changes its state five times a second, is shown
while a watchdog asks the event loop every 5 ms for its turn. Beside it, in the same run: the same
rows in a `QTableWidget` that is filled anew at each look, as a list without a model does it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem

from hanolab_dawtools.jobs.model import Failure, JobState
from hanolab_dawtools.model import HostName, RequestKind, Selection
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.queue_view import QueueView
from hanolab_dawtools.qt.theme import apply_theme, current_theme
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import to_json

N_JOBS, N_SCROLLS, WATCHED_SECONDS = 2000, 100, 10.0
SIZE = (1000, 420)
ENDS = (JobState.FAILED, JobState.CANCELLED, None)


def main() -> None:
    """Measure, and print milliseconds."""
    application = QApplication([])
    apply_theme(application, current_theme())
    with tempfile.TemporaryDirectory() as home:
        where = Folders(*(Path(home) / name for name in ("config", "data", "cache", "logs")))
        with Services(Settings(), where) as services:
            fill(services)
            measure(application, services)


def fill(services: Services) -> None:
    """Jobs of all kinds of ends."""
    store = services.store
    with store._database.writing() as connection:  # noqa: SLF001 - one commit instead of 2000
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    failure = Failure("finish", "the storage refused to sign", "Check its key.", 6, can_resume=True)
    for number in range(N_JOBS):
        selection = Selection(
            HostName.AUDIO_FILE,
            Path(f"/music/song {number}.wav"),
            f"song {number}",
            0,
            200,
            "whole",
        )
        plan = RunPlan(selection, RequestKind.SEPARATE, ("local", "hanolab")[number % 2])
        job = store.create(plan.kind.value, plan.title, to_json(plan))
        end = ENDS[number % len(ENDS)]
        if end is not None:
            with store.claim(job.id) as claim:
                told = failure if end is JobState.FAILED else None
                store.record(job.id, end, claim=claim, failure=told)


def measure(application: QApplication, services: Services) -> None:
    """First picture, paints while scrolling, and the longest stops of the GUI thread."""
    idle = turns(application, WATCHED_SECONDS)
    print(f"the machine alone: longest stop {max(idle):.1f} ms, without any queue")
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    queue = QueuePresenter(services, workers, MessagesPresenter(), CostPresenter())
    started = time.perf_counter()
    view = QueueView(queue)
    view.resize(*SIZE)
    view.show()
    spin(application, lambda: len(queue.view.rows) == N_JOBS)
    view.grab()
    print(f"{N_JOBS} jobs: first picture after {1e3 * (time.perf_counter() - started):.0f} ms")
    bar = view.table.verticalScrollBar()
    assert bar is not None
    paints = []
    for number in range(N_SCROLLS):
        bar.setValue(bar.maximum() * number // N_SCROLLS)
        paints.append(milliseconds(view.table.grab))
    print(f"scrolling: median paint {statistics.median(paints):.1f} ms, worst {max(paints):.1f} ms")
    searches = [
        milliseconds(lambda text=text: queue.search(text)) for text in ("song 19", "fail", "")
    ]
    print(f"search and filter: worst {max(searches):.1f} ms")
    stops = watched(application, services, queue)
    print(
        f"GUI thread over {WATCHED_SECONDS:.0f} s with a job that changes: "
        f"longest stop {max(stops):.1f} ms, 99th percentile "
        f"{statistics.quantiles(stops, n=100)[-1]:.1f} ms (wanted: under 50)"
    )
    peer = statistics.median(milliseconds(lambda: refilled(queue)) for _ in range(3))
    print(f"a QTableWidget that is filled anew: {peer:.0f} ms at each look")
    view.close()
    queue.close()
    workers.close()
    dispatcher.close()


def turns(application: QApplication, seconds: float) -> list[float]:
    """How far apart the event loop's turns are, in milliseconds."""
    found: list[float] = []
    last = time.perf_counter()

    def turn() -> None:
        nonlocal last
        now = time.perf_counter()
        found.append(1e3 * (now - last))
        last = now

    timer = QTimer()
    timer.timeout.connect(turn)
    timer.start(5)
    ends = time.monotonic() + seconds
    spin(application, lambda: time.monotonic() > ends)
    timer.stop()
    return found


def watched(application: QApplication, services: Services, queue: QueuePresenter) -> list[float]:
    """The turns of the event loop while jobs change."""
    job_id = services.store.list(limit=1)[0].id
    ends = time.monotonic() + WATCHED_SECONDS

    def change(_: object) -> None:
        with Services(services.settings, services.folders) as own:
            while time.monotonic() < ends:
                with own.store.claim(job_id) as claim:
                    own.store.record(job_id, JobState.CANCELLED, claim=claim)
                    own.store.record(job_id, JobState.PLANNED, claim=claim)
                time.sleep(0.2)

    workers = Workers(QtDispatcher(), n_threads=1)
    workers.run("change", change, done=lambda _: None, failed=lambda _: None)
    queue.select(job_id)
    found = turns(application, WATCHED_SECONDS + 0.5)
    workers.close()
    return found


def refilled(queue: QueuePresenter) -> None:
    """The peer: a table of items, made anew."""
    table = QTableWidget(len(queue.view.rows), 5)
    for at, row in enumerate(queue.view.rows):
        for column, text in enumerate((row.title, row.state, row.engine, row.cost, row.id)):
            table.setItem(at, column, QTableWidgetItem(text))
    table.resize(*SIZE)
    table.grab()


def milliseconds(act: Callable[[], object]) -> float:
    """How long an act takes."""
    started = time.perf_counter()
    act()
    return 1e3 * (time.perf_counter() - started)


def spin(application: QApplication, is_true: Callable[[], bool]) -> None:
    """Let the event loop run until something is true."""
    while not is_true():
        application.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    main()
