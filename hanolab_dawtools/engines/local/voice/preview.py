"""A file of a voice in, a file of a changed voice out: mono, the same rate and length.

Long files are worked on in pieces of about half a minute, cut where it is soft and voiceless,
each with a second of what lies around it. So an hour needs no more memory than a minute; at a cut
the sound differs a little from what one piece would have given.

Rates above 48 kHz are worked on at half or a quarter of theirs by the caller's choice of file:
the vocoder knows nothing above a voice's range.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hanolab_dawtools import durable
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.engines.local.voice import vocoder
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs
from hanolab_dawtools.engines.local.voice.loudness import level_track, loudness_gain
from hanolab_dawtools.engines.local.voice.pitch import Floats, PitchTrack, mono_at, track_pitch
from hanolab_dawtools.engines.local.voice.timbre import Voiceprint, match_db, voiceprint
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import (
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)

PIECE_SECONDS = 30.0
_EITHER_WAY_SECONDS = 5.0
_CONTEXT_SECONDS = 1.0
_FADE_SECONDS = 0.010
_PRINT_SECONDS = 60.0  # that much of a voice tells its timbre


def preview_voice(
    source: Path, target: Path, knobs: VoiceKnobs, stop: Stop, progress: ProgressCallback
) -> None:
    """Change the voice in `source` and write `target`, a mono 32-bit float WAV.

    Raises
    ------
    ExtraMissing
        The extra `voice` is not installed.
    AudioFileError
        The source or the reference cannot be read, or the reference has no voice in it.
    DiskFull, NotWritable, JobCancelled
    """
    with AudioReader(source) as reader, durable.translated_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        track = track_pitch(reader, stop, progress)
        change = _change(reader, track, knobs, stop)
        with tempfile.TemporaryDirectory(prefix=".voice-", dir=target.parent) as folder:
            raw = Path(folder, "raw.wav")
            _write_pieces(reader, track, change, raw, stop=stop, progress=progress)
            _write_levelled(reader, raw, target, knobs.rms_mix_rate, stop)


def _change(
    reader: AudioReader, track: PitchTrack, knobs: VoiceKnobs, stop: Stop
) -> vocoder.Change:
    ratio, gain_db = 2.0 ** (knobs.pitch_shift / 12.0), None
    if knobs.reference is not None:
        own = _print_of(reader, track, stop)
        theirs = _reference_print(knobs.reference, stop)
        if own is not None:
            ratio *= theirs.pitch_hz / own.pitch_hz
            bins = vocoder.n_bins(reader.info.sample_rate)
            gain_db = match_db(own, theirs, knobs.index_rate, bins)
    return vocoder.Change(ratio, knobs.formant_shift, gain_db, knobs.kept_voiceless)


def _reference_print(path: Path, stop: Stop) -> Voiceprint:
    with AudioReader(path) as reader:
        found = _print_of(reader, track_pitch(reader, stop, ignore_progress), stop)
    if found is None:
        raise AudioFileError(path, "there is no voice in it", hint="Choose another reference.")
    return found


def _print_of(reader: AudioReader, track: PitchTrack, stop: Stop) -> Voiceprint | None:
    """The print of the first minute that is voiced; None when nothing is."""
    rate, shapes, seconds = reader.info.sample_rate, [], 0.0
    for start, n_frames in _spans(reader, track):
        raise_if_stopped(stop)
        sound = mono_at(reader, start, n_frames)
        times = vocoder.frame_seconds(n_frames, rate)
        pitch = track.at(times + start / rate)
        voiced = pitch > 0.0
        if voiced.any():
            shapes.append(vocoder.envelopes(sound, pitch, times, rate)[voiced])
            seconds += voiced.sum() * vocoder.FRAME_MS / 1000.0
        if seconds >= _PRINT_SECONDS:
            break
    if not shapes:
        return None
    return voiceprint(track.median_hz(), np.concatenate(shapes), rate)


def _spans(reader: AudioReader, track: PitchTrack) -> Iterator[tuple[int, int]]:
    """First frame and number of frames of each piece, cut in quiet spots."""
    info, start = reader.info, 0
    while start < info.n_frames:
        begin_seconds = start / info.sample_rate
        if info.seconds - begin_seconds > PIECE_SECONDS + _EITHER_WAY_SECONDS:
            middle = begin_seconds + PIECE_SECONDS
            cut = track.quiet_spot(middle - _EITHER_WAY_SECONDS, middle + _EITHER_WAY_SECONDS)
            end = round(cut * info.sample_rate)
        else:
            end = info.n_frames
        yield start, end - start
        start = end


def _write_pieces(
    reader: AudioReader,
    track: PitchTrack,
    change: vocoder.Change,
    target: Path,
    *,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    info = reader.info
    context = round(_CONTEXT_SECONDS * info.sample_rate)
    n_fade = round(_FADE_SECONDS * info.sample_rate)
    rise = (np.arange(n_fade) + 0.5) / n_fade
    held: Floats | None = None  # how the last piece sounds just behind its end
    with AudioWriter(target, info.sample_rate, 1, n_frames=info.n_frames) as writer:
        for start, n_frames in _spans(reader, track):
            raise_if_stopped(stop)
            begin = max(start - context, 0)
            end = min(start + n_frames + context, info.n_frames)
            sound = mono_at(reader, begin, end - begin)
            made = vocoder.changed(sound, begin / info.sample_rate, track, info.sample_rate, change)
            piece = made[start - begin : start - begin + n_frames]
            if held is not None:
                n_joined = min(held.size, piece.size)
                part = rise[:n_joined]
                piece[:n_joined] = held[:n_joined] * (1.0 - part) + piece[:n_joined] * part
            behind = start - begin + n_frames
            held = made[behind : behind + n_fade].copy()
            writer.write(np.ascontiguousarray(piece[np.newaxis], dtype=np.float32))
            done = start + n_frames
            progress(Progress("changing the voice", done / info.n_frames, done / info.sample_rate))


def _write_levelled(
    source: AudioReader, raw: Path, target: Path, rms_mix_rate: float, stop: Stop
) -> None:
    """The raw result with the source's loudness mixed in."""
    with AudioReader(raw) as reader:
        info = reader.info
        follows = rms_mix_rate < 1.0
        levels = (level_track(source, stop), level_track(reader, stop)) if follows else None
        with AudioWriter(target, info.sample_rate, 1, n_frames=info.n_frames) as writer:
            done = 0
            for block in reader.blocks():
                raise_if_stopped(stop)
                frames = range(done, done + block.shape[1])
                gain = (
                    1.0
                    if levels is None
                    else loudness_gain(*levels, rms_mix_rate, frames, info.sample_rate)
                )
                writer.write(np.asarray(block * gain, dtype=np.float32))
                done = frames.stop
