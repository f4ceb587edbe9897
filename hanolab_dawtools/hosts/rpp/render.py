"""The audio of a plan, in blocks of the timeline.

Sums are taken in float64 and rounded once, so the result depends neither on the size of the
blocks nor on what plays elsewhere; a lone item at gain 1 and the capture's rate comes out bit for
bit. Samples are shape (n_channels, n_frames).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import BLOCK_FRAMES
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.hosts.capture_file import first_bad_frame
from hanolab_dawtools.hosts.rpp.fades import fade_in_gain, fade_out_gain
from hanolab_dawtools.hosts.rpp.planning import Plan
from hanolab_dawtools.hosts.rpp.voices import Voice
from hanolab_dawtools.units import format_clock

MAX_OPEN_FILES = 48  # well under what systems allow a process
_MUTE_HINT = "Mute the item in REAPER, or replace its file, and run it again."

_Gains = npt.NDArray[np.float64]


def render_blocks(plan: Plan, *, block_frames: int = BLOCK_FRAMES) -> Iterator[Samples]:
    """Blocks that hold the plan's frames, lead and tail included.

    Raises
    ------
    AudioFileError
        Media cannot be decoded, is cut off, or holds NaN or an infinity; names the item.
    """
    waiting = sorted(plan.voices, key=lambda voice: voice.start_frame, reverse=True)
    playing: list[Voice] = []
    with _OpenMedia(plan.sample_rate) as media:
        for start in range(plan.first_frame, plan.last_frame, block_frames):
            stop = min(start + block_frames, plan.last_frame)
            while waiting and waiting[-1].start_frame < stop:
                playing.append(waiting.pop())
            mix = np.zeros((plan.n_channels, stop - start), dtype=np.float64)
            for voice in playing:
                _add_voice(mix, voice, media, start, stop)
                if voice.end_frame <= stop:
                    media.close(voice)
            playing = [voice for voice in playing if voice.end_frame > stop]
            yield mix.astype(np.float32)


def _add_voice(
    mix: npt.NDArray[np.float64], voice: Voice, media: _OpenMedia, start: int, stop: int
) -> None:
    """Add what a voice plays between two frames of the timeline."""
    first, last = max(start, voice.start_frame), min(stop, voice.end_frame)
    if first >= last:
        return
    samples = _into_channels(media.read(voice, first, last), mix.shape[0])
    part = mix[:, first - start : last - start]
    gains = _gains(voice, first, last)
    part += samples if gains is None else samples * gains


def _into_channels(samples: Samples, n_channels: int) -> Samples:
    """Samples with the capture's channels: mono goes to 1 and 2, the rest to its own.

    Only an item that plays in the handles alone can have more channels than the capture: into
    mono goes the mean, else what is too much is left out.
    """
    n_own = samples.shape[0]
    if n_own == n_channels:
        return samples
    if n_channels == 1:
        mean = np.mean(samples, axis=0, dtype=np.float64, keepdims=True)
        return np.asarray(mean, dtype=np.float32)
    if n_own > n_channels:
        return samples[:n_channels]
    wide = silence(n_channels, samples.shape[1])
    wide[: max(n_own, 2)] = samples
    return wide


def _gains(voice: Voice, first: int, last: int) -> _Gains | None:
    """Factor for each frame first..last; None where it is 1 throughout."""
    fades_in = voice.fade_in_frames > 0 and first < voice.start_frame + voice.fade_in_frames
    fades_out = voice.fade_out_frames > 0 and last > voice.end_frame - voice.fade_out_frames
    gaps = [gap for gap in voice.gaps if gap[0] < last and gap[1] > first]
    if not (fades_in or fades_out or gaps) and voice.gain == 1.0:
        return None
    gains = np.full(last - first, voice.gain)
    frames = np.arange(first, last)
    if fades_in:
        gains *= fade_in_gain((frames - voice.start_frame) / voice.fade_in_frames, voice.fade_in)
    if fades_out:
        remaining = (voice.end_frame - frames) / voice.fade_out_frames
        gains *= fade_out_gain(remaining, voice.fade_out)
    for gap_start, gap_end in gaps:
        gains[max(gap_start - first, 0) : gap_end - first] = 0.0
    return gains


class _OpenMedia(AbstractContextManager["_OpenMedia"]):
    """Readers of the voices that play, each with its own place; at most `MAX_OPEN_FILES`."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._readers: OrderedDict[Voice, ResampledReader] = OrderedDict()
        self._short_loops: dict[Voice, Samples] = {}

    def read(self, voice: Voice, first: int, last: int) -> Samples:
        """What a voice's media has for frames first..last of the timeline."""
        at = voice.offset_frames + first - voice.start_frame
        try:
            if voice.is_looped:
                samples = self._read_looped(voice, at, last - first)
            else:
                samples = self._reader(voice).read(at, at + last - first)
        except AudioFileError as error:
            raise _named(voice, error.reason) from error
        bad = first_bad_frame(samples)
        if bad is not None:
            place = at + bad if not voice.is_looped else (at + bad) % voice.media_frames
            clock = format_clock(place / self._sample_rate)
            raise _named(voice, f"it holds NaN or an infinity at {clock}")
        return samples

    def _read_looped(self, voice: Voice, at: int, n_frames: int) -> Samples:
        length = voice.media_frames
        if length <= BLOCK_FRAMES:
            if voice not in self._short_loops:
                self._short_loops[voice] = self._reader(voice).read(0, length)
            return self._short_loops[voice][:, np.arange(at, at + n_frames) % length]
        samples = silence(voice.n_channels, n_frames)
        done = 0
        while done < n_frames:
            place = (at + done) % length
            count = min(n_frames - done, length - place)
            samples[:, done : done + count] = self._reader(voice).read(place, place + count)
            done += count
        return samples

    def _reader(self, voice: Voice) -> ResampledReader:
        if voice not in self._readers:
            if len(self._readers) >= MAX_OPEN_FILES:
                self._readers.popitem(last=False)[1].close()
            self._readers[voice] = ResampledReader(voice.path, self._sample_rate)
        self._readers.move_to_end(voice)
        return self._readers[voice]

    def close(self, voice: Voice) -> None:
        """Close what a voice has open; it plays no more."""
        self._short_loops.pop(voice, None)
        reader = self._readers.pop(voice, None)
        if reader is not None:
            reader.close()

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.close()


def _named(voice: Voice, reason: str) -> AudioFileError:
    where = f'item "{voice.item_name}" on track "{voice.track_name}" plays it'
    return AudioFileError(voice.path, f"{reason}; {where}", hint=_MUTE_HINT)
