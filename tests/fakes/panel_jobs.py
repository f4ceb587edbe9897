"""The presenters of jobs around real services, with the GUI thread played by the test."""

from __future__ import annotations

import queue as queues
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from fakes.acts import DEADLINE_SECONDS
from fakes.engines import ShareEngine
from fakes.services import ShareServices

from hanolab_dawtools.engines.local.tensors import FILE_BYTES
from hanolab_dawtools.engines.local.weights import WEIGHTS_NAME
from hanolab_dawtools.events import raise_if_stopped
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.running import RunningPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.planning import Asked, make_plans

RATE = 44_100
PAUSE_SECONDS = 0.01  # as an event loop that has nothing to do


class Loop:
    """Implements `presenters.observing.Dispatcher`; the test runs it."""

    def __init__(self) -> None:
        self._acts: queues.SimpleQueue[Callable[[], None]] = queues.SimpleQueue()

    def post(self, act: Callable[[], None]) -> None:
        self._acts.put(act)

    def turn(self) -> None:
        """Run an act, or wait a moment for one."""
        try:
            act = self._acts.get(timeout=PAUSE_SECONDS)
        except queues.Empty:
            return
        act()


class GatedEngine(ShareEngine):
    """An engine whose work waits at a gate, and that counts who works at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.n_at_once = self.most_at_once = 0

    def finish(self, ticket, folder, stop, progress):
        with self.lock:
            self.n_at_once += 1
            self.most_at_once = max(self.n_at_once, self.most_at_once)
        try:
            while not self.gate.wait(PAUSE_SECONDS):
                raise_if_stopped(stop)
            return super().finish(ticket, folder, stop, progress)
        finally:
            with self.lock:
                self.n_at_once -= 1


class PanelJobs:
    """Queue, cost and running of one panel; `new_services` joins the parts anew in each thread."""

    def __init__(self, new_services: Callable[[], Services]) -> None:
        self.new_services = new_services
        self.services = new_services()
        self.loop = Loop()
        self.workers = Workers(self.loop)
        self.messages = MessagesPresenter()
        self.cost = CostPresenter()
        self.queue = QueuePresenter(
            self.services, self.workers, self.messages, self.cost, new_services=new_services
        )
        self.running = RunningPresenter(
            self.services, self.workers, self.cost, self.queue, self.messages
        )

    def until(self, is_true: Callable[[], object]) -> None:
        """Let the panel work until something is true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not is_true():
            assert time.monotonic() < deadline, f"{self.queue.view}\n{self.messages.view.current}"
            self.queue.tick()
            self.loop.turn()

    def row(self, job_id: str):
        """A job's row; None when it is not shown."""
        return next((row for row in self.queue.view.rows if row.id == job_id), None)

    def until_phase(self, job_id: str, phase: str) -> None:
        """Let the panel work until a job stands so."""
        self.until(lambda: (row := self.row(job_id)) is not None and row.phase == phase)

    def details(self, job_id: str):
        """What the panel tells of a job."""
        self.queue.select("")
        self.queue.select(job_id)
        self.until(lambda: self.queue.view.details is not None)
        return self.queue.view.details

    def lay_down_weights(self) -> None:
        """A file that passes for weights as long as nobody reads it."""
        path = self.services.weights._weights_path(WEIGHTS_NAME)
        path.parent.mkdir(parents=True)
        with path.open("wb") as stream:
            stream.truncate(FILE_BYTES)

    def plan(self, source: Path, *, engine: str = "none", **changes) -> str:
        """A new job that separates a file; its id."""
        asked = Asked(RequestKind.SEPARATE, engine, Wanted(), {"stems": 2})
        made = make_plans(asked, self.services.host(source), self.services.engine(engine))[0]
        return self.services.create_job(replace(made, **changes)).id

    def close(self) -> None:
        """As the window does when it is closed."""
        self.queue.close()
        self.workers.close()
        self.services.__exit__()


def share_panel(home: Path, engine: ShareEngine | None = None) -> PanelJobs:
    """A panel whose engine's stems are known."""
    known = engine or ShareEngine()
    return PanelJobs(lambda: ShareServices(home, known))


def write_music(path: Path, seconds: float = 1.0, seed: int = 0) -> Path:
    """A file of stereo noise."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (round(RATE * seconds), 2))
    soundfile.write(path, noise, RATE, "FLOAT")
    return path
