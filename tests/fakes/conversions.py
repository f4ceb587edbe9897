"""Conversions whose place in time is known: what comes back from a service, and what should."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fakes import rvc_cuts, singers
from fakes.rvc_cuts import Machine
from scipy import signal

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.drift import Drift
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.resample import resample

REFERENCE_RATE = 48_000
CONVERTED_RATE = 40_000
ONSETS_APART_SECONDS = 0.15
NO_MATCH = 0.7  # correlation; a crossfade or 16 bit leave more
MARGIN = 16  # frames that a resampler spoils
BETWEEN_FRAMES = 4  # a hiss is alike only to a fraction of a frame


@dataclass(frozen=True)
class Conversion:
    """A source and its conversion as files; `ideal` is the conversion without any loss of time.

    `ideal`: shape (n_frames,) at 16 kHz. `kept`: what is left of it.
    """

    reference: Path
    converted: Path
    ideal: np.ndarray
    kept: list[rvc_cuts.Piece]
    source: np.ndarray

    @property
    def true_steps(self) -> list[tuple[float, float]]:
        """Seconds at which something is lost, and how much of it."""
        pairs = itertools.pairwise(self.kept)
        return [(b.start, round(b.start - a.stop, 3)) for a, b in pairs if b.start > a.stop]


def write_wave(path: Path, wave: np.ndarray, rate: int, subtype: str = "FLOAT") -> Path:
    """A wave, shape (n_frames,) at 16 kHz, as a file of another rate, its peak at half of full."""
    peak = float(np.abs(wave).max(initial=0.0)) or 1.0
    samples = np.asarray(wave[np.newaxis] * (0.5 / peak), dtype=np.float32)
    write_audio(path, resample(AudioBuffer(samples, singers.RATE), rate), subtype=subtype)
    return path


def convert(
    folder: Path,
    source: np.ndarray,
    converted: np.ndarray,
    machine: Machine = rvc_cuts.SMALL,
    *,
    by_sum: bool = False,
    kept: list[rvc_cuts.Piece] | None = None,
    late_seconds: float = 0.0,
) -> Conversion:
    """Write a source and what a service makes of it: mono, 40 kHz, 16 bit, cut, and late."""
    ideal = converted[: source.size]
    kept = rvc_cuts.pieces_kept(source, machine, by_sum=by_sum) if kept is None else kept
    wave = rvc_cuts.without_the_lost(ideal, kept, singers.RATE)
    wave = np.concatenate([np.zeros(round(late_seconds * singers.RATE)), wave])
    return Conversion(
        write_wave(folder / "reference.wav", source, REFERENCE_RATE),
        write_wave(folder / "converted.wav", wave, CONVERTED_RATE, "PCM_16"),
        ideal,
        kept,
        source,
    )


def found_steps(drift: Drift) -> list[tuple[float, float]]:
    """Seconds of the repaired steps, and how much was lost there."""
    rate = drift.sample_rate
    return [(s.at_frame / rate, -s.shift_frames / rate) for s in drift.steps if s.repaired]


def errors_at_onsets(conversion: Conversion, repaired: Path) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of the source's onsets, and how late the repaired file is there, in seconds.

    The repaired file is compared with the ideal one, waveform with waveform, around each onset: the
    best match counts, and one that is no match is as bad as the worst. Onsets of which the service
    returned nothing, at the very end, do not count.
    """
    rate = singers.RATE
    ours = resample(read_audio(repaired), rate).samples[0].astype(np.float64)
    times = onsets(conversion.source)
    times = times[(times > 0.1) & (times < conversion.kept[-1].stop - 0.15)]
    return times, np.array([_lag(conversion.ideal, ours, round(at * rate)) for at in times]) / rate


def onsets(wave: np.ndarray) -> np.ndarray:
    """Seconds at which a wave becomes louder by 9 dB or more within 30 ms, and is not soft."""
    hop = singers.RATE // 200
    power = np.convolve(wave**2, np.ones(2 * hop) / (2 * hop), "same")[::hop]
    level = 10 * np.log10(power + 1e-6 * power.max())
    rise = level[6:] - level[:-6]
    found: list[float] = []
    for at in np.flatnonzero((rise > 9) & (level[6:] > level.max() - 35)):
        seconds = (at + 3) / 200
        if not found or seconds - found[-1] > ONSETS_APART_SECONDS:
            found.append(seconds)
    return np.array(found)


def _lag(ideal: np.ndarray, ours: np.ndarray, at: int) -> float:
    """By how many frames `ours` is late around a frame, within 25 ms either way."""
    reach, before, after = 400 + MARGIN, 320, 960
    part = ideal[at - before : at + after]
    around = ours[at - before - reach : at + after + reach]
    if around.size < part.size + 2 * reach:
        around = np.pad(around, (0, part.size + 2 * reach - around.size))
    products = np.correlate(around, part, "valid")
    summed = np.cumsum(np.pad(around**2, (1, 0)))
    energies = (summed[part.size :] - summed[: -part.size]) * np.sum(part**2)
    alike = products / np.sqrt(np.maximum(energies, 1e-20))
    between = signal.resample_poly(alike, BETWEEN_FRAMES, 1)
    inner = between[MARGIN * BETWEEN_FRAMES : -MARGIN * BETWEEN_FRAMES]
    lag = float(inner.argmax() / BETWEEN_FRAMES + MARGIN - reach)
    return lag if inner.max() > NO_MATCH else float(reach)
