"""What audio is, as one short text: the key of the result cache and of provenance."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, interleaved
from hanolab_dawtools.audio.files import AudioReader


class ContentDigest:
    """SHA-256 over the rate, channel count and samples of audio that passes in blocks.

    The same audio has the same digest whatever container holds it.
    """

    def __init__(self, sample_rate: int, n_channels: int) -> None:
        self._digest = hashlib.sha256(f"{sample_rate} {n_channels}\n".encode())

    def add(self, samples: Samples) -> None:
        """Take a block, shape (n_channels, any)."""
        # Minus zero becomes zero, as in integer files.
        frames = interleaved(samples + np.float32(0.0))
        self._digest.update(np.ascontiguousarray(frames, dtype="<f4").tobytes())

    def hexdigest(self) -> str:
        """The digest of all that was added, in hex."""
        return self._digest.hexdigest()


def content_digest(path: Path) -> str:
    """The `ContentDigest` of a whole file."""
    with AudioReader(path) as reader:
        digest = ContentDigest(reader.info.sample_rate, reader.info.n_channels)
        for block in reader.blocks():
            digest.add(block)
    return digest.hexdigest()
