"""Separates a file into vocals and accompaniment, streaming, at the file's own rate and channels.

::

    file -> level (first pass) -> one gain for each pair of channels
    file -> 44.1 kHz -> blocks of 11.9 s -> spectrum -> vocal mask -> sound -> file's rate = vocals
    file - vocals = accompaniment

The networks only ever see magnitudes, so the level is changed there and nowhere else. The
accompaniment is a difference at the file's own rate: the two stems add up to the file to
float32 rounding, and what 44.1 kHz cannot carry stays in the accompaniment.

Blocks are worked on in parallel, each by one worker from spectrum to sound, while the calling
thread reads, resamples and writes; they are joined in order, so that the result depends neither
on timing nor on the number of threads. Memory does not grow with the length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.audio.resample import StreamResampler
from hanolab_dawtools.engines.local.channels import channel_groups
from hanolab_dawtools.engines.local.level import measure_gains
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.transform import (
    NETWORK_RATE,
    BlockCutter,
    OverlapAdder,
    analyse,
    apply_mask,
    magnitudes,
    synthesise,
)
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped


def separate_file(
    source: Path,
    vocals_path: Path,
    accompaniment_path: Path,
    network: MaskNetwork,
    *,
    n_workers: int,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    """Write the vocals and the accompaniment of `source` as 32-bit float WAV of its length.

    Raises
    ------
    AudioFileError
        `source` cannot be read, is cut off, or holds what is not a finite number.
    EngineCannot
        It has too many channels.
    DiskFull, NotWritable
    JobCancelled
        Noticed between blocks, several times a second.
    """
    with AudioReader(source) as reader:
        info = reader.info
    gains = measure_gains(source, channel_groups(info.n_channels), stop, progress)
    done_frames = 0
    with ExitStack() as stack:
        reader = stack.enter_context(AudioReader(source))
        mix_reader = stack.enter_context(AudioReader(source))
        vocals, accompaniment = (
            stack.enter_context(
                AudioWriter(path, info.sample_rate, info.n_channels, n_frames=info.n_frames)
            )
            for path in (vocals_path, accompaniment_path)
        )
        stems = _vocals(reader, gains, network, n_workers, stop)
        for stem in stack.enter_context(closing(stems)):
            vocals.write(stem)
            accompaniment.write(mix_reader.read(stem.shape[1]) - stem)
            done_frames += stem.shape[1]
            seconds = done_frames / info.sample_rate
            progress(Progress("separating", done_frames / info.n_frames, seconds))


def _vocals(
    reader: AudioReader, gains: Sequence[float], network: MaskNetwork, n_workers: int, stop: Stop
) -> Generator[Samples, None, None]:
    """The vocals of all channels, in pieces, together exactly as long as the file."""
    info = reader.info
    groups = channel_groups(info.n_channels)
    lanes = [_Lane(g, gain, info.sample_rate) for g, gain in zip(groups, gains, strict=True)]
    with ThreadPoolExecutor(n_workers) as pool:
        work = _Work(pool, network, n_at_once=n_workers + 1)
        try:
            for lane, block in _blocks(reader, lanes):
                raise_if_stopped(stop)
                work.submit(lane, block)
                if work.is_full:
                    work.collect()
                    yield from _joined(lanes, info.n_channels)
            while work.is_waiting:
                raise_if_stopped(stop)
                work.collect()
                yield from _joined(lanes, info.n_channels)
        finally:
            pool.shutdown(cancel_futures=True)
    for lane in lanes:
        lane.close(info.n_frames)
    yield from _joined(lanes, info.n_channels)


def _blocks(reader: AudioReader, lanes: list[_Lane]) -> Iterator[tuple[_Lane, Samples]]:
    """All blocks of all lanes, in the order in which they become full."""
    for samples in reader.blocks():
        for lane in lanes:
            yield from ((lane, block) for block in lane.push(samples))
    for lane in lanes:
        yield from ((lane, block) for block in lane.finish())


def _joined(lanes: list[_Lane], n_channels: int) -> Iterator[Samples]:
    """What is ready of every channel, shape (n_channels, any), if anything is."""
    n_frames = min(lane.ready.n_frames for lane in lanes)
    if n_frames:
        joined = silence(n_channels, n_frames)
        for lane in lanes:
            joined[lane.group] = lane.ready.take(n_frames)
        yield joined


def _block_vocals(block: Samples, gain: float, network: MaskNetwork) -> Samples:
    """Vocals of one block, shape as `block`. Runs on a worker."""
    if not block.any():
        return np.zeros_like(block)
    spectra = analyse(block)
    apply_mask(spectra, network.vocal_mask(magnitudes(spectra, gain)))
    return synthesise(spectra)


class _Work:
    """Blocks that workers are busy with or soon will be, in the order in which they are joined."""

    def __init__(self, pool: ThreadPoolExecutor, network: MaskNetwork, n_at_once: int) -> None:
        self._pool = pool
        self._network = network
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
        future = self._pool.submit(_block_vocals, block, lane.gain, self._network)
        self._waiting.append((lane, future))

    def collect(self) -> None:
        """Wait for the oldest block and hand its vocals to its lane."""
        lane, future = self._waiting.popleft()
        lane.receive(future.result())


class _Lane:
    """One pair of channels, or one channel, on its way to the blocks and back."""

    def __init__(self, group: tuple[int, ...], gain: float, sample_rate: int) -> None:
        self.group = list(group)
        self.gain = gain
        self.ready = _Queue(len(group))
        self._there = StreamResampler(sample_rate, NETWORK_RATE, len(group))
        self._back = StreamResampler(NETWORK_RATE, sample_rate, len(group))
        self._cutter = BlockCutter(len(group))
        self._adder = OverlapAdder(len(group))
        self._inside_frames = 0  # at 44.1 kHz: went in and have not come out yet

    def push(self, samples: Samples) -> list[Samples]:
        """Take frames of the file, all channels; return the blocks that are full."""
        return self._cut(self._there.process(samples[self.group]))

    def finish(self) -> list[Samples]:
        """The last blocks."""
        return [*self._cut(self._there.flush()), *self._cutter.finish()]

    def receive(self, block: Samples) -> None:
        """Take the vocals of the next block."""
        sound = self._adder.push(block)[:, : self._inside_frames]
        self._inside_frames -= sound.shape[1]
        self.ready.push(self._back.process(sound))

    def close(self, n_frames: int) -> None:
        """All blocks were received: make the vocals exactly as long as the file.

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
