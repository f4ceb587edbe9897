"""Measuring and repairing a voice conversion: 2 minutes, or an hour with --full.

Printed: time, speed and peak memory of each part. The source is noise whose bands move as those
of a voice do; the conversion is the same at 40 kHz, with 10 ms lost every 30 s.
"""

import tempfile
from pathlib import Path

import numpy as np
from support.measured import measured, minutes_of_audio, print_ratios

from hanolab_dawtools.audio.drift import measure_drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import AudioWriter, probe

RATES = (48_000, 40_000)
PIECE_SECONDS = 30


def write_voice(path: Path, sample_rate: int, minutes: int, lost_seconds: float) -> None:
    """Bursts of noise at places that only the seed decides; each piece loses its end."""
    with AudioWriter(path, sample_rate, 1, subtype="PCM_16") as writer:
        for piece in range(minutes * 60 // PIECE_SECONDS):
            random = np.random.default_rng(piece)
            levels = random.uniform(0.0, 0.3, PIECE_SECONDS * 10) ** 2
            times = np.arange(PIECE_SECONDS * sample_rate) / sample_rate
            gains = np.interp(times, np.arange(levels.size) / 10, levels)
            wave = np.float32(gains * random.uniform(-1, 1, times.size))
            writer.write(wave[np.newaxis, : times.size - round(lost_seconds * sample_rate)])


def measure(reference: Path, converted: Path) -> int:
    return len(measure_drift(reference, converted).steps)


def measure_and_repair(reference: Path, converted: Path, target: Path) -> int:
    drift = measure_drift(reference, converted)
    repair_drift(converted, drift, target, n_frames=probe(reference).n_frames)
    return len(drift.steps)


def main() -> None:
    minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("reference.wav", "converted.wav", "out.wav")]
        for path, rate, lost in zip(paths, RATES, (0.0, 0.01), strict=False):
            write_voice(path, rate, minutes, lost)
        rows = [measured(measure, *paths[:2]), measured(measure_and_repair, *paths)]
        print_ratios(rows, minutes * 60, note="steps found:")


if __name__ == "__main__":
    main()
