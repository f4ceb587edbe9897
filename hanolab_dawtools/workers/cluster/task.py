"""What runs on a worker of dask's: one order, in a thread of the worker's process.

Found by name on the worker, so the package must be installed there; all else an order brings.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.events import Progress
from hanolab_dawtools.workers.cluster.quiet import send_to_our_log
from hanolab_dawtools.workers.far import Site, do_far
from hanolab_dawtools.workers.versions import Facts, misfit

if TYPE_CHECKING:
    from distributed import Worker

_TICK_SECONDS = 0.2
_REPORT_SECONDS = 0.5  # between two reports of one order

_log = logging.getLogger(__name__)


def do_here(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do a packed order on this worker, unless its versions are wrong."""
    from distributed import get_worker  # noqa: PLC0415 - dask is loaded where it is used

    worker = get_worker()
    site = site_of(package["maker"], json.dumps(package["setup"], sort_keys=True))
    _step_back(package["nice"])
    wrong = misfit(package["wanted"], site.facts)
    if wrong:
        return {"worker": worker.address, "misfit": wrong}
    stop = _Cancelled(worker, worker.get_current_task())
    reports = _Reports(worker, package["topic"], package["id"])
    scratch = Path(worker.local_directory)
    return {"worker": worker.address, **do_far(site, package, scratch, stop, reports)}


def look(maker: str, setup: Mapping[str, Any]) -> Facts:
    """The versions on this worker."""
    return dict(site_of(maker, json.dumps(setup, sort_keys=True)).facts)


@cache
def site_of(maker: str, setup: str) -> Site:
    """What this process does orders with; `maker` is "module:name", `setup` JSON."""
    module, _, name = maker.partition(":")
    site: Site = getattr(import_module(module), name)(json.loads(setup))
    return site


def dask_setup(_worker: Worker) -> None:
    """Called by dask in workers that we started: they are silent, and leave Ctrl-C to us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    send_to_our_log()


class _Cancelled:
    """A stop flag: set when the scheduler wants the task no more, or the worker is to end."""

    def __init__(self, worker: Worker, key: Any) -> None:
        self._worker, self._key = worker, key

    def is_set(self) -> bool:
        """Whether nobody waits for the order any more."""
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state == "cancelled" or self._worker.status.name != "running"

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until stopped or timed out; True when stopped."""
        ends = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not self.is_set():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, _TICK_SECONDS))
        return True


class _Reports:
    """Tells the owner how far an order is: each new step, and now and then within one."""

    def __init__(self, worker: Worker, topic: str, order_id: str) -> None:
        self._worker, self._topic, self._order_id = worker, topic, order_id
        self._step, self._told_at = "", 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.step == self._step and now - self._told_at < _REPORT_SECONDS:
            return
        self._step, self._told_at = progress.step, now
        self._worker.log_event(self._topic, {"order": self._order_id, **vars(progress)})


def _step_back(nice: int) -> None:
    """Let the user's own programs go first; never the other way."""
    if hasattr(os, "nice") and os.nice(0) < nice:
        os.nice(nice - os.nice(0))
