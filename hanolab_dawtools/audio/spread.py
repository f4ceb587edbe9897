"""One voice over several channels: the same in all of them, or where its source was.

A voice conversion hears the mean of its source's channels and gives mono. A balance follows how
loud each of the source's channels is, window by window, and puts the mono there: a channel's gain
is its level over the mean of all channels' levels. So a voice in the centre is the same in all
channels, to the bit, and one that was panned stands where it stood, at its level. Levels only:
what made a source wide by phase or reverb is not in a mono voice and does not come back.

Samples are float32, shape (n_channels, n_frames).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.units import seconds_to_frames

HOP_SECONDS = 0.05  # a window is two hops long; short enough for a pan that moves with a word
SILENT_POWER = 1e-11  # -110 dBFS; what is below goes to the centre
FADE_SECONDS = 0.005  # where a voice ends before its source does, so that it ends without a click

_BLOCK_HOPS = 64


class Balance:
    """How loud each channel of a source is over time; `gains` are those of a mono voice in it."""

    def __init__(self, powers: npt.NDArray[np.float64], hop_frames: int) -> None:
        """`powers`: mean square of each hop, shape (n_channels, n_hops)."""
        around = np.pad(powers, ((0, 0), (1, 1)), mode="edge")
        levels = np.sqrt(around[:, :-1] + around[:, 1:] + SILENT_POWER)
        self._gains = levels / levels.mean(axis=0)  # at the edges of the hops
        self._places = np.arange(levels.shape[1]) * hop_frames

    @property
    def n_channels(self) -> int:
        """Channels of the source."""
        return int(self._gains.shape[0])

    def gains(self, start_frame: int, stop_frame: int) -> Samples:
        """The gain of every channel for frames start..stop."""
        frames = np.arange(start_frame, stop_frame)
        rows = [np.interp(frames, self._places, row) for row in self._gains]
        return np.array(rows, dtype=np.float32)


def measure_balance(path: Path, *, stop: Stop, progress: ProgressCallback) -> Balance:
    """Follow the balance of a file's channels, in bounded memory.

    Raises
    ------
    AudioFileError, JobCancelled
    """
    with AudioReader(path) as reader:
        info = reader.info
        hop = max(1, seconds_to_frames(HOP_SECONDS, info.sample_rate))
        powers = []
        for start in range(0, info.n_frames, _BLOCK_HOPS * hop):
            raise_if_stopped(stop)
            block = reader.read_at(start, _BLOCK_HOPS * hop)
            hops = block.reshape(info.n_channels, _BLOCK_HOPS, hop)
            powers.append(np.einsum("cht,cht->ch", hops, hops, dtype=np.float64) / hop)
            progress(Progress("measuring", start / info.n_frames, start / info.sample_rate))
    return Balance(np.concatenate(powers, axis=1), hop)


class SpreadReader(AbstractContextManager["SpreadReader"]):
    """A file with other channels, and a soft end where its sound ends before the file does.

    Parameters
    ----------
    n_channels
        Of what is read. A file with as many keeps its channels, unless there is a balance; any
        other is put into all of them alike, as the mean of its channels.
    balance
        Where the mean of the channels goes instead.
    is_voice
        The file holds one voice: its channels are not kept, whatever their number.
    end_frame
        Where the sound ends. Fades out before that, if it is not the end of the file.

    Raises
    ------
    AudioFileError
    """

    def __init__(
        self,
        path: Path,
        n_channels: int,
        *,
        is_voice: bool,
        balance: Balance | None,
        end_frame: int,
    ) -> None:
        self._reader = AudioReader(path)
        self.info = self._reader.info
        self.n_channels = n_channels
        self._keeps = self.info.n_channels == n_channels and not is_voice
        self._balance = balance
        is_short = 0 < end_frame < self.info.n_frames
        fade_frames = seconds_to_frames(FADE_SECONDS, self.info.sample_rate)
        self._fade = (max(0, end_frame - fade_frames), end_frame) if is_short else None

    def blocks(self) -> Iterator[Samples]:
        """All of it, from start to end."""
        for start in range(0, self.info.n_frames, BLOCK_FRAMES):
            stop = min(start + BLOCK_FRAMES, self.info.n_frames)
            samples = self._reader.read_at(start, stop - start)
            if not self._keeps:
                mono = samples.mean(axis=0, dtype=np.float32, keepdims=True)
                samples = np.repeat(mono, self.n_channels, axis=0)
            if self._balance is not None:
                samples = samples * self._balance.gains(start, stop)
            yield self._faded(samples, start)

    def _faded(self, samples: Samples, start: int) -> Samples:
        if self._fade is None or start + samples.shape[1] <= self._fade[0]:
            return samples
        first, end = self._fade
        frames = np.arange(start, start + samples.shape[1])
        left = np.clip((end - frames) / (end - first + 1), 0.0, 1.0)
        shape: Samples = np.sin(left * (np.pi / 2)).astype(np.float32) ** 2
        return samples * shape

    def __exit__(self, *_: object) -> None:
        self._reader.close()
