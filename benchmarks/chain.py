"""Six effects on a 48 kHz stereo WAV: ours against pedalboard by hand, whole and in blocks.

`--full` takes an hour. Each reads a 24-bit WAV and writes a 32-bit float WAV; ours also syncs it
to the disk, checks every sample and reports progress.
"""

import tempfile
from pathlib import Path

import numpy as np
import pedalboard
import soundfile
from support.measured import measured, minutes_of_audio, print_ratios, write_noise

from hanolab_dawtools.audio.chain import render_chain
from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import EffectSpec

SAMPLE_RATE = 48_000
NAMES = ("highpass", "noise_gate", "peak", "compressor", "high_shelf", "gain")
BLOCK_FRAMES = 65_536


def ours(path: Path, target: Path) -> None:
    render_chain(path, target, [EffectSpec(name) for name in NAMES])


def pedalboard_at_once(path: Path, target: Path) -> None:
    frames, sample_rate = soundfile.read(path, dtype="float32")
    made = _board()(np.ascontiguousarray(frames.T), sample_rate)
    soundfile.write(target, made.T, sample_rate, "FLOAT", format="WAV")


def pedalboard_in_blocks(path: Path, target: Path) -> None:
    board = _board()
    with (
        soundfile.SoundFile(path) as source,
        soundfile.SoundFile(target, "w", source.samplerate, 2, "FLOAT", format="WAV") as sink,
    ):
        while (frames := source.read(BLOCK_FRAMES, dtype="float32")).size:
            block = np.ascontiguousarray(frames.T)
            sink.write(board.process(block, source.samplerate, reset=False).T)


def _board() -> pedalboard.Pedalboard:
    return pedalboard.Pedalboard(
        [
            getattr(pedalboard, EFFECTS[name].plugin)(
                **{parameter.name: parameter.default for parameter in EFFECTS[name].parameters}
            )
            for name in NAMES
        ]
    )


def main() -> None:
    minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as text:
        path, target = Path(text) / "noise.wav", Path(text) / "made.wav"
        write_noise(path, SAMPLE_RATE, minutes)
        contenders = (ours, pedalboard_at_once, pedalboard_in_blocks)
        rows = [measured(contender, path, target) for contender in contenders]
        print_ratios(rows, 60.0 * minutes)


if __name__ == "__main__":
    main()
