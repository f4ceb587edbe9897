"""What is heard: lanes read ahead from the disk, mixed in blocks when the sound device asks.

A reading thread keeps a short stretch of all lanes ready, all at the same place, so that soloing,
muting and switching between the original and the results are heard at once and without a click.
Loops are exact to the frame. Times are seconds of the same axis as the waveforms'.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.resample import ResampledReader
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.presenters.mixing import GLIDE_SECONDS, Glide, LaneMixer, fitted
from hanolab_dawtools.units import seconds_to_frames

log = logging.getLogger(__name__)

N_CHANNELS = 2
BLOCK_FRAMES = 2048
AHEAD_BLOCKS = 16  # 0.7 s at 48 kHz: longer than a disk takes to wake a cached file


@dataclass(frozen=True)
class PlayLane:
    """A file that can be heard, and where on the axis it begins."""

    key: str
    name: str
    path: Path
    start_seconds: float = 0.0
    is_original: bool = False


@dataclass(frozen=True)
class _Block:
    """A stretch of all lanes: frames of the axis from `frame` on."""

    frame: int
    n_frames: int
    lanes: Mapping[str, Samples]


@dataclass
class _Wish:
    """What the reading thread is to do next; `number` tells what it read for an older wish."""

    number: int = 0
    lanes: tuple[PlayLane, ...] = ()
    frame: int = 0
    loop: tuple[int, int] | None = None
    end_frame: int = 0


@dataclass
class _Ready:
    """What has been read and not yet been heard."""

    blocks: deque[_Block] = field(default_factory=deque)
    taken_frames: int = 0  # of the first block


class Player:
    """Plays lanes at a device's rate. Its methods may be called from any thread."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.problem = ""
        self._changed = threading.Condition()
        self._wish = _Wish()
        self._ready = _Ready()
        self._mixer = LaneMixer(sample_rate, N_CHANNELS)
        self._master = Glide(sample_rate)
        self._tail = silence(N_CHANNELS, 0)  # of what was heard before a jump
        self._read_for = -1  # number of the wish that the reading thread works on
        self._is_playing = False
        self._frame = 0
        self._is_open = True
        self._thread = threading.Thread(target=self._read, name="read ahead", daemon=True)
        self._thread.start()

    def set_lanes(self, lanes: Sequence[PlayLane], end_seconds: float) -> None:
        """Play these files from now on, from where it stands; silence lies where they do not."""
        with self._changed:
            end_frame = seconds_to_frames(end_seconds, self.sample_rate)
            self._let_go()
            self._renew(lanes=tuple(lanes), end_frame=end_frame)

    def set_gains(self, gains: Mapping[str, float]) -> None:
        """Gain of each lane by its key; those not named are silent."""
        with self._changed:
            self._mixer.set_gains(gains)

    def set_loop(self, between_seconds: tuple[float, float] | None) -> None:
        """Repeat what lies between two times; None: play on to the end."""
        with self._changed:
            loop = None
            if between_seconds is not None:
                start, end = (seconds_to_frames(at, self.sample_rate) for at in between_seconds)
                loop = (start, end) if end > start else None
            if loop != self._wish.loop:
                self._let_go()
                self._renew(loop=loop)

    def seek(self, seconds: float) -> None:
        """Go on from there."""
        with self._changed:
            self._let_go()
            self._frame = max(0, seconds_to_frames(seconds, self.sample_rate))
            self._renew()

    def play(self) -> None:
        """Be heard, gliding in."""
        with self._changed:
            self._is_playing = True
            self._master.target = 1.0

    def pause(self) -> None:
        """Fall silent, gliding out; the place stays."""
        with self._changed:
            self._is_playing = False
            self._master.target = 0.0

    @property
    def is_playing(self) -> bool:
        """Whether it is to be heard."""
        return self._is_playing

    @property
    def position_seconds(self) -> float:
        """The place of the next frame."""
        return self._frame / self.sample_rate

    @property
    def has_ended(self) -> bool:
        """Whether everything was played, and there is no loop."""
        return self._wish.loop is None and self._frame >= self._wish.end_frame

    def render(self, n_frames: int) -> Samples:
        """The next frames for the device, shape (2, n_frames); never waits for the disk.

        Silence comes while nothing is ready, and when paused; then the place does not move.
        """
        mixed = silence(N_CHANNELS, n_frames)
        with self._changed:
            n_tail = min(n_frames, self._tail.shape[1])
            mixed[:, :n_tail] = self._tail[:, :n_tail]
            self._tail = self._tail[:, n_tail:]
            done = 0
            while done < n_frames and not (self._master.is_still and self._master.gain == 0.0):
                heard = self._next_frames(n_frames - done)
                if heard.shape[1] == 0:
                    break
                mixed[:, done : done + heard.shape[1]] += heard
                done += heard.shape[1]
            self._changed.notify_all()
        return mixed

    def close(self) -> None:
        """End the reading thread and close all files."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        self._thread.join()

    def _next_frames(self, n_frames: int) -> Samples:
        """The next frames as they are heard: up to the end of a block; none when none is ready."""
        ready = self._ready
        while ready.blocks and ready.taken_frames >= ready.blocks[0].n_frames:
            ready.blocks.popleft()
            ready.taken_frames = 0
        if not ready.blocks:
            return silence(N_CHANNELS, 0)
        block, taken = ready.blocks[0], ready.taken_frames
        n = min(n_frames, block.n_frames - taken)
        lanes = {key: one[:, taken : taken + n] for key, one in block.lanes.items()}
        ready.taken_frames += n
        self._frame = block.frame + taken + n
        return self._mixer.mix(lanes, n) * self._master.next(n)

    def _let_go(self) -> None:
        """Let what is heard now fade out beside what comes, which glides in."""
        frame = self._frame
        self._master.target = 0.0
        tail = self._next_frames(int(GLIDE_SECONDS * self.sample_rate) + 1)
        if not self._master.is_still and tail.shape[1]:  # a block's end cuts the tail short
            tail = tail * np.linspace(1.0, 0.0, tail.shape[1], dtype=np.float32)
        n = max(tail.shape[1], self._tail.shape[1])
        both = silence(N_CHANNELS, n)
        both[:, : tail.shape[1]] += tail
        both[:, : self._tail.shape[1]] += self._tail
        self._tail = both
        self._frame = frame
        self._master.jump(0.0)
        self._master.target = 1.0 if self._is_playing else 0.0

    def _renew(self, **changes: Any) -> None:
        """Drop what was read and read anew from where it stands, with some things changed."""
        self._wish = replace(self._wish, number=self._wish.number + 1, frame=self._frame, **changes)
        self._ready = _Ready()
        self._changed.notify_all()

    def _read(self) -> None:
        """Keep blocks ready until closed; the only thread that touches the files."""
        readers: dict[str, tuple[PlayLane, ResampledReader]] = {}
        frame = 0
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(self._has_work)
                    if not self._is_open:
                        return
                    wish = self._wish
                if wish.number != self._read_for:
                    self._read_for, frame = wish.number, wish.frame
                    self._open(wish.lanes, readers)
                block, frame = self._block(wish, frame, readers)
                with self._changed:
                    if self._wish.number == wish.number:
                        self._ready.blocks.append(block)
                        self._changed.notify_all()
        finally:
            for _, reader in readers.values():
                reader.close()

    def _has_work(self) -> bool:
        return (
            not self._is_open
            or self._wish.number != self._read_for
            or (bool(self._wish.lanes) and len(self._ready.blocks) < AHEAD_BLOCKS)
        )

    def _open(
        self, lanes: Sequence[PlayLane], readers: dict[str, tuple[PlayLane, ResampledReader]]
    ) -> None:
        """Open what is new and close what is not wanted any more."""
        for key in tuple(readers):
            if readers[key][0] not in lanes:
                readers.pop(key)[1].close()
        for lane in lanes:
            if lane.key not in readers:
                try:
                    readers[lane.key] = (lane, ResampledReader(lane.path, self.sample_rate))
                except AudioFileError as error:
                    self._tell(error)

    def _block(
        self, wish: _Wish, frame: int, readers: Mapping[str, tuple[PlayLane, ResampledReader]]
    ) -> tuple[_Block, int]:
        """The block at a frame, and where the next one begins; it ends at a loop's end."""
        n_frames, following = BLOCK_FRAMES, frame + BLOCK_FRAMES
        if wish.loop is not None and frame < wish.loop[1] <= frame + BLOCK_FRAMES:
            n_frames, following = wish.loop[1] - frame, wish.loop[0]
        lanes = {}
        for key, (lane, reader) in readers.items():
            start = frame - seconds_to_frames(lane.start_seconds, self.sample_rate)
            try:
                samples = reader.read(start, start + n_frames)
            except AudioFileError as error:
                self._tell(error)
                samples = silence(1, n_frames)
            lanes[key] = fitted(np.nan_to_num(samples), N_CHANNELS)
        return _Block(frame, n_frames, lanes), following

    def _tell(self, error: AudioFileError) -> None:
        if str(error) != self.problem:
            log.warning("%s", error)
        self.problem = str(error)
