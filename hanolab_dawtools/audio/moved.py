"""An audio file as it sounds once its lag, polarity and declared rate are mended."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.edit import SHIFT_REACH_FRAMES, fractional_shift
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError

LOUDEST_PEAK = 1e9  # +180 dB over full scale; squares and sums still fit a float32
_CONTEXT_FRAMES = SHIFT_REACH_FRAMES + 1  # the kernel's reach, and one for the rounding of a lag


class MovedReader(AbstractContextManager["MovedReader"]):
    """Reads a file from anywhere, `lag_frames` further on, silent where it has no frames.

    Whole lags change no bit of the samples. A fraction is made by `edit.fractional_shift` (right
    to -120 dB up to 0.96 of the Nyquist frequency); the result does not depend on the blocks in
    which it is read, to float32 rounding.

    Attributes
    ----------
    n_channels, sample_rate
        As read, after resampling.
    start_frame, stop_frame
        The frames, half-open, where the file has samples, whole lags taken into account.

    Raises
    ------
    AudioFileError
        As `AudioReader`; in `read`, samples that are no audio.
    """

    def __init__(
        self,
        path: Path,
        to_rate: int,
        *,
        lag_frames: float = 0.0,
        polarity: int = 1,
        declared_rate: int | None = None,
    ) -> None:
        self.path = path
        self._reader = ResampledReader(path, to_rate, declared_rate=declared_rate)
        self._whole_frames = round(lag_frames)
        self._rest_frames = lag_frames - self._whole_frames
        self._polarity = polarity
        self.n_channels = self._reader.n_channels
        self.sample_rate = to_rate
        self.start_frame = -self._whole_frames
        self.stop_frame = self.start_frame + self._reader.n_frames

    def read(self, start_frame: int, stop_frame: int) -> Samples:
        """Frames start..stop, shape (n_channels, stop - start)."""
        first, last = start_frame + self._whole_frames, stop_frame + self._whole_frames
        margin = _CONTEXT_FRAMES if self._rest_frames else 0
        samples = self._reader.read(first - margin, last + margin)
        refuse_non_audio(self.path, samples)
        if margin:
            samples = fractional_shift(samples, -self._rest_frames)[:, margin:-margin]
        return np.ascontiguousarray(samples if self._polarity > 0 else -samples)

    def __exit__(self, *_: object) -> None:
        self._reader.close()


def refuse_non_audio(path: Path, samples: npt.NDArray[np.float32]) -> None:
    """Raise `AudioFileError` when a sample of the file at `path` is NaN, infinite or absurd."""
    if samples.size and not (samples.min() > -LOUDEST_PEAK and samples.max() < LOUDEST_PEAK):
        raise AudioFileError(
            path,
            "it holds samples that are no audio (NaN, infinite or over +180 dB)",
            hint="Render or export the file again.",
        )
