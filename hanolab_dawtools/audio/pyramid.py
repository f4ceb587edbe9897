"""The pyramid of minima and maxima behind `peaks`: how it is built, stored and read.

Level 0 has a cell for each 256 frames, each further level one for four cells of the one below.
Cells are float32; minima and maxima have shape (n_channels, n_cells).

Cache file, little-endian: a header (`_HEADER`: magic with the version, channels, frames, then
size and modification time of the audio file, CRC-32 of what follows), then for each level the
minima and the maxima. A file that does not fit in every point is not used.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

BASE_FRAMES = 256
FACTOR = 4

_MAGIC = b"HLPEAKS1"
_HEADER = struct.Struct("<8sIQQqI")


@dataclass(frozen=True)
class Level:
    """One level of the pyramid; minima and maxima have shape (n_channels, n_cells)."""

    cell_frames: int
    minima: Samples
    maxima: Samples


@dataclass(frozen=True)
class SourceStamp:
    """What the cache must know of the audio file to trust itself."""

    n_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> SourceStamp:
        """Stamp of a file as it is now."""
        facts = path.stat()
        return cls(facts.st_size, facts.st_mtime_ns)


def build_levels(
    reader: AudioReader,
    stop: Stop,
    progress: ProgressCallback,
    *,
    watch: Callable[[Level], None] = lambda _: None,
) -> list[Level]:
    """Read a whole file and reduce it, level by level.

    `watch` is given the lowest level before it is filled, from its start to its end: whoever looks
    meanwhile sees zeros where nothing was read yet.
    """
    info = reader.info
    sizes = _level_sizes(info.n_frames)
    base = Level(
        BASE_FRAMES, silence(info.n_channels, sizes[0]), silence(info.n_channels, sizes[0])
    )
    watch(base)
    cell = 0
    for samples in _whole_cells(reader):
        raise_if_stopped(stop)
        starts = np.arange(0, samples.shape[1], BASE_FRAMES)
        filled = slice(cell, cell + len(starts))
        base.minima[:, filled], base.maxima[:, filled] = reduced(samples, starts)
        cell += len(starts)
        done = min(cell * BASE_FRAMES, info.n_frames)
        progress(Progress("drawing", done / info.n_frames, done / info.sample_rate))
    levels = [base]
    for size in sizes[1:]:
        below = levels[-1]
        starts = np.arange(size) * FACTOR
        levels.append(
            Level(
                below.cell_frames * FACTOR,
                np.minimum.reduceat(below.minima, starts, axis=1),
                np.maximum.reduceat(below.maxima, starts, axis=1),
            )
        )
    return levels


def reduced(samples: Samples, starts: npt.NDArray[np.int64]) -> tuple[Samples, Samples]:
    """Minima and maxima from each start to the next; the way of numpy that is fast (measured)."""
    samples = without_nan(samples)
    return (
        np.minimum.reduceat(samples, starts, axis=1),
        np.maximum.reduceat(samples, starts, axis=1),
    )


def without_nan(samples: Samples) -> Samples:
    """Samples that are no numbers count as silence: one of them would blank a whole column."""
    bad = np.isnan(samples)
    return np.where(bad, np.float32(0.0), samples) if bad.any() else samples


def write_cache(
    cache: Path, n_channels: int, n_frames: int, stamp: SourceStamp, levels: list[Level]
) -> None:
    """Store the levels durably.

    Raises
    ------
    DiskFull, NotWritable
    """
    arrays = [array for level in levels for array in (level.minima, level.maxima)]
    blobs = [np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays]
    checksum = 0
    for blob in blobs:
        checksum = zlib.crc32(blob, checksum)
    header = _HEADER.pack(_MAGIC, n_channels, n_frames, stamp.n_bytes, stamp.modified_ns, checksum)
    with durable.replacing(cache) as part, part.open("wb") as stream:
        stream.writelines([header, *blobs])


def read_cache(
    cache: Path, n_channels: int, n_frames: int, stamp: SourceStamp
) -> list[Level] | None:
    """The levels, mapped into memory; None when there is no cache, or it does not fit."""
    sizes = _level_sizes(n_frames)
    expected = (_MAGIC, n_channels, n_frames, stamp.n_bytes, stamp.modified_ns)
    try:
        with cache.open("rb") as stream:
            header = stream.read(_HEADER.size)
            if len(header) < _HEADER.size or _HEADER.unpack(header)[:-1] != expected:
                return None
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return None
    body = memoryview(content)[_HEADER.size :]
    if (
        len(body) != sum(sizes) * 2 * n_channels * 4
        or zlib.crc32(body) != _HEADER.unpack(header)[-1]
    ):
        return None
    numbers = np.frombuffer(body, dtype="<f4")
    levels, at = [], 0
    for depth, size in enumerate(sizes):
        both = numbers[at : at + 2 * n_channels * size].reshape(2, n_channels, size)
        levels.append(Level(BASE_FRAMES * FACTOR**depth, both[0], both[1]))
        at += both.size
    return levels


def _whole_cells(reader: AudioReader) -> Iterator[Samples]:
    """The file's blocks, each but the last a whole number of cells."""
    rest = silence(reader.info.n_channels, 0)
    for block in reader.blocks():
        samples = np.concatenate([rest, block], axis=1) if rest.shape[1] else block
        whole = samples.shape[1] // BASE_FRAMES * BASE_FRAMES
        if whole:
            yield samples[:, :whole]
        rest = samples[:, whole:]
    if rest.shape[1]:
        yield rest


def _level_sizes(n_frames: int) -> list[int]:
    """Number of cells on each level, down to one; a file without frames has one empty level."""
    sizes = [-(-n_frames // BASE_FRAMES)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // FACTOR))
    return sizes
