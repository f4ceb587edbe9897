"""Forgetting old jobs and batches, with what they have left in the user's storage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from hanolab_dawtools.engines.base import Engine, Journal
from hanolab_dawtools.errors import JobBusy, JobNotFound
from hanolab_dawtools.jobs.model import Batch, JobState, JobSummary
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.workflows.doubts import left_of
from hanolab_dawtools.workflows.outcomes import prepared_of
from hanolab_dawtools.workflows.parts import part_id
from hanolab_dawtools.workflows.resuming import HERE

Warn = Callable[[str], None]
_Upload = tuple[str, str]  # the engine of a job, and what was prepared for it
_NOTHING: _Upload = ("", "")


@dataclass(frozen=True)
class Cleaner:
    """Forgets what is old; what could not be deleted elsewhere is told to `warn`."""

    store: JobStore
    engine_named: Callable[[str], Engine]

    def jobs(
        self,
        older_than: timedelta,
        states: Collection[JobState],
        *,
        warn: Warn = lambda _: None,
    ) -> Sequence[JobSummary]:
        """Forget jobs outside of batches; see `JobStore.clean`.

        A part stays as long as the whole is not done: that still takes what the part has made.
        """
        known = {job.id: job for job in self.store.list()}
        wholes = {job.id: known.get(str(job.plan.get("part_of", ""))) for job in known.values()}
        spared = {
            part
            for part, whole in wholes.items()
            if whole is not None and whole.state is not JobState.DONE and whole.state not in states
        }
        uploads = {job.id: self._upload_of(job.id) for job in self.store.list(states)}
        removed = self.store.clean(older_than, states, spared=spared)
        for job in removed:
            self._discard_and_warn(uploads.get(job.id, _NOTHING), warn)
        return removed

    def batches(
        self,
        older_than: timedelta,
        states: Collection[JobState],
        *,
        warn: Warn = lambda _: None,
    ) -> Sequence[Batch]:
        """Forget batches all of whose cells are in `states`, with all their cells."""
        removed = []
        for batch in self.store.batches.old(older_than, states):
            with suppress(JobBusy, JobNotFound):  # taken up, or removed, by another process
                self.remove_batch(batch.id, warn=warn)
                removed.append(batch)
        return removed

    def remove_batch(self, batch_id: str, *, warn: Warn = lambda _: None) -> None:
        """Forget a batch with its cells.

        Raises
        ------
        JobBusy
            A living process works on it, or on a cell of it.
        """
        uploads = [self._upload_of(job_id) for job_id in self._jobs_elsewhere(batch_id)]
        self.store.batches.remove(batch_id)
        for upload in uploads:
            self._discard_and_warn(upload, warn)

    def discard_upload(self, job_id: str) -> str:
        """Delete what a job left in the storage, for one that nobody waits for.

        A sentence comes back when that was not possible.
        """
        return self._discard(self._upload_of(job_id))

    def _jobs_elsewhere(self, batch_id: str) -> Iterator[str]:
        """The cells of a batch, and the parts of such, that may have left something."""
        for cell in self.store.batches.cells(batch_id):
            parts = cell.plan.get("parts") or ()
            runs = {part_id(cell.id, number): part for number, part in enumerate(parts, 1)}
            for job_id, run in {cell.id: cell.plan, **runs}.items():
                if run.get("engine") not in HERE:
                    yield job_id

    def _upload_of(self, job_id: str) -> _Upload:
        try:
            job = self.store.get(job_id)
        except JobNotFound:  # a part that was not begun
            return _NOTHING
        if job.state is JobState.DONE and not left_of(job.outcomes):
            return _NOTHING
        prepared = Journal(self.store.folder_of(job_id)).prepared
        if not prepared and "prepare" in job.outcomes:
            prepared = prepared_of(job.outcomes)
        return str(job.plan.get("engine", "")), prepared

    def _discard(self, upload: _Upload) -> str:
        engine, prepared = upload
        return self.engine_named(engine).discard(prepared) if prepared else ""

    def _discard_and_warn(self, upload: _Upload, warn: Warn) -> None:
        if left := self._discard(upload):
            warn(left)
