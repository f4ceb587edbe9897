"""Sources that are objects of a bucket, and results that go into one.

An object is fetched into the folder of its job for as long as it is captured. Results are placed
in the job's folder, put into the bucket, each whole and job.json last, and then not kept. A step
that is run again fetches or puts again what it did not finish.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.durable import safe_name
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.jobs.steps import StepContext
from hanolab_dawtools.model import ObjectFacts
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.workflows.outcomes import plan_of
from hanolab_dawtools.workflows.stored import to_json

ORIGINS, RESULTS = "origin", "results"  # in a job's folder
_LAST = "job.json"  # says that all is there

_URL = re.compile(r"(?:s3|gs|az)://")


class Objects(Protocol):
    """Objects of buckets by their URLs."""

    def list(self, url: str, *, stop: Stop) -> Iterable[ObjectFacts]:
        """The object with this URL, or all below it."""
        ...

    def read(self, facts: ObjectFacts, start: int, end: int) -> bytes:
        """Bytes start..end of an object."""
        ...

    def fetch(
        self, url: str, tag: str, path: Path, *, stop: Stop, progress: ProgressCallback
    ) -> None:
        """Write an object's content to a file; `InputError` when its tag is another one."""
        ...

    def put(self, path: Path, url: str, *, stop: Stop, progress: ProgressCallback) -> None:
        """Put a file under a URL, whole or not at all."""
        ...


def is_url(text: str) -> bool:
    """Whether a source or an output is in a bucket."""
    return _URL.match(text) is not None


@contextmanager
def origin_here(objects: Objects, context: StepContext) -> Iterator[StepContext]:
    """The step's context with the object of its job as a file; the file is removed behind it.

    Raises
    ------
    HanolabError
        As `Objects.fetch`.
    """
    plan = plan_of(context.job)
    if not plan.origin:
        yield context
        return
    path = context.folder / plan.selection.source
    selection = replace(plan.selection, source=path)
    job = replace(context.job, plan=to_json(replace(plan, selection=selection)))
    try:
        objects.fetch(
            plan.origin,
            tag_in(plan.selection.source),
            path,
            stop=context.stop,
            progress=context.progress,
        )
        yield replace(context, job=job)
    finally:
        shutil.rmtree(context.folder / ORIGINS, ignore_errors=True)


def delivered(objects: Objects, placed: Placed, url: str, context: StepContext) -> Placed:
    """What was placed, put below a URL.

    Raises
    ------
    HanolabError
        As `Objects.put`; the next call puts all of it again.
    """
    files = sorted(
        (path for path in placed.folder.iterdir() if path.is_file()),
        key=lambda path: (path.name == _LAST, path.name),
    )
    for number, path in enumerate(files):
        context.progress(Progress("delivering", number / len(files)))
        objects.put(
            path, _below(url, path.name), stop=context.stop, progress=lambda _progress: None
        )
    tracks = tuple(replace(track, url=_below(url, track.path.name)) for track in placed.tracks)
    return replace(placed, tracks=tracks)


def origin_path(facts: ObjectFacts) -> Path:
    """Where an object is fetched to, in its job's folder; the path stands for this content."""
    name = Path(facts.url.rpartition("/")[2])
    return Path(ORIGINS, facts.tag.encode().hex(), f"{safe_name(name.stem)}{name.suffix.lower()}")


def tag_in(path: Path) -> str:
    """The tag that is part of such a path."""
    return bytes.fromhex(path.parts[1]).decode()


def _below(url: str, name: str) -> str:
    return f"{url.rstrip('/')}/{name}"
