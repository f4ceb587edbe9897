"""Other sample rates: band-limited, in blocks, frame 0 stays frame 0. The only user of soxr.

Everything is float32, shape (n_channels, n_frames). Frame `k` of the output lies at the time of
source frame `k * from_rate / to_rate`; the length follows `units.resampled_length`. The result
does not depend on how the input is cut into blocks, not by a bit. Equal rates touch no bit.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples, interleaved, silence
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader
from hanolab_dawtools.units import resampled_length

QUALITY = "VHQ"
CONTEXT_FRAMES = 512  # at the lower rate; soxr's VHQ filters reach less than 256 (measured)


class StreamResampler:
    """Resamples a stream of blocks.

    `process` each block, then `flush` once; all that they return, joined, has
    `resampled_length` frames and no latency. The first calls may return no frame. The level is
    flat to 0.01 dB up to 0.9 of the lower Nyquist frequency.
    """

    def __init__(self, from_rate: int, to_rate: int, n_channels: int) -> None:
        self.from_rate = from_rate
        self.to_rate = to_rate
        self.n_channels = n_channels
        self._received_frames = 0
        self._sent_frames = 0
        self._skip_frames = 0
        self._stream: Any = None
        if from_rate != to_rate:
            self._stream = soxr.ResampleStream(from_rate, to_rate, n_channels, "float32", QUALITY)
            self._hear_silence()

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        if self._stream is None:
            return samples
        self._received_frames += samples.shape[1]
        return self._ready(self._stream.resample_chunk(interleaved(samples)))

    def flush(self) -> Samples:
        """The frames that were still to come; nothing may be processed afterwards."""
        if self._stream is None:
            return silence(self.n_channels, 0)
        n_missing = resampled_length(self._received_frames, self.from_rate, self.to_rate)
        n_missing -= self._sent_frames
        # With silence behind it too, soxr's own rounding of the length does not matter.
        frames = self._ready(self._stream.resample_chunk(self._silence(), last=True))
        return np.ascontiguousarray(frames[:, :n_missing])

    def _hear_silence(self) -> None:
        """Let the filters begin in silence: left alone, soxr blurs a stream's first few frames."""
        self._skip_frames = resampled_length(len(self._silence()), self.from_rate, self.to_rate)
        self._ready(self._stream.resample_chunk(self._silence()))

    def _silence(self) -> Samples:
        """Longer than any filter and ending where both rates have a frame; turned for soxr."""
        source_step, _ = _common_steps(self.from_rate, self.to_rate)
        n_frames = _context_steps(self.from_rate, self.to_rate) * source_step
        return np.zeros((n_frames, self.n_channels), dtype=np.float32)

    def _ready(self, frames: Samples) -> Samples:
        """Turn soxr's frames round; those that belong to the silence before are dropped."""
        n_skipped = min(self._skip_frames, frames.shape[0])
        self._skip_frames -= n_skipped
        self._sent_frames += frames.shape[0] - n_skipped
        return np.ascontiguousarray(frames[n_skipped:].T)


def resample(buffer: AudioBuffer, to_rate: int) -> AudioBuffer:
    """A whole buffer at another rate."""
    resampler = StreamResampler(buffer.sample_rate, to_rate, buffer.n_channels)
    parts = [resampler.process(buffer.samples), resampler.flush()]
    return AudioBuffer(np.concatenate(parts, axis=1), to_rate)


