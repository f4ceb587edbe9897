"""A file of a voice in, a file of a changed voice out: mono, at its working rate, of its length.

Long files are worked on in pieces of about twenty seconds, cut where it is soft and voiceless,
each with a second of what lies around it. So an hour needs no more memory than a minute; at a cut
the sound differs a little from what one piece would have given. Where the cuts lie depends on
the file alone, so the number of workers changes no sample.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np

from hanolab_dawtools import durable
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.engines.local.voice import vocoder
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs
from hanolab_dawtools.engines.local.voice.loudness import level_track, loudness_gain
from hanolab_dawtools.engines.local.voice.pitch import PitchTrack, track_pitch
from hanolab_dawtools.engines.local.voice.source import Floats, VoiceReader, checked_peak
from hanolab_dawtools.engines.local.voice.timbre import (
    Voiceprint,
    match_db,
    voiceprint,
    warped,
)
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import (
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)

PIECE_SECONDS = 20.0
_EITHER_WAY_SECONDS = 5.0
_CONTEXT_SECONDS = 1.0
_FADE_SECONDS = 0.010
_PRINT_SECONDS = 60.0  # that much of a voice tells its timbre


def preview_voice(
    source: Path,
    target: Path,
    knobs: VoiceKnobs,
    *,
    n_workers: int,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    """Change the voice in `source` and write `target`, a mono 32-bit float WAV.

    Raises
    ------
    ExtraMissing
        The extra `voice` is not installed.
    AudioFileError
        The source or the reference cannot be read, or the reference has no voice in it.
    DiskFull, NotWritable
    JobCancelled
        Noticed at least once for every second of audio.
    """
    peak = checked_peak(source, stop)
    with VoiceReader(source) as reader, durable.translated_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        track = track_pitch(reader, peak, stop, progress)
        change = _change(reader, track, knobs, stop)
        with tempfile.TemporaryDirectory(prefix=".voice-", dir=target.parent) as folder:
            raw = Path(folder, "raw.wav")
            with AudioWriter(raw, reader.sample_rate, 1, n_frames=reader.n_frames) as writer:
                pieces = _pieces(reader, track, change, n_workers=n_workers, stop=stop)
                with closing(pieces):
                    _write_joined(pieces, reader, writer, progress)
            _write_levelled(reader, raw, target, knobs.rms_mix_rate, stop)


def _change(
    reader: VoiceReader, track: PitchTrack, knobs: VoiceKnobs, stop: Stop
) -> vocoder.Change:
    ratio, gain_db = 2.0 ** (knobs.pitch_shift / 12.0), None
    if knobs.reference is not None:
        theirs = _reference_print(knobs.reference, stop)
        own = _print_of(reader, track, knobs.formant_shift, stop)
        if own is not None:
            ratio *= theirs.pitch_hz / own.pitch_hz
            gain_db = match_db(own, theirs, knobs.index_rate)
    return vocoder.Change(
        ratio, knobs.formant_shift, gain_db, knobs.kept_voiceless, track.lowest_hz
    )


def _reference_print(path: Path, stop: Stop) -> Voiceprint:
    peak = checked_peak(path, stop)
    with VoiceReader(path) as reader:
        track = track_pitch(reader, peak, stop, ignore_progress)
        found = _print_of(reader, track, 0.0, stop)
    if found is None:
        raise AudioFileError(path, "there is no voice in it", hint="Choose another reference.")
    return found


def _print_of(
    reader: VoiceReader, track: PitchTrack, formant_semitones: float, stop: Stop
) -> Voiceprint | None:
    """The print of the first minute that is voiced; None when nothing is."""
    rate, total, n_voiced = reader.sample_rate, np.zeros(0), 0
    for start, n_frames in _spans(reader, track):
        raise_if_stopped(stop)
        times = vocoder.frame_seconds(n_frames, rate)
        pitch = track.at(times + start / rate)
        pitch[pitch < track.lowest_hz] = 0.0
        if pitch.any():
            sound = reader.read(start, n_frames)
            shapes = vocoder.envelopes(sound, pitch, times, rate, track.lowest_hz)[pitch > 0.0]
            total = shapes.sum(axis=0) + (total if total.size else 0.0)
            n_voiced += shapes.shape[0]
        if n_voiced * vocoder.FRAME_MS / 1000.0 >= _PRINT_SECONDS:
            break
    if n_voiced == 0:
        return None
    mean = warped((total / n_voiced)[np.newaxis], formant_semitones)[0]
    return voiceprint(track.median_hz(), mean, rate)


def _spans(reader: VoiceReader, track: PitchTrack) -> Iterator[tuple[int, int]]:
    """First frame and number of frames of each piece, cut in quiet spots."""
    rate, start = reader.sample_rate, 0
    while start < reader.n_frames:
        begin_seconds, end = start / rate, reader.n_frames
        if reader.seconds - begin_seconds > PIECE_SECONDS + _EITHER_WAY_SECONDS:
            middle = begin_seconds + PIECE_SECONDS
            cut = track.quiet_spot(middle - _EITHER_WAY_SECONDS, middle + _EITHER_WAY_SECONDS)
            end = round(cut * rate)
        yield start, end - start
        start = end


def _pieces(
    reader: VoiceReader,
    track: PitchTrack,
    change: vocoder.Change,
    *,
    n_workers: int,
    stop: Stop,
) -> Generator[tuple[Floats, int], None, None]:
    """Each piece, changed, and how many of its frames count; what follows them is for the join.

    `n_workers` pieces are in work at once (WORLD lets other threads run).
    """
    rate = reader.sample_rate
    context, n_fade = round(_CONTEXT_SECONDS * rate), round(_FADE_SECONDS * rate)

    def made(sound: Floats, begin: int, n_frames: int) -> tuple[Floats, int]:
        result = vocoder.changed(sound, begin / rate, track, rate, change, stop=stop)
        return result[context : context + n_frames + n_fade], n_frames

    waiting: deque[Future[tuple[Floats, int]]] = deque()
    with ThreadPoolExecutor(n_workers) as pool:
        for start, n_frames in _spans(reader, track):
            raise_if_stopped(stop)
            begin = start - context
            sound = reader.read(begin, n_frames + 2 * context)
            waiting.append(pool.submit(made, sound, begin, n_frames))
            if len(waiting) == n_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_joined(
    pieces: Iterator[tuple[Floats, int]],
    reader: VoiceReader,
    writer: AudioWriter,
    progress: ProgressCallback,
) -> None:
    """Write pieces one after the other; each fades into the next behind the cut."""
    held, done = np.zeros(0), 0
    for made, n_frames in pieces:
        n_joined = min(held.size, n_frames)
        rise = (np.arange(n_joined) + 0.5) / max(n_joined, 1)
        made[:n_joined] = held[:n_joined] * (1.0 - rise) + made[:n_joined] * rise
        writer.write(np.ascontiguousarray(made[np.newaxis, :n_frames], dtype=np.float32))
        held, done = made[n_frames:].copy(), done + n_frames
        fraction = done / reader.n_frames
        progress(Progress("changing the voice", fraction, done / reader.sample_rate))


def _write_levelled(
    source: VoiceReader, raw: Path, target: Path, rms_mix_rate: float, stop: Stop
) -> None:
    """The raw result with the source's loudness mixed in."""
    rate, levels = source.sample_rate, None
    if rms_mix_rate < 1.0:
        with VoiceReader(raw) as made:
            levels = level_track(source, stop), level_track(made, stop)
    with (
        AudioReader(raw) as reader,
        AudioWriter(target, rate, 1, n_frames=reader.info.n_frames) as writer,
    ):
        done = 0
        for block in reader.blocks():
            raise_if_stopped(stop)
            frames = range(done, done + block.shape[1])
            gain = 1.0 if levels is None else loudness_gain(*levels, rms_mix_rate, frames, rate)
            writer.write(np.asarray(block * gain, dtype=np.float32))
            done = frames.stop
