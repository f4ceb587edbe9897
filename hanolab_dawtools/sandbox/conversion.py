"""Stands for voice conversion: what happens to rate, width, length and time is as RVC does it.

The voice itself is only shifted in pitch and coloured by the model's filter: a preview, and the
task's note says so. What a client must cope with is all there, from the RVC code (pipeline.py of
RVC-Project): the result is mono, 16-bit, at the model's rate; it ends 5 to 25 ms early, because
frames of 10 ms come from a feature extractor with steps of 20 ms; audio beyond 41 s is cut near
every 38 s, at the quietest 10 ms around, and each cut may lose 10 ms, so that what follows comes
early.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples
from hanolab_dawtools.audio.edit import trim
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.audio.stretch import TimeStretch, stretched_blocks
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.events import Stop
from hanolab_dawtools.sandbox.results import Results
from hanolab_dawtools.sandbox.separation import Separator
from hanolab_dawtools.sandbox.voices import VOICES

RVC_RATE = 40_000
FLASH_RATES = (24_000, 22_050)  # by voice model
SONG_RATE = 44_100
CUT_SECONDS, CUT_SEARCH_SECONDS, LONGEST_UNCUT_SECONDS = 38, 6, 41  # RVC, 32-bit on a GPU
STEP_SECONDS = 0.01
_FEATURE_RATE = 16_000
_FEATURE_STEP_FRAMES, _FEATURE_LOST_FRAMES = 320, 80

_NOTE = (
    "a preview by the sandbox: the pitch is shifted and the tone filtered; index_rate, "
    "filter_radius, rms_mix_rate and protect have no effect here"
)


def convert(
    source: Path, request: Mapping[str, Any], results: Results, separator: Separator, stop: Stop
) -> str:
    """Write `converted.wav` (mono, 40 kHz), or with `full_song` `song.wav` (stereo, 44.1 kHz).

    Raises
    ------
    AudioFileError, EngineCannot
    DiskFull, NotWritable, JobCancelled
    """
    voice, semitones = str(request["voice_model_id"]), float(request.get("pitch_shift", 0))
    if not request.get("full_song"):
        results.write("converted.wav", _converted(read_audio(source), voice, semitones, stop))
        return _NOTE
    with tempfile.TemporaryDirectory(dir=results.folder) as scratch:
        stems, how = separator.stems(source, "2stem", Path(scratch), stop)
        vocals = _converted(read_audio(stems["vocals"]), voice, semitones, stop)
        accompaniment = resample(read_audio(stems["accompaniment"]), SONG_RATE)
    song = _two_channels(accompaniment.samples)
    sung = resample(vocals, SONG_RATE).samples
    n_frames = min(song.shape[1], sung.shape[1])
    song[:, :n_frames] += sung[:, :n_frames]
    results.write("song.wav", AudioBuffer(song, SONG_RATE))
    return f"{_NOTE}; stems: {how}"


def convert_flash(source: Path, request: Mapping[str, Any], results: Results, stop: Stop) -> str:
    """Write `converted.wav`: mono, at one of `FLASH_RATES`. Errors as `convert`."""
    voice = str(request["voice_model_id"])
    rate = FLASH_RATES[list(VOICES).index(voice) % 2]
    sound = _coloured(_shifted(_mono(read_audio(source), rate), 0.0, stop), voice)
    step = round(STEP_SECONDS * rate)
    n_frames = max(step, sound.n_frames // step * step)
    results.write("converted.wav", AudioBuffer(sound.samples[:, :n_frames], rate))
    return _NOTE


def kept_frames(n_frames: int, sample_rate: int) -> int:
    """Frames at `RVC_RATE` that RVC makes of an input without cuts."""
    n_heard = n_frames * _FEATURE_RATE // sample_rate
    steps = 2 * max(1, (n_heard - _FEATURE_LOST_FRAMES) // _FEATURE_STEP_FRAMES)
    return round(steps * STEP_SECONDS * RVC_RATE)


def _converted(source: AudioBuffer, voice: str, semitones: float, stop: Stop) -> AudioBuffer:
    mono = _mono(source, RVC_RATE)
    sound = _coloured(_shifted(mono, semitones, stop), voice).samples
    sound = sound[:, : kept_frames(source.n_frames, source.sample_rate)]
    edges = [0, *_cuts(mono.samples[0]), sound.shape[1]]
    parts = []
    for start, end in pairwise(edges):
        is_last = end == sound.shape[1]
        parts.append(sound[:, start : end if is_last else end - _lost_at(end)])
    return AudioBuffer(np.concatenate(parts, axis=1), RVC_RATE)


def _cuts(mono: Samples) -> list[int]:
    """Frames where RVC cuts: near each 38 s, in the middle of the quietest 10 ms."""
    if len(mono) <= LONGEST_UNCUT_SECONDS * RVC_RATE:
        return []
    step, search = round(STEP_SECONDS * RVC_RATE), CUT_SEARCH_SECONDS * RVC_RATE
    cuts = []
    for centre in range(CUT_SECONDS * RVC_RATE, len(mono) - search, CUT_SECONDS * RVC_RATE):
        around = np.abs(mono[centre - search : centre + search])
        levels = around.reshape(-1, step).sum(axis=1)
        cuts.append(centre - search + int(levels.argmin()) * step + step // 2)
    return cuts


def _lost_at(cut_frame: int) -> int:
    """10 ms or nothing, always the same for the same cut."""
    digest = hashlib.sha256(str(cut_frame).encode("ascii")).digest()
    return round(STEP_SECONDS * RVC_RATE) if digest[0] % 2 else 0


def _mono(source: AudioBuffer, rate: int) -> AudioBuffer:
    middle = source.samples.mean(axis=0, keepdims=True, dtype=np.float32)
    peak = float(np.abs(middle).max()) / 0.95  # RVC scales hotter inputs down
    return resample(AudioBuffer(middle / np.float32(max(peak, 1.0)), source.sample_rate), rate)


def _shifted(sound: AudioBuffer, semitones: float, stop: Stop) -> AudioBuffer:
    """Another pitch, the same length."""
    if semitones == 0.0:
        return sound

    def read(start: int, end: int) -> Samples:
        return trim(sound.samples, start, end)

    stretch = TimeStretch(TimeMap.at_rate(1.0), semitones)
    span = range(sound.n_frames)
    blocks = list(stretched_blocks(read, stretch, sound.sample_rate, span, stop))
    return AudioBuffer(np.concatenate(blocks, axis=1), sound.sample_rate)


def _coloured(sound: AudioBuffer, voice: str) -> AudioBuffer:
    """With the model's tone: more or less of what a moving average around each frame leaves."""
    tone = VOICES[voice]
    if tone.gain_above == 0.0:
        return sound
    half = max(1, round(sound.sample_rate / tone.corner_hz / 2))
    sums = np.pad(
        np.cumsum(sound.samples, axis=1, dtype=np.float64), ((0, 0), (half + 1, half)), "edge"
    )
    sums[:, : half + 1] = 0.0
    width = 2 * half + 1
    above = sound.samples - ((sums[:, width:] - sums[:, :-width]) / width).astype(np.float32)
    return AudioBuffer(sound.samples + np.float32(tone.gain_above) * above, sound.sample_rate)


def _two_channels(samples: Samples) -> Samples:
    if samples.shape[0] == 1:
        return np.repeat(samples, 2, axis=0)
    return samples[:2].copy()
