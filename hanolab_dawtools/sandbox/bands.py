"""Splits audio by frequency, so that the parts add up to the whole; linear phase, in blocks.

Each part but the last is a band cut out by a filter without delay; the last is what the others
leave. It is no separation of instruments: it stands for one where there is none, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, oaconvolve

from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.events import Stop, raise_if_stopped

Band = tuple[float, float]  # from, to, in Hz

_TRANSITION_HZ = 60.0
_BLOCK_FRAMES = 1 << 17
_HIGHEST_SHARE = 0.95  # of half the sample rate, where no filter can cut any more


def split_bands(
    source: Path, bands: Mapping[str, Band], rest: str, folder: Path, stop: Stop
) -> dict[str, Path]:
    """Write a 32-bit float WAV for each band and for the rest, as `NAME.wav` in `folder`.

    Raises
    ------
    AudioFileError
        `source` cannot be read.
    DiskFull, NotWritable, JobCancelled
    """
    paths = {name: folder / f"{name}.wav" for name in (*bands, rest)}
    with ExitStack() as stack:
        reader = stack.enter_context(AudioReader(source))
        info = reader.info
        filters = {name: _filter(band, info.sample_rate) for name, band in bands.items()}
        margin = max(len(taps) for taps in filters.values()) // 2
        writers = {
            name: stack.enter_context(AudioWriter(path, info.sample_rate, info.n_channels))
            for name, path in paths.items()
        }
        for start in range(0, info.n_frames, _BLOCK_FRAMES):
            raise_if_stopped(stop)
            n_frames = min(_BLOCK_FRAMES, info.n_frames - start)
            around = reader.read_at(start - margin, n_frames + 2 * margin)
            left = around[:, margin : margin + n_frames]
            for name, taps in filters.items():
                cut = oaconvolve(around.astype(np.float64), taps[np.newaxis], "same", axes=1)
                part = cut[:, margin : margin + n_frames].astype(np.float32)
                writers[name].write(part)
                left = left - part
            writers[rest].write(left)
    return paths


def _filter(band: Band, sample_rate: int) -> npt.NDArray[np.float64]:
    """Taps of a band-pass, an odd number; the same length for all bands of a rate."""
    n_taps = 2 * round(1.65 * sample_rate / _TRANSITION_HZ) + 1  # Hamming window: 3.3 / width
    highest = _HIGHEST_SHARE * sample_rate / 2
    low, high = (min(edge, highest) for edge in band)
    if low >= high:
        return np.zeros(n_taps)
    return np.asarray(firwin(n_taps, [max(low, 1.0), high], fs=sample_rate, pass_zero=False))
