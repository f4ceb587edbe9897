"""The audio as it is uploaded: 24-bit FLAC, or WAV of the same samples.

24 bits hold -1..1, a float file may be louder. A file that is gets scaled down first, and what
comes back is scaled up again by the same factor. The loss against float is below -140 dB of full
scale (RMS; half a step of 24 bits is -144 dB).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.errors import AudioFileError, JobError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

UploadFormat = Literal["flac", "wav"]
FLAC_MAX_CHANNELS = 8  # of the format itself
FLAC_MAX_RATE = 192_000  # beyond, decoders differ in what they take

_LOUDEST = 1.0 - 2.0**-23  # the largest value that 24 bits hold


@dataclass(frozen=True)
class Prepared:
    """What `start` needs of the input, as it is stored.

    `base_url` is the API that it is for. `url` when the user gave one, else `key` in the storage;
    both empty when nothing is uploaded. `gain` is what the samples were multiplied with, `place`
    the storage that took them, "" when that is not known.
    """

    base_url: str
    key: str = ""
    url: str = ""
    gain: float = 1.0
    format: str = ""
    place: str = ""

    def to_text(self) -> str:
        """JSON that `from_text` reads in any later process."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Prepared:
        """What `to_text` gave; `JobError` for anything else."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError) as error:
            raise JobError(
                "what was prepared for the cloud cannot be read",
                hint="It was stored by another version of the program; start the run anew.",
            ) from error


def encode(
    source: Path, folder: Path, wanted: UploadFormat, *, stop: Stop, progress: ProgressCallback
) -> tuple[Path, float, UploadFormat]:
    """Write the file to upload into `folder`; its path, the gain in it, and its format.

    What FLAC cannot hold (over 8 channels, rates over 192 kHz) becomes WAV.

    Raises
    ------
    AudioFileError
        The source cannot be read, or holds samples that are no numbers.
    DiskFull, NotWritable, OutputError, JobCancelled
    """
    with AudioReader(source) as reader:
        info = reader.info
        if info.n_channels > FLAC_MAX_CHANNELS or info.sample_rate > FLAC_MAX_RATE:
            wanted = "wav"
        gain = _gain(reader, stop, progress)
        path = folder / f"upload.{wanted}"
        with AudioWriter(
            path,
            info.sample_rate,
            info.n_channels,
            format=wanted.upper(),
            subtype="PCM_24",
            n_frames=info.n_frames,
        ) as writer:
            factor = np.float32(gain)
            done = 0
            for block in reader.blocks():
                raise_if_stopped(stop)
                writer.write(block * factor)
                done += block.shape[1]
                progress(Progress("encoding for the upload", done / info.n_frames))
    return path, float(factor), wanted


def _gain(reader: AudioReader, stop: Stop, progress: ProgressCallback) -> float:
    """The factor that makes the loudest sample fit."""
    loudest = 0.0
    for block in reader.blocks():
        raise_if_stopped(stop)
        peak = float(np.max(np.abs(block), initial=0.0))
        if not np.isfinite(peak):
            raise AudioFileError(reader.path, "it holds samples that are no numbers")
        loudest = max(loudest, peak)
    progress(Progress("encoding for the upload", 0.0))
    return 1.0 if loudest <= _LOUDEST else _LOUDEST / loudest
