"""The files that a task gives: written whole, known by name, as long as a fault wants them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import Stop, raise_if_stopped

MAX_SAMPLES = 500_000_000  # of all channels; 2 GB as 32-bit float, below a WAV's limit


class Results:
    """Results of one task, in its `folder`. `longer_seconds` lengthens (or shortens) each."""

    def __init__(self, folder: Path, *, longer_seconds: float = 0.0) -> None:
        self.folder = folder
        self._longer_seconds = longer_seconds
        self._names: list[str] = []

    def names(self) -> tuple[str, ...]:
        """Files that were made, in order."""
        return tuple(self._names)

    @staticmethod
    def check_input(path: Path, max_seconds: float) -> None:
        """Raise `AudioFileError` for what is no audio, holds none, is damaged or too long."""
        with AudioReader(path) as reader:
            info = reader.info
            if info.n_frames == 0:
                raise AudioFileError(path, "it holds no audio")
            if info.n_frames > max_seconds * info.sample_rate:
                raise AudioFileError(path, f"it is longer than {max_seconds:g} s")
            if info.n_frames * info.n_channels > MAX_SAMPLES:
                raise AudioFileError(path, "it has too many channels for its length")
            if not all(np.isfinite(block).all() for block in reader.blocks()):
                raise AudioFileError(path, "it holds what is not a finite number")

    def writer(self, name: str, sample_rate: int, n_channels: int, subtype: str) -> AudioWriter:
        """A new file `name`; add it with `add_file` when it is whole."""
        return AudioWriter(self.folder / name, sample_rate, n_channels, subtype=subtype)

    def write(self, name: str, buffer: AudioBuffer) -> None:
        """Write 16-bit WAV, as the models of the real service do; what is too loud is clipped."""
        samples = self._of_length(buffer.samples, buffer.sample_rate)
        with self.writer(name, buffer.sample_rate, buffer.n_channels, "PCM_16") as writer:
            writer.write(np.clip(samples, -1.0, 1.0))
        self._names.append(name)

    def add_file(self, path: Path, name: str, stop: Stop) -> None:
        """Take over a whole file as it is (32-bit float WAV)."""
        if not self._longer_seconds:
            path.replace(self.folder / name)
        else:
            with AudioReader(path) as reader:
                n_frames = reader.info.n_frames
                n_wanted = n_frames + round(self._longer_seconds * reader.info.sample_rate)
                rate, n_channels = reader.info.sample_rate, reader.info.n_channels
                with self.writer(name, rate, n_channels, "FLOAT") as writer:
                    for block in reader.blocks(0, min(n_frames, max(n_wanted, 1))):
                        raise_if_stopped(stop)
                        writer.write(block)
                    if n_wanted > n_frames:
                        writer.write(np.zeros((n_channels, n_wanted - n_frames), np.float32))
        self._names.append(name)

    def _of_length(self, samples: Samples, sample_rate: int) -> Samples:
        extra = round(self._longer_seconds * sample_rate)
        if extra > 0:
            return np.pad(samples, ((0, 0), (0, extra)))
        return samples[:, : max(1, samples.shape[1] + extra)]
