"""A file as the vocoder reads it: one channel, at a rate it can work at, from anywhere.

Sound is float64, shape (n_frames,); outside the file there is silence.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.files import AudioReader, probe
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.engines.local.level import check_usable
from hanolab_dawtools.engines.local.voice.knobs import working_rate
from hanolab_dawtools.events import Stop, raise_if_stopped

Floats = npt.NDArray[np.float64]


class VoiceReader(AbstractContextManager["VoiceReader"]):
    """The middle of all channels of a file, at its working rate.

    Raises
    ------
    AudioFileError
        As `AudioReader`, also while reading.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sample_rate = working_rate(probe(path).sample_rate)
        self._reader = ResampledReader(path, self.sample_rate)
        self.n_frames = self._reader.n_frames

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sample_rate

    def read(self, start: int, n_frames: int) -> Floats:
        """Frames start..start + n_frames; quickest where the last read ended."""
        return np.asarray(self._reader.read(start, start + n_frames).mean(axis=0, dtype=np.float64))

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def checked_peak(path: Path, stop: Stop) -> float:
    """The highest absolute sample of the middle of a file's channels.

    Raises
    ------
    AudioFileError
        Not readable, cut off, or a sample is not a usable number.
    JobCancelled
    """
    peak, done = 0.0, 0
    with AudioReader(path) as reader:
        for block in reader.blocks():
            raise_if_stopped(stop)
            check_usable(path, block, done)
            peak = max(peak, float(np.abs(block.mean(axis=0, dtype=np.float64)).max()))
            done += block.shape[1]
    return peak
