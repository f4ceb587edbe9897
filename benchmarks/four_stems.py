"""Splitting an accompaniment into draft drums, bass and other, with two workers.

    python benchmarks/four_stems.py [--full]

The peer is the diffusion alone, as it is usually written: whole arrays in each step, the whole
file at once; with --full, which takes an hour of audio, only ours runs, for its memory. Then the
quality, on a band made of mathematics whose parts are known: SDR in dB of each stem, and of a
third of the mix taken for each.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from support.measured import measured, minutes_of_audio, print_ratios, write_noise

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.local.draft_masks import DRAFT_GRID, DRAFT_RATE
from hanolab_dawtools.engines.local.draft_split import DRAFT_ROLES, split_accompaniment
from hanolab_dawtools.engines.local.percussive import BALANCE, REACH_WINDOWS
from hanolab_dawtools.events import NeverStop, ignore_progress

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fakes.band import RATE, band

WANTED_SPEED = 15  # times real time
MEMORY_LIMIT_MB = 900


def split_file(path: Path) -> list[Path]:
    paths = {role: path.with_name(f"{role}.wav") for role in DRAFT_ROLES}
    split_accompaniment(path, paths, n_workers=2, stop=NeverStop(), progress=ignore_progress)
    return list(paths.values())


def diffuse_whole_arrays(path: Path) -> None:
    spectra = DRAFT_GRID.analyse(read_audio(path).samples)
    magnitudes = np.sqrt(np.sum(np.abs(spectra) ** 2, axis=0))
    harmonic = magnitudes / 2
    for _ in range(REACH_WINDOWS):
        percussive = magnitudes - harmonic
        in_time = np.pad(harmonic, ((1, 1), (0, 0)))
        in_bins = np.pad(percussive, ((0, 0), (1, 1)), mode="reflect")
        flow = BALANCE * (in_time[:-2] - 2 * harmonic + in_time[2:]) / 4
        flow -= (1 - BALANCE) * (in_bins[:, :-2] - 2 * percussive + in_bins[:, 2:]) / 4
        harmonic = np.minimum(np.maximum(harmonic + flow, 0), magnitudes)


def compare_speed(folder: Path, minutes: int) -> None:
    path = folder / "accompaniment.wav"
    write_noise(path, DRAFT_RATE, minutes)
    contenders = [split_file] if minutes == 60 else [split_file, diffuse_whole_arrays]
    rows = [measured(contender, path) for contender in contenders]
    print(
        f"{minutes} minutes of stereo at 44.1 kHz "
        f"(wanted: {WANTED_SPEED}x real time, below {MEMORY_LIMIT_MB} MB)"
    )
    print_ratios(rows, 60 * minutes)


def compare_quality(folder: Path) -> None:
    parts = band(20)
    mix = np.sum(parts, axis=0, dtype=np.float32)
    write_audio(folder / "band.wav", AudioBuffer(mix, RATE))
    stems = [read_audio(path).samples for path in split_file(folder / "band.wav")]
    for role, part, stem in zip(DRAFT_ROLES, parts, stems, strict=True):
        print(f"{role.value:8} {sdr(part, stem):6.2f} dB   mix / 3 {sdr(part, mix / 3):6.2f} dB")


def sdr(wanted: Samples, got: Samples) -> float:
    error = np.subtract(wanted, got, dtype=np.float64)
    return float(10 * np.log10(np.sum(np.square(wanted, dtype=np.float64)) / np.sum(error**2)))


if __name__ == "__main__":
    wanted_minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as work_folder:
        compare_speed(Path(work_folder), wanted_minutes)
        compare_quality(Path(work_folder))
