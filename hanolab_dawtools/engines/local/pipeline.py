"""A file through blocks at 44.1 kHz, streaming, and back to the file's own rate and channels.

::

    file -> groups of channels -> 44.1 kHz -> blocks -> work -> joined -> file's rate

Blocks are worked on in parallel, each by one worker, while the calling thread reads, resamples
and joins; they are joined in order, so that the result depends neither on timing nor on the
number of workers, nor on how the file is read. Memory does not grow with the length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.audio.resample import StreamResampler
from hanolab_dawtools.engines.local.channels import channel_groups
from hanolab_dawtools.engines.local.grid import BlockCutter, Grid, OverlapAdder
from hanolab_dawtools.events import Stop, raise_if_stopped

INNER_RATE = 44_100  # Hz


@dataclass(frozen=True)
class BlockWork:
    """What is done with each block.

    Attributes
    ----------
    grid
        Where the blocks lie.
    n_outputs
        How many sounds come of one.
    run
        Takes the number of the group in `channel_groups` and its block, shape (n_channels,
        grid.block_frames); returns shape (n_outputs * n_channels, grid.sound_frames), output by
        output. Called on workers, several at once.
    """

    grid: Grid
    n_outputs: int
    run: Callable[[int, Samples], Samples]


def stream(
    reader: AudioReader, work: BlockWork, *, n_workers: int, stop: Stop
) -> Generator[Samples, None, None]:
    """All outputs of all channels, in pieces, together exactly as long as the file.

    Shape (n_outputs, n_channels, any). The generator must be closed.

    Raises
    ------
    AudioFileError
        The file cannot be read to its end.
    EngineCannot
        It has too many channels.
    JobCancelled
        Noticed between blocks.
    """
    info = reader.info
    groups = channel_groups(info.n_channels)
    lanes = [_Lane(number, g, work, info.sample_rate) for number, g in enumerate(groups)]
    with ThreadPoolExecutor(n_workers) as pool:
        queue = _WorkQueue(pool, work, n_at_once=n_workers + 1)
        try:
            for lane, block in _blocks(reader, lanes):
                raise_if_stopped(stop)
                queue.submit(lane, block)
                if queue.is_full:
                    queue.collect()
                    yield from _joined(lanes, work.n_outputs, info.n_channels)
            while queue.is_waiting:
                raise_if_stopped(stop)
                queue.collect()
                yield from _joined(lanes, work.n_outputs, info.n_channels)
        finally:
            pool.shutdown(cancel_futures=True)
    for lane in lanes:
        lane.close(info.n_frames)
    yield from _joined(lanes, work.n_outputs, info.n_channels)


def _blocks(reader: AudioReader, lanes: list[_Lane]) -> Iterator[tuple[_Lane, Samples]]:
    """All blocks of all lanes, in the order in which they become full."""
    for samples in reader.blocks():
        for lane in lanes:
            yield from ((lane, block) for block in lane.push(samples))
    for lane in lanes:
        yield from ((lane, block) for block in lane.finish())


def _joined(lanes: list[_Lane], n_outputs: int, n_channels: int) -> Iterator[Samples]:
    """What is ready of every channel, if anything is."""
    n_frames = min(lane.ready.n_frames for lane in lanes)
    if n_frames:
        joined = np.empty((n_outputs, n_channels, n_frames), dtype=np.float32)
        for lane in lanes:
            joined[:, lane.group] = lane.ready.take(n_frames).reshape(n_outputs, -1, n_frames)
        yield joined


class _WorkQueue:
    """Blocks that workers are busy with or soon will be, in the order in which they are joined."""

    def __init__(self, pool: ThreadPoolExecutor, work: BlockWork, n_at_once: int) -> None:
        self._pool = pool
        self._work = work
        self._n_at_once = n_at_once
        self._waiting: deque[tuple[_Lane, Future[Samples]]] = deque()

    @property
    def is_waiting(self) -> bool:
        """Whether any block was submitted and not collected."""
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether every worker has a block and one more lies ready."""
        return len(self._waiting) >= self._n_at_once

    def submit(self, lane: _Lane, block: Samples) -> None:
        """Give a block to the workers."""
        future = self._pool.submit(self._work.run, lane.number, block)
        self._waiting.append((lane, future))

    def collect(self) -> None:
        """Wait for the oldest block and hand what came of it to its lane."""
        lane, future = self._waiting.popleft()
        lane.receive(future.result())


class _Lane:
    """One group of channels on its way to the blocks, and what comes of it on its way back."""

    def __init__(
        self, number: int, group: tuple[int, ...], work: BlockWork, sample_rate: int
    ) -> None:
        n_back = work.n_outputs * len(group)
        self.number = number
        self.group = list(group)
        self.ready = _Queue(n_back)
        self._there = StreamResampler(sample_rate, INNER_RATE, len(group))
        self._back = StreamResampler(INNER_RATE, sample_rate, n_back)
        self._cutter = BlockCutter(work.grid, len(group))
        self._adder = OverlapAdder(work.grid, n_back)
        self._inside_frames = 0  # at 44.1 kHz: went in and have not come out yet

    def push(self, samples: Samples) -> list[Samples]:
        """Take frames of the file, all channels; return the blocks that are full."""
        return self._cut(self._there.process(samples[self.group]))

    def finish(self) -> list[Samples]:
        """The last blocks."""
        return [*self._cut(self._there.flush()), *self._cutter.finish()]

    def receive(self, sound: Samples) -> None:
        """Take what came of the next block."""
        sound = self._adder.push(sound)[:, : self._inside_frames]
        self._inside_frames -= sound.shape[1]
        self.ready.push(self._back.process(sound))

    def close(self, n_frames: int) -> None:
        """All blocks were received: make the result exactly as long as the file.

        The way to 44.1 kHz and back rounds the length twice, which can differ by a frame.
        """
        self.ready.push(self._back.flush())
        self.ready.end_at(n_frames)

    def _cut(self, sound: Samples) -> list[Samples]:
        self._inside_frames += sound.shape[1]
        return self._cutter.push(sound)


class _Queue:
    """Samples first in, first out."""

    def __init__(self, n_channels: int) -> None:
        self._samples = silence(n_channels, 0)
        self._taken_frames = 0

    @property
    def n_frames(self) -> int:
        """Frames that can be taken."""
        return int(self._samples.shape[1])

    def push(self, samples: Samples) -> None:
        """Append frames."""
        self._samples = np.concatenate([self._samples, samples], axis=1)

    def take(self, n_frames: int) -> Samples:
        """Remove and return the first frames."""
        taken, self._samples = np.split(self._samples, [n_frames], axis=1)
        self._taken_frames += n_frames
        return taken

    def end_at(self, n_frames: int) -> None:
        """Drop frames beyond the stream's `n_frames`th, or append zeros up to it."""
        missing = n_frames - self._taken_frames - self.n_frames
        if missing > 0:
            self.push(silence(len(self._samples), missing))
        else:
            self._samples = self._samples[:, : self.n_frames + missing]
