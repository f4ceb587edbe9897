"""Telling stems apart by their sound, when no name does: a guess, and marked as one.

Two means. The stems of a separation add up to the input, so of more files than roles those count
whose sum nulls best against it. Which of them is which is concluded from the spectrum: bass lies
low, drums are short and bright, a voice sings in the middle and pauses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.files import AudioReader, probe
from hanolab_dawtools.audio.null import null_db
from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import Stop, ignore_progress, raise_if_stopped
from hanolab_dawtools.model import StemRole

LISTENED_SECONDS = 60.0  # from the middle of the file
MAX_NULLED = 20  # combinations tried; six of nine files would be 84

_WINDOW_SECONDS = 0.046
_GAP_DB = -40.0  # below the loudest window: a pause
_SILENT_ENERGY = 1e-12

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Sound:
    """How a file sounds; each value is 0..1.

    `low`, `middle`, `high`: shares of the energy below 150 Hz, from 200 Hz to 4 kHz, above 5 kHz.
    `attack`: how much of the level's change is sudden rise. `pauses`: share of silent windows.
    """

    low: float
    middle: float
    high: float
    attack: float
    pauses: float


def conclude(
    paths: Sequence[Path], roles: Sequence[StemRole], reference: Path | None, *, stop: Stop
) -> Mapping[int, StemRole]:
    """Which of `paths` (by its number) has which of `roles`; each role at most once.

    Parameters
    ----------
    reference
        What the files were made of; None when it is not there any more.

    Raises
    ------
    AudioFileError
        A file cannot be read.
    JobCancelled
    """
    numbers = list(range(len(paths)))
    if len(paths) > len(roles) and reference is not None:
        numbers = _those_that_add_up(paths, len(roles), reference, stop)
    sounds = {number: measure(paths[number], stop) for number in numbers}
    shorter = min(len(numbers), len(roles))
    ways = (
        dict(zip(some, order, strict=True))
        for some in combinations(numbers, shorter)
        for order in permutations(roles, shorter)
    )
    return max(ways, key=lambda way: sum(_fit(role, sounds[n]) for n, role in way.items()))


def measure(path: Path, stop: Stop) -> Sound:
    """How a file sounds in its middle."""
    info = probe(path)
    n_window = max(256, round(info.sample_rate * _WINDOW_SECONDS))
    n_listened = round(LISTENED_SECONDS * info.sample_rate)
    start = max(0, (info.n_frames - n_listened) // 2)
    spectra = []
    window = np.hanning(n_window)
    with AudioReader(path) as reader:
        rest = np.zeros(0, dtype=np.float64)
        for block in reader.blocks(start, min(info.n_frames, start + n_listened)):
            raise_if_stopped(stop)
            mono = np.concatenate([rest, block.mean(axis=0, dtype=np.float64)])
            n_whole = mono.size // n_window
            frames = mono[: n_whole * n_window].reshape(n_whole, n_window)
            rest = mono[n_whole * n_window :]
            spectra.append(
                np.square(np.abs(np.fft.rfft(frames * window, axis=1)), dtype=np.float64)
            )
    power = np.concatenate(spectra) if spectra else np.zeros((0, n_window // 2 + 1))
    return _sound(power, np.fft.rfftfreq(n_window, 1.0 / info.sample_rate))


def _sound(power: Floats, frequencies_hz: Floats) -> Sound:
    """From power spectra, shape (n_windows, n_frequencies)."""
    total = float(power.sum())
    if total <= _SILENT_ENERGY:
        return Sound(0.0, 0.0, 0.0, 0.0, 1.0)

    def share(low_hz: float, high_hz: float) -> float:
        inside = (frequencies_hz >= low_hz) & (frequencies_hz < high_hz)
        return float(power[:, inside].sum()) / total

    levels = power.sum(axis=1)
    loudest = float(levels.max())
    rises = np.clip(np.diff(np.sqrt(levels), prepend=0.0), 0.0, None)
    mean_level = float(np.sqrt(levels).mean())
    return Sound(
        low=share(0.0, 150.0),
        middle=share(200.0, 4000.0),
        high=share(5000.0, np.inf),
        attack=min(1.0, float(rises.mean()) / mean_level),
        pauses=float(np.mean(levels < loudest * 10.0 ** (_GAP_DB / 10.0))),
    )


def _fit(role: StemRole, sound: Sound) -> float:
    """How well a role fits a sound; only comparisons mean something."""
    match role:
        case StemRole.VOCALS:
            fit = sound.middle + 0.5 * sound.pauses - sound.low - 0.5 * sound.attack - sound.high
        case StemRole.ACCOMPANIMENT:
            fit = 0.5 * sound.low + 0.5 * sound.attack - 0.5 * sound.pauses + 0.5 * sound.high
        case StemRole.BASS:
            fit = 2.0 * sound.low - sound.high - 0.5 * sound.attack
        case StemRole.DRUMS:
            fit = 2.0 * sound.attack + sound.high - 0.5 * sound.middle
        case StemRole.GUITAR | StemRole.PIANO:
            fit = 0.5 * sound.middle - 0.5 * sound.low
        case _:
            fit = 0.0
    return fit


def _those_that_add_up(
    paths: Sequence[Path], n_wanted: int, reference: Path, stop: Stop
) -> list[int]:
    """Numbers of the files whose sum comes nearest to the reference; the first where none can."""
    best, best_db = list(range(n_wanted)), 0.0
    for _, chosen in zip(
        range(MAX_NULLED), combinations(range(len(paths)), n_wanted), strict=False
    ):
        try:
            left_db = null_db(
                reference,
                [paths[number] for number in chosen],
                overlap_only=True,
                stop=stop,
                progress=ignore_progress,
            )
        except InputError:  # other rate or width: no null, no help
            continue
        if left_db < best_db:
            best, best_db = list(chosen), left_db
    return best
