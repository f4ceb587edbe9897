"""What earlier jobs have left, by the road's own store and result cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hanolab_dawtools.jobs.model import Job, JobSummary
from hanolab_dawtools.model import Capture
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.road import Road


@dataclass(frozen=True)
class RoadHistory:
    """The jobs of a road; implements `forecast.History`."""

    road: Road

    def jobs(self) -> Iterator[JobSummary]:
        """All jobs, the newest first; the cells of a batch in its place."""
        store = self.road.store()
        batches = store.batches.list()
        cells = (cell for batch in batches for cell in store.batches.cells(batch.id))
        yield from sorted((*store.list(), *cells), key=lambda job: job.created_at, reverse=True)

    def job(self, job_id: str) -> Job:
        """A job with what its steps left."""
        return self.road.store().get(job_id)

    def cache_key(self, plan: RunPlan, capture: Capture) -> str:
        """What the answer to a plan is kept by."""
        return self.road.submitting.cache_key(plan, capture)

    def is_cached(self, key: str) -> bool:
        """Whether the result cache has an answer."""
        return self.road.cache.has(key)
