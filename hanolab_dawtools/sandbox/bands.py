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

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.events import Stop, raise_if_stopped

Taps = npt.NDArray[np.float64]
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
                part = _filtered(around, taps)
                writers[name].write(part)
                left = left - part
            writers[rest].write(left)
    return paths


def _filter(band: Band, sample_rate: int) -> Taps:
    """Taps of a band-pass, an odd number; the same length for all bands of a rate."""
    half = round(1.65 * sample_rate / _TRANSITION_HZ)  # Hamming window: 3.3 / transition width
    time = np.arange(-half, half + 1)
    highest = _HIGHEST_SHARE * sample_rate / 2
    low, high = (2.0 * min(edge, highest) / sample_rate for edge in band)
    taps = high * np.sinc(high * time) - low * np.sinc(low * time)
    return np.asarray(taps * np.hamming(len(time)))


def _filtered(around: Samples, taps: Taps) -> Samples:
    """What a filter makes of the middle of `around`, half its taps away from both ends."""
    n_fft = 1 << (around.shape[1] - 1).bit_length()  # what wraps round falls into the margins
    spectrum = np.fft.rfft(around, n_fft) * np.fft.rfft(taps, n_fft)
    whole = np.fft.irfft(spectrum, n_fft)[:, len(taps) - 1 : around.shape[1]]
    return np.ascontiguousarray(whole, dtype=np.float32)
