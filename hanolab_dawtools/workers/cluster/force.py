"""The workforce of a cluster: orders out, results in, workers that do not fit left out.

Through the scheduler go plain data alone (see `workers.portable`), audio by an `Exchange`. A
worker that dies has its order done elsewhere, by dask's own count (three times). When an order is
given up, or its owner dies, dask cancels its task, which the worker sees within a second.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.errors import JobCancelled, SetupError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.redaction import without_signatures
from hanolab_dawtools.workers.base import WorkDone, WorkOrder
from hanolab_dawtools.workers.cluster import task
from hanolab_dawtools.workers.cluster.line import Line
from hanolab_dawtools.workers.exchange import Exchange, Lent, Where, check_content
from hanolab_dawtools.workers.portable import Places, failure_from_data
from hanolab_dawtools.workers.versions import Facts, lacks, misfit

if TYPE_CHECKING:
    from distributed import Future

N_SLOTS = 32  # results of one order; no engine gives more than a dozen stems
_TICK_SECONDS = 0.1
_LOOK_SECONDS = 2.0  # between two looks whether an order's only workers are still there
_TRIES = 3  # workers that an order is given to whose set-up fails it
_SAME_VERSIONS = "Install the same versions on the workers: docs/cluster.md"

_log = logging.getLogger(__name__)


@dataclass
class Moved:
    """Bytes that an exchange moved for orders: out to workers, and back in."""

    n_out: int = 0
    n_in: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, *, n_out: int = 0, n_in: int = 0) -> None:
        """Count what went over."""
        with self._lock:
            self.n_out += n_out
            self.n_in += n_in


@dataclass(frozen=True)
class FarSide:
    """What is the same for all orders of a cluster, as plain data.

    Attributes
    ----------
    maker
        Module and name of the `SiteMaker`, joined by a colon.
    setup
        What it is called with, JSON values.
    wanted
        The versions that a worker must have; see `workers.versions`.
    nice
        How far workers that are started here step back behind the user's programs, 0..19.
    """

    maker: str
    setup: Mapping[str, Any]
    wanted: Facts
    nice: int = 0


class Cluster:
    """Implements `Workforce` by a dask cluster.

    Parameters
    ----------
    address
        Of a scheduler ("tcp://host:8786", "tls://…"), or "local:N" for N workers on this machine.
    side, exchange
        What workers are told, and how files come to them; the exchange is closed with this.
    scratch
        Of this process alone: where workers that are started here keep what they work on.
    hidden
        Variables that hold secrets, which workers that are started here do not inherit.
    warn
        Told, one sentence each, which workers get no orders, or not all.

    Raises
    ------
    UsageError
        The address is none.
    ExtraMissing
        dask is not installed.
    SetupError
        Nobody answers there, no worker comes, or none fits.
    JobCancelled
    """

    def __init__(
        self,
        address: str,
        side: FarSide,
        exchange: Exchange,
        *,
        scratch: Path,
        stop: Stop,
        hidden: Sequence[str] = (),
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.moved = Moved()
        self._side, self._exchange, self._warn = side, exchange, warn
        self._closed = threading.Event()
        self._unfit: dict[str, str] = {}
        self._heard: dict[str, Progress] = {}
        self._topic = f"hanolab-{uuid.uuid4().hex}"
        self._line = Line.opened(address, scratch, hidden)
        try:
            self._line.wait_for_workers(stop)
            self._look_at_workers()
            self._line.hear(self._topic, self._hear)
        except BaseException:
            self.close()
            raise

    @property
    def n_workers(self) -> int:
        """How many orders the workers do at the same time, as many as there are now."""
        return max(1, sum(self._line.threads().values()))

    def do(self, order: WorkOrder, *, stop: Stop, progress: ProgressCallback) -> WorkDone:
        """Have a worker do the order; see `Workforce`.

        Files of the last step come back. Those of the steps before it stay with the worker, and
        are gone: `WorkDone.away` names these steps. An order that fails brings nothing back.

        Raises
        ------
        TryLater
            The cluster is gone; the job stays where it is.
        WorkerDied, JobCancelled
        """
        order_id = uuid.uuid4().hex
        slots = self._exchange.slots(order_id, N_SLOTS)
        lent: list[Lent] = []
        n_used = N_SLOTS
        try:
            inputs = {}
            for number, path in enumerate(dict.fromkeys(order.inputs)):
                lent.append(self._exchange.lend(path, stop=stop, progress=progress))
                inputs[f"{number}-{lent[-1].name}"] = path  # two may have the same content
            places = Places(order.folder, inputs)
            package = {
                "id": order_id,
                "job": places.packed(without_signatures(order.job)),
                "steps": list(order.steps),
                "handle_seconds": order.handle_seconds,
                "inputs": [
                    {**vars(one), "name": name} for name, one in zip(inputs, lent, strict=True)
                ],
                "slots": list(slots),
                "topic": self._topic,
                **vars(self._side),
            }
            answer = self._answered(package, stop, progress)
            n_used = len(answer["files"])
            self._take(answer, slots, places, stop, progress)
            self.moved.add(n_out=sum(one.n_bytes for one in lent))
            return _done(answer, order, places)
        finally:
            self._heard.pop(order_id, None)
            self._exchange.clear(slots[:n_used])
            for one in lent:
                self._exchange.give_back(one)

    def close(self) -> None:
        """See `Workforce`; what waits in `do` raises `JobCancelled`."""
        if not self._closed.is_set():
            self._closed.set()
            self._line.close()
            self._exchange.close()

    def _answered(
        self, package: Mapping[str, Any], stop: Stop, progress: ProgressCallback
    ) -> Mapping[str, Any]:
        """What a worker says of an order; one that cannot do it leaves it to others."""
        tried: set[str] = set()
        while True:
            answer = self._asked(package, tried, stop, progress)
            if answer is None:
                continue
            worker = str(answer["worker"])
            if "misfit" in answer:
                self._refuse(worker, str(answer["misfit"]))
                continue
            failure = answer["failure"] and failure_from_data(answer["failure"])
            tried.add(worker)
            others = set(self._line.threads()) - tried - set(self._unfit)
            if not (isinstance(failure, SetupError) and others and len(tried) < _TRIES):
                return answer
            _log.info("%s cannot do order %s: %s", worker, package["id"], failure)

    def _asked(
        self, package: Mapping[str, Any], tried: set[str], stop: Stop, progress: ProgressCallback
    ) -> Mapping[str, Any] | None:
        """What one worker answers; None: ask again, the workers are not the same any more."""
        avoided = tried | set(self._unfit)
        workers = sorted(set(self._line.threads()) - avoided) if avoided else None
        if workers == [] and self._unfit:
            raise SetupError(
                f"no worker of the cluster can be used: {next(iter(self._unfit.values()))}",
                hint=_SAME_VERSIONS,
            )
        future = self._line.submit(package, workers or None)
        try:
            if not self._awaited(future, package["id"], workers, stop, progress):
                return None
            return self._line.result(future)
        except (ImportError, AttributeError) as error:
            n_unfit = len(self._unfit)
            self._look_at_workers()
            if len(self._unfit) == n_unfit:
                raise SetupError(
                    f"a worker of the cluster cannot load the program: {error}",
                    hint=_SAME_VERSIONS,
                ) from error
            return None
        finally:
            self._line.forget(future)

    def _awaited(
        self,
        future: Future[Any],
        order_id: str,
        workers: Sequence[str] | None,
        stop: Stop,
        progress: ProgressCallback,
    ) -> bool:
        """Wait for an order; False when none of the only workers it may go to is left."""
        finished = threading.Event()
        future.add_done_callback(lambda _: finished.set())
        told: Progress | None = None
        began = time.monotonic()
        while not finished.wait(_TICK_SECONDS):
            self._raise_if_over(stop)
            self._line.check()
            heard = self._heard.get(order_id, Progress("waiting for a worker"))
            if heard is not told:
                told = heard
                progress(heard)
            if workers and time.monotonic() - began > _LOOK_SECONDS:
                began = time.monotonic()
                if not set(workers) & set(self._line.threads()):
                    return False
        self._raise_if_over(stop)
        return True

    def _raise_if_over(self, stop: Stop) -> None:
        if stop.is_set() or self._closed.is_set():
            raise JobCancelled(
                "stopped before the work was finished", hint="Resume the job any time."
            )

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Take a worker's report; on dask's thread."""
        _, message = event
        order_id = str(message["order"])
        self._heard[order_id] = Progress(
            str(message["step"]), message["fraction"], float(message["audio_seconds"])
        )

    def _look_at_workers(self) -> None:
        """Compare the versions of all workers; say which get no orders.

        Raises
        ------
        SetupError
            None is left.
        """
        side = self._side
        found = self._line.everywhere(task.look, side.maker, dict(side.setup))
        for worker, facts in found.items():
            if not isinstance(facts, Mapping):
                self._refuse(worker, f"it cannot load the program ({facts})")
                continue
            wrong = misfit(side.wanted, facts)
            if wrong:
                self._refuse(worker, wrong)
            for lack in lacks(side.wanted, facts):
                self._warn(f"worker {worker} has no {lack}: what needs them is done elsewhere")
        if found and not set(found) - set(self._unfit):
            raise SetupError(
                f"no worker of the cluster can be used: {next(iter(self._unfit.values()))}",
                hint=_SAME_VERSIONS,
            )

    def _refuse(self, worker: str, why: str) -> None:
        if worker not in self._unfit:
            self._unfit[worker] = f"worker {worker} gets no orders: {why}"
            self._warn(self._unfit[worker])

    def _take(
        self,
        answer: Mapping[str, Any],
        slots: tuple[Where, ...],
        places: Places,
        stop: Stop,
        progress: ProgressCallback,
    ) -> None:
        for one in answer["files"]:
            path = places.path(one["parts"])
            self._exchange.take(slots[one["slot"]], path, stop=stop, progress=progress)
            check_content(path, one["digest"], one["n_bytes"], stop)
            self.moved.add(n_in=one["n_bytes"])


def _done(answer: Mapping[str, Any], order: WorkOrder, places: Places) -> WorkDone:
    outcomes = places.unpacked(answer["outcomes"])
    failure = answer["failure"] and failure_from_data(answer["failure"])
    if failure is not None:
        there = Places(
            Path(answer["folder"]), {name: Path(path) for name, path in answer["inputs"].items()}
        )
        message = places.told(str(failure), there)
        failure.args = (f"worker {answer['worker']}: {message}",)
    is_whole = failure is None
    away = tuple(name for name in outcomes if not (is_whole and name == order.steps[-1]))
    return WorkDone(outcomes, failure, answer["worker"], answer["cpu_seconds"], away)
