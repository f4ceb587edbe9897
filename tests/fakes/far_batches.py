"""A batch that is run on a dask cluster from beginning to end, by the program's own services."""

import os
from collections.abc import Mapping
from pathlib import Path

from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.batch.model import BatchAsked, BatchOptions, BatchReport


class _NobodyListens:
    def changed(self, report: object) -> None:
        """Take no notice."""

    def noted(self, sentence: str) -> None:
        """Take no notice."""


def run_batch(source: Path, preset: str, output: Path, cluster: str = "") -> BatchReport:
    """Plan, make and run a batch over a folder with the services of this process's settings."""
    asked = BatchAsked((str(source),), (preset,), output=str(output), again=True)
    with Services() as services:
        batching = services.batching
        batch = batching.create(asked, batching.plan(asked, stop=NeverStop()))
        options = BatchOptions(n_jobs=1, cluster=cluster, nice=0)
        return batching.run(batch.id, options, stop=NeverStop(), listener=_NobodyListens())


def contents(folder: Path) -> Mapping[str, bytes]:
    """Each audio file below a folder."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.wav")
    }
