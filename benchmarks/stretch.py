"""Stretching a 48 kHz stereo file to 0.9 times its speed: ours against pedalboard's own, whole.

`--full` takes an hour. `late` is by how many ms a click near the end comes late: pedalboard
drives the engine in long calls, which drift.
"""

import tempfile
from pathlib import Path

import numpy as np
import pedalboard
import soundfile
from support.measured import measured, minutes_of_audio, print_ratios

from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.audio.stretch import TimeStretch, stretched_blocks
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.events import NeverStop

SAMPLE_RATE = 48_000
RATE = 0.9
CLICK_BEFORE_END_SECONDS = 5


def write_music_like(path: Path, minutes: int) -> None:
    """Quiet noise, with a loud click near the end."""
    block = np.random.default_rng(0).uniform(-0.01, 0.01, (2, SAMPLE_RATE)).astype(np.float32)
    n_blocks = 60 * minutes
    with AudioWriter(path, SAMPLE_RATE, 2, n_frames=n_blocks * SAMPLE_RATE) as writer:
        for number in range(n_blocks):
            clicked = block.copy()
            if number == n_blocks - CLICK_BEFORE_END_SECONDS:
                clicked[:, 0] = 1.0
            writer.write(clicked)


def late_ms(path: Path, minutes: int) -> float:
    """How late the click of a stretched file is."""
    wanted = (60 * minutes - CLICK_BEFORE_END_SECONDS) * SAMPLE_RATE / RATE
    first = round(wanted) - SAMPLE_RATE
    frames, _ = soundfile.read(path, frames=2 * SAMPLE_RATE, start=first)
    return round((first + int(np.argmax(np.abs(frames[:, 0]))) - wanted) / SAMPLE_RATE * 1000, 2)


def ours(path: Path, target: Path, minutes: int) -> float:
    stretch = TimeStretch(TimeMap.at_rate(RATE))
    with AudioReader(path) as reader:
        span = range(round(reader.info.n_frames / RATE))
        with AudioWriter(target, SAMPLE_RATE, 2, n_frames=len(span)) as writer:
            blocks = stretched_blocks(
                lambda start, stop: reader.read_at(start, stop - start),
                stretch,
                SAMPLE_RATE,
                span,
                NeverStop(),
            )
            for block in blocks:
                writer.write(block)
    return late_ms(target, minutes)


def pedalboard_at_once(path: Path, target: Path, minutes: int) -> float:
    frames, sample_rate = soundfile.read(path, dtype="float32")
    made = pedalboard.time_stretch(
        np.ascontiguousarray(frames.T), sample_rate, RATE, preserve_formants=False
    )
    soundfile.write(target, made.T, sample_rate, "FLOAT", format="WAV")
    return late_ms(target, minutes)


def main() -> None:
    minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as text:
        path, target = Path(text) / "music.wav", Path(text) / "made.wav"
        write_music_like(path, minutes)
        rows = [measured(one, path, target, minutes) for one in (ours, pedalboard_at_once)]
        print_ratios(rows, 60.0 * minutes, "late ms")


if __name__ == "__main__":
    main()
