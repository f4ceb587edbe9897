"""The connection to a dask scheduler, or a small cluster of our own on this machine.

Dask's exceptions end here, and its warnings: versions are compared by `workers.versions`.
"""

from __future__ import annotations

import logging
import shutil
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.errors import ExtraMissing, SetupError, TryLater, UsageError, WorkerDied
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.workers.cluster import task
from hanolab_dawtools.workers.cluster.quiet import send_to_our_log

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

LOCAL = "local:"
CONNECT_SECONDS = 15.0
WORKERS_SECONDS = 60.0  # for the first worker of a cluster to appear
_TICK_SECONDS = 0.2
_CLOSE_SECONDS = 5
_GUIDE = "docs/cluster.md says how to start a scheduler and workers."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """A client, and the cluster that was started for it, if any, with its folder."""

    address: str
    client: Client
    started: LocalCluster | None = None
    scratch: Path | None = None

    @classmethod
    def opened(cls, address: str, scratch: Path, hidden: Sequence[str] = ()) -> Line:
        """Connect to a scheduler, or start "local:N" with its files below `scratch`.

        `hidden` are variables that workers do not inherit.

        Raises
        ------
        UsageError, ExtraMissing, SetupError
        """
        n_workers = local_workers(address)
        with _quietly():
            try:
                from distributed import Client  # noqa: PLC0415 - half a second
            except ImportError as error:
                raise ExtraMissing(
                    f"a cluster needs dask.distributed: {error}",
                    hint="Install it with: pip install 'hanolab_dawtools[cluster]'",
                ) from error
            send_to_our_log()
            options: Mapping[str, Any] = {"timeout": CONNECT_SECONDS, "set_as_default": False}
            if n_workers:
                started = _started(n_workers, scratch, hidden)
                return cls(address, Client(started, **options), started, scratch)
            try:
                return cls(address, Client(address, **options))
            except (OSError, TimeoutError) as error:
                raise SetupError(
                    f"no scheduler answers at {address}: {_first_line(error)}", hint=_GUIDE
                ) from error
            except ValueError as error:
                raise UsageError(
                    f"{address!r} is no address of a scheduler: {_first_line(error)}",
                    hint="Write it as tcp://host:8786, or local:2 for two workers here.",
                ) from error

    def wait_for_workers(self, stop: Stop) -> None:
        """Wait until there is one.

        Raises
        ------
        SetupError
            None came.
        JobCancelled
        """
        ends = time.monotonic() + WORKERS_SECONDS
        while not self.threads():
            raise_if_stopped(stop)
            if time.monotonic() > ends:
                raise SetupError(f"the cluster at {self.address} has no workers", hint=_GUIDE)
            time.sleep(_TICK_SECONDS)

    def threads(self) -> Mapping[str, int]:
        """How many orders each worker does at the same time, by its address."""
        with self._translated():
            workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return {address: worker["nthreads"] for address, worker in workers.items()}

    def check(self) -> None:
        """Raise `TryLater` when the scheduler is gone."""
        if self.client.status != "running":
            raise self._lost()

    def submit(self, package: Mapping[str, Any], workers: Sequence[str] | None) -> Future[Any]:
        """Send an order to any worker, or to one of these."""
        key = f"hanolab-{uuid.uuid4().hex}"
        with self._translated():
            return self.client.submit(task.do_here, package, key=key, workers=workers, pure=False)

    def result(self, future: Future[Any]) -> Mapping[str, Any]:
        """What a finished order gave.

        Raises
        ------
        WorkerDied
            As many workers died over it as dask allows.
        TryLater
            The cluster is gone.
        """
        from distributed import KilledWorker  # noqa: PLC0415 - loaded by now

        if future.status in {"cancelled", "lost"}:
            raise self._lost()
        try:
            with self._translated():
                answer: Mapping[str, Any] = future.result()
        except KilledWorker as error:
            raise WorkerDied(
                f"{error.allowed_failures + 1} workers of the cluster died over it one after the"
                f" other, the last one {error.last_worker.address}",
                hint="Perhaps out of memory: give the workers more, or start fewer of them.",
            ) from error
        return answer

    def forget(self, future: Future[Any]) -> None:
        """Have an order given up, if it is not done."""
        with suppress(OSError, TimeoutError, RuntimeError):  # a loop that is closed, or closing
            if not future.done() and self.client.status == "running":
                future.cancel()
            future.release()

    def hear(self, topic: str, handler: Callable[[tuple[float, Any]], None]) -> None:
        """Have a handler called, on dask's thread, with what workers tell about a topic."""
        self.client.subscribe_topic(topic, handler)

    def everywhere(self, act: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
        """What a function gives on each worker, by address; exceptions are values.

        One that died meanwhile is left out.
        """
        from distributed.comm.core import CommClosedError  # noqa: PLC0415 - loaded by now

        with self._translated():
            found: Mapping[str, Any] = self.client.run(act, *arguments, on_error="return")
        return {
            one: facts for one, facts in found.items() if not isinstance(facts, CommClosedError)
        }

    def close(self) -> None:
        """End the connection, and the cluster if it was started here; idempotent."""
        with _quietly():
            with suppress(OSError, TimeoutError):
                self.client.close(timeout=_CLOSE_SECONDS)
            if self.started:
                with suppress(OSError, TimeoutError):
                    self.started.close(timeout=_CLOSE_SECONDS)
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _lost(self) -> TryLater:
        return TryLater(
            f"the cluster at {self.address} is gone: its scheduler does not answer",
            hint="Nothing is lost. When it is back, go on with: hanolab jobs resume",
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from distributed.comm.core import CommClosedError  # noqa: PLC0415 - loaded by now

        try:
            yield
        except (CommClosedError, TimeoutError, OSError) as error:
            _log.info("the cluster at %s: %s", self.address, error)
            raise self._lost() from error


def local_workers(address: str) -> int:
    """The N of "local:N"; 0 for the address of a scheduler.

    Raises
    ------
    UsageError
    """
    if not address.startswith(LOCAL):
        return 0
    text = address.removeprefix(LOCAL)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1024):
        raise UsageError(
            f"{address!r} is no cluster: local:N needs the number of workers",
            hint="For two workers on this machine: local:2",
        )
    return int(text)


def _started(n_workers: int, scratch: Path, hidden: Sequence[str]) -> LocalCluster:
    """A cluster on this machine, which only this process can talk to (TLS)."""
    from distributed import LocalCluster  # noqa: PLC0415 - loaded by now
    from distributed.security import Security  # noqa: PLC0415 - as above

    scratch.mkdir(parents=True, exist_ok=True)
    return LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        security=Security.temporary(),
        local_directory=str(scratch),
        memory_limit=0,
        preload=[task.__name__],
        env=dict.fromkeys(hidden, ""),
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Dask warns of what a user cannot change: ports in use, versions that we compare ourselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
