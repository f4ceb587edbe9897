"""What a sound keeps when its voice is exchanged: how loud each part of the spectrum is, in time.

A converted voice has another waveform, another pitch and another timbre; syllables, breaths and
consonants stay where they were. So the energy in a few wide bands is followed, in windows longer
than the period of any voice, and its logarithm is freed of the slow level, which conversions
change as well.

Arrays are float32, shape (n_bands, n_steps); step i is the moment i / `STEPS_PER_SECOND` after
the start of the file, in the middle of its window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage, signal

from hanolab_dawtools.audio.moved import refuse_non_audio
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError

Envelopes = npt.NDArray[np.float32]

STEPS_PER_SECOND = 500
ANALYSIS_RATE = 16_000  # Hz; what RVC itself hears
BAND_EDGES_HZ = (80.0, 400.0, 1000.0, 2000.0, 3500.0, 5500.0, 8000.0)
N_BANDS = len(BAND_EDGES_HZ) - 1

_HOP = ANALYSIS_RATE // STEPS_PER_SECOND
_WINDOW = 400  # 25 ms: two periods of 80 Hz, so that the envelope has no ripple of the pitch
_N_FFT = 512
_EDGE_STEPS = 15  # 30 ms: half a window and what a resampler spreads
_STEPS_AT_ONCE = 2048
_SLOW_SECONDS = 0.125  # of the Gaussian whose mean is taken for the slow level
_SILENCE_DB = -90.0  # of a band; a window of full-scale noise has about 40
_OVER_NOISE_DB = 8.0  # of a noise's mean level: its own movement is below that
_RANGE_OF_BANDS_DB = 55.0  # below the loudest band there is leakage and rounding
_RANGE_DB = 45.0  # below a band's loud moments; what is deeper is noise and differs


def read_envelopes(
    path: Path, *, declared_rate: int | None = None, tick: Callable[[float], None]
) -> Envelopes:
    """Level of each band in dB, over the whole file.

    Channels are summed as their mean. `tick` is told the share that is done, before each block.

    Raises
    ------
    AudioFileError
        As `AudioReader`; a file without frames; samples that are no audio.
    """
    with ResampledReader(path, ANALYSIS_RATE, declared_rate=declared_rate) as reader:
        if reader.n_frames == 0:
            raise AudioFileError(path, "it holds no audio, its length is 0")
        n_steps = -(-reader.n_frames // _HOP)
        levels = np.empty((N_BANDS, n_steps), dtype=np.float32)
        for first, mono in _blocks(path, reader, n_steps):
            tick(first / n_steps)
            last = min(first + _STEPS_AT_ONCE, n_steps)
            levels[:, first:last] = _levels_db(mono)[:, : last - first]
    return levels


def _blocks(
    path: Path, reader: ResampledReader, n_steps: int
) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """Runs of mono samples with what their first and last windows need, and their first step."""
    margin = _WINDOW // 2
    carried = np.zeros(margin, dtype=np.float32)
    carried = np.concatenate([carried, _mono(path, reader, 0, margin)])
    for first in range(0, n_steps, _STEPS_AT_ONCE):
        start = first * _HOP + margin
        fresh = _mono(path, reader, start, start + _STEPS_AT_ONCE * _HOP)
        mono = np.concatenate([carried, fresh])
        yield first, mono
        carried = mono[-2 * margin :]


def _mono(path: Path, reader: ResampledReader, start: int, stop: int) -> npt.NDArray[np.float32]:
    samples = reader.read(start, stop)
    refuse_non_audio(path, samples)
    return np.asarray(samples.mean(axis=0, dtype=np.float32))


def _without_edges(levels: Envelopes) -> Envelopes:
    """Hold the first and last whole windows: a file that is cut within a sound has no offset."""
    n_held = min(_EDGE_STEPS, (levels.shape[1] - 1) // 2)
    levels[:, :n_held] = levels[:, n_held : n_held + 1]
    levels[:, levels.shape[1] - n_held :] = levels[:, -n_held - 1 : levels.shape[1] - n_held]
    return levels


def _levels_db(mono: npt.NDArray[np.float32]) -> Envelopes:
    windows = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[::_HOP]
    shape = signal.windows.hann(_WINDOW, sym=True).astype(np.float32)
    spectra = fft.rfft(windows * shape, _N_FFT, axis=1)
    powers = (spectra.real**2 + spectra.imag**2) @ _band_matrix()
    return np.asarray(10.0 * np.log10(powers.T + 1e-12), dtype=np.float32)


def _band_matrix() -> npt.NDArray[np.float32]:
    """Which bin belongs to which band, shape (n_bins, n_bands)."""
    bins_hz = np.arange(_N_FFT // 2 + 1) * (ANALYSIS_RATE / _N_FFT)
    lower, upper = np.array(BAND_EDGES_HZ[:-1]), np.array(BAND_EDGES_HZ[1:])
    is_inside = (bins_hz[:, np.newaxis] >= lower) & (bins_hz[:, np.newaxis] < upper)
    return is_inside.astype(np.float32)


def loudness_db(levels_db: Envelopes) -> npt.NDArray[np.float32]:
    """Level of all bands together, shape (n_steps,)."""
    powers = np.zeros(levels_db.shape[1], dtype=np.float32)
    for band in levels_db:  # one by one: there may be an hour of them
        powers += 10.0 ** (band / 10.0)
    return np.asarray(10.0 * np.log10(powers, out=powers))


def make_patterns(first: Envelopes, second: Envelopes) -> None:
    """Turn levels of two sounds into what can be compared, in place.

    What a noise hides in one of them is taken out of the other one, too: a sound would else seem
    to begin late in the one with more noise. Then the slow level is taken away. A band without
    movement becomes 0 throughout.
    """
    softest = [_loudest_db(levels) - _RANGE_OF_BANDS_DB for levels in (first, second)]
    for pair in zip(first, second, strict=True):
        hidden = max(map(_hidden_share, pair, softest))
        for band in pair:
            np.maximum(band, np.quantile(_thinned(band), hidden), out=band)
            slow = ndimage.gaussian_filter1d(band, _SLOW_SECONDS * STEPS_PER_SECOND)
            np.subtract(band, slow, out=band)


def _loudest_db(levels: Envelopes) -> float:
    """Level of the loudest band in its loud moments."""
    return max(float(np.percentile(_thinned(band), 95)) for band in levels)


def _hidden_share(band: npt.NDArray[np.float32], softest_db: float) -> float:
    """Share of the time in which a band holds noise or silence."""
    noise, loud = np.percentile(_thinned(band), (10, 95))
    floor = max(float(loud) - _RANGE_DB, float(noise) + _OVER_NOISE_DB)
    floor = max(floor, softest_db, _SILENCE_DB)
    return float(np.mean(_thinned(band) < floor))


def _thinned(band: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Enough of a band for its distribution."""
    return band[:: max(1, band.size // 100_000)]


def between(envelopes: Envelopes, first: int, last: int) -> Envelopes:
    """Steps first..last, 0 outside."""
    part = np.zeros((envelopes.shape[0], last - first), dtype=np.float32)
    start, stop = max(first, 0), min(last, envelopes.shape[1])
    if start < stop:
        part[:, start - first : stop - first] = envelopes[:, start:stop]
    return part
