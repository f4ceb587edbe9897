"""Batches over made-up music; called as a script, the owner of one that may be killed.

HOME BASE_URL FOLDER: the first call makes the batch over the folder's files, later ones go on with
it; prints the state of each cell at the end.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from fakes.cloud_services import CloudServices

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.jobs.model import Batch
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.batch.model import (
    BatchAsked,
    BatchOptions,
    BatchReport,
    CellReport,
    Matrix,
)

RATE = 44_100
EFFECTS, PAID = "Effects only", "Separate"


def write_music(folder: Path, n_files: int, *, seconds: float = 0.5) -> list[Path]:
    """Files of noise, no two alike and the same at each call."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(n_files):
        noise = np.random.default_rng(number).normal(0, 0.1, (2, round(seconds * RATE)))
        path = folder / f"song {number:03d}.wav"
        files.write_audio(path, AudioBuffer(noise.astype(np.float32), RATE))
        paths.append(path)
    return paths


@dataclass
class Told:
    """A listener that keeps what it was told, and may act on it."""

    act: Callable[[CellReport], None] = lambda _report: None
    reports: list[CellReport] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def changed(self, report: CellReport) -> None:
        self.reports.append(report)
        self.act(report)

    def noted(self, sentence: str) -> None:
        self.sentences.append(sentence)


def planned(services: Services, asked: BatchAsked) -> Matrix:
    """The matrix, as a command would plan it."""
    return services.batching.plan(asked, stop=threading.Event(), voices=dict)


def made(services: Services, sources: Sequence[Path], presets: Sequence[str]) -> Batch:
    """A batch of these presets on these files, not started."""
    asked = BatchAsked(tuple(map(str, sources)), tuple(presets))
    return services.batching.create(asked, planned(services, asked))


def run(
    services: Services,
    batch: Batch,
    *,
    stop: threading.Event | None = None,
    told: Told | None = None,
    options: BatchOptions | None = None,
    only_failed: bool = False,
) -> BatchReport:
    """Run a batch in this process, with two workers."""
    return services.batching.run(
        batch.id,
        options or BatchOptions(n_jobs=2, nice=0),
        stop=stop or threading.Event(),
        listener=told or Told(),
        only_failed=only_failed,
    )


def main(home: Path, base_url: str, folder: Path) -> None:
    with CloudServices(home, base_url) as services:
        known = services.store.batches.list()
        batch = known[0] if known else made(services, sorted(folder.iterdir()), [PAID, EFFECTS])
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        report = run(services, batch)
        for cell in report.cells:
            sys.stdout.write(f"{cell.job_id} {cell.state} {cell.message}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
