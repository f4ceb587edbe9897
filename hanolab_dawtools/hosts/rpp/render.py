"""The audio of a plan, in blocks of the timeline.

Items are read side by side in a few threads, a block ahead, and summed in one order in float64,
rounded once. So the result depends neither on threads, nor on what plays elsewhere, nor, at the
capture's own rate, on the size of the blocks (at other rates: within -120 dB of full scale).
A lone item at gain 1 and the capture's rate comes out bit for bit. Samples are shape
(n_channels, n_frames).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.audio.varispeed import read_at_speed
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.hosts.capture_file import first_bad_frame
from hanolab_dawtools.hosts.rpp.channels import route
from hanolab_dawtools.hosts.rpp.gains import even_spans, voice_gains
from hanolab_dawtools.hosts.rpp.planning import Plan
from hanolab_dawtools.hosts.rpp.source_frames import SourceFrames
from hanolab_dawtools.hosts.rpp.voices import Voice
from hanolab_dawtools.units import format_clock

RENDER_FRAMES = 4 * BLOCK_FRAMES  # each block builds its resamplers anew: fewer is faster
MAX_OPEN_FILES = 48  # well under what systems allow a process
N_THREADS = 4  # decoding and resampling leave Python's lock to others
_MUTE_HINT = "Mute the item in REAPER, or replace its file, and run it again."

_Float64 = npt.NDArray[np.float64]
_Pieces = list[tuple[int, Samples | _Float64]]


def render_blocks(plan: Plan, *, block_frames: int = RENDER_FRAMES) -> Iterator[Samples]:
    """Blocks that hold the plan's frames, lead and tail included.

    What must be stretched has been (`preparing.Preparation`).

    Raises
    ------
    AudioFileError
        Media cannot be decoded, is cut off, or holds NaN or an infinity; names the item.
    """
    if any(voice.time_stretch is not None for voice in plan.voices):
        raise AssertionError("a stretched voice was not prepared")
    mix = np.zeros((plan.n_channels, 0), dtype=np.float64)
    with _OpenMedia(plan.sample_rate) as media, ThreadPoolExecutor(N_THREADS) as pool:
        for batch, voices in _played(_batches(plan, block_frames), media, pool):
            if batch.opens_block:
                mix = np.zeros((plan.n_channels, batch.stop - batch.start), dtype=np.float64)
            for pieces in voices:
                for first, samples in pieces:
                    at = first - batch.start
                    mix[:, at : at + samples.shape[1]] += _into_channels(samples, mix.shape[0])
            if batch.ends_block:
                yield mix.astype(np.float32)


@dataclass(frozen=True)
class _Batch:
    """Voices of one block that are read at once: frames start..stop of the timeline.

    `playing` are all voices of the block, `voices` those of the batch.
    """

    start: int
    stop: int
    playing: Sequence[Voice]
    voices: Sequence[Voice]
    opens_block: bool
    ends_block: bool


def _batches(plan: Plan, block_frames: int) -> Iterator[_Batch]:
    """All that is to be read, in order; a block where nothing plays has an empty batch."""
    waiting = sorted(plan.voices, key=lambda voice: voice.start_frame, reverse=True)
    playing: list[Voice] = []
    for start in range(plan.first_frame, plan.last_frame, block_frames):
        stop = min(start + block_frames, plan.last_frame)
        while waiting and waiting[-1].start_frame < stop:
            playing.append(waiting.pop())
        playing = [voice for voice in playing if voice.end_frame > start]
        for at in range(0, max(1, len(playing)), MAX_OPEN_FILES):
            voices = playing[at : at + MAX_OPEN_FILES]
            ends_block = at + MAX_OPEN_FILES >= len(playing)
            yield _Batch(start, stop, playing, voices, at == 0, ends_block)


def _played(
    batches: Iterable[_Batch], media: _OpenMedia, pool: Executor
) -> Iterator[tuple[_Batch, list[_Pieces]]]:
    """Each batch with what its voices play; while it is worked on, the next one is read."""
    before: tuple[_Batch, list[Future[_Pieces]]] | None = None
    for batch in batches:
        ready = [] if before is None else [future.result() for future in before[1]]
        media.close_all_but(batch.playing)  # nobody reads now
        players = [media.player(voice) for voice in batch.voices]
        futures = [pool.submit(_play, player, batch.start, batch.stop) for player in players]
        if before is not None:
            yield before[0], ready
        before = (batch, futures)
    if before is not None:
        yield before[0], [future.result() for future in before[1]]


def _into_channels(samples: Samples | _Float64, n_channels: int) -> Samples | _Float64:
    """Samples with the capture's channels: mono goes to 1 and 2, the rest to its own.

    Only an item that plays in the handles alone can have more channels than the capture: into
    mono goes the mean, else what is too much is left out.
    """
    n_own = samples.shape[0]
    if n_own == n_channels:
        return samples
    if n_channels == 1:
        return np.asarray(np.mean(samples, axis=0, dtype=np.float64, keepdims=True))
    if n_own > n_channels:
        return samples[:n_channels]
    wide = np.zeros((n_channels, samples.shape[1]), dtype=np.float64)
    wide[: max(n_own, 2)] = samples
    return wide


class _Player:
    """A voice with its file open. One thread at a time."""

    def __init__(self, voice: Voice, sample_rate: int) -> None:
        self.voice = voice
        self._rate = sample_rate
        self._stack = ExitStack()
        self._resampled: ResampledReader | None = None
        with naming(voice):
            if voice.is_plain_file and not voice.is_untouched:
                reader = ResampledReader(voice.path, sample_rate)
                self._resampled = self._stack.enter_context(reader)
            else:
                source = SourceFrames(AudioReader(voice.path), voice.stretch)
                self._source = self._stack.enter_context(source)

    def read(self, first: int, last: int) -> Samples:
        """What the source has for frames first..last of the timeline, before any gain."""
        voice = self.voice
        place = voice.origin + (first - voice.start_frame) * voice.step
        with naming(voice):
            if self._resampled is not None:
                start = round(place / voice.step)
                samples = self._resampled.read(start, start + last - first)
            elif voice.is_untouched:
                samples = self._source.read_at(int(place), last - first)
            else:
                samples = read_at_speed(self._source, place, voice.step, last - first)
        return checked(voice, samples, place, voice.step)

    def close(self) -> None:
        """Close the file."""
        self._stack.close()


def _play(player: _Player, start: int, stop: int) -> _Pieces:
    """What a voice sounds like between two frames of the timeline, in its own channels.

    Pieces with the frame where each begins; most need no factor for every frame.
    """
    voice = player.voice
    first, last = max(start, voice.start_frame), min(stop, voice.end_frame)
    samples = route(player.read(first, last), voice.routing)
    pieces: _Pieces = []
    for piece_first, piece_last in even_spans(voice, first, last):
        piece = samples[:, piece_first - first : piece_last - first]
        gains = voice_gains(voice, piece_first, piece_last)
        pieces.append((piece_first, piece if gains is None else piece * gains))
    return pieces


class _OpenMedia(AbstractContextManager["_OpenMedia"]):
    """Players, each with its own place in its file; the `MAX_OPEN_FILES` used last stay open."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._players: OrderedDict[Voice, _Player] = OrderedDict()

    def player(self, voice: Voice) -> _Player:
        """The player of a voice; stays open while at most `MAX_OPEN_FILES` others are asked for."""
        if voice not in self._players:
            if len(self._players) >= MAX_OPEN_FILES:
                self._players.popitem(last=False)[1].close()
            self._players[voice] = _Player(voice, self._sample_rate)
        self._players.move_to_end(voice)
        return self._players[voice]

    def close_all_but(self, voices: Sequence[Voice]) -> None:
        """Close the players of voices that play no more."""
        for voice in self._players.keys() - set(voices):
            self._players.pop(voice).close()

    def __exit__(self, *_: object) -> None:
        self.close_all_but(())


def checked(voice: Voice, samples: Samples, place: float, step: float) -> Samples:
    """Samples as they are, when each is a finite number; the first lies at source frame `place`.

    Raises
    ------
    AudioFileError
        Says where in the file the first other one is.
    """
    bad = first_bad_frame(samples)
    if bad is not None:
        frame = voice.stretch.file_frame(math.floor(place + bad * step))
        clock = format_clock(frame / voice.media_rate)
        raise _named(voice, f"it holds NaN or an infinity at {clock}")
    return samples


@contextmanager
def naming(voice: Voice) -> Iterator[None]:
    """Say with an error about a file which item plays it."""
    try:
        yield
    except AudioFileError as error:
        raise _named(voice, error.reason) from error


def _named(voice: Voice, reason: str) -> AudioFileError:
    where = f'item "{voice.item_name}" on track "{voice.track_name}" plays it'
    return AudioFileError(voice.path, f"{reason}; {where}", hint=_MUTE_HINT)
