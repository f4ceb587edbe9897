"""Having REAPER render: one call for each item, one for all tracks, one for the mix.

A render cannot be stopped from outside; between two of them a stop is heeded at once. While REAPER
plays or renders something else it is waited for; while it records it is left alone.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.durable import translated_os_errors
from hanolab_dawtools.errors import DiskFull, HostCallFailed
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.render_files import (
    COMMAND,
    Piece,
    RenderedPiece,
    check_room,
    inspect_render,
)
from hanolab_dawtools.model import Selection

RENDER_FOLDER = "reaper-render"
ANSWER_SECONDS = 30.0  # until REAPER begins; how long it then takes is its own affair
WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 600.0  # for the end of playback; a loop may play for ever
LIMITED_SPEED = 2.0  # times real time; below it, "Online" or "1x" is chosen in the project
MIN_TIMED_SECONDS = 5.0  # of audio; of shorter ones the start-up is most
_BYTES_PER_SAMPLE = 4
_HEADER_BYTES = 1 << 16  # per file, generously
_WAITING = "waiting until REAPER has stopped playing or rendering"


@dataclass
class Renderer:
    """Has things of one project rendered into one folder; `remarks` gathers what to tell."""

    channel: Channel
    selection: Selection
    folder: Path
    sample_rate: int
    stop: Stop
    progress: ProgressCallback
    remarks: list[str] = field(default_factory=list)
    _audio_seconds: float = 0.0
    _taken_seconds: float = 0.0

    def items(self, pieces: Sequence[Piece], n_channels: int) -> list[RenderedPiece]:
        """Each item by itself, in turn."""
        total = max(1, sum(piece.n_frames for piece in pieces))
        done = 0
        rendered: list[RenderedPiece] = []
        for piece in pieces:
            self._tell(done / total, done)
            rendered += self.render("items", [piece], n_channels)
            done += piece.n_frames
        self._tell(1.0, done)
        return rendered

    def together(self, what: str, pieces: Sequence[Piece], n_channels: int) -> list[RenderedPiece]:
        """Tracks ("tracks"), or the mix ("master"), over the same frames."""
        self._tell(0.0, 0)
        rendered = self.render(what, pieces, n_channels)
        self._tell(1.0, pieces[0].n_frames)
        return rendered

    def closing_remarks(self) -> list[str]:
        """All there is to tell, how fast REAPER rendered included."""
        speed = self._audio_seconds / max(self._taken_seconds, 1e-9)
        if self._audio_seconds < MIN_TIMED_SECONDS or speed >= LIMITED_SPEED:
            return self.remarks
        slow = (
            f"REAPER rendered {self._audio_seconds:.0f} s of audio in {self._taken_seconds:.0f} s: "
            'its render speed is limited; choose "Full-speed Offline" in File > Render'
        )
        return [*self.remarks, slow]

    def render(
        self, what: str, pieces: Sequence[Piece], n_channels: int, soloed: Sequence[str] = ()
    ) -> list[RenderedPiece]:
        """One call of the command: pieces over the same frames, without progress.

        `soloed`: for the mix, folder tracks that sound alone in it.
        """
        n_frames = sum(piece.n_frames for piece in pieces)
        n_bytes = n_frames * n_channels * _BYTES_PER_SAMPLE + _HEADER_BYTES * len(pieces)
        with translated_os_errors(self.folder):
            check_room(self.folder, n_bytes)
        arguments = {
            "tab": self.selection.tab,
            "what": what,
            "ids": list(soloed) if what == "master" else [piece.id for piece in pieces],
            "start_seconds": pieces[0].start_frame / self.sample_rate,
            "end_seconds": pieces[0].end_frame / self.sample_rate,
            "sample_rate": self.sample_rate,
            "n_channels": n_channels,
            "folder": str(self.folder),
            "name": f"hanolab-{uuid.uuid4().hex[:12]}",
        }
        answer = self._called(arguments, n_bytes)
        files = {str(one["id"]): one for one in answer["files"]}
        if len(files) != len(pieces) or not all(piece.id in files for piece in pieces):
            raise HostCallFailed(
                f"REAPER rendered {len(files)} files instead of {len(pieces)}",
                command=COMMAND,
                code=COMMAND,
            )
        self.remarks += [str(remark) for remark in answer["remarks"]]
        self._audio_seconds += pieces[0].n_frames / self.sample_rate
        self._taken_seconds += float(files[pieces[0].id]["seconds_taken"])
        return [
            inspect_render(
                Path(files[piece.id]["path"]),
                piece,
                sample_rate=self.sample_rate,
                n_channels=n_channels,
                stop=self.stop,
            )
            for piece in pieces
        ]

    def _called(self, arguments: dict[str, Any], n_bytes: int) -> dict[str, Any]:
        waited_seconds = 0.0
        while True:
            raise_if_stopped(self.stop)
            try:
                return self.channel.call(
                    COMMAND, arguments, timeout_seconds=ANSWER_SECONDS, stop=self.stop
                )
            except HostCallFailed as failure:
                if failure.code == COMMAND and shutil.disk_usage(self.folder).free < n_bytes:
                    raise DiskFull(self.folder) from failure
                if failure.code != "busy" or waited_seconds >= MAX_WAIT_SECONDS:
                    raise
            self.progress(Progress(_WAITING))
            self.stop.wait(WAIT_SECONDS)
            waited_seconds += WAIT_SECONDS

    def _tell(self, fraction: float, done_frames: int) -> None:
        self.progress(Progress("rendering in REAPER", fraction, done_frames / self.sample_rate))


@contextmanager
def render_folder(folder: Path) -> Iterator[Path]:
    """An empty folder for rendered files; gone afterwards, and what a crash left before.

    Raises
    ------
    DiskFull, NotWritable
    """
    path = folder.absolute() / RENDER_FOLDER
    shutil.rmtree(path, ignore_errors=True)
    with translated_os_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)  # REAPER may still write into it after a stop
