"""The sum of rendered files, each at its frame of the timeline, in blocks.

Summed in one order in float64 and rounded once, so a lone file comes out bit for bit, and the
result does not depend on the size of the blocks. Memory and open files are bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader
from hanolab_dawtools.hosts.reaper.render_files import RenderedPiece

MIX_FRAMES = 4 * BLOCK_FRAMES
MAX_OPEN_FILES = 48  # well under what systems allow a process


def mixed_blocks(
    rendered: Sequence[RenderedPiece],
    *,
    start_frame: int,
    end_frame: int,
    n_channels: int,
    block_frames: int = MIX_FRAMES,
) -> Iterator[Samples]:
    """Blocks (n_channels, n_frames) that hold frames start..end of the timeline.

    Of files with more channels the first count; into mono goes the mean of what is not mono.

    Raises
    ------
    AudioFileError
        A file cannot be read any more.
    """
    waiting = sorted(rendered, key=lambda one: one.piece.start_frame, reverse=True)
    playing: list[RenderedPiece] = []
    with _OpenFiles() as files:
        for start in range(start_frame, end_frame, block_frames):
            stop = min(start + block_frames, end_frame)
            while waiting and waiting[-1].piece.start_frame < stop:
                playing.append(waiting.pop())
            playing = [one for one in playing if one.piece.end_frame > start]
            mix = np.zeros((n_channels, stop - start), dtype=np.float64)
            for one in playing:
                _add(mix, start, one, files)
            yield mix.astype(np.float32)


def _add(
    mix: npt.NDArray[np.float64], at_frame: int, one: RenderedPiece, files: _OpenFiles
) -> None:
    """Add what a piece has in a block that begins at a frame of the timeline."""
    piece = one.piece
    first = max(at_frame, piece.start_frame)
    last = min(at_frame + mix.shape[1], piece.end_frame)
    in_file = one.offset_frames + first - piece.start_frame
    samples = files.reader(one).read_at(in_file, last - first)
    if mix.shape[0] == 1 and not one.is_mono:
        samples = samples.mean(axis=0, dtype=np.float32, keepdims=True)
    samples = samples[: mix.shape[0]]
    for gap_start, gap_end in piece.gaps:
        samples[:, max(0, gap_start - first) : max(0, gap_end - first)] = 0.0
    mix[:, first - at_frame : last - at_frame] += samples


class _OpenFiles(AbstractContextManager["_OpenFiles"]):
    """Readers of rendered files; the `MAX_OPEN_FILES` used last stay open."""

    def __init__(self) -> None:
        self._readers: OrderedDict[str, AudioReader] = OrderedDict()

    def reader(self, one: RenderedPiece) -> AudioReader:
        """The open reader of a file."""
        key = str(one.path)
        if key not in self._readers:
            if len(self._readers) >= MAX_OPEN_FILES:
                self._readers.popitem(last=False)[1].close()
            self._readers[key] = AudioReader(one.path)
        self._readers.move_to_end(key)
        return self._readers[key]

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.close()
