"""An audio file as it sounds once its lag, polarity and declared rate are mended."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.edit import SHIFT_REACH_FRAMES, fractional_shift
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError

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
        As `AudioReader`; in `read`, NaN or infinite samples.
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
        if not np.isfinite(samples).all():
            raise AudioFileError(
                self.path,
                "it holds samples that are no numbers (NaN or infinite)",
                hint="Render or export the file again.",
            )
        if margin:
            samples = fractional_shift(samples, -self._rest_frames)[:, margin:-margin]
        return np.ascontiguousarray(samples if self._polarity > 0 else -samples)

    def __exit__(self, *_: object) -> None:
        self._reader.close()
