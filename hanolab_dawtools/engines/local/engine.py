"""The local engine: two or four stems, or a voice preview, on this machine, free and private.

The ticket says all that `finish` needs; the work itself is done there, so it can be begun again
in any process and ends in the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.engines.base import Capabilities, Journal, NothingElsewhere
from hanolab_dawtools.engines.local.channels import channel_groups
from hanolab_dawtools.engines.local.choice import CLOUD_HINT, StemChoice
from hanolab_dawtools.engines.local.voice import libraries
from hanolab_dawtools.engines.local.voice.knobs import PREVIEW_VERSION, VoiceKnobs
from hanolab_dawtools.engines.local.weights import WEIGHTS_DIGEST, WEIGHTS_NAME, WeightsStore
from hanolab_dawtools.errors import AudioFileError, EngineCannot
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Quote, Request, RequestKind, Stem, StemRole, Ticket

if TYPE_CHECKING:
    from hanolab_dawtools.engines.local.networks import MaskNetwork

NAME = "local"
ALGORITHM_VERSION = 1  # counts up when the same request gives other samples
HANDLE_SECONDS = 3.0  # more real surroundings change the result no further: docs/local-engine.md
MAX_WORKERS = 2  # blocks in work at once; each needs about 200 MB inside onnxruntime

_VERSION = f"{ALGORITHM_VERSION}+{WEIGHTS_DIGEST[:12]}"
_KIND_VERSIONS = {RequestKind.CONVERT: f"voice-preview-{PREVIEW_VERSION}"}
PREVIEW_NAME = "Voice preview"  # of its track and file: it is no one's voice
_DRAFT_REMARK = "drums, bass and other are a draft: rules about sound, no trained separation"


class LocalEngine(NothingElsewhere):
    """Implements `engines.base.Engine` with networks and a vocoder that run here.

    Parameters
    ----------
    weights_folder
        Where `WeightsStore` keeps the weights.
    n_threads
        Threads to compute with; default: all processors this process may use. The samples do
        not depend on it.
    keeps_network
        Whether the network stays loaded for the next separation, which then neither reads nor
        checks the weights again.
    """

    def __init__(
        self, weights_folder: Path, *, n_threads: int | None = None, keeps_network: bool = False
    ) -> None:
        self._weights = WeightsStore(weights_folder)
        self._n_threads = n_threads or _usable_processors()
        self._keeps_network = keeps_network
        self._network: MaskNetwork | None = None

    def capabilities(self) -> Capabilities:
        """Free; needs neither network nor weights."""
        return Capabilities(
            name=NAME,
            version=_VERSION,
            handle_seconds=HANDLE_SECONDS,
            is_paid=False,
            kind_versions=_KIND_VERSIONS,
        )

    def quote(self, request: Request) -> Quote:
        """Nothing; raises `EngineCannot` for what the engine lacks."""
        asked = _possible_work(request)
        if isinstance(asked, VoiceKnobs):
            remark = asked.remark(request.sample_rate)
        else:
            remark = _DRAFT_REMARK if any(map(asked.is_draft, asked.roles)) else ""
        return Quote(credits=0.0, billed_seconds=0.0, reason="local work is free", remark=remark)

    def start(
        self,
        request: Request,
        prepared: str,
        journal: Journal,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Ticket:
        """Check everything that can be checked before the work; does none of it.

        Raises
        ------
        EngineCannot
            As `quote`.
        WeightsMissing
            They must be fetched first, with the user's consent; a voice preview needs none.
        ExtraMissing
            A voice preview needs libraries that are not installed.
        AudioFileError
            The input, or the reference of a voice preview, cannot be read or was changed.
        """
        asked = _possible_work(request)
        if isinstance(asked, VoiceKnobs):
            libraries.check()
            asked.check_reference()
        else:
            self._weights.require(WEIGHTS_NAME)
        task = _Task(
            kind=request.kind,
            version=self.capabilities().version_of(request.kind),
            input_path=str(request.input_path),
            sample_rate=request.sample_rate,
            n_channels=request.n_channels,
            n_frames=request.n_frames,
            parameters=dict(request.parameters),
        )
        task.check_input()
        return Ticket(NAME, task.to_text())

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Separate or convert; write a file for each stem, named after its role, into `folder`.

        32-bit float. Stems have rate, channels and length of the input, and add up to it; a
        voice preview is mono, at the rate it was worked on at.
        """
        task = _Task.from_text(ticket.text)
        task.check_input()
        if task.kind == RequestKind.CONVERT:
            n_workers = min(self._n_threads, MAX_WORKERS)
            return [_preview(task, folder, n_workers, stop, progress)]
        return self._separate(task, folder, stop, progress)

    def _separate(
        self, task: _Task, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        from hanolab_dawtools.engines.local.stems import write_stems  # noqa: PLC0415 - loads scipy

        choice = StemChoice.of(task.parameters)
        n_workers = min(self._n_threads, MAX_WORKERS)
        paths = write_stems(
            Path(task.input_path),
            folder,
            choice.roles,
            lambda: self._loaded_network(max(1, self._n_threads // n_workers)),
            n_workers=n_workers,
            stop=stop,
            progress=progress,
        )
        return [Stem(role, path, is_draft=choice.is_draft(role)) for role, path in paths.items()]

    def _loaded_network(self, n_threads: int) -> MaskNetwork:
        if self._network is not None:
            return self._network
        network = self._weights.network(n_threads=n_threads)
        if self._keeps_network:
            self._network = network
        return network


@dataclass(frozen=True)
class _Task:
    """What a ticket's text holds, as JSON."""

    version: str
    input_path: str
    sample_rate: int
    n_channels: int
    n_frames: int
    parameters: Mapping[str, Any]
    kind: str = RequestKind.SEPARATE  # tickets from before voice previews lack it

    def to_text(self) -> str:
        return json.dumps(vars(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> _Task:
        try:
            task = cls(**json.loads(text))
            version = _KIND_VERSIONS.get(RequestKind(task.kind), _VERSION)
        except (TypeError, ValueError) as error:
            raise EngineCannot(
                "the local engine cannot read this ticket", hint="Run the same command again."
            ) from error
        if task.version != version:
            raise EngineCannot(
                f"the job was begun by version {task.version} of the local engine, "
                f"this is {version}",
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


def _preview(
    task: _Task, folder: Path, n_workers: int, stop: Stop, progress: ProgressCallback
) -> Stem:
    from hanolab_dawtools.engines.local.voice.preview import (  # noqa: PLC0415 - loads numpy
        preview_voice,
    )

    knobs = VoiceKnobs.of(task.parameters)
    knobs.check_reference()
    path = folder / f"{StemRole.CONVERTED}.wav"
    preview_voice(
        Path(task.input_path), path, knobs, n_workers=n_workers, stop=stop, progress=progress
    )
    return Stem(StemRole.CONVERTED, path, name=PREVIEW_NAME)


def _possible_work(request: Request) -> StemChoice | VoiceKnobs:
    """Raise `EngineCannot` for what the engine lacks, `UsageError` for what makes no sense."""
    if request.kind is RequestKind.CONVERT:
        return VoiceKnobs.of(request.parameters)
    if request.kind is not RequestKind.SEPARATE:
        raise EngineCannot(f"the local engine cannot {request.kind}", hint=CLOUD_HINT)
    choice = StemChoice.of(request.parameters)
    channel_groups(request.n_channels)
    return choice


def _usable_processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