class ResampledReader(AbstractContextManager["ResampledReader"]):
    """A file as it would be at another rate, read from anywhere without decoding from its start.

    `read` gives what resampling the whole file would give, within -140 dB of full scale, for
    rates whose reduced ratio has terms up to 4000 (all usual pairs); for odder ones (44.1 kHz to
    44.099 kHz) within -100 dB, because soxr's clock drifts there by up to 0.01 frame an hour.
    Reads that go on where the one before ended share one stream: they are fastest, and give the
    same bits however they are cut.

    `declared_rate` is believed instead of the rate in the file's header.

    Raises
    ------
    AudioFileError
        As `AudioReader`.
    """

    def __init__(self, path: Path, to_rate: int, *, declared_rate: int | None = None) -> None:
        self._reader = AudioReader(path)
        self.info = replace(
            self._reader.info, sample_rate=declared_rate or self._reader.info.sample_rate
        )
        self.to_rate = to_rate
        self.n_channels = self.info.n_channels
        self.n_frames = resampled_length(self.info.n_frames, self.info.sample_rate, to_rate)
        self._run: _Run | None = None

    def read(self, start_frame: int, stop_frame: int) -> Samples:
        """Frames start..stop at `to_rate`, shape (n_channels, stop - start); 0 outside the file."""
        if self.info.sample_rate == self.to_rate:
            return self._reader.read_at(start_frame, max(stop_frame - start_frame, 0))
        first, last = max(start_frame, 0), min(stop_frame, self.n_frames)
        if start_frame == first < last == stop_frame:
            return self._inside(first, last)
        result = silence(self.n_channels, max(stop_frame - start_frame, 0))
        if first < last:
            result[:, first - start_frame : last - start_frame] = self._inside(first, last)
        return result

    def _inside(self, start: int, stop: int) -> Samples:
        """Go on where the last read ended, or begin anew."""
        run, self._run = self._run, None  # an error on the way leaves none behind
        if run is None or run.next_frame != start:
            run = _Run(self._reader, self.info.sample_rate, self.to_rate, start)
            run.read_to(start)
        frames = run.read_to(stop)
        self._run = run
        return frames

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __exit__(self, *_: object) -> None:
        self.close()


class _Run:
    """A file's resampled frames, one after the other, from a place at or before `start` on.

    It begins where both rates have a frame, so early that all that bears on `start` is heard, and
    never ends: behind the file comes silence.
    """

    def __init__(self, reader: AudioReader, from_rate: int, to_rate: int, start: int) -> None:
        self._reader = reader
        self._stream = StreamResampler(from_rate, to_rate, reader.info.n_channels)
        source_step, target_step = _common_steps(from_rate, to_rate)
        steps = start // target_step - _context_steps(from_rate, to_rate)
        self._next_source_frame = steps * source_step
        self._ready = silence(reader.info.n_channels, 0)  # resampled, but not asked for yet
        self.next_frame = steps * target_step

    def read_to(self, stop: int) -> Samples:
        """The frames from `next_frame` to `stop`."""
        n_frames = stop - self.next_frame
        parts, n_ready = [self._ready], self._ready.shape[1]
        while n_ready < n_frames:
            parts.append(self._process(n_frames - n_ready))
            n_ready += parts[-1].shape[1]
        frames = np.concatenate(parts, axis=1)
        self._ready = frames[:, n_frames:].copy()  # a view would keep all the rest in memory
        self.next_frame = stop
        return np.ascontiguousarray(frames[:, :n_frames])

    def _process(self, n_frames: int) -> Samples:
        """About the next `n_frames`; fewer while the filters fill."""
        from_rate, to_rate = self._stream.from_rate, self._stream.to_rate
        n_source = min(n_frames * from_rate // to_rate + CONTEXT_FRAMES, BLOCK_FRAMES)
        source = self._reader.read_at(self._next_source_frame, n_source)
        self._next_source_frame += n_source
        return self._stream.process(source)


def _common_steps(from_rate: int, to_rate: int) -> tuple[int, int]:
    """Source and target frames from one instant at which both have a frame to the next."""
    divisor = math.gcd(from_rate, to_rate)
    return from_rate // divisor, to_rate // divisor


def _context_steps(from_rate: int, to_rate: int) -> int:
    """Such steps that together are longer than any filter of soxr."""
    context_frames = CONTEXT_FRAMES * max(1.0, from_rate / to_rate)
    return math.ceil(context_frames / _common_steps(from_rate, to_rate)[0])
