"""The mono sum of some audio files at one rate, read from anywhere. What `align` listens to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.moved import refuse_non_audio
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError

Mono = npt.NDArray[np.float32]

EDGE_FRAMES = 2048


class MonoSum(AbstractContextManager["MonoSum"]):
    """Weighted mean of the channels of each file, summed over the files. Shape (n_frames,).

    Each file is faded in and out over `EDGE_FRAMES`: two unrelated files that both begin with a
    hard cut would otherwise match there, in the high frequencies that a cut makes.

    The weights of a file's channels differ a little (1 down to 0.75), so that opposite channels,
    such as the side signal of a stereo effect, do not cancel to silence.

    Parameters
    ----------
    paths
        At least one file; shorter ones are silent behind their end.
    to_rate
        Rate of what is read.
    declared_rate
        Rate to believe in instead of the one in the files' headers.

    Raises
    ------
    AudioFileError
        As `AudioReader`; a file without frames; in `read`, samples that are no audio.
    """

    def __init__(
        self, paths: Sequence[Path], to_rate: int, *, declared_rate: int | None = None
    ) -> None:
        self._paths = tuple(paths)
        with ExitStack() as stack:
            self._readers = [
                stack.enter_context(ResampledReader(path, to_rate, declared_rate=declared_rate))
                for path in self._paths
            ]
            for path, reader in zip(self._paths, self._readers, strict=True):
                if reader.n_frames == 0:
                    raise AudioFileError(path, "it holds no audio, its length is 0")
            self._stack = stack.pop_all()
        self._weights = [_channel_weights(reader.n_channels) for reader in self._readers]
        self.n_frames = max(reader.n_frames for reader in self._readers)
        self.sample_rate = to_rate

    def read(self, start_frame: int, stop_frame: int) -> Mono:
        """Frames start..stop; 0 outside the files."""
        total = np.zeros(stop_frame - start_frame, dtype=np.float32)
        for path, reader, weights in zip(self._paths, self._readers, self._weights, strict=True):
            mono = np.einsum("i,ij->j", weights, reader.read(start_frame, stop_frame))
            refuse_non_audio(path, mono)
            soften_edge(mono, -start_frame)
            soften_edge(mono[::-1], stop_frame - reader.n_frames)
            total += mono
        return total

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _channel_weights(n_channels: int) -> Mono:
    return np.linspace(1.0, 0.75, n_channels, dtype=np.float32) / np.float32(n_channels)


def soften_edge(mono: Mono, edge: int) -> None:
    """Fade `mono` in, in place, over the frames that follow the index `edge` (may be outside).

    The first frame behind the edge is not silenced: a click there can still be found.
    """
    first, last = max(edge, 0), min(edge + EDGE_FRAMES, mono.size)
    if first < last:
        rise = np.arange(first - edge + 1, last - edge + 1) * (np.pi / 2 / (EDGE_FRAMES + 1))
        mono[first:last] *= np.sin(rise, dtype=np.float32) ** 2
