"""What is known of cells before they run, from what earlier jobs have left.

Done is what an equal plan did of the same audio when its results are still where they were put.
Cached is what the result cache will answer: the capture of an earlier job from the same, unchanged
audio says under which key. Nothing is captured for that, so it may be wrong both ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Stop
from hanolab_dawtools.hosts.base import Witness
from hanolab_dawtools.jobs.model import Job, JobState, JobSummary
from hanolab_dawtools.model import Capture
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.workflows.batch.model import Forecast
from hanolab_dawtools.workflows.objects import Objects, is_url
from hanolab_dawtools.workflows.outcomes import capture_of, placed_of
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import to_json

# Of a plan what has no effect on what comes of it, or is told apart by the selection's own key.
_IDLE = frozenset({"selection", "max_credits", "again", "shelf", "keeps_original", "part_of"})
_MOST_LOOKED_AT = 3  # of earlier jobs with the same selection, the newest first


class History(Protocol):
    """What earlier jobs have left; the road and the job store together."""

    def jobs(self) -> Iterable[JobSummary]:
        """All jobs, cells of batches too, the newest first."""
        ...

    def job(self, job_id: str) -> Job:
        """A job with what its steps left."""
        ...

    def cache_key(self, plan: RunPlan, capture: Capture) -> str:
        """What the answer to a plan is kept by."""
        ...

    def is_cached(self, key: str) -> bool:
        """Whether the result cache has an answer."""
        ...


@dataclass
class Forecaster:
    """Says of plans what is known of them.

    Attributes
    ----------
    history
        What earlier jobs have left.
    objects
        The buckets; asked once when results were put into one.
    stop
        Ends a listing of a bucket.
    """

    history: History
    objects: Callable[[], Objects]
    stop: Stop
    _by_selection: Mapping[tuple[Any, ...], list[JobSummary]] = field(init=False)
    _urls: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_selection: dict[tuple[Any, ...], list[JobSummary]] = defaultdict(list)
        for job in self.history.jobs():
            if job.good_state is not JobState.PLANNED:  # else there is nothing of it
                by_selection[_selection_key(job.plan)].append(job)
        self._by_selection = by_selection

    def forecast(self, plan: RunPlan, witness: Witness | None) -> Forecast:
        """What is known of a cell in which something sounds."""
        for job, is_equal in self._alike(plan):
            capture = capture_of(job.outcomes)
            since = job.created_at.timestamp()
            is_same = capture is not None and (
                bool(plan.origin)  # its path stands for its content
                or (witness is not None and witness.is_same(plan.selection, capture, since))
            )
            if not is_same or capture is None:
                continue
            key = "" if plan.parts else self.history.cache_key(plan, capture)
            has_done_it = is_equal and key == job.outcomes["prepare"].get("cache_key", "")
            if has_done_it and self._stands(job, witness):
                return Forecast.DONE
            if key and job.plan["engine"] == plan.engine and self.history.is_cached(key):
                return Forecast.CACHED
        return Forecast.NEW

    def is_done(self, plan: RunPlan, witness: Witness | None) -> bool:
        """Whether silence in a cell is that of a source whose results stand in its place."""
        return witness is not None and any(
            is_equal
            and witness.is_untouched(plan.selection, job.created_at.timestamp())
            and self._stands(job, witness)
            for job, is_equal in self._alike(plan)
        )

    def _alike(self, plan: RunPlan) -> Iterable[tuple[Job, bool]]:
        """Earlier jobs of the same selection; whether each did the same and ended well."""
        candidates = self._by_selection.get(_key_of(plan), ())
        if not candidates:
            return
        wanted = _work_of(to_json(plan))
        for summary in candidates[:_MOST_LOOKED_AT]:
            try:
                job = self.history.job(summary.id)
            except HanolabError:  # cleaned away meanwhile, or from another version
                continue
            if "capture" in job.outcomes:
                is_done = job.state is JobState.DONE
                yield job, is_done and _work_of(job.plan) == wanted

    def _stands(self, job: Job, witness: Witness | None) -> bool:
        """Whether all that a job has placed is still there."""
        placed: Placed = placed_of(job.outcomes)
        items = [track.item_id for track in placed.tracks if track.item_id]
        if items and (witness is None or not witness.has_items(items)):
            return False
        return all(
            track.url in self._urls_below(str(job.plan["deliver_to"]))
            if track.url
            else track.path.is_file()
            for track in placed.tracks
        )

    def _urls_below(self, url: str) -> frozenset[str]:
        """URLs of the objects near this one, listed once for each folder above it."""
        top = url.rsplit("/", 1)[0] if url.count("/") > 3 else url
        if top not in self._urls:
            assert is_url(top), "a delivery goes to a bucket"
            found = self.objects().list(f"{top}/", stop=self.stop)
            self._urls[top] = frozenset(one.url for one in found)
        return self._urls[top]


def _selection_key(plan: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells the audio that a stored plan is about from other audio."""
    selection = plan.get("selection", {})
    return (
        selection.get("host"),
        selection.get("source"),
        plan.get("origin", ""),
        selection.get("start_seconds"),
        selection.get("end_seconds"),
        tuple(selection.get("track_ids", ())),
        tuple(selection.get("item_ids", ())),
        selection.get("point"),
    )


def _key_of(plan: RunPlan) -> tuple[Any, ...]:
    selection = plan.selection
    return (
        selection.host.value,
        str(selection.source),
        plan.origin,
        selection.start_seconds,
        selection.end_seconds,
        selection.track_ids,
        selection.item_ids,
        selection.point.value,
    )


def _work_of(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    work = {name: value for name, value in plan.items() if name not in _IDLE}
    work["parts"] = [_work_of(part) for part in plan.get("parts", ())]
    return work
