"""44.1 kHz stereo to 48 kHz: ours against pedalboard's two resamplers and soxr at one go.

`--full` takes an hour. All read the same WAV. The last column is what is left, in dB, of a tone
of 23 kHz in 48 kHz audio that is brought to 44.1 kHz, where no such tone can be.
"""

import tempfile
from pathlib import Path

import numpy as np
import pedalboard
import pedalboard.io
import soundfile
import soxr
from support.measured import Measurement, measured, minutes_of_audio, print_ratios, write_noise

from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.audio.resample import ResampledReader, StreamResampler

FROM_RATE, TO_RATE = 44_100, 48_000
TONE_HZ = 23_000.0
BLOCK_FRAMES = 65_536


def ours(path: Path, to_rate: int) -> np.ndarray:
    with AudioReader(path) as reader:
        resampler = StreamResampler(reader.info.sample_rate, to_rate, reader.info.n_channels)
        for block in reader.blocks():
            last = resampler.process(block)
        resampler.flush()
    return last


def ours_read_on(path: Path, to_rate: int) -> np.ndarray:
    """As a project's items are read."""
    with ResampledReader(path, to_rate) as reader:
        for start in range(0, reader.n_frames, BLOCK_FRAMES):
            last = reader.read(start, min(start + BLOCK_FRAMES, reader.n_frames))
    return last


def pedalboard_file(path: Path, to_rate: int) -> np.ndarray:
    with pedalboard.io.AudioFile(str(path)).resampled_to(to_rate) as file:
        while file.tell() < file.frames:
            last = file.read(BLOCK_FRAMES)
    return last


def pedalboard_stream(path: Path, to_rate: int) -> np.ndarray:
    with soundfile.SoundFile(path) as file:
        resampler = pedalboard.io.StreamResampler(file.samplerate, to_rate, file.channels)
        while (frames := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)).size:
            last = resampler.process(np.ascontiguousarray(frames.T))
        resampler.process(None)
    return last


def soxr_at_once(path: Path, to_rate: int) -> np.ndarray:
    frames, from_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(frames, from_rate, to_rate, "VHQ")[-BLOCK_FRAMES:].T


CONTENDERS = (ours, ours_read_on, pedalboard_file, pedalboard_stream, soxr_at_once)


def leak(contender: object, path: Path) -> str:
    """RMS level of the impossible tone's remains, far from the edges."""
    made = contender(path, FROM_RATE)  # type: ignore[operator]
    middle = made[0, made.shape[1] // 4 : -made.shape[1] // 4].astype(np.float64)
    return f"{20 * np.log10(np.sqrt(2 * np.mean(middle**2)) + 1e-12):.0f} dB"


def main() -> None:
    minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as text:
        path, tone = Path(text) / "noise.wav", Path(text) / "tone.wav"
        write_noise(path, FROM_RATE, minutes)
        wave = np.sin(2 * np.pi * TONE_HZ / TO_RATE * np.arange(BLOCK_FRAMES * 8))
        soundfile.write(tone, wave, TO_RATE, "FLOAT")
        rows = []
        for contender in CONTENDERS:
            row = measured(contender, path, TO_RATE)
            rows.append(Measurement(row.name, row.seconds, row.peak_mb, leak(contender, tone)))
        print_ratios(rows, 60.0 * minutes, "leak")


if __name__ == "__main__":
    main()
