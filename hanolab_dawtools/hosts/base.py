"""The protocol of a host: a place where music lives and where results go back to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Capture, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement


class Host(Protocol):
    """What the road asks of a host. Each method may be called in a process of its own."""

    def selections(self, wanted: Wanted) -> list[Selection]:
        """What `wanted` means here: one selection for each job to be.

        Raises
        ------
        SelectionError
            Nothing, or not exactly one thing, is meant; the message lists the choices.
        InputError
            The project or file cannot be read.
        """
        ...

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Write the audio of a selection into `folder` as a 32-bit float WAV.

        `handle_seconds` of real audio are added on either side, less where the host has none.
        Streams in bounded memory; raises `JobCancelled` soon after `stop` is set. A file from an
        earlier, interrupted call is replaced.
        """
        ...

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """A place for music that is made of nothing here; nothing is captured from it.

        Raises
        ------
        UsageError
            Such music cannot be put here.
        InputError
            The project cannot be read.
        """
        ...

    def place(self, placement: Placement) -> Placed:
        """Bring results back: all or nothing; a second call for the same job changes nothing."""
        ...

    def place_all(self, placements: Sequence[Placement]) -> list[Placed]:
        """Bring the results of several jobs back together, as `place` does for one.

        A project is written once, in one step of its undo, all or nothing; what an earlier call
        has placed stays as it is. Files alone are put one after the other.
        """
        ...
