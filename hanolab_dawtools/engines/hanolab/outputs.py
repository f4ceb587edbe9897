"""The files of a completed task: fetched, decoded, told apart, at the level they were asked for.

Files appear under names made here, `0-vocals.wav`: never under one of the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hanolab_dawtools import durable
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.cloud.models import Output, Task
from hanolab_dawtools.engines.hanolab.listening import conclude
from hanolab_dawtools.engines.hanolab.roles import EXPECTED, Role, roles_of
from hanolab_dawtools.errors import AudioFileError, CloudProtocolError, TransferFailed
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.model import RequestKind, Stem, StemRole

Fetch = Callable[[str, Path, Stop, ProgressCallback], None]

EXPIRED = frozenset({401, 403, 404, 410})  # what storages answer for a URL that lives no more
MAX_RENEWALS = 3  # of the URLs of one task
_SUFFIXES = {"WAV": "wav", "WAVEX": "wav", "RF64": "wav", "FLAC": "flac", "OGG": "ogg"} | {
    "MP3": "mp3",
    "AIFF": "aiff",
    "W64": "w64",
    "CAF": "caf",
}


@dataclass(frozen=True)
class Wanted:
    """What was asked of the task: what its files are judged by.

    `input_path` is what was sent, if it is still there; `gain` is in what was sent, and taken out
    of what came.
    """

    kind: RequestKind
    n_stems: int = 0
    is_full_song: bool = False
    gain: float = 1.0
    input_path: Path | None = None


def fetch_outputs(
    task: Task,
    folder: Path,
    *,
    renewed: Callable[[], Task],
    fetch: Fetch,
    stop: Stop,
    progress: ProgressCallback,
) -> tuple[Sequence[Output], list[Path]]:
    """Fetch all files of a completed task, asking for fresh URLs when they have expired.

    Parameters
    ----------
    renewed
        Asks the server for the task again.
    fetch
        Downloads one URL to a path.

    Raises
    ------
    TransferFailed
        A file cannot be fetched, fresh URLs or not.
    CloudProtocolError
        The task has another number of files when asked again.
    """
    outputs, paths = task.outputs, []
    n_renewals = 0
    for number in range(len(outputs)):
        path = folder / f"result {number + 1} of {len(outputs)}"  # what errors call it
        while True:
            try:
                fetch(outputs[number].url, path, stop, progress)
                break
            except TransferFailed as error:
                n_renewals += 1
                if error.status not in EXPIRED or n_renewals > MAX_RENEWALS:
                    raise
            fresh = renewed().outputs
            if len(fresh) != len(outputs):
                raise CloudProtocolError(
                    f"task {task.id} had {_files(len(outputs))}, and now it has {len(fresh)}"
                )
            outputs = fresh
        paths.append(path)
    return outputs, paths


def make_stems(
    outputs: Sequence[Output],
    paths: Sequence[Path],
    folder: Path,
    wanted: Wanted,
    *,
    stop: Stop,
    progress: ProgressCallback,
) -> list[Stem]:
    """Turn fetched files into stems in `folder`; the fetched ones are gone afterwards.

    A file whose level needs no change stays byte for byte as it came; else it becomes 32-bit
    float WAV. Rate, channels and length stay as they came.

    Raises
    ------
    AudioFileError
        A file does not decode to its end, or is empty.
    CloudProtocolError
        None of the files is what was asked for.
    DiskFull, NotWritable, JobCancelled
    """
    for number, path in enumerate(paths):
        progress(Progress("checking what came", number / len(paths)))
        _check_decodes(path, stop)

    def listen(numbers: Sequence[int], roles: Sequence[StemRole]) -> dict[int, StemRole]:
        found = conclude(
            [paths[n] for n in numbers], roles, _existing(wanted.input_path), stop=stop
        )
        return {numbers[at]: role for at, role in found.items()}

    roles = roles_of(
        wanted.kind,
        outputs,
        wanted.n_stems,
        is_full_song=wanted.is_full_song,
        listen=listen,
    )
    _check_complete(roles, wanted, folder)
    stems = [
        _stem(path, folder / f"{number}-{role.role}", role, wanted.gain, stop)
        for number, (path, role) in enumerate(zip(paths, roles, strict=True))
        if role is not None
    ]
    for path in paths:
        path.unlink(missing_ok=True)
    return stems


def _check_complete(roles: Sequence[Role | None], wanted: Wanted, folder: Path) -> None:
    found = {role.role for role in roles if role}
    missing = [role for role in EXPECTED.get(wanted.n_stems, ()) if role not in found]
    if not found or (wanted.kind is RequestKind.SEPARATE and missing):
        raise CloudProtocolError(
            f"the answer has {_files(len(roles))}, and none is the {missing[0]}"
            if missing
            else "the answer has no file that was asked for",
            hint=f"What came lies in {folder}. Look at the task at HanoLab; the job keeps its id.",
        )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _stem(path: Path, target: Path, role: Role, gain: float, stop: Stop) -> Stem:
    """Move a file to `target`, whose ending is still missing, or write it louder there."""
    with AudioReader(path) as reader:
        info = reader.info
        suffix = _SUFFIXES.get(info.format) if gain == 1.0 else None
        target = target.with_name(f"{target.name}.{suffix or 'wav'}")
        if suffix:
            with durable.translated_os_errors(target):
                path.replace(target)
                durable.sync_folder(target.parent)
        else:
            _write_louder(reader, target, 1.0 / gain, stop)
    return Stem(role.role, target, guessed=role.is_guessed)


def _write_louder(reader: AudioReader, target: Path, factor: float, stop: Stop) -> None:
    info = reader.info
    with AudioWriter(target, info.sample_rate, info.n_channels, n_frames=info.n_frames) as writer:
        for block in reader.blocks():
            raise_if_stopped(stop)
            writer.write(block * np.float32(factor))


def _check_decodes(path: Path, stop: Stop) -> None:
    """Decode the whole file: what is cut off, or no audio, is told before it counts."""
    with AudioReader(path) as reader:
        if reader.info.n_frames == 0:
            raise AudioFileError(path, "what the cloud gave holds no audio")
        for block in reader.blocks():
            raise_if_stopped(stop)
            if not np.isfinite(block).all():
                raise AudioFileError(path, "what the cloud gave holds samples that are no numbers")


def _existing(path: Path | None) -> Path | None:
    return path if path is not None and path.is_file() else None
