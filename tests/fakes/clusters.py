"""Real dask schedulers and workers on this machine, each a process of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

START_SECONDS = 60.0


@dataclass
class DaskCluster:
    """A running scheduler, to which workers can be added; all end with the test."""

    folder: Path
    address: str
    scheduler: subprocess.Popen[bytes]
    stack: ExitStack
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, environment: Mapping[str, str] | None = None, *options: str) -> Path:
        """Start a worker, under a nanny that starts it again when it dies; its scratch folder."""
        scratch = self.folder / f"worker-{len(self.workers)}"
        command = ("worker", self.address, "--nthreads", "1", "--local-directory", str(scratch))
        given = {"PYTHONPATH": str(Path(__file__).parents[1]), **(environment or {})}
        made = _started(*command, "--no-dashboard", *options, environment=given)
        self.workers.append(made)
        self.stack.callback(_end, made)
        return scratch

    def wait_for(self, n_workers: int) -> None:
        """Wait until the scheduler knows so many workers."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n_workers, timeout=START_SECONDS)


@contextmanager
def dask_cluster(folder: Path) -> Iterator[DaskCluster]:
    """A scheduler without workers."""
    told = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    scheduler = _started("scheduler", "--scheduler-file", str(told), *options)
    with ExitStack() as stack:
        stack.callback(_end, scheduler)
        wait_until(told.exists)
        address = json.loads(told.read_text())["address"]
        yield DaskCluster(folder, address, scheduler, stack)


def wait_until(is_so: Callable[[], object], *, seconds: float = START_SECONDS) -> None:
    """Wait for something that another process does."""
    tick = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if is_so():
            return
        tick.wait(0.02)
    raise AssertionError("it did not happen")


def _started(
    kind: str, *options: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # a nanny takes its worker along
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
