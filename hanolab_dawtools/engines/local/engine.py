"""The local engine: two stems on this machine, free, without an account or a network.

The ticket says all that `finish` needs; the work itself is done there, so it can be begun again
in any process and ends in the same bytes.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.engines.base import Capabilities
from hanolab_dawtools.engines.local.channels import channel_groups
from hanolab_dawtools.engines.local.weights import WEIGHTS_DIGEST, WEIGHTS_NAME, WeightsStore
from hanolab_dawtools.errors import AudioFileError, EngineCannot, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Quote, Request, RequestKind, Stem, StemRole, Ticket

NAME = "local"
ALGORITHM_VERSION = 1  # counts up when the same request gives other samples
STEM_COUNTS = (2,)
HANDLE_SECONDS = 3.0  # more real surroundings change the result no further: docs/local-engine.md
MAX_WORKERS = 2  # blocks in work at once; each needs about 200 MB inside onnxruntime

_VERSION = f"{ALGORITHM_VERSION}+{WEIGHTS_DIGEST[:12]}"
_CLOUD_HINT = "The HanoLab cloud engine does that: --engine hanolab."


class LocalEngine:
    """Implements `engines.base.Engine` with networks that run here.

    Parameters
    ----------
    weights_folder
        Where `WeightsStore` keeps the weights.
    n_threads
        Threads to compute with; default: all processors this process may use. The samples do
        not depend on it.
    """

    def __init__(self, weights_folder: Path, *, n_threads: int | None = None) -> None:
        self._weights = WeightsStore(weights_folder)
        self._n_threads = n_threads or _usable_processors()

    def capabilities(self) -> Capabilities:
        """Two stems, free; needs neither network nor weights."""
        return Capabilities(
            name=NAME,
            version=_VERSION,
            kinds=(RequestKind.SEPARATE,),
            stem_counts=STEM_COUNTS,
            handle_seconds=HANDLE_SECONDS,
            is_paid=False,
        )

    def quote(self, request: Request) -> Quote:
        """Nothing; raises `EngineCannot` for what the engine lacks."""
        _check_possible(request)
        return Quote(credits=0.0, billed_seconds=0.0, reason="local work is free")

    def start(self, request: Request, stop: Stop, progress: ProgressCallback) -> Ticket:  # noqa: ARG002 - the protocol's; nothing here takes time
        """Check everything that can be checked before the work; does none of it.

        Raises
        ------
        EngineCannot
            As `quote`.
        WeightsMissing
            They must be fetched first, with the user's consent.
        AudioFileError
            The input cannot be read, or is not what the request says.
        """
        _check_possible(request)
        self._weights.require(WEIGHTS_NAME)
        task = _Task(
            version=_VERSION,
            input_path=str(request.input_path),
            sample_rate=request.sample_rate,
            n_channels=request.n_channels,
            n_frames=request.n_frames,
        )
        task.check_input()
        return Ticket(NAME, task.to_text())

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Separate; write `vocals.wav` and `accompaniment.wav` into `folder`.

        32-bit float, rate, channels and length of the input; together they add up to it.
        """
        from hanolab_dawtools.engines.local.separation import (  # noqa: PLC0415 - loads scipy
            separate_file,
        )

        task = _Task.from_text(ticket.text)
        task.check_input()
        n_workers = min(self._n_threads, MAX_WORKERS)
        network = self._weights.network(n_threads=max(1, self._n_threads // n_workers))
        vocals, accompaniment = folder / "vocals.wav", folder / "accompaniment.wav"
        separate_file(
            Path(task.input_path),
            vocals,
            accompaniment,
            network,
            n_workers=n_workers,
            stop=stop,
            progress=progress,
        )
        return [Stem(StemRole.VOCALS, vocals), Stem(StemRole.ACCOMPANIMENT, accompaniment)]

    def cancel(self, ticket: Ticket) -> None:
        """Nothing runs outside `finish`, which its stop flag ends."""


@dataclass(frozen=True)
class _Task:
    """What a ticket's text holds, as JSON."""

    version: str
    input_path: str
    sample_rate: int
    n_channels: int
    n_frames: int

    def to_text(self) -> str:
        return json.dumps(vars(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> _Task:
        try:
            task = cls(**json.loads(text))
        except (TypeError, ValueError) as error:
            raise EngineCannot(
                "the local engine cannot read this ticket", hint="Run the same command again."
            ) from error
        if task.version != _VERSION:
            raise EngineCannot(
                f"the job was begun by version {task.version} of the local engine, "
                f"this is {_VERSION}",
                hint="Run the same command again.",
            )
        return task

    def check_input(self) -> None:
        """Raise `AudioFileError` unless the input has the shape that was asked for, and sound."""
        path = Path(self.input_path)
        info = probe(path)
        found = (info.sample_rate, info.n_channels, info.n_frames)
        wanted = (self.sample_rate, self.n_channels, self.n_frames)
        if found != wanted:
            raise AudioFileError(
                path,
                "it has {} Hz, {} channels and {} frames, ".format(*found)
                + "not {} Hz, {} channels and {} frames".format(*wanted),
                hint="The file was changed meanwhile; run the same command again.",
            )
        if info.n_frames == 0:
            raise AudioFileError(path, "it holds no audio")


def _check_possible(request: Request) -> None:
    """Raise `EngineCannot` for what the engine lacks, `UsageError` for what makes no sense."""
    if request.kind is not RequestKind.SEPARATE:
        raise EngineCannot(f"the local engine cannot {request.kind}", hint=_CLOUD_HINT)
    stems = request.parameters.get("stems", STEM_COUNTS[0])
    if stems == 4:
        raise EngineCannot(
            "the local engine separates into 2 stems; 4 come with a later version",
            hint=f"Use --stems 2. {_CLOUD_HINT}",
        )
    if stems not in STEM_COUNTS:
        raise EngineCannot(f"the local engine cannot make {stems} stems", hint=_CLOUD_HINT)
    unknown = sorted(set(request.parameters) - {"stems"})
    if unknown:
        raise UsageError(f"the local engine knows no parameter {unknown[0]!r}")
    channel_groups(request.n_channels)


def _usable_processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
