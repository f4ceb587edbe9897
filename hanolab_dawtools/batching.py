"""Makes batches and runs them with the parts of `services`: their store, their ends, their workers.

A batch is made whole or not at all, and what each cell is to do is stored with it: any later
process on this machine goes on with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hanolab_dawtools.errors import JobBusy, UsageError
from hanolab_dawtools.events import Stop
from hanolab_dawtools.jobs.batches import Batch, NewJob
from hanolab_dawtools.jobs.model import JobSummary
from hanolab_dawtools.jobs.pauses import EitherStop
from hanolab_dawtools.worker_side import WorkerSetup, make_doer
from hanolab_dawtools.workers.base import Workforce
from hanolab_dawtools.workers.limits import usable_cores
from hanolab_dawtools.workers.processes import WorkerProcesses
from hanolab_dawtools.workflows.applying import Voices
from hanolab_dawtools.workflows.batch.history import RoadHistory
from hanolab_dawtools.workflows.batch.model import (
    BatchAsked,
    BatchOptions,
    BatchReport,
    Cell,
    Matrix,
)
from hanolab_dawtools.workflows.batch.planning import BatchMeans, plan_batch
from hanolab_dawtools.workflows.batch.reports import runnable, with_charges
from hanolab_dawtools.workflows.batch.running import BatchEnds, BatchListener, BatchRunner
from hanolab_dawtools.workflows.batch.together import group_of
from hanolab_dawtools.workflows.local_work import LocalWork
from hanolab_dawtools.workflows.orders import OrderedWork
from hanolab_dawtools.workflows.outcomes import plan_of
from hanolab_dawtools.workflows.stored import to_json

if TYPE_CHECKING:
    from hanolab_dawtools.audio.plugins import PluginRack
    from hanolab_dawtools.cloud.client import HanoLabClient
    from hanolab_dawtools.engines.base import Engine
    from hanolab_dawtools.engines.local.weights import WeightsStore
    from hanolab_dawtools.hosts.base import Host
    from hanolab_dawtools.jobs.store import JobStore
    from hanolab_dawtools.model import HostName, Selection
    from hanolab_dawtools.presets.library import PresetLibrary
    from hanolab_dawtools.settings import Folders
    from hanolab_dawtools.settings_fields import Settings
    from hanolab_dawtools.workflows.road import Road

_SPARE_THREADS = 1  # a cell more than there are workers, so that none of them waits for its owner


class BatchParts(Protocol):
    """What a batch needs of the program; `Services` is one."""

    def host(self, source: Path) -> Host:
        """The host that a source means."""
        ...

    def host_name(self, source: Path) -> HostName:
        """What kind of host it is."""
        ...

    def host_for(self, selection: Selection) -> Host:
        """The host that a selection came from."""
        ...

    def engine(self, name: str) -> Engine:
        """The engine with this name."""
        ...

    def client(self) -> HanoLabClient:
        """The cloud's client."""
        ...

    @property
    def folders(self) -> Folders:
        """Where the program keeps its things."""
        ...

    @property
    def settings(self) -> Settings:
        """The user's settings."""
        ...

    @property
    def store(self) -> JobStore:
        """The job store."""
        ...

    @property
    def weights(self) -> WeightsStore:
        """The local engine's weights."""
        ...

    @property
    def presets(self) -> PresetLibrary:
        """The presets that there are."""
        ...

    @property
    def plugins(self) -> PluginRack:
        """The plug-ins that the user allowed."""
        ...

    @property
    def road(self) -> Road:
        """The road with its ends."""
        ...


class Batching:
    """Batches of the store that `services` opens."""

    def __init__(self, services: BatchParts) -> None:
        self._services = services

    def plan(self, asked: BatchAsked, *, stop: Stop, voices: Voices | None = None) -> Matrix:
        """All cells of what is asked for, with their quotes; see `plan_batch`.

        `voices` are those that presets may name; None: those of the account, which is asked.
        """
        services = self._services

        def of_account() -> Mapping[str, str]:
            return {model.id: model.name for model in services.client().voice_models(stop=stop)}

        means = BatchMeans(
            services,
            services.presets.get,
            services.settings.engine,
            services.weights.is_installed(),
            voices or of_account,
            services.plugins.installed(),
            services.road.objects,
            RoadHistory(services.road),
        )
        return plan_batch(asked, means, stop=stop)

    def create(self, asked: BatchAsked, matrix: Matrix) -> Batch:
        """Store a batch with a job for each cell that is not done already; none is started.

        Raises
        ------
        UsageError
            There is nothing to do.
        """
        cells = matrix.to_run
        if not cells:
            raise UsageError(
                "there is no cell to run: all of them are done already"
                if matrix.cells
                else "there is no cell to run",
                hint="Use --again to do them anew." if matrix.cells else "",
            )
        plan = {"asked": to_json(asked), "cells": [_facts_of(cell) for cell in cells]}
        jobs = [
            NewJob(cell.number, cell.plan.kind.value, cell.plan.title, to_json(cell.plan))
            for cell in cells
        ]
        return self._services.store.batches.create(_title_of(matrix), plan, jobs)

    def run(
        self,
        batch_id: str,
        options: BatchOptions,
        *,
        stop: Stop,
        listener: BatchListener,
        only_failed: bool = False,
        only: Collection[str] | None = None,
    ) -> BatchReport:
        """Run what is left of a batch to its end; a cell that fails raises nothing.

        `only`: ids of the cells to go on with; None: all.

        Raises
        ------
        JobBusy
            Another process runs it.
        HanolabError
            It could not be begun: the cluster is not there, the options make no sense.
        """
        services, began = self._services, time.monotonic()
        batches = services.store.batches
        batch = batches.get(batch_id)
        with batches.claim(batch.id) as claim, ExitStack() as stack:
            cells = batches.cells(batch.id)
            self._refuse_shared_projects(batch.id, cells)
            job_ids = runnable(cells, only_failed=only_failed)
            if only is not None:
                job_ids = {job_id for job_id in job_ids if job_id in only}
            either = EitherStop(stop, claim.stop)
            ends = self._ends_alone()
            if job_ids:
                ends = self._ends(batch.id, options, stack, either, listener)
            runner = BatchRunner(ends, cells, batch.plan["cells"], listener)
            runner.run(job_ids, either)
            if either.is_set():
                batches.cancel_open(claim)
        reports = with_charges(runner.reports, services.store.ledger.of_batch(batch.id))
        for before, report in zip(runner.reports, reports, strict=True):
            if report.credits != before.credits:
                listener.changed(report)
        return BatchReport(batch.id, reports, time.monotonic() - began)

    def _ends(
        self,
        batch_id: str,
        options: BatchOptions,
        stack: ExitStack,
        stop: Stop,
        listener: BatchListener,
    ) -> BatchEnds:
        """What a batch is run with; the stack closes it."""
        captures = others = stack.enter_context(closing(self._processes(options, listener.noted)))
        n_local = captures.n_workers + _SPARE_THREADS
        if options.cluster:
            cluster = self._cluster(batch_id, options, stop, listener.noted)
            others = stack.enter_context(closing(cluster))
            n_local = captures.n_workers + 2 * others.n_workers
        ends, services = self._ends_alone(), self._services
        here = LocalWork(services.host_for, services.engine, services.plugins)
        work = OrderedWork(here, captures, others)
        return replace(
            ends,
            road=replace(ends.road, labour=work),
            n_local=n_local,
            is_patient=options.is_patient,
            forget=work.forget,
        )

    def _refuse_shared_projects(self, batch_id: str, cells: Sequence[JobSummary]) -> None:
        """Raise `JobBusy` when another batch works on a project of this one.

        What one of them places mutes what the other has still to capture.
        """
        batches = self._services.store.batches
        others = [one.id for one in batches.list() if one.is_running and one.id != batch_id]
        projects = {group_of(plan_of(cell)) for cell in cells} - {""} if others else set()
        for other in others:
            for cell in batches.cells(other):
                plan = plan_of(cell)
                if group_of(plan) in projects:
                    project = plan.destination or plan.selection.source
                    raise JobBusy(
                        f"batch {other} works on {project} just now",
                        hint="Wait for it, then give the command again.",
                    )

    def _ends_alone(self) -> BatchEnds:
        services = self._services

        def is_paid(engine: str) -> bool:
            return services.engine(engine).capabilities().is_paid

        return BatchEnds(services.store, services.road, is_paid, n_local=1)

    def _setup(self) -> Mapping[str, Any]:
        services = self._services
        folders = tuple(str(folder) for folder in services.settings.plugin_folders)
        return WorkerSetup(str(services.weights.folder), folders).to_json()

    def _processes(self, options: BatchOptions, told: Callable[[str], None]) -> Workforce:
        return WorkerProcesses(
            make_doer,
            self._setup(),
            n_workers=options.n_jobs or usable_cores(),
            memory_bytes=options.memory_bytes,
            nice=options.nice,
            told=told,
        )

    def _cluster(
        self, batch_id: str, options: BatchOptions, stop: Stop, warn: Callable[[str], None]
    ) -> Workforce:
        from hanolab_dawtools.clustering import (  # noqa: PLC0415 - only a cluster needs it
            ClusterMeans,
            open_cluster,
        )

        services = self._services
        means = ClusterMeans(services.settings, services.weights.folder, services.folders.cache)
        return open_cluster(
            options.cluster, means, name=batch_id, nice=options.nice, stop=stop, warn=warn
        )


def _facts_of(cell: Cell) -> Mapping[str, Any]:
    return {
        "number": cell.number,
        "title": cell.title,
        "source": cell.source,
        "region": cell.region,
        "track": cell.track,
        "preset": cell.preset,
        "seconds": cell.seconds,
    }


def _title_of(matrix: Matrix) -> str:
    """One line that tells this batch from others."""
    n_cells = len(matrix.to_run)
    presets = ", ".join(dict.fromkeys(cell.preset for cell in matrix.to_run))
    sources = list(dict.fromkeys(cell.source for cell in matrix.to_run))
    where = sources[0] if len(sources) == 1 else f"{len(sources)} sources"
    return f"{n_cells} cell{'s' * (n_cells != 1)}: {presets} on {where}"
